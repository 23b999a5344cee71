"""The release calendar: what came out when, and when the next issues come; as ICS too.

Goes in: the newest record of each quarter, and what the workspace's ``calendar.toml`` declared when the site was last
written (kept as ``calendar/declared.json``, so that the site can be made again from itself). Comes out: planned releases,
and an iCalendar file (RFC 5545). A quarter without a declared release has an estimate: the newest issue's distance from
the end of its quarter, and it is called one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reporter.delivery.site.archive import Record
from reporter.delivery.site.tree import write
from reporter.domain.errors import InputError
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.thai import quarter_th
from reporter.inputs.calendar import BANGKOK, read_calendar

DECLARED = "calendar/declared.json"

_AHEAD = 4
_FOLD = 73


@dataclass(frozen=True)
class Release:
    """An issue to come: the day, and the declared moment (None where the day is an estimate)."""

    quarter: pd.Period
    date: dt.date
    at: dt.datetime | None = None


def remember(site: Path, workspace: Path | None) -> None:
    """Keep what the workspace's calendar declares; without one, what the site knows stays. Raises InputError."""
    if workspace is None or not workspace.is_dir():
        return
    calendar, problems = read_calendar(workspace)
    if problems:
        raise InputError(
            "อ่านกำหนดการเผยแพร่ calendar.toml ไม่ได้ จึงไม่เผยแพร่ — แก้ไขตามรายการข้างต้น",
            "calendar.toml is wrong, so nothing is published; mend it as listed.",
            problems,
        )
    if calendar.is_declared:
        moments = {quarter: moment.isoformat() for quarter, moment in sorted(calendar.releases.items())}
        write(site / DECLARED, json.dumps(moments, indent=1) + "\n")


def declared(site: Path) -> dict[pd.Period, dt.datetime]:
    """The declared moments of release that the site keeps."""
    path = site / DECLARED
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {parse_quarter(quarter): dt.datetime.fromisoformat(moment) for quarter, moment in kept.items()}


def planned(newest: Record, moments: Mapping[pd.Period, dt.datetime]) -> list[Release]:
    """The next four issues and every later declared one; what is not declared is estimated from the newest issue."""
    told = newest.content["release_date"] or newest.content["as_of"]
    lag = dt.date.fromisoformat(told) - newest.quarter.end_time.date()
    coming = {newest.quarter + step for step in range(1, _AHEAD + 1)}
    coming |= {quarter for quarter in moments if quarter > newest.quarter}
    releases = []
    for quarter in sorted(coming):
        moment = moments.get(quarter)
        day = moment.astimezone(BANGKOK).date() if moment else quarter.end_time.date() + lag
        releases.append(Release(quarter, day, moment))
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
        name = f"{title} {quarter_th(release.quarter)}"
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
