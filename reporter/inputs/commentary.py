"""The analysts' text of one quarter: outlook factors, Markdown by chapter, its pictures, generated sentences hidden or replaced.

Goes in: ``commentary/<quarter>/outlook.toml``, ``sentences.toml`` and ``<slug>.md`` (``labour.md``; the older ``02.md`` and
``chapter-2.md`` still count).
Comes out: one frozen ``Commentary`` and findings. The Markdown is hostile until it has been rendered safely; nothing
is rendered here. A file whose first line is ``<!-- replace -->`` replaces the generated text, others add to it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from reporter.domain.declarations import Declarations, slug_of_number
from reporter.domain.declarations import chapters as declared_chapters
from reporter.domain.errors import Finding, InputError, ReporterError, Severity, breach
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs import workbook
from reporter.inputs.calendar import read_recipients
from reporter.inputs.declared import load
from reporter.inputs.schema import NonEmptyText, Strict, toml_fault
from reporter.inputs.series_cells import is_inside
from reporter.inputs.workbook import CHOICES, FACTORS
from reporter.runtime.cache import write_bytes

# ----------------------------------------------------------------------------------------------------
# Pictures of the workspace: those that the analysts' text shows, and the ministry's logo.
#
# Goes in: ``![what the picture shows](figures/map.png "caption")`` in a chapter's Markdown, or ``logo`` of ``workspace.toml``, and the file.
# Comes out: ``CommentaryPicture`` with its pixels written anew as PNG or JPEG, or a finding that says what is wrong. A picture's file is hostile:
# only pixels are taken over, so that places, names, scripts and bytes behind the picture do not get into an issue.
# ----------------------------------------------------------------------------------------------------

PICTURE_FOLDER = "figures"
NAME = re.compile(r"\{\{\s*([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\s*\}\}")  # {{ index.overall }}
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
LARGEST_BYTES = 8_000_000  # a camera's picture; more has no use at the printed width
LARGEST_PIXELS = 40_000_000  # what a picture may unpack to: a small file can be a bomb
WIDEST = 2_100  # pixels: 178 mm at 300 dots per inch
_HALF = 1_000  # narrower pictures are printed in one column
_QUALITY = 88
_SHORTEST_ALT = 8  # characters: fewer do not say what a picture shows

PICTURE_NAMED = re.compile(r"!\[([^\]]*)\]\(\s*(?:<([^>\n]+)>|([^)\s]+))(?:\s+\"([^\"]*)\")?\s*\)")

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class CommentaryPicture:
    """One picture of a text. ``name``: as the text names it; ``content``: the file that an issue holds; sizes in pixels."""

    id: str
    name: str
    alt: str
    caption: str
    content: bytes
    suffix: str
    width: int
    height: int

    @property
    def file(self) -> str:
        """Its path in the issue's folder: named by its content, so that no name of a file can be an attack."""
        return f"{PICTURE_FOLDER}/{hashlib.sha256(self.content).hexdigest()[:16]}{self.suffix}"

    @property
    def printed(self) -> str:
        """``full`` or ``half``: the width in print."""
        return "half" if self.width < _HALF else "full"


def pictures_named(text: str) -> Iterator[tuple[str, str, str]]:
    """Alternative text, path and caption of every picture that a Markdown text names."""
    for match in PICTURE_NAMED.finditer(text):
        yield match[1].strip(), unquote(match[2] or match[3]).strip(), (match[4] or "").strip()


