"""The analysts' Markdown as HTML that can do no harm.

Goes in: Markdown, hostile until proven otherwise. Comes out: paragraphs, lists, tables and third-level headings only.
Raw HTML, links, pictures and template expressions come out as the text they are.
"""

from __future__ import annotations

import unicodedata

import nh3
from markdown_it import MarkdownIt

_TAGS = {
    "p", "ul", "ol", "li", "strong", "em", "h3", "blockquote", "br", "code", "sub", "sup",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def safe_html(markdown: str) -> str:
    """HTML of a Markdown text; headings of every level become ``<h3>``, tables get the report's class."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["image", "link", "autolink", "html_inline", "html_block", "fence", "code", "reference"])
    tokens = parser.parse(_clean(markdown))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
        if token.type == "table_open":
            token.attrSet("class", "data")
        if token.type == "th_open":
            token.attrSet("scope", "col")
        token.attrs.pop("style", None)
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return nh3.clean(html, tags=_TAGS, attributes={"table": {"class"}, "th": {"scope"}, "ol": {"start"}})


def _clean(text: str) -> str:
    """The text without control, private-use and direction-changing characters."""
    kept = (
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Co", "Cs", "Cf")
    )
    return "".join(kept)
