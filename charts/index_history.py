"""The Labour Economic Index over its whole history."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงานตั้งแต่เริ่มจัดทำ", "en": "Labour Economic Index since its beginning"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
USES = ("index_changes",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 10, "side", 62
MARKS = ("value",)
CHOICES = {
    "whole": {"name": {"th": "ตั้งแต่เริ่มจัดทำ", "en": "since its beginning"}},
    "ten_years": {
        "name": {"th": "สิบปีล่าสุด", "en": "the last ten years"},
        "title": {"th": "ดัชนีเศรษฐกิจแรงงานในสิบปีล่าสุด", "en": "Labour Economic Index over ten years"},
    },
}


def shown(
    index: pd.DataFrame, changes: pd.DataFrame, *, context: figures.Context, choice: str = ""
) -> pd.DataFrame:
    """period, value: the composite of the whole country; is_unclear: its newest change is not told from zero."""
    national = figures.rows(index, dimension="overall", group="TH")
    if choice == "ten_years":
        national = figures.recent(national, context, 41)
    line = figures.up_to(national, context)[["period", "value"]].sort_values("period")
    return line.assign(is_unclear=figures.is_unclear(changes, "quarter", context))


def too_little(data: pd.DataFrame) -> str:
    """A line needs a few quarters."""
    return "" if data["value"].notna().sum() >= 4 else "ดัชนีมีน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """One line; the shock of 2020 shaded, the lowest point and the newest one named."""
    periods = list(data["period"])
    figures.line(ax, periods, data["value"], figures.NAVY)
    figures.mark_low(ax, periods, data["value"])
    figures.quarter_axis(ax, periods, ticks=9)
    figures.value_axis(ax)
    figures.room(ax, top=0.08, bottom=0.08)
    figures.shade_shock(ax, periods)
    figures.neutral(ax, 100, "ค่าเฉลี่ยระยะยาว = 100")


def finding(data: pd.DataFrame) -> str:
    """Level against the long-run average, and the way of the last quarter."""
    values = figures.series(data).dropna()
    level = f"{figures.INDEX_NAME}อยู่ที่ {figures.number(values.iloc[-1])} จุด"
    moved = figures.since_quarter(values)
    if moved and data["is_unclear"].any():
        moved += " (ยังไม่ชัดเจน)"
    return f"{level} {figures.index_level_word(values.iloc[-1])} {moved}".strip()


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    values = figures.series(data)
    newest = values.dropna().iloc[-1]
    level = f"Labour Economic Index at {figures.number(newest)} points, {figures.index_level_en(newest)}"
    moved = figures.since_quarter_en(values)
    if moved and data["is_unclear"].any():
        moved += ", which is not clear"
    return "; ".join(part for part in (level, moved) if part)


def alt(data: pd.DataFrame) -> str:
    """The line in words."""
    return figures.series_words(figures.INDEX_NAME, figures.series(data))


def note(data: pd.DataFrame) -> str:
    """What the shading means, where the sample reaches it."""
    if not data["period"].between("2020-Q1", "2021-Q4").any():
        return ""
    first, last = (figures.quarter_th(quarter) for quarter in figures.SHOCK)
    return f"พื้นสีอ่อนคือช่วงการระบาดของโรคโควิด-19 {first} ถึง{last}"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
