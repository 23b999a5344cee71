"""Spreadsheets of every kind (.xlsx also strict, .xls, .xlsb, .ods) as grids of cells, with the parts that can hide data.

Goes in: a file's bytes. Comes out: one ``Sheet`` per worksheet: python values row by row, a ``Fault`` where a cell's stored
value is not what its reader sees (a per-cent format, a formula that was never computed, a formula's error), hidden rows and
columns, merged ranges. Values come from python-calamine (.xls: xlrd), what it does not tell from the XML inside the file.
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
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import python_calamine as calamine
from lxml import etree

from reporter.domain.errors import Finding, Severity

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


# ----------------------------------------------------------------------------------------------------
# Properties of a spreadsheet beyond its values: formats, formulas, errors, hidden rows; how far its sheets reach.
#
# Goes in: the archive of an .xlsx, .xlsb or .ods file. Comes out: ``Sheet`` completed with a ``Fault`` in the place of every cell whose
# stored value is not what its reader sees. ``reporter.inputs.spreadsheets`` gets the values themselves from python-calamine.
# ----------------------------------------------------------------------------------------------------

# Twice the sample's 230,000 values in one sheet, or 40,000 answers to 50 questions: under 700 MB and ten seconds to read.
MAX_CELLS = 2_000_000
_MOST_REPEATS = 10_000  # times that a filled row of a real table is repeated word for word; a million of them fill a gigabyte
_BUILT_IN_PER_CENT = {"9", "10"}  # ECMA-376 part 1, 18.8.30: 0% and 0.00%
_MOST_COLUMNS = 16_384
# What a sheet's XML holds where something is hidden, computed or in error; without them it is not searched cell by cell.
_HIDING = (
    b"hidden=",
    b'ht="0',
    b'width="0',
    b"<f>",
    b"<f ",
    b"<f/",
    b":f>",
    b":f ",
    b":f/",
    b't="e"',
    b"t='e'",
)
# Numbers of the records of an .xlsb file (MS-XLSB 2.3.2).
_ROW, _SHEET, _FORMAT, _CELL_FORMAT, _BEGIN_CELL_FORMATS, _END_CELL_FORMATS = 0, 156, 44, 47, 617, 618
_COLUMNS = 60
_CELLS, _NUMBERS, _ERRORS = range(1, 12), (2, 5, 9), (3, 11)
_ZERO_HEIGHT = 0x10  # fDyZero of a row's header
_ERROR_NAMES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass(frozen=True)
class Fault:
    """A cell whose stored value is not what a reader of the sheet sees. ``value`` is what is stored."""

    kind: Literal["percent", "formula", "error"]
    value: Any = None


@dataclass
class Sheet:
    """One worksheet. Row i of ``rows`` is spreadsheet row i + 1; blank cells are ""; all rows have one length."""

    name: str
    rows: list[list[Any]]
    is_visible: bool = True
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell != "" for row in self.rows for cell in row)


def coordinate(row: int, column: int) -> str:
    """``C12`` of row 11 and column 2, both counted from 0."""
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row + 1}"


def is_per_cent(code: str) -> bool:
    """Whether a number format multiplies by a hundred: a per-cent sign that is neither quoted nor escaped."""
    return "%" in re.sub(r'"[^"]*"|\\.|_.|\*.', "", code)


class Details:
    """What calamine does not tell about a file's sheets; nothing here, see the two kinds below."""

    def too_large(self) -> tuple[str, int, int] | None:
        """Name, rows and columns of a sheet that reaches too far; None when all are of sensible size."""
        return None

    def complete(self, sheet: Sheet) -> None:
        """Add hidden rows and columns and put faults in the place of cells."""


def _put(sheet: Sheet, row: int, column: int, fault: Fault) -> None:
    """Put a fault into the grid, which calamine cuts behind the last cell that has a value."""
    if row < len(sheet.rows) and column < len(sheet.rows[row]):
        sheet.rows[row][column] = fault
        return
    width = max(max(map(len, sheet.rows), default=0), column + 1)
    if (row + 1) * width > MAX_CELLS:
        raise ValueError("a cell lies too far away")
    while len(sheet.rows) <= row:
        sheet.rows.append([])
    for line in sheet.rows if width > len(sheet.rows[row]) else ():
        line.extend([""] * (width - len(line)))
    sheet.rows[row][column] = fault


