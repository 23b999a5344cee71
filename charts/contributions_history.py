"""Contributions of the dimensions to the composite's change over 13 quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนี", "en": "Contributions of dimensions"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("contributions",)
USES = ("index_changes",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 30, "full", 78
MARKS = ("contribution",)
VARIANTS = {
    "quarter": {
        "title": {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนีจากไตรมาสก่อน", "en": "Contributions, on the quarter"}
    },
    "year": {
        "title": {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนีจากปีก่อน", "en": "Contributions, on the year"},
        "order": 31,
        "chapter": "detail",
    },
}
WORDS = {"quarter": "ไตรมาสก่อน", "year": "ช่วงเดียวกันของปีก่อน"}


CHOICES = {
    "three_years": {"name": {"th": "สามปีล่าสุด", "en": "the last three years"}},
    "five_years": {"name": {"th": "ห้าปีล่าสุด", "en": "the last five years"}},
}


def shown(
    contributions: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    context: figures.Context,
    variant: str,
    choice: str = "",
) -> pd.DataFrame:
    """dimension, period, contribution: every dimension, in declared order; is_unclear: the newest sum is not told from zero."""
    span = 21 if choice == "five_years" else figures.QUARTERS
    chosen = figures.recent(figures.rows(contributions, against=variant), context, span).dropna(
        subset="contribution"
    )
    ranked = figures.ordered(chosen.sort_values("period"), "dimension", list(context.declarations.dimensions))
    return ranked[["dimension", "period", "contribution"]].assign(
        is_unclear=figures.is_unclear(changes, variant, context)
    )


def too_little(data: pd.DataFrame) -> str:
    """Several quarters make a history."""
    return "" if data["period"].nunique() >= 4 else "มีผลรายมิติน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Stacked bars either way from zero, the sum as a diamond, each part of the newest bar named beside it."""
    codes = list(data["dimension"].unique())
    cells = figures.wide(data, "period", "dimension", "contribution")[codes].fillna(0.0)
    at = figures.place(list(cells.index))
    up, down = np.zeros(len(cells)), np.zeros(len(cells))
    for code in codes:
        values, colour = cells[code].to_numpy(), figures.dimension_colour(code)
        bottom = np.where(values >= 0, up, down)
        ax.bar(
            at, values, bottom=bottom, width=0.72, color=colour, edgecolor=figures.outline(colour), linewidth=0.5, zorder=2,
        )  # fmt: skip
        name = f"{figures.name_of(code, context.declarations)} {figures.signed(values[-1])}"
        figures.end_label(
            ax, at[-1] + 0.42, bottom[-1] + values[-1] / 2, name, figures.legible(colour), weight="normal"
        )
        up, down = up + np.clip(values, 0, None), down + np.clip(values, None, 0)
    ax.plot(at, cells.sum(axis=1).to_numpy(), "D", color=figures.PAPER, markeredgecolor=figures.INK, markersize=4.5, zorder=4)  # fmt: skip
    ax.axhline(0, color=figures.MUTED, linewidth=0.8, zorder=3)
    figures.quarter_axis(ax, list(cells.index), ticks=13)
    figures.value_axis(ax)


def _newest(data: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Contributions of the newest quarter by dimension, and the dimensions whose contribution is the largest by size.

    There are none where every contribution reads 0.00.
    """
    newest = figures.rows(data, period=data["period"].max()).set_index("dimension")["contribution"]
    leads = figures.ends(newest.abs(), 2)[0]
    return newest, [code for code in leads if figures.sign_of(newest[code], 2)]


def finding(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """The sum of the newest quarter, and its largest part by size, whichever way that went."""
    newest, leads = _newest(data)
    text = f"ดัชนี{figures.change_words(float(newest.sum()))}จาก{WORDS[variant]}"
    text += " (ยังไม่ชัดเจน)" if data["is_unclear"].any() else ""
    if not leads:
        return text
    names = [f"มิติ{figures.name_of(lead, context.declarations)}" for lead in leads]
    ways = [
        f"{word} {figures.magnitude(newest[leads[0]], 2)} จุด"
        for word, is_so in (("หนุน", (newest[leads] > 0).any()), ("ฉุด", (newest[leads] < 0).any()))
        if is_so
    ]
    shared = "เท่ากัน " if len(names) > 1 else ""
    return f"{text} {figures.named(names, 'มิติ')}มีผลมากที่สุด{shared}โดย{' หรือ'.join(ways)}"


def finding_en(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """The same in English."""
    newest, leads = _newest(data)
    text = f"Index {figures.change_en(float(newest.sum()))} on the {variant}"
    text += ", not clear" if data["is_unclear"].any() else ""
    if not leads:
        return text
    names = [figures.name_en(lead, context.declarations) for lead in leads]
    ways = [
        word
        for word, is_so in (("push", (newest[leads] > 0).any()), ("drag", (newest[leads] < 0).any()))
        if is_so
    ]
    size, what = (
        figures.magnitude(newest[leads[0]], 2),
        "contribution" if len(leads) == 1 else "contributions",
    )
    each = " each" if len(leads) > 1 else ""
    return f"{text}; largest {what}: {figures.named_en(names, 'dimensions')}, a {' or '.join(ways)} of {size} points{each}"


def alt(data: pd.DataFrame, *, variant: str, context: figures.Context) -> str:
    """Newest parts in words."""
    last = data["period"].max()
    newest = figures.rows(data, period=last)
    names = [figures.name_of(code, context.declarations) for code in newest["dimension"]]
    parts = figures.ranking_words(names, list(newest["contribution"]), decimals=2, sign=True)
    total = figures.signed(float(newest["contribution"].sum()), 2)
    return (
        f"แท่งซ้อนแสดงผลรายมิติ {data['period'].nunique()} ไตรมาส เทียบกับ{WORDS[variant]} "
        f"ใน{figures.quarter_th(last)} รวม {total} จุด {parts}"
    )


def note(data: pd.DataFrame) -> str:
    """How the bars add up."""
    return "ผลรวมของแท่งเท่ากับการเปลี่ยนแปลงของดัชนีรวม (เครื่องหมายสี่เหลี่ยมข้าวหลามตัด) ตัวเลขข้างชื่อคือผลในไตรมาสล่าสุด"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
