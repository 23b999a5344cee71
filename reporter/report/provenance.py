"""Provenance of numbers and claims: every printed number computed again from its cell, and the claims that sentences carry.

Goes in: the issue document (or the HTML of an annex) and the tables. Comes out: findings. The expression of a number's cell must
give its value, and the value rounded must give the text (sign, arrow or the word around it may carry the direction).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pandas as pd

from reporter.domain import thai
from reporter.domain.declarations import Name, rule, rules_of
from reporter.domain.errors import Finding
from reporter.domain.periods import arabic_digits
from reporter.domain.thai import MINUS
from reporter.report.document import (
    Aside,
    Block,
    Claim,
    Document,
    Listing,
    Paragraph,
    Sentence,
    TableBlock,
    sentences_of,
    walk,
)
from reporter.report.numbers import (
    Cells,
    Change,
    Movement,
    Number,
    RecordLevel,
    address,
    parse_address,
    streak_length,
)

_DECIMAL = re.compile(r"[0-9๐-๙][0-9๐-๙,]*\.[0-9๐-๙]+")
_FREE = {"h1", "h2", "h3", "table", "figure", "nav", "style", "script", "svg", "title", "cite"}
_FREE_CLASSES = {"commentary", "method", "formula", "references", "source", "colophon"}
_VOID = {"br", "img", "meta", "link", "hr", "input", "wbr", "col"}
_RELATIVE = 1e-9  # a number and its expression agree up to the noise of doubles


_FREE_ASIDES = {"method", "commentary", "quote"}
_FREE_STYLES = {"constants", "method", "references", "source"}


def check_document(document: Document, tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Findings for numbers that do not come from their cell, and for decimals in the sentences that name no cell."""
    cells = Cells(tables)
    found = [message for number in numbers_of(document) if (message := _checked(number, cells)) is not None]
    return found + [_loose(*item) for item in _loose_decimals(document)]


def numbers_of(document: Document) -> list[tuple[str, str, str]]:
    """Every number of the document that names its cell: (full value, cell, text shown), in reading order."""
    found = [_numbered(head.level, head.level.text) for head in document.headline if head.level is not None]
    for part in document.parts:
        found += [number for sentence in part.finding for number in _spoken(sentence)]
        for section in part.sections:
            for block in walk(section.blocks):
                found += [number for sentence in sentences_of(block) for number in _spoken(sentence)]
                if isinstance(block, TableBlock):
                    found += [
                        _numbered(cell.number, cell.shown)
                        for row in block.sheet.rows
                        for cell in row.cells
                        if cell.number is not None
                    ]
    return found


def _numbered(number: Number, shown: str) -> tuple[str, str, str]:
    return repr(float(number.value)), number.cell, shown


def _spoken(sentence: Sentence) -> list[tuple[str, str, str]]:
    return [(repr(span.value), span.cell, span.text) for span in sentence.numbers]


def _loose_decimals(document: Document) -> Iterator[tuple[str, str]]:
    """Decimals of generated sentences outside of any number, with the words around them."""
    for part in document.parts:
        checked = list(part.finding)
        for section in part.sections:
            checked += _checked_sentences(section.blocks)
        for sentence in checked:
            for span in sentence.spans:
                if span.kind in ("text", "strong"):
                    for match in _DECIMAL.finditer(span.text):
                        around = span.text[max(0, match.start() - 30) : match.end() + 10].strip()
                        yield match[0], around


def _checked_sentences(blocks: list[Block]) -> list[Sentence]:
    """Sentences whose numbers must name their cell: not those of methods, of constants and of the analysts."""
    found: list[Sentence] = []
    for block in blocks:
        if isinstance(block, Aside):
            found += [] if block.style in _FREE_ASIDES else _checked_sentences(block.blocks)
        elif isinstance(block, Listing):
            if block.style not in _FREE_STYLES:
                found += [sentence for item in block.items for sentence in _checked_sentences(item)]
        elif not (isinstance(block, Paragraph) and block.style in _FREE_STYLES):
            found += sentences_of(block)
    return found


