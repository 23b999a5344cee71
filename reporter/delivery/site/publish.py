"""One issue into the website: check, place, copy, record, then make again everything that derives from the archive.

Goes in: a ``PublishRequest``. Comes out: the site with the issue in it, or exactly as it was. Also here: making all derived pages again,
and withdrawing a version, which stays where it is and says so.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.built_issue import compare, has_language, read_document
from reporter.delivery.release_log import Releasable, require_releasable
from reporter.delivery.site import metadata
from reporter.delivery.site.api import card, json_text, write_api
from reporter.delivery.site.archive import (
    RECORD,
    SUMS,
    WITHDRAWN,
    Archive,
    Facts,
    Record,
    issue_record,
    place,
    records,
    sums,
)
from reporter.delivery.site.pages import (
    INDICES,
    MANUALS,
    LongSeries,
    Pages,
    card_path,
    correction_lines,
    status_name,
)
from reporter.delivery.site.search import folder_of, write_dashboard, write_search
from reporter.delivery.site.tree import (
    Known,
    NextSite,
    altered_quarters,
    copy,
    next_site,
    read_known,
    remember,
    require_as_logged,
    require_unchanged,
    site_key,
    walk,
    write,
    write_assets,
)
from reporter.domain.declarations import Declarations
from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import BANGKOK, iso
from reporter.inputs import declared
from reporter.inputs.workspace import read_settings
from reporter.pipeline import manifest
from reporter.report import manual

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
    _refuse_inside(request.site, request.out, request.data)
    issue = require_releasable(
        folder,
        request.allow_draft,
        now=request.now,
        workspace=request.data,
        announced=metadata.state_of(request.site).releases.get(request.quarter),
    )
    declarations = declared.load(request.data)
    known = read_known(_checks(request.site, request.out))
    with next_site(request.site, request.out) as site:
        archive = records(site.root)
        files = _require_whole(site, archive, request.out, known)
        altered = altered_quarters(site, archive, known)
        versions = archive.get(request.quarter, [])
        number = int(issue.content.get("version", 1))
        placement = place(request.quarter, issue.digest, number, versions, request.correction)
        _refuse_other_bytes(request, issue, number)
        _refuse_emptied(request, archive, number)
        write_assets(site)
        added = None
        if not placement.is_published:
            release_log.require_not_retracted(folder, issue.content)
            if _published_here(request, issue) is None:
                _refuse_early_clock(request, archive)
            added = _add_version(site, issue, request, versions, declarations)
            archive = dict(sorted({**archive, request.quarter: [*versions, added]}.items()))
        metadata.remember(
            site,
            request.data,
            website=_website(request.data, archive, site),
            today=_today(request, placement.is_published, site),
        )
        write_derived(site, archive, declarations, changed={request.quarter, *altered}, known=known)
        walked = walk(site, known)
    remember(_checks(request.site, request.out), site, walked, archive)
    record = archive[request.quarter][-1] if added is None else added
    _note_publication(request, issue, record)
    website = metadata.state_of(request.site).website
    notes = _checked(files, walked, sorted(map(iso, altered)))
    return Published(
        page=request.site / archive[request.quarter][-1].issue_path / "index.html",
        version=placement.version,
        is_new=not placement.is_published,
        notes=notes if website else [*notes, _NO_ADDRESS],
    )


def _checks(site: Path, out: Path) -> Path:
    """Where a publish keeps what it knows of the site's files and pages for the next one."""
    return out / "site-checks" / f"{site_key(site)}.json"


def _checked(files: int, walked: Known, altered: Sequence[str]) -> list[tuple[str, str]]:
    """What was looked at, and which pages were not as they had been left."""
    pages, links = len(walked.links), sum(walked.links.values())
    found = [
        (
            f"ตรวจแฟ้มที่เผยแพร่ไว้ {files} แฟ้ม ไม่มีที่หายหรือเปลี่ยน เดินตาม {links} ลิงก์ใน {pages} หน้า ไม่มีที่เสีย",
            f"{files} published files checked: none is missing, none has changed; {links} links on {pages} pages walked: none is dead",
        )
    ]
    if altered:
        quarters = ", ".join(altered)
        found.append(
            (
                f"หน้าที่ได้จากคลังของ {quarters} ถูกแก้หรือหายไปหลังเผยแพร่ครั้งก่อน จึงสร้างใหม่",
                f"pages derived from the archive were changed or gone since the last publish, and are made again: {quarters}",
            )
        )
    return found


