"""Facts of one dimension: its sub-index with its band, its part in the composite, the indicators that moved it.

Goes in: ``labour_index``, ``index_changes``, ``contributions``, ``indicator_contributions``, ``movers``, ``series``, ``weights``,
``indicator_status``. Comes out: ``DimensionFacts``; ``reporter.report.labour`` puts them together for the nation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.domain.declarations import Dimension, Indicator
from reporter.domain.periods import iso
from reporter.domain.rules import rule
from reporter.report import claims
from reporter.report.document import Claim
from reporter.report.indicators import IndicatorPart, Mover, indicator_parts, movers_of, state_of
from reporter.report.movement import Movement, movement
from reporter.report.numbers import Cells, Number, total

LAGS = {"quarter": 1, "year": 4}


@dataclass(frozen=True)
class Clarity:
    """Whether a change differs from zero by its 95 % band, and the cell that says so."""

    is_clear: bool
    low: Number
    high: Number
    claim: Claim


@dataclass(frozen=True)
class DimensionFacts:
    """One dimension: its sub-index, its part in the composite, the indicators that moved it.

    parts, parts_year   its indicators' contributions to its change, the strongest first
    is_normal           its level, or the band of it, holds the long-run average
    """

    dimension: Dimension
    movement: Movement
    weight: Number | None
    quarter: Number | None
    year: Number | None
    parts: tuple[IndicatorPart, ...]
    parts_year: tuple[IndicatorPart, ...]
    movers: tuple[Mover, ...]
    movers_year: tuple[Mover, ...]
    has_data: bool
    band: tuple[Number, Number] | None
    clarity: Mapping[str, Clarity]
    absent: tuple[Indicator, ...]
    estimated: tuple[Indicator, ...]
    is_in_composite: bool = True

    @property
    def level_claim(self) -> Claim | None:
        """The level against the long-run average, by its band where there is one."""
        level = self.movement.level
        return None if level is None else claims.labour_level(level, self.band)

    @property
    def level_word(self) -> str:
        """The level against the long-run average in words; about it as long as the band holds it."""
        return level_word(self.movement.level, self.level_claim)

    @property
    def quarter_way(self) -> int:
        """Whether it pushes (1) or pulls (-1) the composite by a contribution worth a word."""
        least = rule("contribution.least_dimension")
        if self.quarter is None or abs(self.quarter.value) < least:
            return 0
        return 1 if self.quarter.value > 0 else -1

    @property
    def causes(self) -> tuple[IndicatorPart, ...]:
        """The largest contributions in the direction of the sub-index's change on the quarter."""
        return self._directed(1)

    @property
    def offsets(self) -> tuple[IndicatorPart, ...]:
        """The largest contributions the other way."""
        return self._directed(-1)

    def _directed(self, way: int) -> tuple[IndicatorPart, ...]:
        change = self.movement.quarter
        if change is None or change.sign == 0:
            return ()
        least = rule("contribution.least_indicator")
        return tuple(part for part in self.parts if part.sub.value * change.sign * way >= least)

    def claimed(self, parts: tuple[IndicatorPart, ...], role: str = "drives") -> Claim | None:
        """That these indicators drive, or offset, the change of the sub-index."""
        change = self.movement.quarter
        if change is None or change.sign == 0 or not parts:
            return None
        known = [(part.id, part.sub) for part in self.parts]
        named = [(part.id, part.sub) for part in parts]
        least = rule("contribution.least_indicator")
        return claims.cause(change.number, named, known, role=role, least=least)

    @property
    def estimated_part(self) -> Number | None:
        """What indicators without data in the quarter give, where it is more than half of the change."""
        change = self.movement.quarter
        own = [part.sub for part in self.parts if part.state == "estimated"]
        if change is None or change.sign == 0 or not own:
            return None
        whole = total(own)
        return whole if whole.value * change.sign > abs(change.number.value) / 2 else None

    @property
    def is_weak(self) -> bool:
        """Whether it lies so far below normal that it is one to be followed."""
        level = self.movement.level
        return self.has_data and level is not None and level.value < 100 - rule("labour_level.weak")


