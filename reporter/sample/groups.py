"""Group series of the synthetic sample, consistent in level with the nation.

Goes in: the national parts and the sizes of ``places``. Comes out: arrays per (indicator, group). Group values of a
rate average to the nation by size, counts add up to it; provinces do so within their region.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.periods import iso
from reporter.index.seasonal import working_day_regressors
from reporter.sample.national import (
    BEHIND,
    MONTHS,
    QUARTERS,
    Nation,
    Parts,
    autoregression,
    make_nation,
    make_statistics,
    quarterly,
)

Values = dict[tuple[str, str], np.ndarray]

COUNTS = {"vacancies", "placements"}
FORMAL = {"sso_employment_rate", "vacancies", "placements", "work_injury_rate", "migrant_insured_rate"}
WAGES = {"average_wage", "average_bonus", "employee_benefits", "hourly_wage", "labour_productivity"}
INSURED_ONLY = {"sso_unemployment_rate", "quit_rate", "layoff_rate"}
NARROW = {
    "participation_rate": 0.035,
    "hours_worked": 0.025,
    "consumer_confidence": 0.02,
    "hourly_wage": 0.05,
}
BY_STATUS = {
    "social_security_coverage": {"formal": 1.56, "informal": 0.49},
    "average_wage": {"formal": 1.28, "informal": 0.52},
    "average_bonus": {"formal": 1.45, "informal": 0.2},
    "employee_benefits": {"formal": 1.2, "informal": 0.65},
    "hourly_wage": {"formal": 1.25, "informal": 0.6},
    "part_time_rate": {"formal": 0.45, "informal": 1.5},
    "underemployment_rate": {"formal": 0.5, "informal": 1.45},
    "hours_worked": {"formal": 1.02, "informal": 0.98},
}


@dataclass(frozen=True)
class SampleGroup:
    """One group: its size, how it differs in level, cycle and season."""

    code: str
    size: float
    level: float
    exposure: float
    seasonality: float


def spread(
    series: str, parts: Parts, nation: np.ndarray, groups: list[SampleGroup], random: np.random.Generator
) -> Values:
    """Values of each group around a parent's values (the nation's, or a region's)."""
    wide = NARROW.get(series, 0.10)
    rows = []
    for group in groups:
        offset = random.normal(0.0, wide)
        drift = autoregression(random, len(nation), 0.97, wide / 6)
        sampling = 0.012 * min(3.0, (2.0 / max(group.size, 0.05)) ** 0.35)
        noise = autoregression(random, len(nation), 0.3, sampling if series not in NARROW else sampling / 4)
        own = parts.mixed(group.exposure, group.seasonality)
        rows.append(group.level * own * np.exp(offset + drift + noise))
    values = np.array(rows)
    sizes = np.array([group.size for group in groups])[:, None]
    if series in COUNTS:
        values = values * sizes
        values *= nation / values.sum(axis=0)
    else:
        values *= nation * sizes.sum() / (values * sizes).sum(axis=0)
    return {(series, group.code): row for group, row in zip(groups, values, strict=True)}


def group_values(
    series: str,
    kinds: tuple[str, ...],
    nation: Nation,
    declarations: Declarations,
    random: np.random.Generator,
) -> Values:
    """Values of one series for every group of the kinds given."""
    parts = nation.parts[series]
    whole = parts.mixed()
    values: Values = {}
    if "STATUS" in kinds:
        values |= _by_status(series, parts, whole, random)
    if "INDUSTRY" in kinds:
        values |= spread(series, parts, whole, _industries(series), random)
    if "REGION" in kinds:
        regions = spread(series, parts, whole, _regions(series, declarations), random)
        values |= regions
        if "PROVINCE" in kinds:
            for (_, region), parent in regions.items():
                values |= spread(series, parts, parent, _provinces(region, declarations), random)
    return values


def _by_status(series: str, parts: Parts, whole: np.ndarray, random: np.random.Generator) -> Values:
    if series in INSURED_ONLY:
        return {(series, "STATUS:formal"): whole}
    levels = BY_STATUS.get(series, {})
    groups = [
        SampleGroup(
            f"STATUS:{status}",
            size,
            levels.get(status, 1.0),
            EXPOSED_STATUS[status],
            SEASON_STATUS[status],
        )
        for status, size in STATUS_SIZE.items()
    ]
    return spread(series, parts, whole, groups, random)


