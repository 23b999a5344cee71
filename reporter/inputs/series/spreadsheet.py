"""Spreadsheets (.xlsx) as text cells; what a spreadsheet can hide is found and named.

Goes in: the file's bytes. Comes out: ``Cells`` per visible sheet and findings: zip and entity bombs, macros, hidden
sheets, merged cells, formulas without a stored value, dates that a spreadsheet made out of periods.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
import zlib
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from reporter.domain.errors import Finding
from reporter.inputs.series.cells import Cells, from_records

MAX_UNPACKED = 30_000_000
MAX_CELLS = 5_000_000
MAX_RATIO = 300
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)


def read_xlsx(data: bytes, where: str, found: list[Finding]) -> list[Cells]:
    """Cells of every visible sheet that holds something; empty after noting why the file cannot be read."""
    if not is_safe(data, where, found):
        return []
    try:
        book = _opened(data, keep_formulas=True)
        if _is_too_wide(book, where, found):
            return []
        stored = _opened(data, keep_formulas=False) if _has_formulas(book) else book
    except Exception as error:  # openpyxl raises whatever its parsers meet in a damaged file
        found.append(
            _finding(
                where,
                f"อ่านสเปรดชีตไม่ได้ ({type(error).__name__}) — เปิดด้วยโปรแกรมสเปรดชีตแล้วบันทึกใหม่",
                f"The spreadsheet cannot be read ({type(error).__name__}); open it and save it again.",
                "xlsx.damaged",
            )
        )
        return []
    visible = [sheet for sheet in book.worksheets if _is_visible(sheet, where, found)]
    several = len(visible) > 1
    read = []
    for sheet in visible:
        if sheet.max_row == 1 and sheet.max_column == 1 and sheet["A1"].value is None:
            continue
        place = f"{where}[{sheet.title}]" if several else where
        if cells := _read_sheet(sheet, stored[sheet.title], place, found):
            read.append(cells)
    if not read and not found:
        found.append(_finding(where, "ไม่มีข้อมูลในแผ่นงานที่มองเห็น", "No visible sheet holds data.", "file.empty"))
    return read


def _is_too_wide(book: Any, where: str, found: list[Finding]) -> bool:
    """A cell far away makes a small file a huge table."""
    for sheet in book.worksheets:
        if sheet.max_row * sheet.max_column > MAX_CELLS:
            found.append(
                _finding(
                    where,
                    f'แผ่นงาน "{sheet.title}" กว้างถึง {sheet.max_row:,} แถว {sheet.max_column:,} คอลัมน์ — ลบเซลล์ที่อยู่ห่างหรือส่งเป็น CSV',
                    f'Sheet "{sheet.title}" reaches {sheet.max_row:,} rows by {sheet.max_column:,} columns;'
                    " delete the far cells or send CSV.",
                    "xlsx.size",
                    value=sheet.title,
                )
            )
            return True
    return False


def _opened(data: bytes, *, keep_formulas: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl leaves out do not concern us
        return openpyxl.load_workbook(io.BytesIO(data), data_only=not keep_formulas, keep_links=False)


def _has_formulas(book: Any) -> bool:
    return any(
        cell.data_type == "f" for sheet in book.worksheets for line in sheet.iter_rows() for cell in line
    )


def is_safe(data: bytes, where: str, found: list[Finding], most: int = MAX_UNPACKED) -> bool:
    """Refuse what is no spreadsheet, unpacks to more than is sensible, declares entities or carries macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > most or unpacked > MAX_RATIO * max(len(data), 1):
                found.append(
                    _finding(
                        where,
                        f"คลายแล้วใหญ่ {unpacked / 1e6:,.0f} MB ผิดปกติ (zip bomb) — ส่งเป็น CSV",
                        f"Unpacks to {unpacked / 1e6:,.0f} MB, far too much (a zip bomb?); send it as CSV.",
                        "xlsx.bomb",
                    )
                )
                return False
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                found.append(
                    _finding(
                        where,
                        "มีมาโคร ระบบไม่รับ — บันทึกเป็น .xlsx ที่ไม่มีมาโครหรือ CSV",
                        "Carries macros, which are refused; save it as .xlsx without macros or as CSV.",
                        "xlsx.macro",
                    )
                )
                return False
            if any(_declares_entities(archive, entry) for entry in entries):
                found.append(
                    _finding(
                        where,
                        "มีการประกาศ DTD หรือ entity ซึ่งไม่มีในสเปรดชีตปกติ — บันทึกใหม่หรือส่งเป็น CSV",
                        "Declares a DTD or entities, which no spreadsheet needs; save it again or send CSV.",
                        "xlsx.entity",
                    )
                )
                return False
            if "[Content_Types].xml" not in archive.namelist():
                raise zipfile.BadZipFile("no content types")
    except _DAMAGED as error:
        found.append(
            _finding(
                where,
                f"ไม่ใช่ไฟล์ .xlsx ที่ถูกต้อง ({type(error).__name__}) — บันทึกใหม่หรือส่งเป็น CSV",
                f"Not a valid .xlsx file ({type(error).__name__}); save it again or send CSV.",
                "xlsx.damaged",
            )
        )
        return False
    return True


