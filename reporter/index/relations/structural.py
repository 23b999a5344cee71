"""The VAR and SVAR of the index with the macro variables: rows of ``index_tests`` and ``impulse_responses``.

Part of the relations stage. In: the panel of ``relations`` and which series are stationary. Out: a ``Structural``.
Method: study 3.3.4 no. 3 and 4. Lags by AICc, raised while the residuals are autocorrelated and the sample allows;
recursive identification in the order output, prices, labour market, interest rate (Christiano, Eichenbaum and
Evans 1999: the interest rate reacts at once to the others, which react to it with a lag).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from statsmodels.tsa.vector_ar.var_model import VAR

from reporter.domain import schema
from reporter.index.panel import longest_run
from reporter.index.relations import readings as say
from reporter.index.relations import svar, unit_roots
from reporter.index.relations.readings import INDEX
from reporter.index.relations.verdicts import Row

ORDER = ("real_gdp_growth", "headline_inflation", INDEX, "short_term_rate")
HORIZONS = 12
SHARE_HORIZON = 8
BAND_LEVEL = 0.90
BOOTSTRAP_DRAWS = 999
_SIGNIFICANT = 0.05
_MIN_QUARTERS, _ENOUGH = 30, 60
_SINGULAR = 1e-8
_ORDER_TOLERANCE = 0.5  # points of the index: a response that moves less does not hang on the order


@dataclass
class Structural:
    """What the VAR yields; empty responses when it cannot be had."""

    rows: list[Row] = field(default_factory=list)
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
        found.rows.append(Row("var_sample", "macro", n=0, verdict="dropped", reading_th=text))
    order = tuple(name for name in ORDER if name in used)
    sample = longest_run(panel[list(order)]).to_numpy(dtype=float) if len(order) > 1 else np.empty((0, 1))
    limit = svar.largest_lag(len(sample), len(order)) if len(order) > 1 else 0
    if refused := _refused(sample, order, limit):
        found.rows.append(refused)
        return found
    lags = _lag_rows(found, sample, limit)
    model = svar.fit(sample, lags)
    _granger_rows(found, sample, order, lags, augment=int(not all(stationary.get(name) for name in order)))
    if _stability_row(found, model, len(sample)):
        _response_rows(found, sample, order, model, rng)
    return found


def _choose_variables(panel: pd.DataFrame, macro: list[str]) -> tuple[list[str], list[str]]:
    """Variables of the VAR and those left out because the common sample would be too short with them."""
    moving = [
        name for name in macro if not unit_roots.is_constant(panel[name].dropna().to_numpy(dtype=float))
    ]
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


def _refused(sample: np.ndarray, order: tuple[str, ...], limit: int) -> Row | None:
    """Why there is no VAR, or None."""
    if len(order) < 2:
        return Row("var", "macro", n=0, verdict="missing", reading_th=say.unusable("missing", ()))
    if len(sample) < _MIN_QUARTERS or limit == 0:
        text = say.too_short("var", "macro", len(sample), _MIN_QUARTERS)
        return Row("var", "macro", n=len(sample), verdict="too_short", reading_th=text)
    if any(unit_roots.is_constant(column) for column in sample.T):
        return Row("var", "macro", n=len(sample), verdict="constant", reading_th=say.constant("var", INDEX))
    covariance = svar.fit(sample, 1).covariance
    scale = np.sqrt(np.diag(covariance))
    if not scale.all() or np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < _SINGULAR:
        text = say.unusable("collinear", ())
        return Row("var", "macro", n=len(sample), verdict="collinear", reading_th=text)
    return None


def _lag_rows(found: Structural, sample: np.ndarray, limit: int) -> int:
    """Rows of the lag choice and of the residual tests; returns the lags used."""
    choice = svar.choose_lags(sample, limit)
    start = choice.best("aicc")
    whiteness = {lags: _whiteness(sample, lags) for lags in range(start, limit + 1)}
    passing = [lags for lags, (_, p_value, _) in whiteness.items() if p_value >= _SIGNIFICANT]
    used = passing[0] if passing else start
    for criterion in ("aic", "bic", "aicc"):
        best = choice.best(criterion)
        verdict = "used" if best == used else "not_used"
        text = say.lag_choice(criterion, best, used, raised=used != start)
        value = float(getattr(choice, criterion)[best - 1])
        found.rows.append(
            Row(f"var_lags_{criterion}", "var", value, math.nan, best, len(sample), math.nan, verdict, text)
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
    verdict = "passed" if p_value >= _SIGNIFICANT else "failed"
    text = say.with_caution(say.residuals(test, verdict), n, _ENOUGH)
    found.rows.append(Row(test, "var", statistic, p_value, lags, n, math.nan, verdict, text))


def _stability_row(found: Structural, model: svar.VarFit, n: int) -> bool:
    """Whether all roots lie inside the unit circle; the row says it."""
    root = float(svar.companion_root(model.coefficients))
    verdict = "stable" if root < 1 else "unstable"
    text = say.with_caution(say.stability(root, verdict), n, _ENOUGH)
    found.rows.append(Row("var_stability", "var", root, math.nan, model.lags, n, 1.0, verdict, text))
    return verdict == "stable"


def _granger_rows(
    found: Structural, sample: np.ndarray, order: tuple[str, ...], lags: int, *, augment: int
) -> None:
    """Causality to and from the index given all the other variables, judged with Holm's correction."""
    target = order.index(INDEX)
    k = len(order)
    # The extra lag is only taken when the sample can carry it; otherwise the plain test stands.
    extra = augment if len(sample) - lags - augment > k * (lags + augment) + 10 else 0
    pairs = [(j, target) for j in range(k) if j != target] + [(target, j) for j in range(k) if j != target]
    results = [svar.causality(sample, lags, cause, effect, augment=extra) for cause, effect in pairs]
    rejected = _holm([p_value for _, p_value, _ in results])
    for (cause, effect), (statistic, p_value, _), sure in zip(pairs, results, rejected, strict=True):
        verdict = "predicts" if sure else "weak" if p_value < _SIGNIFICANT else "none"
        test = "granger_to_index" if effect == target else "granger_from_index"
        variable = order[cause] if effect == target else order[effect]
        text = say.with_caution(say.granger(order[cause], order[effect], verdict), len(sample), _ENOUGH)
        found.rows.append(Row(test, variable, statistic, p_value, lags, len(sample), math.nan, verdict, text))


