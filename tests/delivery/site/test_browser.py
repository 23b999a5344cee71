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
    "index.html", "issues/index.html", "2568/q2/index.html", "2568/q2/v1/index.html", "2568/q2/v2/index.html",
    "2568/q2/v1/read.html", "2568/q2/v1/report.html", "2568/q2/status-v1.html", "2568/q2/status-v2.html",
    "how-to-read/index.html", "dashboard/index.html", "data/index.html", "data/labour_index/index.html",
    "data/worker/index.html", "methods/index.html", "calendar/index.html", "search/index.html", "404.html",
)  # fmt: skip
DARK_KINDS = (
    "index.html", "2568/q2/v1/index.html", "2568/q2/v1/report.html", "2568/q2/status-v1.html", "dashboard/index.html",
    "data/labour_index/index.html",
)  # fmt: skip
DASHBOARD = "dashboard/index.html"


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


@pytest.mark.parametrize(("scheme", "kinds"), [("light", KINDS), ("dark", DARK_KINDS)])
def test_axe_finds_nothing_on_any_kind_of_page(browser, eight, scheme, kinds):
    page = browser.new_page()  # axe itself asks for stylesheets once more, which a page on a disk may not
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for kind in kinds:
        page.goto((eight / kind).as_uri())
        if kind == DASHBOARD:
            page.locator(".view svg").first.wait_for(state="attached")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{kind}\n{found.generate_report()}"
    page.close()


