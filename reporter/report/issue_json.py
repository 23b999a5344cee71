"""``issue.json``: the issue document for other programs, with the cells behind every number (docs/issue.md).

Goes in: the document of every language, the tables, what the issue is. Comes out: ``issue.json`` and ``issue.schema.json`` in the
issue's folder. The website, the mail and exports read this file; none of them reads HTML.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.assets import asset
from reporter.domain.chapters import REPORT, TECHNICAL
from reporter.domain.context import Context
from reporter.domain.edition import Edition
from reporter.domain.periods import iso
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    Document,
    FigureBlock,
    Heading,
    HeadNumber,
    Listing,
    Paragraph,
    Row,
    Section,
    Sentence,
    Span,
    TableBlock,
    Terms,
)
from reporter.report.numbers import Cells, Number, cells_of
from reporter.report.sheets import Cell

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
