"""The composite: base period, weights and scale (method.md, 1.4 and 1.5), the index in points, and how other choices would change it.

In: the posterior of the dimensions' factors. Out: sub-indices and composite with mean 100 and standard deviation 10 over the base period. Weights,
scale and base are learnt with the model and stand still with it; all dimensions count in every quarter, with their posterior means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import chi2

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import LAGS, iso
from reporter.index import panel
from reporter.index.joint_model import JointModel, Posterior, TimeGrid, apply_form, observations_of
from reporter.index.panel import (
    TREND_T,
    Series,
    is_monthly,
    known_items,
    last_row,
    periods,
    quarterly_means,
    value_at,
)

MEAN, SD = 100.0, 10.0  # the study: 100 is the mean of the base period, ten points one standard deviation
FEWEST_BASE_QUARTERS = 12  # three years
LEAST_COVER = 0.5  # share of the weight that must be observed in the first quarter shown
_MOST_DIMENSIONS = 0.75  # of those that ever have data must be there when the base period starts
_WEIGHT_DECIMALS = 7  # moves no index by more than 2e-5 points and keeps a weight the same on every machine


def base_of(
    observed: pd.DataFrame, end: pd.Period, start: pd.Period | None = None, stop: pd.Period | None = None
) -> tuple[pd.Period, pd.Period]:
    """First and last quarter of the base: complete years up to ``end`` from the first in which most dimensions have data.

    observed     quarter x dimension, True where a member has data; start, stop: given by the settings
    """
    stop = min(stop or end, observed.index[-1])
    cover = observed.mean(axis=1)
    enough = cover.index[cover >= _MOST_DIMENSIONS * cover.max()]
    if start is None:
        first = enough[0]
        start = first if first.quarter == 1 else pd.Period(year=first.year + 1, quarter=1, freq="Q-DEC")
    if (stop - start).n + 1 < FEWEST_BASE_QUARTERS:
        start, stop = min(start, enough[0]), end
    return max(start, observed.index[0]), stop


def scale_of(values: pd.Series) -> tuple[float, float]:
    """Slope and level that bring values to mean 100 and standard deviation 10 (population formula); slope 0 without variance."""
    spread = float(values.std(ddof=0))
    slope = SD / spread if spread > 0 else 0.0
    return slope, MEAN - slope * float(values.mean())


# Quarters, two years, that two series must share; with fewer a correlation is left out (empirical).
FEWEST_SHARED = 8


def correlation(sub_indices: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (descending) and eigenvectors of the correlations of the sub-indices over the base period."""
    matrix = sub_indices.corr(min_periods=FEWEST_SHARED).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    return np.clip(values[::-1], 0.0, None), vectors[:, ::-1]


def principal_weights(sub_indices: pd.DataFrame, components: int | None = None) -> tuple[pd.Series, int]:
    """Weights by the ability to explain the whole labour market, and the number of components kept.

    sub_indices  quarter x dimension over the base period
    components   how many are kept; None keeps those with an eigenvalue above 1, at least one
    Returns      sum_k (loading_dk^2 / sum_d loading_dk^2) * (explained_k / sum_k explained): >= 0, sums to 1, seven decimals
    """
    values, vectors = correlation(sub_indices)
    kept = components or max(int((values > 1 + 1e-9).sum()), 1)
    share = values[:kept] / values[:kept].sum() if values[:kept].sum() > 0 else np.full(kept, 1 / kept)
    weights = (vectors[:, :kept] ** 2) @ share
    rounded = (weights / weights.sum()).round(_WEIGHT_DECIMALS)
    rounded[rounded.argmax()] += 1 - rounded.sum()
    return pd.Series(rounded, sub_indices.columns), kept


# ----------------------------------------------------------------------------------------------------
# The index in points, with bands and states: sub-indices, composite and their changes from the posterior of the factors.
#
# In: a ``Posterior`` and, where the model has replaced an earlier one, the earlier values up to the link. Out: ``IndexValues``, and the tables ``labour_index`` and
# ``index_changes``. Bands are posterior standard deviations times ``CALIBRATION``.
# ----------------------------------------------------------------------------------------------------

OVERALL = "overall"
STALE_QUARTERS = 4  # a source silent for a year is not waited for
# The posterior takes the learnt numbers for true; on simulated workspaces its bands need this factor to cover what they say (docs/index.md).
CALIBRATION = 1.25
Z80, Z95 = 1.2815515655446004, 1.959963984540054  # of the normal distribution
# Later data also move what is taken for learnt and for trend; measured on simulated vintages, on top of CALIBRATION.
FINAL_CALIBRATION = 1.7
FINAL_QUARTERS = 8  # after two years later data hardly move a quarter


