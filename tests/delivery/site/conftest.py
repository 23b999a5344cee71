"""A built issue in small: the files that ``reporter build`` leaves, made from example tables in a second."""

import datetime as dt
import html
import shutil
import time
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from reporter.delivery import release_log
from reporter.delivery.built_issue import headline_of_tables
from reporter.delivery.site import PublishRequest, publish
from reporter.domain import schema
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.thai import number
from reporter.inputs import declared
from reporter.pipeline import manifest
from reporter.report import pages
from tests.support.chromium import PATIENCE, chromium
from tests.support.issue_json import chapter, figure, paragraph, section, write_issue_json
from tests.support.issue_json import sentence as words
from tests.support.issue_json import table as small_table
from tests.support.tables import example_tables

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 200"><rect width="9" height="9"/></svg>'
CHARTS = {"index_history": "ดัชนีลดลง", "confidence_history-employer": "ความเชื่อมั่นทรงตัว"}
NOW = dt.datetime(2025, 11, 20, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))


NEWEST = "2025-Q3"
# Of the long tables only what the site's pages need, so that tests stay quick.
WANTED = (
    "labour_index", "confidence", "forecast", "contributions", "employer_actions", "traits", "priorities", "series",
    "movers", "weights", "release_notes", "priorities_by_group", "sensitivity", "group_ranking", "signals",
)  # fmt: skip
LONG = ("confidence", "priorities_by_group")


@cache
def all_tables() -> schema.Tables:
    """Every table of the example's newest quarter; the composite without a source among the sensitivities."""
    tables = dict(example_tables(NEWEST))
    other = tables["sensitivity"]
    other = other[other["choice"] == "equal_weights"]
    without = other.assign(choice="source_NSO", value=other["value"] - 0.7)
    return tables | {"sensitivity": pd.concat([tables["sensitivity"], without], ignore_index=True)}


@cache
def _newest_tables() -> schema.Tables:
    found = all_tables()
    since = iso(parse_quarter(NEWEST) - 5)
    return {
        name: found[name][found[name]["period"] >= since] if name in LONG else found[name] for name in WANTED
    }


def _tables(quarter: str) -> schema.Tables:
    """The example's tables as they would be for another quarter: the same numbers, every period moved."""
    behind = (parse_quarter(NEWEST) - parse_quarter(quarter)).n
    if not behind:
        return _newest_tables()
    moved = {}
    for name, table in _newest_tables().items():
        if "period" not in table:
            moved[name] = table
            continue
        known = {
            text: iso(pd.Period(text.replace("-Q", "Q"), freq="Q") - behind)
            if "Q" in text
            else str(pd.Period(text, freq="M") - 3 * behind)
            for text in table["period"].unique()
        }
        moved[name] = table.assign(period=table["period"].map(known))
    return moved


def report_html(quarter: str, sentence: str, levels: str = "") -> str:
    """The issue's own page: a name, its headline, its figures and a table."""
    figures = "".join(
        f'<figure id="fig-{key}"><figcaption>{title}</figcaption><img src="charts/{key}.svg" alt="เส้นแสดง{title}">'
        '<p class="source">ที่มา: ข้อมูลสังเคราะห์<span class="attached"> ข้อมูลในไฟล์แนบ: x.csv</span></p></figure>'
        for key, title in CHARTS.items()
    )
    return (
        f'<!doctype html><html lang="th"><head><title>รายงานภาวะแรงงานรายไตรมาส {quarter}</title></head><body>'
        f'<section class="cover"><h1>รายงานภาวะแรงงานรายไตรมาส</h1>{levels}</section>'
        f'<section class="chapter" id="summary"><h1>บทสรุป</h1><p>{html.escape(sentence)}</p></section>'
        f'<section class="chapter"><h1>ดัชนี</h1>{figures}</section></body></html>'
    )


