"""The release log: which issue was checked, approved, released, by whom and when; a chain that shows every later edit.

One line of JSON per event in ``<out>/release_log.jsonl``. Each entry carries the hash of the one before it and its own
hash over everything else, so a changed, removed or reordered line breaks the chain from there on. The end of a chain can
only be cut off unnoticed by somebody whom nobody told its head: ``reporter approve`` prints and mails it, every published
version carries it, and ``reporter verify --head`` looks for it. A check and an approval speak of one exact manifest (its
SHA-256): a rebuilt issue with other bytes has none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from reporter.delivery.built_issue import headline_conflicts
from reporter.domain.errors import InputError, StateError
from reporter.domain.periods import BANGKOK, PeriodError, archive_path, iso, parse_quarter
from reporter.inputs.calendar import read_calendar
from reporter.inputs.workspace import read_settings, require_workspace
from reporter.pipeline import manifest
from reporter.runtime import program
from reporter.runtime.cache import disk_errors, lock, write_bytes

NAME = "release_log.jsonl"
Event = Literal["checked", "approved", "withdrawn", "sent", "published", "retracted"]
ReleaseState = Literal["draft", "checked", "approved", "released"]
_START = "0" * 64
# Fields that came later: an entry without them keeps the digest that it had.
_OPTIONAL = ("embargo", "correction", "site", "archive")
# What may stand before a person's name: with and without it the same person is meant.
_TITLES = re.compile(
    r"^(?:(?:นางสาว|นาง|นาย|น\.\s*ส\.|ดร\.|ผศ\.|รศ\.|ศ\.|ม\.\s*ล\.|ม\.\s*ร\.\s*ว\.|ว่าที่\s*(?:ร้อยตรี|ร\.\s*ต\.)|คุณ"
    r"|mr\b\.?|mrs\b\.?|ms\b\.?|miss\b|dr\b\.?|prof\b\.?|assoc\b\.?|asst\b\.?)\s*)+"
)
# What stands between a person's name and the position; before it stand a given name and a surname.
_POSITION = re.compile(r"[,;(/]|\s[-–—]\s")


class _File(BaseModel, strict=True):
    path: str
    sha256: str
    bytes: int


class _Settings(BaseModel, strict=True):
    approvers: Annotated[int, Field(ge=1)] = 1


class _Parameters(BaseModel, strict=True):
    as_of: str = ""
    settings: _Settings = _Settings()


class _Manifest(BaseModel, strict=True):
    """What delivery reads of a manifest, and in which form; everything else is the report's."""

    quarter: str
    version: Annotated[int, Field(ge=1)] = 1
    status: str = ""
    embargo: str = ""
    synthetic: bool = False
    headline: dict[str, Any] = {}
    outputs: list[_File]
    parameters: _Parameters = _Parameters()
    qa: dict[str, int] = {}
    waivers: list[Any] = []


def read_issue(folder: Path) -> dict[str, Any]:
    """The manifest of a built issue, every part that delivery reads in its form.

    Raises StateError where nothing is built or the folder is named after another quarter, InputError for a broken manifest
    """
    content = manifest.read(folder)
    try:
        _Manifest.model_validate(content)
        quarter = parse_quarter(str(content["quarter"]))
    except (ValidationError, PeriodError) as error:
        where = (
            ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "quarter"
        )
        path = folder / manifest.NAME
        raise InputError(
            f"{path}: ค่า {where} ผิดรูปแบบ — สร้างฉบับใหม่ด้วย reporter build ห้ามแก้แฟ้มด้วยมือ",
            f"{path}: {where} has a wrong form; build the issue again with reporter build, and edit nothing by hand.",
        ) from error
    try:
        named = parse_quarter(folder.name)
    except PeriodError:
        named = quarter  # an issue that is looked at elsewhere
    if named != quarter:
        raise StateError(
            f"โฟลเดอร์ {folder} เป็นชื่อของ {iso(named)} แต่ข้างในเป็นฉบับของ {iso(quarter)} — สร้างฉบับของ {iso(named)} ใหม่",
            f"The folder {folder} is named after {iso(named)} but holds the issue of {iso(quarter)}; build that of {iso(named)}.",
        )
    return content


