"""Observations from the series files of a workspace, and everything that is wrong with them.

Goes in: the files of ``series/`` (CSV and every kind of spreadsheet), long with ``indicator,period,value[,group,as_of,adjusted]``
or wide with periods across. Comes out: the history of observations (docs/tables.md) and findings; nothing is raised, so that
all files are told together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.inputs import spreadsheets, values, workbook
from reporter.inputs.names import Register, register_of
from reporter.inputs.series import messages
from reporter.inputs.series.cells import Cells, Table, is_inside, read_bytes, read_records
from reporter.inputs.series.layout import OPTIONAL, REQUIRED, find_cells
from reporter.inputs.series.messages import MOST_PER_RULE
from reporter.inputs.spreadsheets import Fault, Sheet, cell_text
from reporter.inputs.values import Moment, UnreadableError
from reporter.runtime.cache import StageCache

SUFFIXES = (".csv", *spreadsheets.SUFFIXES)
_TRUE = {"1", "true", "ใช่"}
_FALSE = {"", "0", "false", "ไม่ใช่"}
_FOREIGN = {".txt", ".tsv", ".json", ".parquet", ".dta", ".sav"}


def read_series(
    root: Path, declarations: Declarations, cache: StageCache | None = None
) -> tuple[pd.DataFrame, list[Finding]]:
    """All rows of all series files, in file order, and all findings. Rows with an error are left out.

    cache  keeps what a file says under its bytes and the declarations
    """
    cache = cache or StageCache(None)
    found: list[Finding] = []
    frames = []
    declared = cache.key(declarations)
    for path in [*series_files(root, found), *_workbook(root, found)]:
        where = path.relative_to(root).as_posix()
        data = read_bytes(path, where, found)
        if data is None:
            continue
        said, noted = cache.result(
            "series_file",
            (data, path.suffix, where, declared),
            partial(_file, data, path.suffix, where, declarations),
        )
        frames += said
        found += noted
    if not frames:
        return _empty(), found
    history = pd.concat([frame for frame in frames if len(frame)] or [_empty()], ignore_index=True)
    return _without_duplicates(history, found), found


def _workbook(root: Path, found: list[Finding]) -> list[Path]:
    path = workbook.path_of(root)
    return [path] if path is not None and is_inside(path, root, workbook.FILE, found) else []


def _file(
    data: bytes, suffix: str, where: str, declarations: Declarations
) -> tuple[list[pd.DataFrame], list[Finding]]:
    """Rows of every sheet of one file, and what was found in it."""
    found: list[Finding] = []
    register = register_of(declarations)
    tables = tables_of(data, suffix, where, found)
    cells = [one for table in tables if (one := find_cells(table, register, found))]
    frames = [_observations(one, declarations, register, found) for one in cells]
    if where == workbook.FILE:
        return frames, [
            one for one in found if one.rule != "file.no_rows"
        ]  # a form has sheets that are not filled
    if not found and sum(map(len, frames)) == 0:
        found.append(messages.only_blanks(where))
    return frames, found


def series_files(root: Path, found: list[Finding]) -> list[Path]:
    """Files of ``series/`` that are read, sorted; other files there are noted."""
    if not (root / "series").exists() and workbook.path_of(root) is not None:
        return []
    try:
        paths = sorted((root / "series").iterdir())
    except OSError as error:
        found.append(
            Finding(
                "error",
                "series",
                f"เปิดโฟลเดอร์ไม่ได้ ({error.strerror}) — ตรวจว่ามีโฟลเดอร์และมีสิทธิ์อ่าน",
                f"The folder cannot be opened ({error.strerror}); check that it exists and may be read.",
                rule="folder.unreadable",
            )
        )
        return []
    files = []
    for path in paths:
        suffix = path.suffix.lower()
        if path.name.startswith((".", "~$")) or path.is_dir():
            continue
        if suffix in SUFFIXES:
            if is_inside(path, root, f"series/{path.name}", found):
                files.append(path)
        elif suffix in (".xlsm", ".xltm", ".xlam"):
            found.append(_foreign(path, "error", "มีมาโคร", "carries macros"))
        elif suffix in _FOREIGN:
            found.append(_foreign(path, "warning", f"ชนิด {suffix}", f"is of kind {suffix}"))
    return files


def _foreign(path: Path, severity: str, th: str, en: str) -> Finding:
    return Finding(
        "error" if severity == "error" else "warning",
        f"series/{path.name}",
        f"ไฟล์{th} ระบบไม่อ่าน — บันทึกเป็น .csv หรือ .xlsx",
        f"The file {en} and is not read; save it as .csv or .xlsx.",
        rule="xlsx.macro" if severity == "error" else "file.kind",
    )


def read_table(path: Path, where: str, found: list[Finding]) -> list[Table]:
    """Sheets of a CSV or spreadsheet, told apart by content; empty after noting why it cannot be read."""
    data = read_bytes(path, where, found)
    return [] if data is None else tables_of(data, path.suffix, where, found)


def tables_of(data: bytes, suffix: str, where: str, found: list[Finding]) -> list[Table]:
    """Every visible sheet that holds something (one table for CSV); what is hidden is noted."""
    if not spreadsheets.is_spreadsheet(data) and suffix.lower() not in spreadsheets.SUFFIXES:
        table = read_records(data, where, found)
        return [table] if table else []
    before = len(found)
    wanted = workbook.holds_values if where == workbook.FILE else lambda name: True
    sheets = [
        one for one in spreadsheets.read_workbook(data, where, found, wanted=wanted) if not one.is_empty
    ]
    visible = [sheet for sheet in sheets if sheet.is_visible]
    found += [_hidden_sheet(where, sheet) for sheet in sheets if not sheet.is_visible]
    several = len(visible) > 1
    tables = [sheet_table(sheet, f"{where}[{sheet.name}]" if several else where, found) for sheet in visible]
    if not tables and len(found) == before:
        found.append(
            Finding(
                "error", where, "ไม่มีข้อมูลในแผ่นงานที่มองเห็น", "No visible sheet holds data.", rule="file.empty"
            )
        )
    return tables


def sheet_table(sheet: Sheet, where: str, found: list[Finding]) -> Table:
    """A worksheet as texts; dates that a spreadsheet made and hidden rows and columns are noted."""
    records = [[cell if isinstance(cell, str) else cell_text(cell) for cell in row] for row in sheet.rows]
    faults = {
        (number, column): cell
        for number, row in enumerate(sheet.rows)
        for column, cell in enumerate(row)
        if isinstance(cell, Fault)
    }
    hidden = sorted(row for row in sheet.hidden_rows if row < len(records) and any(records[row]))
    columns = sorted(
        column for column in sheet.hidden_columns if any(len(row) > column and row[column] for row in records)
    )
    if hidden or columns:
        found.append(_hidden_cells(where, [row + 1 for row in hidden], columns))
    return Table(where, records, faults, tuple(sheet.merged))


def _hidden_sheet(where: str, sheet: Sheet) -> Finding:
    return Finding(
        "warning",
        where,
        f'มีแผ่นงานซ่อน "{sheet.name}" ระบบไม่อ่าน — เลิกซ่อนหรือลบออก',
        f'Hidden sheet "{sheet.name}" is not read; unhide or delete it.',
        value=sheet.name,
        rule="xlsx.hidden",
    )


def _hidden_cells(where: str, rows: Sequence[int], columns: Sequence[int]) -> Finding:
    """Rows or columns that a filter or a person hid: nobody can say whether they count."""
    letters = [spreadsheets.coordinate(0, column).rstrip("1") for column in columns]
    th = [f"แถว {_some(rows)}"] * bool(rows) + [f"คอลัมน์ {_some(letters)}"] * bool(letters)
    en = [f"rows {_some(rows)}"] * bool(rows) + [f"columns {_some(letters)}"] * bool(letters)
    return Finding(
        # The workbook's ids are locked: a filtered row of it is still that series.
        "note" if where.startswith(workbook.FILE) else "error",
        where,
        f"มี{' และ'.join(th)} ที่ซ่อนหรือถูกกรองไว้ — เลิกซ่อน ล้างตัวกรอง หรือลบออก",
        f"{' and '.join(en).capitalize()} are hidden or filtered away; unhide them, clear the filter, or delete them.",
        row=rows[0] if rows else None,
        value=_some([*rows, *letters]),
        rule="xlsx.hidden_cells",
    )


def _some(items: Sequence[object]) -> str:
    return ", ".join(map(str, items[:5])) + (f" (+{len(items) - 5})" if len(items) > 5 else "")


def _empty() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in schema.columns("observations")})
    return frame.astype({"value": float, "as_of": "datetime64[ns]", "adjusted": bool, "row": "int64"})


def _observations(
    cells: Cells, declarations: Declarations, register: Register, found: list[Finding]
) -> pd.DataFrame:
    """Rows of one table that can be read; the others are noted."""
    missing = [name for name in REQUIRED if name not in cells.header]
    if missing:
        found.append(messages.missing_columns(cells, missing, REQUIRED))
        return _empty()
    if not cells.places:
        strangers = [name for name in cells.header if name not in (*REQUIRED, *OPTIONAL, "flag")]
        found += [messages.unknown_column(cells.where, name, OPTIONAL) for name in strangers]
    size = len(cells.rows)
    if not size:
        found.append(messages.no_rows(cells.where))
        return _empty()
    blank = [""] * size
    column = {name: cells.columns.get(name, blank) for name in (*REQUIRED, *OPTIONAL, "flag")}
    report = messages.Report(cells.where, np.array(cells.rows), found, cells.places)
    indicator, series_good = _names(column["indicator"], "indicator", register, report)
    group, group_good = _names([text or "TH" for text in column["group"]], "group", register, report)
    good = series_good & group_good
    period, frequency, period_good = _periods(column["period"], indicator, group, declarations, report)
    value, flags, wrong = values.numbers(column["value"])
    good &= period_good & report.at(
        "value",
        column["value"],
        list(wrong),
        messages.unreadable({column["value"][n]: e for n, e in wrong.items()}),
    )
    found += messages.mixed_eras(cells)
    as_of, wrong_dates = _days(column["as_of"])
    good &= report.texts("as_of", column["as_of"], wrong_dates, messages.date)
    adjusted, wrong_flags = _yes_or_no(column["adjusted"])
    good &= report.texts("adjusted", column["adjusted"], wrong_flags, messages.flag)
    frame = pd.DataFrame(
        {
            "indicator": indicator,
            "group": group,
            "period": period,
            "frequency": frequency,
            "value": value,
            "as_of": as_of,
            "adjusted": adjusted,
            "flag": [own or above for own, above in zip(flags, column["flag"], strict=True)],
            "file": cells.where,
            "row": np.array(cells.rows),
            "cell": cells.places or "",
        }
    )
    return frame[good & ~np.isnan(value)]


def _days(texts: Sequence[str]) -> tuple[np.ndarray, set[str]]:
    """Days of many texts (ISO, Christian or Buddhist year): (datetime64[ns], NaT where blank; texts that are no day)."""
    parsed: dict[str, np.datetime64] = {}
    wrong: set[str] = set()
    for text in set(texts):
        parsed[text] = np.datetime64("NaT", "ns")
        if not text:
            continue
        try:
            day = values.moment(text).day
        except UnreadableError:
            day = None
        if day is None:
            wrong.add(text)
        else:
            parsed[text] = np.datetime64(day, "ns")
    return np.array([parsed[text] for text in texts], dtype="datetime64[ns]"), wrong


def _yes_or_no(texts: Sequence[str]) -> tuple[np.ndarray, set[str]]:
    """Yes/no of many texts (blank is no): (bool, texts that are neither)."""
    wrong = {text for text in set(texts) if text.lower() not in _TRUE | _FALSE}
    return np.array([text.lower() in _TRUE for text in texts], dtype=bool), wrong


def _names(
    texts: Sequence[str], kind: str, register: Register, report: messages.Report
) -> tuple[list[str], np.ndarray]:
    """Ids of series or codes of groups, however they are called; True where the row is good."""
    read = register.series_id if kind == "indicator" else register.group_code
    known = {text: read(text) for text in dict.fromkeys(texts)}
    good = report.texts(
        kind, texts, [text for text, one in known.items() if one is None], messages.unknown(kind, register)
    )
    return [known[text] or text for text in texts], good


def _periods(
    texts: Sequence[str],
    indicator: Sequence[str],
    group: Sequence[str],
    declarations: Declarations,
    report: messages.Report,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ISO periods and frequencies of many texts; True where the row is good. A year alone is no period of a series."""
    read: dict[str, Moment] = {}
    wrong: dict[str, UnreadableError] = {}
    for text in dict.fromkeys(texts):
        try:
            one = values.moment(text)
            if one.period.freqstr.startswith("Y"):
                raise UnreadableError(
                    f'"{text}" เป็นปี ไม่ใช่เดือนหรือไตรมาส — เขียนแบบ 2025-Q3',
                    f'"{text}" is a year, neither a month nor a quarter; write 2025-Q3',
                )
            read[text] = one
        except UnreadableError as error:
            wrong[text] = error
    written = {text: iso(one.period) for text, one in read.items()}
    period = np.array([written.get(text, "") for text in texts], dtype=object)
    good = report.texts("period", texts, wrong, messages.unreadable(wrong))
    days = [n for n, text in enumerate(texts) if text in read and read[text].day is not None]
    if days:
        uncertain = []
        quarterly = quarterly_series(declarations)
        keys: dict[tuple[str, str], list[int]] = {}
        for place in days:
            if indicator[place] in quarterly:
                keys.setdefault((indicator[place], group[place]), []).append(place)
        for places in keys.values():
            quarters = quarters_of_days([read[texts[place]].day for place in places])
            if quarters is None:
                uncertain += places
            else:
                period[places] = quarters
        good &= report.at("period", texts, sorted(uncertain), messages.day_for_quarter)
    frequency = np.array(["Q" if "Q" in text else "M" if text else "" for text in period], dtype=object)
    return period, frequency, good


