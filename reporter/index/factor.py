"""One cycle per dimension: mixed-frequency dynamic factor model with declared fallbacks (study 3.3.3).

Goes in: the members' transformed series. Comes out: the quarterly cycle of the dimension with its uncertainty,
loadings, and each member's exact share in every quarter's value. Methods, in this order, each taken only when the one
before it fails its guard: ``dfm`` (penalised maximum likelihood), ``two_step`` (Doz, Giannone and Reichlin 2011) and
``pca``; ``single`` is a dimension of one member.

The published value is a combination of two estimates of the same cycle, each in standard deviations: 0.65 of the
principal component and 0.35 of the smoothed factor. The smoother is the better one on average, but where members are
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

from reporter.domain.errors import FitError
from reporter.index.components import principal_component
from reporter.index.estimation import Layout, Parameters, maximise, two_step
from reporter.index.panel import is_monthly, last_row, periods, quarters_of
from reporter.index.reading import ABSURD_TRUST, Model, doubted, layout_of, read, value_of
from reporter.index.updates import Update, update

CLIP_SD = 15.0
LEARN_CLIP_SD = 5.0
PCA_GUARD = 0.75
LEANED_ON = 0.5
LEFT_OUT = 0.6
TIE = 0.02
_MOMENT_CLIP_SD = 6.0


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
    layout = layout_of(periods(grid), monthly)
    signs = np.array([polarity[str(name)] for name in grid], dtype=float)
    learnt = _learn(grid, layout, signs, learn_until, np.zeros(grid.shape, dtype=bool))
    _, trust = doubted(learnt.panel, layout, learnt.parameters)
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
    found: Parameters
    start: Parameters
    converged: bool

    @property
    def parameters(self) -> Parameters:
        """The best parameters that are numbers at all."""
        return self.found if _healthy(self.found) else self.start


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
    known_layout = _until(layout, rows)
    start = two_step(clipped, known_layout, loadings, scores[learn])
    found, converged = maximise(clipped, known_layout, start)
    return _Learnt(panel, quarterly, learn, centre, scale, scores, loadings, share, found, start, converged)


class _Choice(NamedTuple):
    parameters: Parameters
    smoothed: np.ndarray
    likelihood: float
    method: str
    reason: str


def _told(grid: pd.DataFrame, layout: Layout, learnt: _Learnt, signs: np.ndarray) -> Fit:
    """Guard the estimate, orient it, and read the data with it."""
    panel, quarterly, scores = learnt.panel, learnt.quarterly, learnt.scores
    quarters = quarters_of(grid)
    choice = _chosen(layout, learnt, quarters)
    oriented = _turned(choice.parameters, choice.smoothed, scores, quarterly)
    names = tuple(str(name) for name in grid)
    model = Model(names, oriented, learnt.centre, learnt.scale, learnt.loadings, learnt.learn, choice.method)
    told = read(panel, model, layout, quarters)
    observed = grid.notna().groupby(quarters).any().any(axis=1).to_numpy()
    index = quarterly.index
    return Fit(
        model=model,
        value=pd.Series(np.where(observed, told.shares.sum(axis=1), np.nan), index),
        spread=pd.Series(told.spread, index),
        shares=pd.DataFrame(np.where(observed[:, None], told.shares, np.nan), index, list(names)),
        panel=quarterly,
        pca=pd.Series(np.where(observed, scores, np.nan), index),
        pca_share=learnt.share,
        log_likelihood=choice.likelihood,
        method="single" if len(signs) == 1 and choice.method == "dfm" else choice.method,
        reason=choice.reason,
        converged=learnt.converged,
        outliers=int((told.trust < 1).sum()),
    )


def reread(fit: Fit, members: Mapping[str, pd.Series], until: pd.Period) -> pd.Series:
    """What the same model says of other data: quarter -> value; NaN where no member has data.

    members  the fit's members, transformed alike, possibly with other values and holes
    """
    grid, monthly = _grid({name: members[name] for name in fit.members}, until, periods(fit.value)[0])
    panel = np.clip((grid.to_numpy() - fit.model.centre) / fit.model.scale, -CLIP_SD, CLIP_SD)
    quarters = quarters_of(grid)
    told = read(panel, fit.model, layout_of(periods(grid), monthly), quarters)
    observed = grid.notna().groupby(quarters).any().any(axis=1)
    return pd.Series(told.shares.sum(axis=1), observed.index).where(observed)


def updated(
    fit: Fit, before: Mapping[str, pd.Series], now: Mapping[str, pd.Series], until: pd.Period
) -> Update:
    """What a change of data does to the value, read with the fit's model: by quarter from its first to ``until``.

    before, now  the fit's members, transformed alike, possibly with other values and holes
    """
    start = periods(fit.value)[0]
    grids = [_grid({name: data[name] for name in fit.members}, until, start) for data in (before, now)]
    earlier, later = (
        np.clip((grid.to_numpy() - fit.model.centre) / fit.model.scale, -CLIP_SD, CLIP_SD)
        for grid, _ in grids
    )
    grid, monthly = grids[1]
    return update(earlier, later, fit.model, layout_of(periods(grid), monthly), quarters_of(grid))


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


def _healthy(parameters: Parameters) -> bool:
    return all(bool(np.isfinite(part).all()) for part in parameters)


def _chosen(layout: Layout, learnt: _Learnt, quarters: pd.PeriodIndex) -> _Choice:
    """The first method that passes its guards; what was wrong with the first choice."""
    reason = ""
    for method, parameters in (("dfm", learnt.found), ("two_step", learnt.start)):
        fault = "" if learnt.converged or method != "dfm" else "search did not converge"
        choice = None
        if not _healthy(parameters):
            fault = "parameters are not finite"
        else:
            trusted = doubted(learnt.panel, layout, parameters)[0]
            smoothed, _, likelihood = value_of(learnt.panel, parameters, trusted, quarters)
            choice = _Choice(parameters, smoothed, likelihood, method, reason)
            fault = fault or _fault(smoothed, learnt)
        if choice is not None and not fault:
            return choice
        reason = reason or fault
    if choice is None:
        raise FitError(
            "ประมาณแบบจำลองของมิตินี้ไม่ได้ เพราะข้อมูลของตัวชี้วัดมีค่าที่ไม่เป็นตัวเลข — ตรวจค่าของตัวชี้วัดในมิตินี้",
            "No estimator gives finite parameters for this dimension; look at the values of its indicators.",
        )
    return choice._replace(method="pca", reason=reason)


def _fault(smoothed: np.ndarray, learnt: _Learnt) -> str:
    """What is wrong with a smoothed factor; empty when nothing is: it must keep to the component and to every member.

    A model that locks on to one series moves with that one. So a member on which the component leans is left out when
    its correlation with the factor falls below LEFT_OUT times that with the component.
    """
    if len(learnt.loadings) < 2:
        return ""
    panel = learnt.quarterly.to_numpy()
    known = ~np.isnan(panel)
    if abs(_correlation(smoothed, learnt.scores, known.any(axis=1))) < PCA_GUARD:
        return "left the principal component"
    for position in np.flatnonzero(np.abs(learnt.loadings) >= LEANED_ON).tolist():
        seen = known[:, position] & learnt.learn
        member = np.where(seen, panel[:, position], 0.0)
        together, usual = (abs(_correlation(path, member, seen)) for path in (smoothed, learnt.scores))
        if together < LEFT_OUT * usual:
            return f"left out {learnt.quarterly.columns[position]}"
    return ""


def _turned(
    parameters: Parameters, smoothed: np.ndarray, scores: np.ndarray, quarterly: pd.DataFrame
) -> Parameters:
    """Orient the factor like the component, which is oriented by the members' polarities: higher is better."""
    if _correlation(smoothed, scores, quarterly.notna().any(axis=1).to_numpy()) >= 0:
        return parameters
    return parameters._replace(loadings=-parameters.loadings)


def _correlation(value: np.ndarray, scores: np.ndarray, seen: np.ndarray) -> float:
    if seen.sum() < 3 or value[seen].std() == 0 or scores[seen].std() == 0:
        return 1.0
    return float(np.corrcoef(value[seen], scores[seen])[0, 1])
