"""Stretches of consecutive quarters without a hole, as the models of relations and forecast need them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd


def longest_run(panel: pd.DataFrame) -> pd.DataFrame:
    """Longest stretch of consecutive rows without a missing value; the latest one when two are equal."""
    complete = panel.notna().all(axis=1).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], complete.astype(int), [0]])))
    runs = [(end - start, start, end) for start, end in list(pairwise(edges))[::2]]
    _, start, end = max(runs, default=(0, 0, 0))
    return panel.iloc[start:end]
