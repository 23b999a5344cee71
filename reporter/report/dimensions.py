"""Facts of one dimension, with the indicators that moved it, and facts of groups.

Goes in: ``labour_index``, ``index_changes``, ``contributions``, ``indicator_contributions``, ``movers``, ``series``, ``weights``,
``indicator_status``. Comes out: ``DimensionFacts``; ``reporter.report.labour`` puts them together for the nation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reporter.domain import thai
from reporter.domain.declarations import LABOUR_KINDS, Dimension, Group, Indicator, Name, Questionnaire, rule
from reporter.domain.edition import Context
from reporter.domain.periods import LAGS, iso
from reporter.domain.thai import CONFIDENCE_STEPS, INDEX_STEPS, SD_STEPS, Steps
from reporter.report import provenance
from reporter.report.document import Claim
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    UnitWords,
    address,
    earlier,
    movement,
    quarter_number,
    total,
    unit_of,
)
from reporter.surveys import small_sample


@dataclass(frozen=True)
class Clarity:
    """Whether a change differs from zero by its 95 % band, and the cell that says so."""

    is_clear: bool
    low: Number
    high: Number
    claim: Claim

    @property
    def is_barely(self) -> bool:
        """Whether the change is clear, and its band ends so near to zero that a usual revision may let it hold zero again."""
        return self.is_clear and min(abs(self.low.value), abs(self.high.value)) < rule("clear.barely")


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
        return provenance.labour_level(self.movement.level, self.band)

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

    def parts_against(self, against: str) -> tuple[IndicatorPart, ...]:
        """Its indicators' contributions against the ``quarter`` or the ``year`` before."""
        return self.parts if against == "quarter" else self.parts_year

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
            found[against] = Clarity(is_clear, low.off_zero(), high.off_zero(), says)
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


@dataclass(frozen=True)
class Mover:
    """An indicator's change against an earlier quarter, seasonally adjusted, with what its source published.

    published, published_before   the source's figures of this quarter and of the one compared with; None where it has none
    months, published_months      of a quarter that lacks a month: those that the value is the mean of, and their published mean
    """

    indicator: Indicator
    unit: UnitWords
    value: Number
    previous: Number
    change: Change
    direction: str
    published: Number | None = None
    published_before: Number | None = None
    published_year: Number | None = None
    months: tuple[str, ...] = ()
    published_months: Number | None = None

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
        """Whether the adjusted figures differ in print from the published ones, so that both have to be given."""
        now = self.published_months if self.published is None else self.published
        pairs = ((self.value, now), (self.previous, self.published_before))
        return any(own is not None and own.text != adjusted.text for adjusted, own in pairs)


@dataclass(frozen=True)
class IndicatorPart:
    """An indicator's contribution to the change of its sub-index (``sub``) and of the composite (``total``), in their points.

    indicator   None for what other dimensions' data say through the common factor
    state       one of ``STATES``: whether the quarter's value is the source's or the model's
    measured    the change of what the model measures of it (``transformed``: freed of its trend); None where not known
    seasonal    the part of ``sub`` that its seasonal adjustment makes, as far as the table of steps tells it
    is_turned   whether its loading has the other sign than its declared polarity
    year_ago    what its source published for the quarter a year before, where this quarter has no data yet
    """

    id: str
    indicator: Indicator | None
    sub: Number
    total: Number | None
    state: str
    last: str
    mover: Mover | None
    measured: float | None = None
    seasonal: Number | None = None
    is_turned: bool = False
    year_ago: Number | None = None

    @property
    def _way(self) -> int:
        """Whether its figures rose (1) or fell (-1)."""
        verb = "ทรงตัว" if self.mover is None else self.mover.verb
        return {"เพิ่มขึ้น": 1, "ลดลง": -1}.get(verb, 0)

    @property
    def is_contrary(self) -> bool:
        """Whether its contribution contradicts the change of its figures on the quarter, given the indicator's polarity."""
        return self.mover is not None and self._way * self.mover.indicator.polarity * self.sub.value < 0

    @property
    def is_against_trend(self) -> bool:
        """Whether that is because what the model measures, the distance from its own trend, went the other way than its figures."""
        return (
            self.is_contrary
            and not self.is_turned
            and self.measured is not None
            and self.measured * self._way < 0
        )

    @property
    def is_by_adjustment(self) -> bool:
        """Whether most of its part is seasonal adjustment, and the published figure read the other way."""
        if self.mover is None or self.seasonal is None or self.is_contrary:
            return False
        now, before = self.mover.published, self.mover.published_before
        if now is None or before is None or now.text == before.text:
            return False
        told = (now.value - before.value) * self.mover.indicator.polarity
        share = self.seasonal.value / self.sub.value
        # beyond 1 the data themselves worked the other way, as they do every season
        return told * self.sub.value < 0 and rule("contribution.by_adjustment") < share <= 1

    @property
    def contrary_claim(self) -> Claim:
        """Whether the figures themselves became better or worse."""
        assert self.mover is not None  # only what has figures is contrary to them
        is_better = (self.mover.verb == "เพิ่มขึ้น") == (self.mover.indicator.polarity > 0)
        return provenance.quality(self.mover.change, "better" if is_better else "worse")


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

    own = _raw(cells, item, period)
    if own is not None:
        return own
    year, quarter = int(period[:4]), int(period[-1])
    months = [_raw(cells, item, f"{year}-{month:02d}") for month in range(3 * quarter - 2, 3 * quarter + 1)]
    known = [number for number in months if number is not None]
    if len(known) < 3:
        return None
    return _mean(known, unit)


