"""The cells of a survey file, whatever program wrote it: text, spreadsheet or a statistical package's file.

Goes in: a CSV, a spreadsheet (.xlsx, .xls, .xlsb, .ods), a Stata or SPSS file (.dta, .sav) as it arrived. Comes out: a ``Grid`` of
stripped texts per sheet, nothing interpreted yet. CSV: UTF-8, UTF-16 or Windows-874 (TIS-620); comma, semicolon, tab or bar. What
may hide answers (hidden sheets and rows, rows with a cell too many, text decoded twice) is told or refused.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.errors import Finding, InputError
from reporter.inputs import spreadsheets
from reporter.inputs.series.cells import decode
from reporter.inputs.spreadsheets import Sheet, cell_text

_SNIFFED_ROWS = 40
_SEPARATORS = ",;\t|"
_LISTED_ROWS = 20  # rows with a cell too many that are named one by one
_PACKAGES = {".sav": "read_sav", ".dta": "read_dta"}


@dataclass(frozen=True)
class Grid:
    """Cells of one sheet as text, before anybody knows which row holds the headers.

    cells   row x column, strings, "" where empty; row i of the frame is spreadsheet row i + 1
    notes   what had to be guessed about the file, as findings
    """

    cells: pd.DataFrame
    notes: tuple[Finding, ...] = ()
    sheet: str = ""

    def row(self, number: int) -> list[str]:
        """Texts of one row, counted from 0."""
        return [str(cell) for cell in self.cells.iloc[number]]


def read_grids(path: Path, where: str) -> list[Grid]:
    """Every visible sheet of the file (one for CSV). Raises InputError when it cannot be read as a table."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(
            where, f"เปิดแฟ้มไม่ได้ ({error.strerror})", f"The file cannot be opened ({error.strerror})."
        ) from error
    if not data.strip():
        raise _refused(where, "แฟ้มว่าง — ส่งออกคำตอบใหม่", "The file is empty; export the answers again.")
    if path.suffix.lower() in _PACKAGES:
        return [_package_grid(path, where)]
    if spreadsheets.is_spreadsheet(data):
        return _sheets(data, where)
    return [_csv_grid(data, where)]


def _csv_grid(data: bytes, where: str) -> Grid:
    text, notes = _decoded(data, where)
    mark = re.match(r"\ufeff*sep=(.)\r?\n", text)
    if mark:  # Excel's own first line, kept as a blank row so that rows count as a spreadsheet counts them
        text = "\n" + text[mark.end() :]
    head = _head_rows(text)
    separator = mark[1] if mark else _separator(head)
    width = 1
    try:
        width = _width([row for row in csv.reader(head, delimiter=separator) if any(row)])
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=list(range(width + 1)),  # one more, so that a cell too many is seen and not cut off
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
    beyond = cells[width]
    cells = cells.drop(columns=width)
    if (beyond.notna() & (beyond != "")).any():
        raise InputError(
            f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", _ragged_rows(text, separator, width, where)
        )
    # Rows shorter than the header end in missing cells, whatever na_filter says.
    return Grid(cells.fillna("") if cells[width - 1].isna().any() else cells, notes)


def _width(rows: list[list[str]]) -> int:
    """Cells of a row as most rows have them; the header may have more, where the last columns are blank."""
    counts = [len(row) for row in rows]
    full = [count for count in counts if count > 1] or counts or [1]
    usual = Counter(full).most_common(1)[0][0]
    return next((count for count in counts if count >= usual), usual)


def _decoded(data: bytes, where: str) -> tuple[str, tuple[Finding, ...]]:
    """Text and notes on its encoding. Raises InputError for text that cannot be trusted."""
    found: list[Finding] = []
    text = decode(data, where, found)
    if text is None:
        errors = [dataclasses.replace(one, rule="survey.unreadable") for one in found]
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", errors)
    said = [one for one in found if one.value and not one.value.startswith("UTF-16")]
    return text, tuple(dataclasses.replace(one, severity="note", rule="survey.encoding") for one in said)


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
    findings: list[Finding] = []
    more = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            if len(row) > width and any(row[width:]):
                if len(findings) >= _LISTED_ROWS:
                    more += 1
                    continue
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
    if more:
        findings[-1] = dataclasses.replace(
            findings[-1],
            th=f"{findings[-1].th} (และอีก {more:,} แถว)",
            en=f"{findings[-1].en} ({more:,} more rows)",
        )
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
    """Visible sheets that hold something; hidden ones with answers are told, hidden rows refused."""
    noted: list[Finding] = []
    sheets = [sheet for sheet in spreadsheets.read_workbook(data, where, noted) if not sheet.is_empty]
    if noted:
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", noted)
    hidden = tuple(_hidden_sheet(where, sheet) for sheet in sheets if not sheet.is_visible)
    grids = [_sheet_grid(sheet, where, hidden) for sheet in sheets if sheet.is_visible]
    if not grids:
        raise _refused(where, "ทุกแผ่นงานว่างหรือถูกซ่อน", "Every sheet is empty or hidden.")
    return grids


