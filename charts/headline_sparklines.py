"""The three headline indices over 13 quarters, as sparklines."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {"th": "ดัชนีหลัก 13 ไตรมาสล่าสุด", "en": "Headline indices, 13 quarters"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("labour_index",)
USES = ("confidence",)
CHAPTER, ORDER, WIDTH, HEIGHT = "summary", 2, "full", 21
MARKS = ("value",)
COLOURS = {"labour_index": figures.NAVY, **figures.SURVEY_COLOUR}
SHORT = {
    "labour_index": "ดัชนีเศรษฐกิจแรงงาน",
    "employer": "ความเชื่อมั่นของผู้ประกอบการ",
    "worker": "ความเชื่อมั่นของแรงงาน",
}


def shown(index: pd.DataFrame, confidence: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """index, period, value: indices with at least four quarters in the window."""
    parts = [figures.rows(index, dimension="overall", group="TH").assign(index="labour_index")]
    if not confidence.empty:
        whole = figures.rows(confidence, domain="overall", group="TH")
        parts.append(whole.assign(index=whole["survey"]))
    both = figures.recent(pd.concat(parts), context).dropna(subset="value")
    known = both.groupby("index")["period"].transform("size")
    chosen = figures.ordered(both[known >= 4].sort_values("period"), "index", list(SHORT))
    return chosen[["index", "period", "value"]]


def draw(data: pd.DataFrame, *, figure: Canvas) -> None:
    """One bare line an index; highest, lowest and newest points carry their values."""
    codes = list(data["index"].unique())
    for ax, code in zip(figures.panels(figure, len(codes), len(codes), share_y=False), codes, strict=True):
        own = figures.rows(data, index=code)
        figures.sparkline(ax, list(own["period"]), own["value"], COLOURS[code])
        figures.room(ax, top=0.35, bottom=0.15)  # for the label of the highest point, below the name
        first, last = (figures.quarter_short(own["period"].iloc[at]) for at in (0, -1))
        ax.set_title(
            f"{SHORT[code]} {first}–{last}", loc="left", fontsize=figures.SMALL, color=COLOURS[code], pad=4
        )


def finding(data: pd.DataFrame) -> str:
    """Newest level of each index, and its way in a year."""
    parts = []
    for code, own in data.groupby("index", sort=False):
        values = figures.series(own)
        before = values.get(figures.quarters_back(str(values.index[-1]), 4))
        moved = f" {figures.change_words(values.iloc[-1] - before)}จากปีก่อน" if before is not None else ""
        parts.append(f"{SHORT[str(code)]} {figures.number(values.iloc[-1])} จุด{moved}")
    return " ".join(parts)


def alt(data: pd.DataFrame) -> str:
    """Every line in words."""
    return "; ".join(
        figures.series_words(SHORT[str(code)], figures.series(own))
        for code, own in data.groupby("index", sort=False)
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The index's sources and the surveys shown."""
    return ("index", *(f"survey:{code}" for code in data["index"].unique() if code != "labour_index"))
