"""The panel: every indicator's raw series as it was known, cut at the issue's quarter.

Goes in: ``observations`` and the declarations. Comes out: one ``Series`` per indicator with data, on an unbroken
monthly or quarterly index with NaN for holes. Gaps by sex are computed here from their two components
(method.md, 1: KILM 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, Indicator


def periods(values: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Index of a series or frame, known to be of periods."""
    assert isinstance(values.index, pd.PeriodIndex)
    return values.index


def is_monthly(values: pd.Series | pd.DataFrame) -> bool:
    """Whether a series or frame is monthly (otherwise it is quarterly)."""
    return periods(values).freqstr == "M"


def quarters_of(values: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Quarter of every row."""
    return periods(values).asfreq("Q-DEC")


def last_row(values: pd.Series | pd.DataFrame, quarter: pd.Period) -> pd.Period:
    """Last period of a quarter in the frequency of ``values``."""
    return quarter.asfreq(periods(values).freqstr, "end")


@dataclass(frozen=True)
class Series:
    """One indicator of one group.

    values    raw values on an unbroken PeriodIndex (freq M or Q-DEC) from first to last observation; NaN = hole
    adjusted  True where the source has adjusted the series already
    """

    indicator: Indicator
    group: str
    values: pd.Series
    adjusted: bool

    @property
    def is_monthly(self) -> bool:
        """Whether the series is monthly."""
        return is_monthly(self.values)

    @property
    def per_year(self) -> int:
        """Observations a year: 12 or 4."""
        return 12 if self.is_monthly else 4


def collect(
    observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period, group: str = "TH"
) -> dict[str, Series]:
    """Series of one group up to the issue's quarter, in declared order; indicators without data are left out.

    observations  rows of docs/tables.md, observations; values not finite count as missing
    quarter       issue's quarter; later observations are ignored
    """
    return by_group(observations[observations["group"] == group], declarations, quarter).get(group, {})


def by_group(
    observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> dict[str, dict[str, Series]]:
    """Series of every group: group -> indicator -> Series, groups in order of their codes."""
    pieces: dict[str, dict[str, tuple[pd.Series, bool]]] = {}
    usable = observations[np.isfinite(observations["value"].to_numpy(dtype=float))]
    placed = usable.assign(ordinal=_ordinals(usable))
    for (group, name), rows in placed.groupby(["group", "indicator"], sort=True):
        values = _values(rows, quarter)
        if len(values):
            pieces.setdefault(str(group), {})[str(name)] = values, bool(rows["adjusted"].to_numpy(bool).all())
    return {group: _indicators(found, declarations, group) for group, found in pieces.items()}


def _ordinals(observations: pd.DataFrame) -> np.ndarray:
    """Position in time of every observation, in its own frequency."""
    texts = observations["period"].astype(str).to_numpy(dtype=object)
    return np.fromiter(map(_ordinal, texts), dtype=np.int64, count=len(texts))


@cache
def _ordinal(text: str) -> int:
    """Position in time of ``2025-Q3`` or ``2025-09``; all groups name the same few periods."""
    return int(pd.Period(text.replace("-Q", "Q")).ordinal)


def _values(rows: pd.DataFrame, quarter: pd.Period) -> pd.Series:
    """Values of one indicator on an unbroken index; when months and quarters are mixed the longer kind counts.

    rows  observations with their ``ordinal``
    """
    monthly = rows["frequency"].to_numpy() == "M"
    is_monthly = bool(monthly.sum() >= (~monthly).sum())
    freq = "M" if is_monthly else "Q-DEC"
    last = (quarter.asfreq("M", "end") if is_monthly else quarter).ordinal
    kept = (monthly == is_monthly) & (rows["ordinal"].to_numpy() <= last)
    ordinals, values = rows["ordinal"].to_numpy()[kept], rows["value"].to_numpy(dtype=float)[kept]
    if not len(ordinals):
        return pd.Series(dtype=float)
    first = int(ordinals.min())
    grid = np.full(int(ordinals.max()) - first + 1, np.nan)
    grid[ordinals - first] = values
    return pd.Series(grid, pd.period_range(pd.Period(ordinal=first, freq=freq), periods=len(grid), freq=freq))


def _indicators(
    found: Mapping[str, tuple[pd.Series, bool]], declarations: Declarations, group: str
) -> dict[str, Series]:
    series: dict[str, Series] = {}
    for name, item in declarations.indicators.items():
        if item.components and all(part in found for part in item.components):
            (first, first_adjusted), (second, second_adjusted) = (found[part] for part in item.components)
            values, adjusted = gap(first, second, item.gap), first_adjusted and second_adjusted
        elif name in found:
            values, adjusted = found[name]
        else:
            continue
        if values.notna().any():
            series[name] = Series(item, group, _trimmed(values), adjusted)
    return series


def gap(male: pd.Series, female: pd.Series, kind: str) -> pd.Series:
    """Gap by sex: |male - female| in points, or in % of the mean of the two where ``kind`` is "relative"."""
    if not male.index.equals(female.index):
        index = male.index.union(female.index)
        male, female = male.reindex(index), female.reindex(index)
    difference = (male - female).abs()
    if kind != "relative":
        return difference
    mean = (male + female) / 2
    return difference / mean.where(mean != 0) * 100


def _trimmed(values: pd.Series) -> pd.Series:
    return values.loc[values.first_valid_index() : values.last_valid_index()]


def value_at(values: pd.Series, period: pd.Period) -> float:
    """Value of one period; NaN where there is none."""
    index = periods(values)
    if index.freqstr != period.freqstr:
        return float("nan")
    (found,) = np.nonzero(index.asi8 == period.ordinal)
    return float(values.to_numpy(dtype=float)[found[0]]) if len(found) else float("nan")


def known_items(values: pd.Series) -> list[tuple[pd.Period, float]]:
    """Periods and values of a series, holes left out."""
    seen = values.dropna()
    return list(zip(periods(seen), seen.to_numpy(dtype=float).tolist(), strict=True))


def quarterly_means(values: pd.Series) -> pd.Series:
    """Quarterly means of what is there (PeriodIndex M or Q in, Q out); a quarter without data is NaN."""
    if not is_monthly(values):
        return values
    months, known = periods(values).asi8, values.to_numpy(dtype=float)
    first = int(months[0]) // 3  # ordinals count from January 1970, a first month of a quarter
    place, seen = months // 3 - first, np.isfinite(known)
    counts = np.bincount(place, weights=seen, minlength=int(place[-1]) + 1)
    sums = np.bincount(place, weights=np.where(seen, known, 0.0), minlength=int(place[-1]) + 1)
    means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    index = pd.period_range(pd.Period(ordinal=first, freq="Q-DEC"), periods=len(means), freq="Q-DEC")
    return pd.Series(means, index)


def macro_values(
    observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> dict[str, pd.Series]:
    """Macro variables of the nation up to the issue's quarter, in declared order."""
    rows = observations[
        observations["indicator"].isin(list(declarations.macro)) & (observations["group"] == "TH")
    ]
    rows = rows[np.isfinite(rows["value"].to_numpy(dtype=float))]
    rows = rows.assign(ordinal=_ordinals(rows))
    found = {}
    for name in declarations.macro:
        values = _values(rows[rows["indicator"] == name], quarter)
        if len(values):
            found[name] = values
    return found


def longest_run(panel: pd.DataFrame) -> pd.DataFrame:
    """Longest stretch of consecutive rows without a missing value; the latest one when two are equal."""
    complete = panel.notna().all(axis=1).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], complete.astype(int), [0]])))
    runs = [(end - start, start, end) for start, end in list(pairwise(edges))[::2]]
    _, start, end = max(runs, default=(0, 0, 0))
    return panel.iloc[start:end]
