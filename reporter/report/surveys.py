"""Facts of the two confidence surveys: index, domains, questions, groups, and the series they belong with.

Goes in: ``confidence``, ``confidence_items``, ``confidence_change``, ``survey_status``. Comes out: ``SurveyFacts``.
Study 4.4.1 and 5.2.1, chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from reporter.domain.context import Context
from reporter.domain.declarations import Item, Option, Questionnaire
from reporter.domain.periods import iso
from reporter.domain.thai import CONFIDENCE_STEPS
from reporter.report.economy import EconomyFacts, relation
from reporter.report.groups import GroupSet, survey_groups
from reporter.report.labour import LabourFacts, Mover
from reporter.report.movement import Change, Movement, movement
from reporter.report.numbers import Cells, Number
from reporter.report.units import spoken

_TOGETHER = (
    "labour_index",
    "consumer_confidence",
    "business_sentiment",
    "real_gdp_growth",
)  # study 5.2.1, 4-5
_COMPANIONS = {
    "employer": ("business_sentiment", "private_investment", "pmi"),
    "worker": ("consumer_confidence", "business_sentiment", "inflation"),
}


@dataclass(frozen=True)
class DomainFacts:
    """One domain of the questionnaire."""

    option: Option
    movement: Movement
    low: Number | None
    high: Number | None


@dataclass(frozen=True)
class ItemFacts:
    """One question; ``agree`` is the share that answered 4 or 5, in per cent."""

    item: Item
    movement: Movement
    agree: Number | None
    disagree: Number | None


@dataclass(frozen=True)
class Companion:
    """A related series and whether it went the same way on the quarter."""

    mover: Mover
    relation: str


@dataclass(frozen=True)
class Together:
    """A correlation over the surveys' quarters that is clearly not zero."""

    name: str
    correlation: Number
    low: Number
    high: Number
    n: Number


@dataclass(frozen=True)
class SurveyFacts:
    """Everything said about one survey in the issue's quarter."""

    survey: str
    questionnaire: Questionnaire
    movement: Movement
    n: Number | None
    low: Number | None
    high: Number | None
    is_quarter_significant: bool | None
    is_year_significant: bool | None
    domains: tuple[DomainFacts, ...]
    items: tuple[ItemFacts, ...]
    groups: Mapping[str, GroupSet]
    companions: tuple[Companion, ...]
    with_labour: str
    with_growth: str
    received: Number | None
    kept: Number | None
    together: tuple[Together, ...] = ()
    unweighted: Number | None = None
    weighted: Number | None = None
    published: str = ""

    @property
    def ranked_domains(self) -> tuple[DomainFacts, ...]:
        """Domains from the highest to the lowest."""
        return tuple(sorted(self.domains, key=lambda item: -item.movement.level.value))  # type: ignore[union-attr]

    @property
    def ranked_items(self) -> tuple[ItemFacts, ...]:
        """Questions from the highest to the lowest."""
        return tuple(sorted(self.items, key=lambda item: -item.movement.level.value))  # type: ignore[union-attr]

    @property
    def risen(self) -> tuple[DomainFacts, ...]:
        """Domains that rose on the quarter, the most first."""
        return tuple(sorted(_moved(self.domains, 1), key=_size))

    @property
    def fallen(self) -> tuple[DomainFacts, ...]:
        """Domains that fell on the quarter, the most first."""
        return tuple(sorted(_moved(self.domains, -1), key=_size))

    @property
    def item_causes(self) -> tuple[ItemFacts, ...]:
        """Up to three questions that moved most in the direction of the index."""
        change = self.movement.quarter
        if change is None or change.sign == 0:
            return ()
        return tuple(sorted(_moved(self.items, change.sign), key=_size))[:3]

    @property
    def item_offsets(self) -> tuple[ItemFacts, ...]:
        """Up to two questions that moved most against the index."""
        change = self.movement.quarter
        if change is None or change.sign == 0:
            return ()
        return tuple(sorted(_moved(self.items, -change.sign), key=_size))[:2]

    def item(self, column: str) -> ItemFacts | None:
        """One question by its column."""
        return next((found for found in self.items if found.item.column == column), None)


_Part = TypeVar("_Part", DomainFacts, ItemFacts)


def _moved(items: tuple[_Part, ...], sign: int) -> list[_Part]:
    return [
        item for item in items if item.movement.quarter is not None and item.movement.quarter.sign == sign
    ]


def _size(item: DomainFacts | ItemFacts) -> float:
    return -abs(item.movement.quarter.number.value) if item.movement.quarter else 0.0


