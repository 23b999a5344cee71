"""Marks along a list: bars either way from zero, stacked shares, waterfalls, dots with intervals.

Rows are drawn from top to bottom in the order given; names stand left of the axis, values beside the marks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from reporter.domain.thai import (
    arrow,
    magnitude,
    number,
    sign_of,
)
from reporter.figures.axes import value_axis, wrap
from reporter.figures.lines import Numbers, tinted
from reporter.figures.theme import BETTER, INK, MUTED, PAPER, RULE, SMALL, TEXT, UNCHANGED, WORSE, ink_on


def row_names(ax: Axes, names: Sequence[str], *, columns: int = 34, size: float = TEXT) -> None:
    """Names of rows at the left, first on top, broken between words."""
    ax.set_yticks(range(len(names)), [wrap(name, columns) for name in names], fontsize=size, color=INK)
    ax.tick_params(axis="y", pad=4)
    for label in ax.get_yticklabels():
        label.set(linespacing=1.05, verticalalignment="center_baseline")
    ax.set_ylim(len(names) - 0.4, -0.6)


def sign_colour(value: float, decimals: int = 1) -> str:
    """Better, worse or unchanged, of the number as displayed."""
    return (UNCHANGED, BETTER, WORSE)[sign_of(value, decimals)]


def diverging_bars(
    ax: Axes,
    names: Sequence[str],
    values: Numbers,
    *,
    notes: Sequence[str] = (),
    decimals: int = 1,
    columns: int = 34,
    polarity: int = 1,
) -> None:
    """Bars either way from zero, each with arrow and value; ``notes`` stand at the right.

    polarity   1: positive is better; -1: positive is worse; 0: neither, all grey
    """
    known = np.asarray(values, dtype=float)
    ax.barh(
        range(len(known)),
        known,
        height=0.62,
        color=[sign_colour(v * polarity, decimals) for v in known],
        zorder=2,
    )
    ax.axvline(0, color=MUTED, linewidth=0.8, zorder=3)
    row_names(ax, names, columns=columns)
    low, high = min(0.0, float(np.nanmin(known))), max(0.0, float(np.nanmax(known)))
    margin = 0.2 * (high - low or 1.0)  # room for arrow and value beyond the longest bars
    ax.set_xlim(low - (margin if low < 0 else 0), high + (margin if high > 0 else 0))
    for row, value in enumerate(known):
        ax.annotate(
            f"{arrow(value, decimals)} {magnitude(value, decimals)}", (value, row), xytext=(4 if value >= 0 else -4, 0),
            textcoords="offset points", ha="left" if value >= 0 else "right", va="center_baseline", fontsize=SMALL,
            color=INK, annotation_clip=False,
        )  # fmt: skip
        if notes:
            beside_row(ax, row, notes[row])
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)


def beside_row(ax: Axes, row: float, text: str, *, x: float = 1.0) -> None:
    """Text of a row at the right edge of the axes, outside."""
    ax.annotate(
        text, (x, row), xycoords=ax.get_yaxis_transform(), xytext=(6, 0), textcoords="offset points",
        va="center_baseline", fontsize=SMALL, color=INK, annotation_clip=False,
    )  # fmt: skip


def stacked_bars(
    ax: Axes,
    parts: Sequence[Numbers],
    colours: Sequence[str],
    *,
    key: Sequence[str],
    notes: Sequence[str] = (),
) -> None:
    """Parts of each row one after the other from zero, with their values inside; rows are named by ``row_names``."""
    left = np.zeros(len(np.asarray(parts[0])))
    for part, colour in zip(parts, colours, strict=True):
        width = np.asarray(part, dtype=float)
        ax.barh(range(len(width)), width, left=left, height=0.66, color=colour, zorder=2)
        for row in (int(at) for at in np.flatnonzero(width >= 4)):
            ax.text(
                left[row] + width[row] / 2, row, number(width[row], 0), ha="center", va="center_baseline",
                fontsize=SMALL, color=ink_on(to_rgb(colour)), zorder=3,
            )  # fmt: skip
        left = left + width
    for row, text in enumerate(notes):
        beside_row(ax, row, text)
    _key_on_top(ax, list(colours)[::-1], list(key)[::-1])
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)


def simple_bars(
    ax: Axes,
    names: Sequence[str],
    values: Numbers,
    colour: str | Sequence[str],
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    decimals: int = 1,
    columns: int = 34,
) -> None:
    """Bars from zero with values at their ends, and whiskers where an interval is given."""
    known = np.asarray(values, dtype=float)
    ax.barh(range(len(known)), known, height=0.62, color=colour, zorder=2)
    row_names(ax, names, columns=columns)
    ends = known if high is None else np.fmax(known, np.asarray(high, dtype=float))
    if low is not None and high is not None:
        ax.hlines(range(len(known)), low, high, color=INK, linewidth=0.9, zorder=3)
    for row, (value, end) in enumerate(zip(known, ends, strict=True)):
        ax.annotate(
            number(value, decimals), (end, row), xytext=(4, 0), textcoords="offset points", va="center_baseline",
            fontsize=SMALL, color=INK, annotation_clip=False,
        )  # fmt: skip
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)


def stacked_shares(
    ax: Axes,
    names: Sequence[str],
    shares: pd.DataFrame,
    colours: Sequence[str],
    *,
    notes: Sequence[str] = (),
    key: Sequence[str] = (),
    columns: int = 42,
) -> None:
    """Shares of answers either way from the middle of the neutral one.

    shares   row x answer, best first, 0..1; answers agreeing stand right of the middle
    notes    text at the right of each row; ``key`` the answers' names, best first
    """
    cells = shares.to_numpy(dtype=float) * 100
    middle = cells.shape[1] // 2
    left = -(cells[:, middle + 1 :].sum(axis=1) + cells[:, middle] / 2)
    row_names(ax, names, columns=columns, size=SMALL)
    for answer in range(cells.shape[1] - 1, -1, -1):
        width = cells[:, answer]
        ax.barh(range(len(cells)), width, left=left, height=0.74, color=colours[answer], zorder=2)
        dark = colours[answer] in (BETTER, WORSE)
        for row in (int(at) for at in np.flatnonzero(width >= 8)):
            ax.text(
                left[row] + width[row] / 2, row, number(width[row], 0), ha="center", va="center", zorder=3,
                fontsize=SMALL, color=PAPER if dark else INK,
            )  # fmt: skip
        left = left + width
    for row, text in enumerate(notes):
        beside_row(ax, row, text)
    if key:
        _key_on_top(ax, colours, key)
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)


def _key_on_top(ax: Axes, colours: Sequence[str], key: Sequence[str]) -> None:
    """What colours mean, in a row above everything, in the order in which the bars run."""
    figure = ax.get_figure()
    assert isinstance(figure, Canvas)
    handles = [Patch(facecolor=colour, label=name) for colour, name in zip(colours, key, strict=True)]
    figure.legend(
        handles=handles[::-1], loc="outside upper center", ncols=len(handles), fontsize=SMALL, handlelength=1,
        columnspacing=1.2, borderaxespad=0.2, borderpad=0, handletextpad=0.4,
    )  # fmt: skip


def waterfall(
    ax: Axes, start: tuple[str, float], steps: pd.Series, end: tuple[str, float], colour: str
) -> None:
    """From one level to another by steps; steps: name -> points, drawn in the order given."""
    levels = start[1] + np.r_[0.0, np.cumsum(steps.to_numpy(dtype=float))]
    names = [start[0], *steps.index, end[0]]
    for row, level in ((0, start[1]), (len(names) - 1, end[1])):
        ax.plot(level, row, "o", color=colour, markersize=8, zorder=4)
        _beside(ax, level, row, number(level), bold=True, gap=8)
    for row, (value, before, after) in enumerate(zip(steps, levels[:-1], levels[1:], strict=True), start=1):
        ax.barh(row, abs(value), left=min(before, after), height=0.62, color=sign_colour(value, 2), zorder=2)
        ax.plot([before, before], [row - 1, row], color=MUTED, linewidth=0.5, zorder=1)
        _beside(ax, max(before, after), row, f"{arrow(value, 2)} {magnitude(value, 2)}")
    ax.plot([levels[-1]] * 2, [len(names) - 2, len(names) - 1], color=MUTED, linewidth=0.5, zorder=1)
    row_names(ax, names)
    everything = np.r_[levels, end[1]]
    margin = 0.06 * (np.ptp(everything) or 1.0)
    ax.set_xlim(everything.min() - margin, everything.max() + 2.5 * margin)
    value_axis(ax, axis="x", ticks=6)


def _beside(ax: Axes, x: float, row: float, text: str, *, bold: bool = False, gap: float = 4) -> None:
    ax.annotate(
        text, (x, row), xytext=(gap, 0), textcoords="offset points", va="center_baseline", fontsize=SMALL, color=INK,
        fontweight="bold" if bold else "normal", annotation_clip=False,
    )  # fmt: skip


def dots(
    ax: Axes,
    names: Sequence[str],
    values: Numbers,
    colour: str | Sequence[str],
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    before: Numbers | None = None,
    reference: tuple[str, float] | None = None,
    marks: Sequence[str] = (),
    decimals: int = 1,
    columns: int = 30,
    size: float = TEXT,
) -> None:
    """One dot a row with its interval, a hollow dot for the period before, a named reference line.

    ``marks`` are added to the value's text (x for suppressed, * for few respondents); a missing value shows only
    its mark, at the left.
    """
    known = np.asarray(values, dtype=float)
    rows = np.arange(len(known))
    colours = [colour] * len(known) if isinstance(colour, str) else list(colour)
    ax.hlines(rows, 0, 1, transform=ax.get_yaxis_transform(), color=RULE, linewidth=0.4, zorder=0)
    if low is not None and high is not None:
        ax.hlines(
            rows,
            low,
            high,
            color=[tinted(one, 0.45) for one in colours],
            linewidth=3.2,
            zorder=2,
            capstyle="round",
        )
    if before is not None:
        ax.plot(
            before, rows, "o", markersize=4, color=PAPER, markeredgecolor=MUTED, markeredgewidth=0.9, zorder=3
        )
    for at, one in enumerate(colours):
        ax.plot(known[at], at, "o", markersize=5.5, color=one, markeredgecolor=PAPER, zorder=4)
    row_names(ax, names, columns=columns, size=size)
    for row, value in enumerate(known):
        mark = marks[row] if len(marks) else ""
        text = f"{number(value, decimals)}{mark}" if np.isfinite(value) else mark or number(value)
        beside_row(ax, row, text)
    if reference:
        ax.axvline(reference[1], color=MUTED, linewidth=0.8, zorder=1)
        name = f"{reference[0]} {number(reference[1], decimals)}" if reference[0] else ""
        ax.annotate(
            name, (reference[1], 1), ha="center", va="bottom",
            xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
    ax.margins(x=0.04)
    value_axis(ax, axis="x", ticks=5)
