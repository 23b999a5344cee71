"""Checks of the results before anything is released, and the record of what they found.

Goes in: the tables, figures and document of one issue. Comes out: findings (error, warning, note), ``qa.json`` and the editor's
page ``qa.html``. An error stops a final issue; a warning that may mean a wrong number needs a waiver (docs/release.md).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pikepdf

from reporter.domain.declarations import REPORT
from reporter.domain.edition import Context, Figure
from reporter.domain.errors import Finding, Severity, severity_counts
from reporter.domain.periods import iso
from reporter.domain.schema import Tables
from reporter.inputs.workspace import Ruling
from reporter.qa import identities
from reporter.qa.identities import editors_page, headline, pages_filled, split_tables
from reporter.qa.truth import Keep, check_issue
from reporter.report import provenance
from reporter.report.commentary import check_typed
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    Document,
    FigureBlock,
    Heading,
    Sentence,
    TableBlock,
    record,
    sentences_of,
    walk,
)
from reporter.report.numbers import Cells

NAME, PAGE = "qa.json", "qa.html"


def check_tables(tables: Tables, context: Context) -> list[Finding]:
    """Identities and ranges that must hold whatever the data, and results against their own history."""
    return [
        *identities.check_identities(tables, context),
        *identities.check_history(tables, context),
        *identities.check_adjustment(tables),
        *identities.check_factors(tables),
    ]


def check_claims(
    documents: Mapping[str, Mapping[str, Document]],
    tables: Tables,
    context: Context,
    keep: Keep | None = None,
) -> list[Finding]:
    """Every number and claim of both volumes, derived again by code of its own; numbers that analysts typed beside the tables.

    keep   takes a chapter and its check; may answer with findings on the same chapter beside the same tables from before
    """
    typed = [
        finding
        for own in documents.values()
        for document in own.values()
        for finding in check_typed(document, Cells(tables), context)
    ]
    return typed + check_issue(record(documents, tables, context), tables, context.declarations, keep)


_MOST_PAGES = (
    40  # of the report: what a reader takes in; the analysts' text is never cut, so that more is only a note
)
_ONE_PAGE = {  # parts that are one page: name, and what they are called
    "summary": ("สรุปสำหรับผู้บริหาร", "The summary"),
    "contents": ("สารบัญและวิธีอ่าน", "The page of contents and how to read"),
}


def check_pages(pdf: bytes, document: Document, where: str) -> list[Finding]:
    """Whether the report's summary and its contents take one page each, and how many pages there are; the report's PDF only."""
    if document.volume != REPORT:
        return []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        count, starts = len(opened.pages), _starts(opened)
    found = []
    for name, (th, en) in _ONE_PAGE.items():
        after = [page for page in starts.values() if page > starts.get(name, count)]
        taken = min(after, default=count) - starts[name] if name in starts else 1
        if taken != 1:
            found.append(
                _finding(
                    "warning", where, f"page.{name}", f"{th}ยาว {taken} หน้า ทั้งที่ต้องไม่เกินหนึ่งหน้า — ย่อข้อความหรือตารางในหน้านั้น",
                    f"{en} takes {taken} pages and must take one: shorten its text or tables.",
                )
            )  # fmt: skip
    if count > _MOST_PAGES:
        found.append(
            _finding(
                "note", where, "page.count", f"รายงานยาว {count} หน้า เกิน {_MOST_PAGES} หน้า",
                f"The report has {count} pages, more than {_MOST_PAGES}.",
            )
        )  # fmt: skip
    return found


_MOST_BLANK, _EMPTY_PAGE, _FAR = (
    0.08,
    0.45,
    1,
)  # of the text area over all pages; of one page; pages from figure to text


def check_layout(pdf: bytes, document: Document, where: str) -> list[Finding]:
    """Whether pages are filled, figures stand by their text and tables on one page; of other volumes tables only. Notes for the editor."""
    found = []
    if split := split_tables(pdf):
        told = ", ".join(str(page + 1) for page in split)
        found.append(
            _finding(
                "note", where, "page.table", f"ตารางที่เริ่มในหน้า {told} ถูกแบ่งข้ามหน้า ทั้งที่สูงไม่เกินหนึ่งหน้า",
                f"A table that begins on page {told} is split, though it is no higher than a page.",
            )
        )  # fmt: skip
    if document.volume != REPORT:
        return found
    layout = pages_filled(pdf)
    if layout.blank > _MOST_BLANK:
        found.append(
            _finding(
                "note", where, "page.blank", f"ที่ว่างรวมร้อยละ {100 * layout.blank:.1f} ของเนื้อที่ เกินร้อยละ {100 * _MOST_BLANK:.0f}",
                f"Blank bands take {layout.blank:.1%} of the text area, more than {_MOST_BLANK:.0%}.",
            )
        )  # fmt: skip
    if empty := [page + 1 for page, share in layout.inner.items() if share > _EMPTY_PAGE]:
        told = ", ".join(map(str, empty))
        found.append(
            _finding(
                "note", where, "page.empty", f"หน้า {told} ว่างเกินร้อยละ {100 * _EMPTY_PAGE:.0f} ทั้งที่ไม่ใช่หน้าสุดท้ายของบท",
                f"Page {told}: more than {_EMPTY_PAGE:.0%} blank and not the last of a chapter.",
            )
        )  # fmt: skip
    if layout.distance > _FAR:
        found.append(
            _finding(
                "note", where, "page.figure", f"ภาพ {layout.farthest} อยู่ห่างข้อความที่กล่าวถึง {layout.distance} หน้า",
                f"Figure {layout.farthest} stands {layout.distance} pages from the text that speaks of it first.",
            )
        )  # fmt: skip
    return found


def _starts(opened: pikepdf.Pdf) -> dict[str, int]:
    """Part of the document -> the page on which it begins, from the PDF's destinations."""
    if "/Names" not in opened.Root or "/Dests" not in opened.Root.Names:
        return {}
    names = opened.Root.Names.Dests
    page_of = {page.obj.objgen: place for place, page in enumerate(opened.pages)}
    targets = {str(name): target for name, target in pikepdf.NameTree(names).items()}
    return {
        name: page_of[target[0].objgen]
        for name, target in targets.items()
        if name in _ONE_PAGE or name.startswith("chapter-")
    }


