"""Every stage's result under a key of its real inputs: data, parameters, code.

A second build recomputes only what depends on what changed. Keys are hashes of content, never time stamps. The
cache may be deleted at any moment; a damaged or half-written entry counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from reporter.manifest import versions

Result = TypeVar("Result")
_CHECKSUM = 32
_KEPT = 400


def digest(value: Any) -> str:
    """SHA-256 of a value's content: frames by their cells, mappings and sequences by their parts."""
    accumulator = hashlib.sha256()
    _feed(accumulator, value)
    return accumulator.hexdigest()


def _feed(accumulator: Any, value: Any) -> None:
    accumulator.update(type(value).__name__.encode() + b"\0")
    if isinstance(value, pd.DataFrame):
        accumulator.update("|".join(f"{name}:{kind}" for name, kind in value.dtypes.items()).encode())
        accumulator.update(pd.util.hash_pandas_object(value, index=True).to_numpy().tobytes())
    elif isinstance(value, np.ndarray):
        accumulator.update(f"{value.shape}{value.dtype}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        for key in value:
            _feed(accumulator, key)
            _feed(accumulator, value[key])
    elif isinstance(value, list | tuple):
        for item in value:
            _feed(accumulator, item)
    elif isinstance(value, bytes):
        accumulator.update(value)
    elif isinstance(value, Path):
        accumulator.update(value.read_bytes() if value.is_file() else b"")
    else:
        accumulator.update(repr(value).encode() + b"\0")


class StageCache:
    """Results of stages in a folder; ``folder=None`` keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def result(self, stage: str, inputs: Any, compute: Callable[[], Result]) -> Result:
        """The stage's stored result for these inputs, or the computed one, which is then stored."""
        if self._folder is None:
            return compute()
        path = self._folder / f"{stage}-{digest((dict(versions()), inputs))[:40]}"
        stored = _read(path)
        if stored is not None:
            return stored
        computed = compute()
        # A cache that cannot be written (no home, full disk) costs time at the next build, nothing else.
        with contextlib.suppress(OSError):
            _write(path, computed)
        return computed


def _read(path: Path) -> Any:
    """The entry, or None where it is absent or its checksum does not fit."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[_CHECKSUM:]
    if hashlib.sha256(body).digest() != content[:_CHECKSUM]:
        return None
    return pickle.loads(body)


def _write(path: Path, value: Any) -> None:
    """Store an entry whole; of each stage only the newest entries stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = pickle.dumps(value, protocol=5)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(hashlib.sha256(body).digest() + body)
    temporary.replace(path)
    stage = path.name.rsplit("-", 1)[0]
    entries = sorted(path.parent.glob(f"{stage}-*"), key=_age)
    for outdated in entries[:-_KEPT]:
        outdated.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Time of writing; 0 for an entry that another run has just dropped."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
