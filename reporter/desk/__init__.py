"""The analysts' desk: a quarter from the first file to publication in the browser (docs/desk.md).

Goes in: a workspace and the folder of built issues, over which the desk keeps nothing of its own. Comes out: pages on 127.0.0.1, and
the same plain files that the commands read. ``server`` guards and answers, ``status`` says where the quarter stands, ``data``,
``writing``, ``look`` and ``decide`` are its pages, ``draft`` is the issue in memory that texts are previewed in.
"""
