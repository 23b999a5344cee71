"""A series at one quarter: level, change on the quarter and on the year, how long it has moved so, records.

Goes in: one series of a table. Comes out: ``Movement``, whose numbers name their cells. Words are chosen by the
steps of ``reporter.domain.thai``; what is missing is None and the templates leave its sentence out.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pandas as pd

from reporter.domain import thai
from reporter.domain.rules import rule
from reporter.domain.thai import Steps
from reporter.report.numbers import Cells, Number, address, quarter_number


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
        return thai.size_of(self.number.value, self.steps)

    @property
    def sign(self) -> int:
        """-1, 0 (still) or 1."""
        return 0 if self.size == "still" else (1 if self.number.value > 0 else -1)

    @property
    def word(self) -> str:
        """ทรงตัว, เพิ่มขึ้นเล็กน้อย, ลดลง, ..."""
        return "ทรงตัว" if self.sign == 0 else thai.move_word(self.number.value, self.steps)

    @property
    def health(self) -> str:
        """ทรงตัว, ปรับตัวดีขึ้น, อ่อนตัวลง...: the direction as better or worse."""
        return "ทรงตัว" if self.sign == 0 else thai.health_word(self.number.value * self.polarity, self.steps)

    @property
    def quality(self) -> str:
        """``better``, ``worse`` or ``unchanged``: the class that colours it (by the number as displayed)."""
        if self.is_significant is False:
            return "unchanged"
        shown = thai.sign_of(self.number.value, self.number.decimals) * self.polarity
        return ("unchanged", "better", "worse")[shown]


@dataclass(frozen=True)
class Record:
    """The level is the highest or lowest since ``since`` (exclusive), or of the whole series when it is ""."""

    kind: Literal["high", "low"]
    since: str
    first: str
    of: str = ""
    table: str = ""
    key: tuple[tuple[str, str], ...] = ()
    column: str = "value"


@dataclass(frozen=True)
class Movement:
    """One series at one quarter; every part may be None."""

    period: str
    level: Number | None = None
    previous: Number | None = None
    year_ago: Number | None = None
    quarter: Change | None = None
    year: Change | None = None
    streak: Number | None = None
    record: Record | None = None
    newest: str = ""

    @property
    def is_trend(self) -> bool:
        """Whether it has moved one way for so many quarters that it is worth a word."""
        is_moving = self.quarter is not None and self.quarter.sign != 0
        return is_moving and self.streak is not None and self.streak.value >= rule("history.streak")


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

    Where the table says which changes are significant (``significant_quarter``, ``significant_year``), the others are
    told as still.
    """

    def at(quarter: str) -> Number | None:
        number = cells.number(table, column, key | {"period": quarter}, unit=unit, decimals=decimals)
        return number if number is None or factor == 1 else number.times(factor, unit, decimals)

    def change(before: Number | None, against: str) -> Change | None:
        if before is None or level is None:
            return None
        tested = cells.value(table, f"significant_{against}", key | {"period": period})
        test = "" if tested is None else address(table, key | {"period": period}, f"significant_{against}")
        return Change(level - before, steps, polarity, None if tested is None else bool(tested), test)

    values = cells.series(table, column, **key)
    level, previous, year_ago = (at(earlier(period, lag)) for lag in (0, 1, 4))
    newest = str(values.index[-1]) if len(values) else ""
    if level is None:
        return Movement(period, previous=previous, year_ago=year_ago, newest=newest)
    return Movement(
        period,
        level,
        previous,
        year_ago,
        quarter=change(previous, "quarter"),
        year=change(year_ago, "year"),
        streak=cells.streak(table, column, period, 0, **key),
        record=_record(values, period, table, key, column),
        newest=newest,
    )


def _record(values: pd.Series, period: str, table: str, key: dict[str, str], column: str) -> Record | None:
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
            return Record(kind, since, str(periods[0]), cell, table, tuple(key.items()), column)
    return None
