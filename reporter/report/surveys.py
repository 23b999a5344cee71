"""Facts of the two confidence surveys: index, domains, questions, groups, and the series they belong with.

Goes in: ``confidence``, ``confidence_items``, ``confidence_change``, ``survey_status``. Comes out: ``SurveyFacts``.
Study 4.4.1 and 5.2.1, chapters ``employers`` and ``workers``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from reporter.domain.declarations import Option, Questionnaire, SurveyItem, rule
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.domain.thai import CONFIDENCE_STEPS
from reporter.report import provenance
from reporter.report.dimensions import GroupSet, Mover, survey_groups, survey_profile
from reporter.report.document import Claim
from reporter.report.labour import EconomyFacts, LabourFacts, relation
from reporter.report.numbers import Cells, Change, Movement, Number, address, movement, total

_HALF_DIGIT = 0.05  # points: half of the last digit that an index is printed with; what differs from 100 by less reads 100.0
_MIDDLE = 100 - _HALF_DIGIT
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
    """One question; ``agree`` is the share of its ``n`` answers that are 4 or 5, in per cent."""

    item: SurveyItem
    movement: Movement
    agree: Number | None
    disagree: Number | None
    n: Number | None = None


@dataclass(frozen=True)
class ItemPart:
    """What a question gives to the change of the index, in the points of the index."""

    facts: ItemFacts
    number: Number


@dataclass(frozen=True)
class DomainPart:
    """What a domain gives to the change of an index that is the mean of its domains; ``items``: its questions' parts."""

    facts: DomainFacts
    number: Number
    items: tuple[ItemPart, ...] = ()


@dataclass(frozen=True)
class Together:
    """A correlation over the surveys' quarters, with its 95 % interval; ``code``: the other variable."""

    name: str
    correlation: Number
    low: Number
    high: Number
    n: Number
    code: str = ""

    @property
    def way(self) -> str:
        """``same`` or ``opposite`` where the interval leaves out zero, "" where nothing is shown."""
        return "same" if self.low.value > 0 else "opposite" if self.high.value < 0 else ""

    @property
    def band(self) -> tuple[Number, Number]:
        """The interval."""
        return self.low, self.high

    @property
    def claim(self) -> Claim:
        """Whether the interval leaves out zero."""
        return provenance.interval(self.low, self.high, 0)


