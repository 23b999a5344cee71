"""How each indicator is tied to the index of its dimension."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "สหสัมพันธ์ของตัวชี้วัดกับดัชนีของมิติ", "en": "Correlation of indicators with their dimension"}
UNIT = {"th": "ค่าสหสัมพันธ์", "en": "correlation"}
NEEDS = ("factor_quality",)
CHAPTER, ORDER, WIDTH = "methods", 20, "full"
MARKS = ("correlation",)


def height(data: pd.DataFrame) -> float:
    """Room for each indicator."""
    return 14 + 4.4 * float(len(data))


def shown(quality: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """dimension, indicator, correlation: in declared order."""
    known = quality.dropna(subset="correlation_with_index").rename(
        columns={"correlation_with_index": "correlation"}
    )
    order = list(context.declarations.indicators)
    return figures.ordered(known, "indicator", order)[["dimension", "indicator", "correlation"]]


def too_little(data: pd.DataFrame) -> str:
    """A few indicators."""
    return "" if len(data) >= 3 else "มีตัวชี้วัดที่ประมาณได้น้อยกว่า 3 ตัว"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """A dot an indicator: navy where it moves as its polarity says, orange where it moves the other way."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    colours = [figures.WORSE if is_odd else figures.NAVY for is_odd in _against(data, context)]
    figures.dots(ax, names, data["correlation"], colours, decimals=2, columns=70, size=figures.SMALL,
                 reference=("", 0))  # fmt: skip


def _against(data: pd.DataFrame, context: figures.Context) -> list[bool]:
    """Whether an indicator moves against the direction that its polarity declares."""
    polarity = [context.declarations.indicators[code].polarity for code in data["indicator"]]
    return [value * sign < 0 for value, sign in zip(data["correlation"], polarity, strict=True)]


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many move as declared."""
    odd = sum(_against(data, context))
    return f"{figures.counted(len(data) - odd, len(data), 'ตัวชี้วัด')}เคลื่อนไหวกับดัชนีของมิติตามทิศทางที่กำหนด"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The closest and the loosest ties, and those against."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    ranked = figures.ranking_words(names, list(data["correlation"]), unit="", decimals=2, sign=True)
    odd = [name for name, is_odd in zip(names, _against(data, context), strict=True) if is_odd]
    return f"จุดค่าสหสัมพันธ์ของ {len(data)} ตัวชี้วัด {ranked}" + (f" สวนทิศทาง: {'; '.join(odd)}" if odd else "")


def note(data: pd.DataFrame) -> str:
    """What the colours are."""
    return "ตัวชี้วัดที่ค่าสูงหมายถึงแย่ลงควรมีค่าสหสัมพันธ์ติดลบ สีส้มคือสวนทางกับทิศทางที่กำหนด"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
