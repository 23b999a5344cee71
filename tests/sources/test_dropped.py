"""Files that agencies send: CSV and Excel, wide and long."""

from __future__ import annotations

import io

import openpyxl
import pytest

from reporter.domain.errors import InputError
from reporter.sources import dropped
from reporter.sources.catalogue import Drop

BASE = {
    "id": "sso",
    "files": "*.xlsx",
    "name": {"th": "ก", "en": "a"},
    "frequency": "quarterly",
    "observations": [{"series": "x", "value": "value", "period": {"field": "period"}}],
}


def drop(**more):
    return Drop.model_validate({**BASE, **more})


def book(*rows, title="Sheet"):
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_long_csv_with_mark_and_title_rows():
    content = 'ตารางที่ 1,,\nปี,ไตรมาส,ค่า\n2568,1,"1,200"\n\n2568,2,1300\n'.encode("utf-8-sig")
    assert dropped.rows(content, "a.csv", drop(header=2)) == [
        {"ปี": "2568", "ไตรมาส": "1", "ค่า": "1,200"},
        {"ปี": "2568", "ไตรมาส": "2", "ค่า": "1300"},
    ]


def test_csv_of_the_thai_code_page():
    assert dropped.rows("ปี,ค่า\n2568,1\n".encode("cp874"), "a.csv", drop()) == [{"ปี": "2568", "ค่า": "1"}]


def test_merged_cells_are_filled_down():
    content = book(["ปี", "ไตรมาส", "ค่า"], [2568, 1, 10], [None, 2, 20])
    assert [row["ปี"] for row in dropped.rows(content, "a.xlsx", drop(fill=["ปี"]))] == [2568, 2568]


def test_wide_sheet_has_one_row_per_period():
    content = book(["รายการ", "2568-Q1", "Q2/2568", "หมายเหตุ"], ["ว่างงาน", 1, 2, "-"], ["มีงาน", 3, None, ""])
    found = dropped.rows(content, "a.xlsx", drop(layout="wide"))
    assert [(row["รายการ"], row["period"], row["value"]) for row in found] == [
        ("ว่างงาน", "2025-Q1", 1),
        ("ว่างงาน", "2025-Q2", 2),
        ("มีงาน", "2025-Q1", 3),
        ("มีงาน", "2025-Q2", ""),
    ]


def test_years_over_quarters():
    content = book(
        ["รายการ", 2567, None, 2568], [None, "ไตรมาส 3", "ไตรมาส 4", "ไตรมาส 1"], ["ว่างงาน", 1, 2, 3]
    )
    found = dropped.rows(content, "a.xlsx", drop(layout="wide", header_rows=2))
    assert [(row["period"], row["value"]) for row in found] == [
        ("2024-Q3", 1),
        ("2024-Q4", 2),
        ("2025-Q1", 3),
    ]


def test_years_over_months():
    content = book(["รายการ", 2568, None], [None, "ม.ค.", "ก.พ."], ["ว่างงาน", 1, 2])
    found = dropped.rows(content, "a.xlsx", drop(layout="wide", header_rows=2, frequency="monthly"))
    assert [row["period"] for row in found] == ["2025-01", "2025-02"]


@pytest.mark.parametrize(
    ("content", "more", "word"),
    [
        (b"not a zip", {}, "does not open as Excel"),
        (book(["a", "b"], [1, 2]), {"sheet": "Data"}, 'no sheet "Data"'),
        (book(["a", "b"], [1, 2]), {"layout": "wide"}, "no column is a period"),
        (book(["a", "b"], [1, 2]), {"header": 9}, "no column names"),
    ],
)
def test_a_file_laid_out_otherwise_is_refused(content, more, word):
    with pytest.raises(InputError, match=word):
        dropped.rows(content, "a.xlsx", drop(**more))