@dataclass(frozen=True)
class Companion:
    """A related series, whether it went the same way on the quarter, and how it has moved with the index so far."""

    mover: Mover
    relation: str
    evidence: Together | None

    @property
    def is_shown(self) -> bool:
        """Whether the correlation supports what this quarter's directions suggest."""
        return self.evidence is not None and self.evidence.way == self.relation != ""


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
    labour_evidence: Together | None
    with_growth: str
    growth_evidence: Together | None
    tests: Mapping[str, Claim]
    parts: tuple[ItemPart, ...]
    received: Number | None
    kept: Number | None
    together: tuple[Together, ...] = ()
    unweighted: Number | None = None
    weighted: Number | None = None
    published: str = ""
    profile: tuple[GroupSet, ...] = ()

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
    def level_word(self) -> str:
        """สูง, ปานกลาง or ต่ำ; ปานกลาง as long as the interval holds 100."""
        return {"above": "สูง", "about": "ปานกลาง", "below": "ต่ำ"}[str(self.level_claim.says)]

    @property
    def level_claim(self) -> Claim:
        """The level against 100, by its interval where there is one."""
        assert self.movement.level is not None  # a survey without a result has no facts
        return confidence_level(self.movement.level, self.low, self.high)

    @property
    def _domain_levels(self) -> list[tuple[str, Number]]:
        return [(item.option.id, item.movement.level) for item in self.domains if item.movement.level]

    @property
    def highest_claim(self) -> Claim:
        """That the first ranked domain has the highest score."""
        return provenance.superlative(self._first(0), self._domain_levels, "highest")

    @property
    def lowest_claim(self) -> Claim:
        """That the last ranked domain has the lowest score."""
        return provenance.superlative(self._first(-1), self._domain_levels, "lowest")

    def _first(self, place: int) -> tuple[str, Number]:
        found = self.ranked_domains[place]
        assert found.movement.level is not None  # domains without a level are none
        return found.option.id, found.movement.level

    @property
    def below_domains(self) -> tuple[DomainFacts, ...]:
        """Domains whose interval lies below 100; by their level where the table has no intervals."""
        below = {code for code, number in self._upper_ends if number.value < _MIDDLE}
        return tuple(item for item in self.domains if item.option.id in below)

    @property
    def has_domain_intervals(self) -> bool:
        """Whether every domain with a level has an interval."""
        return all(item.high is not None for item in self.domains if item.movement.level)

    @property
    def _upper_ends(self) -> list[tuple[str, Number]]:
        if not self.has_domain_intervals:
            return list(self._domain_levels)
        return [(item.option.id, item.high) for item in self.domains if item.movement.level and item.high]

    @property
    def below_claim(self) -> Claim:
        """How many domains lie below 100."""
        return provenance.count(len(self.below_domains), self._upper_ends, "<", _MIDDLE)

    @property
    def change_claims(self) -> list[Claim]:
        """That the first risen domain rose most, and the first fallen one fell most."""
        known = [
            (item.option.id, item.movement.quarter.number)
            for item in self.domains
            if item.movement.quarter and item.movement.quarter.sign != 0
        ]
        return [
            claim
            for own, says in ((self.risen, "highest"), (self.fallen, "lowest"))
            if own and own[0].movement.quarter
            for claim in _most_moved(own[0].option.id, own[0].movement.quarter, known, says)
        ]

    @property
    def item_rank_claims(self) -> list[Claim]:
        """The three questions with the highest, and with the lowest scores."""
        known = [(item.item.column, item.movement.level) for item in self.ranked_items if item.movement.level]
        low = list(reversed(known))
        return [provenance.rank(known[:3], known, "highest"), provenance.rank(low[:3], known, "lowest")]

    @property
    def same(self) -> tuple[Mover, ...]:
        """Related series that went the same way on the quarter, as they have done so far."""
        return self._companions("same")

    @property
    def opposite(self) -> tuple[Mover, ...]:
        """Related series that went the other way, as they have done so far."""
        return self._companions("opposite")

    def _companions(self, relation: str) -> tuple[Mover, ...]:
        own = (item for item in self.companions if item.relation == relation and item.is_shown)
        return tuple(item.mover for item in own if item.mover.verb != "ทรงตัว")

    @property
    def beside(self) -> tuple[Mover, ...]:
        """Related series that moved, whose correlation with the index so far may be none: its interval holds zero.

        One that has gone the other way so far, or of which no correlation is published, is not said to be unrelated.
        """
        own = (item.mover for item in self._compared if item.evidence is not None and not item.evidence.way)
        return tuple(mover for mover in own if mover.verb != "ทรงตัว")

    @property
    def is_compared(self) -> bool:
        """Whether the index and a related series have both moved on the quarter."""
        return bool(self._compared)

    @property
    def _compared(self) -> list[Companion]:
        return [item for item in self.companions if item.relation in ("same", "opposite")]

    @property
    def companion_claims(self) -> list[Claim]:
        """That each reported related series went the same way, or opposite ways, and has done so."""
        own, told = self.movement.quarter, (*self.same, *self.opposite)
        made = [
            provenance.together(own, item.mover.change, evidence=item.evidence.band)
            for item in self.companions
            if own and item.evidence and item.is_shown and item.mover in told
        ]
        return [claim for claim in made if claim is not None]

    @property
    def together_claims(self) -> list[Claim]:
        """That the interval of each correlation leaves out zero."""
        return [item.claim for item in self.together]

    @property
    def domain_causes(self) -> tuple[DomainPart, ...]:
        """Domains by what they give to the change of an index that is the mean of its domains, the largest first, in its direction.

        None where the index is the mean of its questions, and none whose own change may be chance.
        """
        return self._by_domain(1)

    @property
    def domain_offsets(self) -> tuple[DomainPart, ...]:
        """The same for those that went against it."""
        return self._by_domain(-1)

    def _by_domain(self, way: int) -> tuple[DomainPart, ...]:
        change = self.movement.quarter
        if (
            self.questionnaire.aggregation != "domains"
            or change is None
            or change.sign == 0
            or not self.parts
        ):
            return ()
        own = [
            DomainPart(item, _share_of(item, len(self.domains)), self._items_of(item, way))
            for item in self.domains
            if item.movement.quarter is not None
            and item.movement.quarter.is_significant is not False
            and item.movement.quarter.number.value * change.sign * way > 0
        ]
        return tuple(sorted(own, key=lambda part: -abs(part.number.value)))

    def _items_of(self, domain: DomainFacts, way: int) -> tuple[ItemPart, ...]:
        """Questions of a domain that went its way by more than chance; none of a domain of one question, which is that question."""
        own = [part for part in self._directed(way) if part.facts.item.domain == domain.option.id]
        asked = [item for item in self.items if item.item.domain == domain.option.id]
        return tuple(own) if len(asked) > 1 else ()

    def domain_claims(self, parts: Sequence[DomainPart], role: str = "drives") -> list[Claim]:
        """That these domains drive, or offset, the change most; and what the test of each says."""
        change = self.movement.quarter
        if change is None or not parts:
            return []
        known = [
            (part.facts.option.id, part.number) for part in self._by_domain(1 if role == "drives" else -1)
        ]
        named = [(part.facts.option.id, part.number) for part in parts]
        return [
            provenance.cause(change.number, named, known, role=role),
            *_tests_of([part.facts.movement.quarter for part in parts]),
        ]

    def items_claims(self, part: DomainPart, items: Sequence[ItemPart]) -> list[Claim]:
        """That these questions drive the change of their domain, in points of the index; and what the test of each says."""
        change = part.facts.movement.quarter
        if change is None or not items:
            return []
        known = [(item.facts.item.column, item.number) for item in part.items]
        named = [(item.facts.item.column, item.number) for item in items]
        return [provenance.cause(change.number, named, known), *_item_tests(items)]

    @property
    def item_causes(self) -> tuple[ItemPart, ...]:
        """Questions by what they give to the change of the index, the largest first, in its direction."""
        return self._directed(1)

    @property
    def item_offsets(self) -> tuple[ItemPart, ...]:
        """The same for those that went against it."""
        return self._directed(-1)

    def _directed(self, way: int) -> tuple[ItemPart, ...]:
        """A question whose own change may be chance is named as no cause."""
        own = [part for part in self._going(way) if _change_of(part).is_significant is not False]
        return tuple(sorted(own, key=lambda part: -abs(part.number.value)))

    def _going(self, way: int) -> list[ItemPart]:
        change = self.movement.quarter
        if change is None or change.sign == 0:
            return []
        return [part for part in self.parts if part.number.value * change.sign * way > 0]

    @property
    def is_spread(self) -> bool:
        """Whether the index moved although no question moved its way by more than chance."""
        return bool(self._going(1)) and not self.item_causes

    @property
    def spread_claims(self) -> list[Claim]:
        """That none of the questions that went the index's way did so significantly."""
        return _item_tests(self._going(1))

    @property
    def lone_domains(self) -> tuple[DomainFacts, ...]:
        """Domains of one question that changed significantly among the domains, the question not among the questions.

        One number has two tests where it is a domain and a question: each belongs to the family that its table names.
        """
        found = []
        for domain in self.domains:
            own = [item.movement.quarter for item in self.items if item.item.domain == domain.option.id]
            is_chance = len(own) == 1 and own[0] is not None and own[0].is_significant is False
            if is_chance and domain.movement.quarter and domain.movement.quarter.is_significant:
                found.append(domain)
        return tuple(found)

    @property
    def lone_claims(self) -> list[Claim]:
        """That each of the lone domains changed significantly."""
        return _tests_of([domain.movement.quarter for domain in self.lone_domains])

    def tested_claims(self, parts: tuple[ItemPart, ...]) -> list[Claim]:
        """That each of these questions changed significantly; none where nothing was tested."""
        return _item_tests(parts)

    def claimed(self, parts: tuple[ItemPart, ...], role: str = "drives") -> Claim | None:
        """That these questions drive, or offset, the change of the index."""
        change = self.movement.quarter
        if change is None or not parts:
            return None
        way = 1 if role == "drives" else -1
        known = [(part.facts.item.column, part.number) for part in self._directed(way)]
        named = [(part.facts.item.column, part.number) for part in parts]
        return provenance.cause(change.number, named, known, role=role)

    def item(self, column: str) -> ItemFacts | None:
        """One question by its column."""
        return next((found for found in self.items if found.item.column == column), None)


