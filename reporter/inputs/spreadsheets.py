"""Spreadsheets of every kind (.xlsx also strict, .xls, .xlsb, .ods) as grids of cells; what they can hide is named.

Goes in: a file's bytes. Comes out: one ``Sheet`` per worksheet: python values row by row, a ``Fault`` where a cell's stored
value is not what its reader sees (a per-cent format, a formula that was never computed, a formula's error), hidden rows and
columns, merged ranges. Values come from python-calamine (.xls: xlrd), what it does not tell from ``sheet_parts``.
Refused before anything is unpacked: zip bombs, entity bombs, macros, sheets with a cell so far away that the grid is huge.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import python_calamine as calamine

from reporter.domain.errors import Finding, Severity
from reporter.inputs.sheet_parts import (
    MAX_CELLS,
    BinaryWorkbook,
    Details,
    Fault,
    OpenDocument,
    OpenXml,
    Sheet,
    coordinate,
    is_per_cent,
)

# A report's whole input is a few megabytes; a survey of four million answers unpacks to some 200.
MAX_UNPACKED = 400_000_000
MAX_RATIO = 300  # zip packs spreadsheet XML at most some 50 to 1
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode(
    "utf-16-le"
)  # Excel packs a workbook with a password into the old container
SUFFIXES = (".xlsx", ".xls", ".xlsb", ".ods")


def is_spreadsheet(data: bytes) -> bool:
    """Whether bytes look like a spreadsheet of some kind, whatever the file is called."""
    return data.startswith((b"PK\x03\x04", _OLE))


def read_workbook(
    data: bytes, where: str, found: list[Finding], *, wanted: Callable[[str], bool] = lambda name: True
) -> list[Sheet]:
    """Every worksheet, hidden ones too; empty after noting why the file cannot be read.

    wanted   says by its name whether a sheet is read
    """
    is_old = data.startswith(_OLE)
    if _ENCRYPTED in data[:_CHUNK] and is_old:
        found.append(_locked(where))
        return []
    if re.match(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype html|html|table|\?xml)", data[:200], re.IGNORECASE):
        found.append(_web_page(where))
        return []
    if not is_old and not is_safe(data, where, found):
        return []
    try:
        if is_old:
            return _old_sheets(data, where, found, wanted)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "content.xml" in names:
                details: Details = OpenDocument(archive)
            elif "xl/workbook.bin" in names:
                details = BinaryWorkbook(archive, wanted)
            else:
                details = OpenXml(archive, wanted)
            if far := details.too_large():
                found.append(_too_large(where, *far))
                return []
        with _without_panic_text():
            return _sheets(data, details, wanted)
    except calamine.PasswordError:
        found.append(_locked(where))
    except Exception as error:  # the readers raise whatever they meet in a damaged file
        found.append(
            _locked(where) if "assword" in str(error) or "ncrypt" in str(error) else _damaged(where, error)
        )
    except BaseException as error:  # a panic of calamine, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        found.append(_damaged(where, error))
    return []


@contextlib.contextmanager
def _without_panic_text() -> Iterator[None]:
    """Keep calamine's own report of a panic off the screen: the finding says what the user can do about the file."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _sheets(data: bytes, details: Details, wanted: Callable[[str], bool]) -> list[Sheet]:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet or not wanted(meta.name):
            continue
        table = book.get_sheet_by_name(meta.name)
        rows = table.to_python(skip_empty_area=False)
        sheet = Sheet(meta.name, rows, meta.visible == calamine.SheetVisibleEnum.Visible)
        sheet.merged = list(table.merged_cell_ranges or [])
        details.complete(sheet)
        sheets.append(sheet)
    return sheets


def _old_sheets(data: bytes, where: str, found: list[Finding], wanted: Callable[[str], bool]) -> list[Sheet]:
    """Sheets of the binary .xls, with xlrd, which also tells formats and errors; none after noting one that is too large."""
    import xlrd
    from xlrd.biffh import error_text_from_code

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    sheets = []
    for sheet in book.sheets():
        if not wanted(sheet.name):
            continue
        if sheet.nrows * sheet.ncols > MAX_CELLS:
            found.append(_too_large(where, sheet.name, sheet.nrows, sheet.ncols))
            return []
        rows = []
        for line in range(sheet.nrows):
            row: list[Any] = []
            for cell in sheet.row(line):
                if cell.ctype == xlrd.XL_CELL_DATE:
                    moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
                    row.append(moment.date() if moment.time() == dt.time() else moment)
                elif cell.ctype == xlrd.XL_CELL_ERROR:
                    row.append(Fault("error", error_text_from_code.get(cell.value, "#?")))
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    row.append(bool(cell.value))
                elif cell.ctype == xlrd.XL_CELL_NUMBER and is_per_cent(
                    book.format_map[book.xf_list[cell.xf_index].format_key].format_str
                ):
                    row.append(Fault("percent", cell.value))
                else:
                    row.append(cell.value)
            rows.append(row)
        width = max(map(len, rows), default=0)
        hidden_rows = {number for number, info in sheet.rowinfo_map.items() if info.hidden}
        hidden_columns = {number for number, info in sheet.colinfo_map.items() if info.hidden}
        merged = [((top, left), (end - 1, right - 1)) for top, end, left, right in sheet.merged_cells]
        rows = [row + [""] * (width - len(row)) for row in rows]
        sheets.append(Sheet(sheet.name, rows, sheet.visibility == 0, hidden_rows, hidden_columns, merged))
    return sheets


