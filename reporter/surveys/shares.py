"""Shares of respondents: employers' actions, traits, priorities, questions outside the index; intervals, tests of change.

Goes in: one ``Sample`` per quarter. Comes out: ``employer_actions``, ``traits`` with ``trait_gap``, ``priorities``,
``survey_questions``, and the first three by group. A share is that of respondents who answered the question. Intervals:
Wilson's with the effective sample size of the linearised variance; changes: Welch's test of two independent samples
(``reporter.surveys.variance``) in families (``reporter.surveys.significance``). Priorities: mean ranks and shares of
aspects ranked 1 to 7, of complete rankings without ties; a low rank is important. Net balance: shares times the
options' signs, in percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Choice, Option, Questionnaire
from reporter.domain.periods import iso
from reporter.surveys.confidence import Estimates, aligned, mean_estimates, stacked
from reporter.surveys.disclosure import SUPPRESSED, cell_flags, flags
from reporter.surveys.sample import Sample
from reporter.surveys.significance import AGAINST, significant_in_families
from reporter.surveys.variance import SampleDesign, Spread, difference_test, half_width, share_interval

_HIGHEST = 200.0
_TESTS = [f"{name}_{against}" for against in AGAINST for name in ("change", "p")]


@dataclass
class Columns:
    """Means of some columns in every quarter and group, and the groups' flags."""

    ids: list[str]
    estimates: dict[pd.Period, Estimates] = field(default_factory=dict)
    flags: dict[pd.Period, dict[str, str]] = field(default_factory=dict)

    def add(
        self,
        sample: Sample,
        values: np.ndarray,
        sampled: SampleDesign,
        regions: Mapping[str, str],
        kinds: Sequence[str] = (),
    ) -> None:
        """Estimate one quarter, which is left out when nobody answered.

        values  respondent x column, NaN for no answer; kinds: only these kinds of groups, () all
        """
        if not values.shape[1] or np.isnan(values).all():
            return
        parts = [part for kind, part in sample.partitions.items() if not kinds or kind in kinds]
        found = stacked([mean_estimates(values, part, sampled) for part in parts])
        sizes = dict(zip(found.groups, map(int, found.count.max(axis=1)), strict=True))
        self.estimates[sample.period] = found
        self.flags[sample.period] = flags(sizes, regions)


def tick_values(sample: Sample, options: Sequence[Option]) -> np.ndarray:
    """Respondent x option: 1 ticked, 0 not, NaN no answer."""
    blank = np.full(sample.size, np.nan)
    return np.column_stack([sample.ticks.get(option.id, blank) for option in options])


def rank_values(sample: Sample) -> np.ndarray:
    """Respondent x (rank of each aspect, whether it is first, whether among three); NaN for incomplete rankings."""
    if not sample.ranks.shape[1]:
        return np.empty((sample.size, 0))
    ranks = sample.ranks.astype(np.float64)
    ranks[np.isnan(ranks).any(axis=1)] = np.nan
    return np.column_stack([ranks, *(np.where(np.isnan(ranks), np.nan, ranks <= top) for top in (1, 3))])


def choice_values(sample: Sample, question: str, options: int) -> np.ndarray:
    """Respondent x option of a question with one answer: 1 chosen, 0 not, NaN no answer."""
    codes = sample.choices.get(question, np.full(sample.size, -1))
    chosen = (codes[:, None] == np.arange(options)).astype(np.float64)
    chosen[codes < 0] = np.nan
    return chosen


