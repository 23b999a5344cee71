"""The Thai guide: its words for buttons are those of the pages, its pictures are there, its commands exist.

``REPORTER_SCREENSHOTS=http://127.0.0.1:8765/?token=… python -m pytest tests/desk/test_guide.py -k pictures_are`` makes the pictures anew, from a desk that is open.
"""

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from reporter.commands import MODULES
from reporter.domain.declarations import asset
from reporter.report import manual
from tests.desk.test_browser import browser, desk, opened  # noqa: F401 (fixtures)
from tests.desk.test_messages import messages
from tests.support.chromium import chromium

pytestmark = pytest.mark.slow

PICTURES = {
    "home": "",
    "series": "/data/average_wage",
    "look": "/look",
    "write": "/write/labour",
    "decide": "/decide",
}
TEXT = asset("templates", "desk", "guide", "th.md").read_text(encoding="utf-8")


def test_the_guides_words_in_bold_are_those_of_the_desk():
    said = messages()
    bold = {part.strip() for text in re.findall(r"\*\*([^*]+)\*\*", TEXT) for part in text.split("→")}
    own = {
        "คำเตือนที่ต้องมีคำตอบ",
        "ข้อผิดพลาด",
        "ข้อสังเกต",
        "ซ้อม",
        "หน้าเว็บตอบว่า 403",
        "ไม่เห็นหน้าของรายงานในหน้าเขียน",
        "สร้างฉบับจริงไม่สำเร็จ",
        "เครื่องไม่พร้อม",
    }
    unknown = [text for text in bold - own if not any(message.startswith(text) for message in said)]
    assert unknown == []


def test_the_guides_commands_exist():
    named = set(re.findall(r"reporter ([a-z-]+)", TEXT))
    assert named and named <= set(MODULES)


def test_every_picture_of_the_guide_is_there():
    named = set(re.findall(r"\]\(([a-z]+)\.png\)", TEXT))
    assert named == set(PICTURES)
    assert all(asset("templates", "desk", "guide", f"{name}.png").stat().st_size > 10_000 for name in named)


def test_the_guide_has_sections_that_its_contents_name():
    html, contents = manual.guide()
    assert len(contents) >= 8 and all(f'id="{name}"' in html for name, _ in contents)


@pytest.mark.browser
def test_the_guide_is_read_without_a_violation(opened, desk):  # noqa: F811 (fixtures)
    page = opened("/guide")
    page.locator("article img").first.scroll_into_view_if_needed()
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("[...document.querySelectorAll('article img')].every((one) => one.alt.length > 10)")


@pytest.mark.browser
@pytest.mark.skipif(
    "REPORTER_SCREENSHOTS" not in os.environ, reason="only where pictures are to be made anew"
)
def test_the_pictures_are_made_from_an_open_desk():
    address = os.environ["REPORTER_SCREENSHOTS"]
    with chromium() as running:
        page = running.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(120_000)
        page.goto(address)
        base = address.partition("/?")[0] + "/q/2025-Q3"
        for name, path in PICTURES.items():
            page.goto(base + path)
            page.wait_for_load_state("networkidle", timeout=120_000)
            page.screenshot(path=str(asset("templates", "desk", "guide", f"{name}.png")))
