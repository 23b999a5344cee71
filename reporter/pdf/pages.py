"""What the worker does to laid-out pages: how high blocks are, page numbers, running heads, links between parts.

Goes in: the typesetter's layout. Comes out: the height of every block; pages without margin boxes, which ``furnish`` adds when the pages before
the part are counted; links whose targets the whole document is asked for (reporter/pdf/typesetter.py). Stands in for
``make_margin_boxes``, ``layout_backgrounds``, ``resolve_links`` and ``add_links`` of WeasyPrint (reporter/pdf/weasyprint_patch.py).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from fontTools.ttLib import TTFont
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.background import layout_backgrounds
from weasyprint.layout.page import make_margin_boxes

from reporter.domain.declarations import asset, tokens
from reporter.domain.thai import BREAK
from reporter.pdf.worker_process import GOING_ON, Measured, MeasuredBlock, PageItem

UNKNOWN = "00"  # as wide as most page numbers


def margin_boxes_later(context: Any, page: Any, state: Any) -> tuple[()]:
    """No margin boxes yet: the page keeps what they will be made from."""
    page.margins = (context, context.current_page, state)
    return ()


def backgrounds_later(page: Any, get_image_from_uri: Any) -> None:
    """No backgrounds yet: margin boxes want theirs at the same time."""
    page.get_image_from_uri = get_image_from_uri


def furnish(document: Any, before: int, total: int, strings: Mapping[str, str]) -> None:
    """Give every page its margin boxes and backgrounds.

    before, total  pages before the document and altogether
    strings        what was said last for the running heads before the document
    """
    _say_before(document.pages[0]._page_box.margins[0].string_set, strings)
    for page in document.pages:
        box = page._page_box
        context, number, state = box.margins
        context.current_page = number + 1  # the first is what came before
        state = copy.deepcopy(state)
        state[1]["page"] = [before + number]
        state[1]["pages"] = [total]
        box.children = (*box.children, *make_margin_boxes(context, box, state))
        layout_backgrounds(box, box.get_image_from_uri)


def _say_before(said: dict[str, dict[int, list[str]]], strings: Mapping[str, str]) -> None:
    """What was said before the document becomes its first page; its own pages follow."""
    for name in {*said, *strings}:
        own = {number + 1: texts for number, texts in said[name].items()}
        said[name] = {1: [strings[name]], **own} if name in strings else own


def open_bookmarks(document: Any) -> None:
    """Put a bookmark without words over the first where that is no top one: it hangs below one of an earlier part (join.py)."""
    page, first = next(((page, page.bookmarks[0]) for page in document.pages if page.bookmarks), (None, None))
    if page is not None and first is not None:
        page.bookmarks[:0] = [(level, GOING_ON, *first[2:]) for level in range(1, first[0])]


def last_strings(document: Any) -> dict[str, str]:
    """What the document's pages say last for the running heads, by name."""
    said = document.pages[0]._page_box.margins[0].string_set
    return {name: pages[max(pages)][-1] for name, pages in sorted(said.items()) if pages}


def write_numbers(root: Element, numbers: Mapping[str, int]) -> None:
    """Write the page of its target on every link that prints one (print.css, ``data-page``)."""
    lists = [item for item in root.iter() if "contents" in item.get("class", "").split()]
    inside = [link for item in lists for link in item.iter("a")]
    named = [link for link in root.iter("a") if "page" in link.get("class", "").split()]
    for link in [*inside, *named]:
        link.set("data-page", str(numbers.get(link.get("href", "")[1:], UNKNOWN)))


