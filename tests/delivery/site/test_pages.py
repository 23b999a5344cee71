"""The whole site with eight issues: links, anchors, hosts, headings, feeds, metadata."""

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import feedparser
import icalendar
import pandas as pd
import pytest

from reporter.delivery.built_issue import IssueDocument, read_document
from reporter.delivery.site import metadata, publish, tree
from reporter.delivery.site.archive import Record
from reporter.delivery.site.pages import Pages
from reporter.delivery.site.search import FORMAT
from reporter.domain import schema
from reporter.domain.declarations import asset
from reporter.domain.errors import InputError
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared
from reporter.measures import load_annex
from reporter.sources import catalogue
from tests.delivery.site.conftest import CHARTS, SVG, build_small, request
from tests.support.issue_json import chapter, paragraph, section

pytestmark = pytest.mark.slow


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
                # the same page in another language, by the site's own address
                is_language = given.get("rel") == "alternate" and "hreflang" in given
                self.links.append(
                    given[name].replace("https://labour.example.org", "") + "index.html"
                    if is_language
                    else given[name]
                )
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
            if parts.scheme == "mailto":
                continue
            if parts.scheme or parts.netloc:
                dead.append((path, link))
                continue
            start = eight if parts.path.startswith("/") else path.parent
            target = Path(start, unquote(parts.path.lstrip("/"))).resolve() if parts.path else path
            is_there = target.is_file() and (
                not parts.fragment
                or "=" in parts.fragment  # what a dashboard or the search shows
                or target not in pages
                or unquote(parts.fragment) in pages[target].ids
            )
            if not is_there:
                dead.append((path, link))
    assert dead == []
    assert sum(len(page.links) for page in pages.values()) > 1000


def test_every_page_has_its_language_with_one_h1_alternative_texts_and_no_inline_code(pages, eight):
    for path, page in pages.items():
        lang = "en" if path.relative_to(eight).parts[0] == "en" else "th"
        assert (page.lang, page.h1) == (lang, 1), path
        assert all(page.images), path
        assert page.inline == [], path
        text = path.read_text(encoding="utf-8")
        assert text.count("Content-Security-Policy") == 1, path
        assert text.count('name="viewport"') == 1, path


def test_feed_has_every_version(eight):
    feed = feedparser.parse((eight / "feed.xml").read_bytes())
    assert not feed.bozo
    assert len(feed.entries) == 9
    assert len({entry.id for entry in feed.entries}) == 9
    assert "แก้ไข: ตัวเลขมิติค่าจ้างผิด" in feed.entries[1].summary


def test_feed_has_what_rfc_4287_asks_for(eight):
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(eight / "feed.xml").getroot()
    assert [len(feed.findall(f"{atom}{name}")) for name in ("id", "title", "updated", "author")] == [
        1,
        1,
        1,
        1,
    ]
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{atom}link")}
    assert links["self"] == "https://labour.example.org/feed.xml"
    moments = [datetime.fromisoformat(node.text) for node in feed.iter(f"{atom}updated")]
    assert all(moment.tzinfo for moment in moments)
    assert moments[0] == max(moments)
    for entry in feed.findall(f"{atom}entry"):
        assert [len(entry.findall(f"{atom}{name}")) for name in ("id", "title", "updated", "summary")] == [
            1,
            1,
            1,
            1,
        ]
        assert entry.find(f"{atom}id").text.startswith("urn:")
        place = entry.find(f"{atom}link").get("href").removeprefix("https://labour.example.org/")
        assert (eight / place).is_file()


def test_calendar_names_past_and_coming_issues(eight):
    raw = (eight / "calendar/releases.ics").read_bytes()
    assert all(len(row) <= 75 for row in raw.split(b"\r\n"))
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(events) == 12
    assert [str(event["STATUS"]) for event in events].count("TENTATIVE") == 4
    # 2025-09-30 to 2025-11-19 is 50 days; 50 days after 2025-12-31.
    assert events[8].decoded("DTSTART") == date(2026, 2, 19)


