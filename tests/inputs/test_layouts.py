"""Layouts of series files beyond the table of public cases: what is beside, beneath and between the values."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reporter.domain.errors import InputError
from reporter.inputs.schema import register_of
from reporter.inputs.series_cells import MOST_CELLS_OF_A_ROW
from reporter.inputs.workspace import open_workspace
from reporter.surveys.file_reader import read_grids

UNEMPLOYED, UNDEREMPLOYED = "อัตราการว่างงาน", "อัตราการทำงานต่ำกว่าระดับ"
HEAD = ["ตัวชี้วัด", "2568-Q1", "2568-Q2"]
BOTH = {("unemployment_rate", "2025-Q1"): 0.9, ("unemployment_rate", "2025-Q2"): 0.8}
OTHER = {("underemployment_rate", "2025-Q1"): 0.5, ("underemployment_rate", "2025-Q2"): 0.6}


class Files:
    """A workspace whose series files a test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "series").mkdir()

    def sheet(self, *rows: list[Any]) -> Files:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        (self.root / "series" / "a.xlsx").write_bytes(stream.getvalue())
        return self

    def csv(self, text: str) -> Files:
        (self.root / "series" / "a.csv").write_text(text, encoding="utf-8")
        return self

    def values(self) -> dict[tuple[str, str], float]:
        history = open_workspace(self.root).usable_history()
        return {(row.indicator, row.period): row.value for row in history.itertuples()}

    def told(self, *severities: str) -> list[tuple[str, int | None]]:
        found = open_workspace(self.root).series_findings
        return [(one.rule, one.row) for one in found if one.severity in (severities or ("error", "warning"))]


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


@pytest.mark.parametrize(
    "label", ["รวม", "ยอดรวมทั้งสิ้น", "เฉลี่ย", "Total", "ที่มา: สำนักงานสถิติแห่งชาติ", "หมายเหตุ 1/ ปรับปรุง"]
)
def test_totals_and_remarks_are_passed_over_under_any_heading_of_the_names(files, label):
    files.sheet(HEAD, [UNEMPLOYED, 0.9, 0.8], [label, 2568, 1])
    assert files.values() == BOTH
    assert files.told() == []


def test_an_unknown_name_under_the_heading_of_indicators_is_still_told(files):
    files.sheet([*HEAD[:1], "ชื่อ", *HEAD[1:]], ["unemploymnt_rate", UNEMPLOYED, 0.9, 0.8])
    assert files.values() == {}
    assert files.told() == [("series.indicator", 2)]


def test_a_header_that_is_repeated_in_the_middle_holds_no_values(files):
    files.sheet(HEAD, [UNEMPLOYED, 0.9, 0.8], HEAD, [UNDEREMPLOYED, 0.5, 0.6])
    assert files.values() == BOTH | OTHER
    assert files.told() == []


def test_a_long_table_may_repeat_its_header_and_end_in_remarks(files):
    header = "indicator,period,value\n"
    rows = "unemployment_rate,2568-Q1,0.9\n", "unemployment_rate,2568-Q2,0.8\n"
    files.csv(header + rows[0] + header + rows[1] + ",,\nหมายเหตุ: ข้อมูลเบื้องต้น,,\nที่มา : สสช.,,\n")
    assert files.values() == BOTH
    assert files.told() == []


def test_a_second_table_beneath_the_first_is_one_error_and_lends_no_values(files):
    files.sheet(HEAD, [UNEMPLOYED, 0.9, 0.8], [], ["ตัวชี้วัด", "2567-Q3", "2567-Q4"], [UNEMPLOYED, 1.1, 1.0])
    assert files.values() == BOTH
    assert files.told() == [("series.layout", 4)]


def test_a_second_table_beside_the_first_never_gives_its_values_to_the_first(files):
    files.sheet(
        [*HEAD, None, "ตัวชี้วัด", "2568-Q3", "2568-Q4"], [UNEMPLOYED, 0.9, 0.8, None, UNDEREMPLOYED, 0.5, 0.6]
    )
    assert files.values() == {}
    assert files.told() == [("series.layout", 2)]


def test_an_english_name_at_the_end_of_a_row_is_no_second_table(files):
    files.sheet([*HEAD, "Item"], [UNEMPLOYED, 0.9, 0.8, "Unemployment rate"])
    assert files.values() == BOTH
    assert files.told() == []


def test_a_heading_that_looks_like_a_period_is_never_dropped(files):
    files.sheet(["ตัวชี้วัด", "Q1/2568", "Q2/2568", "Q3/68"], [UNEMPLOYED, 0.9, 0.8, 0.7])
    assert files.told() == [("series.period", 1)]
    assert "D1" in open_workspace(files.root).series_findings[0].en


def test_columns_of_years_and_changes_are_named_in_one_note(files):
    files.sheet([*HEAD, "2568", "%YoY"], [UNEMPLOYED, 0.9, 0.8, 0.85, -5])
    assert files.values() == BOTH
    assert files.told() == []
    assert files.told("note") == [("columns.unread", 1)]


def test_the_newest_quarter_alone_is_a_wide_table(files):
    files.sheet(["รหัส", "ชื่อ", "2568-Q3"], ["unemployment_rate", UNEMPLOYED, 0.76])
    assert files.values() == {("unemployment_rate", "2025-Q3"): 0.76}
    assert files.told() == []


