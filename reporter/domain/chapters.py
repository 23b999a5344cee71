"""The chapters of an issue: their order, names and files, declared once in ``templates/report/chapters.toml``.

Goes in: that file. Comes out: ``ChapterOf`` objects in their order. A chapter's number is its place; everything else (charts,
commentary, links, the website) names its slug, so that a chapter put in between renumbers nothing by hand.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from reporter.domain.assets import asset
from reporter.domain.declarations import Name
from reporter.domain.errors import DeclarationError

_SLUG = re.compile(r"[a-z][a-z0-9-]*\Z")
_FIELDS = {"slug", "title", "short", "facts", "commentary", "appendix"}


@dataclass(frozen=True)
class ChapterOf:
    """One declared chapter.

    short       for running heads; the title where none is declared
    facts       attribute of the findings that it stands on; "" where it always has something to say
    commentary  number of its commentary file before files were named by slug; 0 for a chapter that is newer
    """

    slug: str
    number: int
    title: Name
    short: Name
    facts: str = ""
    commentary: int = 0
    is_appendix: bool = False


@cache
def chapters() -> tuple[ChapterOf, ...]:
    """All chapters in their order. Raises DeclarationError naming the entry that is wrong."""
    path = asset("templates", "report", "chapters.toml")
    declared = tomllib.loads(path.read_text(encoding="utf-8")).get("chapter", [])
    found = []
    for number, entry in enumerate(declared, start=1):
        slug = str(entry.get("slug", ""))
        if not _SLUG.match(slug) or "title" not in entry or set(entry) - _FIELDS:
            raise DeclarationError(
                f"chapters.toml บทที่ {number}: ต้องมี slug (a-z 0-9 -) และ title และใช้เฉพาะ {', '.join(sorted(_FIELDS))}",
                f"chapters.toml, entry {number}: needs slug (a-z 0-9 -) and title; known fields: {', '.join(sorted(_FIELDS))}.",
            )
        title = Name(**entry["title"])
        short = Name(**entry["short"]) if "short" in entry else title
        rest = str(entry.get("facts", "")), int(entry.get("commentary", 0)), bool(entry.get("appendix"))
        found.append(ChapterOf(slug, number, title, short, *rest))
    return tuple(found)


def slug_of_number(number: int) -> str:
    """The chapter that a commentary file of this number belongs to; "" when there is none."""
    return next((item.slug for item in chapters() if item.commentary == number), "")
