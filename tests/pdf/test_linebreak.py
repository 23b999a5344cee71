"""No line ends inside a word, a name, a date or a number with its unit."""

from xml.etree import ElementTree

import pytest
from pythainlp.corpus import thai_words
from pythainlp.tokenize import word_tokenize

from reporter.domain.thai import (
    BREAK,
    NO_BREAK_SPACE,
    breaks,
    held_spaces,
    protect,
    protect_tree,
    strip,
)
from tests.support import document as sample

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "together",
    [
        "ไตรมาสที่ 3", "ปี 2568", "ร้อยละ 1.2", "ร้อยละ −1.2", "พ.ศ. 2568", "98.6 จุด", "12.1 ล้านคน", "14 พฤศจิกายน 2568", "ตารางที่ 4", "มาตรา 33",
        "▲ 1.2", "ต่าง ๆ", "นครราชสีมา", "กรุงเทพมหานคร", "สำนักงานปลัดกระทรวง", "ภาคผนวก ก", "พ.ร.บ.", "ก.ย. 2568", "6 ตัว", "10 มิติ", "97.3 คะแนน", "16 สาขา",
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(together):
    marked = protect(f"รายงานว่า {together} เพิ่มขึ้น")
    inside = marked[marked.index(together[0], 9) :][: len(together)]
    assert inside.replace(NO_BREAK_SPACE, " ") == together
    assert " " not in inside
    assert BREAK not in inside


def test_names_of_the_workspace_are_kept_too():
    assert BREAK not in protect("ดัชนีแรงงานไทยใหม่", ["ดัชนีแรงงานไทยใหม่"])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("จัดไว้ในสามลำดับแรก สัดส่วนหลังนี้ไม่เปลี่ยนแปลง", "สัดส่วน"),
        ("ทั้งมาตรการรักษาการจ้างงานและการโยกย้าย", "มาตรการ"),
        ("เพราะเป็นตัวชี้วัดที่เปลี่ยนแปลงก่อน", "ตัวชี้วัด"),
    ],
)
def test_a_word_that_the_segmentation_cuts_is_not_cut(text, word):
    assert word in protect(text)


def test_no_break_lies_inside_a_word_of_the_dictionary_that_begins_at_a_break():
    known = set(thai_words())
    for paragraph in sample.PARAGRAPHS:
        plain, ends = "", [0]
        for character in protect(paragraph):
            if character in (BREAK, " "):
                ends.append(len(plain) + (character == " "))
            plain += "" if character == BREAK else character
        for start in ends:
            for end in (end for end in ends if start < end < start + 20):
                longer = [plain[start:stop] for stop in range(end + 1, start + 20)]
                assert not [word for word in longer if word in known and " " not in word]


def test_an_employer_is_no_gentleman_with_a_name():
    assert BREAK in protect("ที่นายจ้างต้องการแต่ประเมินว่าแรงงานตามหลัง")
    assert BREAK not in protect("นายสมชาย").strip(BREAK)


def test_every_break_is_a_boundary_of_pythainlp():
    for paragraph in sample.PARAGRAPHS:
        boundaries, position = set(), 0
        for word in word_tokenize(paragraph):
            position += len(word)
            boundaries.add(position)
        plain = 0
        for character in protect(paragraph):
            if character == BREAK:
                assert plain in boundaries
            else:
                plain += 1


def test_lines_of_the_page_end_only_at_boundaries(fragment):
    from reporter.pdf.conformance import readings

    paragraph = sample.PARAGRAPHS[1]
    lines = readings(fragment(f'<p style="width: 40mm">{paragraph}</p>'))["tounicode"].split("\n")
    allowed = {strip(piece) for piece in protect(paragraph).replace(" ", BREAK).split(BREAK)}
    lines = [line.strip() for line in lines if line.strip() and "หน้า" not in line]
    assert len(lines) > 5
    for line in lines:
        pieces = protect(line).replace(" ", BREAK).split(BREAK)
        assert strip(pieces[0]) in allowed
        assert strip(pieces[-1]) in allowed


def test_marks_cross_inline_elements_and_change_nothing_a_reader_sees():
    root = ElementTree.fromstring(
        '<body><p>อัตราการ<b>ว่างงาน</b>ลดลง <a href="#ก ข">ร้อยละ</a> 1.2</p><pre>กระทรวงแรงงาน  ไทย</pre></body>'
    )
    before = "".join(root.itertext())
    protect_tree(root)
    assert strip("".join(root.itertext())) == before
    assert root[0][0].text == "ว่างงาน" + BREAK
    assert root[0][1].tail == NO_BREAK_SPACE + "1.2"
    assert root[0][1].get("href") == "#ก ข"
    assert BREAK not in root[1].text


def test_a_short_cell_is_one_piece():
    root = ElementTree.fromstring("<table><tr><td> ใช้ 2 <b>ครั้ง</b></td><th>จำนวนผู้ว่างงาน</th></tr></table>")
    protect_tree(root)
    assert root[0][0].text == f" ใช้{NO_BREAK_SPACE}2 "
    assert BREAK in root[0][1].text


@pytest.mark.parametrize(
    "text",
    [
        "ดัชนีเพิ่มขึ้น 1.2 จุด ในไตรมาสที่ 3 ปี 2568",
        "วันที่ 14 พฤศจิกายน 2568 จังหวัดพระนครศรีอยุธยา มีผู้ว่างงาน 4 แสนคน",
        "no Thai at all",
    ],
)
def test_spaces_are_held_alike_where_browsers_break_the_lines(text):
    assert held_spaces(text) == (frozenset(), breaks(text)[1])
