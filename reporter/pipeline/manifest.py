"""The record of an issue: inputs, versions, parameters, outputs, each file with its SHA-256.

Nothing in it depends on the clock, the machine or the folder, so that the same inputs and code give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reporter.domain import schema
from reporter.domain.errors import Finding, InputError, ReporterError, StateError
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.runtime.program import file_entry, sha256, versions

if TYPE_CHECKING:
    from reporter.runtime.cache import StageCache
    from reporter.runtime.executor import Executor, Progress


# ----------------------------------------------------------------------------------------------------
# What a build is asked for, what it works with, and what it answers: light enough for a build that finds nothing to do.
# ----------------------------------------------------------------------------------------------------

STAGES = 9


@dataclass(frozen=True)
class BuildRequest:
    """What ``reporter build`` was asked for; ``cache`` is a folder, or None to keep nothing.

    annexes    volumes beside the report, of ``reporter.commands.ANNEXES``
    languages  of the issue; empty takes those of ``workspace.toml``
    """

    quarter: pd.Period
    data: Path
    out: Path
    jobs: int = 1
    is_final: bool = False
    as_of: dt.date | None = None
    version: int = 1
    cache: Path | None = None
    annexes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resources:
    """What every stage may use: results of earlier builds, worker processes, the operator's progress bar."""

    cache: StageCache
    executor: Executor
    progress: Progress


@dataclass(frozen=True)
class BuiltIssue:
    """A finished issue: its folder, its headline, what QA found."""

    folder: Path
    headline: dict[str, Any]
    findings: list[Finding]


def summary(issue: BuiltIssue) -> list[str]:
    """What the operator is told at the end: where the issue is, its headline, how many findings."""
    counts = Counter(item.severity for item in issue.findings)
    value = issue.headline["labour_index"]["value"]
    headline = "" if value is None else f" ดัชนีเศรษฐกิจแรงงาน {value:.1f} จุด"
    return [
        f"เสร็จแล้ว: {issue.folder}{headline} (ข้อผิดพลาด {counts['error']} คำเตือน {counts['warning']} ข้อสังเกต {counts['note']})",
        f"Done: {issue.folder} ({counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes in qa.json)",
    ]


NAME = "manifest.json"


