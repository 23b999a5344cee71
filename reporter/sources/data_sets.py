"""The map of sources: for every series of the index, the macro variables and the annex, who has it, where, and how it comes in.

Goes in: the declarations of indicators and annex, the catalogue of services, and ``data/annex/data_sets.toml``, which lists the
data sets that the study and the manual of the data exchange name. Comes out: one ``Origin`` a series. A state is what is known,
not hoped for: ``works`` where a request is declared and the service needs no key, ``needs key``, ``by file`` where the agency's
file has a drop declaration, ``unknown`` where only the data set's name is known, ``file of the office`` where nothing is.
Source: index study, 5.3 (line 7089); manual of the data exchange, lists of data sets.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from reporter.domain.declarations import Declarations, asset
from reporter.measures import Annex
from reporter.sources.catalogue import Catalogue

STATES: Mapping[str, str] = {
    "works": "ใช้ได้",
    "needs key": "ต้องใช้กุญแจ",
    "by file": "แฟ้มของหน่วยงาน มีวิธีอ่านประกาศไว้",
    "unknown": "รู้ชื่อชุดข้อมูล ยังไม่เคยเห็นคำตอบ",
    "file of the office": "หน่วยงานส่งเป็นแฟ้มเอง",
}


class DataSet(BaseModel):
    """A data set that a document names; ``service`` is empty where the agency sends a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    agency: str
    service: str
    code: str
    feeds: tuple[str, ...]
    named_in: str


@dataclass(frozen=True)
class Origin:
    """Where one series comes from. ``kind``: index, macro or annex; ``lag_days`` None where it is not declared."""

    series: str
    name_th: str
    kind: str
    agency: str
    data_set: str
    code: str
    access: str
    frequency: str
    lag_days: int | None
    state: str


@cache
def named_data_sets() -> tuple[DataSet, ...]:
    """The data sets that the documents name."""
    content = tomllib.loads(asset("data", "annex", "data_sets.toml").read_text(encoding="utf-8"))
    return tuple(DataSet.model_validate(entry) for entry in content["dataset"])


def origins(declarations: Declarations, annex: Annex, catalogue: Catalogue) -> list[Origin]:
    """One row a series: indicators of the index (of a gap its parts), macro variables, inputs of the annex."""
    return [
        _origin(series, name, kind, agency, frequency, lag, catalogue)
        for series, name, kind, agency, frequency, lag in _series(declarations, annex)
    ]


def _series(declarations: Declarations, annex: Annex) -> Iterator[tuple[str, str, str, str, str, int | None]]:
    seen = set()
    for item in declarations.indicators.values():
        for series in item.components or (item.id,):
            seen.add(series)
            yield series, item.name.th, "index", item.source, item.frequency, item.publication_lag_days
    for variable in declarations.macro.values():
        seen.add(variable.id)
        yield variable.id, variable.name.th, "macro", variable.source, variable.frequency, None
    for series, entry in annex.inputs.items():
        if series not in seen:
            yield series, entry.name.th, "annex", "", "", None


def _origin(
    series: str, name: str, kind: str, agency: str, frequency: str, lag: int | None, catalogue: Catalogue
) -> Origin:
    for request in catalogue.requests.values():
        if any(mapping.series == series for mapping in request.observations):
            service = catalogue.services[request.service]
            state = "needs key" if service.key else "works"
            return Origin(
                series, name, kind, agency or service.name.th, request.name.th, request.dataset, request.service,
                request.frequency, request.publication_lag_days, state,
            )  # fmt: skip
    for drop in catalogue.drops.values():
        if any(mapping.series == series for mapping in drop.observations):
            return Origin(
                series, name, kind, agency or drop.source, drop.name.th, "", "file", frequency, lag, "by file"
            )
    found = named_data_sets_of(series)
    if not found:
        return Origin(series, name, kind, agency, "", "", "file", frequency, lag, "file of the office")
    named = found[0]
    return Origin(
        series, name, kind, agency or named.agency, named.name, named.code, named.service or "file",
        frequency, lag, "unknown",
    )  # fmt: skip


def named_data_sets_of(series: str) -> list[DataSet]:
    """Data sets that would feed a series, in the list's order."""
    return [item for item in named_data_sets() if series in item.feeds]


def as_csv(rows: list[Origin]) -> str:
    """The map as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(asdict(rows[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return stream.getvalue()


def as_json(rows: list[Origin]) -> str:
    """The map as JSON, with the data sets that the documents name."""
    content = {
        "series": [asdict(row) for row in rows],
        "data_sets": [item.model_dump() for item in named_data_sets()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_text(rows: list[Origin]) -> str:
    """The map for a screen: counts by state, then a line a series."""
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    told = ", ".join(f"{words} {counts[state]}" for state, words in STATES.items() if counts[state])
    lines = [f"{len(rows)} อนุกรม: {told}"]
    for row in rows:
        where = " ".join(part for part in (row.access, row.code, row.data_set) if part)
        lines.append(f"{row.series:34} {row.state:19} {row.agency:12} {where}")
    return "\n".join(lines) + "\n"
