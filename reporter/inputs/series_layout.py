"""Where the values of a table stand: long (one row per value) or wide (periods across), under title rows or not.

Goes in: a ``TextTable`` of texts and the register of names. Comes out: ``Cells`` with the columns of a long file, and findings.
A wide table may have years above quarters or months, a units row, section titles, footnotes and total rows: rows that hold
no number are passed over, a row with numbers must be a known series.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from reporter.domain.errors import Finding
from reporter.domain.periods import arabic_digits, iso
from reporter.inputs import values
from reporter.inputs.schema import Register, bare_label, fold
from reporter.inputs.series_cells import (
    SheetCells,
    TextTable,
    cells_of,
    first_filled,
)
from reporter.inputs.spreadsheets import coordinate, fault_finding
from reporter.inputs.values import UnreadableError, shown

REQUIRED = ("indicator", "period", "value")
OPTIONAL = ("group", "as_of", "adjusted")
# Thai headings of the same columns, as the Excel workbook and people write them.
HEADINGS = {
    "indicator": ("indicator", "id", "รหัส", "รหัสตัวชี้วัด", "ตัวชี้วัด"),
    "period": ("period", "งวด", "ช่วงเวลา"),
    "value": ("value", "ค่า"),
    "group": ("group", "กลุ่ม", "รหัสกลุ่ม"),
    "as_of": ("as_of", "as of", "วันที่รู้ค่า", "ณ วันที่"),
    "adjusted": ("adjusted", "ปรับฤดูกาลแล้ว"),
}
_UNIT_HEADINGS = {fold(name) for name in ("unit", "units", "หน่วย", "หน่วยนับ", "หน่วยวัด", "หน่วยของข้อมูล")}
_CALLED = {fold(name): column for column, known in HEADINGS.items() for name in known}
_LABELS = ("indicator", "group")
_HEADER_SEARCH = 30  # title, unit and source lines above a table; more is not a table's head
_TOTALS = re.compile(
    r"^(?:(?:ยอด|ผล)?รวม(?:ทั้งหมด|ทั้งสิ้น|ยอด)?|ทั้งหมด|(?:ค่า)?เฉลี่ย(?:รวม)?|(?:grand |sub)?total|sum|average|mean)$",
    re.IGNORECASE,
)
_REMARKS = re.compile(r"^(?:หมายเหตุ|ที่มา|แหล่งที่มา|หน่วย|note|source|unit|\*|[0-9]{1,2}[/)])", re.IGNORECASE)


@dataclass(frozen=True)
class Wide:
    """Head of a wide table: its last header row (from 0), the ISO period of every period column, flags of headings."""

    row: int
    periods: dict[int, str]
    flags: dict[int, str]
    labels: list[str]


def find_cells(table: TextTable, register: Register, found: list[Finding]) -> SheetCells | None:
    """The table's values in long form; None after noting why there are none."""
    if (header := long_header(table.records)) is not None:
        labels = {n for n, text in enumerate(table.records[header]) if _CALLED.get(fold(text)) in _LABELS}
        return _long(_filled_down(table, header, labels), header, found)
    if (head := wide_head(table.records) or _one_period(table.records)) is not None:
        labels = set(range(min(head.periods)))
        return _melted(_filled_down(table, head.row, labels), head, register, found)
    noted: list[Finding] = []
    cells = _long(table, first_filled(table), noted)  # whose columns are missing: the reading says so
    # Rows that do not fit a header that is none are no faults of their own.
    found += noted if cells is None else [one for one in noted if one.rule != "file.ragged"]
    return cells


def _filled_down(table: TextTable, header: int, labels: set[int]) -> TextTable:
    """With the text of names that are merged over several rows in each of these rows, as a reader of the sheet sees them."""
    down = [
        (first, last)
        for first, last in table.merged
        if first[0] > header and first[1] == last[1] and first[1] in labels
    ]
    if not down:
        return table
    records = [list(record) for record in table.records]
    for (top, column), (bottom, _) in down:
        for row in range(top + 1, min(bottom + 1, len(records))):
            records[row][column] = records[top][column]
    merged = tuple(one for one in table.merged if one not in down)
    return dataclasses.replace(table, records=records, merged=merged)


