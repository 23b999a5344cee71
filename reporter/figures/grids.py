"""Marks on a grid or a ring: the heat map of values by quarter, the tile map of the 77 provinces, the dial of an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgba
from matplotlib.patches import Rectangle, Wedge

from reporter.domain.declarations import Group
from reporter.domain.thai import MISSING, SUPPRESSED, number
from reporter.figures.bars import row_names
from reporter.figures.theme import DIVERGING, INK, MUTED, PAPER, RULE, SMALL, TINT, UNCHANGED, ink_on


def scale_about(values: np.ndarray, centre: float, least: float) -> Normalize:
    """A colour scale centred on the neutral point, as wide as the data's farther side, at least ``least``."""
    known = values[np.isfinite(values)]
    half = max(least, float(np.abs(known - centre).max())) if known.size else least
    return Normalize(centre - half, centre + half)


def heat_map(
    ax: Axes,
    matrix: pd.DataFrame,
    *,
    centre: float,
    least: float,
    decimals: int = 0,
    bold_rows: Sequence[str] = (),
    reverse: bool = False,
    frame_last: bool = True,
    shade: pd.DataFrame | None = None,
    columns: int = 34,
    with_values: bool = True,
) -> None:
    """Coloured cells with their values; rows from the top, the last column (the newest) framed.

    matrix   name of row x name of column; NaN cells stay white with a dash. ``reverse`` when higher is worse.
    with_values   write each value in its cell
    shade    what to colour by instead of the values shown, the same shape
    """
    cells = matrix.to_numpy(dtype=float)
    tones = cells if shade is None else shade.to_numpy(dtype=float)
    norm, colours = scale_about(tones, centre, least), DIVERGING.reversed() if reverse else DIVERGING
    ax.pcolormesh(np.ma.masked_invalid(tones), cmap=colours, norm=norm, edgecolor=PAPER, linewidth=0.8)
    for (row, column), value in np.ndenumerate(cells):
        known = np.isfinite(value)
        if known and not with_values:
            continue
        ax.text(
            column + 0.5, row + 0.5, number(value, decimals) if known else MISSING, ha="center", va="center",
            fontsize=SMALL, color=ink_on(colours(norm(tones[row, column]))) if known else MUTED,
        )  # fmt: skip
    rows, count = cells.shape
    row_names(ax, [str(name) for name in matrix.index], columns=columns)
    ax.set_yticks(np.arange(rows) + 0.5, [label.get_text() for label in ax.get_yticklabels()])
    for label, name in zip(ax.get_yticklabels(), matrix.index, strict=True):
        label.set_fontweight("bold" if name in bold_rows else "normal")
    ax.set_xticks(np.arange(count) + 0.5, [str(name) for name in matrix.columns])
    ax.set(xlim=(0, count), ylim=(rows, 0))
    ax.tick_params(axis="x", length=0, top=False, labeltop=True, labelbottom=False)
    ax.spines["bottom"].set_visible(False)
    if not frame_last:
        return
    frame = Rectangle(
        (count - 1, 0), 1, rows, fill=False, edgecolor=INK, linewidth=1.0, clip_on=False, zorder=4
    )
    ax.add_patch(frame)


def tile_map(
    ax: Axes,
    values: Mapping[str, float],
    provinces: Sequence[Group],
    *,
    centre: float,
    half: float,
    unclear: Collection[str] = (),
    suppressed: Collection[str] = (),
    small: Collection[str] = (),
) -> None:
    """One equal tile for each province, its two letters and its value inside, coloured about the neutral point.

    values      province code -> value; a province without one is hatched
    provinces   with their places on the grid
    half        the colours run from ``centre - half`` to ``centre + half`` in every issue, so that a colour keeps its meaning
    unclear     provinces whose interval holds the neutral point: grey, whatever their value
    suppressed  an x in place of the value; ``small``: few respondents, an asterisk behind it
    """
    norm = Normalize(centre - half, centre + half, clip=True)
    for province in provinces:
        if province.tile is None:
            continue
        row, column = province.tile
        value = float(values.get(province.code, np.nan))
        known, hidden = np.isfinite(value), province.code in suppressed
        is_plain = not known or province.code in unclear
        colour = to_rgba(TINT if not known else RULE) if is_plain else DIVERGING(norm(value))
        ax.add_patch(Rectangle((column, row), 0.94, 0.94, facecolor=colour, edgecolor=RULE, linewidth=0.4))
        if not known and not hidden:
            _hatch(ax, column, row, 0.94)
        ink = ink_on(colour) if known else MUTED
        mark = "*" if province.code in small else ""
        text = f"{number(value, 0)}{mark}" if known else SUPPRESSED if hidden else ""
        ax.text(column + 0.47, row + 0.29, province.abbreviation, ha="center", va="center", fontsize=SMALL,
                color=ink, fontweight="bold")  # fmt: skip
        ax.text(column + 0.47, row + 0.69, text, ha="center", va="center", fontsize=SMALL, color=ink)
    places = np.array([province.tile for province in provinces if province.tile is not None])
    rows, columns = places.max(axis=0) + 1
    ax.set(xlim=(places[:, 1].min(), columns), ylim=(rows, places[:, 0].min()), aspect="equal")
    ax.axis("off")
    _scale_key(ax, norm)


def _hatch(ax: Axes, column: float, row: float, size: float) -> None:
    """Oblique strokes over a tile, as plain lines: the PDF draws them as they are."""
    for share in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75):
        low, high = max(0.0, share - 1), min(1.0, share)
        across = [column + size * low, column + size * high]
        ax.plot(across, [row + size * high, row + size * low], color=UNCHANGED, linewidth=0.5)


def _scale_key(ax: Axes, norm: Normalize) -> None:
    """What the colours mean: nine steps with the values at the ends and in the middle."""
    key = ax.inset_axes((0.56, 0.10, 0.42, 0.022))
    steps = np.linspace(0, 1, 9)
    key.pcolormesh(steps[None, :], cmap=DIVERGING, vmin=0, vmax=1)
    low, high = float(norm.vmin or 0), float(norm.vmax or 0)
    key.set_xticks([0, 4.5, 9], [number(at, 0) for at in (low, (low + high) / 2, high)], fontsize=SMALL)
    key.set_yticks([])
    key.tick_params(length=0)
    key.set_title("แย่กว่า", loc="left", fontsize=SMALL, color=MUTED, pad=2)
    key.set_title("ดีกว่า", loc="right", fontsize=SMALL, color=MUTED, pad=2)
    key.spines["bottom"].set_visible(False)


__all__ = ["heat_map", "scale_about", "tile_map"]


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
