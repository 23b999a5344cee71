"""Relations between series: what an identity leaves over is a series, and its newest value is judged like any other.

Goes in: panels of series and the declared relations (``data/rules/newest_relations.toml``). Comes out: for every relation whose
members are there the distance of its newest value from what it usually leaves over. A relation counts as much as its own
history kept it: one that never held has wide errors and stays silent. Late members only make it be judged at the newest period
that all of them have.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.checks.newest.panel import SEASON, Key, Panel, frequency_of, stacked
from reporter.checks.newest.rules import Limits, Relation
from reporter.checks.newest.surprise import surprises
from reporter.domain.formula import evaluate

_NATION = "TH"


@dataclass(frozen=True)
class Broken:
    """A relation whose newest value is not what it usually leaves over.

    members  the series in it; found, expected: what it leaves over, now and usually
    """

    relation: Relation
    members: tuple[Key, ...]
    period: pd.Period
    found: float
    expected: float
    t: float


def broken(
    panels: Sequence[Panel], declared: Sequence[Relation], limits: Limits, since: pd.Period | None
) -> list[Broken]:
    """Relations above the limit, the farthest first. ``since``: first quarter whose values are looked at."""
    series = _nation(panels)
    left: dict[Key, tuple[Relation, tuple[Key, ...], pd.Series]] = {}
    for relation in declared:
        if all(name in series for name in relation.members):
            values = _evaluated(relation, series)
            left[relation.id, ""] = relation, tuple((name, _NATION) for name in relation.members), values
    for relation, key, values in _against_groups(panels, limits):
        left[relation.id, key[0]] = relation, (key,), values
    found = []
    least = limits.number("relation", "least_quarters")
    for frequency in SEASON:
        own = {
            key: entry
            for key, entry in left.items()
            if entry[2].notna().sum() >= least
            and frequency_of(entry[2]) == frequency
            and _is_recent(entry[2], since)
        }
        found += _judged(own, frequency, limits) if own else []
    return sorted(found, key=lambda one: -one.t)


def _nation(panels: Sequence[Panel]) -> dict[str, pd.Series]:
    return {
        key[0]: panel.series(row)
        for panel in panels
        for row, key in enumerate(panel.keys)
        if key[1] == _NATION
    }


def _evaluated(relation: Relation, series: Mapping[str, pd.Series]) -> pd.Series:
    """What a relation leaves over at the frequency that all members have, without the end that some lack."""
    own = {name: series[name] for name in relation.members}
    if any(frequency_of(one) == "Q" for one in own.values()):
        own = {name: quarterly(one) for name, one in own.items()}
    return _trimmed(evaluate(relation.formula, own))


def quarterly(values: pd.Series) -> pd.Series:
    """Means of whole quarters; a quarter that lacks a month has none."""
    if frequency_of(values) == "Q":
        return values
    by_quarter = values.groupby(pd.PeriodIndex(values.index).asfreq("Q-DEC"))
    return by_quarter.mean().where(by_quarter.count() == 3)


def _trimmed(values: pd.Series) -> pd.Series:
    known = np.flatnonzero(np.isfinite(values.to_numpy(float)))
    return values.iloc[known[0] : known[-1] + 1] if len(known) else values.iloc[:0]


def _is_recent(values: pd.Series, since: pd.Period | None) -> bool:
    return since is None or bool(values.index[-1].asfreq("Q-DEC") >= since)


def _against_groups(panels: Sequence[Panel], limits: Limits) -> list[tuple[Relation, Key, pd.Series]]:
    """Every indicator's national value against the median of its groups of a kind."""
    found = []
    for panel in panels:
        names = np.array([key[0] for key in panel.keys])
        kinds = np.array([key[1].partition(":")[0] for key in panel.keys])
        for row in np.flatnonzero(kinds == _NATION):
            for relation in limits.nation:
                groups = np.flatnonzero((names == names[row]) & (kinds == relation.kind))
                is_long = np.isfinite(panel.values[row]).sum() > panel.season + panel.block
                if is_long and len(groups) >= limits.least_groups:
                    values = _trimmed(_against_median(panel, int(row), groups, limits.least_share))
                    found.append((relation, panel.keys[row], values))
    return found


def _against_median(panel: Panel, row: int, groups: np.ndarray, least_share: float) -> pd.Series:
    """The nation less the median of its groups: in %, or in units where some value is not positive.

    A period in which fewer groups than ``least_share`` of those a year before are known has no value.
    """
    nation = panel.series(row)
    frame = pd.DataFrame({at: panel.series(int(at)) for at in groups}).reindex(nation.index)
    values = frame.to_numpy(float)
    counts = np.isfinite(values).sum(axis=1)
    before = np.concatenate([counts[: panel.season], counts[: -panel.season]])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        lowest = min(np.nanmin(values[: -panel.block]), np.nanmin(nation.to_numpy()[: -panel.block]))
        median = np.nanmedian(values, axis=1)
    whole = (counts > 0) & (counts >= least_share * before)
    if lowest > 0:
        small = 1e-6 * lowest  # a new value of 0 or below
        logs = np.log(np.maximum(nation.to_numpy(float), small)) - np.log(np.maximum(median, small))
        return pd.Series(np.where(whole, 100 * logs, np.nan), nation.index)
    return pd.Series(np.where(whole, nation.to_numpy(float) - median, np.nan), nation.index)


def _judged(
    left: Mapping[Key, tuple[Relation, tuple[Key, ...], pd.Series]], frequency: str, limits: Limits
) -> list[Broken]:
    panel = stacked({key: values for key, (_, _, values) in left.items()}, frequency)
    judged = surprises(
        panel.values,
        panel.season,
        panel.block,
        disturbed=panel.in_years(limits.disturbed_years),
        in_level=np.ones(len(panel.keys), bool),
        least_errors=int(limits.number("surprise", "least_errors")),
        floor=np.array([relation.floor for relation, _, _ in left.values()]),
    )
    found = []
    for row, (relation, members, _) in enumerate(left.values()):
        column = int(judged.t[row].argmax()) - panel.block
        if judged.t[row, column] > limits.number("relation", "answer"):
            found.append(
                Broken(
                    relation,
                    members,
                    panel.period(row, column),
                    float(panel.values[row, column]),
                    float(judged.expected[row, column]),
                    float(judged.t[row, column]),
                )
            )
    return found
