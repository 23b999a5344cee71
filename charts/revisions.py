"""First against latest figures of revised series."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "การปรับปรุงตัวเลขจากค่าแรกถึงค่าล่าสุด", "en": "Revisions from the first figure to the latest"}
UNIT = {"th": "ส่วนต่าง หน่วยของตัวชี้วัด", "en": "difference, in the indicator's unit"}
NEEDS = ("revisions",)
CHAPTER, ORDER, WIDTH = "methods", 40, "full"
MARKS = ("revision",)
ROWS = 12


def height(data: pd.DataFrame) -> float:
    """Room for each revision."""
    return 6 + 6.4 * float(len(data))


def shown(revisions: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """series, period, first, latest, revision: the twelve largest relative to each series' own revisions."""
    known = figures.up_to(revisions.dropna(subset=["first", "latest"]), context)
    moved = known.assign(revision=known["latest"] - known["first"])
    moved = moved[moved["revision"] != 0]
    usual = moved.groupby("series")["revision"].transform(lambda values: values.abs().mean())
    ranked = moved.assign(size=(moved["revision"] / usual).abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    kept = ranked.head(ROWS).sort_values(["series", "period"], kind="stable")
    return kept[["series", "period", "first", "latest", "revision"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars either way from zero; first and latest figure at the right."""
    names = [f"{figures.name_of(code, context.declarations)} {figures.period_slash(period)}"
             for code, period in zip(data["series"], data["period"], strict=True)]  # fmt: skip
    notes = [
        f"{figures.number(a, 2)} → {figures.number(b, 2)}"
        for a, b in zip(data["first"], data["latest"], strict=True)
    ]
    figures.diverging_bars(ax, names, data["revision"], notes=notes, decimals=2, columns=40, polarity=0)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many went up and down, and the largest."""
    up, down = int((data["revision"] > 0).sum()), int((data["revision"] < 0).sum())
    return f"ตัวเลขที่ปรับปรุงมากที่สุด {len(data)} ค่า ปรับขึ้น {up} ค่า ปรับลง {down} ค่า"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """All revisions."""
    parts = [
        f"{figures.name_of(code, context.declarations)} {figures.period_th(period)} {figures.signed(change, 2)}"
        for code, period, change in zip(data["series"], data["period"], data["revision"], strict=True)
    ]
    return f"แท่งสองทางแสดงการปรับปรุงตัวเลข: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What is compared."""
    return "เปรียบเทียบค่าที่เผยแพร่ครั้งแรกกับค่าล่าสุดที่ทราบ ณ วันจัดทำรายงาน"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The series drawn."""
    return tuple(
        "index" if code.startswith("labour_index") else f"indicator:{code}"
        for code in data["series"].unique()
    )
