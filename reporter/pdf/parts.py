"""A document cut into parts that are typeset on their own: each begins a page, so none changes how another is laid out.

Goes in: the HTML of a document (docs/print.md). Comes out: complete documents, one a part, in order. A part is a chapter, the cover or
the lists of contents with whatever follows up to the next of these; short neighbours stay together, so that fonts are not embedded
more often than is worth it. What a part cannot know by itself, page numbers above all, it is told when all are laid out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

SHORT = 12_000  # characters; neighbours that are no longer together are one part
_DATA = re.compile(r"</?data\b[^>]*>")
_EDGE = re.compile(r"<(/?)(?:section|nav)\b([^>]*)>")
_CLASSES = re.compile(r'class="([^"]*)"')
_ADDRESS = re.compile(r'(?:src|href)="([^"#:]+)"')
_LINK = re.compile(r'href="#([^"]+)"')
_WITH_NUMBERS = re.compile(r'<nav\b[^>]*class="contents|<a\b[^>]*class="page"')
# as print.css: these begin a page, except a second one directly after the first
_OPENING = frozenset(("cover", "chapter", "contents"))
_SHARING = frozenset(("contents", "brief"))


@dataclass(frozen=True)
class DocumentPart:
    """One part of a document.

    html     a document of its own, with the head and body of the whole
    refers   whether page numbers of other places are printed in it
    """

    number: int
    html: str
    refers: bool

    def files(self) -> tuple[str, ...]:
        """Relative addresses of the files it names."""
        return tuple(dict.fromkeys(_ADDRESS.findall(self.html)))

    def links(self) -> frozenset[str]:
        """Anchors that it links to."""
        return frozenset(_LINK.findall(self.html))


def printed(html: str) -> str:
    """The document without its <data> tags: where a number comes from is for screens and checks, only its digits are set.

    So a part whose digits are as they were is set from the same HTML, whatever moved behind the last of them.
    """
    return _DATA.sub("", html)


def split(html: str) -> tuple[DocumentPart, ...]:
    """The parts of a document, at least one."""
    opened = html.find("<body")
    start, end = html.find(">", opened) + 1, html.rfind("</body>")
    if opened < 0 or end < start:
        return (DocumentPart(0, html, bool(_WITH_NUMBERS.search(html))),)
    head, tail = html[:start], html[end:]
    cuts = [start, *_cuts(html, start, end), end]
    texts = [html[a:b] for a, b in pairwise(cuts)]
    return tuple(
        DocumentPart(number, head + text + tail, bool(_WITH_NUMBERS.search(text)))
        for number, text in enumerate(_joined(texts))
    )


def _cuts(html: str, start: int, end: int) -> list[int]:
    """Where a part begins, except the first."""
    cuts, depth, former = [], 0, frozenset[str]()
    first = True
    for edge in _EDGE.finditer(html, start, end):
        if edge[1]:
            depth -= 1
            continue
        if depth == 0:
            found = _CLASSES.search(edge[2])
            classes = frozenset(found[1].split()) if found else frozenset[str]()
            if classes & _OPENING and not _shares_page(classes, former) and not first:
                cuts.append(edge.start())
            former, first = classes, False
        depth += 1
    return cuts


def _shares_page(classes: frozenset[str], former: frozenset[str]) -> bool:
    """Does a part of the document begin on the page of the one before it (print.css)?"""
    return "flows" in classes or bool(classes & former & _SHARING)


def _joined(texts: list[str]) -> list[str]:
    """Short neighbours put together; those that print page numbers, which are laid out more than once, stay alone."""
    joined = [texts[0]]
    for text in texts[1:]:
        alone = _WITH_NUMBERS.search(joined[-1]) or _WITH_NUMBERS.search(text)
        if not alone and len(joined[-1]) + len(text) <= SHORT:
            joined[-1] += text
        else:
            joined.append(text)
    return joined
