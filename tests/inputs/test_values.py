"""Numbers and periods as agencies write them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from reporter.inputs import values
from reporter.inputs.values import UnreadableError


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("385,000,000", 385_000_000),
        ("๑,๔๕๐", 1450),
        ("12.5%", 12.5),
        ("(1,234)", -1234),
        ("1 234.5", 1234.5),
        (" −3 ", -3),
        (71.08, 71.08),
        (9710, 9710),
        ("-", None),
        ("", None),
        (None, None),
        ("n.a.", None),
        (float("nan"), None),
        (False, None),
    ],
)
def test_numbers(cell, expected):
    assert values.number(cell) == expected


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
def test_every_dash_before_a_number_is_a_minus(dash):
    assert values.number(f"{dash}0.79") == -0.79


def test_zero_has_no_sign():
    assert [str(values.number(cell)) for cell in ("-0", "(0)", "–0.0")] == ["0.0"] * 3


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("ไตรมาสที่ 3/2568 พิมพ์เมื่อ 15 พ.ย. 2568", "2025Q3"),
        ("ข้อมูล ณ วันที่ 1/10/2568", None),  # neither October nor the fourth quarter
        ("ข้อมูล ณ 30/4/2568", None),
        ("พิมพ์เมื่อ 15 พ.ย. 2568", None),
        ("ผู้ประกันตน ณ วันที่ 30 กันยายน 2568", "2025-09"),
        ("ตารางที่ II 2568", None),
        ("LFS2568Q3", "2025Q3"),
        ("Table 3: third quarter 2025", "2025Q3"),
    ],
)
def test_days_in_a_title_are_no_quarter_and_only_the_last_of_a_month_is_that_month(title, read):
    assert (str(found) if (found := values.period_in(title)) else None) == read


@pytest.mark.parametrize(
    "cell", ["ไม่ระบุ", "1,2,x", "12-13", "0x10", "1_000", "inf", "1e999", float("inf"), 10**400]
)
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(UnreadableError):
        values.number(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2568-Q3", "2025Q3"),
        ("3/2568", "2025Q3"),
        ("ไตรมาสที่ ๓/๒๕๖๘", "2025Q3"),
        ("2025Q3r", "2025Q3"),
        ("2025 Q3 p1", "2025Q3"),
        ("III/2568", "2025Q3"),
        ("ไตรมาส IV/2568", "2025Q4"),
        ("ไตรมาสที่สาม ปี 2568", "2025Q3"),
        ("ไตรมาสแรก 2568", "2025Q1"),
        ("ไตรมาส 3/68", "2025Q3"),
        ("third quarter of 2025", "2025Q3"),
        ("2nd quarter 2025", "2025Q2"),
        ("2025:Q3", "2025Q3"),
        ("2025\u2011Q3", "2025Q3"),
        ("กรกฎาคม ถึง กันยายน 2568", "2025Q3"),
        ("2568 ก.ค.–ก.ย.", "2025Q3"),
    ],
)
def test_quarters(cell, expected):
    assert values.period(cell) == pd.Period(expected, freq="Q")


@pytest.mark.parametrize(
    "cell",
    [
        "2568-09",
        "2025-09-01",
        "ก.ย. 68",
        "กันยายน 2568",
        "Sep 2025",
        dt.date(2025, 9, 1),
        "2025/9",
        "2568-09*",
        "09/2568",
        "กันยา 2568",
        "30 ก.ย. 2568",
        "1 กันยายน 68",
        "Sep 30, 2025",
        "30-Sep-2025",
    ],
)
def test_months(cell):
    assert values.period(cell) == pd.Period("2025-09", freq="M")


def test_a_year_alone_is_yearly():
    assert values.period("๒๕๖๘") == pd.Period("2025", freq="Y")


@pytest.mark.parametrize(
    "cell",
    ["รวม", "2025-13", "5/2568", "68", "", "II 2568", "31 ก.ย. 2568", "Q3/68", "May-25", "i", "ตารางที่ II"],
)
def test_what_is_no_period_is_refused(cell):
    with pytest.raises(UnreadableError):
        values.period(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("ไตรมาส 3", 3), ("ไตรมาสที่ ๔", 4), ("Q1", 1), ("2", 2), (3.0, 3), ("III", 3), ("ไตรมาสที่สี่", 4)],
)
def test_quarter_numbers(cell, expected):
    assert values.quarter(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("09", 9), (9, 9), ("ก.ย.", 9), ("กันยายน", 9), ("Sep", 9), ("๑๒", 12)]
)
def test_month_numbers(cell, expected):
    assert values.month(cell) == expected


def test_fiscal_years_run_from_october_to_september():
    assert values.fiscal_year(dt.date(2025, 9, 30)) == 2568
    assert values.fiscal_year(dt.date(2025, 10, 1)) == 2569
    assert [str(values.fiscal_quarter(2025, number)) for number in (1, 2, 3, 4)] == [
        "2024Q4",
        "2025Q1",
        "2025Q2",
        "2025Q3",
    ]
    assert [str(values.fiscal_month(2025, number)) for number in (10, 12, 1, 9)] == [
        "2024-10",
        "2024-12",
        "2025-01",
        "2025-09",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ไตรมาสที่ 3 (กรกฎาคม-กันยายน) 2568", "2025Q3"),
        ("ไตรมาสที่ 3/2568 (ก.ค. – ก.ย.)", "2025Q3"),
        ("Q3 (Jul-Sep) 2025", "2025Q3"),
        ("ปีงบประมาณ 2568 ไตรมาส 1", None),  # October to December 2567
        ("ไตรมาสที่ 1 (ต.ค.-ธ.ค.) 2568", None),
        ("ปีงบประมาณ 2568", None),
    ],
)
def test_months_beside_a_quarter_must_be_its_own_and_fiscal_years_are_refused(text, read):
    assert (str(found) if (found := values.period_in(text)) else None) == read
    if read is None:
        with pytest.raises(values.UnreadableError):
            values.period(text)
    else:
        assert str(values.period(text)) == read
