"""The analysts' text of one quarter: outlook factors, Markdown by chapter, generated sentences that are hidden or replaced.

Goes in: ``commentary/<quarter>/outlook.toml``, ``sentences.toml`` and ``<slug>.md`` (``labour.md``; the older ``02.md`` and
``chapter-2.md`` still count).
Comes out: one frozen ``Commentary`` and findings. The Markdown is hostile until it has been rendered safely; nothing
is rendered here. A file whose first line is ``<!-- replace -->`` replaces the generated text, others add to it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from reporter.domain.declarations import chapters as declared_chapters
from reporter.domain.declarations import slug_of_number
from reporter.domain.errors import Finding
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs import workbook
from reporter.inputs.pictures import Picture, pictures_of
from reporter.inputs.schema import Strict, Text
from reporter.inputs.series_cells import is_inside
from reporter.inputs.workbook import CHOICES, FACTORS

MAX_BYTES = 1_000_000
_ENGLISH = ".en"  # before the ending of files of the English edition
_RECOMMENDED = "recommendations"  # slug of the chapter
_NUMBER = re.compile(r"(?:chapter-)?0?([1-9][0-9]?)\Z")
_REPLACE = re.compile(r"\s*<!--\s*replace\s*-->[ \t]*\r?\n?")


OUTLOOK, SENTENCES, RECOMMENDATIONS = "outlook.toml", "sentences.toml", "recommendations.toml"
When = Literal["", "now", "quarter", "year"]
# What stands before the parts of a recommendation, and its time, by language.
_RECOMMENDATION = {
    "th": {
        "agency": "หน่วยงานรับผิดชอบ", "time": "กรอบเวลา", "basis": "เหตุที่เสนอ",
        "now": "ทันที", "quarter": "ภายในไตรมาสหน้า", "year": "ภายในหนึ่งปี",
    },
    "en": {
        "agency": "Responsible agency", "time": "Time frame", "basis": "Reason",
        "now": "at once", "quarter": "by the end of the next quarter", "year": "within a year",
    },
}  # fmt: skip
Kind = Literal["", "policy", "economic", "social", "political"]
Size = Literal["", "small", "medium", "large"]
Likelihood = Literal["", "low", "medium", "high"]


@dataclass(frozen=True)
class Factor:
    """One factor of the outlook: where it comes from, its sign, whom it affects; kind, size and likelihood where they are said."""

    origin: Literal["abroad", "home"]
    sign: Literal["+", "-"]
    affects: Literal["workers", "employers", "both"]
    text: str
    source: str = ""
    kind: Kind = ""
    size: Size = ""
    likelihood: Likelihood = ""


@dataclass(frozen=True)
class SentenceEdit:
    """A generated sentence that the analysts hide, or replace by their own, with the reason and who decided it.

    text  the sentence exactly as it was generated; where the numbers change, the edit no longer holds and is told
    """

    chapter: str
    text: str
    action: Literal["hide", "replace"]
    replacement: str
    reason: str
    by: str
    on: dt.date

    @property
    def id(self) -> str:
        """Eight digits that name the sentence."""
        return sentence_id(self.chapter, self.text)


@dataclass(frozen=True)
class Recommendation:
    """One recommendation of the analysts: what, who is to do it, until when, why."""

    text: str
    agency: str = ""
    when: When = ""
    basis: str = ""

    def markdown(self, number: int, lang: str = "th") -> str:
        """The recommendation as an item of a numbered list."""
        words = _RECOMMENDATION[lang]
        lines = [self.text]
        lines += [f"{words['agency']}: {self.agency}"] if self.agency else []
        lines += [f"{words['time']}: {words[self.when]}"] if self.when else []
        lines += [f"{words['basis']}: {self.basis}"] if self.basis else []
        return f"{number}. " + "\\\n   ".join(" ".join(line.split()) for line in lines)


def with_recommendations(markdown: str, given: Sequence[Recommendation], lang: str = "th") -> str:
    """The text of the chapter of recommendations with the analysts' list after it."""
    listed = "\n".join(item.markdown(number, lang) for number, item in enumerate(given, start=1))
    return "\n\n".join(part for part in (markdown.rstrip("\n"), listed) if part.strip()) + "\n"


