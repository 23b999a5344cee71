"""Facts of the Labour Economic Index: level, changes, what moved it, each dimension with its movers.

Goes in: ``labour_index``, ``contributions``, ``indicator_contributions``, ``movers``, ``weights``, ``indicator_status``,
``news``. Comes out: ``LabourFacts``. Study 3.4 and 5.2.1, chapter 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.domain.declarations import Dimension, Indicator
from reporter.domain.periods import iso
from reporter.domain.thai import SD_STEPS, Steps
from reporter.report.movement import Change, Movement, movement
from reporter.report.numbers import Cells, Number
from reporter.report.units import Unit, unit_of

_SHOWN = 0.05  # points: a smaller contribution reads 0.0
_SHARE_OF_CHANGE = 0.15  # an indicator below this part of its sub-index's change is no cause of it
_DIRECTIONS = ("improved", "worsened", "unchanged")
_FOLLOWED = 3  # movers named per dimension


@dataclass(frozen=True)
class Part:
    """A dimension's contribution to the composite's change."""

    dimension: Dimension
    number: Number


@dataclass(frozen=True)
class Mover:
    """An indicator's change; ``is_cause`` when its contribution goes the way the sub-index went."""

    indicator: Indicator
    unit: Unit
    value: Number
    previous: Number
    change: Change
    deviation: Number
    direction: str
    contribution: Number | None = None
    is_cause: bool = False

    @property
    def verb(self) -> str:
        """เพิ่มขึ้น, ลดลง or ทรงตัว, by the two values as displayed."""
        now, before = (thai.rounded(item.value, item.decimals) for item in (self.value, self.previous))
        if now == before:
            return "ทรงตัว"
        return "เพิ่มขึ้น" if now > before else "ลดลง"


@dataclass(frozen=True)
class Drivers:
    """What moved the composite against an earlier quarter, the strongest first."""

    against: str
    change: Change | None
    lifts: tuple[Part, ...]
    drags: tuple[Part, ...]
    parts: tuple[Part, ...]

    @property
    def leading(self) -> Part | None:
        """The part that did most in the direction of the change."""
        if self.change is None or self.change.sign == 0:
            return None
        same = self.lifts if self.change.sign > 0 else self.drags
        return same[0] if same else None


@dataclass(frozen=True)
class DimensionFacts:
    """One dimension: its sub-index, its part in the composite, the indicators that moved it."""

    dimension: Dimension
    movement: Movement
    weight: Number | None
    quarter: Number | None
    year: Number | None
    movers: tuple[Mover, ...]
    movers_year: tuple[Mover, ...]
    used: Number
    total: Number
    absent: tuple[Indicator, ...]
    stale: tuple[Indicator, ...]

    @property
    def causes(self) -> tuple[Mover, ...]:
        """Indicators that carry the sub-index's change on the quarter."""
        return tuple(mover for mover in self.movers if mover.is_cause and mover.verb != "ทรงตัว")

    @property
    def offsets(self) -> tuple[Mover, ...]:
        """Indicators that moved clearly the other way."""
        change = self.movement.quarter
        if change is None or change.sign == 0:
            return ()
        other = "worsened" if change.sign > 0 else "improved"
        return tuple(
            m
            for m in self.movers
            if m.direction == other and not m.is_cause and m.change.sign and m.verb != "ทรงตัว"
        )


@dataclass(frozen=True)
class Revision:
    """How the newest data changed the index since the previous issue."""

    news: Number | None
    revision: Number | None
    strongest: tuple[tuple[Indicator, Number], ...]


@dataclass(frozen=True)
class Directions:
    """How many indicators improved, worsened and stood still."""

    improved: Number
    worsened: Number
    unchanged: Number


@dataclass(frozen=True)
class LabourFacts:
    """Everything said about the national index."""

    movement: Movement
    quarter: Drivers
    year: Drivers
    dimensions: tuple[DimensionFacts, ...]
    absent: tuple[Dimension, ...]
    better: tuple[DimensionFacts, ...]
    worse: tuple[DimensionFacts, ...]
    used: Number
    total: Number
    late: Number
    without: Number
    improved: tuple[Mover, ...]
    worsened: tuple[Mover, ...]
    directions: Mapping[str, Directions]
    revision: Revision | None


