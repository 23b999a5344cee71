"""Fetching: every declared series and dropped file into the store; one data set as it is; the store made anew.

Goes in: the catalogue, the environment, a workspace folder, or a data set named on the command line (``mol:RESOURCE_ID``,
``govspending:SERVICE?param=value&...``). Comes out: snapshots, observations in the store of vintages, and one ``Outcome`` per series;
a source that fails is told and the run goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl

import pandas as pd

from reporter.domain.declarations import Group
from reporter.domain.errors import (
    InputError,
    ReporterError,
    UsageError,
    VintageError,
)
from reporter.domain.periods import parse_period
from reporter.inputs.series_cells import KEY
from reporter.inputs.values import fiscal_year
from reporter.inputs.vintages import (
    Added,
    alone,
    append,
    changes,
    local,
    replace_all,
    vintages_folder,
    withdrawn,
)
from reporter.inputs.vintages import observations as observations_now
from reporter.inputs.vintages import withdraw as withdraw_vintage
from reporter.runtime.cache import swap
from reporter.sources import answers, dropped
from reporter.sources.access import Client, failure
from reporter.sources.answers import AnswerRow, TakenDataSet, read, take
from reporter.sources.catalogue import Dataset, Drop, Lookup, Request, Service, SourceCatalogue
from reporter.sources.proposal import RowOrigin, observations


@dataclass(frozen=True)
class Outcome:
    """What came of one declared series or dropped file.

    status     ``fetched``, ``failed``, or ``skipped`` (a dropped file that was taken in before)
    newest     newest period in the answer, as text; "" for none
    days_late  days since the next period should have been there, by the declared lag; 0 when in time
    """

    id: str
    status: Literal["fetched", "failed", "skipped"]
    added: Added = field(default_factory=Added)
    rows: int = 0
    newest: str = ""
    days_late: int = 0
    error: ReporterError | None = None


@dataclass(frozen=True)
class FetchRun:
    """What one run needs to know: declarations, workspace, environment, clock, day."""

    catalogue: SourceCatalogue
    groups: Mapping[str, Group]
    root: Path
    environment: Mapping[str, str]
    clock: Callable[[], dt.datetime]
    until: dt.date

    def requests(self, names: Sequence[str]) -> list[Request]:
        """Declared series by id, service, or all of them. Raises UsageError for an unknown name."""
        if not names:
            return list(self.catalogue.requests.values())
        found: dict[str, Request] = {}
        for name in names:
            chosen = {
                request.id: request
                for request in self.catalogue.requests.values()
                if name in (request.id, request.service)
            }
            if not chosen and name not in self.catalogue.services:
                known = ", ".join(self.catalogue.requests)
                raise UsageError(
                    f'ไม่มีอนุกรม "{name}" ในประกาศ — เลือกจาก {known} หรือเขียน mol:RESOURCE_ID, govspending:SERVICE',
                    f'No declared series "{name}"; choose one of {known}, or write mol:RESOURCE_ID, govspending:SERVICE.',
                )
            found |= chosen
        return list(found.values())


def fetch_request(run: FetchRun, request: Request) -> Outcome:
    """Fetch one declared series into the store; an error becomes part of the outcome."""
    try:
        with alone(run.root, request.id):
            return _fetched(run, request)
    except UsageError:
        raise
    except ReporterError as error:
        return Outcome(request.id, "failed", error=error)


def _fetched(run: FetchRun, request: Request) -> Outcome:
    """Take every data set of a request, keep the answers, add what is new."""
    service = run.catalogue.service(request.service)
    added, rows, newest = Added(), 0, ""
    with Client(service, environment=run.environment, clock=run.clock) as client:
        for parameters in _parameter_sets(run, request, client):
            dataset = service.dataset(request.dataset)
            taken = take(client, dataset, parameters, today=run.clock().date(), start=request.start)
            try:
                found = _mapped(request, taken.rows, parameters, service, taken.received, "", run.groups)
            except ReporterError:
                answers.keep(run.root, taken)  # as evidence; it belongs to no series
                raise
            kept = answers.keep(run.root, taken, request.id)
            found["snapshot"] = kept.id
            added += append(run.root, found)
            rows += len(taken.rows)
            newest = max(newest, found["period"].max() if len(found) else "")
    return Outcome(
        request.id, "fetched", added, rows, newest, days_late(newest, run.until, request.publication_lag_days)
    )


def _parameter_sets(run: FetchRun, request: Request, client: Client) -> list[dict[str, str]]:
    """The parameters of a request, once for each fiscal year where it is asked by years; looked-up values filled in."""
    this_year = fiscal_year(run.until)
    by_year = any("{fiscal_year}" in value for value in request.parameters.values())
    years = range(this_year - request.years_back, this_year + 1) if by_year else [this_year]
    sets = []
    for year in years:
        filled = {
            name: value.replace("{fiscal_year}", str(year)) for name, value in request.parameters.items()
        }
        if request.lookup is not None:
            filled[request.lookup.parameter] = _looked_up(run, client, request.lookup, year)
        sets.append(filled)
    return sets


def _looked_up(run: FetchRun, client: Client, lookup: Lookup, year: int) -> str:
    """A parameter's value from another data set of the service: the ministry's code of a year. The answer is kept too."""
    dataset = client.service.dataset(lookup.dataset)
    asked = {name: value.replace("{fiscal_year}", str(year)) for name, value in lookup.parameters.items()}
    taken = take(client, dataset, asked, today=run.clock().date())
    answers.keep(run.root, taken)
    rows = taken.rows
    found = {
        str(row.get(lookup.field))
        for row in rows
        if all(str(row.get(k)) == v for k, v in lookup.where.items())
    }
    if len(found) != 1:
        wanted = ", ".join(lookup.where.values())
        raise failure(
            client.service,
            dataset.id,
            f'พบ "{wanted}" ปี {year} จำนวน {len(found)} รายการ ต้องมี 1 — ตรวจประกาศหรือแจ้งผู้ดูแลบริการ',
            f'lists "{wanted}" of {year} {len(found)} times, not once; check the declaration or tell its keepers.',
        )
    return found.pop()


def _mapped(
    request: Request,
    rows: Sequence[AnswerRow],
    parameters: Mapping[str, str],
    service: Service,
    received: dt.datetime,
    snapshot: str,
    groups: Mapping[str, Group],
) -> pd.DataFrame:
    """Observations of a request's rows; a data set without rows (a year not begun) has none."""
    origin = RowOrigin(
        f"{service.id}:{request.dataset}", request.id, snapshot, request.frequency, received, parameters
    )
    return observations(rows if rows else [], request.observations if rows else (), origin, groups)


