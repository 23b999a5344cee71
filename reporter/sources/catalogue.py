"""Declared services, data sets and series: addresses, parameters and result fields as data.

Goes in: ``data/sources`` of the package, and ``sources`` of a workspace, whose files replace those of the same path or
add to them. Comes out: one frozen ``SourceCatalogue``. Unknown keys and wrong types are refused with file and key.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reporter.domain.declarations import Declarations, asset
from reporter.domain.errors import DeclarationError, Finding, UsageError, breach
from reporter.measures.annex import Annex, Declared, Text


class ServiceKey(Declared):
    """Where a service's key comes from (an environment variable) and where it goes."""

    env: str
    place: Literal["header", "parameter"]
    name: str


class Policy(Declared):
    """How politely and how stubbornly a service is called; seconds unless the name says otherwise."""

    timeout_seconds: float = Field(30.0, gt=0)
    attempts: int = Field(5, ge=1, le=10)
    connect_attempts: int = Field(3, ge=1, le=10)
    backoff_seconds: float = Field(0.5, ge=0)
    longest_wait_seconds: float = Field(60.0, gt=0)
    interval_seconds: float = Field(0.2, ge=0)
    limit_megabytes: float = Field(64.0, gt=0)
    pages: int = Field(10_000, ge=1)


class Windows(Declared):
    """A service that answers for a span of time: names of the two parameters, months asked for at once."""

    start: str
    end: str
    months: int = Field(ge=1)


class Parameter(Declared):
    """A documented parameter of a data set; ``longest``: its greatest number of characters, 0 where none is documented."""

    name: str
    type: Literal["text", "integer", "numeric"]
    longest: int = Field(0, ge=0)
    required: bool = False
    default: str = ""
    about: str = ""


class ResultField(Declared):
    """A documented field of a data set's rows; ``text`` stays text (codes with leading zeros).

    name  ``contract.start_date`` is ``start_date`` of the objects listed under ``contract``
    sent  the name that answers use instead of the documented one; both are understood
    """

    name: str
    type: Literal["text", "integer", "numeric", "object", "array"]
    sent: str = ""
    about: str = ""


class Dataset(Declared):
    """One data set of a service.

    id       file name of the declaration; the resource id, series code or table name where the service has one
    path     added to the service's path (services with one address per data set)
    result   ``rows``: a list; ``object``: one row; ``summary``: the row is the envelope's summary
    """

    id: str
    service: str
    name: Text
    path: str = ""
    code: str = ""
    service_name: str = ""
    paged: bool = False
    result: Literal["rows", "object", "summary"] = "rows"
    parameters: tuple[Parameter, ...] = ()
    fields: tuple[ResultField, ...] = ()
    notes: str = ""

    @property
    def spellings(self) -> set[str]:
        """The names a user may call it by, folded."""
        return {_fold(text) for text in (self.id, self.path, self.code, self.service_name) if text}


class Service(Declared):
    """One data service. ``fixed`` parameters go with every request; ``any_dataset``: ids need no declaration."""

    id: str
    name: Text
    address: str
    path: str
    address_env: str
    answer: Literal["single_key", "envelope", "observations", "table"]
    dataset_parameter: str = ""
    any_dataset: bool = False
    page_size: int = 0
    fixed: Mapping[str, str] = Field(default_factory=dict)
    windows: Windows | None = None
    key: ServiceKey | None = None
    client: Policy = Policy.model_validate({})
    datasets: Mapping[str, Dataset] = Field(default_factory=dict)

    def dataset(self, wanted: str) -> Dataset:
        """The data set of a name, code or id, in any case. Raises UsageError with the names there are."""
        for dataset in self.datasets.values():
            if wanted == dataset.id or _fold(wanted) in dataset.spellings:
                return dataset
        if self.any_dataset:
            return Dataset(id=wanted, service=self.id, name=Text(th=wanted, en=wanted))
        known = ", ".join(sorted(self.datasets))
        raise UsageError(
            f'ไม่มีบริการ "{wanted}" ใน {self.id} — เลือกจาก {known}',
            f'{self.id} has no service "{wanted}"; choose one of {known}.',
        )


