"""The one place that reaches into WeasyPrint: exact text, Thai line breaks, artifacts and our own tags.

Goes in: nothing; ``hooked()`` replaces five names of WeasyPrint for the time of one typesetting. Comes out: the same pages, but every
code of a font says its own text (reporter/pdf/glyphs.py), Thai breaks only where reporter/linebreak.py allows it, and
page furniture is marked as artifact. Written against WeasyPrint 70; ``tests/pdf/test_hook.py`` tells when upstream changed.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

import pydyf
import weasyprint
import weasyprint.draw.text
import weasyprint.images
import weasyprint.layout
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.text.line_break
from weasyprint.text.ffi import ffi, pango

from reporter.errors import RenderError
from reporter.pdf.glyphs import BOX, Drawn, Face, split_cluster
from reporter.pdf.picture import Outline, Picture, UnsupportedError, read_picture

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
    "make_all_pages": weasyprint.layout.make_all_pages,
    "layout_document": weasyprint.layout.layout_document,
}
# Characters that steer the layout and are not text: they never reach the reader's clipboard.
_STEERING = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# A run without a place to break: Thai, or held together by a no-break space.
_UNBROKEN = re.compile("[^\u200b \n]*[\u0e00-\u0e7f\u00a0][^\u200b \n]*")
_LONGEST_RUN = 80
_UNITS = 1024  # Pango units in a pixel
_END = 2**31  # behind every text, in bytes

_RawGlyph = tuple[
    int, int, int, int
]  # number, x and y offset, advance, as the shaper gives them: Pango units
_Code = tuple[
    str, float, float
]  # as written in a content stream; start and width, thousandths of the font size

ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (gboolean allow_breaks);")


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


class CodedFont(weasyprint.pdf.fonts.Font):
    """A font of the PDF whose codes are (glyphs, text) pairs; sizes of one face share their codes."""

    faces: dict[str, Face]
    undrawable: set[int]
    file_content: bytes

    def __init__(self, pango_font: Any, description: Any, font_size: float) -> None:
        super().__init__(pango_font, description, font_size)
        if self.hash not in self.faces:
            self.faces[self.hash] = Face(self.file_content, self.index)
        self.face = self.faces[self.hash]
        self.known: dict[Any, tuple[list[_Code], float]] = {}

    def clean(self, to_unicode: Any, hinting: bool) -> None:
        """Take the rebuilt face in place of a subset."""
        self.file_content = self.face.build()

    def codes(self, glyphs: tuple[_RawGlyph, ...], text: str, font_size: float) -> tuple[list[_Code], float]:
        """Codes of a cluster and its advance, in thousandths of the font size; most clusters have been seen before."""
        key = (glyphs, text, font_size)
        if key not in self.known:
            self.known[key] = self._codes(glyphs, text, font_size)
        return self.known[key]

    def _codes(self, glyphs: tuple[_RawGlyph, ...], text: str, font_size: float) -> tuple[list[_Code], float]:
        units = self.face.units_per_em
        scale, thousandths = units / (_UNITS * font_size), 1000 / units
        drawn = [self._drawn(glyph, scale) for glyph in glyphs if glyph[0] != pango.PANGO_GLYPH_EMPTY]
        advance = sum(glyph[3] for glyph in glyphs) * 1000 / (_UNITS * font_size)
        codes = []
        for shape, start in split_cluster(drawn, text) if drawn and text else ():
            code = self.face.code(shape)
            width = shape.advance * thousandths
            self.to_unicode[code], self.widths[code] = shape.text, round(width, 3)
            codes.append((f"<{code:04x}>", start * thousandths, width))
        return codes, advance

    def _drawn(self, raw: _RawGlyph, scale: float) -> Drawn:
        glyph, x, y, width = raw
        if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
            self.undrawable.add(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG)
            glyph = BOX
        return Drawn(glyph, x * scale, -y * scale, width * scale, self.face.natural_advance(glyph))


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


def draw_first_line(
    stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any
) -> list[Any]:
    """Draw the line of a text box with codes that say their text; returns the (no) emojis upstream asks for."""
    if not textbox.text.strip() or textbox.style["font_size"] < 1e-6:
        return []
    layout = textbox.pango_layout
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    first_line, _ = layout.get_first_line()
    line_bytes = layout.text.encode()
    stream.set_text_matrix(*matrix.values)
    writer = _LineWriter(stream)
    run = first_line.runs[0]
    while run != ffi.NULL:
        writer.draw_run(run.data, line_bytes)
        run = run.next
    writer.flush()
    return []


class _LineWriter:
    """Writes the runs of one line; keeps where the pen is and where it should be, so that no rounding adds up."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.parts: list[str] = []
        self.drift = 0.0  # thousandths of the font size: should be minus is

    def flush(self) -> None:
        """Show what has been collected."""
        if self.parts:
            self.stream.show_text("".join(self.parts).replace("><", ""))
            self.parts = []

    def draw_run(self, item: Any, line_bytes: bytes) -> None:
        """Draw one glyph run of the shaper: one font, one direction."""
        self.flush()
        font, font_size = self.stream.add_font(item.item.analysis.font)
        self.stream.set_font_size(font.hash, font_size)
        for glyphs, text in _clusters(item, line_bytes):
            codes, advance = font.codes(glyphs, text, font_size)
            pen = 0.0
            for code, start, width in codes:
                self._move(start - pen)
                self.parts.append(code)
                pen = start + width
            self.drift += advance - pen

    def _move(self, distance: float) -> None:
        self.drift += distance
        whole = round(self.drift)
        if whole:
            self.parts.append(str(-whole))
            self.drift -= whole


