"""One group's index from the cycles of its dimensions (method.md, 1.7).

Goes in: cycles, the nation's base period and weights. Comes out: sub-indices and composite on the nation's scale with the
uncertainty of the estimate, or the refusal of a group of too few series, dimensions or quarters. A dimension without
data leaves its weight to the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.index.composite import Base, Composite, combine, scale_of
from reporter.index.panel import first_period, value_at

FEWEST_MEMBERS = 3
FEWEST_DIMENSIONS = 2
FEWEST_QUARTERS = 20


@dataclass(frozen=True)
class Cycle:
    """One dimension of one group.

    members    how many series it is made of
    value      quarter -> cycle
    spread     quarter -> its standard deviation
    method     dfm | two_step | pca | single
    reason     why the factor model was left for the next method of the declared order, in Thai; empty when it was not
    replaced   member -> why X-13 did not adjust it as the year's model says, in Thai; those members only
    """

    members: int
    value: pd.Series
    spread: pd.Series
    method: str
    reason: str
    replaced: Mapping[str, str]


Cycles = dict[str, Cycle]


@dataclass(frozen=True)
class GroupIndex:
    """One group's result; ``composite`` is None when the group was refused; ``spread`` in points."""

    group: str
    cycles: Cycles
    quarters: int
    composite: Composite | None
    spread: float

    @property
    def members(self) -> int:
        """Series in all dimensions."""
        return sum(cycle.members for cycle in self.cycles.values())


def index_of(group: str, cycles: Cycles, quarter: pd.Period, nation: Base, nominal: pd.Series) -> GroupIndex:
    """The composite of a group's cycles, on the nation's base period and with its weights; refused when too weak.

    nominal  dimension -> the nation's weight
    """
    first = min((first_period(cycle.value) for cycle in cycles.values()), default=quarter)
    index = pd.period_range(first, quarter, freq="Q-DEC")
    factors = pd.DataFrame({name: cycle.value.reindex(index) for name, cycle in cycles.items()}, index=index)
    quarters = int(factors.notna().any(axis=1).sum())
    if (
        sum(cycle.members for cycle in cycles.values()) < FEWEST_MEMBERS
        or len(cycles) < FEWEST_DIMENSIONS
        or quarters < FEWEST_QUARTERS
    ):
        return GroupIndex(group, cycles, quarters, None, float("nan"))
    weights = nominal.reindex(factors.columns).fillna(0.0)
    weights = weights / weights.sum() if weights.sum() > 0 else weights + 1 / len(weights)
    composite = combine(factors, Base(max(nation.start, index[0]), nation.end), weights)
    spread = _uncertainty(composite, cycles, quarter)
    return GroupIndex(group, cycles, quarters, composite, spread)


def _uncertainty(composite: Composite, cycles: Cycles, quarter: pd.Period) -> float:
    """Standard deviation of the composite in points, from the smoother's; dimensions taken as independent."""
    total = 0.0
    for name, cycle in cycles.items():
        slope, _ = scale_of(cycle.value, composite.base)
        points = (
            composite.slope
            * value_at(composite.used[name], quarter)
            * slope
            * value_at(cycle.spread, quarter)
        )
        total += points**2 if np.isfinite(points) else 0.0
    return float(np.sqrt(total))
