"""Identities of the national tables, and what a workspace of any shape must survive."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain.edition import Settings
from reporter.domain.errors import CoverageError
from reporter.index import national, realtime
from tests.index.conftest import QUARTER
from tests.support.simulation import Recipe, simulate

pytestmark = pytest.mark.slow


def _wide(table: pd.DataFrame) -> pd.DataFrame:
    return table.pivot(index="period", columns="dimension", values="value")


def test_scale_is_100_and_10_over_the_base_period(simulated, declarations):
    """Exactly so on the data the model was learnt on; later data move the past a little by smoothing."""
    quarter = pd.Period("2024Q4", freq="Q-DEC")
    tables = national.compute(
        simulated[0], declarations, quarter, settings=Settings(base_start="2013-Q1", base_end="2024-Q4")
    )
    parameters = tables["index_parameters"].set_index("key")["value"]
    base = _wide(tables["labour_index"]).loc[parameters["base_start"] : parameters["base_end"]]
    assert base.mean().to_numpy() == pytest.approx(100, abs=1e-6)
    assert base.std(ddof=0).to_numpy() == pytest.approx(10, abs=1e-6)


def test_weights_sum_to_one_and_none_is_negative(tables):
    weights = tables["weights"]["weight"]
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights >= 0).all()


@pytest.mark.parametrize(("against", "lag"), [("quarter", 1), ("year", 4)])
def test_contributions_sum_to_the_change_of_the_composite(tables, against, lag):
    overall = _wide(tables["labour_index"])["overall"]
    table = tables["contributions"].query("against == @against")
    sums = table.groupby("period")["contribution"].sum()
    changes = (overall - overall.shift(lag)).reindex(sums.index)
    assert np.abs(sums - changes).max() < 1e-9


def test_indicator_contributions_sum_to_the_change_of_the_sub_index(tables):
    wide = _wide(tables["labour_index"])
    table = tables["indicator_contributions"].query("against == 'quarter'")
    sums = table.groupby(["dimension", "period"])["sub_index"].sum()
    for dimension, values in sums.groupby(level=0):
        changes = wide[dimension].diff().reindex(values.index.get_level_values("period"))
        assert np.abs(values.to_numpy() - changes.to_numpy()).max() < 1e-9


def test_indicator_contributions_sum_to_those_of_their_dimension(tables):
    key = ["period", "against", "dimension"]
    sums = tables["indicator_contributions"].groupby(key)["contribution"].sum()
    whole = tables["contributions"].set_index(key)["contribution"]
    assert len(whole) > 300
    assert np.abs(sums.reindex(whole.index) - whole).max() < 1e-9


def test_bands_hold_their_values_and_every_value_has_a_state(tables):
    index = tables["labour_index"]
    chain = index[["low95", "low80", "value", "high80", "high95"]].to_numpy()
    assert (np.diff(chain, axis=1) > 0).all()
    assert set(index["status"]) <= {"final", "provisional", "nowcast"}
    assert (index.query("period == '2020-Q1'")["status"] == "final").all()


def test_changes_are_clear_exactly_when_their_band_excludes_zero(tables):
    changes = tables["index_changes"]
    wide = _wide(tables["labour_index"])
    newest = changes.query("period == '2025-Q3' and against == 'year'").set_index("dimension")["change"]
    assert np.abs(newest - (wide.loc["2025-Q3"] - wide.loc["2024-Q3"])).max() < 1e-9
    assert (changes["clear"] == ((changes["low"] > 0) | (changes["high"] < 0))).all()
    assert 0 < changes["clear"].mean() < 1


def test_every_declared_indicator_has_a_status(tables, declarations):
    assert list(tables["indicator_status"]["indicator"]) == list(declarations.indicators)


def test_same_input_gives_the_same_bits(simulated, earlier, declarations, tables):
    shuffled = simulated[0].sample(frac=1, random_state=1)
    again = national.compute(shuffled, declarations, QUARTER, settings=Settings(), previous=earlier)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(again[name], table, check_exact=True, obj=name)


def test_data_after_the_issue_quarter_are_not_looked_at(simulated, declarations):
    observations = simulated[0]
    quarter = pd.Period("2021Q2", freq="Q-DEC")
    dates = pd.Series([pd.Period(text.replace("-Q", "Q")).end_time for text in observations["period"]])
    past = observations[(dates <= quarter.end_time).to_numpy()]
    whole = national.compute(observations, declarations, quarter, settings=Settings())["labour_index"]
    pd.testing.assert_frame_equal(
        whole, national.compute(past, declarations, quarter, settings=Settings())["labour_index"]
    )
    assert whole["period"].max() == "2021-Q2"


def test_one_indicator_makes_an_index(declarations):
    observations, _ = simulate(declarations, seed=3, recipe=Recipe(start="2015-01"))
    alone = observations[observations["indicator"] == "quit_rate"]
    tables = national.compute(alone, declarations, QUARTER, settings=Settings())
    assert tables["weights"].to_dict("list") == {"dimension": ["unemployment"], "weight": [1.0]}
    assert (tables["indicator_status"]["status"] == "missing").sum() == 37


def test_newest_quarter_exists_with_one_month_of_one_member(simulated, declarations):
    observations = simulated[0]
    in_quarter = observations["period"].isin(["2025-07", "2025-08", "2025-09", "2025-Q3"])
    one = (observations["indicator"] == "vacancies") & (observations["period"] == "2025-07")
    assert one.any()
    rows = observations[(~in_quarter | one) & observations["indicator"].isin(["vacancies", "placements"])]
    tables = national.compute(rows, declarations, QUARTER, settings=Settings())
    newest = tables["labour_index"].query("period == '2025-Q3'")["dimension"].tolist()
    assert newest == ["overall", "job_opportunity"]
    assert set(tables["labour_index"].query("period == '2025-Q3'")["status"]) == {"provisional"}


def test_no_usable_indicator_is_told_in_two_languages(simulated, declarations):
    few = simulated[0].groupby("indicator").head(3)
    with pytest.raises(CoverageError, match="12 quarters"):
        national.compute(few, declarations, QUARTER, settings=Settings())


def test_news_is_what_new_data_did_and_nothing_else(tables, simulated, declarations):
    news = tables["news"]
    assert "news" in set(news["kind"]) <= {"news", *realtime.KINDS.values()}
    assert news.query("kind == 'news' and period == '2025-Q3'")["impact"].abs().sum() > 0
    wages = simulated[0][simulated[0]["indicator"].str.startswith("average_")]
    same = national.compute(wages, declarations, QUARTER, settings=Settings(), previous=wages)["news"]
    assert same.empty


def test_new_quarter_of_the_year_moves_history_only_through_smoothing(
    simulated, earlier, declarations, tables
):
    before = national.compute(earlier, declarations, QUARTER - 1, settings=Settings())
    assert np.allclose(before["weights"]["weight"], tables["weights"]["weight"], atol=0.02)
    assert before["seasonal_models"].equals(tables["seasonal_models"])
    moved = (_wide(tables["labour_index"]) - _wide(before["labour_index"])).abs()
    assert moved["overall"].max() < 3
    assert moved["overall"].loc[:"2023-Q4"].max() < 0.8


def test_sub_indices_follow_the_true_cycles(tables, simulated):
    truth = simulated[1]
    wide = _wide(tables["labour_index"]).reindex([f"{q.year}-Q{q.quarter}" for q in truth.index])
    agreement = [np.corrcoef(wide[name].iloc[1:-1], truth[name].iloc[1:-1])[0, 1] for name in truth]
    assert np.mean(agreement) > 0.8
