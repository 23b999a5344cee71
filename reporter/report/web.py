"""The issue's HTML file: the document of the PDF made fit for screens, with a stylesheet and the fonts beside it.

Goes in: the HTML that was typeset. Comes out: ``report.html``, ``report.css`` and ``fonts/``; nothing is loaded from
elsewhere. A Content-Security-Policy in the file itself forbids scripts and foreign addresses. Words stay as they are;
what changes is what a screen and its reader need: one h1, a main part, names for the lists of contents, tables that
scroll inside a region that the keyboard reaches, sizes of pictures, and under every figure the tables it was drawn from.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from reporter.domain import schema
from reporter.domain.assets import asset, css_variables
from reporter.domain.linebreak import held_spaces, protect_tree
from reporter.domain.thai import thai_digits_html

_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SIZE = re.compile(r"viewBox=[\"']([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)[ ,]+([-\d.eE]+)")
_HEAD_BYTES = 2000


def write_page(html: str, folder: Path, *, thai_digits: bool = False) -> Element:
    """Write ``report.html`` with what it needs beside it; returns its words that the PDF has to have too, as a tree."""
    tree = screen_tree(html, folder)
    page = f"<!doctype html>\n{ElementTree.tostring(tree, encoding='unicode', method='html')}\n"
    if thai_digits:
        page = thai_digits_html(page)
        tree = parsed(page)
    (folder / "report.html").write_text(page, encoding="utf-8")
    stylesheet = css_variables() + asset("templates", "screen.css").read_text(encoding="utf-8")
    (folder / "report.css").write_text(stylesheet, encoding="utf-8")
    shutil.copytree(asset("fonts", "sarabun"), folder / "fonts")
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
        raise ValueError("no HTML document")  # ours alone: pages.fill always makes both
    if head.find("meta[@name='viewport']") is None:
        head.append(Element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}))
    head.append(Element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}))
    head.append(Element("link", {"rel": "stylesheet", "href": "report.css"}))
    # Numbers keep their units beside them. Between words the browser's own dictionary breaks lines: marks for that would
    # stay in what a reader copies or searches for.
    protect_tree(body, places=held_spaces)
    _one_h1(body)
    _name_lists(body)
    _scroll_tables(body)
    _size_pictures(body, folder)
    _drop_attached(body)
    _link_data(body, folder)
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


def _link_data(body: Element, folder: Path) -> None:
    """Under every figure the CSV files beside the report that hold its numbers."""
    for figure in body.iter("figure"):
        chart = figure.get("id", "").removeprefix("fig-").partition("-")[0]
        names = [name for name in tables_of(chart) if (folder / "tables" / f"{name}.csv").exists()]
        if not names:
            continue
        links = SubElement(figure, "p", {"class": "data-files"})
        links.text = "ตารางข้อมูล (CSV): "
        for number, name in enumerate(names):
            link = SubElement(links, "a", {"href": f"tables/{name}.csv"})
            link.text = schema.tables()[name].title.th if name in schema.tables() else name
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
    """Width and height of an SVG's view box, in its units; (0, 0) where the file has none."""
    if path.suffix != ".svg" or not path.exists():
        return 0, 0
    with path.open(encoding="utf-8") as stream:
        match = _SIZE.search(stream.read(_HEAD_BYTES))
    return (round(float(match[3])), round(float(match[4]))) if match else (0, 0)
