"""Learns the model of the index from adjusted series: once in five years, on the data up to one quarter.

In: seasonally adjusted series, the forms of change, declarations. Out: a ``JointModel``. Steps: the trend's starting line, centre and scale of every member
(robust); loadings from the first principal component of the dimension, corrected for the noise of the component; own
noise so that monthly and quarterly variances agree; the slopes' priors by empirical Bayes; the correlation of the dimensions with their common
factor by principal factors; scale, weights and base from the posterior of this very model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator
from reporter.index.composite import MEAN, SD, base_of, principal_weights, scale_of
from reporter.index.joint_model import (
    OWN_MONTHLY,
    PERSISTENCE,
    Dimension,
    JointModel,
    Member,
    inputs,
    quarter_variance,
    years,
)
from reporter.index.panel import is_monthly, last_row, periods, quarterly_means
from reporter.index.smoother import smooth
from reporter.index.transform import apply_form

FEWEST_QUARTERS = 12  # three years: less does not tell a level from a cycle
_CLIP = 6.0  # robust standard deviations; beyond, a value would decide the moments alone
_LEAST_LOADING, _MOST_LOADING = 0.15, 0.97  # a member is never said to know nothing, or everything
_LEAST_SHARE, _LONE_SHARE = (
    0.75,
    0.85,
)  # correlation of component and factor: the least believed; of a lone member (simulated)
_WHITE_QUARTERLY = 0.4  # share of a quarterly member's own variance that is white
_MOST_MONTHLY_NOISE = 3.0  # a month's own variance, in those of the quarter: a white series has just 3
_LEAST_SLOPE = 0.02  # standard deviations a year: what a slope may be that was estimated as 0
_LEAST_COMMON, _MOST_COMMON = 0.02, 0.9  # bounds of a dimension's communality with the common factor
_ROUNDS = 100  # of principal factors; they settle after about 20


@dataclass(frozen=True)
class _Line:
    """A member's starting trend: value ``level`` at ``middle`` (a year with fraction), ``slope`` a year."""

    middle: float
    slope: float
    level: float


@dataclass(frozen=True)
class _Draft:
    """A member on its way: quarterly and (of a monthly series) monthly standardised deviations from its line."""

    item: Indicator
    form: str
    monthly: bool
    line: _Line
    scale: float
    values: pd.Series
    quarterly: pd.Series
    single: pd.Series
    loading: float = 0.0
    weight: float = 0.0
    pca_loading: float = 0.0


class Learnt(NamedTuple):
    """A model, and the factors over its base period that its scale was learnt on (quarter x dimension)."""

    model: JointModel
    reference: pd.DataFrame


def learn(
    adjusted: Mapping[str, pd.Series],
    forms: Mapping[str, str],
    declarations: Declarations,
    end: pd.Period,
    base: tuple[pd.Period | None, pd.Period | None] = (None, None),
) -> Learnt | None:
    """The model of the data up to ``end``; None where no indicator is long enough.

    adjusted  id -> seasonally adjusted series; forms: id -> form of change (transform.choose_forms)
    base      first and last quarter of the scale where the settings give them
    """
    drafts = _drafts(adjusted, forms, declarations, end)
    if not drafts:
        return None
    drafts, components, reliability = _loaded(drafts, declarations)
    own = _own_quarterly(drafts, components)
    members = tuple(_member(draft, own) for draft in drafts)
    common = _common(components, reliability)
    dimensions = {str(name): Dimension(float(common[str(name)])) for name in components}
    return _calibrated(JointModel(members, dimensions, own, end, (end, end)), adjusted, base)


def _drafts(
    adjusted: Mapping[str, pd.Series], forms: Mapping[str, str], declarations: Declarations, end: pd.Period
) -> list[_Draft]:
    found = []
    for dimension in declarations.dimensions:
        for item in declarations.members(dimension):
            values = adjusted.get(item.id)
            if values is None or values.index[0] > last_row(values, end):
                continue
            draft = _draft(item, values, forms.get(item.id, item.transform), end)
            if draft is not None:
                found.append(draft)
    return found


def _draft(item: Indicator, values: pd.Series, form: str, end: pd.Period) -> _Draft | None:
    """None where the series is too short or does not vary."""
    changed = apply_form(form, values)[: last_row(values, end)]
    if quarterly_means(changed).notna().sum() < FEWEST_QUARTERS:
        return None
    is_straight = form == "deviation" or (form == "level" and item.detrend == "slow_trend")
    line = _line(changed, is_straight=is_straight)
    rest = changed - (line.level + line.slope * (years(periods(changed)) - line.middle))
    quarterly = quarterly_means(rest)
    centre, scale = _moments(quarterly.to_numpy(dtype=float))
    if not scale > 1e-9 * max(float(changed.abs().max()), 1e-300):
        return None
    line = replace(line, level=line.level + centre)
    return _Draft(
        item,
        form,
        is_monthly(values),
        line,
        scale,
        changed,
        _standard(quarterly, centre, scale),
        _standard(rest, centre, scale),
    )


