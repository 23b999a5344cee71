"""Over random tables: what a chart draws is what the table holds, and parts add up to the change that the text tells."""

import pandas as pd
import pytest

from reporter import figures
from reporter.figures import chart_data
from reporter.figures.chart import all_charts
from tests.support.issue import example_context
from tests.support.random_tables import random_tables

pytestmark = pytest.mark.slow

CHARTS = {chart.id: chart for chart in all_charts()}
SEEDS = (22, 23, 25, 30, 32, 33, 36, 37, 41)
NOW, BEFORE, YEAR = "2025-Q3", "2025-Q2", "2024-Q3"


def level(tables: dict[str, pd.DataFrame], period: str) -> float:
    index = tables["labour_index"]
    return index[(index["dimension"] == "overall") & (index["group"] == "TH") & (index["period"] == period)][
        "value"
    ].item()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("against", "before"), [("quarter", BEFORE), ("year", YEAR)])
def test_contributions_of_dimensions_add_up_to_the_change(seed, against, before):
    tables, _ = random_tables(seed)
    drawn = chart_data(CHARTS[f"contributions_history-{against}"], tables, example_context())
    now = drawn[drawn["period"] == NOW]["contribution"].sum()
    assert now == pytest.approx(level(tables, NOW) - level(tables, before))


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_of_indicators_are_the_table(seed):
    tables, _ = random_tables(seed)
    drawn = chart_data(CHARTS["indicator_contributions"], tables, example_context())
    table = tables["indicator_contributions"]
    table = table[(table["period"] == NOW) & (table["indicator"] != "other_dimensions")]
    status = tables["indicator_status"].set_index("indicator")["quarter_status"]
    for against in ("quarter", "year"):
        now = table[table["against"] == against].set_index("indicator")["contribution"].dropna()
        own = (
            drawn[drawn["against"] == against]
            if len(drawn)
            else pd.DataFrame(columns=["indicator", "contribution"])
        )
        assert (own.set_index("indicator")["contribution"] == now[own["indicator"]]).all()
        for sign in (1, -1):
            most = (now * sign)[now * sign > 0].sort_values(ascending=False).head(3)
            assert set(most.index) <= set(own["indicator"]) or len(drawn) == 0
    if len(drawn):
        assert (
            drawn["is_estimated"].to_numpy() == (status[drawn["indicator"]] == "estimated").to_numpy()
        ).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_a_dimension_add_up_to_its_change(seed):
    tables, _ = random_tables(seed)
    parts = tables["indicator_contributions"]
    own = parts[parts["against"] == "quarter"].groupby("dimension")["contribution"].sum()
    whole = tables["contributions"]
    whole = whole[(whole["against"] == "quarter") & (whole["period"] == NOW)].set_index("dimension")[
        "contribution"
    ]
    pd.testing.assert_series_equal(own.sort_index(), whole[own.index].sort_index(), check_names=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_are_drawn_as_their_table_has_them(seed):
    tables, _ = random_tables(seed)
    drawn = chart_data(CHARTS["index_by_group-region"], tables, example_context())
    index = tables["labour_index"]
    own = index[(index["dimension"] == "overall") & (index["period"] == NOW)].set_index("group")["value"]
    now = drawn[drawn["period"] == NOW] if "period" in drawn else drawn
    assert (now["value"].to_numpy() == own[now["group"]].to_numpy()).all()


def test_an_indicator_drawn_under_a_macro_variables_fact_has_its_number():
    quarterly = pd.DataFrame(
        [("gdp_growth", "2025-Q2", 2.9), ("gdp_growth", "2025-Q3", 1.2), ("mpi", "2025-Q3", 99.2)],
        columns=["indicator", "period", "value"],
    )
    macro = pd.DataFrame(
        [("real_gdp_growth", "2025-Q2", 2.66)], columns=["variable", "period", "value"]
    )  # the variable ends a quarter before
    declared = example_context().declarations
    told = figures.one_number(quarterly, macro, declared).set_index(["indicator", "period"])["value"]
    assert told["gdp_growth", "2025-Q2"] == 2.66
    assert told["gdp_growth", "2025-Q3"] == 1.2 and told["mpi", "2025-Q3"] == 99.2
    assert figures.one_number(quarterly, pd.DataFrame(), declared).equals(quarterly)
