"""Posterior of all dimensions' factors given every observation: values, covariances, and the weight of each observation.

In: a ``JointModel`` and its standardised inputs. Out: a ``Posterior``. The model is linear and Gaussian. Its states are, month by month, the common factor, the
dimensions' factors and the members' own parts, and once the members' levels and slopes. The posterior has a sparse precision matrix: quarters are linked to
their neighbours only, and all of them to levels and slopes. Its block Cholesky decomposition gives what a Kalman smoother gives (Rue and Held 2005,
chapter 2), with the weight of each observation at hand. Everything runs in a fixed order: same input, same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numba import njit
from scipy.linalg import cholesky, solve_triangular

from reporter.index.joint_model import LEVEL_PRIOR, OWN_MONTHLY, JointModel, quarter_variance
from reporter.index.panel import is_monthly, periods

_LEAST_NOISE = 1e-4  # variance added to every observation: a hundredth of a standard deviation, finer than any series is published


@dataclass(frozen=True)
class Grid:
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


def grid_of(first: pd.Period, last: pd.Period) -> Grid:
    """Cells from the first to the last quarter."""
    return Grid(first, (last - first).n + 1)


def first_quarter(inputs: Mapping[str, pd.Series]) -> pd.Period:
    """Quarter of the earliest input."""
    return min(periods(values.dropna())[0].asfreq("Q-DEC") for values in inputs.values())


def observations_of(model: JointModel, grid: Grid, inputs: Mapping[str, pd.Series]) -> Observations:
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


@njit(cache=True)
def _equations(  # type: ignore[no-untyped-def]
    member, cell, quarters, time, month, dimension, share, monthly, own, slope, loading, noise, middle
):  # fmt: skip
    """Every observation as coefficients of states: places in its block, places among those that stand once, variances.

    Places and coefficients have ten columns (three months of common factor, dimension and own part; or one own part);
    unused ones have the coefficient 0.
    """
    count = len(member)
    places = np.zeros((count, 9), dtype=np.int64)
    weights = np.zeros((count, 9))
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
        for a in range(9):
            w = weights[o, a] * precision
            if w != 0:
                for b in range(9):
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
        for a in range(9):
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

    def __init__(self, model: JointModel, grid: Grid, seen: Observations) -> None:
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
