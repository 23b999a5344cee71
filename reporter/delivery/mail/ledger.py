"""The mail ledger: one row per quarter, edition and recipient, written before and after every step that cannot be undone.

Goes in: claims and answers. Comes out: who is still to be served. SQLite, each change on disk before the next step:

    pending -> claimed -> in_data -> sent | failed | deferred | uncertain,  sent -> bounced

``claimed`` is before the message's content went out: a killed run's claim is simply taken up again. ``in_data`` is between the
content and the server's answer: nobody can know whether a killed run's message arrived, so it becomes ``uncertain``. A message
that another server gave back later is ``bounced``: ``reporter bounces`` reads delivery status notifications (RFC 3464) from a file,
a folder, a Maildir or an mbox. Such a report counts only for a message that the ledger sent.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import json
import mailbox
import quopri
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, TypeGuard

from email_validator import EmailNotValidError, validate_email

from reporter.domain.errors import InputError, StateError
from reporter.inputs.calendar import Recipient
from reporter.runtime.cache import disk_errors, lock

FOLDER, NAME = "mail", "ledger.sqlite"
OPEN_STATES = ("pending", "claimed", "deferred")
REFUSED_STATES = ("failed", "bounced")
# What SQLite says of a full disk, of an error of the disk, and of rights that are lacking.
_DISK_SAYS_NO = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
_SCHEMA = """
create table if not exists editions (
    quarter text not null, edition text not null, manifest text not null, headline text not null,
    primary key (quarter, edition));
create table if not exists messages (
    quarter text not null, edition text not null, address text not null, agency text not null, name text not null,
    message_id text not null default '', state text not null default 'pending', attempts integer not null default 0,
    due real not null default 0, code integer, words text not null default '', changed text not null default '',
    primary key (quarter, edition, address));
