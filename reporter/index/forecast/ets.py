"""Exponential smoothing with additive errors: level, damped trend, season; the form is found by AICc.

Part of the forecast stage. In: a ``History`` and a ``Form``. Out: a ``Path``, or None when the fit did not converge.
Method: Hyndman, Koehler, Ord and Snyder (2008): ETS(A,N,N), (A,Ad,N), and with a strong season (A,N,A), (A,Ad,A).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import leastsq
from scipy.special import expit

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

_DAMPING = (0.80, 0.98)
_LIMIT = 5.0
_MAX_EVALUATIONS = 200
_CONVERGED = (1, 2, 3, 4)  # MINPACK's codes; the rest ran out of steps


@dataclass(frozen=True)
class Form:
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


def identify(history: History) -> Form:
    """Form with the lowest AICc; seasonal forms only when the season is strong."""
    seasons = (False, True) if history.seasonal else (False,)
    forms = [Form(trend, season) for season in seasons for trend in (False, True)]
    criteria = []
    for form in forms:
        fitted = _fit(history.values, form)
        criteria.append(np.inf if fitted is None else fitted[2])
    return forms[int(np.argmin(criteria))]


def smoothing(history: History, form: Form) -> Path | None:
    """Forecast of one form; None when the optimiser did not converge or too few quarters are left."""
    fitted = _fit(history.values, form)
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


def _rates(raw: Array, form: Form, values: Array, scale: float) -> _Rates:
    """Natural parameters from unbounded ones: trend rate below level rate, season rate below its complement."""
    bounded = expit(np.clip(raw, -_LIMIT, _LIMIT))
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


def _run(values: Array, rates: _Rates, form: Form) -> _Run:
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


def _fit(values: Array, form: Form) -> tuple[_Rates, _Run, float] | None:
    """Least-squares rates, the pass that they give, and AICc."""
    needed = form.parameters + 6 + (2 * SEASONS if form.season else 0)
    if len(values) < needed or unit_roots.is_constant(values):
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
