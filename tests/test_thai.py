"""Thai periods, numbers and words of direction."""

import datetime as dt

import pandas as pd
import pytest

from reporter import thai


def test_quarters_are_buddhist_in_three_forms():
    assert thai.quarter_th("2025-Q3") == "ไตรมาสที่ 3 ปี 2568"
    assert thai.quarter_th(pd.Period("2025Q3", freq="Q")) == "ไตรมาสที่ 3 ปี 2568"
    assert thai.quarter_slash("2025-Q3") == "3/2568"
    assert thai.quarter_short("2009-Q1") == "1/52"
    assert thai.quarter_short("2057-Q1") == "1/00"


def test_months_and_dates_carry_thai_names():
    assert thai.month_th("2025-09") == "กันยายน 2568"
    assert thai.month_th("2025-02", short=True) == "ก.พ. 68"
    assert thai.date_th(dt.date(2025, 9, 30)) == "30 กันยายน 2568"
    assert thai.quarter_months_th("2025-Q4") == "ตุลาคม–ธันวาคม 2568"
    assert thai.period_th("2025-09") == "กันยายน 2568"
    assert thai.period_slash("2025-Q3") == "3/2568"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.56, 1, "1,234.6"),
        (-1234.56, 1, "−1,234.6"),
        (-0.04, 1, "0.0"),  # never a negative zero
        (float("nan"), 1, "–"),
        (None, 1, "–"),
        (float("inf"), 1, "–"),
        (12_000_000, 0, "12,000,000"),
    ],
)
def test_number_rounds_once_and_marks_missing(value, decimals, text):
    assert thai.number(value, decimals) == text


def test_change_shows_arrow_and_size_of_the_rounded_number():
    assert thai.change(1.24) == "▲ 1.2"
    assert thai.change(-1.24) == "▼ 1.2"
    assert thai.change(0.04) == "■ 0.0"  # rounds to nothing, so it is no rise
    assert thai.change(float("nan")) == "–"


def test_percent_has_the_word_and_no_sign():
    assert thai.percent(1.25, 2) == "ร้อยละ 1.25"
    assert thai.percent(float("nan")) == "–"


def test_signed_numbers():
    assert [thai.signed(x) for x in (0.26, -0.26, 0.01)] == ["+0.3", "−0.3", "0.0"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (0.0, "ทรงตัว"),
        (0.29, "ทรงตัว"),
        (-0.5, "ลดลงเล็กน้อย"),
        (2.0, "เพิ่มขึ้น"),
        (-2.0, "ลดลง"),
        (4.0, "เพิ่มขึ้นมาก"),
        (-9.0, "ลดลงมาก"),
    ],
)
def test_direction_words_fit_sign_and_size(change, word):
    assert thai.move_word(change, thai.INDEX_STEPS) == word


def test_a_falling_unemployment_rate_is_better():
    assert thai.quality(-0.3, polarity=-1) == "better"
    assert thai.quality(0.3, polarity=-1) == "worse"
    assert thai.quality(0.01, polarity=-1) == "same"
    assert thai.quality(None) == ""


def test_level_words():
    assert thai.index_level_word(100.4) == "ใกล้เคียงค่าเฉลี่ยระยะยาว"
    assert thai.index_level_word(88.0) == "ต่ำกว่าค่าเฉลี่ยระยะยาวมาก"
    assert thai.confidence_level_word(100.04) == "ปานกลาง"  # reads 100.0
    assert thai.confidence_level_word(99.9) == "ต่ำ"


def test_lists_in_running_text():
    assert thai.join_th([]) == ""
    assert thai.join_th(["ก"]) == "ก"
    assert thai.join_th(["ก", "ข"]) == "ก และข"
    assert thai.join_th(["ก", "ข", "ค"]) == "ก ข และค"


def test_thai_digits_touch_text_only():
    page = '<style>.a{width:2mm}</style><p id="a1">ปี 2568 <b>3</b></p><svg><text>9</text></svg>'
    assert thai.thai_digits_html(page) == (
        '<style>.a{width:2mm}</style><p id="a1">ปี ๒๕๖๘ <b>๓</b></p><svg><text>9</text></svg>'
    )


def test_english_passages_keep_their_digits():
    page = '<p id="a1">ปี 2568</p><p lang="en">Third Quarter 2025, <i>pp. 1-2</i></p><p>1</p>'
    turned = '<p id="a1">ปี ๒๕๖๘</p><p lang="en">Third Quarter 2025, <i>pp. 1-2</i></p><p>๑</p>'
    assert thai.thai_digits_html(page) == turned
