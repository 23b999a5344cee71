"""The checks see what they are there to see: each damage is found."""

import io

import pikepdf
import pytest

from reporter.pdf import conformance, unsupported
from reporter.pdf.conformance import (
    PAGE_END,
    check,
    check_conformance,
    fonts,
    html_phrases,
    lost_phrases,
    marked_sequences,
    structure,
)

pytestmark = pytest.mark.slow


def first(pdf, kind):
    return next(element for element in structure(pdf.Root.StructTreeRoot) if str(element.S) == kind)


def drop(key, kind):
    def damage(pdf):
        del first(pdf, kind)[key]

    return damage


def drop_scope(pdf):
    del first(pdf, "/TH").A["/Scope"]


def drop_contents(pdf):
    page = next(page for page in pdf.pages if "/Annots" in page)
    del page.Annots[0]["/Contents"]


def drop_relationship(pdf):
    del pdf.Root.AF[0]["/AFRelationship"]


def empty_map(pdf):
    fonts(pdf)[0].ToUnicode.write(b"endcodespacerange")


def unmark(pdf):
    page = pdf.pages[3]
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n0 0 9 9 re f")


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (drop("/Alt", "/Figure"), "pdf.alt"),
        (drop("/ID", "/Note"), "pdf.note"),
        (drop_scope, "pdf.scope"),
        (drop_contents, "pdf.link"),
        (drop_relationship, "pdf.attachment"),
        (empty_map, "pdf.font"),
        (unmark, "pdf.content"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "pdf.catalogue"),
        (lambda pdf: pdf.docinfo.__setitem__("/Title", "x"), "pdf.xmp"),
        (lambda pdf: pdf.Root.StructTreeRoot.ParentTree.Nums[1].__delitem__(0), "pdf.structure"),
    ],
)
def test_a_damage_is_found(report, damage, rule):
    with pikepdf.open(io.BytesIO(report[1])) as pdf:
        damage(pdf)
        assert rule in {finding.rule for finding in check_conformance(pdf)}


def test_a_lost_word_is_named(fragment):
    found = check(fragment('<section class="chapter"><h1>หัวข้อ</h1><p>น้ำมัน</p></section>'), ["น้ำมัน", "ปาล์ม"])
    assert {finding.rule for finding in found} >= {"pdf.text.tounicode"}
    assert all("ปาล์ม" in finding.th and "น้ำมัน" not in finding.th for finding in found)


def test_a_phrase_cut_by_a_page_counts_word_by_word():
    assert lost_phrases(["กระทรวงแรงงาน"], "กระทรวง\nหน้า 3\nแรงงาน") == []
    assert lost_phrases(["จัดทำ"], "จัดทา") == ["จัดทำ"]
    sentence = "ตลาดแรงงานไทยในไตรมาสนี้ปรับตัวดีขึ้นจากการจ้างงาน"
    assert lost_phrases([sentence], f"{sentence[:20]}\nหน้า 3\n{sentence[20:]}") == []
    for at in range(len(sentence)):  # a letter that is another one, wherever it stands
        wrong = f"{sentence[:at]}X{sentence[at + 1 :]} {sentence[at]}"
        assert lost_phrases([sentence], wrong) == [sentence], at


def test_phrases_join_inline_elements_and_part_blocks():
    html = "<p>ลดลง<b>ร้อยละ</b> 1.2<span class='footnote'>ก</span>ข</p><p>ค</p><script>x</script>"
    assert html_phrases(html) == ["ลดลงร้อยละ", "1.2", "ก", "ข", "ค"]


def test_marks_must_not_nest_and_nothing_stays_unmarked():
    assert marked_sequences(b"/P <</MCID 0>> BDC [<00ff>] TJ EMC /Artifact BMC 0 0 1 1 re f EMC") == ([0], [])
    assert marked_sequences(b"/P <</MCID 0>> BDC /Artifact BMC EMC EMC")[1] == ["nested marks"]
    assert marked_sequences(b"1 0 0 rg 0 0 1 1 re f")[1] == ["unmarked content"]


def test_characters_without_glyph_are_known_beforehand():
    assert unsupported("กำ ▲–− A\u200b") == []
    assert unsupported("α☃ก") == ["α", "☃"]


@pytest.mark.parametrize("hyphen", ["\u00ad\n", "\ufffe", "\u2010\n"])
def test_a_word_that_a_hyphen_divides_at_the_end_of_a_page_is_not_lost(hyphen):
    between = f"air condi{hyphen}Synthetic data\nPage 32 of 38\f"
    assert lost_phrases(["conditioning"], f"{between}tioning supply") == []
    assert lost_phrases(["conditioning"], f"{between}tionin supply") == ["conditioning"]
    assert lost_phrases(["conditioning"], between.replace(hyphen, " ") + "tioning supply") == ["conditioning"]


def test_a_phrase_that_a_page_cuts_near_its_beginning_is_not_lost(monkeypatch):
    """Found without the dictionary, however short the first part; a rest that does not begin the next page is no proof."""
    monkeypatch.setattr(conformance, "word_tokenize", lambda phrase: [phrase])
    cut = f"ลดลง จุด\nหน้า 9{PAGE_END}มาจากการปรับ\nฤดูกาล ส่วนค่า"
    assert lost_phrases(["จุดมาจากการปรับฤดูกาล"], cut) == []
    for wrong in (cut.replace("มา", "มำ"), cut.replace("จุด", "จด"), cut.replace(PAGE_END, f"{PAGE_END}ก")):
        assert lost_phrases(["จุดมาจากการปรับฤดูกาล"], wrong) == ["จุดมาจากการปรับฤดูกาล"]
