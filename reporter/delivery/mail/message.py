"""A letter as the bytes that go over the wire: headers, text, HTML with its chart, the report attached.

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from functools import cached_property

import dkim
from email_validator import validate_email

from reporter.delivery.mail.letter import Letter, MailedIssue
from reporter.delivery.mail.senders import Dkim, Sender
from reporter.domain.errors import UsageError
from reporter.inputs.recipients import Recipient

# RFC 2047 allows lines of 76 characters with an encoded word; RFC 5322 recommends at most 78.
_LINE, _WORD_MARKS = 76, len("=?utf-8?B??=")
_WORD_BYTES = 45  # of UTF-8 in one encoded word: 60 in base64, 72 with its marks
_LONGEST_LINE = 78
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
        name = f"labour-report-{self.issue.releasable.content['quarter']}.pdf"
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
            "Content-Language": "th",
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
    for letter in text:
        if held and unicodedata.category(letter) not in ("Mn", "Me"):
            yield held
            held = ""
        held += letter
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
