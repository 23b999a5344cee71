"""How surprising the newest values of many series are: t, the distance from the forecast in usual errors.

Goes in: series in rows (see filters). Comes out: for the newest block of each series what was expected, t and r. The usual
size of an error is the larger of several robust ones, because a series that is calm in most periods and rough in a few
would else cry wolf in every rough one. Years of a known disturbance count for no scale.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from reporter.checks.newest.filters import MAD, one_step_errors
from reporter.checks.newest.panel import Panel

# Quantiles of |error| that must agree with the scale, over the same quantile of a normal law: tails heavier than the normal
# one widen the scale.
_TAILS = {0.9: 1.645, 0.95: 1.96, 0.98: 2.326}
_RECENT_TAILS = {0.9: 1.645, 0.95: 1.96}
_RECENT_YEARS = 8
_LEAST_RECENT = 12
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
    whole = np.maximum.reduce([MAD * np.nanmedian(errors, axis=1), *_tails(calm, _TAILS), small])
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


def _recent_scale(recent: np.ndarray, small: np.ndarray, season: int, whole: np.ndarray) -> np.ndarray:
    """Usual error of the last years; that of the whole past where they hold too few."""
    scale = np.maximum.reduce([MAD * np.nanmedian(recent, axis=1), *_tails(recent, _RECENT_TAILS), small])
    enough = np.isfinite(recent).sum(axis=1) >= max(_LEAST_RECENT, 2 * season)
    return np.where(enough, scale, whole)


def rounding_step(past: np.ndarray) -> np.ndarray:
    """Smallest distance between two different values of each series: the step that they are rounded to."""
    ordered = np.sort(np.round(past, 10), axis=1)  # NaN last
    steps = np.diff(ordered, axis=1)
    steps = np.where(steps > 0, steps, np.inf).min(axis=1)
    return np.where(np.isfinite(steps), steps, 0.0)


__all__ = ["Judged", "Surprise", "rounding_step", "surprises"]