def _clusters(item: Any, line_bytes: bytes) -> Iterator[tuple[tuple[_RawGlyph, ...], str]]:
    """The clusters of a run: glyphs in drawing order and the text they stand for, cleaned of steering characters."""
    string, offset, length = item.glyphs, item.item.offset, item.item.length
    count = string.num_glyphs
    starts = ffi.unpack(string.log_clusters, count)
    edges = sorted({*starts, length})
    ends = dict(pairwise(edges))
    for start, group in groupby(range(count), starts.__getitem__):
        infos = [string.glyphs[number] for number in group]
        glyphs = tuple(
            (info.glyph, info.geometry.x_offset, info.geometry.y_offset, info.geometry.width)
            for info in infos
        )
        text = line_bytes[offset + start : offset + ends[start]].decode()
        if text == "\u2010" and offset + ends[start] == len(line_bytes):
            text = "\u00ad"  # the typesetter's own hyphen at a line's end: a reader may join the halves
        elif not text.isascii():
            text = _STEERING.sub("", text).replace("\u00a0", " ")
        yield glyphs, text


def _set_text(original: Callable[..., None]) -> Callable[..., None]:
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


def _make_all_pages(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """``make_all_pages`` that fills in page numbers of cross-references before the pages are laid out again.

    Upstream fills them in afterwards and lays every page with a reference out a third time; and it does not notice when the
    second layout moved a target.
    """

    def make_all_pages(context: Any, root_box: Any, html: Any, pages: Any) -> Iterator[Any]:
        collector = context.target_collector
        references = collector.counter_lookup_items.values()
        for reference in references if pages else ():
            if reference.cached_page_counter_values:
                reference.cached_page_counter_values["pages"] = [len(pages)]
                reference.parse_again(reference.cached_page_counter_values)
        before = _target_pages(collector)
        yield from original(context, root_box, html, pages)
        if pages and _target_pages(collector) != before:
            for reference in references:
                if reference.page_maker_index is not None and reference.page_maker_index < len(
                    context.page_maker
                ):
                    context.page_maker[reference.page_maker_index][-1]["content_changed"] = True

    return make_all_pages


def _add_links(original: Callable[..., None]) -> Callable[..., None]:
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


def _target_pages(collector: Any) -> dict[str, Any]:
    """The page of every target of a cross-reference."""
    return {
        name: item.cached_page_counter_values.get("page")
        for name, item in collector.target_lookup_items.items()
    }


def _allow_breaks(attributes: Any, allowed: bool, start: int, end: int) -> None:
    attribute = pango.pango_attr_allow_breaks_new(allowed)
    attribute.start_index, attribute.end_index = start, end
    pango.pango_attr_list_change(attributes, attribute)


class PictureImage(weasyprint.images.SVGImage):  # a chart, drawn by reporter/pdf/picture.py where that can
    """An SVG image; letters of charts are shared by the whole document."""

    def __init__(self, tree: Any, base_url: Any, url_fetcher: Any, context: Any) -> None:
        try:
            self._picture: Picture | None = read_picture(tree)
        except UnsupportedError as reason:
            logging.getLogger("weasyprint").debug("drawn by WeasyPrint: %s", reason)
            self._picture = None
            super().__init__(tree, base_url, url_fetcher, context)

    def get_intrinsic_size(self, image_resolution: Any, font_size: Any) -> Any:
        """(width, height, ratio) in CSS pixels."""
        if self._picture is None:
            return super().get_intrinsic_size(image_resolution, font_size)
        width, height = self._picture.width, self._picture.height
        return width, height, width / height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a box, as large as fits, centred (``xMidYMid meet``)."""
        picture = self._picture
        if picture is None:
            super().draw(stream, concrete_width, concrete_height, style)
            return
        left, top, width, height = picture.view
        scale = min(concrete_width / width, concrete_height / height)
        shift_x, shift_y = (concrete_width - width * scale) / 2, (concrete_height - height * scale) / 2
        stream.transform(a=scale, d=scale, e=shift_x - left * scale, f=shift_y - top * scale)
        for name, (key, opacity) in picture.states.items():
            stream._resources["ExtGState"].setdefault(name, pydyf.Dictionary({key: opacity}))
        for name, outline in picture.shapes.items():
            if name not in stream._resources["XObject"]:
                stream._resources["XObject"][name] = _form(outline, stream.compress)
        stream.stream.extend(picture.operators)


def _form(outline: Outline, compress: bool) -> Any:
    """A shared outline as a form: a path filled with the colour in force."""
    extra = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": pydyf.Array([round(edge, 2) for edge in outline.box]),
    }
    return pydyf.Stream([outline.operators + b" f"], extra, compress)


@dataclass
class Hooks:
    """What a typesetting tells the hooks and learns from them.

    add_tags   (pdf, document, page streams) -> None: writes the structure tree
    missing    code points that no font has, filled while drawing
    """

    add_tags: Callable[[Any, Any, Any], None] | None = None
    missing: set[int] = field(default_factory=set)

    def write_tags(self, pdf: Any, document: Any, pdf_version: Any, page_streams: Any) -> None:
        """Stand in for ``weasyprint.pdf.add_tags``."""
        assert self.add_tags is not None
        self.add_tags(pdf, document, page_streams)


@contextmanager
def hooked() -> Iterator[Hooks]:
    """Use our drawing and tagging within."""
    check_version()
    hooks = Hooks()
    CodedFont.faces, CodedFont.undrawable = {}, hooks.missing
    layout = weasyprint.text.line_break.Layout
    replaced: list[tuple[Any, str, Any]] = [
        (weasyprint.pdf, "Stream", MarkedStream),
        (weasyprint.pdf, "add_tags", hooks.write_tags),
        (weasyprint.pdf, "add_links", _add_links(weasyprint.pdf.add_links)),
        (weasyprint.pdf.stream, "Font", CodedFont),
        (weasyprint.images, "SVGImage", PictureImage),
        (weasyprint.draw.text, "draw_first_line", draw_first_line),
        (layout, "set_text", _set_text(layout.set_text)),
        (weasyprint.layout, "make_all_pages", _make_all_pages(weasyprint.layout.make_all_pages)),
    ]
    former = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    try:
        yield hooks
    finally:
        for owner, name, value in former:
            setattr(owner, name, value)
