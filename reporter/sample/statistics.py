"""Raw counts of the synthetic sample behind the 91 statistical indicators (data/annex): labour force, insured, inspections ...

Goes in: the national series that the sample has already (participation, unemployment, hours). Comes out: the text of
``series/annex.csv``, quarters from 2021 up to the one before the newest: the index computes a rate from counts where the rate itself
is missing, and the sample's gaps and its ragged edge must stay. Counts hang together: parts add up to their whole, employed and unemployed to the labour
force, and the rates that follow from them are those of the index's own indicators where both exist. The wiggle of each series
comes from its name, not from the sample's random numbers, so that no other number of the sample changes with it. Levels are of
the size of Thailand's; none is an official figure.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.measures import annex_inputs, load_annex
from reporter.sample.national import MONTHS

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
    whole = _whole({series: _quarters(values, series) for series, values in national.items()})
    parts = _parts(whole)
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
    return "".join(lines)


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
    waiting = np.round(force * np.resize([0.009, 0.005, 0.002, 0.003], len(PERIODS)))
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


def _parts(whole: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
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
