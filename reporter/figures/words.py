"""Words of a chart: names of the tables' codes, units, the source line, and sentences for alternative texts and findings.

Goes in: codes and the drawn data alone. Comes out: Thai text; every number in it is one of the drawn data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from reporter.domain import schema
from reporter.domain.declarations import Declarations, rule
from reporter.domain.edition import Context, NoEnglishError, has_thai, names_en, translated
from reporter.domain.errors import RenderError
from reporter.domain.periods import iso, parse_period
from reporter.domain.thai import (
    INDEX_STEPS,
    Steps,
    join_th,
    magnitude,
    number,
    period_slash,
    period_th,
    signed,
    size_of,
)
from reporter.measures import rules as signal_rules
from reporter.surveys import few_answers

# Headings of columns that charts make themselves; the others are titles of the tables' schema.
_OWN_HEADINGS = {
    "is_estimated": "เป็นค่าประมาณจากแบบจำลอง",
    "is_unclear": "การเปลี่ยนแปลงยังไม่ชัดเจน",
    "is_partial": "ไตรมาสล่าสุดขาดบางเดือน",
    "moves_with": "เคลื่อนไหวร่วมกับดัชนีของการสำรวจที่ผ่านมา",
    "earlier": "พยากรณ์ไว้ก่อนหน้าหนึ่งไตรมาส",
    "before": "ไตรมาสก่อน",
    "year_before": "ปีก่อน",
    "revision": "การปรับปรุง",
    "disbursed": "เบิกจ่ายสะสม (ล้านบาท)",
    "target": "เกณฑ์ตามเวลา (ล้านบาท)",
    "index": "ดัชนี",
    "name": "รายการ",
    "unemployment": "อัตราการว่างงาน (ร้อยละ)",
    "vacancies": "ตำแหน่งงาน (พัน)",
    "unemployment_published": "อัตราการว่างงานที่ประกาศ (ร้อยละ)",
    "vacancies_published": "ตำแหน่งงานที่ประกาศ (พัน)",
    "alerts": "ตัวชี้วัดที่เตือนภัย",
    "watches": "ตัวชี้วัดที่เฝ้าระวัง",
}
SIGNALS = signal_rules()  # thresholds that the words of a chart name
PARTIAL = "ไตรมาสล่าสุดยังขาดบางเดือน จึงเฉลี่ยเฉพาะเดือนที่มีข้อมูล"
FEW_ANSWERS = few_answers()
FLAGS = {"": "", "small": FEW_ANSWERS, "suppressed": "ไม่เผยแพร่"}
MODELS = {
    "snaive": "ค่าไตรมาสเดียวกันปีก่อน", "seasonal_naive": "ค่าไตรมาสเดียวกันปีก่อน", "naive": "ค่าล่าสุด", "sarima": "SARIMA",
    "ets": "ETS", "theta": "Theta", "joint": "แบบจำลองร่วม", "procedure": "ทั้งกระบวนการ", "ar": "อัตถดถอย (AR)", "var": "VAR", "mean": "ค่าเฉลี่ยของแบบจำลอง", "combination": "ค่าเฉลี่ยของแบบจำลอง",
}  # fmt: skip
UNITS = {  # decimals, before the number, after it
    "percent": (2, "ร้อยละ ", ""), "percent_growth": (1, "ร้อยละ ", ""), "pp": (2, "", " จุดร้อยละ"),
    "percent_of_mean": (1, "ร้อยละ ", ""), "per_1000": (2, "", " ต่อ 1,000 คน"), "baht": (0, "", " บาท"),
    "baht_per_month": (0, "", " บาทต่อเดือน"), "baht_per_person": (0, "", " บาทต่อคน"), "index": (1, "", " จุด"),
    "hours_per_week": (1, "", " ชั่วโมงต่อสัปดาห์"), "positions": (0, "", " ตำแหน่ง"), "persons": (0, "", " คน"),
}  # fmt: skip
INDEX_NAME = "ดัชนีเศรษฐกิจแรงงาน"


def name_of(code: str, declarations: Declarations) -> str:
    """Thai name of any code of the tables: dimension (short), group, indicator, macro variable, index.

    A code that nothing declares comes back as it is.
    """
    if code in ("overall", "labour_index"):
        return INDEX_NAME
    head, _, dimension = code.partition(":")
    if head == "labour_index" and dimension in declarations.dimensions:
        return f"ดัชนีย่อย{declarations.dimensions[dimension].short.th}"
    if code in declarations.dimensions:
        return declarations.dimensions[code].short.th
    if code in declarations.questionnaires:
        return declarations.questionnaires[code].index_name.th
    gap = declarations.indicators.get(code)
    if (
        gap is not None and gap.gap
    ):  # the catalogue's name is that of the rate by sex; what is drawn is the gap
        return gap.spoken.th
    for catalogue in (declarations.groups, declarations.indicators, declarations.macro):
        if code in catalogue:
            return catalogue[code].name.th
    return code


def value_with_unit(value: float, indicator: str, context: Context) -> str:
    """An indicator's or macro variable's value as its unit is written: ``ร้อยละ 1.02``, ``15,900 บาทต่อเดือน``."""
    declarations = context.declarations
    declared = declarations.indicators.get(indicator) or declarations.macro[indicator]
    decimals, before, after = UNITS[declared.unit]
    return f"{before}{number(value, decimals)}{after}{_mean_of_months(indicator, context)}"


def values_with_unit(before: float, after: float, indicator: str, context: Context) -> str:
    """From one value to another in one unit: ``ร้อยละ 1.10 → 1.02``."""
    declarations = context.declarations
    declared = declarations.indicators.get(indicator) or declarations.macro[indicator]
    decimals, head, tail = UNITS[declared.unit]
    return f"{head}{number(before, decimals)} → {number(after, decimals)}{tail}{_mean_of_months(indicator, context)}"


def _mean_of_months(indicator: str, context: Context) -> str:
    """What a quarter's value says of itself where it is the mean of counts of single months."""
    declared = context.declarations.indicators.get(indicator)
    return " เฉลี่ยต่อเดือน" if declared is not None and declared.is_monthly_mean else ""


