"""Facts of the Labour Economic Index: level, changes, what moved it by contribution, each dimension with its indicators.

Goes in: ``labour_index``, ``index_changes``, ``contributions``, ``indicator_contributions``, ``movers``, ``series``, ``weights``,
``indicator_status``, ``news``. Comes out: ``LabourFacts``. Study 3.4 and 5.2.1, chapter ``labour``; causes are contributions (method,
second edition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import pandas as pd

from reporter.domain import thai
from reporter.domain.declarations import Dimension, Indicator, MacroVariable, rule, rules_of, steps
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.report import provenance
from reporter.report.dimensions import (
    LAGS,
    STATES,
    Clarity,
    DimensionFacts,
    IndicatorPart,
    Mover,
    band,
    clarity_of,
    contribution_of,
    dimension_facts,
    has_data,
    is_turned,
    level_word,
    movers_of,
)
from reporter.report.document import Claim
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    UnitWords,
    earlier,
    movement,
    total,
    unit_of,
)

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

    @staticmethod
    def foremost(ranked: tuple[Part, ...]) -> tuple[Part, ...]:
        """The first of ranked parts with those that differ from it by so little that neither did most."""
        alike = rule("contribution.alike")
        return tuple(part for part in ranked if abs(part.number.value - ranked[0].number.value) < alike)

    def balance(self, lifts: tuple[Part, ...], drags: tuple[Part, ...]) -> list[Claim]:
        """That these parts push and drag most where the composite as a whole stood still."""
        if self.change is None or self.change.sign != 0:
            return []
        known = [(part.dimension.id, part.number) for part in self.parts if part.has_data]
        return [
            provenance.rank([(part.dimension.id, part.number) for part in own], known, origin)
            for own, origin in ((lifts, "highest"), (drags, "lowest"))
            if own
        ]

    def claimed(self, parts: tuple[Part, ...], role: str = "drives") -> Claim | None:
        """That these parts drive, or offset, the change."""
        if self.change is None or self.change.sign == 0 or not parts:
            return None
        known = [(part.dimension.id, part.number) for part in self.parts if part.has_data]
        named = [(part.dimension.id, part.number) for part in parts]
        least = rule("contribution.least_dimension")
        return provenance.cause(self.change.number, named, known, role=role, least=least)


@dataclass(frozen=True)
class Revision:
    """How the newest data changed the index since the previous issue."""

    news: Number | None
    revision: Number | None
    strongest: tuple[tuple[Indicator, Number], ...]

    @property
    def leading(self) -> tuple[tuple[Indicator, Number], ...]:
        """The indicator that changed the index most, and those whose change reads the same."""
        first = self.strongest[0][1]
        return tuple(pair for pair in self.strongest if pair[1].text.lstrip("−") == first.text.lstrip("−"))

    @property
    def claim(self) -> Claim:
        """That the first indicator changed the index most."""
        known = [(indicator.id, number) for indicator, number in self.strongest]
        return provenance.superlative(known[0], known, "highest", is_by_size=True)


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

    @property
    def is_whole(self) -> bool:
        """Whether every indicator has the whole quarter."""
        return self.observed.value == self.total.value


@dataclass(frozen=True)
class Nowcast:
    """The composite of a quarter that most sources have not delivered: its value and 80 % band."""

    level: Number
    band: tuple[Number, Number]


@dataclass(frozen=True)
class Delivered:
    """How many of the sources have data of the quarter."""

    arrived: int
    every: int


@dataclass(frozen=True)
class Signal:
    """A dimension or an indicator whose fall over two quarters is among the worst of its own past.

    kind    ``dimension`` or ``indicator``; level ``watch`` (the worst quarter of all falls) or ``alert`` (the worst tenth)
    before, now   of an indicator: its adjusted values, whose change was judged
    """

    kind: str
    subject: Dimension | Indicator
    level: str
    claim: Claim
    before: Number | None = None
    now: Number | None = None

    @property
    def unit(self) -> UnitWords:
        """The unit of an indicator's values."""
        return unit_of(self.subject.unit if isinstance(self.subject, Indicator) else "")

    @property
    def is_shown(self) -> bool:
        """Whether a reader sees that the two values differ."""
        return self.before is not None and self.now is not None and self.before.text != self.now.text


