"""Facts of the other survey questions: employers' actions, desirable traits, workers' priorities.

Goes in: ``employer_actions``, ``traits``, ``trait_gap``, ``priorities``, ``priorities_by_group``,
``survey_themes``. Comes out: facts of the chapters ``actions``, ``skills`` and ``priorities`` (study 4.4.1 and 5.2.1). Shares are said in per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from reporter.domain.declarations import Group, Option, rule
from reporter.domain.edition import Context
from reporter.domain.periods import iso
from reporter.domain.thai import SHARE_STEPS
from reporter.report import provenance
from reporter.report.dimensions import KIND_NAMES
from reporter.report.document import Claim
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    address,
    earlier,
    movement,
    total,
)
from reporter.report.surveys import ItemFacts, SurveyFacts

_HISTORY = 11  # quarters of the employers' actions table: this one and the ten before it
_ENDS = ("low", "high")
_COMPARED_KINDS = ("STATUS", "SKILL", "WORK", "REGION", "INDUSTRY")
# The question that says how satisfied workers are with what they rank (study 4.3.1, parts 2 and 4).
_ASPECT_ITEMS = {
    "rank1": "q2.1",
    "rank2": "q3.2",
    "rank3": "q3.5",
    "rank4": "q4.5",
    "rank5": "q4.4",
    "rank6": "q1.1",
    "rank7": "q6.1",
}


@dataclass(frozen=True)
class ShareFacts:
    """The share of one option, in per cent, with tests of its changes."""

    option: Option
    movement: Movement
    history: tuple[tuple[str, Number | None], ...] = ()
    is_quarter_significant: bool | None = None
    is_year_significant: bool | None = None
    tests: Mapping[str, Claim] = field(default_factory=dict)

    def change(self, against: str) -> Change | None:
        """The change on the quarter or on the year."""
        return self.movement.quarter if against == "quarter" else self.movement.year


@dataclass(frozen=True)
class Shares:
    """Shares of the options of one question, with what may be said of them."""

    shares: tuple[ShareFacts, ...]

    @property
    def _levels(self) -> list[tuple[str, Number]]:
        return [(item.option.id, item.movement.level) for item in self.ranked if item.movement.level]

    @property
    def highest_claim(self) -> Claim:
        """That the first of the ranked options is the most frequent."""
        return provenance.superlative(self._levels[0], self._levels, "highest")

    @property
    def rank_claims(self) -> list[Claim]:
        """That the first three are the most frequent, and the last one the least."""
        lowest = provenance.superlative(self._levels[-1], self._levels, "lowest")
        return [provenance.rank(self._levels[:3], self._levels, "highest"), lowest]

    @property
    def rank_claim(self) -> Claim:
        """That the first five are the most frequent."""
        return provenance.rank(self._levels[:5], self._levels, "highest")

    def tested(self, against: str) -> tuple[ShareFacts, ...]:
        """Options whose change is significant after the correction for all tests, the largest first."""
        name = f"is_{against}_significant"
        own = [item for item in self.shares if getattr(item, name) and item.change(against) is not None]
        return tuple(sorted(own, key=lambda item: -abs(item.change(against).number.value)))  # type: ignore[union-attr]

    def common_way(self, against: str) -> int:
        """1 or -1 where every option's change is significant and went that way; else 0."""
        ways = {item.change(against).sign for item in self.tested(against)}  # type: ignore[union-attr]
        return ways.pop() if len(self.tested(against)) == len(self.shares) > 1 and len(ways) == 1 else 0

    def is_tested(self, against: str) -> bool:
        """Whether the changes were tested."""
        return any(against in item.tests for item in self.shares)

    def tested_claim(self, against: str) -> Claim:
        """How many changes are significant."""
        tests = [item.tests[against].about["test"] for item in self.shares if against in item.tests]
        return Claim("count", len(self.tested(against)), {"tests": tests})

    def test_claims(self, against: str) -> list[Claim]:
        """That each of the changes is significant; where none is, that none is."""
        told = self.tested(against) or self.shares
        return [item.tests[against] for item in told if against in item.tests]

    @property
    def ranked(self) -> tuple[ShareFacts, ...]:
        """From the most to the least frequent."""
        return _by_level(self.shares)

    @property
    def yearly(self) -> tuple[ShareFacts, ...]:
        """Options with a change on the year."""
        return tuple(item for item in self.shares if item.movement.year is not None)

    @property
    def year_up(self) -> tuple[ShareFacts, ...]:
        """Those that rose on the year, the most first."""
        return self._on_year(1)

    @property
    def year_down(self) -> tuple[ShareFacts, ...]:
        """Those that fell on the year, the most first."""
        return self._on_year(-1)

    def _on_year(self, way: int) -> tuple[ShareFacts, ...]:
        own = [item for item in self.yearly if item.movement.year.sign == way]  # type: ignore[union-attr]
        return tuple(sorted(own, key=lambda item: -abs(item.movement.year.number.value)))  # type: ignore[union-attr]

    @property
    def year_claims(self) -> list[Claim]:
        """That the first of those that rose, or fell, on the year did so most."""
        known = [
            (item.option.id, item.movement.year.number)
            for item in self.yearly
            if item.movement.year is not None and item.movement.year.sign != 0
        ]
        return [
            provenance.superlative((own[0].option.id, own[0].movement.year.number), known, says, reads="most")  # type: ignore[union-attr]
            for own, says in ((self.year_up, "highest"), (self.year_down, "lowest"))
            if own
        ]

    @property
    def risen(self) -> tuple[ShareFacts, ...]:
        """Shares that rose on the quarter, the most first."""
        return _moved(self.shares, 1)

    @property
    def fallen(self) -> tuple[ShareFacts, ...]:
        """Shares that fell on the quarter, the most first."""
        return _moved(self.shares, -1)