def sentence_id(chapter: str, text: str) -> str:
    """Eight hexadecimal digits for one sentence of one chapter."""
    return hashlib.sha256(f"{chapter}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True)
class ChapterText:
    """One chapter's Markdown, by the chapter's slug; ``replaces`` says whether it takes the place of the generated text.

    pictures  those that the text shows, in its order (``reporter.inputs.pictures``)
    """

    chapter: str
    markdown: str
    replaces: bool
    where: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Commentary:
    """Everything that the analysts wrote for one quarter; empty where they wrote nothing.

    recommendations  those of ``recommendations.toml``; the chapter's text holds them as a list already
    only_thai        of the English text: slugs of chapters that the analysts wrote in Thai alone, ``factors`` for the outlook's list
    """

    factors: tuple[Factor, ...] = ()
    chapters: dict[str, ChapterText] = field(default_factory=dict)
    sentences: tuple[SentenceEdit, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    only_thai: tuple[str, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Every picture of every chapter."""
        return tuple(one for text in self.chapters.values() for one in text.pictures)

    @property
    def is_empty(self) -> bool:
        """True when there is neither a factor nor a chapter nor an edited sentence."""
        return not self.factors and not self.chapters and not self.sentences


class _FactorEntry(Strict):
    origin: Literal["abroad", "home"]
    sign: Literal["+", "-"]
    affects: Literal["workers", "employers", "both"]
    text: Text
    source: str = ""
    kind: Kind = ""
    size: Size = ""
    likelihood: Likelihood = ""


class _Outlook(Strict):
    factors: Annotated[list[_FactorEntry], Field(default_factory=list, max_length=200)]


class _SentenceEntry(Strict):
    chapter: Text
    text: Text
    action: Literal["hide", "replace"]
    replacement: str = ""
    reason: Text
    by: Text
    on: dt.date


class _Sentences(Strict):
    sentences: Annotated[list[_SentenceEntry], Field(default_factory=list, max_length=500)]


class _RecommendationEntry(Strict):
    text: Text
    agency: str = ""
    when: When = ""
    basis: str = ""


class _Recommendations(Strict):
    recommendations: Annotated[list[_RecommendationEntry], Field(default_factory=list, max_length=100)]


_ALLOWED: dict[type[BaseModel], tuple[str, str]] = {
    _Outlook: (
        "ปัจจัยแต่ละข้อมี origin abroad|home, sign +|-, affects workers|employers|both, text, source และอาจมี "
        "kind policy|economic|social|political, size small|medium|large, likelihood low|medium|high",
        "A factor has origin abroad|home, sign +|-, affects workers|employers|both, text, source and perhaps "
        "kind policy|economic|social|political, size small|medium|large, likelihood low|medium|high.",
    ),
    _Recommendations: (
        "ข้อเสนอแนะแต่ละข้อมี text และอาจมี agency, when now|quarter|year, basis",
        "A recommendation has text and perhaps agency, when now|quarter|year, basis.",
    ),
    _Sentences: (
        "ประโยคแต่ละข้อมี chapter, text, action hide|replace, replacement, reason, by, on",
        "A sentence has chapter, text, action hide|replace, replacement, reason, by, on.",
    ),
}


def commentary_files(root: Path, quarter: pd.Period) -> list[Path]:
    """Files that the quarter's commentary consists of, sorted; none when there is no folder."""
    folder = root / "commentary" / iso(quarter)
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError:
        return []
    known = (OUTLOOK, SENTENCES, RECOMMENDATIONS)
    return [
        path
        for path in paths
        if path.stem.removesuffix(_ENGLISH) + path.suffix in known or path.suffix.lower() == ".md"
    ]


def read_commentary(root: Path, quarter: pd.Period, lang: str = "th") -> tuple[Commentary, list[Finding]]:
    """Read the quarter's commentary in one language; what cannot be used is left out and noted.

    English text stands beside the Thai: ``labour.en.md``, ``outlook.en.toml``, ``sentences.en.toml``.
    """
    found: list[Finding] = []
    folder = root / "commentary" / iso(quarter)
    where = folder.relative_to(root).as_posix()
    try:
        strangers = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        return Commentary(), [
            _finding(
                where,
                f"เปิดโฟลเดอร์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"The folder cannot be opened ({error.strerror}); check its permissions.",
            )
        ]
    factors: tuple[Factor, ...] = ()
    sentences: tuple[SentenceEdit, ...] = ()
    recommended: tuple[Recommendation, ...] = ()
    chapters: dict[str, ChapterText] = {}
    for path in strangers:
        place = f"{where}/{path.name}"
        if not is_inside(path, root, place, found):
            continue
        if (path.stem.endswith(_ENGLISH)) != (lang == "en"):
            continue
        name = path.stem.removesuffix(_ENGLISH) + path.suffix
        if name == OUTLOOK:
            factors = _read_outlook(path, place, found)
        elif name == SENTENCES:
            sentences = _read_sentences(path, place, found)
        elif name == RECOMMENDATIONS:
            recommended = _read_recommendations(path, place, found)
        elif path.suffix.lower() == ".md":
            _read_chapter(path, place, chapters, found, root)
    listed = _listed_factors(root, quarter, found) if lang == "th" else ()
    if recommended:
        own = chapters.get(_RECOMMENDED, ChapterText(_RECOMMENDED, "", False, f"{where}/{RECOMMENDATIONS}"))
        chapters[_RECOMMENDED] = replace(own, markdown=with_recommendations(own.markdown, recommended, lang))
    made = Commentary(factors + listed, chapters, sentences, recommended)
    return (replace(made, only_thai=_only_thai(root, quarter, made)) if lang == "en" else made), found


def _only_thai(root: Path, quarter: pd.Period, english: Commentary) -> tuple[str, ...]:
    """What the Thai commentary has and the English lacks, in the order of the chapters, factors first."""
    thai, _ = read_commentary(root, quarter)
    factors = ("factors",) if thai.factors and not english.factors else ()
    own = [item.slug for item in declared_chapters() if item.slug in thai.chapters]
    return factors + tuple(slug for slug in own if slug not in english.chapters)


def _listed_factors(root: Path, quarter: pd.Period, found: list[Finding]) -> tuple[Factor, ...]:
    """Factors of the quarter from the workbook's list; they stand after those of ``outlook.toml``."""
    factors = []
    for entry in workbook.entries(root, FACTORS, found):
        try:
            own = parse_quarter(entry.texts["ไตรมาส"])
        except PeriodError as error:
            found.append(workbook.wrong(entry, "ไตรมาส", error.th, error.en))
            continue
        codes = [workbook.choice(entry, column, found) for column in CHOICES] if own == quarter else []
        if not codes or None in codes:
            continue
        if not entry.texts["ข้อความ"]:
            found.append(
                workbook.wrong(entry, "ข้อความ", "ไม่มีข้อความ — เขียนปัจจัย", "No text; write the factor.")
            )
            continue
        fields = dict(zip(("origin", "sign", "affects"), codes, strict=True))
        factors.append(Factor(**fields, text=entry.texts["ข้อความ"], source=entry.texts["อ้างอิง"]))  # type: ignore[arg-type]
    return tuple(factors)


def slug_of_file(stem: str) -> str:
    """The chapter that a file is about: its slug, or the number that its file had before; "" for none."""
    if any(item.slug == stem for item in declared_chapters()):
        return stem
    number = _NUMBER.match(stem)
    return slug_of_number(int(number[1])) if number else ""


def _text(path: Path, where: str, found: list[Finding]) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            found.append(
                _finding(where, "ใหญ่เกินไปหรือไม่ใช่ไฟล์ — แบ่งข้อความ", "Too large or not a file; shorten it.")
            )
            return None
        data = path.read_bytes()
    except OSError as error:
        found.append(
            _finding(
                where,
                f"เปิดไฟล์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"Cannot be opened ({error.strerror}); check its permissions.",
            )
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found.append(
            _finding(
                where,
                "ไม่ใช่ UTF-8 — บันทึกไฟล์ใหม่เป็น UTF-8",
                "Not UTF-8; save the file as UTF-8.",
                row=data.count(b"\n", 0, error.start) + 1,
            )
        )
        return None
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        found.append(
            _finding(
                where, "มีไบต์ NUL ไฟล์เสียหาย — บันทึกใหม่", "Contains a NUL byte; save the file again.", row=row
            )
        )
        return None
    return text


def _read_chapter(
    path: Path, where: str, chapters: dict[str, ChapterText], found: list[Finding], root: Path
) -> None:
    chapter = slug_of_file(path.stem.removesuffix(_ENGLISH))
    if not chapter:
        known = ", ".join(f"{item.slug}.md" for item in declared_chapters())
        found.append(
            _finding(
                where,
                f"ชื่อไฟล์ไม่ใช่ชื่อบท — ใช้ {known}",
                f"The name is no chapter; use {known}.",
                severity="warning",
            )
        )
        return
    text = _text(path, where, found)
    if text is None:
        return
    if chapter in chapters:
        found.append(
            _finding(
                where,
                f"บท {chapter} มีสองไฟล์ ({chapters[chapter].where}) — รวมเป็นไฟล์เดียว",
                f"Chapter {chapter} has two files ({chapters[chapter].where}); make them one.",
            )
        )
        return
    replace = _REPLACE.match(text)
    body = text[replace.end() :] if replace else text
    if not body.strip():
        found.append(
            _finding(
                where,
                "ไฟล์ว่าง — เขียนข้อความหรือลบไฟล์",
                "Empty; write something or remove it.",
                severity="warning",
            )
        )
        return
    pictures = pictures_of(root, body, where, found)
    chapters[chapter] = ChapterText(chapter, body, bool(replace), where, pictures)


Model = TypeVar("Model", bound=BaseModel)


def _read_outlook(path: Path, where: str, found: list[Finding]) -> tuple[Factor, ...]:
    outlook = _toml(path, where, _Outlook, found)
    if outlook is None:
        return ()
    return tuple(
        Factor(**{**entry.model_dump(), "text": entry.text.strip(), "source": entry.source.strip()})
        for entry in outlook.factors
    )


def _read_sentences(path: Path, where: str, found: list[Finding]) -> tuple[SentenceEdit, ...]:
    content = _toml(path, where, _Sentences, found)
    edits = [] if content is None else [SentenceEdit(**entry.model_dump()) for entry in content.sentences]
    for edit in edits:
        if edit.action == "replace" and not edit.replacement.strip():
            th, en = (
                'ไม่มี replacement — เขียนประโยคแทน หรือใช้ action = "hide"',
                "No replacement; write it, or hide the sentence.",
            )
            found.append(_finding(where, th, en, value=edit.text[:80]))
    return tuple(edit for edit in edits if edit.action == "hide" or edit.replacement.strip())


def _read_recommendations(path: Path, where: str, found: list[Finding]) -> tuple[Recommendation, ...]:
    content = _toml(path, where, _Recommendations, found)
    entries = [] if content is None else content.recommendations
    return tuple(Recommendation(**entry.model_dump()) for entry in entries)


def _toml(path: Path, where: str, model: type[Model], found: list[Finding]) -> Model | None:
    """The content of a TOML file by its schema; None, with findings, where it breaks it."""
    text = _text(path, where, found)
    if text is None:
        return None
    try:
        return model.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        found.append(
            _finding(
                where,
                f"ไวยากรณ์ TOML ผิด: {error} — แก้ตรงที่ระบุ",
                f"Invalid TOML: {error}; mend it there.",
                row=int(line[1]) if line else None,
            )
        )
    except ValidationError as error:
        found.extend(_schema_finding(where, detail, model) for detail in error.errors(include_url=False))
    return None


def _schema_finding(where: str, detail: Any, model: type[BaseModel]) -> Finding:
    column = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"])
    value, (th, en) = str(detail.get("input"))[:80], _ALLOWED[model]
    return _finding(
        where,
        f'พบ "{value}" ใช้ไม่ได้ — {th}',
        f'Found "{value}": {detail["msg"]}. {en}',
        column=column,
        value=value,
    )


def _finding(
    where: str,
    th: str,
    en: str,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    severity: Literal["error", "warning", "note"] = "error",
) -> Finding:
    return Finding(severity, where, th, en, row=row, column=column, value=value, rule="commentary")
