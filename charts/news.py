"""What new data and revised data did to the newest quarter’s index since the issue before."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ผลของข้อมูลใหม่และข้อมูลที่ปรับปรุงต่อดัชนี", "en": "Impact of news and revisions"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("news",)
CHAPTER, ORDER, WIDTH = "methods", 42, "full"
MARKS = ("impact",)
ROWS = 12
KINDS = {"news": "ข้อมูลใหม่", "revision": "ข้อมูลปรับปรุง", "seasonal": "ปรับฤดูกาลใหม่",
         "transformation": "การแปลงค่า", "clipping": "จำกัดค่าสุดขั้ว"}  # fmt: skip


def height(data: pd.DataFrame) -> float:
    """Room for each indicator."""
    return 6 + 6.4 * float(len(data))


def shown(news: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """indicator, kind, period, impact: the twelve largest, best first; kind in Thai."""
    now = figures.rows(news, period=figures.now(context)).dropna(subset="impact")
    now = now[now["impact"].abs() >= 0.005]
    largest = now.sort_values("impact", key=abs, ascending=False, kind="stable").head(ROWS)
    ranked = largest.sort_values("impact", ascending=False, kind="stable")
    return ranked.assign(kind=ranked["kind"].map(KINDS))[["indicator", "kind", "period", "impact"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars either way from zero, the kind at the right."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    figures.diverging_bars(ax, names, data["impact"], notes=list(data["kind"]), decimals=2, columns=38)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The sum, and the largest part of it."""
    total = float(data["impact"].sum())
    impacts = data["impact"].astype(float).reset_index(drop=True)
    shown = impacts.abs().map(lambda value: figures.number(value, 2))
    most = [
        f"{figures.name_of(str(code), context.declarations)} ({figures.signed(impact, 2)} จุด)"
        for code, impact, text in zip(data["indicator"], impacts, shown, strict=True)
        if text == figures.number(impacts.abs().max(), 2)
    ]
    return (
        f"ข้อมูลใหม่และข้อมูลปรับปรุงที่แสดงเปลี่ยนดัชนี {figures.signed(total, 2)} จุด "
        f"ที่มีผลมากที่สุด{figures.alike(most)} คือ {figures.named(most, 'ตัวชี้วัด')}"
    )


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the list."""
    names = [f"{figures.name_of(code, context.declarations)} ({kind})"
             for code, kind in zip(data["indicator"], data["kind"], strict=True)]  # fmt: skip
    return f"แท่งสองทางแสดงผลต่อดัชนี {figures.ranking_words(names, list(data['impact']), decimals=2, sign=True)}"


def note(data: pd.DataFrame) -> str:
    """Against what."""
    return "เทียบกับข้อมูลที่ทราบเมื่อจัดทำรายงานฉบับก่อน แสดงเฉพาะรายการที่มีผลตั้งแต่ 0.005 จุด"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in data["indicator"].unique())
