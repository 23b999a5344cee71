"""Fragments of chapters on small tables: words fit the numbers, and nothing missing is said."""

import re

import pytest

from reporter.domain.declarations import chapters
from reporter.report import pages
from reporter.report.provenance import check_document
from tests.report.issues import (
    chapter,
    context,
    document,
    frame,
    index_tables,
    page,
    text_of,
    whole_document,
    whole_page,
    whole_tables,
)
from tests.support.tables import empty_tables, example_tables, sparse_tables

pytestmark = pytest.mark.slow


def lead(levels):
    return chapter(page(index_tables(overall=levels)), "labour")


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        (
            [98.0, 98.0, 98.0, 100.0, 102.0],
            "อยู่ที่ 102.0 จุด เพิ่มขึ้น 2.0 จุดจากไตรมาสก่อน และสูงกว่าไตรมาสเดียวกันของปีก่อน 4.0 จุด",
        ),
        (
            [96.0, 98.0, 98.0, 100.0, 98.0],
            "อยู่ที่ 98.0 จุด ลดลง 2.0 จุดจากไตรมาสก่อน แต่สูงกว่าไตรมาสเดียวกันของปีก่อน 2.0 จุด",
        ),
        (
            [100.0, 98.0, 98.0, 100.0, 100.1],
            "อยู่ที่ 100.1 จุด ทรงตัวเมื่อเทียบกับไตรมาสก่อน และใกล้เคียงกับไตรมาสเดียวกันของปีก่อน",
        ),
        (
            [100.0, 100.6],
            "อยู่ที่ 100.6 จุด เพิ่มขึ้นเล็กน้อย 0.6 จุดจากไตรมาสก่อน ยังไม่มีข้อมูลของไตรมาสเดียวกันในปีก่อนให้เปรียบเทียบ",
        ),
        ([97.0], "อยู่ที่ 97.0 จุด ยังไม่มีข้อมูลของไตรมาสก่อนและของปีก่อนให้เปรียบเทียบ"),
    ],
)
def test_the_index_rises_falls_stands_or_has_no_past(levels, sentence):
    assert sentence in lead(levels)


def test_a_missing_index_is_said_with_the_newest_quarter():
    text = lead([100.0, 101.0, None])
    assert "ไม่มีดัชนีเศรษฐกิจแรงงานของไตรมาสที่ 3 ปี 2568" in text
    assert "ดัชนีใหม่ที่สุดที่คำนวณได้คือไตรมาสที่ 2 ปี 2568" in text


def test_a_falling_unemployment_rate_lifts_its_dimension():
    tables = index_tables(overall=[100.0, 102.0], unemployment=[100.0, 103.0])
    row = ("2025-Q3", "quarter", "unemployment_rate", "unemployment", 0.88, 1.10, -0.22, 1.0, "improved")
    tables["movers"] = frame("movers", [row])
    tables["indicator_contributions"] = frame(
        "indicator_contributions", [("2025-Q3", "quarter", "unemployment", "unemployment_rate", 3.0, 3.0)]
    )
    text = chapter(page(tables), "labour")
    assert "การปรับตัวดีขึ้นมาจากอัตราการว่างงานที่ลดลงจากร้อยละ 1.10 เป็นร้อยละ 0.88 (+3.0 จุด)" in text


def test_the_indicator_with_the_largest_effect_is_the_largest_in_sum():
    """News and a revision of one indicator may undo each other; the truth checker knows one number for each."""
    tables = index_tables(overall=[100.0, 102.0], unemployment=[100.0, 103.0])
    rows = [
        ("2025-Q3", "unemployment_rate", "unemployment", "news", 1.2),
        ("2025-Q3", "unemployment_rate", "unemployment", "seasonal", -1.1),
        ("2025-Q3", "quit_rate", "unemployment", "news", 0.4),
    ]
    tables["news"] = frame("news", rows)
    made = document(tables)
    text = chapter(pages.print_html(made, context()), "labour")
    assert "ตัวชี้วัดที่มีผลมากที่สุดคือ อัตราการลาออก (+0.40 จุด)" in text


