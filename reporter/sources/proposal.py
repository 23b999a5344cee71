"""A declaration proposed for a file that an agency sent, and what a declaration reads of such a file.

Goes in: the file's bytes and the register of names. Comes out: a ``Proposal``: the text of a declaration for ``sources/drop/``, what it
would read, and what is unclear. Nothing is stored here. Names of rows and columns are compared with the declared names; what is only
similar is a question, never an answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from reporter.domain.declarations import Declarations, Group
from reporter.domain.errors import InputError, ReporterError, ServiceError
from reporter.domain.periods import now_in_bangkok
from reporter.inputs import values
from reporter.inputs.schema import Register, bare_label, fold
from reporter.inputs.series import quarters_of_days
from reporter.inputs.series_layout import wide_head
from reporter.inputs.spreadsheets import Fault, Sheet, cell_text, fault_finding
from reporter.inputs.values import UnreadableError
from reporter.inputs.vintages import COLUMNS, local
from reporter.measures import annex_inputs
from reporter.sources import dropped
from reporter.sources.answers import AnswerRow
from reporter.sources.catalogue import Drop, GroupFields, PeriodFields, SeriesMapping
from reporter.sources.dropped import PlacedRow, written

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
    origin = RowOrigin(
        "files", drop.id, "", drop.frequency, now_in_bangkok(), years=drop.years, strip=drop.strip
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


# ----------------------------------------------------------------------------------------------------
# Rows of an answer or a file -> observations of the declared series.
#
# Goes in: rows as the source sent them, a declared mapping per series. Comes out: the columns of the store. Handled: rows
# in no order; rows repeated whole; rows repeated with another ``asOfDt`` (the newest counts; the field's spelling varies);
# Buddhist years, ``ไตรมาส N``, fiscal years; Thai names of groups. What cannot be read is refused, never guessed.
# ----------------------------------------------------------------------------------------------------

_PUBLISHED = ("asofdt", "as_of_dt", "last_update_date")
_COUNTRY = {"ทั่วราชอาณาจักร", "ทั่วประเทศ", "ทั้งประเทศ", "ประเทศไทย", "whole kingdom", "whole country", "thailand"}
_FREQUENCIES = {"M": "monthly", "Q": "quarterly", "Y": "yearly"}
_SHOWN = 3


@dataclass(frozen=True)
class RowOrigin:
    """Where rows come from: names for messages, the declared frequency, when the whole had been received."""

    source: str
    request: str
    snapshot: str
    frequency: str
    received: dt.datetime
    parameters: Mapping[str, str] = field(default_factory=dict)
    decimal: Literal[".", ","] = "."
    years: Literal["", "buddhist", "christian"] = ""
    strip: tuple[str, ...] = ()


def observations(
    rows: Sequence[AnswerRow],
    mappings: Iterable[SeriesMapping],
    origin: RowOrigin,
    groups: Mapping[str, Group],
) -> pd.DataFrame:
    """All declared series in the rows: one row per indicator, group and period; the columns of the store.

    Raises ServiceError, with the first rows concerned, when a cell cannot be read, a series has several values for one
    period, or no row belongs to a series.
    """
    folded = _unrepeated(rows)
    found: list[tuple[Any, ...]] = []
    refused: list[ServiceError] = []
    for mapping in mappings:
        try:
            found += _series(folded, mapping, origin, groups)
        except ServiceError as error:
            refused.append(error)
    if refused:  # all that is wrong with a file is told together
        raise ServiceError("\n".join(one.th for one in refused), "\n".join(one.en for one in refused))
    return pd.DataFrame(found, columns=COLUMNS).astype({"value": "float64", "adjusted": "bool"})


def _unrepeated(rows: Sequence[AnswerRow]) -> list[_Placed]:
    """Rows with their number, field names folded, whole repetitions left out."""
    seen: set[str] = set()
    kept: list[_Placed] = []
    for number, row in enumerate(rows, start=1):
        folded = {str(name).strip().casefold(): cell for name, cell in row.items()}
        mark = repr(sorted(folded.items(), key=lambda item: item[0]))
        if mark not in seen:
            seen.add(mark)
            kept.append(_Placed(number, folded, row))
    return kept


class _Placed(NamedTuple):
    """A row with folded names, its number, and the row as it came, which may know its cells."""

    number: int
    cells: AnswerRow
    origin: AnswerRow

    def place(self, name: str) -> tuple[str, int, str]:
        """File with sheet, row, cell of a field; "" where the rows are a service's."""
        if isinstance(self.origin, PlacedRow):
            return self.origin.place, self.origin.row, self.origin.cell(name)
        return "", self.number, ""

    def said(self, name: str) -> tuple[str, str]:
        """The place in words, Thai and English: the cell where it is known, else the row."""
        place, row, cell = self.place(name)
        if not place:
            return f"แถว {row}", f"row {row}"
        return (
            f"{place} เซลล์ {cell}" if cell else f"{place} แถว {row}",
            f"{place} cell {cell}" if cell else f"{place} row {row}",
        )