def check_trace(html: str, tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Findings for numbers that do not come from their cell, and for decimals in the text that name no cell."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    cells = Cells(tables)
    found = [message for number in reader.numbers if (message := _checked(number, cells)) is not None]
    return found + [_loose(*item) for item in reader.loose]


def _loose(text: str, around: str) -> Finding:
    return _finding(
        "trace.untraced", f'ตัวเลข "{text}" ไม่บอกที่มา: {around}', f'"{text}" names no cell: {around}'
    )


def _checked(number: tuple[str, str, str], cells: Cells) -> Finding | None:
    """What is wrong with one number of the text: its cell, its value or its rounding."""
    value_text, cell, shown = number
    try:
        value = float(value_text)
        expected = evaluate(cell, cells)
    except (ValueError, KeyError, ZeroDivisionError) as error:
        return _finding(
            "trace.cell", f'อ่านที่มา "{cell}" ไม่ได้ ({error})', f'Cannot read the cell "{cell}" ({error}).'
        )
    if not math.isclose(value, expected, rel_tol=_RELATIVE, abs_tol=_RELATIVE):
        return _finding(
            "trace.value", f"{cell} มีค่า {expected} แต่รายงานใช้ {value}", f"{cell} is {expected}, not {value}."
        )
    if not _is_rounding(shown, value):
        return _finding(
            "trace.rounding",
            f'"{shown}" ไม่ใช่ค่าปัดเศษของ {value} ({cell})',
            f'"{shown}" does not round {value} ({cell}).',
        )
    return None


def _is_rounding(shown: str, value: float) -> bool:
    """Whether the text is the value, or its size, rounded to the text's decimals."""
    plain = arabic_digits(shown).replace(",", "").replace(MINUS, "-").lstrip("+▲▼■ ")
    try:
        number = float(plain)
    except ValueError:
        return False
    decimals = len(plain.partition(".")[2])
    rounded = float(f"{value:.{decimals}f}")
    return number in (rounded, abs(rounded))


def evaluate(expression: str, cells: Cells) -> float:
    """Value of a cell expression. Raises KeyError for an absent cell, ValueError for a malformed expression."""
    tokens = expression.split(" ")
    value, rest = _sum(tokens, cells)
    if rest:
        raise ValueError(expression)
    return value


def _sum(tokens: list[str], cells: Cells) -> tuple[float, list[str]]:
    value, tokens = _product(tokens, cells)
    while tokens and tokens[0] in "+-":
        operator, (other, tokens) = tokens[0], _product(tokens[1:], cells)
        value = value + other if operator == "+" else value - other
    return value, tokens


def _product(tokens: list[str], cells: Cells) -> tuple[float, list[str]]:
    value, tokens = _operand(tokens, cells)
    while tokens and tokens[0] in "*/":
        operator, (other, tokens) = tokens[0], _operand(tokens[1:], cells)
        value = value * other if operator == "*" else value / other
    return value, tokens


def _operand(tokens: list[str], cells: Cells) -> tuple[float, list[str]]:
    if not tokens:
        raise ValueError("empty")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        value, rest = _sum(rest, cells)
        if not rest or rest[0] != ")":
            raise ValueError("unbalanced")
        return value, rest[1:]
    if first.startswith("count:"):
        table, key, _ = parse_address(first.removeprefix("count:"))
        return float(len(cells.positions(table, key))), rest
    if first.startswith("streak:"):
        place, period, still = first.removeprefix("streak:").split("@")
        table, key, column = parse_address(place)
        return float(streak_length(cells.series(table, column, **key), period, float(still))), rest
    if "?" not in first:
        return float(first), rest
    table, key, column = parse_address(first)
    found = cells.value(table, column, key)
    if found is None:
        raise KeyError(first)
    return found, rest


class _Reader(HTMLParser):
    """Collects the traced numbers of a page, and decimals of running text that are not traced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.numbers: list[tuple[str, str, str]] = []
        self.loose: list[tuple[str, str]] = []
        self._open: list[tuple[str, bool]] = []
        self._number: tuple[str, str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a number's cell, and the parts of a page whose figures are no generated text."""
        if tag in _VOID:
            return
        given = dict(attrs)
        is_free = (
            tag in _FREE
            or "data-constants" in given
            or bool(_FREE_CLASSES & set((given.get("class") or "").split()))
        )
        self._open.append((tag, is_free))
        if tag == "data":
            self._number = (given.get("value") or "", given.get("data-cell") or "")
            self._text = ""

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and the number if it is one."""
        if tag == "data" and self._number is not None:
            self.numbers.append((*self._number, self._text))
            self._number = None
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                break

    def handle_data(self, data: str) -> None:
        """Text of a number, or running text to be searched for loose decimals."""
        if self._number is not None:
            self._text += data
        elif not any(is_free for _, is_free in self._open):
            for match in _DECIMAL.finditer(data):
                around = data[max(0, match.start() - 30) : match.end() + 10].strip()
                self.loose.append((match[0], around))


def _finding(rule: str, th: str, en: str) -> Finding:
    return Finding("error", "report.html", th, en, rule=rule)


# ----------------------------------------------------------------------------------------------------
# Claims that sentences carry, made from facts: what a checker derives again from the tables (docs/issue.md).
#
# Goes in: changes, movements, candidates with their numbers. Comes out: ``Claim`` objects. Each function makes one kind; templates
# attach them with the filter of the same name or inside the macros of ``templates/report/th/words.j2``.
# ----------------------------------------------------------------------------------------------------

Candidate = tuple[str, Number]
Clear = str | tuple[Number, Number]  # what tells a change from zero: the cell of its test, or its interval


def scope(table: str, key: Mapping[str, str], vary: str, column: str) -> dict[str, Any]:
    """Where all candidates are found: rows of a table that match a key, one per value of a column."""
    return {"table": table, "key": dict(key), "vary": vary, "column": column}


def listed(candidates: Sequence[Candidate]) -> list[dict[str, str]]:
    """Candidates as ``{subject, of}``."""
    return [{"subject": subject, "of": number.cell} for subject, number in candidates]


def direction(change: Change | None, *, with_size: bool = True) -> Claim | None:
    """A change goes up, goes down or is close to zero; with its size where the words say one."""
    if change is None:
        return None
    if change.is_significant is False:
        return significance(change.number, change.test, is_clear=False)
    about: dict[str, Any] = {
        "of": change.number.cell,
        "still": change.steps.still,
        "decimals": change.number.decimals,
    }
    if with_size:
        about |= {"size": change.size, "slight": change.steps.slight, "marked": change.steps.marked}
    return Claim("direction", ("still", "up", "down")[change.sign], about)


def quality(change: Change, way: str) -> Claim:
    """A change is better or worse, however small it reads."""
    return Claim("quality", way, {"of": change.number.cell, "polarity": change.polarity, "decimals": 9})


def drive(contribution: Number, least: float) -> Claim:
    """A contribution pushes, drags, or is too small for a word."""
    value = contribution.value
    says = "still" if abs(value) < least else "up" if value > 0 else "down"
    reads = {"up": ["push"], "down": ["drag"]}.get(says, [])
    return Claim("direction", says, {"of": contribution.cell, "still": least, "decimals": 9, "reads": reads})


def moves(moved: Movement) -> list[Claim]:
    """Directions of both changes of a movement."""
    made = (direction(moved.quarter), direction(moved.year, with_size=False))
    return [claim for claim in made if claim is not None]


def level(number: Number, about: float, interval: tuple[Number, Number] | None = None) -> Claim:
    """An index above, about or below 100, ``about`` points either way; by its band where it has one."""
    low, high = 100 - about, 100 + about
    says = "above" if number.value > high else "below" if number.value < low else "about"
    given: dict[str, Any] = {"of": number.cell, "low": low, "high": high}
    if interval is not None:
        given["interval"] = [end.cell for end in interval]
        is_apart = interval[0].value > 100 if says == "above" else interval[1].value < 100
        says = says if says == "about" or is_apart else "about"
    return Claim("level", says, given)


def superlative(
    chosen: Candidate,
    candidates: Sequence[Candidate],
    says: str,
    *,
    reads: str = "",
    is_by_size: bool = False,
    least: float = 0.0,
) -> Claim:
    """The chosen one is the highest or lowest of all candidates.

    reads       ``most`` or ``least`` where the words say otherwise than the numbers (the greatest fall is the lowest change)
    is_by_size  the largest without its sign
    least       candidates of a smaller size are not spoken of, even where they read the same as the chosen one
    """
    about: dict[str, Any] = {"of": chosen[1].cell, "subject": chosen[0], "among": listed(candidates)}
    about |= {"decimals": chosen[1].decimals} | ({"reads": [reads]} if reads else {})
    about |= {"least": least} if least else {}
    return Claim("superlative", says, about | ({"by_size": True} if is_by_size else {}))


def rank(
    order: Sequence[Candidate],
    candidates: Sequence[Candidate],
    origin: str,
    reads: str = "",
) -> Claim:
    """The first places from the highest or lowest, in order; ``reads`` as in ``superlative``."""
    about: dict[str, Any] = {"order": listed(order), "among": listed(candidates), "from": origin}
    about |= {"decimals": order[0][1].decimals} if order else {}
    return Claim("rank", len(order), about | ({"reads": [reads]} if reads else {}))


def apart(
    chosen: tuple[str, Number, Number, Number], others: Sequence[tuple[str, Number, Number]], says: str
) -> Claim:
    """The interval of the chosen one lies ``above`` or ``below`` those of all others; (subject, value, low, high)."""
    subject, value, low, high = chosen
    listed_others = [{"subject": name, "low": ends[0].cell, "high": ends[1].cell} for name, *ends in others]
    about = {
        "of": value.cell,
        "subject": subject,
        "low": low.cell,
        "high": high.cell,
        "others": listed_others,
    }
    return Claim("apart", says, about)


def count(says: int, candidates: Sequence[Candidate], operator: str, value: float) -> Claim:
    """So many of the candidates lie on one side of a value."""
    return Claim("count", says, {"among": listed(candidates), "operator": operator, "value": value})


def cause(
    of: Number,
    parts: Sequence[Candidate],
    candidates: Sequence[Candidate],
    *,
    role: str = "drives",
    least: float = 0.0,
    where: Mapping[str, Any] | None = None,
) -> Claim:
    """The parts are the largest contributions in (or against) the direction of a change."""
    about: dict[str, Any] = {
        "of": of.cell,
        "parts": listed(parts),
        "among": listed(candidates),
        "role": role,
        "least": least,
        "decimals": parts[0][1].decimals,
    }
    return Claim("cause", "up" if of.value > 0 else "down", about | ({"scope": dict(where)} if where else {}))


def significance(of: Number, test: str, *, is_clear: bool) -> Claim:
    """A change differs from zero, by the column of its table with the test."""
    return Claim("significance", is_clear, {"of": of.cell, "test": test})


def comparison(left: Number, right: Number | float) -> Claim:
    """One number reads higher or lower than another, or than a constant; equal when both read the same."""
    value, cell = (right.value, right.cell) if isinstance(right, Number) else (right, f"{right:g}")
    gap = thai.rounded(left.value, left.decimals) - thai.rounded(value, left.decimals)
    says = "equal" if gap == 0 else "higher" if gap > 0 else "lower"
    return Claim("comparison", says, {"left": left.cell, "right": cell, "decimals": left.decimals})


def together(
    left: Change,
    right: Change,
    *,
    evidence: tuple[Number, Number] | None = None,
    tested: tuple[Number, Number] | None = None,
    clear: Sequence[Clear] = (),
) -> Claim | None:
    """Two changes go the same way, or opposite ways, or one of them stands still; None where chance may have made one.

    That two series move together needs more than one quarter's signs:
    evidence  interval of their correlation, which has to lie on the side of what is said
    tested    their correlation and its p-value
    clear     of each change what tells it from zero: a test's cell, or its interval; then only this quarter is spoken of
    """
    if left.is_significant is False or right.is_significant is False:
        return None
    says = "still" if 0 in (left.sign, right.sign) else "same" if left.sign == right.sign else "opposite"
    about: dict[str, Any] = {
        "left": left.number.cell,
        "right": right.number.cell,
        "still_left": _still(left),
        "still_right": _still(right),
    }
    if evidence is not None:
        about["evidence"] = [end.cell for end in evidence]
    elif tested is not None:
        about["tested"] = [number.cell for number in tested]
        about["level"] = rule("significance.level")
    elif clear:
        about["clear"] = [one if isinstance(one, str) else [end.cell for end in one] for one in clear]
    return Claim("together", says, about)


def _still(change: Change) -> float:
    """The size from which a change counts as one: its step, or what its decimals show."""
    return max(change.steps.still, 0.5 * 10**-change.number.decimals)


def interval(low: Number, high: Number, point: float | Number) -> Claim:
    """Where an interval lies: it contains a point, or lies above or below it."""
    value = point.value if isinstance(point, Number) else point
    says = "above" if low.value > value else "below" if high.value < value else "contains"
    shown = point.cell if isinstance(point, Number) else f"{point:g}"
    return Claim("interval", says, {"low": low.cell, "high": high.cell, "point": shown})


def behind(wanted: tuple[Number, Sequence[Number]], rated: tuple[Number, Sequence[Number]]) -> Claim:
    """By how many places a rating lies behind the need at least, whatever the intervals leave open.

    wanted  the low end of the share, and the high ends of the other shares: how many may be wanted more
    rated   the high end of the rating, and the low ends of the other ratings: how many are certainly rated better
    """
    worst = sum(end.value > wanted[0].value for end in wanted[1])
    best = sum(end.value > rated[0].value for end in rated[1])
    about = {
        "wanted": wanted[0].cell,
        "wanted_more": [end.cell for end in wanted[1]],
        "rated": rated[0].cell,
        "rated_better": [end.cell for end in rated[1]],
    }
    return Claim("behind", best - worst, about)


def streak(moved: Movement) -> Claim:
    """So many quarters in a row, up or down, and how many of them moved by less than what is called a change."""
    assert moved.streak is not None and moved.quarter is not None  # a trend has both
    way, still = "up" if moved.quarter.number.value > 0 else "down", moved.quarter.steps.still
    about = {"of": moved.streak.cell, "way": way, "small": moved.small_moves, "still": still}
    return Claim("streak", int(moved.streak.value), about)


def record(found: RecordLevel) -> Claim:
    """The highest or lowest since a quarter, or since the series began."""
    where = scope(found.table, dict(found.key), "period", found.column)
    about = {"of": found.of, "scope": where, "since": found.since, "first": found.first}
    return Claim("record", found.kind, about)


def forecast(shape: str, path: Sequence[Number], start: Number | None, still: float) -> Claim:
    """The shape of a path of forecasts."""
    about = {
        "path": [number.cell for number in path],
        "start": None if start is None else start.cell,
        "still": still,
    }
    return Claim("forecast", shape, about)


def published(number: Number) -> Claim:
    """A number is the source's own, or the seasonally adjusted one."""
    return Claim(
        "published", "published" if number.cell.endswith("#raw") else "adjusted", {"of": number.cell}
    )


def signal(where: Mapping[str, str], says: str, limits: Mapping[str, float]) -> Claim:
    """A series is on watch, or on alert: its fall is among the worst of its own past (``signals``, rules/signals.toml)."""
    about = {name: address("signals", where, name) for name in ("signal", "rank")}
    return Claim("signal", says, {**about, **limits})


def coverage(says: int, statuses: Sequence[str], where: Mapping[str, str], column: str) -> Claim:
    """So many indicators have one of these states."""
    return Claim("coverage", says, {"statuses": list(statuses), "where": dict(where), "column": column})


@dataclass(frozen=True)
class ReadingBand:
    """The reading band of an index: its name, what is done there, and the claim about the outermost bands."""

    name: Name
    action: Name
    claim: Claim


def declared_bands() -> dict[str, Any]:
    """``bands.toml``: limits of the outermost bands, and the five bands from the lowest to the highest."""
    return rules_of("bands")


def reading(index: str, number: Number, side: Claim) -> ReadingBand:
    """The band of an index (labour_index, employer, worker), whose side of 100 ``side`` has decided."""
    declared = declared_bands()
    limits = declared["outer"]["labour_index" if index == "labour_index" else "confidence"]
    says = "above" if number.value > limits["high"] else "below" if number.value < limits["low"] else "about"
    band = str(side.says)
    if band != "about" and says == band:
        band = f"much_{band}"
    found = next(item for item in declared["band"] if item["id"] == band)
    claim = Claim("level", says, {"of": number.cell, **limits})
    return ReadingBand(Name(**found["name"]), Name(**found["action"][index]), claim)


def labour_level(number: Number | None, interval: tuple[Number, Number] | None = None) -> Claim | None:
    """The Labour Economic Index or a sub-index, where it is known, against its normal level."""
    return None if number is None else level(number, rule("labour_level.about"), interval)
