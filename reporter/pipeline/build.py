"""The build of one quarter's issue: its steps in their order, on one screen.

ingest -> validate -> compute -> describe -> draw -> typeset -> check -> record. Everything computed is a named tidy table
(docs/tables.md); every chart and sentence is made from those tables. What the analysts write touches none of that, so ``IssueNumbers`` are
kept: a build in which only their text has changed sets the pages anew and computes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import pandas as pd

from reporter import pdf, qa, report
from reporter.domain import schema
from reporter.domain.declarations import REPORT, TECHNICAL, VOLUMES, chapters
from reporter.domain.edition import QR_FILE, Context, Figures, edition_of, english_context
from reporter.domain.errors import Finding, StateError, errors, for_the_record, refuse_errors
from reporter.domain.periods import iso, today_in_bangkok
from reporter.domain.schema import Tables
from reporter.inputs.commentary import Commentary, write_logo, write_pictures
from reporter.inputs.workspace import Ruling, Waiver, Workspace, open_workspace, read_waivers, rule_on
from reporter.pdf.conformance import html_phrases
from reporter.pipeline import issue_cache, manifest
from reporter.pipeline.issue_cache import BuildRequest, BuiltIssue, InputCheck, Resources
from reporter.report import english, pages
from reporter.report.document import Document, write
from reporter.report.templating import CompiledTemplates
from reporter.runtime.cache import StageCache, new_folder
from reporter.runtime.program import Executor, Progress

if TYPE_CHECKING:
    from reporter.report import annexes


def build(request: BuildRequest, progress: Progress) -> BuiltIssue:
    """Build one quarter's issue into ``out/<quarter>/``; nothing changes there unless everything succeeded.

    Raises   InputError for wrong input, StateError when a final issue has QA errors, RenderError when a page or
             picture cannot be made
    """
    key, target = issue_cache.key(request), request.out / iso(request.quarter)
    # The threads wait for the processes that set the volumes, side by side, while this one writes and checks the rest.
    with Executor(request.jobs) as executor, ThreadPoolExecutor(min(request.jobs, 2)) as aside:
        resources = Resources(StageCache(request.cache), executor, progress)
        CompiledTemplates.cache = resources.cache
        workspace = ingest(request, resources)
        checked = validate(workspace, request, resources)
        with new_folder(target) as folder:
            numbers = kept_numbers(workspace, request, folder, resources)
            further = typeset_annexes(request, numbers, folder, resources)
            executor.close()
            volumes = typeset(numbers, workspace, folder, resources, aside)
            found = [*for_the_record(checked.findings), *numbers.found]
            found += check(volumes, numbers, workspace, resources)
            found += check_annexes(further, numbers, resources)
            ruling = rule_on(found, checked.waivers, request.quarter)
            issue = record_issue(ruling, volumes, numbers, workspace, folder, request)
            issue_cache.keep_draft(resources.cache, folder, numbers.draft)
    issue = replace(issue, folder=target)
    issue_cache.store(request, key, issue, numbers.until)
    resources.cache.trim()
    return issue


def ingest(request: BuildRequest, resources: Resources) -> Workspace:
    """Open the workspace. Raises InputError where there is none, DeclarationError where its declarations are wrong."""
    resources.progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    return open_workspace(request.data, resources.cache, answers_on=request.as_of)


@dataclass(frozen=True)
class CheckedInputs:
    """What the check of the inputs found, and the waivers: warnings that somebody has answered for."""

    findings: list[Finding]
    waivers: tuple[Waiver, ...]


def validate(workspace: Workspace, request: BuildRequest, resources: Resources) -> CheckedInputs:
    """Check every input; ``reporter check`` runs the same check.

    Raises  for a final issue InputError for errors anywhere in the workspace, StateError for warnings that nobody answers for
    """
    found = issue_cache.checked_inputs(
        InputCheck(workspace.root, request.quarter, request.is_final),
        resources.cache,
        partial(_check, workspace, request, resources),
    )
    answered = read_waivers(workspace.root)[0]
    if request.is_final:
        refuse_errors(found)
        rule_on(found, answered, request.quarter).refuse_unanswered()
        if request.as_of is None:
            workspace.keep_answers(today_in_bangkok())
    return CheckedInputs(found, answered)


def _check(workspace: Workspace, request: BuildRequest, resources: Resources) -> list[Finding]:
    from reporter.checks import (
        check_data,  # here and below: it loads every model, which a build of texts does not need
    )

    return check_data(workspace, request.quarter, is_final=request.is_final, cache=resources.cache)


@dataclass(frozen=True)
class Described:
    """The tables of an issue, the findings made from them, and the figures."""

    tables: Tables
    findings: report.Findings
    figures: Figures


@dataclass(frozen=True)
class IssueNumbers:
    """Everything in an issue that does not depend on the analysts' text.

    editions   language -> tables, findings and figures of its report, and the context of all its files
    technical  the technical volume, which has no analysts' text
    attached   language -> files inside the PDFs
    found      what reading the surveys, checking the tables and the words of the technical volume found
    earlier    quarters of the issues that this one was compared with
    until      the day from which values count that this issue does not know
    key        what they were made from; empty where they are not kept
    """

    editions: Mapping[str, tuple[Described, Context]]
    technical: Document
    attached: Mapping[str, list[pdf.Attachment]]
    headline: dict[str, Any]
    found: list[Finding]
    earlier: tuple[pd.Period, ...]
    until: dt.date
    key: str = ""

    @property
    def tables(self) -> Tables:
        """Every table; the editions share them."""
        return self.editions["th"][0].tables

    @property
    def context(self) -> Context:
        """Of the Thai edition, which every issue has."""
        return self.editions["th"][1]

    @property
    def draft(self) -> tuple[Described, Context]:
        """What the desk uses to preview texts."""
        return self.editions["th"]


def kept_numbers(
    workspace: Workspace, request: BuildRequest, folder: Path, resources: Resources
) -> IssueNumbers:
    """The numbers with their files, kept from an earlier build where only analysts' texts have changed since."""
    factors = workspace.commentary(request.quarter).factors
    key = issue_cache.numbers_key(request, factors)
    kept: IssueNumbers | None = issue_cache.restored_numbers(request, key, folder)
    if kept is None:
        kept = numbers_of(workspace, request, folder, resources)
        if issue_cache.numbers_key(request, factors) == key:  # inputs that changed meanwhile are not kept
            kept = replace(kept, key=key)
            issue_cache.store_numbers(request, key, folder, kept, kept.until)
    return kept


