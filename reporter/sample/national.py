"""National series of the synthetic sample: trend, cycle, season and noise of each indicator; raw counts of the statistical annex.

Goes in: the shared history and a seed. Comes out: ``Parts`` per series, kept apart so that ``groups`` can give every
group its own share of each. A dimension follows the common cycle more or less, sooner or later, and has a cycle of
its own: if all dimensions shared one cycle, the index would only repeat the unemployment rate. Levels are what a Thai labour economist would accept; none is an official figure.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.measures import annex_inputs, load_annex

PeriodValues = dict[str, float]
OWN_MEMORY = 0.95  # of a dimension's own cycle, by month: half of a deviation is gone after a year
_FARM = (-1.0, -0.3, 0.9, 0.4)


@dataclass(frozen=True)
class SampleSpec:
    """How one series is made.

    trend     monthly anchors: of the level, or of its logarithm's exponential when ``log``
    load      effect of one standard deviation of its dimension's factor: units, or per cent when ``log``
    season    by quarter or month: units, or per cent when ``log``
    noise     standard deviation of the irregular: units, or per cent when ``log``
    drift     standard deviation of slow movements that no other series shares: units, or per cent when ``log``
    """

    trend: PeriodValues
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


def _flat(first: float, last: float) -> PeriodValues:
    return {"2008-01": first, "2025-09": last}


MONTHLY = {
    "sso_employment_rate": SampleSpec(
        {"2008-01": 17.2, "2013-01": 18.2, "2019-06": 20.9, "2025-09": 21.1}, 0.16,
        (0.03, 0.04, 0.0, -0.06, -0.05, 0.0, 0.02, 0.03, 0.02, 0.0, -0.01, -0.02), 0.03),
    "sso_unemployment_rate": SampleSpec(
        {"2008-01": 1.0, "2019-01": 1.3, "2021-06": 1.9, "2025-09": 1.75}, -0.5,
        (-0.04, -0.03, 0.0, 0.05, 0.08, 0.05, 0.02, 0.0, -0.02, -0.04, -0.04, -0.03), 0.035, lag=3, least=0.3),
    "quit_rate": SampleSpec(_flat(0.62, 0.86), -0.11,
        (0.0, 0.02, 0.05, 0.07, 0.03, 0.0, -0.01, -0.02, -0.03, -0.03, -0.04, -0.04), 0.02, lag=2, least=0.15),
    "vacancies": SampleSpec({"2008-01": 43000, "2013-01": 40000, "2025-09": 33500}, 6.5,
        (4, 3, 6, -9, 8, 7, 3, 1, 0, -2, -6, -15), 2.2, log=True, decimals=0),
    "placements": SampleSpec({"2008-01": 27000, "2013-01": 29000, "2025-09": 24500}, 5.5,
        (2, 4, 6, -11, 6, 8, 4, 2, 1, -1, -6, -15), 2.4, log=True, lag=1, decimals=0),
    "mpi": SampleSpec({"2008-01": 92, "2013-01": 102, "2018-06": 105, "2025-09": 98}, 3.4,
        (1, -1, 9, -10, 0, 2, 0, 0, 1, -1, 0, -1), 1.6, log=True),
    "pmi": SampleSpec(_flat(51.2, 50.8), 4.0, (0,), 1.8, log=True),
    "consumer_confidence": SampleSpec({"2008-01": 46, "2013-01": 47, "2025-09": 49.5}, 4.2, (0,), 1.8, log=True),
    "business_sentiment": SampleSpec(_flat(49.8, 48.9), 4.6, (0.4, 0.6, 1.2, -1.4, -0.2, 0, 0, 0, 0, -0.2, -0.2, -0.2),
        1.8, log=True),
    "private_investment": SampleSpec({"2008-01": 98, "2013-01": 122, "2019-01": 136, "2025-09": 139}, 2.4, (0,), 1.2,
        log=True, lag=1),
}  # fmt: skip

QUARTERLY = {
    "participation_rate": SampleSpec({"2008-01": 72.6, "2014-01": 70.3, "2019-06": 67.9, "2025-09": 68.0}, 0.24,
        tuple(0.9 * step for step in _FARM), 0.10),
    "hours_worked": SampleSpec(_flat(44.6, 42.6), 1.15, (-0.6, -1.3, 1.4, 0.5), 0.35, log=True),
    "part_time_rate": SampleSpec(_flat(20.5, 17.0), -0.95, (2.4, 0.9, -2.2, -1.1), 0.25, least=3),
    "unemployment_rate": SampleSpec({"2008-01": 1.1, "2013-01": 0.85, "2019-01": 1.0, "2025-09": 0.9}, -0.28,
        (0.14, 0.08, -0.09, -0.13), 0.05, 0.08, least=0.3),
    "underemployment_rate": SampleSpec(_flat(1.5, 0.62), -0.24, (0.25, 0.05, -0.18, -0.12), 0.045, lag=1, least=0.15),
    "average_wage": SampleSpec({"2008-01": 8700, "2011-12": 9900, "2012-05": 10450, "2012-12": 11200, "2013-02": 12000,
        "2016-12": 13600, "2017-02": 13750, "2018-03": 13850, "2018-06": 14050, "2020-01": 14500, "2021-12": 14450,
        "2022-09": 14600, "2022-11": 15150, "2024-03": 15550, "2025-09": 16050}, 1.2, (1.0, -0.4, -0.3, -0.3), 0.25,
        log=True, decimals=0),
    "average_bonus": SampleSpec(_flat(5200, 9800), 4.5, (42, -55, -38, 51), 1.1, log=True, decimals=0),
    "layoff_rate": SampleSpec(_flat(0.22, 0.27), -0.085, (0.02, 0.01, -0.01, -0.02), 0.018, lag=1, least=0.03),
    "employee_benefits": SampleSpec(_flat(850, 1620), 1.1, (2.5, -0.8, -1.2, -0.5), 0.7, log=True, decimals=0),
    "welfare_promotion_rate": SampleSpec(_flat(2.1, 4.9), 0.16, (0.1, 0.35, 0.3, -0.75), 0.10, least=0.2),
    "social_security_coverage": SampleSpec({"2008-01": 26, "2013-01": 34, "2019-01": 44, "2020-12": 48, "2021-09": 60,
        "2025-09": 62.3}, 0.35, (0.0, -0.1, 0.1, 0.0), 0.15),
    "labour_law_violation_rate": SampleSpec(_flat(19, 10), -0.55, (-0.5, 0.2, 0.5, -0.2), 0.4, least=1),
    "work_injury_rate": SampleSpec({"2008-01": 5.4, "2014-01": 2.9, "2025-09": 1.75}, -0.07, (-0.05, 0.03, 0.06, -0.04), 0.05,
        least=0.3),
    "safety_law_violation_rate": SampleSpec(_flat(24, 13), -0.7, (-0.6, 0.4, 0.5, -0.3), 0.5, least=1),
    "labour_productivity": SampleSpec({"2008-01": 56500, "2013-01": 62500, "2019-06": 71500, "2025-09": 72500}, 1.05,
        (0.6, -2.6, -1.8, 3.8), 0.4, log=True, decimals=0),
    "skill_development_rate": SampleSpec(_flat(2.1, 2.7), 0.14, (0.1, 0.25, 0.45, -0.8), 0.09, least=0.2),
    "youth_unemployment_rate": SampleSpec({"2008-01": 4.2, "2013-01": 3.2, "2019-01": 4.8, "2025-09": 4.5}, -0.68,
        (0.1, 0.65, -0.2, -0.55), 0.14, least=0.8),
    "neet_rate": SampleSpec(_flat(13.6, 12.4), -0.55, (0.4, 0.7, -0.6, -0.5), 0.15, least=4),
    "migrant_insured_rate": SampleSpec({"2008-01": 1.6, "2014-01": 4.6, "2019-12": 9.9, "2025-09": 12.4}, 0.2, (0,), 0.06,
        least=0.3),
    "women_senior_management": SampleSpec(_flat(24, 35.5), 0.34, (0,), 0.3),
    "women_participation_shortfall": SampleSpec({"2008-01": 15.6, "2019-06": 17.2, "2025-09": 16.0}, -0.30,
        (0.3, 0.1, -0.3, -0.1), 0.12, least=1),
    "women_unemployment_excess": SampleSpec(_flat(0.16, 0.18), -0.022, (0.02, 0.0, -0.01, -0.01), 0.014, least=0.02),
    "women_hours_shortfall": SampleSpec(_flat(5.4, 4.2), -0.17, (0.1, 0.1, -0.1, -0.1), 0.09, least=0.3),
    "women_hourly_shortfall": SampleSpec(_flat(14.5, 7.8), -0.36, (0.2, 0.0, -0.1, -0.1), 0.22, least=0.5),
    "hourly_wage": SampleSpec({"2008-01": 46, "2011-12": 53, "2013-02": 66, "2020-01": 83, "2025-09": 95}, 0.7,
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


# ----------------------------------------------------------------------------------------------------
# Raw counts of the synthetic sample behind the 91 statistical indicators (data/annex): labour force, insured, inspections ...
#
# Goes in: the national series that the sample has already (participation, unemployment, hours). Comes out: the text of
# ``series/annex.csv``, quarters from 2021 up to the one before the newest (persons by labour force status up to the newest): the index computes a rate from counts where the rate itself
# is missing, and the sample's gaps and its ragged edge must stay. Counts hang together: parts add up to their whole, employed and unemployed to the labour
# force, and the rates that follow from them are those of the index's own indicators where both exist. The wiggle of each series
# comes from its name, not from the sample's random numbers, so that no other number of the sample changes with it. Levels are of
# the size of Thailand's; none is an official figure.
# ----------------------------------------------------------------------------------------------------

FIRST, LAST = pd.Period("2021Q1", freq="Q-DEC"), pd.Period("2025Q2", freq="Q-DEC")
PERIODS = pd.period_range(FIRST, LAST, freq="Q-DEC")
_YEARS = np.arange(len(PERIODS)) / 4

# Series -> level in 2021, growth a year in per cent, noise of a quarter in per cent.
_LEVELS: Mapping[str, tuple[float, float, float]] = {
    "population_15_plus": (56_600_000, 0.45, 0.0), "youth": (8_900_000, -1.3, 0.0),
    "nominal_gdp": (4_230_000, 2.1, 1.2), "minimum_wage": (318.0, 2.4, 0.0),
    "insured_s33": (11_600_000, 0.7, 0.3), "insured_s39": (1_650_000, 1.0, 0.4), "insured_s40": (9_900_000, 1.6, 0.5),
    "claimants": (205_000, 2.0, 4.0), "remittances_per_worker": (34_500, 3.0, 2.5),
    "persons_trained": (980_000, 1.0, 5.0), "new_workers": (142_000, -0.8, 4.0), "skill_tests_taken": (21_500, 1.5, 6.0),
    "establishments": (462_000, 1.1, 0.1), "establishments_100_plus": (19_800, 0.6, 0.2),
    "contributions_collected": (46_500, 2.2, 1.0), "fund_balance": (2_050_000, 3.2, 0.6),
    "complaints": (4_300, 1.5, 6.0), "establishments_suspended": (620, 1.0, 12.0),
    "establishments_inspected": (10_400, 0.5, 4.0), "establishments_safety_inspected": (4_600, 0.5, 4.0),
    "unions": (1_410, -0.2, 0.1), "employee_committees": (680, 1.8, 0.3), "employer_associations": (330, 0.5, 0.2),
    "establishments_conflict": (58, 0.5, 14.0), "conflicts": (62, 0.5, 14.0), "strike_employees": (820, 0.0, 18.0),
    "lockout_employees": (460, 0.0, 18.0), "walkout_employees": (1_150, 0.0, 18.0),
    "migrants_permitted": (2_860_000, 1.9, 0.6), "poor_persons": (4_300, -5.5, 1.0),
    "efficiency_before_pre_employment": (2.61, 0.2, 0.4), "efficiency_before_upgrading": (2.94, 0.2, 0.4),
    "efficiency_before_supplementary": (2.38, 0.2, 0.4), "work_injuries": (21_800, -1.6, 3.5),
}  # fmt: skip
# Series -> the series of which it is a share, the share in per cent, noise of the share in per cent of itself.
_SHARES: Mapping[str, tuple[str, float, float]] = {
    "youth_employed": ("youth", 40.5, 0.6), "youth_studying": ("youth", 44.2, 0.5),
    "unemployed_over_1_year": ("unemployed", 18.0, 4.0), "informal_workers": ("employed", 52.3, 0.4),
    "employed_under_35_hours": ("employed", 16.1, 3.0), "employed_wanting_more_hours": ("employed", 0.7, 8.0),
    "compensation_of_employees": ("nominal_gdp", 31.4, 0.8), "employees": ("employed", 47.6, 0.3),
    "persons_trained_supplementary": ("persons_trained", 4.5, 5.0), "persons_trained_upgrading": ("persons_trained", 3.9, 5.0),
    "persons_trained_pre_employment": ("persons_trained", 1.6, 5.0), "persons_trained_under_act": ("persons_trained", 90.0, 0.4),
    "establishments_training_under_act": ("establishments_100_plus", 61.0, 1.0),
    "graduates_pre_employment": ("persons_trained_pre_employment", 92.0, 0.6),
    "graduates_pre_employment_employed": ("graduates_pre_employment", 78.0, 1.5),
    "graduates_upgrading": ("persons_trained_upgrading", 96.0, 0.4),
    "graduates_upgrading_employed": ("graduates_upgrading", 93.5, 0.6),
    "graduates_supplementary": ("persons_trained_supplementary", 94.0, 0.5),
    "graduates_supplementary_employed": ("graduates_supplementary", 71.0, 1.5),
    "efficiency_after_pre_employment": ("efficiency_before_pre_employment", 136.0, 0.3),
    "efficiency_after_upgrading": ("efficiency_before_upgrading", 129.0, 0.3),
    "efficiency_after_supplementary": ("efficiency_before_supplementary", 141.0, 0.3),
    "skill_tests_passed": ("skill_tests_taken", 72.0, 2.0), "laid_off_claimants": ("claimants", 19.0, 6.0),
    "workmens_fund_employees": ("insured_s33", 94.0, 0.2), "benefit_users": ("insured_s33", 38.0, 2.0),
    "benefits_paid": ("contributions_collected", 58.0, 2.0), "complaints_granted": ("complaints", 81.0, 1.5),
    "employees_suspended": ("establishments_suspended", 15_200.0, 4.0),
    "establishments_violating_labour_law": ("establishments_inspected", 21.0, 3.0),
    "establishments_violating_welfare": ("establishments_inspected", 6.5, 4.0),
    "establishments_violating_safety_law": ("establishments_safety_inspected", 18.5, 3.0),
    "union_federations": ("unions", 1.5, 6.0), "union_members": ("employees", 2.4, 0.4),
    "employer_federations": ("employer_associations", 1.6, 14.0),
    "establishments_relations_problem": ("establishments_conflict", 210.0, 5.0),
    "establishments_dispute": ("establishments_conflict", 66.0, 6.0),
    "establishments_demand": ("establishments_conflict", 172.0, 5.0),
    "establishments_demand_settled": ("establishments_demand", 83.0, 2.0),
    "establishments_strike": ("establishments_dispute", 9.5, 18.0), "establishments_lockout": ("establishments_dispute", 6.5, 18.0),
    "strike_days_lost": ("strike_employees", 940.0, 12.0), "lockout_days_lost": ("lockout_employees", 1_150.0, 12.0),
    "walkouts": ("conflicts", 8.0, 18.0), "walkout_days_lost": ("walkout_employees", 310.0, 12.0),
    "establishments_promoted": ("establishments", 1.9, 4.0), "employees_promoted": ("employees", 3.1, 4.0),
    "work_injuries_3_days": ("work_injuries", 68.0, 0.6), "work_injuries_serious": ("work_injuries", 29.0, 1.0),
    "work_deaths": ("work_injuries", 0.72, 6.0), "migrants_skilled": ("migrants_permitted", 6.0, 0.8),
    "migrants_3_nationalities": ("migrants_permitted", 88.0, 0.2), "migrants_insured_s33": ("insured_s33", 10.6, 0.6),
    "population_60_plus": ("population_15_plus", 22.0, 0.0), "job_applicants": ("vacancies", 108.0, 2.0),
}  # fmt: skip
# Series and breakdown -> weights of its parts, in declared order; they add up to the whole.
_WEIGHTS: Mapping[tuple[str, str], tuple[float, ...]] = {
    ("population_15_plus", "sex"): (48.2, 51.8), ("labour_force", "sex"): (54.3, 45.7), ("employed", "sex"): (54.2, 45.8),
    ("unemployed", "sex"): (57.0, 43.0), ("informal_workers", "sex"): (55.6, 44.4), ("total_hours", "sex"): (55.6, 44.4),
    ("population_15_plus", "age"): (15.0, 63.0, 22.0), ("labour_force", "age"): (9.6, 78.2, 12.2),
    ("employed", "age"): (9.2, 78.5, 12.3), ("unemployed", "age"): (44.0, 54.5, 1.5),
    ("not_in_labour_force", "age"): (27.0, 29.0, 44.0),
    ("population_15_plus", "education"): (24.0, 21.0, 17.0, 18.0, 20.0), ("labour_force", "education"): (18.0, 20.0, 17.0, 20.0, 25.0),
    ("unemployed", "education"): (7.0, 12.0, 18.0, 24.0, 39.0),
    ("employed", "work_status"): (2.5, 9.0, 38.0, 33.5, 16.8, 0.2), ("employed", "sector"): (30.5, 22.5, 47.0),
    ("informal_workers", "sector"): (55.0, 10.5, 34.5), ("migrants_permitted", "sector"): (17.0, 46.0, 37.0),
    ("employed", "occupation"): (3.9, 6.3, 4.9, 4.3, 20.6, 28.6, 10.6, 9.4, 11.4),
    ("establishments_suspended", "industry_group"): (44.0, 18.0, 14.0, 9.0, 15.0),
    ("employees_suspended", "industry_group"): (62.0, 12.0, 9.0, 6.0, 11.0),
    ("establishments_suspended", "suspension_cause"): (48.0, 17.0, 15.0, 6.0, 14.0),
    ("employees_suspended", "suspension_cause"): (54.0, 16.0, 14.0, 5.0, 11.0),
    ("establishments_inspected", "size"): (38.0, 20.0, 17.0, 10.0, 9.0, 3.0, 2.0, 1.0),
    ("establishments_violating_labour_law", "size"): (46.0, 21.0, 15.0, 8.0, 6.5, 1.8, 1.2, 0.5),
    ("establishments_safety_inspected", "size"): (24.0, 17.0, 20.0, 15.0, 14.0, 4.5, 3.5, 2.0),
    ("establishments_violating_safety_law", "size"): (31.0, 19.0, 20.0, 13.0, 11.0, 3.0, 2.0, 1.0),
    ("establishments_violating_labour_law", "subject"): (24.0, 9.0, 17.0, 15.0, 11.0, 18.0, 6.0),
}  # fmt: skip
BEHIND = (
    "participation_rate", "unemployment_rate", "hours_worked", "vacancies", "hourly_wage", "hourly_wage_male", "hourly_wage_female",
)  # fmt: skip
_WAITING = (0.009, 0.005, 0.002, 0.003)  # share of the labour force that waits for the season, by quarter
_HOURS_A_QUARTER = 13  # weeks
_BY_PART, _BY_GROUP = (
    0.6,
    5.0,
)  # noise of a part's share, per cent: people by age hardly move, cases in one industry do
_SMOOTH = 0.8  # by which a quarter's noise carries on into the next


def make_statistics(
    national: Mapping[str, np.ndarray], declarations: Declarations, industries: Collection[str]
) -> str:
    """The text of ``series/annex.csv``.

    national   values of the whole country in every month or quarter up to ``LAST``: ``BEHIND``; a quarter of
               them is the mean of its months, of vacancies their sum
    industries the industries of which the sample has anything: groups
    """
    newest = _newest_persons(national)
    whole = _whole({series: _quarters(values, series) for series, values in national.items()})
    parts = _parts_of_breakdowns(whole)
    rows = [("TH", series, values) for series, values in {**parts, **whole}.items()]
    rows += [(group, series, values) for series, group, values in _by_group(whole, declarations, industries)]
    known = {part for item in declarations.indicators.values() for part in item.components or (item.id,)}
    lines = ["indicator,group,period,value\n"]
    for group, series, values in sorted(rows, key=lambda row: (row[1], row[0] != "TH")):
        if series in known:
            continue  # the index's own file has it
        digits = 2 if annex_inputs()[series].unit in ("baht", "score", "thousand_persons") else 0
        lines += [
            f"{series},{group},{iso(period)},{value:.{digits}f}\n"
            for period, value in zip(PERIODS, values, strict=True)
        ]
        if group == "TH" and series in newest:
            lines.append(f"{series},TH,{iso(LAST + 1)},{newest[series]:.0f}\n")
    return "".join(lines)


def _newest_persons(national: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Persons by labour force status in the sample's newest quarter, from its own rates; the survey of the quarter has them."""
    level, growth, _ = _LEVELS["population_15_plus"]
    participation, jobless_rate = (
        float(_newest(national[name])) for name in ("participation_rate", "unemployment_rate")
    )
    people = round(level * (1 + growth / 100) ** (len(PERIODS) / 4))
    force = round(people * participation / 100)
    jobless = round(force * jobless_rate / 100)
    waiting = round(force * _WAITING[len(PERIODS) % 4])
    return {
        "population_15_plus": people,
        "labour_force": force,
        "unemployed": jobless,
        "employed": force - jobless - waiting,
    }


