import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.schema import (
    csv_bytes,
    defuse,
    public,
    write_csv,
)
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow


def test_numbers_read_back_to_the_last_bit():
    table = pd.DataFrame({"period": ["2025-Q3", "2025-Q4"], "value": [0.1 + 0.2, np.nan]})
    assert float(csv_bytes(table).decode().splitlines()[1].split(",")[1]) == 0.1 + 0.2
    assert csv_bytes(table).endswith(b"2025-Q4,\n")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(text):
    assert defuse(text) == "'" + text


@pytest.mark.parametrize("value", ["+", "-", "ร้อยละ", "", -1.5, None])
def test_signs_numbers_and_plain_text_stay(value):
    assert defuse(value) == value


def test_only_declared_tables_are_published(tmp_path):
    tables = {"weights": pd.DataFrame({"weight": [1.0]}), "observations": pd.DataFrame({"value": [1.0]})}
    assert list(write_csv(tables, tmp_path)) == ["weights"]


def test_public_tables_come_in_declared_order():
    assert list(public({"forecast": pd.DataFrame(), "labour_index": pd.DataFrame()})) == [
        "labour_index",
        "forecast",
    ]


def test_the_workbook_holds_every_table_and_no_formula(context):
    from reporter.report.workbook import COLUMNS, CONTENTS, workbook

    tables = example_tables()
    tables["release_notes"] = pd.DataFrame({"kind": ["data"], "text_th": ['=HYPERLINK("http://x")']})
    content = workbook(tables, context)
    assert content == workbook(tables, context)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [CONTENTS, *public(tables), COLUMNS]
    assert book["release_notes"]["B2"].value.startswith("'=")
    described = {(row[0].value, row[1].value) for row in book[COLUMNS].iter_rows(min_row=2)}
    assert described == {(name, column) for name in public(tables) for column in schema.columns(name)}
    assert book["release_notes"]["B2"].data_type == "s"
    weights = [row[1].value for row in book["weights"].iter_rows(min_row=2)]
    assert weights == pytest.approx(tables["weights"]["weight"].tolist())


def test_every_sheet_has_its_headings_in_their_look_and_stays_in_view(context):
    from reporter.report.workbook import workbook

    tables = example_tables()
    book = openpyxl.load_workbook(io.BytesIO(workbook(tables, context)))
    for name in public(tables):
        heading = book[name]["A1"]
        assert (heading.font.b, heading.font.name, heading.fill.fgColor.rgb) == (True, "Sarabun", "FF1F4E79")
        assert book[name].freeze_panes == "A2"
        assert not book[name]["A2"].font.b
