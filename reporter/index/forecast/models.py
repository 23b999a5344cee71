"""Forecasting models for one short quarterly series: naive, seasonal naive, theta, autoregression, VAR with macro.

Part of the forecast stage (SARIMA and exponential smoothing have their own modules). In: a ``History``. Out: a ``Path``, or None
when the model cannot be had from these data. Methods: Assimakopoulos and Nikolopoulos (2000) for theta; Burg's
recursion, which is always stationary, with AICc for the autoregression; Minnesota shrinkage (Litterman 1986) for the VAR.
Scales of errors are winsorised, so that a shock such as 2020 counts but does not rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.index.joint_model import PERSISTENCE
from reporter.index.relations import unit_roots

Array = NDArray[np.float64]

HORIZONS = 4
SEASONS = 4
_WINSOR = 3.0  # robust standard deviations beyond which a residual counts as this many
_MAD_TO_SD = 1.4826
_MAX_AR = 4
_VAR_LAGS, _TIGHTNESS, _CROSS_TIGHTNESS = 2, 0.3, 0.5
_MIN_VAR = 24
_STRONG_SEASON = (
    0.64  # seasonal strength from which Hyndman and Athanasopoulos (2021, 9.9) take seasonal differences
)


@dataclass(frozen=True)
class History:
    """What is known at an origin.

    values   (n,) the index, consecutive quarters, the last one is the origin
    macro    (n, k) macro variables of the same quarters, NaN where unknown; None when there are none
    seasonal whether the series shows a strong season (it should not: its inputs are adjusted)
    """

    values: Array
    macro: Array | None = None
    seasonal: bool = False


@dataclass(frozen=True)
class Path:
    """Point forecasts and the model's own standard errors, ``HORIZONS`` quarters ahead each."""

    mean: Array
    sd: Array


def robust_sd(residuals: Array, parameters: int = 0) -> float:
    """Standard deviation after residuals beyond three robust ones are pulled in to them."""
    middle = float(np.median(residuals))
    spread = _MAD_TO_SD * float(np.median(np.abs(residuals - middle)))
    kept = np.clip(residuals, -_WINSOR * spread, _WINSOR * spread) if spread > 0 else residuals
    freedom = max(len(residuals) - parameters, 1)
    return math.sqrt(float(kept @ kept) / freedom)


def from_weights(mean: Array, weights: Array, innovation_sd: float) -> Path:
    """Path whose error variance cumulates the squared moving-average weights (``weights[0]`` is 1)."""
    return Path(mean, innovation_sd * np.sqrt(np.cumsum(weights[:HORIZONS] ** 2)))


def seasonal_strength(values: Array) -> float:
    """Share of the detrended variation that quarter means explain, 0 to 1 (Wang, Smith and Hyndman 2006)."""
    if len(values) < 5 * SEASONS or unit_roots.is_constant(values):
        return 0.0
    smooth = np.convolve(values, np.array([0.125, 0.25, 0.25, 0.25, 0.125]), "valid")
    detrended = values[2:-2] - smooth
    quarters = np.arange(len(detrended)) % SEASONS
    means = np.array([detrended[quarters == season].mean() for season in range(SEASONS)])
    total = float(np.var(detrended))
    return max(0.0, 1 - float(np.var(detrended - means[quarters])) / total) if total > 0 else 0.0


def is_seasonal(values: Array) -> bool:
    """True when seasonal forms of the models should be tried."""
    return seasonal_strength(values) > _STRONG_SEASON


def naive(history: History) -> Path | None:
    """The last value."""
    changes = np.diff(history.values)
    if len(changes) < 2:
        return None
    return from_weights(np.full(HORIZONS, history.values[-1]), np.ones(HORIZONS), robust_sd(changes))


def given(history: History, ahead: Array | None) -> Path | None:
    """A forecast that the index's own model makes; its standard errors are those of the model's autoregression in quarters."""
    changes = np.diff(history.values)
    if ahead is None or len(changes) < 2:
        return None
    weights = np.power(PERSISTENCE**3, np.arange(HORIZONS, dtype=np.float64))
    return from_weights(np.asarray(ahead, dtype=float), weights, robust_sd(changes))


