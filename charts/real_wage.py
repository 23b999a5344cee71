"""The average wage on the year: as paid, and after inflation."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {
    "th": "ค่าจ้างเฉลี่ยและค่าจ้างที่แท้จริง เปลี่ยนแปลงจากปีก่อน",
    "en": "Average wage, nominal and real, on the year",
}
UNIT = {"th": "ร้อยละ", "en": "per cent"}
NEEDS = ("series",)
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 37, "half", 62
MARKS = ("value",)
WAGE, PRICES = "average_wage", "inflation"
NAMES = {"nominal": "ค่าจ้างเฉลี่ย", "real": "ค่าจ้างที่แท้จริง", "prices": "เงินเฟ้อ"}
COLOURS = {"nominal": figures.UNCHANGED, "real": figures.NAVY, "prices": figures.WORKERS}
YEAR = 4  # quarters


def shown(series: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """kind, period, value: per cent on the year of the wage as published, of prices, and of the wage in constant prices."""
    known = figures.rows(series, group="TH", indicator=[WAGE, PRICES]).dropna(subset="raw")
    quarterly = figures.by_quarter(known, "raw", "indicator")
    if set(quarterly["indicator"]) != {WAGE, PRICES}:
        return pd.DataFrame()
    window = figures.last_quarters(context, figures.QUARTERS + YEAR)
    levels = figures.wide(quarterly, "period", "indicator").reindex(window)
    nominal = (levels[WAGE] / levels[WAGE].shift(YEAR) - 1) * 100
    real = ((1 + nominal / 100) / (1 + levels[PRICES] / 100) - 1) * 100
    parts = {"nominal": nominal, "prices": levels[PRICES], "real": real}
    frame = pd.concat(
        [
            values.rename("value").rename_axis("period").reset_index().assign(kind=kind)
            for kind, values in parts.items()
        ]
    )
    complete = real.dropna().index
    return figures.recent(frame[frame["period"].isin(complete)], context)[["kind", "period", "value"]]


def too_little(data: pd.DataFrame) -> str:
    """A line needs a few quarters."""
    return "" if data["period"].nunique() >= 4 else "มีค่าจ้างและเงินเฟ้อพร้อมกันน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """Three lines named at their ends; zero is the line between gain and loss."""
    periods = sorted(data["period"].unique())
    for kind, name in NAMES.items():
        own = figures.rows(data, kind=kind)
        width = 2.0 if kind == "real" else 1.2
        figures.line(ax, list(own["period"]), own["value"], COLOURS[kind], name=name, width=width)
    figures.quarter_axis(ax, periods, ticks=5)
    figures.value_axis(ax)
    figures.neutral(ax, 0)


def finding(data: pd.DataFrame) -> str:
    """Is pay in constant prices higher or lower than a year ago?"""
    values = figures.series(figures.rows(data, kind="real"))
    word = "สูงกว่า" if values.iloc[-1] > 0 else "ต่ำกว่า"
    last = figures.quarter_th(str(values.index[-1]))
    if figures.sign_of(values.iloc[-1], 1) == 0:
        return f"ค่าจ้างที่แท้จริงใน{last} เท่ากับปีก่อน"
    return f"ค่าจ้างที่แท้จริงใน{last} {word}ปีก่อนร้อยละ {figures.magnitude(values.iloc[-1])}"


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    values = figures.series(figures.rows(data, kind="real"))
    newest, last = float(values.iloc[-1]), figures.quarter_short_en(str(values.index[-1]))
    if figures.sign_of(newest, 1) == 0:
        return f"Real wages in {last} equal to those of a year before"
    side = "higher" if newest > 0 else "lower"
    return f"Real wages in {last} {figures.magnitude(newest)} per cent {side} than a year before"


def alt(data: pd.DataFrame) -> str:
    """Newest values of the three lines."""
    parts = []
    for kind, name in NAMES.items():
        values = figures.series(figures.rows(data, kind=kind))
        parts.append(f"{name} ร้อยละ {figures.signed(values.iloc[-1])}")
    return f"เส้นสามเส้น ค่าล่าสุดเทียบกับปีก่อน: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """How real pay is worked out."""
    return "ค่าจ้างที่แท้จริง = (1 + อัตราเพิ่มของค่าจ้างเฉลี่ยที่ประกาศ) หาร (1 + เงินเฟ้อเฉลี่ยของไตรมาส) ลบ 1"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Wage and prices."""
    return (f"indicator:{WAGE}", f"indicator:{PRICES}")
