"""Other ways to take a cycle out of a series, for the sensitivity of the index only: none of them makes a published number.

Goes in: an adjusted series in level or in 100 times its logarithm. Comes out: its cycle, NaN at holes and where the method
has no value yet. Methods: Hamilton (2018), what could not be foreseen two years before; the one-sided Hodrick-Prescott
filter, which sees no future; the band-pass filter of Christiano and Fitzgerald (2003), cycles of 1.5 to 8 years; the
biweight local mean of Stock and Watson (2012) over ten years to either side, with a slope so that a trend does not bend
its ends.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.linalg import solveh_banded

from reporter.index.panel import is_monthly, last_row

_SMOOTHING = {4: 1_600.0, 12: 129_600.0}  # Ravn and Uhlig (2002) for months
_FORESEEN_YEARS, _LAGS_YEARS = 2, 1
_BAND_YEARS = (1.5, 8.0)
_LOCAL_YEARS = 10.0  # Stock and Watson's 25 would leave the trend in a series of 17 years
_START_YEARS = 3


def _per_year(values: pd.Series) -> int:
    return 12 if is_monthly(values) else 4


def _whole(values: pd.Series) -> np.ndarray:
    """The series with straight lines over its holes."""
    return values.astype(float).interpolate(limit_direction="both").to_numpy()


def _like(values: pd.Series, cycle: np.ndarray) -> pd.Series:
    return pd.Series(cycle, values.index).where(values.notna())


def hamilton(values: pd.Series, end: pd.Period) -> pd.Series:
    """Error of the forecast two years ahead from four quarters or twelve months, learned up to ``end``."""
    per_year = _per_year(values)
    ahead, lags = _FORESEEN_YEARS * per_year, _LAGS_YEARS * per_year
    whole, start = _whole(values), ahead + lags - 1
    if len(whole) < start + 2 * (lags + 1):
        return values - values.mean()
    columns = [whole[start - ahead - lag : len(whole) - ahead - lag] for lag in range(lags)]
    design = np.column_stack([np.ones(len(whole) - start), *columns])
    target = whole[start:]
    learned = np.asarray(values.index[start:] <= last_row(values, end))
    learned = learned if learned.sum() > lags + 1 else np.ones(len(target), dtype=bool)
    slopes = np.linalg.lstsq(design[learned], target[learned], rcond=None)[0]
    cycle = np.full(len(whole), np.nan)
    cycle[start:] = target - design @ slopes
    return _like(values, cycle)


@lru_cache(maxsize=32)
def _last_rows(count: int, smoothing: float) -> np.ndarray:
    """Weights of the Hodrick-Prescott trend's newest value, one row for each length of the series up to ``count``."""
    rows = np.zeros((count, count))
    for size in range(3, count + 1):
        bands = np.zeros((3, size))
        for offset, weight in ((0, 1.0), (1, -2.0), (2, 1.0)):
            bands[2, offset : size - 2 + offset] += smoothing * weight**2
        bands[1, 1 : size - 1] -= 2 * smoothing
        bands[1, 2:size] -= 2 * smoothing
        bands[0, 2:] += smoothing
        bands[2] += 1.0
        newest = np.zeros(size)
        newest[-1] = 1.0
        rows[size - 1, :size] = solveh_banded(bands, newest, lower=False)
    return rows


def one_sided(values: pd.Series, end: pd.Period) -> pd.Series:
    """Deviation from the Hodrick-Prescott trend as it was known at each moment; without the first three years."""
    per_year, whole = _per_year(values), _whole(values)
    cycle = whole - _last_rows(len(whole), _SMOOTHING[per_year]) @ whole
    cycle[: min(_START_YEARS * per_year, len(cycle) // 3)] = np.nan
    return _like(values, cycle)


def band_pass(values: pd.Series, end: pd.Period) -> pd.Series:
    """Movements of 1.5 to 8 years (Christiano and Fitzgerald, random walk with drift)."""
    # here, because it is half of what a worker process takes to start
    from statsmodels.tsa.filters.cf_filter import cffilter

    per_year = _per_year(values)
    shortest, longest = (years * per_year for years in _BAND_YEARS)
    cycle, _ = cffilter(_whole(values), low=shortest, high=longest, drift=True)
    return _like(values, np.asarray(cycle, dtype=float))


@lru_cache(maxsize=32)
def _local_lines(count: int, width: float) -> np.ndarray:
    """Weights of a straight line through each place's neighbours: a local mean in the middle, unbiased at the ends."""
    apart = np.subtract.outer(np.arange(count), np.arange(count)).T.astype(float)
    weights = np.where(np.abs(apart) < width, (1 - (apart / width) ** 2) ** 2, 0.0)
    total, first, second = ((weights * apart**power).sum(axis=1, keepdims=True) for power in range(3))
    return np.asarray(weights * (second - first * apart) / (total * second - first**2))


def local_line(values: pd.Series, end: pd.Period) -> pd.Series:
    """Deviation from the biweight local trend."""
    whole = _whole(values)
    if len(whole) < 3:
        return values - values.mean()
    return _like(values, whole - _local_lines(len(whole), _LOCAL_YEARS * _per_year(values)) @ whole)


FILTERS: dict[str, Callable[[pd.Series, pd.Period], pd.Series]] = {
    "hamilton": hamilton,
    "one_sided_hp": one_sided,
    "band_pass": band_pass,
    "local_line": local_line,
}
