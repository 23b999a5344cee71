"""What an odd newest value does to the index, computed with the workspace's own models: no estimate by equal shares.

Goes in: the history of observations, the model of the index and the seasonal models in force. Comes out: points of the sub-index and of
the index for one value, found against expected. The model is linear in its standardised inputs, so that the weight of every observation
(``smoother.Posterior.weights``) times its change is what a build would find. Only the series itself is adjusted for season anew, once
with the value found and once with the value expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from reporter.checks.newest.effects import Moved, Told
from reporter.domain.declarations import Declarations, Indicator
from reporter.index import joint_model, seasonal, x13
from reporter.index.composite import slopes
from reporter.index.joint_model import (
    JointModel,
    Posterior,
    first_quarter,
    grid_of,
    observations_of,
)
from reporter.index.national import LEARN_QUARTERS, year_before
from reporter.index.panel import Series, collect, is_monthly, periods

_NATION = "TH"
Run = Callable[[Sequence[x13.SeriesSpec]], list[x13.Output]]


class IndexEffect:
    """Effects of values of one issue. What is costly is computed when the first value asks for it."""

    def __init__(
        self,
        history: pd.DataFrame,
        declarations: Declarations,
        quarter: pd.Period,
        *,
        model: JointModel,
        seasonal_models: pd.DataFrame | None,
        run: Run,
    ) -> None:
        """history: the newest vintage of every period; seasonal_models and run: as for the index itself (``national``)."""
        self.nation = history[history["group"] == _NATION]
        self.declarations, self.quarter, self.model = declarations, quarter, model
        self.seasonal_models, self.run = seasonal_models, run
        self.owners = {
            name: item for item in declarations.indicators.values() for name in (item.id, *item.components)
        }
        self.members = {member.indicator: number for number, member in enumerate(model.members)}

    @cached_property
    def _series(self) -> dict[str, Series]:
        return collect(self.nation, self.declarations, self.quarter, _NATION)

    @cached_property
    def _identify_until(self) -> pd.Period:
        """As ``national.prepare`` chooses it."""
        first = min(item.values.index[0].asfreq("Q-DEC") for item in self._series.values())
        end = year_before(self.quarter)
        return end if (end - first).n + 1 >= LEARN_QUARTERS else self.quarter

    @cached_property
    def _posterior(self) -> Posterior:
        """Weights follow from which values are known, not from how large they are: unadjusted ones do."""
        known = joint_model.inputs(self.model, {name: item.values for name, item in self._series.items()})
        grid = grid_of(first_quarter(known), self.quarter)
        return Posterior(self.model, grid, observations_of(self.model, grid, known))

    def __call__(self, told: Told) -> Moved | None:
        """What a value moves in its own quarter; None for a series that the model of the index does not use."""
        item = self.owners.get(told.key[0])
        if item is None or item.id not in self.members or told.key[1] != _NATION:
            return None
        found, expected = self._input(item, self.nation), self._input(item, self._expected(told))
        if found is None or expected is None:
            return None
        changed = (found - expected).dropna()
        moved = slopes(self.model) @ self._factors(item, changed, told.period.asfreq("Q-DEC"))
        place = 1 + list(self.model.dimensions).index(item.dimension)
        return Moved(item.dimension, float(moved[place]), float(moved[0]), is_exact=True)

    def _factors(self, item: Indicator, changed: pd.Series, quarter: pd.Period) -> np.ndarray:
        """Change of every dimension's factor in a quarter by changed inputs of one member."""
        posterior = self._posterior
        grid, seen = posterior.grid, posterior.seen
        own = np.flatnonzero(seen.member == self.members[item.id])
        known = periods(changed)
        quarterly = not is_monthly(changed)
        first = grid.first if quarterly else grid.first.asfreq("M", "start")
        cells = seen.cell[own] - (0 if quarterly else grid.quarters)
        by_cell = dict(zip(known.asi8 - first.ordinal, changed.to_numpy(float), strict=True))
        values = np.array([by_cell.get(cell, 0.0) for cell in cells])
        return np.asarray(posterior.weights([quarter])[:, own] @ values)

    def _input(self, item: Indicator, nation: pd.DataFrame) -> pd.Series | None:
        """One member's standardised input."""
        rows = nation[nation["indicator"].isin([item.id, *item.components])]
        series = collect(rows, self.declarations, self.quarter, _NATION).get(item.id)
        if series is None:
            return None
        key = (item.id, _NATION)
        adjusted = seasonal.adjust({key: series}, self._identify_until, self.seasonal_models, self.run).values
        return joint_model.inputs(self.model, {item.id: adjusted[key]}).get(item.id)

    def _expected(self, told: Told) -> pd.DataFrame:
        """The history with the value that was expected; months of the quarter that are off alike are moved alike."""
        period = told.period
        months = [period]
        if period.freqstr == "M" and told.periods > 1:
            others = pd.period_range(period.asfreq("Q-DEC").asfreq("M", "start"), periods=3, freq="M")
            months += [month for month in others if month != period][: told.periods - 1]
        texts = {str(month).replace("Q", "-Q") for month in months}
        nation = self.nation
        at = (nation["indicator"] == told.key[0]) & nation["period"].isin(texts)
        values = nation.loc[at, "value"]
        by_ratio = told.found > 0 and told.expected > 0
        moved = values * (told.expected / told.found) if by_ratio else values + told.expected - told.found
        return nation.assign(value=nation["value"].where(~at, moved.reindex(nation.index)))
