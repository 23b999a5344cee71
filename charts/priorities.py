"""What matters to workers: how they ranked seven aspects of work."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ด้านของงานที่แรงงานให้ความสำคัญ", "en": "Aspects of work that matter"}
UNIT = {"th": "ร้อยละของแรงงานที่ตอบ", "en": "per cent of respondents"}
NEEDS = ("priorities",)
CHAPTER, ORDER, WIDTH = "priorities", 10, "full"
PHONE = 1.25
MARKS = ("first_share",)
COLOURS = (figures.WORKERS, figures.tinted(figures.WORKERS, 0.45))


def height(data: pd.DataFrame) -> float:
    """Room for each aspect."""
    return 12 + 8.0 * float(len(data))


def shown(priorities: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """aspect, period, mean_rank, first_share, top3_share (0..1), n: by mean rank."""
    now = figures.rows(priorities, period=figures.now(context)).dropna(subset=["mean_rank", "top3_share"])
    ranked = now.sort_values("mean_rank", kind="stable")
    return ranked[["aspect", "period", "mean_rank", "first_share", "top3_share", "n"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Ranked first, and second or third, stacked; the mean rank at the right."""
    first, rest = data["first_share"] * 100, (data["top3_share"] - data["first_share"]) * 100
    figures.row_names(
        ax, [f"{at}. {name}" for at, name in enumerate(_names(data, context), start=1)], columns=36
    )
    figures.stacked_bars(ax, [first, rest], COLOURS, key=("ลำดับ 1", "ลำดับ 2 หรือ 3"),
                         notes=[f"เฉลี่ย {figures.number(rank, 2)}" for rank in data["mean_rank"]])  # fmt: skip


def _names(data: pd.DataFrame, context: figures.Context) -> list[str]:
    names = figures.option_names(context.declarations)
    return [names[code] for code in data["aspect"]]


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The top three, with the share that puts the first one on top."""
    names = _names(data, context)
    share = figures.number(data["first_share"].iloc[0] * 100)
    first = names[: figures.first_ones(data["mean_rank"], 3, 2)]
    return f"แรงงานให้ความสำคัญกับ{figures.join_th(first)} มากที่สุด โดยร้อยละ {share} จัด{names[0]}เป็นลำดับแรก"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    names = [f"“{name}”" for name in _names(data, context)[: figures.first_ones(data["mean_rank"], 3, 2)]]
    share = figures.number(data["first_share"].iloc[0] * 100)
    return f"Most important to workers: {figures.names_en(names)}; {share} per cent rank {names[0]} first"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """Mean ranks and shares in the top three."""
    parts = [
        f"{name} ลำดับเฉลี่ย {figures.number(row['mean_rank'], 2)} อยู่ในสามลำดับแรกร้อยละ {figures.number(row['top3_share'] * 100)}"
        for name, (_, row) in zip(_names(data, context), data.iterrows(), strict=True)
    ]
    return f"แท่งซ้อนของ {len(data)} ด้าน เรียงตามลำดับเฉลี่ย: {'; '.join(parts)}"


def note(data: pd.DataFrame) -> str:
    """What the mean rank is."""
    return f"ลำดับเฉลี่ย 1 คือสำคัญที่สุด 7 คือสำคัญน้อยที่สุด ผู้ตอบ {figures.number(data['n'].max(), 0)} ราย"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:worker",)