def take_in(run: FetchRun, path: Path) -> Outcome:
    """Take a dropped file in, unless its bytes were taken in before."""
    where = f"{dropped.FOLDER}/{path.name}"
    try:
        drop = dropped.declared_for(path, run.catalogue)
        if drop is None:
            raise InputError(
                f"{where} ไม่ตรงกับประกาศใดใน sources/drop — เพิ่มประกาศหรือเปลี่ยนชื่อไฟล์",
                f"{where} fits no declaration in sources/drop; add one or rename the file.",
            )
        with alone(run.root, drop.id):
            return _taken_in(run, path, drop)
    except ReporterError as error:
        return Outcome(where, "failed", error=error)


def _taken_in(run: FetchRun, path: Path, drop: Drop) -> Outcome:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if (digest,) in _taken(
        run.root, drop.id
    ):  # an older quarter's file that still lies there is no newer delivery
        return Outcome(f"{dropped.FOLDER}/{path.name}", "skipped")
    received = run.clock()
    found, rows = _from_file(content, path.name, drop, received, "", run.groups)
    kept = answers.keep_file(run.root, path, content, drop.id, received)
    found["snapshot"] = kept.id
    added = append(run.root, found)
    newest = found["period"].max() if len(found) else ""
    late = days_late(newest, run.until, drop.publication_lag_days)
    return Outcome(f"{dropped.FOLDER}/{path.name}", "fetched", added, rows, newest, late)


def _taken(root: Path, request: str = "") -> set[tuple[str, ...]]:
    """Digests of the dropped files that were taken in, by one declaration or any."""
    return {
        kept.sha256
        for kept in answers.all_of(root)
        if kept.service == answers.FILES and request in ("", kept.request)
    }


def untaken(root: Path) -> list[Path]:
    """Files that lie in ``incoming`` and were never taken in. Raises VintageError for a damaged record."""
    paths = dropped.files(root)
    known = _taken(root) if paths else set()
    return [path for path in paths if (hashlib.sha256(path.read_bytes()).hexdigest(),) not in known]


