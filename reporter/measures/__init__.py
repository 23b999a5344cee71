"""Measures from declared formulas: the study's statistical annex, the ministry's budget, warning signals.

``annex``    91 indicators of the labour market and of the ministry's work, from raw counts or delivered rates
and here the budget's pace (table ``fiscal``) and months and quarters of a series
``signals``  early warning: signals, turning points, usefulness, the diffusion index
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.measures.annex import Annex, aggregate_of, annex_inputs, compute_annex, load_annex
from reporter.measures.signals import compute_signals

__all__ = [
    "Annex",
    "aggregate_of",
    "annex_inputs",
    "at_frequency",
    "compute_annex",
    "compute_fiscal",
    "compute_signals",
    "load_annex",
]


# ----------------------------------------------------------------------------------------------------
# Fiscal context of chapter 1 (the ministry's budget, what of it is disbursed, the calendar's pace), and series at another frequency.
#
# Goes in: records of the store whose ids begin with ``fiscal_`` (government spending services; million baht). Comes out:
# the table ``fiscal``. The fiscal year runs from October to September and bears the year in which it ends, so 2025-Q4 is
# the first quarter of fiscal 2026. Pace: the share of the fiscal year that has passed, against which the disbursed share
# is read. Method: method.md, 5 and issue 6. ``at_frequency`` makes complete quarters of months, and months of quarters.
# ----------------------------------------------------------------------------------------------------

_LETTER = {"monthly": "M", "quarterly": "Q"}
_KEY = ["group", "period"]
Aggregate = Literal["sum", "mean", "last"]


def at_frequency(
    rows: pd.DataFrame, frequency: Literal["monthly", "quarterly"], aggregate: Aggregate
) -> pd.DataFrame:
    """Observations of one series (docs/tables.md) at ``frequency``; ``as_of`` of a quarter is its last month's."""
    letter = _LETTER[frequency]
    own, others = rows[rows["frequency"] == letter], rows[rows["frequency"] != letter]
    if others.empty:
        return own
    made = _quarters(others, aggregate) if letter == "Q" else _months(others)
    have = pd.MultiIndex.from_frame(own[_KEY])
    made = made[~pd.MultiIndex.from_frame(made[_KEY]).isin(have)]
    return pd.concat([own, made[rows.columns]], ignore_index=True) if len(own) else made[rows.columns]


def _quarters(months: pd.DataFrame, aggregate: Aggregate) -> pd.DataFrame:
    """Complete quarters of monthly observations."""
    month = pd.PeriodIndex(months["period"], freq="M")
    dated = months.assign(period=[f"{p.year}-Q{p.quarter}" for p in month], _month=month).sort_values(
        "_month"
    )
    grouped = dated.groupby(_KEY, sort=True, observed=True)
    made = grouped.agg("last")
    made["value"] = grouped["value"].agg(aggregate)
    made["as_of"] = grouped["as_of"].max()
    made["adjusted"] = grouped["adjusted"].all()
    return made[grouped.size() == 3].assign(frequency="Q").reset_index()


def _months(quarters: pd.DataFrame) -> pd.DataFrame:
    """Each quarter's value for its three months."""
    quarter = pd.PeriodIndex(quarters["period"].str.replace("-Q", "Q"), freq="Q")
    first = quarter.asfreq("M", how="START")
    parts = [quarters.assign(period=(first + ahead).strftime("%Y-%m"), frequency="M") for ahead in range(3)]
    return pd.concat(parts, ignore_index=True)


PREFIX = "fiscal_"
_MONTHS = 12
_STRATEGY = "STRATEGY:"


def compute_fiscal(records: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    """Budget, disbursement and pace, quarters and months up to the issue's.

    records   ``vintages.records(root, as_of, prefix="fiscal_")``: ``indicator, group, period, value`` at least; periods
              are months (2025-09) or fiscal years (2025)
    Returns   ``period,measure,value``. Per quarter: ``budget`` of its fiscal year, ``disbursed`` from October to the
              quarter's end, ``target`` = budget x share of the year passed (all million baht), ``disbursed_rate`` and
              ``pace`` (% of the budget). Per month: ``disbursed_month``. At the issue's quarter, per strategy:
              ``budget:<name>``, ``disbursed:<name>``. A quarter whose months are not all there has no ``disbursed``.
    """
    months = _fiscal_months(records, quarter)
    budgets = _yearly(records, "fiscal_budget", "TH")
    rows = [(iso(month), "disbursed_month", value) for month, value in months.items()]
    quarters = sorted(
        {month.asfreq("Q") for month in months} | ({quarter} if _fiscal(quarter) in budgets else set())
    )
    for each in quarters:
        rows += _quarter(each, months, budgets.get(_fiscal(each)))
    rows += _strategies(records, quarter)
    table = pd.DataFrame(rows, columns=schema.columns("fiscal")).astype({"value": "float64"})
    return table.sort_values(["period", "measure"], ignore_index=True)


def _quarter(
    quarter: pd.Period, months: dict[pd.Period, float], budget: float | None
) -> list[tuple[str, str, float]]:
    """The measures of one quarter that can be known."""
    passed = _passed(quarter)
    last = quarter.asfreq("M", how="end")
    needed = [last - back for back in range(passed)]
    rows: list[tuple[str, str, float]] = [(iso(quarter), "pace", passed / _MONTHS * 100)]
    disbursed = sum(months[month] for month in needed) if all(month in months for month in needed) else None
    if disbursed is not None:
        rows.append((iso(quarter), "disbursed", disbursed))
    if budget is not None:
        rows += [(iso(quarter), "budget", budget), (iso(quarter), "target", budget * passed / _MONTHS)]
    if disbursed is not None and budget:
        rows.append((iso(quarter), "disbursed_rate", disbursed / budget * 100))
    return rows


def _strategies(records: pd.DataFrame, quarter: pd.Period) -> list[tuple[str, str, float]]:
    """Budget and disbursement of the issue's fiscal year by strategy."""
    rows = []
    for series, measure in (("fiscal_budget_strategy", "budget"), ("fiscal_disbursed_strategy", "disbursed")):
        for group in sorted(records.loc[records["indicator"] == series, "group"].unique()):
            value = _yearly(records, series, group).get(_fiscal(quarter))
            if value is not None:
                rows.append((iso(quarter), f"{measure}:{group.removeprefix(_STRATEGY)}", value))
    return rows


def _fiscal_months(records: pd.DataFrame, quarter: pd.Period) -> dict[pd.Period, float]:
    """Disbursement of the months up to the quarter's end; months to come, which the service lists as zero, do not count."""
    found = records[(records["indicator"] == "fiscal_disbursed") & (records["group"] == "TH")]
    last = quarter.asfreq("M", how="end")
    values = {
        pd.Period(text, freq="M"): value for text, value in zip(found["period"], found["value"], strict=True)
    }
    return {month: values[month] for month in sorted(values) if month <= last}


def _yearly(records: pd.DataFrame, series: str, group: str) -> dict[int, float]:
    """Fiscal year (Christian) -> value of one series."""
    found = records[(records["indicator"] == series) & (records["group"] == group)]
    return {int(text): value for text, value in zip(found["period"], found["value"], strict=True)}


def _fiscal(quarter: pd.Period) -> int:
    """Fiscal year in which a calendar quarter lies: October to December belong to the next."""
    return int(quarter.year) + (quarter.quarter == 4)


def _passed(quarter: pd.Period) -> int:
    """Months of its fiscal year that have passed at a quarter's end: 3, 6, 9 or 12."""
    return int((quarter.quarter % 4 + 1) * 3)
