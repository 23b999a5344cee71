"""The synthetic sample below the national level: group series consistent with the national ones, and answers to both surveys.

Goes in: the national parts and the sizes of ``places``. Comes out: arrays per (indicator, group). Group values of a
rate average to the nation by size, counts add up to it; provinces do so within their region.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator, Questionnaire, SurveyItem
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
from reporter.surveys.sampling import largest_remainder

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


# ----------------------------------------------------------------------------------------------------
# Answers to both surveys of the synthetic sample: 13 quarters, about 6,000 respondents each.
#
# Goes in: the questionnaires and a seed. Comes out: CSV text per survey and quarter. Every respondent has one mood,
# shared by all items, moved by the quarter, the group and the domain; so items correlate as answers do. Some cells
# are blank, some provinces answer little, and no comment was written by anybody. Plans and margins of the population
# are made up too, and say so.
# ----------------------------------------------------------------------------------------------------

SURVEY_QUARTERS = pd.period_range("2022Q3", "2025Q3", freq="Q")
RESPONDENTS = 6000
BLANK, BLANK_OPTIONAL = 0.012, 0.45
EMPLOYED = 0.58  # of the inhabitants, roughly

# Moods by quarter, in points of the 0-200 scale around each domain's level.
_MOOD = {
    "employer": [-5.0, -3.8, -2.5, -1.8, -0.5, 0.4, 1.6, 1.2, 2.2, 3.0, 2.4, 1.0, -0.6],
    "worker": [-8.5, -6.0, -3.0, -2.0, 0.5, 1.5, 2.8, 1.9, 2.4, 3.6, 2.2, -0.8, -3.4],
}
_LEVEL = {
    "employer": {"": 131, "1": 142, "2": 131, "3": 119, "4": 137, "5": 111, "6": 133},
    "worker": {"1": 121, "2": 119, "3": 111, "4": 117, "5": 104, "6": 102, "7": 82},
}
# How strongly a domain follows the quarter's mood.
_PULL = {"worker": {"5": 1.6, "6": 1.8, "7": 2.6}, "employer": {"5": 1.3, "3": 1.2}}
_STATUS = {"formal": 3.0, "informal": -4.5}
_SKILL = {"high": 6.0, "medium": 0.0, "low": -5.0}
_WORK = {"contract": 0.5, "part_time": -4.0, "full_time": 1.0}
_INDUSTRY = {"I": 2.0, "C": -3.0, "F": -2.5, "J": 5.0, "K": 5.5, "M": 4.0, "A": -3.5, "O": 2.5, "T": -4.0}
_REGION = {"bangkok": 1.5, "central": 0.0, "north": -0.5, "northeast": -2.0, "south": -1.0}
_ACTIONS = (0.085, 0.052, 0.115, 0.094, 0.148, 0.122, 0.041)
# Usefulness of each aspect; the higher, the earlier it is ranked.
_ASPECTS = (0.1, 1.75, 0.55, 0.0, 0.45, 0.25, 1.25)
_TRAITS = (0.46, 0.55, 0.33, 0.44, 0.38, 0.36, 0.42, 0.37, 0.48, 0.17, 0.35, 0.24, 0.22, 0.18)
_CUTS = np.array([25.0, 75.0, 125.0, 175.0])


@dataclass(frozen=True)
class SampleAnswers:
    """Who answered in one quarter: codes as numpy arrays of text, and each respondent's shift in points."""

    province: np.ndarray
    industry: np.ndarray
    status: np.ndarray
    skill: np.ndarray
    work_type: np.ndarray
    shift: np.ndarray

    def __len__(self) -> int:
        return len(self.shift)


def make_surveys(declarations: Declarations, random: np.random.Generator) -> dict[str, str]:
    """Text of every survey file by ``<survey>/<quarter>.csv``."""
    files = {}
    extra = random.spawn(1)[
        0
    ]  # a stream of its own: what it draws leaves the answers of the index as they are
    for survey, questionnaire in declarations.questionnaires.items():
        effects = _item_effects(questionnaire, random)
        for number, quarter in enumerate(SURVEY_QUARTERS):
            sample = _respondents(declarations, random)
            mood = _MOOD[survey][number] + random.normal(0.0, 0.35)
            columns = _columns(questionnaire, sample, mood, effects, declarations, random)
            columns = {"respondent_id": _ids(survey, quarter, len(sample)), **columns}
            columns |= _closed_questions(questionnaire, sample, mood, extra)
            files[f"{survey}/{iso(quarter)}.csv"] = _csv(columns)
    return files


