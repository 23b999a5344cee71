"""Declarations as frozen, validated objects: indicators, dimensions, questionnaires, groups.

Goes in: the TOML and CSV files of a workspace, or the package's defaults where the workspace has none.
Comes out: one ``Declarations`` object, passed to every stage. Source: method.md, 1 to 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Frequency = Literal["monthly", "quarterly"]


@dataclass(frozen=True)
class Name:
    """A name in Thai and English."""

    th: str
    en: str


@dataclass(frozen=True)
class Dimension:
    """One dimension of the index; ``order`` is its number in method.md."""

    id: str
    order: int
    name: Name
    short: Name
    description: Name


@dataclass(frozen=True)
class Indicator:
    """One series of the index.

    unit         "percent", "pp", "percent_of_mean", "per_1000", "baht", "baht_per_month", "baht_per_person",
                 "hours_per_week", "index", "positions", "persons", "percent_growth"
    polarity     1: a higher value is better; -1: worse
    transform    "level" (rates in %) or "growth" (rate of change in % of everything else)
    detrend      how the long-run trend leaves the series (declared, printed in the appendix)
    components   ids of the series an indicator is computed from (gaps: male, female); empty otherwise
    gap          "absolute" (pp), "relative" (% of the mean) or "" for indicators that are no gap
    groups       group kinds the source publishes: TH, STATUS, REGION, PROVINCE, INDUSTRY
    """

    id: str
    dimension: str
    order: int
    name: Name
    source: str
    unit: str
    frequency: Frequency
    polarity: Literal[1, -1]
    transform: Literal["level", "growth"]
    detrend: str
    groups: tuple[str, ...]
    publication_lag_days: int
    bounds: tuple[float, float]
    components: tuple[str, ...] = ()
    gap: str = ""
    formula: str = ""
    fetch: Mapping[str, Any] = field(default_factory=dict)
    notes: Name = Name("", "")


@dataclass(frozen=True)
class MacroVariable:
    """A macro variable for the tests of the index and for the text of the chapters."""

    id: str
    name: Name
    unit: str
    source: str
    frequency: Frequency
    bounds: tuple[float, float] = (float("-inf"), float("inf"))


@dataclass(frozen=True)
class Source:
    """A producer of data: short code, full name."""

    id: str
    name: Name


@dataclass(frozen=True)
class Option:
    """One domain, option of a check-list or aspect to be ranked.

    ``short`` is for charts (the name where none is declared); ``items`` are the rated questions that measure
    the same trait.
    """

    id: str
    name: Name
    short: Name = Name("", "")
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One rated question. ``column`` is its name in files; ``domain`` is "" for items outside the domains.

    meaning  what the question is about, in Thai, for the interviewer who is asked
    """

    column: str
    domain: str
    text: Name
    negative: bool = False
    optional_for: tuple[str, ...] = ()
    text_for: Mapping[str, Name] = field(default_factory=dict)
    meaning: str = ""

    def wording(self, group: str = "") -> Name:
        """The question as a group is asked it (``STATUS:informal``); the declared text where it has none of its own."""
        return self.text_for.get(group, self.text)


@dataclass(frozen=True)
class Choice:
    """A closed question with one answer: of part 1 (who answers), or of a module outside the index.

    kind   group kind of a question of part 1 (``SEX``); "" for a question of a module
    signs  per option 1 (better, more), 0 (same), -1 (worse, fewer), NaN (not counted): gives a net balance; () without
    """

    id: str
    text: Name
    options: tuple[Option, ...]
    kind: str = ""
    signs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """One survey's questionnaire: domains, items, check-list, ranking; who answers; questions outside the index."""

    id: Literal["employer", "worker"]
    name: Name
    index_name: Name
    aggregation: Literal["items", "domains"]
    domains: tuple[Option, ...]
    items: tuple[Item, ...]
    actions: tuple[Option, ...] = ()
    traits: tuple[Option, ...] = ()
    aspects: tuple[Option, ...] = ()
    scale: tuple[tuple[int, str, int], ...] = ()
    demographics: tuple[Choice, ...] = ()
    questions: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Group:
    """A group of workers. ``code`` as in contract.md (``PROVINCE:TH-10``); ``kind`` its part before the colon.

    For provinces: ``region`` is a REGION code, ``abbreviation`` the interior ministry's two letters (กท),
    ``tile`` the (row, column) of the tile map. ``aliases`` are other spellings that answers may use.
    """

    code: str
    kind: str
    name: Name
    region: str = ""
    abbreviation: str = ""
    tile: tuple[int, int] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declarations:
    """Everything declared, keyed by id in declared order."""

    dimensions: Mapping[str, Dimension]
    indicators: Mapping[str, Indicator]
    macro: Mapping[str, MacroVariable]
    sources: Mapping[str, Source]
    questionnaires: Mapping[str, Questionnaire]
    groups: Mapping[str, Group]

    def members(self, dimension: str) -> tuple[Indicator, ...]:
        """Indicators of one dimension, in declared order."""
        return tuple(item for item in self.indicators.values() if item.dimension == dimension)

    def groups_of(self, kind: str) -> tuple[Group, ...]:
        """Groups of one kind (``PROVINCE``), in declared order."""
        return tuple(group for group in self.groups.values() if group.kind == kind)
