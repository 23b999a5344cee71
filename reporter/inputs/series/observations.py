"""Which observation counts: the newest vintage on a date, and the series that are computed from others.

Goes in: the history of observations. Comes out: one value per indicator, group and period.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.formula import evaluate, names
from reporter.measures.annex import aggregate_of, at_frequency

KEY = ["indicator", "group", "period"]


def latest_vintage(history: pd.DataFrame, as_of: dt.date | None) -> pd.DataFrame:
    """Newest vintage of each observation not later than the date (None: newest of all), sorted by key."""
    known = history
    if as_of is not None:
        # The whole day counts: the store knows hours, files know days.
        known = known[known["as_of"].isna() | (known["as_of"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))]
    ordered = known.sort_values([*KEY, "as_of"], na_position="first", kind="stable")
    return ordered.drop_duplicates(KEY, keep="last").reset_index(drop=True)


def with_computed(observations: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """Add the values of indicators that are absent but whose formula's inputs are there."""
    present = set(observations["indicator"].unique())
    added = []
    for indicator in declarations.indicators.values():
        inputs = names(indicator.formula) if indicator.formula else ()
        if inputs and present.issuperset(inputs):
            own = observations[observations["indicator"] == indicator.id]
            added.append(_computed(observations, indicator, inputs, own))
    added = [rows for rows in added if len(rows)]
    if not added:
        return observations
    return pd.concat([observations, *added], ignore_index=True).sort_values(KEY, ignore_index=True)


def _computed(
    observations: pd.DataFrame, indicator: Indicator, inputs: tuple[str, ...], own: pd.DataFrame
) -> pd.DataFrame:
    """Rows of one indicator where all inputs are known and it is not; they carry the place of the first input."""
    by_input = {
        name: at_frequency(
            observations[observations["indicator"] == name], indicator.frequency, aggregate_of(name)
        ).set_index(["group", "period"])
        for name in inputs
    }
    values = evaluate(indicator.formula, {name: rows["value"] for name, rows in by_input.items()}).dropna()
    have = pd.MultiIndex.from_frame(own[["group", "period"]])
    wanted = values.index.difference(have)
    first = by_input[inputs[0]].loc[wanted]
    rows = first.assign(indicator=indicator.id, value=values[wanted])
    for other in inputs[1:]:
        rows["as_of"] = rows["as_of"].combine(by_input[other].loc[wanted, "as_of"], _later)
        rows["adjusted"] &= by_input[other].loc[wanted, "adjusted"]
    return rows.reset_index()[observations.columns.tolist()]


def _later(first: pd.Timestamp, second: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(first):
        return second
    return first if pd.isna(second) else max(first, second)