def write(ruling: Ruling, folder: Path, *, document: Document, tables: Tables, context: Context) -> None:
    """Write ``qa.json`` (counts, waivers, weights of the surveys, every finding) and ``qa.html``, the same for the editor's eyes."""
    content = {
        "counts": severity_counts(ruling.findings),
        "waivers": ruling.record(),
        "survey_weights": _survey_weights(tables, context),
        "findings": [_record(item, ruling) for item in ruling.findings],
    }
    (folder / NAME).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(editors_page(ruling, document, tables, context), encoding="utf-8")


def _survey_weights(tables: Tables, context: Context) -> list[dict[str, Any]]:
    """How the quarter's answers were weighted: design effect, effective size, extremes, how well the margins are met."""
    table = tables.get("survey_weights")
    if table is None or table.empty:
        return []
    now = table[table["period"] == iso(context.quarter)]
    found: list[dict[str, Any]] = json.loads(now.to_json(orient="records"))
    return found


def _record(item: Finding, ruling: Ruling) -> dict[str, Any]:
    waiver = ruling.answered.get(item)
    return {
        "id": item.id,
        **asdict(item),
        "needs_waiver": item in ruling.unanswered,
        "waived_by": waiver.by if waiver else None,
    }


__all__ = [
    "NAME",
    "PAGE",
    "check_claims",
    "check_document",
    "check_layout",
    "check_pages",
    "check_tables",
    "headline",
    "write",
]


# ----------------------------------------------------------------------------------------------------
# Agreement of document and tables: every number re-derived, every figure and table placed and referred to, no gap.
#
# Goes in: the issue document, its tables and figures. Comes out: findings.
# ----------------------------------------------------------------------------------------------------

_BROKEN_WORDS = re.compile(r"(?<![A-Za-z])(nan|NaN|None|NaT|inf|undefined|\{\{|\}\})(?![A-Za-z])")


def check_document(document: Document, tables: Tables, drawn: Sequence[Figure]) -> list[Finding]:
    """Findings about the generated text; what the analysts wrote is theirs, save that it may not leave a gap."""
    return [
        *_broken_words(document),
        *provenance.check_document(document, tables),
        *_unplaced(document, drawn),
        *_unreferred(document),
        *_dangling(document),
        *_empty_sections(document),
    ]


def _broken_words(document: Document) -> list[Finding]:
    """Words that betray a missing value in the generated text."""
    found = {match for text in _generated(document) for match in _BROKEN_WORDS.findall(text)}
    return [
        _finding(
            "error",
            "issue.json",
            "text.missing",
            f'พบ "{match}" ในข้อความของรายงาน',
            f'The text holds "{match}".',
        )
        for match in sorted(found)
    ]


