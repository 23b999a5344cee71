"""The one place that reaches into WeasyPrint: exact text, Thai line breaks, artifacts and our own tags.

Goes in: nothing; ``hooked()`` replaces eleven names of WeasyPrint while pages are laid out and drawn. Comes out: the same pages, but every
code of a font says its own text (text_layer.py); Thai breaks only where reporter/domain/thai.py allows it, text stands on the baseline
grid and figures wait for room (layout.py); page furniture is marked as artifact, charts are placeholders (drawing.py); and what a part cannot
know by itself is left for later (reporter/pdf/pages.py). Written against WeasyPrint 70; ``tests/pdf/test_hook.py`` tells when upstream changed.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

import pydyf
import weasyprint
import weasyprint.draw.text
import weasyprint.images
import weasyprint.layout
import weasyprint.layout.block
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.text.line_break
from weasyprint.formatting_structure import boxes
from weasyprint.layout.block import collapse_margin
from weasyprint.text.ffi import ffi, pango

from reporter.domain.declarations import tokens
from reporter.domain.errors import RenderError
from reporter.pdf.pages import add_links_of, backgrounds_later, margin_boxes_later, resolve_links
from reporter.pdf.picture import Size
from reporter.pdf.text_layer import CodedFont, draw_first_line

SUPPORTED = (70,)
# Source of what is replaced or relied upon, at the version this module was written for.
_UPSTREAM: dict[str, Callable[..., Any]] = {
    "draw_first_line": weasyprint.draw.text.draw_first_line,
    "draw_text": weasyprint.draw.text.draw_text,
    "add_tags": weasyprint.pdf.add_tags,
    "add_links": weasyprint.pdf.add_links,
    "build_fonts_dictionary": weasyprint.pdf.fonts.build_fonts_dictionary,
    "Font.clean": weasyprint.pdf.fonts.Font.clean,
    "Stream.marked": weasyprint.pdf.stream.Stream.marked,
    "Stream.artifact": weasyprint.pdf.stream.Stream.artifact,
    "Stream.add_font": weasyprint.pdf.stream.Stream.add_font,
    "Layout.set_text": weasyprint.text.line_break.Layout.set_text,
    "SVGImage": weasyprint.images.SVGImage,
    "make_margin_boxes": weasyprint.layout.make_margin_boxes,
    "layout_backgrounds": weasyprint.layout.layout_backgrounds,
    "resolve_links": weasyprint.pdf.resolve_links,
    "layout_document": weasyprint.layout.layout_document,
    "_in_flow_layout": weasyprint.layout.block._in_flow_layout,
    "block_container_layout": weasyprint.layout.block.block_container_layout,
    "find_earlier_page_break": weasyprint.layout.block.find_earlier_page_break,
}


def fingerprints() -> dict[str, str]:
    """Name -> SHA-256 of the upstream source this module stands on."""
    sources = {name: inspect.getsource(function) for name, function in _UPSTREAM.items()}
    return {name: hashlib.sha256(source.encode()).hexdigest()[:16] for name, source in sources.items()}


def check_version() -> None:
    """Refuse a WeasyPrint this module was not written for. Raises RenderError."""
    if int(weasyprint.__version__.split(".")[0]) not in SUPPORTED:
        raise RenderError(
            f"พบ WeasyPrint รุ่น {weasyprint.__version__} แต่โปรแกรมนี้รองรับรุ่น 70 — ติดตั้งตาม requirements.lock",
            f"Found WeasyPrint {weasyprint.__version__}; this program supports 70. Install from requirements.lock.",
        )


@dataclass
class Hooks:
    """What a typesetting tells the hooks and learns from them.

    add_tags   (pdf, document, page streams) -> None: writes the structure tree
    missing    code points that no font has, filled while drawing
    """

    add_tags: Callable[[Any, Any, Any], None] | None = None
    missing: set[int] = field(default_factory=set)

    def start(self) -> None:
        """Begin a document: no codes given out, nothing missing."""
        self.missing = set()
        CodedFont.faces, CodedFont.undrawable = {}, self.missing

    def write_tags(self, pdf: Any, document: Any, pdf_version: Any, page_streams: Any) -> None:
        """Stand in for ``weasyprint.pdf.add_tags``."""
        assert self.add_tags is not None
        self.add_tags(pdf, document, page_streams)


@contextmanager
def hooked() -> Iterator[Hooks]:
    """Use our drawing and tagging within."""
    check_version()
    hooks = Hooks()
    hooks.start()
    layout = weasyprint.text.line_break.Layout
    replaced: list[tuple[Any, str, Any]] = [
        (weasyprint.pdf, "Stream", MarkedStream),
        (weasyprint.pdf, "add_tags", hooks.write_tags),
        (weasyprint.pdf, "add_links", add_links_of(weasyprint.pdf.add_links)),
        (weasyprint.pdf.stream, "Font", CodedFont),
        (weasyprint.images, "SVGImage", PictureImage),
        (weasyprint.draw.text, "draw_first_line", draw_first_line),
        (layout, "set_text", set_text_of(layout.set_text)),
        (weasyprint.layout, "make_margin_boxes", margin_boxes_later),
        (weasyprint.layout, "layout_backgrounds", backgrounds_later),
        (weasyprint.pdf, "resolve_links", resolve_links),
        (
            weasyprint.layout.block,
            "_in_flow_layout",
            in_flow_layout_of(weasyprint.layout.block._in_flow_layout),
        ),
    ]
    former = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    try:
        yield hooks
    finally:
        for owner, name, value in former:
            setattr(owner, name, value)


# ----------------------------------------------------------------------------------------------------
# What is drawn on a page: everything either tagged or an artifact, and a placeholder for every chart.
#
# Goes in: boxes that know their ``node`` or ``furniture`` (reporter/pdf/structure.py); parsed SVG. Comes out: content streams with marked
# sequences; on the page the name of a form, which becomes the chart when the parts are joined (reporter/pdf/join.py). WeasyPrint draws
# other SVG itself. Stands in for WeasyPrint's ``Stream`` and ``SVGImage``. Source: ISO 32000-1 14.6, ISO 14289-1 7.1.
# ----------------------------------------------------------------------------------------------------


class MarkedStream(weasyprint.pdf.stream.Stream):
    """A page's content: all of it is either tagged or an artifact, never both, never nested.

    reporter/pdf/structure.py has given every box what it is: ``furniture`` (drawn as an artifact) or ``node``, its structure
    element. Neighbours of one element share a marked sequence.
    """

    open_marks = 0
    last_mark: tuple[Any, int] | None = None
    next_mcid = 0

    @contextmanager
    def marked(self, box: Any, tag: str) -> Iterator[None]:
        """Draw a box's content as a marked sequence, or as part of the one just closed."""
        furniture = getattr(box, "furniture", "")
        if self._tags is None or self.open_marks:
            yield
            return
        if furniture:
            with self._artifact(furniture):
                yield
            return
        node = getattr(box, "node", None)
        if self.last_mark and self.last_mark[0] is node and self.stream[-1] == b"EMC":
            self.stream.pop()
        else:
            self.last_mark = (node, self.next_mcid)
            self.next_mcid += 1
            self.begin_marked_content(
                node.type if node else tag, pydyf.Dictionary({"MCID": self.last_mark[1]})
            )
        self._tags[box] = {"tag": tag, "mcid": self.last_mark[1]}
        self.open_marks += 1
        yield
        self.open_marks -= 1
        self.end_marked_content()

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Draw decoration; inside a marked sequence (an underline) it belongs to the content."""
        if self._tags is None or self.open_marks:
            yield
        else:
            with self._artifact(""):
                yield

    @contextmanager
    def _artifact(self, furniture: str) -> Iterator[None]:
        properties = {"Header": "/Pagination", "Footer": "/Pagination", "Repeated": "/Pagination"}.get(
            furniture, "/Layout"
        )
        extra = pydyf.Dictionary({"Type": properties})
        if furniture in ("Header", "Footer"):
            extra["Subtype"] = f"/{furniture}"
        self.begin_marked_content("Artifact", extra)
        self.open_marks += 1
        yield
        self.open_marks -= 1
        self.end_marked_content()


_FORM = "data-form"


def stand_in(size: Size, form: str) -> bytes:
    """An empty SVG of that size that names the form to be drawn."""
    view = " ".join(map(repr, size.view))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width!r}" height="{size.height!r}" viewBox="{view}"'
        f" {_FORM}={quoteattr(form)}/>"
    ).encode()


class PictureImage(weasyprint.images.SVGImage):
    """An SVG image, or the stand-in of one."""

    def __init__(self, tree: Any, base_url: Any, url_fetcher: Any, context: Any) -> None:
        self._form: str | None = tree.get(_FORM)
        if self._form is None:
            super().__init__(tree, base_url, url_fetcher, context)
        else:
            self._width, self._height = float(tree.get("width")), float(tree.get("height"))
            self._view = [float(part) for part in tree.get("viewBox").split()]

    def get_intrinsic_size(self, image_resolution: Any, font_size: Any) -> Any:
        """(width, height, ratio) in CSS pixels."""
        if self._form is None:
            return super().get_intrinsic_size(image_resolution, font_size)
        return self._width, self._height, self._width / self._height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a box, as large as fits, centred (``xMidYMid meet``)."""
        if self._form is None:
            super().draw(stream, concrete_width, concrete_height, style)
            return
        left, top, width, height = self._view
        scale = min(concrete_width / width, concrete_height / height)
        shift_x, shift_y = (concrete_width - width * scale) / 2, (concrete_height - height * scale) / 2
        stream.transform(a=scale, d=scale, e=shift_x - left * scale, f=shift_y - top * scale)
        place = {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(self._view)}
        stream._resources["XObject"].setdefault(self._form, pydyf.Stream([], place))
        stream.stream.append(f"/{self._form} Do".encode())


