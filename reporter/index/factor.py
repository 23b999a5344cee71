"""One cycle per dimension: mixed-frequency dynamic factor model with declared fallbacks (study 3.3.3).

Goes in: the members' transformed series. Comes out: the quarterly cycle of the dimension with its uncertainty,
loadings, and each member's exact share in every quarter's value. Methods, in this order, each taken only when the one
before it fails its guard: ``dfm`` (penalised maximum likelihood), ``two_step`` (Doz, Giannone and Reichlin 2011) and
``pca``; ``single`` is a dimension of one member.

The published value is a combination of two estimates of the same cycle, each in standard deviations: 0.6 of the
principal component and 0.4 of the smoothed factor. The smoother is the better one on average, but where members are
few or their own noise is persistent it can be wrong, and it bends turning points in all dimensions alike, which the
composite does not average away; the component errs elsewhere. Weights of a combination that are estimated from a
short sample lose more than they gain (Bates and Granger 1969; Smith and Wallis 2009), so they are fixed, chosen on
simulated workspaces and checked on others (tests/bench/bench_index.py). Where members are missing or doubtful the
component's part shrinks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.index import kalman
from reporter.index.components import principal_component
from reporter.index.estimation import Layout, Parameters, maximise, system, two_step
from reporter.index.panel import is_monthly, last_row, periods, quarters_of

CLIP_SD = 15.0
LEARN_CLIP_SD = 5.0
OUTLIER_SD = 4.0
LONE_OUTLIER_SD = 6.0
OUTLIER_ROUNDS = 3
ABSURD = 2.5
ABSURD_TRUST = 1 / ABSURD
WHITE = 0.4
COMPONENT_WEIGHT = 0.6
PCA_GUARD = 0.75
TIE = 0.02
_MOMENT_CLIP_SD = 6.0


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


@dataclass(frozen=True)
class Fit:
    """One dimension's model and what it says.

    value       quarter -> cycle in standard deviations; NaN where no member has data
    spread      quarter -> standard deviation of the value given the data
    shares      quarter x member: the part of the value that each member's data account for; rows sum to value
    panel       quarter x member, standardised quarterly means, as a principal component sees them
    pca         quarter -> first principal component, oriented alike
    method      dfm | two_step | pca | single; ``reason`` says why the first choice was left
    outliers    observations that were given less weight
    """

    model: Model
    value: pd.Series
    spread: pd.Series
    shares: pd.DataFrame
    panel: pd.DataFrame
    pca: pd.Series
    pca_share: float
    log_likelihood: float
    method: str
    reason: str
    converged: bool
    outliers: int

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of the members in declared order."""
        return self.model.members

    @property
    def parameters(self) -> Parameters:
        """Loadings, variances and autoregressions."""
        return self.model.parameters

    @property
    def pca_loadings(self) -> np.ndarray:
        """Loadings of the principal component, as correlations."""
        return self.model.pca_loadings


