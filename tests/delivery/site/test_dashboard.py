"""The dashboard in Chromium: each thing that a reader does there, by finger, keyboard and mouse; and its numbers against the tables."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from reporter.delivery.site.pages import DASHBOARD, STATIC
from reporter.delivery.site.search import FORMAT
from reporter.domain.declarations import asset
from tests.bench.bench_budget import served
from tests.delivery.site.conftest import until

pytestmark = pytest.mark.browser
PLACE = "dashboard/index.html"
ISSUE = "2568q3v1"
CHIANG_MAI = "PROVINCE:TH-50"


def opened(page, eight, state="", place=PLACE):
    page.goto("about:blank")  # from the same page with another state it would not be loaded anew
    page.goto((eight / place).as_uri() + state)
    drawn(page)
    return page


def drawn(page):
    """Wait until every item is as it was asked for: those out of sight are drawn after those that are seen."""
    until(page, "document.querySelector('[data-drawn]:not([aria-busy])')")


def content(path: Path):
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index(",") + 1 : -3])


def settled(page):
    drawn(page)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


# ---- numbers


def test_every_number_of_the_dashboard_is_the_tables(eight):
    folder = eight / "dashboard" / f"{ISSUE}-{FORMAT}"
    tables = eight / "2568/q3/v1/tables"
    main = content(folder / "main.js")
    index = pd.read_csv(tables / "labour_index.csv", dtype={"flag": str})
    confidence = pd.read_csv(tables / "confidence.csv", dtype={"domain": str, "flag": str})
    compared = 0
    for group, file in main["files"].items():
        held = content(folder / file)
        for key, data, codes in [
            ("labour_index", index, ["dimension"]),
            ("confidence", confidence, ["survey", "domain"]),
        ]:
            rows = data[(data["group"] == group) & data["value"].notna()]
            for row in rows.to_dict("records"):
                if row["period"] not in main["periods"]:
                    continue
                values = (
                    held["index"][row["dimension"]]
                    if key == "labour_index"
                    else held["confidence"][row["survey"]]["value"][row["domain"]]
                )
                back = len(main["periods"]) - main["periods"].index(row["period"])
                assert values[-back] == row["value"], (group, [row[code] for code in codes], row["period"])
                compared += 1
    assert compared > 1000
    for measure in ("labour_index", "employer", "worker"):
        for group, values in content(folder / f"measure-{measure}.js")["values"].items():
            held = content(folder / main["files"][group])
            full = (
                held["index"]["overall"]
                if measure == "labour_index"
                else held["confidence"][measure]["value"]["overall"]
            )
            assert values == full[-len(values) :], (measure, group)


def test_every_item_names_charts_that_exist():
    assert STATIC.keys() == DASHBOARD.keys()
    for item, names in STATIC.items():
        assert names, item
        for name in names:
            chart, _, part = name.partition("-")
            assert part in asset("charts", f"{chart}.py").read_text(encoding="utf-8"), (item, name)


# ---- choosing


def test_comparing_groups_draws_them_together_and_stands_in_the_address(page, eight):
    opened(page, eight)
    page.select_option("#choose-g", CHIANG_MAI)
    page.select_option("#choose-add", "REGION:north")
    page.select_option("#choose-add", "TH")
    until(page, "document.querySelectorAll('#history .view > p').length === 3")
    until(page, "decodeURIComponent(location.hash).includes('g=PROVINCE:TH-50,REGION:north,TH')")
    words = page.locator("#history").inner_text()
    assert all(name in words for name in ("เชียงใหม่", "ภาคเหนือ", "ทั่วประเทศ"))
    page.get_by_role("button", name="เลิกเปรียบเทียบ ภาคเหนือ").click()
    until(page, "document.querySelectorAll('#history .view > p').length === 2")
    page.go_back()
    until(page, "document.querySelectorAll('#history .view > p').length === 3")


def test_all_items_follow_the_group(page, eight):
    opened(page, eight, f"#g={CHIANG_MAI}")
    until(page, "document.getElementById('worker').innerText.includes('เชียงใหม่')")
    for item in ("history", "employer", "worker", "rates", "priorities"):
        assert "เชียงใหม่" in page.locator(f"#{item}").inner_text(), item


def test_range_runs_from_twelve_quarters_to_all(page, eight):
    opened(page, eight)
    chart = page.locator("#history .chart[role=slider]").first
    short = int(chart.get_attribute("aria-valuemax"))
    page.select_option("#choose-r", "all")
    until(page, f"Number(document.querySelector('#history .chart[role=slider]').ariaValueMax) > {short}")
    index = pd.read_csv(eight / "2568/q3/v1/tables/labour_index.csv")
    quarters = index[(index["group"] == "TH") & (index["dimension"] == "overall")]["period"].nunique()
    assert (
        int(page.locator("#history .chart[role=slider]").first.get_attribute("aria-valuemax")) == quarters + 4
    )
    assert short == 13 + 4


def test_ten_small_lines_stand_open(page, eight):
    opened(page, eight)
    names = content(eight / "dashboard" / f"{ISSUE}-{FORMAT}" / "main.js")["names"]["dimensions"]
    panels = page.locator("#dimensions .panels li")
    assert panels.count() == len(names) == 10
    for place in range(panels.count()):
        assert panels.nth(place).locator("svg").is_visible()
        assert panels.nth(place).locator(".chart").get_attribute("aria-valuemax") == "13"


@pytest.mark.parametrize("way", ["touch", "keyboard", "mouse"])
def test_every_value_answers(browser, eight, way):
    context = browser.new_context(has_touch=way == "touch", viewport={"width": 400, "height": 900})
    page = opened(context.new_page(), eight)
    chart = page.locator("#history .chart[role=slider]").first
    tip = chart.locator(".tip")
    assert not tip.is_visible()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    middle = {"x": box["width"] * 0.5, "y": box["height"] * 0.5}
    if way == "touch":
        chart.tap(position=middle)
        assert "q=" not in page.url  # the first tap asks
    elif way == "mouse":
        chart.hover(position=middle)
    else:
        chart.focus()
        page.keyboard.press("ArrowLeft")
    tip.wait_for()
    assert re.match(r"[1-4]/25\d\d\n[\d.]+ จุด", tip.inner_text())
    assert chart.get_attribute("aria-valuetext").startswith(tip.inner_text().split("\n")[0])
    if way == "touch":
        chart.tap(position=middle)
    elif way == "mouse":
        chart.click(position=middle)
    else:
        page.keyboard.press("Enter")
    until(page, "location.hash.includes('q=')")
    assert page.locator("#choose-q").input_value() != "2025-Q3"
    context.close()


def test_tips_speak_the_readers_language(page, eight):
    opened(page, eight, "#l=en")
    chart = page.locator("#history .chart[role=slider]").first
    chart.focus()
    page.keyboard.press("End")
    chart.locator(".tip").wait_for()
    assert "Forecast" in chart.locator(".tip").inner_text()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_forecast_points_have_values(page, eight):
    opened(page, eight)
    chart = page.locator("#history .chart[role=slider]").first
    chart.focus()
    page.keyboard.press("End")
    chart.locator(".tip").wait_for()
    last = pd.read_csv(eight / "2568/q3/v1/tables/forecast.csv").iloc[-1]
    assert f"{last['mean']:.1f}" in chart.locator(".tip").inner_text()
    assert f"{last['low80']:.1f}" in chart.locator(".tip").inner_text()


def test_map_is_one_stop_and_its_strip_says_interval_and_value(page, eight):
    page.emulate_media(reduced_motion="reduce")
    opened(page, eight, f"#g={CHIANG_MAI}")
    tile = page.locator(f'.tiles [data-code="{CHIANG_MAI}"]')
    assert page.locator('.tiles [tabindex="0"]').count() == 1
    assert tile.get_attribute("aria-label").startswith(
        tile.inner_text()
    )  # WCAG 2.5.3: the name begins with what is seen
    tile.focus()
    page.keyboard.press("ArrowRight")
    strip = page.locator(".strip")
    assert strip.inner_text().split()[0] in page.evaluate("document.activeElement.ariaLabel")
    height = page.evaluate("document.activeElement.getBoundingClientRect().top")
    code = page.evaluate("document.activeElement.dataset.code")
    page.keyboard.press("Enter")
    until(page, f"location.hash.includes('{code}')")
    settled(page)
    assert page.evaluate("document.activeElement.dataset.code") == code
    assert abs(page.evaluate("document.activeElement.getBoundingClientRect().top") - height) < 2


def test_real_map_shows_every_province_and_names_its_makers(page, eight):
    opened(page, eight)
    page.get_by_role("button", name="แสดงแผนที่จริง").click()
    page.locator(".real-map").wait_for()
    assert page.locator(".real-map path").count() == 77
    assert "CC BY 4.0" in page.locator("#groups").inner_text()
    page.locator(f'.real-map [data-code="{CHIANG_MAI}"]').focus()
    page.keyboard.press("Enter")
    until(page, "location.hash.includes('TH-50')")


def test_groups_show_intervals_and_mute_what_cannot_be_told_apart(page, eight):
    opened(page, eight, "#m=employer")
    until(page, "document.querySelectorAll('#groups .whisker').length > 5")
    held = content(eight / "dashboard" / f"{ISSUE}-{FORMAT}" / "measure-employer.js")
    nation = held["values"]["TH"][-1]
    shown = {
        code: about
        for code, about in held["about"].items()
        if not code.startswith("PROVINCE:") and code != "TH" and about["low"] is not None
    }
    unclear = [
        code for code, about in shown.items() if about["low"] <= nation <= about["high"] or about["n"] < 30
    ]
    assert page.locator("#groups .bar.muted").count() == len(unclear)
    assert page.locator("#groups .other").count() == len(shown)  # the nation's value beside every interval


def test_on_a_phone_the_strip_with_the_value_is_seen_wherever_a_province_is_tapped(browser, eight):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 700})
    page = opened(context.new_page(), eight, "#m=employer")
    tile = page.locator(f'.tiles [data-code="{CHIANG_MAI}"]')
    page.evaluate("(code) => document.querySelector(`[data-code='${code}']`).scrollIntoView()", CHIANG_MAI)
    tile.tap()
    until(page, "location.hash.includes('TH-50')")
    settled(page)
    strip = page.locator(".strip").bounding_box()
    assert strip["y"] >= 0 and strip["y"] + strip["height"] <= 701
    assert "เชียงใหม่" in page.locator(".strip").inner_text()
    context.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [("without_wages", "ไม่รวมมิติ ค่าจ้าง: "), ("source_NSO", "ไม่รวมข้อมูลของ สำนักงานสถิติแห่งชาติ: ")],
)
def test_index_without_a_dimension_or_a_source_is_the_builds_variant(page, eight, name, words):
    held = content(eight / "dashboard" / f"{ISSUE}-{FORMAT}" / "variants.js")
    table = pd.read_csv(eight / "2568/q3/v1/tables/sensitivity.csv")
    value = table[(table["choice"] == name) & (table["period"] == "2025-Q3")]["value"].item()
    assert held[name][-1] == value
    opened(page, eight)
    page.select_option("#choose-x", name)
    until(page, f"location.hash.includes('x={name}')")
    until(page, f"document.getElementById('history').innerText.includes('{words}')")
    assert f"{value:.1f}" in page.locator("#history").inner_text()


def test_rates_are_shown_in_points_and_per_cent(page, eight):
    opened(page, eight)
    page.get_by_role("button", name="ร้อยละ", exact=True).click()
    until(page, "document.querySelector('#rates .chart').ariaLabel.includes('(ร้อยละ)')")
    page.get_by_role("button", name="จากปีก่อน", exact=True).click()
    until(page, "document.querySelector('#rates .chart').ariaLabel.includes('จากปีก่อน')")


# ---- sharing


def test_address_brings_the_same_picture_back_and_says_what_it_does_not_know(page, eight):
    opened(page, eight, f"#g={CHIANG_MAI},TH&d=wages&q=2025-Q2&m=worker&r=20&l=th")
    until(page, "document.getElementById('choose-d').value === 'wages'")
    assert [page.input_value(f"#choose-{key}") for key in "gqmr"] == [CHIANG_MAI, "2025-Q2", "worker", "20"]
    opened(page, eight, "#g=PROVINCE:TH-99&q=2040-Q1")
    page.reload()
    page.locator("#strange").wait_for()
    assert "TH-99" in page.locator("#strange").inner_text()
    assert "2040-Q1" in page.locator("#strange").inner_text()


def test_older_issues_keep_their_dashboard(page, eight):
    opened(page, eight, place="2567/q4/dashboard/index.html")
    assert page.input_value("#choose-q") == "2024-Q4"


def take(page, item, name):
    page.locator(f"#{item} .tools summary").first.click()
    return page.locator(f"#{item} .tools").first.get_by_role("button", name=name, exact=True)


def test_link_and_citation_lead_to_the_issues_own_dashboard(page, eight):
    page.add_init_script(
        "window.said = []; Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (words) => { window.said.push(words); } } });"
    )
    opened(page, eight, f"#g={CHIANG_MAI}&q=2025-Q2")
    take(page, "history", "คัดลอกลิงก์").click()
    page.locator("#history .tools").first.get_by_role("button", name="คัดลอกการอ้างอิง").click()
    page.locator("#history .tools").first.get_by_role("button", name="คัดลอกโค้ดฝัง").click()
    until(page, "window.said.length === 3")
    link, citation, frame = page.evaluate("window.said")
    assert "/2568/q3/dashboard/index.html#" in link
    assert "q=2025-Q2" in link
    assert link.split("#")[0] in citation
    assert "ฉบับที่ 1" in citation
    address = re.search(r'src="([^"]+)"', frame)[1]
    page.goto(address)
    page.locator(".embed .view svg").first.wait_for()
    assert page.locator(".panel").count() == 1
    assert "เชียงใหม่" in page.locator(".panel").inner_text()


def test_csv_holds_codes_full_numbers_and_where_it_comes_from(page, eight):
    opened(page, eight)
    button = take(page, "history", "CSV")
    with page.expect_download() as started:
        button.click()
    raw = Path(started.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").splitlines()
    assert any("2568/q3/dashboard" in line for line in lines if line.startswith(("#", '"#')))
    rows = list(csv.DictReader(line for line in lines if not line.startswith(("#", '"#'))))
    published = pd.read_csv(eight / "2568/q3/v1/tables/labour_index.csv")
    published = published[(published["group"] == "TH") & (published["dimension"] == "overall")].set_index(
        "period"
    )["value"]
    newest = next(row for row in rows if row["period"] == "2025-Q3")
    assert float(newest["value"]) == published["2025-Q3"]
    assert (newest["index"], newest["dimension"], newest["group"]) == ("labour_index", "overall", "TH")


def test_pictures_carry_title_source_face_and_white_ground(page, eight):
    opened(page, eight)
    button = take(page, "history", "SVG")
    with page.expect_download() as started:
        button.click()
    svg = Path(started.value.path()).read_text(encoding="utf-8")
    assert "var(" not in svg
    assert all(
        part in svg for part in ("<title>", "#FFFFFF", "font/woff2;base64", "ที่มา", "ฉบับที่ 1", "#1F4E79")
    )
    with page.expect_download() as started:
        page.locator("#history .tools").first.get_by_role("button", name="PNG").click()
    assert Path(started.value.path()).read_bytes().startswith(b"\x89PNG")


# ---- for everybody


def test_without_scripts_the_issues_pictures_stand_there(browser, eight):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((eight / PLACE).as_uri())
    assert page.locator(".static img").first.is_visible()
    assert not page.locator("#controls").is_visible()
    context.close()


def test_print_opens_tables_and_leaves_out_what_is_for_screens(page, eight):
    opened(page, eight)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert not page.locator("#controls").is_visible()
    assert page.locator("#history svg").first.is_visible()
    assert page.locator("#history table").first.is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not page.locator("#history table").first.is_visible()


@pytest.mark.parametrize("width", [320, 1280, 1920])
@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_axe_finds_nothing_in_any_look(browser, eight, width, look):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced" else "none",
        reduced_motion="reduce",
    )
    for place, state in [
        (PLACE, f"#g={CHIANG_MAI},TH&l=en"),
        (PLACE, "#m=worker&r=all"),
        ("2568/q3/dashboard/embed.html", "#c=worker"),
    ]:
        opened(page, eight, state, place)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{place} {state}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_targets_are_large_enough_for_a_finger(browser, eight):
    page = opened(browser.new_page(viewport={"width": 360, "height": 800}), eight)
    small = page.evaluate(
        "[...document.querySelectorAll('button, select, summary')].filter((node) => node.offsetWidth && (node.offsetWidth < 24 || node.offsetHeight < 24)).map((node) => node.outerHTML.slice(0, 80))"
    )
    assert small == []
    assert page.evaluate("document.querySelector('.tiles button').offsetHeight") >= 44
    page.close()


def test_a_choice_draws_again_only_what_it_changes(page, eight):
    opened(page, eight)
    page.evaluate("document.querySelector('#employer .chart').dataset.kept = 'yes'")
    page.select_option("#choose-d", "wages")
    until(page, "document.getElementById('history').innerText.includes('ค่าจ้าง')")
    assert page.locator("#employer .chart[data-kept=yes]").count() == 1


def test_numbers_that_do_not_come_are_told_and_asked_for_again(browser, eight):
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    with served(eight) as address:
        page.goto(f"{address}/{PLACE}")
        drawn(page)
        page.route("**/PROVINCE-TH-50.js", lambda asked: asked.abort())
        page.select_option("#choose-g", CHIANG_MAI)
        until(page, "document.getElementById('strange').textContent.includes('ลองเลือกอีกครั้ง')")
        page.unroute("**/PROVINCE-TH-50.js")
        page.select_option("#choose-d", "wages")
        until(page, "document.getElementById('history').innerText.includes('เชียงใหม่')")
    assert problems == []
    page.close()


def test_keyboard_alone_walks_the_dashboard(page, eight):
    opened(page, eight)
    stops, outlines = [], []
    for _ in range(400):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.dataset.code || document.activeElement.tagName"
            )
        )
        if stops[-1] == "BODY":
            break
        outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert stops[-1] == "BODY"  # no trap: the end of the page is reached
    assert [stop for stop in stops if stop.startswith("choose-")][:6] == [
        f"choose-{key}" for key in ("g", "add", "d", "q", "r", "m")
    ]
    assert len([stop for stop in stops if stop.startswith("PROVINCE")]) == 1
    assert "none" not in outlines
