"""One group's index (method.md, 1.7): the joint model of the group's own data, with the nation's forms, weights and base.

In: a group's adjusted series. Out: ``GroupFactors``, what is kept in the cache, and from them, with the nation's weights, a ``GroupIndex``. A composite needs
six dimensions and 60 % of the nation's weight; it then uses the nation's weights of those dimensions. Nothing is invented for dimensions
that a group has no data of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index.composite import (
    CALIBRATION,
    MEAN,
    OVERALL,
    Z95,
    scale_of,
    shown,
    states,
)
from reporter.index.joint_model import inputs
from reporter.index.model_file import learn
from reporter.index.panel import is_monthly, periods, quarterly_means, value_at
from reporter.index.smoother import smooth

FEWEST_DIMENSIONS = 6  # the report's own rule for a composite (contract, second edition)
LEAST_WEIGHT = 0.6  # the report's own rule for the nation: a composite stands for at least 60 % of the weight
FEWEST_QUARTERS = 20  # five years
# Units whose levels compare groups of any size; numbers of persons and positions and indices of other bases do not.
_COMPARABLE = {"percent", "pp", "percent_of_mean", "per_1000", "hours_per_week", "percent_growth"}
_MONEY = {"baht", "baht_per_month", "baht_per_person"}


@dataclass(frozen=True)
class GroupFactors:
    """A group's sub-indices, before the nation's weights come in.

    members     dimension -> number of series; replaced: dimension -> series that X-13 did not adjust as the year's model says -> why
    sub         quarter x dimension, points; shown, status: the same shape
    covariance  quarters x dimensions x dimensions, points squared, calibrated
    reference   sub-indices over the base period, from the data up to the end of learning
    levels      indicator -> quarterly adjusted values of units that compare groups (money in logarithms)
    """

    members: Mapping[str, int]
    replaced: Mapping[str, Mapping[str, str]]
    sub: pd.DataFrame
    shown: pd.DataFrame
    status: pd.DataFrame
    covariance: np.ndarray
    reference: pd.DataFrame
    levels: Mapping[str, pd.Series]


@dataclass(frozen=True)
class GroupIndex:
    """One group's result: columns ``overall`` (only where the group has a composite) and the dimensions.

    spread  standard deviations in points; refused: why there is no composite; "" where there is one
    parts   quarter x dimension: points that each dimension adds to the composite
    """

    group: str
    factors: GroupFactors
    value: pd.DataFrame
    spread: pd.DataFrame
    status: pd.DataFrame
    parts: pd.DataFrame
    refused: str

    def margin(self, quarter: pd.Period) -> float:
        """Half of the composite's 95 % band."""
        return Z95 * value_at(self.spread[OVERALL], quarter) if OVERALL in self.spread else float("nan")


def factors_of(
    adjusted: Mapping[str, pd.Series],
    forms: Mapping[str, str],
    declarations: Declarations,
    quarter: pd.Period,
    learn_until: pd.Period,
    base: tuple[pd.Period, pd.Period],
    replaced: Mapping[str, str],
) -> GroupFactors | None:
    """The joint model of one group; None where no series is long enough.

    replaced  series that X-13 did not adjust as the year's model says -> why
    """
    first = min((periods(values)[0].asfreq("Q-DEC") for values in adjusted.values()), default=quarter)
    start = base[0] if base[0] >= first else None
    learnt = learn(adjusted, forms, declarations, learn_until, (start, base[1]))
    if learnt is None:
        return None
    model = learnt.model
    found = inputs(model, adjusted)
    posterior = smooth(model, found, quarter)
    scale = model.points()
    mean = np.array([item.mean for item in model.dimensions.values()])
    blocks = CALIBRATION**2 * posterior.blocks() * scale[:, None] * scale[None, :]
    return GroupFactors(
        {name: len(model.of(name)) for name in model.dimensions},
        {
            name: {m.indicator: replaced[m.indicator] for m in model.of(name) if m.indicator in replaced}
            for name in model.dimensions
        },
        MEAN + (posterior.value - mean) * scale,
        shown(posterior, found).drop(columns=OVERALL),
        states(model, found, posterior.grid.index).drop(columns=OVERALL),
        blocks,
        MEAN + (learnt.reference - mean) * scale,
        {
            name: level
            for name, values in adjusted.items()
            if (level := _level(name, values, declarations)) is not None
        },
    )


def _level(name: str, values: pd.Series, declarations: Declarations) -> pd.Series | None:
    """Quarterly values of an indicator whose level compares groups; None for others."""
    unit = declarations.indicators[name].unit
    quarterly = quarterly_means(values) if is_monthly(values) else values
    if unit in _MONEY:
        return 100 * np.log(quarterly.where(quarterly > 0))
    return quarterly if unit in _COMPARABLE else None


