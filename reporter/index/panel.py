"""The panel: every indicator's raw series as it was known, cut at the issue's quarter.

Goes in: ``observations`` and the declarations. Comes out: one ``Series`` per indicator with data, on an unbroken
monthly or quarterly index with NaN for holes. Gaps by sex are computed here from their two components
(method.md, 1: KILM 15).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from reporter.domain.declarations import Declarations, Indicator

Array = NDArray[np.float64]
MAD_TO_SD = 1.4826  # 1 / Phi^-1(3/4): from median absolute deviation to standard deviation under normality


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


# ----------------------------------------------------------------------------------------------------
# Other methods of extracting a cycle from a series, for the sensitivity of the index only: none of them is used for a published number.
#
# Goes in: an adjusted series in level or in 100 times its logarithm. Comes out: its cycle, NaN at holes and where the method
# has no value yet. Methods: Hamilton (2018), what could not be foreseen two years before; the one-sided Hodrick-Prescott
# filter, which sees no future; the band-pass filter of Christiano and Fitzgerald (2003), cycles of 1.5 to 8 years; the
# biweight local mean of Stock and Watson (2012) over ten years to either side, with a slope so that a trend does not bend
# its ends.
# ----------------------------------------------------------------------------------------------------

_SMOOTHING = {4: 1_600.0, 12: 129_600.0}  # Ravn and Uhlig (2002) for months
_FORESEEN_YEARS, _LAGS_YEARS = 2, 1  # Hamilton (2018): the value two years ahead, projected on a year of lags
_BAND_YEARS = (1.5, 8.0)  # length of business cycles, Burns and Mitchell (1946)
_LOCAL_YEARS = 10.0  # Stock and Watson's 25 would leave the trend in a series of 17 years
_START_YEARS = 3  # the one-sided filter has not settled before


def _per_year(values: pd.Series) -> int:
    return 12 if is_monthly(values) else 4


def _whole(values: pd.Series) -> np.ndarray:
    """The series with straight lines over its holes."""
    return values.astype(float).interpolate(limit_direction="both").to_numpy()


def _like(values: pd.Series, cycle: np.ndarray) -> pd.Series:
    return pd.Series(cycle, values.index).where(values.notna())


def hamilton(values: pd.Series, end: pd.Period) -> pd.Series:
    """Error of the forecast two years ahead from four quarters or twelve months, learned up to ``end``."""
    per_year = _per_year(values)
    ahead, lags = _FORESEEN_YEARS * per_year, _LAGS_YEARS * per_year
    whole, start = _whole(values), ahead + lags - 1
    if len(whole) < start + 2 * (lags + 1):
        return values - values.mean()
    columns = [whole[start - ahead - lag : len(whole) - ahead - lag] for lag in range(lags)]
    design = np.column_stack([np.ones(len(whole) - start), *columns])
    target = whole[start:]
    learned = np.asarray(values.index[start:] <= last_row(values, end))
    learned = learned if learned.sum() > lags + 1 else np.ones(len(target), dtype=bool)
    slopes = np.linalg.lstsq(design[learned], target[learned], rcond=None)[0]
    cycle = np.full(len(whole), np.nan)
    cycle[start:] = target - design @ slopes
    return _like(values, cycle)


@lru_cache(maxsize=32)
def _last_rows(count: int, smoothing: float) -> np.ndarray:
    """Weights of the Hodrick-Prescott trend's newest value, one row for each length of the series up to ``count``."""
    rows = np.zeros((count, count))
    for size in range(3, count + 1):
        bands = np.zeros((3, size))
        for offset, weight in ((0, 1.0), (1, -2.0), (2, 1.0)):
            bands[2, offset : size - 2 + offset] += smoothing * weight**2
        bands[1, 1 : size - 1] -= 2 * smoothing
        bands[1, 2:size] -= 2 * smoothing
        bands[0, 2:] += smoothing
        bands[2] += 1.0
        newest = np.zeros(size)
        newest[-1] = 1.0
        rows[size - 1, :size] = solveh_banded(bands, newest, lower=False)
    return rows


