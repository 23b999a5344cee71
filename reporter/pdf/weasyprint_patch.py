"""The only module that patches WeasyPrint: exact text and its layer, Thai line breaks, artifacts and our own tags.

Goes in: nothing; ``hooked()`` replaces twelve names of WeasyPrint while pages are laid out and drawn. Comes out: the same pages, but every
code of a font says its own text; Thai breaks only where reporter/domain/thai.py allows it, text stands on the baseline
grid and figures wait for room; page furniture is marked as artifact, charts are placeholders; and what a part cannot
know by itself is left for later (reporter/pdf/pages.py). Written against WeasyPrint 70; ``tests/pdf/test_hook.py`` tells when upstream changed.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import pydyf
import weasyprint
import weasyprint.draw.text
import weasyprint.images
import weasyprint.layout
import weasyprint.layout.block
import weasyprint.layout.inline
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.text.line_break
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.ttProgram import Program
from weasyprint.css.properties import Dimension
from weasyprint.formatting_structure import boxes
from weasyprint.layout.block import (
    avoid_page_break,
    block_level_page_break,
    collapse_margin,
    find_earlier_page_break,
)
from weasyprint.text.ffi import ffi, pango

from reporter.domain.declarations import tokens
from reporter.domain.errors import RenderError
from reporter.pdf.pages import (
    ON_GRID,
    add_links_of,
    backgrounds_later,
    margin_boxes_later,
    pixels,
    resolve_links,
)
from reporter.pdf.picture import PictureSize

# ----------------------------------------------------------------------------------------------------
# The text layer: every code of a font maps to exactly one piece of text, so that any reader recovers the words.
#
# Goes in: the shaper's glyph runs (clusters of glyphs with offsets, and their text). Comes out: content-stream strings whose every code is a
# (glyphs, text) pair, and one small TrueType font per face. Stands in for WeasyPrint's ``Font`` and ``draw_first_line``.
#
# HarfBuzz splits sara am (U+0E33) into two glyphs and reorders them around a tone mark; a PDF can give text only to single codes, which is why Thai
# PDFs read wrong. Here the same glyph drawn for another text gets another code, and glyphs that together are one character (nikhahit and
# sara aa) become one composite glyph. Offsets of marks are part of the glyph, so words are unbroken strings of codes. The font is rebuilt
# with its codes as glyph numbers (Identity, no CIDToGIDMap needed).
# ----------------------------------------------------------------------------------------------------

SARA_AM = "\u0e33"
# Marks above the consonant: HarfBuzz moves the nikhahit of a split sara am in front of them.
_ABOVE = "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e3b\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e"
BOX, BOX_ADVANCE = -1, 500  # drawn where a face has no glyph; .notdef itself is forbidden in PDF/A and PDF/UA


class Piece(NamedTuple):
    """One glyph of a code: its number in the face and its place, in font units."""

    glyph: int
    x: int
    y: int


class Shape(NamedTuple):
    """What a code draws, how far it moves the pen (font units) and what it says."""

    pieces: tuple[Piece, ...]
    advance: int
    text: str


class Face:
    """The codes of one font file, in order of first use."""

    def __init__(self, file: bytes, index: int) -> None:
        self._source = TTFont(io.BytesIO(file), fontNumber=index, recalcTimestamp=False)
        self._order = self._source.getGlyphOrder()
        self._metrics = self._source["hmtx"].metrics
        self._codes: dict[Shape, int] = {}
        self.units_per_em: int = self._source["head"].unitsPerEm

    @property
    def shapes(self) -> list[Shape]:
        """The shape of every code, from code 1."""
        return list(self._codes)

    def code(self, shape: Shape) -> int:
        """The code of a shape, from 1; 0 is .notdef and never used."""
        return self._codes.setdefault(shape, len(self._codes) + 1)

    def natural_advance(self, glyph: int) -> int:
        """How far the face itself moves the pen after a glyph, font units."""
        return BOX_ADVANCE if glyph == BOX else self._metrics[self._order[glyph]][0]

    def build(self) -> bytes:
        """The TrueType file that holds just these codes, the same bytes for the same codes."""
        return _rebuild(self._source, self.shapes)


class PlacedGlyph(NamedTuple):
    """A glyph as the shaper placed it, font units: offset from the pen, and how far the pen moves after it.

    natural   the face's own advance; 0 for marks
    """

    glyph: int
    x: float
    y: float
    advance: float
    natural: int


class PlacedShape(NamedTuple):
    """A shape and where the pen must stand for it, font units from the start of its cluster."""

    shape: Shape
    start: float


def split_cluster(glyphs: Sequence[PlacedGlyph], text: str) -> list[PlacedShape]:
    """Give every character of one cluster to a glyph, joining glyphs that are one character together.

    glyphs  in drawing order, at least one; text  what the cluster says, in reading order, may be empty
    Returns shapes in the order to draw them; their texts joined are ``text``, none is empty unless all of it is.
    """
    if text.endswith(SARA_AM) and len(glyphs) == len(text) + 1:
        tones = len(text) - 1 - len(text[:-1].rstrip(_ABOVE))
        nikhahit = len(text) - 1 - tones
        groups = [[number] for number in range(len(glyphs) - 1) if number != nikhahit] + [
            [nikhahit, len(glyphs) - 1]
        ]
        return _place(glyphs, groups, list(text))
    if len(glyphs) <= max(1, len(text)):
        groups = [[number] for number in range(len(glyphs))]
        return _place(glyphs, groups, [*text[: len(glyphs) - 1], text[len(glyphs) - 1 :]])
    return _place(glyphs, [list(range(len(glyphs)))], [text])


def _place(
    glyphs: Sequence[PlacedGlyph], groups: Sequence[Sequence[int]], texts: Sequence[str]
) -> list[PlacedShape]:
    """Shapes of the groups; a mark is placed against the pen as it stands, a letter takes the pen to its own place."""
    origins, pen = [], 0.0
    for glyph in glyphs:
        origins.append(pen + glyph.x)
        pen += glyph.advance
    placed, pen = [], 0.0
    for group, text in zip(groups, texts, strict=True):
        letter = next((number for number in group if glyphs[number].natural), None)
        start = pen if letter is None else origins[letter]
        pieces = tuple(Piece(glyphs[n].glyph, round(origins[n] - start), round(glyphs[n].y)) for n in group)
        advance = sum(glyphs[n].natural for n in group)
        placed.append(PlacedShape(Shape(pieces, advance, text), start))
        pen = start + advance
    return placed


def _rebuild(source: TTFont, shapes: Sequence[Shape]) -> bytes:
    """A font with ``.notdef`` and one glyph for each shape, without layout tables and hints."""
    order, glyf, metrics = source.getGlyphOrder(), source["glyf"], source["hmtx"]
    outlines: dict[str, Any] = {".notdef": _box(source)}
    widths: dict[str, tuple[int, int]] = {".notdef": (BOX_ADVANCE, 50)}
    names = [".notdef"]
    used = sorted({piece.glyph for shape in shapes for piece in shape.pieces if piece.glyph >= 0})
    parts = {number: f"part{number}" for number in used}
    for number, shape in enumerate(shapes, start=1):
        name = f"code{number}"
        names.append(name)
        outlines[name] = _composite(shape, parts)
        widths[name] = (shape.advance, 0)
    for number, part in parts.items():
        names.append(part)
        outlines[part] = _outline(glyf, order[number])
        widths[part] = metrics[order[number]]
    return _assemble(source, names, outlines, widths)


def _outline(glyf: Any, name: str) -> Glyph:
    """The simple outline of a glyph: components resolved, hints dropped."""
    glyph = Glyph()
    glyph.coordinates, end_points, glyph.flags = glyf[name].getCoordinates(glyf)
    glyph.endPtsOfContours = list(end_points)
    glyph.numberOfContours = len(end_points)
    if end_points:
        glyph.program = Program()
        glyph.program.fromBytecode(b"")
    return glyph


def _composite(shape: Shape, parts: dict[int, str]) -> Glyph:
    """A glyph made of the shape's pieces at their places."""
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    for piece in shape.pieces:
        component = GlyphComponent()
        component.glyphName = parts.get(piece.glyph, ".notdef")
        component.x, component.y = piece.x, piece.y
        component.flags = 0x0002 | 0x0004  # offsets, rounded to the grid
        glyph.components.append(component)
    return glyph


