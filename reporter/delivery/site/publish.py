"""One issue into the website: check, place, copy, record, then make again everything that derives from the archive.

Goes in: a ``PublishRequest``. Comes out: the site with the issue in it, in one step, or exactly as it was.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.release_gate import Releasable, require_releasable
from reporter.delivery.site import (
    calendar,
    dashboard,
    derived,
    metadata,
)
from reporter.delivery.site.archive import (
    RECORD,
    SUMS,
    Record,
    place,
    records,
    require_unchanged,
    sums,
)
from reporter.delivery.site.assets import write_assets
from reporter.delivery.site.extract import read_report
from reporter.delivery.site.pages import Pages
from reporter.delivery.site.record import issue_record
from reporter.delivery.site.tree import next_site, write
from reporter.domain.declarations import Declarations
from reporter.domain.errors import StateError
from reporter.domain.periods import iso
from reporter.inputs import declared

_NO_ADDRESS = (
    "ไม่มีที่อยู่เว็บไซต์ (website ใน workspace.toml) จึงไม่ได้สร้าง sitemap.xml",
    "workspace.toml declares no website, so sitemap.xml was not written",
)


@dataclass(frozen=True)
class PublishRequest:
    """What ``reporter publish`` was asked for; ``now`` is the time of publication, with its zone."""

    quarter: pd.Period
    out: Path
    site: Path
    now: dt.datetime
    data: Path | None = None
    allow_draft: bool = False
    correction: str = ""


@dataclass(frozen=True)
class Published:
    """Where the issue stands; ``is_new`` False when exactly this was published before."""

    page: Path
    version: int
    is_new: bool
    notes: list[tuple[str, str]] = field(default_factory=list)


def publish(request: PublishRequest) -> Published:
    """Publish a built issue. Raises StateError for what may not be published, InputError for a broken issue."""
    folder = request.out / iso(request.quarter)
    issue = require_releasable(folder, request.allow_draft, now=request.now, workspace=request.data)
    declarations = declared.load(request.data if request.data and request.data.is_dir() else None)
    with next_site(request.site) as site:
        archive = records(site)
        versions = archive.get(request.quarter, [])
        placement = place(request.quarter, issue.digest, versions, request.correction)
        for record in versions:
            require_unchanged(site, record)
        write_assets(site)
        if not placement.is_published:
            added = _add_version(site, issue, request, placement.version, declarations)
            archive = dict(sorted({**archive, request.quarter: [*versions, added]}.items()))
        calendar.remember(site, request.data)
        derived.write_derived(site, archive, declarations, changed=request.quarter)
    if not placement.is_published and not issue.mark:
        release_log.record(
            folder,
            "published",
            who="reporter publish",
            when=request.now.isoformat(timespec="seconds"),
            note=f"v{placement.version}",
        )
    newest = archive[max(archive)][-1]
    return Published(
        page=request.site / archive[request.quarter][-1].issue_path / "index.html",
        version=placement.version,
        is_new=not placement.is_published,
        notes=[] if newest.content["website"] else [_NO_ADDRESS],
    )


def rebuild(site: Path, *, data: Path | None = None) -> Path:
    """Make everything that derives from the archive again, with the templates of now; returns the first page.

    Published versions stay as they are. Raises StateError for a folder without issues, or with a changed version.
    """
    declarations = declared.load(data if data and data.is_dir() else None)
    if not records(site):
        raise StateError(
            f"{site} ยังไม่มีฉบับที่เผยแพร่ — เผยแพร่ฉบับแรกด้วย reporter publish -q",
            f"{site} holds no published issue; publish the first one with reporter publish -q.",
        )
    with next_site(site) as folder:
        archive = records(folder)
        for versions in archive.values():
            for record in versions:
                require_unchanged(folder, record)
        write_assets(folder)
        calendar.remember(folder, data)
        derived.write_derived(folder, archive, declarations)
    return site / "index.html"


def _add_version(
    site: Path, issue: Releasable, request: PublishRequest, version: int, declarations: Declarations
) -> Record:
    """The version's folder: the issue's files as built, its record, its own pages and data descriptions."""
    report = read_report(issue.folder)
    content = issue_record(
        issue,
        report,
        declarations,
        version=version,
        correction=request.correction,
        published=request.now.date(),
    )
    record = Record(request.quarter, version, content)
    folder = site / record.path
    folder.mkdir(parents=True)
    shutil.copytree(issue.folder, folder, dirs_exist_ok=True, copy_function=_copy)
    write(folder / RECORD, _json(content))
    write(folder / "datapackage.json", _json(metadata.datapackage(record)))
    write(folder / "dashboard.js", dashboard.script(issue.folder, request.quarter, declarations, content))
    pages = Pages(newest=record)
    write(folder / "index.html", pages.version(record))
    write(folder / "read.html", pages.reading(record, report.body))
    write(folder / SUMS, sums(folder))
    return record


def _copy(source: str, target: str) -> str:
    """Copy bytes only: owner, rights and times of the build are not the website's."""
    shutil.copyfile(source, target)
    Path(target).chmod(0o644)
    return target


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
