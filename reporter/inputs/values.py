"""Numbers, periods and days as people and agencies write them: one parser for every way into the report.

Goes in: one cell of a series file, a dropped file, an answer of a data service, a survey or a spreadsheet. Comes out: a
float, a ``pd.Period`` or a day, with the flag that stood beside it (``p``, ``r``, ``*``, a footnote mark). What can be read
in two ways is refused with the reason and the remedy: ``0,93`` is 93 to nobody. The functions for many texts at once look
at every different text once.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain.periods import BANGKOK, BUDDHIST_OFFSET, PeriodError, arabic_digits, christian_year

Era = Literal["", "buddhist", "christian"]

# Marks that editors and web pages leave between letters and that nobody sees.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000"), " ")
_WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0E: ".", 0xFF0C: ",", 0xFF0D: "-"}
# Hyphens and dashes that editors put for "-" (figure, non-breaking and en dashes, the minus sign).
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63"), "-")
_HTML_SPACES = ("&nbsp;", "&#160;", "&#8203;", "&ZeroWidthSpace;")
# What statistical offices write where there is no number (":" is Eurostat's, ".." that of the UN).
MISSING = frozenset(
    {"", "-", "–", "—", ".", "..", "...", "…", ":", "n.a.", "na", "n/a", "null", "none", "ไม่มีข้อมูล"}
)
_FLAG = r"(?:[rpebfdsu][0-9]?(?![a-z])|\((?:[rpebfdsu]|[0-9]{1,2})\)|\[[0-9]{1,2}\]|\*{1,3}|[\u00b9\u00b2\u00b3\u2070-\u2079†‡]+)"
_NOTE = r"\s+(?:\([0-9]{1,2}\)|\[[0-9]{1,2}\]|[0-9]{1,2}[)/])"
_MARK = re.compile(r"(?<=[0-9.])\s*([rpe]|\*{1,3}|\([rpe]\))\Z")
_FLAGS = re.compile(rf"(?P<flag>(?:\s*{_FLAG}|{_NOTE})+)\Z", re.IGNORECASE)
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"
_NUMBERS = {
    ".": re.compile(
        rf"[+-]?(?:[1-9][0-9]{{0,2}}(?P<by>[, ])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*(?:\.[0-9]*)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+){_EXPONENT})\Z"
    ),
    ",": re.compile(
        rf"[+-]?(?:[1-9][0-9]{{0,2}}(?P<by>[. ])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*(?:,[0-9]*)?|(?:[0-9]+,?[0-9]*|,[0-9]+){_EXPONENT})\Z"
    ),
}
_FULL_TH = [
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
_SHORT_TH = ["มค", "กพ", "มีค", "เมย", "พค", "มิย", "กค", "สค", "กย", "ตค", "พย", "ธค"]
_FULL_EN = [
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
_MONTHS = {
    name: number
    for names in (_FULL_TH, _SHORT_TH, _FULL_EN, [month[:3] for month in _FULL_EN])
    for number, name in enumerate(names, start=1)
}
# Other spellings: a misspelt July that is all over the web, months without their last syllable.
_MONTHS |= {"sept": 9, "กรกฏาคม": 7, "กฎาคม": 7}
_MONTHS |= {re.sub("(?:คม|ยน|พันธ์)$", "", name): number for number, name in enumerate(_FULL_TH, start=1)}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NAME_EN = "|".join(name for name in sorted(_MONTHS, key=len, reverse=True) if name.isascii())
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_BETWEEN = r"\s*[-/,'’ ]?\s*(?:ปี|ของปี)?\s*"
_QUARTER_WORD = r"(?:ไตรมาส(?:ที่)?|ไตร|quarter|qtr|q)"
# Quarters in words and Roman numerals; both only beside the word "quarter", or with a stroke before the year.
_QUARTERS = {name: number for number, name in enumerate(("หนึ่ง", "สอง", "สาม", "สี่"), start=1)}
_QUARTERS |= {name: number for number, name in enumerate(("i", "ii", "iii", "iv"), start=1)}
_ORDINALS = {
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "แรก": 1,
}
_QUARTERS |= _ORDINALS
_WHICH = r"(?P<part>[1-4]|iv|i{1,3}|หนึ่ง|สอง|สาม|สี่|แรก)"
_PATTERNS = {
    "quarter": (
        re.compile(rf"(?P<year>[0-9]{{4}})\s*[-/:. ]?\s*{_QUARTER_WORD}\s*{_WHICH}\Z"),
        re.compile(r"(?P<part>[1-4]|iv|i{1,3})\s*/\s*(?P<year>[0-9]{4})\Z"),
        re.compile(rf"{_QUARTER_WORD}\s*{_WHICH}{_BETWEEN}{_YEAR}\Z"),
        re.compile(rf"(?P<part>[1-4])q\s*[-/ ]?\s*{_YEAR}\Z"),
        re.compile(rf"(?P<part>{'|'.join(_ORDINALS)})\s+quarter\s*(?:of|,)?\s*(?P<year>[0-9]{{4}})\Z"),
    ),
    "range": (
        re.compile(rf"(?P<part>{_NAME})\s*(?:-|–|ถึง|to)\s*(?P<end>{_NAME}){_BETWEEN}{_YEAR}\Z"),
        re.compile(rf"(?P<year>[0-9]{{4}})\s*(?P<part>{_NAME})\s*(?:-|–|ถึง|to)\s*(?P<end>{_NAME})\Z"),
    ),
    "month": (
        re.compile(r"(?P<year>[0-9]{4})\s*(?:[-/]\s*m?|m)\s*(?P<part>[0-9]{1,2})\Z"),
        re.compile(r"(?P<part>0[1-9]|1[0-2])\s*/\s*(?P<year>[0-9]{4})\Z"),
        re.compile(rf"(?P<part>{_NAME}){_BETWEEN}{_YEAR}\Z"),
        re.compile(rf"(?P<year>[0-9]{{4}})\s*[-/ ]?\s*(?P<part>{_NAME})\Z"),
    ),
    "year": (re.compile(r"(?P<year>[0-9]{4})\Z"),),
}
_DAY = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?\Z", re.IGNORECASE
)
_DAY_FIRST = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})\Z")
# A day with its month in words says which is which.
_DAYS_NAMED = (
    re.compile(rf"(?P<day>[0-9]{{1,2}})\s*[-/ ]?\s*(?P<part>{_NAME}){_BETWEEN}{_YEAR}\Z"),
    re.compile(rf"(?P<part>{_NAME_EN})\s*(?P<day>[0-9]{{1,2}})(?:\s*,\s*|\s+)(?P<year>[0-9]{{4}})\Z"),
)
_DAY_IN_TITLE = re.compile(
    rf"(?<![0-9/])[0-9]{{1,2}}\s+(?:{'|'.join('[.]?'.join([*name, '']) for name in sorted(_MONTHS, key=len, reverse=True))})"
    r"\s*(?:พ[.]ศ[.])?\s*[0-9]{2,4}(?![0-9])"
)
_BOTH_ERAS = re.compile(r"([0-9]{4})\s*[(/]\s*([0-9]{4})\s*\)?")
# A Thai month or quarter with two digits is Buddhist (ก.ย. 68 is 2568) as long as the year cannot be a Christian one near ours.
_SHORT_BUDDHIST_YEARS = range(40, 100)
_FISCAL_START = 10  # the Thai fiscal year begins on 1 October (Budget Procedures Act)


class UnreadableError(ValueError):
    """A cell cannot be read for certain; carries the Thai and the English reason with the remedy."""

    def __init__(self, th: str, en: str, *, is_near: bool = True) -> None:
        super().__init__(en)
        self.th, self.en = th, en
        self.is_near = is_near  # False where the cell does not even look like what was wanted


class ReadQuantity(NamedTuple):
    """A number and the flag beside it; ``value`` None where the cell says that there is none."""

    value: float | None
    flag: str = ""


class Moment(NamedTuple):
    """A period, the flag beside it, and the day that was written where it was one (the period is then its month)."""

    period: pd.Period
    flag: str = ""
    day: dt.date | None = None


def visible(text: str) -> str:
    """The text as one sees it: invisible marks out, all spaces plain, digits Arabic."""
    for mark in _HTML_SPACES:
        text = text.replace(mark, " ")
    cleaned = text.translate(_INVISIBLE).translate(_SPACES).translate(_WIDE_DIGITS)
    return arabic_digits(cleaned).strip()


def mark_of(cell: str) -> str:
    """The mark that stands right after the digits of a heading: ``r``, ``p``, ``e``, ``(p)``, stars; "" without one."""
    match = _MARK.search(visible(cell).casefold())
    return match[1] if match else ""


def shown(cell: Any) -> str:
    """A cell for a message: short, and what cannot be seen written as its code point (U+200B)."""
    text = str(cell)[:60]
    return "".join(
        f"<U+{ord(mark):04X}>" if ord(mark) in _INVISIBLE or mark == "\u00a0" else mark for mark in text
    )


def quantity(cell: Any, decimal: Literal[".", ","] = ".") -> ReadQuantity:
    """A number however written, and its flag. Raises UnreadableError for what is no number for certain.

    decimal   the declared decimal sign: ``0,93`` is refused unless it is the comma
    """
    if cell is None or isinstance(cell, bool):
        return ReadQuantity(None)  # services send false and null where there is no value
    if isinstance(cell, int | float):
        return ReadQuantity(_finite(cell))
    text = visible(str(cell))
    if text.casefold() in MISSING:
        return ReadQuantity(None)
    if value := _plain_number(text, decimal):
        return ReadQuantity(value[0])
    if (match := _FLAGS.search(text)) and (value := _plain_number(text[: match.start()].rstrip(), decimal)):
        return ReadQuantity(value[0], " ".join(match["flag"].split()))
    raise _no_number(cell, text, decimal)


def _plain_number(text: str, decimal: str) -> tuple[float] | None:
    """The number of a text without flags, in a tuple; None when it is none."""
    text = re.sub(r"\s*%\Z", "", text)
    text = re.sub(r"\A[\u2010-\u2014\u2212\ufe63]\s*(?=[0-9.])", "-", text)
    negative = re.fullmatch(r"\(\s*([0-9][0-9., ]*)\s*\)", text)  # accountants' form; (-0.79) says two things
    bare = negative[1].strip() if negative else text
    if not (match := _NUMBERS[decimal].match(bare)):
        return None
    if match["by"]:
        bare = bare.replace(match["by"], "")
    value = _finite(float(bare.replace(decimal, ".")))
    return None if value is None else (0.0 - value if negative else value,)


def _finite(value: float) -> float | None:
    """A number as float; None for NaN. Raises UnreadableError for what no float can hold."""
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if math.isinf(found):
        raise UnreadableError("ตัวเลขใหญ่เกินไป — ตรวจค่า", "the number is too large; check it")
    return None if math.isnan(found) else found + 0.0  # no minus before 0


def _no_number(cell: Any, text: str, decimal: str) -> UnreadableError:
    """Why a text is no number, and how to mend it."""
    seen = shown(cell)
    if text.startswith("#"):
        return UnreadableError(
            f'"{seen}" คือสูตรที่คำนวณไม่ได้ — แก้สูตรหรือลบค่า',
            f'"{seen}" is a formula\'s error; mend it or clear the cell',
        )
    if decimal == "." and re.fullmatch(r"[+-]?[0-9.]+,[0-9]+\s*%?", text):
        return UnreadableError(
            f'"{seen}" อ่านได้สองแบบ (จุลภาคเป็นจุดทศนิยมหรือตัวคั่นหลักพัน) — ใช้จุดทศนิยม เช่น 0.93',
            f'"{seen}" can be read in two ways (a decimal comma, or thousands); write a decimal point, as 0.93',
        )
    return UnreadableError(
        f'"{seen}" ไม่ใช่ตัวเลข — ใส่ตัวเลขล้วน เช่น 1234.5 หรือเว้นว่างหากไม่มีข้อมูล',
        f'"{seen}" is not a number; write digits only, as 1234.5, or leave it blank',
    )


def number(cell: Any, decimal: Literal[".", ","] = ".") -> float | None:
    """The number alone; see ``quantity``."""
    return quantity(cell, decimal).value


def numbers(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, dict[int, UnreadableError]]:
    """Numbers of many texts: (values with NaN for none, flags, error by the position that cannot be read)."""
    values = np.full(len(texts), np.nan)
    flags = np.full(len(texts), "", dtype=object)
    wrong: dict[int, UnreadableError] = {}
    for position, text in enumerate(texts):
        # Most cells are plain: float() reads them, but also knows inf, nan and 1_000, which are no numbers here.
        if text and text[-1].isdigit() and text.isascii() and "_" not in text and " " not in text:
            try:
                values[position] = float(text)
                continue
            except ValueError:
                pass
        try:
            found = quantity(text)
        except UnreadableError as error:
            wrong[position] = error
            continue
        flags[position] = found.flag
        if found.value is not None:
            values[position] = found.value
    for infinite in np.flatnonzero(np.isinf(values)):
        wrong[int(infinite)] = UnreadableError("ตัวเลขใหญ่เกินไป — ตรวจค่า", "the number is too large; check it")
    return values, flags, wrong


def moment(cell: Any, years: Era = "") -> Moment:
    """A period however written, its flag, and the day where a day was written. Raises UnreadableError.

    years   the declared calendar of years of two digits; without it only a Thai month says that they are Buddhist
    """
    if isinstance(cell, dt.datetime | dt.date):
        day = cell.date() if isinstance(cell, dt.datetime) else cell
        return _of_day(day.year, day.month, day.day, cell)
    text, months = _without_months(visible(str(cell)).casefold().translate(_DASHES))
    if match := _DAY.match(text):
        return _of_day(int(match[1]), int(match[2]), int(match[3]), cell)
    if match := _named_day(_folded(text)):
        year = _whole_year(match["year"], years, match[0], cell)
        return _of_day(year, _MONTHS[match["part"]], int(match["day"]), cell)
    flag = ""
    if (match := _FLAGS.search(text)) and text[: match.start()].rstrip()[-1:].isdigit() and not _kind(text):
        flag, text = " ".join(match["flag"].split()), text[: match.start()].rstrip()
    bare = _one_era(_folded(text), cell)
    if found := _kind(bare):
        read = _period_of(*found, cell, years)
        _refuse_fiscal(text, months, read, cell)
        return Moment(read, flag)
    raise _no_period(cell, text)


_MONTHS_NAMED = re.compile(r"\(([^()0-9]+?)\s*(?:-|–|ถึง|to)\s*([^()0-9]+?)\)")


def _without_months(text: str) -> tuple[str, tuple[int, int] | None]:
    """``ไตรมาสที่ 3 (ก.ค.-ก.ย.) 2568`` without its months, and the first and last of them."""
    match = _MONTHS_NAMED.search(text)
    first, last = (_MONTHS.get(_folded(part.strip())) for part in match.groups()) if match else (None, None)
    if match is None or first is None or last is None:
        return text, None
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()), (first, last)


def _refuse_fiscal(text: str, months: tuple[int, int] | None, read: pd.Period, cell: Any) -> None:
    """Refuse fiscal years, over quarters too: they begin in October, and their first quarter is the last of the calendar year before."""
    is_quarter = read.freqstr.startswith("Q")
    is_other = months is not None and is_quarter and months != (3 * read.quarter - 2, 3 * read.quarter)
    if is_other or "ปีงบ" in text:
        raise UnreadableError(
            f'"{shown(cell)}" เป็นไตรมาสของปีงบประมาณซึ่งเริ่มเดือนตุลาคม หรือเดือนในวงเล็บไม่ตรงกับไตรมาส — เขียนตามปีปฏิทิน เช่น 2568-Q3',
            f"\"{shown(cell)}\" is of the fiscal year, which begins in October, or its months are not the quarter's; write the calendar's, as 2025-Q3",
        )


def _folded(text: str) -> str:
    """Without the words and dots that say nothing: ``พ.ศ.``, ``ปี``, ``เดือน``, the dots of abbreviations."""
    # Dots of abbreviations say nothing; one between digits is a number's, and 1.1 is no month.
    bare = re.sub(r"(?<![0-9])\.|\.(?![0-9])", "", text.removesuffix(".0")).replace("เเ", "แ")
    bare = re.sub(r"(?:พศ|คศ|b ?e|a ?d)\s*(?=[0-9])", "", bare)
    bare = re.sub(r"\A(?:ปีงบประมาณ|ประจำปี|ประจำเดือน|ปี|เดือน)\s*", "", bare)
    return " ".join(bare.split())


def _one_era(text: str, cell: Any) -> str:
    """A year given in both eras as one; the two must agree."""
    if not (match := _BOTH_ERAS.search(text)):
        return text
    first, second = int(match[1]), int(match[2])
    if abs(first - second) != BUDDHIST_OFFSET:
        raise UnreadableError(
            f'"{shown(cell)}" มีสองปีที่ไม่ตรงกัน — เขียนปีเดียว',
            f'"{shown(cell)}" names two years that differ; write one',
        )
    return text[: match.start()] + match[1] + text[match.end() :]


def _named_day(text: str) -> re.Match[str] | None:
    return next((match for pattern in _DAYS_NAMED if (match := pattern.match(text))), None)


def _kind(text: str) -> tuple[str, re.Match[str]] | None:
    for kind, patterns in _PATTERNS.items():
        for pattern in patterns:
            if match := pattern.match(text):
                return kind, match
    return None


def _period_of(kind: str, match: re.Match[str], cell: Any, years: Era) -> pd.Period:
    part = match.groupdict().get("part", "")
    year = _whole_year(match["year"], years, match[0], cell)
    if kind == "quarter":
        return pd.Period(year=year, quarter=_QUARTERS.get(part) or int(part), freq="Q")
    if kind == "year":
        return pd.Period(year=year, freq="Y")
    month = _MONTHS.get(part) or (int(part) if part.isdigit() else 0)
    if part in ("1", "2", "3", "4"):
        raise UnreadableError(
            f'"{shown(cell)}" อาจเป็นเดือน {part} หรือไตรมาส {part} — เขียนแบบ 2568-0{part} หรือ 2568-Q{part}',
            f'"{shown(cell)}" may be month {part} or quarter {part}; write 2025-0{part} or 2025-Q{part}',
        )
    if kind == "range":
        if month not in (1, 4, 7, 10) or _MONTHS[match["end"]] != month + 2:
            raise UnreadableError(
                f'"{shown(cell)}" ไม่ใช่ช่วงของไตรมาสหนึ่ง — เขียนแบบ 2568-Q3',
                f'"{shown(cell)}" is not one quarter; write 2025-Q3',
            )
        return pd.Period(year=year, quarter=(month + 2) // 3, freq="Q")
    if not 1 <= month <= 12:
        raise _no_period(cell, str(cell))
    return pd.Period(year=year, month=month, freq="M")


def _whole_year(digits: str, years: Era, written: str, cell: Any) -> int:
    """Christian year; of two digits only where the calendar is declared, or certain since the period is written in Thai."""
    if len(digits) == 4:
        return _christian(int(digits))
    short = int(digits)
    is_thai = any("\u0e00" <= letter <= "\u0e7f" for letter in written)
    if years == "buddhist" or (not years and is_thai and short in _SHORT_BUDDHIST_YEARS):
        return _christian(2500 + short)
    if years == "christian":
        return (2000 if short < 70 else 1900) + short  # 70: no series of this report begins before 1970
    raise UnreadableError(
        f'"{shown(cell)}" มีปีสองหลักซึ่งอาจเป็น พ.ศ. หรือ ค.ศ. — เขียนปีสี่หลัก หรือประกาศ years = "buddhist"',
        f'"{shown(cell)}" has a year of two digits, Buddhist or Christian; write four, or declare years = "christian"',
    )


def _of_day(year_: int, month_: int, day_: int, cell: Any) -> Moment:
    try:
        day = dt.date(_christian(year_), month_, day_)
    except ValueError as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(
            f'"{shown(cell)}" เป็นวันที่ไม่มีในปฏิทิน — ตรวจวันและปี',
            f'"{shown(cell)}" is a day that does not exist; check it',
        ) from error
    return Moment(pd.Period(day, freq="M"), day=day)


def _no_period(cell: Any, text: str) -> UnreadableError:
    """Why a text is no period, and how to mend it."""
    seen = shown(cell)
    if re.fullmatch(r"[0-9]{5}(\.0)?", text):
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))  # Excel's day 0
        return UnreadableError(
            f'"{seen}" เป็นเลขลำดับวันที่ของสเปรดชีต ({day.isoformat()}) — เขียนแบบ {day:%Y-%m} หรือ 2025-Q3',
            f'"{seen}" is a spreadsheet\'s date serial ({day.isoformat()}); write {day:%Y-%m} or 2025-Q3',
        )
    if _DAY_FIRST.match(text):
        return UnreadableError(
            f'"{seen}" ไม่บอกว่าวันหรือเดือนมาก่อน — เขียนแบบ 2025-09 หรือ 2025-Q3',
            f'"{seen}" does not say whether day or month comes first; write 2025-09 or 2025-Q3',
        )
    if match := re.fullmatch(r"((?:19|20|24|25)[0-9]{2})(0[1-9]|1[0-2])(?:\.0)?", text):
        return UnreadableError(
            f'"{seen}" น่าจะเป็นปีและเดือนติดกัน — เขียนแบบ {match[1]}-{match[2]}',
            f'"{seen}" seems to be year and month in one; write {match[1]}-{match[2]}',
        )
    return UnreadableError(
        f'"{seen}" ไม่ใช่งวดเดือนหรือไตรมาส — เขียนแบบ 2025-09, 2568-Q3 หรือ 3/2568',
        f'"{seen}" is not a period, neither a month nor a quarter; write 2025-09, 2025-Q3 or 3/2568',
        is_near=bool(re.match(rf"(?:{_QUARTER_WORD}\s*[1-4]|[1-4]q|(?:{_NAME})[. ])", text)),
    )


def period(cell: Any, years: Era = "") -> pd.Period:
    """The period alone (frequency Q, M or Y); see ``moment``."""
    return moment(cell, years).period


def period_in(text: str, years: Era = "") -> pd.Period | None:
    """The one month or quarter that a title or a file name speaks of; None where there is none, or more than one."""
    cleaned, months = _without_months(visible(text).casefold())
    cleaned = whole = _without_days(re.sub(r"\([^()]*\)", " ", cleaned), years)
    cleaned = " ".join(_folded(cleaned.replace("_", " ")).split())
    found = set()
    for kind in ("quarter", "range", "month"):
        for pattern in _PATTERNS[kind]:
            # A year may follow letters (LFS2568Q3), anything else stands alone.
            before = "(?<![0-9])" if pattern.pattern.startswith("(?P<year>") else "(?<![0-9a-z])"
            loose = re.compile(rf"{before}{pattern.pattern[:-2]}(?![0-9])")
            for match in loose.finditer(cleaned):
                try:
                    read = _period_of(kind, match, text, years)
                    _refuse_fiscal(whole, months, read, text)
                    found.add(read)
                except UnreadableError:
                    continue
        if found:
            break
    return found.pop() if len(found) == 1 else None


def _without_days(text: str, years: Era) -> str:
    """A title without days of printing (``1/10/2568``, ``15 ต.ค. 2568``); the last day of a month stands for it."""
    text = re.sub(r"(?<![0-9])[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}(?![0-9])", " ", text)

    def kept(match: re.Match[str]) -> str:
        try:
            day = moment(match[0], years).day
        except UnreadableError:
            return " "
        return match[0].lstrip("0123456789 ") if day and (day + dt.timedelta(days=1)).day == 1 else " "

    return _DAY_IN_TITLE.sub(kept, text)


def year(cell: Any) -> int:
    """Christian year of ``2568``, ``พ.ศ. ๒๕๖๘``, ``2567 (2024)``, ``2024r``. Raises UnreadableError."""
    try:
        found = moment(_whole(cell))
    except UnreadableError:
        found = None
    if found is None or not found.period.freqstr.startswith("Y"):
        raise UnreadableError(f'"{shown(cell)}" ไม่ใช่ปี', f'"{shown(cell)}" is not a year')
    return int(found.period.year)


def quarter(cell: Any) -> int:
    """Number of a quarter: 3 of ``ไตรมาส 3``, ``ไตรมาสที่ ๓``, ``Q3``, ``Q3p``, ``3``. Raises UnreadableError."""
    text = _folded(visible(str(_whole(cell))).casefold())
    match = re.match(rf"{_QUARTER_WORD}?\s*{_WHICH}(?:\s*{_FLAG})*\Z", text)
    if not match:
        raise UnreadableError(f'"{shown(cell)}" ไม่ใช่ไตรมาส', f'"{shown(cell)}" is not a quarter')
    return _QUARTERS.get(match["part"]) or int(match["part"])


def month(cell: Any) -> int:
    """Number of a month: ``09``, ``9``, ``กันยายน``, ``ก.ย.``, ``Sep``. Raises UnreadableError."""
    text = re.sub(r"(?<=[^0-9\s])\s*\*+\Z", "", _folded(visible(str(_whole(cell))).casefold()))
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
        return int(text)
    if text in _MONTHS:
        return _MONTHS[text]
    raise UnreadableError(f'"{shown(cell)}" ไม่ใช่เดือน', f'"{shown(cell)}" is not a month')


def _whole(cell: Any) -> Any:
    """A spreadsheet's 2568.0 as 2568."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _christian(whole: int) -> int:
    try:
        return christian_year(whole)
    except PeriodError as error:
        raise UnreadableError(error.th, error.en) from error


def fiscal_year(day: dt.date) -> int:
    """Buddhist fiscal year of a day: from 1 October it is the next year's."""
    return day.year + BUDDHIST_OFFSET + (day.month >= _FISCAL_START)


def fiscal_quarter(fiscal: int, number_: int) -> pd.Period:
    """Calendar quarter of a fiscal quarter: the first of fiscal 2025 (Christian) is 2024-Q4."""
    return pd.Period(year=fiscal, quarter=1, freq="Q") + (number_ - 2)


def fiscal_month(fiscal: int, number_: int) -> pd.Period:
    """Calendar month of a month of a fiscal year (Christian): October to December lie in the year before."""
    return pd.Period(year=fiscal - (number_ >= _FISCAL_START), month=number_, freq="M")


def timestamp(cell: Any) -> dt.datetime | None:
    """A time stamp of a source (``2021-03-28T05:59:51.000+07:00``); None where there is none that can be read."""
    try:
        found = dt.datetime.fromisoformat(str(cell).strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BANGKOK)
