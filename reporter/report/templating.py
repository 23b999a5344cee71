"""Templates of the report's words: numbers that keep their cells, claims, tags that write blocks; and the writer of the blocks.

Goes in: facts of ``reporter.report``. Comes out: calls of the ``Writer`` while a template renders. A filter sets a number as a
mark that carries value, cell and rounding; the writer turns marks into spans. ``BlockTags`` lists the tags.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

import jinja2
import numpy as np
import pandas as pd
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from reporter.domain import thai
from reporter.domain.declarations import ChapterOf, asset, chapters, rule, steps
from reporter.domain.edition import Figure, running
from reporter.domain.errors import RenderError
from reporter.report import provenance
from reporter.report.dimensions import Mover
from reporter.report.document import (
    Aside,
    Block,
    Chapter,
    Claim,
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
from reporter.report.numbers import Change, Number, UnitWords
from reporter.report.outlook import Evidence, FiredRule
from reporter.report.surveys import SurveyFacts
from reporter.report.workbook import ReportSheet
from reporter.runtime.cache import StageCache


def render(template: str, given: Mapping[str, Any], using: jinja2.Environment | None = None) -> str:
    """A template filled in. Raises RenderError naming the template and line that failed."""
    try:
        own = given["context"].overrides if "context" in given else ""
        return (using or environment(own)).get_template(template).render(given)
    except (jinja2.TemplateError, TypeError, AttributeError, LookupError, ValueError) as error:
        name = _failing_template(error)
        raise RenderError(f"เติมแม่แบบ {name} ไม่ได้: {error}", f"Template {name} failed: {error}") from error


def _failing_template(error: BaseException) -> str:
    """The innermost template of a failure's traceback, with its line."""
    place, trace = "report", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"{name.rpartition('templates/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


# ---------------------------------------------------------------------------------------------- tags that write


class BlockTags(Extension):
    """``{% p "lead" %} … {% endp %}``: the body goes to ``writer.p("lead", body)``, a function that renders it."""

    tags = {"p", "heading", "list", "item", "terms", "term", "aside", "finding", "row"}  # noqa: RUF012 (jinja's own form)

    def parse(self, parser: Parser) -> nodes.Node:
        """One tag with its arguments up to its end tag."""
        token = next(parser.stream)
        arguments: list[nodes.Expr] = [nodes.ContextReference(), nodes.Const(token.value)]
        while parser.stream.current.type != "block_end":
            arguments.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        call = self.call_method("_write", arguments)
        return nodes.CallBlock(call, [], [], body).set_lineno(token.lineno)

    def _write(self, context: Any, tag: str, *arguments: Any, caller: Callable[[], str]) -> str:
        getattr(context["writer"], f"write_{tag}")(caller, *arguments)
        return ""


# ---------------------------------------------------------------------------------------------- numbers in words


def plain(number: Number) -> Markup:
    """``98.6``; a negative number has its sign."""
    return number_mark(number, thai.number(number.value, number.decimals))


def magnitude(number: Number) -> Markup:
    """The size of a number whose direction the sentence says."""
    return number_mark(number, thai.magnitude(number.value, number.decimals))


def signed(number: Number) -> Markup:
    """``+0.4``, ``−0.4``."""
    return number_mark(number, thai.signed(number.value, number.decimals))


def percent(number: Number) -> Markup:
    """``ร้อยละ 12.3``."""
    return Markup("ร้อยละ {}").format(plain(number))


def arrowed(change: Change) -> Markup:
    """``▲ 1.2`` with the class of better or worse."""
    sign = thai.arrow(change.number.value, change.number.decimals)
    size = thai.magnitude(change.number.value, change.number.decimals)
    return Markup("{} {}").format(sign, number_mark(change.number, size, change.quality))


def with_unit(number: Number, unit: UnitWords) -> Markup:
    """``ร้อยละ 1.10``, ``15,900 บาทต่อเดือน``."""
    return Markup(" ").join(part for part in (escape(unit.before), plain(number), escape(unit.after)) if part)


