"""What new and revised data do to one dimension's value, member by member, exactly.

Goes in: a model and the panel as it was and as it is. Comes out: the change of the value in every quarter, split into
revisions and news of every member. Method: Banbura and Modugno (2014). The smoother is linear in the data, and an
observation that comes as expected leaves it alone: so its news is the smoother applied to what it differs from the
expectation of all that was known before (statsmodels' ``news`` gives the same numbers), whatever the order of the members. The
principal component's part is additive by member, and so is the weight that moves from the smoother to the component
when a member's data arrive. Moments, loadings and the trust in observations are the present ones on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.index.estimation import Layout, Parameters
from reporter.index.reading import (
    COMPONENT_WEIGHT,
    Component,
    Model,
    component_of,
    doubted,
    expected,
    shares_of,
    spread_of,
    value_of,
)


class Update(NamedTuple):
    """Change of a value between two states of the data.

    before, now     value by quarter, read with the same model; forecast where no member has data
    revision, news  quarter x member; together they sum to now - before
    """

    before: np.ndarray
    now: np.ndarray
    revision: np.ndarray
    news: np.ndarray


class _State(NamedTuple):
    """One state of the data, read: smoothed factor by quarter and the component by member."""

    smoothed: np.ndarray
    component: Component


class _Scale(NamedTuple):
    """Standard deviations of the smoothed factor and of the component over the quarters learnt on."""

    smoothed: float
    component: float


def update(
    before: np.ndarray, now: np.ndarray, model: Model, layout: Layout, quarters: pd.PeriodIndex
) -> Update:
    """Split the change from ``before`` to ``now``, standardised panels of the model's members on the same periods."""
    layout, trust = doubted(now, layout, model.parameters)
    kept = np.where(np.isnan(now), np.nan, before)
    renewed = np.where(np.isnan(before), np.nan, now)

    def state(panel: np.ndarray) -> _State:
        smoothed = value_of(panel, model.parameters, layout, quarters)[0]
        return _State(smoothed, component_of(panel, trust, model.pca_loadings, quarters))

    def through(panel: np.ndarray, difference: np.ndarray) -> np.ndarray:
        where = np.where(np.isnan(panel), np.nan, difference)
        return shares_of(where, model.parameters, layout, quarters)

    states = [state(panel) for panel in (before, kept, renewed, now)]
    parts = [
        -through(before, _surprise(before, kept, model.parameters, layout)),
        through(kept, np.nan_to_num(renewed - kept)),
        through(now, _surprise(now, renewed, model.parameters, layout)),
    ]
    scale = _scale_of(now, states[-1], model, layout, quarters)
    moved = [
        _moved(first, then, part, scale, model.method)
        for first, then, part in zip(states[:-1], states[1:], parts, strict=True)
    ]
    values = [_value(state, scale, model.method) for state in (states[0], states[-1])]
    return Update(values[0], values[1], moved[0] + moved[1], moved[2])


def _surprise(full: np.ndarray, part: np.ndarray, parameters: Parameters, layout: Layout) -> np.ndarray:
    """T x n: observations of ``full`` that ``part`` lacks, less what is expected of them given ``part``; else 0."""
    difference = full - expected(part, parameters, layout)
    return np.where(np.isnan(part) & ~np.isnan(full), difference, 0.0)


def _scale_of(
    now: np.ndarray, state: _State, model: Model, layout: Layout, quarters: pd.PeriodIndex
) -> _Scale:
    smoothed = shares_of(now, model.parameters, layout, quarters)
    return _Scale(spread_of(smoothed, model.learn), spread_of(state.component.scores(), model.learn))


def _value(state: _State, scale: _Scale, method: str) -> np.ndarray:
    parts, cover = state.component.parts.sum(axis=1), state.component.cover.sum(axis=1)
    if method == "pca":
        return parts / np.where(cover > 0, cover, 1.0)
    smoothed = (1 - COMPONENT_WEIGHT * cover) * state.smoothed / scale.smoothed
    value: np.ndarray = smoothed + COMPONENT_WEIGHT * parts / scale.component
    return value


def _moved(first: _State, then: _State, smoothed: np.ndarray, scale: _Scale, method: str) -> np.ndarray:
    """Quarter x member: change of the value between two states; ``smoothed`` splits that of the smoothed factor."""
    if method == "pca":
        return _in_turn(first, then, scale)
    parts = then.component.parts - first.component.parts
    cover = then.component.cover - first.component.cover
    left = (1 - COMPONENT_WEIGHT * then.component.cover.sum(axis=1))[:, None]
    given_up = COMPONENT_WEIGHT * cover * first.smoothed[:, None]
    moved: np.ndarray = (
        left * smoothed - given_up
    ) / scale.smoothed + COMPONENT_WEIGHT * parts / scale.component
    return moved


def _in_turn(first: _State, then: _State, scale: _Scale) -> np.ndarray:
    """The component alone is a ratio, not a sum: members are brought up to date one after another in declared order."""
    columns = []
    parts, cover = first.component.parts.copy(), first.component.cover.copy()
    value = _value(first, scale, "pca")
    for member in range(parts.shape[1]):
        parts[:, member], cover[:, member] = then.component.parts[:, member], then.component.cover[:, member]
        after = _value(_State(first.smoothed, Component(parts, cover)), scale, "pca")
        columns.append(after - value)
        value = after
    return np.column_stack(columns)
