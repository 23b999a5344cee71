"""Tests of the index: correlations, unit roots, cointegration, VAR, causality, structural shocks.

Goes in: ``labour_index`` and ``macro`` (docs/tables.md), the issue's quarter, a seed, and optionally ``series`` for the
unemployment rate. Comes out: ``index_tests``, ``impulse_responses``, ``cross_correlations``, each row with a plain Thai reading.
Method: study 3.3.4 (method.md, 1 step 8). What cannot be tested is a row that says why, never an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.tsa.vector_ar.var_model import VAR

from reporter.domain import schema
from reporter.domain.periods import iso, parse_period
from reporter.domain.schema import Tables
from reporter.index import var_tests
from reporter.index import var_tests as say
from reporter.index.panel import Array, longest_run
from reporter.index.var_tests import INDEX, OTHERS, ResultRow, frame_of

# ----------------------------------------------------------------------------------------------------
# The VAR and SVAR of the index with the macro variables: rows of ``index_tests`` and ``impulse_responses``.
#
# Part of the relations stage. In: the panel of ``relations`` and which series are stationary. Out: a ``Structural``.
# Method: study 3.3.4 no. 3 and 4. Lags by AICc, raised while the residuals are autocorrelated and the sample allows;
# recursive identification in the order output, prices, labour market, interest rate (Christiano, Eichenbaum and
# Evans 1999: the interest rate reacts at once to the others, which react to it with a lag). A response and a causality count as found only where the index
# without its economy dimension shows them too, a response also with the index first in the order.
# ----------------------------------------------------------------------------------------------------

ORDER = ("real_gdp_growth", "headline_inflation", INDEX, "short_term_rate")
HORIZONS = 12  # three years: responses of a stationary index have faded
SHARE_HORIZON = 8  # two years, as shares of variance are usually reported
BAND_LEVEL = 0.90  # usual for impulse responses
BOOTSTRAP_DRAWS = 999  # quantiles of five per cent fall on a draw
SIGNIFICANT = 0.05  # the usual level; families of tests are corrected
# Below 30 four variables with a lag are not estimated; below 60 the sentence says that the sample is small.
_MIN_QUARTERS, _ENOUGH_STRUCTURAL = 30, 60
_SINGULAR = 1e-8  # smallest eigenvalue of the correlations: below, two variables are one
_ORDER_TOLERANCE = 0.5  # points of the index: a response that moves less does not hang on the order


@dataclass
class Structural:
    """What the VAR yields; empty responses when it cannot be had."""

    rows: list[ResultRow] = field(default_factory=list)
    impulse_responses: pd.DataFrame = field(default_factory=lambda: schema.empty("impulse_responses"))


def structural_tests(
    panel: pd.DataFrame, macro: list[str], stationary: dict[str, bool], rng: np.random.Generator
) -> Structural:
    """VAR with its diagnostics, Granger causality both ways, SVAR with bootstrap bands.

    panel       quarter x variable, NaN where missing; macro: the macro variables that it has
    stationary  by variable, from the ADF test: without it causality is tested with one lag more (Toda-Yamamoto)
    """
    found = Structural()
    used, dropped = _choose_variables(panel, macro)
    if dropped:
        text = say.unusable("dropped", tuple(dropped))
        found.rows.append(ResultRow("var_sample", "macro", n=0, verdict="dropped", reading_th=text))
    order = tuple(name for name in ORDER if name in used)
    sample = longest_run(panel[list(order)]).to_numpy(dtype=float) if len(order) > 1 else np.empty((0, 1))
    limit = largest_lag(len(sample), len(order)) if len(order) > 1 else 0
    if refused := _not_structural(sample, order, limit):
        found.rows.append(refused)
        return found
    lags = _lag_rows(found, sample, limit)
    model = fit(sample, lags)
    others = _without_economy(panel, order, lags)
    augment = int(not all(stationary.get(name) for name in order))
    _granger_rows(found, sample, others, order, lags, augment=augment)
    if _stability_row(found, model, len(sample)):
        _response_rows(found, sample, others, order, model, rng)
    return found


def _without_economy(panel: pd.DataFrame, order: tuple[str, ...], lags: int) -> np.ndarray | None:
    """The sample with the index without its economy dimension in the index's place; None where no such VAR can be had."""
    if OTHERS not in panel:
        return None
    columns = [OTHERS if name == INDEX else name for name in order]
    sample = longest_run(panel[columns]).to_numpy(dtype=float)
    if len(sample) < _MIN_QUARTERS or any(var_tests.is_constant(column) for column in sample.T):
        return None
    return sample if companion_root(fit(sample, lags).coefficients) < 1 else None


