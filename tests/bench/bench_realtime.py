"""What must hold of the index in real time, with its bounds: late sources, revisions, year ends, nowcast, truth, bands.

Run by ``make bench``; parts by ``--parts`` and ``--seeds``, ``--quick`` leaves the sample and most seeds out. Vintages of 17 quarters by the declared publication lags; the model is
learnt at the end of 2020. Simulated workspaces need no seasonal adjustment; the sample runs through X-13 in every vintage.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.edition import Settings
from reporter.index import groups, national
from reporter.index.panel import collect
from reporter.inputs import declared
from reporter.inputs.workspace import open_workspace
from reporter.sample import generate
from tests.support import realtime
from tests.support.simulation import Recipe, simulate

END = pd.Period("2020Q4", freq="Q-DEC")
QUARTERS = pd.period_range("2021Q3", "2025Q3", freq="Q-DEC")
SEEDS = (901, 902, 903)
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
# Figure -> smallest and largest value that issue 18 allows, for the pooled simulations and for the sample.
_UP = -float("inf")
BOUNDS: dict[str, tuple[float, float]] = {
    "late sub-index": (_UP, 15.0), "late headline": (_UP, 6.0), "late without value": (_UP, 0.0),
    "revision headline": (_UP, 2.0), "revision sub-indices": (_UP, 3.5), "bias headline": (-1.5, 1.5),
    "January move mean": (_UP, 1.0), "January move largest": (_UP, 3.0), "within a year mean": (_UP, 0.5),
    "nowcast -15 headline": (_UP, 0.75), "nowcast -15 sub-indices": (_UP, 0.9),
    "nowcast +30 headline": (_UP, 0.75), "nowcast +30 sub-indices": (_UP, 0.9),
    "coverage level 95": (0.90, 0.99), "coverage level 80": (0.75, 0.90), "coverage change 95": (0.90, 0.99),
    "coverage change 80": (0.75, 0.90), "coverage final 95": (0.90, 0.99), "coverage final 80": (0.75, 0.90),
    "ranking level": (0.93, 0.97), "ranking rank": (0.93, 0.97),
}  # fmt: skip


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
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        observations = open_workspace(Path(folder)).observations(dt.date(2025, 11, 14))
    return Workspace(observations[observations["group"] == "TH"].reset_index(drop=True), None)


def real() -> Workspace | None:
    """Published Thai series of two dimensions; None where they do not stand beside the checkout."""
    folder = Path(__file__).parents[3] / "shared" / "real"
    if not folder.is_dir():
        return None
    observations = open_workspace(folder).observations(dt.date(2025, 11, 14))
    return Workspace(observations[observations["group"] == "TH"].reset_index(drop=True), None)


def figures(workspace: Workspace) -> dict[str, float]:
    """All figures of one workspace."""
    declarations = declared.load(None)
    settings = Settings(base_end="2020-Q4")
    prepared = national.prepare(workspace.observations, declarations, QUARTERS[-1], settings)
    if workspace.truth is None:
        by_quarter = _adjusted(workspace.observations, declarations)
        prepared = replace(prepared, adjusted=dict(by_quarter(QUARTERS[0])))
    model = national.learnt(prepared, declarations, END, settings)
    assert model is not None
    if workspace.truth is not None:
        series = collect(workspace.observations, declarations, QUARTERS[-1])
        fixed = {name: item.values for name, item in series.items()}
        by_quarter = lambda quarter: fixed  # noqa: E731
    made = realtime.vintages(model, by_quarter, declarations, QUARTERS)
    found = realtime.revision_figures(made) | realtime.move_figures(made) | realtime.nowcast_figures(made)
    found |= realtime.late_figures(model, by_quarter(QUARTERS[-1]), declarations, QUARTERS[-1])
    if workspace.truth is not None:
        found |= realtime.coverage_figures(made, model, workspace.truth)
        found |= realtime.agreement(made.final, model, workspace.truth)
    return found


def _adjusted(
    observations: pd.DataFrame, declarations: Declarations
) -> Callable[[pd.Period], realtime.Adjusted]:
    """Series adjusted with what was known in each quarter; models are chosen once a year."""
    kept: dict[pd.Period, realtime.Adjusted] = {}

    def of(quarter: pd.Period) -> realtime.Adjusted:
        if quarter not in kept:
            kept[quarter] = national.prepare(observations, declarations, quarter, Settings()).adjusted
        return kept[quarter]

    return of


# Spread of the true levels between groups, in standard deviations of a member's own noise; number of groups; simulations.
RANKINGS: dict[str, tuple[float, int, int]] = {
    "": (1.0, 20, 60), " of 5": (1.0, 5, 120), " of 77": (1.0, 77, 15), ", near ties": (0.05, 20, 60),
    ", close": (0.3, 20, 60), ", far apart": (3.0, 20, 60),
}  # fmt: skip


def rankings() -> dict[str, float]:
    """Share of groups whose true level and true rank lie in their intervals, where own noise is an AR(0.8) in quarters."""
    found: dict[str, float] = {}
    for name, (spread, size, runs) in RANKINGS.items():
        held = np.concatenate([_ranking_held(7000 + seed, spread, size) for seed in range(runs)], axis=1)
        found |= {f"ranking level{name}": float(held[0].mean()), f"ranking rank{name}": float(held[1].mean())}
    return found


def _ranking_held(seed: int, spread: float, size: int) -> np.ndarray:
    """Of one simulation: 2 x groups, whether the true level and the true rank lie in their intervals.

    The truth is what the level would be with the members' common part alone. A twelfth of the common part's variance moves in time.
    """
    declarations = declared.load(None)
    names = [item.id for item in declarations.indicators.values() if not item.components][:20]
    weights = pd.Series(1.0, list(declarations.dimensions))
    quarters = pd.period_range("2010Q1", "2025Q3", freq="Q-DEC")
    rng = np.random.default_rng(seed)
    level = spread * (rng.normal(0, 1, size)[:, None] + 0.3 * _persistent(rng, (size, len(quarters))))
    own = {name: _persistent(rng, (size, len(quarters))) for name in names}
    signs = {name: declarations.indicators[name].polarity for name in names}
    values = {name: signs[name] * (level + own[name]) for name in names}
    made = [
        groups.GroupLevels(str(g), {n: pd.Series(v[g], quarters) for n, v in values.items()})
        for g in range(size)
    ]
    table = groups.table(made, "PROVINCE", declarations, weights, quarters[-1])
    table = table.set_index("group").loc[[str(g) for g in range(size)]]
    # The level's own part on the scale of the index: the same spreads, the noise taken out.
    panel = {n: (level[:, -4:].mean(axis=1), (signs[n] * values[n])[:, -4:].mean(axis=1)) for n in names}
    share = groups._importance(names, declarations, weights)
    scores = [(common - common.mean()) / seen.std() for common, seen in panel.values()]
    true = 100 + 10 * share @ np.array(scores)
    rank = 1 + (true[None, :] > true[:, None]).sum(axis=1)
    of_level = (table["low"] <= true) & (true <= table["high"])
    return np.array([of_level, (table["rank_low"] <= rank) & (rank <= table["rank_high"])])


def _persistent(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """AR(0.8) of unit variance in every row."""
    path = rng.standard_normal(shape)
    for t in range(1, shape[1]):
        path[:, t] = 0.8 * path[:, t - 1] + 0.6 * path[:, t]
    return path


def holds(name: str, value: float) -> bool | None:
    """Whether a figure keeps its bound; None where it has none."""
    if name not in BOUNDS:
        return None
    low, high = BOUNDS[name]
    return low - 1e-9 <= value <= high + 1e-9


def told(columns: dict[str, dict[str, float]]) -> str:
    """The table: figures of every column with the bound beside."""
    table = pd.DataFrame(columns)
    bounds = {
        name: f"{low:g} to {high:g}" if low > 0 else f"<= {high:g}" for name, (low, high) in BOUNDS.items()
    }
    table["bound"] = pd.Series(bounds).reindex(table.index).fillna("")
    return table.round(3).to_string()


def main(arguments: list[str]) -> None:
    """Prints the table; ``--seeds 901,902``, ``--parts simulations,sample,real,rankings`` choose, ``--quick`` is one seed without the sample."""
    chosen = dict(zip(arguments[::2], arguments[1::2], strict=False)) if arguments[:1] != ["--quick"] else {}
    quick = arguments[:1] == ["--quick"]
    seeds = (
        SEEDS[:1]
        if quick
        else tuple(int(text) for text in chosen.get("--seeds", ",".join(map(str, SEEDS))).split(","))
    )
    parts = "simulations,rankings" if quick else chosen.get("--parts", "simulations,sample,real,rankings")
    columns: dict[str, dict[str, float]] = {}
    if "simulations" in parts:
        every: list[dict[str, float]] = []
        for name in DESIGNS:
            made = []
            for seed in seeds:
                made.append(figures(simulated(name, seed)))
                print(
                    json.dumps(
                        {"design": name, "seed": seed} | {k: round(v, 4) for k, v in made[-1].items()}
                    ),
                    flush=True,
                )
            columns[name] = {key: float(np.mean([one[key] for one in made])) for key in made[0]}
            every += made
        columns["pooled"] = {key: float(np.mean([one[key] for one in every])) for key in every[0]}
    if "sample" in parts:
        columns["sample"] = figures(sample())
        print(
            json.dumps({"design": "sample"} | {k: round(v, 4) for k, v in columns["sample"].items()}),
            flush=True,
        )
    if "real" in parts and (workspace := real()) is not None:
        columns["real (reported)"] = figures(workspace)
    if "rankings" in parts:
        columns["rankings"] = rankings()
    print(told(columns))
    for name in ("pooled", "sample", "rankings"):
        if name in columns:
            missed = {
                key: round(value, 3) for key, value in columns[name].items() if holds(key, value) is False
            }
            print(f"{name}: bounds missed: {missed or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