def _raw(cells: Cells, item: Indicator, period: str) -> Number | None:
    """What the source published for a month or a quarter."""
    unit = unit_of(item.unit)
    key = {"indicator": item.id, "group": "TH", "period": period}
    return cells.number("series", "raw", key, unit=unit.after, decimals=unit.decimals)


def _published_months(cells: Cells, item: Indicator, months: tuple[str, ...]) -> Number | None:
    """The published mean of the months that a part of a quarter has; None without any."""
    known = [number for month in months if (number := _raw(cells, item, month)) is not None]
    return _mean(known, unit_of(item.unit)) if known else None


def _same_fact(cells: Cells, item: Indicator, period: str) -> Number | None:
    """The macro variable's number for an indicator that is the same fact."""
    if not item.same_as:
        return None
    unit, key = unit_of(item.unit), {"variable": item.same_as, "period": period}
    return cells.number("macro", "value", key, unit=unit.after, decimals=1)


def months_of(cells: Cells, indicator: str, period: str) -> tuple[str, ...]:
    """The months that a monthly series has of a quarter, where it lacks one or two of them; none of a whole quarter."""
    year, quarter = int(period[:4]), int(period[-1])
    known = cells.series("series", "raw", indicator=indicator, group="TH").index
    months = [f"{year}-{month:02d}" for month in range(3 * quarter - 2, 3 * quarter + 1)]
    found = tuple(month for month in months if month in known)
    return found if len(found) < len(months) and period not in known else ()


def _mean(numbers: list[Number], unit: UnitWords) -> Number:
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
    months = months_of(cells, item.id, period)
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
        months=() if same[0] is not None else months,
        published_months=None if same[0] is not None else _published_months(cells, item, months),
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
        found.append(
            IndicatorPart(
                str(name),
                item,
                sub,
                whole,
                state,
                last,
                mover,
                measured=_measured(cells, str(name), period, against),
                seasonal=cells.number(
                    "contribution_steps", "sub_index", key | {"step": "seasonal"}, unit="จุด", decimals=2
                ),
                is_turned=item is not None and is_turned(cells, item),
                year_ago=published(cells, item, earlier(period, 4))
                if item is not None and mover is None
                else None,
            )
        )
    return tuple(sorted(found, key=lambda part: -abs(part.sub.value)))


def is_turned(cells: Cells, item: Indicator) -> bool:
    """Whether the model's loading has the other sign than the declared polarity: then a better value lowers the index."""
    loading = cells.value("index_model", "loading", {"indicator": item.id})
    return loading is not None and loading * item.polarity < 0


def _measured(cells: Cells, indicator: str, period: str, against: str) -> float | None:
    """The change of the transformed value, of months the mean of each quarter; None where a quarter has none."""
    values = cells.series("series", "transformed", indicator=indicator, group="TH")
    means = []
    for at in (period, earlier(period, 1 if against == "quarter" else 4)):
        quarter = quarter_number(at)
        own = [value for when, value in values.items() if quarter_number(str(when)) == quarter]
        means.append(sum(own) / len(own) if own else None)
    now, before = means
    return None if now is None or before is None else now - before


def _of_composite(sub: Number, change: Change | None, contribution: Number | None) -> Number | None:
    """A part of the dimension's contribution, in proportion; None where the sub-index did not move."""
    if change is None or contribution is None or abs(change.number.value) < 1e-9:
        return None
    value = sub.value * contribution.value / change.number.value
    cell = f"( {sub.cell} ) * ( {contribution.cell} ) / ( {change.number.cell} )"
    return Number(value, cell, "จุด", 2)


