"""The model of ``DynamicFactorMQ``, estimated by compiled kernels: the reporter's speed like for like.

One AR(1) factor, an AR(1) of its own in every member, no white noise; in months, a quarterly member is the weighted sum
1 2 3 2 1 of five months of both (Mariano and Murasawa 2003). Goes in: a panel, standardised as statsmodels does. Comes
out: its parameters in the order of ``DynamicFactorMQ``, so that statsmodels itself can say what they are worth.

Instead of five lags a quarterly process carries two running sums: ``due`` is what the quarter's number will be
made of, ``left`` what the quarter leaves to the next one. The gradient is exact, from one backward pass (Koopman and
Shephard 1992): what an expectation step computes, without its slow convergence.

``fit`` is maximum likelihood. ``DynamicFactorMQ.fit()`` is something less, and ``fit_as_em`` finds the same: without
white noise its maximisation step gives back the loadings that it was given, so they stay what the principal component
said; and in place of the stationary first state it takes the smoothed one of the iteration before, so that the first
observations no longer count and the first value of the factor is free.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from scipy.optimize import minimize

from reporter.index.components import principal_component
from reporter.index.panel import is_monthly, periods

_LOG_TWO_PI = float(np.log(2 * np.pi))
_DUE = np.array([3.0, 2.0, 1.0])  # weight of the quarter's three months in its own number
_LEFT = np.array([0.0, 1.0, 2.0])  # and in the next quarter's
_BOUNDS = {"loading": (-12.0, 12.0), "log_variance": (-14.0, 6.0), "autocorrelation": (-3.8, 3.8)}
_SIZE = (-6.0, 4.0)
_FIRST = (-12.0, 12.0)
_START_RHO = 0.3
_IMPOSSIBLE = 1e10
_SEARCH = {"maxiter": 500, "ftol": 1e-8, "gtol": 1e-4, "maxcor": 40}


class Panel(NamedTuple):
    """Period x member, standardised, NaN = not observed; ``cycle`` 3: months with quarterly members, from a first month."""

    values: np.ndarray
    quarterly: np.ndarray
    cycle: int
    periods: pd.PeriodIndex


class Matched(NamedTuple):
    """Parameters as ``DynamicFactorMQ`` orders them, with the monthly members first; log-likelihood; calls of it."""

    parameters: np.ndarray
    likelihood: float
    evaluations: int


def panel_of(members: Mapping[str, pd.Series]) -> Panel:
    """The members as ``DynamicFactorMQ`` takes them: monthly ones first, each less its mean over its deviation."""
    monthly = [values for values in members.values() if is_monthly(values)]
    quarterly = [values for values in members.values() if not is_monthly(values)]
    freq = "M" if monthly else "Q-DEC"
    placed = [values.set_axis(periods(values).asfreq(freq, "E")) for values in (*monthly, *quarterly)]
    first = min(periods(values)[0] for values in placed).asfreq("Q-DEC").asfreq(freq, "S")
    index = pd.period_range(first, max(periods(values)[-1] for values in placed), freq=freq)
    table = pd.DataFrame({number: values.reindex(index) for number, values in enumerate(placed)})
    standard = ((table - table.mean()) / table.std()).to_numpy()
    is_quarterly = np.array([False] * len(monthly) + [bool(monthly)] * len(quarterly))
    return Panel(np.ascontiguousarray(standard), is_quarterly, 3 if is_quarterly.any() else 1, index)


@njit(cache=True)
def _ahead(columns: np.ndarray, starts: np.ndarray, rho: np.ndarray, month: int) -> None:
    """T times a matrix, in place: one step of every process, its running sums with it."""
    for p in range(len(rho)):
        o = starts[p]
        wide = starts[p + 1] - o == 3
        for j in range(columns.shape[1]):
            step = rho[p] * columns[o, j]
            columns[o, j] = step
            if wide:
                due = columns[o + 2, j] if month == 0 else columns[o + 1, j]
                left = 0.0 if month == 0 else columns[o + 2, j]
                columns[o + 1, j] = due + _DUE[month] * step
                columns[o + 2, j] = left + _LEFT[month] * step


@njit(cache=True)
def _behind(columns: np.ndarray, starts: np.ndarray, rho: np.ndarray, month: int) -> None:
    """T' times a matrix, in place."""
    for p in range(len(rho)):
        o = starts[p]
        wide = starts[p + 1] - o == 3
        for j in range(columns.shape[1]):
            total = columns[o, j]
            if wide:
                due, left = columns[o + 1, j], columns[o + 2, j]
                total += _DUE[month] * due + _LEFT[month] * left
                columns[o + 1, j] = 0.0 if month == 0 else due
                columns[o + 2, j] = due if month == 0 else left
            columns[o, j] = rho[p] * total


