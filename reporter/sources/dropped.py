"""Files that agencies send, dropped into a workspace's ``incoming`` folder -> rows.

Goes in: CSV (UTF-8 or Windows-874) or XLSX, long (one row per observation) or wide (one column per period), each with a
declared layout. Comes out: rows as the services give them, so that one mapping serves both.
"""

from __future__ import annotations

import csv
import fnmatch
import io
import unicodedata
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from reporter.domain.errors import InputError
from reporter.sources import values
from reporter.sources.answers import Row
from reporter.sources.catalogue import Catalogue, Drop
from reporter.sources.values import UnreadableError

FOLDER = "incoming"
_SUFFIXES = (".csv", ".xlsx")
_LARGEST_BYTES = 64_000_000
_MOST_CELLS = 5_000_000


def files(root: Path) -> list[Path]:
    """Dropped files of a workspace, sorted by name; hidden files and Excel's own left-overs do not count."""
    folder = root / FOLDER
    return sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and not path.name.startswith((".", "~$")) and path.suffix.lower() in _SUFFIXES
    )


def declared_for(path: Path, catalogue: Catalogue) -> Drop | None:
    """The declaration whose pattern a file's name fits; None where there is none. Raises InputError for several."""
    name = unicodedata.normalize("NFC", path.name).casefold()
    fitting = [drop for drop in catalogue.drops.values() if fnmatch.fnmatchcase(name, drop.files.casefold())]
    if len(fitting) > 1:
        ids = ", ".join(drop.id for drop in fitting)
        raise InputError(
            f"{FOLDER}/{path.name} ตรงกับประกาศหลายรายการ ({ids}) — แก้ files ให้ตรงรายการเดียว",
            f"{FOLDER}/{path.name} fits several declarations ({ids}); make 'files' fit one.",
        )
    return fitting[0] if fitting else None


def rows(content: bytes, name: str, drop: Drop) -> list[Row]:
    """Rows of a dropped file by its declared layout. Raises InputError when it is laid out otherwise."""
    grid = _sheet(content, name, drop) if name.lower().endswith(".xlsx") else _csv(content, name)
    top, body = (
        grid[drop.header - 1 : drop.header - 1 + drop.header_rows],
        grid[drop.header - 1 + drop.header_rows :],
    )
    header = _header(top)
    if sum(1 for cell in header if cell) < 2:
        raise InputError(
            f"{FOLDER}/{name}: แถวที่ {drop.header} ไม่มีหัวคอลัมน์ — ตรวจ header ในประกาศ {drop.id}",
            f"{FOLDER}/{name}: row {drop.header} holds no column names; check 'header' of the declaration {drop.id}.",
        )
    table = [dict(zip(header, cells, strict=False)) for cells in body if any(_filled(cell) for cell in cells)]
    for column in drop.fill:
        _fill_down(table, column)
    return _melted(table, header, name, drop) if drop.layout == "wide" else table


def _csv(content: bytes, name: str) -> list[list[Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp874", errors="replace")
    try:
        return [list(cells) for cells in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise InputError(
            f"{FOLDER}/{name} ไม่ใช่ CSV ({error}) — บันทึกใหม่เป็น CSV UTF-8",
            f"{FOLDER}/{name} is not CSV ({error}); save it again as CSV UTF-8.",
        ) from error


def _sheet(content: bytes, name: str, drop: Drop) -> list[list[Any]]:
    """Cells of a sheet: the declared one, or the first."""
    if len(content) > _LARGEST_BYTES:
        raise InputError(f"{FOLDER}/{name} ใหญ่เกินไป — แบ่งไฟล์", f"{FOLDER}/{name} is too large; split it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # styles that openpyxl does not know say nothing about the numbers
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(
            f"{FOLDER}/{name} เปิดเป็น Excel ไม่ได้ — บันทึกใหม่เป็น .xlsx หรือ .csv",
            f"{FOLDER}/{name} does not open as Excel; save it again as .xlsx or .csv.",
        ) from error
    try:
        if drop.sheet and drop.sheet not in book.sheetnames:
            raise InputError(
                f'{FOLDER}/{name} ไม่มีแผ่นงาน "{drop.sheet}" — มี {", ".join(book.sheetnames)}',
                f'{FOLDER}/{name} has no sheet "{drop.sheet}"; it has {", ".join(book.sheetnames)}.',
            )
        sheet = book[drop.sheet] if drop.sheet else book.worksheets[0]
        grid: list[list[Any]] = []
        cells = 0
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > _MOST_CELLS:
                raise InputError(
                    f"{FOLDER}/{name} มีเซลล์มากเกินไป — แบ่งไฟล์",
                    f"{FOLDER}/{name} has too many cells; split it.",
                )
            grid.append(list(row))
        return grid
    finally:
        book.close()


def _header(top: list[list[Any]]) -> list[str]:
    """Column names; of two rows the upper one (years, merged over their quarters) is repeated and put first."""
    if not top:
        return []
    if len(top) == 1:
        return [_name(cell) for cell in top[0]]
    names, above = [], ""
    for upper, lower in zip(*top, strict=False):
        above = _name(upper) or above
        below = _name(lower)
        names.append(f"{above}|{below}" if below and above else above or below)
    return names


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _fill_down(table: list[Row], column: str) -> None:
    """Repeat the cell above in blank cells of a column."""
    last: Any = None
    for row in table:
        last = row[column] = row.get(column) if _filled(row.get(column)) else last


def _melted(table: list[Row], header: list[str], name: str, drop: Drop) -> list[Row]:
    """One row per period column: the other columns, ``period`` and ``value``."""
    periods = {
        column: found
        for column in header
        if column and (found := _column_period(column, drop.frequency)) is not None
    }
    if not periods:
        raise InputError(
            f"{FOLDER}/{name}: ไม่มีคอลัมน์ที่เป็นช่วงเวลา — ตรวจ header และ header_rows ในประกาศ {drop.id}",
            f"{FOLDER}/{name}: no column is a period; check 'header' and 'header_rows' of the declaration {drop.id}.",
        )
    melted = []
    for row in table:
        rest = {column: cell for column, cell in row.items() if column and column not in periods}
        melted += [{**rest, "period": found, "value": row.get(column)} for column, found in periods.items()]
    return melted


def _column_period(column: str, frequency: str) -> str | None:
    """The period that a column's name says, as text; None for another column."""
    year, bar, part = column.partition("|")
    try:
        if not bar:
            return _written(values.period(column))
        christian = values.year(year)
        if frequency == "monthly":
            return f"{christian}-{values.month(part):02d}"
        return f"{christian}-Q{values.quarter(part)}"
    except UnreadableError:
        return None


def _written(period: pd.Period) -> str:
    text = str(period)
    return text.replace("Q", "-Q") if "Q" in text else text
