"""Which column of a survey file holds which question.

Goes in: the first rows of a ``Grid`` and the questionnaire. Comes out: a ``Layout``: the header's row and, for every
target of the contract, the columns that answer it. Recognised are the columns of contract.md, a mapping file, the
declared aliases, and the questionnaire's own wording as Google Forms, Microsoft Forms and LimeSurvey export it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reporter.domain.declarations import Option, Questionnaire
from reporter.surveys.mapping import Mapping as SourceMapping
from reporter.surveys.rules import Aliases
from reporter.surveys.source import Grid
from reporter.surveys.wording import numbering, parts, plain

DEMOGRAPHICS = ("province", "industry", "status", "skill", "work_type")
_HEADER_SEARCH = 15
_ALIKE = 0.9
_ALIKE_WITH_NUMBER = 0.6
_PLACE = re.compile(r"(?:อันดับ|ลำดับ|rank|ranking)(?:ที่)?([1-9])$")


@dataclass
class Layout:
    """Where the answers stand in a grid.

    header    row of the header, counted from 0; columns: column numbers by target
    single    target -> column: items, demographics, action1.., rank1.., comment, joined check-lists
    ticks     trait id -> column, where a form split its check-list over columns
    places    rank -> column holding the aspect put on that rank
    reworded  target -> header that was accepted although its wording differs
    twice     targets that two columns claim, with the later header
    unknown   headers nobody recognised, with their columns
    """

    header: int
    headers: list[str]
    single: dict[str, int] = field(default_factory=dict)
    ticks: dict[str, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    reworded: dict[str, str] = field(default_factory=dict)
    twice: list[tuple[str, str]] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)

    @property
    def recognised(self) -> int:
        """How many columns are understood."""
        return len(self.single) + len(self.ticks) + len(self.places)


@dataclass(frozen=True)
class Lexicon:
    """Every wording that names a target, in plain form."""

    names: Mapping[str, str]
    questions: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, str]


def lexicon(questionnaire: Questionnaire, aliases: Aliases) -> Lexicon:
    """Names, question texts and options of a questionnaire, ready to be compared with headers."""
    columns = [item.column for item in questionnaire.items]
    columns += [option.id for option in (*questionnaire.actions, *questionnaire.aspects)]
    names = {column.lower(): column for column in columns}
    for target, known in aliases.columns.items():
        names |= {alias.lower(): target for alias in known}
        names |= {plain(alias): target for alias in known if plain(alias) not in names}
    questions = {
        plain(text): item.column
        for item in questionnaire.items
        for text in (item.text.en, item.text.th)
        if text
    }
    numbers = {item.column[1:]: item.column for item in questionnaire.items if item.column.startswith("q")}
    options = {
        "actions": _wordings(questionnaire.actions),
        "ranking": _wordings(questionnaire.aspects),
        "traits": _wordings(questionnaire.traits),
    }
    return Lexicon(names, questions, options, numbers)


def _wordings(options: Iterable[Option]) -> dict[str, str]:
    known: dict[str, str] = {}
    for option in options:
        known |= {plain(text): option.id for text in (option.id, option.name.en, option.name.th)}
    return known


def find_layout(grid: Grid, words: Lexicon, mapping: SourceMapping | None) -> Layout:
    """The layout under the row that is understood best; title rows above it do not matter."""
    layouts = []
    for number in range(min(_HEADER_SEARCH, len(grid.cells))):
        layouts.append(_layout(grid, number, words, mapping))
        if (
            layouts[-1].recognised > len(words.questions) // 2
        ):  # both languages: all items would be half of them
            break
    best = max(layouts, key=lambda layout: (layout.recognised, -layout.header))
    _accept_reworded(best, words)
    return best


def _layout(grid: Grid, number: int, words: Lexicon, mapping: SourceMapping | None) -> Layout:
    above = grid.row(number - 1) if number else []
    headers = [text.strip() for text in grid.row(number)]
    # A header merged over two rows leaves its lower cell empty: what stands above names the column.
    headers = [text or (above[i].strip() if i < len(above) else "") for i, text in enumerate(headers)]
    layout = Layout(number, headers)
    for column, header in enumerate(headers):
        if not header:
            continue
        if target := (mapping.target(header) if mapping else None) or _exact(header, words):
            _place(layout, target, column, header)
        else:
            layout.unknown[header] = column
    return layout


def _accept_reworded(layout: Layout, words: Lexicon) -> None:
    """Give headers that nearly are a question's wording to that question, if no other column claims it."""
    for header, column in list(layout.unknown.items()):
        guess = _alike(header, words)
        if guess and guess not in layout.single:
            layout.single[guess] = column
            layout.reworded[guess] = header
            del layout.unknown[header]


def _exact(header: str, words: Lexicon) -> str | None:
    """Target of a header by name, alias, question text or option; None if no wording fits exactly."""
    if target := words.names.get(header.lower()):
        return target
    found = parts(header)
    lead = plain(re.sub(r"\[[^\]]*\]\s*$", "", header)) if "[" in header else ""
    scope = words.names.get(lead, "")
    for part in found[1:] if scope else ():
        if target := _option(plain(part), words, scope):
            return target
    # LimeSurvey turns q1.1 into q1_1 or q1[1]; the separator must be there, or question 11 would be taken for 1.1.
    if match := re.fullmatch(r"[qQ](\d)[._\[](\d)\]?", header):
        return words.numbers.get(f"{match[1]}.{match[2]}")
    for part in found:
        bare = plain(part)
        if target := words.questions.get(bare) or words.names.get(bare):
            return target
    for part in found:
        if target := _option(plain(part), words, ""):
            return target
        if match := _PLACE.search(plain(part)):
            return f"place:{match[1]}"
    return None


def _option(bare: str, words: Lexicon, scope: str) -> str | None:
    for kind, options in words.options.items():
        if scope in ("", kind) and bare in options:
            return f"tick:{options[bare]}" if kind == "traits" else options[bare]
    return None


def _place(layout: Layout, target: str, column: int, header: str) -> None:
    kind, _, name = target.partition(":")
    if kind == "tick":
        taken = layout.ticks.setdefault(name, column) != column
    elif kind == "place":
        taken = layout.places.setdefault(int(name), column) != column
    else:
        taken = layout.single.setdefault(target, column) != column
    if taken:
        layout.twice.append((target, header))


def _alike(header: str, words: Lexicon) -> str | None:
    """Item whose wording is nearly the header's; its number in front lowers what "nearly" must be."""
    by_column = {column: text for text, column in words.questions.items()}
    for part in parts(header):
        bare = plain(part)
        numbered = words.numbers.get(numbering(part))
        if numbered and _likeness(bare, by_column[numbered]) >= _ALIKE_WITH_NUMBER:
            return numbered
        near = difflib.get_close_matches(bare, list(words.questions), n=1, cutoff=_ALIKE)
        if near and len(bare) >= 8:
            return words.questions[near[0]]
    return None


def _likeness(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