def _most_moved(subject: str, change: Change, known: list[tuple[str, Number]], says: str) -> list[Claim]:
    """That a change is the largest of its direction, and that it is significant after the correction where it was tested."""
    made = [provenance.superlative((subject, change.number), known, says, reads="most")]
    return made + (
        [provenance.significance(change.number, change.test, is_clear=True)] if change.test else []
    )


def _change_of(part: ItemPart) -> Change:
    change = part.facts.movement.quarter
    assert change is not None  # parts are made of changes
    return change


def _item_tests(parts: Iterable[ItemPart]) -> list[Claim]:
    """Result of the test of each question's change, of those that were tested."""
    return _tests_of([_change_of(part) for part in parts])


def _tests_of(changes: Iterable[Change | None]) -> list[Claim]:
    """Result of the test of each change, of those that were tested."""
    return [
        provenance.significance(change.number, change.test, is_clear=bool(change.is_significant))
        for change in changes
        if change is not None and change.test
    ]


def _share_of(domain: DomainFacts, domains: int) -> Number:
    """A domain's part of the change of the index: every domain counts alike."""
    change = domain.movement.quarter
    assert change is not None  # only what changed has a part
    return Number(change.number.value / domains, f"( {change.number.cell} ) / {domains}", "จุด", 2)


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
    joint = {item.code: item for item in _joint(cells, context, survey)}
    with_labour = relation(moved.quarter, labour.movement.quarter) if labour.is_quarter_clear else ""
    items = tuple(_items(cells, questionnaire, survey, period))
    return SurveyFacts(
        survey,
        questionnaire,
        moved,
        n=cells.number("confidence", "n", here, unit="ราย", decimals=0),
        low=cells.number("confidence", "low", here),
        high=cells.number("confidence", "high", here),
        is_quarter_significant=significant(cells, here, "quarter"),
        is_year_significant=significant(cells, here, "year"),
        tests=_tests(cells, here, moved),
        domains=tuple(_domains(cells, questionnaire, survey, period)),
        items=items,
        parts=_item_parts(questionnaire, items, moved.quarter),
        groups=survey_groups(cells, context, survey),
        profile=survey_profile(cells, context, questionnaire),
        companions=_companions(survey, moved.quarter, economy, joint),
        with_labour=with_labour if _is_way(joint.get("labour_index"), with_labour) else "",
        labour_evidence=joint.get("labour_index"),
        with_growth=relation(moved.quarter, growth.movement.quarter) if growth else "",
        growth_evidence=joint.get("real_gdp_growth"),
        received=cells.number("survey_status", "received", {"survey": survey, "period": period}, decimals=0),
        kept=cells.number("survey_status", "kept", {"survey": survey, "period": period}, decimals=0),
        together=tuple(item for item in joint.values() if item.way),
        unweighted=cells.number("survey_weights", "unweighted", {"survey": survey, "period": period}),
        weighted=cells.number("survey_weights", "weighted", {"survey": survey, "period": period}),
        published=cells.text("survey_weights", "published", survey=survey, period=period),
    )


