"""Who moved the index: exact shares of a change, on the quarter before and on the year before.

Goes in: the composite and the dimensions' fits. Comes out: contributions of dimensions to the composite's change and
of indicators to a sub-index's change. Both are exact: the composite is linear in the sub-indices with the weights of
the quarter, and the Kalman smoother is linear in its members' data. A dimension that is missing in one of the two
quarters contributes what it added (or stopped adding) to the deviation from 100; the others' contributions then hold
the effect of their larger or smaller weight.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.composite import MEAN, Composite, scale_of
from reporter.index.factor import Fit

LAGS = {"quarter": 1, "year": 4}


def dimension_parts(composite: Composite) -> pd.DataFrame:
    """Quarter x dimension: points that a dimension adds to the composite; rows sum to it less its level."""
    parts = (composite.sub_indices - MEAN).fillna(0.0) * composite.used * composite.slope
    return parts[composite.value.notna()]


def changes(parts: pd.DataFrame) -> pd.DataFrame:
    """Long table ``period, against, <column>, contribution`` of differences of parts (quarter x column)."""
    pieces = []
    for against, lag in LAGS.items():
        earlier = parts.copy()
        earlier.index = earlier.index + lag
        difference = (parts - earlier.reindex(parts.index)).dropna(how="all")
        long = pd.Series(difference.stack()).rename("contribution").reset_index()
        long.columns = pd.Index(["period", "column", "contribution"])
        long.insert(1, "against", against)
        pieces.append(long)
    return pd.concat(pieces, ignore_index=True)


def of_dimensions(composite: Composite) -> pd.DataFrame:
    """Table ``contributions``."""
    long = changes(dimension_parts(composite)).rename(columns={"column": "dimension"})
    order = {name: position for position, name in enumerate(composite.weights.index)}
    return _sorted(long, "dimension", order)[schema.columns("contributions")]


def of_indicators(composite: Composite, fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Table ``indicator_contributions``: shares in the change of a sub-index, exact by the smoother's linearity."""
    pieces = []
    for dimension, fit in fits.items():
        slope, _ = scale_of(fit.value, composite.base)
        shares = fit.shares[fit.value.notna()]
        long = changes(shares * slope).rename(columns={"column": "indicator"})
        long.insert(2, "dimension", dimension)
        order = {name: position for position, name in enumerate(fit.members)}
        pieces.append(_sorted(long, "indicator", order))
    return pd.concat(pieces, ignore_index=True)[schema.columns("indicator_contributions")]


def _sorted(long: pd.DataFrame, column: str, order: Mapping[str, int]) -> pd.DataFrame:
    ranked = long.assign(rank=long[column].map(order)).sort_values(
        ["against", "period", "rank"], kind="stable"
    )
    ranked["period"] = [iso(period) for period in ranked["period"]]
    return ranked.drop(columns="rank").reset_index(drop=True)
