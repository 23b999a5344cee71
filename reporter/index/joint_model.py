"""The model behind the index and its smoother: one joint Gaussian model of all dimensions, in months.

In: nothing but numbers. Out: the data classes that hold a learnt model, and the model's inputs made from adjusted series. The equations
(docs/index.md; Stock and Watson 1991, Banbura and Modugno 2014 for the mixed frequencies):

    x_it = (form_i(SA_it) - centre_i) / scale_i = mu_i + delta_i (t - middle_i) + beta_i f_dt + e_it
    f_dt = lambda_d g_t + sqrt(1 - lambda_d^2) u_dt;   g and u_d: AR(1) of unit variance

mu_i and delta_i are states with priors, so that no pre-test decides on a trend. e_it of a monthly member is an AR(0.5) plus white noise, that of a
quarterly member an AR(1) in quarters plus white noise. A quarter is the mean of its three months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from scipy.linalg import cholesky, solve_triangular

from reporter.domain.declarations import Declarations, Indicator
from reporter.index.panel import (
    MAD_TO_SD,
    SLOW_YEARS,
    is_monthly,
    last_row,
    periods,
    quarterly_means,
    removed,
    trend,
)

# ----------------------------------------------------------------------------------------------------
# Principal components of panels with missing values.
#
# Goes in: a standardised panel. Comes out: the first component, its loadings and the share of variance it explains:
# starting value and published cross-check of the factor model, and the anchor in the choice of forms.
# ----------------------------------------------------------------------------------------------------


def principal_component(panel: np.ndarray, rounds: int = 100) -> tuple[np.ndarray, np.ndarray, float]:
    """First principal component of a standardised panel with holes (filled by its own fit, repeatedly).

    Returns  scores (T), loadings as correlations (n), share of variance explained
    """
    missing = np.isnan(panel)
    filled = np.where(missing, 0.0, panel)
    for _ in range(rounds if missing.any() else 1):
        centre = filled.mean(axis=0)
        spread = np.where(filled.std(axis=0) > 0, filled.std(axis=0), 1.0)
        standard = (filled - centre) / spread
        values, vectors = np.linalg.eigh(standard.T @ standard / len(standard))
        vector = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0 else -1.0)
        scores = standard @ vector
        fitted = np.outer(scores, vector) * spread + centre
        change = np.abs(np.where(missing, fitted - filled, 0.0)).max()
        filled = np.where(missing, fitted, panel)
        if change < 1e-8:
            break
    return scores, vector * np.sqrt(max(values[-1], 0.0)), float(values[-1] / values.sum())


# ----------------------------------------------------------------------------------------------------
# Rates of change: makes indicators of any unit comparable (study 3.3.1).
#
# Goes in: seasonally adjusted series. Comes out: each series in the form the factor model needs. Rates in % stay in
# level. Anything else becomes its rate of change on the previous period, as the study asks, unless evidence says that
# differencing destroys the cycle; then the deviation of the level from its trend, in %, carries it. The evidence is the
# sum of two numbers: how much better the deviation agrees with the rates of its dimension (without such: of the whole
# labour market, at a discount) than the rate of change does, and minus the sum of the first autocorrelations of the
# rate of change, which is negative when a stationary level was differenced. The members of a dimension share the mean
# of their evidence, and so their form. On simulated workspaces this finds the right form in 99 of a hundred series.
# ----------------------------------------------------------------------------------------------------

# Units that the index takes in level; of anything else it takes a rate of change or a deviation.
PERCENT_UNITS = frozenset({"percent", "pp", "percent_of_mean", "percent_growth"})
# Agreement with the whole market says less of a dimension than agreement with its own members.
MARKET_DISCOUNT = 0.6
# Evidence within the sampling error of the sum of four autocorrelations of two members at 60 quarters, sqrt(4 / 60 / 2), decides nothing. A
# growth that is read as a deviation goes wrong by tens of points after the learning period, the reverse is only noisier.
MARGIN = 0.2
_FEWEST_QUARTERS = 16  # four years: a correlation of 0.5 can be told from zero
_LAGS = 4  # a year: over-differencing shows in the first lags


class Form(NamedTuple):
    """Form of one indicator ("level", "growth", "deviation") and the evidence for it.

    evidence  "declared" (no evidence against the declaration), "dimension", "market" or "autocorrelation": where the
              evidence comes from
    score     evidence for the deviation (positive) or for the rate of change (negative); NaN for rates in %
    """

    form: str
    evidence: str
    score: float


def rate_of_change(values: pd.Series) -> pd.Series:
    """``(x_t - x_{t-1}) / x_{t-1} * 100``; NaN beside a hole or where the base is not positive."""
    previous = values.shift(1)
    return (values - previous) / previous.where(previous > 0) * 100


def logarithm(values: pd.Series) -> pd.Series:
    """100 times the natural logarithm, so that differences read as %; the values where one is not positive."""
    if (values.dropna() > 0).all():
        return 100 * np.log(values)
    return values.astype(float)


def apply_form(form: str, values: pd.Series) -> pd.Series:
    """The series in its form, before the trend is removed."""
    if form == "growth":
        return rate_of_change(values)
    return logarithm(values) if form == "deviation" else values


def over_differencing(values: pd.Series) -> float:
    """Sum of the first four autocorrelations of the quarterly rate of change; NaN when too short.

    A cycle in the growth rate makes it positive; a stationary level, differenced, has autocovariances that sum to
    minus half the variance of its differences.
    """
    growth = quarterly_means(logarithm(values)).diff().to_numpy()
    if np.isfinite(growth).sum() < _FEWEST_QUARTERS:
        return float("nan")
    centred = growth - np.nanmedian(growth)
    spread = 5 * np.nanmedian(np.abs(centred)) * MAD_TO_SD
    centred = np.clip(centred, -spread, spread) if spread > 0 else centred
    variance = float(np.nanmean(centred**2))
    if variance <= 0:
        return float("nan")
    return sum(_mean(centred[lag:] * centred[:-lag]) / variance for lag in range(1, _LAGS + 1))


def _mean(products: np.ndarray) -> float:
    seen = products[np.isfinite(products)]
    return float(seen.mean()) if len(seen) else 0.0


def choose_forms(
    declarations: Declarations, adjusted: Mapping[str, pd.Series], end: pd.Period
) -> dict[str, Form]:
    """Form of every indicator with data.

    adjusted  id -> seasonally adjusted series
    end       last quarter that may be looked at
    """
    known = {name: values[: last_row(values, end)] for name, values in adjusted.items()}
    known = {name: values if values.notna().any() else adjusted[name] for name, values in known.items()}
    items = [declarations.indicators[name] for name in known]
    rates = {item.id: _rate(item, known[item.id], end) for item in items if item.unit in PERCENT_UNITS}
    market = _anchor(list(rates.values()))
    evidence: dict[str, Form] = {}
    for item in items:
        if item.id not in rates:
            own = _anchor([rates[m.id] for m in declarations.members(item.dimension) if m.id in rates])
            evidence[item.id] = _evidence(item, known[item.id], own, market)
    return {
        item.id: Form("level", "declared", float("nan"))
        if item.id in rates
        else _form(item, _shared(item, items, evidence))
        for item in items
    }


def _shared(item: Indicator, items: list[Indicator], evidence: Mapping[str, Form]) -> Form:
    """Mean evidence of the dimension's members that are no rates in %: one form serves them all.

    Members in different forms would measure different things, and one series alone decides wrongly more often: on
    1,248 simulated series the mean was never wrong where it could be right, single series were in five cases.
    """
    scores = [evidence[o.id].score for o in items if o.dimension == item.dimension and o.id in evidence]
    return evidence[item.id]._replace(score=float(np.mean(scores)))


def _rate(item: Indicator, values: pd.Series, end: pd.Period) -> pd.Series:
    level = quarterly_means(removed(values, "level", item.detrend, end).values)
    spread = float(level.std())
    return (level - level.mean()) / spread if spread > 0 else level * np.nan


def _anchor(rates: list[pd.Series]) -> pd.Series | None:
    """First component of the rates, by quarter; None where no rate varies."""
    rates = [rate for rate in rates if rate.notna().sum() >= _FEWEST_QUARTERS]
    if not rates:
        return None
    frame = pd.concat(rates, axis=1)
    scores, _, _ = principal_component(frame.to_numpy())
    return pd.Series(scores, frame.index)


def _evidence(item: Indicator, values: pd.Series, own: pd.Series | None, market: pd.Series | None) -> Form:
    """Evidence for one indicator; the declared form stands in for the decision."""
    autocorrelation = float(np.nan_to_num(over_differencing(values)))
    score, source = -autocorrelation, "autocorrelation"
    for anchor, share, name in ((market, MARKET_DISCOUNT, "market"), (own, 1.0, "dimension")):
        agreed = agreement(values, anchor) if anchor is not None else float("nan")
        if np.isfinite(agreed):
            score, source = share * agreed - autocorrelation, name
    if abs(score) <= MARGIN < abs(autocorrelation):  # too close: the series' own evidence decides
        score, source = -autocorrelation, "autocorrelation"
    return Form(item.transform, source, score)


def _form(item: Indicator, evidence: Form) -> Form:
    if abs(evidence.score) <= MARGIN:
        return evidence._replace(form=item.transform, evidence="declared")
    away = "level" if item.transform == "level" else "deviation"
    return evidence._replace(form=away if evidence.score > 0 else "growth")


def agreement(values: pd.Series, anchor: pd.Series) -> float:
    """How much better the deviation from trend than the rate of change agrees with other rates.

    Returns  difference of the Fisher-transformed absolute correlations; NaN when too short
    """
    level = logarithm(values)
    deviation = quarterly_means(level - trend(level, SLOW_YEARS))
    growth = quarterly_means(rate_of_change(values))
    both = pd.concat([deviation, growth, anchor], axis=1).dropna().to_numpy()
    if len(both) < _FEWEST_QUARTERS or (both.std(axis=0) == 0).any():
        return float("nan")
    matrix = np.corrcoef(both.T)
    first, second = np.arctanh(np.clip(np.abs(matrix[:2, 2]), 0, 0.999))
    return float(first - second)


PERSISTENCE = 0.95  # monthly AR(1) of all factors: half-life of 13 months, the middle of estimates between 0.93 and 0.97
OWN_MONTHLY = 0.5  # monthly AR(1) of a monthly member's persistent own part: gone within a quarter
LEVEL_PRIOR = (
    1.5  # standard deviation of mu_i, in those of the member: its mean over a sample of one or two cycles
)
WIDEST_INPUT = (
    20.0  # standard deviations; further out it is a slip of the pen, and checks have asked about it
)


def quarter_variance(persistence: float) -> float:
    """Variance of the mean of three months of a unit-variance AR(1)."""
    return (3 + 4 * persistence + 2 * persistence**2) / 9


@dataclass(frozen=True)
class Member:
    """One indicator as the model sees it.

    form           "level", "growth" or "deviation" (apply_form)
    middle         year (with fraction) from which the slope is counted
    centre, scale  bring the form's values to standard deviations
    loading        beta: effect of the monthly factor
    persistent     variance of the autoregressive own part; white: of the white part
    slope_prior    tau: standard deviation of the slope a year
    weight         of the principal component, the starting value and cross-check; pca_loading its correlation with it
    """

    indicator: str
    dimension: str
    monthly: bool
    form: str
    middle: float
    centre: float
    scale: float
    loading: float
    persistent: float
    white: float
    slope_prior: float
    weight: float
    pca_loading: float


@dataclass(frozen=True)
class ModelDimension:
    """One sub-index: correlation of its factor with the common one, its scale, its weight in the composite.

    mean, spread  of the posterior mean over the base period; the sub-index is 100 + 10 (value - mean) / spread
    """

    common: float
    mean: float = 0.0
    spread: float = 1.0
    weight: float = 0.0


@dataclass(frozen=True)
class JointModel:
    """Everything that is fixed between two estimations.

    members         in declared order; dimensions: by id, in declared order, those with a member
    own_quarterly   quarterly AR(1) of a quarterly member's persistent own part
    learn_until     last quarter the model was learnt on; base: first and last quarter of the scale
    slope, level    bring the weighted mean of the sub-indices to mean 100 and standard deviation 10 over the base
    components      principal components kept for the weights
    seasonal        composite and dimensions -> standard deviations, in points, of what later seasonal adjustment did to newest values: of the
                    level, of the change on the quarter and on the year; empty where it was not measured
    """

    members: tuple[Member, ...]
    dimensions: Mapping[str, ModelDimension]
    own_quarterly: float
    learn_until: pd.Period
    base: tuple[pd.Period, pd.Period]
    slope: float = 1.0
    level: float = 0.0
    components: int = 1
    persistence: float = PERSISTENCE
    seasonal: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    @property
    def weights(self) -> pd.Series:
        """Dimension -> weight in the composite; they sum to 1."""
        return pd.Series({name: item.weight for name, item in self.dimensions.items()}, dtype=float)

    def of(self, dimension: str) -> tuple[Member, ...]:
        """Members of one dimension."""
        return tuple(item for item in self.members if item.dimension == dimension)

    def points(self) -> np.ndarray:
        """Points of each sub-index for one unit of its factor."""
        return np.array([10.0 / item.spread for item in self.dimensions.values()])


def years(index: pd.PeriodIndex) -> np.ndarray:
    """Middle of every period, in years."""
    per_year = 12 if index.freqstr == "M" else 4
    return 1970 + (index.asi8 + 0.5) / per_year


def inputs(model: JointModel, adjusted: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Standardised inputs of the members with data: id -> series on its own index; NaN = missing.

    adjusted  seasonally adjusted series; other indicators than the model's members are left alone. A monthly series of a member that was
              quarterly when the model was learnt is averaged to quarters
    """
    found = {}
    for member in model.members:
        values = _of_member(member, adjusted)
        if values is not None:
            series = (apply_form(member.form, values) - member.centre) / member.scale
            standard = series.to_numpy(dtype=float)
            if np.isfinite(standard).any():
                clipped = np.clip(standard, -WIDEST_INPUT, WIDEST_INPUT)
                found[member.indicator] = pd.Series(clipped, series.index, name=series.name)
    return found


