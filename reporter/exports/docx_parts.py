"""Parts of a Word document that the library does not make: styles, theme, embedded fonts, runs, fields.

Goes in: an ``Issue`` for its page, marks and edition. Comes out: an empty document, and elements to put into it. Word sets Thai by
the properties of complex scripts alone, so every run and style has them (ISO/IEC 29500-1, 17.3.2 and 17.8).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree

from reporter.domain.declarations import asset, tokens
from reporter.exports.issue import Issue

_THAI = re.compile("[\u0e00-\u0e7f]")
_FONT = "Sarabun"  # the faces of fonts/sarabun travel in the file (OFL)
# Four faces that a Word family may hold -> file.
_FACES = {"embedRegular": "Regular", "embedBold": "Bold", "embedItalic": "Italic"}
_FONT_KEY = "3F2B8A10-6C4D-4E57-9A31-5D0C7E21B4F6"  # any GUID: the file's own key for its fonts
_OBFUSCATED = "application/vnd.openxmlformats-officedocument.obfuscatedFont"

WORDS = {
    "th": {
        "figure": "รูปที่",
        "table": "ตารางที่",
        "chapter": "บทที่",
        "contents": "สารบัญ",
        "source": "ที่มา",
        "unit": "หน่วย",
        "note": "หมายเหตุ",
        "quarter": "จากไตรมาสก่อน",
        "year": "จากปีก่อน",
        "index": "ดัชนี",
        "level": "ระดับ",
        "as_of": "ข้อมูล ณ วันที่",
        "row": "รายการ",
        "page": "หน้า",
        "better": "สีน้ำเงินคือดีขึ้น สีส้มคือแย่ลง x คือไม่เผยแพร่ – คือไม่มีข้อมูล",
    },
    "en": {
        "figure": "Figure",
        "table": "Table",
        "chapter": "Chapter",
        "contents": "Contents",
        "source": "Source",
        "unit": "Unit",
        "note": "Note",
        "quarter": "on the quarter",
        "year": "on the year",
        "index": "Index",
        "level": "Level",
        "as_of": "Data as of",
        "row": "Item",
        "page": "Page",
        "better": "Blue is better, orange is worse, x is not published, – is no data",
    },
}


@dataclass(frozen=True)
class Look:
    """How a run is set: points, colour ``#RRGGBB``, weight."""

    size: float = 10.5
    bold: bool = False
    italic: bool = False
    colour: str = ""


def looks() -> dict[str, Look]:
    """Style name -> look; sizes are the report's own (templates/tokens.toml, docs/print.md)."""
    colour = tokens().colour
    navy, muted = colour["navy"], colour["muted"]
    return {
        "Normal": Look(),
        "Title": Look(26, bold=True, colour=navy),
        "Subtitle": Look(15, colour=muted),
        "Heading 1": Look(17, bold=True, colour=navy),
        "Heading 2": Look(12.5, bold=True, colour=navy),
        "Heading 3": Look(11, bold=True, colour=navy),
        "TOC Heading": Look(15, bold=True, colour=navy),
        "TOC 1": Look(10.5, bold=True),
        "TOC 2": Look(10),
        "Lead": Look(12, colour=navy),
        "Caption": Look(10, bold=True),
        "Source Note": Look(8.5, colour=muted),
        "Table Text": Look(9),
        "Table Head": Look(9, bold=True, colour=navy),
        "Notice": Look(10.5, bold=True, colour=colour["draft"]),
        "Quote": Look(10.5),
        "List Bullet": Look(),
        "List Number": Look(),
        "Header": Look(8.5, colour=muted),
        "Footer": Look(8.5, colour=muted),
    }


# ------------------------------------------------------------------------------------------------ the empty document


