"""The register of series: what each is called, who publishes it, what its newest value is and when the next one is due.

Goes in: the declarations, a history of observations, a day. Comes out: one table for ``reporter indicators`` and for people who look for
an id.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from reporter.domain.declarations import Declarations, names
from reporter.domain.errors import Finding
from reporter.domain.periods import parse_period
from reporter.inputs.series import read_table
from reporter.inputs.series_cells import latest_vintage
from reporter.measures import annex_inputs

COLUMNS = (
    "id",
    "kind",
    "name_th",
    "name_en",
    "unit",
    "frequency",
    "source",
    "groups",
    "last_period",
    "last_value",
    "next_due",
    "status",
)
_MACRO_LAG_DAYS = 60  # the national accounts appear about seven weeks after the quarter
STATUS = {
    "current": ("ครบตามกำหนด", "current"),
    "due": ("ถึงกำหนดแล้วยังไม่มี", "due"),
    "absent": ("ไม่มีข้อมูล", "absent"),
    "computed": ("คำนวณจากสูตร", "computed"),
}


def register(declarations: Declarations, history: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Every series that a file may hold: columns ``COLUMNS``, indicators first, in declared order.

    kind      ``indicator``, ``part`` (of a gap), ``macro`` or ``input`` (of formulas and the annex)
    next_due  end of the period after the newest plus the declared lag, as text; "" where there is no value or no lag
    """
    entries = _entries(declarations)
    nation = history[history["group"] == "TH"]
    newest = latest_vintage(nation, None).sort_values("period", key=lambda column: column.map(_end))
    last = dict(zip(newest["indicator"], zip(newest["period"], newest["value"], strict=True), strict=True))
    rows = []
    for (series, *about), lag, inputs in entries:
        period, value = last.get(series, ("", float("nan")))
        due = _due(period, lag)
        if period:
            status = "due" if due and due < today else "current"
        else:
            status = "computed" if inputs and set(inputs) <= set(last) else "absent"
        rows.append((series, *about, period, value, due.isoformat() if due else "", status))
    return pd.DataFrame(rows, columns=list(COLUMNS))


_Entry = tuple[tuple[str, ...], int | None, tuple[str, ...]]


def _entries(declarations: Declarations) -> list[_Entry]:
    """(id, kind, names, unit, frequency, source, groups), lag in days, inputs of the formula."""
    found: list[_Entry] = []
    for one in declarations.indicators.values():
        groups = " ".join(one.groups)
        about = (one.unit, one.frequency, one.source, groups)
        inputs = names(one.formula) if one.formula else ()
        found.append(
            ((one.id, "indicator", one.name.th, one.name.en, *about), one.publication_lag_days, inputs)
        )
        for part in one.components:
            th, en = ("ชาย", "men") if part.endswith("_male") else ("หญิง", "women")
            named = (f"{one.name.th} ({th})", f"{one.name.en} ({en})")
            found.append(
                ((part, "part", *named, "", one.frequency, one.source, groups), one.publication_lag_days, ())
            )
    for macro in declarations.macro.values():
        named = (macro.name.th, macro.name.en)
        found.append(
            (
                (macro.id, "macro", *named, macro.unit, macro.frequency, macro.source, "TH"),
                _MACRO_LAG_DAYS,
                (),
            )
        )
    known = {entry[0][0] for entry in found}
    for series, entry in annex_inputs().items():
        if series not in known:
            found.append(((series, "input", entry.name.th, entry.name.en, entry.unit, "", "", ""), None, ()))
    return found


def _end(period: str) -> pd.Timestamp:
    return parse_period(period).end_time


def _due(period: str, lag: int | None) -> dt.date | None:
    if not period or lag is None:
        return None
    due: dt.date = (parse_period(period) + 1).end_time.date() + dt.timedelta(days=lag)
    return due


# ----------------------------------------------------------------------------------------------------
# A copy of the operator's own files with every cell that a finding speaks of coloured and commented.
#
# Goes in: findings and the workspace. Comes out: one .xlsx per file under ``checked/``, which no command reads. The files themselves are
# left as they are.
# ----------------------------------------------------------------------------------------------------

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
    target = root / FOLDER / f"{name.replace('/', '-').removesuffix('.xlsx')}.marked.xlsx"
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
