"""The analysts' Markdown as blocks of the document; it is treated as untrusted input.

Goes in: one chapter's Markdown. Comes out: blocks in which everything but paragraphs, lists, tables, headings, quotations and
emphasis is plain text: HTML, links and template expressions come out as they were typed, save the names of values and the pictures
that ``reporter.inputs.commentary`` has read from the workspace. Also here: numbers that analysts name or type in their text, and the
generated sentences that they hide or replace.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from reporter.domain.declarations import asset
from reporter.domain.edition import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import arabic_digits, iso
from reporter.domain.thai import CONFIDENCE_STEPS, INDEX_STEPS
from reporter.inputs.commentary import NAME, PICTURE_NAMED, CommentaryPicture, SentenceEdit, pictures_named
from reporter.measures import beside_declared
from reporter.report import workbook
from reporter.report.dimensions import movers_of, published
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    Document,
    FigureBlock,
    Heading,
    Listing,
    Paragraph,
    Sentence,
    Span,
    TableBlock,
    Terms,
    sentences_of,
    walk,
)
from reporter.report.document import Row as BlockRow
from reporter.report.labour import is_reduced
from reporter.report.numbers import Cells, Movement, Number, movement
from reporter.report.workbook import ReportSheet, SheetColumn, SheetRow

_REFUSED = ["image", "link", "autolink", "html_inline", "html_block", "fence", "code", "reference"]
_STYLES = {"strong": "strong", "em": "emphasis"}


def blocks_of(
    markdown: str, values: Mapping[str, Number] | None = None, pictures: Sequence[CommentaryPicture] = ()
) -> list[Block]:
    """Blocks of a Markdown text; headings of every level stand below the section's.

    values    numbers that the text may name as ``{{ index.overall }}``; other expressions stay as they were typed
    pictures  of the text, in its order; a picture stands where a paragraph holds nothing else, others stay as they were typed
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(_REFUSED)
    found: list[Block] = []
    shown = list(pictures)
    for node in SyntaxTreeNode(parser.parse(clean(markdown))).children:
        one = _shown_picture(node, shown) if shown else None
        found += _blocks(node) if one is None else [_figure(one)]
    for block in walk(found):
        for sentence in sentences_of(block):
            sentence.spans = [part for span in sentence.spans for part in _filled(span, values or {})]
    return found


def _shown_picture(node: SyntaxTreeNode, shown: list[CommentaryPicture]) -> CommentaryPicture | None:
    """The picture that a paragraph consists of, taken out of the list of those that are still to come; None for other text."""
    typed = node.children[0].content.strip() if node.type == "paragraph" and node.children else ""
    match = PICTURE_NAMED.fullmatch(typed)
    if match is None:
        return None
    wanted = next(pictures_named(typed))
    own = next((one for one in shown if (one.alt, one.name, one.caption) == wanted), None)
    if own is not None:
        shown.remove(own)
    return own


def _figure(own: CommentaryPicture) -> FigureBlock:
    """A picture of the analysts: without number, its caption the title, its file the same for page and print."""
    title = own.caption or own.alt
    return FigureBlock(own.id, 0, title, "", title, own.alt, own.file, own.file, "", "", own.printed, ())


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


def _table(node: SyntaxTreeNode) -> ReportSheet:
    rows = [
        [_sentence(cell).text for cell in row.children] for part in node.children for row in part.children
    ]
    head, *body = rows
    return ReportSheet(
        id="",
        title="",
        columns=tuple(SheetColumn(label, is_number=False) for label in head),
        rows=tuple(SheetRow(row[0], tuple(workbook.text(cell) for cell in row[1:])) for row in body),
    )


# ----------------------------------------------------------------------------------------------------
# Values that the analysts' text may name, and the check of the numbers typed by hand.
#
# Goes in: tables, context; the analysts' sentences. Comes out: name -> ``Number`` for ``{{ index.overall }}`` in commentary (docs/
# commentary.md lists the names), and findings for typed decimals that no table bears out for the quantity named before them.
# ----------------------------------------------------------------------------------------------------