@njit(cache=True)
def _step(place: np.ndarray, p: int, month: int) -> np.ndarray:
    """How a shock of process p enters the state, written into ``place``: positions and weights, as 2 x 3."""
    found = np.zeros((2, 3))
    wide = place[p + 1] - place[p] == 3
    for part in range(3 if wide else 1):
        found[0, part] = place[p] + part
    found[1, 0] = 1.0
    if wide:
        found[1, 1], found[1, 2] = _DUE[month], _LEFT[month]
    return found


@njit(cache=True)
def value_and_gradient(
    theta: np.ndarray, values: np.ndarray, quarterly: np.ndarray, cycle: int, first: float
) -> tuple[float, np.ndarray, float]:
    """Minus the log-likelihood, and its gradient by the parameters and by ``first``.

    theta   n loadings on a factor of variance 1, n logarithms of the variances of the members' own parts, n
            autocorrelations of these and the factor's, on the inverse hyperbolic tangent scale
    first   the factor in the first period, whose observations then count no more; NaN: the process's own law
    """
    length, n = values.shape
    loading, own = theta[:n], np.exp(theta[n : 2 * n])
    rho, level = np.empty(n + 1), np.ones(n + 1)
    rho[0], rho[1:], level[1:] = np.tanh(theta[3 * n]), np.tanh(theta[2 * n : 3 * n]), own
    starts = np.zeros(n + 2, dtype=np.int64)
    for p in range(n + 1):
        wide = quarterly.any() if p == 0 else quarterly[p - 1]
        starts[p + 1] = starts[p] + (3 if wide else 1)
    k = starts[n + 1]
    state, spread = np.zeros(k), np.zeros((k, k))
    for p in range(n + 1):
        o = starts[p]
        spread[o, o] = level[p]
        if starts[p + 1] - o == 3:
            spread[o, o + 2] = spread[o + 2, o] = level[p] * (2 + rho[p])
            spread[o + 2, o + 2] = level[p] * (5 + 4 * rho[p])
    known = np.zeros(n + 1, dtype=np.bool_)
    begin = 0
    if not np.isnan(first):
        begin = 1
        known[0], state[0] = True, first
        for i in range(n):
            if not np.isnan(values[0, i]):
                known[i + 1], state[starts[i + 1]] = True, values[0, i] - loading[i] * first
        for p in range(n + 1):
            if known[p]:
                spread[starts[p], starts[p]] = 0.0
    # What the way back needs: at the end of every period, and after every observation.
    ends, end_columns = np.zeros((length + 1, k)), np.zeros((length + 1, k, n + 1))
    gains, forces = np.zeros((length, n, k)), np.zeros((length, n, 2))
    common, common_columns = np.zeros((length, n)), np.zeros((length, n, k))
    total = 0.0
    for t in range(begin, length):
        month = t % cycle
        ends[t] = state
        for p in range(n + 1):
            end_columns[t, :, p] = spread[:, starts[p]]
        state_column = state.reshape(k, 1)
        _ahead(state_column, starts, rho, month)
        _ahead(spread, starts, rho, month)
        spread = np.ascontiguousarray(spread.T)
        _ahead(spread, starts, rho, month)
        for p in range(n + 1):
            shock = level[p] * (1 - rho[p] ** 2)
            enters = _step(starts, p, month)
            for i in range(starts[p + 1] - starts[p]):
                for j in range(starts[p + 1] - starts[p]):
                    spread[starts[p] + i, starts[p] + j] += shock * enters[1, i] * enters[1, j]
        for i in range(n):
            if np.isnan(values[t, i]):
                continue
            shift = 1 if quarterly[i] else 0
            f, u = shift, starts[i + 1] + shift
            gain = loading[i] * spread[f] + spread[u]
            force = loading[i] * gain[f] + gain[u]
            if not force > 1e-12:
                return _IMPOSSIBLE, np.zeros_like(theta), 0.0
            innovation = values[t, i] - loading[i] * state[f] - state[u]
            total += 0.5 * (_LOG_TWO_PI + np.log(force) + innovation**2 / force)
            for a in range(k):
                part = gain[a] / force
                for b in range(k):
                    spread[a, b] -= part * gain[b]
                state[a] += part * innovation
            gains[t, i] = gain / force
            forces[t, i, 0], forces[t, i, 1] = innovation, force
            common[t, i], common_columns[t, i] = state[f], spread[f]
    slope_loading, slope_level, slope_rho = np.zeros(n), np.zeros(n + 1), np.zeros(n + 1)
    score, information = np.zeros(k), np.zeros((k, k))
    along = np.zeros(k)
    for t in range(length - 1, begin - 1, -1):
        month = t % cycle
        for i in range(n - 1, -1, -1):
            if np.isnan(values[t, i]):
                continue
            shift = 1 if quarterly[i] else 0
            f, u = shift, starts[i + 1] + shift
            gain, column = gains[t, i], common_columns[t, i]
            for a in range(k):
                along[a] = 0.0
                for b in range(k):
                    along[a] += information[a, b] * gain[b]
            push = forces[t, i, 0] / forces[t, i, 1]
            weight = 1 / forces[t, i, 1]
            smoothed, pull = common[t, i], -gain[f]
            for a in range(k):
                push -= gain[a] * score[a]
                weight += gain[a] * along[a]
                smoothed += column[a] * score[a]
                pull += along[a] * column[a]
            slope_loading[i] += push * smoothed + pull
            score[f] += loading[i] * push
            score[u] += push
            for a in range(k):
                information[f, a] -= loading[i] * along[a]
                information[a, f] -= loading[i] * along[a]
                information[u, a] -= along[a]
                information[a, u] -= along[a]
            information[f, f] += loading[i] ** 2 * weight
            information[f, u] += loading[i] * weight
            information[u, f] += loading[i] * weight
            information[u, u] += weight
        columns = end_columns[t].copy()
        _ahead(columns, starts, rho, month)
        for p in range(n + 1):
            o = starts[p]
            enters = _step(starts, p, month)
            impulse, curve, smoothed, crossed = 0.0, 0.0, ends[t, o], 0.0
            for i in range(starts[p + 1] - o):
                impulse += enters[1, i] * score[o + i]
                for j in range(starts[p + 1] - o):
                    curve += enters[1, i] * enters[1, j] * information[o + i, o + j]
                for a in range(k):
                    crossed += enters[1, i] * information[o + i, a] * columns[a, p]
            for a in range(k):
                smoothed += columns[a, p] * score[a]
            by_shock = 0.5 * (impulse**2 - curve)
            slope_level[p] += by_shock * (1 - rho[p] ** 2)
            slope_rho[p] += impulse * smoothed - crossed - 2 * rho[p] * level[p] * by_shock
        score_column = score.reshape(k, 1)
        _behind(score_column, starts, rho, month)
        _behind(information, starts, rho, month)
        information = np.ascontiguousarray(information.T)
        _behind(information, starts, rho, month)
    slope_first = score[0] if known[0] else 0.0
    for p in range(n + 1):
        o = starts[p]
        if known[p]:
            if p > 0:
                slope_loading[p - 1] -= first * score[o]
                slope_first -= loading[p - 1] * score[o]
            continue
        slope_level[p] += 0.5 * (score[o] ** 2 - information[o, o])
        if starts[p + 1] - o == 3:
            cross = score[o] * score[o + 2] - information[o, o + 2]
            late = 0.5 * (score[o + 2] ** 2 - information[o + 2, o + 2])
            slope_level[p] += cross * (2 + rho[p]) + late * (5 + 4 * rho[p])
            slope_rho[p] += level[p] * (cross + 4 * late)
    gradient = np.empty_like(theta)
    gradient[:n] = -slope_loading
    gradient[n : 2 * n] = -slope_level[1:] * own
    gradient[2 * n : 3 * n] = -slope_rho[1:] * (1 - rho[1:] ** 2)
    gradient[3 * n] = -slope_rho[0] * (1 - rho[0] ** 2)
    return total, gradient, -slope_first


