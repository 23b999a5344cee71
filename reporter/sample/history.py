"""The stylised history that the synthetic series share: a labour-market cycle, growth, inflation, interest.

Comes out: monthly and quarterly arrays from 2008-01 to 2025-09. The anchors follow what a Thai labour economist
remembers (the 2009 dip, the flood of 2011, the shock of 2020, the inflation of 2022); they are no statistics.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter

MONTHS = pd.period_range("2008-01", "2025-09", freq="M")
QUARTERS = pd.period_range("2008Q1", "2025Q3", freq="Q")

# Standard deviations from normal; straight lines in between.
_CYCLE = {
    "2008-01": 0.8, "2008-07": 0.6, "2008-11": -0.3, "2009-02": -2.2, "2009-06": -1.2, "2010-01": 0.3,
    "2010-09": 0.9, "2011-08": 0.8, "2011-11": -1.5, "2012-02": -0.3, "2012-08": 0.9, "2013-03": 1.0,
    "2013-12": 0.4, "2014-05": -0.5, "2015-01": -0.1, "2016-01": -0.2, "2017-01": 0.0, "2018-04": 0.8,
    "2019-03": 0.5, "2019-12": 0.1, "2020-02": -0.6, "2020-04": -4.0, "2020-05": -4.6, "2020-08": -3.0,
    "2020-12": -2.2, "2021-03": -2.1, "2021-08": -3.3, "2021-12": -1.9, "2022-06": -0.8, "2022-12": 0.0,
    "2023-08": 0.5, "2024-03": 0.4, "2024-12": 0.6, "2025-03": 0.4, "2025-06": 0.0, "2025-09": -0.5,
}  # fmt: skip

# Per cent on a year, by quarter from 2008-Q1.
_GROWTH = [
    6.2, 5.1, 2.9, -4.0, -6.8, -5.0, -2.7, 5.7, 11.8, 9.1, 6.5, 3.8, 3.1, 2.8, 3.6, -4.1, 3.2, 5.4, 3.5, 15.0,
    5.3, 2.6, 2.4, 0.6, -0.5, 0.8, 1.2, 2.0, 3.0, 3.0, 3.3, 3.1, 3.3, 3.7, 3.4, 3.1, 3.6, 4.2, 4.5, 4.0, 5.0,
    4.7, 3.3, 3.8, 2.9, 2.4, 2.6, 1.4, -2.2, -12.2, -6.3, -4.2, -2.4, 7.6, -0.3, 1.9, 2.2, 2.5, 4.5, 1.4, 2.6,
    1.8, 1.4, 1.8, 1.7, 2.3, 3.0, 3.3, 3.2, 2.8, 1.3,
]  # fmt: skip
_PRICES = [
    5.0, 7.4, 7.2, 2.2, -0.2, -2.8, -2.2, 1.9, 3.7, 3.2, 3.3, 2.9, 3.0, 4.1, 4.1, 4.0, 3.4, 2.5, 2.9, 3.2, 3.1,
    2.3, 1.7, 1.7, 2.0, 2.5, 2.0, 1.1, -0.5, -1.1, -1.1, -0.9, -0.5, 0.3, 0.3, 0.7, 1.3, 0.1, 0.4, 0.9, 0.6,
    1.3, 1.5, 0.8, 0.7, 1.1, 0.6, 0.4, 0.4, -2.7, -0.7, -0.4, -0.5, 2.4, 0.7, 2.4, 4.7, 6.5, 7.3, 5.8, 3.9,
    1.1, 0.5, -0.5, -0.8, 0.8, 0.6, 1.0, 1.1, -0.3, -0.7,
]  # fmt: skip
_INTEREST = [
    3.2, 3.2, 3.5, 3.2, 1.8, 1.3, 1.2, 1.2, 1.2, 1.3, 1.6, 1.9, 2.3, 2.7, 3.3, 3.4, 3.0, 3.0, 3.0, 2.8, 2.8,
    2.6, 2.5, 2.4, 2.2, 2.0, 2.0, 2.0, 1.9, 1.6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5,
    1.5, 1.5, 1.6, 1.8, 1.8, 1.6, 1.3, 1.0, 0.6, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7, 1.1, 1.4,
    1.8, 2.2, 2.5, 2.5, 2.5, 2.5, 2.3, 2.1, 1.8, 1.6,
]  # fmt: skip


def path(points: dict[str, float]) -> np.ndarray:
    """Monthly straight lines through ``{month: value}``, level before the first and after the last."""
    months = pd.PeriodIndex(list(points), freq="M").asi8
    return np.interp(MONTHS.asi8, months, list(points.values()))


def quarterly(monthly: np.ndarray) -> np.ndarray:
    """Means of three months."""
    return monthly.reshape(len(QUARTERS), 3).mean(axis=1)


def autoregression(random: np.random.Generator, size: int, memory: float, deviation: float) -> np.ndarray:
    """A stationary AR(1) of the given standard deviation."""
    shocks = random.normal(0.0, deviation * np.sqrt(1 - memory**2), size)
    shocks[0] = random.normal(0.0, deviation)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks))


def lagged(monthly: np.ndarray, months: int) -> np.ndarray:
    """The same path, ``months`` later."""
    return monthly if not months else np.concatenate([np.full(months, monthly[0]), monthly[:-months]])


def cycle(random: np.random.Generator) -> np.ndarray:
    """The common labour-market cycle by month, in standard deviations; the slump of 2020 is about 4.5."""
    rough = path(_CYCLE) + autoregression(random, len(MONTHS), 0.85, 0.18)
    padded = np.concatenate([rough[:1], rough, rough[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def growth(random: np.random.Generator) -> np.ndarray:
    """Real growth on a year by quarter, per cent."""
    return np.array(_GROWTH) + random.normal(0.0, 0.15, len(QUARTERS))


def prices(random: np.random.Generator) -> np.ndarray:
    """Consumer prices on a year by month, per cent."""
    middles = QUARTERS.asfreq("M", "E").asi8 - 1
    return np.interp(MONTHS.asi8, middles, _PRICES) + autoregression(random, len(MONTHS), 0.5, 0.22)


def interest(random: np.random.Generator) -> np.ndarray:
    """Short-term money-market rate by quarter, per cent."""
    return np.maximum(np.array(_INTEREST) + random.normal(0.0, 0.04, len(QUARTERS)), 0.3)
