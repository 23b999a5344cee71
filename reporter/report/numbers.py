"""Numbers with the table cell that each came from.

Goes in: the tables of an issue. Comes out: ``Number`` objects whose ``cell`` is an expression over table cells, so that
a check can work every printed number out again (``reporter.report.provenance``).

A cell is ``table?key=value&key=value#column``; expressions join cells, constants and parentheses with spaced
``+ - * /``; ``count:table?key=value&change>=0.3`` counts rows (a column may also be compared with ``>=`` or ``<=``),
``streak:...`` quarters in a row (see ``Cells.streak``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from reporter.domain import thai
from reporter.domain.declarations import rule
from reporter.domain.schema import declared_tables
from reporter.domain.thai import Steps


@dataclass(frozen=True)
class Number:
    """One number of the text: its value at full precision, where it came from, how many decimals readers see."""

    value: float
    cell: str
    unit: str = ""
    decimals: int = 1

    @property
    def text(self) -> str:
        """The number as readers see it, with its sign where it is negative."""
        return thai.number(self.value, self.decimals)

    def off_zero(self) -> Number:
        """With as many decimals, three at most, as tell it from zero: a bound of −0.04 is not shown as 0.0 beside the word clear."""
        finer = (places for places in range(self.decimals, 4) if round(self.value, places) != 0)
        return replace(self, decimals=next(finer, self.decimals))

    def with_decimals(self, decimals: int) -> Number:
        """The same number, read with so many decimals."""
        return replace(self, decimals=decimals)

    def __sub__(self, other: Number) -> Number:
        """The difference, in this number's unit."""
        return replace(self, value=self.value - other.value, cell=f"{_term(self.cell)} - {_term(other.cell)}")

    def times(self, factor: float, unit: str = "", decimals: int = 1) -> Number:
        """The number in another unit, e.g. a share as a percentage."""
        return Number(self.value * factor, f"{_term(self.cell)} * {factor:g}", unit, decimals)

    def over(self, other: Number, factor: float = 1, unit: str = "", decimals: int = 1) -> Number:
        """The ratio to another number, times ``factor``."""
        cell = f"{_term(self.cell)} / {_term(other.cell)} * {factor:g}"
        return Number(self.value / other.value * factor, cell, unit, decimals)


def _term(cell: str) -> str:
    """A cell expression as an operand."""
    return f"( {cell} )" if " " in cell else cell


def total(numbers: Sequence[Number]) -> Number:
    """The sum of at least one number, in the unit of the first."""
    cell = " + ".join(_term(number.cell) for number in numbers)
    return replace(numbers[0], value=sum(number.value for number in numbers), cell=cell)


def _holds(frame: pd.DataFrame, row: int, compared: Mapping[str, str]) -> bool:
    """Whether a row's numbers reach the bounds; a missing number does not."""
    for name, bound in compared.items():
        value = float(frame[name[:-1]].iloc[row])
        if not (value >= float(bound) if name[-1] == ">" else value <= float(bound)):
            return False
    return True


def key_text(value: object) -> str:
    """A key's value as it stands in a cell address: text as it is, whole numbers without a point."""
    if isinstance(value, float | np.floating):
        return f"{value:g}"
    return str(value)


