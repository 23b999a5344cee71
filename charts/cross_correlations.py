"""Which variables lead the index, by quarters of lead."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ค่าสหสัมพันธ์ข้ามเวลาระหว่างตัวแปรเศรษฐกิจมหภาคกับดัชนี", "en": "Cross-correlations with the index"}
UNIT = {"th": "ค่าสหสัมพันธ์", "en": "correlation"}
NEEDS = ("cross_correlations",)
CHAPTER, ORDER, WIDTH, HEIGHT = "methods", 30, "full", 52
MARKS = ("lead", "correlation")


def shown(table: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """variable, lead, correlation, n: lead > 0 where the variable runs ahead of the index."""
    leading = figures.rows(table, second=["labour_index", "overall"]).assign(variable=lambda t: t["first"])
    ahead = figures.rows(table, first=["labour_index", "overall"])
    behind = ahead.assign(variable=ahead["second"], lead=-ahead["lead"])
    both = pd.concat([leading, behind])[["variable", "lead", "correlation", "n"]].dropna()
    both = both.drop_duplicates(["variable", "lead"]).sort_values("lead")
    return figures.ordered(both, "variable", list(context.declarations.macro))


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a variable, stems over leads; the dashed lines bound chance at 5 %."""
    codes = list(data["variable"].unique())
    for ax, code in zip(figures.panels(figure, len(codes), 3), codes, strict=True):
        own = figures.rows(data, variable=code)
        strong = own["correlation"].abs() > 1.96 / own["n"] ** 0.5
        tones = [figures.NAVY if is_strong else figures.UNCHANGED for is_strong in strong]
        ax.bar(own["lead"], own["correlation"], width=0.5, color=tones)
        bound = float(1.96 / own["n"].median() ** 0.5)
        for level in (bound, -bound):
            ax.axhline(level, color=figures.MUTED, linewidth=0.7, linestyle="--")
        ax.margins(x=0.06)
        figures.neutral(ax, 0)
        figures.value_axis(ax, ticks=4)
        figures.value_axis(ax, axis="x", ticks=5, grid=False, whole=True)
        figures.panel_title(ax, figures.wrap(figures.name_of(code, context.declarations), 26))


def _strongest(data: pd.DataFrame) -> pd.DataFrame:
    at = data.groupby("variable", sort=False)["correlation"].apply(lambda values: values.abs().idxmax())
    return data.loc[list(at)]


def _when(lead: float) -> str:
    if lead == 0:
        return "ในไตรมาสเดียวกัน"
    return f"โดย{'นำ' if lead > 0 else 'ตาม'}ดัชนี {abs(int(lead))} ไตรมาส"


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The variable most closely tied to the index, and its lead."""
    strongest = _strongest(data).set_index("variable")
    most = figures.ends(strongest["correlation"].abs(), 2)[0]
    parts = [
        f"{figures.name_of(code, context.declarations)}"
        f" ({figures.signed(strongest['correlation'][code], 2)}) {_when(strongest['lead'][code])}"
        for code in most
    ]
    return f"สัมพันธ์กับดัชนีมากที่สุด{figures.alike(most)}: {figures.join_th(parts)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The strongest correlation of each variable."""
    parts = [
        f"{figures.name_of(row['variable'], context.declarations)} {figures.signed(row['correlation'], 2)} {_when(row['lead'])}"
        for _, row in _strongest(data).iterrows()
    ]
    return f"แท่งค่าสหสัมพันธ์ที่แรงที่สุดของแต่ละตัวแปร: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How to read the axis."""
    return "แกนนอนคือจำนวนไตรมาสที่ตัวแปรนำดัชนี (ค่าลบคือตามหลัง) แท่งสีเข้มเกินขอบเขตความบังเอิญร้อยละ 5 (เส้นประ)"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The index's and the variables'."""
    return ("index", *(f"macro:{code}" for code in data["variable"].unique()))
