"""The mail server: its address, an encrypted connection, one message at a time.

Goes in: ``REPORTER_SMTP_URL``. Comes out: an ``Answer`` per message. TLS is required except on the machine itself, and a
certificate that does not fit ends the run: a list of addresses is not shown to whoever answers.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import dkim
from email_validator import EmailNotValidError, validate_email

from reporter.domain.edition import Settings
from reporter.domain.errors import DeliveryError, UsageError

TIMEOUT = 60.0  # seconds for the connection and every answer but one
# A server may still be taking the message in when the content has ended: RFC 5321, 4.5.3.2.6.
FINAL_DOT_TIMEOUT = 600.0
TOO_LARGE = 552  # the answer to a message above the server's limit (RFC 1870, 6.1), and to a full mailbox
_FULL_MAILBOX = "5.2.2"  # RFC 3463: what 552 means besides; another message would not find room either
_WORDS = 300  # characters of a server's answer that are kept
DeliveryState = Literal["sent", "failed", "deferred", "uncertain"]


@dataclass(frozen=True)
class Server:
    """A mail server; ``tls`` is ``implicit``, ``starttls`` or ``none`` (on loopback only)."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Never shows the password."""
        return f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.casefold() == "localhost"


@dataclass(frozen=True)
class ServerAnswer:
    """What became of a message, with the server's code and words; ``is_open`` tells whether the connection still is."""

    state: DeliveryState
    code: int | None
    words: str
    is_open: bool = True
    is_before_content: bool = False  # settled before the content went out

    @property
    def is_too_large(self) -> bool:
        """Whether a smaller message would be taken."""
        return self.code == TOO_LARGE and not self.words.startswith(_FULL_MAILBOX)


