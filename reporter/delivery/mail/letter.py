"""What a message says: headline numbers, three findings, one chart, links, the covering text of a group.

Goes in: a releasable issue, the workspace's settings, its ``cover/`` folder. Comes out: a ``MailedIssue`` (the same for everyone) and
filled templates for one recipient. Sentences and alt text are those of the issue's own document, so that the
mail cannot say another number than the report.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from reporter.delivery.built_issue import INDICES, IssueDocument, headline_changes, read_document
from reporter.delivery.mail.server import Sender
from reporter.delivery.release_log import Releasable
from reporter.domain import thai
from reporter.domain.declarations import asset, tokens
from reporter.domain.edition import Settings
from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import BANGKOK, archive_path, parse_quarter
from reporter.inputs.calendar import Recipient
from reporter.report.pages import safe_html

PDF, CHART = "report.pdf", "charts/index_history.png"
SENTENCES = 3
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
class Picture:
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
    """

    releasable: Releasable
    settings: Settings
    covers: Mapping[str, str] = field(default_factory=dict)
    correction: str = ""
    may_attach: bool = True

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
            for key, name in INDICES.items()
        )

    @cached_property
    def _document(self) -> IssueDocument:
        return read_document(self.releasable.folder)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Three findings, in the words of the report's summary."""
        return tuple(self._document.key_sentences[:SENTENCES])

    @cached_property
    def picture(self) -> Picture | None:
        """The chart of the index's history with its alt text; None when the issue has none."""
        path = self.releasable.folder / CHART
        if not path.exists():
            return None
        figures = self._document.figures()
        words = next((figure for figure in figures if figure["png"] == CHART), {})
        title, unit, source = (str(words.get(key, "")).strip() for key in ("title", "unit", "source"))
        alt = str(words.get("alt") or "แผนภูมิดัชนีเศรษฐกิจแรงงาน")
        return Picture(path.read_bytes(), alt, title, unit, source)

    @property
    def pdf(self) -> Path:
        """The report."""
        return self.releasable.folder / PDF

    @cached_property
    def pdf_digest(self) -> str:
        """SHA-256 of the report, as the manifest has it."""
        for entry in self.releasable.content["outputs"]:
            if entry["path"] == PDF:
                return str(entry["sha256"])
        raise StateError(
            f"ไม่มี {PDF} ใน {self.releasable.folder} — สร้างฉบับใหม่",
            f"There is no {PDF} in {self.releasable.folder}; build the issue again.",
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
                f"{PDF} ใหญ่เกินกว่าที่แนบได้ (ขีดจำกัดของแฟ้มแนบ {self.settings.mail_attachment_limit_mb:g} MB หรือของเซิร์ฟเวอร์อีเมล) — กำหนด website ใน workspace.toml เพื่อส่งเป็นลิงก์",
                f"{PDF} is too large to attach (limit of {self.settings.mail_attachment_limit_mb:g} MB, or of the mail server); set website in workspace.toml so that a link can go instead.",
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
    issue = MailedIssue(releasable, settings, covers, correction)
    issue.check()
    return issue


def require_covers(issue: MailedIssue, recipients: Sequence[Recipient]) -> None:
    """Raise InputError for groups that have no covering text of their own and no ``cover/default.md`` is meant for."""
    missing = sorted(
        {
            person.group
            for person in recipients
            if person.group and (not _GROUP.match(person.group) or person.group not in issue.covers)
        }
    )
    if missing:
        raise InputError(
            f"ไม่มีหนังสือนำของกลุ่ม {', '.join(missing)} — สร้างแฟ้ม cover/<กลุ่ม>.md หรือเว้นช่อง group ว่าง",
            f"No covering text for the group(s) {', '.join(missing)}; write cover/<group>.md or leave group empty.",
        )


def changes(before: Mapping[str, Any], issue: MailedIssue) -> tuple[str, ...]:
    """What a correction corrects: the words of its publication, headline numbers that differ, notes of the issue itself.

    before   headline of the version that the recipient got
    """
    found = [issue.correction] if issue.correction else []
    found += headline_changes(before, issue.releasable.content.get("headline") or {})
    path = issue.releasable.folder / "tables" / "release_notes.csv"
    if path.exists():
        notes = pd.read_csv(path, dtype=str)
        if {"kind", "text_th"} <= set(notes.columns):
            found += notes.loc[notes["kind"] == "correction", "text_th"].dropna().tolist()
    if not found or found == [issue.correction]:
        found.append("ตัวเลขหลักทั้งสามดัชนีไม่เปลี่ยนแปลง")
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
    mark = issue.releasable.mark or ("ทดสอบการส่ง" if rehearsal else "")
    cover = issue.covers.get(recipient.group or "default", "")
    remark = issue.covers.get("correction", "") if corrections else ""
    given = {
        "issue": issue,
        "settings": issue.settings,
        "recipient": recipient,
        "quarter": issue.quarter,
        "mark": mark,
        "corrections": corrections,
        "correction_remark": Markup(safe_html(remark)) if remark else "",
        "correction_remark_text": plain(remark),
        "cover": Markup(safe_html(cover)) if cover else "",
        "cover_text": plain(cover),
        "date": thai.date_th(on.astimezone(BANGKOK).date()),
        "synthetic": bool(issue.releasable.content.get("synthetic")),
        "colour": tokens().colour,
        "pdf_size": _size(issue.pdf.stat().st_size),
        "leave_link": sender.unsubscribe_link(recipient.email),
        "leave_mail": sender.answers_to,
    }
    subject, text, html = (
        _template(name).render(given) for name in ("subject.txt.j2", "letter.txt.j2", "letter.html.j2")
    )
    if issue.settings.thai_digits:
        subject, text, html = thai.thai_digits(subject), thai.thai_digits(text), thai.thai_digits_html(html)
    return Letter(" ".join(subject.split()), _tidy(text), html)


def bound(text: str) -> str:
    """The text with no-break spaces where a number belongs to its neighbour."""
    return _BOUND.sub("\u00a0", text)


def _size(size: int) -> str:
    """``2.1 เมกะไบต์`` or, when small, ``812 กิโลไบต์``."""
    if size < 1_000_000:
        return f"{thai.count(max(size / 1_000, 1))} กิโลไบต์"
    return f"{thai.number(size / 1_000_000, 1)} เมกะไบต์"


def plain(markdown: str) -> str:
    """A covering text as plain text: marks of emphasis and headings taken off."""
    return _MARKDOWN.sub("", markdown).strip()


def _tidy(text: str) -> str:
    """No blank line twice, none at the start."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates")),
        autoescape=name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "bound": bound,
        "points": thai.points,
        "change": thai.change,
        "quality": thai.quality,
        "quarter_th": thai.quarter_th,
    }
    return environment.get_template(f"mail/{name}")


__all__ = ["Letter", "MailedIssue", "changes", "open_issue", "require_covers", "write"]
