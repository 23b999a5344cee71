"""Claims that sentences carry, made from facts: what a checker derives again from the tables (docs/issue.md).

Goes in: changes, movements, candidates with their numbers. Comes out: ``Claim`` objects. Each function makes one kind; templates
attach them with the filter of the same name or inside the macros of ``templates/report/th/words.j2``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reporter.domain.rules import rule
from reporter.report.document import Claim
from reporter.report.movement import Change, Movement, Record
from reporter.report.numbers import Number

Candidate = tuple[str, Number]


def scope(table: str, key: Mapping[str, str], vary: str, column: str) -> dict[str, Any]:
    """Where all candidates are found: rows of a table that match a key, one per value of a column."""
    return {"table": table, "key": dict(key), "vary": vary, "column": column}


def listed(candidates: Sequence[Candidate]) -> list[dict[str, str]]:
    """Candidates as ``{subject, of}``."""
    return [{"subject": subject, "of": number.cell} for subject, number in candidates]


def direction(change: Change | None, *, with_size: bool = True) -> Claim | None:
    """A change goes up, goes down or stands still; with its size where the words say one."""
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


def quality(change: Change | None) -> Claim | None:
    """A change is better or worse."""
    if change is None:
        return None
    about = {"of": change.number.cell, "polarity": change.polarity, "decimals": change.number.decimals}
    return Claim("quality", change.quality, about)


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
    chosen: Candidate, candidates: Sequence[Candidate], says: str, where: Mapping[str, Any] | None = None
) -> Claim:
    """The chosen one is the highest or lowest of all candidates."""
    about: dict[str, Any] = {"of": chosen[1].cell, "subject": chosen[0], "among": listed(candidates)}
    return Claim("superlative", says, about | ({"scope": dict(where)} if where else {}))


def rank(
    order: Sequence[Candidate],
    candidates: Sequence[Candidate],
    origin: str,
    where: Mapping[str, Any] | None = None,
) -> Claim:
    """The first places from the highest or lowest, in order."""
    about: dict[str, Any] = {"order": listed(order), "among": listed(candidates), "from": origin}
    return Claim("rank", len(order), about | ({"scope": dict(where)} if where else {}))


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
    }
    return Claim("cause", "up" if of.value > 0 else "down", about | ({"scope": dict(where)} if where else {}))


def significance(of: Number, test: str, *, is_clear: bool) -> Claim:
    """A change differs from zero, by the column of its table that says so."""
    return Claim("significance", is_clear, {"of": of.cell, "test": test})


def comparison(left: Number, right: Number) -> Claim:
    """One number is higher or lower than another; equal when both read the same."""
    tolerance = 0.5 * 10**-left.decimals
    gap = left.value - right.value
    says = "equal" if abs(gap) <= tolerance else "higher" if gap > 0 else "lower"
    return Claim("comparison", says, {"left": left.cell, "right": right.cell, "tolerance": tolerance})


def together(left: Change, right: Change) -> Claim | None:
    """Two changes go the same way, or opposite ways, or one of them stands still; None where chance may have made one."""
    if left.is_significant is False or right.is_significant is False:
        return None
    says = "still" if 0 in (left.sign, right.sign) else "same" if left.sign == right.sign else "opposite"
    about = {
        "left": left.number.cell,
        "right": right.number.cell,
        "still_left": _still(left),
        "still_right": _still(right),
    }
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


def streak(number: Number) -> Claim:
    """So many quarters in a row."""
    return Claim("streak", int(number.value), {"of": number.cell})


def record(found: Record) -> Claim:
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


def coverage(says: int, statuses: Sequence[str], where: Mapping[str, str], column: str) -> Claim:
    """So many indicators have one of these states."""
    return Claim("coverage", says, {"statuses": list(statuses), "where": dict(where), "column": column})


def labour_level(number: Number, interval: tuple[Number, Number] | None = None) -> Claim:
    """The Labour Economic Index or a sub-index against its normal level."""
    return level(number, rule("labour_level.about"), interval)