def _sheet_grid(sheet: Sheet, where: str, notes: tuple[Finding, ...]) -> Grid:
    rows = [[cell if isinstance(cell, str) else cell_text(cell) for cell in row] for row in sheet.rows]
    hidden = sorted(number for number in sheet.hidden_rows if number < len(rows) and any(rows[number]))
    if hidden:
        shown = ", ".join(str(number + 1) for number in hidden[:5]) + (", …" if len(hidden) > 5 else "")
        finding = Finding(
            "error",
            where,
            f"มี {len(hidden):,} แถวที่ซ่อนหรือถูกกรองไว้ (แถว {shown}) — ล้างตัวกรอง หรือลบแถวเหล่านั้น",
            f"{len(hidden):,} rows are hidden or filtered away (rows {shown}); clear the filter, or delete them.",
            row=hidden[0] + 1,
            rule="survey.hidden_rows",
        )
        raise InputError(f"อ่าน {where} ไม่ได้", f"{where} cannot be read.", [finding])
    while rows and not any(rows[-1]):
        rows.pop()
    return Grid(pd.DataFrame(rows, dtype=object).fillna(""), notes, sheet.name)


def _hidden_sheet(where: str, sheet: Sheet) -> Finding:
    return Finding(
        "warning",
        where,
        f'มีแผ่นงานซ่อน "{sheet.name}" ซึ่งมีข้อมูล ระบบไม่อ่าน — เลิกซ่อนหรือลบออก',
        f'Hidden sheet "{sheet.name}" holds data and is not read; unhide or delete it.',
        value=sheet.name,
        rule="survey.hidden_sheet",
    )


def _package_grid(path: Path, where: str) -> Grid:
    """A Stata or SPSS file: names in the first row, the labels of questions in the second where there are any."""
    import pyreadstat

    try:
        read = getattr(pyreadstat, _PACKAGES[path.suffix.lower()])
        frame, meta = read(str(path), apply_value_formats=False, dates_as_pandas_datetime=True)
    except Exception as error:  # the reader raises its own errors, and others for damaged files
        raise _refused(
            where,
            f"อ่านแฟ้ม {path.suffix} ไม่ได้ ({type(error).__name__}) — ส่งออกเป็น .csv หรือ .xlsx",
            f"The {path.suffix} file cannot be read ({type(error).__name__}); export it as .csv or .xlsx.",
        ) from error
    names = [_header(name, label) for name, label in zip(frame.columns, meta.column_labels, strict=True)]
    labels = meta.variable_value_labels
    columns = [_package_texts(frame[name], labels.get(name, {})) for name in frame.columns]
    cells = pd.DataFrame([names, *zip(*columns, strict=True)], dtype=object)
    return Grid(cells)


def _header(name: str, label: str | None) -> str:
    """A variable's name where it is one of the contract (``q1_1``), else its label, else its name."""
    is_code = re.fullmatch(r"[a-z]+_?[0-9._]*|[a-z_]+", name.lower()) is not None
    return name if is_code or not label else label


def _package_texts(values: pd.Series, labels: dict[Any, str]) -> list[str]:
    """Texts of a variable; numbers stay numbers, since a scale's labels may be cut short, other codes are labelled."""
    is_scale = all(isinstance(code, int | float) and 0 <= code <= 7 for code in labels)
    texts = []
    for value in values:
        if value is None or value != value:
            texts.append("")
        elif labels and not is_scale and value in labels:
            texts.append(str(labels[value]).strip())
        else:
            texts.append(
                cell_text(value.to_pydatetime() if isinstance(value, pd.Timestamp) else value).strip()
            )
    return texts


def _refused(where: str, th: str, en: str, row: int | None = None) -> InputError:
    return InputError(
        f"อ่าน {where} ไม่ได้",
        f"{where} cannot be read.",
        [Finding("error", where, th, en, row=row, rule="survey.unreadable")],
    )