@dataclass(frozen=True)
class LabourFacts:
    """Everything said about the national index.

    dimensions     those with data in the quarter; ``absent`` the others
    is_reduced     too few dimensions, or too little weight, for a composite
    nowcast        of a reduced issue whose quarter is still running
    estimated_year what the same indicators give to the change on the year
    slope          by which weight times change of a sub-index is multiplied to be its contribution; None where that does not hold
    turned         indicators whose loading has the other sign than their declared polarity, with that loading
    signals        dimensions and indicators on watch or on alert, the worst fall first
    estimated      how many indicators have no data for the quarter, and what they give to that change by the model's estimates
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
    directions: Mapping[str, Directions]
    revision: Revision | None
    signals: tuple[Signal, ...] = ()
    estimated: tuple[int, Number] | None = None
    nowcast: Nowcast | None = None
    delivered: Delivered | None = None
    turned: tuple[tuple[Indicator, Number], ...] = ()
    estimated_year: Number | None = None
    slope: Number | None = None
    unemployed: Movement | None = None

    @property
    def level_claim(self) -> Claim | None:
        """The level against the long-run average, by its band where there is one."""
        return provenance.labour_level(self.movement.level, self.band)

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
        counted = provenance.count(len(own), known, ">=" if way > 0 else "<=", way * still)
        first = (own[0].dimension.id, own[0].movement.quarter.number)
        return [
            counted,
            provenance.superlative(
                first, known, "highest" if way > 0 else "lowest", reads="most", least=still
            ),
        ]

    @property
    def unclear_claims(self) -> list[Claim]:
        """That the change of every dimension on the quarter may be none; empty where one is clear or has no band."""
        found = [item.clarity.get("quarter") for item in self.dimensions if item.movement.quarter is not None]
        known = [one.claim for one in found if one is not None and not one.is_clear]
        return known if len(known) == len(found) > 1 else []

    @property
    def year_claims(self) -> list[Claim]:
        """For every dimension whether its change on the year is clear, and which way those went that are."""
        clear = [item.movement.year for item in self.clear_on_year]
        told = [item.clarity["year"].claim for item in self.dimensions if "year" in item.clarity]
        return told + [found for change in clear if (found := provenance.direction(change, with_size=False))]

    @property
    def clear_on_year(self) -> tuple[DimensionFacts, ...]:
        """Dimensions whose change on the year is clear, the largest first."""
        own = [
            item
            for item in self.dimensions
            if item.movement.year is not None and "year" in item.clarity and item.clarity["year"].is_clear
        ]
        return tuple(sorted(own, key=lambda item: -abs(item.movement.year.number.value)))  # type: ignore[union-attr]

    @property
    def told(self) -> Drivers | None:
        """The change whose causes a summary may tell: the quarter's where it is clear, else the year's where that is.

        Where no band is known a change is taken as it is. None where neither is clear: nobody explains what may be noise.
        """
        for drivers in (self.quarter, self.year):
            found = self.clarity.get(drivers.against)
            is_clear = found.is_clear if found else drivers.against == "quarter" and not self.clarity
            if drivers.change is not None and drivers.change.sign and is_clear:
                return drivers
        return None

    def through_others(self, against: str) -> Number | None:
        """What of the composite's change other dimensions' data say through the common factor; None where next to nothing."""
        own = [
            part.total
            for item in self.dimensions
            for part in (item.parts if against == "quarter" else item.parts_year)
            if part.indicator is None and part.total is not None
        ]
        if not own or abs(total(own).value) < rule("contribution.least_dimension"):
            return None
        return replace(total(own), decimals=2)

    @property
    def parts_against(self) -> str:
        """The comparison whose pushes and pulls the summary shows: that of ``told``, where it has parts; else the quarter."""
        told = self.told
        return "year" if told is not None and told.against == "year" and self._parts("year") else "quarter"

    @property
    def pushes(self) -> tuple[IndicatorPart, ...]:
        """Indicators that pushed the composite on the quarter, the largest contribution first."""
        return self.moving("quarter", 1)

    @property
    def pulls(self) -> tuple[IndicatorPart, ...]:
        """Indicators that pulled the composite down on the quarter, the largest contribution first."""
        return self.moving("quarter", -1)

    def moving(self, against: str, way: int) -> tuple[IndicatorPart, ...]:
        """Indicators that pushed (1) or pulled (-1) the composite against the quarter or the year before, the largest first."""
        least = rule("contribution.least_dimension")
        own = [part for part in self._parts(against) if _reads(part.total) * way >= least]
        return tuple(sorted(own, key=lambda part: -part.total.value * way))  # type: ignore[union-attr]

    def _parts(self, against: str) -> list[IndicatorPart]:
        """Contributions of indicators to the composite's change."""
        parts = [part for item in self.dimensions for part in item.parts_against(against)]
        return [part for part in parts if part.total is not None and part.indicator is not None]

    def moving_claim(self, against: str, way: int, parts: Sequence[IndicatorPart]) -> Claim | None:
        """That these pushes, or pulls, are the largest contributions."""
        known = [(part.id, part.total) for part in self._parts(against) if part.total is not None]
        named = [(part.id, part.total) for part in parts if part.total is not None]
        origin = "highest" if way > 0 else "lowest"
        return provenance.rank(named, known, origin, reads="most") if named else None

    def signalled(self, kind: str, *levels: str) -> tuple[Signal, ...]:
        """Dimensions (``dimension``) or indicators (``indicator``) on one of the levels ``watch`` and ``alert``."""
        return tuple(item for item in self.signals if item.kind == kind and item.level in levels)

    @property
    def level_word(self) -> str:
        """The level against the long-run average in words."""
        return level_word(self.movement.level, self.level_claim)

    @property
    def health(self) -> str:
        """``above``, ``about`` or ``below`` normal; "" without a composite."""
        return str(self.level_claim.says) if self.level_claim else ""

    @property
    def is_quarter_clear(self) -> bool:
        """Whether the composite's change on the quarter is more than its band; where no band is known it is taken as it is."""
        found = self.clarity.get("quarter")
        return found is None or found.is_clear

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
    is_short = is_reduced(cells, context)
    whole = Movement(period, newest=composite.newest) if is_short else composite
    present = tuple(replace(item, is_in_composite=not is_short) for item in present)
    by_change = _by_change(present)
    shown = [part for item in present for part in item.parts if part.total is not None and part.indicator]
    return LabourFacts(
        movement=whole,
        composite=composite,
        is_reduced=is_short,
        band=None if is_short else band(cells, "overall", period),
        clarity={} if is_short else clarity_of(cells, "overall", period),
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
        directions=_directions(cells, period),
        revision=_revision(cells, context, period),
        signals=_signals(cells, context, present),
        estimated=_estimated(shown) if whole.quarter else None,
        nowcast=_nowcast(cells, context, composite) if is_short else None,
        delivered=_delivered(cells, context),
        turned=_turned(cells, context),
        estimated_year=_estimated_year(present) if whole.year else None,
        slope=None if is_short else _slope(cells, present),
        unemployed=unemployed_persons(cells, period),
    )


