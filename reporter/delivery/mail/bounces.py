"""Mail that came back: reports of failed deliveries, read into the ledger.

Goes in: a file, a folder of files, a Maildir or an mbox with delivery status notifications (RFC 3464). Comes out: a list of what
was found, and ledger rows that say ``bounced``. A report counts only for a message that the ledger sent: by the Message-ID of the
returned message, or, where a server does not return it, by the address.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from pathlib import Path
from typing import TypeGuard

from reporter.delivery.mail.ledger import FOLDER, NAME, mark_bounced
from reporter.domain.errors import InputError, StateError

_WORDS = 300  # characters of a server's words that the ledger keeps
_LARGEST = 5_000_000  # bytes of one file; a report without the returned content is a few kilobytes


@dataclass(frozen=True)
class Bounce:
    """One recipient of one report. ``action`` is failed, delayed, delivered, relayed or expanded; ``status`` like 5.1.1."""

    address: str
    action: str
    status: str
    words: str
    message_id: str


@dataclass(frozen=True)
class Taken:
    """A bounce and the quarter and edition of the message that came back; None where the ledger did not send it."""

    bounce: Bounce
    sent: tuple[str, str] | None


def take_in(path: Path, out: Path, *, when: str) -> list[Taken]:
    """Read reports into the ledger of ``out``; returns what was found. Only failures change the ledger.

    Raises InputError when the path cannot be read, StateError when nothing was ever sent
    """
    if not (out / FOLDER / NAME).exists():
        raise StateError(
            f"ยังไม่มีทะเบียนการส่งใน {out} — ระบุ --out ของการส่ง",
            f"There is no ledger of sent mail in {out}; name the --out of the sending.",
        )
    taken = []
    for bounce in read(path):
        sent = None
        if bounce.action == "failed":
            words = f"{bounce.status} {bounce.words}".strip()
            sent = mark_bounced(
                out,
                message_id=bounce.message_id,
                address=bounce.address,
                code=bounce.status,
                words=words[:_WORDS],
                when=when,
            )
        taken.append(Taken(bounce, sent))
    return taken


def read(path: Path) -> Iterator[Bounce]:
    """Every recipient of every report under the path; what is no report is passed over. Raises InputError."""
    for content in _contents(path):
        yield from bounces_of(email.message_from_bytes(content, policy=email.policy.default))


def _contents(path: Path) -> Iterator[bytes]:
    try:
        if path.is_dir():
            files = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink()]
            for file in files:
                if file.stat().st_size <= _LARGEST:
                    yield file.read_bytes()
            return
        content = path.read_bytes()
        if not content.startswith(b"From "):
            yield content
            return
        with contextlib.closing(mailbox.mbox(path, create=False)) as box:
            for message in box:
                yield message.as_bytes()
    except OSError as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ ({error.strerror}) — ระบุแฟ้มจดหมาย โฟลเดอร์ หรือ Maildir",
            f"Cannot read {path} ({error.strerror}); name a mail file, a folder or a Maildir.",
        ) from error


def bounces_of(message: Message) -> Iterator[Bounce]:
    """The recipients of a delivery status notification; none for any other message."""
    parts = list(message.walk())
    message_id = next((found for part in parts if (found := _returned_id(part))), "")
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in filter(_is_message, blocks if isinstance(blocks, list) else ()):
            recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
            address = recipient.rpartition(";")[2].strip().strip("<>")
            action = str(block.get("Action", "")).strip().casefold()
            if "@" in address and action:
                status = str(block.get("Status", "")).split("(")[0].strip()
                words = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(
                    block.get("Diagnostic-Code", "")
                )
                yield Bounce(address, action, status, " ".join(words.split())[:_WORDS], message_id)


def _is_message(part: object) -> TypeGuard[Message]:
    return isinstance(part, Message)


def _returned_id(part: Message) -> str:
    """Message-ID of the returned message, from the message itself or its headers."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return str(first.get("Message-ID", "")).strip() if isinstance(first, Message) else ""
    if part.get_content_type() == "text/rfc822-headers":
        content = part.get_content() if isinstance(part, EmailMessage) else part.get_payload()
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
        return str(email.message_from_string(text).get("Message-ID", "")).strip()
    return ""
