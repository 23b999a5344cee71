"""The Labour Economic Index: from indicators to sub-indices, the composite and what moved them.

Read in this order: ``panel`` (which series there are, their forms of change, their trends), ``seasonal`` (X-13), ``joint_model`` (the model
of all dimensions and its smoother), ``model_file`` (how it is learnt and kept), ``composite`` (points, weights, contributions, sensitivity),
``realtime`` (earlier vintages, news, status), ``national`` (runs them), ``groups`` (repeats them for every group). ``forecast`` and its
``forecast_models``, ``relations`` and its readings in ``var_tests`` use the finished index; ``recompute`` checks it with code of its own.
Method: index study 3.3 (method.md, 1; docs/index.md).
"""
