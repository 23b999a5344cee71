"""Forecast of the composite four quarters ahead: the best of several models, with calibrated intervals.

Goes in: ``labour_index`` and ``macro`` (docs/tables.md), the issue's quarter, a seed, and optionally the forecasts and index vintages of
earlier issues. Comes out: ``forecast``, ``forecast_evaluation``, ``forecast_scorecard``, ``forecast_notes``.
Method: study 3.3.5 (method.md, 1 step 9); the models are in forecast_models; rolling origins and intervals stand here.
Too short a series gives empty tables and a note that says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from reporter.domain import schema
from reporter.domain.periods import iso, parse_period
from reporter.domain.schema import Tables
from reporter.domain.thai import join_th, number, quarter_th
from reporter.index import forecast_models, var_tests
from reporter.index import forecast_models as arima
from reporter.index.forecast_models import (
    HORIZONS,
    SEASONS,
    History,
    Path,
)
from reporter.index.panel import Array, longest_run

# ----------------------------------------------------------------------------------------------------
# Rolling origins: every model forecasts from every past quarter, with what was known then; errors, choice, tests.
#
# Part of the forecast stage. In: the index and the macro variables by quarter. Out: ``Rolling``, accuracy by model and horizon.
# Method: study 3.3.5. The winner is chosen on the first origins and reported on the later ones, so that the
# reported errors were not used to choose. One model serves all horizons: errors of one origin hang together, so a horizon of its own chooses by
# chance (measured, docs/index.md). The index's own model stands first and is replaced only by a model better by more than a standard error. A
# model must beat no change, or the mean of all is published, whose weights differ by horizon. Equal accuracy against the seasonal naive forecast is tested with Coroneo and
# Iacone (2020), fixed bandwidth, because the usual test rejects far too often at these lengths.
# ----------------------------------------------------------------------------------------------------


MEAN, BENCHMARK, NO_CHANGE, JOINT = "mean", "seasonal_naive", "naive", "joint"
PROCEDURE = "procedure"  # what choosing at every origin by the errors known there would have forecast
MODELS = ("naive", BENCHMARK, "sarima", "ets", "theta", "ar", "var", JOINT, MEAN)
SMALL_MODELS = ("naive", BENCHMARK, "theta", "ar", JOINT, MEAN)
_IDENTIFY_EVERY = 8  # quarters between two searches for the order, as in production once in two years
# The first 60 % of the origins choose, the rest report errors of the choice that were not used for it.
_SELECTION_SHARE = 0.6
_NEEDED_SHARE = 0.8  # of the selection origins at which a model must have converged
_NULL_DRAWS = 9_999  # the p-value of a test has a simulation error below 0.005 at 0.05
_PARAMETERS = 4  # what a small model estimates: freedom of the t quantile
_FEWEST_OUTCOMES = 8  # fewer tell nothing of a distribution
_SMALLEST_RATIO = 0.1  # no model is believed to be ten times better than no change
_WEIGHT_POWER = 4  # of the inverse errors in the mean of all: on 128 simulated series 2 leaves more to poor models, 8 is no better
_POOLED_ORIGINS = 4  # origins that a horizon's ratio is shrunk by to the mean over horizons: four overlap in one forecast of a year
# Standard error of the difference of two models' ratios by block bootstrap: 0.07 to 0.13, sample and simulated workspaces. Within it the
# preferred model stays (the one-standard-error rule, Breiman et al. 1984): the least of many noisy numbers is often the least by chance.
_STANDARD_ERROR = 0.12
_PREFERRED = (
    JOINT,
    MEAN,
)  # the model that makes the index; where its past forecasts are not known, the mean of all
_DISCOUNT = 0.95  # weight of an error one quarter older: errors of five years ago count a third


@dataclass(frozen=True)
class Forms:
    """Orders found at the last identification."""

    sarima: arima.Order = field(default_factory=arima.Order)
    ets: forecast_models.SmoothingForm = field(default_factory=forecast_models.SmoothingForm)


@dataclass
class Rolling:
    """Forecasts of every model from every origin.

    origins  positions in the series; the forecast from origin o uses ``values[: o + 1]``
    means, sds  by model: (origins, horizons), NaN where the model could not be had
    actual   (origins, horizons), NaN where the quarter has not come yet
    failed   by model: origins at which it could not be had
    """

    origins: list[int]
    actual: Array
    means: dict[str, Array] = field(default_factory=dict)
    sds: dict[str, Array] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    def errors(self, model: str) -> Array:
        """Actual less forecast, (origins, horizons)."""
        return np.asarray(self.actual - self.means[model])

    def known_at(self, origin: int) -> NDArray[np.bool_]:
        """Which errors a forecaster at ``origin`` knew: (origins, horizons)."""
        targets = np.array(self.origins)[:, None] + np.arange(1, HORIZONS + 1)
        return np.asarray(targets <= origin)


def identify(history: History) -> Forms:
    """Search the orders anew."""
    return Forms(arima.identify_sarima(history), forecast_models.identify_ets(history))


def forecast_all(
    history: History, forms: Forms, names: tuple[str, ...], ahead: Array | None = None
) -> dict[str, Path]:
    """Forecasts of the models that can be had at this origin, without their mean (``combined``).

    ahead  the joint model's forecast from this origin; None: there is none
    """
    fitters: Mapping[str, Callable[[], Path | None]] = {
        "naive": lambda: forecast_models.naive(history),
        BENCHMARK: lambda: forecast_models.seasonal_naive(history),
        "sarima": lambda: arima.sarima(history, forms.sarima),
        "ets": lambda: forecast_models.smoothing(history, forms.ets),
        "theta": lambda: forecast_models.theta(history),
        "ar": lambda: forecast_models.autoregression(history),
        "var": lambda: forecast_models.vector_autoregression(history),
        JOINT: lambda: forecast_models.given(history, ahead),
    }
    paths = {}
    for name in names:
        path = fitters[name]() if name != MEAN else None
        if path is not None and np.isfinite(path.mean).all() and (path.sd > 0).all():
            paths[name] = path
    return paths


def combined(rolling: Rolling, paths: Mapping[str, Path], origin: int) -> Path:
    """Mean of the models' forecasts, weighted at each horizon by inverse powers of their errors known at ``origin`` (Bates and Granger 1969).

    A horizon's errors are shrunk to those of all horizons. A model that is not judged yet weighs as no change does; before the first error is known all
    weigh alike.
    """
    ratios = horizon_ratios(rolling, tuple(paths), origin)
    known = np.array([ratios.get(name, np.ones(HORIZONS)) for name in paths])
    weights = np.maximum(known, _SMALLEST_RATIO) ** -_WEIGHT_POWER
    weights /= weights.sum(axis=0)
    means, sds = (np.array([getattr(path, part) for path in paths.values()]) for part in ("mean", "sd"))
    return Path((weights * means).sum(axis=0), (weights * sds).sum(axis=0))


def first_origin(length: int) -> int:
    """Position of the first origin: 12 to 28 quarters stand before it."""
    return min(max(round(0.45 * length), 12), 28) - 1


@dataclass(frozen=True)
class Macro:
    """Macro variables on the index's quarters, and what was known of them at each origin.

    values  (n, k) as known today; lags: quarters by which each comes later than the index, cut off at every origin alike
    known   by origin and column: the variable as the store of vintages knew it then (n values up to the origin), in place of today's
    """

    values: Array
    lags: tuple[int, ...]
    known: Mapping[tuple[int, int], Array] = field(default_factory=dict)

    def at(self, origin: int) -> Array:
        """(origin + 1, k): what was known there."""
        found = self.values[: origin + 1].copy()
        for column, lag in enumerate(self.lags):
            if (origin, column) in self.known:
                found[:, column] = self.known[origin, column]
            elif lag:
                found[-lag:, column] = np.nan
        return found


def roll(
    values: Array,
    macro: Macro | None,
    names: tuple[str, ...],
    *,
    vintages: Mapping[int, Array] | None = None,
    ahead: Mapping[int, Array] | None = None,
) -> Rolling:
    """Forecast from every origin with what was known there. Errors are against first releases where vintages have them.

    vintages   by origin: the index as it was published then, in place of today's
    ahead      by origin: the joint model's forecast
    """
    n = len(values)
    origins = list(range(first_origin(n), n - 1))
    reached = np.array(origins)[:, None] + np.arange(1, HORIZONS + 1)
    first = np.array([(vintages or {}).get(place, values[: place + 1])[-1] for place in range(n)])
    actual = np.where(reached < n, first[np.minimum(reached, n - 1)], np.nan)
    rolling = Rolling(origins, actual)
    empty = np.full((len(origins), HORIZONS), np.nan)
    for name in names:
        rolling.means[name], rolling.sds[name] = empty.copy(), empty.copy()
    forms, searched = Forms(), {"sarima", "ets"} & set(names)
    for place, origin in enumerate(origins):
        known = (vintages or {}).get(origin, values[: origin + 1])
        history = History(
            known, macro.at(origin) if macro is not None else None, forecast_models.is_seasonal(known)
        )
        if searched and place % _IDENTIFY_EVERY == 0:
            forms = identify(history)
        paths = forecast_all(history, forms, names, (ahead or {}).get(origin))
        if MEAN in names and paths:
            paths[MEAN] = combined(rolling, paths, origin)
        for name, path in paths.items():
            rolling.means[name][place], rolling.sds[name][place] = path.mean, path.sd
    rolling.failed = {name: int(np.isnan(rolling.means[name][:, 0]).sum()) for name in names}
    return rolling


def split_origin(rolling: Rolling) -> int:
    """First origin of the reported part; errors whose quarter came by then choose the model."""
    return rolling.origins[round(_SELECTION_SHARE * len(rolling.origins))]


def horizon_ratios(
    rolling: Rolling, names: tuple[str, ...], origin: int, pooled: float = _POOLED_ORIGINS
) -> dict[str, Array]:
    """Discounted mean absolute error of every model relative to no change, by horizon, as known at ``origin``.

    pooled  origins by which a horizon is shrunk to the mean over horizons. Models that could not be had at most origins are left out. Absolute errors, so
    that one shock does not decide; older errors count less
    """
    known = rolling.known_at(origin)
    ahead = np.arange(1, HORIZONS + 1)
    age = origin - (np.array(rolling.origins)[:, None] + ahead)
    weight = np.where(known, _DISCOUNT ** np.maximum(age, 0), 0.0)
    benchmark = np.where(known, np.abs(rolling.errors(NO_CHANGE)), np.nan)
    needed = max(_NEEDED_SHARE * np.isfinite(benchmark[:, 0]).sum(), 1)
    ratios = {}
    for name in names:
        own = np.where(known, np.abs(rolling.errors(name)), np.nan)
        both = np.isfinite(own) & np.isfinite(benchmark)
        if both[:, 0].sum() < needed:
            continue
        sums = [(weight * np.where(both, np.nan_to_num(e), 0.0)).sum(axis=0) for e in (own, benchmark)]
        judged = both.any(axis=0)
        found = sums[0] / np.maximum(sums[1], 1e-12)
        middle = float(found[judged].mean())
        # Forecasts of h quarters overlap, so h of them tell as much as one.
        count = (weight * both).sum(axis=0) / ahead
        share = count / (count + pooled)
        ratios[name] = share * np.where(judged, found, middle) + (1 - share) * middle
    return ratios


def choose(
    rolling: Rolling, names: tuple[str, ...], available: set[str], origin: int | None = None
) -> tuple[str, dict[str, float]]:
    """The model that forecasts: by discounted mean absolute errors relative to no change, averaged over horizons.

    A preferred model stays unless another is better by more than a standard error; what does not beat no change is replaced by the mean of all.
    ``available``: models that can be had at the end; ``origin``: what is known there decides, by default at the first origin of the reported
    part. Returns the winner and every candidate's ratio.
    """
    at = split_origin(rolling) if origin is None else origin
    everywhere = horizon_ratios(rolling, tuple(name for name in names if name in available), at, math.inf)
    ratios = {name: float(found[0]) for name, found in everywhere.items()}
    better = {name: ratio for name, ratio in ratios.items() if ratio < 1 and name != NO_CHANGE}
    if not better:
        return (MEAN if MEAN in ratios else NO_CHANGE), ratios
    least = min(better.values())
    for name in _PREFERRED:
        if name in better and better[name] <= least + _STANDARD_ERROR:
            return name, ratios
    return min(better, key=lambda name: (better[name], names.index(name))), ratios


def add_procedure(rolling: Rolling, names: tuple[str, ...]) -> None:
    """Adds what the whole procedure would have forecast: at every origin the model chosen by the errors known there."""
    means, sds = (np.full((len(rolling.origins), HORIZONS), np.nan) for _ in range(2))
    for place, origin in enumerate(rolling.origins):
        there = {name for name in names if np.isfinite(rolling.means[name][place]).all()}
        if not there:
            continue
        winner, _ = choose(rolling, names, there, origin)
        winner = winner if winner in there else sorted(there)[0]
        means[place], sds[place] = rolling.means[winner][place], rolling.sds[winner][place]
    rolling.means[PROCEDURE], rolling.sds[PROCEDURE] = means, sds


def intervals_at(rolling: Rolling, model: str, origin: int, sd: Array) -> Array:
    """Half-widths (horizons, 2) of a forecast from ``origin``, calibrated on the errors known there."""
    standardised = np.where(rolling.known_at(origin), rolling.errors(model) / rolling.sds[model], np.nan)
    wide = multipliers(standardised, origin + 1 - _PARAMETERS)
    # The farther, the less sure: a horizon is never narrower than the one before it.
    return np.asarray(np.maximum.accumulate(np.maximum.accumulate(sd)[:, None] * wide, axis=0))


def evaluation(
    rolling: Rolling, names: tuple[str, ...], winner: str, values: Array, seed: int
) -> pd.DataFrame:
    """``forecast_evaluation``: accuracy on the reported origins only, which had no part in the choice."""
    split = split_origin(rolling)
    reported = np.array(rolling.origins) >= split
    scale = float(np.mean(np.abs(values[SEASONS : split + 1] - values[: split + 1 - SEASONS])))
    benchmark = rolling.errors(BENCHMARK)
    rows = []
    for name in (*names, *([PROCEDURE] if PROCEDURE in rolling.means else [])):
        errors = rolling.errors(name)
        covered = _coverage(rolling, name, reported)
        scores = _distribution_scores(rolling, name, reported)
        for step in range(HORIZONS):
            own = errors[reported, step]
            kept = own[np.isfinite(own)]
            difference = (np.abs(errors) - np.abs(benchmark))[reported, step]
            statistic, p_value = equal_accuracy(difference[np.isfinite(difference)], seed)
            rows.append(
                {
                    "model": name,
                    "horizon": step + 1,
                    "rmse": math.sqrt(float(np.mean(kept**2))) if len(kept) else math.nan,
                    "mae": float(np.mean(np.abs(kept))) if len(kept) else math.nan,
                    "selected": name == winner,
                    "mase": float(np.mean(np.abs(kept))) / scale if len(kept) and scale > 0 else math.nan,
                    "coverage80": covered[step, 0],
                    "coverage95": covered[step, 1],
                    "dm_statistic": statistic,
                    "dm_p_value": p_value,
                    "n": len(kept),
                    "crps": scores[0][step],
                    "pit_p_value": scores[1][step],
                }
            )
    return pd.DataFrame(rows)


def _coverage(rolling: Rolling, model: str, reported: NDArray[np.bool_]) -> Array:
    """Share of reported errors inside the 80 % and 95 % intervals that could have been printed then: (horizons, 2)."""
    inside = np.full((len(rolling.origins), HORIZONS, 2), np.nan)
    errors = rolling.errors(model)
    for place in np.flatnonzero(reported):
        half = intervals_at(rolling, model, rolling.origins[place], rolling.sds[model][place])
        hit = np.abs(errors[place])[:, None] <= half
        inside[place] = np.where(np.isfinite(errors[place])[:, None], hit, np.nan)
    counts = np.isfinite(inside).sum(axis=0)
    hits = np.nansum(inside, axis=0)
    return np.asarray(np.where(counts > 0, hits / np.maximum(counts, 1), np.nan))


def _distribution_scores(rolling: Rolling, model: str, reported: NDArray[np.bool_]) -> tuple[Array, Array]:
    """CRPS of the normal distribution that the 80 % interval describes, and the p-value that outcomes follow it (PIT)."""
    errors = rolling.errors(model)
    spread = np.full_like(errors, np.nan)
    for place in np.flatnonzero(reported):
        half = intervals_at(rolling, model, rolling.origins[place], rolling.sds[model][place])
        spread[place] = half[:, 0] / stats.norm.ppf(0.9)
    crps, p_values = np.full(HORIZONS, np.nan), np.full(HORIZONS, np.nan)
    for step in range(HORIZONS):
        kept = np.isfinite(errors[:, step]) & np.isfinite(spread[:, step]) & reported
        if not kept.any():
            continue
        z = errors[kept, step] / spread[kept, step]
        # Gneiting and Raftery (2007), equation 21.
        score = z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi)
        crps[step] = float(np.mean(spread[kept, step] * score))
        if kept.sum() >= _FEWEST_OUTCOMES:
            p_values[step] = float(stats.kstest(stats.norm.cdf(z), "uniform").pvalue)
    return crps, p_values


def equal_accuracy(difference: Array, seed: int) -> tuple[float, float]:
    """Coroneo-Iacone test that the mean loss difference is zero; negative: the model is better than the benchmark.

    difference  (n,) loss of the model less loss of the benchmark; under 8 quarters there is no test (NaN)
    The long-run variance takes Bartlett's kernel with bandwidth sqrt(n); its fixed-b distribution is simulated.
    """
    n = len(difference)
    if n < 8 or np.ptp(difference) == 0:
        return math.nan, math.nan
    statistic = float(_fixed_b(difference[None, :])[0])
    null = _null_distribution(n, seed)
    exceeding = int(np.sum(null >= abs(statistic)))
    return statistic, (1 + exceeding) / (1 + len(null))


@lru_cache(maxsize=64)
def _null_distribution(n: int, seed: int) -> Array:
    """Absolute statistics of series of ``n`` independent normal differences."""
    return np.abs(_fixed_b(np.random.default_rng([seed, n]).standard_normal((_NULL_DRAWS, n))))


def _fixed_b(differences: Array) -> Array:
    """Studentised means of the rows with Bartlett's long-run variance, bandwidth floor(sqrt(n))."""
    n = differences.shape[1]
    bandwidth = math.isqrt(n)
    centred = differences - differences.mean(axis=1, keepdims=True)
    variance = (centred**2).sum(axis=1) / n
    for lag in range(1, bandwidth):
        variance = (
            variance + 2 * (1 - lag / bandwidth) * (centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / n
        )
    return np.asarray(differences.mean(axis=1) / np.sqrt(variance / n))


# ----------------------------------------------------------------------------------------------------
# Calibration of forecast intervals: rolling errors determine the width of the model's intervals.
#
# Part of the forecast stage. In: errors of rolling origins, each divided by the standard error that the model claimed there. Out:
# multipliers by horizon, for 80 % and 95 %. Method: normalised split conformal prediction (Lei et al. 2018) blended with Student's
# t, because at 15 to 45 origins the outer quantile of the errors alone is one or two observations. The errors of all horizons
# together give the size, those of one horizon its shape around it, shrunk as they are few. One shock (2020) stays in the
# errors, but the multipliers are bounded: it widens the intervals without making them useless.
# ``tests/bench/bench_forecast.py`` measures the coverage by horizon, process and length.
# ----------------------------------------------------------------------------------------------------

LEVELS = (0.80, 0.95)  # what the study prints: the likely and the nearly certain range
_PRIOR_ORIGINS = 12  # the t quantile weighs as much as this many origins
_PRIOR_ERRORS = 10  # the shape over horizons weighs as much as this many errors of one horizon
_BOUNDS = (0.9, 1.5)  # of the common multiplier, relative to the t quantile
_HORIZON_BOUNDS = (0.8, 1.8)  # wider than the common bounds, since one horizon has fewer errors
_SHAPE_LEVEL = LEVELS[0]  # the outer quantile of one horizon would rest on a single error
_MIN_ORIGINS = 5  # below, the 80 % quantile of the errors would be their largest: only theory is used


def multipliers(standardised: Array, level_sd_freedom: int) -> Array:
    """Half-widths of the 80 % and 95 % intervals in units of the model's standard error: (horizons, 2).

    standardised       (origins, horizons): error / claimed standard error; NaN where unknown
    level_sd_freedom   degrees of freedom behind the model's standard error (quarters less parameters)
    """
    origins = int(np.isfinite(standardised).any(axis=1).sum())
    theory = stats.t.ppf((1 + np.array(LEVELS)) / 2, max(level_sd_freedom, 3))
    if origins < _MIN_ORIGINS:
        return np.tile(theory, (standardised.shape[1], 1))
    known = np.abs(standardised[np.isfinite(standardised)])
    # Errors of one origin hang together: the finite-sample correction counts origins, not errors.
    empirical = np.array([_quantile(known, level, origins) for level in LEVELS])
    weight = origins / (origins + _PRIOR_ORIGINS)
    common = np.exp(weight * np.log(empirical) + (1 - weight) * np.log(theory))
    common = np.clip(common, _BOUNDS[0] * theory, _BOUNDS[1] * theory)
    middle = _quantile(known, _SHAPE_LEVEL, origins)
    shape = np.array([_shape(np.abs(errors[np.isfinite(errors)]), middle) for errors in standardised.T])
    found = np.clip(np.outer(shape, common), _HORIZON_BOUNDS[0] * theory, _HORIZON_BOUNDS[1] * theory)
    return np.maximum.accumulate(found, axis=1)


def _quantile(errors: Array, level: float, count: int) -> float:
    """Quantile with the finite-sample correction of split conformal prediction; never zero."""
    return max(float(np.quantile(errors, min(1.0, level * (1 + 1 / count)))), 1e-12)


def _shape(errors: Array, middle: float) -> float:
    """How much wider one horizon's standardised errors spread than those of all horizons, shrunk to 1."""
    if len(errors) == 0:
        return 1.0
    weight = len(errors) / (len(errors) + _PRIOR_ERRORS)
    return math.exp(weight * math.log(_quantile(errors, _SHAPE_LEVEL, len(errors)) / middle))


MIN_QUARTERS = (
    18  # ten quarters to estimate on, eight origins to judge by: below, no model can be told from another
)
_ALL_MODELS_FROM = 30  # SARIMA, ETS and VAR need 24 quarters to converge, and origins after them
_MAX_MACRO_LAG = 2  # a variable known later than that tells nothing of the coming quarters
_SHOCK = 4.0  # robust standard deviations of a quarterly change that is named as a shock
_SCORECARD_ORIGINS = 8  # two years of earlier forecasts: what a reader remembers

MODEL_NAMES = {
    "naive": "ค่าล่าสุด",
    BENCHMARK: "ค่าไตรมาสเดียวกันของปีก่อน",
    "sarima": "SARIMA",
    "ets": "การปรับให้เรียบแบบเอกซ์โพเนนเชียล (ETS)",
    "theta": "วิธีทีตา",
    "ar": "อัตถดถอย (AR)",
    "var": "VAR ร่วมกับตัวแปรเศรษฐกิจมหภาค",
    "joint": "แบบจำลองร่วมของดัชนี",
    "mean": "ค่าเฉลี่ยของทุกแบบจำลอง",
    "procedure": "การเลือกแบบจำลองทั้งกระบวนการ",
}


@dataclass
class _Notes:
    """What the appendix says about how the forecast was made: item, subject, number, sentence."""

    rows: list[tuple[str, str, float, str]] = field(default_factory=list)

    def add(self, item: str, value: float, text_th: str, subject: str = "") -> None:
        """One more row; ``subject`` is the variable or quarter of an item that may come several times."""
        self.rows.append((item, subject, float(value), text_th))

    def frame(self) -> pd.DataFrame:
        """``forecast_notes``."""
        return pd.DataFrame(self.rows, columns=schema.columns("forecast_notes"))


def compute(
    labour_index: pd.DataFrame,
    macro: pd.DataFrame,
    quarter: pd.Period,
    *,
    seed: int,
    earlier: pd.DataFrame | None = None,
    vintages: pd.DataFrame | None = None,
    simulated: pd.DataFrame | None = None,
    macro_known: pd.DataFrame | None = None,
) -> Tables:
    """Forecast the composite of ``TH`` for the four quarters after ``quarter``.

    labour_index  dimension, group, period, value
    macro         variable, period, value; a variable that ended more than two quarters ago stays out of the VAR
    earlier       issued, period, mean, low80, high80: forecasts that earlier issues published
    vintages      issued, period, value: the composite as earlier issues published it; origins that have one use it
    simulated     ``index_vintages``: the composite and the joint model's forecast as seen from every past quarter
    macro_known   issued, variable, period, value: macro variables as the store of vintages knew them at past quarters; origins
                  without one cut today's series off by its present delay
    Returns       tables without rows, and the reason in forecast_notes, when there are under 18 quarters
    """
    notes = _Notes()
    index = _series(labour_index, quarter)
    if refused := _refusal(index, quarter):
        notes.add("refused", len(index), refused)
        return _empty(notes)
    values = index.to_numpy(dtype=float)
    names: tuple[str, ...] = MODELS if len(values) >= _ALL_MODELS_FROM else SMALL_MODELS
    economy = _macro(macro, macro_known, pd.PeriodIndex(index.index), notes)
    ahead = _joint_forecasts(simulated, index)
    printed = _known_vintages(vintages, index)
    known = _known_vintages(_up_to_origin(simulated), index) | printed
    if not ahead:
        names = tuple(name for name in names if name != JOINT)
    rolling = roll(values, economy, names, vintages=known, ahead=ahead)
    history = History(
        values, economy.values if economy is not None else None, forecast_models.is_seasonal(values)
    )
    forms = identify(history)
    paths = forecast_all(history, forms, names, ahead.get(len(values) - 1))
    paths[MEAN] = combined(rolling, paths, len(values) - 1)
    add_procedure(rolling, names)
    winner, ratios = choose(rolling, names, set(paths))
    half = intervals_at(rolling, winner, len(values) - 1, paths[winner].sd)
    _describe(notes, rolling, index, winner, ratios, forms)
    _describe_releases(notes, rolling.origins, set(known), set(printed))
    if economy is not None:
        _describe_macro(notes, rolling.origins, economy)
    return {
        "forecast": _forecast(quarter, paths[winner], half),
        "forecast_evaluation": evaluation(rolling, names, winner, values, seed),
        "forecast_scorecard": (
            _from_origins(rolling, winner, index) if earlier is None else _from_issues(earlier, index)
        ),
        "forecast_notes": notes.frame(),
    }


def _series(labour_index: pd.DataFrame, quarter: pd.Period) -> pd.Series:
    """The composite by quarter up to the issue's: the last stretch without a hole."""
    rows = labour_index[(labour_index["dimension"] == "overall") & (labour_index["group"] == "TH")]
    rows = rows.dropna(subset=["value"])
    quarters = pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC")
    index = pd.Series(rows["value"].to_numpy(dtype=float), index=quarters).sort_index().loc[:quarter]
    gaps = np.flatnonzero(np.diff(pd.PeriodIndex(index.index).asi8) != 1)
    return index.iloc[gaps[-1] + 1 :] if len(gaps) else index


def _refusal(index: pd.Series, quarter: pd.Period) -> str:
    """Why there is no forecast, or an empty text."""
    if len(index) < MIN_QUARTERS:
        return f"ไม่ได้พยากรณ์ เนื่องจากดัชนีมีข้อมูลต่อเนื่อง {len(index)} ไตรมาส น้อยกว่าเกณฑ์ขั้นต่ำ {MIN_QUARTERS} ไตรมาส"
    if index.index[-1] != quarter:
        return f"ไม่ได้พยากรณ์ เนื่องจากดัชนีสิ้นสุดที่{quarter_th(index.index[-1])} ก่อนไตรมาสของรายงาน"
    if var_tests.is_constant(index.to_numpy(dtype=float)):
        return "ไม่ได้พยากรณ์ เนื่องจากดัชนีไม่เปลี่ยนแปลงตลอดช่วงข้อมูล"
    return ""


def _empty(notes: _Notes) -> Tables:
    return {
        "forecast": schema.empty("forecast"),
        "forecast_evaluation": schema.empty("forecast_evaluation"),
        "forecast_scorecard": schema.empty("forecast_scorecard"),
        "forecast_notes": notes.frame(),
    }


def _macro(
    macro: pd.DataFrame, known: pd.DataFrame | None, quarters: pd.PeriodIndex, notes: _Notes
) -> Macro | None:
    """Macro variables on the index's quarters, today's and as known at past origins; None where none reaches the newest quarters."""
    columns, lags, names = [], [], []
    for variable in sorted(set(macro["variable"])):
        column = _column(macro[macro["variable"] == variable], quarters)
        present = np.flatnonzero(np.isfinite(column))
        lag = len(quarters) - 1 - int(present[-1]) if len(present) else len(quarters)
        if lag > _MAX_MACRO_LAG:
            notes.add(
                "macro_left_out",
                lag,
                f"แบบจำลอง VAR ไม่ใช้ตัวแปร {variable} เนื่องจากไม่มีข้อมูลใน {_MAX_MACRO_LAG} ไตรมาสล่าสุด",
                subject=variable,
            )
            continue
        columns.append(column)
        lags.append(lag)
        names.append(variable)
    if not columns:
        return None
    return Macro(np.column_stack(columns), tuple(lags), _macro_vintages(known, names, quarters))


def _column(rows: pd.DataFrame, quarters: pd.PeriodIndex) -> Array:
    """One variable's values on the given quarters, NaN where it has none."""
    rows = rows.dropna(subset=["value"])
    index = pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC")
    values = pd.Series(rows["value"].to_numpy(dtype=float), index=index).groupby(level=0).mean()
    return values.reindex(quarters).to_numpy(dtype=float)


def _macro_vintages(
    known: pd.DataFrame | None, names: list[str], quarters: pd.PeriodIndex
) -> dict[tuple[int, int], Array]:
    """By origin and column: the variable as the store knew it then."""
    found: dict[tuple[int, int], Array] = {}
    if known is None:
        return found
    for (issued, variable), rows in known.groupby(["issued", "variable"]):
        origin = parse_period(str(issued))
        if variable in names and origin in quarters:
            place = origin.ordinal - quarters[0].ordinal
            found[place, names.index(str(variable))] = _column(rows, quarters[: place + 1])
    return found


def _known_vintages(vintages: pd.DataFrame | None, index: pd.Series) -> dict[int, Array]:
    """By origin: the composite as published then, where that issue exists and reaches back without a hole."""
    found: dict[int, Array] = {}
    if vintages is None:
        return found
    for issued, rows in vintages.dropna(subset=["value"]).groupby("issued"):
        origin = parse_period(str(issued))
        if origin not in index.index:
            continue
        known = pd.Series(
            rows["value"].to_numpy(dtype=float),
            index=pd.PeriodIndex([parse_period(text) for text in rows["period"]], freq="Q-DEC"),
        )
        expected = index.loc[:origin].index
        run = longest_run(known.reindex(expected).to_frame("value"))
        if len(run) == len(expected):
            found[len(expected) - 1] = run["value"].to_numpy(dtype=float)
    return found


def _up_to_origin(simulated: pd.DataFrame | None) -> pd.DataFrame | None:
    """Simulated vintages without their forecasts."""
    return None if simulated is None else simulated[simulated["period"] <= simulated["issued"]]


def _joint_forecasts(simulated: pd.DataFrame | None, index: pd.Series) -> dict[int, Array]:
    """By origin: what the joint model forecast for the four quarters after it."""
    if simulated is None or simulated.empty:
        return {}
    places = {iso(quarter): place for place, quarter in enumerate(pd.PeriodIndex(index.index))}
    later = simulated[simulated["period"] > simulated["issued"]]
    return {
        places[str(issued)]: rows.sort_values("period")["value"].to_numpy(dtype=float)[:HORIZONS]
        for issued, rows in later.groupby("issued")
        if str(issued) in places and len(rows) >= HORIZONS
    }


def _forecast(quarter: pd.Period, path: Path, half: Array) -> pd.DataFrame:
    """``forecast``."""
    return pd.DataFrame(
        {
            "period": [iso(quarter + step) for step in range(1, HORIZONS + 1)],
            "mean": path.mean,
            "low80": path.mean - half[:, 0],
            "high80": path.mean + half[:, 0],
            "low95": path.mean - half[:, 1],
            "high95": path.mean + half[:, 1],
        }
    )


def _from_origins(rolling: Rolling, winner: str, index: pd.Series) -> pd.DataFrame:
    """Scorecard of the winner's rolling forecasts: these were not published, and ``kind`` marks them."""
    rows = []
    places = [p for p in range(len(rolling.origins)) if np.isfinite(rolling.means[winner][p, 0])]
    for place in places[-_SCORECARD_ORIGINS:]:
        origin = rolling.origins[place]
        half = intervals_at(rolling, winner, origin, rolling.sds[winner][place])[:, 0]
        for step in range(HORIZONS):
            if np.isfinite(rolling.actual[place, step]):
                mean = float(rolling.means[winner][place, step])
                rows.append((index.index[origin], step + 1, mean, mean - half[step], mean + half[step]))
    frame = pd.DataFrame(rows, columns=["origin", "step", "mean", "low80", "high80"])
    issued = [iso(origin) for origin in frame["origin"]]
    periods = [iso(origin + step) for origin, step in zip(frame["origin"], frame["step"], strict=True)]
    return _scored(frame.assign(issued=issued, period=periods), index, "rolling_origin")


def _from_issues(earlier: pd.DataFrame, index: pd.Series) -> pd.DataFrame:
    """Scorecard of published forecasts whose quarter has come."""
    return _scored(earlier.sort_values(["issued", "period"]), index, "published")


def _scored(forecasts: pd.DataFrame, index: pd.Series, kind: str) -> pd.DataFrame:
    """Forecasts beside what came; forecasts of quarters that have not come stay out."""
    actual = {iso(quarter): float(value) for quarter, value in index.items()}  # type: ignore[arg-type]
    kept = forecasts[forecasts["period"].isin(list(actual))].reset_index(drop=True)
    came = kept["period"].map(actual).astype(float)
    scored = kept.assign(
        actual=came,
        error=came - kept["mean"],
        inside80=(came >= kept["low80"]) & (came <= kept["high80"]),
        kind=kind,
    )
    return scored[schema.columns("forecast_scorecard")]


def _describe(
    notes: _Notes,
    rolling: Rolling,
    index: pd.Series,
    winner: str,
    ratios: dict[str, float],
    forms: Forms,
) -> None:
    """How the choice was made, which fits failed, which shocks are in the sample."""
    split = split_origin(rolling)
    first, last = index.index[rolling.origins[0]], index.index[rolling.origins[-1]]
    choosing = sum(origin < split for origin in rolling.origins)
    notes.add(
        "origins",
        len(rolling.origins),
        f"ทดสอบพยากรณ์ย้อนหลังจาก{quarter_th(first)} ถึง{quarter_th(last)} รวม {len(rolling.origins)} ครั้ง "
        f"ใช้ {choosing} ครั้งแรกเลือกแบบจำลอง และใช้ส่วนที่เหลือรายงานความคลาดเคลื่อน",
    )
    notes.add(
        "winner",
        ratios[winner],
        f"แบบจำลองที่เลือกคือ {MODEL_NAMES[winner]} ซึ่งมีความคลาดเคลื่อนสัมบูรณ์เฉลี่ยเป็น {number(ratios[winner], 2)} เท่า"
        "ของการใช้ค่าล่าสุด ทั้งนี้ใช้แบบจำลองร่วมของดัชนีหรือค่าเฉลี่ยของทุกแบบจำลองก่อน เว้นแต่มีแบบจำลองอื่นที่อัตราส่วนนี้ต่ำกว่าเกิน "
        f"{number(_STANDARD_ERROR, 2)} ซึ่งเป็นความคลาดเคลื่อนมาตรฐานของการเปรียบเทียบ",
    )
    if "sarima" in rolling.means:
        notes.add("sarima_order", 0, f"อันดับของแบบจำลอง SARIMA คือ {forms.sarima}")
        notes.add("ets_form", 0, f"รูปแบบของแบบจำลอง ETS คือ {forms.ets}")
    for name, failures in rolling.failed.items():
        if failures:
            notes.add(
                f"failed_{name}",
                failures,
                f"แบบจำลอง {MODEL_NAMES[name]} ประมาณค่าไม่ได้ {failures} จาก {len(rolling.origins)} ครั้ง และไม่นับในครั้งนั้น",
            )
    changes = index.diff().dropna()
    spread = forecast_models.robust_sd(changes.to_numpy(dtype=float))
    for period, change in changes[changes.abs() > _SHOCK * spread].items():
        assert isinstance(period, pd.Period)
        notes.add(
            "shock",
            float(change),
            f"ดัชนีเปลี่ยนแปลง {number(float(change), 1)} จุดใน{quarter_th(period)} ซึ่งผิดปกติ ค่านี้ยังอยู่ในข้อมูล "
            "แต่จำกัดผลต่อความกว้างของช่วงพยากรณ์",
            subject=iso(period),
        )


def _describe_releases(notes: _Notes, origins: list[int], known: set[int], printed: set[int]) -> None:
    """From how many origins the forecasts knew the index as issues printed it, as simulated for the date, or only as it is today."""
    as_printed, simulated = (len([o for o in origins if o in of]) for of in (printed, known - printed))
    notes.add(
        "releases",
        as_printed,
        "การทดสอบย้อนหลังใช้ดัชนีตามที่ทราบในขณะนั้น คือ"
        + _counted(
            ("ค่าที่เผยแพร่ในฉบับก่อน", as_printed),
            ("ค่าจำลองตามกำหนดเผยแพร่ของแหล่งข้อมูล", simulated),
            ("ค่าปัจจุบัน", len(origins) - as_printed - simulated),
        )
        + " โดยวัดความคลาดเคลื่อนกับค่าแรกของแต่ละไตรมาส",
    )


def _describe_macro(notes: _Notes, origins: list[int], economy: Macro) -> None:
    """From how many origins the macro variables were those that the store of vintages knew then."""
    stored = sum(any((origin, c) in economy.known for c in range(len(economy.lags))) for origin in origins)
    notes.add(
        "macro_known",
        stored,
        "ตัวแปรเศรษฐกิจมหภาคในการทดสอบย้อนหลังใช้"
        + _counted(
            ("ค่าตามคลังข้อมูลย้อนหลัง ณ วันนั้น", stored),
            ("ค่าปัจจุบันที่ตัดให้ล่าช้าเท่ากับที่ล่าช้าในขณะนี้", len(origins) - stored),
        ),
    )


def _counted(*kinds: tuple[str, int]) -> str:
    """``ค่าแรก 3 ครั้ง และค่าปัจจุบัน 2 ครั้ง``: what is not there is not counted."""
    return join_th([f"{name} {count} ครั้ง" for name, count in kinds if count])
