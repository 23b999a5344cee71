"""The rows A and D of the table of faulty inputs that concern reading series, one test a row, by number."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from reporter.inputs.workspace import open_workspace
from tests.support.spreadsheets import binary_excel, old_excel, open_document

pytestmark = pytest.mark.slow

HEADER = "indicator,period,value\n"
MONTHS = [f"2025-{month:02d}" for month in range(1, 10)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "series").mkdir()
    return tmp_path


def put(root: Path, content: str | bytes, name: str = "a.csv") -> None:
    (root / "series" / name).write_bytes(content.encode() if isinstance(content, str) else content)


def sheet(*rows, formats=None, change=None) -> bytes:
    """A workbook of these rows; ``formats`` by cell name."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, code in (formats or {}).items():
        book.active[name].number_format = code
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(root: Path) -> dict[tuple[str, str], float]:
    history = open_workspace(root).usable_history()
    return {(row.indicator, row.period): row.value for row in history.itertuples()}


def told(root: Path) -> list[tuple[str, int | None, str]]:
    return [(f.rule, f.row, f.value) for f in open_workspace(root).series_findings if f.severity != "note"]


def errors(root: Path):
    return [f for f in open_workspace(root).series_findings if f.severity == "error"]


def test_a10_a_file_that_holds_only_blanks_is_named(root):
    put(root, HEADER + "mpi,2025-01,\nmpi,2025-02,-\n")
    assert told(root) == [("file.no_rows", None, None)]


@pytest.mark.parametrize("others", [[], ["1/2568", "2/2568"]])
def test_a12_a_quarter_that_excel_turned_into_a_date_is_refused_with_its_cell(root, others):
    rows = [["unemployment_rate", text, 0.9] for text in others]
    put(
        root,
        sheet(["indicator", "period", "value"], *rows, ["unemployment_rate", dt.datetime(2568, 3, 1), 0.92]),
        "a.xlsx",
    )
    assert [(f.rule, f.row) for f in errors(root)] == [("series.period", 2 + len(rows))]
    assert "3/2568" in errors(root)[0].th
    assert ("unemployment_rate", "2025-03") not in read(root)


def test_a12_in_a_wide_table_too(root):
    put(
        root,
        sheet(["รหัส", dt.datetime(2568, 1, 1), dt.datetime(2568, 4, 1)], ["unemployment_rate", 0.9, 0.8]),
        "a.xlsx",
    )
    assert {f.column for f in errors(root)} == {"B2", "C2"}
    assert read(root) == {}


@pytest.mark.parametrize("last", [False, True])
def test_a13_first_and_last_days_of_quarters_are_quarters(root, last):
    days = [(3, 31), (6, 30), (9, 30)] if last else [(1, 1), (4, 1), (7, 1)]
    rows = [["unemployment_rate", dt.datetime(2025, *day), n] for n, day in enumerate(days, start=1)]
    put(root, sheet(["indicator", "period", "value"], *rows), "a.xlsx")
    assert read(root) == {("unemployment_rate", f"2025-Q{n}"): n for n in (1, 2, 3)}
    assert errors(root) == []


def test_a13_days_of_a_monthly_series_are_months(root):
    put(
        root,
        sheet(
            ["indicator", "period", "value"],
            ["mpi", dt.datetime(2025, 1, 1), 99],
            ["mpi", dt.datetime(2025, 2, 28), 98],
        ),
        "a.xlsx",
    )
    assert read(root) == {("mpi", "2025-01"): 99, ("mpi", "2025-02"): 98}


@pytest.mark.parametrize("code", ['0.0"%"', "0.0\\%", '0.00" %"'])
def test_a14_a_literal_per_cent_sign_leaves_the_number_as_it_stands(root, code):
    put(
        root,
        sheet(["indicator", "period", "value"], ["unemployment_rate", "2025-Q3", 0.92], formats={"C2": code}),
        "a.xlsx",
    )
    assert read(root) == {("unemployment_rate", "2025-Q3"): 0.92}
    assert errors(root) == []