def quarters_of_days(days: Sequence[dt.date | None]) -> list[str] | None:
    """ISO quarters of a quarterly series' days; None where they may be something else.

    ``3/2568`` typed into Excel becomes 1 March 2568. So days are quarters only if all are first days of quarters and some lie
    beyond April, where no typed quarter can lead, or if all are last days.
    """
    stamps = [pd.Timestamp(day) for day in days if day is not None]
    if not (all(stamp.is_quarter_end for stamp in stamps) or all(stamp.is_quarter_start for stamp in stamps)):
        return None
    if all(stamp.day == 1 and stamp.month <= 4 for stamp in stamps):
        return None
    return [iso(stamp.to_period("Q")) for stamp in stamps]


def quarterly_series(declarations: Declarations) -> set[str]:
    """Ids declared quarterly: indicators with the components of gaps, macro variables."""
    found = {one.id for one in declarations.macro.values() if one.frequency == "quarterly"}
    for indicator in declarations.indicators.values():
        if indicator.frequency == "quarterly":
            found |= {indicator.id, *indicator.components}
    return found


def _without_duplicates(history: pd.DataFrame, found: list[Finding]) -> pd.DataFrame:
    """Drop rows whose key was given before; a repeated equal value is a warning, another value an error."""
    key = ["indicator", "group", "period", "as_of"]
    repeated = history.duplicated(key, keep="first")
    if not repeated.any():
        return history
    first = history[~repeated].set_index(key)[["value", "file", "row"]]
    again = history[repeated]
    earlier = first.loc[pd.MultiIndex.from_frame(again[key])]
    groups: dict[tuple[str, str, bool], list[Finding]] = {}
    for row, origin in zip(again.itertuples(), earlier.itertuples(), strict=True):
        same = bool(row.value == origin.value)  # type: ignore[operator]
        groups.setdefault((str(row.file), str(origin.file), same), []).append(messages.duplicate(row, origin))
    for findings in groups.values():
        found += findings if len(findings) <= MOST_PER_RULE else [messages.counted(findings)]
    return history[~repeated].reset_index(drop=True)
