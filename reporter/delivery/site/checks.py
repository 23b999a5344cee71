"""Whether all that was ever published is still there: every byte, every address, every link; against checksums and release log.

Goes in: the site's folder, its archive, the release log, and what the last publish knew (``out/site-checks/<site>.json``). Comes out:
how much was looked at, or a StateError that names what is wrong. So that publishing does not grow slower with the archive, a
file that nobody has touched since it was read is not read again; ``reporter verify --site`` reads everything.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.site.archive import SUMS, Archive, Record, changed_files
from reporter.delivery.site.tree import NextSite, Stamp, look
from reporter.domain.errors import StateError
from reporter.domain.periods import iso
from reporter.runtime import program
from reporter.runtime.cache import write_bytes

_FORMAT = 2  # 1: the files of the versions alone
_LINK = re.compile(r'\s(?:href|src)="([^"]*)"')
_LISTED = 5  # names in a message; the rest is counted


@dataclass(frozen=True)
class Known:
    """What the last publish looked at.

    files     every file of the site with its stamp
    targets   page -> addresses within the site to which it leads; of a version's page those outside the version's folder, whose
              files the checksums hold
    links     page -> how many addresses it leads to
    """

    files: Mapping[str, Stamp] = field(default_factory=dict)
    targets: Mapping[str, list[str]] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)


# ----------------------------------------------------------------------------------------------------
# Bytes: every file of every version against its checksum, the checksums against the release log.
# ----------------------------------------------------------------------------------------------------


def require_unchanged(
    site: Path, archive: Archive, known: Known | None = None, files: Mapping[str, Stamp] | None = None
) -> int:
    """Raises StateError when any published version is not as it was published; returns the number of files.

    known   files that it holds and that nobody has touched since are not read again; None reads all
    files   every file of the site with its stamp, where somebody has looked already
    """
    seen = _by_version(known.files if known else {})
    there = _by_version(look(site) if files is None else files)
    count = 0
    wrong: list[str] = []
    for versions in archive.values():
        for record in versions:
            stamps = there.get(record.path, {})
            count += len(stamps)
            if linked := _linked(site, record):
                wrong.append(f"{linked} (link)")
            elif seen.get(record.path) != stamps:
                wrong += [f"{record.path}/{name}" for name in changed_files(site / record.path)]
    if wrong:
        raise StateError(
            f"แฟ้มในคลังไม่เหมือนเมื่อเผยแพร่: {_few(wrong)} — กู้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Files of the archive are not as they were published: {_few(wrong)}; restore them from a copy of the site.",
        )
    return count


def _linked(site: Path, record: Record) -> str:
    """The folder above a version's files that is a link to another place, or empty."""
    parts = record.path.split("/")
    paths = ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return next((path for path in paths if (site / path).is_symlink()), "")


