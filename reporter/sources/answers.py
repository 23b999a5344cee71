"""An answer's bytes -> its rows, or a clear reason why it is no answer.

Goes in: the bytes of one page. Comes out: ``Page``: rows as the service sent them (text stays text, so that codes keep
their leading zeros), the announced total, the message. Handled: an envelope whose only key is the data set's name,
``status: false`` with HTTP 200, HTML error pages with status 200, a byte order mark, totals as text, tables as CSV in
UTF-8 or Windows-874, the Bank of Thailand's observations.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reporter.domain.errors import ServiceError
from reporter.inputs.values import UnreadableError, number
from reporter.sources.access import failure, wrong_key
from reporter.sources.catalogue import Dataset, Service

Row = dict[str, Any]
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

    rows: list[Row]
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
            return _single_key(service, dataset, document)
        case "observations":
            return _observations(service, dataset, document)
        case _:
            return _envelope(service, dataset, document)


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


def _rows(service: Service, dataset: Dataset, found: Any) -> list[Row]:
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
    """Whether an envelope says no: ``status: false``, or a code that is not 200, in whatever type."""
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
    """Bank of Thailand: result.series[].observations[] of period_start and value."""
    if not isinstance(document, dict):
        raise _unexpected(service, dataset)
    result = document.get("result")
    if not isinstance(result, dict):
        raise _refusal(service, dataset, document) if _said(document) else _unexpected(service, dataset)
    rows: list[Row] = []
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
