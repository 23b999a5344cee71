"""Series files of the synthetic sample: what each source would have published, and when.

Goes in: the nation and its groups. Comes out: CSV text per dimension (``series/<dimension>.csv``) and ``macro.csv``.
From 2023 on every value carries the day it became known; growth and production are revised once; some of the newest
values are not there yet, and a few older ones never came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache

import numpy as np

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.periods import iso
from reporter.index.holidays import working_day_regressors
from reporter.sample.groups import Values, group_values
from reporter.sample.history import MONTHS, QUARTERS, autoregression, quarterly
from reporter.sample.national import Nation, make_nation

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
