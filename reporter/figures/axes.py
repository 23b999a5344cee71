"""Axes of the report's charts: Buddhist quarters, few ticks, a named neutral line, the named shock of 2020; words that fit.

Labels do not run into each other; Thai lines are broken between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from reporter.domain.linebreak import BREAK, protect, strip
from reporter.domain.periods import buddhist_year, parse_quarter
from reporter.domain.thai import number, quarter_short
from reporter.figures.theme import INK, MUTED, RULE, SMALL, TINT

_WORD = re.compile(
    rf"[^ {BREAK}]+[ {BREAK}]*|[ {BREAK}]+"
)  # a word and what may stand between it and the next


def spread(positions: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf) -> list[float]:
    """Move positions as little as needed to keep ``gap`` between neighbours inside ``low..high``; order is kept.

    Method: pool adjacent violators (isotonic least squares) after taking out the required gaps.
    """
    order = np.argsort(positions, kind="stable")
    wanted = np.asarray(positions, dtype=float)[order] - gap * np.arange(len(order))
    blocks: list[list[float]] = []  # sum, count
    for value in wanted:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    pooled = np.repeat([total / count for total, count in blocks], [int(count) for _, count in blocks])
    room = gap * (len(order) - 1)
    placed = np.clip(pooled, low, max(low, high - room)) + gap * np.arange(len(order))
    result = np.empty(len(order))
    result[order] = placed
    return [float(value) for value in result]


def columns_wide(text: str) -> int:
    """Columns that a text takes: marks above and below the line take none."""
    return sum(unicodedata.category(letter) not in ("Mn", "Cf") for letter in text)


@lru_cache(maxsize=4096)
def wrap(text: str, columns: int) -> str:
    """Break a Thai text between words so that no line is wider than ``columns``; a longer word stands alone."""
    if columns_wide(text) <= columns:
        return text
    lines, line = [], ""
    for word in _WORD.findall(protect(text)):
        if line and columns_wide((line + word).rstrip()) > columns:
            lines.append(line.strip())
            line = ""
        line += word
    return strip("\n".join([*lines, line.strip()]))


SHOCK = ("2020-Q1", "2021-Q4")  # the years of the epidemic's restrictions
SHOCK_NAME = "โควิด-19"


def place(periods: Sequence[str]) -> np.ndarray:
    """Where quarters stand on an axis: their ordinal numbers, so that holes keep their room."""
    return np.array([parse_quarter(period).ordinal for period in periods], dtype=float)


def quarter_axis(ax: Axes, periods: Sequence[str], *, ticks: int = 7, years: bool | None = None) -> None:
    """Quarters ``3/68`` below the axis; more than 24 of them get years (``2568``) at first quarters instead.

    The newest quarter is always labelled.
    """
    places = place(periods)
    first, last = int(places.min()), int(places.max())
    if years if years is not None else last - first > 24:
        step = max(1, round((last - first) / 4 / ticks))
        starts = [at for at in range(first, last + 1) if pd.Period(ordinal=at, freq="Q-DEC").quarter == 1]
        chosen = [at for at in starts[::-1][::step][::-1] if at <= last]
        names = [str(buddhist_year(pd.Period(ordinal=at, freq="Q-DEC"))) for at in chosen]
    else:
        step = max(1, int(np.ceil((last - first + 1) / ticks)))
        chosen = list(range(last, first - 1, -step))[::-1]
        names = [quarter_short(pd.Period(ordinal=at, freq="Q-DEC")) for at in chosen]
    ax.xaxis.set_major_locator(FixedLocator(chosen))
    ax.set_xticklabels(names)


def value_axis(
    ax: Axes, *, ticks: int = 5, decimals: int = 0, axis: str = "y", grid: bool = True, whole: bool = False
) -> None:
    """Few round numbers with thousand separators and a true minus; hairlines behind the marks; ``whole`` numbers only."""
    chosen = ax.yaxis if axis == "y" else ax.xaxis
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    chosen.set_major_locator(MaxNLocator(ticks, steps=steps, integer=whole))
    chosen.set_major_formatter(FuncFormatter(lambda value, _: tick_number(value, decimals)))
    if grid:
        ax.grid(axis=axis)  # type: ignore[arg-type]


def tick_number(value: float, decimals: int = 0) -> str:
    """A tick's number with as many decimals as it needs to be true."""
    needed = next((digits for digits in range(decimals, 4) if abs(round(value, digits) - value) < 1e-9), 3)
    return number(value, needed)