def _key_codes(values: pd.Series) -> tuple[np.ndarray, dict[str, int]]:
    """A code for every value's ``key_text``, and the code of every text; each different value is turned into text once."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    known: dict[str, int] = {}
    of_value = np.array(
        [known.setdefault(key_text(value), len(known)) for value in different], dtype=np.int64
    )
    return of_value[codes], known


class _Index:
    """Row positions of a table by the texts of its key columns; the table has rows."""

    def __init__(self, columns: Sequence[pd.Series]) -> None:
        self._levels: list[tuple[dict[str, int], np.ndarray]] = []  # codes of a column; combinations up to it
        place = np.zeros(len(columns[0]), dtype=np.int64)
        for values in columns:
            codes, known = _key_codes(values)
            combined, place = np.unique(place * len(known) + codes, return_inverse=True)
            self._levels.append((known, combined))
        self._order = np.argsort(place, kind="stable")
        self._ends = np.cumsum(np.bincount(place))

    def rows(self, key: Sequence[str]) -> list[int]:
        """Positions of the rows with these texts, ascending."""
        place = 0
        for text, (known, combined) in zip(key, self._levels, strict=True):
            if text not in known:
                return []
            wanted = place * len(known) + known[text]
            place = int(np.searchsorted(combined, wanted))
            if place == len(combined) or combined[place] != wanted:
                return []
        found: list[int] = self._order[self._ends[place - 1] if place else 0 : self._ends[place]].tolist()
        return found


def address(table: str, key: Mapping[str, str], column: str = "") -> str:
    """``table?key=value#column``, values quoted."""
    asked = "&".join(f"{name}={quote(value, safe=':.-_')}" for name, value in key.items())
    return f"{table}?{asked}" + (f"#{column}" if column else "")


def parse_address(text: str) -> tuple[str, dict[str, str], str]:
    """Table, key and column of an address. Raises ValueError when it is none."""
    place, _, column = text.partition("#")
    table, _, asked = place.partition("?")
    if not table:
        raise ValueError(text)
    pairs = (part.partition("=") for part in asked.split("&") if part)
    return table, {name: unquote(value) for name, _, value in pairs}, column


def cells_of(expression: str, cells: Cells) -> list[dict[str, object]]:
    """Every cell of an expression: table, key, column and value; of a count or a streak the value is its result."""
    found: list[dict[str, object]] = []
    for token in expression.split(" "):
        if "?" not in token:
            continue
        place = token.removeprefix("count:").removeprefix("streak:").partition("@")[0]
        table, key, column = parse_address(place)
        entry: dict[str, object] = {"table": table, "key": key, "column": column}
        if token.startswith("count:"):
            entry |= {"function": "count", "value": len(cells.positions(table, key))}
        elif token.startswith("streak:"):
            entry |= {"function": "streak"}
        else:
            entry["value"] = cells.value(table, column, key)
        found.append(entry)
    return found