def confidence_level(level: Number, low: Number | None, high: Number | None) -> Claim:
    """A confidence index above, about or below 100: the study's reading, as far as the interval allows."""
    return provenance.level(level, _HALF_DIGIT, None if low is None or high is None else (low, high))


def significant(cells: Cells, here: Mapping[str, str], against: str) -> bool | None:
    """Whether a change is significant after the correction for all tests of its family; None when it was not tested."""
    if cells.value("confidence", f"p_value_{against}", here) is None:
        return None
    return cells.flag("confidence", f"significant_{against}", here)


def _tests(cells: Cells, here: Mapping[str, str], moved: Movement) -> dict[str, Claim]:
    """Result of the test of either change."""
    found = {}
    for against, change in (("quarter", moved.quarter), ("year", moved.year)):
        is_clear = significant(cells, here, against)
        if change is not None and is_clear is not None:
            test = address("confidence", here, f"significant_{against}")
            found[against] = provenance.significance(change.number, test, is_clear=is_clear)
    return found


def _item_parts(
    asked: Questionnaire, items: tuple[ItemFacts, ...], change: Change | None
) -> tuple[ItemPart, ...]:
    """Every question's part of the index's change by the index's formula; none where they do not add up to it.

    Employers' index: the mean of the questions. Workers': the mean of the domains, each the mean of its questions.
    """
    if change is None or any(item.movement.quarter is None for item in items):
        return ()
    domains = {item.item.domain for item in items}
    is_by_domain = asked.aggregation == "domains"
    parts = []
    for item in items:
        own = sum(other.item.domain == item.item.domain for other in items)
        share = own * len(domains) if is_by_domain else len(items)
        moved = item.movement.quarter.number  # type: ignore[union-attr]
        parts.append(ItemPart(item, Number(moved.value / share, f"( {moved.cell} ) / {share}", "จุด", 2)))
    gap = abs(total([part.number for part in parts]).value - change.number.value) if parts else 0.0
    return tuple(parts) if gap < rule("contribution.least_dimension") else ()


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
                    cells.number("confidence_items", "n", here, unit="ราย", decimals=0),
                )
            )
    return found


