"""Who sends, from the environment: addresses, the unsubscribing service, the signing key.

Goes in: environment variables and the workspace's settings. Comes out: a ``Sender``. Addresses and secrets are never in files of
the workspace (contract.md, Commands).

    REPORTER_MAIL_FROM          address of the sender
    REPORTER_MAIL_REPLY_TO      where answers go; default: the sender
    REPORTER_UNSUBSCRIBE_URL    https address that answers POST (RFC 8058), with {token}; default: <website>/unsubscribe/{token}
    REPORTER_DKIM_KEY, REPORTER_DKIM_SELECTOR, REPORTER_DKIM_DOMAIN   PEM file, selector, domain (default: the sender's)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from reporter.delivery.mail.message import Sender, read_dkim
from reporter.delivery.mail.server import Server
from reporter.domain.context import Settings
from reporter.domain.errors import UsageError


def sender_of(environment: Mapping[str, str], settings: Settings, server: Server | None) -> Sender:
    """The sender; on the machine itself, or for a preview (``server`` None), a stand-in address will do.

    Raises UsageError when an address, the link or the key cannot be used
    """
    address = environment.get("REPORTER_MAIL_FROM", "").strip()
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
    reply_to = environment.get("REPORTER_MAIL_REPLY_TO", "").strip()
    key = environment.get("REPORTER_DKIM_KEY", "").strip()
    return Sender(
        address,
        settings.division.th,
        _checked("REPORTER_MAIL_REPLY_TO", reply_to) if reply_to else "",
        _unsubscribe_url(environment, settings),
        read_dkim(
            Path(key),
            environment.get("REPORTER_DKIM_SELECTOR", "").strip() or "reporter",
            environment.get("REPORTER_DKIM_DOMAIN", "").strip() or address.rpartition("@")[2],
        )
        if key
        else None,
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


def _unsubscribe_url(environment: Mapping[str, str], settings: Settings) -> str:
    """Address of the service; one click is only offered over https (RFC 8058)."""
    url = environment.get("REPORTER_UNSUBSCRIBE_URL", "").strip()
    if not url:
        base = settings.website.rstrip("/")
        return f"{base}/unsubscribe/{{token}}" if base.startswith("https://") and base.isascii() else ""
    is_usable = url.startswith("https://") and url.isascii() and url.count("{token}") == 1
    if not is_usable or any(mark in url.replace("{token}", "") for mark in "{}<> \r\n"):
        raise UsageError(
            "REPORTER_UNSUBSCRIBE_URL ใช้ไม่ได้ — เขียนแบบ https://example.go.th/unsubscribe/{token}",
            "REPORTER_UNSUBSCRIBE_URL cannot be used; write https://example.go.th/unsubscribe/{token}.",
        )
    return url