class PeriodFields(Declared):
    """Which fields of a row say its period: ``field`` holds all of it, or ``year`` with ``quarter`` or ``month``.

    ``parameter`` names a request's parameter that holds the year instead, for rows that do not repeat it.
    ``calendar``  ``calendar``: the year beside a quarter or month is its own; ``fiscal``: it is the fiscal year, which
                  began on 1 October of the year before; fiscal quarter 1 is October to December
    """

    field: str = ""
    year: str = ""
    quarter: str = ""
    month: str = ""
    parameter: str = ""
    calendar: Literal["calendar", "fiscal"] = "calendar"

    @model_validator(mode="after")
    def _says_something(self) -> PeriodFields:
        if not (self.field or self.year or self.parameter):
            raise ValueError(
                "give 'field', or 'year' or 'parameter', with 'quarter' or 'month' where there is one"
            )
        return self


class GroupFields(Declared):
    """Which field says the group: its kind, and codes for values that are not the declared names of its groups.

    ``skip_unknown``: rows of other groups are left out instead of refused. The kind ``STRATEGY`` (of the budget) takes
    the value itself; it is no group of the index.
    """

    field: str
    kind: Literal["STATUS", "REGION", "PROVINCE", "INDUSTRY", "SKILL", "WORK", "STRATEGY"]
    codes: Mapping[str, str] = Field(default_factory=dict)
    skip_unknown: bool = False


class SeriesMapping(Declared):
    """How rows become the observations of one series.

    where     field -> value (or values) that a row must have
    combine   what to do with several rows of one period and group: refuse (default), sum or mean them
    scale     factor from the source's unit to ours
    """

    series: str
    value: str
    period: PeriodFields
    group: GroupFields | None = None
    where: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)
    combine: Literal["refuse", "sum", "mean"] = "refuse"
    scale: float = 1.0
    adjusted: bool = False


class Request(Declared):
    """One data set fetched regularly, and the series in it. File name = id.

    parameters  ``{fiscal_year}`` is replaced by each Buddhist fiscal year from ``years_back`` years ago to now;
                ``lookup`` takes a parameter's value from another data set's row
    """

    id: str
    service: str
    dataset: str
    name: Text
    frequency: Literal["monthly", "quarterly", "yearly"]
    publication_lag_days: int = Field(ge=0)
    parameters: Mapping[str, str] = Field(default_factory=dict)
    lookup: Lookup | None = None
    years_back: int = Field(0, ge=0)
    start: str = ""
    observations: tuple[SeriesMapping, ...] = Field(min_length=1)
    notes: str = ""


class Lookup(Declared):
    """A parameter whose value stands in another data set: the ministry's code by its name."""

    parameter: str
    dataset: str
    parameters: Mapping[str, str] = Field(default_factory=dict)
    field: str
    where: Mapping[str, str]


class Drop(Declared):
    """Files that an agency sends, dropped into ``incoming/``: which files, how laid out, which series.

    files    pattern of file names (``*sso*.xlsx``)
    layout   ``long``: one row per observation; ``wide``: one column per period
    header   row that holds the column names, counted from 1; ``header_rows`` 2 where years stand above quarters
    sheet    name of the sheet, or a pattern (``*``) for several; needed where several hold data
    fill     columns whose blank cells repeat the cell above (merged cells)
    year_rows    column in which a year stands alone above its quarters or months; rows gain the field ``year``
    period_from  ``title`` (rows above the header), ``file`` (its name) or a cell (``A1``) that states the one period of the
                 table; rows gain the field ``period``
    skip     rows left out, by patterns of their first cell (``รวม*``); numbering and footnote marks do not count
    ignore   headings of columns of numbers that are not wanted
    strip    patterns taken out of labels before they are compared, beside numbering and footnotes
    constants    fields that every row has
    decimal  decimal sign of numbers that are text; years: calendar of years of two digits
    hidden   ``refuse`` (default) or ``read`` hidden sheets, rows and columns
    Wide: each row becomes one row per period column, with the fields ``period`` and ``value``.
    """

    id: str
    files: str
    name: Text
    source: str = ""
    layout: Literal["long", "wide"] = "long"
    sheet: str = ""
    header: int = Field(1, ge=1)
    header_rows: int = Field(1, ge=1, le=2)
    fill: tuple[str, ...] = ()
    year_rows: str = ""
    period_from: str = Field("", pattern=r"^(|title|file|[A-Z]{1,3}[1-9][0-9]{0,6})$")
    skip: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    constants: Mapping[str, str] = Field(default_factory=dict)
    decimal: Literal[".", ","] = "."
    years: Literal["", "buddhist", "christian"] = ""
    hidden: Literal["refuse", "read"] = "refuse"
    frequency: Literal["monthly", "quarterly", "yearly"]
    publication_lag_days: int = Field(0, ge=0)
    observations: tuple[SeriesMapping, ...] = Field(min_length=1)
    notes: str = ""


