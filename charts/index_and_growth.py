"""The index and real growth, one panel under the other."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงานกับการขยายตัวทางเศรษฐกิจ", "en": "The index and economic growth"}
UNIT = {"th": "จุด และร้อยละ", "en": "points and per cent"}
NEEDS = ("labour_index", "macro")
CHAPTER, ORDER, WIDTH, HEIGHT = "detail", 60, "full", 92
MARKS = ("value",)
GROWTH = "real_gdp_growth"


def shown(index: pd.DataFrame, macro: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """variable, period, value: quarters from which on both are known."""
    lei = figures.rows(index, dimension="overall", group="TH").assign(variable="labour_index")
    growth = figures.rows(macro, variable=GROWTH)
    both = figures.up_to(pd.concat([lei, growth])[["variable", "period", "value"]].dropna(), context)
    first = both.groupby("variable")["period"].min()
    return both[both["period"] >= first.max()].sort_values(["variable", "period"], kind="stable")


def too_little(data: pd.DataFrame) -> str:
    """Both over three years."""
    sizes = data.groupby("variable").size()
    return "" if len(sizes) == 2 and sizes.min() >= 12 else "มีดัชนีหรืออัตราการขยายตัวน้อยกว่า 12 ไตรมาส"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """The index above, growth below, on one time axis."""
    upper, lower = figures.panels(figure, 2, 1, share_y=False)
    lei, growth = (figures.rows(data, variable=code) for code in ("labour_index", GROWTH))
    for ax, own, colour, level in (
        (upper, lei, figures.NAVY, 100),
        (lower, growth, figures.CATEGORIES[2], 0),
    ):
        figures.line(ax, list(own["period"]), own["value"], colour)
        figures.quarter_axis(ax, list(data["period"]), ticks=9)
        figures.value_axis(ax, ticks=4)
        figures.room(ax, top=0.12, bottom=0.05)
        figures.shade_shock(ax, list(data["period"]), name=ax is upper)
        figures.neutral(ax, level)
    figures.panel_title(upper, f"{figures.INDEX_NAME} (จุด)", figures.NAVY)
    figures.panel_title(
        lower, f"{figures.name_of(GROWTH, context.declarations)} (ร้อยละ)", figures.CATEGORIES[2]
    )


def finding(data: pd.DataFrame) -> str:
    """Whether the newest changes went the same way."""
    cells = figures.wide(data, "period", "variable").dropna()
    change = cells.iloc[-1] - cells.iloc[-2]
    lei = figures.move_word(change["labour_index"], decimals=1)
    growth = figures.move_word(change[GROWTH], figures.RATE_STEPS)
    return f"{figures.INDEX_NAME}{lei} ขณะที่อัตราการขยายตัวทางเศรษฐกิจ{growth}จากไตรมาสก่อน"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Both lines in words."""
    lei, growth = (figures.series(figures.rows(data, variable=code)) for code in ("labour_index", GROWTH))
    name = figures.name_of(GROWTH, context.declarations)
    second = figures.series_words(name, growth, unit="ร้อยละ", steps=figures.RATE_STEPS)
    return f"{figures.series_words(figures.INDEX_NAME, lei)}; {second}"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The index's and growth's."""
    return ("index", f"macro:{GROWTH}")
