"""Facts of one dimension: its sub-index with its band, its part in the composite, the indicators that moved it.

Goes in: ``labour_index``, ``index_changes``, ``contributions``, ``indicator_contributions``, ``movers``, ``series``, ``weights``,
``indicator_status``. Comes out: ``DimensionFacts``; ``reporter.report.labour`` puts them together for the nation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reporter.domain import thai
from reporter.domain.declarations import Dimension, Indicator, rule
from reporter.domain.edition import Context
from reporter.domain.periods import LAGS, iso
from reporter.domain.thai import SD_STEPS, Steps
from reporter.report import provenance
from reporter.report.document import Claim
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    Unit,
    earlier,
    movement,
    quarter_number,
    total,
    unit_of,
)


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
        return None if level is None else provenance.labour_level(level, self.band)

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
        return provenance.cause(change.number, named, known, role=role, least=least)

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
            says = provenance.interval(low, high, 0)
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


# ----------------------------------------------------------------------------------------------------
# Facts of single indicators: the figure that the source published, the adjusted change, the contribution to the index.
#
# Goes in: ``series``, ``movers``, ``indicator_contributions``, ``indicator_status``. Comes out: ``Mover`` and ``IndicatorPart``.
# What the source published comes first; the seasonally adjusted change stands second and is named so (method, second edition).
# ----------------------------------------------------------------------------------------------------

STATES = ("observed", "partial", "estimated", "absent")  # of an indicator in the quarter
OTHERS = "other_dimensions"  # what other dimensions' data say about a sub-index through the common factor

# An indicator that is the same fact as a macro variable: it is told with the variable's number, once.
SAME_FACT = {"gdp_growth": "real_gdp_growth", "inflation": "headline_inflation"}


@dataclass(frozen=True)
class Mover:
    """An indicator's change against an earlier quarter, seasonally adjusted, with what its source published.

    published, published_before   the source's figures of this quarter and of the one compared with; None where it has none
    """

    indicator: Indicator
    unit: Unit
    value: Number
    previous: Number
    change: Change
    direction: str
    published: Number | None = None
    published_before: Number | None = None
    published_year: Number | None = None

    @property
    def verb(self) -> str:
        """เพิ่มขึ้น, ลดลง or ทรงตัว, by the two values as displayed."""
        return _verb(self.value, self.previous)

    @property
    def published_change(self) -> Change | None:
        """The change on the year of what the source published."""
        if self.published is None or self.published_year is None:
            return None
        number = replace(self.published - self.published_year, unit=self.unit.change)
        return Change(number, self.change.steps, self.change.polarity)

    @property
    def is_adjusted(self) -> bool:
        """Whether the adjusted figures read otherwise than the published ones, so that both have to be said."""
        pairs = ((self.value, self.published), (self.previous, self.published_before))
        return any(own is not None and own.text != adjusted.text for adjusted, own in pairs)


@dataclass(frozen=True)
class IndicatorPart:
    """An indicator's contribution to the change of its sub-index (``sub``) and of the composite (``total``), in their points.

    indicator   None for what other dimensions' data say through the common factor
    state       one of ``STATES``: whether the quarter's value is the source's or the model's
    """

    id: str
    indicator: Indicator | None
    sub: Number
    total: Number | None
    state: str
    last: str
    mover: Mover | None

    @property
    def is_contrary(self) -> bool:
        """Whether its part has the other sign than its change on the quarter tells: the model measures it against its own trend."""
        if self.mover is None or self.mover.verb == "ทรงตัว":
            return False
        way = 1 if self.mover.verb == "เพิ่มขึ้น" else -1
        return way * self.mover.indicator.polarity * self.sub.value < 0


def _verb(now: Number, before: Number) -> str:
    first, second = (thai.rounded(item.value, item.decimals) for item in (now, before))
    if first == second:
        return "ทรงตัว"
    return "เพิ่มขึ้น" if first > second else "ลดลง"


def state_of(cells: Cells, indicator: str, period: str) -> str:
    """State of an indicator in the quarter; worked out from its last value where the table does not say it."""
    state = cells.text("indicator_status", "quarter_status", indicator=indicator)
    if state:
        return state
    last = cells.text("indicator_status", "last", indicator=indicator)
    status = cells.text("indicator_status", "status", indicator=indicator)
    if not last or status in ("missing", ""):
        return "absent"
    if quarter_number(last) < quarter_number(period):
        return "estimated"
    is_whole = "-Q" in last or quarter_number(last) > quarter_number(period) or int(last[-2:]) % 3 == 0
    return "observed" if is_whole else "partial"


def published(cells: Cells, item: Indicator, period: str) -> Number | None:
    """What the source published for a quarter; of a monthly series the mean of the quarter's months."""
    unit = unit_of(item.unit)
    same = _same_fact(cells, item, period)
    if same is not None:
        return same

    def raw(at: str) -> Number | None:
        key = {"indicator": item.id, "group": "TH", "period": at}
        return cells.number("series", "raw", key, unit=unit.after, decimals=unit.decimals)

    own = raw(period)
    if own is not None:
        return own
    year, quarter = int(period[:4]), int(period[-1])
    months = [raw(f"{year}-{month:02d}") for month in range(3 * quarter - 2, 3 * quarter + 1)]
    known = [number for number in months if number is not None]
    if len(known) < 3:
        return None
    return _mean(known, unit)


