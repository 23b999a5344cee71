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
from reporter.surveys.variance import Spread, stratified

OVERALL = "overall"
_Arrays = tuple[np.ndarray, ...]


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

    value    points, NaN where nobody answered; count: respondents with at least one answer that counts
    spread   variance and degrees of freedom; answered: group x item, whether the item has an answer
    """

    groups: tuple[str, ...]
    value: np.ndarray
    count: np.ndarray
    spread: Spread
    answered: np.ndarray


def design_of(questionnaire: Questionnaire) -> Design:
    """The questionnaire's way of averaging."""
    domains = tuple(domain.id for domain in questionnaire.domains)
    membership = np.array(
        [[float(item.domain == domain) for domain in domains] for item in questionnaire.items]
    )
    return Design(domains, membership, questionnaire.aggregation == "domains")


def estimate_all(sample: Sample, design: Design) -> dict[str, Estimates]:
    """Indices of every group, by kind."""
    arrays = _arrays(sample, design)
    return {kind: _estimate(sample, arrays, part, design, None) for kind, part in sample.partitions.items()}


def estimate(
    sample: Sample, partition: Partition, design: Design, usable: np.ndarray | None = None
) -> Estimates:
    """Indices of every group of one kind.

    usable  group x item, False for items to be left out (comparison like with like); default: none left out
    """
    return _estimate(sample, _arrays(sample, design), partition, design, usable)


def _estimate(
    sample: Sample, arrays: _Arrays, partition: Partition, design: Design, usable: np.ndarray | None
) -> Estimates:
    order = np.argsort(partition.codes, kind="stable")
    codes = partition.codes[order]
    starts = np.searchsorted(codes, np.arange(len(partition.groups) + 1))
    sizes = np.bincount(sample.strata) if sample.size else np.zeros(1, dtype=int)
    width, items = len(design.labels), sample.points.shape[1]
    value = np.full((len(partition.groups), width), np.nan)
    count = np.zeros((len(partition.groups), width), dtype=np.int64)
    variance, freedom = value.copy(), value.copy()
    answered = np.zeros((len(partition.groups), items), dtype=bool)
    for group in range(len(partition.groups)):
        rows = order[starts[group] : starts[group + 1]]
        if not len(rows):
            continue
        chosen = (
            arrays if len(rows) == sample.size else tuple(np.take(array, rows, axis=0) for array in arrays)
        )
        if usable is not None and not usable[group].all():
            chosen = _restricted(chosen, usable[group], design)
        result = _group(chosen, design, sizes)
        value[group], count[group], variance[group], freedom[group], answered[group] = result
    return Estimates(partition.groups, value, count, Spread(variance, freedom), answered)


def _arrays(sample: Sample, design: Design) -> _Arrays:
    """Respondent x item points (0 for no answer) and answers, respondent x index counted, weights, strata."""
    is_answer = ~np.isnan(sample.points)
    answers = is_answer.astype(np.float64)
    points = np.where(is_answer, sample.points, 0).astype(np.float64)
    return points, answers, _counted(answers, design), sample.weights, sample.strata


def _counted(answers: np.ndarray, design: Design) -> np.ndarray:
    """Whether a respondent answered anything of the whole and of each domain, 1 or 0."""
    by_domain = answers @ design.membership > 0
    return np.column_stack([answers.any(axis=1), by_domain]).astype(np.float64)


def _restricted(arrays: _Arrays, usable: np.ndarray, design: Design) -> _Arrays:
    """The arrays as if only the usable items had been asked."""
    points, answers, _, weights, strata = arrays
    kept = answers * usable
    return points * usable, kept, _counted(kept, design), weights, strata


def _group(
    arrays: _Arrays, design: Design, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One group: values, counts, variances, degrees of freedom, items answered."""
    points, answers, counted, weights, strata = arrays
    weight = weights @ answers
    is_present = weight > 0
    mean = np.divide(weights @ points, weight, out=np.zeros_like(weight), where=is_present)
    shares = design.shares(is_present.astype(float))
    value = np.where(shares.sum(axis=0) > 0, mean @ shares, np.nan)
    # u_i = w_i sum_k a_k (s_ik - mean_k) / W_k over the items k that i answered, a_k the item's share
    loading = np.divide(shares, weight[:, None], out=np.zeros_like(shares), where=is_present[:, None])
    linearised = points @ loading
    linearised -= answers @ (mean[:, None] * loading)
    linearised *= weights[:, None]
    spread = stratified(linearised, counted, strata, sizes)
    return value, counted.sum(axis=0).astype(np.int64), spread.variance, spread.freedom, is_present
