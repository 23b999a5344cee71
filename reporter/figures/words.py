"""Sentences about what a chart shows: for alternative texts and findings. Numbers come from the drawn data alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reporter.domain.thai import (
    INDEX_STEPS,
    Steps,
    join_th,
    magnitude,
    number,
    period_th,
    signed,
    size_of,
)


def change_words(change: float, unit: str = "จุด", *, steps: Steps = INDEX_STEPS, decimals: int = 1) -> str:
    """``เพิ่มขึ้น 1.2 จุด``, ``ลดลง 0.8 จุด`` or ``ทรงตัว``; a change of per cents is one of points (จุดร้อยละ)."""
    if not np.isfinite(change) or size_of(change, steps) == "still":
        return "ทรงตัว"
    verb = "เพิ่มขึ้น" if change > 0 else "ลดลง"
    return f"{verb} {magnitude(change, decimals)} {'จุดร้อยละ' if unit == 'ร้อยละ' else unit}"


def with_unit(text: str, unit: str) -> str:
    """``1.2 จุด``, but ``ร้อยละ 1.2``."""
    return f"ร้อยละ {text}" if unit == "ร้อยละ" else f"{text} {unit}".strip()


def level_and_change(
    name: str, values: pd.Series, *, unit: str = "จุด", steps: Steps = INDEX_STEPS, decimals: int = 1
) -> str:
    """``ดัชนีอยู่ที่ 100.8 จุด เพิ่มขึ้น 0.8 จุดจากไตรมาสก่อน``: level of the newest quarter and its change.

    values   period -> value, oldest first; the change is left out where the quarter before is missing
    """
    known = values.dropna()
    level = f"{name}อยู่ที่ {with_unit(number(known.iloc[-1], decimals), unit)}".replace("ที่ ร้อยละ", "ที่ร้อยละ")
    return f"{level} {since_quarter(values, unit=unit, steps=steps, decimals=decimals)}".strip()


def since_quarter(
    values: pd.Series, *, unit: str = "จุด", steps: Steps = INDEX_STEPS, decimals: int = 1
) -> str:
    """``เพิ่มขึ้น 0.8 จุดจากไตรมาสก่อน``; empty where the newest quarter or the one before it has no value."""
    if len(values) < 2 or not np.isfinite(values.iloc[-1] - values.iloc[-2]):
        return ""
    return (
        f"{change_words(values.iloc[-1] - values.iloc[-2], unit, steps=steps, decimals=decimals)}จากไตรมาสก่อน"
    )


def extremes(values: pd.Series, *, unit: str = "จุด", decimals: int = 1) -> str:
    """``สูงสุด 103.2 จุด ในไตรมาสที่ 1 ปี 2562 ต่ำสุด 72.6 จุด ในไตรมาสที่ 2 ปี 2563``. values: period -> value."""
    known = values.dropna()
    high, low = str(known.idxmax()), str(known.idxmin())
    return (
        f"สูงสุด {with_unit(number(known[high], decimals), unit)} ใน{period_th(high)} "
        f"ต่ำสุด {with_unit(number(known[low], decimals), unit)} ใน{period_th(low)}"
    )


def series_words(
    name: str, values: pd.Series, *, unit: str = "จุด", steps: Steps = INDEX_STEPS, decimals: int = 1
) -> str:
    """A line in words: its span, where it ends, which way it went, its extremes."""
    known = values.dropna()
    first, last = str(known.index[0]), str(known.index[-1])
    return (
        f"เส้นแสดง{name}ตั้งแต่{period_th(first)} ถึง{period_th(last)} "
        f"ค่าล่าสุด {with_unit(number(known.iloc[-1], decimals), unit)} "
        f"{change_words(known.iloc[-1] - known.iloc[0], unit, steps=steps, decimals=decimals)}จากต้นช่วง "
        f"{extremes(known, unit=unit, decimals=decimals)}"
    )


def ranking_words(
    names: Sequence[str],
    values: Sequence[float],
    *,
    unit: str = "จุด",
    decimals: int = 1,
    sign: bool = False,
    count: int = 3,
) -> str:
    """The highest and the lowest of a list with their values; the whole list where it is short."""
    ranked = (
        pd.Series(np.asarray(values, dtype=float), list(names))
        .dropna()
        .sort_values(ascending=False, kind="stable")
    )
    form = signed if sign else number

    def listed(part: pd.Series) -> str:
        return join_th([f"{name} {with_unit(form(value, decimals), unit)}" for name, value in part.items()])

    if len(ranked) <= 2 * count:
        return f"เรียงจากสูงไปต่ำ: {listed(ranked)}"
    return f"สูงที่สุด {listed(ranked.head(count))} ต่ำที่สุด {listed(ranked.tail(count).iloc[::-1])}"


def clear_ends(data: pd.DataFrame, names: Sequence[str]) -> str:
    """Who stands highest and lowest, named only where the interval meets no other group's.

    data   value, low, high: one row a group; rows without value are left out
    names  of the rows
    """
    known = data.assign(name=list(names)).dropna(subset=["value", "low", "high"])
    parts = []
    ranked = known.sort_values("value", ascending=False, kind="stable").to_dict("records")
    if len(ranked) > 1 and all(other["high"] < ranked[0]["low"] for other in ranked[1:]):
        parts.append(f"{ranked[0]['name']}สูงที่สุด {number(ranked[0]['value'])} จุด")
    if len(ranked) > 1 and all(other["low"] > ranked[-1]["high"] for other in ranked[:-1]):
        parts.append(f"{ranked[-1]['name']}ต่ำที่สุด {number(ranked[-1]['value'])} จุด")
    if len(parts) == 2:
        return " ".join(parts)
    rest = (
        "กลุ่มอื่นยังแยกกันไม่ชัดเพราะช่วงความเชื่อมั่นซ้อนกัน"
        if parts
        else "ยังแยกกลุ่มที่สูงสุดและต่ำสุดไม่ได้ เพราะช่วงความเชื่อมั่นซ้อนกัน"
    )
    return " ".join([*parts, rest])