def _choose_variables(panel: pd.DataFrame, macro: list[str]) -> tuple[list[str], list[str]]:
    """Variables of the VAR and those left out because the common sample would be too short with them."""
    moving = [name for name in macro if not var_tests.is_constant(panel[name].dropna().to_numpy(dtype=float))]
    kept, dropped = list(moving), []
    while len(kept) > 1 and len(longest_run(panel[[INDEX, *kept]])) < _MIN_QUARTERS:
        lengths = {
            name: len(longest_run(panel[[INDEX, *(other for other in kept if other != name)]]))
            for name in kept
        }
        worst = max(kept, key=lambda name: lengths[name])
        if lengths[worst] <= len(longest_run(panel[[INDEX, *kept]])):
            break
        kept.remove(worst)
        dropped.append(worst)
    return [INDEX, *kept], dropped


def _not_structural(sample: np.ndarray, order: tuple[str, ...], limit: int) -> ResultRow | None:
    """Why there is no VAR, or None."""
    if len(order) < 2:
        return ResultRow("var", "macro", n=0, verdict="missing", reading_th=say.unusable("missing", ()))
    if len(sample) < _MIN_QUARTERS or limit == 0:
        text = say.too_short("var", "macro", len(sample), _MIN_QUARTERS)
        return ResultRow("var", "macro", n=len(sample), verdict="too_short", reading_th=text)
    if any(var_tests.is_constant(column) for column in sample.T):
        return ResultRow(
            "var", "macro", n=len(sample), verdict="constant", reading_th=say.constant("var", INDEX)
        )
    covariance = fit(sample, 1).covariance
    scale = np.sqrt(np.diag(covariance))
    if not scale.all() or np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < _SINGULAR:
        text = say.unusable("collinear", ())
        return ResultRow("var", "macro", n=len(sample), verdict="collinear", reading_th=text)
    return None


def _lag_rows(found: Structural, sample: np.ndarray, limit: int) -> int:
    """Rows of the lag choice and of the residual tests; returns the lags used."""
    choice = choose_lags(sample, limit)
    start = choice.best("aicc")
    whiteness = {lags: _whiteness(sample, lags) for lags in range(start, limit + 1)}
    passing = [lags for lags, (_, p_value, _) in whiteness.items() if p_value >= SIGNIFICANT]
    used = passing[0] if passing else start
    for criterion in ("aic", "bic", "aicc"):
        best = choice.best(criterion)
        verdict = "used" if best == used else "not_used"
        text = say.lag_choice(criterion, best, used, raised=used != start)
        value = float(getattr(choice, criterion)[best - 1])
        found.rows.append(
            ResultRow(
                f"var_lags_{criterion}", "var", value, math.nan, best, len(sample), math.nan, verdict, text
            )
        )
    statistic, p_value, window = whiteness[used]
    _diagnostic(found, "var_whiteness", statistic, p_value, window, len(sample) - used)
    normality = VAR(sample).fit(used, trend="c").test_normality()
    _diagnostic(
        found,
        "var_normality",
        float(normality.test_statistic),
        float(normality.pvalue),
        used,
        len(sample) - used,
    )
    return used


def _whiteness(sample: np.ndarray, lags: int) -> tuple[float, float, int]:
    """Adjusted portmanteau test: statistic, p-value, autocorrelations looked at."""
    window = lags + 4
    result = VAR(sample).fit(lags, trend="c").test_whiteness(nlags=window, adjusted=True)
    return float(result.test_statistic), float(result.pvalue), window


def _diagnostic(found: Structural, test: str, statistic: float, p_value: float, lags: int, n: int) -> None:
    verdict = "passed" if p_value >= SIGNIFICANT else "failed"
    text = say.with_caution(say.residuals(test, verdict), n, _ENOUGH_STRUCTURAL)
    found.rows.append(ResultRow(test, "var", statistic, p_value, lags, n, math.nan, verdict, text))


def _stability_row(found: Structural, model: VarFit, n: int) -> bool:
    """Whether all roots lie inside the unit circle; the row says it."""
    root = float(companion_root(model.coefficients))
    verdict = "stable" if root < 1 else "unstable"
    text = say.with_caution(say.stability(root, verdict), n, _ENOUGH_STRUCTURAL)
    found.rows.append(ResultRow("var_stability", "var", root, math.nan, model.lags, n, 1.0, verdict, text))
    return verdict == "stable"


