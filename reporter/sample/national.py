"""National series of the synthetic sample: trend, cycle, season and noise of each indicator.

Goes in: the shared history and a seed. Comes out: ``Parts`` per series, kept apart so that ``groups`` can give every
group its own share of each. A dimension follows the common cycle more or less, sooner or later, and has a cycle of
its own: dimensions that were one cycle in ten disguises would make the index another name of the unemployment rate. Levels are what a Thai labour economist would accept; none is an official figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

Line = dict[str, float]
OWN_MEMORY = 0.95  # of a dimension's own cycle, by month: half of a deviation is gone after a year
_FARM = (-1.0, -0.3, 0.9, 0.4)


@dataclass(frozen=True)
class Spec:
    """How one series is made.

    trend     monthly anchors: of the level, or of its logarithm's exponential when ``log``
    load      effect of one standard deviation of its dimension's factor: units, or per cent when ``log``
    season    by quarter or month: units, or per cent when ``log``
    noise     standard deviation of the irregular: units, or per cent when ``log``
    drift     standard deviation of slow movements that no other series shares: units, or per cent when ``log``
    """

    trend: Line
    load: float
    season: tuple[float, ...] = (0.0,)
    noise: float = 0.0
    drift: float = 0.0
    log: bool = False
    lag: int = 0
    least: float = 0.0
    decimals: int = 2


@dataclass(frozen=True)
class Parts:
    """Trend, cycle, season and noise of a series over its own periods; they add up (or multiply up when ``log``)."""

    trend: np.ndarray
    cycle: np.ndarray
    season: np.ndarray
    noise: np.ndarray
    log: bool
    least: float
    decimals: int

    def mixed(self, exposure: float = 1.0, seasonality: float = 1.0) -> np.ndarray:
        """Values with another exposure to the cycle and to the seasons; the national values by default."""
        moves = exposure * self.cycle + seasonality * self.season + self.noise
        values = self.trend * np.exp(moves) if self.log else self.trend + moves
        return np.maximum(values, self.least)


def _flat(first: float, last: float) -> Line:
    return {"2008-01": first, "2025-09": last}


MONTHLY = {
    "sso_employment_rate": Spec(
        {"2008-01": 17.2, "2013-01": 18.2, "2019-06": 20.9, "2025-09": 21.1}, 0.16,
        (0.03, 0.04, 0.0, -0.06, -0.05, 0.0, 0.02, 0.03, 0.02, 0.0, -0.01, -0.02), 0.03),
    "sso_unemployment_rate": Spec(
        {"2008-01": 1.0, "2019-01": 1.3, "2021-06": 1.9, "2025-09": 1.75}, -0.5,
        (-0.04, -0.03, 0.0, 0.05, 0.08, 0.05, 0.02, 0.0, -0.02, -0.04, -0.04, -0.03), 0.035, lag=3, least=0.3),
    "quit_rate": Spec(_flat(0.62, 0.86), -0.11,
        (0.0, 0.02, 0.05, 0.07, 0.03, 0.0, -0.01, -0.02, -0.03, -0.03, -0.04, -0.04), 0.02, lag=2, least=0.15),
    "vacancies": Spec({"2008-01": 43000, "2013-01": 40000, "2025-09": 33500}, 6.5,
        (4, 3, 6, -9, 8, 7, 3, 1, 0, -2, -6, -15), 2.2, log=True, decimals=0),
    "placements": Spec({"2008-01": 27000, "2013-01": 29000, "2025-09": 24500}, 5.5,
        (2, 4, 6, -11, 6, 8, 4, 2, 1, -1, -6, -15), 2.4, log=True, lag=1, decimals=0),
    "mpi": Spec({"2008-01": 92, "2013-01": 102, "2018-06": 105, "2025-09": 98}, 3.4,
        (1, -1, 9, -10, 0, 2, 0, 0, 1, -1, 0, -1), 1.6, log=True),
    "pmi": Spec(_flat(51.2, 50.8), 4.0, (0,), 1.8, log=True),
    "consumer_confidence": Spec({"2008-01": 46, "2013-01": 47, "2025-09": 49.5}, 4.2, (0,), 1.8, log=True),
    "business_sentiment": Spec(_flat(49.8, 48.9), 4.6, (0.4, 0.6, 1.2, -1.4, -0.2, 0, 0, 0, 0, -0.2, -0.2, -0.2),
        1.8, log=True),
    "private_investment": Spec({"2008-01": 98, "2013-01": 122, "2019-01": 136, "2025-09": 139}, 2.4, (0,), 1.2,
        log=True, lag=1),
}  # fmt: skip

QUARTERLY = {
    "participation_rate": Spec({"2008-01": 72.6, "2014-01": 70.3, "2019-06": 67.9, "2025-09": 68.0}, 0.24,
        tuple(0.9 * step for step in _FARM), 0.10),
    "hours_worked": Spec(_flat(44.6, 42.6), 1.15, (-0.6, -1.3, 1.4, 0.5), 0.35, log=True),
    "part_time_rate": Spec(_flat(20.5, 17.0), -0.95, (2.4, 0.9, -2.2, -1.1), 0.25, least=3),
    "unemployment_rate": Spec({"2008-01": 1.1, "2013-01": 0.85, "2019-01": 1.0, "2025-09": 0.9}, -0.28,
        (0.14, 0.08, -0.09, -0.13), 0.05, 0.08, least=0.3),
    "underemployment_rate": Spec(_flat(1.5, 0.62), -0.24, (0.25, 0.05, -0.18, -0.12), 0.045, lag=1, least=0.15),
    "average_wage": Spec({"2008-01": 8700, "2011-12": 9900, "2012-05": 10450, "2012-12": 11200, "2013-02": 12000,
        "2016-12": 13600, "2017-02": 13750, "2018-03": 13850, "2018-06": 14050, "2020-01": 14500, "2021-12": 14450,
        "2022-09": 14600, "2022-11": 15150, "2024-03": 15550, "2025-09": 16050}, 1.2, (1.0, -0.4, -0.3, -0.3), 0.25,
        log=True, decimals=0),
    "average_bonus": Spec(_flat(5200, 9800), 4.5, (42, -55, -38, 51), 1.1, log=True, decimals=0),
    "layoff_rate": Spec(_flat(0.22, 0.27), -0.085, (0.02, 0.01, -0.01, -0.02), 0.018, lag=1, least=0.03),
    "employee_benefits": Spec(_flat(850, 1620), 1.1, (2.5, -0.8, -1.2, -0.5), 0.7, log=True, decimals=0),
    "welfare_promotion_rate": Spec(_flat(2.1, 4.9), 0.16, (0.1, 0.35, 0.3, -0.75), 0.10, least=0.2),
    "social_security_coverage": Spec({"2008-01": 26, "2013-01": 34, "2019-01": 44, "2020-12": 48, "2021-09": 60,
        "2025-09": 62.3}, 0.35, (0.0, -0.1, 0.1, 0.0), 0.15),
    "labour_law_violation_rate": Spec(_flat(19, 10), -0.55, (-0.5, 0.2, 0.5, -0.2), 0.4, least=1),
    "work_injury_rate": Spec({"2008-01": 5.4, "2014-01": 2.9, "2025-09": 1.75}, -0.07, (-0.05, 0.03, 0.06, -0.04), 0.05,
        least=0.3),
    "safety_law_violation_rate": Spec(_flat(24, 13), -0.7, (-0.6, 0.4, 0.5, -0.3), 0.5, least=1),
    "labour_productivity": Spec({"2008-01": 56500, "2013-01": 62500, "2019-06": 71500, "2025-09": 72500}, 1.05,
        (0.6, -2.6, -1.8, 3.8), 0.4, log=True, decimals=0),
    "skill_development_rate": Spec(_flat(2.1, 2.7), 0.14, (0.1, 0.25, 0.45, -0.8), 0.09, least=0.2),
    "youth_unemployment_rate": Spec({"2008-01": 4.2, "2013-01": 3.2, "2019-01": 4.8, "2025-09": 4.5}, -0.68,
        (0.1, 0.65, -0.2, -0.55), 0.14, least=0.8),
    "neet_rate": Spec(_flat(13.6, 12.4), -0.55, (0.4, 0.7, -0.6, -0.5), 0.15, least=4),
    "migrant_insured_rate": Spec({"2008-01": 1.6, "2014-01": 4.6, "2019-12": 9.9, "2025-09": 12.4}, 0.2, (0,), 0.06,
        least=0.3),
    "women_senior_management": Spec(_flat(24, 35.5), 0.34, (0,), 0.3),
    "women_participation_shortfall": Spec({"2008-01": 15.6, "2019-06": 17.2, "2025-09": 16.0}, -0.30,
        (0.3, 0.1, -0.3, -0.1), 0.12, least=1),
    "women_unemployment_excess": Spec(_flat(0.16, 0.18), -0.022, (0.02, 0.0, -0.01, -0.01), 0.014, least=0.02),
    "women_hours_shortfall": Spec(_flat(5.4, 4.2), -0.17, (0.1, 0.1, -0.1, -0.1), 0.09, least=0.3),
    "women_hourly_shortfall": Spec(_flat(14.5, 7.8), -0.36, (0.2, 0.0, -0.1, -0.1), 0.22, least=0.5),
    "hourly_wage": Spec({"2008-01": 46, "2011-12": 53, "2013-02": 66, "2020-01": 83, "2025-09": 95}, 0.7,
        (0.8, -0.3, -0.3, -0.2), 0.3, log=True),
}  # fmt: skip

FACTOR = {
    "employment": ("sso_employment_rate", "participation_rate", "hours_worked", "part_time_rate"),
    "unemployment": ("unemployment_rate", "sso_unemployment_rate", "underemployment_rate", "quit_rate"),
    "wages": ("average_wage", "average_bonus", "hourly_wage"),
    "job_security": (
        "layoff_rate",
        "employee_benefits",
        "welfare_promotion_rate",
        "social_security_coverage",
        "labour_law_violation_rate",
    ),
    "job_opportunity": ("vacancies", "placements"),
    "safety": ("work_injury_rate", "safety_law_violation_rate"),
    "productivity": ("labour_productivity", "skill_development_rate"),
    "gender_gap": (
        "women_participation_shortfall",
        "women_unemployment_excess",
        "women_hours_shortfall",
        "women_hourly_shortfall",
    ),
    "vulnerable": (
        "youth_unemployment_rate",
        "neet_rate",
        "migrant_insured_rate",
        "women_senior_management",
    ),
    "economy": ("mpi", "pmi", "consumer_confidence", "business_sentiment", "private_investment"),
}


@dataclass(frozen=True)
class Tie:
    """How a dimension hangs on the common cycle: its share, months behind, and its own cycle's standard deviation."""

    share: float
    behind: int
    own: float