def without_notes(tables: Sequence[TextTable], register: Register, found: list[Finding]) -> list[TextTable]:
    """The sheets of a workbook but for those that hold neither a period nor the name of a series: people keep notes beside their data."""
    kept = []
    for table in tables:
        filled = {cell for record in table.records for cell in record if cell.strip()}
        if not filled or any(_is_data(cell, register) for cell in filled):
            kept.append(table)
        else:
            found.append(
                Finding(
                    "note",
                    table.where,
                    "แผ่นงานนี้ไม่มีงวดและไม่มีชื่อตัวชี้วัด จึงไม่ใช้",
                    "This sheet holds neither a period nor the name of an indicator; it is not used.",
                    rule="series.notes",
                )
            )
    return kept


def _is_data(text: str, register: Register) -> bool:
    """Whether a cell is a period, the heading of a column of values, or the id or name of a series."""
    try:
        values.period(text)
    except UnreadableError:
        return fold(text) in _CALLED or register.series_id(text) is not None
    return True


def long_header(records: Sequence[Sequence[str]]) -> int | None:
    """Row (from 0) that names the columns of a long table; None where no row does."""
    for number, record in enumerate(records[:_HEADER_SEARCH]):
        if set(REQUIRED) <= {_CALLED.get(fold(cell)) for cell in record if cell.strip()}:
            return number
    return None


def _long(table: TextTable, header: int, found: list[Finding]) -> SheetCells | None:
    cells = cells_of(table, header, found)
    if cells is None:
        return None
    renamed = tuple(
        _CALLED.get(fold(name), "unit" if fold(name) in _UNIT_HEADINGS else name) for name in cells.header
    )
    if len(set(renamed)) < len(renamed):  # both "id" and "indicator": the id's own column counts
        renamed = cells.header
    columns = dict(zip(renamed, cells.columns.values(), strict=True))
    cells = dataclasses.replace(cells, header=renamed, columns=columns)
    cells = _without_remarks(cells)
    _note_merged(table, header, len(cells.header), found)
    if table.faults:
        cells = _without_faults(table, header, cells, found)
    return cells


def _without_remarks(cells: SheetCells) -> SheetCells:
    """Without header lines that a longer table repeats, and remarks beneath it that hold neither period nor value."""

    def is_kept(cell: Callable[[str], str]) -> bool:
        if all(_CALLED.get(fold(cell(name))) == name for name in REQUIRED):
            return False
        return bool(cell("period") or cell("value")) or not _REMARKS.match(cell("indicator"))

    if not set(REQUIRED) <= set(cells.header):
        return cells
    kept = [n for n in range(len(cells.rows)) if is_kept(lambda name, n=n: cells.columns[name][n])]  # type: ignore[misc]
    if len(kept) == len(cells.rows):
        return cells
    columns = {name: [texts[n] for n in kept] for name, texts in cells.columns.items()}
    return dataclasses.replace(cells, columns=columns, rows=[cells.rows[n] for n in kept])


def _without_faults(table: TextTable, header: int, cells: SheetCells, found: list[Finding]) -> SheetCells:
    """Without the rows of which a used cell must not be read; each is noted."""
    named = [
        fold(text) for text in table.records[header]
    ]  # columns of the sheet; blank ones may have been left out
    used = {place for place, name in enumerate(named) if _CALLED.get(name, name) in REQUIRED + OPTIONAL}
    wrong = {
        place: fault
        for place, fault in table.faults.items()
        if place[1] in used and place[0] + 1 in set(cells.rows)
    }
    found += [
        fault_finding(fault, table.where, *place)
        for place, fault in sorted(wrong.items(), key=lambda item: item[0])
    ]
    bad = {row + 1 for row, _ in wrong}
    kept = [n for n, row in enumerate(cells.rows) if row not in bad]
    columns = {name: [texts[n] for n in kept] for name, texts in cells.columns.items()}
    return dataclasses.replace(cells, columns=columns, rows=[cells.rows[n] for n in kept])


def _note_merged(table: TextTable, header: int, first_value: int, found: list[Finding]) -> None:
    """Merged cells among the values hide some of them; above the header they are titles."""
    for (top, left), (bottom, right) in table.merged:
        if bottom > header and left < first_value:
            name = f"{coordinate(top, left)}:{coordinate(bottom, right)}"
            found.append(
                Finding(
                    "error",
                    table.where,
                    f"เซลล์ {name} ผสานกัน ค่าที่ซ่อนอยู่อ่านไม่ได้ — ยกเลิกการผสานเซลล์",
                    f"Cells {name} are merged, which hides values; unmerge them.",
                    row=top + 1,
                    value=name,
                    rule="xlsx.merged",
                )
            )


