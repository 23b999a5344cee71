"""Forecast errors of the newest values of many series: t, the error in units of the usual error.

Goes in: series in rows. Comes out: for the newest block of each series what was expected, t and r. The usual
size of an error is the larger of several robust ones, because a series that is calm in most periods and rough in a few
would otherwise give false alarms in every volatile period. Years of a known disturbance are left out of the scale.
"""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain.declarations import Name, asset, names
from reporter.domain.errors import DeclarationError, Finding
from reporter.index.panel import MAD_TO_SD
from reporter.index.seasonal import Key

# Quantiles of |error| that must agree with the scale, over the same quantile of a normal law: tails heavier than the normal
# one widen the scale.
_TAILS = {0.9: 1.645, 0.95: 1.96, 0.98: 2.326}
_RECENT_TAILS = {0.9: 1.645, 0.95: 1.96}
# The tail beyond the largest tenth of the past errors is a power law (Hill, 1975): its exponent says how much larger than that
# tenth an error of one in a thousand is. Few errors lie in the tail, so the exponent is drawn to that of mildly heavy tails.
_TAIL_SHARE, _RARE, _RARE_NORMAL = 0.1, 0.001, 3.291
_USUAL_EXPONENT, _EXPONENT_COUNT = 0.2, 10
_RECENT_YEARS = 8  # an older calm or unrest says little of today
_LEAST_RECENT = 12  # errors: fewer have no usable tail
_LEVEL_FLOOR = 1e-3  # published values move by a thousandth of their level for no reason at all
_UNDERFLOW = 1e-6  # a value of 0 or below in a series of positive ones is taken as a millionth of its smallest in logarithms


class Surprise(NamedTuple):
    """N x block arrays; 0 where there is no value or too short a past.

    t        distance from the forecast in usual errors of the whole past
    recent   the same in usual errors of the last eight years
    expected forecast in the units of the series
    never    whether the value is zero or of a sign that the series never had
    usable   N: whether the past is long enough to judge by
    """

    t: np.ndarray
    recent: np.ndarray
    expected: np.ndarray
    never: np.ndarray
    usable: np.ndarray


class Judged(NamedTuple):
    """Series of a panel that are looked at, and how surprising their newest values are."""

    panel: Panel
    surprise: Surprise


class _Chosen(NamedTuple):
    """Errors in levels or in logarithms, whichever forecast better."""

    errors: np.ndarray
    settled: np.ndarray
    is_log: np.ndarray