def unemployed_persons(cells: Cells, period: str) -> Movement:
    """Thousands of unemployed persons as published; without a level where the workspace has none."""
    key = {"series": "unemployed_persons"}
    return movement(cells, "beside", period, polarity=-1, unit="พันคน", decimals=0, factor=0.001, key=key)


def _estimated(parts: list[IndicatorPart]) -> tuple[int, Number] | None:
    """How many indicators the model had to estimate, and what they give to the composite's change together; None without any."""
    known = [part.total for part in parts if part.state == "estimated" and part.total is not None]
    return (len(known), replace(total(known), decimals=2)) if known else None


def _estimated_year(present: Sequence[DimensionFacts]) -> Number | None:
    """What the indicators without data for the quarter give to the composite's change on the year; None where one of it is not known."""
    parts = [
        part for item in present for part in item.parts_year if part.state == "estimated" and part.indicator
    ]
    known = [part.total for part in parts if part.total is not None]
    return replace(total(known), decimals=2) if known and len(known) == len(parts) else None


def _slope(cells: Cells, present: Sequence[DimensionFacts]) -> Number | None:
    """The composite's slope, where weight, change and slope give every contribution that the table shows."""
    slope = cells.number("index_parameters", "value", {"key": "composite_slope"}, decimals=4)
    if slope is None:
        return None
    for item in present:
        for change, part in ((item.movement.quarter, item.quarter), (item.movement.year, item.year)):
            if change is None or part is None or item.weight is None:
                continue
            if abs(item.weight.value * change.number.value * slope.value - part.value) > 0.005:
                return None
    return slope