def strict(data: bytes) -> bytes:
    """The same workbook in the strict namespaces of ISO 29500."""
    old = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            part = part.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            part = part.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            new.writestr(name, part)
    return stream.getvalue()


def test_a15_strict_workbooks_are_read_with_their_per_cent_cells(root):
    rows = (
        ["indicator", "period", "value"],
        ["mpi", "2025-08", 98.5],
        ["unemployment_rate", "2025-Q3", 0.0092],
    )
    put(root, strict(sheet(*rows, formats={"C3": "0.00%"})), "a.xlsx")
    assert read(root) == {("mpi", "2025-08"): 98.5}
    assert [(f.rule, f.row) for f in errors(root)] == [("xlsx.percent", 3)]


@pytest.mark.parametrize("mark", [",", ";"])
def test_a16_sep_in_the_first_line_is_obeyed_and_rows_still_count(root, mark):
    put(root, f"sep={mark}\n" + (HEADER + "mpi,2025-08,98.5\nmpi,2025-09,x\n").replace(",", mark))
    assert read(root) == {("mpi", "2025-08"): 98.5}
    assert told(root) == [("series.value", 4, "x")]


def test_a17_invisible_characters_do_not_count(root):
    put(
        root,
        "\ufeff\ufeffindicator,period,value\nmpi\u200b,2025-09,98.85\u200b\n\u00a0mpi,2025\u200b-08,\u00a097\n",
    )
    assert read(root) == {("mpi", "2025-09"): 98.85, ("mpi", "2025-08"): 97}
    assert told(root) == []


def test_a17_what_cannot_be_seen_is_written_as_its_code_point(root):
    put(root, HEADER + "mpi,2025-09,9\u200b8x\n")
    (finding,) = errors(root)
    assert "x" in finding.en


@pytest.mark.parametrize("name", ["MPI", "ดัชนีผลผลิตภาคอุตสาหกรรม", "2. Mpi 1/"])
def test_a18_ids_in_any_case_and_declared_names_are_known(root, name, declarations):
    name = declarations.indicators["mpi"].name.th if name.startswith("ดัชนี") else name
    put(root, HEADER + f"{name},2568-09,98.85\n")
    assert read(root) == {("mpi", "2025-09"): 98.85}


def test_a18_an_unknown_name_is_one_finding_with_a_suggestion(root):
    put(root, HEADER + "".join(f"mpii,{month},1\n" for month in MONTHS))
    (finding,) = errors(root)
    assert (finding.rule, finding.row) == ("series.indicator", 2)
    assert '"mpi"' in finding.en and "9 values" in finding.en


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("ไตรมาสที่ 2 ปี 2567", "2024-Q2"),
        ("Q1 2567", "2024-Q1"),
        ("ไตรมาส 3 พ.ศ. 2568", "2025-Q3"),
        ("ก.ค.-ก.ย. 2568", "2025-Q3"),
        ("1Q2568", "2025-Q1"),
    ],
)
def test_a19_quarters_as_dropped_files_write_them(root, text, period):
    put(root, HEADER + f"unemployment_rate,{text},1\n")
    assert read(root) == {("unemployment_rate", period): 1}


@pytest.mark.parametrize("text", ["2567/03", "มี.ค. 2567", "มีนาคม 2567", "Mar 2024", "2024M03", "มี.ค.-67"])
def test_a19_months_as_dropped_files_write_them(root, text):
    put(root, HEADER + f"mpi,{text},1\n")
    assert read(root) == {("mpi", "2024-03"): 1}


def test_a20_title_rows_stand_above_the_header(root):
    put(root, "ตารางที่ 1 ดัชนี\n(หน่วย: จุด)\n" + HEADER + "mpi,2025-09,98.85\n")
    assert read(root) == {("mpi", "2025-09"): 98.85}
    assert told(root) == []


def test_a20_wide_tables_are_read(root):
    put(root, "indicator,1/2567,2/2567,3/2567r\nunemployment_rate,1.0,1.1p,..\n")
    assert read(root) == {("unemployment_rate", "2024-Q1"): 1.0, ("unemployment_rate", "2024-Q2"): 1.1}


