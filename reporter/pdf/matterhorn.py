"""Checkpoints of the Matterhorn Protocol that a machine can decide and that ``pdfua`` does not evaluate.

Goes in: an open PDF of this typesetter. Comes out: findings whose rule names the checkpoint (``pdf.matterhorn.14-002``). Source: Matterhorn
Protocol 1.02 (failure conditions of PDF/UA-1), ISO 32000-1 14.7 to 14.9. What conformance.py checks already is not repeated here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont

from reporter.domain.errors import Finding
from reporter.pdf.structure import (
    code_texts,
    finding,
    fonts,
    identity,
    inside,
    kids,
    page_content,
    parent_tree,
    structure,
)

_STANDARD = frozenset(
    [
        "Document",
        "Part",
        "Art",
        "Sect",
        "Div",
        "BlockQuote",
        "Caption",
        "TOC",
        "TOCI",
        "Index",
        "NonStruct",
        "Private",
        "P",
        "H",
        "H1",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "L",
        "LI",
        "Lbl",
        "LBody",
        "Table",
        "TR",
        "TH",
        "TD",
        "THead",
        "TBody",
        "TFoot",
        "Span",
        "Quote",
        "Note",
        "Reference",
        "BibEntry",
        "Code",
        "Link",
        "Annot",
        "Ruby",
        "RB",
        "RT",
        "RP",
        "Warichu",
        "WT",
        "WP",
        "Figure",
        "Formula",
        "Form",
    ]
)
_PARENTS = {
    "LI": {"L"}, "Lbl": {"LI", "Note", "P", "TOCI"}, "LBody": {"LI"}, "TOCI": {"TOC"},
    "TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}, "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"},
}  # fmt: skip
_CHILDREN = {"THead": {"TR"}, "TBody": {"TR"}, "TFoot": {"TR"}}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9a-f]+)>")
_ANNOTATIONS = {"/Link"}  # the only kind this program writes

Problem = tuple[str, str, str]  # checkpoint, Thai, English
Check = Callable[[pikepdf.Pdf, list[Any]], Iterator[Problem]]


def check_matterhorn(pdf: pikepdf.Pdf) -> list[Finding]:
    """All findings; each problem of a checkpoint once."""
    elements = list(structure(pdf.Root.get("/StructTreeRoot")))
    problems = dict.fromkeys(problem for check in CHECKS for problem in check(pdf, elements))
    return [finding(f"matterhorn.{point}", th, en) for point, th, en in problems]


def _type(element: Any) -> str:
    return str(element.S).removeprefix("/")


def _roles(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """01-007, 02-001, 02-003, 02-004: nothing suspect, standard types only, no role map that could change them."""
    if bool(inside(pdf.Root, "/MarkInfo", "/Suspects")):
        yield "01-007", "เอกสารระบุว่าป้ายกำกับไม่แน่นอน", "The document calls its tags suspect."
    if inside(pdf.Root, "/StructTreeRoot", "/RoleMap"):
        yield "02-004", "พบการกำหนดชนิดป้ายใหม่", "There is a role map."
    for kind in sorted({_type(element) for element in elements} - _STANDARD):
        yield "02-001", f"ป้าย {kind} ไม่ใช่ชนิดมาตรฐาน", f"Type {kind} is not a standard one."


def _nesting(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """09-004, 09-005, 09-006: parts of tables, lists and contents stand only where they may; nothing is empty."""
    for element in elements:
        kind, own = _type(element), kids(element)
        above = _type(element.P) if "/S" in element.P else "StructTreeRoot"
        if above not in _PARENTS.get(kind, {above}):
            yield "09-004", f"พบ {kind} ใน {above}", f"{kind} stands in {above}."
        allowed = _CHILDREN.get(kind)
        if allowed and any(
            not isinstance(kid, pikepdf.Dictionary) or str(kid.get("/S", ""))[1:] not in allowed
            for kid in own
        ):
            yield "09-004", f"พบส่วนที่ไม่อนุญาตใน {kind}", f"{kind} holds what it may not hold."
        if not own and kind not in ("TD", "TH"):
            yield "09-008", f"ป้าย {kind} ว่าง", f"A {kind} holds nothing."


def _tables(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """15-003: every table is regular, and every data cell finds its headers."""
    for table in elements:
        if _type(table) != "Table":
            continue
        rows = [element for element in structure(table) if _type(element) == "TR"]
        widths: list[int] = []
        open_cells: dict[int, int] = {}
        for number, row in enumerate(rows):
            spans = [(_span(cell, "/ColSpan"), _span(cell, "/RowSpan")) for cell in kids(row)]
            widths.append(sum(columns for columns, _ in spans) + open_cells.pop(number, 0))
            for columns, height in spans:
                for below in range(number + 1, number + height):
                    open_cells[below] = open_cells.get(below, 0) + columns
        if len(set(widths)) > 1:
            yield "09-004", "แถวของตารางกว้างไม่เท่ากัน", f"Rows of a table have {sorted(set(widths))} columns."
        cells = [cell for row in rows for cell in kids(row)]
        if not any(_type(cell) == "TH" for cell in cells):
            yield "15-003", "ตารางไม่มีหัวตาราง", "A table has no header cell."
        for cell in cells:
            whole_row = _span(cell, "/ColSpan") == max(widths)
            if _type(cell) == "TD" and not whole_row and not list(inside(cell, "/A", "/Headers") or ()):
                yield "15-003", "เซลล์ไม่มีหัวตาราง", "A data cell names no header."


def _span(cell: Any, key: str) -> int:
    return int(inside(cell, "/A", key) or 1)


def _headings(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """14-002, 14-006, 14-007: the first heading is of the first level; only numbered headings."""
    kinds = [_type(element) for element in elements if re.fullmatch("H[1-6]?", _type(element))]
    if kinds and kinds[0] != "H1":
        yield "14-002", f"หัวข้อแรกเป็น {kinds[0]}", f"The first heading is {kinds[0]}."
    if "H" in kinds:
        yield "14-007", "พบหัวข้อที่ไม่มีระดับ", "A heading has no level."


def _languages(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """11-001 to 11-006: a language for all text, outlines, alternate texts and link descriptions, well-formed everywhere."""
    named = [pdf.Root.get("/Lang"), *(element.Lang for element in elements if "/Lang" in element)]
    for language in {str(value or "") for value in named}:
        if not _LANGUAGE.fullmatch(language):
            yield "11-001", f"ไม่รู้จักภาษา “{language}”", f"No language: “{language}”."


def _figures(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """13-004 is conformance.py's; here: every figure says which part of its page it takes."""
    boxes = {page.obj.objgen: [float(edge) for edge in page.mediabox] for page in pdf.pages}
    for element in elements:
        if _type(element) != "Figure":
            continue
        box = [float(edge) for edge in inside(element, "/A", "/BBox") or ()]
        page = boxes.get(element.Pg.objgen) if "/Pg" in element else None
        if len(box) != 4 or page is None or not _within(box, page):
            yield "13-004", "รูปไม่บอกตำแหน่งบนหน้า", "A figure has no box within its page."


