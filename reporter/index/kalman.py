"""Compiled Kalman filter and smoother of the one-factor mixed-frequency model.

Goes in: a standardised panel and parameters. Comes out: log-likelihood, smoothed states and their variances.

State at t: factor f_t .. f_{t-L+1} (L = 2 in quarters, 3 in months), then an autoregressive idiosyncratic u_i per
member.

    y_it = sum_l Z_il f_{t-l} + u_it + e_it,   e_it ~ N(0, R_it)
    f_t  = phi_1 f_{t-1} + phi_2 f_{t-2} + eta_t,   Var(eta) such that Var(f) = 1
    u_it = rho_i u_{i,t-1} + xi_it  when member i moves, u_it = u_{i,t-1} otherwise

A quarterly member of a monthly model has Z = loading / 3 on the three months of its quarter, is observed in the last
of them, and its u moves once a quarter. Observations enter one by one (Koopman and Durbin 2000), so nothing is
inverted; NaN is skipped. Plain IEEE arithmetic, never reassociated: same input, same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

_LOG_TWO_PI = float(np.log(2 * np.pi))


class System(NamedTuple):
    """Matrices of the state-space form; n members, T periods, L factor lags.

    loadings       n x L
    phi            2 autoregressive coefficients of the factor
    shock          variance of the factor's shock
    rho            n, autocorrelation of the u
    idiosyncratic  n, variance of the u (0: none)
    noise          T x n, variance of e
    moves          T x n, whether u takes a step
    """

    loadings: np.ndarray
    phi: np.ndarray
    shock: float
    rho: np.ndarray
    idiosyncratic: np.ndarray
    noise: np.ndarray
    moves: np.ndarray


@njit(cache=True)
def shock_variance(first: float, second: float) -> float:
    """Variance of the shocks of an AR(2) process whose own variance is 1."""
    return (1 + second) * ((1 - second) ** 2 - first**2) / (1 - second)


@njit(cache=True)
def _start(system: System, variance: np.ndarray) -> None:
    """Unconditional variance of the state, written into ``variance``."""
    members, lags = system.loadings.shape
    first, second = system.phi
    autocovariance = np.ones(lags)
    autocovariance[1] = first / (1 - second)
    for lag in range(2, lags):
        autocovariance[lag] = first * autocovariance[lag - 1] + second * autocovariance[lag - 2]
    variance[:, :] = 0.0
    for i in range(lags):
        for j in range(lags):
            variance[i, j] = autocovariance[abs(i - j)]
    for i in range(members):
        variance[lags + i, lags + i] = system.idiosyncratic[i]


@njit(cache=True)
def _predict(system: System, t: int, state: np.ndarray, variance: np.ndarray, work: np.ndarray) -> None:
    """State and variance one step ahead, to period t, in place: T a and T P T' + Q."""
    members, lags = system.loadings.shape
    size = lags + members
    first, second = system.phi
    ahead = first * state[0] + second * state[1]
    for lag in range(lags - 1, 0, -1):
        state[lag] = state[lag - 1]
    state[0] = ahead
    for j in range(size):
        work[0, j] = first * variance[0, j] + second * variance[1, j]
        for i in range(1, lags):
            work[i, j] = variance[i - 1, j]
    for i in range(members):
        k = lags + i
        step = system.rho[i] if system.moves[t, i] else 1.0
        state[k] *= step
        for j in range(size):
            work[k, j] = step * variance[k, j]
    for i in range(size):
        variance[i, 0] = first * work[i, 0] + second * work[i, 1]
        for j in range(1, lags):
            variance[i, j] = work[i, j - 1]
        for j in range(members):
            step = system.rho[j] if system.moves[t, j] else 1.0
            variance[i, lags + j] = step * work[i, lags + j]
    variance[0, 0] += system.shock
    for i in range(members):
        if system.moves[t, i]:
            variance[lags + i, lags + i] += system.idiosyncratic[i] * (1 - system.rho[i] ** 2)


@njit(cache=True)
def _update(
    system: System, t: int, i: int, value: float, state: np.ndarray, variance: np.ndarray, gain: np.ndarray
) -> tuple[float, float]:
    """One observation into the state; returns innovation and its variance, leaves the Kalman gain in ``gain``."""
    lags = system.loadings.shape[1]
    size = len(state)
    innovation = value - state[lags + i]
    for lag in range(lags):
        innovation -= system.loadings[i, lag] * state[lag]
    for j in range(size):
        gain[j] = variance[j, lags + i]
        for lag in range(lags):
            gain[j] += variance[j, lag] * system.loadings[i, lag]
    spread = system.noise[t, i] + gain[lags + i]
    for lag in range(lags):
        spread += system.loadings[i, lag] * gain[lag]
    for j in range(size):
        for k in range(size):
            variance[j, k] -= gain[j] * gain[k] / spread
    for j in range(size):
        gain[j] /= spread
        state[j] += gain[j] * innovation
    return innovation, spread


