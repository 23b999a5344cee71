"""Content of a letter: headline numbers, three findings, one chart, links, the covering text of a group.

Goes in: a releasable issue, the workspace's settings, its ``cover/`` folder. Comes out: a ``MailedIssue`` (the same for everyone) and
filled templates for one recipient. Sentences and alt text are those of the issue's own document, so that the
mail cannot say another number than the report.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from string import Formatter
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from reporter.delivery.built_issue import (
    ENGLISH_INDICES,
    INDICES,
    IssueDocument,
    has_language,
    headline_changes,
    read_document,
)
from reporter.delivery.mail.server import Sender
from reporter.delivery.release_log import Releasable
from reporter.domain import thai
from reporter.domain.declarations import asset, tokens
from reporter.domain.edition import Settings, date_en, quarter_en, quarter_name
from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import BANGKOK, archive_path, parse_quarter
from reporter.inputs.calendar import Recipient
from reporter.report.pages import safe_html
from reporter.report.templating import own_templates

PDFS = {"th": "report.pdf", "en": "report-en.pdf"}
CHART = "index_history"  # the one chart of the letter
SENTENCES = 3
_WORDS = ("templates", "mail", "words.toml")
_HUES = {"labour_index": "navy", "employer": "employers", "worker": "workers"}
# A number stays on the line of its unit, of ร้อยละ, of ไตรมาสที่ and of ปี.
_BOUND = re.compile(
    r"(?<=[0-9๐-๙)]) (?=จุด|ไตรมาส|ราย)|(?<=ร้อยละ) (?=[0-9๐-๙−])|(?<=ที่) (?=[0-9๐-๙])|(?<=ปี) (?=[0-9๐-๙])"
)
_GROUP = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_MARKDOWN = re.compile(r"(?m)^#{1,6}\s*|\*\*|__|`")


@dataclass(frozen=True)
class Headline:
    """One index as the mail shows it; numbers at full precision, None where there is none."""

    name: str
    hue: str
    value: float | None
    change_quarter: float | None
    change_year: float | None


@dataclass(frozen=True)
class InlineChart:
    """The one inline chart and its words."""

    png: bytes
    alt: str
    title: str = ""
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class MailedIssue:
    """Everything about an issue that is the same for all recipients.

    correction     what was wrong in the version before, in the words with which the correction was published
    may_attach     False sends a link to the report whatever its size: the server takes no message as large
    lang           language of the words and of the report
    own            the workspace's folder: its ``templates/mail`` come before the program's
    """

    releasable: Releasable
    settings: Settings
    covers: Mapping[str, str] = field(default_factory=dict)
    correction: str = ""
    may_attach: bool = True
    lang: str = "th"
    own: str = ""

    def in_english(self) -> MailedIssue:
        """The same issue with the words and the report of its English edition."""
        return replace(self, lang="en")

    def with_link(self) -> MailedIssue:
        """The same issue, its report as a link. Raises StateError where there is no website to link to."""
        linked = replace(self, may_attach=False)
        linked.check()
        return linked

    @property
    def quarter(self) -> pd.Period:
        """The issue's quarter."""
        return parse_quarter(str(self.releasable.content["quarter"]))

    @property
    def version(self) -> int:
        """Version of a final issue, from 1."""
        return int(self.releasable.content.get("version", 1))

    @property
    def edition(self) -> str:
        """Key of the ledger: ``v1``; a rehearsal has one of its own, so that it never stands for the issue."""
        return f"rehearsal-{self.releasable.digest[:12]}" if self.releasable.mark else f"v{self.version}"

    @cached_property
    def headlines(self) -> tuple[Headline, ...]:
        """The three indices; one without a number is there and says so."""
        numbers = self.releasable.content.get("headline") or {}
        return tuple(
            Headline(
                name,
                _HUES[key],
                *(_number(numbers.get(key), part) for part in ("value", "change_quarter", "change_year")),
            )
            for key, name in (INDICES if self.lang == "th" else ENGLISH_INDICES).items()
        )

    @cached_property
    def _document(self) -> IssueDocument:
        return read_document(self.releasable.folder, self.lang)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Three findings, in the words of the report's summary."""
        return tuple(self._document.key_sentences[:SENTENCES])

    @cached_property
    def picture(self) -> InlineChart | None:
        """The chart of the index's history with its alt text; None when the issue has none."""
        figures = self._document.figures()
        words = next((figure for figure in figures if figure["id"] == CHART and figure["png"]), None)
        if words is None or not (self.releasable.folder / words["png"]).exists():
            return None
        path = self.releasable.folder / words["png"]
        title, unit, source = (str(words.get(key, "")).strip() for key in ("title", "unit", "source"))
        alt = str(words.get("alt") or words_of(self.lang, self.own)["chart"])
        return InlineChart(path.read_bytes(), alt, title, unit, source)

    @property
    def pdf(self) -> Path:
        """The report."""
        return self.releasable.folder / PDFS[self.lang]

    @cached_property
    def pdf_digest(self) -> str:
        """SHA-256 of the report, as the manifest has it."""
        for entry in self.releasable.content["outputs"]:
            if entry["path"] == self.pdf.name:
                return str(entry["sha256"])
        raise StateError(
            f"ไม่มี {self.pdf.name} ใน {self.releasable.folder} — สร้างฉบับใหม่",
            f"There is no {self.pdf.name} in {self.releasable.folder}; build the issue again.",
        )

    @property
    def is_attached(self) -> bool:
        """Whether the report travels with the message; above the limit a link with its SHA-256 does."""
        return (
            self.may_attach and self.pdf.stat().st_size <= self.settings.mail_attachment_limit_mb * 1_000_000
        )

    @property
    def archive(self) -> str:
        """Address of the issue on the website, or empty."""
        base = self.settings.website.rstrip("/")
        return f"{base}/{archive_path(parse_quarter(self.releasable.content['quarter']))}/" if base else ""

    @property
    def version_address(self) -> str:
        """Address of this version on the website, whose files never change, or empty."""
        return f"{self.archive}v{self.version}/" if self.archive else ""

    def check(self) -> None:
        """Raise StateError when the message could carry neither the report nor a link to it."""
        _ = self.pdf_digest
        if not self.is_attached and not self.archive:
            raise StateError(
                f"{self.pdf.name} ใหญ่เกินกว่าที่แนบได้ (ขีดจำกัดของแฟ้มแนบ {self.settings.mail_attachment_limit_mb:g} MB หรือของเซิร์ฟเวอร์อีเมล) — กำหนด website ใน workspace.toml เพื่อส่งเป็นลิงก์",
                f"{self.pdf.name} is too large to attach (limit of {self.settings.mail_attachment_limit_mb:g} MB, or of the mail server); set website in workspace.toml so that a link can go instead.",
            )

    @property
    def release_date(self) -> str:
        """``30 กันยายน 2568`` from the settings, or empty."""
        text = self.settings.release_date
        return thai.date_th(dt.date.fromisoformat(text)) if text else ""


