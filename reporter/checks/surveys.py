"""Survey files: names, structure and every answer that no rule of the questionnaire allows.

Goes in: a workspace and the issue's quarter. Comes out: findings. The reading itself is that of ``reporter.surveys``,
so that a check accepts what a build accepts. Answers that the cleaning rules would empty or leave out are errors for
a final issue, because somebody should look at them first; a draft goes on with what the rules say.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pandas as pd

from reporter.checks.newest import limits_of, survey_history
from reporter.domain.errors import DeclarationError, Finding, InputError
from reporter.domain.periods import iso
from reporter.inputs.series.cells import is_inside
from reporter.inputs.workspace import SURVEY_SUFFIXES, Survey, Workspace, file_quarter
from reporter.surveys.cleaning import read

SURVEYS: tuple[Survey, ...] = ("employer", "worker")
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


def check(workspace: Workspace, quarter: pd.Period | None, *, is_final: bool = True) -> list[Finding]:
    """Findings of both surveys; with a quarter, of its files and the earlier ones."""
    found: list[Finding] = []
    for survey in SURVEYS:
        files = _files(workspace.root, survey, found)
        if quarter is not None and quarter not in files:
            found.append(_missing(survey, quarter))
        seen: dict[str, str] = {}
        waves: dict[pd.Period, pd.DataFrame] = {}
        for one, path in files.items():
            if quarter is None or one <= quarter:
                waves[one], answered = _answers(workspace, survey, one, path, is_final)
                found += _lacking(answered, workspace, survey, one) if one == quarter else answered
                found += _copies(path, f"surveys/{survey}/{path.name}", seen)
        history = _against_history(workspace, survey, waves, files, found)
        found = [*_without_told(found, history), *history]
    return found


def _without_told(found: list[Finding], history: list[Finding]) -> list[Finding]:
    """Findings without those of single columns whose whole question the history has told: one fault, one finding."""
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
    """Questions that the issue's own quarter lacks: results would rest on the others or be absent, so somebody must say why."""
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


def _answers(
    workspace: Workspace, survey: Survey, quarter: pd.Period, path: Path, is_final: bool
) -> tuple[pd.DataFrame, list[Finding]]:
    """Answers that count, and what was found in the file."""
    answers = pd.DataFrame()
    questionnaire = workspace.declarations.questionnaires.get(survey)
    if questionnaire is None:
        return answers, []
    try:
        answers, found = read(
            path, questionnaire, workspace.declarations, quarter=quarter, root=workspace.root
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
        if path.name.startswith((".", "~$")) or path.is_dir():
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
        "ระบบไม่อ่านไฟล์นี้ — ใช้ชื่อเป็นไตรมาส เช่น 2025-Q3.csv หรือ 2025-Q3.xlsx",
        "Not read; name the file by its quarter, as 2025-Q3.csv or 2025-Q3.xlsx.",
        rule="survey.name",
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
