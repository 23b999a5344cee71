"""Marks along a list: bars either way from zero, stacked shares, waterfalls, dots with intervals.

Rows are drawn from top to bottom in the order given; names stand left of the axis, values beside the marks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb, to_rgba
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch, Rectangle, Wedge
from matplotlib.text import Annotation

from reporter.domain.declarations import Group
from reporter.domain.thai import (
    MISSING,
    SUPPRESSED,
    arrow,
    magnitude,
    number,
    quarter_short,
    sign_of,
)
from reporter.figures.chart import (
    BETTER,
    DIVERGING,
    INK,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    TEXT,
    TINT,
    UNCHANGED,
    WORSE,
    for_phone,
    ink_on,
    legible,
    neutral,
    panel_title,
    panels,
    place,
    quarter_axis,
    spread,
    value_axis,
    wrap,
)
from reporter.figures.words import rows

_PHONE_NAME = 19  # columns of a row's name on a narrow screen: it leaves two thirds to the marks


def row_names(ax: Axes, names: Sequence[str], *, columns: int = 34, size: float = TEXT) -> None:
    """Names of rows at the left, first on top, broken between words."""
    columns = min(columns, _PHONE_NAME) if for_phone(ax.figure) else columns
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
        if notes:
            beside_row(ax, row, notes[row])
        if not np.isfinite(value):  # no mark, and nothing beside it
            continue
        ax.annotate(
            f"{arrow(value, decimals)} {magnitude(value, decimals)}", (value, row), xytext=(4 if value >= 0 else -4, 0),
            textcoords="offset points", ha="left" if value >= 0 else "right", va="center_baseline", fontsize=SMALL,
            color=INK, annotation_clip=False,
        )  # fmt: skip
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)


def hatch_bars(ax: Axes, values: Numbers, rows: Collection[int]) -> None:
    """Oblique strokes of paper over bars from zero that are a model's estimate; after ``diverging_bars``, whose bars are 0.62 high."""
    left, right = ax.get_xlim()
    grid = ax.get_subplotspec()
    beside = (
        grid.get_gridspec().ncols if grid is not None else 1
    )  # as wide on paper in a panel as in a whole figure
    step = (right - left) / 60 * beside
    for row in rows:
        value = float(np.asarray(values, dtype=float)[row])
        bar = Rectangle((0, row - 0.31), value, 0.62, transform=ax.transData, visible=False)
        ax.add_patch(bar)
        for start in np.arange(min(0.0, value) - step, max(0.0, value) + step, step):
            (stroke,) = ax.plot(
                [start, start + step], [row + 0.31, row - 0.31], color=PAPER, linewidth=1.1, zorder=2.5
            )
            stroke.set_clip_path(bar)


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


# ----------------------------------------------------------------------------------------------------
# Marks along time: lines with labelled ends, interval bands, forecast fans, sparklines; small multiples of a whole and its parts.
# ----------------------------------------------------------------------------------------------------

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
        if len(whole):  # a reduced issue has no composite
            line(
                ax, list(whole["period"]), whole["value"], UNCHANGED, name=None, width=0.9, mark_end=False
            )  # fmt: skip
        line(ax, list(own["period"]), own["value"], colour)
        quarter_axis(ax, list(data["period"]), ticks=3)
        value_axis(ax, ticks=ticks)
        neutral(ax, 100)
        panel_title(ax, name(code))


# ----------------------------------------------------------------------------------------------------
# Marks on a grid or a ring: the heat map of values by quarter, the tile map of the 77 provinces, the dial of an index.
# ----------------------------------------------------------------------------------------------------


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
    for at, left in ((scale[0], -0.9), (sum(scale) / 2, None), (scale[1], 0.9)):
        if left is None:
            ax.text(0, 1.07, number(at, 0), ha="center", va="bottom", fontsize=SMALL, color=MUTED)
        else:
            ax.text(left, -0.05, number(at, 0), ha="center", va="top", fontsize=SMALL, color=MUTED)
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