def _standard(values: pd.Series, centre: float, scale: float) -> pd.Series:
    standard = (values.to_numpy(dtype=float) - centre) / scale
    return pd.Series(np.clip(standard, -_CLIP, _CLIP), values.index)


def _line(values: pd.Series, *, is_straight: bool) -> _Line:
    """Straight line without what is further than six robust standard deviations from it; or the mean."""
    known = values.notna().to_numpy()
    level, time = values.to_numpy(dtype=float)[known], years(periods(values))[known]
    middle = float(time.mean())
    if not is_straight:
        return _Line(middle, 0.0, float(level.mean()))
    kept = np.ones(len(level), dtype=bool)
    slope, height = 0.0, float(level.mean())
    for _ in range(3):
        slope, height = np.polyfit(time[kept] - middle, level[kept], 1)
        rest = level - height - slope * (time - middle)
        spread = 1.4826 * np.median(np.abs(rest))
        if spread > 0:
            kept = np.abs(rest) <= _CLIP * spread
    return _Line(middle, float(slope), float(height))


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of values that are pulled back to six robust standard deviations."""
    seen = values[np.isfinite(values)]
    middle = float(np.median(seen))
    spread = 1.4826 * float(np.median(np.abs(seen - middle)))
    near = np.clip(seen, -_CLIP * spread, _CLIP * spread) if spread > 0 else seen
    return float(near.mean()), float(near.std())


def _loaded(
    drafts: list[_Draft], declarations: Declarations
) -> tuple[list[_Draft], pd.DataFrame, dict[str, float]]:
    """Drafts with loadings; the dimensions' components (quarter x dimension) and the reliability of each."""
    found: list[_Draft] = []
    components: dict[str, pd.Series] = {}
    reliability: dict[str, float] = {}
    for dimension in declarations.dimensions:
        own = [draft for draft in drafts if draft.item.dimension == dimension]
        if not own:
            continue
        panel = pd.DataFrame({draft.item.id: draft.quarterly for draft in own})
        correlations, share = _first_component(panel, [draft.item.polarity for draft in own])
        weights = correlations / (correlations**2).sum()
        size = np.clip(np.abs(correlations), _LEAST_LOADING, _MOST_LOADING)
        loadings = np.sign(correlations) * size * share
        enough = panel.notna().sum(axis=1) >= max(1, len(own) / 2)
        components[dimension] = (panel.fillna(0) * weights).sum(axis=1).where(enough)
        signal = (weights @ loadings) ** 2
        reliability[dimension] = float(signal / (signal + weights**2 @ (1 - loadings**2)))
        found += [
            replace(
                draft,
                loading=float(loadings[k]),
                weight=float(weights[k]),
                pca_loading=float(correlations[k]),
            )
            for k, draft in enumerate(own)
        ]
    return found, pd.DataFrame(components), reliability


def _first_component(panel: pd.DataFrame, polarity: list[int]) -> tuple[np.ndarray, float]:
    """Correlations of the members with their first component, oriented by polarity; correlation of component and factor.

    With one factor and equal noise the largest eigenvalue of n members is 1 + (n - 1) r for a mean correlation r: it tells
    how much of the component is the factor.
    """
    matrix = panel.corr(min_periods=8).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    largest, count = values[-1], len(matrix)
    correlations = vectors[:, -1] * np.sqrt(largest)
    correlations = correlations * (np.sign(correlations @ np.array(polarity, dtype=float)) or 1.0)
    if count == 1:
        return correlations, _LONE_SHARE
    if largest <= 1:
        return correlations, _LEAST_SHARE
    share = np.sqrt((largest - 1) / (count - 1) * count / largest)
    return correlations, float(np.clip(share, _LEAST_SHARE, _MOST_LOADING))


def _own_quarterly(drafts: list[_Draft], components: pd.DataFrame) -> float:
    """Autocorrelation of the persistent own part of quarterly members: the median over members.

    Two fifths of the own variance are white, which lowers the first autocorrelation; hence the factor of 1.2 (simulated).
    """
    found = []
    for dimension in components:
        own = [draft for draft in drafts if draft.item.dimension == dimension]
        scores = components[dimension] / components[dimension].std()
        quarterly = [draft for draft in own if len(own) > 1 and not draft.monthly]
        found += [(draft.quarterly - draft.loading * scores).autocorr(1) for draft in quarterly]
    known = [value for value in found if np.isfinite(value)]
    return float(np.clip(np.median(known) * 1.2, 0.2, 0.85)) if known else 0.3


