"""Parses the answer of a service into rows, or gives the reason why it is not valid.

Goes in: the bytes of one page. Comes out: ``Page``: rows as the service sent them (text stays text, so that codes keep
their leading zeros), the announced total, the message. Handled: an envelope whose only key is the data set's name,
``status: false`` with HTTP 200, HTML error pages with status 200, a byte order mark, totals as text, tables as CSV in
UTF-8 or Windows-874, the Bank of Thailand's observations.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reporter.domain.errors import ServiceError, VintageError
from reporter.inputs.values import UnreadableError, number
from reporter.runtime.cache import written_beside
from reporter.sources.access import (
    Client,
    ServiceAnswer,
    failure,
    wrong_key,
)
from reporter.sources.catalogue import Dataset, Service

AnswerRow = dict[str, Any]
_KEY_WORDS = (
    "api-key",
    "api key",
    "apikey",
    "api_key",
    "token",
    "unauthor",
    "authenti",
    "กุญแจ",
    "ยืนยันตัวตน",
    "ไม่มีสิทธิ์",
)
_LONGEST_MESSAGE = 160


@dataclass(frozen=True)
class Page:
    """Rows of one answer. ``total`` is what the service announces, or None; ``facts`` the envelope's summary."""

    rows: list[AnswerRow]
    total: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def read(service: Service, dataset: Dataset, content: bytes) -> Page:
    """Rows of an answer. Raises ServiceError when it is not what the service documents."""
    text = _text(content)
    if _is_markup(text):
        raise failure(
            service,
            dataset.id,
            "ตอบเป็นหน้าเว็บแทนข้อมูล — บริการอาจปิดปรับปรุงหรือถูกกั้น สั่งใหม่ภายหลัง",
            "answered a web page instead of data; it may be down or blocked. Run again later.",
        )
    if service.answer == "table":
        return _table(service, dataset, text)
    document = _json(service, dataset, text)
    match service.answer:
        case "single_key":
            page = _single_key(service, dataset, document)
        case "observations":
            page = _observations(service, dataset, document)
        case _:
            page = _envelope(service, dataset, document)
    return replace(page, rows=[_as_documented(row, dataset) for row in page.rows])


def _as_documented(row: AnswerRow, dataset: Dataset) -> AnswerRow:
    """The row with the documented name of every field that the service sends under another one; both can be used."""
    for declared in dataset.fields:
        if declared.sent:
            *path, name = declared.name.split(".")
            row = _with_name(row, path, name, declared.sent)
    return row


def _with_name(value: Any, path: Sequence[str], name: str, sent: str) -> Any:
    """``value`` with ``name`` beside ``sent`` in the objects that the path leads to; lists stand for each of their members."""
    if isinstance(value, list):
        return [_with_name(one, path, name, sent) for one in value]
    if not isinstance(value, dict):
        return value
    if path:
        inner = value.get(path[0])
        return value | {path[0]: _with_name(inner, path[1:], name, sent)} if path[0] in value else value
    return value | {name: value[sent]} if sent in value and name not in value else value


def _text(content: bytes) -> str:
    """Text in UTF-8 (with or without mark), else in the Thai code page of older systems."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp874", errors="replace")


def _is_markup(text: str) -> bool:
    return bool(re.match(r"\s*<(?:!doctype|html|head|body|\?xml)", text, re.IGNORECASE))


def _json(service: Service, dataset: Dataset, text: str) -> Any:
    """The document of a JSON answer."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # also a number of more digits than Python reads
        raise failure(
            service,
            dataset.id,
            "ตอบ JSON ที่อ่านไม่ได้ (ขาดหรือเสีย) — สั่งใหม่ภายหลัง หากยังเป็นอยู่ให้แจ้งผู้ดูแลบริการ",
            "answered broken JSON; run again later, and tell its keepers if it stays so.",
        ) from None


def _unexpected(service: Service, dataset: Dataset) -> ServiceError:
    return failure(
        service,
        dataset.id,
        "ตอบในรูปแบบที่ไม่ได้ประกาศไว้ — เทียบกับคู่มือของบริการ",
        "answered in a form that is not declared; compare it with the service's manual.",
    )


def _said(document: Mapping[str, Any]) -> str:
    """The service's own message, cut short."""
    for name in ("msg", "message", "error", "error_description", "moreInformation", "detail"):
        if isinstance(document.get(name), str) and document[name].strip():
            return " ".join(document[name].split())[:_LONGEST_MESSAGE]
    return ""


def _refusal(service: Service, dataset: Dataset, document: Mapping[str, Any]) -> ServiceError:
    """A service's "no" inside an answer that looks like success."""
    said = _said(document)
    code = str(document.get("code", document.get("httpCode", "")))
    if code in ("401", "403") or any(word in said.casefold() for word in _KEY_WORDS):
        return wrong_key(service, dataset.id, said or f"code {code}")
    told = said or (f"code {code}" if code else "status: false")
    return failure(
        service,
        dataset.id,
        f"ปฏิเสธคำขอ: {told} — ตรวจพารามิเตอร์",
        f"refuses the request: {told}; check the parameters.",
    )