def labour_facts(cells: Cells, context: Context) -> LabourFacts:
    """Facts of the issue's quarter; sub-indices that have no value in it stand in ``absent``."""
    period, declared = iso(context.quarter), context.declarations
    whole = movement(cells, "labour_index", period, key={"dimension": "overall", "group": "TH"})
    every = [_dimension(cells, context, item, period) for item in declared.dimensions.values()]
    present = tuple(item for item in every if item.movement.level is not None)
    moved = [item for item in present if item.movement.quarter is not None]
    by_change = sorted(moved, key=lambda item: -item.movement.quarter.number.value)  # type: ignore[union-attr]
    movers = _movers(cells, context, period, "quarter")
    return LabourFacts(
        movement=whole,
        quarter=_drivers(cells, context, period, "quarter", whole.quarter),
        year=_drivers(cells, context, period, "year", whole.year),
        dimensions=present,
        absent=tuple(item.dimension for item in every if item.movement.level is None),
        better=tuple(item for item in by_change if item.movement.quarter.sign > 0),  # type: ignore[union-attr]
        worse=tuple(item for item in reversed(by_change) if item.movement.quarter.sign < 0),  # type: ignore[union-attr]
        used=cells.count("indicator_status", {"status": "used"}),
        total=cells.count("indicator_status", {}),
        late=cells.count("indicator_status", {"status": "stale"}),
        without=cells.count("indicator_status", {"status": "missing"}),
        improved=tuple(sorted((m for m in movers if m.direction == "improved"), key=_strength))[:5],
        worsened=tuple(sorted((m for m in movers if m.direction == "worsened"), key=_strength))[:5],
        directions=_directions(cells, period),
        revision=_revision(cells, context, period),
    )


def _directions(cells: Cells, period: str) -> dict[str, Directions]:
    """Counts of the indicators by direction, against the quarter and the year before; only where there are any."""
    found = {}
    for against in ("quarter", "year"):
        own = {"period": period, "against": against}
        if cells.positions("movers", own):
            counts = (cells.count("movers", own | {"direction": name}) for name in _DIRECTIONS)
            found[against] = Directions(*counts)
    return found


def _strength(mover: Mover) -> float:
    return -abs(mover.deviation.value)


def _drivers(cells: Cells, context: Context, period: str, against: str, change: Change | None) -> Drivers:
    parts = []
    for dimension in context.declarations.dimensions.values():
        number = _contribution(cells, period, against, dimension)
        if number is not None:
            parts.append(Part(dimension, number))
    ordered = sorted(parts, key=lambda part: -part.number.value)
    return Drivers(
        against,
        change,
        lifts=tuple(part for part in ordered if part.number.value >= _SHOWN),
        drags=tuple(part for part in reversed(ordered) if part.number.value <= -_SHOWN),
        parts=tuple(parts),
    )


def _contribution(cells: Cells, period: str, against: str, dimension: Dimension) -> Number | None:
    key = {"period": period, "against": against, "dimension": dimension.id}
    return cells.number("contributions", "contribution", key, unit="จุด", decimals=2)


def _dimension(cells: Cells, context: Context, dimension: Dimension, period: str) -> DimensionFacts:
    key = {"dimension": dimension.id, "group": "TH"}
    moved = movement(cells, "labour_index", period, key=key)
    members = context.declarations.members(dimension.id)
    status = {item.id: cells.text("indicator_status", "status", indicator=item.id) for item in members}
    own = {"dimension": dimension.id}
    part = {against: _contribution(cells, period, against, dimension) for against in ("quarter", "year")}
    return DimensionFacts(
        dimension=dimension,
        movement=moved,
        weight=cells.number("weights", "weight", own, decimals=3),
        quarter=part["quarter"],
        year=part["year"],
        movers=_movers(cells, context, period, "quarter", dimension.id, moved.quarter),
        movers_year=_movers(cells, context, period, "year", dimension.id, moved.year),
        used=cells.count("indicator_status", own | {"status": "used"}),
        total=cells.count("indicator_status", own),
        absent=tuple(item for item in members if status[item.id] == "missing"),
        stale=tuple(item for item in members if status[item.id] in ("stale", "short", "constant")),
    )


