"""Slides: the twelve slides of the minister's briefing, with native charts whose data can be edited.

Goes in: an ``Issue``. Comes out: the bytes of a .pptx. Titles and points are sentences of ``issue.json``, charts hold the tables'
numbers at full precision, notes give every sentence with its source and the cells of its numbers. Every run names its Latin and its
complex-script face, as the theme does: PowerPoint sets Thai by ``a:cs``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Mm, Pt

from reporter.domain.declarations import tokens
from reporter.domain.edition import has_thai
from reporter.domain.periods import iso
from reporter.exports import Issue, blocks_of, file_name, number_text, packed
from reporter.exports.docx import theme_with_font
from reporter.report.workbook import ExactSheet

# ----------------------------------------------------------------------------------------------------
# Content of the twelve slides of the minister's briefing: titles, points, charts, sources.
#
# Goes in: an ``Issue``. Comes out: ``Slide`` objects. Titles and points are sentences of ``issue.json``; charts hold the tables' numbers.
# ----------------------------------------------------------------------------------------------------

_SPAN = 13  # quarters that a chart of a history shows, as the report's do
_TITLE = 170  # letters that fit two lines
_POINTS = 4  # sentences beside a chart: what can be read aloud in a minute

_REFERENCE = re.compile(r"(?:รูปที่|ตารางที่|Figure|Table) \d+")
_BRACKETED = re.compile(rf" ?\((?:{_REFERENCE.pattern})[^)]*\)")
_SAME_SOURCE = re.compile(r"^(?:เช่นเดียวกับรูปที่|As in Figure) (\d+)\.?$", re.IGNORECASE)
WORDS = {
    "th": {
        "source": "ที่มา", "cells": "ตัวเลขจากตาราง", "now": "ไตรมาสนี้", "before": "ไตรมาสก่อน", "year": "ปีก่อน",
        "mean": "ค่ากลาง", "low": "ขอบล่าง 80%", "high": "ขอบบน 80%", "index": "ดัชนี", "points": "จุด", "percent": "ร้อยละ",
        "story": "ภาพรวม", "contribution": "ผลต่อดัชนี (จุด)", "top3": "จัดใน 3 ลำดับแรก (ร้อยละ)", "none": "ไตรมาสนี้ไม่มีข้อมูลของหน้านี้",
        "on_quarter": "จากไตรมาสก่อน", "on_year": "จากปีก่อน",
    },
    "en": {
        "source": "Source", "cells": "Numbers from the tables", "now": "This quarter", "before": "Quarter before", "year": "Year before",
        "mean": "Central forecast", "low": "Lower 80 %", "high": "Upper 80 %", "index": "Index", "points": "points", "percent": "per cent",
        "story": "Overview", "contribution": "Contribution (points)", "top3": "Among the first three (per cent)", "none": "No data for this page this quarter",
        "on_quarter": "on the quarter", "on_year": "on the year",
    },
}  # fmt: skip


@dataclass(frozen=True)
class ChartData:
    """One chart: categories and named lines or bars of numbers (None: no value)."""

    kind: str  # line, bar (horizontal) or column
    categories: Sequence[str]
    values: Mapping[str, Sequence[float | None]]
    number_format: str = "0.0"
    colours: Sequence[str] = ()
    minimum: float | None = None


@dataclass(frozen=True)
class Slide:
    """One slide: its title and points are sentences of the issue; ``source`` is the figure's."""

    title: Mapping[str, Any] | str
    points: Sequence[Mapping[str, Any]] = ()
    chart: ChartData | None = None
    source: str = ""
    alt: str = ""
    more: Sequence[Mapping[str, Any]] = field(default=())  # sentences of the notes alone


def slides(issue: Issue) -> list[Slide]:
    """The eleven slides after the cover, in the order of a briefing."""
    return [make(issue) for make in (
        _story, _history, _contributions, _dimensions, _groups, _employers, _workers, _actions, _priorities,
        _outlook, _recommendations,
    )]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what each slide says


def _figure(issue: Issue, *names: str) -> Mapping[str, Any] | None:
    """The first of these figures that the report or the technical volume holds."""
    for name in names:
        for volume in ("documents", "technical"):
            document = issue.content.get(volume, {}).get(issue.lang)
            for part in document["chapters"] if document else ():
                for block in blocks_of(part):
                    if block["kind"] == "figure" and block["id"] == name:
                        return block
    return None


