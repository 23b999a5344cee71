"""Everything that derives from the archive: home, lists, neighbours, long series, feeds, search, calendar, dashboard.

Goes in: the records. Comes out: files of the site, equal for equal archives. Only the pages that a new issue touches are
made again: the lists, its own pages and its neighbours'.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.declarations import Declarations
from reporter.periods import iso
from reporter.site import calendar, feeds
from reporter.site.archive import Record
from reporter.site.pages import INDICES, Pages
from reporter.site.tree import write
from reporter.thai import quarter_th

Archive = Mapping[pd.Period, Sequence[Record]]
_NOTICE = "<!-- correction -->"
_FOLDERS = ("", "issues/", "dashboard/", "how-to-read/", "methods/", "data/", "calendar/", "search/")


def write_derived(
    site: Path, archive: Archive, declarations: Declarations, *, changed: pd.Period | None = None
) -> None:
    """Write all derived files. ``changed`` limits the issues' own pages to that quarter and its neighbours."""
    newest = [versions[-1] for versions in reversed(list(archive.values()))]
    pages = Pages(newest[0])
    _write_issues(site, archive, changed)
    write(site / "index.html", pages.home(newest))
    write(site / "issues" / "index.html", pages.issues(newest))
    write(site / "methods" / "index.html", pages.methods())
    write(site / "how-to-read" / "index.html", pages.reading_guide())
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
        if changed is not None and abs(position - quarters.index(changed)) > 1:
            continue
        versions = archive[quarter]
        before = archive[quarters[position - 1]][-1] if position else None
        after = archive[quarters[position + 1]][-1] if position + 1 < len(quarters) else None
        page = Pages(versions[-1]).issue(versions, before, after)
        write(site / versions[-1].issue_path / "index.html", page)
        for record in versions[:-1]:
            _announce_correction(site / record.path, versions[-1])


def _announce_correction(folder: Path, newest: Record) -> None:
    """Put the notice of the correction into an earlier version's pages, where they keep the place for it free."""
    notice = (
        f'<p class="erratum"><strong>ฉบับนี้มีการแก้ไข</strong> {escape(newest.content["correction"])} '
        f'<a href="../v{newest.version}/index.html">อ่านฉบับแก้ไข (ฉบับที่ {newest.version})</a></p>'
    )
    for name in ("index.html", "read.html"):
        text = (folder / name).read_text(encoding="utf-8")
        before, _, rest = text.partition(_NOTICE)
        _, _, after = rest.partition(_NOTICE)
        write(folder / name, f"{before}{_NOTICE}{notice}{_NOTICE}{after}")


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


def part_names(key: str, declarations: Declarations) -> dict[str, str]:
    """Dimensions or domains of an index -> their Thai names, the whole first."""
    if key == "labour_index":
        return {"overall": "ดัชนีรวม", **{code: item.name.th for code, item in declarations.dimensions.items()}}
    domains = declarations.questionnaires[key].domains
    return {"overall": "ดัชนีรวม", **{option.id: option.name.th for option in domains}}


def _write_series(site: Path, newest: Sequence[Record], pages: Pages, declarations: Declarations) -> None:
    for key in INDICES:
        series = spliced(newest, key)
        names = part_names(key, declarations)
        parts = {code: names.get(code, code) for code in [*names, *series] if code in series}
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


def _csv(key: str, parts: Mapping[str, str], periods: Sequence[str], series: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["index", "part", "part_name_th", "period", "value"])
    for code, name in parts.items():
        for period in periods:
            if period in series[code]:
                writer.writerow([key, code, name, period, repr(series[code][period])])
    return stream.getvalue()


def _write_feeds(site: Path, archive: Archive, newest: Sequence[Record], pages: Pages) -> None:
    title = newest[0].content["settings"]["title"]["th"]
    website = newest[0].content["website"]
    versions = [record for records in reversed(list(archive.values())) for record in reversed(records)]
    to_come = calendar.planned(newest[0])
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
