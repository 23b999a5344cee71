"""Exports: one built issue in the formats that ministries and analysts work with (docs/exports.md).

Goes in: the folder of a built issue (``issue.json``, ``tables/*.csv``, ``charts/*.png``). Comes out: ``Issue``, its document in one
language with its tables at full precision, its marks and its charts for reuse; beside this module Word, slides, Stata, Parquet, SDMX
and JSON are made from it, outside the issue's folder, whose published bytes never change. No HTML is read and nothing is computed again.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import pandas as pd
from lxml import etree
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from PIL import Image

from reporter.domain import schema
from reporter.domain.declarations import Declarations, Name, tokens
from reporter.domain.edition import Context, NoEnglishError, Settings, data_id_of, english_context
from reporter.domain.errors import InputError
from reporter.domain.periods import parse_quarter
from reporter.domain.thai import MISSING, quarter_short
from reporter.figures import all_charts, chart_data, figure_of, picture, wrap
from reporter.figures.chart import canvas, theme
from reporter.inputs import declared
from reporter.inputs.workspace import read_settings

Lang = Literal["th", "en"]
_DOCUMENT = "issue.json"
_MARKS: Mapping[str, Mapping[str, str]] = {
    "draft": {
        "th": "ฉบับร่าง ห้ามเผยแพร่หรืออ้างอิง",
        "en": "Draft. Not to be published or quoted.",
    },
    "synthetic": {
        "th": "ข้อมูลสังเคราะห์ จัดทำเพื่อสาธิตระบบ ไม่ใช่สถิติจริง",
        "en": "Synthetic data made to demonstrate the system. These are not real statistics.",
    },
}


@dataclass(frozen=True)
class Issue:
    """A built issue in one language. ``content`` is ``issue.json`` (docs/issue.md).

    declarations   names of dimensions, groups, indicators and answers
    workspace      where the ministry's own names stand; None for the program's
    """

    folder: Path
    content: Mapping[str, Any]
    declarations: Declarations
    lang: Lang = "th"
    workspace: Path | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        """The report in this language."""
        found: Mapping[str, Any] = self.content["documents"][self.lang]
        return found

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """The summary and the chapters."""
        return [self.document["summary"], *self.document["chapters"]]

    def chapter(self, slug: str) -> Mapping[str, Any] | None:
        """The chapter of that slug."""
        return next((part for part in self.parts if part["slug"] == slug), None)

    @property
    def quarter(self) -> pd.Period:
        """The issue's quarter."""
        return parse_quarter(self.content["quarter"])

    @property
    def marks(self) -> list[str]:
        """What must stand on every page: draft, synthetic data, in words."""
        return [_MARKS[mark][self.lang] for mark in self.document["marks"]]

    @property
    def edition_line(self) -> str:
        """Version, digest of the tables and permanent address, as far as the issue has them."""
        edition = self.content.get("edition", {})
        version, digest = self.content["version"], str(edition.get("data_id", ""))[:16]
        words = {
            "th": f"ฉบับที่ {version} รหัสข้อมูล {digest}",
            "en": f"Version {version}, data id {digest}",
        }
        return " ".join(part for part in (words[self.lang], edition.get("address", "")) if part)

    def word(self, name: Name) -> str:
        """A declared name in this language."""
        return name.th if self.lang == "th" else name.en

    def quarter_label(self, period: str) -> str:
        """``3/68`` or ``Q3 2025``: a quarter as axes and column heads show it."""
        quarter = parse_quarter(period)
        return quarter_short(quarter) if self.lang == "th" else f"Q{quarter.quarter} {quarter.year}"

    def issuer(self, who: str) -> str:
        """Name of the ``ministry``, ``office`` or ``division``."""
        names = self.content.get(f"issuer_{self.lang}", self.content["issuer"])
        return str(names[who])

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every published table by its name, in declared order."""
        folder = self.folder / "tables"
        return {
            name: read_table(folder / f"{name}.csv", name)
            for name in schema.published()
            if (folder / f"{name}.csv").exists()
        }


def file_name(issue: Issue, name: str, ending: str) -> str:
    """``report-2025-Q3.docx``, of the English edition ``report-2025-Q3-en.docx``."""
    tail = "" if issue.lang == "th" else f"-{issue.lang}"
    return f"{name}-{issue.content['quarter']}{tail}.{ending}"


def read_issue(folder: Path, lang: Lang = "th", data: Path | None = None) -> Issue:
    """A built issue. Raises InputError where there is none, none in that language, or its files are not those that were built.

    data   the workspace whose declarations name the codes; None for the package's own
    """
    path = folder / _DOCUMENT
    if not path.exists():
        raise InputError(
            f"ไม่พบ {path} — สร้างฉบับก่อนด้วย reporter build",
            f"There is no {path}; build the issue first with reporter build.",
        )
    content = _content(path)
    known = content.get("documents", {})
    if lang not in known:
        raise InputError(
            f"{path} ไม่มีภาษา {lang} (มี {', '.join(known)}) — สร้างด้วย reporter build --lang both",
            f"{path} has no language {lang} (it has {', '.join(known)}); build it with reporter build --lang both.",
        )
    _refuse_other_files(folder, content)
    return Issue(folder, content, declared.load(data), lang, data)


def _content(path: Path) -> dict[str, Any]:
    """``issue.json``; InputError where it is cut off or something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("documents"), dict):
        raise InputError(
            f"{path} เสียหายหรือไม่ใช่เอกสารของฉบับ — สร้างฉบับใหม่ด้วย reporter build",
            f"{path} is damaged or no issue document; build the issue again with reporter build.",
        )
    return content


