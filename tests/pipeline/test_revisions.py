"""Revision triangles and what changed since the last issue."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter.pipeline import computation

pytestmark = pytest.mark.slow


def history(*rows):
    frame = pd.DataFrame(rows, columns=["indicator", "period", "as_of", "value"])
    return frame.assign(group="TH", as_of=pd.to_datetime(frame["as_of"]))


def triangle(*rows):
    found = computation.revised_values(history(*rows))["revisions"]
    return {row.period: (row.first, row.second, row.latest) for row in found.itertuples(index=False)}


def test_first_second_and_latest_value_of_each_period():
    found = triangle(
        ("gdp", "2025-Q1", "2025-05-20", 3.1),
        ("gdp", "2025-Q2", "2025-08-20", 2.8),
        ("gdp", "2025-Q1", "2025-08-20", 3.2),
        ("gdp", "2025-Q1", "2025-11-20", 3.0),
        ("gdp", "2025-Q3", "2025-11-20", 1.2),
    )
    assert found["2025-Q1"] == (3.1, 3.2, 3.0)
    assert found["2025-Q2"] == (2.8, 2.8, 2.8)  # the release of November left it as it was
    assert found["2025-Q3"][0] == found["2025-Q3"][2] == 1.2
    assert pd.isna(found["2025-Q3"][1])


def test_a_release_may_revise_some_days_after_its_newest_figure():
    found = triangle(
        ("gdp", "2024-Q4", "2025-02-19", 4.2),
        ("gdp", "2025-Q1", "2025-05-20", 3.2),
        ("gdp", "2024-Q4", "2025-05-25", 3.5),
        ("gdp", "2025-Q2", "2025-08-19", 2.9),
        ("gdp", "2024-Q4", "2025-08-19", 3.4),
    )
    assert found["2024-Q4"] == (4.2, 3.5, 3.4)


def test_the_past_that_came_with_the_first_delivery_is_no_first_estimate():
    found = triangle(
        ("gdp", "2024-Q3", "2025-05-20", 1.0),
        ("gdp", "2024-Q4", "2025-05-20", 2.0),
        ("gdp", "2024-Q3", "2025-08-20", 1.5),
        ("gdp", "2024-Q4", "2025-08-20", 2.5),
    )
    assert found == {"2024-Q4": (2.0, 2.5, 2.5)}


def test_mean_and_mean_absolute_revision():
    tables = computation.revised_values(
        history(
            ("x", "2025-01", "2025-02-01", 10.0),
            ("x", "2025-02", "2025-03-01", 20.0),
            ("x", "2025-01", "2025-03-01", 12.0),
            ("x", "2025-02", "2025-04-01", 19.0),
            ("x", "2025-03", "2025-04-01", 30.0),
        )
    )
    (row,) = tables["revisions_summary"].itertuples(index=False)
    # January +2, February -1; March has one release only
    assert (row.series, row.n, row.mean_revision, row.mean_abs_revision) == ("x", 2, 0.5, 1.5)
    assert (row.largest_revision, row.largest_period) == (2.0, "2025-01")


def test_what_was_known_always_is_no_first_estimate():
    found = triangle(
        ("x", "2025-01", None, 10.0),
        ("x", "2025-01", "2025-03-01", 12.0),
        ("x", "2025-02", "2025-03-01", 20.0),
        ("x", "2025-02", "2025-04-01", 21.0),
    )
    assert found == {"2025-02": (20.0, 21.0, 21.0)}


def test_the_index_is_compared_with_itself_as_published():
    def index(*values):
        periods = ["2025-Q1", "2025-Q2", "2025-Q3"][: len(values)]
        return pd.DataFrame({"dimension": "overall", "group": "TH", "period": periods, "value": values})

    empty = history().astype({"value": "float64"})
    issues = [
        ("2025-05-20", index(100.0)),
        ("2025-08-20", index(101.0, 99.0)),
        ("2025-11-20", index(100.5, 99.5, 98.0)),
    ]
    found = computation.revised_values(empty, issues)["revisions"]
    assert found["series"].unique().tolist() == ["labour_index"]
    assert found[["first", "second", "latest"]].to_numpy()[:2].tolist() == [
        [100.0, 101.0, 100.5],
        [99.0, 99.5, 99.5],
    ]


@pytest.fixture
def issue():
    def make(raw, weights, value=100.0, detrend="none", status="used"):
        return {
            "series": pd.DataFrame(
                {"indicator": "mpi", "group": "TH", "period": list(raw), "raw": list(raw.values())}
            ),
            "weights": pd.DataFrame({"dimension": list(weights), "weight": list(weights.values())}),
            "labour_index": pd.DataFrame(
                {"dimension": ["overall"], "group": "TH", "period": "2025-Q2", "value": [value]}
            ),
            "detrending": pd.DataFrame({"indicator": ["mpi"], "detrend": [detrend], "transform": "growth"}),
            "indicator_status": pd.DataFrame({"indicator": ["mpi"], "status": [status]}),
        }

    return make


NAMES = {"mpi": "ดัชนีผลผลิตอุตสาหกรรม", "a": "การมีงานทำ", "b": "การว่างงาน"}


def test_what_changed_names_data_methods_and_weights(issue):
    before = issue({"2025-05": 1.0, "2025-06": 2.0}, {"a": 0.5, "b": 0.5})
    now = issue({"2025-05": 1.0, "2025-06": 2.5, "2025-07": 3.0}, {"a": 0.6, "b": 0.4}, 100.5, "slow_trend")
    notes = computation.release_notes(
        now, before, NAMES, parameters={"base_end": "2024-Q4"}, previous_parameters={"base_end": "2023-Q4"}
    )
    texts = notes.groupby("kind")["text_th"].agg(" | ".join)
    assert "ข้อมูลงวดใหม่ของ 1 ตัวชี้วัด" in texts["data"]
    assert "ย้อนหลัง 1 ค่า ใน 1 ตัวชี้วัด ได้แก่ ดัชนีผลผลิตอุตสาหกรรม" in texts["data"]
    assert "0.50 จุด" in texts["data"]
    assert "ขจัดแนวโน้มของ ดัชนีผลผลิตอุตสาหกรรม" in texts["methods"] and "ช่วงฐาน" in texts["methods"]
    assert "การมีงานทำ จากร้อยละ 50.0 เป็นร้อยละ 60.0" in texts["weights"]


def test_nothing_changed_is_said_so(issue):
    same = issue({"2025-05": 1.0}, {"a": 1.0})
    notes = computation.release_notes(same, same, NAMES)
    assert notes["kind"].unique().tolist() == ["data", "methods", "weights"]
    assert "วิธีคำนวณไม่เปลี่ยนแปลง" in notes["text_th"].tolist()


def test_a_first_issue_has_nothing_to_compare_with(issue):
    assert (
        "ฉบับแรก" in computation.release_notes(issue({"2025-05": 1.0}, {"a": 1.0}), None, NAMES)["text_th"][0]
    )