def survey_facts(
    cells: Cells, context: Context, survey: str, labour: LabourFacts, economy: EconomyFacts
) -> SurveyFacts | None:
    """Facts of one survey; None when the issue's quarter has no published result of it."""
    period = iso(context.quarter)
    key = {"survey": survey, "domain": "overall", "group": "TH"}
    here = key | {"period": period}
    moved = movement(cells, "confidence", period, steps=CONFIDENCE_STEPS, key=key)
    if moved.level is None:
        return None
    questionnaire = context.declarations.questionnaires[survey]
    growth = economy.of("real_gdp_growth")
    return SurveyFacts(
        survey,
        questionnaire,
        moved,
        n=cells.number("confidence", "n", here, unit="ราย", decimals=0),
        low=cells.number("confidence", "low", here),
        high=cells.number("confidence", "high", here),
        is_quarter_significant=_significant(cells, here, "quarter"),
        is_year_significant=_significant(cells, here, "year"),
        domains=tuple(_domains(cells, questionnaire, survey, period)),
        items=tuple(_items(cells, questionnaire, survey, period)),
        groups=survey_groups(cells, context, survey),
        companions=_companions(survey, moved.quarter, economy),
        with_labour=relation(moved.quarter, labour.movement.quarter),
        with_growth=relation(moved.quarter, growth.movement.quarter) if growth else "",
        received=cells.number("survey_status", "received", {"survey": survey, "period": period}, decimals=0),
        kept=cells.number("survey_status", "kept", {"survey": survey, "period": period}, decimals=0),
        together=_together(cells, context, survey),
        unweighted=cells.number("survey_weights", "unweighted", {"survey": survey, "period": period}),
        weighted=cells.number("survey_weights", "weighted", {"survey": survey, "period": period}),
        published=cells.text("survey_weights", "published", survey=survey, period=period),
    )


def _significant(cells: Cells, here: Mapping[str, str], against: str) -> bool | None:
    """Whether the change is significant in its family of tests; None when it was not tested."""
    key = {**here, "against": against}
    if cells.value("confidence_change", "p_value", key) is None:
        return None
    return bool(cells.value("confidence_change", "significant", key))


def _domains(cells: Cells, asked: Questionnaire, survey: str, period: str) -> list[DomainFacts]:
    found = []
    for option in asked.domains:
        key = {"survey": survey, "domain": option.id, "group": "TH"}
        moved = movement(cells, "confidence", period, steps=CONFIDENCE_STEPS, key=key)
        if moved.level is not None:
            here = key | {"period": period}
            low, high = (cells.number("confidence", name, here) for name in ("low", "high"))
            found.append(DomainFacts(option, moved, low, high))
    return found


def _items(cells: Cells, asked: Questionnaire, survey: str, period: str) -> list[ItemFacts]:
    found = []
    for item in asked.items:
        key = {"survey": survey, "item": item.column, "group": "TH"}
        moved = movement(cells, "confidence_items", period, steps=CONFIDENCE_STEPS, key=key)
        if moved.level is not None:
            here = key | {"period": period}
            found.append(
                ItemFacts(
                    item,
                    moved,
                    _shares(cells, here, "share5", "share4"),
                    _shares(cells, here, "share2", "share1"),
                )
            )
    return found


def _shares(cells: Cells, here: Mapping[str, str], first: str, second: str) -> Number | None:
    """Two shares together, in per cent."""
    one, two = (cells.number("confidence_items", name, here) for name in (first, second))
    if one is None or two is None:
        return None
    return Number(one.value + two.value, f"{one.cell} + {two.cell}").times(100, "ร้อยละ")


def _companions(survey: str, change: Change | None, economy: EconomyFacts) -> tuple[Companion, ...]:
    movers = (economy.quarter[name] for name in _COMPANIONS[survey] if name in economy.quarter)
    return tuple(Companion(mover, relation(change, mover.change)) for mover in movers)


def _together(cells: Cells, context: Context, survey: str) -> tuple[Together, ...]:
    """Same-quarter correlations of the index whose interval leaves out zero, the strongest first."""
    known = {"labour_index": "ดัชนีเศรษฐกิจแรงงาน"}
    known |= {key: spoken(key, item.name.th) for key, item in context.declarations.indicators.items()}
    known |= {key: item.name.th for key, item in context.declarations.macro.items()}
    names = {key: known[key] for key in _TOGETHER if key in known}
    own, found = f"confidence_{survey}", []
    for first, second in (
        cells.rows("joint_correlations", lead="0").get(["first", "second"], pd.DataFrame()).to_numpy()
    ):
        other = second if first == own else first
        if own not in (first, second) or other not in names:
            continue
        key = {"first": str(first), "second": str(second), "lead": "0"}
        parts = [
            cells.number("joint_correlations", name, key, decimals=2)
            for name in ("correlation", "low", "high")
        ]
        n = cells.number("joint_correlations", "n", key, decimals=0)
        value, low, high = parts
        if (
            value is not None
            and low is not None
            and high is not None
            and n is not None
            and low.value * high.value > 0
        ):
            found.append(Together(names[str(other)], value, low, high, n))
    return tuple(sorted(found, key=lambda item: -abs(item.correlation.value)))
