"""The indicators that improved and worsened most."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ตัวชี้วัดที่เปลี่ยนแปลงมากที่สุด", "en": "Indicators that moved most"}
UNIT = {"th": "ส่วนเบี่ยงเบนมาตรฐาน บวก = ดีขึ้น", "en": "standard deviations, positive = better"}
NEEDS = ("movers",)
CHAPTER, ORDER, WIDTH = "detail", 35, "full"
MARKS = ("change_sd",)
VARIANTS = {
    "quarter": {"title": {"th": "ตัวชี้วัดที่เปลี่ยนแปลงมากที่สุดจากไตรมาสก่อน", "en": "Movers on the quarter"}},
    "year": {"title": {"th": "ตัวชี้วัดที่เปลี่ยนแปลงมากที่สุดจากปีก่อน", "en": "Movers on the year"}, "order": 36},
}
EACH_WAY = 5


def height(data: pd.DataFrame) -> float:
    """Room for each indicator."""
    return 6 + 6.4 * float(len(data))


def shown(movers: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """indicator, change_sd, previous, value: five that improved and five that worsened, best first."""
    chosen = figures.rows(movers, against=variant, period=figures.now(context)).dropna(subset="change_sd")
    ranked = chosen.sort_values("change_sd", ascending=False, kind="stable")
    up = ranked[ranked["change_sd"] > 0].head(EACH_WAY)
    down = ranked[ranked["change_sd"] < 0].tail(EACH_WAY)
    return pd.concat([up, down])[["indicator", "change_sd", "previous", "value"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars of standard deviations; the indicator's own values stand beside them."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    cells = zip(data["previous"], data["value"], data["indicator"], strict=True)
    values = [figures.values_with_unit(before, now, code, context) for before, now, code in cells]
    figures.diverging_bars(ax, names, data["change_sd"], notes=values, columns=36)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The best and the worst mover by name."""
    values = data.set_index("indicator")["change_sd"]
    parts = []
    for own, word in ((values[values > 0], "ดีขึ้น"), (-values[values < 0], "แย่ลง")):
        names = [figures.name_of(code, context.declarations) for code in figures.ends(own)[0]]
        if names:
            parts.append(f"{figures.named(names, 'ตัวชี้วัด')}{word}มากที่สุด{figures.alike(names)}")
    return " ".join(parts)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Those that improved and those that worsened, with their size."""
    names = [figures.name_of(code, context.declarations) for code in data["indicator"]]
    better, worse = int((data["change_sd"] > 0).sum()), int((data["change_sd"] < 0).sum())
    ranked = figures.ranking_words(names, list(data["change_sd"]), unit="เท่าของส่วนเบี่ยงเบนมาตรฐาน", sign=True)
    return f"แท่งสองทางแสดงตัวชี้วัดที่ดีขึ้น {better} ตัว และแย่ลง {worse} ตัว {ranked}"


def note(data: pd.DataFrame) -> str:
    """How changes in different units are compared."""
    return (
        "การเปลี่ยนแปลงหารด้วยส่วนเบี่ยงเบนมาตรฐานของการเปลี่ยนแปลงในอดีต ปรับทิศทางให้ค่าบวกหมายถึงดีขึ้น "
        "ขวาสุดคือค่าก่อนหน้าและค่าล่าสุดหลังปรับฤดูกาล"
    )


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The indicators drawn."""
    return tuple(f"indicator:{code}" for code in data["indicator"])