def index_of(group: str, factors: GroupFactors, nominal: pd.Series) -> GroupIndex:
    """The group's index with the nation's weights.

    nominal  dimension -> the nation's weight
    """
    names = list(factors.sub)
    weights = nominal.reindex(names).fillna(0.0)
    refused = _refusal(factors, float(weights.sum()))
    sub = factors.sub.where(factors.shown)
    spread = pd.DataFrame(
        np.sqrt(np.clip(np.diagonal(factors.covariance, axis1=1, axis2=2), 0, None)), sub.index, names
    ).where(factors.shown)
    if refused:
        return GroupIndex(group, factors, sub, spread, factors.status, sub.iloc[:0], refused)
    weights = weights / weights.sum()
    slope, level = scale_of((factors.reference - MEAN) @ weights)
    parts = slope * weights * (factors.sub - MEAN)
    begun = (factors.shown @ weights) >= 0.5
    overall = (level + parts.sum(axis=1)).where(begun)
    effect = slope * weights.to_numpy()
    variance = np.einsum("i,qij,j->q", effect, factors.covariance, effect)
    final, none = (factors.status == "final").all(axis=1), (factors.status == "nowcast").all(axis=1)
    state = np.where(final, "final", np.where(none, "nowcast", "provisional"))
    sub.insert(0, OVERALL, overall)
    spread.insert(0, OVERALL, np.sqrt(np.clip(variance, 0, None)))
    status = factors.status.copy()
    status.insert(0, OVERALL, state)
    return GroupIndex(group, factors, sub, spread, status, parts[begun], "")


def _refusal(factors: GroupFactors, weight: float) -> str:
    """Why a group has no composite, in Thai; "" where it has one."""
    quarters = int(factors.shown.any(axis=1).sum())
    if len(factors.members) >= FEWEST_DIMENSIONS and weight >= LEAST_WEIGHT and quarters >= FEWEST_QUARTERS:
        return ""
    return (
        f"มีข้อมูล {len(factors.members)} มิติ คิดเป็นน้ำหนักร้อยละ {100 * weight:.0f} รวม {quarters} ไตรมาส "
        f"ซึ่งน้อยกว่าเกณฑ์ของดัชนีรวม ({FEWEST_DIMENSIONS} มิติ ร้อยละ {100 * LEAST_WEIGHT:.0f} และ {FEWEST_QUARTERS} ไตรมาส) "
        "จึงแสดงเฉพาะดัชนีย่อย"
    )


# ----------------------------------------------------------------------------------------------------
# Which groups stand higher: a second index that compares groups with each other in one quarter, and ranks that its errors leave open.
#
# In: adjusted quarterly levels of the groups' indicators, polarities, the nation's weights. Out: table ``group_levels``. The cycle index measures each group against its own past, so
# it says nothing on who is better off; this one standardises every indicator across the groups of a kind. Of each indicator the mean of the last four
# quarters counts; members of a dimension count alike, dimensions by the nation's weights; 100 is the mean of all groups, and
# 10 points are one standard deviation between groups.
#
# The error of a level is its members' own movements in the past: what an indicator of a group does that the group's other indicators do not, in the
# same four-quarter means, so persistent noise and the sampling error of the labour force survey are both in it. Ranks stay open between
# groups whose difference is within 95 % of its error (Goldstein and Spiegelhalter 1996).
# ----------------------------------------------------------------------------------------------------

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
    variance = _mean(own**2, axis=2)[:, :, 0] * count / (count - 1) * _short_history(own)
    # Pooled over groups: one group's history of fifteen years is three or four swings of a persistent series.
    pooled = np.where(np.isfinite(variance), (variance + _mean(variance, axis=1)) / 2, 0.0)
    there = np.isfinite(stack[:, :, -1]) * importance[:, None]
    total = there.sum(axis=0)
    return np.sqrt((there**2 * pooled).sum(axis=0)) / np.where(total > 0, total, np.nan)


def _short_history(own: np.ndarray) -> float:
    """By how much a variance about the mean of a short history is too small: a persistent member's mean takes some of its swings along.

    The variance of a mean is that of its years over their number, times (1 + r) / (1 - r) for years that follow an AR(1); r is
    pooled over all members and corrected for its own small-sample bias (Kendall 1954).
    """
    years = own.shape[2] / QUARTERS
    both = np.isfinite(own[:, :, QUARTERS:]) & np.isfinite(own[:, :, :-QUARTERS])
    now, before = own[:, :, QUARTERS:][both], own[:, :, :-QUARTERS][both]
    if not len(now) or not (now**2).sum() > 0:
        return 1.0
    r = float((now * before).sum() / np.sqrt((now**2).sum() * (before**2).sum()))
    r = float(np.clip(r + (1 + 3 * r) / years, 0.0, 0.7))
    return 1 / (1 - min((1 + r) / (1 - r) / years, 0.5))


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
