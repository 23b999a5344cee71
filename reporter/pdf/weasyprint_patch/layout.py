"""How a page is filled: text stands on one grid of lines, and a figure without room waits while text fills the page.

Goes in: the blocks of a chapter, as WeasyPrint lays them out one after the other. Comes out: the same blocks, moved down to the next line of
the grid, and figures (also short tables) behind as much of the following text as their page still takes: they then open the
next page. The order among figures and tables never changes. Wraps ``_in_flow_layout`` (reporter/pdf/weasyprint_patch.py).

Thai lines end only where reporter/domain/linebreak.py left a mark or a space: ``set_text_of`` wraps ``Layout.set_text`` and forbids
breaks inside a run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout.block import collapse_margin
from weasyprint.text.ffi import ffi, pango

from reporter.domain.assets import tokens

# A run without a place to break: Thai, held together by a no-break space, or a quarter (3/2568).
_UNBROKEN = re.compile(r"[^\u200b \n]*(?:[\u0e00-\u0e7f\u00a0]|\d/\d)[^\u200b \n]*")
_LONGEST_RUN = 80
_END = 2**31  # behind every text, in bytes

ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (gboolean allow_breaks);")


def set_text_of(original: Callable[..., None]) -> Callable[..., None]:
    """``Layout.set_text`` that forbids breaks inside every run without U+200B or a space."""

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        original(self, text, justify)
        if not self.text or not _UNBROKEN.search(self.text):
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        _allow_breaks(attributes, True, 0, _END)  # undoes the runs of a former text of this layout
        for run in _UNBROKEN.finditer(self.text):
            if 1 < len(run[0]) <= _LONGEST_RUN:
                start = len(self.text[: run.start()].encode())
                _allow_breaks(attributes, False, start, start + len(run[0].encode()))
        pango.pango_layout_set_attributes(self.layout, attributes)

    return set_text


def _allow_breaks(attributes: Any, allowed: bool, start: int, end: int) -> None:
    attribute = pango.pango_attr_allow_breaks_new(allowed)
    attribute.start_index, attribute.end_index = start, end
    pango.pango_attr_list_change(attributes, attribute)


_PX = 96 / 72  # layout units in a point
_PX_MM = 96 / 25.4
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
_SNAPPED = frozenset(("p", "ul", "ol", "dl", "aside", "blockquote"))
# Least room, in lines, to put ahead of a waiting figure: plain text, and text that begins with a heading of its own.
_ROOM_TEXT, _ROOM_HEADING = 3, 7
_EXACT = 0.01

Layout = Callable[..., tuple[Any, ...]]


def in_flow_layout_of(original: Layout) -> Layout:
    """``_in_flow_layout`` that keeps the grid and lets figures wait."""

    def in_flow_layout(
        context: Any, box: Any, index: int, child: Any, new_children: list[Any], page_is_empty: bool,
        absolute: Any, fixed: Any, margins: list[Any], bottom_space: float, position_y: float, *rest: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        if not _is_chapter(box):
            return original(
                context, box, index, child, new_children, page_is_empty, absolute, fixed, margins, bottom_space,
                position_y, *rest,
            )  # fmt: skip

        def lay(candidate: Any) -> tuple[Any, ...]:
            candidate.position_x, candidate.position_y = child.position_x, position_y
            starts = (
                position_y if page_is_empty and not new_children else _on_grid(candidate, position_y, margins)
            )
            candidate.position_y = starts
            before = len(new_children)
            laid = original(
                context, box, index, candidate, list(new_children), page_is_empty, absolute, fixed, list(margins),
                bottom_space, starts, *rest,
            )  # fmt: skip
            return _heading_down(context, candidate, laid, before, bottom_space)

        # the caller goes through the order as it was before anything waited
        wanted = box.children[index]
        placed = len(new_children)
        result = lay(wanted)
        if not _may_wait(wanted) or not new_children or _complete(result, placed):
            return result
        former = box.children
        room = (context.page_bottom - bottom_space - position_y) / _grid()
        for ahead in _candidates(former, index, room):
            box.children = _moved(former, ahead, index)
            filled = lay(former[ahead])
            if _complete(filled, placed) or (not _may_wait(former[ahead]) and _begun(filled, placed)):
                former[ahead].went_ahead = (index, former)
                return filled
        box.children = former
        _before_headings(box, index, result)
        return result

    return in_flow_layout


def _grid() -> float:
    return tokens().line["body"] * _PX


def _is_chapter(box: Any) -> bool:
    """Whether a box's children are the running text of a chapter: the chapter itself, or a plain part of it."""
    element = box.element
    if (
        element is None
        or box.style["page"] not in ("opening", "tight", "wide")
        or not isinstance(box, boxes.BlockBox)
    ):
        return False
    return element.tag == "section" or (element.tag in ("div", "article") and not box.is_flex_item)


