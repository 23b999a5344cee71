"""Parts of the issue's HTML report that the website shows elsewhere: sentences, figures, methods; and the whole to read.

Goes in: ``report.html`` of a built issue. Comes out: fragments of HTML and figure records. Nothing is computed or
worded here, so that a number on the website is the report's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import tinyhtml5

from reporter.assets import asset
from reporter.errors import InputError

_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_METHODS = ("10-1", "10-2", "10-9", "10-11")
_SIZE = re.compile(r"viewBox=[\"']([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)")
_HEAD_BYTES = 2000


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
    reading = _reading(body, folder)
    return Report(
        title=title.strip(),
        sentences=[_inner(item) for item in body.iterfind(".//*[@class='sentences']/li")],
        figures=figures,
        methods=list(_methods(body)),
        body=reading,
    )


def _inner(element: Element) -> str:
    """The inner HTML of an element, numbers as plain text."""
    return " ".join("".join(element.itertext()).split())


def _figure(figure: Element, folder: Path) -> dict[str, object]:
    image = figure.find("img")
    assert image is not None
    caption = figure.find("figcaption")
    unit = caption.find(".//*[@class='unit']") if caption is not None else None
    number = caption.find("*[@class='number']") if caption is not None else None
    whole = _inner(caption) if caption is not None else ""
    for part in (number, unit):
        if part is not None:
            whole = whole.replace(_inner(part), "", 1).strip()
    source = figure.find("p[@class='source']")
    path = image.get("src", "")
    width, height = image_size(folder / path)
    key = figure.get("id", "").removeprefix("fig-")
    return {
        "id": key,
        "title": whole,
        "unit": _inner(unit) if unit is not None else "",
        "source": _inner(source) if source is not None else "",
        "alt": image.get("alt", ""),
        "src": path,
        "width": width,
        "height": height,
        "tables": list(tables_of(key.partition("-")[0])),
    }


def image_size(path: Path) -> tuple[int, int]:
    """Width and height of an SVG's view box, in its units; (0, 0) where the file has none."""
    if path.suffix != ".svg" or not path.exists():
        return 0, 0
    with path.open(encoding="utf-8") as stream:
        match = _SIZE.search(stream.read(_HEAD_BYTES))
    return (round(float(match[3])), round(float(match[4]))) if match else (0, 0)


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


def _methods(body: Element) -> Iterator[dict[str, str]]:
    """Sections of the appendix on how the indices are made and read, from the body as ``_reading`` leaves it."""
    parents = {child: parent for parent in body.iter() for child in parent}
    for section in _METHODS:
        heading = body.find(f".//*[@id='s-{section}']")
        if heading is None:
            continue
        siblings = list(parents[heading])
        part = []
        for element in siblings[siblings.index(heading) + 1 :]:
            if element.tag in ("h1", "h2", "h3"):
                break
            part.append(element)
        title = re.sub(r"^[\d.]+\s*", "", _inner(heading))
        yield {"id": f"s-{section}", "title": title, "html": "".join(map(_html, part)).replace("h4>", "h3>")}


def _html(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode", method="html")


def _reading(body: Element, folder: Path) -> str:
    """The report's body for the page to read it in: one h1, pictures loaded late, tables that scroll by keyboard."""
    first = True
    for element in body.iter():
        if element.tag in _HEADINGS[:4]:
            if not first:
                element.tag = _HEADINGS[_HEADINGS.index(element.tag) + 1]
            first = False
        elif element.tag == "img":
            width, height = image_size(folder / element.get("src", ""))
            if width:
                element.set("width", str(width))
                element.set("height", str(height))
            element.set("loading", "lazy")
    _wrap_tables(body)
    return (body.text or "") + "".join(map(_html, body))


def _wrap_tables(body: Element) -> None:
    """Put every table into a region that scrolls sideways and takes the keyboard's focus; names are unique."""
    taken: dict[str, int] = {}
    for number, nav in enumerate(body.iter("nav"), start=1):
        heading = next((part for part in nav if part.tag in _HEADINGS), None)
        nav.set("aria-label", _inner(heading) if heading is not None else f"สารบัญ {number}")
    for parent in list(body.iter()):
        for index, child in enumerate(list(parent)):
            if child.tag != "table":
                continue
            caption = child.find("caption")
            name = _inner(caption) if caption is not None else "ตาราง"
            taken[name] = taken.get(name, 0) + 1
            region = Element("div", {"class": "scroll", "tabindex": "0", "role": "region"})
            region.set("aria-label", f"{name} {taken[name]}" if taken[name] > 1 else name)
            region.tail, child.tail = child.tail, None
            parent.remove(child)
            region.append(child)
            parent.insert(index, region)
