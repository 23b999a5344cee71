"""What employers did, this quarter and the ten before it, as a heat map."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "การดำเนินงานของนายจ้างใน 6 เดือนที่ผ่านมา 11 ไตรมาส", "en": "Employers’ actions over 11 quarters"}
UNIT = {"th": "ร้อยละของแรงงานที่ตอบ", "en": "per cent of respondents"}
NEEDS = ("employer_actions",)
CHAPTER, ORDER, WIDTH = "actions", 10, "full"
MARKS = ()
QUARTERS = 11


def height(data: pd.DataFrame) -> float:
    """Room for each action."""
    return 14 + 8.4 * float(data["action"].nunique())


def shown(actions: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """action, period, share (0..1), n: in the questionnaire's order."""
    window = figures.recent(actions, context, QUARTERS).sort_values("period")
    order = [option.id for option in context.declarations.questionnaires["worker"].actions]
    return figures.ordered(window, "action", order)[["action", "period", "share", "n"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """One row an action; orange where it is more frequent than its own mean over the window, blue where less."""
    names = figures.option_names(context.declarations)
    cells = figures.wide(data, "action", "period", "share").loc[list(data["action"].unique())] * 100
    matrix = cells.rename(index=names, columns=figures.quarter_short)
    shade = matrix.sub(matrix.mean(axis=1), axis=0)
    figures.heat_map(ax, matrix, centre=0, least=1.5, decimals=1, reverse=True, columns=30, shade=shade)


def _newest(data: pd.DataFrame, context: figures.Context) -> pd.Series:
    last = data[data["period"] == data["period"].max()].dropna(subset="share")
    names = figures.option_names(context.declarations)
    return last.set_index("action")["share"].rename(index=names) * 100


def too_little(data: pd.DataFrame) -> str:
    """A newest quarter to speak of."""
    return (
        ""
        if data.loc[data["period"] == data["period"].max(), "share"].notna().any()
        else "ไม่มีผลสำรวจในไตรมาสล่าสุด"
    )


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The most and the least frequent action now."""
    newest = _newest(data, context)
    most, least = figures.ends(newest)
    if not least:
        return f"ทุกข้อที่มีผลพบร้อยละ {figures.number(newest.max())}"
    parts = [
        f"{figures.named(names, 'ข้อ', '“{}”')} พบ{word}ที่สุด{figures.alike(names)} ร้อยละ {figures.number(newest[names[0]])}"
        for names, word in ((most, "มาก"), (least, "น้อย"))
    ]
    return " ".join(parts)


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    newest = _newest(data, context)
    most, least = figures.ends(newest)
    if not least:
        return f"Every action with a result met by {figures.number(newest.max())} per cent"
    parts = [
        f"{figures.named_en(names, 'actions')} {word} ({figures.number(newest[names[0]])} per cent{' each' if len(names) > 1 else ''})"
        for names, word in ((most, "most often met"), (least, "least often"))
    ]
    return ", ".join(parts)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The newest column in words."""
    newest = _newest(data, context)
    ranked = figures.ranking_words(list(newest.index), list(newest), unit="ร้อยละ", count=4)
    last = figures.quarter_th(data["period"].max())
    return f"ตารางสีของการดำเนินงาน {len(newest)} ด้าน {data['period'].nunique()} ไตรมาส ใน{last} {ranked}"


def note(data: pd.DataFrame) -> str:
    """How to read colours and shares."""
    return "ผู้ตอบเลือกได้หลายข้อ สีส้มคือพบบ่อยกว่าค่าเฉลี่ยของข้อนั้นในช่วงที่แสดง สีน้ำเงินคือพบน้อยกว่า กรอบคือไตรมาสล่าสุด"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:worker",)
