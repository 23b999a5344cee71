"""Word: the issue as a document that a ministry edits.

Goes in: an ``Issue``. Comes out: the bytes of a .docx: styles, numbered captions, real tables, pictures with alternative texts,
cross-references, a contents list whose results are stored (Word asks nothing on opening). Every run carries the font, size, bold
and language of complex scripts, because Word sets Thai by those alone (ISO/IEC 29500-1, 17.3.2: ``w:cs``, ``w:szCs``, ``w:bCs``, ``w:lang``).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import docx
from babel.dates import format_date
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from lxml import etree

from reporter.domain.declarations import asset, tokens
from reporter.domain.edition import has_thai
from reporter.domain.thai import date_th
from reporter.exports import Issue, file_name, number_text, packed

# ----------------------------------------------------------------------------------------------------
# Parts of a Word document that the library does not make: styles, theme, embedded fonts, runs, fields.
#
# Goes in: an ``Issue`` for its page, marks and edition. Comes out: an empty document, and elements to put into it. Word sets Thai by
# the properties of complex scripts alone, so every run and style has them (ISO/IEC 29500-1, 17.3.2 and 17.8).
# ----------------------------------------------------------------------------------------------------

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
class RunLook:
    """How a run is set: points, colour ``#RRGGBB``, weight."""

    size: float = 10.5
    bold: bool = False
    italic: bool = False
    colour: str = ""


def looks() -> dict[str, RunLook]:
    """Style name -> look; sizes are the report's own (templates/tokens.toml, docs/print.md)."""
    colour = tokens().colour
    navy, muted = colour["navy"], colour["muted"]
    return {
        "Normal": RunLook(),
        "Title": RunLook(26, bold=True, colour=navy),
        "Subtitle": RunLook(15, colour=muted),
        "Heading 1": RunLook(17, bold=True, colour=navy),
        "Heading 2": RunLook(12.5, bold=True, colour=navy),
        "Heading 3": RunLook(11, bold=True, colour=navy),
        "TOC Heading": RunLook(15, bold=True, colour=navy),
        "TOC 1": RunLook(10.5, bold=True),
        "TOC 2": RunLook(10),
        "Lead": RunLook(12, colour=navy),
        "Caption": RunLook(10, bold=True),
        "Source Note": RunLook(8.5, colour=muted),
        "Table Text": RunLook(9),
        "Table Head": RunLook(9, bold=True, colour=navy),
        "Notice": RunLook(10.5, bold=True, colour=colour["draft"]),
        "Quote": RunLook(10.5),
        "List Bullet": RunLook(),
        "List Number": RunLook(),
        "Header": RunLook(8.5, colour=muted),
        "Footer": RunLook(8.5, colour=muted),
    }


# ------------------------------------------------------------------------------------------------ the empty document


def blank(issue: Issue, looks: Mapping[str, RunLook]) -> Document:
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
    properties.extend(run_properties(RunLook(), lang, is_thai=False))


def _style(document: Document, name: str, look: RunLook, lang: str) -> None:
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


def _header_and_footer(document: Document, issue: Issue, looks: Mapping[str, RunLook]) -> None:
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


def run_properties(look: RunLook, lang: str, *, is_thai: bool) -> list[Any]:
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


def run_element(text: str, look: RunLook, lang: str) -> Any:
    """A run of text."""
    run, properties = OxmlElement("w:r"), OxmlElement("w:rPr")
    properties.extend(run_properties(look, lang, is_thai=has_thai(text)))
    run.append(properties)
    for place, line in enumerate(text.split("\n")):
        if place:
            run.append(OxmlElement("w:br"))
        words = OxmlElement("w:t")
        words.text = line
        words.set(qn("xml:space"), "preserve")
        run.append(words)
    return run


def field_elements(instruction: str, result: str, look: RunLook, lang: str) -> list[Any]:
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


_WIDTHS = {"full": 178, "half": 120, "side": 130}  # millimetres: the text is 178 wide


def files(issue: Issue) -> dict[str, bytes]:
    """The document under its name."""
    return {file_name(issue, "report", "docx"): document_bytes(issue)}


def document_bytes(issue: Issue) -> bytes:
    """The issue as a .docx file; the same bytes for the same issue."""
    writer = _Writer(issue)
    writer.cover()
    writer.contents()
    for part in issue.parts:
        writer.chapter(part)
    buffer = BytesIO()
    writer.document.save(buffer)
    made = dt.date.fromisoformat(issue.content["as_of"])
    return packed(buffer.getvalue(), (made.year, made.month, made.day))