def share_tables(columns: Columns, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares of every quarter with their changes: the whole country's table, and every group's.

    key  name of the first column: ``action`` or ``trait``
    """
    parts = [_shares(columns, period, key) for period in columns.estimates]
    names = ["group", key, "period", "share", "n", "low", "high", *_TESTS, "flag", "unweighted"]
    if not parts:
        by_group = schema.empty("traits_by_group").rename(columns={"trait": key})
        return by_group.drop(columns="group"), by_group
    by_group = pd.concat(parts, ignore_index=True)[names]
    kinds = by_group.assign(kind=by_group["group"].str.partition(":")[0])
    for against in AGAINST:
        by_group[f"significant_{against}"] = significant_in_families(
            kinds, f"p_{against}", ["kind", "period"]
        )
    order = {name: place for place, name in enumerate(columns.ids)}
    by_group = by_group.sort_values(
        [key, "period"], key=lambda c: c.map(order) if c.name == key else c, kind="stable"
    )
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.reset_index(drop=True), by_group.reset_index(drop=True)


def _shares(columns: Columns, period: pd.Period, key: str) -> pd.DataFrame:
    """Shares of every group in one quarter."""
    found = columns.estimates[period]
    width = len(columns.ids)
    low, high = share_interval(found.value, found.count, found.spread)
    flag = _cell_flags(columns, period, found)
    part = pd.DataFrame(
        {
            "group": np.repeat(np.array(found.groups, dtype=object), width),
            key: columns.ids * len(found.groups),
            "period": iso(period),
            "share": found.value.ravel(),
            "n": found.count.ravel().astype("int64"),
            "low": low.ravel(),
            "high": high.ravel(),
            "flag": flag.ravel(),
            "unweighted": found.unweighted.ravel(),
        }
    )
    for against, lag in AGAINST.items():
        change, p_value = _change(columns, period, lag)
        part[f"change_{against}"], part[f"p_{against}"] = change.ravel(), p_value.ravel()
    part.loc[flag.ravel() == SUPPRESSED, ["share", "low", "high", "unweighted", *_TESTS]] = np.nan
    return part


def _cell_flags(columns: Columns, period: pd.Period, found: Estimates) -> np.ndarray:
    """Group x column: the group's suppression, ``small`` cell by cell."""
    hidden = np.array([columns.flags[period].get(group) == SUPPRESSED for group in found.groups])
    return cell_flags(found.count, found.effective, hidden[:, None])


def _change(columns: Columns, period: pd.Period, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Change and p-value, group x column; NaN where either quarter has none or is suppressed."""
    now = columns.estimates[period]
    if period - lag not in columns.estimates:
        return np.full(now.value.shape, np.nan), np.full(now.value.shape, np.nan)
    before = aligned(columns.estimates[period - lag], now.groups)
    change = now.value - before.value
    hidden = (_cell_flags(columns, period, now) == SUPPRESSED) | (
        _cell_flags(columns, period - lag, before) == SUPPRESSED
    )
    _, p_value = difference_test(change, now.spread, before.spread)
    return np.where(hidden, np.nan, change), np.where(hidden, np.nan, p_value)


def trait_gap_table(traits: pd.DataFrame, items: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """``trait_gap``: how often a trait is wanted against how its items are rated, both on the 0-200 scale.

    Only traits with declared items have a row. ``gap`` > 0: wanted more than it is found. The shares depend on how
    many boxes are ticked, so the ranks (1: wanted most, rated best, among these traits) are the sturdier reading.
    """
    columns = schema.columns("trait_gap")
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


def priorities_tables(columns: Columns, aspects: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``priorities`` of the whole country and ``priorities_by_group``; changes are those of the mean rank."""
    parts = [_priorities(columns, period, aspects) for period in columns.estimates]
    if not parts:
        return schema.empty("priorities"), schema.empty("priorities_by_group")
    by_group = pd.concat(parts, ignore_index=True)
    kinds = by_group.assign(kind=by_group["group"].str.partition(":")[0])
    for against in AGAINST:
        by_group[f"significant_{against}"] = significant_in_families(
            kinds, f"p_{against}", ["kind", "period"]
        )
    by_group = by_group[schema.columns("priorities_by_group")]
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.sort_values(["aspect", "period"]).reset_index(drop=True), by_group


def _priorities(columns: Columns, period: pd.Period, aspects: int) -> pd.DataFrame:
    found = columns.estimates[period]
    flag_of = columns.flags[period]
    half = half_width(found.spread.variance, found.spread.freedom)[:, :aspects]
    rank = found.value[:, :aspects]
    count = found.count[:, :aspects].ravel().astype("int64")
    part = pd.DataFrame(
        {
            "group": np.repeat(np.array(found.groups, dtype=object), aspects),
            "aspect": columns.ids[:aspects] * len(found.groups),
            "period": iso(period),
            "mean_rank": rank.ravel(),
            "first_share": found.value[:, aspects : 2 * aspects].ravel(),
            "top3_share": found.value[:, 2 * aspects :].ravel(),
            "n": count,
            "low": np.clip(rank - half, 1, aspects).ravel(),
            "high": np.clip(rank + half, 1, aspects).ravel(),
            "flag": np.repeat([flag_of[group] for group in found.groups], aspects),
        }
    )
    for against, lag in AGAINST.items():
        change, p_value = _change(columns, period, lag)
        part[f"change_{against}"], part[f"p_{against}"] = (
            change[:, :aspects].ravel(),
            p_value[:, :aspects].ravel(),
        )
    values = ["mean_rank", "first_share", "top3_share", "low", "high", *_TESTS]
    part.loc[part["flag"] == SUPPRESSED, values] = np.nan
    return part


def question_values(sample: Sample, question: Choice) -> np.ndarray:
    """Respondent x option of a question with one answer, and the answer's sign where the options have signs."""
    values = choice_values(sample, question.id, len(question.options))
    if not question.signs:
        return values
    return np.column_stack([values, values @ np.nan_to_num(np.array(question.signs))])


def questions_table(found: Mapping[str, Columns], questionnaire: Questionnaire) -> pd.DataFrame:
    """``survey_questions``: questions outside the index, the country's share of every answer and the net balance.

    The row ``balance`` holds the net balance in percentage points (its share times 100) where the options have signs;
    who answered "do not know" counts as nought, as in ManpowerGroup's Net Employment Outlook.
    """
    parts = []
    for question, columns in found.items():
        table, _ = share_tables(columns, "answer")
        is_balance = (table["answer"] == "balance").to_numpy()
        if is_balance.any():
            table.loc[is_balance, ["low", "high"]] = _balance_interval(columns)
            table.loc[is_balance & (table["flag"] == SUPPRESSED).to_numpy(), ["low", "high"]] = np.nan
        parts.append(table.assign(survey=questionnaire.id, question=question))
    filled = [part for part in parts if len(part)]
    if not filled:
        return schema.empty("survey_questions")
    return pd.concat(filled, ignore_index=True)[schema.columns("survey_questions")]


def _balance_interval(columns: Columns) -> np.ndarray:
    """Quarter x (low, high) of the last column, a mean between -1 and 1."""
    rows = []
    for found in columns.estimates.values():
        spread = Spread(found.spread.variance[0, -1:], found.spread.freedom[0, -1:])
        half = half_width(spread.variance, spread.freedom)[0]
        rows.append(np.clip([found.value[0, -1] - half, found.value[0, -1] + half], -1, 1))
    return np.array(rows)