def _industries(series: str) -> list[SampleGroup]:
    insured = series in FORMAL | INSURED_ONLY
    levels = WAGE_INDUSTRY if series in WAGES else FORMAL_INDUSTRY if series in FORMAL else {}
    return [
        SampleGroup(
            f"INDUSTRY:{code}",
            size,
            levels.get(code, 1.0),
            EXPOSED_INDUSTRY.get(code, 1.0),
            SEASON_INDUSTRY.get(code, 0.8),
        )
        for code, size in INDUSTRY_SIZE.items()
        if not (insured and code in NOT_INSURED)
    ]


def _regions(series: str, declarations: Declarations) -> list[SampleGroup]:
    levels = WAGE_REGION if series in WAGES else FORMAL_REGION if series in FORMAL else {}
    groups = []
    for region in declarations.groups_of("REGION"):
        name = region.code.partition(":")[2]
        sizes = {
            group.code: PROVINCE_SIZE[group.code.partition(":")[2]]
            for group in declarations.groups_of("PROVINCE")
            if group.region == region.code
        }
        exposed = {code: EXPOSED_PROVINCE.get(code.partition(":")[2], 0.9) for code in sizes}
        total = sum(sizes.values())
        exposure = sum(size * exposed[code] for code, size in sizes.items()) / total
        groups.append(
            SampleGroup(region.code, total / 650, levels.get(name, 1.0), exposure, SEASON_REGION[name])
        )
    return groups


def _provinces(region: str, declarations: Declarations) -> list[SampleGroup]:
    season = SEASON_REGION[region.partition(":")[2]]
    return [
        SampleGroup(
            group.code,
            PROVINCE_SIZE[group.code.partition(":")[2]] / 650,
            1.0,
            EXPOSED_PROVINCE.get(group.code.partition(":")[2], 0.9),
            season,
        )
        for group in declarations.groups_of("PROVINCE")
        if group.region == region
    ]


# ----------------------------------------------------------------------------------------------------
# Rough sizes of provinces, industries and statuses for the synthetic sample; orders of magnitude, no statistics.
#
# Shares decide how a national number is spread over groups and how many respondents a province gets. ``EXPOSED`` says
# how much harder (or softer) than the country a group is hit when the cycle turns.
# ----------------------------------------------------------------------------------------------------

# Thousands of inhabitants, rounded to what a labour economist would say from memory.
PROVINCE_SIZE = {
    "TH-10": 5500, "TH-11": 1370, "TH-12": 1310, "TH-13": 1210, "TH-14": 820, "TH-15": 270, "TH-16": 730,
    "TH-17": 200, "TH-18": 310, "TH-19": 640, "TH-20": 1610, "TH-21": 770, "TH-22": 535, "TH-23": 225,
    "TH-24": 730, "TH-25": 500, "TH-26": 260, "TH-27": 560, "TH-30": 2620, "TH-31": 1570, "TH-32": 1360,
    "TH-33": 1450, "TH-34": 1870, "TH-35": 530, "TH-36": 1110, "TH-37": 375, "TH-38": 420, "TH-39": 505,
    "TH-40": 1780, "TH-41": 1560, "TH-42": 635, "TH-43": 515, "TH-44": 940, "TH-45": 1290, "TH-46": 970,
    "TH-47": 1140, "TH-48": 715, "TH-49": 350, "TH-50": 1800, "TH-51": 395, "TH-52": 715, "TH-53": 440,
    "TH-54": 425, "TH-55": 470, "TH-56": 455, "TH-57": 1300, "TH-58": 285, "TH-60": 1020, "TH-61": 320,
    "TH-62": 705, "TH-63": 680, "TH-64": 575, "TH-65": 840, "TH-66": 520, "TH-67": 965, "TH-70": 865,
    "TH-71": 890, "TH-72": 820, "TH-73": 925, "TH-74": 595, "TH-75": 190, "TH-76": 480, "TH-77": 550,
    "TH-80": 1540, "TH-81": 480, "TH-82": 268, "TH-83": 420, "TH-84": 1075, "TH-85": 195, "TH-86": 505,
    "TH-90": 1430, "TH-91": 325, "TH-92": 640, "TH-93": 520, "TH-94": 735, "TH-95": 545, "TH-96": 810,
}  # fmt: skip

