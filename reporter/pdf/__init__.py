"""Typesetting: one HTML document to one PDF that can be searched, archived and read aloud (docs/print.md).

=================  =====================================================================================
typesetter         the steps from a document to its PDF: cut into parts, laid out, drawn, joined, made PDF/A
picture            charts as PDF operators
worker_process     the process that lays out and draws, with its limits; what it is asked and answers
worker             what runs in that process; ``pages`` prepares its tables and furnishes its pages
weasyprint_patch   what is different from WeasyPrint in layout, in drawing and in the text that can be searched
structure          the tag tree, written while pages are drawn
join               where a document is cut, how its parts are put together, and the archived file
conformance        the finished file read back: its tags and fonts, lost words, and breaches of PDF/A and (Matterhorn protocol) PDF/UA
=================  =====================================================================================
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from reporter.domain.declarations import asset

if TYPE_CHECKING:
    from reporter.pdf.conformance import check
    from reporter.pdf.join import Attachment, Metadata
    from reporter.pdf.typesetter import typeset

__all__ = ["Attachment", "Metadata", "check", "typeset", "unsupported"]

_MODULES = {
    "Attachment": "join",
    "Metadata": "join",
    "check": "conformance",
    "typeset": "typesetter",
}


def __getattr__(name: str) -> Any:
    """What is asked for, loaded then: the typesetting processes are in this package too, and need none of it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


@cache
def _drawable() -> frozenset[int]:
    """Code points of the text face; the other weights have the same."""
    from fontTools.ttLib import TTFont

    with TTFont(asset("fonts", "sarabun", "Sarabun-Regular.ttf")) as font:
        return frozenset(font.getBestCmap())


def unsupported(text: str) -> list[str]:
    """Characters of ``text`` that no font of ours has, sorted, each once; spaces and invisible characters do not count."""
    return sorted(
        letter
        for letter in set(text)
        if letter.isprintable() and not letter.isspace() and ord(letter) not in _drawable()
    )
