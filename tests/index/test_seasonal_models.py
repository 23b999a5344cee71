"""Models kept for a year: written once, read by every build, chosen anew only on request; fallbacks reach qa.json."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from reporter.cli import cli
from reporter.domain import schema
from reporter.domain.errors import InputError
from reporter.index import seasonal
from reporter.index.composite import NOTES
from reporter.index.seasonal import FALLBACK_NOTES
from reporter.pipeline.computation import _with_models
from reporter.qa import identities

pytestmark = pytest.mark.slow

ROW = ["pmi", "TH", 2025, "(0 1 1)(0 1 1)", "log", "ao2020.4 ls2020.6", "cny", True]


def _table(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([ROW], columns=schema.columns("seasonal_models")).assign(**changes)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """One monthly series of twelve years in a workspace of its own."""
    folder = tmp_path / "series"
    folder.mkdir()
    months = pd.period_range("2013-01", "2025-09", freq="M")
    season = [4.0, -3, 9, -12, 2, 3, 0, 1, 1, -1, -2, -2]
    lines = [
        f"mpi,TH,{month},{100 + season[month.month - 1] + (17 * place % 11) / 10:.2f}"
        for place, month in enumerate(months)
    ]
    (folder / "economy.csv").write_text(
        "indicator,group,period,value\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    return tmp_path


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=True)
    return result.exit_code, result.output + str(result.exception or "")


def test_what_is_written_is_read_and_the_highest_version_counts(tmp_path):
    assert seasonal.read(tmp_path, 2025) is None
    seasonal.write(tmp_path, 2025, _table())
    made = seasonal.write(tmp_path, 2025, _table(model="(1 0 0)(0 1 1)"))
    found = seasonal.read(tmp_path, 2025)
    assert (made.version, found.version, found.name) == (2, 2, "models/seasonal-2025-v2.csv")
    pd.testing.assert_frame_equal(found.table, _table(model="(1 0 0)(0 1 1)"), check_dtype=False)
    assert seasonal.versions(tmp_path, 2025) == [1, 2]
    assert seasonal.read(tmp_path, 2026) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [("model", "airline"), ("mode", "auto"), ("outliers", "ao20"), ("regressors", "easter"), ("year", 2024)],
)
def test_hand_made_mistakes_are_named_by_row_and_column(tmp_path, column, value):
    (tmp_path / "models").mkdir()
    _table(**{column: value}).to_csv(tmp_path / "models" / "seasonal-2025-v1.csv", index=False)
    with pytest.raises(InputError) as caught:
        seasonal.read(tmp_path, 2025)
    finding = caught.value.findings[0]
    assert (finding.row, finding.column, finding.value) == (2, column, str(value))
    assert seasonal.check(tmp_path, pd.Period("2025Q3")) == list(caught.value.findings)


def test_missing_column_and_doubled_series_are_found(tmp_path):
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / "seasonal-2025-v1.csv"
    _table().drop(columns="mode").to_csv(path, index=False)
    assert "mode" in seasonal.check(tmp_path, pd.Period("2025Q3"))[0].en
    pd.concat([_table(), _table()]).to_csv(path, index=False)
    assert seasonal.check(tmp_path, pd.Period("2025Q3"))[0].row == 3


def test_freezing_keeps_what_the_year_would_have_chosen_and_only_once(workspace):
    status, said = _run("models", "freeze", "-q", "2025-Q3", "--data", str(workspace))
    assert status == 0, said
    kept = seasonal.read(workspace, 2025)
    assert kept.version == 1 and kept.table["indicator"].tolist() == ["mpi"]
    status, said = _run("models", "freeze", "-q", "2025-Q1", "--data", str(workspace))
    assert status == 1 and "reidentify" in said
    status, said = _run("models", "reidentify", "-q", "2025-Q3", "--data", str(workspace))
    assert status == 0 and seasonal.versions(workspace, 2025) == [1, 2]
    status, said = _run("models", "show", "-q", "2025-Q3", "--data", str(workspace))
    assert status == 0 and "models/seasonal-2025-v2.csv" in said and "0 of 1 series" in said


def test_models_of_the_index_are_learnt_shown_and_compared(workspace):
    at = ("--data", str(workspace))
    assert _run("models", "learn", "-q", "2025-Q3", *at)[0] == 0
    status, said = _run("models", "show", "-q", "2025-Q3", *at)
    assert status == 0 and "models/index-2025-v1.json" in said and "economy,1,0,mpi," in said
    text = (workspace / "models" / "index-2025-v1.json").read_text(encoding="utf-8")
    text = text.replace('"scale": ', '"scale": 2')
    (workspace / "models" / "index-2025-v2.json").write_text(text, encoding="utf-8")
    status, said = _run("models", "compare", "2025-v1", "2025-v2", *at)
    assert status == 0 and "indicator,mpi,scale," in said and said.rstrip().endswith("index-2025-v2.json: 1")
    status, said = _run("models", "compare", "2025-v1", "2025-v9", *at)
    assert status == 1 and "2025-v1 2025-v2" in said


@pytest.mark.parametrize(
    ("quarter", "history", "told"),
    [
        ("2025-Q3", "a,b\n1,2\n", "no column dimension, period, value"),
        ("2025-Q3", "dimension,period,value\noverall,2023-Q4,100\n", "no value of 2024-Q4"),
        ("2025-Q3", "dimension,period,value\noverall,2024-Q4,x\n", "row 2"),
        ("2040-Q1", None, "up to 2039-Q4 cannot be learnt yet"),
    ],
)
def test_what_a_model_cannot_be_learnt_from_or_continue_is_told(workspace, tmp_path, quarter, history, told):
    more = []
    if history is not None:
        (tmp_path / "old.csv").write_text(history, encoding="utf-8")
        more = ["--continue", str(tmp_path / "old.csv")]
    before = sorted((workspace / "models").glob("index-*")) if (workspace / "models").is_dir() else []
    status, said = _run("models", "learn", "-q", quarter, "--data", str(workspace), *more)
    assert status == 1 and told in said and "Traceback" not in said
    assert (sorted((workspace / "models").glob("index-*")) if before else []) == before


def test_a_scenario_is_printed_and_saved_and_what_cannot_be_read_is_refused(workspace):
    at = ("models", "scenario", "-q", "2025-Q3", "--data", str(workspace))
    path = workspace / "scenario.csv"
    status, said = _run(*at, "--set", "economy=90,91", "--save", str(path))
    assert status == 0, said
    table = pd.read_csv(path)
    assert table[table["dimension"] == "economy"]["scenario"].tolist()[:2] == [90, 91]
    assert set(table["period"]) == {"2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"}
    for bad in (
        "economy",
        "economy=",
        "economy=90,x",
        "economy=nan",
        "economy=1,2,3,4,5",
        "wages=90",
        "economy=900",
    ):
        status, said = _run(*at, "--set", bad)
        assert status == 1 and f"--set {bad.split('=')[0]}" in said, bad
    assert "once" in _run(*at, "--set", "economy=90", "--set", "economy=91")[1]


def test_differences_name_the_series_and_both_models():
    found = seasonal.differences(_table(), _table(model="(1 0 0)(0 1 1)"))
    assert found.values.tolist() == [["pmi", "(0 1 1)(0 1 1) log cny", "(1 0 0)(0 1 1) log cny"]]
    assert seasonal.differences(_table(), _table()).empty
    assert seasonal.differences(_table(), _table(seasonal=False))["now"].item() == "not seasonal"


def _quality(**changes: object) -> pd.DataFrame:
    row = {
        "indicator": "pmi", "method": "x13", "q": 0.4, "m7": 0.3, "qs_after": 0.0, "verdict": "adjusted", "note_th": "",
    }  # fmt: skip
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"verdict": "failed", "method": "none"}, [("warning", "seasonal.failed")]),
        ({"method": "stl", "note_th": FALLBACK_NOTES["stl"]}, [("warning", "seasonal.fallback")]),
        (
            {"method": "x13_airline", "note_th": FALLBACK_NOTES["x13_airline"]},
            [("note", "seasonal.fallback")],
        ),
        ({"note_th": FALLBACK_NOTES["identification"]}, [("note", "seasonal.fallback")]),
        ({"m7": 1.3}, [("note", "seasonal.quality")]),
        ({"qs_after": 12.0}, [("note", "seasonal.residual")]),
        ({"verdict": "too_short", "method": "none", "note_th": "ข้อมูลไม่ถึง 3 ปี"}, []),
    ],
)
def test_every_fallback_reaches_qa(changes, found):
    findings = identities.check_adjustment({"seasonal_quality": _quality(**changes)})
    assert [(item.severity, item.rule) for item in findings] == found


def test_declared_detrending_that_the_data_contradict_reaches_qa():
    row = {
        "indicator": "pmi", "declared_transform": "growth", "declared_detrend": "none", "note_th": NOTES["overruled"],
    }  # fmt: skip
    tests = pd.DataFrame([row | {"verdict": verdict} for verdict in NOTES])
    found = identities.check_adjustment({"detrending_tests": tests})
    assert [item.rule for item in found] == [
        "detrending.not_stationary",
        "detrending.trend_left",
        "detrending.overruled",
    ]
    assert "transform = growth" in found[0].en


def test_issue_says_where_its_models_come_from(tmp_path):
    parameters = pd.DataFrame({"key": ["base_start"], "value": ["2009-Q1"]})
    assert _with_models(parameters, None)["value"].tolist() == ["2009-Q1", "identified"]
    made = seasonal.write(tmp_path, 2025, _table())
    assert _with_models(parameters, made)["value"].tolist() == ["2009-Q1", "models/seasonal-2025-v1.csv"]