def resolve_links(pages: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    """Links and first anchors of every page; links to other parts stay, for the whole document is checked once."""
    seen: set[str] = set()
    for page in pages:
        anchors = [(name, x, y) for name, (x, y, *_) in page.anchors.items() if name not in seen]
        seen.update(name for name, *_ in anchors)
        yield list(page.links), anchors


def add_links_of(original: Callable[..., None]) -> Callable[..., None]:
    """``add_links`` with one annotation for each piece of a link, not one more for every box inside it."""

    def add_links(links_and_anchors: Any, *rest: Any) -> None:
        links, anchors = links_and_anchors
        own = [
            link
            for link in links
            if link[3].link and link[2][0] < link[2][2] and not hasattr(link[3], "furniture")
        ]
        original((own, anchors), *rest)

    return add_links


# ----------------------------------------------------------------------------------------------------
# Blocks of chapters and their heights: read from a layout, for the search in reporter/pdf/typesetter.py.
# ----------------------------------------------------------------------------------------------------

_HEADS = frozenset(("h1", "h2", "h3", "h4", "header"))
# Blocks of running text: their lines stand on the page's grid.
ON_GRID = frozenset(("p", "ul", "ol", "dl", "aside", "blockquote"))


def measured(document: Any, root: Element, as_written: Mapping[Element, Element]) -> Measured:
    """What stands in the chapters of a document that was laid out, and how high it is.

    root        the tree that it was made from
    as_written  element -> the same before breaks were marked and columns measured
    """
    body = root.find("body")
    page = next((p._page_box.height for p in document.pages if p._page_box.width < p._page_box.height), 0.0)
    if body is None or any(element.tag != "section" for element in body):
        return Measured()
    pieces = _pieces(document, body)
    if not pieces:
        return Measured()
    reader = _Reader(pieces, as_written, page)
    return Measured(page, tuple(map(reader.opening_tag, body)), tuple(reader.items(body)))


def _is(element: Element, name: str) -> bool:
    return name in element.get("class", "").split()


def _pieces(document: Any, body: Element) -> dict[Element, list[Any]]:
    """Element -> its boxes on the pages it stands on, of every section on upright pages and its blocks."""
    found: dict[Element, list[Any]] = {}
    sections = frozenset(body)
    for page in document.pages:
        for box in page._page_box.descendants():
            if box.element in sections and box.element_tag == "section" and box.style["page"] == "opening":
                found.setdefault(box.element, []).append(box)
                for child in box.children:
                    if not isinstance(child, AbsolutePlaceholder) and child.element is not None:
                        found.setdefault(child.element, []).append(child)
    return found


class _Reader:
    """Makes items of what was laid out: a heading goes with the text below it, a figure with the line that introduces it."""

    def __init__(
        self, pieces: Mapping[Element, list[Any]], as_written: Mapping[Element, Element], page: float
    ) -> None:
        self._pieces, self._as_written, self._page = pieces, as_written, page

    def items(self, body: Element) -> Iterator[PageItem]:
        """All items in reading order."""
        for number, section in enumerate(body):
            if section not in self._pieces:  # pages of another shape
                yield PageItem(
                    "text", (MeasuredBlock(self._page, opens_page=True),), (self._html(section),), -1
                )
            elif (
                not _is(section, "chapter")
                or _is(section, "brief")
                or _has_loose_text(section)
                or not len(section)
            ):
                yield PageItem("text", (self._block(section),), (self._html(section),), -1)
            else:
                yield from self._chapter(section, number)

    def opening_tag(self, section: Element) -> str:
        """``<section class="chapter" id="labour">``."""
        return self._html(Element("section", self._as_written[section].attrib)).removesuffix("</section>")

    def _html(self, element: Element) -> str:
        """An element as it was written, a table that fits a page marked as one that is not split."""
        written = copy.copy(self._as_written.get(element, element))
        written.tail = None
        if element.tag == "table" and self._kind(element) == "table" and not _is(written, "short"):
            written.set("class", f"{written.get('class', '')} short".lstrip())
        return tostring(written, encoding="unicode", method="html")

    def _chapter(self, section: Element, number: int) -> list[PageItem]:
        groups = _groups(section, self._kind)
        items = [self._item(self._kind_of(group), group, number) for group in groups]
        first, style = items[0], self._pieces[section][0].written_style
        begins = replace(  # a chapter begins a page, or below the one before it
            first.blocks[0],
            above=max(first.blocks[0].above, pixels(style["margin_top"])),
            opens_page=style["break_before"] == "page",
        )
        return [replace(first, blocks=(begins, *first.blocks[1:])), *items[1:]]

    def _item(self, kind: str, group: Sequence[Element], section: int) -> PageItem:
        inside = [one for element in group for one in element.iter()]
        return PageItem(
            kind,
            tuple(self._block(element) for element in group),
            tuple(self._html(element) for element in group),
            section,
            frozenset(one.get("id", "") for one in inside) - {""},
            frozenset(one.get("href", "")[1:] for one in inside if one.tag == "a") - {""},
            frozenset(str(element.tag) for element in group) & _HEADS,
        )

    def _kind_of(self, group: Sequence[Element]) -> str:
        """A heading makes a text of what stays with it."""
        kinds = {self._kind(element) for element in group} - {"text"}
        return kinds.pop() if kinds and group[0].tag not in _HEADS else "text"

    def _kind(self, element: Element) -> str:
        """Figure and table where they fit a page; a longer table is text that breaks between rows."""
        if element.tag not in ("figure", "table") or self._turns(element):
            return "text"
        if element.tag == "figure":
            return "figure"
        return "table" if self._block(element).height <= self._page else "text"

    def _turns(self, element: Element) -> bool:
        """Whether it stands on a page of its own, which lies on its side."""
        return any(box.style["page"] == "wide" for box in self._pieces.get(element, ()))

    def _block(self, element: Element) -> MeasuredBlock:
        boxes_of = self._pieces.get(element, [])
        if not boxes_of:
            return MeasuredBlock(0.0)
        if self._turns(element):
            return MeasuredBlock(self._page, opens_page=True)
        style, again = boxes_of[0].written_style, _head_height(boxes_of[0])
        height = sum(_heights(boxes_of)) - again * (len(boxes_of) - 1)
        breaks: tuple[tuple[float, float], ...] = ()
        if element.tag == "table":
            breaks = _row_breaks(boxes_of, again) if height > self._page else ()
        elif not style["break_inside"].startswith("avoid"):
            breaks = _line_breaks(boxes_of)
        return MeasuredBlock(
            height,
            pixels(style["margin_top"]),
            pixels(style["margin_bottom"]),
            element.tag in ON_GRID,
            style["border_top_width"] + pixels(style["padding_top"]),
            element.tag in _HEADS - {"header"},
            pixels(style["margin_bottom"]) if isinstance(boxes_of[0], boxes.FlexContainerBox) else 0.0,
            breaks,
            style["break_before"] == "page",
        )


def _has_loose_text(section: Element) -> bool:
    """Whether words stand in a chapter outside its blocks."""
    return bool((section.text or "").strip() or any((child.tail or "").strip() for child in section))


def _groups(section: Element, kind: Callable[[Element], str]) -> list[list[Element]]:
    """The children of a chapter, those together that nothing may come between.

    A figure between a heading and the heading's text comes behind that text; where none follows, the first stays with the heading.
    """
    groups: list[list[Element]] = []
    heads: list[Element] = []  # headings and introductions that wait for what they stand above
    held: list[list[Element]] = []  # figures that wait for the text of their heading
    for element in section:
        introduced = bool(heads) and _is(heads[-1], "introduction")
        if element.tag in _HEADS:
            if held:
                groups += [[*heads, *held[0]], *held[1:]]
                heads, held = [], []
            heads.append(element)
        elif _is(element, "introduction"):
            heads.append(element)
        elif kind(element) != "text":
            group = [heads.pop(), element] if introduced else [element]
            (held if heads else groups).append(group)
        elif _is(element, "source") and _ends_with_figure(held if heads else groups, kind):
            (held or groups)[-1].append(element)
        else:
            groups += [[*heads, element], *held]
            heads, held = [], []
    if heads or held:
        groups += [[*heads, *(held[0] if held else [])], *held[1:]]
    return groups


def _ends_with_figure(groups: Sequence[Sequence[Element]], kind: Callable[[Element], str]) -> bool:
    return bool(groups) and any(kind(element) != "text" for element in groups[-1])


def pixels(value: Any) -> float:
    """A computed length; ``auto`` is nothing, and print.css gives no margin or padding in per cent."""
    return float(getattr(value, "value", 0) or 0) if value != "auto" else 0.0


def _height(box: Any, *, goes_on: bool = False) -> float:
    """From edge to edge; a box that goes on reaches to the foot of its page, so only what stands in it counts."""
    if getattr(box, "is_table_wrapper", False):
        return sum(float(child.margin_height()) for child in box.children)
    ends = [line.position_y + line.height for line in box.descendants() if isinstance(line, boxes.LineBox)]
    return float(max(ends) - box.border_box_y()) if goes_on and ends else float(box.border_height())


def _heights(pieces: Sequence[Any]) -> list[float]:
    """Height of every piece of a block that stands on several pages."""
    return [_height(piece, goes_on=piece is not pieces[-1]) for piece in pieces]


def _head_height(table: Any) -> float:
    """Height of the rows that every page of a table repeats; 0 of anything else."""
    return sum(
        float(group.height)
        for group in table.descendants()
        if isinstance(group, boxes.TableRowGroupBox) and group.is_header
    )


def _row_breaks(pieces: Sequence[Any], again: float) -> tuple[tuple[float, float], ...]:
    """Where a table may go on: behind every row but the first two and the last three (print.css)."""
    found: list[tuple[float, float]] = []
    before = 0.0
    for number, (piece, height) in enumerate(zip(pieces, _heights(pieces), strict=True)):
        rows = [box for box in piece.descendants() if isinstance(box, boxes.TableRowBox)]
        top = piece.border_box_y() + (again if number else 0.0)
        found += [(before + row.position_y + row.height - top, again) for row in rows[bool(again) :]]
        before += height - (again if number else 0.0)
    return tuple(found[2:-3])


def _line_breaks(pieces: Sequence[Any]) -> tuple[tuple[float, float], ...]:
    """Where a text may go on: behind every line, with two lines of its paragraph before and after."""
    ends: list[tuple[float, Any]] = []
    before = 0.0
    for piece, height in zip(pieces, _heights(pieces), strict=True):
        top = piece.border_box_y()
        ends += [(before + line.position_y + line.height - top, owner) for line, owner in _text_lines(piece)]
        before += height
    found = []
    for number, (end, owner) in enumerate(ends[:-1]):
        own = [n for n, (_, other) in enumerate(ends) if other is owner]
        first, last = own[0], own[-1]
        if number == last or (number - first >= 1 and last - number >= 2):
            found.append((end, 0.0))
    return tuple(found)


def _text_lines(box: Any) -> Iterator[tuple[Any, Any]]:
    """The lines inside a box that may be parted, each with the element of its paragraph."""
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.LineBox):
            yield child, box.element
        elif not isinstance(child, AbsolutePlaceholder) and not child.style["break_inside"].startswith(
            "avoid"
        ):
            yield from _text_lines(child)


