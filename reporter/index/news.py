"""What new and revised data did to the index since the previous issue: by series, exactly.

In: the present model, the inputs as the previous issue knew them and as they are. Out: ``news`` for the issue's quarter and the one before, and
``data_effects`` for every quarter. The present model reads both. Method: Banbura and Modugno (2014): with W the weights of the present
observations and y the values,

    v1 - v0  =  W_c (y1_c - y0_c)  [revisions, c: cells known both times]  +  W_n (y_n - E[y_n | y1_c])  [news]

and what was withdrawn counts as news with the opposite sign. A revision of a value that its source left as it was comes from the seasonal
adjustment and has the kind ``seasonal``. Impacts sum to the whole change.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index.joint_model import JointModel
from reporter.index.panel import is_monthly, known_items, periods
from reporter.index.points import OVERALL, points, slopes
from reporter.index.smoother import Grid, Observations, Posterior, observations_of

KINDS = ("news", "revision", "seasonal")


def since(
    now: Posterior,
    before: Mapping[str, pd.Series],
    raw_now: Mapping[str, pd.Series],
    raw_before: Mapping[str, pd.Series],
) -> dict[str, pd.DataFrame]:
    """Tables ``news`` (points of the composite) and ``data_effects`` (points of each index).

    before    the previous issue's data as inputs of the present model
    raw_now, raw_before  raw series, which tell a source's revision from one of the seasonal adjustment
    """
    model, grid = now.model, now.grid
    seen = observations_of(model, grid, before)
    quarters = list(grid.index[-2:])
    impact = impacts(now, seen, quarters)
    kinds = _kinds(model, grid, impact, raw_now, raw_before)
    return {"news": _news_table(model, impact, kinds, quarters), "data_effects": _effects(now, seen)}


class Impacts:
    """Impact of every cell on some factors: ``news`` and ``revision``, (quarters x dimensions) x cells; ``cells``: member, cell."""

    def __init__(self, member: np.ndarray, cell: np.ndarray, news: np.ndarray, revision: np.ndarray) -> None:
        self.member, self.cell, self.news, self.revision = member, cell, news, revision

    @property
    def total(self) -> np.ndarray:
        """Change of the factors."""
        return self.news.sum(axis=1) + self.revision.sum(axis=1)


def impacts(now: Posterior, before: Observations, quarters: list[pd.Period]) -> Impacts:
    """The change of some quarters' factors between two states of the data, by cell of the present grid."""
    model, grid, seen = now.model, now.grid, now.seen
    key_now, key_before = _keys(seen, grid), _keys(before, grid)
    kept_now, kept_before = np.isin(key_now, key_before), np.isin(key_before, key_now)
    common = _taken(seen, kept_now)
    shared = now if kept_now.all() else Posterior(model, grid, common)
    old = before.value[kept_before]
    new, gone = _taken(seen, ~kept_now), _taken(before, ~kept_before)
    surprise = new.value - shared.expected(new) if len(new.value) else np.zeros(0)
    arrived = now.weights(quarters)[:, ~kept_now] * surprise
    revised = shared.weights(quarters) * (common.value - old)
    if len(gone.value):
        with_gone = Posterior(model, grid, before)
        then = Posterior(model, grid, Observations(common.member, common.cell, old))
        lost = -with_gone.weights(quarters)[:, ~kept_before] * (gone.value - then.expected(gone))
    else:
        lost = np.zeros((len(arrived), 0))
    zeros = [np.zeros_like(part) for part in (arrived, revised, lost)]
    return Impacts(
        np.concatenate([new.member, common.member, gone.member]),
        np.concatenate([new.cell, common.cell, gone.cell]),
        np.hstack([arrived, zeros[1], lost]),
        np.hstack([zeros[0], revised, zeros[2]]),
    )


def _keys(seen: Observations, grid: Grid) -> np.ndarray:
    return seen.member * (4 * grid.quarters) + seen.cell


def _taken(seen: Observations, kept: np.ndarray) -> Observations:
    return Observations(seen.member[kept], seen.cell[kept], seen.value[kept])


def _kinds(
    model: JointModel,
    grid: Grid,
    impact: Impacts,
    raw_now: Mapping[str, pd.Series],
    raw_before: Mapping[str, pd.Series],
) -> np.ndarray:
    """True for cells whose raw values the source left as they were."""
    unchanged = np.zeros(len(impact.member), dtype=bool)
    for number, member in enumerate(model.members):
        own = impact.member == number
        now, before = raw_now.get(member.indicator), raw_before.get(member.indicator)
        if not own.any() or now is None or before is None or is_monthly(now) != is_monthly(before):
            continue
        reach = 1 if member.form == "growth" else 0
        changed = _changed_quarters(now, before, reach)
        quarter = grid.quarter_of(impact.cell[own])
        unchanged[own] = ~np.isin(quarter + grid.first.ordinal, changed)
    return unchanged


def _changed_quarters(now: pd.Series, before: pd.Series, reach: int) -> np.ndarray:
    """Ordinals of the quarters in which a raw value differs; with ``reach`` 1 also of the next period's."""
    both = pd.DataFrame({"now": now, "before": before})
    differs = ~((both["now"] == both["before"]) | (both["now"].isna() & both["before"].isna()))
    at = periods(both)[differs.to_numpy()]
    return np.unique([quarter for shift in range(reach + 1) for quarter in (at + shift).asfreq("Q-DEC").asi8])


def _news_table(
    model: JointModel, impact: Impacts, unchanged: np.ndarray, quarters: list[pd.Period]
) -> pd.DataFrame:
    effect = slopes(model)[0]
    count = len(model.dimensions)
    rows: list[list[object]] = []
    parts = {
        "news": impact.news,
        "revision": np.where(unchanged, 0.0, impact.revision),
        "seasonal": np.where(unchanged, impact.revision, 0.0),
    }
    for place, quarter in enumerate(quarters):
        block = slice(place * count, (place + 1) * count)
        for kind in KINDS:
            points_by_cell = effect @ parts[kind][block]
            sums = np.bincount(impact.member, weights=points_by_cell, minlength=len(model.members))
            rows += [
                [iso(quarter), model.members[k].indicator, model.members[k].dimension, kind, float(sums[k])]
                for k in np.flatnonzero(sums)
            ]
    table = pd.DataFrame(rows, columns=schema.columns("news"))
    return table.sort_values(["period", "dimension", "indicator", "kind"], kind="stable", ignore_index=True)


def _effects(now: Posterior, before: Observations) -> pd.DataFrame:
    """By how many points the data since the previous issue moved every quarter's value, read with the present model."""
    model = now.model
    moved = points(model, now.value) - points(model, Posterior(model, now.grid, before).value)
    order = [OVERALL, *model.dimensions]
    rows = [[iso(p), name, value] for name in order for p, value in known_items(moved[name])]
    return pd.DataFrame(rows, columns=schema.columns("data_effects"))
