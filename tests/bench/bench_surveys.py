"""Bench of the surveys: speed and memory at full size, bias and coverage on a known population, false discoveries.

1. 30,800 respondents of both surveys in 13 quarters (contract files on disk, synthetic) with plan, margins and establishments
   to all tables. 2. Surveys of a population whose index is known (tests/surveys/simulation.py): bias, coverage of the
   95 % intervals with and without clusters, what the unweighted index and ignored clusters would give. 3. Pairs of quarters
   without any change: share of families of tests with a discovery. Arguments: ``speed``, ``coverage``, ``discoveries``.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from surveys.respondents import respondents, write  # noqa: E402
from surveys.simulation import country, draw, estimates, population  # noqa: E402

from reporter.inputs.declared import load  # noqa: E402
from reporter.surveys import pipeline  # noqa: E402
from reporter.surveys.variance import benjamini_hochberg, difference_test, half_width  # noqa: E402

SIZE, QUARTERS, SAMPLES, PAIRS = 30_800, 13, 600, 1000
LAST = pd.Period("2025Q3")


def workspace(folder: Path) -> dict[str, dict[pd.Period, Path]]:
    """Files of both surveys with plans and margins."""
    declarations = load(None)
    files: dict[str, dict[pd.Period, Path]] = {}
    for survey, questionnaire in declarations.questionnaires.items():
        for lag in range(QUARTERS):
            frame = respondents(declarations, questionnaire, SIZE, seed=lag)
            place = np.random.default_rng(lag).integers(0, 60, SIZE)
            frame["establishment_id"] = frame["province"] + "-" + place.astype(str)
            files.setdefault(survey, {})[LAST - lag] = write(
                frame, folder / "surveys" / survey / f"{lag}.csv"
            )
        provinces = sorted(set(frame["province"]))
        rows = [f"{code},{50_000 + 3_000 * n},400" for n, code in enumerate(provinces)]
        plan = "\n".join(["province,province_population,quota", *rows])
        (folder / "surveys" / f"plan-{survey}.csv").write_text(plan, encoding="utf-8")
        rows = ["status,formal,45", "status,informal,55", "skill,high,25", "skill,medium,45", "skill,low,30"]
        rows += [f"industry,{code},{1 + n % 5}" for n, code in enumerate("ABCDEFGHIJKLMNOPQRSTU")]
        (folder / "surveys" / f"margins-{survey}.csv").write_text(
            "\n".join(["margin,category,population", *rows]), encoding="utf-8"
        )
    return files


def speed() -> None:
    """Time and peak memory from files to tables, by a process that has made the files elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        child = os.fork()
        if child == 0:
            workspace(Path(name))
            os._exit(0)
        os.waitpid(child, 0)
        files = {
            survey: {LAST - int(path.stem): path for path in (Path(name) / "surveys" / survey).glob("*.csv")}
            for survey in ("employer", "worker")
        }
        before, processor = time.perf_counter(), time.process_time()
        tables, _ = pipeline.compute(files, LAST, load(None), rules_folder=Path(name))
        taken, worked = time.perf_counter() - before, time.process_time() - processor
    people = SIZE * QUARTERS * 2
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"surveys: {people:,} respondents, {len(tables['confidence']):,} cells with intervals,"
        f" {len(tables['confidence_change']):,} changes, weights {tables['survey_weights']['weighting'].iloc[0]}"
    )
    print(
        f"  {taken:.1f} s ({worked:.1f} s of processor, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}),"
        f" peak {memory:.2f} GB (limits: 30 s, 2 GB)"
    )


def coverage() -> None:
    """Bias of the weighted and the unweighted index, and how often the 95 % interval holds the truth."""
    for survey, questionnaire in load(None).questionnaires.items():
        people = population(questionnaire)
        truth = people.truth(questionnaire)
        for quota, cluster in ((40, 1), (160, 16), (400, 16)):
            rng, rows = np.random.default_rng(20250930), []
            for _ in range(SAMPLES):
                sample = draw(people, questionnaire, rng, quota, cluster)
                found = country(sample, questionnaire)
                alone = country(dataclasses.replace(sample, units=None), questionnaire)
                error = found.value[0, 0] - truth
                halves = [half_width(one.spread.variance, one.spread.freedom)[0, 0] for one in (found, alone)]
                rows.append((error, found.unweighted[0, 0] - truth, *(abs(error) <= half for half in halves)))
            bias, plain, held, ignored = np.mean(np.array(rows, dtype=float), axis=0)
            print(
                f"  {survey:8} quota {quota:3}, {cluster:2} an establishment: bias {bias:+.3f} (demanded 0.2), unweighted"
                f" {plain:+.3f}, coverage {held:.1%} (demanded 93-97 %), clusters ignored {ignored:.1%}",
                flush=True,
            )


def discoveries() -> None:
    """Share of families with any significant change between two quarters without change (demanded: at most 6.5 %)."""
    questionnaire = load(None).questionnaires["worker"]
    people, rng = population(questionnaire), np.random.default_rng(4)
    any_found: dict[str, list[bool]] = defaultdict(list)
    for _ in range(PAIRS):
        now, before = (
            estimates(draw(people, questionnaire, rng, 30), questionnaire) for _ in ("now", "before")
        )
        for kind in now:
            one, other = now[kind], before[kind]
            _, p_value = difference_test(one.value - other.value, one.spread, other.spread)
            families = {kind: p_value[:, 0]}
            if kind == "TH":
                families = {"headline": p_value[0, :1], "domains": p_value[0, 1:]}
            else:
                families |= {f"{kind}.{domain}": p_value[:, domain] for domain in range(1, p_value.shape[1])}
            for name, values in families.items():
                any_found[name.partition(".")[0]].append(bool(benjamini_hochberg(values).any()))
    for name, found in any_found.items():
        print(f"  families {name:9} with a discovery: {np.mean(found):.1%} of {len(found):,}")
    print(
        f"  all families: {np.mean([f for found in any_found.values() for f in found]):.1%} (demanded at most 6.5 %)"
    )


def main() -> None:
    """Print what is asked for, all by default."""
    asked = sys.argv[1:] or ["speed", "coverage", "discoveries"]
    for name in asked:
        {"speed": speed, "coverage": coverage, "discoveries": discoveries}[name]()


if __name__ == "__main__":
    main()