# ----------------------------------------------------------------------------------------------------
# Tables before the page is laid out: how wide the columns are, whether the table turns, which header names which cell.
#
# Goes in: the tables of a document whose breaks are marked (reporter/domain/thai.py). Comes out: the same tables with a ``<colgroup>``;
# the class ``wide`` where the columns do not fit upright (such a table moves to the end of its chapter); the class ``short`` on tables that
# are kept whole; for the tags, the attributes of every cell. Columns of numbers are as wide as their longest number and a head of two lines,
# all alike where the words stand on one line; words get the rest.
# ----------------------------------------------------------------------------------------------------

_PT_MM = 72 / 25.4
_LANDSCAPE = 297.0  # mm
_HALF = 80.0  # mm: a child of .two-columns
_SHORT_ROWS = 10
_TINY_COMPACT = 9.0  # points: type of compact tables
# Points left and right of a cell, by class (print.css).
_PADDING, _PADDING_COMPACT = 10.0, 6.0
_SLACK = 1.0  # points: rounding of the layout
_HEAD_LINES = (2, 3, 4)
_CELL_LINES = (2, 3)  # lines that the words of a cell may take ...
_CELL_WIDTH = 160.0  # ... unless that needs more points than this, ...
_USUAL = 0.85  # ... in this share of the cells
_PIECE = re.compile(f"[ {BREAK}]+")