class SourceCatalogue(Declared):
    """Everything declared about data sources."""

    services: Mapping[str, Service]
    requests: Mapping[str, Request]
    drops: Mapping[str, Drop]

    def service(self, wanted: str) -> Service:
        """A service by id. Raises UsageError with the ids there are."""
        if wanted.lower() in self.services:
            return self.services[wanted.lower()]
        known = ", ".join(self.services)
        raise UsageError(
            f'ไม่มีแหล่งข้อมูล "{wanted}" — เลือกจาก {known}',
            f'No data service "{wanted}"; choose one of {known}.',
        )


# What a right value looks like, for the messages about wrong ones.
_EXAMPLES = {
    "files": 'files = "nso*.xlsx"',
    "name": 'name = {th = "ตำแหน่งงานว่าง", en = "Vacancies"}',
    "frequency": 'frequency = "quarterly"',
    "observations": '[[observations]] series = "vacancies" ...',
    "series": 'series = "vacancies"',
    "value": 'value = "value"',
    "period": 'period = {field = "period"}',
    "period_from": 'period_from = "title"',
    "where": 'where = {"รายการ" = "ตำแหน่งงานว่าง"}',
    "skip": 'skip = ["รวม*", "หมายเหตุ*"]',
    "header": "header = 4",
    "header_rows": "header_rows = 2",
    "layout": 'layout = "wide"',
    "sheet": 'sheet = "ตาราง 1"',
    "service": 'service = "mol"',
    "dataset": 'dataset = "U1NPXzA2"',
}
_Model = TypeVar("_Model", bound=Declared)


def load(workspace: Path | None = None) -> SourceCatalogue:
    """Read the package's declarations and those of a workspace's ``sources`` folder, which win.

    Raises DeclarationError with every finding of every file.
    """
    files = _files(asset("data", "sources"))
    if workspace is not None:
        files |= _files(workspace / "sources")
    findings: list[Finding] = []
    datasets: dict[str, dict[str, Dataset]] = {}
    services: dict[str, Service] = {}
    requests: dict[str, Request] = {}
    drops: dict[str, Drop] = {}
    for parts, path in sorted(files.items()):
        match parts:
            case (service, "datasets", name):
                found = _read(Dataset, path, findings, id=name, service=service)
                if found:
                    datasets.setdefault(service, {})[name] = found
            case ("series", name):
                if request := _read(Request, path, findings, id=name):
                    requests[name] = request
            case ("drop", name):
                if drop := _read(Drop, path, findings, id=name):
                    drops[name] = drop
    for parts, path in sorted(files.items()):
        if len(parts) == 2 and parts[1] == "service":
            found_service = _read(Service, path, findings, id=parts[0], datasets=datasets.get(parts[0], {}))
            if found_service:
                services[parts[0]] = found_service
    if findings:
        raise DeclarationError(
            "ประกาศแหล่งข้อมูลไม่ถูกต้อง — แก้ตามรายการข้างต้น",
            "The declarations of data sources are wrong; mend the findings above.",
            findings,
        )
    return SourceCatalogue(services=services, requests=requests, drops=drops)


