"""Charts for reuse: SVG with text as text and PNG at twice the print's resolution, each with its own words inside, data beside it.

Goes in: an ``Issue``. Comes out: ``charts/<id>.svg``, ``.png`` and ``.csv``. Above the chart stand title, unit and quarters, below it source,
note, version, permanent address and the marks (draft, synthetic), so that a chart that travels alone still says what it is.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from lxml import etree
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from PIL import Image

from reporter.domain.declarations import tokens
from reporter.domain.edition import Context, Settings
from reporter.domain.english import NoEnglishError, english_context
from reporter.exports.issue import Issue, blocks_of
from reporter.figures import all_charts, chart_data, figure_of, picture, wrap
from reporter.figures.chart import canvas, theme
from reporter.inputs.workspace import read_settings

_DPI = 320  # twice the 160 of the issue's own pictures
_LINE = 4.6  # millimetres of a line of text
_EDGE = 3.0  # millimetres of white at the sides
_LETTERS = 0.66  # letters of 8-point text to a millimetre of width, Thai marks aside


@dataclass(frozen=True)
class Line:
    """A line of words above or below a chart."""

    text: str
    size: float = 8.0
    colour: str = "muted"
    weight: str = "normal"


def chart_files(issue: Issue, data: Path | None = None) -> dict[str, bytes]:
    """Every chart that the report shows: SVG, PNG and the data drawn. ``data``: the workspace, for the ministry's names."""
    context = context_of(issue, data)
    shown = {
        block["id"]: block for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure"
    }
    files: dict[str, bytes] = {}
    for chart in all_charts():
        if chart.id not in shown:
            continue
        drawn = chart_data(chart, issue.tables, context)
        figure = figure_of(chart, drawn, issue.tables, context)
        try:
            with theme(), mpl.rc_context({"svg.fonttype": "none"}):
                made = picture(chart, drawn, context)
                strips = [
                    _strip(made, _above(shown[chart.id])),
                    made,
                    _strip(made, _below(issue, figure.source, shown[chart.id])),
                ]
                files[f"charts/{chart.id}.svg"] = _stacked_svg(strips, chart.id, shown[chart.id]["title"])
                files[f"charts/{chart.id}.png"] = _stacked_png(strips)
        except NoEnglishError:
            continue
        files[f"charts/{chart.id}.csv"] = figure.table.to_csv(index=False, lineterminator="\n").encode(
            "utf-8-sig"
        )
    return files


def context_of(issue: Issue, data: Path | None) -> Context:
    """What the charts may know about the issue, as when it was built."""
    settings = read_settings(data) if data is not None else Settings(synthetic=issue.content["is_synthetic"])
    made = Context(
        issue.quarter,
        issue.declarations,
        settings,
        dt.date.fromisoformat(issue.content["as_of"]),
        bool(issue.content["is_final"]),
        int(issue.content["version"]),
    )
    return english_context(made) if issue.lang == "en" else made


def _above(block: Mapping[str, Any]) -> list[Line]:
    return [Line(block["title"], 11, "navy", "semibold"), Line(block["subtitle"], 9)]


def _below(issue: Issue, source: str, block: Mapping[str, Any]) -> list[Line]:
    word = {"th": "ที่มา", "en": "Source"}[issue.lang]
    lines = [Line(block["note"]), Line(f"{word}: {source}" if source else ""), Line(issue.edition_line)]
    return [line for line in lines if line.text] + [
        Line(mark, 8.5, "draft", "semibold") for mark in issue.marks
    ]


def _strip(beside: Canvas, lines: list[Line]) -> Canvas:
    """Words on a canvas as wide as the chart, wrapped to its width."""
    width = beside.get_figwidth() * 25.4
    wrapped = [(line, piece) for line in lines for piece in _pieces(line, width)]
    height = _LINE * len(wrapped) + _EDGE
    made = canvas("full", height)
    made.set_size_inches(width / 25.4, height / 25.4)
    for place, (line, piece) in enumerate(wrapped):
        made.text(
            _EDGE / width, 1 - (_EDGE / 2 + _LINE * (place + 0.75)) / height, piece,
            fontsize=line.size, color=tokens().colour[line.colour], fontweight=line.weight,
        )  # fmt: skip
    return made


def _pieces(line: Line, width: float) -> list[str]:
    letters = int(width * _LETTERS * 8.0 / line.size)
    return wrap(line.text, letters).split("\n")


def _stacked_svg(strips: list[Canvas], salt: str, title: str) -> bytes:
    """The strips one below the other in one SVG, text as text, no date."""
    inner = list(_svgs(strips, salt))
    width = max(float(one.get("width").removesuffix("pt")) for one in inner)
    heights = [float(one.get("height").removesuffix("pt")) for one in inner]
    space = "http://www.w3.org/2000/svg"
    root = etree.Element(f"{{{space}}}svg", nsmap={None: space, "xlink": "http://www.w3.org/1999/xlink"})
    for name, value in (("width", f"{width:g}pt"), ("height", f"{sum(heights):g}pt"), ("viewBox", f"0 0 {width:g} {sum(heights):g}"), ("role", "img")):  # fmt: skip
        root.set(name, value)
    etree.SubElement(root, f"{{{space}}}title").text = title
    etree.SubElement(root, f"{{{space}}}rect", width="100%", height="100%", fill="#FFFFFF")
    top = 0.0
    for one, height in zip(inner, heights, strict=True):
        one.set("y", f"{top:g}")
        for name, value in (("width", f"{width:g}"), ("height", f"{height:g}")):
            one.set(name, value)
        root.append(one)
        top += height
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


def _svgs(strips: list[Canvas], salt: str) -> Iterator[Any]:
    for place, strip in enumerate(strips):
        buffer = io.BytesIO()
        strip.set_dpi(72)
        strip.set_facecolor("none")
        with mpl.rc_context({"svg.hashsalt": f"{salt}-{place}"}):
            FigureCanvasSVG(strip).print_svg(buffer, metadata={"Date": None, "Creator": None})
        yield etree.fromstring(buffer.getvalue())


def _stacked_png(strips: list[Canvas]) -> bytes:
    """The strips one below the other as a picture of 320 dots per inch."""
    images = []
    for strip in strips:
        buffer = io.BytesIO()
        strip.set_dpi(_DPI)
        strip.set_facecolor(tokens().colour["paper"])
        FigureCanvasAgg(strip).print_png(buffer, metadata={"Software": None})
        images.append(Image.open(buffer).convert("RGB"))
    width, height = max(image.width for image in images), sum(image.height for image in images)
    whole = Image.new("RGB", (width, height), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    target = io.BytesIO()
    whole.save(target, "PNG", dpi=(_DPI, _DPI), optimize=True)
    return target.getvalue()
