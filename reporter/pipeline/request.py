"""What a build is asked for, what it works with, and what it answers: light enough for a build that finds nothing to do."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.domain.errors import Finding

if TYPE_CHECKING:
    from reporter.runtime.cache import StageCache
    from reporter.runtime.executor import Executor
    from reporter.runtime.progress import Progress

STAGES = 9


@dataclass(frozen=True)
class BuildRequest:
    """What ``reporter build`` was asked for; ``cache`` is a folder, or None to keep nothing.

    annexes  volumes beside the report, of ``reporter.commands.ANNEXES``
    """

    quarter: pd.Period
    data: Path
    out: Path
    jobs: int = 1
    is_final: bool = False
    as_of: dt.date | None = None
    version: int = 1
    cache: Path | None = None
    annexes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resources:
    """What every stage may use: results of earlier builds, worker processes, the operator's progress bar."""

    cache: StageCache
    executor: Executor
    progress: Progress


@dataclass(frozen=True)
class BuiltIssue:
    """A finished issue: its folder, its headline, what QA found."""

    folder: Path
    headline: dict[str, Any]
    findings: list[Finding]


def summary(issue: BuiltIssue) -> list[str]:
    """What the operator is told at the end: where the issue is, its headline, how many findings."""
    counts = Counter(item.severity for item in issue.findings)
    value = issue.headline["labour_index"]["value"]
    headline = "" if value is None else f" ดัชนีเศรษฐกิจแรงงาน {value:.1f} จุด"
    return [
        f"เสร็จแล้ว: {issue.folder}{headline} (ข้อผิดพลาด {counts['error']} คำเตือน {counts['warning']} ข้อสังเกต {counts['note']})",
        f"Done: {issue.folder} ({counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes in qa.json)",
    ]