def _number(entry: Any, part: str) -> float | None:
    value = entry.get(part) if isinstance(entry, Mapping) else None
    return None if value is None else float(value)


def open_issue(releasable: Releasable, settings: Settings, root: Path, correction: str = "") -> MailedIssue:
    """The issue with the covers of a workspace (``cover/<group>.md``). Raises InputError, StateError."""
    covers = {}
    for path in sorted((root / "cover").glob("*.md")):
        try:
            covers[path.stem] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"อ่าน cover/{path.name} ไม่ได้ — บันทึกเป็นข้อความ UTF-8",
                f"Cannot read cover/{path.name}; save it as UTF-8 text.",
            ) from error
    own = str(root.resolve()) if (root / "templates" / "mail").is_dir() else ""
    issue = MailedIssue(releasable, settings, covers, correction, own=own)
    issue.check()
    return issue


def require_covers(issue: MailedIssue, recipients: Sequence[Recipient]) -> None:
    """Raise InputError for groups that have no covering text of their own and no ``cover/default.md`` is meant for."""
    missing = sorted(
        {
            cover_name(person.group, person.language)
            for person in recipients
            if person.group
            and (
                not _GROUP.match(person.group)
                or cover_name(person.group, person.language) not in issue.covers
            )
        }
    )
    if missing:
        raise InputError(
            f"ไม่มีหนังสือนำของกลุ่ม {', '.join(missing)} — สร้างแฟ้ม cover/<กลุ่ม>.md (ภาษาอังกฤษ cover/<กลุ่ม>.en.md) หรือเว้นช่อง group ว่าง",
            f"No covering text for the group(s) {', '.join(missing)}; write cover/<group>.md (in English cover/<group>.en.md) or leave group empty.",
        )