def numbers_of(
    workspace: Workspace, request: BuildRequest, folder: Path, resources: Resources
) -> IssueNumbers:
    """Tables, findings, charts and data files of an issue."""
    from reporter.pipeline.computation import compute, read_inputs

    resources.progress.stage("อ่านข้อมูล", "reading the data")
    inputs = read_inputs(workspace, request)
    computed, found = compute(inputs, resources)
    csv = schema.write_csv(computed, folder / "tables")
    contexts = contexts_of(inputs.context, request, csv, folder)
    books = begin_books(computed, contexts, resources)
    editions = {}
    for lang, context in contexts.items():
        findings = describe(computed, context)
        editions[lang] = Described(computed, findings, draw(computed, context, folder, resources)), context
    for name, book in books.items():
        (folder / name).write_bytes(book())
    described, context = editions["th"]
    technical = write_volume(described, context, None, TECHNICAL)
    found += [*qa.check_tables(computed, context), *check_words(technical, described, context)]
    return IssueNumbers(
        editions=editions,
        technical=technical,
        attached={lang: manifest.attachments(computed, csv, lang) for lang in editions},
        headline=qa.headline(computed, context),
        found=found,
        earlier=tuple(issue.quarter for issue in inputs.earlier),
        until=issue_cache.good_until(workspace.observation_history()["as_of"]),
    )


def contexts_of(
    context: Context, request: BuildRequest, csv: Mapping[str, bytes], folder: Path
) -> dict[str, Context]:
    """Language -> context with the mark of the edition, which is made of the published tables."""
    edition = edition_of(context.quarter, context.version, context.settings.website, csv)
    if edition.website:
        (folder / QR_FILE).write_text(edition.qr_svg(), encoding="ascii")
    languages = request.languages or context.settings.languages
    own = {"th": context, **({"en": english_context(context)} if "en" in languages else {})}
    return {lang: replace(one, edition=edition) for lang, one in own.items()}


def describe(computed: Tables, context: Context) -> report.Findings:
    """The facts of every chapter, made from the tables."""
    return report.findings(computed, context)


def draw(computed: Tables, context: Context, folder: Path, resources: Resources) -> Figures:
    """Every chart for which the tables have data, as files of the issue."""
    if context.lang == "th":  # the English edition is drawn in the same stage
        resources.progress.stage("วาดแผนภูมิ", "drawing the charts")
    # the English edition has the report alone, not the charts of the technical volume
    own = {item.slug for item in chapters(REPORT)} | {"summary"} if context.lang == "en" else ()
    from reporter.figures import draw_all  # it loads matplotlib

    return draw_all(
        report.publishable(computed, context),
        replace(context, edition=None),  # no chart shows it
        folder,
        executor=resources.executor,
        cache=resources.cache,
        chapters=own,
    )


