"""Months to quarters and quarters to months, by hand (see docs/mutation.md)."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from reporter.measures import at_frequency


def observed(*rows, group="TH"):
    """``(period, value, day of October 2025, adjusted)`` as observations of one series."""
    return pd.DataFrame(
        [
            {
                "indicator": "x",
                "group": group,
                "period": period,
                "frequency": "Q" if "Q" in period else "M",
                "value": float(value),
                "as_of": dt.date(2025, 10, day),
                "adjusted": adjusted,
            }
            for period, value, day, adjusted in rows
        ]
    )


MONTHS = observed(
    ("2025-09", 9, 3, True), ("2025-07", 1, 9, True), ("2025-08", 2, 5, True), ("2025-10", 7, 1, True)
)


@pytest.mark.parametrize(("aggregate", "value"), [("sum", 12), ("mean", 4), ("last", 9)])
def test_three_months_make_a_quarter_whatever_their_order(aggregate, value):
    made = at_frequency(MONTHS, "quarterly", aggregate)
    assert made[["period", "frequency", "value"]].values.tolist() == [["2025-Q3", "Q", value]]
    assert made["as_of"].tolist() == [dt.date(2025, 10, 9)]  # known only when the last of the three was
    assert list(made.columns) == list(MONTHS.columns)


def test_a_quarter_of_two_months_is_none():
    assert at_frequency(MONTHS.iloc[1:], "quarterly", "sum").empty


def test_groups_do_not_lend_each_other_months():
    other = observed(("2025-07", 4, 1, False), ("2025-08", 5, 1, False), ("2025-09", 6, 1, False), group="A")
    made = at_frequency(pd.concat([MONTHS.iloc[1:], other]), "quarterly", "sum")
    assert made[["group", "value"]].values.tolist() == [["A", 15]]


def test_a_quarter_is_adjusted_only_when_all_its_months_are():
    assert at_frequency(MONTHS, "quarterly", "sum")["adjusted"].tolist() == [True]
    mixed = MONTHS.assign(adjusted=[True, False, True, True])
    assert at_frequency(mixed, "quarterly", "sum")["adjusted"].tolist() == [False]


def test_a_quarter_stands_for_its_three_months():
    made = at_frequency(observed(("2024-Q4", 5, 1, False)), "monthly", "mean")
    assert made["period"].tolist() == ["2024-10", "2024-11", "2024-12"]
    assert made["value"].tolist() == [5, 5, 5] and set(made["frequency"]) == {"M"}
    assert made.index.is_unique


def test_what_the_source_gives_itself_stands_before_what_is_made():
    own = observed(("2025-Q3", 100, 1, False), ("2025-Q2", 90, 1, False))
    more = observed(("2025-04", 1, 1, False), ("2025-05", 1, 1, False), ("2025-06", 1, 1, False))
    earlier = observed(("2025-01", 1, 1, False), ("2025-02", 1, 1, False), ("2025-03", 2, 1, False))
    made = at_frequency(pd.concat([own, MONTHS, more, earlier]), "quarterly", "sum")
    assert made[["period", "value"]].values.tolist() == [["2025-Q3", 100], ["2025-Q2", 90], ["2025-Q1", 4]]
    assert made.index.tolist() == [0, 1, 2]


def test_rows_of_the_wanted_frequency_come_back_as_they_are():
    pd.testing.assert_frame_equal(at_frequency(MONTHS, "monthly", "sum"), MONTHS)
