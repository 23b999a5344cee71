"""What was published before: by how much it moved, and how much of that data and models made."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from reporter.domain import schema
from reporter.pipeline import computation, manifest
from reporter.pipeline.manifest import EarlierIssue

pytestmark = pytest.mark.slow

PERIODS = ["2025-Q1", "2025-Q2"]


def _index(first: float, second: float, dimension: str = "overall", group: str = "TH") -> pd.DataFrame:
    return pd.DataFrame({"dimension": dimension, "group": group, "period": PERIODS, "value": [first, second]})


def test_move_is_split_into_data_and_models():
    effects = pd.DataFrame({"period": PERIODS, "dimension": "overall", "change": [0.5, -1.0]})
    found = manifest.moved_tables(
        {"labour_index": _index(101.0, 98.0), "data_effects": effects}, {"labour_index": _index(100.0, 99.5)}
    )
    history = found["moved_history"]
    assert history["moved"].tolist() == [1.0, -1.5]  # 101 - 100, 98 - 99.5
    assert history["models"].tolist() == [0.5, -0.5]  # 1 - 0.5, -1.5 + 1
    row = found["moved_summary"].iloc[0]
    assert (row["quarters"], row["mean_abs"], row["largest"], row["largest_period"]) == (
        2,
        1.25,
        -1.5,
        "2025-Q2",
    )
    assert (row["mean_abs_data"], row["mean_abs_models"]) == (0.75, 0.5)


def test_only_what_was_published_moves():
    now = pd.concat([_index(1, 2), _index(1, 2, "wages"), _index(1, 2, group="REGION:north")])
    before = _index(1, 2).iloc[:1]
    found = manifest.moved_tables({"labour_index": now}, {"labour_index": before})["moved_history"]
    assert found[["period", "dimension"]].to_numpy().tolist() == [["2025-Q1", "overall"]]


@pytest.mark.parametrize("previous", [None, {}])
def test_first_issue_has_moved_nothing(previous):
    found = manifest.moved_tables({"labour_index": _index(1, 2)}, previous)
    assert all(table.empty for table in found.values())
    assert list(found["moved_summary"]) == schema.columns("moved_summary")


class _Workspace:
    """Observations of two quarters that carry no date: known always."""

    def observations(self, as_of: dt.date) -> pd.DataFrame:
        periods = ["2025-06", "2025-Q2", "2025-07", "2025-Q3"]
        return pd.DataFrame({"indicator": "pmi", "group": "TH", "period": periods, "value": 1.0})


def test_the_last_issue_knew_nothing_after_its_own_quarter():
    last = EarlierIssue(pd.Period("2025Q2", freq="Q-DEC"), dt.date(2025, 11, 19), {}, {})
    known = computation._known_before(_Workspace(), [last])
    assert known["period"].tolist() == ["2025-06", "2025-Q2"]
    assert computation._known_before(_Workspace(), []) is None
