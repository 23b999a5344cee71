"""The long tables as a spreadsheet: a contents sheet and one sheet per table.

Goes in: the published tables. Comes out: ``data-long.xlsx`` (``data.xlsx`` is reporter/report/data_book.py), the same bytes for the same tables. No cell is a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from reporter.domain import schema, thai
from reporter.domain.edition import Context
from reporter.domain.schema import defused, for_whole_country
from reporter.domain.thai import date_th, quarter_th
from reporter.report.numbers import Change, Movement, Number

CONTENTS = "สารบัญ"
COLUMNS = "คำอธิบายคอลัมน์"
_FONT = {"font_name": "Sarabun", "font_size": 11}
_STRONG = {**_FONT, "bold": True, "font_size": 14}
_HEADER = {**_FONT, "bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 0}
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_WIDEST = 42  # characters: a wider column hides its neighbours on a screen


class ExactSheet(Worksheet):
    """A sheet whose numbers read back to the last bit: the library itself writes sixteen digits."""

    def _xml_number_element(self, number: Any, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        attr = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{attr}><v>{number!r}</v></c>")


def workbook(tables: Mapping[str, pd.DataFrame], context: Context) -> bytes:
    """All published tables as one XLSX file; missing numbers are empty cells."""
    sheets = {name: defused(table) for name, table in for_whole_country(tables).items()}
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        book.worksheet_class = ExactSheet
        created = dt.datetime.combine(context.as_of, dt.time())
        title = f"{context.settings.title.th} {quarter_th(context.quarter)}"
        book.set_properties({"title": title, "author": context.settings.ministry.th, "created": created})
        _contents(book, sheets, title, context)
        plain, header = book.add_format(_FONT), book.add_format(_HEADER)
        for name, table in sheets.items():
            _cells(book.add_worksheet(name), table, plain, header)
        _cells(book.add_worksheet(COLUMNS), _codebook(sheets), plain, header)
    return buffer.getvalue()


def _cells(sheet: Any, table: pd.DataFrame, plain: Any, header: Any) -> None:
    """One table: header, frozen first row, filter, columns as wide as their content."""
    columns = {str(column): table[column].tolist() for column in table.columns}
    for index, (column, values) in enumerate(columns.items()):
        sheet.set_column(index, index, _width(column, values), plain)
        sheet.write_string(0, index, column, header)
        for row, value in enumerate(values, start=1):
            _cell(sheet, row, index, value)
    _filtered(sheet, table)


def _codebook(names: Iterable[str]) -> pd.DataFrame:
    """Every column of every sheet: its Thai title, unit, what it holds, what an empty cell means (``data/tables``)."""
    rows = [
        (name, column.name, column.title.th, *(text.th if text else "" for text in texts))
        for name in names
        for column in schema.declared_tables()[name].columns.values()
        for texts in [(column.unit, column.meaning, column.missing)]
    ]
    return pd.DataFrame(rows, columns=["ตาราง", "คอลัมน์", "ชื่อ", "หน่วย", "ความหมาย", "ช่องว่างหมายถึง"])


def _filtered(sheet: Any, table: pd.DataFrame) -> None:
    sheet.freeze_panes(1, 0)
    if len(table):
        sheet.autofilter(0, 0, len(table), max(len(table.columns) - 1, 0))


def _contents(
    book: xlsxwriter.Workbook, sheets: Mapping[str, pd.DataFrame], title: str, context: Context
) -> None:
    """The first sheet: what the workbook is, and a link to every table."""
    sheet = book.add_worksheet(CONTENTS)
    plain, strong = book.add_format(_FONT), book.add_format(_STRONG)
    link = book.add_format({**_FONT, "font_color": "#1F4E79", "underline": 1})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 12)
    sheet.write_string(0, 0, title, strong)
    notes = [f"ข้อมูล ณ วันที่ {date_th(context.as_of)}", *_edition_notes(context)]
    if context.settings.synthetic:
        notes.append("ข้อมูลสังเคราะห์ ใช้เพื่อทดสอบระบบเท่านั้น")
    if not context.final:
        notes.append("ฉบับร่าง ยังไม่ได้รับอนุมัติให้เผยแพร่")
    notes.append("แผ่นที่มีหลายกลุ่มแสดงเฉพาะทั่วประเทศ ข้อมูลทุกกลุ่มอยู่ในแฟ้ม CSV ของฉบับเดียวกัน")
    for row, note in enumerate(notes, start=1):
        sheet.write_string(row, 0, note, plain)
    first = len(notes) + 2
    for column, heading in enumerate(("ตาราง", "เนื้อหา", "จำนวนแถว")):
        sheet.write_string(first, column, heading, book.add_format(_HEADER))
    for row, (name, table) in enumerate(sheets.items(), start=first + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, string=name)
        sheet.write_string(row, 1, schema.declared_tables()[name].title.th, plain)
        sheet.write_number(row, 2, len(table), plain)


def _edition_notes(context: Context) -> list[str]:
    """Version, digest of the tables, and where to ask whether this version still is the newest."""
    edition = context.edition
    if edition is None:
        return []
    notes = [f"ฉบับที่ {edition.version}", f"รหัสข้อมูล (data_id) {edition.data_id}"]
    if edition.website:
        notes += [
            f"ที่อยู่ถาวรของฉบับ ซึ่งประกาศการแก้ไข: {edition.address}",
            f"ตรวจว่าฉบับนี้ยังเป็นฉบับล่าสุด: {edition.status_address}",
        ]
    return notes


def _cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _width(heading: str, values: list[Any]) -> float:
    """Width in characters: the longest of the first 200 cells, numbers counted as 12."""
    longest = max((12 if isinstance(value, float) else len(str(value)) for value in values[:200]), default=0)
    return min(max(longest, len(heading)) + 2, _WIDEST)


# ----------------------------------------------------------------------------------------------------
# Tables of the report as rows of cells, ready to be placed: every number keeps the cell it came from.
#
# Goes in: facts and tables. Comes out: ``ReportSheet`` objects that one template macro sets. Missing numbers read –, suppressed
# ones x; a change carries the class that colours it.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One cell: ``kind`` text, number, change, missing or suppressed; ``quality`` colours a change."""

    kind: str
    text: str = ""
    number: Number | None = None
    quality: str = ""

    @property
    def shown(self) -> str:
        """The cell as a reader sees it."""
        if self.number is None:
            return self.text
        return (
            thai.change(self.number.value, self.number.decimals)
            if self.kind == "change"
            else self.number.text
        )


