"""What moved the composite most, indicator by indicator (report chapter 2)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ตัวชี้วัดที่มีผลต่อดัชนีรวมมากที่สุด", "en": "Indicators that moved the composite most"}
UNIT = {"th": "จุดของดัชนีรวม", "en": "points of the composite"}
NEEDS = ("indicator_contributions", "indicator_status")
CHAPTER, ORDER, WIDTH = "labour", 33, "full"
MARKS = ("contribution",)
ROWS = 12


def height(data: pd.DataFrame) -> float:
    """Room for each indicator."""
    return 6 + 6.6 * float(len(data))


def shown(parts: pd.DataFrame, status: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """indicator, dimension, period, contribution: what the indicator's data added through its own dimension; is_estimated: no data."""
    now = figures.rows(parts, against="quarter", period=figures.now(context)).dropna(subset="contribution")
    now = now[now["indicator"].isin(list(context.declarations.indicators))]
    largest = now.sort_values("contribution", key=abs, ascending=False, kind="stable").head(ROWS)
    ranked = largest.sort_values("contribution", ascending=False, kind="stable")
    estimated = set(status.loc[status["quarter_status"] == "estimated", "indicator"])
    kept = ranked[["indicator", "dimension", "period", "contribution"]]
    return kept.assign(is_estimated=kept["indicator"].isin(estimated))


def too_little(data: pd.DataFrame) -> str:
    """Three indicators make a comparison."""
    return "" if len(data) >= 3 else "มีผลรายตัวชี้วัดน้อยกว่า 3 ตัว"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars either way from zero, hatched where the quarter is estimated; the dimension at the right."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    dimensions = [figures.name_of(code, context.declarations) for code in data["dimension"]]
    figures.diverging_bars(ax, names, data["contribution"], notes=dimensions, decimals=2, columns=42)
    estimated = [row for row, is_estimated in enumerate(data["is_estimated"]) if is_estimated]
    figures.hatch_bars(ax, data["contribution"], estimated)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The largest push and the largest drag."""
    values = data.set_index("indicator")["contribution"]
    estimated = set(data.loc[data["is_estimated"], "indicator"])
    parts = []
    for code, word in ((str(values.idxmax()), "หนุนดัชนีมากที่สุด"), (str(values.idxmin()), "ฉุดดัชนีมากที่สุด")):
        if (values[code] > 0) == (word[0] == "ห"):
            kind = "ค่าประมาณ " if code in estimated else ""
            parts.append(
                f"{figures.name_of(code, context.declarations)}{word} ({kind}{figures.signed(values[code], 2)} จุด)"
            )
    return " ".join(parts)


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    values = data.set_index("indicator")["contribution"]
    estimated = set(data.loc[data["is_estimated"], "indicator"])

    def told(code: str, word: str) -> str:
        kind = ", a model estimate" if code in estimated else ""
        name = figures.running(figures.name_en(code, context.declarations))
        return f"{name} {word} ({figures.signed(values[code], 2)} points{kind})"

    push, drag = str(values.idxmax()), str(values.idxmin())
    parts = [told(push, "lifted the index most")] if values[push] > 0 else []
    parts += [told(drag, "held it back most")] if values[drag] < 0 else []
    return "; ".join(parts)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the list."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    ranked = figures.ranking_words(names, list(data["contribution"]), decimals=2, sign=True)
    return f"แท่งสองทางของตัวชี้วัด {len(data)} ตัวที่มีผลมากที่สุดจากไตรมาสก่อน {ranked}"


def note(data: pd.DataFrame) -> str:
    """How the points come about."""
    said = "ผลของข้อมูลของตัวชี้วัดต่อดัชนีรวมผ่านมิติของตน เทียบกับไตรมาสก่อน แสดงเฉพาะที่มีผลมากที่สุด"
    hatched = " แท่งลายขีดคือค่าประมาณจากแบบจำลอง เพราะยังไม่มีข้อมูลของไตรมาสนี้"
    return said + (hatched if data["is_estimated"].any() else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in data["indicator"])