def start_of(panel: Panel) -> np.ndarray:
    """Parameters from the principal component of the panel's quarterly means."""
    values, n = panel.values, panel.values.shape[1]
    quarters = pd.DataFrame(values).groupby(panel.periods.asfreq("Q-DEC")).mean()
    quarters = quarters.dropna(how="all")
    standard = ((quarters - quarters.mean()) / quarters.std(ddof=0)).to_numpy()
    scores, loadings, _ = principal_component(standard)
    scores = (scores - scores.mean()) / scores.std()
    persistence = float(np.clip(np.mean(scores[1:] * scores[:-1]), 0.2, 0.97))
    phi = persistence ** (1 / 3) if panel.periods.freqstr == "M" else persistence
    size = np.clip(np.abs(loadings), 0.2, 0.95)
    loading = np.where(loadings >= 0, size, -size)
    own, rho = 1 - size**2, np.full(n, _START_RHO)
    weights = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    lags = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    summed = [float(weights @ (value**lags) @ weights) for value in (phi, _START_RHO)]
    loading = np.where(panel.quarterly, loading / np.sqrt(summed[0]), loading)
    own = np.where(panel.quarterly, own / summed[1], own)
    return np.concatenate([loading, np.log(own), np.arctanh(rho), [np.arctanh(phi)]])


