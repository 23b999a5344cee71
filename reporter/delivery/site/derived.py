"""Everything that derives from the archive: home, lists, neighbours, status pages, long series, feeds, search, calendar, dashboard.

Goes in: the records and what the site keeps beside them (``calendar/declared.json``). Comes out: files of the site, equal for equal
archives, under the website's address of now. Only the pages that a new issue touches are made again: the lists, its own pages
and its neighbours'.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from reporter.delivery.site import calendar, metadata
from reporter.delivery.site.archive import Archive, Record
from reporter.delivery.site.pages import (
    INDICES,
    LongSeries,
    Pages,
    correction_lines,
    status_name,
)
from reporter.delivery.site.tree import NextSite
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.domain.thai import quarter_th

# Sources: RFC 4287 (Atom); sitemaps.org 0.9, which knows absolute addresses only.
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FEED_ID = "urn:mol-th:labour-market-report"
_FOLDERS = ("", "issues/", "dashboard/", "how-to-read/", "methods/", "data/", "calendar/", "search/")


def write_derived(
    site: NextSite, archive: Archive, declarations: Declarations, *, changed: pd.Period | None = None
) -> None:
    """Write all derived files. ``changed`` limits the issues' own pages to that quarter, its neighbours and missing ones.

    Where the website has moved, every page is made again: addresses stand in all of them.
    """
    state = calendar.state_of_next(site)
    has_moved = calendar.state_of(site.root).website != state.website
    archive = {
        quarter: [
            replace(record, content={**record.content, "website": state.website}) for record in versions
        ]
        for quarter, versions in archive.items()
    }
    newest = [versions[-1] for versions in reversed(list(archive.values()))]
    pages = Pages(newest[0])
    _write_issues(site, archive, None if has_moved else changed)
    site.write("index.html", pages.home(newest))
    site.write("issues/index.html", pages.issues(newest))
    site.write("methods/index.html", pages.methods())
    site.write("how-to-read/index.html", pages.reading_guide(declarations))
    site.write("dashboard/index.html", pages.dashboard(declarations))
    site.write("data/index.html", pages.data(declarations))
    site.write("404.html", pages.not_found())
    site.write("search/index.html", pages.search())
    site.write("search/search-data.js", search_data(newest))
    _write_series(site, newest, pages, declarations)
    _write_feeds(site, archive, newest, pages, state)


def _write_issues(site: NextSite, archive: Archive, changed: pd.Period | None) -> None:
    quarters = list(archive)
    for position, quarter in enumerate(quarters):
        versions = archive[quarter]
        home = f"{versions[-1].issue_path}/index.html"
        is_near = changed is None or abs(position - quarters.index(changed)) <= 1
        is_there = site.exists(home) and all(
            site.exists(f"{record.status_path}/index.html") for record in versions
        )
        if not is_near and is_there:
            continue
        before = archive[quarters[position - 1]][-1] if position else None
        after = archive[quarters[position + 1]][-1] if position + 1 < len(quarters) else None
        site.write(home, Pages(versions[-1]).issue(versions, before, after))
        for number, record in enumerate(versions, start=1):
            later = versions[number:]
            pages = Pages(versions[-1])
            site.write(f"{record.issue_path}/{status_name(record)}", pages.status(record, later))
            site.write(f"{record.status_path}/index.html", pages.status_page(record, later))


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


def parts_of(key: str, declarations: Declarations) -> list[LongSeries]:
    """The whole of an index, then its dimensions or domains as declared."""
    if key == "labour_index":
        items = declarations.dimensions.items()
        named = [LongSeries(code, item.name.th, item.description.th) for code, item in items]
    else:
        named = [LongSeries(option.id, option.name.th) for option in declarations.questionnaires[key].domains]
    return [LongSeries("overall", "ดัชนีรวม"), *named]


def _write_series(site: NextSite, newest: Sequence[Record], pages: Pages, declarations: Declarations) -> None:
    for key in INDICES:
        series = spliced(newest, key)
        known = parts_of(key, declarations)
        # A part that is no longer declared keeps its code for a name.
        gone = sorted(series.keys() - {part.code for part in known})
        parts = [part for part in known if part.code in series] + [LongSeries(code, code) for code in gone]
        periods = sorted({period for values in series.values() for period in values})
        site.write(f"data/{key}/index.html", pages.series(key, parts, periods, series))
        site.write(f"data/{key}/series.csv", _csv(key, parts, periods, series))


def spliced(newest: Sequence[Record], key: str) -> dict[str, dict[str, float]]:
    """The long series: each quarter as the newest issue that has it says, older issues filling what it lacks."""
    series: dict[str, dict[str, float]] = {}
    for record in newest:
        for part, values in record.content["series"].get(key, {}).items():
            held = series.setdefault(part, {})
            series[part] = {**values, **held}
    return series


def _csv(key: str, parts: Sequence[LongSeries], periods: Sequence[str], series: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["index", "part", "part_name_th", "period", "value"])
    for part in parts:
        for period in periods:
            if period in series[part.code]:
                writer.writerow([key, part.code, part.name, period, repr(series[part.code][period])])
    return stream.getvalue()


def _write_feeds(
    site: NextSite,
    archive: Archive,
    newest: Sequence[Record],
    pages: Pages,
    state: calendar.State,
) -> None:
    title = newest[0].content["settings"]["title"]["th"]
    versions = [record for records in reversed(list(archive.values())) for record in reversed(records)]
    to_come = calendar.planned(newest[0], state)
    catalogue = metadata.catalogue(newest, title)
    site.write("data/catalog.jsonld", json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n")
    site.write("feed.xml", atom(versions, title))
    site.write("calendar/index.html", pages.calendar(newest, to_come, state.today))
    site.write("calendar/releases.ics", calendar.ics(newest, to_come, title).encode("utf-8"))
    site.write("robots.txt", robots(state.website))
    if state.website:
        latest = max(record.moment for record in newest)
        dated = dict.fromkeys([*_FOLDERS, *(f"data/{key}/" for key in INDICES)], latest)
        # A superseded version stays where it is, but a search engine is led to the newest one only.
        dated |= {f"{path}/": record.moment for record in newest for path in (record.issue_path, record.path)}
        site.write("sitemap.xml", sitemap(state.website, dated))
    else:
        site.remove("sitemap.xml")


def atom(versions: Sequence[Record], title: str) -> str:
    """Every version as an entry; a correction is an entry of its own. ``versions`` newest first."""
    newest = versions[0]
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "th"})
    SubElement(feed, "id").text = _FEED_ID
    SubElement(feed, "title").text = title
    moments = [record.withdrawn.get("when", record.moment) for record in versions]
    SubElement(feed, "updated").text = max(moments, key=dt.datetime.fromisoformat)
    SubElement(SubElement(feed, "author"), "name").text = metadata.owner(newest)
    website = newest.content["website"]
    SubElement(feed, "link", {"rel": "self", "href": f"{website}/feed.xml" if website else "feed.xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{website}/" if website else "index.html"})
    for record in versions:
        entry = SubElement(feed, "entry")
        marked = f" ({record.content['mark']})" if record.content["mark"] else ""
        corrected = f" ฉบับแก้ไข (ฉบับที่ {record.version})" if record.version > 1 else ""
        SubElement(entry, "id").text = metadata.identifier(record)
        SubElement(entry, "title").text = f"{record.content['title']}{corrected}{marked}"
        SubElement(entry, "published").text = record.moment
        SubElement(entry, "updated").text = record.withdrawn.get("when", record.moment)
        base = f"{website}/" if website else ""
        SubElement(entry, "link", {"rel": "alternate", "href": f"{base}{record.path}/index.html"})
        notice = f"แก้ไข: {' '.join(correction_lines(record))} " if record.content["correction"] else ""
        if record.withdrawn:
            notice = f"ถอนแล้ว: {record.withdrawn['reason']} {notice}"
        SubElement(entry, "summary").text = notice + metadata.description(record)
    return _text(feed)


def sitemap(website: str, dated: Mapping[str, str]) -> str:
    """The addresses of all pages; ``dated``: path relative to the root (folders end with a slash) -> when it changed."""
    root = Element("urlset", {"xmlns": _SITEMAP})
    for path, moment in dated.items():
        entry = SubElement(root, "url")
        SubElement(entry, "loc").text = f"{website}/{path}"
        SubElement(entry, "lastmod").text = moment
    return _text(root)


def robots(website: str) -> str:
    """Everything may be read; the sitemap's address where there is one."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {website}/sitemap.xml\n" if website else "")


def _text(root: Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
