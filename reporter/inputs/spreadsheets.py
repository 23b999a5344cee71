"""Spreadsheets of every kind (.xlsx also strict, .xls, .xlsb, .ods) as grids of cells; what they can hide is named.

Goes in: a file's bytes. Comes out: one ``Sheet`` per worksheet: python values row by row, a ``Fault`` where a cell's stored
value is not what its reader sees (a per-cent format, a formula that was never computed, a formula's error), hidden rows and
columns, merged ranges. Values come from python-calamine; the parts of the archive are searched for what it does not tell.
Refused before anything is unpacked: zip bombs, entity bombs, macros, sheets with a cell so far away that the grid is huge.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import python_calamine as calamine
from lxml import etree

from reporter.domain.errors import Finding, Severity

# A report's whole input is a few megabytes; a survey of four million answers unpacks to some 200.
MAX_UNPACKED = 400_000_000
MAX_CELLS = 5_000_000  # ten times the sample's series; a grid of it takes under 500 MB
MAX_RATIO = 300  # zip packs spreadsheet XML at most some 50 to 1
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode(
    "utf-16-le"
)  # Excel packs a workbook with a password into the old container
SUFFIXES = (".xlsx", ".xls", ".xlsb", ".ods")
# What a sheet's XML holds where something is hidden, computed or in error; without them it is not searched cell by cell.
_HIDING = (b"hidden=", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/", b't="e"', b"t='e'")
_TWO_LETTERS = 702  # columns A to ZZ
_BUILT_IN_PER_CENT = {"9", "10"}  # ECMA-376 part 1, 18.8.30: 0% and 0.00%


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
            return [sheet for sheet in _old_sheets(data) if wanted(sheet.name)]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "content.xml" in names:
                details: _Details = _OpenDocument(archive)
            elif "xl/workbook.bin" in names:
                details = _Details()
            else:
                details = _OpenXml(archive, wanted)
            if far := details.too_large():
                found.append(_too_large(where, *far))
                return []
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


def _sheets(data: bytes, details: _Details, wanted: Callable[[str], bool]) -> list[Sheet]:
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


def _old_sheets(data: bytes) -> list[Sheet]:
    """Sheets of the binary .xls, with xlrd, which also tells formats and errors."""
    import xlrd
    from xlrd.biffh import error_text_from_code

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    sheets = []
    for sheet in book.sheets():
        rows = []
        for line in range(sheet.nrows):
            row: list[Any] = []
            for cell in sheet.row(line) if sheet.nrows * sheet.ncols <= MAX_CELLS else ():
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


def is_per_cent(code: str) -> bool:
    """Whether a number format multiplies by a hundred: a per-cent sign that is neither quoted nor escaped."""
    return "%" in re.sub(r'"[^"]*"|\\.|_.|\*.', "", code)


class _Details:
    """What calamine does not tell about a file's sheets; nothing here, see the two kinds below."""

    def too_large(self) -> tuple[str, int, int] | None:
        """Name, rows and columns of a sheet that reaches too far; None when all are of sensible size."""
        return None

    def complete(self, sheet: Sheet) -> None:
        """Add hidden rows and columns and put faults in the place of cells."""


def _put(sheet: Sheet, row: int, column: int, fault: Fault) -> None:
    """Put a fault into the grid, which calamine cuts behind the last cell that has a value."""
    width = max(max(map(len, sheet.rows), default=0), column + 1)
    while len(sheet.rows) <= row:
        sheet.rows.append([])
    for line in sheet.rows if width > len(sheet.rows[row]) else ():
        line.extend([""] * (width - len(line)))
    sheet.rows[row][column] = fault


class _OpenXml(_Details):
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
        for name, part in self.parts.items():
            rows, columns = _reach(part)
            if rows * columns > MAX_CELLS:
                return name, rows, columns
        return None

    def complete(self, sheet: Sheet) -> None:
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
                    if element.get("hidden") in ("1", "true"):
                        sheet.hidden_rows.add(row)
                continue
            if kind == "col" and element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min", 1)), int(element.get("max", 1))
                sheet.hidden_columns |= set(range(first - 1, min(last, 16_384)))
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


def _reach(part: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell that a sheet's XML names."""
    rows = max(
        (int(n) for n in re.findall(rb"""<(?:\w+:)?row\b[^>]*?\br=["']([0-9]{1,9})["']""", part)), default=0
    )
    if rows * _TWO_LETTERS <= MAX_CELLS and not re.search(rb"""\br=["'][A-Z]{3}[0-9]""", part):
        return rows, 1
    cells = re.findall(rb"""\br=["']([A-Z]{1,3})([0-9]{1,9})["']""", part)
    columns = max(
        (_column_number(text.decode()) + 1 for text in {letters for letters, _ in cells}), default=1
    )
    return max([rows, *(int(number) for _, number in cells)]), columns


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


class _OpenDocument(_Details):
    """The content of an .ods file: repeated rows and cells are counted, never unrolled."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.tables: dict[str, Any] = {}
        tree = etree.fromstring(archive.read("content.xml"), _parser())
        for table in tree.iter("{*}table"):
            self.tables.setdefault(_attribute(table, "name"), table)

    def too_large(self) -> tuple[str, int, int] | None:
        for name, table in self.tables.items():
            rows = columns = 0
            for row, _, cells in _lines(table):
                for column, times, cell in cells:
                    if _attribute(cell, "value-type"):
                        rows, columns = max(rows, row[0] + row[1]), max(columns, column + times)
            if rows * columns > MAX_CELLS:
                return name, rows, columns
        return None

    def complete(self, sheet: Sheet) -> None:
        for (row, times, hidden), _, cells in _lines(self.tables.get(sheet.name, ())):
            if hidden:
                sheet.hidden_rows |= set(range(row, min(row + times, len(sheet.rows))))
            for column, repeated, cell in cells:
                fault = None
                text = "".join(cell.itertext())
                if _attribute(cell, "value-type") == "percentage":
                    fault = Fault("percent", float(_attribute(cell, "value") or 0))
                elif _attribute(cell, "formula") and text.startswith(("#", "Err:")):
                    fault = Fault("error", text)
                for place in range(column, column + repeated) if fault else ():
                    _put(sheet, row, place, fault)  # type: ignore[arg-type]


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
            value=f"{fault.value:g}",
        )
    if fault.kind == "error":
        return _finding(
            where,
            f"เซลล์ {at} คือสูตรที่คำนวณไม่ได้ ({fault.value}) — แก้สูตรหรือลบค่า",
            f"Cell {at} is a formula's error ({fault.value}); mend the formula or clear the cell.",
            "xlsx.error",
            row=row + 1,
            value=str(fault.value),
        )
    return _finding(
        where,
        f"เซลล์ {at} เป็นสูตรที่ไม่มีค่าเก็บไว้ — เปิดแล้วบันทึกด้วยโปรแกรมสเปรดชีต หรือวางเป็นค่า",
        f"Cell {at} is a formula without a stored value; open and save the file in a spreadsheet, or paste the value.",
        "xlsx.formula",
        row=row + 1,
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
    value: str | None = None,
    severity: Severity = "error",
) -> Finding:
    return Finding(severity, where, th, en, row=row, value=value, rule=rule)
