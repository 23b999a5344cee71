"""Every input validated before anything is computed; all findings of all files at once.

Goes in: a workspace (or its path) and, optionally, the issue's quarter. Comes out: findings, each with file, row,
column, value, what is wrong and how to mend it, in Thai and English. ``reporter check`` prints them; ``reporter
build`` calls the same function and stops on errors.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from reporter.checks import coverage, declared, newest, ranges, surveys, texts
from reporter.checks.newest.effects import Model, model_of
from reporter.domain.declarations import Declarations
from reporter.domain.errors import DeclarationError, Finding, InputError, in_order
from reporter.index import model_file, seasonal_models
from reporter.inputs.calendar import read_calendar
from reporter.inputs.waivers import read_waivers
from reporter.inputs.workspace import Workspace, open_workspace
from reporter.runtime.cache import StageCache
from reporter.sample import recognition


def check_workspace(
    workspace: Workspace | Path,
    quarter: pd.Period | None = None,
    *,
    declarations: Declarations | None = None,
    is_final: bool = True,
    cache: StageCache | None = None,
) -> list[Finding]:
    """Validate all inputs of a workspace.

    quarter       the issue's quarter: what is stale or missing is judged from there; None leaves that out
    declarations  used instead of the workspace's own when given
    is_final      False for a draft: answers that the cleaning rules mend are warnings, not errors
    cache         what reading unchanged answers found comes from here
    Returns       findings, first those that move the index most, then by file and row; empty when nothing was found
    Raises        InputError when there is no such workspace
    """
    if isinstance(workspace, Path):
        try:
            workspace = open_workspace(workspace)
        except DeclarationError as error:
            return list(error.findings)
    if declarations is not None:
        workspace = Workspace(workspace.root, declarations, workspace.settings)
    found = workspace.series_findings
    history = workspace.usable_history()
    found += ranges.check(history, workspace.declarations, cache)
    found += coverage.check(history, workspace.declarations, quarter)
    rules = newest.limits_of(workspace.root)
    model = _index_model(workspace.root, quarter)
    found += newest.check(
        history, workspace.declarations, quarter, known=found, rules=rules, model=model, cache=cache
    )
    found = _sexes_once(found, workspace.declarations)
    answers = _answers(workspace.root)
    if cache is None or not all(os.access(path, os.R_OK, effective_ids=True) for path in answers.values()):
        cache = StageCache(None)  # an unreadable file is a finding, not a key
    found += cache.result(
        "survey_check",
        (answers, workspace.declarations, quarter, is_final),
        lambda: surveys.check(workspace, quarter, is_final=is_final),
    )
    found += declared.check(workspace, history)
    found += texts.check(workspace, quarter)
    found += recognition.check(workspace, history, cache)
    found += seasonal_models.check(workspace.root, quarter)
    found += model_file.check(workspace.root, quarter)
    found += read_calendar(workspace.root)[1]
    found += read_waivers(workspace.root)[1]
    return in_order(found)


def _index_model(root: Path, quarter: pd.Period | None) -> Model | None:
    """The workspace's model of the index, for the effects of odd values; None without one, or where it cannot be read."""
    try:
        years = [year for year, _ in model_file.versions(root)]
        kept = model_file.read(root, quarter.year if quarter is not None else max(years)) if years else None
    except InputError:
        return None  # told by model_file.check
    return None if kept is None else model_of(kept.model)


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


def _answers(root: Path) -> dict[str, Path]:
    """Every file that decides what the check of the answers finds, by its place in the workspace."""
    folders = (root / "surveys", root / "rules")
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path for path in files}


def errors(found: list[Finding]) -> list[Finding]:
    """Only the findings that stop a build."""
    return [finding for finding in found if finding.severity == "error"]


def for_the_record(found: list[Finding]) -> list[Finding]:
    """Findings that may stand in an issue's files: those about single answers stay in the workspace."""
    return [
        finding for finding in found if not (finding.rule.startswith("survey.") and finding.row is not None)
    ]


def refuse_errors(found: list[Finding]) -> None:
    """Raise InputError with all findings when one of them is an error."""
    if count := len(errors(found)):
        raise InputError(
            f"ข้อมูลนำเข้ามีข้อผิดพลาด {count} แห่ง — แก้ไขตามรายการข้างต้นแล้วสั่งใหม่",
            f"{count} error(s) in the inputs; mend them as listed and run again.",
            [finding for finding in found if finding.severity != "note"],
        )


__all__ = ["check_workspace", "errors", "for_the_record", "in_order", "refuse_errors"]
