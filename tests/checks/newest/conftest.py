"""The sample's national and group series as observations, and simulated ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reporter.domain.declarations import Declarations
from reporter.inputs.declared import load
from reporter.inputs.workspace import open_workspace
from reporter.sample import generate
from tests.support.simulation import simulate


@pytest.fixture(scope="session")
def declarations() -> Declarations:
    return load()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """All observations of the sample workspace, every vintage."""
    root: Path = tmp_path_factory.mktemp("sample") / "workspace"
    generate(root)
    return open_workspace(root).usable_history()


@pytest.fixture(scope="session")
def nation(sample: pd.DataFrame) -> pd.DataFrame:
    """The sample's national series."""
    return sample[sample["group"] == "TH"].reset_index(drop=True)


@pytest.fixture(scope="session")
def simulated(declarations: Declarations) -> pd.DataFrame:
    """Series of a simulated economy: no relation of the real one holds in them."""
    return simulate(declarations, 4711)[0]