def begin_books(
    computed: Tables, contexts: Mapping[str, Context], resources: Resources
) -> dict[str, Callable[[], bytes]]:
    """The workbooks, begun beside what comes next: for programs, and for readers of each language. File -> how to get its bytes."""
    from reporter.report import data_book, workbook  # they load what draws

    every, begin = schema.public(computed), resources.executor.begin
    books = {
        "data-long.xlsx": partial(workbook.workbook, schema.for_whole_country(computed), contexts["th"]),
        "data.xlsx": partial(data_book.data_book, every, contexts["th"]),
    }
    if "en" in contexts:
        books["data-en.xlsx"] = partial(data_book.data_book, every, contexts["en"], "en")
    return {name: begin(made) for name, made in books.items()}


@dataclass(frozen=True)
class WrittenVolume:
    """A volume being produced: its document, its HTML tree and its PDF in progress."""

    document: Document
    page: Element
    pdf: Future[bytes]
    figures: Figures = field(default_factory=Figures)

    @property
    def file(self) -> str:
        """Name of its PDF: ``report.pdf``, in English ``report-en.pdf``."""
        return pdf_name(self.document)


def pdf_name(document: Document) -> str:
    """Name of a document's PDF."""
    return f"{document.volume}.pdf" if document.lang == "th" else f"{document.volume}-{document.lang}.pdf"


def typeset(
    numbers: IssueNumbers, workspace: Workspace, folder: Path, resources: Resources, aside: ThreadPoolExecutor
) -> list[WrittenVolume]:
    """Write the pages of every volume, while processes of their own set the PDFs."""
    resources.progress.stage("เขียนและจัดหน้า", "writing and typesetting")
    write_logo(workspace.root, workspace.settings.logo, folder)
    press = Press(numbers.attached, folder, resources.cache, aside)
    volumes = [press.print(numbers.technical, *numbers.draft)]  # it is written already and takes longest
    for lang, (described, context) in numbers.editions.items():
        commentary = workspace.commentary(context.quarter, lang)
        write_pictures(folder, commentary.pictures)
        report = write_volume(described, context, commentary, REPORT)
        volumes.append(press.print(report, described, context))
    return volumes


def write_volume(
    described: Described, context: Context, commentary: Commentary | None, volume: str
) -> Document:
    """The document of one volume; only the report has the analysts' text."""
    return pages.write(
        described.findings, described.figures, described.tables, context, commentary, volume=volume
    )


def has_thai_digits(document: Document, context: Context) -> bool:
    """Whether the document's digits are Thai: where the workspace asks for them, and never in the English edition."""
    return context.settings.thai_digits and document.lang == "th"


@dataclass(frozen=True)
class Press:
    """Makes files of documents: the page for the screen at once, the PDF in a process of its own."""

    attached: Mapping[str, list[pdf.Attachment]]
    folder: Path
    cache: StageCache
    aside: ThreadPoolExecutor

    def print(self, document: Document, described: Described, context: Context) -> WrittenVolume:
        """Begin the PDF, write the page: ``report.html``; the technical volume has none."""
        html = pages.print_html(document, context)
        setting = self.aside.submit(self._pdf, html, document, context)
        thai_digits = has_thai_digits(document, context)
        if document.volume == REPORT:
            name = f"{Path(pdf_name(document)).stem}.html"
            page = pages.write_page(html, self.folder, thai_digits=thai_digits, name=name)
        else:
            page = pages.words(html, thai_digits=thai_digits)
        return WrittenVolume(document, page, setting, described.figures)

    def _pdf(self, html: str, document: Document, context: Context) -> bytes:
        content = pdf.typeset(
            html,
            assets=self.folder,
            metadata=manifest.metadata(context, document.volume),
            attachments=self.attached[document.lang],
            names=tuple(group.name.th for group in context.declarations.groups_of("PROVINCE")),
            thai_digits=has_thai_digits(document, context),
            cache=self.cache,
        )
        (self.folder / pdf_name(document)).write_bytes(content)
        return content


def typeset_annexes(
    request: BuildRequest, numbers: IssueNumbers, folder: Path, resources: Resources
) -> list[annexes.Volume]:
    """The volumes beside the report that were asked for."""
    if not request.annexes:
        return []
    from reporter.report import annexes  # it loads what draws

    volumes = [
        annexes.build(
            name, numbers.tables, numbers.context, executor=resources.executor, cache=resources.cache
        )
        for name in request.annexes
    ]
    for volume in volumes:
        (folder / volume.name).write_bytes(volume.document)
    return volumes


