"""Posterior of all dimensions' factors given every observation: values, covariances, and the weight of each observation.

In: a ``JointModel`` and its standardised inputs. Out: a ``Posterior``. The model is linear and Gaussian, so the posterior is one conditional expectation,
computed from the covariance of the observations by a Cholesky decomposition (the same numbers as a Kalman smoother, with the gain of each
observation at hand). Months count one by one in the newest ``FINE_QUARTERS`` quarters; before, a monthly series enters as the mean of the quarter's months
that are there. Covariances come from compiled loops in a fixed order: same input, same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numba import njit
from scipy.linalg import cho_solve, cholesky, solve_triangular

from reporter.index.joint_model import LEVEL_PRIOR, OWN_MONTHLY, JointModel, quarter_variance
from reporter.index.panel import is_monthly, periods

FINE_QUARTERS = 8  # months two years back tell a quarter nothing that its mean does not (values move by under 0.01 points)
_JITTER = 1e-8  # added to the diagonal, so that equal series can be decomposed


@dataclass(frozen=True)
class Grid:
    """Time cells that observations stand in: the quarters from ``first`` on, then the months of the newest ones.

    time     middle of every cell in years
    common   correlation of the factor between cells; own_monthly, white_monthly, own_quarterly: those of the own parts
    """

    first: pd.Period
    quarters: int
    fine: int
    time: np.ndarray
    common: np.ndarray
    own_monthly: np.ndarray
    white_monthly: np.ndarray
    own_quarterly: np.ndarray

    @property
    def index(self) -> pd.PeriodIndex:
        """The quarters."""
        return pd.period_range(self.first, periods=self.quarters, freq="Q-DEC")


@dataclass(frozen=True)
class Observations:
    """What was observed: member (number in the model), cell, value; ``periods`` for people, as text is made elsewhere."""

    member: np.ndarray
    cell: np.ndarray
    value: np.ndarray


def _autocorrelation(count: int, persistence: float) -> np.ndarray:
    return persistence ** np.abs(np.subtract.outer(np.arange(count), np.arange(count)))


def grid_of(model: JointModel, first: pd.Period, last: pd.Period) -> Grid:
    """Cells from the first to the last quarter."""
    quarters = (last - first).n + 1
    fine = min(FINE_QUARTERS, quarters)
    months = 3 * quarters
    mean = np.kron(np.eye(quarters), np.full((1, 3), 1 / 3))
    cells = np.vstack([mean, np.eye(months)[months - 3 * fine :]])
    start = first.year + (first.quarter - 1) / 4

    def between(persistence: float) -> np.ndarray:
        return cells @ _autocorrelation(months, persistence) @ cells.T

    return Grid(
        first,
        quarters,
        fine,
        cells @ (start + (np.arange(months) + 0.5) / 12),
        between(model.persistence),
        between(OWN_MONTHLY),
        cells @ cells.T,
        _autocorrelation(quarters, model.own_quarterly),
    )


def observations_of(model: JointModel, grid: Grid, inputs: Mapping[str, pd.Series]) -> Observations:
    """Observations of all members on the grid, member after member in time."""
    members, cells, values = [], [], []
    for number, member in enumerate(model.members):
        series = inputs.get(member.indicator)
        if series is None:
            continue
        cell, value = _placed(grid, series)
        members.append(np.full(len(cell), number))
        cells.append(cell)
        values.append(value)
    if not members:
        return Observations(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    return Observations(np.concatenate(members), np.concatenate(cells), np.concatenate(values))


def _placed(grid: Grid, series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Cells and values of one series: quarters; of a monthly one means of early quarters, then months."""
    coarse = grid.quarters - grid.fine
    if not is_monthly(series):
        place = periods(series).asi8 - grid.first.ordinal
        value = series.to_numpy(dtype=float)
        kept = np.isfinite(value) & (place >= 0) & (place < grid.quarters)
        return place[kept], value[kept]
    month = periods(series).asi8 - grid.first.asfreq("M", "start").ordinal
    value = series.to_numpy(dtype=float)
    kept = np.isfinite(value) & (month >= 0) & (month < 3 * grid.quarters)
    month, value = month[kept], value[kept]
    early = month < 3 * coarse
    counts = np.bincount(month[early] // 3, minlength=coarse)
    sums = np.bincount(month[early] // 3, weights=value[early], minlength=coarse)
    known = np.flatnonzero(counts)
    late = grid.quarters + month[~early] - 3 * coarse
    return np.concatenate([known, late]), np.concatenate([sums[known] / counts[known], value[~early]])


@dataclass(frozen=True)
class _Numbers:
    """The model's numbers as arrays over members."""

    dimension: np.ndarray
    monthly: np.ndarray
    loading: np.ndarray
    persistent: np.ndarray
    white: np.ndarray
    middle: np.ndarray
    slope_prior: np.ndarray
    between: np.ndarray  # correlation of the dimensions' factors


def _numbers(model: JointModel) -> _Numbers:
    names = list(model.dimensions)
    common = np.array([item.common for item in model.dimensions.values()])
    between = np.outer(common, common)
    np.fill_diagonal(between, 1.0)
    return _Numbers(
        np.array([names.index(member.dimension) for member in model.members]),
        np.array([member.monthly for member in model.members]),
        np.array([member.loading for member in model.members]),
        np.array([member.persistent for member in model.members]),
        np.array([member.white for member in model.members]),
        np.array([member.middle for member in model.members]),
        np.array([member.slope_prior for member in model.members]),
        between,
    )


@njit(cache=True)
def _covariance(  # type: ignore[no-untyped-def]
    member, cell, dimension, monthly, loading, persistent, white, middle, slope, between, time, common, own, plain, quarterly, level
):  # fmt: skip
    """Lower triangle of the covariance of all observations."""
    count = len(member)
    found = np.zeros((count, count))
    for a in range(count):
        i, ca = member[a], cell[a]
        for b in range(a + 1):
            j, cb = member[b], cell[b]
            value = loading[i] * loading[j] * between[dimension[i], dimension[j]] * common[ca, cb]
            if i == j:
                if monthly[i]:
                    value += persistent[i] * own[ca, cb] + white[i] * plain[ca, cb]
                else:
                    value += persistent[i] * quarterly[ca, cb]
                    if ca == cb:
                        value += white[i]
                value += level * level + slope[i] * slope[i] * (time[ca] - middle[i]) * (time[cb] - middle[i])
            found[a, b] = value
        found[a, a] += _JITTER
    return found


def covariance(model: JointModel, grid: Grid, seen: Observations) -> np.ndarray:
    """Covariance of the observations, lower triangle."""
    own = _numbers(model)
    return _covariance(
        seen.member, seen.cell, own.dimension, own.monthly, own.loading, own.persistent, own.white, own.middle, own.slope_prior,
        own.between, grid.time, grid.common, grid.own_monthly, grid.white_monthly, grid.own_quarterly, LEVEL_PRIOR,
    )  # fmt: skip


def targets(model: JointModel, grid: Grid, seen: Observations) -> np.ndarray:
    """Covariance of the quarterly unit-variance factors with the observations: (quarters x dimensions) x observations."""
    own = _numbers(model)
    unit = np.sqrt(quarter_variance(model.persistence))
    share = own.between[:, own.dimension[seen.member]] * own.loading[seen.member] / unit
    time = grid.common[: grid.quarters][:, seen.cell]
    return (time[:, None, :] * share[None, :, :]).reshape(-1, len(seen.value))


class Posterior:
    """The factors given the observations. Rows of ``quarter x dimension`` run over dimensions within a quarter."""

    def __init__(self, model: JointModel, grid: Grid, seen: Observations) -> None:
        self.model, self.grid, self.seen = model, grid, seen
        self._root = cholesky(covariance(model, grid, seen), lower=True, overwrite_a=True, check_finite=False)
        self._half = self.half(targets(model, grid, seen).T)

    def half(self, right: np.ndarray) -> np.ndarray:
        """Right-hand sides through the first half of the solution."""
        return solve_triangular(self._root, right, lower=True, check_finite=False)

    def solved(self, right: np.ndarray) -> np.ndarray:
        """Solution for right-hand sides that have been through ``half``."""
        return solve_triangular(self._root, right, lower=True, trans="T", check_finite=False)

    @property
    def dimensions(self) -> list[str]:
        """Ids of the dimensions."""
        return list(self.model.dimensions)

    def _frame(self, values: np.ndarray) -> pd.DataFrame:
        shape = (self.grid.quarters, len(self.dimensions))
        return pd.DataFrame(values.reshape(shape), self.grid.index, self.dimensions)

    @cached_property
    def value(self) -> pd.DataFrame:
        """Posterior means: quarter x dimension, in standard deviations of the factor."""
        return self.read(self.seen.value)

    def read(self, values: np.ndarray) -> pd.DataFrame:
        """Posterior means had the same cells held these values."""
        return self._frame(self._half.T @ self.half(values))

    @cached_property
    def parts(self) -> np.ndarray:
        """What each member's data add to each value: quarter x dimension x member. They sum to the value."""
        count = len(self.model.members)
        right = np.zeros((len(self.seen.value), count))
        right[np.arange(len(self.seen.value)), self.seen.member] = self.seen.value
        found = self._half.T @ self.half(right)
        return found.reshape(self.grid.quarters, len(self.dimensions), count)

    def rows(self, quarters: Sequence[pd.Period]) -> np.ndarray:
        """Positions of some quarters' values, dimension after dimension within each."""
        count = len(self.dimensions)
        starts = [((quarter - self.grid.first).n) * count for quarter in quarters]
        return np.concatenate([np.arange(start, start + count) for start in starts])

    def weights(self, quarters: Sequence[pd.Period]) -> np.ndarray:
        """Weight of every observation in some quarters' values: (quarters x dimensions) x observations."""
        return self.solved(self._half[:, self.rows(quarters)]).T

    def blocks(self, lag: int = 0) -> np.ndarray:
        """Posterior covariance of each quarter's factors with those ``lag`` quarters earlier.

        Returns  (quarters - lag) x dimensions x dimensions
        """
        count, quarters = len(self.dimensions), self.grid.quarters
        half = self._half.reshape(-1, quarters, count)
        between = _numbers(self.model).between
        unit = quarter_variance(self.model.persistence)
        time = np.diagonal(self.grid.common[:quarters, :quarters], -lag) / unit
        explained = half[:, lag:].transpose(1, 2, 0) @ half[:, : quarters - lag].transpose(1, 0, 2)
        return time[:, None, None] * between - explained

    @cached_property
    def spread(self) -> pd.DataFrame:
        """Posterior standard deviations: quarter x dimension."""
        return self._frame(np.sqrt(np.clip(1.0 - (self._half**2).sum(axis=0), 0.0, None)))

    def trends(self) -> pd.DataFrame:
        """Posterior mean of every member's level (at its middle) and slope a year: columns ``level``, ``slope``."""
        own, count = _numbers(self.model), len(self.model.members)
        rows = np.arange(len(self.seen.value))
        prior = np.zeros((len(rows), 2 * count))
        time = self.grid.time[self.seen.cell] - own.middle[self.seen.member]
        prior[rows, self.seen.member] = LEVEL_PRIOR**2
        prior[rows, count + self.seen.member] = own.slope_prior[self.seen.member] ** 2 * time
        found = self.half(prior).T @ self.half(self.seen.value)
        names = [member.indicator for member in self.model.members]
        return pd.DataFrame({"level": found[:count], "slope": found[count:]}, names)


def first_quarter(inputs: Mapping[str, pd.Series]) -> pd.Period:
    """Quarter of the earliest input."""
    return min(periods(values.dropna())[0].asfreq("Q-DEC") for values in inputs.values())


def smooth(model: JointModel, inputs: Mapping[str, pd.Series], quarter: pd.Period) -> Posterior:
    """Posterior of all quarters up to ``quarter``, observed or not.

    inputs  of ``joint_model.inputs``; later observations are ignored. Raises ValueError when there is none
    """
    grid = grid_of(model, first_quarter(inputs), quarter)
    return Posterior(model, grid, observations_of(model, grid, inputs))


def expected(posterior: Posterior, seen: Observations) -> np.ndarray:
    """What the model expects of other observations on the same grid."""
    own, grid = _numbers(posterior.model), posterior.grid
    known = posterior.seen
    solved = posterior.solved(posterior.half(known.value))
    result = np.zeros(len(seen.value))
    for place, (i, cell) in enumerate(zip(seen.member, seen.cell, strict=True)):
        between = own.between[own.dimension[i], own.dimension[known.member]]
        row = own.loading[i] * own.loading[known.member] * between * grid.common[cell, known.cell]
        same = known.member == i
        time = (grid.time[cell] - own.middle[i]) * (grid.time[known.cell[same]] - own.middle[i])
        noise = LEVEL_PRIOR**2 + own.slope_prior[i] ** 2 * time
        if own.monthly[i]:
            noise += own.persistent[i] * grid.own_monthly[cell, known.cell[same]]
            noise += own.white[i] * grid.white_monthly[cell, known.cell[same]]
        else:
            noise += own.persistent[i] * grid.own_quarterly[cell, known.cell[same]]
        row[same] += noise
        result[place] = row @ solved
    return result


def means(model: JointModel, inputs: Mapping[str, pd.Series], grid: Grid) -> pd.DataFrame:
    """Posterior means only, for what-if computations: quarter x dimension; half the work of a ``Posterior``."""
    seen = observations_of(model, grid, inputs)
    root = cholesky(covariance(model, grid, seen), lower=True, overwrite_a=True, check_finite=False)
    solved = cho_solve((root, True), seen.value, check_finite=False)
    found = targets(model, grid, seen) @ solved
    return pd.DataFrame(
        found.reshape(grid.quarters, len(model.dimensions)), grid.index, list(model.dimensions)
    )