def from_to(mover: Mover) -> Markup:
    """``จากร้อยละ 1.10 เป็นร้อยละ 1.02``, ``จาก 15,900 เป็น 16,100 บาทต่อเดือน``; of a part of the quarter with its months.

    ``ที่ร้อยละ 1.10`` where both read the same.
    """
    unit, glue = mover.unit, "" if mover.unit.before else " "
    before = f"{unit.before} " if unit.before else ""
    second = "" if unit.before == "ระดับ" else before
    after = f" {unit.after}" if unit.after else ""
    if mover.months:
        after += f" (เฉพาะเดือน{thai.join_th([thai.month_name_th(month) for month in mover.months])})"
    if mover.verb == "ทรงตัว":
        return Markup("ที่{}{}{}{}").format(glue, before, plain(mover.value), after)
    return Markup("จาก{}{}{} เป็น{}{}{}{}").format(
        glue,
        before,
        plain(mover.previous),
        glue if second == before else " ",
        second,
        plain(mover.value),
        after,
    )


def evidence_text(evidence: Evidence) -> Markup:
    """What a recommendation rests on, as a phrase with its number."""
    number, part = evidence.number, evidence.part
    if evidence.mover is not None:
        return _indicator_evidence(evidence.label, part, evidence.mover)
    if part == "level":
        unit = "ร้อยละ {}" if number.unit == "จุดร้อยละ" else "{} จุด"
        return Markup("{} อยู่ที่ " + unit + "{}").format(evidence.label, plain(number), _why_low(evidence))
    if part in ("quarter", "year", "change"):
        is_up = number.value > 0
        verb = "เพิ่มขึ้น" if is_up else "ลดลง"
        said = claimed(
            Claim("direction", "up" if is_up else "down", {"of": number.cell, "still": 0.0, "decimals": 9})
        )
        than = {"quarter": "จากไตรมาสก่อน", "year": "จากปีก่อน", "change": "จากไตรมาสนี้"}[part]
        told = Markup("{}{} {} {} {}{}").format(
            said, evidence.label, verb, magnitude(number), number.unit, than
        )
        better = {1: "ดีขึ้น", -1: "แย่ลง"}.get(evidence.better_way, "")
        words = [better] if better else []
        said = evidence_claims(evidence)
        if evidence.clarity is not None:
            words.append("ชัดเจน" if evidence.clarity.is_clear else "ยังไม่ชัดเจน")
        return Markup("{}{} ({})").format(said, told, " ".join(words)) if words else told
    after = f" {number.unit}" if number.unit else ""
    if part == "places":
        return Markup("{} {}{}").format(evidence.label, plain(number), after)
    return Markup("{} เท่ากับ {}{}").format(evidence.label, plain(number), after)


def _why_low(evidence: Evidence) -> Markup:
    """What makes a level a case: it is the lowest of all domains, and it has fallen on the year."""
    told = []
    if evidence.lowest is not None:
        domains = len(evidence.lowest.about["among"])
        told.append(Markup("{}ต่ำที่สุดใน {} ด้าน").format(claimed(evidence.lowest), domains))
    if change := evidence.worse_on_year:
        verb, unit = "เพิ่มขึ้น" if change.number.value > 0 else "ลดลง", change.number.unit
        proof = claimed(provenance.significance(change.number, change.test, is_clear=True))
        fell = Markup("{}{} {} {}จากปีก่อน (มีนัยสำคัญ)")
        told.append(fell.format(proof, verb, magnitude(change.number), unit))
    return Markup(" ") + Markup(" และ").join(told) if told else Markup("")


def evidence_claims(evidence: Evidence) -> Markup:
    """Whether a change reported as evidence is better or worse, and whether it is clear."""
    number, made = evidence.number, []
    if evidence.better_way:
        way = "better" if evidence.better_way > 0 else "worse"
        polarity = 1 if (number.value > 0) == (evidence.better_way > 0) else -1
        made.append(Claim("quality", way, {"of": number.cell, "polarity": polarity, "decimals": 9}))
    if evidence.clarity is not None:
        made.append(evidence.clarity.claim)
    return claimed(made)


