"""The tables of the confidence indices: levels, items, balances, changes, small-area estimates of provinces.

Goes in: one ``Sample`` per quarter of a survey. Comes out: ``confidence``, ``confidence_items``,
``survey_balances``, ``confidence_change``, ``confidence_pooled``. A change compares like with like: where an item has answers in one quarter
only (added, dropped, or asked of nobody in the group), both quarters are computed on the items they share. Changes are
tested in families (``reporter.surveys.variance``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import optimize, stats

from reporter.domain import schema
from reporter.domain.declarations import Questionnaire
from reporter.domain.periods import LAGS, iso
from reporter.index import seasonal
from reporter.surveys.quality import (
    SUPPRESSED,
    THRESHOLD,
    cell_flags,
    effective_sizes,
    flags,
    small_sample,
)
from reporter.surveys.shares import (
    ColumnMeans,
    Design,
    Estimates,
    design_of,
    estimate,
    estimate_all,
    stacked,
)
from reporter.surveys.variance import (
    SampleDesign,
    difference_test,
    family_of,
    half_width,
    pooled_table,
    significant_in_families,
)
from reporter.surveys.weighting import Sample

_HIGHEST = 200.0  # the scale of the study: 0 to 200
_MIDDLE = 100.0  # answers in balance on the scale from 0 to 200


@dataclass
class SurveyLevels:
    """Estimates of one survey: quarter -> kind -> groups, and every group's flag in every quarter."""

    questionnaire: Questionnaire
    design: Design
    estimates: dict[pd.Period, dict[str, Estimates]] = field(default_factory=dict)
    flags: dict[pd.Period, dict[str, str]] = field(default_factory=dict)


def add_level(
    levels: SurveyLevels, sample: Sample, regions: Mapping[str, str], sampled: SampleDesign
) -> None:
    """Indices of one quarter and every group, with their disclosure flags; regions: province -> region."""
    found = estimate_all(sample, levels.design, sampled)
    sizes: dict[str, int] = {}
    least: dict[str, int] = {}
    for kind, estimates in found.items():
        filled = np.where(estimates.count > 0, estimates.count, np.iinfo(np.int64).max).min(axis=1)
        whole = estimates.count[:, 0]
        sizes |= dict(zip(estimates.groups, map(int, whole), strict=True))
        smallest = dict(zip(estimates.groups, map(int, np.minimum(filled, whole)), strict=True))
        part = sample.partitions[kind]
        worth = effective_sizes(sample.weights, part.codes, part.groups)
        least |= {group: min(size, worth[group]) for group, size in smallest.items()}
    levels.estimates[sample.period] = found
    levels.flags[sample.period] = flags(sizes, regions, least)


def confidence_table(levels: SurveyLevels, changes: pd.DataFrame) -> pd.DataFrame:
    """``confidence``: every group, domain and quarter; suppressed cells without value and interval.

    changes  ``confidence_change``, whose tests are set beside the levels
    """
    labels = levels.design.labels
    parts = []
    for period, found in levels.estimates.items():
        estimates = stacked(list(found.values()))
        half = half_width(estimates.spread.variance, estimates.spread.freedom)
        hidden = np.array([levels.flags[period][group] == SUPPRESSED for group in estimates.groups])
        part = _grid(levels, labels, estimates, period)
        part["value"] = estimates.value.ravel()
        part["n"] = estimates.count.ravel().astype("int64")
        part["low"] = np.clip(estimates.value - half, 0, _HIGHEST).ravel()
        part["high"] = np.clip(estimates.value + half, 0, _HIGHEST).ravel()
        part["unweighted"] = estimates.unweighted.ravel()
        part["n_effective"] = estimates.effective.ravel()
        part["variance"] = estimates.spread.variance.ravel()
        error = _variation(estimates)
        part["cv"] = error.ravel()
        part["flag"] = cell_flags(estimates.count, estimates.effective, hidden[:, None], error).ravel()
        parts.append(part)
    if not parts:
        return schema.empty("confidence")
    table = pd.concat(parts, ignore_index=True)
    hidden_columns = ["value", "low", "high", "unweighted", "n_effective", "variance", "cv"]
    table.loc[table["flag"] == SUPPRESSED, hidden_columns] = np.nan
    return _with_tests(table, changes)