def publishable(tables: Mapping[str, pd.DataFrame], context: Context) -> dict[str, pd.DataFrame]:
    """The tables that charts and tables show.

    Without the nation's composite where it is not published, and without the issue's quarter of dimensions that have no data for it: a
    model's estimate of them is no result to be ranked, drawn or named in a title.
    """
    index = tables.get("labour_index")
    if index is None or index.empty:
        return dict(tables)
    facts = labour_facts(Cells(tables), context)
    is_nation = index["group"] == "TH"
    unknown = [dimension.id for dimension in facts.absent]
    left_out = is_nation & index["dimension"].isin(unknown) & (index["period"] == iso(context.quarter))
    if facts.is_reduced:
        left_out |= is_nation & (index["dimension"] == "overall")
    return dict(tables) | {"labour_index": index[~left_out]} | _published_signals(tables, facts, context)


def _published_signals(
    tables: Mapping[str, pd.DataFrame], facts: LabourFacts, context: Context
) -> dict[str, pd.DataFrame]:
    """The warning signals without those of what is not published: a model's estimate gives no warning."""
    signals = tables.get("signals")
    if signals is None or signals.empty:
        return {}
    unknown = [dimension.id for dimension in facts.absent]
    left_out = signals["item"].isin(unknown) & (signals["period"] == iso(context.quarter))
    if facts.is_reduced:
        left_out |= signals["kind"] == "index"
    return {"signals": signals[~left_out]}


def is_reduced(cells: Cells, context: Context) -> bool:
    """Whether too few dimensions, or too little of the weight, have data this quarter for the composite to be published."""
    period = iso(context.quarter)
    key = {"group": "TH", "period": period}
    values = {
        name: cells.number("labour_index", "value", {"dimension": name, **key})
        for name in ("overall", *context.declarations.dimensions)
    }
    if values.pop("overall") is None:
        return False
    there = [
        name for name, value in values.items() if value is not None and has_data(cells, context, name, period)
    ]
    weights = [cells.number("weights", "weight", {"dimension": name}) for name in there]
    known = [weight.value for weight in weights if weight is not None]
    is_light = bool(known) and sum(known) < rule("composite.least_weight")
    return len(there) < rule("composite.least_dimensions") or is_light


def _nowcast(cells: Cells, context: Context, composite: Movement) -> Nowcast | None:
    """The composite as a nowcast; None where the quarter before had too few dimensions itself.

    The rule on six dimensions is meant for data that will not come; where they came a quarter ago they are only not here yet.
    """
    before, key = iso(context.quarter - 1), {"dimension": "overall", "group": "TH"}
    index = cells.rows("labour_index", group="TH", period=before)
    if "status" not in index:
        return None
    there = index.loc[
        index["status"].isin(("final", "provisional")) & (index["dimension"] != "overall"), "dimension"
    ]
    weights = [cells.number("weights", "weight", {"dimension": str(name)}) for name in there]
    share = sum(weight.value for weight in weights if weight is not None)
    level = composite.level
    low, high = (
        cells.number("labour_index", name, key | {"period": iso(context.quarter)}, unit="จุด")
        for name in ("low80", "high80")
    )
    few = len(there) < rule("composite.least_dimensions") or share < rule("composite.least_weight")
    if few or level is None or low is None or high is None:
        return None
    return Nowcast(level, (low, high))