class _Writer:
    """Writes one document from top to bottom; bookmarks are numbered as they are met."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.words = WORDS[issue.lang]
        self.looks = looks()
        self.document = blank(issue, self.looks)
        self._bookmark = 0
        self._lists = 0

    # ------------------------------------------------------------------------------------ runs and paragraphs

    def _paragraph(self, style: str, text: str = "") -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        if text:
            self._run(paragraph, text, self.looks[style])
        return paragraph

    def _run(self, paragraph: Paragraph, text: str, look: RunLook) -> None:
        paragraph._p.append(run_element(text, look, self.issue.lang))

    def _sentences(self, style: str, sentences: Sequence[Mapping[str, Any]], mark: str = "") -> Paragraph:
        paragraph = self._paragraph(style)
        self._say(paragraph, sentences, self.looks[style])
        return paragraph

    def _say(self, paragraph: Paragraph, sentences: Sequence[Mapping[str, Any]], look: RunLook) -> None:
        for place, sentence in enumerate(sentences):
            if place:
                self._run(paragraph, " ", look)
            for span in sentence["spans"]:
                self._span(paragraph, span, look)

    def _span(self, paragraph: Paragraph, span: Mapping[str, Any], look: RunLook) -> None:
        kind, text = span["kind"], span["text"]
        if kind == "break":
            paragraph.add_run().add_break(WD_BREAK.LINE)
        elif kind == "link" and span["target"].startswith(("fig-", "tab-")):
            self._reference(paragraph, span["target"], text, look)
        elif kind == "link":
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), bookmark_name(span["target"]))
            link.append(run_element(text, look, self.issue.lang))
            paragraph._p.append(link)
        elif kind in ("strong", "emphasis"):
            styled = replace(look, bold=True) if kind == "strong" else replace(look, italic=True)
            self._run(paragraph, text, styled)
        else:
            self._run(paragraph, text, look)

    def _reference(self, paragraph: Paragraph, target: str, text: str, look: RunLook) -> None:
        """A REF field to a caption's number, with its result stored."""
        for part in field_elements(f"REF {bookmark_name(target)} \\h", text, look, self.issue.lang):
            paragraph._p.append(part)

    def _bookmarked(self, paragraph: Paragraph, name: str, inner: Iterable[Any]) -> None:
        self._bookmark += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self._bookmark))
        start.set(qn("w:name"), bookmark_name(name))
        paragraph._p.extend([start, *inner, end])

    # ------------------------------------------------------------------------------------ cover, contents

    def cover(self) -> None:
        """Ministry, title, quarter, the three indices, marks, edition."""
        issue, document = self.issue, self.issue.document
        self._paragraph("Subtitle", issue.issuer("ministry"))
        self._paragraph("Subtitle", issue.issuer("office"))
        self._paragraph("Title", document["title"])
        self._paragraph("Subtitle", document["quarter_name"])
        for mark in issue.marks:
            self._paragraph("Notice", mark)
        heads = [head for head in document["headline"] if head["level"]]
        if heads:
            self._headline(heads)
        self._paragraph("Source Note", issue.issuer("division"))
        self._paragraph("Source Note", f"{self.words['as_of']} {_date(issue)}")
        self._paragraph("Source Note", issue.edition_line)

    def _headline(self, heads: Sequence[Mapping[str, Any]]) -> None:
        words = self.words
        labels = [words["index"], words["level"], words["quarter"], words["year"], ""]
        rows = [
            [
                head["name"],
                head["level"]["text"],
                number_text(head["quarter"]),
                number_text(head["year"]),
                head["word"],
            ]
            for head in heads
        ]
        self._grid(labels, rows, numbers={1, 2, 3}, described=self.issue.document["title"])

    def contents(self) -> None:
        """The contents list: a TOC field with its entries stored; no page numbers, which Word alone knows."""
        self._paragraph("TOC Heading", self.words["contents"]).paragraph_format.page_break_before = True
        entries = []
        for part in self.issue.parts:
            entries.append(("TOC 1", self._chapter_title(part), part["id"]))
            entries += [
                ("TOC 2", _numbered(section), section["id"])
                for section in part["sections"]
                if section["title"]
            ]
        for place, (style, text, target) in enumerate(entries):
            paragraph = self._paragraph(style)
            if place == 0:
                paragraph._p.extend(field_start('TOC \\o "1-2" \\h \\z \\n 1-2'))
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), bookmark_name(target))
            link.append(run_element(text, self.looks[style], self.issue.lang))
            paragraph._p.append(link)
            if place == len(entries) - 1:
                paragraph._p.append(field_end())

    def _chapter_title(self, part: Mapping[str, Any]) -> str:
        """``บทที่ 2 ...``; the summary and the appendix have their title alone."""
        if not part["number"] or part["slug"] == "appendix":
            return str(part["title"])
        return f"{self.words['chapter']} {part['number']} {part['title']}"

    # ------------------------------------------------------------------------------------ chapters and blocks

    def chapter(self, part: Mapping[str, Any]) -> None:
        """One chapter; its title begins a page."""
        self._titled("Heading 1", self._chapter_title(part), part["id"])
        if part["finding"]:
            self._sentences("Lead", part["finding"])
        for section in part["sections"]:
            if section["title"]:
                self._titled("Heading 2", _numbered(section), section["id"])
            self._blocks(section["blocks"])

    def _titled(self, style: str, text: str, anchor: str) -> None:
        paragraph = self._paragraph(style)
        self._bookmarked(paragraph, anchor, [run_element(text, self.looks[style], self.issue.lang)])

    def _blocks(self, blocks: Sequence[Mapping[str, Any]], style: str = "Normal") -> None:
        for block in blocks:
            match block["kind"]:
                case "paragraph":
                    own = {"lead": "Lead", "notice": "Notice", "source": "Source Note"}
                    self._sentences(own.get(block["style"], style), block["sentences"])
                case "heading":
                    anchor = block["id"] or f"heading-{self._bookmark}"
                    self._titled("Heading 3", block["text"], anchor)
                case "list":
                    self._list(block)
                case "terms":
                    for item in block["items"]:
                        self._term(item)
                case "aside":
                    self._blocks(block["blocks"], "Quote" if block["style"] != "notice" else "Notice")
                case "row":
                    self._blocks(block["blocks"], style)
                case "figure":
                    self._figure(block)
                case "table":
                    self._table(block)

    def _list(self, block: Mapping[str, Any]) -> None:
        style = "List Number" if block["style"] in ("ordered", "method") else "List Bullet"
        number = self._new_numbering(block.get("start", 1)) if style == "List Number" else None
        for item in block["items"]:
            for place, part in enumerate(item):
                if part["kind"] != "paragraph" or place:
                    self._blocks([part])
                    continue
                paragraph = self._sentences(style, part["sentences"])
                if number is not None:
                    _set_numbering(paragraph, number)

    def _new_numbering(self, start: int) -> int:
        """A list of its own, so that every ordered list begins at its first number."""
        numbering = self.document.part.numbering_part.element
        abstract = self.document.styles["List Number"].element.pPr.numPr.numId.val
        source = next(num for num in numbering.num_lst if num.numId == abstract)
        made = numbering.add_num(source.abstractNumId.val)
        made.add_lvlOverride(ilvl=0).add_startOverride(start)
        return int(made.numId)

    def _term(self, item: Mapping[str, Any]) -> None:
        paragraph = self._paragraph("Normal")
        look = self.looks["Normal"]
        self._run(paragraph, f"{item['term']} ", replace(look, bold=True))
        self._say(paragraph, item["sentences"], look)

    def _caption(self, kind: str, block: Mapping[str, Any]) -> None:
        paragraph = self._paragraph("Caption")
        look, word = self.looks["Caption"], self.words[kind]
        if block["number"]:
            name = "Figure" if kind == "figure" else "Table"
            numbered = [
                run_element(f"{word} ", look, self.issue.lang),
                *field_elements(f"SEQ {name} \\* ARABIC", str(block["number"]), look, self.issue.lang),
            ]
            self._bookmarked(paragraph, f"{kind[:3]}-{block['id']}", numbered)
            self._run(paragraph, f" {block['title']}", look)
        else:
            self._run(paragraph, block["title"], look)
        paragraph.paragraph_format.keep_with_next = True

    def _figure(self, block: Mapping[str, Any]) -> None:
        """Caption, what is drawn, the picture with its alternative text, note and source."""
        self._caption("figure", block)
        if block["subtitle"]:
            self._paragraph("Source Note", block["subtitle"]).paragraph_format.keep_with_next = True
        paragraph = self.document.add_paragraph(style="Normal")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        path = self.issue.folder / block["png"]
        shape = paragraph.add_run().add_picture(str(path), width=Mm(_WIDTHS.get(block["width"], 178)))
        properties = shape._inline.docPr
        properties.set("descr", block["alt"])
        properties.set("title", block["title"])
        below = [block["note"], f"{self.words['source']}: {block['source']}" if block["source"] else ""]
        for line in below:
            if line:
                self._paragraph("Source Note", line)

    def _table(self, block: Mapping[str, Any]) -> None:
        self._caption("table", block)
        if block["unit"]:
            self._paragraph("Source Note", f"{self.words['unit']}: {block['unit']}").paragraph_format.keep_with_next = True  # fmt: skip
        labels = [column["label"] for column in block["columns"]]
        numbers = {place for place, column in enumerate(block["columns"]) if place and column["is_number"]}
        self._grid(labels, [], numbers=numbers, described=block["title"], rows=block["rows"])
        notes = [block["note"]] if block["note"] else []
        for line in notes:
            self._paragraph("Source Note", line)

    # ------------------------------------------------------------------------------------ tables

    def _grid(
        self,
        labels: Sequence[str],
        texts: Sequence[Sequence[str]],
        *,
        numbers: set[int],
        described: str,
        rows: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """A table with one header row that is repeated on every page. ``rows`` as issue.json has them, or plain ``texts``."""
        lines: list[tuple[str, list[tuple[str, str]]]] = [
            ("", [(text, "") for text in line]) for line in texts
        ]
        for row in rows:
            if "group" in row:
                lines.append(("group", [(row["group"], "")]))
            else:
                cells = [(cell["text"], cell.get("quality", "")) for cell in row["cells"]]
                lines.append(("", [(row["head"], ""), *cells]))
        table = self.document.add_table(rows=0, cols=len(labels), style="Table Grid")
        _borders(table)
        properties = table._tbl.tblPr
        for tag in ("w:tblCaption", "w:tblDescription"):
            described_by = OxmlElement(tag)
            described_by.set(qn("w:val"), described)
            properties.append(described_by)
        header = table.add_row()
        _repeat(header)
        for place, label in enumerate(labels):
            self._cell(header.cells[place], label or (self.words["row"] if place == 0 else ""), "Table Head", place in numbers)  # fmt: skip
        colours = {"better": tokens().colour["better"], "worse": tokens().colour["worse"]}
        for kind, cells in lines:
            row = table.add_row()
            _keep_whole(row)
            if kind == "group":
                self._cell(row.cells[0].merge(row.cells[-1]), cells[0][0], "Table Head", False)
                continue
            for place, (text, quality) in enumerate(cells):
                self._cell(row.cells[place], text, "Table Text", place in numbers, colours.get(quality, ""))
        texts_of = [[label, *(cells[place][0] for _, cells in lines if len(cells) > place)] for place, label in enumerate(labels)]  # fmt: skip
        _set_widths(table, _widths([_room(own) for own in texts_of]))
        self._paragraph("Source Note")

    def _cell(self, cell: Any, text: str, style: str, is_number: bool, colour: str = "") -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = self.document.styles[style]
        look = self.looks[style]
        if text:
            self._run(paragraph, text, replace(look, colour=colour) if colour else look)
        if is_number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.keep_with_next = style == "Table Head" or None


# ------------------------------------------------------------------------------------------------ tables


def _repeat(row: Any) -> None:
    """The header row stands on every page that the table reaches."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    properties.append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _set_numbering(paragraph: Paragraph, number: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _room(texts: Sequence[str]) -> float:
    """Characters that a column asks for: its longest text, but of long texts a line of about thirty."""
    lengths = [sum(unicodedata.category(letter) != "Mn" for letter in text) for text in texts]
    head, longest = lengths[0], max(lengths[1:], default=0)
    return float(min(max(longest, head / 2, 6), 30)) + 2


def _widths(rooms: Sequence[float]) -> list[float]:
    """Millimetres of each column: the text's width shared in proportion."""
    return [tokens().page["measure"] * room / sum(rooms) for room in rooms]


def _set_widths(table: Any, widths: Sequence[float]) -> None:
    """The widths in the table's grid and in its cells: Word reads the one, LibreOffice the other."""
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(width)
    for row in table._tbl.tr_lst:
        if len(row.tc_lst) == len(widths):
            for cell, width in zip(row.tc_lst, widths, strict=True):
                cell.width = Mm(width)


def _borders(table: Any) -> None:
    """Hairlines between the rows, none between columns."""
    rule = tokens().colour["rule"].lstrip("#")
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "nil" if side in ("left", "right", "insideV") else "single")
        if side in ("top", "bottom", "insideH"):
            line.set(qn("w:sz"), "6")
            line.set(qn("w:space"), "0")
            line.set(qn("w:color"), rule)
        borders.append(line)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(borders)
    else:
        look.addprevious(borders)


def _numbered(section: Mapping[str, Any]) -> str:
    return f"{section['number']} {section['title']}".strip()


def _date(issue: Issue) -> str:
    day = dt.date.fromisoformat(issue.content["as_of"])
    return date_th(day) if issue.lang == "th" else str(format_date(day, "d MMMM y", locale="en_GB"))
