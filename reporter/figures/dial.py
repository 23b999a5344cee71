"""The dial: one index on its scale, with the neutral point and where it stood a quarter ago."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Wedge

from reporter.domain.thai import number
from reporter.figures.theme import DIVERGING, INK, MUTED, SMALL

STEPS = 24  # pieces of the scale's ring
LEI_SCALE = (70.0, 130.0)  # three standard deviations either way
CONFIDENCE_SCALE = (0.0, 200.0)


def dial(ax: Axes, value: float, scale: tuple[float, float], *, before: float, colour: str) -> None:
    """A half ring from worse to better, a pointer at the value, a hollow mark at the value before.

    A value beyond the scale points at its end; the number below is the true one.
    """
    edges = np.linspace(180, 0, STEPS + 1)
    for left, right, tone in zip(edges[:-1], edges[1:], (np.arange(STEPS) + 0.5) / STEPS, strict=True):
        ax.add_patch(Wedge((0, 0), 1, right - 0.4, left + 0.4, width=0.2, facecolor=DIVERGING(tone)))
    ax.plot([0, 0], [0.77, 1.03], color=INK, linewidth=0.9)
    for at, place in ((scale[0], -0.9), (sum(scale) / 2, None), (scale[1], 0.9)):
        if place is None:
            ax.text(0, 1.07, number(at, 0), ha="center", va="bottom", fontsize=SMALL, color=MUTED)
        else:
            ax.text(place, -0.05, number(at, 0), ha="center", va="top", fontsize=SMALL, color=MUTED)
    if np.isfinite(before):
        x, y = _on_ring(before, scale, 0.9)
        ax.plot(x, y, "o", markersize=5, color="none", markeredgecolor=INK, markeredgewidth=1.1)
    x, y = _on_ring(value, scale, 0.74)
    ax.plot([0.18 * x, x], [0.18 * y, y], color=colour, linewidth=2.6, solid_capstyle="round")
    ax.plot(0, 0, "o", markersize=6, color=colour)
    ax.text(0, -0.16, number(value), ha="center", va="top", fontsize=19, fontweight="bold", color=colour)
    ax.set(xlim=(-1.12, 1.12), ylim=(-0.62, 1.2), aspect="equal")
    ax.axis("off")


def _on_ring(value: float, scale: tuple[float, float], radius: float) -> tuple[float, float]:
    share = float(np.clip((value - scale[0]) / (scale[1] - scale[0]), 0, 1))
    angle = np.pi * (1 - share)
    return radius * float(np.cos(angle)), radius * float(np.sin(angle))