def neutral(ax: Axes, at: float = 100, name: str = "") -> None:
    """The line that divides good from bad, named beside it where the drawn lines leave room; call after them."""
    ax.axhline(at, color=MUTED, linewidth=0.8, zorder=1.5)
    if not name:
        return
    where, below = _freest_place(ax, at)
    ax.annotate(
        name, (where, at), xycoords=("axes fraction", "data"), xytext=(2, -2 if below else 2),
        textcoords="offset points", fontsize=SMALL, color=MUTED, va="top" if below else "bottom",
    )  # fmt: skip


def _freest_place(ax: Axes, at: float) -> tuple[float, bool]:
    """Left end (axes fraction) and side of the neutral line where a label meets fewest points of the drawn lines."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    along = np.linspace(0, 1, 201)
    heights = []
    for drawn in ax.get_lines():
        x, y = np.asarray(drawn.get_xdata(), dtype=float), np.asarray(drawn.get_ydata(), dtype=float)
        if len(x) > 2:
            heights.append(
                (np.interp(along, (x - x0) / (x1 - x0), y, left=np.nan, right=np.nan) - at) / (y1 - y0)
            )
    places: list[tuple[int, float, bool]] = []
    for where in np.arange(0, 0.78, 0.04):
        window = (along >= where) & (along <= where + 0.18)
        for below in (False, True):
            space = (at - y0) / (y1 - y0) if below else (y1 - at) / (y1 - y0)
            depths = [(-height if below else height)[window] for height in heights]
            crowd = sum(int(((depth > 0.012) & (depth < 0.12)).sum()) for depth in depths)
            places.append((crowd if space > 0.09 else 1000 + crowd, float(where), below))
    _, where, below = min(places)
    return where, below


def shade_shock(ax: Axes, periods: Sequence[str], *, name: bool = True) -> None:
    """Shade and name the shock of 2020 where the axis shows it."""
    places, (first, last) = place(periods), place(SHOCK)
    begin, end = max(first, places.min()), min(last, places.max())
    if end <= begin:
        return
    ax.axvspan(begin, end, color=TINT, zorder=0)
    for edge in (begin, end):
        ax.axvline(edge, color=RULE, linewidth=0.4, zorder=0.1)
    if name:
        ax.annotate(
            SHOCK_NAME, ((begin + end) / 2, 1), xycoords=("data", "axes fraction"), xytext=(0, -1),
            textcoords="offset points", fontsize=SMALL, color=MUTED, ha="center", va="top",
        )  # fmt: skip


def room(ax: Axes, *, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0) -> None:
    """Widen the axis limits by fractions of their span, so that no mark or label is clipped."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    ax.set_xlim(x0 - left * (x1 - x0), x1 + right * (x1 - x0))
    ax.set_ylim(y0 - bottom * (y1 - y0), y1 + top * (y1 - y0))


def panel_title(ax: Axes, text: str, colour: str = INK) -> None:
    """Name of one panel of small multiples."""
    ax.set_title(text, loc="left", fontsize=SMALL + 0.5, color=colour, pad=3)


def panels(figure: Canvas, count: int, columns: int, *, share_y: bool = True) -> list[Axes]:
    """``count`` panels on the same axes, row by row; places that stay free are left blank."""
    columns = min(columns, count)
    grid = figure.subplots(-(-count // columns), columns, sharex=True, sharey=share_y, squeeze=False)
    everywhere = [ax for row in grid for ax in row]
    for at, ax in enumerate(everywhere):
        if at >= count:
            ax.remove()
        elif at + columns >= count:
            ax.tick_params(axis="x", labelbottom=True)
    return everywhere[:count]


def key_above(ax: Axes, *, columns: int) -> None:
    """What colours mean, above the axes at the left: where marks are too many to be labelled directly."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, fontsize=SMALL, handlelength=1, handleheight=0.9,
        columnspacing=1.2, borderaxespad=0.2, borderpad=0, handletextpad=0.5,
    )  # fmt: skip