def _refuse_other_files(folder: Path, content: Mapping[str, Any]) -> None:
    """InputError where tables or pictures have changed or gone since the build: an export would show other numbers than the report."""
    told = content.get("edition", {}).get("data_id", "")
    if told and told != data_id_of(folder):
        raise InputError(
            f"ตารางใน {folder / 'tables'} ไม่ใช่ชุดที่สร้างไว้ (ขาด เกิน หรือถูกแก้) — ตรวจด้วย reporter verify หรือสร้างฉบับใหม่ด้วย reporter build",
            f"The tables in {folder / 'tables'} are not those that were built (missing, added or changed); "
            "see reporter verify, or build the issue again with reporter build.",
        )
    pictures = {
        block["png"]
        for document in content["documents"].values()
        for part in (document["summary"], *document["chapters"])
        for block in blocks_of(part)
        if block["kind"] == "figure"
    }
    gone = sorted(name for name in pictures if not (folder / name).is_file())
    if gone:
        raise InputError(
            f"ไม่พบรูป {', '.join(gone[:3])} ใน {folder} — สร้างฉบับใหม่ด้วย reporter build",
            f"Pictures are missing in {folder}: {', '.join(gone[:3])}; build the issue again with reporter build.",
        )


def read_table(path: Path, name: str) -> pd.DataFrame:
    """A published CSV file at full precision: texts stay texts, empty numbers are NaN, flags are True and False.

    Dates come back as text (2025-11-19), as they are written.
    """
    columns = schema.declared_tables()[name].columns
    texts = {column: "str" for column, spec in columns.items() if spec.dtype in ("text", "date")}
    frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
    for column in frame.columns:
        if column in texts:
            frame[column] = frame[column].fillna("").astype(object)
    return frame


def blocks_of(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every block of a chapter in reading order, those inside others after them."""
    for section in part["sections"]:
        yield from walk(section["blocks"])


def walk(blocks: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The blocks and all that stand inside them."""
    for block in blocks:
        yield block
        yield from walk(block.get("blocks", []))
        if block["kind"] == "list":
            for item in block["items"]:
                yield from walk(item)


def number_text(number: Mapping[str, Any] | None) -> str:
    """A number of the document as it is printed; a dash where there is none."""
    return MISSING if number is None else str(number["text"])


def packed(content: bytes, when: tuple[int, int, int]) -> bytes:
    """An Office file with one date in every entry, so that the same issue gives the same bytes.

    when   year, month, day: the issue's date
    """
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as given, zipfile.ZipFile(target, "w") as made:
        for entry in given.infolist():
            info = zipfile.ZipInfo(entry.filename, (*when, 0, 0, 0))
            made.writestr(info, given.read(entry), zipfile.ZIP_DEFLATED)
    return target.getvalue()


# ----------------------------------------------------------------------------------------------------
# Charts for reuse: SVG with text as text and PNG at twice the print's resolution, each with its own words inside, data beside it.
#
# Goes in: an ``Issue``. Comes out: ``charts/<id>.svg``, ``.png`` and ``.csv``. Above the chart stand title, unit and quarters, below it source,
# note, version, permanent address and the marks (draft, synthetic), so that a chart that travels alone still says what it is.
# ----------------------------------------------------------------------------------------------------

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


def chart_files(issue: Issue) -> dict[str, bytes]:
    """Every chart that the report shows: SVG, PNG and the data drawn."""
    context = _context_of(issue)
    shown = {
        block["id"]: block for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure"
    }
    files: dict[str, bytes] = {}
    for chart in all_charts(chosen=dict(context.settings.charts)):
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


def _context_of(issue: Issue) -> Context:
    """What the charts may know about the issue, as when it was built."""
    settings = Settings(synthetic=issue.content["is_synthetic"])
    if issue.workspace is not None:
        settings = read_settings(issue.workspace)
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
