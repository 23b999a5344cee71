"""Contributions to the composite's change: by hand, and summing to it also where a dimension is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.index.composite import Base, combine
from reporter.index.contributions import changes, of_dimensions

INDEX = pd.period_range("2015Q1", periods=24, freq="Q-DEC")


def test_changes_are_differences_to_the_quarter_and_the_year_before():
    parts = pd.DataFrame({"b": [0.0, 1, 3, 6, 10, 15], "a": [0.0, 0, 0, 0, 0, 2]}, INDEX[:6])
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
