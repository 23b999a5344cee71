"""Headless Chromium over the site, from the disk: axe, narrow screens, choosing, download, search, no scripts, print."""

import csv
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KINDS = (
    "index.html", "issues/index.html", "2568/q2/index.html", "2568/q2/v1/index.html", "2568/q2/v1/read.html",
    "how-to-read/index.html", "dashboard/index.html", "data/index.html", "data/labour_index/index.html",
    "methods/index.html", "calendar/index.html", "search/index.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda asked: problems.append(asked.url) if asked.url.startswith("http") else None)
    yield opened
    opened.close()
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_kind_of_page(browser, eight, scheme):
    page = browser.new_page()  # axe itself asks for stylesheets once more, which a page on a disk may not
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for kind in KINDS:
        page.goto((eight / kind).as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, f"{kind}\n{found.generate_report()}"
    page.close()


def test_nothing_sticks_out_at_320_pixels(page, eight):
    page.set_viewport_size({"width": 320, "height": 700})
    for kind in KINDS:
        page.goto((eight / kind).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind


def test_choosing_a_province_changes_all_panels_and_the_address(page, eight):
    page.goto((eight / "dashboard/index.html").as_uri())
    assert page.locator(".panel .view svg").count() >= 9
    page.locator('[data-code="PROVINCE:TH-50"]').focus()
    page.keyboard.press("Enter")
    assert page.locator("#choose-g").input_value() == "PROVINCE:TH-50"
    assert "g=PROVINCE%3ATH-50" in page.url
    for item in ("history", "employer", "worker", "rates"):
        assert "เชียงใหม่" in page.locator(f"#{item}").inner_text(), item
    # The keyboard stays where it was, and the address alone brings the same state back.
    assert page.evaluate("document.activeElement.dataset.code") == "PROVINCE:TH-50"
    page.reload()
    assert page.locator("#choose-g").input_value() == "PROVINCE:TH-50"


def test_download_holds_what_is_shown(page, eight):
    page.goto((eight / "dashboard/index.html").as_uri() + "#g=TH&d=overall&q=2025-Q3&m=labour_index")
    page.locator("#history details summary").first.click()
    with page.expect_download() as started:
        page.locator("#history details button").first.click()
    rows = list(csv.reader(Path(started.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + 13 + 4
    published = (eight / "2568/q3/v1/tables/labour_index.csv").read_text(encoding="utf-8").splitlines()
    value = next(row for row in published if row.startswith("overall,TH,2025-Q3,")).rsplit(",", 1)[1]
    assert rows[13][:2] == ["3/2568", f"{float(value):.1f}"]


def test_search_finds_an_issue_by_its_words(page, eight):
    page.goto((eight / "search/index.html").as_uri())
    page.fill("#query", "2.4 ดัชนีลดลง")
    assert page.locator("#results a").count() == 1
    page.locator("#results a").click()
    assert page.url.endswith("2568/q2/index.html")


def test_dashboard_without_scripts_shows_still_charts(browser, eight):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((eight / "dashboard/index.html").as_uri())
    assert page.locator(".static img").first.is_visible()
    assert not page.locator("#controls").is_visible()
    context.close()


def test_print_leaves_out_what_cannot_be_used_on_paper(page, eight):
    page.goto((eight / "dashboard/index.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("#controls").is_visible()
    assert page.locator("#history svg").first.is_visible()
    assert page.locator(".mark").first.is_visible()
