"""Observations from the series files of a workspace, and everything that is wrong with them.

Goes in: ``series/*.csv`` and ``series/*.xlsx`` with ``indicator,period,value[,group,as_of,adjusted]``. Comes out: the
history of observations (docs/tables.md) and findings; nothing is raised, so that all files are told together.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding
from reporter.domain.formula import names
from reporter.inputs.series import messages
from reporter.inputs.series.cells import (
    Cells,
    is_inside,
    read_bytes,
    read_csv,
)
from reporter.inputs.series.messages import MOST_PER_RULE
from reporter.inputs.series.spreadsheet import read_xlsx
from reporter.inputs.series.values import (
    dates,
    flags,
    numbers,
    periods,
)
from reporter.measures.annex import annex_series
from reporter.runtime.cache import StageCache

REQUIRED = ("indicator", "period", "value")
OPTIONAL = ("group", "as_of", "adjusted")
COLUMNS = ["indicator", "group", "period", "frequency", "value", "as_of", "adjusted", "file", "row"]
_FOREIGN = {".xlsm", ".xls", ".xlsb", ".ods", ".txt", ".tsv", ".json", ".parquet"}


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
    for path in series_files(root, found):
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
    history = pd.concat(frames, ignore_index=True)
    return _without_duplicates(history, found), found


def _file(
    data: bytes, suffix: str, where: str, declarations: Declarations
) -> tuple[list[pd.DataFrame], list[Finding]]:
    """Rows of every sheet of one file, and what was found in it."""
    found: list[Finding] = []
    frames = [_observations(cells, declarations, found) for cells in _sheets_of(data, suffix, where, found)]
    return frames, found


def series_files(root: Path, found: list[Finding]) -> list[Path]:
    """Files of ``series/`` that are read, sorted; other files there are noted."""
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
        if suffix in (".csv", ".xlsx"):
            if is_inside(path, root, f"series/{path.name}", found):
                files.append(path)
        elif suffix == ".xlsm":
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


def read_table(path: Path, where: str, found: list[Finding]) -> list[Cells]:
    """Sheets of a CSV or .xlsx file, told apart by content; empty after noting why it cannot be read."""
    data = read_bytes(path, where, found)
    return [] if data is None else _sheets_of(data, path.suffix, where, found)


def _sheets_of(data: bytes, suffix: str, where: str, found: list[Finding]) -> list[Cells]:
    if data.startswith(b"PK\x03\x04") or suffix.lower() == ".xlsx":
        return read_xlsx(data, where, found)
    cells = read_csv(data, where, found)
    return [cells] if cells else []


def _empty() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    return frame.astype({"value": float, "as_of": "datetime64[ns]", "adjusted": bool, "row": "int64"})


def _observations(cells: Cells, declarations: Declarations, found: list[Finding]) -> pd.DataFrame:
    """Rows of one sheet that can be read; the others are noted."""
    missing = [name for name in REQUIRED if name not in cells.header]
    if missing:
        found.append(messages.missing_columns(cells, missing, REQUIRED))
        return _empty()
    strangers = [name for name in cells.header if name not in REQUIRED + OPTIONAL]
    found += [messages.unknown_column(cells.where, name, OPTIONAL) for name in strangers]
    size = len(cells.rows)
    if not size:
        found.append(messages.no_rows(cells.where))
        return _empty()
    rows = np.array(cells.rows)
    report = messages.Report(cells.where, rows, found)
    blank = [""] * size
    indicator = cells.columns["indicator"]
    group = [text or "TH" for text in cells.columns.get("group", blank)]
    period, frequency, wrong_periods = periods(cells.columns["period"])
    value, bad_values = numbers(cells.columns["value"])
    found += messages.mixed_eras(cells)
    as_of, wrong_dates = dates(cells.columns.get("as_of", blank))
    adjusted, wrong_flags = flags(cells.columns.get("adjusted", blank))

    known = known_series(declarations)
    good = np.ones(size, dtype=bool)
    unknown_groups = set(group) - set(declarations.groups)
    good &= report.texts("indicator", indicator, set(indicator) - known, messages.unknown("indicator", known))
    good &= report.texts("group", group, unknown_groups, messages.unknown("group", set(declarations.groups)))
    good &= report.texts(
        "period", cells.columns["period"], set(wrong_periods), messages.period(wrong_periods)
    )
    good &= report.texts("as_of", cells.columns.get("as_of", blank), wrong_dates, messages.date)
    good &= report.texts("adjusted", cells.columns.get("adjusted", blank), wrong_flags, messages.flag)
    good &= report.places("value", cells.columns["value"], bad_values, messages.number)
    frame = pd.DataFrame(
        {
            "indicator": indicator,
            "group": group,
            "period": period,
            "frequency": frequency,
            "value": value,
            "as_of": as_of,
            "adjusted": adjusted,
            "file": cells.where,
            "row": rows,
        }
    )
    return frame[good & ~np.isnan(value)]


def known_series(declarations: Declarations) -> set[str]:
    """Ids that a series file may use: indicators, macro variables, components of gaps, inputs of formulas and annex."""
    known = set(declarations.indicators) | set(declarations.macro) | annex_series()
    for indicator in declarations.indicators.values():
        known |= set(indicator.components)
        known |= set(names(indicator.formula)) if indicator.formula else set()
    return known


def _without_duplicates(history: pd.DataFrame, found: list[Finding]) -> pd.DataFrame:
    """Drop rows whose key was given before; a repeated equal value is a warning, another value an error."""
    key = ["indicator", "group", "period", "as_of"]
    repeated = history.duplicated(key, keep="first")
    if not repeated.any():
        return history
    first = history[~repeated].set_index(key)[["value", "file", "row"]]
    again = history[repeated]
    earlier = first.loc[pd.MultiIndex.from_frame(again[key])]
    pairs = zip(again.itertuples(), earlier.itertuples(), strict=True)
    for count, (row, origin) in enumerate(pairs):
        if count == MOST_PER_RULE:
            found.append(messages.more(str(row.file), "period", len(again) - count, "series.duplicate"))
            break
        found.append(messages.duplicate(row, origin))
    return history[~repeated].reset_index(drop=True)
