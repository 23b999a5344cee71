"""Codes of the tables as readers know them, and the source line that the declarations give.

Goes in: the issue's context. Comes out: Thai names of dimensions, groups, indicators, items; headings of tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pandas as pd

from reporter.domain import schema
from reporter.domain.context import Context
from reporter.domain.declarations import Declarations
from reporter.domain.errors import RenderError
from reporter.domain.thai import number, period_slash

# Headings of columns that charts make themselves; the others are titles of the tables' schema.
_OWN_HEADINGS = {
    "before": "ไตรมาสก่อน",
    "year_before": "ปีก่อน",
    "revision": "การปรับปรุง",
    "disbursed": "เบิกจ่ายสะสม (ล้านบาท)",
    "target": "เกณฑ์ตามเวลา (ล้านบาท)",
    "index": "ดัชนี",
    "level": "ระดับ",
    "name": "รายการ",
    "unemployment": "อัตราการว่างงาน (ร้อยละ)",
    "vacancies": "ตำแหน่งงาน (พัน)",
    "strength": "ขนาดการเปลี่ยนแปลงจากปีก่อน (−100 ถึง 100)",
}
FLAGS = {"": "", "small": "ตัวอย่างน้อยกว่า 30", "suppressed": "ไม่เผยแพร่"}
MODELS = {
    "snaive": "ค่าไตรมาสเดียวกันปีก่อน", "seasonal_naive": "ค่าไตรมาสเดียวกันปีก่อน", "naive": "ค่าล่าสุด", "sarima": "SARIMA",
    "ets": "ETS", "theta": "Theta", "ar": "AR", "var": "VAR", "mean": "ค่าเฉลี่ยของแบบจำลอง", "combination": "ค่าเฉลี่ยของแบบจำลอง",
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
    for catalogue in (declarations.groups, declarations.indicators, declarations.macro):
        if code in catalogue:
            return catalogue[code].name.th
    return code


def value_with_unit(value: float, indicator: str, context: Context) -> str:
    """An indicator's or macro variable's value as its unit is written: ``ร้อยละ 1.02``, ``15,900 บาทต่อเดือน``."""
    declarations = context.declarations
    declared = declarations.indicators.get(indicator) or declarations.macro[indicator]
    decimals, before, after = UNITS[declared.unit]
    return f"{before}{number(value, decimals)}{after}"


def values_with_unit(before: float, after: float, indicator: str, context: Context) -> str:
    """From one value to another in one unit: ``ร้อยละ 1.10 → 1.02``."""
    declarations = context.declarations
    declared = declarations.indicators.get(indicator) or declarations.macro[indicator]
    decimals, head, tail = UNITS[declared.unit]
    return f"{head}{number(before, decimals)} → {number(after, decimals)}{tail}"


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
    every = schema.tables()
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
    parts = [" ".join(names), *(f"{survey} {settings.ministry.th}" for survey in dict.fromkeys(surveys))]
    if computed:
        parts.append(f"คำนวณโดย{settings.division.th} {settings.office.th}")
    line = "; ".join(part for part in parts if part)
    return f"ข้อมูลสังเคราะห์ตามโครงสร้างข้อมูลของ {line}" if settings.synthetic else line


def _used(tables: dict[str, pd.DataFrame], declarations: Declarations) -> list[str]:
    """Indicators that the index uses; all declared ones where no status table says so."""
    status = tables.get("indicator_status")
    if status is None or status.empty:
        return list(declarations.indicators)
    used = status[status["status"].isin(["used", "stale", "short"])]["indicator"]
    return [name for name in used if name in declarations.indicators]