def _delivered(cells: Cells, context: Context) -> Delivered | None:
    """Agencies with data of the quarter among those with any; joint ones are taken apart. None for tables that do not tell it."""
    states = cells.rows("indicator_status")
    if "quarter_status" not in states:
        return None
    declared = context.declarations.indicators
    sources: dict[str, set[str]] = {"here": set(), "every": set()}
    for name, state in zip(states["indicator"], states["quarter_status"], strict=True):
        own = declared[str(name)].source.split("+") if name in declared and state != "absent" else ()
        sources["every"].update(own)
        sources["here"].update(own if state in ("observed", "partial") else ())
    return Delivered(len(sources["here"]), len(sources["every"]))


def _reads(number: Number | None) -> float:
    """A number as it is printed."""
    return 0.0 if number is None else thai.rounded(number.value, number.decimals)


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


def _signals(cells: Cells, context: Context, present: tuple[DimensionFacts, ...]) -> tuple[Signal, ...]:
    """Dimensions with data and indicators on watch or on alert in the issue's quarter, the worst fall first."""
    period, declared = iso(context.quarter), context.declarations
    limits = {name: float(rules_of("signals")[name]) for name in ("watch", "alert")}
    named: dict[tuple[str, str], Dimension | Indicator] = {
        ("dimension", item.dimension.id): item.dimension for item in present
    }
    named |= {("indicator", code): item for code, item in declared.indicators.items()}
    found = []
    for (kind, code), subject in named.items():
        where = {"kind": kind, "item": code, "period": period}
        level, rank = cells.text("signals", "signal", **where), cells.value("signals", "rank", where)
        if level in limits and rank is not None:
            claim, span = provenance.signal(where, level, limits), int(rules_of("signals")["span_quarters"])
            values = [
                _judged(cells, subject, where | {"period": at}) for at in (earlier(period, span), period)
            ]
            found.append((rank, Signal(kind, subject, level, claim, *values)))
    return tuple(item for _, item in sorted(found, key=lambda pair: pair[0]))


def _judged(cells: Cells, subject: Dimension | Indicator, where: dict[str, str]) -> Number | None:
    """An indicator's value in the table of signals, where higher is better, as it is read."""
    number = cells.number("signals", "value", where)
    if number is None or not isinstance(subject, Indicator):
        return None
    unit = unit_of(subject.unit)
    return (number if subject.polarity > 0 else number.times(-1)).with_decimals(unit.decimals)


def _turned(cells: Cells, context: Context) -> tuple[tuple[Indicator, Number], ...]:
    """Indicators whose loading in the model contradicts their declared polarity, with the loading."""
    own = [item for item in context.declarations.indicators.values() if is_turned(cells, item)]
    found = [
        (item, cells.number("index_model", "loading", {"indicator": item.id}, decimals=2)) for item in own
    ]
    return tuple((item, loading) for item, loading in found if loading is not None)


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
    by_indicator: dict[str, list[Number]] = {}
    for indicator, kind in zip(rows["indicator"].astype(str), rows["kind"].astype(str), strict=True):
        key = {"period": period, "indicator": indicator, "kind": kind}
        number = cells.number("news", "impact", key, unit="จุด", decimals=2)
        if number is not None and indicator in context.declarations.indicators:
            # what is no news revises: a revision of the source, or of the seasonal adjustment
            impacts.setdefault("news" if kind == "news" else "revision", []).append(number)
            by_indicator.setdefault(indicator, []).append(number)
    # News, revision and seasonal adjustment of one indicator may undo each other: what counts is their sum.
    strongest = [(context.declarations.indicators[name], total(own)) for name, own in by_indicator.items()]
    strongest.sort(key=lambda pair: -abs(pair[1].value))
    news, revision = (total(impacts[kind]) if kind in impacts else None for kind in ("news", "revision"))
    return Revision(news, revision, tuple(strongest))


