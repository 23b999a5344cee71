"""Headless Chromium over the site, from the disk: axe, narrow screens, choosing, download, search, no scripts, print."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.bench.bench_budget import first_view, served
from tests.delivery.site.conftest import until

pytestmark = pytest.mark.browser
KINDS = (
    "index.html", "issues/index.html", "2568/q2/index.html", "2568/q2/v1/index.html", "2568/q2/v2/index.html",
    "2568/q2/v1/read.html", "2568/q2/v1/report.html", "2568/q2/status-v1.html", "2568/q2/status-v2.html",
    "how-to-read/index.html", "dashboard/index.html", "2568/q1/dashboard/index.html", "2568/q3/dashboard/embed.html", "data/index.html", "data/labour_index/index.html",
    "about/index.html", "en/index.html", "en/2568/q3/index.html", "guide/index.html", "guide/methods/index.html", "guide/messages/index.html",
    "s/2568q2v1/index.html", "data/worker/index.html", "methods/index.html", "calendar/index.html", "search/index.html", "404.html",
)  # fmt: skip
DARK_KINDS = (
    "index.html", "2568/q2/v1/index.html", "2568/q2/v1/report.html", "2568/q2/status-v1.html", "dashboard/index.html",
    "data/labour_index/index.html", "about/index.html", "en/index.html", "guide/index.html",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "forced", "width", "kinds"),
    [
        ("light", "none", 1280, KINDS),
        ("dark", "none", 320, DARK_KINDS),
        ("dark", "active", 1920, DARK_KINDS),
    ],
)
def test_axe_finds_nothing_on_any_kind_of_page(browser, eight, scheme, forced, width, kinds):
    # axe itself asks for stylesheets once more, which a page on a disk may not
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, forced_colors=forced, reduced_motion="reduce")
    for kind in kinds:
        page.goto((eight / kind).as_uri())
        if "dashboard" in kind:
            page.locator("[data-drawn]").wait_for(state="attached")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{kind}\n{found.generate_report()}"
    page.close()


def test_nothing_sticks_out_at_400_per_cent_zoom(browser, eight):
    # WCAG 1.4.10: a window of 1280 x 1024 at 400 % is 320 x 256 CSS pixels.
    page = browser.new_page(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    for kind in KINDS:
        page.goto((eight / kind).as_uri())
        if "dashboard" in kind:
            page.locator("[data-drawn]").wait_for(state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
    page.close()


def search(page, eight, words):
    page.goto((eight / "search/index.html").as_uri())
    page.fill("#query", words)
    page.press("#query", "Enter")
    until(page, "document.getElementById('count').textContent !== ''")
    return page.locator("#results > li > .hit a")


def test_search_leads_to_a_province_an_older_issue_and_says_what_it_corrected(page, eight):
    found = search(page, eight, "โคราช")
    assert found.first.inner_text() == "นครราชสีมา"
    found.first.click()
    until(page, "document.getElementById('choose-g')?.value === 'PROVINCE:TH-30'")
    page.go_back()
    assert search(page, eight, "2.4 2/2568").first.get_attribute("href").startswith("../2568/q2/")
    search(page, eight, "พยากรณฺ")
    assert "พยากรณ์" in page.locator("#count").inner_text()


def test_search_has_its_words_from_the_address_and_back_brings_the_last_ones(page, eight):
    page.goto((eight / "search/index.html").as_uri() + "?q=โคราช")
    until(page, "document.querySelectorAll('#results li').length > 0")
    assert page.input_value("#query") == "โคราช"
    page.fill("#query", "ระยอง")
    page.press("#query", "Enter")
    page.go_back()
    until(page, "document.querySelector('#results a')?.textContent === 'นครราชสีมา'")


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


def test_nothing_moves_on_a_slow_line_after_it_was_seen(browser, eight):
    with served(eight) as address:
        for kind in (
            "index.html",
            "search/index.html?q=นครราชสีมา",
            "about/index.html",
            "dashboard/index.html",
            "2568/q3/dashboard/embed.html",
        ):
            _, shift, _, _ = first_view(browser, f"{address}/{kind}")
            assert shift == 0, kind


def test_page_is_shown_when_its_faces_come_late_or_never(browser, eight):
    page = browser.new_page()
    page.route("**/*.woff2", lambda asked: None)  # no answer
    with served(eight) as address:
        page.goto(f"{address}/index.html", wait_until="commit")
        until(
            page, "document.body && document.documentElement.classList.contains('unfaced')"
        )  # neither is there at once
        assert page.evaluate("getComputedStyle(document.body).visibility") == "visible"
    page.close()
