"""The archive: which versions of which issues are published, read from the records beside their files.

Goes in: the site's folder. Comes out: ``Record`` objects, and the decision under which version an issue goes. A version's
folder (``2568/q3/v1/``) holds the issue's files as built, ``record.json``, from which every page, list and feed is made (in issues
of the first program versions it is called ``issue.json``), and ``SHA256SUMS`` of all its files (``sha256sum -c`` reads it). Rule:
what was published under a version stays as it is; other content needs a correction, which is built as the next version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery import built_issue
from reporter.delivery.built_issue import IssueDocument, table
from reporter.delivery.release_log import Releasable, in_bangkok
from reporter.domain.declarations import Declarations
from reporter.domain.edition import data_id_of, status_path
from reporter.domain.errors import SEVERITIES, InputError, StateError
from reporter.domain.periods import BANGKOK, archive_path, iso, parse_quarter
from reporter.domain.thai import rounded
from reporter.runtime import program

RECORD, FIRST_RECORD = "record.json", "issue.json"
SUMS = "SHA256SUMS"
# What records of the first program versions lack.
_SINCE_THEN: Mapping[str, Any] = {
    "published_at": "",
    "log_head": "",
    "data_id": "",
    "correction_changes": {},
    "quality": {},
}
WITHDRAWN = "withdrawn.json"  # beside the versions of a quarter: version -> when and why
_VERSION = re.compile(r"v([1-9]\d*)")


@dataclass(frozen=True)
class Record:
    """One published version. ``content`` is its ``record.json``; ``path`` its folder relative to the site.

    withdrawn   ``{"when": ..., "reason": ...}`` of a version that was withdrawn
    """

    quarter: pd.Period
    version: int
    content: Mapping[str, Any]
    withdrawn: Mapping[str, str] = field(default_factory=dict)

    @property
    def issue_path(self) -> str:
        """``2568/q3``: where the newest version is shown."""
        return archive_path(self.quarter)

    @property
    def path(self) -> str:
        """``2568/q3/v1``."""
        return f"{self.issue_path}/v{self.version}"

    @property
    def status_path(self) -> str:
        """``s/2568q3v1``: the short address that is printed in the report."""
        return status_path(self.quarter, self.version)

    @property
    def before(self) -> int:
        """The published version that this one corrects; 0 where there is none. A number may be skipped."""
        return int(self.content.get("corrects", self.version - 1))

    @property
    def moment(self) -> str:
        """When it was published, RFC 3339; of records that knew the day only, seconds tell versions of one day apart."""
        exact = self.content.get("published_at")
        return str(exact) if exact else f"{self.content['published']}T00:00:{min(self.version, 59):02d}+07:00"


Archive = Mapping[pd.Period, Sequence[Record]]


@dataclass(frozen=True)
class Placement:
    """Where an issue goes: its version, and whether exactly these bytes are there already."""

    version: int
    is_published: bool


def records(site: Path) -> dict[pd.Period, list[Record]]:
    """Every published version, quarters oldest first, versions in order. Raises InputError for a broken record."""
    found: dict[pd.Period, list[Record]] = {}
    for folder in sorted(site.glob("[0-9][0-9][0-9][0-9]/q[1-4]/v*")):
        match = _VERSION.fullmatch(folder.name)
        path = folder / RECORD if (folder / RECORD).exists() else folder / FIRST_RECORD
        if match is None or not path.exists():
            continue
        content = _read(path, site)
        quarter = parse_quarter(str(content["quarter"]))
        version = int(match[1])
        withdrawn = _withdrawn(folder.parent / WITHDRAWN).get(str(version), {})
        found.setdefault(quarter, []).append(Record(quarter, version, content, withdrawn))
    for versions in found.values():
        versions.sort(key=lambda record: record.version)
    return dict(sorted(found.items()))


def _withdrawn(path: Path) -> dict[str, dict[str, str]]:
    """Version -> when (in Bangkok time, as all days that readers see) and why it was withdrawn. Raises InputError for a file that says something else."""
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            version: {"when": in_bangkok(entry["when"]), "reason": entry["reason"]}
            for version, entry in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ — กู้แฟ้มนี้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Cannot read {path}; restore it from a copy of the site.",
        ) from error


def _read(path: Path, site: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parse_quarter(str(content["quarter"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        where = path.relative_to(site).as_posix()
        raise InputError(
            f"อ่านบันทึก {where} ของคลังรายงานไม่ได้ — กู้แฟ้มนี้คืนจากสำเนาสำรองของเว็บไซต์",
            f"Cannot read the archive's record {where}; restore it from a copy of the site.",
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{path} ไม่ใช่บันทึกของฉบับ", f"{path} is no record of an issue.")
    return {**_SINCE_THEN, **content}


def place(
    quarter: pd.Period, digest: str, version: int, versions: list[Record], correction: str
) -> Placement:
    """The version under which the issue with this manifest goes: its own. Raises StateError when that would replace one.

    digest       SHA-256 of the issue's manifest.json
    version      what the manifest says: the PDF, the letter and the website give the same number
    correction   what was wrong; "" when the issue is no correction
    """
    for record in versions:
        if record.content["manifest_sha256"] == digest:
            return Placement(record.version, is_published=True)
    newest = versions[-1].version if versions else 0
    if not versions and correction and version == 1:
        raise StateError(
            f"ยังไม่มีฉบับของ {iso(quarter)} ให้แก้ไข — เผยแพร่โดยไม่ใช้ --correction",
            f"There is no published issue of {iso(quarter)} to correct; publish without --correction.",
        )
    if version <= newest:
        raise StateError(
            f"{versions[-1].path} เผยแพร่แล้วและเนื้อหาไม่ตรงกับฉบับนี้ ฉบับที่เผยแพร่แล้วเปลี่ยนไม่ได้ — หากเป็นการแก้ไข ให้สร้างด้วย "
            f'reporter build --final --version {newest + 1} แล้วเผยแพร่ด้วย --correction "สิ่งที่แก้ไข" (เล่ม จดหมาย และเว็บไซต์ต้องบอกเลขฉบับเดียวกัน)',
            f"{versions[-1].path} is published with other content, and a published version never changes. Build a correction with "
            f'reporter build --final --version {newest + 1} and publish it with --correction "what was wrong": report, letter and website give one number.',
        )
    if version > 1 and not correction:
        raise StateError(
            f'ฉบับที่ {version} เป็นฉบับแก้ไข — ระบุ --correction "สิ่งที่แก้ไข" ซึ่งจดหมายและเว็บไซต์จะใช้ข้อความเดียวกัน',
            f'Version {version} is a correction; say --correction "what was wrong": letter and website give the same words.',
        )
    return Placement(version, is_published=False)


def sums(folder: Path) -> str:
    """The content of ``SHA256SUMS``: hash and path of every other file of a version, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    return "".join(f"{program.sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)


def changed_files(folder: Path) -> list[str]:
    """Paths of a version that are no longer as published: changed, gone, added, or a link to what may change elsewhere."""
    path = folder / SUMS
    declared = _by_path(path.read_text(encoding="utf-8")) if path.exists() else {}
    present = _by_path(sums(folder))
    links = {place.relative_to(folder).as_posix() for place in folder.rglob("*") if place.is_symlink()}
    return sorted(
        links | {name for name in declared.keys() | present.keys() if declared.get(name) != present.get(name)}
    )


def _by_path(text: str) -> dict[str, str]:
    return {line[66:]: line[:64] for line in text.splitlines()}


# ----------------------------------------------------------------------------------------------------
# What a published version keeps beside its files: the record that pages, lists and feeds are made from.
#
# Goes in: a built issue. Comes out: the content of ``record.json``, small and complete, so that the website can be made
# again from the archive alone. Numbers come from the issue's manifest and tables.
# ----------------------------------------------------------------------------------------------------

FORMAT = 2  # 1: the record was called issue.json, and knew the day of publication only
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth"}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class Facts:
    """What publishing adds to an issue.

    correction   what was wrong in the version before, "" for a first version
    corrects     number of that version, 0 for a first one
    changes      what differs from it (``reporter.delivery.built_issue``), empty for a first version
    published    the moment
    log_head     digest of the release log's newest entry then, "" for a rehearsal
    withheld     files of the issue that are not published
    manifest     the manifest as it is published
    """

    correction: str
    corrects: int
    changes: Mapping[str, Any]
    published: dt.datetime
    log_head: str
    withheld: Sequence[str]
    manifest: bytes


def issue_record(
    issue: Releasable, document: IssueDocument, declarations: Declarations, facts: Facts
) -> dict[str, Any]:
    """The content of ``record.json`` for this version."""
    content = issue.content
    folder = issue.folder
    settings = _settings_of(issue)
    quarter = parse_quarter(str(content["quarter"]))
    return {
        "format": FORMAT,
        "quarter": iso(quarter),
        "version": int(content.get("version", 1)),
        "data_id": data_id_of(folder),
        "published": facts.published.astimezone(BANGKOK).date().isoformat(),
        "published_at": facts.published.astimezone(BANGKOK).isoformat(timespec="seconds"),
        "as_of": content["parameters"]["as_of"],
        "manifest_sha256": issue.digest,
        "log_head": facts.log_head,
        "mark": issue.mark,
        "synthetic": bool(content.get("synthetic")),
        "correction": facts.correction,
        "corrects": facts.corrects,
        "correction_changes": dict(facts.changes),
        "quality": _quality(content),
        "title": document.title,
        "settings": {key: settings.get(key, "") for key in ("ministry", "office", "division", "title")},
        "contact": settings.get("contact", ""),
        "email": _email(settings),
        "website": str(settings.get("website", "")).rstrip("/"),
        "release_date": settings.get("release_date", ""),
        "headline": content["headline"],
        "sentences": document.key_sentences,
        "english": english_summary(content, folder, declarations, quarter),
        "changes": _notes(folder),
        "figures": document.figures(),
        "methods": document.methods(),
        "files": _files(issue, facts),
        "fields": fields(folder / "tables"),
        "sources": [source.name.th for source in declarations.sources.values()],
        "series": long_series(folder),
    }


def _settings_of(issue: Releasable) -> Mapping[str, Any]:
    """The settings with which the issue was built. Raises InputError where the manifest does not hold them."""
    parameters = issue.content.get("parameters", {})
    settings = parameters.get("settings", {})
    names = [settings.get(key) for key in ("ministry", "office", "division", "title")]
    is_whole = all(isinstance(name, Mapping) and "th" in name for name in names)
    if not is_whole or not parameters.get("as_of") or "headline" not in issue.content:
        raise InputError(
            f"manifest ของ {issue.folder} ไม่มีค่าที่ตั้งไว้เมื่อสร้างฉบับ — สร้างฉบับใหม่ด้วย reporter build",
            f"The manifest of {issue.folder} lacks the settings of the build; build the issue again with reporter build.",
        )
    return dict(settings)


def _quality(content: Mapping[str, Any]) -> dict[str, int]:
    """The published summary of the checks: number of findings of each kind, and how many of them have a waiver."""
    counts = content.get("qa") or {}
    return {
        **{kind: int(counts.get(kind, 0)) for kind in SEVERITIES},
        "answered": len(content.get("waivers") or ()),
    }


def _email(settings: Mapping[str, Any]) -> str:
    found = _EMAIL.search(str(settings.get("contact", "")))
    return found[0] if found else ""


def _files(issue: Releasable, facts: Facts) -> list[dict[str, Any]]:
    """The manifest's outputs that are published, and the manifest itself; paths relative to the version's folder."""
    files = [
        {"path": entry["path"], "bytes": entry["bytes"], "sha256": entry["sha256"]}
        for entry in issue.content["outputs"]
        if entry["path"] not in facts.withheld
    ]
    digest = hashlib.sha256(facts.manifest).hexdigest()
    return [*files, {"path": "manifest.json", "bytes": len(facts.manifest), "sha256": digest}]


def _notes(folder: Path) -> list[str]:
    """What changed since the issue before, as the report says it."""
    notes = table(folder, "release_notes")
    return [str(text) for text in notes["text_th"]] if "text_th" in notes else []


def fields(folder: Path) -> dict[str, dict[str, str]]:
    """Table -> column -> type as Table Schema names it: integer, number, boolean or string."""
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
    found = {}
    for path in sorted(folder.glob("*.csv")):
        data = pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)
        # A column without any value says nothing of its type.
        found[path.stem] = {
            str(column): "string" if values.isna().all() else kinds.get(values.dtype.kind, "string")
            for column, values in data.items()
        }
    return found


