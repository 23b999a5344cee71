"""Tests of the index: correlations, unit roots, cointegration, VAR, causality, structural shocks.

Goes in: ``labour_index`` and ``macro`` (docs/tables.md), the issue's quarter, a seed, and optionally ``series`` for the
unemployment rate. Comes out: ``index_tests``, ``impulse_responses``, ``cross_correlations``, each row with a plain Thai reading.
Method: study 3.3.4 (method.md, 1 step 8). What cannot be tested is a row that says why, never an error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from reporter.domain import schema
from reporter.domain.periods import iso, parse_period
from reporter.index import var_tests
from reporter.index import var_tests as say
from reporter.index.panel import longest_run
from reporter.index.structural import structural_tests
from reporter.index.var_tests import INDEX, ResultRow, frame_of

Tables = dict[str, pd.DataFrame]

MACRO = ("real_gdp_growth", "headline_inflation", "short_term_rate")
UNEMPLOYMENT = "unemployment_rate"
_OTHERS = "labour_index_without_economy"
MAX_LEAD = (
    8  # two years to either side: an index of the state of the market is not expected to lead or lag by more
)
SIGNIFICANT = 0.05  # the usual level; families of tests are corrected
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
    variables = [name for name in panel.columns if name not in (INDEX, _OTHERS)]
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
    if others["dimension"].nunique() > 1:
        columns[_OTHERS] = _by_quarter(others)
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
    if _OTHERS in panel and name != UNEMPLOYMENT:
        sides["correlation_without_economy"] = (panel[_OTHERS], panel[name])
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


# ----------------------------------------------------------------------------------------------------
# Tests of the index against the economy: unit roots, cointegration, VAR and SVAR. In and out: ``stage.compute``.
# ----------------------------------------------------------------------------------------------------

__all__ = ["compute"]
