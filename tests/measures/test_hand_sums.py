"""Each of the 91 indicators against a sum by hand: numerator, denominator, factor and unit as hand_sums.csv lists them.

The list was read against the study's table 3-1 (lines 7126-9200). Every input gets a value of its own, so that no other series can
stand in for it unnoticed. Besides: the sample fills all of them, and a delivered rate stands where counts are missing.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter import measures
from reporter.domain import schema
from reporter.inputs import declared
from reporter.measures.annex import formula_words, meaning_words
from reporter.sample.national import (
    _WEIGHTS,
    LAST,
    PERIODS,
    make_statistics,
)

pytestmark = pytest.mark.slow

_LIST = Path(__file__).with_name("hand_sums.csv").read_text(encoding="utf-8")
SUMS = list(csv.DictReader(io.StringIO(_LIST)))
ANNEX = measures.load_annex()
MEASURES = {measure.id: measure for indicator in ANNEX.indicators for measure in indicator.measure}
VALUES = {series: 1000.0 + 17 * number for number, series in enumerate(sorted(ANNEX.series()))}
BEFORE = {series: value * (1 + 0.001 * (len(series) % 7)) for series, value in VALUES.items()}
PAIRS = {"quarterly": ("2024-Q1", "2024-Q2"), "yearly": ("2023", "2024")}
GROUPS = {"": "TH", "REGION": "REGION:north", "INDUSTRY": "INDUSTRY:C"}


def summed(terms: str, values: dict[str, float]) -> float:
    """``a - b - c`` or ``a + b``; a number stands for itself."""
    total, sign = 0.0, 1.0
    for term in terms.split():
        if term in "+-":
            sign = 1.0 if term == "+" else -1.0
        else:
            total += sign * (values[term] if term in values else float(term))
    return total


def level(row: dict[str, str], values: dict[str, float]) -> float:
    return summed(row["numerator"], values) / summed(row["denominator"], values) * float(row["factor"])


def observed(group: str, by_period: dict[str, dict[str, float]], frequency: str) -> pd.DataFrame:
    rows = [
        (series, group, period, frequency, value)
        for period, values in by_period.items()
        for series, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["indicator", "group", "period", "frequency", "value"])


def test_the_list_has_every_measure_once():
    assert [row["measure"] for row in SUMS] == list(MEASURES)


@pytest.fixture(scope="module")
def table():
    """Every measure of two quarters and two years, for the country, a region and an industry."""
    data = [
        observed(group, {first: BEFORE, second: VALUES}, frequency[0].upper())
        for frequency, (first, second) in PAIRS.items()
        for group in GROUPS.values()
    ]
    return measures.compute_annex(pd.concat(data), ANNEX)


@pytest.mark.parametrize("row", SUMS, ids=[row["measure"] for row in SUMS])
def test_the_formula_equals_the_sum_by_hand(table, row):
    measure = MEASURES[row["measure"]]
    own = table[(table["measure"] == measure.id) & (table["part"] == row["part"])]
    now, then = level(row, VALUES), level(row, BEFORE)
    for frequency in measure.frequencies:
        (found,) = own[own["period"] == PAIRS[frequency][1]].itertuples(index=False)
        assert found.value == pytest.approx((now - then) / then * 100 if row["is_change"] else now, rel=1e-12)
        assert found.unit == ANNEX.units[row["unit"]].th
        assert found.group == GROUPS[measure.group]


@pytest.fixture(scope="module")
def sample():
    """The sample's annex from counts that do not come from the whole generator."""
    size = len(PERIODS) + 1
    national = {
        "participation_rate": 68.0, "unemployment_rate": 1.0, "hours_worked": 42.0, "vacancies": 100_000.0,
        "hourly_wage": 96.0, "hourly_wage_male": 97.0, "hourly_wage_female": 95.0,
    }  # fmt: skip
    declarations = declared.load(None)
    industries = [group.code for group in declarations.groups_of("INDUSTRY")]
    text = make_statistics(
        {name: np.full(size, value) for name, value in national.items()}, declarations, industries
    )
    counts = pd.read_csv(io.StringIO(text)).assign(frequency="Q")
    groups = [
        "TH",
        *(group.code for kind in ("REGION", "INDUSTRY") for group in declarations.groups_of(kind)),
    ]
    quarters = [f"{period.year}-Q{period.quarter}" for period in PERIODS]
    own = [
        (series, group, quarter, 100.0 + number, "Q")
        for series in ("vacancies", "placements", "hourly_wage_male", "hourly_wage_female")
        for group in groups
        for number, quarter in enumerate(quarters)
    ]
    return pd.concat(
        [counts, pd.DataFrame(own, columns=["indicator", "group", "period", "value", "frequency"])]
    )


def test_the_sample_fills_every_measure(sample):
    table = measures.compute_annex(sample, ANNEX, LAST)
    schema.check("annex", table)
    assert set(table["measure"]) == set(MEASURES)
    newest = table[table["period"].isin(["2025-Q2", "2024"])]
    assert set(newest["measure"]) == set(MEASURES)


def test_the_samples_parts_add_up_and_its_rates_are_plausible(sample):
    newest = sample[(sample["group"] == "TH") & (sample["period"] == "2025-Q2")].set_index("indicator")[
        "value"
    ]
    for series, breakdown in _WEIGHTS:
        parts = [f"{series}_{part.id}" for part in ANNEX.breakdowns[breakdown].parts]
        assert newest[parts].sum() == pytest.approx(newest[series], abs=0.5), (series, breakdown)
    assert newest["employed"] + newest["unemployed"] <= newest["labour_force"]
    table = measures.compute_annex(sample, ANNEX, LAST)
    shares = table[
        (table["unit"] == "ร้อยละ") & ~table["measure"].isin([m.id for m in MEASURES.values() if m.change])
    ]
    assert shares["value"].between(0, 100).all(), shares[~shares["value"].between(0, 100)]


def test_a_delivered_rate_stands_where_counts_are_missing_and_counts_go_first():
    data = observed("TH", {"2024-Q1": {"unemployment_rate": 1.3}, "2024-Q2": {"unemployment_rate": 1.5}}, "Q")
    counts = observed("TH", {"2024-Q2": {"unemployed": 40.0, "labour_force": 4000.0}}, "Q")
    table = measures.compute_annex(pd.concat([data, counts]), ANNEX)
    found = table[table["measure"] == "kilm_9_1"].set_index("period")["value"]
    assert found.to_dict() == {"2024-Q1": 1.3, "2024-Q2": 1.0}


def test_a_rate_has_the_unit_of_its_measure():
    declarations = declared.load(None)
    for measure in MEASURES.values():
        if measure.rate:
            assert declarations.indicators[measure.rate].unit == measure.unit, measure.id
            assert not measure.change and not measure.by and not measure.group


def test_every_measure_says_its_meaning_and_formula_in_thai_without_an_id():
    for indicator in ANNEX.indicators:
        for measure in indicator.measure:
            for words in (formula_words(ANNEX, measure), meaning_words(ANNEX, indicator, measure)):
                assert words and not any(mark in words for mark in ("_", "*", "/")), words
