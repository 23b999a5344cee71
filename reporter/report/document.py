"""The issue document: chapters, sections and blocks of one language, and ``issue.json``, the same for other programs.

Goes in: what ``reporter.report.templating`` records. Comes out: plain objects that every edition renders from (print and screen
HTML, mail, website) and that ``reporter.report.document`` writes down. Nothing reads HTML back.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.declarations import REPORT, TECHNICAL, asset
from reporter.domain.edition import Context, Edition
from reporter.domain.periods import iso
from reporter.report.numbers import Cells, Number, cells_of
from reporter.report.workbook import Cell, ReportSheet


@dataclass
class Span:
    """A run of text: ``text``, ``number``, ``strong``, ``emphasis``, ``code``, ``link``, ``reference`` or ``break``.

    value, cell   of a number: its full value and the expression over table cells that gives it
    target        of a link: the id it leads to; of a reference, until it is resolved: what it refers to
    quality       of a number: better, worse, unchanged, or nothing
    """

    kind: str
    text: str = ""
    value: float | None = None
    cell: str = ""
    target: str = ""
    quality: str = ""


@dataclass(frozen=True)
class Claim:
    """What a sentence asserts beyond its numbers, so that it can be derived again from the tables alone (docs/issue.md)."""

    kind: str
    says: str | int | float | bool
    about: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The claim as plain values."""
        return {"kind": self.kind, "says": self.says, **self.about}


@dataclass
class Sentence:
    """One sentence: its spans and what they claim. ``author`` is "analysts" where theirs stands for a generated one."""

    spans: list[Span]
    claims: list[Claim] = field(default_factory=list)
    author: str = ""

    @property
    def text(self) -> str:
        """The words as a reader sees them."""
        return "".join("\n" if span.kind == "break" else span.text for span in self.spans).strip()

    @property
    def numbers(self) -> list[Span]:
        """The numbers that name their cell."""
        return [span for span in self.spans if span.kind == "number"]


@dataclass
class Paragraph:
    """Sentences; ``style`` lead, notice, source, introduction (of the figure or table that follows), sentences, or nothing."""

    sentences: list[Sentence]
    style: str = ""

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass
class Heading:
    """A heading below the section's."""

    text: str
    id: str = ""


@dataclass
class Listing:
    """A list; ``style`` ordered, key-points, sentences, references, or nothing. An item is a list of blocks."""

    items: list[list[Block]]
    style: str = ""
    start: int = 1


@dataclass
class Terms:
    """Terms and what they mean."""

    items: list[tuple[str, list[Sentence]]]


@dataclass
class Aside:
    """Blocks set apart; ``style`` note, method, notice, quote, commentary (the analysts' own words), constants."""

    style: str
    blocks: list[Block]


@dataclass
class FigureBlock:
    """A figure with its number and where its picture and its data lie."""

    id: str
    number: int
    title: str
    subtitle: str
    subject: str
    alt: str
    svg: str
    png: str
    source: str
    note: str
    width: str
    tables: tuple[str, ...]


@dataclass
class TableBlock:
    """A table; ``number`` is 0 where it has none."""

    sheet: ReportSheet
    number: int = 0

    @property
    def id(self) -> str:
        """The id of its sheet."""
        return self.sheet.id


@dataclass
class Row:
    """Text, or a first figure, at the left; the figure that it speaks of at the right. A row never breaks over pages."""

    blocks: list[Block]
    figure: FigureBlock

    @property
    def is_pair(self) -> bool:
        """Two figures side by side."""
        return len(self.blocks) == 1 and isinstance(self.blocks[0], FigureBlock)


Block = Paragraph | Heading | Listing | Terms | Aside | FigureBlock | TableBlock | Row


@dataclass
class Section:
    """A numbered section; the first of a chapter has no title where blocks stand before any heading.

    is_continued   a new part of a long chapter begins here, on a new page
    """

    id: str
    number: str
    title: str
    blocks: list[Block] = field(default_factory=list)
    is_continued: bool = False


@dataclass
class Chapter:
    """One chapter; ``author`` is "analysts" where their text stands in the place of the generated one.

    flows  begins below the chapter before it; other chapters begin a page
    """

    slug: str
    number: int
    title: str
    short_title: str
    finding: list[Sentence] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    author: str = "generated"
    is_appendix: bool = False
    is_brief: bool = False
    flows: bool = False

    @property
    def id(self) -> str:
        """Its anchor, ``chapter-<slug>`` (the slug alone where the chapter has no number): it stays when a chapter is inserted."""
        return f"chapter-{self.slug}" if self.number else self.slug

    @property
    def is_empty(self) -> bool:
        """Whether it has no blocks."""
        return not any(section.blocks for section in self.sections)