def test_nothing_sticks_out_at_400_per_cent_zoom(browser, eight):
    # WCAG 1.4.10: a window of 1280 x 1024 at 400 % is 320 x 256 CSS pixels.
    page = browser.new_page(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    for kind in KINDS:
        page.goto((eight / kind).as_uri())
        if kind == DASHBOARD:
            page.locator(".view svg").first.wait_for(state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
    page.close()


def open_dashboard(page, eight, state=""):
    page.goto((eight / DASHBOARD).as_uri() + state)
    page.locator(".view svg").first.wait_for()


def test_choosing_a_province_changes_all_panels_and_the_address(page, eight):
    open_dashboard(page, eight)
    # Every item has a chart by Vega, under a policy that forbids making code from text.
    for item in (
        "history",
        "dimensions",
        "groups",
        "employer",
        "worker",
        "rates",
        "actions",
        "traits",
        "priorities",
    ):
        assert page.locator(f"#{item} .chart svg.marks").count() >= 1, item
    assert "unsafe" not in page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    page.locator('[data-code="PROVINCE:TH-50"]').focus()
    page.keyboard.press("Enter")
    assert page.locator("#choose-g").input_value() == "PROVINCE:TH-50"
    assert "g=PROVINCE%3ATH-50" in page.url
    for item in ("history", "employer", "worker", "rates", "priorities"):
        assert "เชียงใหม่" in page.locator(f"#{item}").inner_text(), item
    # The keyboard stays where it was, and the address alone brings the same state back.
    assert page.evaluate("document.activeElement.dataset.code") == "PROVINCE:TH-50"
    page.reload()
    assert page.locator("#choose-g").input_value() == "PROVINCE:TH-50"


def test_download_holds_what_is_shown(page, eight):
    open_dashboard(page, eight, "#g=TH&d=overall&q=2025-Q3&m=labour_index")
    page.locator("#history details summary").first.click()
    with page.expect_download() as started:
        page.locator("#history details button").first.click()
    rows = list(csv.reader(Path(started.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + 13 + 4
    published = (eight / "2568/q3/v1/tables/labour_index.csv").read_text(encoding="utf-8").splitlines()
    value = next(row for row in published if row.startswith("overall,TH,2025-Q3,")).split(",")[3]
    assert rows[13][:2] == ["3/2568", f"{float(value):.1f}"]


def search(page, eight, words):
    page.goto((eight / "search/index.html").as_uri())
    page.fill("#query", words)
    page.press("#query", "Enter")
    page.wait_for_function("document.getElementById('count').textContent !== ''")
    return page.locator("#results > li > .hit a")


def test_search_leads_to_a_province_an_older_issue_and_says_what_it_corrected(page, eight):
    found = search(page, eight, "โคราช")
    assert found.first.inner_text() == "นครราชสีมา"
    found.first.click()
    page.wait_for_function("document.getElementById('choose-g')?.value === 'PROVINCE:TH-30'")
    page.go_back()
    assert search(page, eight, "2.4 2/2568").first.get_attribute("href").startswith("../2568/q2/")
    search(page, eight, "พยากรณฺ")
    assert "พยากรณ์" in page.locator("#count").inner_text()


def test_search_has_its_words_from_the_address_and_back_brings_the_last_ones(page, eight):
    page.goto((eight / "search/index.html").as_uri() + "?q=โคราช")
    page.wait_for_function("document.querySelectorAll('#results li').length > 0")
    assert page.input_value("#query") == "โคราช"
    page.fill("#query", "ระยอง")
    page.press("#query", "Enter")
    page.go_back()
    page.wait_for_function("document.querySelector('#results a')?.textContent === 'นครราชสีมา'")


def test_dashboard_without_scripts_shows_still_charts(browser, eight):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((eight / "dashboard/index.html").as_uri())
    assert page.locator(".static img").first.is_visible()
    assert not page.locator("#controls").is_visible()
    context.close()


def test_print_leaves_out_what_cannot_be_used_on_paper(page, eight):
    open_dashboard(page, eight)
    page.emulate_media(media="print")
    assert not page.locator("#controls").is_visible()
    assert page.locator("#history svg").first.is_visible()
    assert page.locator('[data-code="PROVINCE:TH-50"]').is_visible()
    assert page.locator(".mark").first.is_visible()


def test_chart_shows_the_tables_numbers_and_a_click_on_it_chooses(page, eight):
    open_dashboard(page, eight, "#g=TH&d=overall&q=2025-Q3&m=labour_index")
    rows = csv.DictReader(
        (eight / "2568/q3/v1/tables/labour_index.csv").read_text(encoding="utf-8").splitlines()
    )
    newest = {
        row["dimension"]: float(row["value"])
        for row in rows
        if (row["group"], row["period"]) == ("TH", "2025-Q3")
    }
    shown = page.locator("#dimensions .chart text").all_text_contents()
    known = [value for dimension, value in newest.items() if dimension != "overall"]
    assert sorted(f"{value:.1f}" for value in known) == sorted(text for text in shown if text[:1].isdigit())
    page.locator("#dimensions .chart .mark-rect path").nth(2).click()
    chosen = page.locator("#choose-d").input_value()
    assert chosen == [dimension for dimension in newest if dimension != "overall"][2]
    assert f"d={chosen}" in page.url


def test_picture_of_a_chart_carries_its_colours_away(page, eight):
    open_dashboard(page, eight)
    with page.expect_download() as started:
        page.get_by_role("button", name="ดาวน์โหลดภาพ (SVG)").first.click()
    svg = Path(started.value.path()).read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "var(" not in svg
    assert "#1f4e79" in svg.lower()


def focused(page):
    return page.evaluate(
        "document.activeElement.id || document.activeElement.dataset.code || document.activeElement.tagName"
    )


def test_keyboard_alone_walks_the_dashboard(page, eight):
    open_dashboard(page, eight)
    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box()["x"] >= 0  # the way past the menu shows itself
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    stops, outlines = [], []
    for _ in range(200):
        stops.append(focused(page))
        outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        if stops[-1] == "BODY":
            break
        if stops[-1] == "choose-q":
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
    assert "BODY" in stops  # no trap: the end of the page is reached
    assert [stop for stop in stops if stop.startswith("choose")] == [
        "choose-g",
        "choose-d",
        "choose-q",
        "choose-m",
    ]
    assert len([stop for stop in stops if stop.startswith("PROVINCE")]) == 1  # the map is one stop
    assert "none" not in outlines[:-1]
    assert page.locator("#choose-q").input_value() == "2025-Q2"
    assert "q=2025-Q2" in page.url


def test_arrows_walk_the_map_and_enter_chooses(page, eight):
    page.emulate_media(reduced_motion="reduce")  # a place on the screen is compared: no smooth scrolling
    open_dashboard(page, eight, "#g=PROVINCE:TH-50&d=overall&q=2025-Q3&m=labour_index")
    start = page.locator('[data-code="PROVINCE:TH-50"]')
    start.focus()
    row, column = (start.get_attribute(name) for name in ("data-row", "data-column"))
    page.keyboard.press("ArrowRight")
    height = page.evaluate("document.activeElement.getBoundingClientRect().top")
    page.keyboard.press("Enter")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    chosen = page.locator("#choose-g").input_value()
    tile = page.locator(f'[data-code="{chosen}"]')
    assert chosen != "PROVINCE:TH-50"
    assert tile.get_attribute("data-row") == row
    assert int(tile.get_attribute("data-column")) > int(column)
    # Panels above changed; the map stays under the reader's eye.
    assert abs(tile.bounding_box()["y"] - height) < 2
    page.locator("#history summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#history table").first.is_visible()


def test_nothing_moves_for_readers_who_asked_for_rest(page, eight):
    page.emulate_media(reduced_motion="reduce")
    for kind in KINDS[:-1]:  # 404.html is made for a server's root: on a disk it finds no style
        page.goto((eight / kind).as_uri())
        moving = page.evaluate("document.getAnimations().length")
        assert (moving, page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")) == (
            0,
            "auto",
        ), kind


def test_corrected_version_shows_its_notice_without_scripts(browser, eight):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((eight / "2568/q2/v1/index.html").as_uri())
    frame = page.frame_locator("iframe.status")
    assert "ตัวเลขมิติค่าจ้างผิด" in frame.locator("main").inner_text()
    frame.get_by_role("link", name="อ่านฉบับแก้ไข").click()
    page.wait_for_url("**/2568/q2/v2/index.html")
    assert "ฉบับแก้ไข" in page.locator(".erratum").first.inner_text()
    context.close()
