"""One-step forecast errors of many series at once: robust seasonal ARIMA filters on a small grid of parameters.

Goes in: series in rows, the newest value in the last column, NaN before a series begins and in its holes. Comes out: how
far every value lay from what the values before it let one expect. Every series takes the filter of the grid that
forecast its own past best; no likelihood is maximised, so 2,000 series take seconds and the newest value decides nothing.
Method: (1 - phi B)(1 - PHI B^s) y = (1 - theta B)(1 - THETA B^s) e; an error beyond three usual ones enters the history
clipped, as in Gelper, Fried and Croux (2010), "Robust forecasting with exponential and Holt-Winters smoothing".
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

CLIP = 3.0  # beyond three usual errors a value is an outlier for the values after it
MAD = 1.4826  # a median absolute deviation in standard deviations of a normal law
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
    """Errors of the best filter of the grid for every series; the last ``block`` values have no say in the choice.

    y       N x T values; season 4 or 12; block at least 1
    """
    past = y[:, :-block]
    middle = np.nanmedian(past, axis=1)
    settled = np.isfinite(past).cumsum(axis=1) > SETTING_UP_YEARS * season
    unbounded = np.full((len(y), GRID.shape[1]), np.inf)
    first = np.where(settled[:, None], filtered(past, season, unbounded, middle), np.nan)
    usual = MAD * np.nanmedian(np.abs(first), axis=2)
    least = (
        1e-4 * np.minimum(1, np.nanmedian(np.abs(past), axis=1)) + 1e-12
    )  # of a series that hardly ever moves
    usual = np.maximum(np.nan_to_num(usual, nan=1e300), least[:, None])
    errors = filtered(y, season, usual, middle)
    loss = _loss(np.where(settled[:, None], errors[:, :, : past.shape[1]], np.nan))
    chosen, rows = loss.argmin(axis=1), np.arange(len(y))
    return Errors(errors[rows, chosen], loss[rows, chosen], settled)


def _loss(errors: np.ndarray) -> np.ndarray:
    """N x G: mean absolute error with large ones cut; infinite where nothing was forecast."""
    size = np.abs(errors)
    most = _LARGEST * np.maximum(np.nanmedian(size, axis=2, keepdims=True), 1e-12)
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
