"""Shares of respondents: employers' actions, traits, priorities, questions outside the index; intervals, tests of change.

Goes in: one ``Sample`` per quarter. Comes out: ``employer_actions``, ``traits`` with ``trait_gap``, ``priorities``,
``survey_questions``, and the first three by group. A share is that of respondents who answered the question. Intervals:
Wilson's with the effective sample size of the linearised variance; changes: Welch's test of two independent samples
in families (``reporter.surveys.variance``). Priorities: mean ranks and shares of
aspects ranked 1 to 7, of complete rankings without ties; a low rank is important. Net balance: shares times the
options' signs, in percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import SURVEYS, Choice, ExperimentalDimension, Option, Questionnaire
from reporter.domain.periods import LAGS, iso, parse_period
from reporter.index.composite import Z95
from reporter.index.relations import effective_quarters
from reporter.surveys.quality import SUPPRESSED, cell_flags, effective_sizes, flags
from reporter.surveys.variance import (
    SampleDesign,
    Spread,
    difference_test,
    half_width,
    share_interval,
    significant_in_families,
)
from reporter.surveys.weighting import Partition, Sample

_HIGHEST = 200.0  # a share of one on the scale of the confidence index
_TESTS = [f"{name}_{against}" for against in LAGS for name in ("change", "p")]
_TOP3_TESTS = [f"top3_{name}" for name in _TESTS]  # those of the share ranked among the first three


@dataclass
class ColumnMeans:
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
        least: dict[str, int] = {}
        for part in parts:
            worth = effective_sizes(sample.weights, part.codes, part.groups)
            least |= {group: min(sizes[group], worth[group]) for group in part.groups}
        self.flags[sample.period] = flags(sizes, regions, least)


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


def share_tables(columns: ColumnMeans, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    for against in LAGS:
        by_group[f"significant_{against}"] = significant_in_families(
            kinds, f"p_{against}", ["kind", "period"]
        )
    order = {name: place for place, name in enumerate(columns.ids)}
    by_group = by_group.sort_values(
        [key, "period"], key=lambda c: c.map(order) if c.name == key else c, kind="stable"
    )
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.reset_index(drop=True), by_group.reset_index(drop=True)


def _shares(columns: ColumnMeans, period: pd.Period, key: str) -> pd.DataFrame:
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
    for against, lag in LAGS.items():
        change, p_value = _change(columns, period, lag)
        part[f"change_{against}"], part[f"p_{against}"] = change.ravel(), p_value.ravel()
    part.loc[flag.ravel() == SUPPRESSED, ["share", "low", "high", "unweighted", *_TESTS]] = np.nan
    return part


def _cell_flags(columns: ColumnMeans, period: pd.Period, found: Estimates) -> np.ndarray:
    """Group x column: the group's suppression, ``small`` cell by cell."""
    hidden = np.array([columns.flags[period].get(group) == SUPPRESSED for group in found.groups])
    return cell_flags(found.count, found.effective, hidden[:, None])


def _change(columns: ColumnMeans, period: pd.Period, lag: int) -> tuple[np.ndarray, np.ndarray]:
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


