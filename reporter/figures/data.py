"""Picking what a chart draws out of the tables: rows, the last quarters, columns side by side. No statistic is computed."""

from __future__ import annotations

import pandas as pd

from reporter.domain.context import Context
from reporter.domain.periods import iso, parse_period

QUARTERS = 13  # this quarter and the twelve before it


def rows(table: pd.DataFrame, **conditions: object) -> pd.DataFrame:
    """Rows whose columns equal the values given; a list or tuple means any of its values."""
    keep = pd.Series(True, table.index)
    for column, wanted in conditions.items():
        keep &= (
            table[column].isin(list(wanted))
            if isinstance(wanted, list | tuple | set)
            else table[column] == wanted
        )
    return table[keep]


def recent(table: pd.DataFrame, context: Context, count: int = QUARTERS) -> pd.DataFrame:
    """Rows of the last ``count`` quarters up to the issue's own."""
    window = set(last_quarters(context, count))
    return table[table["period"].isin(window)]


def last_quarters(context: Context, count: int = QUARTERS) -> list[str]:
    """The last ``count`` quarters up to the issue's own, oldest first."""
    return [iso(context.quarter - back) for back in range(count - 1, -1, -1)]


def up_to(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Rows of periods, months or quarters, that begin no later than the issue's quarter ends."""
    end = context.quarter.end_time
    starts = {period: parse_period(str(period)).start_time for period in table["period"].unique()}
    return table[table["period"].map(starts) <= end]


def series(table: pd.DataFrame, column: str = "value") -> pd.Series:
    """period -> number, oldest first."""
    return table.set_index("period")[column].sort_index().astype(float)


def wide(table: pd.DataFrame, rows: str, columns: str, value: str = "value") -> pd.DataFrame:
    """row x column of one number; cells that are not in the table are NaN."""
    return table.pivot(index=rows, columns=columns, values=value).astype(float)


def ordered(table: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    """Rows in a declared order of one column's values; others are left out, ties keep their order."""
    rank = {name: at for at, name in enumerate(order)}
    kept = table[table[column].isin(rank)]
    return kept.sort_values(column, key=lambda names: names.map(rank), kind="stable")


def now(context: Context) -> str:
    """The issue's quarter as in tables."""
    return iso(context.quarter)


def ago(context: Context, quarters: int) -> str:
    """A quarter before the issue's, as in tables."""
    return iso(context.quarter - quarters)


def by_quarter(table: pd.DataFrame, column: str, key: str) -> pd.DataFrame:
    """Months put together to quarters by their mean, quarters as they are: key, period, value."""
    labels = table["period"].astype(str)
    quarters = {label: iso(parse_period(label).asfreq("Q-DEC")) for label in labels.unique()}
    keyed = table.assign(period=labels.map(quarters)).groupby([key, "period"], sort=False)[column].mean()
    return keyed.rename("value").reset_index()


def every_quarter(first: str, last: str) -> list[str]:
    """All quarters from one to another, as in tables; holes of a series become rows without value."""
    return [iso(quarter) for quarter in pd.period_range(first, last, freq="Q-DEC")]


def quarters_back(period: str, count: int) -> str:
    """The quarter so many quarters before another, as in tables."""
    return iso(pd.Period(period, freq="Q-DEC") - count)
