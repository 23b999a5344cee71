"""The optional file of other countries: read, refused with its row, printed with its licence, and absent without it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.edition import english_context
from reporter.inputs.series import COUNTRIES_FILE, read_countries
from reporter.report import findings
from reporter.report.numbers import Cells
from reporter.report.tables_of_chapters import countries_sheet
from tests.support.issue import example_context
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow

HEAD = "country,name_th,name_en,period,value,source,licence\n"
JAPAN = "JP,ญี่ปุ่น,Japan,2568-Q3,2.5,ILO ILOSTAT,CC BY 4.0\n"


def read(tmp_path: Path, text: str):
    (tmp_path / COUNTRIES_FILE).write_text(HEAD + text, encoding="utf-8")
    return read_countries(tmp_path)


def test_the_file_is_optional_and_read_with_quarters_of_either_era(tmp_path):
    assert read_countries(tmp_path)[0].empty
    table, found = read(tmp_path, JAPAN + "VN,เวียดนาม,Viet Nam,2025-Q2,2.2,ILO ILOSTAT,CC BY 4.0\n")
    schema.check("countries", table)
    assert not found and table[["country", "period", "value"]].to_numpy().tolist() == [
        ["JP", "2025-Q3", 2.5],
        ["VN", "2025-Q2", 2.2],
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("JP,ญี่ปุ่น,Japan,2025-Q3,2.5,ILO,\n", "licence"),
        ("JP,ญี่ปุ่น,Japan,2025-Q3,2.5,,CC BY 4.0\n", "source"),
        ("JP,ญี่ปุ่น,Japan,2025-Q3,250,ILO,CC BY 4.0\n", "value"),
        ("JP,ญี่ปุ่น,Japan,ครึ่งปี,2.5,ILO,CC BY 4.0\n", "period"),
        (JAPAN, "country"),
    ],
)
def test_a_row_that_cannot_be_printed_is_refused_with_its_place(tmp_path, row, column):
    table, found = read(tmp_path, JAPAN + row)
    assert len(table) == 1 and [(one.severity, one.row, one.column) for one in found] == [
        ("error", 3, column)
    ]


def test_chapter_1_prints_it_beside_thailands_own_with_source_and_licence(tmp_path):
    context, tables = example_context(), example_tables()
    assert (
        countries_sheet(Cells(tables), context) is None
        and "countries" not in findings(tables, context).sheets
    )
    tables["countries"] = pd.concat(
        [read(tmp_path, JAPAN)[0], read(tmp_path, JAPAN.replace("2568", "2569"))[0]]
    )
    sheet = countries_sheet(Cells(tables), context)
    assert [row.head for row in sheet.rows] == ["ไทย", "ญี่ปุ่น"] and sheet.note == "ILO ILOSTAT (CC BY 4.0)"
    assert sheet.rows[1].cells[1].number.cell == "countries?country=JP&period=2025-Q3#value"
    english = countries_sheet(Cells(tables), english_context(replace(context)))
    assert [row.head for row in english.rows] == ["Thailand", "Japan"]
