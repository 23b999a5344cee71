"""Dates and times as forms write them, with Christian or Buddhist years.

Goes in: a column of texts such as ``2025/11/13 2:02:11 PM GMT+7`` or ``13/11/2568, 14:02``. Comes out: seconds since
1970 (float, NaN where there is no date). Time zones are not applied: only spans and quarters are asked for.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from reporter.domain.errors import ReporterError
from reporter.domain.periods import arabic_digits, christian_year

_YEAR_FIRST = re.compile(r"([12][0-9]{3})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([12][0-9]{3}|[0-9]{2})(?![0-9])")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([AaPp][Mm])?")
_EPOCH = dt.datetime(1970, 1, 1)


def moments(texts: pd.Series) -> np.ndarray:
    """Seconds since 1970 for every text; NaN where no date is recognised.

    Day and month: Thai order, unless some date of the column has a second number above 12.
    """
    places, distinct = pd.factorize(texts.to_numpy(), use_na_sentinel=False)
    written = [arabic_digits(str(text)) for text in distinct]
    shorts = [match for text in written if (match := _YEAR_LAST.search(text))]
    is_month_first = any(int(match[2]) > 12 for match in shorts) and not any(int(m[1]) > 12 for m in shorts)
    seconds = np.array([_seconds(text, is_month_first) for text in written], dtype=float)
    return seconds[places]


def _seconds(text: str, is_month_first: bool) -> float:
    if match := _YEAR_FIRST.search(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.search(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        month, day = (first, second) if is_month_first else (second, first)
        year += 2000 if year < 50 else (2500 if year < 100 else 0)  # 25 is 2025; 68 is 2568
    else:
        return np.nan
    hour, minute, second = _clock(text[match.end() :])
    try:
        moment = dt.datetime(christian_year(year), month, day, hour, minute, second)
    except (ValueError, ReporterError):
        return np.nan
    return (moment - _EPOCH).total_seconds()


def _clock(text: str) -> tuple[int, int, int]:
    if not (match := _TIME.search(text)):
        return 0, 0, 0
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    return min(hour, 23), min(minute, 59), min(second, 59)