def _indicator_evidence(label: str, part: str, mover: Mover) -> Markup:
    """An indicator as published beside the year before; else its adjusted change, named so."""
    label += "เฉลี่ยต่อเดือน" if mover.indicator.is_monthly_mean else ""
    if part == "year" and mover.published is not None and mover.published_year is not None:
        now, before = with_unit(mover.published, mover.unit), plain(mover.published_year)
        return Markup("{} {} (ปีก่อน {})").format(label, now, before)
    said = compared(mover.value, mover.previous)
    return Markup("{}{}ที่ปรับฤดูกาลแล้ว{}{}").format(said, label, mover.verb, from_to(mover))


def claimed(claims: Claim | Iterable[Claim] | None) -> Markup:
    """Marks that tie claims to the sentence in which they stand; they print nothing."""
    if claims is None:
        return Markup("")
    listed = [claims] if isinstance(claims, Claim) else claims
    return Markup("").join(claim_mark(item) for item in listed)


def better_claimed(movers: Iterable[Mover], way: str) -> Markup:
    """That each of the indicators is better, or worse, than in the quarter before."""
    return claimed([provenance.quality(mover.change, way) for mover in movers])


def benchmark_claimed(gain: Number) -> Markup:
    """That the model's error is lower (a gain) or higher than that of a simple rule."""
    says = "down" if gain.value > 0 else "up" if gain.value < 0 else "still"
    return claim_mark(Claim("direction", says, {"of": f"0 - ( {gain.cell} )", "still": 0.0, "decimals": 9}))


def compared(left: Number, right: Number | float) -> Markup:
    """The claim behind higher, lower and equal."""
    return claim_mark(provenance.comparison(left, right))


def together_claimed(own: Change, other: Change, survey: SurveyFacts, with_what: str = "labour") -> Markup:
    """That a survey's index went with another, or against it, as their correlation bears; nothing where it does not."""
    said = survey.with_labour if with_what == "labour" else survey.with_growth
    known = survey.labour_evidence if with_what == "labour" else survey.growth_evidence
    if known is None or not known.way or known.way != said:
        return Markup("")
    return claimed(provenance.together(own, other, evidence=known.band))


def leading(ranked: Sequence[Any], name: str, places: int = 1) -> list[Any]:
    """The first places of a ranking, and those with the same printed value as the last of them.

    name  the attribute that holds the number: ``movement.level``
    """
    number = attrgetter(name)
    first = list(ranked[:places])
    return first + [item for item in ranked[places:] if number(item).text == number(first[-1]).text]


def domain_word(name: str) -> str:
    """``ด้านความรู้``: the word ด้าน once."""
    return name if name.startswith("ด้าน") else f"ด้าน{name}"


def themes(items: Iterable[FiredRule]) -> list[FiredRule]:
    """The first of each theme and departments: a list that names both tells none of them twice."""
    found: dict[tuple[str, tuple[str, ...]], FiredRule] = {}
    for item in items:
        found.setdefault((item.rule.theme, item.departments), item)
    return list(found.values())


def doing(name: str) -> str:
    """An action as a noun: ``การปรับโครงสร้างงาน``; one that is a noun already stays as it is."""
    return name if name.startswith(("การ", "มีการ")) else f"การ{name}"


def before_word(text: str) -> str:
    """A name as it stands before a Thai word: a blank parts it where it ends with a Latin letter, a digit or a bracket."""
    return f"{text} " if re.search(r"[A-Za-z0-9)]$", text) else text


def names_list(items: Iterable[Any]) -> str:
    """``ก ข และค``."""
    return thai.join_th([str(item) for item in items])


def anchor(code: str) -> str:
    """A code of the tables as an HTML id: ``PROVINCE:TH-50`` is ``province-th-50``."""
    return code.replace(":", "-").lower()