def unit_name(indicator: str, context: Context) -> str:
    """The unit alone, for a panel's title: ``ร้อยละ``, ``บาทต่อเดือน``."""
    declarations = context.declarations
    declared = declarations.indicators.get(indicator) or declarations.macro[indicator]
    _, before, after = UNITS[declared.unit]
    return f"{before}{after}".strip()


def industry_short(name: str) -> str:
    """An industry's name without the words for activity in front."""
    return re.sub("^กิจกรรม(ทาง|ด้าน|ของ)?", "", name)


def domain_name(survey: str, domain: str, declarations: Declarations, *, short: bool = True) -> str:
    """Name of a survey's domain, ``ดัชนีรวม`` for the whole."""
    if domain == "overall":
        return "ดัชนีรวม"
    domains = {option.id: option for option in declarations.questionnaires[survey].domains}
    if domain not in domains:
        return "ข้ออื่น ๆ"
    return domains[domain].short.th if short else domains[domain].name.th


def item_texts(survey: str, declarations: Declarations) -> dict[str, str]:
    """Column of a rated question -> its wording."""
    return {item.column: item.text.th for item in declarations.questionnaires[survey].items}


def option_names(declarations: Declarations) -> dict[str, str]:
    """Options of check-list and ranking in both questionnaires -> their names."""
    return {
        option.id: option.name.th
        for form in declarations.questionnaires.values()
        for option in (*form.traits, *form.aspects, *form.actions)
    }


def headings(tables: Iterable[str]) -> dict[str, str]:
    """Column -> Thai heading: as ``tables`` title it, else as the first table does that has such a column."""
    every = schema.declared_tables()
    found: dict[str, str] = {}
    for name in (*tables, *every):
        for column in every[name].columns.values():
            found.setdefault(column.name, column.title.th)
    return {**_OWN_HEADINGS, **found}


