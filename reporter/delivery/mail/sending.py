"""``reporter send`` from the folder of an issue to the summary: check everything first, then deliver or show.

Goes in: a ``SendRequest``. Comes out: messages sent and a ledger that says so; DeliveryError when somebody was not served. The
list, the covers, the issue and the sender are checked before the first connection: a broken list is sent to nobody. Also here:
short notices to the office itself (``notify``), which never undo what they speak of.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.policy
import email.utils
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.mail import letter
from reporter.delivery.mail.ledger import FOLDER, NAME, key, only_one_run, open_ledger
from reporter.delivery.mail.message import (
    Clock,
    MailRun,
    Packer,
    Summary,
    envelope,
    told,
)
from reporter.delivery.mail.server import Connection, Server, UnreachableError, connect, parse_url, sender_of
from reporter.delivery.release_log import Releasable, require_releasable
from reporter.domain.edition import Settings
from reporter.domain.errors import DeliveryError, InputError, ReporterError, StateError, UsageError
from reporter.domain.periods import iso
from reporter.inputs.calendar import RECIPIENTS_FILE, Recipient
from reporter.inputs.workspace import open_workspace
from reporter.runtime.cache import new_folder

WAIT_FOR_OTHER_RUN = 600.0  # seconds: longer than any run over some thousand recipients takes
PAGE_TIMEOUT = 10.0  # seconds for asking the website whether the page is there
_UNSAFE = re.compile(r"[^A-Za-z0-9.@_-]")


def ask_page(address: str) -> int | None:
    """The status with which the website answers, or None where it cannot be reached from here."""
    try:
        return httpx.get(address, timeout=PAGE_TIMEOUT, follow_redirects=True).status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return None


@dataclass(frozen=True)
class SendRequest:
    """What ``reporter send`` was asked for; ``say`` tells the operator something in Thai and English.

    ask   gives the status with which the website answers for an address, or None where it cannot be reached
    """

    quarter: pd.Period
    data: Path
    out: Path
    environment: Mapping[str, str]
    clock: Clock
    say: Callable[[str, str], None]
    allow_draft: bool = False
    dry_run: bool = False
    to: str = ""
    resend: str = ""
    retry_failed: bool = False
    until_done: bool = False
    rate: float = 0
    ask: Callable[[str], int | None] = ask_page


def send(request: SendRequest) -> None:
    """Send, rehearse or preview. Raises StateError, InputError, UsageError before, DeliveryError after sending."""
    folder = request.out / iso(request.quarter)
    releasable = require_releasable(
        folder,
        request.allow_draft,
        now=request.clock.now(),
        only_preview=request.dry_run,
        workspace=request.data,
    )
    if not request.dry_run:
        release_log.require_not_retracted(folder, releasable.content)
    _require_correction(request, releasable)
    workspace = open_workspace(request.data)
    recipients = workspace.recipients()
    if not recipients:
        raise InputError(
            f"ไม่มีผู้รับใน {RECIPIENTS_FILE} — เพิ่มแถวที่มี agency,name,email",
            f"There are no recipients in {RECIPIENTS_FILE}; add rows with agency,name,email.",
        )
    issue = letter.open_issue(releasable, workspace.settings, workspace.root, _correction(folder))
    letter.require_covers(issue, recipients)
    letter.require_language(issue, recipients)
    _ask_whether_published(request, issue)
    server = None if request.dry_run else _server(request.environment)
    packer = Packer(issue, sender_of(request.environment, workspace.settings, server))
    if server is None:
        page = write_preview(
            packer, recipients, request.out / FOLDER / f"preview-{folder.name}", on=request.clock.now()
        )
        request.say(
            f"เขียนตัวอย่าง {len(recipients)} ฉบับ ไม่ได้ส่ง: {page}",
            f"{len(recipients)} messages written, none sent",
        )
    elif request.to:
        _trial(request, packer, server)
    else:
        patience = workspace.settings.mail_retry_hours * 3600 if request.until_done else 0.0
        _deliver(request, packer, server, recipients, patience)


def _correction(folder: Path) -> str:
    """What was wrong in the version before, in the words with which this one was published; empty for a first version."""
    said = [entry.correction for entry in release_log.events(folder) if entry.event == "published"]
    return said[-1] if said else ""


def _require_correction(request: SendRequest, releasable: Releasable) -> None:
    """A correction goes out with the words of what was wrong, or not at all: nobody gets it twice. Raises StateError.

    ``publish --correction`` writes the words into the release log; a rehearsal without them goes, and is told so.
    """
    version = int(releasable.content.get("version", 1))
    if version < 2 or _correction(releasable.folder):
        return
    name = iso(request.quarter)
    if request.dry_run or request.to or releasable.mark:
        request.say(
            f"คำเตือน: ยังไม่มีข้อความแก้ไขของฉบับที่ {version} ในบันทึกการเผยแพร่ จดหมายซ้อมนี้จึงไม่บอกว่าแก้ไขอะไร และจะส่งจริงไม่ได้จนกว่าจะเผยแพร่ด้วย --correction",
            f"warning: the release log has no correction text of version {version} yet, so this rehearsal does not say what was wrong; the real letters wait for publish --correction",
        )
        return
    raise StateError(
        f"{name} ฉบับที่ {version} เป็นฉบับแก้ไข แต่บันทึกการเผยแพร่ยังไม่มีข้อความว่าแก้ไขอะไร จึงยังไม่ส่งถึงใคร — "
        f'เผยแพร่ก่อนด้วย reporter publish -q {name} --correction "สิ่งที่แก้ไข" แล้วสั่ง send ใหม่',
        f"{name} version {version} is a correction, but the release log does not say yet what was wrong, so nothing was sent; "
        f'publish it first with reporter publish -q {name} --correction "what was wrong", then send.',
    )


def _ask_whether_published(request: SendRequest, issue: letter.MailedIssue) -> None:
    """A letter must not lead to a page that is not there. Raises StateError where the website says so.

    Where the website cannot be reached from here, the release log says whether the version was published.
    """
    address = issue.version_address
    if not address or issue.releasable.mark or request.dry_run or request.to:
        return
    status = request.ask(f"{address}index.html")
    if status is not None and status < 400:
        return
    if status in (404, 410):
        raise StateError(
            f"หน้าเว็บที่จดหมายอ้างถึงยังไม่มี ({address} ตอบ {status}) — เผยแพร่ด้วย reporter publish และส่งแฟ้มขึ้นเว็บก่อน",
            f"The page that the letter leads to is not there ({address} answers {status}); publish it first.",
        )
    is_published = "published" in {entry.event for entry in release_log.events(issue.releasable.folder)}
    if not is_published:
        request.say(
            f"คำเตือน: ยังไม่ได้เผยแพร่ฉบับนี้ด้วย reporter publish และเปิด {address} จากเครื่องนี้ไม่ได้ ลิงก์ในจดหมายอาจยังเปิดไม่ได้",
            f"warning: this version is not published yet, and {address} cannot be reached from here: the letter's link may be dead",
        )


def _server(environment: Mapping[str, str]) -> Server:
    url = environment.get("REPORTER_SMTP_URL", "").strip()
    if not url:
        raise UsageError(
            "ไม่ได้กำหนดเซิร์ฟเวอร์อีเมล — ตั้งค่า REPORTER_SMTP_URL หรือใช้ --dry-run",
            "There is no mail server; set REPORTER_SMTP_URL or use --dry-run.",
        )
    return parse_url(url)


def _deliver(
    request: SendRequest, packer: Packer, server: Server, recipients: tuple[Recipient, ...], patience: float
) -> None:
    """Deliver under the lock and with the ledger."""
    people = {person.email.casefold(): person for person in recipients}
    only = key(request.resend) if request.resend else ""
    if only and only not in people:
        raise UsageError(
            f"ไม่มี {request.resend} ใน {RECIPIENTS_FILE}", f"{request.resend} is not in {RECIPIENTS_FILE}."
        )
    releasable = packer.issue.releasable
    folder, edition = releasable.folder, packer.issue.edition
    with (
        only_one_run(request.out, folder.name, wait=WAIT_FOR_OTHER_RUN),
        open_ledger(request.out, folder.name, edition) as ledger,
    ):
        ledger.register(releasable.digest, releasable.content.get("headline") or {}, recipients)
        ledger.take_up()
        if only:
            ledger.reopen(only)
        if request.retry_failed:
            again = ledger.reopen_refused()
            request.say(f"ส่งใหม่ให้รายที่เคยถูกปฏิเสธ {again} ราย", f"{again} who were refused are served again")
        run = MailRun(
            packer,
            people,
            ledger,
            lambda: connect(server, helo=packer.sender.domain),
            request.clock,
            request.say,
            only=only,
            rate=request.rate,
            patience=patience,
        )
        summary = run.deliver()
    _record(request, releasable, summary)
    _tell(request, summary)


def _record(request: SendRequest, releasable: Releasable, summary: Summary) -> None:
    """A line in the release log for every run that sent something of a signed-off issue."""
    if summary.sent_now and not releasable.mark:
        release_log.record(
            releasable.folder,
            "sent",
            who="reporter send",
            when=request.clock.now().isoformat(timespec="seconds"),
            note=f"{summary.sent_now} messages",
        )


def _tell(request: SendRequest, summary: Summary) -> None:
    """Say what happened. Raises DeliveryError when somebody was not served."""
    for thai, english in told(summary):
        request.say(thai, english)
    if summary.fatal is not None:
        raise summary.fatal
    if not summary.is_complete:
        missing = len(summary.rows) - len(summary.named("sent"))
        raise DeliveryError(
            f"มีผู้รับ {missing} รายที่ยังไม่ยืนยันว่าได้รับ ดูรายชื่อข้างต้น",
            f"{missing} recipient(s) were not served or are uncertain, as listed.",
        )


def _trial(request: SendRequest, packer: Packer, server: Server) -> None:
    """One marked message to one address; the ledger does not know of it, so the real one still goes there."""
    try:
        envelope(request.to)
    except ValueError as error:
        raise UsageError(f'--to: "{request.to}" ไม่ใช่ที่อยู่อีเมล', f"--to: no e-mail address: {error}") from error
    person = Recipient("", "ผู้ทดสอบ", request.to)
    now = request.clock.now()
    words = letter.write(packer.issue, person, sender=packer.sender, on=now, rehearsal=True)
    message = packer.pack(words, person, date=now, edition=f"trial-{now:%Y%m%dT%H%M%S}")
    try:
        connection: Connection = connect(server, helo=packer.sender.domain)
    except UnreachableError as error:
        raise DeliveryError(
            f"ติดต่อเซิร์ฟเวอร์อีเมลไม่ได้ ({error})", f"The mail server cannot be reached: {error}"
        ) from error
    if connection.largest and message.size > connection.largest and packer.issue.is_attached:
        packer = packer.with_link()
        words = letter.write(packer.issue, person, sender=packer.sender, on=now, rehearsal=True)
        message = packer.pack(words, person, date=now, edition=f"trial-{now:%Y%m%dT%H%M%S}")
    answer = connection.send(packer.sender.envelope, message, lambda: None)
    connection.close()
    if answer.state != "sent":
        raise DeliveryError(
            f"ส่งทดสอบถึง {request.to} ไม่สำเร็จ ({answer.code} {answer.words})",
            f"The trial message to {request.to} was not taken: {answer.code} {answer.words}",
        )
    request.say(f"ส่งทดสอบถึง {request.to} แล้ว", f"trial message sent to {request.to}")


def write_preview(packer: Packer, recipients: Sequence[Recipient], folder: Path, *, on: dt.datetime) -> Path:
    """Write one ``.eml`` a recipient and a page with every covering text, in place of an earlier preview.

    Those who got an earlier version see the correction. Nothing is sent, the ledger stays as it is; returns the page.
    """
    out = folder.parents[1]
    earlier, first = _earlier(out, packer)
    rows: list[tuple[str, Recipient, str]] = []
    kinds: dict[tuple[str, str, bool], str] = {}
    with new_folder(folder) as target:
        for number, recipient in enumerate(recipients, start=1):
            address = recipient.email.casefold()
            own = packer.for_recipient(recipient)
            corrections = letter.changes(earlier[address], own.issue) if address in earlier else ()
            words = letter.write(own.issue, recipient, sender=own.sender, on=on, corrections=corrections)
            name = f"{number:04d}_{_UNSAFE.sub('_', recipient.email)}.eml"
            message = own.pack(
                words, recipient, date=on, answers=first.get(address, "") if corrections else ""
            )
            with (target / name).open("wb") as stream:
                stream.writelines(message.pieces)
            rows.append((name, recipient, words.subject))
            kinds.setdefault((recipient.group, recipient.language, bool(corrections)), words.html)
        (target / "index.html").write_text(_preview_page(packer, rows, kinds), encoding="utf-8")
    folder.chmod(0o700)
    return folder / "index.html"


def _earlier(out: Path, packer: Packer) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """By address: headline of the version that a recipient got before, and the Message-ID of the first letter."""
    if not (out / FOLDER / NAME).exists():
        return {}, {}
    with open_ledger(out, str(packer.issue.releasable.content["quarter"]), packer.issue.edition) as ledger:
        return ledger.received_before(), ledger.first_messages()


def _preview_page(
    packer: Packer, rows: Sequence[tuple[str, Recipient, str]], kinds: Mapping[tuple[str, str, bool], str]
) -> str:
    """List of messages, and one letter of every covering text, the chart inside the page."""
    picture = packer.issue.picture
    shown = []
    for (group, lang, is_correction), text in kinds.items():
        if picture is not None:
            data = base64.b64encode(picture.png).decode("ascii")
            text = text.replace("cid:chart", f"data:image/png;base64,{data}")
        name = html.escape(f"cover/{letter.cover_name(group, lang)}.md")
        more = " (ฉบับแก้ไข)" if is_correction else ""
        count = sum((person.group, person.language) == (group, lang) for _, person, _ in rows)
        shown.append(
            f"<h2>หนังสือนำ {name}{more} ผู้รับ {count} ราย</h2>"
            f'<iframe title="จดหมาย {name}{more}" width="660" height="1500" srcdoc="{html.escape(text, quote=True)}"></iframe>'
        )
    listed = "".join(
        f'<li><a href="{html.escape(name)}">{html.escape(person.email)}</a> '
        f"{html.escape(f'{person.name} {person.agency}')} — {html.escape(subject)}</li>"
        for name, person, subject in rows
    )
    return (
        '<!DOCTYPE html><html lang="th"><head><meta charset="utf-8"><title>ตัวอย่างก่อนส่ง</title></head>'
        f"<body><h1>ตัวอย่างก่อนส่ง {len(rows)} ฉบับ</h1><ol>{listed}</ol>{''.join(shown)}</body></html>\n"
    )


__all__ = ["Clock", "SendRequest", "send"]


# Thai goes as base64: a relay of the old kind passes it on as it is.
_POLICY = email.policy.SMTP.clone(cte_type="7bit", max_line_length=76)


@dataclass(frozen=True)
class _Plain:
    """One message to one address, as the connection wants it."""

    to: str
    needs_smtputf8: bool
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def on_the_wire(self) -> Iterator[bytes]:
        yield b"\r\n".join(
            b"." + line if line.startswith(b".") else line for line in self.content.split(b"\r\n")
        )


def addresses(text: str) -> list[str]:
    """The addresses of an environment variable: separated by commas or semicolons."""
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def notify(
    environment: Mapping[str, str], settings: Settings, to: list[str], *, subject: str, text: str
) -> list[str]:
    """Send a text to each address; returns what went wrong, one line an address, in Thai and English."""
    if not to:
        return []
    url = environment.get("REPORTER_SMTP_URL", "").strip()
    if not url:
        return ["ไม่ได้ตั้งค่า REPORTER_SMTP_URL จึงไม่ได้ส่งอีเมลแจ้ง — REPORTER_SMTP_URL is not set; nobody was told"]
    problems = []
    try:
        server = parse_url(url)
        sender = sender_of(environment, settings, server)
        connection = connect(server, helo=sender.domain)
    except (ReporterError, UnreachableError) as error:
        return [f"ส่งอีเมลแจ้งไม่ได้ — the notice could not be sent: {error}"]
    for address in to:
        try:
            target, is_utf8 = envelope(address)
            message = EmailMessage(policy=_POLICY)
            message["From"] = sender.address
            message["To"] = target
            message["Subject"] = " ".join(subject.split())
            message["Date"] = email.utils.localtime()
            message["Message-ID"] = email.utils.make_msgid(domain=sender.domain)
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(text, charset="utf-8", cte="base64")
            answer = connection.send(
                sender.envelope, _Plain(target, is_utf8, message.as_bytes()), lambda: None
            )
            if answer.state != "sent":
                problems.append(f"<{address}> {answer.code} {answer.words}")
        except (ValueError, ReporterError) as error:
            problems.append(f"<{address}> {error}")
    connection.close()
    return problems
