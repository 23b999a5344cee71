"""Recommendations of chapter 9: the declared rule book, judged on the issue's results.

Goes in: ``data/rules/recommendations.toml`` and the tables. Comes out: the rules that fired, each with the measure, the
departments responsible and the numbers that fired it. A condition whose fact has no value does not hold.
"""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.domain.assets import asset
from reporter.domain.context import Context
from reporter.domain.errors import DeclarationError
from reporter.domain.periods import iso
from reporter.report.indicators import Mover, mover_of
from reporter.report.movement import Movement, movement
from reporter.report.numbers import Cells, Number
from reporter.report.units import spoken

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDER = ("now", "quarter", "year")
_PARTS = ("level", "quarter", "year")


@dataclass(frozen=True)
class Condition:
    """``fact operator value``, e.g. ``labour.employment.quarter <= -1``."""

    fact: str
    operator: str
    value: float


@dataclass(frozen=True)
class Rule:
    """When all conditions hold, the measure is recommended to the departments."""

    id: str
    theme: str
    urgency: str
    departments: tuple[str, ...]
    measure: str
    when: tuple[Condition, ...]


@dataclass(frozen=True)
class RuleBook:
    """The rules in declared order, with the names of departments and urgencies."""

    rules: tuple[Rule, ...]
    departments: Mapping[str, str]
    urgencies: Mapping[str, str]


@dataclass(frozen=True)
class Evidence:
    """What a condition looked at: its name, where the series stands, which part of it was judged.

    mover   of an indicator: the figures that readers are told instead of the judged standard deviations
    """

    label: str
    part: str
    number: Number
    movement: Movement | None
    mover: Mover | None = None


@dataclass(frozen=True)
class Recommendation:
    """A rule that fired."""

    rule: Rule
    departments: tuple[str, ...]
    urgency: str
    evidence: tuple[Evidence, ...]

    @property
    def is_by_index(self) -> bool:
        """Whether the Labour Economic Index, not a survey, gave rise to it."""
        return self.rule.when[0].fact.startswith(("labour.", "group.", "indicator.", "forecast."))


def load_rules(path: Path | None = None) -> RuleBook:
    """Read and check the rule book. Raises DeclarationError naming the rule and the field."""
    path = path or asset("data", "rules", "recommendations.toml")
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, "", f"อ่านไม่ได้: {error}", f"cannot be read: {error}") from error
    departments, urgencies = declared.get("departments", {}), declared.get("urgency", {})
    rules = [_rule(path, entry, departments, urgencies) for entry in declared.get("rule", [])]
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise _broken(path, name, "id ซ้ำ", "id is given twice")
    return RuleBook(tuple(rules), departments, urgencies)


def _rule(
    path: Path, entry: Mapping[str, Any], departments: Mapping[str, str], urgencies: Mapping[str, str]
) -> Rule:
    name = str(entry.get("id", "?"))
    fields = {"id", "theme", "urgency", "departments", "measure", "when"}
    if missing := sorted(fields - set(entry)):
        raise _broken(path, name, f"ไม่มี {', '.join(missing)}", f"lacks {', '.join(missing)}")
    if unknown := sorted(set(entry) - fields):
        raise _broken(path, name, f"ไม่รู้จัก {', '.join(unknown)}", f"has unknown {', '.join(unknown)}")
    if entry["urgency"] not in urgencies or set(entry["departments"]) - set(departments):
        raise _broken(
            path, name, "urgency หรือ departments ไม่อยู่ในรายการ", "names an unknown urgency or department"
        )
    conditions = tuple(_condition(path, name, item) for item in entry["when"])
    if not conditions:
        raise _broken(path, name, "ไม่มีเงื่อนไข", "has no condition")
    return Rule(
        name, entry["theme"], entry["urgency"], tuple(entry["departments"]), entry["measure"], conditions
    )


