"""What an estimated model says of data: each member's exact part in every quarter's value (study 3.3.3).

Goes in: a standardised panel and a ``Model``. Comes out: parts by member, their uncertainty, and how far each
observation was believed. Everything is linear in the data once the doubtful observations are known, so parts sum to
the value exactly: the Kalman smoother's and the component's, in the combination that ``factor`` declares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.index import kalman
from reporter.index.estimation import Layout, Parameters, system

OUTLIER_SD = 4.0
LONE_OUTLIER_SD = 6.0
OUTLIER_ROUNDS = 3
ABSURD = 2.5
ABSURD_TRUST = 1 / ABSURD
WHITE = 0.4
COMPONENT_WEIGHT = 0.65


@dataclass(frozen=True)
class Model:
    """What was estimated for one dimension.

    members        ids in declared order
    centre, scale  of the transformed members
    pca_loadings   of the quarterly panel's first component, as correlations
    learn          which quarters (from the first) the model was learnt on
    method         dfm | two_step | pca
    """

    members: tuple[str, ...]
    parameters: Parameters
    centre: np.ndarray
    scale: np.ndarray
    pca_loadings: np.ndarray
    learn: np.ndarray
    method: str


class Reading(NamedTuple):
    """Quarter x member parts of the value, standard deviation of the value, trust in every observation."""

    shares: np.ndarray
    spread: np.ndarray
    trust: np.ndarray


class Component(NamedTuple):
    """The principal component by quarter and member: parts that add up over members, and the cover that they have.

    parts  quarter x member, 0 where a member has no data
    cover  quarter x member, share of the component that the member's data stand for; sums to 1 where all have data
    """

    parts: np.ndarray
    cover: np.ndarray

    def scores(self) -> np.ndarray:
        """Parts of the component by the members that have data, as if these were all; quarter x member."""
        cover = self.cover.sum(axis=1)
        scores: np.ndarray = self.parts / np.where(cover > 0, cover, 1.0)[:, None]
        return scores


def read(panel: np.ndarray, model: Model, layout: Layout, quarters: pd.PeriodIndex) -> Reading:
    """Read a T x n panel with a model; ``quarters`` is the quarter of every row."""
    layout, trust = doubted(panel, layout, model.parameters)
    _, spread, _ = value_of(panel, model.parameters, layout, quarters)
    parts = shares_of(panel, model.parameters, layout, quarters)
    component = component_of(panel, trust, model.pca_loadings, quarters)
    shares = _blended(parts, component, model.learn, model.method)
    return Reading(shares, spread / spread_of(parts, model.learn), trust)


def layout_of(index: pd.PeriodIndex, monthly: np.ndarray) -> Layout:
    """How members hang on the factor, over an index of months or quarters; ``monthly`` says which are monthly."""
    periods, members = len(index), len(monthly)
    if index.freqstr != "M":
        weights = np.tile([1.0, 0.0], (members, 1))
        moves = np.ones((periods, members), dtype=bool)
    else:
        weights = np.where(monthly[:, None], [1.0, 0.0, 0.0], np.full(3, 1 / 3))
        moves = monthly[None, :] | np.asarray(index.month % 3 == 0)[:, None]
    return Layout(
        np.ascontiguousarray(weights), np.ascontiguousarray(moves), np.zeros((periods, members)), WHITE
    )


def doubted(panel: np.ndarray, layout: Layout, parameters: Parameters) -> tuple[Layout, np.ndarray]:
    """Added noise for observations that all others contradict, and how far each observation is trusted (0 to 1).

    An observation's residual is taken from what all other observations say of it. Beyond the limit its influence no
    longer grows, beyond ABSURD times the limit it falls. A shock that all members share is no outlier: the others
    predict it.
    """
    limit = LONE_OUTLIER_SD if panel.shape[1] == 1 else OUTLIER_SD
    extra, trust = layout.extra, np.ones_like(panel)
    for _ in range(OUTLIER_ROUNDS):
        current = layout._replace(extra=extra)
        *_, deleted, variance = kalman.smooth(panel, system(parameters, current))
        own = variance - parameters.variances * extra
        ratio = np.maximum(np.nan_to_num(np.abs(deleted) / np.sqrt(own) / limit, nan=0.0), 1.0)
        trust = np.where(ratio <= ABSURD, 1 / ratio, ABSURD / ratio**2)
        extra = np.nan_to_num(own) / parameters.variances * (1 / trust - 1)
    return layout._replace(extra=np.ascontiguousarray(extra)), trust


def value_of(
    panel: np.ndarray, parameters: Parameters, layout: Layout, quarters: pd.PeriodIndex
) -> tuple[np.ndarray, np.ndarray, float]:
    """Quarterly means of the smoothed factor, their standard deviations, the log-likelihood."""
    likelihood, states, variances, *_ = kalman.smooth(panel, system(parameters, layout))
    ends = _ends(quarters)
    lags = 3 if layout.weights.shape[1] > 2 else 1
    block = variances[ends][:, :lags, :lags].sum(axis=(1, 2)) / lags**2
    return states[ends][:, :lags].mean(axis=1), np.sqrt(np.maximum(block, 0.0)), float(likelihood)


def expected(panel: np.ndarray, parameters: Parameters, layout: Layout) -> np.ndarray:
    """T x n: what the model expects of every member in every period, given the panel."""
    _, states, *_ = kalman.smooth(panel, system(parameters, layout))
    lags = layout.weights.shape[1]
    own: np.ndarray = states[:, lags:]
    return (states[:, :lags] @ layout.weights.T) * parameters.loadings + own


def _ends(quarters: pd.PeriodIndex) -> np.ndarray:
    """Positions of the last period of each quarter."""
    codes = quarters.asi8 if hasattr(quarters, "asi8") else quarters.astype("int64")
    return np.flatnonzero(np.append(codes[1:] != codes[:-1], True))


def shares_of(
    panel: np.ndarray, parameters: Parameters, layout: Layout, quarters: pd.PeriodIndex
) -> np.ndarray:
    """Quarter x member: the smoother is linear in the data, so each member's data alone give its share."""
    columns = []
    for member in range(panel.shape[1]):
        alone = np.where(np.isnan(panel), np.nan, 0.0)
        alone[:, member] = panel[:, member]
        columns.append(value_of(alone, parameters, layout, quarters)[0])
    return np.column_stack(columns)