def _variation(estimates: Estimates) -> np.ndarray:
    """Coefficient of variation: standard error over the value; NaN where either is not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(estimates.spread.variance) / estimates.value
    return np.where(np.isfinite(error), error, np.nan)


def _with_tests(table: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """The levels with the p-values of their changes, and whether those are significant in their family."""
    keys = ["survey", "domain", "group", "period"]
    for against in LAGS:
        own = changes[changes["against"] == against].set_index(keys)
        tests = own[["p_value", "significant"]].reindex(pd.MultiIndex.from_frame(table[keys]))
        table[f"p_value_{against}"] = tests["p_value"].to_numpy(dtype=float)
        table[f"significant_{against}"] = tests["significant"].eq(True).to_numpy()
    return table


def provinces_table(confidence: pd.DataFrame, regions: Mapping[str, str]) -> pd.DataFrame:
    """``confidence_pooled`` of the levels with their variances."""
    if "variance" not in confidence:
        return schema.empty("confidence_pooled")
    return pooled_table(confidence, regions)


def change_table(levels: SurveyLevels, samples: Mapping[pd.Period, Sample]) -> pd.DataFrame:
    """``confidence_change``: on the quarter and on the year, where both quarters are published.

    ``items`` counts the items compared, ``like_with_like`` says that some item had to be left out of a quarter.
    """
    parts = []
    for period, found in levels.estimates.items():
        for against, lag in LAGS.items():
            before = levels.estimates.get(period - lag)
            if before is None:
                continue
            kinds = [kind for kind in found if kind in before]
            parts.append(_change(levels, samples, period, lag, kinds).assign(against=against))
    if not parts:
        return schema.empty("confidence_change")
    table = pd.concat(parts, ignore_index=True)
    table.loc[table["flag"] == SUPPRESSED, ["change", "low", "high", "p_value"]] = np.nan
    table["family"] = family_of(table["group"], table["domain"])
    table["significant"] = significant_in_families(table, "p_value", ["family", "period", "against"])
    return table[schema.columns("confidence_change")]


def _change(
    levels: SurveyLevels,
    samples: Mapping[pd.Period, Sample],
    period: pd.Period,
    lag: int,
    kinds: Sequence[str],
) -> pd.DataFrame:
    """Changes of all groups of these kinds."""
    pairs = [_like_with_like(levels, samples, period, lag, kind) for kind in kinds]
    now, before = stacked([pair[0] for pair in pairs]), stacked([pair[1] for pair in pairs])
    shared = np.concatenate([pair[2] for pair in pairs])
    differs = np.concatenate([pair[3] for pair in pairs])
    change = now.value - before.value
    half, p_value = difference_test(change, now.spread, before.spread)
    part = _grid(levels, levels.design.labels, now, period)
    part["change"], part["low"], part["high"] = (
        change.ravel(),
        (change - half).ravel(),
        (change + half).ravel(),
    )
    part["p_value"] = p_value.ravel()
    part["items"] = _item_counts(shared, levels.design).ravel()
    part["like_with_like"] = np.repeat(differs, len(levels.design.labels))
    part["flag"] = _pair_flags(
        part["group"], np.minimum(now.count, before.count).ravel(), levels, period, lag
    )
    return part


def _like_with_like(
    levels: SurveyLevels, samples: Mapping[pd.Period, Sample], period: pd.Period, lag: int, kind: str
) -> tuple[Estimates, Estimates, np.ndarray, np.ndarray]:
    """Both quarters on the items that both have: estimates now and before, group x shared item, groups that differ."""
    now, before = levels.estimates[period][kind], levels.estimates[period - lag][kind]
    shared = now.answered & before.answered
    differs = (
        (now.answered != before.answered).any(axis=1) & now.answered.any(axis=1) & before.answered.any(axis=1)
    )
    if differs.any():
        now = estimate(samples[period], samples[period].partitions[kind], levels.design, shared)
        earlier = samples[period - lag]
        before = estimate(earlier, earlier.partitions[kind], levels.design, shared)
    return now, before, shared, differs


def _pair_flags(
    groups: pd.Series, count: np.ndarray, levels: SurveyLevels, period: pd.Period, lag: int
) -> np.ndarray:
    """Suppressed if either quarter is, small if either is."""
    hidden = np.zeros(len(groups), dtype=bool)
    for quarter in (period, period - lag):
        hidden |= (groups.map(levels.flags[quarter]) == SUPPRESSED).to_numpy()
    is_small = (count > 0) & (count < small_sample())
    return np.select([hidden | ((count > 0) & (count < THRESHOLD)), is_small], [SUPPRESSED, "small"], "")


def _item_counts(shared: np.ndarray, design: Design) -> np.ndarray:
    """Group x (overall, domains): items that both quarters have."""
    used = shared.astype("int64")
    return np.column_stack([used.sum(axis=1), used @ design.membership.astype("int64")])


def _grid(
    levels: SurveyLevels, labels: tuple[str, ...], estimates: Estimates, period: pd.Period
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "survey": levels.questionnaire.id,
            "domain": list(labels) * len(estimates.groups),
            "group": np.repeat(np.array(estimates.groups, dtype=object), len(labels)),
            "period": iso(period),
        }
    )


def balances_table(
    levels: SurveyLevels, items: Mapping[pd.Period, Estimates], questions: Mapping[str, ColumnMeans]
) -> pd.DataFrame:
    """``survey_balances``: the country's net balances, raw and seasonally adjusted where the history allows.

    items      means of the items' points, whole country; questions: questions outside the index, by id
    A score of the study's scale less 100 is the EC's balance exactly; a question outside the index has its own.
    Adjusted from three years on, where quarters differ (Kruskal-Wallis, 1 %): X-13ARIMA-SEATS with the airline model,
    additive because balances may be negative; STL where it stops. Balances without a season need no adjustment.
    """
    found = _balances(levels, items, questions)
    if not found:
        return schema.empty("survey_balances")
    methods = {name: _method(values) for name, values in found.items()}
    seasonal_ones = [name for name, method in methods.items() if method == "x13"]
    specs = [
        seasonal.SeriesSpec(found[name], model=seasonal.AIRLINE, transform="none", outliers=())
        for name in seasonal_ones
    ]
    adjusted = {}
    for name, output in zip(seasonal_ones, seasonal.run(specs), strict=True):
        adjusted[name] = output.adjusted
        if output.adjusted is None:
            adjusted[name], methods[name] = seasonal.stl(found[name], "none"), "stl"
    parts = []
    for name, values in found.items():
        own = adjusted.get(name)
        part = pd.DataFrame(
            {"period": [iso(period) for period in values.index], "balance": values.to_numpy()}
        )
        part["adjusted"] = np.nan if own is None else own.reindex(values.index).to_numpy(dtype=float)
        part = part[part["balance"].notna()]
        parts.append(part.assign(survey=levels.questionnaire.id, series=name, method=methods[name]))
    return pd.concat(parts, ignore_index=True)[schema.columns("survey_balances")]


def _balances(
    levels: SurveyLevels, items: Mapping[pd.Period, Estimates], questions: Mapping[str, ColumnMeans]
) -> dict[str, pd.Series]:
    """Balances by series on unbroken quarters, NaN where a quarter has none or is suppressed."""
    names = ["overall", *(f"domain.{domain}" for domain in levels.design.domains)]
    names += [item.column for item in levels.questionnaire.items]
    rows: dict[pd.Period, dict[str, float]] = {}
    for period, estimates in levels.estimates.items():
        if levels.flags[period]["TH"] == SUPPRESSED:
            continue
        scores = np.concatenate([estimates["TH"].value[0], items[period].value[0]])
        counts = np.concatenate([estimates["TH"].count[0], items[period].count[0]])
        rows[period] = dict(zip(names, np.where(counts >= THRESHOLD, scores - _MIDDLE, np.nan), strict=True))
    for question, columns in questions.items():
        if "balance" not in columns.ids:
            continue
        for period, own in columns.estimates.items():
            place = own.groups.index("TH")
            if columns.flags[period]["TH"] != SUPPRESSED:
                rows.setdefault(period, {})[question] = 100 * float(own.value[place, -1])
    if not rows:
        return {}
    table = pd.DataFrame.from_dict(rows, orient="index").sort_index()
    table.index = pd.PeriodIndex(table.index, freq="Q-DEC")
    table = table.reindex(pd.period_range(table.index[0], table.index[-1], freq="Q-DEC"))
    return {
        str(name): values.loc[values.first_valid_index() : values.last_valid_index()]
        for name, values in table.items()
        if values.notna().any()
    }


def _method(values: pd.Series) -> str:
    """How a balance is adjusted: ``x13``, or why it is not."""
    least = 4 * seasonal.YEARS_NEEDED
    if values.notna().sum() < least:
        return "too_short"
    return "x13" if seasonal.is_seasonal(values) else "not_seasonal"


def items_table(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, found: Mapping[pd.Period, Estimates]
) -> pd.DataFrame:
    """``confidence_items``: the whole country's score of every item, and the shares of the answers as given.

    ``balance`` is the EC's net balance of a question with five answers, in percentage points: the extreme answers count
    whole, the middling ones half. On the study's scale it is the score less 100 exactly, a check of both.

    found  means of the items' points, whole country, by quarter
    """
    parts = [_items(samples[period], questionnaire, found) for period in found]
    if not parts:
        return schema.empty("confidence_items")
    table = pd.concat(parts, ignore_index=True)
    shares = [f"share{rating}" for rating in range(5, 0, -1)]
    tests = [f"p_value_{against}" for against in LAGS]
    hidden = table["flag"] == SUPPRESSED
    table.loc[hidden, ["value", "low", "high", "unweighted", "balance", *shares, *tests]] = np.nan
    for against in LAGS:
        table[f"significant_{against}"] = significant_in_families(table, f"p_value_{against}", ["period"])
    table = table[schema.columns("confidence_items")]
    return table[~((table["n"] == 0) & table["value"].isna())].reset_index(drop=True)


def _items(
    sample: Sample, questionnaire: Questionnaire, found: Mapping[pd.Period, Estimates]
) -> pd.DataFrame:
    """Items of one quarter with their tests against the quarter and the year before."""
    now = found[sample.period]
    mean, count = now.value[0], now.count[0]
    half = half_width(now.spread.variance, now.spread.freedom)[0]
    part = pd.DataFrame(
        {
            "survey": sample.survey,
            "item": [item.column for item in questionnaire.items],
            "domain": [item.domain for item in questionnaire.items],
            "group": "TH",
            "period": iso(sample.period),
            "value": mean,
            "n": count.astype("int64"),
            "low": np.clip(mean - half, 0, _HIGHEST),
            "high": np.clip(mean + half, 0, _HIGHEST),
            "flag": cell_flags(count, now.effective[0], np.array(False)),
            "unweighted": now.unweighted[0],
            "balance": mean - _MIDDLE,
            **_answer_shares(sample.counts, questionnaire),
        }
    )
    for against, lag in LAGS.items():
        before = found.get(sample.period - lag)
        p_value = np.full(len(mean), np.nan)
        if before is not None:
            tested = difference_test(now.value - before.value, now.spread, before.spread)[1][0]
            p_value = np.where(before.count[0] >= THRESHOLD, tested, np.nan)
        part[f"p_value_{against}"] = p_value
    return part


def _answer_shares(counts: np.ndarray, questionnaire: Questionnaire) -> dict[str, np.ndarray]:
    """Share of each answer as it was given: a negative item's points stand for the opposite rating."""
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    is_negative = np.array([item.negative for item in questionnaire.items])
    shares[is_negative] = shares[is_negative, ::-1]
    by_points = sorted(questionnaire.scale, key=lambda step: step[2])
    return {f"share{rating}": shares[:, place] for place, (rating, _, _) in enumerate(by_points)}


