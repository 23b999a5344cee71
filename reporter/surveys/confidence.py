"""Confidence indices: unweighted means of item scores on the 0-200 scale, with design-based intervals.

Goes in: a ``Sample``. Comes out: ``Estimates`` for all groups of one kind at once. Method: study 4.2.2 and 4.3.2
(method.md, 2 and 3); an item's score is the mean over those who answered it, so every item counts once. An item that
nobody of the group answered drops out of its domain, a domain without items drops out of the whole.
Intervals: linearisation, see ``reporter.surveys.variance``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reporter.domain.declarations import Questionnaire
from reporter.surveys.sample import Partition, Sample
from reporter.surveys.variance import SampleDesign, Spread

OVERALL = "overall"
_Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


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


def design_of(questionnaire: Questionnaire) -> Design:
    """The questionnaire's way of averaging."""
    domains = tuple(domain.id for domain in questionnaire.domains)
    membership = np.array(
        [[float(item.domain == domain) for domain in domains] for item in questionnaire.items]
    )
    return Design(domains, membership, questionnaire.aggregation == "domains")


def estimate_all(sample: Sample, design: Design, sampled: SampleDesign | None = None) -> dict[str, Estimates]:
    """Indices of every group, by kind; ``sampled``: the sample's design where it has been made already."""
    arrays, sampled = _arrays(sample, design), sampled or sample.design()
    return {kind: _estimate(arrays, sampled, part, design, None) for kind, part in sample.partitions.items()}


def estimate(
    sample: Sample, partition: Partition, design: Design, usable: np.ndarray | None = None
) -> Estimates:
    """Indices of every group of one kind.

    usable  group x item, False for items to be left out (comparison like with like); default: none left out
    """
    return _estimate(_arrays(sample, design), sample.design(), partition, design, usable)


def _estimate(
    arrays: _Arrays,
    sampled: SampleDesign,
    partition: Partition,
    design: Design,
    usable: np.ndarray | None,
) -> Estimates:
    order = np.argsort(partition.codes, kind="stable")
    starts = np.searchsorted(partition.codes[order], np.arange(len(partition.groups) + 1))
    shape = (len(partition.groups), len(design.labels))
    value, unweighted = np.full(shape, np.nan), np.full(shape, np.nan)
    count = np.zeros(shape, dtype=np.int64)
    variance, freedom, effect = value.copy(), value.copy(), value.copy()
    answered = np.zeros((len(partition.groups), arrays[0].shape[1]), dtype=bool)
    for group in range(len(partition.groups)):
        rows = order[starts[group] : starts[group + 1]]
        if not len(rows):
            continue
        chosen = arrays
        if len(rows) < len(sampled.weights):
            chosen = (arrays[0][rows], arrays[1][rows], arrays[2][rows])
        else:
            rows = np.arange(len(rows))
        if usable is not None and not usable[group].all():
            chosen = _restricted(chosen, usable[group], design)
        means, spread = _group(chosen, design, sampled, rows)
        value[group], unweighted[group], answered[group] = means
        count[group] = chosen[2].sum(axis=0).astype(np.int64)
        variance[group], freedom[group], effect[group] = spread.variance, spread.freedom, spread.effect
    return Estimates(partition.groups, value, unweighted, count, Spread(variance, freedom, effect), answered)


def _arrays(sample: Sample, design: Design) -> _Arrays:
    """Respondent x item points (0 for no answer) and answers, respondent x index counted."""
    points = sample.points.astype(np.float64)
    is_answer = ~np.isnan(points)
    points[~is_answer] = 0
    answers = is_answer.astype(np.float64)
    return points, answers, _counted(answers, design)


def _counted(answers: np.ndarray, design: Design) -> np.ndarray:
    """Whether a respondent answered anything of the whole and of each domain, 1 or 0."""
    by_domain = answers @ design.membership > 0
    return np.column_stack([answers.any(axis=1), by_domain]).astype(np.float64)


def _restricted(arrays: _Arrays, usable: np.ndarray, design: Design) -> _Arrays:
    """The arrays as if only the usable items had been asked."""
    points, answers, _ = arrays
    kept = answers * usable
    return points * usable, kept, _counted(kept, design)


def _group(
    arrays: _Arrays, design: Design, sampled: SampleDesign, rows: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Spread]:
    """One group: value, unweighted value and items answered; variances."""
    points, answers, counted = arrays
    weights = sampled.weights[rows]
    mean, total = _item_means(points, answers, weights)
    is_present = total > 0
    shares = design.shares(is_present.astype(float))
    has_items = shares.sum(axis=0) > 0
    value = np.where(has_items, mean @ shares, np.nan)
    plain = value
    if not sampled.is_simple:
        plain = np.where(has_items, _item_means(points, answers, np.ones(len(rows)))[0] @ shares, np.nan)
    # z_i = sum_k a_k (s_ik - mean_k) / W_k over the items k that i answered, a_k the item's share
    loading = np.divide(shares, total[:, None], out=np.zeros_like(shares), where=is_present[:, None])
    linearised = points @ loading
    linearised -= answers @ (mean[:, None] * loading)
    return (value, plain, is_present), sampled.spread(linearised, counted, rows)


def _item_means(
    points: np.ndarray, answers: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean score of every item, 0 where nobody answered it, and the weight of its answers."""
    total = weights @ answers
    return np.divide(weights @ points, total, out=np.zeros_like(total), where=total > 0), total


def mean_estimates(values: np.ndarray, partition: Partition, sampled: SampleDesign) -> Estimates:
    """Mean of every column in every group of one kind: shares of ticks, ranks, scores of single items.

    values  respondent x column, NaN for no answer
    """
    width = values.shape[1]
    single = Design(tuple(map(str, range(width))), np.eye(width), True)
    points = values.astype(np.float64)
    is_answer = ~np.isnan(points)
    points[~is_answer] = 0
    answers = is_answer.astype(np.float64)
    found = _estimate((points, answers, _counted(answers, single)), sampled, partition, single, None)
    effect = found.spread.effect
    assert effect is not None
    return Estimates(
        found.groups,
        found.value[:, 1:],
        found.unweighted[:, 1:],
        found.count[:, 1:],
        Spread(found.spread.variance[:, 1:], found.spread.freedom[:, 1:], effect[:, 1:]),
        found.answered,
    )