def wide_head(records: Sequence[Sequence[str]]) -> Wide | None:
    """The header of a wide table: a row of at least two periods, or years above quarters or months; None without one."""
    for number, record in enumerate(records[:_HEADER_SEARCH]):
        found = {column: one for column, cell in enumerate(record) if (one := _heading(cell))}
        if len(found) >= 2:
            return _head(number, found, record)
        if number + 1 < len(records) and (both := _two_rows(record, records[number + 1])):
            return _head(number + 1, both, _labels(record, records[number + 1]))
    return None


def _one_period(records: Sequence[Sequence[str]]) -> Wide | None:
    """The header of a wide table of one period: it stands beside the heading of the indicators."""
    for number, record in enumerate(records[:_HEADER_SEARCH]):
        found = {column: one for column, cell in enumerate(record) if (one := _heading(cell))}
        if len(found) == 1 and "indicator" in {_CALLED.get(fold(cell)) for cell in record}:
            return _head(number, found, record)
    return None


def _head(row: int, found: dict[int, tuple[str, str]], labels: Sequence[str]) -> Wide:
    periods = {column: text for column, (text, _) in found.items()}
    flags = {column: flag for column, (_, flag) in found.items() if flag}
    return Wide(row, periods, flags, ["" if n in periods else str(text) for n, text in enumerate(labels)])


def _heading(cell: str) -> tuple[str, str] | None:
    """ISO text (or day) and flag of a heading that is a month or a quarter."""
    if not any(mark.isdigit() for mark in cell):
        return None
    try:
        read = values.moment(cell)
    except UnreadableError:
        return None
    if read.period.freqstr.startswith("Y"):
        return None
    return (read.day.isoformat() if read.day else iso(read.period)), read.flag


@lru_cache(maxsize=100_000)
def is_heading(cell: str) -> bool:
    """Whether a cell is the heading of a column of values: a month or quarter, with its year or beneath one."""
    return _heading(cell) is not None or _is_quarter(cell) or _is_month(cell)


def _is_month(cell: str) -> bool:
    try:
        values.month(cell)
    except UnreadableError:
        return False
    return not values.visible(cell).isdigit()


