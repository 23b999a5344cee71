"""The Labour Economic Index: from indicators to ten sub-indices, the composite and what moved them.

Read in this order: ``panel`` (what there is), ``seasonal`` (X-13), ``transform`` and ``detrend`` (what the factor
model sees), ``factor`` (one cycle per dimension), ``composite`` (weights and scale), ``contributions``,
``sensitivity``, ``news``, ``status``; ``national`` runs them, ``groups`` repeats them for every group.
Method: index study 3.3 (method.md, 1).
"""
