"""The Word document: opens in a second program, says what the issue says, and sets Thai as Word needs it."""

import re
import zipfile
from io import BytesIO

import docx as reader
import pypdfium2
import pytest
from docx.oxml.ns import qn
from lxml import etree

from reporter.domain.thai import strip
from reporter.exports import blocks_of, docx
from tests.exports.conftest import NO_OFFICE, OFFICE

pytestmark = pytest.mark.slow

THAI = re.compile("[\u0e00-\u0e7f]")
VALUE = qn("w:val")


@pytest.fixture(scope="module")
def content(issue):
    return docx.document_bytes(issue)


@pytest.fixture(scope="module")
def document(content):
    return reader.Document(BytesIO(content))


def runs(document):
    parts = [
        document.element.body,
        document.sections[0].header._element,
        document.sections[0].footer._element,
    ]
    return [
        run for part in parts for run in part.iter(qn("w:r")) if THAI.search("".join(run.itertext(qn("w:t"))))
    ]


def test_every_thai_run_has_complex_script_font_size_bold_and_language(document):
    found = runs(document)
    assert len(found) > 200
    for run in found:
        own = run.rPr
        size, complex_size = own.find(qn("w:sz")), own.find(qn("w:szCs"))
        assert own.find(qn("w:rFonts")).get(qn("w:cs")) == "Sarabun"
        assert complex_size.get(VALUE) == size.get(VALUE)
        assert own.find(qn("w:bCs")).get(VALUE) == own.find(qn("w:b")).get(VALUE)
        assert own.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"


def test_styles_defaults_and_theme_have_them_too(document, content):
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    for properties in (defaults, *(styles[name].element.find(qn("w:rPr")) for name in used)):
        assert properties.find(qn("w:rFonts")).get(qn("w:cs")) == "Sarabun"
        assert properties.find(qn("w:szCs")) is not None
        assert properties.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"
    with zipfile.ZipFile(BytesIO(content)) as parts:
        theme = etree.fromstring(parts.read("word/theme/theme1.xml"))
    assert {face.get("typeface") for face in theme.iter("{*}cs")} == {"Sarabun"}


def test_the_children_of_run_properties_stand_in_the_order_of_the_standard(document):
    order = ["rFonts", "b", "bCs", "i", "iCs", "color", "sz", "szCs", "cs", "lang"]
    for run in runs(document):
        names = [etree.QName(child).localname for child in run.rPr]
        assert names == [name for name in order if name in names]


def test_it_says_every_sentence_of_the_issue(document, issue):
    said = "\n".join("".join(p._p.itertext(qn("w:t"), qn("w:br"))) for p in all_paragraphs(document))
    sentences = [
        sentence["text"].split("\n")[0]
        for part in issue.parts
        for block in blocks_of(part)
        if block["kind"] == "paragraph"
        for sentence in block["sentences"]
    ]
    assert len(sentences) > 60
    assert [text for text in sentences if text not in said] == []


def all_paragraphs(document):
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs


def test_tables_are_tables_with_a_header_row_that_repeats_and_show_the_issues_numbers(document, issue):
    placed = [block for part in issue.parts for block in blocks_of(part) if block["kind"] == "table"]
    tables = document.tables[1:]  # the first is the headline on the cover
    assert len(tables) == len(placed)
    for table, block in zip(tables, placed, strict=True):
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        rows = [row for row in block["rows"] if "group" not in row]
        wanted = [[row["head"], *(cell["text"] for cell in row["cells"])] for row in rows]
        shown = [[cell.text for cell in row.cells] for row in table.rows[1:]]
        assert [row for row in shown if len(set(row)) > 1 or row in wanted] == [
            row for row in wanted if len(set(row)) > 1 or row in shown
        ]


def test_captions_are_numbered_by_fields_and_references_point_at_them(document):
    body = document.element.body
    codes = ["".join(code.itertext()).split() for code in body.iter(qn("w:instrText"))]
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    assert sum(code[0] == "SEQ" for code in codes) > 10
    referred = {code[1] for code in codes if code[0] == "REF"}
    assert referred and referred <= marks
    linked = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert linked <= marks


def test_contents_are_stored_and_word_is_not_told_to_update_fields(document, issue):
    toc = [
        p for p in document.paragraphs if p.style.name.startswith("TOC ") and p.style.name != "TOC Heading"
    ]
    sections = sum(1 for part in issue.parts for section in part["sections"] if section["title"])
    assert len(toc) == len(issue.parts) + sections
    assert document.settings.element.find(qn("w:updateFields")) is None
    assert not list(document.element.body.iter(qn("w:dirty")))


def test_pictures_have_alternative_texts(document, issue):
    figures = [block for part in issue.parts for block in blocks_of(part) if block["kind"] == "figure"]
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described == [block["alt"] for block in figures]
    assert all(described)


def test_marks_stand_in_the_header_of_every_page(document, issue):
    assert issue.marks
    assert all(mark in document.sections[0].header.paragraphs[0].text for mark in issue.marks)


def test_the_embedded_font_is_the_font_again_when_unmixed(content):
    from reporter.domain.declarations import asset

    with zipfile.ZipFile(BytesIO(content)) as parts:
        font = parts.read("word/fonts/font1.odttf")
        table = etree.fromstring(parts.read("word/fontTable.xml"))
    key = next(table.iter(qn("w:embedRegular"))).get(qn("w:fontKey")).strip("{}")
    assert docx.obfuscated(font, key) == asset("fonts", "sarabun", "Sarabun-Regular.ttf").read_bytes()


def test_the_same_issue_gives_the_same_bytes(issue, content):
    assert docx.document_bytes(issue) == content


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
@pytest.mark.slow
def test_libreoffice_opens_it_and_its_pages_hold_the_words(content, issue, as_pdf):
    pages = pypdfium2.PdfDocument(as_pdf(content, "report.docx"))
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    flat = re.sub(r"\s+", "", strip(text))
    for part in issue.parts:
        assert re.sub(r"\s+", "", part["title"])[:12] in flat or part["number"] == 0
    for head in issue.document["headline"]:
        assert head["level"]["text"] in flat
    assert len(pages) > 10


def test_the_english_document_has_no_thai_letter(english_issue):
    document = reader.Document(BytesIO(docx.document_bytes(english_issue)))
    words = "".join(document.element.body.itertext(qn("w:t"), qn("w:instrText")))
    assert len(words) > 5000 and not THAI.search(words)
    assert document.core_properties.language == "en-GB"
    assert not any(THAI.search(shape._inline.docPr.get("descr")) for shape in document.inline_shapes)