"""


@dataclass(frozen=True)
class LedgerRow:
    """What the ledger knows of one recipient."""

    address: str
    agency: str
    name: str
    state: str
    attempts: int
    due: float
    code: int | None
    words: str


class Ledger:
    """One issue's edition in the ledger; open it with ``open_ledger``."""

    def __init__(self, connection: sqlite3.Connection, quarter: str, edition: str) -> None:
        self._connection = connection
        self._key = (quarter, edition)

    def register(self, manifest: str, headline: Mapping[str, Any], people: Sequence[Recipient]) -> None:
        """Enter the edition and those of its recipients who are not in yet.

        Raises StateError when this edition went out with other content: a changed issue needs a new version.
        """
        known = self._one("select manifest from editions where quarter = ? and edition = ?", self._key)
        if known and known[0] != manifest and self.rows(("sent", "uncertain", "in_data")):
            raise StateError(
                f"ฉบับ {self._key[1]} ของ {self._key[0]} ส่งไปแล้วด้วยเนื้อหาอื่น — ออกเป็นฉบับแก้ไข (version ใหม่)",
                f"Edition {self._key[1]} of {self._key[0]} was sent with other content; issue the change as a new version.",
            )
        text = json.dumps(headline, ensure_ascii=False, sort_keys=True)
        with self._connection:
            self._connection.execute(
                "insert or replace into editions values (?, ?, ?, ?)", (*self._key, manifest, text)
            )
            self._connection.executemany(
                "insert into messages (quarter, edition, address, agency, name) values (?, ?, ?, ?, ?)"
                " on conflict do update set agency = excluded.agency, name = excluded.name",
                [(*self._key, person.email.casefold(), person.agency, person.name) for person in people],
            )

    def take_up(self) -> int:
        """Settle what a killed run left: claims are free again, messages in DATA are uncertain; returns their number."""
        with self._connection:
            self._set("state = 'pending'", "state = 'claimed'")
            return self._set(
                "state = 'uncertain', words = 'interrupted between DATA and the answer'", "state = 'in_data'"
            )

    def reopen(self, address: str) -> None:
        """Reopen one recipient, whatever happened before."""
        with self._connection:
            self._set(
                "state = 'pending', attempts = 0, due = 0, code = null, words = ''",
                "address = ?",
                (address.casefold(),),
            )

    def reopen_refused(self) -> int:
        """Reopen recipients whom a server refused permanently, after the cause was corrected; returns their number."""
        marks = ", ".join("?" * len(REFUSED_STATES))
        with self._connection:
            return self._set(
                "state = 'pending', attempts = 0, due = 0, code = null, words = ''",
                f"state in ({marks})",
                REFUSED_STATES,
            )

    def claim(self, address: str, message_id: str) -> None:
        """A run is about to serve this recipient."""
        # A claim that a power cut forgets costs nothing: nothing has been sent yet. So it need not wait for the disk.
        self._connection.execute("pragma synchronous = normal")
        with self._connection:
            self._set(
                "state = 'claimed', attempts = attempts + 1, message_id = ?",
                "address = ?",
                (address.casefold(),),
                (message_id,),
            )

    def in_data(self, address: str) -> None:
        """The content is about to go out: on disk before it does."""
        self._connection.execute("pragma synchronous = full")
        with self._connection:
            self._set("state = 'in_data'", "address = ?", (address.casefold(),))

    def settle(
        self, address: str, state: str, when: str, *, code: int | None = None, words: str = "", due: float = 0
    ) -> None:
        """What the server answered, in its own words."""
        with self._connection:
            self._set(
                "state = ?, code = ?, words = ?, due = ?, changed = ?",
                "address = ?",
                (address.casefold(),),
                (state, code, words, due, when),
            )

    def rows(self, states: Sequence[str] = ()) -> list[LedgerRow]:
        """Rows in one of the states (all when none is given), in the order in which they were entered."""
        marks = f" and state in ({', '.join('?' * len(states))})" if states else ""
        query = (
            "select address, agency, name, state, attempts, due, code, words from messages"
            f" where quarter = ? and edition = ?{marks} order by rowid"
        )
        return [LedgerRow(*found) for found in self._connection.execute(query, (*self._key, *states))]

    def received_before(self) -> dict[str, dict[str, Any]]:
        """By address: headline of the newest earlier version that the recipient got, or may have got."""
        query = (
            "select m.address, m.edition, e.headline from messages m join editions e using (quarter, edition)"
            " where quarter = ? and m.edition != ? and m.edition like 'v%' and m.state in ('sent', 'uncertain')"
        )
        found: dict[str, tuple[int, dict[str, Any]]] = {}
        for address, edition, headline in self._connection.execute(query, self._key):
            number = int(str(edition).removeprefix("v"))
            if address not in found or number > found[address][0]:
                found[address] = (number, json.loads(headline))
        return {address: headline for address, (_, headline) in found.items()}

    def first_messages(self) -> dict[str, str]:
        """By address: Message-ID of the first letter about this quarter that the recipient got, or may have got."""
        query = (
            "select address, edition, message_id from messages where quarter = ? and edition != ?"
            " and edition like 'v%' and state in ('sent', 'uncertain') and message_id != ''"
        )
        found: dict[str, tuple[int, str]] = {}
        for address, edition, message_id in self._connection.execute(query, self._key):
            number = int(str(edition).removeprefix("v"))
            if address not in found or number < found[address][0]:
                found[address] = (number, message_id)
        return {address: message_id for address, (_, message_id) in found.items()}

    def _set(
        self, change: str, where: str, where_values: Sequence[Any] = (), change_values: Sequence[Any] = ()
    ) -> int:
        cursor = self._connection.execute(
            f"update messages set {change} where quarter = ? and edition = ? and {where}",
            (*change_values, *self._key, *where_values),
        )
        return cursor.rowcount

    def _one(self, query: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return found


def key(address: str) -> str:
    """The address as the ledger has it: as the list of recipients normalises it, without regard to case."""
    with contextlib.suppress(EmailNotValidError):
        address = validate_email(
            address, check_deliverability=False, globally_deliverable=False, test_environment=True
        ).normalized
    return address.casefold()


def mark_bounced(
    out: Path, *, message_id: str, addresses: Sequence[str], code: str, words: str, when: str
) -> tuple[str, str] | None:
    """Note that a message came back; returns quarter and edition, or None for a message that the ledger did not send.

    message_id   of the message that came back; where the report does not give it, the newest one sent to the address counts
    addresses    ways in which the report writes the recipient; a domain in Thai letters is the same as its ASCII form
    """
    with _database(out) as connection:
        query = "select quarter, edition, address from messages where state in ('sent', 'uncertain', 'bounced') and "
        if message_id:
            found = connection.execute(f"{query} message_id = ?", (message_id,)).fetchone()
        else:
            keys = sorted({key(address) for address in addresses})
            marks = ", ".join("?" * len(keys))
            found = connection.execute(
                f"{query} address in ({marks}) order by changed desc, rowid desc limit 1", keys
            ).fetchone()
        if found is None:
            return None
        number = int(code.replace(".", "")) if code.replace(".", "").isdecimal() else None
        with connection:
            connection.execute(
                "update messages set state = 'bounced', code = ?, words = ?, changed = ?"
                " where quarter = ? and edition = ? and address = ?",
                (number, words, when, *found),
            )
        return str(found[0]), str(found[1])


@contextlib.contextmanager
def open_ledger(out: Path, quarter: str, edition: str) -> Iterator[Ledger]:
    """The ledger of one edition in ``out/mail/``. Raises StateError when the file is no ledger."""
    with _database(out) as connection:
        yield Ledger(connection, quarter, edition)


@contextlib.contextmanager
def _database(out: Path) -> Iterator[sqlite3.Connection]:
    """The file of the ledger; addresses are in it, so only the owner may read it. Raises StateError when it is no ledger."""
    folder = out / FOLDER
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / NAME
    try:
        connection = sqlite3.connect(path, timeout=30)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        with disk_errors(path):
            path.chmod(0o600)
        # A synchronous append per step: a power cut loses nothing that was settled.
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.executescript(_SCHEMA)
        yield connection
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        connection.close()


def _unusable(path: Path, error: sqlite3.Error) -> StateError:
    """A full or read-only disk leaves the ledger intact; any other fault means that the ledger is damaged."""
    if (getattr(error, "sqlite_errorname", "") or "").startswith(_DISK_SAYS_NO):
        return StateError(
            f"เขียนทะเบียนการส่ง {path} ไม่ได้ ({error}) — ล้างพื้นที่หรือแก้สิทธิ์แล้วสั่งใหม่ ระบบจะทำต่อจากที่ค้าง อย่าลบทะเบียน",
            f"The ledger {path} cannot be written ({error}); free space or mend the rights and run again, it goes on where it stopped. Do not delete it.",
        )
    return StateError(
        f"ใช้ทะเบียนการส่ง {path} ไม่ได้ — กู้คืนจากสำเนาสำรอง อย่าลบ เพราะจะส่งซ้ำ",
        f"The ledger {path} cannot be used ({error}); restore a copy. Do not delete it: everybody would be served again.",
    )


@contextlib.contextmanager
def only_one_run(out: Path, quarter: str, *, wait: float) -> Iterator[None]:
    """Hold the right to send a quarter's issue; another run is waited for, at most ``wait`` seconds.

    A killed run's right is free at once. Raises StateError when the other run does not end.
    """
    folder = out / FOLDER
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    until = time.monotonic() + wait
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lock(folder / f".send-{quarter}.lock"))
                break
            except StateError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.2)
        yield


