"""The Thai guide as a page of the desk: a quarter from the first Excel file to publication, with pictures and a glossary.

Goes in: ``templates/desk/guide/th.md`` and its pictures, which travel with the program. Comes out: one page. The pictures are made
by ``tests/desk/test_guide.py``, which also holds the guide's words for buttons against the pages that it speaks of.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from starlette.responses import FileResponse, PlainTextResponse, Response

from reporter.desk.server import Call
from reporter.domain.declarations import asset

_NAME = re.compile(r"[a-z]+\.png\Z")


def guide_page(call: Call) -> Response:
    """The guide; it is written in Thai for the ministry's analysts."""
    html, contents = guide()
    return call.page("guide", title=call.say("คู่มือ"), tab="guide", html=html, contents=contents)


def guide() -> tuple[Markup, list[tuple[str, str]]]:
    """The guide as HTML, and id and title of its sections. The text is the program's own."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(asset("templates", "desk", "guide", "th.md").read_text(encoding="utf-8"))
    contents = list(_sections(tokens))
    return Markup(parser.renderer.render(tokens, parser.options, {})), contents


def _sections(tokens: list[Token]) -> list[tuple[str, str]]:
    """Give every section an id, every picture its address; returns the sections."""
    found: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            found.append((f"g-{len(found) + 1}", tokens[place + 1].content))
            token.attrSet("id", found[-1][0])
        for inner in token.children or ():
            if inner.type == "image":
                inner.attrSet("src", f"guide/{inner.attrGet('src')}")
                inner.attrSet("loading", "lazy")
    return found


def guide_picture(call: Call) -> Response:
    """One picture of the guide."""
    name = str(call.request.path_params["name"])
    path = asset("templates", "desk", "guide", name)
    if not _NAME.match(name) or not path.is_file():
        return PlainTextResponse("404", 404)
    return FileResponse(path, media_type="image/png")