def priorities_tables(columns: ColumnMeans, aspects: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``priorities`` of the whole country and ``priorities_by_group``.

    The mean rank and the share among the first three (columns ``top3_...``) each have a test of their own change.
    """
    parts = [_priorities(columns, period, aspects) for period in columns.estimates]
    if not parts:
        return schema.empty("priorities"), schema.empty("priorities_by_group")
    by_group = pd.concat(parts, ignore_index=True)
    kinds = by_group.assign(kind=by_group["group"].str.partition(":")[0])
    for against in LAGS:
        for of in ("", "top3_"):
            by_group[f"{of}significant_{against}"] = significant_in_families(
                kinds, f"{of}p_{against}", ["kind", "period"]
            )
    by_group = by_group[schema.columns("priorities_by_group")]
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.sort_values(["aspect", "period"]).reset_index(drop=True), by_group


def _priorities(columns: ColumnMeans, period: pd.Period, aspects: int) -> pd.DataFrame:
    found = columns.estimates[period]
    flag_of = columns.flags[period]
    half = half_width(found.spread.variance, found.spread.freedom)[:, :aspects]
    rank, top = found.value[:, :aspects], slice(2 * aspects, 3 * aspects)
    spread = Spread(found.spread.variance[:, top], found.spread.freedom[:, top])
    top_low, top_high = share_interval(found.value[:, top], found.count[:, top], spread)
    count = found.count[:, :aspects].ravel().astype("int64")
    part = pd.DataFrame(
        {
            "group": np.repeat(np.array(found.groups, dtype=object), aspects),
            "aspect": columns.ids[:aspects] * len(found.groups),
            "period": iso(period),
            "mean_rank": rank.ravel(),
            "first_share": found.value[:, aspects : 2 * aspects].ravel(),
            "top3_share": found.value[:, top].ravel(),
            "top3_low": top_low.ravel(),
            "top3_high": top_high.ravel(),
            "n": count,
            "low": np.clip(rank - half, 1, aspects).ravel(),
            "high": np.clip(rank + half, 1, aspects).ravel(),
            "flag": np.repeat([flag_of[group] for group in found.groups], aspects),
        }
    )
    for against, lag in LAGS.items():
        change, p_value = _change(columns, period, lag)
        for of, own in (("", slice(aspects)), ("top3_", top)):
            part[f"{of}change_{against}"] = change[:, own].ravel()
            part[f"{of}p_{against}"] = p_value[:, own].ravel()
    values = ["mean_rank", "first_share", "top3_share", "top3_low", "top3_high", "low", "high"]
    values += [*_TESTS, *_TOP3_TESTS]
    part.loc[part["flag"] == SUPPRESSED, values] = np.nan
    return part


def question_values(sample: Sample, question: Choice) -> np.ndarray:
    """Respondent x option of a question with one answer, and the answer's sign where the options have signs."""
    values = choice_values(sample, question.id, len(question.options))
    if not question.signs:
        return values
    return np.column_stack([values, values @ np.nan_to_num(np.array(question.signs))])


def questions_table(found: Mapping[str, ColumnMeans], questionnaire: Questionnaire) -> pd.DataFrame:
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


def _balance_interval(columns: ColumnMeans) -> np.ndarray:
    """Quarter x (low, high) of the last column, a mean between -1 and 1."""
    rows = []
    for found in columns.estimates.values():
        spread = Spread(found.spread.variance[0, -1:], found.spread.freedom[0, -1:])
        half = half_width(spread.variance, spread.freedom)[0]
        rows.append(np.clip([found.value[0, -1] - half, found.value[0, -1] + half], -1, 1))
    return np.array(rows)


# ----------------------------------------------------------------------------------------------------
# Confidence indices: unweighted means of item scores on the 0-200 scale, with design-based intervals.
#
# Goes in: a ``Sample``. Comes out: ``Estimates`` for all groups of one kind at once. Method: study 4.2.2 and 4.3.2
# (method.md, 2 and 3); an item's score is the mean over those who answered it, so every item counts once. An item that
# nobody of the group answered drops out of its domain, a domain without items drops out of the whole.
# Intervals: linearisation, see ``reporter.surveys.variance``.
# ----------------------------------------------------------------------------------------------------

OVERALL = "overall"
_Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Design:
    """How items make up the indices: item x domain membership, and whether domains or items are averaged."""

    domains: tuple[str, ...]
    membership: np.ndarray
    is_mean_of_domains: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of the estimates: overall, then the domains."""
        return (OVERALL, *self.domains)

    def shares(self, is_present: np.ndarray) -> np.ndarray:
        """Item x (overall, domains): the share of each item in each index, given the items that have answers."""
        inside = self.membership * is_present[:, None]
        count = inside.sum(axis=0)
        by_domain = np.divide(inside, count, out=np.zeros_like(inside), where=count > 0)
        if self.is_mean_of_domains:
            overall = by_domain.sum(axis=1) / max((count > 0).sum(), 1)
        else:
            overall = is_present / max(is_present.sum(), 1)
        return np.column_stack([overall, by_domain])


@dataclass(frozen=True)
class Estimates:
    """Indices of every group of one kind; arrays are group x (overall, domains).

    value    points, NaN where nobody answered; unweighted: the same with every respondent counting one
    count    respondents with at least one answer that counts
    spread   variance and degrees of freedom; answered: group x item, whether the item has an answer
    """

    groups: tuple[str, ...]
    value: np.ndarray
    unweighted: np.ndarray
    count: np.ndarray
    spread: Spread
    answered: np.ndarray

    @property
    def effective(self) -> np.ndarray:
        """Respondents of a simple random sample that would be as exact; NaN where no variance is known."""
        assert self.spread.effect is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.minimum(self.count, self.count / self.spread.effect))


def stacked(parts: Sequence[Estimates]) -> Estimates:
    """Estimates of several kinds of groups as one, in their order."""

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    spreads = [part.spread for part in parts]
    return Estimates(
        tuple(group for part in parts for group in part.groups),
        joined("value"),
        joined("unweighted"),
        joined("count"),
        Spread(
            np.concatenate([spread.variance for spread in spreads]),
            np.concatenate([spread.freedom for spread in spreads]),
            np.concatenate([np.asarray(spread.effect) for spread in spreads]),
        ),
        joined("answered"),
    )


def aligned(estimates: Estimates, groups: Sequence[str]) -> Estimates:
    """The estimates of these groups in this order; without answers for a group that has none."""
    place_of = {group: place for place, group in enumerate(estimates.groups)}
    places = np.array([place_of.get(group, -1) for group in groups])
    is_new = (places < 0)[:, None]

    def taken(values: np.ndarray, missing: float) -> np.ndarray:
        return np.where(is_new, missing, values[places])

    spread = estimates.spread
    return Estimates(
        tuple(groups),
        taken(estimates.value, np.nan),
        taken(estimates.unweighted, np.nan),
        taken(estimates.count, 0).astype(np.int64),
        Spread(*(taken(np.asarray(v), np.nan) for v in (spread.variance, spread.freedom, spread.effect))),
        taken(estimates.answered, False).astype(bool),
    )


def design_of(questionnaire: Questionnaire) -> Design:
    """The questionnaire's way of averaging."""
    domains = tuple(domain.id for domain in questionnaire.domains)
    membership = np.array(
        [[float(item.domain == domain) for domain in domains] for item in questionnaire.items]
    )
    return Design(domains, membership, questionnaire.aggregation == "domains")


def estimate_all(sample: Sample, design: Design, sampled: SampleDesign | None = None) -> dict[str, Estimates]:
    """Indices of every group, by kind; ``sampled``: the sample's design where it has been made already."""
    arrays, sampled = _arrays(sample), sampled or sample.design()
    return {kind: _estimate(arrays, sampled, part, design, None) for kind, part in sample.partitions.items()}


def estimate(
    sample: Sample, partition: Partition, design: Design, usable: np.ndarray | None = None
) -> Estimates:
    """Indices of every group of one kind.

    usable  group x item, False for items to be left out (comparison like with like); default: none left out
    """
    return _estimate(_arrays(sample), sample.design(), partition, design, usable)


def _estimate(
    arrays: _Arrays,
    sampled: SampleDesign,
    partition: Partition,
    design: Design,
    usable: np.ndarray | None,
) -> Estimates:
    cells = sampled.cells_of(partition.kind, partition.codes, len(partition.groups))
    points, answers = arrays[0][cells.rows], arrays[1][cells.rows]
    if usable is not None:
        points, answers = points * usable[cells.group], answers * usable[cells.group]
    counted = _counted(answers, design)
    mean, total = _means(points, answers, sampled.weights[cells.rows], cells.runs)
    shares = _domain_shares(design, total > 0)
    has_items = shares.sum(axis=1) > 0
    value = np.where(has_items, (mean[:, None, :] @ shares)[:, 0], np.nan)
    unweighted = value
    if not sampled.is_simple:
        plain = _means(points, answers, np.ones(len(cells.rows)), cells.runs)[0]
        unweighted = np.where(has_items, (plain[:, None, :] @ shares)[:, 0], np.nan)
    # z_i = sum_k a_k (s_ik - mean_k) / W_k over the items k that i answered, a_k the item's share
    loading = np.divide(shares, total[:, :, None], out=np.zeros_like(shares), where=total[:, :, None] > 0)
    linearised = np.empty((len(cells.rows), shares.shape[2]))
    for number, (start, end) in enumerate(cells.runs):
        own = loading[number]
        linearised[start:end] = points[start:end] @ own - answers[start:end] @ (mean[number][:, None] * own)
    found = cells.by_group(counted).astype(np.int64)
    spread = sampled.spreads(linearised, counted, cells)
    return Estimates(partition.groups, value, unweighted, found, spread, total > 0)


def _means(
    points: np.ndarray, answers: np.ndarray, weights: np.ndarray, runs: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Group x item: mean score, 0 where nobody answered, and the weight of the answers."""
    total = np.stack([weights[start:end] @ answers[start:end] for start, end in runs])
    summed = np.stack([weights[start:end] @ points[start:end] for start, end in runs])
    return np.divide(summed, total, out=np.zeros_like(total), where=total > 0), total


def _domain_shares(design: Design, is_present: np.ndarray) -> np.ndarray:
    """Group x item x index: the items' shares, given which items of each group have answers."""
    patterns, place = np.unique(is_present, axis=0, return_inverse=True)
    return np.stack([design.shares(pattern.astype(float)) for pattern in patterns])[place.ravel()]


def _arrays(sample: Sample) -> _Arrays:
    """Respondent x item: points (0 for no answer), and answers, 1 or 0."""
    return _split(sample.points)


def _split(values: np.ndarray) -> _Arrays:
    points = values.astype(np.float64)
    is_answer = ~np.isnan(points)
    points[~is_answer] = 0
    return points, is_answer.astype(np.float64)


def _counted(answers: np.ndarray, design: Design) -> np.ndarray:
    """Whether a respondent answered anything of the whole and of each domain, 1 or 0."""
    by_domain = answers @ design.membership > 0
    return np.column_stack([answers.any(axis=1), by_domain]).astype(np.float64)


def mean_estimates(values: np.ndarray, partition: Partition, sampled: SampleDesign) -> Estimates:
    """Mean of every column in every group of one kind: shares of ticks, ranks, scores of single items.

    values  respondent x column, NaN for no answer
    """
    cells = sampled.cells_of(partition.kind, partition.codes, len(partition.groups))
    points, answers = _split(values[cells.rows])
    mean, total = _means(points, answers, sampled.weights[cells.rows], cells.runs)
    plain = mean if sampled.is_simple else _means(points, answers, np.ones(len(points)), cells.runs)[0]
    is_known = total > 0
    linearised = (points - answers * mean[cells.group]) / np.where(is_known, total, 1)[cells.group]
    return Estimates(
        partition.groups,
        np.where(is_known, mean, np.nan),
        np.where(is_known, plain, np.nan),
        cells.by_group(answers).astype(np.int64),
        sampled.spreads(linearised, answers, cells),
        is_known,
    )


# ----------------------------------------------------------------------------------------------------
# Joint reading: the confidence indices beside other quarterly indices.
#
# Goes in: ``confidence``, ``labour_index``, ``series`` and ``macro`` (docs/tables.md). Comes out: ``joint`` (one row per
# variable and quarter, in the variable's own unit) and ``joint_correlations`` with leads and lags. A correlation
# is published with its number of quarters and a Fisher interval; under 8 common quarters none is given. The interval counts
# autocorrelated quarters as fewer (Bartlett's effective sample size).
# ----------------------------------------------------------------------------------------------------

JOINT_TABLES = ("joint", "joint_correlations", "sensitivity_confidence")

LEADS = 4  # a year to either side
LEAST = 8  # two years: below, a correlation has no interval worth printing
SENTIMENT = ("consumer_confidence", "business_sentiment")


def joint_tables(
    confidence: pd.DataFrame,
    labour_index: pd.DataFrame,
    series: pd.DataFrame,
    macro: pd.DataFrame,
    dimensions: int,
    experimental: ExperimentalDimension | None = None,
) -> dict[str, pd.DataFrame]:
    """``joint``: ``variable,period,value``; ``joint_correlations``: ``first,second,lead,correlation,n,low,high``;
    ``sensitivity_confidence``: ``period,composite,confidence,with_confidence,difference``.

    Variables: ``confidence_employer``, ``confidence_worker``, ``labour_index``, the sentiment series (seasonally
    adjusted, mean of the quarter's months) and the macro variables. ``lead`` > 0: first leads second. Quarters of the
    surveys only; empty tables when there is no survey. ``experimental``: the dimension that is tried beside the
    index of ``dimensions``.
    """
    variables = _variables(confidence, labour_index, series, macro)
    surveyed = [name for name in variables if name.startswith("confidence_")]
    rows = [
        (first, second, lead, *_correlation(variables[first], variables[second], lead))
        for first in surveyed
        for second in variables
        if second != first and not (second in surveyed and second < first)
        for lead in range(-LEADS, LEADS + 1)
    ]
    correlations = pd.DataFrame(rows, columns=schema.columns("joint_correlations")).dropna(
        subset="correlation"
    )
    return {
        "joint": _joint(variables, surveyed),
        "joint_correlations": correlations.astype({"lead": "int64", "n": "int64"}).reset_index(drop=True),
        "sensitivity_confidence": _with_confidence(variables, experimental, dimensions),
    }


def _with_confidence(
    variables: Mapping[str, pd.Series], experimental: ExperimentalDimension | None, dimensions: int
) -> pd.DataFrame:
    """``sensitivity_confidence``: the composite as if confidence were one more dimension (the eleventh of ten), all dimensions alike.

    Experimental (study 5.3, no. 2): the dimension is the mean of the declared surveys' standardised indices, on the
    composite's own mean and spread over the common quarters. Under eight of those there is no row. It never enters the
    headline.
    """
    nothing = schema.empty("sensitivity_confidence")
    composite = variables.get("labour_index")
    surveyed = [f"confidence_{survey}" for survey in (experimental.surveys if experimental else ())]
    if composite is None or not surveyed or not set(surveyed) <= set(variables):
        return nothing
    parts = [*(variables[name] for name in surveyed), composite]
    both = pd.concat(parts, axis=1, keys=[*surveyed, "index"]).dropna()
    if len(both) < LEAST or not (both.std() > 0).all():
        return nothing
    scores = ((both - both.mean()) / both.std())[surveyed].mean(axis=1)
    dimension = both["index"].mean() + both["index"].std() * scores / scores.std()
    part = 1 / (dimensions + 1)  # no weight has been estimated for it yet
    together = (1 - part) * both["index"] + part * dimension
    return pd.DataFrame(
        {
            "period": [iso(quarter) for quarter in both.index],
            "composite": both["index"].to_numpy(),
            "confidence": dimension.to_numpy(),
            "with_confidence": together.to_numpy(),
            "difference": (together - both["index"]).to_numpy(),
        }
    )


def _variables(
    confidence: pd.DataFrame, labour_index: pd.DataFrame, series: pd.DataFrame, macro: pd.DataFrame
) -> dict[str, pd.Series]:
    found: dict[str, pd.Series] = {}
    for survey in SURVEYS:
        own = confidence[(confidence["survey"] == survey) & (confidence["domain"] == "overall")]
        found[f"confidence_{survey}"] = _quarterly(own[own["group"] == "TH"], "value")
    own = labour_index[(labour_index["dimension"] == "overall") & (labour_index["group"] == "TH")]
    found["labour_index"] = _quarterly(own, "value")
    for indicator in SENTIMENT:
        own = series[(series["indicator"] == indicator) & (series["group"] == "TH")]
        adjusted = own["adjusted"].fillna(own["raw"])
        found[indicator] = _quarterly(own.assign(value=adjusted), "value")
    for variable, own in macro.groupby("variable", sort=True):
        found[str(variable)] = _quarterly(own, "value")
    return {name: values for name, values in found.items() if len(values)}


def _quarterly(table: pd.DataFrame, column: str) -> pd.Series:
    """Values by quarter; months are averaged over the months there are."""
    known = table.dropna(subset=[column])
    quarters = [parse_period(text).asfreq("Q-DEC") for text in known["period"]]
    values = pd.Series(known[column].to_numpy(dtype=float), index=pd.PeriodIndex(quarters, freq="Q-DEC"))
    return values.groupby(level=0).mean().sort_index()


def _correlation(first: pd.Series, second: pd.Series, lead: int) -> tuple[float, int, float, float]:
    """Correlation of first(t) with second(t + lead), n, and Fisher's 95 % interval; NaN under 8 quarters.

    The interval counts autocorrelated quarters as fewer: with 13 quarters that each keep 0.85 of the one before, the plain
    interval leaves out zero in 24 % of unrelated pairs, this one in 8 %. Where fewer than four independent quarters remain
    the interval tells nothing: -1 to 1.
    """
    later = second.copy()
    later.index = later.index - lead
    both = pd.concat([first, later], axis=1, join="inner").dropna()
    n = len(both)
    if n < LEAST or (both.std() == 0).any():
        return np.nan, n, np.nan, np.nan
    pair = both.to_numpy(float)
    value = float(np.clip(np.corrcoef(pair.T)[0, 1], -1, 1))
    worth = effective_quarters(pair[:, 0], pair[:, 1])
    if worth < 4:
        return value, n, -1.0, 1.0
    centre, half = np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12)), Z95 / np.sqrt(worth - 3)
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return value, n, min(low, value), max(high, value)


def _joint(variables: Mapping[str, pd.Series], surveyed: list[str]) -> pd.DataFrame:
    quarters = sorted({quarter for name in surveyed for quarter in variables[name].index})
    rows = [
        (name, iso(quarter), float(values[quarter]))
        for name, values in variables.items()
        for quarter in quarters
        if quarter in values.index
    ]
    return pd.DataFrame(rows, columns=schema.columns("joint"))
