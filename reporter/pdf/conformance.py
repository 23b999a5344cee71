"""Checks of the finished PDF: text that every reader finds, and conformance with the standards that the file claims.

Goes in: the bytes, and the HTML or phrases they were made from. Comes out: findings. Readers: PDFium, as Chrome; our own, which
knows nothing but the fonts' ToUnicode maps, as pypdf and pdf.js do; for a second opinion poppler's pdftotext where it is installed.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pikepdf
import pypdfium2
import tinyhtml5
from fontTools.ttLib import TTFont
from pythainlp.tokenize import word_tokenize

from reporter.domain.errors import Finding
from reporter.domain.thai import INLINE

_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9a-f]+)>|(Tm)\b")
_IGNORED = re.compile(
    "[\\s\u00ad\u200b\u2060\ufeff\u0000-\u001f\ufffe\u2010]+"
)  # spacing, and the hyphen at a line's end
_PIECE = 8  # letters: shorter ones stand in any report
PAGE_END = "\f"  # between pages, as pdftotext writes it
_NEAR = 5_000  # characters
_HYPHEN = "[\u00ad\u2010\ufffe]"  # at the end of a line, as the readers give it
_FOOT_AND_HEAD = 600  # characters of running lines between two pages, at most
_LISTED = 20  # words named in a finding


def check(
    pdf: bytes, expected_text: str | Iterable[str], *, bookmarks: int = 0, second_opinion: bool = True
) -> list[Finding]:
    """All findings on a finished PDF: lost words in any reader at hand, and breaches of PDF/A-3a and PDF/UA-1.

    expected_text   phrases that must be found again, or the HTML they stand in
    bookmarks       how many bookmarks there must be at least
    second_opinion  whether poppler reads the file too, where it is installed
    """
    phrases = html_phrases(expected_text) if isinstance(expected_text, str) else list(expected_text)
    against = [*breaches(pdf), *_too_few(pdf, bookmarks)]
    found: list[Finding] = []
    for reader, text in readings(pdf, second_opinion=second_opinion).items():
        lost = lost_phrases(phrases, text)
        if lost:
            listed = ", ".join(lost[:_LISTED])
            found.append(
                finding(
                    f"text.{reader}",
                    f"ข้อความ {len(lost)} จาก {len(phrases)} ส่วนอ่านกลับไม่ได้ด้วย {reader}: {listed}",
                    f"{len(lost)} of {len(phrases)} phrases are lost to {reader}: {listed}",
                )
            )
    return [*found, *against]


def _too_few(pdf: bytes, bookmarks: int) -> list[Finding]:
    """A finding where there are fewer bookmarks than there must be."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        count = sum(1 for item in _flat(outline.root))
    if count >= bookmarks:
        return []
    message = (f"มีที่คั่นหน้า {count} แห่ง น้อยกว่า {bookmarks}", f"{count} bookmarks, fewer than {bookmarks}.")
    return [Finding("error", WHERE, *message, rule="pdf.bookmarks")]


def _flat(items: Iterable[pikepdf.OutlineItem]) -> Iterable[pikepdf.OutlineItem]:
    for item in items:
        yield item
        yield from _flat(item.children)


def html_phrases(html: str | Element) -> list[str]:
    """The pieces between spaces of every running text of an HTML document or its tree, in order, each once."""
    texts: list[str] = []
    _collect(tinyhtml5.parse(html, namespace_html_elements=False) if isinstance(html, str) else html, texts)
    return list(dict.fromkeys(piece for text in texts for piece in text.split()))