def _source(issue: Issue, figure: Mapping[str, Any]) -> str:
    """The figure's source in full: the report prints it once and then refers to the first figure's number."""
    said = str(figure["source"])
    if (number := _SAME_SOURCE.search(said)) is None:
        return said
    every = (block for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure")
    return next((str(block["source"]) for block in every if block["number"] == int(number[1])), said)


def _points_elsewhere(sentence: Mapping[str, Any]) -> bool:
    """Whether a sentence only makes sense beside a figure or table of the report."""
    return bool(_REFERENCE.search(spoken(sentence)))


def spoken(sentence: Mapping[str, Any]) -> str:
    """A sentence without references in brackets to figures and tables of the report."""
    return _BRACKETED.sub("", str(sentence["text"]))


def _sentences(
    issue: Issue, slug: str, *, finding: bool = False, section: int | None = None
) -> list[Mapping[str, Any]]:
    """Sentences of a chapter: its finding, or those of its paragraphs and lists."""
    part = issue.chapter(slug)
    if part is None:
        return []
    if finding:
        return list(part["finding"])
    chosen = [part] if section is None else [{"sections": part["sections"][section : section + 1]}]
    return [
        sentence
        for piece in chosen
        for block in blocks_of(piece)
        if block["kind"] == "paragraph"
        for sentence in block["sentences"]
    ]


def _slide(
    issue: Issue, slug: str, chart: ChartData | None, *figures: str, points: Sequence[Mapping[str, Any]] = ()
) -> Slide:
    """A slide whose title is the figure's finding, else the chapter's; its points are the chapter's first sentences."""
    figure, findings = _figure(issue, *figures), _sentences(issue, slug, finding=True)
    body = list(points) or [*findings, *_sentences(issue, slug)]
    title: Mapping[str, Any] | str
    fallback = findings[0] if findings else WORDS[issue.lang]["none"]
    # a figure that finds nothing is titled by what it draws: there the chapter's finding is the title
    is_named = figure is not None and not (figure["title"] == figure["subject"] and findings)
    title = figure["title"] if figure is not None and is_named else fallback
    body = [sentence for sentence in body if sentence is not title and not _points_elsewhere(sentence)][
        :_POINTS
    ]
    source = _source(issue, figure) if figure and figure["source"] else issue.issuer("division")
    return Slide(title, body, chart, source, figure["alt"] if figure else "", _sentences(issue, slug)[:8])


def _story(issue: Issue) -> Slide:
    points = _sentences(issue, "summary", section=0)
    found = _sentences(issue, "summary", finding=True)
    return Slide(
        found[0] if found else WORDS[issue.lang]["story"], points[:6], None, issue.issuer("division")
    )


def _national(issue: Issue) -> pd.DataFrame:
    index = issue.tables["labour_index"]
    return index[index["group"] == "TH"]


def _window(issue: Issue) -> list[str]:
    """The last thirteen quarters, oldest first."""
    return [iso(issue.quarter - back) for back in range(_SPAN - 1, -1, -1)]


def _history(issue: Issue) -> Slide:
    national = _national(issue)
    values = national[national["dimension"] == "overall"].set_index("period")["value"]
    chart = _line(issue, {WORDS[issue.lang]["index"]: values}, _window(issue))
    return _slide(issue, "labour", chart, "index_history", points=_sentences(issue, "labour", section=1))


def _contributions(issue: Issue) -> Slide:
    table = issue.tables.get("contributions", pd.DataFrame(columns=["period", "against"]))
    now = table[(table["period"] == iso(issue.quarter)) & (table["against"] == "quarter")]
    chart = None
    if len(now):
        ordered = now.sort_values("contribution")
        names = [issue.word(issue.declarations.dimensions[code].short) for code in ordered["dimension"]]
        chart = ChartData("bar", names, {WORDS[issue.lang]["contribution"]: _numbers(ordered["contribution"])}, "+0.00;−0.00;0.00")  # fmt: skip
    points = _sentences(issue, "labour", section=2)
    return _slide(issue, "labour", chart, "contributions_history-quarter", "contributions_waterfall-quarter", points=points)  # fmt: skip


def _dimensions(issue: Issue) -> Slide:
    national, names = _national(issue), issue.declarations.dimensions
    wide = national.pivot(index="dimension", columns="period", values="value")
    codes = [code for code in reversed(list(names)) if code in wide.index]
    chart = _compared(issue, wide, codes, {code: issue.word(names[code].short) for code in codes}, minimum=60)
    part = issue.chapter("labour")
    points = list(part["sections"][0]["blocks"]) if part and not part["sections"][0]["title"] else []
    said = [sentence for block in points for item in block.get("items", []) for piece in item for sentence in piece["sentences"]]  # fmt: skip
    return _slide(issue, "labour", chart, "index_by_dimension", "level_momentum", points=said)


def _groups(issue: Issue) -> Slide:
    index = issue.tables["labour_index"]
    regions = issue.declarations.groups_of("REGION")
    lines = {}
    for group in regions:
        own = index[(index["group"] == group.code) & (index["dimension"] == "overall")]
        if len(own.dropna(subset="value")):
            lines[issue.word(group.name)] = own.set_index("period")["value"]
    chart = _line(issue, lines, _window(issue)) if lines else None
    part, said = issue.chapter("labour"), []
    for section in part["sections"] if part else ():
        if any(block["kind"] == "figure" and block["id"] == "index_by_group-region" for block in blocks_of({"sections": [section]})):  # fmt: skip
            said = [s for block in blocks_of({"sections": [section]}) if block["kind"] == "paragraph" for s in block["sentences"]]  # fmt: skip
    return _slide(issue, "labour", chart, "index_by_group-region", points=said)


def _survey(issue: Issue, survey: str, slug: str) -> Slide:
    table = issue.tables.get("confidence", pd.DataFrame(columns=["survey", "group"]))
    own = table[(table["survey"] == survey) & (table["group"] == "TH")]
    chart = None
    if len(own):
        wide = own.pivot(index="domain", columns="period", values="value")
        domains = {item.id: issue.word(item.short) or issue.word(item.name) for item in issue.declarations.questionnaires[survey].domains}  # fmt: skip
        codes = [code for code in reversed(list(domains)) if code in wide.index]
        chart = _compared(issue, wide, codes, domains, minimum=0)
    return _slide(issue, slug, chart, f"confidence_domains-{survey}")


def _employers(issue: Issue) -> Slide:
    return _survey(issue, "employer", "employers")


def _workers(issue: Issue) -> Slide:
    return _survey(issue, "worker", "workers")


def _shares(issue: Issue, table: str, key: str, column: str, names: Mapping[str, str]) -> ChartData | None:
    """Shares of this quarter, the one before and a year before, in per cent, the largest at the top."""
    given = issue.tables.get(table)
    if given is None or given.empty:
        return None
    wide = given.pivot(index=key, columns="period", values=column) * 100
    now = iso(issue.quarter)
    if now not in wide:
        return None
    codes = list(wide[now].sort_values().index)
    return _compared(issue, wide, codes, names, minimum=0)


def _options(issue: Issue) -> dict[str, str]:
    return {
        option.id: issue.word(option.short) or issue.word(option.name)
        for form in issue.declarations.questionnaires.values()
        for option in (*form.actions, *form.traits, *form.aspects)
    }


def _actions(issue: Issue) -> Slide:
    chart = _shares(issue, "employer_actions", "action", "share", _options(issue))
    return _slide(issue, "actions", chart, "actions_change", "actions_by_quarter")


def _priorities(issue: Issue) -> Slide:
    chart = _shares(issue, "priorities", "aspect", "top3_share", _options(issue))
    said = [*_sentences(issue, "priorities", finding=True), *_sentences(issue, "skills", finding=True)]
    return _slide(issue, "priorities", chart, "priorities", points=said)


def _outlook(issue: Issue) -> Slide:
    national = _national(issue)
    past = national[national["dimension"] == "overall"].set_index("period")["value"]
    ahead = issue.tables.get("forecast", pd.DataFrame())
    chart = None
    if len(ahead):
        ahead = ahead.set_index("period")
        now, words = iso(issue.quarter), WORDS[issue.lang]
        periods = [*_window(issue)[-8:], *ahead.index]
        start = past.reindex([now])
        lines = {words["index"]: past}
        for name, column in (("mean", "mean"), ("low", "low80"), ("high", "high80")):
            lines[words[name]] = pd.concat([start, ahead[column]])
        chart = _line(issue, lines, periods)
    return _slide(issue, "forecast", chart, "forecast_fan")


def _recommendations(issue: Issue) -> Slide:
    part = issue.chapter("recommendations")
    urgent: list[Mapping[str, Any]] = []
    for block in blocks_of(part) if part else ():
        if block["kind"] == "list" and block["style"] == "ordered":
            urgent = [
                sentence
                for item in block["items"]
                for piece in item[:1]
                for sentence in piece["sentences"][:1]
            ]
            break
    found = _sentences(issue, "recommendations", finding=True)
    return Slide(found[0] if found else WORDS[issue.lang]["none"], urgent[:5], None, issue.issuer("division"))


# ------------------------------------------------------------------------------------------------ series of charts


def _numbers(values: Sequence[Any] | pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _line(issue: Issue, lines: Mapping[str, pd.Series], periods: Sequence[str]) -> ChartData:
    values = {name: _numbers(own.reindex(list(periods))) for name, own in lines.items()}
    return ChartData("line", [issue.quarter_label(period) for period in periods], values)


def _compared(
    issue: Issue, wide: pd.DataFrame, codes: Sequence[str], names: Mapping[str, str], *, minimum: float
) -> ChartData:
    """Bars of a year before and of this quarter, which stands on top."""
    words, values = WORDS[issue.lang], {}
    for word, back in (("year", 4), ("now", 0)):
        period = iso(issue.quarter - back)
        if period in wide:
            values[words[word]] = _numbers(wide.loc[list(codes), period])
    return ChartData("bar", [names.get(code, code) for code in codes], values, minimum=minimum)


_FONT = "Sarabun"
_WIDE, _HIGH = Mm(338.67), Mm(190.5)  # 16 : 9
_EDGE = Mm(16)


def files(issue: Issue) -> dict[str, bytes]:
    """The slides under their name."""
    return {file_name(issue, "briefing", "pptx"): presentation_bytes(issue)}


def presentation_bytes(issue: Issue) -> bytes:
    """The twelve slides as a .pptx file; the same bytes for the same issue."""
    deck = _Deck(issue)
    deck.cover()
    for slide in slides(issue):
        deck.add(slide)
    buffer = BytesIO()
    deck.presentation.save(buffer)
    made = dt.date.fromisoformat(issue.content["as_of"])
    return packed(buffer.getvalue(), (made.year, made.month, made.day))


# ------------------------------------------------------------------------------------------------ drawing


class _Deck:
    """Writes the slides one after the other."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.words = WORDS[issue.lang]
        self.colour = tokens().colour
        self.presentation = _blank(issue)
        self._layout = self.presentation.slide_layouts[5]  # title only

    def cover(self) -> None:
        """Ministry, title, quarter, the three indices."""
        document = self.issue.document
        slide = self.presentation.slides.add_slide(self._layout)
        self._title(slide, document["title"], top=Mm(34), size=34)
        self._text(slide, self.issue.issuer("ministry"), (_EDGE, Mm(20), Mm(260), Mm(10)), 16, "muted")
        self._text(slide, document["quarter_name"], (_EDGE, Mm(58), Mm(260), Mm(12)), 20, "navy")
        hues = {"labour_index": "navy", "employers_confidence": "employers", "workers_confidence": "workers"}
        for place, head in enumerate(document["headline"]):
            left = _EDGE + Mm(104) * place
            hue = hues.get(head["id"], "navy")
            self._text(slide, head["name"], (left, Mm(84), Mm(98), Mm(16)), 14, hue, bold=True)
            level = head["level"]["text"] if head["level"] else "–"
            self._text(slide, level, (left, Mm(100), Mm(98), Mm(22)), 48, hue, bold=True)
            self._text(
                slide, f"{head['word']}\n{self._moves(head)}", (left, Mm(124), Mm(98), Mm(24)), 13, "ink"
            )
        self._foot(slide, self.issue.edition_line)
        said = [
            f"{head['name']}: {number_text(head['level'])} {self._moves(head)}"
            for head in document["headline"]
        ]
        cells = [
            number
            for head in document["headline"]
            for number in (head["level"], head["quarter"], head["year"])
            if number
        ]
        slide.notes_slide.notes_text_frame.text = "\n".join([*said, *self._cell_lines(cells)])

    def _moves(self, head: Mapping[str, Any]) -> str:
        pairs = ((head["quarter"], "on_quarter"), (head["year"], "on_year"))
        return " ".join(f"{number['text']} {self.words[word]}" for number, word in pairs if number)

    def add(self, item: Slide) -> None:
        """One slide: title, points at the left, chart at the right, source below, notes."""
        slide = self.presentation.slides.add_slide(self._layout)
        title = item.title if isinstance(item.title, str) else item.title["text"]
        self._title(slide, title, top=Mm(11), size=24 if len(title) < 130 else 20)
        points = [spoken(sentence) for sentence in item.points]
        if item.chart is None:
            self._points(slide, points, (_EDGE, Mm(44), _WIDE - 2 * _EDGE, Mm(122)), 20)
        else:
            self._points(slide, points, (_EDGE, Mm(44), Mm(112), Mm(122)), 16)
            self._chart(slide, item.chart, title, item.alt)
        self._foot(slide, f"{self.words['source']}: {item.source}" if item.source else "")
        self._notes(slide, item)

    def _title(self, slide: Any, text: str, *, top: int, size: float) -> None:
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = _EDGE, top, _WIDE - 2 * _EDGE, Mm(30)
        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.LEFT
        self._run(paragraph, text, size, "navy", bold=True)

    def _text(
        self,
        slide: Any,
        text: str,
        box: tuple[int, int, int, int],
        size: float,
        hue: str,
        *,
        bold: bool = False,
    ) -> None:
        frame = slide.shapes.add_textbox(*box).text_frame
        frame.word_wrap = True
        for place, line in enumerate(text.split("\n")):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            self._run(paragraph, line, size, hue, bold=bold)

    def _points(self, slide: Any, points: Sequence[str], box: tuple[int, int, int, int], size: float) -> None:
        points, size = _fitted(points, Emu(box[2]).mm, Emu(box[3]).mm, size)
        frame = slide.shapes.add_textbox(*box).text_frame
        frame.word_wrap = True
        for place, text in enumerate(points):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(7)
            _bullet(paragraph)
            first, *rest = text.split("\n")
            self._run(paragraph, first, size, "ink", bold=bool(rest))
            for line in rest:
                paragraph.add_line_break()
                self._run(paragraph, line, size - 3, "muted")

    def _foot(self, slide: Any, source: str) -> None:
        """Source, and the marks that must stand on every page; a source of three lines is set smaller (the notes have it too)."""
        wide = _WIDE - 2 * _EDGE
        size = 9 if _lines(source, Emu(wide).mm, 9) <= 2 else 7
        self._text(slide, source, (_EDGE, _HIGH - Mm(22), wide, Mm(11)), size, "muted")
        marks = " ".join(self.issue.marks)
        if marks:
            self._text(
                slide, marks, (_EDGE, _HIGH - Mm(11), _WIDE - 2 * _EDGE, Mm(8)), 10, "draft", bold=True
            )

    def _run(self, paragraph: Any, text: str, size: float, hue: str, *, bold: bool = False) -> None:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = _rgb(self.colour[hue])
        properties = run._r.get_or_add_rPr()
        properties.set("lang", "th-TH" if has_thai(text) else "en-GB")
        _faces(properties)

    # ------------------------------------------------------------------------------------ charts

    def _chart(self, slide: Any, item: ChartData, title: str, alt: str) -> None:
        data = CategoryChartData(number_format=item.number_format)
        data.categories = list(item.categories)
        for name, values in item.values.items():
            data.add_series(name, list(values))
        kind = {"line": XL_CHART_TYPE.LINE, "bar": XL_CHART_TYPE.BAR_CLUSTERED}[item.kind]
        place = (Mm(132), Mm(42), _WIDE - Mm(132) - _EDGE, Mm(126))
        frame = slide.shapes.add_chart(kind, *place, data)
        frame.chart.part.chart_workbook.update_from_xlsx_blob(_data_of(item))
        named = frame._element.nvGraphicFramePr.cNvPr
        named.set("descr", alt or title)
        named.set("name", title[:80])
        _style_chart(frame.chart, item, self.colour)

    def _notes(self, slide: Any, item: Slide) -> None:
        """Every sentence, its source, and the cells of its numbers at full precision."""
        said = [item.title] if isinstance(item.title, Mapping) else []
        said += [*item.points, *(one for one in item.more if one not in item.points)]
        lines = [_joined(sentence["text"]) for sentence in said]
        numbers = [span for sentence in said for span in sentence["spans"] if span["kind"] == "number"]
        heading = item.title if isinstance(item.title, str) else ""
        source = f"{self.words['source']}: {item.source}"
        parts = [heading, *lines, source, *self._cell_lines(numbers)]
        slide.notes_slide.notes_text_frame.text = "\n".join(part for part in parts if part)

    def _cell_lines(self, numbers: Sequence[Mapping[str, Any]]) -> list[str]:
        if not numbers:
            return []
        lines = [f"{number['text']} = {number['value']!r} · {number['cell']}" for number in numbers]
        return [f"{self.words['cells']}:", *dict.fromkeys(lines)]


# An average letter of Sarabun is half as wide as the type is high; lines stand a quarter further apart than that.
_LETTER, _LEADING, _POINT = 0.52, 1.3, 25.4 / 72
_SMALLEST = 11.0  # points: what is smaller nobody reads from the back of a room
_INSET = 5.0  # millimetres that a text box keeps free at both sides together
_BETWEEN = 7  # points between two paragraphs


def _lines(text: str, wide: float, size: float) -> int:
    """How many lines a text takes, estimated. wide: millimetres; size: points."""
    letters = sum(unicodedata.category(letter) != "Mn" for letter in text)  # Thai marks take no width
    return max(1, math.ceil(letters * size * _POINT * _LETTER / (wide - _INSET)))


def _fitted(points: Sequence[str], wide: float, high: float, size: float) -> tuple[list[str], float]:
    """The points and the size at which they fit a box of millimetres; the last points stand in the notes alone where even the
    smallest size is too large."""
    kept = list(points)

    def height(at: float) -> float:
        lines = [line for text in kept for line in text.split("\n")]
        return (
            sum(_lines(line, wide, at) * at * _LEADING for line in lines) * _POINT
            + len(kept) * _BETWEEN * _POINT
        )

    while kept:
        for at in (size, *(one for one in (18.0, 16.0, 14.0, 13.0, 12.0, _SMALLEST) if one < size)):
            if height(at) <= high:
                return kept, at
        kept.pop()
    return list(points[:1]), _SMALLEST


def _data_of(item: ChartData) -> bytes:
    """The chart's data as the workbook behind it, where PowerPoint looks for them: categories in A, series from B on."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.worksheet_class = ExactSheet
        book.set_properties(
            {"created": dt.datetime(2000, 1, 1)}
        )  # no clock: the slides' own date is the issue's
        sheet = book.add_worksheet("Sheet1")
        shown = book.add_format({"num_format": item.number_format})
        sheet.write_column(1, 0, list(item.categories))
        for column, (name, values) in enumerate(item.values.items(), start=1):
            sheet.write_string(0, column, name)
            for row, value in enumerate(values, start=1):
                if value is not None:
                    sheet.write_number(row, column, value, shown)
    return buffer.getvalue()


def _blank(issue: Issue) -> Any:
    """A wide presentation whose master, layouts and theme know Thai faces."""
    presentation = Presentation()
    before = presentation.slide_width
    presentation.slide_width, presentation.slide_height = _WIDE, _HIGH
    master = presentation.slide_master
    for shapes in (master.shapes, *(layout.shapes for layout in master.slide_layouts)):
        for shape in shapes:  # the library's own master is 4 : 3
            if shape.width is not None:
                shape.left, shape.width = (
                    Emu(int(part * _WIDE / before)) for part in (shape.left, shape.width)
                )
    for relation in master.part.rels.values():
        if relation.reltype.endswith("/theme"):
            relation.target_part._blob = theme_with_font(relation.target_part.blob)
    properties = presentation.core_properties
    properties.title = f"{issue.document['title']} {issue.document['quarter_name']}"
    properties.author = properties.last_modified_by = issue.issuer("division")
    properties.language = "th-TH" if issue.lang == "th" else "en-GB"
    properties.subject, properties.comments = issue.edition_line, " ".join(issue.marks)
    properties.created = properties.modified = dt.datetime.combine(
        dt.date.fromisoformat(issue.content["as_of"]), dt.time()
    )
    return presentation


def _style_chart(chart: Any, item: ChartData, colour: Mapping[str, str]) -> None:
    """Faces, colours, few gridlines; labels at the newest values; a legend where there are several series."""
    chart.font.size = Pt(12)
    for properties in chart._chartSpace.iter(qn("a:defRPr")):
        _faces(properties)
    chart.has_title = False
    chart.has_legend = len(item.values) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    axis = chart.value_axis
    axis.major_gridlines.format.line.color.rgb = _rgb(colour["rule"])
    axis.format.line.fill.background()
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = _axis_format(item), False
    if item.minimum is not None and item.kind == "bar":
        axis.minimum_scale = item.minimum
    chart.category_axis.format.line.color.rgb = _rgb(colour["unchanged"])
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    palette = item.colours or _palette(item, colour)
    for place, (series, hue) in enumerate(zip(chart.plots[0].series, palette, strict=False)):
        if item.kind == "line":
            series.smooth = False
            series.format.line.color.rgb, series.format.line.width = _rgb(hue), Pt(2.25)
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = _rgb(hue)
            series.invert_if_negative = False
        if item.kind == "bar" and place == len(item.values) - 1:
            _label(series.data_labels, item)
    if item.kind == "bar":
        chart.plots[0].gap_width, chart.plots[0].overlap = 45, -5
    elif len(item.values) <= 4:  # more labels would lie on one another
        _label_last(chart.plots[0].series, item)
    for properties in chart._chartSpace.iter(qn("a:defRPr"), qn("a:rPr")):
        _faces(properties)


def _axis_format(item: ChartData) -> str:
    return item.number_format if ";" in item.number_format else "0"


def _palette(item: ChartData, colour: Mapping[str, str]) -> list[str]:
    if item.kind == "bar":
        return [colour["unchanged"], colour["navy"]][-len(item.values) :]
    if len(item.values) == 4:
        return [colour["navy"], colour["gold"], colour["unchanged"], colour["unchanged"]]
    return [
        colour["navy"],
        colour["employers"],
        colour["workers"],
        colour["worse"],
        colour["muted"],
        colour["gold"],
    ]


def _label(labels: Any, item: ChartData) -> None:
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = item.number_format, False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size = Pt(11)


def _label_last(lines: Sequence[Any], item: ChartData) -> None:
    """The newest value of each line, written at its point."""
    for series, values in zip(lines, item.values.values(), strict=True):
        known = [place for place, value in enumerate(values) if value is not None]
        if not known:
            continue
        label = series.points[known[-1]].data_label
        label.has_text_frame = False
        label.position = XL_LABEL_POSITION.ABOVE
        element = label._get_or_add_dLbl()
        for tag in (
            "c:showLegendKey",
            "c:showVal",
            "c:showCatName",
            "c:showSerName",
            "c:showPercent",
            "c:showBubbleSize",
        ):
            found = element.find(qn(tag))
            if found is not None:
                found.set("val", "1" if tag == "c:showVal" else "0")


def _faces(properties: Any) -> None:
    """Latin and complex-script faces of a run, in the schema's order."""
    for tag in ("a:latin", "a:ea", "a:cs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    anchor = [child for child in properties if etree.QName(child).localname in ("ln", "solidFill", "noFill")]
    for place, tag in enumerate(("a:latin", "a:cs")):
        face = etree.Element(qn(tag))
        face.set("typeface", _FONT)
        at = (list(properties).index(anchor[-1]) + 1 if anchor else 0) + place
        properties.insert(at, face)


def _bullet(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "228600")
    properties.set("indent", "-228600")
    mark = etree.SubElement(properties, qn("a:buChar"))
    mark.set("char", "•")


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#"))


def _joined(text: str) -> str:
    return text.replace("\n", " ")
