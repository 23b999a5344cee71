"""Groups ranked by the index with 95 % intervals and the quarter before."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีเศรษฐกิจแรงงานรายกลุ่มพร้อมช่วงความเชื่อมั่น", "en": "Groups ranked by the index, with intervals"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("group_ranking",)
CHAPTER, ORDER, WIDTH = "groups", 44, "full"
MARKS = ("value", "low", "high", "before")
VARIANTS = {
    "industry": {"title": {"th": "ดัชนีเศรษฐกิจแรงงานจำแนกตามอุตสาหกรรม", "en": "Index by industry"}},
    "province": {
        "title": {"th": "จังหวัดที่มีดัชนีเศรษฐกิจแรงงานสูงที่สุดและต่ำที่สุด 12 อันดับ", "en": "Top and bottom provinces"},
        "order": 48,
    },
}
EACH_END = 12


def height(data: pd.DataFrame) -> float:
    """Room for each group."""
    return 14 + 4.6 * float(len(data))


def shown(ranking: pd.DataFrame, *, context: figures.Context, variant: str) -> pd.DataFrame:
    """group, period, value, low, high, before, rank: best first; of provinces the first and the last twelve."""
    chosen = figures.rows(ranking, kind=variant.upper(), period=figures.now(context)).dropna(subset="value")
    ranked = chosen.sort_values(["rank", "group"], kind="stable")
    if len(ranked) > 2 * EACH_END:
        ranked = pd.concat([ranked.head(EACH_END), ranked.tail(EACH_END)])
    ranked = ranked.assign(before=ranked["value"] - ranked["change_quarter"])
    return ranked[["group", "period", "value", "low", "high", "before", "rank"]]


def too_little(data: pd.DataFrame) -> str:
    """A ranking needs three."""
    return "" if len(data) >= 3 else "มีดัชนีน้อยกว่า 3 กลุ่ม"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """A dot a group, its interval, a hollow dot for the quarter before."""
    names = [
        f"{figures.number(rank, 0)}. {figures.industry_short(figures.name_of(code, context.declarations))}"
        for rank, code in zip(data["rank"], data["group"], strict=True)
    ]
    figures.dots(
        ax, names, data["value"], figures.NAVY, low=data["low"], high=data["high"], before=data["before"], columns=64,
        reference=("ค่าเฉลี่ยระยะยาว", 100), size=figures.SMALL,
    )  # fmt: skip


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The groups that stand apart from all others, if any."""
    names = [figures.industry_short(figures.name_of(code, context.declarations)) for code in data["group"]]
    return figures.clear_ends(data, names)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the ranking."""
    names = [figures.industry_short(figures.name_of(code, context.declarations)) for code in data["group"]]
    rising = int((data["value"] > data["before"]).sum())
    return (
        f"จุดพร้อมช่วงความเชื่อมั่นของ {len(data)} กลุ่ม {figures.ranking_words(names, list(data['value']))} "
        f"สูงขึ้นจากไตรมาสก่อน {rising} กลุ่ม"
    )


def note(data: pd.DataFrame) -> str:
    """What dot, bar and hollow dot are."""
    return "จุดทึบคือไตรมาสล่าสุด แถบคือช่วงความเชื่อมั่น วงกลมกลวงคือไตรมาสก่อน เลขหน้าชื่อคืออันดับ"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
