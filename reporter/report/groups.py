"""Facts about groups of workers: who stands high or low, who gained or lost, what cannot be shown.

Goes in: ``labour_index`` with ``group_ranking`` and ``group_status``, or ``confidence`` with ``confidence_change``.
Comes out: one ``GroupSet`` for each kind of group. Study 5.2.1, chapters 2, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reporter.domain.declarations import Dimension, Group, rule
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.domain.thai import CONFIDENCE_STEPS, INDEX_STEPS
from reporter.report import provenance
from reporter.report.document import Claim
from reporter.report.numbers import Cells, Movement, Number, address, movement

KIND_NAMES = {
    "STATUS": "สถานะการจ้างงาน",
    "INDUSTRY": "อุตสาหกรรม",
    "REGION": "ภูมิภาค",
    "PROVINCE": "จังหวัด",
    "SKILL": "ทักษะของแรงงาน",
    "WORK": "ลักษณะการทำงาน",
}
LABOUR_KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")
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

    @property
    def is_small(self) -> bool:
        """Whether it rests on too few answers for its changes to be told."""
        return self.n is not None and self.n.value < rule("significance.small_sample")


@dataclass(frozen=True)
class GroupSet:
    """All groups of one kind; ``rows`` from the highest to the lowest, only those with a value.

    first_open, last_open  how many groups may be the first, the last, as far as their intervals tell
    reasons                why each of ``refused`` has no index
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

    @property
    def top(self) -> GroupRow:
        """The group that stands highest."""
        return self.rows[0]

    @property
    def bottom(self) -> GroupRow:
        """The group that stands lowest."""
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
        """That each change that is told is significant."""
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

    @property
    def is_judged(self) -> bool:
        """Whether any group has answers enough to lie clearly off a point."""
        return any(row.low is not None for row in self.judged)

    @property
    def judged(self) -> tuple[GroupRow, ...]:
        """Groups with answers enough to be told from a point or from each other."""
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
        return survey_row(cells, survey, group, period)

    made = ((kind, _group_set(context, kind, row, set())) for kind in SURVEY_KINDS[survey])
    return {kind: found for kind, found in made if found is not None}


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
    shown.sort(key=lambda item: -item.movement.level.value)  # type: ignore[union-attr]
    return GroupSet(
        kind,
        KIND_NAMES[kind],
        tuple(shown),
        suppressed=tuple(item.group for item in rows if item.flag == "suppressed"),
        refused=tuple(group for group in groups if group.code in refused),
    )
