"""What the checks of newest values tell: one finding for one fault, with what it does to the index.

Goes in: everything that the rules saw. Comes out: one ``Told`` for each series, group of relations or kind of groups, and the
findings made of them. A fault that several rules see is told once, by the rule that explains it best.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from reporter.checks.newest.effects import SHOWN, Effect, Moved
from reporter.checks.newest.panel import Key
from reporter.domain.declarations import Declarations, Name
from reporter.domain.errors import Finding, Severity
from reporter.domain.periods import iso


class Place(NamedTuple):
    """File, row and column (or cell of a workbook) that a value stands in."""

    file: str
    row: int | None
    column: str


Places = Callable[[Key, pd.Period], Place | None]
"""(series, period) -> where its value stands."""


@dataclass(frozen=True)
class Told:
    """One fault.

    key       the series, or the one that is the likeliest cause
    expected  what its past lets one expect; NaN where that is not what is wrong
    t         distance in usual errors
    periods   how many of the newest quarter's values are off in the same way
    why       what is odd about it, in words
    """

    rule: str
    severity: Severity
    key: Key
    period: pd.Period
    found: float
    expected: float
    t: float
    why: Name
    periods: int = 1


def finding_of(told: Told, declarations: Declarations, effect: Effect, places: Places) -> Finding:
    """The finding: where, found, expected, t, what it does to the index and to which sentences."""
    series, group = told.key
    moved = None
    if group == "TH" and told.expected == told.expected:
        moved = _times(effect(series, told.expected, told.found), told.periods)
    place = places(told.key, told.period) or Place("series", None, "value")
    period, name = iso(told.period), _name(series, declarations)
    th = f"{name.th} ({series} {group}) {period} มีค่า {number(told.found)} {told.why.th}{_expected_th(told)}"
    en = f"{name.en} ({series} {group}) {period} is {number(told.found)}: {told.why.en}{_expected_en(told)}"
    th += f"{_effect_th(moved, name, declarations)} — ตรวจตัวเลขกับแหล่งข้อมูล"
    en += f"{_effect_en(moved, name, declarations)}; check it with the source."
    return Finding(
        told.severity,
        place.file,
        th,
        en,
        row=place.row,
        column=place.column,
        value=f"{told.found:.10g}",
        rule=told.rule,
        subject=f"{series} {group} {period}",
        effect=None if moved is None else round(abs(moved.index), 4),
    )


def _times(moved: Moved | None, periods: int) -> Moved | None:
    """The effect of several months of a quarter, from that of one."""
    return moved and Moved(moved.dimension, periods * moved.sub_index, periods * moved.index)


def number(value: float) -> str:
    """A value as a reader writes it: thousands apart, four significant digits below a thousand."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _name(series: str, declarations: Declarations) -> Name:
    if series in declarations.indicators:
        return declarations.indicators[series].name
    if series in declarations.macro:
        return declarations.macro[series].name
    owner = next((item for item in declarations.indicators.values() if series in item.components), None)
    return owner.name if owner else Name(series, series)


def _expected_th(told: Told) -> str:
    if told.expected != told.expected:
        return ""
    return f" ค่าที่คาดราว {number(told.expected)} ห่างกัน {told.t:.1f} เท่าของความคลาดเคลื่อนปกติ (t = {told.t:.1f})"


def _expected_en(told: Told) -> str:
    if told.expected != told.expected:
        return ""
    return f"; about {number(told.expected)} was expected, {told.t:.1f} usual errors away (t = {told.t:.1f})"


def _effect_th(moved: Moved | None, name: Name, declarations: Declarations) -> str:
    if moved is None:
        return ""
    dimension = declarations.dimensions[moved.dimension].name.th
    touched = _touched(moved, f"ประโยคที่อ้าง{name.th}", f"ย่อหน้าของมิติ{dimension}", "ประโยคสรุปดัชนีรวม")
    return (
        f" ทำให้ดัชนีย่อย{dimension}เปลี่ยนราว {moved.sub_index:+.1f} จุด และดัชนีรวมราว {moved.index:+.1f} จุด"
        f" กระทบ {' / '.join(touched)}"
    )


def _effect_en(moved: Moved | None, name: Name, declarations: Declarations) -> str:
    if moved is None:
        return ""
    dimension = declarations.dimensions[moved.dimension].name.en
    touched = _touched(moved, f"the sentences on {name.en}", "the paragraph of the dimension", "the headline")
    return (
        f"; it moves the sub-index {dimension} by about {moved.sub_index:+.1f} and the index by {moved.index:+.1f} points,"
        f" and touches {', '.join(touched)}"
    )


def _touched(moved: Moved, own: str, paragraph: str, headline: str) -> list[str]:
    """The sentences whose printed figures the value changes."""
    found = [own]
    if abs(moved.sub_index) >= SHOWN:
        found.append(paragraph)
    if abs(moved.index) >= SHOWN:
        found.append(headline)
    return found


def together(told: Sequence[Told], judged: int, least: int, share: float) -> list[Told]:
    """Surprises of the nation under a rule of their own when many come at once: one waiver may then answer for all.

    judged  how many national series were looked at; least, share: how many at once are many
    """
    own = [
        one
        for one in told
        if one.rule == "newest.surprise" and one.severity == "warning" and one.key[1] == "TH"
    ]
    if len(own) < least or len(own) <= share * judged:
        return list(told)
    why = Name(
        f"เป็นหนึ่งใน {len(own)} จาก {judged} อนุกรมที่ผิดปกติพร้อมกัน"
        ' (วิกฤตจริง หรือข้อมูลผิดทั้งไตรมาส; หากเป็นวิกฤตจริง รับรองครั้งเดียวด้วย rule = "newest.collective")',
        f"one of {len(own)} of {judged} series that surprise at once (a true shock, or a whole quarter that is wrong;"
        ' for a true shock one waiver with rule = "newest.collective" answers for all)',
    )
    return [
        dataclasses.replace(one, rule="newest.collective", why=why) if one in own else one for one in told
    ]