_DIGIT = "[0-9๐-๙]"
# A decimal, or a count with commas between its thousands; with the word for thousands to millions behind it.
_TYPED = re.compile(
    rf"([-−+]?{_DIGIT}[0-9๐-๙,]*\.{_DIGIT}+|[-−+]?{_DIGIT}{{1,3}}(?:,{_DIGIT}{{3}})+)\s*(พัน|หมื่น|แสน|ล้าน)?"
)
_SCALES = {"": 1, "พัน": 10**3, "หมื่น": 10**4, "แสน": 10**5, "ล้าน": 10**6}
# Words of direction directly before a number; "ลดลงเหลือ" and "เพิ่มขึ้นเป็น" give a level, "ขยายตัว" the sign of a rate of growth.
_DIRECTION = re.compile(
    r"(?:(?P<up>เพิ่มขึ้น|สูงขึ้น|สูงกว่า)|(?P<down>ลดลง|ต่ำลง|ต่ำกว่า)|(?P<grows>ขยายตัว)|(?P<shrinks>หดตัว))"
    r"(?:(?:เล็กน้อย|มาก|อีก|ประมาณ|ร้อยละ|จาก(?=\s*(?:ไตรมาส|ปี|ช่วง))|ไตรมาสก่อน|ไตรมาสเดียวกันของ|ปีก่อน|ช่วงเดียวกันของ)|\s)*$"
)
_OTHER_TIME = re.compile(r"(?:ปี|พ\.ศ\.)\s*[0-9๐-๙]{4}|ไตรมาสที่\s*[0-9๐-๙]")
_REACH = 120  # characters before a number in which the quantity that it is about is looked for
_SURVEYS = {"employers": "employer", "workers": "worker"}


@dataclass(frozen=True)
class NamedQuantity:
    """Something that sentences give numbers of: what it is called, and the numbers that are true of it this quarter."""

    key: str  # its name between braces, "" where it has none
    unit: str
    names: tuple[str, ...]
    levels: tuple[Number, ...]
    changes: tuple[Number, ...] = ()


def named_values(cells: Cells, context: Context) -> dict[str, Number]:
    """Every name that commentary may use, with its number of this quarter; names without a number are left out."""
    found: dict[str, Number] = {}
    for name, moved in _movements(cells, context).items():
        found |= _parts(name, moved)
    period = iso(context.quarter)
    for item in context.declarations.indicators.values():
        number = published(cells, item, period)
        if number is not None:
            found[f"indicator.{item.id}"] = number
    return found


def _parts(name: str, moved: Movement) -> dict[str, Number]:
    """``index.overall``, ``index.overall.quarter`` and ``index.overall.year``."""
    changes = {"quarter": moved.quarter, "year": moved.year}
    found = {f"{name}.{part}": change.number for part, change in changes.items() if change is not None}
    return found | ({name: moved.level} if moved.level is not None else {})


def _movements(cells: Cells, context: Context) -> dict[str, Movement]:
    """Movements of the indices by name; a reduced issue has no composite to name."""
    period, found = iso(context.quarter), {}
    whole = () if is_reduced(cells, context) else ("overall",)
    for dimension in (*whole, *context.declarations.dimensions):
        key = {"dimension": dimension, "group": "TH"}
        found[f"index.{dimension}"] = movement(cells, "labour_index", period, steps=INDEX_STEPS, key=key)
    for name, survey in _SURVEYS.items():
        key = {"survey": survey, "domain": "overall", "group": "TH"}
        found[f"{name}.overall"] = movement(cells, "confidence", period, steps=CONFIDENCE_STEPS, key=key)
    return found


# ------------------------------------------------------------------------------------------ typed by hand


def check_typed(
    document: Document, cells: Cells, context: Context, quantities: list[NamedQuantity] | None = None
) -> list[Finding]:
    """Findings for numbers in the analysts' text that are not true of the quantity named before them, and for unknown names.

    quantities  what sentences may give numbers of, where it is known already (``quantities_of``)
    """
    idle = [_idle(chapter, text) for chapter, text in document.idle_edits]
    idle += [_unread(chapter) for chapter in document.unread]
    return idle + _typed_wrong(document, cells, context, quantities)


def _typed_wrong(
    document: Document, cells: Cells, context: Context, quantities: list[NamedQuantity] | None
) -> list[Finding]:
    sentences = list(_analysts_sentences(document))
    if not sentences:
        return []
    quantities = quantities_of(cells, context) if quantities is None else quantities
    unknown = [
        _unknown(place, match[1]) for place, sentence in sentences for match in NAME.finditer(sentence.text)
    ]
    return unknown + [
        _finding(place, typed.text, quantity)
        for place, sentence in sentences
        for typed, quantity in _typed(sentence, quantities)
        if not _is_true(typed, quantity)
    ]


