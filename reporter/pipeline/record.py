"""What an issue says of itself: its date and context, the PDF's metadata and attachments, the manifest's head.

Goes in: the request, the workspace, the tables. Comes out: frozen objects and plain mappings; nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from reporter import pdf, qa
from reporter.domain import schema, tables
from reporter.domain.chapters import REPORT
from reporter.domain.context import Context, Settings
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.domain.thai import quarter_th
from reporter.inputs import waivers
from reporter.inputs.calendar import read_calendar
from reporter.inputs.workspace import Workspace
from reporter.pipeline import earlier_issues, manifest
from reporter.pipeline.request import BuildRequest
from reporter.runtime import program


def context_of(workspace: Workspace, request: BuildRequest, observations: pd.DataFrame) -> Context:
    """The issue in hand, with what the release calendar says of its quarter."""
    calendar, _ = read_calendar(workspace.root)
    settings = calendar.applied(workspace.settings, request.quarter)
    return Context(
        quarter=request.quarter,
        declarations=workspace.declarations,
        settings=settings,
        as_of=request.as_of or _data_date(settings, observations, request.quarter),
        final=request.is_final,
        version=request.version,
        early_readers=calendar.early_readers,
    )


def _data_date(settings: Settings, observations: pd.DataFrame, quarter: pd.Period) -> dt.date:
    """The day the data speak of: the newest vintage, else the declared release date, else the quarter's end.

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
    settings, suffix = context.settings, "" if volume == REPORT else " เล่มเทคนิค"
    return pdf.Metadata(
        title=f"{settings.title.th} {quarter_th(context.quarter)}{suffix}",
        author=f"{settings.division.th} {settings.office.th} {settings.ministry.th}",
        subject="ดัชนีเศรษฐกิจแรงงาน ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน และดัชนีความเชื่อมั่นของแรงงาน",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "ดัชนีเศรษฐกิจแรงงาน", "ความเชื่อมั่น", iso(context.quarter)),
    )


def attachments(computed: Tables, written: Mapping[str, bytes]) -> list[pdf.Attachment]:
    """The published tables as CSV; large ones for the whole country, as in the workbook.

    written  name -> CSV of the whole table (``tables.write_csv``)
    """
    return [
        pdf.Attachment(
            f"{name}.csv",
            written[name] if table is computed[name] else tables.csv_bytes(table),
            "text/csv",
            schema.tables()[name].title.th,
        )
        for name, table in tables.for_whole_country(computed).items()
        if len(table)
    ]


def inputs(
    workspace: Workspace, context: Context, out: Path, earlier: list[earlier_issues.EarlierIssue]
) -> list[dict[str, Any]]:
    """Every file that went in: the workspace's, and the manifests of the earlier issues it was compared with."""
    compared = [out / iso(issue.quarter) / manifest.NAME for issue in earlier]
    return [
        *(program.file_entry(path, workspace.root) for path in workspace.input_files(context.quarter)),
        *({**program.file_entry(path, out), "compared": True} for path in compared),
    ]


def head(
    context: Context, computed: Tables, headline: dict[str, Any], ruling: waivers.Ruling
) -> dict[str, Any]:
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
        "qa": qa.counts(ruling.findings),
        "waivers": ruling.record(),
    }


def parameters(context: Context, computed: Tables) -> dict[str, Any]:
    """The settings and the index's own parameters: base period, standardisation."""
    table = computed.get("index_parameters", pd.DataFrame({"key": [], "value": []}))
    return {
        "settings": asdict(context.settings),
        "index": dict(zip(table["key"], table["value"].astype(str), strict=True)),
    }
