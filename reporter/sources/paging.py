"""One data set -> all of its pages.

Goes in: a client, a data set, its parameters. Comes out: every answer in order and all rows together. A service hands
out at most so many rows at once, whatever its manual says, so the offset moves on by what really came: until the
announced total, or, where none is announced, until a page comes empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reporter.sources import answers
from reporter.sources.access import failure
from reporter.sources.answers import Page, Row
from reporter.sources.catalogue import Dataset, Service
from reporter.sources.client import Answer, Client


@dataclass(frozen=True)
class Taken:
    """A data set as it was taken: the answers as received, the rows of all, the first page's summary."""

    service: Service
    dataset: Dataset
    parameters: Mapping[str, str]
    answers: tuple[Answer, ...]
    rows: list[Row] = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def received(self) -> dt.datetime:
        """When the last page came: from then on the whole is known."""
        return self.answers[-1].received


def take(
    client: Client, dataset: Dataset, parameters: Mapping[str, str], *, today: dt.date, start: str = ""
) -> Taken:
    """All pages of a data set. ``start``: first month of a service that answers by spans of time (ISO date).

    Raises ServiceError when a page is no answer or the pages stop before the announced total.
    """
    service = client.service
    if service.windows is not None and service.windows.start not in parameters:
        return _by_windows(client, dataset, parameters, start or f"{today.year - 2}-01-01", today)
    first = {"offset": "0", "limit": str(service.page_size)} if dataset.paged and service.page_size else {}
    got: list[Answer] = []
    rows: list[Row] = []
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
    return Taken(service, dataset, dict(parameters), tuple(got), rows, first_page.facts)


def _more(
    client: Client, dataset: Dataset, asked: Mapping[str, str], first: Page, offset: int, got: list[Answer]
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
) -> Taken:
    """A service that caps the observations of one answer: asked in spans of months, oldest first."""
    windows = client.service.windows
    assert windows is not None
    got: list[Answer] = []
    rows: list[Row] = []
    begin = dt.date.fromisoformat(start)
    while begin <= today:
        months = begin.year * 12 + begin.month - 1 + windows.months
        following = dt.date(months // 12, months % 12 + 1, 1)
        end = min(following - dt.timedelta(days=1), today)
        span = {windows.start: begin.isoformat(), windows.end: end.isoformat()}
        rows += _page(client, dataset, {**parameters, **span}, got).rows
        begin = following
    return Taken(client.service, dataset, dict(parameters), tuple(got), rows)


def _page(client: Client, dataset: Dataset, parameters: Mapping[str, str], got: list[Answer]) -> Page:
    answer = client.get(dataset, parameters)
    got.append(answer)
    return answers.read(client.service, dataset, answer.content)