def is_safe(data: bytes, where: str, found: list[Finding], most: int = MAX_UNPACKED) -> bool:
    """Refuse what is no spreadsheet, unpacks to more than is sensible, declares entities or carries macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unsafe = _unsafe(archive, len(data), where, most)
            if unsafe:
                found.append(unsafe)
                return False
            if not {"[Content_Types].xml", "content.xml"} & set(archive.namelist()):
                raise zipfile.BadZipFile("no content types")
    except _DAMAGED as error:
        found.append(_damaged(where, error))
        return False
    return True


def _unsafe(archive: zipfile.ZipFile, size: int, where: str, most: int) -> Finding | None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > most or unpacked > MAX_RATIO * max(size, 1):
        return _finding(
            where,
            f"คลายแล้วใหญ่ {unpacked / 1e6:,.0f} MB ผิดปกติ (zip bomb) — ส่งเป็น CSV",
            f"Unpacks to {unpacked / 1e6:,.0f} MB, far too much (a zip bomb?); send it as CSV.",
            "xlsx.bomb",
        )
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        return _finding(
            where,
            "มีมาโคร ระบบไม่รับ — บันทึกเป็น .xlsx ที่ไม่มีมาโครหรือ CSV",
            "Carries macros, which are refused; save it as .xlsx without macros or as CSV.",
            "xlsx.macro",
        )
    if any(_declares_entities(archive, entry) for entry in entries):
        return _finding(
            where,
            "มีการประกาศ DTD หรือ entity ซึ่งไม่มีในสเปรดชีตปกติ — บันทึกใหม่หรือส่งเป็น CSV",
            "Declares a DTD or entities, which no spreadsheet needs; save it again or send CSV.",
            "xlsx.entity",
        )
    return None


def _declares_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether an XML part declares a document type; it stands before the first element, so its beginning is enough."""
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return False
    with archive.open(entry) as stream:
        # A part in UTF-16 shows its marks with NULs in between.
        head = stream.read(_CHUNK).replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head


def cell_text(value: Any) -> str:
    """A cell as a person would have typed it: 5.0 is 5, true is 1, a day is ISO; a fault is its stored value."""
    if type(value) is float:  # most cells are numbers, and a match statement costs
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        case Fault():
            return cell_text(value.value)
        case _:
            return str(value)


def fault_finding(fault: Fault, where: str, row: int, column: int) -> Finding:
    """What is wrong with a cell (both counted from 0) and how to mend it."""
    at = coordinate(row, column)
    if fault.kind == "percent":
        plain = 100 * float(fault.value)
        return _finding(
            where,
            f"เซลล์ {at} จัดรูปแบบเป็นเปอร์เซ็นต์ ค่าที่เก็บคือ {fault.value:g} — ใส่ร้อยละเป็นตัวเลขธรรมดา เช่น {plain:g}",
            f"Cell {at} is formatted as per cent, so it holds {fault.value:g}; write the plain number {plain:g}.",
            "xlsx.percent",
            row=row + 1,
            column=at,
            value=f"{fault.value:g}",
        )
    if fault.kind == "error":
        return _finding(
            where,
            f"เซลล์ {at} คือสูตรที่คำนวณไม่ได้ ({fault.value}) — แก้สูตรหรือลบค่า",
            f"Cell {at} is a formula's error ({fault.value}); mend the formula or clear the cell.",
            "xlsx.error",
            row=row + 1,
            column=at,
            value=str(fault.value),
        )
    return _finding(
        where,
        f"เซลล์ {at} เป็นสูตรที่ไม่มีค่าเก็บไว้ — เปิดแล้วบันทึกด้วยโปรแกรมสเปรดชีต หรือวางเป็นค่า",
        f"Cell {at} is a formula without a stored value; open and save the file in a spreadsheet, or paste the value.",
        "xlsx.formula",
        row=row + 1,
        column=at,
        value=at,
    )


def _too_large(where: str, sheet: str, rows: int, columns: int) -> Finding:
    return _finding(
        where,
        f'แผ่นงาน "{sheet}" กว้างถึง {rows:,} แถว {columns:,} คอลัมน์ — ลบเซลล์ที่อยู่ห่างหรือส่งเป็น CSV',
        f'Sheet "{sheet}" reaches {rows:,} rows by {columns:,} columns; delete the far cells or send CSV.',
        "xlsx.size",
        value=sheet,
    )


def _damaged(where: str, error: BaseException) -> Finding:
    return _finding(
        where,
        f"ไม่ใช่สเปรดชีตที่อ่านได้ ({type(error).__name__}) — เปิดด้วยโปรแกรมสเปรดชีตแล้วบันทึกใหม่ หรือส่งเป็น CSV",
        f"This does not open as Excel or another spreadsheet ({type(error).__name__}); open it and save it again, or send CSV.",
        "xlsx.damaged",
    )


def _web_page(where: str) -> Finding:
    return _finding(
        where,
        "เป็นหน้าเว็บที่บันทึกชื่อเป็นสเปรดชีต — เปิดด้วย Excel แล้วบันทึกเป็น .xlsx",
        "This is a web page under a spreadsheet's name; open it in Excel and save it as .xlsx.",
        "xlsx.damaged",
    )


def _locked(where: str) -> Finding:
    return _finding(
        where,
        "มีรหัสผ่าน — บันทึกใหม่โดยไม่ใส่รหัสผ่าน",
        "Protected by a password; save it again without one.",
        "xlsx.locked",
    )


def _finding(
    where: str,
    th: str,
    en: str,
    rule: str,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    severity: Severity = "error",
) -> Finding:
    return Finding(severity, where, th, en, row=row, column=column, value=value, rule=rule)


__all__ = [
    "MAX_CELLS",
    "SUFFIXES",
    "Fault",
    "Sheet",
    "cell_text",
    "coordinate",
    "fault_finding",
    "is_per_cent",
    "is_safe",
    "is_spreadsheet",
    "read_workbook",
]