def _require_whole(site: NextSite, archive: Archive, out: Path, known: Known) -> int:
    """All that was ever published is there as it was, by the checksums and by the log; the number of files. Raises StateError."""
    require_as_logged(site.root, archive, out)
    return require_unchanged(site.root, archive, known, site.files)


def _refuse_inside(site: Path, *folders: Path | None) -> None:
    """Release log, ledger of addresses and list of recipients are not for the web. Raises StateError."""
    root = site.resolve()
    for folder in folders:
        if folder is not None and folder.resolve().is_relative_to(root):
            raise StateError(
                f"{folder} อยู่ใต้โฟลเดอร์เว็บไซต์ {site} ผู้อ่านเว็บจะเปิดทะเบียนการส่งและรายชื่อผู้รับได้ — ย้ายออกจากโฟลเดอร์เว็บไซต์",
                f"{folder} lies under the website's folder {site}, where readers could open the ledger and the recipients; move it elsewhere.",
            )


def _refuse_emptied(request: PublishRequest, archive: Archive, number: int) -> None:
    """An emptied site of which the log knows more than this issue is restored, not begun anew. Raises StateError."""
    site = str(request.site.resolve())
    for entry in [] if archive else release_log.read_log(request.out):
        is_here = entry.event == "published" and entry.site == site
        if is_here and (entry.quarter, entry.version) != (iso(request.quarter), number):
            raise StateError(
                f"บันทึกการเผยแพร่บอกว่า {entry.quarter} ฉบับที่ {entry.version} เผยแพร่ใน {site} แล้ว แต่โฟลเดอร์ว่าง — กู้คืนเว็บไซต์จากสำเนาสำรอง หรือเผยแพร่ลงโฟลเดอร์อื่น",
                f"The release log says that {entry.quarter} version {entry.version} was published in {site}, but the folder is empty; restore the site from a copy, or publish into another folder.",
            )


def _refuse_early_clock(request: PublishRequest, archive: Archive) -> None:
    """Times of publication stand in published bytes and order the feed: none lies before an earlier one. Raises StateError."""
    newest = max((record.moment for rows in archive.values() for record in rows), default="")
    if newest and request.now < dt.datetime.fromisoformat(newest):
        raise StateError(
            f"นาฬิกาเครื่อง ({request.now.isoformat(timespec='seconds')}) ช้ากว่าเวลาเผยแพร่ครั้งล่าสุดของเว็บไซต์ ({newest}) — ตั้งเวลาให้ถูกต้อง (timedatectl)",
            f"The clock ({request.now.isoformat(timespec='seconds')}) is behind the site's last publication ({newest}); set it right (timedatectl).",
        )


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
    return metadata.state_of(site.root).website or str(newest.content["website"])


def _today(request: PublishRequest, is_published: bool, site: NextSite) -> dt.date:
    """The day on which the pages are made; publishing the same again changes nothing, so their day stays."""
    kept = metadata.state_of(site.root).today
    return kept if is_published and kept is not None else request.now.astimezone(BANGKOK).date()


