"""The table of contents: one quarter, from inputs to outputs.

load -> validate -> compute -> tables -> figures -> findings -> pages -> PDF and HTML -> QA -> manifest.
Everything computed is a named tidy table (docs/tables.md); everything drawn or said is made from those tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter import figures, manifest, narrative, pages, pdf, qa, tables, workbook
from reporter.atomic import new_folder
from reporter.cache import StageCache
from reporter.checks import check_workspace
from reporter.context import Context
from reporter.errors import Finding, InputError, StateError
from reporter.index import forecast, national, relations
from reporter.periods import iso
from reporter.progress import Progress
from reporter.surveys import stage as surveys
from reporter.tables import Tables
from reporter.workspace import Workspace, open_workspace

STAGES = 8


@dataclass(frozen=True)
class Request:
    """What ``reporter build`` was asked for."""

    quarter: pd.Period
    data: Path
    out: Path
    jobs: int = 1
    is_final: bool = False
    as_of: dt.date | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class Built:
    """A finished issue: its folder, its headline, what QA found."""

    folder: Path
    headline: dict[str, Any]
    findings: list[Finding]


def build(request: Request, progress: Progress) -> Built:
    """Build one quarter's issue into ``out/<quarter>/``; nothing changes there unless everything succeeded.

    Raises InputError for wrong input, StateError when a final issue has QA errors, RenderError when a page or
    picture cannot be made.
    """
    progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    workspace = open_workspace(request.data)
    input_findings = _validated(workspace, request.quarter)
    context = _context(workspace, request)
    cache = StageCache(request.cache)

    computed = compute(workspace, context, cache, progress, request.jobs)

    with new_folder(request.out / iso(request.quarter)) as folder:
        progress.stage("วาดแผนภูมิ", "drawing the charts")
        drawn = figures.draw_all(computed, context, folder, jobs=request.jobs)

        progress.stage("เขียนและจัดหน้า", "writing and typesetting")
        findings = narrative.findings(computed, context)
        html = pages.fill(findings, drawn, computed, context, workspace.commentary(request.quarter))
        document = pdf.typeset(html, assets=folder, **_document(computed, context))

        progress.stage("ตรวจผลและบันทึก", "checking the results, recording")
        tables.write_csv(computed, folder / "tables")
        (folder / "data.xlsx").write_bytes(workbook.workbook(computed, context))
        (folder / "report.html").write_text(html, encoding="utf-8")
        (folder / "report.pdf").write_bytes(document)
        found = [*input_findings, *qa.check_results(computed, drawn, html, document, context)]
        _refuse_errors(found, context)
        qa.write(found, computed, folder)
        headline = qa.headline(computed, context)
        manifest.write(_manifest(workspace, context, computed, headline, folder), folder)
    return Built(request.out / iso(request.quarter), headline, found)


def compute(
    workspace: Workspace, context: Context, cache: StageCache, progress: Progress, jobs: int
) -> Tables:
    """All tables of the issue from the workspace's files."""
    declarations, settings, quarter = context.declarations, context.settings, context.quarter

    progress.stage("อ่านข้อมูล", "reading the data")
    observations = workspace.observations(context.as_of)

    progress.stage("คำนวณดัชนีเศรษฐกิจแรงงาน", "computing the Labour Economic Index")
    computed: Tables = cache.result(
        "national",
        (observations, declarations, quarter, settings),
        lambda: national.compute(observations, declarations, quarter, settings=settings),
    )

    progress.stage("ทดสอบและพยากรณ์ดัชนี", "testing and forecasting the index")
    index, macro = computed["labour_index"], computed["macro"]
    seeded: list[tuple[str, Callable[..., Tables]]] = [
        ("relations", relations.compute),
        ("forecast", forecast.compute),
    ]
    for name, stage in seeded:
        computed |= cache.result(
            name,
            (index, macro, quarter, settings.seed),
            lambda s=stage: s(index, macro, quarter, seed=settings.seed),
        )

    progress.stage("คำนวณผลสำรวจ", "computing the surveys")
    computed |= surveys.compute(workspace, quarter, declarations)
    return computed