# Employed persons per hundred; section U is too small for any source to publish.
INDUSTRY_SIZE = {
    "A": 30.5, "B": 0.2, "C": 16.0, "D": 0.3, "E": 0.4, "F": 5.6, "G": 16.8, "H": 3.7, "I": 8.2, "J": 0.7,
    "K": 1.4, "L": 0.6, "M": 1.2, "N": 1.9, "O": 4.2, "P": 3.1, "Q": 2.1, "R": 0.7, "S": 2.0, "T": 0.4,
}  # fmt: skip
NOT_INSURED = {"O", "T"}

STATUS_SIZE = {"formal": 47.5, "informal": 52.5}
AGE_SIZE = {"15-24": 9, "25-34": 22, "35-44": 25, "45-54": 24, "55-59": 9, "60+": 11}
# Who answers the surveys, per hundred of each option in the questionnaire's order; more men and young than there are.
ANSWERED = {
    "sex": (58, 40, 2), "age_group": (12, 28, 26, 19, 7, 8), "education": (30, 17, 20, 9, 20, 4),
    "occupation": (4, 7, 6, 5, 20, 26, 12, 10, 10), "income": (24, 26, 28, 17, 5), "position": (4, 8, 14, 50, 24),
    "tenure": (14, 26, 20, 18, 22), "familiarity": (46, 32, 16, 6),
}  # fmt: skip

# Tourism fell hardest in 2020; farming and public service hardly moved.
EXPOSED_PROVINCE = {
    "TH-83": 2.6, "TH-81": 1.9, "TH-82": 1.8, "TH-20": 1.6, "TH-50": 1.5, "TH-84": 1.5, "TH-10": 1.3, "TH-77": 1.3,
    "TH-58": 1.2, "TH-90": 1.1, "TH-21": 1.2, "TH-24": 1.1, "TH-14": 1.2, "TH-33": 0.6, "TH-35": 0.6, "TH-37": 0.6,
    "TH-39": 0.6, "TH-46": 0.6, "TH-45": 0.7, "TH-55": 0.7, "TH-94": 0.7, "TH-96": 0.7,
}  # fmt: skip
EXPOSED_INDUSTRY = {
    "A": 0.4, "B": 0.8, "C": 1.3, "F": 1.2, "G": 1.1, "H": 1.5, "I": 2.4, "J": 0.7, "K": 0.6, "O": 0.1, "P": 0.4,
    "Q": 0.3, "R": 2.0, "S": 1.4,
}  # fmt: skip
EXPOSED_STATUS = {"formal": 0.9, "informal": 1.1}

# Farm seasons weigh most in the North-East and the North.
SEASON_REGION = {"bangkok": 0.3, "central": 0.7, "north": 1.3, "northeast": 1.7, "south": 0.9}
SEASON_INDUSTRY = {"A": 2.6, "C": 0.6, "O": 0.2, "P": 0.4, "I": 0.9}
SEASON_STATUS = {"formal": 0.4, "informal": 1.5}

# How much more than its population a region counts among the insured, the injured, the vacancies.
FORMAL_REGION = {"bangkok": 2.3, "central": 1.5, "north": 0.6, "northeast": 0.4, "south": 0.7}
FORMAL_INDUSTRY = {
    "A": 0.06, "B": 1.6, "C": 2.0, "D": 2.0, "E": 1.3, "F": 0.8, "G": 0.9, "H": 1.3, "I": 0.7, "J": 2.0, "K": 2.1,
    "L": 1.9, "M": 1.8, "N": 2.1, "P": 1.0, "Q": 1.5, "R": 0.9, "S": 0.6,
}  # fmt: skip
WAGE_REGION = {"bangkok": 1.45, "central": 1.05, "north": 0.78, "northeast": 0.75, "south": 0.86}
WAGE_INDUSTRY = {
    "A": 0.48, "B": 1.2, "C": 0.92, "D": 1.9, "E": 0.95, "F": 0.72, "G": 0.85, "H": 1.2, "I": 0.72, "J": 1.95,
    "K": 1.95, "L": 1.3, "M": 1.8, "N": 0.9, "O": 1.25, "P": 1.5, "Q": 1.25, "R": 0.95, "S": 0.72, "T": 0.55,
}  # fmt: skip

