"""A workspace is read as contract.md says: eras, vintages, groups, computed gaps, spreadsheets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.errors import DeclarationError, InputError
from reporter.inputs import series as reading
from reporter.inputs.workspace import open_workspace
from reporter.runtime.cache import StageCache

HEADER = "indicator,period,value,group,as_of,adjusted\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "series").mkdir()
    return tmp_path


def series(root: Path, text: str, name: str = "a.csv", encoding: str = "utf-8") -> None:
    (root / "series" / name).write_text(text, encoding=encoding)


def values(root: Path, as_of: dt.date | None = None) -> dict[tuple[str, str, str], float]:
    found = open_workspace(root).observations(as_of)
    return {(row.indicator, row.group, row.period): row.value for row in found.itertuples()}


def test_periods_of_both_eras_and_all_spellings(root):
    series(
        root,
        "indicator,period,value\nunemployment_rate,2025-Q1,1\nunemployment_rate,2568-Q2,2\n"
        "unemployment_rate,3/2568,3\nunemployment_rate,ไตรมาสที่ ๔/๒๕๖๗,4\nmpi,2568-09,5\n",
    )
    assert values(root) == {
        ("mpi", "TH", "2025-09"): 5,
        ("unemployment_rate", "TH", "2024-Q4"): 4,
        ("unemployment_rate", "TH", "2025-Q1"): 1,
        ("unemployment_rate", "TH", "2025-Q2"): 2,
        ("unemployment_rate", "TH", "2025-Q3"): 3,
    }


def test_numbers_with_separators_thai_digits_and_holes(root):
    series(
        root,
        'indicator,period,value\nmpi,2025-01,"1,234.5"\nmpi,2025-02,๑๐๑.๕\nmpi,2025-03,\nmpi,2025-04,-\n',
    )
    assert list(values(root).values()) == [1234.5, 101.5]


def test_byte_order_mark_and_semicolons(root):
    series(root, "indicator;period;value\nmpi;2025-01;7\n", encoding="utf-8-sig")
    assert values(root) == {("mpi", "TH", "2025-01"): 7}


def test_newest_vintage_not_later_than_the_date_counts(root):
    series(
        root,
        HEADER
        + "mpi,2025-01,1,,,\nmpi,2025-01,2,,2025-03-01,\nmpi,2025-01,3,,2025-06-01,\nmpi,2025-02,9,,2025-06-01,\n",
    )
    key, later = ("mpi", "TH", "2025-01"), ("mpi", "TH", "2025-02")
    assert values(root, dt.date(2025, 2, 28)) == {key: 1}
    assert values(root, dt.date(2025, 3, 1)) == {key: 2}
    assert values(root) == {key: 3, later: 9}
    assert len(open_workspace(root).observation_history()) == 4


def test_gaps_come_from_their_components_by_the_declared_formula(root):
    series(
        root,
        HEADER + "participation_male,2025-Q1,76.5,,,\nparticipation_female,2025-Q1,60.0,,,\n"
        "hours_male,2025-Q1,42,REGION:north,,\nhours_female,2025-Q1,38,REGION:north,,\n"
        "unemployment_male,2025-Q1,1,,,\nunemployment_female,2025-Q1,2,,,\nunemployment_gap,2025-Q1,0.7,,,\n",
    )
    found = values(root)
    assert found["participation_gap", "TH", "2025-Q1"] == 16.5
    assert found["hours_gap", "REGION:north", "2025-Q1"] == 10  # 4 / 40
    assert found["unemployment_gap", "TH", "2025-Q1"] == 0.7  # given, so not computed


def test_rate_comes_from_raw_counts(root):
    series(root, "indicator,period,value\nclaimants,2025-01,200\ninsured_s33,2025-01,9800\n")
    assert values(root)["sso_unemployment_rate", "TH", "2025-01"] == 2


def test_spreadsheet_gives_the_same_as_csv(root):
    book = openpyxl.Workbook()
    for row in (["indicator", "period", "value", "as_of"], ["mpi", "2568-01", 101.25, dt.datetime(2025, 3, 1)],
                ["mpi", dt.datetime(2025, 2, 1), 99, None]):  # fmt: skip
        book.active.append(row)
    book.save(root / "series" / "a.xlsx")
    found = open_workspace(root).observations()
    assert found[["period", "value", "row"]].to_numpy().tolist() == [
        ["2025-01", 101.25, 2],
        ["2025-02", 99.0, 3],
    ]
    assert found["as_of"].iloc[0] == pd.Timestamp("2025-03-01")


def test_adjusted_by_the_source_is_kept(root):
    series(root, HEADER + "mpi,2025-01,1,,,1\nmpi,2025-02,1,,,0\nmpi,2025-03,1,,,\n")
    assert open_workspace(root).observations()["adjusted"].tolist() == [True, False, False]


def test_columns_and_types_are_those_of_the_tables_page(root):
    series(root, "indicator,period,value\nmpi,2025-01,1\n")
    found = open_workspace(root).observations()
    schema.check("observations", found)
    assert (found["value"].dtype.kind, found["adjusted"].dtype.kind, found["as_of"].dtype.kind) == (
        "f",
        "b",
        "M",
    )


def test_wrong_cells_of_all_files_are_told_together(root):
    series(root, "indicator,period,value\nmpi,2025-13,1\nmpi,2025-01,x\n")
    series(root, "indicator,period,value\nmpx,2025-01,1\n", "b.csv")
    with pytest.raises(InputError) as caught:
        open_workspace(root).observations()
    assert [(f.where, f.row, f.column) for f in caught.value.findings] == [
        ("series/a.csv", 2, "period"),
        ("series/a.csv", 3, "value"),
        ("series/b.csv", 2, "indicator"),
    ]


def test_empty_series_folder_gives_no_rows(root):
    assert open_workspace(root).observations().empty


def test_missing_folder_no_folder_and_no_series(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, word in (
        (tmp_path / "nowhere", "no folder"),
        (tmp_path / "file", "not a folder"),
        (tmp_path, "series"),
    ):
        with pytest.raises(InputError, match=word):
            open_workspace(path)


def test_settings_come_from_the_file_and_unknown_keys_are_refused(root):
    assert open_workspace(root).settings.synthetic is False
    (root / "workspace.toml").write_text(
        'synthetic = true\nministry = {th = "ก", en = "a"}\nbase_start = "2553-Q1"\n', encoding="utf-8"
    )
    settings = open_workspace(root).settings
    assert (settings.synthetic, settings.ministry.th, settings.base_start) == (True, "ก", "2553-Q1")
    (root / "workspace.toml").write_text('base_start = "soon"\n', encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        open_workspace(root)
    assert caught.value.findings[0].column == "base_start"


def test_commentary_factors_and_chapters(root):
    folder = root / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "outlook.toml").write_text(
        '[[factors]]\norigin = "abroad"\nsign = "-"\naffects = "workers"\ntext = " ก "\nsource = "ข"\n',
        encoding="utf-8",
    )
    (folder / "02.md").write_text("เพิ่ม\n", encoding="utf-8")
    (folder / "appendix.md").write_text("<!-- replace -->\nแทน\n", encoding="utf-8")
    found = open_workspace(root).commentary(pd.Period("2025Q3"))
    assert [(f.origin, f.sign, f.affects, f.text, f.source) for f in found.factors] == [
        ("abroad", "-", "workers", "ก", "ข")
    ]
    assert {n: (c.markdown, c.replaces) for n, c in found.chapters.items()} == {
        "labour": ("เพิ่ม\n", False),  # the old name of its file: 02.md
        "appendix": ("แทน\n", True),
    }
    assert open_workspace(root).commentary(pd.Period("2025Q2")).is_empty


def test_survey_files_by_quarter_whatever_the_spelling(root):
    folder = root / "surveys" / "worker"
    folder.mkdir(parents=True)
    for name in ("2025-Q3.csv", "2568-Q1.xlsx", "notes.csv"):
        (folder / name).write_text("x")
    assert list(open_workspace(root).survey_files("worker")) == [pd.Period("2025Q1"), pd.Period("2025Q3")]


def test_input_files_are_those_of_the_quarter_and_before(root):
    series(root, "indicator,period,value\n")
    for name in ("surveys/worker/2025-Q2.csv", "surveys/worker/2025-Q4.csv", "commentary/2025-Q3/02.md", "commentary/2025-Q2/02.md",
                 "recipients.csv"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    found = [
        path.relative_to(root).as_posix() for path in open_workspace(root).input_files(pd.Period("2025Q3"))
    ]
    assert found == ["commentary/2025-Q3/02.md", "series/a.csv", "surveys/worker/2025-Q2.csv"]


def test_what_a_file_said_is_kept_under_its_bytes(root, tmp_path, monkeypatch):
    cache = StageCache(tmp_path / "cache")
    series(root, HEADER + "mpi,2025-01,1,,,\n")
    series(root, HEADER + "mpi,2025-02,x,,,\nmpi,2025-03,3,,,\n", "b.csv")
    first = open_workspace(root, cache)
    plain = open_workspace(root)
    assert first.series_findings == plain.series_findings != []
    read = []
    original = reading.read_records
    monkeypatch.setattr(
        reading, "read_records", lambda data, where, found: read.append(where) or original(data, where, found)
    )
    series(root, HEADER + "mpi,2025-01,2,,,\n")
    again = open_workspace(root, cache)
    assert again.series_findings == plain.series_findings
    assert list(again.usable_history()["value"]) == [2, 3]
    assert read == ["series/a.csv"]
