"""Groups: against a plain statsmodels loop, growth, memory of the driver, and builds cold, unchanged and with one change.

Run by ``make bench``. The plain loop adjusts every series in an X-13 process of its own with an automatic model and fits
every dimension with ``DynamicFactorMQ.fit()`` as it comes, one after another. It takes a quarter of an hour and more for
all groups, so it is timed on a seeded random sample of them and scaled up by the number of series; ``--full`` times all.
``--only against|growth|memory|builds`` runs one part. Ratios are of processor time and of elapsed time in the same run:
on a machine with other work the first is the one to read.

Likelihoods: both models' log-likelihood of the same observations, in the units of the transformed series (each model
standardises for itself, so the logarithms of its scales are taken off). The models differ where the reporter means them
to: a penalty, an AR(2) factor, white noise beside the autoregressive one, quarterly means in place of growth weights.
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
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

from reporter import declared
from reporter.context import Settings
from reporter.declarations import Declarations, Group
from reporter.index import detrend, factor, groups, national, status, transform, x13
from reporter.index.panel import by_group, is_monthly
from reporter.periods import parse_quarter
from tests.support.simulation import Recipe, simulate

QUARTER = parse_quarter("2025-Q3")
SAMPLED = int(os.environ.get("REPORTER_BENCH_GROUPS", "4"))
SIZES = (25, 50, 100, 200)
SMALL = ("unemployment", "wages", "job_opportunity")
LOCKED_SHARE = 0.95
Problem = tuple[str, str, dict[str, pd.Series]]


def processor_seconds() -> float:
    """Of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


# ------------------------------------------------------------------------------------------ against the plain loop


def sample_workspace(folder: Path) -> Any:
    """The synthetic sample workspace, written anew."""
    from reporter.sample import generate
    from reporter.workspace import open_workspace

    generate(folder, seed=20250930)
    return open_workspace(folder)


def plain_group(
    group: str, rows: pd.DataFrame, declarations: Declarations, shared: groups.Shared
) -> Iterator[tuple[str, dict[str, pd.Series], Any]]:
    """Dimension, its members' transformed series, the plain fit (None where it fails), of one group."""
    items = by_group(rows, declarations, QUARTER).get(group, {})
    transformed = {}
    for name, item in items.items():
        output = x13.run([x13.Spec(item.values)])[0]
        adjusted = item.values if output.adjusted is None else output.adjusted.where(item.values.notna())
        form = shared.forms.get(name, item.indicator.transform)
        values = transform.apply_form(form, adjusted)
        transformed[name] = detrend.removed(values, form, item.indicator.detrend, shared.learn_until).values
    for dimension in declarations.dimensions:
        members = {
            item.id: transformed[item.id]
            for item in declarations.members(dimension)
            if item.id in transformed and status.usable(transformed[item.id]) == "used"
        }
        if members:
            yield dimension, members, plain_fit(members)


