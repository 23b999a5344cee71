"""The release calendar: what came out when, and when the next issues come; as ICS too.

Goes in: the newest record of each quarter, and what was known when the site was last written: the releases of the workspace's
``calendar.toml``, the website's address, the day (kept as ``calendar/declared.json``, so that the site can be made again from
itself). Comes out: planned releases, and an iCalendar file (RFC 5545). A quarter without a declared release has an estimate: the
newest issue's distance from the end of its quarter, and it is called one. A release whose day has gone by is late.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import NextSite
from reporter.domain.errors import InputError, ReporterError
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.thai import quarter_th
from reporter.inputs.calendar import BANGKOK, read_calendar

DECLARED = "calendar/declared.json"

_AHEAD = 4  # a year of releases to come
_FOLD = 73  # octets of a row before its line break: 75 are allowed (RFC 5545, 3.1)
_FORMAT = 2  # 1: the declared releases alone


@dataclass(frozen=True)
class State:
    """What the site keeps beside its records: declared releases, its own address, the day on which its pages were made."""

    releases: Mapping[pd.Period, dt.datetime] = field(default_factory=dict)
    website: str = ""
    today: dt.date | None = None


@dataclass(frozen=True)
class Release:
    """An issue to come: the day, and the declared moment (None where the day is an estimate)."""

    quarter: pd.Period
    date: dt.date
    at: dt.datetime | None = None
    is_late: bool = False


def remember(site: NextSite, workspace: Path | None, *, website: str, today: dt.date | None) -> None:
    """Keep what is known now; where the workspace declares no calendar, what the site knows of it stays. Raises InputError."""
    kept = state_of_next(site)
    moments = {iso(quarter): moment for quarter, moment in kept.releases.items()}
    if workspace is not None:
        calendar, problems = read_calendar(workspace)
        if problems:
            raise InputError(
                "อ่านกำหนดการเผยแพร่ calendar.toml ไม่ได้ จึงไม่เผยแพร่ — แก้ไขตามรายการข้างต้น",
                "calendar.toml is wrong, so nothing is published; mend it as listed.",
                problems,
            )
        if calendar.is_declared:
            moments = dict(calendar.releases)
    content = {
        "format": _FORMAT,
        "made": today.isoformat() if today else "",
        "website": website,
        "releases": {quarter: moment.isoformat() for quarter, moment in sorted(moments.items())},
    }
    site.write(DECLARED, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def state_of(site: Path) -> State:
    """What the site keeps; nothing where there is no site yet."""
    path = site / DECLARED
    return _read(path.read_bytes()) if path.exists() else State()


def state_of_next(site: NextSite) -> State:
    """What the site will keep."""
    return _read(site.read(DECLARED)) if site.exists(DECLARED) else State()


def _read(content: bytes) -> State:
    try:
        kept = json.loads(content)
        if "format" not in kept:  # as the first versions of the program wrote it
            kept = {"releases": kept}
        return State(
            {
                parse_quarter(quarter): dt.datetime.fromisoformat(at)
                for quarter, at in kept["releases"].items()
            },
            kept.get("website", ""),
            dt.date.fromisoformat(kept["made"]) if kept.get("made") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, ReporterError) as error:
        raise InputError(
            f"อ่าน {DECLARED} ของเว็บไซต์ไม่ได้ — กู้แฟ้มนี้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Cannot read the site's {DECLARED}; restore it from a copy of the site.",
        ) from error


def planned(newest: Record, state: State) -> list[Release]:
    """The next four issues from the day on which the pages are made, late ones, and every later declared one."""
    told = newest.content["release_date"] or newest.content["as_of"]
    lag = dt.date.fromisoformat(told) - newest.quarter.end_time.date()
    today = state.today or dt.date.fromisoformat(str(newest.content["published"]))
    releases: list[Release] = []
    ahead, quarter = 0, newest.quarter + 1
    last = max([newest.quarter, *state.releases])
    while ahead < _AHEAD or quarter <= last:
        moment = state.releases.get(quarter)
        day = moment.astimezone(BANGKOK).date() if moment else quarter.end_time.date() + lag
        is_late = day < today
        if ahead < _AHEAD or moment:
            releases.append(Release(quarter, day, moment, is_late))
        ahead += not is_late
        quarter += 1
    return releases


def ics(past: Sequence[Record], to_come: Sequence[Release], title: str) -> str:
    """The calendar as iCalendar text; stamps are dates of publication, so that equal archives give equal bytes."""
    stamp = max(record.content["published"] for record in past).replace("-", "")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MOL Thailand//Labour market report//TH"]
    lines += ["CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(title)}"]
    for record in past:
        day = dt.date.fromisoformat(record.content["published"])
        website = record.content["website"]
        link = [f"URL:{website}/{record.issue_path}/"] if website else []
        name = f"{title} {quarter_th(record.quarter)}"
        lines += _event(record.quarter, _all_day(day) + link, name, "CONFIRMED", stamp)
    for release in to_come:
        if release.is_late and not release.at:
            continue  # an estimate that has gone by tells a reader's calendar nothing
        name = f"{title} {quarter_th(release.quarter)}"
        if release.is_late:
            name = f"{name} (ล่าช้ากว่ากำหนด)"
        if release.at:
            lines += _event(release.quarter, [f"DTSTART:{_utc(release.at)}"], name, "CONFIRMED", stamp)
        else:
            name = f"{name} (กำหนดการโดยประมาณ)"
            lines += _event(release.quarter, _all_day(release.date), name, "TENTATIVE", stamp)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _all_day(day: dt.date) -> list[str]:
    return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"]


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _event(quarter: pd.Period, when: list[str], name: str, status: str, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{iso(quarter).lower()}@labour-market-report.mol.go.th",
        f"DTSTAMP:{stamp}T000000Z",
        *when,
        f"SUMMARY:{_escaped(name)}",
        f"STATUS:{status}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line of at most 75 octets a row, never cut inside a character."""
    rows, row = [], ""
    for character in line:
        if len((row + character).encode("utf-8")) > _FOLD:
            rows.append(row)
            row = ""
        row += character
    return "\r\n ".join([*rows, row]) + "\r\n"
