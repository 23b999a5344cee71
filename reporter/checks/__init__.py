"""Every input validated before anything is computed; all findings of all files at once.

Goes in: a workspace (or its path) and, optionally, the issue's quarter. Comes out: findings, each with file, row,
column, value, what is wrong and how to mend it, in Thai and English. ``reporter check`` prints them; ``reporter
build`` calls the same function and stops on errors.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from reporter import measures, sample
from reporter.checks import newest
from reporter.checks.newest import limits_of, survey_history
from reporter.checks.newest.effects import EffectModel, IndexEffect, model_of
from reporter.checks.newest.surprise import FILE as LIMITS
from reporter.checks.newest.surprise import limits
from reporter.checks.series import check_coverage, check_ranges
from reporter.domain.declarations import SURVEYS, Declarations, Survey, asset, programs_rules, with_own_rules
from reporter.domain.edition import Settings
from reporter.domain.errors import DeclarationError, Finding, InputError, ReporterError, in_order
from reporter.domain.periods import iso, parse_period, parse_quarter
from reporter.index import (
    model_file,
    national,
    realtime,
    seasonal,
)
from reporter.inputs import workbook
from reporter.inputs.calendar import CALENDAR_FILE, RECIPIENTS_FILE, read_calendar
from reporter.inputs.declared import README, SOURCES_FILE, load, readme_sources
from reporter.inputs.series import COUNTRIES_FILE
from reporter.inputs.series_cells import is_inside, latest_vintage
from reporter.inputs.series_layout import MOST_PER_RULE
from reporter.inputs.vintages import reading_files
from reporter.inputs.workspace import FILE as WAIVERS_FILE
from reporter.inputs.workspace import (
    SETTINGS_FILE,
    SURVEY_SUFFIXES,
    Workspace,
    file_quarter,
    open_workspace,
    overrides,
    read_settings,
    read_waivers,
)
from reporter.runtime.cache import StageCache
from reporter.sources.dropped import FOLDER
from reporter.sources.fetching import untaken
from reporter.surveys.file_reader import cleaning_rules, reading_aliases
from reporter.surveys.quality import FOLDER as THEMES
from reporter.surveys.quality import released_themes
from reporter.surveys.responses import read
from reporter.surveys.sampling import (
    margins_in_force,
    read_margins,
    read_plan,
    totals_finding,
    weights_finding,
)


def check_data(
    workspace: Workspace | Path,
    quarter: pd.Period | None = None,
    *,
    declarations: Declarations | None = None,
    is_final: bool = True,
    cache: StageCache | None = None,
) -> list[Finding]:
    """Validate all inputs of a workspace but the analysts' texts.

    quarter       the issue's quarter: what is stale or missing is judged from there; None leaves that out
    declarations  used instead of the workspace's own when given
    is_final      False for a draft: answers that the cleaning rules mend are warnings, not errors
    cache         what reading unchanged answers found comes from here
    Returns       findings, first those that move the index most, then by file and row; empty when nothing was found
    Raises        InputError when there is no such workspace
    """
    told: list[Finding] = []
    if isinstance(workspace, Path):
        workspace, told = _opened(workspace)
    if declarations is not None:
        workspace = dataclasses.replace(workspace, declarations=declarations)
    history = workspace.usable_history()
    found = _of_series(workspace, history, quarter, cache)
    found += _of_answers(workspace, quarter, is_final, cache)
    found += _untaken(workspace.root)
    found += _nearly_named(workspace.root)
    found += check_declared(workspace, history)
    found += sample.check_sample_values(workspace, history, cache)
    found += seasonal.check(workspace.root, quarter)
    found += model_file.check(workspace.root, quarter)
    found += realtime.check(workspace.root)
    found += read_calendar(workspace.root)[1]
    found += read_waivers(workspace.root)[1]
    if any(one.where != SETTINGS_FILE for one in told):
        found = [one for one in found if one.rule not in _OF_DECLARATIONS]
    return in_order([*told, *found])


def _of_series(
    workspace: Workspace, history: pd.DataFrame, quarter: pd.Period | None, cache: StageCache | None
) -> list[Finding]:
    """Findings of the numbers: what cannot be read, is out of range, missing, or odd in its newest values."""
    declarations = workspace.declarations
    found = workspace.series_findings
    found += check_ranges(history, declarations, cache)
    found += check_coverage(history, declarations, quarter, workbook.path_of(workspace.root) is not None)
    found = _without_consequences(found)
    rules = newest.limits_of(workspace.root)
    model, exact = _index_effects(workspace, history, quarter, cache)
    found += newest.check(
        history, declarations, quarter, known=found, rules=rules, model=model, exact=exact, cache=cache
    )
    return _sexes_once(found, declarations)


def _of_answers(
    workspace: Workspace, quarter: pd.Period | None, is_final: bool, cache: StageCache | None
) -> list[Finding]:
    """Findings of the survey answers, from the cache where no file that decides them has changed."""
    answers = _answers(workspace)
    if cache is None or not all(os.access(path, os.R_OK, effective_ids=True) for path in answers.values()):
        cache = StageCache(None)  # an unreadable file is a finding, not a key
    return cache.result(
        "survey_check",
        (answers, workspace.declarations, quarter, is_final),
        lambda: check_surveys(workspace, quarter, is_final=is_final),
    )


_UNREAD = ("series.value", "series.period", "file.ragged")
_NEXT_ROWS = 12  # a year of months, which stand one under the other


def _untaken(root: Path) -> list[Finding]:
    """Agencies' files that are in the workspace but not read, although their values seem to be delivered."""
    try:
        paths = untaken(root)
    except (ReporterError, OSError):
        return []  # the store's own reading tells what is damaged
    return [
        Finding(
            "warning",
            f"{FOLDER}/{path.name}",
            "ไฟล์นี้ยังไม่ถูกรับเข้าระบบ ค่าในไฟล์จึงไม่มีผล — สั่ง reporter fetch --dropped หรือย้ายไฟล์ออก",
            "This file was not taken in, so its values do not count; run reporter fetch --dropped, or move it away.",
            rule="incoming.untaken",
        )
        for path in paths
    ]


