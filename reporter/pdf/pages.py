"""What the worker does to laid-out pages: short last pages, page numbers, running heads, links between parts.

Goes in: the typesetter's layout. Comes out: the chapters to set tighter, because their last page holds only a few lines (print.css,
``.tight``: a line more on each page, less air above headings); pages without margin boxes, which ``furnish`` adds when the pages before
the part are counted; links whose targets the whole document is asked for (reporter/pdf/typesetter.py). Stands in for
``make_margin_boxes``, ``layout_backgrounds``, ``resolve_links`` and ``add_links`` of WeasyPrint (reporter/pdf/weasyprint_patch/).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.background import layout_backgrounds
from weasyprint.layout.page import make_margin_boxes

from reporter.pdf.worker_process import GOING_ON

_SHORT = 0.3  # of the height of a page
_LEAST_PAGES = 2  # of a chapter


def short_ends(document: Any) -> list[Element]:
    """The chapters of at least two pages whose last page is filled to less than three tenths, in order."""
    fills: dict[Element, list[float]] = {}
    for page in document.pages:
        box = page._page_box
        if box.width > box.height:
            continue  # a table that turns ends a chapter of its own accord
        for section in _sections(box):
            bottom = max((_bottom(leaf) for leaf in _leaves(section)), default=box.content_box_y())
            fills.setdefault(section.element, []).append((bottom - box.content_box_y()) / box.height)
    return [
        section
        for section, filled in fills.items()
        if len(filled) >= _LEAST_PAGES and 0 < filled[-1] < _SHORT
    ]


def _sections(page: Any) -> list[Any]:
    """The chapters of which a page holds a part; none where the page has furniture only."""
    return [
        box
        for box in page.descendants()
        if box.element is not None
        and box.element.tag == "section"
        and box.element_tag == "section"
        and "chapter" in box.element.get("class", "").split()
        and box.style["page"] == "opening"
    ]


def _leaves(box: Any) -> list[Any]:
    """Everything visible in a box."""
    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
        return [box]
    return [leaf for child in getattr(box, "children", ()) for leaf in _leaves(child)]


def _bottom(box: Any) -> float:
    return float(box.position_y + box.margin_height())


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
