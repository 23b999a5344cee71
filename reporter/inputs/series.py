"""Observations from the series files of a workspace, and everything that is wrong with them.

Goes in: the files of ``series/`` (CSV and every kind of spreadsheet), long with ``indicator,period,value[,group,as_of,adjusted]``
or wide with periods across. Comes out: the history of observations (docs/tables.md) and findings; nothing is raised, so that
all files are told together.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding, Severity
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs import series_layout, spreadsheets, values, workbook
from reporter.inputs.schema import Register, register_of
from reporter.inputs.series_cells import (
    KEY,
    SheetCells,
    TextTable,
    cells_of,
    first_filled,
    is_inside,
    latest_vintage,
    read_bytes,
    read_records,
)
from reporter.inputs.series_layout import MOST_PER_RULE, OPTIONAL, REQUIRED, find_cells
from reporter.inputs.spreadsheets import Fault, Sheet, cell_text
from reporter.inputs.values import Moment, UnreadableError
from reporter.runtime.cache import StageCache

SUFFIXES = (".csv", *spreadsheets.SUFFIXES)
_TRUE = {"1", "true", "ใช่"}
_FALSE = {"", "0", "false", "ไม่ใช่"}
_MANY_BLANKS = 8  # two years of quarters; a few blanks are values that are not known yet
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
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
    if len(tables) > 1:
        tables = series_layout.without_notes(tables, register, found)
    cells = [one for table in tables if (one := find_cells(table, register, found))]
    frames = [_observations(one, declarations, register, found) for one in cells]
    if where == workbook.FILE:
        return frames, [
            one for one in found if one.rule != "file.no_rows"
        ]  # a form has sheets that are not filled
    if not found and sum(map(len, frames)) == 0:
        found.append(series_layout.only_blanks(where))
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
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir():
            found += _in_subfolder(path, root)
        elif suffix in SUFFIXES:
            if is_inside(path, root, f"series/{path.name}", found):
                files.append(path)
        elif suffix in (".xlsm", ".xltm", ".xlam"):
            found.append(_foreign(path, "error", "มีมาโคร", "carries macros"))
        elif suffix in _FOREIGN:
            found.append(_foreign(path, "warning", f"ชนิด {suffix}", f"is of kind {suffix}"))
        elif path.name.casefold() not in _OF_THE_SYSTEM:
            found.append(_foreign(path, "note", f"ชนิด {suffix or '-'}", f"is of kind {suffix or '-'}"))
    return files


def _in_subfolder(folder: Path, root: Path) -> list[Finding]:
    """Files of series below ``series/``: the program does not read them, although their values seem to be delivered."""
    try:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError:
        return []
    kinds = (*SUFFIXES, *_FOREIGN)
    lost = [path for path in paths if path.suffix.lower() in kinds and not path.name.startswith((".", "~$"))]
    found = [
        Finding(
            "warning",
            path.relative_to(root).as_posix(),
            "ระบบไม่อ่านไฟล์ในโฟลเดอร์ย่อย ค่าในไฟล์จึงไม่มีผล — ย้ายไฟล์มาไว้ใน series/ โดยตรง หรือย้ายออก",
            "Files in subfolders are not read, so its values do not count; move it into series/ itself, or away.",
            rule="file.subfolder",
        )
        for path in lost
    ]
    return found if len(found) <= MOST_PER_RULE else [series_layout.counted(found)]


def _foreign(path: Path, severity: Severity, th: str, en: str) -> Finding:
    return Finding(
        severity,
        f"series/{path.name}",
        f"ไฟล์{th} ระบบไม่อ่าน — บันทึกเป็น .csv หรือ .xlsx",
        f"The file {en} and is not read; save it as .csv or .xlsx.",
        rule="xlsx.macro" if severity == "error" else "file.kind",
    )


COUNTRIES_FILE = "countries.csv"


def read_countries(root: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Unemployment rates of other countries from the optional ``countries.csv`` (table ``countries``), and what is wrong with it.

    A row without a source or a licence is refused: numbers of others are not printed without leave.
    """
    found: list[Finding] = []
    path = root / COUNTRIES_FILE
    columns = schema.columns("countries")
    if not path.exists() or not is_inside(path, root, COUNTRIES_FILE, found):
        return schema.empty("countries"), found
    rows: dict[tuple[str, str], list[str | float]] = {}
    for table in read_table(path, COUNTRIES_FILE, found):
        cells = cells_of(table, first_filled(table), found)
        if cells is None:
            continue
        if missing := [name for name in columns if name not in cells.header]:
            found.append(series_layout.missing_columns(cells, missing, columns))
            continue
        for row, *texts in zip(cells.rows, *(cells.columns[name] for name in columns), strict=True):
            read = _country(
                cells.where, row, dict(zip(columns, (text.strip() for text in texts), strict=True)), found
            )
            if read is None:
                continue
            key = (str(read[0]), str(read[3]))
            if key in rows:
                found.append(_of_country(cells.where, row, "country", key[0], "ประเทศและงวดนี้มีแล้ว — ลบแถวหนึ่ง", "This country and period stand there already; remove one row."))  # fmt: skip
                continue
            rows[key] = read
    table_of_rows = pd.DataFrame(rows.values(), columns=columns)
    return table_of_rows.astype({"value": "float64"}), found