def _from_file(
    content: bytes, name: str, drop: Drop, received: dt.datetime, snapshot: str, groups: Mapping[str, Group]
) -> tuple[pd.DataFrame, int]:
    rows = dropped.rows(content, name, drop)
    origin = RowOrigin(
        drop.source or "files",
        drop.id,
        snapshot,
        drop.frequency,
        received,
        decimal=drop.decimal,
        years=drop.years,
        strip=drop.strip,
    )
    return observations(rows, drop.observations, origin, groups), len(rows)


def read_dropped(
    content: bytes, name: str, drop: Drop, groups: Mapping[str, Group], now: dt.datetime
) -> pd.DataFrame:
    """What a dropped file would bring by its declaration; nothing is stored. Raises InputError as taking it in would."""
    return _from_file(content, name, drop, now, "", groups)[0]


def rebuild(run: FetchRun) -> tuple[int, int]:
    """Make the store anew from the snapshots; returns snapshots read and observations kept.

    The new store is made beside the old one and takes its place whole. Raises VintageError when a snapshot's
    declaration is gone or a file was changed; the old store then stays.
    """
    with alone(run.root):
        kept = [found for found in answers.all_of(run.root) if found.request]
        parts = changes([_again(run, snapshot) for snapshot in kept])
        beside = replace_all(run.root, parts)
        folder = vintages_folder(run.root)
        swap(beside, folder)
        shutil.rmtree(beside, ignore_errors=True)
    return len(kept), sum(len(part) for part in parts)


def withdraw(run: FetchRun, wanted: str, by: str, reason: str) -> tuple[str, int]:
    """Take a delivery back: its values count no more from now on, those of the deliveries that stay do.

    wanted   id of a snapshot, or the end of one that no other has
    Returns  the id, and how many values changed by it
    Raises   UsageError for an unknown or ambiguous id, StateError when it was withdrawn before
    """
    kept = [one for one in answers.all_of(run.root) if one.request]
    fitting = [
        one for one in kept if wanted in (one.id, one.record.name) or one.record.name.startswith(wanted)
    ]
    if len(fitting) != 1:
        raise UsageError(
            f'"{wanted}" ตรงกับการรับข้อมูล {len(fitting)} ครั้ง ต้องเป็น 1 — ดูรหัสด้วย reporter vintages deliveries',
            f'"{wanted}" is {len(fitting)} deliveries, not one; see reporter vintages deliveries.',
        )
    chosen, now = fitting[0], run.clock()
    before = observations_now(run.root)
    withdraw_vintage(run.root, chosen.id, now, by, reason)
    gone = withdrawn(run.root)
    # A delivery that only confirmed the withdrawn values left no trace in the store: what stays is worked out anew.
    parts = changes([_again(run, one) for one in kept if one.id not in gone])
    if parts and len(parts[0]):
        newest = parts[0].sort_values("as_of", kind="stable").drop_duplicates(KEY, keep="last")
        append(run.root, newest.assign(as_of=local(now)))
    return chosen.id, _differences(before, observations_now(run.root))


