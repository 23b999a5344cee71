"""Files that agencies send, dropped into a workspace's ``incoming`` folder -> rows.

Goes in: CSV or a spreadsheet of any kind, long (one row per observation) or wide (one column per period), each with a declared
layout. Comes out: rows as the services give them, so that one mapping serves both; each row knows its file, sheet and cells.
What the declaration does not speak of is refused, never dropped in silence: hidden rows, columns of numbers, unread headings.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso
from reporter.inputs import spreadsheets, values
from reporter.inputs.schema import bare_label
from reporter.inputs.series import quarters_of_days
from reporter.inputs.series_cells import read_records
from reporter.inputs.series_layout import is_heading
from reporter.inputs.spreadsheets import Fault, Sheet, cell_text, coordinate
from reporter.inputs.values import UnreadableError
from reporter.sources.answers import AnswerRow
from reporter.sources.catalogue import Drop, SourceCatalogue

FOLDER = "incoming"
SUFFIXES = (".csv", ".txt", *spreadsheets.SUFFIXES)
_LARGEST_BYTES = 64_000_000  # the largest tables of the statistical office are a few megabytes


class PlacedRow(AnswerRow):
    """A row that knows where it stands: file with sheet, row number, and the column letters of its fields."""

    def __init__(self, cells: AnswerRow, place: str, row: int, letters: dict[str, str]) -> None:
        super().__init__(cells)
        self.place, self.row, self.letters = place, row, letters

    def cell(self, name: str) -> str:
        """Name of the cell of a field (``C12``); "" for a field that is no cell."""
        letter = next(
            (letter for field, letter in self.letters.items() if field.casefold() == name.casefold()), ""
        )
        return f"{letter}{self.row}" if letter else ""


def files(root: Path) -> list[Path]:
    """Dropped files of a workspace, older periods first: what is taken in later counts as known later.

    The period is the one that the file's name states; files of one period, or of none, come as they were last changed. Hidden
    files and Excel's own left-overs do not count.
    """
    folder = root / FOLDER
    paths = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and not path.name.startswith((".", "~$"))
    ]

    def age(path: Path) -> tuple[int, float, str]:
        stated = values.period_in(path.stem)
        return (stated.end_time.value if stated is not None else 0, path.stat().st_mtime, path.name)

    return sorted(paths, key=age)


def declared_for(path: Path, catalogue: SourceCatalogue) -> Drop | None:
    """The declaration whose pattern a file's name fits; None where there is none. Raises InputError for several."""
    name = unicodedata.normalize("NFC", path.name).casefold()
    fitting = [drop for drop in catalogue.drops.values() if fnmatch.fnmatchcase(name, drop.files.casefold())]
    if len(fitting) > 1:
        ids = ", ".join(drop.id for drop in fitting)
        raise InputError(
            f"{FOLDER}/{path.name} ตรงกับประกาศหลายรายการ ({ids}) — แก้ files ให้ตรงรายการเดียว",
            f"{FOLDER}/{path.name} fits several declarations ({ids}); make 'files' fit one.",
        )
    return fitting[0] if fitting else None


def rows(content: bytes, name: str, drop: Drop) -> list[AnswerRow]:
    """Rows of a dropped file by its declared layout. Raises InputError when it is laid out otherwise."""
    found: list[AnswerRow] = []
    chosen = _chosen(grids(content, name), name, drop)
    for sheet in chosen:
        place = f"{FOLDER}/{name}[{sheet.name}]" if sheet.name else f"{FOLDER}/{name}"
        found += _Layout(sheet, place, name, drop).rows()
    return found


def grids(content: bytes, name: str) -> list[Sheet]:
    """Every sheet of a file (one without a name for CSV). Raises InputError when it cannot be read."""
    where = f"{FOLDER}/{name}"
    if len(content) > _LARGEST_BYTES:
        raise InputError(f"{where} ใหญ่เกินไป — แบ่งไฟล์", f"{where} is too large; split it.")
    noted: list[Finding] = []
    suffix = Path(name).suffix.lower()
    if spreadsheets.is_spreadsheet(content) or suffix in spreadsheets.SUFFIXES:
        sheets = spreadsheets.read_workbook(content, where, noted)
        for sheet in sheets:  # a logical value is no number: services write false for nothing, people do not
            sheet.rows = [
                [str(cell).upper() if isinstance(cell, bool) else cell for cell in row] for row in sheet.rows
            ]
    elif suffix in SUFFIXES:
        table = read_records(content, where, noted)
        sheets = [Sheet("", [list(record) for record in table.records])] if table else []
    else:
        kinds = ", ".join(SUFFIXES)
        raise InputError(
            f"{where} ไม่ใช่ชนิดที่อ่านได้ — บันทึกเป็น {kinds}",
            f"{where} is of a kind that is not read; save it as {kinds}.",
        )
    if errors := [finding for finding in noted if finding.severity == "error"]:
        raise InputError(f"{where}: {errors[0].th}", f"{where}: {errors[0].en}", errors)
    return sheets