# ----------------------------------------------------------------------------------------------------
# Ordinal check of the linear scores: do the results change if 5 to 1 are only an order? (hearing 5.4, no. 3)
#
# Goes in: one ``Sample`` per quarter. Comes out: ``ordinal_check``. Model: ordered probit of all answers with thresholds
# of each item's own and one mean per quarter,
#
#     P(rating of item k in quarter t <= c) = Phi(threshold_kc - latent_t),   latent of the first quarter = 0,
#
# fitted by maximum likelihood on the counts of answers (McCullagh 1980). Items count as in the index: all alike for
# employers, every domain alike for workers. Whole country, unweighted standard normal errors.
# ----------------------------------------------------------------------------------------------------

_TINY = 1e-12  # keeps the logarithm of an impossible answer finite
_WIDEST = 8.0  # standard deviations of the latent answer: beyond, all answers are alike


def ordinal_table(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, levels: SurveyLevels
) -> pd.DataFrame:
    """``ordinal_check``: linear index, latent mean, and their ranks over the quarters (1: highest)."""
    if not samples:
        return schema.empty("ordinal_check")
    periods = list(samples)
    counts = np.stack([samples[period].counts for period in periods], axis=1)
    latent = latent_means(counts, _item_weights(design_of(questionnaire)))
    linear = np.array([levels.estimates[period]["TH"].value[0, 0] for period in periods])
    return pd.DataFrame(
        {
            "survey": questionnaire.id,
            "period": [iso(period) for period in periods],
            "linear": linear,
            "latent": latent,
            "rank_linear": stats.rankdata(-linear, method="min").astype(float),
            "rank_latent": stats.rankdata(-np.round(latent, 9), method="min").astype(float),
        }
    )