@dataclass(frozen=True)
class HeadNumber:
    """One index on the cover and on the summary page; ``level`` is None where the quarter has none.

    band            95 % band of the level
    quarter, year   changes with the class that colours them (better, worse, unchanged)
    """

    id: str
    hue: str
    name: str
    level: Number | None
    word: str
    quarter: tuple[Number, str] | None = None
    year: tuple[Number, str] | None = None
    band: tuple[Number, Number] | None = None


@dataclass
class Document:
    """One issue in one language. ``marks``: draft, synthetic; ``left_out``: figures that a reduced issue does not show.

    idle_edits  chapter and sentence of the analysts' edits that no generated sentence fits any more
    unread      slugs of chapters that the workspace leaves out though the analysts wrote a text for them
    """

    lang: str
    title: str
    quarter: str
    quarter_name: str
    marks: tuple[str, ...]
    headline: tuple[HeadNumber, ...]
    summary: Chapter
    chapters: list[Chapter]
    pictures: Mapping[str, FigureBlock] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    volume: str = "report"
    idle_edits: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def parts(self) -> list[Chapter]:
        """The summary and the chapters."""
        return [self.summary, *self.chapters]

    def blocks(self) -> Iterator[Block]:
        """Every block, in reading order, those inside others after them."""
        for part in self.parts:
            for section in part.sections:
                yield from walk(section.blocks)

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence, in reading order."""
        for part in self.parts:
            yield from part.finding
            for section in part.sections:
                for block in walk(section.blocks):
                    yield from sentences_of(block)

    @property
    def figures(self) -> list[FigureBlock]:
        """The numbered figures in their order."""
        return [block for block in self.blocks() if isinstance(block, FigureBlock) and block.number]

    @property
    def tables(self) -> list[TableBlock]:
        """The numbered tables in their order."""
        return [block for block in self.blocks() if isinstance(block, TableBlock) and block.number]


def walk(blocks: list[Block]) -> Iterator[Block]:
    """The blocks and all that stand inside them."""
    for block in blocks:
        yield block
        if isinstance(block, Aside | Row):
            yield from walk(block.blocks)
        if isinstance(block, Row):
            yield block.figure
        if isinstance(block, Listing):
            for item in block.items:
                yield from walk(item)


def sentences_of(block: Block) -> list[Sentence]:
    """A block's own sentences; those of blocks inside it are theirs."""
    if isinstance(block, Paragraph):
        return block.sentences
    if isinstance(block, Terms):
        return [sentence for _, sentences in block.items for sentence in sentences]
    return []


# ----------------------------------------------------------------------------------------------------
# ``issue.json``: the issue document for other programs, with the cells behind every number (docs/issue.md).
#
# Goes in: the document of every language, the tables, what the issue is. Comes out: ``issue.json`` and ``issue.schema.json`` in the
# issue's folder. The website, the mail and exports read this file; none of them reads HTML.
# ----------------------------------------------------------------------------------------------------

NAME, SCHEMA = "issue.json", "issue.schema.json"
SCHEMA_VERSION = "1.1"  # the first part changes when a program that reads the file has to change
_FIELDS = {REPORT: "documents", TECHNICAL: "technical"}  # volume -> field of the file


def write(
    documents: Mapping[str, Mapping[str, Document]],
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    folder: Path,
) -> None:
    """Write ``issue.json`` with its schema beside it. ``documents``: volume -> language -> document."""
    content = record(documents, tables, context)
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    shutil.copyfile(asset("templates", "report", SCHEMA), folder / SCHEMA)


def record(
    documents: Mapping[str, Mapping[str, Document]], tables: Mapping[str, pd.DataFrame], context: Context
) -> dict[str, Any]:
    """The content of ``issue.json``; ``documents``: volume -> language -> document."""
    settings, cells = context.settings, Cells(tables)
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "quarter": iso(context.quarter),
        "as_of": context.as_of.isoformat(),
        "version": context.version,
        "is_final": context.final,
        "is_synthetic": settings.synthetic,
        "issuer": {
            "ministry": settings.ministry.th,
            "office": settings.office.th,
            "division": settings.division.th,
        },
        "issuer_en": {
            "ministry": settings.ministry.en,
            "office": settings.office.en,
            "division": settings.division.en,
        },
        **({} if context.edition is None else {"edition": _edition(context.edition)}),
        **{
            _FIELDS[volume]: {lang: _Recorder(cells).document(item) for lang, item in own.items()}
            for volume, own in documents.items()
        },
    }