@dataclass(frozen=True)
class LogEntry:
    """One event. ``manifest`` is the SHA-256 of the issue's manifest.json; ``when`` ISO 8601 with time zone.

    embargo      of an approval: the declared moment of release that was known then
    correction   of a publication: what was wrong in the version before
    site         of a publication: the website's folder; ``archive`` the SHA-256 of the version's SHA256SUMS
    """

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
    embargo: str = ""
    correction: str = ""
    site: str = ""
    archive: str = ""

    def content(self) -> dict[str, Any]:
        """The fields as they are written; later fields only where they say something."""
        return {key: value for key, value in asdict(self).items() if value or key not in _OPTIONAL}

    @property
    def when_in_bangkok(self) -> str:
        """``when`` as readers see it: in Bangkok time, whatever the machine's zone was."""
        return in_bangkok(self.when)

    def computed_digest(self) -> str:
        """SHA-256 over all other fields in canonical JSON."""
        content = self.content()
        del content["digest"]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def in_bangkok(moment: str) -> str:
    """A written moment with its zone (ISO 8601), in Bangkok time. Raises ValueError for a text that is none."""
    return dt.datetime.fromisoformat(moment).astimezone(BANGKOK).isoformat()


def read_log(out: Path) -> list[LogEntry]:
    """All events, oldest first. Raises StateError naming the first line that does not fit the chain."""
    path = out / NAME
    if not path.exists():
        return []
    entries: list[LogEntry] = []
    previous = _START
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = LogEntry(**json.loads(line))
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
        # Only the line feed ends an entry: a note that was pasted from elsewhere may hold other marks that end a line.
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(path, 1) from error


def record(
    folder: Path,
    event: Event,
    *,
    who: str,
    when: str,
    note: str = "",
    details: Mapping[str, str] | None = None,
) -> LogEntry:
    """Append an event about the issue in ``folder`` to the log beside it; returns the entry. Raises StateError.

    details   the entry's optional fields
    The log is written anew and swapped in, so that a kill or a full disk leaves the old one whole.
    """
    content = read_issue(folder)
    out = folder.parent
    with disk_errors(out / NAME), lock(out / f".{NAME}.lock"):
        entries = read_log(out)
        entry = LogEntry(
            number=len(entries) + 1,
            event=event,
            quarter=str(content["quarter"]),
            version=int(content.get("version", 1)),
            manifest=program.sha256(folder / manifest.NAME),
            who=who,
            when=when,
            note=note,
            previous=entries[-1].digest if entries else _START,
            **(details or {}),
        )
        entry = replace(entry, digest=entry.computed_digest())
        text = "".join(json.dumps(item.content(), ensure_ascii=False) + "\n" for item in [*entries, entry])
        write_bytes(out / NAME, text.encode("utf-8"))
    return entry


def record_check(folder: Path, *, when: str) -> None:
    """Note that a final issue passed all checks; once for the same bytes, and not at all for a draft."""
    if read_issue(folder).get("status") == "final" and state(folder) == "draft":
        record(folder, "checked", who="reporter build --final", when=when)


def approve(
    folder: Path, *, who: str, when: str, note: str = "", approvers: Sequence[str] = (), embargo: str = ""
) -> LogEntry:
    """Approve a final issue that passed all checks as it is; by one of ``approvers`` where any are declared.

    embargo   the declared moment of release, which the log keeps with the approval
    Raises StateError otherwise: for a draft, changed files, an issue that ``reporter build --final`` never checked, a headline
    that is not that of tables and report, and a second approval by the same person where another person's is missing.
    Where nobody's is missing, a second approval by the same person changes nothing: its first entry is returned
    """
    content = read_issue(folder)
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
    require_checked(folder)
    name = _approver(who, approvers)
    require_another_person(folder, name)
    if standing := _standing_approval(folder, name):
        return standing
    return record(folder, "approved", who=name, when=when, note=note, details={"embargo": embargo})