def blank(issue: Issue, looks: Mapping[str, Look]) -> Document:
    """A document with the report's page, styles, theme, fonts and properties, and nothing in it."""
    document = docx.Document()
    page = tokens().page
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(page["width"]), Mm(page["height"])
    section.left_margin = section.right_margin = Mm(page["side"])
    section.top_margin, section.bottom_margin = Mm(page["top"]), Mm(page["bottom"] + 6)
    section.header_distance, section.footer_distance = Mm(8), Mm(7)
    _language(document, issue.lang)
    for name, look in looks.items():
        _style(document, name, look, issue.lang)
    document.styles["Heading 1"].paragraph_format.page_break_before = True
    for name in ("Heading 1", "Heading 2", "Heading 3"):
        document.styles[name].paragraph_format.keep_with_next = True
    _drop_thumbnail(document)
    _theme(document)
    _embed_fonts(document)
    _header_and_footer(document, issue, looks)
    made = dt.datetime.combine(dt.date.fromisoformat(issue.content["as_of"]), dt.time())
    properties = document.core_properties
    properties.title = f"{issue.document['title']} {issue.document['quarter_name']}"
    properties.author = properties.last_modified_by = issue.issuer("division")
    properties.language = "th-TH" if issue.lang == "th" else "en-GB"
    properties.created = properties.modified = made
    properties.subject, properties.comments = issue.edition_line, " ".join(issue.marks)
    return document


def _language(document: Document, lang: str) -> None:
    """Font and languages that hold where a style says nothing (``w:docDefaults``)."""
    defaults = document.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(properties):
        properties.remove(child)
    properties.extend(run_properties(Look(), lang, is_thai=False))


def _style(document: Document, name: str, look: Look, lang: str) -> None:
    styles = document.styles
    known = [style.name for style in styles]
    style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name not in known and name != "Normal":
        style.base_style = styles["Normal"]
    style.hidden = False
    style.quick_style = True
    element = style.element
    old = element.find(qn("w:rPr"))
    if old is not None:
        element.remove(old)
    properties = OxmlElement("w:rPr")
    properties.extend(run_properties(look, lang, is_thai=False))
    element.append(properties)
    space = style.paragraph_format
    space.space_before = Pt(
        {"Heading 1": 0, "Heading 2": 12, "Heading 3": 8, "Caption": 8, "Title": 60}.get(name, 0)
    )
    tight = name.startswith(("Table", "TOC", "Source", "Header", "Footer"))
    space.space_after = Pt(2 if tight else 6)
    space.line_spacing = 1.15 if tight else 1.35
    if name == "Quote":
        space.left_indent = Mm(6)
    if name == "TOC 2":
        space.left_indent = Mm(6)


def _drop_thumbnail(document: Document) -> None:
    """The library's own blank document brings a picture of itself."""
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]


def _theme(document: Document) -> None:
    """Thai and Latin faces of the theme."""
    part = next(
        rel.target_part for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.THEME
    )
    part._blob = theme_with_font(part.blob)


def theme_with_font(content: bytes) -> bytes:
    """A theme part in whose font schemes Latin, complex script and Thai are Sarabun."""
    space = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    root = etree.fromstring(content)
    for scheme in (*root.iter(f"{space}majorFont"), *root.iter(f"{space}minorFont")):
        for child in scheme:
            tag = child.tag.removeprefix(space)
            if tag in ("latin", "cs") or (tag == "font" and child.get("script") == "Thai"):
                child.set("typeface", _FONT)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return bytes(content)


