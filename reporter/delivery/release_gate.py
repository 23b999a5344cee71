"""What must be true before an issue leaves the house: files as built, final, signed off, after its embargo.

Goes in: the issue's folder, the time, the workspace's calendar. Comes out: a ``Releasable`` or a StateError that says what
forbids it. ``send`` and ``publish`` both ask here. Checks and approvals are those of ``reporter.delivery.release_log``; a draft or
an issue without them passes only as a rehearsal, which is marked in every message and on every page; an embargo is never
rehearsed away. Of all moments of release that are known the latest holds: the issue's own, that of its approval, those of the
workspace's calendar and settings, and the one that the website announces.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery import release_log
from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import parse_quarter
from reporter.inputs.calendar import BANGKOK, read_calendar
from reporter.inputs.workspace import read_settings, require_workspace
from reporter.pipeline import manifest
from reporter.runtime import program


@dataclass(frozen=True)
class Releasable:
    """An issue that may go out; ``mark`` is empty, or says what every message must show (ฉบับร่าง)."""

    folder: Path
    content: Mapping[str, Any]
    digest: str
    mark: str


def require_releasable(
    folder: Path,
    allow_draft: bool,
    *,
    now: dt.datetime,
    only_preview: bool = False,
    workspace: Path | None = None,
    announced: dt.datetime | None = None,
) -> Releasable:
    """Refuse an issue that must not go out.

    allow_draft   a draft or an issue without sign-off passes, marked; its files and its embargo are checked all the same
    only_preview  nothing leaves the house: sign-off and embargo are not asked for
    workspace     its calendar may put the release off after the issue was built: the later moment counts
    announced     the moment of release that the website announces, where it announces one
    Raises        StateError naming what forbids it; InputError for a broken manifest or calendar, or a workspace that is not there
    """
    content = manifest.read(folder)
    if changed := manifest.changed_files(folder, content):
        listed = ", ".join(changed[:5]) + (" ..." if len(changed) > 5 else "")
        raise StateError(
            f"แฟ้มใน {folder} ไม่ตรงกับ manifest: {listed} — สร้างและอนุมัติฉบับใหม่ก่อน",
            f"Files in {folder} do not match the manifest: {listed}; build and approve the issue again first.",
        )
    release_log.require_one_headline(folder)
    mark = _mark(folder, content, allow_draft, only_preview, workspace)
    until = max(
        (moment for moment in (declared_release(folder, content, workspace), announced) if moment),
        default=None,
    )
    if until is not None and now < until and not only_preview:
        raise StateError(
            f"ยังไม่พ้นเวลาห้ามเผยแพร่ {until:%Y-%m-%d %H:%M %z} — ส่งหรือเผยแพร่ได้หลังเวลานั้น",
            f"The issue is under embargo until {until.isoformat()}; send or publish it after that.",
        )
    return Releasable(folder, content, program.sha256(folder / manifest.NAME), mark)


def _mark(
    folder: Path, content: Mapping[str, Any], allow_draft: bool, only_preview: bool, workspace: Path | None
) -> str:
    """The mark of a rehearsal, or empty. Raises StateError when the issue needs one and may not be rehearsed."""
    if content.get("status") != "final":
        if not allow_draft:
            raise StateError(
                f"{folder} เป็นฉบับร่าง จึงส่งหรือเผยแพร่ไม่ได้ — สร้างด้วย reporter build --final หรือซ้อมด้วย --allow-draft",
                f"{folder} is a draft and may not go out; build it with --final, or rehearse with --allow-draft.",
            )
        return "ฉบับร่าง"
    needed = read_settings(workspace).approvers if workspace is not None else 1
    is_rehearsal = allow_draft or only_preview
    if release_log.is_approved(folder, needed):
        if not is_rehearsal:
            release_log.require_checked(folder)
        if release_log.is_checked(folder):
            return ""
    if not is_rehearsal:
        persons = release_log.approved_by(folder)
        needed = max(needed, release_log.approvals_needed(folder))
        so_far = f" ({', '.join(persons)}: {len(persons)}/{needed})" if persons else ""
        raise StateError(
            f"{folder} ยังไม่ได้รับการอนุมัติครบ{so_far} — สั่ง reporter approve ก่อน หรือซ้อมด้วย --allow-draft",
            f"{folder} has not been approved{so_far}; run reporter approve first, or rehearse with --allow-draft.",
        )
    return "ยังไม่อนุมัติ"


def declared_release(folder: Path, content: Mapping[str, Any], workspace: Path | None) -> dt.datetime | None:
    """The latest moment of release that the issue, its approvals, and the workspace's calendar and settings know."""
    moments = [embargo_of(content)]
    moments += [embargo_of({"embargo": entry.embargo}) for entry in release_log.events(folder)]
    if workspace is not None:
        moments += _workspace_moments(workspace, parse_quarter(str(content["quarter"])))
    return max((moment for moment in moments if moment is not None), default=None)


def _workspace_moments(workspace: Path, quarter: pd.Period) -> list[dt.datetime | None]:
    """What the workspace says of a quarter's release now: its calendar, and the embargo of its settings."""
    require_workspace(workspace)
    calendar, problems = read_calendar(workspace)
    if problems:
        raise InputError(
            "อ่านกำหนดการเผยแพร่ calendar.toml ไม่ได้ จึงไม่ส่งและไม่เผยแพร่ — แก้ไขตามรายการข้างต้น",
            "calendar.toml is wrong, so nothing leaves; mend it as listed.",
            problems,
        )
    settings = read_settings(workspace)
    # An embargo of the settings speaks of one issue: of the quarter that had ended when it falls.
    embargo = embargo_of({"embargo": settings.embargo})
    is_of_this = (
        embargo is not None and quarter.end_time.date() < embargo.date() <= (quarter + 1).end_time.date()
    )
    return [calendar.release_of(quarter), embargo if is_of_this else None]


def embargo_of(content: Mapping[str, Any]) -> dt.datetime | None:
    """The moment before which nothing may leave; a date means its first minute, Bangkok time.

    Raises StateError for a text that is no date: an embargo that cannot be read is kept, not ignored.
    """
    text = str(content.get("embargo") or "").strip()
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise StateError(
            f'อ่านเวลาห้ามเผยแพร่ "{text}" ไม่ได้ — เขียนแบบ 2025-11-14T10:00+07:00 ใน workspace.toml แล้วสร้างใหม่',
            f'Cannot read the embargo "{text}"; write 2025-11-14T10:00+07:00 in workspace.toml and build again.',
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BANGKOK)
