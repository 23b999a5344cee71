"""Facts of the Labour Economic Index: level, changes, what moved it by contribution, each dimension with its indicators.

Goes in: ``labour_index``, ``index_changes``, ``contributions``, ``indicator_contributions``, ``movers``, ``series``, ``weights``,
``indicator_status``, ``news``. Comes out: ``LabourFacts``. Study 3.4 and 5.2.1, chapter 2; causes are contributions (method,
second edition).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.domain.declarations import Dimension, Indicator
from reporter.domain.periods import iso
from reporter.domain.rules import rule
from reporter.report import claims
from reporter.report.dimensions import (
    LAGS,
    Clarity,
    DimensionFacts,
    band,
    clarity_of,
    contribution_of,
    dimension_facts,
    has_data,
    level_word,
)
from reporter.report.document import Claim
from reporter.report.indicators import STATES, IndicatorPart
from reporter.report.movement import Change, Movement, earlier, movement
from reporter.report.numbers import Cells, Number, total

_DIRECTIONS = ("improved", "worsened", "unchanged")


@dataclass(frozen=True)
class Part:
    """A dimension's contribution to the composite's change; ``has_data``: in both quarters that are compared."""

    dimension: Dimension
    number: Number
    has_data: bool = True


@dataclass(frozen=True)
class Drivers:
    """What moved the composite against an earlier quarter, the strongest first.

    lifts, drags   dimensions that have data in both quarters
    without_data   the others, whose part is a model's estimate; ``estimated`` is what they add up to
    """

    against: str
    change: Change | None
    lifts: tuple[Part, ...]
    drags: tuple[Part, ...]
    parts: tuple[Part, ...]
    without_data: tuple[Part, ...] = ()
    estimated: Number | None = None

    @property
    def leading(self) -> Part | None:
        """The part that did most in the direction of the change."""
        if self.change is None or self.change.sign == 0:
            return None
        same = self.lifts if self.change.sign > 0 else self.drags
        return same[0] if same else None

    def claimed(self, parts: tuple[Part, ...], role: str = "drives") -> Claim | None:
        """That these parts drive, or offset, the change."""
        if self.change is None or self.change.sign == 0 or not parts:
            return None
        known = [(part.dimension.id, part.number) for part in self.parts if part.has_data]
        named = [(part.dimension.id, part.number) for part in parts]
        least = rule("contribution.least_dimension")
        return claims.cause(self.change.number, named, known, role=role, least=least)


@dataclass(frozen=True)
class Revision:
    """How the newest data changed the index since the previous issue."""

    news: Number | None
    revision: Number | None
    strongest: tuple[tuple[Indicator, Number], ...]


@dataclass(frozen=True)
class Directions:
    """How many indicators with data improved, worsened and stood still."""

    improved: Number
    worsened: Number
    unchanged: Number


@dataclass(frozen=True)
class Coverage:
    """How many indicators have the whole quarter, a part of it, none of it (estimated by the model), or no data at all."""

    observed: Number
    partial: Number
    estimated: Number
    absent: Number
    total: Number


@dataclass(frozen=True)
class LabourFacts:
    """Everything said about the national index.

    dimensions     those with data in the quarter; ``absent`` the others
    is_reduced     too few dimensions, or too little weight, for a composite
    pushes, pulls  indicators by their contribution to the composite's change on the quarter, the largest first
    """

    movement: Movement
    composite: Movement
    is_reduced: bool
    band: tuple[Number, Number] | None
    clarity: Mapping[str, Clarity]
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
    coverage: Coverage | None
    pushes: tuple[IndicatorPart, ...]
    pulls: tuple[IndicatorPart, ...]
    directions: Mapping[str, Directions]
    revision: Revision | None

    @property
    def level_claim(self) -> Claim | None:
        """The level against the long-run average, by its band where there is one."""
        level = self.movement.level
        return None if level is None else claims.labour_level(level, self.band)

    @property
    def better_claim(self) -> list[Claim]:
        """How many dimensions rose, and that the first of them rose most."""
        return self._moved_claims(self.better, 1)

    @property
    def worse_claim(self) -> list[Claim]:
        """How many dimensions fell, and that the first of them fell most."""
        return self._moved_claims(self.worse, -1)

    def _moved_claims(self, own: tuple[DimensionFacts, ...], way: int) -> list[Claim]:
        known = [
            (item.dimension.id, item.movement.quarter.number)
            for item in self.dimensions
            if item.movement.quarter is not None
        ]
        if not own or own[0].movement.quarter is None:
            return []
        still = thai.INDEX_STEPS.still
        counted = claims.count(len(own), known, ">=" if way > 0 else "<=", way * still)
        first = (own[0].dimension.id, own[0].movement.quarter.number)
        return [counted, claims.superlative(first, known, "highest" if way > 0 else "lowest")]

    @property
    def pushes_claim(self) -> Claim | None:
        """That the first three pushes are the largest contributions."""
        return self._rank(self.pushes, "highest")

    @property
    def pulls_claim(self) -> Claim | None:
        """That the first three pulls are the largest contributions downwards."""
        return self._rank(self.pulls, "lowest")

    def _rank(self, own: tuple[IndicatorPart, ...], origin: str) -> Claim | None:
        known = [
            (part.id, part.total)
            for item in self.dimensions
            for part in item.parts
            if part.total is not None and part.indicator is not None
        ]
        named = [(part.id, part.total) for part in own[:3] if part.total is not None]
        return claims.rank(named, known, origin) if named else None

    @property
    def level_word(self) -> str:
        """The level against the long-run average in words."""
        return level_word(self.movement.level, self.level_claim)

    @property
    def health(self) -> str:
        """``above``, ``about`` or ``below`` normal; "" without a composite."""
        return str(self.level_claim.says) if self.level_claim else ""

    @property
    def weak(self) -> tuple[DimensionFacts, ...]:
        """Dimensions to be followed, the weakest first."""
        own = [item for item in self.dimensions if item.is_weak]
        return tuple(sorted(own, key=lambda item: item.movement.level.value))  # type: ignore[union-attr]


def labour_facts(cells: Cells, context: Context) -> LabourFacts:
    """Facts of the issue's quarter; without enough data there is no composite, and its movement is empty."""
    period, declared = iso(context.quarter), context.declarations
    composite = movement(cells, "labour_index", period, key={"dimension": "overall", "group": "TH"})
    every = [dimension_facts(cells, context, item, period) for item in declared.dimensions.values()]
    present = tuple(item for item in every if item.has_data and item.movement.level is not None)
    is_reduced = composite.level is not None and _is_reduced(present)
    whole = Movement(period, newest=composite.newest) if is_reduced else composite
    present = tuple(replace(item, is_in_composite=not is_reduced) for item in present)
    by_change = _by_change(present)
    parts = [part for item in present for part in item.parts if part.total is not None]
    parts.sort(key=lambda part: part.total.value)  # type: ignore[union-attr]
    shown = [part for part in parts if part.indicator is not None]
    least = rule("contribution.least_dimension")
    return LabourFacts(
        movement=whole,
        composite=composite,
        is_reduced=is_reduced,
        band=None if is_reduced else band(cells, "overall", period),
        clarity={} if is_reduced else clarity_of(cells, "overall", period),
        quarter=_drivers(cells, context, period, "quarter", whole.quarter),
        year=_drivers(cells, context, period, "year", whole.year),
        dimensions=present,
        absent=tuple(item.dimension for item in every if not item.has_data or item.movement.level is None),
        better=tuple(item for item in by_change if _sign(item) > 0),
        worse=tuple(item for item in reversed(by_change) if _sign(item) < 0),
        used=cells.count("indicator_status", {"status": "used"}),
        total=cells.count("indicator_status", {}),
        late=cells.count("indicator_status", {"status": "stale"}),
        without=cells.count("indicator_status", {"status": "missing"}),
        coverage=_coverage(cells),
        pushes=tuple(part for part in reversed(shown) if part.total.value >= least),  # type: ignore[union-attr]
        pulls=tuple(part for part in shown if part.total.value <= -least),  # type: ignore[union-attr]
        directions=_directions(cells, period),
        revision=_revision(cells, context, period),
    )


