"""Contributions of the dimensions to the composite's change over 13 quarters (report chapter 2)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนี", "en": "Contributions of dimensions"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("contributions",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 30, "full", 84
VARIANTS = {
    "quarter": {
        "title": {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนีจากไตรมาสก่อน", "en": "Contributions, on the quarter"}
    },
    "year": {
        "title": {"th": "ผลของแต่ละมิติต่อการเปลี่ยนแปลงของดัชนีจากปีก่อน", "en": "Contributions, on the year"},
        "order": 31,
    },
}
NAMED, REST = 6, "มิติอื่น"
WORDS = {"quarter": "ไตรมาสก่อน", "year": "ช่วงเดียวกันของปีก่อน"}


def shown(contributions: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """name, period, contribution: the six dimensions that moved most, the others summed."""
    chosen = figures.recent(figures.rows(contributions, against=variant), context).dropna(
        subset="contribution"
    )
    named = _named(chosen, list(context.declarations.dimensions))
    label = {code: figures.name_of(code, context.declarations) for code in named}
    names = chosen["dimension"].map(label).fillna(REST)
    summed = (
        chosen.assign(name=names).groupby(["name", "period"], sort=False)["contribution"].sum().reset_index()
    )
    return figures.ordered(summed.sort_values("period"), "name", [*label.values(), REST])


def _named(chosen: pd.DataFrame, declared: list[str]) -> list[str]:
    """The newest quarter's largest part either way, and the largest over the window; in declared order."""
    cells = figures.wide(chosen, "dimension", "period", "contribution").fillna(0.0)
    newest, size = cells.iloc[:, -1], cells.abs().sum(axis=1).sort_values(ascending=False, kind="stable")
    picked = dict.fromkeys([newest.idxmax(), newest.idxmin(), *size.index])
    return [code for code in declared if code in list(picked)[:NAMED]]


def too_little(data: pd.DataFrame) -> str:
    """Several quarters make a history."""
    return "" if data["period"].nunique() >= 4 else "มีผลรายมิติน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """Stacked bars either way from zero, the sum as a dot, names beside the newest bar's side."""
    cells = figures.wide(data, "period", "name", "contribution")[list(data["name"].unique())].fillna(0.0)
    at = figures.place(list(cells.index))
    up, down = np.zeros(len(cells)), np.zeros(len(cells))
    for name, colour in zip(cells.columns, _colours(list(cells.columns)), strict=True):
        values = cells[name].to_numpy()
        ax.bar(at, values, bottom=np.where(values >= 0, up, down), width=0.72, color=colour, edgecolor=figures.PAPER,
               linewidth=0.4, zorder=2, label=name)  # fmt: skip
        up, down = up + np.clip(values, 0, None), down + np.clip(values, None, 0)
    total = cells.sum(axis=1).to_numpy()
    ax.plot(
        at,
        total,
        "D",
        color=figures.PAPER,
        markeredgecolor=figures.INK,
        markersize=4.5,
        zorder=4,
        label="ดัชนีรวม",
    )
    figures.end_label(ax, at[-1] + 0.4, total[-1], figures.signed(total[-1]), figures.INK)
    ax.axhline(0, color=figures.MUTED, linewidth=0.8, zorder=3)
    figures.quarter_axis(ax, list(cells.index), ticks=13)
    figures.value_axis(ax)
    figures.key_above(ax, columns=4)


def _colours(names: list[str]) -> list[str]:
    return [
        figures.RULE if name == REST else colour
        for name, colour in zip(names, (*figures.STACK, figures.RULE), strict=False)
    ]


def finding(data: pd.DataFrame, *, variant: str) -> str:
    """The sum of the newest quarter, and the largest part of it."""
    newest = figures.rows(data, period=data["period"].max()).set_index("name")["contribution"]
    total = float(newest.sum())
    same_way = newest.drop(REST, errors="ignore") * np.sign(total)
    text = f"ดัชนี{figures.change_words(total)}จาก{WORDS[variant]}"
    if same_way.empty or same_way.max() <= 0 or "ทรงตัว" in text:
        return text
    lead = same_way.idxmax()
    return f"{text} โดยมิติ{lead}มีผลมากที่สุด ({figures.signed(newest[lead], 2)} จุด)"


def alt(data: pd.DataFrame, *, variant: str) -> str:
    """Newest parts in words."""
    last = data["period"].max()
    newest = figures.rows(data, period=last)
    parts = figures.ranking_words(list(newest["name"]), list(newest["contribution"]), decimals=2, sign=True)
    total = figures.signed(float(newest["contribution"].sum()), 2)
    return (
        f"แท่งซ้อนแสดงผลรายมิติ {data['period'].nunique()} ไตรมาส เทียบกับ{WORDS[variant]} "
        f"ใน{figures.quarter_th(last)} รวม {total} จุด {parts}"
    )


def note(data: pd.DataFrame) -> str:
    """How the bars add up."""
    return "ผลรวมของแท่งเท่ากับการเปลี่ยนแปลงของดัชนีรวม (เครื่องหมายสี่เหลี่ยมข้าวหลามตัด)"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