# Files that are read from the workspace's own folder; how like one of them a name is that was probably meant to be it.
_OF_THE_ROOT = (SETTINGS_FILE, CALENDAR_FILE, RECIPIENTS_FILE, WAIVERS_FILE, SOURCES_FILE, COUNTRIES_FILE, workbook.FILE)  # fmt: skip
_NEAR_NAME = 0.85


def _nearly_named(root: Path) -> list[Finding]:
    """Files whose name is nearly one that is read, as waiver.toml: their content is not used."""
    found = []
    names = root.iterdir() if root.is_dir() else ()
    for path in sorted(one for one in names if one.is_file() and one.name not in _OF_THE_ROOT):
        near = difflib.get_close_matches(path.name.casefold(), _OF_THE_ROOT, n=1, cutoff=_NEAR_NAME)
        if near and not path.name.startswith((".", "~$")):
            found.append(
                Finding(
                    "warning",
                    path.name,
                    f"ระบบไม่อ่านไฟล์ชื่อนี้ — หากหมายถึง {near[0]} ให้เปลี่ยนชื่อ มิฉะนั้นย้ายออก",
                    f"No file of this name is read; if {near[0]} is meant, rename it, else move it away.",
                    rule="file.name",
                )
            )
    return found


# Names that only the workspace's own declarations may know: no findings while these cannot be read.
_OF_DECLARATIONS = ("series.indicator", "series.group")


def _opened(root: Path) -> tuple[Workspace, list[Finding]]:
    """The workspace, with the package's declarations or default settings in place of those that cannot be read, and why.

    So that one fault there does not hide the others.
    """
    try:
        return open_workspace(root), []
    except DeclarationError:
        found: list[Finding] = []
    declarations, settings = load(), Settings(synthetic=True)  # nobody has said that the data are real
    try:
        declarations = load(root)
    except DeclarationError as error:
        found += error.findings
    try:
        settings = read_settings(root)
    except DeclarationError as error:
        found += error.findings
    return Workspace(root, declarations, settings), found


