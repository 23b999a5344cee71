"""Typesetting: one HTML document to one PDF that can be searched, archived and heard (docs/print.md)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reporter.pdf.checks import check
    from reporter.pdf.coverage import unsupported
    from reporter.pdf.model import Attachment, Metadata
    from reporter.pdf.typesetter import typeset

__all__ = ["Attachment", "Metadata", "check", "typeset", "unsupported"]

_MODULES = {
    "Attachment": "model",
    "Metadata": "model",
    "check": "checks",
    "typeset": "typesetter",
    "unsupported": "coverage",
}


def __getattr__(name: str) -> Any:
    """What is asked for, loaded then: the typesetting processes are in this package too, and need none of it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
