"""The survey stage: files of answers to the survey tables of one issue.

Goes in: the files of both surveys by quarter, the declarations. Comes out: the tables of docs/tables.md, Surveys, and
findings that hold counts only: no respondent id, free text or single answer leaves the workspace (contract.md;
issue: disclosure). A missing survey leaves its tables empty; a file that is refused is an error and no number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reporter.domain.declarations import Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso
from reporter.surveys import indices, shares
from reporter.surveys.cleaning import Cleaned, clean
from reporter.surveys.disclosure import SUPPRESSED
from reporter.surveys.ordinal import ordinal_table
from reporter.surveys.responses import parse
from reporter.surveys.rules import Rules, cleaning_rules, reading_aliases
from reporter.surveys.sample import Sample, sample_of
from reporter.surveys.sampling import by_province, read_plan
from reporter.surveys.schema import COLUMNS, empty, empty_tables

Tables = dict[str, pd.DataFrame]
_SURVEYS = ("employer", "worker")


@dataclass
class SurveyRead:
    """Everything read of one survey: samples and cleaning by quarter, and what was found."""

    samples: dict[pd.Period, Sample] = field(default_factory=dict)
    cleaned: dict[pd.Period, Cleaned] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def compute(
    files: Mapping[str, Mapping[pd.Period, Path]],
    quarter: pd.Period,
    declarations: Declarations,
    *,
    history: int = 13,
    rules_folder: Path | None = None,
    plans: Mapping[str, pd.DataFrame] | None = None,
) -> tuple[Tables, list[Finding]]:
    """All survey tables up to ``quarter``.

    files     survey -> quarter -> file; quarters after ``quarter`` and before the last ``history`` are not read
    rules_folder  the workspace: may hold ``rules/survey_*.toml``, ``surveys/mappings/*.toml`` and the sampling plans
                  ``surveys/plan-employer.csv`` and ``surveys/plan-worker.csv``
    plans     survey -> ``province,planned`` for ``survey_coverage``, instead of the plan's file
    Nothing here is random: the intervals are linearised. Raises DeclarationError for a broken rule or mapping file.
    """
    rules = cleaning_rules(rules_folder)
    regions = {group.code: group.region for group in declarations.groups_of("PROVINCE")}
    gathered: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
    findings: list[Finding] = []
    for survey in _SURVEYS:
        questionnaire = declarations.questionnaires.get(survey)
        chosen = _chosen(files.get(survey, {}), quarter, history)
        if questionnaire is None or not chosen:
            continue
        read = _read_survey(chosen, questionnaire, declarations, rules_folder, rules)
        plan = (plans or {}).get(survey)
        if plan is None:
            plan = _plan(rules_folder, survey, declarations, findings)
        findings += read.findings
        for name, table in _tables(read, questionnaire, regions, rules, plan).items():
            gathered[name].append(table)
    return _joined(gathered), findings


def _chosen(files: Mapping[pd.Period, Path], quarter: pd.Period, history: int) -> dict[pd.Period, Path]:
    return {period: files[period] for period in sorted(files) if quarter - history < period <= quarter}


def _read_survey(
    files: Mapping[pd.Period, Path],
    questionnaire: Questionnaire,
    declarations: Declarations,
    root: Path | None,
    rules: Rules,
) -> SurveyRead:
    read = SurveyRead()
    mappings, aliases = root / "surveys" / "mappings" if root else None, reading_aliases(root)
    seen: dict[bytes, str] = {}
    for period, path in files.items():
        where = f"surveys/{questionnaire.id}/{path.name}"
        try:
            _refuse_copy(path, where, seen)
            reading = parse(
                path, questionnaire, declarations, where=where, mapping=mappings, rules=rules, aliases=aliases
            )
        except InputError as error:
            read.findings += error.findings
            continue
        cleaned = clean(reading, questionnaire, period, rules)
        read.findings += [*reading.findings, *_summary(cleaned, rules)]
        read.cleaned[period] = cleaned
        read.samples[period] = sample_of(cleaned, questionnaire, declarations, period)
    return read


def _plan(
    root: Path | None, survey: str, declarations: Declarations, findings: list[Finding]
) -> pd.DataFrame | None:
    """The survey's sampling plan, None when there is none; a wrong one is reported and not used."""
    path = root / "surveys" / f"plan-{survey}.csv" if root else None
    if path is None or not path.is_file():
        return None
    try:
        return by_province(read_plan(path, declarations))
    except InputError as error:
        findings += error.findings
        return None


def _refuse_copy(path: Path, where: str, seen: dict[bytes, str]) -> None:
    """Raise InputError for a file whose bytes are another quarter's: last quarter's answers under a new name."""
    try:
        digest = hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return  # the reader says what is wrong
    if earlier := seen.get(digest):
        finding = Finding(
            "error",
            where,
            f"เนื้อหาเหมือน {earlier} ทุกตัวอักษร — วางแฟ้มคำตอบของไตรมาสนี้แทน",
            f"Byte for byte the same as {earlier}; put this quarter's answers here.",
            rule="survey.copy",
        )
        raise InputError(f"{where} เป็นสำเนา", f"{where} is a copy.", [finding])
    seen[digest] = where


def _summary(cleaned: Cleaned, rules: Rules) -> list[Finding]:
    """What the cleaning found, counted: safe to travel with the issue."""
    counts = cleaned.counts(rules)
    return [
        Finding(
            "note" if rules[rule].action == "keep" else "warning",
            cleaned.where,
            f"{rules[rule].name.th}: {count:,} แห่ง — ดูรายแถวด้วย reporter survey quality",
            f"{rules[rule].name.en}: {count:,}; reporter survey quality lists the rows.",
            rule=f"survey.{rule}",
        )
        for rule, count in zip(counts["rule"].tolist(), counts["count"].tolist(), strict=True)
    ]


def _tables(
    read: SurveyRead,
    questionnaire: Questionnaire,
    regions: Mapping[str, str],
    rules: Rules,
    plan: pd.DataFrame | None,
) -> Tables:
    samples = {period: sample for period, sample in read.samples.items() if sample.size}
    levels = indices.estimate_levels(samples, questionnaire, regions)
    tables = {
        "confidence": indices.confidence_table(levels),
        "confidence_items": indices.items_table(samples, questionnaire),
        "confidence_change": indices.change_table(levels, samples),
        "survey_status": _status(read, levels),
        "survey_cleaning": _cleaning(read, questionnaire.id, rules),
        "survey_coverage": _coverage(samples, questionnaire.id, plan),
        "ordinal_check": ordinal_table(samples, questionnaire, levels),
    }
    if questionnaire.actions:
        tables["employer_actions"] = shares.actions_table(samples, questionnaire)
    if questionnaire.traits:
        tables["traits"] = shares.traits_table(samples, questionnaire)
        tables["trait_gap"] = shares.trait_gap_table(
            tables["traits"], tables["confidence_items"], questionnaire
        )
    if questionnaire.aspects:
        tables["priorities"], tables["priorities_by_group"] = shares.priorities_tables(
            samples, questionnaire, regions
        )
    return tables


def _status(read: SurveyRead, levels: indices.Levels) -> pd.DataFrame:
    rows = []
    for period, cleaned in read.cleaned.items():
        flag = list(levels.flags.get(period, {}).items())
        sizes = {
            group: int(count)
            for estimates in levels.estimates.get(period, {}).values()
            for group, count in zip(estimates.groups, estimates.count[:, 0], strict=True)
        }
        kept = len(cleaned.frame)
        published = [code for code, state in flag if sizes[code] and state != SUPPRESSED]
        rows.append(
            {
                "survey": levels.questionnaire.id,
                "period": iso(period),
                "received": cleaned.received,
                "kept": kept,
                "dropped": cleaned.received - kept,
                "blanked_cells": cleaned.blanked,
                "groups_published": len(published),
                "groups_small": sum(state == "small" for _, state in flag),
                "groups_suppressed": sum(state == SUPPRESSED for _, state in flag),
            }
        )
    return pd.DataFrame(rows) if rows else empty(COLUMNS["survey_status"])


def _cleaning(read: SurveyRead, survey: str, rules: Rules) -> pd.DataFrame:
    parts = [
        cleaned.counts(rules).assign(survey=survey, period=cleaned.quarter)
        for cleaned in read.cleaned.values()
        if cleaned.breaches
    ]
    columns = list(COLUMNS["survey_cleaning"])
    return pd.concat(parts, ignore_index=True)[columns] if parts else empty(columns)


def _coverage(samples: Mapping[pd.Period, Sample], survey: str, plan: pd.DataFrame | None) -> pd.DataFrame:
    """Respondents kept against the plan, province by province; ``planned`` is missing without a plan."""
    planned = {} if plan is None else dict(zip(plan["province"], plan["planned"], strict=True))
    rows = [
        (survey, iso(period), group, planned.get(group, float("nan")), int((part.codes == place).sum()))
        for period, sample in samples.items()
        for part in [sample.partitions["PROVINCE"]]
        for place, group in enumerate(part.groups)
    ]
    return (
        pd.DataFrame(rows, columns=list(COLUMNS["survey_coverage"]))
        if rows
        else empty(COLUMNS["survey_coverage"])
    )


def _joined(gathered: Mapping[str, list[pd.DataFrame]]) -> Tables:
    tables = empty_tables()
    for name, parts in gathered.items():
        filled = [part for part in parts if len(part)]
        if filled:
            tables[name] = pd.concat(filled, ignore_index=True)
    return tables
