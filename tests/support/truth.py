"""How close the index comes to the known cycles of a simulated workspace, against the plain principal component.

Goes in: declarations, a recipe, a seed. Comes out: gains in correlation with the truth, for every dimension and for
the composite (truth and component weighted as the composite is).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reporter.domain.context import Settings
from reporter.domain.declarations import Declarations
from reporter.index import national
from reporter.index.components import principal_component
from reporter.index.factor import Fit
from tests.support.simulation import Recipe, simulate

QUARTER = pd.Period("2025Q3", freq="Q-DEC")


@dataclass(frozen=True)
class Gains:
    """Correlation with the truth less the component's, and processor seconds of preparation and estimation.

    components  the component's own correlation with the truth, by dimension
    """

    dimensions: list[float]
    components: list[float]
    composite: float
    seconds: float


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


def gains(declarations: Declarations, recipe: Recipe, seed: int, *, is_seasonal: bool = True) -> Gains:
    """Simulate, compute, compare.

    is_seasonal  False leaves season and its adjustment away, which is most of the time
    """
    observations, truth = simulate(declarations, seed, recipe if is_seasonal else replace(recipe, season=0.0))
    if not is_seasonal:
        observations["adjusted"] = True
    started = processor_seconds()
    prepared = national.prepare(observations, declarations, QUARTER, Settings())
    result = national.estimate(prepared, declarations, QUARTER, Settings())
    seconds = processor_seconds() - started
    found: list[float] = []
    plain: list[float] = []
    columns: dict[str, list[pd.Series]] = {"model": [], "component": [], "truth": []}
    for name, fit in result.fits.items():
        frame = pd.DataFrame(
            {"model": fit.value, "component": component(fit, declarations), "truth": truth[name]}
        ).dropna()
        agreement = frame.corr()["truth"]
        found.append(float(agreement["model"] - agreement["component"]))
        plain.append(float(agreement["component"]))
        standard = (frame - frame.mean()) / frame.std() * float(result.composite.weights[name])
        for column, values in standard.items():
            columns[str(column)].append(values)
    whole = pd.DataFrame({name: pd.concat(parts, axis=1).sum(axis=1) for name, parts in columns.items()})
    agreement = whole.corr()["truth"]
    return Gains(found, plain, float(agreement["model"] - agreement["component"]), seconds)
