"""The tag tree of the PDF, built from the HTML elements, not from boxes: what continues on the next page stays one paragraph, one table.

Goes in: the laid-out document, and what was drawn of each box (marked-content numbers). Comes out: a tree of nodes, and boxes that know
theirs (``plan``); then the structure elements, the parent tree and the link descriptions of the PDF (``add_tags``). Source: ISO 32000-1
14.7 and 14.8, ISO 14289-1 (PDF/UA-1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

from reporter.domain.thai import strip
from reporter.pdf.pages import cell_attributes, cells_of

# HTML element -> structure type; elements not named here leave their content to their parent.
_TYPES = {
    "section": "Sect", "nav": "Sect", "article": "Art", "header": "Div", "main": "Part", "aside": "Sect", "div": "Div", "figure": "Div",
    "p": "P", "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "h5": "H5", "h6": "H6", "blockquote": "BlockQuote", "pre": "Code", "address": "P",
    "ul": "L", "ol": "L", "dl": "L", "li": "LBody", "dt": "Lbl", "dd": "LBody", "a": "Link", "code": "Code", "img": "Figure",
    "table": "Table", "caption": "Caption", "figcaption": "Caption", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot",
    "tr": "TR", "th": "TH", "td": "TD",
}  # fmt: skip
_GROUPING = frozenset(
    ("Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Note")
)  # text directly in these gets a paragraph
_NUMBERING = {"ul": "Disc", "ol": "Decimal"}


@dataclass(eq=False)
class Node:
    """One structure element; ``kids`` are nodes, (page, mcid) pairs and link annotations (page, annotation).

    place   of a figure: left, top, right, bottom on its page, pixels from the top left
    """

    type: str
    element: Element | None = None
    parent: Node | None = None
    kids: list[Any] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    place: tuple[float, float, float, float] | None = None
    object: Any = None

    def add(self, type_: str, element: Element | None = None) -> Node:
        """A new last child."""
        node = Node(type_, element, self)
        self.kids.append(node)
        return node


def page_boxes(page: Any) -> Iterator[tuple[Any, str]]:
    """Every box of a page in reading order, with the furniture it belongs to (``""`` for content)."""

    def walk(box: Any, furniture: str) -> Iterator[tuple[Any, str]]:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.MarginBox):
            furniture = "Header" if box.at_keyword.startswith("@top") else "Footer"
        elif getattr(box, "is_leader", False):
            furniture = furniture or "Leader"
        yield box, furniture
        for child in getattr(box, "children", ()):
            yield from walk(child, furniture)

    yield from walk(page._page_box, "")


def plan(document: Any, part: int = 0) -> Tree:
    """Give every box of the document its ``node`` or its ``furniture``, before anything is drawn.

    part  number of the document among those that are joined; identifiers carry it. Furniture, no content: margin boxes, leaders, decoration, table headers repeated on later pages.
    """
    tree = Tree(document._html.etree_element, part)
    headers: dict[int, int] = {}  # id of a <thead> -> the page where it belongs
    for number, page in enumerate(document.pages):
        for box, furniture in page_boxes(page):
            if box.element is None or hasattr(box, "furniture"):
                pass
            elif getattr(box, "is_header", False) and headers.setdefault(id(box.element), number) != number:
                _spread(box, "Repeated")
            elif box.element.get("role") == "presentation":
                _spread(box, "Decoration")
            if furniture:
                box.furniture = furniture
            elif isinstance(box, boxes.TextBox | boxes.ReplacedBox) and not hasattr(box, "furniture"):
                tree.place(box, number)
            if box.link and box.element is not None and not furniture:
                tree.link(box, number)
    return tree


def _spread(box: Any, furniture: str) -> None:
    for inner in box.descendants(placeholders=True):
        getattr(inner, "_box", inner).furniture = furniture


class Tree:
    """Builds the nodes of one document from its pages."""

    def __init__(self, root: Element, part: int = 0) -> None:
        self.part = part
        self.parents = {child: parent for parent in root.iter() for child in parent}
        self.language = root.get("lang", "th")
        self.top = Node("Document")
        self.nodes: dict[Any, Node] = {}
        self.notes = self.tables = 0

    def node_of(self, element: Element) -> Node:
        """The node an element's own content goes to; made, with its ancestors, at first use."""
        if element in self.nodes:
            return self.nodes[element]
        parent = self.parents.get(element)
        above = self.top if parent is None else self.node_of(parent)
        node = self._make(element, above) if isinstance(element.tag, str) else above
        self.nodes[element] = node
        return node

    def _make(self, element: Element, above: Node) -> Node:
        tag, classes = element.tag, element.get("class", "").split()
        if "footnote" in classes:
            return self._note(element, above)
        if tag in ("ol", "ul") and self._in_contents(element):
            return above.add("TOC", element)
        if tag == "li":
            return (
                above.add("TOCI", element)
                if above.type == "TOC"
                else above.add("LI", element).add("LBody", element)
            )
        if tag in ("dt", "dd"):
            return self._described(element, above)
        if tag == "div" and above.type == "L":
            return above  # a <div> that groups dt and dd
        type_ = _TYPES.get(tag, "")
        foreign = element.get("lang", self.language) != self._inherited_language(element)
        if not type_ and not foreign:
            return above
        node = above.add(type_ or "Span", element)
        if foreign:
            node.extra["Lang"] = element.get("lang")
        self._describe(node, element)
        return node

    def _describe(self, node: Node, element: Element) -> None:
        """Attributes a type must have: alternate text, list numbering, header cells."""
        if node.type == "Figure":
            node.extra["Alt"] = element.get("alt", "")
        elif node.type == "L":
            node.extra["A"] = {"O": "/List", "ListNumbering": f"/{_NUMBERING.get(element.tag, 'None')}"}
        elif node.type == "Table":
            self.tables += 1
            for cell, attributes in cell_attributes(
                cells_of(element), f"table-{self.part}-{self.tables}"
            ).items():
                self.nodes[("cell", cell)] = Node("", extra=attributes)
        elif node.type in ("TH", "TD"):
            known = self.nodes.get(("cell", element))
            node.extra.update(known.extra if known else {})

    def _note(self, element: Element, above: Node) -> Node:
        self.notes += 1
        node = above.add("Note", element)
        node.extra["ID"] = f"note-{self.part}-{self.notes}"
        return node

    def _described(self, element: Element, above: Node) -> Node:
        """A term opens a list item, its descriptions follow in it."""
        last = above.kids[-1] if above.kids and isinstance(above.kids[-1], Node) else None
        if element.tag == "dt" or last is None or last.type != "LI":
            last = above.add("LI", element)
        return last.add("Lbl" if element.tag == "dt" else "LBody", element)

    def _inherited_language(self, element: Element) -> str:
        parent = self.parents.get(element)
        while parent is not None:
            if parent.get("lang"):
                return str(parent.get("lang"))
            parent = self.parents.get(parent)
        return self.language

    def _in_contents(self, element: Element) -> bool:
        parent = self.parents.get(element)
        while parent is not None:
            if parent.tag == "nav" and "contents" in parent.get("class", "").split():
                return True
            parent = self.parents.get(parent)
        return False

    def place(self, box: Any, page: int) -> None:
        """Hang a box where its element's content goes; what was drawn of it is known later."""
        node = self.target(box)
        if not isinstance(box, boxes.ReplacedBox) and node.type in _GROUPING:
            last = node.kids[-1] if node.kids else None
            # consecutive text of a grouping element is one paragraph
            node = (
                last
                if isinstance(last, Node) and last.type == "P" and last.element is None
                else node.add("P")
            )
        box.node = node
        node.kids.append((page, box))
        if node.type == "Figure":
            left, top = box.content_box_x(), box.content_box_y()
            node.place = (left, top, left + box.width, top + box.height)

    def link(self, box: Any, page: int) -> None:
        """Remember that a box may carry a link annotation of its element."""
        node = self.node_of(box.element)
        if node.type == "Link":
            node.kids.append((page, LinkOf(box)))

    def target(self, box: Any) -> Node:
        """The node of a box: its element's, or the label of a list item or note."""
        node, pseudo = self.node_of(box.element), (box.element_tag or "").partition("::")[2]
        if pseudo == "marker" and node.type == "LBody" and node.parent is not None:
            return self._label(node.parent)
        if pseudo == "footnote-marker" and node.type == "Note":
            return self._label(node)
        if pseudo == "footnote-call" and node.type == "Note" and node.parent is not None:
            return self._call(node)
        return node

    @staticmethod
    def _label(item: Node) -> Node:
        first = item.kids[0] if item.kids else None
        if isinstance(first, Node) and first.type == "Lbl":
            return first
        label = Node("Lbl", parent=item)
        item.kids.insert(0, label)
        return label

    @staticmethod
    def _call(note: Node) -> Node:
        """The number in the running text stands just before its note."""
        assert note.parent is not None
        siblings = note.parent.kids
        call = Node("Reference", parent=note.parent)
        siblings.insert(siblings.index(note), call)
        return call


@dataclass(frozen=True)
class LinkOf:
    """The annotation that drawing gives to a box."""

    box: Any


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
