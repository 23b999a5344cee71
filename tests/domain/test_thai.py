"""Thai periods, numbers and words of direction."""

import datetime as dt

import pandas as pd
import pytest

from reporter.domain import thai


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


# ---- the very edges, found untested by a mutation run (docs/mutation.md)


def test_short_years_have_two_digits():
    assert thai.month_th("2060-01", short=True) == "ม.ค. 03"
    assert thai.quarter_short("2060-Q2") == "2/03"
    assert thai.month_th(pd.Period("2025-12", freq="M")) == "ธันวาคม 2568"


def test_quarters_and_months_in_text_and_tables():
    assert thai.period_th("2025-Q1") == "ไตรมาสที่ 1 ปี 2568"
    assert thai.period_slash("2025-09") == "ก.ย. 68"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -float("inf"), pd.NaT, pd.NA])
def test_what_is_missing(value):
    assert thai.is_missing(value)
    assert thai.quality(value) == ""


@pytest.mark.parametrize("value", [0, 0.0, -1.5, "x", False])
def test_what_is_there(value):
    assert not thai.is_missing(value)


def test_one_decimal_unless_told_and_none_for_counts():
    assert thai.rounded(-0.04) == 0.0 and str(thai.rounded(-0.04)) == "0.0"
    assert thai.rounded(2.26) == 2.3 and thai.rounded(2.26, 2) == 2.26
    assert thai.number(2.26) == "2.3" and thai.points(2.26) == "2.3" and thai.points(2.26, 2) == "2.26"
    assert thai.count(1234.6) == "1,235" and thai.count(None) == "–"
    assert thai.percent(2.26) == "ร้อยละ 2.3" and thai.percent(-2.26) == "ร้อยละ −2.3"
    assert thai.magnitude(-2.26) == "2.3" and thai.magnitude(-2.26, 2) == "2.26"
    assert thai.signed(2.26, 2) == "+2.26" and thai.change(-2.26, 2) == "▼ 2.26"


def test_each_form_marks_what_is_missing():
    for form in (thai.points, thai.magnitude, thai.signed, thai.arrow, thai.change, thai.percent):
        assert form(None) == form(float("nan")) == "–"
    assert thai.sign_of(None) == thai.sign_of(float("nan")) == 0


def test_the_sign_is_that_of_the_number_as_displayed():
    assert [thai.sign_of(x) for x in (0.06, 0.04, 0.0, -0.04, -0.06)] == [1, 0, 0, 0, -1]
    assert [thai.sign_of(x, 2) for x in (0.06, 0.004, -0.06)] == [1, 0, -1]
    assert [thai.arrow(x) for x in (0.06, 0.04, -0.06)] == ["▲", "■", "▼"]
    assert thai.signed(0.04) == "0.0" and thai.signed(0.04, 2) == "+0.04"


def test_quality_of_a_change_whose_rise_is_good_or_means_nothing():
    assert [thai.quality(x) for x in (0.3, 0.0, -0.3)] == ["better", "same", "worse"]
    assert thai.quality(0.3, polarity=0) == "same"
    assert thai.quality(0.04, decimals=2) == "better" and thai.quality(0.04) == "same"


@pytest.mark.parametrize(
    ("value", "size"),
    [(0.29, "still"), (0.3, "slight"), (0.99, "slight"), (1.0, "plain"), (3.99, "plain"), (4.0, "marked")],
)
def test_steps_begin_at_their_bound(value, size):
    assert thai.size_of(value, thai.INDEX_STEPS) == thai.size_of(-value, thai.INDEX_STEPS) == size


def test_the_declared_steps():
    assert thai.Steps(0.3, 1.0, 4.0) == thai.INDEX_STEPS
    assert thai.Steps(0.5, 2.0, 6.0) == thai.CONFIDENCE_STEPS
    assert thai.Steps(0.5, 1.5, 5.0) == thai.SHARE_STEPS
    assert thai.Steps(0.1, 0.35, 1.25) == thai.SD_STEPS
    assert thai.Steps(0.05, 0.2, 1.0) == thai.RATE_STEPS


def test_words_of_a_state():
    words = [thai.health_word(x) for x in (0.2, 0.5, 2.0, 4.0, -0.5, -2.0, -4.0)]
    assert words == [
        "ทรงตัว",
        "ปรับตัวดีขึ้นเล็กน้อย",
        "ปรับตัวดีขึ้น",
        "ปรับตัวดีขึ้นมาก",
        "อ่อนตัวลงเล็กน้อย",
        "อ่อนตัวลง",
        "อ่อนตัวลงมาก",
    ]
    assert thai.move_word(0.5) == "เพิ่มขึ้นเล็กน้อย"


@pytest.mark.parametrize(
    ("value", "side", "size"),
    [
        (100.99, "ใกล้เคียง", ""),
        (99.01, "ใกล้เคียง", ""),
        (101.0, "สูงกว่า", "เล็กน้อย"),
        (99.0, "ต่ำกว่า", "เล็กน้อย"),
        (102.99, "สูงกว่า", "เล็กน้อย"),
        (103.0, "สูงกว่า", ""),
        (97.0, "ต่ำกว่า", ""),
        (109.99, "สูงกว่า", ""),
        (110.0, "สูงกว่า", "มาก"),
        (90.0, "ต่ำกว่า", "มาก"),
    ],
)
def test_level_words_begin_at_their_bound(value, side, size):
    assert thai.index_level_word(value) == f"{side}ค่าเฉลี่ยระยะยาว{size}"


def test_confidence_above_one_hundred_as_displayed():
    assert [thai.confidence_level_word(x) for x in (100.06, 99.96, 150, 0)] == ["สูง", "ปานกลาง", "สูง", "ต่ำ"]


def test_another_last_word_and_digits():
    assert thai.join_th(["ก", "ข"], last="หรือ") == "ก หรือข"
    assert thai.thai_digits("0123456789 ก") == "๐๑๒๓๔๕๖๗๘๙ ก"
