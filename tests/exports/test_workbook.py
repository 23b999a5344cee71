"""The workbook that people open, opened and saved again by another program: every number comes back."""

import io
import math

import openpyxl
import pytest

from reporter.report import data_book
from tests.exports.conftest import NO_OFFICE, OFFICE
from tests.support.issue import example_context

pytestmark = pytest.mark.slow


def cells(content):
    """(sheet, cell) -> number or text of every cell."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def same(value, again):
    """Whether a cell is what it was: a text to the letter, a number to the fifteen digits that LibreOffice writes."""
    if isinstance(value, float):
        return isinstance(again, int | float) and math.isclose(value, again, rel_tol=1e-14, abs_tol=0)
    return value == again


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_libreoffice_gives_every_cell_of_the_workbook_back(issue, as_pdf, lang):
    content = data_book.data_book(issue.tables, example_context(), lang)
    given, saved = cells(content), cells(as_pdf(content, "data.xlsx", "xlsx").read_bytes())
    assert sum(isinstance(value, float) for value in given.values()) > 2000
    other = {place for place, value in given.items() if not same(value, saved.get(place))}
    assert other == set()