def _collect(element: Element, texts: list[str]) -> None:
    """Running texts below an element; a block ends the text before it."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if (
        not tag
        or tag in ("head", "script", "style", "template")
        or tag.startswith("{")
        or element.get("hidden") is not None
    ):
        return
    block = tag not in INLINE or "footnote" in element.get("class", "").split()
    if block or not texts:
        texts.append("")
    texts[-1] += element.text or ""
    for child in element:
        _collect(child, texts)
        if isinstance(child.tag, str) and (
            child.tag not in INLINE or "footnote" in child.get("class", "").split()
        ):
            texts.append("")
        texts[-1] += child.tail or ""


def bare(text: str) -> str:
    """Text without spacing and steering characters, for comparison."""
    return _IGNORED.sub("", text)


def lost_phrases(phrases: Iterable[str], text: str) -> list[str]:
    """Phrases that a text does not hold. A phrase cut by the end of a page counts in two pieces, else word by word."""
    read = bare(text)
    lost, place = [], 0
    for phrase in phrases:
        wanted = bare(phrase)
        # most stand shortly behind the one before
        found = read.find(wanted, place, place + _NEAR)
        place = found if found >= 0 else max(read.find(wanted), 0)
        is_there = (
            read.startswith(wanted, place)
            or _is_cut_once(wanted, read)
            or _is_cut_by_page(wanted, text)
            or _is_hyphenated(wanted, text)
        )
        # at last by words: loading their dictionary takes half a second
        if not is_there and not all(bare(word) in read for word in word_tokenize(phrase)):
            lost.append(phrase)
    return lost


def _is_cut_once(wanted: str, read: str) -> bool:
    """Whether a text holds the beginning of a phrase in one piece and the rest in another, both long enough not to be there by chance."""
    start = bisect(range(1, len(wanted) + 1), 0, key=lambda length: wanted[:length] not in read)
    return min(start, len(wanted) - start) >= _PIECE and wanted[start:] in read


def _is_cut_by_page(wanted: str, text: str) -> bool:
    """Whether a phrase begins at the foot of a page and its rest, however short, is the first thing on the next.

    Between two Latin letters no line ends without a hyphen.
    """
    parts = [
        (wanted[:length], wanted[length:])
        for length in range(1, len(wanted))
        if not (wanted[length - 1 : length + 1].isascii() and wanted[length - 1 : length + 1].isalpha())
    ]
    for page in re.finditer(PAGE_END, text):
        foot = bare(text[max(page.start() - _FOOT_AND_HEAD, 0) : page.start()])
        head = bare(text[page.end() : page.end() + _FOOT_AND_HEAD])
        if any(head.startswith(rest) and first in foot for first, rest in parts):
            return True
    return False


def _is_hyphenated(wanted: str, text: str) -> bool:
    """Whether a hyphen divides a word at the end of a page, so that the lines at the foot and the head of pages stand between its parts."""
    divided = (
        (wanted[length:], match.end())
        for length in range(2, len(wanted) - 1)
        for match in re.finditer(re.escape(wanted[:length]) + _HYPHEN, text)
    )
    return any(rest in bare(text[end : end + _FOOT_AND_HEAD]) for rest, end in divided)


def readings(pdf: bytes, *, second_opinion: bool = True) -> Mapping[str, str]:
    """Reader -> all text it finds; poppler, the slowest, only for a second opinion and where it is installed."""
    found = {"tounicode": mapped_text(pdf), "pdfium": _pdfium_text(pdf)}
    if second_opinion and shutil.which("pdftotext"):
        found["poppler"] = _poppler_text(pdf)
    return found


def _poppler_text(pdf: bytes) -> str:
    command = ["pdftotext", "-enc", "UTF-8", "-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=False)
    return done.stdout.decode(errors="replace")


def _pdfium_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for page in document:
        reading = page.get_textpage()
        texts.append(reading.get_text_range())
        reading.close()
        page.close()
    document.close()
    return PAGE_END.join(texts)


def mapped_text(pdf: bytes) -> str:
    """The text that a reader gets who knows only the fonts' ToUnicode maps, in the order of drawing."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        maps: dict[tuple[int, int], dict[int, str]] = {}
        return PAGE_END.join(_page_text(page, maps) for page in opened.pages)