def _holm(p_values: list[float]) -> list[bool]:
    """Which hypotheses Holm's step-down procedure rejects at 5 %."""
    rejected = [False] * len(p_values)
    for step, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[place] * (len(p_values) - step) >= _SIGNIFICANT:
            break
        rejected[place] = True
    return rejected


def _response_rows(
    found: Structural,
    sample: np.ndarray,
    order: tuple[str, ...],
    model: svar.VarFit,
    rng: np.random.Generator,
) -> None:
    """Impulse responses with bands; rows for identification, order, largest responses, variance shares."""
    paths = svar.responses(model.coefficients, model.covariance, HORIZONS)
    low, high = svar.bootstrap_bands(
        sample, model, HORIZONS, draws=BOOTSTRAP_DRAWS, level=BAND_LEVEL, rng=rng
    )
    n, target = len(sample), order.index(INDEX)
    text = say.identification(order)
    found.rows.append(
        Row(
            "svar_identification",
            " > ".join(order),
            lags=model.lags,
            n=n,
            verdict="recursive",
            reading_th=text,
        )
    )
    found.rows.append(_ordering_row(sample, order, model, paths))
    shares = svar.variance_shares(paths, SHARE_HORIZON)
    for shock, name in enumerate(order):
        if shock == target:
            continue
        path = paths[:, target, shock]
        peak = int(np.argmax(np.abs(path)))
        clear = (low[:, target, shock] > 0) | (high[:, target, shock] < 0)
        verdict = "significant" if clear[peak] else "not_significant"
        text = say.with_caution(say.response(name, float(path[peak]), peak, verdict), n, _ENOUGH)
        found.rows.append(
            Row("svar_response", name, float(path[peak]), math.nan, peak, n, math.nan, verdict, text)
        )
    for shock, name in enumerate(order):
        value = float(shares[target, shock])
        text = say.with_caution(say.share(name, value, SHARE_HORIZON), n, _ENOUGH)
        found.rows.append(
            Row("svar_variance_share", name, value, math.nan, SHARE_HORIZON, n, math.nan, "share", text)
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


def _ordering_row(sample: np.ndarray, order: tuple[str, ...], model: svar.VarFit, paths: np.ndarray) -> Row:
    """How far the responses of the index move when it stands first instead."""
    other = (INDEX, *(name for name in order if name != INDEX))
    places = [order.index(name) for name in other]
    turned = svar.responses(
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
    return Row("svar_ordering", label, largest, math.nan, model.lags, len(sample), math.nan, verdict, text)
