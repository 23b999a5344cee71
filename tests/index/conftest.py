"""Simulated nations shared by the tests of the index; computed once a session."""

from __future__ import annotations

import pandas as pd
import pytest

from reporter.domain.declarations import Declarations
from reporter.domain.edition import Settings
from reporter.index import national
from reporter.inputs import declared
from tests.support.simulation import Recipe, simulate

QUARTER = pd.Period("2025Q3", freq="Q-DEC")


@pytest.fixture(scope="session")
def declarations() -> Declarations:
    return declared.load()


@pytest.fixture(scope="session")
def simulated(declarations: Declarations) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Observations and truth of four dimensions: quarterly, mixed and monthly ones."""
    observations, truth = simulate(declarations, seed=11, recipe=Recipe(start="2012-01"))
    kept = ("wages", "unemployment", "job_opportunity", "gender_gap")
    names = [
        name
        for item in declarations.indicators.values()
        if item.dimension in kept
        for name in (item.id, *item.components)
    ]
    return observations[observations["indicator"].isin(names)].reset_index(drop=True), truth[list(kept)]


@pytest.fixture(scope="session")
def earlier(simulated) -> pd.DataFrame:
    """What the previous issue knew: nothing of the newest months and quarter."""
    observations = simulated[0]
    return observations[~observations["period"].isin(["2025-08", "2025-09", "2025-Q3"])]


@pytest.fixture(scope="session")
def tables(simulated, earlier, declarations):
    return national.compute(simulated[0], declarations, QUARTER, settings=Settings(), previous=earlier)
