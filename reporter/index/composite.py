"""The composite: base period, weights and scale (method.md, 1.4 and 1.5), and the index in points from the posterior.

In: the posterior of the dimensions' factors. Out: sub-indices and composite with mean 100 and standard deviation 10 over the base period. Weights,
scale and base are learnt with the model and stand still with it; all dimensions count in every quarter, with their posterior means.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MEAN, SD = 100.0, 10.0
FEWEST_BASE_QUARTERS = 12  # three years
LEAST_COVER = 0.5  # share of the weight that must be observed in the first quarter shown
_MOST_DIMENSIONS = 0.75  # of those that ever have data must be there when the base period starts
_WEIGHT_DECIMALS = 7


def base_of(
    observed: pd.DataFrame, end: pd.Period, start: pd.Period | None = None, stop: pd.Period | None = None
) -> tuple[pd.Period, pd.Period]:
    """First and last quarter of the base: complete years up to ``end`` from the first in which most dimensions have data.

    observed     quarter x dimension, True where a member has data; start, stop: given by the settings
    """
    stop = min(stop or end, observed.index[-1])
    cover = observed.mean(axis=1)
    enough = cover.index[cover >= _MOST_DIMENSIONS * cover.max()]
    if start is None:
        first = enough[0]
        start = first if first.quarter == 1 else pd.Period(year=first.year + 1, quarter=1, freq="Q-DEC")
    if (stop - start).n + 1 < FEWEST_BASE_QUARTERS:
        start, stop = min(start, enough[0]), end
    return max(start, observed.index[0]), stop


def scale_of(values: pd.Series) -> tuple[float, float]:
    """Slope and level that bring values to mean 100 and standard deviation 10 (population formula); slope 0 without variance."""
    spread = float(values.std(ddof=0))
    slope = SD / spread if spread > 0 else 0.0
    return slope, MEAN - slope * float(values.mean())


def correlation(sub_indices: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (descending) and eigenvectors of the correlations of the sub-indices over the base period."""
    matrix = sub_indices.corr(min_periods=8).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    return np.clip(values[::-1], 0.0, None), vectors[:, ::-1]


def principal_weights(sub_indices: pd.DataFrame, components: int | None = None) -> tuple[pd.Series, int]:
    """Weights by the ability to explain the whole labour market, and the number of components kept.

    sub_indices  quarter x dimension over the base period
    components   how many are kept; None keeps those with an eigenvalue above 1, at least one
    Returns      sum_k (loading_dk^2 / sum_d loading_dk^2) * (explained_k / sum_k explained): >= 0, sums to 1, seven decimals
    """
    values, vectors = correlation(sub_indices)
    kept = components or max(int((values > 1 + 1e-9).sum()), 1)
    share = values[:kept] / values[:kept].sum() if values[:kept].sum() > 0 else np.full(kept, 1 / kept)
    weights = (vectors[:, :kept] ** 2) @ share
    rounded = (weights / weights.sum()).round(_WEIGHT_DECIMALS)
    rounded[rounded.argmax()] += 1 - rounded.sum()
    return pd.Series(rounded, sub_indices.columns), kept
