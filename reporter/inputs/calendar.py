"""The release calendar: release times of issues, early readers, approvers.

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
from email_validator import EmailNotValidError, validate_email
from pydantic import Field

from reporter.domain.edition import EarlyReader, Settings
from reporter.domain.errors import Finding
from reporter.domain.periods import BANGKOK, PeriodError, iso, parse_quarter
from reporter.inputs import workbook
from reporter.inputs.schema import NonEmptyText, Problems, Strict, read_toml, validated
from reporter.inputs.series import read_table
from reporter.inputs.series_cells import cells_of, first_filled, is_inside
from reporter.inputs.series_layout import missing_columns
from reporter.inputs.workbook import CALENDAR, RECIPIENTS

CALENDAR_FILE = "calendar.toml"
_AT = "วันเวลาเผยแพร่"
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
    quarter: NonEmptyText
    at: dt.datetime


class _EarlyReader(Strict):
    name: NonEmptyText
    agency: NonEmptyText
    hours: Annotated[float, Field(gt=0, le=168)]
    reason: NonEmptyText


class _File(Strict):
    releases: Annotated[list[_Release], Field(default_factory=list)]
    early_readers: Annotated[list[_EarlyReader], Field(default_factory=list)]
    approvers: Annotated[list[NonEmptyText], Field(default_factory=list)]


def read_calendar(root: Path) -> tuple[Calendar, list[Finding]]:
    """The calendar (an empty one without a file, or where it is wrong) and what is wrong with it."""
    path, problems = root / CALENDAR_FILE, Problems()
    outside: list[Finding] = []
    if not path.exists():
        return _calendar_of_workbook(root)
    if not is_inside(path, root, CALENDAR_FILE, outside):
        return Calendar(), outside
    content = read_toml(CALENDAR_FILE, path, problems)
    declared = None if content is None else validated(CALENDAR_FILE, content, _File, problems)
    if declared is None:
        return Calendar(), problems.findings
    releases = _releases(declared.releases, problems)
    readers = tuple(EarlyReader(**entry.model_dump()) for entry in declared.early_readers)
    if problems.findings:
        return Calendar(), problems.findings
    return Calendar(releases, readers, tuple(name.strip() for name in declared.approvers), True), []


def _calendar_of_workbook(root: Path) -> tuple[Calendar, list[Finding]]:
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
            problems.add(CALENDAR_FILE, f"{place}.quarter", error.th, error.en)
            continue
        moment = entry.at if entry.at.tzinfo else entry.at.replace(tzinfo=BANGKOK)
        if iso(quarter) in releases:
            problems.add(
                CALENDAR_FILE,
                f"{place}.quarter",
                f"ไตรมาส {iso(quarter)} มีสองกำหนด — ลบกำหนดหนึ่ง",
                f"{iso(quarter)} has two releases; remove one.",
            )
        elif moment.date() <= quarter.end_time.date():
            problems.add(
                CALENDAR_FILE,
                f"{place}.at",
                f"พบ {moment.isoformat()} ซึ่งอยู่ก่อนสิ้นไตรมาส {iso(quarter)} — ตรวจวันที่และปี (ใช้ปี ค.ศ.)",
                f"Found {moment.isoformat()}, before {iso(quarter)} ends; check the date (years are Christian era).",
            )
        elif moment.year > quarter.year + LONGEST_WAIT_YEARS:
            problems.add(
                CALENDAR_FILE,
                f"{place}.at",
                f"พบ {moment.isoformat()} ซึ่งช้ากว่าไตรมาส {iso(quarter)} เกิน {LONGEST_WAIT_YEARS} ปี — ตรวจปี (ใช้ปี ค.ศ.)",
                f"Found {moment.isoformat()}, more than {LONGEST_WAIT_YEARS} years after {iso(quarter)}; check the year "
                "(Christian era).",
            )
        else:
            releases[iso(quarter)] = moment
    return releases


# ----------------------------------------------------------------------------------------------------
# Who receives the issue: ``recipients.csv`` with ``agency,name,email`` and optionally ``group``.
#
# Goes in: the file. Comes out: frozen recipients and findings. An address that cannot be right, a repeated one and
# anything that could smuggle a header into a mail is an error.
# ----------------------------------------------------------------------------------------------------

RECIPIENTS_FILE = "recipients.csv"
COLUMNS = ("agency", "name", "email")
_LANGUAGES = {"": "th", "th": "th", "ไทย": "th", "en": "en", "อังกฤษ": "en"}


@dataclass(frozen=True)
class Recipient:
    """One addressee.

    email      normalised
    group      names a covering text (``cover/<group>.md``, in English ``cover/<group>.en.md``) or is empty
    language   ``th`` or ``en``: of the letter and of the report that it carries
    """

    agency: str
    name: str
    email: str
    group: str = ""
    language: str = "th"


def read_recipients(root: Path) -> tuple[tuple[Recipient, ...], list[Finding]]:
    """Recipients in file order (none without the file) and what is wrong with the others."""
    found: list[Finding] = []
    path = root / RECIPIENTS_FILE
    if not path.exists():
        return _recipients_of_workbook(root, found), found
    if not is_inside(path, root, RECIPIENTS_FILE, found):
        return (), found
    recipients: list[Recipient] = []
    first_row: dict[str, int] = {}
    for table in read_table(path, RECIPIENTS_FILE, found):
        cells = cells_of(table, first_filled(table), found)
        if cells is None:
            continue
        if missing := [name for name in COLUMNS if name not in cells.header]:
            found.append(missing_columns(cells, missing, COLUMNS))
            continue
        none = [""] * len(cells.rows)
        further = (cells.columns.get(name, none) for name in ("group", "language"))
        for row, group, language, *texts in zip(
            cells.rows, *further, *(cells.columns[name] for name in COLUMNS), strict=True
        ):
            agency, name, email = texts
            address = _address(cells.where, row, agency, name, email, found)
            if address is None:
                continue
            key = address.casefold()
            if key in first_row:
                found.append(
                    _finding(
                        cells.where,
                        row,
                        email,
                        f"ที่อยู่ซ้ำกับแถว {first_row[key]} — ลบแถวหนึ่ง",
                        f"The same address as in row {first_row[key]}; remove one.",
                    )
                )
                continue
            first_row[key] = row
            chosen = _language(cells.where, row, language, found)
            recipients.append(Recipient(agency, name, address, group, chosen))
    return tuple(recipients), found


def _recipients_of_workbook(root: Path, found: list[Finding]) -> tuple[Recipient, ...]:
    """Recipients from the workbook's list, where there is no file of them."""
    recipients: dict[str, Recipient] = {}
    for entry in workbook.entries(root, RECIPIENTS, found):
        agency, name, email, group, language = entry.texts.values()
        address = _address(entry.where, entry.row, agency, name, email, found)
        if address is None:
            continue
        if address.casefold() in recipients:
            th, en = "ที่อยู่ซ้ำกับแถวก่อนหน้า — ลบแถวหนึ่ง", "The address stands in an earlier row; remove one."
            found.append(workbook.wrong(entry, "อีเมล", th, en))
        chosen = _language(entry.where, entry.row, language, found)
        recipients.setdefault(address.casefold(), Recipient(agency, name, address, group, chosen))
    return tuple(recipients.values())