def one_sided(values: pd.Series, end: pd.Period) -> pd.Series:
    """Deviation from the Hodrick-Prescott trend as it was known at each moment; without the first three years."""
    per_year, whole = _per_year(values), _whole(values)
    cycle = whole - _last_rows(len(whole), _SMOOTHING[per_year]) @ whole
    cycle[: min(_START_YEARS * per_year, len(cycle) // 3)] = np.nan
    return _like(values, cycle)


def band_pass(values: pd.Series, end: pd.Period) -> pd.Series:
    """Movements of 1.5 to 8 years (Christiano and Fitzgerald, random walk with drift)."""
    # here, because it is half of what a worker process takes to start
    from statsmodels.tsa.filters.cf_filter import cffilter

    per_year = _per_year(values)
    shortest, longest = (years * per_year for years in _BAND_YEARS)
    cycle, _ = cffilter(_whole(values), low=shortest, high=longest, drift=True)
    return _like(values, np.asarray(cycle, dtype=float))


@lru_cache(maxsize=32)
def _local_lines(count: int, width: float) -> np.ndarray:
    """Weights of a straight line through each place's neighbours: a local mean in the middle, unbiased at the ends."""
    apart = np.subtract.outer(np.arange(count), np.arange(count)).T.astype(float)
    weights = np.where(np.abs(apart) < width, (1 - (apart / width) ** 2) ** 2, 0.0)
    total, first, second = ((weights * apart**power).sum(axis=1, keepdims=True) for power in range(3))
    return np.asarray(weights * (second - first * apart) / (total * second - first**2))


def local_line(values: pd.Series, end: pd.Period) -> pd.Series:
    """Deviation from the biweight local trend."""
    whole = _whole(values)
    if len(whole) < 3:
        return values - values.mean()
    return _like(values, whole - _local_lines(len(whole), _LOCAL_YEARS * _per_year(values)) @ whole)


FILTERS: dict[str, Callable[[pd.Series, pd.Period], pd.Series]] = {
    "hamilton": hamilton,
    "one_sided_hp": one_sided,
    "band_pass": band_pass,
    "local_line": local_line,
}


# ----------------------------------------------------------------------------------------------------
# Long-run trends out, cycles kept (study 3.3.2; hearing 5.4 no. 2).
#
# Goes in: a transformed series. Comes out: its deviation from a trend so slow that it only bends over decades. The
# trend is a penalised least-squares smoother (Whittaker-Henderson, the Hodrick-Prescott filter with holes), with a
# penalty that halves movements of ``SLOW_YEARS`` years and keeps faster ones; it sees the base period only and runs on
# straight, so new quarters do not bend it.
# ----------------------------------------------------------------------------------------------------

SLOW_YEARS = 30.0  # four times the longest cycle (eight years): cycles are kept whole
STRAIGHT_YEARS = 1000.0  # far beyond any series: the smoother is a straight line
TREND_T = (
    2.0  # the usual bound of five per cent; used by the sensitivity table only, the index has no pre-test
)
FEWEST_QUARTERS = 12  # three years: below, a trend cannot be told from a cycle
_SMOOTHERS = {"none": 0.0, "linear": STRAIGHT_YEARS, "medium_trend": 15.0}  # 15 years: half of the slow trend
DECLARED = "declared"  # the study to the letter: the declared form of every indicator, whatever the evidence
OTHERS = (*_SMOOTHERS, DECLARED, *FILTERS)


def trend(values: pd.Series, years: float, end: pd.Period | None = None) -> pd.Series:
    """Slow trend of a series (PeriodIndex M or Q; NaN = hole), straight beyond ``end``.

    years  period of the movements that are halved; 0: the mean, 1000 or more: a straight line
    """
    per_year = 12 if is_monthly(values) else 4
    seen = values.notna().to_numpy()
    if end is not None:
        seen = seen & (values.index <= last_row(values, end))
    if seen.sum() < 3 or years == 0:
        level = float(values[seen].mean()) if seen.any() else 0.0
        return pd.Series(level, values.index)
    if years >= STRAIGHT_YEARS:
        return _straight(values, seen)
    penalty = 1.0 / (2 * np.sin(np.pi / (years * per_year))) ** 4
    return pd.Series(_whittaker(values.to_numpy(dtype=float), seen, penalty), values.index)


def _straight(values: pd.Series, seen: np.ndarray) -> pd.Series:
    time = np.arange(len(values), dtype=float)
    slope, level = np.polyfit(time[seen], values.to_numpy(dtype=float)[seen], 1)
    return pd.Series(level + slope * time, values.index)


def _whittaker(values: np.ndarray, seen: np.ndarray, penalty: float) -> np.ndarray:
    """Solve (W + penalty D'D) trend = W values for second differences D; pentadiagonal."""
    n = len(values)
    bands = np.zeros((3, n))
    for offset, weight in ((0, 1.0), (1, -2.0), (2, 1.0)):
        bands[2, offset : n - 2 + offset] += penalty * weight**2
    bands[1, 1 : n - 1] += -2 * penalty
    bands[1, 2:n] += -2 * penalty
    bands[0, 2:] += penalty
    bands[2] += seen
    return solveh_banded(bands, np.where(seen, values, 0.0), lower=False)


def trend_statistic(values: pd.Series, end: pd.Period | None = None) -> float:
    """t-statistic of a linear trend, allowing for a persistent cycle in the deviations; 0 when too short.

    The deviations are taken as an AR(1) cycle plus noise: persistence from the second to fourth autocovariances,
    corrected upwards for its small-sample bias; the slope is then estimated by generalised least squares.
    """
    quarterly = quarterly_means(values)
    seen = quarterly[:end].dropna() if end is not None else quarterly.dropna()
    count = len(seen)
    if count < FEWEST_QUARTERS:
        return 0.0
    time = np.asarray(periods(seen).astype("int64") - periods(seen)[0].ordinal, dtype=float)
    time = (time - time.mean()) / time.std()
    level = seen.to_numpy(dtype=float)
    deviations = level - np.polyval(np.polyfit(time, level, 1), time)
    covariance, variance = _deviation_covariance(deviations)
    if variance <= 0:
        return 0.0
    design = np.column_stack([np.ones(count), time])
    weighted = np.linalg.solve(covariance, design)
    precision = design.T @ weighted
    slope = np.linalg.solve(precision, weighted.T @ level)[1]
    return float(slope / np.sqrt(np.linalg.inv(precision)[1, 1]))


def kendall_corrected(r: float, count: float) -> float:
    """A first autocorrelation of so many values without its small-sample bias, -(1 + 3 r) / n about the mean (Kendall 1954)."""
    return r + (1 + 3 * r) / count


# Empirical: keeps the covariance matrix away from that of a unit root, under which no slope can be told.
_MOST_PERSISTENT = 0.97


def _deviation_covariance(deviations: np.ndarray) -> tuple[np.ndarray, float]:
    """Covariance matrix of AR(1) plus noise that matches the first autocovariances."""
    count = len(deviations)
    moments = [float((deviations[lag:] * deviations[: count - lag]).mean()) for lag in range(5)]
    earlier = moments[1] + moments[2] + moments[3]
    persistence = (
        float(np.clip((moments[2] + moments[3] + moments[4]) / earlier, 0, _MOST_PERSISTENT))
        if earlier > 0
        else 0.0
    )
    persistence = min(_MOST_PERSISTENT, kendall_corrected(persistence, count))
    share = (
        float(np.clip(moments[1] / persistence / moments[0], 0, 1))
        if moments[0] > 0 and persistence > 0.05
        else 0.0
    )
    lags = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    matrix = share * persistence**lags + (1 - share + 1e-9) * np.eye(count)
    return moments[0] * matrix, moments[0]


class Detrended(NamedTuple):
    """A series without its trend, what was removed ("none", "slow_trend", ...) and the trend's t-statistic."""

    values: pd.Series
    removed: str
    statistic: float


def form_under(choice: str, form: str, declared: str) -> str:
    """Form of an indicator under another detrending: the filters need a level, ``DECLARED`` the declaration's form."""
    if choice == DECLARED:
        return declared
    return "deviation" if choice in FILTERS and form == "growth" else form


def removed(values: pd.Series, form: str, declared: str, end: pd.Period, choice: str = "") -> Detrended:
    """Take the long-run trend out of a series.

    form      "level", "growth" or "deviation" (joint_model.choose_forms, or ``form_under`` another choice)
    declared  "slow_trend" or "none" of the declaration; a deviation always loses its trend, a growth rate has none
    choice    one of OTHERS for the sensitivity table; "" for the declared choice
    """
    statistic = trend_statistic(values, end)
    if form == "growth":
        return Detrended(values, "none", statistic)
    if choice in FILTERS:
        return Detrended(FILTERS[choice](values, end), choice, statistic)
    if choice in _SMOOTHERS and not (choice == "none" and form == "deviation"):
        return Detrended(values - trend(values, _SMOOTHERS[choice], end), choice, statistic)
    if form == "level" and (declared != "slow_trend" or abs(statistic) < TREND_T):
        return Detrended(values, "none", statistic)
    return Detrended(values - trend(values, SLOW_YEARS, end), "slow_trend", statistic)
