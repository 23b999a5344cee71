"""Long-run trends out, cycles kept (study 3.3.2; hearing 5.4 no. 2).

Goes in: a transformed series. Comes out: its deviation from a trend so slow that it only bends over decades. The
trend is a penalised least-squares smoother (Whittaker-Henderson, the Hodrick-Prescott filter with holes), with a
penalty that halves movements of ``SLOW_YEARS`` years and keeps faster ones; it sees the base period only and runs on
straight, so new quarters do not bend it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.linalg import solveh_banded

from reporter.index.cycle_filters import FILTERS
from reporter.index.panel import is_monthly, last_row, periods, quarterly_means

SLOW_YEARS = 30.0
STRAIGHT_YEARS = 1000.0
TREND_T = 2.0
FEWEST_QUARTERS = 12
_SMOOTHERS = {"none": 0.0, "linear": STRAIGHT_YEARS, "medium_trend": 15.0}
DECLARED = "declared"  # the study to the letter: the declared form of every indicator, whatever the evidence
OTHERS = (*_SMOOTHERS, DECLARED, *FILTERS)


def trend(values: pd.Series, years: float, end: pd.Period | None = None) -> pd.Series:
    """Slow trend of a series (PeriodIndex M or Q; NaN = hole), straight beyond ``end``.

    years  period of the movements that are halved; 0: the mean, 1000 or more: a straight line
    """
    per_year = 12 if is_monthly(values) else 4
    seen = values.notna().to_numpy()
    if end is not None:
        seen = seen & (values.index <= last_row(values, end))
    if seen.sum() < 3 or years == 0:
        level = float(values[seen].mean()) if seen.any() else 0.0
        return pd.Series(level, values.index)
    if years >= STRAIGHT_YEARS:
        return _straight(values, seen)
    penalty = 1.0 / (2 * np.sin(np.pi / (years * per_year))) ** 4
    return pd.Series(_whittaker(values.to_numpy(dtype=float), seen, penalty), values.index)


def _straight(values: pd.Series, seen: np.ndarray) -> pd.Series:
    time = np.arange(len(values), dtype=float)
    slope, level = np.polyfit(time[seen], values.to_numpy(dtype=float)[seen], 1)
    return pd.Series(level + slope * time, values.index)


def _whittaker(values: np.ndarray, seen: np.ndarray, penalty: float) -> np.ndarray:
    """Solve (W + penalty D'D) trend = W values for second differences D; pentadiagonal."""
    n = len(values)
    bands = np.zeros((3, n))
    for offset, weight in ((0, 1.0), (1, -2.0), (2, 1.0)):
        bands[2, offset : n - 2 + offset] += penalty * weight**2
    bands[1, 1 : n - 1] += -2 * penalty
    bands[1, 2:n] += -2 * penalty
    bands[0, 2:] += penalty
    bands[2] += seen
    return solveh_banded(bands, np.where(seen, values, 0.0), lower=False)


def trend_statistic(values: pd.Series, end: pd.Period | None = None) -> float:
    """t-statistic of a linear trend, allowing for a persistent cycle in the deviations; 0 when too short.

    The deviations are taken as an AR(1) cycle plus noise: persistence from the second to fourth autocovariances,
    corrected upwards for its small-sample bias; the slope is then estimated by generalised least squares.
    """
    quarterly = quarterly_means(values)
    seen = quarterly[:end].dropna() if end is not None else quarterly.dropna()
    count = len(seen)
    if count < FEWEST_QUARTERS:
        return 0.0
    time = np.asarray(periods(seen).astype("int64") - periods(seen)[0].ordinal, dtype=float)
    time = (time - time.mean()) / time.std()
    level = seen.to_numpy(dtype=float)
    deviations = level - np.polyval(np.polyfit(time, level, 1), time)
    covariance, variance = _deviation_covariance(deviations)
    if variance <= 0:
        return 0.0
    design = np.column_stack([np.ones(count), time])
    weighted = np.linalg.solve(covariance, design)
    precision = design.T @ weighted
    slope = np.linalg.solve(precision, weighted.T @ level)[1]
    return float(slope / np.sqrt(np.linalg.inv(precision)[1, 1]))


def _deviation_covariance(deviations: np.ndarray) -> tuple[np.ndarray, float]:
    """Covariance matrix of AR(1) plus noise that matches the first autocovariances."""
    count = len(deviations)
    moments = [float((deviations[lag:] * deviations[: count - lag]).mean()) for lag in range(5)]
    earlier = moments[1] + moments[2] + moments[3]
    persistence = (
        float(np.clip((moments[2] + moments[3] + moments[4]) / earlier, 0, 0.97)) if earlier > 0 else 0.0
    )
    persistence = min(0.97, persistence + (1 + 3 * persistence) / count)
    share = (
        float(np.clip(moments[1] / persistence / moments[0], 0, 1))
        if moments[0] > 0 and persistence > 0.05
        else 0.0
    )
    lags = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    matrix = share * persistence**lags + (1 - share + 1e-9) * np.eye(count)
    return moments[0] * matrix, moments[0]


class Detrended(NamedTuple):
    """A series without its trend, what was removed ("none", "slow_trend", ...) and the trend's t-statistic."""

    values: pd.Series
    removed: str
    statistic: float


def form_under(choice: str, form: str, declared: str) -> str:
    """Form of an indicator under another detrending: the filters need a level, ``DECLARED`` the declaration's form."""
    if choice == DECLARED:
        return declared
    return "deviation" if choice in FILTERS and form == "growth" else form


def removed(values: pd.Series, form: str, declared: str, end: pd.Period, choice: str = "") -> Detrended:
    """Take the long-run trend out of a series.

    form      "level", "growth" or "deviation" (transform.choose_forms, or ``form_under`` another choice)
    declared  "slow_trend" or "none" of the declaration; a deviation always loses its trend, a growth rate has none
    choice    one of OTHERS for the sensitivity table; "" for the declared choice
    """
    statistic = trend_statistic(values, end)
    if form == "growth":
        return Detrended(values, "none", statistic)
    if choice in FILTERS:
        return Detrended(FILTERS[choice](values, end), choice, statistic)
    if choice in _SMOOTHERS and not (choice == "none" and form == "deviation"):
        return Detrended(values - trend(values, _SMOOTHERS[choice], end), choice, statistic)
    if form == "level" and (declared != "slow_trend" or abs(statistic) < TREND_T):
        return Detrended(values, "none", statistic)
    return Detrended(values - trend(values, SLOW_YEARS, end), "slow_trend", statistic)