def make_plans(declarations: Declarations) -> dict[str, str]:
    """Text of both sampling plans and margins by file name: quotas of the provinces by size, whatever came in later."""
    codes = [group.code.partition(":")[2] for group in declarations.groups_of("PROVINCE")]
    quotas = largest_remainder(RESPONDENTS, [Fraction(PROVINCE_SIZE[code]) for code in codes])
    people = [round(1000 * EMPLOYED * PROVINCE_SIZE[code]) for code in codes]
    lines = [
        "province,province_population,quota",
        *map(",".join, zip(codes, map(str, people), map(str, quotas), strict=True)),
    ]
    margins = "\n".join(_margins(sum(people))) + "\n"
    files = {}
    for survey in declarations.questionnaires:
        files[f"plan-{survey}.csv"] = "\n".join(lines) + "\n"
        files[f"margins-{survey}.csv"] = margins
    return files


def _margins(total: int) -> list[str]:
    """Made-up margins of the employed: statuses, and sexes by age. Women and the old answer less than they are many."""
    rows = ["margin,category,population,note"]
    note = "ข้อมูลสังเคราะห์ synthetic"
    for code, share in STATUS_SIZE.items():
        rows.append(f"status,{code},{round(total * share / 100)},{note}")
    for sex, share in (("male", 0.54), ("female", 0.46)):
        for age, weight in zip(AGE_SIZE, AGE_SIZE.values(), strict=True):
            rows.append(f"sex*age_group,{sex}*{age},{round(total * share * weight / 100)},{note}")
    return rows


def _closed_questions(
    questionnaire: Questionnaire, sample: SampleAnswers, mood: float, random: np.random.Generator
) -> dict[str, list[str]]:
    """Part 1, the questions outside the index, and for workers the establishment of those who have an employer."""
    size = len(sample)
    columns = {}
    for question in questionnaire.demographics:
        shares = np.array(ANSWERED[question.id], dtype=float)
        columns[question.id] = _drawn([option.id for option in question.options], shares, random.random(size))
    for question in questionnaire.questions:
        shares = np.resize(np.array([0.24, 0.55, 0.21]), len(question.options))
        shares[3:] = 0.06
        better = np.clip(
            0.5 - (sample.shift + 4 * mood) / 200, 0, 1
        )  # the contented draw from the better end
        drawn = np.clip(0.6 * random.random(size) + 0.4 * better, 0, 0.999)
        columns[question.id] = _drawn([option.id for option in question.options], shares, drawn)
    if questionnaire.id == "worker":
        place = random.integers(0, 40, size)
        names = np.char.add(np.char.add(sample.province, "-"), place.astype(str))
        columns["establishment_id"] = np.where(sample.status == "formal", names, "").tolist()
    return columns


def _drawn(codes: list[str], shares: np.ndarray, uniform: np.ndarray) -> list[str]:
    """Codes by their shares, a few left blank."""
    places_of = np.searchsorted(np.cumsum(shares / shares.sum()), uniform, side="right")
    found = np.array([*codes, ""], dtype=object)[np.minimum(places_of, len(codes) - 1)]
    found[uniform > 1 - BLANK] = ""
    return [str(code) for code in found]


def _ids(survey: str, quarter: pd.Period, size: int) -> list[str]:
    mark = f"{survey[0].upper()}{quarter.year % 100}{quarter.quarter}"
    return [f"{mark}-{number:05d}" for number in range(1, size + 1)]


