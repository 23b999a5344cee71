"""Facts of single indicators: the figure that the source published, the adjusted change, the contribution to the index.

Goes in: ``series``, ``movers``, ``indicator_contributions``, ``indicator_status``. Comes out: ``Mover`` and ``IndicatorPart``.
What the source published comes first; the seasonally adjusted change stands second and is named so (method, second edition).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reporter.domain import thai
from reporter.domain.context import Context
from reporter.domain.declarations import Indicator
from reporter.domain.thai import SD_STEPS, Steps
from reporter.report.movement import Change, earlier
from reporter.report.numbers import Cells, Number, quarter_number, total
from reporter.report.units import Unit, unit_of

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
    def published_verb(self) -> str:
        """The same of the published figures; "" where one of them is missing."""
        if self.published is None or self.published_before is None:
            return ""
        return _verb(self.published, self.published_before)

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