def _shares(cells: Cells, here: Mapping[str, str], first: str, second: str) -> Number | None:
    """Two shares together, in per cent."""
    one, two = (cells.number("confidence_items", name, here) for name in (first, second))
    if one is None or two is None:
        return None
    return Number(one.value + two.value, f"{one.cell} + {two.cell}").times(100, "ร้อยละ")


def _is_way(evidence: Together | None, said: str) -> bool:
    return evidence is not None and evidence.way == said


def _companions(
    survey: str, change: Change | None, economy: EconomyFacts, joint: Mapping[str, Together]
) -> tuple[Companion, ...]:
    found = []
    for name in _COMPANIONS[survey]:
        mover = economy.quarter.get(name)
        if mover is not None:
            evidence = joint.get(name) or joint.get(mover.indicator.same_as)
            found.append(Companion(mover, relation(change, mover.change), evidence))
    return tuple(found)


def _joint(cells: Cells, context: Context, survey: str) -> list[Together]:
    """Same-quarter correlations of the index with the other variables, the strongest first."""
    known = {"labour_index": "ดัชนีเศรษฐกิจแรงงาน"}
    known |= {key: item.spoken.th for key, item in context.declarations.indicators.items()}
    known |= {key: item.name.th for key, item in context.declarations.macro.items()}
    own, found = f"confidence_{survey}", []
    pairs = cells.rows("joint_correlations", lead="0").get(["first", "second"], pd.DataFrame()).to_numpy()
    for first, second in pairs:
        other = str(second if first == own else first)
        key = {"first": str(first), "second": str(second), "lead": "0"}
        parts = [
            cells.number("joint_correlations", name, key, decimals=0 if name == "n" else 2)
            for name in ("correlation", "low", "high", "n")
        ]
        value, low, high, n = parts
        if own not in (first, second) or other not in known:
            continue
        if value is not None and low is not None and high is not None and n is not None:
            found.append(Together(known[other], value, low, high, n, other))
    return sorted(found, key=lambda item: -abs(item.correlation.value))
