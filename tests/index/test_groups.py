"""Groups: shared choices, refusals, ranks, and independence of the number of workers."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from functools import partial

import pandas as pd
import pytest

from reporter.index import groups, x13
from reporter.index.group_tables import NOTES
from reporter.index.panel import by_group
from reporter.index.seasonal import FALLBACK_NOTES
from reporter.runtime import executor
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor
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
    monkeypatch.setattr(executor, "FEWEST_TASKS", 1)
    with Executor(2) as workers:
        again = groups.compute(observations, declarations, QUARTER, national=tables, executor=workers)
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
    assert set(notes.loc[notes["status"] == "reweighted", "note_th"]) <= set(NOTES.values())


def test_a_series_that_x13_cannot_adjust_is_named_with_what_was_done_instead(
    observations, declarations, tables, monkeypatch
):
    """X-13 is made to stop at one indicator; the group's others are adjusted as ever."""
    north = observations[observations["group"] == "REGION:north"].reset_index(drop=True)
    models = tables["seasonal_models"]
    broken = models.loc[models["seasonal"], "indicator"].iloc[0]
    values = by_group(north, declarations, QUARTER)["REGION:north"][broken].values
    run, adjust = groups.seasonal.x13.run, groups.seasonal.adjust

    def stopping(specs):
        stopped = x13.Output(None, error="stopped")
        outputs = zip(specs, run(specs), strict=True)
        return [stopped if spec.values.equals(values) else output for spec, output in outputs]

    whole = groups.compute(north, declarations, QUARTER, national=tables)["group_status"]
    monkeypatch.setattr(groups.seasonal, "adjust", partial(adjust, run=stopping))
    status = groups.compute(north, declarations, QUARTER, national=tables)["group_status"]
    assert set(whole["seasonal_fallback"]) == {""}
    (row,) = status[status["seasonal_fallback"] != ""].itertuples()
    indicator = declarations.indicators[broken]
    assert (row.dimension, row.status, row.seasonal_fallback) == (indicator.dimension, "used", broken)
    assert row.note_th == f"{indicator.name.th}: {FALLBACK_NOTES['stl']}"


def test_an_entry_that_goes_away_during_the_build_is_computed_again(
    observations, declarations, tables, result, tmp_path, monkeypatch
):
    """The cache may be deleted at any moment, so also between looking for an entry and reading it."""
    kept = StageCache(tmp_path)
    groups.compute(observations, declarations, QUARTER, national=tables, cache=kept)
    for path in tmp_path.glob("groups-*"):
        path.unlink()
    left = []

    class Leaving(StageCache):
        def stored(self, stage, key):
            left.extend([key] if stage == "group" and self.has(stage, key) else [])

    again = groups.compute(observations, declarations, QUARTER, national=tables, cache=Leaving(tmp_path))
    assert len(left) == len(set(left)) == len(again["group_status"]["group"].unique())
    for name, table in result.items():
        pd.testing.assert_frame_equal(again[name], table, check_exact=True, obj=name)


def test_of_finished_groups_no_result_is_held(observations, declarations, tables, monkeypatch):
    """The driver's memory is that of the tables: when a group's turn comes, the results before it are gone."""
    index_of, made, alive = groups.index_of, [], []

    def noting(*arguments):
        gc.collect()
        alive.append(sum(seen() is not None for seen in made))
        result = index_of(*arguments)
        made.append(weakref.ref(result))
        return result

    monkeypatch.setattr(groups, "index_of", noting)
    groups.compute(observations, declarations, QUARTER, national=tables)
    assert len(alive) == 3 and max(alive) <= 1