def pictures_of(root: Path, text: str, where: str, found: list[Finding]) -> tuple[CommentaryPicture, ...]:
    """The pictures of a text in its order; what cannot be shown is left out and noted in ``found``."""
    pictures = []
    chapter = re.sub(r"[^a-z0-9]+", "-", Path(where).stem.lower())
    for number, (alt, path, caption) in enumerate(pictures_named(text), start=1):
        if not path.startswith(f"{PICTURE_FOLDER}/"):
            said = (
                f"ภาพ {path[:60]} ไม่อยู่ในโฟลเดอร์ {PICTURE_FOLDER}/ ของพื้นที่งาน จึงแสดงเป็นข้อความ — วางไฟล์ใน {PICTURE_FOLDER}/ แล้วเขียน {PICTURE_FOLDER}/ชื่อไฟล์",
                f"The picture {path[:60]} is not in the workspace's folder {PICTURE_FOLDER}/, so it stays text; put the file there and write {PICTURE_FOLDER}/name.",
            )
            found.append(_picture_finding(where, said, path, severity="warning"))
            continue
        if len(alt) < _SHORTEST_ALT or alt.lower() == path.rpartition("/")[2].lower():
            said = (
                f"ภาพ {path[:60]} ไม่มีคำอธิบายภาพ — เขียนในวงเล็บเหลี่ยมว่าภาพแสดงสิ่งใด อย่างน้อย {_SHORTEST_ALT} ตัวอักษร สำหรับผู้ที่มองไม่เห็นภาพ",
                f"The picture {path[:60]} has no alternative text; write in the square brackets what it shows, at least {_SHORTEST_ALT} characters, for those who cannot see it.",
            )
            found.append(_picture_finding(where, said, path))
            continue
        try:
            content, suffix, width, height = read_picture(root, path, where, found)
        except InputError as error:
            found.append(_picture_finding(where, (error.th, error.en), path))
            continue
        if content:
            own = f"own-{chapter}-{number}"
            pictures.append(CommentaryPicture(own, path, alt, caption, content, suffix, width, height))
    if len(pictures) > sum(
        PICTURE_NAMED.fullmatch(part.strip()) is not None for part in _PARAGRAPHS.split(text)
    ):
        said = (
            "ภาพต้องอยู่ในย่อหน้าของตนเอง มิฉะนั้นแสดงเป็นข้อความ — เว้นบรรทัดว่างก่อนและหลังภาพ",
            "A picture stands in a paragraph of its own, else it stays text; leave an empty line before and after it.",
        )
        found.append(_picture_finding(where, said, "", severity="warning"))
    return tuple(pictures)


def read_picture(root: Path, path: str, where: str, found: list[Finding]) -> tuple[bytes, str, int, int]:
    """A picture of the workspace written anew: bytes, ending, width, height. Raises InputError; empty for a link that leads out."""
    file = root / path
    if ".." in Path(path).parts or not file.is_file():
        raise InputError(
            f"ไม่พบภาพ {path[:60]} — วางไฟล์ใน {PICTURE_FOLDER}/ ของพื้นที่งาน หรือแก้ชื่อ",
            f"There is no picture {path[:60]}; put the file into the workspace's {PICTURE_FOLDER}/, or mend the name.",
        )
    if not is_inside(file, root, where, found) or not file.resolve().is_relative_to(root.resolve()):
        return b"", "", 0, 0
    about = file.stat()
    if about.st_size > LARGEST_BYTES:
        raise _refused(path, f"{about.st_size / 1e6:,.1f} MB")
    return _encoded(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=24)
def _encoded(file: Path, changed: int, size: int) -> tuple[bytes, str, int, int]:
    """The pixels of a file as they were at a time, written anew."""
    return encoded_picture(file.read_bytes(), f"{PICTURE_FOLDER}/{file.name}")