class Cells:
    """Reads single cells and short series of the tables, with an index per table and key columns."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables
        self._indices: dict[tuple[str, tuple[str, ...]], _Index] = {}
        self._series: dict[tuple[str, str, tuple[tuple[str, str], ...]], pd.Series] = {}
        self._columns: dict[tuple[str, str], np.ndarray] = {}

    def has(self, table: str) -> bool:
        """Whether the table is there and has rows."""
        return table in self.tables and not self.tables[table].empty

    def positions(self, table: str, key: Mapping[str, str]) -> list[int]:
        """Row positions that match the key; none when the table or a key column is missing."""
        frame = self.tables.get(table)
        compared = {name: value for name, value in key.items() if name[-1] in "<>"}
        if compared:
            found = self.positions(table, {name: key[name] for name in key if name not in compared})
            return [row for row in found if _holds(self.tables[table], row, compared)]
        columns = tuple(sorted(key))
        if frame is None or frame.empty or not set(columns) <= set(frame.columns):
            return []
        if not columns:
            return list(range(len(frame)))
        if (table, columns) not in self._indices:
            self._indices[table, columns] = _Index([frame[name] for name in columns])
        return self._indices[table, columns].rows([key[name] for name in columns])

    def rows(self, table: str, **key: str) -> pd.DataFrame:
        """The matching rows, empty when there are none."""
        frame = self.tables.get(table, pd.DataFrame())
        return frame.iloc[self.positions(table, key)]

    def text(self, table: str, column: str, **key: str) -> str:
        """One text cell; empty when the cell, its row or its column is missing."""
        found = self.positions(table, key)
        is_there = bool(found) and column in self.tables[table]
        value = self._column(table, column)[found[0]] if is_there else None
        return "" if value is None or pd.isna(value) else str(value)

    def number(
        self, table: str, column: str, key: Mapping[str, str], *, unit: str = "", decimals: int = 1
    ) -> Number | None:
        """One number; None when the row is not there, not unique, or its cell empty."""
        value = self.value(table, column, key)
        return None if value is None else Number(value, address(table, key, column), unit, decimals)

    def value(self, table: str, column: str, key: Mapping[str, str]) -> float | None:
        """The bare value of one cell; None when the row is not there, not unique, or its cell empty."""
        found = self.positions(table, key)
        if len(found) != 1 or column not in self.tables[table]:
            return None
        value = self._column(table, column)[found[0]]
        if pd.isna(value) or not np.isfinite(float(value)):
            return None
        return float(value)

    def flag(self, table: str, column: str, key: Mapping[str, str]) -> bool | None:
        """One yes-or-no cell; None when the row is not there or its cell is empty."""
        text = self.text(table, column, **key) if column in self.tables.get(table, ()) else ""
        return None if text in ("", "nan") else text in ("True", "true", "1", "1.0")

    def _column(self, table: str, column: str) -> np.ndarray:
        """The cells of a column; one at a time they are read faster from here than from the table."""
        if (table, column) not in self._columns:
            self._columns[table, column] = self.tables[table][column].to_numpy(dtype=object)
        return self._columns[table, column]

    def count(self, table: str, key: Mapping[str, str]) -> Number:
        """How many rows match; a key ``"change>"`` asks for at least, ``"change<"`` for at most its value."""
        return Number(len(self.positions(table, key)), f"count:{address(table, key)}", "", 0)

    def series(self, table: str, column: str, **key: str) -> pd.Series:
        """Period -> value of the matching rows, sorted, missing left out."""
        asked = (table, column, tuple(sorted(key.items())))
        if asked not in self._series:
            rows = self.positions(table, key)
            if not rows:
                return pd.Series(dtype=float)
            values = pd.to_numeric(pd.Series(self._column(table, column)[rows])).to_numpy(dtype=float)
            periods = self._column(table, "period")[rows]
            index = pd.Index(periods, name="period")
            self._series[asked] = pd.Series(values, index, name=column).dropna().sort_index()
        return self._series[asked]

    def streak(self, table: str, column: str, period: str, still: float, **key: str) -> Number:
        """Quarters in a row, up to ``period``, that moved the same way by at least ``still``.

        The address is ``streak:table?key#column@period@still``. A gap in the quarters ends the row.
        """
        cell = f"streak:{address(table, key, column)}@{period}@{still:g}"
        return Number(streak_length(self.series(table, column, **key), period, still), cell, "", 0)


def streak_length(values: pd.Series, period: str, still: float) -> int:
    """Length of the run of moves in one direction that ends at ``period``; 0 when the last move is still."""
    periods, levels = values.index.tolist(), values.tolist()
    if period not in periods:
        return 0
    length, direction = 0, 0.0
    for now in range(periods.index(period), 0, -1):
        move = levels[now] - levels[now - 1]
        together = quarter_number(periods[now]) - quarter_number(periods[now - 1]) == 1
        turns = length > 0 and (move > 0) != (direction > 0)
        if not together or move == 0 or not abs(move) >= still or turns:
            break
        length, direction = length + 1, move
    return length


@cache
def quarter_number(period: str) -> int:
    """The quarters of all years counted through; a month counts as its quarter."""
    return int(pd.Period(period, freq="Q").ordinal)


# ----------------------------------------------------------------------------------------------------
# Wording of a quantity: words before and after its number, decimals, the unit of its change.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitWords:
    """``ร้อยละ`` stands before a number, all other units after it."""

    before: str
    after: str
    decimals: int
    change: str
    column: str


UNITS = {
    "percent": UnitWords("ร้อยละ", "", 2, "จุดร้อยละ", "ร้อยละ"),
    "percent_growth": UnitWords("ร้อยละ", "", 1, "จุดร้อยละ", "ร้อยละ"),
    "pp": UnitWords("", "จุดร้อยละ", 2, "จุดร้อยละ", "จุดร้อยละ"),
    "percent_of_mean": UnitWords("ร้อยละ", "ของค่าเฉลี่ย", 1, "จุดร้อยละ", "ร้อยละของค่าเฉลี่ย"),
    "per_1000": UnitWords("", "รายต่อลูกจ้าง 1,000 คน", 2, "รายต่อลูกจ้าง 1,000 คน", "รายต่อลูกจ้าง 1,000 คน"),
    "baht": UnitWords("", "บาท", 0, "บาท", "บาท"),
    "baht_per_month": UnitWords("", "บาทต่อเดือน", 0, "บาท", "บาทต่อเดือน"),
    "baht_per_person": UnitWords("", "บาทต่อคน", 0, "บาท", "บาทต่อคน"),
    "hours_per_week": UnitWords("", "ชั่วโมงต่อสัปดาห์", 1, "ชั่วโมง", "ชั่วโมงต่อสัปดาห์"),
    "index": UnitWords("ระดับ", "", 1, "จุด", "ดัชนี"),
    "positions": UnitWords("", "ตำแหน่ง", 0, "ตำแหน่ง", "ตำแหน่ง"),
    "persons": UnitWords("", "คน", 0, "คน", "คน"),
}
_PLAIN = UnitWords("", "", 1, "", "")


def unit_of(code: str) -> UnitWords:
    """The unit's words; a unit not known here is said without any."""
    return UNITS.get(code, _PLAIN)


