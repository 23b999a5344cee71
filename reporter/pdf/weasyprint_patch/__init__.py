"""The one place that reaches into WeasyPrint: exact text, Thai line breaks, artifacts and our own tags.

Goes in: nothing; ``hooked()`` replaces eleven names of WeasyPrint while pages are laid out and drawn. Comes out: the same pages, but every
code of a font says its own text (text_layer.py); Thai breaks only where reporter/domain/linebreak.py allows it, text stands on the baseline
grid and figures wait for room (layout.py); page furniture is marked as artifact, charts are placeholders (drawing.py); and what a part cannot
know by itself is left for later (reporter/pdf/pages.py). Written against WeasyPrint 70; ``tests/pdf/test_hook.py`` tells when upstream changed.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import weasyprint
import weasyprint.draw.text
import weasyprint.images
import weasyprint.layout
import weasyprint.layout.block
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.text.line_break

from reporter.domain.errors import RenderError
from reporter.pdf.pages import add_links_of, backgrounds_later, margin_boxes_later, resolve_links
from reporter.pdf.weasyprint_patch.drawing import MarkedStream, PictureImage
from reporter.pdf.weasyprint_patch.layout import in_flow_layout_of, set_text_of
from reporter.pdf.weasyprint_patch.text_layer import CodedFont, draw_first_line

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
