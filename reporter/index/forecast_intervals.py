"""Forecast intervals that have the coverage they claim: rolling errors decide how wide the model's own intervals must be.

Part of the forecast stage. In: errors of rolling origins, each divided by the standard error that the model claimed there. Out: two
multipliers, for 80 % and 95 %. Method: normalised split conformal prediction (Lei et al. 2018) blended with Student's t,
because at 15 to 45 origins the outer quantile of the errors alone is one or two observations. One shock
(2020) stays in the errors, but the multipliers are bounded: it widens the intervals without making them useless.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

LEVELS = (0.80, 0.95)
_PRIOR_ORIGINS = 12  # the t quantile weighs as much as this many origins
_BOUNDS = (0.9, 1.35)  # of the multiplier, relative to the t quantile
_MIN_ORIGINS = 5


def multipliers(standardised: Array, level_sd_freedom: int) -> tuple[float, float]:
    """Half-width of the 80 % and 95 % intervals in units of the model's standard error.

    standardised       (origins, horizons): error / claimed standard error; NaN where unknown
    level_sd_freedom   degrees of freedom behind the model's standard error (quarters less parameters)
    """
    known = np.abs(standardised[np.isfinite(standardised)])
    origins = int(np.isfinite(standardised).any(axis=1).sum())
    found = []
    for level in LEVELS:
        theory = float(stats.t.ppf((1 + level) / 2, max(level_sd_freedom, 3)))
        if origins < _MIN_ORIGINS:
            found.append(theory)
            continue
        # Errors of one origin hang together: the finite-sample correction counts origins, not errors.
        rank = min(1.0, level * (1 + 1 / origins))
        empirical = float(np.quantile(known, rank))
        weight = origins / (origins + _PRIOR_ORIGINS)
        blended = math.exp(weight * math.log(max(empirical, 1e-12)) + (1 - weight) * math.log(theory))
        found.append(float(np.clip(blended, _BOUNDS[0] * theory, _BOUNDS[1] * theory)))
    return found[0], max(found[1], found[0])
