"""A population of known confidence, and surveys of it as the study draws them: nearly equal quotas of unequal provinces.

Scores follow a latent mood that depends on province and status, so the true index is an integral, not a simulation.
Those who answer are not those who were meant to: informal workers answer half as often. With clusters, respondents of
one establishment share part of their mood (intra-class correlation 0.15).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from reporter.domain.declarations import Questionnaire
from reporter.sample.groups import PROVINCE_SIZE
from reporter.surveys.sampling import Margin
from reporter.surveys.shares import (
    Estimates,
    design_of,
    estimate,
    estimate_all,
)
from reporter.surveys.weighting import Partition, Sample, weights_of

PERIOD = pd.Period("2025Q3")
CUTS = np.array([25.0, 75.0, 125.0, 175.0])
SHARED, OWN = 24.0, 34.0  # a respondent's mood, and the noise of a single answer, in points
ICC = 0.15
RESPONSE = {"formal": 1.0, "informal": 0.5}


@dataclass(frozen=True)
class Population:
    """People and mean mood by province and status; region by province."""

    people: np.ndarray  # province x (formal, informal)
    mood: np.ndarray
    region: np.ndarray
    items: np.ndarray  # shift of every item

    def truth(self, questionnaire: Questionnaire, provinces: slice = slice(None)) -> float:
        """The index over everybody of some provinces."""
        sd = np.hypot(SHARED, OWN)
        cells = self.mood[provinces, :, None] + self.items
        means = 50 * stats.norm.sf(CUTS, cells[..., None], sd).sum(axis=-1)
        people = self.people[provinces]
        by_item = (people[:, :, None] * means).sum(axis=(0, 1)) / people.sum()
        return float(by_item @ design_of(questionnaire).shares(np.ones(len(by_item)))[:, 0])


def population(questionnaire: Questionnaire) -> Population:
    """Provinces of their real sizes: Bangkok and the Central region more confident, the North-East less."""
    rng = np.random.default_rng(5)
    size = np.array(list(PROVINCE_SIZE.values()), dtype=float) * 1000
    informal = np.clip(0.35 + 0.3 * rng.random(len(size)), 0, 1)
    informal[0] = 0.3
    people = np.column_stack([size * (1 - informal), size * informal])
    region = np.array([1, *(2 + np.arange(76) // 19)]) - 1
    level = np.array([118.0, 108, 104, 99, 103])[region] + rng.normal(0, 3, len(size))
    mood = np.column_stack([level + 5, level - 6])
    return Population(people, mood, region, rng.normal(0, 5, len(questionnaire.items)))


def draw(
    people: Population, questionnaire: Questionnaire, rng: np.random.Generator, quota: int, cluster: int = 1
) -> Sample:
    """One quarter's respondents with their weights; ``cluster`` respondents come from each establishment."""
    provinces = len(people.people)
    groups = quota // cluster
    weight = people.people * list(RESPONSE.values())
    informal = rng.random((provinces, groups)) < (weight[:, 1] / weight.sum(axis=1))[:, None]
    province = np.repeat(np.arange(provinces), groups * cluster)
    status = np.repeat(informal.ravel().astype(int), cluster)
    unit = np.repeat(np.arange(provinces * groups), cluster)
    size = len(province)
    own = rng.normal(0, SHARED, size)
    if cluster > 1:
        between = np.sqrt(
            ICC * (SHARED**2 + OWN**2)
        )  # shared by the establishment, of the variance of an answer
        own = (
            rng.normal(0, np.sqrt(SHARED**2 - between**2), size)
            + rng.normal(0, between, unit.max() + 1)[unit]
        )
    latent = people.mood[province, status] + own
    latent = latent[:, None] + people.items + rng.normal(0, OWN, (size, len(people.items)))
    points = (50 * np.searchsorted(CUTS, latent)).astype(np.float16)
    points[rng.random(points.shape) < 0.03] = np.nan
    names = [f"P{number}" for number in range(provinces)]
    frame = pd.DataFrame(
        {
            "province": pd.Categorical.from_codes(province, names),
            "status": pd.Categorical.from_codes(status, ["formal", "informal"]),
        }
    )
    if cluster > 1:
        frame["establishment_id"] = unit.astype(str)
    return _sample(people, questionnaire, frame, points, unit if cluster > 1 else None)


def _sample(
    people: Population,
    questionnaire: Questionnaire,
    frame: pd.DataFrame,
    points: np.ndarray,
    unit: np.ndarray | None,
) -> Sample:
    names = list(frame["province"].cat.categories)
    plan = pd.DataFrame({"province": names, "province_population": people.people.sum(axis=1)})
    region_of = {name: f"r{region}" for name, region in zip(names, people.region, strict=True)}
    totals = people.people.sum(axis=0)
    by_region = {
        f"{status}*r{region}": float(people.people[people.region == region, place].sum())
        for region in np.unique(people.region)
        for place, status in enumerate(("formal", "informal"))
    }
    margins = [
        Margin("status", ("status",), {"formal": float(totals[0]), "informal": float(totals[1])}),
        Margin("status*region", ("status", "region"), by_region),
    ]
    weights = weights_of(frame, margins, plan, region_of, "simulated")
    province = frame["province"].cat.codes.to_numpy()
    partitions = {
        "TH": Partition("TH", ("TH",), np.zeros(len(frame), dtype=int)),
        "STATUS": Partition(
            "STATUS", ("formal", "informal"), frame["status"].cat.codes.to_numpy().astype(int)
        ),
        "REGION": Partition("REGION", tuple(map(str, range(5))), people.region[province]),
        "PROVINCE": Partition("PROVINCE", tuple(names), province.astype(int)),
    }
    return Sample(
        questionnaire.id,
        PERIOD,
        points,
        np.arange(0, 201, 50.0),
        weights.final,
        province.astype(int),
        partitions,
        {},
        points[:, :0],
        {},
        unit,
        weights,
    )


def estimates(sample: Sample, questionnaire: Questionnaire) -> dict[str, Estimates]:
    """Indices of every group."""
    return estimate_all(sample, design_of(questionnaire))


def country(sample: Sample, questionnaire: Questionnaire) -> Estimates:
    """Indices of the whole country."""
    return estimate(sample, sample.partitions["TH"], design_of(questionnaire))
