"""The sample, read back: exact text, archive, accessibility, the same bytes."""

import io
import subprocess
import sys

import pikepdf
import pypdf
import pypdfium2
import pytest
from pdfua import Validator

from reporter.domain.errors import RenderError
from reporter.pdf import check
from reporter.pdf.conformance import (
    PAGE_END,
    html_phrases,
    inside,
    kids,
    lost_phrases,
    readings,
    structure,
)

pytestmark = pytest.mark.slow

WORDS = ("จัดทำ", "น้ำมัน", "ค้ำประกัน", "กำลังแรงงาน", "ต่ำกว่า", "สำนักงานปลัดกระทรวงแรงงาน", "เน้นย้ำ", "ชำระหนี้")


def test_no_reader_loses_a_word_and_nothing_breaks_the_claims(report):
    html, pdf = report
    assert check(pdf, html, bookmarks=10) == []


@pytest.mark.parametrize("reader", ["tounicode", "poppler", "pdfium"])
def test_every_reader_finds_sara_am(report, reader):
    found = readings(report[1])
    if reader not in found:
        pytest.skip(f"{reader} is not installed")
    assert [word for word in WORDS if word not in found[reader].replace("\n", "")] == []


def test_pypdf_finds_every_phrase_too(report):
    html, pdf = report
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert lost_phrases(html_phrases(html), text) == []


def test_pdfium_search_finds_words_as_a_reader_types_them(report):
    document = pypdfium2.PdfDocument(report[1])
    pages = [page.get_textpage() for page in document]
    missing = [word for word in WORDS if not any(page.search(word).get_next() for page in pages)]
    for page in pages:
        page.close()
    document.close()
    assert missing == []


def test_pdfua_reports_nothing(report, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(report[1])
    outcome = Validator().validate(str(path))
    assert [finding for rule in outcome.outcomes for finding in rule.findings] == []


def test_metadata_claims_both_standards_and_carries_the_files(report):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert "<pdfaid:part>3</pdfaid:part>" in xmp
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert [str(spec.AFRelationship) for spec in pdf.Root.AF] == ["/Data", "/Data"]
        assert sorted(pdf.attachments) == ["confidence.csv", "labour_index.csv"]
        assert pdf.attachments["confidence.csv"].get_file().read_bytes().startswith(b"survey,domain")
        assert str(pdf.docinfo["/CreationDate"]) == "D:20251114090000+07'00'"


def test_two_runs_give_the_same_bytes(fragment):
    body = '<section class="chapter"><h1>จัดทำ</h1><p>น้ำมัน<span class="footnote">หมายเหตุ</span></p></section>'
    assert fragment(body) == fragment(body)


def test_every_page_is_marked_as_draft_and_synthetic(report):
    texts = readings(report[1])["pdfium"].split(PAGE_END)
    assert all("ฉบับร่าง" in text and "ข้อมูลสังเคราะห์" in text for text in texts)
    assert all(f"หน้า {number} จาก {len(texts)}" in text for number, text in enumerate(texts[1:], start=2))


def test_contents_give_the_page_where_the_chapter_is(report):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        names = list(inside(pdf.Root, "/Names", "/Dests", "/Names"))
        pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        place = {
            str(name): pages[target[0].objgen] for name, target in zip(names[::2], names[1::2], strict=True)
        }
    contents = readings(report[1])["pdfium"].split("สารบัญรูป")[0].replace("\r", "").replace(" .", "")
    line = next(line for line in contents.splitlines() if line.startswith("2 ภาวะเศรษฐกิจ"))
    assert line.split()[-1] == str(place["chapter-2"])


def test_a_long_table_is_one_table_with_one_header(report):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        elements = list(structure(pdf.Root.StructTreeRoot))
        tables = [element for element in elements if element.S == "/Table"]
        heads = [sum(1 for kid in kids(table) if kid.S == "/THead") for table in tables]
    assert len(tables) == 6  # four data tables, two of movers, although two run over pages
    assert heads == [1] * 6


def test_wide_tables_turn_the_page(report):
    document = pypdfium2.PdfDocument(report[1])
    turned = [page.get_width() > page.get_height() for page in document]
    assert 1 <= sum(turned) < len(turned) / 2


def test_fragments_of_text(fragment, caplog):
    pdf = fragment(
        '<p id="p1">ร้อยละ 12 <a href="#p1">ข้อ 1</a> <span lang="en">page 3</span> ☃</p>'
        '<p lang="en" style="width: 22mm">internationalisation responsibilities</p>',
        thai_digits=True,
    )
    text = readings(pdf)["tounicode"]
    assert "ร้อยละ ๑๒" in text
    assert "page 3" in text  # English keeps its digits
    assert "☃" in text  # drawn as a box, read as itself
    assert "U+2603" in caplog.text
    assert "\u00ad" in text  # the visible hyphen of a line's end
    assert "internationalisation" in text.replace("\u00ad", "").replace("\n", "")


def test_what_is_not_the_issues_own_is_refused_by_name(fragment):
    images = "".join(
        f'<img src="{address}" alt="x">'
        for address in (
            "http://example.org/x.svg",
            "file:///etc/hostname",
            "../../outside.svg",
            "missing.svg",
        )
    )
    with pytest.raises(RenderError) as refusal:
        fragment(images + '<p><a href="#nowhere">x</a></p>')
    rules = [finding.rule for finding in refusal.value.findings]
    assert rules[:4] == ["pdf.refused", "pdf.refused", "pdf.missing", "pdf.missing"]
    assert "pdf.anchor" in rules


def test_too_little_memory_is_said_in_words(fragment):
    with pytest.raises(RenderError) as refusal:
        fragment("<p>น้ำ</p>" * 2000, memory_limit_mb=60)
    assert [finding.rule for finding in refusal.value.findings] == ["pdf.memory"]


def test_the_typesetting_process_starts_without_the_libraries_of_the_numbers():
    code = "import sys, reporter.pdf.worker; print({'pandas', 'numpy', 'duckdb'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