def readable(
    data: pd.DataFrame, context: Context, survey: str = "", tables: Iterable[str] = ()
) -> pd.DataFrame:
    """The drawn data with Thai headings and names in place of codes; numbers stay at full precision.

    tables  names of the tables that the data were taken from: their titles come first
    """
    declarations = context.declarations
    options = option_names(declarations)

    def general(code: str) -> str:
        return name_of(code, declarations)

    words: dict[str, Callable[[str], str]] = {
        "period": lambda text: period_slash(text) if text else "",
        "issued": period_slash,
        "flag": lambda flag: FLAGS.get(flag, flag),
        "model": lambda model: MODELS.get(model, model),
        "domain": lambda domain: domain_name(survey, domain, declarations) if survey else general(domain),
        "item": lambda item: item_texts(survey, declarations).get(item, item) if survey else item,
        "survey": lambda code: declarations.questionnaires[code].index_name.th,
    }
    words |= dict.fromkeys(
        ("dimension", "group", "indicator", "variable", "series", "shock", "response", "index"), general
    )
    words |= dict.fromkeys(("trait", "aspect", "action"), lambda code: options.get(code, code))
    shown = data.copy()
    for column, word in words.items():
        if column in shown:
            shown[column] = [word(str(cell)) if not pd.isna(cell) else "" for cell in shown[column]]
    titles = headings(tables)
    unknown = [str(column) for column in shown.columns if column not in titles]
    if unknown:
        raise RenderError(
            f"ตารางข้อมูลของแผนภูมิมีคอลัมน์ที่ไม่มีชื่อภาษาไทย: {', '.join(unknown)}",
            f"A chart's data has columns without a Thai heading: {', '.join(unknown)}.",
        )
    return shown.rename(columns=titles)


def source_line(kinds: Iterable[str], tables: dict[str, pd.DataFrame], context: Context) -> str:
    """Producers in full, in declared order, and who computed; nothing is typed in a chart.

    kinds   ``index`` (every indicator in use), ``indicator:<id>``, ``macro:<id>``, ``survey:employer|worker``, ``fiscal``
    """
    declarations = context.declarations
    codes: list[str] = []
    surveys: list[str] = []
    computed = False
    for kind in kinds:
        head, _, tail = kind.partition(":")
        if head == "index":
            codes += [declarations.indicators[name].source for name in _used(tables, declarations)]
            computed = True
        elif head in ("indicator", "macro"):
            known = declarations.indicators.get(tail) or declarations.macro.get(tail)
            codes += [known.source] if known else []
        elif head == "survey":
            surveys.append(f"การสำรวจ{declarations.questionnaires[tail].index_name.th}")
        elif head == "fiscal":
            codes.append("ระบบข้อมูลการใช้จ่ายภาครัฐ (govspending)")
    single = {part for code in codes for part in code.split("+")}
    names = [source.name.th for key, source in declarations.sources.items() if key in single]
    names += sorted(part for part in single if part not in declarations.sources)
    settings = context.settings
    if context.lang == "en":
        return _source_line_en(names, surveys, computed, context)
    parts = [" ".join(names), *(f"{survey} {settings.ministry.th}" for survey in dict.fromkeys(surveys))]
    if computed:
        parts.append(f"คำนวณโดย{settings.division.th} {settings.office.th}")
    line = "; ".join(part for part in parts if part)
    return f"ข้อมูลสังเคราะห์ตามโครงสร้างข้อมูลของ {line}" if settings.synthetic else line


def _source_line_en(names: list[str], surveys: list[str], computed: bool, context: Context) -> str:
    settings = context.settings
    parts = [", ".join(name for name in names if not has_thai(name))]
    parts += [
        f"{survey.removeprefix('การสำรวจ')} survey, {settings.ministry.en}"
        for survey in dict.fromkeys(surveys)
    ]
    if computed:
        parts.append(f"computed by the {settings.division.en}, {settings.office.en}")
    line = "; ".join(part for part in parts if part)
    return f"synthetic data structured like those of: {line}" if settings.synthetic else line


def _used(tables: dict[str, pd.DataFrame], declarations: Declarations) -> list[str]:
    """Indicators that the index uses; all declared ones where no status table says so."""
    status = tables.get("indicator_status")
    if status is None or status.empty:
        return list(declarations.indicators)
    used = status[status["status"].isin(["used", "stale", "short"])]["indicator"]
    return [name for name in used if name in declarations.indicators]


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
    gap = " " if name[-1:].isdigit() else ""
    level = f"{name}{gap}อยู่ที่ {with_unit(number(known.iloc[-1], decimals), unit)}".replace("ที่ ร้อยละ", "ที่ร้อยละ")
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


