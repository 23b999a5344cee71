"""Earlier issues in the output folder, and the three tables that compare with them."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from reporter.domain import schema
from reporter.inputs.workspace import open_workspace
from reporter.pipeline import computation, manifest

pytestmark = pytest.mark.slow


def publish(out, quarter, as_of, index, weight=1.0, settings=None):
    """An issue's folder with the tables and the record that the comparison reads."""
    folder = out / quarter
    computed = {
        "labour_index": pd.DataFrame(
            {"dimension": "overall", "group": "TH", "period": list(index), "value": list(index.values())}
        ),
        "series": pd.DataFrame(
            {
                "indicator": ["mpi"],
                "group": "TH",
                "period": "2025-01",
                "raw": [1.0],
                "adjusted": [1.0],
                "transformed": [0.1],
            }
        ),
        "weights": pd.DataFrame({"dimension": ["economy"], "weight": [weight]}),
        "detrending": pd.DataFrame(
            {
                "indicator": ["mpi"],
                "detrend": ["none"],
                "transform": "growth",
                "half_life_or_window": "",
                "note_th": "",
            }
        ),
        "indicator_status": pd.DataFrame({"indicator": ["mpi"], "status": ["used"]}),
    }
    schema.write_csv(computed, folder / "tables")
    record = {"outputs": [], "parameters": {"as_of": as_of, "settings": settings or {}, "index": {}}}
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return computed


def test_earlier_issues_come_oldest_first_and_broken_ones_not(tmp_path):
    publish(tmp_path, "2025-Q2", "2025-08-20", {"2025-Q2": 101.25})
    publish(tmp_path, "2024-Q4", "2025-02-20", {"2024-Q4": 99.0})
    publish(tmp_path, "2025-Q3", "2025-11-20", {"2025-Q3": 98.0})
    (tmp_path / "2025-Q1").mkdir()
    (tmp_path / "notes").mkdir()
    found = manifest.earlier(tmp_path, pd.Period("2025Q3"))
    assert [str(issue.quarter) for issue in found] == ["2024Q4", "2025Q2"]
    assert found[1].tables["labour_index"]["value"].tolist() == [101.25]
    assert manifest.earlier(tmp_path / "nothing", pd.Period("2025Q3")) == []


def test_an_issue_is_compared_with_those_before_it(tmp_path):
    publish(tmp_path, "2025-Q1", "2025-05-20", {"2024-Q4": 99.0, "2025-Q1": 100.0}, settings={"seed": 1})
    publish(
        tmp_path,
        "2025-Q2",
        "2025-08-20",
        {"2024-Q4": 99.0, "2025-Q1": 100.5, "2025-Q2": 102.0},
        settings={"seed": 1},
    )
    now = publish(
        tmp_path, "2025-Q3", "2025-11-20", {"2025-Q1": 100.25, "2025-Q2": 101.0, "2025-Q3": 103.0}, 0.9
    )
    history = pd.DataFrame(
        {
            "indicator": "mpi",
            "group": "TH",
            "period": "2025-08",
            "value": [1.0, 9.0],
            "as_of": pd.to_datetime(["2025-10-01", "2025-12-01"]),
        }
    )
    found = computation.of_issue(
        history,
        now,
        manifest.earlier(tmp_path, pd.Period("2025Q3")),
        {"economy": "แนวโน้มเศรษฐกิจ"},
        as_of=dt.date(2025, 11, 20),
        parameters={"settings": {"seed": 2}, "index": {}},
    )
    index = found["revisions"].query("series == 'labour_index'").set_index("period")
    assert index.loc["2025-Q1", ["first", "second", "latest"]].tolist() == [100.0, 100.5, 100.25]
    assert index.loc["2025-Q2", "latest"] == 101.0
    # December's value was not known on 20 November
    assert found["revisions"].query("series == 'mpi'")["latest"].tolist() == [1.0]
    texts = " ".join(found["release_notes"]["text_th"])
    assert "seed" in texts and "แนวโน้มเศรษฐกิจ จากร้อยละ 100.0 เป็นร้อยละ 90.0" in texts


def test_macro_variables_of_past_quarters_are_those_that_were_dated_by_then(tmp_path):
    """Dated values count from their date on; undated ones only for the quarters before the dated ones."""
    (tmp_path / "series").mkdir()
    rows = [
        ("real_gdp_growth", "2024-Q3", "1.0", ""),
        ("real_gdp_growth", "2024-Q4", "2.0", "2025-02-19"),
        ("real_gdp_growth", "2024-Q4", "2.5", "2025-05-20"),
        ("real_gdp_growth", "2025-Q1", "9.9", ""),
        ("headline_inflation", "2024-Q4", "0.5", ""),
    ]
    table = pd.DataFrame(rows, columns=["indicator", "period", "value", "as_of"])
    table.to_csv(tmp_path / "series" / "macro.csv", index=False)
    (tmp_path / "workspace.toml").write_text("", encoding="utf-8")
    known = computation._macro_known(open_workspace(tmp_path), pd.Period("2025Q2", freq="Q-DEC"))
    assert known is not None and set(known["variable"]) == {"real_gdp_growth"}
    told = known.set_index(["issued", "period"])["value"].to_dict()
    assert told == {
        ("2024-Q4", "2024-Q3"): 1.0,
        ("2024-Q4", "2024-Q4"): 2.0,
        ("2025-Q1", "2024-Q3"): 1.0,
        ("2025-Q1", "2024-Q4"): 2.5,
    }
    table.assign(as_of="").drop_duplicates(["indicator", "period"]).to_csv(
        tmp_path / "series" / "macro.csv", index=False
    )
    assert computation._macro_known(open_workspace(tmp_path), pd.Period("2025Q2", freq="Q-DEC")) is None
