"""The website's folder: the next state is made beside it, put in place file by file, and checked against what was published.

Goes in: the site's folder and a place for work outside it. Comes out: a ``NextSite`` to write into; when the block ends, what
differs is put in place: first every new address (assets, pages, the new version's folder in one step), to which no page leads
yet, then the pages and files that are replaced, the home page last. So the folder itself stays the same one: it may be a mount
point, a container's volume or a symbolic link. An error changes nothing; a kill while files are put in place leaves older pages
among newer ones, every link that a reader finds leads somewhere, and the next publish completes it.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import errno
import fcntl
import hashlib
import io
import json
import os
import posixpath
import re
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd
from fontTools import subset
from fontTools.ttLib import TTFont

from reporter.delivery import release_log
from reporter.delivery.site.archive import SUMS, Archive, Record, changed_files
from reporter.domain.declarations import asset, css_variables
from reporter.domain.errors import StateError
from reporter.domain.periods import iso
from reporter.runtime import program
from reporter.runtime.cache import disk_errors, write_bytes

# Whoever may read the website may read its files, whatever the umask of the person who publishes.
FILE_MODE, FOLDER_MODE = 0o644, 0o755
_PART = ".{name}.part"  # a file on its way from another disk


Stamp = tuple[int, ...]


def stamp(path: str | Path) -> Stamp:
    """Inode, size, times of content and of everything else: what no program leaves as it was when it writes a file."""
    return _stamp(os.lstat(path))


def _stamp(about: os.stat_result) -> Stamp:
    return (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def look(folder: Path) -> dict[str, Stamp]:
    """Every file under a folder with its stamp, by path; links are not followed."""
    found = {}
    start = len(str(folder)) + 1
    folders = [str(folder)] if folder.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if not entry.is_dir():
                    found[entry.path[start:]] = _stamp(entry.stat(follow_symlinks=False))
                elif not entry.is_symlink():
                    folders.append(entry.path)
    return found


class NextSite:
    """The site as it will be: reading gives what was written, or else what is there.

    files   every file with its stamp: as it was before, and after ``commit`` as it is
    """

    def __init__(self, root: Path, work: Path) -> None:
        self.root = root
        self.files = look(root)
        self._work = work
        self._written: set[str] = set()
        self._folders: set[str] = set()
        self._removed: set[str] = set()

    def exists(self, path: str) -> bool:
        """Whether the file will be there."""
        return path in self._written or (path not in self._removed and (self.root / path).exists())

    def read(self, path: str) -> bytes:
        """The file's content as it will be."""
        return (self._work / path if self.is_written(path) else self.root / path).read_bytes()

    def is_written(self, path: str) -> bool:
        """Whether the file comes new, or with another content."""
        return path in self._written or path.startswith(self._new_folders())

    def pages(self) -> list[str]:
        """Every HTML page that will be there, by path."""
        return sorted(path for path in self.all_files() if path.endswith(".html"))

    def all_files(self) -> set[str]:
        """Every file that will be there, by path."""
        return (self.files.keys() - self._removed) | look(self._work).keys()

    def _new_folders(self) -> tuple[str, ...]:
        return tuple(f"{folder}/" for folder in self._folders)

    def folder(self, path: str) -> Path:
        """Where the files of a folder lie now: of one that is being added, in the place for work."""
        return self._work / path if path in self._folders else self.root / path

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file; one that has this content already stays as it is."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        self._removed.discard(path)
        if path not in self._written and self._holds(path, data):
            return
        write(self._work / path, data)
        self._written.add(path)

    def _holds(self, path: str, data: bytes) -> bool:
        there = self.root / path
        return there.is_file() and there.stat().st_size == len(data) and there.read_bytes() == data

    def remove(self, path: str) -> None:
        """Take a file away, if it is there."""
        self._written.discard(path)
        self._removed.add(path)

    def new_folder(self, path: str) -> Path:
        """An empty folder to fill, which will appear as ``path`` in one step."""
        folder = self._work / path
        folder.mkdir(parents=True)
        self._folders.add(path)
        return folder

    def commit(self) -> None:
        """Put everything in place. Files are on the disk before the first of them is."""
        for place in self._work.iterdir():
            _make_ready(place)
        in_folders = self._new_folders()
        names = self._folders | {path for path in self._written if not path.startswith(in_folders)}
        new = list(look(self._work))
        for path in sorted(names, key=self._order):
            _put(self._work / path, self.root / path, self.root)
        for path in self._removed:
            (self.root / path).unlink(missing_ok=True)
            self.files.pop(path, None)
        self.files |= {path: stamp(self.root / path) for path in new}

    def _order(self, path: str) -> tuple[int, str]:
        """New addresses come first: no page leads to them yet. Then what is replaced, the home page last."""
        return (2 if path == "index.html" else int((self.root / path).exists())), path


