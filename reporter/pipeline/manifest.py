"""The record of an issue: date, context, inputs, versions, parameters, outputs, each file with its SHA-256.

Nothing in it depends on the clock, the machine or the folder, so that the same inputs and code give the same bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter import pdf
from reporter.domain import schema
from reporter.domain.declarations import REPORT
from reporter.domain.edition import Context, Settings, quarter_name
from reporter.domain.errors import InputError, ReporterError, StateError, severity_counts
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.domain.schema import Tables
from reporter.domain.thai import quarter_th
from reporter.inputs.calendar import read_calendar
from reporter.inputs.commentary import logo_of
from reporter.inputs.workspace import Ruling, Workspace, overrides
from reporter.pipeline import issue_cache
from reporter.pipeline.issue_cache import BuildRequest
from reporter.runtime import program
from reporter.runtime.program import file_entry, sha256, versions

NAME = issue_cache.MANIFEST


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
# Earlier issues in the output folder: their tables, for the revisions and for what changed since the last one.
#
# Goes in: ``out``, and the quarter in hand. Comes out: the earlier issues in order of time, with the tables that the
# comparison needs. An issue without manifest or tables counts as none.
# ----------------------------------------------------------------------------------------------------

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
        tables = {name: _table(folder / "tables" / f"{name}.csv") for name in issue_cache.COMPARED}
        for name in issue_cache.COMPARED_WHERE_THERE:
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
# Revisions of the values that the last issue published, and their causes.
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


# ----------------------------------------------------------------------------------------------------
# Description of an issue: its date and context, the PDF's metadata and attachments, the manifest's head.
#
# Goes in: the request, the workspace, the tables. Comes out: frozen objects and plain mappings; nothing is computed here.
# ----------------------------------------------------------------------------------------------------


def context_of(workspace: Workspace, request: BuildRequest, observations: pd.DataFrame) -> Context:
    """The issue in hand, with what the release calendar says of its quarter."""
    calendar, _ = read_calendar(workspace.root)
    settings = calendar.applied(workspace.settings, request.quarter)
    settings = dataclasses.replace(settings, logo=logo_of(workspace.root, settings.logo))
    return Context(
        quarter=request.quarter,
        declarations=workspace.declarations,
        settings=settings,
        as_of=request.as_of or _data_date(settings, observations, request.quarter),
        final=request.is_final,
        version=request.version,
        early_readers=calendar.early_readers,
        overrides=str(workspace.root.resolve()) if overrides(workspace.root) else "",
    )


def _data_date(settings: Settings, observations: pd.DataFrame, quarter: pd.Period) -> dt.date:
    """The day of the data: the newest vintage, else the declared release date, else the quarter's end.

    Never the clock, so that the same inputs give the same issue on another day.
    """
    newest = observations["as_of"].max()
    if not pd.isna(newest):
        known: dt.date = pd.Timestamp(newest).date()
        return max(known, quarter.end_time.date())
    if settings.release_date:
        return dt.date.fromisoformat(settings.release_date)
    end: dt.date = quarter.end_time.date()
    return end


def metadata(context: Context, volume: str = REPORT) -> pdf.Metadata:
    """What the PDF of a volume says of itself."""
    if context.lang == "en":
        return _metadata_en(context)
    settings, suffix = context.settings, "" if volume == REPORT else " เล่มเทคนิค"
    return pdf.Metadata(
        title=f"{settings.title.th} {quarter_th(context.quarter)}{suffix}",
        author=f"{settings.division.th} {settings.office.th} {settings.ministry.th}",
        subject="ดัชนีเศรษฐกิจแรงงาน ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน และดัชนีความเชื่อมั่นของแรงงาน",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "ดัชนีเศรษฐกิจแรงงาน", "ความเชื่อมั่น", iso(context.quarter)),
    )


def _metadata_en(context: Context) -> pdf.Metadata:
    settings = context.settings
    return pdf.Metadata(
        title=f"{settings.title.en}, {quarter_name(context.quarter)}",
        author=f"{settings.division.en}, {settings.office.en}, {settings.ministry.en}",
        subject="Labour Economic Index, employers’ confidence index and workers’ confidence index of Thailand",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("labour", "Labour Economic Index", "confidence", iso(context.quarter)),
        language="en",
    )


def attachments(computed: Tables, written: Mapping[str, bytes], lang: str = "th") -> list[pdf.Attachment]:
    """The published tables as CSV; large ones for the whole country, as in the workbook.

    written  name -> CSV of the whole table (``reporter.domain.schema.write_csv``)
    lang     of their descriptions
    """
    titles = {name: table.title for name, table in schema.declared_tables().items()}
    return [
        pdf.Attachment(
            f"{name}.csv",
            written[name] if table is computed[name] else schema.csv_bytes(table),
            "text/csv",
            titles[name].th if lang == "th" else titles[name].en,
        )
        for name, table in schema.for_whole_country(computed).items()
        if len(table)
    ]


def inputs(
    workspace: Workspace, context: Context, out: Path, earlier: Iterable[pd.Period]
) -> list[dict[str, Any]]:
    """Every file that went in: the workspace's, and the manifests of the earlier issues it was compared with."""
    compared = [out / iso(quarter) / NAME for quarter in earlier]
    return [
        *(program.file_entry(path, workspace.root) for path in workspace.input_files(context.quarter)),
        *({**program.file_entry(path, out), "compared": True} for path in compared),
    ]


def head(context: Context, computed: Tables, headline: dict[str, Any], ruling: Ruling) -> dict[str, Any]:
    """The first part of the manifest: what the issue is."""
    settings = context.settings
    return {
        "quarter": iso(context.quarter),
        "version": context.version,
        "status": "final" if context.final else "draft",
        "synthetic": settings.synthetic,
        "embargo": settings.embargo,
        "headline": headline,
        "parameters": {"as_of": context.as_of.isoformat(), **parameters(context, computed)},
        "qa": severity_counts(ruling.findings),
        "waivers": ruling.record(),
    }


def parameters(context: Context, computed: Tables) -> dict[str, Any]:
    """The settings and the index's own parameters: base period, standardisation."""
    table = computed.get("index_parameters", pd.DataFrame({"key": [], "value": []}))
    return {
        "settings": asdict(context.settings),
        "index": dict(zip(table["key"], table["value"].astype(str), strict=True)),
    }
