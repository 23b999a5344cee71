"""Everything that derives from the archive: home, lists, neighbours, long series, feeds, search, calendar, dashboard.

Goes in: the records. Comes out: files of the site, equal for equal archives. Only the pages that a new issue touches are
made again: the lists, its own pages and its neighbours'.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.site import calendar, feeds, metadata
from reporter.delivery.site.archive import Record
from reporter.delivery.site.pages import (
    INDICES,
    Pages,
    Part,
    status_name,
)
from reporter.delivery.site.tree import write
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.domain.thai import quarter_th

Archive = Mapping[pd.Period, Sequence[Record]]
_FOLDERS = ("", "issues/", "dashboard/", "how-to-read/", "methods/", "data/", "calendar/", "search/")


def write_derived(
    site: Path, archive: Archive, declarations: Declarations, *, changed: pd.Period | None = None
) -> None:
    """Write all derived files. ``changed`` limits the issues' own pages to that quarter, its neighbours and missing ones."""
    newest = [versions[-1] for versions in reversed(list(archive.values()))]
    pages = Pages(newest[0])
    _write_issues(site, archive, changed)
    write(site / "index.html", pages.home(newest))
    write(site / "issues" / "index.html", pages.issues(newest))
    write(site / "methods" / "index.html", pages.methods())
    write(site / "how-to-read" / "index.html", pages.reading_guide(declarations))
    write(site / "dashboard" / "index.html", pages.dashboard(declarations))
    write(site / "data" / "index.html", pages.data(declarations))
    write(site / "404.html", pages.not_found())
    write(site / "search" / "index.html", pages.search())
    write(site / "search" / "search-data.js", search_data(newest))
    _write_series(site, newest, pages, declarations)
    _write_feeds(site, archive, newest, pages)


def _write_issues(site: Path, archive: Archive, changed: pd.Period | None) -> None:
    quarters = list(archive)
    for position, quarter in enumerate(quarters):
        versions = archive[quarter]
        is_near = changed is None or abs(position - quarters.index(changed)) <= 1
        if not is_near and (site / versions[-1].issue_path / "index.html").exists():
            continue
        before = archive[quarters[position - 1]][-1] if position else None
        after = archive[quarters[position + 1]][-1] if position + 1 < len(quarters) else None
        page = Pages(versions[-1]).issue(versions, before, after)
        write(site / versions[-1].issue_path / "index.html", page)
        for number, record in enumerate(versions, start=1):
            status = Pages(versions[-1]).status(record, versions[number:])
            write(site / record.issue_path / status_name(record), status)


def search_data(newest: Sequence[Record]) -> str:
    """A script that holds what can be found: one entry an issue. A script, because a page on a disk may not fetch."""
    entries = [
        {
            "title": record.content["title"],
            "quarter": f"{iso(record.quarter)} {quarter_th(record.quarter)}",
            "address": f"../{record.issue_path}/index.html",
            "sentences": record.content["sentences"],
            "english": record.content["english"],
            "figures": [figure["title"] for figure in record.content["figures"]],
            "mark": record.content["mark"],
        }
        for record in newest
    ]
    return f"window.reporterIssues = {json.dumps(entries, ensure_ascii=False)};\n"


def parts_of(key: str, declarations: Declarations) -> list[Part]:
    """The whole of an index, then its dimensions or domains as declared."""
    if key == "labour_index":
        items = declarations.dimensions.items()
        named = [Part(code, item.name.th, item.description.th) for code, item in items]
    else:
        named = [Part(option.id, option.name.th) for option in declarations.questionnaires[key].domains]
    return [Part("overall", "ดัชนีรวม"), *named]


def _write_series(site: Path, newest: Sequence[Record], pages: Pages, declarations: Declarations) -> None:
    for key in INDICES:
        series = spliced(newest, key)
        known = parts_of(key, declarations)
        # A part that is no longer declared keeps its code for a name.
        gone = sorted(series.keys() - {part.code for part in known})
        parts = [part for part in known if part.code in series] + [Part(code, code) for code in gone]
        periods = sorted({period for values in series.values() for period in values})
        write(site / "data" / key / "index.html", pages.series(key, parts, periods, series))
        write(site / "data" / key / "series.csv", _csv(key, parts, periods, series))


def spliced(newest: Sequence[Record], key: str) -> dict[str, dict[str, float]]:
    """The long series: each quarter as the newest issue that has it says, older issues filling what it lacks."""
    series: dict[str, dict[str, float]] = {}
    for record in newest:
        for part, values in record.content["series"].get(key, {}).items():
            held = series.setdefault(part, {})
            series[part] = {**values, **held}
    return series


def _csv(key: str, parts: Sequence[Part], periods: Sequence[str], series: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["index", "part", "part_name_th", "period", "value"])
    for part in parts:
        for period in periods:
            if period in series[part.code]:
                writer.writerow([key, part.code, part.name, period, repr(series[part.code][period])])
    return stream.getvalue()


def _write_feeds(site: Path, archive: Archive, newest: Sequence[Record], pages: Pages) -> None:
    title = newest[0].content["settings"]["title"]["th"]
    website = newest[0].content["website"]
    versions = [record for records in reversed(list(archive.values())) for record in reversed(records)]
    to_come = calendar.planned(newest[0], calendar.declared(site))
    catalogue = metadata.catalogue(newest, title)
    write(site / "data" / "catalog.jsonld", json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n")
    write(site / "feed.xml", feeds.atom(versions, title))
    write(site / "calendar" / "index.html", pages.calendar(newest, to_come))
    write(site / "calendar" / "releases.ics", calendar.ics(newest, to_come, title).encode("utf-8"))
    write(site / "robots.txt", feeds.robots(website))
    if website:
        paths = [*_FOLDERS, *(f"data/{key}/" for key in INDICES)]
        paths += [f"{record.issue_path}/" for record in newest] + [f"{record.path}/" for record in versions]
        write(site / "sitemap.xml", feeds.sitemap(website, paths))
    else:
        (site / "sitemap.xml").unlink(missing_ok=True)