def _newest(values: np.ndarray) -> float:
    """The newest quarter of a series of quarters or months."""
    return float(values[-3:].mean() if len(values) == len(MONTHS) else values[-1])


def _quarters(values: np.ndarray, series: str) -> np.ndarray:
    """The quarters from ``FIRST`` to ``LAST`` of a series that ends with the sample's newest quarter, one later."""
    if len(values) == len(MONTHS):
        by_quarter = values.reshape(-1, 3)
        values = by_quarter.sum(axis=1) if series == "vacancies" else by_quarter.mean(axis=1)
    return values[-len(PERIODS) - 1 : -1]


def _whole(national: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every series of the whole country."""
    found = {series: _level(series, *spec) for series, spec in _LEVELS.items()}
    people = np.round(found["population_15_plus"])
    force = np.round(people * national["participation_rate"] / 100)
    jobless = np.round(force * national["unemployment_rate"] / 100)
    # Those who wait for the season belong to the labour force, and are neither employed nor unemployed.
    waiting = np.round(force * np.resize(_WAITING, len(PERIODS)))
    employed = force - jobless - waiting
    hours = employed * national["hours_worked"]
    real = found["nominal_gdp"] * 1e6 / (1 + 0.016) ** _YEARS
    found |= {
        "population_15_plus": people,
        "labour_force": force,
        "unemployed": jobless,
        "employed": employed,
        "not_in_labour_force": people - force,
        "total_hours": np.round(hours),
        "quarterly_hours": np.round(hours * _HOURS_A_QUARTER),
        "real_gdp_baht": np.round(real),
        "vacancies": national["vacancies"],
        "hourly_wage": national["hourly_wage"],
        "hourly_wage_male": national["hourly_wage_male"],
        "hourly_wage_female": national["hourly_wage_female"],
    }
    waiting_list = dict(_SHARES)
    while waiting_list:
        for series, (of, share, noise) in list(waiting_list.items()):
            if of in found:
                found[series] = found[of] * share / 100 * _noise(series, noise)
                del waiting_list[series]
    counted = {series: _counted(series, values) for series, values in found.items()}
    return {**counted, "thais_insured_s33": counted["insured_s33"] - counted["migrants_insured_s33"]}


def _counted(series: str, values: np.ndarray) -> np.ndarray:
    """Counts are whole numbers."""
    unit = annex_inputs()[series].unit
    return values if unit in ("baht", "score", "thousand_persons", "baht_per_day") else np.round(values)


def _level(series: str, level: float, growth: float, noise: float) -> np.ndarray:
    return level * (1 + growth / 100) ** _YEARS * _noise(series, noise)


def _noise(series: str, size: float) -> np.ndarray:
    """Factors around one; the same for the same name."""
    random = np.random.default_rng(zlib.crc32(series.encode("ascii")))
    shocks = random.normal(0, size / 100, len(PERIODS))
    for number in range(1, len(shocks)):
        shocks[number] = _SMOOTH * shocks[number - 1] + (1 - _SMOOTH**2) ** 0.5 * shocks[number]
    return np.exp(shocks)


def _parts_of_breakdowns(whole: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every part of every breakdown; the parts of one add up to the whole."""
    annex = load_annex()
    found: dict[str, np.ndarray] = {}
    for (series, breakdown), weights in _WEIGHTS.items():
        names = [f"{series}_{part.id}" for part in annex.breakdowns[breakdown].parts]
        found |= dict(zip(names, _split(whole[series], weights, names, _BY_PART), strict=True))
    return found


def _split(
    whole: np.ndarray, weights: Sequence[float], names: Sequence[str], noise: float
) -> list[np.ndarray]:
    """Whole numbers that add up to the whole; the largest part takes what rounding leaves."""
    drawn = [weight * _noise(name, noise) for weight, name in zip(weights, names, strict=True)]
    total = np.sum(drawn, axis=0)
    parts = [np.round(whole * part / total) for part in drawn]
    largest = int(np.argmax(weights))
    parts[largest] = parts[largest] + np.round(whole) - np.sum(parts, axis=0)
    return parts


def _by_group(
    whole: Mapping[str, np.ndarray], declarations: Declarations, industries: Collection[str]
) -> list[tuple[str, str, np.ndarray]]:
    """Series by region or industry, as the measures by group need them."""
    annex = load_annex()
    wanted = {
        (series, measure.group)
        for indicator in annex.indicators
        for measure in indicator.measure
        if measure.group
        for series in measure.inputs().values()
        if series not in declarations.indicators  # the index's own file has it
    }
    rows = []
    for series, kind in sorted(wanted):
        codes = [group.code for group in declarations.groups_of(kind)]
        groups = [code for code in codes if kind != "INDUSTRY" or code in industries]
        # Groups of different size: between one and five, by their code.
        weights = [1 + (zlib.crc32(code.encode("utf-8")) % 97) / 24 for code in groups]
        names = [f"{series}_{code}" for code in groups]
        rows += [
            (series, group, values)
            for group, values in zip(groups, _split_any(series, whole[series], weights, names), strict=True)
        ]
    return rows


def _split_any(
    series: str, whole: np.ndarray, weights: Sequence[float], names: Sequence[str]
) -> list[np.ndarray]:
    scale = 100 if annex_inputs()[series].unit == "thousand_persons" else 1
    return [part / scale for part in _split(whole * scale, weights, names, _BY_GROUP)]
