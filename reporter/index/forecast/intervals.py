"""Forecast intervals that have the coverage they claim: rolling errors decide how wide the model's own intervals must be.

Part of the forecast stage. In: errors of rolling origins, each divided by the standard error that the model claimed there. Out:
multipliers by horizon, for 80 % and 95 %. Method: normalised split conformal prediction (Lei et al. 2018) blended with Student's
t, because at 15 to 45 origins the outer quantile of the errors alone is one or two observations. The errors of all horizons
together give the size, those of one horizon its shape around it, shrunk as they are few. One shock (2020) stays in the
errors, but the multipliers are bounded: it widens the intervals without making them useless.
``tests/bench/bench_forecast.py`` measures the coverage by horizon, process and length.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

LEVELS = (0.80, 0.95)
_PRIOR_ORIGINS = 12  # the t quantile weighs as much as this many origins
_PRIOR_ERRORS = 10  # the shape over horizons weighs as much as this many errors of one horizon
_BOUNDS = (0.9, 1.5)  # of the common multiplier, relative to the t quantile
_HORIZON_BOUNDS = (0.8, 1.8)
_SHAPE_LEVEL = LEVELS[0]  # the outer quantile of one horizon would rest on a single error
_MIN_ORIGINS = 5


def multipliers(standardised: Array, level_sd_freedom: int) -> Array:
    """Half-widths of the 80 % and 95 % intervals in units of the model's standard error: (horizons, 2).

    standardised       (origins, horizons): error / claimed standard error; NaN where unknown
    level_sd_freedom   degrees of freedom behind the model's standard error (quarters less parameters)
    """
    origins = int(np.isfinite(standardised).any(axis=1).sum())
    theory = stats.t.ppf((1 + np.array(LEVELS)) / 2, max(level_sd_freedom, 3))
    if origins < _MIN_ORIGINS:
        return np.tile(theory, (standardised.shape[1], 1))
    known = np.abs(standardised[np.isfinite(standardised)])
    # Errors of one origin hang together: the finite-sample correction counts origins, not errors.
    empirical = np.array([_quantile(known, level, origins) for level in LEVELS])
    weight = origins / (origins + _PRIOR_ORIGINS)
    common = np.exp(weight * np.log(empirical) + (1 - weight) * np.log(theory))
    common = np.clip(common, _BOUNDS[0] * theory, _BOUNDS[1] * theory)
    middle = _quantile(known, _SHAPE_LEVEL, origins)
    shape = np.array([_shape(np.abs(errors[np.isfinite(errors)]), middle) for errors in standardised.T])
    found = np.clip(np.outer(shape, common), _HORIZON_BOUNDS[0] * theory, _HORIZON_BOUNDS[1] * theory)
    return np.maximum.accumulate(found, axis=1)


def _quantile(errors: Array, level: float, count: int) -> float:
    """Quantile with the finite-sample correction of split conformal prediction; never zero."""
    return max(float(np.quantile(errors, min(1.0, level * (1 + 1 / count)))), 1e-12)


def _shape(errors: Array, middle: float) -> float:
    """How much wider one horizon's standardised errors spread than those of all horizons, shrunk to 1."""
    if len(errors) == 0:
        return 1.0
    weight = len(errors) / (len(errors) + _PRIOR_ERRORS)
    return math.exp(weight * math.log(_quantile(errors, _SHAPE_LEVEL, len(errors)) / middle))
