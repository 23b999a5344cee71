"""The 77 provinces on a tile map: the index and both confidence indices."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ดัชนีรายจังหวัด", "en": "Index by province"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ()
USES = ("labour_index", "confidence")
CHAPTER, ORDER, WIDTH, HEIGHT = "labour", 46, "side", 128
VARIANTS = {
    "index": {"title": {"th": "ดัชนีเศรษฐกิจแรงงานรายจังหวัด", "en": "Labour Economic Index by province"}},
    "employer": {
        "title": {"th": "ดัชนีความเชื่อมั่นของผู้ประกอบการรายจังหวัด", "en": "Employers’ confidence by province"},
        "chapter": "groups", "order": 60,
    },
    "worker": {
        "title": {"th": "ดัชนีความเชื่อมั่นของแรงงานรายจังหวัด", "en": "Workers’ confidence by province"},
        "chapter": "groups", "order": 61,
    },
}  # fmt: skip
MARKS = ()
FEW = 12  # names that a sentence can carry
# Half width of the colour scale about 100, the same in every issue: 1.8 standard deviations of the index (sd 10); on the scale
# of the surveys (0 to 200) two fifths of the way to either end, beyond which hardly any province has stood.
HALF = {"index": 18.0, "employer": 40.0, "worker": 40.0}


def shown(
    index: pd.DataFrame, confidence: pd.DataFrame, *, context: figures.Context, variant: str
) -> pd.DataFrame:
    """group, period, value, low, high, flag: every declared province; no value where the table has none."""
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
    limits = {"low": "low95", "high": "high95"} if variant == "index" else {"low": "low", "high": "high"}
    for name, column in limits.items():
        frame[name] = frame.get(column, np.nan)
    return frame[["group", "period", "value", "low", "high", "flag"]]


def _unclear(data: pd.DataFrame) -> list[str]:
    """Provinces whose 95 % interval holds 100, and those with too few answers to be told from it."""
    return list(data.loc[((data["low"] <= 100) & (data["high"] >= 100)) | (data["flag"] == "small"), "group"])


def too_little(data: pd.DataFrame) -> str:
    """A map of a few tiles says nothing."""
    known = int(data["value"].notna().sum())
    return "" if known >= 10 else f"มีค่าเพียง {known} จังหวัด"


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context, variant: str) -> None:
    """One tile a province, coloured about 100."""
    figures.tile_map(
        ax, dict(zip(data["group"], data["value"], strict=True)), context.declarations.groups_of("PROVINCE"), centre=100,
        half=HALF[variant], unclear=_unclear(data), suppressed=list(data.loc[data["flag"] == "suppressed", "group"]),
        small=list(data.loc[data["flag"] == "small", "group"]),
    )  # fmt: skip


def finding(data: pd.DataFrame) -> str:
    """How many provinces are clearly above and below 100; no name where the intervals do not carry it."""
    known = data.dropna(subset="value")
    if known[["low", "high"]].isna().any(axis=None):
        return f"ดัชนีของ {len(known)} จังหวัด"
    judged = known[known["flag"] != "small"]
    above, below = int((judged["low"] > 100).sum()), int((judged["high"] < 100).sum())
    if not above and not below:
        return f"ไม่มีจังหวัดใดสูงหรือต่ำกว่า 100 อย่างชัดเจนจาก {len(judged)} จังหวัด"
    counted = [
        f"{word} 100 ชัดเจน {count} จังหวัด" for word, count in (("สูงกว่า", above), ("ต่ำกว่า", below)) if count
    ]
    rest = len(known) - above - below
    return " ".join([*counted, *([f"อีก {rest} จังหวัดยังไม่ชัดเจน"] if rest else [])])


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    known = data.dropna(subset="value")
    if known[["low", "high"]].isna().any(axis=None):
        return f"Index of {len(known)} provinces"
    judged = known[known["flag"] != "small"]
    above, below = int((judged["low"] > 100).sum()), int((judged["high"] < 100).sum())
    if not above and not below:
        return f"No province of {len(judged)} clearly above or below 100"
    parts = [f"{count} clearly {side} 100" for count, side in ((above, "above"), (below, "below")) if count]
    rest = len(known) - above - below
    return f"Provinces: {', '.join([*parts, *([f'{rest} not clear'] if rest else [])])}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Which provinces are clearly off 100, and what is missing."""
    known = data[data["flag"] != "small"].dropna(subset=["value", "low", "high"])
    parts = [f"แผนที่ช่องสี่เหลี่ยมของจังหวัด มีค่า {int(data['value'].notna().sum())} จังหวัด"]
    for word, chosen in (("สูงกว่า", known[known["low"] > 100]), ("ต่ำกว่า", known[known["high"] < 100])):
        names = [figures.name_of(code, context.declarations) for code in chosen["group"]]
        listed = f"ได้แก่ {figures.join_th(names)}" if 0 < len(names) <= FEW else f"{len(names)} จังหวัด"
        parts.append(f"{word} 100 ชัดเจน {listed}")
    hidden = int((data["flag"] == "suppressed").sum())
    if hidden:
        parts.append(f"ไม่เผยแพร่ {hidden} จังหวัดเพราะตัวอย่างน้อย")
    return " ".join(parts)


def note(data: pd.DataFrame) -> str:
    """How to read a tile."""
    text = "หนึ่งช่องคือหนึ่งจังหวัด จัดวางตามตำแหน่งโดยประมาณ อักษรย่อจังหวัดตามกระทรวงมหาดไทย"
    if _unclear(data):
        text += " สีเทาคือช่วงความเชื่อมั่นร้อยละ 95 ครอบคลุม 100 หรือตัวอย่างน้อย จึงยังแยกจาก 100 ไม่ได้"
    if (data["flag"] == "small").any():
        text += f" * หมายถึง{figures.FEW_ANSWERS}"
    if (data["flag"] == "suppressed").any():
        text += " x หมายถึงไม่เผยแพร่เพราะตัวอย่างน้อย"
    if (data["value"].isna() & (data["flag"] != "suppressed")).any():
        text += " ลายเฉียงหมายถึงไม่มีข้อมูล"
    return text


def sources(data: pd.DataFrame, *, variant: str) -> tuple[str, ...]:
    """The index's sources, or the survey."""
    return ("index",) if variant == "index" else (f"survey:{variant}",)