_WORDS = 300  # characters of a server's words that the ledger keeps
_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464; RFC 6533 in UTF-8
_LARGEST = 5_000_000  # bytes of one file; a report without the returned content is a few kilobytes


@dataclass(frozen=True)
class Bounce:
    """One recipient of one report. ``action`` is failed, delayed, delivered, relayed or expanded; ``status`` like 5.1.1.

    also   other ways in which the report writes the address
    """

    address: str
    action: str
    status: str
    words: str
    message_id: str
    also: Sequence[str] = ()


@dataclass(frozen=True)
class TakenBounce:
    """A bounce and the quarter and edition of the message that came back; None where the ledger did not send it."""

    bounce: Bounce
    sent: tuple[str, str] | None


def take_in_bounces(path: Path, out: Path, *, when: str) -> list[TakenBounce]:
    """Read reports into the ledger of ``out``; returns what was found. Only failures change the ledger.

    Raises InputError when the path cannot be read, StateError when nothing was ever sent
    """
    if not (out / FOLDER / NAME).exists():
        raise StateError(
            f"ยังไม่มีทะเบียนการส่งใน {out} — ระบุ --out ของการส่ง",
            f"There is no ledger of sent mail in {out}; name the --out of the sending.",
        )
    taken = []
    for bounce in read_bounces(path):
        sent = None
        if bounce.action == "failed":
            words = f"{bounce.status} {bounce.words}".strip()
            sent = mark_bounced(
                out,
                message_id=bounce.message_id,
                addresses=(bounce.address, *bounce.also),
                code=bounce.status,
                words=words[:_WORDS],
                when=when,
            )
        taken.append(TakenBounce(bounce, sent))
    return taken


def read_bounces(path: Path) -> Iterator[Bounce]:
    """Every recipient of every report under the path; what is no report is passed over. Raises InputError."""
    for content in _contents(path):
        # A message whose parts name no known encoding is no report that a mail server writes.
        with contextlib.suppress(LookupError, ValueError):
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
    """The recipients of a delivery status notification; none for any other message.

    A report may be forwarded within another message: the returned message that counts is the one beside the report. Exim
    and qmail may write plain text instead, with the returned message below it.
    """
    reports = list(_reports(message))
    if not reports:
        yield from _in_plain_text(message)
    for report, beside in reports:
        message_id = next((found for part in beside if (found := _returned_id(part))), "")
        for block in _status_blocks(report):
            addresses = _addresses_of(block)
            action = str(block.get("Action", "")).split("(")[0].strip().casefold()
            if addresses and action:
                status = str(block.get("Status", "")).split("(")[0].strip()
                told = str(block.get("Diagnostic-Code", ""))
                words = " ".join((told.partition(";")[2] or told).split())[:_WORDS]
                yield Bounce(addresses[0], action, status, words, message_id, addresses[1:])