def _index_effects(
    workspace: Workspace, history: pd.DataFrame, quarter: pd.Period | None, cache: StageCache | None
) -> tuple[EffectModel | None, IndexEffect | None]:
    """Effects of odd values by the workspace's model of the index: by its shares, and exactly; None without one, or where it cannot be read."""
    root = workspace.root
    try:
        years = [year for year, _ in model_file.versions(root)]
        kept = model_file.read(root, quarter.year if quarter is not None else max(years)) if years else None
        frozen = seasonal.read(root, quarter.year) if quarter is not None else None
    except InputError:
        return None, None  # told by model_file.check and seasonal.check
    if kept is None:
        return None, None
    if quarter is None:
        return model_of(kept.model), None
    effect = IndexEffect(
        latest_vintage(history, None),
        workspace.declarations,
        quarter,
        model=kept.model,
        seasonal_models=frozen.table if frozen else None,
        run=national.cached_run(cache or StageCache(None)),
    )
    return model_of(kept.model), effect


def _without_consequences(found: list[Finding]) -> list[Finding]:
    """Without "ends early" of a series whose next rows in the file are there but cannot be read: that is reported already."""
    unread = {(one.where, one.row) for one in found if one.severity == "error" and one.rule in _UNREAD}
    return [
        one
        for one in found
        if one.rule != "series.stale"
        or not any((one.where, (one.row or 0) + further) in unread for further in range(1, _NEXT_ROWS + 1))
    ]


def _sexes_once(found: list[Finding], declarations: Declarations) -> list[Finding]:
    """Sexes that stand the other way round are one finding: swapped, unless only one of the two is odd by itself."""
    components = {
        item.components[0]: item.components for item in declarations.indicators.values() if item.components
    }
    for swap in [one for one in found if one.rule == "series.swapped"]:
        men = swap.subject.split()[0]
        pair = components.get(men, (men,))
        own = [one for one in found if one.rule.startswith("newest.") and _is_about(one, pair)]
        odd = {
            one.subject.split()[0]
            for one in own
            if one.severity == "warning" and one.rule != "newest.relation"
        }
        dropped = [swap] if len(odd) == 1 else own
        found = [one for one in found if one not in dropped]
    return found


def _is_about(finding: Finding, series: tuple[str, ...]) -> bool:
    """Whether a finding is about the national values of one of the series."""
    return finding.subject.split()[:2] in [[name, "TH"] for name in series]


def _answers(workspace: Workspace) -> dict[str, Path]:
    """Every file that decides what the check of the answers finds, by its place in the workspace."""
    root = workspace.root
    folders = (root / "surveys", root / "rules")
    if workspace.answers_on is not None:
        surveys = [
            files
            for name in SURVEYS
            for files in (workspace.survey_files(name), workspace.weight_files(name))
        ]
        known = [path for files in surveys for path in files.values()]
        known += reading_files(workspace.reading_root)
        known += sorted(path for path in folders[1].rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path for path in known}
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path for path in files}


__all__ = ["check_data", "in_order"]


# ----------------------------------------------------------------------------------------------------
# Declarations of a workspace that only a later stage reads: rules of the surveys, sampling plans, annex, base period.
#
# Goes in: a workspace and its history of observations. Comes out: findings, so that a wrong rule stops a check and not the sixth
# stage of a build. Loaders are those of the stages, so that a check accepts what a build accepts.
# ----------------------------------------------------------------------------------------------------


def check_declared(workspace: Workspace, history: pd.DataFrame) -> list[Finding]:
    """Findings of all of them."""
    root = workspace.root
    found = [
        *check_rules(root, workspace.reading_root),
        *_tried("annex", lambda: measures.load_annex(root)),
        *_base_period(workspace, history),
        *_assumed_sources(workspace, history),
    ]
    for survey in SURVEYS:
        beside = workspace.weight_files(survey)
        if "plan" in beside:
            found += _plan(beside["plan"], f"surveys/plan-{survey}.csv", workspace)
        if "margins" in beside and (form := workspace.declarations.questionnaires.get(survey)):
            found += _tried(
                f"surveys/margins-{survey}.csv",
                partial(read_margins, beside["margins"], workspace.declarations, form),
            )
        found += _themes(survey, workspace)
    return found