def _files(root: Path) -> dict[tuple[str, ...], Path]:
    """Declaration files under a folder by their place: ``("mol", "service")``, ``("series", "gdp")``."""
    return {path.relative_to(root).with_suffix("").parts: path for path in root.rglob("*.toml")}


def _read(model: type[_Model], path: Path, findings: list[Finding], **known: Any) -> _Model | None:
    """One file as its model; what is wrong goes to ``findings``."""
    where = "/".join(path.parts[-3:])
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return model.model_validate({**content, **known})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        findings.append(
            Finding(
                "error",
                where,
                f"อ่านเป็น TOML ไม่ได้ ({error}) — แก้รูปแบบไฟล์",
                f"Not TOML: {error}. Mend the file.",
            )
        )
    except ValidationError as error:
        problems = error.errors()
        inner = {problem["loc"][:depth] for problem in problems for depth in range(1, len(problem["loc"]))}
        for problem in problems:
            if problem["type"] == "too_short" and problem["loc"] in inner:
                continue  # a list is short because its one entry is wrong, which is told
            key = ".".join(str(part) for part in problem["loc"])
            th, en = _fault(problem, model)
            findings.append(
                Finding("error", where, f"{key}: {th}", f"{key}: {en}", column=key, rule="declaration")
            )
    return None