def fit(panel: Panel) -> Matched:
    """Maximise the likelihood, from the principal component; two members alone from several places."""
    n, start = panel.values.shape[1], start_of(panel)

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        return value_and_gradient(theta, panel.values, panel.quarterly, panel.cycle, np.nan)[:2]

    bounds = [_BOUNDS["loading"]] * n + _bounds_of_the_rest(n)
    begins = [np.concatenate([start[: 2 * n], np.arctanh(rho)]) for rho in _starts(n, start, n == 2)]
    best, evaluations = _best(objective, begins, bounds)
    return Matched(parameters_of(best.x, n), -float(best.fun), evaluations)


def _best(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]],
    begins: list[np.ndarray],
    bounds: list[tuple[float, float]],
) -> tuple[Any, int]:
    """The best end of several searches, and the evaluations of all."""
    found = [
        minimize(objective, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=_SEARCH)
        for begin in begins
    ]
    return min(found, key=lambda item: float(item.fun)), sum(int(item.nfev) for item in found)


def direction_of(panel: Panel) -> np.ndarray:
    """Loadings that ``DynamicFactorMQ`` starts with: of the monthly members' component, or of all where none is monthly."""
    seen = np.flatnonzero(~np.isnan(panel.values).all(axis=1))
    values = (
        panel.values if panel.cycle == 1 else panel.values[seen[0] :]
    )  # it knows no months before the first
    whole = pd.DataFrame(values[:, ~panel.quarterly]).interpolate().bfill().to_numpy()
    standard = (whole - whole.mean(axis=0)) / whole.std(axis=0)
    component = standard @ np.linalg.eigh(standard.T @ standard)[1][:, -1]
    lagged = [np.concatenate([np.zeros(lag), component[: len(component) - lag]]) for lag in range(5)]
    summed = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) @ np.array(lagged)
    loadings = []
    for member, is_quarterly in zip(values.T, panel.quarterly, strict=True):
        by, known = (summed if is_quarterly else component), ~np.isnan(member)
        loadings.append(float(by[known] @ member[known] / (by[known] @ by[known])))
    return np.array(loadings)


def fit_as_em(panel: Panel) -> Matched:
    """Where the iterations of ``DynamicFactorMQ`` converge to: the loadings' direction given, the first state free.

    The first state is free in panels of several members of one frequency; in others it is stationary.
    """
    n, direction = panel.values.shape[1], direction_of(panel)
    start = start_of(panel)
    size = max(abs(float(start[:n] @ direction)), 1e-3) / float(direction @ direction)
    is_free = panel.cycle == 1 and n > 1

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        loadings = np.exp(theta[0]) * direction
        value, gradient, by_first = value_and_gradient(
            np.concatenate([loadings, theta[1:-1]]),
            panel.values,
            panel.quarterly,
            panel.cycle,
            theta[-1] if is_free else np.nan,
        )
        return value, np.concatenate([[gradient[:n] @ loadings], gradient[n:], [by_first]])

    bounds = [_SIZE, *_bounds_of_the_rest(n), _FIRST]
    begins = [
        np.concatenate([[np.log(size)], start[n : 2 * n], np.arctanh(rho), [0.0]])
        for rho in _starts(n, start, is_free and n == 2)
    ]
    best, evaluations = _best(objective, begins, bounds)
    theta = np.concatenate([np.exp(best.x[0]) * direction, best.x[1:-1]])
    return Matched(parameters_of(theta, n), -float(best.fun), evaluations)


def _starts(n: int, start: np.ndarray, is_pair: bool) -> list[np.ndarray]:
    """Autocorrelations to start from, the members' own and the factor's; two members alone may trade theirs with it."""
    phi = float(np.tanh(start[-1]))
    equal = np.array([_START_RHO] * n + [phi])
    if not is_pair:
        return [equal]
    return [equal, np.array([0.7, 0.1, phi]), np.array([0.1, 0.7, phi]), np.array([0.5, 0.5, -0.4])]


def _bounds_of_the_rest(n: int) -> list[tuple[float, float]]:
    return [_BOUNDS["log_variance"]] * n + [_BOUNDS["autocorrelation"]] * (n + 1)


def parameters_of(theta: np.ndarray, n: int) -> np.ndarray:
    """As ``DynamicFactorMQ`` orders and scales them: the shocks' variances in place of the processes'."""
    own, rho, phi = np.exp(theta[n : 2 * n]), np.tanh(theta[2 * n : 3 * n]), np.tanh(theta[3 * n])
    return np.concatenate([theta[:n], [phi, np.sqrt(1 - phi**2)], rho, own * (1 - rho**2)])
