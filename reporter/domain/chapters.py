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
_FIELDS = {"slug", "title", "short", "facts", "commentary", "appendix", "volume", "flows"}
REPORT, TECHNICAL = VOLUMES = ("report", "technical")


@dataclass(frozen=True)
class ChapterOf:
    """One declared chapter.

    short       for running heads; the title where none is declared
    facts       attribute of the findings that it stands on; "" where it always has something to say
    volume      ``report`` or ``technical``: the PDF that it stands in; each counts its chapters by itself
    flows       begins below the chapter before it, not on a new page
    commentary  number of its commentary file before files were named by slug; 0 for a chapter that is newer
    """

    slug: str
    number: int
    title: Name
    short: Name
    facts: str = ""
    commentary: int = 0
    is_appendix: bool = False
    volume: str = REPORT
    flows: bool = False


def chapters(volume: str = REPORT) -> tuple[ChapterOf, ...]:
    """The chapters of one volume in their order. Raises DeclarationError naming the entry that is wrong."""
    return tuple(item for item in all_chapters() if item.volume == volume)


@cache
def all_chapters() -> tuple[ChapterOf, ...]:
    """The chapters of both volumes. Raises DeclarationError naming the entry that is wrong."""
    path = asset("templates", "report", "chapters.toml")
    declared = tomllib.loads(path.read_text(encoding="utf-8")).get("chapter", [])
    found: list[ChapterOf] = []
    for place, entry in enumerate(declared, start=1):
        slug, volume = str(entry.get("slug", "")), str(entry.get("volume", REPORT))
        if not _SLUG.match(slug) or "title" not in entry or set(entry) - _FIELDS or volume not in VOLUMES:
            raise DeclarationError(
                f"chapters.toml บทที่ {place}: ต้องมี slug (a-z 0-9 -) และ title และใช้เฉพาะ {', '.join(sorted(_FIELDS))}",
                f"chapters.toml, entry {place}: needs slug (a-z 0-9 -) and title; known fields: {', '.join(sorted(_FIELDS))}.",
            )
        title = Name(**entry["title"])
        short = Name(**entry["short"]) if "short" in entry else title
        number = 1 + sum(item.volume == volume for item in found)
        rest = str(entry.get("facts", "")), int(entry.get("commentary", 0)), bool(entry.get("appendix"))
        found.append(
            ChapterOf(slug, number, title, short, *rest, volume=volume, flows=bool(entry.get("flows")))
        )
    return tuple(found)


def slug_of_number(number: int) -> str:
    """The chapter that a commentary file of this number belongs to; "" when there is none."""
    return next((item.slug for item in chapters() if item.commentary == number), "")