def _member(draft: _Draft, own_quarterly: float) -> Member:
    """The member's numbers for the monthly model from those of the quarterly panel."""
    own = 1 - draft.loading**2
    loading = draft.loading / np.sqrt(quarter_variance(PERSISTENCE))
    if draft.monthly:
        persistent, white = _monthly_noise(draft.single, loading, own)
    else:
        persistent, white = own * (1 - _WHITE_QUARTERLY), own * _WHITE_QUARTERLY
    return Member(
        draft.item.id, draft.item.dimension, draft.monthly, draft.form, draft.line.middle, draft.line.level, draft.scale,
        float(loading), float(persistent), float(white), _slope_prior(draft), draft.weight, draft.pca_loading,
    )  # fmt: skip


def _monthly_noise(single: pd.Series, loading: float, own: float) -> tuple[float, float]:
    """Variances of the AR and the white part that match the monthly variance and the quarterly own variance."""
    persistent = quarter_variance(OWN_MONTHLY)
    total = max(float(single.var()) - loading**2, own / persistent)
    total = min(total, _MOST_MONTHLY_NOISE * own)
    share = float(np.clip((own / total - 1 / 3) / (persistent - 1 / 3), 0, 1))
    return total * share, total * (1 - share)


def _slope_prior(draft: _Draft) -> float:
    """Standard deviation of the slope: what the robust slope is beyond its own error (empirical Bayes).

    0 for rates of change, and for levels declared without a trend.
    """
    if draft.form == "growth" or draft.line.slope == 0:
        return 0.0
    known = quarterly_means(draft.values).dropna()
    place, time = periods(known).asi8, years(periods(known))
    persistence = PERSISTENCE ** (3 * np.abs(np.subtract.outer(place, place)))
    covariance = draft.loading**2 * persistence + (1 - draft.loading**2) * np.eye(len(place))
    design = np.column_stack([np.ones(len(place)), time - time.mean()])
    error = np.linalg.inv(design.T @ np.linalg.solve(covariance, design))[1, 1]
    return float(np.sqrt(max((draft.line.slope / draft.scale) ** 2 - error, 0.0) + _LEAST_SLOPE**2))


def _common(components: pd.DataFrame, reliability: Mapping[str, float]) -> pd.Series:
    """Correlation of every dimension's factor with the common one, by principal factors.

    Correlations of the components are corrected for their noise first. With fewer than three dimensions nothing tells what is common: 0.
    """
    names = [str(name) for name in components]
    if len(names) < 3:
        return pd.Series(0.0, names)
    share = np.array([reliability[name] for name in names])
    matrix = components.corr(min_periods=FEWEST_QUARTERS).fillna(0.0).to_numpy(copy=True)
    matrix = matrix / np.sqrt(np.outer(share, share))
    communality, found = np.full(len(names), 0.5), np.zeros(len(names))
    for _ in range(_ROUNDS):
        np.fill_diagonal(matrix, communality)
        values, vectors = np.linalg.eigh(matrix)
        found = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        communality = np.clip(found**2, _LEAST_COMMON, _MOST_COMMON)
    return pd.Series(np.clip(found * (np.sign(found.sum()) or 1.0), -0.95, 0.95), names)


def _calibrated(
    model: JointModel, adjusted: Mapping[str, pd.Series], base: tuple[pd.Period | None, pd.Period | None]
) -> Learnt:
    """The model with base, scale and weights learnt on its own posterior of the data up to ``learn_until``."""
    known = {name: values[: last_row(values, model.learn_until)] for name, values in adjusted.items()}
    found = inputs(model, known)
    values = smooth(model, found, model.learn_until).value
    start, end = base_of(observed(model, found, periods(values)), model.learn_until, *base)
    inside = values[start:end]
    mean, spread = inside.mean(), inside.std(ddof=0)
    scaled = replace(
        model,
        base=(start, end),
        dimensions={
            name: replace(item, mean=float(mean[name]), spread=float(spread[name]) or 1.0)
            for name, item in model.dimensions.items()
        },
    )
    weights, components = principal_weights(MEAN + SD * (inside - mean) / spread.where(spread > 0, 1.0))
    return Learnt(weighted(replace(scaled, components=components), inside, weights), inside)


def weighted(model: JointModel, reference: pd.DataFrame, weights: pd.Series) -> JointModel:
    """The model with other weights of its dimensions, and the composite's scale that belongs to them."""
    dimensions = {name: replace(item, weight=float(weights[name])) for name, item in model.dimensions.items()}
    mean = np.array([item.mean for item in dimensions.values()])
    sub = (reference - mean) * model.points()
    slope, level = scale_of(sub @ weights.reindex(sub.columns))
    return replace(model, dimensions=dimensions, slope=slope, level=level)


def observed(model: JointModel, found: Mapping[str, pd.Series], index: pd.PeriodIndex) -> pd.DataFrame:
    """Quarter x dimension: whether a member of the dimension has data in the quarter."""
    columns = {}
    for name in model.dimensions:
        seen = np.zeros(len(index), dtype=bool)
        for member in model.of(name):
            if member.indicator in found:
                known = periods(found[member.indicator].dropna()).asfreq("Q-DEC")
                seen |= np.isin(index.asi8, known.asi8)
        columns[name] = seen
    return pd.DataFrame(columns, index)
