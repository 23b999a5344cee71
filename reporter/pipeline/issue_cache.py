"""What a build is asked for, and finished issues and checks of the inputs kept under a key of everything they were made from.

Goes in: a request. Comes out: the same bytes as ``build.build`` writes, or the findings of the check. The key holds every
file of the workspace and of the earlier issues that are compared with, the request, the program's files, fonts and libraries.
Of the clock only one thing counts for an issue: a value known later than the day of the build would have been left out, so
the issue is good until that day. A check is good for its day: it finds values that are dated in the future.

A build that finds nothing to do loads this module and nothing that computes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.domain.errors import Finding
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.runtime import program
from reporter.runtime.cache import StageCache, clear_away, digest, new_folder

if TYPE_CHECKING:
    from reporter.runtime.program import Executor, Progress

STAGES = 9
MANIFEST = "manifest.json"
# Tables of an earlier issue that the comparison with it reads; the second ones where it has them: a first issue has no
# forecast of its own quarters, issues before 2026 no history of what moved.
COMPARED = ("series", "weights", "labour_index", "detrending", "indicator_status")
COMPARED_WHERE_THERE = ("forecast", "moved_history")


@dataclass(frozen=True)
class BuildRequest:
    """What ``reporter build`` was asked for; ``cache`` is a folder, or None to keep nothing.

    annexes    volumes beside the report, of ``reporter.commands.ANNEXES``
    languages  of the issue; empty takes those of ``workspace.toml``
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
    languages: tuple[str, ...] = ()


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


_STAGE = "issue"
_FILE = "file"
_DRAFT = "draft"
_NOT_WRITTEN_FROM = frozenset(
    (
        "annex",
        "confidence_change",
        "employer_actions_by_group",
        "priorities_by_group",
        "traits_by_group",
    )
)
_ELSEWHERE = frozenset({"data", "out", "jobs", "cache"})  # where and how, not what
_NOT_READ = frozenset(
    {"snapshots", "checked", "examples"}
)  # answers of the services as they came; builds read the store


@dataclass(frozen=True)
class CachedIssue:
    """A finished issue in the cache.

    day, until  a build on ``day`` or later, but before ``until``, gives this issue
    files       path in the issue's folder -> key of its bytes
    issue       headline and findings; its folder is set anew
    """

    day: dt.date
    until: dt.date
    files: dict[str, str]
    issue: BuiltIssue


@dataclass(frozen=True)
class InputCheck:
    """Which check of the inputs: of this workspace, for this quarter, as strict as for a final issue."""

    root: Path
    quarter: pd.Period | None
    is_final: bool


def checked_inputs(asked: InputCheck, cache: StageCache, check: Callable[[], list[Finding]]) -> list[Finding]:
    """Findings of the check, from the cache where every file of the workspace is as it was today."""
    try:
        files = _workspace_files(asked.root) if cache else {}
    except OSError:  # a file that cannot be read is a finding, not a key
        return check()
    made_from = (files, asked.quarter, asked.is_final, dt.date.today())
    return cache.result("input_check", made_from, check)


def key(request: BuildRequest) -> str:
    """Key of the issue; empty without a cache or where the workspace cannot be read, which the build then tells."""
    if request.cache is None:
        return ""
    asked = {
        item.name: getattr(request, item.name)
        for item in dataclasses.fields(request)
        if item.name not in _ELSEWHERE
    }
    try:
        read = _workspace_files(request.data, request.out), _earlier_files(request.out, request.quarter)
        return StageCache(request.cache).key((asked, *read))
    except OSError:
        return ""


def restored(request: BuildRequest, progress: Progress) -> BuiltIssue | None:
    """Put the cached issue in its place; None when there is none for these inputs, or it is not whole."""
    cache, found = StageCache(request.cache), key(request)
    kept: CachedIssue | None = cache.stored(_STAGE, found) if found else None
    if kept is None or not (request.as_of or kept.day <= dt.date.today() < kept.until):
        return None
    contents = {path: cache.stored(_FILE, name) for path, name in kept.files.items()}
    if any(content is None for content in contents.values()):
        return None
    progress.stage(
        "ข้อมูลนำเข้าไม่เปลี่ยน ใช้ฉบับที่สร้างไว้แล้ว", "nothing has changed: taking the issue as it was built"
    )
    target = request.out / iso(request.quarter)
    if _is_there(target, contents):
        clear_away(target)
    else:
        with new_folder(target) as folder:
            for path, content in contents.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
    return dataclasses.replace(kept.issue, folder=target)


def store(request: BuildRequest, found: str, issue: BuiltIssue, known: pd.Series) -> None:
    """Keep a finished issue.

    found  the key as it was before the build; inputs that changed meanwhile are not kept
    known  days on which the values of the workspace became known (table ``observations``, ``as_of``)
    """
    if not found or key(request) != found:
        return
    cache, today = StageCache(request.cache), dt.date.today()
    later = known[known >= pd.Timestamp(today) + pd.Timedelta(days=1)]
    until = dt.date.max if later.empty else later.min().date()
    files = {}
    for path in sorted(issue.folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = files[path.relative_to(issue.folder).as_posix()] = digest(content)
            cache.store(_FILE, name, content)
    cache.store(_STAGE, found, CachedIssue(today, until, files, dataclasses.replace(issue, folder=Path())))


def keep_draft(cache: StageCache, folder: Path, parts: Any) -> None:
    """Keep what an issue was written from, so that texts can be tried on it without computing it again.

    parts  findings, figures, tables and context; found again by the issue's manifest (``kept_draft``)
    The large tables that no sentence is written from are left out: the desk holds a draft in memory.
    """
    described, context = parts
    tables = {name: table for name, table in described.tables.items() if name not in _NOT_WRITTEN_FROM}
    parts = dataclasses.replace(described, tables=tables), context
    cache.store(_DRAFT, cache.key(program.sha256(folder / MANIFEST)), parts)


def kept_draft(cache: StageCache, folder: Path) -> Any:
    """What ``keep_draft`` kept for exactly the issue in the folder, by this program; None where there is nothing."""
    path = folder / MANIFEST
    return cache.stored(_DRAFT, cache.key(program.sha256(path))) if path.is_file() else None


def _workspace_files(root: Path, out: Path | None = None) -> dict[str, str]:
    """Path and digest of every file of the workspace; an ``out`` inside it is no input."""
    found = {}
    for folder, folders, names in os.walk(root, onerror=_raise, followlinks=True):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in (_NOT_READ if here == root else ())
            and (out is None or (here / name).absolute() != out.absolute())
        )
        for name in sorted(names):
            found[(here / name).relative_to(root).as_posix()] = program.sha256(here / name)
    return found


def _raise(error: OSError) -> None:
    raise error


def _earlier_files(out: Path, quarter: pd.Period) -> dict[str, str]:
    """Path and digest of what is read of the earlier issues in ``out``."""
    found = {}
    names = [MANIFEST, *(f"tables/{name}.csv" for name in (*COMPARED, *COMPARED_WHERE_THERE))]
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        try:
            is_earlier = parse_quarter(folder.name) < quarter
        except PeriodError:
            continue
        for name in names if is_earlier else ():
            if (folder / name).is_file():
                found[f"{folder.name}/{name}"] = program.sha256(folder / name)
    return found


def _is_there(target: Path, contents: dict[str, bytes]) -> bool:
    """Whether the folder holds exactly these files already."""
    if not target.is_dir():
        return False
    present = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    return present == contents.keys() and all(
        (target / path).read_bytes() == content for path, content in contents.items()
    )