# ----------------------------------------------------------------------------------------------------
# Facts about groups of workers: highest and lowest, gains and losses, what cannot be shown.
#
# Goes in: ``labour_index`` with ``group_ranking`` and ``group_status``, or ``confidence`` with ``confidence_change``.
# Comes out: one ``GroupSet`` for each kind of group. Study 5.2.1, chapters ``labour``, ``employers`` and ``workers``.
# ----------------------------------------------------------------------------------------------------

KIND_NAMES = {
    "STATUS": "สถานะการจ้างงาน",
    "INDUSTRY": "อุตสาหกรรม",
    "REGION": "ภูมิภาค",
    "PROVINCE": "จังหวัด",
    "SKILL": "ทักษะของแรงงาน",
    "WORK": "ลักษณะการทำงาน",
}
_WOULD_NOT_SAY = "unspecified"  # "prefer not to say" among the answers of part 1
SURVEY_KINDS = {
    "employer": ("STATUS", "SKILL", "REGION", "INDUSTRY", "PROVINCE"),
    "worker": ("STATUS", "SKILL", "WORK", "REGION", "INDUSTRY", "PROVINCE"),
}


@dataclass(frozen=True)
class Driver:
    """The dimension that gave most to a group's change on the quarter, in the direction of the change."""

    dimension: Dimension
    number: Number


@dataclass(frozen=True)
class Cause:
    """The domain that moved a group's confidence most in the direction of its change, of those that changed significantly.

    domains  those whose change reads the same, and it
    """

    domains: tuple[Name, ...]
    change: Change
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class GroupRow:
    """One group at the issue's quarter. ``flag``: ``small`` (few answers), ``suppressed``, or "".

    dimensions, nation   of the index: how many dimensions it uses, and the nation's index on the same ones
    is_quarter_clear, is_year_clear   whether a change differs from zero; None where that was not tested
    """

    group: Group
    movement: Movement
    n: Number | None = None
    low: Number | None = None
    high: Number | None = None
    flag: str = ""
    driver: Driver | None = None
    dimensions: Number | None = None
    nation: Number | None = None
    is_quarter_clear: bool | None = None
    is_year_clear: bool | None = None
    test: Claim | None = None
    cause: Cause | None = None

    @property
    def is_small(self) -> bool:
        """Whether it has too few answers for its changes to be reported."""
        return self.n is not None and self.n.value < small_sample()


