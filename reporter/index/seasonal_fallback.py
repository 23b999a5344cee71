"""What adjusts a series when X-13ARIMA-SEATS cannot: STL, and the QS test where X-13 gives none.

Part of the seasonal stage. In: a raw series. Out: the adjusted series, or numbers about its season. Methods: STL with
robust weights (Cleveland, Cleveland, McRae and Terpenning 1990); QS as in X-13's manual (Maravall 2012): positive
autocorrelations of the differenced series at one and two years, chi-squared with two degrees of freedom. Every use of
STL is told in the quality sheet and in qa.json; a series is never left unadjusted in silence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.index.panel import is_monthly, periods

_SEASONAL_WINDOW = 13  # years of a period that shape its effect; as steady as X-11's 3x5 filter
_SEASONAL_P = 0.01


def bridged(values: pd.Series) -> pd.Series:
    """The series without holes: a straight line plus the mean pattern of its months or quarters."""
    index = periods(values)
    position = index.month if is_monthly(values) else index.quarter
    line = values.interpolate(limit_direction="both")
    smooth = line.rolling(2 * 12, center=True, min_periods=4).mean()
    pattern = (values - smooth).groupby(position).mean().fillna(0.0)
    return values.fillna(line + pd.Series(pattern.reindex(position).to_numpy(), values.index))


def stl(values: pd.Series, mode: str) -> pd.Series | None:
    """The series without its season, holes kept; None when two whole years are not there.

    values  PeriodIndex (M or Q) without gaps in time; NaN = missing value
    mode    "log": the season multiplies, where all values are positive; otherwise it adds
    """
    from statsmodels.tsa.seasonal import (
        STL,
    )  # here: few series need it, and worker processes start without it

    per_year = 12 if is_monthly(values) else 4
    if values.notna().sum() < 2 * per_year + 1:
        return None
    multiplies = mode == "log" and bool((values.dropna() > 0).all())
    whole = bridged(np.log(values) if multiplies else values.astype(float))
    season = STL(whole.to_numpy(), period=per_year, seasonal=_SEASONAL_WINDOW, robust=True).fit().seasonal
    adjusted = whole - season
    return (np.exp(adjusted) if multiplies else adjusted).where(values.notna())


def is_seasonal(values: pd.Series) -> bool:
    """Whether months or quarters differ: Kruskal-Wallis on the deviations from a centred mean of one year, 1 %."""
    from scipy import stats  # here for the same reason

    per_year = 12 if is_monthly(values) else 4
    index = periods(values)
    position = index.month if per_year == 12 else index.quarter
    smooth = bridged(values).rolling(per_year + 1, center=True).mean()
    deviations = (values - smooth).dropna()
    parts = [part.to_numpy() for _, part in deviations.groupby(position[values.index.isin(deviations.index)])]
    if len(parts) < per_year or deviations.nunique() < 2 or min(len(part) for part in parts) < 2:
        return False
    return float(stats.kruskal(*parts).pvalue) < _SEASONAL_P


def qs(values: pd.Series) -> float:
    """QS statistic of one series, after its first difference; 0 without positive autocorrelation, NaN when too short."""
    per_year = 12 if is_monthly(values) else 4
    seen = values.dropna()
    if len(seen) < 3 * per_year or seen.nunique() < 2:
        return float("nan")
    changes = np.diff(bridged(values.loc[seen.index[0] : seen.index[-1]].astype(float)).to_numpy())
    centred = changes - changes.mean()
    count, variance = len(centred), float(centred @ centred)
    if variance <= 0:
        return float("nan")
    first, second = (float(centred[lag:] @ centred[:-lag]) / variance for lag in (per_year, 2 * per_year))
    if first <= 0:
        return 0.0
    parts = first**2 / (count - per_year) + max(0.0, second) ** 2 / (count - 2 * per_year)
    return count * (count + 2) * parts
