"""What a PDF/A-3a and PDF/UA-1 file must hold, checked on the finished bytes.

Goes in: an open PDF of this typesetter. Comes out: findings; none means the claims in its metadata may stand. The rules are those of
ISO 19005-3 and ISO 14289-1 that a machine can see and that this program could break; ``pdfua`` checks others in the tests.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import pikepdf
from fontTools.ttLib import TTFont

from reporter.domain.errors import Finding
from reporter.pdf.matterhorn import check_matterhorn
from reporter.pdf.tagged import code_texts, finding, fonts, inside, kids, page_content, parent_tree, structure

# Operators of a content stream that open, close or need a mark. Strings are hexadecimal, so no operator hides in them.
_OPERATOR = re.compile(
    rb"/([\w#]+)\s*(<<.*?>>)?\s*B[DM]C\b|\b(EMC|TJ|Tj|Do|sh|f\*?|F|S|s|B\*?|b\*?)(?=\s|$)", re.DOTALL
)
_MCID = re.compile(rb"/MCID\s+(\d+)")
_FORBIDDEN_KEYS = ("/AA", "/OpenAction", "/Encrypt")
_GRID = {
    "/Table": {"/Caption", "/THead", "/TBody", "/TFoot", "/TR"},
    "/TR": {"/TH", "/TD"},
    "/L": {"/LI", "/Caption"},
}
_GRID |= {"/LI": {"/Lbl", "/LBody"}, "/TOC": {"/TOC", "/TOCI", "/Caption"}}


@lru_cache(maxsize=1)
def breaches(pdf: bytes) -> tuple[Finding, ...]:
    """All findings on finished bytes; the same bytes, as they go from the typesetter to the checks, are judged once."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return tuple(check_conformance(opened))


def check_conformance(pdf: pikepdf.Pdf) -> list[Finding]:
    """All findings against PDF/A-3a and PDF/UA-1."""
    elements = list(structure(pdf.Root.get("/StructTreeRoot")))
    return [
        *_catalogue(pdf),
        *_metadata(pdf),
        *_fonts(pdf),
        *_content(pdf, elements),
        *_elements(elements),
        *_annotations(pdf),
        *_files(pdf),
        *check_matterhorn(pdf),
    ]


def _catalogue(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    root = pdf.Root
    wanted = {
        "language": "/Lang" in root and str(root.Lang) != "",
        "marked": "/MarkInfo" in root and bool(root.MarkInfo.get("/Marked", False)),
        "title": "/ViewerPreferences" in root and bool(root.ViewerPreferences.get("/DisplayDocTitle", False)),
        "structure": "/StructTreeRoot" in root,
        "identifier": "/ID" in pdf.trailer,
        "intent": [str(intent.S) for intent in root.get("/OutputIntents", [])] == ["/GTS_PDFA1"],
        "tab order": all(page.obj.get("/Tabs") == pikepdf.Name.S for page in pdf.pages),
    }
    for name, holds in wanted.items():
        if not holds:
            yield finding("catalogue", f"เอกสารขาดส่วนประกอบ {name}", f"The document lacks its {name}.", name)
    for key in _FORBIDDEN_KEYS:
        if key in root or key in pdf.trailer:
            yield finding("catalogue", f"พบ {key} ซึ่ง PDF/A ไม่อนุญาต", f"PDF/A forbids {key}.", key)


def _metadata(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """The XMP is well-formed, claims both standards, and says what the document information says."""
    try:
        packet = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())
    except (ElementTree.ParseError, AttributeError) as error:
        yield finding("xmp", f"อ่านข้อมูลกำกับเอกสารไม่ได้: {error}", f"The XMP cannot be read: {error}.")
        return
    texts = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in packet.iter()}
    titles = {(item.text or "") for item in packet.iter() if item.tag.endswith("}li")}
    if (texts.get("part"), texts.get("conformance")) == (None, None):
        yield finding("xmp", "ข้อมูลกำกับไม่ได้ระบุ PDF/A และ PDF/UA", "The XMP claims neither PDF/A nor PDF/UA.")
    for key in ("/Title", "/Author", "/Subject"):
        if str(pdf.docinfo.get(key, "")) not in titles:
            yield finding(
                "xmp", f"{key} ใน XMP ไม่ตรงกับเอกสาร", f"{key} differs between XMP and document.", key
            )


def _fonts(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Every font is embedded, every code has a text, every width is the font's own."""
    for font in fonts(pdf):
        name = str(font.BaseFont)
        descendant = font.DescendantFonts[0]
        if "/FontFile2" not in descendant.FontDescriptor or "/ToUnicode" not in font:
            yield finding("font", f"ฟอนต์ {name} ไม่ได้ฝังในไฟล์", f"Font {name} is not embedded.", name)
            continue
        texts = code_texts(font)
        widths = _widths(descendant.W)
        embedded = TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()))
        metrics, order = embedded["hmtx"].metrics, embedded.getGlyphOrder()
        scale = 1000 / embedded["head"].unitsPerEm
        for code, width in widths.items():
            if not texts.get(code):
                yield finding(
                    "font",
                    f"รหัส {code} ของ {name} ไม่มีข้อความ",
                    f"Code {code} of {name} has no text.",
                    str(code),
                )
            if abs(metrics[order[code]][0] * scale - width) > 1:
                yield finding(
                    "font",
                    f"ความกว้างรหัส {code} ของ {name} ไม่ตรง",
                    f"Width of code {code} of {name} differs.",
                    str(code),
                )