class _Value(NamedTuple):
    """One value of a group and period: when published, the number, its flag and its place."""

    published: dt.datetime | None
    value: float
    flag: str
    row: _Placed


def _series(
    rows: list[_Placed], mapping: SeriesMapping, origin: RowOrigin, groups: Mapping[str, Group]
) -> list[tuple[Any, ...]]:
    """One series: its values by group and period, combined as declared."""
    codes = _codes(mapping.group, groups)
    wanted = _wanted(mapping, origin)
    cells: dict[tuple[str, str, str], list[_Value]] = {}
    problems: list[tuple[str, str]] = []
    belonging = [row for row in rows if _belongs(row.cells, wanted, origin)]
    if not belonging:
        raise _refused(origin, mapping, [_no_row(rows, mapping, origin)])
    days_are_quarters = _days_are_quarters(belonging, mapping.period, origin)
    for row in belonging:
        try:
            group = _group(row.cells, mapping.group, codes)
            read = _quantity(row.cells, mapping.value, origin)
            if group is None or read.value is None:
                continue
            period = _period(row, mapping.period, origin, days_are_quarters)
            frequency = period.freqstr[0]
            if _FREQUENCIES.get(frequency) != origin.frequency:
                shown = written(period)
                raise UnreadableError(
                    f"{shown} ไม่ใช่ช่วงเวลาแบบ {origin.frequency}", f"{shown} is not {origin.frequency}"
                )
        except UnreadableError as error:
            th, en = row.said(mapping.value)
            problems.append((f"{th}: {error.th.partition(' — ')[0]}", f"{en}: {error.en.partition(';')[0]}"))
            continue
        published = next(
            (values.timestamp(row.cells[name]) for name in _PUBLISHED if row.cells.get(name)), None
        )
        flag = read.flag or str(row.cells.get("flag") or "")
        value = _Value(published, read.value * mapping.scale, flag, row)
        cells.setdefault((group, written(period), frequency), []).append(value)
    if problems:
        raise _refused(origin, mapping, problems)
    return [_observation(key, found, mapping, origin) for key, found in sorted(cells.items())]