def _is_reduced(present: tuple[DimensionFacts, ...]) -> bool:
    """Whether too few dimensions, or too little of the weight, have data for a composite to be published."""
    weights = [item.weight.value for item in present if item.weight is not None]
    is_light = bool(weights) and sum(weights) < rule("composite.least_weight")
    return len(present) < rule("composite.least_dimensions") or is_light


def _sign(item: DimensionFacts) -> int:
    return item.movement.quarter.sign if item.movement.quarter else 0


def _by_change(present: tuple[DimensionFacts, ...]) -> list[DimensionFacts]:
    moved = [item for item in present if item.movement.quarter is not None]
    return sorted(moved, key=lambda item: -item.movement.quarter.number.value)  # type: ignore[union-attr]


def _coverage(cells: Cells) -> Coverage | None:
    """Counts by state of the quarter; None for tables that do not tell it."""
    if "quarter_status" not in cells.tables.get("indicator_status", ()):
        return None
    observed, partial, estimated, absent = (
        cells.count("indicator_status", {"quarter_status": state}) for state in STATES
    )
    return Coverage(observed, partial, estimated, absent, cells.count("indicator_status", {}))


def _directions(cells: Cells, period: str) -> dict[str, Directions]:
    """Counts of the indicators with data by direction, against the quarter and the year before."""
    found = {}
    for against in LAGS:
        own = {"period": period, "against": against}
        if cells.positions("movers", own):
            counts = (cells.count("movers", own | {"direction": name}) for name in _DIRECTIONS)
            found[against] = Directions(*counts)
    return found