def _chosen(sheets: list[Sheet], name: str, drop: Drop) -> list[Sheet]:
    """The declared sheets, or the only visible one that holds something."""
    filled = [sheet for sheet in sheets if sheet.is_visible and not sheet.is_empty]
    if drop.sheet:
        chosen = [sheet for sheet in sheets if fnmatch.fnmatchcase(sheet.name.strip(), drop.sheet)]
        if chosen:
            return chosen
        known = ", ".join(sheet.name for sheet in sheets)
        raise InputError(
            f'{FOLDER}/{name} ไม่มีแผ่นงาน "{drop.sheet}" — มี {known}',
            f'{FOLDER}/{name} has no sheet "{drop.sheet}"; it has {known}.',
        )
    if len(filled) != 1:
        known = ", ".join(sheet.name for sheet in filled) or "-"
        raise InputError(
            f"{FOLDER}/{name} มีแผ่นงานที่มีข้อมูล {len(filled)} แผ่น ({known}) — ระบุ sheet ในประกาศ {drop.id}",
            f"{FOLDER}/{name} has {len(filled)} sheets with data ({known}); name one as 'sheet' in the declaration {drop.id}.",
        )
    return filled


def with_letters(header: Sequence[str], body: Sequence[Sequence[Any]]) -> list[str]:
    """The header with a letter for every column of words that has no heading: tables often leave that of the row titles blank."""
    names = list(header)
    for place, name in enumerate(names):
        cells = [row[place] for row in body if place < len(row) and _filled(row[place])]
        if not name and cells and 2 * sum(map(_is_number, cells)) < len(cells):
            names[place] = coordinate(0, place).rstrip("1")
    return names


