"""The issue by e-mail: each recipient exactly once.

The steps: ``reporter.delivery.release_log`` (is it released), ``letter`` (what is said), ``message`` (how it is packed), ``sending`` with
``ledger`` and ``server`` (who has got it, how it is handed over). The command is ``reporter send``. Goes in: a released folder ``out/<quarter>/``, recipients, covers. Comes out: one message per recipient, a
ledger of what happened to each, or with ``--dry-run`` files to look at. A failed e-mail never undoes a built release.
"""