def check_rules(root: Path, reading_root: Path | None = None) -> list[Finding]:
    """Findings of a workspace's own rules (``rules/*.toml``), each read by the stage's own loader, and of files there that nothing reads.

    reading_root   where the rules of the surveys stand: in the workspace, or in its store as they were on an earlier day
    """
    found = []
    for name, reading in _RULES.items():
        place = (reading_root or root) if name.startswith("survey_") else root
        if (place / "rules" / name).is_file():
            found += _tried(f"rules/{name}", partial(reading, place))
    unread = [one.path for one in overrides(root) if one.path.startswith("rules/") and one.state == "ignored"]
    return found + [
        Finding(
            "note", path, "ไม่มีสิ่งใดอ่านไฟล์นี้ กฎในไฟล์จึงไม่มีผล — ตรวจชื่อไฟล์ หรือลบออก",
            "Nothing reads this file, so its rules do not count; check its name, or take it away.", rule="rules.unread",
        )
        for path in unread
    ]  # fmt: skip


def _over_the_programs(name: str, root: Path) -> dict[str, Any]:
    """A file of thresholds that a workspace lays over the program's."""
    packaged = tomllib.loads(asset("data", "rules", name).read_text(encoding="utf-8"))
    return with_own_rules(packaged, root / "rules" / name)


def _signals(root: Path) -> None:
    measures.checked_rules(_over_the_programs("signals.toml", root))


def _recommendations(root: Path) -> None:
    load_rules = _of_report("outlook").load_rules  # here: few workspaces have a book of their own
    load_rules(root / "rules" / "recommendations.toml")


def _english_recommendations(root: Path) -> None:
    english = _of_report("english")
    english.english_words(root / "rules" / english.ENGLISH_RULES)


def _of_report(name: str) -> ModuleType:
    """A module of ``reporter.report``, which binds the steps of words when it is loaded: with the program's where the workspace's are broken.

    The broken file is an error of its own, so that nothing is built with what was bound.
    """
    try:
        return import_module(f"reporter.report.{name}")
    except DeclarationError:
        with programs_rules():
            return import_module(f"reporter.report.{name}")


# File of rules that a workspace may have -> how the build reads it.
_RULES: Mapping[str, Callable[[Path], Any]] = {
    "survey_cleaning.toml": cleaning_rules,
    "survey_reading.toml": reading_aliases,
    "wording.toml": partial(_over_the_programs, "wording.toml"),
    "bands.toml": partial(_over_the_programs, "bands.toml"),
    "signals.toml": _signals,
    "recommendations.toml": _recommendations,
    "recommendations.en.toml": _english_recommendations,
    LIMITS: limits,
}


def _assumed_sources(workspace: Workspace, history: pd.DataFrame) -> list[Finding]:
    """Where the sources of the series are named: in sources.toml or the workbook, in the README, or nowhere."""
    root, declarations = workspace.root, workspace.declarations
    if (root / SOURCES_FILE).is_file() or workbook.path_of(root) is not None or workspace.settings.synthetic:
        return []
    series = {*declarations.indicators, *declarations.macro} & set(history["indicator"].astype(str).unique())
    read = readme_sources(root, declarations)
    found = []
    if from_readme := sorted(series & set(read)):
        told = ", ".join(f"{name} = {read[name]}" for name in from_readme[:6])
        found.append(
            Finding(
                "note", README,
                f"ที่มาของข้อมูล {len(from_readme)} อนุกรมอ่านจากตารางใน README.md ({told}) — หากไม่ใช่ ให้เขียน {SOURCES_FILE}",
                f"Sources of {len(from_readme)} series were read from the table of README.md ({told}). If that is wrong, write {SOURCES_FILE}.",
                rule="source.readme",
            )
        )  # fmt: skip
    if assumed := sorted(series - set(read)):
        found.append(
            Finding(
                "note", "series",
                f"ที่มาของข้อมูล {len(assumed)} อนุกรมเป็นที่มาตามทะเบียน เพราะไม่มีใครระบุที่มาจริง เช่น {', '.join(assumed[:3])} — หากข้อมูลมาจากที่อื่น ให้เขียน {SOURCES_FILE}",
                f"Sources of {len(assumed)} series are those of the register, as nobody says otherwise, e.g. {', '.join(assumed[:3])}. If they come from elsewhere, write {SOURCES_FILE}.",
                rule="source.assumed",
            )
        )  # fmt: skip
    return found


