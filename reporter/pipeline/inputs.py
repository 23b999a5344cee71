"""The first two stages of a build: open the workspace, check all of it, and read what the issue is computed from.

Goes in: the request, a workspace. Comes out: ``IssueInputs``, all of them usable. ``reporter check`` runs the same check.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from reporter.checks import check_workspace, refuse_errors
from reporter.domain.context import Context
from reporter.domain.errors import Finding
from reporter.inputs.commentary import Commentary
from reporter.inputs.waivers import Waiver, read_waivers, rule_on
from reporter.inputs.workspace import Workspace, open_workspace
from reporter.pipeline import earlier_issues, issue_cache, record
from reporter.pipeline.issue_cache import InputCheck
from reporter.pipeline.request import BuildRequest, Resources


@dataclass(frozen=True)
class IssueInputs:
    """All that one issue is made from.

    observations  values in force on the issue's day (docs/tables.md)
    earlier       earlier issues in the output folder, oldest first
    findings      what the check of the inputs found
    waivers       warnings that somebody answers for
    """

    workspace: Workspace
    observations: pd.DataFrame
    context: Context
    commentary: Commentary
    earlier: list[earlier_issues.EarlierIssue]
    findings: list[Finding]
    waivers: tuple[Waiver, ...]


def ingest(request: BuildRequest, resources: Resources) -> Workspace:
    """Open the workspace. Raises InputError where there is none, DeclarationError where its declarations are wrong."""
    resources.progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    return open_workspace(request.data, resources.cache, answers_on=request.as_of)


def validate(workspace: Workspace, request: BuildRequest, resources: Resources) -> IssueInputs:
    """Check every input, then read what the issue needs.

    Raises  InputError for unusable inputs; for a final issue also for errors anywhere in the workspace, StateError for
            warnings that nobody answers for
    """
    found = issue_cache.checked_inputs(
        InputCheck(workspace.root, request.quarter, request.is_final),
        resources.cache,
        lambda: check_workspace(workspace, request.quarter, is_final=request.is_final, cache=resources.cache),
    )
    answered = read_waivers(workspace.root)[0]
    if request.is_final:
        refuse_errors(found)
        rule_on(found, answered, request.quarter).refuse_unanswered()
        if request.as_of is None:
            workspace.keep_answers(dt.date.today())
    resources.progress.stage("อ่านข้อมูล", "reading the data")
    observations = workspace.observations(request.as_of or dt.date.today())
    return IssueInputs(
        workspace,
        observations,
        record.context_of(workspace, request, observations),
        workspace.commentary(request.quarter),
        earlier_issues.earlier(request.out, request.quarter),
        found,
        answered,
    )