def test_declared_releases_replace_estimates(tmp_path):
    out, site, workspace = tmp_path / "out", tmp_path / "site", tmp_path / "work"
    workspace.mkdir()
    declared = '[[releases]]\nquarter = "2026-Q1"\nat = 2026-05-15T10:00:00\n'
    (workspace / "calendar.toml").write_text(declared, encoding="utf-8")
    build_small(out, "2025-Q3")
    publish(request(out, site, data=workspace))
    page = (site / "calendar/index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "ไตรมาสที่ 1 ปี 2569: 15 พฤษภาคม 2569 เวลา 10.00 น." in page
    assert page.count("(โดยประมาณ)") == 3
    events = icalendar.Calendar.from_ical((site / "calendar/releases.ics").read_bytes()).walk("VEVENT")
    event = next(event for event in events if event["UID"].startswith("2026-q1"))
    # 10.00 in Bangkok is 03.00 UTC.
    assert (event.decoded("DTSTART").isoformat(), str(event["STATUS"])) == (
        "2026-05-15T03:00:00+00:00",
        "CONFIRMED",
    )
    # The site keeps what was declared: a later publish without the workspace says the same.
    publish(request(out, site))
    assert "15 พฤษภาคม 2569" in (site / "calendar/index.html").read_text(encoding="utf-8").replace(
        "\u00a0", " "
    )


def test_wrong_calendar_stops_the_publish(tmp_path):
    out, site, workspace = tmp_path / "out", tmp_path / "site", tmp_path / "work"
    workspace.mkdir()
    (workspace / "calendar.toml").write_text("releases = 3", encoding="utf-8")
    build_small(out, "2025-Q3")
    with pytest.raises(InputError, match="calendar"):
        publish(request(out, site, data=workspace))
    assert not site.exists()


def test_linked_data_describes_the_files(pages, eight):
    report, dataset = (json.loads(text) for text in pages[eight / "2568/q2/index.html"].data)
    assert (report["@type"], dataset["@type"]) == ("Report", "Dataset")
    base = "https://labour.example.org/"
    assert all((eight / file["contentUrl"].removeprefix(base)).is_file() for file in dataset["distribution"])
    assert len(dataset["distribution"]) > 10
    catalogue = json.loads((eight / "data/catalog.jsonld").read_text(encoding="utf-8"))["@graph"]
    assert [entry["@type"] for entry in catalogue] == ["dcat:Catalog", *["dcat:Dataset"] * 8]
    assert {entry["@id"] for entry in catalogue[1:]} == {
        entry["@id"] for entry in catalogue[0]["dcat:dataset"]
    }
    files = [file for entry in catalogue[1:] for file in entry["dcat:distribution"]]
    assert all((eight / file["dcat:downloadURL"]["@id"].removeprefix(base)).is_file() for file in files)


# Rules of the Data Package and Table Schema profiles (frictionless, v1) that concern what we write.
NAME = re.compile(r"([-a-z0-9._/])+")
TYPES = {"string", "number", "integer", "boolean"}


def test_data_package_keeps_the_profile_and_fits_its_files(eight):
    folder = eight / "2568/q2/v2"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["profile"] == "tabular-data-package"
    assert package["version"] == "2.0.0"
    assert NAME.fullmatch(package["name"])
    assert datetime.fromisoformat(package["created"]).tzinfo
    assert all(re.fullmatch(r"([-a-zA-Z0-9._])+", licence["name"]) for licence in package["licenses"])
    assert len({resource["name"] for resource in package["resources"]}) == len(package["resources"]) > 10
    for resource in package["resources"]:
        assert NAME.fullmatch(resource["name"])
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == rows[0]
        for column, field in enumerate(fields):
            assert field["type"] in TYPES
            values = [row[column] for row in rows[1:200] if row[column]]
            if field["type"] in ("number", "integer"):
                assert all(
                    {"number": float, "integer": int}[field["type"]](value) is not None for value in values
                )


def test_the_codebook_and_the_data_package_say_what_the_schema_says(eight):
    page = (eight / "data/index.html").read_text(encoding="utf-8")
    assert schema.declared_tables()["forecast"].columns["low80"].meaning.th in page
    package = json.loads((eight / "2568/q2/v2/datapackage.json").read_text(encoding="utf-8"))
    found = {resource["name"]: resource for resource in package["resources"]}["labour-index"]["schema"]
    assert found["primaryKey"] == ["group", "dimension", "period"]
    assert {field["name"]: field["title"] for field in found["fields"]}["dimension"] == "มิติ"
    assert {field["name"]: field.get("unit") for field in found["fields"]}["value"] == "จุด"


# Choices of the government catalogue's form (its CKAN extension), for the items that have a list.
CHOICES = {
    "data_type": {"ข้อมูลระเบียน", "ข้อมูลสถิติ", "ข้อมูลภูมิสารสนเทศเชิงพื้นที่", "ข้อมูลหลากหลายประเภท", "ข้อมูลประเภทอื่นๆ"},
    "objective": {"ยุทธศาสตร์ชาติ", "แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ", "เพื่อการให้บริการประชาชน", "พันธกิจหน่วยงาน", "อื่นๆ"},
    "update_frequency_unit": {"ปี", "ครึ่งปี", "ไตรมาส", "เดือน", "วัน"},
    "geo_coverage": {"ประเทศ", "ภาค", "จังหวัด", "อำเภอ"},
    "data_format": {"Database", "CSV", "XML", "JSON", "HTML", "XLS", "PDF", "RDF"},
    "data_category": {"ข้อมูลสาธารณะ", "ข้อมูลส่วนบุคคล", "ข้อมูลความมั่นคง", "ข้อมูลความลับทางราชการ"},
    "license_id": {"Creative Commons Attributions", "Open Data Common"},
}  # fmt: skip


def test_fourteen_required_government_items_are_filled_with_the_forms_choices(eight):
    package = json.loads((eight / "2568/q2/v2/datapackage.json").read_text(encoding="utf-8"))
    government = package["custom"]["thai_government_metadata"]
    assert len(metadata.REQUIRED_ITEMS) == 14
    assert government.keys() == {field for _, fields in metadata.REQUIRED_ITEMS for field in fields}
    assert all(government.values())
    assert government["maintainer_email"] == "stat@mol.example"
    for field, choices in CHOICES.items():
        given = government[field] if isinstance(government[field], list) else [government[field]]
        assert set(given) <= choices, field
    page = (eight / "2568/q2/v2/index.html").read_text(encoding="utf-8")
    assert all(
        f"{number}. {name}" in page for number, (name, _) in enumerate(metadata.REQUIRED_ITEMS, start=1)
    )


def test_issue_page_of_full_size_stays_under_500_kilobytes_before_figures(eight):
    content = json.loads((eight / "2568/q2/v2/record.json").read_text(encoding="utf-8"))
    figure = {**content["figures"][0], "alt": "เส้นแสดงดัชนี " * 60}
    content["figures"] = [{**figure, "id": f"figure-{number}"} for number in range(60)]
    content["files"] = [
        {**content["files"][0], "path": f"tables/table_{number}.csv"} for number in range(200)
    ]
    content["fields"] = {f"table_{number}": {"value": "number"} for number in range(200)}
    page = Pages(record := Record(parse_quarter("2025-Q2"), 2, content)).version(record)
    links = re.findall(r'(?:href|src)="\.\./\.\./\.\./(assets/[^"]+)"', page)
    weight = len(page.encode()) + sum((eight / link).stat().st_size for link in links)
    weight += sum(font.stat().st_size for font in (eight / "assets").glob("*.woff2"))
    assert 200_000 < weight < 500_000


def test_libraries_are_as_released_and_their_licences_travel(eight):
    vendor = asset("templates", "site", "vendor")
    for name, library in tree.vendored().items():
        content = (vendor / library["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == library["sha256"], name
        assert all((eight / "assets" / licence).is_file() for licence in library["licence_files"])
    assert {"svg-maps-thailand"} == set(tree.vendored())


def test_report_names_its_tables_under_every_figure(pages, eight):
    page = pages[eight / "2568/q2/v1/report.html"]
    assert {"tables/labour_index.csv", "tables/confidence.csv"} <= set(page.links)
    # The file's name that print gives instead stays in print.
    text = (eight / "2568/q2/v1/report.html").read_text(encoding="utf-8")
    assert "ที่มา: ข้อมูลสังเคราะห์</p>" in text


def test_methods_are_chosen_by_their_titles_not_their_numbers(tmp_path):
    methods = read_document(build_small(tmp_path, "2025-Q3")).methods()
    assert [(item["id"], item["title"]) for item in methods] == [
        ("s-appendix-1", "วิธีอ่านดัชนี"),
        ("s-appendix-3", "อภิธานศัพท์"),
    ]
    assert "จุดร้อยละ" in methods[1]["html"] and "77" not in methods[1]["html"]


def test_the_revision_policy_and_the_track_record_stand_on_the_methods_page(tmp_path):
    """The policy is a section of the appendix, the track record one of the technical volume."""
    report = [
        section("s-appendix-2", "นโยบายการปรับปรุงย้อนหลัง", paragraph("ค่าของสองปีล่าสุดปรับได้"), number="10.2")
    ]
    volume = [section("s-methods-1", "การปรับปรุงข้อมูลย้อนหลัง", paragraph("ตารางที่ 1"), number="1.1")]
    made = IssueDocument(
        {"chapters": [chapter("appendix", 10, "ภาคผนวก", *report)]},
        tmp_path,
        (chapter("methods", 1, "วิธี", *volume),),
    ).methods()
    assert [item["id"] for item in made] == ["s-appendix-2", "s-methods-1"]
    assert "ค่าของสองปีล่าสุดปรับได้" in made[0]["html"]


def test_the_map_of_sources_has_every_series_with_its_state(eight):
    text = (eight / "data/sources/index.html").read_text(encoding="utf-8")
    rows = catalogue.origins(declared.load(None), load_annex(), catalogue.load())
    assert rows and all(f"<code>{row.series}</code>" in text for row in rows)
    assert {catalogue.STATES[row.state] for row in rows} <= set(re.findall(r"<td>([^<]+)</td></tr>", text))
    assert "sources/index.html" in (eight / "data/index.html").read_text(encoding="utf-8")


def test_the_dashboards_signals_are_the_tables(eight):
    text = (eight / f"dashboard/2568q3v1-{FORMAT}/main.js").read_text(encoding="utf-8")
    held = json.loads(text[text.index(",") + 1 : -3])["signals"]
    table = pd.read_csv(eight / "2568/q3/v1/tables/signals.csv").query("kind in ['index', 'dimension']")
    for item, own in table[table["period"] > "2022-Q3"].groupby("item"):
        assert {period: held["rows"][item][period] for period in own["period"]} == dict(
            zip(own["period"], own["signal"], strict=True)
        )
    assert {signal for signal, *_ in held["indicators"]} <= {"watch", "alert"}


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
    assert [row for row in newest if row.startswith(f"overall,TH,2025-Q3,{value},")]


def test_the_manuals_stand_on_the_site_with_their_pictures_and_lead_to_each_other(eight):
    for folder in ("guide", "guide/methods", "guide/messages"):
        page = (eight / folder / "index.html").read_text(encoding="utf-8")
        assert page.count("guide/methods/index.html") >= 1 and "<article" in page
    guide = (eight / "guide/index.html").read_text(encoding="utf-8")
    for name in re.findall(r'src="([a-z]+\.png)"', guide):
        assert (eight / "guide" / name).stat().st_size > 10_000
    assert "average_wage" in (eight / "guide/methods/index.html").read_text(encoding="utf-8")


def test_a_chart_drawn_for_phones_is_offered_to_narrow_screens_and_a_wide_one_without_is_passed_sideways(
    tmp_path,
):
    folder = build_small(tmp_path, "2025-Q3")
    (folder / "charts/phone").mkdir()
    wide, narrow = (SVG.replace("460", str(width)) for width in (505, 261))
    for name in CHARTS:
        (folder / f"charts/{name}.svg").write_text(wide, encoding="utf-8")
    (folder / "charts/phone/index_history.svg").write_text(narrow, encoding="utf-8")
    page = read_document(folder).html()
    first, second = (page[page.index(f'id="fig-{name}"') :][:900] for name in CHARTS)
    assert '<source media="(max-width: 40rem)" srcset="charts/phone/index_history.svg" width="261"' in first
    assert 'class="enlarge"' in first and 'class="enlarge wide"' in second and "srcset" not in second
