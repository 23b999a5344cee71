"""How well and how fast the index is computed: truth in simulation, time of the nation, growth over groups.

Prints, for each design of simulated workspaces: mean and smallest gain in correlation with the true cycle over the
principal component of the same panel, gain of the composite, and processor seconds for a nation; then every dimension
that lost more than 0.02, with the component's own correlation, and every composite below the component's. A few
workspaces go through X-13; many more are simulated without season, on seeds that no constant of the model was chosen on.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from reporter.domain.declarations import LABOUR_KINDS, Declarations
from reporter.domain.edition import Settings
from reporter.index import groups, national
from reporter.inputs import declared
from tests.support.simulation import Recipe, simulate
from tests.support.truth import QUARTER, Gains, gains, processor_seconds

SEASONAL_SEEDS, OTHER_SEEDS = range(7300, 7302), range(7200, 7204)
MOST_LOST = -0.02
DESIGNS = {
    "rates, first-order cycle": Recipe(),
    "levels, first-order cycle": Recipe(growth="level"),
    "rates, second-order cycle": Recipe(cycle="ar2"),
    "levels, second-order cycle": Recipe(cycle="ar2", growth="level"),
    "no trend, white noise": Recipe(trend=0, idiosyncratic=0.0, noise=(0.3, 0.8)),
    "persistent noise": Recipe(idiosyncratic=0.8),
    "from 2014": Recipe(start="2014-01"),
    "levels, very persistent noise": Recipe(idiosyncratic=0.9, growth="level", cycle="ar2"),
    "noisy": Recipe(noise=(0.8, 1.6), start="2010-01"),
    "dimensions apart": Recipe(common=0.0, growth="level"),
    "dimensions alike": Recipe(common=0.8, idiosyncratic=0.5),
    "equal loadings": Recipe(loadings=(1.0, 1.0), idiosyncratic=0.5, quarterly=0.5, noise=(0.5, 0.9)),
    "unequal loadings": Recipe(loadings=(0.4, 1.4), noise=(0.3, 1.0)),
    "quick cycle": Recipe(cycle=(0.85, 0.0), idiosyncratic=0.4, quarterly=0.4, noise=(0.4, 1.0)),
    "slow cycle": Recipe(cycle=(0.97, 0.0), growth="level", idiosyncratic=0.5, quarterly=0.3),
    "quick second-order cycle": Recipe(cycle=(1.8, -0.83), idiosyncratic=0.4, quarterly=0.4),
    "two members": Recipe(members=2, noise=(0.4, 1.0)),
    "three members, from 2012": Recipe(members=3, start="2012-01", idiosyncratic=0.5),
    "one member": Recipe(members=1, noise=(0.3, 0.9)),
    "from 2003, white noise": Recipe(start="2003-01", idiosyncratic=0.0, noise=(0.5, 1.2)),
    "wandering members": Recipe(wandering=0.4, growth="level"),
    "little noise": Recipe(noise=(0.15, 0.5), quarterly=0.2),
    "much missing": Recipe(missing=0.08),
}


def group_growth(declarations: Declarations) -> float:
    """Exponent of processor time over 10, 20 and 40 synthetic groups."""
    nation = simulate(declarations, 1, Recipe(start="2012-01"))[0]
    tables = national.compute(nation, declarations, QUARTER, settings=Settings())
    codes = [group.code for kind in LABOUR_KINDS for group in declarations.groups_of(kind)]
    sizes, seconds = (10, 20, 40), []
    for size in sizes:
        many = pd.concat([nation, *(nation.assign(group=code) for code in codes[:size])], ignore_index=True)
        started = processor_seconds()
        groups.compute(many, declarations, QUARTER, national=tables)
        seconds.append(processor_seconds() - started)
        print(f"  {size} groups of 38 indicators: {seconds[-1]:.1f} processor seconds")
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def told(name: str, results: Iterable[Gains]) -> str:
    """One line: dimensions, composite, time."""
    results = list(results)
    dimensions = np.array([gain for result in results for gain in result.dimensions])
    composite = np.array([result.composite for result in results])
    return (
        f"{name}: gain {dimensions.mean():+.4f} (smallest {dimensions.min():+.4f}, {(dimensions < MOST_LOST).sum()} of "
        f"{len(dimensions)} below {MOST_LOST}); composite {composite.mean():+.4f} (smallest {composite.min():+.4f}, "
        f"{(composite < 0).sum()} of {len(composite)} below 0); "
        f"{np.mean([result.seconds for result in results]):.1f} processor seconds a nation"
    )


def losses(name: str, result: Gains) -> list[str]:
    """One line for every dimension that lost more than it may and for a composite below the component's."""
    lost = [
        f"{name}: a dimension {gain:+.4f}, where the component's own correlation is {plain:+.2f}"
        for gain, plain in zip(result.dimensions, result.components, strict=True)
        if gain < MOST_LOST
    ]
    return lost + ([f"{name}: composite {result.composite:+.4f}"] if result.composite < 0 else [])


def main() -> None:
    """Print ratios and counts."""
    declarations = declared.load()
    for seeds, is_seasonal in ((SEASONAL_SEEDS, True), (OTHER_SEEDS, False)):
        print("seasonally adjusted by X-13" if is_seasonal else "without season")
        everything: list[Gains] = []
        lost: list[str] = []
        for name, recipe in DESIGNS.items():
            found = [gains(declarations, recipe, seed, is_seasonal=is_seasonal) for seed in seeds]
            everything += found
            lost += [line for result in found for line in losses(name, result)]
            print("  " + told(name, found), flush=True)
        print("  " + told("all designs", everything) + " (needed +0.008, aim +0.020)")
        print("\n".join(f"  {line}" for line in lost))
    print(
        f"growth of processor time over groups: exponent {group_growth(declarations):.2f} (needed 1.1 or less)"
    )


if __name__ == "__main__":
    main()
