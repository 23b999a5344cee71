"""The pages of an issue: findings, figures and the analysts' text written into the issue document, and its print HTML.

Goes in: findings, figures, tables, context, commentary. Comes out: ``Document``; from it one HTML document for the typesetter
and ``report.html`` (docs/print.md). Chapter templates place and word; they compute nothing.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import jinja2
import pandas as pd
from lxml import etree
from markupsafe import Markup, escape

from reporter.domain import schema, thai
from reporter.domain.declarations import REPORT, ChapterOf, asset, chapters, css_variables
from reporter.domain.edition import NO_ENGLISH, Context, Figure, chapters_of, date_en, quarter_name
from reporter.domain.periods import iso
from reporter.domain.thai import held_spaces, protect_tree, thai_digits_html
from reporter.index.model_file import LIFE_YEARS
from reporter.inputs.commentary import Commentary
from reporter.measures import rules as signal_rules
from reporter.report import Findings, english, templating
from reporter.report.commentary import apply_edits, blocks_of, named_values
from reporter.report.document import Aside, Chapter, Document, HeadNumber, Sentence, Span, TableBlock
from reporter.report.labour import LabourFacts, OutlookFactor
from reporter.report.numbers import Cells, Change, Movement, Number
from reporter.report.outlook import unanswered
from reporter.report.provenance import declared_bands, reading
from reporter.report.surveys import SurveyFacts
from reporter.report.tables_of_chapters import factors_sheet
from reporter.report.templating import Writer
from reporter.report.workbook import ReportSheet
from reporter.surveys import THRESHOLD, small_sample

# Charts that show the composite; a reduced issue has none.
_OF_COMPOSITE = frozenset(
    (
        "contributions_history",
        "contributions_waterfall",
        "cover_line",
        "cross_correlations",
        "cycle",
        "forecast_errors",
        "forecast_fan",
        "forecast_scorecard",
        "headline_dials",
        "headline_sparklines",
        "impulse_responses",
        "index_and_growth",
        "index_history",
        "indicator_contributions",
        "level_momentum",
        "news",
        "sensitivity",
        "weights",
    )
)
_ANALYSTS = {"th": "บทวิเคราะห์เพิ่มเติมของนักวิเคราะห์", "en": "Further analysis"}
# language -> short title of the summary, name of the quarter
_NAMES: Mapping[str, Callable[[pd.Period], tuple[str, str]]] = {
    "th": lambda quarter: ("สรุปสำหรับผู้บริหาร", thai.quarter_th(quarter)),
    "en": lambda quarter: ("Executive summary", quarter_name(quarter)),
}


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
    volume      ``report`` (the summary page and the chapters) or ``technical``
    """
    commentary, lang = commentary or Commentary(), context.lang
    factors = _factors(findings, commentary, lang)
    writer = _writer(findings, figures, factors, context)
    declared = _worded(chapters_of(context.settings, volume), volume, writer)
    if lang == "en":
        unworded = [f"{findings.unworded} of the recommendations"] if findings.unworded else []
        writer.missed += unworded + _unwritten(commentary, declared)
    given: dict[str, Any] = {
        "f": findings,
        "context": context,
        "settings": context.settings,
        "declared": context.declarations,
        "quarter": context.quarter,
        "recommended": findings.recommended,
        "unanswered": unanswered(findings.labour, findings.recommended, context.declarations),
        "without_english": writer.missed,
        "factors": factors,
        "values": named_values(Cells(tables), context),
        **_tools(writer),
    }
    short, name = _NAMES[lang](context.quarter)
    summary = Chapter("summary", 0, f"{short} {name}", short)
    if volume == REPORT:
        _write_chapter(writer, summary, f"report/{lang}/summary.j2", given, commentary)
    made = [_write_declared(writer, item, given, findings, commentary) for item in declared]
    writer.finish()
    idle = apply_edits([summary, *made], commentary.sentences, given["values"])
    settings = context.settings
    marks = (() if context.final else ("draft",)) + (("synthetic",) if settings.synthetic else ())
    return Document(
        lang=lang,
        title=settings.title.th,
        quarter=iso(context.quarter),
        quarter_name=name,
        marks=marks,
        headline=headline(findings, lang),
        summary=summary,
        chapters=made,
        pictures=writer.pictures,
        left_out=_of_composite(findings, figures),
        volume=volume,
        idle_edits=idle,
        unread=tuple(slug for slug in commentary.chapters if slug in settings.leave_out),
    )