@dataclass(frozen=True)
class MeasuredColumn:
    """What a column needs, points with padding.

    least   its longest unbreakable piece and a head of few lines; for words, cells of few lines
    ample   everything on one line
    bulk    how much there is to read: all its cells on one line
    """

    is_number: bool
    least: float
    ample: float
    bulk: float = 1.0


def size_tables(root: Element) -> None:
    """Give every table of a document its columns, its turn and its class, in place."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for table in list(root.iter("table")):
        classes = table.get("class", "").split()
        if "data" not in classes or table.find("colgroup") is not None:
            continue
        room = _room(table, parents)
        columns = _fitting(table, room, compact="compact" in classes)
        if not columns:
            continue
        page = tokens().page
        upright = page["measure"] * _PT_MM
        if room == upright and sum(column.least for column in columns) > upright and "wide" not in classes:
            classes.append("wide")
        if "wide" in classes and room == upright:
            room = (_LANDSCAPE - 2 * page["side"]) * _PT_MM
            _to_the_end(table, parents)
        if len(table.findall("tbody/tr")) <= _SHORT_ROWS and "wide" not in classes:
            classes.append("short")
        table.set("class", " ".join(classes))
        _write(table, widths(columns, room))


def _shared(words: list[MeasuredColumn], spare: float) -> dict[int, float]:
    """Widths of columns of words: what is to spare goes where there is most to read, nowhere more than is ample."""
    given = {id(column): column.least for column in words}
    hungry = list(words)
    while hungry and spare > 0.01:
        bulk = sum(column.bulk for column in hungry)
        shares = {id(c): min(spare * c.bulk / bulk, c.ample - given[id(c)]) for c in hungry}
        for key, share in shares.items():
            given[key] += share
        spare -= sum(shares.values())
        hungry = [c for c in hungry if c.ample - given[id(c)] > 0.01]
    return given


def _fitting(table: Element, room: float, *, compact: bool) -> list[MeasuredColumn]:
    """Columns with as few lines in cells and heads as fit; the narrowest where nothing fits."""
    columns: list[MeasuredColumn] = []
    for cell_lines in _CELL_LINES:
        for head_lines in _HEAD_LINES:
            columns = columns_of(table, compact=compact, head_lines=head_lines, cell_lines=cell_lines)
            if sum(column.least for column in columns) <= room:
                return columns
    return columns


def _to_the_end(table: Element, parents: dict[Element, Element]) -> None:
    """A table that turns stands at the end of its chapter, so that no page of text ends early before it."""
    parent = parents[table]
    if parent.tag == "section" and "wide" not in parent.get("class", "").split():
        behind = list(parent)[list(parent).index(table) + 1 :]
        if any("wide" not in element.get("class", "").split() for element in behind):
            parent.remove(table)
            parent.append(table)


def widths(columns: list[MeasuredColumn], room: float) -> list[float]:
    """Shares of the table's width, adding up to 1."""
    numbers = [column for column in columns if column.is_number]
    words = [column for column in columns if not column.is_number]
    even = max((column.least for column in numbers), default=0.0)
    needed_words, wished_words = sum(c.least for c in words), sum(c.ample for c in words)
    if even * len(numbers) + wished_words <= room:  # numbers alike
        narrow = {id(column): even for column in numbers}
    else:
        narrow = {id(column): column.least for column in numbers}
    left = room - sum(narrow.values())
    if words and left <= wished_words:
        wide = _shared(words, max(0.0, left - needed_words))
        points = [narrow.get(id(c)) or wide[id(c)] for c in columns]
    else:  # everything stands on one line: the rest is spread over all columns
        more = (left - wished_words) / len(columns)
        points = [(narrow.get(id(c)) or c.ample) + more for c in columns]
    total = sum(points)
    return [point / total for point in points]