def _page_text(page: pikepdf.Page, maps: dict[tuple[int, int], dict[int, str]]) -> str:
    resources = inside(page.obj, "/Resources", "/Font")
    current: dict[int, str] = {}
    parts: list[str] = []
    for match in _SHOWN.finditer(page_content(page)):
        if match[1]:
            font = resources["/" + match[1].decode()]
            if font.objgen not in maps:
                maps[font.objgen] = code_texts(font)
            current = maps[font.objgen]
        elif match[2]:
            digits = match[2].decode()
            parts += [
                current.get(int(digits[place : place + 4], 16), "\ufffd")
                for place in range(0, len(digits), 4)
            ]
        else:
            parts.append("\n")
    return "".join(parts)


# ----------------------------------------------------------------------------------------------------
# What a PDF/A-3a and PDF/UA-1 file must hold, checked on the finished bytes.
#
# Goes in: an open PDF of this typesetter. Comes out: findings; none means the claims in its metadata may stand. The rules are those of
# ISO 19005-3 and ISO 14289-1 that a machine can see and that this program could break; ``pdfua`` checks others in the tests.
# ----------------------------------------------------------------------------------------------------

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


# ----------------------------------------------------------------------------------------------------
# Checkpoints of the Matterhorn Protocol that a machine can decide and that ``pdfua`` does not evaluate.
#
# Goes in: an open PDF of this typesetter. Comes out: findings whose rule names the checkpoint (``pdf.matterhorn.14-002``). Source: Matterhorn
# Protocol 1.02 (failure conditions of PDF/UA-1), ISO 32000-1 14.7 to 14.9. What conformance.py checks already is not repeated here.
# ----------------------------------------------------------------------------------------------------

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
_SHOWN_CODES = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9a-f]+)>")
_ANNOTATIONS = {"/Link"}  # the only kind this program writes

ConformanceProblem = tuple[str, str, str]  # checkpoint, Thai, English
ConformanceCheck = Callable[[pikepdf.Pdf, list[Any]], Iterator[ConformanceProblem]]


def check_matterhorn(pdf: pikepdf.Pdf) -> list[Finding]:
    """All findings; each problem of a checkpoint once."""
    elements = list(structure(pdf.Root.get("/StructTreeRoot")))
    problems = dict.fromkeys(problem for check in CHECKS for problem in check(pdf, elements))
    return [finding(f"matterhorn.{point}", th, en) for point, th, en in problems]


def _type(element: Any) -> str:
    return str(element.S).removeprefix("/")