def test_a20_a_layout_that_is_neither_is_one_error_that_names_the_way(root):
    put(root, "จังหวัด,ชาย,หญิง\n" + "เชียงใหม่,1,2\n" * 40)
    (finding,) = errors(root)
    assert finding.rule == "columns.missing"
    assert "reporter map" in finding.en and "periods across" in finding.en


@pytest.mark.parametrize("text", ["2024-02-30", "2568-02-29", "2025-13"])
def test_a21_days_that_do_not_exist_are_refused(root, text):
    put(root, HEADER + f"mpi,{text},1\n")
    assert told(root) == [("series.period", 2, text)]


def test_d01_the_1904_date_system(root):
    def from_1904(book):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904

    rows = (["indicator", "period", "value"], ["mpi", dt.datetime(2025, 8, 1), 98.5])
    put(root, sheet(*rows, change=from_1904), "a.xlsx")
    assert read(root) == {("mpi", "2025-08"): 98.5}


def test_d02_error_cells_and_per_cent_cells_name_their_row(root):
    def wrong(book):
        book.active["C3"] = "#N/A"
        book.active["C3"].data_type = "e"

    rows = (
        ["indicator", "period", "value"],
        ["unemployment_rate", "2025-Q3", 0.0092],
        ["mpi", "2025-08", 1],
        ["mpi", "2025-09", 2],
    )
    put(root, sheet(*rows, formats={"C2": "0.0%"}, change=wrong), "a.xlsx")
    put(root, HEADER + "mpi,2025-07,#REF!\n")
    assert {(f.where, f.rule, f.row) for f in errors(root)} == {
        ("series/a.xlsx", "xlsx.percent", 2),
        ("series/a.xlsx", "xlsx.error", 3),
        ("series/a.csv", "series.value", 2),
    }
    assert read(root) == {("mpi", "2025-09"): 2}


@pytest.mark.parametrize("encoding", ["utf-16", "cp874", "utf-16-le"])
def test_d04_other_encodings_are_read_with_a_warning(root, encoding):
    put(root, (HEADER + "mpi,ไตรมาส,1\nmpi,2025-08,98.5\n").encode(encoding))
    assert read(root) == {("mpi", "2025-08"): 98.5}
    assert "file.encoding" in {f.rule for f in open_workspace(root).series_findings}


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_d04_other_separators_and_trailing_ones(root, separator):
    put(root, (HEADER + "mpi,2025-08,98.5,,\n").replace(",", separator))
    assert read(root) == {("mpi", "2025-08"): 98.5}


@pytest.mark.parametrize("text", ["2567Q1", "Q1/2567", "ไตรมาส 1/2567", "ไตรมาสที่ ๑/๒๕๖๗"])
def test_d05_buddhist_years_and_thai_digits(root, text):
    put(root, HEADER + f"unemployment_rate,{text},๑.๒\n")
    assert read(root) == {("unemployment_rate", "2024-Q1"): 1.2}


@pytest.mark.parametrize(
    ("suffix", "make"), [(".xls", old_excel), (".ods", open_document), (".xlsb", binary_excel)]
)
def test_d06_the_old_kinds_are_read_like_xlsx(root, suffix, make):
    put(root, make(), f"a{suffix}")
    assert read(root) == {("mpi", "2025-08"): 98.5}
    assert [(f.rule, f.row) for f in errors(root)] == [("xlsx.percent", 3)]


def test_d12_a_row_with_a_cell_too_many_is_named(root):
    put(root, HEADER + "mpi,2025-08,98.5\nmpi,2025-09,1,234.5\n")
    assert [(f.rule, f.row) for f in errors(root)] == [("file.ragged", 3)]


def test_hidden_rows_and_columns_are_refused(root):
    def hide(book):
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["D"].hidden = True

    rows = (
        ["indicator", "period", "value", "as_of"],
        ["mpi", "2025-08", 98.5, "2025-10-01"],
        ["mpi", "2025-09", 1, ""],
    )
    put(root, sheet(*rows, change=hide), "a.xlsx")
    (finding,) = errors(root)
    assert finding.rule == "xlsx.hidden_cells"
    assert finding.value == "3, D"


