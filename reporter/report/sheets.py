"""Tables of the report as rows of cells, ready to be placed: every number keeps the cell it came from.

Goes in: facts and tables. Comes out: ``Sheet`` objects that one template macro sets. Missing numbers read –, suppressed
ones x; a change carries the class that colours it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reporter.domain import thai
from reporter.report.movement import Change, Movement
from reporter.report.numbers import Number


@dataclass(frozen=True)
class Cell:
    """One cell: ``kind`` text, number, change, missing or suppressed; ``quality`` colours a change."""

    kind: str
    text: str = ""
    number: Number | None = None
    quality: str = ""

    @property
    def shown(self) -> str:
        """The cell as a reader sees it."""
        if self.number is None:
            return self.text
        return (
            thai.change(self.number.value, self.number.decimals)
            if self.kind == "change"
            else self.number.text
        )


@dataclass(frozen=True)
class Column:
    """A column's head; numbers are set at the right."""

    label: str
    is_number: bool = True


@dataclass(frozen=True)
class Row:
    """A row: its head, its cells; ``group`` opens a group of rows with that heading."""

    head: str
    cells: tuple[Cell, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table of the report."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    unit: str = ""
    note: str = ""
    style: str = ""


MISSING = Cell("missing", thai.MISSING)
SUPPRESSED = Cell("suppressed", thai.SUPPRESSED)


def text(value: str) -> Cell:
    """A text cell; an empty text reads as missing."""
    return Cell("text", value) if value else MISSING


def number(value: Number | None) -> Cell:
    """A number cell."""
    return MISSING if value is None else Cell("number", number=value)


def change(value: Change | None) -> Cell:
    """A change with its arrow and colour."""
    return MISSING if value is None else Cell("change", number=value.number, quality=value.quality)


def uncoloured(cell: Cell) -> Cell:
    """A change without the colour of better or worse."""
    return replace(cell, quality="unchanged") if cell.kind == "change" else cell


def difference(value: Number | None, polarity: int = 1) -> Cell:
    """A plain difference with its arrow; coloured by sign and polarity."""
    if value is None:
        return MISSING
    quality = thai.quality(value.value, polarity, value.decimals).replace("same", "unchanged")
    return Cell("change", number=value, quality=quality if polarity else "unchanged")


def moves(moved: Movement) -> tuple[Cell, Cell, Cell]:
    """Level, change on the quarter, change on the year."""
    return number(moved.level), change(moved.quarter), change(moved.year)


def columns(*labels: str, texts: Sequence[int] = ()) -> tuple[Column, ...]:
    """Heads of the columns after the row head; ``texts`` are the places of text columns."""
    return tuple(Column(label, at not in texts) for at, label in enumerate(labels))
