"""The analysts' Markdown as blocks of the document; hostile until it has passed through here.

Goes in: one chapter's Markdown. Comes out: blocks in which everything but paragraphs, lists, tables, headings, quotations and
emphasis is plain text: HTML, links, pictures and template expressions come out as they were typed, save the names of values.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from reporter.report import sheets
from reporter.report.document import (
    Aside,
    Block,
    Heading,
    Listing,
    Paragraph,
    Sentence,
    Span,
    TableBlock,
    sentences_of,
    walk,
)
from reporter.report.named_values import values_in
from reporter.report.numbers import Number
from reporter.report.sheets import Column, Row, Sheet

_REFUSED = ["image", "link", "autolink", "html_inline", "html_block", "fence", "code", "reference"]
_STYLES = {"strong": "strong", "em": "emphasis"}


def blocks_of(markdown: str, values: Mapping[str, Number] | None = None) -> list[Block]:
    """Blocks of a Markdown text; headings of every level stand below the section's.

    values  numbers that the text may name as ``{{ index.overall }}``; other expressions stay as they were typed
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(_REFUSED)
    tree = SyntaxTreeNode(parser.parse(clean(markdown)))
    found = [block for node in tree.children for block in _blocks(node)]
    for block in walk(found):
        for sentence in sentences_of(block):
            sentence.spans = [part for span in sentence.spans for part in _filled(span, values or {})]
    return found


def _filled(span: Span, values: Mapping[str, Number]) -> list[Span]:
    """A run of text with its named values as numbers that know their cell."""
    if span.kind == "code" or not span.text:
        return [span]
    parts: list[Span] = []
    for part in values_in(span.text, values):
        if isinstance(part, Number):
            parts.append(Span("number", part.text, part.value, part.cell))
        elif part:
            parts.append(Span(span.kind, part))
    return parts


def clean(text: str) -> str:
    """The text without control, private-use and direction-changing characters."""
    kept = (
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Co", "Cs", "Cf")
    )
    return "".join(kept)


def _blocks(node: SyntaxTreeNode) -> list[Block]:
    match node.type:
        case "paragraph":
            return [Paragraph([_sentence(node)])]
        case "heading":
            return [Heading(_sentence(node).text)]
        case "bullet_list" | "ordered_list":
            items = [[block for part in item.children for block in _blocks(part)] for item in node.children]
            is_ordered = node.type == "ordered_list"
            return [Listing(items, "ordered" if is_ordered else "", int(node.attrs.get("start", 1)))]
        case "blockquote":
            return [Aside("quote", [block for part in node.children for block in _blocks(part)])]
        case "table":
            return [TableBlock(_table(node))]
        case _:
            return []


def _sentence(node: SyntaxTreeNode) -> Sentence:
    """The inline text of a paragraph, a heading or a cell; what an analyst writes is one sentence here."""
    spans: list[Span] = []
    for inline in node.children:
        for part in inline.children:
            spans += _spans(part, "text")
    return Sentence(spans)


def _spans(node: SyntaxTreeNode, kind: str) -> list[Span]:
    if node.type in _STYLES:
        return [span for part in node.children for span in _spans(part, _STYLES[node.type])]
    if node.type == "code_inline":
        return [Span("code", node.content)]
    if node.type == "softbreak":
        return [Span("text", " ")]
    if node.type == "hardbreak":
        return [Span("break")]
    return [Span(kind, node.content)] if node.content else []


def _table(node: SyntaxTreeNode) -> Sheet:
    rows = [
        [_sentence(cell).text for cell in row.children] for part in node.children for row in part.children
    ]
    head, *body = rows
    return Sheet(
        id="",
        title="",
        columns=tuple(Column(label, is_number=False) for label in head),
        rows=tuple(Row(row[0], tuple(sheets.text(cell) for cell in row[1:])) for row in body),
    )