def plain_fit(members: dict[str, pd.Series]) -> Any:
    """``DynamicFactorMQ.fit()`` with its defaults; None where it raises."""
    monthly = {name: values for name, values in members.items() if is_monthly(values)}
    quarterly = {name: values for name, values in members.items() if not is_monthly(values)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if monthly and quarterly:
                model = DynamicFactorMQ(
                    pd.DataFrame(monthly), endog_quarterly=pd.DataFrame(quarterly), factors=1
                )
            else:
                model = DynamicFactorMQ(pd.DataFrame(members), factors=1)
            return model.fit(disp=False)
        except (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError):
            return None


def in_raw_units(likelihood: float, members: dict[str, pd.Series], scales: np.ndarray) -> float:
    """Log-likelihood of the series themselves, from that of their standardised values."""
    seen = np.array([values.notna().sum() for values in members.values()])
    return float(likelihood - (seen * np.log(scales)).sum())


def is_locked(fit: Any, names: list[str]) -> bool:
    """Whether the plain factor is one of several series: all but a twentieth of that one, no half of any other."""
    if len(names) < 2:
        return False
    shares = fit.get_coefficients_of_determination(method="individual").to_numpy()[:, 0]
    return bool(shares.max() > LOCKED_SHARE and np.sort(shares)[-2] < 0.5)


def compare(
    dimension: str, members: dict[str, pd.Series], plain: Any, shared: groups.Shared
) -> dict[str, Any]:
    """Likelihoods and agreement of the two fits of one dimension."""
    polarity = {name: item.polarity for name, item in shared.declarations.indicators.items()}
    own = factor.fit(members, polarity, shared.learn_until, QUARTER)
    smoothed = plain.factors.smoothed.iloc[:, 0]
    quarterly = smoothed.groupby(pd.PeriodIndex(smoothed.index).asfreq("Q-DEC")).mean()
    both = pd.concat([own.value, quarterly], axis=1).dropna()
    names = plain.model.endog_names  # a bare name where there is one series
    order = [names] if isinstance(names, str) else list(names)
    scales = pd.Series(np.asarray(plain.model._endog_std, dtype=float).ravel(), order)[
        list(members)
    ].to_numpy()
    return {
        "dimension": dimension,
        "members": len(members),
        "own": in_raw_units(own.log_likelihood, members, own.model.scale),
        "plain": in_raw_units(float(plain.llf), members, scales),
        "converged": bool(plain.mle_retvals.get("iter", 0) < 500),
        "locked": is_locked(plain, order),
        "correlation": abs(float(np.corrcoef(both.to_numpy().T)[0, 1])),
    }


def against_the_plain_loop(full: bool) -> None:
    """Speed, likelihood and agreement on the sample workspace."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = sample_workspace(Path(folder) / "workspace")
        observations = workspace.observations(None)
    declarations = workspace.declarations
    nation = national.compute(
        observations[observations["group"] == "TH"], declarations, QUARTER, settings=Settings()
    )
    shared = groups._shared(declarations, QUARTER, nation)
    present = set(observations["group"])
    codes = [code for kind in groups.KINDS for code in groups._codes(declarations, kind) if code in present]
    picked = (
        codes if full else sorted(np.random.default_rng(7).choice(codes, SAMPLED, replace=False).tolist())
    )
    rows = {code: observations[observations["group"] == code] for code in picked}
    counts = observations.groupby("group")["indicator"].nunique()
    scale = float(counts[codes].sum() / counts[picked].sum())

    started, used = time.perf_counter(), processor_seconds()
    plain = {code: list(plain_group(code, rows[code], declarations, shared)) for code in picked}
    plain_elapsed, plain_used = time.perf_counter() - started, processor_seconds() - used
    started = time.perf_counter()
    groups.compute(observations, declarations, QUARTER, national=nation, jobs=2)
    elapsed = time.perf_counter() - started
    used = processor_seconds()
    groups.compute(pd.concat(rows.values()), declarations, QUARTER, national=nation, jobs=1)
    own_used = processor_seconds() - used

    print(
        f"{len(codes)} groups; plain loop timed on {len(picked)} of them, {scale:.1f} times as many series in all"
    )
    print(
        f"plain loop {plain_elapsed * scale:.0f} s (scaled up), the reporter with two processes {elapsed:.0f} s: ratio {plain_elapsed * scale / elapsed:.1f} (needed 20)"
    )
    print(
        f"processor time per group: plain {plain_used / len(picked):.2f} s, the reporter {own_used / len(picked):.2f} s: ratio {plain_used / own_used:.1f} on one core, twice that on two",
        flush=True,
    )
    compared, failed, differences = [], 0, []
    for group in plain.values():
        found = [compare(name, members, fit, shared) for name, members, fit in group if fit is not None]
        failed += len(group) - len(found)
        compared += found
        differences.append(sum(item["own"] - item["plain"] for item in found))
    table = pd.DataFrame(compared)
    fair = table[table["converged"] & ~table["locked"]]
    print(
        f"plain fits: {failed} raised, {int((~table['converged']).sum())} of {len(table)} did not converge, {int(table['locked'].sum())} locked on to one series"
    )
    print(
        f"log-likelihood per group, the reporter's less the plain one: median {np.median(differences):+.1f}, smallest {min(differences):+.1f}, {sum(d < -0.5 for d in differences)} of {len(differences)} below -0.5 (needed none)"
    )
    lower = table[table["own"] < table["plain"] - 0.5]
    print(
        f"  by dimension: {len(lower)} of {len(table)} below -0.5; median {np.median(table['own'] - table['plain']):+.2f}"
    )
    print(
        f"correlation of the cycles where the plain fit converged unlocked: median {fair['correlation'].median():.4f}, smallest {fair['correlation'].min():.4f}, {int((fair['correlation'] > 0.99).sum())} of {len(fair)} above 0.99 (needed all)"
    )


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
    groups.compute(part, declarations, QUARTER, national=tables, jobs=2)
    done.set()
    watcher.join()
    print(json.dumps({"table": table / max(SIZES), "before": seen[0], "after": max(seen)}))


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
        f"memory of the driver: {slope * 1024:.0f} KB a group beside the observations, which take {found['table'] * 1024:.0f} KB a group"
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
        "against": lambda: against_the_plain_loop("--full" in arguments),
        "growth": growth,
        "memory": memory,
        "builds": builds,
    }
    for name, part in parts.items():
        if only in ("", name):
            part()


if __name__ == "__main__":
    main()