@dataclass(frozen=True)
class GroupSet:
    """All groups of one kind; ``rows`` from the highest to the lowest, only those with a value.

    first_open, last_open  how many groups may be the first, the last, as far as their intervals tell
    reasons                why each of ``refused`` has no index
    listed                 the rows in declared order, for groups that must not be ranked
    """

    kind: str
    name: str
    rows: tuple[GroupRow, ...]
    suppressed: tuple[Group, ...]
    refused: tuple[Group, ...]
    improved: Number | None = None
    worsened: Number | None = None
    first_open: Number | None = None
    last_open: Number | None = None
    reasons: tuple[str, ...] = ()
    listed: tuple[GroupRow, ...] = ()

    @property
    def top(self) -> GroupRow:
        """The group with the highest value."""
        return self.rows[0]

    @property
    def bottom(self) -> GroupRow:
        """The group with the lowest value."""
        return self.rows[-1]

    @property
    def clear_top(self) -> GroupRow | None:
        """The highest group, where its interval lies above all others'."""
        others = [row.high for row in self.rows[1:]]
        is_clear = bool(others) and not self.top.is_small and self.top.low is not None and None not in others
        is_clear = is_clear and self.top.low.value > max(high.value for high in others)  # type: ignore[union-attr]
        return self.top if is_clear else None

    @property
    def clear_bottom(self) -> GroupRow | None:
        """The lowest group, where its interval lies below all others'."""
        others = [row.low for row in self.rows[:-1]]
        is_clear = (
            bool(others) and not self.bottom.is_small and self.bottom.high is not None and None not in others
        )
        is_clear = is_clear and self.bottom.high.value < min(low.value for low in others)  # type: ignore[union-attr]
        return self.bottom if is_clear else None

    @property
    def has_intervals(self) -> bool:
        """Whether the groups have intervals."""
        return any(row.low is not None for row in self.rows)

    @property
    def clear_top_claim(self) -> Claim | None:
        """That the clear highest group is the highest."""
        return self._extreme(self.clear_top, "above")

    @property
    def clear_bottom_claim(self) -> Claim | None:
        """That the clear lowest group is the lowest."""
        return self._extreme(self.clear_bottom, "below")

    def _extreme(self, row: GroupRow | None, says: str) -> Claim | None:
        if row is None or row.movement.level is None or row.low is None or row.high is None:
            return None
        others = [
            (item.group.code, item.low, item.high)
            for item in self.rows
            if item is not row and item.low is not None and item.high is not None
        ]
        return provenance.apart((row.group.code, row.movement.level, row.low, row.high), others, says)

    @property
    def change_claims(self) -> list[Claim]:
        """That each reported change is significant."""
        told = (*self.gainers[:3], *self.losers[:3])
        return [row.test for row in told if row.test is not None]

    def beyond(self, point: float, way: int) -> tuple[GroupRow, ...]:
        """Groups whose whole interval lies above (1) or below (-1) a point; those with few answers are left out."""
        ends = [(row, row.low if way > 0 else row.high) for row in self.judged]
        return tuple(row for row, end in ends if end is not None and (end.value - point) * way > 0)

    def beyond_claim(self, point: float, way: int) -> Claim:
        """That so many groups lie clearly above or below a point."""
        ends = [(row.group.code, row.low if way > 0 else row.high) for row in self.judged]
        known = [(code, end) for code, end in ends if end is not None]
        return provenance.count(len(self.beyond(point, way)), known, ">" if way > 0 else "<", point)

    def by_chance(self, point: float) -> int | None:
        """How many groups would lie clearly off a point by chance alone, were all at it; None where none lies so, or all do.

        A 95 % interval leaves out the true value of one group in twenty: ``significance.level`` of those that are judged.
        """
        found = len(self.beyond(point, 1)) + len(self.beyond(point, -1))
        if not 0 < found < len(self.judged):
            return None
        return int(len(self.judged) * rule("significance.level") + 0.5)

    @property
    def judged_claim(self) -> Claim:
        """That so many groups have answers enough."""
        answers = [(row.group.code, row.n) for row in self.judged if row.n is not None]
        return provenance.count(len(answers), answers, ">", 0)

    @property
    def side_of_all(self) -> int:
        """1 where every group reads above 100, -1 where every group reads below, else 0."""
        levels = [row.movement.level for row in self.rows if row.movement.level is not None]
        sides = {thai.sign_of(level.value - 100, level.decimals) for level in levels}
        return sides.pop() if len(levels) > 1 and len(sides) == 1 else 0

    @property
    def side_claim(self) -> Claim:
        """That every group lies on that side."""
        known = [(row.group.code, row.movement.level) for row in self.rows if row.movement.level is not None]
        return provenance.count(len(known), known, ">" if self.side_of_all > 0 else "<", 100)

    @property
    def nation_ends(self) -> tuple[Number, Number] | None:
        """The lowest and the highest index of the nation on the dimensions of these groups."""
        known = [row.nation for row in self.rows if row.nation is not None]
        ends = [pick(known, key=lambda number: number.value) for pick in (min, max)] if known else []
        return (ends[0], ends[1]) if ends else None

    def twins(self, other: GroupSet | None) -> list[tuple[GroupRow, GroupRow]]:
        """Groups of another kind that are one place with a group of this one, and rest on another number of dimensions."""
        rows = () if other is None else other.rows
        return [
            (row, own)
            for row in rows
            for own in self.rows
            if row.group.name == own.group.name
            and row.dimensions is not None
            and own.dimensions is not None
            and row.dimensions.value != own.dimensions.value
        ]

    @property
    def is_judged(self) -> bool:
        """Whether any group has answers enough to lie clearly off a point."""
        return any(row.low is not None for row in self.judged)

    @property
    def judged(self) -> tuple[GroupRow, ...]:
        """Groups with enough answers to be distinguished from a point or from each other."""
        return tuple(row for row in self.rows if not row.is_small)

    @property
    def gap(self) -> Number | None:
        """Highest minus lowest; None with fewer than two groups."""
        first, last = self.rows[0].movement.level, self.rows[-1].movement.level
        return first - last if len(self.rows) > 1 and first is not None and last is not None else None

    @property
    def gainers(self) -> tuple[GroupRow, ...]:
        """Groups whose gain on the quarter is clear, the most first."""
        return tuple(row for row in self._by_change() if row.movement.quarter.sign > 0)  # type: ignore[union-attr]

    @property
    def losers(self) -> tuple[GroupRow, ...]:
        """Groups whose loss on the quarter is clear, the most first."""
        ordered = reversed(self._by_change())
        return tuple(row for row in ordered if row.movement.quarter.sign < 0)  # type: ignore[union-attr]

    def _by_change(self) -> list[GroupRow]:
        changed = [
            row
            for row in self.rows
            if row.movement.quarter is not None and row.is_quarter_clear and not row.is_small
        ]
        return sorted(changed, key=lambda row: -row.movement.quarter.number.value)  # type: ignore[union-attr]