# How qmail begins its report (QSBMF, cr.yp.to/proto/qsbmf.txt) and each address of it; Exim names addresses in a header.
_QMAIL = re.compile(r"^Hi\. This is (?:the )?.*$", re.MULTILINE)
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:\n(.+(?:\n(?!\n).+)*)", re.MULTILINE)
_RETURNED_BELOW = re.compile(
    r"^-{3,}.*(?:copy of the message|original message).*$", re.MULTILINE | re.IGNORECASE
)
_ID_BELOW = re.compile(r"^Message-ID:\s*(<[^<>\s]+>)", re.MULTILINE | re.IGNORECASE)
_STATUS = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")


def _in_plain_text(message: Message) -> Iterator[Bounce]:
    """The recipients of a report that Exim or qmail wrote for people to read; none for any other message."""
    content = message.get_payload(decode=True)
    if message.is_multipart() or not isinstance(content, bytes):
        return
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    told, below, returned = _split_once(_RETURNED_BELOW, text)
    found = _ID_BELOW.search(returned if below else "")
    message_id = found[1] if found else ""
    named = [part.strip() for part in str(message.get("X-Failed-Recipients", "")).split(",") if "@" in part]
    said = dict.fromkeys(named, told)
    if _QMAIL.search(told.lstrip()[:200]):
        said |= dict(_QMAIL_RECIPIENT.findall(told))
    for address, words in said.items():
        status = _STATUS.search(words)
        about = words.partition(address)[2] if address in words else words
        yield Bounce(
            address, "failed", status[1] if status else "", " ".join(about.split())[:_WORDS], message_id
        )


def _split_once(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    """Before, match and after of the first match; all before where there is none."""
    found = pattern.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _reports(message: Message) -> Iterator[tuple[Message, list[Message]]]:
    """Every part that is a delivery status, with the parts beside it and what these hold."""
    if message.get_content_type() in _STATUS_KINDS:
        yield message, []
        return
    for place in message.walk():
        children = place.get_payload()
        if place.get_content_maintype() != "multipart" or not isinstance(children, list):
            continue
        parts = list(filter(_is_message, children))
        for part in parts:
            if part.get_content_type() in _STATUS_KINDS:
                yield part, [inner for other in parts for inner in other.walk()]


def _addresses_of(block: Message) -> list[str]:
    """What a report calls one recipient: as the letter named it, then as the reporting server did; plain and decoded."""
    found: list[str] = []
    for name in ("Original-Recipient", "Final-Recipient"):
        text = (
            re.sub(r"\([^()]*\)", "", str(block.get(name, ""))).rpartition(";")[2].strip().strip("<>").strip()
        )
        # RFC 3461, 4: a plus sign of the first of the two is written +2B, any other odd character likewise.
        decoded = re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), text)
        found += [one for one in (decoded, text) if "@" in one and one not in found]
    return found


def _status_blocks(part: Message) -> list[Message]:
    """The blocks of fields of a report, one of the server and one a recipient."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().casefold()
    is_plain = encoding in ("", "7bit", "8bit", "binary")
    if part.get_content_type() == _STATUS_KINDS[0] and is_plain:
        blocks = part.get_payload()
        return list(filter(_is_message, blocks if isinstance(blocks, list) else ()))
    content = part.as_bytes().partition(b"\n\n")[2]
    # No server should encode a report (RFC 3464, 2.1), but some do, and RFC 6533 allows it.
    with contextlib.suppress(ValueError):
        if encoding == "base64":
            content = base64.b64decode(content)
        elif encoding == "quoted-printable":
            content = quopri.decodestring(content)
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    return [email.message_from_string(block) for block in re.split(r"\n[ \t]*\n", text) if block.strip()]


def _is_message(part: object) -> TypeGuard[Message]:
    return isinstance(part, Message)


def _returned_id(part: Message) -> str:
    """Message-ID of the returned message, from the message itself or its headers."""
    if part.get_content_type() in ("message/rfc822", "message/global"):
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return str(first.get("Message-ID", "")).strip() if isinstance(first, Message) else ""
    if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
        content = part.get_payload(decode=True) or part.as_bytes().partition(b"\n\n")[2]
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        return str(email.message_from_string(text).get("Message-ID", "")).strip()
    return ""