def cover_name(group: str, lang: str) -> str:
    """Name of a covering text in ``cover/``, without its ending: ``default``, ``bank.en``."""
    return (group or "default") + ("" if lang == "th" else f".{lang}")


def require_language(issue: MailedIssue, recipients: Sequence[Recipient]) -> None:
    """Raise InputError where recipients want the English edition and the issue has none."""
    wanted = [person.email for person in recipients if person.language == "en"]
    folder = issue.releasable.folder
    if not wanted or ((folder / PDFS["en"]).exists() and has_language(folder, "en")):
        return
    listed = ", ".join(wanted[:3]) + (" ..." if len(wanted) > 3 else "")
    raise InputError(
        f"ผู้รับ {len(wanted)} รายต้องการฉบับภาษาอังกฤษ ({listed}) แต่ฉบับนี้ไม่มี — สร้างใหม่ด้วย reporter build --lang both หรือแก้ช่อง language",
        f"{len(wanted)} recipient(s) want English ({listed}), but the issue has no English edition; build it with --lang both, or change the column language.",
    )


def changes(before: Mapping[str, Any], issue: MailedIssue) -> tuple[str, ...]:
    """What a correction corrects: the words of its publication, headline numbers that differ, notes of the issue itself.

    before   headline of the version that the recipient got
    """
    found = [issue.correction] if issue.correction else []
    found += headline_changes(before, issue.releasable.content.get("headline") or {}, issue.lang)
    path = issue.releasable.folder / "tables" / "release_notes.csv"
    if path.exists():
        notes = pd.read_csv(path, dtype=str)
        column = f"text_{issue.lang}"
        if {"kind", column} <= set(notes.columns):
            found += notes.loc[notes["kind"] == "correction", column].dropna().tolist()
    if not found or found == [issue.correction]:
        found.append(words_of(issue.lang, issue.own)["unchanged"])
    return tuple(found)


@dataclass(frozen=True)
class Letter:
    """One recipient's words."""

    subject: str
    text: str
    html: str


def write(
    issue: MailedIssue,
    recipient: Recipient,
    *,
    sender: Sender,
    on: dt.datetime,
    corrections: tuple[str, ...] = (),
    rehearsal: bool = False,
) -> Letter:
    """Fill the templates for one recipient.

    sender       says where the recipient can leave the list
    corrections  what changed since the version that the recipient got; empty for a first issue
    rehearsal    the message goes to somebody who tests, whatever the state of the issue
    """
    lang, settings = issue.lang, issue.settings
    mark = issue.releasable.mark or ("ทดสอบการส่ง" if rehearsal else "")
    cover = issue.covers.get(cover_name(recipient.group, lang), "")
    remark = issue.covers.get(cover_name("correction", lang), "") if corrections else ""
    say = _filled(issue, on, is_correction=bool(corrections))
    given = {
        "issue": issue,
        "settings": settings,
        "recipient": recipient,
        "lang": lang,
        "say": say,
        "quarter_title": _quarter_title(issue),
        "about": say["sends_correction" if corrections else "sends"],
        "mark": words_of(lang, issue.own).get("marks", {}).get(mark, mark),
        "corrections": corrections,
        "correction_remark": Markup(safe_html(remark)) if remark else "",
        "correction_remark_text": plain(remark),
        "cover": Markup(safe_html(cover)) if cover else "",
        "cover_text": plain(cover),
        "contact": settings.contact if lang == "th" else settings.contact_en,
        "address": settings.address if lang == "th" else settings.address_en,
        "synthetic": bool(issue.releasable.content.get("synthetic")),
        "colour": tokens().colour,
        # Thai puts no space between words, and no comma before the quarter of a title.
        "gap": "" if lang == "th" else " ",
        "comma": "" if lang == "th" else ",",
        "leave_link": sender.unsubscribe_link(recipient.email),
        "leave_mail": sender.answers_to,
    }
    subject, text, html = (
        _rendered(name, issue.own, given) for name in ("subject.txt.j2", "letter.txt.j2", "letter.html.j2")
    )
    if settings.thai_digits and lang == "th":
        subject, text, html = thai.thai_digits(subject), thai.thai_digits(text), thai.thai_digits_html(html)
    return Letter(" ".join(subject.split()), _tidy(text), html)


def bound(text: str) -> str:
    """The text with no-break spaces where a number belongs to its neighbour."""
    return _BOUND.sub("\u00a0", text)


def _quarter_title(issue: MailedIssue) -> str:
    return thai.quarter_th(issue.quarter) if issue.lang == "th" else quarter_name(issue.quarter)


