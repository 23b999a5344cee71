"""``reporter send`` from the folder of an issue to the summary: check everything first, then deliver.

Goes in: a ``Request``. Comes out: messages sent and a ledger that says so; DeliveryError when somebody was not served. The
list, the covers, the issue and the sender are checked before the first connection: a broken list is sent to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.mail import letter
from reporter.delivery.mail.delivery import (
    Clock,
    Run,
    Summary,
    told,
)
from reporter.delivery.mail.ledger import FOLDER, only_one_run, open_ledger
from reporter.delivery.mail.message import Packer, envelope
from reporter.delivery.mail.preview import write_preview
from reporter.delivery.mail.senders import sender_of
from reporter.delivery.mail.server import (
    Connection,
    Server,
    UnreachableError,
    connect,
    parse_url,
)
from reporter.delivery.release_gate import Releasable, require_releasable
from reporter.domain.errors import DeliveryError, InputError, UsageError
from reporter.domain.periods import iso
from reporter.inputs.recipients import FILE, Recipient
from reporter.inputs.workspace import open_workspace

WAIT_FOR_OTHER_RUN = 600.0


@dataclass(frozen=True)
class Request:
    """What ``reporter send`` was asked for; ``say`` tells the operator something in Thai and English."""

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
    rate: float = 0


def send(request: Request) -> None:
    """Send, rehearse or preview. Raises StateError, InputError, UsageError before, DeliveryError after sending."""
    folder = request.out / iso(request.quarter)
    releasable = require_releasable(
        folder,
        request.allow_draft,
        now=request.clock.now(),
        only_preview=request.dry_run,
        workspace=request.data,
    )
    workspace = open_workspace(request.data)
    recipients = workspace.recipients()
    if not recipients:
        raise InputError(
            f"ไม่มีผู้รับใน {FILE} — เพิ่มแถวที่มี agency,name,email",
            f"There are no recipients in {FILE}; add rows with agency,name,email.",
        )
    issue = letter.open_issue(releasable, workspace.settings, workspace.root)
    letter.require_covers(issue, recipients)
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
        _deliver(request, packer, server, recipients, releasable)


def _server(environment: Mapping[str, str]) -> Server:
    url = environment.get("REPORTER_SMTP_URL", "").strip()
    if not url:
        raise UsageError(
            "ไม่ได้กำหนดเซิร์ฟเวอร์อีเมล — ตั้งค่า REPORTER_SMTP_URL หรือใช้ --dry-run",
            "There is no mail server; set REPORTER_SMTP_URL or use --dry-run.",
        )
    return parse_url(url)


def _deliver(
    request: Request,
    packer: Packer,
    server: Server,
    recipients: tuple[Recipient, ...],
    releasable: Releasable,
) -> None:
    """Deliver under the lock and with the ledger."""
    people = {person.email.casefold(): person for person in recipients}
    if request.resend and request.resend.casefold() not in people:
        raise UsageError(f"ไม่มี {request.resend} ใน {FILE}", f"{request.resend} is not in {FILE}.")
    folder, edition = releasable.folder, packer.issue.edition
    with (
        only_one_run(request.out, folder.name, wait=WAIT_FOR_OTHER_RUN),
        open_ledger(request.out, folder.name, edition) as ledger,
    ):
        ledger.register(releasable.digest, releasable.content.get("headline") or {}, recipients)
        ledger.take_up()
        if request.resend:
            ledger.reopen(request.resend)
        run = Run(
            packer,
            people,
            ledger,
            lambda: connect(server, helo=packer.sender.domain),
            request.clock,
            request.say,
            only=request.resend,
            rate=request.rate,
        )
        summary = run.deliver()
    _record(request, releasable, summary)
    _tell(request, summary)


def _record(request: Request, releasable: Releasable, summary: Summary) -> None:
    """A line in the release log for every run that sent something of a signed-off issue."""
    if summary.sent_now and not releasable.mark:
        release_log.record(
            releasable.folder,
            "sent",
            who="reporter send",
            when=request.clock.now().isoformat(timespec="seconds"),
            note=f"{summary.sent_now} messages",
        )


def _tell(request: Request, summary: Summary) -> None:
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


def _trial(request: Request, packer: Packer, server: Server) -> None:
    """One marked message to one address; the ledger does not know of it, so the real one still goes there."""
    try:
        envelope(request.to)
    except ValueError as error:
        raise UsageError(f'--to: "{request.to}" ไม่ใช่ที่อยู่อีเมล', f"--to: no e-mail address: {error}") from error
    person = Recipient("", "ผู้ทดสอบ", request.to)
    now = request.clock.now()
    words = letter.write(packer.issue, person, on=now, rehearsal=True)
    message = packer.pack(words, person, date=now, edition=f"trial-{now:%Y%m%dT%H%M%S}")
    try:
        connection: Connection = connect(server, helo=packer.sender.domain)
    except UnreachableError as error:
        raise DeliveryError(
            f"ติดต่อเซิร์ฟเวอร์อีเมลไม่ได้ ({error})", f"The mail server cannot be reached: {error}"
        ) from error
    answer = connection.send(packer.sender.address, message, lambda: None)
    connection.close()
    if answer.state != "sent":
        raise DeliveryError(
            f"ส่งทดสอบถึง {request.to} ไม่สำเร็จ ({answer.code} {answer.words})",
            f"The trial message to {request.to} was not taken: {answer.code} {answer.words}",
        )
    request.say(f"ส่งทดสอบถึง {request.to} แล้ว", f"trial message sent to {request.to}")


__all__ = ["Clock", "Request", "send"]
