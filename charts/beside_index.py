"""Series outside the index: labour cost, vacancies per unemployed, working poor, farm income."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from reporter import figures

TITLE = {"th": "ต้นทุนแรงงานและอนุกรมอื่นนอกดัชนี", "en": "Labour cost and other series outside the index"}
UNIT = {"th": "หน่วยของแต่ละอนุกรม", "en": "each series in its own unit"}
NEEDS = ("beside",)
CHAPTER, ORDER, WIDTH = "detail", 62, "full"
MARKS = ("value",)
COLUMNS = 2


def height(data: pd.DataFrame) -> float:
    """Rows of two panels."""
    return 8 + 42 * float(-(-data["name"].nunique() // COLUMNS))


def shown(beside: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """name, unit, period, value: at most five years of every series, in declared order; persons stand beside their rates on page 2."""
    beside = beside[beside["unit"] != "คน"]
    recent = figures.recent(beside, context, 21).dropna(subset="value").rename(columns={"name_th": "name"})
    order = list(beside["name_th"].unique())
    return figures.ordered(recent.sort_values("period"), "name", order)[["name", "unit", "period", "value"]]


def too_little(data: pd.DataFrame) -> str:
    """A line needs a few quarters."""
    return "" if data["name"].value_counts().max() >= 4 else "อนุกรมนอกดัชนีมีน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, figure: Figure) -> None:
    """A panel a series; its newest value at the end of the line."""
    codes = list(data["name"].unique())
    for ax, code in zip(figures.panels(figure, len(codes), COLUMNS, share_y=False), codes, strict=True):
        own = data[data["name"] == code]
        figures.line(ax, list(own["period"]), own["value"], figures.NAVY)
        figures.panel_title(ax, f"{code} ({own['unit'].iloc[0]})")
        figures.quarter_axis(ax, list(own["period"]), ticks=4, years=False)
        figures.value_axis(ax, ticks=4)


def finding(data: pd.DataFrame) -> str:
    """The newest value of every series, with its quarter."""
    newest = data.groupby("name", sort=False).tail(1)
    parts = [
        f"{name} {figures.number(value)} {unit} ({figures.quarter_slash(period)})"
        for name, unit, period, value in newest[["name", "unit", "period", "value"]].itertuples(index=False)
    ]
    return figures.join_th(parts[:2])


def alt(data: pd.DataFrame) -> str:
    """Ends of every line."""
    parts = []
    for code, own in data.groupby("name", sort=False):
        first, last = own.iloc[0], own.iloc[-1]
        parts.append(
            f"{code} จาก {figures.number(first['value'])} ใน{figures.quarter_th(first['period'])} "
            f"เป็น {figures.number(last['value'])} ใน{figures.quarter_th(last['period'])}"
        )
    return f"เส้น {len(parts)} อนุกรม {' '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What they are made of."""
    return "คำนวณหรือรับจากหน่วยงานตาม data/annex/beside.toml อนุกรมที่ไม่มีข้อมูลไม่แสดง"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The series of the index that they use, and who computed."""
    return ("indicator:vacancies", "indicator:unemployment_rate")
