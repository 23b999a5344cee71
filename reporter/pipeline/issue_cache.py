"""Cache of finished issues and of input checks. Its keys cover everything that an issue or a check was made from.

Goes in: a ``BuildRequest``. Comes out: the same bytes as ``build.build`` writes, or the findings of the check. The key holds every
file of the workspace and of the earlier issues that are compared with, the request, the program's files, fonts and libraries.
Of the clock only one thing counts for an issue: a value known later than the day of the build would have been left out, so
the issue is good until that day. A check is good for its day: it finds values that are dated in the future.

A build that finds nothing to do loads this module and nothing that computes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.domain.errors import Finding, in_order, severity_counts
from reporter.domain.periods import PeriodError, iso, parse_quarter, today_in_bangkok
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
    """Cache, worker processes and progress bar, passed to every stage."""

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
    """Summary for the operator at the end: where the issue is, its headline, how many findings."""
    counts = severity_counts(issue.findings)
    value = issue.headline["labour_index"]["value"]
    headline = "" if value is None else f" ดัชนีเศรษฐกิจแรงงาน {value:.1f} จุด"
    return [
        f"เสร็จแล้ว: {issue.folder}{headline} (ข้อผิดพลาด {counts['error']} คำเตือน {counts['warning']} ข้อสังเกต {counts['note']})",
        f"Done: {issue.folder} ({counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes in qa.json)",
    ]


_ISSUE = "issue"
_NUMBERS = "numbers"
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
_TEXTS = frozenset({"commentary"})  # folders of a workspace whose files change words only
_ELSEWHERE = frozenset({"data", "out", "jobs", "cache"})  # where and how, not what
# Folders of a workspace that no build reads: answers of the services as they came (builds read the store), and examples.
NOT_READ = frozenset({"snapshots", "checked", "examples"})


@dataclass(frozen=True)
class CachedIssue:
    """What a build made, with its files, in the cache.

    day, until  a build on ``day`` or later, but before ``until``, gives the same
    files       path in the issue's folder -> key of its bytes
    made        the finished issue without its folder, or its numbers
    """

    day: dt.date
    until: dt.date
    files: dict[str, str]
    made: Any


@dataclass(frozen=True)
class InputCheck:
    """Which check of the inputs: of this workspace, for this quarter, as strict as for a final issue."""

    root: Path
    quarter: pd.Period | None
    is_final: bool


def checked_inputs(asked: InputCheck, cache: StageCache, check: Callable[[], list[Finding]]) -> list[Finding]:
    """Findings of the check of the data, from the cache where every file but the texts is as it was today, and of the texts.

    check   checks the data (``reporter.checks.check_data``)
    """
    from reporter.inputs.commentary import check_texts

    try:
        files = _workspace_files(asked.root, without=_TEXTS) if cache else {}
    except OSError:  # a file that cannot be read is a finding, not a key
        found = check()
    else:
        made_from = (files, asked.quarter, asked.is_final, today_in_bangkok())
        found = cache.result("input_check", made_from, check)
    return in_order([*found, *check_texts(asked.root, asked.quarter)])


def key(request: BuildRequest) -> str:
    """Key of the issue; empty without a cache or where the workspace cannot be read, which the build then reports."""
    return _key(request)


def numbers_key(request: BuildRequest, factors: Any) -> str:
    """Key of all of an issue that the analysts' texts do not touch; of what they write only the factors become a table."""
    return _key(request, factors, without=_TEXTS)


def _key(request: BuildRequest, *more: Any, without: frozenset[str] = frozenset()) -> str:
    if request.cache is None:
        return ""
    asked = {
        item.name: getattr(request, item.name)
        for item in dataclasses.fields(request)
        if item.name not in _ELSEWHERE
    }
    try:
        files = _workspace_files(request.data, request.out, without=without)
        return StageCache(request.cache).key(
            (asked, files, _earlier_files(request.out, request.quarter), *more)
        )
    except OSError:
        return ""


def restored(request: BuildRequest, progress: Progress) -> BuiltIssue | None:
    """Put the cached issue in its place; None when there is none for these inputs, or it is not whole."""
    found = _kept(request, _ISSUE, key(request))
    if found is None:
        return None
    issue, contents = found
    progress.stage(
        "ข้อมูลนำเข้าไม่เปลี่ยน ใช้ฉบับที่สร้างไว้แล้ว", "nothing has changed: taking the issue as it was built"
    )
    target = request.out / iso(request.quarter)
    if _is_there(target, contents):
        clear_away(target)
    else:
        with new_folder(target) as folder:
            _put(contents, folder)
    return dataclasses.replace(issue, folder=target)


def store(request: BuildRequest, found: str, issue: BuiltIssue, until: dt.date) -> None:
    """Keep a finished issue.

    found  the key as it was before the build; inputs that changed meanwhile are not kept
    until  the day from which on it is out of date (``good_until``)
    """
    if found and key(request) == found:
        _keep(request, _ISSUE, found, issue.folder, dataclasses.replace(issue, folder=Path()), until)


def restored_numbers(request: BuildRequest, found: str, folder: Path) -> Any:
    """The numbers kept under this key, with their files put into the folder; None where there are none, or not all."""
    kept = _kept(request, _NUMBERS, found)
    if kept is None:
        return None
    _put(kept[1], folder)
    return kept[0]


def store_numbers(request: BuildRequest, found: str, folder: Path, numbers: Any, until: dt.date) -> None:
    """Keep the numbers, and the files that the folder holds now."""
    if found:
        _keep(request, _NUMBERS, found, folder, numbers, until)


def good_until(known: pd.Series) -> dt.date:
    """The day on which the first value becomes known that is not known today.

    known  days on which the values of the workspace became known (table ``observations``, ``as_of``)
    """
    later = known[known >= pd.Timestamp(today_in_bangkok()) + pd.Timedelta(days=1)]
    return dt.date.max if later.empty else later.min().date()


def _kept(request: BuildRequest, stage: str, found: str) -> tuple[Any, dict[str, bytes]] | None:
    """What is kept under the key, with the bytes of its files; None where it is out of date or not whole."""
    cache = StageCache(request.cache)
    kept: CachedIssue | None = cache.stored(stage, found) if found else None
    if kept is None or not (request.as_of or kept.day <= today_in_bangkok() < kept.until):
        return None
    contents = {path: cache.stored(_FILE, name) for path, name in kept.files.items()}
    return None if any(content is None for content in contents.values()) else (kept.made, contents)


def _keep(request: BuildRequest, stage: str, found: str, folder: Path, made: Any, until: dt.date) -> None:
    cache, files = StageCache(request.cache), {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = files[path.relative_to(folder).as_posix()] = digest(content)
            if not cache.has(_FILE, name):
                cache.store(_FILE, name, content)
    cache.store(stage, found, CachedIssue(today_in_bangkok(), until, files, made))


def _put(contents: dict[str, bytes], folder: Path) -> None:
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


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


def _workspace_files(
    root: Path, out: Path | None = None, *, without: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Path and digest of every file of the workspace but those folders; an ``out`` inside it is no input."""
    found = {}
    for folder, folders, names in os.walk(root, onerror=_raise, followlinks=True):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in (NOT_READ | without if here == root else ())
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
