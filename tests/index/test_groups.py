"""Groups: shared choices, refusals, ranks, and independence of the number of workers."""

from __future__ import annotations

import gc
import weakref
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from reporter.index import groups, seasonal
from reporter.index.panel import by_group
from reporter.index.seasonal import FALLBACK_NOTES
from reporter.runtime import program
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor
from tests.index.conftest import QUARTER

pytestmark = pytest.mark.slow


def factors_like(dimensions: int, weight: float):
    """A stand-in for a group's factors with so many dimensions and forty quarters, and the weight they carry."""
    shown = pd.DataFrame(True, range(40), ["a"])
    return SimpleNamespace(members=dict.fromkeys(range(dimensions), 1), shown=shown), weight


@pytest.fixture(scope="module")
def observations(simulated) -> pd.DataFrame:
    """The nation and three groups: one like it, one without wages, one of a single indicator."""
    nation = simulated[0]
    without = nation[~nation["indicator"].str.startswith("average_")]
    single = nation[nation["indicator"] == "quit_rate"]
    parts = {"REGION:north": nation, "REGION:south": without, "REGION:central": single}
    return pd.concat([nation, *(rows.assign(group=code) for code, rows in parts.items())], ignore_index=True)


@pytest.fixture(scope="module", autouse=True)
def _small():
    """The nation of these tests has four dimensions: two make a composite here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "FEWEST_DIMENSIONS", 2)
        yield


@pytest.fixture(scope="module")
def result(observations, declarations, tables):
    return groups.compute(observations, declarations, QUARTER, national=tables)


def test_missing_dimension_is_reweighted_and_marked(result):
    status = result["group_status"].set_index(["group", "dimension"])["status"]
    assert status["REGION:south", "wages"] == "reweighted"
    assert status["REGION:south", "unemployment"] == "used"


def test_weak_group_has_its_sub_index_and_a_reason_but_no_composite(result):
    row = result["group_status"].query("group == 'REGION:central' and dimension == 'overall'").iloc[0]
    assert row["status"] == "refused"
    assert "1 มิติ" in row["note_th"]
    own = result["labour_index"].query("group == 'REGION:central'")
    assert set(own["dimension"]) == {"unemployment"}
    assert not set(result["group_ranking"]["group"]) & {"REGION:central"}


def test_six_dimensions_and_sixty_percent_make_a_composite(monkeypatch):
    monkeypatch.setattr(groups, "FEWEST_DIMENSIONS", 6)
    assert groups._refusal(*factors_like(6, 0.7)) == ""
    assert "5 มิติ" in groups._refusal(*factors_like(5, 0.9))
    assert "ร้อยละ 59" in groups._refusal(*factors_like(7, 0.59))


def test_national_rows_come_first_and_stay_as_they_were(result, tables):
    rows = len(tables["labour_index"])
    pd.testing.assert_frame_equal(result["labour_index"].head(rows), tables["labour_index"])


def test_group_contributions_sum_to_its_change(result):
    index = result["labour_index"].query("dimension == 'overall' and group == 'REGION:south'")
    values = index.set_index("period")["value"]
    table = result["group_contributions"].query("group == 'REGION:south' and against == 'year'")
    assert table["contribution"].sum() == pytest.approx(values["2025-Q3"] - values["2024-Q3"], abs=1e-9)


def test_two_groups_are_not_ranked(result):
    """Levels are standardised across groups; two have no distribution."""
    assert result["group_levels"].empty
    assert result["group_ranking"]["rank"].isna().all()


def test_ranks_come_from_levels_and_stay_open_between_close_ones():
    ranks = groups.ranked(np.array([110.0, 100.0, 99.5, 80.0]), np.array([1.0, 1.0, 1.0, 1.0]))
    assert ranks == [(1, 1, 1), (2, 2, 3), (3, 2, 3), (4, 4, 4)]


def test_intervals_of_ranks_hold_the_true_ranks_with_95_per_cent():
    """Twenty groups, errors a third of the spread between groups: the intervals are neither too narrow nor too wide."""
    rng = np.random.default_rng(5)
    held, width = [], []
    for _ in range(150):
        true, error = rng.normal(100, 10, 20), rng.uniform(2, 5, 20)
        found = np.array(groups.ranked(true + error * rng.standard_normal(20), error))
        rank = 1 + (true[None, :] > true[:, None]).sum(axis=1)
        held.append(((found[:, 1] <= rank) & (rank <= found[:, 2])).mean())
        width.append((found[:, 2] - found[:, 1]).mean())
    assert 0.94 < np.mean(held) < 0.97
    assert np.mean(width) < 7


def test_ranks_of_groups_that_hardly_differ_stay_open():
    rng = np.random.default_rng(6)
    found = np.array(groups.ranked(100 + rng.standard_normal(20), np.full(20, 3.0)))
    assert (found[:, 2] - found[:, 1]).min() >= 16
    assert (found[:, 1] <= found[:, 0]).all() and (found[:, 0] <= found[:, 2]).all()


def test_the_group_with_the_lowest_unemployment_ranks_first(declarations):
    index = pd.period_range("2015Q1", QUARTER, freq="Q-DEC")
    rng = np.random.default_rng(1)
    names = ["unemployment_rate", "underemployment_rate", "youth_unemployment_rate"]
    levels = [
        groups.GroupLevels(
            f"G{k}",
            {name: pd.Series(2 + 0.5 * k + 0.1 * rng.standard_normal(len(index)), index) for name in names},
        )
        for k in range(5)
    ]
    weights = pd.Series({"unemployment": 0.7, "vulnerable": 0.3})
    found = groups.table(levels, "REGION", declarations, weights, QUARTER)
    assert found.sort_values("rank")["group"].tolist() == ["G0", "G1", "G2", "G3", "G4"]
    assert found["level"].mean() == pytest.approx(100)
    assert (found["rank_low"] <= found["rank"]).all() and (found["rank"] <= found["rank_high"]).all()


def test_two_workers_give_the_same_bits(observations, declarations, tables, result, monkeypatch):
    monkeypatch.setattr(groups, "BATCH", 2)
    monkeypatch.setattr(program, "FEWEST_TASKS", 1)
    with Executor(2) as workers:
        again = groups.compute(observations, declarations, QUARTER, national=tables, executor=workers)
    for name, table in result.items():
        pd.testing.assert_frame_equal(again[name], table, check_exact=True, obj=name)


def test_a_series_that_x13_cannot_adjust_is_named_with_what_was_done_instead(
    observations, declarations, tables, monkeypatch
):
    """X-13 is made to stop at one indicator; the group's others are adjusted as ever."""
    north = observations[observations["group"] == "REGION:north"].reset_index(drop=True)
    models = tables["seasonal_models"]
    broken = models.loc[models["seasonal"], "indicator"].iloc[0]
    values = by_group(north, declarations, QUARTER)["REGION:north"][broken].values
    run, adjust = groups.seasonal.run, groups.seasonal.adjust

    def stopping(specs):
        stopped = seasonal.Output(None, error="stopped")
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


def test_an_error_from_a_short_persistent_history_is_widened():
    rng = np.random.default_rng(5)
    path = rng.standard_normal((10, 20, 60))
    for t in range(1, 60):
        path[:, :, t] = 0.95 * path[:, :, t - 1] + 0.31 * path[:, :, t]
    centred = [own - own.mean(axis=2, keepdims=True) for own in (path, rng.standard_normal((10, 20, 60)))]
    persistent, white = (groups._short_history(own) for own in centred)
    assert 1.0 < white < 1.15 < persistent <= 2.0
    assert groups._short_history(np.full((2, 3, 20), np.nan)) == 1.0