def _drivers(cells: Cells, context: Context, period: str, against: str, change: Change | None) -> Drivers:
    before = earlier(period, LAGS[against])
    parts = []
    for dimension in context.declarations.dimensions.values():
        number = contribution_of(cells, period, against, dimension)
        if number is not None:
            known = all(has_data(cells, context, dimension.id, at) for at in (period, before))
            parts.append(Part(dimension, number, known))
    least = rule("contribution.least_dimension")
    ordered = sorted((part for part in parts if part.has_data), key=lambda part: -part.number.value)
    others = tuple(part for part in parts if not part.has_data)
    return Drivers(
        against,
        change,
        lifts=tuple(part for part in ordered if part.number.value >= least),
        drags=tuple(part for part in reversed(ordered) if part.number.value <= -least),
        parts=tuple(parts),
        without_data=others,
        estimated=total([part.number for part in others]) if others else None,
    )


def _revision(cells: Cells, context: Context, period: str) -> Revision | None:
    """Sums of news and revisions since the previous issue; None without a comparison."""
    rows = cells.rows("news", period=period)
    if rows.empty:
        return None
    impacts: dict[str, list[Number]] = {}
    strongest: list[tuple[Indicator, Number]] = []
    for indicator, kind in zip(rows["indicator"].astype(str), rows["kind"].astype(str), strict=True):
        key = {"period": period, "indicator": indicator, "kind": kind}
        number = cells.number("news", "impact", key, unit="จุด", decimals=2)
        if number is not None and indicator in context.declarations.indicators:
            # what is no news revises: a revision of the source, or of the seasonal adjustment
            impacts.setdefault("news" if kind == "news" else "revision", []).append(number)
            strongest.append((context.declarations.indicators[indicator], number))
    strongest.sort(key=lambda pair: -abs(pair[1].value))
    news, revision = (total(impacts[kind]) if kind in impacts else None for kind in ("news", "revision"))
    return Revision(news, revision, tuple(strongest[:3]))