def _themes(survey: str, workspace: Workspace) -> list[Finding]:
    """A survey's released themes of every quarter, read as the build reads them."""
    last = pd.Period(year=9999, quarter=4, freq="Q-DEC")
    return _tried(f"surveys/{THEMES}", partial(released_themes, workspace.reading_root, survey, last))


def _tried(where: str, load: Callable[[], Any]) -> list[Finding]:
    try:
        load()
    except ReporterError as error:
        return list(error.findings) or [Finding("error", where, error.th, error.en, rule="declaration")]
    return []


def _plan(path: Path, where: str, workspace: Workspace) -> list[Finding]:
    return [
        dataclasses.replace(finding, where=where)
        for finding in _tried(where, lambda: read_plan(path, workspace.declarations))
    ]


def _base_period(workspace: Workspace, history: pd.DataFrame) -> list[Finding]:
    """A base period that ends before it begins, or in which there are no data."""
    start, end = workspace.settings.base_start, workspace.settings.base_end
    if not (start and end):
        return []
    first, last = parse_quarter(start), parse_quarter(end)
    if first > last:
        return [
            _base(
                f"ช่วงฐานสิ้นสุด ({iso(last)}) ก่อนเริ่ม ({iso(first)}) — สลับ base_start กับ base_end",
                f"The base period ends ({iso(last)}) before it begins ({iso(first)}); swap base_start and base_end.",
            )
        ]
    known = [parse_period(text) for text in history.loc[history["group"] == "TH", "period"].unique()]
    if known and not any(first.start_time <= period.end_time <= last.end_time for period in known):
        return [
            _base(
                f"ไม่มีข้อมูลในช่วงฐาน {iso(first)} ถึง {iso(last)} — เลือกช่วงที่มีข้อมูล",
                f"There are no data in the base period {iso(first)} to {iso(last)}; choose one that has some.",
            )
        ]
    return []


def _base(th: str, en: str) -> Finding:
    return Finding("error", SETTINGS_FILE, th, en, column="base_start", rule="settings.base")


# ----------------------------------------------------------------------------------------------------
# Survey files: names, structure and every answer that no rule of the questionnaire allows.
#
# Goes in: a workspace and the quarter. Comes out: findings. The reading itself is that of ``reporter.surveys``,
# so that a check accepts what a build accepts. Answers that the cleaning rules would empty or leave out are errors for
# a final issue, because somebody should look at them first; a draft goes on with what the rules say.
# ----------------------------------------------------------------------------------------------------

# Breaches that only a slip of the pen or a damaged file explains; the other rules judge respondents, not data entry.
_SLIPS = {
    "duplicate_id",
    "impossible_value",
    "ranking_tie",
    "ranking_gap",
    "unknown_province",
    "unknown_industry",
    "unknown_group",
}


def check_surveys(workspace: Workspace, quarter: pd.Period | None, *, is_final: bool = True) -> list[Finding]:
    """Findings of both surveys; with a quarter, of its files and the earlier ones."""
    found: list[Finding] = []
    for survey in SURVEYS:
        # An issue as it was known on a day is judged by the files of that day, not by what came later.
        as_known = workspace.answers_on is not None
        files = workspace.survey_files(survey) if as_known else _files(workspace.root, survey, found)
        if quarter is not None and quarter not in files:
            found.append(_missing(survey, quarter))
        seen: dict[str, str] = {}
        waves: dict[pd.Period, pd.DataFrame] = {}
        for one, path in files.items():
            if quarter is None or one <= quarter:
                waves[one], answered = _answers_of(workspace, survey, one, path, is_final)
                found += _lacking(answered, workspace, survey, one) if one == quarter else answered
                found += _copies(path, f"surveys/{survey}/{path.name}", seen)
        found += _weights(workspace, survey, waves, files)
        history = _against_history(workspace, survey, waves, files, found)
        found = [*_without_told(found, history), *history]
    return found