@njit(cache=True)
def log_likelihood(panel: np.ndarray, system: System) -> float:
    """Gaussian log-likelihood of a T x n panel (NaN = not observed)."""
    periods, members = panel.shape
    size = system.loadings.shape[1] + members
    state, gain = np.zeros(size), np.zeros(size)
    variance, work = np.zeros((size, size)), np.zeros((size, size))
    _start(system, variance)
    total = 0.0
    for t in range(periods):
        if t > 0:
            _predict(system, t, state, variance, work)
        for i in range(members):
            if not np.isnan(panel[t, i]):
                innovation, spread = _update(system, t, i, panel[t, i], state, variance, gain)
                if not spread > 0.0:
                    return -1e12
                total -= 0.5 * (_LOG_TWO_PI + np.log(spread) + innovation**2 / spread)
    return total


@njit(cache=True)
def smooth(panel: np.ndarray, system: System) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Smooth a T x n panel.

    Returns  log-likelihood; smoothed states (T x m); their variances (T x m x m); for every observation the residual
             from what all others say (T x n) and that residual's variance (T x n); NaN where not observed
    """
    periods, members = panel.shape
    lags = system.loadings.shape[1]
    size = lags + members
    state, gain = np.zeros(size), np.zeros(size)
    variance, work = np.zeros((size, size)), np.zeros((size, size))
    _start(system, variance)
    predicted, predicted_variance = np.zeros((periods, size)), np.zeros((periods, size, size))
    innovations, spreads = np.zeros((periods, members)), np.ones((periods, members))
    gains = np.zeros((periods, members, size))
    total = 0.0
    for t in range(periods):
        if t > 0:
            _predict(system, t, state, variance, work)
        predicted[t], predicted_variance[t] = state, variance
        for i in range(members):
            if not np.isnan(panel[t, i]):
                innovation, spread = _update(system, t, i, panel[t, i], state, variance, gain)
                innovations[t, i], spreads[t, i], gains[t, i] = innovation, spread, gain
                total -= 0.5 * (_LOG_TWO_PI + np.log(spread) + innovation**2 / spread)
    smoothed, smoothed_variance, deleted, deleted_variance = _backward(
        panel, system, predicted, predicted_variance, innovations, spreads, gains
    )
    return total, smoothed, smoothed_variance, deleted, deleted_variance


@njit(cache=True)
def _backward(
    panel: np.ndarray,
    system: System,
    predicted: np.ndarray,
    predicted_variance: np.ndarray,
    innovations: np.ndarray,
    spreads: np.ndarray,
    gains: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Durbin and Koopman's backward recursion, observation by observation, with deletion residuals."""
    periods, members = panel.shape
    lags = system.loadings.shape[1]
    size = lags + members
    score, information = np.zeros(size), np.zeros((size, size))
    smoothed, smoothed_variance = np.zeros((periods, size)), np.zeros((periods, size, size))
    design, product = np.zeros(size), np.zeros(size)
    deleted, deleted_variance = np.full((periods, members), np.nan), np.full((periods, members), np.nan)
    for t in range(periods - 1, -1, -1):
        for i in range(members - 1, -1, -1):
            if np.isnan(panel[t, i]):
                continue
            design[:] = 0.0
            design[:lags] = system.loadings[i]
            design[lags + i] = 1.0
            gain, spread = gains[t, i], spreads[t, i]
            along = 0.0
            for j in range(size):
                along += gain[j] * score[j]
                product[j] = 0.0
                for k in range(size):
                    product[j] += information[j, k] * gain[k]
            quadratic = 0.0
            for j in range(size):
                quadratic += gain[j] * product[j]
            precision = 1.0 / spread + quadratic
            deleted[t, i] = (innovations[t, i] / spread - along) / precision
            deleted_variance[t, i] = 1.0 / precision
            for j in range(size):
                score[j] += design[j] * (innovations[t, i] / spread - along)
                for k in range(size):
                    information[j, k] += (
                        design[j] * design[k] * precision - design[j] * product[k] - product[j] * design[k]
                    )
        smoothed[t] = predicted[t] + predicted_variance[t] @ score
        smoothed_variance[t] = (
            predicted_variance[t] - predicted_variance[t] @ information @ predicted_variance[t]
        )
        if t > 0:
            score, information = _step_back(system, t, score, information)
    return smoothed, smoothed_variance, deleted, deleted_variance


@njit(cache=True)
def _step_back(
    system: System, t: int, score: np.ndarray, information: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """T' r and T' N T for the transition into period t."""
    members, lags = system.loadings.shape
    size = lags + members
    transition = np.zeros((size, size))
    transition[0, 0], transition[0, 1] = system.phi[0], system.phi[1]
    for lag in range(1, lags):
        transition[lag, lag - 1] = 1.0
    for i in range(members):
        transition[lags + i, lags + i] = system.rho[i] if system.moves[t, i] else 1.0
    return transition.T @ score, transition.T @ information @ transition