def _respondents(declarations: Declarations, random: np.random.Generator) -> SampleAnswers:
    """Draw the quarter's respondents: provinces by size and willingness, the rest in plausible proportions."""
    provinces = [group.code.partition(":")[2] for group in declarations.groups_of("PROVINCE")]
    sizes = np.array([PROVINCE_SIZE[code] * FEW_ANSWERS.get(code, 1.0) for code in provinces])
    willing = sizes * random.lognormal(0.0, 0.12, len(sizes))
    size = int(random.normal(RESPONDENTS, 90))
    province = random.choice(provinces, size, p=willing / willing.sum())
    weights = np.array(list(INDUSTRY_SIZE.values()))
    industry = random.choice(list(INDUSTRY_SIZE), size, p=weights / weights.sum())
    is_formal = random.random(size) < np.where(np.isin(industry, ["A", "T", "S"]), 0.18, 0.62)
    status = np.where(is_formal, "formal", "informal")
    skill = np.where(
        is_formal,
        random.choice(["high", "medium", "low"], size, p=[0.22, 0.55, 0.23]),
        random.choice(["high", "medium", "low"], size, p=[0.05, 0.48, 0.47]),
    )
    work_type = np.where(
        is_formal,
        random.choice(["contract", "part_time", "full_time"], size, p=[0.19, 0.06, 0.75]),
        random.choice(["contract", "part_time", "full_time"], size, p=[0.24, 0.31, 0.45]),
    )
    regions = {
        group.code.partition(":")[2]: _REGION[group.region.partition(":")[2]]
        for group in declarations.groups_of("PROVINCE")
    }
    own = dict(zip(provinces, random.normal(0.0, 2.0, len(provinces)), strict=True))
    shift = (
        random.normal(0.0, 24.0, size)
        + _effect(province, {code: regions[code] + own[code] for code in provinces})
        + _effect(industry, _INDUSTRY)
        + _effect(status, _STATUS)
        + _effect(skill, _SKILL)
        + _effect(work_type, _WORK)
    )
    return SampleAnswers(province, industry, status, skill, work_type, shift)


def _effect(codes: np.ndarray, effects: dict[str, float]) -> np.ndarray:
    names, places_of = np.unique(codes, return_inverse=True)
    return np.array([effects.get(str(name), 0.0) for name in names])[places_of]


def _item_effects(questionnaire: Questionnaire, random: np.random.Generator) -> dict[str, float]:
    return {item.column: float(random.normal(0.0, 5.0)) for item in questionnaire.items}


def _columns(
    questionnaire: Questionnaire,
    sample: SampleAnswers,
    mood: float,
    effects: dict[str, float],
    declarations: Declarations,
    random: np.random.Generator,
) -> dict[str, list[str]]:
    columns = {
        "province": sample.province.tolist(),
        "industry": sample.industry.tolist(),
        "status": sample.status.tolist(),
        "skill": sample.skill.tolist(),
    }
    if questionnaire.id == "worker":
        columns["work_type"] = sample.work_type.tolist()
    domain_shift = {domain: random.normal(0.0, 13.0, len(sample)) for domain in _LEVEL[questionnaire.id]}
    for item in questionnaire.items:
        ratings = _ratings(questionnaire, item, sample, mood, effects, domain_shift, random)
        columns[item.column] = np.array(["", "1", "2", "3", "4", "5"])[ratings].tolist()
    if questionnaire.id == "employer":
        columns |= _traits(questionnaire, sample, random)
    else:
        columns |= _actions(questionnaire, sample, mood, random)
        columns |= _ranks(questionnaire, sample, random)
    columns["comment"] = comments(questionnaire.id, sample.shift + 4 * mood, random)
    return columns


def _ratings(
    questionnaire: Questionnaire,
    item: SurveyItem,
    sample: SampleAnswers,
    mood: float,
    effects: dict[str, float],
    domain_shift: dict[str, np.ndarray],
    random: np.random.Generator,
) -> np.ndarray:
    """Ratings 1..5 (0: blank): the latent score cut at the middles between the points."""
    survey = questionnaire.id
    level = _LEVEL[survey][item.domain] + effects[item.column]
    pull = _PULL[survey].get(item.domain, 1.0)
    latent = level + pull * mood + sample.shift + domain_shift[item.domain]
    latent = latent + random.normal(0.0, 30.0, len(sample))
    # A better score on a negative item means less agreement.
    ratings = np.searchsorted(_CUTS, 200 - latent if item.negative else latent) + 1
    blank = np.full(len(sample), BLANK)
    if "STATUS:informal" in item.optional_for:
        blank[sample.status == "informal"] = BLANK_OPTIONAL
    return np.where(random.random(len(sample)) < blank, 0, ratings)


def _traits(
    questionnaire: Questionnaire, sample: SampleAnswers, random: np.random.Generator
) -> dict[str, list[str]]:
    ids = [option.id for option in questionnaire.traits]
    shares = np.resize(np.array(_TRAITS), len(ids)) * random.lognormal(0.0, 0.03, len(ids))
    chosen = random.random((len(sample), len(ids))) < shares
    is_skilled = sample.skill == "high"
    digital = ids.index("digital")
    chosen[:, digital] |= is_skilled & (random.random(len(sample)) < 0.3)
    picks = [";".join(name for name, is_on in zip(ids, row, strict=True) if is_on) for row in chosen.tolist()]
    return {"traits": picks, "traits_other": other_traits(len(sample), random)}