def _of_member(member: Member, series: Mapping[str, pd.Series]) -> pd.Series | None:
    """A member's series at the frequency of the model; None where there is none."""
    values = series.get(member.indicator)
    if values is None or not values.notna().any():
        return None
    return whole_quarters(values) if is_monthly(values) and not member.monthly else values


# What an input is made of, step by step: raw data read in a straight line, the curve of logarithm or rate of change, seasonal adjustment, and
# the bound on the widest inputs. The steps sum to the input, the posterior is linear in each, so each has an exact contribution.
STEPS = ("data", "transformation", "seasonal", "clipping")
_ANCHOR_QUARTERS = (
    4  # the tangent touches the form at the mean of the newest year, where every season counts once
)


def anchors(raw: Mapping[str, pd.Series]) -> dict[str, float]:
    """Level of every raw series in its newest year, where ``steps`` lays the tangent; NaN for one without data."""
    found = {}
    for name, values in raw.items():
        newest = values.dropna().iloc[-_ANCHOR_QUARTERS * (3 if is_monthly(values) else 1) :]
        found[name] = float(newest.mean()) if len(newest) else float("nan")
    return found


def tangent(form: str, values: pd.Series, anchor: float) -> pd.Series:
    """The form made linear in the raw values at the level ``anchor``; the form itself where that level is not positive."""
    if form == "growth" and anchor > 0:
        return 100 * values.diff() / anchor
    if form == "deviation" and anchor > 0 and (values.dropna() > 0).all():
        return 100 * (np.log(anchor) + values / anchor - 1)
    return apply_form(form, values)