def _item_weights(design: Design) -> np.ndarray:
    """Weight of an item's answers, mean 1."""
    weights = design.shares(np.ones(len(design.membership)))[:, 0]
    return np.asarray(weights / weights.mean())


def latent_means(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Latent mean of every quarter, standard deviations from the first.

    counts   item x quarter x category; an item not asked has zeros
    weights  of the items; every item and quarter counts by its weight, however many answered
    """
    items, quarters, categories = counts.shape
    if quarters == 1:
        return np.zeros(1)
    answers = counts.sum(axis=2, keepdims=True)
    shares = np.divide(counts, answers, out=np.zeros_like(counts, dtype=float), where=answers > 0)
    shares = shares * weights[:, None, None] / (items * quarters)
    start = np.concatenate([np.zeros(quarters - 1), _starting_thresholds(shares)])
    bounds = [(-_WIDEST, _WIDEST)] * (quarters - 1)
    bounds += ([(-_WIDEST, _WIDEST)] + [(np.log(1e-4), np.log(_WIDEST))] * (categories - 2)) * items
    fitted = optimize.minimize(
        _negative_log_likelihood,
        start,
        args=(shares,),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9},
    )
    return np.concatenate([[0.0], fitted.x[: quarters - 1]])


def _starting_thresholds(shares: np.ndarray) -> np.ndarray:
    """Thresholds of the pooled answers of each item: the first, then the logs of the gaps."""
    pooled = shares.sum(axis=1) + 1e-6
    cumulated = np.cumsum(pooled / pooled.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    thresholds = stats.norm.ppf(np.clip(cumulated, 1e-6, 1 - 1e-6))
    gaps = np.log(np.clip(np.diff(thresholds, axis=1), 1e-3, _WIDEST))
    return np.column_stack([thresholds[:, :1], gaps]).ravel()


def _negative_log_likelihood(parameters: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """Of item x quarter x category shares, with its gradient."""
    items, quarters, categories = shares.shape
    latent = np.concatenate([[0.0], parameters[: quarters - 1]])
    raw = parameters[quarters - 1 :].reshape(items, categories - 1)
    steps = np.column_stack([raw[:, :1], np.exp(raw[:, 1:])])
    cuts = np.cumsum(steps, axis=1)[:, None, :] - latent[None, :, None]
    below = np.concatenate(
        [np.zeros((items, quarters, 1)), stats.norm.cdf(cuts), np.ones((items, quarters, 1))], axis=2
    )
    probability = np.clip(np.diff(below, axis=2), _TINY, None)
    ratio = shares / probability
    density = np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi)
    by_cut = density * (ratio[:, :, :-1] - ratio[:, :, 1:])  # d logL / d cut
    by_step = np.cumsum(by_cut.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
    by_raw = np.column_stack([by_step[:, :1], by_step[:, 1:] * steps[:, 1:]])
    gradient = np.concatenate([-by_cut.sum(axis=(0, 2))[1:], by_raw.ravel()])
    return -float((shares * np.log(probability)).sum()), -gradient