def check(
    volumes: list[WrittenVolume], numbers: IssueNumbers, workspace: Workspace, resources: Resources
) -> list[Finding]:
    """What QA finds on the pages and in the finished PDFs."""
    resources.progress.stage("ตรวจผลและบันทึก", "checking the results, recording")
    # the words first: meanwhile the PDFs are being set
    found: list[Finding] = []
    keep = partial(_kept_check, numbers.key, resources.cache) if numbers.key else None
    for document in (one.document for one in volumes if one.document.volume == REPORT):
        found += check_words(document, numbers.editions[document.lang][0], numbers.context, keep)
    for volume in volumes:
        found += _check_pdf(volume, is_final=numbers.context.final, resources=resources)
        found += qa.check_pages(volume.pdf.result(), volume.document, volume.file)
        found += _check_layout(volume, resources)
        if volume.document.lang == "en":
            texts = (workspace.commentary(numbers.context.quarter, lang) for lang in ("th", "en"))
            found += english.check(volume.page, *texts)
    return found


def _kept_check(
    key: str, cache: StageCache, chapter: object, check: Callable[[], list[Finding]]
) -> list[Finding]:
    """Findings on a chapter that was checked before against numbers with this key, or that are made now."""
    return cache.result("claims_check", (key, chapter), check)


def check_words(
    document: Document, described: Described, context: Context, keep: qa.Keep | None = None
) -> list[Finding]:
    """What QA finds in the words of one volume: every number and every claim is derived again from the tables."""
    return [
        *qa.check_document(document, described.tables, described.figures),
        *qa.check_claims({document.volume: {document.lang: document}}, described.tables, context, keep),
    ]


def _check_layout(volume: WrittenVolume, resources: Resources) -> list[Finding]:
    pdf, document, where = volume.pdf.result(), volume.document, volume.file
    made_from = (pdf, document.volume, where)
    return resources.cache.result("layout_check", made_from, lambda: qa.check_layout(pdf, document, where))


def _check_pdf(volume: WrittenVolume, *, is_final: bool, resources: Resources) -> list[Finding]:
    phrases, content, where = html_phrases(volume.page), volume.pdf.result(), volume.file
    bookmarks = len(volume.document.chapters)
    found: list[Finding] = resources.cache.result(
        "pdf_check",
        (content, phrases, is_final),
        lambda: pdf.check(content, phrases, bookmarks=bookmarks, second_opinion=is_final),
    )
    return [replace(item, where=where) for item in found]


def _documents(volumes: list[WrittenVolume]) -> dict[str, dict[str, Document]]:
    """Volume -> language -> document, as ``issue.json`` has them."""
    documents: dict[str, dict[str, Document]] = {volume: {} for volume in VOLUMES}
    for volume in volumes:
        documents[volume.document.volume][volume.document.lang] = volume.document
    return documents


def check_annexes(
    volumes: list[annexes.Volume], numbers: IssueNumbers, resources: Resources
) -> list[Finding]:
    """What QA finds in the volumes beside the report."""
    if not volumes:
        return []
    from reporter.report import annexes

    return [item for volume in volumes for item in annexes.check(volume, numbers.tables, resources.cache)]


def record_issue(
    ruling: Ruling,
    volumes: list[WrittenVolume],
    numbers: IssueNumbers,
    workspace: Workspace,
    folder: Path,
    request: BuildRequest,
) -> BuiltIssue:
    """Refuse a final issue that may not leave, write ``qa.json`` and ``manifest.json``."""
    computed, context = numbers.tables, numbers.context
    if context.final:
        _refuse_errors(errors(ruling.findings))
        ruling.refuse_unanswered()
    documents = _documents(volumes)
    write(documents, computed, context, folder)
    qa.write(ruling, folder, document=documents[REPORT]["th"], tables=computed, context=context)
    content = manifest.manifest(
        head=manifest.head(context, computed, numbers.headline, ruling),
        inputs=manifest.inputs(workspace, context, request.out, numbers.earlier),
        folder=folder,
    )
    manifest.write(content, folder)
    return BuiltIssue(folder, numbers.headline, ruling.findings)


def _refuse_errors(errors: list[Finding]) -> None:
    if errors:
        raise StateError(
            f"QA พบข้อผิดพลาด {len(errors)} แห่ง จึงไม่ออกฉบับจริง และไม่มีแฟ้มใดถูกเปลี่ยน",
            f"QA found {len(errors)} error(s), so no final issue; no file was changed.",
            errors,
        )
