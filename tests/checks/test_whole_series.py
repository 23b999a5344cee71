"""Whole series: periods that lack inside them, and a nation that is smaller than one of its parts."""

import pandas as pd

from reporter.checks.series import check_coverage
from reporter.inputs.declared import load
from reporter.inputs.workspace import needs_waiver

ISSUE = pd.Period("2025Q3")
PROVINCES = ["PROVINCE:TH-10", "PROVINCE:TH-50", "PROVINCE:TH-83"]


def _rows(series: str, first: str, last: str, without=(), group="TH", freq="Q") -> pd.DataFrame:
    periods = [
        f"{p.year}-Q{p.quarter}" if freq == "Q" else f"{p.year}-{p.month:02d}"
        for p in pd.period_range(first, last, freq=freq)
    ]
    kept = [text for text in periods if text not in without]
    return pd.DataFrame(
        {
            "indicator": series, "group": group, "period": kept, "frequency": freq, "value": range(len(kept)),
            "as_of": pd.NaT, "adjusted": False, "flag": "", "file": "series/a.csv", "row": range(2, len(kept) + 2), "cell": "",
        }
    )  # fmt: skip


def _holes(*frames: pd.DataFrame, quarter=ISSUE):
    found = check_coverage(pd.concat(frames, ignore_index=True), load(), quarter)
    return [one for one in found if one.rule == "series.hole"]


def test_the_issues_quarter_that_lacks_before_a_later_value_needs_an_answer():
    (found,) = _holes(_rows("unemployment_rate", "2019Q1", "2025Q4", ["2025-Q3"]))
    assert needs_waiver(found)
    assert found.subject == "unemployment_rate TH 2025-Q3"
    assert found.row == 28  # the value behind the hole
    assert "2025-Q4" in found.th
    assert "2025-Q4" in found.en


def test_a_year_mistyped_in_one_of_many_series_needs_an_answer():
    others = [
        _rows(name, "2019Q1", "2025Q3") for name in ("employment_rate", "participation_rate", "hours_worked")
    ]
    (found,) = _holes(
        *others, _rows("unemployment_rate", "2019Q1", "2026Q3", ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"])
    )
    assert needs_waiver(found)


def test_a_month_of_the_issues_quarter_needs_an_answer_and_a_late_one_none():
    (found,) = _holes(_rows("mpi", "2019-01", "2025-09", ["2025-08"], freq="M"))
    assert needs_waiver(found)
    assert found.subject == "mpi TH 2025-08"
    assert _holes(_rows("mpi", "2019-01", "2025-08", freq="M")) == []


def test_old_holes_are_one_note_a_series_and_a_lone_old_period_is_left_alone():
    gone = ["2016-Q1", "2016-Q2", "2018-Q3", "2018-Q4"]
    (found,) = _holes(_rows("employment_rate", "2012Q1", "2025Q3", gone))
    assert found.severity == "note"
    assert "4 periods" in found.en
    assert _holes(_rows("employment_rate", "2012Q1", "2025Q3", ["2020-Q2"])) == []


def test_a_series_that_appears_twice_a_year_has_no_holes():
    odd = [f"{year}-Q{quarter}" for year in range(2008, 2026) for quarter in (2, 4)]
    assert _holes(_rows("employment_rate", "2008Q1", "2025Q3", odd)) == []


def test_provinces_are_told_together_where_most_of_them_lack_the_quarter():
    rows = [_rows("unemployment_rate", "2019Q1", "2025Q4", ["2025-Q3"], group) for group in PROVINCES]
    whole = _rows("unemployment_rate", "2019Q1", "2025Q3")
    (found,) = _holes(whole, *rows)
    assert "2 more groups" in found.en
    assert needs_waiver(found)
    kept = [_rows("unemployment_rate", "2019Q1", "2025Q4", group=group) for group in PROVINCES[1:]]
    assert _holes(whole, rows[0], *kept) == []  # a cell that was too small to print


def test_an_issue_that_later_data_have_passed_needs_no_answer_for_what_lacked_then():
    found = _holes(_rows("neet_rate", "2012Q1", "2025Q3", ["2020-Q2"]), quarter=pd.Period("2020Q2"))
    assert [one.severity for one in found] == ["note"]


def test_a_count_of_the_nation_below_that_of_one_province_is_an_error():
    nation = _rows("vacancies", "2019-01", "2025-09", freq="M").assign(value=33.0)
    province = _rows("vacancies", "2019-01", "2025-09", group=PROVINCES[0], freq="M").assign(value=9000.0)
    found = check_coverage(pd.concat([nation, province], ignore_index=True), load(), ISSUE)
    (one,) = [one for one in found if one.rule == "series.whole"]
    assert one.severity == "error"
    assert PROVINCES[0] in one.th
    right = pd.concat([nation.assign(value=33000.0), province], ignore_index=True)
    assert "series.whole" not in {one.rule for one in check_coverage(right, load(), ISSUE)}


def test_a_rate_of_one_province_may_be_above_the_nations():
    nation = _rows("unemployment_rate", "2019Q1", "2025Q3").assign(value=0.9)
    province = _rows("unemployment_rate", "2019Q1", "2025Q3", group=PROVINCES[0]).assign(value=2.1)
    found = check_coverage(pd.concat([nation, province], ignore_index=True), load(), ISSUE)
    assert "series.whole" not in {one.rule for one in found}
