"""Short messages to the office itself: the receipt of an approval, what a scheduled run found, what failed.

Goes in: the environment, who is told, the text. Comes out: one plain message to all of them, over the same server as the issue. A
notice that cannot be sent never undoes what it speaks of.
"""

from __future__ import annotations

import email.policy
import email.utils
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from reporter.delivery.mail.message import envelope
from reporter.delivery.mail.senders import sender_of
from reporter.delivery.mail.server import UnreachableError, connect, parse_url
from reporter.domain.context import Settings
from reporter.domain.errors import ReporterError

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
