"""The truth checker: every number and every claim of an issue is derived again from the published tables alone.

Goes in: the issue document (``issue.json``, docs/issue.md) and the tables. Comes out: findings, one for each number or claim
that the tables do not bear out. It shares no code with the narrative: it knows neither words nor templates.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import pairwise
from typing import Any

import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding
from reporter.domain.schema import declared_tables
from reporter.qa.words import (
    CellError,
    CheckedCells,
    Lexicon,
    StoredClaim,
    Tables,
    as_text,
    check_words,
    lexicon,
    quarter,
    split_cell,
)

_RELATIVE = 1e-9  # two ways of computing the same double differ by less
_SUM = 1e-6  # points; parts are rounded by nobody, so only the order of summation may differ
_VOLUMES = ("documents", "technical")
_NO_DATA = frozenset({"missing"})
_DEFINING = (
    "appendix",
    "methods",
)  # chapters that explain words and methods: "rose" in them is no fact of the quarter
_NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


# Takes a language with a chapter, and its check; gives what the check found on the same chapter before, or finds now.
Keep = Callable[[Any, Callable[[], list[Finding]]], list[Finding]]


def check_issue(
    issue: Mapping[str, Any],
    tables: Tables,
    declared: Declarations | None = None,
    keep: Keep | None = None,
) -> list[Finding]:
    """Everything in an issue document that its tables do not support, in reading order.

    declared  names of subjects; with them the words of every sentence are held against its claims (``reporter.qa.words``)
    keep      may answer with findings on the same chapter beside the same tables from before
    """
    cells = CheckedCells(tables)
    words_of = cache(lambda lang: None if declared is None else lexicon(lang, declared))
    found: list[Finding] = []
    for lang, document in ((lang, own) for field in _VOLUMES for lang, own in issue.get(field, {}).items()):
        for chapter in _chapters(document):
            check = partial(check_chapter, chapter, lang, cells, words_of)
            found += check() if keep is None else keep((lang, json.dumps(chapter)), check)
    return found


def check_chapter(
    chapter: Mapping[str, Any], lang: str, cells: CheckedCells, words_of: Callable[[str], Lexicon | None]
) -> list[Finding]:
    """What the tables do not support in one chapter: its sentences, then its tables."""
    words = words_of(lang)
    found: list[Finding] = []
    for place, sentence in _walk(chapter, _slug(chapter), "spans"):
        where = f"issue.json, {lang}, {place}"
        problems = check_sentence(sentence, cells, None if place.startswith(_DEFINING) else words)
        found += [_finding(where, problem, sentence["text"]) for problem in problems]
    for place, cell in _cells_of(chapter):
        problem = _number(cell, cells)
        if problem:
            found.append(_finding(f"issue.json, {lang}, {place}", problem, cell["text"]))
    return found


def check_sentence(
    sentence: Mapping[str, Any], cells: CheckedCells, words: Lexicon | None = None
) -> list[str]:
    """What is wrong with one sentence: its numbers, its claims and, with a lexicon, its words."""
    problems = [*_numbers(sentence, cells), *_claims(sentence, cells)]
    return problems if words is None else [*problems, *check_words(sentence, cells, words)]


def sentences(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and sentence, of every sentence of one language."""
    for chapter in _chapters(document):
        yield from _walk(chapter, _slug(chapter), "spans")


