"""Marks along time: lines with labelled ends, interval bands, forecast fans, sparklines; small multiples of a whole and its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Annotation

from reporter.domain.thai import number, quarter_short
from reporter.figures.axes import neutral, panel_title, panels, place, quarter_axis, spread, value_axis
from reporter.figures.data import rows
from reporter.figures.theme import INK, PAPER, SMALL, TEXT, UNCHANGED, legible

Numbers = Sequence[float] | np.ndarray | pd.Series


class EndLabel(Annotation):
    """A label beside the end of a line; ``settle`` moves it off its neighbours."""

    wanted: float = 0.0


def line(
    ax: Axes,
    periods: Sequence[str],
    values: Numbers,
    colour: str,
    *,
    name: str | None = "",
    decimals: int = 1,
    width: float = 1.6,
    style: str = "-",
    mark_end: bool = True,
) -> None:
    """A line over quarters; holes stay open, lone points become dots; ``name`` and value stand at its newest point.

    ``name=None`` leaves the label out.
    """
    at, shown = _regular(periods, np.asarray(values, dtype=float))
    ax.plot(at, shown, color=colour, linewidth=width, linestyle=style, zorder=3)
    known = np.isfinite(shown)
    alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    if alone.any():
        ax.plot(at[alone], shown[alone], "o", color=colour, markersize=2.5, zorder=3)
    if not known.any():
        return
    newest = int(np.flatnonzero(known)[-1])
    if mark_end:
        dot = {"markerfacecolor": colour, "markeredgecolor": PAPER, "markeredgewidth": 0.8}
        ax.plot(at[newest], shown[newest], "o", markersize=5, zorder=4, clip_on=False, **dot)  # type: ignore[arg-type]
    if name is not None:
        end_label(ax, at[newest], shown[newest], f"{name} {number(shown[newest], decimals)}".strip(), colour)


def _regular(periods: Sequence[str], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values at every quarter between the first and the last; NaN where a quarter is missing."""
    at = place(periods)
    span = np.arange(at.min(), at.max() + 1)
    regular = np.full(len(span), np.nan)
    regular[(at - at.min()).astype(int)] = values
    return span, regular


def end_label(ax: Axes, x: float, y: float, text: str, colour: str, *, weight: str = "bold") -> EndLabel:
    """Text to the right of a line's end."""
    label = EndLabel(
        text, (x, y), xytext=(6, 0), textcoords="offset points", color=legible(colour), fontsize=TEXT, fontweight=weight,
        va="center", ha="left", annotation_clip=False,
    )  # fmt: skip
    label.wanted = y
    ax.add_artist(label)
    label.set_clip_on(False)  # add_artist clips to the axes, and the label stands outside them
    return label


def settle(figure: Canvas) -> None:
    """Move end labels apart, once the layout is known; call after everything is drawn. The layout is then fixed."""
    engine = figure.get_layout_engine()
    if figure.axes and engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")  # else each save would lay out again, three times the work
    for ax in figure.axes:
        labels = [artist for artist in ax.get_children() if isinstance(artist, EndLabel)]
        if len(labels) < 2:
            continue
        scale = 72 / figure.dpi
        wanted = [float(ax.transData.transform((0, label.wanted))[1]) * scale for label in labels]
        gap = max(float(label.get_fontsize()) for label in labels) * 1.45
        low, high = float(ax.bbox.y0) * scale, float(ax.bbox.y1) * scale
        low, high = max(low, gap / 2), min(high, float(figure.bbox.height) * scale - gap / 2)
        for label, before, after in zip(labels, wanted, spread(wanted, gap, low, high), strict=True):
            label.set_position((6, after - before))


def band(
    ax: Axes, periods: Sequence[str], low: Numbers, high: Numbers, colour: str, *, strength: float = 0.18
) -> None:
    """A shaded interval; its outline is left out so that it stays light."""
    at, lower = _regular(periods, np.asarray(low, dtype=float))
    _, upper = _regular(periods, np.asarray(high, dtype=float))
    ax.fill_between(at, lower, upper, color=tinted(colour, strength), linewidth=0, zorder=2)


def tinted(colour: str, strength: float) -> str:
    """A colour mixed with paper; opaque, because print and PDF/A like no transparency."""
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - strength * (255 - channel)):02X}" for channel in channels)


def fan(ax: Axes, forecast: pd.DataFrame, last: tuple[str, float], colour: str) -> None:
    """A dashed forecast with its 80 and 95 % intervals opening from the last observation."""
    start = pd.DataFrame({name: [last[1]] for name in ("mean", "low80", "high80", "low95", "high95")})
    opened = pd.concat([start.assign(period=last[0]), forecast], ignore_index=True)
    periods = list(opened["period"])
    band(ax, periods, opened["low95"], opened["high95"], colour, strength=0.14)
    band(ax, periods, opened["low80"], opened["high80"], colour, strength=0.30)
    ax.plot(place(periods), opened["mean"], color=colour, linestyle=(0, (4, 2)), linewidth=1.6, zorder=3)
    ax.plot(
        place(periods)[1:], forecast["mean"], "o", color=PAPER, markeredgecolor=colour, markersize=4, zorder=4
    )


def point_label(ax: Axes, x: float, y: float, text: str, *, above: bool = True, colour: str = INK) -> None:
    """A small note at a point, above or below it."""
    ax.annotate(
        text, (x, y), xytext=(0, 5 if above else -5), textcoords="offset points", fontsize=SMALL, color=colour,
        ha="center", va="bottom" if above else "top", annotation_clip=False,
    )  # fmt: skip


def mark_low(ax: Axes, periods: Sequence[str], values: Numbers, colour: str = INK) -> None:
    """Name the lowest point of a line with its quarter and value."""
    known = np.asarray(values, dtype=float)
    at = int(np.nanargmin(known))
    point_label(
        ax,
        place(periods)[at],
        known[at],
        f"{quarter_short(periods[at])}: {number(known[at])}",
        above=False,
        colour=colour,
    )


def sparkline(ax: Axes, periods: Sequence[str], values: Numbers, colour: str) -> None:
    """A bare line with its newest, highest and lowest points marked."""
    known = np.asarray(values, dtype=float)
    line(ax, periods, known, colour, name="")
    places = place(periods)
    for at, above in ((int(np.nanargmax(known)), True), (int(np.nanargmin(known)), False)):
        if at != len(known) - 1:
            ax.plot(places[at], known[at], "o", color=PAPER, markeredgecolor=colour, markersize=3.5, zorder=4)
            point_label(ax, places[at], known[at], number(known[at]), above=above, colour=colour)
    ax.margins(x=0.06, y=0.3)
    ax.axis("off")


WHOLE = "overall"


def parts_against_whole(
    figure: Canvas,
    data: pd.DataFrame,
    part: str,
    colour: str,
    *,
    name: Callable[[str], str],
    columns: int,
    ticks: int,
) -> None:
    """One panel for each value of the column ``part`` but ``overall``, which is drawn behind all of them.

    data   part, period, value; in the order of the panels
    """
    codes = [str(code) for code in data[part].unique() if code != WHOLE]
    whole = rows(data, **{part: WHOLE})
    for ax, code in zip(panels(figure, len(codes), columns), codes, strict=True):
        own = rows(data, **{part: code})
        line(
            ax, list(whole["period"]), whole["value"], UNCHANGED, name=None, width=0.9, mark_end=False
        )  # fmt: skip
        line(ax, list(own["period"]), own["value"], colour)
        quarter_axis(ax, list(data["period"]), ticks=3)
        value_axis(ax, ticks=ticks)
        neutral(ax, 100)
        panel_title(ax, name(code))