def require_another_person(folder: Path, name: str, needed: int = 0) -> None:
    """Raise StateError where approvals are missing and this person has given one already.

    needed   how many persons must approve; what the issue's own settings ask for counts where it is more
    """
    is_again = any(_is_same_person(name, one) for one in approved_by(folder))
    if is_again and not is_approved(folder, needed):
        raise StateError(
            f"{name} อนุมัติฉบับนี้แล้ว — หากต้องมีผู้อนุมัติสองคน ต้องเป็นคนละคนกัน",
            f"{name} has approved this issue already; where two must approve, they are two persons.",
        )


def require_checked(folder: Path) -> None:
    """Refuse an issue that is not, byte for byte, one that passed all checks, or that contradicts itself. Raises StateError."""
    if not is_checked(folder):
        raise StateError(
            f"{folder} ไม่ใช่ฉบับที่ผ่านการตรวจ (ไม่มีบันทึกการตรวจของไบต์ชุดนี้) — สร้างใหม่ด้วย reporter build --final ห้ามแก้แฟ้มด้วยมือ",
            f"{folder} is not an issue that passed all checks: the release log has no check of exactly these bytes. "
            "Build it with reporter build --final, and edit nothing by hand.",
        )
    require_one_headline(folder)


def is_checked(folder: Path) -> bool:
    """Whether exactly this issue passed all checks of ``reporter build --final``."""
    return "checked" in {entry.event for entry in events(folder)}


def require_one_headline(folder: Path) -> None:
    """Raise StateError where manifest, tables, issue document and report do not say the same headline."""
    conflicts = headline_conflicts(folder, read_issue(folder))
    if conflicts:
        raise StateError(
            f"ตัวเลขหลักใน {folder} ขัดกันเอง: {'; '.join(th for th, _ in conflicts)} — สร้างฉบับใหม่",
            f"The headline in {folder} contradicts itself: {'; '.join(en for _, en in conflicts)}; build it again.",
        )


def withdraw(folder: Path, *, who: str, when: str, note: str, approvers: Sequence[str] = ()) -> LogEntry:
    """Take an approval back, with a reason. Raises StateError where there is none or the reason is missing."""
    if not approved_by(folder):
        raise StateError(f"{folder} ยังไม่มีการอนุมัติให้ถอน", f"{folder} has no approval that could be withdrawn.")
    if not note.strip():
        raise StateError("ต้องระบุเหตุผลที่ถอนการอนุมัติ (--note)", "Withdrawing needs a reason (--note).")
    return record(folder, "withdrawn", who=_approver(who, approvers), when=when, note=note)


def _person(name: str) -> str:
    """What is the same however a name is written: letters and digits, without titles, spaces, marks of width and case."""
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    without = _TITLES.sub("", text)
    letters = [mark for mark in without if unicodedata.category(mark)[0] in "LMN"]
    # Two marks over one Thai letter are typed in either order.
    return re.sub(
        r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+", lambda marks: "".join(sorted(marks[0])), "".join(letters)
    ).replace("เเ", "แ")


def _is_same_person(first: str, second: str) -> bool:
    """Whether two names are one person's: written otherwise, or once with the position and once without.

    Two different positions behind one name stay two: offices may sign by their roles.
    """
    return _person(first) in _ways(second) or _person(second) in _ways(first)


def _ways(name: str) -> tuple[str, str]:
    """A name as a whole, and without the position; a given name and a surname must stand before that."""
    alone = _POSITION.split(name, maxsplit=1)[0]
    return _person(name), _person(alone if len(_TITLES.sub("", alone.casefold()).split()) > 1 else name)


def _approver(who: str, approvers: Sequence[str]) -> str:
    """The approver's name, as it is declared where names are declared."""
    name = " ".join(who.split())
    if not _person(name):
        raise StateError("ต้องระบุชื่อผู้อนุมัติ", "The name of the approver is required.")
    known = [one for one in approvers if _person(one) == _person(name)]
    known += [one for one in approvers if _is_same_person(one, name)]
    name = known[0] if known else name
    if approvers and name not in approvers:
        raise StateError(
            f"{name} ไม่อยู่ในรายชื่อผู้อนุมัติของ calendar.toml ({', '.join(approvers)})",
            f"{name} is not among the approvers declared in calendar.toml ({', '.join(approvers)}).",
        )
    return name