def robust_moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation after pulling values beyond six robust standard deviations back to there."""
    seen = values[np.isfinite(values)]
    middle = np.median(seen)
    spread = 1.4826 * np.median(np.abs(seen - middle))
    if spread > 0:
        seen = np.clip(seen, middle - _MOMENT_CLIP_SD * spread, middle + _MOMENT_CLIP_SD * spread)
    return float(seen.mean()), float(seen.std())


def fit(
    members: Mapping[str, pd.Series],
    polarity: Mapping[str, int],
    learn_until: pd.Period,
    until: pd.Period,
) -> Fit:
    """Estimate one dimension's cycle.

    members      id -> transformed series (PeriodIndex M or Q; NaN = hole), usable ones only
    learn_until  last quarter that moments and parameters are estimated on
    until        last quarter of the result
    """
    grid, monthly = _grid(members, until)
    layout = _layout(periods(grid), monthly)
    signs = np.array([polarity[str(name)] for name in grid], dtype=float)
    learnt = _learn(grid, layout, signs, learn_until, np.zeros(grid.shape, dtype=bool))
    _, trust = _doubted(learnt.panel, layout, learnt.parameters)
    if (trust < ABSURD_TRUST).any():  # learn again without what cannot be true
        learnt = _learn(grid, layout, signs, learn_until, trust < ABSURD_TRUST)
    return _told(grid, layout, learnt, signs)


class _Learnt(NamedTuple):
    """Standardised panel and everything estimated from its learning part."""

    panel: np.ndarray
    quarterly: pd.DataFrame
    learn: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    scores: np.ndarray
    loadings: np.ndarray
    share: float
    parameters: Parameters
    method: str
    reason: str
    converged: bool


def _learn(
    grid: pd.DataFrame, layout: Layout, signs: np.ndarray, learn_until: pd.Period, absurd: np.ndarray
) -> _Learnt:
    """Moments, component and parameters, from the quarters until ``learn_until`` and without absurd observations."""
    rows = np.asarray(grid.index <= last_row(grid, learn_until))
    known = np.where(absurd, np.nan, grid.to_numpy())
    moments = np.array([robust_moments(column[rows]) for column in known.T])
    centre, scale = moments[:, 0], np.where(moments[:, 1] > 0, moments[:, 1], 1.0)
    panel = np.clip((grid.to_numpy() - centre) / scale, -CLIP_SD, CLIP_SD)
    cleaned = pd.DataFrame(np.where(absurd, np.nan, panel), grid.index, grid.columns)
    quarterly = cleaned.groupby(quarters_of(grid)).mean()
    learn = np.asarray(quarterly.index <= learn_until)
    scores, loadings, share = _oriented_component(quarterly.to_numpy(), learn, signs)
    clipped = np.clip(cleaned.to_numpy()[rows], -LEARN_CLIP_SD, LEARN_CLIP_SD)
    estimate = _estimate(clipped, _until(layout, rows), loadings, scores, learn)
    return _Learnt(panel, quarterly, learn, centre, scale, scores, loadings, share, *estimate)


def _told(grid: pd.DataFrame, layout: Layout, learnt: _Learnt, signs: np.ndarray) -> Fit:
    """Guard the estimate, orient it, and read the data with it."""
    panel, quarterly, scores, method = learnt.panel, learnt.quarterly, learnt.scores, learnt.method
    quarters, reason = quarters_of(grid), learnt.reason
    smoothed, _, likelihood = _value(
        panel, learnt.parameters, _doubted(panel, layout, learnt.parameters)[0], quarters
    )
    if method != "pca" and len(signs) > 1 and abs(_correlation(smoothed, scores, quarterly)) < PCA_GUARD:
        method, reason = "pca", "left the principal component"
    chosen = _turned(learnt.parameters, smoothed, scores, quarterly)
    names = tuple(str(name) for name in grid)
    model = Model(names, chosen, learnt.centre, learnt.scale, learnt.loadings, learnt.learn, method)
    read = _read(panel, model, layout, quarters)
    observed = grid.notna().groupby(quarters).any().any(axis=1).to_numpy()
    index = quarterly.index
    return Fit(
        model=model,
        value=pd.Series(np.where(observed, read.shares.sum(axis=1), np.nan), index),
        spread=pd.Series(read.spread, index),
        shares=pd.DataFrame(np.where(observed[:, None], read.shares, np.nan), index, list(names)),
        panel=quarterly,
        pca=pd.Series(np.where(observed, scores, np.nan), index),
        pca_share=learnt.share,
        log_likelihood=likelihood,
        method="single" if len(signs) == 1 and method == "dfm" else method,
        reason=reason,
        converged=learnt.converged,
        outliers=int((read.trust < 1).sum()),
    )


def reread(fit: Fit, members: Mapping[str, pd.Series], until: pd.Period) -> pd.Series:
    """What the same model says of other data: quarter -> value, forecast where no member has data.

    members  the fit's members, transformed alike, possibly with other values and holes
    """
    grid, monthly = _grid({name: members[name] for name in fit.members}, until, periods(fit.value)[0])
    panel = np.clip((grid.to_numpy() - fit.model.centre) / fit.model.scale, -CLIP_SD, CLIP_SD)
    quarters = quarters_of(grid)
    read = _read(panel, fit.model, _layout(periods(grid), monthly), quarters)
    return pd.Series(read.shares.sum(axis=1), quarters.unique())


class _Reading(NamedTuple):
    """Quarter x member parts of the value, standard deviation of the value, trust in every observation."""

    shares: np.ndarray
    spread: np.ndarray
    trust: np.ndarray


def _read(panel: np.ndarray, model: Model, layout: Layout, quarters: pd.PeriodIndex) -> _Reading:
    layout, trust = _doubted(panel, layout, model.parameters)
    _, spread, _ = _value(panel, model.parameters, layout, quarters)
    parts = _shares(panel, model.parameters, layout, quarters)
    component = _component_parts(panel, trust, model.pca_loadings, quarters)
    shares = _blended(parts, component, model.learn, model.method)
    return _Reading(shares, spread / _spread(parts, model.learn), trust)


def _grid(
    members: Mapping[str, pd.Series], until: pd.Period, start: pd.Period | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Period x member on the model's own index, through the last month of ``until``; which members are monthly."""
    monthly = np.array([is_monthly(values) for values in members.values()])
    freq = "M" if monthly.any() else "Q-DEC"
    placed = {}
    for name, values in members.items():
        index = periods(values) if periods(values).freqstr == freq else periods(values).asfreq(freq, "E")
        placed[name] = pd.Series(values.to_numpy(), index)
    if start is None:
        start = min(periods(values.dropna())[0] for values in placed.values()).asfreq("Q-DEC")
    first = start.asfreq(freq, "start")
    index = pd.period_range(first, until.asfreq(freq, "end"), freq=freq)
    return pd.DataFrame({name: values.reindex(index) for name, values in placed.items()}), monthly