def _edition(edition: Edition) -> dict[str, Any]:
    """What every file of the issue carries (docs/site.md)."""
    return {
        "address": edition.address,
        "status_address": edition.status_address,
        "data_id": edition.data_id,
    }


class _Recorder:
    """Writes a document down as plain values; numbers get the value of every cell they were made from."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def document(self, item: Document) -> dict[str, Any]:
        return {
            "lang": item.lang,
            "title": item.title,
            "quarter_name": item.quarter_name,
            "marks": list(item.marks),
            "headline": [self._head(head) for head in item.headline],
            "summary": self._chapter(item.summary),
            "chapters": [self._chapter(chapter) for chapter in item.chapters],
        }

    def _head(self, head: HeadNumber) -> dict[str, Any]:
        change = {
            name: None if part is None else {**self._number(part[0]), "quality": part[1]}
            for name, part in (("quarter", head.quarter), ("year", head.year))
        }
        level = None if head.level is None else self._number(head.level)
        return {"id": head.id, "name": head.name, "level": level, "word": head.word, **change}

    def _number(self, number: Number) -> dict[str, Any]:
        return {
            "text": number.text,
            "value": number.value,
            "unit": number.unit,
            "cell": number.cell,
            "cells": cells_of(number.cell, self._cells),
        }

    def _chapter(self, item: Chapter) -> dict[str, Any]:
        return {
            "slug": item.slug,
            "id": item.id,
            "number": item.number,
            "title": item.title,
            "short_title": item.short_title,
            "author": item.author,
            "finding": [self._sentence(sentence) for sentence in item.finding],
            "sections": [self._section(section) for section in item.sections],
        }

    def _section(self, item: Section) -> dict[str, Any]:
        blocks = [self._block(block) for block in item.blocks]
        return {"id": item.id, "number": item.number, "title": item.title, "blocks": blocks}

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph():
                said = [self._sentence(sentence) for sentence in block.sentences]
                return {"kind": "paragraph", "style": block.style, "sentences": said}
            case Heading():
                return {"kind": "heading", "id": block.id, "text": block.text}
            case Listing():
                items = [[self._block(part) for part in item] for item in block.items]
                return {"kind": "list", "style": block.style, "start": block.start, "items": items}
            case Terms():
                terms = [
                    {"term": term, "sentences": [self._sentence(one) for one in sentences]}
                    for term, sentences in block.items
                ]
                return {"kind": "terms", "items": terms}
            case Aside():
                blocks = [self._block(part) for part in block.blocks]
                return {"kind": "aside", "style": block.style, "blocks": blocks}
            case FigureBlock():
                return {"kind": "figure", **block.__dict__, "tables": list(block.tables)}
            case Row():
                blocks = [self._block(part) for part in (*block.blocks, block.figure)]
                return {"kind": "row", "blocks": blocks}
            case TableBlock():
                return self._table(block)

    def _table(self, block: TableBlock) -> dict[str, Any]:
        sheet = block.sheet
        return {
            "kind": "table",
            "id": sheet.id,
            "number": block.number,
            "title": sheet.title,
            "unit": sheet.unit,
            "note": sheet.note,
            "style": sheet.style,
            "columns": [{"label": column.label, "is_number": column.is_number} for column in sheet.columns],
            "rows": [
                {"group": row.group}
                if row.group
                else {"head": row.head, "cells": [self._cell(cell) for cell in row.cells]}
                for row in sheet.rows
            ],
        }

    def _cell(self, cell: Cell) -> dict[str, Any]:
        given: dict[str, Any] = {"kind": cell.kind, "text": cell.shown}
        if cell.number is not None:
            given |= {"value": cell.number.value, "cell": cell.number.cell}
        return given | ({"quality": cell.quality} if cell.quality else {})

    def _sentence(self, sentence: Sentence) -> dict[str, Any]:
        return {
            "text": sentence.text,
            "spans": [self._span(span) for span in sentence.spans],
            "claims": [claim.record() for claim in sentence.claims],
            **({"author": sentence.author} if sentence.author else {}),
        }

    def _span(self, span: Span) -> dict[str, Any]:
        given: dict[str, Any] = {"kind": span.kind, "text": span.text}
        if span.kind == "number":
            cells = cells_of(span.cell, self._cells)
            given |= {"value": span.value, "cell": span.cell, "cells": cells}
        if span.target:
            given["target"] = span.target
        if span.quality:
            given["quality"] = span.quality
        return given