# ----------------------------------------------------------------------------------------------------
# A series at one quarter: level, change on the quarter and on the year, how long it has moved so, records.
#
# Goes in: one series of a table. Comes out: ``Movement``, whose numbers name their cells. Words are chosen by the
# steps of ``reporter.domain.thai``; what is missing is None and the templates leave its sentence out.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A difference, the steps that grade it, and which direction is better (0: neither).

    is_significant  False for a difference that chance alone may make (survey tables); None where nothing was tested
    test            the cell that says so
    """

    number: Number
    steps: Steps
    polarity: int = 1
    is_significant: bool | None = None
    test: str = ""

    @property
    def size(self) -> str:
        """``still``, ``slight``, ``plain`` or ``marked``; a change that reads 0.0 or is chance is always still."""
        if self.is_significant is False:
            return "still"
        if thai.sign_of(self.number.value, self.number.decimals) == 0:
            return "still"
        return thai.size_of(self.number.value, self.steps, self.number.decimals)

    @property
    def sign(self) -> int:
        """-1, 0 (still) or 1."""
        return 0 if self.size == "still" else (1 if self.number.value > 0 else -1)

    @property
    def word(self) -> str:
        """ทรงตัว, เพิ่มขึ้นเล็กน้อย, ลดลง, ..."""
        return (
            "ทรงตัว" if self.sign == 0 else thai.move_word(self.number.value, self.steps, self.number.decimals)
        )

    @property
    def health(self) -> str:
        """ทรงตัว, ปรับตัวดีขึ้น, อ่อนตัวลง...: the direction as better or worse."""
        if self.sign == 0:
            return "ทรงตัว"
        return thai.health_word(self.number.value * self.polarity, self.steps, self.number.decimals)

    @property
    def quality(self) -> str:
        """``better``, ``worse`` or ``unchanged``: the class that colours it (by the number as displayed)."""
        if self.is_significant is False:
            return "unchanged"
        shown = thai.sign_of(self.number.value, self.number.decimals) * self.polarity
        return ("unchanged", "better", "worse")[shown]


@dataclass(frozen=True)
class RecordLevel:
    """The level is the highest or lowest since ``since`` (exclusive), or of the whole series when it is "".

    quarters  how many quarters that are, the present one among them
    """

    kind: Literal["high", "low"]
    since: str
    first: str
    of: str = ""
    table: str = ""
    key: tuple[tuple[str, str], ...] = ()
    column: str = "value"
    quarters: int = 0


@dataclass(frozen=True)
class Movement:
    """One series at one quarter; every part may be None.

    small_moves  how many moves of the streak are smaller than what the rules call a change
    """

    period: str
    level: Number | None = None
    previous: Number | None = None
    year_ago: Number | None = None
    quarter: Change | None = None
    year: Change | None = None
    streak: Number | None = None
    record: RecordLevel | None = None
    newest: str = ""
    small_moves: int = 0

    @property
    def is_trend(self) -> bool:
        """Whether it has moved one way for so many quarters that it is worth a word."""
        is_moving = self.quarter is not None and self.quarter.sign != 0
        return is_moving and self.streak is not None and self.streak.value >= rule("history.streak")


@cache
def test_of(table: str, column: str, against: str) -> str:
    """The column that says whether a column's change is significant; "" where no test of that column is declared.

    A table may test several columns (the mean rank and the share among the first three): a change is told with the
    test of its own column alone.
    """
    declared = declared_tables().get(table)
    own = () if declared is None else declared.columns.values()
    return next((one.name for one in own if one.tests == column and one.name.endswith(f"_{against}")), "")


@cache
def earlier(period: str, quarters: int) -> str:
    """The quarter so many quarters before."""
    moved = pd.Period(period, freq="Q") - quarters
    return f"{moved.year}-Q{moved.quarter}"


def movement(
    cells: Cells,
    table: str,
    period: str,
    *,
    steps: Steps = thai.INDEX_STEPS,
    polarity: int = 1,
    column: str = "value",
    unit: str = "จุด",
    decimals: int = 1,
    factor: float = 1,
    key: dict[str, str],
) -> Movement:
    """A series' movement at ``period``. ``factor`` turns its unit (a share into per cent).

    Where the table says which changes of this column are significant, the others are told as still.
    """

    def at(quarter: str) -> Number | None:
        number = cells.number(table, column, key | {"period": quarter}, unit=unit, decimals=decimals)
        return number if number is None or factor == 1 else number.times(factor, unit, decimals)

    def change(before: Number | None, against: str) -> Change | None:
        if before is None or level is None:
            return None
        name = test_of(table, column, against)
        tested = cells.value(table, name, key | {"period": period})
        test = "" if tested is None else address(table, key | {"period": period}, name)
        return Change(level - before, steps, polarity, None if tested is None else bool(tested), test)

    values = cells.series(table, column, **key)
    level, previous, year_ago = (at(earlier(period, lag)) for lag in (0, 1, 4))
    newest = str(values.index[-1]) if len(values) else ""
    if level is None:
        return Movement(period, previous=previous, year_ago=year_ago, newest=newest)
    streak = cells.streak(table, column, period, 0, **key)
    return Movement(
        period,
        level,
        previous,
        year_ago,
        quarter=change(previous, "quarter"),
        year=change(year_ago, "year"),
        streak=streak,
        record=_record(values, period, table, key, column),
        newest=newest,
        small_moves=_small_moves(values.loc[:period] * factor, int(streak.value), steps.still),
    )


def _small_moves(values: pd.Series, moves: int, still: float) -> int:
    """How many of the last moves are smaller than ``still``."""
    return int((values.diff().tail(moves).abs() < still).sum()) if moves else 0


def _record(
    values: pd.Series, period: str, table: str, key: dict[str, str], column: str
) -> RecordLevel | None:
    """Whether the level at ``period`` is the highest or lowest for at least six quarters."""
    periods = values.index.tolist()
    end = bisect_right(periods, period)
    *before, level = values.tolist()[:end] or [0.0]
    if len(before) < int(rule("history.record")):
        return None
    kinds: tuple[tuple[Literal["high", "low"], list[int]], ...] = (
        ("high", [at for at, value in enumerate(before) if value >= level]),
        ("low", [at for at, value in enumerate(before) if value <= level]),
    )
    for kind, reached in kinds:
        since = str(periods[reached[-1]]) if reached else ""
        if not since or quarter_number(period) - quarter_number(since) > int(rule("history.record")):
            cell = address(table, key | {"period": period}, column)
            quarters = quarter_number(period) - quarter_number(since or str(periods[0])) + (0 if since else 1)
            return RecordLevel(
                kind, since, str(periods[0]), cell, table, tuple(key.items()), column, quarters
            )
    return None
