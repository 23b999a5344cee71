"""Snapshots: what a service answered, byte for byte, with time, address without key and SHA-256; never overwritten.

Goes in: a data set as taken. Comes out: under ``snapshots/<service>/`` one file per page and, written last, a record
``<name>.snapshot.json`` that makes them a snapshot: pages without a record are the rest of a killed run and count for
nothing. Dropped files are kept the same way, under ``snapshots/files/``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.domain.errors import VintageError
from reporter.sources.client import Answer
from reporter.sources.paging import Taken

FOLDER = "snapshots"
FILES = "files"
_RECORD = ".snapshot.json"
_SUFFIX = {"single_key": ".json", "envelope": ".json", "observations": ".json", "table": ".csv"}


@dataclass(frozen=True)
class Snapshot:
    """A kept answer: ``service`` (or ``files``), data set, parameters, the declaration it was fetched for, its pages.

    taken   when the last page came; with its zone
    pages   files in order
    """

    record: Path
    service: str
    dataset: str
    request: str
    parameters: Mapping[str, str]
    taken: dt.datetime
    pages: tuple[Path, ...]
    sha256: tuple[str, ...]

    @property
    def id(self) -> str:
        """``snapshots/mol/20251121T034510123456_RFNEXzMx.snapshot.json``: where a vintage's values come from."""
        return f"{FOLDER}/{self.service}/{self.record.name}"

    def contents(self) -> Iterator[bytes]:
        """The pages' bytes, checked against their SHA-256. Raises VintageError for a changed or missing file."""
        for page, expected in zip(self.pages, self.sha256, strict=True):
            content = page.read_bytes() if page.is_file() else b""
            if hashlib.sha256(content).hexdigest() != expected:
                raise VintageError(
                    f"{self.id}: ไฟล์ {page.name} หายหรือถูกแก้ไข — กู้คืนจากสำเนาสำรอง",
                    f"{self.id}: file {page.name} is missing or was changed; restore it from a backup.",
                )
            yield content


def keep(root: Path, taken: Taken, request: str = "") -> Snapshot:
    """Keep a data set as it was taken, under ``root/snapshots``; ``request`` is the declaration it was fetched for."""
    return _keep(
        root,
        service=taken.service.id,
        dataset=taken.dataset.id,
        request=request,
        parameters=taken.parameters,
        suffix=_SUFFIX[taken.service.answer],
        answers=taken.answers,
    )


def keep_file(root: Path, path: Path, content: bytes, drop: str, received: dt.datetime) -> Snapshot:
    """Keep a dropped file's bytes as they were received."""
    answer = Answer(content, 0, "", path.name, received)
    return _keep(
        root,
        service=FILES,
        dataset=path.stem,
        request=drop,
        parameters={},
        suffix=path.suffix.lower(),
        answers=[answer],
    )


def _keep(
    root: Path,
    *,
    service: str,
    dataset: str,
    request: str,
    parameters: Mapping[str, str],
    suffix: str,
    answers: Sequence[Answer],
) -> Snapshot:
    folder = root / FOLDER / service
    folder.mkdir(parents=True, exist_ok=True)
    taken = answers[-1].received
    stamp = taken.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    stem = _free(folder, f"{stamp}_{_slug(dataset)}")
    pages = []
    for number, answer in enumerate(answers, start=1):
        page = folder / f"{stem}_p{number:04d}{suffix}"
        _write_new(page, answer.content)
        pages.append(
            {
                "file": page.name,
                "address": answer.address,
                "received": answer.received.isoformat(),
                "status": answer.status,
                "content_type": answer.content_type,
                "bytes": len(answer.content),
                "sha256": hashlib.sha256(answer.content).hexdigest(),
                **({"key_hidden": True} if answer.hidden else {}),
            }
        )
    record = folder / f"{stem}{_RECORD}"
    content = {
        "service": service,
        "dataset": dataset,
        "request": request,
        "parameters": dict(parameters),
        "taken": taken.isoformat(),
        "pages": pages,
    }
    _write_new(record, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
    return _snapshot(record, content)


def all_of(root: Path) -> list[Snapshot]:
    """Every complete snapshot of a workspace, oldest first. Raises VintageError for a damaged record."""
    found = []
    for record in sorted((root / FOLDER).glob(f"*/*{_RECORD}")):
        try:
            found.append(_snapshot(record, json.loads(record.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError) as error:
            raise VintageError(
                f"{record.parent.name}/{record.name}: บันทึกเสียหาย — กู้คืนจากสำเนาสำรอง",
                f"{record.parent.name}/{record.name}: the record is damaged; restore it from a backup.",
            ) from error
    return sorted(found, key=lambda snapshot: (snapshot.taken, snapshot.id))


def _snapshot(record: Path, content: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        record=record,
        service=content["service"],
        dataset=content["dataset"],
        request=content["request"],
        parameters=content["parameters"],
        taken=dt.datetime.fromisoformat(content["taken"]),
        pages=tuple(record.parent / page["file"] for page in content["pages"]),
        sha256=tuple(page["sha256"] for page in content["pages"]),
    )


def _slug(text: str) -> str:
    """A data set's id as part of a file name."""
    return re.sub(r"[^0-9A-Za-z._\u0E00-\u0E7F-]+", "-", text)[:60] or "data"


def _free(folder: Path, stem: str) -> str:
    """A stem that no file of the folder has: two runs may end in the same microsecond."""
    number, free = 1, stem
    while any(folder.glob(f"{free}_p*")) or (folder / f"{free}{_RECORD}").exists():
        number += 1
        free = f"{stem}-{number}"
    return free


def _write_new(path: Path, content: bytes) -> None:
    """Write a file whole, under a name that did not exist: a link fails where a rename would overwrite."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