def _fault(problem: Any, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong with one key of a declaration, in Thai and English, with an example where there is one."""
    key, given = str(problem["loc"][-1]) if problem["loc"] else "", str(problem.get("input"))[:60]
    example = _EXAMPLES.get(key, "")
    th_example, en_example = (f" ตัวอย่าง: {example}", f" Example: {example}") if example else ("", "")
    if problem["type"] == "missing":
        return f"ไม่มีค่านี้ — ต้องระบุ{th_example}", f"missing; it must be given.{en_example}"
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, list(model.model_fields) + list(_EXAMPLES), n=1)
        hint_th, hint_en = (
            (f"หมายถึง {near[0]} หรือไม่", f"did you mean {near[0]}?") if near else ("ลบออก", "remove it.")
        )
        return f"ไม่รู้จักชื่อนี้ — {hint_th}", f"unknown key; {hint_en}"
    if problem["type"] == "literal_error":
        allowed = problem["ctx"]["expected"]
        return f'พบ "{given}" — ใช้ {allowed}', f'found "{given}"; use {allowed}.'
    th, en = breach(problem)
    return (
        f'พบ "{given}" ซึ่งใช้ไม่ได้: {th} — ดู docs/sources.md{th_example}',
        f'found "{given}": {en}; see docs/sources.md.{en_example}',
    )


def refuse_unknown_series(catalogue: SourceCatalogue, known: Collection[str]) -> None:
    """Raise DeclarationError for declarations of dropped files whose series nobody reads: values would never be used."""
    findings = []
    for drop in catalogue.drops.values():
        for mapping in drop.observations:
            if mapping.series not in known:
                near = difflib.get_close_matches(mapping.series, sorted(known), n=1)
                th, en = (
                    (f'หมายถึง "{near[0]}" หรือไม่', f'did you mean "{near[0]}"?')
                    if near
                    else ("ดู reporter indicators", "see reporter indicators.")
                )
                findings.append(
                    Finding(
                        "error",
                        f"sources/drop/{drop.id}.toml",
                        f'observations.series: ไม่รู้จักอนุกรม "{mapping.series}" — {th}',
                        f'observations.series: unknown series "{mapping.series}"; {en}',
                        column="series",
                        value=mapping.series,
                        rule="declaration",
                    )
                )
    if findings:
        raise DeclarationError(
            "ประกาศแหล่งข้อมูลมีชื่ออนุกรมที่ไม่รู้จัก — แก้ตามรายการข้างต้น",
            "The declarations of data sources name unknown series; mend the findings above.",
            findings,
        )


def _fold(text: str) -> str:
    """A name without case, underscores and hyphens."""
    return text.casefold().replace("_", "").replace("-", "")


Request.model_rebuild()


# ----------------------------------------------------------------------------------------------------
# The map of sources: for every series of the index, the macro variables and the annex, its owner, its address and the way in.
#
# Goes in: the declarations of indicators and annex, the catalogue of services, and ``data/annex/data_sets.toml``, which lists the
# data sets that the study and the manual of the data exchange name. Comes out: one ``SeriesOrigin`` a series. A state is what is known,
# not hoped for: ``works`` where a request is declared and the service needs no key, ``needs key``, ``by file`` where the agency's
# file has a drop declaration, ``unknown`` where only the data set's name is known, ``file of the office`` where nothing is.
# Source: index study, 5.3 (line 7089); manual of the data exchange, lists of data sets.
# ----------------------------------------------------------------------------------------------------

STATES: Mapping[str, str] = {
    "works": "ใช้ได้",
    "needs key": "ต้องใช้กุญแจ",
    "by file": "แฟ้มของหน่วยงาน มีวิธีอ่านประกาศไว้",
    "unknown": "รู้ชื่อชุดข้อมูล ยังไม่เคยเห็นคำตอบ",
    "file of the office": "หน่วยงานส่งเป็นแฟ้มเอง",
}


_SEXES = {"_female": " (หญิง)", "_male": " (ชาย)"}  # parts of a gap have its name, and their sex


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
class SeriesOrigin:
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


def origins(declarations: Declarations, annex: Annex, catalogue: SourceCatalogue) -> list[SeriesOrigin]:
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
            sex = next((word for end, word in _SEXES.items() if series.endswith(end)), "")
            yield series, item.name.th + sex, "index", item.source, item.frequency, item.publication_lag_days
    for variable in declarations.macro.values():
        seen.add(variable.id)
        yield variable.id, variable.name.th, "macro", variable.source, variable.frequency, None
    for series, entry in annex.inputs.items():
        if series not in seen:
            yield series, entry.name.th, "annex", "", "", None


def _origin(
    series: str,
    name: str,
    kind: str,
    agency: str,
    frequency: str,
    lag: int | None,
    catalogue: SourceCatalogue,
) -> SeriesOrigin:
    for request in catalogue.requests.values():
        if any(mapping.series == series for mapping in request.observations):
            service = catalogue.services[request.service]
            state = "needs key" if service.key else "works"
            return SeriesOrigin(
                series, name, kind, agency or service.name.th, request.name.th, request.dataset, request.service,
                request.frequency, request.publication_lag_days, state,
            )  # fmt: skip
    for drop in catalogue.drops.values():
        if any(mapping.series == series for mapping in drop.observations):
            return SeriesOrigin(
                series, name, kind, agency or drop.source, drop.name.th, "", "file", frequency, lag, "by file"
            )
    found = named_data_sets_of(series)
    if not found:
        return SeriesOrigin(series, name, kind, agency, "", "", "file", frequency, lag, "file of the office")
    named = found[0]
    return SeriesOrigin(
        series, name, kind, agency or named.agency, named.name, named.code, named.service or "file",
        frequency, lag, "unknown",
    )  # fmt: skip


def named_data_sets_of(series: str) -> list[DataSet]:
    """Data sets that would feed a series, in the list's order."""
    return [item for item in named_data_sets() if series in item.feeds]


def as_csv(rows: list[SeriesOrigin]) -> str:
    """The map as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(asdict(rows[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return stream.getvalue()


def as_json(rows: list[SeriesOrigin]) -> str:
    """The map as JSON, with the data sets that the documents name."""
    content = {
        "series": [asdict(row) for row in rows],
        "data_sets": [item.model_dump() for item in named_data_sets()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_text(rows: list[SeriesOrigin]) -> str:
    """The map for a screen: counts by state, then a line a series."""
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    told = ", ".join(f"{words} {counts[state]}" for state, words in STATES.items() if counts[state])
    lines = [f"{len(rows)} อนุกรม: {told}"]
    for row in rows:
        where = " ".join(part for part in (row.access, row.code, row.data_set) if part)
        lines.append(f"{row.series:34} {row.state:19} {row.agency:12} {where}")
    return "\n".join(lines) + "\n"
