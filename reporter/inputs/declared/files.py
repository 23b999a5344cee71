"""Declaration files: which one counts, reading TOML, collecting problems of all files before stopping.

Goes in: folders and a pydantic model. Comes out: validated models, or one DeclarationError with every finding.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from reporter.domain.errors import DeclarationError, Finding

Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 1_000_000


class Problems:
    """Findings of all declaration files; ``stop`` raises when there are any."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, where: str, field: str, th: str, en: str, *, row: int | None = None) -> None:
        """Note one problem of a file's field (``""`` when it is about the whole file)."""
        self.findings.append(
            Finding("error", where, th, en, row=row, column=field or None, rule="declaration")
        )

    def stop(self) -> None:
        """Raise DeclarationError if anything was found."""
        if self.findings:
            count = len(self.findings)
            raise DeclarationError(
                f"ไฟล์นิยามผิดรูปแบบ {count} แห่ง — แก้ไขตามรายการข้างต้น",
                f"{count} problem(s) in declaration files; mend them as listed.",
                self.findings,
            )


def lay_over(roots: Sequence[Path], folder: str, pattern: str) -> dict[str, Path]:
    """Files of a folder by their name relative to its root; a later root's file replaces an earlier one's."""
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = path
    return dict(sorted(found.items()))


def read_bytes(where: str, path: Path, problems: Problems) -> str | None:
    """Text of a small UTF-8 file; None after noting why it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            problems.add(
                where, "", "ไฟล์ใหญ่ผิดปกติ — ตรวจว่าเป็นไฟล์นิยามจริง", "Unexpectedly large; is it a declaration?"
            )
            return None
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problems.add(
            where,
            "",
            f"เปิดไฟล์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
            f"Cannot be read ({error.strerror}); check its permissions.",
        )
    except UnicodeDecodeError:
        problems.add(where, "", "ไม่ใช่ UTF-8 — บันทึกไฟล์ใหม่เป็น UTF-8", "Not UTF-8; save it as UTF-8.")
    return None


def read_toml(where: str, path: Path, problems: Problems) -> dict[str, Any] | None:
    """Contents of a TOML file; None after noting why it cannot be read."""
    text = read_bytes(where, path, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.add(
            where, "", f"ไวยากรณ์ TOML ผิด: {error} — แก้ตรงที่ระบุ", f"Invalid TOML: {error}; mend it there."
        )
    return None


def validated(
    where: str, content: Any, model: type[Model], problems: Problems, prefix: str = ""
) -> Model | None:
    """Content as a model; None after noting every field that breaks the schema."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = ".".join([prefix] * bool(prefix) + [_step(part) for part in detail["loc"]])
            problems.add(where, field, *_wording(detail))
    return None


def _step(part: str | int) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _wording(detail: Any) -> tuple[str, str]:
    """Thai and English for one pydantic error."""
    kind, found = detail["type"], _shown(detail.get("input"))
    if kind == "missing":
        return "ไม่มีค่านี้ — ต้องระบุ", "Missing; it must be given."
    if kind == "extra_forbidden":
        return "ไม่รู้จักชื่อนี้ — ตรวจตัวสะกดหรือลบออก", "Unknown key; check its spelling or remove it."
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        if expected in ("1 or -1", "-1 or 1"):
            return (
                f"พบ {found} แต่ต้องเป็น 1 หรือ -1 — ใส่ 1 หากค่าสูงหมายถึงดีขึ้น, -1 หากหมายถึงแย่ลง",
                f"Found {found}; must be 1 or -1. Use 1 if a higher value means better, -1 if worse.",
            )
        return f"พบ {found} แต่ต้องเป็น {expected}", f"Found {found}; must be {expected}."
    return f"พบ {found} ซึ่งใช้ไม่ได้ ({detail['msg']})", f"Found {found}: {detail['msg']}."


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