def _weights(
    workspace: Workspace,
    survey: Survey,
    waves: dict[pd.Period, pd.DataFrame],
    files: dict[pd.Period, Path],
) -> list[Finding]:
    """The newest file's weights against the population of the plan or the margins; those that cannot be read are reported elsewhere."""
    questionnaire = workspace.declarations.questionnaires.get(survey)
    if not waves or questionnaire is None:
        return []
    newest, beside = max(waves), workspace.weight_files(survey)
    planned, margins = None, []
    with contextlib.suppress(ReporterError):
        planned = read_plan(beside["plan"], workspace.declarations) if "plan" in beside else None
    with contextlib.suppress(ReporterError):
        if "margins" in beside:
            margins = read_margins(beside["margins"], workspace.declarations, questionnaire)
    where = f"surveys/{survey}/{files[newest].name}"
    in_force = margins_in_force(margins, newest)
    found = (
        weights_finding(waves[newest], planned, in_force, where),
        totals_finding(in_force, f"surveys/margins-{survey}.csv"),
    )
    subject = f"{survey} {iso(newest)} weights"
    return [dataclasses.replace(one, subject=subject) for one in found if one is not None]


def _without_told(found: list[Finding], history: list[Finding]) -> list[Finding]:
    """Findings without those of single columns whose whole question the history has reported: one fault, one finding."""
    told = {(one.where, one.subject.split()[-1]) for one in history}
    questions = {"action": "actions", "rank": "ranks", "traits": "traits"}
    return [
        one
        for one in found
        if one.rule != "survey.missing_item"
        or (one.where, questions.get((one.column or "").rstrip("0123456789"), "")) not in told
    ]


def _against_history(
    workspace: Workspace,
    survey: Survey,
    waves: dict[pd.Period, pd.DataFrame],
    files: dict[pd.Period, Path],
    found: list[Finding],
) -> list[Finding]:
    """The newest wave against the earlier ones, unless its file has been refused or is another's copy."""
    questionnaire = workspace.declarations.questionnaires.get(survey)
    if not waves or questionnaire is None:
        return []
    newest, *_ = sorted(waves, reverse=True)
    where = f"surveys/{survey}/{files[newest].name}"
    if any(one.where == where and one.rule == "survey.copy" for one in found):
        return []
    return survey_history.check(
        [waves[one] for one in sorted(waves) if one != newest],
        waves[newest],
        questionnaire,
        where=where,
        quarter=newest,
        limits=limits_of(workspace.root),
        known={one.column or "" for one in found if one.where == where and one.rule == "survey.missing_item"},
    )


def _lacking(found: list[Finding], workspace: Workspace, survey: Survey, quarter: pd.Period) -> list[Finding]:
    """Questions that the issue's own quarter lacks: results would rest on the others or be absent, so an answer is required."""
    entry = workspace.declarations.questionnaires[survey]
    items = (
        {item.column for item in entry.items}
        | {one.id for one in (*entry.actions, *entry.aspects)}
        | {"traits"}
    )
    return [
        dataclasses.replace(
            finding, rule="survey.missing_item", subject=f"{survey} {iso(quarter)} {finding.column}"
        )
        if finding.rule == "survey.missing_column" and finding.column in items
        else finding
        for finding in found
    ]


