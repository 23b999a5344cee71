"""The macro variables beside the labour market."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ตัวแปรเศรษฐกิจมหภาค", "en": "Macro variables"}
UNIT = {"th": "ร้อยละ", "en": "per cent"}
NEEDS = ("macro",)
CHAPTER, ORDER, WIDTH, HEIGHT = "outlook", 10, "full", 50
PHONE = 2.0
MARKS = ("value",)


def shown(macro: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """variable, period, value over 21 quarters; a variable needs four of them."""
    window = figures.recent(macro, context, 21).dropna(subset="value")
    known = window.groupby("variable")["period"].transform("size")
    chosen = figures.ordered(
        window[known >= 4].sort_values("period"), "variable", list(context.declarations.macro)
    )
    return chosen[["variable", "period", "value"]]


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a variable on the same time axis, each with its own scale of per cent."""
    codes = list(data["variable"].unique())
    for ax, code in zip(figures.panels(figure, len(codes), 3, share_y=False), codes, strict=True):
        own = figures.rows(data, variable=code)
        figures.line(ax, list(own["period"]), own["value"], figures.NAVY)
        figures.quarter_axis(ax, list(data["period"]), ticks=4)
        figures.value_axis(ax, ticks=4)
        figures.room(ax, top=0.05, bottom=0.05)
        figures.shade_shock(ax, list(data["period"]), name=False)
        if own["value"].min() < 0 < own["value"].max():
            figures.neutral(ax, 0)
        figures.panel_title(ax, figures.wrap(figures.name_of(code, context.declarations), 26))


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The first variable's level and its change; the quarter is named where it is not the issue's."""
    code = str(data["variable"].iloc[0])
    values = figures.series(figures.rows(data, variable=code))
    newest = str(values.dropna().index[-1])
    name = figures.name_of(code, context.declarations)
    if newest != figures.now(context):
        name, values = f"{name}ใน{figures.quarter_th(newest)}", values.loc[:newest]
    return figures.level_and_change(name, values, unit="ร้อยละ", steps=figures.RATE_STEPS)


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    code = str(data["variable"].iloc[0])
    values = figures.series(figures.rows(data, variable=code)).dropna()
    name, level = figures.name_en(code, context.declarations), figures.number(values.iloc[-1])
    newest = pd.Period(str(values.index[-1]), freq="Q-DEC")
    name += "" if newest == context.quarter else f" in Q{newest.quarter} {newest.year}"
    moved = figures.since_quarter_en(values, unit="percentage points", steps=figures.RATE_STEPS)
    return ", ".join(part for part in (f"{name} at {level} per cent", moved) if part)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Every line in words."""
    return "; ".join(
        figures.series_words(
            figures.name_of(str(code), context.declarations),
            figures.series(own),
            unit="ร้อยละ",
            steps=figures.RATE_STEPS,
        )
        for code, own in data.groupby("variable", sort=False)
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The variables drawn."""
    return tuple(f"macro:{code}" for code in data["variable"].unique())
