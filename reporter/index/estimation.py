"""Estimates the one-factor mixed-frequency model of a dimension by penalised maximum likelihood.

Goes in: a standardised panel. Comes out: parameters. The start is the two-step estimator of Doz, Giannone and
Reichlin (2011): loadings and idiosyncratic variances from the principal component of the quarterly panel, so scaled
that the model's quarterly means weigh the members as the component does. From there a quasi-Newton search maximises
log-likelihood plus log-priors around that start.

The priors are what keeps a dimension from locking on to one series, as a plain EM does. The likelihood of a short
panel tells a factor from a member's own persistent noise by small differences in autocorrelation, and is often wrong
about it: left free, the best member's cycle is called its own noise. So variances and autocorrelations of members
stay near a common pattern; what the data may say freely is the factor's own law.

Priors, for members in standard deviations: loading N(start, 0.05); log idiosyncratic variance N(log of the start's,
0.07); autocorrelations on the inverse hyperbolic tangent scale. Centres and spreads were chosen on simulated
workspaces and checked on others (tests/bench/bench_index.py).
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
LOADING_RANGE = (0.15, 0.97)
SHARE_RANGE = (0.75, 0.97)
LONE_SHARE = 0.85
VARIANCE_RANGE = (0.02, 6.0)
FEWEST_WHOLE_QUARTERS = 9


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
    """Spreads of the log-priors around the start, and centres of those that the start says nothing about."""

    loading_spread: float
    log_variance_spread: float
    persistence: float
    persistence_spread: float
    second: float
    second_spread: float
    rho: float
    rho_spread: float


MONTHLY = Prior(0.05, 0.07, 1.9, 0.2, 0.0, 0.3, 0.2, 0.07)
QUARTERLY = Prior(0.05, 0.07, 1.2, 0.2, 0.0, 0.3, 0.1, 0.07)


def prior_of(layout: Layout) -> Prior:
    """The priors of monthly or of quarterly models."""
    return MONTHLY if layout.weights.shape[1] > 2 else QUARTERLY


def two_step(panel: np.ndarray, layout: Layout, loadings: np.ndarray, scores: np.ndarray) -> Parameters:
    """Doz, Giannone and Reichlin's estimator: everything from the principal component of the quarterly panel.

    panel     T x n, standardised, NaN = not observed; a monthly one starts in the first month of a quarter
    loadings  n, of the component of the quarterly panel, as correlations
    scores    the component by quarter
    """
    size = np.clip(np.abs(loadings), *LOADING_RANGE) * _common_share(loadings)
    loadings = np.where(loadings >= 0, size, -size)
    variances = 1 - size**2
    standard = (scores - scores.mean()) / max(float(scores.std()), 1e-9)
    quarterly = float(np.clip(np.mean(standard[1:] * standard[:-1]), 0.2, 0.95)) if len(standard) > 3 else 0.8
    rho = np.full(len(loadings), np.tanh(prior_of(layout).rho))
    if layout.weights.shape[1] <= 2:
        return Parameters(loadings, variances, rho, np.array([quarterly, 0.0]))
    persistence = quarterly ** (1 / 3)
    own = layout.white / 3 + (1 - layout.white) * _mean_variance(float(rho[0]))
    ratio = np.array([_quarterly_spread(panel[:, i], layout.weights[i, 0]) for i in range(len(loadings))])
    is_monthly = layout.weights[:, 0] == 1.0
    loadings = loadings * ratio / np.sqrt(_mean_variance(np.tanh(MONTHLY.persistence)))
    variances = np.where(is_monthly, np.clip(ratio**2 * variances / own, *VARIANCE_RANGE), variances)
    return Parameters(loadings, variances, rho, np.array([persistence, 0.0]))


def _common_share(loadings: np.ndarray) -> float:
    """By how much a component's loadings overstate the factor's: it takes members' own noise for common.

    Members of equal loading l have the first eigenvalue 1 + (n - 1) l^2, and component loadings sqrt(eigenvalue / n).
    """
    members, eigenvalue = len(loadings), float((loadings**2).sum())
    if members < 2 or eigenvalue <= 1:
        return LONE_SHARE if members < 2 else SHARE_RANGE[0]
    found = np.sqrt((eigenvalue - 1) / (members - 1) * members / eigenvalue)
    return float(np.clip(found, *SHARE_RANGE))


def _mean_variance(persistence: float) -> float:
    """Variance of the mean of three months of a first-order autoregression of variance 1."""
    return (3 + 4 * persistence + 2 * persistence**2) / 9


def _quarterly_spread(member: np.ndarray, first_weight: float) -> float:
    """Standard deviation of a monthly member's quarterly means, in that of its months; 1 for a quarterly member."""
    if first_weight != 1.0:
        return 1.0
    months = member[: len(member) // 3 * 3].reshape(-1, 3)
    months = months[np.isfinite(months).all(axis=1)]
    if len(months) < FEWEST_WHOLE_QUARTERS or not months.std() > 0:
        return 1.0
    return max(float(months.mean(axis=1).std() / months.std()), SMALLEST_VARIANCE)


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
    theta: np.ndarray, panel: np.ndarray, layout: Layout, start: Parameters, prior: Prior
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
        off = theta[members + i] - np.log(start.variances[i])
        value += 0.5 * ((theta[i] - start.loadings[i]) / prior.loading_spread) ** 2
        value += 0.5 * (off / prior.log_variance_spread) ** 2
        value += 0.5 * ((theta[2 * members + i] - prior.rho) / prior.rho_spread) ** 2
    value += 0.5 * ((theta[3 * members] - prior.persistence) / prior.persistence_spread) ** 2
    value += 0.5 * ((theta[3 * members + 1] - prior.second) / prior.second_spread) ** 2
    return value


@njit(cache=True)
def _with_gradient(
    theta: np.ndarray, panel: np.ndarray, layout: Layout, start: Parameters, prior: Prior
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
    panel: np.ndarray, layout: Layout, start: Parameters, steps: int = 200
) -> tuple[Parameters, bool]:
    """Parameters of the highest posterior around ``start``, and whether the search converged."""
    prior = prior_of(layout)
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
        + [(-7.0, 2.5)] * members
        + [(-1.5, 1.5)] * members
        + [(-1.0, 3.5), (-1.5, 1.0)]
    )
    found = minimize(
        _with_gradient,
        theta,
        args=(panel, layout, start, prior),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": steps, "ftol": TOLERANCE, "gtol": GRADIENT_TOLERANCE},
    )
    loadings, variances, rho, phi = _unpack(found.x, members)
    return Parameters(loadings, variances + SMALLEST_VARIANCE, rho, phi), bool(found.success)
