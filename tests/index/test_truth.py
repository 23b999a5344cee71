"""The index against the known cycles of simulated workspaces; the long study is tests/bench/bench_index.py."""

from __future__ import annotations

import numpy as np
import pytest

from reporter.inputs.declared import load
from tests.support.simulation import Recipe
from tests.support.truth import Gains, gains

pytestmark = pytest.mark.slow

RECIPES = (
    Recipe(),
    Recipe(idiosyncratic=0.8),
    Recipe(noise=(0.8, 1.6), start="2010-01"),
)


@pytest.fixture(scope="module")
def found(declarations) -> list[Gains]:
    return [gains(declarations, recipe, 41, is_seasonal=False) for recipe in RECIPES]


def test_dimensions_are_closer_to_the_truth_than_their_principal_components(found):
    dimensions = [gain for result in found for gain in result.dimensions]
    assert len(dimensions) == len(found) * len(load(None).dimensions)
    assert np.mean(dimensions) > 0.02
    assert min(np.mean(result.dimensions) for result in found) > 0.01
    assert min(dimensions) > -0.05


def test_composite_keeps_within_a_hundredth_of_that_of_the_principal_components(found):
    assert min(result.composite for result in found) > -0.01
    assert np.mean([result.composite for result in found]) > 0