# ----------------------------------------------------------------------------------------------------
# Facts of the economy around the labour market: macro variables, related indicators, outlook factors, budget.
#
# Goes in: ``macro``, ``movers``, ``cross_correlations``, ``outlook``, ``fiscal``. Comes out: ``EconomyFacts``.
# Study 5.2.1, chapter ``outlook`` (and the comparisons of the chapters ``labour``, ``employers`` and ``workers``).
# ----------------------------------------------------------------------------------------------------

_STEPS = steps("macro")


@dataclass(frozen=True)
class MacroFacts:
    """A macro variable at its newest quarter not later than the issue's; ``is_late`` when that is an earlier one.

    tested  its same-quarter correlation with the index and the p-value
    """

    variable: MacroVariable
    unit: UnitWords
    movement: Movement
    is_late: bool
    lead: Lead | None = None
    tested: tuple[Number, Number] | None = None

    @property
    def way(self) -> str:
        """``same`` or ``opposite``: how it has moved with the index; "" where no test shows that it has."""
        if self.tested is None or not self.tested[1].value < rule("significance.level"):
            return ""
        return "same" if self.tested[0].value > 0 else "opposite"

    def together(self, index: Change | None) -> Claim | None:
        """That it went with the index, or against it, this quarter, where the test shows that it does so."""
        own = self.movement.quarter
        if own is None or index is None or relation(own, index) != self.way:
            return None
        return provenance.together(own, index, tested=self.tested)

    @property
    def price_level(self) -> str:
        """Where inflation lies: ``falling`` (below nothing), ``low`` or ``high`` against the target, or ``""``."""
        if self.movement.level is None:
            return ""
        value = self.movement.level.value
        if value < 0:
            return "falling"
        return "low" if value < rule("prices.low") else "high" if value > rule("prices.high") else ""

    @property
    def price_claim(self) -> Claim | None:
        """That inflation lies below nothing, below its target range or above it."""
        bounds = {"falling": 0.0, "low": rule("prices.low"), "high": rule("prices.high")}
        level = self.movement.level
        if level is None or self.price_level not in bounds:
            return None
        return provenance.comparison(replace(level, decimals=9), bounds[self.price_level])


@dataclass(frozen=True)
class Lead:
    """The strongest correlation of the index with a macro variable; ``quarters`` > 0: the variable comes first."""

    quarters: int
    correlation: Number
    claim: Claim | None = None


@dataclass(frozen=True)
class OutlookFactor:
    """An outlook factor of the analysts."""

    sign: str
    affects: str
    text: str
    source: str
    kind: str = ""
    size: str = ""
    likelihood: str = ""


@dataclass(frozen=True)
class Budget:
    """The ministry's budget of the fiscal year and what has been disbursed, million baht."""

    period: str
    budget: Number
    disbursed: Number
    rate: Number
    target_rate: Number | None

    @property
    def claim(self) -> Claim | None:
        """Disbursement against its target."""
        return None if self.target_rate is None else provenance.comparison(self.rate, self.target_rate)


