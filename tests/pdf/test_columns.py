"""Columns fit their heads and numbers; a table that does not fit upright turns, at the end of its chapter."""

import io
from xml.etree import ElementTree

import pikepdf
import pytest
import tinyhtml5

from reporter.domain.declarations import tokens
from reporter.domain.thai import protect_tree
from reporter.pdf.conformance import kids, structure
from reporter.pdf.pages import (
    MeasuredColumn,
    columns_of,
    size_tables,
    width,
    widths,
)

UPRIGHT = tokens().page["measure"] * 72 / 25.4


def table(heads, rows=3, name="ชื่อรายการ", classes="data"):
    head = "".join(f"<th scope='col' class='number'>{head}</th>" for head in heads)
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{'<td class=number>1,234.5</td>' * len(heads)}</tr>"
        for _ in range(rows)
    )
    return f"<table class='{classes}' id='t'><caption>ตารางที่ 1 ชื่อ</caption><thead><tr><th scope='col'>รายการ</th>{head}</tr></thead><tbody>{body}</tbody></table>"


def sized(html):
    root = tinyhtml5.parse(f"<html lang='th'><body>{html}</body></html>", namespace_html_elements=False)
    protect_tree(root)
    size_tables(root)
    return root


def shares(root):
    return [float(col.get("style").split()[1].rstrip("%")) for col in root.iter("col")]


def test_columns_of_numbers_are_alike_where_there_is_room():
    words, *numbers = shares(sized(f"<section>{table(['ระดับ', 'เทียบไตรมาสก่อน', 'เทียบปีก่อน'])}</section>"))
    assert max(numbers) == min(numbers)
    assert words + sum(numbers) == pytest.approx(100, abs=0.01)


def test_a_head_takes_two_lines_at_most():
    root = sized(
        f"<section>{table(['เทียบไตรมาสก่อน', 'จำนวนตัวอย่าง', 'ขอบล่างร้อยละ 95', 'ขอบบนร้อยละ 95'])}</section>"
    )
    for share, column in zip(shares(root), columns_of(next(root.iter("table")), compact=False), strict=True):
        assert share / 100 * UPRIGHT >= column.least - 0.01


def test_words_get_what_numbers_leave():
    columns = [MeasuredColumn(False, 60, 400), MeasuredColumn(True, 50, 50), MeasuredColumn(True, 70, 70)]
    assert widths(columns, 300) == pytest.approx([180 / 300, 50 / 300, 70 / 300])


def test_most_room_goes_where_there_is_most_to_read():
    columns = [
        MeasuredColumn(False, 50, 300, bulk=100),
        MeasuredColumn(True, 40, 40),
        MeasuredColumn(False, 50, 300, bulk=300),
    ]
    assert [share * 300 for share in widths(columns, 300)] == pytest.approx([90, 40, 170])


def test_no_column_gets_more_than_is_ample_while_another_is_short():
    columns = [MeasuredColumn(False, 50, 60, bulk=900), MeasuredColumn(False, 50, 300, bulk=100)]
    assert [share * 200 for share in widths(columns, 200)] == pytest.approx([60, 140])


def test_a_table_with_too_many_columns_turns_and_moves_to_the_end():
    root = sized(f"<section class='chapter'>{table([f'ไตรมาสที่ {n}' for n in range(14)])}<p>ต่อ</p></section>")
    section = next(root.iter("section"))
    assert [element.tag for element in section] == ["p", "table"] and "wide" in section[1].get(
        "class"
    ).split()


def test_a_table_of_a_few_columns_stays_where_it_is():
    root = sized(f"<section class='chapter'>{table(['ระดับ'])}<p>ต่อ</p></section>")
    classes = next(root.iter("table")).get("class").split()
    assert next(root.iter("section"))[0].tag == "table" and "short" in classes and "wide" not in classes


def test_marks_take_no_room():
    assert width("ที่นี่", 10) == width("ทน", 10) + width("", 10) and width("ก\u200bก", 10) == width("กก", 10)


def test_the_turned_page_has_bookmarks_furniture_and_order(fragment):
    heads = [f"ไตรมาสที่ {n}" for n in range(14)]
    body = f"<section class='chapter' id='c'><h1>บทกว้าง</h1><p>ก่อนตาราง</p>{table(heads)}<p>หลังตาราง</p></section><section class='chapter' id='d'><h1>บทถัดไป</h1><p>จบ</p></section>"
    with pikepdf.open(io.BytesIO(fragment(body))) as pdf:
        shapes = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in pdf.pages]
        assert shapes == [False, True, False]
        content = pdf.pages[1].Contents.read_bytes()
        assert b"/Subtype /Header" in content and b"/Subtype /Footer" in content
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["บทกว้าง", "บทถัดไป"]
        kinds = [str(element.S) for element in structure(pdf.Root.StructTreeRoot)]
        first = kinds.index("/Table")
        assert kinds[:first].count("/P") == 2 and kinds[first:].count("/P") == 1
        heading = next(element for element in structure(pdf.Root.StructTreeRoot) if str(element.S) == "/H1")
        assert kids(heading)


def test_columns_are_left_alone_where_cells_span():
    spanned = "<table class='data'><thead><tr><th colspan='2'>ก</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    root = sized(spanned)
    assert ElementTree.tostring(root).count(b"<col ") == 0
