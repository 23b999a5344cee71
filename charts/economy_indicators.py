"""The indicators of the economy dimension, as published."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ตัวชี้วัดแนวโน้มเศรษฐกิจ", "en": "Indicators of the economy"}
UNIT = {"th": "หน่วยตามชื่อภาพย่อย ปรับฤดูกาลแล้ว", "en": "units as named, seasonally adjusted"}
NEEDS = ("series",)
USES = ("macro",)
CHAPTER, ORDER, WIDTH = "outlook", 20, "full"
PHONE = 2.0
MARKS = ("value",)
MOST_COLUMNS = 4


def _columns(count: int) -> int:
    """Panels in a row, so that the rows are as full as they can be: 5 in rows of 3, 7 in rows of 4."""
    rows = -(-count // MOST_COLUMNS)
    return -(-count // rows)


def height(data: pd.DataFrame) -> float:
    """Room for each row of panels."""
    count = data["indicator"].nunique()
    return 6 + 40 * -(-count // _columns(count))


def shown(series: pd.DataFrame, macro: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """indicator, period, value, is_partial: quarterly means over 13 quarters of the seasonally adjusted indicators.

    Without those that are a macro variable of the quarter under another name: their figure stands before this one.
    """
    told = set(figures.rows(macro, period=figures.now(context))["variable"]) if not macro.empty else set()
    members = [item.id for item in context.declarations.members("economy") if item.same_as not in told]
    chosen = figures.rows(series, group="TH", indicator=members).dropna(subset="adjusted")
    quarterly = figures.by_quarter(chosen, "adjusted", "indicator")
    window = figures.recent(quarterly, context)
    known = window.groupby("indicator")["period"].transform("size")
    chosen = figures.ordered(window[known >= 4].sort_values("period"), "indicator", members)
    chosen["is_partial"] = chosen["indicator"].isin(figures.lacking_months(series, context))
    return chosen


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel an indicator, each with its own unit."""
    codes = list(data["indicator"].unique())
    columns = _columns(len(codes))
    for ax, code in zip(figures.panels(figure, len(codes), columns, share_y=False), codes, strict=True):
        own = figures.rows(data, indicator=code)
        figures.line(ax, list(own["period"]), own["value"], figures.NAVY)
        figures.quarter_axis(ax, list(data["period"]), ticks=3)
        figures.value_axis(ax, ticks=3)
        figures.room(ax, top=0.05, bottom=0.05)
        star = "*" if own["is_partial"].any() else ""
        name = f"{figures.name_of(code, context.declarations)}{star} ({figures.unit_name(code, context)})"
        figures.panel_title(ax, figures.wrap(name, 88 // columns))


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many went the better way on the quarter."""
    better, total = _better(data, context)
    return f"{figures.counted(better, total, 'ตัวชี้วัดแนวโน้มเศรษฐกิจ')}ปรับตัวดีขึ้นจากไตรมาสก่อน"


def _better(data: pd.DataFrame, context: figures.Context) -> tuple[int, int]:
    better, total = 0, 0
    for code, own in data.groupby("indicator", sort=False):
        values = figures.series(own)
        polarity = context.declarations.indicators[str(code)].polarity
        if len(values) > 1:
            total += 1
            better += int(figures.sign_of((values.iloc[-1] - values.iloc[-2]) * polarity, 2) > 0)
    return better, total


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    better, total = _better(data, context)
    return f"{figures.counted_en(better, total, 'indicators of the economy')} improved on the quarter"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Newest values and their direction."""
    parts = []
    for code, own in data.groupby("indicator", sort=False):
        values, name = figures.series(own), figures.name_of(str(code), context.declarations)
        way = figures.move_word(values.iloc[-1] - values.iloc[0], figures.RATE_STEPS)
        parts.append(
            f"{name} ล่าสุด {figures.value_with_unit(values.iloc[-1], str(code), context)} {way}จากต้นช่วง"
        )
    return "; ".join(parts)


def note(data: pd.DataFrame) -> str:
    """What the points are."""
    inflation = " อัตราเงินเฟ้อที่สูงขึ้นถือว่าแย่ลง" if (data["indicator"] == "inflation").any() else ""
    return f"ค่าเฉลี่ยรายไตรมาส{inflation}{' * ' + figures.PARTIAL if data['is_partial'].any() else ''}"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in data["indicator"].unique())
