"""Vector autoregression with a constant: fit, lag choice, causality, recursive shocks, bootstrap bands.

Part of the relations stage. In: a (T, k) array of consecutive quarters without missing values. Out: frozen fits and arrays.
Methods: OLS equation by equation (Luetkepohl 2005, ch. 3); AICc of Hurvich and Tsai (1993); lag-augmented causality of
Toda and Yamamoto (1995) for series that may have unit roots; recursive identification by Cholesky; bias-corrected
residual bootstrap of Kilian (1998), all replications at once. Everything random takes its generator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

_BIAS_DRAWS = 400
_SHRINK_STEP = 0.01  # Kilian (1998): the bias estimate shrinks by this much until the process is stationary


@dataclass(frozen=True)
class VarFit:
    """A fitted VAR(p).

    intercept   (k,)
    coefficients  (p, k, k): ``coefficients[j]`` multiplies the values j + 1 quarters before
    residuals   (T - p, k)
    covariance  (k, k), with degrees of freedom T - p - kp - 1
    """

    lags: int
    intercept: Array
    coefficients: Array
    residuals: Array
    covariance: Array


@dataclass(frozen=True)
class LagChoice:
    """Criteria by lag order (index 0 is one lag) and the orders that minimise them."""

    aic: Array
    aicc: Array
    bic: Array

    def best(self, criterion: str) -> int:
        """Lag order with the lowest ``criterion`` (aic, aicc or bic)."""
        return int(np.argmin(getattr(self, criterion))) + 1


def lagged(values: Array, lags: int, skip: int | None = None) -> Array:
    """Design matrix ``[1, y_{t-1}, ..., y_{t-p}]`` of the quarters from ``skip`` (default ``lags``) on."""
    first = lags if skip is None else skip
    total = len(values)
    blocks = [values[first - lag : total - lag] for lag in range(1, lags + 1)]
    return np.column_stack([np.ones(total - first), *blocks])


def fit(values: Array, lags: int) -> VarFit:
    """Least-squares VAR(``lags``) of a (T, k) array; needs T - lags > k * lags + 1."""
    k = values.shape[1]
    design, target = lagged(values, lags), values[lags:]
    beta: Array = np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=float)
    residuals = target - design @ beta
    freedom = len(target) - design.shape[1]
    return VarFit(lags, beta[0], _unstack(beta[1:], lags, k), residuals, residuals.T @ residuals / freedom)


def _unstack(beta: Array, lags: int, k: int) -> Array:
    """Coefficients without the constant, (..., k p, k) by regressor and equation, as (..., p, k, k) by equation and variable."""
    shaped = beta.reshape((*beta.shape[:-2], lags, k, k))
    return np.swapaxes(shaped, -1, -2)


def largest_lag(length: int, k: int, *, observations_per_parameter: float = 3.0, limit: int = 4) -> int:
    """Largest lag order that leaves enough quarters per parameter of an equation; 0 when even one lag is too many."""
    return max(
        (p for p in range(1, limit + 1) if (length - p) >= observations_per_parameter * (k * p + 1)),
        default=0,
    )


def choose_lags(values: Array, limit: int) -> LagChoice:
    """Information criteria of VAR(1) .. VAR(``limit``) on the quarters that all of them have."""
    k = values.shape[1]
    rows = {"aic": [], "aicc": [], "bic": []}  # type: dict[str, list[float]]
    for lags in range(1, limit + 1):
        design, target = lagged(values, lags, limit), values[limit:]
        residuals = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
        n, per_equation = design.shape
        log_determinant = float(np.linalg.slogdet(residuals.T @ residuals / n)[1])
        parameters = k * per_equation
        rows["aic"].append(n * log_determinant + 2 * parameters)
        # Small-sample penalty of Hurvich and Tsai for a VAR: b = n / (n - (k p + 1 + k + 1)).
        room = n - (per_equation + k + 1)
        small = n / room if room > 0 else math.inf
        rows["aicc"].append(n * log_determinant + 2 * small * (parameters + k * (k + 1) / 2))
        rows["bic"].append(n * log_determinant + parameters * math.log(n))
    return LagChoice(*(np.array(rows[name]) for name in ("aic", "aicc", "bic")))


def companion_root(coefficients: Array) -> Array:
    """Largest modulus of the companion matrix's roots; ``coefficients`` (..., p, k, k) gives (...)."""
    lags, k = coefficients.shape[-3], coefficients.shape[-1]
    companion = np.zeros((*coefficients.shape[:-3], k * lags, k * lags))
    companion[..., :k, :] = np.concatenate(np.moveaxis(coefficients, -3, 0), axis=-1)
    companion[..., np.arange(k, k * lags), np.arange(k * (lags - 1))] = 1.0
    return np.asarray(np.abs(np.linalg.eigvals(companion)).max(axis=-1))