def _rows(service: Service, dataset: Dataset, found: Any) -> list[AnswerRow]:
    """A list of objects, or one object as one row; nothing for null and false."""
    if found is None or found is False or found == "":
        return []
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    raise _unexpected(service, dataset)


def _single_key(service: Service, dataset: Dataset, document: Any) -> Page:
    """MOL data exchange: an object with one key, named after the data set, holding the list."""
    if isinstance(document, list):
        return Page(_rows(service, dataset, document))
    if not isinstance(document, dict):
        raise _unexpected(service, dataset)
    lists = [value for value in document.values() if isinstance(value, list)]
    if len(lists) == 1 and not _denies(document):
        return Page(_rows(service, dataset, lists[0]))
    if not lists and (_said(document) or _denies(document)):
        raise _refusal(service, dataset, document)
    raise _unexpected(service, dataset)


def _denies(document: Mapping[str, Any]) -> bool:
    """Whether an envelope reports failure: ``status: false``, or a code that is not 200, in whatever type."""
    status = str(document.get("status", True)).casefold()
    code = str(document.get("code", document.get("httpCode", 200)))
    return status in ("false", "0", "error", "fail") or (code.isdigit() and int(code) >= 400)


def _envelope(service: Service, dataset: Dataset, document: Any) -> Page:
    """Government spending: code, status, msg, time, param_obj, summary, result."""
    if not isinstance(document, dict):
        raise _unexpected(service, dataset)
    if _denies(document):
        raise _refusal(service, dataset, document)
    summary = document.get("summary")
    facts = summary if isinstance(summary, dict) else {}
    if dataset.result == "summary" and "result" not in document:
        return Page([dict(facts)] if facts else [], facts=facts)
    if "result" not in document:
        raise _unexpected(service, dataset)
    total = facts.get("total", document.get("total"))
    return Page(_rows(service, dataset, document["result"]), _total(total), facts)


def _total(cell: Any) -> int | None:
    try:
        found = number(cell)
    except UnreadableError:
        return None
    return int(found) if found is not None and found >= 0 else None


def _observations(service: Service, dataset: Dataset, document: Any) -> Page:
    """Bank of Thailand: result.series[].observations[] of period_start and value; of interest rates result.data.data_detail[]."""
    if not isinstance(document, dict):
        raise _unexpected(service, dataset)
    result = document.get("result")
    if not isinstance(result, dict):
        raise _refusal(service, dataset, document) if _said(document) else _unexpected(service, dataset)
    rows: list[AnswerRow] = []
    data = result.get("data")
    if isinstance(data, dict) and "series" not in result:
        return Page(
            _rows(service, dataset, data.get("data_detail")), facts={"timestamp": result.get("timestamp")}
        )
    for series in result.get("series") or []:
        if not isinstance(series, dict):
            raise _unexpected(service, dataset)
        code = series.get("series_code")
        rows += [
            {"series_code": code, **row, "last_update_date": series.get("last_update_date")}
            for row in _rows(service, dataset, series.get("observations"))
        ]
    return Page(rows, facts={"timestamp": result.get("timestamp")})


def _table(service: Service, dataset: Dataset, text: str) -> Page:
    """A CSV table, every cell as text."""
    if text.lstrip().startswith(("{", "[")):
        document = _json(service, dataset, text)
        if isinstance(document, dict):
            raise _refusal(service, dataset, document)
        return Page(_rows(service, dataset, document))
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    try:
        header = [name.strip() for name in reader.fieldnames or []]
    except csv.Error:
        header = []
    if len(header) < 2:
        raise _unexpected(service, dataset)
    reader.fieldnames = header
    try:
        return Page([{name: cell for name, cell in row.items() if name} for row in reader])
    except csv.Error:
        raise _unexpected(service, dataset) from None


# ----------------------------------------------------------------------------------------------------
# One data set -> all of its pages.
#
# Goes in: a client, a data set, its parameters. Comes out: every answer in order and all rows together. A service hands
# out at most so many rows at once, whatever its manual says, so the offset moves on by what really came: until the
# announced total, or, where none is announced, until a page comes empty.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakenDataSet:
    """A data set as it was taken: the answers as received, the rows of all, the first page's summary."""

    service: Service
    dataset: Dataset
    parameters: Mapping[str, str]
    answers: tuple[ServiceAnswer, ...]
    rows: list[AnswerRow] = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def received(self) -> dt.datetime:
        """When the last page came: from then on the whole is known."""
        return self.answers[-1].received