def _country(where: str, row: int, given: dict[str, str], found: list[Finding]) -> list[str | float] | None:
    """One row as values; None after noting what is wrong with it."""
    for column in ("country", "name_th", "name_en", "source", "licence"):
        if not given[column]:
            found.append(_of_country(where, row, column, "", f"ไม่มีค่าในคอลัมน์ {column} — กรอกให้ครบ ตัวเลขของแหล่งอื่นต้องมีแหล่งและสัญญาอนุญาต", f"{column} is empty; fill it in: numbers of others need a source and a licence."))  # fmt: skip
            return None
    try:
        period = iso(parse_quarter(given["period"]))
        value = values.number(given["value"])
    except (PeriodError, UnreadableError) as error:
        found.append(_of_country(where, row, "period", given["period"], f"อ่านงวดหรือค่าไม่ได้ — {error.th}", f"The period or the value cannot be read: {error.en}"))  # fmt: skip
        return None
    if value is None or not 0 <= value <= 100:
        found.append(_of_country(where, row, "value", given["value"], "อัตราการว่างงานต้องเป็นร้อยละ 0 ถึง 100 — แก้ค่า", "An unemployment rate lies between 0 and 100 per cent; mend the value."))  # fmt: skip
        return None
    return [
        given["country"],
        given["name_th"],
        given["name_en"],
        period,
        value,
        given["source"],
        given["licence"],
    ]


def _of_country(where: str, row: int, column: str, value: str, th: str, en: str) -> Finding:
    return Finding("error", where, th, en, row=row, column=column, value=value, rule=f"countries.{column}")


def read_table(path: Path, where: str, found: list[Finding]) -> list[TextTable]:
    """Sheets of a CSV or spreadsheet, recognised by content; empty after noting why it cannot be read."""
    data = read_bytes(path, where, found)
    return [] if data is None else tables_of(data, path.suffix, where, found)


def tables_of(data: bytes, suffix: str, where: str, found: list[Finding]) -> list[TextTable]:
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


def sheet_table(sheet: Sheet, where: str, found: list[Finding]) -> TextTable:
    """A worksheet as texts; dates that a spreadsheet made and hidden rows and columns are noted."""
    records = [[cell if isinstance(cell, str) else _text(cell) for cell in row] for row in sheet.rows]
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
    return TextTable(where, records, faults, tuple(sheet.merged))


