"""The table of contents: one quarter, from inputs to outputs.

load -> validate -> compute -> tables -> figures -> findings -> pages -> PDF and HTML -> QA -> manifest.
Everything computed is a named tidy table (docs/tables.md); everything drawn or said is made from those tables.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reporter import (
    figures,
    pdf,
    qa,
    report,
)
from reporter.checks import check_workspace, for_the_record, refuse_errors
from reporter.domain import tables
from reporter.domain.context import Context
from reporter.domain.errors import Finding, StateError
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.inputs import waivers
from reporter.inputs.workspace import open_workspace
from reporter.pdf.checks import begin_reading, html_phrases
from reporter.pipeline import (
    earlier_issues,
    issue_cache,
    manifest,
    record,
)
from reporter.pipeline.computation import around, compute
from reporter.pipeline.request import (
    STAGES,
    Issue,
    Request,
    summary,
)
from reporter.report import (
    annexes,
    issue_json,
    pages,
    web,
    workbook,
)
from reporter.runtime.atomic import new_folder
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor
from reporter.runtime.progress import Progress

_BOOKMARKS = 10


def build(request: Request, progress: Progress) -> Issue:
    """Build one quarter's issue into ``out/<quarter>/``; nothing changes there unless everything succeeded.

    Raises   InputError for wrong input, StateError when a final issue has QA errors, RenderError when a page or
             picture cannot be made
    """
    with Executor(request.jobs) as executor, pdf.Standby(request.jobs) as standby:
        return _build(request, progress, executor, standby)


def _build(request: Request, progress: Progress, executor: Executor, standby: pdf.Standby) -> Issue:
    key = issue_cache.key(request)
    cache = StageCache(request.cache)

    progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    workspace = open_workspace(request.data, cache)
    input_findings = check_workspace(workspace, request.quarter, is_final=request.is_final, cache=cache)
    written, _ = waivers.read_waivers(workspace.root)
    if request.is_final:
        refuse_errors(input_findings)
        waivers.rule_on(input_findings, written, request.quarter).refuse_unanswered()

    progress.stage("อ่านข้อมูล", "reading the data")
    observations = workspace.observations(request.as_of or dt.date.today())
    context = record.context_of(workspace, request, observations)
    commentary = workspace.commentary(request.quarter)
    earlier = earlier_issues.earlier(request.out, request.quarter)
    computed, survey_findings = compute(
        workspace,
        observations,
        context,
        earlier,
        cache,
        progress,
        executor,
    )
    computed |= around(workspace, observations, context, commentary, earlier, computed, cache)

    volumes = [
        annexes.build(name, computed, context, executor=executor, cache=cache) for name in request.annexes
    ]

    with new_folder(request.out / iso(request.quarter)) as folder, ThreadPoolExecutor(1) as aside:
        progress.stage("วาดแผนภูมิ", "drawing the charts")
        findings = report.findings(computed, context)
        csv = tables.write_csv(computed, folder / "tables")
        drawn = figures.draw_all(computed, context, folder, executor=executor, cache=cache)
        executor.close()

        progress.stage("เขียนและจัดหน้า", "writing and typesetting")
        document = pages.write(findings, drawn, computed, context, commentary)
        html = pages.print_html(document, context)
        attached = record.attachments(computed, csv)
        typeset = aside.submit(_typeset, html, folder, attached, context, cache, standby)
        page = web.write_page(html, folder, thai_digits=context.settings.thai_digits)
        for volume in volumes:
            (folder / volume.name).write_bytes(volume.document)

        progress.stage("ตรวจผลและบันทึก", "checking the results, recording")
        found = [
            *for_the_record(input_findings),
            *survey_findings,
            *qa.check_tables(computed, context),
            *qa.check_document(document, computed, drawn),
        ]
        phrases = html_phrases(page)
        sheets = _workbook(tables.for_whole_country(computed), context, cache)
        printed = typeset.result()
        (folder / "report.pdf").write_bytes(printed)
        found += cache.result(
            "pdf_check", (printed, phrases), lambda: pdf.check(printed, phrases, bookmarks=_BOOKMARKS)
        )
        found += [item for volume in volumes for item in annexes.check(volume, computed, cache)]
        (folder / "data.xlsx").write_bytes(sheets)
        ruling = waivers.rule_on(found, written, request.quarter)
        if request.is_final:
            _refuse_results(qa.errors(found))
            ruling.refuse_unanswered()
        issue_json.write({document.lang: document}, computed, context, folder)
        qa.write(ruling, folder, document=document, tables=computed, context=context)
        headline = qa.headline(computed, context)
        manifest.write(
            manifest.manifest(
                head=record.head(context, computed, headline, ruling),
                inputs=record.inputs(workspace, context, request.out, earlier),
                folder=folder,
            ),
            folder,
        )
    issue = Issue(request.out / iso(request.quarter), headline, ruling.findings)
    issue_cache.keep(request, key, issue, workspace.observation_history()["as_of"])
    cache.trim()
    return issue


def _typeset(
    html: str,
    folder: Path,
    attached: list[pdf.Attachment],
    context: Context,
    cache: StageCache,
    standby: pdf.Standby,
) -> bytes:
    """The PDF, set in processes of its own while this one writes the other files."""
    return pdf.typeset(
        html,
        assets=folder,
        metadata=record.metadata(context),
        attachments=attached,
        names=tuple(group.name.th for group in context.declarations.groups_of("PROVINCE")),
        thai_digits=context.settings.thai_digits,
        standby=standby,
        cache=cache,
        begin_reading=begin_reading,
    )


def _workbook(published: Tables, context: Context, cache: StageCache) -> bytes:
    return cache.result(
        "workbook", (published, context), lambda: workbook.workbook(published, context, cache)
    )


def _refuse_results(errors: list[Finding]) -> None:
    if errors:
        raise StateError(
            f"QA พบข้อผิดพลาด {len(errors)} แห่ง จึงไม่ออกฉบับจริง และไม่มีแฟ้มใดถูกเปลี่ยน",
            f"QA found {len(errors)} error(s), so no final issue; no file was changed.",
            errors,
        )


__all__ = ["STAGES", "Issue", "Request", "build", "summary"]