@dataclass(frozen=True)
class EconomyFacts:
    """The economy around the index; ``related`` maps an indicator id of the economy dimension to its movers.

    price_part   what inflation gives to the change of the composite on the quarter; None where that is not known
    """

    macro: tuple[MacroFacts, ...]
    missing: tuple[MacroVariable, ...]
    quarter: Mapping[str, Mover]
    year: Mapping[str, Mover]
    factors: Mapping[str, tuple[OutlookFactor, ...]] = field(default_factory=dict)
    positive: Number | None = None
    negative: Number | None = None
    budget: Budget | None = None
    price_part: Number | None = None

    @property
    def current(self) -> tuple[MacroFacts, ...]:
        """Macro variables that have the issue's quarter."""
        return tuple(item for item in self.macro if not item.is_late)

    @property
    def late(self) -> tuple[MacroFacts, ...]:
        """Macro variables whose newest quarter is an earlier one."""
        return tuple(item for item in self.macro if item.is_late)

    @property
    def own(self) -> tuple[Mover, ...]:
        """Indicators of the quarter, without those that are told as a macro variable."""
        current = {item.variable.id for item in self.current}
        return tuple(item for item in self.quarter.values() if item.indicator.same_as not in current)

    @property
    def told(self) -> tuple[Mover, ...]:
        """Those of them that moved."""
        return tuple(item for item in self.own if item.verb != "ทรงตัว")

    @property
    def up(self) -> tuple[Mover, ...]:
        """Those that improved."""
        return tuple(item for item in self.told if item.direction == "improved")

    @property
    def down(self) -> tuple[Mover, ...]:
        """Those that worsened."""
        return tuple(item for item in self.told if item.direction == "worsened")

    @property
    def mood(self) -> str:
        """``better``, ``worse`` (all of them), ``mostly_better``, ``mostly_worse``, ``mixed`` or ``still``."""
        up, down = len(self.up), len(self.down)
        if not up + down:
            return "still"
        if not up or not down:
            return "better" if up else "worse"
        share = max(up, down) / (up + down)
        if share < rule("majority.mostly"):
            return "mixed"
        return "mostly_better" if up > down else "mostly_worse"

    @property
    def price_fall(self) -> Claim | None:
        """That inflation fell, where prices fall too: that needs a word on what it gives to the index."""
        prices = self.of("headline_inflation")
        change = prices.movement.quarter if prices is not None and prices.price_level == "falling" else None
        if change is not None and change.sign < 0:
            return provenance.direction(change, with_size=False)
        monthly = next((item for item in self.up if item.indicator.id == "inflation"), None)
        is_falling = monthly is not None and monthly.value.value < 0  # of a quarter that is not yet whole
        return (
            provenance.comparison(monthly.value, monthly.previous)
            if monthly is not None and is_falling
            else None
        )

    @property
    def price_way(self) -> int:
        """Whether inflation pushes (1) or drags (-1) the composite by a contribution worth a word."""
        part = self.price_part
        if part is None or abs(part.value) < rule("contribution.least_dimension"):
            return 0
        return 1 if part.value > 0 else -1

    @property
    def diffusion(self) -> tuple[tuple[str, int, Number], ...]:
        """Indices that count more answers up than down above their neutral value: name, side, published level."""
        found = []
        for name in ("pmi", "consumer_confidence", "business_sentiment"):
            mover = self.quarter.get(name)
            if mover is not None and mover.published is not None:
                gap = round(mover.published.value, mover.published.decimals) - rule("diffusion.neutral")
                label = mover.indicator.spoken.th
                found.append((label, (gap > 0) - (gap < 0), mover.published))
        return tuple(found)

    def of(self, variable: str) -> MacroFacts | None:
        """One macro variable, if it has data in the issue's quarter."""
        return next((item for item in self.current if item.variable.id == variable), None)


def economy_facts(cells: Cells, context: Context, labour: LabourFacts) -> EconomyFacts:
    """Facts of the issue's quarter."""
    period = iso(context.quarter)
    parts = [part for item in labour.dimensions if labour.quarter.change for part in item.parts]
    found = {name: _macro(cells, item, period) for name, item in context.declarations.macro.items()}
    return EconomyFacts(
        macro=tuple(item for item in found.values() if item is not None),
        missing=tuple(context.declarations.macro[name] for name, item in found.items() if item is None),
        quarter={item.indicator.id: item for item in movers_of(cells, context, period, "quarter", "economy")},
        year={item.indicator.id: item for item in movers_of(cells, context, period, "year", "economy")},
        factors=_factors(cells),
        positive=cells.count("outlook", {"sign": "+"}),
        negative=cells.count("outlook", {"sign": "-"}),
        budget=_budget(cells, period),
        price_part=next((part.total for part in parts if part.id == "inflation"), None),
    )