def _condition(path: Path, name: str, entry: Mapping[str, Any]) -> Condition:
    if set(entry) != {"fact", "operator", "value"} or entry["operator"] not in _OPERATORS:
        raise _broken(
            path,
            name,
            "เงื่อนไขต้องมี fact, operator (< <= > >=) และ value",
            "a condition needs fact, operator (< <= > >=) and value",
        )
    if not is_fact(entry["fact"]):
        raise _broken(path, name, f'ไม่รู้จักข้อเท็จจริง "{entry["fact"]}"', f'unknown fact "{entry["fact"]}"')
    return Condition(entry["fact"], entry["operator"], float(entry["value"]))


def _broken(path: Path, rule: str, th: str, en: str) -> DeclarationError:
    place = f"{path.name}, {rule}" if rule else path.name
    return DeclarationError(f"{place}: {th}", f"{place}: {en}.")


def recommend(cells: Cells, context: Context, book: RuleBook | None = None) -> tuple[Recommendation, ...]:
    """Rules that fire in the issue's quarter, the most urgent first, in declared order within an urgency."""
    book = book or load_rules()
    fired = []
    for rule in book.rules:
        evidence = [_evidence(cells, context, condition) for condition in rule.when]
        if all(_holds(item, condition) for item, condition in zip(evidence, rule.when, strict=True)):
            names = tuple(book.departments[code] for code in rule.departments)
            known = tuple(item for item in evidence if item is not None)
            fired.append(Recommendation(rule, names, book.urgencies[rule.urgency], known))
    return tuple(sorted(fired, key=lambda item: _ORDER.index(item.rule.urgency)))


def _holds(evidence: Evidence | None, condition: Condition) -> bool:
    return evidence is not None and _OPERATORS[condition.operator](evidence.number.value, condition.value)


# ------------------------------------------------------------------------------------------------- facts

_THREE_PARTS = {"labour", "group", "employer", "worker", "action"}
_FIXED = {
    "indicator": ("quarter", "year"),
    "employer_item": ("level",),
    "worker_item": ("level",),
    "trait_gap": ("places",),
    "priority": ("rank",),
}


def is_fact(fact: str) -> bool:
    """Whether a fact's form is known (its ids are judged on the data: an absent one never holds)."""
    kind, _, rest = fact.partition(".")
    name, _, part = rest.rpartition(".")
    if kind == "forecast":
        return rest in ("change", "end")
    if kind in _THREE_PARTS:
        return bool(name) and part in _PARTS
    return kind in _FIXED and bool(name) and part in _FIXED[kind]


def _evidence(cells: Cells, context: Context, condition: Condition) -> Evidence | None:
    """The number a condition judges, with its name; None when the quarter has none."""
    kind, _, rest = condition.fact.partition(".")
    name, _, part = rest.rpartition(".")
    if kind == "forecast":
        return _forecast(cells, context, rest)
    return _FACTS[kind](cells, context, name, part)


def _of_movement(label: str, part: str, moved: Movement) -> Evidence | None:
    change = {"quarter": moved.quarter, "year": moved.year}.get(part)
    number = moved.level if part == "level" else (change.number if change else None)
    return None if number is None else Evidence(label, part, number, moved)


