"""Outputs appear whole or not at all: write beside, then swap.

A file or folder is made under a temporary name next to its final one and takes that name in a single step, so
that a kill or a full disk at any moment leaves the previous output as it was. Folders are exchanged by
``renameat2(RENAME_EXCHANGE)`` where the system has it (Linux), otherwise by two renames.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from reporter.domain.errors import ReporterError, StateError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_BESIDE = ".{name}.building"


@contextlib.contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Turn a full disk, a missing right or a read-only disk under ``target`` into one clear error."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ReporterError(
                f"พื้นที่ดิสก์เต็มขณะเขียน {target.name} — ผลลัพธ์เดิมยังอยู่ครบ ล้างพื้นที่แล้วสั่งใหม่",
                f"The disk is full while writing {target.name}; the previous output is intact. Free space and run again.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ReporterError(
                f"ไม่มีสิทธิ์เขียน {target} — ตรวจสิทธิ์ของโฟลเดอร์หรือเลือก --out อื่น",
                f"No permission to write {target}; check the folder's rights or choose another --out.",
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST):
            raise ReporterError(
                f"{target} ไม่ใช่โฟลเดอร์ที่เขียนได้ — เลือก --out อื่น",
                f"{target} is not a folder that can be written; choose another --out.",
            ) from error
        if error.errno == errno.EIO:
            raise ReporterError(
                f"อุปกรณ์เก็บข้อมูลขัดข้องขณะเขียน {target.name} — ผลลัพธ์เดิมยังอยู่ครบ ตรวจดิสก์แล้วสั่งใหม่",
                f"The disk failed while writing {target.name}; the previous output is intact. Check it and run again.",
            ) from error
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that its name never shows half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold ``path`` as a lock file; a second holder gets a StateError. A killed holder's lock is free again."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StateError(
                f"มีการทำงานอื่นกำลังเขียน {path.name.removesuffix('.lock').lstrip('.')} อยู่ — รอให้เสร็จแล้วสั่งใหม่",
                f"Another run is writing {path.name.removesuffix('.lock').lstrip('.')}; wait for it and run again.",
            ) from error
        # The former holder removes the file when it is done: make sure that ours is the one with that name.
        if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
            break
        os.close(descriptor)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside ``target``; when the block ends without error it takes the target's place.

    A folder left behind by a killed run is removed first. On an error nothing under ``target`` has changed, and
    a parent folder made for it is gone again.
    """
    made_parent = not target.parent.exists()
    try:
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with lock(target.with_name(f".{target.name}.lock")):
                beside = target.with_name(_BESIDE.format(name=target.name))
                shutil.rmtree(beside, ignore_errors=True)
                beside.mkdir()
                try:
                    yield beside
                    _sync_tree(beside)
                    swap(beside, target)
                finally:
                    shutil.rmtree(beside, ignore_errors=True)
    finally:
        if made_parent:
            with contextlib.suppress(OSError):
                target.parent.rmdir()


def clear_away(target: Path) -> None:
    """Remove what a killed run left beside ``target``, unless another run is at work there."""
    beside = target.with_name(_BESIDE.format(name=target.name))
    lock_file = target.with_name(f".{target.name}.lock")
    if beside.exists() or lock_file.exists():
        with contextlib.suppress(StateError), lock(lock_file):
            shutil.rmtree(beside, ignore_errors=True)


def swap(new: Path, target: Path) -> None:
    """Put folder ``new`` in the place of ``target`` in one step; what ``target`` held is then under ``new``."""
    if not target.exists():
        new.rename(target)
        return
    if not _exchange(new, target):
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        new.rename(target)
        old.rename(new)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names atomically; False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(code, os.strerror(code), str(second))


def _sync_tree(folder: Path) -> None:
    """Flush every file of a folder to disk before its name becomes final."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
