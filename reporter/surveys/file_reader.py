"""The cells of a survey file, whatever program wrote it: text, encoding, separator, sheet.

Goes in: a CSV or XLSX file as it arrived. Comes out: a ``Grid`` of stripped texts, nothing interpreted yet.
CSV: UTF-8 with or without BOM, UTF-16 with BOM, otherwise Windows-874 (TIS-620); comma, semicolon or tab.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from reporter.domain.errors import Finding, InputError
from reporter.inputs.spreadsheets import MAX_CELLS, is_safe

_SNIFFED_ROWS = 40
_SEPARATORS = ",;\t|"
_MAX_UNPACKED = 200_000_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Grid:
    """Cells of one sheet as text, before anybody knows which row holds the headers.

    cells   row x column, strings, "" where empty; row i of the frame is spreadsheet row i + 1
    notes   what had to be guessed about the file, as findings
    """

    cells: pd.DataFrame
    notes: tuple[Finding, ...] = ()

    def row(self, number: int) -> list[str]:
        """Texts of one row, counted from 0."""
        return [str(cell) for cell in self.cells.iloc[number]]


def read_grids(path: Path, where: str) -> list[Grid]:
    """Every sheet of the file (one for CSV). Raises InputError when it cannot be read as a table."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(
            where, f"เปิดแฟ้มไม่ได้ ({error.strerror})", f"The file cannot be opened ({error.strerror})."
        ) from error
    if not data.strip():
        raise _refused(where, "แฟ้มว่าง — ส่งออกคำตอบใหม่", "The file is empty; export the answers again.")
    if data[:4] == b"PK\x03\x04":
        return _sheets(data, where)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(
            where,
            "เป็นแฟ้ม Excel รุ่นเก่าหรือมีรหัสผ่าน — บันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน หรือ CSV UTF-8",
            "Old or password-protected Excel; save as .xlsx without a password, or as CSV UTF-8.",
        )
    return [_csv_grid(data, where)]


def _csv_grid(data: bytes, where: str) -> Grid:
    text, notes = _decoded(data, where)
    head = _head_rows(text)
    separator, width = _separator(head), 1
    try:
        width = max((len(row) for row in csv.reader(head, delimiter=separator)), default=1)
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=list(range(width)),
            index_col=False,
            dtype=object,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise InputError(
            f"อ่าน {where} ไม่ได้",
            f"{where} cannot be read.",
            _ragged_rows(text, separator, width, where),
        ) from error
    # Rows shorter than the header end in missing cells, whatever na_filter says.
    return Grid(cells.fillna("") if cells[width - 1].isna().any() else cells, notes)


def _decoded(data: bytes, where: str) -> tuple[str, tuple[Finding, ...]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data, encoding, where), ()
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        text = _strict(data, "cp874", where)
    note = Finding(
        "note",
        where,
        "แฟ้มเข้ารหัสแบบ Windows-874 (TIS-620) จึงแปลงเป็น UTF-8 ให้แล้ว",
        "The file is Windows-874 (TIS-620); it was converted to UTF-8.",
        rule="survey.encoding",
    )
    return text, (note,)


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(
            where,
            f"อ่านตัวอักษรไม่ได้ที่บรรทัด {line} — บันทึกใหม่เป็น CSV UTF-8",
            f"Characters on line {line} are neither UTF-8 nor Windows-874; save as CSV UTF-8.",
            line,
        ) from error


def _head_rows(text: str) -> list[str]:
    """The first lines, for sniffing; complete records, quoted line breaks included."""
    stream = io.StringIO(text)
    lines: list[str] = []
    is_open = False
    for line in stream:
        lines.append(line)
        is_open ^= line.count('"') % 2 == 1
        if len(lines) >= _SNIFFED_ROWS and not is_open:
            break
        if len(lines) >= 10 * _SNIFFED_ROWS:
            break
    return lines


def _separator(head: list[str]) -> str:
    """The separator that cuts the widest header; ties go to the comma."""

    def width(separator: str) -> int:
        try:
            return max((len(row) for row in csv.reader(head, delimiter=separator)), default=1)
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=lambda separator: (width(separator), separator == ","))


def _ragged_rows(text: str, separator: str, width: int, where: str) -> list[Finding]:
    """One finding per row with more cells than the header; at least one finding in any case."""
    findings = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            if len(row) > width and any(row[width:]):
                findings.append(
                    Finding(
                        "error",
                        where,
                        f"มี {len(row)} ช่อง แต่หัวตารางมี {width} ช่อง — ข้อความที่มีเครื่องหมาย {separator!r} ต้องอยู่ในเครื่องหมายคำพูด",
                        f"{len(row)} cells under a header of {width}; put text holding {separator!r} in quotation marks.",
                        row=number,
                        rule="survey.ragged_row",
                    )
                )
    except csv.Error:
        findings.clear()
    return findings or [_unreadable(where)]


def _unreadable(where: str) -> Finding:
    return Finding(
        "error",
        where,
        "โครงสร้าง CSV เสีย — ส่งออกใหม่เป็น CSV UTF-8",
        "The CSV is broken; export it again as CSV UTF-8.",
        rule="survey.unreadable",
    )


def _sheets(data: bytes, where: str) -> list[Grid]:
    unsafe: list[Finding] = []
    if not is_safe(data, where, unsafe, most=_MAX_UNPACKED):
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", unsafe)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        grids = [Grid(_sheet_cells(sheet)) for sheet in book.worksheets]
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        EOFError,
        SyntaxError,
    ) as error:
        raise _refused(
            where,
            "อ่านแฟ้ม Excel ไม่ได้ — เปิดแล้วบันทึกใหม่เป็น .xlsx หรือ CSV UTF-8",
            "The workbook cannot be read; open it and save it again as .xlsx or CSV UTF-8.",
        ) from error
    full = [grid for grid in grids if not grid.cells.empty]
    if not full:
        raise _refused(where, "ทุกแผ่นงานว่าง", "Every sheet is empty.")
    return full


def _sheet_cells(sheet: Any) -> pd.DataFrame:
    rows, left = [], MAX_CELLS
    for row in sheet.iter_rows(values_only=True):
        left -= len(row)
        if left < 0:
            raise ValueError("a cell far away makes this sheet a huge table")
        rows.append([_cell_text(value) for value in row])
    while rows and not any(rows[-1]):
        rows.pop()
    return pd.DataFrame(rows, dtype=object).fillna("")


def _cell_text(value: object) -> str:
    """A spreadsheet value as a person would have typed it: 5.0 is 5, true is 1."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    return str(value)


def _refused(where: str, th: str, en: str, row: int | None = None) -> InputError:
    return InputError(
        f"อ่าน {where} ไม่ได้",
        f"{where} cannot be read.",
        [Finding("error", where, th, en, row=row, rule="survey.unreadable")],
    )