def test_arrows_show_the_way_of_the_number_and_colours_its_meaning():
    found = re.findall(r'<td class="number (\w+)">(.) <data class="n" value="([-.\de]+)"', whole_page())
    assert found
    for quality, arrow, value in found:
        way = {"▲": 1, "▼": -1, "■": 0}[arrow]
        assert way * float(value) > 0 or (way == 0 and abs(float(value)) < 0.5), (arrow, value)
        assert quality in ("better", "worse", "unchanged")


def test_too_few_dimensions_give_no_composite_on_any_page():
    html = page(sparse_tables(), quarter="2025-Q2")
    text = text_of(html)
    assert "ข้อมูลของไตรมาสนี้มี 2 จาก 10 มิติ ไม่พอสำหรับดัชนีรวม" in text
    assert "ดัชนีเศรษฐกิจแรงงานอยู่ที่" not in text
    assert "แบบจำลองคาดว่าดัชนีเศรษฐกิจแรงงาน" not in text
    assert "ไม่มีผลการสำรวจดัชนีความเชื่อมั่นของแรงงานของไตรมาสที่ 2 ปี 2568" in chapter(html, "workers")
    assert "ตลาดแรงงานโดยรวมมีสุขภาพดีกว่าปกติ" not in text


ISSUES = {
    "whole": whole_tables,
    "gaps": lambda: example_tables(gaps=True),
    "sparse": lambda: sparse_tables("2025-Q3"),
    "empty": empty_tables,
    "first": lambda: index_tables(overall=[100.0], employment=[100.0]),
}


@pytest.fixture(scope="module", params=ISSUES, name="issue")
def _issue(request):
    tables = ISSUES[request.param]()
    if request.param == "whole":
        return tables, whole_page(), whole_document()
    made = document(tables)
    return tables, pages.print_html(made, context()), made


def test_all_ten_chapters_stand_in_order(issue):
    found = re.findall(r'<section class="chapter[^"]*" id="chapter-([a-z-]+)">', issue[1])
    assert found == [item.slug for item in chapters()]


def test_nothing_missing_is_printed(issue):
    text = text_of(issue[1])
    assert not re.search(r"(?<![A-Za-z])(nan|NaN|None|NaT|inf|undefined|\{\{|\}\}|\{%)(?![A-Za-z])", text)
    assert "\ue000" not in text


def test_every_number_comes_from_its_cell(issue):
    tables, _, document = issue
    assert [str(item) for item in check_document(document, tables)] == []


def test_every_link_has_its_target_and_every_table_a_reference(issue):
    html = issue[1]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    links = re.findall(r'href="#([^"]+)"', html)
    assert set(links) <= set(ids)
    body = html[html.index('id="chapter-outlook"') :]
    for name in re.findall(r'<table class="[^"]*" id="([^"]+)"', body):
        assert f'href="#{name}"' in body, name


def test_numbers_of_tables_run(issue):
    numbers = re.findall(r'<caption><span class="number">ตารางที่ (\d+)</span>', issue[1])
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_per_cent_is_said_before_the_number_and_never_as_a_sign(issue):
    text = text_of(issue[1])
    assert "%" not in text
    assert not re.search(r"ร้อยละ\s+ร้อยละ|จุด\s+จุด\s", text)
    assert not re.search(r"\d (?:ร้อยละ) \d", text)


def test_lists_and_clauses_keep_their_spaces(issue):
    text = text_of(issue[1])
    assert not re.search(r"จุด(ขณะที่|แต่|โดย|ส่วน)", text)
    assert not re.search(r"\d(และ|แต่|ส่วน|ขณะที่)", text)
    assert "()" not in text and "( )" not in text


def test_two_fillings_are_the_same_bytes():
    tables = sparse_tables()
    assert page(tables) == page(tables)
