"""Shares of respondents: employers' actions, traits and skills, what workers put first; intervals, tests of change.

Goes in: the ticks of one ``Sample`` per quarter. Comes out: the tables ``employer_actions``, ``traits`` and
``trait_gap``. A share is that of respondents who answered the question. Intervals: Wilson's with the effective sample
size of the linearised variance; changes: Welch's test of two independent samples (``reporter.surveys.variance``).
Priorities: mean ranks and shares of aspects ranked 1 to 7, of complete rankings without ties; a low rank is important.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.domain.declarations import Option, Questionnaire
from reporter.domain.periods import iso
from reporter.surveys.disclosure import SMALL, SUPPRESSED, THRESHOLD, flags
from reporter.surveys.sample import Partition, Sample
from reporter.surveys.schema import empty
from reporter.surveys.variance import Spread, difference_test, share_interval, stratified

AGAINST = {"quarter": 1, "year": 4}
_HIGHEST = 200.0


@dataclass(frozen=True)
class Shares:
    """Shares of one quarter; one entry per option in declared order, NaN where the question was not asked."""

    share: np.ndarray
    count: np.ndarray
    spread: Spread


def option_shares(sample: Sample, options: Sequence[Option]) -> Shares:
    """Share of respondents who ticked each option, among those who answered it."""
    ticks = np.column_stack([sample.ticks.get(option.id, np.full(sample.size, np.nan)) for option in options])
    answered = ~np.isnan(ticks)
    weights = sample.weights[:, None] * answered
    total = weights.sum(axis=0)
    share = np.divide(
        np.where(answered, weights * np.nan_to_num(ticks), 0).sum(axis=0),
        total,
        out=np.full(len(options), np.nan),
        where=total > 0,
    )
    linearised = np.where(answered & (total > 0), weights * (np.nan_to_num(ticks) - share), 0.0)
    linearised = np.divide(linearised, total, out=np.zeros_like(linearised), where=total > 0)
    sizes = np.bincount(sample.strata) if sample.size else np.zeros(1, dtype=int)
    spread = stratified(linearised, answered.astype(float), sample.strata, sizes)
    return Shares(share, answered.sum(axis=0), spread)


def share_flags(count: np.ndarray) -> np.ndarray:
    """``suppressed`` under 5 respondents, ``small`` under 30, "" otherwise and for questions not asked."""
    is_few = (count > 0) & (count < THRESHOLD)
    return np.select([is_few, (count > 0) & (count < SMALL)], [SUPPRESSED, "small"], "")


def actions_table(samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire) -> pd.DataFrame:
    """``employer_actions``: shares of every quarter with their changes on the quarter and on the year."""
    found = {period: option_shares(sample, questionnaire.actions) for period, sample in samples.items()}
    found = {period: shares for period, shares in found.items() if shares.count.any()}
    parts = []
    for period, shares in found.items():
        part = _shares_part("action", questionnaire.actions, period, shares)
        for against, lag in AGAINST.items():
            before = found.get(period - lag)
            change, p_value = _change(shares, before, part["flag"].to_numpy())
            part[f"change_{against}"], part[f"p_{against}"] = change, p_value
        parts.append(part)
    order = [
        "action",
        "period",
        "share",
        "n",
        "low",
        "high",
        "change_quarter",
        "p_quarter",
        "change_year",
        "p_year",
        "flag",
    ]
    return _stacked(parts, order)


def traits_table(samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire) -> pd.DataFrame:
    """``traits``: shares of every quarter."""
    found = {period: option_shares(sample, questionnaire.traits) for period, sample in samples.items()}
    parts = [
        _shares_part("trait", questionnaire.traits, period, shares)
        for period, shares in found.items()
        if shares.count.any()
    ]
    return _stacked(parts, ["trait", "period", "share", "n", "low", "high", "flag"])


def trait_gap_table(traits: pd.DataFrame, items: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """``trait_gap``: how often a trait is wanted against how its items are rated, both on the 0-200 scale.

    Only traits with declared items have a row. ``gap`` > 0: wanted more than it is found. The shares depend on how
    many boxes are ticked, so the ranks (1: wanted most, rated best, among these traits) are the sturdier reading.
    """
    columns = ["trait", "period", "share", "rating", "gap", "rank_share", "rank_rating"]
    rows = []
    for period, shares in traits.groupby("period", sort=True):
        share_of = shares.set_index("trait")["share"]
        own = items[(items["survey"] == questionnaire.id) & (items["period"] == period)]
        value_of = own.set_index("item")["value"]
        for trait in questionnaire.traits:
            known = [column for column in trait.items if column in value_of]
            if known and trait.id in share_of:
                rating = float(value_of[known].mean())
                share = float(share_of[trait.id])
                rows.append((trait.id, period, share, rating, share * _HIGHEST - rating))
    gaps = pd.DataFrame(rows, columns=columns[:5])
    by_period = gaps.groupby("period")
    gaps["rank_share"] = by_period["share"].rank(ascending=False, method="min")
    gaps["rank_rating"] = by_period["rating"].rank(ascending=False, method="min")
    return gaps[columns]


def _shares_part(key: str, options: Sequence[Option], period: pd.Period, shares: Shares) -> pd.DataFrame:
    flag = share_flags(shares.count)
    low, high = share_interval(shares.share, shares.count, shares.spread)
    part = pd.DataFrame(
        {
            key: [option.id for option in options],
            "period": iso(period),
            "share": shares.share,
            "n": shares.count.astype("int64"),
            "low": low,
            "high": high,
            "flag": flag,
        }
    )
    part.loc[flag == SUPPRESSED, ["share", "low", "high"]] = np.nan
    return part


def _change(now: Shares, before: Shares | None, flag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if before is None:
        return np.full(len(flag), np.nan), np.full(len(flag), np.nan)
    change = now.share - before.share
    hidden = (flag == SUPPRESSED) | (share_flags(before.count) == SUPPRESSED)
    _, p_value = difference_test(change, now.spread, before.spread)
    return np.where(hidden, np.nan, change), np.where(hidden, np.nan, p_value)


def _stacked(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Parts on each other, sorted by their first two columns in the options' order within the quarter."""
    if not parts:
        return empty(columns)
    stacked = pd.concat(parts, ignore_index=True)
    places = {option: place for place, option in enumerate(dict.fromkeys(stacked[columns[0]]))}
    order = stacked.assign(_place=stacked[columns[0]].map(places)).sort_values(["_place", "period"]).index
    return stacked.loc[order, list(columns)].reset_index(drop=True)


