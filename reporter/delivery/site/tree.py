"""The website's folder as one thing that changes in one step: build beside, then swap.

Goes in: the site's folder. Comes out: a second folder beside it that shares every published file (hard links) and takes
the site's place when all is written. The folder that was the site stays beside it as ``.site.publishing``: the next
publish brings it up to date instead of making a new one, so that its cost does not grow with the archive. A kill at any
moment leaves the site wholly as it was or wholly as it is to be.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from reporter.domain.errors import StateError
from reporter.runtime.atomic import disk_errors, lock, swap


@contextlib.contextmanager
def next_site(site: Path) -> Iterator[Path]:
    """Give the site's next state, made of links to its present files; it takes the site's place at the end.

    Write into it through ``write`` only: a file written in place would change the present site too.
    Raises StateError when another publish is at work, or for a folder that is somebody else's.
    """
    site = site.absolute()
    with disk_errors(site):
        site.parent.mkdir(parents=True, exist_ok=True)
        with lock(site.with_name(f".{site.name}.publish.lock")):
            _recover(site)
            beside = site.with_name(f".{site.name}.publishing")
            if site.exists():
                _refuse_strangers(site)
                _mirror(site, beside)
            else:
                shutil.rmtree(beside, ignore_errors=True)
                beside.mkdir()
            try:
                yield beside
                _sync(beside)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)  # nothing unpublished stays in reach
                raise
            swap(beside, site)


def _recover(site: Path) -> None:
    """Where names cannot be exchanged in one step, a kill between two renames leaves the site under its other name."""
    old = site.with_name(f".{site.name}.old")
    if old.exists() and not site.exists():
        old.rename(site)


def _mirror(source: Path, target: Path) -> None:
    """Make ``target`` the same as ``source`` by links, touching only what differs."""
    target.mkdir(exist_ok=True)
    present = {entry.name: entry for entry in os.scandir(target)}
    for entry in os.scandir(source):
        path = target / entry.name
        there = present.pop(entry.name, None)
        if entry.is_dir(follow_symlinks=False):
            if there is not None and not there.is_dir(follow_symlinks=False):
                path.unlink()
            _mirror(Path(entry.path), path)
        elif there is None or not _is_same(entry, there):
            if there is not None:
                _remove(there)
            _link(entry.path, str(path))
    for entry in present.values():
        _remove(entry)


def _is_same(entry: os.DirEntry[str], there: os.DirEntry[str]) -> bool:
    """Whether both names hold one file; where the disk has no links, whether the copy is of this state."""
    if entry.inode() == there.inode():
        return True
    if there.is_dir(follow_symlinks=False):
        return False
    first, second = entry.stat(follow_symlinks=False), there.stat(follow_symlinks=False)
    is_copy = first.st_nlink == second.st_nlink == 1
    return is_copy and (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        Path(entry.path).unlink()


def write(path: Path, content: str | bytes) -> None:
    """Write a file under a new inode; one that has this content already stays as it is."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == data:
        return
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(source: str, target: str) -> None:
    """Share a file; copy it where the disk cannot."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _refuse_strangers(site: Path) -> None:
    """A folder with files but without our mark is not a site of ours: leave it alone."""
    if any(site.iterdir()) and not (site / "assets").is_dir():
        raise StateError(
            f"{site} มีแฟ้มอื่นอยู่และไม่ใช่เว็บไซต์ที่โปรแกรมนี้สร้าง — เลือกโฟลเดอร์ว่างหรือเว็บไซต์เดิม",
            f"{site} holds other files and is no site made by this program; choose an empty folder or the site.",
        )


def _sync(folder: Path) -> None:
    """Flush what was written in this run (files that nothing else links to) before the swap."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if path.is_symlink() or path.stat().st_nlink > 1:
                continue
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
