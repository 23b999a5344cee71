"""Facts of the economy around the labour market: macro variables, related indicators, outlook factors, budget.

Goes in: ``macro``, ``movers``, ``cross_correlations``, ``outlook``, ``fiscal``. Comes out: ``EconomyFacts``.
Study 5.2.1, chapter 1 (and the comparisons of chapters 2, 4 and 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reporter.domain.context import Context
from reporter.domain.declarations import MacroVariable
from reporter.domain.periods import iso
from reporter.domain.rules import rule, steps
from reporter.report import claims
from reporter.report.document import Claim
from reporter.report.indicators import SAME_FACT, Mover, movers_of
from reporter.report.labour import LabourFacts
from reporter.report.movement import Change, Movement, movement
from reporter.report.numbers import Cells, Number
from reporter.report.units import Unit, spoken, unit_of

_STEPS = steps("macro")
_MACRO_POLARITY = {"real_gdp_growth": 1, "headline_inflation": 0, "short_term_rate": 0}


@dataclass(frozen=True)
class MacroFacts:
    """A macro variable at its newest quarter not later than the issue's; ``is_late`` when that is an earlier one."""

    variable: MacroVariable
    unit: Unit
    movement: Movement
    is_late: bool
    lead: Lead | None = None

    @property
    def price_level(self) -> str:
        """Where inflation lies: ``falling`` (below nothing), ``low`` or ``high`` against the target, or ``""``."""
        if self.movement.level is None:
            return ""
        value = self.movement.level.value
        if value < 0:
            return "falling"
        return "low" if value < rule("prices.low") else "high" if value > rule("prices.high") else ""


@dataclass(frozen=True)
class Lead:
    """The strongest correlation of the index with a macro variable; ``quarters`` > 0: the variable comes first."""

    quarters: int
    correlation: Number


@dataclass(frozen=True)
class Factor:
    """An outlook factor of the analysts."""

    sign: str
    affects: str
    text: str
    source: str


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
        return None if self.target_rate is None else claims.comparison(self.rate, self.target_rate)


@dataclass(frozen=True)
class EconomyFacts:
    """What stands around the index; ``related`` maps an indicator id of the economy dimension to its movers."""

    macro: tuple[MacroFacts, ...]
    missing: tuple[MacroVariable, ...]
    quarter: Mapping[str, Mover]
    year: Mapping[str, Mover]
    factors: Mapping[str, tuple[Factor, ...]] = field(default_factory=dict)
    positive: Number | None = None
    negative: Number | None = None
    budget: Budget | None = None

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
        return tuple(item for name, item in self.quarter.items() if SAME_FACT.get(name) not in current)

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
    def is_price_fall_good(self) -> bool:
        """Whether prices fall, which the index takes for an improvement, so that it needs a word."""
        prices = self.of("headline_inflation")
        is_falling = prices is not None and prices.price_level == "falling"
        return is_falling and prices.movement.quarter is not None and prices.movement.quarter.sign < 0  # type: ignore[union-attr]

    @property
    def diffusion(self) -> tuple[tuple[str, int, Number], ...]:
        """Indices that count more answers up than down above their neutral value: name, side, published level."""
        found = []
        for name in ("pmi", "consumer_confidence", "business_sentiment"):
            mover = self.quarter.get(name)
            if mover is not None and mover.published is not None:
                gap = round(mover.published.value, mover.published.decimals) - rule("diffusion.neutral")
                label = spoken(name, mover.indicator.name.th)
                found.append((label, (gap > 0) - (gap < 0), mover.published))
        return tuple(found)

    def of(self, variable: str) -> MacroFacts | None:
        """One macro variable, if it has data in the issue's quarter."""
        return next((item for item in self.current if item.variable.id == variable), None)


def economy_facts(cells: Cells, context: Context, labour: LabourFacts) -> EconomyFacts:
    """Facts of the issue's quarter."""
    period = iso(context.quarter)
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
        polarity=_MACRO_POLARITY.get(variable.id, 0),
        unit=unit.change,
        decimals=decimals,
        key={"variable": variable.id},
    )
    return MacroFacts(variable, unit, moved, newest != period, _lead(cells, variable.id))


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
        return None if number is None else Lead(sign * lead, number)
    return None


def _factors(cells: Cells) -> dict[str, tuple[Factor, ...]]:
    """``abroad+``, ``abroad-``, ``home+``, ``home-`` -> factors in the analysts' order."""
    if not cells.has("outlook"):
        return {}
    found: dict[str, list[Factor]] = {}
    for row in cells.tables["outlook"].fillna("").to_dict("records"):
        factor = Factor(str(row["sign"]), str(row["affects"]), str(row["text"]), str(row["source"]))
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
