"""Confidence indices: unweighted means of item scores on the 0-200 scale, with design-based intervals.

Goes in: a ``Sample``. Comes out: ``Estimates`` for all groups of one kind at once. Method: study 4.2.2 and 4.3.2
(method.md, 2 and 3); an item's score is the mean over those who answered it, so every item counts once. An item that
nobody of the group answered drops out of its domain, a domain without items drops out of the whole.
Intervals: linearisation, see ``reporter.surveys.variance``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reporter.domain.declarations import Questionnaire
from reporter.surveys.sample import Partition, Sample
from reporter.surveys.variance import SampleDesign, Spread, group_runs

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
    rows, group, count = _in_order(partition)
    points, answers = arrays[0][rows], arrays[1][rows]
    if usable is not None:
        points, answers = points * usable[group], answers * usable[group]
    counted = _counted(answers, design)
    runs, weights = group_runs(group, count), sampled.weights[rows]
    mean, total = _means(points, answers, weights, runs)
    shares = _shares(design, total > 0)
    has_items = shares.sum(axis=1) > 0
    value = np.where(has_items, (mean[:, None, :] @ shares)[:, 0], np.nan)
    unweighted = value
    if not sampled.is_simple:
        plain = _means(points, answers, np.ones(len(rows)), runs)[0]
        unweighted = np.where(has_items, (plain[:, None, :] @ shares)[:, 0], np.nan)
    # z_i = sum_k a_k (s_ik - mean_k) / W_k over the items k that i answered, a_k the item's share
    loading = np.divide(shares, total[:, :, None], out=np.zeros_like(shares), where=total[:, :, None] > 0)
    linearised = np.empty((len(rows), shares.shape[2]))
    for number, (start, end) in enumerate(runs):
        own = loading[number]
        linearised[start:end] = points[start:end] @ own - answers[start:end] @ (mean[number][:, None] * own)
    found = np.stack([counted[start:end].sum(axis=0) for start, end in runs]).astype(np.int64)
    spread = sampled.spreads(linearised, counted, rows, group, count)
    return Estimates(partition.groups, value, unweighted, found, spread, total > 0)


def _in_order(partition: Partition) -> tuple[np.ndarray, np.ndarray, int]:
    """Respondents of known group in the groups' order, the group of each, the number of groups."""
    order = np.argsort(partition.codes, kind="stable")
    group = partition.codes[order].astype(np.int64)
    known = np.searchsorted(group, 0)
    return order[known:], group[known:], len(partition.groups)


def _means(
    points: np.ndarray, answers: np.ndarray, weights: np.ndarray, runs: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Group x item: mean score, 0 where nobody answered, and the weight of the answers."""
    total = np.stack([weights[start:end] @ answers[start:end] for start, end in runs])
    summed = np.stack([weights[start:end] @ points[start:end] for start, end in runs])
    return np.divide(summed, total, out=np.zeros_like(total), where=total > 0), total


def _shares(design: Design, is_present: np.ndarray) -> np.ndarray:
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
    rows, group, count = _in_order(partition)
    points, answers = _split(values[rows])
    runs = group_runs(group, count)
    mean, total = _means(points, answers, sampled.weights[rows], runs)
    plain = mean if sampled.is_simple else _means(points, answers, np.ones(len(rows)), runs)[0]
    is_known = total > 0
    linearised = (points - answers * mean[group]) / np.where(is_known, total, 1)[group]
    found = np.stack([answers[start:end].sum(axis=0) for start, end in runs]).astype(np.int64)
    return Estimates(
        partition.groups,
        np.where(is_known, mean, np.nan),
        np.where(is_known, plain, np.nan),
        found,
        sampled.spreads(linearised, answers, rows, group, count),
        is_known,
    )
