"""The tables of the confidence indices: levels, items, changes.

Goes in: one ``Sample`` per quarter of a survey. Comes out: ``confidence``, ``confidence_items``,
``confidence_change``. A change compares like with like: where an item has answers in one quarter only (added,
dropped, or asked of nobody in the group), both quarters are computed on the items they share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from reporter.domain.declarations import Questionnaire
from reporter.domain.periods import iso
from reporter.surveys.confidence import Design, Estimates, design_of, estimate, estimate_all
from reporter.surveys.disclosure import SMALL, SUPPRESSED, THRESHOLD, flags
from reporter.surveys.sample import Sample
from reporter.surveys.schema import COLUMNS, empty
from reporter.surveys.shares import AGAINST
from reporter.surveys.variance import difference_test, half_width, stratified

_HIGHEST = 200.0


@dataclass
class Levels:
    """Estimates of one survey: quarter -> kind -> groups, and every group's flag in every quarter."""

    questionnaire: Questionnaire
    design: Design
    estimates: dict[pd.Period, dict[str, Estimates]] = field(default_factory=dict)
    flags: dict[pd.Period, dict[str, str]] = field(default_factory=dict)


def estimate_levels(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, regions: Mapping[str, str]
) -> Levels:
    """Indices of every quarter and group, with their disclosure flags; regions: province -> region."""
    levels = Levels(questionnaire, design_of(questionnaire))
    for period, sample in samples.items():
        found = estimate_all(sample, levels.design)
        sizes: dict[str, int] = {}
        least: dict[str, int] = {}
        for estimates in found.values():
            filled = np.where(estimates.count > 0, estimates.count, np.iinfo(np.int64).max).min(axis=1)
            sizes |= dict(zip(estimates.groups, map(int, estimates.count[:, 0]), strict=True))
            least |= dict(
                zip(estimates.groups, map(int, np.minimum(filled, estimates.count[:, 0])), strict=True)
            )
        levels.estimates[period] = found
        levels.flags[period] = flags(sizes, regions, least)
    return levels


def confidence_table(levels: Levels) -> pd.DataFrame:
    """``confidence``: every group, domain and quarter; suppressed cells without value and interval."""
    labels = levels.design.labels
    parts = []
    for period, found in levels.estimates.items():
        for estimates in found.values():
            half = half_width(estimates.spread.variance, estimates.spread.freedom)
            part = _grid(levels, labels, estimates, period)
            part["value"] = estimates.value.ravel()
            part["n"] = estimates.count.ravel().astype("int64")
            part["low"] = np.clip(estimates.value - half, 0, _HIGHEST).ravel()
            part["high"] = np.clip(estimates.value + half, 0, _HIGHEST).ravel()
            part["flag"] = _cell_flags(part, levels.flags[period])
            parts.append(part)
    return _suppressed(parts, COLUMNS["confidence"], ["value", "low", "high"])


def change_table(levels: Levels, samples: Mapping[pd.Period, Sample]) -> pd.DataFrame:
    """``confidence_change``: on the quarter and on the year, where both quarters are published.

    ``items`` counts the items compared, ``like_with_like`` says that some item had to be left out of a quarter.
    """
    parts = []
    for period, found in levels.estimates.items():
        for against, lag in AGAINST.items():
            before = levels.estimates.get(period - lag)
            if before is None:
                continue
            parts += [
                _change(levels, samples, period, lag, kind).assign(against=against)
                for kind in found
                if kind in before
            ]
    return _suppressed(parts, COLUMNS["confidence_change"], ["change", "low", "high", "p_value"])


def _change(
    levels: Levels, samples: Mapping[pd.Period, Sample], period: pd.Period, lag: int, kind: str
) -> pd.DataFrame:
    now, before = levels.estimates[period][kind], levels.estimates[period - lag][kind]
    shared = now.answered & before.answered
    differs = (
        (now.answered != before.answered).any(axis=1) & now.answered.any(axis=1) & before.answered.any(axis=1)
    )
    if differs.any():
        now = estimate(samples[period], samples[period].partitions[kind], levels.design, shared)
        earlier = samples[period - lag]
        before = estimate(earlier, earlier.partitions[kind], levels.design, shared)
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


