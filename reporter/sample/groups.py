"""Group series of the synthetic sample, consistent in level with the nation.

Goes in: the national parts and the sizes of ``places``. Comes out: arrays per (indicator, group). Group values of a
rate average to the nation by size, counts add up to it; provinces do so within their region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reporter.domain.declarations import Declarations
from reporter.sample import places
from reporter.sample.history import autoregression
from reporter.sample.national import Nation, Parts

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
class Group:
    """One group: its size, how it differs in level, cycle and season."""

    code: str
    size: float
    level: float
    exposure: float
    seasonality: float


def spread(
    series: str, parts: Parts, nation: np.ndarray, groups: list[Group], random: np.random.Generator
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
        Group(
            f"STATUS:{status}",
            size,
            levels.get(status, 1.0),
            places.EXPOSED_STATUS[status],
            places.SEASON_STATUS[status],
        )
        for status, size in places.STATUS_SIZE.items()
    ]
    return spread(series, parts, whole, groups, random)


def _industries(series: str) -> list[Group]:
    insured = series in FORMAL | INSURED_ONLY
    levels = places.WAGE_INDUSTRY if series in WAGES else places.FORMAL_INDUSTRY if series in FORMAL else {}
    return [
        Group(
            f"INDUSTRY:{code}",
            size,
            levels.get(code, 1.0),
            places.EXPOSED_INDUSTRY.get(code, 1.0),
            places.SEASON_INDUSTRY.get(code, 0.8),
        )
        for code, size in places.INDUSTRY_SIZE.items()
        if not (insured and code in places.NOT_INSURED)
    ]


def _regions(series: str, declarations: Declarations) -> list[Group]:
    levels = places.WAGE_REGION if series in WAGES else places.FORMAL_REGION if series in FORMAL else {}
    groups = []
    for region in declarations.groups_of("REGION"):
        name = region.code.partition(":")[2]
        sizes = {
            group.code: places.PROVINCE_SIZE[group.code.partition(":")[2]]
            for group in declarations.groups_of("PROVINCE")
            if group.region == region.code
        }
        exposed = {code: places.EXPOSED_PROVINCE.get(code.partition(":")[2], 0.9) for code in sizes}
        total = sum(sizes.values())
        exposure = sum(size * exposed[code] for code, size in sizes.items()) / total
        groups.append(
            Group(region.code, total / 650, levels.get(name, 1.0), exposure, places.SEASON_REGION[name])
        )
    return groups


def _provinces(region: str, declarations: Declarations) -> list[Group]:
    season = places.SEASON_REGION[region.partition(":")[2]]
    return [
        Group(
            group.code,
            places.PROVINCE_SIZE[group.code.partition(":")[2]] / 650,
            1.0,
            places.EXPOSED_PROVINCE.get(group.code.partition(":")[2], 0.9),
            season,
        )
        for group in declarations.groups_of("PROVINCE")
        if group.region == region
    ]
