"""The release calendar: when each issue may leave the house, who sees it before, who may approve it.

Goes in: ``calendar.toml`` of a workspace (docs/release.md). Comes out: one frozen ``Calendar`` and findings. A time without a
zone is Bangkok time. The moment of release is the issue's embargo; the list of early readers is printed in the issue, as
the code of practice for statistics asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from reporter.domain.context import EarlyReader, Settings
from reporter.domain.errors import Finding
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs import workbook
from reporter.inputs.declared.files import Problems, read_toml, validated
from reporter.inputs.declared.schema import Strict, Text
from reporter.inputs.series.cells import is_inside
from reporter.inputs.workbook_form import CALENDAR

FILE = "calendar.toml"
_AT = "วันเวลาเผยแพร่"
BANGKOK = dt.timezone(dt.timedelta(hours=7))
# A release this long after its quarter is a slip of the keyboard or a Buddhist year.
LONGEST_WAIT_YEARS = 5


@dataclass(frozen=True)
class Calendar:
    """Declared releases by quarter (ISO), early readers, approvers; all empty without a file."""

    releases: Mapping[str, dt.datetime] = field(default_factory=dict)
    early_readers: tuple[EarlyReader, ...] = ()
    approvers: tuple[str, ...] = ()
    is_declared: bool = False

    def release_of(self, quarter: pd.Period) -> dt.datetime | None:
        """The moment of a quarter's release, with its zone; None where none is declared."""
        return self.releases.get(iso(quarter))

    def applied(self, settings: Settings, quarter: pd.Period) -> Settings:
        """Settings with the declared moment as the issue's embargo and release date; unchanged where there is none."""
        moment = self.release_of(quarter)
        if moment is None:
            return settings
        day = moment.astimezone(BANGKOK).date()
        return replace(settings, embargo=moment.isoformat(), release_date=day.isoformat())


class _Release(Strict):
    quarter: Text
    at: dt.datetime


class _EarlyReader(Strict):
    name: Text
    agency: Text
    hours: Annotated[float, Field(gt=0, le=168)]
    reason: Text


class _File(Strict):
    releases: Annotated[list[_Release], Field(default_factory=list)]
    early_readers: Annotated[list[_EarlyReader], Field(default_factory=list)]
    approvers: Annotated[list[Text], Field(default_factory=list)]


def read_calendar(root: Path) -> tuple[Calendar, list[Finding]]:
    """The calendar (an empty one without a file, or where it is wrong) and what is wrong with it."""
    path, problems = root / FILE, Problems()
    outside: list[Finding] = []
    if not path.exists():
        return _listed(root)
    if not is_inside(path, root, FILE, outside):
        return Calendar(), outside
    content = read_toml(FILE, path, problems)
    declared = None if content is None else validated(FILE, content, _File, problems)
    if declared is None:
        return Calendar(), problems.findings
    releases = _releases(declared.releases, problems)
    readers = tuple(EarlyReader(**entry.model_dump()) for entry in declared.early_readers)
    if problems.findings:
        return Calendar(), problems.findings
    return Calendar(releases, readers, tuple(name.strip() for name in declared.approvers), True), []


def _listed(root: Path) -> tuple[Calendar, list[Finding]]:
    """The calendar from the workbook's list, where there is no file of it."""
    found: list[Finding] = []
    entries = []
    for entry in workbook.entries(root, CALENDAR, found):
        text = entry.texts[_AT]
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            th = f'พบ "{text}" — เขียนแบบ 2025-11-20 10:00 (ปี ค.ศ.)'
            found.append(
                workbook.wrong(entry, _AT, th, f'Found "{text}"; write 2025-11-20 10:00 (Christian era).')
            )
            continue
        entries.append(_Release(quarter=entry.texts["ไตรมาส"] or "-", at=moment))
    problems = Problems()
    releases = _releases(entries, problems)
    found += [replace(one, where=f"{workbook.FILE}[{CALENDAR}]") for one in problems.findings]
    return (Calendar(releases, is_declared=bool(entries)) if not found else Calendar()), found


def _releases(entries: list[_Release], problems: Problems) -> dict[str, dt.datetime]:
    releases: dict[str, dt.datetime] = {}
    for number, entry in enumerate(entries, start=1):
        place = f"releases.{number}"
        try:
            quarter = parse_quarter(entry.quarter)
        except PeriodError as error:
            problems.add(FILE, f"{place}.quarter", error.th, error.en)
            continue
        moment = entry.at if entry.at.tzinfo else entry.at.replace(tzinfo=BANGKOK)
        if iso(quarter) in releases:
            problems.add(
                FILE,
                f"{place}.quarter",
                f"ไตรมาส {iso(quarter)} มีสองกำหนด — ลบกำหนดหนึ่ง",
                f"{iso(quarter)} has two releases; remove one.",
            )
        elif moment.date() <= quarter.end_time.date():
            problems.add(
                FILE,
                f"{place}.at",
                f"พบ {moment.isoformat()} ซึ่งอยู่ก่อนสิ้นไตรมาส {iso(quarter)} — ตรวจวันที่และปี (ใช้ปี ค.ศ.)",
                f"Found {moment.isoformat()}, before {iso(quarter)} ends; check the date (years are Christian era).",
            )
        elif moment.year > quarter.year + LONGEST_WAIT_YEARS:
            problems.add(
                FILE,
                f"{place}.at",
                f"พบ {moment.isoformat()} ซึ่งช้ากว่าไตรมาส {iso(quarter)} เกิน {LONGEST_WAIT_YEARS} ปี — ตรวจปี (ใช้ปี ค.ศ.)",
                f"Found {moment.isoformat()}, more than {LONGEST_WAIT_YEARS} years after {iso(quarter)}; check the year "
                "(Christian era).",
            )
        else:
            releases[iso(quarter)] = moment
    return releases
