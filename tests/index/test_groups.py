"""Groups: shared choices, refusals, ranks, and independence of the number of workers."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from reporter.index import groups
from tests.index.conftest import QUARTER


@pytest.fixture(scope="module")
def observations(simulated) -> pd.DataFrame:
    """The nation and three groups: one like it, one without wages, one of a single indicator."""
    nation = simulated[0]
    without = nation[~nation["indicator"].str.startswith("average_")]
    single = nation[nation["indicator"] == "quit_rate"]
    parts = {"REGION:north": nation, "REGION:south": without, "REGION:central": single}
    return pd.concat([nation, *(rows.assign(group=code) for code, rows in parts.items())], ignore_index=True)


@pytest.fixture(scope="module")
def result(observations, declarations, tables):
    return groups.compute(observations, declarations, QUARTER, national=tables)


def test_missing_dimension_is_reweighted_and_marked(result):
    status = result["group_status"].set_index(["group", "dimension"])["status"]
    assert status["REGION:south", "wages"] == "reweighted"
    assert status["REGION:south", "unemployment"] == "used"


def test_weak_group_is_refused_with_a_reason(result):
    row = result["group_status"].query("group == 'REGION:central' and dimension == 'overall'").iloc[0]
    assert row["status"] == "refused"
    assert "1 ตัว" in row["note_th"]
    assert "REGION:central" not in set(result["labour_index"]["group"])


def test_national_rows_come_first_and_stay_as_they_were(result, tables):
    rows = len(tables["labour_index"])
    pd.testing.assert_frame_equal(result["labour_index"].head(rows), tables["labour_index"])


def test_group_contributions_sum_to_its_change(result):
    index = result["labour_index"].query("dimension == 'overall' and group == 'REGION:south'")
    values = index.set_index("period")["value"]
    table = result["group_contributions"].query("group == 'REGION:south' and against == 'year'")
    assert table["contribution"].sum() == pytest.approx(values["2025-Q3"] - values["2024-Q3"], abs=1e-9)


def test_ranks_of_overlapping_intervals_are_left_open(result):
    ranking = result["group_ranking"]
    assert sorted(ranking["rank"]) == [1, 2]
    for row in ranking.itertuples():
        assert row.low < row.value < row.high
        assert row.rank_low <= row.rank <= row.rank_high


def test_two_workers_give_the_same_bits(observations, declarations, tables, result, monkeypatch):
    monkeypatch.setattr(groups, "BATCH", 2)
    again = groups.compute(observations, declarations, QUARTER, national=tables, jobs=2)
    for name, table in result.items():
        pd.testing.assert_frame_equal(again[name], table, check_exact=True, obj=name)


def test_a_dimension_that_rests_on_a_fallback_says_why(observations, declarations, tables, monkeypatch):
    fit = groups.factor.fit

    def left(members, *others):
        return dataclasses.replace(fit(members, *others), method="pca", reason="ไม่ลู่เข้า")

    monkeypatch.setattr(groups.factor, "fit", left)
    north = observations[observations["group"].isin(["TH", "REGION:north"])]
    status = groups.compute(north, declarations, QUARTER, national=tables)["group_status"]
    notes = status[status["group"] == "REGION:north"].set_index("dimension")
    assert set(notes.loc[(notes["status"] == "used") & (notes.index != "overall"), "note_th"]) == {"ไม่ลู่เข้า"}
    assert set(notes.loc[notes["status"] == "reweighted", "note_th"]) <= set(groups.NOTES.values())