def labour_groups(cells: Cells, context: Context) -> dict[str, GroupSet]:
    """Groups with an index in the issue's quarter, by kind; kinds without any are left out."""
    period = iso(context.quarter)
    refused = {
        str(group)
        for group in cells.rows("group_status", status="refused", dimension="overall").get("group", [])
    }

    def row(group: Group) -> GroupRow:
        key = {"dimension": "overall", "group": group.code}
        place = {"kind": group.kind, "group": group.code, "period": period}
        return GroupRow(
            group,
            movement(cells, "labour_index", period, steps=INDEX_STEPS, key=key),
            low=cells.number("group_ranking", "low", place, unit="จุด"),
            high=cells.number("group_ranking", "high", place, unit="จุด"),
            driver=_driver(cells, context, group, period),
            dimensions=cells.number("group_ranking", "dimensions", place, decimals=0),
            nation=cells.number("group_ranking", "nation_same_dimensions", place, unit="จุด"),
        )

    sets = {}
    for kind in LABOUR_KINDS:
        place = {"kind": kind, "period": period}
        counted = bool(cells.positions("group_ranking", place))
        made = _group_set(context, kind, row, refused)
        if made is not None:
            sets[kind] = made if not counted else _with_counts(made, cells, place)
    return sets


@dataclass(frozen=True)
class RefusedKind:
    """A kind of groups none of which has an overall index: how many dimensions have data, and their weight in per cent."""

    kind: str
    name: str
    groups: tuple[Group, ...]
    dimensions: Number
    weight: Number


def refused_kinds(cells: Cells, context: Context) -> tuple[RefusedKind, ...]:
    """Kinds of which every group was refused, all with as many dimensions and as much weight as one another."""
    found = []
    for kind in LABOUR_KINDS:
        groups = context.declarations.groups_of(kind)
        held = [_held(cells, group) for group in groups]
        texts = {tuple(number.text for number in one) for one in held if one is not None}
        if held and held[-1] is not None and None not in held and len(texts) == 1:
            # all groups have the same numbers; those of the last are printed, which the sentence names last
            found.append(RefusedKind(kind, KIND_NAMES[kind], groups, *held[-1]))
    return tuple(found)


def _held(cells: Cells, group: Group) -> tuple[Number, Number] | None:
    """How many dimensions a refused group has data for, and their weight in per cent; None where it was not refused."""
    refused = {"group": group.code, "dimension": "overall", "status": "refused"}
    weight = cells.number("group_status", "weight", refused)
    if weight is None:
        return None
    dimensions = cells.count("group_status", {"group": group.code, "status": "used"})
    return dimensions, weight.times(100, decimals=0)


def _with_counts(made: GroupSet, cells: Cells, place: dict[str, str]) -> GroupSet:
    """The set with how many of its groups rose or fell by more than a still move."""
    still = f"{INDEX_STEPS.still:g}"
    return replace(
        made,
        first_open=cells.count("group_ranking", place | {"rank_low": "1"}),
        last_open=cells.count("group_ranking", place | {"rank_high": str(len(made.rows))}),
        reasons=tuple(
            cells.text("group_status", "note_th", group=group.code, dimension="overall")
            for group in made.refused
        ),
        improved=cells.count("group_ranking", place | {"change_quarter>": still}),
        worsened=cells.count("group_ranking", place | {"change_quarter<": f"-{still}"}),
    )


def _driver(cells: Cells, context: Context, group: Group, period: str) -> Driver | None:
    """The largest contribution of the sign that all contributions together have; None without contributions."""
    key = {"group": group.code, "period": period, "against": "quarter"}
    found = [
        Driver(item, number)
        for code, item in context.declarations.dimensions.items()
        if (
            number := cells.number(
                "group_contributions", "contribution", key | {"dimension": code}, unit="จุด"
            )
        )
    ]
    total = sum(part.number.value for part in found)
    return max(found, key=lambda part: part.number.value * total) if total else None


