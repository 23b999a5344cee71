"""Contributions to the composite's change: by hand, and summing to it also where a dimension is missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.index.composite import Base, combine
from reporter.index.contributions import changes, of_dimensions, of_indicators

INDEX = pd.period_range("2015Q1", periods=24, freq="Q-DEC")


def test_changes_are_differences_to_the_quarter_and_the_year_before():
    parts = pd.DataFrame({"b": [0.0, 1, 3, 6, 10, 15], "a": [0.0, 0, 0, 0, 0, 2]}, INDEX[:6])
    assert list(changes(parts).columns) == ["period", "against", "column", "contribution"]
    found = changes(parts).set_index(["against", "period", "column"])["contribution"]
    assert found["quarter", INDEX[5], "b"] == 5 and found["quarter", INDEX[5], "a"] == 2
    assert found["year", INDEX[5], "b"] == 14 and found["year", INDEX[4], "b"] == 10
    assert len(found) == 2 * 5 + 2 * 2  # no change where there is no earlier quarter


def test_contributions_sum_to_the_change_and_stand_in_declared_order():
    frame = pd.DataFrame(np.random.default_rng(3).normal(size=(24, 3)), INDEX, ["c", "a", "b"])
    frame.iloc[10, 2] = np.nan
    made = combine(frame, Base(INDEX[0], INDEX[-1]), pd.Series([0.5, 0.3, 0.2], frame.columns))
    table = of_dimensions(made)
    level = made.value.set_axis([f"{quarter.year}-Q{quarter.quarter}" for quarter in INDEX])
    for against, lag in (("quarter", 1), ("year", 4)):
        sums = table[table["against"] == against].groupby("period")["contribution"].sum()
        assert len(sums) == 24 - lag
        np.testing.assert_allclose(sums, level.diff(lag).dropna(), atol=1e-10)
    first = table[(table["against"] == "year") & (table["period"] == "2016-Q1")]
    assert first["dimension"].tolist() == ["c", "a", "b"]
    assert table["against"].is_monotonic_increasing
    by_hand = made.slope * 0.5 * (made.sub_indices["c"].iloc[4] - made.sub_indices["c"].iloc[0])
    assert abs(first["contribution"].iloc[0] - by_hand) < 1e-10


def test_shares_of_indicators_are_points_of_their_sub_index_in_declared_order():
    shares = pd.DataFrame({"b": [1.0, 1, -1, -1, 3], "a": [0.0, 2, 0, -2, 9]}, INDEX[:5])
    value = pd.Series([2.0, -2.0, 2.0, -2.0, np.nan], INDEX[:5])  # mean 0, deviation 2: 5 points each
    fit = SimpleNamespace(value=value, shares=shares, members=("b", "a"))
    made = combine(
        pd.DataFrame({"d": value, "e": -value}), Base(INDEX[0], INDEX[3]), pd.Series({"d": 1, "e": 1})
    )
    table = of_indicators(made, {"d": fit, "e": fit})
    assert list(table.columns) == schema.columns("indicator_contributions")
    first = table[table["dimension"] == "d"]
    assert first.drop(columns="dimension").values.tolist() == [
        ["2015-Q2", "quarter", "b", 0.0],
        ["2015-Q2", "quarter", "a", 10.0],
        ["2015-Q3", "quarter", "b", -10.0],
        ["2015-Q3", "quarter", "a", -10.0],
        ["2015-Q4", "quarter", "b", 0.0],
        ["2015-Q4", "quarter", "a", -10.0],
    ]  # the last quarter has no value, and none has one a year before
    assert table.index.tolist() == list(range(12)) and set(table["dimension"]) == {"d", "e"}
