"""A survey's respondents as arrays: scores, weights, strata, groups.

Goes in: the frame of a ``Cleaned`` reading. Comes out: a ``Sample``. Scores: method.md, 2 and 3 (200 150 100 50 0,
negative items the other way round). Strata: provinces, in which the sample size is fixed (study 4.1.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.surveys.cleaning import Cleaned
from reporter.surveys.responses import KINDS, TRAIT


@dataclass(frozen=True)
class Partition:
    """Respondents split by one kind of group: ``codes[i]`` is the place in ``groups``, -1 for unknown."""

    kind: str
    groups: tuple[str, ...]
    codes: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One survey and quarter.

    points      respondent x item, 0 to 200, NaN for no answer; every declared item has its column
    scores      the points an answer may have, lowest first
    weights     respondent; 1 where the file has none
    strata      respondent, 0..: province, the unknown ones last
    partitions  by kind: TH, STATUS, SKILL, REGION, PROVINCE, INDUSTRY, for workers WORK
    ticks       trait or action id -> 1, 0, NaN; ranks: respondent x aspect, NaN where there is no valid ranking
    """

    survey: str
    period: pd.Period
    points: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    strata: np.ndarray
    partitions: Mapping[str, Partition]
    ticks: Mapping[str, np.ndarray]
    ranks: np.ndarray

    @property
    def size(self) -> int:
        """Number of respondents."""
        return len(self.weights)

    @cached_property
    def counts(self) -> np.ndarray:
        """Weighted answers: item x score, the lowest score first (negative items already turned)."""
        items, scores = self.points.shape[1], len(self.scores)
        places = np.searchsorted(self.scores, self.points)  # NaN sorts last: a place of its own
        places += np.arange(items) * (scores + 1)
        weights = np.repeat(self.weights, items)
        return np.bincount(places.ravel(), weights, items * (scores + 1)).reshape(items, -1)[:, :scores]


def sample_of(
    cleaned: Cleaned, questionnaire: Questionnaire, declarations: Declarations, period: pd.Period
) -> Sample:
    """Arrays of the respondents that count."""
    frame = cleaned.frame
    partitions = _partitions(frame, declarations)
    province = partitions["PROVINCE"]
    strata = np.where(province.codes < 0, len(province.groups), province.codes)
    ticks = [option.id for option in questionnaire.actions]
    ticks += [f"{TRAIT}{option.id}" for option in questionnaire.traits]
    return Sample(
        questionnaire.id,
        period,
        _points(frame, questionnaire),
        np.array(sorted(points for _, _, points in questionnaire.scale), dtype=np.float32),
        _weights(frame),
        np.unique(strata, return_inverse=True)[1],
        partitions,
        {c.removeprefix(TRAIT): frame[c].to_numpy(dtype=np.float64) for c in ticks if c in frame},
        _columns(frame, [aspect.id for aspect in questionnaire.aspects]),
    )


def _columns(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Float columns in the order of ``names``; NaN for those the file lacks."""
    values = np.full((len(frame), len(names)), np.nan, dtype=np.float32)
    for place, name in enumerate(names):
        if name in frame:
            values[:, place] = frame[name].to_numpy()
    return values


def _points(frame: pd.DataFrame, questionnaire: Questionnaire) -> np.ndarray:
    """Ratings to points by the declared scale; a negative item takes the scale from its other end."""
    ratings = _columns(frame, [item.column for item in questionnaire.items])
    points_of = np.full(len(questionnaire.scale) + 2, np.nan, dtype=np.float32)
    for rating, _, points in questionnaire.scale:
        points_of[rating] = points
    highest = float(np.nanmax(points_of)) + float(np.nanmin(points_of))
    points = points_of[np.nan_to_num(ratings, nan=0).astype(np.int8)]  # place 0 holds NaN: no answer
    is_negative = [item.negative for item in questionnaire.items]
    points[:, is_negative] = highest - points[:, is_negative]
    return points


def _weights(frame: pd.DataFrame) -> np.ndarray:
    """Weights of the file; a respondent without one counts as the mean respondent."""
    if "weight" not in frame:
        return np.ones(len(frame))
    weights = frame["weight"].to_numpy(dtype=np.float64)
    mean = float(np.nanmean(weights)) if np.isfinite(weights).any() else 1.0
    return np.nan_to_num(weights, nan=mean)


def _partitions(frame: pd.DataFrame, declarations: Declarations) -> dict[str, Partition]:
    found = {"TH": Partition("TH", ("TH",), np.zeros(len(frame), dtype=np.int16))}
    for column, kind in KINDS.items():
        if column in frame:
            groups = tuple(group.code for group in declarations.groups_of(kind))
            found[kind] = Partition(kind, groups, frame[column].cat.codes.to_numpy().astype(np.int16))
    provinces = found["PROVINCE"]
    regions = tuple(group.code for group in declarations.groups_of("REGION"))
    region_of = [regions.index(declarations.groups[code].region) for code in provinces.groups]
    codes = np.where(provinces.codes < 0, -1, np.array([*region_of, -1])[provinces.codes])
    found["REGION"] = Partition("REGION", regions, codes.astype(np.int16))
    order = ("TH", "STATUS", "SKILL", "REGION", "PROVINCE", "INDUSTRY", "WORK")
    return {kind: found[kind] for kind in order if kind in found}
