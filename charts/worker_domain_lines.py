"""The seven domains of workers’ confidence over 13 quarters."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter import figures

TITLE = {
    "th": "ดัชนีความเชื่อมั่นของแรงงานรายด้าน 13 ไตรมาส",
    "en": "Workers’ confidence by domain over 13 quarters",
}
UNIT = {"th": "จุด 0 ถึง 200", "en": "points, 0 to 200"}
NEEDS = ("confidence",)
CHAPTER, ORDER, WIDTH, HEIGHT = "workers", 22, "full", 86
PHONE = 2.0
MARKS = ("value",)
COLUMNS = 4


def shown(confidence: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """domain, period, value: the overall index first; low, high: its interval; is_unclear: whether the change on the year may be chance."""
    whole = figures.recent(figures.rows(confidence, survey="worker", group="TH"), context).dropna(
        subset="value"
    )
    order = ["overall", *(option.id for option in context.declarations.questionnaires["worker"].domains)]
    chosen = figures.ordered(whole.sort_values("period"), "domain", order)
    unclear = ~chosen["significant_year"].eq(True) if "significant_year" in chosen else False
    return chosen[["survey", "domain", "period", "value", "low", "high"]].assign(is_unclear=unclear)


def too_little(data: pd.DataFrame) -> str:
    """Lines need a few quarters."""
    return "" if data["period"].nunique() >= 4 else "มีผลสำรวจน้อยกว่า 4 ไตรมาส"


def draw(data: pd.DataFrame, *, figure: Canvas, context: figures.Context) -> None:
    """One panel a domain on the same axes; the overall index in grey behind."""
    figures.parts_against_whole(
        figure, data, "domain", figures.WORKERS, columns=COLUMNS, ticks=4,
        name=lambda code: figures.domain_name("worker", code, context.declarations),
    )  # fmt: skip


def _changes(data: pd.DataFrame) -> pd.Series:
    cells = figures.wide(data, "domain", "period").drop(index="overall", errors="ignore")
    return (cells.iloc[:, -1] - cells.iloc[:, 0]).dropna()


def _told(data: pd.DataFrame, context: figures.Context) -> tuple[tuple[str, str], int, int, int]:
    """The domain that lies below all others, its name empty where intervals meet; how many rose, fell on the year, and were compared."""
    cells = figures.wide(data, "domain", "period").drop(index="overall", errors="ignore")
    now = str(cells.columns[-1])
    newest = figures.rows(data, period=now)
    newest = newest[newest["domain"] != "overall"]
    names = [figures.domain_name("worker", code, context.declarations) for code in newest["domain"]]
    before = figures.quarters_back(now, 4)
    change = (cells[now] - cells[before]).dropna() if before in cells else pd.Series(dtype=float)
    clear = change[~newest.set_index("domain")["is_unclear"].astype(bool).reindex(change.index)]
    return figures.clear_bottom(newest, names), int((clear > 0).sum()), int((clear < 0).sum()), len(change)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many domains rose and fell significantly within a year, and which is clearly the lowest."""
    (name, value), up, down, count = _told(data, context)
    ways = [
        f"{figures.counted(number, count, 'ด้าน')}{word}"
        for number, word in ((up, "เพิ่มขึ้น"), (down, "ลดลง"))
        if number
    ]
    text = f"{' '.join(ways) or 'ไม่มีด้านใดเปลี่ยนแปลง'}จากปีก่อนอย่างมีนัยสำคัญ" if count else ""
    lowest = f"ด้าน{name}ต่ำที่สุด {value} จุด" if name else "ยังแยกด้านที่ต่ำที่สุดไม่ได้ เพราะช่วงความเชื่อมั่นซ้อนกัน"
    return f"{text} {lowest}".strip()


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    (name, value), up, down, count = _told(data, context)
    ways = [f"{number} {word}" for number, word in ((up, "rose"), (down, "fell")) if number]
    text = (
        f"Of {count} domains {' and '.join(ways) or 'none changed'} significantly on the year"
        if count
        else ""
    )
    lowest = f"“{name}” lowest ({value} points)" if name else "no domain clearly lowest: intervals overlap"
    return "; ".join(part for part in (text, lowest) if part)


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Newest value and change of each domain."""
    change = _changes(data)
    parts = []
    for code, own in data.groupby("domain", sort=False):
        name = figures.domain_name("worker", str(code), context.declarations)
        way = (
            figures.change_words(change[str(code)], steps=figures.CONFIDENCE_STEPS)
            if code in change.index
            else ""
        )
        parts.append(f"{name} {figures.number(own['value'].iloc[-1])} จุด {way}".strip())
    return f"กราฟย่อยรายด้าน ค่าล่าสุดและการเปลี่ยนแปลงจากต้นช่วง: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What the grey line is."""
    return "เส้นสีเทาคือดัชนีรวม เส้นแนวนอนคือระดับปานกลาง = 100"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:worker",)