def _note_publication(request: PublishRequest, issue: Releasable, record: Record) -> None:
    """One line in the release log a publication; also where a kill came between the website and the log."""
    if issue.mark or record.content["manifest_sha256"] != issue.digest:
        return
    site = str(request.site.resolve())
    listed = (request.site / record.path / SUMS).read_bytes()
    archive = hashlib.sha256(listed).hexdigest()
    if any(
        entry.event == "published" and entry.site in ("", site) and entry.archive in ("", archive)
        for entry in release_log.events(issue.folder)
    ):
        return
    release_log.record(
        issue.folder,
        "published",
        who="reporter publish",
        when=request.now.isoformat(timespec="seconds"),
        note=f"v{record.version}",
        details={
            "site": site,
            "archive": archive,
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
    _refuse_inside(site, out, data)
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
        today = now.astimezone(BANGKOK).date() if now else metadata.state_of(site).today
        today = today or max(_day(record) for rows in archive.values() for record in rows)
        metadata.remember(following, data, website=_website(data, archive, following), today=today)
        write_derived(following, archive, declarations)
        walked = walk(following, Known())
    if out is not None and out.is_dir():
        remember(_checks(site, out), following, walked, archive)
    return site / "index.html"


def _day(record: Record) -> dt.date:
    return dt.date.fromisoformat(str(record.content["published"]))


def withdraw(request: PublishRequest, version: int, reason: str) -> Published:
    """Say on every page about a published version that it is withdrawn, and why; its files stay. Returns its status page.

    One that was withdrawn before keeps its day and its reason: pages that a killed run left are completed, nothing else changes.
    Raises StateError for a version that was not published
    """
    declarations = declared.load(request.data)
    _refuse_inside(request.site, request.out, request.data)
    known = read_known(_checks(request.site, request.out))
    with next_site(request.site, request.out) as site:
        archive = records(site.root)
        _refuse_early_clock(request, archive)
        _require_whole(site, archive, request.out, known)
        altered = altered_quarters(site, archive, known)
        versions = archive.get(request.quarter, [])
        record = next((record for record in versions if record.version == version), None)
        if record is None or not reason.strip():
            raise StateError(
                f"ไม่มี {iso(request.quarter)} ฉบับที่ {version} ในเว็บไซต์ หรือไม่ได้ระบุเหตุผล",
                f"{iso(request.quarter)} version {version} is not on the website, or no reason was given.",
            )
        is_new = not record.withdrawn
        if is_new:
            when = request.now.astimezone(BANGKOK).isoformat(timespec="seconds")
            record = replace(record, withdrawn={"when": when, "reason": reason.strip()})
            versions = [record if item.version == version else item for item in versions]
            kept = {str(item.version): item.withdrawn for item in versions if item.withdrawn}
            site.write(f"{record.issue_path}/{WITHDRAWN}", json_text(kept))
            archive = {**archive, request.quarter: versions}
        write_assets(site)
        write_derived(site, archive, declarations, changed={request.quarter, *altered}, known=known)
        walked = walk(site, known)
    remember(_checks(request.site, request.out), site, walked, archive)
    _note_withdrawal(request, record, is_new)
    return Published(request.site / record.status_path / "index.html", version, is_new)


def _note_withdrawal(request: PublishRequest, record: Record, is_new: bool) -> None:
    """One line in the release log a withdrawal; also where a kill came between the website and the log."""
    folder, begins = request.out / iso(request.quarter), f"v{record.version}:"
    if not (folder / manifest.NAME).exists() or record.content["mark"]:
        return
    is_noted = any(
        (entry.event, entry.quarter) == ("retracted", iso(request.quarter)) and entry.note.startswith(begins)
        for entry in release_log.read_log(request.out)
    )
    if is_new or not is_noted:
        release_log.record(
            folder,
            "retracted",
            who="reporter publish",
            when=record.withdrawn["when"],
            note=f"{begins} {record.withdrawn['reason']}",
        )


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
    again = _published_here(request, issue)
    before = compare(site.root / versions[-1].path, issue.folder).record() if versions else {}
    settings = issue.content.get("parameters", {}).get("settings", {})
    withheld_names = () if settings.get("publish_qa", False) else _OF_THE_OFFICE
    facts = Facts(
        withheld=withheld_names,
        manifest=_public_manifest(issue, withheld_names),
        correction=again.correction if again else request.correction,
        corrects=versions[-1].version if versions else 0,
        changes=before,
        published=dt.datetime.fromisoformat(again.when) if again else request.now,
        log_head=again.previous if again else log[-1].digest if log and not issue.mark else "",
    )
    content = issue_record(issue, document, declarations, facts)
    record = Record(request.quarter, content["version"], content)
    folder = site.new_folder(record.path)
    copy(issue.folder, folder, facts.withheld)
    write(folder / manifest.NAME, facts.manifest)
    write(folder / RECORD, json_text(content))
    write(folder / "datapackage.json", json_text(metadata.datapackage(record)))
    pages = Pages(newest=record)
    write(folder / "index.html", pages.version(record))
    write(folder / "read.html", pages.reading(record, document.html()))
    write(folder / SUMS, sums(folder))
    return record


def _published_here(request: PublishRequest, issue: Releasable) -> release_log.LogEntry | None:
    """The log's entry of the same bytes in the same folder, where that was emptied since: they get their first day again."""
    site = str(request.site.resolve())
    entries = [] if issue.mark else release_log.events(issue.folder)
    return next((entry for entry in entries if entry.event == "published" and entry.site == site), None)


def _public_manifest(issue: Releasable, withheld: Sequence[str]) -> bytes:
    """The manifest as it is published: as built, or without the waivers where these stay in the office."""
    if not withheld or not issue.content.get("waivers"):
        return (issue.folder / manifest.NAME).read_bytes()
    public = {key: value for key, value in issue.content.items() if key != "waivers"}
    more = {"withheld": ["waivers", *withheld], "sha256_as_built": issue.digest}
    return json_text({**public, **more}).encode("utf-8")


# ----------------------------------------------------------------------------------------------------
# Everything that derives from the archive: home, lists, neighbours, status pages, long series, feeds, search, calendar, dashboard.
#
# Goes in: the records and what the site keeps beside them (``calendar/declared.json``). Comes out: files of the site, equal for equal
# archives, under the website's address of now. Only the pages that a new issue touches are made again: the lists, its own pages
# and its neighbours'; with --rebuild, or where the website has moved, all.
# ----------------------------------------------------------------------------------------------------

# Sources: RFC 4287 (Atom); sitemaps.org 0.9, which knows absolute addresses only.
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FEED_ID = "urn:mol-th:labour-market-report"
_FOLDERS = (
    "",
    "issues/",
    "dashboard/",
    "how-to-read/",
    "methods/",
    "guide/",
    "guide/methods/",
    "guide/messages/",
    "data/",
    "data/sources/",
    "calendar/",
    "search/",
    "about/",
    "en/",
)


def write_derived(
    site: NextSite,
    archive: Archive,
    declarations: Declarations,
    *,
    changed: set[pd.Period] | None = None,
    known: Known | None = None,
) -> None:
    """Write all derived files. ``changed`` limits the issues' own pages to those quarters, their neighbours and missing ones.

    ``known`` is what the last publish left; without it nothing of it is carried on.

    Where the website has moved, every page is made again: addresses stand in all of them.
    """
    state = metadata.state_of_next(site)
    has_moved = metadata.state_of(site.root).website != state.website
    archive = {
        quarter: [
            replace(record, content={**record.content, "website": state.website}) for record in versions
        ]
        for quarter, versions in archive.items()
    }
    newest = [versions[-1] for versions in reversed(list(archive.values()))]
    pages = Pages(newest[0])
    touched = set(archive) if has_moved or changed is None else _with_neighbours(list(archive), changed)
    _write_issues(site, archive, touched)
    site.write("index.html", pages.home(newest, _level_words(site, newest[0])))
    site.write("issues/index.html", pages.issues(newest))
    site.write("methods/index.html", pages.methods())
    site.write("how-to-read/index.html", pages.reading_guide(declarations))
    site.write("data/sources/index.html", pages.sources(declarations))
    _write_manuals(site, pages, declarations)
    write_dashboard(site, newest, declarations)
    site.write("dashboard/index.html", pages.dashboard(newest[0], "dashboard", folder_of(newest[0])))
    for record in newest:
        for name, page in (("index", pages.dashboard), ("embed", pages.embed)):
            path = f"{record.issue_path}/dashboard"
            if record.quarter in touched or not site.exists(f"{path}/{name}.html"):
                site.write(f"{path}/{name}.html", page(record, path, folder_of(record)))
    site.write("data/index.html", pages.data(declarations))
    site.write("404.html", pages.not_found())
    versions = [record for rows in reversed(list(archive.values())) for record in reversed(rows)]
    site.write(
        "about/index.html",
        pages.about([record for record in versions if record.content["correction"] or record.withdrawn]),
    )
    site.write("en/index.html", pages.english(_english_figures(site, newest[0]), newest))
    for record in newest:
        if not site.exists(card_path(record)):
            site.write(card_path(record), card(record))
    write_api(
        site, newest, declarations, newest[0].content["settings"]["title"]["th"], touched, known or Known()
    )
    site.write("search/index.html", pages.search())
    site.remove("search/search-data.js")  # what sites of earlier program versions searched
    write_search(site, newest, declarations, metadata.tables(newest[0]))
    _write_series(site, newest, pages, declarations)
    _write_feeds(site, archive, newest, pages, state)


def _level_words(site: NextSite, record: Record) -> dict[str, str]:
    """The report's words for the levels; none of an issue whose document this program cannot read."""
    try:
        return read_document(site.folder(record.path)).level_words()
    except InputError:
        return {}


def _write_manuals(site: NextSite, pages: Pages, declarations: Declarations) -> None:
    """The guide with its pictures, the methods as declared, the messages of the program."""
    made = {
        "": manual.guide(),
        "methods": manual.methods(declarations),
        "messages": manual.messages(),
    }
    for name, title in MANUALS.items():
        site.write(
            f"guide/{name}/index.html" if name else "guide/index.html", pages.manual(name, title, made[name])
        )
    for picture in manual.guide_pictures():
        site.write(f"guide/{picture.name}", picture.read_bytes())


def _english_figures(site: NextSite, record: Record) -> list[dict[str, Any]]:
    """Figures of an issue's English edition; none where it has none."""
    folder = site.folder(record.path)
    return read_document(folder, "en").figures() if has_language(folder, "en") else []


def _with_neighbours(quarters: Sequence[pd.Period], changed: set[pd.Period]) -> set[pd.Period]:
    """Changed quarters, and those before and after them, whose pages lead there."""
    places = [quarters.index(quarter) for quarter in changed]
    return {quarter for place in places for quarter in quarters[max(place - 1, 0) : place + 2]}


def _write_issues(site: NextSite, archive: Archive, touched: set[pd.Period]) -> None:
    quarters = list(archive)
    for position, quarter in enumerate(quarters):
        versions = archive[quarter]
        home = f"{versions[-1].issue_path}/index.html"
        english = f"en/{home}"
        is_there = (
            site.exists(home)
            and site.exists(english)
            and all(
                site.exists(f"{record.status_path}/index.html")
                and site.exists(f"{record.issue_path}/{status_name(record)}")
                for record in versions
            )
        )
        if quarter not in touched and is_there:
            continue
        before = archive[quarters[position - 1]][-1] if position else None
        after = archive[quarters[position + 1]][-1] if position + 1 < len(quarters) else None
        site.write(home, Pages(versions[-1]).issue(versions, before, after))
        site.write(english, Pages(versions[-1]).english(_english_figures(site, versions[-1])))
        for number, record in enumerate(versions, start=1):
            later = versions[number:]
            pages = Pages(versions[-1])
            site.write(f"{record.issue_path}/{status_name(record)}", pages.status(record, later))
            site.write(f"{record.status_path}/index.html", pages.status_page(record, later))


def parts_of(key: str, declarations: Declarations) -> list[LongSeries]:
    """The whole of an index, then its dimensions or domains as declared."""
    if key == "labour_index":
        items = declarations.dimensions.items()
        named = [LongSeries(code, item.name.th, item.description.th) for code, item in items]
    else:
        named = [LongSeries(option.id, option.name.th) for option in declarations.questionnaires[key].domains]
    return [LongSeries("overall", "ดัชนีรวม"), *named]


def _write_series(site: NextSite, newest: Sequence[Record], pages: Pages, declarations: Declarations) -> None:
    for key in INDICES:
        series = spliced(newest, key)
        known = parts_of(key, declarations)
        # A part that is no longer declared keeps its code for a name.
        gone = sorted(series.keys() - {part.code for part in known})
        parts = [part for part in known if part.code in series] + [LongSeries(code, code) for code in gone]
        periods = sorted({period for values in series.values() for period in values})
        site.write(f"data/{key}/index.html", pages.series(key, parts, periods, series))
        site.write(f"data/{key}/series.csv", _csv(key, parts, periods, series))


def spliced(newest: Sequence[Record], key: str) -> dict[str, dict[str, float]]:
    """The long series: each quarter from the newest issue that has it; older issues fill gaps."""
    series: dict[str, dict[str, float]] = {}
    for record in newest:
        for part, values in record.content["series"].get(key, {}).items():
            held = series.setdefault(part, {})
            series[part] = {**values, **held}
    return series


def _csv(key: str, parts: Sequence[LongSeries], periods: Sequence[str], series: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["index", "part", "part_name_th", "period", "value"])
    for part in parts:
        for period in periods:
            if period in series[part.code]:
                writer.writerow([key, part.code, part.name, period, repr(series[part.code][period])])
    return stream.getvalue()


def _write_feeds(
    site: NextSite,
    archive: Archive,
    newest: Sequence[Record],
    pages: Pages,
    state: metadata.SiteState,
) -> None:
    title = newest[0].content["settings"]["title"]["th"]
    versions = [record for records in reversed(list(archive.values())) for record in reversed(records)]
    to_come = metadata.planned(newest[0], state)
    catalogue = metadata.catalogue(newest, title)
    # Without line breaks: with them Python writes it ten times as slowly, and it grows with every issue.
    site.write("data/catalog.jsonld", json.dumps(catalogue, ensure_ascii=False) + "\n")
    site.write("feed.xml", atom(versions, title))
    site.write("calendar/index.html", pages.calendar(newest, to_come, state.today))
    site.write("calendar/releases.ics", metadata.ics(newest, to_come, title).encode("utf-8"))
    site.write("robots.txt", robots(state.website))
    if state.website:
        latest = max(record.moment for record in newest)
        dated = dict.fromkeys([*_FOLDERS, *(f"data/{key}/" for key in INDICES)], latest)
        # A superseded version stays where it is, but a search engine is led to the newest one only.
        dated |= {f"{path}/": record.moment for record in newest for path in (record.issue_path, record.path)}
        site.write("sitemap.xml", sitemap(state.website, dated))
    else:
        site.remove("sitemap.xml")


def atom(versions: Sequence[Record], title: str) -> str:
    """Every version as an entry; a correction is an entry of its own. ``versions`` newest first."""
    newest = versions[0]
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "th"})
    SubElement(feed, "id").text = _FEED_ID
    SubElement(feed, "title").text = title
    moments = [record.withdrawn.get("when", record.moment) for record in versions]
    SubElement(feed, "updated").text = max(moments, key=dt.datetime.fromisoformat)
    SubElement(SubElement(feed, "author"), "name").text = metadata.owner(newest)
    website = newest.content["website"]
    SubElement(feed, "link", {"rel": "self", "href": f"{website}/feed.xml" if website else "feed.xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{website}/" if website else "index.html"})
    for record in versions:
        entry = SubElement(feed, "entry")
        marked = f" ({record.content['mark']})" if record.content["mark"] else ""
        corrected = f" ฉบับแก้ไข (ฉบับที่ {record.version})" if record.version > 1 else ""
        SubElement(entry, "id").text = metadata.identifier(record)
        SubElement(entry, "title").text = f"{record.content['title']}{corrected}{marked}"
        SubElement(entry, "published").text = record.moment
        SubElement(entry, "updated").text = record.withdrawn.get("when", record.moment)
        base = f"{website}/" if website else ""
        SubElement(entry, "link", {"rel": "alternate", "href": f"{base}{record.path}/index.html"})
        notice = f"แก้ไข: {' '.join(correction_lines(record))} " if record.content["correction"] else ""
        if record.withdrawn:
            notice = f"ถอนแล้ว: {record.withdrawn['reason']} {notice}"
        SubElement(entry, "summary").text = notice + metadata.description(record)
    return _text(feed)


def sitemap(website: str, dated: Mapping[str, str]) -> str:
    """The addresses of all pages; ``dated``: path relative to the root (folders end with a slash) -> when it changed."""
    root = Element("urlset", {"xmlns": _SITEMAP})
    for path, moment in dated.items():
        entry = SubElement(root, "url")
        SubElement(entry, "loc").text = f"{website}/{path}"
        SubElement(entry, "lastmod").text = moment
    return _text(root)


def robots(website: str) -> str:
    """Everything may be read; the sitemap's address where there is one."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {website}/sitemap.xml\n" if website else "")


def _text(root: Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
