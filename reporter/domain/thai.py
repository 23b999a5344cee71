"""Thai as readers of the report see it: Buddhist era, numbers, signs, words of direction, lists.

Goes in: periods, dates and numbers at full precision. Comes out: text. Rounding happens here and nowhere else.
One mark each for a missing number (–), a suppressed one (x) and a minus sign (−); ร้อยละ stands before the number,
never with a percent sign (house style). Month names and number patterns are those of CLDR (babel).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import pandas as pd
from babel.dates import get_month_names

from reporter.domain.periods import buddhist_year, parse_period
from reporter.domain.rules import Steps, rule, steps

MISSING = "–"
SUPPRESSED = "x"
MINUS = "−"
UP, DOWN, LEVEL = "▲", "▼", "■"

_THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_VERBATIM = re.compile(
    r"""(?s)<(style|script|svg)\b.*?</\1>|<(\w+)\b[^>]*\blang="en"[^>]*>.*?</\2>|>([^<]+)(?=<)"""
)


# ---------------------------------------------------------------------------------------- periods and dates


def _period(period: pd.Period | str) -> pd.Period:
    """A period as it is, or read from its written form. Raises PeriodError."""
    return parse_period(period) if isinstance(period, str) else period


def quarter_th(quarter: pd.Period | str) -> str:
    """``ไตรมาสที่ 3 ปี 2568``: the form of running text."""
    quarter = _period(quarter)
    return f"ไตรมาสที่ {quarter.quarter} ปี {buddhist_year(quarter)}"


def quarter_slash(quarter: pd.Period | str) -> str:
    """``3/2568``: the form of table heads."""
    quarter = _period(quarter)
    return f"{quarter.quarter}/{buddhist_year(quarter)}"


def quarter_short(quarter: pd.Period | str) -> str:
    """``3/68``: the form of axes and narrow columns."""
    quarter = _period(quarter)
    return f"{quarter.quarter}/{buddhist_year(quarter) % 100:02d}"


@lru_cache(maxsize=2)
def _months(width: Literal["wide", "abbreviated"]) -> dict[int, str]:
    """Month names of CLDR, ``wide`` (กันยายน) or ``abbreviated`` (ก.ย.)."""
    return dict(get_month_names(width, locale="th"))


def month_th(month: pd.Period | str, *, short: bool = False) -> str:
    """``กันยายน 2568``, or ``ก.ย. 68`` when ``short``."""
    month = _period(month)
    if short:
        return f"{_months('abbreviated')[month.month]} {buddhist_year(month) % 100:02d}"
    return f"{_months('wide')[month.month]} {buddhist_year(month)}"


def period_th(period: pd.Period | str) -> str:
    """Quarter or month in the form of running text."""
    period = _period(period)
    return quarter_th(period) if period.freqstr.startswith("Q") else month_th(period)


def period_slash(period: pd.Period | str) -> str:
    """Quarter (``3/2568``) or month (``ก.ย. 68``) in the form of table cells."""
    period = _period(period)
    return quarter_slash(period) if period.freqstr.startswith("Q") else month_th(period, short=True)


def quarter_months_th(quarter: pd.Period | str) -> str:
    """``กรกฎาคม–กันยายน 2568``: the months that a quarter covers."""
    quarter = _period(quarter)
    first, last = 3 * quarter.quarter - 2, 3 * quarter.quarter
    return f"{_months('wide')[first]}–{_months('wide')[last]} {buddhist_year(quarter)}"


def date_th(date: dt.date) -> str:
    """``30 กันยายน 2568``."""
    return f"{date.day} {_months('wide')[date.month]} {date.year + 543}"


# ---------------------------------------------------------------------------------------- numbers


def is_missing(value: object) -> bool:
    """None, NaN, NaT and the infinities are missing; anything else is there."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def rounded(value: float, decimals: int = 1) -> float:
    """The number as it is displayed; never a negative zero."""
    return float(f"{value:.{decimals}f}") + 0.0


def number(value: float | None, decimals: int = 1) -> str:
    """``1,234.5`` with thousand separators and a true minus sign; ``–`` when missing."""
    if value is None or is_missing(value):
        return MISSING
    shown = rounded(float(value), decimals)
    return f"{shown:,.{decimals}f}".replace("-", MINUS)


def points(value: float | None, decimals: int = 1) -> str:
    """An index value; the unit (จุด) is the text's."""
    return number(value, decimals)


def count(value: float | None) -> str:
    """A whole number with thousand separators."""
    return number(value, 0)


def percent(value: float | None, decimals: int = 1) -> str:
    """``ร้อยละ 1.2`` for running text; never a percent sign."""
    return MISSING if is_missing(value) else f"ร้อยละ {number(value, decimals)}"


