"""Check of words, names and units against claims and cells; evaluation of cell expressions for the checks.

Goes in: a sentence of the issue document (``issue.json``), the tables, the declared words (``data/rules/claim_words.toml``) and names.
Comes out: what is wrong with it. A word such as "rose", "most", "clear" or "dragged" needs a claim that supports it; a name beside a number
has to be the one of the number's cell. Shares no code with the narrative.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from reporter.domain.declarations import Declarations, asset
from reporter.domain.schema import Tables, declared_tables

# ----------------------------------------------------------------------------------------------------
# Expressions over cells of the published tables, evaluated for checks (grammar: docs/issue.md, "Cells").
#
# Goes in: an expression such as ``labour_index?dimension=overall&group=TH&period=2025-Q3#value - 100``, and the tables.
# Comes out: a number. Written apart from the code that makes the sentences, so that one can be held against the other.
# ----------------------------------------------------------------------------------------------------

_NUMBER_OF_A_CELL = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?$")


class CellError(ValueError):
    """An expression names a cell that is not there, or not exactly one, or cannot be read."""


class CheckedCells:
    """The tables, with their rows found by key."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._places: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[int]]] = {}
        self._columns: dict[tuple[str, str], np.ndarray] = {}
        self._values: dict[str, float] = {}

    def value(self, expression: str) -> float:
        """Value of an expression. Raises CellError for a cell that is missing, ambiguous or not a number."""
        if expression not in self._values:
            tokens = expression.split(" ")
            value, rest = self._sum(tokens)
            if rest:
                raise CellError(f"{expression}: cannot read {' '.join(rest)!r}")
            self._values[expression] = value
        return self._values[expression]

    def text(self, cell: str) -> str:
        """A cell as text: for codes and flags."""
        table, key, column = split_cell(cell)
        rows = self.rows(table, key)
        if len(rows) != 1 or column not in rows:
            raise CellError(f"{cell}: {len(rows)} rows")
        return as_text(rows[column].iloc[0])

    def rows(self, table: str, key: Mapping[str, str]) -> pd.DataFrame:
        """Rows of a table that match; a name that ends in ``>`` or ``<`` bounds a column. Raises CellError without the table."""
        self._need(table, key)
        exact = tuple(sorted(name for name in key if name[-1] not in "<>"))
        found = self._tables[table].iloc[self._positions(table, exact, tuple(key[name] for name in exact))]
        for name in key.keys() - set(exact):
            values, bound = pd.to_numeric(found[name[:-1]], errors="coerce"), float(key[name])
            found = found[values >= bound if name[-1] == ">" else values <= bound]
        return found

    def _positions(self, table: str, columns: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
        """Places of the rows whose columns read so; the rows of a table are sorted by those columns once."""
        if not columns:
            return np.arange(len(self._tables[table]))
        if (table, columns) not in self._places:
            places: dict[tuple[str, ...], list[int]] = {}
            texts = [self._texts(table, name) for name in columns]
            for place, row in enumerate(zip(*texts, strict=True)):
                places.setdefault(row, []).append(place)
            self._places[table, columns] = places
        return np.array(self._places[table, columns].get(wanted, ()), dtype=int)

    # ---------------------------------------------------------------- arithmetic: sums of products of factors

    def _sum(self, tokens: list[str]) -> tuple[float, list[str]]:
        value, rest = self._product(tokens)
        while rest and rest[0] in ("+", "-"):
            right, after = self._product(rest[1:])
            value, rest = (value + right if rest[0] == "+" else value - right), after
        return value, rest

    def _product(self, tokens: list[str]) -> tuple[float, list[str]]:
        value, rest = self._factor(tokens)
        while rest and rest[0] in ("*", "/"):
            right, after = self._factor(rest[1:])
            if rest[0] == "/" and right == 0:
                raise CellError("division by zero")
            value, rest = (value * right if rest[0] == "*" else value / right), after
        return value, rest

    def _factor(self, tokens: list[str]) -> tuple[float, list[str]]:
        if not tokens or not tokens[0]:
            raise CellError("an expression ends too early")
        head, rest = tokens[0], tokens[1:]
        if head == "(":
            value, rest = self._sum(rest)
            if not rest or rest[0] != ")":
                raise CellError("a bracket is not closed")
            return value, rest[1:]
        if _NUMBER_OF_A_CELL.match(head):
            return float(head), rest
        if head.startswith("count:"):
            table, key, _ = split_cell(head.removeprefix("count:"))
            return float(len(self.rows(table, key))), rest
        if head.startswith("streak:"):
            return self._streak(head.removeprefix("streak:")), rest
        return self._cell(head), rest

    def _cell(self, cell: str) -> float:
        table, key, column = split_cell(cell)
        if any(name[-1] in "<>" for name in key):
            raise CellError(f"{cell}: a cell has no bounds")
        self._need(table, (*key, column))
        columns = tuple(sorted(key))
        places = self._positions(table, columns, tuple(key[name] for name in columns))
        if len(places) != 1:
            raise CellError(f"{cell}: {len(places)} rows match")
        value = self._numbers(table, column)[places[0]]
        if not math.isfinite(value):
            raise CellError(f"{cell}: the cell is empty")
        return float(value)

    def _texts(self, table: str, column: str) -> np.ndarray:
        """A column as the keys of expressions write it; every different value is turned into text once."""
        codes, different = pd.factorize(self._tables[table][column], use_na_sentinel=False)
        return np.array([as_text(value) for value in different], dtype=object)[codes]

    def _need(self, table: str, columns: Iterable[str]) -> None:
        """Raise CellError where the table or one of its columns is not there."""
        if table not in self._tables:
            raise CellError(f"there is no table {table}")
        for name in columns:
            if name.rstrip("<>") not in self._tables[table]:
                raise CellError(f"{table} has no column {name.rstrip('<>')}")

    def _numbers(self, table: str, column: str) -> np.ndarray:
        """A column as numbers; what is none is missing."""
        if (table, column) not in self._columns:
            values = pd.to_numeric(self._tables[table][column], errors="coerce")
            self._columns[table, column] = values.to_numpy(float)
        return self._columns[table, column]

    def _streak(self, text: str) -> float:
        """Quarters in a row, up to one, that moved the same way by at least ``still``."""
        cell, period, still = text.rsplit("@", 2)
        table, key, column = split_cell(cell)
        rows = self.rows(table, key)
        values = {as_text(p): float(v) for p, v in zip(rows["period"], rows[column], strict=True)}
        at = pd.Period(unquote(period), freq="Q-DEC")
        way, length = 0, 0
        while True:
            now, before = values.get(quarter(at)), values.get(quarter(at - 1))
            if now is None or before is None or not math.isfinite(now - before):
                break
            move = now - before
            sign = (move > 0) - (move < 0)
            if sign == 0 or abs(move) < float(still) or (way and sign != way):
                break
            way, length, at = sign, length + 1, at - 1
        return float(length)


def split_cell(cell: str) -> tuple[str, dict[str, str], str]:
    """``table?key=value&key=value#column`` as its three parts. Raises CellError."""
    match = re.fullmatch(r"([a-z_0-9]+)(?:\?([^#]*))?(?:#([^#]+))?", cell)
    if match is None:
        raise CellError(f"cannot read {cell!r}")
    pairs = [pair for pair in (match[2] or "").split("&") if pair]
    key = {}
    for pair in pairs:
        bounded = re.fullmatch(r"(\w+)([<>]?)=(.*)", pair)
        if bounded is None:
            raise CellError(f"cannot read {pair!r} in {cell!r}")
        key[bounded[1] + bounded[2]] = unquote(bounded[3])
    return match[1], key, unquote(match[3] or "")


def quarter(period: pd.Period) -> str:
    """A quarter as in tables: ``2025-Q3``."""
    return f"{period.year}-Q{period.quarter}"


def as_text(value: object) -> str:
    """A cell as the keys of expressions write it: whole numbers without a point, nothing for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


StoredClaim = Mapping[str, Any]
_CHANNELS = ("way", "norm", "extreme", "clarity", "pull", "together", "signal")
_QUOTED = re.compile('“[^”]*”|"[^"]*"')
# Which column of a table's key names the subject of a number; of surveys the survey belongs to it.
_SUBJECTS = ("indicator", "dimension", "group", "domain", "item", "action", "trait", "aspect", "variable")
_SHAPES = {
    "rising": ("up",),
    "falling": ("down",),
    "flat": ("still",),
    "hump": ("up", "down"),
    "dip": ("down", "up"),
}
_SIDES = {
    "up": "up", "down": "down", "still": "still", "better": "up", "worse": "down", "unchanged": "still", "above": "up",
    "below": "down", "about": "still", "higher": "up", "lower": "down", "equal": "still",
}  # fmt: skip


@dataclass(frozen=True)
class Lexicon:
    """The words of one language.

    classes   word -> (channel, class); channel "" for words that assert nothing
    pattern   finds any of them, the longest first
    names     (kind of subject, id) -> names that text may use
    named     finds any name
    units     unit word -> kind of quantity; ``united`` finds any that follows a number, ``ahead`` one that stands before it
    counting  how a quarter is written, and words that stand for a count
    of        unit of every indicator and macro variable
    """

    classes: Mapping[str, tuple[str, str]]
    pattern: re.Pattern[str]
    names: Mapping[tuple[str, str], tuple[str, ...]]
    named: re.Pattern[str]
    units: Mapping[str, str]
    united: re.Pattern[str]
    ahead: re.Pattern[str]
    counting: Mapping[str, Any]
    of: Mapping[tuple[str, str], str]

    def known(self, name: str) -> set[tuple[str, str]]:
        """The subjects that bear a name."""
        return {subject for subject, names in self.names.items() if name in names}


def lexicon(language: str, declared: Declarations) -> Lexicon | None:
    """The words and names of a language; None where none are declared.

    declared  as they are, with names in both languages
    """
    words = _declared().get(language)
    if words is None:
        return None
    classes = {
        word: (channel, name) for channel in _CHANNELS for name, own in words[channel].items() for word in own
    }
    classes |= dict.fromkeys(words["plain"]["words"], ("", ""))
    names = _names(language, declared, words["spoken"])
    every = {name for own in names.values() for name in own}
    units = {word: kind for kind, own in words["units"].items() for word in own}
    of = {("indicator", code): item.unit for code, item in declared.indicators.items()}
    of |= {("variable", code): item.unit for code, item in declared.macro.items()}
    return Lexicon(
        classes,
        _longest_first(classes),
        names,
        _longest_first(every),
        units,
        re.compile(rf"\s?({_longest_first(units).pattern})"),
        re.compile(
            rf"({_longest_first(units).pattern})\s?$" if words["counting"]["unit_before"] else r"(?!)()"
        ),
        words["counting"],
        of,
    )


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads(asset("data", "rules", "claim_words.toml").read_text(encoding="utf-8"))


def _longest_first(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(re.escape(word) for word in ordered))


def _names(
    language: str, declared: Declarations, spoken: Mapping[str, str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every subject of a table with the names that text may use for it."""

    def own(*given: Any) -> tuple[str, ...]:
        texts = [getattr(name, language, "") if not isinstance(name, str) else name for name in given]
        texts += [text[:1].lower() + text[1:] for text in texts if language == "en"]  # within a sentence
        return tuple(dict.fromkeys(text for text in texts if text))

    found = {("dimension", code): own(item.name, item.short) for code, item in declared.dimensions.items()}
    found |= {("indicator", code): own(item.name, item.spoken) for code, item in declared.indicators.items()}
    found["indicator", "other_dimensions"] = own(spoken.get("other_dimensions", ""))
    found |= {("group", code): own(item.name) for code, item in declared.groups.items() if code != "TH"}
    indicator_of = {variable: indicator for indicator, variable in declared.same_facts.items()}
    for code, item in declared.macro.items():
        same = found.get(
            ("indicator", indicator_of.get(code, "")), ()
        )  # either name may stand before the number
        found["variable", code] = (*own(item.name), *same)
    for survey, asked in declared.questionnaires.items():
        found |= {("domain", f"{survey}/{item.id}"): own(item.name, item.short) for item in asked.domains}
        found |= {("item", f"{survey}/{item.column}"): own(item.text) for item in asked.items}
        for kind, options in (("action", asked.actions), ("trait", asked.traits), ("aspect", asked.aspects)):
            found |= {(kind, item.id): own(item.name, item.short) for item in options}
        if language == "th":  # an action is told as a noun
            doing = {("action", item.id): f"การ{item.name.th}" for item in asked.actions}
            found |= {subject: (*found[subject], noun) for subject, noun in doing.items()}
    return {subject: names for subject, names in found.items() if names}


def check_words(sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon) -> Iterator[str]:
    """Everything in a sentence that its claims and cells do not support."""
    joined = "".join("\n" if span["kind"] == "break" else span["text"] for span in sentence["spans"])
    if joined.strip() != sentence["text"].strip():
        yield "the text is not that of its spans"
    if sentence.get("claims") or any(span["kind"] == "number" for span in sentence["spans"]):
        yield from _unborne(sentence, cells, words)
    yield from _unnamed(sentence, words)
    yield from _tied(sentence, cells, words)
    yield from _left_out(sentence, cells, words)
    yield from _misnamed(sentence, words)
    yield from _of_another_dimension(sentence, words)
    yield from _miscounted(sentence, words)
    yield from _by_chance_unsaid(sentence, words)
    yield from _misunited(sentence, words)
    yield from _part_of_a_quarter(sentence, cells, words)


# ------------------------------------------------------------------------------------------- words need claims


def _unborne(sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon) -> Iterator[str]:
    said = _said(sentence, words)
    for channel in _CHANNELS:
        own = [(word, name) for word, of, name in said if of == channel]
        if own:
            bearers = [
                found for claim in sentence.get("claims", ()) for found in _bears(claim, channel, cells)
            ]
            bearers += [frozenset({side}) for side in _counted(sentence) if channel == "way"]
            lone = _unmatched([name for _, name in own], bearers)
            yield from (f"no claim bears “{own[place][0]}”" for place in lone)


def _said(sentence: Mapping[str, Any], words: Lexicon) -> list[tuple[str, str, str]]:
    """Words of the sentence with channel and class; names and quoted words assert nothing."""
    text = "".join(
        span["text"] if span["kind"] in ("text", "strong") else "\x00" for span in sentence["spans"]
    )
    text = _QUOTED.sub("\x00", text)
    plain = words.named.sub(lambda match: match[0] if match[0] in words.classes else "\x00", text)
    return [
        (match[0], *words.classes[match[0]])
        for match in words.pattern.finditer(plain)
        if words.classes[match[0]][0]
    ]


def _unmatched(said: Sequence[str], bearers: Sequence[frozenset[str]]) -> list[int]:
    """Places of the unmatched words when every claim supports at most one word (a maximum matching, by augmenting paths)."""
    bearer_of: dict[int, int] = {}

    def place(word: int, tried: set[int]) -> bool:
        for at, classes in enumerate(bearers):
            if said[word] in classes and at not in tried:
                tried.add(at)
                if at not in bearer_of or place(bearer_of[at], tried):
                    bearer_of[at] = word
                    return True
        return False

    return [word for word in range(len(said)) if not place(word, set())]


def _bears(claim: StoredClaim, channel: str, cells: CheckedCells) -> Iterator[frozenset[str]]:
    """What one claim supports in a channel: a set of classes for each word that may be based on it."""
    try:
        yield from (frozenset(found) for found in _BEARERS[channel](claim, cells) if found)
    except (CellError, KeyError, TypeError, ValueError):
        return  # the claim itself is told as one that cannot be derived


def _counted(sentence: Mapping[str, Any]) -> Iterator[str]:
    """Ways that counts tell: so many indicators that improved."""
    sides = {"improved": "up", "worsened": "down", "unchanged": "still"}
    for span in sentence["spans"]:
        if span.get("cell", "").startswith("count:"):
            _, key, _ = split_cell(span["cell"].removeprefix("count:"))
            if key.get("direction") in sides:
                yield sides[key["direction"]]


def _way(claim: StoredClaim, cells: CheckedCells) -> Iterator[set[str]]:
    kind, says = claim["kind"], claim["says"]
    reads = claim.get("reads", ())
    if reads and reads[0] in ("push", "drag"):
        return
    if kind in ("direction", "quality", "comparison"):
        yield {_SIDES[says]}
    elif kind == "streak" or (kind == "cause" and claim.get("role", "drives") == "drives"):
        yield {says if kind == "cause" else claim["way"]}
        yield {"still"} if claim.get("small") else set()  # moves too small to be called one
    elif kind == "count":
        yield (
            {"up" if claim.get("operator", ">") in (">", ">=") else "down"} if "operator" in claim else set()
        )
    elif kind == "interval" and says != "contains" and claim["point"] == "100":
        yield {_SIDES[says]}
        yield {_SIDES[says]}  # where the band lies, and what that means
    elif kind == "forecast":
        yield from ({side} for side in _SHAPES[says])
    elif kind in ("significance", "superlative") and _is_change(claim["of"]):
        yield {_side(cells.value(claim["of"]))}
    elif kind == "rank" and _is_change(claim["order"][0]["of"]):
        yield {_side(cells.value(claim["order"][0]["of"]))}


def _norm(claim: StoredClaim, cells: CheckedCells) -> Iterator[set[str]]:
    """Where a level stands by its value: whether that is clear is another word (``_clarity``)."""
    kind, says = claim["kind"], claim["says"]
    if kind == "level":
        value = cells.value(claim["of"])
        yield {"above" if value >= claim["high"] else "below" if value <= claim["low"] else "about"}
    elif kind == "interval" and claim["point"] == "100" and says != "contains":
        yield {says}


def _side(value: float) -> str:
    return "up" if value > 0 else "down" if value < 0 else "still"


def _is_change(cell: str) -> bool:
    return " - " in cell or cell.endswith(("#change", "#contribution", "#sub_index"))


def _extreme(claim: StoredClaim, _: CheckedCells) -> Iterator[set[str]]:
    kind = claim["kind"]
    if "reads" in claim:
        yield set(claim["reads"])
    elif kind in ("superlative", "apart"):
        yield {"most" if claim["says"] in ("highest", "above") else "least"}
    elif kind == "rank":
        yield {"most" if claim["from"] == "highest" else "least"}
    elif kind == "record":
        yield {"most" if claim["says"] == "high" else "least"}
    elif kind == "cause":
        yield {"most"}


def _clarity(claim: StoredClaim, cells: CheckedCells) -> Iterator[set[str]]:
    kind, says = claim["kind"], claim["says"]
    if kind == "interval":
        yield {"unclear" if says == "contains" else "clear"}
    elif kind == "significance":
        yield {"clear" if says else "unclear"}
    elif kind == "count" and "tests" in claim:
        yield {"clear"}
    elif kind == "apart" or (
        kind == "count" and any(part["of"].endswith(("#low", "#high")) for part in claim.get("among", ()))
    ):
        yield {"clear"}
        yield {"clear"}
    elif kind == "level" and "interval" in claim and says == "about":
        yield {"unclear"}


def _pull(claim: StoredClaim, cells: CheckedCells) -> Iterator[set[str]]:
    kind = claim["kind"]
    if kind == "cause":
        drives = claim.get("role", "drives") == "drives"
        yield {"push" if (claim["says"] == "up") == drives else "drag"}
    elif kind == "rank":
        yield {"push" if cells.value(claim["order"][0]["of"]) > 0 else "drag"}
    elif kind == "direction":
        yield {"push" if claim["says"] == "up" else "drag"} if claim.get("reads") else set()


def _together(claim: StoredClaim, _: CheckedCells) -> Iterator[set[str]]:
    if claim["kind"] == "together":
        yield {claim["says"]}


def _signal(claim: StoredClaim, _: CheckedCells) -> Iterator[set[str]]:
    if claim["kind"] == "signal":
        yield {claim["says"]}


_BEARERS = {
    "way": _way,
    "norm": _norm,
    "extreme": _extreme,
    "clarity": _clarity,
    "pull": _pull,
    "together": _together,
    "signal": _signal,
}


# ------------------------------------------------------------------------------------------- names and units


def _subject(cell: str) -> tuple[str, str] | None:
    """What a cell's number is a number of, e.g. ``("dimension", "wages")``; None of the whole and of several."""
    found = set()
    for token in cell.split(" "):
        if "?" in token and not token.startswith(("count:", "streak:")):
            table, key, _ = split_cell(token)
            if table == "signals":  # a kind of subject and its id
                found.add((key["kind"], key["item"]))
                continue
            kind = next(
                (name for name in _SUBJECTS if name in key and key[name] not in ("TH", "overall")), None
            )
            if kind is not None:
                survey = f"{key['survey']}/" if "survey" in key and kind in ("domain", "item") else ""
                found.add((kind, survey + key[kind]))
    return found.pop() if len(found) == 1 else None


def _unnamed(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Subjects of superlatives, ranks and causes whose names the sentence does not say, or not in the claim's order."""
    for claim in sentence.get("claims", ()):
        parts = (
            claim.get("parts")
            or claim.get("order")
            or ([claim] if claim["kind"] in ("superlative", "apart") else [])
        )
        after = -1
        for part in parts:
            subject = _subject(part["of"])
            names = words.names.get(subject, ()) if subject else ()
            places = [place for name in names if (place := sentence["text"].find(name)) >= 0]
            if names and not places:
                yield f"{claim['kind']}: {names[0]} is not named"
            elif places and max(sentence["text"].rfind(name) for name in names) <= after:
                yield f"{claim['kind']}: {names[0]} is not named in its order"
            after = min(places, default=after)


def _tied(sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon) -> Iterator[str]:
    """Ties in print: an item with the same printed value as the one called most has to be named with it."""
    if not any(channel == "extreme" for _, channel, _ in _said(sentence, words)):
        return
    for claim in sentence.get("claims", ()):
        kind = claim["kind"]
        if kind not in ("superlative", "rank", "cause") or "decimals" not in claim:
            continue
        own = {"superlative": [claim], "rank": claim.get("order"), "cause": claim.get("parts")}[kind]
        is_by_size = bool(claim.get("by_size"))
        last = _read(cells.value(own[-1]["of"]), claim["decimals"], is_by_size)
        named = {str(part.get("subject")) for part in own}
        for other in claim["among"]:
            names = words.names.get(_subject(other["of"]) or ("", ""), ())
            value = cells.value(other["of"])
            is_alike = _read(value, claim["decimals"], is_by_size) == last
            is_alike = is_alike and abs(value) >= float(claim.get("least", 0))
            is_left_out = str(other["subject"]) not in named and not any(
                name in sentence["text"] for name in names
            )
            if names and is_alike and is_left_out:
                yield f"{kind}: {names[0]} reads the same and is not named"


_TESTED_KINDS = (
    "domain",
    "item",
    "action",
    "trait",
    "aspect",
)  # subjects whose changes a table tests together


def _left_out(sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon) -> Iterator[str]:
    """What moved as much as the change that is called the largest and is not a candidate of the claim.

    Only changes that chance may have made may be left out, and only where the sentence says that it speaks of the others alone.
    """
    is_said = any(phrase in sentence["text"] for phrase in words.counting["significant_only"])
    for claim in sentence.get("claims", ()):
        if claim["kind"] != "superlative" or " - " not in claim["of"]:
            continue
        way = 1 if claim["says"] == "highest" else -1
        known = {str(item["subject"]) for item in claim["among"]}
        for name, value, is_significant in _rivals(claim["of"], cells, words):
            if name in known or (value - cells.value(claim["of"])) * way <= 0:
                continue
            if is_significant:
                yield f"superlative: {name} moved more, significantly, and is left out"
            elif not is_said:
                yield f"superlative: {name} moved more and is left out unsaid"


def _rivals(of: str, cells: CheckedCells, words: Lexicon) -> Iterator[tuple[str, float, bool]]:
    """Other subjects of the same table with the same change: id, change, whether its test calls it significant."""
    places = [split_cell(token) for token in of.split(" ") if "?" in token]
    column = next((name for name in _TESTED_KINDS if places and name in places[0][1]), None)
    if column is None or len(places) != 2:
        return
    table, key, valued = places[0]
    gap = (pd.Period(key["period"], freq="Q-DEC") - pd.Period(places[1][1]["period"], freq="Q-DEC")).n
    ends = {1: "_quarter", 4: "_year"}.get(gap, "?")
    declared = declared_tables().get(table)
    own = () if declared is None else declared.columns.values()
    test = next((one.name for one in own if one.tests == valued and one.name.endswith(ends)), "")
    rows = cells.rows(table, {name: value for name, value in key.items() if name != column})
    survey = f"{key['survey']}/" if "survey" in key and column in ("domain", "item") else ""
    for other in sorted({as_text(value) for value in rows[column]} - {key[column]}):
        if (column, survey + other) in words.names:
            try:
                change = cells.value(re.sub(rf"(?<=[?&]){column}=[^&#]*", f"{column}={quote(other)}", of))
            except CellError:
                continue  # not told in either quarter: it has no change
            yield other, change, test in rows and _is_true(rows.loc[rows[column].map(as_text) == other, test])


def _is_true(cells: pd.Series) -> bool:
    """Whether the only cell of a column says yes."""
    return len(cells) == 1 and as_text(cells.iloc[0]) in ("1", "True", "true")


def _read(value: float, decimals: int, is_by_size: bool) -> str:
    """A number as it is printed; without its sign where only size counts."""
    shown = f"{abs(value) if is_by_size else value:.{int(decimals)}f}"
    return shown.lstrip("-") if float(shown) == 0 else shown


def _misnamed(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Numbers that follow the name of another subject of their kind."""
    before = ""
    for span in sentence["spans"]:
        if span["kind"] == "number" and span.get("cell"):
            subject = _subject(span["cell"])
            if subject is not None and subject in words.names:
                last = [
                    own
                    for match in words.named.finditer(before)
                    if (own := _of_kind(match[0], subject[0], words))
                ]
                if last and subject not in last[-1]:
                    yield f"{span['text']} is of {words.names[subject][0]}, not of the name before it"
        before += span["text"]


def _of_another_dimension(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Causes of a dimension's change in a sentence that names other dimensions and not this one."""
    plain = "".join(span["text"] for span in sentence["spans"] if span["kind"] != "number")
    named: set[tuple[str, str]] = set()
    for match in words.named.finditer(plain):
        named |= _of_kind(match[0], "dimension", words)
    for claim in sentence.get("claims", ()):
        subject = _subject(claim["of"]) if claim["kind"] == "cause" else None
        if named and subject is not None and subject[0] == "dimension" and subject not in named:
            yield f"the causes are those of {words.names[subject][0]}, which is not named"


def _of_kind(name: str, kind: str, words: Lexicon) -> set[tuple[str, str]]:
    return {subject for subject in words.known(name) if subject[0] == kind}


def _miscounted(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Counts and quarters that are in claims and not in the text."""
    loose = "".join(span["text"] if span["kind"] in ("text", "strong") else " " for span in sentence["spans"])
    yield from _miscounted_whole(sentence, loose, words)
    numbers = Counter(int(found) for found in re.findall(r"(?<![\d.,])\d+(?![\d.,]*\d)", loose))
    for claim in sentence.get("claims", ()):
        if (
            claim["kind"] == "count"
            and not _in_words(claim, loose, words)
            and int(claim["says"]) != _listed(claim, sentence, words)
        ):
            numbers[int(claim["says"])] -= 1
            if numbers[int(claim["says"])] < 0:
                yield f"the count {claim['says']} is not said"
        if claim["kind"] == "streak" and int(claim.get("small", 0)):
            numbers[int(claim["small"])] -= 1
            if numbers[int(claim["small"])] < 0:
                yield f"the {claim['small']} quarters that are no change are not said"
        if claim["kind"] == "record":
            since = str(claim.get("since") or claim.get("first"))
            year = int(since[:4]) + int(words.counting["era"])
            ordinal = words.counting.get("ordinals", ("", "", "", ""))[int(since[-1]) - 1]
            form = words.counting.get("record") if claim.get("since") else None
            form = form or words.counting["quarter"]
            said = form.format(quarter=since[-1], ordinal=ordinal, year=year, quarters=_quarters_since(claim))
            if said not in sentence["text"]:
                yield f"{since}, since when it is a record, is not said"


_MISSED = 0.05  # a 95 % interval leaves out the true value of so many groups


def _by_chance_unsaid(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Groups counted on both sides of a point by their intervals: the sentence says how many would lie off it by chance."""
    counts = [
        claim
        for claim in sentence.get("claims", ())
        if claim["kind"] == "count"
        and any(part["of"].endswith(("#low", "#high")) for part in claim.get("among", ()))
    ]
    if {claim["operator"] for claim in counts} != {">", "<"}:
        return
    groups, found = len(counts[0]["among"]), sum(int(claim["says"]) for claim in counts)
    expected = math.floor(groups * _MISSED + 0.5)
    form = words.counting["by_chance" if groups * _MISSED >= 1 else "rarely_by_chance"]
    if 0 < found < groups and form.format(number=expected) not in sentence["text"]:
        yield f"{groups * _MISSED:.1f} of {groups} would lie so by chance, which is not said"


def _quarters_since(claim: StoredClaim) -> int:
    """How many quarters a record covers, the present one among them and the one that reached it left out."""
    now = re.search(r"period=(\d{4}-Q\d)", claim["of"])
    since = str(claim.get("since") or "")
    if now is None or not since:
        return 0
    return int((pd.Period(now[1], freq="Q-DEC") - pd.Period(since, freq="Q-DEC")).n)


def _in_words(claim: StoredClaim, text: str, words: Lexicon) -> bool:
    """Whether a count is expressed by a word for that count: nothing, one, or all."""
    says, whole = int(claim["says"]), len(claim.get("among", claim.get("tests", ())))
    stands = {"none": says == 0, "one": says == 1, "all": says == whole}
    return any(is_so and any(word in text for word in words.counting[name]) for name, is_so in stands.items())


def _miscounted_whole(sentence: Mapping[str, Any], loose: str, words: Lexicon) -> Iterator[str]:
    """How many things a sentence counts among ("of 4 industries"): no count can be larger."""
    counts = [int(claim["says"]) for claim in sentence.get("claims", ()) if claim["kind"] == "count"]
    for found in re.findall(words.counting["whole"], loose):
        if counts and max(counts) > int(found):
            yield f"{max(counts)} are counted of {found}"


def _listed(claim: StoredClaim, sentence: Mapping[str, Any], words: Lexicon) -> int:
    """How many of the things that a claim counts the sentence names."""
    subjects = [_subject(part["of"]) for part in claim.get("among", ())]
    names = [words.names.get(subject, ()) if subject else () for subject in subjects]
    return sum(any(name in sentence["text"] for name in own) for own in names)


_POINTS = (
    "labour_index",
    "contributions",
    "index_changes",
    "indicator_contributions",
    "confidence",
    "confidence_items",
    "forecast",
    "news",
    "group_ranking",
)
_SHARES = ("share", "share1", "share2", "share3", "share4", "share5", "first_share", "top3_share")
_KINDS = {
    "percent": "percent", "percent_growth": "percent", "pp": "pp", "percent_of_mean": "percent", "baht": "baht",
    "baht_per_month": "baht", "baht_per_person": "baht", "hours_per_week": "hours", "positions": "count", "persons": "count",
}  # fmt: skip


def _misunited(sentence: Mapping[str, Any], words: Lexicon) -> Iterator[str]:
    """Numbers whose unit word is not one of their table's quantity."""
    spans = sentence["spans"]
    for place, span in enumerate(spans):
        if span["kind"] != "number" or not span.get("cell"):
            continue
        kind = _quantity(span["cell"], words)
        after = spans[place + 1]["text"] if place + 1 < len(spans) else ""
        before = spans[place - 1]["text"] if place else ""
        follows, leads = words.united.match(after), words.ahead.search(before)
        if leads and place > 1 and leads[0].strip() == before.strip():
            leads = None  # the word between two numbers belongs to the first
        said = words.units[follows[1]] if follows else words.units[leads[1]] if leads else ""
        if kind and said and said != kind:
            yield f"{span['text']} is no {(follows or leads)[1]}"  # type: ignore[index]


def _part_of_a_quarter(sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon) -> Iterator[str]:
    """Means of one or two months that are presented as the quarter's value."""
    if words.counting["partial"] in sentence["text"]:
        return
    for span in sentence["spans"]:
        token = span.get("cell", "") if span["kind"] == "number" else ""
        if token.startswith("movers?") and token.endswith("#value") and " " not in token:
            _, key, _ = split_cell(token)
            known = _months_known(key["indicator"], key["period"], cells)
            if 0 < known < 3:
                yield f"{span['text']} is the mean of {known} of three months, which the sentence does not say"


def _months_known(indicator: str, period: str, cells: CheckedCells) -> int:
    """Months of a quarter that a series has; 3 where it has the quarter itself, 0 where it has nothing."""
    try:
        rows = cells.rows("series", {"indicator": indicator, "group": "TH"})
    except CellError:
        return 0
    known = {as_text(at) for at in rows.loc[pd.to_numeric(rows["raw"], errors="coerce").notna(), "period"]}
    first = 3 * int(period[-1]) - 2
    return (
        3
        if period in known
        else sum(f"{period[:4]}-{month:02d}" in known for month in range(first, first + 3))
    )


def _quantity(cell: str, words: Lexicon) -> str:
    """The kind of quantity that an expression gives; "" where it is none that has unit words."""
    places = [token for token in cell.split(" ") if "?" in token]
    if not places or places[0].startswith("streak:"):
        return ""
    if places[0].startswith("count:"):
        return "count"
    table, _, column = split_cell(places[0])
    if column == "dimensions":
        return "count"
    is_change = " - " in cell or column == "change" or column.startswith("change_")
    if "/" in cell.split(" ") and cell.endswith("* 100"):
        return "percent"
    if column in _SHARES and " * 100" in cell:
        return "pp" if is_change else "percent"
    if (table in _POINTS and column not in ("n", *_SHARES)) or _is_declared_in_points(table, column):
        return "points"
    subject = _subject(cell)
    kind = (
        _KINDS.get(words.of.get(subject, ""), "")
        if subject and table in ("series", "movers", "macro", "signals")
        else ""
    )
    return "pp" if kind == "percent" and is_change else kind


def _is_declared_in_points(table: str, column: str) -> bool:
    """Whether the schema of the tables gives the column in points of an index."""
    declared = declared_tables().get(table)
    own = declared.columns.get(column) if declared else None
    return own is not None and own.unit is not None and own.unit.en == "points"