# Hiring and output move first, dismissals and youth later; wages, safety and the gap between the sexes go their own ways.
TIES = {
    "employment": Tie(0.80, 0, 0.65),
    "unemployment": Tie(0.85, 1, 0.50),
    "wages": Tie(0.40, 4, 0.75),
    "job_security": Tie(0.75, 3, 0.60),
    "job_opportunity": Tie(0.80, 0, 0.65),
    "safety": Tie(0.35, 0, 0.75),
    "productivity": Tie(0.65, 0, 0.65),
    "gender_gap": Tie(0.35, 2, 0.75),
    "vulnerable": Tie(0.60, 5, 0.65),
    "economy": Tie(1.00, 0, 0.35),
}


@dataclass(frozen=True)
class Nation:
    """The national series: parts by id (helpers included) and the macro paths."""

    parts: dict[str, Parts]
    growth: np.ndarray
    prices: np.ndarray
    interest: np.ndarray
    cycle: np.ndarray


def make_nation(random: np.random.Generator) -> Nation:
    """Make the country's series; the same generator state gives the same country."""
    common = cycle(random)
    own = {name: autoregression(random, len(MONTHS), OWN_MEMORY, tie.own) for name, tie in TIES.items()}
    parts: dict[str, Parts] = {}
    for dimension, members in FACTOR.items():
        tie = TIES[dimension]
        factor = tie.share * lagged(common, tie.behind) + own[dimension]
        for member in members:
            parts[member] = _parts(member, factor, random)
    return Nation(parts, growth(random), prices(random), interest(random), common)