def _labour(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    dimensions = context.declarations.dimensions
    label = (
        "ดัชนีเศรษฐกิจแรงงาน"
        if name == "overall"
        else f"ดัชนีมิติ{dimensions[name].name.th}"
        if name in dimensions
        else ""
    )
    key = {"dimension": name, "group": "TH"}
    return _of_movement(label, part, movement(cells, "labour_index", iso(context.quarter), key=key))


def _group(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    group = context.declarations.groups.get(name)
    if group is None:
        return None
    key = {"dimension": "overall", "group": name}
    moved = movement(cells, "labour_index", iso(context.quarter), key=key)
    return _of_movement(f"ดัชนีเศรษฐกิจแรงงานของ{group.name.th}", part, moved)


def _indicator(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    indicator = context.declarations.indicators.get(name)
    key = {"period": iso(context.quarter), "against": part, "indicator": name}
    number = cells.number("movers", "change_sd", key, unit="ส่วนเบี่ยงเบนมาตรฐาน", decimals=2)
    if indicator is None or number is None:
        return None
    mover = mover_of(cells, indicator, iso(context.quarter), part)
    return Evidence(spoken(name, indicator.name.th), part, number, None, mover)


def _confidence(survey: str) -> Callable[[Cells, Context, str, str], Evidence | None]:
    def fact(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
        asked = context.declarations.questionnaires[survey]
        domain = next((item.name.th for item in asked.domains if item.id == name), "")
        label = asked.index_name.th + (f" {_domain(domain)}" if domain else "")
        key = {"survey": survey, "domain": name, "group": "TH"}
        return _of_movement(label, part, movement(cells, "confidence", iso(context.quarter), key=key))

    return fact


def _domain(name: str) -> str:
    return name if name.startswith("ด้าน") else f"ด้าน{name}"


def _item(survey: str) -> Callable[[Cells, Context, str, str], Evidence | None]:
    def fact(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
        asked = context.declarations.questionnaires[survey]
        text = next((item.text.th for item in asked.items if item.column == name), "")
        key = {"survey": survey, "item": name, "group": "TH"}
        moved = movement(cells, "confidence_items", iso(context.quarter), key=key)
        return _of_movement(f"คะแนนข้อ “{text}”", part, moved)

    return fact


def _action(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    actions = context.declarations.questionnaires["worker"].actions
    label = next((item.name.th for item in actions if item.id == name), "")
    moved = movement(
        cells,
        "employer_actions",
        iso(context.quarter),
        column="share",
        unit="จุดร้อยละ",
        factor=100,
        polarity=-1,
        key={"action": name},
    )
    return _of_movement(f"สัดส่วนแรงงานที่พบว่ามี{label.removeprefix('มี')}", part, moved)


def _trait_gap(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    traits = context.declarations.questionnaires["employer"].traits
    label = next((item.name.th for item in traits if item.id == name), "")
    key = {"trait": name, "period": iso(context.quarter)}
    wanted, rated = (
        cells.number("trait_gap", column, key, unit="ลำดับ", decimals=0)
        for column in ("rank_share", "rank_rating")
    )
    if wanted is None or rated is None:
        return None
    return Evidence(f"ผลประเมิน “{label}” ตามหลังความต้องการ", part, rated - wanted, None)


def _priority(cells: Cells, context: Context, name: str, part: str) -> Evidence | None:
    aspects = context.declarations.questionnaires["worker"].aspects
    label = next((item.name.th for item in aspects if item.id == name), "")
    key = {"aspect": name, "period": iso(context.quarter)}
    number = cells.number("priorities", "mean_rank", key, decimals=2)
    return None if number is None else Evidence(f"ลำดับความสำคัญเฉลี่ยของด้าน{label}", part, number, None)


def _forecast(cells: Cells, context: Context, part: str) -> Evidence | None:
    ahead = sorted(str(item) for item in cells.rows("forecast").get("period", []))
    if not ahead:
        return None
    end = cells.number("forecast", "mean", {"period": ahead[-1]}, unit="จุด")
    if part == "end" or end is None:
        return None if end is None else Evidence("ค่าพยากรณ์ดัชนีเศรษฐกิจแรงงานในอีก 4 ไตรมาส", part, end, None)
    key = {"dimension": "overall", "group": "TH", "period": iso(context.quarter)}
    now = cells.number("labour_index", "value", key, unit="จุด")
    return None if now is None else Evidence("ค่าพยากรณ์ดัชนีเศรษฐกิจแรงงานในอีก 4 ไตรมาส", part, end - now, None)


_FACTS: Mapping[str, Callable[[Cells, Context, str, str], Evidence | None]] = {
    "labour": _labour,
    "group": _group,
    "indicator": _indicator,
    "employer": _confidence("employer"),
    "worker": _confidence("worker"),
    "employer_item": _item("employer"),
    "worker_item": _item("worker"),
    "action": _action,
    "trait_gap": _trait_gap,
    "priority": _priority,
}
