"""Writes the blocks of a document while the chapter templates render; numbers figures and tables; fills references.

Goes in: calls of the templates' tags and functions (``reporter.report.templating``). Comes out: chapters of the issue document.
References are filled last, so that one to something absent vanishes with it, and what nothing refers to is introduced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from markupsafe import Markup

from reporter.domain.declarations import ChapterOf, chapters
from reporter.domain.errors import RenderError
from reporter.figures import Figure
from reporter.report import templating
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    FigureBlock,
    Heading,
    Listing,
    Paragraph,
    Row,
    Section,
    Sentence,
    Span,
    TableBlock,
    Terms,
    sentences_of,
    walk,
)
from reporter.report.workbook import Sheet

Body = Callable[[], str]
_PLAIN = "ไม่มีแท็กครอบ", "outside of any tag"


# What the writer itself says, by language.
_WORDS = {
    "th": {
        "figure": "รูปที่", "table": "ตารางที่", "and": " และ", "between": " ", "shows": "แสดง", "same": "เช่นเดียวกับรูปที่ {}",
        "chapter": "บทที่ {}",
    },
    "en": {
        "figure": "Figure", "table": "Table", "and": " and ", "between": ", ", "shows": "shows: ", "same": "As in Figure {}.",
        "chapter": "Chapter {}",
    },
}  # fmt: skip


class Writer:
    """What templates call; ``figures`` and ``sheets`` are those that may be placed, ``lang`` is the language of its own words.

    without   ``fig:<id>`` or ``tab:<id>`` that this language has not -> how it is called
    """

    def __init__(
        self,
        figures: Mapping[str, Figure],
        sheets: Mapping[str, Sheet],
        lang: str = "th",
        without: Mapping[str, str] | None = None,
    ) -> None:
        self.lang, self._words = lang, _WORDS[lang]
        self._without = without or {}
        self.missed: list[str] = []  # what templates asked for and the language has not, by name
        self.figures = figures
        self.sheets = sheets
        self.chapters: list[Chapter] = []
        self.pictures: dict[str, FigureBlock] = {}
        self._figure_numbers: dict[str, int] = {}
        self._table_numbers: dict[str, int] = {}
        self._subjects: dict[str, str] = {}
        self._sources: dict[tuple[str, str], int] = {}
        self._stack: list[list[Block]] = []
        self._list_items: list[list[list[Block]]] = []
        self._term_items: list[tuple[str, list[Sentence]]] = []

    # ------------------------------------------------------------------------------------ chapters and sections

    def write_chapter(self, chapter: Chapter, body: Callable[[], str]) -> Chapter:
        """Fill a chapter by rendering its template, which must print nothing outside of tags."""
        self.chapters.append(chapter)
        chapter.sections.append(Section("", "", ""))
        self._stack = [chapter.sections[0].blocks]
        loose = body().strip()
        if loose:
            _refuse(chapter.slug, loose)
        chapter.sections = [item for item in chapter.sections if item.blocks]
        self._number_sections(chapter)
        return chapter

    @staticmethod
    def _number_sections(chapter: Chapter) -> None:
        """Numbers without a gap, now that sections in which nothing stands are gone."""
        for place, item in enumerate((item for item in chapter.sections if item.title), start=1):
            item.id = f"s-{chapter.slug}-{place}"
            item.number = f"{chapter.number}.{place}" if chapter.number else ""

    @property
    def _chapter(self) -> Chapter:
        return self.chapters[-1]

    def section(self, title: str, *, continued: bool = False) -> str:
        """A numbered section. ``continued``: a long chapter goes on here, on a new page."""
        section = Section("", "", title, is_continued=continued)
        self._chapter.sections.append(section)
        self._stack = [section.blocks]
        return ""

    def write_finding(self, body: Body) -> None:
        """The chapter's answer in a sentence or two, under its title."""
        self._chapter.finding = templating.sentences(body())

    # ------------------------------------------------------------------------------------ blocks

    def add(self, block: Block) -> None:
        """Put a block at the end of what is open."""
        self._stack[-1].append(block)

    def write_p(self, body: Body, style: str = "") -> None:
        """A paragraph; nothing where it says nothing."""
        said = templating.sentences(body())
        if said:
            self.add(Paragraph(said, style))

    def write_heading(self, body: Body, anchor: str = "") -> None:
        """A heading below the section's."""
        self.add(Heading(" ".join(item.text for item in templating.sentences(body())), anchor))

    def write_aside(self, body: Body, style: str = "note") -> None:
        """Blocks set apart."""
        inner: list[Block] = []
        self._within(inner, body)
        if inner:
            self.add(Aside(style, inner))

    def write_list(self, body: Body, style: str = "") -> None:
        """A list of the items inside."""
        self._list_items.append([])
        self._nothing_loose(body())
        items = self._list_items.pop()
        if items:
            self.add(Listing(items, style))

    def write_item(self, body: Body) -> None:
        """One item: sentences."""
        said = templating.sentences(body())
        if said:
            self._list_items[-1].append([Paragraph(said)])

    def write_terms(self, body: Body) -> None:
        """A list of terms."""
        self._term_items = []
        self._nothing_loose(body())
        self.add(Terms(self._term_items))

    def write_term(self, body: Body, term: str) -> None:
        """One term and what it means."""
        self._term_items.append((term, templating.sentences(body())))

    def _within(self, inner: list[Block], body: Body) -> None:
        self._stack.append(inner)
        self._nothing_loose(body())
        self._stack.pop()

    def _nothing_loose(self, rendered: str) -> None:
        if rendered.strip():
            _refuse(self._chapter.slug, rendered.strip())

    # ------------------------------------------------------------------------------------ figures and tables

    def figure(self, name: str) -> str:
        """Place a figure that is there and not yet placed."""
        placed = self._placed(name)
        if placed is not None:
            self.add(placed)
        return ""

    def write_row(self, body: Body, name: str) -> None:
        """Text beside the figure of that name; the text alone where there is no such figure."""
        inner: list[Block] = []
        self._within(inner, body)
        placed = self._placed(name)
        if placed is None:
            self._stack[-1].extend(inner)
        else:
            self.add(Row(inner, placed))

    def pair(self, left: str, right: str) -> str:
        """Two figures side by side; the one that is there where the other is not."""
        both = [block for block in (self._placed(left), self._placed(right)) if block is not None]
        if len(both) == 2:
            self.add(Row([both[0]], both[1]))
        else:
            self._stack[-1].extend(both)
        return ""

    def _placed(self, name: str) -> FigureBlock | None:
        """A figure with its number, not yet put among the blocks; None where it is not there or stands elsewhere."""
        if name not in self.figures or name in self._figure_numbers:
            self._miss(f"fig:{name}")
            return None
        number = self._figure_numbers[name] = len(self._figure_numbers) + 1
        self._subjects[f"fig:{name}"] = self.figures[name].subject
        return self._figure_block(self.figures[name], number)

    def _miss(self, name: str) -> None:
        said = self._without.get(name)
        if said and said not in self.missed:
            self.missed.append(said)

    def picture(self, name: str) -> str:
        """Keep a figure without number, for the cover or the summary page."""
        if name in self.figures:
            self.pictures[name] = self._figure_block(self.figures[name], 0)
        return ""

    def _figure_block(self, item: Figure, number: int) -> FigureBlock:
        source = item.source
        if number and source:
            first = self._sources.setdefault((self._chapter.slug, source), number)
            source = source if first == number else self._words["same"].format(first)
        words = item.title, item.subtitle, item.subject, item.alt
        return FigureBlock(
            item.id, number, *words, item.svg, item.png, source, item.note, item.width, item.tables
        )

    def table(self, name: str) -> str:
        """Place a table that is there and not yet placed."""
        self._miss(f"tab:{name}")
        if name in self.sheets and name not in self._table_numbers:
            number = self._table_numbers[name] = len(self._table_numbers) + 1
            self._subjects[f"tab:{name}"] = self.sheets[name].title
            self.add(TableBlock(self.sheets[name], number))
        return ""

    def rest(self) -> str:
        """The chapter's figures that nothing has placed; each is introduced by a sentence right before it (``finish``)."""
        own = [item for item in self.figures.values() if item.chapter == self._chapter.slug]
        for item in sorted(own, key=lambda item: item.order):
            if item.id not in self._figure_numbers:
                self.figure(item.id)
        return ""

    def has(self, name: str) -> bool:
        """Whether a figure (``fig:``) or table (``tab:``) can be placed."""
        kind, _, own = name.partition(":")
        return own in (self.figures if kind == "fig" else self.sheets)

    # ------------------------------------------------------------------------------------ references

    def see(self, *names: str) -> Markup:
        """``(รูปที่ 3 และตารางที่ 2)`` for those of ``fig:<id>`` and ``tab:<id>`` that are placed; else nothing."""
        return templating.reference_mark("see", *names)

    def link(self, *names: str) -> Markup:
        """The same without brackets, for use within a sentence."""
        return templating.reference_mark("link", *names)

    def chapter_link(self, slug: str) -> Markup:
        """``บทที่ 9`` (``ภาคผนวก`` for the appendix) as a link; nothing for a chapter that is not there."""
        chapter = next((item for item in chapters() if item.slug == slug), None)
        return (
            Markup("")
            if chapter is None
            else templating.link_mark(self._chapter_name(chapter), f"chapter-{slug}")
        )

    def _chapter_name(self, chapter: ChapterOf) -> str:
        if chapter.is_appendix:
            return chapter.title.th if self.lang == "th" else f"the {chapter.title.en.lower()}"
        return self._words["chapter"].format(chapter.number)

    def finish(self) -> None:
        """Introduce what no text refers to, then fill every reference."""
        self._introduce()
        for sentence in self._sentences():
            sentence.spans = [part for span in sentence.spans for part in self._filled(span)]

    def _sentences(self) -> list[Sentence]:
        found: list[Sentence] = []
        for chapter in self.chapters:
            found += chapter.finding
            for section in chapter.sections:
                for block in walk(section.blocks):
                    found += sentences_of(block)
        return found

    def _introduce(self) -> None:
        """A sentence before every figure and table that no text refers to."""
        referred = {
            name
            for sentence in self._sentences()
            for span in sentence.spans
            if span.kind == "reference"
            for name in span.target.split(",")
        }
        for chapter in self.chapters:
            for section in chapter.sections:
                section.blocks = [
                    part for block in section.blocks for part in self._introduced(block, referred)
                ]

    def _introduced(self, block: Block, referred: set[str]) -> list[Block]:
        name = ""
        if isinstance(block, Row):
            figures = [part for part in (*block.blocks, block.figure) if isinstance(part, FigureBlock)]
            new = [
                self._introduction(f"fig:{part.id}") for part in figures if f"fig:{part.id}" not in referred
            ]
            if not block.is_pair:
                block.blocks.extend(new)
                return [block]
            return [*new, block]
        if isinstance(block, FigureBlock) and block.number:
            name = f"fig:{block.id}"
        elif isinstance(block, TableBlock) and block.number:
            name = f"tab:{block.id}"
        if not name or name in referred:
            return [block]
        return [self._introduction(name), block]

    def _introduction(self, name: str) -> Paragraph:
        said = Sentence(
            [
                Span("reference", "link", target=name),
                Span("text", f" {self._words['shows']}{self._subjects[name]}"),
            ]
        )
        return Paragraph([said], "introduction")

    def _filled(self, span: Span) -> list[Span]:
        if span.kind != "reference":
            return [span]
        links = [link for name in span.target.split(",") if (link := self._link(name)) is not None]
        joined: list[Span] = []
        for place, link in enumerate(links):
            last = place == len(links) - 1
            glue = "" if place == 0 else self._words["and" if last else "between"]
            joined += [Span("text", glue), link] if glue else [link]
        if span.text == "see" and joined:
            return [Span("text", " ("), *joined, Span("text", ")")]
        return joined

    def _link(self, name: str) -> Span | None:
        kind, _, own = name.partition(":")
        numbers, word = {
            "fig": (self._figure_numbers, self._words["figure"]),
            "tab": (self._table_numbers, self._words["table"]),
        }[kind]
        return Span("link", f"{word} {numbers[own]}", target=f"{kind}-{own}") if own in numbers else None


def _refuse(chapter: str, loose: str) -> NoReturn:
    raise RenderError(
        f"แม่แบบบท {chapter} มีข้อความที่{_PLAIN[0]}: {loose[:80]}",
        f"The template of {chapter} prints text {_PLAIN[1]}: {loose[:80]}",
    )
