"""The ministry's budget against the calendar's pace."""

from __future__ import annotations

import pandas as pd

from reporter.domain import schema
from reporter.measures import compute_fiscal


def records(months=None, budget=None, strategies=()):
    rows = [("fiscal_disbursed", "TH", month, value) for month, value in (months or {}).items()]
    rows += [("fiscal_budget", "TH", year, value) for year, value in (budget or {}).items()]
    rows += [(series, f"STRATEGY:{name}", year, value) for series, name, year, value in strategies]
    return pd.DataFrame(rows, columns=["indicator", "group", "period", "value"])


def measures(table, period):
    found = table[table["period"] == period]
    return dict(zip(found["measure"], found["value"], strict=True))


MONTHS = {str(pd.Period("2024-10", freq="M") + n): 100.0 + n for n in range(12)}


def test_the_third_calendar_quarter_closes_the_fiscal_year():
    found = measures(compute_fiscal(records(MONTHS, {"2025": 2000.0}), pd.Period("2025Q3")), "2025-Q3")
    # 100 + 101 + ... + 111 = 1266
    assert found == {
        "budget": 2000.0,
        "disbursed": 1266.0,
        "disbursed_rate": 63.3,
        "pace": 100.0,
        "target": 2000.0,
    }


def test_the_last_calendar_quarter_opens_the_next_fiscal_year():
    table = compute_fiscal(records(MONTHS, {"2025": 2000.0}), pd.Period("2025Q3"))
    found = measures(table, "2024-Q4")
    assert found == {
        "budget": 2000.0,
        "disbursed": 303.0,
        "disbursed_rate": 15.15,
        "pace": 25.0,
        "target": 500.0,
    }
    assert measures(table, "2024-10") == {"disbursed_month": 100.0}


def test_a_missing_month_leaves_the_sum_out_and_later_months_do_not_count():
    months = {month: value for month, value in MONTHS.items() if month != "2024-11"}
    table = compute_fiscal(records(months, {"2025": 2000.0}), pd.Period("2025Q2"))
    assert set(measures(table, "2025-Q2")) == {"budget", "pace", "target"}
    assert "2025-Q3" not in set(table["period"]) and "2025-07" not in set(table["period"])


def test_strategies_stand_at_the_issues_quarter():
    strategies = [
        ("fiscal_budget_strategy", "ยุทธศาสตร์ด้านความมั่นคง", "2026", 10.0),
        ("fiscal_disbursed_strategy", "ยุทธศาสตร์ด้านความมั่นคง", "2025", 9.0),
    ]
    found = measures(compute_fiscal(records(strategies=strategies), pd.Period("2025Q4")), "2025-Q4")
    assert found == {"budget:ยุทธศาสตร์ด้านความมั่นคง": 10.0}


def test_without_records_the_table_is_empty():
    table = compute_fiscal(records(), pd.Period("2025Q3"))
    assert table.empty and list(table.columns) == schema.columns("fiscal")
