"""Inputs of a formula at the frequency of what is computed.

Goes in: observations of one series, monthly or quarterly. Comes out: the same observations at one frequency. Three months
make a quarter as the input declares (sum of a flow, mean of a stock, last of a balance), and only when all three are
there; a quarter stands for each of its months, as the quarterly population of the Labour Force Survey does under a
monthly register. What the source gives at that frequency itself stands before what is made.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

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
