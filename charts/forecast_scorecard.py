"""Past forecasts against what came."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "ผลพยากรณ์ที่ผ่านมาเทียบกับค่าจริง", "en": "Past forecasts against outcomes"}
UNIT = {"th": "จุด", "en": "points"}
NEEDS = ("forecast_scorecard",)
CHAPTER, ORDER, WIDTH, HEIGHT = "forecast", 30, "side", 56
MARKS = ("mean", "low80", "high80", "actual")


def shown(scorecard: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """period, mean, low80, high80, actual: for each quarter the forecast issued last before it."""
    known = figures.up_to(scorecard.dropna(subset=["mean", "actual"]), context)
    newest = known.sort_values(["period", "issued"], kind="stable").drop_duplicates("period", keep="last")
    return newest.tail(figures.QUARTERS)[["period", "kind", "mean", "low80", "high80", "actual"]]


def too_little(data: pd.DataFrame) -> str:
    """A record of a few quarters."""
    return "" if len(data) >= 3 else "มีผลพยากรณ์ที่ตรวจสอบได้น้อยกว่า 3 ไตรมาส"


def draw(data: pd.DataFrame, *, ax: Axes) -> None:
    """Interval and forecast of each quarter, the outcome as a dot: filled inside the interval, orange outside."""
    at = figures.place(list(data["period"]))
    ax.vlines(
        at, data["low80"], data["high80"], color=figures.tinted(figures.NAVY, 0.3), linewidth=7, zorder=2
    )
    ax.hlines(
        data["mean"], at - 0.25, at + 0.25, color=figures.NAVY, linewidth=1.4, zorder=3, label="ค่าพยากรณ์"
    )
    inside = data["actual"].between(data["low80"], data["high80"])
    for keep, colour, marker, name in (
        (inside, figures.INK, "o", "ค่าจริงในช่วง"),
        (~inside, figures.WORSE, "X", "ค่าจริงนอกช่วง"),
    ):
        if keep.any():
            ax.plot(
                at[keep], data.loc[keep, "actual"], marker, color=colour, markersize=5.5, zorder=4, label=name
            )
    figures.quarter_axis(ax, list(data["period"]), ticks=13)
    figures.value_axis(ax)
    figures.room(ax, left=0.05, right=0.05)
    figures.key_above(ax, columns=3)


def finding(data: pd.DataFrame) -> str:
    """How often the outcome fell inside, and the mean error; forecasts that were published are told apart."""
    inside = int(data["actual"].between(data["low80"], data["high80"]).sum())
    error = (data["actual"] - data["mean"]).abs().mean()
    published = int((data["kind"] == "published").sum())
    told = (
        f"ค่าพยากรณ์ที่เผยแพร่แล้ว {published} ไตรมาส ที่เหลือคำนวณย้อนหลัง"
        if published
        else "คำนวณย้อนหลัง ยังไม่เคยเผยแพร่"
    )
    return (
        f"ค่าจริงอยู่ในช่วงพยากรณ์ร้อยละ 80 จำนวน {inside} จาก {len(data)} ไตรมาส "
        f"คลาดเคลื่อนเฉลี่ย {figures.number(error)} จุด ({told})"
    )


def finding_en(data: pd.DataFrame) -> str:
    """The same in English."""
    inside = int(data["actual"].between(data["low80"], data["high80"]).sum())
    error = (data["actual"] - data["mean"]).abs().mean()
    published = int((data["kind"] == "published").sum())
    told = f"{published} of them published, the others computed afterwards" if published else "computed afterwards, never published"  # fmt: skip
    return (
        f"Of {len(data)} outcomes {inside} lie inside the 80 per cent forecast interval; "
        f"mean absolute error {figures.number(error)} points ({told})"
    )


def alt(data: pd.DataFrame) -> str:
    """The largest miss and the record."""
    errors = (data["actual"] - data["mean"]).set_axis(data["period"])
    worst = str(errors.abs().idxmax())
    return f"{finding(data)} คลาดเคลื่อนมากที่สุดใน{figures.period_th(worst)} {figures.signed(errors[worst])} จุด"


def note(data: pd.DataFrame) -> str:
    """What bar and line are."""
    return "แถบคือช่วงพยากรณ์ร้อยละ 80 จากข้อมูลก่อนไตรมาสนั้น ขีดคือค่าพยากรณ์"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