def write_document(folder: Path, quarter: str, headline: dict, sentences: list[dict]) -> None:
    """The issue document with two figures, a table and an appendix."""
    drawn = [
        figure(
            key,
            title,
            number=number,
            source="ที่มา: ข้อมูลสังเคราะห์",
            tables=["labour_index" if number == 1 else "confidence"],
        )
        for number, (key, title) in enumerate(CHARTS.items(), start=1)
    ]
    linked = paragraph("ค่า 100 คือค่าเฉลี่ย")
    linked["sentences"][0]["spans"].append({"kind": "link", "text": "ตาราง", "target": "tab-1"})
    appendix = (
        section("s-appendix-1", "วิธีอ่านดัชนี", linked, number="10.1"),
        section("s-appendix-2", "ดัชนีรายจังหวัด", paragraph("77 จังหวัด"), number="10.2"),
        section("s-appendix-3", "อภิธานศัพท์", paragraph("จุดร้อยละ"), number="10.3"),
    )
    chapters = [
        chapter(
            "index",
            1,
            "ดัชนี",
            section("s-index-1", "ดัชนีรวม", *drawn, small_table("1", "ดัชนี"), number="1.1"),
        ),
        chapter("appendix", 10, "ภาคผนวก", *appendix),
    ]
    write_issue_json(folder, quarter, headline, sentences, chapters)


def build_small(
    out: Path,
    quarter: str,
    *,
    sentence: str = "ดัชนีลดลง 2.3 จุด",
    website: str = "",
    status: str = "draft",
    version: int = 1,
    approved: bool = False,
    claims: list[dict] | None = None,
    nowcast: dict[str, float] | None = None,
    **settings_more: object,
) -> Path:
    """An issue's folder with a true manifest; another ``sentence`` makes other bytes. With ``nowcast`` the composite is that alone."""
    folder = out / quarter
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "charts").mkdir(parents=True)
    for key in CHARTS:
        (folder / "charts" / f"{key}.svg").write_text(SVG, encoding="utf-8")
    schema.write_csv(_tables(quarter), folder / "tables")
    headline = headline_of_tables(folder, parse_quarter(quarter))
    if nowcast:
        headline["labour_index"] = dict.fromkeys(headline["labour_index"], None) | {"nowcast": nowcast}
    levels = " ".join(number(n["value"]) for n in headline.values() if n["value"] is not None)
    pages.write_page(report_html(quarter, sentence, f"<p>{levels}</p>"), folder)
    told = [{**words(sentence), "claims": claims or []}]
    write_document(folder, quarter, headline, told)
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 small")
    (folder / "data.xlsx").write_bytes(b"PK small")
    name = {"th": "กระทรวงแรงงาน", "en": "Ministry of Labour"}
    settings = dict.fromkeys(("ministry", "office", "division", "title"), name)
    head = {
        "quarter": quarter,
        "version": version,
        "status": status,
        "synthetic": True,
        "embargo": "",
        "headline": headline,
        "parameters": {
            "as_of": "2025-11-19",
            "settings": {**settings, "contact": "stat@mol.example", "website": website, **settings_more},
        },
    }
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    if approved:
        release_log.record_check(folder, when="2025-11-19T08:00:00+07:00")
        release_log.approve(folder, who="ผู้อนุมัติ", when="2025-11-19T09:00:00+07:00")
    return folder


def request(out: Path, site: Path, quarter: str = "2025-Q3", **more) -> PublishRequest:
    values = {"now": NOW, "allow_draft": True, **more}
    return PublishRequest(quarter=parse_quarter(quarter), out=out, site=site, **values)


def quarters(last: str, count: int) -> list[str]:
    newest = parse_quarter(last)
    return [iso(newest - step) for step in reversed(range(count))]


@pytest.fixture(scope="session")
def eight(tmp_path_factory):
    """A site with eight issues, one of them corrected."""
    out, site = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("www") / "site"
    for quarter in quarters("2025-Q3", 8):
        build_small(out, quarter, website="https://labour.example.org")
        publish(request(out, site, quarter))
    build_small(out, "2025-Q2", sentence="ดัชนีลดลง 2.4 จุด", website="https://labour.example.org", version=2)
    publish(request(out, site, "2025-Q2", correction="ตัวเลขมิติค่าจ้างผิด"))
    return site


@pytest.fixture(scope="session")
def all_declarations():
    return declared.load(None)


@pytest.fixture(scope="module")  # Chromium holds the event loop of its thread: other files need it free
def browser():
    """Chromium, once for all tests of the website."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser):
    """A page; at its end nothing was said in the console and nothing was asked of the network."""
    opened = browser.new_page()
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda asked: problems.append(asked.url) if asked.url.startswith("http") else None)
    yield opened
    opened.close()
    assert problems == []


def until(page, expression, seconds=PATIENCE / 1000):
    """Wait until an expression is true in the page. Playwright's own way makes code from text, which the pages' policy forbids."""
    ends = time.monotonic() + seconds
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < ends, expression
        page.wait_for_timeout(50)
