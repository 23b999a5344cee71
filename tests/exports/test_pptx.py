"""The slides: twelve, with native charts whose data are the tables' numbers, notes with sentence, source and cells."""

import re
from io import BytesIO

import openpyxl
import pandas as pd
import pptx as reader
import pypdfium2
import pytest
from lxml import etree
from pptx.oxml.ns import qn

from reporter.exports import pptx
from tests.exports.conftest import NO_OFFICE, OFFICE

pytestmark = pytest.mark.slow

THAI = re.compile("[\u0e00-\u0e7f]")


@pytest.fixture(scope="module")
def content(issue):
    return pptx.presentation_bytes(issue)


@pytest.fixture(scope="module")
def slides(content):
    return list(reader.Presentation(BytesIO(content)).slides)


def charts(slides):
    return [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]


def test_there_are_twelve_slides_each_with_a_title(slides):
    assert len(slides) == 12
    assert all(slide.shapes.title.text_frame.text for slide in slides)


def test_every_thai_run_names_its_complex_script_face_and_language(slides):
    found = [
        run
        for slide in slides
        for run in slide._element.iter(qn("a:r"))
        if THAI.search("".join(run.itertext()))
    ]
    assert len(found) > 30
    for run in found:
        own = run.find(qn("a:rPr"))
        assert own.find(qn("a:cs")).get("typeface") == "Sarabun"
        assert own.get("lang") == "th-TH"
    for chart in charts(slides):
        assert all(face.find(qn("a:cs")) is not None for face in chart._chartSpace.iter(qn("a:defRPr")))


def test_the_theme_has_the_face_of_complex_scripts(content):
    master = reader.Presentation(BytesIO(content)).slide_master
    theme = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    assert {face.get("typeface") for face in etree.fromstring(theme.blob).iter("{*}cs")} == {"Sarabun"}


def test_charts_are_native_and_their_workbooks_hold_the_tables_numbers_to_the_last_bit(slides, issue):
    found = charts(slides)
    assert len(found) >= 8
    index = issue.tables["labour_index"]
    national = index[(index["group"] == "TH") & (index["dimension"] == "overall")].set_index("period")[
        "value"
    ]
    line = found[0]
    book = openpyxl.load_workbook(BytesIO(line.part.chart_workbook.xlsx_part.blob))
    values = [row[1] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert values == [None if pd.isna(x) else x for x in national.iloc[-len(values) :]]
    assert list(line.plots[0].series[0].values) == values


def test_bars_of_contributions_add_up_to_the_change_of_the_index(slides, issue):
    bars = charts(slides)[1].plots[0].series[0].values
    index = issue.tables["labour_index"]
    value = index[(index["group"] == "TH") & (index["dimension"] == "overall")].set_index("period")["value"]
    assert sum(bars) == pytest.approx(value["2025-Q3"] - value["2025-Q2"], abs=1e-6)


def test_notes_give_sentences_source_and_cells(slides, issue):
    for slide in slides[1:]:
        assert "ที่มา: " in slide.notes_slide.notes_text_frame.text
    story = slides[1].notes_slide.notes_text_frame.text
    number = next(s for s in issue.document["summary"]["finding"][0]["spans"] if s["kind"] == "number")
    assert number["cell"] in story and repr(number["value"]) in story


def test_no_slide_speaks_of_a_figure_that_is_not_on_it(slides):
    for slide in slides:
        shown = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert not re.search(r"(รูปที่|ตารางที่) \d", shown)


def test_every_slide_shows_the_marks_of_the_issue(slides, issue):
    for slide in slides:
        shown = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert all(mark in shown for mark in issue.marks)


def test_the_same_issue_gives_the_same_bytes(issue, content):
    assert pptx.presentation_bytes(issue) == content


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
@pytest.mark.slow
def test_libreoffice_opens_them(content, issue, as_pdf):
    pages = pypdfium2.PdfDocument(as_pdf(content, "briefing.pptx"))
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert len(pages) == 12
    assert all(head["level"]["text"] in text for head in issue.document["headline"])


def test_the_english_slides_have_no_thai_letter(english_issue):
    slides = reader.Presentation(BytesIO(pptx.presentation_bytes(english_issue))).slides
    assert len(slides) == 12
    for slide in slides:
        words = "".join(slide._element.itertext()) + slide.notes_slide.notes_text_frame.text
        assert not THAI.search(words)
    for chart in charts(slides):
        assert not THAI.search("".join(chart._chartSpace.itertext()))


@pytest.mark.parametrize("text", ["word " * 60, "ดัชนีเศรษฐกิจแรงงาน" * 22])
def test_long_points_get_smaller_and_what_still_does_not_fit_stays_in_the_notes(text):
    few, large = pptx._fitted(["short"], 112, 122, 16)
    assert (few, large) == (["short"], 16)
    some, smaller = pptx._fitted([text] * 3, 112, 122, 16)
    assert len(some) == 3 and pptx._SMALLEST <= smaller < 16
    kept, size = pptx._fitted([text] * 12, 112, 122, 16)
    assert 3 <= len(kept) < 12 and size == pptx._SMALLEST
    lines = sum(pptx._lines(one, 112, size) for one in kept)
    assert lines * size * 1.25 * 25.4 / 72 < 122


def test_sources_keep_clear_of_the_marks_below_them(slides):
    for slide in slides:
        boxes = sorted((shape for shape in slide.shapes if shape.has_text_frame), key=lambda box: box.top)
        source, marks = boxes[-2:]
        run = source.text_frame.paragraphs[0].runs
        size = run[0].font.size.pt if run else 9
        lines = pptx._lines(source.text_frame.text, source.width.mm, size)
        assert source.top.mm + 1.3 + lines * size * 1.2 * 25.4 / 72 <= marks.top.mm + 1.3