SEASONAL_NEW, SEASONAL_SETTLED = (
    4,
    12,
)  # quarters: seasonal factors of the newest year are open, those of three years ago hardly move


@dataclass(frozen=True)
class IndexValues:
    """Columns of all frames: ``overall``, then the dimensions; rows: consecutive quarters; NaN where nothing is published yet.

    value   points; spread: standard deviation of the estimate in points, calibrated
    status  "final" | "provisional" | "nowcast" | ""
    change_spread  against -> standard deviation of the change up to the quarter
    """

    value: pd.DataFrame
    spread: pd.DataFrame
    status: pd.DataFrame
    change_spread: Mapping[str, pd.DataFrame]

    @property
    def sub_indices(self) -> pd.DataFrame:
        """Quarter x dimension."""
        return self.value.drop(columns=OVERALL)

    @property
    def composite(self) -> pd.Series:
        """The composite by quarter."""
        return self.value[OVERALL]


def points(model: JointModel, factors: pd.DataFrame) -> pd.DataFrame:
    """Composite and sub-indices (columns) of the factors' values (quarter x dimension), unlinked."""
    mean = np.array([item.mean for item in model.dimensions.values()])
    sub = MEAN + (factors.to_numpy() - mean) * model.points()
    overall = model.level + model.slope * ((sub - MEAN) @ model.weights.to_numpy())
    return pd.DataFrame(np.column_stack([overall, sub]), factors.index, [OVERALL, *model.dimensions])


def slopes(model: JointModel) -> np.ndarray:
    """(1 + dimensions) x dimensions: points of the composite and of the sub-indices for a unit of each factor."""
    scale = model.points()
    return np.vstack([model.slope * model.weights.to_numpy() * scale, np.diag(scale)])


def index_values(
    posterior: Posterior, inputs: Mapping[str, pd.Series], linked: pd.DataFrame | None = None
) -> IndexValues:
    """Values, bands and states of every quarter of the posterior.

    inputs  what the posterior was read from
    linked  the published history before the model took over: quarter x (overall and dimensions), up to the link quarter
    """
    model = posterior.model
    value = points(model, posterior.value)
    begun = shown(posterior, inputs)
    if linked is not None:
        value = chained(value, linked)
    spread, changes = _spreads(posterior)
    status = states(model, inputs, periods(value))
    return IndexValues(
        value.where(begun),
        spread.where(begun),
        status.where(begun, ""),
        {against: frame.where(begun) for against, frame in changes.items()},
    )