# Provinces whose offices answer little: their survey cells fall under the limits of publication.
FEW_ANSWERS = {"TH-58": 0.22, "TH-75": 0.2, "TH-85": 0.2, "TH-17": 0.5, "TH-23": 0.5}


# ----------------------------------------------------------------------------------------------------
# Series files of the synthetic sample: what each source would have published, and when.
#
# Goes in: the nation and its groups. Comes out: CSV text per dimension (``series/<dimension>.csv``) and ``macro.csv``.
# From 2023 on every value carries the day it became known; growth and production are revised once; some of the newest
# values are not there yet, and a few older ones never came.
# ----------------------------------------------------------------------------------------------------

KNOWN_UNTIL = dt.date(2025, 11, 20)
DATED_FROM = dt.date(2023, 1, 1)
REVISED = {"gdp_growth": 0.35, "mpi": 0.7}
REVISED_AFTER_DAYS = 95
MISSING = {
    ("neet_rate", "2025-Q3"),
    ("women_senior_management", "2025-Q3"),
    ("private_investment", "2025-09"),
    ("sso_employment_rate", "2025-09"),
    ("neet_rate", "2020-Q2"),
    ("welfare_promotion_rate", "2020-Q2"),
    ("labour_law_violation_rate", "2020-Q2"),
    ("pmi", "2011-11"),
    ("hourly_wage_male", "2014-Q3"),
    ("hourly_wage_female", "2014-Q3"),
}
_BY_WORKING_DAY = ("vacancies", "placements")  # counted by offices that are closed on holidays
_DAY_EFFECT = 0.012  # share by which a working day raises a month, as in Thai production figures
_WAITING = np.resize([0.9, 0.5, 0.2, 0.3], len(QUARTERS))
_DECIMALS = {"gdp_growth": 1, "real_gdp_growth": 1}


def make_series(declarations: Declarations, random: np.random.Generator) -> dict[str, str]:
    """Text of every series file by its name."""
    nation = make_nation(random)
    values = _indicators(nation, declarations, random)
    files: dict[str, list[str]] = {dimension: [] for dimension in declarations.dimensions}
    for indicator in declarations.indicators.values():
        for series in indicator.components or (indicator.id,):
            lines = files[indicator.dimension]
            for group in _in_order(values, series, declarations):
                lines += _lines(series, group, values[series, group], indicator, random)
    texts = {
        f"{dimension}.csv": "indicator,group,period,value,as_of\n" + "".join(lines)
        for dimension, lines in files.items()
    }
    texts["macro.csv"] = "indicator,period,value\n" + "".join(_macro(nation, values))
    national = {series: values[series, "TH"] for series in BEHIND}
    industries = [group for series, group in values if series == "sso_unemployment_rate"]
    texts["annex.csv"] = make_statistics(national, declarations, industries)
    return texts


def _in_order(values: Values, series: str, declarations: Declarations) -> Iterator[str]:
    return (code for code in declarations.groups if (series, code) in values)


def _indicators(nation: Nation, declarations: Declarations, random: np.random.Generator) -> Values:
    """Values of every published series and group; computed ones from those they hang together with."""
    values: Values = {}
    for series, parts in nation.parts.items():
        values[series, "TH"] = parts.mixed()
        values |= group_values(series, _kinds(series, declarations), nation, declarations, random)
    values["gdp_growth", "TH"] = nation.growth
    values["inflation", "TH"] = nation.prices
    for region in declarations.groups_of("REGION"):
        values["inflation", region.code] = nation.prices + autoregression(random, len(MONTHS), 0.8, 0.25)
    values |= _employment(values)
    values |= _by_sex(values)
    return values


def _kinds(series: str, declarations: Declarations) -> tuple[str, ...]:
    if series in declarations.indicators:
        return declarations.indicators[series].groups
    if series in ("women_hours_shortfall", "women_hourly_shortfall", "hourly_wage"):
        return ("TH", "STATUS", "REGION", "INDUSTRY")
    return ("TH", "REGION")


