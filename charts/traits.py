"""Characteristics and skills that employers look for, with 95 % intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {
    "th": "คุณลักษณะที่พึงประสงค์และทักษะที่จำเป็นในความเห็นของผู้ประกอบการ",
    "en": "Characteristics and skills wanted",
}
UNIT = {"th": "ร้อยละของผู้ประกอบการที่ตอบ", "en": "per cent of respondents"}
NEEDS = ("traits",)
CHAPTER, ORDER, WIDTH = "skills", 10, "full"
PHONE = 1.25
MARKS = ("share", "low", "high")


def height(data: pd.DataFrame) -> float:
    """Room for each trait."""
    return 5 + 6.4 * float(len(data))


def shown(traits: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """trait, period, share, low, high (0..1), n: most wanted first."""
    now = figures.rows(traits, period=figures.now(context)).dropna(subset="share")
    ranked = now.sort_values("share", ascending=False, kind="stable")
    return ranked[["trait", "period", "share", "low", "high", "n"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Bars with whiskers."""
    figures.simple_bars(
        ax, _names(data, context), data["share"] * 100, figures.EMPLOYERS, low=data["low"] * 100, high=data["high"] * 100,
        columns=44,
    )  # fmt: skip


def _names(data: pd.DataFrame, context: figures.Context) -> list[str]:
    names = figures.option_names(context.declarations)
    return [names.get(code, code) for code in data["trait"]]


def _first(data: pd.DataFrame) -> int:
    """Three, and those that read the same as the third."""
    return figures.first_ones(data["share"] * 100, 3)


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The three most wanted."""
    parts = [f"{name} ร้อยละ {figures.number(share * 100)}" for name, share in
             zip(_names(data, context)[: _first(data)], data["share"], strict=False)]  # fmt: skip
    return f"ผู้ประกอบการต้องการมากที่สุด ได้แก่ {figures.join_th(parts)}"


def finding_en(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The same in English."""
    parts = [f"{figures.lower_first(name)} ({figures.number(share * 100)} per cent)" for name, share in
             zip(_names(data, context)[: _first(data)], data["share"], strict=False)]  # fmt: skip
    return f"Employers most often want {figures.names_en(parts)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The ends of the ranking."""
    ranked = figures.ranking_words(_names(data, context), list(data["share"] * 100), unit="ร้อยละ")
    return f"แท่งแนวนอนแสดงสัดส่วนของ {len(data)} รายการ {ranked}"


def note(data: pd.DataFrame) -> str:
    """What whiskers are."""
    return f"เลือกได้หลายข้อ เส้นคือช่วงความเชื่อมั่นร้อยละ 95 ผู้ตอบ {figures.number(data['n'].max(), 0)} ราย"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """The survey."""
    return ("survey:employer",)