def is_unclear(changes: pd.DataFrame, against: str, context: Context) -> bool:
    """Whether the band of the index's newest change (``index_changes``) holds zero; no where no band is known."""
    if changes.empty:
        return False
    band = rows(changes, dimension="overall", against=against, period=now(context))
    band = band.dropna(subset=["low", "high"])
    return bool(len(band)) and bool(band["low"].iloc[0] <= 0 <= band["high"].iloc[0])


def extremes(values: pd.Series, *, unit: str = "จุด", decimals: int = 1) -> str:
    """``สูงสุด 103.2 จุด ในไตรมาสที่ 1 ปี 2562 ต่ำสุด 72.6 จุด ในไตรมาสที่ 2 ปี 2563``. values: period -> value."""
    known = values.dropna()
    high, low = ends(known, decimals)
    if not low:
        return f"ทุกงวดเท่ากัน {with_unit(number(known.iloc[-1], decimals), unit)}"

    def told(periods: list[str]) -> str:
        shown = with_unit(number(known[periods[0]], decimals), unit)
        when = f"ใน{period_th(periods[0])}" if len(periods) == 1 else f"ใน {len(periods)} งวด"
        return f"{shown} {when}"

    return f"สูงสุด {told(high)} ต่ำสุด {told(low)}"


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
    if number(ranked.iloc[0], decimals) == number(ranked.iloc[-1], decimals):
        return f"ทั้ง {len(ranked)} รายการเท่ากัน {with_unit(form(ranked.iloc[0], decimals), unit)}"
    high = ranked.head(first_ones(ranked, count, decimals))
    low = ranked.iloc[::-1].head(first_ones(ranked.iloc[::-1], count, decimals))
    return f"สูงที่สุด {listed(high)} ต่ำที่สุด {listed(low)}"


_NAMED = 3  # names of a tie that a title tells; more are counted


def ends(values: pd.Series, decimals: int = 1) -> tuple[list[str], list[str]]:
    """Names at the top and at the bottom of a list, each with all that have the same printed value.

    values   name -> number; the bottom is empty where everything reads the same
    """
    known = values.dropna()
    if known.empty:
        return [], []
    tops, bottoms = (
        [
            str(name)
            for name, value in known.items()
            if number(float(value), decimals) == number(float(end), decimals)
        ]
        for end in (known.max(), known.min())
    )
    return tops, ([] if tops == bottoms else bottoms)


def first_ones(values: pd.Series, count: int, decimals: int = 1) -> int:
    """How many of a ranked list come first: ``count``, and those after them that read the same as the last of these."""
    shown = [number(float(value), decimals) for value in values]
    return (
        len(shown) if len(shown) <= count else count + sum(text == shown[count - 1] for text in shown[count:])
    )


def named(names: Sequence[str], kind: str, form: str = "{}") -> str:
    """``ก และข``; more than three are counted: ``5 มิติ``."""
    if len(names) > _NAMED:
        return f"{len(names)} {kind}"
    return join_th([form.format(name) for name in names])


def named_en(names: Sequence[str], kind: str, form: str = "“{}”") -> str:
    """``“a” and “b”``; more than three are counted: ``5 dimensions``."""
    return f"{len(names)} {kind}" if len(names) > _NAMED else names_en([form.format(name) for name in names])


def counted(count: int, total: int, kind: str) -> str:
    """``5 จาก 10 มิติ``, ``ทั้ง 10 มิติ``, ``ไม่มีมิติใดใน 10 มิติ``: a title has no count of zero."""
    if total == 1:
        return f"{kind}เดียวที่มีข้อมูล" if count else f"ไม่มี{kind}ใด"
    if count in (0, total):
        return f"ทั้ง {total} {kind}" if count else f"ไม่มี{kind}ใดใน {total} {kind}"
    return f"{count} จาก {total} {kind}"


def counted_en(count: int, total: int, kind: str) -> str:
    """``Of 10 dimensions 5``, ``All 10 dimensions``, ``Of 10 dimensions none``; the verb follows."""
    if count in (0, total):
        return f"All {total} {kind}" if count else f"Of {total} {kind} none"
    return f"Of {total} {kind} {count}"