@dataclass(frozen=True)
class ActionsFacts(Shares):
    """Employers' actions in the last six months, as workers tell; ``shares`` in the questionnaire's order."""

    periods: tuple[str, ...]
    n: Number | None

    def share(self, option: str) -> ShareFacts | None:
        """One action by its id."""
        return next((item for item in self.shares if item.option.id == option), None)


@dataclass(frozen=True)
class TraitGap:
    """A trait employers look for beside their rating of it; ``wanted`` and ``rated`` are its ranks (1: most).

    least  by how many places the rating lies behind at least, as the intervals allow; None without intervals
    asked  the wording of the rated questions of which the rating is the mean
    """

    option: Option
    share: Number
    rating: Number
    gap: Number
    wanted: Number | None = None
    rated: Number | None = None
    least: Claim | None = None
    asked: tuple[str, ...] = ()

    @property
    def questions(self) -> int:
        """Of how many rated questions the rating is the mean."""
        return len(self.option.items)

    @property
    def is_behind(self) -> bool:
        """Whether the rating lies clearly behind the need."""
        return self.wanted is not None and self.behind >= rule("trait_gap.places")

    @property
    def is_clear(self) -> bool:
        """Whether the rating lies behind the need whatever the intervals leave open."""
        return self.least is not None and int(self.least.says) > 0

    @property
    def behind(self) -> float:
        """Places that the rating lies behind the need; the gap in points where the table has no ranks."""
        if self.wanted is None or self.rated is None:
            return self.gap.value
        return self.rated.value - self.wanted.value


@dataclass(frozen=True)
class Theme:
    """A theme of the open answers that an analyst has released; ``is_demand``: it is asked of the state.

    english  the analyst's wording for the English edition; "" without
    """

    name: str
    answers: Number
    is_demand: bool
    english: str = ""


@dataclass(frozen=True)
class ThemeFacts:
    """Released themes of one open question, most frequent first; ``of``: how many wrote something."""

    themes: tuple[Theme, ...]
    of: Number

    @property
    def demands(self) -> tuple[Theme, ...]:
        """Those that turn to the state."""
        return tuple(theme for theme in self.themes if theme.is_demand)

    @property
    def others(self) -> tuple[Theme, ...]:
        """All other themes."""
        return tuple(theme for theme in self.themes if not theme.is_demand)

    @property
    def in_english(self) -> tuple[Theme, ...]:
        """Those that the English edition can name."""
        return tuple(theme for theme in self.themes if theme.english)


