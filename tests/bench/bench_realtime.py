"""What must hold of the index in real time, with its bounds: late sources, revisions, year ends, nowcast, truth, bands.

Run by ``make bench``; ``--quick`` leaves the sample and most seeds out. Vintages of 17 quarters by the declared publication lags; the model is
learnt at the end of 2020. Simulated workspaces need no seasonal adjustment; the sample runs through X-13 in every vintage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reporter.domain.edition import Settings
from reporter.index import national
from reporter.index.panel import collect
from reporter.inputs import declared
from tests.support import realtime
from tests.support.simulation import Recipe, simulate

END = pd.Period("2020Q4", freq="Q-DEC")
QUARTERS = pd.period_range("2021Q3", "2025Q3", freq="Q-DEC")
SEEDS = (901, 902)
PLAIN = Recipe(season=0.0, ragged=False)
DESIGNS: dict[str, Recipe] = {
    "plain": PLAIN,
    "smooth cycle": replace(PLAIN, cycle="ar2"),
    "persistence 0.85": replace(PLAIN, cycle=(0.85, 0.0)),
    "persistence 0.98": replace(PLAIN, cycle=(0.98, 0.0)),
    "persistent noise": replace(PLAIN, idiosyncratic=0.8, quarterly=0.6),
    "little in common": replace(PLAIN, common=0.2, noise=(0.8, 1.6)),
    "wandering": replace(PLAIN, wandering=0.3),
    "curved trends": PLAIN,
    "breaks": PLAIN,
}
# figure -> (largest or smallest, bound, for which workspaces)
BOUNDS: dict[str, tuple[str, float]] = {
    "late sub-index": ("<=", 15.0), "late headline": ("<=", 6.0), "late without value": ("<=", 0.0),
    "revision headline": ("<=", 2.0), "revision sub-indices": ("<=", 3.5), "bias headline": ("abs", 1.5),
    "January move mean": ("<=", 1.0), "January move largest": ("<=", 3.0), "within a year mean": ("<=", 0.5),
    "nowcast headline": ("<=", 0.75), "nowcast sub-indices": ("<=", 0.9),
    "coverage level 95": ("in", 0.95), "coverage level 80": ("in", 0.80), "coverage change 95": ("in", 0.95),
    "coverage change 80": ("in", 0.80), "coverage final 95": ("in", 0.95), "coverage final 80": ("in", 0.80),
}  # fmt: skip
INSIDE = {0.95: (0.90, 0.99), 0.80: (0.75, 0.90)}


@dataclass(frozen=True)
class Workspace:
    """Raw observations and, where simulated, the truth."""

    observations: pd.DataFrame
    truth: pd.DataFrame | None


def simulated(name: str, seed: int) -> Workspace:
    """A simulated workspace; curves and breaks are laid over levels afterwards."""
    declarations = declared.load(None)
    observations, truth = simulate(declarations, seed, DESIGNS[name])
    rng = np.random.default_rng(seed)
    observations["adjusted"] = True
    if name in ("curved trends", "breaks"):
        for indicator, rows in observations.groupby("indicator"):
            position = np.linspace(0, 1, len(rows))
            spread = float(rows["value"].std())
            if name == "curved trends":
                extra = rng.normal() * 2 * spread * (position - 0.5) ** 2
            else:
                extra = rng.normal() * 0.7 * spread * (position > rng.uniform(0.3, 0.9))
            if declarations.indicators.get(str(indicator), None) is None or rows["value"].max() < 1000:
                observations.loc[rows.index, "value"] += extra
    return Workspace(observations, truth)


def sample() -> Workspace:
    """The synthetic sample workspace."""
    import datetime as dt
    import tempfile
    from pathlib import Path

    from reporter.inputs.workspace import open_workspace
    from reporter.sample import generate

    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        observations = open_workspace(Path(folder)).observations(dt.date(2025, 11, 14))
    return Workspace(observations[observations["group"] == "TH"].reset_index(drop=True), None)


def figures(workspace: Workspace, *, patterns: int) -> dict[str, float]:
    """All figures of one workspace."""
    declarations = declared.load(None)
    settings = Settings(base_end="2020-Q4")
    prepared = national.prepare(workspace.observations, declarations, QUARTERS[-1], settings)
    if workspace.truth is None:
        by_quarter = _adjusted(workspace.observations, declarations)
        first = by_quarter(QUARTERS[0])
        prepared = replace(prepared, adjusted=dict(first))
    model = national.learnt(prepared, declarations, END, settings)
    assert model is not None
    if workspace.truth is not None:
        series = collect(workspace.observations, declarations, QUARTERS[-1])
        fixed = {name: item.values for name, item in series.items()}
        by_quarter = lambda quarter: fixed  # noqa: E731
    made = realtime.vintages(model, by_quarter, declarations, QUARTERS)
    found = realtime.revision_figures(made) | realtime.move_figures(made) | realtime.nowcast_figures(made)
    newest = by_quarter(QUARTERS[-1])
    found |= realtime.late_figures(model, newest, declarations, QUARTERS[-1], patterns)
    if workspace.truth is not None:
        found |= realtime.coverage_figures(made, model, workspace.truth)
        found |= realtime.agreement(made.final, model, workspace.truth)
    return found


def _adjusted(observations: pd.DataFrame, declarations) -> Callable[[pd.Period], realtime.Adjusted]:  # type: ignore[no-untyped-def]
    """Series adjusted with what was known in each quarter; models are chosen once a year."""
    kept: dict[pd.Period, realtime.Adjusted] = {}

    def of(quarter: pd.Period) -> realtime.Adjusted:
        if quarter not in kept:
            kept[quarter] = national.prepare(observations, declarations, quarter, Settings()).adjusted
        return kept[quarter]

    return of


def holds(name: str, value: float) -> bool | None:
    """Whether a figure keeps its bound; None where it has none."""
    if name not in BOUNDS:
        return None
    kind, bound = BOUNDS[name]
    if kind == "in":
        low, high = INSIDE[bound]
        return low <= value <= high
    return abs(value) <= bound + 1e-9


def main(arguments: list[str]) -> None:
    """Prints the table."""
    quick = "--quick" in arguments
    columns: dict[str, dict[str, float]] = {}
    for name in DESIGNS:
        made = [figures(simulated(name, seed), patterns=20) for seed in (SEEDS[:1] if quick else SEEDS)]
        columns[name] = {key: float(np.mean([one[key] for one in made])) for key in made[0]}
        print(name, {key: round(value, 3) for key, value in columns[name].items()}, flush=True)
    pooled = {key: float(np.mean([c[key] for c in columns.values()])) for key in columns["plain"]}
    columns["pooled simulations"] = pooled
    if not quick:
        columns["sample"] = figures(sample(), patterns=0)
    table = pd.DataFrame(columns)
    print(table.round(3).to_string())
    for name in ("pooled simulations", *([] if quick else ["sample"])):
        missed = {key: round(value, 3) for key, value in columns[name].items() if holds(key, value) is False}
        print(f"{name}: bounds missed: {missed or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
