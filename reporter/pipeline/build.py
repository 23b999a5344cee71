"""The method on one screen: one quarter's issue, from inputs to outputs.

ingest -> validate -> compute -> describe -> draw -> typeset -> check -> record. Everything computed is a named tidy table
(docs/tables.md); everything drawn or said is made from those tables.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from reporter import figures, pdf, qa, report
from reporter.checks import for_the_record
from reporter.domain import schema
from reporter.domain.declarations import REPORT, VOLUMES, chapters
from reporter.domain.edition import QR_FILE, Edition, edition_of, english_context
from reporter.domain.errors import Finding, StateError
from reporter.domain.periods import iso
from reporter.domain.schema import Tables
from reporter.inputs.commentary import write_logo, write_pictures
from reporter.inputs.workspace import rule_on
from reporter.pdf.conformance import html_phrases
from reporter.pipeline import issue_cache, manifest
from reporter.pipeline.computation import IssueInputs, compute, ingest, validate
from reporter.pipeline.issue_cache import BuildRequest, BuiltIssue, Resources
from reporter.report import (
    annexes,
    data_book,
    english,
    pages,
    workbook,
)
from reporter.report.document import Document, write
from reporter.runtime.cache import StageCache, new_folder
from reporter.runtime.program import Executor, Progress


def build(request: BuildRequest, progress: Progress) -> BuiltIssue:
    """Build one quarter's issue into ``out/<quarter>/``; nothing changes there unless everything succeeded.

    Raises   InputError for wrong input, StateError when a final issue has QA errors, RenderError when a page or
             picture cannot be made
    """
    key, target = issue_cache.key(request), request.out / iso(request.quarter)
    # The threads wait for the processes that set the volumes, side by side, while this one writes and checks the rest.
    with Executor(request.jobs) as executor, ThreadPoolExecutor(min(request.jobs, 2)) as aside:
        resources = Resources(StageCache(request.cache), executor, progress)
        workspace = ingest(request, resources)
        inputs = validate(workspace, request, resources)
        computed, survey_findings = compute(inputs, resources)
        findings = describe(computed, inputs)
        with new_folder(target) as folder:
            drawn = draw(computed, inputs, folder, resources)
            abroad = english_edition(computed, inputs, request, folder, resources)
            volumes = typeset_annexes(request, computed, inputs, folder, resources)
            executor.close()
            written = typeset(Described(computed, findings, drawn), inputs, folder, resources, aside)
            if abroad is not None:
                written = typeset_english(*abroad, written, folder, resources, aside)
            found = [*survey_findings, *check(written, inputs, folder, resources)]
            found += check_annexes(volumes, computed, resources)
            issue = record_issue(found, written, inputs, folder, request)
            context = replace(inputs.context, edition=written.edition)
            issue_cache.keep_draft(resources.cache, folder, (written.described, context))
    issue = replace(issue, folder=target)
    issue_cache.store(request, key, issue, workspace.observation_history()["as_of"])
    resources.cache.trim()
    return issue


@dataclass(frozen=True)
class Described:
    """The numbers of an issue, what they say, and how they look."""

    tables: Tables
    findings: report.Findings
    figures: figures.Figures


@dataclass(frozen=True)
class WrittenVolume:
    """One volume on its way to the reader: its document, its words as a tree, and the PDF that is being set."""

    document: Document
    page: Element
    pdf: Future[bytes]
    figures: figures.Figures = field(default_factory=figures.Figures)

    @property
    def file(self) -> str:
        """Name of its PDF: ``report.pdf``, in English ``report-en.pdf``."""
        return pdf_name(self.document)


def pdf_name(document: Document) -> str:
    """Name of a document's PDF."""
    return f"{document.volume}.pdf" if document.lang == "th" else f"{document.volume}-{document.lang}.pdf"


@dataclass(frozen=True)
class Written:
    """An issue on its way to the reader: the report, the technical volume, and what every file of them carries."""

    described: Described
    report: WrittenVolume
    technical: WrittenVolume
    edition: Edition
    english: WrittenVolume | None = None

    @property
    def volumes(self) -> tuple[WrittenVolume, ...]:
        """All of them, the report first."""
        return (self.report, self.technical, *([] if self.english is None else [self.english]))


def describe(computed: Tables, inputs: IssueInputs) -> report.Findings:
    """What the tables say: verdicts and sentences, chapter by chapter."""
    return report.findings(computed, inputs.context)


