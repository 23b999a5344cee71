"""A built issue as exports read it: its document in one language, its tables at full precision, its marks.

Goes in: the folder of a built issue. Comes out: ``Issue``; no HTML is read and nothing is computed again.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations, Name
from reporter.domain.errors import InputError
from reporter.domain.periods import parse_quarter
from reporter.domain.thai import quarter_short
from reporter.inputs import declared

Lang = Literal["th", "en"]
_DOCUMENT = "issue.json"
_MARKS: Mapping[str, Mapping[str, str]] = {
    "draft": {
        "th": "ฉบับร่าง ห้ามเผยแพร่หรืออ้างอิง",
        "en": "Draft. Not to be published or quoted.",
    },
    "synthetic": {
        "th": "ข้อมูลสังเคราะห์ จัดทำเพื่อสาธิตระบบ ไม่ใช่สถิติจริง",
        "en": "Synthetic data made to demonstrate the system. These are not real statistics.",
    },
}


@dataclass(frozen=True)
class Issue:
    """A built issue in one language. ``content`` is ``issue.json`` (docs/issue.md).

    declarations   names of dimensions, groups, indicators and answers
    """

    folder: Path
    content: Mapping[str, Any]
    declarations: Declarations
    lang: Lang = "th"

    @property
    def document(self) -> Mapping[str, Any]:
        """The report in this language."""
        found: Mapping[str, Any] = self.content["documents"][self.lang]
        return found

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """The summary and the chapters."""
        return [self.document["summary"], *self.document["chapters"]]

    def chapter(self, slug: str) -> Mapping[str, Any] | None:
        """The chapter of that slug."""
        return next((part for part in self.parts if part["slug"] == slug), None)

    @property
    def quarter(self) -> pd.Period:
        """The issue's quarter."""
        return parse_quarter(self.content["quarter"])

    @property
    def marks(self) -> list[str]:
        """What must stand on every page: draft, synthetic data, in words."""
        return [_MARKS[mark][self.lang] for mark in self.document["marks"]]

    @property
    def edition_line(self) -> str:
        """Version, digest of the tables and permanent address, as far as the issue has them."""
        edition = self.content.get("edition", {})
        version, digest = self.content["version"], str(edition.get("data_id", ""))[:16]
        words = {
            "th": f"ฉบับที่ {version} รหัสข้อมูล {digest}",
            "en": f"Version {version}, data id {digest}",
        }
        return " ".join(part for part in (words[self.lang], edition.get("address", "")) if part)

    def word(self, name: Name) -> str:
        """A declared name in this language."""
        return name.th if self.lang == "th" else name.en

    def quarter_label(self, period: str) -> str:
        """``3/68`` or ``Q3 2025``: a quarter as axes and column heads show it."""
        quarter = parse_quarter(period)
        return quarter_short(quarter) if self.lang == "th" else f"Q{quarter.quarter} {quarter.year}"

    def issuer(self, who: str) -> str:
        """Name of the ``ministry``, ``office`` or ``division``."""
        names = self.content.get(f"issuer_{self.lang}", self.content["issuer"])
        return str(names[who])

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every published table by its name, in declared order."""
        folder = self.folder / "tables"
        return {
            name: read_table(folder / f"{name}.csv", name)
            for name in schema.published()
            if (folder / f"{name}.csv").exists()
        }


def read_issue(folder: Path, lang: Lang = "th", data: Path | None = None) -> Issue:
    """A built issue. Raises InputError where there is none, or none in that language.

    data   the workspace whose declarations name the codes; None for the package's own
    """
    path = folder / _DOCUMENT
    if not path.exists():
        raise InputError(
            f"ไม่พบ {path} — สร้างฉบับก่อนด้วย reporter build",
            f"There is no {path}; build the issue first with reporter build.",
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    known = content.get("documents", {})
    if lang not in known:
        raise InputError(
            f"{path} ไม่มีภาษา {lang} (มี {', '.join(known)}) — สร้างด้วย reporter build --lang both",
            f"{path} has no language {lang} (it has {', '.join(known)}); build it with reporter build --lang both.",
        )
    return Issue(folder, content, declared.load(data), lang)


def read_table(path: Path, name: str) -> pd.DataFrame:
    """A published CSV file at full precision: texts stay texts, empty numbers are NaN, flags are True and False.

    Dates come back as text (2025-11-19), as they are written.
    """
    columns = schema.declared_tables()[name].columns
    texts = {column: "str" for column, spec in columns.items() if spec.dtype in ("text", "date")}
    frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
    for column in frame.columns:
        if column in texts:
            frame[column] = frame[column].fillna("").astype(object)
    return frame


def blocks_of(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every block of a chapter in reading order, those inside others after them."""
    for section in part["sections"]:
        yield from walk(section["blocks"])


def walk(blocks: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The blocks and all that stand inside them."""
    for block in blocks:
        yield block
        yield from walk(block.get("blocks", []))
        if block["kind"] == "list":
            for item in block["items"]:
                yield from walk(item)


def packed(content: bytes, when: tuple[int, int, int]) -> bytes:
    """An Office file with one date in every entry, so that the same issue gives the same bytes.

    when   year, month, day: the issue's date
    """
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as given, zipfile.ZipFile(target, "w") as made:
        for entry in given.infolist():
            info = zipfile.ZipInfo(entry.filename, (*when, 0, 0, 0))
            made.writestr(info, given.read(entry), zipfile.ZIP_DEFLATED)
    return target.getvalue()