@dataclass(frozen=True)
class TraitsFacts(Shares):
    """Traits and skills that employers need; ``shares`` from the most to the least chosen."""

    gaps: tuple[TraitGap, ...]
    n: Number | None
    open_answers: tuple[ThemeFacts, ...] = ()

    @property
    def clear_gaps(self) -> tuple[TraitGap, ...]:
        """Traits whose rating lies behind the need by enough places, and by more than the surveys' error."""
        return tuple(gap for gap in self.gaps if gap.is_behind and gap.is_clear)

    @property
    def near_gaps(self) -> tuple[TraitGap, ...]:
        """Traits whose rating lies behind the need by more than the surveys' error, but by fewer places than the rule asks for."""
        return tuple(gap for gap in self.gaps if gap.is_clear and not gap.is_behind)

    def share_of(self, gap: TraitGap) -> ShareFacts | None:
        """The share of employers who need a trait, with its changes and their tests."""
        return next((item for item in self.shares if item.option.id == gap.option.id), None)

    @property
    def first_gaps(self) -> tuple[TraitGap, ...]:
        """Traits whose rating lies behind the need by most places: more than one where places are alike."""
        return tuple(gap for gap in self.gaps if gap.behind == self.gaps[0].behind)

    @property
    def next_gaps(self) -> tuple[TraitGap, ...]:
        """The two behind by most places after the first, with those that are behind by as many as the last of them."""
        rest = self.gaps[len(self.first_gaps) :]
        last = rest[1].behind if len(rest) > 1 else 0.0
        return tuple(gap for gap in rest if gap.is_behind and (gap in rest[:2] or gap.behind == last))

    @property
    def means(self) -> tuple[TraitGap, ...]:
        """Traits that several questions rate, those of most questions first."""
        return tuple(sorted((gap for gap in self.gaps if gap.questions > 1), key=lambda gap: -gap.questions))

    @property
    def gap_claim(self) -> Claim | None:
        """That the first gap is the one by most places."""
        known = [
            (item.option.id, item.rated - item.wanted) for item in self.gaps if item.wanted and item.rated
        ]
        return provenance.superlative(known[0], known, "highest") if known else None


@dataclass(frozen=True)
class PriorityFacts:
    """One aspect of work: its mean rank (1 is most important) and shares in per cent; ``rank`` is how the mean rank moved."""

    option: Option
    mean_rank: Number
    first_share: Number
    top3: Movement
    satisfaction: ItemFacts | None
    rank: Movement

    def rank_change(self, against: str) -> Change | None:
        """The change of the mean rank, on the quarter or on the year."""
        return self.rank.quarter if against == "quarter" else self.rank.year

    def rank_before(self, against: str) -> Number | None:
        """The mean rank of the quarter before, or of the year before."""
        return self.rank.previous if against == "quarter" else self.rank.year_ago

    def change(self, against: str) -> Change | None:
        """The change of the share among the first three, on the quarter or on the year."""
        return self.top3.quarter if against == "quarter" else self.top3.year

    @property
    def response(self) -> str:
        """``low``, ``slight`` (a little below the middle), ``middle`` or ``high``: how well workers find it answered; "" without a score."""
        score = self.satisfaction.movement.level if self.satisfaction else None
        if score is None:
            return ""
        if round(score.value, 1) < rule("response.low"):
            return (
                "low" if rule("response.low") - round(score.value, 1) >= rule("response.slight") else "slight"
            )
        return "middle" if score.value < rule("response.high") else "high"