def _text(cell: object) -> str:
    """A cell's text; a logical value stays a word, since TRUE among numbers is no 1."""
    return str(cell).upper() if isinstance(cell, bool) else cell_text(cell)


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
    """Rows or columns that a filter or a person hid: it is not known whether they count."""
    letters = [spreadsheets.coordinate(0, column).rstrip("1") for column in columns]
    th = [f"แถว {_some(rows)}"] * bool(rows) + [f"คอลัมน์ {_some(letters)}"] * bool(letters)
    en = [f"rows {_some(rows)}"] * bool(rows) + [f"columns {_some(letters)}"] * bool(letters)
    what = " and ".join(en)
    return Finding(
        # The workbook's ids are locked: a filtered row of it is still that series.
        "note" if where.startswith(workbook.FILE) else "error",
        where,
        f"มี{' และ'.join(th)} ที่ซ่อนหรือถูกกรองไว้ — เลิกซ่อน ล้างตัวกรอง หรือลบออก",
        f"{what[0].upper()}{what[1:]} are hidden or filtered away; unhide them, clear the filter, or delete them.",
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
    cells: SheetCells, declarations: Declarations, register: Register, found: list[Finding]
) -> pd.DataFrame:
    """Rows of one table that can be read; the others are noted."""
    missing = [name for name in REQUIRED if name not in cells.header]
    if missing:
        found.append(series_layout.missing_columns(cells, missing, REQUIRED))
        return _empty()
    if not cells.places:
        strangers = [name for name in cells.header if name not in (*REQUIRED, *OPTIONAL, "flag", "unit")]
        found += [series_layout.unknown_column(cells.where, name, OPTIONAL) for name in strangers]
    size = len(cells.rows)
    if not size:
        if not any(one.severity == "error" and one.where == cells.where for one in found):
            found.append(series_layout.no_rows(cells.where))
        return _empty()
    blank = [""] * size
    column = {name: cells.columns.get(name, blank) for name in (*REQUIRED, *OPTIONAL, "flag")}
    report = series_layout.Report(cells.where, np.array(cells.rows), found, cells.places)
    indicator, series_good = _names(column["indicator"], "indicator", register, report)
    said = cells.columns.get("unit") or [register.stated_unit(text) for text in column["indicator"]]
    found += series_layout.wrong_units(cells, indicator, said, register)
    group, group_good = _names([text or "TH" for text in column["group"]], "group", register, report)
    good = series_good & group_good
    period, frequency, period_good = _periods(column["period"], indicator, group, declarations, report)
    value, flags, wrong = values.numbers(column["value"])
    good &= period_good & report.at(
        "value",
        column["value"],
        list(wrong),
        series_layout.unreadable({column["value"][n]: e for n, e in wrong.items()}),
    )
    found += series_layout.mixed_eras(cells)
    as_of, wrong_dates = _days(column["as_of"])
    good &= report.texts("as_of", column["as_of"], wrong_dates, series_layout.date)
    adjusted, wrong_flags = _yes_or_no(column["adjusted"])
    good &= report.texts("adjusted", column["adjusted"], wrong_flags, series_layout.flag)
    period_flags = _flags_of_periods(column["period"])
    frame = pd.DataFrame(
        {
            "indicator": indicator,
            "group": group,
            "period": period,
            "frequency": frequency,
            "value": value,
            "as_of": as_of,
            "adjusted": adjusted,
            "flag": [
                own or beside or period_flags.get(text, "")
                for own, beside, text in zip(flags, column["flag"], column["period"], strict=True)
            ],
            "file": cells.where,
            "row": np.array(cells.rows),
            "cell": cells.places or "",
        }
    )
    found += _blank_series(frame[good], cells.where)
    return frame[good & ~np.isnan(value)]


def _blank_series(frame: pd.DataFrame, where: str) -> list[Finding]:
    """Series that stand in a file with blanks only, beside others that have values: one warning for all of them."""
    known = frame.groupby("indicator", sort=False)["value"].agg(["count", "size"])
    blank = known.index[(known["count"] == 0) & (known["size"] >= _MANY_BLANKS)].tolist()
    if not blank or not known["count"].any():
        return []  # a file of blanks only is told as a whole
    row = int(frame.loc[frame["indicator"] == blank[0], "row"].iloc[0])
    return [
        Finding(
            "warning",
            where,
            f"ทุกค่าของ {_some(blank)} ในไฟล์นี้ว่าง — ใส่ค่า หรือลบแถวเหล่านั้น",
            f"Every value of {_some(blank)} in this file is blank; fill them in, or remove the rows.",
            row=row,
            column="value",
            value=_some(blank),
            rule="series.blank",
        )
    ]