def _copies(path: Path, where: str, seen: dict[str, str]) -> list[Finding]:
    """A file whose bytes are another quarter's: last quarter's answers under a new name."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return []  # reading it has said so
    earlier = seen.setdefault(digest, where)
    if earlier == where:
        return []
    return [
        Finding(
            "error",
            where,
            f"เนื้อหาเหมือน {earlier} ทุกตัวอักษร — วางแฟ้มคำตอบของไตรมาสนี้แทน",
            f"Byte for byte the same as {earlier}; put this quarter's answers here.",
            rule="survey.copy",
        )
    ]


def _answers_of(
    workspace: Workspace, survey: Survey, quarter: pd.Period, path: Path, is_final: bool
) -> tuple[pd.DataFrame, list[Finding]]:
    """Answers that count, and what was found in the file."""
    answers = pd.DataFrame()
    questionnaire = workspace.declarations.questionnaires.get(survey)
    if questionnaire is None:
        return answers, []
    try:
        answers, found = read(
            path, questionnaire, workspace.declarations, quarter=quarter, root=workspace.reading_root
        )
        if answers.empty and not any(finding.severity == "error" for finding in found):
            found = [*found, _nobody(f"surveys/{survey}/{path.name}")]
    except (InputError, DeclarationError) as error:
        found = list(error.findings)  # rules of the workspace that cannot be read: see checks.declared
    return answers, [_graded(finding, is_final) for finding in found]


def _nobody(where: str) -> Finding:
    return Finding(
        "error",
        where,
        "ไม่มีผู้ตอบแม้แต่รายเดียว — ส่งออกคำตอบใหม่ หรือลบไฟล์หากไม่มีการสำรวจ",
        "Nobody answered; export the answers again, or remove the file if there was no survey.",
        rule="survey.no_rows",
    )


def _graded(finding: Finding, is_final: bool) -> Finding:
    is_slip = finding.rule.removeprefix("survey.") in _SLIPS and finding.row is not None
    if is_final and is_slip and finding.severity == "warning":
        return dataclasses.replace(finding, severity="error")
    return finding


def _files(root: Path, survey: Survey, found: list[Finding]) -> dict[pd.Period, Path]:
    """Files by quarter, in time order; names that are no quarter, and second files of a quarter, are noted."""
    folder = root / "surveys" / survey
    for place in (folder.parent, folder):
        if place.exists() and not place.is_dir():
            where = place.relative_to(root).as_posix()
            found.append(
                Finding(
                    "error",
                    where,
                    f"{where} เป็นไฟล์ ต้องเป็นโฟลเดอร์ — ย้ายไฟล์ออกแล้วสร้างโฟลเดอร์",
                    f"{where} is a file and must be a folder; move the file and make the folder.",
                    rule="folder.kind",
                )
            )
            return {}
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        found.append(
            Finding(
                "error",
                f"surveys/{survey}",
                f"เปิดโฟลเดอร์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"The folder cannot be opened ({error.strerror}); check its permissions.",
                rule="folder.unreadable",
            )
        )
        return {}
    files: dict[pd.Period, Path] = {}
    for path in paths:
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir():
            inner = sorted(one for one in path.rglob("*") if one.suffix.lower() in SURVEY_SUFFIXES)
            found += [_below(one.relative_to(root).as_posix()) for one in inner[:MOST_PER_RULE]]
            continue
        where = f"surveys/{survey}/{path.name}"
        if not is_inside(path, root, where, found):
            continue
        quarter = file_quarter(path)
        if path.suffix.lower() not in SURVEY_SUFFIXES or quarter is None:
            found.append(_unread(where))
        elif quarter in files:
            found.append(_second(where, files[quarter].name, quarter))
        else:
            files[quarter] = path
    return dict(sorted(files.items()))


def _unread(where: str) -> Finding:
    return Finding(
        "warning",
        where,
        "ระบบไม่อ่านไฟล์นี้ — ใช้ชื่อเป็นไตรมาส เช่น 2025-Q3.csv หรือ 2025-Q3.xlsx หลายแฟ้มของไตรมาสเดียวรวมด้วย reporter survey join",
        "Not read; name the file by its quarter, as 2025-Q3.csv or 2025-Q3.xlsx; several files of one quarter are joined by"
        " reporter survey join.",
        rule="survey.name",
    )


def _below(where: str) -> Finding:
    return Finding(
        "warning",
        where,
        "ระบบไม่อ่านไฟล์ในโฟลเดอร์ย่อย คำตอบในไฟล์จึงไม่มีผล — ย้ายไปไว้ใน surveys/employer/ หรือ surveys/worker/ โดยตรง",
        "Files in subfolders are not read, so its answers do not count; move it into surveys/employer/ or surveys/worker/ itself.",
        rule="file.subfolder",
    )


def _second(where: str, first: str, quarter: pd.Period) -> Finding:
    return Finding(
        "error",
        where,
        f"ไตรมาส {iso(quarter)} มีสองไฟล์ (อีกไฟล์คือ {first}) — รวมหรือลบไฟล์หนึ่ง",
        f"{iso(quarter)} has two files (the other is {first}); merge them or remove one.",
        rule="survey.twice",
    )


def _missing(survey: Survey, quarter: pd.Period) -> Finding:
    return Finding(
        "note",
        f"surveys/{survey}",
        f"ไม่มีผลสำรวจไตรมาส {iso(quarter)} — บทที่เกี่ยวข้องจะแจ้งว่าไม่มีข้อมูล",
        f"No answers for {iso(quarter)}; the chapters concerned will say so.",
        rule="survey.missing",
    )
