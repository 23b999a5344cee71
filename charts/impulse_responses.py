"""Responses of the index to shocks in the macro variables."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {
    "th": "การตอบสนองของดัชนีต่อการเปลี่ยนแปลงฉับพลันของตัวแปรเศรษฐกิจมหภาค",
    "en": "Impulse responses of the index",
}
UNIT = {"th": "จุด ต่อหนึ่งส่วนเบี่ยงเบนมาตรฐาน", "en": "points per standard deviation"}
NEEDS = ("impulse_responses",)
CHAPTER, ORDER, WIDTH, HEIGHT = "methods", 32, "full", 52
MARKS = ("horizon", "value", "low", "high")


def shown(table: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """shock, horizon, value, low, high: responses of the index to each macro variable."""
    chosen = (
        figures.rows(table, response=["labour_index", "overall"])
        .dropna(subset="value")
        .sort_values("horizon")
    )
    return figures.ordered(chosen, "shock", list(context.declarations.macro))[
        ["shock", "horizon", "value", "low", "high"]
    ]


def too_little(data: pd.DataFrame) -> str:
    """A few horizons."""
    return "" if data["horizon"].nunique() >= 4 else "มีผลการตอบสนองน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a shock: the response and its interval."""
    codes = list(data["shock"].unique())
    for ax, code in zip(figures.panels(figure, len(codes), 3), codes, strict=True):
        own = figures.rows(data, shock=code)
        ax.fill_between(
            own["horizon"], own["low"], own["high"], color=figures.tinted(figures.NAVY, 0.2), linewidth=0
        )
        ax.plot(own["horizon"], own["value"], color=figures.NAVY)
        figures.neutral(ax, 0)
        figures.value_axis(ax, ticks=4)
        figures.value_axis(ax, axis="x", ticks=5, grid=False, whole=True)
        figures.panel_title(ax, figures.wrap(figures.name_of(code, context.declarations), 26))


def _peaks(data: pd.DataFrame) -> pd.DataFrame:
    at = data.groupby("shock", sort=False)["value"].apply(lambda values: values.abs().idxmax())
    return data.loc[list(at)]


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The shocks whose largest response has an interval without zero."""
    peaks = _peaks(data)
    clear = peaks[(peaks["low"] > 0) | (peaks["high"] < 0)].sort_values("value", key=abs, ascending=False)
    if clear.empty:
        return "ยังไม่พบการตอบสนองของดัชนีที่ชัดเจนต่อตัวแปรใด"
    parts = [
        f"{figures.name_of(row['shock'], context.declarations)} {figures.signed(row['value'], 2)} จุด"
        for _, row in clear.iterrows()
    ]
    return f"ตามลำดับตัวแปรที่กำหนด ดัชนีตอบสนองต่อ{' '.join(parts)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The largest response to each shock, and whether its interval leaves out zero."""
    parts = []
    for _, row in _peaks(data).iterrows():
        clear = "ช่วงความเชื่อมั่นไม่คร่อมศูนย์" if row["low"] > 0 or row["high"] < 0 else "ช่วงความเชื่อมั่นคร่อมศูนย์"
        name = figures.name_of(row["shock"], context.declarations)
        parts.append(f"{name} {figures.signed(row['value'], 2)} จุด หลัง {int(row['horizon'])} ไตรมาส {clear}")
    return f"เส้นการตอบสนองสูงสุดของดัชนีต่อแต่ละตัวแปร: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What the axes and the band are."""
    return "แกนนอนคือจำนวนไตรมาสหลังการเปลี่ยนแปลง แถบคือช่วงความเชื่อมั่นของการตอบสนอง ผลขึ้นกับลำดับของตัวแปรในแบบจำลอง"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The index's and the variables'."""
    return ("index", *(f"macro:{code}" for code in data["shock"].unique()))