def take(
    client: Client, dataset: Dataset, parameters: Mapping[str, str], *, today: dt.date, start: str = ""
) -> TakenDataSet:
    """All pages of a data set. ``start``: first month of a service that answers by spans of time (ISO date).

    Raises ServiceError when a page is no answer or the pages stop before the announced total.
    """
    service = client.service
    if service.windows is not None and service.windows.start not in parameters:
        return _by_windows(client, dataset, parameters, start or f"{today.year - 2}-01-01", today)
    first = {"offset": "0", "limit": str(service.page_size)} if dataset.paged and service.page_size else {}
    got: list[ServiceAnswer] = []
    rows: list[AnswerRow] = []
    asked = {**first, **parameters}
    offset = int(asked.get("offset", "0") or 0)
    first_page = _page(client, dataset, asked, got)
    total = first_page.total
    rows += first_page.rows
    for page in _more(client, dataset, asked, first_page, offset, got):
        rows += page.rows
    if total is not None and offset + len(rows) < total:
        raise failure(
            service,
            dataset.id,
            f"แจ้งว่ามี {total:,} แถว แต่ส่งมาเพียง {offset + len(rows):,} แถว — สั่งใหม่ภายหลัง",
            f"announces {total:,} rows but hands out only {offset + len(rows):,}; run again later.",
        )
    return TakenDataSet(service, dataset, dict(parameters), tuple(got), rows, first_page.facts)


def _more(
    client: Client,
    dataset: Dataset,
    asked: Mapping[str, str],
    first: Page,
    offset: int,
    got: list[ServiceAnswer],
) -> Iterator[Page]:
    """The pages after the first."""
    if not (dataset.paged or (first.total or 0) > offset + len(first.rows)) or dataset.result != "rows":
        return
    page, last = first, first
    while page.rows and (first.total is None or offset + len(page.rows) < first.total):
        if len(got) >= client.service.client.pages:
            raise failure(
                client.service,
                dataset.id,
                "มีหน้ามากเกินกำหนด — จำกัดด้วยพารามิเตอร์",
                "has too many pages; narrow the parameters.",
            )
        offset += len(page.rows)
        page = _page(client, dataset, {**asked, "offset": str(offset)}, got)
        if page.rows and page.rows == last.rows:
            if first.total is None and len(page.rows) < int(asked.get("limit") or 0):
                got.pop()  # a short page, and the service does not know offsets: that was all
                return
            raise failure(
                client.service,
                dataset.id,
                f"ส่งหน้าเดิมซ้ำที่ลำดับ {offset:,} — แจ้งผู้ดูแลบริการ",
                f"repeats the same page at offset {offset:,}; tell its keepers.",
            )
        last = page
        yield page


