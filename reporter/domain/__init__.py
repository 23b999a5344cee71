"""Shared types: periods, Thai, errors, declarations, tables, packaged files."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "_assets"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent


def asset(*parts: str) -> Path:
    """Path of a packaged file or folder, e.g. ``asset("data", "indicators")``; here, so that help needs no numbers."""
    return _ROOT.joinpath(*parts)
