"""Labels keep their distance, Thai lines break between words."""

from __future__ import annotations

import pytest

from reporter.figures.chart import columns_wide, spread, wrap


def test_labels_with_room_stay_where_they_are():
    assert spread([1.0, 5.0, 9.0], gap=2.0) == [1.0, 5.0, 9.0]


def test_two_labels_on_one_spot_move_apart_evenly():
    assert spread([5.0, 5.0], gap=2.0) == [4.0, 6.0]


def test_order_is_kept_and_a_crowd_shares_the_displacement():
    assert spread([3.0, 1.0, 2.0], gap=2.0) == [4.0, 0.0, 2.0]  # mean of 1, 2, 3 stays 2


def test_labels_stay_inside_the_axes():
    assert spread([9.8, 10.0], gap=3.0, low=0.0, high=10.0) == [7.0, 10.0]
    assert spread([0.1, 0.0], gap=3.0, low=0.0, high=10.0) == [3.0, 0.0]


def test_marks_above_and_below_take_no_column():
    assert columns_wide("ที่") == 1 and columns_wide("น้ำ") == 2 and columns_wide("abc") == 3


@pytest.mark.parametrize("columns", [20, 34])
def test_wrapping_splits_no_word_and_loses_nothing(columns):
    text = "อัตราการปฏิบัติไม่ถูกต้องตามกฎหมายคุ้มครองแรงงานของสถานประกอบกิจการ"
    lines = wrap(text, columns).split("\n")
    assert "".join(lines).replace(" ", "") == text and len(lines) > 1
    assert all(columns_wide(line) <= columns for line in lines)
    assert not any(line[0] in "ะาิีึืุู็่้๊๋์ๆฯ" for line in lines)


def test_a_short_text_stays_on_one_line():
    assert wrap("การมีงานทำ", 34) == "การมีงานทำ"
