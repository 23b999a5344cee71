"""Cache of stage results under keys of their inputs: data, parameters, code, libraries, fonts.

A second build recomputes only what depends on what changed. Keys are hashes of content, never time stamps. The cache
may be deleted at any moment; a damaged or half-written entry counts as absent. Its size is bounded by bytes: what was
used longest ago goes first.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import datetime as dt
import enum
import errno
import fcntl
import hashlib
import os
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from reporter.domain.errors import ReporterError, StateError
from reporter.runtime.program import versions

Result = TypeVar("Result")
LARGEST_BYTES = 1 << 30
_CHECKSUM = 32
_PART = ".part"
_ABANDONED_SECONDS = 3600
_PLAIN = (str, int, float, bool, complex, type(None), np.generic, dt.date, dt.time, dt.timedelta, pd.Period)
# Libraries that set type and shape letters, with the function that tells their version.
_NATIVE = {
    "libpango-1.0.so.0": "pango_version",
    "libfontconfig.so.1": "FcGetVersion",
}


def digest(value: Any) -> str:
    """SHA-256 of a value's content: frames by their cells, mappings and sequences by their parts, files by their bytes.

    Raises TypeError for a type whose content cannot be told for certain: a key must never leave anything out.
    """
    accumulator = hashlib.sha256()
    _feed(accumulator, value)
    return accumulator.hexdigest()


def _feed(accumulator: Any, value: Any) -> None:
    """Type, length and content, so that parts do not run into each other."""
    accumulator.update(type(value).__name__.encode() + b"\0")
    if isinstance(value, pd.DataFrame):
        accumulator.update("|".join(f"{name}:{kind}" for name, kind in value.dtypes.items()).encode())
        _feed_cells(accumulator, value, str(value.index.dtype))
    elif isinstance(value, pd.Series):
        _feed_cells(accumulator, value, f"{value.name}:{value.dtype}:{value.index.dtype}")
    elif isinstance(value, pd.Index):
        _feed_cells(accumulator, value.to_series(), str(value.dtype))
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        accumulator.update(f"{value.shape}{value.dtype}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        _feed_parts(accumulator, [part for pair in value.items() for part in pair])
    elif isinstance(value, list | tuple):
        _feed_parts(accumulator, value)
    elif isinstance(value, set | frozenset):
        _feed_parts(accumulator, sorted(digest(item) for item in value))
    elif isinstance(value, bytes):
        accumulator.update(f"{len(value)}:".encode() + value)
    elif isinstance(value, Path):
        _feed(accumulator, value.read_bytes() if value.is_file() else None)
    elif isinstance(value, enum.Enum):
        accumulator.update(value.name.encode() + b"\0")
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        _feed_parts(accumulator, [getattr(value, item.name) for item in dataclasses.fields(value)])
    elif isinstance(value, _PLAIN):
        accumulator.update(repr(value).encode("utf-8", "surrogatepass") + b"\0")
    else:
        raise TypeError(f"no digest of {type(value).__name__}")


def _feed_parts(accumulator: Any, parts: Any) -> None:
    accumulator.update(f"{len(parts)}:".encode())
    for part in parts:
        _feed(accumulator, part)


def _feed_cells(accumulator: Any, values: pd.DataFrame | pd.Series, kinds: str) -> None:
    hashes = pd.util.hash_pandas_object(values, index=True).to_numpy()
    accumulator.update(f"{kinds}{len(hashes)}:".encode() + hashes.tobytes())


@cache
def environment() -> str:
    """Digest of everything that results depend on besides their inputs.

    The program's own files with its fonts, every installed library, Python and processor, the native libraries that set
    type, and the reader that the finished PDF is checked with.
    """
    # name and version stand in the folder's name: reading every METADATA file takes a tenth of a second of each command
    installed = sorted({item.name for folder in sys.path for item in Path(folder).glob("*.*-info")})
    native = [f"{name} {_native_version(name, function)}" for name, function in _NATIVE.items()]
    machine = [platform.python_version(), platform.machine(), platform.system()]
    return digest((dict(versions()), installed, native, machine, _reader_version()))


def _native_version(name: str, function: str) -> str:
    try:
        return str(getattr(ctypes.CDLL(name), function)())
    except (OSError, AttributeError):
        return ""


def _reader_version() -> str:
    """First line of ``pdftotext -v``; empty where poppler is not installed."""
    program = shutil.which("pdftotext")
    if program is None:
        return ""
    said = subprocess.run([program, "-v"], capture_output=True, check=False).stderr
    return said.decode(errors="replace").partition("\n")[0]


class StageCache:
    """Results of stages in a folder; ``folder=None`` keeps nothing."""

    def __init__(self, folder: Path | None, largest_bytes: int = LARGEST_BYTES) -> None:
        self._folder = folder
        self._largest_bytes = largest_bytes

    def __bool__(self) -> bool:
        """Whether anything is kept."""
        return self._folder is not None

    def result(self, stage: str, inputs: Any, compute: Callable[[], Result]) -> Result:
        """The stage's stored result for these inputs, or the computed one, which is then stored."""
        if self._folder is None:
            return compute()
        key = self.key(inputs)
        stored = self.stored(stage, key)
        if stored is not None:
            return cast(Result, stored)
        computed = compute()
        self.store(stage, key, computed)
        return computed

    def key(self, inputs: Any) -> str:
        """Key of inputs under this code and these libraries; empty where nothing is kept."""
        return "" if self._folder is None else digest((environment(), inputs))[:40]

    def stored(self, stage: str, key: str) -> Any:
        """What was stored under the key; None where it is absent or damaged."""
        if self._folder is None:
            return None
        path = self._folder / f"{stage}-{key}"
        stored = _read(path)
        if stored is not None:
            with contextlib.suppress(OSError):
                os.utime(path)  # decides only what goes first when the cache grows too large
        return stored

    def has(self, stage: str, key: str) -> bool:
        """Whether there is an entry under the key, damaged or not."""
        return self._folder is not None and (self._folder / f"{stage}-{key}").is_file()

    def store(self, stage: str, key: str, value: Any) -> None:
        """Keep a value. A cache that cannot be written (no home, full disk) costs time at the next build, nothing else."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            _write(self._folder / f"{stage}-{key}", value)

    def trim(self) -> None:
        """Drop what was used longest ago until the folder is within its bound, and what killed runs left half written."""
        if self._folder is None:
            return
        entries = sorted(_entries(self._folder), reverse=True)
        total = 0
        for used, size, path in entries:
            abandoned = path.suffix == _PART and time.time() - used > _ABANDONED_SECONDS
            total += size
            if total > self._largest_bytes or abandoned:
                with contextlib.suppress(OSError):
                    path.unlink()


def _entries(folder: Path) -> list[tuple[float, int, Path]]:
    """Time of last use, size and path of every entry; another run may be dropping some meanwhile."""
    found = []
    try:
        listed = list(os.scandir(folder))
    except OSError:
        return []
    for entry in listed:
        with contextlib.suppress(OSError):
            if entry.is_file(follow_symlinks=False):
                known = entry.stat(follow_symlinks=False)
                found.append((known.st_mtime, known.st_size, Path(entry.path)))
    return found


def _read(path: Path) -> Any:
    """The entry, or None where it is absent, its checksum does not fit, or another version wrote what this one does not know."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = memoryview(content)[_CHECKSUM:]
    if hashlib.sha256(body).digest() != content[:_CHECKSUM]:
        with contextlib.suppress(OSError):
            path.unlink()  # so that whoever asks whether it is there is not misled
        return None
    try:
        return pickle.loads(body)
    except (ImportError, AttributeError):
        return None


def _write(path: Path, value: Any) -> None:
    """Store an entry whole: written beside under a name of its own, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = pickle.dumps(value, protocol=5)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=_PART, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(hashlib.sha256(body).digest())
            stream.write(body)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


# ----------------------------------------------------------------------------------------------------
# Outputs appear whole or not at all: write beside, then swap.
#
# A file or folder is made under a temporary name next to its final one and takes that name in a single step, so
# that a kill or a full disk at any moment leaves the previous output as it was. Folders are exchanged by
# ``renameat2(RENAME_EXCHANGE)`` where the system has it (Linux), otherwise by two renames.
# ----------------------------------------------------------------------------------------------------

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
    with written_beside(path, content) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """A file beside ``path`` that holds the content, safe on the disk, to be given the name; it is gone afterwards."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
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