def draw(computed: Tables, inputs: IssueInputs, folder: Path, resources: Resources) -> figures.Figures:
    """Every chart that the tables can carry, as files of the issue."""
    if inputs.context.lang == "th":  # the English edition is drawn in the same stage
        resources.progress.stage("วาดแผนภูมิ", "drawing the charts")
    # the English edition has the report alone, not the charts of the technical volume
    own = {item.slug for item in chapters(REPORT)} | {"summary"} if inputs.context.lang == "en" else ()
    return figures.draw_all(
        report.publishable(computed, inputs.context),
        inputs.context,
        folder,
        executor=resources.executor,
        cache=resources.cache,
        chapters=own,
    )


def english_edition(
    computed: Tables, inputs: IssueInputs, request: BuildRequest, folder: Path, resources: Resources
) -> tuple[Described, IssueInputs] | None:
    """Facts, charts and analysts' text of the English edition, from the same tables; None where it is not asked for."""
    if "en" not in (request.languages or inputs.context.settings.languages):
        return None
    own = replace(
        inputs,
        context=english_context(inputs.context),
        commentary=inputs.workspace.commentary(inputs.context.quarter, "en"),
    )
    return Described(computed, describe(computed, own), draw(computed, own, folder, resources)), own


def typeset_english(
    described: Described,
    inputs: IssueInputs,
    written: Written,
    folder: Path,
    resources: Resources,
    aside: ThreadPoolExecutor,
) -> Written:
    """The English report as PDF and page, and the workbook with English words."""
    context = replace(inputs.context, edition=written.edition)
    write_pictures(folder, inputs.commentary.pictures)
    document = write_volume(described, inputs, REPORT)
    html = pages.print_html(document, context)
    csv = {path.stem: path.read_bytes() for path in sorted((folder / "tables").glob("*.csv"))}
    attached = manifest.attachments(described.tables, csv, "en")
    typesetting = aside.submit(_typeset_pdf, html, document, attached, inputs, folder, resources)
    page = pages.write_page(html, folder, name="report-en.html")
    every = schema.public(described.tables)
    book = resources.cache.result(
        "data_book", (every, context), lambda: data_book.data_book(every, context, "en")
    )
    (folder / "data-en.xlsx").write_bytes(book)
    return replace(written, english=WrittenVolume(document, page, typesetting, described.figures))


def typeset(
    described: Described, inputs: IssueInputs, folder: Path, resources: Resources, aside: ThreadPoolExecutor
) -> Written:
    """Write tables, workbook and screen page, while processes of their own set the PDFs."""
    resources.progress.stage("เขียนและจัดหน้า", "writing and typesetting")
    computed, context = described.tables, inputs.context
    csv = schema.write_csv(computed, folder / "tables")
    edition = edition_of(context.quarter, context.version, context.settings.website, csv)
    context = replace(context, edition=edition)
    if edition.website:
        (folder / QR_FILE).write_text(edition.qr_svg(), encoding="ascii")
    write_pictures(folder, inputs.commentary.pictures)
    write_logo(inputs.workspace.root, inputs.workspace.settings.logo, folder)
    report, technical = (write_volume(described, inputs, volume) for volume in VOLUMES)
    html, further = (pages.print_html(document, context) for document in (report, technical))
    attached = manifest.attachments(computed, csv)
    typesetting = aside.submit(_typeset_pdf, html, report, attached, inputs, folder, resources)
    second = aside.submit(_typeset_pdf, further, technical, attached, inputs, folder, resources)
    page = pages.write_page(html, folder, thai_digits=context.settings.thai_digits)
    published = schema.for_whole_country(computed)
    book = resources.cache.result(
        "workbook", (published, context), lambda: workbook.workbook(published, context)
    )
    (folder / "data-long.xlsx").write_bytes(book)
    every = schema.public(computed)
    readable = resources.cache.result(
        "data_book", (every, context), lambda: data_book.data_book(every, context)
    )
    (folder / "data.xlsx").write_bytes(readable)
    words = pages.words(further, thai_digits=context.settings.thai_digits)
    return Written(
        described, WrittenVolume(report, page, typesetting), WrittenVolume(technical, words, second), edition
    )


def write_volume(described: Described, inputs: IssueInputs, volume: str) -> Document:
    """The document of one volume; the analysts' text stands in the report."""
    commentary = inputs.commentary if volume == REPORT else None
    return pages.write(
        described.findings, described.figures, described.tables, inputs.context, commentary, volume=volume
    )