def seasonal_naive(history: History) -> Path | None:
    """The value of the same quarter a year before."""
    if len(history.values) <= SEASONS + 1:
        return None
    changes = history.values[SEASONS:] - history.values[:-SEASONS]
    return Path(history.values[-SEASONS:][:HORIZONS].copy(), np.full(HORIZONS, robust_sd(changes)))


def smooth(values: Array, rate: float) -> tuple[float, Array]:
    """Simple exponential smoothing: last level and the one-step errors, started at the mean of the first four."""
    level = float(values[:SEASONS].mean())
    errors = np.empty(len(values))
    for place, value in enumerate(values.tolist()):
        errors[place] = value - level
        level += rate * (value - level)
    return level, errors


def theta(history: History) -> Path | None:
    """Theta method: exponential smoothing plus half of the linear trend; a strong season is taken out and put back."""
    values = history.values
    if len(values) < 8:
        return None
    season = _seasonal_means(values) if history.seasonal else np.zeros(SEASONS)
    phase = np.arange(len(values)) % SEASONS
    adjusted = values - season[phase]
    rates = np.linspace(0.05, 1.0, 39)
    costs = [float(np.abs(smooth(adjusted, rate)[1][SEASONS:]).sum()) for rate in rates]
    rate = float(rates[int(np.argmin(costs))])
    level, errors = smooth(adjusted, rate)
    n = len(values)
    drift = float(np.polyfit(np.arange(n), adjusted, 1)[0]) / 2
    ahead = np.arange(HORIZONS)
    line = drift * (ahead + (1 - (1 - rate) ** n) / rate)
    mean = level + line + season[(n + ahead) % SEASONS]
    return from_weights(mean, np.array([1.0, *[rate] * (HORIZONS - 1)]), robust_sd(errors[SEASONS:], 2))


def _seasonal_means(values: Array) -> Array:
    phase = np.arange(len(values)) % SEASONS
    means = np.array([values[phase == season].mean() for season in range(SEASONS)])
    return means - means.mean()


def burg(values: Array, order: int) -> tuple[Array, Array]:
    """Coefficients of a stationary AR(``order``) of a demeaned series, and its one-step errors."""
    forward, backward = values.copy(), values.copy()
    coefficients = np.zeros(0)
    for _ in range(order):
        ahead, behind = forward[1:], backward[:-1]
        size = float(ahead @ ahead + behind @ behind)
        reflection = 2 * float(ahead @ behind) / size if size > 0 else 0.0
        coefficients = np.append(coefficients - reflection * coefficients[::-1], reflection)
        forward, backward = ahead - reflection * behind, behind - reflection * ahead
    return coefficients, forward