@pytest.mark.parametrize("quarters", [["III", "IV"], ["ไตรมาสที่สาม", "ไตรมาสที่สี่"], ["Q3p", "Q4p"]])
def test_quarters_under_a_year_in_words_and_roman_numerals(files, quarters):
    files.sheet(["รายการ", 2567, None], [None, *quarters], [UNEMPLOYED, 1.02, 0.88])
    assert files.values() == {
        ("unemployment_rate", "2024-Q3"): 1.02,
        ("unemployment_rate", "2024-Q4"): 0.88,
    }


def test_a_logical_value_is_no_number(files):
    files.sheet(
        ["indicator", "period", "value"],
        ["unemployment_rate", "2568-Q1", True],
        ["unemployment_rate", "2568-Q2", False],
    )
    assert files.values() == {}
    assert files.told() == [("series.value", 2), ("series.value", 3)]


@pytest.mark.parametrize("commas", [MOST_CELLS_OF_A_ROW, 1_000_000])
def test_a_line_of_endless_cells_is_refused_at_once(files, commas):
    files.csv("indicator,period,value" + "," * commas + "\n")
    assert files.told() == [("file.columns", 1)]


@pytest.mark.parametrize(
    ("mark", "part"),
    [
        ('<row r="3"', '<row r="3" ht="0" customHeight="1"'),
        ("<sheetData>", '<cols><col min="3" max="3" width="0" customWidth="1"/></cols><sheetData>'),
    ],
)
def test_rows_and_columns_of_no_size_are_hidden(files, mark, part):
    files.sheet(HEAD, [UNEMPLOYED, 0.9, 0.8], [UNDEREMPLOYED, 0.5, 0.6])
    path = files.root / "series" / "a.xlsx"
    old, stream = zipfile.ZipFile(io.BytesIO(path.read_bytes())), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(mark.encode(), part.encode()) if "sheet1" in name else content)
    path.write_bytes(stream.getvalue())
    assert [rule for rule, _ in files.told()] == ["xlsx.hidden_cells"]


def test_an_answer_file_of_endless_cells_is_refused_at_once(tmp_path):
    path = tmp_path / "2025-Q3.csv"
    path.write_text("respondent_id,province" + "," * 1_000_000, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_grids(path, "surveys/worker/2025-Q3.csv")
    assert [one.row for one in refused.value.findings] == [1]


def test_a_name_merged_over_its_groups_counts_for_each_of_them(files):
    book = openpyxl.Workbook()
    rows = [["ตัวชี้วัด", "กลุ่ม", "2568-Q1"], [UNEMPLOYED, "ทั่วประเทศ", 0.9], [None, "ภาคเหนือ", 0.7]]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(files.root / "series" / "a.xlsx")
    history = open_workspace(files.root).usable_history()
    assert dict(zip(history["group"], history["value"], strict=True)) == {"TH": 0.9, "REGION:north": 0.7}
    assert files.told() == []


def test_values_merged_over_two_rows_are_refused(files):
    book = openpyxl.Workbook()
    for row in (HEAD, [UNEMPLOYED, 0.9, 0.8], [UNDEREMPLOYED, None, 0.6]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(files.root / "series" / "a.xlsx")
    assert files.told() == [("xlsx.merged", 2)]


OPEN = "urn:oasis:names:tc:opendocument:xmlns:"


def open_document(rows: list[list[Any]], columns: str = "") -> bytes:
    """An .ods file; a cell "=" is a formula without a stored value."""

    def cell(value: Any) -> str:
        if value == "=":
            return '<table:table-cell table:formula="of:=1+1"/>'
        said = (
            'value-type="string"' if isinstance(value, str) else f'value-type="float" office:value="{value}"'
        )
        return f"<table:table-cell office:{said}><text:p>{value}</text:p></table:table-cell>"

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{name}="{OPEN}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="a">{columns}{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{OPEN}manifest:1.0"/>')
    return stream.getvalue()


def test_hidden_columns_and_empty_formulas_of_an_open_document_are_refused(files):
    path = files.root / "series" / "a.ods"
    hidden = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    path.write_bytes(open_document([HEAD, [UNEMPLOYED, 0.9, 0.8]], hidden))
    assert [rule for rule, _ in files.told()] == ["xlsx.hidden_cells"]
    path.write_bytes(open_document([HEAD, [UNEMPLOYED, "=", 0.8]]))
    assert files.told() == [("xlsx.formula", 2)]


def test_suggestions_find_a_misspelt_part_of_a_longer_name(declarations):
    near = register_of(declarations).nearest("ค่าจาง", count=5)
    assert "average_wage" in near


def test_a_sheet_of_another_layout_is_one_error_about_the_layout(files):
    years = [[year, 0.9, 0.8, 0.7, 0.6] for year in range(2551, 2569)]
    files.sheet(["ตารางที่ 1 อัตราการว่างงาน (ร้อยละ)"], ["ปี", *(f"ไตรมาส {n}" for n in range(1, 5))], *years)
    assert files.told() == [("columns.missing", 1)]


def test_a_sheets_cell_beside_its_headings_is_no_matter_of_commas(files):
    files.sheet(["indicator", "period", "value"], ["unemployment_rate", "2025-Q1", 0.9, "x"])
    (found,) = [one for one in open_workspace(files.root).series_findings if one.rule == "file.ragged"]
    assert "comma" not in found.en
    assert "จุลภาค" not in found.th


def test_many_periods_that_are_wrong_in_the_same_way_are_one_finding(files):
    months = [["mpi", int(f"{year}{month:02d}"), 100] for year in (2023, 2024) for month in range(1, 13)]
    files.sheet(["indicator", "period", "value"], *months)
    (found,) = [one for one in open_workspace(files.root).series_findings if one.rule == "series.period"]
    assert "24" in found.en