def _parts(series: str, factor: np.ndarray, random: np.random.Generator) -> Parts:
    is_monthly = series in MONTHLY
    spec = MONTHLY[series] if is_monthly else QUARTERLY[series]
    moved = lagged(factor, spec.lag)
    trend = path(spec.trend)
    if not is_monthly:
        moved, trend = quarterly(moved), quarterly(trend)
    unit = 0.01 if spec.log else 1.0
    size = len(MONTHS) if is_monthly else len(QUARTERS)
    season = np.resize(np.array(spec.season, dtype=float) - np.mean(spec.season), size)
    own = autoregression(random, size, OWN_MEMORY if is_monthly else OWN_MEMORY**3, spec.drift)
    return Parts(
        trend=trend,
        cycle=unit * spec.load * moved + _flood(series, size),
        season=unit * season,
        noise=unit * (autoregression(random, size, 0.35, spec.noise) + own),
        log=spec.log,
        least=spec.least,
        decimals=spec.decimals,
    )


def _flood(series: str, size: int) -> np.ndarray:
    """The flood of late 2011 stopped factories: production and output per worker fell far more than jobs did."""
    extra = np.zeros(size)
    if series == "mpi":
        first = int(np.flatnonzero(pd.Period("2011-10", "M") == MONTHS)[0])
        extra[first : first + 5] = (-0.26, -0.40, -0.22, -0.10, -0.03)
    if series == "labour_productivity":
        extra[QUARTERS.get_loc("2011Q4")] = -0.06
    return extra


# ----------------------------------------------------------------------------------------------------
# The stylised history that the synthetic series share: a labour-market cycle, growth, inflation, interest.
#
# Comes out: monthly and quarterly arrays from 2008-01 to 2025-09. The anchors follow what a Thai labour economist
# remembers (the 2009 dip, the flood of 2011, the shock of 2020, the inflation of 2022); they are no statistics.
# ----------------------------------------------------------------------------------------------------

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