def _writer(
    findings: Findings,
    figures: Sequence[Figure],
    factors: Mapping[str, tuple[OutlookFactor, ...]],
    context: Context,
) -> Writer:
    """The writer of a volume: the figures and tables that it may place, and what has no English."""
    sheet = factors_sheet(factors)
    sheets = dict(findings.sheets) | ({} if sheet is None else {sheet.id: sheet})
    without: tuple[str, ...] = ()
    if context.lang == "en":
        sheets, without = english.sheets_in_english(sheets)
    absent = {
        f"fig:{item.id}": item.subject for item in getattr(figures, "absent", ()) if item.reason == NO_ENGLISH
    }
    absent |= {f"tab:{name}": f"the table of {name.replace('-', ' ')}" for name in without}
    left_out = _of_composite(findings, figures)
    shown = {item.id: item for item in figures if item.id not in left_out}
    writer = Writer(shown, sheets, context.lang, absent)
    writer.declared = chapters_of(context.settings)
    return writer


def _of_composite(findings: Findings, figures: Sequence[Figure]) -> frozenset[str]:
    """Figures that a reduced issue, which has no composite, leaves out."""
    return frozenset(
        item.id for item in figures if findings.labour.is_reduced and item.chart in _OF_COMPOSITE
    )


def _worded(wanted: Sequence[ChapterOf], volume: str, writer: Writer) -> list[ChapterOf]:
    """The chapters that have words in the writer's language; the writer notes the others.

    A chapter that a workspace's developers added has no English template until somebody writes one.
    """
    if writer.lang == "th":
        return list(wanted)
    worded = {
        item.slug
        for item in chapters(volume)
        if asset("templates", "report", writer.lang, f"{item.slug}.j2").exists()
    }
    writer.missed += [item.title.en for item in wanted if item.slug not in worded]
    return [item for item in wanted if item.slug in worded]


def _unwritten(commentary: Commentary, declared: Sequence[ChapterOf]) -> list[str]:
    """What the analysts wrote in Thai alone, as the English edition names it."""
    names = {item.slug: item.short.en or item.title.en for item in declared}
    return [
        "the analysts’ list of factors for the outlook"
        if slug == "factors"
        else f"the analysts’ text on “{names[slug]}”"
        for slug in commentary.only_thai
        if slug == "factors" or slug in names
    ]


def _write_declared(
    writer: Writer, item: ChapterOf, given: dict[str, Any], findings: Findings, commentary: Commentary
) -> Chapter:
    own = commentary.chapters.get(item.slug)
    # a survey chapter that can only say what is missing shares its page with the next one
    is_brief = bool(item.facts) and getattr(findings, item.facts) is None and own is None
    chapter = Chapter(
        item.slug,
        item.number,
        item.title.th if writer.lang == "th" else item.title.en,
        item.short.th if writer.lang == "th" else item.short.en,
        author="analysts" if own is not None and own.replaces else "generated",
        is_appendix=item.is_appendix,
        is_brief=is_brief,
        flows=item.flows,
    )
    return _write_chapter(writer, chapter, f"report/{writer.lang}/{item.slug}.j2", given, commentary)


def _write_chapter(
    writer: Writer, chapter: Chapter, template: str, given: dict[str, Any], commentary: Commentary
) -> Chapter:
    own = commentary.chapters.get(chapter.slug)
    placed: list[str] = []

    def analysts(*, titled: bool = True) -> str:
        if own is not None:
            placed.append(chapter.slug)
            if titled:
                writer.section(_ANALYSTS[writer.lang])
            writer.add(Aside("commentary", blocks_of(own.markdown, given["values"], own.pictures)))
        return ""

    def replaced() -> str:
        return analysts(titled=False) + writer.rest()

    def filled() -> str:
        render = english.render if writer.lang == "en" else templating.render
        text = render(template, given | {"analysts": analysts, "has_analysts": own is not None})
        return (
            text if placed else text + analysts()
        )  # a text that the template does not place stands at the end

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
        "reading": reading,
        "hidden_below": THRESHOLD,
        "small_below": small_sample(),
        "model_years": LIFE_YEARS,
        "signals": signal_rules(),
        "bands": declared_bands()["band"],
    }


