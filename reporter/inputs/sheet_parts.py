"""What a spreadsheet's own parts say beyond its values: formats, formulas, errors, hidden rows; how far its sheets reach.

Goes in: the archive of an .xlsx, .xlsb or .ods file. Comes out: ``Sheet`` completed with a ``Fault`` in the place of every cell whose
stored value is not what its reader sees. ``reporter.inputs.spreadsheets`` gets the values themselves from python-calamine.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

from lxml import etree

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