def events(folder: Path) -> list[LogEntry]:
    """Events about exactly this issue (same manifest bytes), oldest first; none where nothing is built."""
    path = folder / manifest.NAME
    if not path.exists():
        return []
    digest = program.sha256(path)
    return [entry for entry in read_log(folder.parent) if entry.manifest == digest]


def approved_by(folder: Path) -> tuple[str, ...]:
    """Who has approved exactly this issue, since the last withdrawal; each person once, in order."""
    persons: list[str] = []
    for entry in events(folder):
        if entry.event == "withdrawn":
            persons.clear()
        elif entry.event == "approved" and not any(_is_same_person(entry.who, one) for one in persons):
            persons.append(entry.who)
    return tuple(persons)


def _standing_approval(folder: Path, name: str) -> LogEntry | None:
    """The approval that this person gave exactly this issue, where it was not withdrawn since."""
    found = None
    for entry in events(folder):
        if entry.event == "withdrawn":
            found = None
        elif entry.event == "approved" and found is None and _is_same_person(entry.who, name):
            found = entry
    return found


def require_approved_bytes(folder: Path) -> None:
    """Refuse an issue of a quarter and version that the log knows as approved, or as released, with other bytes. Raises StateError.

    An issue that was never approved passes, and one whose own bytes are approved or released too.
    """
    content, digest = read_issue(folder), program.sha256(folder / manifest.NAME)
    about = (str(content["quarter"]), int(content.get("version", 1)))
    log = [entry for entry in read_log(folder.parent) if (entry.quarter, entry.version) == about]
    standing: dict[str, LogEntry] = {}  # by manifest: the entry that makes its bytes the approved ones
    for entry in log:
        if entry.event in ("sent", "published"):
            standing[entry.manifest] = entry
        elif entry.event == "approved":
            standing.setdefault(entry.manifest, entry)
        elif entry.event == "withdrawn" and standing.get(entry.manifest, entry).event == "approved":
            standing.pop(entry.manifest, None)
    if not standing or digest in standing:
        return
    known = list(standing.values())[-1]
    by = f"{known.who} {known.when_in_bangkok}"
    names = _other_than_published(content, [one for one in log if one.manifest == known.manifest])
    differing = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    th, en = (f" แฟ้มที่ต่าง: {differing}", f" These files differ: {differing}.") if differing else ("", "")
    raise StateError(
        f"{folder} ไม่ใช่ฉบับที่อนุมัติ: บันทึกการเผยแพร่รู้จัก {known.quarter} ฉบับที่ {known.version} ด้วย manifest.json ที่มี SHA-256 {known.manifest} "
        f"({by}) แต่ manifest.json ในโฟลเดอร์นี้มี SHA-256 {digest}{th} — กู้คืนฉบับที่อนุมัติจากสำเนาสำรอง หากสร้างใหม่โดยตั้งใจ ต้องตรวจและอนุมัติใหม่",
        f"{folder} is not the approved issue: the release log knows {known.quarter} version {known.version} with a manifest.json of SHA-256 "
        f"{known.manifest} ({known.event}, {by}), but the manifest.json here has {digest}.{en} Restore the approved issue; one that was built again on purpose is checked and approved anew.",
    )


def _other_than_published(content: Mapping[str, Any], approved: Sequence[LogEntry]) -> list[str]:
    """Files of an issue that are other than where the approved bytes were published; none where that website is not at hand."""
    for entry in approved:
        published = Path(entry.site, archive_path(parse_quarter(entry.quarter)), f"v{entry.version}")
        if entry.site and (published / manifest.NAME).is_file():
            first, second = (
                {file["path"]: file["sha256"] for file in issue["outputs"]}
                for issue in (manifest.read(published), content)
            )
            names = first.keys() | second.keys()
            return sorted(name for name in names if first.get(name) != second.get(name))
    return []


def is_approved(folder: Path, needed: int = 0) -> bool:
    """Whether exactly this issue has been approved by as many persons as are needed.

    needed   at least this many; what the issue's own settings ask for counts where it is more
    """
    return len(approved_by(folder)) >= max(needed, approvals_needed(folder))


