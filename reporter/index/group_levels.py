"""Which groups stand higher: a second index that compares groups with each other in one quarter, and ranks that its errors leave open.

In: adjusted quarterly levels of the groups' indicators, polarities, the nation's weights. Out: table ``group_levels``. The cycle index measures each group against its own past, so
it says nothing on who is better off; this one standardises every indicator across the groups of a kind. Of each indicator the mean of the last four
quarters counts; members of a dimension count alike, dimensions by the nation's weights; 100 is the mean of all groups, and
10 points are one standard deviation between groups.

The error of a level is its members' own movements in the past: what an indicator of a group does that the group's other indicators do not, in the
same four-quarter means, so persistent noise and the sampling error of the labour force survey are both in it. Ranks stay open between
groups whose difference is within 95 % of its error (Goldstein and Spiegelhalter 1996).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index.points import Z95

QUARTERS = 4  # a year: seasonal rests cancel and survey noise halves
_LEAST_SHARE = (
    0.8  # of a kind's groups must have an indicator, or the groups are compared on different things
)
_FEWEST_GROUPS = 3  # two groups have no distribution
_FEWEST_HISTORY = 12  # four-quarter means that an error is estimated from


@dataclass(frozen=True)
class Levels:
    """Levels of one group: indicator -> quarterly values."""

    group: str
    values: Mapping[str, pd.Series]


def table(
    groups: Sequence[Levels], kind: str, declarations: Declarations, weights: pd.Series, quarter: pd.Period
) -> pd.DataFrame:
    """Rows of ``group_levels`` for the groups of one kind; none where too few can be compared.

    weights  dimension -> the nation's weight
    """
    panel = _panel(groups, declarations, quarter)
    if not panel:
        return schema.empty("group_levels")
    names = [group.group for group in groups]
    importance = _importance(list(panel), declarations, weights)
    scores = _scores(panel, importance)
    level = 100 + 10 * scores[:, -1]
    error = 10 * _errors(panel, importance)
    known = np.isfinite(level) & np.isfinite(error)
    ranks = ranked(level[known], error[known])
    count = len({declarations.indicators[name].dimension for name in panel})
    rows = [
        [kind, names[place], iso(quarter), level[place], level[place] - Z95 * error[place],
         level[place] + Z95 * error[place], *ranks[row], count, len(panel)]
        for row, place in enumerate(np.flatnonzero(known))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=schema.columns("group_levels"))


def _panel(groups: Sequence[Levels], declarations: Declarations, quarter: pd.Period) -> dict[str, np.ndarray]:
    """Indicator -> groups x quarters: four-quarter means, standardised across groups in each quarter, higher is better."""
    if len(groups) < _FEWEST_GROUPS:
        return {}
    found = {}
    for name, item in declarations.indicators.items():
        having = [group.values[name] for group in groups if name in group.values]
        if len(having) < _LEAST_SHARE * len(groups):
            continue
        first = min(values.index[0] for values in having)
        index = pd.period_range(first, quarter, freq="Q-DEC")
        empty = pd.Series(np.nan, index)
        wide = np.array(
            [group.values.get(name, empty).reindex(index).to_numpy(dtype=float) for group in groups]
        )
        mean = pd.DataFrame(wide.T).rolling(QUARTERS, min_periods=1).mean().to_numpy().T
        known = np.isfinite(mean).any(axis=0)
        if not known[-1]:
            continue
        mean = mean[:, int(np.argmax(known)) :]
        centred = mean - _mean(mean, axis=0)
        spread = np.sqrt(_mean(centred**2, axis=0))
        found[name] = item.polarity * centred / np.where(spread > 0, spread, np.nan)
    length = min((values.shape[1] for values in found.values()), default=0)
    return {name: values[:, -length:] for name, values in found.items()}


def _importance(names: Sequence[str], declarations: Declarations, weights: pd.Series) -> np.ndarray:
    """Weight of each indicator: the dimension's, shared by its members; they sum to 1."""
    dimensions = [declarations.indicators[name].dimension for name in names]
    share = np.array([float(weights.get(d, 0.0)) / dimensions.count(d) for d in dimensions])
    return share / share.sum() if share.sum() > 0 else np.full(len(names), 1 / len(names))


def _scores(panel: Mapping[str, np.ndarray], importance: np.ndarray) -> np.ndarray:
    """Groups x quarters: weighted means over the indicators that are there."""
    stack = np.array(list(panel.values()))
    there = np.isfinite(stack) * importance[:, None, None]
    total = there.sum(axis=0)
    sums = (np.nan_to_num(stack) * there).sum(axis=0)
    return np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)


def _errors(panel: Mapping[str, np.ndarray], importance: np.ndarray) -> np.ndarray:
    """Standard deviation of each group's newest score: from its members' movements of their own."""
    stack = np.array(list(panel.values()))
    count, groups, quarters = stack.shape
    if count < 2 or quarters < _FEWEST_HISTORY:
        return np.full(groups, np.nan)
    moved = stack - _mean(stack, axis=2)
    own = moved - _mean(moved, axis=0)
    variance = _mean(own**2, axis=2)[:, :, 0] * count / (count - 1)
    # Pooled over groups: one group's history of fifteen years is three or four swings of a persistent series.
    pooled = np.where(np.isfinite(variance), (variance + _mean(variance, axis=1)) / 2, 0.0)
    there = np.isfinite(stack[:, :, -1]) * importance[:, None]
    total = there.sum(axis=0)
    return np.sqrt((there**2 * pooled).sum(axis=0)) / np.where(total > 0, total, np.nan)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is there, with the axis kept; NaN where nothing is."""
    count = np.isfinite(values).sum(axis=axis, keepdims=True)
    return np.where(count > 0, np.nansum(values, axis=axis, keepdims=True) / np.maximum(count, 1), np.nan)


def ranked(level: np.ndarray, error: np.ndarray) -> list[tuple[int, int, int]]:
    """(rank, best, worst) of every level; 1 is the highest."""
    difference = level[None, :] - level[:, None]
    margin = Z95 * np.sqrt(error[None, :] ** 2 + error[:, None] ** 2)
    rank = 1 + (difference > 0).sum(axis=1)
    best = 1 + (difference > margin).sum(axis=1)
    worst = len(level) - (difference < -margin).sum(axis=1)
    return [(int(r), int(b), int(w)) for r, b, w in zip(rank, best, worst, strict=True)]