def _same_fact(cells: Cells, item: Indicator, period: str) -> Number | None:
    """The macro variable's number for an indicator that is the same fact."""
    if item.id not in SAME_FACT:
        return None
    unit, key = unit_of(item.unit), {"variable": SAME_FACT[item.id], "period": period}
    return cells.number("macro", "value", key, unit=unit.after, decimals=1)


def _mean(numbers: list[Number], unit: Unit) -> Number:
    whole = total(numbers)
    cell = f"( {whole.cell} ) / {len(numbers)}"
    return Number(whole.value / len(numbers), cell, unit.after, unit.decimals)


def movers_of(
    cells: Cells, context: Context, period: str, against: str, dimension: str | None = None
) -> tuple[Mover, ...]:
    """Indicators with a change at ``period`` in declared order; all dimensions' when none is given."""
    own = (
        item
        for item in context.declarations.indicators.values()
        if dimension is None or item.dimension == dimension
    )
    found = (mover_of(cells, item, period, against) for item in own)
    return tuple(item for item in found if item is not None)


def mover_of(cells: Cells, item: Indicator, period: str, against: str) -> Mover | None:
    """One indicator's change; None where the quarter or the one compared with has no value."""
    unit = unit_of(item.unit)
    key = {"period": period, "against": against, "indicator": item.id}
    value = cells.number("movers", "value", key, decimals=unit.decimals)
    previous = cells.number("movers", "previous", key, decimals=unit.decimals)
    change = cells.number("movers", "change", key, unit=unit.change, decimals=unit.decimals)
    deviation = cells.value("movers", "change_sd", key)
    if value is None or previous is None or change is None or deviation is None:
        return None
    before = earlier(period, 1 if against == "quarter" else 4)
    same = [_same_fact(cells, item, at) for at in (period, before)]
    if same[0] is not None and same[1] is not None:
        value, previous = same[0], same[1]
        change = replace(value - previous, unit=unit.change)
    return Mover(
        item,
        unit,
        value,
        previous,
        Change(change, _own_steps(change.value, deviation), item.polarity),
        cells.text("movers", "direction", **key),
        published=published(cells, item, period),
        published_before=published(cells, item, before),
        published_year=published(cells, item, earlier(period, 4)),
    )


def _own_steps(change: float, deviation: float) -> Steps:
    """Steps in the indicator's own unit that stand for the same steps in standard deviations."""
    if abs(deviation) < 1e-12:
        return Steps(float("inf"), float("inf"), float("inf"))
    scale = abs(change / deviation)
    return Steps(SD_STEPS.still * scale, SD_STEPS.slight * scale, SD_STEPS.marked * scale)


def indicator_parts(
    cells: Cells,
    context: Context,
    dimension: str,
    period: str,
    against: str,
    change: Change | None,
    contribution: Number | None,
) -> tuple[IndicatorPart, ...]:
    """Contributions of a dimension's indicators, the largest first; none without a change.

    change, contribution   of the sub-index, and of the dimension to the composite
    """
    own = {"period": period, "against": against, "dimension": dimension}
    rows = cells.rows("indicator_contributions", **own)
    has_sub = "sub_index" in rows
    found = []
    for name in rows.get("indicator", []):
        key = own | {"indicator": str(name)}
        given = cells.number("indicator_contributions", "contribution", key, unit="จุด", decimals=2)
        column = "sub_index" if has_sub else "contribution"
        sub = cells.number("indicator_contributions", column, key, unit="จุด", decimals=1)
        if sub is None or given is None:
            continue
        whole = given if has_sub else _of_composite(sub, change, contribution)
        item = context.declarations.indicators.get(str(name))
        state = state_of(cells, str(name), period) if item is not None else "observed"
        mover = mover_of(cells, item, period, against) if item is not None else None
        last = cells.text("indicator_status", "last", indicator=str(name))
        found.append(IndicatorPart(str(name), item, sub, whole, state, last, mover))
    return tuple(sorted(found, key=lambda part: -abs(part.sub.value)))


def _of_composite(sub: Number, change: Change | None, contribution: Number | None) -> Number | None:
    """A part of the dimension's contribution, in proportion; None where the sub-index did not move."""
    if change is None or contribution is None or abs(change.number.value) < 1e-9:
        return None
    value = sub.value * contribution.value / change.number.value
    cell = f"( {sub.cell} ) * ( {contribution.cell} ) / ( {change.number.cell} )"
    return Number(value, cell, "จุด", 2)
