"""A data set named on the command line, taken as it is.

Goes in: ``mol:RESOURCE_ID`` or ``govspending:SERVICE?param=value&...``. Comes out: all its pages, kept as a snapshot.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from reporter.domain.errors import UsageError
from reporter.inputs.values import fiscal_year
from reporter.sources import snapshots
from reporter.sources.catalogue import Catalogue, Dataset, Service
from reporter.sources.client import Client
from reporter.sources.paging import Taken, take

_THIS_YEAR = "ปีปัจจุบัน"
_PAGING = {"offset", "limit"}


@dataclass(frozen=True)
class Source:
    """A data set named on the command line: ``mol:RFNEXzMx`` or ``govspending:gf_stg?year=2568&dept_id=17000``."""

    service: Service
    dataset: Dataset
    parameters: Mapping[str, str]

    @property
    def unknown(self) -> list[str]:
        """Parameters that the declaration of the data set does not name."""
        declared = {parameter.name for parameter in self.dataset.parameters} | _PAGING
        return [] if not self.dataset.parameters else sorted(set(self.parameters) - declared)


def parse_source(text: str, catalogue: Catalogue, today: dt.date) -> Source:
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
    return Source(service, dataset, parameters)


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
    for name in _PAGING & set(parameters):
        if not parameters[name].isdigit() or (name == "limit" and int(parameters[name]) == 0):
            raise UsageError(
                f'พารามิเตอร์ {name} ต้องเป็นจำนวนเต็ม พบ "{parameters[name]}"',
                f'The parameter {name} must be a whole number, found "{parameters[name]}".',
            )


def take_source(
    source: Source,
    root: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], dt.datetime] | None = None,
) -> tuple[Taken, snapshots.Snapshot]:
    """Take one data set as it is, all pages of it, and keep the answers under ``root/snapshots``."""
    with Client(source.service, environment=environment, clock=clock) as client:
        today = (clock or dt.datetime.now)().date()
        taken = take(client, source.dataset, source.parameters, today=today)
    return taken, snapshots.keep(root, taken)