def _chapters(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [chapter for chapter in (document.get("summary"), *document["chapters"]) if chapter]


def _slug(chapter: Mapping[str, Any]) -> str:
    return str(chapter.get("slug", "summary"))


def _cells_of(chapter: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and cell, of every numeric cell of a chapter's tables that says where it came from."""
    for place, block in _walk(chapter, _slug(chapter), "rows"):
        for row in block["rows"]:
            for cell in row.get("cells", ()):
                if cell.get("cell") and cell.get("value") is not None:
                    yield f"{place}, {block.get('id', '')}", cell


def _walk(node: Any, place: str, mark: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        if mark in node:
            yield place, node
        within = f"{place} {node['number']}" if "title" in node and node.get("number") else place
        for value in node.values():
            yield from _walk(value, within, mark)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value, place, mark)


def _finding(where: str, problem: str, text: str) -> Finding:
    return Finding(
        "error", where, f"ข้อความไม่ตรงกับตาราง: “{text}” ({problem})", f"The tables do not bear out “{text}”: {problem}.",
        value=text[:80], rule="truth",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ numbers


def _numbers(sentence: Mapping[str, Any], cells: CheckedCells) -> Iterator[str]:
    for span in sentence["spans"]:
        if span["kind"] == "number" and span.get("cell"):
            problem = _number(span, cells)
            if problem:
                yield problem


def _number(span: Mapping[str, Any], cells: CheckedCells) -> str:
    """What is wrong with a printed number; empty when nothing is."""
    try:
        value = cells.value(span["cell"])
    except CellError as error:
        return str(error)
    if not math.isclose(value, span["value"], rel_tol=_RELATIVE, abs_tol=1e-12):
        return f"{span['cell']} is {value:.12g}, not {span['value']:.12g}"
    return _printed(span["text"], value)


def _printed(text: str, value: float) -> str:
    """Is the text this value, rounded? The sign counts only where the text has one: words may say the direction."""
    shown = _NUMBER.search(text.translate(_THAI_DIGITS))
    if shown is None:
        return f"“{text}” holds no number"
    digits = shown.group().replace(",", "").lstrip("-−+")
    decimals = len(digits.partition(".")[2])
    if f"{abs(value):.{decimals}f}" != digits:
        return f"{value:.6g} is not printed as {text}"
    sign = shown.group()[0]
    is_zero = float(digits) == 0
    if not is_zero and ((sign in "-−" and value > 0) or (sign == "+" and value < 0)):
        return f"{value:.6g} has not the sign of {text}"
    return ""


# ------------------------------------------------------------------------------------------------------- claims


def _claims(sentence: Mapping[str, Any], cells: CheckedCells) -> Iterator[str]:
    for claim in sentence.get("claims", ()):
        derive = _KINDS.get(claim["kind"])
        if derive is None:
            yield f"unknown kind of claim {claim['kind']}"
            continue
        try:
            problem = derive(claim, cells)
        except (CellError, KeyError, TypeError, ValueError) as error:
            problem = f"cannot be derived: {type(error).__name__} {error}"
        if problem:
            yield f"{claim['kind']} {claim['says']}: {problem}"


def _says(claim: StoredClaim, derived: object) -> str:
    return "" if claim["says"] == derived else f"the tables say {derived}"


def _sign(value: float, decimals: int) -> int:
    rounded = float(f"{value:.{decimals}f}")
    return (rounded > 0) - (rounded < 0)


def _direction(claim: StoredClaim, cells: CheckedCells) -> str:
    value = cells.value(claim["of"])
    still = float(claim.get("still", 0))
    sign = 0 if abs(value) < still else _sign(value, int(claim.get("decimals", 1)))
    wrong = _says(claim, {1: "up", -1: "down", 0: "still"}[sign])
    if wrong or "size" not in claim:
        return wrong
    size = _size(float(f"{abs(value):.{int(claim.get('decimals', 1))}f}"), sign, claim)
    return "" if size == claim["size"] else f"the size is {size}, not {claim['size']}"


def _size(size: float, sign: int, claim: StoredClaim) -> str:
    if sign == 0:
        return "still"
    if size < float(claim.get("slight", 0)):
        return "slight"
    return "marked" if size >= float(claim.get("marked", math.inf)) else "plain"


def _quality(claim: StoredClaim, cells: CheckedCells) -> str:
    sign = _sign(cells.value(claim["of"]), int(claim.get("decimals", 1))) * int(claim["polarity"])
    return _says(claim, {1: "better", -1: "worse", 0: "unchanged"}[sign])


def _level(claim: StoredClaim, cells: CheckedCells) -> str:
    value = cells.value(claim["of"])
    word = "above" if value > claim["high"] else "below" if value < claim["low"] else "about"
    if claim.get("interval"):
        low, high = (cells.value(end) for end in claim["interval"])
        middle = (claim["low"] + claim["high"]) / 2
        is_apart = low > middle if word == "above" else high < middle
        word = word if word == "about" or is_apart else "about"
    return _says(claim, word)


def _candidates(claim: StoredClaim, cells: CheckedCells) -> tuple[dict[str, float], str]:
    """subject -> value of every candidate; and what is wrong with the list itself."""
    values = {str(item["subject"]): cells.value(item["of"]) for item in claim["among"]}
    scope = claim.get("scope")
    if not scope:
        return values, ""
    rows = cells.rows(scope["table"], {name: as_text(value) for name, value in scope["key"].items()})
    known = rows[pd.to_numeric(rows[scope["column"]], errors="coerce").notna()]
    there = {as_text(subject) for subject in known[scope["vary"]]}
    missing = there - values.keys()
    return values, f"left out: {', '.join(sorted(missing))}" if missing else ""


def _superlative(claim: StoredClaim, cells: CheckedCells) -> str:
    values, wrong = _candidates(claim, cells)
    if claim.get("by_size"):
        largest = max(abs(value) for value in values.values())
        is_largest = math.isclose(abs(cells.value(claim["of"])), largest, rel_tol=_RELATIVE)
        return wrong or ("" if is_largest else f"the largest is {largest:.6g}")
    best = max(values.values()) if claim["says"] == "highest" else min(values.values())
    value = cells.value(claim["of"])
    if not wrong and not math.isclose(value, best, rel_tol=_RELATIVE, abs_tol=_RELATIVE):
        leader = next(name for name, other in values.items() if other == best)
        wrong = f"{leader} is {claim['says']} ({best:.6g})"
    return wrong


def _rank(claim: StoredClaim, cells: CheckedCells) -> str:
    values, wrong = _candidates(claim, cells)
    order = [cells.value(item["of"]) for item in claim["order"]]
    ranked = sorted(values.values(), reverse=claim["from"] == "highest")[: len(order)]
    if not wrong and int(claim["says"]) != len(order):
        wrong = f"{len(order)} places are listed"
    if not wrong and not all(
        math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=_RELATIVE) for a, b in zip(order, ranked, strict=False)
    ):
        wrong = f"the first values are {', '.join(f'{value:.6g}' for value in ranked)}"
    return wrong or ("" if len(ranked) == len(order) else "there are not so many")


_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _count(claim: StoredClaim, cells: CheckedCells) -> str:
    if "tests" in claim:
        return _says(claim, sum(cells.text(test) in ("1", "True", "true") for test in claim["tests"]))
    values, wrong = _candidates(claim, cells)
    holds = _OPERATORS[claim["operator"]]
    return wrong or _says(claim, sum(holds(value, float(claim["value"])) for value in values.values()))


def _cause(claim: StoredClaim, cells: CheckedCells) -> str:
    """The parts named are the largest that drive (or offset) the change, in order, and they have data."""
    change = cells.value(claim["of"])
    wrong = _says(claim, "up" if change > 0 else "down" if change < 0 else "still")
    values, incomplete = _candidates(claim, cells)
    way = math.copysign(1, change) * (1 if claim.get("role", "drives") == "drives" else -1)
    ranked = sorted((value * way for value in values.values() if value * way > 0), reverse=True)
    named = [cells.value(part["of"]) * way for part in claim["parts"]]
    if wrong or incomplete:
        return wrong or incomplete
    if any(value <= 0 for value in named):
        return "a part that is named went the other way"
    if any(value < float(claim.get("least", 0)) - 1e-12 for value in named):
        return f"a part that is named is smaller than {claim['least']}"
    if not all(
        math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=_RELATIVE) for a, b in zip(named, ranked, strict=False)
    ):
        return f"the largest parts are {', '.join(f'{value * way:.4g}' for value in ranked[: len(named)])}"
    return _by_chance(claim, cells) or _without_data(claim, cells)


def _by_chance(claim: StoredClaim, cells: CheckedCells) -> str:
    """A part whose own change was tested and may be chance is no cause."""
    for part in claim["parts"]:
        places = [split_cell(token) for token in str(part["of"]).split(" ") if "?" in token]
        if len(places) == 2:
            (table, key, column), (_, before, _) = places
            gap = (pd.Period(key["period"], freq="Q-DEC") - pd.Period(before["period"], freq="Q-DEC")).n
            declared = declared_tables().get(table)
            own = () if declared is None else declared.columns.values()
            ends = {1: "_quarter", 4: "_year"}.get(gap, "?")
            for test in (one.name for one in own if one.tests == column and one.name.endswith(ends)):
                row = cells.rows(table, key)
                if len(row) == 1 and test in row and as_text(row[test].iloc[0]) in ("0", "False", "false"):
                    return f"the change of {part['subject']} is not significant"
    return ""


def _without_data(claim: StoredClaim, cells: CheckedCells) -> str:
    """Indicators among the parts that have no data at all cannot be causes, nor dimensions that have a model estimate only."""
    guessed = {str(part["subject"]) for part in claim["parts"]} & _guessed_dimensions(claim, cells)
    if guessed:
        return f"only a model's estimate: {', '.join(sorted(guessed))}"
    try:
        status = cells.rows("indicator_status", {})
    except CellError:
        return ""
    absent = {
        as_text(name)
        for name, state in zip(status["indicator"], status["status"], strict=True)
        if state in _NO_DATA
    }
    by_dimension = status.groupby("dimension")["status"].agg(lambda states: set(states) <= _NO_DATA)
    absent |= {as_text(name) for name, is_absent in by_dimension.items() if is_absent}
    named = absent & {str(part["subject"]) for part in claim["parts"]}
    return f"no data: {', '.join(sorted(named))}" if named else ""


def _guessed_dimensions(claim: StoredClaim, cells: CheckedCells) -> set[str]:
    """Dimensions whose value of the quarter spoken of is a nowcast: none of their indicators has data for it."""
    quarters = re.findall(r"period=(\d{4}-Q\d)", str(claim["of"]))
    try:
        rows = cells.rows("labour_index", {"group": "TH", "period": max(quarters, default="")})
    except CellError:
        return set()
    if "status" not in rows:
        return set()
    return {as_text(name) for name in rows.loc[rows["status"] == "nowcast", "dimension"]}


def _complete_sum(claim: StoredClaim, cells: CheckedCells) -> str:
    values, wrong = _candidates(claim, cells)
    total, whole = sum(values.values()), cells.value(claim["of"])
    return wrong or (
        "" if abs(total - whole) <= _SUM else f"the parts add up to {total:.6g}, not {whole:.6g}"
    )


def _significance(claim: StoredClaim, cells: CheckedCells) -> str:
    if "level" in claim:
        return _says(claim, cells.value(claim["test"]) < float(claim["level"]))
    is_clear = cells.text(claim["test"]) in ("1", "True", "true")
    return _of_another_number(claim) or _says(claim, is_clear)


def _of_another_number(claim: StoredClaim) -> str:
    """A test must be that of its number: same table and subject, the column whose change the test tests."""
    table, key, column = split_cell(claim["test"])
    declared = declared_tables().get(table)
    tested = declared.columns[column].tests if declared and column in declared.columns else ""
    if not tested:
        return ""
    subject = {name: value for name, value in key.items() if name != "period"}
    for token in str(claim.get("of", "")).split(" "):
        if "?" in token:
            of_table, of_key, of_column = split_cell(token)
            of_subject = {name: value for name, value in of_key.items() if name != "period"}
            if (of_table, of_subject, of_column) != (table, subject, tested):
                return f"{claim['test']} is the test of {tested}, not of {token}"
    return ""


def _comparison(claim: StoredClaim, cells: CheckedCells) -> str:
    left, right = cells.value(claim["left"]), cells.value(claim["right"])
    if "decimals" in claim:
        left, right = (float(f"{value:.{int(claim['decimals'])}f}") for value in (left, right))
    difference = left - right
    is_equal = abs(difference) <= float(claim.get("tolerance", 0))
    return _says(claim, "equal" if is_equal else "higher" if difference > 0 else "lower")


def _together(claim: StoredClaim, cells: CheckedCells) -> str:
    left, right = cells.value(claim["left"]), cells.value(claim["right"])
    is_still = abs(left) < float(claim["still_left"]) or abs(right) < float(claim["still_right"])
    wrong = _says(claim, "still" if is_still else "same" if left * right > 0 else "opposite")
    return wrong or ("" if claim["says"] == "still" else _unproven(claim, cells))


def _unproven(claim: StoredClaim, cells: CheckedCells) -> str:
    """Two equal signs in one quarter are no common movement: a correlation must support it, or both changes differ from zero."""
    way = 1 if claim["says"] == "same" else -1
    if "evidence" in claim:
        low, high = (cells.value(end) * way for end in claim["evidence"])
        return "" if min(low, high) > 0 else "the correlation does not bear it"
    if "tested" in claim:
        correlation, p_value = (cells.value(cell) for cell in claim["tested"])
        is_borne = correlation * way > 0 and p_value < float(claim["level"])
        return "" if is_borne else "the correlation does not bear it"
    told = [_is_told_from_zero(one, cells) for one in claim.get("clear", ())]
    return "" if len(told) == 2 and all(told) else "nothing shows that they move together"


def _is_told_from_zero(proof: str | list[str], cells: CheckedCells) -> bool:
    if isinstance(proof, str):
        return cells.text(proof) in ("1", "True", "true")
    low, high = (cells.value(end) for end in proof)
    return low > 0 or high < 0


def _interval(claim: StoredClaim, cells: CheckedCells) -> str:
    low, high = cells.value(claim["low"]), cells.value(claim["high"])
    point = cells.value(str(claim["point"]))
    return _says(claim, "above" if low > point else "below" if high < point else "contains")


def _apart(claim: StoredClaim, cells: CheckedCells) -> str:
    """The interval of one lies above, or below, the intervals of all others."""
    if claim["says"] == "above":
        ends = [cells.value(item["high"]) for item in claim["others"]]
        is_apart = cells.value(claim["low"]) > max(ends)
    else:
        ends = [cells.value(item["low"]) for item in claim["others"]]
        is_apart = cells.value(claim["high"]) < min(ends)
    return "" if is_apart else "the intervals overlap"


def _behind(claim: StoredClaim, cells: CheckedCells) -> str:
    """Places between the worst rank of a need and the best rank of its rating that their intervals allow."""
    worst = sum(cells.value(end) > cells.value(claim["wanted"]) for end in claim["wanted_more"])
    best = sum(cells.value(end) > cells.value(claim["rated"]) for end in claim["rated_better"])
    return _says(claim, best - worst)


def _streak(claim: StoredClaim, cells: CheckedCells) -> str:
    """So many quarters in a row, which way the last of them went, and how many moves were too small to be called one."""
    wrong = _says(claim, int(cells.value(claim["of"])))
    if wrong or "way" not in claim:
        return wrong
    cell, period, _ = claim["of"].removeprefix("streak:").rsplit("@", 2)
    table, key, column = split_cell(cell)
    rows = cells.rows(table, key)
    values = {as_text(p): float(v) for p, v in zip(rows["period"], rows[column], strict=True)}
    run = [quarter(pd.Period(period, freq="Q-DEC") - back) for back in range(int(claim["says"]) + 1)]
    moves = [values[now] - values[before] for now, before in pairwise(run)]
    if not moves or (moves[0] > 0) != (claim["way"] == "up") or moves[0] == 0:
        return f"it did not go {claim['way']}"
    small = sum(abs(move) < float(claim.get("still", 0)) for move in moves)
    return "" if small == int(claim.get("small", 0)) else f"{small} of its moves are no change by the rule"


def _signal(claim: StoredClaim, cells: CheckedCells) -> str:
    """The level of a warning signal: the table's word, which has to follow from its rank and the limits."""
    rank = cells.value(claim["rank"])
    by_rank = next((level for level in ("alert", "watch") if rank <= float(claim[level])), "normal")
    wrong = _says(claim, cells.text(claim["signal"]))
    return wrong or ("" if by_rank == claim["says"] else f"its rank {rank:.3g} makes it {by_rank}")


def _record(claim: StoredClaim, cells: CheckedCells) -> str:
    """The highest or lowest value since a quarter that reached it, or since the series began."""
    scope = claim["scope"]
    rows = cells.rows(scope["table"], {name: as_text(value) for name, value in scope["key"].items()})
    values = pd.Series(
        pd.to_numeric(rows[scope["column"]]).to_numpy(float), [as_text(p) for p in rows["period"]]
    ).dropna()
    now = re.search(r"period=(\d{4}-Q\d)", claim["of"])
    value, this = (
        cells.value(claim["of"]),
        now[1] if now else quarter(pd.Period(max(values.index), freq="Q-DEC")),
    )
    way = 1 if claim["says"] == "high" else -1
    earlier = values[[period < this for period in values.index]]
    since = str(claim.get("since") or "")
    between = earlier[[period > since for period in earlier.index]] if since else earlier
    if (between * way >= value * way).any():
        return "a quarter between reached it"
    if since and (since not in earlier.index or earlier[since] * way < value * way):
        return f"{since} did not reach it"
    if not since and claim.get("first") and len(earlier) and min(earlier.index) != str(claim["first"]):
        return f"the series begins in {min(earlier.index)}"
    return ""


def _coverage(claim: StoredClaim, cells: CheckedCells) -> str:
    key = {name: as_text(value) for name, value in (claim.get("where") or {}).items()}
    rows = cells.rows("indicator_status", key)
    return _says(claim, int(rows[str(claim.get("column", "status"))].isin(list(claim["statuses"])).sum()))


def _forecast(claim: StoredClaim, cells: CheckedCells) -> str:
    path = [cells.value(cell) for cell in claim["path"]]
    if claim.get("start") is not None:
        path = [cells.value(claim["start"]), *path]
    still, start = float(claim["still"]), path[0]
    end, top, low = path[-1] - start, max(path) - start, start - min(path)
    if top - max(end, 0) >= 2 * still:
        shape = "hump"
    elif low - max(-end, 0) >= 2 * still:
        shape = "dip"
    else:
        shape = "flat" if abs(end) < still else "rising" if end > 0 else "falling"
    return _says(claim, shape)


def _published(claim: StoredClaim, cells: CheckedCells) -> str:
    column = claim["of"].rpartition("#")[2]
    names = {"raw": "published", "adjusted": "adjusted"}
    cells.value(claim["of"])
    return _says(claim, names.get(column, column))


_KINDS: Mapping[str, Callable[[StoredClaim, CheckedCells], str]] = {
    "direction": _direction,
    "quality": _quality,
    "level": _level,
    "superlative": _superlative,
    "rank": _rank,
    "count": _count,
    "cause": _cause,
    "complete_sum": _complete_sum,
    "significance": _significance,
    "comparison": _comparison,
    "together": _together,
    "interval": _interval,
    "apart": _apart,
    "behind": _behind,
    "streak": _streak,
    "signal": _signal,
    "record": _record,
    "coverage": _coverage,
    "forecast": _forecast,
    "published": _published,
}
