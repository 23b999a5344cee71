"""One group's index (method.md, 1.7): the joint model of the group's own data, with the nation's forms, weights and base.

In: a group's adjusted series. Out: ``GroupFactors``, what is kept in the cache, and from them, with the nation's weights, a ``GroupIndex``. A composite needs
six dimensions and 60 % of the nation's weight; it then uses the nation's weights of those dimensions. Nothing is invented for dimensions
that a group has no data of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.index.composite import MEAN, scale_of
from reporter.index.joint_model import inputs
from reporter.index.learn import learn
from reporter.index.panel import is_monthly, periods, quarterly_means, value_at
from reporter.index.points import CALIBRATION, OVERALL, Z95, shown, states
from reporter.index.smoother import smooth

FEWEST_DIMENSIONS = 6  # the report's own rule for a composite (contract, second edition)
LEAST_WEIGHT = 0.6
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