def encoded_picture(content: bytes, name: str) -> tuple[bytes, str, int, int]:
    """Pixels written anew, at most ``WIDEST`` wide: bytes, ending, width, height. Raises InputError for what is no picture."""
    from PIL import Image, ImageOps  # here: only texts with pictures need it

    if len(content) > LARGEST_BYTES:
        raise _refused(name, f"{len(content) / 1e6:,.1f} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of unusual files; what cannot be read is refused below
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
                if opened.width * opened.height > LARGEST_PIXELS:
                    raise _refused(name, f"{opened.width:,} × {opened.height:,}")
                is_photo = opened.format == "JPEG"
                upright = ImageOps.exif_transpose(opened)
                pixels = upright.convert("RGB" if is_photo or not upright.has_transparency_data else "RGBA")
    except InputError:
        raise
    except Exception as error:  # Pillow raises what its decoders raise
        raise InputError(
            f"{name[:60]} ไม่ใช่ภาพ PNG, JPEG หรือ WebP ที่อ่านได้ — บันทึกภาพใหม่จากโปรแกรมที่สร้าง",
            f"{name[:60]} is no PNG, JPEG or WebP picture that can be read; save it again from the program that made it.",
        ) from error
    if pixels.width > WIDEST:
        pixels = pixels.resize((WIDEST, max(1, round(pixels.height * WIDEST / pixels.width))))
    made = io.BytesIO()
    clean = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # pixels alone: no metadata
    if is_photo:
        clean.save(made, "JPEG", quality=_QUALITY)
    else:
        clean.save(made, "PNG", optimize=True)
    return made.getvalue(), ".jpg" if is_photo else ".png", clean.width, clean.height


def _refused(name: str, size: str) -> InputError:
    return InputError(
        f"ภาพ {name[:60]} ใหญ่เกินไป ({size}) — ย่อให้ไม่เกิน {LARGEST_BYTES / 1e6:.0f} MB และ {LARGEST_PIXELS / 1e6:.0f} ล้านจุด",
        f"The picture {name[:60]} is too large ({size}); make it at most {LARGEST_BYTES / 1e6:.0f} MB and {LARGEST_PIXELS / 1e6:.0f} million pixels.",
    )


def _picture_finding(where: str, said: tuple[str, str], path: str, *, severity: str = "error") -> Finding:
    return Finding(severity, where, *said, value=path[:80], rule="commentary.picture")  # type: ignore[arg-type]


def write_pictures(folder: Path, pictures: tuple[CommentaryPicture, ...]) -> None:
    """Put pictures into the folder of an issue."""
    for one in pictures:
        (folder / PICTURE_FOLDER).mkdir(exist_ok=True)
        write_bytes(folder / one.file, one.content)


def logo_of(root: Path, path: str) -> str:
    """Where an issue holds the logo that the settings name; empty without one. Raises InputError for what is no picture."""
    _, suffix, _, _ = read_picture(root, path, path, []) if path else (b"", "", 0, 0)
    return f"{PICTURE_FOLDER}/logo{suffix}" if suffix else ""


def write_logo(root: Path, path: str, folder: Path) -> None:
    """Put the logo into the folder of an issue."""
    if target := logo_of(root, path):
        (folder / PICTURE_FOLDER).mkdir(exist_ok=True)
        write_bytes(folder / target, read_picture(root, path, path, [])[0])


def listed_pictures(root: Path) -> list[str]:
    """Paths of the workspace's pictures, as a text names them, sorted."""
    folder = root / PICTURE_FOLDER
    return [
        f"{PICTURE_FOLDER}/{path.name}"
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file() and not path.name.startswith(".")
    ]


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
FactorSize = Literal["", "small", "medium", "large"]
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
    size: FactorSize = ""
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

    pictures  those that the text shows, in its order (``reporter.inputs.commentary``)
    """

    chapter: str
    markdown: str
    replaces: bool
    where: str
    pictures: tuple[CommentaryPicture, ...] = ()


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
    def pictures(self) -> tuple[CommentaryPicture, ...]:
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
    text: NonEmptyText
    source: str = ""
    kind: Kind = ""
    size: FactorSize = ""
    likelihood: Likelihood = ""


class _Outlook(Strict):
    factors: Annotated[list[_FactorEntry], Field(default_factory=list, max_length=200)]


class _SentenceEntry(Strict):
    chapter: NonEmptyText
    text: NonEmptyText
    action: Literal["hide", "replace"]
    replacement: str = ""
    reason: NonEmptyText
    by: NonEmptyText
    on: dt.date


class _Sentences(Strict):
    sentences: Annotated[list[_SentenceEntry], Field(default_factory=list, max_length=500)]


class _RecommendationEntry(Strict):
    text: NonEmptyText
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
        elif not (
            path.name.startswith((".", "~$")) or path.suffix.lower() in PICTURE_SUFFIXES or path.is_dir()
        ):
            found.append(_not_read(place))
    listed = _listed_factors(root, quarter, found) if lang == "th" else ()
    if recommended:
        own = chapters.get(_RECOMMENDED, ChapterText(_RECOMMENDED, "", False, f"{where}/{RECOMMENDATIONS}"))
        chapters[_RECOMMENDED] = replace(own, markdown=with_recommendations(own.markdown, recommended, lang))
    made = Commentary(factors + listed, chapters, sentences, recommended)
    return (replace(made, only_thai=_only_thai(root, quarter, made)) if lang == "en" else made), found


def _not_read(where: str) -> Finding:
    """A file beside the texts that the program does not read: an analyst may think that it is in the report."""
    return Finding(
        "warning",
        where,
        f"ระบบไม่อ่านไฟล์นี้ ข้อความในไฟล์จึงไม่อยู่ในรายงาน — บันทึกเป็น .md ตามชื่อบท เช่น labour.md หรือใช้ {OUTLOOK}, {SENTENCES}, {RECOMMENDATIONS}",
        f"This file is not read, so its text is not in the report; save it as .md under a chapter's name, as labour.md, or use {OUTLOOK},"
        f" {SENTENCES}, {RECOMMENDATIONS}.",
        rule="commentary.unread",
    )


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
        th, en, row = toml_fault(error)
        found.append(_finding(where, th, en, row=row))
    except ValidationError as error:
        by_entry: dict[tuple[Any, ...], list[Any]] = {}
        for detail in error.errors(include_url=False):
            by_entry.setdefault(tuple(detail["loc"][:2]), []).append(detail)
        for details in by_entry.values():
            found.extend(_schema_findings(where, details, model))
    return None


_FEW_BREACHES = 2  # an entry with more is of another form: told once, with all its fields


def _schema_findings(where: str, details: Sequence[Any], model: type[BaseModel]) -> list[Finding]:
    """Findings about one entry of a file: one for each field, or one for all of them."""
    allowed_th, allowed_en = _ALLOWED[model]
    if len(details) > _FEW_BREACHES:
        fields = ", ".join(str(detail["loc"][-1]) for detail in details)
        th, en = (
            f"ผิดรูปแบบ {len(details)} ช่อง ({fields}) — {allowed_th}",
            f"{len(details)} fields break the form ({fields}). {allowed_en}",
        )
        return [_finding(where, th, en, column=_place(details[0]["loc"][:2]))]
    found = []
    for detail in details:
        given = detail.get("input")
        value = "" if isinstance(given, (dict, list)) else str(given)[:80]
        shown_th, shown_en = (f'พบ "{value}" — ', f'Found "{value}": ') if value else ("", "")
        th, en = breach(detail)
        th, en = f"{shown_th}{th}; {allowed_th}", f"{shown_en}{en}. {allowed_en}"
        found.append(_finding(where, th, en, column=_place(detail["loc"]), value=value))
    return found


def _place(steps: Sequence[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in steps)


def _finding(
    where: str,
    th: str,
    en: str,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    severity: Severity = "error",
) -> Finding:
    return Finding(severity, where, th, en, row=row, column=column, value=value, rule="commentary")


# ----------------------------------------------------------------------------------------------------
# The check of what people wrote: commentary and recipients.
#
# Goes in: a workspace and the quarter (None: every quarter's commentary). Comes out: findings.
# ----------------------------------------------------------------------------------------------------

_HOSTILE = re.compile(
    r"<\s*(script|iframe|object|embed|link|meta|style|svg|form)\b|javascript:|file:|\bon[a-z]+\s*=|\{\{(?!\s*[a-z][a-z0-9_.]*\s*\}\})|\{%",
    re.I,
)
_REMOTE = re.compile(r"!\[[^\]]*\]\(\s*<?\s*(?:https?:)?//", re.I)


def check_texts(root: Path, quarter: pd.Period | None) -> list[Finding]:
    """Findings of commentary and recipients."""
    found: list[Finding] = []
    for one in _quarters(root, quarter, found):
        commentary, problems = read_commentary(root, one)
        found += problems
        for chapter in commentary.chapters.values():
            found += _hostile(chapter.where, chapter.markdown)
            found += _unknown_names(root, chapter)
    found += read_recipients(root)[1]
    return found


def names_of_values(declarations: Declarations) -> frozenset[str]:
    """Names that a text may give between double braces (docs/commentary.md); whether the quarter has the value is another question."""
    moving = [
        "index.overall",
        *(f"index.{name}" for name in declarations.dimensions),
        "employers.overall",
        "workers.overall",
    ]
    parts = [name + part for name in moving for part in ("", ".quarter", ".year")]
    return frozenset((*parts, *(f"indicator.{name}" for name in declarations.indicators)))


def _unknown_names(root: Path, chapter: ChapterText) -> list[Finding]:
    """Names of values that do not exist; wrong declarations are reported elsewhere."""
    named = [
        (row, match[1])
        for row, line in enumerate(chapter.markdown.splitlines(), start=1)
        for match in NAME.finditer(line)
    ]
    if not named:
        return []
    try:
        known = names_of_values(load(root))
    except ReporterError:
        return []
    return [
        Finding(
            "error",
            chapter.where,
            f"ไม่รู้จักชื่อค่า {{{{ {name} }}}} — ดูรายชื่อใน docs/commentary.md",
            f"The value {{{{ {name} }}}} is not known; docs/commentary.md lists the names.",
            row=row,
            value=name,
            rule="commentary.unknown_name",
        )
        for row, name in named
        if name not in known
    ]


def _quarters(root: Path, quarter: pd.Period | None, found: list[Finding]) -> list[pd.Period]:
    folder = root / "commentary"
    try:
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        found.append(
            Finding(
                "error",
                "commentary",
                f"เปิดโฟลเดอร์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"The folder cannot be opened ({error.strerror}); check its permissions.",
                rule="folder.unreadable",
            )
        )
        return []
    named = []
    for path in entries:
        if not path.is_dir():
            is_text = path.suffix.lower() in (".md", ".toml", ".docx", ".doc", ".odt", ".txt")
            if is_text and not path.name.startswith((".", "~$")) and path.stem.upper() != "README":
                found.append(_outside_quarters(f"commentary/{path.name}"))
            continue
        try:
            one = parse_quarter(path.name)
        except PeriodError:
            one = None
        if one is None or path.name != iso(one):
            found.append(
                Finding(
                    "warning",
                    f"commentary/{path.name}",
                    "ชื่อโฟลเดอร์ไม่ใช่ไตรมาส ระบบไม่อ่าน — ใช้ชื่อแบบ 2025-Q3",
                    "The folder's name is no quarter, so it is not read; name it like 2025-Q3.",
                    rule="commentary.name",
                )
            )
        elif quarter is None or one == quarter:
            named.append(one)
    if quarter is not None and quarter not in named:
        named.append(quarter)  # its factors may stand in the workbook
    return named


def _outside_quarters(where: str) -> Finding:
    return Finding(
        "warning",
        where,
        "ไฟล์อยู่นอกโฟลเดอร์ไตรมาส ระบบไม่อ่าน — ย้ายไปไว้ในโฟลเดอร์ของไตรมาส เช่น commentary/2025-Q3/",
        "This file stands outside the folder of a quarter and is not read; move it into one, as commentary/2025-Q3/.",
        rule="commentary.unread",
    )


def _hostile(where: str, markdown: str) -> list[Finding]:
    """Lines that would be active content elsewhere; they come out as text, and the analyst should know."""
    found = []
    for number, line in enumerate(markdown.splitlines(), start=1):
        for pattern, th, en in (
            (
                _HOSTILE,
                "มีโค้ดหรือแท็ก HTML ซึ่งจะแสดงเป็นข้อความธรรมดา",
                "Holds code or HTML, which is shown as plain text",
            ),
            (_REMOTE, "มีรูปจากอินเทอร์เน็ต ซึ่งจะไม่ถูกโหลด", "Names a picture on the internet, which is not loaded"),
        ):
            if match := pattern.search(line):
                found.append(
                    Finding(
                        "warning",
                        where,
                        f"{th} — ลบออก",
                        f"{en}; remove it.",
                        row=number,
                        value=match[0][:40],
                        rule="commentary.active",
                    )
                )
    return found
