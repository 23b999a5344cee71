"""The archive: which versions of which issues are published, read from the records beside their files.

Goes in: the site's folder. Comes out: ``Record`` objects, and the decision under which version an issue goes. A version's
folder (``2568/q3/v1/``) holds the issue's files as built, ``issue.json``, from which every page, list and feed is made, and
``SHA256SUMS`` of all its files (``sha256sum -c`` reads it). Rule: what was published under a version stays as it is; other content needs a correction, which becomes the next version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import archive_path, iso, parse_quarter

RECORD = "issue.json"
SUMS = "SHA256SUMS"
_VERSION = re.compile(r"v([1-9]\d*)")


@dataclass(frozen=True)
class Record:
    """One published version. ``content`` is its ``issue.json``; ``path`` its folder relative to the site."""

    quarter: pd.Period
    version: int
    content: Mapping[str, Any]

    @property
    def issue_path(self) -> str:
        """``2568/q3``: where the newest version is shown."""
        return archive_path(self.quarter)

    @property
    def path(self) -> str:
        """``2568/q3/v1``."""
        return f"{self.issue_path}/v{self.version}"


@dataclass(frozen=True)
class Placement:
    """Where an issue goes: its version, and whether exactly these bytes are there already."""

    version: int
    is_published: bool


def records(site: Path) -> dict[pd.Period, list[Record]]:
    """Every published version, quarters oldest first, versions in order. Raises InputError for a broken record."""
    found: dict[pd.Period, list[Record]] = {}
    for path in sorted(site.glob(f"[0-9][0-9][0-9][0-9]/q[1-4]/v*/{RECORD}")):
        match = _VERSION.fullmatch(path.parent.name)
        if match is None:
            continue
        content = _read(path, site)
        quarter = parse_quarter(str(content["quarter"]))
        found.setdefault(quarter, []).append(Record(quarter, int(match[1]), content))
    for versions in found.values():
        versions.sort(key=lambda record: record.version)
    return dict(sorted(found.items()))


def _read(path: Path, site: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parse_quarter(str(content["quarter"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        where = path.relative_to(site).as_posix()
        raise InputError(
            f"อ่านบันทึก {where} ของคลังรายงานไม่ได้ — กู้แฟ้มนี้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Cannot read the archive's record {where}; restore it from a copy of the site.",
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{path} ไม่ใช่บันทึกของฉบับ", f"{path} is no record of an issue.")
    return content


def place(quarter: pd.Period, digest: str, versions: list[Record], correction: str) -> Placement:
    """The version under which the issue with this manifest goes. Raises StateError when that would replace one.

    digest       SHA-256 of the issue's manifest.json
    correction   what was wrong; "" when the issue is no correction
    """
    for record in versions:
        if record.content["manifest_sha256"] == digest:
            return Placement(record.version, is_published=True)
    if not versions:
        if correction:
            raise StateError(
                f"ยังไม่มีฉบับของ {iso(quarter)} ให้แก้ไข — เผยแพร่โดยไม่ใช้ --correction",
                f"There is no published issue of {iso(quarter)} to correct; publish without --correction.",
            )
        return Placement(1, is_published=False)
    newest = versions[-1]
    if not correction:
        raise StateError(
            f"{newest.path} เผยแพร่แล้วและเนื้อหาไม่ตรงกับฉบับนี้ ฉบับที่เผยแพร่แล้วเปลี่ยนไม่ได้ — "
            f'หากเป็นการแก้ไข ให้เผยแพร่เป็นฉบับที่ {newest.version + 1} ด้วย --correction "สิ่งที่แก้ไข"',
            f"{newest.path} is published with other content, and a published version never changes; "
            f'publish a correction as version {newest.version + 1} with --correction "what was wrong".',
        )
    return Placement(newest.version + 1, is_published=False)


def sums(folder: Path) -> str:
    """The content of ``SHA256SUMS``: hash and path of every other file of a version, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    return "".join(f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)


def changed_files(folder: Path) -> list[str]:
    """Paths of a version that are no longer as published: changed, gone or added."""
    path = folder / SUMS
    declared = _by_path(path.read_text(encoding="utf-8")) if path.exists() else {}
    present = _by_path(sums(folder))
    return sorted(
        name for name in declared.keys() | present.keys() if declared.get(name) != present.get(name)
    )


def require_unchanged(site: Path, record: Record) -> None:
    """Raises StateError when a published version is not as it was published."""
    changed = changed_files(site / record.path)
    if changed:
        listed = ", ".join(changed[:5]) + (" ..." if len(changed) > 5 else "")
        raise StateError(
            f"แฟ้มใน {record.path} ไม่เหมือนเมื่อเผยแพร่: {listed} — กู้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Files in {record.path} are not as they were published: {listed}; restore them from a copy of the site.",
        )


def _by_path(text: str) -> dict[str, str]:
    return {line[66:]: line[:64] for line in text.splitlines()}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