def _flags_of_periods(texts: Sequence[str]) -> dict[str, str]:
    """Flags that stand at periods (``2568-Q3p``), by the period's text; those without one are left out."""
    found = {}
    for text in dict.fromkeys(texts):
        with contextlib.suppress(UnreadableError):
            if flag := values.moment(text).flag:
                found[text] = flag
    return found


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
    texts: Sequence[str], kind: str, register: Register, report: series_layout.Report
) -> tuple[list[str], np.ndarray]:
    """Ids of series or codes of groups, however they are called; True where the row is good."""
    read = register.series_id if kind == "indicator" else register.group_code
    known = {text: read(text) for text in dict.fromkeys(texts)}
    good = report.texts(
        kind,
        texts,
        [text for text, one in known.items() if one is None],
        series_layout.unknown(kind, register),
    )
    return [known[text] or text for text in texts], good


def _periods(
    texts: Sequence[str],
    indicator: Sequence[str],
    group: Sequence[str],
    declarations: Declarations,
    report: series_layout.Report,
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
    good = report.texts("period", texts, wrong, series_layout.unreadable(wrong))
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
        good &= report.at("period", texts, sorted(uncertain), series_layout.day_for_quarter)
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
        groups.setdefault((str(row.file), str(origin.file), same), []).append(
            series_layout.duplicate(row, origin)
        )
    for findings in groups.values():
        found += findings if len(findings) <= MOST_PER_RULE else [series_layout.counted(findings)]
    return history[~repeated].reset_index(drop=True)


# ----------------------------------------------------------------------------------------------------
# Agreement between sources of the same series: files with and without dates, files and store, vintages, seasonal adjustment, the two sexes.
#
# Goes in: the history of observations of the files and of the store. Comes out: findings that say which value counts and which does
# not, so that a corrected file never loses in silence. Nothing is changed here.
# ----------------------------------------------------------------------------------------------------

_LEAST = 8  # two years of quarters: fewer values say nothing about a series' habits
_LEAST_REBASED = (
    0.01  # revisions of statistics are smaller than one per cent throughout, changes of base are not
)
_ONE_FACTOR = 1e-3  # ratios of values that are printed with three or four digits agree to about a thousandth
_ALWAYS = 0.95  # one sex above the other in all but one of twenty periods is a habit


def check_consistency(
    files: pd.DataFrame, stored: pd.DataFrame, declarations: Declarations, today: dt.date
) -> list[Finding]:
    """Findings about files and store together. ``files`` and ``stored`` have the columns of observations (docs/tables.md)."""
    whole = pd.concat([files, stored], ignore_index=True) if len(stored) else files
    if whole.empty:
        return []
    newest = latest_vintage(whole, None)
    return [
        *_undated(files),
        *_known_tomorrow(whole, today),
        *_two_ways(files, stored),
        *_rebased(whole),
        *_part_adjusted(newest),
        *_constant(newest),
        *_swapped(newest, declarations),
    ]


def _undated(files: pd.DataFrame) -> list[Finding]:
    """Values without a date that lose against dated ones of another file: the file that was corrected last may be the one that loses."""
    undated, dated = files[files["as_of"].isna()], files[files["as_of"].notna()]
    if undated.empty or dated.empty:
        return []
    both = undated.merge(latest_vintage(dated, None), on=KEY, suffixes=("", "_dated"))
    both = both[(both["value"] != both["value_dated"]) & (both["file"] != both["file_dated"])]
    found = []
    for (file, other), rows in both.groupby(["file", "file_dated"], sort=True):
        first = rows.iloc[0]
        found.append(
            _finding(
                first,
                f"{_named(first)} มีค่า {first['value']:g} โดยไม่มี as_of แต่ {other} มีค่า {first['value_dated']:g} (as_of {first['as_of_dated']:%Y-%m-%d})"
                f" ระบบใช้ค่าที่มีวันที่ ทั้งหมด {len(rows):,} ค่า — หากค่าใน {file} ใหม่กว่า ให้ใส่ as_of",
                f"{_named(first)} is {first['value']:g} here without as_of, but {first['value_dated']:g} in {other} (as_of"
                f" {first['as_of_dated']:%Y-%m-%d}), which counts; {len(rows):,} values in all. If {file} is newer, give as_of.",
                "series.undated",
            )
        )
    return found


def _known_tomorrow(whole: pd.DataFrame, today: dt.date) -> list[Finding]:
    """Values that were known after today: a build leaves them out, and with them the newest month."""
    ahead = whole[whole["as_of"] >= pd.Timestamp(today) + pd.Timedelta(days=1)]
    found = []
    for _, rows in ahead.groupby("file", sort=True):
        first = rows.iloc[0]
        found.append(
            _finding(
                first,
                f"as_of {first['as_of']:%Y-%m-%d} ของ {_named(first)} อยู่ในอนาคต ค่านี้และอีก {len(rows) - 1:,} ค่าจะไม่ถูกใช้ — ตรวจวันที่และปี",
                f"as_of {first['as_of']:%Y-%m-%d} of {_named(first)} lies in the future: this value and {len(rows) - 1:,} more would not"
                " be used; check the date and its era.",
                "series.as_of",
                severity="error",
                column="as_of",
            )
        )
    return found


def _two_ways(files: pd.DataFrame, stored: pd.DataFrame) -> list[Finding]:
    """Series that come from files and from the store: which periods each of them decides is reported."""
    if files.empty or stored.empty:
        return []
    found = []
    ways = pd.concat([files.assign(way="file"), stored.assign(way="store")], ignore_index=True)
    for series in sorted(set(files["indicator"]) & set(stored["indicator"])):
        own = latest_vintage(ways[(ways["indicator"] == series) & (ways["group"] == "TH")], None)
        counted = {way: rows["period"] for way, rows in own.groupby("way")}
        if len(counted) < 2:
            continue
        first = own[own["way"] == "file"].iloc[-1]
        spans = {
            way: f"{periods.min()}..{periods.max()} ({len(periods)})" for way, periods in counted.items()
        }
        found.append(
            _finding(
                first,
                f"{series} มีทั้งใน series/ และในคลัง: จาก series/ ใช้ {spans['file']} จากคลังใช้ {spans['store']} — เก็บไว้ทางเดียว",
                f"{series} is in series/ and in the store: {spans['file']} count from series/, {spans['store']} from the store;"
                " keep one of them.",
                "series.two_ways",
            )
        )
    return found


def _rebased(whole: pd.DataFrame) -> list[Finding]:
    """A vintage that is the one before times a factor: another base or unit, which would stand beside older values."""
    again = whole[whole.duplicated(KEY, keep=False)].sort_values(
        [*KEY, "as_of"], na_position="first", kind="stable"
    )
    if again.empty:
        return []
    before = again.groupby(KEY, sort=False)["value"].shift()
    pairs = again.assign(before=before)[before.notna() & (before != 0)]
    pairs = pairs.drop_duplicates(KEY, keep="last")
    pairs = pairs.assign(ratio=pairs["value"] / pairs["before"])
    found = []
    for _, rows in pairs.groupby(["indicator", "group", "as_of"], sort=True, dropna=False):
        ratio = float(rows["ratio"].median())
        if (
            len(rows) < _LEAST
            or abs(ratio - 1) < _LEAST_REBASED
            or (rows["ratio"] / ratio - 1).abs().max() > _ONE_FACTOR
        ):
            continue
        last = rows.iloc[-1]
        found.append(
            _finding(
                last,
                f"{last['indicator']} {last['group']} ฉบับใหม่เป็น {ratio:.4g} เท่าของฉบับก่อนเท่ากันทั้ง {len(rows):,} งวด (เปลี่ยนปีฐานหรือหน่วย)"
                " — ส่งทั้งอนุกรมในฐานเดียวกัน",
                f"The new vintage of {last['indicator']} {last['group']} is {ratio:.4g} times the one before in all {len(rows):,} periods"
                " (another base or unit); deliver the whole series on one base.",
                "series.rebased",
            )
        )
    return found


def _part_adjusted(newest: pd.DataFrame) -> list[Finding]:
    """Series of which some values are marked as seasonally adjusted and others not."""
    shares = newest.groupby(["indicator", "group"], sort=True)["adjusted"].agg(["sum", "size"])
    found = []
    for series, group in shares[(shares["sum"] > 0) & (shares["sum"] < shares["size"])].index:
        rows = newest[(newest["indicator"] == series) & (newest["group"] == group)]
        fewer = rows[rows["adjusted"] == (rows["adjusted"].mean() < 0.5)].iloc[0]
        count = int(rows["adjusted"].sum())
        found.append(
            _finding(
                fewer,
                f"{series} {group} ระบุว่าปรับฤดูกาลแล้ว {count:,} จาก {len(rows):,} งวด — ใส่ adjusted ให้เหมือนกันทั้งอนุกรม",
                f"{count:,} of {len(rows):,} periods of {series} {group} are said to be adjusted for season; say the same of all.",
                "series.part_adjusted",
                column="adjusted",
            )
        )
    return found


def _constant(newest: pd.DataFrame) -> list[Finding]:
    """National series that never move."""
    nation = newest[newest["group"] == "TH"]
    spread = nation.groupby("indicator", sort=True)["value"].agg(["min", "max", "size"])
    found = []
    for series in spread[(spread["min"] == spread["max"]) & (spread["size"] >= _LEAST)].index:
        first = nation[nation["indicator"] == series].iloc[-1]
        count = int(spread.loc[series, "size"])
        found.append(
            _finding(
                first,
                f"{series} มีค่า {first['value']:g} เท่ากันทั้ง {count:,} งวด — ตรวจว่าเป็นข้อมูลจริง",
                f"{series} is {first['value']:g} in all {count:,} periods; check that these are data.",
                "series.constant",
            )
        )
    return found


def _swapped(newest: pd.DataFrame, declarations: Declarations) -> list[Finding]:
    """Men's and women's values of the newest period the other way round than ever before."""
    found = []
    nation = newest[newest["group"] == "TH"]
    for gap in declarations.indicators.values():
        if len(gap.components) != 2:
            continue
        men, women = (nation[nation["indicator"] == name].set_index("period") for name in gap.components)
        both = men.join(women["value"].rename("women"), how="inner").sort_index()
        if len(both) <= _LEAST:
            continue
        signs = np.sign((both["value"] - both["women"]).to_numpy())
        usual = np.sign(np.median(signs[:-1]))
        if usual != 0 and signs[-1] == -usual and (signs[:-1] == usual).mean() >= _ALWAYS:
            last = both.reset_index().iloc[-1]
            found.append(
                _finding(
                    last,
                    f"{gap.components[0]} ({last['value']:g}) และ {gap.components[1]} ({last['women']:g}) งวด {last['period']} กลับข้างจากทุกงวดก่อน"
                    " — ตรวจว่าสลับชายหญิงหรือไม่",
                    f"{gap.components[0]} ({last['value']:g}) and {gap.components[1]} ({last['women']:g}) of {last['period']} stand the other"
                    " way round than ever before; check that the sexes are not swapped.",
                    "series.swapped",
                )
            )
    return found


def _named(row: pd.Series) -> str:
    return f"{row['indicator']} {row['group']} {row['period']}"


def _finding(
    row: pd.Series, th: str, en: str, rule: str, *, severity: Severity = "warning", column: str = "value"
) -> Finding:
    return Finding(
        severity,
        str(row["file"]),
        th,
        en,
        row=int(row["row"]) or None,
        column=str(row.get("cell") or column),
        value=f"{row['value']:g}",
        rule=rule,
        subject=_named(row),
    )


# ----------------------------------------------------------------------------------------------------
# Series files of a workspace: from bytes to observations, with every finding on the way.
#
# Read in this order: ``series_cells`` (file to text cells; spreadsheets: ``reporter.inputs.spreadsheets``; what counts as of a date),
# ``series_layout`` (where the values of a table stand), this module (observations and findings; numbers and periods:
# ``reporter.inputs.values``).
# ----------------------------------------------------------------------------------------------------
