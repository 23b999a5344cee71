"""The release calendar: what came out when, and when the next issues are expected; as ICS too.

Goes in: the newest record of each quarter. Comes out: planned releases, and an iCalendar file (RFC 5545). A date still
to come is an estimate: the newest issue's distance from the end of its quarter, and is called one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reporter.periods import iso
from reporter.site.archive import Record
from reporter.thai import quarter_th

_AHEAD = 4
_FOLD = 73


@dataclass(frozen=True)
class Release:
    """An issue to come."""

    quarter: pd.Period
    date: dt.date


def planned(newest: Record) -> list[Release]:
    """The next four issues, each as many days after its quarter as the newest one."""
    told = newest.content["release_date"] or newest.content["as_of"]
    lag = dt.date.fromisoformat(told) - newest.quarter.end_time.date()
    return [
        Release(quarter, quarter.end_time.date() + lag)
        for quarter in (newest.quarter + step for step in range(1, _AHEAD + 1))
    ]


def ics(past: Sequence[Record], to_come: Sequence[Release], title: str) -> str:
    """The calendar as iCalendar text; stamps are dates of publication, so that equal archives give equal bytes."""
    stamp = max(record.content["published"] for record in past).replace("-", "")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MOL Thailand//Labour market report//TH"]
    lines += ["CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(title)}"]
    for record in past:
        day = dt.date.fromisoformat(record.content["published"])
        lines += _event(record.quarter, day, f"{title} {quarter_th(record.quarter)}", "CONFIRMED", stamp)
    for release in to_come:
        name = f"{title} {quarter_th(release.quarter)} (กำหนดการโดยประมาณ)"
        lines += _event(release.quarter, release.date, name, "TENTATIVE", stamp)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(quarter: pd.Period, day: dt.date, name: str, status: str, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{iso(quarter).lower()}@labour-market-report.mol.go.th",
        f"DTSTAMP:{stamp}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
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