def approvals_needed(folder: Path) -> int:
    """How many persons must approve, as the workspace's settings said when the issue was built; at least one."""
    if not (folder / manifest.NAME).exists():
        return 1
    return int(read_issue(folder).get("parameters", {}).get("settings", {}).get("approvers", 1))


def state(folder: Path) -> ReleaseState:
    """How far exactly this issue has come. A final issue that no log knows is a draft until it is checked again."""
    seen = {entry.event for entry in events(folder)}
    if seen & {"sent", "published"}:
        return "released"
    if is_approved(folder):
        return "approved"
    return "checked" if "checked" in seen else "draft"


def require_not_retracted(folder: Path, content: Mapping[str, Any]) -> None:
    """Refuse a version that was withdrawn after its publication: it may not be released again. Raises StateError."""
    quarter, version = str(content["quarter"]), int(content.get("version", 1))
    for entry in read_log(folder.parent):
        if (entry.event, entry.quarter) == ("retracted", quarter) and entry.note.startswith(f"v{version}:"):
            raise StateError(
                f"{quarter} ฉบับที่ {version} ถูกถอนแล้ว ({entry.note}) จึงส่งหรือเผยแพร่ไม่ได้ — สร้างฉบับแก้ไขด้วย reporter build --final --version {version + 1}",
                f"{quarter} version {version} was withdrawn ({entry.note}) and may not go out; build a correction with reporter build --final --version {version + 1}.",
            )


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


# ----------------------------------------------------------------------------------------------------
# Conditions for a release: files as built, final, signed off, after its embargo.
#
# Goes in: the issue's folder, the time, the workspace's calendar. Comes out: a ``Releasable`` or a StateError that says what
# forbids it. ``send`` and ``publish`` both ask here. Checks and approvals are those of ``reporter.delivery.release_log``; a draft or
# an issue without them passes only as a rehearsal, which is marked in every message and on every page; an embargo is never
# rehearsed away. Of all moments of release that are known the latest holds: the issue's own, that of its approval, those of the
# workspace's calendar and settings, and the one that the website announces.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Releasable:
    """An issue that may go out; ``mark`` is empty, or says what every message must show (ฉบับร่าง)."""

    folder: Path
    content: Mapping[str, Any]
    digest: str
    mark: str


def require_releasable(
    folder: Path,
    allow_draft: bool,
    *,
    now: dt.datetime,
    only_preview: bool = False,
    workspace: Path | None = None,
    announced: dt.datetime | None = None,
) -> Releasable:
    """Refuse an issue that must not go out.

    allow_draft   a draft or an issue without sign-off passes, marked; its files and its embargo are checked all the same
    only_preview  nothing leaves the house: a draft passes, marked; sign-off and embargo are not asked for
    workspace     its calendar may put the release off after the issue was built: the later moment counts
    announced     the moment of release that the website announces, where it announces one
    Raises        StateError naming what forbids it; InputError for a broken manifest or calendar, or a workspace that is not there
    """
    content = read_issue(folder)
    if changed := manifest.changed_files(folder, content):
        listed = ", ".join(changed[:5]) + (" ..." if len(changed) > 5 else "")
        raise StateError(
            f"แฟ้มใน {folder} ไม่ตรงกับ manifest: {listed} — สร้างและอนุมัติฉบับใหม่ก่อน",
            f"Files in {folder} do not match the manifest: {listed}; build and approve the issue again first.",
        )
    require_one_headline(folder)
    mark = _mark(folder, content, allow_draft, only_preview, workspace)
    until = max(
        (moment for moment in (declared_release(folder, content, workspace), announced) if moment),
        default=None,
    )
    if until is not None and now < until and not only_preview:
        raise StateError(
            f"ยังไม่พ้นเวลาห้ามเผยแพร่ {until.astimezone(BANGKOK):%Y-%m-%d %H:%M %z} — ส่งหรือเผยแพร่ได้หลังเวลานั้น",
            f"The issue is under embargo until {until.astimezone(BANGKOK).isoformat()}; send or publish it after that.",
        )
    return Releasable(folder, content, program.sha256(folder / manifest.NAME), mark)


