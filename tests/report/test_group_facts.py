"""Groups in chapter 2: why one has no index, which may be first or last, what moved them."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter.report.dimensions import labour_groups, refused_kinds
from reporter.report.numbers import Cells
from tests.support.frames import frame
from tests.support.issue import example_context
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow

REASON = "มีตัวชี้วัด 1 ตัว จึงไม่แสดงดัชนี"


@pytest.fixture(scope="module")
def tables():
    """The example with a refused province, and a region that rose by 0.5 points in three parts."""
    tables = example_tables(gaps=True)
    refused = [("PROVINCE:TH-58", "overall", "refused", 1, 0.1, REASON, "", "")]
    status = tables["group_status"]
    parts = {"wages": 0.7, "safety": 0.1, "economy": -0.3}
    moved = [("REGION:north", "2025-Q3", "quarter", name, part) for name, part in parts.items()]
    return tables | {
        "group_status": pd.concat([status, pd.DataFrame(refused, columns=status.columns)], ignore_index=True),
        "group_contributions": frame("group_contributions", moved),
    }


@pytest.fixture(scope="module")
def sets(tables):
    return labour_groups(Cells(tables), example_context())


def test_a_group_without_index_says_why(sets):
    made = sets["PROVINCE"]
    assert [group.code for group in made.refused] == ["PROVINCE:TH-58"]
    assert made.reasons == (REASON,)


def test_groups_that_may_be_first_or_last_are_counted(sets, tables):
    ranking = tables["group_ranking"].query("kind == 'PROVINCE'")
    made = sets["PROVINCE"]
    assert made.first_open.value == (ranking["rank_low"] == 1).sum()
    assert made.last_open.value == (ranking["rank_high"] == len(made.rows)).sum()


def test_the_driver_gave_most_in_the_direction_of_the_change(sets):
    drivers = {row.group.code: row.driver for row in sets["REGION"].rows}
    assert (drivers["REGION:north"].dimension.id, drivers["REGION:north"].number.value) == ("wages", 0.7)
    assert drivers["REGION:south"] is None


def test_a_kind_of_groups_none_of_which_has_an_index_is_named_with_its_reason():
    tables = example_tables(gaps=True)
    columns = tables["group_status"].columns
    others = tables["group_status"][~tables["group_status"]["group"].str.startswith("STATUS:")]
    used = [
        (f"STATUS:{name}", f"d{n}", "used", 2, 0.098, "", "joint", "")
        for name in ("formal", "informal")
        for n in range(5)
    ]
    refused = [
        (f"STATUS:{name}", "overall", "refused", 9, 0.49, "", "", "") for name in ("formal", "informal")
    ]
    status = pd.concat([others, pd.DataFrame(used + refused, columns=columns)], ignore_index=True)
    (own,) = refused_kinds(Cells(tables | {"group_status": status}), example_context())
    assert (own.kind, own.dimensions.text, own.weight.text) == ("STATUS", "5", "49")
    assert refused_kinds(Cells(tables | {"group_status": status.iloc[:-1]}), example_context()) == ()