def chained(value: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """The earlier values up to the link quarter, to the last digit; after it the new model's changes continue them."""
    last = periods(linked)[-1]
    if last not in value.index:
        return value
    old = linked.reindex(index=value.index, columns=value.columns)
    place = int((periods(value) == last).argmax())
    level = (old.iloc[place] - value.iloc[place]).fillna(0.0)
    past = np.asarray(periods(value) <= last)[:, None] & old.notna().to_numpy()
    return (value + level).where(~past, old)


def _spreads(posterior: Posterior) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Calibrated standard deviations of levels and of changes, in points."""
    model, grid = posterior.model, posterior.grid
    quarters = grid.quarters
    effect, columns = slopes(model), [OVERALL, *model.dimensions]

    def deviations(blocks: np.ndarray, kind: int) -> np.ndarray:
        variance = CALIBRATION**2 * np.clip(np.einsum("ij,qjk,ik->qi", effect, blocks, effect), 0.0, None)
        return np.sqrt(variance + seasonal_variance(model, quarters, kind)[quarters - len(blocks) :])

    own = posterior.blocks()
    levels = pd.DataFrame(deviations(own, 0), grid.index, columns)
    changes = {}
    for kind, (against, lag) in enumerate(LAGS.items(), start=1):
        frame = pd.DataFrame(np.nan, grid.index, columns)
        if quarters > lag:
            now, before = np.arange(lag, quarters), np.arange(quarters - lag)
            cross = posterior.blocks(lag)
            frame.iloc[lag:] = deviations(own[now] + own[before] - cross - cross.transpose(0, 2, 1), kind)
        changes[against] = frame
    return levels, changes


def seasonal_variance(model: JointModel, quarters: int, kind: int) -> np.ndarray:
    """Variance, in points, that later seasonal adjustment will add: quarter x (composite and dimensions).

    kind  0: of levels, 1: of changes on the quarter, 2: of changes on the year. Whole in the newest year, none after three years
    """
    nothing = (0.0, 0.0, 0.0)
    whole = np.array([model.seasonal.get(name, nothing)[kind] for name in (OVERALL, *model.dimensions)])
    age = np.arange(quarters)[::-1]
    open_share = np.clip((SEASONAL_SETTLED - age) / (SEASONAL_SETTLED - SEASONAL_NEW + 1), 0.0, 1.0)
    return (open_share[:, None] * whole) ** 2


def shown(posterior: Posterior, inputs: Mapping[str, pd.Series]) -> pd.DataFrame:
    """A sub-index from its first observation on; the composite from the quarter in which half of the weight has begun."""
    model, index = posterior.model, posterior.grid.index
    begun = {}
    for name in model.dimensions:
        starts = [periods(inputs[m.indicator].dropna())[0] for m in model.of(name) if m.indicator in inputs]
        first = min((start.asfreq("Q-DEC") for start in starts), default=index[0])
        begun[name] = index >= first
    frame = pd.DataFrame(begun, index)
    cover = frame @ model.weights
    frame.insert(0, OVERALL, cover >= LEAST_COVER)
    return frame


def states(model: JointModel, inputs: Mapping[str, pd.Series], index: pd.PeriodIndex) -> pd.DataFrame:
    """State of every value: final, provisional or nowcast.

    A member counts as there in a quarter when all its months are; holes that later data have passed and sources silent for a
    year are not waited for.
    """
    columns: dict[str, np.ndarray] = {}
    for name in model.dimensions:
        whole, some = np.ones(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
        for member in model.of(name):
            complete, present = _arrived(inputs.get(member.indicator), index)
            whole &= complete
            some |= present
        columns[name] = np.where(whole & some, "final", np.where(some, "provisional", "nowcast"))
    frame = pd.DataFrame(columns, index)
    final, none = (frame == "final").all(axis=1), (frame == "nowcast").all(axis=1)
    frame.insert(0, OVERALL, np.where(final, "final", np.where(none, "nowcast", "provisional")))
    return frame


def _arrived(values: pd.Series | None, index: pd.PeriodIndex) -> tuple[np.ndarray, np.ndarray]:
    """By quarter: nothing of the series is waited for; something of it is there."""
    if values is None or not values.notna().any():
        return np.ones(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    seen = periods(values)[values.notna().to_numpy()]
    last, quarters = seen[-1], seen.asfreq("Q-DEC").asi8
    # The last quarter whose last period is not after the series' last value.
    whole = last.asfreq("Q-DEC").ordinal - (0 if last == last_row(values, last.asfreq("Q-DEC")) else 1)
    silent = index[-1].ordinal - last.asfreq("Q-DEC").ordinal > STALE_QUARTERS
    return (index.asi8 <= whole) | silent, np.isin(index.asi8, quarters)


def quarter_status(values: pd.Series | None, quarter: pd.Period) -> str:
    """What a series' input for one quarter is: observed, partial (a month lacks), estimated, or absent (no series at all)."""
    if values is None or not values.notna().any():
        return "absent"
    known = periods(values.dropna()).asfreq("Q-DEC")
    count = int((known == quarter).sum())
    if count == 0:
        return "estimated"
    return "partial" if is_monthly(values) and count < 3 else "observed"


def index_table(values: IndexValues, group: str) -> pd.DataFrame:
    """Rows of ``labour_index`` of one group: the composite, then the dimensions."""
    pieces = []
    for name in values.value:
        value = values.value[name].dropna()
        spread, status = values.spread[name].reindex(value.index), values.status[name].reindex(value.index)
        frame = pd.DataFrame({"dimension": name, "group": group, "period": [iso(p) for p in periods(value)]})
        frame["value"] = value.to_numpy()
        for share, factor in (("80", Z80), ("95", Z95)):
            frame[f"low{share}"] = value.to_numpy() - factor * spread.to_numpy()
            frame[f"high{share}"] = value.to_numpy() + factor * spread.to_numpy()
        pieces.append(frame.assign(status=status.to_numpy()))
    return pd.concat(pieces, ignore_index=True)[schema.columns("labour_index")]


def final_spread(values: IndexValues, quarter: pd.Period) -> pd.Series:
    """Standard deviation of a quarter's final values about the present ones: the variance that later data will take away.

    What is left is that of a quarter two years before the issue's.
    """
    index = periods(values.spread)
    now = values.spread.iloc[(quarter - index[0]).n]
    settled = len(index) - 1 - FINAL_QUARTERS
    later = values.spread.iloc[settled] if settled >= 0 else now * 0
    return FINAL_CALIBRATION * (now**2 - later**2).clip(lower=0.0) ** 0.5


def final_table(values: IndexValues) -> pd.DataFrame:
    """Table ``index_final``: where the final value of the newest two years' quarters will lie."""
    rows: list[list[object]] = []
    for quarter in periods(values.value)[-FINAL_QUARTERS:]:
        spread = final_spread(values, quarter)
        for name in values.value:
            level, deviation = value_at(values.value[name], quarter), float(spread[str(name)])
            if np.isfinite(level):
                bands = [level + sign * z * deviation for z in (Z80, Z95) for sign in (-1, 1)]
                rows.append([name, iso(quarter), level, *bands])
    return pd.DataFrame(rows, columns=schema.columns("index_final"))


def changes_table(values: IndexValues) -> pd.DataFrame:
    """Table ``index_changes``: change on the quarter and on the year, its 95 % band, whether the band excludes zero."""
    rows: list[list[object]] = []
    for name in values.value:
        for against, lag in LAGS.items():
            change = values.value[name].diff(lag)
            spread = values.change_spread[against][name]
            for period, moved in known_items(change):
                margin = Z95 * value_at(spread, period)
                low, high = moved - margin, moved + margin
                rows.append([name, against, iso(period), moved, low, high, low > 0 or high < 0])
    return pd.DataFrame(rows, columns=schema.columns("index_changes"))


# ----------------------------------------------------------------------------------------------------
# Scenarios: the joint model's forecast, given a path of one sub-index that the analyst sets.
#
# In: the posterior with the quarters ahead, and points of some sub-indices in them. Out: baseline and scenario of the composite and of every sub-index. The
# posterior is Gaussian, so the scenario is its conditional mean (Waggoner and Zha 1999, hard conditions); quarters that are not set stay free.
# ----------------------------------------------------------------------------------------------------


class Scenario(NamedTuple):
    """A scenario's ``table`` and how unusual it is: the model's probability of a path at least as far from the baseline.

    table  period, dimension, baseline, scenario, difference, low80, high80 (of the scenario)
    """

    table: pd.DataFrame
    probability: float


def scenario(
    posterior: Posterior,
    quarter: pd.Period,
    paths: Mapping[str, Sequence[float]],
    linked: pd.DataFrame | None = None,
) -> Scenario:
    """The quarters after ``quarter``, had the sub-indices named in ``paths`` the points given, quarter by quarter from the next on.

    posterior  reaches beyond ``quarter``; linked: an earlier model's values (``chained``)
    """
    model, effect = posterior.model, slopes(posterior.model)
    value = points(model, posterior.value)
    baseline = (value if linked is None else chained(value, linked))[quarter + 1 :]
    covariance = CALIBRATION**2 * _ahead(posterior, effect, len(baseline))
    columns, width = list(baseline.columns), len(baseline.columns)
    at = [step * width + columns.index(name) for name, path in paths.items() for step in range(len(path))]
    wanted = np.concatenate([np.asarray(path, dtype=float) for path in paths.values()])
    flat = baseline.to_numpy().ravel()
    gap = wanted - flat[at]
    gains = np.linalg.solve(covariance[np.ix_(at, at)], covariance[at]).T
    moved = gains @ gap
    rest = np.diag(covariance) - np.einsum("ij,ij->i", gains, covariance[:, at])
    spread = Z80 * np.sqrt(np.clip(rest, 0.0, None))
    found = flat + moved
    table = pd.DataFrame(
        {
            "period": np.repeat([iso(period) for period in periods(baseline)], width),
            "dimension": columns * len(baseline),
            "baseline": flat,
            "scenario": found,
            "difference": moved,
            "low80": found - spread,
            "high80": found + spread,
        }
    )
    distance = float(gap @ np.linalg.solve(covariance[np.ix_(at, at)], gap))
    return Scenario(table, float(chi2.sf(distance, len(at))))


def _ahead(posterior: Posterior, effect: np.ndarray, count: int) -> np.ndarray:
    """Posterior covariance of the last ``count`` quarters' points: (count x columns) squared, quarter after quarter."""
    width = len(effect)
    found = np.zeros((count * width, count * width))
    for lag in range(count):
        blocks = posterior.blocks(lag)[-(count - lag) :]
        for place, block in enumerate(blocks):
            now, then = (slice(k * width, (k + 1) * width) for k in (place + lag, place))
            found[now, then] = effect @ block @ effect.T
            found[then, now] = found[now, then].T
    return found


# ----------------------------------------------------------------------------------------------------
# Contributions to changes of the index: exact, on the quarter before and on the year before.
#
# In: the posterior and the index in points. Out: ``contributions`` of dimensions to the composite's change and ``indicator_contributions`` of indicators' data to each
# dimension's contribution. The posterior mean is linear in the standardised inputs, so both are exact: what an indicator's
# observations add, now less then. Data of other dimensions act through the common factor and have a row of their own. Where an earlier model's values
# stand before the link, the difference has a row named ``model_change``. ``contribution_steps`` takes the rows apart further: raw data, the curve of
# the transformation, seasonal adjustment, clipping.
# ----------------------------------------------------------------------------------------------------

OTHERS, MODEL_CHANGE = "other_dimensions", "model_change"
_SMALLEST = 1e-9  # points; below, a difference of models is rounding


def of_dimensions(values: IndexValues, posterior: Posterior) -> pd.DataFrame:
    """Table ``contributions``: points of the composite; rows of a period sum to its change."""
    model = posterior.model
    effect = model.slope * model.weights
    unlinked = points(model, posterior.value).drop(columns=OVERALL)
    pieces = []
    for against, lag in LAGS.items():
        moved = unlinked.diff(lag) * effect
        change = values.composite.diff(lag)
        known = change.notna() & moved.notna().all(axis=1)
        rest = (change - moved.sum(axis=1))[known]
        moved = moved[known]
        if (rest.abs() > _SMALLEST).any():
            moved = moved.assign(**{MODEL_CHANGE: rest})
        else:
            moved[moved.columns[-1]] += rest  # rounding of a sum of ten numbers
        pieces.append(_long(moved, against, "dimension"))
    return pd.concat(pieces, ignore_index=True)[schema.columns("contributions")]


def of_indicators(values: IndexValues, posterior: Posterior) -> pd.DataFrame:
    """Table ``indicator_contributions``: ``contribution`` in points of the composite, ``sub_index`` in points of the sub-index.

    Rows of a dimension and period sum to the dimension's contribution, and to the sub-index's change.
    """
    model = posterior.model
    pieces = []
    for number, name in enumerate(model.dimensions):
        parts = _parts_of(posterior, number, name) * model.points()[number]
        effect = model.slope * float(model.weights[name])
        for against, lag in LAGS.items():
            moved = parts.diff(lag)[values.value[name].diff(lag).notna()]
            long = _long(moved, against, "indicator").rename(columns={"contribution": "sub_index"})
            pieces.append(long.assign(dimension=name, contribution=long["sub_index"] * effect))
    return pd.concat(pieces, ignore_index=True)[schema.columns("indicator_contributions")]


def of_steps(
    posterior: Posterior, steps: Mapping[str, Mapping[str, pd.Series]], quarter: pd.Period
) -> pd.DataFrame:
    """Table ``contribution_steps``: rows of ``indicator_contributions`` of one quarter by what the inputs are made of.

    steps    of ``joint_model.steps``; steps that add nothing have no row
    quarter  whose changes are told; rows of a dimension and indicator sum to theirs
    """
    model, grid = posterior.model, posterior.grid
    values = {step: observations_of(model, grid, found).value for step, found in steps.items()}
    rows: list[list[object]] = []
    for against, lag in LAGS.items():
        if (quarter - grid.first).n < lag:
            continue
        now, before = np.split(posterior.weights([quarter, quarter - lag]), 2)
        added = {step: _by_member(posterior, (now - before) * value) for step, value in values.items()}
        for number, name in enumerate(model.dimensions):
            scale, effect = model.points()[number], model.slope * float(model.weights[name])
            parts = pd.concat(
                [_own_and_others(posterior, moved[None, number], name) for moved in added.values()]
            ).set_axis(list(added))
            rows += [
                [iso(quarter), against, name, indicator, step, part * scale * effect, part * scale]
                for indicator in parts
                for step, part in zip(added, parts[indicator].tolist(), strict=True)
                if abs(part * scale) > _SMALLEST
            ]
    return pd.DataFrame(rows, columns=schema.columns("contribution_steps"))


def _by_member(posterior: Posterior, cells: np.ndarray) -> np.ndarray:
    """Sums over each member's observations: rows x members."""
    count = len(posterior.model.members)
    return np.array([np.bincount(posterior.seen.member, weights=row, minlength=count) for row in cells])


def _parts_of(posterior: Posterior, number: int, name: str) -> pd.DataFrame:
    """Quarter x indicator (and ``other_dimensions``): what their data add to one factor."""
    return _own_and_others(posterior, posterior.parts[:, number, :], name).set_axis(posterior.grid.index)


def _own_and_others(posterior: Posterior, parts: np.ndarray, name: str) -> pd.DataFrame:
    """Columns of a dimension's own members, and of all others' together, from parts of all members (rows x members)."""
    members = posterior.model.members
    own = [place for place, member in enumerate(members) if member.dimension == name]
    frame = pd.DataFrame(parts[:, own], columns=[members[place].indicator for place in own])
    if len(posterior.model.dimensions) > 1:
        frame[OTHERS] = np.delete(parts, own, axis=1).sum(axis=1)
    return frame


def _long(moved: pd.DataFrame, against: str, column: str) -> pd.DataFrame:
    """``period, against, <column>, contribution``: period after period, in the order of the columns."""
    count = len(moved.columns)
    return pd.DataFrame(
        {
            "period": np.repeat([iso(period) for period in moved.index], count),
            "against": against,
            column: np.tile(np.array(moved.columns, dtype=object), len(moved)),
            "contribution": moved.to_numpy(dtype=float).ravel(),
        }
    )


def effective_weights(values: IndexValues, model: JointModel) -> pd.Series:
    """Share of each dimension in the composite's variance over the base period; sums to 1, may be negative."""
    parts = (values.sub_indices * model.weights)[model.base[0] : model.base[1]].dropna()
    whole = parts.sum(axis=1)
    variance = float(whole.var(ddof=0))
    if not variance > 0:
        return model.weights
    return parts.apply(lambda part: float(np.mean((part - part.mean()) * (whole - whole.mean()))) / variance)


# ----------------------------------------------------------------------------------------------------
# Which indicators moved, as the Kansas City Fed prints: counts of up and down, largest first.
#
# Goes in: seasonally adjusted series. Comes out: ``movers``, changes in the indicator's own unit and, turned by
# polarity, in standard deviations of its usual changes over the same distance.
# ----------------------------------------------------------------------------------------------------

UNCHANGED_SD = 0.1  # a tenth of a standard deviation is one point: less is told as no change


def movers(
    series: Mapping[str, Series], adjusted: Mapping[str, pd.Series], quarter: pd.Period
) -> pd.DataFrame:
    """Table ``movers`` for the issue's quarter; indicators without data in one of the two quarters have no row."""
    rows = []
    for against, lag in LAGS.items():
        for name, item in series.items():
            means = quarterly_means(adjusted[name])
            value, previous = means.get(quarter, float("nan")), means.get(quarter - lag, float("nan"))
            if pd.isna(value) or pd.isna(previous):
                continue
            usual = float((means - means.shift(lag)).std(ddof=0))
            change = value - previous
            in_sd = item.indicator.polarity * change / usual if usual > 0 else 0.0
            direction = "unchanged" if abs(in_sd) < UNCHANGED_SD else "improved" if in_sd > 0 else "worsened"
            dimension = item.indicator.dimension
            rows.append([iso(quarter), against, name, dimension, value, previous, change, in_sd, direction])
    return pd.DataFrame(rows, columns=schema.columns("movers"))


# ----------------------------------------------------------------------------------------------------
# Sensitivity: the composite under other reasonable choices.
#
# In: the model, the posterior, the dimensions' principal components, the factors under other detrending. Out: ``sensitivity`` and ``sensitivity_summary``. The
# Federal Reserve stopped its labour market conditions index over exactly this question, so the answer is printed in every issue.
# ----------------------------------------------------------------------------------------------------


def rescaled(values: pd.DataFrame, base: tuple[pd.Period, pd.Period]) -> pd.DataFrame:
    """Every column with mean 100 and standard deviation 10 over the base period; all quarters where it has no value there."""
    inside = values[base[0] : base[1]]
    inside = inside.where(inside.notna().sum() >= 2, values)
    spread = inside.std(ddof=0)
    return MEAN + SD * (values - inside.mean()) / spread.where(spread > 0)


def composite_of(
    sub_indices: pd.DataFrame, weights: pd.Series, base: tuple[pd.Period, pd.Period]
) -> pd.Series:
    """Weighted mean of sub-indices on the composite's scale; a quarter's missing ones count as 100."""
    mean = ((sub_indices - MEAN).fillna(0.0) * weights / weights.sum()).sum(axis=1)
    mean = mean.where(sub_indices.notna().any(axis=1))
    slope, level = scale_of(mean[base[0] : base[1]])
    return level + slope * mean


def alternatives(
    model: JointModel, values: IndexValues, components: pd.DataFrame, others: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Composite by choice: quarter -> points.

    components  quarter x dimension: principal components; others: name of another detrending -> factors
    """
    base, sub = model.base, values.sub_indices
    names = [str(name) for name in sub]
    equal = pd.Series(1 / len(names), names)
    first, _ = principal_weights(sub[base[0] : base[1]].dropna(how="all"), components=1)
    found = {
        "equal_weights": composite_of(sub, equal, base),
        "first_component": composite_of(sub, first, base),
        "pca": composite_of(rescaled(components, base), model.weights, base),
    }
    for name in names if len(names) > 1 else []:
        kept = model.weights.drop(name)
        kept = kept if kept.sum() > 0 else equal.drop(name)
        found[f"without_{name}"] = composite_of(sub.drop(columns=name), kept, base)
    found |= {
        name: composite_of(rescaled(frame, base), model.weights, base) for name, frame in others.items()
    }
    known = values.composite.notna()
    return {name: other[known] for name, other in found.items()}


def other_trends(
    model: JointModel, series: Mapping[str, Series], adjusted: Mapping[str, pd.Series], grid: TimeGrid
) -> dict[str, pd.DataFrame]:
    """Factors (quarter x dimension) with every other way of taking trends out: ``detrend_<choice>`` -> values.

    The model reads series whose trend was removed beforehand, without slopes of its own; all else stays.
    """
    straight = replace(model, members=tuple(replace(member, slope_prior=0.0) for member in model.members))
    found = {}
    for choice in panel.OTHERS:
        inputs = {}
        for member in model.members:
            if member.indicator in series:
                values = _otherwise(
                    choice, member.form, series[member.indicator], adjusted[member.indicator], model
                )
                if values.notna().any():
                    inputs[member.indicator] = values
        seen = observations_of(straight, grid, inputs)
        found[f"detrend_{choice}"] = Posterior(straight, grid, seen).value
    return found


def _otherwise(choice: str, form: str, item: Series, adjusted: pd.Series, model: JointModel) -> pd.Series:
    """One standardised input under another detrending."""
    form = panel.form_under(choice, form, item.indicator.transform)
    rest = panel.removed(
        apply_form(form, adjusted), form, item.indicator.detrend, model.learn_until, choice
    ).values
    known = quarterly_means(rest[: last_row(rest, model.learn_until)]).dropna()
    spread = float(known.std(ddof=0)) if len(known) > 2 else 0.0
    return (rest - known.mean()) / spread if spread > 0 else rest * float("nan")


def tables(composite: pd.Series, found: Mapping[str, pd.Series]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``sensitivity`` and ``sensitivity_summary`` of other composites beside the published one, all by quarter."""
    long: list[list[object]] = []
    summary: list[list[object]] = []
    ranks = composite.rank()
    for name, other in found.items():
        both = pd.DataFrame({"published": composite, "other": other}).dropna()
        long.extend([name, iso(period), value] for period, value in known_items(other))
        difference = (both["other"] - both["published"]).abs()
        moved = (other.rank() - ranks).abs().max()
        agreement = both["published"].corr(both["other"]) if len(both) > 2 else float("nan")
        summary.append([name, agreement, difference.mean(), difference.max(), moved])
    columns = schema.columns("sensitivity"), schema.columns("sensitivity_summary")
    return pd.DataFrame(long, columns=columns[0]), pd.DataFrame(summary, columns=columns[1])


# ----------------------------------------------------------------------------------------------------
# Sensitivity to detrending: the indicators' tests, and the index under other choices.
#
# Goes in: the published composite, the composites under other detrending (``sensitivity``), the declared and used forms with
# their tests. Comes out: ``detrending_sensitivity`` and ``detrending_tests``. Turning points are those of Harding and
# Pagan (2002) for quarters: highest or lowest within two quarters to either side, phases of two and cycles of five
# quarters at least. The Federal Reserve stopped its index of labour market conditions over exactly this question.
# ----------------------------------------------------------------------------------------------------

PREFIX = "detrend_"
_SIGNIFICANT = 0.05  # the usual level
_ADF = (
    0.10  # more lenient than KPSS, as the ADF test has little power in short samples: both must speak against
)
_SIDE, _FEWEST_PHASE, _FEWEST_CYCLE = 2, 2, 5  # Harding and Pagan (2002), quarterly
_MATCHED_WITHIN = 4  # a year: turning points farther apart are two
NOTES = {
    "agrees": "",
    "not_stationary": "ข้อมูลที่เข้าแบบจำลองยังไม่นิ่งทั้งตาม ADF และ KPSS ควรทบทวนวิธีขจัดแนวโน้มที่ประกาศไว้",
    "trend_left": "ประกาศว่าไม่มีแนวโน้มระยะยาว แต่พบแนวโน้มที่มีนัยสำคัญ ควรทบทวนการประกาศ",
    "overruled": "หลักฐานจากข้อมูลขัดกับการแปลงที่ประกาศไว้ จึงใช้การแปลงที่ทดสอบแล้วแทน",
    "untested": "ข้อมูลสั้นเกินกว่าจะทดสอบ",
}


def turning_points(values: pd.Series) -> list[tuple[pd.Period, int]]:
    """(quarter, 1 for a peak or -1 for a trough), in time order and alternating.

    values  points by consecutive quarter, NaN only at the ends
    """
    known = values.dropna()
    quarters, level = periods(known), known.to_numpy()
    found: list[tuple[int, int]] = []
    for place in range(_SIDE, len(level) - _SIDE):
        around = np.delete(level[place - _SIDE : place + _SIDE + 1], _SIDE)
        kind = 1 if (level[place] > around).all() else -1 if (level[place] < around).all() else 0
        if kind:
            found.append((place, kind))
    found = _alternating(found, level)
    while (short := _too_short(found)) is not None:
        found = _alternating(found[:short] + found[short + 2 :], level)
    return [(quarters[place], kind) for place, kind in found]


def _alternating(found: list[tuple[int, int]], level: np.ndarray) -> list[tuple[int, int]]:
    """Of neighbours of one kind the more extreme stays."""
    kept: list[tuple[int, int]] = []
    for place, kind in found:
        if kept and kept[-1][1] == kind:
            if kind * level[place] > kind * level[kept[-1][0]]:
                kept[-1] = (place, kind)
        else:
            kept.append((place, kind))
    return kept


def _too_short(found: list[tuple[int, int]]) -> int | None:
    """Place of the first of two neighbours that stand too near, or None."""
    for place in range(len(found) - 1):
        if found[place + 1][0] - found[place][0] < _FEWEST_PHASE:
            return place
        if place + 2 < len(found) and found[place + 2][0] - found[place][0] < _FEWEST_CYCLE:
            return place + 1 if place + 2 < len(found) - 1 or place == 0 else place
    return None


def table(published: pd.Series, sensitivity: pd.DataFrame) -> pd.DataFrame:
    """``detrending_sensitivity``: how the composite under every other detrending differs from the published one.

    published    quarter -> points
    sensitivity  choice, period, value; choices that are no detrending are left out
    """
    own = turning_points(published)
    rows: list[list[object]] = []
    for choice, part in sensitivity[sensitivity["choice"].str.startswith(PREFIX)].groupby(
        "choice", sort=False
    ):
        quarters = pd.PeriodIndex([pd.Period(text.replace("-", ""), freq="Q-DEC") for text in part["period"]])
        other = pd.Series(part["value"].to_numpy(dtype=float), quarters)
        both = pd.DataFrame({"published": published, "other": other}).dropna()
        if len(both) < 3:
            continue
        difference = both["other"] - both["published"]
        shared = periods(both)
        place = int(np.argmax(difference.abs().to_numpy()))
        inside = [(at, kind) for at, kind in own if shared[0] <= at <= shared[-1]]
        shifts = _shifts(inside, turning_points(both["other"]))
        rows.append(
            [
                str(choice).removeprefix(PREFIX),
                both["published"].corr(both["other"]),
                float(difference.to_numpy()[place]),
                iso(shared[place]),
                difference.iloc[-1],
                len(inside),
                len(shifts),
                float(np.mean(shifts)) if shifts else float("nan"),
            ]
        )
    return pd.DataFrame(rows, columns=schema.columns("detrending_sensitivity"))


def _shifts(own: list[tuple[pd.Period, int]], others: list[tuple[pd.Period, int]]) -> list[int]:
    """Quarters by which the nearest turning point of the same kind comes later; only those within a year."""
    shifts = []
    for at, kind in own:
        near = [(other - at).n for other, same in others if same == kind]
        near = [shift for shift in near if abs(shift) <= _MATCHED_WITHIN]
        if near:
            shifts.append(min(near, key=abs))
    return shifts


def tests(
    declarations: Declarations,
    used: pd.DataFrame,
    statistics: Mapping[str, float],
    quality: pd.DataFrame,
) -> pd.DataFrame:
    """``detrending_tests``: the declared choice of every indicator against what its data say.

    used        ``detrending``
    statistics  t statistic of a linear trend, by indicator
    quality     ``seasonal_quality`` of the nation, with the p-values of ADF and KPSS of what enters the model
    """
    columns = (quality["indicator"].astype(str), quality["adf_after"], quality["kpss_after"])
    known = {name: (float(adf), float(kpss)) for name, adf, kpss in zip(*columns, strict=True)}
    rows: list[list[object]] = []
    for row in used.to_dict("records"):
        name = str(row["indicator"])
        item = declarations.indicators[name]
        adf, kpss = known[name]
        trend = float(statistics[name])
        form, detrend = str(row["transform"]), str(row["detrend"])
        verdict = _verdict(item.transform, item.detrend, form, detrend, trend, adf, kpss)
        note = NOTES[verdict]
        rows.append([name, item.transform, item.detrend, form, detrend, trend, adf, kpss, verdict, note])
    return pd.DataFrame(rows, columns=schema.columns("detrending_tests"))


def _verdict(
    transform: str, declared: str, form: str, detrend: str, trend: float, adf: float, kpss: float
) -> str:
    """The most serious objection to the declared choice, or ``agrees``."""
    if not np.isfinite(adf):
        return "untested"
    if adf >= _ADF and kpss < _SIGNIFICANT:
        return "not_stationary"
    if form == "level" and declared == "none" and detrend == "none" and abs(trend) >= TREND_T:
        return "trend_left"
    return "overruled" if form != transform else "agrees"
