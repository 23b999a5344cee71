"""The 77 provinces on a tile map: the index and both confidence indices (report chapters 2, 4 and 5)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีรายจังหวัด", "en": "Index by province"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ()
USES = ("labour_index", "confidence")
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 46, "full", 152
VARIANTS = {
    "index": {"title": {"th": "ดัชนีเศรษฐกิจแรงงานรายจังหวัด", "en": "Labour Economic Index by province"}},
    "employer": {
        "title": {"th": "ดัชนีความเชื่อมั่นของผู้ประกอบการรายจังหวัด", "en": "Employers' confidence by province"},
        "chapter": "employers", "order": 60,
    },
    "worker": {
        "title": {"th": "ดัชนีความเชื่อมั่นของแรงงานรายจังหวัด", "en": "Workers' confidence by province"},
        "chapter": "workers", "order": 60,
    },
}  # fmt: skip
LEAST = {"index": 8.0, "employer": 15.0, "worker": 15.0}


def shown(
    index: pd.DataFrame, confidence: pd.DataFrame, *, context: figures.Context, variant: str
) -> pd.DataFrame:
    """group, period, value, flag: every declared province; no value where the table has none."""
    if variant == "index":
        table = figures.rows(index, dimension="overall") if not index.empty else index
    else:
        table = (
            figures.rows(confidence, survey=variant, domain="overall") if not confidence.empty else confidence
        )
    codes = [province.code for province in context.declarations.groups_of("PROVINCE")]
    if table.empty or not (table["period"] == figures.now(context)).any():
        return pd.DataFrame()
    newest = figures.rows(table, period=figures.now(context)).set_index("group")
    frame = newest.reindex(codes).rename_axis("group").reset_index().assign(period=figures.now(context))
    frame["flag"] = frame["flag"].fillna("") if "flag" in frame else ""
    return frame[["group", "period", "value", "flag"]]


def too_little(data: pd.DataFrame) -> str:
    """A map of a few tiles says nothing."""
    known = int(data["value"].notna().sum())
    return "" if known >= 10 else f"มีค่าเพียง {known} จังหวัด"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context, variant: str) -> None:
    """One tile a province, coloured about 100."""
    figures.tile_map(
        ax, dict(zip(data["group"], data["value"], strict=True)), context.declarations.groups_of("PROVINCE"), centre=100,
        least=LEAST[variant], suppressed=list(data.loc[data["flag"] == "suppressed", "group"]),
    )  # fmt: skip


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """How many provinces stand above the neutral point, and the ends."""
    known = data.dropna(subset="value").set_index("group")["value"]
    names = {
        code: figures.name_of(str(code), context.declarations) for code in (known.idxmax(), known.idxmin())
    }
    return (
        f"{int((known > 100).sum())} จาก {len(known)} จังหวัดมีดัชนีสูงกว่า 100 "
        f"{names[known.idxmax()]}สูงที่สุด {figures.number(known.max())} จุด "
        f"{names[known.idxmin()]}ต่ำที่สุด {figures.number(known.min())} จุด"
    )


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the ranking, and what is missing."""
    known = data.dropna(subset="value")
    names = [figures.name_of(code, context.declarations) for code in known["group"]]
    hidden = int((data["flag"] == "suppressed").sum())
    text = f"แผนที่ช่องสี่เหลี่ยม 77 จังหวัด {figures.ranking_words(names, list(known['value']))}"
    return text + (f" ไม่เผยแพร่ {hidden} จังหวัดเพราะตัวอย่างน้อย" if hidden else "")


def note(data: pd.DataFrame) -> str:
    """How to read a tile."""
    text = "หนึ่งช่องคือหนึ่งจังหวัด จัดวางตามตำแหน่งโดยประมาณ อักษรย่อจังหวัดตามกระทรวงมหาดไทย"
    if (data["flag"] == "suppressed").any():
        text += " x หมายถึงไม่เผยแพร่เพราะตัวอย่างน้อย"
    if (data["value"].isna() & (data["flag"] != "suppressed")).any():
        text += " ลายเฉียงหมายถึงไม่มีข้อมูล"
    return text


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The index's sources, or the survey."""
    return ("index",) if variant == "index" else (f"survey:{variant}",)
