"""The release log: which issue was checked, approved, released, by whom and when; a chain that shows every later edit.

One line of JSON per event in ``<out>/release_log.jsonl``. Each entry carries the hash of the one before it and its own
hash over everything else, so a changed, removed or reordered line breaks the chain from there on. The end of a chain can
only be cut off unnoticed by somebody whom nobody told its head: every entry's head is printed, and ``reporter verify
--head`` looks for it. An approval speaks of one exact manifest (its SHA-256): a rebuilt issue with other bytes has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from reporter.domain.errors import StateError
from reporter.pipeline import manifest
from reporter.runtime import program
from reporter.runtime.atomic import disk_errors, lock, write_bytes

NAME = "release_log.jsonl"
Event = Literal["checked", "approved", "withdrawn", "sent", "published"]
State = Literal["draft", "checked", "approved", "released"]
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
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = Entry(**json.loads(line))
            fits = entry.number == number and entry.previous == previous
            fits = fits and entry.digest == entry.computed_digest()
        except (ValueError, TypeError, RecursionError) as error:
            raise _broken(path, number) from error
        if not fits:
            raise _broken(path, number)
        entries.append(entry)
        previous = entry.digest
    return entries


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(path, 1) from error


def record(folder: Path, event: Event, *, who: str, when: str, note: str = "") -> Entry:
    """Append an event about the issue in ``folder`` to the log beside it; returns the entry. Raises StateError.

    The log is written anew and swapped in, so that a kill or a full disk leaves the old one whole.
    """
    content = manifest.read(folder)
    out = folder.parent
    with disk_errors(out / NAME), lock(out / f".{NAME}.lock"):
        entries = read_log(out)
        entry = Entry(
            number=len(entries) + 1,
            event=event,
            quarter=str(content["quarter"]),
            version=int(content.get("version", 1)),
            manifest=program.sha256(folder / manifest.NAME),
            who=who,
            when=when,
            note=note,
            previous=entries[-1].digest if entries else _START,
        )
        entry = Entry(**{**asdict(entry), "digest": entry.computed_digest()})
        text = "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in [*entries, entry])
        write_bytes(out / NAME, text.encode("utf-8"))
    return entry


def record_check(folder: Path, *, when: str) -> None:
    """Note that a final issue passed all checks; once for the same bytes, and not at all for a draft."""
    if manifest.read(folder).get("status") == "final" and state(folder) == "draft":
        record(folder, "checked", who="reporter build --final", when=when)


def approve(folder: Path, *, who: str, when: str, note: str = "", approvers: Sequence[str] = ()) -> Entry:
    """Approve a final issue whose files are as built; by one of ``approvers`` where any are declared.

    Raises StateError otherwise.
    """
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
    return record(folder, "approved", who=_approver(who, approvers), when=when, note=note)


def withdraw(folder: Path, *, who: str, when: str, note: str, approvers: Sequence[str] = ()) -> Entry:
    """Take an approval back, with a reason. Raises StateError where there is none or the reason is missing."""
    if not is_approved(folder):
        raise StateError(f"{folder} ยังไม่มีการอนุมัติให้ถอน", f"{folder} has no approval that could be withdrawn.")
    if not note.strip():
        raise StateError("ต้องระบุเหตุผลที่ถอนการอนุมัติ (--note)", "Withdrawing needs a reason (--note).")
    return record(folder, "withdrawn", who=_approver(who, approvers), when=when, note=note)


def _approver(who: str, approvers: Sequence[str]) -> str:
    name = who.strip()
    if not name:
        raise StateError("ต้องระบุชื่อผู้อนุมัติ", "The name of the approver is required.")
    if approvers and name not in approvers:
        raise StateError(
            f"{name} ไม่อยู่ในรายชื่อผู้อนุมัติของ calendar.toml ({', '.join(approvers)})",
            f"{name} is not among the approvers declared in calendar.toml ({', '.join(approvers)}).",
        )
    return name


def events(folder: Path) -> list[Entry]:
    """Events about exactly this issue (same manifest bytes), oldest first; none where nothing is built."""
    path = folder / manifest.NAME
    if not path.exists():
        return []
    digest = program.sha256(path)
    return [entry for entry in read_log(folder.parent) if entry.manifest == digest]


def approval(folder: Path) -> Entry | None:
    """The approval of exactly this issue that is in force, or None."""
    decisions = [entry for entry in events(folder) if entry.event in ("approved", "withdrawn")]
    return decisions[-1] if decisions and decisions[-1].event == "approved" else None


def is_approved(folder: Path) -> bool:
    """Whether exactly this issue has been approved."""
    return approval(folder) is not None


def state(folder: Path) -> State:
    """How far exactly this issue has come. A final issue that no log knows is a draft until it is checked again."""
    seen = {entry.event for entry in events(folder)}
    if seen & {"sent", "published"}:
        return "released"
    if is_approved(folder):
        return "approved"
    return "checked" if "checked" in seen else "draft"


def require_head(out: Path, head: str) -> None:
    """Refuse a log that does not hold the entry with this digest: its end was cut off, or it was written anew."""
    if not any(entry.digest == head.strip().lower() for entry in read_log(out)):
        raise StateError(
            f"{out / NAME} ไม่มีบันทึก {head} — ท้ายบันทึกถูกตัดหรือถูกเขียนใหม่ กู้คืนจากสำเนาสำรอง",
            f"{out / NAME} does not hold the entry {head}: its end was cut off or it was rewritten; restore it.",
        )


def _broken(path: Path, number: int) -> StateError:
    return StateError(
        f"{path} บรรทัด {number} ถูกแก้ไขหรือขาดหาย — กู้คืนบันทึกการเผยแพร่จากสำเนาสำรอง",
        f"{path}, line {number} was edited or lines are missing; restore the release log from a copy.",
    )