def manifest(*, head: Mapping[str, Any], inputs: Iterable[Mapping[str, Any]], folder: Path) -> dict[str, Any]:
    """The manifest of the finished ``folder``. ``head`` comes first: quarter, version, status, parameters, headline."""
    outputs = [
        file_entry(path, folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != NAME
    ]
    return {**head, "versions": dict(versions()), "inputs": list(inputs), "outputs": outputs}


def write(content: Mapping[str, Any], folder: Path) -> None:
    """Write ``manifest.json`` into the folder."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a built issue. Raises StateError where there is none, InputError where it is broken."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StateError(
            f"ไม่พบฉบับที่สร้างแล้วใน {folder} — สั่ง reporter build ก่อน",
            f"No built issue in {folder}; run reporter build first.",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ — สร้างฉบับใหม่ด้วย reporter build",
            f"Cannot read {path}; build the issue again with reporter build.",
        ) from error
    if not isinstance(content, dict) or "outputs" not in content:
        raise InputError(f"{path} ไม่ใช่ manifest ของรายงาน", f"{path} is not a manifest of an issue.")
    return content


def changed_files(folder: Path, content: Mapping[str, Any]) -> list[str]:
    """Paths under ``folder`` that are missing, changed or not in the manifest; empty when all is as built."""
    recorded = {entry["path"]: entry["sha256"] for entry in content["outputs"]}
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME
    }
    wrong = [
        name for name, digest in recorded.items() if name not in present or sha256(folder / name) != digest
    ]
    return sorted(wrong + [name for name in present if name not in recorded])


# ----------------------------------------------------------------------------------------------------
# Earlier issues in the output folder: what they said, for the revisions and for what changed since the last one.
#
# Goes in: ``out``, and the quarter in hand. Comes out: the earlier issues in order of time, with the tables that the
# comparison needs. An issue without manifest or tables counts as none.
# ----------------------------------------------------------------------------------------------------

COMPARED = ("series", "weights", "labour_index", "detrending", "indicator_status")
_WHERE_THERE = (
    "forecast",
    "moved_history",
)  # a first issue has no rows of the one, issues before 2026 not of the other
_TEXTS = ("dimension", "group", "period", "indicator", "detrend", "transform", "status")


@dataclass(frozen=True)
class EarlierIssue:
    """One earlier issue. ``as_of`` is its run's date; ``parameters`` as its manifest has them."""

    quarter: pd.Period
    as_of: dt.date
    tables: Mapping[str, pd.DataFrame]
    parameters: Mapping[str, Any]

    @property
    def index_model(self) -> str:
        """The index's model: its file, or "learned_in_memory"; "" where the issue does not say."""
        return str(self.parameters.get("index", {}).get("index_model", ""))


def earlier(out: Path, quarter: pd.Period) -> list[EarlierIssue]:
    """Issues of earlier quarters in ``out``, oldest first."""
    found = []
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        try:
            of = parse_quarter(folder.name)
        except PeriodError:
            continue
        if folder.is_dir() and of < quarter and (issue := _issue(folder, of)) is not None:
            found.append(issue)
    return sorted(found, key=lambda issue: issue.quarter)


def forecasts(earlier: Sequence[EarlierIssue]) -> pd.DataFrame | None:
    """What earlier issues forecast: ``issued, period, mean, low80, high80``; None where none did."""
    columns = ["issued", "period", "mean", "low80", "high80"]
    parts = [
        issue.tables["forecast"].assign(issued=iso(issue.quarter))[columns]
        for issue in earlier
        if len(issue.tables.get("forecast", ()))
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def published_index(earlier: Sequence[EarlierIssue]) -> pd.DataFrame | None:
    """The composite as earlier issues published it: ``issued, period, value``; None where there is no issue."""
    parts = []
    for issue in earlier:
        index = issue.tables["labour_index"]
        composite = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
        parts.append(composite.assign(issued=iso(issue.quarter))[["issued", "period", "value"]])
    return pd.concat(parts, ignore_index=True) if parts else None


def _issue(folder: Path, quarter: pd.Period) -> EarlierIssue | None:
    """One issue; None where its record or its tables are not whole."""
    try:
        parameters = read(folder).get("parameters", {})
        as_of = dt.date.fromisoformat(parameters["as_of"])
        tables = {name: _table(folder / "tables" / f"{name}.csv") for name in COMPARED}
        for name in _WHERE_THERE:
            if (path := folder / "tables" / f"{name}.csv").is_file():
                tables[name] = _table(path)
    except (ReporterError, OSError, KeyError, TypeError, ValueError):
        return None
    return EarlierIssue(quarter, as_of, tables, parameters)


def _table(path: Path) -> pd.DataFrame:
    """A published table; texts stay texts, also where a column is empty."""
    header = pd.read_csv(path, nrows=0).columns
    return pd.read_csv(path, dtype={name: "str" for name in _TEXTS if name in header})


# ----------------------------------------------------------------------------------------------------
# By how much this issue moved what the last one published, and why.
#
# Goes in: ``labour_index`` of the last issue and of this one, ``data_effects``. Comes out: ``moved_history`` and its summary. A published
# quarter moves through data (revised and new values, read with this issue's models: revisions of the source and of the
# seasonal adjustment, and smoothing) and through models: loadings, weights and base period, learnt anew when a year is
# complete, and learnt again where revised data reach into the years they were learnt on.
# ----------------------------------------------------------------------------------------------------

_NATION = "TH"
_KEY = ["period", "dimension"]


def moved_tables(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame] | None
) -> dict[str, pd.DataFrame]:
    """Tables ``moved_history`` and ``moved_summary``; without a last issue they have no rows.

    tables, previous  ``labour_index`` of both, ``data_effects`` of this one
    """
    if previous is None or "labour_index" not in previous:
        return {
            "moved_history": schema.empty("moved_history"),
            "moved_summary": schema.empty("moved_summary"),
        }
    now, before = (_country(source["labour_index"]) for source in (tables, previous))
    effects = tables.get("data_effects", pd.DataFrame({"period": [], "dimension": [], "change": []}))
    both = before.rename(columns={"value": "published"}).merge(now.rename(columns={"value": "now"}), on=_KEY)
    both = both.merge(effects.rename(columns={"change": "data"}), on=_KEY, how="left")
    both["moved"] = both["now"] - both["published"]
    both["models"] = both["moved"] - both["data"]
    history = both[schema.columns("moved_history")]
    return {"moved_history": history, "moved_summary": moved_summary(history)}


def _country(index: pd.DataFrame) -> pd.DataFrame:
    rows = index[(index["group"] == _NATION) & index["value"].notna()]
    return rows[[*_KEY, "value"]].reset_index(drop=True)


def moved_summary(history: pd.DataFrame) -> pd.DataFrame:
    """One row a dimension, the composite (``overall``) first: mean absolute and largest move, and what made them."""
    rows = []
    for dimension, own in history.groupby("dimension", sort=False):
        at = int(own["moved"].abs().to_numpy().argmax())
        means = [float(own[name].abs().mean()) for name in ("moved", "data", "models")]
        rows.append(
            [
                dimension,
                len(own),
                means[0],
                float(own["moved"].iloc[at]),
                own["period"].iloc[at],
                means[1],
                means[2],
            ]
        )
    return pd.DataFrame(rows, columns=schema.columns("moved_summary"))
