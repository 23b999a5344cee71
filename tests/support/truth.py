"""How close the index comes to the known cycles of a simulated workspace, against the plain principal component.

Goes in: declarations, a recipe, a seed. Comes out: gains in correlation with the truth, for every dimension and for
the composite (truth and component weighted as the composite is).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.edition import Settings
from reporter.index import national
from reporter.index.joint_model import apply_form, principal_component
from reporter.index.panel import quarterly_means, removed
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


def component(
    dimension: str, prepared: national.Prepared, declarations: Declarations, end: pd.Period
) -> pd.Series:
    """Plain cross-check: first component of detrended and standardised quarterly means, oriented by polarity."""
    columns, signs = {}, []
    for item in declarations.members(dimension):
        if item.id in prepared.adjusted:
            form = prepared.forms[item.id].form
            values = apply_form(form, prepared.adjusted[item.id])
            rest = removed(values, form, item.detrend, end).values
            columns[item.id] = quarterly_means(rest)
            signs.append(item.polarity)
    panel = pd.DataFrame(columns).dropna(how="all")
    panel = (panel - panel.mean()) / panel.std(ddof=0)
    scores, loadings, _ = principal_component(panel.to_numpy())
    return pd.Series(scores * (1 if loadings @ np.array(signs) >= 0 else -1), panel.index)


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
    for name in result.posterior.dimensions:
        plainly = component(name, prepared, declarations, result.model.learn_until)
        frame = pd.DataFrame(
            {"model": result.posterior.value[name], "component": plainly, "truth": truth[name]}
        ).dropna()
        agreement = frame.corr()["truth"]
        found.append(float(agreement["model"] - agreement["component"]))
        plain.append(float(agreement["component"]))
        standard = (frame - frame.mean()) / frame.std() * float(result.model.weights[name])
        for column, values in standard.items():
            columns[str(column)].append(values)
    whole = pd.DataFrame({name: pd.concat(parts, axis=1).sum(axis=1) for name, parts in columns.items()})
    agreement = whole.corr()["truth"]
    return Gains(found, plain, float(agreement["model"] - agreement["component"]), seconds)
