"""The text layer: every code of a font stands for exactly one piece of text, so that any reader recovers the words.

Goes in: the shaper's glyph runs (clusters of glyphs with offsets, and their text). Comes out: content-stream strings whose every code is a
(glyphs, text) pair, and one small TrueType font per face. Stands in for WeasyPrint's ``Font`` and ``draw_first_line``.

HarfBuzz splits sara am (U+0E33) into two glyphs and reorders them around a tone mark; a PDF can give text only to single codes, which is why Thai
PDFs read wrong. Here the same glyph drawn for another text gets another code, and glyphs that together are one character (nikhahit and
sara aa) become one composite glyph. Offsets of marks are part of the glyph, so words are unbroken strings of codes. The font is rebuilt
with its codes as glyph numbers (Identity, no CIDToGIDMap needed).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import weasyprint.pdf.fonts
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.ttProgram import Program
from weasyprint.text.ffi import ffi, pango

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


class Drawn(NamedTuple):
    """A glyph as the shaper placed it, font units: offset from the pen, and how far the pen moves after it.

    natural   the face's own advance; 0 for marks
    """

    glyph: int
    x: float
    y: float
    advance: float
    natural: int


class Placed(NamedTuple):
    """A shape and where the pen must stand for it, font units from the start of its cluster."""

    shape: Shape
    start: float


def split_cluster(glyphs: Sequence[Drawn], text: str) -> list[Placed]:
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


def _place(glyphs: Sequence[Drawn], groups: Sequence[Sequence[int]], texts: Sequence[str]) -> list[Placed]:
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
        placed.append(Placed(Shape(pieces, advance, text), start))
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

    def _drawn(self, raw: _RawGlyph, scale: float) -> Drawn:
        glyph, x, y, width = raw
        if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
            self.undrawable.add(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG)
            glyph = BOX
        return Drawn(glyph, x * scale, -y * scale, width * scale, self.face.natural_advance(glyph))


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
