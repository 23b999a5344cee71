"""The index by employment status and by region over 13 quarters."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงานรายกลุ่ม", "en": "Index by group"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 40, "full", 66
PHONE = 0.9
MARKS = ("value",)
VARIANTS = {
    "status": {"title": {"th": "ดัชนีเศรษฐกิจแรงงานจำแนกตามสถานะการจ้างงาน", "en": "Index by employment status"}},
    "region": {"title": {"th": "ดัชนีเศรษฐกิจแรงงานจำแนกตามภูมิภาค", "en": "Index by region"}, "order": 42},
}


def shown(index: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """group, period, value: the whole country first, then the groups of the kind in declared order."""
    codes = [group.code for group in context.declarations.groups_of(variant.upper())]
    window = figures.recent(figures.rows(index, dimension="overall", group=["TH", *codes]), context)
    chosen = figures.ordered(window.dropna(subset="value").sort_values("period"), "group", ["TH", *codes])
    return chosen[["group", "period", "value"]]


def too_little(data: pd.DataFrame) -> str:
    """Two groups that reach the newest quarter."""
    newest = data[(data["period"] == data["period"].max()) & (data["group"] != "TH")]
    return "" if len(newest) >= 2 else "มีดัชนีน้อยกว่า 2 กลุ่ม"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """One line a group, named at its end; the whole country dashed and thin."""
    groups = [code for code in data["group"].unique() if code != "TH"]
    styles = dict(zip(groups, figures.CATEGORIES, strict=False))
    for code, own in data.groupby("group", sort=False):
        name = figures.name_of(str(code), context.declarations)
        whole = code == "TH"
        figures.line(
            ax, list(own["period"]), own["value"], figures.MUTED if whole else styles[str(code)], name=name,
            width=1.0 if whole else 1.8, style="--" if whole else "-",
        )  # fmt: skip
    figures.quarter_axis(ax, list(data["period"]), ticks=7)
    figures.value_axis(ax)
    figures.neutral(ax, 100, "ค่าเฉลี่ยระยะยาว = 100" if data["value"].min() < 100 < data["value"].max() else "")


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Level of each group against its own past; groups are not ranked by it."""
    newest = _newest(data, context)
    parts = [f"{name} {figures.number(value)} จุด" for name, value in newest.items()]
    return f"เทียบกับอดีตของแต่ละกลุ่มเอง: {' '.join(parts)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    parts = [f"{name} {figures.number(value)}" for name, value in _newest(data, context).items()]
    return f"Each group against its own past (points): {', '.join(parts)}"


def _newest(data: pd.DataFrame, context: figures.Context) -> pd.Series:
    last = data[(data["period"] == data["period"].max()) & (data["group"] != "TH")]
    return last.set_index("group")["value"].rename(
        lambda code: figures.name_of(str(code), context.declarations)
    )


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Newest values, and which way each group went."""
    parts = []
    for code, own in data.groupby("group", sort=False):
        values = figures.series(own)
        way = figures.change_words(values.iloc[-1] - values.iloc[0])
        parts.append(
            f"{figures.name_of(str(code), context.declarations)} {figures.number(values.iloc[-1])} จุด {way}"
        )
    first, last = (figures.period_th(data["period"].agg(edge)) for edge in ("min", "max"))
    return f"เส้นดัชนีรายกลุ่มตั้งแต่{first} ถึง{last} ค่าล่าสุดและการเปลี่ยนแปลงจากต้นช่วง: {'; '.join(parts)}"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
