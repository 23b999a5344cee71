"""A copy of the operator's own files with every cell that a finding speaks of coloured and commented.

Goes in: findings and the workspace. Comes out: one .xlsx per file under ``checked/``, which no command reads. The files themselves are
left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from reporter.domain.errors import Finding
from reporter.inputs.series.reading import read_table

FOLDER = "checked"
_COLOURS = {"error": "FFC7CE", "warning": "FFEB9C", "note": "DDEBF7"}
_COORDINATE = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)\Z")
_HEADER_SEARCH = 30
_LONGEST = 2_000  # characters that Excel still shows in one comment
Cells = Mapping[tuple[str, str], str]


def mark(root: Path, findings: Iterable[Finding], cells: Cells) -> list[Path]:
    """Write marked copies; returns their paths, sorted.

    cells  (file, subject) -> name of the cell, for findings about values of wide tables
    """
    by_file: dict[str, list[Finding]] = {}
    for one in findings:
        name = one.where.partition("[")[0]
        if one.severity != "note" and (root / name).is_file() and not name.endswith((".toml", ".md")):
            by_file.setdefault(name, []).append(one)
    written = [_marked(root, name, found, cells) for name, found in by_file.items()]
    return sorted(path for path in written if path is not None)


def _marked(root: Path, name: str, found: Sequence[Finding], cells: Cells) -> Path | None:
    book = _opened(root / name, name)
    if book is None:
        return None
    by_cell: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        sheet = one.where.partition("[")[2].rstrip("]")
        page = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
        by_cell.setdefault((page.title, _place(page, one, cells)), []).append(one)
    for (title, place), ones in by_cell.items():
        cell = book[title][place]
        worst = min(ones, key=lambda one: list(_COLOURS).index(one.severity)).severity
        cell.fill = PatternFill("solid", start_color=_COLOURS[worst])
        text = "\n\n".join(f"{one.th}\n{one.en}" for one in ones)[:_LONGEST]
        cell.comment = Comment(text, "reporter check", width=420, height=200)
    target = root / FOLDER / f"{name.replace('/', '-')}.marked.xlsx"
    target.parent.mkdir(exist_ok=True)
    book.save(target)
    return target


def _opened(path: Path, name: str) -> Any:
    """The workbook itself, or a new one of a text file's cells; None for a file that cannot be opened."""
    if path.suffix.lower() == ".xlsx":
        try:
            return openpyxl.load_workbook(path)
        except Exception:  # openpyxl raises what it meets; the findings say that the file is damaged
            return None
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, table in enumerate(read_table(path, name, []), start=1):
        sheet = book.create_sheet(table.where.partition("[")[2].rstrip("]") or f"{number}")
        for record in table.records:
            sheet.append([re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", cell) for cell in record])
    return book if book.sheetnames else None


def _place(page: Any, one: Finding, cells: Cells) -> str:
    """Name of the cell that a finding speaks of: told, known by its subject, or by row and column name."""
    if one.column and _COORDINATE.match(one.column):
        return one.column
    if known := cells.get((one.where, one.subject)):
        return known
    row = one.row or 1
    for header in page.iter_rows(min_row=1, max_row=min(_HEADER_SEARCH, page.max_row)):
        for cell in header:
            if one.column and str(cell.value or "").strip().casefold() == one.column.casefold():
                return f"{cell.column_letter}{row}"
    return f"A{row}"