def _typeset_pdf(
    html: str,
    document: Document,
    attached: list[pdf.Attachment],
    inputs: IssueInputs,
    folder: Path,
    resources: Resources,
) -> bytes:
    context = inputs.context
    content = pdf.typeset(
        html,
        assets=folder,
        metadata=manifest.metadata(context, document.volume),
        attachments=attached,
        names=tuple(group.name.th for group in context.declarations.groups_of("PROVINCE")),
        thai_digits=context.settings.thai_digits and document.lang == "th",
        cache=resources.cache,
    )
    (folder / pdf_name(document)).write_bytes(content)
    return content


def typeset_annexes(
    request: BuildRequest, computed: Tables, inputs: IssueInputs, folder: Path, resources: Resources
) -> list[annexes.Volume]:
    """The volumes beside the report that were asked for."""
    volumes = [
        annexes.build(name, computed, inputs.context, executor=resources.executor, cache=resources.cache)
        for name in request.annexes
    ]
    for volume in volumes:
        (folder / volume.name).write_bytes(volume.document)
    return volumes


def check(written: Written, inputs: IssueInputs, folder: Path, resources: Resources) -> list[Finding]:
    """What QA finds in the tables, on the pages and in the finished PDF, with what the check of the inputs found."""
    resources.progress.stage("ตรวจผลและบันทึก", "checking the results, recording")
    context, computed = inputs.context, written.described.tables
    found = [*for_the_record(inputs.findings), *qa.check_tables(computed, context)]
    for volume in written.volumes:
        drawn = volume.figures or written.described.figures
        found += qa.check_document(volume.document, computed, drawn)
        found += _check_pdf(volume, is_final=context.final, resources=resources)
        found += qa.check_pages(volume.pdf.result(), volume.document, volume.file)
    if written.english is not None:
        own = inputs.workspace.commentary(context.quarter, "en")
        found += english.check(written.english.page, inputs.commentary, own)
    return found + qa.check_claims(_documents(written), computed, context)


def _check_pdf(volume: WrittenVolume, *, is_final: bool, resources: Resources) -> list[Finding]:
    phrases, content, where = html_phrases(volume.page), volume.pdf.result(), volume.file
    bookmarks = len(volume.document.chapters)
    found: list[Finding] = resources.cache.result(
        "pdf_check",
        (content, phrases, is_final),
        lambda: pdf.check(content, phrases, bookmarks=bookmarks, second_opinion=is_final),
    )
    return [replace(item, where=where) for item in found]


def _documents(written: Written) -> dict[str, dict[str, Document]]:
    """Volume -> language -> document, as ``issue.json`` has them."""
    documents: dict[str, dict[str, Document]] = {}
    for volume in written.volumes:
        documents.setdefault(volume.document.volume, {})[volume.document.lang] = volume.document
    return documents


def check_annexes(volumes: list[annexes.Volume], computed: Tables, resources: Resources) -> list[Finding]:
    """What QA finds in the volumes beside the report."""
    return [item for volume in volumes for item in annexes.check(volume, computed, resources.cache)]


def record_issue(
    found: list[Finding], written: Written, inputs: IssueInputs, folder: Path, request: BuildRequest
) -> BuiltIssue:
    """Rule on the findings, refuse a final issue that may not leave, write ``qa.json`` and ``manifest.json``."""
    computed, context = written.described.tables, replace(inputs.context, edition=written.edition)
    ruling = rule_on(found, inputs.waivers, context.quarter)
    if context.final:
        _refuse_errors(qa.errors(found))
        ruling.refuse_unanswered()
    write(_documents(written), computed, context, folder)
    qa.write(ruling, folder, document=written.report.document, tables=computed, context=context)
    headline = qa.headline(computed, context)
    content = manifest.manifest(
        head=manifest.head(context, computed, headline, ruling),
        inputs=manifest.inputs(inputs.workspace, context, request.out, inputs.earlier),
        folder=folder,
    )
    manifest.write(content, folder)
    return BuiltIssue(folder, headline, ruling.findings)


def _refuse_errors(errors: list[Finding]) -> None:
    if errors:
        raise StateError(
            f"QA พบข้อผิดพลาด {len(errors)} แห่ง จึงไม่ออกฉบับจริง และไม่มีแฟ้มใดถูกเปลี่ยน",
            f"QA found {len(errors)} error(s), so no final issue; no file was changed.",
            errors,
        )
