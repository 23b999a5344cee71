"""The survey stage: files of answers to the survey tables of one issue.

Goes in: the files of both surveys by quarter, the declarations, what is known of the population. Comes out: the tables
of docs/tables.md, Surveys, and findings that hold counts only: no respondent id, free text or single answer leaves the
workspace (contract.md; issue: disclosure). A missing survey leaves its tables empty; a file that is refused is an error
and no number. Quarters are read one after the other: of each only its arrays of codes and its estimates are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import SURVEYS, Declarations, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import iso
from reporter.domain.schema import Tables
from reporter.surveys import indices, shares
from reporter.surveys.file_reader import CleaningRules, cleaning_rules, reading_aliases
from reporter.surveys.indices import ordinal_table
from reporter.surveys.quality import SUPPRESSED, released_themes
from reporter.surveys.responses import Cleaned, clean, parse
from reporter.surveys.sampling import Margin, by_province, margins_in_force, read_margins, read_plan
from reporter.surveys.shares import (
    Estimates,
    design_of,
    estimate,
    mean_estimates,
)
from reporter.surveys.variance import sampling_units
from reporter.surveys.weighting import Sample, Weights, sample_of, weights_of


@dataclass(frozen=True)
class Population:
    """What the workspace knows of one survey's population: plan and margins, and whether weights are published.

    coverage  ``province,planned`` for ``survey_coverage``; None: no plan
    """

    plan: pd.DataFrame | None = None
    margins: Sequence[Margin] = ()
    coverage: pd.DataFrame | None = None
    is_published: bool = True


@dataclass
class Results:
    """Everything computed of one survey, quarter by quarter."""

    questionnaire: Questionnaire
    levels: indices.SurveyLevels
    actions: shares.ColumnMeans
    traits: shares.ColumnMeans
    ranks: shares.ColumnMeans
    questions: dict[str, shares.ColumnMeans]
    items: dict[pd.Period, Estimates] = field(default_factory=dict)
    samples: dict[pd.Period, Sample] = field(default_factory=dict)
    cleaned: dict[pd.Period, Cleaned] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    weights: list[dict[str, object]] = field(default_factory=list)
    seen: dict[bytes, str] = field(default_factory=dict)

    def add(self, sample: Sample, regions: Mapping[str, str]) -> None:
        """Estimate one quarter."""
        design, asked = sample.design(), self.questionnaire
        self.samples[sample.period] = sample
        indices.add_level(self.levels, sample, regions, design)
        self.items[sample.period] = mean_estimates(sample.points, sample.partitions["TH"], design)
        if asked.actions:
            self.actions.add(sample, shares.tick_values(sample, asked.actions), design, regions)
        if asked.traits:
            self.traits.add(sample, shares.tick_values(sample, asked.traits), design, regions)
        if asked.aspects:
            self.ranks.add(sample, shares.rank_values(sample), design, regions)
        for question in asked.questions:
            values = shares.question_values(sample, question)
            self.questions[question.id].add(sample, values, design, regions, kinds=("TH",))


def _results(questionnaire: Questionnaire) -> Results:
    aspects = [aspect.id for aspect in questionnaire.aspects]
    return Results(
        questionnaire,
        indices.SurveyLevels(questionnaire, design_of(questionnaire)),
        shares.ColumnMeans([option.id for option in questionnaire.actions]),
        shares.ColumnMeans([option.id for option in questionnaire.traits]),
        shares.ColumnMeans(aspects),
        {
            question.id: shares.ColumnMeans(
                [option.id for option in question.options] + (["balance"] if question.signs else [])
            )
            for question in questionnaire.questions
        },
    )


def compute(
    files: Mapping[str, Mapping[pd.Period, Path]],
    quarter: pd.Period,
    declarations: Declarations,
    *,
    rules_folder: Path | None = None,
    plans: Mapping[str, pd.DataFrame] | None = None,
    weights: str = "",
    beside: Mapping[str, Mapping[str, Path]] | None = None,
) -> tuple[Tables, list[Finding]]:
    """All survey tables up to ``quarter``; the whole history is read.

    files     survey -> quarter -> file; quarters after ``quarter`` are not read
    rules_folder  the workspace: may hold ``rules/survey_*.toml``, ``surveys/mappings/*.toml``, the sampling plans
                  ``surveys/plan-<survey>.csv`` and the population's margins ``surveys/margins-<survey>.csv``
    plans     survey -> ``province,planned`` for ``survey_coverage``, instead of the plan's file
    beside    survey -> ``plan``, ``margins`` -> file, instead of those two of the workspace (as known on an earlier day)
    weights   the published figure: ``weighted``, ``unweighted``, or "": weighted where plan or margins say by what
    Nothing here is random: the intervals are linearised. Raises DeclarationError for a broken rule or mapping file.
    """
    rules = cleaning_rules(rules_folder)
    regions = {group.code: group.region for group in declarations.groups_of("PROVINCE")}
    gathered: dict[str, list[pd.DataFrame]] = {name: [] for name in survey_tables()}
    findings: list[Finding] = []
    for survey in SURVEYS:
        questionnaire = declarations.questionnaires.get(survey)
        chosen = {period: path for period, path in sorted(files.get(survey, {}).items()) if period <= quarter}
        if questionnaire is None or not chosen:
            continue
        known = _beside(rules_folder, survey) if beside is None else beside.get(survey, {})
        population = _population(known, questionnaire, declarations, findings)
        population = replace(population, is_published=weights != "unweighted")
        if plans and survey in plans:
            population = replace(population, coverage=plans[survey])
        results = _results(questionnaire)
        for period, path in chosen.items():
            _add_quarter(results, (period, path), declarations, rules_folder, population, regions)
        findings += results.findings
        if weights == "weighted":
            findings += _nothing_to_weight_by(results, population)
        for name, table in _tables(results, regions, rules, population).items():
            gathered[name].append(table)
        gathered["survey_themes"].append(_themes(rules_folder, survey, quarter, findings))
    return _joined(gathered), findings


def _add_quarter(
    results: Results,
    source: tuple[pd.Period, Path],
    declarations: Declarations,
    root: Path | None,
    population: Population,
    regions: Mapping[str, str],
) -> None:
    """Read, clean, weight and estimate one quarter; a refused file is a finding. Raises InputError for weights that fail."""
    (period, path), questionnaire, rules = source, results.questionnaire, cleaning_rules(root)
    where = f"surveys/{questionnaire.id}/{path.name}"
    try:
        _refuse_copy(path, where, results.seen)
        reading = parse(
            path,
            questionnaire,
            declarations,
            where=where,
            mapping=root / "surveys" / "mappings" if root else None,
            rules=rules,
            aliases=reading_aliases(root),
        )
    except InputError as error:
        results.findings += error.findings
        return
    cleaned = clean(reading, questionnaire, period, rules)
    results.findings += [*reading.findings, *_summary(cleaned, rules)]
    bare = {code.partition(":")[2]: region.partition(":")[2] for code, region in regions.items()}
    weights = weights_of(
        cleaned.frame, margins_in_force(population.margins, period), population.plan, bare, where
    )
    results.findings += weights.findings
    sample = sample_of(cleaned, questionnaire, declarations, period, weights)
    # Only the log of the cleaning is kept: the answers themselves are the largest thing in memory.
    results.cleaned[period] = replace(cleaned, frame=cleaned.frame[["row"]])
    if not sample.size:
        return
    results.add(sample if population.is_published else sample.unweighted(), regions)
    results.weights.append(_weights_row(results, sample, weights, population.is_published))


def _weights_row(results: Results, sample: Sample, weights: Weights, is_published: bool) -> dict[str, object]:
    """One row of ``survey_weights``: both figures of the country's index, whichever is published."""
    design = results.levels.design
    whole = sample.partitions["TH"]
    found = results.levels.estimates[sample.period]["TH"]
    published = "weighted" if weights.is_weighted and is_published else "unweighted"
    if weights.is_weighted and not is_published:
        found = estimate(sample, whole, design)
    is_hidden = results.levels.flags[sample.period]["TH"] == SUPPRESSED
    return {
        "survey": sample.survey,
        "period": iso(sample.period),
        "published": published,
        **weights.row(),
        "units": int(sampling_units(sample.strata, sample.units).max()) + 1,
        "weighted": np.nan if is_hidden else found.value[0, 0],
        "unweighted": np.nan if is_hidden else found.unweighted[0, 0],
        "index_design_effect": found.spread.effect[0, 0] if found.spread.effect is not None else np.nan,
    }


def _beside(root: Path | None, survey: str) -> dict[str, Path]:
    """The workspace's sampling plan and margins of a survey, where they are there."""
    paths = {name: root / "surveys" / f"{name}-{survey}.csv" for name in ("plan", "margins")} if root else {}
    return {name: path for name, path in paths.items() if path.is_file()}


def _population(
    files: Mapping[str, Path],
    questionnaire: Questionnaire,
    declarations: Declarations,
    findings: list[Finding],
) -> Population:
    """Plan and margins of a survey. A wrong plan is reported and not used; wrong margins raise InputError."""
    plan, coverage, margins = None, None, []
    if "plan" in files:
        try:
            plan = read_plan(files["plan"], declarations)
            coverage = by_province(plan)
        except InputError as error:
            findings += error.findings
    if "margins" in files:
        margins = read_margins(files["margins"], declarations, questionnaire)
    return Population(plan, margins, coverage)


def _themes(root: Path | None, survey: str, quarter: pd.Period, findings: list[Finding]) -> pd.DataFrame:
    """Released themes of the open answers. Wrong files are reported and not used."""
    try:
        return released_themes(root, survey, quarter)
    except InputError as error:
        findings += error.findings
        return schema.empty("survey_themes")


def _nothing_to_weight_by(results: Results, population: Population) -> list[Finding]:
    """A warning where the workspace asks for weighted figures and has no margins, or nothing to weight by at all."""
    survey = results.questionnaire.id
    plain = [str(row["period"]) for row in results.weights if row["weighting"] == "none"]
    if population.margins and not plain:
        return []
    lacking = f"surveys/margins-{survey}.csv"
    result_th = f"งวด {', '.join(plain)} จึงไม่ถ่วงน้ำหนัก" if plain else "น้ำหนักจึงมาจากแผนหรือแฟ้มคำตอบเท่านั้น"
    result_en = (
        f"so {', '.join(plain)} stay unweighted"
        if plain
        else "so the weights are those of the plan or the file alone"
    )
    return [
        Finding(
            "warning",
            "workspace.toml",
            f'ตั้ง survey_weights = "weighted" แต่ไม่มีโครงสร้างประชากร {lacking} {result_th}'
            f" — วางแฟ้ม margins (และประชากรรายจังหวัดในแผน) หรือเปลี่ยนค่าตั้ง",
            f'survey_weights = "weighted", but there is no {lacking}, {result_en}; add the margins (and the provinces\''
            " populations in the plan), or change the setting.",
            rule="survey.margins_missing",
            subject=survey,
        )
    ]


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


def _summary(cleaned: Cleaned, rules: CleaningRules) -> list[Finding]:
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
    results: Results, regions: Mapping[str, str], rules: CleaningRules, population: Population
) -> Tables:
    samples, questionnaire, levels = results.samples, results.questionnaire, results.levels
    changes = indices.change_table(levels, samples)
    confidence = indices.confidence_table(levels, changes)
    tables = {
        "confidence": confidence[schema.columns("confidence")],
        "confidence_items": indices.items_table(samples, questionnaire, results.items),
        "confidence_change": changes,
        "confidence_pooled": indices.provinces_table(confidence, regions),
        "survey_status": _status(results),
        "survey_cleaning": _cleaning(results, rules),
        "survey_coverage": _coverage(samples, questionnaire.id, population.coverage),
        "survey_weights": pd.DataFrame(results.weights, columns=schema.columns("survey_weights")),
        "survey_questions": shares.questions_table(results.questions, questionnaire),
        "survey_balances": indices.balances_table(levels, results.items, results.questions),
        "ordinal_check": ordinal_table(samples, questionnaire, levels),
    }
    if questionnaire.actions:
        named = shares.share_tables(results.actions, "action")
        tables["employer_actions"], tables["employer_actions_by_group"] = named
    if questionnaire.traits:
        tables["traits"], tables["traits_by_group"] = shares.share_tables(results.traits, "trait")
        tables["trait_gap"] = shares.trait_gap_table(
            tables["traits"], tables["confidence_items"], questionnaire
        )
    if questionnaire.aspects:
        tables["priorities"], tables["priorities_by_group"] = shares.priorities_tables(
            results.ranks, len(questionnaire.aspects)
        )
    return {name: table[schema.columns(name)] for name, table in tables.items()}


def _status(results: Results) -> pd.DataFrame:
    rows, levels = [], results.levels
    for period, cleaned in results.cleaned.items():
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
    return pd.DataFrame(rows) if rows else schema.empty("survey_status")


def _cleaning(results: Results, rules: CleaningRules) -> pd.DataFrame:
    parts = [
        cleaned.counts(rules).assign(survey=results.questionnaire.id, period=cleaned.quarter)
        for cleaned in results.cleaned.values()
        if cleaned.breaches
    ]
    if not parts:
        return schema.empty("survey_cleaning")
    return pd.concat(parts, ignore_index=True)[schema.columns("survey_cleaning")]


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
        pd.DataFrame(rows, columns=schema.columns("survey_coverage"))
        if rows
        else schema.empty("survey_coverage")
    )


def survey_tables() -> list[str]:
    """Names of the tables that ``compute`` makes: those of this package, without what is made of both surveys and the index."""
    own = f"{__package__}."
    made = (name for name, table in schema.declared_tables().items() if table.made_by.startswith(own))
    return [name for name in made if name not in shares.JOINT_TABLES]


def _joined(gathered: Mapping[str, list[pd.DataFrame]]) -> Tables:
    tables = {name: schema.empty(name) for name in gathered}
    for name, parts in gathered.items():
        filled = [part for part in parts if len(part)]
        if filled:
            tables[name] = pd.concat(filled, ignore_index=True)
    return tables