def _layout(index: pd.PeriodIndex, monthly: np.ndarray) -> Layout:
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


def _until(layout: Layout, rows: np.ndarray) -> Layout:
    return layout._replace(
        moves=np.ascontiguousarray(layout.moves[rows]), extra=np.ascontiguousarray(layout.extra[rows])
    )


def _oriented_component(
    quarterly: np.ndarray, learn: np.ndarray, signs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Component of the learning quarters, applied to all; higher is better by the members' polarity."""
    rows = learn & np.isfinite(quarterly).any(axis=1)
    _, loadings, share = principal_component(np.clip(quarterly[rows], -LEARN_CLIP_SD, LEARN_CLIP_SD))
    if _votes(quarterly[rows], loadings, signs) < 0:
        loadings = -loadings
    seen = np.isfinite(quarterly)
    strength = (seen * loadings**2).sum(axis=1)
    scores = (np.where(seen, quarterly, 0.0) @ loadings) / np.where(strength > 0, strength, 1.0)
    return scores, loadings, share


def _votes(quarterly: np.ndarray, loadings: np.ndarray, signs: np.ndarray) -> float:
    """Members' votes on the component's sign; above 0: higher is better.

    Two members that contradict each other leave a tie, which rounding must not decide: the more persistent of the two
    carries more of the cycle.
    """
    votes = float(loadings @ signs)
    if abs(votes) > TIE * float(np.abs(loadings).sum()):
        return votes
    panel = np.nan_to_num(quarterly)
    persistence = (panel[1:] * panel[:-1]).sum(axis=0) / np.maximum((panel**2).sum(axis=0), 1e-9)
    return float((loadings * np.maximum(persistence, 0.0)) @ signs)


def _estimate(
    panel: np.ndarray, layout: Layout, loadings: np.ndarray, scores: np.ndarray, learn: np.ndarray
) -> tuple[Parameters, str, str, bool]:
    """Parameters, method, the reason for a fallback, whether the search converged."""
    start = two_step(panel, layout, loadings, scores[learn])
    found, converged = maximise(panel, layout, start)
    healthy = np.isfinite(found.loadings).all() and np.isfinite(found.variances).all()
    if converged and healthy:
        return found, "dfm", "", True
    if np.isfinite(start.loadings).all():
        return start, "two_step", "search did not converge", False
    return start, "pca", "two-step estimate is not finite", False


def _doubted(panel: np.ndarray, layout: Layout, parameters: Parameters) -> tuple[Layout, np.ndarray]:
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


def _value(
    panel: np.ndarray, parameters: Parameters, layout: Layout, quarters: pd.PeriodIndex
) -> tuple[np.ndarray, np.ndarray, float]:
    """Quarterly means of the smoothed factor, their standard deviations, the log-likelihood."""
    likelihood, states, variances, *_ = kalman.smooth(panel, system(parameters, layout))
    ends = _ends(quarters)
    lags = 3 if layout.weights.shape[1] > 2 else 1
    block = variances[ends][:, :lags, :lags].sum(axis=(1, 2)) / lags**2
    return states[ends][:, :lags].mean(axis=1), np.sqrt(np.maximum(block, 0.0)), float(likelihood)


def _ends(quarters: pd.PeriodIndex) -> np.ndarray:
    """Positions of the last period of each quarter."""
    codes = quarters.asi8 if hasattr(quarters, "asi8") else quarters.astype("int64")
    return np.flatnonzero(np.append(codes[1:] != codes[:-1], True))


def _shares(
    panel: np.ndarray, parameters: Parameters, layout: Layout, quarters: pd.PeriodIndex
) -> np.ndarray:
    """Quarter x member: the smoother is linear in the data, so each member's data alone give its share."""
    columns = []
    for member in range(panel.shape[1]):
        alone = np.where(np.isnan(panel), np.nan, 0.0)
        alone[:, member] = panel[:, member]
        columns.append(_value(alone, parameters, layout, quarters)[0])
    return np.column_stack(columns)


def _turned(
    parameters: Parameters, smoothed: np.ndarray, scores: np.ndarray, quarterly: pd.DataFrame
) -> Parameters:
    """Orient the factor like the component, which is oriented by the members' polarities: higher is better."""
    if _correlation(smoothed, scores, quarterly) >= 0:
        return parameters
    return parameters._replace(loadings=-parameters.loadings)


def _correlation(value: np.ndarray, scores: np.ndarray, quarterly: pd.DataFrame) -> float:
    seen = quarterly.notna().any(axis=1).to_numpy()
    if seen.sum() < 3 or value[seen].std() == 0 or scores[seen].std() == 0:
        return 1.0
    return float(np.corrcoef(value[seen], scores[seen])[0, 1])


def _component_parts(
    panel: np.ndarray, trust: np.ndarray, loadings: np.ndarray, quarters: pd.PeriodIndex
) -> tuple[np.ndarray, np.ndarray]:
    """Quarter x member: the component's parts, of trusted observations; quarter -> share of it that has data."""
    weights = np.where(np.isnan(panel), 0.0, trust)
    ends = _ends(quarters)
    starts = np.append(0, ends[:-1] + 1)
    total = np.add.reduceat(weights, starts, axis=0)
    seen = np.add.reduceat(~np.isnan(panel), starts, axis=0)
    sums = np.add.reduceat(weights * np.nan_to_num(panel), starts, axis=0)
    means = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    believed = np.divide(total, seen, out=np.zeros_like(total), where=seen > 0)
    strength = (believed * loadings**2).sum(axis=1)
    parts = means * believed * loadings / np.where(strength > 0, strength, 1.0)[:, None]
    return parts, strength / float((loadings**2).sum())


def _blended(
    smoothed: np.ndarray, component: tuple[np.ndarray, np.ndarray], learn: np.ndarray, method: str
) -> np.ndarray:
    """Quarter x member: parts of the published value, half smoother and half component, in standard deviations."""
    parts, cover = component
    if method == "pca":
        return parts
    weight = (COMPONENT_WEIGHT * cover)[:, None]
    return (1 - weight) * smoothed / _spread(smoothed, learn) + weight * parts / _spread(parts, learn)


def _spread(parts: np.ndarray, learn: np.ndarray) -> float:
    spread = float(parts.sum(axis=1)[: len(learn)][learn[: len(parts)]].std())
    return spread if spread > 0 else 1.0
