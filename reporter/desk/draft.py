"""The issue in memory: any chapter as the report would show it with other texts, in well under a second.

Goes in: what the last build was written from (``reporter.pipeline.record.kept_draft``), the analysts' texts as they are being typed. Comes
out: parts of the report made by the report's own templates, the sentences that the program wrote, and what contradicts the tables. A
chapter's frame depends on which chapters have a text of the analysts, not on its words; so the whole document is written once for
every such arrangement, and a changed word fills one place of it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from reporter.domain.declarations import chapters as declared_chapters
from reporter.domain.edition import Context
from reporter.domain.errors import Finding, StateError
from reporter.domain.schema import Tables
from reporter.figures import Figures
from reporter.inputs.commentary import ChapterText, Commentary, Factor, SentenceEdit, sentence_id
from reporter.pipeline import record
from reporter.report import Findings
from reporter.report.commentary import Quantity, blocks_of, check_typed, named_values, quantities_of
from reporter.report.document import Aside, Block, Chapter, Document, Sentence, sentences_of, walk
from reporter.report.numbers import Cells, Number
from reporter.report.pages import part_page, write
from reporter.runtime.cache import StageCache

_KEPT = 12  # arrangements of one draft; each holds a document of a few megabytes
_PLACE = "…"  # stands where the analysts' text will

# Which chapters have the analysts' text and whether it replaces the generated one; factors; edited sentences.
Arrangement = tuple[tuple[tuple[str, bool], ...], tuple[Factor, ...], tuple[SentenceEdit, ...]]


@dataclass(frozen=True)
class GeneratedSentence:
    """One sentence that the program wrote; ``edit`` is what the analysts decided about it."""

    id: str
    text: str
    section: str
    edit: SentenceEdit | None


@dataclass(frozen=True)
class Preview:
    """A part of the report as a page, and what in the analysts' text is not true of the tables."""

    page: str
    findings: tuple[Finding, ...]


@dataclass
class Draft:
    """One built issue, ready to be written again with other texts.

    folder  where its pictures and tables lie
    """

    findings: Findings
    figures: Figures
    tables: Tables
    context: Context
    folder: Path
    _documents: OrderedDict[Arrangement, Document] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _values: dict[str, Number] = field(default_factory=dict, repr=False)
    _quantities: list[Quantity] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.cells = Cells(self.tables)

    @property
    def values(self) -> Mapping[str, Number]:
        """Name -> number that the analysts' text may name."""
        if not self._values:
            self._values = named_values(self.cells, self.context)
        return self._values

    @property
    def quantities(self) -> list[Quantity]:
        """What typed numbers are held against."""
        if not self._quantities:
            self._quantities = quantities_of(self.cells, self.context)
        return self._quantities

    # ------------------------------------------------------------------------------------ parts of the report

    def document(self, commentary: Commentary) -> Document:
        """The report's frame for these texts: every text of the analysts stands as a placeholder."""
        placed = tuple(sorted((slug, text.replaces) for slug, text in commentary.chapters.items()))
        arrangement: Arrangement = (placed, commentary.factors, commentary.sentences)
        with self._lock:
            if arrangement not in self._documents:
                texts = {slug: ChapterText(slug, _PLACE, replaces, "") for slug, replaces in placed}
                own = replace(commentary, chapters=texts)
                made = write(self.findings, self.figures, self.tables, self.context, own)
                self._documents[arrangement] = made
                if len(self._documents) > _KEPT:
                    self._documents.popitem(last=False)
            self._documents.move_to_end(arrangement)
            return self._documents[arrangement]

    def chapter(self, slug: str, commentary: Commentary) -> Chapter:
        """One part with the analysts' text in its place. Raises StateError where the report has no such part."""
        part = _part(self.document(commentary), slug)
        text = commentary.chapters.get(slug)
        if text is None:
            return part
        blocks = blocks_of(text.markdown, self.values)
        sections = [replace(section, blocks=_filled(section.blocks, blocks)) for section in part.sections]
        return replace(part, sections=sections)

    def preview(self, slug: str, commentary: Commentary) -> Preview:
        """One part as a page and what contradicts the tables in it."""
        document, part = self.document(commentary), self.chapter(slug, commentary)
        only = replace(document, summary=Chapter("summary", 0, "", ""), chapters=[part])
        found = check_typed(only, self.cells, self.context, self.quantities)
        return Preview(
            part_page(document, part, self.context, self.folder),
            tuple(one for one in found if slug in one.where),
        )

    def sentences(self, slug: str, commentary: Commentary) -> list[GeneratedSentence]:
        """What the program wrote in one part, with what the analysts decided about each sentence."""
        edits = {edit.id: edit for edit in commentary.sentences if edit.chapter == slug}
        part = _part(self.document(replace(commentary, sentences=())), slug)
        found = []
        for section, sentence in _generated(part):
            own = sentence_id(slug, sentence.text)
            found.append(GeneratedSentence(own, sentence.text, section, edits.get(own)))
        return list({one.id: one for one in found}.values())

    def idle(self, commentary: Commentary) -> tuple[tuple[str, str], ...]:
        """Edits that fit no sentence any more."""
        return self.document(commentary).idle_edits


def _part(document: Document, slug: str) -> Chapter:
    for part in document.parts:
        if part.slug == slug:
            return part
    raise StateError(f"ร่างไม่มีบท {slug}", f"The draft has no chapter {slug}.")


def _filled(blocks: Sequence[Block], text: list[Block]) -> list[Block]:
    """The blocks with the analysts' text where the placeholder stands."""
    return [
        replace(block, blocks=text) if isinstance(block, Aside) and block.style == "commentary" else block
        for block in blocks
    ]


def _generated(part: Chapter) -> Iterator[tuple[str, Sentence]]:
    """Title of the section and sentence, of everything that the program wrote."""
    yield from (("", sentence) for sentence in part.finding)
    for section in part.sections:
        own = [
            block
            for block in section.blocks
            if not (isinstance(block, Aside) and block.style == "commentary")
        ]
        for block in walk(own):
            yield from ((section.title, sentence) for sentence in sentences_of(block) if sentence.text)


# ---------------------------------------------------------------------------------------------- the draft of a quarter


def loaded(shared: dict[str, Any], lock: threading.RLock, folder: Path) -> Draft | None:
    """The draft of the issue in a folder, kept until the issue is built anew; None where none is built or kept."""
    built = stamp(folder)
    with lock:
        known = shared.get("draft")
        if known is not None and known[0] == (folder, built):
            found: Draft | None = known[1]
            return found
        shared.pop("draft", None)  # only one draft is kept: it is the desk's largest thing
        parts = (
            record.kept_draft(StageCache(platformdirs.user_cache_path("reporter")), folder) if built else None
        )
        draft = None
        if parts is not None:
            described, context = parts
            draft = Draft(described.findings, described.figures, described.tables, context, folder)
        if draft is not None:
            shared["draft"] = ((folder, built), draft)
        return draft


def stamp(folder: Path) -> tuple[int, int] | None:
    """Time and size of the manifest: another build has another."""
    try:
        about = (folder / "manifest.json").stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


def titles() -> dict[str, str]:
    """Slug -> short title of the parts of the report, the summary first."""
    return {"summary": "สรุปสำหรับผู้บริหาร", **{item.slug: item.short.th for item in declared_chapters()}}
