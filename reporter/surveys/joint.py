"""Joint reading: the confidence indices beside other quarterly indices.

Goes in: ``confidence``, ``labour_index``, ``series`` and ``macro`` (docs/tables.md). Comes out: ``joint`` (one row per
variable and quarter, in the variable's own unit) and ``joint_correlations`` with leads and lags. A correlation
is published with its number of quarters and a Fisher interval; under 8 common quarters none is given.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso, parse_period

LEADS = 4
LEAST = 8
SURVEYS = ("employer", "worker")
_ELEVENTH = 1 / 11  # one of eleven dimensions that count alike: no weight has been estimated for it yet
SENTIMENT = ("consumer_confidence", "business_sentiment")


def compute(
    confidence: pd.DataFrame, labour_index: pd.DataFrame, series: pd.DataFrame, macro: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """``joint``: ``variable,period,value``; ``joint_correlations``: ``first,second,lead,correlation,n,low,high``;
    ``sensitivity_confidence``: ``period,composite,confidence,with_confidence,difference``.

    Variables: ``confidence_employer``, ``confidence_worker``, ``labour_index``, the sentiment series (seasonally
    adjusted, mean of the quarter's months) and the macro variables. ``lead`` > 0: first leads second. Quarters of the
    surveys only; empty tables when there is no survey.
    """
    variables = _variables(confidence, labour_index, series, macro)
    surveyed = [name for name in variables if name.startswith("confidence_")]
    rows = [
        (first, second, lead, *_correlation(variables[first], variables[second], lead))
        for first in surveyed
        for second in variables
        if second != first and not (second in surveyed and second < first)
        for lead in range(-LEADS, LEADS + 1)
    ]
    correlations = pd.DataFrame(rows, columns=schema.columns("joint_correlations")).dropna(
        subset="correlation"
    )
    return {
        "joint": _joint(variables, surveyed),
        "joint_correlations": correlations.astype({"lead": "int64", "n": "int64"}).reset_index(drop=True),
        "sensitivity_confidence": _with_confidence(variables, surveyed),
    }


def _with_confidence(variables: Mapping[str, pd.Series], surveyed: list[str]) -> pd.DataFrame:
    """``sensitivity_confidence``: the composite as if confidence were its eleventh dimension, all dimensions alike.

    Experimental (study 5.3, no. 2): the dimension is the mean of both surveys' standardised indices, on the composite's own
    mean and spread over the common quarters. Under eight of those there is no row. It never enters the headline.
    """
    nothing = pd.DataFrame(columns=schema.columns("sensitivity_confidence"))
    composite = variables.get("labour_index")
    if composite is None or len(surveyed) < len(SURVEYS):
        return nothing
    parts = [*(variables[name] for name in surveyed), composite]
    both = pd.concat(parts, axis=1, keys=[*surveyed, "index"]).dropna()
    if len(both) < LEAST or not (both.std() > 0).all():
        return nothing
    scores = ((both - both.mean()) / both.std())[surveyed].mean(axis=1)
    dimension = both["index"].mean() + both["index"].std() * scores / scores.std()
    together = (1 - _ELEVENTH) * both["index"] + _ELEVENTH * dimension
    return pd.DataFrame(
        {
            "period": [iso(quarter) for quarter in both.index],
            "composite": both["index"].to_numpy(),
            "confidence": dimension.to_numpy(),
            "with_confidence": together.to_numpy(),
            "difference": (together - both["index"]).to_numpy(),
        }
    )


def _variables(
    confidence: pd.DataFrame, labour_index: pd.DataFrame, series: pd.DataFrame, macro: pd.DataFrame
) -> dict[str, pd.Series]:
    found: dict[str, pd.Series] = {}
    for survey in SURVEYS:
        own = confidence[(confidence["survey"] == survey) & (confidence["domain"] == "overall")]
        found[f"confidence_{survey}"] = _quarterly(own[own["group"] == "TH"], "value")
    own = labour_index[(labour_index["dimension"] == "overall") & (labour_index["group"] == "TH")]
    found["labour_index"] = _quarterly(own, "value")
    for indicator in SENTIMENT:
        own = series[(series["indicator"] == indicator) & (series["group"] == "TH")]
        adjusted = own["adjusted"].fillna(own["raw"])
        found[indicator] = _quarterly(own.assign(value=adjusted), "value")
    for variable, own in macro.groupby("variable", sort=True):
        found[str(variable)] = _quarterly(own, "value")
    return {name: values for name, values in found.items() if len(values)}


def _quarterly(table: pd.DataFrame, column: str) -> pd.Series:
    """Values by quarter; months are averaged over the months there are."""
    known = table.dropna(subset=[column])
    quarters = [parse_period(text).asfreq("Q-DEC") for text in known["period"]]
    values = pd.Series(known[column].to_numpy(dtype=float), index=pd.PeriodIndex(quarters, freq="Q-DEC"))
    return values.groupby(level=0).mean().sort_index()


def _correlation(first: pd.Series, second: pd.Series, lead: int) -> tuple[float, int, float, float]:
    """Correlation of first(t) with second(t + lead), n, and Fisher's 95 % interval; NaN under 8 quarters."""
    later = second.copy()
    later.index = later.index - lead
    both = pd.concat([first, later], axis=1, join="inner").dropna()
    n = len(both)
    if n < LEAST or (both.std() == 0).any():
        return np.nan, n, np.nan, np.nan
    value = float(np.clip(np.corrcoef(both.to_numpy().T)[0, 1], -1, 1))
    centre, half = np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12)), 1.959963984540054 / np.sqrt(n - 3)
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return value, n, min(low, value), max(high, value)


def _joint(variables: Mapping[str, pd.Series], surveyed: list[str]) -> pd.DataFrame:
    quarters = sorted({quarter for name in surveyed for quarter in variables[name].index})
    rows = [
        (name, iso(quarter), float(values[quarter]))
        for name, values in variables.items()
        for quarter in quarters
        if quarter in values.index
    ]
    return pd.DataFrame(rows, columns=schema.columns("joint"))
