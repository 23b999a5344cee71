"""Forecasting models for one short quarterly series: naive, seasonal naive, theta, autoregression, VAR with macro.

Part of the forecast stage. In: a ``History``. Out: a ``Path``, or None
when the model cannot be had from these data. Methods: Assimakopoulos and Nikolopoulos (2000) for theta; Burg's
recursion, which is always stationary, with AICc for the autoregression; Minnesota shrinkage (Litterman 1986) for the VAR.
Scales of errors are winsorised, so that a shock such as 2020 counts but does not rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import leastsq
from scipy.signal import lfilter
from scipy.special import expit

from reporter.index import var_tests
from reporter.index.joint_model import PERSISTENCE
from reporter.index.panel import MAD_TO_SD, Array

HORIZONS = 4  # the study: forecasts of four quarters
SEASONS = 4  # quarters of a year
_WINSOR = 3.0  # robust standard deviations beyond which a residual counts as this many
_SPARE = 6  # values beyond its parameters that a fitted model needs, for its errors to be told from the fit (empirical)
_MAX_AR = 4  # a year of quarters; AICc chooses fewer
# Two lags at 40 to 80 quarters; Minnesota prior (Litterman 1986): own lags 0.3, lags of others half as wide.
_VAR_LAGS, _TIGHTNESS, _CROSS_TIGHTNESS = 2, 0.3, 0.5
_MIN_VAR = 24  # six years: an equation of four variables with two lags has nine coefficients
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
    spread = MAD_TO_SD * float(np.median(np.abs(residuals - middle)))
    kept = np.clip(residuals, -_WINSOR * spread, _WINSOR * spread) if spread > 0 else residuals
    freedom = max(len(residuals) - parameters, 1)
    return math.sqrt(float(kept @ kept) / freedom)


def from_weights(mean: Array, weights: Array, innovation_sd: float) -> Path:
    """Path whose error variance cumulates the squared moving-average weights (``weights[0]`` is 1)."""
    return Path(mean, innovation_sd * np.sqrt(np.cumsum(weights[:HORIZONS] ** 2)))


def seasonal_strength(values: Array) -> float:
    """Share of the detrended variation that quarter means explain, 0 to 1 (Wang, Smith and Hyndman 2006)."""
    if len(values) < 5 * SEASONS or var_tests.is_constant(values):
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
    spread = MAD_TO_SD * float(np.median(np.abs(residuals - np.median(residuals))))
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
    moving = [j for j in range(panel.shape[1]) if len(panel) and not var_tests.is_constant(panel[:, j])]
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


# ----------------------------------------------------------------------------------------------------
# Exponential smoothing with additive errors: level, damped trend, season; the form is found by AICc.
#
# Part of the forecast stage. In: a ``History`` and a ``SmoothingForm``. Out: a ``Path``, or None when the fit did not converge.
# Method: Hyndman, Koehler, Ord and Snyder (2008): ETS(A,N,N), (A,Ad,N), and with a strong season (A,N,A), (A,Ad,A).
# ----------------------------------------------------------------------------------------------------

# Hyndman et al. (2008): below, the trend is gone within a year; above, it cannot be told from an undamped one.
_DAMPING = (0.80, 0.98)
_RATE_LIMIT = 5.0  # smoothing rates between 0.007 and 0.993: beyond, the search runs along a flat edge
_MAX_EVALUATIONS = 200  # a parameter; a fit that needs more does not converge
_CONVERGED = (1, 2, 3, 4)  # MINPACK's codes; the rest ran out of steps


@dataclass(frozen=True)
class SmoothingForm:
    """Which states move: a damped trend, a season."""

    trend: bool = False
    season: bool = False

    @property
    def parameters(self) -> int:
        """Rate of the level and its start, rates and damping and start of the trend, rate of the season."""
        return 2 + 3 * self.trend + self.season

    def __str__(self) -> str:
        return f"A,{'Ad' if self.trend else 'N'},{'A' if self.season else 'N'}"


@dataclass(frozen=True)
class _Run:
    """Errors and last states of one pass over the series."""

    errors: Array
    level: float
    slope: float
    season: tuple[float, ...]


@dataclass(frozen=True)
class _Rates:
    """Smoothing rates and starting states in their natural ranges."""

    level: float
    trend: float
    damping: float
    season: float
    first_level: float
    first_slope: float


def identify_ets(history: History) -> SmoothingForm:
    """Form with the lowest AICc; seasonal forms only when the season is strong."""
    seasons = (False, True) if history.seasonal else (False,)
    forms = [SmoothingForm(trend, season) for season in seasons for trend in (False, True)]
    criteria = []
    for form in forms:
        fitted = _fit_ets(history.values, form)
        criteria.append(np.inf if fitted is None else fitted[2])
    return forms[int(np.argmin(criteria))]


def smoothing(history: History, form: SmoothingForm) -> Path | None:
    """Forecast of one form; None when the optimiser did not converge or too few quarters are left."""
    fitted = _fit_ets(history.values, form)
    if fitted is None:
        return None
    rates, run, _ = fitted
    steps = np.arange(1, HORIZONS + 1)
    damped = np.cumsum(rates.damping**steps) if form.trend else np.zeros(HORIZONS)
    mean = run.level + damped * run.slope
    if form.season:
        mean = mean + np.array([run.season[(step - 1) % SEASONS] for step in steps])
    weights = rates.level + rates.trend * np.concatenate([[0.0], damped[:-1]])
    if form.season:
        weights = weights + rates.season * (np.arange(HORIZONS) % SEASONS == 0)
    weights[0] = 1.0
    return from_weights(mean, weights, robust_sd(run.errors, form.parameters))


def _rates(raw: Array, form: SmoothingForm, values: Array, scale: float) -> _Rates:
    """Natural parameters from unbounded ones: trend rate below level rate, season rate below its complement."""
    bounded = expit(np.clip(raw, -_RATE_LIMIT, _RATE_LIMIT))
    level = float(bounded[0])
    low, high = _DAMPING
    return _Rates(
        level,
        level * float(bounded[2]) if form.trend else 0.0,
        low + (high - low) * float(bounded[3]) if form.trend else 0.0,
        (1 - level) * float(bounded[-1]) if form.season else 0.0,
        float(values[:SEASONS].mean()) + scale * float(raw[1]),
        scale * float(raw[4]) if form.trend else 0.0,
    )


def _first_season(values: Array) -> list[float]:
    """Quarter effects of the first three years, starting with the first quarter of the series."""
    early = values[: 3 * SEASONS]
    means = [float(early[place::SEASONS].mean()) for place in range(SEASONS)]
    return [mean - float(np.mean(means)) for mean in means]


def _run(values: Array, rates: _Rates, form: SmoothingForm) -> _Run:
    """One pass over the series; plain numbers, because arrays would be slower at this length."""
    level, slope = rates.first_level, rates.first_slope
    season = _first_season(values) if form.season else [0.0] * SEASONS
    errors = []
    for place, value in enumerate(values.tolist()):
        expected = level + rates.damping * slope
        effect = season[place % SEASONS]
        error = value - expected - effect
        errors.append(error)
        slope = rates.damping * slope + rates.trend * error
        level = expected + rates.level * error
        season[place % SEASONS] = effect + rates.season * error
    start = len(values) % SEASONS
    return _Run(np.array(errors), level, slope, tuple(season[start:] + season[:start]))


def _fit_ets(values: Array, form: SmoothingForm) -> tuple[_Rates, _Run, float] | None:
    """Least-squares rates, the pass that they give, and AICc."""
    needed = form.parameters + _SPARE + (2 * SEASONS if form.season else 0)
    if len(values) < needed or var_tests.is_constant(values):
        return None
    scale = float(np.std(np.diff(values))) or float(np.std(values))

    def errors_of(raw: Array) -> Array:
        return _run(values, _rates(raw, form, values, scale), form).errors / scale

    start = np.zeros(2 + 3 * form.trend + form.season)
    found, _, _, _, status = leastsq(errors_of, start, full_output=True, maxfev=_MAX_EVALUATIONS * len(start))
    if status not in _CONVERGED:
        return None
    rates = _rates(np.asarray(found), form, values, scale)
    run = _run(values, rates, form)
    n = len(values)
    return rates, run, aicc(float(run.errors @ run.errors) / n, n, form.parameters)


# ----------------------------------------------------------------------------------------------------
# Seasonal ARIMA by conditional least squares, fast enough for hundreds of rolling fits; the order is found by AICc.
#
# Part of the forecast stage. In: a ``History`` and an ``Order``. Out: a ``Path``, or None when the fit did not converge.
# Method: Hyndman and Khandakar (2008): differences by KPSS and seasonal strength, the rest by AICc over a small grid.
# Coefficients are partial autocorrelations through tanh (Monahan 1984), so that every fit is stationary and invertible.
# ----------------------------------------------------------------------------------------------------

_MAX_P = _MAX_Q = (
    2  # an adjusted quarterly index has a short memory; keeps the search at nine forms and their seasonal terms
)
_COEFFICIENT_LIMIT = 3.0  # |tanh| stays below 0.995: no coefficient runs off to a unit root


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


def identify_sarima(history: History) -> Order:
    """Order with the lowest AICc: first p and q, then one seasonal term on top of the best."""
    seasonal_d = int(history.seasonal)
    values = _seasonal_difference(history.values, seasonal_d)
    d = 0
    if not var_tests.is_constant(values):
        level = var_tests.kpss(values)
        d = int(level.statistic > level.critical_5)
    plain = [Order(p, d, q, 0, seasonal_d, 0) for p in range(_MAX_P + 1) for q in range(_MAX_Q + 1)]
    best = _best(history.values, plain)
    seasonal = [Order(best.p, d, best.q, P, seasonal_d, Q) for P, Q in ((0, 0), (1, 0), (0, 1))]
    return _best(history.values, seasonal)


def _best(values: Array, orders: list[Order]) -> Order:
    criteria = []
    for order in orders:
        fitted = _fit_sarima(values, order)
        criteria.append(np.inf if fitted is None else fitted.criterion)
    return orders[int(np.argmin(criteria))]


def sarima(history: History, order: Order) -> Path | None:
    """Forecast of one order; None when the optimiser did not converge or too few quarters are left."""
    fitted = _fit_sarima(history.values, order)
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
    for partial in np.tanh(np.clip(raw, -_COEFFICIENT_LIMIT, _COEFFICIENT_LIMIT)):
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


def _fit_sarima(values: Array, order: Order) -> _Fit | None:
    """Conditional least squares; all orders of one differencing are compared on the same quarters."""
    worked = _difference(values, order)
    burn = _MAX_P + (SEASONS if order.seasonal_p or order.seasonal_q or order.seasonal_d else 0)
    count = order.p + order.q + order.seasonal_p + order.seasonal_q
    if len(worked) - burn < count + _SPARE or var_tests.is_constant(worked):
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