def columns_of(
    table: Element, *, compact: bool, head_lines: int = 2, cell_lines: int = 2
) -> list[MeasuredColumn]:
    """The columns of a table with one row of heads; none where cells span columns (except heads of row groups)."""
    heads = table.findall("thead/tr")
    if len(heads) != 1:
        return []
    size = _TINY_COMPACT if compact else tokens().size["table"]
    padding = _PADDING_COMPACT if compact else _PADDING
    cells: list[list[Element]] = [[] for _ in heads[0]]
    for row in table.findall("tbody/tr"):
        if len(row) == len(cells):
            for place, cell in enumerate(row):
                cells[place].append(cell)
    if not all(cells) or any(head.get("colspan") for head in heads[0]):
        return []
    return [
        _column(head, body, size, padding + _SLACK, (head_lines, cell_lines))
        for head, body in zip(heads[0], cells, strict=True)
    ]


def _column(
    head: Element, body: list[Element], size: float, padding: float, most: tuple[int, int]
) -> MeasuredColumn:
    is_number = "number" in head.get("class", "").split()
    title = _text(head)
    texts = [_text(cell) for cell in body]
    whole = max(width(text, size) for text in texts)
    head_least = _lines(title, most[0], size, bold=True)
    ample = max(whole, width(title, size, bold=True) if not is_number else head_least)
    if is_number:
        return MeasuredColumn(True, ample + padding, ample + padding)
    needs = sorted(min(_CELL_WIDTH, _lines(text, most[1], size)) for text in texts)
    usual = needs[int(_USUAL * (len(needs) - 1))]  # one long cell shall not narrow all other columns
    least = max(head_least, usual, *(_longest(text, size) for text in texts))
    bulk = sum(width(text, size) for text in texts)
    return MeasuredColumn(False, least + padding, ample + padding, bulk)


