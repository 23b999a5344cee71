"""The composite: scale, weights, and the weighted mean of the sub-indices (method.md, 1.4 and 1.5).

Goes in: the dimensions' factors by quarter. Comes out: sub-indices and composite with mean 100 and standard deviation
10 over the base period, and the weights. Everything is estimated on the base period, which ends with the last complete
year before the issue's year, and so stands still through the issues of a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.index.panel import periods

MEAN, SD = 100.0, 10.0
FEWEST_BASE_QUARTERS = 12
LEAST_COVER = 0.5
_MOST_DIMENSIONS = 0.75
_WEIGHT_DECIMALS = 7


class Base(NamedTuple):
    """First and last quarter of the base period."""

    start: pd.Period
    end: pd.Period


@dataclass(frozen=True)
class Composite:
    """Sub-indices, composite and how they were put together.

    sub_indices  quarter x dimension, points; NaN where the dimension has no data
    value        quarter -> points; NaN where less than half of the weight has data
    weights      dimension -> nominal weight, sums to 1
    used         quarter x dimension: weights after spreading those of missing dimensions over the rest
    slope        points of the composite for a point of the weighted mean of the sub-indices
    """

    base: Base
    sub_indices: pd.DataFrame
    value: pd.Series
    weights: pd.Series
    used: pd.DataFrame
    slope: float
    level: float


def base_period(
    factors: pd.DataFrame, quarter: pd.Period, start: pd.Period | None, end: pd.Period | None
) -> Base:
    """Complete years before the issue's year, from the first in which most dimensions have values.

    start, end  override by the settings. With less than three years before the issue's year the base period runs to
                the issue's quarter.
    """
    if end is None:
        end = pd.Period(year=quarter.year - 1, quarter=4, freq="Q-DEC")
    end = min(end, quarter)
    cover = factors.notna().mean(axis=1)
    enough = cover.index[cover >= _MOST_DIMENSIONS * cover.max()]
    if start is None:
        first = enough[0]
        start = first if first.quarter == 1 else pd.Period(year=first.year + 1, quarter=1, freq="Q-DEC")
    if (end - start).n + 1 < FEWEST_BASE_QUARTERS:
        start, end = min(start, enough[0]), quarter
    return Base(max(start, factors.index[0]), end)


def rescaled(factors: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Every column with mean 100 and standard deviation 10 over the base period."""
    scales = np.array([scale_of(values, base) for _, values in factors.items()]).reshape(-1, 2)
    return factors * scales[:, 0] + scales[:, 1]


def scale_of(values: pd.Series, base: Base) -> tuple[float, float]:
    """Slope and level that bring a series to mean 100 and standard deviation 10 over the base period (population formula).

    A series without two different values in the base period is scaled over all its quarters.
    """
    quarters, seen = periods(values).asi8, values.to_numpy(dtype=float)
    known = ~np.isnan(seen)
    within = (quarters >= base.start.ordinal) & (quarters <= base.end.ordinal)
    inside = seen[known & within]
    if len(inside) < 2 or not inside.std() > 0:
        inside = seen[known]
    spread = float(inside.std()) if len(inside) else 0.0
    slope = SD / spread if spread > 0 else 0.0
    return slope, MEAN - slope * float(inside.mean()) if len(inside) else MEAN


def correlation(sub_indices: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (descending) and eigenvectors of the correlations of the sub-indices over the base period."""
    matrix = sub_indices.corr(min_periods=8).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    return np.clip(values[::-1], 0.0, None), vectors[:, ::-1]


def principal_weights(sub_indices: pd.DataFrame, components: int | None = None) -> pd.Series:
    """Weights by the ability to explain the whole labour market.

    sub_indices  quarter x dimension over the base period
    components   how many are kept; None keeps those with an eigenvalue above 1, at least one
    Returns      sum_k (loading_dk^2 / sum_d loading_dk^2) * (explained_k / sum_k explained): >= 0, sums to 1
    """
    values, vectors = correlation(sub_indices)
    kept = components or max(int((values > 1 + 1e-9).sum()), 1)
    share = values[:kept] / values[:kept].sum() if values[:kept].sum() > 0 else np.full(kept, 1 / kept)
    weights = (vectors[:, :kept] ** 2) @ share
    return pd.Series(weights / weights.sum(), sub_indices.columns)


def settled(weights: pd.Series) -> pd.Series:
    """Weights to seven decimals, their sum 1.

    A new value in the issue's year moves the base period's cycles and seasonal factors a little, and with them the weights (docs/index.md).
    What moves them by less than can be seen is kept from making every group's index anew.
    """
    rounded = weights.to_numpy(dtype=float).round(_WEIGHT_DECIMALS)
    rounded[rounded.argmax()] += 1 - rounded.sum()
    return pd.Series(rounded, weights.index)


def combine(factors: pd.DataFrame, base: Base, weights: pd.Series | None = None) -> Composite:
    """Composite of the dimensions' factors (quarter x dimension).

    weights  nominal weights; None computes the principal ones over the base period, to seven decimals
    """
    sub_indices = rescaled(factors, base)
    if weights is None:
        weights = settled(principal_weights(sub_indices[base.start : base.end]))
    used = spread_weights(sub_indices, weights)
    mean = ((sub_indices - MEAN).fillna(0.0) * used).sum(axis=1)
    cover = (sub_indices.notna() * weights).sum(axis=1) / weights.sum()
    mean = mean.where(cover >= min(LEAST_COVER, float(cover.max())))
    slope, level = scale_of(mean, base)
    return Composite(base, sub_indices, level + slope * mean, weights, used, slope, level)


def spread_weights(sub_indices: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Quarter x dimension: weights of the dimensions with data, scaled to sum to 1 in every quarter."""
    present = sub_indices.notna() * weights
    total = present.sum(axis=1)
    return present.div(total.where(total > 0), axis=0).fillna(0.0)


def effective_weights(composite: Composite) -> pd.Series:
    """Share of each dimension in the composite's variance over the base period; sums to 1, may be negative."""
    inside = slice(composite.base.start, composite.base.end)
    parts = ((composite.sub_indices - MEAN).fillna(0.0) * composite.used)[inside]
    whole = parts.sum(axis=1)
    variance = float(whole.var(ddof=0))
    if variance <= 0:
        return composite.weights
    return parts.apply(lambda part: float(np.mean((part - part.mean()) * (whole - whole.mean()))) / variance)
