"""The composite under other choices of weights and members."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีรวมภายใต้ทางเลือกอื่นของการจัดทำ", "en": "The composite under other choices"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("sensitivity", "labour_index")
CHAPTER, ORDER, WIDTH, HEIGHT = "methods", 12, "full", 64
MARKS = ("value", "low", "high")


def shown(sensitivity: pd.DataFrame, index: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """period, value, low, high, n: the published index and the range over all other choices."""
    choices = sensitivity[
        ~sensitivity["choice"].str.startswith("source_")
    ]  # data left out are no choice of method
    spread = choices.dropna(subset="value").groupby("period")["value"].agg(["min", "max", "size"])
    published = figures.series(figures.rows(index, dimension="overall", group="TH")).rename("value")
    both = spread.rename(columns={"min": "low", "max": "high", "size": "n"}).join(published, how="inner")
    return figures.up_to(both.dropna().rename_axis("period").reset_index(), context)[
        ["period", "value", "low", "high", "n"]
    ]


def too_little(data: pd.DataFrame) -> str:
    """A band over a few quarters."""
    return "" if len(data) >= 4 else "มีผลการทดสอบความไวน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """The published index on the band of all others."""
    periods = list(data["period"])
    figures.band(ax, periods, data["low"], data["high"], figures.NAVY, strength=0.25)
    figures.line(ax, periods, data["value"], figures.NAVY)
    figures.quarter_axis(ax, periods, ticks=9)
    figures.value_axis(ax)
    figures.room(ax, top=0.08, bottom=0.04)
    figures.shade_shock(ax, periods)
    figures.neutral(ax, 100, "ค่าเฉลี่ยระยะยาว = 100")


def finding(data: pd.DataFrame) -> str:
    """How far apart the choices are now and on average."""
    width = data["high"] - data["low"]
    last = data.iloc[-1]
    return (
        f"ทางเลือกอื่นให้ดัชนีระหว่าง {figures.number(last['low'])} ถึง {figures.number(last['high'])} จุด "
        f"ความกว้างเฉลี่ยตลอดช่วง {figures.number(width.mean())} จุด"
    )


def alt(data: pd.DataFrame) -> str:
    """The line, and the band's width."""
    width = (data["high"] - data["low"]).set_axis(data["period"])
    line = figures.series_words("ดัชนีที่เผยแพร่", figures.series(data))
    return f"{line} แถบของทางเลือกอื่นกว้าง{figures.extremes(width)}"


def note(data: pd.DataFrame) -> str:
    """What the band covers."""
    return f"แถบคือค่าต่ำสุดถึงสูงสุดของทางเลือกอื่น {int(data['n'].max())} แบบ เช่น น้ำหนักเท่ากัน องค์ประกอบหลักตัวแรก และตัดออกทีละมิติ"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