def _by_windows(
    client: Client, dataset: Dataset, parameters: Mapping[str, str], start: str, today: dt.date
) -> TakenDataSet:
    """A service that caps the observations of one answer: asked in spans of months, oldest first."""
    windows = client.service.windows
    assert windows is not None
    got: list[ServiceAnswer] = []
    rows: list[AnswerRow] = []
    begin = dt.date.fromisoformat(start)
    while begin <= today:
        months = begin.year * 12 + begin.month - 1 + windows.months
        following = dt.date(months // 12, months % 12 + 1, 1)
        end = min(following - dt.timedelta(days=1), today)
        span = {windows.start: begin.isoformat(), windows.end: end.isoformat()}
        rows += _page(client, dataset, {**parameters, **span}, got).rows
        begin = following
    return TakenDataSet(client.service, dataset, dict(parameters), tuple(got), rows)


def _page(client: Client, dataset: Dataset, parameters: Mapping[str, str], got: list[ServiceAnswer]) -> Page:
    answer = client.get(dataset, parameters)
    got.append(answer)
    return read(client.service, dataset, answer.content)


# ----------------------------------------------------------------------------------------------------
# Snapshots: what a service answered, byte for byte, with time, address without key and SHA-256; never overwritten.
#
# Goes in: a data set as taken. Comes out: under ``snapshots/<service>/`` one file per page and, written last, a record
# ``<name>.snapshot.json`` that makes them a snapshot: pages without a record are the rest of a killed run and count for
# nothing. Dropped files are kept the same way, under ``snapshots/files/``.
# ----------------------------------------------------------------------------------------------------

FOLDER = "snapshots"
FILES = "files"
_RECORD = ".snapshot.json"
_SUFFIX = {"single_key": ".json", "envelope": ".json", "observations": ".json", "table": ".csv"}


@dataclass(frozen=True)
class Snapshot:
    """A kept answer: ``service`` (or ``files``), data set, parameters, the declaration it was fetched for, its pages.

    taken   when the last page came; with its zone
    pages   files in order
    """

    record: Path
    service: str
    dataset: str
    request: str
    parameters: Mapping[str, str]
    taken: dt.datetime
    pages: tuple[Path, ...]
    sha256: tuple[str, ...]

    @property
    def id(self) -> str:
        """``snapshots/mol/20251121T034510123456_RFNEXzMx.snapshot.json``: where a vintage's values come from."""
        return f"{FOLDER}/{self.service}/{self.record.name}"

    def contents(self) -> Iterator[bytes]:
        """The pages' bytes, checked against their SHA-256. Raises VintageError for a changed or missing file."""
        for page, expected in zip(self.pages, self.sha256, strict=True):
            content = page.read_bytes() if page.is_file() else b""
            if hashlib.sha256(content).hexdigest() != expected:
                raise VintageError(
                    f"{self.id}: ไฟล์ {page.name} หายหรือถูกแก้ไข — กู้คืนจากสำเนาสำรอง",
                    f"{self.id}: file {page.name} is missing or was changed; restore it from a backup.",
                )
            yield content


def keep(root: Path, taken: TakenDataSet, request: str = "") -> Snapshot:
    """Keep a data set as it was taken, under ``root/snapshots``; ``request`` is the declaration it was fetched for."""
    return _keep(
        root,
        service=taken.service.id,
        dataset=taken.dataset.id,
        request=request,
        parameters=taken.parameters,
        suffix=_SUFFIX[taken.service.answer],
        answers=taken.answers,
    )


def keep_file(root: Path, path: Path, content: bytes, drop: str, received: dt.datetime) -> Snapshot:
    """Keep a dropped file's bytes as they were received."""
    answer = ServiceAnswer(content, 0, "", path.name, received)
    return _keep(
        root,
        service=FILES,
        dataset=path.stem,
        request=drop,
        parameters={},
        suffix=path.suffix.lower(),
        answers=[answer],
    )


def _keep(
    root: Path,
    *,
    service: str,
    dataset: str,
    request: str,
    parameters: Mapping[str, str],
    suffix: str,
    answers: Sequence[ServiceAnswer],
) -> Snapshot:
    folder = root / FOLDER / service
    folder.mkdir(parents=True, exist_ok=True)
    taken = answers[-1].received
    stamp = taken.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    stem = _free(folder, f"{stamp}_{_slug(dataset)}")
    pages = []
    for page_number, answer in enumerate(answers, start=1):
        page = folder / f"{stem}_p{page_number:04d}{suffix}"
        _write_new(page, answer.content)
        pages.append(
            {
                "file": page.name,
                "address": answer.address,
                "received": answer.received.isoformat(),
                "status": answer.status,
                "content_type": answer.content_type,
                "bytes": len(answer.content),
                "sha256": hashlib.sha256(answer.content).hexdigest(),
                **({"key_hidden": True} if answer.hidden else {}),
            }
        )
    record = folder / f"{stem}{_RECORD}"
    content = {
        "service": service,
        "dataset": dataset,
        "request": request,
        "parameters": dict(parameters),
        "taken": taken.isoformat(),
        "pages": pages,
    }
    _write_new(record, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
    return _snapshot(record, content)


def all_of(root: Path) -> list[Snapshot]:
    """Every complete snapshot of a workspace, oldest first. Raises VintageError for a damaged record."""
    found = []
    for record in sorted((root / FOLDER).glob(f"*/*{_RECORD}")):
        try:
            found.append(_snapshot(record, json.loads(record.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError) as error:
            raise VintageError(
                f"{record.parent.name}/{record.name}: บันทึกเสียหาย — กู้คืนจากสำเนาสำรอง",
                f"{record.parent.name}/{record.name}: the record is damaged; restore it from a backup.",
            ) from error
    return sorted(found, key=lambda snapshot: (snapshot.taken, snapshot.id))


def _snapshot(record: Path, content: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        record=record,
        service=content["service"],
        dataset=content["dataset"],
        request=content["request"],
        parameters=content["parameters"],
        taken=dt.datetime.fromisoformat(content["taken"]),
        pages=tuple(record.parent / page["file"] for page in content["pages"]),
        sha256=tuple(page["sha256"] for page in content["pages"]),
    )


def _slug(text: str) -> str:
    """A data set's id as part of a file name."""
    return re.sub(r"[^0-9A-Za-z._\u0E00-\u0E7F-]+", "-", text)[:60] or "data"


def _free(folder: Path, stem: str) -> str:
    """A stem that no file of the folder has: two runs may end in the same microsecond."""
    number, free = 1, stem
    while any(folder.glob(f"{free}_p*")) or (folder / f"{free}{_RECORD}").exists():
        number += 1
        free = f"{stem}-{number}"
    return free


def _write_new(path: Path, content: bytes) -> None:
    """Write a file whole, under a name that did not exist: a link fails where a rename would overwrite."""
    with written_beside(path, content) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            temporary.replace(path)
