"""The seven domains of workers’ confidence over 13 quarters (report chapter 5, dashboard item 5)."""

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
    """domain, period, value: the overall index first."""
    whole = figures.recent(figures.rows(confidence, survey="worker", group="TH"), context).dropna(
        subset="value"
    )
    order = ["overall", *(option.id for option in context.declarations.questionnaires["worker"].domains)]
    chosen = figures.ordered(whole.sort_values("period"), "domain", order)
    return chosen[["survey", "domain", "period", "value"]]


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


def _lowest(data: pd.DataFrame, context: figures.Context) -> tuple[list[str], float, pd.Series | None]:
    """Names and newest value of the lowest domain, or of several that read alike, and every domain's change on the year; None without the quarter a year before."""
    cells = figures.wide(data, "domain", "period").drop(index="overall", errors="ignore")
    now = str(cells.columns[-1])
    before = figures.quarters_back(now, 4)
    newest = cells[now].dropna()
    lowest = figures.ends(-newest)[0]
    change = (cells[now] - cells[before]).dropna() if before in cells else None
    names = [figures.domain_name("worker", code, context.declarations) for code in lowest]
    return names, float(newest.min()), change


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many domains are lower than a year ago, and where the lowest stands."""
    names, value, change = _lowest(data, context)
    text = (
        f"{figures.named(names, 'ด้าน', 'ด้าน{}')}มีคะแนนต่ำที่สุด{figures.alike(names)} {figures.number(value)} จุด"
    )
    if change is None:
        return text
    lower, count = int((change.round(1) < 0).sum()), len(change)
    who = f"ทั้ง {count} ด้าน" if lower == count else f"{lower} จาก {count} ด้าน" if lower else "ไม่มีด้านใด"
    return f"{who}มีคะแนนต่ำกว่าปีก่อน {text}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    names, value, change = _lowest(data, context)
    text = f"{figures.named_en(names, 'domains')} {'score' if len(names) > 1 else 'scores'} lowest ({figures.number(value)} points)"
    if change is None:
        return text
    lower, count = int((change.round(1) < 0).sum()), len(change)
    some = f"Of {count} domains {lower} score" if lower else "No domain scores"
    who = f"All {count} domains score" if lower == count else some
    return f"{who} lower than a year before; {text}"


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