def _observation(
    key: tuple[str, str, str], found: list[_Value], mapping: SeriesMapping, origin: RowOrigin
) -> tuple[Any, ...]:
    """One value out of all rows of a group and period."""
    group, period, frequency = key
    newest = max((one.published for one in found if one.published is not None), default=None)
    current = [one for one in found if newest is None or one.published == newest]
    if len({one.value for one in current}) > 1 and mapping.combine == "refuse":
        shown = [(*one.row.said(mapping.value), f"{one.value:g}") for one in current[:_SHOWN]]
        th = ", ".join(f"{place} = {value}" for place, _, value in shown)
        en = ", ".join(f"{place} = {value}" for _, place, value in shown)
        raise _refused(
            origin,
            mapping,
            [
                (
                    f"{group} {period} มีหลายค่า ({th}) ต้องประกาศ where หรือ combine",
                    f"{group} {period} has several values ({en}); declare 'where' or 'combine'",
                )
            ],
        )
    numbers = [one.value for one in current]
    value = {"refuse": numbers[0], "sum": sum(numbers), "mean": sum(numbers) / len(numbers)}[mapping.combine]
    return (
        mapping.series,
        group,
        period,
        frequency,
        value,
        local(origin.received),
        mapping.adjusted,
        current[0].flag,
        origin.source,
        origin.snapshot,
        local(newest) if newest is not None else pd.NaT,
        *current[0].row.place(mapping.value),
    )


def _quantity(row: AnswerRow, name: str, origin: RowOrigin) -> values.ReadQuantity:
    cell = _cell(row, name)
    if isinstance(cell, Fault):
        said = fault_finding(cell, "", 0, 0)
        raise UnreadableError(re.sub("^เซลล์ A1 ", "", said.th), re.sub("^Cell A1 ", "", said.en).rstrip("."))
    return values.quantity(cell, origin.decimal)


def _wanted(mapping: SeriesMapping, origin: RowOrigin) -> dict[str, set[str]]:
    """Field -> labels that count, as they are compared."""
    wanted = {name: (one,) if isinstance(one, str) else one for name, one in mapping.where.items()}
    return {name: {_label(text, origin) for text in texts} for name, texts in wanted.items()}


def _label(cell: Any, origin: RowOrigin) -> str:
    """A label without numbering, footnotes, doubled spaces, and what the declaration strips."""
    text = cell_text(cell)
    for pattern in origin.strip:
        text = text.replace(pattern, " ")
    return fold(text) or " ".join(text.split())


def _no_row(rows: list[_Placed], mapping: SeriesMapping, origin: RowOrigin) -> tuple[str, str]:
    """No row fits: the labels that are nearest are told."""
    near: list[str] = []
    for name, wanted in _wanted(mapping, origin).items():
        labels = {
            _label(row.cells.get(name.casefold(), ""), origin): str(row.cells.get(name.casefold(), ""))
            for row in rows
        }
        for text in wanted - set(labels):
            near += [
                labels[one].strip() for one in difflib.get_close_matches(text, list(labels), n=3, cutoff=0.4)
            ]
    shown = ", ".join(f'"{text[:60]}"' for text in dict.fromkeys(near))
    return (
        "ไม่มีแถวที่ตรงกับเงื่อนไข where" + (f" ที่ใกล้เคียงคือ {shown}" if shown else ""),
        "no row meets the conditions of 'where'" + (f"; the nearest are {shown}" if shown else ""),
    )


def _cell(row: AnswerRow, name: str) -> Any:
    """A field of a row, whatever the case of its name. Raises UnreadableError when the row has no such field."""
    folded = name.casefold()
    if folded not in row:
        raise UnreadableError(f"ไม่มีช่อง {name}", f"there is no field {name}")
    return row[folded]


def _belongs(row: AnswerRow, wanted: Mapping[str, set[str]], origin: RowOrigin) -> bool:
    """Whether a row has every wanted value."""
    return all(_label(row.get(name.casefold(), ""), origin) in texts for name, texts in wanted.items())


def _days_are_quarters(rows: list[_Placed], fields: PeriodFields, origin: RowOrigin) -> bool:
    """Whether the days of a quarterly series in a file certainly are quarters (``quarters_of_days``); a service's always are."""
    if not fields.field or origin.frequency != "quarterly":
        return False
    days = []
    for row in rows:
        with contextlib.suppress(UnreadableError):
            days.append(values.moment(row.cells.get(fields.field.casefold(), ""), origin.years).day)
    stamps = [day for day in days if day is not None]
    if not any(isinstance(row.origin, PlacedRow) for row in rows):
        return all(pd.Timestamp(day).is_quarter_start or pd.Timestamp(day).is_quarter_end for day in stamps)
    return bool(stamps) and quarters_of_days(stamps) is not None


