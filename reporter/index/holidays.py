"""Chinese New Year as a regressor: the one moving holiday that shifts Thai monthly figures.

Songkran is fixed in April and so is part of the seasonal pattern. Three regressors count the share of the 10 days
before, the 3 days of and the 7 days after the holiday that fall in each month, less its long-run monthly mean (as
the Census Bureau's genhol does).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

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