def long_series(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """For the whole country: index -> dimension or domain -> period -> points at full precision."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, key in (("labour_index", "dimension"), ("confidence", "domain")):
        data = table(folder, name)
        if data.empty:
            continue
        data = data[(data["group"] == "TH") & data["value"].notna()]
        index = data["survey"] if "survey" in data else pd.Series("labour_index", index=data.index)
        for (which, part), rows in data.groupby([index, data[key]], sort=False):
            found.setdefault(str(which), {})[str(part)] = dict(
                zip(rows["period"], rows["value"], strict=True)
            )
    return found


def english_summary(
    content: Mapping[str, Any], folder: Path, declarations: Declarations, quarter: pd.Period
) -> list[str]:
    """The English edition's summary; without one, a few plain sentences on the headline numbers. What is missing is left out."""
    if edition := _english_edition(folder):
        return edition
    names = {
        "labour_index": "The Labour Economic Index",
        "employer": "Employers’ confidence in labour",
        "worker": "Workers’ confidence",
    }
    scales = {"labour_index": "long-run average 100", "employer": "scale 0–200", "worker": "scale 0–200"}
    sentences = []
    for key, name in names.items():
        numbers = content["headline"].get(key) or {}
        if nowcast := numbers.get("nowcast"):
            ends = " to ".join(f"{rounded(nowcast[end]):.1f}" for end in ("low80", "high80"))
            sentences.append(
                f"The nowcast of {name[0].lower()}{name[1:]} is {rounded(nowcast['value']):.1f} points (80 per cent band: {ends}); "
                "most sources have not delivered this quarter, so it will change."
            )
        if numbers.get("value") is None:
            continue
        moves = [
            f"{_moved(numbers[change])} {span}"
            for change, span in (("change_quarter", "on the quarter"), ("change_year", "on the year"))
            if numbers.get(change) is not None
        ]
        ends = f", {' and '.join(moves)}" if moves else ""
        when = f"in the {_ORDINALS[quarter.quarter]} quarter of {quarter.year}"
        sentences.append(
            f"{name} stood at {rounded(numbers['value']):.1f} points ({scales[key]}) {when}{ends}."
        )
    return sentences + _english_cause(folder, declarations, iso(quarter)) + _english_forecast(folder)


def _moved(change: float) -> str:
    size = rounded(change)
    if size == 0:
        return "unchanged"
    return f"{'up' if size > 0 else 'down'} {abs(size):.1f}"


def _english_cause(folder: Path, declarations: Declarations, quarter: str) -> list[str]:
    data = table(folder, "contributions")
    if data.empty:
        return []
    rows = data[(data["period"] == quarter) & (data["against"] == "quarter") & data["contribution"].notna()]
    if rows.empty:
        return []
    # what explains a fall is what fell: the largest part of the change's own sign, not the largest of all
    sign = math.copysign(1.0, float(rows["contribution"].sum()))
    pairs = zip(rows["dimension"], rows["contribution"], strict=True)
    code, size = max(pairs, key=lambda pair: sign * float(pair[1]))
    dimension = declarations.dimensions.get(str(code))
    name = dimension.name.en if dimension else str(code)
    word = "push" if sign > 0 else "drag"
    return [f"The largest {word} on the quarter came from {name} ({float(size):+.2f} points)."]


def _english_edition(folder: Path) -> list[str]:
    """The sentences of the English summary page, where the issue has an English edition."""
    content = built_issue.document(folder) or {}
    made = content.get("documents", {}).get("en")
    if made is None:
        return []
    summary = made["summary"]
    first = summary["sections"][0]["blocks"] if summary["sections"] else []
    listed = [part for block in first if block["kind"] == "list" for item in block["items"] for part in item]
    said = [*summary["finding"], *(one for part in listed for one in part.get("sentences", []))]
    return [str(sentence["text"]) for sentence in said]


def _english_forecast(folder: Path) -> list[str]:
    data = table(folder, "forecast")
    if data.empty or not all(math.isfinite(data[key].iloc[-1]) for key in ("mean", "low80", "high80")):
        return []
    last = data.iloc[-1]
    year, number = str(last["period"]).split("-Q")
    return [
        f"The forecast for the {_ORDINALS[int(number)]} quarter of {year} is {last['mean']:.1f} points "
        f"(80 per cent interval {last['low80']:.1f} to {last['high80']:.1f})."
    ]