def alike(names: Sequence[str]) -> str:
    """``เท่ากัน`` behind a superlative that several share."""
    return "เท่ากัน" if len(names) > 1 else ""


def _apart(data: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, str], tuple[str, str]]:
    """Name and value of the group above all others and of the one below; empty names where intervals meet or answers are few."""
    known = data.assign(name=list(names)).dropna(subset=["value", "low", "high"])
    small = set(known.loc[known["flag"] == "small", "name"]) if "flag" in known else set()
    ranked = known.sort_values("value", ascending=False, kind="stable").to_dict("records")
    top = bottom = ("", "")
    if len(ranked) > 1:
        first, last = ranked[0], ranked[-1]
        if first["name"] not in small and all(other["high"] < first["low"] for other in ranked[1:]):
            top = (str(first["name"]), number(first["value"]))
        if last["name"] not in small and all(other["low"] > last["high"] for other in ranked[:-1]):
            bottom = (str(last["name"]), number(last["value"]))
    return top, bottom


def clear_top(data: pd.DataFrame, names: Sequence[str]) -> tuple[str, str]:
    """Name and value of the group whose interval lies above all others'; empty names where none does."""
    return _apart(data, names)[0]


def clear_bottom(data: pd.DataFrame, names: Sequence[str]) -> tuple[str, str]:
    """Name and value of the group whose interval lies below all others'; empty names where none does."""
    return _apart(data, names)[1]


def clear_ends(data: pd.DataFrame, names: Sequence[str]) -> str:
    """The highest and the lowest, named only where the interval meets no other group's and answers are not few.

    data   value, low, high and perhaps flag: one row a group; rows without value are left out
    names  of the rows
    """
    top, bottom = _apart(data, names)
    parts = [
        f"{name}{word} {shown} จุด" for word, (name, shown) in (("สูงที่สุด", top), ("ต่ำที่สุด", bottom)) if name
    ]
    if len(parts) == 2:
        return " ".join(parts)
    is_top = bool(top[0])
    rest = (
        f"แต่ยังบอกไม่ได้ว่าใคร{'ต่ำ' if is_top else 'สูง'}ที่สุด เพราะช่วงความเชื่อมั่นซ้อนกัน"
        if parts
        else "ยังแยกกลุ่มที่สูงสุดและต่ำสุดไม่ได้ เพราะช่วงความเชื่อมั่นซ้อนกัน"
    )
    return " ".join([*parts, rest])


# ------------------------------------------------------------------------------------------------ findings in English


def name_en(code: str, declarations: Declarations) -> str:
    """The English name of any code of the tables. Raises NoEnglishError where it has none."""
    return translated(name_of(code, declarations))


def quarter_short_en(period: str) -> str:
    """``Q3 2025``."""
    quarter = parse_period(period)
    return f"Q{quarter.quarter} {quarter.year}"


def change_en(change: float, unit: str = "points", *, steps: Steps = INDEX_STEPS, decimals: int = 1) -> str:
    """``up 1.2 points``, ``down 0.8 points`` or ``unchanged``."""
    if not np.isfinite(change) or size_of(change, steps) == "still":
        return "unchanged"
    return f"{'up' if change > 0 else 'down'} {magnitude(change, decimals)} {unit}"


def moved_en(change: float, steps: Steps = INDEX_STEPS) -> str:
    """``rose slightly``, ``fell``, ``was unchanged``."""
    size = size_of(change, steps, 1)
    if size == "still":
        return "was unchanged"
    return ("rose" if change > 0 else "fell") + {"slight": " slightly", "plain": "", "marked": " sharply"}[
        size
    ]


def since_quarter_en(values: pd.Series, *, unit: str = "points", steps: Steps = INDEX_STEPS) -> str:
    """``down 0.8 points on the quarter``; empty where the newest quarter or the one before it has no value."""
    if len(values) < 2 or not np.isfinite(values.iloc[-1] - values.iloc[-2]):
        return ""
    return f"{change_en(values.iloc[-1] - values.iloc[-2], unit, steps=steps)} on the quarter"


def index_level_en(value: float) -> str:
    """A Labour Economic Index against its long-run average of 100."""
    if abs(value - 100) < rule("labour_level.about"):
        return "close to its long-run average"
    return f"{'above' if value > 100 else 'below'} its long-run average"


