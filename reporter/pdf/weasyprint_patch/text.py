"""Text drawn with codes that say what they are: fonts and lines of the PDF.

Goes in: the shaper's glyph runs. Comes out: content-stream strings whose every code is a (glyphs, text) pair (reporter/pdf/weasyprint_patch/glyphs.py).
Stands in for WeasyPrint's ``Font`` and ``draw_first_line`` (reporter/pdf/weasyprint_patch.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import weasyprint.pdf.fonts
from weasyprint.text.ffi import ffi, pango

from reporter.pdf.weasyprint_patch.glyphs import (
    BOX,
    Drawn,
    Face,
    split_cluster,
)

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