@dataclass(frozen=True)
class PrioritiesFacts:
    """Aspects from the most to the least important.

    others    groups that put another aspect first
    kinds     of the groups compared
    left_out  groups that were asked and are not compared: too few answers, or not published
    """

    aspects: tuple[PriorityFacts, ...]
    n: Number | None
    others: tuple[tuple[Group, Option], ...]
    compared: int
    open_answers: tuple[ThemeFacts, ...] = ()
    kinds: tuple[str, ...] = ()
    left_out: tuple[Group, ...] = ()

    def tested(self, against: str, first: int = 0) -> tuple[PriorityFacts, ...]:
        """Aspects after the ``first`` ones whose share among the first three changed significantly, the largest change first."""
        own = [(item, item.change(against)) for item in self.aspects[first:]]
        told = [(item, change) for item, change in own if change is not None and change.is_significant]
        return tuple(item for item, _ in sorted(told, key=lambda pair: -abs(pair[1].number.value)))

    @property
    def placed(self) -> tuple[tuple[int, bool, PriorityFacts], ...]:
        """Place, whether others share it, and aspect of the first three by mean rank as displayed, and of those that read alike."""
        shown = [item.mean_rank.text for item in self.aspects]
        places = [shown.index(text) + 1 for text in shown]
        return tuple(
            (place, places.count(place) > 1, item)
            for place, item in zip(places, self.aspects, strict=True)
            if place <= 3
        )

    def reranked(self, against: str) -> tuple[PriorityFacts, ...]:
        """Aspects whose mean rank changed significantly, the largest change first."""
        own = [(item, item.rank_change(against)) for item in self.aspects]
        told = [(item, change) for item, change in own if change is not None and change.is_significant]
        return tuple(item for item, _ in sorted(told, key=lambda pair: -abs(pair[1].number.value)))

    def rank_claims(self, against: str) -> list[Claim]:
        """That each of these changes of the mean rank is significant after the correction for all tests."""
        changes = [item.rank_change(against) for item in self.reranked(against)]
        return [
            provenance.significance(change.number, change.test, is_clear=True) for change in changes if change
        ]

    def test_claims(self, against: str, first: int = 0) -> list[Claim]:
        """That each of these changes is significant after the correction for all tests."""
        changes = [item.change(against) for item in self.tested(against, first)]
        return [
            provenance.significance(change.number, change.test, is_clear=True) for change in changes if change
        ]

    @property
    def most_agree(self) -> bool:
        """Whether more than half of the groups put the same aspect first as all workers do."""
        return 100 * (1 - len(self.others) / self.compared) > rule("majority.most")

    @property
    def _ranks(self) -> list[tuple[str, Number]]:
        return [(item.option.id, item.mean_rank) for item in self.aspects]

    @property
    def rank_claim(self) -> Claim:
        """That the first three aspects have the lowest mean ranks (1 is the most important)."""
        return provenance.rank(self._ranks[:3], self._ranks, "lowest", reads="most")

    @property
    def first_claim(self) -> Claim:
        """That the first aspect has the lowest mean rank."""
        return provenance.superlative(self._ranks[0], self._ranks, "lowest", reads="most")

    @property
    def last_claim(self) -> Claim:
        """That the last aspect has the highest mean rank."""
        return provenance.superlative(self._ranks[-1], self._ranks, "highest", reads="least")


def _by_level(shares: tuple[ShareFacts, ...]) -> tuple[ShareFacts, ...]:
    return tuple(sorted(shares, key=lambda item: -item.movement.level.value))  # type: ignore[union-attr]


def _moved(shares: tuple[ShareFacts, ...], sign: int) -> tuple[ShareFacts, ...]:
    moved = [item for item in shares if item.movement.quarter and item.movement.quarter.sign == sign]
    return tuple(sorted(moved, key=lambda item: -abs(item.movement.quarter.number.value)))  # type: ignore[union-attr]


def _share(
    cells: Cells, table: str, name: str, option: Option, period: str, polarity: int, history: tuple[str, ...]
) -> ShareFacts | None:
    key = {name: option.id}
    moved = movement(
        cells,
        table,
        period,
        steps=SHARE_STEPS,
        polarity=polarity,
        column="share",
        unit="จุดร้อยละ",
        factor=100,
        key=key,
    )
    if moved.level is None:
        return None

    def at(quarter: str) -> Number | None:
        number = cells.number(table, "share", key | {"period": quarter})
        return None if number is None else number.times(100, "ร้อยละ")

    here = key | {"period": period}
    clear = {
        against: None
        if cells.value(table, f"p_{against}", here) is None
        else cells.flag(table, f"significant_{against}", here)
        for against in ("quarter", "year")
    }
    changes = {"quarter": moved.quarter, "year": moved.year}
    tests = {
        against: provenance.significance(
            change.number, address(table, here, f"significant_{against}"), is_clear=bool(clear[against])
        )
        for against, change in changes.items()
        if change is not None and clear[against] is not None
    }
    past = tuple((quarter, at(quarter)) for quarter in history)
    return ShareFacts(option, moved, past, clear["quarter"], clear["year"], tests)