def _actions(
    questionnaire: Questionnaire, sample: SampleAnswers, mood: float, random: np.random.Generator
) -> dict[str, list[str]]:
    columns = {}
    pressed = np.exp(-0.05 * mood - 0.008 * sample.shift)
    for action, share in zip(questionnaire.actions, _ACTIONS, strict=True):
        noise = random.lognormal(0.0, 0.05)
        answers = random.random(len(sample)) < np.minimum(share * pressed * noise, 0.9)
        columns[action.id] = np.where(answers, "1", "0").tolist()
    return columns


def _ranks(
    questionnaire: Questionnaire, sample: SampleAnswers, random: np.random.Generator
) -> dict[str, list[str]]:
    """Ranks 1..7 without ties, by noisy usefulness; a few respondents leave the question blank."""
    useful = np.array(_ASPECTS) + random.normal(0.0, 0.05, len(_ASPECTS))
    noisy = useful + random.gumbel(0.0, 0.75, (len(sample), len(_ASPECTS)))
    ranks = np.argsort(np.argsort(-noisy, axis=1), axis=1) + 1
    texts = ranks.astype(str).astype(object)
    texts[random.random(len(sample)) < 0.02] = ""
    return {aspect.id: texts[:, n].tolist() for n, aspect in enumerate(questionnaire.aspects)}


def _csv(columns: dict[str, list[str]]) -> str:
    lines = [",".join(columns)]
    lines += [",".join(row) for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


# ----------------------------------------------------------------------------------------------------
# Free text of the synthetic surveys: whole sentences from short lists, about no real person.
# ----------------------------------------------------------------------------------------------------

SHARE_WITH_COMMENT = 0.045
SHARE_WITH_OTHER = 0.03

_GOOD = {
    "employer": (
        "พนักงานมีความตั้งใจทำงานดี",
        "ลูกจ้างปรับตัวกับเครื่องจักรใหม่ได้เร็ว",
        "ทีมงานรับผิดชอบงานได้ครบถ้วน",
        "พอใจกับวินัยการมาทำงานของพนักงาน",
    ),
    "worker": (
        "หัวหน้างานรับฟังความเห็นดี",
        "พอใจกับสวัสดิการที่ได้รับ",
        "งานมั่นคงและเพื่อนร่วมงานดี",
        "อยากให้มีการอบรมแบบนี้ต่อไป",
    ),
}
_BAD = {
    "employer": (
        "ขาดแคลนแรงงานที่ใช้คอมพิวเตอร์ได้",
        "พนักงานใหม่ลาออกบ่อย",
        "ต้องการให้ภาครัฐช่วยอบรมทักษะดิจิทัล",
        "ต้นทุนค่าแรงสูงขึ้นแต่ผลผลิตเท่าเดิม",
        "หาช่างฝีมือยากมากในจังหวัด",
    ),
    "worker": (
        "ค่าจ้างไม่พอกับค่าครองชีพ",
        "กังวลว่าบริษัทจะลดคน",
        "อยากให้ปรับค่าแรงตามราคาสินค้า",
        "ทำงานล่วงเวลามากแต่รายได้เท่าเดิม",
        "อยากได้สวัสดิการรักษาพยาบาลเพิ่ม",
    ),
}
_OTHER_TRAITS = (
    "ขับรถโฟล์คลิฟต์ได้",
    "ทำงานเป็นกะได้",
    "มีใบขับขี่",
    "ทักษะการขายออนไลน์",
    "ความอดทน",
    "อ่านแบบก่อสร้างได้",
)


def comments(survey: str, mood: np.ndarray, random: np.random.Generator) -> list[str]:
    """One comment per respondent, mostly blank; contented ones praise more often."""
    size = len(mood)
    texts = [""] * size
    praises = random.random(size) < 1 / (1 + np.exp(-mood / 25))
    good, bad = random.integers(0, len(_GOOD[survey]), size), random.integers(0, len(_BAD[survey]), size)
    for place in np.flatnonzero(random.random(size) < SHARE_WITH_COMMENT):
        texts[place] = _GOOD[survey][good[place]] if praises[place] else _BAD[survey][bad[place]]
    return texts


def other_traits(size: int, random: np.random.Generator) -> list[str]:
    """What respondents added under "อื่น ๆ", mostly blank."""
    texts = [""] * size
    chosen = random.integers(0, len(_OTHER_TRAITS), size)
    for place in np.flatnonzero(random.random(size) < SHARE_WITH_OTHER):
        texts[place] = _OTHER_TRAITS[chosen[place]]
    return texts