def _analysts_sentences(document: Document) -> Iterator[tuple[str, Sentence]]:
    """Sentences of the analysts, with the chapter in which they stand."""
    for part in document.parts:
        yield from ((part.slug, sentence) for sentence in part.finding if sentence.author)
        for section in part.sections:
            for block in section.blocks:
                if isinstance(block, Aside) and block.style == "commentary":
                    inner: list[Block] = block.blocks
                    for one in walk(inner):
                        yield from ((part.slug, sentence) for sentence in sentences_of(one))
                else:
                    for one in walk([block]):
                        yield from ((part.slug, item) for item in sentences_of(one) if item.author)


@dataclass(frozen=True)
class Typed:
    """A number typed by hand: its text, its size, half of its last digit, and the way it is said to go (1, -1; 0 unsaid).

    grows  the way is that of a rate of growth itself, not of its change
    """

    text: str
    size: float
    tolerance: float
    way: int
    grows: bool


def _typed(sentence: Sentence, quantities: list[NamedQuantity]) -> Iterator[tuple[Typed, NamedQuantity]]:
    """Numbers typed by hand that speak of this quarter, with the quantity named last before each."""
    said = ""
    for span in sentence.spans:
        if span.kind != "number":
            for match in _TYPED.finditer(span.text):
                before = (said + span.text[: match.start()])[-_REACH:]
                quantity = _named_last(before, quantities)
                if quantity is not None and _may_count(span.text[match.end() :], quantity.unit):
                    yield _read(match, before), quantity
        said += span.text


@cache
def _counted() -> dict[str, list[str]]:
    """A word of unit -> how the declared units begin that it counts."""
    words = tomllib.loads(asset("data", "rules", "claim_words.toml").read_text(encoding="utf-8"))
    return dict(words["th"]["counted"])


def _may_count(behind: str, unit: str) -> bool:
    """Whether the unit that is named behind a number may be that of the quantity; baht are no positions."""
    counted = _counted()
    words = [word for word in counted if behind.lstrip().startswith(word)]
    return not words or unit.startswith(tuple(counted[words[0]]))


def _read(match: re.Match[str], before: str) -> Typed:
    plain = arabic_digits(match[1]).replace(",", "").lstrip("+-−")
    whole, _, decimals = plain.partition(".")
    last = (
        -len(decimals) if decimals else len(whole) - len(whole.rstrip("0"))
    )  # 512,000 is rounded to thousands
    scale = _SCALES[match[2] or ""]
    said = _DIRECTION.search(before)
    word = said.lastgroup if said is not None else None
    way = {"up": 1, "grows": 1, "down": -1, "shrinks": -1}.get(word or "", 0)
    tolerance = 0.5 * 10**last * scale
    return Typed(match[0].strip(), float(plain) * scale, tolerance, way, word in ("grows", "shrinks"))


def _is_true(typed: Typed, quantity: NamedQuantity) -> bool:
    """Whether a typed number is a level, or a change that went the way that is said, as rounded as it was typed."""
    levels, changes = (
        [one.value for one in numbers if abs(abs(one.value) - typed.size) <= typed.tolerance * (1 + 1e-9)]
        for numbers in (quantity.levels, quantity.changes)
    )
    if typed.grows and levels:
        return any(value * typed.way >= 0 for value in levels)
    return bool(levels) or any(value * typed.way >= 0 for value in changes)


def _named_last(before: str, quantities: list[NamedQuantity]) -> NamedQuantity | None:
    """The quantity named last; None where none is, or where another time is spoken of after it."""
    best: tuple[int, int] = (-1, 0)
    found = None
    for quantity in quantities:
        for name in quantity.names:
            place = (before.rfind(name), len(name))
            is_longer_name = before[sum(place) :].startswith("ต่อ")  # a wage an hour is not the wage
            if (
                place[0] >= 0
                and not is_longer_name
                and (place[0] + place[1], place[1]) > (best[0] + best[1], best[1])
            ):
                best, found = place, quantity
    return None if found is None or _OTHER_TIME.search(before[best[0] :]) else found


def quantities_of(cells: Cells, context: Context) -> list[NamedQuantity]:
    """Indices, indicators, macro variables and counts of persons with every number that is true of them."""
    return [
        *_indices(cells, context),
        *_indicators(cells, context),
        *_economy(cells, context),
        *_persons(cells, iso(context.quarter)),
    ]


