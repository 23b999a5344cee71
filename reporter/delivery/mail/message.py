"""A letter as an e-mail message in bytes: headers, text, HTML with its chart, the report attached.

Goes in: a ``MailedIssue``, a recipient's ``Letter``, the sender. Comes out: a ``Message`` in pieces, of which the large ones
are made once for all recipients: a thousand messages cost the memory of one. Formats: RFC 5322, 2047, 2045-2049,
2369 and 8058 (one-click unsubscribing), 3834 (Auto-Submitted), 6376 (DKIM); lines end with CRLF and are at most 76 long.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import hashlib
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from functools import cached_property

import dkim
from email_validator import validate_email

from reporter.delivery.mail import letter
from reporter.delivery.mail.ledger import (
    OPEN_STATES,
    REFUSED_STATES,
    Ledger,
    LedgerRow,
)
from reporter.delivery.mail.letter import Letter, MailedIssue
from reporter.delivery.mail.server import (
    Connection,
    Dkim,
    Sender,
    ServerAnswer,
    UnreachableError,
)
from reporter.domain.errors import DeliveryError, UsageError
from reporter.inputs.calendar import Recipient

# RFC 2047 allows lines of 76 characters with an encoded word; RFC 5322 recommends at most 78.
_LINE, _WORD_MARKS = 76, len("=?utf-8?B??=")
_WORD_BYTES = 45  # of UTF-8 in one encoded word: 60 in base64, 72 with its marks
_LONGEST_LINE = 78
_LONGEST_CLUSTER = 6
# Each is signed once more than it occurs (RFC 6376, 8.15): a second one added on the way breaks the signature.
_SIGNED = (
    b"from", b"to", b"cc", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"list-id", b"list-unsubscribe",
    b"list-unsubscribe-post",
)  # fmt: skip


@dataclass(frozen=True)
class Message:
    """One message; ``pieces`` in order are its bytes, CRLF line ends, not yet dot-stuffed."""

    id: str
    to: str
    needs_smtputf8: bool
    pieces: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes as RFC 1870 counts them for SIZE: with CRLF, before dots are doubled."""
        return sum(map(len, self.pieces))

    @property
    def content(self) -> bytes:
        """All bytes at once, for a file."""
        return b"".join(self.pieces)

    def on_the_wire(self) -> Iterator[bytes]:
        """Pieces with lines that begin with a dot doubled; every piece begins a line."""
        for piece in self.pieces:
            # Only the small pieces can hold such a line: the others are base64.
            yield re.sub(rb"(?m)^\.", b"..", piece) if len(piece) < 1_000_000 else piece


def envelope(address: str) -> tuple[str, bool]:
    """The address as the server wants it (IDNA), and whether it needs SMTPUTF8."""
    checked = validate_email(
        address, check_deliverability=False, globally_deliverable=False, test_environment=True
    )
    return checked.ascii_email or checked.normalized, checked.smtputf8