def causality(
    values: Array, lags: int, cause: int, effect: int, *, augment: int = 0
) -> tuple[float, float, int]:
    """F test that ``lags`` lags of column ``cause`` do not help to predict column ``effect``.

    augment   extra lags that are estimated but not tested (Toda-Yamamoto), one when a series may have a unit root
    Returns   F statistic, p-value, denominator's degrees of freedom
    """
    k, total = values.shape[1], lags + augment
    design, target = lagged(values, total), values[total:, effect]
    tested = [1 + k * j + cause for j in range(lags)]
    restricted = np.delete(design, tested, axis=1)
    full_squares, short_squares = _squares(design, target), _squares(restricted, target)
    freedom = len(target) - design.shape[1]
    statistic = (short_squares - full_squares) / lags / (full_squares / freedom)
    return statistic, float(stats.f.sf(statistic, lags, freedom)), freedom


def _squares(design: Array, target: Array) -> float:
    residuals = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(residuals @ residuals)


def responses(coefficients: Array, covariance: Array, horizons: int) -> Array:
    """Responses to recursive shocks of one standard deviation.

    coefficients (..., p, k, k), covariance (..., k, k), columns in causal order
    Returns      (..., horizons + 1, k, k): ``[h, i, j]`` is variable i, h quarters after shock j
    """
    lags = coefficients.shape[-3]
    impact = np.linalg.cholesky(covariance)
    path = [impact]
    for horizon in range(1, horizons + 1):
        step = sum(
            coefficients[..., lag, :, :] @ path[horizon - 1 - lag] for lag in range(min(lags, horizon))
        )
        path.append(np.asarray(step))
    return np.stack(path, axis=-3)


def variance_shares(path: Array, horizon: int) -> Array:
    """Share of each shock (columns) in the forecast-error variance of each variable (rows), ``horizon`` quarters ahead."""
    squares = (path[:horizon] ** 2).sum(axis=0)
    return np.asarray(squares / squares.sum(axis=1, keepdims=True))


def bootstrap_bands(
    values: Array, model: VarFit, horizons: int, *, draws: int, level: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Percentile bands of the responses by Kilian's bias-corrected residual bootstrap.

    Returns   low and high, each (horizons + 1, k, k) at coverage ``level``; a band holds the point estimate
    """
    first, _ = _refit(
        _simulate(values, model.intercept, model.coefficients, model.residuals, _BIAS_DRAWS, rng), model.lags
    )
    bias = first.mean(axis=0) - model.coefficients
    centred = _shrunk(model.coefficients, bias)
    intercept = values.mean(axis=0) - centred.sum(axis=0) @ values.mean(axis=0)
    sample = _simulate(values, intercept, centred, model.residuals, draws, rng)
    coefficients, covariance = _refit(sample, model.lags)
    # Second correction with the same bias (Kilian's short cut); a draw that becomes explosive keeps its estimate.
    corrected = coefficients - bias
    explosive = companion_root(corrected) >= 1.0
    corrected[explosive] = coefficients[explosive]
    paths = responses(corrected, covariance, horizons)
    tail = (1 - level) / 2
    low, high = np.quantile(paths, [tail, 1 - tail], axis=0)
    point = responses(model.coefficients, model.covariance, horizons)
    return np.minimum(low, point), np.maximum(high, point)


def _shrunk(coefficients: Array, bias: Array) -> Array:
    """Bias-corrected coefficients, the correction reduced until the process is stationary."""
    if companion_root(coefficients) >= 1.0:
        return coefficients
    share = 1.0
    while share > 0 and companion_root(coefficients - share * bias) >= 1.0:
        share -= _SHRINK_STEP
    return coefficients - max(share, 0.0) * bias


def _simulate(
    values: Array,
    intercept: Array,
    coefficients: Array,
    residuals: Array,
    draws: int,
    rng: np.random.Generator,
) -> Array:
    """Artificial samples (draws, T, k) from resampled residuals; each starts from a random stretch of the data."""
    lags, length = len(coefficients), len(values)
    scale = math.sqrt(len(residuals) / max(len(residuals) - 1 - lags * values.shape[1], 1))
    shocks = (residuals - residuals.mean(axis=0)) * scale
    picks = rng.integers(len(shocks), size=(draws, length - lags))
    starts = rng.integers(length - lags + 1, size=draws)
    path = np.empty((draws, length, values.shape[1]))
    for lag in range(lags):
        path[:, lag] = values[starts + lag]
    for quarter in range(lags, length):
        path[:, quarter] = intercept + shocks[picks[:, quarter - lags]]
        for lag in range(lags):
            path[:, quarter] += path[:, quarter - 1 - lag] @ coefficients[lag].T
    return path


def _refit(paths: Array, lags: int) -> tuple[Array, Array]:
    """Coefficients (draws, p, k, k) and covariances (draws, k, k) of every artificial sample."""
    draws, length, k = paths.shape
    design = np.concatenate(
        [np.ones((draws, length - lags, 1))]
        + [paths[:, lags - lag : length - lag] for lag in range(1, lags + 1)],
        axis=2,
    )
    target = paths[:, lags:]
    turned = np.swapaxes(design, 1, 2)
    beta = np.linalg.solve(turned @ design, turned @ target)
    residuals = target - design @ beta
    covariance = np.swapaxes(residuals, 1, 2) @ residuals / (length - lags - design.shape[2])
    return _unstack(beta[:, 1:], lags, k), covariance
