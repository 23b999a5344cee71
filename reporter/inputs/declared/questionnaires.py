"""Questionnaires from their TOML files.

Goes in: ``questionnaires/employer.toml`` and ``worker.toml``. Comes out: frozen objects; problems are noted.
Contents: the study, 4.2.1 and 4.3.1, word for word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from reporter.domain.declarations import Group, Questionnaire
from reporter.inputs.declared.files import Problems, read_toml, validated
from reporter.inputs.declared.schema import QuestionnaireFile

_SURVEYS = ("employer", "worker")


def read_questionnaires(
    files: Mapping[str, Path], groups: Mapping[str, Group], problems: Problems
) -> dict[str, Questionnaire]:
    """Read both questionnaires; problems are added to ``problems``."""
    found: dict[str, Questionnaire] = {}
    for where, path in files.items():
        survey = PurePosixPath(where).stem
        if survey not in _SURVEYS:
            problems.add(
                where,
                "",
                "ไม่รู้จักแบบสำรวจนี้ — ใช้ employer หรือ worker",
                "Unknown survey; use employer or worker.",
            )
            continue
        content = read_toml(where, path, problems)
        if content is None or (entry := validated(where, content, QuestionnaireFile, problems)) is None:
            continue
        _check(where, entry, groups, problems)
        found[survey] = _frozen(survey, entry)
    return {survey: found[survey] for survey in _SURVEYS if survey in found}


def _frozen(survey: str, entry: QuestionnaireFile) -> Questionnaire:
    return Questionnaire(
        id="employer" if survey == "employer" else "worker",
        name=entry.name.name(),
        index_name=entry.index_name.name(),
        aggregation=entry.aggregation,
        domains=tuple(option.option() for option in entry.domains),
        items=tuple(item.item() for item in entry.items),
        actions=tuple(option.option() for option in entry.actions),
        traits=tuple(option.option() for option in entry.traits),
        aspects=tuple(option.option() for option in entry.aspects),
        scale=tuple((step.rating, step.word, step.points) for step in entry.scale),
        demographics=tuple(question.choice() for question in entry.demographics),
        questions=tuple(question.choice() for question in entry.questions),
    )


def demographic_groups(questionnaires: Mapping[str, Questionnaire]) -> dict[str, Group]:
    """Groups that part 1 of the questionnaires makes (``SEX:female``), by code; both surveys share them."""
    return {
        f"{question.kind}:{option.id}": Group(f"{question.kind}:{option.id}", question.kind, option.name)
        for questionnaire in questionnaires.values()
        for question in questionnaire.demographics
        for option in question.options
    }


def _check(where: str, entry: QuestionnaireFile, groups: Mapping[str, Group], problems: Problems) -> None:
    columns = [item.column for item in entry.items]
    asked = [question.id for question in entry.demographics + entry.questions]
    options = [option.id for option in entry.actions + entry.aspects]
    _unique(where, "items", columns + options + asked, problems)
    for question in entry.demographics:
        if not question.kind:
            problems.add(
                where,
                f"demographics.{question.id}.kind",
                "ไม่มี kind — ใส่ชื่อกลุ่มเป็นตัวพิมพ์ใหญ่ เช่น SEX",
                "kind is missing; write the kind of group in capitals, as SEX.",
            )
    for kind, declared in (("domains", entry.domains), ("traits", entry.traits)):
        _unique(where, kind, [option.id for option in declared], problems)
    _unique(where, "scale", [str(step.rating) for step in entry.scale], problems)
    domains = {option.id for option in entry.domains}
    for item in entry.items:
        if item.domain and item.domain not in domains:
            _unknown(where, f"items.{item.column}.domain", item.domain, problems)
        for code in (*item.optional_for, *item.text_for):
            if code not in groups:
                _unknown(where, f"items.{item.column}.optional_for", code, problems)
    for trait in entry.traits:
        for column in trait.items:
            if column not in columns:
                _unknown(where, f"traits.{trait.id}.items", column, problems)


def _unique(where: str, field: str, values: Iterable[str], problems: Problems) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            problems.add(
                where, field, f'รหัส "{value}" ซ้ำ — ใช้รหัสที่ไม่ซ้ำกัน', f'Id "{value}" occurs twice; use another.'
            )
        seen.add(value)


def _unknown(where: str, field: str, value: str, problems: Problems) -> None:
    problems.add(where, field, f'ไม่รู้จัก "{value}" — ตรวจตัวสะกด', f'Unknown "{value}"; check its spelling.')