def _box(source: TTFont) -> Glyph:
    """An open box of the height of a capital."""
    height = source["head"].unitsPerEm * 7 // 10
    pen = TTGlyphPen(None)
    for left, bottom, right, top, outer in ((50, 0, 450, height, True), (90, 40, 410, height - 40, False)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        pen.moveTo(corners[0])
        for corner in corners[1:] if outer else corners[:0:-1]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def _assemble(
    source: TTFont, names: list[str], outlines: dict[str, Any], widths: dict[str, tuple[int, int]]
) -> bytes:
    """Write the tables a PDF needs: head, hhea, maxp, hmtx, glyf, loca."""
    font = TTFont(recalcTimestamp=False)
    font.setGlyphOrder(names)
    for tag in ("head", "hhea", "maxp"):
        font[tag] = source[tag]
    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphs, glyf.glyphOrder = outlines, names
    font["loca"] = newTable("loca")
    font["hmtx"] = newTable("hmtx")
    for name in names:  # an empty glyph has no extent; its code still moves the pen
        if outlines[name].numberOfContours < 0 and not _has_ink(outlines, outlines[name]):
            outlines[name] = Glyph()
            outlines[name].numberOfContours = 0
        outlines[name].recalcBounds(glyf)
    font["hmtx"].metrics = {
        name: (widths[name][0], getattr(outlines[name], "xMin", 0) or 0) for name in names
    }  # left side bearings equal xMin, or some rasterisers shift composites
    written = io.BytesIO()
    font.save(written, reorderTables=None)
    return written.getvalue()


def _has_ink(outlines: dict[str, Any], glyph: Glyph) -> bool:
    """Whether a composite draws anything."""
    return any(outlines[component.glyphName].numberOfContours > 0 for component in glyph.components)


# Characters that steer the layout and are not text: they never reach the reader's clipboard.
_STEERING = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_UNITS = 1024  # Pango units in a pixel

_RawGlyph = tuple[
    int, int, int, int
]  # number, x and y offset, advance, as the shaper gives them: Pango units
_Code = tuple[
    str, float, float
]  # as written in a content stream; start and width, thousandths of the font size


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

    def _drawn(self, raw: _RawGlyph, scale: float) -> PlacedGlyph:
        glyph, x, y, width = raw
        if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
            self.undrawable.add(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG)
            glyph = BOX
        return PlacedGlyph(glyph, x * scale, -y * scale, width * scale, self.face.natural_advance(glyph))


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
    "split_first_line": weasyprint.text.line_break.split_first_line,
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
        (
            weasyprint.layout.inline,
            "split_first_line",
            split_first_line_of(weasyprint.layout.inline.split_first_line),
        ),
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


def stand_in(size: PictureSize, form: str) -> bytes:
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
# How a page is filled: text is set on one grid of lines, and a figure without room waits while text fills the page.
#
# Goes in: the blocks of a chapter, as WeasyPrint lays them out one after the other. Comes out: the same blocks, moved down to the next line of
# the grid, and figures (also short tables) behind as much of the following text as their page still takes: they then open the
# next page. The order among figures and tables never changes. Wraps ``_in_flow_layout`` (reporter/pdf/weasyprint_patch.py).
#
# Thai lines end only where reporter/domain/thai.py left a mark or a space: ``set_text_of`` wraps ``Layout.set_text`` and forbids
# breaks inside a run.
# ----------------------------------------------------------------------------------------------------

# A run without a place to break: Thai, held together by a no-break space, a quarter (3/2568), or a number with its sign.
_UNBROKEN = re.compile(r"[^\u200b \n]*(?:[\u0e00-\u0e7f\u00a0]|\d/\d|[−+±]\d)[^\u200b \n]*")
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


def split_first_line_of(original: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """``split_first_line`` that takes a text which fits but for the space at its end; Pango ends such a line behind its first word."""

    def split_first_line(text: str, *rest: Any, **options: Any) -> tuple[Any, ...]:
        split = original(text, *rest, **options)
        bare = text.rstrip(" ")
        if split[2] is None or not bare or bare == text:
            return split
        without = original(bare, *rest, **options)
        return without if without[2] is None else split

    return split_first_line


def _allow_breaks(attributes: Any, allowed: bool, start: int, end: int) -> None:
    attribute = pango.pango_attr_allow_breaks_new(allowed)
    attribute.start_index, attribute.end_index = start, end
    pango.pango_attr_list_change(attributes, attribute)


_PX = 96 / 72  # layout units in a point
_PX_MM = 96 / 25.4
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
# Least room, in lines, to put ahead of a waiting figure: plain text, and text that begins with a heading of its own.
_ROOM_TEXT, _ROOM_HEADING = 3, 7
# Share of a page that the rest of a table may take above the figure that waited for it; most figures take less than half a page.
_REST_OF_TABLE = 0.4
_EXACT = 0.01

LayoutFunction = Callable[..., tuple[Any, ...]]


def in_flow_layout_of(original: LayoutFunction) -> LayoutFunction:
    """``_in_flow_layout`` that keeps the grid and lets figures wait."""

    def in_flow_layout(
        context: Any, box: Any, index: int, child: Any, new_children: list[Any], page_is_empty: bool,
        absolute: Any, fixed: Any, margins: list[Any], bottom_space: float, position_y: float, *rest: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        if not _is_chapter(box):
            with _no_margin_above(child, is_first=page_is_empty and not new_children and _is_chapter(child)):
                return original(
                    context, box, index, child, new_children, page_is_empty, absolute, fixed, margins,
                    bottom_space, position_y, *rest,
                )  # fmt: skip

        def lay(candidate: Any) -> tuple[Any, ...]:
            candidate.position_x, candidate.position_y = child.position_x, position_y
            starts = (
                position_y if page_is_empty and not new_children else _on_grid(candidate, position_y, margins)
            )
            candidate.position_y = starts
            before = len(new_children)
            with _no_margin_above(candidate, is_first=page_is_empty and not new_children):
                laid = original(
                    context, box, index, candidate, list(new_children), page_is_empty, absolute, fixed,
                    list(margins), bottom_space, starts, *rest,
                )  # fmt: skip
            laid = _heading_with_text(context, candidate, laid, before, (absolute, fixed))
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


@contextmanager
def _no_margin_above(child: Any, *, is_first: bool) -> Iterator[None]:
    """What begins a page has no margin above it, wherever the page ended; WeasyPrint does so for children of the root only."""
    style = child.written_style = child.style
    if is_first:
        child.style = style.copy()
        child.style["margin_top"] = Dimension(0, "px")
    try:
        yield
    finally:
        child.style = style


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
    if _tag(child) not in ON_GRID or not isinstance(child, boxes.BlockBox):
        return position_y
    style = child.style
    inner = style["border_top_width"] + pixels(style["padding_top"])
    line = position_y + collapse_margin([*margins, pixels(style["margin_top"])]) + inner
    return position_y + _to_grid(line)


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


def _heading_with_text(
    context: Any, child: Any, laid: tuple[Any, ...], before: int, out_of_flow: tuple[Any, Any]
) -> tuple[Any, ...]:
    """A heading goes to the next page with a list whose first term does not fit: terms float, and WeasyPrint counts an empty list as begun."""
    abort, _, resume_at, position_y, margins, next_page, children, *rest = laid
    if abort or resume_at is None or not 0 < before < len(children) or children[-1].children:
        return laid
    if not avoid_page_break(block_level_page_break(children[before - 1], child), context):
        return laid
    earlier = find_earlier_page_break(context, list(children), *out_of_flow)
    if earlier is None:
        return laid
    return (False, True, earlier[1], position_y, margins, next_page, earlier[0], *rest)


def _begun(laid: tuple[Any, ...], before: int) -> bool:
    """Whether a block was put on this page, or a part of it."""
    abort, children = laid[0], laid[6]
    return not abort and len(children) > before


def _complete(laid: tuple[Any, ...], before: int) -> bool:
    """Whether a block was put on this page as a whole."""
    return _begun(laid, before) and laid[2] is None


def _may_wait(child: Any) -> bool:
    """Figures, and tables marked as short, may open the next page instead of ending this one."""
    if child.style["page"] == "wide" or child.element.get("data-opens") is not None:
        return False
    return _tag(child) == "figure" or _is_short_table(child)


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