def _answers(cells: Cells, table: str, name: str, options: tuple[Option, ...], period: str) -> Number | None:
    """The most answers any option has in the quarter: how many were asked."""
    numbers = [
        number
        for option in options
        if (number := cells.number(table, "n", {name: option.id, "period": period}, unit="ราย", decimals=0))
    ]
    return max(numbers, key=lambda number: number.value, default=None)


def actions_facts(cells: Cells, context: Context) -> ActionsFacts | None:
    """Facts of the chapter ``actions``; None without answers in the issue's quarter."""
    period, options = iso(context.quarter), context.declarations.questionnaires["worker"].actions
    periods = tuple(earlier(period, lag) for lag in range(_HISTORY - 1, -1, -1))
    shares = [_share(cells, "employer_actions", "action", item, period, -1, periods) for item in options]
    shown = tuple(item for item in shares if item is not None)
    if not shown:
        return None
    return ActionsFacts(shown, periods, _answers(cells, "employer_actions", "action", options, period))


def traits_facts(cells: Cells, context: Context) -> TraitsFacts | None:
    """Facts of the chapter ``skills``; None without answers in the issue's quarter."""
    period, options = iso(context.quarter), context.declarations.questionnaires["employer"].traits
    shares = [_share(cells, "traits", "trait", item, period, 0, ()) for item in options]
    shown = tuple(item for item in shares if item is not None)
    if not shown:
        return None
    texts = {item.column: item.text.th for item in context.declarations.questionnaires["employer"].items}
    gaps = [
        replace(gap, asked=tuple(texts[column] for column in item.items))
        for item in options
        if (gap := _gap(cells, item, options, period)) is not None
    ]
    gaps.sort(key=lambda item: -item.behind)
    return TraitsFacts(
        _by_level(shown),
        tuple(gaps),
        _answers(cells, "traits", "trait", options, period),
        _open_answers(cells, "employer", period),
    )


def _open_answers(cells: Cells, survey: str, period: str) -> tuple[ThemeFacts, ...]:
    """Released themes of every open question of a survey in the quarter."""
    if "survey_themes" not in cells.tables:
        return ()
    found = []
    for question in ("traits_other", "comment"):
        rows = cells.rows("survey_themes", survey=survey, question=question, period=period)
        themes: list[Theme] = []
        total: Number | None = None
        english = dict(zip(rows.get("theme", []), rows.get("theme_en", []), strict=False))
        for name, kind in zip(rows.get("theme", []), rows.get("kind", []), strict=True):
            key = {"survey": survey, "period": period, "question": question, "theme": str(name)}
            answers, of = (
                cells.number("survey_themes", column, key, unit="ราย", decimals=0)
                for column in ("answers", "of")
            )
            if answers is not None:
                wording = english.get(name)
                themes.append(
                    Theme(
                        str(name), answers, str(kind) == "demand", wording if isinstance(wording, str) else ""
                    )
                )
                total = total or of
        if themes and total is not None:
            found.append(ThemeFacts(tuple(themes), total))
    return tuple(found)


def _gap(cells: Cells, option: Option, options: tuple[Option, ...], period: str) -> TraitGap | None:
    key = {"trait": option.id, "period": period}
    share, rating, gap = (cells.number("trait_gap", name, key) for name in ("share", "rating", "gap"))
    if share is None or rating is None or gap is None:
        return None
    wanted, rated = (
        cells.number("trait_gap", name, key, decimals=0) for name in ("rank_share", "rank_rating")
    )
    least = least_places(cells, option, options, period)
    return TraitGap(option, share.times(100, "ร้อยละ"), rating, gap, wanted, rated, least)