def _employment(values: Values) -> Values:
    """Employment ratio from participation, unemployment and those who wait for the season."""
    return {
        ("employment_rate", group): rate * (1 - (values["unemployment_rate", group] + _WAITING) / 100)
        for (series, group), rate in values.items()
        if series == "participation_rate"
    }


def _by_sex(values: Values) -> Values:
    """Male and female series around the common one, apart by the declared shortfalls; women are 52 in 100."""
    split: Values = {}
    for (series, group), gap in values.items():
        if series == "women_participation_shortfall":
            common = values["participation_rate", group]
            split["participation_male", group] = common + 0.52 * gap
            split["participation_female", group] = common - 0.48 * gap
        elif series == "women_unemployment_excess":
            common = values["unemployment_rate", group]
            split["unemployment_male", group] = np.maximum(common - 0.46 * gap, 0.05)
            split["unemployment_female", group] = common + 0.54 * gap
        elif series in ("women_hours_shortfall", "women_hourly_shortfall"):
            stem = "hours" if series == "women_hours_shortfall" else "hourly_wage"
            common = values["hours_worked" if stem == "hours" else stem, group]
            split[f"{stem}_male", group] = common * (1 + gap / 200)
            split[f"{stem}_female", group] = common * (1 - gap / 200)
    for sex in ("male", "female"):
        for (series, group), rate in list(split.items()):
            if series == f"participation_{sex}":
                out = split[f"unemployment_{sex}", group] + _WAITING
                split[f"employment_{sex}", group] = rate * (1 - out / 100)
    return split


def _lines(
    series: str, group: str, values: np.ndarray, indicator: Indicator, random: np.random.Generator
) -> list[str]:
    decimals = _decimals(series, indicator)
    values = values * _working_days() if series in _BY_WORKING_DAY else values
    lines = []
    for (text, end, is_dated), value in zip(_calendar(indicator.frequency), values, strict=True):
        known = end + dt.timedelta(days=indicator.publication_lag_days)
        if (series, text) in MISSING or known > KNOWN_UNTIL:
            continue
        if not is_dated:
            lines.append(f"{series},{group},{text},{value:.{decimals}f},\n")
            continue
        first = value + random.normal(0.0, REVISED[series]) if series in REVISED else value
        lines.append(f"{series},{group},{text},{first:.{decimals}f},{known}\n")
        later = known + dt.timedelta(days=REVISED_AFTER_DAYS)
        if series in REVISED and later <= KNOWN_UNTIL:
            lines.append(f"{series},{group},{text},{value:.{decimals}f},{later}\n")
    return lines


@cache
def _working_days() -> np.ndarray:
    """Factor of every month: flows grow with the days that offices are open (Monday to Friday without public holidays)."""
    days = [np.busday_count(month.start_time.date(), (month + 1).start_time.date()) for month in MONTHS]
    regressors = working_day_regressors(MONTHS)
    assert regressors is not None
    open_days = np.array(days) - regressors["thai"].to_numpy()[: len(MONTHS)]
    return np.exp(_DAY_EFFECT * (open_days - open_days.mean()))


@cache
def _calendar(frequency: str) -> list[tuple[str, dt.date, bool]]:
    """(text, last day, whether its values carry the day they became known) of every period."""
    periods = MONTHS if frequency == "monthly" else QUARTERS
    return [(iso(one), one.end_time.date(), one.start_time.date() >= DATED_FROM) for one in periods]


def _decimals(series: str, indicator: Indicator) -> int:
    if series in _DECIMALS:
        return _DECIMALS[series]
    whole = ("baht", "baht_per_month", "baht_per_person", "positions", "persons")
    return 0 if indicator.unit in whole else 2


def _macro(nation: Nation, values: Values) -> Iterator[str]:
    paths = {
        "real_gdp_growth": values["gdp_growth", "TH"],
        "headline_inflation": quarterly(nation.prices),
        "short_term_rate": nation.interest,
    }
    for variable, path in paths.items():
        for period, value in zip(QUARTERS, path, strict=True):
            yield f"{variable},{iso(period)},{value:.2f}\n"