class _Layout:
    """One sheet read by a declaration."""

    def __init__(self, sheet: Sheet, place: str, name: str, drop: Drop) -> None:
        self.sheet, self.place, self.name, self.drop = sheet, place, name, drop
        self.first = drop.header - 1 + drop.header_rows
        self.header = self._header()
        self.letters = {text: coordinate(0, n).rstrip("1") for n, text in enumerate(self.header) if text}

    def rows(self) -> list[AnswerRow]:
        """All rows under the header that the declaration does not leave out."""
        self._refuse_hidden()
        if sum(1 for text in self.header if text) < 2:
            raise self._refused(
                f"แถวที่ {self.drop.header} ไม่มีหัวคอลัมน์ — ตรวจ header ในประกาศ {self.drop.id}",
                f"row {self.drop.header} holds no column names; check 'header' of the declaration {self.drop.id}.",
            )
        table = [row for row in self._body() if not self._is_skipped(row)]
        for column in self.drop.fill:
            _fill_down(table, column)
        if self.drop.year_rows:
            table = self._under_years(table, self.drop.year_rows)
        constants: AnswerRow = dict(self.drop.constants)
        if self.drop.period_from:
            constants["period"] = self._stated_period()
        for row in table:
            row.update(constants)
        return self._melted(table) if self.drop.layout == "wide" else list(table)

    def _header(self) -> list[str]:
        """Column names; of two rows the upper one (years, merged over their quarters) is repeated and put first."""
        top = [[_name(cell) for cell in row] for row in self.sheet.rows[self.drop.header - 1 : self.first]]
        if len(top) < self.drop.header_rows:
            return []
        if len(top) == 1:
            return with_letters(top[0], self.sheet.rows[self.first :])
        names, above = [], ""
        for upper, lower in zip(*top, strict=False):
            above = upper or above
            names.append(f"{above}|{lower}" if lower and above else above or lower)
        return with_letters(names, self.sheet.rows[self.first :])

    def _body(self) -> list[PlacedRow]:
        found = []
        for number, cells in enumerate(self.sheet.rows[self.first :], start=self.first + 1):
            if any(_filled(cell) for cell in cells):
                named = {text: cell for text, cell in zip(self.header, cells, strict=False) if text}
                found.append(PlacedRow(named, self.place, number, self.letters))
        return found

    def _is_skipped(self, row: PlacedRow) -> bool:
        """Whether the declaration leaves a row out: its first filled cell fits one of ``skip``."""
        if not self.drop.skip:
            return False
        label = next((bare_label(cell_text(cell)) for cell in row.values() if _filled(cell)), "")
        return any(fnmatch.fnmatchcase(label, pattern) for pattern in self.drop.skip)

    def _refuse_hidden(self) -> None:
        rows = [
            n + 1
            for n in sorted(self.sheet.hidden_rows)
            if n < len(self.sheet.rows) and any(map(_filled, self.sheet.rows[n]))
        ]
        columns = [
            coordinate(0, n).rstrip("1")
            for n in sorted(self.sheet.hidden_columns)
            if n < len(self.header) and self.header[n]
        ]
        if (rows or columns or not self.sheet.is_visible) and self.drop.hidden == "refuse":
            what = ", ".join(map(str, [*rows[:5], *columns[:5]])) or self.sheet.name
            raise self._refused(
                f'มีแผ่นงาน แถว หรือคอลัมน์ที่ซ่อนหรือถูกกรองไว้ ({what}) — เลิกซ่อนหรือลบออก หรือประกาศ hidden = "read"',
                f'a sheet, rows or columns are hidden or filtered away ({what}); unhide or delete them, or declare hidden = "read".',
            )

    def _under_years(self, table: list[PlacedRow], column: str) -> list[PlacedRow]:
        """Rows that hold a year alone give it, as the field ``year``, to the rows beneath them."""
        found, year = [], None
        for row in table:
            try:
                year = values.year(row.get(column))
                continue
            except UnreadableError:
                row["year"] = year
                found.append(row)
        return found

    def _stated_period(self) -> str:
        """The period that the title, a cell or the file's name states. Raises InputError when it states none, or several."""
        place = self.drop.period_from
        if place == "file":
            texts = [Path(self.name).stem]
        elif place == "title":
            texts = [
                cell_text(cell)
                for row in self.sheet.rows[: self.drop.header - 1]
                for cell in row
                if _filled(cell)
            ]
        else:
            letters, digits = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", place).groups()  # type: ignore[union-attr]
            row = self.sheet.rows[int(digits) - 1] if int(digits) <= len(self.sheet.rows) else []
            texts = [cell_text(cell) for n, cell in enumerate(row) if coordinate(0, n) == f"{letters}1"]
        found = {period for text in texts if (period := values.period_in(text, self.drop.years)) is not None}
        if len(found) != 1:
            raise self._refused(
                f"อ่านงวดจาก {place} ไม่ได้ (พบ {len(found)} งวด) — ตรวจ period_from ในประกาศ {self.drop.id}",
                f"no single period in {place} ({len(found)} found); check 'period_from' of the declaration {self.drop.id}.",
            )
        return iso(found.pop())

    def _melted(self, table: list[PlacedRow]) -> list[AnswerRow]:
        """One row per period column: the other columns, ``period`` and ``value``."""
        periods = self._periods()
        if not periods:
            raise self._refused(
                f"ไม่มีคอลัมน์ที่เป็นช่วงเวลา — ตรวจ header และ header_rows ในประกาศ {self.drop.id}",
                f"no column is a period; check 'header' and 'header_rows' of the declaration {self.drop.id}.",
            )
        self._refuse_unread(table, set(periods))
        table = self._without_headings(table, list(periods))
        melted: list[AnswerRow] = []
        for row in table:
            rest = {column: cell for column, cell in row.items() if column not in periods}
            for column, (period, flag) in periods.items():
                cells = {**rest, "period": period, "value": row.get(column), "flag": flag}
                melted.append(
                    PlacedRow(cells, row.place, row.row, {**self.letters, "value": self.letters[column]})
                )
        return melted

    def _without_headings(self, table: list[PlacedRow], periods: list[str]) -> list[PlacedRow]:
        """Without rows that repeat the header. Raises InputError where other periods begin a second table."""
        kept = []
        for row in table:
            cells = {column: _name(row.get(column)) for column in periods if _filled(row.get(column))}
            if len(cells) < 2 or not all(map(is_heading, cells.values())):
                kept.append(row)
            elif any(column.rpartition("|")[2] != cell for column, cell in cells.items()):
                raise self._refused(
                    f"แถวที่ {row.row} เป็นหัวของตารางที่สองซึ่งมีงวดของตัวเอง — แยกเป็นคนละแผ่นงาน",
                    f"row {row.row} is the header of a second table with periods of its own; put it on its own sheet.",
                )
        return kept

    def _periods(self) -> dict[str, tuple[str, str]]:
        """Period and flag of every column that is one. Days stand for quarters only where that is certain."""
        moments = {}
        for column in filter(None, self.header):
            if (
                column.partition("|")[0] not in self.drop.ignore
                and (read := self._column_moment(column)) is not None
            ):
                moments[column] = read
        days = [read.day for read in moments.values() if read.day is not None]
        found = {column: (written(read.period), read.flag) for column, read in moments.items()}
        if days and self.drop.frequency == "quarterly":
            quarters = quarters_of_days(days)
            if quarters is None:
                raise self._refused(
                    "หัวคอลัมน์เป็นวันที่ซึ่งอาจเป็นไตรมาสที่ Excel เปลี่ยนไป — จัดเป็นข้อความแล้วพิมพ์ 2568-Q3",
                    "column headings are days that may be quarters changed by Excel; format them as text and write 2025-Q3.",
                )
            dated = [column for column, read in moments.items() if read.day is not None]
            found |= {
                column: (quarter, moments[column].flag)
                for column, quarter in zip(dated, quarters, strict=True)
            }
        return found

    def _column_moment(self, column: str) -> values.Moment | None:
        """The period that a column's name says; None for another column."""
        year, bar, part = column.partition("|")
        try:
            if not bar:
                return values.moment(column, self.drop.years)
            above = values.moment(year)
            if not above.period.freqstr.startswith("Y"):
                return None
            marks = " ".join(filter(None, (above.flag, values.mark_of(part))))
            if self.drop.frequency == "monthly":
                return values.Moment(values.period(f"{above.period.year}-{values.month(part):02d}"), marks)
            return values.Moment(values.period(f"{above.period.year}-Q{values.quarter(part)}"), marks)
        except UnreadableError:
            return None

    def _refuse_unread(self, table: list[PlacedRow], periods: set[str]) -> None:
        """Refuse columns of numbers that are neither periods nor declared: an unreadable period would otherwise be lost."""
        used = {name.casefold() for mapping in self.drop.observations for name in _fields(mapping)}
        used |= {name.casefold() for name in (*self.drop.ignore, *self.drop.fill, self.drop.year_rows)}
        unread = [
            column
            for column in filter(None, self.header)
            if column not in periods
            and not {column.casefold(), column.partition("|")[0].casefold()} & used
            and 2 * sum(_is_number(row.get(column)) for row in table)
            > sum(_filled(row.get(column)) for row in table)
        ]
        if unread:
            shown = ", ".join(f'"{column}"' for column in unread[:6])
            raise self._refused(
                f"คอลัมน์ตัวเลขที่อ่านงวดไม่ได้: {shown} — แก้หัวคอลัมน์ หรือใส่ใน ignore ของประกาศ {self.drop.id} (ปีสองหลักประกาศ years)",
                f"columns of numbers whose heading is no certain period: {shown}; mend the heading, or list it under 'ignore' of"
                f" the declaration {self.drop.id} (years of two digits: declare 'years').",
            )

    def _refused(self, th: str, en: str) -> InputError:
        return InputError(f"{self.place}: {th}", f"{self.place}: {en}")


def _fields(mapping: Any) -> Sequence[str]:
    """Fields of a row that a mapping uses."""
    group = [mapping.group.field] if mapping.group else []
    return [*mapping.where, *group, mapping.value]


def _name(cell: Any) -> str:
    return " ".join(values.visible(cell_text(cell)).split())


def _filled(cell: Any) -> bool:
    return cell is not None and (isinstance(cell, Fault) or str(cell).strip() != "")


def _is_number(cell: Any) -> bool:
    if isinstance(cell, Fault):
        return True
    try:
        return values.number(cell) is not None
    except UnreadableError:
        return False


def _fill_down(table: list[PlacedRow], column: str) -> None:
    """Repeat the cell above in blank cells of a column."""
    last: Any = None
    for row in table:
        last = row[column] = row.get(column) if _filled(row.get(column)) else last


def written(period: pd.Period) -> str:
    """A year, quarter or month as files have it."""
    return str(period.year) if period.freqstr.startswith("Y") else iso(period)