def steps(
    model: JointModel,
    raw: Mapping[str, pd.Series],
    adjusted: Mapping[str, pd.Series],
    anchor: Mapping[str, float],
) -> dict[str, dict[str, pd.Series]]:
    """Step -> id -> what it adds to the standardised input: ``STEPS`` in order sum to ``inputs`` and are missing where it is.

    raw  before seasonal adjustment; where it has no value in the member's form, the whole input counts as data
    """
    found: dict[str, dict[str, pd.Series]] = {step: {} for step in STEPS}
    whole = inputs(model, adjusted)
    for member in model.members:
        name = member.indicator
        if name not in whole:
            continue
        after, before = _of_member(member, adjusted), _of_member(member, raw)
        standard = (apply_form(member.form, after) - member.centre) / member.scale  # type: ignore[arg-type]
        curved, straight = standard, standard
        if before is not None and is_monthly(before) == is_monthly(standard):
            in_line = (
                tangent(member.form, before, anchor.get(name, float("nan"))),
                apply_form(member.form, before),
            )
            straight, curved = (
                ((values - member.centre) / member.scale).reindex(standard.index) for values in in_line
            )
            straight, curved = straight.where(curved.notna(), standard), curved.fillna(standard)
        parts = straight, curved - straight, standard - curved, whole[name] - standard
        for step, part in zip(STEPS, parts, strict=True):
            found[step][name] = part.where(whole[name].notna())
    return found