def magnitude(value: float | None, decimals: int = 1) -> str:
    """The size without its sign, for sentences whose verb says the direction."""
    return MISSING if value is None or is_missing(value) else number(abs(float(value)), decimals)


def signed(value: float | None, decimals: int = 1) -> str:
    """``+1.2``, ``−1.2`` or ``0.0``; ``–`` when missing."""
    if value is None or is_missing(value):
        return MISSING
    text = number(value, decimals)
    return f"+{text}" if rounded(float(value), decimals) > 0 else text


def sign_of(value: float | None, decimals: int = 1) -> int:
    """-1, 0 or 1 of the number as displayed; 0 when missing."""
    if value is None or is_missing(value):
        return 0
    shown = rounded(float(value), decimals)
    return (shown > 0) - (shown < 0)


def arrow(value: float | None, decimals: int = 1) -> str:
    """``▲``, ``▼`` or ``■`` of the number as displayed; ``–`` when missing."""
    return MISSING if is_missing(value) else (LEVEL, UP, DOWN)[sign_of(value, decimals)]


def change(value: float | None, decimals: int = 1) -> str:
    """``▲ 1.2``, ``▼ 1.2`` or ``■ 0.0``: a change in a table cell; ``–`` when missing."""
    return MISSING if is_missing(value) else f"{arrow(value, decimals)} {magnitude(value, decimals)}"


def quality(value: float | None, polarity: int = 1, decimals: int = 1) -> str:
    """``better``, ``worse`` or ``same``: the class that colours a change; ``""`` when missing."""
    if is_missing(value):
        return ""
    return ("same", "better", "worse")[sign_of(value, decimals) * polarity]


# ---------------------------------------------------------------------------------------- words


INDEX_STEPS = steps("index")  # points of an index with a standard deviation of 10
CONFIDENCE_STEPS = steps("confidence")  # points of an index from 0 to 200
SHARE_STEPS = steps("share")  # percentage points of a share of respondents
SD_STEPS = steps("sd")  # standard deviations of an indicator's change
RATE_STEPS = steps("rate")  # percentage points of a rate

_SIZES = {"slight": "เล็กน้อย", "plain": "", "marked": "มาก"}


def size_of(value: float, steps: Steps) -> str:
    """``still``, ``slight``, ``plain`` or ``marked``."""
    size = abs(value)
    if size < steps.still:
        return "still"
    if size < steps.slight:
        return "slight"
    return "plain" if size < steps.marked else "marked"


def move_word(value: float, steps: Steps = INDEX_STEPS) -> str:
    """Direction of a number: ทรงตัว, เพิ่มขึ้นเล็กน้อย, เพิ่มขึ้น, เพิ่มขึ้นมาก, ลดลง..."""
    size = size_of(value, steps)
    return "ทรงตัว" if size == "still" else ("เพิ่มขึ้น" if value > 0 else "ลดลง") + _SIZES[size]


def health_word(value: float, steps: Steps = INDEX_STEPS) -> str:
    """Direction of a state, oriented so that more is better: ทรงตัว, ปรับตัวดีขึ้นเล็กน้อย, อ่อนตัวลง..."""
    size = size_of(value, steps)
    return "ทรงตัว" if size == "still" else ("ปรับตัวดีขึ้น" if value > 0 else "อ่อนตัวลง") + _SIZES[size]


def index_level_word(value: float) -> str:
    """A Labour Economic Index or sub-index against its long-run average of 100 (standard deviation 10)."""
    distance = value - 100
    if abs(distance) < rule("labour_level.about"):
        return "ใกล้เคียงค่าเฉลี่ยระยะยาว"
    side = "สูงกว่า" if distance > 0 else "ต่ำกว่า"
    size = abs(distance)
    degree = (
        "เล็กน้อย"
        if size < rule("labour_level.slight")
        else ("มาก" if size >= rule("labour_level.marked") else "")
    )
    return f"{side}ค่าเฉลี่ยระยะยาว{degree}"


def confidence_level_word(value: float) -> str:
    """สูง, ปานกลาง or ต่ำ: the study's reading of a confidence index (above, at, below 100 as displayed)."""
    return ("ปานกลาง", "สูง", "ต่ำ")[sign_of(value - 100)]


def join_th(items: Sequence[str], last: str = "และ") -> str:
    """``ก``, ``ก และข``, ``ก ข และค``: a list in running text; the word and what follows it stay together."""
    if len(items) < 2:
        return "".join(items)
    return f"{' '.join(items[:-1])} {last}{items[-1]}"


def thai_digits(text: str) -> str:
    """Arabic digits of a text as Thai ones."""
    return text.translate(_THAI_DIGITS)


def thai_digits_html(html: str) -> str:
    """Thai digits in the text of a page; tags, styles, pictures and English passages keep theirs."""
    return _VERBATIM.sub(lambda match: f">{thai_digits(match[3])}" if match[3] else match[0], html)
