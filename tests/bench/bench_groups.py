"""Groups: growth, memory of the driver, and builds cold, unchanged and with one change.

Run by ``make bench``; ``--only growth|memory|builds`` runs one part. Growth is of processor time: the machine may have other work.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from reporter.domain.declarations import Declarations, Group
from reporter.domain.edition import Settings
from reporter.domain.periods import parse_quarter
from reporter.index import groups, national
from reporter.inputs import declared
from reporter.runtime.program import Executor
from tests.support.simulation import Recipe, simulate

QUARTER = parse_quarter("2025-Q3")
SIZES = (25, 50, 100, 200)
TABLES = ("labour_index", "group_status", "group_ranking", "group_contributions")
SMALL = ("unemployment", "wages", "job_opportunity")


def processor_seconds() -> float:
    """Of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def sample_workspace(folder: Path) -> Any:
    """The synthetic sample workspace, written anew."""
    from reporter.inputs.workspace import open_workspace
    from reporter.sample import generate

    generate(folder, seed=20250930)
    return open_workspace(folder)


# ----------------------------------------------------------------------------------------------- growth and memory


def synthetic(size: int) -> tuple[Declarations, pd.DataFrame, dict[str, pd.DataFrame]]:
    """Declarations with that many groups, their observations, tables of the nation. Three dimensions each."""
    known = declared.load()
    codes = [f"PROVINCE:X{number:03d}" for number in range(size)]
    example = known.groups_of("PROVINCE")[0]
    many: dict[str, Group] = {code: dataclasses.replace(example, code=code) for code in codes}
    declarations = dataclasses.replace(known, groups=many)
    nation = simulate(known, 1, Recipe(start="2012-01"))[0]
    names = [
        name
        for item in known.indicators.values()
        if item.dimension in SMALL
        for name in (item.id, *item.components)
    ]
    nation = nation[nation["indicator"].isin(names)].reset_index(drop=True)
    tables = national.compute(nation, known, QUARTER, settings=Settings())
    rng = np.random.default_rng(3)
    parts = [
        nation.assign(group=code, value=nation["value"] * (1 + rng.normal(0, 0.01, len(nation))))
        for code in codes
    ]
    return declarations, pd.concat(parts, ignore_index=True), tables


def growth() -> None:
    """Exponent of processor time over the number of groups."""
    declarations, observations, tables = synthetic(max(SIZES))
    codes = list(declarations.groups)
    groups.compute(observations[observations["group"] == codes[0]], declarations, QUARTER, national=tables)
    seconds = []
    for size in SIZES:
        part = observations[observations["group"].isin(codes[:size])]
        used = processor_seconds()
        groups.compute(part, declarations, QUARTER, national=tables)
        seconds.append(processor_seconds() - used)
        print(
            f"  {size} groups: {seconds[-1]:.1f} processor seconds, {seconds[-1] / size * 1000:.0f} ms a group"
        )
    exponent = np.polyfit(np.log(SIZES), np.log(seconds), 1)[0]
    print(f"growth over groups: exponent {exponent:.2f} (needed 1.1 or less)")


def peak_of_driver(size: int) -> None:
    """Print, for a process that holds 200 groups' observations and computes so many of them, its memory in MB."""
    declarations, observations, tables = synthetic(max(SIZES))
    table = observations.memory_usage(deep=True).sum() / 2**20
    part = observations[observations["group"].isin(list(declarations.groups)[:size])].reset_index(drop=True)
    del observations
    gc.collect()
    seen = [psutil.Process().memory_info().rss / 2**20]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.append(psutil.Process().memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with Executor(2) as executor:
        result = groups.compute(part, declarations, QUARTER, national=tables, executor=executor)
    done.set()
    watcher.join()
    own = {**result, "labour_index": result["labour_index"].query("group != 'TH'")}
    published = sum(int(own[name].memory_usage(index=False).sum()) for name in TABLES) / 2**20
    print(
        json.dumps(
            {
                "observations": table / max(SIZES),
                "published": published / size,
                "before": seen[0],
                "after": max(seen),
            }
        )
    )


def memory() -> None:
    """Peak resident memory of the driver, computing 50, 100 and 200 groups in processes of their own."""
    peaks = []
    for size in SIZES[1:]:
        done = subprocess.run(
            [sys.executable, __file__, "--peak", str(size)], capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
        peaks.append(found["after"] - found["before"])
        print(
            f"  {size} groups: peak {found['after']:.0f} MB, {peaks[-1]:.1f} MB more than before the computation"
        )
    slope = (peaks[-1] - peaks[0]) / (SIZES[-1] - SIZES[1])
    print(
        f"memory of the driver: {slope * 1024:.0f} KB a group at its peak, of which the published tables are {found['published'] * 1024:.0f}; the observations take {found['observations'] * 1024:.0f} KB a group"
    )


# -------------------------------------------------------------------------------------------------------- builds


def builds() -> None:
    """Elapsed seconds of the whole sample issue: cold, nothing changed, one monthly indicator of the nation changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample_workspace(folder / "data")
        seconds = {"cold": build(folder), "nothing changed": build(folder)}
        path = folder / "data" / "series" / "economy.csv"
        table = pd.read_csv(path, dtype=str)
        row = table.index[(table["indicator"] == "mpi") & (table["group"] == "TH")][-1]
        table.loc[row, "value"] = str(round(float(table.loc[row, "value"]) * 1.01, 4))
        table.to_csv(path, index=False)
        seconds["one monthly indicator changed"] = build(folder)
        cache = sum(item.stat().st_size for item in (folder / "cache").rglob("*") if item.is_file())
    for (what, taken), needed in zip(seconds.items(), (180, 5, 20), strict=True):
        print(f"build, {what}: {taken:.1f} s (needed under {needed}); load {os.getloadavg()[0]:.1f}")
    print(f"cache after the three builds: {cache / 2**20:.0f} MB")


def build(folder: Path) -> float:
    """Elapsed seconds of ``reporter build`` with two processes."""
    started = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "reporter",
            "build",
            "-q",
            "2025-Q3",
            "--data",
            str(folder / "data"),
            "--out",
            str(folder / "out"),
            "--jobs",
            "2",
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
    )
    return time.perf_counter() - started


def main() -> None:
    """Print ratios and counts."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--peak"]:
        peak_of_driver(int(arguments[1]))
        return
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else ""
    parts = {
        "growth": growth,
        "memory": memory,
        "builds": builds,
    }
    for name, part in parts.items():
        if only in ("", name):
            part()


if __name__ == "__main__":
    main()
