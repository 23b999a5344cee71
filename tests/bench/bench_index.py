"""How well and how fast the index is computed: truth in simulation, time of the nation, growth over groups.

Prints, for each design of simulated workspaces: mean and smallest gain in correlation with the true cycle over the
principal component of the same panel, gain of the composite, and processor seconds for a nation.
"""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from reporter import declared
from reporter.context import Settings
from reporter.declarations import Declarations
from reporter.index import groups, national
from reporter.index.components import principal_component
from reporter.index.factor import Fit
from tests.support.simulation import Recipe, simulate

QUARTER = pd.Period("2025Q3", freq="Q-DEC")
SEEDS = range(21, 25)
DESIGNS = {
    "rates, first-order cycle": Recipe(),
    "levels, first-order cycle": Recipe(growth="level"),
    "rates, second-order cycle": Recipe(cycle="ar2"),
    "levels, second-order cycle": Recipe(cycle="ar2", growth="level"),
    "no trend, white noise": Recipe(trend=0, idiosyncratic=0.0, noise=(0.3, 0.8)),
    "persistent noise": Recipe(idiosyncratic=0.8),
    "from 2014": Recipe(start="2014-01"),
    "noisy": Recipe(noise=(0.8, 1.6), start="2010-01"),
}


def processor_seconds() -> float:
    """Processor time of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def component(fit: Fit, declarations: Declarations) -> pd.Series:
    """Plain cross-check: first component of standardised quarterly means, oriented by polarity."""
    panel = (fit.panel - fit.panel.mean()) / fit.panel.std(ddof=0)
    scores, loadings, _ = principal_component(panel.to_numpy())
    signs = np.array([declarations.indicators[name].polarity for name in fit.members])
    return pd.Series(scores * (1 if loadings @ signs >= 0 else -1), fit.panel.index)


def gains(declarations: Declarations, recipe: Recipe, seed: int) -> tuple[list[float], float, float]:
    """Gains of the dimensions, gain of the composite, processor seconds of preparation and estimation."""
    observations, truth = simulate(declarations, seed, recipe)
    started = processor_seconds()
    prepared = national.prepare(observations, declarations, QUARTER, Settings())
    result = national.estimate(prepared, declarations, QUARTER, Settings())
    seconds = processor_seconds() - started
    found: list[float] = []
    columns: dict[str, list[pd.Series]] = {"model": [], "component": [], "truth": []}
    for name, fit in result.fits.items():
        frame = pd.DataFrame(
            {"model": fit.value, "component": component(fit, declarations), "truth": truth[name]}
        ).dropna()
        agreement = frame.corr()["truth"]
        found.append(float(agreement["model"] - agreement["component"]))
        standard = (frame - frame.mean()) / frame.std() * float(result.composite.weights[name])
        for column, values in standard.items():
            columns[str(column)].append(values)
    whole = pd.DataFrame({name: pd.concat(parts, axis=1).sum(axis=1) for name, parts in columns.items()})
    agreement = whole.corr()["truth"]
    return found, float(agreement["model"] - agreement["component"]), seconds


def group_growth(declarations: Declarations) -> float:
    """Exponent of processor time over 10, 20 and 40 synthetic groups."""
    nation = simulate(declarations, 1, Recipe(start="2012-01"))[0]
    tables = national.compute(nation, declarations, QUARTER, settings=Settings())
    codes = [group.code for kind in groups.KINDS for group in declarations.groups_of(kind)]
    sizes, seconds = (10, 20, 40), []
    for size in sizes:
        many = pd.concat([nation, *(nation.assign(group=code) for code in codes[:size])], ignore_index=True)
        started = processor_seconds()
        groups.compute(many, declarations, QUARTER, national=tables)
        seconds.append(processor_seconds() - started)
        print(f"  {size} groups of 38 indicators: {seconds[-1]:.1f} processor seconds")
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def main() -> None:
    """Print ratios and counts."""
    declarations = declared.load()
    everything: list[float] = []
    for name, recipe in DESIGNS.items():
        found, composites, seconds = [], [], []
        for seed in SEEDS:
            dimensions, composite, time = gains(declarations, recipe, seed)
            found += dimensions
            composites.append(composite)
            seconds.append(time)
        everything += found
        print(
            f"{name}: gain {np.mean(found):+.4f} (smallest {min(found):+.4f}, {sum(g < -0.02 for g in found)} of "
            f"{len(found)} below -0.02); composite {np.mean(composites):+.4f} (smallest {min(composites):+.4f}); "
            f"{np.mean(seconds):.1f} processor seconds a nation"
        )
    print(f"all designs: gain {np.mean(everything):+.4f} (needed +0.008, aim +0.020)")
    print(
        f"growth of processor time over groups: exponent {group_growth(declarations):.2f} (needed 1.1 or less)"
    )


if __name__ == "__main__":
    main()