def survey_groups(cells: Cells, context: Context, survey: str) -> dict[str, GroupSet]:
    """Groups of one survey in the issue's quarter, by kind; kinds without any published value are left out."""
    period = iso(context.quarter)

    def row(group: Group) -> GroupRow:
        found = survey_row(cells, survey, group, period)
        return (
            replace(found, cause=_cause(cells, context, survey, found)) if found.is_quarter_clear else found
        )

    made = ((kind, _group_set(context, kind, row, set())) for kind in SURVEY_KINDS[survey])
    return {kind: found for kind, found in made if found is not None}


def _cause(cells: Cells, context: Context, survey: str, row: GroupRow) -> Cause | None:
    """Of the domains whose change is significant, the one that moved most in the direction of the group's own; None without any."""
    whole, period = row.movement.quarter, iso(context.quarter)
    if whole is None or whole.sign == 0:
        return None
    own = {}
    for domain in context.declarations.questionnaires[survey].domains:
        key = {"survey": survey, "domain": domain.id, "group": row.group.code}
        change = movement(cells, "confidence", period, steps=CONFIDENCE_STEPS, key=key).quarter
        if change is not None and change.sign == whole.sign and change.is_significant:
            own[domain.id] = (domain.name, change, key | {"period": period})
    if not own:
        return None
    first, (name, change, here) = max(own.items(), key=lambda item: abs(item[1][1].number.value))
    known = [(code, found.number) for code, (_, found, _) in own.items()]
    says = "highest" if whole.sign > 0 else "lowest"
    test = address("confidence", here, "significant_quarter")
    claims = (
        provenance.superlative((first, change.number), known, says, reads="most"),
        provenance.significance(change.number, test, is_clear=True),
    )
    alike = [
        other
        for code, (other, own_change, _) in own.items()
        if code != first and own_change.number.text == change.number.text
    ]
    return Cause((*alike, name), change, claims)


def survey_profile(cells: Cells, context: Context, questionnaire: Questionnaire) -> tuple[GroupSet, ...]:
    """Groups by who answered (part 1: sex, age, ..) as far as their answers allow print, in the order of the form.

    Left out are groups of few answers, those suppressed, and people who would not say.
    """
    period, sets = iso(context.quarter), []
    for asked in questionnaire.demographics:
        found = [
            survey_row(cells, questionnaire.id, group, period)
            for group in context.declarations.groups_of(asked.kind)
            if not group.code.endswith(f":{_WOULD_NOT_SAY}")
        ]
        shown = tuple(row for row in found if row.movement.level is not None and not row.flag)
        if len(shown) > 1:
            sets.append(GroupSet(asked.kind, asked.text.th, shown, suppressed=(), refused=()))
    return tuple(sets)


def survey_row(cells: Cells, survey: str, group: Group, period: str) -> GroupRow:
    """One group's overall confidence in a quarter, with its interval, its answers and its flag."""
    key = {"survey": survey, "domain": "overall", "group": group.code}
    here = key | {"period": period}
    moved = movement(cells, "confidence", period, steps=CONFIDENCE_STEPS, key=key)
    is_clear = cells.flag("confidence", "significant_quarter", here)
    test = address("confidence", here, "significant_quarter")
    change = moved.quarter
    return GroupRow(
        group,
        moved,
        n=cells.number("confidence", "n", here, decimals=0),
        low=cells.number("confidence", "low", here),
        high=cells.number("confidence", "high", here),
        flag=cells.text("confidence", "flag", **here),
        is_quarter_clear=is_clear,
        test=provenance.significance(change.number, test, is_clear=True) if change and is_clear else None,
        is_year_clear=cells.flag("confidence", "significant_year", here),
    )


def _group_set(
    context: Context, kind: str, row: Callable[[Group], GroupRow], refused: set[str]
) -> GroupSet | None:
    groups = context.declarations.groups_of(kind)
    rows = [row(group) for group in groups]
    shown = [item for item in rows if item.movement.level is not None]
    if not shown:
        return None
    listed = tuple(shown)
    shown.sort(key=lambda item: -item.movement.level.value)  # type: ignore[union-attr]
    return GroupSet(
        kind,
        KIND_NAMES[kind],
        tuple(shown),
        listed=listed,
        suppressed=tuple(item.group for item in rows if item.flag == "suppressed"),
        refused=tuple(group for group in groups if group.code in refused),
    )
