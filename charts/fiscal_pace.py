"""Disbursement of the ministry’s budget against the pace of the fiscal year."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {
    "th": "การเบิกจ่ายงบประมาณสะสมของกระทรวงแรงงานเทียบกับเวลาที่ผ่านไป",
    "en": "Disbursement against the calendar",
}
UNIT = {"th": "ล้านบาท", "en": "million baht"}
NEEDS = ("fiscal",)
CHAPTER, ORDER, WIDTH, HEIGHT = "outlook", 40, "full", 56
MARKS = ("disbursed", "target")
MEASURES = {"disbursed": "เบิกจ่ายจริง", "target": "ตามสัดส่วนเวลาของปีงบประมาณ"}


def shown(fiscal: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """period, disbursed, target: the last eight quarters that have both."""
    quarterly = figures.recent(fiscal, context, 8)
    both = figures.wide(figures.rows(quarterly, measure=list(MEASURES)), "period", "measure")
    if not set(MEASURES) <= set(both):
        return pd.DataFrame()
    return both.dropna().rename_axis("period").reset_index()[["period", *MEASURES]]


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """A bar a quarter for what was spent, a mark for the pace."""
    at = figures.place(list(data["period"]))
    behind = data["disbursed"] < data["target"]
    tones = [figures.WORSE if is_behind else figures.BETTER for is_behind in behind]
    ax.bar(at, data["disbursed"], width=0.6, color=tones, zorder=2)
    ax.hlines(data["target"], at - 0.38, at + 0.38, color=figures.INK, linewidth=1.6, zorder=3)
    for x, spent, pace in zip(at, data["disbursed"], data["target"], strict=True):
        figures.point_label(ax, x, max(spent, pace), f"{figures.change(spent / pace * 100 - 100)}")
    figures.quarter_axis(ax, list(data["period"]), ticks=8)
    figures.value_axis(ax)
    figures.room(ax, left=0.02, right=0.02, top=0.08)


def finding(data: pd.DataFrame) -> str:
    """Ahead of or behind the calendar now."""
    last = data.iloc[-1]
    ahead = last["disbursed"] / last["target"] * 100 - 100
    if figures.sign_of(ahead) == 0:
        return "การเบิกจ่ายเป็นไปตามสัดส่วนเวลาของปีงบประมาณ"
    side = "สูงกว่า" if ahead > 0 else "ต่ำกว่า"
    spent = figures.number(last["disbursed"], 0)
    return f"เบิกจ่ายสะสม {spent} ล้านบาท {side}สัดส่วนเวลาที่ผ่านไป ร้อยละ {figures.magnitude(ahead)}"


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    last = data.iloc[-1]
    ahead = last["disbursed"] / last["target"] * 100 - 100
    if figures.sign_of(ahead) == 0:
        return "Disbursement in step with the fiscal year"
    spent, side = figures.number(last["disbursed"], 0), "above" if ahead > 0 else "below"
    return f"Disbursed: {spent} million baht, {figures.magnitude(ahead)} per cent {side} the pace of the calendar"


def alt(data: pd.DataFrame) -> str:
    """Each quarter's spending against pace."""
    parts = [
        f"{figures.quarter_th(row['period'])} {figures.number(row['disbursed'], 0)} จากเกณฑ์ {figures.number(row['target'], 0)} ล้านบาท"
        for _, row in data.iterrows()
    ]
    return f"แท่งเบิกจ่ายสะสมกับขีดเกณฑ์เวลา: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What mark and number are."""
    return "ขีดคือวงเงินทั้งปีคูณสัดส่วนเวลาที่ผ่านไป (ปีงบประมาณเริ่มเดือนตุลาคม) ตัวเลขคือส่วนต่างจากขีดเป็นร้อยละ"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The service."""
    return ("fiscal",)