def _declares_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return False
    tail, left = b"", MAX_UNPACKED
    with archive.open(entry) as stream:
        while left > 0 and (chunk := stream.read(_CHUNK)):
            # A part in UTF-16 shows its marks with NULs in between.
            window = (tail + chunk).replace(b"\x00", b"").upper()
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                return True
            tail, left = chunk[-40:], left - len(chunk)
    return False


def _is_visible(sheet: Worksheet, where: str, found: list[Finding]) -> bool:
    if sheet.sheet_state == "visible":
        return True
    found.append(
        _finding(
            where,
            f'มีแผ่นงานซ่อน "{sheet.title}" ระบบไม่อ่าน — เลิกซ่อนหรือลบออก',
            f'Hidden sheet "{sheet.title}" is not read; unhide or delete it.',
            "xlsx.hidden",
            severity="warning",
            value=sheet.title,
        )
    )
    return False


def _read_sheet(sheet: Worksheet, stored: Worksheet, where: str, found: list[Finding]) -> Cells | None:
    found += [
        _finding(
            where,
            f"เซลล์ {merged.coord} ผสานกัน ค่าที่ซ่อนอยู่อ่านไม่ได้ — ยกเลิกการผสานเซลล์",
            f"Cells {merged.coord} are merged, which hides values; unmerge them.",
            "xlsx.merged",
            row=merged.min_row,
            value=merged.coord,
        )
        for merged in sheet.merged_cells.ranges
    ]
    records: list[list[str]] = []
    dated: list[int] = []
    for number, line in enumerate(sheet.iter_rows(), start=1):
        record = []
        for cell in line:
            value = cell.value
            if cell.data_type == "f":
                value = stored[cell.coordinate].value
                if value is None:
                    found.append(_no_value(where, number, cell.coordinate))
            if isinstance(value, dt.datetime | dt.date):
                dated.append(number)
            if isinstance(value, int | float) and "%" in (cell.number_format or ""):
                found.append(_per_cent(where, number, cell.coordinate, value))
            record.append(_text(value, number > 1))
        records.append(record)
    if dated:
        found.append(
            Finding(
                "note",
                where,
                f"มีเซลล์ที่โปรแกรมแปลงเป็นวันที่ {len(dated)} เซลล์ งวดอ่านเป็นเดือน — ควรจัดรูปแบบเป็นข้อความ",
                f"{len(dated)} cell(s) are stored as dates; a period is read as a month. Format them as text.",
                row=dated[0],
                rule="xlsx.date",
            )
        )
    return from_records(records, where, found)


def _per_cent(where: str, row: int, coordinate: str, value: float) -> Finding:
    return _finding(
        where,
        f"เซลล์ {coordinate} จัดรูปแบบเป็นเปอร์เซ็นต์ ค่าที่เก็บคือ {value:g} — ใส่ร้อยละเป็นตัวเลขธรรมดา เช่น {100 * value:g}",
        f"Cell {coordinate} is formatted as per cent, so it holds {value:g}; write the plain number {100 * value:g}.",
        "xlsx.percent",
        row=row,
        value=f"{value:g}",
    )


def _no_value(where: str, row: int, coordinate: str) -> Finding:
    return _finding(
        where,
        f"เซลล์ {coordinate} เป็นสูตรที่ไม่มีค่าเก็บไว้ — คัดลอกแล้ววางเป็นค่า",
        f"Cell {coordinate} is a formula without a stored value; paste it as a value.",
        "xlsx.formula",
        row=row,
        value=coordinate,
    )


def _text(value: Any, is_data: bool) -> str:
    """A cell as the text that a CSV would hold; dates in ISO form, whole floats without a point."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case dt.datetime() | dt.date():
            return value.strftime("%Y-%m-%d") if is_data else str(value)
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value)


def _finding(
    where: str,
    th: str,
    en: str,
    rule: str,
    *,
    row: int | None = None,
    value: str | None = None,
    severity: Any = "error",
) -> Finding:
    return Finding(severity, where, th, en, row=row, value=value, rule=rule)
