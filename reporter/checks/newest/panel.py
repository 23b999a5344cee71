"""Series of one frequency in the rows of an array, as the checks of newest values look at them.

Goes in: the history of observations (docs/tables.md). Comes out: panels. The newest value of each series stands in the last
column, whenever that was, so that 2,000 series that end in different months are judged in one go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Key = tuple[str, str]
SEASON = {"M": 12, "Q": 4}
BLOCK = {"M": 3, "Q": 1}  # the newest quarter
_SERIES = ["indicator", "group"]


@dataclass(frozen=True)
class Panel:
    """Series in rows.

    frequency  "M" or "Q"
    keys       (indicator, group) of each row
    values     N x T; NaN before a series begins and in its holes
    last       N: ordinal of the period in the last column
    """

    frequency: str
    keys: list[Key]
    values: np.ndarray
    last: np.ndarray

    @property
    def season(self) -> int:
        """Periods a year."""
        return SEASON[self.frequency]

    @property
    def block(self) -> int:
        """Periods of the newest quarter."""
        return BLOCK[self.frequency]

    def period(self, row: int, column: int) -> pd.Period:
        """Period of a cell; columns count from the end, -1 is the newest."""
        return pd.Period(ordinal=int(self.last[row]) + column + 1, freq=_freq(self.frequency))

    def in_years(self, years: Sequence[int]) -> np.ndarray:
        """N x T: whether a cell lies in one of the years."""
        ordinals = self.last[:, None] + np.arange(-self.values.shape[1] + 1, 1)[None, :]
        return np.isin(1970 + ordinals // self.season, list(years))

    def rows(self, chosen: Sequence[int] | np.ndarray) -> Panel:
        """Some of the series, without the columns in which none of them has a value."""
        values = self.values[chosen]
        known = np.flatnonzero(np.isfinite(values).any(axis=0))
        first = int(known[0]) if len(known) else 0
        return Panel(self.frequency, [self.keys[at] for at in chosen], values[:, first:], self.last[chosen])

    def series(self, row: int) -> pd.Series:
        """One series by period, from its first value on."""
        values = self.values[row]
        first = int(np.flatnonzero(np.isfinite(values))[0])
        end = pd.Period(ordinal=int(self.last[row]), freq=_freq(self.frequency))
        return pd.Series(values[first:], pd.period_range(end=end, periods=len(values) - first))


def frequency_of(values: pd.Series) -> str:
    """M or Q, of a series by period."""
    return pd.PeriodIndex(values.index).freqstr[0]


def _freq(frequency: str) -> str:
    return "M" if frequency == "M" else "Q-DEC"


def panels(newest: pd.DataFrame, quarter: pd.Period | None = None) -> list[Panel]:
    """One panel for each frequency, up to the end of a quarter; series of two frequencies stand in both."""
    found = []
    known = newest[np.isfinite(newest["value"].to_numpy(float))]
    for frequency in ("Q", "M"):
        own = known[known["frequency"] == frequency]
        texts = {
            text: pd.Period(text.replace("-Q", "Q"), freq=_freq(frequency)).ordinal
            for text in own["period"].unique()
        }
        at = own["period"].map(texts).to_numpy(int)
        if quarter is not None:
            end = quarter.asfreq(_freq(frequency), how="end").ordinal
            own, at = own[at <= end], at[at <= end]
        if len(own):
            found.append(_panel(frequency, own, at))
    return found


def _panel(frequency: str, own: pd.DataFrame, at: np.ndarray) -> Panel:
    rows = own.groupby(_SERIES, sort=True).ngroup().to_numpy()
    names = own[_SERIES].to_numpy()[np.unique(rows, return_index=True)[1]]
    last = np.full(len(names), -(10**6))
    np.maximum.at(last, rows, at)
    width = int((last[rows] - at).max()) + 1
    values = np.full((len(names), width), np.nan)
    values[rows, width - 1 - (last[rows] - at)] = own["value"].to_numpy(float)
    return Panel(frequency, [(str(a), str(b)) for a, b in names], values, last)


def stacked(series: Mapping[Key, pd.Series], frequency: str) -> Panel:
    """Series of one frequency, each with a value at its end, as a panel; there is at least one."""
    width = max(len(one) for one in series.values())
    values = np.full((len(series), width), np.nan)
    for row, one in enumerate(series.values()):
        values[row, width - len(one) :] = one.to_numpy(float)
    last = np.array([one.index[-1].ordinal for one in series.values()])
    return Panel(frequency, list(series), values, last)