def clear_ends_en(data: pd.DataFrame, names: Sequence[str]) -> str:
    """``clear_ends`` in English."""
    top, bottom = _apart(data, names)
    parts = [f"“{name}” {word} ({shown} points)" for word, (name, shown) in (("highest", top), ("lowest", bottom)) if name]  # fmt: skip
    if len(parts) == 2:
        return ", ".join(parts)
    if not parts:
        return "No group clearly highest or lowest: intervals overlap"
    return f"{parts[0]}; none is clearly {'lowest' if top[0] else 'highest'}, as intervals overlap"


# ----------------------------------------------------------------------------------------------------
# Selection of the data of a chart from the tables: rows, the last quarters, columns side by side. No statistic is computed.
# ----------------------------------------------------------------------------------------------------

QUARTERS = 13  # this quarter and the twelve before it


def rows(table: pd.DataFrame, **conditions: object) -> pd.DataFrame:
    """Rows whose columns equal the values given; a list or tuple means any of its values."""
    keep = pd.Series(True, table.index)
    for column, wanted in conditions.items():
        keep &= (
            table[column].isin(list(wanted))
            if isinstance(wanted, list | tuple | set)
            else table[column] == wanted
        )
    return table[keep]


def recent(table: pd.DataFrame, context: Context, count: int = QUARTERS) -> pd.DataFrame:
    """Rows of the last ``count`` quarters up to the issue's own."""
    window = set(last_quarters(context, count))
    return table[table["period"].isin(window)]


def last_quarters(context: Context, count: int = QUARTERS) -> list[str]:
    """The last ``count`` quarters up to the issue's own, oldest first."""
    return [iso(context.quarter - back) for back in range(count - 1, -1, -1)]