def _language(where: str, row: int, text: str, found: list[Finding]) -> str:
    """The recipient's language, Thai where the cell is empty; another one is a finding."""
    known = _LANGUAGES.get(text.strip().casefold())
    if known is None:
        found.append(
            _finding(
                where,
                row,
                text[:80],
                f'ไม่รู้จักภาษา "{text[:80]}" — ใช้ th หรือ en หรือเว้นว่าง',
                f'"{text[:80]}" is no language of the report; use th or en, or leave it empty.',
                "language",
            )
        )
    return known or "th"


def _address(where: str, row: int, agency: str, name: str, email: str, found: list[Finding]) -> str | None:
    for column, text in zip(COLUMNS, (agency, name, email), strict=True):
        if any(ord(mark) < 32 or ord(mark) == 127 or mark in "\u2028\u2029" for mark in text):
            found.append(
                _finding(
                    where,
                    row,
                    text.encode("unicode_escape").decode()[:80],
                    "มีการขึ้นบรรทัดใหม่หรืออักขระควบคุม ซึ่งอาจแทรกหัวจดหมาย — ลบออก",
                    "Contains a line break or control character, which could smuggle in a mail header; remove it.",
                    column,
                )
            )
            return None
    try:
        # Addresses under .test pass, so that a rehearsal workspace can name recipients that nobody has.
        return validate_email(
            email, check_deliverability=False, globally_deliverable=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        found.append(
            _finding(
                where,
                row,
                email[:80],
                f'"{email[:80]}" ไม่ใช่ที่อยู่อีเมล — ตรวจตัวสะกด',
                f'"{email[:80]}" is no e-mail address: {error}',
            )
        )
        return None


def _finding(where: str, row: int, value: str, th: str, en: str, column: str = "email") -> Finding:
    return Finding("error", where, th, en, row=row, column=column, value=value, rule=f"recipients.{column}")
