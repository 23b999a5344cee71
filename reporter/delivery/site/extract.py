"""Parts of the issue's HTML report that the website shows elsewhere: sentences, figures, methods; and the whole to read.

Goes in: ``report.html`` of a built issue. Comes out: fragments of HTML and figure records. Nothing is computed or
worded here, so that a number on the website is the report's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import tinyhtml5

from reporter.domain.errors import InputError
from reporter.report.web import image_size, inner_text, tables_of

# By their titles: a section's number depends on which of those before it have something to say.
_METHODS = (
    "วิธีอ่านดัชนี", "วิธีจัดทำดัชนีเศรษฐกิจแรงงาน", "วิธีสำรวจและจัดทำดัชนีความเชื่อมั่น", "อภิธานศัพท์",
)  # fmt: skip
_APPENDIX = ("s-appendix-", "s-10-")  # the second: issues built before chapters had slugs
# Where each number comes from stands in report.html; in the page to read it would double its weight.
_PROVENANCE = re.compile(r"<data [^>]*>([^<]*)</data>")


@dataclass(frozen=True)
class Report:
    """What the website takes from a report: fragments are HTML, ``methods`` one per section of the appendix."""

    title: str
    sentences: list[str]
    figures: list[dict[str, object]]
    methods: list[dict[str, str]]
    body: str


def read_report(folder: Path) -> Report:
    """Take the report of a built issue apart. Raises InputError when it is no report of this program."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    root = tinyhtml5.parse(text, namespace_html_elements=False)
    body = root.find("body")
    if body is None or body.find(".//*[@id='summary']") is None:
        raise InputError(
            f"{folder / 'report.html'} ไม่มีบทสรุป — สร้างฉบับใหม่ด้วย reporter build",
            f"{folder / 'report.html'} has no summary; build the issue again with reporter build.",
        )
    title = "".join(root.find("head/title").itertext()) if root.find("head/title") is not None else ""
    figures = [_figure(figure, folder) for figure in body.iter("figure") if figure.find("img") is not None]
    main = body.find("main")
    return Report(
        title=title.strip(),
        sentences=[inner_text(item) for item in body.iterfind(".//*[@class='sentences']/li")],
        figures=figures,
        methods=list(_methods(body)),
        body=_PROVENANCE.sub(r"\1", _inner_html(main if main is not None else body)),
    )


def _figure(figure: Element, folder: Path) -> dict[str, object]:
    image = figure.find("img")
    assert image is not None
    caption = figure.find("figcaption")
    unit = caption.find(".//*[@class='unit']") if caption is not None else None
    number = caption.find("*[@class='number']") if caption is not None else None
    whole = inner_text(caption) if caption is not None else ""
    for part in (number, unit):
        if part is not None:
            whole = whole.replace(inner_text(part), "", 1).strip()
    source = figure.find("p[@class='source']")
    path = image.get("src", "")
    width, height = image_size(folder / path)
    key = figure.get("id", "").removeprefix("fig-")
    return {
        "id": key,
        "title": whole,
        "unit": inner_text(unit) if unit is not None else "",
        "source": inner_text(source) if source is not None else "",
        "alt": image.get("alt", ""),
        "src": path,
        "width": width,
        "height": height,
        "tables": list(tables_of(key.partition("-")[0])),
    }


def _methods(body: Element) -> Iterator[dict[str, str]]:
    """Sections of the appendix on how the indices are made and read."""
    parents = {child: parent for parent in body.iter() for child in parent}
    headings = {
        re.sub(r"^[\d.]+\s*", "", inner_text(item)): item
        for item in body.iter()
        if item.get("id", "").startswith(_APPENDIX)
    }
    for title in _METHODS:
        heading = headings.get(title)
        if heading is None:
            continue
        siblings = list(parents[heading])
        part = []
        for element in siblings[siblings.index(heading) + 1 :]:
            if element.tag in ("h1", "h2", heading.tag):
                break
            part.append(element)
        yield {
            "id": heading.get("id", ""),
            "title": title,
            "html": _PROVENANCE.sub(r"\1", "".join(map(_html, part))).replace("h4>", "h3>"),
        }


def _inner_html(element: Element) -> str:
    return (element.text or "") + "".join(map(_html, element))


def _html(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode", method="html")