def _movers(
    cells: Cells,
    context: Context,
    period: str,
    against: str,
    dimension: str | None = None,
    change: Change | None = None,
) -> tuple[Mover, ...]:
    """Indicators with a change at ``period``, the strongest first; all dimensions' when none is given."""
    found = []
    for item in context.declarations.indicators.values():
        if dimension is None or item.dimension == dimension:
            mover = _mover(cells, item, period, against, change)
            if mover is not None:
                found.append(mover)
    ordered = sorted(found, key=_strength)
    return tuple(ordered if dimension is None else ordered[: max(_FOLLOWED, len(ordered))])


def _mover(cells: Cells, item: Indicator, period: str, against: str, whole: Change | None) -> Mover | None:
    unit = unit_of(item.unit)
    key = {"period": period, "against": against, "indicator": item.id}
    value = cells.number("movers", "value", key, decimals=unit.decimals)
    previous = cells.number("movers", "previous", key, decimals=unit.decimals)
    change = cells.number("movers", "change", key, unit=unit.change, decimals=unit.decimals)
    deviation = cells.number("movers", "change_sd", key, decimals=2)
    if value is None or previous is None or change is None or deviation is None:
        return None
    direction = cells.text("movers", "direction", **key)
    contribution = cells.number(
        "indicator_contributions", "sub_index", key | {"dimension": item.dimension}, unit="จุด", decimals=2
    )
    return Mover(
        item,
        unit,
        value,
        previous,
        Change(change, _indicator_steps(change, deviation), item.polarity),
        deviation,
        direction,
        contribution,
        is_cause=_is_cause(direction, deviation, contribution, whole),
    )


def _indicator_steps(change: Number, deviation: Number) -> Steps:
    """Steps in the indicator's own unit that stand for the same steps in standard deviations."""
    if abs(deviation.value) < 1e-12:
        return Steps(float("inf"), float("inf"), float("inf"))
    scale = abs(change.value / deviation.value)
    return Steps(SD_STEPS.still * scale, SD_STEPS.slight * scale, SD_STEPS.marked * scale)


def _is_cause(direction: str, deviation: Number, part: Number | None, whole: Change | None) -> bool:
    """An indicator causes a sub-index's change when it moved that way and its contribution says so too."""
    if whole is None or whole.sign == 0 or abs(deviation.value) < SD_STEPS.still:
        return False
    if direction != ("improved" if whole.sign > 0 else "worsened"):
        return False
    if part is None:
        return True
    return part.value * whole.sign >= _SHARE_OF_CHANGE * abs(whole.number.value)


def _revision(cells: Cells, context: Context, period: str) -> Revision | None:
    """Sums of news and revisions since the previous issue; None without a comparison."""
    rows = cells.rows("news", period=period)
    if rows.empty:
        return None
    sums: dict[str, Number] = {}
    strongest: list[tuple[Indicator, Number]] = []
    for indicator, kind in zip(rows["indicator"], rows["kind"], strict=True):
        number = cells.number(
            "news",
            "impact",
            {"period": period, "indicator": str(indicator), "kind": str(kind)},
            unit="จุด",
            decimals=2,
        )
        if number is None or str(indicator) not in context.declarations.indicators:
            continue
        side = "news" if str(kind) == "news" else "revision"  # of the source, or of the seasonal adjustment
        sums[side] = _plus(sums[side], number) if side in sums else number
        strongest.append((context.declarations.indicators[str(indicator)], number))
    strongest.sort(key=lambda pair: -abs(pair[1].value))
    return Revision(sums.get("news"), sums.get("revision"), tuple(strongest[:3]))


def _plus(first: Number, second: Number) -> Number:
    return Number(first.value + second.value, f"{first.cell} + {second.cell}", first.unit, first.decimals)