def _pair_flags(
    groups: pd.Series, count: np.ndarray, levels: Levels, period: pd.Period, lag: int
) -> np.ndarray:
    """Suppressed if either quarter is, small if either is."""
    hidden = np.zeros(len(groups), dtype=bool)
    for quarter in (period, period - lag):
        hidden |= (groups.map(levels.flags[quarter]) == SUPPRESSED).to_numpy()
    is_small = (count > 0) & (count < SMALL)
    return np.select([hidden | ((count > 0) & (count < THRESHOLD)), is_small], [SUPPRESSED, "small"], "")


def _item_counts(shared: np.ndarray, design: Design) -> np.ndarray:
    """Group x (overall, domains): items that both quarters have."""
    used = shared.astype("int64")
    return np.column_stack([used.sum(axis=1), used @ design.membership.astype("int64")])


def _grid(levels: Levels, labels: tuple[str, ...], estimates: Estimates, period: pd.Period) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "survey": levels.questionnaire.id,
            "domain": list(labels) * len(estimates.groups),
            "group": np.repeat(np.array(estimates.groups, dtype=object), len(labels)),
            "period": iso(period),
        }
    )


def _cell_flags(part: pd.DataFrame, flag_of: Mapping[str, str]) -> np.ndarray:
    """The group's suppression, and ``small`` cell by cell."""
    hidden = (part["group"].map(flag_of) == SUPPRESSED).to_numpy() & (part["n"] > 0).to_numpy()
    is_small = ((part["n"] > 0) & (part["n"] < SMALL)).to_numpy()
    return np.select([hidden, is_small], [SUPPRESSED, "small"], "")


def _suppressed(parts: list[pd.DataFrame], columns: tuple[str, ...], values: list[str]) -> pd.DataFrame:
    if not parts:
        return empty(columns)
    table = pd.concat(parts, ignore_index=True)
    table.loc[table["flag"] == SUPPRESSED, values] = np.nan
    return table[list(columns)]


def items_table(samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire) -> pd.DataFrame:
    """``confidence_items``: the whole country's score of every item, and the shares of the answers as given."""
    parts = [_items(sample, questionnaire) for sample in samples.values() if sample.size]
    table = _suppressed(
        parts,
        COLUMNS["confidence_items"],
        ["value", "low", "high", *(f"share{rating}" for rating in range(5, 0, -1))],
    )
    return table[~((table["n"] == 0) & table["value"].isna())].reset_index(drop=True)


def _items(sample: Sample, questionnaire: Questionnaire) -> pd.DataFrame:
    answered = ~np.isnan(sample.points)
    points = np.where(answered, sample.points, 0).astype(np.float64)
    total = sample.weights @ answered
    mean = np.divide(sample.weights @ points, total, out=np.full(len(total), np.nan), where=total > 0)
    linearised = (
        answered * (points - np.nan_to_num(mean)) * (sample.weights[:, None] / np.where(total, total, 1))
    )
    spread = stratified(linearised, answered.astype(float), sample.strata, np.bincount(sample.strata))
    half = half_width(spread.variance, spread.freedom)
    count = answered.sum(axis=0)
    flag = np.select(
        [(count > 0) & (count < THRESHOLD), (count > 0) & (count < SMALL)], [SUPPRESSED, "small"], ""
    )
    return pd.DataFrame(
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
            "flag": flag,
            **_answer_shares(sample.counts, questionnaire),
        }
    )


def _answer_shares(counts: np.ndarray, questionnaire: Questionnaire) -> dict[str, np.ndarray]:
    """Share of each answer as it was given: a negative item's points stand for the opposite rating."""
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    is_negative = np.array([item.negative for item in questionnaire.items])
    shares[is_negative] = shares[is_negative, ::-1]
    by_points = sorted(questionnaire.scale, key=lambda step: step[2])
    return {f"share{rating}": shares[:, place] for place, (rating, _, _) in enumerate(by_points)}