def _roles(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """01-007, 02-001, 02-003, 02-004: nothing suspect, standard types only, no role map that could change them."""
    if bool(inside(pdf.Root, "/MarkInfo", "/Suspects")):
        yield "01-007", "เอกสารระบุว่าป้ายกำกับไม่แน่นอน", "The document calls its tags suspect."
    if inside(pdf.Root, "/StructTreeRoot", "/RoleMap"):
        yield "02-004", "พบการกำหนดชนิดป้ายใหม่", "There is a role map."
    for kind in sorted({_type(element) for element in elements} - _STANDARD):
        yield "02-001", f"ป้าย {kind} ไม่ใช่ชนิดมาตรฐาน", f"Type {kind} is not a standard one."


def _nesting(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _tables(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _headings(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """14-002, 14-006, 14-007: the first heading is of the first level; only numbered headings."""
    kinds = [_type(element) for element in elements if re.fullmatch("H[1-6]?", _type(element))]
    if kinds and kinds[0] != "H1":
        yield "14-002", f"หัวข้อแรกเป็น {kinds[0]}", f"The first heading is {kinds[0]}."
    if "H" in kinds:
        yield "14-007", "พบหัวข้อที่ไม่มีระดับ", "A heading has no level."


def _languages(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """11-001 to 11-006: a language for all text, outlines, alternate texts and link descriptions, well-formed everywhere."""
    named = [pdf.Root.get("/Lang"), *(element.Lang for element in elements if "/Lang" in element)]
    for language in {str(value or "") for value in named}:
        if not _LANGUAGE.fullmatch(language):
            yield "11-001", f"ไม่รู้จักภาษา “{language}”", f"No language: “{language}”."


def _figures(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _parents(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _identifiers(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _only_links(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """25-001, 28-002 to 28-018: links only, no forms, media or marks of the printer."""
    if "/AcroForm" in pdf.Root:
        yield "25-001", "เอกสารมีแบบฟอร์ม", "The document has a form."
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", []):
            if str(annotation.Subtype) not in _ANNOTATIONS:
                yield "28-002", f"พบ {annotation.Subtype}", f"There is an annotation {annotation.Subtype}."


def _layers(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _files_have_names(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """21-001: attached files have both names."""
    for spec in list(inside(pdf.Root, "/Names", "/EmbeddedFiles", "/Names") or ())[1::2]:
        if not str(spec.get("/F", "")) or not str(spec.get("/UF", "")):
            yield "21-001", "แฟ้มแนบไม่มีชื่อ", "An attached file has no name."


def _outlines(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
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


def _fonts_are_whole(pdf: pikepdf.Pdf, elements: list[Any]) -> Iterator[ConformanceProblem]:
    """31-001 to 31-009, 31-027 to 31-030: CID fonts are whole, and every code shown has a glyph and a text."""
    shown: dict[Any, set[int]] = {}
    for page in pdf.pages:
        resources, current = inside(page.obj, "/Resources", "/Font") or {}, set[int]()
        for match in _SHOWN_CODES.finditer(page_content(page)):
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


CHECKS: tuple[ConformanceCheck, ...] = (
    _roles, _nesting, _tables, _headings, _languages, _figures, _parents, _identifiers, _only_links, _layers, _files_have_names, _outlines, _fonts_are_whole,
)  # fmt: skip


# ----------------------------------------------------------------------------------------------------
# How a tagged PDF is read: its structure, its fonts, the owners of its marks.
#
# Goes in: an open PDF of this typesetter. Comes out: parts of it, for the checks above.
# ----------------------------------------------------------------------------------------------------

WHERE = "report.pdf"


def finding(rule: str, th: str, en: str, value: str | None = None) -> Finding:
    """An error about the PDF itself."""
    return Finding("error", WHERE, th, en, value=value, rule=f"pdf.{rule}")


def structure(root: Any) -> Iterator[Any]:
    """Every structure element in reading order."""
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if node is not root:
            yield node
        stack.extend(
            reversed([kid for kid in kids(node) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid])
        )


def inside(value: Any, *keys: str) -> Any:
    """The value under a path of keys of nested dictionaries; None where one is missing."""
    for key in keys:
        value = None if value is None else value.get(key)
    return value


def kids(node: Any) -> list[Any]:
    """The kids of an element as a list."""
    value = node.get("/K")
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def fonts(pdf: pikepdf.Pdf) -> list[Any]:
    """The fonts of all pages, each once."""
    found: dict[tuple[int, int], Any] = {}
    for page in pdf.pages:
        for font in (inside(page.obj, "/Resources", "/Font") or {}).values():
            found[font.objgen] = font
    return list(found.values())


def code_texts(font: Any) -> dict[int, str]:
    """Code -> text, from the font's ToUnicode map."""
    pairs = re.findall(
        rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>",
        font.ToUnicode.read_bytes().partition(b"endcodespacerange")[2],
    )
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def page_content(page: Any) -> bytes:
    """The content stream of a page."""
    contents = page.obj.Contents
    return (
        b"\n".join(part.read_bytes() for part in contents)
        if isinstance(contents, pikepdf.Array)
        else contents.read_bytes()
    )


def parent_tree(pdf: pikepdf.Pdf) -> dict[int, Any]:
    """Key of a page or annotation -> owners of its marks, or its owner."""
    numbers = list(inside(pdf.Root, "/StructTreeRoot", "/ParentTree", "/Nums") or ())
    return {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}


def identity(value: Any) -> Any:
    """What tells one object of the file from another; None for nothing."""
    return None if value is None else tuple(value.objgen)
