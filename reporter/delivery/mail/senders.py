"""Who sends, from the environment: addresses, the unsubscribing service, the signing key.

Goes in: environment variables and the workspace's settings. Comes out: a ``Sender``. Addresses and secrets are never in files of
the workspace (contract.md, Commands).

    REPORTER_MAIL_FROM           address of the sender
    REPORTER_MAIL_REPLY_TO       where answers go; default: the sender
    REPORTER_MAIL_BOUNCES        envelope sender: where servers report failed deliveries; default: the sender
    REPORTER_UNSUBSCRIBE_URL     https address that answers POST (RFC 8058), with {token}
    REPORTER_UNSUBSCRIBE_SECRET  key of the tokens; without both there is no one-click header, only the mail address
    REPORTER_DKIM_KEY, REPORTER_DKIM_SELECTOR, REPORTER_DKIM_DOMAIN   PEM file, selector, domain (default: the sender's)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dkim
from email_validator import EmailNotValidError, validate_email

from reporter.delivery.mail.server import Server
from reporter.domain.context import Settings
from reporter.domain.errors import UsageError

# Half of SHA-256 in hexadecimal: 128 bits cannot be guessed, and the link stays on one line.
_TOKEN_LENGTH = 32


@dataclass(frozen=True)
class Dkim:
    """Key of the sender's domain for signing; private key in PEM."""

    selector: str
    domain: str
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Sender:
    """Who sends: addresses in ASCII form, the display name, where to unsubscribe, an optional signing key."""

    address: str
    name: str
    reply_to: str = ""
    bounces: str = ""
    unsubscribe_url: str = ""
    unsubscribe_secret: str = field(default="", repr=False)
    dkim: Dkim | None = None

    @property
    def domain(self) -> str:
        """The part after the @-sign."""
        return self.address.rpartition("@")[2]

    @property
    def answers_to(self) -> str:
        """Where answers of recipients go."""
        return self.reply_to or self.address

    @property
    def envelope(self) -> str:
        """Where servers report what could not be delivered."""
        return self.bounces or self.address

    @property
    def has_one_click(self) -> bool:
        """Whether an address that answers one click is declared, with a secret for its tokens."""
        return bool(self.unsubscribe_url and self.unsubscribe_secret)

    def unsubscribe_link(self, address: str) -> str:
        """The link with which one recipient leaves, or empty."""
        if not self.has_one_click:
            return ""
        return self.unsubscribe_url.format(token=unsubscribe_token(address, self.unsubscribe_secret))


def unsubscribe_token(address: str, secret: str) -> str:
    """What stands for an address in a link: HMAC-SHA-256, so that nobody else can make one, or guess the address."""
    text = b"unsubscribe\0" + address.casefold().encode("utf-8")
    return hmac.new(secret.encode("utf-8"), text, hashlib.sha256).hexdigest()[:_TOKEN_LENGTH]


def sender_of(environment: Mapping[str, str], settings: Settings, server: Server | None) -> Sender:
    """The sender; on the machine itself, or for a preview (``server`` None), a stand-in address will do.

    Raises UsageError when an address, the link or the key cannot be used
    """

    def given(name: str) -> str:
        return environment.get(name, "").strip()

    address = given("REPORTER_MAIL_FROM")
    if not address and server is not None and "@" in server.user:
        address = server.user
    if not address:
        if server is not None and not server.is_loopback:
            raise UsageError(
                "ไม่ได้กำหนดผู้ส่ง — ตั้งค่า REPORTER_MAIL_FROM เป็นที่อยู่อีเมลของหน่วยงาน",
                "There is no sender; set REPORTER_MAIL_FROM to the office's address.",
            )
        address = "reporter@labour-report.test"
    address = _checked("REPORTER_MAIL_FROM", address)
    others = {
        name: _checked(name, given(name)) if given(name) else ""
        for name in ("REPORTER_MAIL_REPLY_TO", "REPORTER_MAIL_BOUNCES")
    }
    selector, domain = given("REPORTER_DKIM_SELECTOR"), given("REPORTER_DKIM_DOMAIN")
    key = given("REPORTER_DKIM_KEY")
    return Sender(
        address,
        settings.division.th,
        others["REPORTER_MAIL_REPLY_TO"],
        others["REPORTER_MAIL_BOUNCES"],
        _unsubscribe_url(given("REPORTER_UNSUBSCRIBE_URL")),
        given("REPORTER_UNSUBSCRIBE_SECRET"),
        read_dkim(Path(key), selector or "reporter", domain or address.rpartition("@")[2]) if key else None,
    )


def _checked(name: str, address: str) -> str:
    """The address in ASCII form."""
    try:
        checked = validate_email(
            address, check_deliverability=False, globally_deliverable=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise UsageError(
            f'{name}: "{address[:80]}" ไม่ใช่ที่อยู่อีเมล', f'{name}: "{address[:80]}" is no e-mail address: {error}'
        ) from error
    if checked.ascii_email is None:
        raise UsageError(
            f"{name}: ส่วนหน้า @ ต้องเป็นอักษรอังกฤษ", f"{name}: the part before the @-sign must be ASCII."
        )
    return checked.ascii_email


def _unsubscribe_url(url: str) -> str:
    """Address of the service; one click is only offered over https (RFC 8058)."""
    if not url:
        return ""
    is_usable = url.startswith("https://") and url.isascii() and url.count("{token}") == 1
    if not is_usable or any(mark in url.replace("{token}", "") for mark in "{}<> \r\n"):
        raise UsageError(
            "REPORTER_UNSUBSCRIBE_URL ใช้ไม่ได้ — เขียนแบบ https://example.go.th/unsubscribe/{token}",
            "REPORTER_UNSUBSCRIBE_URL cannot be used; write https://example.go.th/unsubscribe/{token}.",
        )
    return url


def read_dkim(path: Path, selector: str, domain: str) -> Dkim:
    """The signing key from its file. Raises UsageError when it cannot be used."""
    try:
        key = path.read_bytes()
        dkim.sign(b"From: a@b\r\n\r\n\r\n", selector.encode("ascii"), domain.encode("ascii"), key)
    except (OSError, ValueError, dkim.DKIMException) as error:
        raise UsageError(
            f"ใช้กุญแจ DKIM {path} ไม่ได้ — ตรวจแฟ้ม (PEM) ค่า REPORTER_DKIM_SELECTOR และ REPORTER_DKIM_DOMAIN",
            f"The DKIM key {path} cannot be used; check the file (PEM), REPORTER_DKIM_SELECTOR and REPORTER_DKIM_DOMAIN.",
        ) from error
    return Dkim(selector, domain, key)