_PRIORITIES = ("group", "aspect", "period", "mean_rank", "first_share", "top3_share", "n", "flag")
_PRIORITY_VALUES = ["mean_rank", "first_share", "top3_share"]


def priorities_tables(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, regions: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``priorities`` and ``priorities_by_group``; regions: province -> region, for disclosure control."""
    aspects = [aspect.id for aspect in questionnaire.aspects]
    parts = [
        _priorities_of(sample, aspects, regions) for sample in samples.values() if _is_ranked(sample).any()
    ]
    by_group = pd.concat(parts, ignore_index=True) if parts else empty(_PRIORITIES)
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.sort_values(["aspect", "period"]).reset_index(drop=True), by_group


def _is_ranked(sample: Sample) -> np.ndarray:
    if not sample.ranks.shape[1]:
        return np.zeros(sample.size, dtype=bool)
    return np.asarray(~np.isnan(sample.ranks).any(axis=1))


def _priorities_of(sample: Sample, aspects: list[str], regions: Mapping[str, str]) -> pd.DataFrame:
    ranked = _is_ranked(sample)
    ranks, weights = sample.ranks[ranked].astype(np.float64), sample.weights[ranked]
    tables = [
        _priorities_by_group(partition, partition.codes[ranked], ranks, weights)
        for partition in sample.partitions.values()
    ]
    groups = [group for partition in sample.partitions.values() for group in partition.groups]
    values, count = (np.concatenate(blocks) for blocks in zip(*tables, strict=True))
    flag_of = flags(dict(zip(groups, map(int, count), strict=True)), regions)
    table = pd.DataFrame(
        {
            "group": np.repeat(groups, len(aspects)),
            "aspect": aspects * len(groups),
            "period": iso(sample.period),
            **{name: values[:, :, place].ravel() for place, name in enumerate(_PRIORITY_VALUES)},
            "n": np.repeat(count.astype("int64"), len(aspects)),
            "flag": np.repeat([flag_of[group] for group in groups], len(aspects)),
        }
    )
    table.loc[table["flag"] == SUPPRESSED, _PRIORITY_VALUES] = np.nan
    return table[list(_PRIORITIES)]


def _priorities_by_group(
    partition: Partition, codes: np.ndarray, ranks: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Group x aspect x (mean rank, share first, share in the top three), and respondents per group."""
    known = codes >= 0
    codes, ranks, weights = codes[known], ranks[known], weights[known]
    count = len(partition.groups)
    total = np.bincount(codes, weights, count)
    values = np.full((count, ranks.shape[1], 3), np.nan)
    for aspect in range(ranks.shape[1]):
        rank = ranks[:, aspect]
        for place, measure in enumerate((rank, rank == 1, rank <= 3)):
            sums = np.bincount(codes, weights * measure, count)
            values[:, aspect, place] = np.divide(sums, total, out=np.full(count, np.nan), where=total > 0)
    return values, np.bincount(codes, minlength=count)