def _mark(
    folder: Path, content: Mapping[str, Any], allow_draft: bool, only_preview: bool, workspace: Path | None
) -> str:
    """The mark of a rehearsal, or empty. Raises StateError when the issue needs one and may not be rehearsed."""
    is_rehearsal = allow_draft or only_preview
    if content.get("status") != "final":
        if not is_rehearsal:
            raise StateError(
                f"{folder} เป็นฉบับร่าง จึงส่งหรือเผยแพร่ไม่ได้ — สร้างด้วย reporter build --final หรือซ้อมด้วย --allow-draft",
                f"{folder} is a draft and may not go out; build it with --final, or rehearse with --allow-draft.",
            )
        return "ฉบับร่าง"
    needed = read_settings(workspace).approvers if workspace is not None else 1
    if is_approved(folder, needed):
        if not is_rehearsal:
            require_checked(folder)
        if is_checked(folder):
            return ""
    if not is_rehearsal:
        persons = approved_by(folder)
        needed = max(needed, approvals_needed(folder))
        so_far = f" ({', '.join(persons)}: {len(persons)}/{needed})" if persons else ""
        raise StateError(
            f"{folder} ยังไม่ได้รับการอนุมัติครบ{so_far} — สั่ง reporter approve ก่อน หรือซ้อมด้วย --allow-draft",
            f"{folder} has not been approved{so_far}; run reporter approve first, or rehearse with --allow-draft.",
        )
    return "ยังไม่อนุมัติ"


def declared_release(folder: Path, content: Mapping[str, Any], workspace: Path | None) -> dt.datetime | None:
    """The latest moment of release that the issue, its approvals, and the workspace's calendar and settings know."""
    moments = [embargo_of(content)]
    moments += [embargo_of({"embargo": entry.embargo}) for entry in events(folder)]
    if workspace is not None:
        moments += _workspace_moments(
            workspace, parse_quarter(str(content["quarter"])), _is_out(folder, content)
        )
    return max((moment for moment in moments if moment is not None), default=None)


def _is_out(folder: Path, content: Mapping[str, Any]) -> bool:
    """Whether an issue of this quarter was released before, in any version."""
    return any(
        entry.event in ("published", "sent") and entry.quarter == content["quarter"]
        for entry in read_log(folder.parent)
    )


def _workspace_moments(workspace: Path, quarter: pd.Period, is_out: bool) -> list[dt.datetime | None]:
    """What the workspace says of a quarter's release now: its calendar, and the embargo of its settings."""
    require_workspace(workspace)
    calendar, problems = read_calendar(workspace)
    if problems:
        raise InputError(
            "อ่านกำหนดการเผยแพร่ calendar.toml ไม่ได้ จึงไม่ส่งและไม่เผยแพร่ — แก้ไขตามรายการข้างต้น",
            "calendar.toml is wrong, so nothing leaves; mend it as listed.",
            problems,
        )
    settings = read_settings(workspace)
    # An embargo of the settings speaks of one issue: of the quarter that had ended when it falls, in Bangkok. Of an
    # issue that never left the house it speaks however late it falls.
    embargo = embargo_of({"embargo": settings.embargo})
    is_of_this = False
    if embargo is not None:
        day = embargo.astimezone(BANGKOK).date()
        is_of_this = quarter.end_time.date() < day and (day <= (quarter + 1).end_time.date() or not is_out)
    return [calendar.release_of(quarter), embargo if is_of_this else None]


def embargo_of(content: Mapping[str, Any]) -> dt.datetime | None:
    """The moment before which nothing may leave; a date means its first minute, Bangkok time.

    Raises StateError for a text that is no date: an embargo that cannot be read is kept, not ignored.
    """
    text = str(content.get("embargo") or "").strip()
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise StateError(
            f'อ่านเวลาห้ามเผยแพร่ "{text}" ไม่ได้ — เขียนแบบ 2025-11-14T10:00+07:00 ใน workspace.toml แล้วสร้างใหม่',
            f'Cannot read the embargo "{text}"; write 2025-11-14T10:00+07:00 in workspace.toml and build again.',
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BANGKOK)