def autoregression(history: History) -> Path | None:
    """AR(p) around a mean, p = 0 .. 4 by AICc."""
    n = len(history.values)
    if n < 10:
        return None
    centre = float(history.values.mean())
    deviations = history.values - centre
    best: tuple[float, Array, Array] | None = None
    for order in range(min(_MAX_AR, n // 6) + 1):
        coefficients, errors = burg(deviations, order)
        criterion = aicc(float(errors @ errors) / len(errors), n, order + 1)
        if best is None or criterion < best[0]:
            best = (criterion, coefficients, errors)
    assert best is not None
    _, coefficients, errors = best
    mean = centre + _iterate(coefficients, deviations)
    return from_weights(mean, _ar_weights(coefficients), robust_sd(errors, len(coefficients) + 1))


def aicc(variance: float, n: int, parameters: int) -> float:
    """Akaike's criterion with the small-sample correction; the variance counts as a parameter."""
    k = parameters + 1
    room = n - k - 1
    if room <= 0:
        return math.inf
    return n * math.log(max(variance, 1e-300)) + 2 * k * n / room


def _iterate(coefficients: Array, deviations: Array) -> Array:
    order = len(coefficients)
    path = deviations[len(deviations) - order :].tolist()
    for _ in range(HORIZONS):
        path.append(sum(c * path[-1 - lag] for lag, c in enumerate(coefficients.tolist())))
    return np.array(path[order:])


def _ar_weights(coefficients: Array) -> Array:
    weights = [1.0]
    for step in range(1, HORIZONS):
        weights.append(
            sum(c * weights[step - 1 - lag] for lag, c in enumerate(coefficients.tolist()) if lag < step)
        )
    return np.array(weights)


def vector_autoregression(history: History) -> Path | None:
    """VAR(2) of the index and the macro variables, shrunk to own autoregressions; None without usable macro data."""
    if history.macro is None:
        return None
    panel = _balanced(history.values, history.macro)
    if panel is None:
        return None
    centre, scale = panel.mean(axis=0), panel.std(axis=0)
    scaled = (panel - centre) / scale
    coefficients, residuals = _shrunk_var(scaled)
    state = scaled[-_VAR_LAGS:][::-1]
    mean = []
    for _ in range(HORIZONS):
        step = np.einsum("lij,lj->i", coefficients, state)
        mean.append(float(step[0]))
        state = np.vstack([step, state[:-1]])
    pulled = np.column_stack([_pulled_in(column) for column in residuals.T])
    covariance = pulled.T @ pulled / max(len(pulled) - _VAR_LAGS - 1, 1)
    weights = [np.eye(panel.shape[1])]
    for step in range(1, HORIZONS):
        weights.append(
            sum(
                (coefficients[lag] @ weights[step - 1 - lag] for lag in range(min(_VAR_LAGS, step))),
                start=np.zeros_like(weights[0]),
            )
        )
    variances = np.cumsum([float((w @ covariance @ w.T)[0, 0]) for w in weights])
    return Path(centre[0] + scale[0] * np.array(mean), scale[0] * np.sqrt(variances))


def _pulled_in(residuals: Array) -> Array:
    spread = _MAD_TO_SD * float(np.median(np.abs(residuals - np.median(residuals))))
    return np.clip(residuals, -_WINSOR * spread, _WINSOR * spread) if spread > 0 else residuals


def _balanced(values: Array, macro: Array) -> Array | None:
    """Index and usable macro columns over their common last stretch; a column's missing end is filled by its AR(1)."""
    columns = [_filled_end(column) for column in macro.T]
    kept = [column for column in columns if column is not None]
    if not kept:
        return None
    panel = np.column_stack([values, *kept])
    complete = np.isfinite(panel).all(axis=1)
    holes = np.flatnonzero(~complete)
    panel = panel[holes[-1] + 1 :] if len(holes) else panel
    moving = [j for j in range(panel.shape[1]) if len(panel) and not unit_roots.is_constant(panel[:, j])]
    if len(panel) < _MIN_VAR or 0 not in moving or len(moving) < 2:
        return None
    return panel[:, moving]


def _filled_end(column: Array) -> Array | None:
    """A macro column continued to the origin by its own AR(1); None when it is too short or ends long before."""
    known = np.flatnonzero(np.isfinite(column))
    if len(known) < _MIN_VAR - 4 or len(column) - 1 - known[-1] > 2:
        return None
    filled = column.copy()
    present = column[known]
    centre = float(present.mean())
    coefficients, _ = burg(present - centre, 1)
    for place in range(int(known[-1]) + 1, len(column)):
        filled[place] = centre + float(coefficients[0]) * (filled[place - 1] - centre)
    return filled


def _shrunk_var(scaled: Array) -> tuple[Array, Array]:
    """Ridge VAR with Minnesota weights: coefficients (lags, k, k) and residuals (n, k)."""
    k = scaled.shape[1]
    target = scaled[_VAR_LAGS:]
    blocks = [scaled[_VAR_LAGS - lag : len(scaled) - lag] for lag in range(1, _VAR_LAGS + 1)]
    design = np.column_stack(blocks)
    coefficients = np.zeros((_VAR_LAGS, k, k))
    for equation in range(k):
        own, errors = burg(scaled[:, equation], 1)
        prior = np.zeros(k * _VAR_LAGS)
        prior[equation] = own[0]
        variance = float(errors @ errors) / len(errors)
        strength = np.array(
            [
                (lag / (_TIGHTNESS * (1.0 if other == equation else _CROSS_TIGHTNESS))) ** 2
                for lag in range(1, _VAR_LAGS + 1)
                for other in range(k)
            ]
        )
        penalty = np.diag(variance * strength)
        beta = np.linalg.solve(design.T @ design + penalty, design.T @ target[:, equation] + penalty @ prior)
        coefficients[:, equation, :] = beta.reshape(_VAR_LAGS, k)
    fitted = sum(blocks[lag] @ coefficients[lag].T for lag in range(_VAR_LAGS))
    return coefficients, target - fitted