def _factors(findings: Findings, commentary: Commentary, lang: str) -> dict[str, tuple[OutlookFactor, ...]]:
    """Outlook factors by origin and sign: the analysts' file, else the table, which is Thai."""
    if not commentary.factors and lang == "th":
        return dict(findings.economy.factors)
    found: dict[str, list[OutlookFactor]] = {}
    for item in commentary.factors:
        factor = OutlookFactor(
            item.sign, item.affects, item.text, item.source, item.kind, item.size, item.likelihood
        )
        found.setdefault(f"{item.origin}{item.sign}", []).append(factor)
    return {name: tuple(items) for name, items in found.items()}


# ------------------------------------------------------------------------------------------------ headline


def headline(findings: Findings, lang: str = "th") -> tuple[HeadNumber, ...]:
    """The three indices of cover and summary page."""
    if lang == "en":
        return _headline_en(findings)
    labour = findings.labour
    none = "ข้อมูลไม่พอสำหรับดัชนีรวม" if labour.is_reduced else "ไม่มีผลของไตรมาสนี้"
    word = labour.level_word or none
    return (
        _labour_head("ดัชนีเศรษฐกิจแรงงาน", labour, word),
        _survey_head("employers", "ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน", findings.employer),
        _survey_head("workers", "ดัชนีความเชื่อมั่นของแรงงาน", findings.worker),
    )


def _headline_en(findings: Findings) -> tuple[HeadNumber, ...]:
    labour, none = findings.labour, "no result this quarter"
    level, claim = labour.movement.level, labour.level_claim
    word = none if level is None or claim is None else english.level(level, claim)
    made = [_labour_head("Labour Economic Index", labour, word)]
    for hue, name, survey in (
        ("employers", "Employers’ confidence index", findings.employer),
        ("workers", "Workers’ confidence index", findings.worker),
    ):
        if survey is None or survey.movement.level is None:
            made.append(HeadNumber(f"{hue}_confidence", hue, name, None, none))
            continue
        band = (survey.low, survey.high) if survey.low and survey.high else None
        said = survey.level_claim
        word = f"{english.confidence(said.says)} confidence" if said else none
        made.append(_head(f"{hue}_confidence", hue, name, survey.movement, word, band))
    return tuple(made)


def _labour_head(title: str, labour: LabourFacts, word: str) -> HeadNumber:
    """The index; a change that its band does not tell from zero has no colour."""
    made = _head("labour_index", "labour", title, labour.movement, word, labour.band)
    quarter, year = (
        (change[0], "unchanged")
        if change and against in labour.clarity and not labour.clarity[against].is_clear
        else change
        for change, against in ((made.quarter, "quarter"), (made.year, "year"))
    )
    return replace(made, quarter=quarter, year=year)


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
    made = tidy(page.render(document=document, context=context, settings=settings, release_date=released))
    return english.page_in_english(made) if document.lang == "en" else made


def part_page(document: Document, chapter: Chapter, context: Context, folder: Path) -> str:
    """One part of the report as ``report.html`` shows it, as a page of its own; ``folder`` holds its pictures and tables."""
    name = "chapters" if chapter.number else "summary"
    only = replace(document, chapters=[chapter]) if chapter.number else document
    part = (
        _environment()
        .get_template(f"report/print/{name}.html.j2")
        .render(document=only, context=context, settings=context.settings)
    )
    title = escape(chapter.title)
    html = f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>{tidy(part)}</body></html>'
    tree = screen_tree(html, folder)
    for main in tree.iter(
        "main"
    ):  # it stood for the cover's title, so that headings have the report's levels
        main.remove(main[0])
    return f"<!doctype html>\n{ElementTree.tostring(tree, encoding='unicode', method='html')}\n"


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


