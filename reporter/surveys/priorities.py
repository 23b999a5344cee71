"""What workers put first: mean ranks and shares of aspects ranked 1 to 7.

Goes in: the rankings of one ``Sample`` per quarter. Comes out: ``priorities`` (whole country) and
``priorities_by_group``. Only complete rankings without ties count; lower mean rank is more important.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.domain.declarations import Questionnaire
from reporter.domain.periods import iso
from reporter.surveys.disclosure import SUPPRESSED, flags
from reporter.surveys.sample import Partition, Sample
from reporter.surveys.shapes import empty

_COLUMNS = ("group", "aspect", "period", "mean_rank", "first_share", "top3_share", "n", "flag")
_VALUES = ["mean_rank", "first_share", "top3_share"]


def priorities_tables(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, regions: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``priorities`` and ``priorities_by_group``; regions: province -> region, for disclosure control."""
    aspects = [aspect.id for aspect in questionnaire.aspects]
    parts = [_quarter(sample, aspects, regions) for sample in samples.values() if _is_ranked(sample).any()]
    by_group = pd.concat(parts, ignore_index=True) if parts else empty(_COLUMNS)
    whole = by_group[by_group["group"] == "TH"].drop(columns="group")
    return whole.sort_values(["aspect", "period"]).reset_index(drop=True), by_group


def _is_ranked(sample: Sample) -> np.ndarray:
    if not sample.ranks.shape[1]:
        return np.zeros(sample.size, dtype=bool)
    return np.asarray(~np.isnan(sample.ranks).any(axis=1))


def _quarter(sample: Sample, aspects: list[str], regions: Mapping[str, str]) -> pd.DataFrame:
    ranked = _is_ranked(sample)
    ranks, weights = sample.ranks[ranked].astype(np.float64), sample.weights[ranked]
    tables = [
        _by_group(partition, partition.codes[ranked], ranks, weights)
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
            **{name: values[:, :, place].ravel() for place, name in enumerate(_VALUES)},
            "n": np.repeat(count.astype("int64"), len(aspects)),
            "flag": np.repeat([flag_of[group] for group in groups], len(aspects)),
        }
    )
    table.loc[table["flag"] == SUPPRESSED, _VALUES] = np.nan
    return table[list(_COLUMNS)]


def _by_group(
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
