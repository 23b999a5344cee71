"""Seeded respondents of both surveys, written as contract files; for tests and the bench.

Every respondent has a leaning of their own (so that items correlate), every province and item a level.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire


def respondents(
    declarations: Declarations,
    questionnaire: Questionnaire,
    size: int,
    seed: int,
    *,
    blank: float = 0.03,
    level: float = 0.0,
) -> pd.DataFrame:
    """Respondents spread evenly over the provinces; columns of the contract, texts."""
    rng = np.random.default_rng(seed)
    codes = {
        kind: [group.code.partition(":")[2] for group in declarations.groups_of(kind)]
        for kind in ("PROVINCE", "INDUSTRY", "STATUS", "SKILL", "WORK")
    }
    place = np.arange(size) % len(codes["PROVINCE"])
    data: dict[str, object] = {
        "respondent_id": [f"R{number:06d}" for number in range(size)],
        "province": np.array(codes["PROVINCE"])[place],
        "industry": rng.choice(codes["INDUSTRY"], size, p=rng.dirichlet(np.full(21, 2.0))),
        "status": rng.choice(codes["STATUS"], size, p=[0.55, 0.45]),
        "skill": rng.choice(codes["SKILL"], size, p=[0.2, 0.5, 0.3]),
    }
    if questionnaire.id == "worker":
        data["work_type"] = rng.choice(codes["WORK"], size, p=[0.2, 0.2, 0.6])
    leaning = rng.normal(level, 0.7, size) + np.random.default_rng(7).normal(0, 0.2, 77)[place]
    for item in questionnaire.items:
        raw = 3.4 + leaning + rng.normal(0, 0.9, size)
        rating = (
            np.clip(np.round(6 - raw if item.negative else raw), 1, 5).astype(int).astype(str).astype(object)
        )
        rating[rng.random(size) < blank] = ""
        data[item.column] = rating
    for option in questionnaire.actions:
        data[option.id] = (rng.random(size) < 0.15).astype(int)
    if questionnaire.aspects:
        ranks = np.argsort(rng.random((size, len(questionnaire.aspects))), axis=1) + 1
        for number, aspect in enumerate(questionnaire.aspects):
            data[aspect.id] = ranks[:, number]
    if questionnaire.traits:
        chosen = rng.random((size, len(questionnaire.traits))) < 0.3
        ids = np.array([trait.id for trait in questionnaire.traits])
        data["traits"] = [";".join(ids[row]) for row in chosen]
        data["traits_other"] = ""
    data["comment"] = ""
    return pd.DataFrame(data).astype(str).astype(object)


def write(frame: pd.DataFrame, path: Path) -> Path:
    """As a contract file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path
