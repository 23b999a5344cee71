"""Colours that mean something stay apart for colour-blind readers; stacked neighbours stay apart in grey."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from reporter.figures.chart import (
    BETTER,
    CATEGORIES,
    EMPLOYERS,
    NAVY,
    STACK,
    UNCHANGED,
    WORKERS,
    WORSE,
)

# Machado, Oliveira and Fernandes 2009, severity 1, linear RGB
SIGHT = {
    "all cones": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colour: str, sight: str = "all cones") -> np.ndarray:
    """CIE Lab of a colour as somebody sees it."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(SIGHT[sight] @ linear, 0, 1)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ seen / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, two: str, sight: str) -> float:
    return float(np.linalg.norm(lab(one, sight) - lab(two, sight)))


@pytest.mark.parametrize("sight", sorted(SIGHT))
@pytest.mark.parametrize(
    "group", [(BETTER, WORSE, UNCHANGED), (NAVY, EMPLOYERS, WORKERS), CATEGORIES[:5], STACK]
)
def test_colours_of_one_chart_are_told_apart(group, sight):
    """A difference of 10 is seen at a glance; lines carry their names besides."""
    near = {
        pair: round(distance(*pair, sight), 1)
        for pair in combinations(group, 2)
        if distance(*pair, sight) < 10
    }
    assert not near


def test_neighbours_of_a_stack_differ_in_grey():
    light = [lab(colour)[0] for colour in STACK]
    assert all(abs(a - b) >= 25 for a, b in pairwise(light)), light