def _two_rows(upper: Sequence[str], lower: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Periods of years (each over the columns until the next) and of quarters or months beneath them."""
    found: dict[int, tuple[str, str]] = {}
    bare = [int(cell) for cell in map(values.visible, lower) if cell.isdigit() and len(cell) < 3]
    has_months = max(bare, default=0) > 4  # 1 to 4 beneath a year may be months or quarters
    year, mark = None, ""
    for column, below in enumerate(lower):
        above = upper[column] if column < len(upper) else ""
        if above.strip():
            year, mark = _year(above)
        if year is None or not below.strip():
            continue
        if values.visible(below).isdigit() and not has_months:
            continue
        if part := _part(below, year):
            found[column] = (part[0], " ".join(filter(None, (mark, part[1]))))
    return found if len(found) >= 2 else {}


def _year(cell: str) -> tuple[int | None, str]:
    try:
        read = values.moment(cell)
    except UnreadableError:
        return None, ""
    return (int(read.period.year), read.flag) if read.period.freqstr.startswith("Y") else (None, "")


def _part(cell: str, year: int) -> tuple[str, str] | None:
    mark = values.mark_of(cell)
    try:
        return f"{year}-{values.month(cell):02d}" if not _is_quarter(
            cell
        ) else f"{year}-Q{values.quarter(cell)}", mark
    except UnreadableError:
        return None


def _is_quarter(cell: str) -> bool:
    try:
        values.quarter(cell)
    except UnreadableError:
        return False
    return not values.visible(cell).isdigit()  # a bare 3 under a year may be March or the third quarter


def _labels(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    rows = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    return [below.strip() or above for above, below in zip(*rows, strict=True)]


def _melted(table: TextTable, head: Wide, register: Register, found: list[Finding]) -> SheetCells:
    """One row per value of a wide table."""
    roles: dict[str, int] = {}
    for place, text in enumerate(head.labels):
        if role := _CALLED.get(fold(text)):
            roles.setdefault(role, place)  # the id stands before the name, which may be called ตัวชี้วัด too
    texts = [place for place in range(min(head.periods)) if place not in roles.values()]
    _note_merged(table, head.row, max(head.periods) + 1, found)
    found += _unread_columns(table, head, roles)
    names = ("indicator", "group", "period", "value", "flag", "adjusted", "as_of", "unit")
    unit = next((place for place, label in enumerate(head.labels) if fold(label) in _UNIT_HEADINGS), None)
    title = _unit_of_title(table.records[: head.row])
    columns: dict[str, list[str]] = {name: [] for name in names}
    rows: list[int] = []
    places: list[str] = []
    letters = {column: coordinate(0, column)[:-1] for column in head.periods}
    faulty = {row for row, _ in table.faults}
    across = sorted(head.periods)
    for number, record in enumerate(table.records[head.row + 1 :], start=head.row + 1):
        given = {
            column: text for column in across if column < len(record) and (text := record[column].strip())
        }
        faults = (
            [(column, table.faults[number, column]) for column in across if (number, column) in table.faults]
            if number in faulty
            else []
        )
        if (not given and not faults) or record in table.records[max(head.row - 1, 0) : head.row + 1]:
            continue
        if len(given) > 1 and all(map(is_heading, given.values())):
            found.append(_second_table(table.where, number + 1))
            break
        if (other := _other_series(record, head, roles, texts, register)) is not None:
            found.append(_side_by_side(table.where, number, other, record[other]))
            break
        series = _series_of(record, roles, texts, register)
        if series is None and _may_be_passed(record, roles, texts, given):
            continue
        found += [fault_finding(fault, table.where, number, column) for column, fault in faults]
        for column, _ in faults:
            given.pop(column, None)
        columns["indicator"] += [series or _shown_name(record, roles, texts)] * len(given)
        columns["period"] += [head.periods[column] for column in given]
        columns["value"] += given.values()
        columns["flag"] += [head.flags.get(column, "") for column in given]
        for name in ("group", "adjusted", "as_of"):
            columns[name] += [_cell(record, roles.get(name))] * len(given)
        said = _cell(record, unit) or register.stated_unit(_shown_name(record, roles, texts))
        said = said or (title if _is_of(title, register.units.get(series or "", "")) else "")
        columns["unit"] += [said] * len(given)
        rows += [number + 1] * len(given)
        places += [f"{letters[column]}{number + 1}" for column in given]
    return SheetCells(table.where, names, columns, rows, tuple(places))


def _cell(record: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(record) else values.visible(record[place])


def _series_of(
    record: Sequence[str], roles: dict[str, int], texts: list[int], register: Register
) -> str | None:
    """The series of a row: by its id, else by the first label that names one."""
    if own := _cell(record, roles.get("indicator")):
        return register.series_id(own)
    return next((found for place in texts if (found := register.series_id(_cell(record, place)))), None)


def _other_series(
    record: Sequence[str], head: Wide, roles: dict[str, int], texts: list[int], register: Register
) -> int | None:
    """A column behind the first period that names another series than the row's: a second table beside the first."""
    own = _series_of(record, roles, texts, register)
    behind = [n for n in range(min(head.periods), len(record)) if n not in head.periods and record[n].strip()]
    return next(
        (n for n in behind if own and (other := register.series_id(_cell(record, n))) and other != own), None
    )


def _second_table(where: str, row: int) -> Finding:
    return Finding(
        "error",
        where,
        "มีตารางที่สองซึ่งมีงวดของตัวเองต่อท้ายในแผ่นงานเดียวกัน ตั้งแต่แถวนี้ไม่ถูกอ่าน — ย้ายไปไว้แผ่นงานใหม่",
        "A second table with periods of its own begins in this row; from here on nothing is read. Put it on its own sheet.",
        row=row,
        rule="series.layout",
    )


def _side_by_side(where: str, row: int, column: int, name: str) -> Finding:
    at = coordinate(row, column)
    return Finding(
        "error",
        where,
        f'เซลล์ {at} เป็นชื่อตัวชี้วัดอื่น ("{shown(name)}") กลางแถว เหมือนมีสองตารางวางข้างกัน — แยกเป็นคนละแผ่นงาน',
        f'Cell {at} names another indicator ("{shown(name)}") within the row, as if two tables stood side by side; put each on its own sheet.',
        row=row + 1,
        column=at,
        value=name[:200],
        rule="series.layout",
    )


def _unread_columns(table: TextTable, head: Wide, roles: Mapping[str, int]) -> list[Finding]:
    """Columns of numbers under a heading that is no period: an error where it looks like one, else one note (years, changes)."""
    found, others = [], []
    for place, label in enumerate(head.labels):
        if not label.strip() or place in roles.values():
            continue
        cells = [record[place] for record in table.records[head.row + 1 :] if place < len(record)]
        filled = [cell for cell in cells if cell.strip()]
        if not filled or 2 * sum(map(_is_number, filled)) <= len(filled):
            continue
        error = _unreadable_heading(label)
        if error is not None and error.is_near:
            found.append(
                Finding(
                    "error",
                    table.where,
                    f"หัวคอลัมน์ {coordinate(head.row, place)} อ่านเป็นงวดไม่ได้: {error.th}",
                    f"The heading {coordinate(head.row, place)} cannot be read as a period: {error.en}.",
                    row=head.row + 1,
                    column=coordinate(head.row, place),
                    value=label[:200],
                    rule="series.period",
                )
            )
        elif place > min(head.periods):
            others.append(label.strip())
    if others:
        names = ", ".join(f'"{shown(one)}"' for one in others[:5])
        found.append(
            Finding(
                "note",
                table.where,
                f"คอลัมน์ตัวเลข {names} ไม่ใช่เดือนหรือไตรมาส จึงไม่อ่าน",
                f"Columns of numbers {names} are neither months nor quarters and are not read.",
                row=head.row + 1,
                value=names[:200],
                rule="columns.unread",
            )
        )
    return found


def _unreadable_heading(label: str) -> UnreadableError | None:
    try:
        values.moment(label)
    except UnreadableError as error:
        return error
    return None


def _shown_name(record: Sequence[str], roles: dict[str, int], texts: list[int]) -> str:
    cells = [_cell(record, roles.get("indicator")), *(_cell(record, place) for place in texts)]
    return next((bare_label(cell) for cell in cells if cell), "")


def _may_be_passed(
    record: Sequence[str], roles: dict[str, int], texts: list[int], given: dict[int, str]
) -> bool:
    """Units rows, totals and remarks: rows whose label says so, or that hold no number at all."""
    label = _shown_name(record, roles, texts)
    if _TOTALS.match(label) or _REMARKS.match(_cell(record, texts[0]) if texts else label):
        return True
    return not any(_is_number(text) for text in given.values())


def _is_number(text: str) -> bool:
    try:
        return values.number(text) is not None
    except UnreadableError:
        return any(mark.isdigit() for mark in text)


# ----------------------------------------------------------------------------------------------------
# Messages about cells that cannot be used: place, value found, how to correct it; Thai first, then English.
#
# Goes in: columns of texts and which of them are wrong. Comes out: findings; what is wrong in the same way in more than
# ``MOST_PER_RULE`` rows is one finding with its number.
# ----------------------------------------------------------------------------------------------------

# More rows than this with one remedy are one systematic fault: one finding with their number.
MOST_PER_RULE = 10
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
MessageTexts = Callable[[str], tuple[str, str]]


class Report:
    """Notes findings of one table; many rows with the same remedy become one finding with a count.

    places   names of the cells of a wide table (``C12``), else empty: the column's name is told
    """

    def __init__(
        self, where: str, rows: np.ndarray, found: list[Finding], places: Sequence[str] = ()
    ) -> None:
        self.where, self.rows, self.found, self.cells = where, rows, found, places

    def texts(
        self, column: str, texts: Sequence[str], wrong: Iterable[str], message: MessageTexts
    ) -> np.ndarray:
        """Note the rows whose text is among the wrong ones; True where the row is good."""
        refused = set(wrong)
        if not refused:
            return np.ones(len(texts), dtype=bool)
        return self.at(column, texts, [n for n, text in enumerate(texts) if text in refused], message)

    def at(
        self, column: str, texts: Sequence[str], places: Sequence[int], message: MessageTexts
    ) -> np.ndarray:
        """Note rows by their position; True where the row is good."""
        good = np.ones(len(texts), dtype=bool)
        good[list(places)] = False
        by_remedy: dict[str, list[int]] = {}
        for place in places:
            # An unknown name is one fault however many rows repeat it.
            remedy = (
                texts[place]
                if column in ("indicator", "group")
                else re.sub(r"[0-9]+", "0", message(texts[place])[1].rpartition(";")[2])
            )
            by_remedy.setdefault(remedy, []).append(place)
        for one in by_remedy.values():
            is_one = len(one) > MOST_PER_RULE or column in ("indicator", "group")
            for group in [one] if is_one else [[place] for place in one]:
                self.found.append(self._finding(column, texts, group, message))
        return good

    def _finding(
        self, column: str, texts: Sequence[str], places: list[int], message: MessageTexts
    ) -> Finding:
        first = places[0]
        th, en = message(texts[first])
        if len(places) > 1:
            rows = ", ".join(
                str(row) for row in dict.fromkeys(int(self.rows[place]) for place in places[1:6])
            )
            more = ", …" if len(places) > 6 else ""
            th += f" (แบบเดียวกันรวม {len(places):,} ค่า แถวต่อไป: {rows}{more})"
            en += f" ({len(places):,} values in all; next rows: {rows}{more})"
        at_cell = bool(self.cells) and column in ("value", "period")
        return Finding(
            "error",
            self.where,
            th,
            en,
            row=int(self.rows[first]),
            column=self.cells[first] if at_cell else column,
            value=texts[first][:200],
            rule=f"series.{column}",
        )


def unknown(kind: str, register: Register) -> MessageTexts:
    """Message for an unknown indicator or group, with the nearest known one."""
    th, en = {"indicator": ("ตัวชี้วัด", "indicator"), "group": ("กลุ่ม", "group")}[kind]

    def message(text: str) -> tuple[str, str]:
        if not text:
            return f"ไม่ได้ระบุ{th} — เติมรหัส{th}", f"No {en} is given; fill it in."
        group = register.nearest_group(text) if kind == "group" else None
        near = register.nearest(text) if kind == "indicator" else [group] if group else []
        hint_th = f'หมายถึง "{near[0]}" หรือไม่' if near else f"ดูรหัส{th}ด้วย reporter indicators"
        hint_en = f'did you mean "{near[0]}"?' if near else f"use a declared {en}, see reporter indicators."
        return f'ไม่รู้จัก{th} "{shown(text)}" — {hint_th}', f'Unknown {en} "{shown(text)}"; {hint_en}'

    return message


def unreadable(errors: Mapping[str, UnreadableError]) -> MessageTexts:
    """Message for a text that the parser refuses: what it said."""
    return lambda text: (errors[text].th, f"{errors[text].en}.")


# Words by which a table says how large its unit is; the longer before those that they hold.
_SCALES = (
    (1e9, ("พันล้าน", "billion")),
    (1e6, ("ล้าน", "million")),
    (1e5, ("แสน",)),
    (1e4, ("หมื่น",)),
    (1e3, ("พัน", "thousand", "'000", ",000")),
)
_PER_CENT = ("ร้อยละ", "เปอร์เซ็นต์", "%", "percent", "per cent")
# Not อัตรา and ราย, which also stand in the words for rates and for every month.
_OF_COUNTS = ("คน", "ตำแหน่ง", "แห่ง", "บาท", "person", "position", "baht", "case", "worker")
_TITLE_UNIT = re.compile(r"^\(?\s*(?:หน่วย(?:นับ)?|units?)\s*[:：]\s*(.+?)\s*\)?$", re.IGNORECASE)
_PER = re.compile(r"ต่อ|/|\bper\b(?! *cent)", re.IGNORECASE)


def stated_scale(text: str) -> float | None:
    """The factor that a unit's words express: 1000 for พันคน, 0.01 for ร้อยละ; None where they express none."""
    said = values.visible(text).casefold()
    if any(word in said for word in _PER_CENT):
        return 0.01
    counted = _PER.split(said)[0]  # บาทต่อพันคน counts baht
    for scale, words in _SCALES:
        if any(word in counted for word in words):
            return scale
    return 1.0 if any(word in counted for word in _OF_COUNTS) else None


def _declared_scale(unit: str) -> float | None:
    """As ``stated_scale``, of a unit of the register; None for indices, scores and rates, which are called many things."""
    if unit.startswith("percent"):
        return 0.01
    if unit.startswith(("baht", "person", "position", "establishment", "case", "organisation")):
        return 1.0
    return 1e6 if unit.startswith("million_") else 1e3 if unit.startswith("thousand_") else None


def _unit_of_title(records: Sequence[Sequence[str]]) -> str:
    """What a line above a table calls its unit (``หน่วย : พันคน``); "" where none does."""
    cells = (values.visible(cell) for record in records for cell in record if cell.strip())
    return next((match[1] for cell in cells if (match := _TITLE_UNIT.match(cell))), "")


def _is_of(said: str, unit: str) -> bool:
    """Whether the words count what the register's unit counts: a table of thousands of persons may hold rates beside them."""
    counted = f"{UNITS_TH.get(unit, '').partition('ต่อ')[0]} {unit.partition('_per_')[0]}"
    return any(word in said.casefold() and word in counted for word in _OF_COUNTS)


def wrong_units(
    cells: SheetCells, series: Sequence[str], said: Sequence[str], register: Register
) -> list[Finding]:
    """Series whose unit, as the table says it, is another than the register's: one error for each."""
    found: dict[tuple[str, str], Finding] = {}
    for place, (name, text) in enumerate(zip(series, said, strict=True)):
        unit = register.units.get(name, "")
        if not text or (name, text) in found:
            continue
        own, stated = _declared_scale(unit), stated_scale(text)
        if own is None or stated is None or own == stated or (own, stated) == (0.01, 1.0):
            continue  # a rate may be said in persons of a hundred
        found[name, text] = Finding(
            "error",
            cells.where,
            f'ตารางบอกหน่วยของ {name} ว่า "{shown(text)}" แต่ทะเบียนใช้ {UNITS_TH.get(unit, unit)} ({unit}) — แปลงค่าเป็นหน่วยของทะเบียน แล้วแก้คำบอกหน่วย',
            f'The table says that {name} is in "{shown(text)}", but the register has it in {unit.replace("_", " ")};'
            " convert the values to the register's unit and mend the words.",
            row=cells.rows[place],
            column="unit",
            value=text[:200],
            rule="series.unit",
            subject=name,
        )
    return list(found.values())


UNITS_TH = {
    "percent": "ร้อยละ",
    "percent_growth": "ร้อยละ",
    "percent_of_mean": "ร้อยละของค่าเฉลี่ย",
    "baht": "บาท",
    "baht_per_month": "บาทต่อเดือน",
    "baht_per_person": "บาทต่อคน",
    "baht_per_day": "บาทต่อวัน",
    "baht_per_hour": "บาทต่อชั่วโมง",
    "million_baht": "ล้านบาท",
    "positions": "ตำแหน่ง",
    "persons": "คน",
    "thousand_persons": "พันคน",
    "establishments": "แห่ง",
    "cases": "ราย",
    "organisations": "แห่ง",
}


def day_for_quarter(text: str) -> tuple[str, str]:
    """Message for a day that stands for a quarter in an uncertain way."""
    return (
        f'"{text}" เป็นวันที่ แต่ตัวชี้วัดนี้เป็นรายไตรมาส (Excel อาจเปลี่ยน 3/2568 เป็นวันที่) — จัดเซลล์เป็นข้อความแล้วพิมพ์ 2568-Q3',
        f'"{text}" is a day, but the indicator is quarterly (Excel may have turned 3/2568 into a date);'
        " format the cells as text and write 2025-Q3.",
    )


def date(text: str) -> tuple[str, str]:
    """Message for a text that is no day."""
    return f'"{shown(text)}" ไม่ใช่วันที่ — เขียนแบบ 2025-11-15', f'"{shown(text)}" is no date; write 2025-11-15.'


def flag(text: str) -> tuple[str, str]:
    """Message for a text that is neither yes nor no."""
    return (
        f'"{shown(text)}" ใช้ไม่ได้ — ใส่ 1 หากแหล่งข้อมูลปรับฤดูกาลแล้ว มิฉะนั้นใส่ 0',
        f'"{shown(text)}" cannot be used; write 1 if its source adjusted the value for season, 0 if not.',
    )


def missing_columns(
    cells: SheetCells, missing: Sequence[str], required: Sequence[str], row: int = 1
) -> Finding:
    """A file without the columns that it must have."""
    return Finding(
        "error",
        cells.where,
        f"ไม่มีคอลัมน์ {', '.join(missing)} — หัวตารางต้องมี {','.join(required)} หรือเป็นตารางที่มีงวดเป็นหัวคอลัมน์"
        " และชื่อหรือรหัสตัวชี้วัดในแต่ละแถว; ตารางแบบอื่นให้ใช้ reporter map FILE",
        f"Column(s) {', '.join(missing)} missing; the header needs {','.join(required)}, or periods across with the"
        " indicator's id or name in each row; for other layouts run reporter map FILE.",
        row=row,
        column=missing[0],
        value=",".join(cells.header)[:200],
        rule="columns.missing",
    )


def unknown_column(where: str, name: str, optional: Sequence[str] = ()) -> Finding:
    """A column that is not read; a name close to one of ``optional`` may be that column misspelt."""
    if near := difflib.get_close_matches(name.casefold(), optional, n=1, cutoff=0.75):
        return Finding(
            "warning",
            where,
            f'ระบบไม่อ่านคอลัมน์ "{name}" ซึ่งคล้ายกับ {near[0]} — แก้เป็น {near[0]} หรือเปลี่ยนชื่อให้ต่างออกไป',
            f'Column "{name}" is not read, though it looks like {near[0]}; write {near[0]}, or rename or remove it.',
            row=1,
            column=name,
            rule="columns.misspelt",
            subject=name,
        )
    return Finding(
        "warning",
        where,
        f'ไม่รู้จักคอลัมน์ "{name}" ระบบไม่อ่าน — ตรวจตัวสะกดหรือลบออก',
        f'Unknown column "{name}" is not read; check its spelling or remove it.',
        row=1,
        column=name,
        rule="columns.unknown",
    )


def mixed_eras(cells: SheetCells) -> list[Finding]:
    """A file that writes some years Buddhist and others Christian; the rarer era's first row is named."""
    eras = [_era(text) for text in cells.columns["period"]]
    buddhist, christian = eras.count("BE"), eras.count("CE")
    if not (buddhist and christian):
        return []
    rarer = "BE" if buddhist <= christian else "CE"
    at = eras.index(rarer)
    return [
        Finding(
            "warning",
            cells.where,
            f"ไฟล์นี้ใช้ทั้งปี พ.ศ. ({buddhist:,} แถว) และ ค.ศ. ({christian:,} แถว) ระบบแปลงให้แล้ว — ควรใช้แบบเดียว",
            f"The file mixes Buddhist ({buddhist:,} rows) and Christian years ({christian:,} rows); both were read,"
            " but use one of them.",
            row=cells.rows[at],
            column="period",
            value=cells.columns["period"][at],
            rule="series.mixed_eras",
        )
    ]


@cache
def _era(text: str) -> str:
    match = _YEAR.search(arabic_digits(text))
    return "" if match is None else "BE" if int(match[0]) >= 2400 else "CE"


def no_rows(where: str) -> Finding:
    """A file with a header only."""
    return Finding(
        "warning",
        where,
        "มีแต่หัวตาราง ไม่มีข้อมูล — เพิ่มข้อมูลหรือลบไฟล์",
        "Only a header, no data; add data or remove the file.",
        rule="file.no_rows",
    )


def counted(findings: Sequence[Finding]) -> Finding:
    """Many findings of one kind as one: the first, with their number."""
    first, count = findings[0], len(findings)
    return dataclasses.replace(
        first,
        th=f"{first.th} (แบบเดียวกันรวม {count:,} แถว)",
        en=f"{first.en} ({count:,} rows of this kind in all)",
    )


def duplicate(row: Any, origin: Any) -> Finding:
    """A row whose indicator, group, period and vintage were given before."""
    is_same = row.value == origin.value
    place = f"{origin.file}, row {origin.row}"
    return Finding(
        "warning" if is_same else "error",
        str(row.file),
        f"{row.indicator} {row.group} {row.period} ซ้ำกับ {place} ค่า{'เท่ากัน' if is_same else f'ต่างกัน ({origin.value:g})'}"
        " — ลบแถวหนึ่ง หรือใส่ as_of หากเป็นค่าปรับปรุง",
        f"{row.indicator} {row.group} {row.period} was given in {place} "
        f"with {'the same value' if is_same else f'another value ({origin.value:g})'};"
        " remove one row, or give as_of if it is a revision.",
        row=int(row.row),
        column="period",
        value=f"{row.value:g}",
        rule="series.duplicate",
    )


def only_blanks(where: str) -> Finding:
    """A file of which every value is blank."""
    return Finding(
        "warning",
        where,
        "ทุกค่าในไฟล์ว่าง — ใส่ค่าหรือลบไฟล์",
        "Every value in the file is blank; fill it in or remove the file.",
        rule="file.no_rows",
    )
