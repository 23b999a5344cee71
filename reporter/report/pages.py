"""The pages of an issue: findings, figures and the analysts' text written into the issue document, and its print HTML.

Goes in: findings, figures, tables, context, commentary. Comes out: ``Document``; from it one HTML document for the typesetter
and ``report.html`` (docs/print.md). Chapter templates place and word; they compute nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from reporter.domain import thai
from reporter.domain.chapters import REPORT, ChapterOf, chapters
from reporter.domain.context import Context
from reporter.domain.periods import iso
from reporter.figures import Figure
from reporter.inputs.commentary import Commentary
from reporter.report import Findings, templating
from reporter.report.commentary import blocks_of
from reporter.report.document import Aside, Chapter, Document, HeadNumber, Sentence, Span, TableBlock
from reporter.report.economy import Factor
from reporter.report.movement import Change, Movement
from reporter.report.named_values import named_values
from reporter.report.numbers import Cells, Number
from reporter.report.recommendations import load_rules, recommend
from reporter.report.sheets import Sheet
from reporter.report.surveys import SurveyFacts
from reporter.report.tables_of_chapters import factors_sheet
from reporter.report.writer import Writer
from reporter.surveys import disclosure

# Charts that show the composite; a reduced issue has none.
_OF_COMPOSITE = frozenset(
    (
        "contributions_history",
        "contributions_waterfall",
        "cover_line",
        "forecast_errors",
        "forecast_fan",
        "forecast_scorecard",
        "headline_dials",
        "headline_sparklines",
        "index_and_growth",
        "index_history",
        "indicator_contributions",
        "level_momentum",
    )
)
_ANALYSTS = "บทวิเคราะห์เพิ่มเติมของนักวิเคราะห์"


def write(
    findings: Findings,
    figures: Sequence[Figure],
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    commentary: Commentary | None = None,
    *,
    volume: str = REPORT,
) -> Document:
    """One volume of the issue as a document; ``figures`` may be empty. Raises RenderError naming the template that failed.

    commentary  the analysts' text of the report; the technical volume has none
    volume      ``report`` (ten chapters and the summary page) or ``technical``
    """
    commentary = commentary or Commentary()
    factors = _factors(findings, commentary)
    sheet = factors_sheet(factors)
    sheets = dict(findings.sheets) | ({} if sheet is None else {sheet.id: sheet})
    left_out = frozenset(
        item.id for item in figures if findings.labour.is_reduced and item.chart in _OF_COMPOSITE
    )
    writer = Writer({item.id: item for item in figures if item.id not in left_out}, sheets)
    given: dict[str, Any] = {
        "f": findings,
        "context": context,
        "settings": context.settings,
        "declared": context.declarations,
        "quarter": context.quarter,
        "recommended": recommend(Cells(tables), context, load_rules()),
        "factors": factors,
        "values": named_values(Cells(tables), context),
        **_tools(writer),
    }
    summary = Chapter("summary", 0, f"สรุปสำหรับผู้บริหาร {thai.quarter_th(context.quarter)}", "สรุปสำหรับผู้บริหาร")
    if volume == REPORT:
        _write_chapter(writer, summary, "report/th/summary.j2", given, commentary)
    made = [_write_declared(writer, item, given, findings, commentary) for item in chapters(volume)]
    writer.finish()
    settings = context.settings
    marks = (() if context.final else ("draft",)) + (("synthetic",) if settings.synthetic else ())
    return Document(
        lang="th",
        title=settings.title.th,
        quarter=iso(context.quarter),
        quarter_name=thai.quarter_th(context.quarter),
        marks=marks,
        headline=headline(findings),
        summary=summary,
        chapters=made,
        pictures=writer.pictures,
        left_out=left_out,
        volume=volume,
    )


def _write_declared(
    writer: Writer, item: ChapterOf, given: dict[str, Any], findings: Findings, commentary: Commentary
) -> Chapter:
    own = commentary.chapters.get(item.slug)
    # a survey chapter that can only say what is missing shares its page with the next one
    is_brief = bool(item.facts) and getattr(findings, item.facts) is None and own is None
    chapter = Chapter(
        item.slug,
        item.number,
        item.title.th,
        item.short.th,
        author="analysts" if own is not None and own.replaces else "generated",
        is_appendix=item.is_appendix,
        is_brief=is_brief,
        flows=item.flows,
    )
    return _write_chapter(writer, chapter, f"report/th/{item.slug}.j2", given, commentary)


def _write_chapter(
    writer: Writer, chapter: Chapter, template: str, given: dict[str, Any], commentary: Commentary
) -> Chapter:
    own = commentary.chapters.get(chapter.slug)

    def analysts(*, titled: bool = True) -> str:
        if own is not None:
            if titled:
                writer.section(_ANALYSTS)
            writer.add(Aside("commentary", blocks_of(own.markdown, given["values"])))
        return ""

    def replaced() -> str:
        return analysts(titled=False) + writer.rest()

    def filled() -> str:
        return templating.render(template, given | {"analysts": analysts, "has_analysts": own is not None})

    return writer.write_chapter(chapter, replaced if chapter.author == "analysts" else filled)


def _tools(writer: Writer) -> dict[str, Any]:
    """What templates may call: placing, referring, wording."""

    def table_unnumbered(name: str) -> str:
        if name in writer.sheets:
            writer.add(TableBlock(writer.sheets[name]))
        return ""

    return {
        "writer": writer,
        "section": writer.section,
        "see": writer.see,
        "link": writer.link,
        "has": writer.has,
        "figure": writer.figure,
        "pair": writer.pair,
        "table": writer.table,
        "picture": writer.picture,
        "table_unnumbered": table_unnumbered,
        "rest": writer.rest,
        "chapter_link": writer.chapter_link,
        "hidden_below": disclosure.THRESHOLD,
        "small_below": disclosure.SMALL,
    }


def _factors(findings: Findings, commentary: Commentary) -> dict[str, tuple[Factor, ...]]:
    """Outlook factors by origin and sign: the analysts' file, else the table."""
    if not commentary.factors:
        return dict(findings.economy.factors)
    found: dict[str, list[Factor]] = {}
    for item in commentary.factors:
        factor = Factor(item.sign, item.affects, item.text, item.source)
        found.setdefault(f"{item.origin}{item.sign}", []).append(factor)
    return {name: tuple(items) for name, items in found.items()}