def _longest(text: str, size: float) -> float:
    """The width of the longest piece that cannot break."""
    return max((width(piece, size) for piece in _PIECE.split(text)), default=0.0)


def _lines(text: str, count: int, size: float, *, bold: bool = False) -> float:
    """The least width at which a text takes at most ``count`` lines."""
    pieces = [width(piece, size, bold=bold) for piece in _PIECE.split(text) if piece]
    space = width(" ", size, bold=bold) if " " in text else 0.0
    if not pieces:
        return 0.0
    candidates = sorted(
        {
            sum(pieces[i:j]) + space * (j - i - 1)
            for i in range(len(pieces))
            for j in range(i + 1, len(pieces) + 1)
        }
        if len(pieces) <= 24
        else {
            max(pieces),
            (sum(pieces) + space * len(pieces)) / count * 1.15,
            sum(pieces) + space * len(pieces),
        }
    )
    return next(
        limit for limit in candidates if limit >= max(pieces) and _fill(pieces, limit, space) <= count
    )


def _fill(pieces: list[float], limit: float, space: float) -> int:
    """How many lines of a width pieces take, set one after the other."""
    lines, used = 1, 0.0
    for piece in pieces:
        if used and used + space + piece > limit + 1e-6:
            lines, used = lines + 1, piece
        else:
            used += piece + (space if used else 0.0)
    return lines


def _text(cell: Element) -> str:
    return " ".join("".join(cell.itertext()).replace("\n", " ").split(" ")).strip()


@cache
def _advances(weight: str) -> tuple[dict[int, float], float]:
    """Code point -> advance in ems, and the advance of anything else."""
    with TTFont(asset("fonts", "sarabun", f"Sarabun-{weight}.ttf")) as font:
        metrics, units = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: metrics[name][0] / units for code, name in font.getBestCmap().items()}, 0.6


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, points."""
    known, other = _advances("SemiBold" if bold else "Regular")
    return size * sum(known.get(ord(letter), other) for letter in text if letter != BREAK)


def _room(table: Element, parents: dict[Element, Element]) -> float:
    """The width a table has, points."""
    element = table
    while (parent := parents.get(element)) is not None:
        classes = parent.get("class", "").split()
        if "two-columns" in classes:
            return _HALF * _PT_MM
        if "wide" in classes:
            return (_LANDSCAPE - 2 * tokens().page["side"]) * _PT_MM
        element = parent
    return tokens().page["measure"] * _PT_MM


def _write(table: Element, shares: list[float]) -> None:
    """A ``<colgroup>`` behind the caption."""
    group = Element("colgroup")
    for share in shares:
        SubElement(group, "col", {"style": f"width: {100 * share:.3f}%"})
    table.insert(1 if table.find("caption") is not None else 0, group)


_SCOPES = {"col": "/Column", "colgroup": "/Column", "row": "/Row", "rowgroup": "/Row"}


@dataclass(frozen=True)
class MeasuredCell:
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

    def covers_column(self, other: MeasuredCell) -> bool:
        """Whether the columns of both overlap."""
        return self.column < other.column + other.columns and other.column < self.column + self.columns

    def covers_row(self, other: MeasuredCell) -> bool:
        """Whether the rows of both overlap."""
        return self.row < other.row + other.rows and other.row < self.row + self.rows


def cells_of(table: Element) -> list[MeasuredCell]:
    """The cells of a table in document order, placed on the grid."""
    found: list[MeasuredCell] = []
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
                found.append(
                    MeasuredCell(element, row, column, *spans, group=group, in_head=section == "thead")
                )
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


def cell_attributes(cells: Sequence[MeasuredCell], table: str) -> Mapping[Element, dict[str, Any]]:
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


def _speaks_for(header: MeasuredCell, cell: MeasuredCell) -> bool:
    """Whether a header cell names another cell."""
    if header is cell:
        return False
    if header.scope in ("col", "colgroup"):
        return header.covers_column(cell) and header.row < cell.row and (not cell.is_header or cell.in_head)
    if header.scope == "rowgroup":
        return header.group == cell.group and header.row < cell.row
    return header.covers_row(cell) and header.column != cell.column and not cell.is_header
