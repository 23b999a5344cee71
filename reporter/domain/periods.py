"""Quarters and months as users write them: ISO or Buddhist era, Arabic or Thai digits.

Inside the program a quarter is ``pd.Period(freq="Q-DEC")`` and a month ``pd.Period(freq="M")``; in files a
quarter is ``2025-Q3`` and a month ``2025-09``. A year of 2400 or later is Buddhist (contract.md, Words).

The modules of ``domain`` load pandas where they use it: the process that sets pages needs them without it, and starts sooner.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING

from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

BUDDHIST_OFFSET = 543  # years between the Buddhist and the Christian era
BANGKOK = dt.timezone(dt.timedelta(hours=7))  # the time of releases, deliveries and files
LAGS = {"quarter": 1, "year": 4}  # comparisons of the report: how many quarters back each looks
FIRST_BUDDHIST_YEAR = 2400  # a year from it on is of the Buddhist era
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
THAI_LETTER = re.compile("[\u0e00-\u0e7f]")
_YEAR_QUARTER = re.compile(r"([0-9]{4})\s*[-/ ]?\s*[Qq]\s*([1-4])\Z")
_QUARTER_YEAR = re.compile(r"(?:[Qq]|ไตรมาส(?:ที่)?\s*)?([1-4])\s*/\s*([0-9]{4})\Z")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z")


class PeriodError(UsageError):
    """A text is not a period; becomes an input finding when it stood in a file."""


def now_in_bangkok() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(BANGKOK)


def today_in_bangkok() -> dt.date:
    """The date in Bangkok, whatever the time zone of the machine: it decides what is known, due or late."""
    return now_in_bangkok().date()


def arabic_digits(text: str) -> str:
    """Turn Thai digits into Arabic ones; leave everything else alone."""
    return text.translate(_THAI_DIGITS)


def christian_year(year: int) -> int:
    """Christian year of a year that may be Buddhist (2400 or later). Raises PeriodError outside 1900..2200."""
    christian = year - BUDDHIST_OFFSET if year >= FIRST_BUDDHIST_YEAR else year
    if not _FIRST_YEAR <= christian <= _LAST_YEAR:
        raise PeriodError(f"ปี {year} อยู่นอกช่วงที่รับได้", f"Year {year} is out of range.")
    return christian


def parse_quarter(text: str) -> pd.Period:
    """Quarter written ``2025-Q3``, ``2568-Q3``, ``3/2568`` or ``ไตรมาสที่ 3/2568``. Raises PeriodError."""
    cleaned = arabic_digits(str(text).strip())
    if match := _YEAR_QUARTER.match(cleaned):
        year, quarter = int(match[1]), int(match[2])
    elif match := _QUARTER_YEAR.match(cleaned):
        quarter, year = int(match[1]), int(match[2])
    else:
        raise PeriodError(
            f'"{text}" ไม่ใช่ไตรมาส — เขียนแบบ 2025-Q3, 2568-Q3 หรือ 3/2568',
            f'"{text}" is not a quarter; write 2025-Q3, 2568-Q3 or 3/2568.',
        )
    import pandas as pd

    return pd.Period(year=christian_year(year), quarter=quarter, freq="Q")


def parse_month(text: str) -> pd.Period:
    """Month written ``2025-09`` or ``2568-09``. Raises PeriodError."""
    cleaned = arabic_digits(str(text).strip())
    if not (match := _MONTH.match(cleaned)):
        raise PeriodError(f'"{text}" ไม่ใช่เดือน — เขียนแบบ 2025-09', f'"{text}" is not a month; write 2025-09.')
    import pandas as pd

    return pd.Period(year=christian_year(int(match[1])), month=int(match[2]), freq="M")


def parse_period(text: str) -> pd.Period:
    """Quarter or month, recognised by its form. Raises PeriodError."""
    try:
        return parse_month(text) if _MONTH.match(arabic_digits(str(text).strip())) else parse_quarter(text)
    except PeriodError as error:
        if "ไม่ใช่" not in error.th:
            raise
        raise PeriodError(
            f'"{text}" ไม่ใช่เดือนหรือไตรมาส — เขียนแบบ 2025-09 หรือ 2025-Q3',
            f'"{text}" is neither a month nor a quarter; write 2025-09 or 2025-Q3.',
        ) from error


def iso(period: pd.Period) -> str:
    """``2025-Q3`` or ``2025-09``: the form used in files."""
    if period.freqstr.startswith("Q"):
        return f"{period.year}-Q{period.quarter}"
    return f"{period.year:04d}-{period.month:02d}"


@cache
def end_of(text: str) -> pd.Timestamp:
    """Last moment of a period written as in files. Raises PeriodError."""
    return parse_period(text).end_time


def year_before(quarter: pd.Period) -> pd.Period:
    """Last quarter of the year before: what a year's seasonal models are chosen on."""
    import pandas as pd

    return pd.Period(year=quarter.year - 1, quarter=4, freq="Q-DEC")


def buddhist_year(period: pd.Period) -> int:
    """Buddhist year of a period, as readers see it."""
    return int(period.year) + BUDDHIST_OFFSET


def archive_path(quarter: pd.Period) -> str:
    """``2568/q3``: where an issue stands in the website archive, for ever."""
    return f"{buddhist_year(quarter)}/q{quarter.quarter}"


__all__ = [
    "PeriodError",
    "arabic_digits",
    "archive_path",
    "buddhist_year",
    "christian_year",
    "end_of",
    "iso",
    "parse_month",
    "parse_period",
    "parse_quarter",
    "year_before",
]
