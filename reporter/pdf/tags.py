"""Writes the planned tag tree into the PDF: structure elements, parent tree, link descriptions.

Goes in: the tree of reporter/pdf/structure.py and what was drawn of each box (marked-content numbers). Comes out: objects of the PDF.
Source: ISO 32000-1 14.7 and 14.8, ISO 14289-1 (PDF/UA-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import pydyf

from reporter.domain.linebreak import strip
from reporter.pdf.structure import LinkOf, Node, Tree

_POINTS = 0.75  # in a pixel of the layout


def add_tags(tree: Tree, pdf: Any, document: Any, page_streams: Sequence[Any]) -> None:
    """Write the structure tree of a planned and drawn document."""
    drawn = [{box: mark["mcid"] for box, mark in stream._tags.items()} for stream in page_streams]
    _resolve(tree.top, drawn)
    lost = [box for page in drawn for box in page if getattr(box, "node", None) is None]
    if lost:
        raise AssertionError(f"drawn but not in the tree: {lost[:3]}")
    _write(pdf, tree, document)


def _resolve(node: Node, drawn: Sequence[dict[Any, int]]) -> None:
    """Replace boxes by their marks and links by their annotations; drop elements that hold nothing, except cells."""
    kids: list[Any] = []
    for kid in node.kids:
        if isinstance(kid, Node):
            _resolve(kid, drawn)
            if kid.kids or kid.type in ("TD", "TH"):
                kids.append(kid)
        elif isinstance(kid[1], LinkOf):
            if kid[1].box.link_annotation is not None:
                kids.append((kid[0], kid[1].box.link_annotation))
        else:
            mark = drawn[kid[0]].get(kid[1])
            if mark is not None and (kid[0], mark) not in kids:
                kids.append((kid[0], mark))
    node.kids = kids


def _write(pdf: Any, tree: Tree, document: Any) -> None:
    """Add every node as an object, then the parent tree and the catalogue's entries."""
    root = pydyf.Dictionary({"Type": "/StructTreeRoot"})
    pdf.add_object(root)
    writer = _Writer(pdf, [page.height for page in document.pages])
    writer.add(tree.top, root.reference)
    root["K"] = pydyf.Array([tree.top.object.reference])
    nums = pydyf.Array()
    for page, owners in enumerate(writer.owners):
        nums.extend((page, pydyf.Array([owners[mcid] for mcid in sorted(owners)])))
    for key, (annotation, owner) in enumerate(writer.annotations, start=len(writer.heights)):
        annotation["StructParent"] = key
        nums.extend((key, owner))
    parent_tree = pydyf.Dictionary({"Nums": nums})
    pdf.add_object(parent_tree)
    root["ParentTree"] = parent_tree.reference
    root["ParentTreeNextKey"] = len(writer.heights) + len(writer.annotations)
    identifiers = _identifiers(tree.top)
    if identifiers:
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(identifiers)})
    pdf.catalog["StructTreeRoot"] = root.reference
    pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})


class _Writer:
    """Adds nodes to a PDF; remembers what the parent tree must say.

    heights      of the pages, pixels
    owners       for each page: mark -> reference of its element
    annotations  link annotation and reference of its element
    """

    def __init__(self, pdf: Any, heights: Sequence[float]) -> None:
        self.pdf, self.heights = pdf, heights
        self.references = pdf.page_references
        self.owners: list[dict[int, Any]] = [{} for _ in heights]
        self.annotations: list[tuple[Any, Any]] = []

    def add(self, node: Node, parent: Any) -> None:
        """Add one node and all below it."""
        node.object = pydyf.Dictionary({"Type": "/StructElem", "S": f"/{node.type}", "P": parent})
        self.pdf.add_object(node.object)
        node.object.update({key: _value(value) for key, value in node.extra.items()})
        page = next((kid[0] for kid in node.kids if isinstance(kid, tuple)), None)
        if page is not None:
            node.object["Pg"] = self.references[page]
            if node.place:
                node.object["A"] = _placed(node.place, self.heights[page])
        kids = pydyf.Array([self._kid(node, kid, page) for kid in node.kids])
        node.object["K"] = kids[0] if len(kids) == 1 else kids

    def _kid(self, node: Node, kid: Any, page: int | None) -> Any:
        """What an element says about one kid: an element, a mark of its page or of another, a link."""
        if isinstance(kid, Node):
            self.add(kid, node.object.reference)
            return kid.object.reference
        at, target = kid
        if isinstance(target, int):
            self.owners[at][target] = node.object.reference
            mark = {"Type": "/MCR", "Pg": self.references[at], "MCID": target}
            return target if at == page else pydyf.Dictionary(mark)
        self.annotations.append((target, node.object.reference))
        target["Contents"] = pydyf.String(spoken(node.element))
        target["F"] = 4
        return pydyf.Dictionary({"Type": "/OBJR", "Pg": self.references[at], "Obj": target.reference})


def _value(value: Any) -> Any:
    """A Python value as a PDF object; ``/Name`` stays a name."""
    if isinstance(value, dict):
        return pydyf.Dictionary({key: _value(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return pydyf.Array([_value(inner) for inner in value])
    return pydyf.String(value) if isinstance(value, str) and not value.startswith("/") else value


def _identifiers(node: Node) -> list[Any]:
    """Name tree entries of all elements with an ID, sorted."""
    found: list[tuple[str, Any]] = []

    def walk(node: Node) -> None:
        if "ID" in node.extra:
            found.append((node.extra["ID"], node.object.reference))
        for kid in node.kids:
            if isinstance(kid, Node):
                walk(kid)

    walk(node)
    return [part for name, reference in sorted(found) for part in (pydyf.String(name), reference)]


def spoken(element: Element | None) -> str:
    """What a screen reader says of a link: its title, or its text."""
    if element is None:
        return ""
    text = " ".join(strip("".join(element.itertext())).split())
    return element.get("title") or text or element.get("href") or ""


def _placed(place: tuple[float, float, float, float], height: float) -> Any:
    """Layout attributes of a figure: the part of its page that it takes, points from the bottom left."""
    left, top, right, bottom = place
    edges = [left, height - bottom, right, height - top]
    box = pydyf.Array([round(edge * _POINTS, 2) for edge in edges])
    return pydyf.Dictionary({"O": "/Layout", "Placement": "/Block", "BBox": box})
