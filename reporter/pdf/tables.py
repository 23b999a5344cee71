"""Which header speaks for which cell of an HTML table, also with two header rows.

Goes in: a ``<table>`` element. Comes out: for every cell its structure attributes: Scope, spans, ID and Headers. Method: the HTML
standard's algorithm for header cells (4.9.12.2), reduced to explicit ``scope``: col, row, colgroup, rowgroup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

_SCOPES = {"col": "/Column", "colgroup": "/Column", "row": "/Row", "rowgroup": "/Row"}


@dataclass(frozen=True)
class Cell:
    """A cell on the grid: rows and columns count from 0, spans from 1; ``group`` is the row group's number."""

    element: Element
    row: int
    column: int
    rows: int
    columns: int
    group: int
    in_head: bool

    @property
    def is_header(self) -> bool:
        """Whether it is a ``<th>``."""
        return self.element.tag == "th"

    @property
    def scope(self) -> str:
        """Its scope; a ``<th>`` that says none is a column's in the head, a row's elsewhere."""
        return self.element.get("scope") or ("col" if self.in_head else "row")

    def covers_column(self, other: Cell) -> bool:
        """Whether the columns of both overlap."""
        return self.column < other.column + other.columns and other.column < self.column + self.columns

    def covers_row(self, other: Cell) -> bool:
        """Whether the rows of both overlap."""
        return self.row < other.row + other.rows and other.row < self.row + self.rows


def cells_of(table: Element) -> list[Cell]:
    """The cells of a table in document order, placed on the grid."""
    found: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    row = 0
    for group, (section, rows) in enumerate(_row_groups(table)):
        for tr in rows:
            column = 0
            for element in tr:
                if element.tag not in ("td", "th"):
                    continue
                while (row, column) in taken:
                    column += 1
                spans = _span(element, "rowspan"), _span(element, "colspan")
                found.append(Cell(element, row, column, *spans, group=group, in_head=section == "thead"))
                taken.update(
                    (row + down, column + right) for down in range(spans[0]) for right in range(spans[1])
                )
                column += spans[1]
            row += 1
    return found


def _row_groups(table: Element) -> list[tuple[str, list[Element]]]:
    """(``thead``|``tbody``|``tfoot``, its rows) in document order."""
    return [
        (section.tag, [tr for tr in section if tr.tag == "tr"])
        for section in table
        if section.tag in ("thead", "tbody", "tfoot")
    ]


def _span(element: Element, name: str) -> int:
    value = element.get(name, "1")
    return max(1, int(value)) if value.isdigit() else 1


def cell_attributes(cells: Sequence[Cell], table: str) -> Mapping[Element, dict[str, Any]]:
    """Structure attributes of every cell: ``A`` for the table owner and, for headers, ``ID``.

    A data cell names its headers outermost first: row groups, column headers from the top, row headers. A header cell
    of a lower level names the spanning headers above it. ``table`` makes the names unique in the document.
    """
    headers = [cell for cell in cells if cell.is_header]
    names = {cell.element: f"{table}-{cell.row}-{cell.column}" for cell in headers}
    result: dict[Element, dict[str, Any]] = {}
    for cell in cells:
        attributes: dict[str, Any] = {"O": "/Table"}
        if cell.columns > 1:
            attributes["ColSpan"] = cell.columns
        if cell.rows > 1:
            attributes["RowSpan"] = cell.rows
        if cell.is_header:
            attributes["Scope"] = _SCOPES[cell.scope]
        above = [names[header.element] for header in headers if _speaks_for(header, cell)]
        if above:
            attributes["Headers"] = above
        result[cell.element] = {"A": attributes}
        if cell.is_header:
            result[cell.element]["ID"] = names[cell.element]
    return result


def _speaks_for(header: Cell, cell: Cell) -> bool:
    """Whether a header cell names another cell."""
    if header is cell:
        return False
    if header.scope in ("col", "colgroup"):
        return header.covers_column(cell) and header.row < cell.row and (not cell.is_header or cell.in_head)
    if header.scope == "rowgroup":
        return header.group == cell.group and header.row < cell.row
    return header.covers_row(cell) and header.column != cell.column and not cell.is_header
