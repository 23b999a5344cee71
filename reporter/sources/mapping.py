"""Rows of an answer or a file -> observations of the declared series.

Goes in: rows as the source sent them, a declared mapping per series. Comes out: the columns of the store. Handled: rows
in no order; rows repeated whole; rows repeated with another ``asOfDt`` (the newest counts; the field's spelling varies);
Buddhist years, ``ไตรมาส N``, fiscal years; Thai names of groups. What cannot be read is refused, never guessed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pandas as pd

from reporter.domain.declarations import Group
from reporter.domain.errors import ServiceError
from reporter.domain.periods import iso
from reporter.inputs import values
from reporter.inputs.schema import bare_label, fold
from reporter.inputs.series import quarters_of_days
from reporter.inputs.spreadsheets import Fault, cell_text, fault_finding
from reporter.inputs.values import UnreadableError
from reporter.inputs.vintages import COLUMNS, local
from reporter.sources.answers import Row
from reporter.sources.catalogue import GroupFields, PeriodFields, SeriesMapping
from reporter.sources.dropped import PlacedRow

_PUBLISHED = ("asofdt", "as_of_dt", "last_update_date")
_COUNTRY = {"ทั่วราชอาณาจักร", "ทั่วประเทศ", "ทั้งประเทศ", "ประเทศไทย", "whole kingdom", "whole country", "thailand"}
_FREQUENCIES = {"M": "monthly", "Q": "quarterly", "Y": "yearly"}
_SHOWN = 3


@dataclass(frozen=True)
class Origin:
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
    rows: Sequence[Row], mappings: Iterable[SeriesMapping], origin: Origin, groups: Mapping[str, Group]
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


def _unrepeated(rows: Sequence[Row]) -> list[_Placed]:
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
    cells: Row
    origin: Row

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
    rows: list[_Placed], mapping: SeriesMapping, origin: Origin, groups: Mapping[str, Group]
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
                shown = _text(period)
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
        cells.setdefault((group, _text(period), frequency), []).append(value)
    if problems:
        raise _refused(origin, mapping, problems)
    return [_observation(key, found, mapping, origin) for key, found in sorted(cells.items())]


def _observation(
    key: tuple[str, str, str], found: list[_Value], mapping: SeriesMapping, origin: Origin
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


def _quantity(row: Row, name: str, origin: Origin) -> values.Quantity:
    cell = _cell(row, name)
    if isinstance(cell, Fault):
        said = fault_finding(cell, "", 0, 0)
        raise UnreadableError(re.sub("^เซลล์ A1 ", "", said.th), re.sub("^Cell A1 ", "", said.en).rstrip("."))
    return values.quantity(cell, origin.decimal)


def _wanted(mapping: SeriesMapping, origin: Origin) -> dict[str, set[str]]:
    """Field -> labels that count, as they are compared."""
    wanted = {name: (one,) if isinstance(one, str) else one for name, one in mapping.where.items()}
    return {name: {_label(text, origin) for text in texts} for name, texts in wanted.items()}


def _label(cell: Any, origin: Origin) -> str:
    """A label without numbering, footnotes, doubled spaces, and what the declaration strips."""
    text = cell_text(cell)
    for pattern in origin.strip:
        text = text.replace(pattern, " ")
    return fold(text) or " ".join(text.split())


def _no_row(rows: list[_Placed], mapping: SeriesMapping, origin: Origin) -> tuple[str, str]:
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


def _cell(row: Row, name: str) -> Any:
    """A field of a row, whatever the case of its name. Raises UnreadableError when the row has no such field."""
    folded = name.casefold()
    if folded not in row:
        raise UnreadableError(f"ไม่มีช่อง {name}", f"there is no field {name}")
    return row[folded]


def _belongs(row: Row, wanted: Mapping[str, set[str]], origin: Origin) -> bool:
    """Whether a row has every wanted value."""
    return all(_label(row.get(name.casefold(), ""), origin) in texts for name, texts in wanted.items())


def _days_are_quarters(rows: list[_Placed], fields: PeriodFields, origin: Origin) -> bool:
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


def _period(placed: _Placed, fields: PeriodFields, origin: Origin, days_are_quarters: bool) -> pd.Period:
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


def _text(period: pd.Period) -> str:
    return str(period.year) if period.freqstr.startswith("Y") else iso(period)


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


def _group(row: Row, fields: GroupFields | None, codes: Mapping[str, str]) -> str | None:
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


def _refused(origin: Origin, mapping: SeriesMapping, problems: list[tuple[str, str]]) -> ServiceError:
    """All problems of a series in one error, the first ones in full."""
    left = len(problems) - _SHOWN
    th, en = zip(*problems[:_SHOWN], strict=True)
    more, more_en = (f" และอีก {left} แถว", f" and {left} rows more") if left > 0 else ("", "")
    who = f"{origin.request} ({origin.source}) {mapping.series}"
    return ServiceError(
        f"{who}: {'; '.join(th)}{more} — แก้ในไฟล์ ตรวจประกาศ (แถวรวมหรือหน่วยใส่ใน skip) หรือแจ้งแหล่งข้อมูล",
        f"{who}: {'; '.join(en)}{more_en}; mend the file, check the declaration (total and unit rows: 'skip') or tell the source.",
    )
