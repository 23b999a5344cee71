"""The one place that reaches into WeasyPrint: exact text, Thai line breaks, artifacts and our own tags.

Goes in: nothing; ``hooked()`` replaces five names of WeasyPrint for the time of one typesetting. Comes out: the same pages, but every
code of a font says its own text (reporter/pdf/glyphs.py), Thai breaks only where reporter/linebreak.py allows it, and
page furniture is marked as artifact. Written against WeasyPrint 70; ``tests/pdf/test_hook.py`` tells when upstream changed.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pydyf
import weasyprint
import weasyprint.draw.text
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.text.line_break
from weasyprint.text.ffi import ffi, pango

from reporter.errors import RenderError
from reporter.pdf.glyphs import BOX, Drawn, Face, Placed, split_cluster

SUPPORTED = (70,)
# Source of what is replaced or relied upon, at the version this module was written for.
_UPSTREAM: dict[str, Callable[..., Any]] = {
    "draw_first_line": weasyprint.draw.text.draw_first_line,
    "draw_text": weasyprint.draw.text.draw_text,
    "add_tags": weasyprint.pdf.add_tags,
    "build_fonts_dictionary": weasyprint.pdf.fonts.build_fonts_dictionary,
    "Font.clean": weasyprint.pdf.fonts.Font.clean,
    "Stream.marked": weasyprint.pdf.stream.Stream.marked,
    "Stream.artifact": weasyprint.pdf.stream.Stream.artifact,
    "Stream.add_font": weasyprint.pdf.stream.Stream.add_font,
    "Layout.set_text": weasyprint.text.line_break.Layout.set_text,
}
# Characters that steer the layout and are not text: they never reach the reader's clipboard.
_STEERING = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# A run without a place to break: Thai, or held together by a no-break space.
_UNBROKEN = re.compile("[^\u200b \n]*[\u0e00-\u0e7f\u00a0][^\u200b \n]*")
_LONGEST_RUN = 80
_UNITS = 1024  # Pango units in a pixel
_END = 2**31  # behind every text, in bytes

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
    missing: set[int]
    file_content: bytes

    def __init__(self, pango_font: Any, description: Any, font_size: float) -> None:
        super().__init__(pango_font, description, font_size)
        if self.hash not in self.faces:
            self.faces[self.hash] = Face(self.file_content, self.index)
        self.face = self.faces[self.hash]

    def clean(self, to_unicode: Any, hinting: bool) -> None:
        """Take the rebuilt face in place of a subset."""
        self.file_content = self.face.build()

    def use(self, shapes: list[Placed]) -> list[int]:
        """Codes of the shapes; upstream writes widths and texts from ``widths`` and ``to_unicode``."""
        codes = []
        for shape, _ in shapes:
            code = self.face.code(shape)
            codes.append(code)
            self.to_unicode[code] = shape.text
            self.widths[code] = round(shape.advance * 1000 / self.face.units_per_em, 3)
        return codes


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
        scale = font.face.units_per_em / (_UNITS * font_size)
        for glyphs, text in _clusters(item, line_bytes, font, scale):
            advance = sum(glyph.advance for glyph in glyphs)
            self._draw_cluster(font, split_cluster(glyphs, text) if text else [], advance)

    def _draw_cluster(self, font: CodedFont, placed: list[Placed], advance: float) -> None:
        thousandths = 1000 / font.face.units_per_em
        pen = 0.0
        for code, (shape, start) in zip(font.use(placed), placed, strict=True):
            self._move((start - pen) * thousandths)
            self.parts.append(f"<{code:04x}>")
            pen = start + shape.advance
        self.drift += (advance - pen) * thousandths

    def _move(self, distance: float) -> None:
        self.drift += distance
        whole = round(self.drift)
        if whole:
            self.parts.append(str(-whole))
            self.drift -= whole


def _clusters(
    item: Any, line_bytes: bytes, font: CodedFont, scale: float
) -> Iterator[tuple[list[Drawn], str]]:
    """The clusters of a run: glyphs in drawing order (font units) and the text they stand for, cleaned of steering characters."""
    string, offset, length = item.glyphs, item.item.offset, item.item.length
    starts = [string.log_clusters[number] for number in range(string.num_glyphs)]
    edges = sorted({*starts, length})
    ends = dict(pairwise(edges))
    number = 0
    while number < len(starts):
        start = starts[number]
        glyphs, advance = [], 0.0
        while number < len(starts) and starts[number] == start:
            info = string.glyphs[number]
            number += 1
            drawn = _drawn(info, font, scale)
            if drawn:
                glyphs.append(drawn)
            else:
                advance += info.geometry.width * scale
        text = line_bytes[offset + start : offset + ends[start]].decode()
        if offset + ends[start] == len(line_bytes) and text == "\u2010":
            text = "\u00ad"  # the typesetter's own hyphen at a line's end: a reader may join the halves
        else:
            text = _STEERING.sub("", text).replace("\u00a0", " ")
        if advance and glyphs:
            glyphs[-1] = glyphs[-1]._replace(advance=glyphs[-1].advance + advance)
        if glyphs:
            yield glyphs, text


def _drawn(info: Any, font: CodedFont, scale: float) -> Drawn | None:
    """One glyph in font units; None where nothing is drawn."""
    if info.glyph == pango.PANGO_GLYPH_EMPTY:
        return None
    glyph, geometry = info.glyph, info.geometry
    if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
        CodedFont.missing.add(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG)
        glyph = BOX
    return Drawn(
        glyph,
        geometry.x_offset * scale,
        -geometry.y_offset * scale,
        geometry.width * scale,
        font.face.natural_advance(glyph),
    )


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


def _allow_breaks(attributes: Any, allowed: bool, start: int, end: int) -> None:
    attribute = pango.pango_attr_allow_breaks_new(allowed)
    attribute.start_index, attribute.end_index = start, end
    pango.pango_attr_list_change(attributes, attribute)


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
    CodedFont.faces, CodedFont.missing = {}, hooks.missing
    layout = weasyprint.text.line_break.Layout
    replaced: list[tuple[Any, str, Any]] = [
        (weasyprint.pdf, "Stream", MarkedStream),
        (weasyprint.pdf, "add_tags", hooks.write_tags),
        (weasyprint.pdf.stream, "Font", CodedFont),
        (weasyprint.draw.text, "draw_first_line", draw_first_line),
        (layout, "set_text", _set_text(layout.set_text)),
    ]
    former = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    try:
        yield hooks
    finally:
        for owner, name, value in former:
            setattr(owner, name, value)
