"""Delivery: everybody in the ledger who is still to be served, one after the other, over as few connections as possible.

Goes in: a packed issue, its recipients, an open ledger, a way to connect. Comes out: a ``Summary``. What fails for now is tried again
with growing pauses, in this run and in the next; what fails for good is tried once; what cannot be known is not repeated.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reporter.delivery.mail import letter
from reporter.delivery.mail.ledger import OPEN_STATES, REFUSED_STATES, Ledger, Row
from reporter.delivery.mail.message import Message, Packer
from reporter.delivery.mail.server import TOO_LARGE, Answer, Connection, UnreachableError
from reporter.domain.errors import DeliveryError
from reporter.inputs.recipients import Recipient

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

    rows: list[Row]
    sent_now: int = 0
    fatal: DeliveryError | None = None
    is_out_of_reach: bool = False  # the server did not answer: that may be otherwise in a while

    def named(self, *states: str) -> list[Row]:
        """Rows in these states."""
        return [row for row in self.rows if row.state in states]

    @property
    def is_complete(self) -> bool:
        """Whether everybody was served."""
        return self.fatal is None and all(row.state == "sent" for row in self.rows)


@dataclass
class Run:
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
        """Serve everybody who is still open and still on the list; in rounds, where the run has patience."""
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
        """Everybody who is open, each at most ``ATTEMPTS`` times."""
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

    def _row(self, address: str) -> Row:
        return next(row for row in self.ledger.rows(OPEN_STATES) if row.address == address)

    def _serve(self, row: Row) -> Answer:
        """Serve one recipient; with a link in place of the report where the server takes no message as large."""
        recipient = self.recipients[row.address]
        connection = self._connected()
        message = self._message(recipient)
        if connection.largest and message.size > connection.largest and self.packer.issue.is_attached:
            self._link_from_now_on(message.size, connection.largest)
            message = self._message(recipient)
        answer = self._hand_over(row, message, connection)
        if answer.code == TOO_LARGE and answer.is_before_content and self._can_link:
            self._link_from_now_on(message.size, 0)
            answer = self._hand_over(row, self._message(recipient), self._connected())
        return answer

    @property
    def _can_link(self) -> bool:
        return self.packer.issue.is_attached and bool(self.packer.issue.archive)

    def _link_from_now_on(self, size: int, largest: int) -> None:
        """Send a link from now on. Raises DeliveryError where there is no website that it could lead to."""
        limit = f"{largest / 1e6:.1f} MB" if largest else "น้อยกว่านั้น (less)"
        if not self._can_link:
            raise DeliveryError(
                f"จดหมายขนาด {size / 1e6:.1f} MB ใหญ่เกินที่เซิร์ฟเวอร์รับ ({limit}) — กำหนด website ใน workspace.toml แล้วสั่งใหม่ ระบบจะส่งลิงก์แทนแฟ้มแนบ",
                f"A message of {size / 1e6:.1f} MB is more than the server takes ({limit}); set website in workspace.toml and run again: a link goes then.",
            )
        self.packer = self.packer.with_link()
        self.say(
            f"จดหมายขนาด {size / 1e6:.1f} MB ใหญ่เกินที่เซิร์ฟเวอร์รับ ({limit}) จึงส่งลิงก์แทนแฟ้มแนบ",
            f"A message of {size / 1e6:.1f} MB is more than the server takes ({limit}): a link to the report goes instead",
        )

    def _hand_over(self, row: Row, message: Message, connection: Connection) -> Answer:
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
        before = self._earlier.get(recipient.email.casefold())
        corrections = letter.changes(before, self.packer.issue) if before is not None else ()
        now, sender = self.clock.now(), self.packer.sender
        words = letter.write(self.packer.issue, recipient, sender=sender, on=now, corrections=corrections)
        first = self._first.get(recipient.email.casefold(), "") if corrections else ""
        return self.packer.pack(words, recipient, date=now, answers=first)

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
