"""One issue into the website: check, place, copy, record, then make again everything that derives from the archive.

Goes in: a ``PublishRequest``. Comes out: the site with the issue in it, or exactly as it was. Also here: making all derived pages again,
and withdrawing a version, which stays where it is and says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.built_issue import read_document
from reporter.delivery.corrections import compare
from reporter.delivery.release_gate import Releasable, require_releasable
from reporter.delivery.site import calendar, derived, metadata
from reporter.delivery.site.archive import (
    RECORD,
    SUMS,
    WITHDRAWN,
    Archive,
    Record,
    place,
    records,
    require_as_logged,
    require_unchanged,
    sums,
)
from reporter.delivery.site.assets import write_assets
from reporter.delivery.site.pages import Pages
from reporter.delivery.site.record import Facts, dashboard_script, issue_record
from reporter.delivery.site.tree import NextSite, next_site, site_key, write
from reporter.domain.declarations import Declarations
from reporter.domain.errors import StateError
from reporter.domain.periods import iso
from reporter.inputs import declared
from reporter.inputs.workspace import read_settings
from reporter.pipeline import manifest

# Findings and waivers are the office's own; what the public needs is that they were looked at (docs/release.md).
_OF_THE_OFFICE = ("qa.html", "qa.json")
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
    issue = require_releasable(
        folder,
        request.allow_draft,
        now=request.now,
        workspace=request.data,
        announced=calendar.state_of(request.site).releases.get(request.quarter),
    )
    declarations = declared.load(request.data)
    with next_site(request.site, request.out) as site:
        archive = records(site.root)
        checked = _require_whole(site.root, archive, request.out)
        versions = archive.get(request.quarter, [])
        number = int(issue.content.get("version", 1))
        placement = place(request.quarter, issue.digest, number, versions, request.correction)
        _refuse_other_bytes(request, issue, number)
        write_assets(site)
        added = None
        if not placement.is_published:
            added = _add_version(site, issue, request, versions, declarations)
            archive = dict(sorted({**archive, request.quarter: [*versions, added]}.items()))
        calendar.remember(
            site,
            request.data,
            website=_website(request.data, archive, site),
            today=_today(request, placement.is_published, site),
        )
        derived.write_derived(site, archive, declarations, changed=request.quarter)
    record = archive[request.quarter][-1] if added is None else added
    _note_publication(request, issue, record)
    website = calendar.state_of(request.site).website
    walked = (
        f"ตรวจแฟ้มที่เผยแพร่ไว้ {checked} แฟ้ม ไม่มีที่หายหรือเปลี่ยน",
        f"{checked} published files checked: none is missing, none has changed",
    )
    return Published(
        page=request.site / archive[request.quarter][-1].issue_path / "index.html",
        version=placement.version,
        is_new=not placement.is_published,
        notes=[walked] if website else [walked, _NO_ADDRESS],
    )


def _require_whole(site: Path, archive: Archive, out: Path) -> int:
    """All that was ever published is there as it was, by the checksums and by the log; the number of files. Raises StateError."""
    require_as_logged(site, archive, out)
    return require_unchanged(site, archive, out / "site-checks" / f"{site_key(site)}.json")


def _refuse_other_bytes(request: PublishRequest, issue: Releasable, number: int) -> None:
    """A site made anew gets what was published under a version before, or nothing. Raises StateError."""
    site = str(request.site.resolve())
    for entry in release_log.read_log(request.out):
        is_this = (entry.event, entry.quarter, entry.version, entry.site) == (
            "published",
            iso(request.quarter),
            number,
            site,
        )
        if is_this and entry.manifest != issue.digest and not issue.mark:
            raise StateError(
                f"{entry.quarter} ฉบับที่ {number} เผยแพร่ใน {site} แล้วด้วยเนื้อหาอื่น — กู้คืนเว็บไซต์จากสำเนาสำรอง แล้วเผยแพร่เป็นฉบับแก้ไข",
                f"{entry.quarter} version {number} was published in {site} with other content; restore the site and publish a correction.",
            )


def _website(data: Path | None, archive: Archive, site: NextSite) -> str:
    """The address of the website as the workspace says it now, else as the site knows it, else as the newest issue did."""
    if data is not None and (website := read_settings(data).website):
        return website.rstrip("/")
    newest = archive[max(archive)][-1]
    return calendar.state_of(site.root).website or str(newest.content["website"])


def _today(request: PublishRequest, is_published: bool, site: NextSite) -> dt.date:
    """The day on which the pages are made; publishing the same again changes nothing, so their day stays."""
    kept = calendar.state_of(site.root).today
    return kept if is_published and kept is not None else request.now.astimezone(calendar.BANGKOK).date()


def _note_publication(request: PublishRequest, issue: Releasable, record: Record) -> None:
    """One line in the release log a publication; also where a kill came between the website and the log."""
    if issue.mark or record.content["manifest_sha256"] != issue.digest:
        return
    site = str(request.site.resolve())
    if any(
        entry.event == "published" and entry.site in ("", site) for entry in release_log.events(issue.folder)
    ):
        return
    listed = (request.site / record.path / SUMS).read_bytes()
    release_log.record(
        issue.folder,
        "published",
        who="reporter publish",
        when=request.now.isoformat(timespec="seconds"),
        note=f"v{record.version}",
        details={
            "site": site,
            "archive": hashlib.sha256(listed).hexdigest(),
            "correction": str(record.content["correction"]),
        },
    )


def rebuild(
    site: Path, *, data: Path | None = None, out: Path | None = None, now: dt.datetime | None = None
) -> Path:
    """Make everything that derives from the archive again, with the templates, the address and the calendar of now.

    Published versions stay as they are; returns the first page. Raises StateError for a folder without issues, or with a
    changed version.

    out   folder of the built issues, whose release log is compared
    now   without it the pages keep their day
    """
    declarations = declared.load(data)
    if not records(site):
        raise StateError(
            f"{site} ยังไม่มีฉบับที่เผยแพร่ — เผยแพร่ฉบับแรกด้วย reporter publish -q",
            f"{site} holds no published issue; publish the first one with reporter publish -q.",
        )
    with next_site(site, out) as following:
        archive = records(following.root)
        require_unchanged(following.root, archive)
        if out is not None and out.is_dir():
            require_as_logged(following.root, archive, out)
        write_assets(following)
        today = now.astimezone(calendar.BANGKOK).date() if now else calendar.state_of(site).today
        today = today or max(_day(record) for rows in archive.values() for record in rows)
        calendar.remember(following, data, website=_website(data, archive, following), today=today)
        derived.write_derived(following, archive, declarations)
    return site / "index.html"


def _day(record: Record) -> dt.date:
    return dt.date.fromisoformat(str(record.content["published"]))


def withdraw(request: PublishRequest, version: int, reason: str) -> Path:
    """Say on every page about a published version that it is withdrawn, and why; its files stay. Returns its status page.

    Raises StateError for a version that was not published
    """
    declarations = declared.load(request.data)
    with next_site(request.site, request.out) as site:
        archive = records(site.root)
        _require_whole(site.root, archive, request.out)
        versions = archive.get(request.quarter, [])
        record = next((record for record in versions if record.version == version), None)
        if record is None or not reason.strip():
            raise StateError(
                f"ไม่มี {iso(request.quarter)} ฉบับที่ {version} ในเว็บไซต์ หรือไม่ได้ระบุเหตุผล",
                f"{iso(request.quarter)} version {version} is not on the website, or no reason was given.",
            )
        path = f"{record.issue_path}/{WITHDRAWN}"
        kept = json.loads(site.read(path)) if site.exists(path) else {}
        kept[str(version)] = {"when": request.now.isoformat(timespec="seconds"), "reason": reason.strip()}
        site.write(path, _json(kept))
        archive = {
            **archive,
            request.quarter: [
                Record(item.quarter, item.version, item.content, kept.get(str(item.version), {}))
                for item in versions
            ],
        }
        write_assets(site)
        derived.write_derived(site, archive, declarations, changed=request.quarter)
    folder = request.out / iso(request.quarter)
    if (folder / manifest.NAME).exists():
        when = request.now.isoformat(timespec="seconds")
        release_log.record(
            folder, "retracted", who="reporter publish", when=when, note=f"v{version}: {reason.strip()}"
        )
    return request.site / record.status_path / "index.html"


def _add_version(
    site: NextSite,
    issue: Releasable,
    request: PublishRequest,
    versions: list[Record],
    declarations: Declarations,
) -> Record:
    """The version's folder: the issue's files as built, its record, its own pages and data descriptions."""
    document = read_document(issue.folder)
    log = release_log.read_log(request.out)
    before = compare(site.root / versions[-1].path, issue.folder).record() if versions else {}
    settings = issue.content["parameters"]["settings"]
    withheld_names = () if settings.get("publish_qa", False) else _OF_THE_OFFICE
    facts = Facts(
        withheld=withheld_names,
        manifest=_public_manifest(issue, withheld_names),
        correction=request.correction,
        changes=before,
        published=request.now,
        log_head=log[-1].digest if log and not issue.mark else "",
    )
    content = issue_record(issue, document, declarations, facts)
    record = Record(request.quarter, content["version"], content)
    folder = site.new_folder(record.path)
    withheld = shutil.ignore_patterns(*facts.withheld)
    shutil.copytree(issue.folder, folder, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=withheld)
    write(folder / manifest.NAME, facts.manifest)
    write(folder / RECORD, _json(content))
    write(folder / "datapackage.json", _json(metadata.datapackage(record)))
    write(folder / "dashboard.js", dashboard_script(issue.folder, request.quarter, declarations, content))
    pages = Pages(newest=record)
    write(folder / "index.html", pages.version(record))
    write(folder / "read.html", pages.reading(record, document.html()))
    write(folder / SUMS, sums(folder))
    return record


def _public_manifest(issue: Releasable, withheld: Sequence[str]) -> bytes:
    """The manifest as it is published: as built, or without the waivers where these stay in the office."""
    if not withheld or not issue.content.get("waivers"):
        return (issue.folder / manifest.NAME).read_bytes()
    public = {key: value for key, value in issue.content.items() if key != "waivers"}
    more = {"withheld": ["waivers", *withheld], "sha256_as_built": issue.digest}
    return _json({**public, **more}).encode("utf-8")


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