def level_word(level: Number | None, claim: Claim | None) -> str:
    """The distance from 100 in words; a distance that the band does not bear out is said to be unclear."""
    if level is None or claim is None:
        return ""
    is_apart = abs(level.value - 100) >= rule("labour_level.about")
    unclear = "แต่ยังไม่ชัดเจน" if is_apart and claim.says == "about" else ""
    return thai.index_level_word(level.value) + unclear


def band(cells: Cells, dimension: str, period: str) -> tuple[Number, Number] | None:
    """The 95 % band of an index or sub-index; None where the index tells none."""
    key = {"dimension": dimension, "group": "TH", "period": period}
    low, high = (cells.number("labour_index", name, key, unit="จุด") for name in ("low95", "high95"))
    return None if low is None or high is None else (low, high)


def clarity_of(cells: Cells, dimension: str, period: str) -> dict[str, Clarity]:
    """For both comparisons whether the change is clear; only where the index tells its uncertainty."""
    found = {}
    for against in LAGS:
        key = {"dimension": dimension, "against": against, "period": period}
        low, high, change = (
            cells.number("index_changes", name, key, unit="จุด") for name in ("low", "high", "change")
        )
        if low is not None and high is not None and change is not None:
            is_clear = low.value * high.value > 0
            says = claims.interval(low, high, 0)
            found[against] = Clarity(is_clear, low, high, says)
    return found


def has_data(cells: Cells, context: Context, dimension: str, period: str) -> bool:
    """Whether any member of a dimension has data in the quarter: a value that is only a model's estimate is none."""
    key = {"dimension": dimension, "group": "TH", "period": period}
    status = cells.text("labour_index", "status", **key)
    if status:
        return status != "nowcast"
    if not cells.positions("labour_index", key):
        return False
    if not cells.positions("indicator_status", {"dimension": dimension}) or period != iso(context.quarter):
        return True
    members = context.declarations.members(dimension)
    return any(state_of(cells, item.id, period) in ("observed", "partial") for item in members)


def contribution_of(cells: Cells, period: str, against: str, dimension: Dimension) -> Number | None:
    """A dimension's part of the composite's change."""
    key = {"period": period, "against": against, "dimension": dimension.id}
    return cells.number("contributions", "contribution", key, unit="จุด", decimals=2)


def dimension_facts(cells: Cells, context: Context, dimension: Dimension, period: str) -> DimensionFacts:
    """Facts of one dimension at a quarter."""
    moved = movement(cells, "labour_index", period, key={"dimension": dimension.id, "group": "TH"})
    members = context.declarations.members(dimension.id)
    states = {item.id: state_of(cells, item.id, period) for item in members}
    changes = {"quarter": moved.quarter, "year": moved.year}
    part = {name: contribution_of(cells, period, name, dimension) for name in LAGS}
    parts = {
        name: indicator_parts(cells, context, dimension.id, period, name, changes[name], part[name])
        for name in LAGS
    }
    return DimensionFacts(
        dimension=dimension,
        movement=moved,
        weight=cells.number("weights", "weight", {"dimension": dimension.id}, decimals=3),
        quarter=part["quarter"],
        year=part["year"],
        parts=parts["quarter"],
        parts_year=parts["year"],
        movers=movers_of(cells, context, period, "quarter", dimension.id),
        movers_year=movers_of(cells, context, period, "year", dimension.id),
        has_data=has_data(cells, context, dimension.id, period),
        band=band(cells, dimension.id, period),
        clarity=clarity_of(cells, dimension.id, period),
        absent=tuple(item for item in members if states[item.id] == "absent"),
        estimated=tuple(item for item in members if states[item.id] == "estimated"),
    )