def _indices(cells: Cells, context: Context) -> Iterator[NamedQuantity]:
    declared = context.declarations
    names: dict[str, tuple[str, ...]] = {"index.overall": ("ดัชนีเศรษฐกิจแรงงาน", "ดัชนีรวม")}
    for key, item in declared.dimensions.items():
        names[f"index.{key}"] = tuple(dict.fromkeys((f"มิติ{item.name.th}", f"มิติ{item.short.th}")))
    for name, survey in _SURVEYS.items():
        if survey in declared.questionnaires:
            names[f"{name}.overall"] = (declared.questionnaires[survey].index_name.th,)
    for name, moved in _movements(cells, context).items():
        if name in names and moved.level is not None:
            yield _moved(name, "points", names[name], moved)


def _moved(key: str, unit: str, names: tuple[str, ...], moved: Movement) -> NamedQuantity:
    """Levels now, a quarter and a year ago, and the changes."""
    levels = [item for item in (moved.level, moved.previous, moved.year_ago) if item is not None]
    changes = [change.number for change in (moved.quarter, moved.year) if change is not None]
    return NamedQuantity(key, unit, names, tuple(levels), tuple(changes))


def _indicators(cells: Cells, context: Context) -> Iterator[NamedQuantity]:
    """Levels as published and as adjusted, and the changes of both."""
    for mover in movers_of(cells, context, iso(context.quarter), "quarter"):
        item = mover.indicator
        told = (mover.published, mover.published_before, mover.published_year, mover.value, mover.previous)
        levels = [number for number in told if number is not None]
        changes = [mover.change.number, *([mover.published_change.number] if mover.published_change else [])]
        if mover.published is not None and mover.published_year is not None:
            changes.append(mover.published - mover.published_year)
        plain = item.name.th, item.spoken.th
        names = dict.fromkeys((*plain, *(name.replace("อัตราการ", "อัตรา", 1) for name in plain)))
        said = (*names, *item.also_called)
        yield NamedQuantity(f"indicator.{item.id}", item.unit, said, tuple(levels), tuple(changes))


def _economy(cells: Cells, context: Context) -> Iterator[NamedQuantity]:
    for variable in context.declarations.macro.values():
        moved = movement(
            cells, "macro", iso(context.quarter), steps=INDEX_STEPS, key={"variable": variable.id}
        )
        if moved.level is not None:
            names = (variable.name.th, *variable.also_called)
            yield _moved("", variable.unit, names, moved)


def _persons(cells: Cells, period: str) -> Iterator[NamedQuantity]:
    for series in beside_declared():
        moved = movement(cells, "beside", period, steps=INDEX_STEPS, key={"series": series["id"]})
        if moved.level is not None and "also_called" in series:
            yield _moved("", "persons", tuple(series["also_called"]), moved)


def _finding(place: str, typed: str, quantity: NamedQuantity) -> Finding:
    name, numbers = quantity.names[0], (*quantity.levels, *quantity.changes)
    known = " ".join(number.text for number in numbers[:3])
    th = f" หรือใช้ชื่อค่า {{{{ {quantity.key} }}}}" if quantity.key else ""
    en = f", or name the value as {{{{ {quantity.key} }}}}" if quantity.key else ""
    return Finding(
        "warning",
        f"commentary {place}",
        f"“{name}” พิมพ์ไว้ {typed} แต่ตารางมี {known} — แก้ตัวเลขหรือทิศทาง{th}",
        f'"{name}" is given as {typed}, but the tables say {known}; mend the number or its direction{en}.',
        value=typed,
        rule="commentary.contradicts",
    )


def _unknown(place: str, name: str) -> Finding:
    return Finding(
        "error",
        f"commentary {place}",
        f"ไม่รู้จักชื่อค่า {{{{ {name} }}}} หรือไตรมาสนี้ไม่มีค่า — ดูรายชื่อใน docs/commentary.md",
        f"The value {{{{ {name} }}}} is not known, or this quarter has none; docs/commentary.md lists the names.",
        value=name,
        rule="commentary.unknown_name",
    )


def _idle(chapter: str, text: str) -> Finding:
    return Finding(
        "warning",
        f"commentary {chapter}",
        f"ประโยคที่ซ่อนหรือแทนไว้เปลี่ยนไปแล้ว จึงแสดงประโยคใหม่ของโปรแกรม: “{text[:80]}” — ตัดสินใจใหม่ หรือลบออกจาก sentences.toml",
        f'A hidden or replaced sentence has changed, so the new one is shown: "{text[:80]}"; decide again, or take it out of sentences.toml.',
        value=text[:80],
        rule="commentary.idle_edit",
    )