def _widths(array: Any) -> dict[int, float]:
    """Code -> width, from a W array of ``first [widths]`` groups."""
    widths: dict[int, float] = {}
    for first, run in zip(list(array)[::2], list(array)[1::2], strict=True):
        widths.update({int(first) + place: float(width) for place, width in enumerate(run)})
    return widths


def _content(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[Finding]:
    """All content is marked, no mark is nested, and marks and structure elements name each other."""
    owned: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)  # page -> mark -> how many own it
    for element in elements:
        for kid in kids(element):
            if isinstance(kid, int):
                owned[element.Pg.objgen][kid] += 1
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == pikepdf.Name.MCR:
                owned[kid.get("/Pg", element.get("/Pg")).objgen][int(kid.MCID)] += 1
    parents = parent_tree(pdf)
    for number, page in enumerate(pdf.pages, start=1):
        marks, problems = marked_sequences(page_content(page))
        for problem in problems:
            yield finding("content", f"หน้า {number}: {problem}", f"Page {number}: {problem}.", str(number))
        in_tree = {mcid for mcid, times in owned[page.obj.objgen].items() if times == 1}
        known = parents.get(int(page.obj.get("/StructParents", -1)))
        if (
            set(marks) != in_tree
            or len(marks) != len(set(marks))
            or known is None
            or len(known) != len(marks)
        ):
            yield finding(
                "structure",
                f"หน้า {number}: ป้ายกำกับกับโครงสร้างไม่ตรงกัน",
                f"Page {number}: marks and structure differ.",
                str(number),
            )


def marked_sequences(content: bytes) -> tuple[list[int], list[str]]:
    """The marked-content numbers of a stream in order, and what is wrong: unmarked or doubly marked content."""
    marks: list[int] = []
    problems: set[str] = set()
    depth = 0
    for match in _OPERATOR.finditer(content):
        if match[1]:
            depth += 1
            if depth > 1:
                problems.add("nested marks")
            mcid = _MCID.search(match[2] or b"")
            if mcid:
                marks.append(int(mcid[1]))
            elif match[1] != b"Artifact":
                problems.add("mark without number")
        elif match[3] == b"EMC":
            depth -= 1
        elif depth < 1:
            problems.add("unmarked content")
    if depth:
        problems.add("unbalanced marks")
    return marks, sorted(problems)


def _elements(elements: list[Any]) -> Iterator[Finding]:
    """Alternate texts, scopes, headers, identifiers, order of headings, what may stand in what."""
    identifiers = Counter(str(element.ID) for element in elements if "/ID" in element)
    level = 0
    for element in elements:
        kind = str(element.S)
        if kind == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield finding("alt", "รูปไม่มีคำบรรยาย", "A figure has no alternate text.")
        if kind == "/Note" and "/ID" not in element:
            yield finding("note", "เชิงอรรถไม่มีรหัส", "A note has no identifier.")
        if kind in ("/TH", "/TD"):
            yield from _cell(element, kind, identifiers)
        if re.fullmatch("/H[1-6]", kind):
            if int(kind[2]) > level + 1:
                yield finding(
                    "heading",
                    f"ข้ามระดับหัวข้อจาก {level} ไป {kind[2]}",
                    f"Headings skip from {level} to {kind[2]}.",
                )
            level = int(kind[2])
        for kid in kids(element):
            if kind in _GRID and not (
                isinstance(kid, pikepdf.Dictionary) and str(kid.get("/S")) in _GRID[kind]
            ):
                yield finding(
                    "nesting", f"พบส่วนที่ไม่อนุญาตใน {kind}", f"{kind} holds what it may not hold.", kind
                )
    for name, times in identifiers.items():
        if times > 1:
            yield finding("identifier", f"รหัส {name} ซ้ำ", f"Identifier {name} is used {times} times.", name)


def _cell(element: Any, kind: str, identifiers: Counter[str]) -> Iterator[Finding]:
    attributes = element.get("/A", {})
    if kind == "/TH" and "/Scope" not in attributes:
        yield finding("scope", "หัวตารางไม่มีขอบเขต", "A header cell has no scope.")
    for header in attributes.get("/Headers", []):
        if str(header) not in identifiers:
            yield finding(
                "headers",
                f"เซลล์อ้างหัวตาราง {header} ที่ไม่มี",
                f"A cell names a header {header} that is not there.",
            )


def _annotations(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Links say where they lead, print, and belong to a Link element; their destinations exist."""
    parents = parent_tree(pdf)
    names = {str(name) for name in list(inside(pdf.Root, "/Names", "/Dests", "/Names") or ())[::2]}
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in page.obj.get("/Annots", []):
            owner = parents.get(int(annotation.get("/StructParent", -1)))
            sound = (
                str(annotation.get("/Contents", "")).strip()
                and int(annotation.get("/F", 0)) & 4
                and owner is not None
                and str(owner.S) == "/Link"
                and ("/Dest" not in annotation or str(annotation.Dest) in names)
            )
            if not sound:
                yield finding(
                    "link", f"หน้า {number}: ลิงก์ไม่สมบูรณ์", f"Page {number}: a link is incomplete.", str(number)
                )


def _files(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Attached files are associated with the document and say what they are."""
    embedded = list(inside(pdf.Root, "/Names", "/EmbeddedFiles", "/Names") or ())[1::2]
    associated = {spec.objgen for spec in pdf.Root.get("/AF", [])}
    for spec in embedded:
        if spec.objgen not in associated or "/AFRelationship" not in spec or "/Subtype" not in spec.EF.F:
            name = str(spec.get("/UF", ""))
            yield finding("attachment", f"ไฟล์แนบ {name} ไม่สมบูรณ์", f"Attachment {name} is incomplete.", name)
