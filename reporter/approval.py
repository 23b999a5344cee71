"""The release log: who approved and released which issue, when; a chain that shows every later edit.

One line of JSON per event in ``<out>/release_log.jsonl``. Each entry carries the hash of the one before it and its own
hash over everything else, so a changed, removed or reordered line breaks the chain from there on. An approval speaks
of one exact manifest (its SHA-256): a rebuilt issue with other bytes has no approval.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from reporter import manifest
from reporter.atomic import lock
from reporter.errors import StateError

NAME = "release_log.jsonl"
Event = Literal["approved", "sent", "published"]
_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One event. ``manifest`` is the SHA-256 of the issue's manifest.json; ``when`` ISO 8601 with time zone."""

    number: int
    event: Event
    quarter: str
    version: int
    manifest: str
    who: str
    when: str
    note: str
    previous: str
    digest: str = ""

    def computed_digest(self) -> str:
        """SHA-256 over all other fields in canonical JSON."""
        content = asdict(self)
        del content["digest"]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_log(out: Path) -> list[Entry]:
    """All events, oldest first. Raises StateError naming the first line that does not fit the chain."""
    path = out / NAME
    if not path.exists():
        return []
    entries: list[Entry] = []
    previous = _START
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise _broken(path, number) from error
        if entry.number != number or entry.previous != previous or entry.digest != entry.computed_digest():
            raise _broken(path, number)
        entries.append(entry)
        previous = entry.digest
    return entries


def record(folder: Path, event: Event, *, who: str, when: str, note: str = "") -> Entry:
    """Append an event about the issue in ``folder`` to the log beside it; returns the entry. Raises StateError."""
    content = manifest.read(folder)
    out = folder.parent
    with lock(out / f".{NAME}.lock"):
        entries = read_log(out)
        entry = Entry(
            number=len(entries) + 1,
            event=event,
            quarter=str(content["quarter"]),
            version=int(content.get("version", 1)),
            manifest=manifest.sha256(folder / manifest.NAME),
            who=who,
            when=when,
            note=note,
            previous=entries[-1].digest if entries else _START,
        )
        entry = Entry(**{**asdict(entry), "digest": entry.computed_digest()})
        with (out / NAME).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
    return entry


def approve(folder: Path, *, who: str, when: str, note: str = "") -> Entry:
    """Approve a final issue whose files are as built and whose QA has no error. Raises StateError otherwise."""
    content = manifest.read(folder)
    if content.get("status") != "final":
        raise StateError(
            f"{folder} เป็นฉบับร่าง จึงอนุมัติไม่ได้ — สร้างด้วย reporter build --final ก่อน",
            f"{folder} is a draft and cannot be approved; build it with reporter build --final first.",
        )
    if changed := manifest.changed_files(folder, content):
        raise StateError(
            f"แฟ้มไม่ตรงกับ manifest: {', '.join(changed)} — สร้างฉบับใหม่",
            f"Files differ from the manifest: {', '.join(changed)}; build the issue again.",
        )
    if not who.strip():
        raise StateError("ต้องระบุชื่อผู้อนุมัติ", "The name of the approver is required.")
    return record(folder, "approved", who=who.strip(), when=when, note=note)


def approval(folder: Path) -> Entry | None:
    """The newest approval of exactly this issue (same manifest bytes), or None."""
    path = folder / manifest.NAME
    if not path.exists():
        return None
    digest = manifest.sha256(path)
    found = [
        entry for entry in read_log(folder.parent) if entry.event == "approved" and entry.manifest == digest
    ]
    return found[-1] if found else None


def is_approved(folder: Path) -> bool:
    """Whether exactly this issue has been approved."""
    return approval(folder) is not None


def _broken(path: Path, number: int) -> StateError:
    return StateError(
        f"{path} บรรทัด {number} ถูกแก้ไขหรือขาดหาย — กู้คืนบันทึกการเผยแพร่จากสำเนาสำรอง",
        f"{path}, line {number} was edited or lines are missing; restore the release log from a copy.",
    )
