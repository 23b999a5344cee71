"""The issue document: chapters, sections and blocks of one language, as the pages show them.

Goes in: what ``reporter.report.writer`` records. Comes out: plain objects that every edition renders from (print and screen
HTML, mail, website) and that ``reporter.report.issue_json`` writes down. Nothing reads HTML back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reporter.report.numbers import Number
from reporter.report.sheets import Sheet


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
    """One sentence: its spans and what they claim."""

    spans: list[Span]
    claims: list[Claim] = field(default_factory=list)

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
    """Sentences; ``style`` lead, notice, source, sentences, or nothing."""

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

    sheet: Sheet
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
        """Its anchor: the slug, which no insertion changes."""
        return f"chapter-{self.slug}" if self.number else self.slug

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
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
    """One issue in one language. ``marks``: draft, synthetic; ``left_out``: figures that a reduced issue does not show."""

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
        return [block for block in self.blocks() if isinstance(block, FigureBlock)]

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