def _differences(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Observations that came, went or changed."""
    both = before[[*KEY, "value"]].merge(after[[*KEY, "value"]], on=KEY, how="outer", suffixes=("", "_after"))
    return int((both["value"] != both["value_after"]).sum())


def _again(run: FetchRun, snapshot: answers.Snapshot) -> pd.DataFrame:
    """The observations of one snapshot by today's declarations."""
    request = run.catalogue.requests.get(snapshot.request)
    drop = run.catalogue.drops.get(snapshot.request)
    if snapshot.service == answers.FILES and drop is not None:
        (content,) = snapshot.contents()
        return _from_file(content, snapshot.pages[0].name, drop, snapshot.taken, snapshot.id, run.groups)[0]
    if request is None:
        raise VintageError(
            f"{snapshot.id}: ไม่มีประกาศ {snapshot.request} แล้ว — คืนประกาศนั้นใน sources ก่อน",
            f"{snapshot.id}: the declaration {snapshot.request} is gone; put it back under sources first.",
        )
    service = run.catalogue.service(snapshot.service)
    dataset = service.dataset(snapshot.dataset)
    rows = [row for content in snapshot.contents() for row in read(service, dataset, content).rows]
    return _mapped(request, rows, snapshot.parameters, service, snapshot.taken, snapshot.id, run.groups)


def days_late(newest: str, today: dt.date, lag: int) -> int:
    """Days since the period after ``newest`` should have been published: its end plus the declared lag; 0 in time."""
    if not newest:
        return 0
    if len(newest) == 4:
        # A fiscal year ends on 30 September; the next one's budget stands from its first day.
        due = dt.date(int(newest), 9, 30) + dt.timedelta(days=1 + lag)
    else:
        following = parse_period(newest) + 1
        due = following.end_time.date() + dt.timedelta(days=lag)
    return max(0, (today - due).days)


_THIS_YEAR = "ปีปัจจุบัน"
_PAGING = {"offset", "limit"}


@dataclass(frozen=True)
class NamedDataSet:
    """A data set named on the command line: ``mol:RFNEXzMx`` or ``govspending:gf_stg?year=2568&dept_id=17000``."""

    service: Service
    dataset: Dataset
    parameters: Mapping[str, str]

    @property
    def unknown(self) -> list[str]:
        """Parameters that the declaration of the data set does not name."""
        declared = {parameter.name for parameter in self.dataset.parameters} | _PAGING
        return [] if not self.dataset.parameters else sorted(set(self.parameters) - declared)


def parse_source(text: str, catalogue: SourceCatalogue, today: dt.date) -> NamedDataSet:
    """Read ``SERVICE:DATASET?param=value&...``. Raises UsageError; never repeats a value that may be a key."""
    name, colon, rest = text.partition(":")
    wanted, _, query = rest.partition("?")
    if not colon or not wanted:
        raise UsageError(
            f'"{text.partition("?")[0]}" ไม่ใช่แหล่งข้อมูล — เขียนแบบ mol:RESOURCE_ID หรือ govspending:SERVICE?param=value',
            f'"{text.partition("?")[0]}" is no source; write mol:RESOURCE_ID or govspending:SERVICE?param=value.',
        )
    service = catalogue.service(name)
    dataset = service.dataset(wanted)
    pairs = parse_qsl(query, keep_blank_values=True)
    if service.key and any(key.lower().replace("_", "-") == service.key.name.lower() for key, _ in pairs):
        raise UsageError(
            f"กุญแจต้องอยู่ในตัวแปรสภาพแวดล้อม {service.key.env} เท่านั้น — เอาออกจากคำสั่ง",
            f"The key belongs into the environment ({service.key.env}) only; take it out of the command.",
        )
    parameters = dict(pairs)
    _check(service, dataset, parameters, today)
    return NamedDataSet(service, dataset, parameters)


def _check(service: Service, dataset: Dataset, parameters: dict[str, str], today: dt.date) -> None:
    """Refuse a missing or misshapen parameter; fill in the documented default of a required year."""
    for parameter in dataset.parameters:
        given = parameters.get(parameter.name, "")
        if not given and parameter.required:
            if parameter.default != _THIS_YEAR:
                raise UsageError(
                    f"{service.id}:{dataset.id} ต้องมีพารามิเตอร์ {parameter.name} ({parameter.about})",
                    f"{service.id}:{dataset.id} needs the parameter {parameter.name}.",
                )
            parameters[parameter.name] = str(fiscal_year(today))
        elif given and parameter.type == "integer" and not given.isdigit():
            raise UsageError(
                f'{service.id}:{dataset.id} พารามิเตอร์ {parameter.name} ต้องเป็นตัวเลข พบ "{given}"',
                f'{service.id}:{dataset.id}: the parameter {parameter.name} must be digits, found "{given}".',
            )
        elif parameter.longest and len(given) > parameter.longest:
            raise UsageError(
                f'{service.id}:{dataset.id} พารามิเตอร์ {parameter.name} ยาวได้ไม่เกิน {parameter.longest} ตัวอักษร พบ {len(given)} ("{given[:20]}")'
                f" — ตรวจค่าที่ส่ง ({parameter.about})",
                f"{service.id}:{dataset.id}: the parameter {parameter.name} has at most {parameter.longest} characters,"
                f' found {len(given)} ("{given[:20]}").',
            )
    for name in _PAGING & set(parameters):
        if not parameters[name].isdigit() or (name == "limit" and int(parameters[name]) == 0):
            raise UsageError(
                f'พารามิเตอร์ {name} ต้องเป็นจำนวนเต็ม พบ "{parameters[name]}"',
                f'The parameter {name} must be a whole number, found "{parameters[name]}".',
            )


def take_source(
    source: NamedDataSet,
    root: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], dt.datetime] | None = None,
) -> tuple[TakenDataSet, answers.Snapshot]:
    """Take one data set as it is, all pages of it, and keep the answers under ``root/snapshots``."""
    with Client(source.service, environment=environment, clock=clock) as client:
        today = (clock or dt.datetime.now)().date()
        taken = take(client, source.dataset, source.parameters, today=today)
    return taken, answers.keep(root, taken)