def grouped(items: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Neighbours that share an attribute, in their own order (jinja's groupby sorts)."""
    return [(key, list(own)) for key, own in groupby(items, key=lambda item: getattr(item, name))]


class _Sandbox(SandboxedEnvironment):
    """For templates of a workspace: nothing private, and no method of tables, arrays and paths, which read and write files."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute."""
        library = type(obj).__module__.partition(".")[0]
        is_plain = library not in ("pandas", "numpy", "pathlib") or isinstance(obj, pd.Period | np.floating)
        return is_plain and super().is_safe_attribute(obj, attr, value)


class CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates, kept between builds: compiling those of the report takes longer than filling them in.

    cache  of the build that runs in this process; until one has begun, nothing is kept
    kind   of the environment: others compile the same template otherwise
    """

    cache = StageCache(None)

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept for the template; jinja compares its source."""
        kept = self.cache.stored("template", self._key(bucket))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.cache.store("template", self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket: Bucket) -> str:
        return self.cache.key((self._kind, bucket.key))


def own_templates(*extensions: str | type[Extension], overrides: str = "") -> jinja2.Environment:
    """An environment without filters over the package's templates: escaped, and strict about names that are not given.

    overrides  a workspace whose ``templates`` come first; then everything is rendered in a sandbox
    """
    folders = [asset("templates")]
    kind: type[jinja2.Environment] = jinja2.Environment
    if overrides:
        folders, kind = [Path(overrides) / "templates", *folders], _Sandbox
    return kind(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=extensions,
    )


@cache
def environment(overrides: str = "") -> jinja2.Environment:
    """The compiled templates; nothing of an issue stays in them. ``overrides``: a workspace with templates of its own."""
    environment = own_templates("jinja2.ext.do", BlockTags, overrides=overrides)
    environment.bytecode_cache = CompiledTemplates("sandbox" if overrides else "th")
    environment.globals.update(rule=rule, step=steps, stop=STOP, br=style_mark("break"), with_unit=with_unit)
    environment.filters.update(
        n=plain,
        mag=magnitude,
        sgn=signed,
        pct=percent,
        chg=arrowed,
        claim=claimed,
        direction=lambda change: claimed(provenance.direction(change)),
        together=together_claimed,
        compared=compared,
        side=lambda number: thai.sign_of(number.value, number.decimals),
        benchmark=benchmark_claimed,
        better=better_claimed,
        published=lambda number: claimed(
            provenance.published(number) if number.cell.startswith("series?") else None
        ),
        leading=leading,
        drive=lambda number: claimed(provenance.drive(number, rule("contribution.least_dimension"))),
        streak=lambda moved: claimed(provenance.streak(moved)),
        record=lambda found: claimed(provenance.record(found)),
        strong=lambda text: style_mark("strong", str(text)),
        code=lambda text: style_mark("code", str(text)),
        quarter_th=thai.quarter_th,
        quarter_slash=thai.quarter_slash,
        period_th=thai.period_th,
        date_th=thai.date_th,
        domain=domain_word,
        names=names_list,
        before_word=before_word,
        doing=doing,
        themes=themes,
        spoken=lambda indicator: indicator.spoken.th,
        anchor=anchor,
        groupby_kept=grouped,
        evidence=evidence_text,
        from_to=from_to,
        index_level=thai.index_level_word,
        confidence_level=thai.confidence_level_word,
    )
    return environment


# ----------------------------------------------------------------------------------------------------
# Marks inside a template's text, and the spans and sentences that they become.
#
# Goes in: the rendered text of a paragraph, in which numbers, claims, references and sentence ends stand as marks between
# private-use characters. Comes out: ``Sentence`` objects. Text of templates and of analysts never holds those characters itself.
# ----------------------------------------------------------------------------------------------------

OPEN, CLOSE, BETWEEN = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")


def _mark(kind: str, *fields: str) -> Markup:
    return Markup(OPEN + BETWEEN.join((kind, *(str(escape(field)) for field in fields))) + CLOSE)


STOP = _mark("stop")


def number_mark(number: Number, shown: str, quality: str = "") -> Markup:
    """A number as it is shown, with its full value and its cell."""
    return _mark("number", shown, repr(float(number.value)), number.cell, quality)


def claim_mark(claim: Claim) -> Markup:
    """A claim of the sentence in which the mark stands."""
    return _mark("claim", json.dumps(claim.record(), ensure_ascii=False))


def style_mark(kind: str, text: str = "") -> Markup:
    """A run of text in another style: strong, emphasis, code, break."""
    return _mark(kind, text)


def link_mark(text: str, target: str) -> Markup:
    """A link within the document."""
    return _mark("link", text, target)


def reference_mark(form: str, *names: str) -> Markup:
    """A reference to figures and tables, filled when all are numbered; ``form``: see (in brackets) or link."""
    return _mark("reference", form, ",".join(names))


def clean(text: str) -> str:
    """Text of others without the characters that marks are made of."""
    return text.replace(OPEN, "").replace(CLOSE, "").replace(BETWEEN, "")


def sentences(rendered: str) -> list[Sentence]:
    """The sentences of a rendered text; marks become spans and claims. Raises RenderError where markup stands in it."""
    found: list[Sentence] = [Sentence([])]
    for number, piece in enumerate(_MARK.split(rendered)):
        if number % 2 == 0:
            _add_text(found[-1], piece)
            continue
        kind, *fields = (html.unescape(field) for field in piece.split(BETWEEN))
        if kind == "stop":
            found.append(Sentence([]))
        elif kind == "claim":
            given = json.loads(fields[0])
            found[-1].claims.append(Claim(given.pop("kind"), given.pop("says"), given))
        else:
            found[-1].spans.append(_span(kind, fields))
    for sentence in found:
        _tidy(sentence)
    return _joined([sentence for sentence in found if sentence.spans or sentence.claims])


def _joined(found: list[Sentence]) -> list[Sentence]:
    """A reference or a claim that stands alone belongs to the sentence before it."""
    kept: list[Sentence] = []
    for sentence in found:
        has_words = any(span.kind not in ("reference", "break") for span in sentence.spans)
        if has_words or not kept:
            kept.append(sentence)
        else:
            kept[-1].spans += sentence.spans
            kept[-1].claims += sentence.claims
    return [sentence for sentence in kept if sentence.spans]


def _add_text(sentence: Sentence, piece: str) -> None:
    if "<" in piece:
        raise RenderError(f"ข้อความมีแท็ก HTML: {piece[:80]}", f"A sentence holds markup: {piece[:80]}")
    words = _BLANKS.sub(" ", html.unescape(piece))
    if words:
        sentence.spans.append(Span("text", words))


def _span(kind: str, fields: list[str]) -> Span:
    if kind == "number":
        shown, value, cell, quality = fields
        return Span("number", shown, float(value), cell, quality=quality)
    if kind == "reference":
        form, names = fields
        return Span("reference", form, target=names)
    return Span(kind, fields[0], target=fields[1] if len(fields) > 1 else "")


def _tidy(sentence: Sentence) -> None:
    """No blank at the edges, one between words, none doubled where a mark printed nothing."""
    kept: list[Span] = []
    for span in sentence.spans:
        if span.kind == "text" and kept and kept[-1].kind == "text":
            kept[-1].text = _BLANKS.sub(" ", kept[-1].text + span.text)
        else:
            kept.append(span)
    if kept and kept[0].kind == "text":
        kept[0].text = kept[0].text.lstrip()
    if kept and kept[-1].kind == "text":
        kept[-1].text = kept[-1].text.rstrip()
    for before, after in pairwise(kept):
        if after.kind == "reference" and after.text == "see":
            before.text = before.text.rstrip()
    sentence.spans = [span for span in kept if span.text or span.kind in ("break", "reference")]


def inline_html(rendered: str) -> str:
    """A page that is rendered as HTML: numbers as ``<data>`` with their cell, claims and sentence ends left out."""

    def replaced(match: re.Match[str]) -> str:
        kind, *fields = match[1].split(BETWEEN)
        if kind == "number":
            shown, value, cell, _ = fields
            return f'<data class="n" value="{value}" data-cell="{cell}">{shown}</data>'
        return f"<strong>{fields[0]}</strong>" if kind == "strong" else ""

    return _MARK.sub(replaced, rendered)


# ----------------------------------------------------------------------------------------------------
# Writes the blocks of a document while the chapter templates render; numbers figures and tables; fills references.
#
# Goes in: calls of the templates' tags and functions (``reporter.report.templating``). Comes out: chapters of the issue document.
# References are filled last, so that one to something absent vanishes with it, and what nothing refers to is introduced.
# ----------------------------------------------------------------------------------------------------

Body = Callable[[], str]
_PLAIN = "ไม่มีแท็กครอบ", "outside of any tag"


# What the writer itself says, by language.
_WORDS = {
    "th": {
        "figure": "รูปที่", "table": "ตารางที่", "and": " และ", "between": " ", "shows": "แสดง", "same": "เช่นเดียวกับรูปที่ {}",
        "chapter": "บทที่ {}",
    },
    "en": {
        "figure": "Figure", "table": "Table", "and": " and ", "between": ", ", "shows": "shows ", "same": "as in Figure {}.",
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
        sheets: Mapping[str, ReportSheet],
        lang: str = "th",
        without: Mapping[str, str] | None = None,
    ) -> None:
        self.lang, self._words = lang, _WORDS[lang]
        self._without = without or {}
        self.missed: list[str] = []  # what templates asked for and the language has not, by name
        self.declared: Sequence[ChapterOf] = chapters()  # of the report, as they are numbered
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
        """Consecutive numbers, after empty sections were removed."""
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
        self._chapter.finding = sentences(body())

    # ------------------------------------------------------------------------------------ blocks

    def add(self, block: Block) -> None:
        """Put a block at the end of what is open."""
        self._stack[-1].append(block)

    def write_p(self, body: Body, style: str = "") -> None:
        """A paragraph; nothing where it says nothing."""
        said = sentences(body())
        if said:
            self.add(Paragraph(said, style))

    def write_heading(self, body: Body, anchor: str = "") -> None:
        """A heading below the section's."""
        self.add(Heading(" ".join(item.text for item in sentences(body())), anchor))

    def write_aside(self, body: Body, style: str = "note") -> None:
        """Blocks set apart."""
        inner: list[Block] = []
        self._within(inner, body)
        if inner:
            self.add(Aside(style, inner))

    def write_list(self, body: Body, style: str = "", start: int = 1) -> None:
        """A list of the items inside; an ordered one counts from ``start``."""
        self._list_items.append([])
        self._nothing_loose(body())
        items = self._list_items.pop()
        if items:
            self.add(Listing(items, style, start))

    def write_item(self, body: Body) -> None:
        """One item: sentences."""
        said = sentences(body())
        if said:
            self._list_items[-1].append([Paragraph(said)])

    def write_terms(self, body: Body) -> None:
        """A list of terms."""
        self._term_items = []
        self._nothing_loose(body())
        self.add(Terms(self._term_items))

    def write_term(self, body: Body, term: str) -> None:
        """One term and what it means."""
        self._term_items.append((term, sentences(body())))

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
        return reference_mark("see", *names)

    def link(self, *names: str) -> Markup:
        """The same without brackets, for use within a sentence."""
        return reference_mark("link", *names)

    def chapter_link(self, slug: str) -> Markup:
        """``บทที่ 9`` (``ภาคผนวก`` for the appendix) as a link; nothing for a chapter that is not there."""
        chapter = next((item for item in self.declared if item.slug == slug), None)
        return Markup("") if chapter is None else link_mark(self._chapter_name(chapter), f"chapter-{slug}")

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
                Span("text", f" {self._words['shows']}{self._subject(name)}"),
            ]
        )
        return Paragraph([said], "introduction")

    def _subject(self, name: str) -> str:
        """What a figure or table shows, within a sentence; an English one ends with a full stop."""
        said = self._subjects[name]
        return said if self.lang == "th" else f"{running(said)}."

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
