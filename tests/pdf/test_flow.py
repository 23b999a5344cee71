"""Text stands on one grid of lines on every page; figures wait for room while text fills the page; nothing is lost or printed twice."""

from dataclasses import replace

import pypdfium2
import pytest

from reporter.domain.declarations import tokens
from reporter.pdf.conformance import PAGE_END, html_phrases, mapped_text
from reporter.pdf.typesetter import best_order
from reporter.pdf.worker_process import MeasuredBlock, PageItem

pytestmark = pytest.mark.slow

LINE = tokens().line["body"]  # points
TOP = 26 * 72 / 25.4  # points from the upper edge
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="166mm" height="{height}mm" viewBox="0 0 166 {height}"><path d="M0 0h166v{height}h-166z" fill="#1F4E79"/></svg>'
THAI = "ตลาดแรงงานไทยในไตรมาสนี้ปรับตัวดีขึ้นตามการจ้างงานในภาคบริการ "


def baselines(pdf: bytes, size: float) -> list[tuple[int, float]]:
    """(page, distance of a baseline from the upper edge) of every run of text of one size; points."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            height = page.get_height()
            for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=3):
                matrix = thing.get_matrix()
                if abs(abs(matrix.d) * _size(thing) - size) < 0.05:
                    found.append((number, height - matrix.f))
    return found


def _size(thing) -> float:
    import ctypes

    size = ctypes.c_float()
    pypdfium2.raw.FPDFTextObj_GetFontSize(thing.raw, size)
    return size.value


def off_grid(pdf: bytes, size: float) -> tuple[int, int]:
    """(lines off the grid, all lines): the commonest place on the grid is right."""
    places = [(round(y - TOP, 2) % LINE) for _, y in baselines(pdf, size)]
    right = max(places, key=lambda place: sum(abs(place - other) < 0.15 for other in places))
    return sum(min(abs(place - right), LINE - abs(place - right)) > 0.15 for place in places), len(places)


@pytest.fixture
def chapter(fragment, tmp_path):
    (tmp_path / "tall.svg").write_text(SVG.format(height=150))
    (tmp_path / "low.svg").write_text(SVG.format(height=61))

    def chapter_of(*blocks: str) -> bytes:
        return fragment(f'<section class="chapter" id="c"><h1>บท</h1>{"".join(blocks)}</section>')

    return chapter_of


def figure(number: int, name: str = "tall") -> str:
    return f'<figure id="f{number}"><figcaption>รูปที่ {number} ชื่อ</figcaption><img src="{name}.svg" alt="แท่ง {number}"></figure>'


def text(mark: str, times: int = 8) -> str:
    return f"<p>{mark} {THAI * times}</p>"


def test_body_lines_stand_on_one_grid(chapter):
    pdf = chapter(
        text("ก", 12), figure(1, "low"), text("ข", 9), "<h2>หัวข้อ</h2>", text("ค"), "<ul><li>หนึ่ง</li><li>สอง</li></ul>",
        "<aside class='note'><p>หมายเหตุ</p></aside>", text("ง", 30), figure(2, "low"), "<h3>ย่อย</h3>", text("จ", 20), text("ฉ", 20),
    )  # fmt: skip
    off, lines = off_grid(pdf, tokens().size["body"])
    assert lines > 30 and off == 0


def test_a_whole_report_stands_on_the_grid(report):
    """Body text only: panels of the headline page, boxes within columns and the contents keep their own measure."""
    off, lines = off_grid(report[1], tokens().size["body"])
    assert lines > 100 and off / lines <= 0.02


def test_a_figure_waits_while_text_fills_the_page(chapter):
    pdf = chapter(text("ต้น", 8), figure(1), text("กลาง", 12), figure(2), text("ปลาย", 20))
    first = mapped_text(pdf).split("\f")[0]
    assert "กลาง" in first and "รูปที่ 2" not in first.partition("กลาง")[2]
    assert mapped_text(pdf).find("รูปที่ 1") < mapped_text(pdf).find("รูปที่ 2")


def test_figures_and_their_captions_stay_together_and_nothing_is_lost_or_doubled(chapter):
    blocks = [
        text("ก๑"),
        figure(1),
        figure(2),
        text("ก๒", 10),
        figure(3),
        "<h2>หัวข้อใหม่</h2>",
        text("ก๓"),
        figure(4),
        text("ก๔", 30),
    ]
    pages = mapped_text(chapter(*blocks)).split("\f")
    read = "".join(pages)
    for word in ("ก๑", "ก๒", "ก๓", "ก๔", "หัวข้อใหม่", *(f"รูปที่ {n}" for n in range(1, 5))):
        assert sum(page.count(word) for page in pages) - read.count(f"({word}") == 1 + (word == "หัวข้อใหม่") * (
            read.count(word) - 1
        )


def test_a_heading_is_never_left_without_its_text_before_a_figure(chapter):
    """Where text went ahead with its heading and did not fit, the figure opens the next page and the heading follows it."""
    for lines in range(15, 40, 6):
        pdf = chapter(text("ต้น", lines), figure(1), "<h2>หัวข้อสอง</h2>", text("กลาง", 20))
        for page in mapped_text(pdf).split("\f"):
            if "หัวข้อสอง" in page:
                assert "กลาง" in page.partition("หัวข้อสอง")[2]


def test_a_heading_never_comes_between_two_waiting_figures(chapter):
    """Both figures belong to the section before: a heading may only go ahead together with its text."""
    box = f"<aside class='method'><p>{THAI * 30}</p></aside>"
    for lines in range(15, 40, 6):
        read = mapped_text(chapter(text("ต้น", lines), figure(1), figure(2), "<h2>หัวข้อสอง</h2>", box))
        places = [read.rfind(word) for word in ("รูปที่ 1", "หัวข้อสอง", "รูปที่ 2")]
        assert places != sorted(places)


def test_a_short_table_waits_whole(chapter, fragment):
    rows = "".join(f"<tr><th scope='row'>แถว {n}</th><td class='number'>{n}.0</td></tr>" for n in range(8))
    table = f"<table class='data' id='t'><caption>ตารางที่ 1</caption><thead><tr><th scope='col'>ชื่อ</th><th scope='col' class='number'>ค่า</th></tr></thead><tbody>{rows}</tbody></table>"
    pdf = chapter(text("ต้น", 38), table, text("ปลาย", 30))
    pages = mapped_text(pdf).split("\f")
    at = next(number for number, page in enumerate(pages) if "แถว 0" in page)
    assert "แถว 7" in pages[at]


def test_a_table_of_several_pages_does_not_go_ahead_of_a_figure(chapter):
    """The figure would stand pages from its text: it opens the next page, and the table follows."""
    rows = "".join(f"<tr><th scope='row'>แถว {n}</th><td class='number'>{n}.0</td></tr>" for n in range(120))
    table = f"<table class='data' id='t'><caption>ตารางที่ 1</caption><thead><tr><th scope='col'>ชื่อ</th><th scope='col' class='number'>ค่า</th></tr></thead><tbody>{rows}</tbody></table>"
    pages = mapped_text(chapter(text("ต้น", 36), figure(1), table)).split("\f")
    at = next(number for number, page in enumerate(pages) if "รูปที่ 1" in page)
    assert at == 1 and "แถว 0" in pages[at] and "แถว 119" in pages[-1] + pages[-2]


def table_of(rows: int) -> str:
    cells = "".join(
        f"<tr><th scope='row'>แถว {n}.</th><td class='number'>{n}.0</td></tr>" for n in range(rows)
    )
    return f"<table class='data' id='t{rows}'><caption>ตารางที่ 1</caption><thead><tr><th scope='col'>ชื่อ</th><th scope='col' class='number'>ค่า</th></tr></thead><tbody>{cells}</tbody></table>"


@pytest.mark.parametrize("rows", [14, 25, 40])
def test_a_table_that_fits_a_page_is_not_split(chapter, rows):
    for lines in (10, 30):
        pages = mapped_text(chapter(text("ต้น", lines), table_of(rows), text("ปลาย", 30))).split("\f")
        at = [number for number, page in enumerate(pages) if "แถว 0." in page or f"แถว {rows - 1}." in page]
        assert len(at) == 1


def test_what_begins_a_page_has_no_air_above_it(chapter):
    """Body text of a second page begins where that of every page does, whatever stands first there."""
    pdf = chapter(
        text("ต้น", 45), "<h2>หัวข้อหนึ่ง</h2>", text("ก", 90), "<h2>หัวข้อสอง</h2>", figure(1, "low"), text("ข", 60)
    )
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            picture = page.render(scale=1, grayscale=True).to_numpy().squeeze()
            inked = [row for row in range(54, 800) if (picture[row] < 200).any()]
            assert (
                inked[0] < 54 + 18
            )  # points: the leading of the first line or heading; margins would be 24 more


@pytest.mark.parametrize("more", range(8))
def test_a_line_filled_to_the_last_word_does_not_end_behind_its_first(fragment, more):
    """The text fits but for the space behind it: the line does not become one word and the rest."""
    said = "ที่มา: เช่นเดียวกับรูปที่ 3 หมายเหตุ: ขวาของ 100 คือสูงกว่าค่าเฉลี่ยระยะยาวของมิตินั้น เหนือเส้นศูนย์คือสูงกว่าปีก่อน เครื่องหมายสี่เหลี่ยมคือดัชนีรวม"
    width = 504.0 + more / 4  # points
    pdf = fragment(
        f"<p class='source' style='width: {width}pt'>{said}\n <span>ข้อมูลในไฟล์แนบ: labour_index.csv</span></p>"
    )
    lines = [y for _, y in baselines(pdf, tokens().size["note"]) if y < 700]
    assert len({round(y) for y in lines}) <= 3 and "ที่มา:\n" not in mapped_text(pdf)


FULL = 1000.0  # px, height of a page in the tests of the search
LINE_PX = 20.8


def lines_of(count: int, **more) -> PageItem:
    """A paragraph of so many lines, which breaks behind every line but the first and the last."""
    breaks = tuple((LINE_PX * n, 0.0) for n in range(2, count - 1))
    return PageItem("text", (MeasuredBlock(LINE_PX * count, on_grid=True, breaks=breaks),), (), **more)


def thing(kind: str, height: float, name: str = "") -> PageItem:
    return PageItem(
        kind, (MeasuredBlock(height, 15.6, 10.4),), (), anchors=frozenset([name]) if name else frozenset()
    )


def test_text_goes_ahead_of_a_figure_that_does_not_fit():
    order = [place for place, *_ in best_order([lines_of(30), thing("figure", 500), lines_of(20)], FULL)]
    assert order == [0, 2, 1]


def test_figures_keep_their_order_and_tables_theirs():
    items = (
        [lines_of(9)]
        + [thing(("figure", "table")[n % 2], 300 + 40 * n) for n in range(6)]
        + [lines_of(9) for _ in range(6)]
    )
    order = [place for place, *_ in best_order(items, FULL)]
    for kind in ("text", "figure", "table"):
        own = [place for place in order if items[place].kind == kind]
        assert own == sorted(own)
    assert sorted(order) == list(range(len(items)))


def test_a_figure_stands_on_the_page_of_its_text_or_the_facing_one():
    items = []
    for n in range(12):
        items += [
            lines_of(8 + 3 * (n % 4), links=frozenset([f"f{n}"])),
            thing("figure", 260 + 90 * (n % 5), f"f{n}"),
            lines_of(5),
        ]
    page_of = {place: starts for place, starts, _ in best_order(items, FULL)}
    assert all(abs(page_of[place + 1] - page_of[place]) <= 1 for place in range(0, len(items), 3))


def test_no_figure_leaves_its_chapter():
    items = [lines_of(40, section=1), thing("figure", 600, "a"), lines_of(40, section=2)]
    items[1] = replace(items[1], section=1)
    assert [place for place, *_ in best_order(items, FULL)] == [0, 1, 2]


def test_the_search_fills_pages_better_than_the_order_as_written():
    """Twenty figures of half a page and more, each behind a short text: as written every page is left half empty."""
    items = [item for n in range(20) for item in (lines_of(12), thing("figure", 420 + 30 * (n % 5)))]
    assert max(page for _, page, _ in best_order(items, FULL)) + 1 <= 16


def test_every_phrase_of_a_moved_document_is_there(chapter):
    blocks = "".join(text(f"ย่อหน้า{n}", 6) + figure(n, "low" if n % 2 else "tall") for n in range(1, 9))
    read = mapped_text(chapter(blocks)).replace("\n", "")
    assert all(phrase in read for phrase in html_phrases(blocks))


@pytest.mark.parametrize("lines", [41, 42, 43, 44])
def test_a_heading_stays_with_the_first_of_its_terms(fragment, lines):
    terms = "".join(f"<dt>คำ{n}</dt><dd>ความหมายของคำที่ {n}</dd>" for n in range(12))
    before = "".join(f"<p>บรรทัด{n}</p>" for n in range(lines))
    pdf = fragment(
        f'<section class="chapter"><h1>บท</h1>{before}<h2>หัวข้อย่อย</h2><dl class="terms">{terms}</dl></section>'
    )
    pages = mapped_text(pdf).split(PAGE_END)
    at = [
        next(number for number, text in enumerate(pages) if words in text.replace("\n", ""))
        for words in ("หัวข้อย่อย", "คำ0", "ความหมายของคำที่ 0")
    ]
    assert len(set(at)) == 1