def table_html(sheet: ReportSheet) -> Markup:
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
    environment.bytecode_cache = templating.CompiledTemplates("print")
    environment.filters.update(
        sentences=sentences_html,
        number=lambda number: number_html(number, number.text),
        magnitude=lambda number: number_html(number, thai.magnitude(number.value, number.decimals)),
        arrow=lambda number: thai.arrow(number.value, number.decimals),
        quarter_th=thai.quarter_th,
        date_th=thai.date_th,
        date_en=date_en,
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


# ----------------------------------------------------------------------------------------------------
# The HTML file: the document of the PDF made fit for screens, with a stylesheet and the fonts beside it.
#
# Goes in: the HTML that was typeset. Comes out: ``report.html``, ``report.css`` and ``fonts/``; nothing is loaded from
# elsewhere. A Content-Security-Policy in the file itself forbids scripts and foreign addresses. Words stay as they are;
# what changes is what a screen and its reader need: one h1, a main part, names for the lists of contents, tables that
# scroll inside a region that the keyboard reaches, sizes of pictures, and under every figure the tables it was drawn from.
# ----------------------------------------------------------------------------------------------------

_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SIZE = re.compile(r"viewBox=[\"']([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)")
_HEAD_BYTES = 2000  # of an SVG: its size stands in the first element


def write_page(html: str, folder: Path, *, thai_digits: bool = False, name: str = "report.html") -> Element:
    """Write the page (``name``) with what it needs beside it; returns its words that the PDF has to have too, as a tree."""
    tree = screen_tree(html, folder)
    page = f"<!doctype html>\n{ElementTree.tostring(tree, encoding='unicode', method='html')}\n"
    if thai_digits:
        page = thai_digits_html(page)
        tree = parsed(page)
    (folder / name).write_text(page, encoding="utf-8")
    if name != "report.html":  # stylesheet and fonts stand beside the Thai page
        return _without_links(tree)
    stylesheet = css_variables() + asset("templates", "screen.css").read_text(encoding="utf-8")
    (folder / "report.css").write_text(stylesheet, encoding="utf-8")
    shutil.copytree(asset("fonts", "sarabun"), folder / "fonts")
    return _without_links(tree)


def _without_links(tree: Element) -> Element:
    for figure in tree.iter("figure"):
        for links in figure.findall("p[@class='data-files']"):
            figure.remove(links)
    return tree


def words(html: str, *, thai_digits: bool = False) -> Element:
    """The words of a volume that has no screen page, as a tree: what its PDF has to have."""
    return parsed(thai_digits_html(html) if thai_digits else html)


def screen_tree(html: str, folder: Path) -> Element:
    """The document for screens; ``folder`` holds its pictures and tables."""
    root = parsed(html)
    head, body = root.find("head"), root.find("body")
    if head is None or body is None:
        raise ValueError("no HTML document")  # ours alone: print_html always makes both
    if head.find("meta[@name='viewport']") is None:
        head.append(Element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}))
    head.append(Element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}))
    head.append(Element("link", {"rel": "stylesheet", "href": "report.css"}))
    # Numbers keep their units beside them. Between words the browser's own dictionary breaks lines: marks for that would
    # stay in what a reader copies or searches for.
    protect_tree(body, places=held_spaces)
    _one_h1(body)
    for numbered in body.iter("ol"):  # the typesetter needs a style where browsers know ``start``
        numbered.attrib.pop("style", None)
    _name_lists(body)
    _scroll_tables(body)
    _size_pictures(body, folder)
    _drop_attached(body)
    _link_data(body, folder, root.get("lang", "th"))
    _mark_main(body)
    return root


def parsed(html: str) -> Element:
    """The tree of a document of ours, which closes what it opens: libxml2 makes it in a twentieth of an HTML5 parser's time."""
    tree: Element = etree.fromstring(html, etree.HTMLParser(target=_Builder(insert_comments=True)))
    return tree


class _Builder(ElementTree.TreeBuilder):
    """Takes what libxml2 reads."""

    def start(self, tag: str, attrs: Mapping[str, str]) -> Element:
        return super().start(tag, dict(attrs))


def _one_h1(body: Element) -> None:
    """The cover's title stays the h1; every heading after it goes one level down."""
    is_first = True
    for element in body.iter():
        if element.tag in _HEADINGS[:5]:
            if not is_first:
                element.tag = _HEADINGS[_HEADINGS.index(element.tag) + 1]
            is_first = False


