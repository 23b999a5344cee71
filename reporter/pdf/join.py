"""Parts of a document joined into one PDF: pages, tag trees, bookmarks, destinations.

Goes in: drawn and tagged PDFs in order, the charts whose places are in them. Comes out: one PDF; what parts have in common (letters of
charts, the colour profile) is in it once. Source: ISO 32000-1 7.9.6 (name trees), 8.10 (form XObjects), 12.3.3 (outline), 14.7.4
(parent tree).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from reporter.pdf.picture import Outline, Picture
from reporter.pdf.tagged import kids
from reporter.pdf.worker_process import GOING_ON


def join(parts: Sequence[bytes], pictures: Mapping[str, Picture]) -> bytes:
    """One PDF of at least one; destinations of the same name lead to the first.

    pictures  name of the form that stands for a chart -> the chart
    """
    with pikepdf.open(io.BytesIO(parts[0])) as whole:
        joined = _Joined(whole, pictures)
        for part in parts[1:]:
            with pikepdf.open(io.BytesIO(part)) as added:
                joined.add(added)
        joined.finish()
        out = io.BytesIO()
        whole.save(out, static_id=True, compress_streams=False)
    return out.getvalue()


class _Joined:
    """A PDF that grows by parts."""

    def __init__(self, whole: pikepdf.Pdf, pictures: Mapping[str, Picture]) -> None:
        self._whole, self._pictures = whole, pictures
        self._tree = whole.Root.StructTreeRoot
        self._outlines = [whole.Root.Outlines] if Name.Outlines in whole.Root else []
        self._names = dict(_pairs(_destinations(whole.Root)))
        self._streams: dict[bytes, Any] = {}
        self._shapes: dict[str, Any] = {}
        self._profile = whole.Root.OutputIntents[0].DestOutputProfile
        self._share(whole.pages[0].Resources)

    def add(self, part: pikepdf.Pdf) -> None:
        """Put a part behind what is there."""
        before = len(self._whole.pages)
        shift = int(self._tree.ParentTreeNextKey)
        for page in part.pages:
            page.StructParents += shift
            for note in page.get(Name.Annots, ()):
                if Name.StructParent in note:
                    note.StructParent += shift
            self._whole.pages.append(page)
        self._share(self._whole.pages[before].Resources)
        tree = self._whole.copy_foreign(part.Root.StructTreeRoot)
        self._add_tags(tree, shift)
        if Name.Outlines in part.Root:
            self._outlines.append(self._whole.copy_foreign(part.Root.Outlines))
        found = _destinations(part.Root)
        if found is not None:
            for name, place in _pairs(self._whole.copy_foreign(part.make_indirect(found))):
                self._names.setdefault(name, place)

    def finish(self) -> None:
        """Write what is known only when all parts are there."""
        root = self._whole.Root
        if self._names:
            if Name.Names not in root:
                root.Names = Dictionary()
            root.Names.Dests = _name_tree(self._names)
        if self._outlines:
            top: list[Any] = []
            for outline in self._outlines:
                _hang(top, _bookmarks(outline))
            root.Outlines = self._outlines[0]
            _link(root.Outlines, top)

    def _add_tags(self, tree: Any, shift: int) -> None:
        """Hang a part's elements under the document's, and its marks into the parent tree."""
        first = self._tree
        top, children = first.K[0], kids(tree.K[0])
        for child in children:
            child.P = top
        top.K = Array([*kids(top), *children])
        numbers = first.ParentTree.Nums
        added = list(tree.ParentTree.Nums)
        for key, owner in zip(added[::2], added[1::2], strict=True):
            numbers.append(int(key) + shift)
            numbers.append(owner)
        first.ParentTreeNextKey = shift + int(tree.ParentTreeNextKey)
        if Name.IDTree in tree:
            first.IDTree = _name_tree({**dict(_pairs(first.get(Name.IDTree))), **dict(_pairs(tree.IDTree))})

    def _share(self, resources: Any) -> None:
        """Put charts in their places; use streams that are there already in place of equal ones."""
        forms = resources.get(Name.XObject, {})
        for name in list(forms.keys()):
            picture = self._pictures.get(name.removeprefix("/"))
            form = forms[name] if picture is None else self._form(picture)
            forms[name] = self._streams.setdefault(_content(form), form)
        spaces = resources.get(Name.ColorSpace, {})
        for name in list(spaces.keys()):
            if spaces[name][0] == Name.ICCBased:
                spaces[name] = Array([Name.ICCBased, self._profile])

    def _form(self, picture: Picture) -> Any:
        """A chart as a form with what it draws by name."""
        states = {name: Dictionary({f"/{key}": opacity}) for name, (key, opacity) in picture.states.items()}
        shapes = {name: self._outline(name, outline) for name, outline in picture.shapes.items()}
        resources = Dictionary(
            XObject=Dictionary({f"/{name}": shape for name, shape in shapes.items()}),
            ExtGState=Dictionary({f"/{name}": state for name, state in states.items()}),
        )
        return self._whole.make_indirect(
            pikepdf.Stream(
                self._whole,
                b"\n".join(picture.operators),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array(picture.view),
                Resources=resources,
            )
        )

    def _outline(self, name: str, outline: Outline) -> Any:
        """A shared outline as a form: a path filled with the colour in force."""
        if name not in self._shapes:
            self._shapes[name] = self._whole.make_indirect(
                pikepdf.Stream(
                    self._whole,
                    outline.operators + b" f",
                    Type=Name.XObject,
                    Subtype=Name.Form,
                    BBox=Array([round(edge, 2) for edge in outline.box]),
                    Resources=Dictionary(),
                )
            )
        return self._shapes[name]


def _content(stream: Any) -> bytes:
    """Digest of a stream with its dictionary."""
    return hashlib.sha256(stream.stream_dict.unparse() + stream.read_raw_bytes()).digest()


def _destinations(root: Any) -> Any:
    return root.Names.get(Name.Dests) if Name.Names in root else None


def _pairs(tree: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a flat name tree."""
    if tree is not None:
        items = list(tree.Names)
        yield from zip(map(str, items[::2]), items[1::2], strict=True)


def _name_tree(values: Mapping[str, Any]) -> Any:
    """A flat name tree."""
    return Dictionary(Names=Array([part for name in sorted(values) for part in (name, values[name])]))


def _bookmarks(parent: Any) -> list[Any]:
    """The bookmarks directly below another, or below an outline."""
    found, item = [], parent.get(Name.First)
    while item is not None:
        found.append(item)
        item = item.get(Name.Next)
    return found


def _hang(present: list[Any], added: Sequence[Any]) -> None:
    """Put bookmarks behind those present; those below one without words go below the last of these, or take its place."""
    for item in added:
        if str(item.Title) != GOING_ON:
            present.append(item)
        elif present:
            inner = _bookmarks(present[-1])
            _hang(inner, _bookmarks(item))
            _link(present[-1], inner)
        else:
            _hang(present, _bookmarks(item))


def _link(parent: Any, items: Sequence[Any]) -> None:
    """Make these the bookmarks below a parent; it stays open, or closed."""
    for item in items:
        item.Parent = parent
        for name in (Name.Prev, Name.Next):
            if name in item:
                del item[name]
    for former, following in pairwise(items):
        former.Next, following.Prev = following, former
    parent.First, parent.Last = items[0], items[-1]
    seen = sum(1 + max(int(item.get(Name.Count, 0)), 0) for item in items)
    parent.Count = -seen if int(parent.get(Name.Count, 0)) < 0 else seen
