"""The document says what the tables say: every number re-derived, every figure and table placed and referred to, no gap.

Goes in: the issue document, its tables and figures. Comes out: findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reporter.domain.chapters import REPORT
from reporter.domain.errors import Finding, Severity
from reporter.domain.tables import Tables
from reporter.figures import Figure
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    Document,
    FigureBlock,
    Heading,
    Sentence,
    TableBlock,
    sentences_of,
    walk,
)
from reporter.report.provenance import check_document

_BROKEN_WORDS = re.compile(r"(?<![A-Za-z])(nan|NaN|None|NaT|inf|undefined|\{\{|\}\})(?![A-Za-z])")


def check(document: Document, tables: Tables, drawn: Sequence[Figure]) -> list[Finding]:
    """Findings about the generated text; what the analysts wrote is theirs, save that it may not leave a gap."""
    return [
        *_broken_words(document),
        *check_document(document, tables),
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
    """Headings under which nothing stands."""
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
