"""The whole site with eight issues: links, anchors, hosts, headings, feeds, metadata."""

import csv
import io
import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser
import icalendar
import pytest

PAGES_WITHOUT_SITE_HEAD = {"report.html"}  # the issue's own file, kept as built


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.ids, self.images, self.data = [], set(), [], []
        self.h1, self.lang, self._is_data, self.inline = 0, "", False, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.add(given["id"])
        self.h1 += tag == "h1"
        if tag == "html":
            self.lang = given.get("lang")
        if tag == "img":
            self.images.append(given.get("alt"))
        for name in ("href", "src"):
            if name in given and given.get("rel") not in ("canonical", "schema.DC"):
                self.links.append(given[name])
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self._is_data = tag == "script" and given.get("type") == "application/ld+json"
        if tag == "style" or (tag == "script" and "src" not in given and not self._is_data):
            self.inline.append(tag)

    def handle_data(self, text):
        if self._is_data:
            self.data.append(text)

    def handle_endtag(self, tag):
        self._is_data = False


@pytest.fixture(scope="module")
def pages(eight):
    return {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(eight.rglob("*.html"))}


def test_no_link_is_dead_and_none_leaves_the_site(pages, eight):
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                dead.append((path, link))
                continue
            start = eight if parts.path.startswith("/") else path.parent
            target = Path(start, unquote(parts.path.lstrip("/"))).resolve() if parts.path else path
            is_there = target.is_file() and (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].ids
            )
            if not is_there:
                dead.append((path, link))
    assert dead == []
    assert sum(len(page.links) for page in pages.values()) > 1000


def test_every_page_is_thai_with_one_h1_alternative_texts_and_no_inline_code(pages):
    for path, page in pages.items():
        if path.name in PAGES_WITHOUT_SITE_HEAD:
            continue
        assert (page.lang, page.h1) == ("th", 1), path
        assert all(page.images), path
        assert page.inline == [], path
        assert "Content-Security-Policy" in path.read_text(encoding="utf-8")


def test_feed_has_every_version(eight):
    feed = feedparser.parse((eight / "feed.xml").read_bytes())
    assert not feed.bozo
    assert len(feed.entries) == 9
    assert len({entry.id for entry in feed.entries}) == 9
    assert "แก้ไข: ตัวเลขมิติค่าจ้างผิด" in feed.entries[1].summary


def test_calendar_names_past_and_coming_issues(eight):
    raw = (eight / "calendar/releases.ics").read_bytes()
    assert all(len(row) <= 75 for row in raw.split(b"\r\n"))
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(events) == 12
    assert [str(event["STATUS"]) for event in events].count("TENTATIVE") == 4
    # 2025-09-30 to 2025-11-19 is 50 days; 50 days after 2025-12-31.
    assert events[8].decoded("DTSTART") == date(2026, 2, 19)


def test_linked_data_and_data_package_describe_the_files(pages, eight):
    page = pages[eight / "2568/q2/index.html"]
    report, dataset = (json.loads(text) for text in page.data)
    assert (report["@type"], dataset["@type"]) == ("Report", "Dataset")
    package = json.loads((eight / "2568/q2/v2/datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == "2.0.0"
    assert all((eight / "2568/q2/v2" / resource["path"]).is_file() for resource in package["resources"])
    assert len(dataset["distribution"]) == len(package["resources"]) > 10
    government = package["custom"]["thai_government_metadata"]
    assert len(government) == 15
    assert all(government.values())
    assert government["maintainer_email"] == "stat@mol.example"


def test_sitemap_names_pages_that_exist(eight):
    text = (eight / "sitemap.xml").read_text(encoding="utf-8")
    paths = [part.split("</loc>")[0] for part in text.split("<loc>https://labour.example.org/")[1:]]
    assert len(paths) > 25
    assert all((eight / path / "index.html").is_file() for path in paths)


def test_long_series_is_the_newest_issues_with_older_ones_before(eight):
    rows = list(
        csv.DictReader(io.StringIO((eight / "data/labour_index/series.csv").read_text(encoding="utf-8")))
    )
    overall = [row["period"] for row in rows if row["part"] == "overall"]
    assert overall == sorted(set(overall))
    assert overall[-1] == "2025-Q3"
    newest = (eight / "2568/q3/v1/tables/labour_index.csv").read_text(encoding="utf-8").splitlines()
    value = next(row for row in rows if row["part"] == "overall" and row["period"] == "2025-Q3")["value"]
    assert f"overall,TH,2025-Q3,{value}" in newest