def _unread(chapter: str) -> Finding:
    return Finding(
        "warning",
        f"commentary {chapter}",
        f"มีข้อความของบท {chapter} แต่ workspace.toml ให้ละบทนี้ (leave_out) จึงไม่แสดง — ย้ายข้อความ หรือเอาบทออกจาก leave_out",
        f"There is a text for the chapter {chapter}, which workspace.toml leaves out (leave_out), so it is not shown; move the text, or take the chapter off leave_out.",
        value=chapter,
        rule="commentary.left_out",
    )


def values_in(text: str, values: Mapping[str, Number]) -> Iterator[str | Number]:
    """A text taken apart at the names of values; a name that is not known stays as it was typed."""
    end = 0
    for match in NAME.finditer(text):
        if match[1] in values:
            yield text[end : match.start()]
            yield values[match[1]]
            end = match.end()
    yield text[end:]


# ----------------------------------------------------------------------------------------------------
# Generated sentences that the analysts hide or replace (``sentences.toml``).
#
# Goes in: the chapters of a document with every reference filled, the edits, the named values. Comes out: the chapters without the hidden
# sentences and with the analysts' in the place of others, each marked as theirs; what an edit finds no more is told.
# ----------------------------------------------------------------------------------------------------


def apply_edits(
    chapters: Sequence[Chapter], edits: Sequence[SentenceEdit], values: Mapping[str, Number]
) -> tuple[tuple[str, str], ...]:
    """Carry the edits out on the chapters; returns chapter and text of those that fit no sentence any more."""
    if not edits:
        return ()
    known = {(edit.chapter, edit.text): edit for edit in edits}
    used: set[tuple[str, str]] = set()

    def edited(chapter: str, sentences: list[Sentence]) -> list[Sentence]:
        kept = []
        for sentence in sentences:
            edit = known.get((chapter, sentence.text))
            if edit is not None:
                used.add((chapter, sentence.text))
            if edit is None:
                kept.append(sentence)
            elif edit.action == "replace":
                kept.append(_replacement(edit, sentence, values))
        return kept

    for chapter in chapters:
        chapter.finding = edited(chapter.slug, chapter.finding)
        for section in chapter.sections:
            section.blocks = _edited_blocks(section.blocks, chapter.slug, edited)
        chapter.sections = [item for item in chapter.sections if item.blocks]
    return tuple(place for place in known if place not in used)


def _edited_blocks(
    blocks: list[Block], chapter: str, edited: Callable[[str, list[Sentence]], list[Sentence]]
) -> list[Block]:
    """The blocks with their sentences edited; what holds nothing any more is left out, the analysts' own text untouched."""
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            block.sentences = edited(chapter, block.sentences)
        elif isinstance(block, Listing):
            items = [_edited_blocks(item, chapter, edited) for item in block.items]
            block.items = [item for item in items if item]
        elif isinstance(block, Terms):
            terms = [(term, edited(chapter, sentences)) for term, sentences in block.items]
            block.items = [(term, sentences) for term, sentences in terms if sentences]
        elif isinstance(block, BlockRow) or (isinstance(block, Aside) and block.style != "commentary"):
            block.blocks = _edited_blocks(block.blocks, chapter, edited)
        is_gone = (
            (isinstance(block, Paragraph) and not block.sentences)
            or (isinstance(block, Listing | Terms) and not block.items)
            or (isinstance(block, Aside) and not block.blocks)
        )
        if not is_gone:
            kept.append(block)
    return kept


def _replacement(edit: SentenceEdit, sentence: Sentence, values: Mapping[str, Number]) -> Sentence:
    """The analysts' sentence, with the references to figures and tables that the generated one had."""
    written = [one for block in walk(blocks_of(edit.replacement, values)) for one in sentences_of(block)]
    spans = [
        span
        for number, one in enumerate(written)
        for span in ([Span("text", " ")] if number else []) + one.spans
    ]
    links = [span for span in sentence.spans if span.kind == "link"]
    for number, link in enumerate(links):
        spans += [Span("text", " " if number else " ("), link]
    return Sentence(spans + ([Span("text", ")")] if links else []), author="analysts")
