"""Who moved the index: exact shares of a change, on the quarter before and on the year before.

In: the posterior and the index in points. Out: ``contributions`` of dimensions to the composite's change and ``indicator_contributions`` of indicators' data to each
dimension's contribution. The posterior mean is linear in the standardised inputs, so both are exact: what an indicator's
observations add, now less then. Data of other dimensions speak through the common factor and have a row of their own. Where an earlier model's values
stand before the link, the difference has a row named ``model_change``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.joint_model import JointModel
from reporter.index.points import LAGS, OVERALL, IndexValues, points
from reporter.index.smoother import Posterior

OTHERS, MODEL_CHANGE = "other_dimensions", "model_change"
_SMALLEST = 1e-9  # points; below, a difference of models is rounding


def of_dimensions(values: IndexValues, posterior: Posterior) -> pd.DataFrame:
    """Table ``contributions``: points of the composite; rows of a period sum to its change."""
    model = posterior.model
    effect = model.slope * model.weights
    unlinked = points(model, posterior.value).drop(columns=OVERALL)
    pieces = []
    for against, lag in LAGS.items():
        moved = unlinked.diff(lag) * effect
        change = values.composite.diff(lag)
        known = change.notna() & moved.notna().all(axis=1)
        rest = (change - moved.sum(axis=1))[known]
        moved = moved[known]
        if (rest.abs() > _SMALLEST).any():
            moved = moved.assign(**{MODEL_CHANGE: rest})
        else:
            moved[moved.columns[-1]] += rest  # rounding of a sum of ten numbers
        pieces.append(_long(moved, against, "dimension"))
    return pd.concat(pieces, ignore_index=True)[schema.columns("contributions")]


def of_indicators(values: IndexValues, posterior: Posterior) -> pd.DataFrame:
    """Table ``indicator_contributions``: ``contribution`` in points of the composite, ``sub_index`` in points of the sub-index.

    Rows of a dimension and period sum to the dimension's contribution, and to the sub-index's change.
    """
    model = posterior.model
    pieces = []
    for number, name in enumerate(model.dimensions):
        parts = _parts_of(posterior, number, name) * model.points()[number]
        effect = model.slope * float(model.weights[name])
        for against, lag in LAGS.items():
            moved = parts.diff(lag)[values.value[name].diff(lag).notna()]
            long = _long(moved, against, "indicator").rename(columns={"contribution": "sub_index"})
            pieces.append(long.assign(dimension=name, contribution=long["sub_index"] * effect))
    return pd.concat(pieces, ignore_index=True)[schema.columns("indicator_contributions")]


def _parts_of(posterior: Posterior, number: int, name: str) -> pd.DataFrame:
    """Quarter x indicator (and ``other_dimensions``): what their data add to one factor."""
    members = posterior.model.members
    parts = posterior.parts[:, number, :]
    own = [place for place, member in enumerate(members) if member.dimension == name]
    frame = pd.DataFrame(parts[:, own], posterior.grid.index, [members[place].indicator for place in own])
    if len(posterior.model.dimensions) > 1:
        frame[OTHERS] = np.delete(parts, own, axis=1).sum(axis=1)
    return frame


def _long(moved: pd.DataFrame, against: str, column: str) -> pd.DataFrame:
    """``period, against, <column>, contribution``: period after period, in the order of the columns."""
    count = len(moved.columns)
    return pd.DataFrame(
        {
            "period": np.repeat([iso(period) for period in moved.index], count),
            "against": against,
            column: np.tile(np.array(moved.columns, dtype=object), len(moved)),
            "contribution": moved.to_numpy(dtype=float).ravel(),
        }
    )


def effective_weights(values: IndexValues, model: JointModel) -> pd.Series:
    """Share of each dimension in the composite's variance over the base period; sums to 1, may be negative."""
    parts = (values.sub_indices * model.weights)[model.base[0] : model.base[1]].dropna()
    whole = parts.sum(axis=1)
    variance = float(whole.var(ddof=0))
    if not variance > 0:
        return model.weights
    return parts.apply(lambda part: float(np.mean((part - part.mean()) * (whole - whole.mean()))) / variance)