def surprises(
    y: np.ndarray,
    season: int,
    block: int,
    *,
    disturbed: np.ndarray,
    in_level: np.ndarray,
    least_errors: int,
    floor: np.ndarray | float = 0.0,
) -> Surprise:
    """Judge the last ``block`` values of every series.

    y          N x T, newest last, NaN where nothing is known
    disturbed  N x T: periods whose errors count for no scale
    in_level   N: series that may not be taken in logarithms (growth rates, differences)
    least_errors  past errors that it takes to judge
    floor      smallest usual error in the units of the series: one number or N
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without a single value
        return _judged(y, season, block, disturbed, in_level, (least_errors, floor))


def _judged(
    y: np.ndarray,
    season: int,
    block: int,
    disturbed: np.ndarray,
    in_level: np.ndarray,
    least: tuple[int, np.ndarray | float],
) -> Surprise:
    past, new = y[:, :-block], y[:, -block:]
    positive = (np.nanmin(past, axis=1) > 0) & ~in_level
    smallest = np.nanmin(np.where(past > 0, past, np.nan), axis=1) * _UNDERFLOW
    chosen = _errors(y, season, block, positive, smallest)
    errors = np.where(chosen.settled, np.abs(chosen.errors[:, :-block]), np.nan)
    calm = np.where(disturbed[:, :-block], np.nan, errors)
    level = np.nanmedian(np.abs(past), axis=1)
    small = np.maximum(np.maximum(rounding_step(past) / 2, _LEVEL_FLOOR * level), least[1])
    small = np.where(chosen.is_log, small / np.maximum(level, 1e-300), small)
    whole = np.maximum.reduce(
        [
            MAD_TO_SD * np.nanmedian(errors, axis=1),
            *_tails(calm, _TAILS),
            _rare_errors(calm) / _RARE_NORMAL,
            small,
        ]
    )
    recent = _recent_scale(calm[:, -_RECENT_YEARS * season :], small, season, whole)
    usable = np.isfinite(errors).sum(axis=1) >= least[0]
    found = chosen.errors[:, -block:]
    judged = usable[:, None] & np.isfinite(found)
    size = np.where(judged, np.abs(found), 0.0)
    logs = np.log(np.maximum(new, smallest[:, None]))
    expected = np.where(chosen.is_log[:, None], np.exp(logs - found), new - found)
    below = (new < 0) & (np.nanmin(past, axis=1) >= 0)[:, None]
    # A series that never was 0 or below is 0 only where nothing is known. One that has both signs passes through 0 at times.
    zero = (new == 0) & (np.nanmin(past, axis=1) > 0)[:, None]
    return Surprise(
        size / np.maximum(whole, 1e-300)[:, None],
        size / np.maximum(recent, 1e-300)[:, None],
        expected,
        usable[:, None] & (below | zero),
        usable,
    )


def _errors(y: np.ndarray, season: int, block: int, positive: np.ndarray, smallest: np.ndarray) -> _Chosen:
    """Errors in levels, or in logarithms where all of the past is positive and they fit better (by the Jacobian)."""
    own = one_step_errors(y, season, block)
    errors, is_log = own.values.copy(), np.zeros(len(y), bool)
    rows = np.flatnonzero(positive)
    if len(rows):
        logs = np.log(np.maximum(y[rows], smallest[rows, None]))
        other = one_step_errors(logs, season, block)
        mean_log = np.nanmean(np.where(own.settled[rows], logs[:, :-block], np.nan), axis=1)
        better = np.log(other.loss) + np.nan_to_num(mean_log) < np.log(own.loss[rows])
        is_log[rows[better]] = True
        errors[rows[better]] = other.values[better]
    return _Chosen(errors, own.settled, is_log)


def _tails(errors: np.ndarray, tails: dict[float, float]) -> list[np.ndarray]:
    quantiles = np.nanquantile(errors, list(tails), axis=1)
    return [one / normal for one, normal in zip(quantiles, tails.values(), strict=True)]


def _rare_errors(errors: np.ndarray) -> np.ndarray:
    """Size of an error that comes once in a thousand, from how the largest tenth of the past ones spread."""
    least = np.nanquantile(errors, 1 - _TAIL_SHARE, axis=1)
    beyond = np.where(errors > least[:, None], np.log(errors / least[:, None]), np.nan)
    count = np.isfinite(beyond).sum(axis=1)
    exponent = (np.nansum(beyond, axis=1) + _USUAL_EXPONENT * _EXPONENT_COUNT) / (count + _EXPONENT_COUNT)
    return least * (_TAIL_SHARE / _RARE) ** exponent


def _recent_scale(recent: np.ndarray, small: np.ndarray, season: int, whole: np.ndarray) -> np.ndarray:
    """Usual error of the last years; that of the whole past where they hold too few."""
    scale = np.maximum.reduce(
        [
            MAD_TO_SD * np.nanmedian(recent, axis=1),
            *_tails(recent, _RECENT_TAILS),
            _rare_errors(recent) / _RARE_NORMAL,
            small,
        ]
    )
    enough = np.isfinite(recent).sum(axis=1) >= max(_LEAST_RECENT, 2 * season)
    return np.where(enough, scale, whole)


def rounding_step(past: np.ndarray) -> np.ndarray:
    """Smallest distance between two different values of each series: the step that they are rounded to."""
    ordered = np.sort(np.round(past, 10), axis=1)  # NaN last
    steps = np.diff(ordered, axis=1)
    steps = np.where(steps > 0, steps, np.inf).min(axis=1)
    return np.where(np.isfinite(steps), steps, 0.0)


__all__ = ["Judged", "Surprise", "rounding_step", "surprises"]


# ----------------------------------------------------------------------------------------------------
# One-step forecast errors of many series at once: robust seasonal ARIMA filters on a small grid of parameters.
#
# Goes in: series in rows, the newest value in the last column, NaN before a series begins and in its holes. Comes out: how
# far every value lay from what the values before it let one expect. Every series takes the filter of the grid that
# forecast its own past best; no likelihood is maximised, so 2,000 series take seconds and the newest value decides nothing.
# Method: (1 - phi B)(1 - PHI B^s) y = (1 - theta B)(1 - THETA B^s) e; an error beyond three usual ones enters the history
# clipped, as in Gelper, Fried and Croux (2010), "Robust forecasting with exponential and Holt-Winters smoothing".
# ----------------------------------------------------------------------------------------------------

CLIP = 3.0  # beyond three usual errors a value is an outlier for the values after it
SETTING_UP_YEARS = 2  # the first years set a seasonal filter up; their errors say nothing
_LARGEST = 4.0  # an error counts for the choice of the filter with at most four median ones


def _grid() -> np.ndarray:
    """(phi, PHI, theta, THETA) in columns: from a wandering level with season to growth rates about their mean."""
    airline = [(1, 1, t, s) for t, s in product((-0.3, 0, 0.3, 0.6, 0.85), (0, 0.4, 0.7, 0.95))]
    level = [(1, 0, t, 0) for t in (-0.5, -0.25, 0, 0.3, 0.6, 0.85)]
    last_year = [(p, 1, 0, s) for p, s in product((0.3, 0.6, 0.85), (0, 0.4, 0.7, 0.95))]
    mean = [(p, 0, 0, s) for p, s in product((0.4, 0.7, 0.9), (0, 0.4, 0.7))]
    return np.array(airline + level + last_year + mean, float).T


GRID = _grid()


class Errors(NamedTuple):
    """Errors of the filter that each series took.

    values   N x T, NaN where there is no forecast or no value
    loss     N: mean of the past errors, large ones cut; what the filter was chosen by
    settled  N x (T - block): whether a past error counts (the first years only set the filter up)
    """

    values: np.ndarray
    loss: np.ndarray
    settled: np.ndarray


def one_step_errors(y: np.ndarray, season: int, block: int) -> Errors:
    """Errors of the best filter of the grid for every series; the last ``block`` values do not enter the choice.

    y       N x T values; season 4 or 12; block at least 1
    """
    past = y[:, :-block]
    middle = np.nanmedian(past, axis=1)
    settled = np.isfinite(past).cumsum(axis=1) > SETTING_UP_YEARS * season
    unbounded = np.full((len(y), GRID.shape[1]), np.inf)
    first = np.where(settled[:, None], filtered(past, season, unbounded, middle), np.nan)
    usual = MAD_TO_SD * _medians(np.abs(first))
    least = (
        1e-4 * np.minimum(1, np.nanmedian(np.abs(past), axis=1)) + 1e-12
    )  # of a series that hardly ever moves
    usual = np.maximum(np.nan_to_num(usual, nan=1e300), least[:, None])
    errors = filtered(y, season, usual, middle)
    loss = _loss(np.where(settled[:, None], errors[:, :, : past.shape[1]], np.nan))
    chosen, rows = loss.argmin(axis=1), np.arange(len(y))
    return Errors(errors[rows, chosen], loss[rows, chosen], settled)


def _medians(values: np.ndarray) -> np.ndarray:
    """Median of the known values along the last axis, NaN where there is none; ``np.nanmedian`` takes six times as long here."""
    ordered, count = np.sort(values, axis=-1), (~np.isnan(values)).sum(axis=-1, keepdims=True)
    middle = [
        np.take_along_axis(ordered, np.maximum(at, 0), axis=-1) for at in ((count - 1) // 2, count // 2)
    ]
    return np.where(count > 0, (middle[0] + middle[1]) / 2, np.nan)[..., 0]


def _loss(errors: np.ndarray) -> np.ndarray:
    """N x G: mean absolute error with large ones cut; infinite where nothing was forecast."""
    size = np.abs(errors)
    most = _LARGEST * np.maximum(_medians(size)[..., None], 1e-12)
    loss = np.nanmean(np.minimum(size, most), axis=2)
    return np.where(np.isfinite(loss), loss, np.inf)


def filtered(y: np.ndarray, season: int, usual: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """N x G x T errors of every filter of the grid.

    usual    N x G: size of a usual error. A value farther off than ``CLIP`` of them enters the history at that distance;
             if the one before lay off on the same side too it enters whole: a level shift is followed from its second
             period on. A hole is bridged by its forecast.
    middle   N: subtracted, so that a filter about a mean has one
    """
    n, periods = y.shape
    phi, seasonal_phi, theta, seasonal_theta = (column[None, :] for column in GRID)
    lead = season + 1
    history = np.zeros((periods + lead, n, GRID.shape[1]))
    shocks = np.zeros_like(history)
    out = np.full((periods, n, GRID.shape[1]), np.nan)
    known, side = np.zeros(n, int), np.zeros((n, GRID.shape[1]))
    for t in range(periods):
        at = t + lead
        value = y[:, t] - middle
        seen, warm = np.isfinite(value), known >= lead
        forecast = (
            phi * history[at - 1]
            + seasonal_phi * history[at - season]
            - phi * seasonal_phi * history[at - season - 1]
            - theta * shocks[at - 1]
            - seasonal_theta * shocks[at - season]
            + theta * seasonal_theta * shocks[at - season - 1]
        )
        error = np.where(seen[:, None], value[:, None] - forecast, 0.0)
        far = np.where(np.abs(error) > CLIP * usual, np.sign(error), 0)
        kept = np.where((far != 0) & (far == side), error, np.clip(error, -CLIP * usual, CLIP * usual))
        side = np.where(seen[:, None], far, side)
        shocks[at] = np.where(warm[:, None], kept, 0.0)
        cold = np.where(seen, value, np.where(known > 0, history[at - 1, :, 0], 0.0))
        history[at] = np.where(warm[:, None], forecast + kept, cold[:, None])
        counts = warm & seen
        out[t, counts] = error[counts]
        known += seen | (known > 0)
    return out.transpose(1, 2, 0)


# ----------------------------------------------------------------------------------------------------
# Thresholds and relations of the checks of newest values, from ``data/rules/newest*.toml``.
#
# Goes in: the folder of a workspace, whose own ``rules/newest.toml`` may change single thresholds, or None. Comes out: one frozen
# object. Reasons stand beside the numbers in the files.
# ----------------------------------------------------------------------------------------------------

FILE = "newest.toml"
RELATIONS = "newest_relations.toml"


@dataclass(frozen=True)
class Relation:
    """What several series leave over.

    floor    least usual error of it, in its own units
    is_same  two ids of one quantity
    kind     a kind of groups that the nation is compared with, else ""
    """

    id: str
    formula: str
    members: tuple[str, ...]
    name: Name
    floor: float = 0.01
    is_same: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Limits:
    """Thresholds by table of the file; relations between national series, and of the nation with its groups."""

    tables: dict[str, dict[str, Any]]
    relations: tuple[Relation, ...]
    nation: tuple[Relation, ...]
    least_groups: int
    least_share: float

    def number(self, table: str, name: str) -> float:
        """One threshold."""
        return float(self.tables[table][name])

    @property
    def disturbed_years(self) -> tuple[int, ...]:
        """Years whose errors count for no scale."""
        return tuple(self.tables["surprise"]["disturbed_years"])


def limits(folder: Path | None = None) -> Limits:
    """Thresholds of the package, changed where the workspace's ``rules/newest.toml`` says so. Raises DeclarationError."""
    packaged = tomllib.loads(asset("data", "rules", FILE).read_text(encoding="utf-8"))
    own = _own(folder)
    for table, entries in own.items():
        known = packaged.get(table)
        if known is None or not isinstance(entries, dict):
            raise _broken(table, "ไม่รู้จักกฎนี้", "Unknown rule.")
        for name, value in entries.items():
            if name not in known or not _is_like(value, known[name]):
                raise _broken(f"{table}.{name}", "ไม่รู้จักค่านี้ หรือค่าไม่ใช่ตัวเลข", "Unknown value, or no number.")
    tables = {table: entries | own.get(table, {}) for table, entries in packaged.items()}
    declared = tomllib.loads(asset("data", "rules", RELATIONS).read_text(encoding="utf-8"))
    nation = declared["nation"]
    return Limits(
        tables,
        tuple(_relation(entry) for entry in declared["relation"]),
        tuple(_of_nation(kind, nation) for kind in nation["kinds"]),
        int(nation["least_groups"]),
        float(nation["least_share"]),
    )


