"""The issue by e-mail: each recipient exactly once.

reporter.delivery.release_log -> letter (what is said) -> message (how it is packed) -> delivery (ledger, server) -> summary. The command is
``reporter send``. Goes in: a released folder ``out/<quarter>/``, recipients, covers. Comes out: one message per recipient, a
ledger of what happened to each, or with ``--dry-run`` files to look at. A failed e-mail never undoes a built release.
"""
