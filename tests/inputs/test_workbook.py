"""The workspace as one Excel workbook: made empty, filled, read back, with findings that name sheet and cell."""

from __future__ import annotations

import datetime as dt
import io
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from reporter.commands.build import init_command
from reporter.domain.errors import InputError
from reporter.inputs import workbook as workbook_form
from reporter.inputs.calendar import read_calendar, read_recipients
from reporter.inputs.workbook import FILE, workbook
from reporter.inputs.workspace import open_workspace
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3", freq="Q")
KEY = ["indicator", "group", "period", "as_of"]
COLUMNS = [*KEY, "value", "adjusted", "flag", "frequency"]


@pytest.fixture(scope="module")
def form(tmp_path_factory) -> Path:
    """The form with two years of columns, so that it opens fast."""
    root = tmp_path_factory.mktemp("excel") / "work"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook_form, "FIRST_YEAR", 2025)
        patch.setattr(workbook_form, "_KINDS", {"STATUS": "สถานะ"})
        assert CliRunner().invoke(init_command, [str(root), "--excel"]).exit_code == 0
    return root


@pytest.fixture
def root(form: Path, tmp_path: Path) -> Path:
    (tmp_path / FILE).write_bytes((form / FILE).read_bytes())
    return tmp_path


def fill(root: Path, cells: dict[str, dict[tuple[str, str], object]]) -> None:
    """Fill cells by sheet, id of the row and heading of the column, as a person finds them."""
    book = openpyxl.load_workbook(root / FILE)
    for name, values in cells.items():
        sheet = book[name]
        rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=4)}
        columns = {cell.value: cell.column for cell in sheet[3]}
        for (series, heading), value in values.items():
            sheet.cell(rows[series], columns[heading]).value = value
    book.save(root / FILE)


def append(root: Path, sheet: str, *rows: list[object]) -> None:
    book = openpyxl.load_workbook(root / FILE)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book[sheet].cell(number, column).value = value
    book.save(root / FILE)


def test_the_form_lists_every_indicator_with_its_thai_name_unit_and_formula(form, declarations):
    book = openpyxl.load_workbook(form / FILE)
    sheets = {name: book[name] for name in book.sheetnames}
    ids = {
        row[0].value
        for sheet in sheets.values()
        for row in sheet.iter_rows(min_row=4, max_col=1)
        if row[0].value
    }
    assert set(declarations.indicators) | set(declarations.macro) <= ids
    assert "NSO รายไตรมาส" in sheets
    sso = sheets["SSO รายเดือน"]
    row = next(row for row in sso.iter_rows(min_row=4) if row[0].value == "sso_unemployment_rate")
    assert row[1].value == declarations.indicators["sso_unemployment_rate"].name.th
    assert "claimants" in row[1].comment.text
    assert row[0].protection.locked and sso.protection.sheet
    assert not row[4].protection.locked  # whether the source adjusted it is written by the user
    assert not sso.column_dimensions["F"].protection.locked  # and so are the values
    assert list((form / "series").iterdir()) == []


def test_an_empty_form_holds_no_observation_and_no_error(root):
    assert open_workspace(root).observations().empty
    assert [f for f in open_workspace(root).series_findings if f.severity == "error"] == []


def test_values_are_read_where_a_person_writes_them(root):
    fill(
        root,
        {
            "NSO รายไตรมาส": {
                ("unemployment_rate", "ไตรมาส 3/2568"): 0.76,
                ("unemployment_rate", "ไตรมาส 2/2568"): "0.91 r",
            },
            "SSO รายเดือน": {("sso_unemployment_rate", "ก.ย. 2568"): 2.01},
        },
    )
    found = open_workspace(root).usable_history()
    assert found[["indicator", "period", "value", "flag", "file"]].to_numpy().tolist() == [
        ["unemployment_rate", "2025-Q2", 0.91, "r", f"{FILE}[NSO รายไตรมาส]"],
        ["unemployment_rate", "2025-Q3", 0.76, "", f"{FILE}[NSO รายไตรมาส]"],
        ["sso_unemployment_rate", "2025-09", 2.01, "", f"{FILE}[SSO รายเดือน]"],
    ]