def test_a_margin_of_blank_columns_and_rows_does_not_matter(root):
    rows = (
        [],
        [None, "indicator", None, "period", "value"],
        [None, "mpi", None, "2025-08", 98.5],
        [None, "mpi", None, "2025-09", "=1+1"],
    )
    put(root, sheet(*rows), "a.xlsx")
    assert read(root) == {("mpi", "2025-08"): 98.5}
    assert [(f.rule, f.value) for f in errors(root)] == [("xlsx.formula", "E4")]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html><table><tr><td>indicator</td></tr></table></html>", "web page"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
    ],
)
def test_what_only_is_called_a_spreadsheet_says_what_it_is(root, content, word):
    put(root, content, "a.xls")
    (finding,) = errors(root)
    assert word in finding.en


def test_flags_are_kept_beside_the_values(root):
    put(root, "indicator,2566r,,2567p,\n,Q3,Q4,Q1,Q2p\nunemployment_rate,1.0,1.1 1),0.9,0.8*\n")
    history = open_workspace(root).usable_history()
    assert dict(zip(history["period"], history["flag"], strict=True)) == {
        "2023-Q3": "r",
        "2023-Q4": "1)",
        "2024-Q1": "p",
        "2024-Q2": "*",
    }


def test_one_systematic_fault_is_one_finding_with_its_count(root):
    put(
        root,
        HEADER
        + "".join(
            f'mpi,{year}-{month:02d},"98,{month}"\n' for year in range(2000, 2020) for month in range(1, 13)
        ),
    )
    (finding,) = errors(root)
    assert finding.rule == "series.value"
    assert "240 values" in finding.en


def test_single_faults_are_told_one_by_one(root):
    put(root, HEADER + 'mpi,2025-07,"98,5"\nmpi,2025-08,x\nmpii,2025-08,1\nmpi,soon,1\nmpi,2025-09,1\n')
    assert {(f.rule, f.row) for f in errors(root)} == {
        ("series.value", 2),
        ("series.value", 3),
        ("series.indicator", 4),
        ("series.period", 5),
    }


def test_a_table_pasted_from_an_agency_works(root, declarations):
    names = [declarations.indicators[one].name.th for one in ("unemployment_rate", "employment_rate")]
    rows = (
        ["ตารางที่ 3 ภาวะการทำงานของประชากร", None, None, None],
        ["(ร้อยละ)", None, None, None],
        ["รายการ", 2567, None, 2568],
        [None, "ไตรมาสที่ 3", "ไตรมาสที่ 4", "ไตรมาสที่ 1p"],
        ["หน่วย", "ร้อยละ", "ร้อยละ", "ร้อยละ"],
        [f"1. {names[0]} 1/", 1.02, 0.88, "0.89"],
        [f"   2. {names[1]} (ร้อยละ)", 68.1, 68.2, 67.9],
        ["รวม", 100, 100, 100],
        ["หมายเหตุ: 1/ ไม่รวมทหารเกณฑ์", None, None, None],
        ["ที่มา: สำนักงานสถิติแห่งชาติ", None, None, None],
    )
    put(root, sheet(*rows, change=lambda book: book.active.merge_cells("B3:C3")), "nso.xlsx")
    assert errors(root) == []
    assert read(root)["unemployment_rate", "2024-Q3"] == 1.02
    assert read(root)["employment_rate", "2025-Q1"] == 67.9
    assert len(read(root)) == 6
    cells = open_workspace(root).usable_history()
    assert (
        cells.loc[(cells["indicator"] == "unemployment_rate") & (cells["period"] == "2025-Q1"), "cell"].item()
        == "D6"
    )
    assert re.fullmatch(r"series/nso\.xlsx", cells["file"].iloc[0])


def test_flags_of_periods_are_kept(root):
    put(root, HEADER + "mpi,2568-08,98\nmpi,2568-09p,98.5\nunemployment_rate,2568Q3r,0.9\n")
    found = open_workspace(root).usable_history().set_index("period")["flag"].to_dict()
    assert found == {"2025-08": "", "2025-09": "p", "2025-Q3": "r"}
