"""Declarations of a workspace that only a later stage reads: rules of the surveys, sampling plans, annex, base period.

Goes in: a workspace and its history of observations. Comes out: findings, so that a wrong rule stops a check and not the sixth
stage of a build. Loaders are those of the stages, so that a check accepts what a build accepts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.checks.newest.rules import FILE as LIMITS
from reporter.checks.newest.rules import limits
from reporter.domain.errors import Finding, ReporterError
from reporter.domain.periods import iso, parse_period, parse_quarter
from reporter.inputs.workspace import SETTINGS_FILE, Workspace
from reporter.measures import annex
from reporter.surveys.rules import cleaning_rules, reading_aliases
from reporter.surveys.sampling import read_plan

SURVEYS = ("employer", "worker")


def check(workspace: Workspace, history: pd.DataFrame) -> list[Finding]:
    """Findings of all of them."""
    root = workspace.root
    found = [
        *_tried("rules/survey_cleaning.toml", lambda: cleaning_rules(root)),
        *_tried("rules/survey_reading.toml", lambda: reading_aliases(root)),
        *_tried(f"rules/{LIMITS}", lambda: limits(root)),
        *_tried("annex", lambda: annex.load(root)),
        *_base_period(workspace, history),
    ]
    for survey in SURVEYS:
        path = root / "surveys" / f"plan-{survey}.csv"
        if path.exists():
            found += _plan(path, workspace)
    return found


def _tried(where: str, load: Callable[[], Any]) -> list[Finding]:
    try:
        load()
    except ReporterError as error:
        return list(error.findings) or [Finding("error", where, error.th, error.en, rule="declaration")]
    return []


def _plan(path: Path, workspace: Workspace) -> list[Finding]:
    where = f"surveys/{path.name}"
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