def parse_url(text: str) -> Server:
    """Read ``smtp://user:pass@host:port``, ``smtps://`` or ``?starttls=1``. Raises UsageError, which hides the password."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise _bad_url() from error
    starttls = options.pop("starttls", ["0"])[-1]
    if parts.scheme not in ("smtp", "smtps") or not host or options or starttls not in ("0", "1"):
        raise _bad_url()
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "smtps":
        return Server(host, port or 465, "implicit", user, password)
    server = Server(host, port or (587 if user else 25), "none", user, password)
    if starttls == "1" or not server.is_loopback:
        return Server(host, server.port, "starttls", user, password)
    return server


def _bad_url() -> UsageError:
    return UsageError(
        "REPORTER_SMTP_URL ใช้ไม่ได้ — เขียนแบบ smtp://user:pass@host:587?starttls=1 หรือ smtps://user:pass@host:465",
        "REPORTER_SMTP_URL cannot be used; write smtp://user:pass@host:587?starttls=1 or smtps://user:pass@host:465.",
    )


class Envelope(Protocol):
    """What is handed over: the recipient's address, and the bytes with dots doubled."""

    @property
    def to(self) -> str:
        """Address as the server wants it."""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether the address is beyond ASCII."""

    @property
    def size(self) -> int:
        """Bytes of the message."""

    def on_the_wire(self) -> Iterator[bytes]:
        """The message in pieces."""


class Connection:
    """An open session; ``connect`` makes one."""

    def __init__(self, session: smtplib.SMTP) -> None:
        self._session = session

    @property
    def largest(self) -> int:
        """Bytes of the largest message that the server takes (RFC 1870); 0 where it sets no limit."""
        said = self._session.esmtp_features.get("size", "").split()
        return int(said[0]) if said and said[0].isdecimal() else 0

    def send(self, sender: str, message: Envelope, before_content: Callable[[], None]) -> ServerAnswer:
        """Hand over one message.

        before_content  called when the server has said that it takes the content: the last moment at which nothing is sent
        Raises          DeliveryError when the server refuses the sender: that would be so for everybody
        """
        try:
            if refused := self._envelope(sender, message):
                return refused
            code, reply = self._session.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            return self._broken("deferred", error)
        if code != 354:
            return self._refused(code, reply)
        try:
            before_content()
        except BaseException:
            # The server waits for the content: whatever is said now, a goodbye too, it would take for the message.
            self._session.close()
            raise
        sock = self._session.sock
        assert sock is not None
        try:
            for piece in message.on_the_wire():
                sock.sendall(piece)
            sock.sendall(b".\r\n")
        except OSError as error:
            return self._refused_in_content() or self._broken("deferred", error)
        try:
            sock.settimeout(FINAL_DOT_TIMEOUT)
            code, reply = self._session.getreply()
            if self._session.sock is not None:
                sock.settimeout(TIMEOUT)
        except (OSError, smtplib.SMTPException) as error:
            return self._broken("uncertain", error)
        if 200 <= code < 300:
            return ServerAnswer("sent", code, _words(reply))
        if 400 <= code < 600:
            return self._refused(code, reply)
        # No answer that means anything: the server has the whole message, and may keep it.
        return ServerAnswer("uncertain", code if code > 0 else None, _words(reply), is_open=False)

    def _refused_in_content(self) -> ServerAnswer | None:
        """What a server said before it closed the connection on the content, where it said something.

        The final dot did not leave this machine, so the server cannot have taken the message.
        """
        try:
            code, reply = self._session.getreply()
        except (OSError, smtplib.SMTPException):
            return None
        if not 400 <= code < 600:
            return None
        return ServerAnswer("failed" if code >= 500 else "deferred", code, _words(reply), is_open=False)

    def _envelope(self, sender: str, message: Envelope) -> ServerAnswer | None:
        """MAIL and RCPT; an answer when one of them was refused."""
        if message.needs_smtputf8 and not self._session.has_extn("smtputf8"):
            return ServerAnswer("failed", None, "the server does not take addresses beyond ASCII (SMTPUTF8)")
        options = ["SMTPUTF8", "BODY=8BITMIME"] if message.needs_smtputf8 else []
        if self._session.has_extn("size"):
            options.append(f"SIZE={message.size}")
        self._session.command_encoding = "utf-8" if message.needs_smtputf8 else "ascii"
        code, reply = self._session.mail(sender, options)
        if 500 <= code < 600 and code != TOO_LARGE:
            raise DeliveryError(
                f"เซิร์ฟเวอร์ไม่รับผู้ส่ง {sender} ({code} {_words(reply)}) — ตรวจ REPORTER_MAIL_FROM และสิทธิ์การส่ง",
                f"The server refuses the sender {sender} ({code} {_words(reply)}); check REPORTER_MAIL_FROM and its rights.",
            )
        if not 200 <= code < 300:
            return self._refused(code, reply)
        code, reply = self._session.rcpt(message.to)
        return None if 200 <= code < 300 else self._refused(code, reply)

    def _refused(self, code: int, reply: bytes) -> ServerAnswer:
        """5xx is for good, 4xx for now; 421 and nonsense also end the connection."""
        state: DeliveryState = "failed" if 500 <= code < 600 else "deferred"
        is_open = code != 421 and 200 <= code < 600
        if is_open:
            try:
                is_open = self._session.rset()[0] == 250
            except (OSError, smtplib.SMTPException):
                is_open = False
        return ServerAnswer(state, code, _words(reply), is_open)

    @staticmethod
    def _broken(state: DeliveryState, error: Exception) -> ServerAnswer:
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
        return ServerAnswer(state, code, f"connection broken: {str(error)[:_WORDS]}", is_open=False)

    def close(self) -> None:
        """Say goodbye; a server that does not answer is left."""
        try:
            self._session.quit()
        except (OSError, smtplib.SMTPException):
            self._session.close()


class UnreachableError(Exception):
    """The server did not answer, or not well, for now; trying again may help."""


def connect(
    server: Server, *, helo: str, context: ssl.SSLContext | None = None, timeout: float | None = None
) -> Connection:
    """Open a session: TLS, then authentication.

    Raises  DeliveryError when trying again cannot help: certificate, missing STARTTLS, credentials; otherwise UnreachableError
    """
    tls = context or ssl.create_default_context()
    patience = TIMEOUT if timeout is None else timeout
    try:
        if server.tls == "implicit":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=helo, timeout=patience, context=tls
            )
        else:
            session = smtplib.SMTP(server.host, server.port, local_hostname=helo, timeout=patience)
    except ssl.SSLError as error:
        raise _bad_certificate(server, error) from error
    except smtplib.SMTPResponseException as error:
        raise UnreachableError(f"{error.smtp_code} {_words(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(str(error)) from error
    try:
        _secure(session, server, tls)
        if server.user:
            session.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        session.close()
        if 400 <= error.smtp_code < 500:
            raise UnreachableError(f"{error.smtp_code} {_words(error.smtp_error)}") from error
        raise _bad_login(server, f"{error.smtp_code} {_words(error.smtp_error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        session.close()
        raise _bad_login(server, str(error)) from error
    except ssl.SSLError as error:
        session.close()
        raise _bad_certificate(server, error) from error
    except (OSError, smtplib.SMTPException) as error:
        session.close()
        raise UnreachableError(str(error)) from error
    except DeliveryError:
        session.close()
        raise
    return Connection(session)


def _secure(session: smtplib.SMTP, server: Server, tls: ssl.SSLContext) -> None:
    """EHLO and, where it is asked for, STARTTLS; without it nothing else is said."""
    session.ehlo_or_helo_if_needed()
    if server.tls != "starttls":
        return
    if not session.has_extn("starttls"):
        raise DeliveryError(
            f"เซิร์ฟเวอร์ {server} ไม่รองรับ STARTTLS จึงไม่ส่ง — ใช้ smtps:// หรือเซิร์ฟเวอร์ที่เข้ารหัส",
            f"The server {server} does not offer STARTTLS, so nothing is sent; use smtps:// or a server that encrypts.",
        )
    session.starttls(context=tls)
    session.ehlo()


def _bad_certificate(server: Server, error: ssl.SSLError) -> DeliveryError:
    return DeliveryError(
        f"ใบรับรองหรือการเข้ารหัสของเซิร์ฟเวอร์ {server} ไม่ถูกต้อง จึงไม่ส่ง ({error.reason or error}) — ตรวจชื่อเซิร์ฟเวอร์และใบรับรอง",
        f"The certificate or encryption of {server} is not valid, so nothing is sent ({error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error}); check the server's name and certificate.",
    )


def _bad_login(server: Server, words: str) -> DeliveryError:
    return DeliveryError(
        f"เข้าสู่ระบบเซิร์ฟเวอร์ {server} ไม่ได้ ({words}) — ตรวจชื่อผู้ใช้และรหัสผ่านใน REPORTER_SMTP_URL",
        f"The server {server} refuses the login ({words}); check user and password in REPORTER_SMTP_URL.",
    )


def _words(reply: bytes | str) -> str:
    """The server's words, on one line."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_WORDS]


__all__ = ["Connection", "Server", "ServerAnswer", "UnreachableError", "connect", "parse_url"]


# ----------------------------------------------------------------------------------------------------
# Sender settings from the environment: addresses, the unsubscribing service, the signing key.
#
# Goes in: environment variables and the workspace's settings. Comes out: a ``Sender``. Addresses and secrets are never in files of
# the workspace (contract.md, Commands).
#
#     REPORTER_MAIL_FROM           address of the sender
#     REPORTER_MAIL_REPLY_TO       where answers go; default: the sender
#     REPORTER_MAIL_BOUNCES        envelope sender: where servers report failed deliveries; default: the sender
#     REPORTER_UNSUBSCRIBE_URL     https address that answers POST (RFC 8058), with {token}
#     REPORTER_UNSUBSCRIBE_SECRET  key of the tokens; without both there is no one-click header, only the mail address
#     REPORTER_DKIM_KEY, REPORTER_DKIM_SELECTOR, REPORTER_DKIM_DOMAIN   PEM file, selector, domain (default: the sender's)
# ----------------------------------------------------------------------------------------------------

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