def test_findings_name_sheet_and_cell(root):
    fill(root, {"NSO รายไตรมาส": {("unemployment_rate", "ไตรมาส 3/2568"): "0,76"}})
    book = openpyxl.load_workbook(root / FILE)
    sheet = book["NSO รายไตรมาส"]
    cell = next(cell for row in sheet.iter_rows(min_row=4) for cell in row if cell.value == "0,76")
    (finding,) = [f for f in open_workspace(root).series_findings if f.severity == "error"]
    assert (finding.where, finding.column) == (f"{FILE}[NSO รายไตรมาส]", cell.coordinate)


def test_the_lists_of_factors_recipients_calendar_and_sources_count(root):
    append(
        root,
        "ปัจจัย",
        ["3/2568", "ต่างประเทศ", "ลบ", "ทั้งสองฝ่าย", "คำสั่งซื้อชะลอ", "สศช."],
        ["2/2568", "ในประเทศ", "บวก", "แรงงาน", "อื่น", ""],
    )
    append(root, "ผู้รับรายงาน", ["กรม ก", "นาย ข", "one@example.org", ""])
    append(root, "กำหนดเผยแพร่", ["3/2568", dt.datetime(2025, 11, 20, 10, 0)])
    workspace = open_workspace(root)
    (factor,) = workspace.commentary(QUARTER).factors
    assert (factor.origin, factor.sign, factor.affects, factor.text) == ("abroad", "-", "both", "คำสั่งซื้อชะลอ")
    assert [one.email for one in workspace.recipients()] == ["one@example.org"]
    calendar, found = read_calendar(root)
    assert not found
    assert calendar.release_of(QUARTER).isoformat() == "2025-11-20T10:00:00+07:00"


def test_a_source_written_into_the_list_is_that_of_the_series(root):
    book = openpyxl.load_workbook(root / FILE)
    sheet = book["แหล่งข้อมูล"]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "inflation")
    row[3].value = "BOT"
    book.save(root / FILE)
    assert open_workspace(root).declarations.indicators["inflation"].source == "BOT"


def test_sources_of_a_file_go_before_the_list(root):
    (root / "sources.toml").write_text('mpi = "BOT"\n', encoding="utf-8")
    assert open_workspace(root).declarations.indicators["mpi"].source == "BOT"


def test_wrong_words_in_lists_name_their_cell(root):
    append(root, "ปัจจัย", ["3/2568", "ดาวอังคาร", "ลบ", "ทั้งสองฝ่าย", "x", ""])
    append(root, "ผู้รับรายงาน", ["กรม ก", "นาย ข", "no address", ""])
    from reporter.inputs.commentary import read_commentary

    (factor,) = read_commentary(root, QUARTER)[1]
    assert (factor.where, factor.column) == (f"{FILE}[ปัจจัย]", "B2")
    assert [f.row for f in read_recipients(root)[1]] == [2]


