"""The website's folder: the next state is made beside it and put in place file by file, in an order that never shows half of it.

Goes in: the site's folder and a place for work outside it. Comes out: a ``NextSite`` to write into; when the block ends, what
differs is put in place: first what nothing links to yet (assets, the new version's folder in one step), then the pages of the
quarter, then lists and feeds, the home page last. So the folder itself stays the same one: it may be a mount point, a
container's volume or a symbolic link. An error changes nothing; a kill while files are put in place leaves older pages
among newer ones, every link of which leads somewhere, and the next publish completes it.
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
import re
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from reporter.domain.declarations import asset, css_variables
from reporter.domain.errors import StateError
from reporter.runtime.cache import disk_errors

# Whoever may read the website may read its files, whatever the umask of the person who publishes.
FILE_MODE, FOLDER_MODE = 0o644, 0o755
_PART = ".{name}.part"  # a file on its way from another disk


Stamp = tuple[int, ...]


def stamp(path: str | Path) -> Stamp:
    """Inode, size, times of content and of everything else: what no program leaves as it was when it writes a file."""
    about = os.lstat(path)
    return (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def look(folder: Path) -> dict[str, Stamp]:
    """Every file under a folder with its stamp, by path; links are not followed."""
    found = {}
    start = len(str(folder)) + 1
    for root, _, names in os.walk(folder):
        for name in names:
            path = f"{root}/{name}"
            found[path[start:]] = stamp(path)
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
        for path in sorted(names, key=_rank):
            _put(self._work / path, self.root / path, self.root)
        for path in self._removed:
            (self.root / path).unlink(missing_ok=True)
            self.files.pop(path, None)
        self.files |= {path: stamp(self.root / path) for path in new}


def _rank(path: str) -> tuple[int, str]:
    """What nothing links to comes first, the page that links to all the rest last."""
    parts = path.split("/")
    if parts[0] == "assets" or (len(parts) == 3 and parts[2].startswith("v")):
        return 0, path
    if parts[0].isdecimal():
        return 1, path
    return (3 if path == "index.html" else 2), path


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
    for part in site.rglob(_PART.format(name="*")):
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