@dataclass(frozen=True)
class Packer:
    """Packs letters of one issue; what all messages share is encoded once."""

    issue: MailedIssue
    sender: Sender

    def with_link(self) -> Packer:
        """The same, with a link to the report in place of the report."""
        return Packer(self.issue.with_link(), self.sender)

    def for_recipient(self, recipient: Recipient) -> Packer:
        """What packs in the recipient's language."""
        return self if recipient.language == self.issue.lang else self._english

    @cached_property
    def _english(self) -> Packer:
        return Packer(self.issue.in_english(), self.sender)

    @cached_property
    def _boundary(self) -> str:
        # Base64 holds neither "=_" nor a hyphen, so no content can look like a boundary.
        return f"=_{hashlib.sha256(self.issue.edition.encode() + self.issue.releasable.digest.encode()).hexdigest()[:24]}"

    @cached_property
    def _chart(self) -> bytes:
        picture = self.issue.picture
        if picture is None:
            return b""
        return _part(
            picture.png,
            {
                "Content-Type": "image/png",
                "Content-ID": "<chart>",
                "Content-Disposition": 'inline; filename="chart.png"',
            },
        )

    @cached_property
    def _report(self) -> bytes:
        if not self.issue.is_attached:
            return b""
        ending = "" if self.issue.lang == "th" else f"-{self.issue.lang}"
        name = f"labour-report-{self.issue.releasable.content['quarter']}{ending}.pdf"
        return _part(
            self.issue.pdf.read_bytes(),
            {
                "Content-Type": f'application/pdf; name="{name}"',
                "Content-Disposition": f'attachment; filename="{name}"',
            },
        )

    def message_id(self, recipient: Recipient, edition: str) -> str:
        """Stable for an issue's quarter, edition and recipient, so that a doubled delivery is seen as one."""
        quarter = self.issue.releasable.content["quarter"]
        key = f"{quarter}\0{edition}\0{recipient.email.casefold()}"
        digest = hashlib.sha256(key.encode("utf-8")).hexdigest()[:20]
        told = f"<{quarter}.{edition}.{digest}@{self.sender.domain}>"
        # Sixteen digits tell a million messages apart, and leave room for a long domain.
        return (
            told if len(f"Message-ID: {told}") <= _LONGEST_LINE else f"<{digest[:16]}@{self.sender.domain}>"
        )

    def pack(
        self,
        letter: Letter,
        recipient: Recipient,
        *,
        date: dt.datetime,
        edition: str = "",
        answers: str = "",
    ) -> Message:
        """The message of one recipient, signed when the sender has a key.

        answers   Message-ID of the recipient's first letter about the quarter: a correction stands below it
        """
        to, utf8 = envelope(recipient.email)
        message_id = self.message_id(recipient, edition or self.issue.edition)
        outer, inner, related = (f"{self._boundary}.{place}" for place in ("a", "b", "c"))
        about = {"Message-ID": message_id, **dict.fromkeys(("In-Reply-To", "References"), answers)}
        headers = self._headers(letter, recipient, to, about, date)
        start = (
            headers
            + f'Content-Type: multipart/mixed; boundary="{outer}"\r\n\r\n--{outer}\r\n'.encode()
            + f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n--{inner}\r\n'.encode()
            + _text(letter.text, "plain")
            + f'--{inner}\r\nContent-Type: multipart/related; boundary="{related}";\r\n type="text/html"\r\n\r\n'.encode()
            + f"--{related}\r\n".encode()
            + _text(letter.html, "html")
        )
        chart = f"--{related}\r\n".encode() + self._chart if self._chart else b""
        middle = chart + f"--{related}--\r\n--{inner}--\r\n".encode()
        report = f"--{outer}\r\n".encode() + self._report if self._report else b""
        pieces: tuple[bytes, ...] = (start, middle, report, f"--{outer}--\r\n".encode())
        if self.sender.dkim is not None:
            pieces = (_signature(b"".join(pieces), self.sender.dkim), *pieces)
        return Message(message_id, to, utf8, pieces)

    def _headers(
        self, letter: Letter, recipient: Recipient, to: str, about: Mapping[str, str], date: dt.datetime
    ) -> bytes:
        settings, sender = self.issue.settings, self.sender
        rows = {
            "From": mailbox(sender.name, sender.address),
            "To": mailbox(" ".join(part for part in (recipient.name, recipient.agency) if part), to),
            "Reply-To": f"<{sender.reply_to or sender.address}>",
            "Subject": encoded(letter.subject, len("Subject: ")),
            "Date": email.utils.format_datetime(date),
            **{name: _folded(name, text) for name, text in about.items() if text},
            "List-Id": f"{encoded(settings.title.th, len('List-Id: '))}\r\n <labour-report.{sender.domain}>",
            "List-Unsubscribe": self._unsubscribe(recipient),
            **({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if sender.has_one_click else {}),
            "Auto-Submitted": "auto-generated",
            "Content-Language": self.issue.lang,
            "MIME-Version": "1.0",
        }
        if any(re.search(r"\r(?!\n )|(?<!\r)\n", text) for text in rows.values()):
            raise UsageError("หัวจดหมายมีการขึ้นบรรทัดใหม่", "A mail header holds a line break.")
        return "".join(f"{name}: {text}\r\n" for name, text in rows.items()).encode("utf-8")

    def _unsubscribe(self, recipient: Recipient) -> str:
        """Mail and, where the sender has a service that answers, one click; every address on a line of its own."""
        mail = f"<mailto:{self.sender.answers_to}?subject=unsubscribe>"
        ways = [mail if len(mail) < _LONGEST_LINE else f"<mailto:{self.sender.answers_to}>"]
        if link := self.sender.unsubscribe_link(recipient.email):
            ways.insert(0, f"<{link}>")
        return "\r\n " + ",\r\n ".join(ways)


def _folded(name: str, text: str) -> str:
    """A header's only word, on a line of its own where both are too long for one."""
    return text if len(f"{name}: {text}") <= _LONGEST_LINE else f"\r\n {text}"


def mailbox(name: str, address: str) -> str:
    """``name <address>`` with the name quoted or encoded."""
    if not name:
        return f"<{address}>"
    is_short = name.isascii() and len(name) < _LINE - len("Reply-To: ") and "=?" not in name
    # The library's own address type knows which names need quotes: commas and semicolons would split the header.
    shown = str(Address(name, "a", "b")).removesuffix(" <a@b>") if is_short else encoded(name, len("From: "))
    return f"{shown}\r\n <{address}>"


def encoded(text: str, used: int = 0) -> str:
    """Header text as RFC 2047 words, folded; plain ASCII stays as it is. No word cuts a Thai cluster.

    used   characters that stand before it on its first line: a line with such a word is at most 76 long
    """
    if text.isascii() and len(text) + used <= _LINE and "=?" not in text and text.isprintable():
        return text
    words: list[str] = []
    held = ""
    for cluster in _clusters(text):
        room = _WORD_BYTES if words else (_LINE - used - _WORD_MARKS) // 4 * 3
        if held and len((held + cluster).encode("utf-8")) > room:
            words.append(held)
            held = ""
        held += cluster
    words.append(held)
    return "\r\n ".join(
        f"=?utf-8?B?{base64.b64encode(word.encode('utf-8')).decode('ascii')}?=" for word in words
    )


def _clusters(text: str) -> Iterator[str]:
    """Letters with the marks that stand on them."""
    held = ""
    for character in text:
        # No letter carries more marks than this; a heap of them may be cut, so that the word stays short.
        is_mark = unicodedata.category(character) in ("Mn", "Me") and len(held) < _LONGEST_CLUSTER
        if held and not is_mark:
            yield held
            held = ""
        held += character
    if held:
        yield held


def _text(text: str, kind: str) -> bytes:
    return _part(
        text.replace("\n", "\r\n").encode("utf-8"), {"Content-Type": f'text/{kind}; charset="utf-8"'}
    )


def _part(content: bytes, headers: Mapping[str, str]) -> bytes:
    """A part of a multipart message in base64; it ends with a line break."""
    rows = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    body = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return rows.encode("ascii") + b"Content-Transfer-Encoding: base64\r\n\r\n" + body


def _signature(content: bytes, key: Dkim) -> bytes:
    """The DKIM-Signature header of a message."""
    head = content[: content.index(b"\r\n\r\n")].lower()
    present = [name for name in _SIGNED if re.search(rb"(?m)^" + name + rb":", head)]
    signed: bytes = dkim.sign(
        content,
        key.selector.encode("ascii"),
        key.domain.encode("ascii"),
        key.key,
        canonicalize=(b"relaxed", b"simple"),
        include_headers=[*present, *_SIGNED],
    )
    return signed


# ----------------------------------------------------------------------------------------------------
# Delivery: one message to each recipient of the ledger who has none yet, over as few connections as possible.
#
# Goes in: a packed issue, its recipients, an open ledger, a way to connect. Comes out: a ``Summary``. What fails for now is tried again
# with growing pauses, in this run and in the next; what fails for good is tried once; what cannot be known is not repeated.
# ----------------------------------------------------------------------------------------------------

ATTEMPTS = 4  # of one message, and of connecting, in one round: a busy server needs seconds, a greylisting one minutes
PAUSES = (1.0, 4.0, 10.0, 30.0)  # seconds after the first, second, ... failure for now within a round
# Seconds between the rounds of ``--until-done``. Greylisting servers ask for 1 to 15 minutes; after that once in 15 is enough.
ROUNDS = (60.0, 120.0, 300.0, 600.0, 900.0)
PER_CONNECTION = 200  # messages; many servers close a session after some hundreds


@dataclass(frozen=True)
class Clock:
    """The time, and a way to let it pass; tests give their own."""

    now: Callable[[], dt.datetime]
    sleep: Callable[[float], None]


class OutOfReachError(DeliveryError):
    """The mail server did not answer; it may in a while."""


@dataclass
class Summary:
    """What the ledger says at the end; ``fatal`` is the error that ended the run early, if one did."""

    rows: list[LedgerRow]
    sent_now: int = 0
    fatal: DeliveryError | None = None
    is_out_of_reach: bool = False  # the server did not answer: that may be otherwise in a while

    def named(self, *states: str) -> list[LedgerRow]:
        """Rows in these states."""
        return [row for row in self.rows if row.state in states]

    @property
    def is_complete(self) -> bool:
        """Whether everybody was served."""
        return self.fatal is None and all(row.state == "sent" for row in self.rows)


@dataclass
class MailRun:
    """One run over the ledger.

    only       address to which the run is limited (``--resend``), or empty
    rate       messages a minute at most; 0 is no limit
    patience   seconds for which what failed for now is tried again, in rounds; 0 is one round
    """

    packer: Packer
    recipients: Mapping[str, Recipient]
    ledger: Ledger
    connect: Callable[[], Connection]
    clock: Clock
    say: Callable[[str, str], None]
    only: str = ""
    rate: float = 0
    patience: float = 0
    _connection: Connection | None = field(default=None, init=False)
    _on_this_connection: int = field(default=0, init=False)
    _earlier: Mapping[str, dict[str, object]] = field(default_factory=dict, init=False)
    _first: Mapping[str, str] = field(default_factory=dict, init=False)

    def deliver(self) -> Summary:
        """Send to every recipient who is still open and still on the list; in rounds, where the run retries."""
        self._earlier = self.ledger.received_before()
        self._first = self.ledger.first_messages()
        until = self.clock.now().timestamp() + self.patience
        sent, number = 0, 0
        while True:
            summary = self._round()
            sent += summary.sent_now
            summary.sent_now = sent
            pause = ROUNDS[min(number, len(ROUNDS) - 1)]
            is_hopeless = summary.fatal is not None and not summary.is_out_of_reach
            is_late = self.clock.now().timestamp() + pause > until
            if is_hopeless or is_late or not summary.named(*OPEN_STATES):
                return summary
            number += 1
            again = (self.clock.now() + dt.timedelta(seconds=pause)).strftime("%H:%M:%S")
            waiting = len(summary.named(*OPEN_STATES))
            self.say(
                f"ยังค้าง {waiting} ราย จะลองใหม่เวลา {again} (หยุดได้ทุกเมื่อ สั่งใหม่แล้วทำต่อ)",
                f"{waiting} still to serve; the next try is at {again}",
            )
            self.clock.sleep(pause)

    def _round(self) -> Summary:
        """Every open recipient, each at most ``ATTEMPTS`` times."""
        waiting = deque(
            row
            for row in self.ledger.rows(OPEN_STATES)
            if row.address in self.recipients and (not self.only or row.address == self.only.casefold())
        )
        total, sent = len(waiting), 0
        fatal: DeliveryError | None = None
        is_out_of_reach = False
        tries: dict[str, int] = {}
        try:
            while waiting:
                row = waiting.popleft()
                self._wait_until(row.due)
                answer = self._serve(row)
                tries[row.address] = tries.get(row.address, 0) + 1
                sent += answer.state == "sent"
                if answer.state == "deferred" and tries[row.address] < ATTEMPTS:
                    waiting.append(self._row(row.address))
                elif answer.state == "sent" and (sent % 50 == 0 or sent == total):
                    self.say(f"ส่งแล้ว {sent} จาก {total}", f"{sent} of {total} sent")
                if self.rate and waiting:
                    self.clock.sleep(60.0 / self.rate)
        except OutOfReachError as error:
            fatal, is_out_of_reach = error, True
        except DeliveryError as error:
            fatal = error
        finally:
            self._hang_up()
        rows = [row for row in self.ledger.rows() if row.address in self.recipients]
        return Summary(rows, sent, fatal, is_out_of_reach)

    def _row(self, address: str) -> LedgerRow:
        return next(row for row in self.ledger.rows(OPEN_STATES) if row.address == address)

    def _serve(self, row: LedgerRow) -> ServerAnswer:
        """Serve one recipient; with a link in place of the report where the server takes no message as large."""
        recipient = self.recipients[row.address]
        connection = self._connected()
        message = self._message(recipient)
        if connection.largest and message.size > connection.largest and self.packer.issue.is_attached:
            self._link_from_now_on(message.size, connection.largest)
            message = self._message(recipient)
        if connection.largest and message.size > connection.largest:
            raise DeliveryError(
                f"จดหมายขนาด {message.size:,} ไบต์ ใหญ่เกินที่เซิร์ฟเวอร์รับ ({connection.largest:,} ไบต์) แม้ไม่มีแฟ้มแนบ — แจ้งผู้ดูแลเซิร์ฟเวอร์ให้เพิ่มขีดจำกัด",
                f"A message of {message.size:,} bytes is more than the server takes ({connection.largest:,}), even without the report; ask for a higher limit.",
            )
        answer = self._hand_over(row, message, connection)
        if answer.is_too_large and answer.is_before_content and self._can_link:
            self._link_from_now_on(message.size, 0)
            answer = self._hand_over(row, self._message(recipient), self._connected())
        return answer

    @property
    def _can_link(self) -> bool:
        return self.packer.issue.is_attached and bool(self.packer.issue.archive)

    def _link_from_now_on(self, size: int, largest: int) -> None:
        """Send a link from now on. Raises DeliveryError where there is no website that it could lead to."""
        limit = _size(largest) if largest else "น้อยกว่านั้น (less)"
        if not self._can_link:
            raise DeliveryError(
                f"จดหมายขนาด {_size(size)} ใหญ่เกินที่เซิร์ฟเวอร์รับ ({limit}) — กำหนด website ใน workspace.toml แล้วสั่งใหม่ ระบบจะส่งลิงก์แทนแฟ้มแนบ",
                f"A message of {_size(size)} is more than the server takes ({limit}); set website in workspace.toml and run again: a link goes then.",
            )
        self.packer = self.packer.with_link()
        self.say(
            f"จดหมายขนาด {_size(size)} ใหญ่เกินที่เซิร์ฟเวอร์รับ ({limit}) จึงส่งลิงก์แทนแฟ้มแนบ",
            f"A message of {_size(size)} is more than the server takes ({limit}): a link to the report goes instead",
        )

    def _hand_over(self, row: LedgerRow, message: Message, connection: Connection) -> ServerAnswer:
        """Claim, send, settle one recipient; a claim that comes to nothing is given back."""
        self.ledger.claim(row.address, message.id)
        settled = False
        in_data = False

        def before_content() -> None:
            nonlocal in_data
            self.ledger.in_data(row.address)
            in_data = True

        try:
            answer = connection.send(self.packer.sender.envelope, message, before_content)
            pause = PAUSES[min(row.attempts, len(PAUSES) - 1)]
            now = self.clock.now()
            due = now.timestamp() + pause if answer.state == "deferred" else 0.0
            self.ledger.settle(
                row.address, answer.state, now.isoformat(), code=answer.code, words=answer.words, due=due
            )
            settled = True
        finally:
            if not settled:
                state = "uncertain" if in_data else "pending"
                self.ledger.settle(row.address, state, self.clock.now().isoformat(), words="interrupted")
        if not answer.is_open:
            self._drop()
        return replace(answer, is_before_content=not in_data)

    def _message(self, recipient: Recipient) -> Message:
        packer = self.packer.for_recipient(recipient)
        before = self._earlier.get(recipient.email.casefold())
        corrections = letter.changes(before, packer.issue) if before is not None else ()
        now, sender = self.clock.now(), packer.sender
        words = letter.write(packer.issue, recipient, sender=sender, on=now, corrections=corrections)
        first = self._first.get(recipient.email.casefold(), "") if corrections else ""
        return packer.pack(words, recipient, date=now, answers=first)

    def _connected(self) -> Connection:
        """The open connection or a new one, after growing pauses. Raises DeliveryError when none can be had."""
        if self._connection is not None and self._on_this_connection < PER_CONNECTION:
            self._on_this_connection += 1
            return self._connection
        self._hang_up()
        words = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.clock.sleep(PAUSES[attempt - 1])
            try:
                self._connection = self.connect()
                self._on_this_connection = 1
                return self._connection
            except UnreachableError as error:
                words = str(error)
        raise OutOfReachError(
            f"ติดต่อเซิร์ฟเวอร์อีเมลไม่ได้หลังพยายาม {ATTEMPTS} ครั้ง ({words}) — สั่งใหม่ภายหลัง ระบบจะส่งต่อจากที่ค้างไว้",
            f"The mail server cannot be reached after {ATTEMPTS} attempts ({words}); run again later, it goes on where it stopped.",
        )

    def _wait_until(self, due: float) -> None:
        remaining = due - self.clock.now().timestamp()
        if remaining > 0:
            self.clock.sleep(min(remaining, PAUSES[-1]))

    def _drop(self) -> None:
        """Forget a connection that is broken."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    _hang_up = _drop


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def told(summary: Summary) -> list[tuple[str, str]]:
    """The end of a run in Thai and English: counts, everyone not served by name with the server's words, what to do."""
    sent = summary.named("sent")
    lines = [
        (
            f"ส่งในครั้งนี้ {summary.sent_now} ราย ส่งสำเร็จสะสม {len(sent)} จาก {len(summary.rows)} ราย",
            f"{summary.sent_now} sent now; {len(sent)} of {len(summary.rows)} served",
        )
    ]
    kinds: Sequence[tuple[str, str, str]] = (
        ("failed", "เซิร์ฟเวอร์ปฏิเสธ", "refused for good"),
        ("bounced", "จดหมายถูกตีกลับ", "came back"),
        ("deferred", "ยังไม่สำเร็จ จะลองใหม่ในการสั่งครั้งหน้า", "not yet; the next run tries again"),
        ("pending", "ยังไม่ได้ส่ง", "not served yet"),
        ("uncertain", "ไม่ทราบว่าถึงหรือไม่ ส่งซ้ำได้ด้วย --resend", "uncertain; repeat with --resend ADDRESS"),
    )
    for state, thai, english in kinds:
        for row in summary.named(state):
            answer = " ".join(str(part) for part in (row.code, row.words) if part)
            who = " ".join(part for part in (row.name, row.agency) if part)
            lines.append(
                (
                    f"{thai}: {who} <{row.address}> {answer}".rstrip(),
                    f"{english}: <{row.address}> {answer}".rstrip(),
                )
            )
    if summary.named(*REFUSED_STATES):
        lines.append(
            (
                "เมื่อแก้สาเหตุแล้ว ส่งใหม่ให้ทุกรายที่ถูกปฏิเสธด้วย --retry-failed",
                "when the cause is mended, --retry-failed serves all who were refused",
            )
        )
    if summary.named(*OPEN_STATES):
        lines.append(
            (
                "ส่งต่อให้รายที่ค้างในอีกอย่างน้อย 5 นาที หรือใช้ --until-done ให้ระบบลองซ้ำเองจนครบ",
                "run again in 5 minutes or more for those still to serve, or let --until-done try until it is done",
            )
        )
    return lines