def _within(box: list[float], page: list[float]) -> bool:
    left, bottom, right, top = box
    return page[0] - 1 <= left < right <= page[2] + 1 and page[1] - 1 <= bottom < top <= page[3] + 1


def _parents(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """01-004 and ISO 32000-1 14.7.4.4: the parent tree leads from every mark and annotation to the element that owns it."""
    owners: dict[tuple[Any, int], Any] = {}
    objects: dict[Any, Any] = {}
    for element in elements:
        for kid in kids(element):
            if isinstance(kid, int):
                owners[element.Pg.objgen, int(kid)] = identity(element)
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == pikepdf.Name.MCR:
                owners[kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)] = identity(element)
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == pikepdf.Name.OBJR:
                objects[identity(kid.Obj)] = identity(element)
    tree = parent_tree(pdf)
    seen: set[int] = set()
    for number, page in enumerate(pdf.pages, start=1):
        key = int(page.obj.get("/StructParents", -1))
        listed = list(tree.get(key) or ())
        wrong = any(
            owners.get((page.obj.objgen, mcid)) != identity(owner) for mcid, owner in enumerate(listed)
        )
        for annotation in page.obj.get("/Annots", []):
            own = int(annotation.get("/StructParent", -1))
            wrong |= own in seen or objects.get(identity(annotation)) != identity(tree.get(own))
            seen.add(own)
        if wrong or key in seen:
            yield (
                "01-004",
                f"หน้า {number}: ป้ายกับเจ้าของไม่ตรงกัน",
                f"Page {number}: the parent tree names other owners.",
            )
        seen.add(key)


