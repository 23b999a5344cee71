"""A confidence index with its 95 % interval over 13 quarters."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีความเชื่อมั่น 13 ไตรมาส", "en": "Confidence over 13 quarters"}
UNIT = {"th": "จุด 0 ถึง 200", "en": "points, 0 to 200"}
NEEDS = ("confidence",)
CHAPTER, ORDER, WIDTH, HEIGHT = "employers", 10, "side", 56
MARKS = ("value", "low", "high")
VARIANTS = {
    "employer": {
        "title": {"th": "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน", "en": "Employers’ confidence in labour"}
    },
    "worker": {"title": {"th": "ดัชนีความเชื่อมั่นของแรงงาน", "en": "Workers’ confidence"}, "chapter": "workers"},
}


def shown(confidence: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """period, value, low, high, n: the index of all respondents."""
    whole = figures.rows(confidence, survey=variant, domain="overall", group="TH").dropna(subset="value")
    return figures.recent(whole, context).sort_values("period")[["period", "value", "low", "high", "n"]]


def too_little(data: pd.DataFrame) -> str:
    """A line needs a few quarters."""
    return "" if len(data) >= 4 else "มีผลสำรวจน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes, variant: str) -> None:
    """The line on its interval."""
    periods, colour = list(data["period"]), figures.SURVEY_COLOUR[variant]
    figures.band(ax, periods, data["low"], data["high"], colour, strength=0.22)
    figures.line(ax, periods, data["value"], colour)
    figures.quarter_axis(ax, periods, ticks=7)
    figures.value_axis(ax)
    if data["low"].min() < 112 and data["high"].max() > 88:
        ax.set_ylim(min(ax.get_ylim()[0], 98), max(ax.get_ylim()[1], 102))
        figures.neutral(ax, 100, "ปานกลาง = 100")


def finding(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """Level, its reading, and the change on the quarter."""
    values = figures.series(data)
    name = context.declarations.questionnaires[variant].index_name.th
    low, high = data[["low", "high"]].iloc[-1]
    # a level whose interval holds 100 is not called high or low
    reading = "ปานกลาง" if low <= 100 <= high else figures.confidence_level_word(values.iloc[-1])
    moved = figures.since_quarter(
        values.reindex(figures.last_quarters(context, 2)), steps=figures.CONFIDENCE_STEPS
    )
    return f"{name}อยู่ที่ {figures.number(values.iloc[-1])} จุด อยู่ในระดับ{reading} {moved}".strip()


def finding_en(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The same in English."""
    values = figures.series(data)
    low, high = data[["low", "high"]].iloc[-1]
    value = values.iloc[-1]
    reading = (
        "neutral"
        if low <= 100 <= high
        else {1: "high", 0: "neutral", -1: "low"}[figures.sign_of(value - 100)]
    )
    moved = figures.since_quarter_en(
        values.reindex(figures.last_quarters(context, 2)), steps=figures.CONFIDENCE_STEPS
    )
    name = context.declarations.questionnaires[variant].index_name.th
    level = f"{name} at {figures.number(value)} points, {reading}"
    return "; ".join(part for part in (level, moved) if part)


def alt(data: pd.DataFrame, *, context: figures.Context, variant: str) -> str:
    """The line and its newest interval."""
    name, last = context.declarations.questionnaires[variant].index_name.th, data.iloc[-1]
    line = figures.series_words(name, figures.series(data), steps=figures.CONFIDENCE_STEPS)
    return f"{line} ช่วงความเชื่อมั่นล่าสุด {figures.number(last['low'])} ถึง {figures.number(last['high'])} จุด"


def note(data: pd.DataFrame) -> str:
    """What the band is, and how many answered."""
    return f"แถบคือช่วงความเชื่อมั่นร้อยละ 95 ไตรมาสล่าสุดมีผู้ตอบ {figures.number(data['n'].iloc[-1], 0)} ราย"


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The survey."""
    return (f"survey:{variant}",)
