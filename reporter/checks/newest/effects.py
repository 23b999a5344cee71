"""What a newest value does to the index: points of its sub-index and of the whole, and the sentences that rest on it.

Goes in: an indicator, the value that its past lets one expect and the one found. Comes out: ``Moved``. Selective editing
(de Waal, Pannekoek and Scholtus, 2011, chapter 6) ranks what is to be looked at first by effect; nothing is left out for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from reporter.checks.newest.filters import MAD
from reporter.checks.newest.panel import Panel, frequency_of
from reporter.checks.newest.relations import quarterly
from reporter.domain.declarations import Declarations, Indicator
from reporter.domain.formula import evaluate
from reporter.index.joint_model import OWN_MONTHLY, JointModel, Member, quarter_variance

SHOWN = 0.05  # figures are printed with one decimal: less changes none
_POINTS_PER_DEVIATION = 10.0  # a sub-index has a standard deviation of 10 points
# Of a member's variance, where no model says otherwise: about the median share in the factor model.
_OWN_PART = 0.5
_LEAST_QUARTERS = 16
_RATES = frozenset(
    {"percent", "pp", "percent_of_mean", "percent_growth"}
)  # the index takes their level, else a rate of change
_NATION = "TH"


@dataclass(frozen=True)
class Moved:
    """Points by which a value moves things, found against expected. ``sub_index``: of its dimension; ``index``: of the whole."""

    dimension: str
    sub_index: float
    index: float


Effect = Callable[[str, float, float], Moved | None]
"""(series id, expected, found) -> what it moves; None for a series that the index does not use."""


@dataclass(frozen=True)
class Model:
    """What the effect of a value needs of a model of the index.

    share    indicator -> points of its sub-index that one standard deviation of the indicator adds in a quarter
    weight   dimension -> points of the index that a point of the sub-index adds
    scale    indicator -> its standard deviation in the model; what is not there is taken from the series
    """

    share: Mapping[str, float]
    weight: Mapping[str, float]
    scale: Mapping[str, float] = field(default_factory=dict)


def model_of(index: JointModel) -> Model:
    """The workspace's model of the index, quarter by quarter: what earlier quarters tell is left out, so effects are rather too large.

    One factor with independent noise: a member's share is (loading / noise) / (1 / factor's variance + sum of loading^2 / noise).
    """
    share: dict[str, float] = {}
    for name, dimension in index.dimensions.items():
        members = index.of(name)
        precision = 1 / quarter_variance(index.persistence) + sum(m.loading**2 / _noise(m) for m in members)
        share |= {m.indicator: 10 / dimension.spread * m.loading / _noise(m) / precision for m in members}
    weight = {name: dimension.weight * index.slope for name, dimension in index.dimensions.items()}
    return Model(share, weight, {member.indicator: member.scale for member in index.members})


def _noise(member: Member) -> float:
    """Variance of a member's own part in a quarter: three months average the white part and much of the other."""
    if not member.monthly:
        return member.persistent + member.white
    return member.persistent * quarter_variance(OWN_MONTHLY) + member.white / 3


def equal_model(declarations: Declarations) -> Model:
    """Every member of a dimension alike, every dimension alike: where the workspace has no model of the index."""
    loading = np.sqrt(1 - _OWN_PART)
    share: dict[str, float] = {}
    for dimension in declarations.dimensions:
        members = declarations.members(dimension)
        each = loading / _OWN_PART / (1 + len(members) * loading**2 / _OWN_PART)
        share |= {item.id: _POINTS_PER_DEVIATION * item.polarity * float(each) for item in members}
    count = max(len(declarations.dimensions), 1)
    return Model(share, dict.fromkeys(declarations.dimensions, 1 / count))


def cheap_effect(panels: list[Panel], declarations: Declarations, model: Model | None = None) -> Effect:
    """Effects through a model's shares and each indicator's usual deviation from its trend: no index is computed.

    A month counts a third of its quarter; a component moves the gap that is computed from it.
    """
    model = model or equal_model(declarations)
    nation = {
        key[0]: panel.series(row)
        for panel in panels
        for row, key in enumerate(panel.keys)
        if key[1] == _NATION
    }
    owners = {name: item for item in declarations.indicators.values() for name in (item.id, *item.components)}

    @cache
    def deviation(item: str) -> float:
        if item in model.scale:
            return model.scale[item]
        return usual_deviation(_values(declarations.indicators[item], nation))

    def effect(series: str, expected: float, found: float) -> Moved | None:
        item = owners.get(series)
        if item is None or series not in nation or item.id not in model.share:
            return None
        usual = deviation(item.id)
        if not usual > 0:
            return None
        before, after = (_own_value(item, series, value, nation) for value in (expected, found))
        change = after - before
        if frequency_of(nation[series]) == "M":
            change /= 3
        points = model.share[item.id] * change / usual
        return Moved(item.dimension, points, points * model.weight.get(item.dimension, 0.0))

    return effect


def _values(item: Indicator, nation: Mapping[str, pd.Series]) -> pd.Series:
    """An indicator's quarterly values as the index looks at them: rates in points, anything else in 100 logs."""
    if item.id in nation:
        values = quarterly(nation[item.id])
    elif all(name in nation for name in item.components) and item.components:
        values = evaluate(item.formula, {name: quarterly(nation[name]) for name in item.components})
    else:
        return pd.Series(dtype=float)
    return values if item.unit in _RATES else 100 * np.log(values.where(values > 0))


def _own_value(item: Indicator, series: str, value: float, nation: Mapping[str, pd.Series]) -> float:
    """The indicator's value, in the same terms, when a series of it has a value and the others their newest."""
    if series != item.id:
        newest = {name: nation[name].iloc[-1:] for name in item.components if name in nation}
        newest[series] = pd.Series([value])
        if len(newest) < len(item.components):
            return 0.0
        plain = {name: one.reset_index(drop=True) for name, one in newest.items()}
        value = float(evaluate(item.formula, plain).iloc[0])
    if item.unit in _RATES:
        return value
    least = (
        float(np.nanmin(nation[series].where(nation[series] > 0))) / 10
    )  # a tenth of the smallest stands for 0
    return 100 * float(np.log(max(value, least)))


def usual_deviation(values: pd.Series) -> float:
    """Robust standard deviation of quarterly values about a quadratic trend with seasons; NaN when too short."""
    y = values.to_numpy(float)
    known = np.isfinite(y)
    if known.sum() < _LEAST_QUARTERS:
        return float("nan")
    time = np.linspace(-1, 1, len(y))
    seasons = (np.arange(len(y))[:, None] % 4 == np.arange(4)[None, :]).astype(float)
    design = np.column_stack([seasons, time, time**2])
    fitted = design[known] @ np.linalg.lstsq(design[known], y[known], rcond=None)[0]
    return MAD * float(np.median(np.abs(y[known] - fitted)))
