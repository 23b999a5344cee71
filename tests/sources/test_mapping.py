"""Rows of an answer -> observations of the declared series."""

from __future__ import annotations

import datetime as dt

import pytest

from reporter.domain.errors import ServiceError
from reporter.sources.catalogue import SeriesMapping
from reporter.sources.proposal import RowOrigin, observations

RECEIVED = dt.datetime(2025, 11, 20, 3, 0, tzinfo=dt.UTC)
BY_QUARTER = {"year": "year", "quarter": "quarterName"}


def mapped(rows, declarations=None, frequency="quarterly", parameters=None, **mapping):
    declared = SeriesMapping.model_validate(
        {"series": "x", "value": "value", "period": BY_QUARTER, **mapping}
    )
    groups = declarations.groups if declarations else {}
    origin = RowOrigin("mol:TEST", "test", "snapshots/test", frequency, RECEIVED, parameters or {})
    return observations(rows, [declared], origin, groups)


def row(year, quarter, value, **more):
    return {"year": year, "quarterName": quarter, "value": value, **more}


def by_period(found):
    return dict(zip(found["period"], found["value"], strict=True))


def test_rows_in_no_order_with_buddhist_years_as_text():
    found = mapped([row("2561", "ไตรมาส 3", 9710), row("2556", "ไตรมาส 4", "7,418")])
    assert by_period(found) == {"2013-Q4": 7418, "2018-Q3": 9710}
    assert found["as_of"].astype(str).unique().tolist() == [
        "2025-11-20 10:00:00"
    ]  # 03:00 UTC is 10:00 in Thailand


def test_a_row_repeated_whole_counts_once():
    assert by_period(mapped([row("2561", "ไตรมาส 3", 1), row("2561", "ไตรมาส 3", 1)], combine="sum")) == {
        "2018-Q3": 1
    }


def test_of_rows_with_several_stamps_the_newest_counts_however_its_name_is_spelt():
    rows = [
        row("2561", "ไตรมาส 3", 2, asOfdt="2021-03-29T05:59:51.000+07:00"),
        row("2561", "ไตรมาส 3", 1, asOfDt="2021-03-28T05:59:51.000+07:00"),
    ]
    found = mapped(rows)
    assert by_period(found) == {"2018-Q3": 2}
    assert str(found["published"][0]) == "2021-03-29 05:59:51"


def test_several_values_of_one_period_are_refused_with_their_rows():
    with pytest.raises(ServiceError, match="row 1 = 1, row 2 = 2"):
        mapped([row("2561", "ไตรมาส 3", 1), row("2561", "ไตรมาส 3", 2)])


def test_several_rows_may_be_summed():
    rows = [row("2561", "ไตรมาส 3", 1, kind="a"), row("2561", "ไตรมาส 3", 2, kind="b")]
    assert by_period(mapped(rows, combine="sum")) == {"2018-Q3": 3}


def test_rows_are_chosen_by_their_fields():
    rows = [row("2561", "1", 1, sex="รวม"), row("2561", "1", 2, sex="ชาย")]
    assert by_period(mapped(rows, where={"SEX": "ชาย"})) == {"2018-Q1": 2}
    assert by_period(mapped(rows, where={"sex": ["ยอดรวม", "รวม"]})) == {"2018-Q1": 1}
    with pytest.raises(ServiceError, match="no row meets"):
        mapped(rows, where={"sex": "หญิง"})


def test_fiscal_quarters_become_calendar_quarters():
    found = mapped([row("2568", "ไตรมาส 1", 5)], period={**BY_QUARTER, "calendar": "fiscal"})
    assert by_period(found) == {"2024-Q4": 5}


def test_months_carry_their_own_year_or_the_fiscal_one():
    rows = [{"year": 2561, "month": "10", "value": 1}, {"year": 2562, "month": "01", "value": 2}]
    period = {"year": "year", "month": "month"}
    assert by_period(mapped(rows, frequency="monthly", period=period)) == {"2018-10": 1, "2019-01": 2}
    fiscal = [{"year": 2562, "month": "ต.ค.", "value": 1}]
    assert by_period(mapped(fiscal, frequency="monthly", period={**period, "calendar": "fiscal"})) == {
        "2018-10": 1
    }


def test_the_year_may_stand_in_the_request():
    found = mapped(
        [{"value": 3}], frequency="yearly", period={"parameter": "year"}, parameters={"year": "2568"}
    )
    assert by_period(found) == {"2025": 3}


def test_groups_are_known_by_their_thai_names(declarations):
    rows = [
        row("2568", "1", 1, prov="จังหวัดเชียงใหม่"),
        row("2568", "1", 2, prov="กทม."),
        row("2568", "1", 3, prov="ทั่วประเทศ"),
    ]
    found = mapped(rows, declarations, group={"field": "prov", "kind": "PROVINCE"})
    assert found["group"].tolist() == ["PROVINCE:TH-10", "PROVINCE:TH-50", "TH"]
    with pytest.raises(ServiceError, match="unknown group"):
        mapped(
            [row("2568", "1", 1, prov="แดนไกล")], declarations, group={"field": "prov", "kind": "PROVINCE"}
        )


def test_all_unreadable_rows_are_told_together():
    rows = [
        row("2561", "ไตรมาส 3", "x"),
        row("256", "ไตรมาส 3", 1),
        row("2561", "ไตรมาส 5", 1),
        row("2561", "Q1", "y"),
    ]
    with pytest.raises(
        ServiceError, match=r'row 1: "x" is not a number; row 2: "256" is not a year.* 1 rows more'
    ):
        mapped(rows)


def test_a_field_that_is_gone_is_told():
    with pytest.raises(ServiceError, match="no field value"):
        mapped([{"year": "2561", "quarterName": "1", "amount": 3}])


def test_another_frequency_than_declared_is_refused():
    with pytest.raises(ServiceError, match="is not monthly"):
        mapped([row("2561", "1", 1)], frequency="monthly")


def test_empty_cells_are_no_observations():
    assert by_period(mapped([row("2561", "1", "-"), row("2561", "2", 4)])) == {"2018-Q2": 4}
