"""The website's folder as one thing that changes in one step: build beside, then swap.

Goes in: the site's folder. Comes out: a copy beside it that shares every published file (hard links, so its cost does
not grow with the size of the archive), which takes the site's place when all is written. A kill at any moment leaves
the site wholly as it was or wholly as it is to be.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from reporter.atomic import disk_errors, lock, swap
from reporter.errors import StateError


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
            beside = site.with_name(f".{site.name}.publishing")
            shutil.rmtree(beside, ignore_errors=True)
            try:
                if site.exists():
                    _refuse_strangers(site)
                    shutil.copytree(site, beside, symlinks=True, copy_function=_link)
                else:
                    beside.mkdir()
                yield beside
                _sync(beside)
                swap(beside, site)
            finally:
                shutil.rmtree(beside, ignore_errors=True)


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
