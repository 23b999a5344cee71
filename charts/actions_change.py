"""Change of employers’ actions on the year, in percentage points."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "การเปลี่ยนแปลงของการดำเนินงานของนายจ้างจากปีก่อน", "en": "Employers’ actions, change on the year"}
UNIT = {"th": "จุดร้อยละ", "en": "percentage points"}
NEEDS = ("employer_actions",)
CHAPTER, ORDER, WIDTH = "actions", 20, "full"
PHONE = 1.5
MARKS = ("change",)


def height(data: pd.DataFrame) -> float:
    """Room for each action."""
    return 5 + 8.4 * float(len(data))


def shown(actions: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """action, period, change (percentage points), share, n: largest rise first."""
    now = figures.rows(actions, period=figures.now(context)).dropna(subset="change_year")
    pp = now.assign(change=now["change_year"] * 100, level=now["share"] * 100)
    ranked = pp.sort_values("change", ascending=False, kind="stable")
    clear = ranked["significant_year"].eq(True).map({True: "ชัดเจน", False: ""})
    return ranked.assign(flag=clear)[["action", "period", "change", "level", "flag"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars either way from zero, coloured so that fewer cuts are better; the present share at the right."""
    names = figures.option_names(context.declarations)
    labels = [
        names[code] + (" *" if flag else "") for code, flag in zip(data["action"], data["flag"], strict=True)
    ]
    levels = [f"ร้อยละ {figures.number(level)}" for level in data["level"]]
    figures.diverging_bars(ax, labels, data["change"], notes=levels, columns=34, polarity=-1)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many rose and fell clearly, and the largest of these."""
    names = figures.option_names(context.declarations)
    clear = data[data["flag"] != ""]
    if clear.empty:
        return "ยังไม่มีการดำเนินงานข้อใดเปลี่ยนแปลงจากปีก่อนอย่างมีนัยสำคัญ"
    up, down = int((clear["change"] > 0).sum()), int((clear["change"] < 0).sum())
    changes = clear.set_index("action")["change"]
    most = [
        f"“{names[code]}” {figures.change_words(changes[code], 'จุดร้อยละ', steps=figures.SHARE_STEPS)}"
        for code in figures.ends(changes.abs())[0]
    ]
    ways = [f"{word} {count} ข้อ" for word, count in (("เพิ่มขึ้น", up), ("ลดลง", down)) if count]
    if len(clear) == 1:
        return f"เปลี่ยนแปลงอย่างมีนัยสำคัญจากปีก่อนข้อเดียว คือ {most[0]}"
    return f"เปลี่ยนแปลงอย่างมีนัยสำคัญจากปีก่อน: {' '.join(ways)} มากที่สุดคือ {figures.join_th(most)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    clear = data[data["flag"] != ""]
    if clear.empty:
        return "No action of employers changed significantly on the year"
    up, down = int((clear["change"] > 0).sum()), int((clear["change"] < 0).sum())
    names, changes = figures.option_names(context.declarations), clear.set_index("action")["change"]
    most = [
        f"“{names[code]}”, {figures.change_en(changes[code], 'percentage points', steps=figures.SHARE_STEPS)}"
        for code in figures.ends(changes.abs())[0]
    ]
    ways = [f"{count} {word}" for word, count in (("up", up), ("down", down)) if count]
    if len(clear) == 1:
        return f"One action changed significantly on the year: {most[0]}"
    return f"Significant changes on the year: {', '.join(ways)}; the largest: {'; '.join(most)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """All changes."""
    names = figures.option_names(context.declarations)
    labels = [names[code] for code in data["action"]]
    ranked = figures.ranking_words(labels, list(data["change"]), unit="จุดร้อยละ", sign=True, count=4)
    return f"แท่งสองทางแสดงการเปลี่ยนแปลงจากปีก่อนของ {len(data)} ด้าน {ranked}"


def note(data: pd.DataFrame) -> str:
    """What star and column are."""
    text = "ขวาสุดคือสัดส่วนในไตรมาสล่าสุด"
    return text + (" * มีนัยสำคัญทางสถิติที่ระดับ 0.05" if (data["flag"] != "").any() else "")


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:worker",)
