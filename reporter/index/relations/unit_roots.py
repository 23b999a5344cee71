"""Unit-root, stationarity and cointegration tests on short quarterly series.

Part of the relations and forecast stages. In: plain arrays without missing values. Out: one ``TestResult`` each.
Methods: augmented Dickey-Fuller with the lag chosen by BIC on a common sample; KPSS (1992) with the Bartlett kernel;
Engle and Granger (1987) on the residuals of the long-run regression. P-values and critical values are
MacKinnon's (1994, 2010) response surfaces. Own regressions because a result must not depend on a library's warnings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp

Array = NDArray[np.float64]

# KPSS (1992), table 1, level stationarity: upper-tail probabilities and critical values.
_KPSS_TAIL = (0.10, 0.05, 0.025, 0.01)
_KPSS_CRITICAL = (0.347, 0.463, 0.574, 0.739)
_RELATIVE_ZERO = 1e-10


@dataclass(frozen=True)
class TestResult:
    """Statistic, p-value, lags used, observations used and the 5 % critical value of one test."""

    __test__ = False  # pytest must not collect it

    statistic: float
    p_value: float
    lags: int
    n: int
    critical_5: float


def is_constant(values: Array) -> bool:
    """True when the series does not move, to rounding: no test and no model can be fitted to it."""
    spread = float(np.ptp(values)) if len(values) else 0.0
    return spread <= _RELATIVE_ZERO * max(1.0, float(np.max(np.abs(values), initial=0.0)))


def adf(values: Array, *, constant: bool = True, max_lags: int | None = None) -> TestResult:
    """Augmented Dickey-Fuller test of a unit root; the alternative is stationarity around a mean.

    values     (n,) without missing values, n >= 12
    constant   False for residuals that have mean zero by construction; the p-value is then of no use
    max_lags   largest number of lagged differences tried; default int(4 (n/100)^(1/4)) + 1 (Schwert's shorter rule)
    """
    n = len(values)
    limit = int(4 * (n / 100) ** 0.25) + 1 if max_lags is None else max_lags
    # The lag is chosen on the observations that the longest candidate has, so that the criteria compare.
    criteria = [_dickey_fuller(values, lags, limit, constant)[1] for lags in range(limit + 1)]
    lags = int(np.argmin(criteria))
    statistic, _, used = _dickey_fuller(values, lags, lags, constant)
    regression = "c" if constant else "n"
    return TestResult(
        statistic,
        float(mackinnonp(statistic, regression=regression, N=1)),
        lags,
        used,
        float(mackinnoncrit(N=1, regression=regression, nobs=used)[1]),
    )


def _dickey_fuller(values: Array, lags: int, skip: int, constant: bool) -> tuple[float, float, int]:
    """t statistic of the level, BIC and observations of one Dickey-Fuller regression that skips ``skip`` quarters."""
    changes = np.diff(values)
    target = changes[skip:]
    columns = [values[skip:-1]] + [changes[skip - lag : len(changes) - lag] for lag in range(1, lags + 1)]
    if constant:
        columns.append(np.ones(len(target)))
    design = np.column_stack(columns)
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ target
    residuals = target - design @ coefficients
    used, parameters = design.shape
    squares = float(residuals @ residuals)
    floor = _RELATIVE_ZERO * max(float(target @ target), _RELATIVE_ZERO)
    variance = max(squares, floor) / (used - parameters)
    bic = used * math.log(max(squares, floor) / used) + parameters * math.log(used)
    return float(coefficients[0] / math.sqrt(variance * inverse[0, 0])), bic, used


def kpss(values: Array) -> TestResult:
    """KPSS test of stationarity around a mean; the alternative is a unit root.

    The p-value is interpolated in the published table and therefore lies between 0.01 and 0.10.
    """
    n = len(values)
    lags = int(4 * (n / 100) ** 0.25)
    deviations = values - values.mean()
    long_run = float(deviations @ deviations) / n
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        long_run += 2 * weight * float(deviations[lag:] @ deviations[:-lag]) / n
    statistic = float(np.sum(np.cumsum(deviations) ** 2)) / (n**2 * long_run)
    p_value = float(np.interp(statistic, _KPSS_CRITICAL, _KPSS_TAIL))
    return TestResult(statistic, p_value, lags, n, _KPSS_CRITICAL[1])


def engle_granger(target: Array, others: Array) -> TestResult | None:
    """Engle-Granger test: no cointegration against cointegration of ``target`` with the columns of ``others``.

    target   (n,); others (n, k), k <= 11
    Returns  None when the columns explain the target exactly: no residual is left to test.
    """
    design = np.column_stack([others, np.ones(len(target))])
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    residuals = target - design @ coefficients
    if np.sqrt(np.mean(residuals**2)) <= 1e-8 * max(float(np.std(target)), 1e-300):
        return None
    unit_root = adf(residuals, constant=False)
    variables = others.shape[1] + 1
    return TestResult(
        unit_root.statistic,
        float(mackinnonp(unit_root.statistic, regression="c", N=variables)),
        unit_root.lags,
        unit_root.n,
        float(mackinnoncrit(N=variables, regression="c", nobs=len(target) - 1)[1]),
    )