def up_to(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Rows of periods, months or quarters, that begin no later than the issue's quarter ends."""
    end = context.quarter.end_time
    starts = {period: parse_period(str(period)).start_time for period in table["period"].unique()}
    return table[table["period"].map(starts) <= end]


def series(table: pd.DataFrame, column: str = "value") -> pd.Series:
    """period -> number, oldest first."""
    return table.set_index("period")[column].sort_index().astype(float)


def wide(table: pd.DataFrame, rows: str, columns: str, value: str = "value") -> pd.DataFrame:
    """row x column of one number; cells that are not in the table are NaN."""
    return table.pivot(index=rows, columns=columns, values=value).astype(float)


def ordered(table: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    """Rows in a declared order of one column's values; others are left out, ties keep their order."""
    rank = {name: at for at, name in enumerate(order)}
    kept = table[table[column].isin(rank)]
    return kept.sort_values(column, key=lambda names: names.map(rank), kind="stable")


def now(context: Context) -> str:
    """The issue's quarter as in tables."""
    return iso(context.quarter)


def ago(context: Context, quarters: int) -> str:
    """A quarter before the issue's, as in tables."""
    return iso(context.quarter - quarters)


def by_quarter(table: pd.DataFrame, column: str, key: str) -> pd.DataFrame:
    """Months put together to quarters by their mean, quarters as they are: key, period, value."""
    labels = table["period"].astype(str)
    quarters = {label: iso(parse_period(label).asfreq("Q-DEC")) for label in labels.unique()}
    keyed = table.assign(period=labels.map(quarters)).groupby([key, "period"], sort=False)[column].mean()
    return keyed.rename("value").reset_index()


def lacking_months(series: pd.DataFrame, context: Context) -> set[str]:
    """Monthly indicators of the nation that lack one or two months of the issue's quarter."""
    own = rows(series, group="TH").dropna(subset="raw")
    own = own[[parse_period(str(period)).freqstr.startswith("M") for period in own["period"]]]
    quarters = own["period"].map(lambda period: parse_period(str(period)).asfreq("Q-DEC"))
    count = own[quarters == context.quarter].groupby("indicator").size()
    return {str(name) for name in count.index[count < 3]}


def one_number(quarterly: pd.DataFrame, macro: pd.DataFrame, declarations: Declarations) -> pd.DataFrame:
    """indicator, period, value: an indicator that is the same fact as a macro variable has the variable's numbers where it has any."""
    table = quarterly.reset_index(drop=True)
    for indicator, variable in declarations.same_facts.items():
        own = rows(macro, variable=variable).dropna(subset="value") if not macro.empty else macro
        told = own.set_index("period")["value"] if len(own) else pd.Series(dtype=float)
        is_same = (table["indicator"] == indicator) & table["period"].isin(told.index)
        table.loc[is_same, "value"] = table.loc[is_same, "period"].map(told).astype(float)
    return table


def every_quarter(first: str, last: str) -> list[str]:
    """All quarters from one to another, as in tables; holes of a series become rows without value."""
    return [iso(quarter) for quarter in pd.period_range(first, last, freq="Q-DEC")]


def quarters_back(period: str, count: int) -> str:
    """The quarter so many quarters before another, as in tables."""
    return iso(pd.Period(period, freq="Q-DEC") - count)


# ----------------------------------------------------------------------------------------------------
# Labels of a drawn chart in English, and its alternative text.
#
# Goes in: a chart drawn from declarations whose names are English. Comes out: the same chart with its other labels from the phrase book
# (``reporter.domain.edition``); its alternative text in English. Every number in it is one of the drawn data.
# ----------------------------------------------------------------------------------------------------

_TOLD = 6  # values of the newest quarter that an alternative text names: more nobody listens to
_VALUES = ("value", "contribution", "share", "mean_rank", "mean", "total", "rating")
_NAMES = (
    "indicator",
    "dimension",
    "group",
    "variable",
    "domain",
    "item",
    "trait",
    "aspect",
    "action",
    "index",
    "series",
)


def in_english_words(drawn: Canvas) -> None:
    """Put every label of the chart into English, those of the ticks too. Raises NoEnglishError with the label that has none."""
    for ax in drawn.axes:
        for axis in (ax.xaxis, ax.yaxis):
            named = axis.get_major_formatter()
            if isinstance(
                named, FixedFormatter | FuncFormatter
            ):  # labels are made anew whenever the axis is drawn
                axis.set_major_formatter(FuncFormatter(partial(_tick, named)))
    for label in drawn.findobj(Text):
        if isinstance(label, Text) and label.get_text():
            label.set_text(translated(label.get_text()))


def _tick(named: FixedFormatter | FuncFormatter, value: float, position: int | None = None) -> str:
    return translated(str(named(value, position)))


def translated_or_nothing(text: str) -> str:
    """A note in English; nothing where the phrase book does not know it."""
    try:
        return translated(text)
    except NoEnglishError:
        return ""


def english_alt(subject: str, data: pd.DataFrame, context: Context) -> str:
    """What is drawn and the newest values, highest first; the tables behind the chart hold the rest."""
    newest = data
    words = ""
    if "period" in data:
        last = str(data["period"].dropna().max())
        newest, words = data[data["period"] == last], f" Newest period: {last}."
    value = next((column for column in _VALUES if column in newest), None)
    names = next((column for column in _NAMES if column in newest), None)
    if value is None or newest[value].dropna().empty:
        return f"{subject}.{words}"
    ranked = newest.dropna(subset=[value]).sort_values(value, ascending=False, kind="stable").head(_TOLD)
    survey = str(data["survey"].iloc[0]) if "survey" in data and len(data) else ""
    told = [_told(row, names, value, context, survey) for row in ranked.to_dict("records")]
    return f"{subject}.{words} Values: {'; '.join(part for part in told if part)}."


def _told(row: Mapping[Hashable, Any], names: str | None, value: str, context: Context, survey: str) -> str:
    shown = number(float(str(row[value])), 2 if value in ("contribution", "mean_rank") else 1)
    if names is None:
        return shown
    code, declarations = str(row[names]), context.declarations
    name = name_of(code, declarations)
    if names == "domain" and survey:
        name = domain_name(survey, code, declarations)
    elif names == "item" and survey:
        name = item_texts(survey, declarations).get(code, code)
    elif names in ("trait", "aspect", "action"):
        name = option_names(declarations).get(code, code)
    if name == INDEX_NAME or has_thai(name):
        name = translated_or_nothing(name)
    span = f" on the {row['against']}" if "against" in row else ""
    return f"{name} {shown}{span}".strip()
