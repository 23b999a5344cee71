"""Bench of the surveys: speed and memory at full size, coverage of the intervals.

30,800 respondents of both surveys in 13 quarters (contract files on disk, synthetic) to all tables; then simulated
samples of known truth: how often the 95 % interval of the overall index, and of a province's, holds it.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from surveys.respondents import respondents, write  # noqa: E402

from reporter.inputs.declared import load  # noqa: E402
from reporter.surveys import pipeline  # noqa: E402
from reporter.surveys.confidence import design_of, estimate_all  # noqa: E402
from reporter.surveys.sample import Partition, Sample  # noqa: E402
from reporter.surveys.variance import half_width  # noqa: E402

SIZE, QUARTERS, SAMPLES = 30_800, 13, 2000
LAST = pd.Period("2025Q3")


def speed() -> None:
    """Time and peak memory from files to tables."""
    declarations = load(None)
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, dict[pd.Period, Path]] = {}
        for survey, questionnaire in declarations.questionnaires.items():
            for lag in range(QUARTERS):
                frame = respondents(declarations, questionnaire, SIZE, seed=lag)
                files.setdefault(survey, {})[LAST - lag] = write(frame, Path(folder, survey, f"{lag}.csv"))
        del frame
        before, processor = time.perf_counter(), time.process_time()
        tables, _ = pipeline.compute(files, LAST, declarations)
        taken, worked = time.perf_counter() - before, time.process_time() - processor
    people = SIZE * QUARTERS * 2
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"surveys: {people:,} respondents, {len(tables['confidence']):,} cells with intervals,"
        f" {len(tables['confidence_change']):,} changes"
    )
    print(
        f"  {taken:.1f} s ({worked:.1f} s of processor, {os.cpu_count()} cores), {people / taken:,.0f} respondents/s,"
        f" peak {memory:.2f} GB (limits: 20 s, 2 GB)"
    )


def simulated(rng: np.random.Generator, survey: str, items: int, size: int, skewed: bool) -> Sample:
    """One sample: provinces of fixed size and own level, items correlated within a respondent, 5 % blanks."""
    strata = np.arange(size) % 77
    leaning = rng.normal(0, 40, size)[:, None] + np.linspace(-20, 20, 77)[strata][:, None]
    raw = (140 if skewed else 100) + leaning + rng.normal(0, 45, (size, items))
    points = np.clip(np.round(raw / 50) * 50, 0, 200).astype(np.float32)
    points[rng.random(points.shape) < 0.05] = np.nan
    kinds = {
        "TH": Partition("TH", ("TH",), np.zeros(size, dtype=int)),
        "PROVINCE": Partition("PROVINCE", tuple(map(str, range(77))), strata),
    }
    return Sample(
        survey, LAST, points, np.arange(0, 201, 50.0), np.ones(size), strata, kinds, {}, points[:, :0]
    )


def coverage() -> None:
    """Share of samples whose interval holds the mean over all of them."""
    for survey, questionnaire in load(None).questionnaires.items():
        design = design_of(questionnaire)
        for size, skewed in ((770, False), (770, True), (3080, True)):
            rng = np.random.default_rng(20250930)
            values, halves = [], []
            for _ in range(SAMPLES if size < 1000 else SAMPLES // 2):
                found = estimate_all(simulated(rng, survey, len(questionnaire.items), size, skewed), design)
                one = [found["TH"].value[0, 0], *found["PROVINCE"].value[[0, 38], 0]]
                spreads = [found[kind].spread for kind in ("TH", "PROVINCE")]
                half = [half_width(s.variance, s.freedom)[:, 0] for s in spreads]
                values.append(one)
                halves.append([half[0][0], half[1][0], half[1][38]])
            held = np.abs(np.array(values) - np.mean(values, axis=0)) <= np.array(halves)
            country, first, middle = held.mean(axis=0)
            print(
                f"  coverage {survey:8} n={size:5} {'skewed' if skewed else 'symmetric':9} country {country:.1%}"
                f" (demanded 93-97 %), two provinces of {size // 77} respondents {first:.1%} {middle:.1%}"
            )


def main() -> None:
    """Print both."""
    speed()
    coverage()


if __name__ == "__main__":
    main()
