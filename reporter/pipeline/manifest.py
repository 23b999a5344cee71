"""The record of an issue: inputs, versions, parameters, outputs, each file with its SHA-256.

Nothing in it depends on the clock, the machine or the folder, so that the same inputs and code give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reporter.domain.errors import InputError, StateError
from reporter.runtime.program import file_entry, sha256, versions

NAME = "manifest.json"


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
