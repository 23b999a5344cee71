"""Where the package's own files are: templates, fonts, charts, default declarations.

In a checkout they stand at the top level; in an installed wheel they travel under ``reporter/_assets``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_assets"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent


def asset(*parts: str) -> Path:
    """Path of a packaged file or folder, e.g. ``asset("data", "indicators")``."""
    return _ROOT.joinpath(*parts)