class OpenXml(Details):
    """The parts of an .xlsx file, transitional or strict: names of elements are compared without their namespace."""

    def __init__(self, archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> None:
        self.parts: dict[str, bytes] = {}
        self.uses_1904 = False
        book = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
        targets = {link.get("Id"): link.get("Target", "") for link in links if isinstance(link.tag, str)}
        names = set(archive.namelist())
        for sheet in book.iter("{*}sheet"):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            target = targets.get(link, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in names and wanted(str(sheet.get("name"))):
                self.parts[str(sheet.get("name"))] = archive.read(path)
        self.per_cent = _per_cent_styles(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else set()

    def too_large(self) -> tuple[str, int, int] | None:
        """See ``Details``."""
        for name, part in self.parts.items():
            rows, columns = _reach(part)
            if rows * columns > MAX_CELLS:
                return name, rows, columns
        return None

    def complete(self, sheet: Sheet) -> None:
        """See ``Details``."""
        part = self.parts.get(sheet.name, b"")
        if self.per_cent or any(mark in part for mark in _HIDING):
            self._search(sheet, part)

    def _search(self, sheet: Sheet, part: bytes) -> None:
        """Look at every row, column and cell; the slow way, for files that hide something."""
        row = column = -1
        tags = ("{*}row", "{*}col", "{*}c")
        for event, element in etree.iterparse(
            io.BytesIO(part), events=("start", "end"), tag=tags, resolve_entities=False, huge_tree=True
        ):
            kind = element.tag.rpartition("}")[2]
            if event == "start":
                if kind == "row":
                    row = int(element.get("r", row + 2)) - 1
                    column = -1
                    if element.get("hidden") in ("1", "true") or _is_nothing(element.get("ht")):
                        sheet.hidden_rows.add(row)
                continue
            is_hidden = element.get("hidden") in ("1", "true") or _is_nothing(element.get("width"))
            if kind == "col" and is_hidden:
                first, last = int(element.get("min", 1)), int(element.get("max", 1))
                sheet.hidden_columns |= set(range(first - 1, min(last, _MOST_COLUMNS)))
            elif kind == "c":
                at = element.get("r")
                column = _column_number(re.match("[A-Z]+", at)[0]) if at else column + 1  # type: ignore[index]
                if fault := self._fault(element):
                    _put(sheet, row, column, fault)
            if kind != "col":
                element.clear()

    def _fault(self, cell: Any) -> Fault | None:
        value = cell.findtext("{*}v") or ""
        if cell.get("t") == "e":
            return Fault("error", value)
        if cell.find("{*}f") is not None and not value and cell.get("t") != "str":
            return Fault("formula")
        if value and cell.get("t", "n") == "n" and cell.get("s") in self.per_cent:
            return Fault("percent", float(value))
        return None


def _is_nothing(size: str | None) -> bool:
    """Whether a row's height or a column's width is 0: nobody sees it."""
    return size is not None and re.fullmatch(r"0+(?:\.0*)?", size) is not None


def _reach(part: bytes) -> tuple[int, int]:
    """Rows and columns up to the farthest row or cell that a sheet's XML names; a cell's own name counts, wherever it stands."""
    rows = max(map(int, re.findall(rb"""\br=["'][A-Za-z]*([0-9]+)["']""", part)), default=0)
    letters = set(re.findall(rb"""\br=["']([A-Za-z]+)[0-9]""", part))
    columns = max((_column_number(text.decode().upper()) + 1 for text in letters), default=1)
    return rows, columns


def _per_cent_styles(styles: bytes) -> set[str]:
    """Numbers of the cell styles whose format multiplies by a hundred."""
    tree = etree.fromstring(styles, _parser())
    codes = {item.get("numFmtId"): item.get("formatCode", "") for item in tree.iter("{*}numFmt")}
    formats = next(tree.iter("{*}cellXfs"), ())
    ids = [item.get("numFmtId", "0") for item in formats if isinstance(item.tag, str)]
    return {
        str(number)
        for number, code in enumerate(ids)
        if (is_per_cent(codes[code]) if code in codes else code in _BUILT_IN_PER_CENT)
    }


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


class OpenDocument(Details):
    """The content of an .ods file: repeated rows and cells are counted, never unrolled."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.tables: dict[str, Any] = {}
        tree = etree.fromstring(archive.read("content.xml"), _parser())
        for table in tree.iter("{*}table"):
            self.tables.setdefault(_attribute(table, "name"), table)

    def too_large(self) -> tuple[str, int, int] | None:
        """See ``Details``."""
        for name, table in self.tables.items():
            rows = columns = most = 0
            for row, _, cells in _lines(table):
                for column, times, cell in cells:
                    if _attribute(cell, "value-type") or _attribute(cell, "formula"):
                        rows, columns = max(rows, row[0] + row[1]), max(columns, column + times)
                        most = max(most, row[1])
            if rows * columns > MAX_CELLS or most > _MOST_REPEATS:
                return name, rows, columns
        return None

    def complete(self, sheet: Sheet) -> None:
        """See ``Details``."""
        table = self.tables.get(sheet.name, ())
        column = 0
        for element in table.iter("{*}table-column") if len(table) else ():
            times = int(_attribute(element, "number-columns-repeated") or 1)
            if _attribute(element, "visibility") in ("collapse", "filter"):
                sheet.hidden_columns |= set(range(column, min(column + times, _MOST_COLUMNS)))
            column += times
        for (row, times, hidden), _, cells in _lines(table):
            if hidden:
                sheet.hidden_rows |= set(range(row, min(row + times, len(sheet.rows))))
            for column, repeated, cell in cells:
                fault = None
                text = "".join(cell.itertext())
                if _attribute(cell, "value-type") == "percentage":
                    fault = Fault("percent", float(_attribute(cell, "value") or 0))
                elif _attribute(cell, "formula") and not _attribute(cell, "value-type"):
                    fault = Fault("formula")
                elif _attribute(cell, "formula") and text.startswith(("#", "Err:")):
                    fault = Fault("error", text)
                if fault is not None:
                    for line, place in product(range(row, row + times), range(column, column + repeated)):
                        _put(sheet, line, place, fault)


def _lines(table: Any) -> Iterator[tuple[tuple[int, int, bool], Any, Iterator[tuple[int, int, Any]]]]:
    """Rows of an OpenDocument table: ((first row, times, hidden), element, cells)."""
    number = 0
    for row in table.iter("{*}table-row") if len(table) else ():
        times = int(_attribute(row, "number-rows-repeated") or 1)
        yield (number, times, _attribute(row, "visibility") in ("collapse", "filter")), row, _line_cells(row)
        number += times


def _line_cells(row: Any) -> Iterator[tuple[int, int, Any]]:
    column = 0
    for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
        times = int(_attribute(cell, "number-columns-repeated") or 1)
        yield column, times, cell
        column += times


def _attribute(element: Any, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


class BinaryWorkbook(Details):
    """The parts of an .xlsb file (MS-XLSB): records of a number, a length and their bytes; only those needed here are looked at."""

    def __init__(self, archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> None:
        links = etree.fromstring(archive.read("xl/_rels/workbook.bin.rels"), _parser())
        targets = {link.get("Id"): link.get("Target", "") for link in links if isinstance(link.tag, str)}
        self.parts: dict[str, bytes] = {}
        for kind, body in _records(archive.read("xl/workbook.bin")):
            if kind == _SHEET:
                link, after = _wide_string(body, 8)
                name, _ = _wide_string(body, after)
                path = f"xl/{targets.get(link, '')}"
                if wanted(name) and path in archive.namelist():
                    self.parts[name] = archive.read(path)
        self.per_cent = (
            _binary_per_cent(archive.read("xl/styles.bin"))
            if "xl/styles.bin" in archive.namelist()
            else set()
        )

    def too_large(self) -> tuple[str, int, int] | None:
        """See ``Details``."""
        for name, part in self.parts.items():
            rows = columns = 1
            for kind, body in _records(part):
                if kind == _ROW:
                    rows = max(rows, int.from_bytes(body[:4], "little") + 1)
                elif kind in _CELLS:
                    columns = max(columns, int.from_bytes(body[:4], "little") + 1)
            if rows * columns > MAX_CELLS:
                return name, rows, columns
        return None

    def complete(self, sheet: Sheet) -> None:
        """See ``Details``."""
        row = 0
        for kind, body in _records(self.parts.get(sheet.name, b"")):
            if kind == _COLUMNS and len(body) > 16 and body[16] & 1:
                first, last = int.from_bytes(body[:4], "little"), int.from_bytes(body[4:8], "little")
                sheet.hidden_columns |= set(range(first, min(last + 1, _MOST_COLUMNS)))
            elif kind == _ROW:
                row = int.from_bytes(body[:4], "little")
                if len(body) > 11 and body[11] & _ZERO_HEIGHT:
                    sheet.hidden_rows.add(row)
            elif kind in _CELLS:
                column, style = int.from_bytes(body[:4], "little"), int.from_bytes(body[4:7], "little")
                if kind in _ERRORS:
                    _put(sheet, row, column, Fault("error", _ERROR_NAMES.get(body[8], "#?")))
                elif kind in _NUMBERS and style in self.per_cent and row < len(sheet.rows):
                    value = sheet.rows[row][column] if column < len(sheet.rows[row]) else ""
                    if isinstance(value, int | float):
                        _put(sheet, row, column, Fault("percent", value))


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Records of a binary part: number and length are written seven bits at a time."""
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (part[at] & 0x7F) << 7, at + 1
        length = shift = 0
        for _ in range(4):
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, part[at : at + length]
        at += length


def _wide_string(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length in front, and where it ends."""
    size = int.from_bytes(body[at : at + 4], "little")
    end = at + 4 + 2 * size
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _binary_per_cent(styles: bytes) -> set[int]:
    """Numbers of the cell styles of an .xlsb file whose format multiplies by a hundred."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = False
    for kind, body in _records(styles):
        if kind == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _wide_string(body, 2)[0]
        elif kind in (_BEGIN_CELL_FORMATS, _END_CELL_FORMATS):
            inside = kind == _BEGIN_CELL_FORMATS
        elif kind == _CELL_FORMAT and inside:
            formats.append(int.from_bytes(body[2:4], "little"))
    return {
        n
        for n, code in enumerate(formats)
        if (is_per_cent(codes[code]) if code in codes else str(code) in _BUILT_IN_PER_CENT)
    }
