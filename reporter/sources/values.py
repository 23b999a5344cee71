"""Numbers and periods as agencies write them.

Goes in: one cell of an answer or a file. Comes out: a float or a ``pd.Period``; None where the cell holds nothing.
Handled: "385,000,000", Thai digits, "-" and blanks, "12.5%", (1,234) for negatives; Buddhist years as text; "ไตรมาส 3",
"ไตรมาสที่ ๓", "Q3", "3"; Thai and English months, whole and short; fiscal years, which run October to September.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import pandas as pd

from reporter.domain.periods import PeriodError, arabic_digits, christian_year

_NOTHING = {"", "-", "–", "—", "...", "..", "n.a.", "na", "n/a", "null", "none", "nan", "ไม่มีข้อมูล"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")
_QUARTER = re.compile(r"(?:(?:ไตรมาส|ไตร)(?:ที่)?|q(?:uarter)?)?\s*([1-4])(?:\s*/\s*(\d{4}))?\Z")
_YEAR_QUARTER = re.compile(r"(\d{4})\s*[-/ ]?\s*q([1-4])\Z")
_YEAR_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/]\d{1,2}.*)?\Z")
_MONTH_YEAR = re.compile(r"(\D+?)\.?\s*(\d{2}|\d{4})\Z")
_SUFFIX = re.compile(r"\s*(?:[rp]\d?|\*+|\([rp]\))\Z")
_MONTHS_TH = [
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
]
_SHORT_TH = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
_MONTHS_EN = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_FISCAL_START = 10


def _month_names() -> dict[str, int]:
    """Every spelling of a month, without dots, folded."""
    names: dict[str, int] = {}
    for number, (whole, short, english) in enumerate(
        zip(_MONTHS_TH, _SHORT_TH, _MONTHS_EN, strict=True), start=1
    ):
        for name in (whole, short, english, english[:3]):
            names[name.replace(".", "")] = number
    return names


_MONTH = _month_names()


class UnreadableError(ValueError):
    """A cell cannot be read; carries the Thai and the English reason."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(en)
        self.th, self.en = th, en


def number(cell: Any) -> float | None:
    """A number, however written; None for an empty cell. Raises UnreadableError for anything else."""
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return _finite(cell)
    text = arabic_digits(str(cell)).replace("\u00a0", " ").strip().rstrip("%").strip()
    if text.casefold() in _NOTHING:
        return None
    negative = text.startswith("(") and text.endswith(")")
    plain = text.strip("()").replace(",", "").replace(" ", "").replace("−", "-")
    if not _NUMBER.match(plain):
        raise UnreadableError(f'"{cell}" ไม่ใช่ตัวเลข', f'"{cell}" is not a number')
    return _finite(-float(plain) if negative else float(plain))


def _finite(value: float) -> float | None:
    """A number as float; None for NaN. Raises UnreadableError for what no float can hold."""
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if math.isinf(found):
        raise UnreadableError("ตัวเลขใหญ่เกินไป", "the number is too large")
    return None if math.isnan(found) else found


def year(cell: Any) -> int:
    """Christian year of a year that may be Buddhist, text, or have Thai digits. Raises UnreadableError."""
    text = arabic_digits(str(cell)).strip().removesuffix(".0")
    text = re.sub(r"\A(?:พ\.?ศ\.?|ปี|ปีงบประมาณ)\s*", "", text)
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise UnreadableError(f'"{cell}" ไม่ใช่ปี', f'"{cell}" is not a year')
    try:
        return christian_year(int(text))
    except PeriodError as error:
        raise UnreadableError(error.th, error.en) from error


def quarter(cell: Any) -> int:
    """Number of a quarter: 3 of ``ไตรมาส 3``, ``ไตรมาสที่ ๓``, ``Q3``, ``3``. Raises UnreadableError."""
    text = _SUFFIX.sub("", arabic_digits(str(cell)).strip().casefold().removesuffix(".0"))
    if not (match := _QUARTER.match(text)):
        raise UnreadableError(f'"{cell}" ไม่ใช่ไตรมาส', f'"{cell}" is not a quarter')
    return int(match[1])


def month(cell: Any) -> int:
    """Number of a month: ``09``, ``9``, ``กันยายน``, ``ก.ย.``, ``Sep``. Raises UnreadableError."""
    text = arabic_digits(str(cell)).strip().casefold().removesuffix(".0").replace(".", "")
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
        return int(text)
    if text in _MONTH:
        return _MONTH[text]
    raise UnreadableError(f'"{cell}" ไม่ใช่เดือน', f'"{cell}" is not a month')


def fiscal_year(day: dt.date) -> int:
    """Buddhist fiscal year of a day: from 1 October it is the next year's."""
    return day.year + 543 + (day.month >= _FISCAL_START)


def fiscal_quarter(fiscal: int, number_: int) -> pd.Period:
    """Calendar quarter of a fiscal quarter: the first of fiscal 2025 (Christian) is 2024-Q4."""
    return pd.Period(year=fiscal, quarter=1, freq="Q") + (number_ - 2)


def fiscal_month(fiscal: int, number_: int) -> pd.Period:
    """Calendar month of a month of a fiscal year (Christian): October to December lie in the year before."""
    return pd.Period(year=fiscal - (number_ >= _FISCAL_START), month=number_, freq="M")


def period(cell: Any) -> pd.Period:
    """A whole period in one cell: ``2568-Q3``, ``3/2568``, ``2025-09``, ``2025-09-01``, ``ก.ย. 68``, ``2568``.

    A bare year is a yearly period. Marks of revision (``2025Q3r``, ``2568*``) are dropped. Raises UnreadableError.
    """
    if isinstance(cell, pd.Timestamp | dt.date):
        return pd.Period(year=_christian(cell.year), month=cell.month, freq="M")
    text = arabic_digits(str(cell)).strip().casefold()
    text = _SUFFIX.sub("", text)
    if match := _YEAR_QUARTER.match(text):
        return pd.Period(year=_christian(int(match[1])), quarter=int(match[2]), freq="Q")
    if (match := _QUARTER.match(text)) and match[2]:
        return pd.Period(year=_christian(int(match[2])), quarter=int(match[1]), freq="Q")
    if (match := _YEAR_MONTH.match(text)) and 1 <= int(match[2]) <= 12:
        return pd.Period(year=_christian(int(match[1])), month=int(match[2]), freq="M")
    if (match := _MONTH_YEAR.match(text)) and match[1].strip().replace(".", "") in _MONTH:
        # Two digits are short Buddhist years: ก.ย. 68 is September 2568.
        whole = int(match[2]) if len(match[2]) == 4 else 2500 + int(match[2])
        return pd.Period(year=_christian(whole), month=_MONTH[match[1].strip().replace(".", "")], freq="M")
    if re.fullmatch(r"\d{4}(\.0)?", text):
        return pd.Period(year=_christian(int(text[:4])), freq="Y")
    raise UnreadableError(f'"{cell}" ไม่ใช่ช่วงเวลา', f'"{cell}" is not a period')


def _christian(whole: int) -> int:
    try:
        return christian_year(whole)
    except PeriodError as error:
        raise UnreadableError(error.th, error.en) from error


def moment(cell: Any) -> dt.datetime | None:
    """A time stamp of a source (``2021-03-28T05:59:51.000+07:00``); None where there is none that can be read."""
    try:
        found = dt.datetime.fromisoformat(str(cell).strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone(dt.timedelta(hours=7)))
