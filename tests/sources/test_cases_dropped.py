"""The rows B (and D07) of the table of faulty inputs, one test a row, by number: files dropped into ``incoming``."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pandas as pd
import pytest

from reporter.domain.errors import ReporterError
from reporter.sources import dropped
from reporter.sources.catalogue import Drop
from reporter.sources.fetching import _from_file

RECEIVED = dt.datetime(2025, 11, 20, 3, 0, tzinfo=dt.UTC)
NAME = {"th": "ก", "en": "a"}


def taken(
    content: bytes, name: str = "a.xlsx", *, value="value", period=None, where=None, **more
) -> pd.DataFrame:
    """Observations of a dropped file under a declaration."""
    mapping = {"series": "x", "value": value, "period": period or {"field": "period"}, "where": where or {}}
    drop = Drop.model_validate(
        {"id": "d", "files": "*", "name": NAME, "frequency": "quarterly", "observations": [mapping], **more}
    )
    return _from_file(content, name, drop, RECEIVED, "snapshots/x", {})[0]


def values(found: pd.DataFrame) -> dict[str, float]:
    return dict(zip(found["period"], found["value"], strict=True))


def sheet(*rows, change=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def refused(content: bytes, name: str = "a.xlsx", **more) -> str:
    with pytest.raises(ReporterError) as caught:
        taken(content, name, **more)
    assert any("\u0e00" <= mark <= "\u0e7f" for mark in caught.value.th)
    return caught.value.en


def test_b01_per_cent_cells_are_refused_with_their_cell():
    def per_cent(book):
        book.active["B3"].number_format = "0.00%"

    content = sheet(["period", "value"], ["2025-Q2", 0.9], ["2025-Q3", -0.0079], change=per_cent)
    assert "cell B3" in refused(content) and "per cent" in refused(content)


@pytest.mark.parametrize("text", ["-0,70", "0,93", "1,2", "1.234,5", "(-0.79)", "12 5", "0.911)", "1.2 ล้าน"])
def test_b02_numbers_that_can_be_read_in_two_ways_are_refused(text):
    assert "row 2" in refused(f'period,value\n2025-Q3,"{text}"\n'.encode(), "a.csv") or "B2" in refused(
        f'period,value\n2025-Q3,"{text}"\n'.encode(), "a.csv"
    )


@pytest.mark.parametrize(("text", "value"), [("-0,70", -0.7), ("1.234,5", 1234.5), ("12", 12)])
def test_b02_a_declared_decimal_comma_is_read(text, value):
    assert values(taken(f"period;value\n2025-Q3;{text}\n".encode(), "a.csv", decimal=",")) == {
        "2025-Q3": value
    }


def test_b03_hidden_rows_are_refused_or_read_as_declared():
    def hide(book):
        for row in (3, 4):
            book.active.row_dimensions[row].hidden = True

    content = sheet(["period", "value"], *[[f"2025-Q{n}", n] for n in (1, 2, 3)], change=hide)
    assert "hidden" in refused(content) and "3, 4" in refused(content)
    assert len(taken(content, hidden="read")) == 3


def test_b04_years_with_marks_are_read_and_the_marks_kept():
    quarters = [f"Q{n}" for n in (1, 2, 3, 4)]
    content = sheet(
        ["รายการ", 2023, None, None, None, "2024r", None, None, None, "2025p", None],
        ["", *quarters, *quarters, "Q1", "Q2"],
        ["ว่างงาน", *range(10)],
    )
    found = taken(content, layout="wide", header_rows=2)
    assert len(found) == 10
    assert dict(zip(found["period"], found["flag"], strict=True))["2024-Q3"] == "r"
    assert dict(zip(found["period"], found["flag"], strict=True))["2025-Q2"] == "p"


def test_b04_columns_of_numbers_that_are_no_period_are_named():
    content = sheet(["รายการ", "2024-Q1", "2024-Q2", "May-24"], ["ว่างงาน", 1, 2, 3])
    assert '"May-24"' in refused(content, layout="wide")
    assert len(taken(content, layout="wide", ignore=["May-24"])) == 2


def test_b05_both_eras_over_marked_quarters():
    content = sheet(["รายการ", "2567 (2024)", None], ["", "Q1", "Q2p"], ["ว่างงาน", 1, 2])
    found = taken(content, layout="wide", header_rows=2)
    assert values(found) == {"2024-Q1": 1, "2024-Q2": 2}
    assert found["flag"].tolist() == ["", "p"]


def test_b05_years_of_two_digits_need_a_thai_month_or_a_declared_calendar():
    thai = sheet(["รายการ", "ม.ค.-67", "ก.พ.-67"], ["ว่างงาน", 1, 2])
    assert values(taken(thai, layout="wide", frequency="monthly")) == {"2024-01": 1, "2024-02": 2}
    english = sheet(["รายการ", "APR24", "May-24"], ["ว่างงาน", 1, 2])
    assert "no column is a period" in refused(english, layout="wide", frequency="monthly")
    assert list(values(taken(english, layout="wide", frequency="monthly", years="christian"))) == [
        "2024-04",
        "2024-05",
    ]


def test_b06_a_formula_without_a_stored_result_is_refused_with_its_cell():
    content = sheet(["period", "value"], ["2025-Q2", 0.9], ["2025-Q3", "=B2+1"])
    assert "cell B3" in refused(content) and "formula" in refused(content)


@pytest.mark.parametrize("title", ["   2. อัตราการจ้างงาน 1/ ", "อัตราการจ้างงาน*", "อัตรา การจ้างงาน"])
def test_b07_row_titles_are_matched_without_numbers_and_footnotes(title):
    content = sheet(["รายการ", "2025-Q1", "2025-Q2"], ["1. อัตราการว่างงาน", 9, 9], [title, 1, 2])
    assert values(taken(content, layout="wide", where={"รายการ": "อัตราการจ้างงาน"})) == {
        "2025-Q1": 1,
        "2025-Q2": 2,
    }


def test_b07_else_the_nearest_titles_are_listed():
    content = sheet(["รายการ", "2025-Q1", "2025-Q2"], ["อัตราการจ้างงานรวม", 1, 2])
    assert '"อัตราการจ้างงานรวม"' in refused(content, layout="wide", where={"รายการ": "อัตราการจ้างงาน"})


def test_b08_a_year_alone_stands_over_its_quarters():
    content = sheet(
        ["งวด", "ค่า"],
        [2567, None],
        ["ไตรมาสที่ 1", 70.1],
        ["ไตรมาสที่ 2", 70.2],
        ["2568r", None],
        ["ไตรมาสที่ 1", 70.3],
    )
    found = taken(content, value="ค่า", year_rows="งวด", period={"year": "year", "quarter": "งวด"})
    assert values(found) == {"2024-Q1": 70.1, "2024-Q2": 70.2, "2025-Q1": 70.3}


def test_b09_totals_and_units_are_left_out_as_declared_and_the_message_says_how():
    content = sheet(["period", "value"], [None, "(ร้อยละ)"], ["2025-Q1", 1], ["2025-Q2", 2], ["รวม", 3])
    assert "'skip'" in refused(content)
    assert values(taken(content, skip=["รวม*", "(*"])) == {"2025-Q1": 1, "2025-Q2": 2}


@pytest.mark.parametrize(
    ("place", "title", "name"),
    [
        ("title", "ตารางที่ 1 ผู้มีงานทำ ไตรมาสที่ 3 (กรกฎาคม-กันยายน) 2568", "a.xlsx"),
        ("A1", "ไตรมาสที่ 3/2568", "a.xlsx"),
        ("file", "ตารางที่ 1", "nso_2568-Q3.xlsx"),
    ],
)
def test_b10_the_period_stands_in_the_title_a_cell_or_the_files_name(place, title, name):
    content = sheet([title], ["ภาค", "ชาย", "หญิง"], ["ทั่วราชอาณาจักร", 70, 60])
    found = taken(content, name, value="ชาย", header=2, period_from=place, where={"ภาค": "ทั่วราชอาณาจักร"})
    assert values(found) == {"2025-Q3": 70}


def test_b10_a_title_of_two_periods_is_refused():
    content = sheet(["เปรียบเทียบไตรมาสที่ 3/2567 กับไตรมาสที่ 3/2568"], ["ภาค", "ชาย"], ["รวม", 70])
    assert "no single period" in refused(content, value="ชาย", header=2, period_from="title")


def test_b11_semicolons_and_invisible_characters():
    content = "period;value\n2025-Q3;\u00a0-0.70\u200b\n".encode()
    assert values(taken(content, "a.csv")) == {"2025-Q3": -0.7}


@pytest.mark.parametrize(
    "rows",
    [
        "2025-Q3,1\n2025-Q3,2\n",
        "2025-Q3,#N/A\n",
        "รวม,1\n",
        "45839,1\n",
        "01/07/2568,1\n",
    ],
)
def test_d07_what_cannot_be_taken_is_refused_with_its_row(rows):
    assert refused(f"period,value\n2025-Q1,0\n{rows}".encode(), "a.csv")


def test_d07_broken_bytes_are_refused():
    assert refused(b"period,value\n2025-Q3,1\xff\xdb\n", "a.csv")


def test_d07_a_mark_is_a_flag():
    assert taken(b"period,value\n2025-Q3,0.70p\n", "a.csv")["flag"].tolist() == ["p"]


@pytest.mark.parametrize("cell", ["0.91 1)", "0.91 1/", "0.91 (r)", "0.91**"])
def test_footnote_marks_do_not_become_digits(cell):
    assert values(taken(f"period,value\n2025-Q3,{cell}\n".encode(), "a.csv")) == {"2025-Q3": 0.91}


def test_a_quarter_that_excel_turned_into_a_date_is_refused():
    content = sheet(["period", "value"], [dt.datetime(2568, 3, 1), 1])
    assert "may be a quarter" in refused(content)


def test_first_days_of_all_quarters_are_quarters():
    rows = [[dt.datetime(2025, month, 1), month] for month in (1, 4, 7)]
    assert values(taken(sheet(["period", "value"], *rows))) == {"2025-Q1": 1, "2025-Q2": 4, "2025-Q3": 7}


def test_every_value_knows_its_sheet_and_cell():
    content = sheet(["รายการ", "2025-Q1", "2025-Q2"], ["ว่างงาน", 1, 2])
    found = taken(content, "nso.xlsx", layout="wide")
    assert found[["place", "row", "cell"]].to_numpy().tolist() == [
        ["incoming/nso.xlsx[Sheet]", 2, "B2"],
        ["incoming/nso.xlsx[Sheet]", 2, "C2"],
    ]


def test_all_kinds_of_files_are_listed(tmp_path):
    (tmp_path / "incoming").mkdir()
    for name in ("a.xls", "b.ods", "c.xlsb", "d.csv", "e.pdf", ".hidden", "~$a.xlsx"):
        (tmp_path / "incoming" / name).write_bytes(b"x")
    assert [path.name for path in dropped.files(tmp_path)] == ["a.xls", "b.ods", "c.xlsb", "d.csv", "e.pdf"]


def test_several_sheets_need_a_choice():
    def second(book):
        book.create_sheet("อื่น").append(["x"])

    content = sheet(["period", "value"], ["2025-Q3", 1], change=second)
    assert "2 sheets" in refused(content)
    assert values(taken(content, sheet="Sheet")) == {"2025-Q3": 1}