def _macro(cells: Cells, variable: MacroVariable, period: str) -> MacroFacts | None:
    values = cells.series("macro", "value", variable=variable.id).loc[:period]
    if values.empty:
        return None
    newest, unit = str(values.index[-1]), unit_of(variable.unit)
    decimals = 2 if variable.unit == "percent" else 1
    moved = movement(
        cells,
        "macro",
        newest,
        steps=_STEPS,
        polarity=variable.polarity,
        unit=unit.change,
        decimals=decimals,
        key={"variable": variable.id},
    )
    key = {"test": "correlation", "variable": variable.id}
    correlation, p_value = (
        cells.number("index_tests", name, key, decimals=2) for name in ("statistic", "p_value")
    )
    tested = None if correlation is None or p_value is None else (correlation, p_value)
    return MacroFacts(variable, unit, moved, newest != period, _lead(cells, variable.id), tested)


def _lead(cells: Cells, variable: str) -> Lead | None:
    """Strongest cross-correlation of the variable with the index, whichever of them the table names first.

    None when the test of the peak found no relation.
    """
    if cells.text("index_tests", "verdict", test="correlation_peak", variable=variable) == "no_relation":
        return None
    for first, second, sign in ((variable, "labour_index", 1), ("labour_index", variable, -1)):
        rows = cells.rows("cross_correlations", first=first, second=second).dropna(subset=["correlation"])
        if rows.empty:
            continue
        lead = int(rows["lead"].iloc[int(rows["correlation"].abs().argmax())])
        key = {"first": first, "second": second, "lead": str(lead)}
        number = cells.number("cross_correlations", "correlation", key, decimals=2)
        return None if number is None else Lead(sign * lead, number, _strongest(cells, first, second, number))
    return None


def _strongest(cells: Cells, first: str, second: str, chosen: Number) -> Claim:
    """That no lead or lag has a stronger correlation."""
    rows = cells.rows("cross_correlations", first=first, second=second)
    keys = [{"first": first, "second": second, "lead": str(int(lead))} for lead in rows["lead"]]
    numbers = [(key["lead"], cells.number("cross_correlations", "correlation", key)) for key in keys]
    known = [(lead, number) for lead, number in numbers if number is not None]
    return provenance.superlative(("", chosen), known, "highest", is_by_size=True)


def _factors(cells: Cells) -> dict[str, tuple[OutlookFactor, ...]]:
    """``abroad+``, ``abroad-``, ``home+``, ``home-`` -> factors in the analysts' order."""
    if not cells.has("outlook"):
        return {}
    found: dict[str, list[OutlookFactor]] = {}
    for row in cells.tables["outlook"].fillna("").to_dict("records"):
        factor = OutlookFactor(**{item.name: str(row.get(item.name, "")) for item in fields(OutlookFactor)})
        found.setdefault(f"{row['origin']}{row['sign']}", []).append(factor)
    return {name: tuple(items) for name, items in found.items()}


def _budget(cells: Cells, period: str) -> Budget | None:
    newest = cells.rows("fiscal", measure="disbursed")
    periods = sorted(str(item) for item in newest.get("period", []) if str(item) <= period)
    if not periods:
        return None
    at = periods[-1]
    parts = {
        measure: cells.number(
            "fiscal", "value", {"period": at, "measure": measure}, unit="ล้านบาท", decimals=1
        )
        for measure in ("budget", "disbursed", "target")
    }
    budget, disbursed, target = parts["budget"], parts["disbursed"], parts["target"]
    if budget is None or disbursed is None or budget.value == 0:
        return None
    return Budget(
        at,
        budget,
        disbursed,
        disbursed.over(budget, 100, "ร้อยละ"),
        None if target is None else target.over(budget, 100, "ร้อยละ"),
    )


def relation(first: Change | None, second: Change | None) -> str:
    """``same``, ``opposite``, ``still`` (one of them did not move) or "" when one is missing."""
    if first is None or second is None:
        return ""
    if 0 in (first.sign, second.sign):
        return "still"
    return "same" if first.sign == second.sign else "opposite"
