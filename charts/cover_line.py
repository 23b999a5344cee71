"""The Labour Economic Index over ten years as one quiet line, for the navy ground of the cover."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงาน 10 ปีล่าสุด (ภาพปก)", "en": "Labour Economic Index, ten years (cover)"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
CHAPTER, ORDER, WIDTH, HEIGHT = "summary", 3, "full", 46
MARKS = ("value",)
QUARTERS = 41
LINE, QUIET, ACCENT = "#A9C4DE", "#5E86AD", "#EBD27A"  # on navy: 6.2, 2.8 and 7.3 to 1


def shown(index: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """period, value: the composite of the whole country over the last 41 quarters."""
    national = figures.rows(index, dimension="overall", group="TH")
    return figures.recent(national, context, QUARTERS).dropna(subset="value")[["period", "value"]]


def too_little(data: pd.DataFrame) -> str:
    """A line needs a few quarters."""
    return "" if len(data) >= 8 else "ดัชนีมีน้อยกว่า 8 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """The line and its name, the long-run level, the newest point with its value, the first and the last quarter."""
    ordered = data.sort_values("period")
    periods, values = list(ordered["period"]), ordered["value"].to_numpy(dtype=float)
    at = figures.place(periods)
    ax.axhline(100, color=QUIET, linewidth=0.6, zorder=1)
    ax.plot(at, values, color=LINE, linewidth=2.0, zorder=2)
    ax.plot(at[-1], values[-1], "o", color=ACCENT, markersize=7, zorder=3, clip_on=False)
    ax.annotate(
        figures.number(values[-1]), (at[-1], values[-1]), xytext=(8, 0), textcoords="offset points", color=ACCENT,
        fontsize=12, fontweight="bold", va="center", annotation_clip=False,
    )  # fmt: skip
    ax.annotate(
        "100", (at[0], 100), xytext=(-4, 0), textcoords="offset points", color=LINE, fontsize=figures.SMALL,
        ha="right", va="center", annotation_clip=False,
    )  # fmt: skip
    for place, period, side in ((at[0], periods[0], "left"), (at[-1], periods[-1], "right")):
        ax.annotate(
            figures.quarter_slash(period), (place, 0), xycoords=("data", "axes fraction"), xytext=(0, -3),
            textcoords="offset points", color=LINE, fontsize=figures.SMALL, ha=side, va="top", annotation_clip=False,
        )  # fmt: skip
    ax.annotate(
        f"{figures.INDEX_NAME} 10 ปี", (0, 1), xycoords="axes fraction", color=LINE, fontsize=figures.SMALL + 1,
        ha="left", va="bottom", annotation_clip=False,
    )  # fmt: skip
    ax.margins(y=0.12)
    ax.axis("off")


def finding(data: pd.DataFrame) -> str:
    """Level against the long-run average."""
    newest = data.sort_values("period")["value"].iloc[-1]
    return f"{figures.INDEX_NAME}อยู่ที่ {figures.number(newest)} จุด {figures.index_level_word(newest)}"


def alt(data: pd.DataFrame) -> str:
    """The line in words."""
    return figures.series_words(figures.INDEX_NAME, figures.series(data.sort_values("period")))


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