def words_of(lang: str, own: str = "") -> dict[str, Any]:
    """What the letter says in a language; ``marks`` are the marks of a rehearsal in it.

    own   a workspace whose ``templates/mail/words.toml`` says some of it otherwise. Raises InputError where that cannot be read
    """
    words: dict[str, Any] = tomllib.loads(asset(*_WORDS).read_text(encoding="utf-8"))[lang]
    path = Path(own, *_WORDS)
    if not own or not path.is_file():
        return words
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig")).get(lang, {})
    except (OSError, ValueError) as error:
        raise _broken_words(f"ไม่ใช่ TOML ที่อ่านได้: {error}", f"It is not TOML: {error}") from error
    for name, text in said.items():
        if name not in words or not isinstance(text, type(words[name])):
            raise _broken_words(
                f"ไม่รู้จัก {name[:40]} ของ [{lang}]", f"[{lang}] has no {name[:40]} of this kind."
            )
        if isinstance(text, str) and (unknown := _fields(text) - _fields(words[name])):
            raise _broken_words(
                f"{name} ใช้ชื่อในวงเล็บปีกกาที่ไม่มี: {', '.join(sorted(unknown))[:60]}",
                f"{name} names what cannot be filled in: {', '.join(sorted(unknown))[:60]}.",
            )
    return words | said


def _fields(text: str) -> set[str]:
    """Names in braces; a brace that is never closed counts as a name that nothing fills in."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def _broken_words(th: str, en: str) -> InputError:
    where = "/".join(_WORDS)
    return InputError(f"{where}: {th} — แก้ไขหรือลบไฟล์นี้", f"{where}: {en} Mend or remove the file.")


def _filled(issue: MailedIssue, on: dt.datetime, *, is_correction: bool) -> dict[str, str]:
    """The words with this issue's names, quarter, date and size in them."""
    lang, settings, date = issue.lang, issue.settings, on.astimezone(BANGKOK).date()
    names = {
        name: getattr(getattr(settings, name), lang) for name in ("title", "division", "office", "ministry")
    }
    names |= {
        "version": str(issue.version),
        "date": thai.date_th(date) if lang == "th" else date_en(date),
        "size": _size(issue.pdf.stat().st_size, words_of(lang, issue.own)),
        "quarter": _quarter_title(issue),
    }
    words = {key: text for key, text in words_of(lang, issue.own).items() if isinstance(text, str)}
    say = {key: text.format_map(names) for key, text in words.items()}
    if lang == "en":  # within a sentence
        say["opening"] = words["opening"].format_map(names | {"quarter": quarter_en(issue.quarter)})
    return say


def _size(size: int, words: Mapping[str, Any]) -> str:
    """``2.1 เมกะไบต์`` or, when small, ``812 กิโลไบต์``."""
    if size < 1_000_000:
        return str(words["kilobytes"]).format(size=thai.count(max(size / 1_000, 1)))
    return str(words["megabytes"]).format(size=thai.number(size / 1_000_000, 1))


def plain(markdown: str) -> str:
    """A covering text as plain text: marks of emphasis and headings taken off."""
    return _MARKDOWN.sub("", markdown).strip()


def _tidy(text: str) -> str:
    """No blank line twice, none at the start."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _rendered(name: str, own: str, given: Mapping[str, Any]) -> str:
    """One part of the letter. Raises InputError where a template of the workspace fails."""
    try:
        return _environment(own, name.endswith(".html.j2")).get_template(f"mail/{name}").render(given)
    except (jinja2.TemplateError, TypeError, AttributeError, LookupError, ValueError) as error:
        if not own or not Path(own, "templates", "mail", name).is_file():
            raise
        raise InputError(
            f"templates/mail/{name}: เติมแม่แบบไม่ได้ ({error}) — แก้ไขหรือลบไฟล์นี้",
            f"templates/mail/{name}: the template fails ({error}); mend or remove the file.",
        ) from error


@cache
def _environment(own: str, is_html: bool) -> jinja2.Environment:
    environment = own_templates(overrides=own).overlay(autoescape=is_html, keep_trailing_newline=True)
    environment.filters |= {
        "bound": bound,
        "points": thai.points,
        "change": thai.change,
        "quality": thai.quality,
    }
    return environment


__all__ = ["Letter", "MailedIssue", "changes", "open_issue", "require_covers", "require_language", "write"]