def _identifiers(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """19-003, 19-004: every identifier is found through the tree of identifiers."""
    listed = list(inside(pdf.Root, "/StructTreeRoot", "/IDTree", "/Names") or ())
    known = {str(name): identity(owner) for name, owner in zip(listed[::2], listed[1::2], strict=True)}
    for element in elements:
        if "/ID" in element and known.get(str(element.ID)) != identity(element):
            yield (
                "19-004",
                f"ไม่พบรหัส {element.ID} ในดัชนีรหัส",
                f"Identifier {element.ID} is not in the identifier tree.",
            )


def _annotations(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """25-001, 28-002 to 28-018: links only, no forms, media or marks of the printer."""
    if "/AcroForm" in pdf.Root:
        yield "25-001", "เอกสารมีแบบฟอร์ม", "The document has a form."
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", []):
            if str(annotation.Subtype) not in _ANNOTATIONS:
                yield "28-002", f"พบ {annotation.Subtype}", f"There is an annotation {annotation.Subtype}."


def _layers(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """20-001 to 20-003, 30-001, 30-002: no layers; forms neither refer to other files nor hold marks."""
    if "/OCProperties" in pdf.Root:
        yield "20-001", "เอกสารมีเลเยอร์", "The document has layers."
    for name, form in _forms(page.obj for page in pdf.pages).items():
        if "/Ref" in form:
            yield "30-001", f"แบบ {name} อ้างแฟ้มอื่น", f"Form {name} refers to another file."
        if str(form.get("/Subtype")) == "/Form" and b"/MCID" in form.read_bytes():
            yield "30-002", f"แบบ {name} มีป้ายกำกับ", f"Form {name} holds marked content."


def _forms(holders: Iterable[Any]) -> dict[Any, Any]:
    """Forms and images that pages name, and what these name."""
    found: dict[Any, Any] = {}
    waiting = list(holders)
    while waiting:
        for form in (inside(waiting.pop(), "/Resources", "/XObject") or {}).values():
            if identity(form) not in found:
                found[identity(form)] = form
                waiting.append(form)
    return found


def _files(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """21-001: attached files have both names."""
    for spec in list(inside(pdf.Root, "/Names", "/EmbeddedFiles", "/Names") or ())[1::2]:
        if not str(spec.get("/F", "")) or not str(spec.get("/UF", "")):
            yield "21-001", "แฟ้มแนบไม่มีชื่อ", "An attached file has no name."


def _outlines(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """11-003: every bookmark has words and leads somewhere."""
    names = {str(name) for name in list(inside(pdf.Root, "/Names", "/Dests", "/Names") or ())[::2]}
    item, stack = inside(pdf.Root, "/Outlines", "/First"), []
    while item is not None:
        target = item.get("/Dest")
        lost = isinstance(target, pikepdf.String) and str(target) not in names
        if not str(item.get("/Title", "")).strip() or lost or (target is None and "/A" not in item):
            yield "11-003", "ที่คั่นหน้าไม่สมบูรณ์", "A bookmark has no words or leads nowhere."
        if "/Next" in item:
            stack.append(item.Next)
        item = item.get("/First") or (stack.pop() if stack else None)


def _fonts(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Problem]:
    """31-001 to 31-009, 31-027 to 31-030: CID fonts are whole, and every code shown has a glyph and a text."""
    shown: dict[Any, set[int]] = {}
    for page in pdf.pages:
        resources, current = inside(page.obj, "/Resources", "/Font") or {}, set[int]()
        for match in _SHOWN.finditer(page_content(page)):
            if match[1]:
                current = shown.setdefault(identity(resources["/" + match[1].decode()]), set())
            else:
                digits = match[2].decode()
                current.update(int(digits[at : at + 4], 16) for at in range(0, len(digits), 4))
    for font in fonts(pdf):
        name, inner = str(font.BaseFont), font.DescendantFonts[0]
        if str(font.Encoding) != "/Identity-H" or str(inner.CIDSystemInfo.Ordering) != "Identity":
            yield "31-001", f"รหัสของฟอนต์ {name} ไม่ตรงกัน", f"Codes of font {name} do not fit its characters."
        if str(inner.Subtype) == "/CIDFontType2" and "/CIDToGIDMap" not in inner:
            yield "31-004", f"ฟอนต์ {name} ไม่มี CIDToGIDMap", f"Font {name} has no CIDToGIDMap."
        glyphs = TTFont(io.BytesIO(inner.FontDescriptor.FontFile2.read_bytes()))["maxp"].numGlyphs
        texts, codes = code_texts(font), shown.get(identity(font), set())
        if any(not 0 < code < glyphs for code in codes):
            yield "31-030", f"ฟอนต์ {name} ใช้รหัสที่ไม่มีรูปอักษร", f"Font {name} shows codes without a glyph."
        if any(not texts.get(code) for code in codes):
            yield "31-027", f"ฟอนต์ {name} มีรหัสที่ไม่มีข้อความ", f"Font {name} shows codes without a text."
        if any(set(text) & set("\x00\ufeff\ufffe") for text in texts.values()):
            yield "31-028", f"ฟอนต์ {name} ให้ข้อความต้องห้าม", f"Font {name} gives a forbidden character."


CHECKS: tuple[Check, ...] = (
    _roles, _nesting, _tables, _headings, _languages, _figures, _parents, _identifiers, _annotations, _layers, _files, _outlines, _fonts,
)  # fmt: skip