# ------------------------------------------------------------------------------------------------ headline


def headline(findings: Findings) -> tuple[HeadNumber, ...]:
    """The three indices of cover and summary page."""
    labour = findings.labour
    none = "ข้อมูลไม่พอสำหรับดัชนีรวม" if labour.is_reduced else "ไม่มีผลของไตรมาสนี้"
    word = labour.level_word or none
    return (
        _head("labour_index", "labour", "ดัชนีเศรษฐกิจแรงงาน", labour.movement, word, labour.band),
        _survey_head("employers", "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน", findings.employer),
        _survey_head("workers", "ดัชนีความเชื่อมั่นของแรงงาน", findings.worker),
    )


def _survey_head(hue: str, name: str, survey: SurveyFacts | None) -> HeadNumber:
    if survey is None or survey.movement.level is None:
        return HeadNumber(f"{hue}_confidence", hue, name, None, "ไม่มีผลของไตรมาสนี้")
    word = f"ความเชื่อมั่นระดับ{survey.level_word}"
    band = (survey.low, survey.high) if survey.low and survey.high else None
    return _head(f"{hue}_confidence", hue, name, survey.movement, word, band)


def _head(
    name: str, hue: str, title: str, moved: Movement, word: str, band: tuple[Number, Number] | None = None
) -> HeadNumber:
    if moved.level is None:
        return HeadNumber(name, hue, title, None, word)
    quarter, year = _changed(moved.quarter), _changed(moved.year)
    return HeadNumber(name, hue, title, moved.level, word, quarter, year, band)


def _changed(change: Change | None) -> tuple[Number, str] | None:
    return None if change is None else (change.number, change.quality)


# ------------------------------------------------------------------------------------------------ HTML for print


def print_html(document: Document, context: Context) -> str:
    """The document as the HTML that is typeset (docs/print.md)."""
    template = "document" if document.volume == REPORT else "technical"
    page = _environment().get_template(f"report/print/{template}.html.j2")
    settings = context.settings
    released = dt.date.fromisoformat(settings.release_date) if settings.release_date else None
    return tidy(page.render(document=document, context=context, settings=settings, release_date=released))


def fill(*given: Any, **named: Any) -> str:
    """The print HTML of ``write``'s document, with the same arguments."""
    context = given[3] if len(given) > 3 else named["context"]
    return print_html(write(*given, **named), context)


_STYLES = {"strong": "strong", "emphasis": "em"}


def span_html(span: Span) -> Markup:
    """One run of text."""
    match span.kind:
        case "number":
            shown = Markup('<data class="n" value="{}" data-cell="{}">{}</data>')
            return shown.format(repr(float(span.value or 0.0)), span.cell, span.text)
        case "link":
            return Markup('<a href="#{}">{}</a>').format(span.target, span.text)
        case "break":
            return Markup("<br>")
        case "code":
            return Markup('<code lang="en">{}</code>').format(span.text)
        case "strong" | "emphasis":
            tag = Markup(_STYLES[span.kind])
            return Markup("<{}>{}</{}>").format(tag, span.text, tag)
        case _:
            return escape(span.text)


def sentences_html(sentences: Sequence[Sentence]) -> Markup:
    """Sentences, one after the other."""
    return Markup(" ").join(
        Markup("").join(span_html(span) for span in sentence.spans) for sentence in sentences
    )


def number_html(number: Number, shown: str) -> Markup:
    """A number of a table or of the headline."""
    return span_html(Span("number", shown, number.value, number.cell))


def table_html(sheet: Sheet) -> Markup:
    """A table without a number."""
    module: Any = _environment().get_template("report/print/blocks.html.j2").module
    return Markup(module.table(sheet))


def safe_html(markdown: str) -> str:
    """HTML of somebody's Markdown that can do no harm."""
    module: Any = _environment().get_template("report/print/blocks.html.j2").module
    return tidy(module.blocks(blocks_of(markdown)))


@cache
def _environment() -> jinja2.Environment:
    environment = templating.own_templates("jinja2.ext.do")
    environment.filters.update(
        sentences=sentences_html,
        number=lambda number: number_html(number, number.text),
        magnitude=lambda number: number_html(number, thai.magnitude(number.value, number.decimals)),
        arrow=lambda number: thai.arrow(number.value, number.decimals),
        quarter_th=thai.quarter_th,
        date_th=thai.date_th,
        kind=lambda block: type(block).__name__,
    )
    return environment


_SPACES = re.compile(r"[ \t\r\f\v]*\n\s*|[ \t\r\f\v]{2,}")
_EDGES = re.compile(r"(<(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt|a|strong|span)\b[^>]*>)\s+")
_ENDS = re.compile(r"\s+(</(?:p|li|td|th|h[1-3]|figcaption|caption|dd|dt)>)")


def tidy(html: str) -> str:
    """One space where the templates broke a line, none at the edges of a paragraph."""
    single = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", html)
    return _ENDS.sub(r"\1", _EDGES.sub(r"\1", single)).strip() + "\n"