def _granger_rows(
    found: Structural,
    sample: np.ndarray,
    others: np.ndarray | None,
    order: tuple[str, ...],
    lags: int,
    *,
    augment: int,
) -> None:
    """Causality to and from the index given all the other variables, judged with Holm's correction.

    others  the sample without the economy dimension: what is not found in it at 5 % is built into the index
    """
    target = order.index(INDEX)
    k = len(order)
    # The extra lag is only taken when the sample can carry it; otherwise the plain test stands.
    extra = augment if len(sample) - lags - augment > k * (lags + augment) + 10 else 0
    pairs = [(j, target) for j in range(k) if j != target] + [(target, j) for j in range(k) if j != target]
    results = [causality(sample, lags, cause, effect, augment=extra) for cause, effect in pairs]
    rejected = _holm([p_value for _, p_value, _ in results])
    for (cause, effect), (statistic, p_value, _), sure in zip(pairs, results, rejected, strict=True):
        verdict = "predicts" if sure else "weak" if p_value < SIGNIFICANT else "none"
        if verdict != "none" and others is not None:
            again = causality(others, lags, cause, effect, augment=extra)[1]
            verdict = verdict if again < SIGNIFICANT else "built_in"
        test = "granger_to_index" if effect == target else "granger_from_index"
        variable = order[cause] if effect == target else order[effect]
        text = say.with_caution(
            say.granger(order[cause], order[effect], verdict), len(sample), _ENOUGH_STRUCTURAL
        )
        found.rows.append(
            ResultRow(test, variable, statistic, p_value, lags, len(sample), math.nan, verdict, text)
        )


def _holm(p_values: list[float]) -> list[bool]:
    """Which hypotheses Holm's step-down procedure rejects at 5 %."""
    rejected = [False] * len(p_values)
    for step, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[place] * (len(p_values) - step) >= SIGNIFICANT:
            break
        rejected[place] = True
    return rejected


def _response_rows(
    found: Structural,
    sample: np.ndarray,
    others: np.ndarray | None,
    order: tuple[str, ...],
    model: VarFit,
    rng: np.random.Generator,
) -> None:
    """Impulse responses with bands; rows for identification, order, largest responses, variance shares."""
    paths = responses(model.coefficients, model.covariance, HORIZONS)
    low, high = _index_bands(sample, model, range(len(order)), rng)
    n, target = len(sample), order.index(INDEX)
    first = [target, *(j for j in range(len(order)) if j != target)]
    checks = {"order_dependent": _index_bands(sample, model, first, rng)}
    if others is not None:
        checks["built_in"] = _index_bands(others, fit(others, model.lags), range(len(order)), rng)
    text = say.identification(order)
    label = " > ".join(order)
    found.rows.append(
        ResultRow("svar_identification", label, lags=model.lags, n=n, verdict="recursive", reading_th=text)
    )
    ordering = _ordering_row(sample, order, model, paths)
    found.rows.append(ordering)
    for shock, name in enumerate(order):
        if shock != target:
            path = paths[:, target, shock]
            peak = int(np.argmax(np.abs(path)))
            at = (peak, target, shock)
            verdict = _response_verdict(
                path[peak], (low[at], high[at]), {n: (b[0][at], b[1][at]) for n, b in checks.items()}
            )
            text = say.with_caution(
                say.response(name, float(path[peak]), peak, verdict), n, _ENOUGH_STRUCTURAL
            )
            found.rows.append(
                ResultRow(
                    "svar_response", name, float(path[peak]), math.nan, peak, n, math.nan, verdict, text
                )
            )
    shares = variance_shares(paths, SHARE_HORIZON)
    for shock, name in enumerate(order):
        value = float(shares[target, shock])
        text = say.with_caution(
            say.share(name, value, SHARE_HORIZON, ordering.verdict), n, _ENOUGH_STRUCTURAL
        )
        found.rows.append(
            ResultRow("svar_variance_share", name, value, math.nan, SHARE_HORIZON, n, math.nan, "share", text)
        )
    found.impulse_responses = pd.DataFrame(
        [
            (name, other, horizon, paths[horizon, i, j], low[horizon, i, j], high[horizon, i, j])
            for j, name in enumerate(order)
            for i, other in enumerate(order)
            for horizon in range(HORIZONS + 1)
        ],
        columns=schema.columns("impulse_responses"),
    )


