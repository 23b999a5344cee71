"""Chapters whose last page holds only a few lines: they are set tighter, so that the page is not needed.

Goes in: a laid-out document. Comes out: the ``<section>`` elements to set tight (print.css, ``.tight``: a line more on each page, less air
above headings). The part of the document is then laid out again.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

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
