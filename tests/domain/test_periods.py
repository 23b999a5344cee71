import datetime as dt
import re
import time
from pathlib import Path

import pandas as pd
import pytest

from reporter.domain import periods
from reporter.domain.periods import (
    PeriodError,
    buddhist_year,
    christian_year,
    iso,
    parse_month,
    parse_period,
    parse_quarter,
    today_in_bangkok,
)

QUARTER = pd.Period("2025Q3")


@pytest.mark.parametrize(
    "text",
    ["2025-Q3", "2568-Q3", "3/2568", " 2025-q3 ", "๒๕๖๘-Q๓", "2025Q3", "ไตรมาสที่ 3/2568", "ไตรมาส 3/2568"],
)
def test_a_quarter_is_read_in_every_agreed_form(text):
    assert parse_quarter(text) == QUARTER


@pytest.mark.parametrize(
    "text", ["2025-Q5", "2025", "", "Q3", "13/2568", "2025-13", "9999-Q1", "abc", "2025-Q3x"]
)
def test_anything_else_is_refused_in_thai_and_english(text):
    with pytest.raises(PeriodError) as refused:
        parse_quarter(text)
    assert refused.value.exit_status == 2
    assert refused.value.th and refused.value.en


def test_months_and_quarters_are_told_apart():
    assert iso(parse_period("2568-09")) == "2025-09"
    assert iso(parse_period("3/2568")) == "2025-Q3"
    with pytest.raises(PeriodError, match="neither"):
        parse_period("2025-00")


def test_the_reader_sees_the_buddhist_year():
    assert buddhist_year(parse_month("2025-01")) == 2568


@pytest.mark.parametrize(
    ("year", "christian"), [(1900, 1900), (2200, 2200), (2443, 1900), (2568, 2025), (2743, 2200)]
)
def test_the_range_of_years_includes_its_ends(year, christian):
    assert christian_year(year) == christian


@pytest.mark.parametrize("year", [1899, 2201, 2399, 2400, 2442, 2744])
def test_years_beyond_the_range_are_refused(year):
    with pytest.raises(PeriodError):
        christian_year(year)


def test_the_day_is_that_of_bangkok_whatever_the_zone_of_the_machine(monkeypatch):
    for zone in ("Pacific/Honolulu", "Pacific/Kiritimati"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        expected = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=7)).date()
        assert today_in_bangkok() == expected
    monkeypatch.undo()
    time.tzset()


def test_one_module_asks_the_clock_so_that_no_day_is_told_in_the_zone_of_the_machine():
    asks = re.compile(r"date\.today\(|datetime\.(?:now|today|utcnow)\(|\btime\.localtime\(")
    package = Path(periods.__file__).parents[1]
    found = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if asks.search(path.read_text("utf-8"))
    ]
    assert found == ["domain/periods.py"]
