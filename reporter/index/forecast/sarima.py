"""Seasonal ARIMA by conditional least squares, fast enough for hundreds of rolling fits; the order is found by AICc.

Part of the forecast stage. In: a ``History`` and an ``Order``. Out: a ``Path``, or None when the fit did not converge.
Method: Hyndman and Khandakar (2008): differences by KPSS and seasonal strength, the rest by AICc over a small grid.
Coefficients are partial autocorrelations through tanh (Monahan 1984), so that every fit is stationary and invertible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import leastsq
from scipy.signal import lfilter

from reporter.index.forecast.models import (
    HORIZONS,
    SEASONS,
    History,
    Path,
    aicc,
    from_weights,
    robust_sd,
)
from reporter.index.relations import unit_roots

Array = NDArray[np.float64]

_MAX_P = _MAX_Q = 2
_MAX_EVALUATIONS = 200
_CONVERGED = (1, 2, 3, 4)  # MINPACK's codes; the rest ran out of steps
_LIMIT = 3.0  # |tanh| stays below 0.995: no coefficient runs off to a unit root


@dataclass(frozen=True)
class Order:
    """Orders (p, d, q)(P, D, Q) of the quarterly model; a mean is estimated only without differences."""

    p: int = 1
    d: int = 0
    q: int = 0
    seasonal_p: int = 0
    seasonal_d: int = 0
    seasonal_q: int = 0

    @property
    def has_mean(self) -> bool:
        """Whether the mean is a parameter."""
        return self.d + self.seasonal_d == 0

    def __str__(self) -> str:
        return f"({self.p},{self.d},{self.q})({self.seasonal_p},{self.seasonal_d},{self.seasonal_q})4"


@dataclass(frozen=True)
class _Fit:
    ar: Array
    ma: Array
    mean: float
    errors: Array
    criterion: float


def identify(history: History) -> Order:
    """Order with the lowest AICc: first p and q, then one seasonal term on top of the best."""
    seasonal_d = int(history.seasonal)
    values = _seasonal_difference(history.values, seasonal_d)
    d = 0
    if not unit_roots.is_constant(values):
        level = unit_roots.kpss(values)
        d = int(level.statistic > level.critical_5)
    plain = [Order(p, d, q, 0, seasonal_d, 0) for p in range(_MAX_P + 1) for q in range(_MAX_Q + 1)]
    best = _best(history.values, plain)
    seasonal = [Order(best.p, d, best.q, P, seasonal_d, Q) for P, Q in ((0, 0), (1, 0), (0, 1))]
    return _best(history.values, seasonal)


def _best(values: Array, orders: list[Order]) -> Order:
    criteria = []
    for order in orders:
        fitted = _fit(values, order)
        criteria.append(np.inf if fitted is None else fitted.criterion)
    return orders[int(np.argmin(criteria))]


def sarima(history: History, order: Order) -> Path | None:
    """Forecast of one order; None when the optimiser did not converge or too few quarters are left."""
    fitted = _fit(history.values, order)
    if fitted is None:
        return None
    differences = _polynomial_difference(order)
    full = np.convolve(fitted.ar, differences)
    weights = lfilter(fitted.ma, full, np.array([1.0, *[0.0] * (HORIZONS - 1)]))
    worked = _difference(history.values, order) - fitted.mean
    mean = _integrate(_continue(worked, fitted) + fitted.mean, history.values, differences)
    parameters = order.p + order.q + order.seasonal_p + order.seasonal_q + order.has_mean
    return from_weights(mean, weights, robust_sd(fitted.errors, parameters))


def _seasonal_difference(values: Array, times: int) -> Array:
    return values[SEASONS:] - values[:-SEASONS] if times else values


def _difference(values: Array, order: Order) -> Array:
    return np.diff(_seasonal_difference(values, order.seasonal_d), n=order.d)


def _polynomial_difference(order: Order) -> Array:
    polynomial = np.array([1.0])
    if order.d:
        polynomial = np.convolve(polynomial, [1.0, -1.0])
    if order.seasonal_d:
        polynomial = np.convolve(polynomial, [1.0, 0.0, 0.0, 0.0, -1.0])
    return polynomial


def _from_partial(raw: Array) -> Array:
    """Coefficients of a stationary polynomial from unbounded numbers (Monahan 1984)."""
    coefficients = np.zeros(0)
    for partial in np.tanh(np.clip(raw, -_LIMIT, _LIMIT)):
        coefficients = np.append(coefficients - partial * coefficients[::-1], partial)
    return coefficients


def _polynomials(parameters: Array, order: Order) -> tuple[Array, Array]:
    """AR and MA polynomials in the lag operator, seasonal factors multiplied in."""
    cuts = np.cumsum([order.p, order.q, order.seasonal_p, order.seasonal_q])
    p, q, seasonal_p, seasonal_q = np.split(parameters[: cuts[-1]], cuts[:-1])
    ar = np.concatenate([[1.0], -_from_partial(p)])
    ma = np.concatenate([[1.0], -_from_partial(q)])
    if order.seasonal_p:
        ar = np.convolve(ar, np.concatenate([[1.0, 0.0, 0.0, 0.0], -_from_partial(seasonal_p)]))
    if order.seasonal_q:
        ma = np.convolve(ma, np.concatenate([[1.0, 0.0, 0.0, 0.0], -_from_partial(seasonal_q)]))
    return ar, ma


def _fit(values: Array, order: Order) -> _Fit | None:
    """Conditional least squares; all orders of one differencing are compared on the same quarters."""
    worked = _difference(values, order)
    burn = _MAX_P + (SEASONS if order.seasonal_p or order.seasonal_q or order.seasonal_d else 0)
    count = order.p + order.q + order.seasonal_p + order.seasonal_q
    if len(worked) - burn < count + 6 or unit_roots.is_constant(worked):
        return None
    scale = float(np.std(worked))
    centre = float(worked.mean()) if order.has_mean else 0.0

    def errors_of(parameters: Array) -> Array:
        ar, ma = _polynomials(parameters, order)
        mean = centre + scale * parameters[count] if order.has_mean else 0.0
        return np.asarray(lfilter(ar, ma, worked - mean)[burn:] / scale)

    start = np.concatenate([np.full(count, 0.1), np.zeros(int(order.has_mean))])
    if len(start) == 0:
        parameters = start
    else:
        found, _, _, _, status = leastsq(
            errors_of, start, full_output=True, maxfev=_MAX_EVALUATIONS * len(start)
        )
        if status not in _CONVERGED:
            return None
        parameters = np.asarray(found)
    ar, ma = _polynomials(parameters, order)
    mean = centre + scale * float(parameters[count]) if order.has_mean else 0.0
    errors = errors_of(parameters) * scale
    criterion = aicc(float(errors @ errors) / len(errors), len(errors), len(start))
    return _Fit(ar, ma, mean, np.asarray(lfilter(ar, ma, worked - mean)[burn:]), criterion)


def _continue(deviations: Array, fitted: _Fit) -> Array:
    """Conditional expectation of the differenced, demeaned series: future errors are zero."""
    errors = np.concatenate([lfilter(fitted.ar, fitted.ma, deviations), np.zeros(HORIZONS)])
    path = np.concatenate([deviations, np.zeros(HORIZONS)])
    n = len(deviations)
    for place in range(n, n + HORIZONS):
        past = sum(-c * path[place - lag] for lag, c in enumerate(fitted.ar) if 0 < lag <= place)
        shocks = sum(c * errors[place - lag] for lag, c in enumerate(fitted.ma) if 0 < lag <= place)
        path[place] = past + shocks
    return path[n:]


def _integrate(path: Array, values: Array, differences: Array) -> Array:
    """Undo the differencing."""
    known = values.tolist()
    for step in path.tolist():
        known.append(step - sum(c * known[-lag] for lag, c in enumerate(differences) if lag))
    return np.array(known[len(values) :])