@contextlib.contextmanager
def next_site(site: Path, out: Path | None = None) -> Iterator[NextSite]:
    """Give the site's next state; what was written takes its place at the end, nothing of it on an error.

    out   folder of the built issues, in which the work is done: it is not on the web; without one a temporary folder is used
    Raises StateError when another publish is at work, or for a folder that is somebody else's.
    """
    site = site.resolve()
    made = not site.exists()
    with disk_errors(site):
        _make_folder(site, site.parent)
        try:
            with _lock(site), _work_folder(site, out) as work:
                _refuse_strangers(site)
                _clear_away(site)
                following = NextSite(site, work)
                yield following
                following.commit()
        except BaseException:
            if made:
                with contextlib.suppress(OSError):
                    site.rmdir()
            raise


@contextlib.contextmanager
def _lock(site: Path) -> Iterator[None]:
    """One publish at a time. The folder itself is locked: a file for it would lie on the web after a kill."""
    descriptor = os.open(site, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StateError(
            f"มีการทำงานอื่นกำลังเขียนเว็บไซต์ {site} อยู่ — รอให้เสร็จแล้วสั่งใหม่",
            f"Another run is writing the site {site}; wait for it and run again.",
        ) from error
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _work_folder(site: Path, out: Path | None) -> Iterator[Path]:
    """A folder that no web server serves, on the same disk where that can be."""
    if out is None or not out.is_dir():
        with tempfile.TemporaryDirectory(prefix="reporter-publish-") as scratch:
            yield Path(scratch)
        return
    # Its name is the site's, so that what a killed run left is found; the lock keeps others away.
    folder = out / f".publishing-{site_key(site)}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def site_key(site: Path) -> str:
    """Twelve digits that stand for a site's place on this machine."""
    return hashlib.sha256(os.fsencode(site.resolve())).hexdigest()[:12]


def _clear_away(site: Path) -> None:
    """Remove what killed runs left, and the copy that earlier versions of the program kept beside the site."""
    before, after = _PART.split("{name}")
    for root, folders, names in os.walk(site):
        for name in [name for name in (*folders, *names) if name.startswith(before) and name.endswith(after)]:
            part = Path(root, name)
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink()
    if not os.path.ismount(site):
        shutil.rmtree(site.with_name(f".{site.name}.publishing"), ignore_errors=True)
        site.with_name(f".{site.name}.publish.lock").unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> None:
    """Write a file of a folder that is being made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def _put(source: Path, target: Path, root: Path) -> None:
    """Give a finished file or folder its name, in one step; over a disk's border by way of a copy beside it."""
    _make_folder(target.parent, root)
    try:
        source.replace(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    part = target.with_name(_PART.format(name=target.name))
    try:
        copy(source, part)
        _make_ready(part)
        part.replace(target)
    except OSError:
        # Half a copy would keep a full disk full.
        shutil.rmtree(part, ignore_errors=True)
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def copy(source: Path, target: Path, without: Collection[str] = ()) -> None:
    """Copy the contents of a file or a folder; the first error is raised as it is (shutil's own says no cause).

    without   names that are left out
    """
    if not source.is_dir():
        shutil.copyfile(source, target)
        return
    target.mkdir(exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.name not in without:
            copy(path, target / path.name, without)


def _make_folder(folder: Path, root: Path) -> None:
    """Make a folder and those above it, down from ``root``, readable for the web server."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir()
        path.chmod(FOLDER_MODE)


def _make_ready(place: Path) -> None:
    """Set the rights of a file or of all in a folder, and flush it to the disk."""
    paths = [place, *place.rglob("*")] if place.is_dir() else [place]
    for path in paths:
        if path.is_dir():
            path.chmod(FOLDER_MODE)
            continue
        path.chmod(FILE_MODE)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_strangers(site: Path) -> None:
    """A folder with files but without our mark is not a site of ours: leave it alone."""
    # A new disk comes with lost+found, a server with .htaccess and the like.
    foreign = [path for path in site.iterdir() if not path.name.startswith(".") and path.name != "lost+found"]
    if foreign and not (site / "assets").is_dir():
        raise StateError(
            f"{site} มีแฟ้มอื่นอยู่และไม่ใช่เว็บไซต์ที่โปรแกรมนี้สร้าง — เลือกโฟลเดอร์ว่างหรือเว็บไซต์เดิม",
            f"{site} holds other files and is no site made by this program; choose an empty folder or the site.",
        )


# ----------------------------------------------------------------------------------------------------
# Styles, scripts and fonts of the website, named by their content so that an old page keeps the ones it was made with.
#
# Goes in: ``templates/site/*.css``, ``*.js``, ``vendor/`` (what others made, as released, with ``vendor.toml``), ``fonts/sarabun``.
# Comes out: files under ``assets/``, fonts as WOFF2, and the licences of what others made.
# ----------------------------------------------------------------------------------------------------

_FONTS = {"sarabun-regular.woff2": "Sarabun-Regular.ttf", "sarabun-semibold.woff2": "Sarabun-SemiBold.ttf"}
_SCRIPTS = ("search", "start", "charts", "dashboard-words", "dashboard")
_SHAPE = re.compile(r"<path\s[^>]*?>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@cache
def _files() -> dict[str, bytes]:
    """Name -> content of every asset. The stylesheet names fonts by their own hashes."""
    fonts = {plain: _woff2(asset("fonts", "sarabun", face)) for plain, face in _FONTS.items()}
    named = {plain: _named(plain, content) for plain, content in fonts.items()}
    style = css_variables() + asset("templates", "site", "site.css").read_text(encoding="utf-8")
    for plain, name in named.items():
        style = style.replace(plain, name)
    found = {named[plain]: content for plain, content in fonts.items()}
    found[_named("site.css", style.encode())] = style.encode()
    for script in _SCRIPTS:
        content = asset("templates", "site", f"{script}.js").read_bytes()
        found[_named(f"{script}.js", content)] = content
    faces = _faces(fonts)
    found[_named("faces.js", faces)] = faces
    icon = asset("templates", "site", "icon.svg").read_bytes()
    found[_named("icon.svg", icon)] = icon
    found["OFL.txt"] = asset("fonts", "sarabun", "OFL.txt").read_bytes()
    return found | _libraries()


@cache
def vendored() -> Mapping[str, Mapping[str, Any]]:
    """Library -> ``version``, ``file``, ``sha256``, ``licence``, ``licence_files`` as ``vendor.toml`` declares them."""
    return tomllib.loads(asset("templates", "site", "vendor", "vendor.toml").read_text(encoding="utf-8"))


def _libraries() -> dict[str, bytes]:
    """The map of the provinces as a script (a page on a disk may not fetch), and the licences of what others made."""
    found = {}
    for library in vendored().values():
        shapes = asset("templates", "site", "vendor", library["file"]).read_text(encoding="utf-8")
        script = f'reporterDashboardFile("map",{json.dumps(_shapes(shapes), ensure_ascii=False, separators=(",", ":"))});\n'
        found[_named("map.js", script.encode("utf-8"))] = script.encode("utf-8")
        for licence in library["licence_files"]:
            found[licence] = asset("templates", "site", "vendor", licence).read_bytes()
    return found


def _shapes(svg: str) -> dict[str, Any]:
    """Group code -> outline of every province of the map; shapes are named in English there, as the declarations name provinces."""
    codes = _codes_of_provinces()
    view = _ATTRIBUTE.findall(svg[svg.index("<svg") : svg.index(">", svg.index("<svg"))])
    found = {}
    for shape in _SHAPE.findall(svg):
        about = dict(_ATTRIBUTE.findall(shape))
        code = codes.get(_letters(about["aria-label"]))
        if code:
            found[code] = about["d"]
    return {"viewBox": dict(view)["viewBox"], "paths": found}


def _codes_of_provinces() -> dict[str, str]:
    """English name, and other spellings, in small letters without spaces -> ``PROVINCE:TH-10``."""
    rows = csv.DictReader(asset("data", "groups", "provinces.csv").read_text(encoding="utf-8").splitlines())
    return {
        _letters(name): f"PROVINCE:{row['code']}"
        for row in rows
        for name in (row["name_en"], *row["aliases"].split(";"))
        if name
    }


def _letters(name: str) -> str:
    return "".join(name.lower().split())


def _faces(fonts: Mapping[str, bytes]) -> bytes:
    """The faces as a script, for pictures that leave the page."""
    weights = {"sarabun-regular.woff2": 400, "sarabun-semibold.woff2": 600}
    held = [[weights[name], base64.b64encode(content).decode("ascii")] for name, content in fonts.items()]
    return f'reporterDashboardFile("faces",{json.dumps(held)});\n'.encode()


def _named(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"


# What the site's pages write: Latin with accents, Thai, dashes and quotation marks, arrows and signs of comparison. The rest of the face
# (Vietnamese, Cyrillic) is never asked for here; the PDF has the whole face.
_LETTERS = (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x0E00, 0x0E80), *range(0x2010, 0x2030), 0x200B, 0x2030, 0x2039, 0x203A, 0x20AC,
            0x2212, 0x2260, 0x2264, 0x2265)  # fmt: skip


def _woff2(path: Path) -> bytes:
    """The face as WOFF2 with the letters of the site; its own time stamp stays, so that two runs give equal bytes."""
    font = TTFont(path, recalcTimestamp=False)
    options = subset.Options(
        layout_features=["*"], notdef_outline=True, recalc_timestamp=False, name_IDs=["*"]
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=_LETTERS)
    cutter.subset(font)
    font.flavor = "woff2"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def names() -> dict[str, str]:
    """``site.css`` -> ``assets/site.<hash>.css``, for templates."""
    return {f"{name.split('.')[0]}.{name.split('.')[-1]}": f"assets/{name}" for name in _files()}


def write_assets(site: NextSite) -> None:
    """Write the assets that the site does not have yet; older ones stay for the pages that use them."""
    for name, content in _files().items():
        if not site.exists(f"assets/{name}"):
            site.write(f"assets/{name}", content)


# ----------------------------------------------------------------------------------------------------
# Check that everything ever published is still there: every byte, every address, every link; against checksums and release log.
#
# Goes in: the site's folder, its archive, the release log, and what the last publish knew (``out/site-checks/<site>.json``). Comes out:
# how much was looked at, or a StateError that names what is wrong. So that publishing does not grow slower with the archive, a
# file that nobody has touched since it was read is not read again; ``reporter verify --site`` reads everything.
# ----------------------------------------------------------------------------------------------------

_FORMAT = 3  # 1: the files of the versions alone; 2: without the long series
_LINK = re.compile(r'\s(?:href|src)="([^"]*)"')
_LISTED = 5  # names in a message; the rest is counted


@dataclass(frozen=True)
class Known:
    """What the last publish looked at.

    files     every file of the site with its stamp
    targets   page -> addresses within the site to which it leads; of a version's page those outside the version's folder, whose
              files the checksums hold
    links     page -> how many addresses it leads to
    series    versions of which the long series under /api/ were made, the newest first
    """

    files: Mapping[str, Stamp] = field(default_factory=dict)
    targets: Mapping[str, list[str]] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    series: Sequence[str] = ()


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
    site: Path, published: list[release_log.LogEntry], there: Mapping[tuple[str, int], Record]
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


def _is_as_logged(site: Path, record: Record, entry: release_log.LogEntry) -> bool:
    """Whether a version is the one of the log's entry, by its list of hashes; early entries know the manifest only."""
    if record.content["manifest_sha256"] != entry.manifest:
        return False
    path = site / record.path / SUMS
    return not entry.archive or (path.exists() and program.sha256(path) == entry.archive)


def issue_file(quarter: pd.Period) -> str:
    """Address of an issue among the files for programs."""
    return f"api/v1/issues/{iso(quarter)}.json"


# ----------------------------------------------------------------------------------------------------
# Addresses: every page that was ever published still exists, and all its links lead to existing pages.
# ----------------------------------------------------------------------------------------------------


def altered_quarters(site: NextSite, archive: Archive, known: Known) -> set[pd.Period]:
    """Quarters of which a page or the API's file outside the versions' folders is gone, or is not as the last publish left it.

    Such files derive from the archive: they are made again.
    """
    by_folder = {f"{record.issue_path}/": quarter for quarter, rows in archive.items() for record in rows}
    by_folder |= {f"en/{folder}": quarter for folder, quarter in by_folder.items()} | {
        f"{folder}dashboard/": quarter for folder, quarter in by_folder.items()
    }
    by_folder |= {f"{record.status_path}/": quarter for quarter, rows in archive.items() for record in rows}
    made = {
        page: by_folder[folder]
        for page in known.targets
        if (folder := f"{posixpath.dirname(page)}/") in by_folder
    }
    made |= {path: quarter for quarter in archive if (path := issue_file(quarter)) in known.files}
    return {quarter for path, quarter in made.items() if site.files.get(path) != known.files.get(path)}


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
        return Known(files, dict(content["targets"]), dict(content["links"]), list(content["series"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Known()


def remember(path: Path, site: NextSite, walked: Known, archive: Archive) -> None:
    """Keep what this publish knows of the site as it stands now."""
    series = [versions[-1].path for versions in reversed(list(archive.values()))]
    held = {"files": site.files, "targets": walked.targets, "links": walked.links, "series": series}
    content = {"format": _FORMAT, **held}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, json.dumps(content).encode("utf-8"))
