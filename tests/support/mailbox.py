"""A small released issue, a workspace with recipients, and a real SMTP server on loopback for the tests of the mail."""

from __future__ import annotations

import base64
import datetime as dt
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from reporter.delivery import release_log
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.schema import write_csv
from reporter.pipeline import manifest
from tests.support.frames import frame
from tests.support.issue_json import chapter, figure, section, sentence, write_issue_json

QUARTER = "2025-Q3"
NOON = dt.datetime(2025, 11, 14, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
# A grey picture of one pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
HEADLINE = {
    "labour_index": {"value": 101.24, "change_quarter": 0.8, "change_year": -1.5},
    "employer": {"value": 128.4, "change_quarter": -2.1, "change_year": 3.0},
    "worker": {"value": None, "change_quarter": None, "change_year": None},
}
SENTENCES = ("ดัชนีเศรษฐกิจแรงงานอยู่ที่ 101.2 จุด", "ความเชื่อมั่นของผู้ประกอบการอยู่ที่ 128.4 จุด", "คาดว่าดัชนีจะทรงตัว")


def page_of(headline: dict[str, Any]) -> str:
    """The report's page, which says the level of the index that the headline says."""
    return f"<html><body>{' '.join(_sentences(headline))}</body></html>"


def _sentences(headline: dict[str, Any]) -> list[str]:
    level = headline["labour_index"]["value"]
    return [text if level is None else text.replace("101.2", f"{level:.1f}") for text in SENTENCES]


def _write_document(folder: Path, headline: dict[str, Any], english: Sequence[str]) -> None:
    told = figure(
        "index_history", "ดัชนีสูงกว่าค่าเฉลี่ย", number=2, alt="ดัชนีอยู่ที่ 101.2 จุด", source="ที่มา: สำนักงานสถิติแห่งชาติ"
    )
    sentences = [sentence(text) for text in _sentences(headline)]
    write_issue_json(
        folder,
        QUARTER,
        headline,
        sentences,
        [chapter("index", 1, "ดัชนี", section("s-1", "", told))],
        [sentence(text) for text in english],
    )


def write_headline_tables(folder: Path, headline: dict[str, Any], quarter: str = QUARTER) -> None:
    """The two tables that the headline is taken from: this quarter, the one before, the one a year ago."""
    now = parse_quarter(quarter)
    rows: dict[str, list[tuple]] = {"labour_index": [], "employer": [], "worker": []}
    for key, numbers in headline.items():
        for part, lag in (("value", 0), ("change_quarter", 1), ("change_year", 4)):
            if numbers[part] is not None:
                level = numbers["value"] - (numbers[part] if lag else 0)
                rows[key].append(("overall", "TH", iso(now - lag), float(level)))
    index = rows.pop("labour_index")
    confidence = [(survey, *row) for survey, own in rows.items() for row in own]
    made = {
        "labour_index": frame("labour_index", index),
        "confidence": frame("confidence", confidence),
    }
    write_csv(made, folder / "tables")


def make_issue(
    out: Path,
    *,
    status: str = "final",
    version: int = 1,
    embargo: str = "",
    checked: bool = True,
    approved: bool = True,
    pdf: bytes = b"%PDF-1.7\n" + b"x" * 4000,
    headline: dict[str, Any] | None = None,
    english: Sequence[str] = (),
) -> Path:
    """Write ``out/2025-Q3`` with a manifest that fits, signed off unless told otherwise.

    english   sentences of an English edition, which has a PDF of its own
    """
    folder = out / QUARTER
    (folder / "charts").mkdir(parents=True, exist_ok=True)
    (folder / "report.pdf").write_bytes(pdf)
    (folder / "report.html").write_text(page_of(headline or HEADLINE), encoding="utf-8")
    (folder / "charts" / "index_history.png").write_bytes(PNG)
    (folder / "charts" / "index_history.svg").write_text("<svg viewBox='0 0 9 9'/>", encoding="utf-8")
    write_headline_tables(folder, headline or HEADLINE)
    _write_document(folder, headline or HEADLINE, english)
    if english:
        (folder / "report-en.pdf").write_bytes(b"%PDF-1.7\n% English")
    head = {
        "quarter": QUARTER,
        "version": version,
        "status": status,
        "synthetic": False,
        "embargo": embargo,
        "headline": headline or HEADLINE,
    }
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    if checked and status == "final":
        release_log.record_check(folder, when=NOON.isoformat())
    if approved and status == "final":
        release_log.approve(folder, who="ผู้อำนวยการ", when=NOON.isoformat())
    return folder


def note_correction(folder: Path, words: str) -> None:
    """Note the issue as published as a correction, with the words of what was wrong, as ``reporter publish --correction`` does."""
    details = {"correction": words}
    release_log.record(folder, "published", who="reporter publish", when=NOON.isoformat(), details=details)


def make_workspace(root: Path, count: int = 3, *, rows: str = "", settings: str = "") -> Path:
    """A workspace with ``count`` recipients (or the given rows of recipients.csv)."""
    (root / "series").mkdir(parents=True, exist_ok=True)
    listed = rows or "".join(f"หน่วยงาน {n},ผู้รับ {n},r{n:04d}@example.org\n" for n in range(1, count + 1))
    (root / "recipients.csv").write_text(
        listed if listed.startswith("agency") else f"agency,name,email\n{listed}", encoding="utf-8"
    )
    (root / "workspace.toml").write_text(
        settings or 'website = "https://labour.example.org"\ncontact = "0 2232 1234"\n', encoding="utf-8"
    )
    return root


class Postbox:
    """Keeps what arrives; ``answers`` lets a test refuse recipients (called with address and attempt number)."""

    def __init__(self, answers: Callable[[str, int], str] | None = None, keep: bool = True) -> None:
        self.answers = answers or (lambda address, attempt: "250 OK")
        self.keep = keep
        self.served: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.messages: list[tuple[str, bytes]] = []
        self.sessions: set[int] = set()
        self.users: list[str] = []
        self.on_message: Callable[[int], None] = lambda number: None
        self._lock = threading.Lock()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        with self._lock:
            self.asked[address] += 1
        answer = self.answers(address, self.asked[address])
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        with self._lock:
            self.sessions.add(id(session))
            for address in envelope.rcpt_tos:
                self.served[address] += 1
            assert isinstance(envelope.content, bytes)
            if self.keep:
                self.messages.append((",".join(envelope.rcpt_tos), envelope.content))
            number = sum(self.served.values())
        self.on_message(number)
        return "250 queued"


@contextmanager
def serving(postbox: Postbox, **options: Any) -> Iterator[str]:
    """A server on loopback; gives ``host:port``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, data_size_limit=None, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()