def _embed_fonts(document: Document) -> None:
    """The faces inside the file, so that it looks the same where Sarabun is not installed (ISO/IEC 29500-1, 17.8)."""
    fonts = next(
        rel.target_part for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    root = etree.fromstring(fonts.blob)
    font = etree.SubElement(root, qn("w:font"))
    font.set(qn("w:name"), _FONT)
    for number, (tag, face) in enumerate(_FACES.items(), start=1):
        content = obfuscated(asset("fonts", "sarabun", f"Sarabun-{face}.ttf").read_bytes(), _FONT_KEY)
        name = PackURI(f"/word/fonts/font{number}.odttf")
        part = Part(name, _OBFUSCATED, content, document.part.package)
        embedded = etree.SubElement(font, qn(f"w:{tag}"))
        embedded.set(qn("r:id"), fonts.relate_to(part, RELATIONSHIP_TYPE.FONT))
        embedded.set(qn("w:fontKey"), f"{{{_FONT_KEY}}}")
    fonts._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    settings = document.settings.element
    embed = OxmlElement("w:embedTrueTypeFonts")
    zoom = settings.find(qn("w:zoom"))
    if zoom is None:
        settings.insert(0, embed)
    else:
        zoom.addnext(embed)


def obfuscated(font: bytes, key: str) -> bytes:
    """A font file whose first 32 bytes are mixed with the key's bytes, read from its end (ISO/IEC 29500-1, 17.8.1)."""
    mask = bytes.fromhex(key.replace("-", ""))[::-1]
    head = bytes(byte ^ mask[place % 16] for place, byte in enumerate(font[:32]))
    return head + font[32:]


def _header_and_footer(document: Document, issue: Issue, looks: Mapping[str, Look]) -> None:
    """Title and marks on every page; the page's number and the edition below."""
    section, look = document.sections[0], looks["Header"]
    head = section.header.paragraphs[0]
    head.style = document.styles["Header"]
    title = f"{issue.document['title']} {issue.document['quarter_name']}"
    head._p.append(run_element(title, look, issue.lang))
    if issue.marks:
        warning = replace(look, bold=True, colour=tokens().colour["draft"])
        head._p.append(run_element("  " + " ".join(issue.marks), warning, issue.lang))
    foot = section.footer.paragraphs[0]
    foot.style = document.styles["Footer"]
    foot._p.append(run_element(f"{WORDS[issue.lang]['page']} ", look, issue.lang))
    for part in field_elements("PAGE", "1", look, issue.lang):
        foot._p.append(part)
    foot._p.append(run_element(f"  {issue.edition_line}", look, issue.lang))


# ------------------------------------------------------------------------------------------------ elements


def run_properties(look: Look, lang: str, *, is_thai: bool) -> list[Any]:
    """The children of ``w:rPr`` in the schema's order, each with its complex-script twin."""
    fonts = OxmlElement("w:rFonts")
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    made = [fonts]
    for flag, names in ((look.bold, ("w:b", "w:bCs")), (look.italic, ("w:i", "w:iCs"))):
        for name in names:
            element = OxmlElement(name)
            element.set(qn("w:val"), "1" if flag else "0")
            made.append(element)
    if look.colour:
        made.append(valued("w:color", look.colour.lstrip("#")))
    half_points = str(round(look.size * 2))
    made += [valued("w:sz", half_points), valued("w:szCs", half_points)]
    if is_thai:
        made.append(OxmlElement("w:cs"))
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US" if lang == "th" else "en-GB")
    language.set(qn("w:bidi"), "th-TH")
    return [*made, language]


def run_element(text: str, look: Look, lang: str) -> Any:
    """A run of text."""
    run, properties = OxmlElement("w:r"), OxmlElement("w:rPr")
    properties.extend(run_properties(look, lang, is_thai=bool(_THAI.search(text))))
    run.append(properties)
    for place, line in enumerate(text.split("\n")):
        if place:
            run.append(OxmlElement("w:br"))
        words = OxmlElement("w:t")
        words.text = line
        words.set(qn("xml:space"), "preserve")
        run.append(words)
    return run


def field_elements(instruction: str, result: str, look: Look, lang: str) -> list[Any]:
    """A field whose result is stored."""
    return [*field_start(instruction), run_element(result, look, lang), field_end()]


def field_start(instruction: str) -> list[Any]:
    """The runs that begin a field and separate its instruction from its result."""
    begin, code, separate = OxmlElement("w:r"), OxmlElement("w:r"), OxmlElement("w:r")
    for run, kind in ((begin, "begin"), (separate, "separate")):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run.append(mark)
    words = OxmlElement("w:instrText")
    words.text = f" {instruction} "
    words.set(qn("xml:space"), "preserve")
    code.append(words)
    return [begin, code, separate]


def field_end() -> Any:
    """The run that ends a field."""
    run, mark = OxmlElement("w:r"), OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), "end")
    run.append(mark)
    return run


def valued(name: str, value: str) -> Any:
    """An element with one value."""
    element = OxmlElement(name)
    element.set(qn("w:val"), value)
    return element


def bookmark_name(anchor: str) -> str:
    """A name that Word takes: letters, digits and lines, at most 40."""
    return "r_" + re.sub(r"[^A-Za-z0-9]", "_", anchor)[:36]
