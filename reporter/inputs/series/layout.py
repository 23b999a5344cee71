"""Where the values of a table stand: long (one row per value) or wide (periods across), under title rows or not.

Goes in: a ``Table`` of texts and the register of names. Comes out: ``Cells`` with the columns of a long file, and findings.
A wide table may have years above quarters or months, a units row, section titles, footnotes and total rows: rows that hold
no number are passed over, a row with numbers must be a known series.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.inputs import values
from reporter.inputs.names import Register, bare_label, fold
from reporter.inputs.series.cells import Cells, Table, cells_of, first_filled
from reporter.inputs.spreadsheets import coordinate, fault_finding
from reporter.inputs.values import UnreadableError

REQUIRED = ("indicator", "period", "value")
OPTIONAL = ("group", "as_of", "adjusted")
# Thai headings of the same columns, as the Excel workbook and people write them.
HEADINGS = {
    "indicator": ("indicator", "id", "รหัส", "รหัสตัวชี้วัด", "ตัวชี้วัด"),
    "period": ("period", "งวด", "ช่วงเวลา"),
    "value": ("value", "ค่า"),
    "group": ("group", "กลุ่ม", "รหัสกลุ่ม"),
    "as_of": ("as_of", "วันที่รู้ค่า", "ณ วันที่"),
    "adjusted": ("adjusted", "ปรับฤดูกาลแล้ว"),
}
_CALLED = {fold(name): column for column, known in HEADINGS.items() for name in known}
_HEADER_SEARCH = 30  # title, unit and source lines above a table; more is not a table's head
_TOTALS = re.compile(r"^(?:รวม|ยอดรวม|รวมทั้งหมด|total|grand total)$", re.IGNORECASE)
_REMARKS = re.compile(r"^(?:หมายเหตุ|ที่มา|แหล่งที่มา|หน่วย|note|source|unit|\*|[0-9]{1,2}[/)])", re.IGNORECASE)


@dataclass(frozen=True)
class Wide:
    """Head of a wide table: its last header row (from 0), the ISO period of every period column, flags of headings."""

    row: int
    periods: dict[int, str]
    flags: dict[int, str]
    labels: list[str]


def find_cells(table: Table, register: Register, found: list[Finding]) -> Cells | None:
    """The table's values in long form; None after noting why there are none."""
    if (header := long_header(table.records)) is not None:
        return _long(table, header, found)
    if (head := wide_head(table.records)) is not None:
        return _melted(table, head, register, found)
    return _long(table, first_filled(table), found)  # whose columns are missing: the reading says so


def long_header(records: Sequence[Sequence[str]]) -> int | None:
    """Row (from 0) that names the columns of a long table; None where no row does."""
    for number, record in enumerate(records[:_HEADER_SEARCH]):
        if set(REQUIRED) <= {_CALLED.get(fold(cell)) for cell in record if cell.strip()}:
            return number
    return None


def _long(table: Table, header: int, found: list[Finding]) -> Cells | None:
    cells = cells_of(table, header, found)
    if cells is None:
        return None
    renamed = tuple(_CALLED.get(fold(name), name) for name in cells.header)
    if len(set(renamed)) < len(renamed):  # both "id" and "indicator": the id's own column counts
        renamed = cells.header
    columns = dict(zip(renamed, cells.columns.values(), strict=True))
    cells = dataclasses.replace(cells, header=renamed, columns=columns)
    _note_merged(table, header, len(cells.header), found)
    if table.faults:
        cells = _without_faults(table, header, cells, found)
    return cells


def _without_faults(table: Table, header: int, cells: Cells, found: list[Finding]) -> Cells:
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


def _note_merged(table: Table, header: int, first_value: int, found: list[Finding]) -> None:
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
    flag = re.search(r"(?<=[0-9.])\s*([rpe]|\*{1,3}|\([rpe]\))\Z", values.visible(cell).casefold())
    mark = flag[1] if flag else ""
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


def _melted(table: Table, head: Wide, register: Register, found: list[Finding]) -> Cells:
    """One row per value of a wide table."""
    roles: dict[str, int] = {}
    for place, text in enumerate(head.labels):
        if role := _CALLED.get(fold(text)):
            roles.setdefault(role, place)  # the id stands before the name, which may be called ตัวชี้วัด too
    texts = [place for place in range(min(head.periods)) if place not in roles.values()]
    _note_merged(table, head.row, max(head.periods) + 1, found)
    names = ("indicator", "group", "period", "value", "flag", "adjusted", "as_of")
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
        if not given and not faults:
            continue
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
        rows += [number + 1] * len(given)
        places += [f"{letters[column]}{number + 1}" for column in given]
    return Cells(table.where, names, columns, rows, tuple(places))


def _cell(record: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(record) else values.visible(record[place])


def _series_of(
    record: Sequence[str], roles: dict[str, int], texts: list[int], register: Register
) -> str | None:
    """The series of a row: by its id, else by the first label that names one."""
    if own := _cell(record, roles.get("indicator")):
        return register.series_id(own) or own
    return next((found for place in texts if (found := register.series_id(_cell(record, place)))), None)


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
