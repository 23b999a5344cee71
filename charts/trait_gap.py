"""What employers want against how they rate it: where the gap is."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ความต้องการของผู้ประกอบการเทียบกับคะแนนประเมินแรงงาน", "en": "Wanted against rated"}
UNIT = {"th": "ร้อยละ และจุด 0 ถึง 200", "en": "per cent, and points 0 to 200"}
NEEDS = ("trait_gap",)
CHAPTER, ORDER, WIDTH = "skills", 20, "full"
MARKS = ("share", "rating")


def height(data: pd.DataFrame) -> float:
    """Room for each trait."""
    return 18 + 6.2 * float(len(data))


def shown(gap: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """trait, period, share (0..1), rating (points): traits with both, most wanted first."""
    now = figures.rows(gap, period=figures.now(context)).dropna(subset=["share", "rating"])
    return now.sort_values("share", ascending=False, kind="stable")[["trait", "period", "share", "rating"]]


def too_little(data: pd.DataFrame) -> str:
    """A comparison needs a few."""
    return "" if len(data) >= 4 else "มีรายการที่มีทั้งความต้องการและคะแนนน้อยกว่า 4 รายการ"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """Bars of demand at the left, dots of rating at the right; wanted but poorly rated ones starred and in orange."""
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    urgent = _urgent(data)
    names = [
        f"{name} *" if is_urgent else name
        for name, is_urgent in zip(_names(data, context), urgent, strict=True)
    ]
    colours = [figures.WORSE if is_urgent else figures.EMPLOYERS for is_urgent in urgent]
    figures.simple_bars(left, names, data["share"] * 100, colours, columns=40)
    figures.dots(
        right, [""] * len(data), data["rating"], colours, reference=("ค่ากลาง", float(data["rating"].median()))
    )
    figures.panel_title(left, "ต้องการ (ร้อยละ)")
    right.set_xlabel("คะแนนประเมิน (จุด)")


def _urgent(data: pd.DataFrame) -> pd.Series:
    """Wanted more, and rated lower, than the median trait."""
    return (data["share"] > data["share"].median()) & (data["rating"] < data["rating"].median())


def _names(data: pd.DataFrame, context: figures.Context) -> list[str]:
    names = figures.option_names(context.declarations)
    return [names.get(code, code) for code in data["trait"]]


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """What is wanted most and rated low."""
    urgent = [name for name, is_urgent in zip(_names(data, context), _urgent(data), strict=True) if is_urgent]
    if not urgent:
        return "ไม่มีคุณลักษณะที่ต้องการมากแต่ได้คะแนนต่ำกว่าค่ากลาง"
    return f"ต้องการมากแต่คะแนนประเมินต่ำกว่าค่ากลางของทุกข้อ: {figures.named(urgent, 'รายการที่มีเครื่องหมาย *')}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    urgent = [name for name, is_urgent in zip(_names(data, context), _urgent(data), strict=True) if is_urgent]
    if not urgent:
        return "No trait is both wanted more and rated lower than the median"
    return f"Wanted more, but rated lower than the median: {figures.named_en([figures.lower_first(name) for name in urgent], 'traits, marked *', '{}')}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Those wanted much and rated low, with numbers."""
    parts = [
        f"{name} ต้องการร้อยละ {figures.number(share * 100)} คะแนน {figures.number(rating)} จุด"
        for name, share, rating, is_urgent in zip(
            _names(data, context), data["share"], data["rating"], _urgent(data), strict=True
        )
        if is_urgent
    ]
    text = f"แท่งความต้องการคู่กับจุดคะแนนประเมินของ {len(data)} รายการ"
    return (
        f"{text} ต้องการมากแต่คะแนนต่ำ: {'; '.join(parts)}" if parts else f"{text} ไม่มีรายการที่ต้องการมากแต่คะแนนต่ำ"
    )


def note(data: pd.DataFrame) -> str:
    """What the star is."""
    return (
        "* รายการที่ต้องการมากกว่าค่ากลางแต่ได้คะแนนประเมินต่ำกว่าค่ากลาง "
        "คะแนนประเมินของบางรายการเป็นค่าเฉลี่ยของหลายข้อคำถาม ดูรายชื่อข้อในหัวข้อนี้"
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:employer",)