def _period(placed: _Placed, fields: PeriodFields, origin: RowOrigin, days_are_quarters: bool) -> pd.Period:
    """The period of a row; a year alone is yearly (fiscal years keep their number)."""
    row = placed.cells
    if fields.field:
        read = values.moment(_cell(row, fields.field), origin.years)
        if read.day is None or origin.frequency != "quarterly":
            return read.period
        if not days_are_quarters:
            raise UnreadableError(
                f"{read.day} อาจเป็นไตรมาสที่ Excel เปลี่ยนไป", f"{read.day} may be a quarter changed by Excel"
            )
        return pd.Timestamp(read.day).to_period("Q")
    year = values.year(
        origin.parameters.get(fields.parameter) if fields.parameter else _cell(row, fields.year)
    )
    is_fiscal = fields.calendar == "fiscal"
    if fields.quarter:
        number = values.quarter(_cell(row, fields.quarter))
        return (
            values.fiscal_quarter(year, number)
            if is_fiscal
            else pd.Period(year=year, quarter=number, freq="Q")
        )
    if fields.month:
        number = values.month(_cell(row, fields.month))
        return (
            values.fiscal_month(year, number) if is_fiscal else pd.Period(year=year, month=number, freq="M")
        )
    return pd.Period(year=year, freq="Y")


def _codes(fields: GroupFields | None, groups: Mapping[str, Group]) -> dict[str, str]:
    """Names of a kind's groups -> codes: Thai, English, aliases, and what the mapping declares."""
    if fields is None:
        return {}
    known = names_of_kind(fields.kind, groups)
    return known | {name.casefold(): code for name, code in fields.codes.items()}


def names_of_kind(kind: str, groups: Mapping[str, Group]) -> dict[str, str]:
    """Names of a kind's groups, and of the whole country, in small letters -> codes."""
    known = dict.fromkeys(_COUNTRY, "TH")
    for group in groups.values():
        if group.kind == kind:
            names = (group.code, group.name.th, group.name.en, *group.aliases)
            known |= {name.casefold(): group.code for name in names}
    return known


def _group(row: AnswerRow, fields: GroupFields | None, codes: Mapping[str, str]) -> str | None:
    """The code of a row's group; None for a row to be left out."""
    if fields is None:
        return "TH"
    cell = " ".join(str(_cell(row, fields.field)).split())
    if fields.kind == "STRATEGY":
        return f"STRATEGY:{cell}"
    plain = bare_label(cell).casefold()
    code = codes.get(cell.casefold()) or codes.get(plain) or codes.get(plain.removeprefix("จังหวัด").strip())
    if code is None and not fields.skip_unknown:
        raise UnreadableError(f'ไม่รู้จักกลุ่ม "{cell}"', f'unknown group "{cell}"')
    return code


def _refused(origin: RowOrigin, mapping: SeriesMapping, problems: list[tuple[str, str]]) -> ServiceError:
    """All problems of a series in one error, the first ones in full."""
    left = len(problems) - _SHOWN
    th, en = zip(*problems[:_SHOWN], strict=True)
    more, more_en = (f" และอีก {left} แถว", f" and {left} rows more") if left > 0 else ("", "")
    who = f"{origin.request} ({origin.source}) {mapping.series}"
    return ServiceError(
        f"{who}: {'; '.join(th)}{more} — แก้ในไฟล์ ตรวจประกาศ (แถวรวมหรือหน่วยใส่ใน skip) หรือแจ้งแหล่งข้อมูล",
        f"{who}: {'; '.join(en)}{more_en}; mend the file, check the declaration (total and unit rows: 'skip') or tell the source.",
    )
