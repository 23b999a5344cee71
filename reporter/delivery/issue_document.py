"""The issue document (``issue.json``) as letters and web pages use it: sentences, figures, sections, the whole to read.

Goes in: ``issue.json`` of a built issue (docs/issue.md). Comes out: plain sentences, figure records and HTML made from the
document's blocks by ``templates/site/blocks.html.j2``. Nothing is computed or worded here, so that a number on the website
or in a letter is the report's own; and no HTML is read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from reporter.domain.assets import asset
from reporter.domain.errors import InputError
from reporter.domain.linebreak import BREAK, protect
from reporter.report.web import image_size

NAME = "issue.json"
LANGUAGE = "th"
_READABLE = "1"  # first part of the schema's version: what breaks a reader raises it
# Sections of the appendix that say how the indices are made and read; by title, because numbers depend on what is there.
_METHODS = ("วิธีอ่านดัชนี", "วิธีจัดทำดัชนีเศรษฐกิจแรงงาน", "วิธีสำรวจและจัดทำดัชนีความเชื่อมั่น", "อภิธานศัพท์")

Block = Mapping[str, Any]


@dataclass(frozen=True)
class IssueDocument:
    """One language of an issue document; ``content`` as docs/issue.md describes it, ``folder`` where its pictures lie."""

    content: Mapping[str, Any]
    folder: Path

    @property
    def title(self) -> str:
        """The report's title with its quarter."""
        return f"{self.content['title']} {self.content['quarter_name']}"

    @property
    def key_sentences(self) -> list[str]:
        """The sentences of the summary's list: what the issue says first."""
        lists = [block for block in _blocks(self.content["summary"]) if block["kind"] == "list"]
        wanted = [block for block in lists if block["style"] in ("sentences", "key-points")] or lists
        return [_item_text(item) for block in wanted[:1] for item in block["items"]]

    def figures(self) -> list[dict[str, Any]]:
        """Every figure with what the website shows of it, in reading order."""
        found: dict[str, dict[str, Any]] = {}
        for chapter in (self.content["summary"], *self.content["chapters"]):
            for block in _blocks(chapter):
                if block["kind"] == "figure":
                    found.setdefault(block["id"], self._figure(block))
        return list(found.values())

    def _figure(self, block: Block) -> dict[str, Any]:
        width, height = image_size(self.folder / block["svg"])
        return {
            "id": block["id"],
            "title": block["title"],
            "unit": block["subtitle"],
            "source": block["source"],
            "alt": block["alt"],
            "src": block["svg"],
            "png": block["png"],
            "width": width,
            "height": height,
            "tables": list(block["tables"]),
        }

    def methods(self) -> list[dict[str, str]]:
        """Sections of the appendix on how the indices are made and read, as HTML."""
        sections = {
            section["title"]: section
            for chapter in self.content["chapters"]
            for section in chapter["sections"]
        }
        macros = _macros()
        return [
            {
                "id": sections[title]["id"],
                "title": title,
                "html": str(macros.blocks(sections[title]["blocks"], 3)),
            }
            for title in _METHODS
            if title in sections
        ]

    def html(self) -> str:
        """The whole document to read on a page of the site, without the cells of its numbers."""
        return str(_macros().document(self.content, self._sizes()))

    def _sizes(self) -> dict[str, tuple[int, int]]:
        return {str(figure["src"]): (figure["width"], figure["height"]) for figure in self.figures()}


def read(folder: Path) -> IssueDocument:
    """The document of a built issue. Raises InputError where there is none, or one that this program cannot read."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        is_readable = str(content["schema_version"]).partition(".")[0] == _READABLE
        document = content["documents"][LANGUAGE]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path) from error
    if not is_readable:
        raise _unreadable(path)
    return IssueDocument(document, folder)


def _unreadable(path: Path) -> InputError:
    return InputError(
        f"ไม่มี {path} หรืออ่านไม่ได้ — สร้างฉบับใหม่ด้วย reporter build ของโปรแกรมรุ่นนี้",
        f"There is no {path}, or it cannot be read; build the issue again with this version of the program.",
    )


def _blocks(part: Mapping[str, Any]) -> Iterator[Block]:
    """Every block of a chapter, those within lists and asides too."""
    for section in part["sections"]:
        yield from _within(section["blocks"])


def _within(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _within(block.get("blocks", []))
        if block["kind"] == "list":
            for item in block["items"]:
                yield from _within(item)


def _item_text(item: list[Block]) -> str:
    """The words of an item of a list."""
    return " ".join(
        sentence["text"].replace("\n", " ")
        for block in item
        if block["kind"] == "paragraph"
        for sentence in block["sentences"]
    )


def glued(text: str) -> str:
    """Running text whose numbers keep their units beside them; the browser breaks lines between the other words."""
    return protect(text).replace(BREAK, "")


@cache
def _macros() -> Any:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset("templates", "site")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["glued"] = glued
    return environment.get_template("blocks.html.j2").module
