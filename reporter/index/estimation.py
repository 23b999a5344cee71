"""Estimates the one-factor mixed-frequency model of a dimension by penalised maximum likelihood.

Goes in: a standardised panel. Comes out: parameters. The start is the two-step estimator of Doz, Giannone and
Reichlin (2011): loadings and idiosyncratic variances from principal components of the quarterly panel. From there a
quasi-Newton search maximises log-likelihood plus weak log-priors, which keep dimensions of one, two or three members
identified (a plain EM there locks on to a single series).

Priors, for members in standard deviations: loading N(0.85 of the component's, 0.1); log idiosyncratic variance
N(log(1 - centre^2), 0.3); autocorrelations on the inverse hyperbolic tangent scale. The spreads were chosen on
simulated workspaces (tests/bench/bench_index.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.optimize import minimize

from reporter.index.kalman import System, log_likelihood, shock_variance

SMALLEST_VARIANCE = 1e-3
STEP = 1e-6
TOLERANCE = 1e-6
GRADIENT_TOLERANCE = 1e-3


class Parameters(NamedTuple):
    """Parameters of one dimension's model; n members.

    loadings       n, on the unit-variance factor, of members in standard deviations
    variances      n, idiosyncratic variances
    rho            n, idiosyncratic autocorrelations
    phi            2, the factor's autoregression
    """

    loadings: np.ndarray
    variances: np.ndarray
    rho: np.ndarray
    phi: np.ndarray


class Layout(NamedTuple):
    """How members hang on the factor.

    weights     n x L, weights of the factor's lags in a member (1 0 0 for a month, 1/3 1/3 1/3 for a quarter's mean)
    moves       T x n, True in the periods in which a member could be observed
    extra       T x n, added noise variance of doubtful observations
    white       share of the idiosyncratic variance that is not autocorrelated
    """

    weights: np.ndarray
    moves: np.ndarray
    extra: np.ndarray
    white: float


class Prior(NamedTuple):
    """Centres and spreads of the log-priors."""

    shrink: float
    loading_spread: float
    log_variance_spread: float
    persistence: float
    persistence_spread: float
    second: float
    second_spread: float
    rho: float
    rho_spread: float


MONTHLY = Prior(0.85, 0.1, 0.3, 1.9, 0.4, 0.0, 0.3, 0.2, 0.3)
QUARTERLY = Prior(0.85, 0.1, 0.3, 1.2, 0.4, 0.0, 0.3, 0.1, 0.3)


@njit(cache=True)
def build(
    loadings: np.ndarray,
    variances: np.ndarray,
    rho: np.ndarray,
    phi: np.ndarray,
    weights: np.ndarray,
    moves: np.ndarray,
    extra: np.ndarray,
    white: float,
) -> System:
    """State-space matrices of parameters and layout."""
    members = len(loadings)
    scaled = np.empty_like(weights)
    noise = np.empty_like(extra)
    for i in range(members):
        scaled[i] = loadings[i] * weights[i]
        noise[:, i] = variances[i] * (white + extra[:, i])
    shock = shock_variance(phi[0], phi[1])
    return System(scaled, phi, shock, rho, (1 - white) * variances, noise, moves)


def system(parameters: Parameters, layout: Layout) -> System:
    """State-space matrices of parameters and layout."""
    return build(*parameters, *layout)


@njit(cache=True)
def _unpack(theta: np.ndarray, members: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    loadings = theta[:members].copy()
    variances = np.exp(theta[members : 2 * members])
    rho = np.tanh(theta[2 * members : 3 * members])
    first, second = np.tanh(theta[3 * members]), np.tanh(theta[3 * members + 1])
    phi = np.array([first * (1 - second), second])
    return loadings, variances, rho, phi


@njit(cache=True)
def _objective(
    theta: np.ndarray, panel: np.ndarray, layout: Layout, start: np.ndarray, prior: Prior
) -> float:
    """Minus log-posterior."""
    members = panel.shape[1]
    loadings, variances, rho, phi = _unpack(theta, members)
    model = build(
        loadings,
        variances + SMALLEST_VARIANCE,
        rho,
        phi,
        layout.weights,
        layout.moves,
        layout.extra,
        layout.white,
    )
    value = -log_likelihood(panel, model)
    for i in range(members):
        centre = prior.shrink * start[i]
        log_variance = np.log(1 - centre**2)
        value += 0.5 * ((theta[i] - centre) / prior.loading_spread) ** 2
        value += 0.5 * ((theta[members + i] - log_variance) / prior.log_variance_spread) ** 2
        value += 0.5 * ((theta[2 * members + i] - prior.rho) / prior.rho_spread) ** 2
    value += 0.5 * ((theta[3 * members] - prior.persistence) / prior.persistence_spread) ** 2
    value += 0.5 * ((theta[3 * members + 1] - prior.second) / prior.second_spread) ** 2
    return value


@njit(cache=True)
def _with_gradient(
    theta: np.ndarray, panel: np.ndarray, layout: Layout, start: np.ndarray, prior: Prior
) -> tuple[float, np.ndarray]:
    """Objective and its forward-difference gradient, exact to about six digits: more than the search asks for."""
    value = _objective(theta, panel, layout, start, prior)
    gradient = np.empty_like(theta)
    shifted = theta.copy()
    for k in range(len(theta)):
        shifted[k] = theta[k] + STEP
        gradient[k] = (_objective(shifted, panel, layout, start, prior) - value) / STEP
        shifted[k] = theta[k]
    return value, gradient


def maximise(
    panel: np.ndarray, layout: Layout, start: Parameters, prior: Prior, steps: int = 200
) -> tuple[Parameters, bool]:
    """Parameters of the highest posterior near ``start``, and whether the search converged."""
    members = panel.shape[1]
    second = float(start.phi[1])
    theta = np.concatenate(
        [
            start.loadings,
            np.log(start.variances),
            np.arctanh(start.rho),
            np.arctanh([start.phi[0] / (1 - second), second]),
        ]
    )
    bounds = (
        [(-1.6, 1.6)] * members
        + [(-7.0, 1.5)] * members
        + [(-1.5, 1.5)] * members
        + [(-1.0, 3.5), (-1.5, 1.0)]
    )
    found = minimize(
        _with_gradient,
        theta,
        args=(panel, layout, start.loadings, prior),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": steps, "ftol": TOLERANCE, "gtol": GRADIENT_TOLERANCE},
    )
    loadings, variances, rho, phi = _unpack(found.x, members)
    return Parameters(loadings, variances + SMALLEST_VARIANCE, rho, phi), bool(found.success)
