"""A survey's respondents as arrays: scores, weights, strata, groups.

Goes in: the frame of a ``Cleaned`` reading. Comes out: a ``Sample``. Scores: method.md, 2 and 3 (200 150 100 50 0,
negative items the other way round). Strata: provinces, in which the sample size is fixed (study 4.1.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.surveys.cleaning import Cleaned
from reporter.surveys.responses import KINDS, TRAIT
from reporter.surveys.variance import SampleDesign, sample_design
from reporter.surveys.weighting import Weights, weights_of


@dataclass(frozen=True)
class Partition:
    """Respondents split by one kind of group: ``codes[i]`` is the place in ``groups``, -1 for unknown."""

    kind: str
    groups: tuple[str, ...]
    codes: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One survey and quarter.

    points      respondent x item, 0 to 200, NaN for no answer; every declared item has its column (16 bits hold the
                scale's whole numbers exactly, and 13 quarters of answers in a quarter of the memory)
    scores      the points an answer may have, lowest first
    weights     respondent; 1 where nothing says otherwise (``reporter.surveys.weighting``)
    strata      respondent, 0..: province, the unknown ones last
    partitions  by kind: TH, STATUS, SKILL, REGION, PROVINCE, INDUSTRY, for workers WORK
    ticks       trait or action id -> 1, 0, NaN; ranks: respondent x aspect, NaN where there is no valid ranking
    choices     question outside the index -> place of the answer among its options, -1 for no answer
    units       establishment of each respondent, -1 where it is not known; None where nobody was asked
    weighting   how the weights came about; None: every respondent counts as ``weights`` says
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
    choices: Mapping[str, np.ndarray] = field(default_factory=dict)
    units: np.ndarray | None = None
    weighting: Weights | None = None

    def design(self) -> SampleDesign:
        """Strata, clusters, weights and raking, for the variances."""
        given = self.weighting
        return sample_design(
            self.weights,
            self.strata,
            units=self.units,
            margins=given.margins if given else (),
            base=given.base if given else None,
        )

    def unweighted(self) -> Sample:
        """The same respondents, each counting one: the study's formula."""
        return replace(self, weights=np.ones(self.size), weighting=None)

    @property
    def size(self) -> int:
        """Number of respondents."""
        return len(self.weights)

    @cached_property
    def counts(self) -> np.ndarray:
        """Weighted answers: item x score, the lowest score first (negative items already turned)."""
        items, scores = self.points.shape[1], len(self.scores)
        places = np.searchsorted(
            self.scores, self.points.astype(np.float32)
        )  # NaN sorts last: a place of its own
        places += np.arange(items) * (scores + 1)
        weights = np.repeat(self.weights, items)
        return np.bincount(places.ravel(), weights, items * (scores + 1)).reshape(items, -1)[:, :scores]


def sample_of(
    cleaned: Cleaned,
    questionnaire: Questionnaire,
    declarations: Declarations,
    period: pd.Period,
    weights: Weights | None = None,
) -> Sample:
    """Arrays of the respondents that count; without ``weights`` those of the file, or one each."""
    frame = cleaned.frame
    weighting = weights or weights_of(frame, (), None, {}, cleaned.where)
    partitions = _partitions(frame, questionnaire, declarations)
    province = partitions["PROVINCE"]
    strata = np.where(province.codes < 0, len(province.groups), province.codes)
    ticks = [option.id for option in questionnaire.actions]
    ticks += [f"{TRAIT}{option.id}" for option in questionnaire.traits]
    return Sample(
        questionnaire.id,
        period,
        _points(frame, questionnaire),
        np.array(sorted(points for _, _, points in questionnaire.scale), dtype=np.float32),
        weighting.final,
        np.unique(strata, return_inverse=True)[1],
        partitions,
        {c.removeprefix(TRAIT): frame[c].to_numpy(dtype=np.float16) for c in ticks if c in frame},
        _columns(frame, [aspect.id for aspect in questionnaire.aspects]),
        {q.id: frame[q.id].cat.codes.to_numpy() for q in questionnaire.questions if q.id in frame},
        _units(frame),
        weighting,
    )


def _units(frame: pd.DataFrame) -> np.ndarray | None:
    """Number of each respondent's establishment, -1 for a blank one."""
    if "establishment_id" not in frame:
        return None
    names = frame["establishment_id"].to_numpy()
    codes = pd.factorize(names)[0]
    return np.where(names == "", -1, codes)


def _columns(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Float columns in the order of ``names``; NaN for those the file lacks."""
    values = np.full((len(frame), len(names)), np.nan, dtype=np.float16)
    for place, name in enumerate(names):
        if name in frame:
            values[:, place] = frame[name].to_numpy()
    return values


def _points(frame: pd.DataFrame, questionnaire: Questionnaire) -> np.ndarray:
    """Ratings to points by the declared scale; a negative item takes the scale from its other end."""
    ratings = _columns(frame, [item.column for item in questionnaire.items])
    points_of = np.full(len(questionnaire.scale) + 2, np.nan, dtype=np.float16)
    for rating, _, points in questionnaire.scale:
        points_of[rating] = points
    highest = float(np.nanmax(points_of)) + float(np.nanmin(points_of))
    points = points_of[np.nan_to_num(ratings, nan=0).astype(np.int8)]  # place 0 holds NaN: no answer
    is_negative = [item.negative for item in questionnaire.items]
    points[:, is_negative] = highest - points[:, is_negative]
    return points


def _partitions(
    frame: pd.DataFrame, questionnaire: Questionnaire, declarations: Declarations
) -> dict[str, Partition]:
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
    own = {
        choice.kind: Partition(
            choice.kind,
            tuple(f"{choice.kind}:{option.id}" for option in choice.options),
            frame[choice.id].cat.codes.to_numpy().astype(np.int16),
        )
        for choice in questionnaire.demographics
        if choice.id in frame
    }
    return {kind: found[kind] for kind in order if kind in found} | own