def _index_bands(
    sample: np.ndarray, model: VarFit, places: Sequence[int], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Bands of all responses with the columns taken in the order ``places``, given in the sample's own order."""
    chosen = list(places)
    turned = replace(
        model,
        intercept=model.intercept[chosen],
        coefficients=model.coefficients[:, chosen][:, :, chosen],
        residuals=model.residuals[:, chosen],
        covariance=model.covariance[np.ix_(chosen, chosen)],
    )
    bands = bootstrap_bands(
        sample[:, chosen], turned, HORIZONS, draws=BOOTSTRAP_DRAWS, level=BAND_LEVEL, rng=rng
    )
    back = np.argsort(chosen)
    low, high = (side[:, back][:, :, back] for side in bands)
    return low, high


def _response_verdict(
    value: float, band: tuple[float, float], checks: Mapping[str, tuple[float, float]]
) -> str:
    """ "significant" where the band and every check's band lie on the value's side of zero; else what the claim fails on."""
    sign = 1.0 if value > 0 else -1.0
    if min(sign * band[0], sign * band[1]) <= 0:
        return "not_significant"
    failed = [name for name, (low, high) in checks.items() if min(sign * low, sign * high) <= 0]
    return failed[0] if failed else "significant"


def _ordering_row(sample: np.ndarray, order: tuple[str, ...], model: VarFit, paths: np.ndarray) -> ResultRow:
    """How far the responses of the index move when it is ordered first."""
    other = (INDEX, *(name for name in order if name != INDEX))
    places = [order.index(name) for name in other]
    turned = responses(
        model.coefficients[:, places][:, :, places], model.covariance[np.ix_(places, places)], HORIZONS
    )
    back = [other.index(name) for name in order]
    target = order.index(INDEX)
    shocks = [j for j in range(len(order)) if j != target]
    difference = np.abs(turned[:, back][:, :, back][:, target, shocks] - paths[:, target, shocks])
    largest = float(difference.max())
    verdict = "robust" if largest < _ORDER_TOLERANCE else "sensitive"
    text = say.ordering(largest, verdict)
    label = " > ".join(other)
    return ResultRow(
        "svar_ordering", label, largest, math.nan, model.lags, len(sample), math.nan, verdict, text
    )


# ----------------------------------------------------------------------------------------------------
# Vector autoregression with a constant: fit, lag choice, causality, recursive shocks, bootstrap bands.
#
# Part of the relations stage. In: a (T, k) array of consecutive quarters without missing values. Out: frozen fits and arrays.
# Methods: OLS equation by equation (Luetkepohl 2005, ch. 3); AICc of Hurvich and Tsai (1993); lag-augmented causality of
# Toda and Yamamoto (1995) for series that may have unit roots; recursive identification by Cholesky; bias-corrected
# bootstrap of Kilian (1998) on blocks of residuals (Brueggemann, Jentsch and Trenkler 2016: unlike single residuals they keep calm and
# stormy times together), all replications at once. Everything random takes its generator.
# ----------------------------------------------------------------------------------------------------


_BIAS_DRAWS = 400  # the bias is a mean, which needs fewer draws than a quantile
_BLOCK = 4  # quarters of residuals drawn together: a year, the cube root of the usual 60 to 80 quarters
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
    """Percentile bands of the responses by Kilian's bias-corrected bootstrap of residual blocks.

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
    """Artificial samples (draws, T, k) from resampled blocks of residuals; each starts from a random stretch of the data."""
    lags, length = len(coefficients), len(values)
    scale = math.sqrt(len(residuals) / max(len(residuals) - 1 - lags * values.shape[1], 1))
    picks = _blocks(len(residuals), length - lags, draws, rng)
    # What stands at the same place of a block has mean zero over all blocks that can be drawn.
    places = len(residuals) - _BLOCK + 1
    means = np.array([residuals[place : place + places].mean(axis=0) for place in range(_BLOCK)])
    starts = rng.integers(length - lags + 1, size=draws)
    path = np.empty((draws, length, values.shape[1]))
    for lag in range(lags):
        path[:, lag] = values[starts + lag]
    for quarter in range(lags, length):
        at = quarter - lags
        path[:, quarter] = intercept + (residuals[picks[:, at]] - means[at % _BLOCK]) * scale
        for lag in range(lags):
            path[:, quarter] += path[:, quarter - 1 - lag] @ coefficients[lag].T
    return path


def _blocks(available: int, needed: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions (draws, needed) of residuals, drawn in blocks of consecutive ones."""
    count = -(-needed // _BLOCK)
    first = rng.integers(available - _BLOCK + 1, size=(draws, count))
    whole = (first[:, :, None] + np.arange(_BLOCK)).reshape(draws, count * _BLOCK)
    return np.asarray(whole[:, :needed])


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


MACRO = ("real_gdp_growth", "headline_inflation", "short_term_rate")
UNEMPLOYMENT = "unemployment_rate"
MAX_LEAD = (
    8  # two years to either side: an index of the state of the market is not expected to lead or lag by more
)
# Quarters below which the tests have next to no power.
_MIN_CORRELATION, _MIN_UNIT_ROOT, _MIN_COINTEGRATION = 12, 20, 30
_ENOUGH, _ENOUGH_LONG_RUN = (
    40,
    60,
)  # ten and fifteen years; with fewer the sentence says that the sample is small
# The Fed's LMCI moved with the unemployment rate so closely that it added little; from here on we say so.
_REDUNDANT, _RELATED = 0.9, 0.5


def compute(
    labour_index: pd.DataFrame,
    macro: pd.DataFrame,
    quarter: pd.Period,
    *,
    seed: int,
    series: pd.DataFrame | None = None,
) -> Tables:
    """All tests of the composite for ``TH`` up to ``quarter``.

    labour_index   dimension, group, period, value; quarters
    macro          variable, period, value; quarterly means, any of the three variables may lack or end early
    series         the ``series`` table; its unemployment rate is compared with the index, when there is one
    Returns        index_tests, impulse_responses, cross_correlations
    """
    panel = _panel(labour_index, macro, quarter, series)
    variables = [name for name in panel.columns if name not in (INDEX, OTHERS)]
    rows = [_sample_row(panel, name, quarter) for name in (*MACRO, UNEMPLOYMENT)]
    stationary: dict[str, bool] = {}
    for name in [INDEX, *variables]:
        found = _stationarity_rows(panel, name)
        stationary[name] = found[0].verdict == "stationary"
        rows += found
    for name in variables:
        rows += _correlation_rows(panel, name)
    macro_variables = [name for name in MACRO if name in variables]
    rows += _cointegration_rows(panel, macro_variables, index_is_stationary=stationary[INDEX])
    structural = structural_tests(panel, macro_variables, stationary, np.random.default_rng(seed))
    crosses = [_cross_correlations(panel, name) for name in variables]
    return {
        "index_tests": frame_of([*rows, *structural.rows]),
        "impulse_responses": structural.impulse_responses,
        "cross_correlations": (
            pd.concat(crosses, ignore_index=True) if crosses else schema.empty("cross_correlations")
        ),
    }


def _panel(
    labour_index: pd.DataFrame, macro: pd.DataFrame, quarter: pd.Period, series: pd.DataFrame | None
) -> pd.DataFrame:
    """Quarter x variable without gaps in the calendar: the index, what macro variables exist, missing as NaN."""
    national = labour_index[labour_index["group"] == "TH"]
    columns = {INDEX: _by_quarter(national[national["dimension"] == "overall"])}
    others = national[~national["dimension"].isin(["overall", "economy"])]
    if others["dimension"].nunique():
        columns[OTHERS] = _by_quarter(others)
    for name in MACRO:
        columns[name] = _by_quarter(macro[macro["variable"] == name])
    if series is not None:
        chosen = series[(series["indicator"] == UNEMPLOYMENT) & (series["group"] == "TH")]
        columns[UNEMPLOYMENT] = _by_quarter(chosen.assign(value=chosen["adjusted"].fillna(chosen["raw"])))
    panel = pd.DataFrame({name: column for name, column in columns.items() if len(column)})
    if INDEX not in panel.columns:
        panel[INDEX] = np.nan
    if panel.empty:
        return panel
    calendar = pd.period_range(panel.index.min(), panel.index.max(), freq="Q-DEC")
    return panel.reindex(calendar).loc[:quarter]


def _by_quarter(rows: pd.DataFrame) -> pd.Series:
    """Mean of ``value`` by quarter (months and sub-indices are averaged); rows without a value drop out."""
    kept = rows.dropna(subset=["value"])
    quarters = pd.PeriodIndex([parse_period(text).asfreq("Q-DEC") for text in kept["period"]], freq="Q-DEC")
    return pd.Series(kept["value"].to_numpy(dtype=float), index=quarters).groupby(level=0).mean()


def _sample_row(panel: pd.DataFrame, name: str, quarter: pd.Period) -> ResultRow:
    """Which quarters of a variable there are: complete, with holes, ending early or missing."""
    present = panel[name].dropna() if name in panel else pd.Series(dtype=float)
    if present.empty:
        return ResultRow(
            "sample", name, verdict="missing", n=0, reading_th=say.sample(name, "missing", "", "", 0, 0)
        )
    first, last = present.index[0], present.index[-1]
    behind = (quarter - last).n
    holes = (last - first).n + 1 - len(present)
    verdict = "ends_early" if behind > 0 else "holes" if holes else "complete"
    text = say.sample(name, verdict, iso(first), iso(last), behind, holes)
    return ResultRow(
        "sample", name, float(len(present)), lags=behind, n=len(present), verdict=verdict, reading_th=text
    )


def _stationarity_rows(panel: pd.DataFrame, name: str) -> list[ResultRow]:
    """ADF and KPSS of one series."""
    values = longest_run(panel[[name]])[name].to_numpy(dtype=float)
    if refused := _refused("adf", name, values, _MIN_UNIT_ROOT):
        return [refused]
    unit_root, level = var_tests.adf(values), var_tests.kpss(values)
    verdicts = {
        "adf": "stationary" if unit_root.p_value < SIGNIFICANT else "unit_root",
        "kpss": "unit_root" if level.statistic > level.critical_5 else "stationary",
    }
    return [
        ResultRow.of(
            test,
            name,
            result,
            verdicts[test],
            say.with_caution(say.stationarity(test, name, verdicts[test]), result.n, _ENOUGH),
        )
        for test, result in (("adf", unit_root), ("kpss", level))
    ]


def _refused(test: str, name: str, values: np.ndarray, needed: int) -> ResultRow | None:
    """A row that says why a test cannot be made, or None when it can. ``values`` (n,) or (n, k)."""
    if len(values) < needed:
        text = say.too_short(test, name, len(values), needed)
        return ResultRow(test, name, n=len(values), verdict="too_short", reading_th=text)
    if any(var_tests.is_constant(column) for column in np.atleast_2d(values.T)):
        return ResultRow(test, name, n=len(values), verdict="constant", reading_th=say.constant(test, name))
    return None


@dataclass(frozen=True)
class _Correlation:
    value: float
    p_value: float
    n: int


def effective_quarters(first: np.ndarray, second: np.ndarray) -> float:
    """How many independent quarters two autocorrelated series are worth to a correlation (Bartlett 1946).

    first, second  (n,) without missing values, not constant
    """
    n = len(first)
    a, b = first - first.mean(), second - second.mean()
    inflation = 1.0
    for lag in range(1, min(n // 4, 12) + 1):
        product = (a[lag:] @ a[:-lag]) / (a @ a) * (b[lag:] @ b[:-lag]) / (b @ b)
        inflation += 2 * (1 - lag / n) * float(product)
    return min(float(n), n / max(inflation, 1e-6))


def _correlation(first: np.ndarray, second: np.ndarray) -> _Correlation:
    """Pearson correlation; the p-value counts autocorrelated quarters as fewer (Bartlett's effective sample size)."""
    value = float(np.corrcoef(first, second)[0, 1])
    freedom = max(effective_quarters(first, second) - 2, 1.0)
    statistic = value * math.sqrt(freedom / max(1 - value**2, 1e-12))
    return _Correlation(value, float(2 * stats.t.sf(abs(statistic), freedom)), len(first))


def _correlation_rows(panel: pd.DataFrame, name: str) -> list[ResultRow]:
    """Correlation with one variable: levels, changes, without the economy's dimension, and the best lead or lag."""
    sides = {"correlation": (panel[INDEX], panel[name])}
    sides["correlation_of_changes"] = (panel[INDEX].diff(), panel[name].diff())
    if OTHERS in panel and name != UNEMPLOYMENT:
        sides["correlation_without_economy"] = (panel[OTHERS], panel[name])
    rows = []
    for test, (first, second) in sides.items():
        both = pd.concat([first, second], axis=1).dropna().to_numpy(dtype=float)
        if refused := _refused(test, name, both, _MIN_CORRELATION):
            rows.append(refused)
            continue
        found = _correlation(both[:, 0], both[:, 1])
        verdict, text = _correlation_verdict(test, name, found)
        text = say.with_caution(text, found.n, _ENOUGH)
        rows.append(ResultRow(test, name, found.value, found.p_value, 0, found.n, math.nan, verdict, text))
    if rows[0].verdict not in ("too_short", "constant"):
        rows.append(_peak_row(panel, name))
    return rows


def _correlation_verdict(test: str, name: str, found: _Correlation) -> tuple[str, str]:
    """Verdict and reading; against the unemployment rate the question is redundancy, not significance."""
    if name == UNEMPLOYMENT:
        strength = -found.value
        if strength < 0 and found.p_value < SIGNIFICANT:
            verdict = "wrong_sign"
        else:
            verdict = (
                "redundant" if strength >= _REDUNDANT else "related" if strength >= _RELATED else "distinct"
            )
        return verdict, say.redundancy(test, found.value, verdict)
    verdict = "significant" if found.p_value < SIGNIFICANT else "not_significant"
    return verdict, say.correlation(test, name, found.value, verdict)


def _shifted(panel: pd.DataFrame, name: str, lead: int) -> np.ndarray:
    """(n, 2): the index and the variable ``lead`` quarters later, where both exist."""
    pair = pd.concat([panel[INDEX], panel[name].shift(-lead)], axis=1)
    return pair.dropna().to_numpy(dtype=float)


def _cross_correlations(panel: pd.DataFrame, name: str) -> pd.DataFrame:
    """Correlations of the index with one variable, ``-MAX_LEAD`` to ``MAX_LEAD`` quarters later."""
    rows = []
    for lead in range(-MAX_LEAD, MAX_LEAD + 1):
        pair = _shifted(panel, name, lead)
        usable = len(pair) >= _MIN_CORRELATION and not any(var_tests.is_constant(side) for side in pair.T)
        value = float(np.corrcoef(pair.T)[0, 1]) if usable else math.nan
        rows.append((INDEX, name, lead, value, len(pair)))
    return pd.DataFrame(rows, columns=schema.columns("cross_correlations"))


def _peak_row(panel: pd.DataFrame, name: str) -> ResultRow:
    """The lead at which the correlation is largest, judged with Bonferroni over the leads that were looked at."""
    table = _cross_correlations(panel, name).dropna(subset=["correlation"])
    lead = int(table["lead"].to_numpy()[np.argmax(np.abs(table["correlation"].to_numpy()))])
    pair = _shifted(panel, name, lead)
    found = _correlation(pair[:, 0], pair[:, 1])
    p_value = min(1.0, found.p_value * len(table))
    if p_value >= SIGNIFICANT:
        verdict = "no_relation"
    else:
        verdict = "coincident" if lead == 0 else "leads" if lead > 0 else "lags"
    text = say.with_caution(say.peak(name, found.value, lead, verdict), found.n, _ENOUGH)
    return ResultRow("correlation_peak", name, found.value, p_value, lead, found.n, math.nan, verdict, text)


def _cointegration_rows(
    panel: pd.DataFrame, variables: list[str], *, index_is_stationary: bool
) -> list[ResultRow]:
    """Engle-Granger with every macro variable and with all of them together."""
    groups = [(name, [name]) for name in variables]
    if len(variables) > 1:
        groups.append(("macro", variables))
    rows = []
    for label, members in groups:
        values = longest_run(panel[[INDEX, *members]]).to_numpy(dtype=float)
        if refused := _refused("engle_granger", label, values, _MIN_COINTEGRATION):
            rows.append(refused)
            continue
        result = var_tests.engle_granger(values[:, 0], values[:, 1:])
        if result is None:
            text = say.cointegration(label, "collinear", index_is_stationary=index_is_stationary)
            rows.append(
                ResultRow("engle_granger", label, n=len(values), verdict="collinear", reading_th=text)
            )
            continue
        verdict = "cointegrated" if result.p_value < SIGNIFICANT else "not_cointegrated"
        text = say.cointegration(label, verdict, index_is_stationary=index_is_stationary)
        rows.append(
            ResultRow.of(
                "engle_granger", label, result, verdict, say.with_caution(text, result.n, _ENOUGH_LONG_RUN)
            )
        )
    return rows