def _own(folder: Path | None) -> dict[str, Any]:
    path = folder / "rules" / FILE if folder else None
    if path is None or not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _broken("", f"ไม่ใช่ TOML ที่ถูกต้อง: {error}", f"Not valid TOML: {error}") from error


def _is_like(value: Any, packaged: Any) -> bool:
    if isinstance(packaged, list):
        return isinstance(value, list) and all(isinstance(one, int) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _relation(entry: dict[str, Any]) -> Relation:
    return Relation(
        entry["id"],
        entry["formula"],
        names(entry["formula"]),
        Name(entry["th"], entry["en"]),
        float(entry.get("floor", 0.01)),
        bool(entry.get("same", False)),
    )


def _of_nation(kind: str, entry: dict[str, Any]) -> Relation:
    words = {"REGION": ("ภาค", "regions"), "PROVINCE": ("จังหวัด", "provinces")}[kind]
    name = Name(entry["th"].format(kind=words[0]), entry["en"].format(kind=words[1]))
    return Relation(f"nation_{kind.lower()}", "", (), name, float(entry["floor"]), kind=kind)


def _broken(column: str, th: str, en: str) -> DeclarationError:
    found = Finding("error", f"rules/{FILE}", th, en, column=column or None, rule="declaration")
    return DeclarationError(f"rules/{FILE}: {th}", f"rules/{FILE}: {en}", [found])


# ----------------------------------------------------------------------------------------------------
# Series of one frequency in the rows of an array, as the checks of newest values look at them.
#
# Goes in: the history of observations (docs/tables.md). Comes out: panels. The newest value of each series stands in the last
# column, whenever that was, so that 2,000 series that end in different months are judged in one go.
# ----------------------------------------------------------------------------------------------------

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
    """One panel for each frequency, up to the end of a quarter; series of two frequencies are in both."""
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