def least_places(cells: Cells, option: Option, options: tuple[Option, ...], period: str) -> Claim | None:
    """By how many places the rating of a trait lies behind its need at least; None where intervals are missing."""
    ends = {}
    for item in options:
        if cells.positions("trait_gap", {"trait": item.id, "period": period}):
            share = [cells.number("traits", name, {"trait": item.id, "period": period}) for name in _ENDS]
            ends[item.id] = (share, _rating_ends(cells, item, period))
    if option.id not in ends or any(None in (*share, *rating) for share, rating in ends.values()):
        return None
    others = [own for name, own in ends.items() if name != option.id]
    (low, _), (_, high) = ends[option.id]
    return provenance.behind(
        (low, [share[1] for share, _ in others]),  # type: ignore[arg-type,misc]
        (high, [rating[0] for _, rating in others]),  # type: ignore[arg-type,misc]
    )


def _rating_ends(cells: Cells, trait: Option, period: str) -> list[Number | None]:
    """Ends of the mean rating of a trait's questions: the mean of their ends, which is wide enough however they hang together."""
    found: list[Number | None] = []
    for end in _ENDS:
        numbers = [
            cells.number(
                "confidence_items",
                end,
                {"survey": "employer", "item": column, "group": "TH", "period": period},
            )
            for column in trait.items
        ]
        known = [number for number in numbers if number is not None]
        if not known:
            found.append(None)
            continue
        whole = total(known)
        cell = f"( {whole.cell} ) / {len(known)}"
        found.append(Number(whole.value / len(known), cell))
    return found


def priorities_facts(cells: Cells, context: Context, worker: SurveyFacts | None) -> PrioritiesFacts | None:
    """Facts of the chapter ``priorities``; None without rankings in the issue's quarter."""
    period, options = iso(context.quarter), context.declarations.questionnaires["worker"].aspects
    found = [item for option in options if (item := _priority(cells, option, period, worker)) is not None]
    if not found:
        return None
    found.sort(key=lambda item: item.mean_rank.value)
    compared, left_out = _compared(cells, context, period)
    options_of = {item.id: item for item in options}
    first = found[0].option.id
    others = tuple((group, options_of[best]) for group, best in compared if best not in ("", first))
    return PrioritiesFacts(
        tuple(found),
        _answers(cells, "priorities", "aspect", options, period),
        others,
        len(compared),
        _open_answers(cells, "worker", period),
        tuple(
            KIND_NAMES[kind] for kind in _COMPARED_KINDS if any(group.kind == kind for group, _ in compared)
        ),
        left_out,
    )


def _priority(cells: Cells, option: Option, period: str, worker: SurveyFacts | None) -> PriorityFacts | None:
    key = {"aspect": option.id, "period": period}
    mean_rank = cells.number("priorities", "mean_rank", key, decimals=2)
    first = cells.number("priorities", "first_share", key)
    top3 = movement(
        cells,
        "priorities",
        period,
        steps=SHARE_STEPS,
        polarity=0,
        column="top3_share",
        unit="จุดร้อยละ",
        factor=100,
        key={"aspect": option.id},
    )
    rank = movement(
        cells, "priorities", period, steps=SHARE_STEPS, polarity=0, column="mean_rank", decimals=2, key={"aspect": option.id}
    )  # fmt: skip
    if mean_rank is None or first is None or top3.level is None:
        return None
    asked = _ASPECT_ITEMS.get(option.id, "")
    return PriorityFacts(
        option, mean_rank, first.times(100, "ร้อยละ"), top3, worker.item(asked) if worker else None, rank
    )


def _compared(
    cells: Cells, context: Context, period: str
) -> tuple[list[tuple[Group, str]], tuple[Group, ...]]:
    """Groups with the aspect that each puts first, and the groups that were asked but are left aside.

    Left aside are groups of few answers and those not published. Compared are the kinds that the chapter names.
    """
    rows = cells.rows("priorities_by_group", period=period)
    aspects = {item.id for item in context.declarations.questionnaires["worker"].aspects}
    compared, left_out = [], []
    for group in context.declarations.groups.values():
        own = rows if rows.empty else rows[rows["group"] == group.code]
        if own.empty or group.kind not in _COMPARED_KINDS:
            continue
        known = own[own["mean_rank"].notna()]
        if known.empty or ("flag" in known and known["flag"].fillna("").astype(str).ne("").any()):
            left_out.append(group)
            continue
        best = str(known["aspect"].iloc[int(pd.Series(known["mean_rank"]).argmin())])
        compared.append((group, best if best in aspects else ""))
    return compared, tuple(left_out)
