"""A declaration proposed for a file that an agency sent: where its values stand and which series they are.

Goes in: the file's bytes and the register of names. Comes out: a ``Proposal``: the text of a declaration for ``sources/drop/``, what it
would read, and what is unclear. Nothing is stored here. Names of rows and columns are compared with the declared names; what is only
similar is a question, never an answer.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.errors import InputError, ReporterError
from reporter.domain.periods import BANGKOK
from reporter.inputs import values
from reporter.inputs.schema import Register, bare_label, fold
from reporter.inputs.series import quarters_of_days
from reporter.inputs.series_layout import wide_head
from reporter.inputs.spreadsheets import Sheet, cell_text
from reporter.inputs.values import UnreadableError
from reporter.measures import annex_inputs
from reporter.sources import dropped
from reporter.sources.catalogue import Drop
from reporter.sources.mapping import Origin, names_of_kind, observations

_MOSTLY = 0.6  # of the cells of a column: tables have remarks and blanks among them
_REMARKS = ("รวม*", "ยอดรวม*", "หมายเหตุ*", "ที่มา*", "หน่วย*", "(*", "Note*", "Source*", "Total*")
_HEADER_SEARCH = 30
_LOOKED_AT = 2_000  # rows that tell what a column holds
_SHORT_NAME = 6  # letters; a shorter name stands in a title by chance
_YEAR = re.compile(r"(?:ปี|พ\.?ศ\.?|ค\.?ศ\.?|year|fiscal)", re.IGNORECASE)
_QUARTER = re.compile(r"(?:ไตรมาส|quarter|qtr|q\Z)", re.IGNORECASE)
_MONTH = re.compile(r"(?:เดือน|month)", re.IGNORECASE)
_ASKED = 200  # labels that get suggestions: more are no table of series


@dataclass(frozen=True)
class Question:
    """A label that may be a series: the likeliest ids, best first; none where nothing is like it."""

    label: str
    nearest: tuple[str, ...]


@dataclass
class Proposal:
    """What is proposed for a file.

    found      sheet, layout and columns as the fields of a ``Drop``, without its observations
    known      label -> series, where the name is a declared one or an answer said so
    by_column  the columns of numbers are the series; else the rows are
    parts      columns of the year and of the quarter or month, where two columns say the period
    period_column, value_column  fields that hold the period and the value
    questions  labels with numbers that no series is called
    stated     texts above the table: title, unit
    """

    name: str
    found: dict[str, Any]
    label_column: str
    by_column: bool = False
    period_column: str = "period"
    value_column: str = "value"
    group: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Name of the declaration: the file's name without dates."""
        bare = re.sub(r"[0-9]+", "", Path(self.name).stem.lower())
        stem = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
        # An id has Latin letters only: files with Thai names are told apart by four digits that stay the same from quarter to quarter.
        return stem if len(stem) > 2 else f"file_{zlib.crc32(bare.encode()) & 0xFFFF:04x}"

    def drop(self) -> Drop:
        """The declaration. Raises InputError while no series is known."""
        if not self.known:
            raise InputError(
                f"{self.name}: ยังไม่รู้ว่าแถวใดเป็นตัวชี้วัดใด — ตอบด้วย --assign 'ข้อความ=รหัส'",
                f"{self.name}: no row is known to be a series; answer with --assign 'LABEL=ID'.",
            )
        return Drop.model_validate(
            {"id": self.id, **self.found, "observations": [self._mapping(*one) for one in self.known.items()]}
        )

    def _mapping(self, label: str, series: str) -> dict[str, Any]:
        value = label if self.by_column else self.value_column
        mapping: dict[str, Any] = {"series": series, "value": value, "period": self._period()}
        if not self.by_column and self.label_column and label:
            mapping["where"] = {self.label_column: label}
        if self.group:
            mapping["group"] = self.group
        return mapping

    def _period(self) -> dict[str, str]:
        if self.found.get("year_rows"):
            part = "month" if self.found["frequency"] == "monthly" else "quarter"
            return {"year": "year", part: self.found["year_rows"]}
        return self.parts or {"field": self.period_column}

    def toml(self) -> str:
        """The declaration as the text of a TOML file."""
        drop = self.drop().model_dump(exclude_defaults=True, exclude={"id"})
        tables = drop.pop("observations")
        lines = [
            f"# เสนอโดย reporter map จาก {self.name} ตรวจแล้วแก้ได้ - proposed by reporter map; mend what is wrong"
        ]
        lines += [f"{key} = {_toml(value)}" for key, value in drop.items()]
        for table in tables:
            lines += ["", "[[observations]]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
        return "\n".join(lines) + "\n"


def propose(
    content: bytes,
    name: str,
    declarations: Declarations,
    register: Register,
    answers: Mapping[str, str] | None = None,
) -> Proposal:
    """The likeliest declaration for a file.

    answers  label -> id of a series (``-`` for one that is not wanted)
    Raises   InputError for a file that cannot be read or in which no table is found
    """
    answers = {bare_label(label): series for label, series in (answers or {}).items()}
    filled = [sheet for sheet in dropped.grids(content, name) if sheet.is_visible and not sheet.is_empty]
    tried = [
        found
        for sheet in filled
        if (found := _of_sheet(sheet, name, declarations, register, answers, len(filled) > 1))
    ]
    if not tried:
        near = next((error for sheet in filled if (error := _nearly_a_period(sheet))), None)
        th, en = (f" ({near.th})", f" ({near.en})") if near else ("", "")
        raise InputError(
            f"{name}: ไม่พบตารางที่มีงวดและตัวเลข{th} — แก้ไฟล์ หรือเขียนประกาศเองตาม docs/sources.md",
            f"{name}: no table of periods and numbers found{en}; mend the file, or write the declaration by hand (docs/sources.md).",
        )
    return max(tried, key=lambda one: (len(one.known), -len(one.questions)))


def _nearly_a_period(sheet: Sheet) -> UnreadableError | None:
    """Why the first cell that looks like a period is none: years of two digits, fiscal years, date serials."""
    for row in sheet.rows[:_HEADER_SEARCH]:
        for text in map(cell_text, row):
            try:
                values.moment(text)
            except UnreadableError as error:
                if error.is_near and any(mark.isdigit() for mark in text):
                    return error
    return None


def preview(content: bytes, proposal: Proposal, declarations: Declarations) -> pd.DataFrame:
    """What the proposed declaration would read: the columns of the store. Raises ReporterError as fetching would."""
    drop = proposal.drop()
    rows = dropped.rows(content, proposal.name, drop)
    origin = Origin(
        "files", drop.id, "", drop.frequency, dt.datetime.now(BANGKOK), years=drop.years, strip=drop.strip
    )
    return observations(rows, drop.observations, origin, declarations.groups)


def fault(content: bytes, proposal: Proposal, declarations: Declarations) -> ReporterError | None:
    """Why the proposed declaration would not read the file; None when it does."""
    try:
        preview(content, proposal, declarations)
    except ReporterError as error:
        return error
    return None


def _of_sheet(
    sheet: Sheet,
    name: str,
    declarations: Declarations,
    register: Register,
    answers: Mapping[str, str],
    several: bool,
) -> Proposal | None:
    records = [[cell_text(cell) for cell in row] for row in sheet.rows]
    found: dict[str, Any] = {
        "files": _pattern(name),
        "name": {"th": Path(name).stem, "en": Path(name).stem},
        "skip": [],
    }
    if several:
        found["sheet"] = sheet.name
    labels = {bare_label(record[0]) for record in records if record and record[0].strip()}
    found["skip"] = [
        pattern for pattern in _REMARKS if any(label.startswith(pattern.rstrip("*")) for label in labels)
    ]
    read = _wide(records, found, name) or _tall(records, found, name)
    if read is None:
        return None
    proposal, body, header = read
    proposal.stated = [cell for record in records[: found["header"] - 1] for cell in record if cell.strip()]
    _recognise(proposal, body, header, register, declarations, answers)
    return proposal


_Read = tuple[Proposal, list[list[str]], list[str]]


def _wide(records: list[list[str]], found: dict[str, Any], name: str) -> _Read | None:
    """A table with periods across; one header row, or years above quarters or months."""
    head = wide_head(records)
    if head is None:
        return None
    above = records[head.row - 1] if head.row else []
    two = head.row > 0 and not any(_is_period(records[head.row][place]) for place in head.periods)
    found |= {
        "layout": "wide",
        "header": head.row if two else head.row + 1,
        "header_rows": 2 if two else 1,
        "frequency": _frequency_across(list(head.periods.values())),
    }
    header = dropped.with_letters(
        [_joined(above, records[head.row], place, two) for place in range(len(records[head.row]))],
        records[head.row + 1 :],
    )
    found["ignore"] = _unwanted(records[head.row + 1 :], header, set(head.periods))
    proposal = Proposal(name, found, _label_column(records[head.row + 1 :], header, set(head.periods)))
    body = [
        record
        for record in records[head.row + 1 :]
        if any(_is_number(record[p]) for p in head.periods if p < len(record))
    ]
    return proposal, body, header


def _frequency_across(periods: Sequence[str]) -> str:
    """Quarterly for quarters and for days that may be quarters; days of other months are months."""
    days = [dt.date.fromisoformat(text) for text in periods if len(text) > 7]
    if any("Q" in text for text in periods):
        return "quarterly"
    may_be_typed = all(day.day == 1 and day.month <= 4 for day in days)  # 3/2568 that Excel made 1 March
    return "quarterly" if days and (may_be_typed or quarters_of_days(days) is not None) else "monthly"


def _joined(above: Sequence[str], below: Sequence[str], place: int, two: bool) -> str:
    """The name that a column has under a declaration; years repeat to the right until the next."""
    lower = " ".join(values.visible(below[place]).split())
    if not two:
        return lower
    upper = next(
        (" ".join(values.visible(text).split()) for text in reversed(above[: place + 1]) if text.strip()), ""
    )
    return f"{upper}|{lower}" if upper and lower else upper or lower


def _unwanted(body: list[list[str]], header: list[str], periods: set[int]) -> list[str]:
    """Columns of numbers that are no periods: changes, shares."""
    return [
        text
        for place, text in enumerate(header)
        if text and place not in periods and place > 0 and _share(body, place, _is_number) > _MOSTLY
    ]


def _tall(records: list[list[str]], found: dict[str, Any], name: str) -> _Read | None:
    """A table with a column of periods, years over quarters in the first column, or one period in its title or file name."""
    for number, record in enumerate(records[:_HEADER_SEARCH]):
        body = records[number + 1 :]
        header = [" ".join(values.visible(text).split()) for text in record]
        if sum(map(bool, header)) > 1:
            header = dropped.with_letters(header, body)
        named = [place for place, text in enumerate(header) if text and not _is_number(text)]
        numeric = [place for place in named if _share(body, place, _is_number) > _MOSTLY]
        if len(named) < 2 or not numeric:
            continue
        parts = _year_and_part(body, header)
        numeric = [place for place in numeric if header[place] not in parts.values()]
        dated = next((place for place in named if _share(body, place, _is_period) > _MOSTLY), None)
        if not numeric:
            continue
        found |= {"layout": "long", "header": number + 1}
        if dated is not None:
            texts = [row[dated] for row in body[:_LOOKED_AT] if dated < len(row) and _is_period(row[dated])]
            found["frequency"] = _frequency(texts)
        elif parts:
            found["frequency"] = "monthly" if "month" in parts else "quarterly"
            year = header.index(parts["year"])
            if any(not row[year].strip() for row in body if year < len(row) and any(map(_is_number, row))):
                found["fill"] = [parts["year"]]
        elif _has_year_rows(body, named[0]):
            found |= {
                "year_rows": header[named[0]],
                "frequency": "quarterly" if _has_quarters(body, named[0]) else "monthly",
            }
        elif place := _stated(records[:number], name):
            found |= {"period_from": place[0], "frequency": place[1]}
        else:
            continue
        used = {header.index(name) for name in parts.values() if name in header}
        labels = _label_column(body, header, {*numeric, *used, *([dated] if dated is not None else [])})
        if found.get("year_rows") == labels:
            labels = ""
        proposal = Proposal(name, found, labels, by_column=True, parts=parts if dated is None else {})
        if dated is not None:
            proposal.period_column = header[dated]
        proposal.found["__numeric"] = [header[place] for place in numeric]
        return proposal, body, header
    return None


def _year_and_part(body: list[list[str]], header: list[str]) -> dict[str, str]:
    """The columns of the year and of the quarter or month, by heading and content, as fields of a period; empty without both."""
    years = [
        text for n, text in enumerate(header) if _YEAR.match(text) and _share(body, n, _is_year) > _MOSTLY
    ]
    for kind, heading, read in (("quarter", _QUARTER, values.quarter), ("month", _MONTH, values.month)):
        found = [
            text
            for n, text in enumerate(header)
            if heading.match(text) and _share(body, n, lambda cell, read=read: _is(read, cell)) > _MOSTLY
        ]
        if years and found:
            is_fiscal = "งบ" in years[0] or "fiscal" in years[0].casefold()
            return {"year": years[0], kind: found[0]} | ({"calendar": "fiscal"} if is_fiscal else {})
    return {}


def _is_year(text: str) -> bool:
    return _is(values.year, text.removesuffix(".0"))


def _recognise(
    proposal: Proposal,
    body: list[list[str]],
    header: list[str],
    register: Register,
    declarations: Declarations,
    answers: Mapping[str, str],
) -> None:
    """Give labels their series; one kind of group in the label column makes it a table of groups."""
    numeric = proposal.found.pop("__numeric", [])
    said = {proposal.period_column, *proposal.parts.values(), *numeric, proposal.found.get("year_rows")}
    words = {
        text: _different(body, place)
        for place, text in enumerate(header)
        if text == proposal.label_column
        or (text and text not in said and _share(body, place, lambda cell: not _is_number(cell)) > _MOSTLY)
    }
    kinds = {text: kind for text, cells in words.items() if (kind := _group_kind(cells, declarations))}
    grouped = next(iter(kinds), "")
    named = (
        text
        for text, cells in words.items()
        if text != grouped
        and any(bare_label(one) in answers or register.series_id(bare_label(one)) for one in cells)
    )
    proposal.label_column = next(named, proposal.label_column)
    texts = words.get(proposal.label_column, [])
    if grouped:
        proposal.group = {"field": grouped, "kind": kinds[grouped], "skip_unknown": True}
    kind = kinds.get(proposal.label_column, "")
    if proposal.by_column:
        _ask(proposal, numeric, register, answers)
        if not kind and len(numeric) == 1 and texts and not proposal.known:
            _rows_of_one_column(proposal, numeric[0], texts, register, answers)
    else:
        _ask(proposal, texts, register, answers)


def _different(body: list[list[str]], place: int) -> list[str]:
    """The different texts of a column."""
    return list(dict.fromkeys(row[place] for row in body if place < len(row) and row[place].strip()))


def _rows_of_one_column(
    proposal: Proposal, column: str, texts: list[str], register: Register, answers: Mapping[str, str]
) -> None:
    """A long table whose rows name the series and whose one column of numbers is the value."""
    proposal.by_column = False
    proposal.questions = []
    proposal.value_column = column
    _ask(proposal, texts, register, answers)


def _ask(proposal: Proposal, texts: Sequence[str], register: Register, answers: Mapping[str, str]) -> None:
    skipped = [pattern.rstrip("*") for pattern in proposal.found["skip"]]
    for text in texts:
        label = bare_label(text)
        given = answers.get(label)
        is_skipped = not given and not proposal.by_column and any(map(label.startswith, skipped))
        if given == "-" or not label or is_skipped:
            continue
        series = given or register.series_id(label)
        if series and (given or not _is_other_unit(series, proposal.stated)):
            proposal.known[" ".join(values.visible(text).split()) if proposal.by_column else label] = series
        else:
            is_few = len(proposal.questions) < _ASKED
            near = (
                _of_title(label, proposal.stated, register) or register.nearest(label, count=3)
                if is_few
                else []
            )
            proposal.questions.append(Question(label, tuple(near)))


def _is_other_unit(series: str, stated: Sequence[str]) -> bool:
    """Whether a table of per cents names a series of persons or baht: its shares of a total are not the series."""
    entry = annex_inputs().get(series)
    is_share = any("ร้อยละ" in text or "per cent" in text.lower() or "%" in text for text in stated)
    return entry is not None and is_share and entry.unit != "percent"


_ENDINGS = {"รวม": "", "total": "", "ชาย": "male", "male": "male", "หญิง": "female", "female": "female"}


def _of_title(label: str, stated: Sequence[str], register: Register) -> list[str]:
    """The series that the table's title names, for a column that is headed by a total or a sex alone."""
    ending, title = _ENDINGS.get(label.casefold()), fold(" ".join(stated))
    if ending is None:
        return []
    named = [one for name, one in register.series.items() if len(name) > _SHORT_NAME and name in title]
    best = max(named, key=lambda one: len(register.labels.get(one, "")), default="")
    found = f"{best.partition('_')[0]}_{ending}" if ending else best
    return [found] if found in set(register.series.values()) else []


def _group_kind(texts: Sequence[str], declarations: Declarations) -> str:
    """The kind of groups that most labels are, the whole country among them; "" where they are none.

    Names are compared kind by kind: Bangkok is a province and a region, and only the others in the column tell which.
    """
    labels = [bare_label(text).casefold() for text in texts]
    best, most = "", _MOSTLY * len(labels)
    for kind in dict.fromkeys(group.kind for group in declarations.groups.values()):
        codes = names_of_kind(kind, declarations.groups)
        known = [code for label in labels if (code := codes.get(label))]
        if len(known) > most and len(set(known) - {"TH"}) > 1:
            best, most = kind, len(known)
    return best


def _label_column(body: list[list[str]], header: list[str], others: set[int]) -> str:
    """The first column of words."""
    for place, text in enumerate(header):
        if text and place not in others and _share(body, place, lambda cell: not _is_number(cell)) > _MOSTLY:
            return text
    return ""


def _stated(above: list[list[str]], name: str) -> tuple[str, str] | None:
    """Where the one period of a table is stated (``title`` or ``file``), and its frequency."""
    stated = {
        period
        for row in above
        for cell in row
        if cell.strip() and (period := values.period_in(cell)) is not None
    }
    if len(stated) == 1:
        return "title", "quarterly" if stated.pop().freqstr.startswith("Q") else "monthly"
    period = values.period_in(Path(name).stem)
    return None if period is None else ("file", "quarterly" if period.freqstr.startswith("Q") else "monthly")


def _has_year_rows(body: list[list[str]], place: int) -> bool:
    texts = [row[place] for row in body if place < len(row) and row[place].strip()]
    years = sum(_is(values.year, text) for text in texts)
    return 0 < years < len(texts) and years + sum(_is_part(text) for text in texts) > _MOSTLY * len(texts)


def _has_quarters(body: list[list[str]], place: int) -> bool:
    return any(_is(values.quarter, row[place]) for row in body if place < len(row))


def _is_part(text: str) -> bool:
    return _is(values.quarter, text) or _is(values.month, text)


def _is(read: Any, text: str) -> bool:
    try:
        read(text)
    except UnreadableError:
        return False
    return True


def _frequency(texts: Sequence[str]) -> str:
    first = values.period(texts[0])
    return "quarterly" if first.freqstr.startswith("Q") else "monthly"


@lru_cache(maxsize=100_000)
def _is_period(text: str) -> bool:
    try:
        return not values.period(text).freqstr.startswith("Y")
    except UnreadableError:
        return False


@lru_cache(maxsize=100_000)
def _is_number(text: str) -> bool:
    try:
        return values.number(text) is not None
    except UnreadableError:
        return False


def _share(body: list[list[str]], place: int, test: Any) -> float:
    cells = [row[place] for row in body[:_LOOKED_AT] if place < len(row) and row[place].strip()]
    return sum(test(cell) for cell in cells) / len(cells) if cells else 0.0


def _pattern(name: str) -> str:
    """A pattern for next quarter's file: dates in the name may change."""
    path = Path(name)
    return re.sub(r"\*+", "*", re.sub(r"[0-9]+", "*", path.stem.lower()) + "*") + path.suffix.lower()


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case dict():
            return (
                "{"
                + ", ".join(
                    f"{json.dumps(key, ensure_ascii=False)} = {_toml(one)}" for key, one in value.items()
                )
                + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(_toml(one) for one in value) + "]"
        case _:
            return str(value)