def test_a_workspace_goes_into_the_workbook_and_comes_back_to_the_last_digit(tmp_path):
    plain = tmp_path / "plain"
    (plain / "series").mkdir(parents=True)
    rows = ["indicator,group,period,value,as_of,adjusted"]
    rows += [
        f"mpi,TH,{period},{90 + n / 7!r},,1"
        for n, period in enumerate(pd.period_range("1999-11", "2025-09", freq="M"))
    ]
    rows += [
        "unemployment_rate,PROVINCE:TH-10,2025-Q3,0.1,,",
        "unemployment_rate,TH,2025-Q2,0.91p,,",
        "claimants,TH,2025-08,212000,,",
    ]
    rows += ["mpi,TH,2025-08,1e-7,2025-10-01,1", "unemployment_rate,TH,2025-07,0.5,,"]
    (plain / "series" / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    history = open_workspace(plain).usable_history()
    filled = tmp_path / "filled"
    filled.mkdir()
    (filled / FILE).write_bytes(workbook(open_workspace(plain).declarations, QUARTER, history))
    again = open_workspace(filled).usable_history()
    pd.testing.assert_frame_equal(
        again[COLUMNS].sort_values(KEY, ignore_index=True),
        history[COLUMNS].sort_values(KEY, ignore_index=True),
        check_exact=True,
    )


def test_filtered_rows_of_the_workbook_are_read_and_noted(root):
    fill(root, {"NSO รายไตรมาส": {("unemployment_rate", "ไตรมาส 3/2568"): 0.76}})
    book = openpyxl.load_workbook(root / FILE)
    book["NSO รายไตรมาส"].row_dimensions[5].hidden = True
    book.save(root / FILE)
    workspace = open_workspace(root)
    assert len(workspace.usable_history()) == 1
    assert {f.severity for f in workspace.series_findings if f.rule == "xlsx.hidden_cells"} == {"note"}


def test_a_workbook_is_enough_for_a_workspace(root):
    assert not (root / "series").exists()
    assert open_workspace(root).input_files(QUARTER) == [root / FILE]
    assert io.BytesIO((root / FILE).read_bytes()).read(2) == b"PK"


@pytest.mark.slow
def test_two_thousand_group_series_in_one_workbook_are_read_within_ten_seconds(declarations, tmp_path):
    series = [
        (one.id, group.code, "M" if one.frequency == "monthly" else "Q")
        for one in declarations.indicators.values()
        if not one.components
        for kind in one.groups
        if kind != "TH"
        for group in declarations.groups_of(kind)
    ]
    assert len(series) > 1_500
    quarters = [f"{year}-Q{quarter}" for year in range(2019, 2026) for quarter in (1, 2, 3, 4)]
    months = [f"{year}-{month:02d}" for year in range(2019, 2026) for month in range(1, 13)]
    parts = [
        pd.DataFrame({"indicator": name, "group": group, "period": months if letter == "M" else quarters})
        for name, group, letter in series
    ]
    history = pd.concat(parts, ignore_index=True)
    history = history.assign(
        value=[n % 997 / 7 for n in range(len(history))], as_of=pd.NaT, adjusted=False, flag=""
    )
    (tmp_path / FILE).write_bytes(workbook(declarations, QUARTER, history))
    began = time.process_time()
    found = open_workspace(tmp_path).usable_history()
    assert time.process_time() - began < 10
    assert len(found) == len(history)


def test_as_many_faults_as_were_made_are_told_in_one_run(root):
    fill(
        root,
        {
            "NSO รายไตรมาส": {
                ("unemployment_rate", "ไตรมาส 1/2568"): "0,9",
                ("unemployment_rate", "ไตรมาส 2/2568"): "n.a?",
                ("employment_rate", "ไตรมาส 3/2568"): "#REF!",
                ("hours_male", "ไตรมาส 3/2568"): "42 ชม.",
            },
            "SSO รายเดือน": {("sso_unemployment_rate", "ก.ย. 2568"): "(-2)"},
        },
    )
    append(root, "ปัจจัย", ["5/2568", "ต่างประเทศ", "ลบ", "แรงงาน", "x", ""])
    append(root, "ผู้รับรายงาน", ["ก", "ข", "ไม่มี", ""])
    workspace = open_workspace(root)
    found = [one for one in workspace.series_findings if one.severity == "error"]
    found += read_recipients(root)[1]
    with pytest.raises(InputError) as caught:
        workspace.commentary(QUARTER)
    assert len(found) + len(caught.value.findings) == 7
    assert all(one.column for one in found)


def test_a_sheet_of_notes_is_noted_and_a_sheet_of_data_without_names_is_not_passed_over(root):
    book = openpyxl.load_workbook(root / FILE)
    book.create_sheet("บันทึก").append(["โทรหา สสช.", 12])
    wrong = book.create_sheet("ข้อมูล")
    wrong.append(["ชื่อ", "เวลา", "ตัวเลข"])
    wrong.append(["ดัชนีลับ", "2568-Q3", 1.5])
    book.save(root / FILE)
    fill(root, {"NSO รายไตรมาส": {("unemployment_rate", "ไตรมาส 3/2568"): 0.76}})
    found = {one.where: one.severity for one in open_workspace(root).series_findings}
    assert found[f"{FILE}[บันทึก]"] == "note"
    assert found[f"{FILE}[ข้อมูล]"] == "error"


def test_check_reads_the_factors_of_the_workbook_and_says_where_an_empty_one_is_filled(root):
    append(root, "ปัจจัย", ["2568-Q3", "", "", "", "การส่งออกขยายตัว", ""])
    found = check_workspace(root, QUARTER)
    assert [one.where for one in found if one.rule == "series.none"] == [FILE]
    assert {one.column for one in found if one.where == f"{FILE}[ปัจจัย]"} == {"B2", "C2", "D2"}