def _name_lists(body: Element) -> None:
    """Every list of contents is named by its heading; the long ones of figures and tables open when asked for."""
    for number, nav in enumerate(body.iter("nav"), start=1):
        heading = next((part for part in nav if part.tag in _HEADINGS), None)
        nav.set("aria-label", inner_text(heading) if heading is not None else f"สารบัญ {number}")
        if heading is None or not {"figures", "tables"} & set(nav.get("class", "").split()):
            continue
        details, summary = Element("details"), Element("summary")
        summary.append(heading)
        details.append(summary)
        for part in list(nav):
            nav.remove(part)
            if part is not heading:
                details.append(part)
        nav.append(details)


def _scroll_tables(body: Element) -> None:
    """Put every table into a region that scrolls sideways and takes the keyboard's focus; names are unique."""
    taken: dict[str, int] = {}
    for parent in list(body.iter()):
        for index, child in enumerate(list(parent)):
            if child.tag != "table":
                continue
            caption = child.find("caption")
            name = inner_text(caption) if caption is not None else "ตาราง"
            taken[name] = taken.get(name, 0) + 1
            region = Element("div", {"class": "scroll", "tabindex": "0", "role": "region"})
            region.set("aria-label", f"{name} {taken[name]}" if taken[name] > 1 else name)
            region.tail, child.tail = child.tail, None
            parent.remove(child)
            region.append(child)
            parent.insert(index, region)


def _size_pictures(body: Element, folder: Path) -> None:
    """Pictures say their size, so that nothing jumps, and load when they come near."""
    for image in body.iter("img"):
        width, height = image_size(folder / image.get("src", ""))
        if width:
            image.set("width", str(width))
            image.set("height", str(height))
        image.set("loading", "lazy")


def _drop_attached(body: Element) -> None:
    """Print names the files that are attached to the PDF; a page links to them instead."""
    for parent in list(body.iter()):
        for child in parent.findall("*[@class='attached']"):
            position = list(parent).index(child)
            if position:
                parent[position - 1].tail = (parent[position - 1].tail or "") + (child.tail or "")
            else:
                parent.text = (parent.text or "") + (child.tail or "")
            parent.remove(child)


def _link_data(body: Element, folder: Path, lang: str) -> None:
    """Under every figure the CSV files beside the report that hold its numbers."""
    for figure in body.iter("figure"):
        chart = figure.get("id", "").removeprefix("fig-").partition("-")[0]
        names = [name for name in tables_of(chart) if (folder / "tables" / f"{name}.csv").exists()]
        if not names:
            continue
        links = SubElement(figure, "p", {"class": "data-files"})
        links.text = "ตารางข้อมูล (CSV): " if lang == "th" else "Data tables (CSV): "
        for number, name in enumerate(names):
            link = SubElement(links, "a", {"href": f"tables/{name}.csv"})
            declared = schema.declared_tables().get(name)
            link.text = name if declared is None else declared.title.th if lang == "th" else declared.title.en
            link.tail = ", " if number < len(names) - 1 else None


@cache
def tables_of(chart: str) -> tuple[str, ...]:
    """Names of the tables that a chart is drawn from: its file's ``NEEDS``, read without running it."""
    path = asset("charts", f"{chart}.py")
    if not path.exists():
        return ()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["NEEDS"]:
            return tuple(ast.literal_eval(node.value))
    return ()


def _mark_main(body: Element) -> None:
    """Everything is the main part: the file stands alone, without a site's head and foot."""
    main = Element("main")
    main.text, body.text = body.text, None
    main.extend(list(body))
    for child in list(body):
        body.remove(child)
    body.append(main)


def inner_text(element: Element) -> str:
    """The words of an element, white space run together."""
    return " ".join("".join(element.itertext()).split())


def image_size(path: Path) -> tuple[int, int]:
    """Width and height of an SVG's view box, in its units, or of a picture in pixels; (0, 0) where the file has none."""
    if not path.is_file():
        return 0, 0
    if path.suffix in (".png", ".jpg"):
        from PIL import Image  # here: few issues have such a picture

        with Image.open(path) as opened:
            return opened.width, opened.height
    if path.suffix != ".svg":
        return 0, 0
    with path.open(encoding="utf-8") as stream:
        match = _SIZE.search(stream.read(_HEAD_BYTES))
    return (round(float(match[3])), round(float(match[4]))) if match else (0, 0)