# ----------------------------------------------------------------------------------------------------
# How a page is filled: text stands on one grid of lines, and a figure without room waits while text fills the page.
#
# Goes in: the blocks of a chapter, as WeasyPrint lays them out one after the other. Comes out: the same blocks, moved down to the next line of
# the grid, and figures (also short tables) behind as much of the following text as their page still takes: they then open the
# next page. The order among figures and tables never changes. Wraps ``_in_flow_layout`` (reporter/pdf/weasyprint_patch.py).
#
# Thai lines end only where reporter/domain/thai.py left a mark or a space: ``set_text_of`` wraps ``Layout.set_text`` and forbids
# breaks inside a run.
# ----------------------------------------------------------------------------------------------------

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
# Share of a page that the rest of a table may take above the figure that waited for it; most figures take less than half a page.
_REST_OF_TABLE = 0.4
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
            if _complete(filled, placed) or (
                _begun(filled, placed) and _may_go_on(former[ahead], filled, context)
            ):
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
    if element is None or box.style["page"] not in ("opening", "wide") or not isinstance(box, boxes.BlockBox):
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


def _may_go_on(child: Any, laid: tuple[Any, ...], context: Any) -> bool:
    """Whether what is begun ahead of a waiting figure may end on the next page: text, and a table whose rest leaves the figure room there.

    A longer table would keep the figure away from its text for as many pages as the table goes on.
    """
    if _tag(child) != "table":
        return not _may_wait(child)
    part = laid[6][-1]
    placed = sum(_tag(row) == "tr" for row in part.descendants() if isinstance(row, boxes.TableRowBox))
    rows = sum(1 for _ in child.element.iter("tr"))
    rest = part.margin_height() / max(placed, 1) * (rows - placed)
    return not _is_short_table(child) and rest <= _REST_OF_TABLE * context.page_bottom


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
        elif _is_introduction(child) and at + 1 < len(children) and _may_wait(children[at + 1]):
            continue  # it stays with the figure or table that it introduces
        elif tag not in _HEADINGS and not _is_introduction(child):
            if room >= _ROOM_TEXT:
                yield at
            return
        else:
            behind = next((later for later in children[at + 1 :] if _tag(later) not in _HEADINGS), None)
            if behind is not None and not _may_wait(behind) and room >= _ROOM_HEADING:
                yield at
            return


def _is_introduction(child: Any) -> bool:
    return _tag(child) == "p" and "introduction" in child.element.get("class", "").split()


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
