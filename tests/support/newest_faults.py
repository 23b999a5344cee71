"""Wrong newest values as they happen in practice, put into single series, and whether the checks tell them.

Goes in: a history of observations (docs/tables.md). Comes out: for every national series and kind of fault whether somebody must
answer for it. Used by the tests and by ``tests/bench/bench_newest.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from reporter.checks.newest import faults
from reporter.checks.newest.effects import Told
from reporter.checks.newest.surprise import Key, Limits, Panel, limits, panels
from reporter.domain.declarations import Declarations
from reporter.inputs.series_cells import latest_vintage

Fault = Callable[[np.ndarray, int, int], np.ndarray | None]
"""(values, newest last; season; block) -> the values with the fault, or None where it changes nothing."""


def _newest(change: Callable[[float], float]) -> Fault:
    def fault(values: np.ndarray, season: int, block: int) -> np.ndarray | None:
        out = values.copy()
        out[-1] = change(values[-1])
        return None if out[-1] == values[-1] else out

    return fault


def _deviations(count: float) -> Fault:
    """Robust standard deviations of the change on the year before, in the newest value."""

    def fault(values: np.ndarray, season: int, block: int) -> np.ndarray | None:
        change = values[season:-1] - values[: -season - 1]
        change = change[np.isfinite(change)]
        usual = 1.4826 * float(np.median(np.abs(change - np.median(change))))
        return np.append(values[:-1], values[-1] + count * usual) if usual > 0 else None

    return fault


def _year_copied(values: np.ndarray, season: int, block: int) -> np.ndarray | None:
    """The newest year's values are those of the year before; holes stay."""
    out = values.copy()
    out[-season:] = np.where(np.isfinite(values[-season:]), values[-2 * season : -season], np.nan)
    is_changed = np.isfinite(out[-1]) and not np.array_equal(out, values, equal_nan=True)
    return out if is_changed else None


def _quarter_halved(values: np.ndarray, season: int, block: int) -> np.ndarray | None:
    if block == 1 or not (values[-block:] != 0).any():
        return None
    return np.append(values[:-block], values[-block:] / 2)


FAULTS: dict[str, Fault] = {
    "= 0": _newest(lambda value: 0.0),
    "x 2": _newest(lambda value: 2 * value),
    "x 3": _newest(lambda value: 3 * value),
    "/ 10": _newest(lambda value: value / 10),
    "x 10": _newest(lambda value: value * 10),
    "/ 100": _newest(lambda value: value / 100),
    "x 100": _newest(lambda value: value * 100),
    "sign": _newest(lambda value: -value),
    "999": _newest(lambda value: 999.0),
    "+ 5 sd": _deviations(5),
    "- 5 sd": _deviations(-5),
    "a year copied": _year_copied,
    "x 0.5": _newest(lambda value: value * 0.5),
    "x 0.85": _newest(lambda value: value * 0.85),
    "three months x 0.5": _quarter_halved,
}


@dataclasses.dataclass
class Study:
    """A history as the checks see it up to a quarter, to put faults into."""

    panels: list[Panel]
    declarations: Declarations
    quarter: pd.Period
    rules: Limits = dataclasses.field(default_factory=limits)

    @classmethod
    def of(cls, history: pd.DataFrame, declarations: Declarations, quarter: pd.Period) -> Study:
        """The study of a history."""
        return cls(panels(latest_vintage(history, None), quarter), declarations, quarter)

    def national(self) -> list[Key]:
        """National series that are long and recent enough to be judged."""
        first = {"Q": (self.quarter - 3).ordinal, "M": (self.quarter - 3).asfreq("M", how="start").ordinal}
        return [
            key
            for panel in self.panels
            for row, key in enumerate(panel.keys)
            if key[1] == "TH"
            and panel.last[row] >= first[panel.frequency]
            and np.isfinite(panel.values[row]).sum() >= 5 * panel.season
        ]

    def untouched(self) -> list[Told]:
        """What is told of the nation as it is."""
        return _answers(
            faults(
                [_only_nation(panel) for panel in self.panels], self.declarations, self.rules, self.quarter
            )
        )

    def is_told(self, key: Key, fault: Fault) -> bool | None:
        """Whether somebody must answer for a fault in one series; None where it changes nothing.

        Only the series itself, those it is related to and its groups are looked at: the others are as they were.
        """
        changed = self.changed(key, fault)
        if changed is None:
            return None
        related = {
            name
            for relation in self.rules.relations
            if key[0] in relation.members
            for name in relation.members
        }
        near = [
            _chosen(panel, lambda one: one[1] == "TH" and one[0] in {key[0], *related}) for panel in changed
        ]
        if any(self._concerns(told, key) for told in self._told(near)):
            return True
        wide = [_chosen(panel, lambda one: one[0] == key[0]) for panel in changed]
        if sum(len(panel.keys) for panel in wide) == 1:
            return False
        return any(told.rule == "newest.relation" for told in self._told(wide))

    def changed(self, key: Key, fault: Fault) -> list[Panel] | None:
        """The panels with a fault in one series; None where it changes nothing."""
        out = []
        for panel in self.panels:
            if key in panel.keys:
                row = panel.keys.index(key)
                known = np.flatnonzero(np.isfinite(panel.values[row]))[0]
                values = fault(panel.values[row][known:], panel.season, panel.block)
                if values is None:
                    return None
                changed = panel.values.copy()
                changed[row, known:] = values
                panel = dataclasses.replace(panel, values=changed)
            out.append(panel)
        return out

    def _told(self, some: Sequence[Panel]) -> list[Told]:
        own = [panel for panel in some if panel.keys]
        return _answers(faults(own, self.declarations, self.rules, self.quarter))

    def _concerns(self, told: Told, key: Key) -> bool:
        return told.key == key or told.rule == "newest.relation"

    def rates(self, chosen: Sequence[str] = tuple(FAULTS)) -> Iterator[tuple[str, int, int]]:
        """(kind of fault, how many are told, of how many) over all national series."""
        for name in chosen:
            results = [self.is_told(key, FAULTS[name]) for key in self.national()]
            possible = [one for one in results if one is not None]
            yield name, sum(possible), len(possible)


def _answers(told: Sequence[Told]) -> list[Told]:
    return [one for one in told if one.severity == "warning"]


def _only_nation(panel: Panel) -> Panel:
    return _chosen(panel, lambda key: key[1] == "TH")


def _chosen(panel: Panel, wanted: Callable[[Key], bool]) -> Panel:
    return panel.rows([row for row, key in enumerate(panel.keys) if wanted(key)])
