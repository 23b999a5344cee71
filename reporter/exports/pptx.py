"""Slides: twelve for the minister's briefing, with native charts whose data can be edited.

Goes in: an ``Issue``. Comes out: the bytes of a .pptx. Titles and points are sentences of ``issue.json``, charts hold the tables'
numbers at full precision, notes give every sentence with its source and the cells of its numbers. Every run names its Latin and its
complex-script face, as the theme does: PowerPoint sets Thai by ``a:cs``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

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
from reporter.exports.briefing import WORDS, Series, Slide, slides, spoken
from reporter.exports.docx_parts import theme_with_font
from reporter.exports.issue import Issue, packed
from reporter.report.workbook import ExactSheet

_FONT = "Sarabun"
_THAI = re.compile("[\u0e00-\u0e7f]")
_WIDE, _HIGH = Mm(338.67), Mm(190.5)  # 16 : 9
_EDGE = Mm(16)


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
            f"{head['name']}: {_shown(head['level'])} {self._moves(head)}" for head in document["headline"]
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
        size -= (
            3 if sum(map(len, points)) > (700 if size > 16 else 380) else 0
        )  # long text still fits its box
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
        """Source, and the marks that must stand on every page."""
        box = (_EDGE, _HIGH - Mm(19), _WIDE - 2 * _EDGE, Mm(9))
        self._text(slide, source, box, 9, "muted")
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
        properties.set("lang", "th-TH" if _THAI.search(text) else "en-GB")
        _faces(properties)

    # ------------------------------------------------------------------------------------ charts

    def _chart(self, slide: Any, item: Series, title: str, alt: str) -> None:
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


def _data_of(item: Series) -> bytes:
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


def _style_chart(chart: Any, item: Series, colour: Mapping[str, str]) -> None:
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


def _axis_format(item: Series) -> str:
    return item.number_format if ";" in item.number_format else "0"


def _palette(item: Series, colour: Mapping[str, str]) -> list[str]:
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


def _label(labels: Any, item: Series) -> None:
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = item.number_format, False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size = Pt(11)


def _label_last(lines: Sequence[Any], item: Series) -> None:
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


def _shown(number: Mapping[str, Any] | None) -> str:
    return "–" if number is None else str(number["text"])