def _tag(box: Any) -> str:
    return box.element.tag if box.element is not None and isinstance(box.element.tag, str) else ""


def _on_grid(child: Any, position_y: float, margins: list[Any]) -> float:
    """Where a text must be put so that its first line stands on the grid."""
    if _tag(child) not in _SNAPPED or not isinstance(child, boxes.BlockBox):
        return position_y
    style = child.style
    inner = style["border_top_width"] + _length(style["padding_top"])
    line = position_y + collapse_margin([*margins, _length(style["margin_top"])]) + inner
    return position_y + _to_grid(line)


def _length(value: Any) -> float:
    """A computed margin or padding in pixels; print.css gives none of these in per cent."""
    return float(getattr(value, "value", 0) or 0) if value != "auto" else 0.0


def _to_grid(y: float) -> float:
    """How far it is down to the next line of the grid."""
    distance = -(y - tokens().page["top"] * _PX_MM) % _grid()
    return 0.0 if distance < _EXACT or distance > _grid() - _EXACT else distance


def _heading_down(
    context: Any, child: Any, laid: tuple[Any, ...], before: int, bottom_space: float
) -> tuple[Any, ...]:
    """A heading moved down so that the text under it begins on the grid: the slack belongs above it."""
    abort, stop, resume_at, position_y, margins, *others = laid
    children = others[1]
    if _tag(child) not in _HEADINGS or stop or abort or len(children) <= before:
        return laid
    shift = _to_grid(position_y + collapse_margin(margins))
    if shift and not context.overflows_page(bottom_space, position_y + shift):
        children[-1].translate(dy=shift)
        position_y += shift
    return (abort, stop, resume_at, position_y, margins, *others)


def _begun(laid: tuple[Any, ...], before: int) -> bool:
    """Whether a block was put on this page, or a part of it."""
    abort, children = laid[0], laid[6]
    return not abort and len(children) > before


def _complete(laid: tuple[Any, ...], before: int) -> bool:
    """Whether a block was put on this page as a whole."""
    return _begun(laid, before) and laid[2] is None


def _may_wait(child: Any) -> bool:
    """Figures, and tables marked as short, may open the next page instead of ending this one."""
    return child.style["page"] != "wide" and (_tag(child) == "figure" or _is_short_table(child))


def _is_short_table(child: Any) -> bool:
    return _tag(child) == "table" and "short" in child.element.get("class", "").split()


def _candidates(children: tuple[Any, ...], index: int, room: float) -> Iterator[int]:
    """Blocks that may be read before a waiting one: the next table if it is whole, then the next text.

    Figures keep their order, tables theirs.
    """
    tables_wait = _is_short_table(children[index])
    for at in range(index + 1, len(children)):
        child, tag = children[at], _tag(children[at])
        style = child.style
        if style["page"] != children[index].style["page"] or "page" in (
            style["break_before"],
            style["break_after"],
        ):
            return
        if tag == "figure":
            continue
        if tag == "table":
            if not tables_wait:
                yield at
            tables_wait = True
            if not _is_short_table(child):
                return
        elif tag not in _HEADINGS:
            if room >= _ROOM_TEXT:
                yield at
            return
        else:
            behind = next((later for later in children[at + 1 :] if _tag(later) not in _HEADINGS), None)
            if behind is not None and not _may_wait(behind) and room >= _ROOM_HEADING:
                yield at
            return


def _moved(children: tuple[Any, ...], start: int, goal: int) -> tuple[Any, ...]:
    """The order with one block put before others."""
    return (*children[:goal], children[start], *children[goal:start], *children[start + 1 :])


def _before_headings(box: Any, index: int, result: tuple[Any, ...]) -> None:
    """Put back headings that went ahead of a figure and then had to leave the page: the figure opens the next one."""
    resume_at = result[2]
    start = next(iter(resume_at), index) if resume_at else index
    between = box.children[start:index]
    if between and all(getattr(child, "went_ahead", None) for child in between):
        place, former = between[0].went_ahead
        if place == start:
            box.children = former


__all__ = ["in_flow_layout_of"]
