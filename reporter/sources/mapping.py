"""Rows of an answer or a file -> observations of the declared series.

Goes in: rows as the source sent them, a declared mapping per series. Comes out: the columns of the store. Handled: rows
in no order; rows repeated whole; rows repeated with another ``asOfDt`` (the newest counts; the field's spelling varies);
Buddhist years, ``ไตรมาส N``, fiscal years; Thai names of groups. What cannot be read is refused, never guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from reporter.domain.declarations import Group
from reporter.domain.errors import ServiceError
from reporter.domain.periods import iso
from reporter.inputs.vintages import COLUMNS, local
from reporter.sources import values
from reporter.sources.answers import Row
from reporter.sources.catalogue import GroupFields, PeriodFields, SeriesMapping
from reporter.sources.values import UnreadableError

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


def observations(
    rows: Sequence[Row], mappings: Iterable[SeriesMapping], origin: Origin, groups: Mapping[str, Group]
) -> pd.DataFrame:
    """All declared series in the rows: one row per indicator, group and period; the columns of the store.

    Raises ServiceError, with the first rows concerned, when a cell cannot be read, a series has several values for one
    period, or no row belongs to a series.
    """
    folded = _unrepeated(rows)
    found: list[tuple[Any, ...]] = []
    for mapping in mappings:
        found += _series(folded, mapping, origin, groups)
    return pd.DataFrame(found, columns=COLUMNS).astype({"value": "float64", "adjusted": "bool"})


def _unrepeated(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """Rows with their number, field names folded, whole repetitions left out."""
    seen: set[str] = set()
    kept = []
    for number, row in enumerate(rows, start=1):
        folded = {str(name).strip().casefold(): cell for name, cell in row.items()}
        mark = repr(sorted(folded.items(), key=lambda item: item[0]))
        if mark not in seen:
            seen.add(mark)
            kept.append((number, folded))
    return kept


def _series(
    rows: list[tuple[int, Row]], mapping: SeriesMapping, origin: Origin, groups: Mapping[str, Group]
) -> list[tuple[Any, ...]]:
    """One series: its values by group and period, combined as declared."""
    codes = _codes(mapping.group, groups)
    cells: dict[tuple[str, str, str], list[tuple[dt.datetime | None, float, int]]] = {}
    problems: list[str] = []
    problems_en: list[str] = []
    matched = False
    for number, row in rows:
        if not _belongs(row, mapping.where):
            continue
        matched = True
        try:
            group = _group(row, mapping.group, codes)
            value = values.number(_cell(row, mapping.value))
            if group is None or value is None:
                continue
            period = _period(row, mapping.period, origin.parameters)
        except UnreadableError as error:
            problems.append(f"แถว {number}: {error.th}")
            problems_en.append(f"row {number}: {error.en}")
            continue
        frequency = period.freqstr[0]
        if _FREQUENCIES.get(frequency) != origin.frequency:
            problems.append(f"แถว {number}: {_text(period)} ไม่ใช่ช่วงเวลาแบบ {origin.frequency}")
            problems_en.append(f"row {number}: {_text(period)} is not {origin.frequency}")
            continue
        published = next((values.moment(row[name]) for name in _PUBLISHED if row.get(name)), None)
        cells.setdefault((group, _text(period), frequency), []).append(
            (published, value * mapping.scale, number)
        )
    if problems:
        raise _refused(origin, mapping, problems, problems_en)
    if not matched:
        raise _refused(
            origin, mapping, ["ไม่มีแถวที่ตรงกับเงื่อนไข where"], ["no row meets the conditions of 'where'"]
        )
    return [_observation(key, found, mapping, origin) for key, found in sorted(cells.items())]


def _observation(
    key: tuple[str, str, str],
    found: list[tuple[dt.datetime | None, float, int]],
    mapping: SeriesMapping,
    origin: Origin,
) -> tuple[Any, ...]:
    """One value out of all rows of a group and period."""
    group, period, frequency = key
    stamps = [published for published, _, _ in found if published is not None]
    newest = max(stamps, default=None)
    current = [(value, number) for published, value, number in found if newest is None or published == newest]
    if len({value for value, _ in current}) > 1 and mapping.combine == "refuse":
        shown = ", ".join(f"แถว {number} = {value:g}" for value, number in current[:_SHOWN])
        shown_en = ", ".join(f"row {number} = {value:g}" for value, number in current[:_SHOWN])
        raise _refused(
            origin,
            mapping,
            [f"{group} {period} มีหลายค่า ({shown}) ต้องประกาศ where หรือ combine"],
            [f"{group} {period} has several values ({shown_en}); declare 'where' or 'combine'"],
        )
    numbers = [value for value, _ in current]
    value = {"refuse": numbers[0], "sum": sum(numbers), "mean": sum(numbers) / len(numbers)}[mapping.combine]
    return (
        mapping.series,
        group,
        period,
        frequency,
        value,
        local(origin.received),
        mapping.adjusted,
        origin.source,
        origin.snapshot,
        local(newest) if newest is not None else pd.NaT,
    )


def _cell(row: Row, name: str) -> Any:
    """A field of a row, whatever the case of its name. Raises UnreadableError when the row has no such field."""
    folded = name.casefold()
    if folded not in row:
        raise UnreadableError(f"ไม่มีช่อง {name}", f"there is no field {name}")
    return row[folded]


def _belongs(row: Row, where: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Whether a row has every wanted value."""
    for name, wanted in where.items():
        cell = " ".join(str(row.get(name.casefold(), "")).split())
        if cell not in ((wanted,) if isinstance(wanted, str) else wanted):
            return False
    return True


def _period(row: Row, fields: PeriodFields, parameters: Mapping[str, str]) -> pd.Period:
    """The period of a row; a year alone is yearly (fiscal years keep their number)."""
    if fields.field:
        return values.period(_cell(row, fields.field))
    year = values.year(parameters.get(fields.parameter) if fields.parameter else _cell(row, fields.year))
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
    known = dict.fromkeys(_COUNTRY, "TH")
    for group in groups.values():
        if group.kind == fields.kind:
            names = (group.code, group.name.th, group.name.en, *group.aliases)
            known |= {name.casefold(): group.code for name in names}
    return known | {name.casefold(): code for name, code in fields.codes.items()}


def _group(row: Row, fields: GroupFields | None, codes: Mapping[str, str]) -> str | None:
    """The code of a row's group; None for a row to be left out."""
    if fields is None:
        return "TH"
    cell = " ".join(str(_cell(row, fields.field)).split())
    if fields.kind == "STRATEGY":
        return f"STRATEGY:{cell}"
    plain = cell.casefold()
    code = codes.get(plain) or codes.get(plain.removeprefix("จังหวัด").strip())
    if code is None and not fields.skip_unknown:
        raise UnreadableError(f'ไม่รู้จักกลุ่ม "{cell}"', f'unknown group "{cell}"')
    return code


def _refused(origin: Origin, mapping: SeriesMapping, th: list[str], en: list[str]) -> ServiceError:
    more = "" if len(th) <= _SHOWN else f" และอีก {len(th) - _SHOWN} แถว"
    more_en = "" if len(en) <= _SHOWN else f" and {len(en) - _SHOWN} rows more"
    return ServiceError(
        f"{origin.request} ({origin.source}) {mapping.series}: {'; '.join(th[:_SHOWN])}{more} — ตรวจประกาศหรือแจ้งแหล่งข้อมูล",
        f"{origin.request} ({origin.source}) {mapping.series}: {'; '.join(en[:_SHOWN])}{more_en}; "
        "check the declaration or tell the source.",
    )