@dataclass(frozen=True)
class SheetColumn:
    """A column's head; numbers are set at the right."""

    label: str
    is_number: bool = True


@dataclass(frozen=True)
class SheetRow:
    """A row: its head, its cells; ``group`` opens a group of rows with that heading."""

    head: str
    cells: tuple[Cell, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class ReportSheet:
    """One table of the report."""

    id: str
    title: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    unit: str = ""
    note: str = ""
    style: str = ""


MISSING = Cell("missing", thai.MISSING)
SUPPRESSED = Cell("suppressed", thai.SUPPRESSED)


def text(value: str) -> Cell:
    """A text cell; an empty text reads as missing."""
    return Cell("text", value) if value else MISSING


def number(value: Number | None) -> Cell:
    """A number cell."""
    return MISSING if value is None else Cell("number", number=value)


def change(value: Change | None) -> Cell:
    """A change with its arrow and colour."""
    return MISSING if value is None else Cell("change", number=value.number, quality=value.quality)


def uncoloured(cell: Cell) -> Cell:
    """A change without the colour of better or worse."""
    return replace(cell, quality="unchanged") if cell.kind == "change" else cell


def difference(value: Number | None, polarity: int = 1) -> Cell:
    """A plain difference with its arrow; coloured by sign and polarity."""
    if value is None:
        return MISSING
    quality = thai.quality(value.value, polarity, value.decimals).replace("same", "unchanged")
    return Cell("change", number=value, quality=quality if polarity else "unchanged")


def moves(moved: Movement) -> tuple[Cell, Cell, Cell]:
    """Level, change on the quarter, change on the year."""
    return number(moved.level), change(moved.quarter), change(moved.year)


def columns(*labels: str, texts: Sequence[int] = ()) -> tuple[SheetColumn, ...]:
    """Heads of the columns after the row head; ``texts`` are the places of text columns."""
    return tuple(SheetColumn(label, at not in texts) for at, label in enumerate(labels))