def _few(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (" ..." if len(names) > _LISTED else "")


def _by_version(files: Mapping[str, Stamp]) -> dict[str, dict[str, Stamp]]:
    """Folder of a version (``2568/q3/v1``) -> its files with their stamps."""
    found: dict[str, dict[str, Stamp]] = {}
    for path, stamp in files.items():
        parts = path.split("/", 3)
        if len(parts) == 4 and parts[0].isdecimal():
            found.setdefault("/".join(parts[:3]), {})[parts[3]] = stamp
    return found


def require_as_logged(site: Path, archive: Archive, out: Path) -> None:
    """Raise StateError when the archive is not what the release log beside the built issues says was published into it.

    Found are versions that are gone or other than published, and a log that was cut: every version carries the log's head.
    A site that is not there or empty is a new one. One that was moved is known by what it holds.
    """
    if not archive and not any((site / "assets").glob("*")):
        return
    log = release_log.read_log(out)
    there = {(iso(record.quarter), record.version): record for rows in archive.values() for record in rows}
    published = [entry for entry in log if entry.event == "published" and entry.site]
    folders = _folders_of(site, published, there)
    # A version that was published again into an emptied folder is the one of its last entry.
    newest = {(entry.site, entry.quarter, entry.version): entry for entry in published}
    for entry in newest.values():
        if entry.site not in folders:
            continue
        record = there.get((entry.quarter, entry.version))
        if record is None or not _is_as_logged(site, record, entry):
            raise StateError(
                f"บันทึกการเผยแพร่บอกว่า {entry.quarter} ฉบับที่ {entry.version} เผยแพร่ใน {entry.site} แล้ว แต่ในเว็บไซต์ไม่มีหรือไม่เหมือนเดิม — กู้คืนจากสำเนาสำรองของเว็บไซต์",
                f"The release log says that {entry.quarter} version {entry.version} was published in {entry.site}, but it is gone or not as it was; restore it from a copy of the site.",
            )
    known = {entry.digest for entry in log}
    for record in there.values():
        head = record.content.get("log_head", "")
        if head and head not in known:
            raise StateError(
                f"{out / release_log.NAME} ไม่มีบันทึก {head[:16]}… ที่ {record.path} อ้างถึง — ท้ายบันทึกถูกตัดหรือถูกเขียนใหม่ กู้คืนจากสำเนาสำรอง",
                f"{out / release_log.NAME} does not hold the entry {head[:16]}… that {record.path} carries: its end was cut off, or it was rewritten; restore it.",
            )


def _folders_of(
    site: Path, published: list[release_log.Entry], there: Mapping[tuple[str, int], Record]
) -> set[str]:
    """The folders in which the log knows this site: where it stands, and where it stood before it was moved.

    A folder that is gone is this site's earlier one where a version came from there byte for byte: its record holds the second
    of its publication, so no other site has the same.
    """
    here = str(site.resolve())
    folders = {here}
    for entry in published:
        if entry.site == here or not entry.archive or Path(entry.site).exists():
            continue
        record = there.get((entry.quarter, entry.version))
        if record is not None and _is_as_logged(site, record, entry):
            folders.add(entry.site)
    return folders


def _is_as_logged(site: Path, record: Record, entry: release_log.Entry) -> bool:
    """Whether a version is the one of the log's entry, by its list of hashes; early entries know the manifest only."""
    if record.content["manifest_sha256"] != entry.manifest:
        return False
    path = site / record.path / SUMS
    return not entry.archive or (path.exists() and program.sha256(path) == entry.archive)


# ----------------------------------------------------------------------------------------------------
# Addresses: every page that was ever there is there, and leads nowhere but to what is there.
# ----------------------------------------------------------------------------------------------------


def altered_quarters(site: NextSite, archive: Archive, known: Known) -> set[pd.Period]:
    """Quarters of which a page outside the versions' folders is gone, or is not as the last publish left it.

    Such pages derive from the archive: they are made again.
    """
    by_path = {f"{record.issue_path}/": quarter for quarter, rows in archive.items() for record in rows}
    by_path |= {f"{record.status_path}/": quarter for quarter, rows in archive.items() for record in rows}
    return {
        by_path[folder]
        for page in known.targets
        if (folder := f"{posixpath.dirname(page)}/") in by_path
        and site.files.get(page) != known.files.get(page)
    }


def walk(site: NextSite, known: Known) -> Known:
    """Every page of the site as it will be, with where it leads. Raises StateError for a page that is gone, or a dead link.

    A page that no publish has written, put there by somebody else, is left alone. Returns what the next publish need not read.
    """
    targets: dict[str, list[str]] = {}
    links: dict[str, int] = {}
    for page in site.pages():
        if known.targets and page not in known.targets and not site.is_written(page):
            continue
        is_as_known = not site.is_written(page) and known.files.get(page) == site.files[page]
        if is_as_known and page in known.targets:
            targets[page], links[page] = known.targets[page], known.links[page]
        else:
            targets[page] = sorted(set(targets_of(page, site.read(page).decode("utf-8", "replace"))))
            links[page] = len(targets[page])
    gone = sorted(page for page in known.targets if page not in targets)
    dead = dead_of(targets, site.all_files())
    if gone or dead:
        raise StateError(
            f"ที่อยู่เดิมในเว็บไซต์หายหรือลิงก์เสีย {len(gone) + len(dead)} แห่ง: {_few(gone + dead)} — กู้คืนจากสำเนาสำรอง หรือสั่ง reporter publish --rebuild",
            f"{len(gone) + len(dead)} old address(es) or link(s) of the site lead nowhere: {_few(gone + dead)}; restore them from a copy, or run reporter publish --rebuild.",
        )
    return Known({}, {page: _outside(page, paths) for page, paths in targets.items()}, links)


def _outside(page: str, paths: list[str]) -> list[str]:
    """Addresses that a version's page has outside its version's folder; all of any other page."""
    parts = page.split("/", 3)
    if len(parts) < 4 or not parts[0].isdecimal():
        return paths
    own = "/".join(parts[:3]) + "/"
    return [path for path in paths if not path.startswith(own)]


def dead_links(site: Path) -> tuple[int, list[str]]:
    """Number of links within the site that its pages hold, and those that lead nowhere, as ``page -> address``."""
    targets = {
        page.relative_to(site).as_posix(): sorted(
            set(
                targets_of(
                    page.relative_to(site).as_posix(), page.read_text(encoding="utf-8", errors="replace")
                )
            )
        )
        for page in sorted(site.rglob("*.html"))
    }
    return sum(map(len, targets.values())), dead_of(targets, look(site).keys())


def dead_of(targets: Mapping[str, list[str]], files: Set[str]) -> list[str]:
    """Links that lead nowhere: to no file, and to no folder with a first page."""
    first = "/index.html"
    there = files | {path.removesuffix(first) for path in files if path.endswith(first)} | {"."}
    return [f"{page} -> {path}" for page, paths in targets.items() for path in paths if path not in there]


def targets_of(page: str, text: str) -> Iterator[str]:
    """Paths within the site, from its root, to which a page leads; ``..`` first for one that leaves the site."""
    for link in set(_LINK.findall(text)):
        path = urlsplit(unescape(link))
        # 404.html links from the server's root, where the site may stand in a folder of another name.
        if path.scheme or path.netloc or not path.path or path.path.startswith("/"):
            continue
        yield posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path.path)))


# ----------------------------------------------------------------------------------------------------
# What a publish keeps for the next one.
# ----------------------------------------------------------------------------------------------------


def read_known(path: Path) -> Known:
    """What the last publish knew; nothing where its file is not there, cannot be read or is of another format."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            return Known()
        files = {path: tuple(stamp) for path, stamp in content["files"].items()}
        return Known(files, dict(content["targets"]), dict(content["links"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Known()


def remember(path: Path, site: NextSite, walked: Known) -> None:
    """Keep what this publish knows of the site as it stands now."""
    content = {"format": _FORMAT, "files": site.files, "targets": walked.targets, "links": walked.links}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, json.dumps(content).encode("utf-8"))
