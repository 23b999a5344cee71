"""Fonts whose every glyph stands for exactly one piece of text, so that any reader recovers the words.

Goes in: shaped clusters (glyphs with offsets, and their text). Comes out: character codes, and one small TrueType font per face.

HarfBuzz splits sara am (U+0E33) into two glyphs and reorders them around a tone mark; a PDF can give text only to single codes, which is why Thai
PDFs read wrong. Here a code is a (glyphs, text) pair: the same glyph drawn for another text gets another code, and glyphs that
together are one character (nikhahit and sara aa) become one composite glyph. Offsets of marks are part of the glyph, so
words are unbroken strings of codes. The font is rebuilt with its codes as glyph numbers (Identity, no CIDToGIDMap needed).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.ttProgram import Program

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