def _generated(document: Document) -> Iterator[str]:
    """Every text that a reader sees, save the analysts' own."""
    for part in document.parts:
        yield from (sentence.text for sentence in part.finding)
        for section in part.sections:
            yield section.title
            for block in _without_analysts(section.blocks):
                yield from _texts(block)


def _without_analysts(blocks: list[Block]) -> Iterator[Block]:
    own = [block for block in blocks if not (isinstance(block, Aside) and block.style == "commentary")]
    return walk(own)


def _texts(block: Block) -> Iterator[str]:
    yield from (sentence.text for sentence in sentences_of(block))
    if isinstance(block, Heading):
        yield block.text
    if isinstance(block, FigureBlock):
        yield from (block.title, block.subtitle, block.alt, block.source, block.note)
    if isinstance(block, TableBlock):
        yield from (block.sheet.title, block.sheet.note)
        for row in block.sheet.rows:
            yield from (row.group, row.head, *(cell.text for cell in row.cells))


def _unplaced(document: Document, drawn: Sequence[Figure]) -> list[Finding]:
    """Figures that were drawn but that no chapter shows."""
    placed = {item.id for item in document.figures} | set(document.pictures) | document.left_out
    own = {chapter.slug for chapter in document.chapters}
    if document.volume == REPORT:
        own.add("summary")
    return [
        _finding(
            "warning",
            figure.svg,
            "figure.unplaced",
            "วาดแผนภูมินี้แล้วแต่ไม่มีบทใดใช้",
            "Drawn, but no chapter shows it.",
        )
        for figure in drawn
        if figure.chapter in own and figure.id not in placed
    ]


def _generated_links(document: Document) -> set[str]:
    """Targets of the links of generated text."""
    said: list[Sentence] = []
    for part in document.parts:
        said += part.finding
        for section in part.sections:
            for block in _without_analysts(section.blocks):
                said += sentences_of(block)
    return {span.target for sentence in said for span in sentence.spans if span.kind == "link"}


def _unreferred(document: Document) -> list[Finding]:
    """Numbered figures and tables that no sentence mentions."""
    placed = [f"fig-{item.id}" for item in document.figures] + [f"tab-{item.id}" for item in document.tables]
    referred = _generated_links(document)
    return [
        _finding(
            "warning",
            f"report.html#{name}",
            "page.unreferred",
            "ไม่มีข้อความใดอ้างถึงแผนภูมิหรือตารางนี้",
            "No sentence refers to this figure or table.",
        )
        for name in placed
        if name not in referred
    ]


def _dangling(document: Document) -> list[Finding]:
    """Links of the generated text that lead nowhere."""
    return [
        _finding(
            "error",
            f"report.html#{name}",
            "page.dangling",
            "ลิงก์ในรายงานอ้างถึงสิ่งที่ไม่มีอยู่",
            "A link of the report leads to something that is not there.",
        )
        for name in sorted(_generated_links(document) - set(_anchors(document)))
    ]


def _anchors(document: Document) -> Iterator[str]:
    yield from (part.id for part in document.parts)
    yield from (section.id for part in document.parts for section in part.sections)
    yield from (f"fig-{item.id}" for item in document.figures)
    yield from (f"tab-{item.id}" for item in document.tables)
    yield from (block.id for block in document.blocks() if isinstance(block, Heading))


def _empty_sections(document: Document) -> list[Finding]:
    """Headings without text below them."""
    return [
        _finding(
            "warning",
            "report.html",
            "page.empty_section",
            f'หัวข้อ "{title}" ไม่มีเนื้อหา',
            f'Nothing stands under the heading "{title}".',
        )
        for part in document.parts
        for title in _empty_headings(part)
    ]


def _empty_headings(part: Chapter) -> Iterator[str]:
    if part.number and part.is_empty and not part.finding:
        yield part.title
    for section in part.sections:
        if not section.blocks:
            yield section.title
        for place, block in enumerate(section.blocks):
            after = section.blocks[place + 1 : place + 2]
            if isinstance(block, Heading) and (not after or isinstance(after[0], Heading)):
                yield block.text


def _finding(severity: Severity, where: str, rule: str, th: str, en: str) -> Finding:
    return Finding(severity, where, th, en, rule=rule)