def whole_quarters(values: pd.Series) -> pd.Series:
    """Quarterly means of a monthly series; NaN where a month is missing."""
    grouped = values.groupby(periods(values).asfreq("Q-DEC"))
    means = grouped.mean().where(grouped.count() == 3)
    return means.reindex(pd.period_range(means.index[0], means.index[-1], freq="Q-DEC"))


# ----------------------------------------------------------------------------------------------------
# Posterior of all dimensions' factors given every observation: values, covariances, and the weight of each observation.
#
# In: a ``JointModel`` and its standardised inputs. Out: a ``Posterior``. The model is linear and Gaussian. Its states are, month by month, the common factor, the
# dimensions' factors and the members' own parts, and once the members' levels and slopes. The posterior has a sparse precision matrix: quarters are linked to
# their neighbours only, and all of them to levels and slopes. Its block Cholesky decomposition gives what a Kalman smoother gives (Rue and Held 2005,
# chapter 2), with the weight of each observation at hand. Everything runs in a fixed order: same input, same bits.
# ----------------------------------------------------------------------------------------------------

_LEAST_NOISE = 1e-4  # variance added to every observation: a hundredth of a standard deviation, finer than any series is published


@dataclass(frozen=True)
class TimeGrid:
    """Cells that observations stand in: the quarters from ``first`` on (0 to quarters - 1), then all their months."""

    first: pd.Period
    quarters: int

    def quarter_of(self, cell: np.ndarray) -> np.ndarray:
        """Number of the quarter that cells lie in."""
        return np.where(cell < self.quarters, cell, (cell - self.quarters) // 3)

    @property
    def time(self) -> np.ndarray:
        """Middle of every cell in years."""
        start = self.first.year + (self.first.quarter - 1) / 4
        quarters = start + (np.arange(self.quarters) + 0.5) / 4
        return np.concatenate([quarters, start + (np.arange(3 * self.quarters) + 0.5) / 12])

    @property
    def index(self) -> pd.PeriodIndex:
        """The quarters."""
        return pd.period_range(self.first, periods=self.quarters, freq="Q-DEC")


@dataclass(frozen=True)
class Observations:
    """What was observed: member (number in the model), cell, value."""

    member: np.ndarray
    cell: np.ndarray
    value: np.ndarray


def grid_of(first: pd.Period, last: pd.Period) -> TimeGrid:
    """Cells from the first to the last quarter."""
    return TimeGrid(first, (last - first).n + 1)


def first_quarter(inputs: Mapping[str, pd.Series]) -> pd.Period:
    """Quarter of the earliest input."""
    return min(periods(values.dropna())[0].asfreq("Q-DEC") for values in inputs.values())


def observations_of(model: JointModel, grid: TimeGrid, inputs: Mapping[str, pd.Series]) -> Observations:
    """Observations of all members on the grid, member after member in time; later ones are left out."""
    members, cells, values = [], [], []
    for number, member in enumerate(model.members):
        series = inputs.get(member.indicator)
        if series is None:
            continue
        monthly = is_monthly(series)
        start = grid.first.asfreq("M", "start") if monthly else grid.first
        place = periods(series).asi8 - start.ordinal
        value = series.to_numpy(dtype=float)
        count = grid.quarters * (3 if monthly else 1)
        kept = np.isfinite(value) & (place >= 0) & (place < count)
        members.append(np.full(int(kept.sum()), number))
        cells.append(place[kept] + (grid.quarters if monthly else 0))
        values.append(value[kept])
    if not members:
        return Observations(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    return Observations(np.concatenate(members), np.concatenate(cells), np.concatenate(values))


@dataclass(frozen=True)
class _Layout:
    """Where states stand: in a quarter's block, month after month, then once a quarter; and among the levels and slopes.

    month       states of one month: common factor, dimensions, monthly own parts; block: states of a quarter
    dimension   number of the member's dimension; share: its factor's correlation with the common one
    own         place of the member's own part in the month (monthly) or block (quarterly); -1: none
    slope       place of the member's slope among the states that stand once; -1: none; its level has the member's number
    """

    month: int
    block: int
    once: int
    dimension: np.ndarray
    share: np.ndarray
    monthly: np.ndarray
    own: np.ndarray
    slope: np.ndarray
    loading: np.ndarray
    noise: np.ndarray
    middle: np.ndarray


def _layout(model: JointModel) -> _Layout:
    names, members = list(model.dimensions), model.members
    monthly = np.array([member.monthly for member in members])
    moving = np.array([member.persistent > 0 for member in members])
    sloped = np.array([member.slope_prior > 0 for member in members])
    own = np.full(len(members), -1)
    own[monthly & moving] = 1 + len(names) + np.arange(int((monthly & moving).sum()))
    month = 1 + len(names) + int((monthly & moving).sum())
    own[~monthly & moving] = 3 * month + np.arange(int((~monthly & moving).sum()))
    slope = np.full(len(members), -1)
    slope[sloped] = len(members) + np.arange(int(sloped.sum()))
    return _Layout(
        month,
        3 * month + int((~monthly & moving).sum()),
        len(members) + int(sloped.sum()),
        np.array([names.index(member.dimension) for member in members]),
        np.array([item.common for item in model.dimensions.values()]),
        monthly,
        own,
        slope,
        np.array([member.loading for member in members]),
        np.array([member.white for member in members]) + _LEAST_NOISE,
        np.array([member.middle for member in members]),
    )


# States that an observation may load on: a quarter's three months, each with common factor, dimension and own part.
_STATES_SEEN = 9


@njit(cache=True)
def _equations(  # type: ignore[no-untyped-def]
    member, cell, quarters, time, month, dimension, share, monthly, own, slope, loading, noise, middle
):  # fmt: skip
    """Every observation as coefficients of states: places in its block, places among those that stand once, variances.

    Places and coefficients have ``_STATES_SEEN`` columns (three months of common factor, dimension and own part; or one own part);
    unused ones have the coefficient 0.
    """
    count = len(member)
    places = np.zeros((count, _STATES_SEEN), dtype=np.int64)
    weights = np.zeros((count, _STATES_SEEN))
    once = np.zeros((count, 2), dtype=np.int64)
    effects = np.zeros((count, 2))
    variance = np.zeros(count)
    for o in range(count):
        i, c = member[o], cell[o]
        d = dimension[i]
        rest = np.sqrt(1 - share[d] ** 2)
        whole = c < quarters
        start, stop = (0, 3) if whole else ((c - quarters) % 3, (c - quarters) % 3 + 1)
        size = stop - start
        used = 0
        for k in range(start, stop):
            places[o, used], weights[o, used] = k * month, loading[i] * share[d] / size
            places[o, used + 1], weights[o, used + 1] = k * month + 1 + d, loading[i] * rest / size
            used += 2
            if own[i] >= 0 and monthly[i]:
                places[o, used], weights[o, used] = k * month + own[i], 1.0 / size
                used += 1
        if own[i] >= 0 and not monthly[i]:
            places[o, used], weights[o, used] = own[i], 1.0
        once[o, 0], effects[o, 0] = i, 1.0
        if slope[i] >= 0:
            once[o, 1], effects[o, 1] = slope[i], time[c] - middle[i]
        variance[o] = noise[i] / (3 if whole and monthly[i] else 1)
    return places, weights, once, effects, variance


@njit(cache=True)
def _add_information(block, places, weights, once, effects, variance, blocks, border, corner):  # type: ignore[no-untyped-def]
    """Adds every observation's information to the blocks of the precision matrix."""
    for o in range(len(block)):
        q, precision = block[o], 1 / variance[o]
        for a in range(_STATES_SEEN):
            w = weights[o, a] * precision
            if w != 0:
                for b in range(_STATES_SEEN):
                    blocks[q, places[o, a], places[o, b]] += w * weights[o, b]
                for g in range(2):
                    border[q, once[o, g], places[o, a]] += w * effects[o, g]
        for g in range(2):
            for h in range(2):
                corner[once[o, g], once[o, h]] += effects[o, g] * effects[o, h] * precision


@njit(cache=True)
def _gather(block, places, weights, once, effects, variance, value, right, right_once, column):  # type: ignore[no-untyped-def]
    """Adds observations' right-hand sides: each to its own column."""
    for o in range(len(block)):
        scaled = value[o] / variance[o]
        for a in range(_STATES_SEEN):
            right[block[o], places[o, a], column[o]] += weights[o, a] * scaled
        for g in range(2):
            right_once[once[o, g], column[o]] += effects[o, g] * scaled


def _chain(
    blocks: np.ndarray, link: np.ndarray, places: Sequence[int], persistence: float, variance: float
) -> None:
    """Adds the prior of an autoregression whose states stand at ``places`` of every block, block after block.

    link  what couples a block (rows) with the one before (columns)
    """
    shock = 1 / (variance * (1 - persistence**2))
    quarters = len(blocks)
    for position, place in enumerate(places):
        blocks[:, place, place] += shock * (1 + persistence**2)
        if position:
            before = places[position - 1]
            blocks[:, place, before] -= shock * persistence
            blocks[:, before, place] -= shock * persistence
    link[places[0], places[-1]] -= shock * persistence
    blocks[0, places[0], places[0]] -= shock * persistence**2
    blocks[quarters - 1, places[-1], places[-1]] -= shock * persistence**2


class _Decomposition:
    """Block Cholesky decomposition of a precision matrix that is block tridiagonal with a border.

    blocks  quarters x block x block; link: block x block, the same between all neighbours
    border  quarters x once x block; corner: once x once
    """

    def __init__(self, blocks: np.ndarray, link: np.ndarray, border: np.ndarray, corner: np.ndarray) -> None:
        self.roots, self.links, self.borders = (
            np.empty_like(blocks),
            np.empty_like(blocks),
            np.empty_like(border),
        )
        rest, edge = blocks[0], border[0]
        for q in range(len(blocks)):
            if q:
                rest = blocks[q] - self.links[q - 1] @ self.links[q - 1].T
                edge = border[q] - self.borders[q - 1] @ self.links[q - 1].T
            root = cholesky(rest, lower=True, check_finite=False)
            self.roots[q] = root
            joined = solve_triangular(root, np.vstack([link, edge]).T, lower=True, check_finite=False).T
            self.links[q], self.borders[q] = joined[: len(link)], joined[len(link) :]
            corner = corner - self.borders[q] @ self.borders[q].T
        self.corner = cholesky(corner, lower=True, check_finite=False)

    def forward(self, right: np.ndarray, once: np.ndarray, start: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """First half of the solution: right-hand sides (quarters x block x columns; once x columns), zero before ``start``."""
        found = np.zeros_like(right)
        for q in range(start, len(right)):
            rest = right[q] - self.links[q - 1] @ found[q - 1] if q > start else right[q]
            found[q] = solve_triangular(self.roots[q], rest, lower=True, check_finite=False)
            once = once - self.borders[q] @ found[q]
        return found, solve_triangular(self.corner, once, lower=True, check_finite=False)

    def backward(self, right: np.ndarray, once: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Second half of the solution."""
        once = solve_triangular(self.corner, once, lower=True, trans="T", check_finite=False)
        found = np.zeros_like(right)
        for q in range(len(right) - 1, -1, -1):
            rest = right[q] - self.borders[q].T @ once
            if q + 1 < len(right):
                rest = rest - self.links[q].T @ found[q + 1]
            found[q] = solve_triangular(self.roots[q], rest, lower=True, trans="T", check_finite=False)
        return found, once


class Posterior:
    """The factors given the observations. Rows of ``quarter x dimension`` run over dimensions within a quarter."""

    def __init__(self, model: JointModel, grid: TimeGrid, seen: Observations) -> None:
        self.model, self.grid, self.seen = model, grid, seen
        self._layout = _layout(model)
        self._own = self._as_equations(seen)
        self._decomposition = self._decomposed()

    def _as_equations(self, seen: Observations) -> tuple[np.ndarray, ...]:
        at = self._layout
        found = _equations(
            seen.member, seen.cell, self.grid.quarters, self.grid.time, at.month, at.dimension, at.share, at.monthly, at.own,
            at.slope, at.loading, at.noise, at.middle,
        )  # fmt: skip
        return (self.grid.quarter_of(seen.cell), *found)

    def _decomposed(self) -> _Decomposition:
        model, at, quarters = self.model, self._layout, self.grid.quarters
        blocks, link = np.zeros((quarters, at.block, at.block)), np.zeros((at.block, at.block))
        border, corner = np.zeros((quarters, at.once, at.block)), np.zeros((at.once, at.once))
        for place in range(1 + len(model.dimensions)):
            _chain(blocks, link, [place + k * at.month for k in range(3)], model.persistence, 1.0)
        for number, member in enumerate(model.members):
            corner[number, number] += 1 / LEVEL_PRIOR**2
            if at.slope[number] >= 0:
                corner[at.slope[number], at.slope[number]] += 1 / member.slope_prior**2
            if at.own[number] >= 0 and member.monthly:
                places = [at.own[number] + k * at.month for k in range(3)]
                _chain(blocks, link, places, OWN_MONTHLY, member.persistent)
            elif at.own[number] >= 0:
                _chain(blocks, link, [at.own[number]], model.own_quarterly, member.persistent)
        _add_information(*self._own, blocks, border, corner)  # type: ignore[call-arg]
        return _Decomposition(blocks, link, border, corner)

    @property
    def dimensions(self) -> list[str]:
        """Ids of the dimensions."""
        return list(self.model.dimensions)

    @cached_property
    def _reading(self) -> np.ndarray:
        """Dimensions x block: a quarter's unit-variance factors from its states."""
        at, count = self._layout, len(self.dimensions)
        found = np.zeros((count, at.block))
        scale = 1 / (3 * np.sqrt(quarter_variance(self.model.persistence)))
        for k in range(3):
            found[:, k * at.month] = at.share * scale
            found[np.arange(count), k * at.month + 1 + np.arange(count)] = np.sqrt(1 - at.share**2) * scale
        return found

    def _states(self, values: np.ndarray, column: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Posterior means of all states from the observations' values, each given to a column of its own system."""
        at = self._layout
        right, once = np.zeros((self.grid.quarters, at.block, columns)), np.zeros((at.once, columns))
        _gather(*self._own, values, right, once, column)  # type: ignore[call-arg]
        return self._decomposition.backward(*self._decomposition.forward(right, once))

    def _frame(self, values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, self.grid.index, self.dimensions)

    @cached_property
    def _mean(self) -> tuple[np.ndarray, np.ndarray]:
        return self._states(self.seen.value, np.zeros(len(self.seen.value), dtype=np.int64), 1)

    @cached_property
    def value(self) -> pd.DataFrame:
        """Posterior means: quarter x dimension, in standard deviations of the factor."""
        return self._frame(self._mean[0][:, :, 0] @ self._reading.T)

    @cached_property
    def parts(self) -> np.ndarray:
        """What each member's data add to each value: quarter x dimension x member. They sum to the value."""
        states, _ = self._states(self.seen.value, self.seen.member, len(self.model.members))
        return np.einsum("ds,qsm->qdm", self._reading, states, optimize=True)

    def weights(self, quarters: Sequence[pd.Period]) -> np.ndarray:
        """Weight of every observation in some quarters' values: (quarters x dimensions) x observations."""
        at, count = self._layout, len(self.dimensions)
        right = np.zeros((self.grid.quarters, at.block, count * len(quarters)))
        for k, quarter in enumerate(quarters):
            right[(quarter - self.grid.first).n, :, k * count : (k + 1) * count] = self._reading.T
        once = np.zeros((at.once, right.shape[2]))
        states, standing = self._decomposition.backward(*self._decomposition.forward(right, once))
        block, places, weights, members, effects, variance = self._own
        found = np.einsum("oa,oar->ro", weights, states[block[:, None], places], optimize=True)
        found += np.einsum("og,ogr->ro", effects, standing[members], optimize=True)
        return found / variance

    @cached_property
    def _half(self) -> tuple[np.ndarray, np.ndarray]:
        """Every quarter's factors through the first half of the solution: their products are posterior covariances.

        Returns  quarters x block x (quarters x dimensions); once x (quarters x dimensions)
        """
        at, quarters, count = self._layout, self.grid.quarters, len(self.dimensions)
        found = np.zeros((quarters, at.block, quarters * count))
        once = np.zeros((at.once, quarters * count))
        parts = self._decomposition
        for q in range(quarters):
            before = q * count  # the factors of later quarters have not begun
            if q:
                found[q, :, :before] = -parts.links[q - 1] @ found[q - 1, :, :before]
            found[q, :, before : before + count] = self._reading.T
            until = before + count
            found[q, :, :until] = solve_triangular(
                parts.roots[q], found[q, :, :until], lower=True, check_finite=False
            )
            once[:, :until] -= parts.borders[q] @ found[q, :, :until]
        return found, solve_triangular(parts.corner, once, lower=True, check_finite=False)

    def blocks(self, lag: int = 0) -> np.ndarray:
        """Posterior covariance of each quarter's factors with those ``lag`` quarters earlier.

        Returns  (quarters - lag) x dimensions x dimensions
        """
        states, once = self._half
        quarters, count = self.grid.quarters, len(self.dimensions)
        found = np.empty((quarters - lag, count, count))
        for q in range(lag, quarters):
            now, then = slice(q * count, (q + 1) * count), slice((q - lag) * count, (q - lag + 1) * count)
            late = states[q:, :, now].reshape(-1, count), states[q:, :, then].reshape(-1, count)
            found[q - lag] = late[0].T @ late[1] + once[:, now].T @ once[:, then]
        return found

    @cached_property
    def spread(self) -> pd.DataFrame:
        """Posterior standard deviations: quarter x dimension."""
        return self._frame(np.sqrt(np.diagonal(self.blocks(), axis1=1, axis2=2)))

    def trends(self) -> pd.DataFrame:
        """Posterior mean of every member's level (at its middle) and slope a year: columns ``level``, ``slope``."""
        at, found = self._layout, self._mean[1][:, 0]
        slope = np.where(at.slope >= 0, found[at.slope], 0.0)
        names = [member.indicator for member in self.model.members]
        return pd.DataFrame({"level": found[: len(names)], "slope": slope}, names)

    def expected(self, seen: Observations) -> np.ndarray:
        """What the model expects of other observations on the same grid."""
        states, standing = self._mean
        block, places, weights, members, effects, _ = self._as_equations(seen)
        found = (weights * states[:, :, 0][block[:, None], places]).sum(axis=1)
        return found + (effects * standing[:, 0][members]).sum(axis=1)

    def without(self, quarter: pd.Period, groups: Sequence[np.ndarray]) -> np.ndarray:
        """The factors of a quarter, had some observations not come: groups x dimensions. Exact, without solving anew for each group.

        groups  numbers of observations (rows of ``seen``) that are left out together

        With G the weights of the observations in their own fitted values and r what the fit leaves, the value without them is lower by
        their weights times (I - G)^-1 r: the leave-out formula of linear smoothers.
        """
        value = self.value.xs(quarter).to_numpy()
        rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *groups]))
        if not len(rows):
            return np.tile(value, (len(groups), 1))
        ones, column = np.zeros(len(self.seen.value)), np.zeros(len(self.seen.value), dtype=np.int64)
        ones[rows], column[rows] = 1.0, np.arange(len(rows))
        states, standing = self._states(ones, column, len(rows))
        weights = self._reading @ states[(quarter - self.grid.first).n]
        seen = taken(self.seen, rows)
        block, places, effect, members, effects, _ = self._as_equations(seen)
        fitted = np.einsum("oa,oar->or", effect, states[block[:, None], places], optimize=True)
        fitted += np.einsum("og,ogr->or", effects, standing[members], optimize=True)
        rest = seen.value - self.expected(seen)
        found = np.empty((len(groups), len(value)))
        for number, group in enumerate(groups):
            own = np.searchsorted(rows, group)
            moved = np.linalg.solve(np.eye(len(own)) - fitted[np.ix_(own, own)], rest[own])
            found[number] = value - weights[:, own] @ moved
        return found


def taken(seen: Observations, kept: np.ndarray) -> Observations:
    """Some of the observations."""
    return Observations(seen.member[kept], seen.cell[kept], seen.value[kept])


def smooth(model: JointModel, inputs: Mapping[str, pd.Series], quarter: pd.Period) -> Posterior:
    """Posterior of all quarters up to ``quarter``, observed or not.

    inputs  of ``joint_model.inputs``; later observations are ignored. Raises ValueError when there is none
    """
    grid = grid_of(first_quarter(inputs), quarter)
    return Posterior(model, grid, observations_of(model, grid, inputs))
