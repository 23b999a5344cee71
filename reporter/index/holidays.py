"""Moving holidays and working days as regressors of monthly series.

Chinese New Year: three regressors count the share of the 10 days before, the 3 days of and the 7 days after the holiday that fall in each month, less its
long-run monthly mean (as the Census Bureau's genhol does). Thai public holidays: the number that fall on Monday to Friday in each month, less
the mean of that calendar month: Songkran as it was really observed (moved in 2020), Buddhist holidays by the lunar calendar, substitution and special days. The
dates stand in ``data/holidays/thailand.csv``, taken from the library ``holidays`` (PyPI, 0.109), which follows the cabinet's announcements.
"""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache

import numpy as np
import pandas as pd

from reporter.domain.assets import asset

# First day of the Chinese year, from 1990: month and day.
_NEW_YEAR = [
    "0127",
    "0215",
    "0204",
    "0123",
    "0210",
    "0131",
    "0219",
    "0207",
    "0128",
    "0216",
    "0205",
    "0124",
    "0212",
    "0201",
    "0122",
    "0209",
    "0129",
    "0218",
    "0207",
    "0126",
    "0214",
    "0203",
    "0123",
    "0210",
    "0131",
    "0219",
    "0208",
    "0128",
    "0216",
    "0205",
    "0125",
    "0212",
    "0201",
    "0122",
    "0210",
    "0129",
    "0217",
    "0206",
    "0126",
    "0213",
    "0203",
    "0123",
    "0211",
    "0131",
    "0219",
    "0208",
]
_FIRST_YEAR = 1990
_SPANS = {"cnybefore": (-10, 10), "cnyduring": (0, 3), "cnyafter": (3, 7)}
_FORECAST_MONTHS = 24


def new_year_regressors(index: pd.PeriodIndex) -> pd.DataFrame | None:
    """Regressors over the months of ``index`` and two years of forecasts; None where the table of dates ends."""
    months = pd.period_range(index[0], index[-1] + _FORECAST_MONTHS, freq="M")
    last_year = _FIRST_YEAR + len(_NEW_YEAR) - 1
    if months[0].year < _FIRST_YEAR or months[-1].year > last_year:
        return None
    return pd.DataFrame(
        {name: _shares(months, start, length) for name, (start, length) in _SPANS.items()}, index=months
    )


def _shares(months: pd.PeriodIndex, start: int, length: int) -> np.ndarray:
    """Share of a span of days in each month, centred on the mean of its calendar month over the table."""
    shares: dict[tuple[int, int], float] = {}
    totals = np.zeros(13)
    for offset, text in enumerate(_NEW_YEAR):
        first = dt.date(_FIRST_YEAR + offset, int(text[:2]), int(text[2:])) + dt.timedelta(days=start)
        for day in range(length):
            date = first + dt.timedelta(days=day)
            shares[(date.year, date.month)] = shares.get((date.year, date.month), 0.0) + 1.0 / length
            totals[date.month] += 1.0 / length
    means = totals / len(_NEW_YEAR)
    return np.array([shares.get((month.year, month.month), 0.0) - means[month.month] for month in months])


def working_day_regressors(index: pd.PeriodIndex) -> pd.DataFrame | None:
    """Chinese New Year and Thai public holidays over the months of ``index`` and two years of forecasts; None where a table ends."""
    moving = new_year_regressors(index)
    counts, means = _holidays()
    if moving is None:
        return None
    months = pd.PeriodIndex(moving.index)
    years = {year for year, _ in counts}
    if months[0].year < min(years):
        return None
    # Beyond the table (years whose holidays are not announced yet) a month has its usual number.
    values = [
        counts.get((month.year, month.month), 0) - means[month.month] if month.year in years else 0.0
        for month in months
    ]
    return moving.assign(thai=values)


@cache
def _holidays() -> tuple[dict[tuple[int, int], int], dict[int, float]]:
    """Holidays on Monday to Friday by (year, month), and their mean by calendar month."""
    with asset("data", "holidays", "thailand.csv").open(encoding="utf-8", newline="") as stream:
        dates = [dt.date.fromisoformat(row["date"]) for row in csv.DictReader(stream)]
    counts: dict[tuple[int, int], int] = {}
    for date in dates:
        if date.weekday() < 5:
            counts[date.year, date.month] = counts.get((date.year, date.month), 0) + 1
    years = len({date.year for date in dates})
    means = {month: sum(n for (_, m), n in counts.items() if m == month) / years for month in range(1, 13)}
    return counts, means
