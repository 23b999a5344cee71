"""Weights of the dimensions, nominal and effective."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from reporter import figures

TITLE = {"th": "น้ำหนักของแต่ละมิติในดัชนีรวม", "en": "Weights of the dimensions"}
UNIT = {"th": "ร้อยละ", "en": "per cent"}
NEEDS = ("weights_detail",)
CHAPTER, ORDER, WIDTH = "methods", 10, "full"
MARKS = ("weight", "effective")


def height(data: pd.DataFrame) -> float:
    """Room for each dimension."""
    return 16 + 5.8 * float(len(data))


def shown(weights: pd.DataFrame, *, context: figures.Context) -> pd.DataFrame:
    """dimension, weight, effective: shares of 1, heaviest first."""
    return weights.sort_values("weight", ascending=False, kind="stable")[["dimension", "weight", "effective"]]


def draw(data: pd.DataFrame, *, ax: Axes, context: figures.Context) -> None:
    """Dots of nominal weight, hollow ones of effective weight, equal weights as the line."""
    names = [figures.name_of(code, context.declarations) for code in data["dimension"]]
    figures.dots(
        ax, names, data["weight"] * 100, figures.NAVY, before=data["effective"] * 100,
        reference=("น้ำหนักเท่ากัน", 100 / len(data)),
    )  # fmt: skip


def finding(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The heaviest dimension and the sum of the first three."""
    names = [figures.name_of(code, context.declarations) for code in data["dimension"]]
    heaviest = float(data["weight"].iloc[0])
    if heaviest - data["weight"].min() < 0.0005:
        return f"ทุกมิติมีน้ำหนักเท่ากัน ร้อยละ {figures.number(heaviest * 100)}"
    most = names[: figures.first_ones(data["weight"] * 100, 1)]
    text = f"{figures.named(most, 'มิติ', 'มิติ{}')}มีน้ำหนักมากที่สุด{figures.alike(most)} ร้อยละ {figures.number(heaviest * 100)}"
    if len(data) <= 3:
        return text
    return f"{text} สามมิติแรกรวมร้อยละ {figures.number(data['weight'].head(3).sum() * 100)}"


def alt(data: pd.DataFrame, *, context: figures.Context) -> str:
    """The heaviest and the lightest."""
    names = [figures.name_of(code, context.declarations) for code in data["dimension"]]
    return f"จุดแสดงน้ำหนักของ {len(data)} มิติ {figures.ranking_words(names, list(data['weight'] * 100), unit='ร้อยละ')}"


def note(data: pd.DataFrame) -> str:
    """What the two dots are."""
    return "จุดทึบคือน้ำหนักที่ประมาณได้ วงกลมกลวงคือน้ำหนักประสิทธิผล (สัดส่วนความแปรปรวนของดัชนีรวมที่มิตินั้นอธิบาย)"


def sources(data: pd.DataFrame) -> tuple[str, ...]:
    """Every indicator in use."""
    return ("index",)