def component_of(
    panel: np.ndarray, trust: np.ndarray, loadings: np.ndarray, quarters: pd.PeriodIndex
) -> Component:
    """The component's parts by member, of trusted observations."""
    weights = np.where(np.isnan(panel), 0.0, trust)
    ends = _ends(quarters)
    starts = np.append(0, ends[:-1] + 1)
    total = np.add.reduceat(weights, starts, axis=0)
    seen = np.add.reduceat(~np.isnan(panel), starts, axis=0)
    sums = np.add.reduceat(weights * np.nan_to_num(panel), starts, axis=0)
    means = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    believed = np.divide(total, seen, out=np.zeros_like(total), where=seen > 0)
    strength = float((loadings**2).sum())
    return Component(means * believed * loadings / strength, believed * loadings**2 / strength)


def _blended(smoothed: np.ndarray, component: Component, learn: np.ndarray, method: str) -> np.ndarray:
    """Quarter x member: parts of the published value in standard deviations; COMPONENT_WEIGHT is the component's."""
    parts, cover = component.scores(), component.cover.sum(axis=1)
    if method == "pca":
        return parts
    weight = (COMPONENT_WEIGHT * cover)[:, None]
    return (1 - weight) * smoothed / spread_of(smoothed, learn) + weight * parts / spread_of(parts, learn)


def spread_of(parts: np.ndarray, learn: np.ndarray) -> float:
    """Standard deviation of the sum of parts (quarter x member) over the quarters learnt on; 1 where it has none."""
    spread = float(parts.sum(axis=1)[: len(learn)][learn[: len(parts)]].std())
    return spread if spread > 0 else 1.0
