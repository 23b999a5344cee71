"""Rates of change: brings indicators of any unit to a common footing (study 3.3.1).

Goes in: a seasonally adjusted series. Comes out: the series in the form the factor model needs. Rates in % stay in
level; anything else becomes its rate of change on the previous period, unless the test of over-differencing refuses
it: then the deviation of the level from its trend, in %, carries the cycle that differencing would destroy.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.index.panel import quarterly_means

PERCENT_UNITS = frozenset({"percent", "pp", "percent_of_mean", "percent_growth"})
_FEWEST_QUARTERS = 16
_LAGS = 4


def rate_of_change(values: pd.Series) -> pd.Series:
    """``(x_t - x_{t-1}) / x_{t-1} * 100``; NaN beside a hole or where the base is not positive."""
    previous = values.shift(1)
    return (values - previous) / previous.where(previous > 0) * 100


def logarithm(values: pd.Series) -> pd.Series:
    """100 times the natural logarithm, so that a difference reads as %; the level itself where a value is not positive."""
    if (values.dropna() > 0).all():
        return 100 * np.log(values)
    return values.astype(float)


def over_differencing(values: pd.Series) -> float:
    """Sum of the first four autocorrelations of the quarterly rate of change.

    A cycle in the growth rate makes it positive; a cycle in the level, differenced, makes it negative: a stationary
    level has autocovariances of its differences that sum to minus half their variance. NaN when too short.
    """
    growth = quarterly_means(logarithm(values)).diff().to_numpy()
    if np.isfinite(growth).sum() < _FEWEST_QUARTERS:
        return float("nan")
    centred = growth - np.nanmedian(growth)
    spread = 5 * np.nanmedian(np.abs(centred)) * 1.4826
    centred = np.clip(centred, -spread, spread) if spread > 0 else centred
    variance = float(np.nanmean(centred**2))
    if variance <= 0:
        return float("nan")
    return sum(float(np.nanmean(centred[lag:] * centred[:-lag])) / variance for lag in range(1, _LAGS + 1))


def choose_form(declared: str, unit: str, values: pd.Series) -> str:
    """Form of one indicator: "level", "growth" or "deviation".

    declared  transform of the declaration; rates in % always stay in level
    """
    if unit in PERCENT_UNITS:
        return "level"
    score = over_differencing(values)
    if declared == "growth":
        return "deviation" if score < 0 else "growth"
    return "level"


def apply_form(form: str, values: pd.Series) -> pd.Series:
    """The series in its form, before the trend is removed."""
    if form == "growth":
        return rate_of_change(values)
    return logarithm(values) if form == "deviation" else values
