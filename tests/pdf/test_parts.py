"""A document in parts: the same pages as in one piece, the same bytes whatever was kept."""

import io
import re

import pikepdf
import pytest

from reporter.pdf import check, typeset, typesetter
from reporter.pdf.conformance import PAGE_END, readings, structure
from reporter.pdf.join import DocumentPart, printed, split
from reporter.pdf.worker_process import DrawRequest, LayRequest, MeasureRequest
from reporter.runtime.cache import StageCache
from tests.support import document as sample

pytestmark = pytest.mark.slow

HEAD = '<!doctype html><html lang="th"><head><title>x</title></head><body class="draft">'
LONG = "<p>" + "กำลังแรงงาน " * 250 + "</p>"


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    """Parts as long as these documents have them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reporter.pdf.join.SHORT", 2500)
        yield


def chapter(name: str, text: str, classes: str = "chapter") -> str:
    return f'<section class="{classes}" id="{name}"><h1>{name}</h1>{text}</section>'


def begins(parts: tuple[DocumentPart, ...]) -> list[str]:
    return [part.html.removeprefix(HEAD)[:34] for part in parts]


def test_chapters_are_parts_and_what_follows_belongs_to_them():
    inner = '<section class="inner"><section class="chapter">ไม่ใช่บท</section></section>'
    html = f"{HEAD}{chapter('a', LONG)}{chapter('b', LONG + inner)}<p>ท้าย</p></body></html>"
    first, second = split(html)
    assert first.html == f"{HEAD}{chapter('a', LONG)}</body></html>"
    assert second.html == f"{HEAD}{chapter('b', LONG + inner)}<p>ท้าย</p></body></html>"
    assert (first.number, second.number) == (0, 1)


def test_short_neighbours_stay_together_and_lists_of_contents_alone():
    lists = (
        '<nav class="contents"><a href="#a">a</a></nav><nav class="contents figures"><a href="#b">b</a></nav>'
    )
    html = f"{HEAD}{chapter('a', '')}{chapter('b', '')}{lists}{chapter('c', '')}</body></html>"
    parts = split(html)
    assert [part.refers for part in parts] == [False, True, False]
    assert parts[1].links() == {"a", "b"}


def test_what_stands_behind_a_number_is_not_printed():
    number = '<td>▲ <data class="n" value="1.23" data-cell="t?a=x&amp;b&gt;=1#v">1.2</data> จุด</td>'
    assert printed(number) == printed(number.replace("1.23", "1.24")) == "<td>▲ 1.2 จุด</td>"
    assert printed('<p class="data">ข้อมูล</p>') == '<p class="data">ข้อมูล</p>'


def test_brief_chapters_share_their_page():
    brief = "chapter brief"
    html = f"{HEAD}{chapter('a', LONG)}{chapter('b', LONG, brief)}{chapter('c', LONG, brief)}</body></html>"
    assert len(split(html)) == 2


@pytest.mark.parametrize("html", ["", "<p>ไม่มีเนื้อหา</p>", HEAD, f"{HEAD}</body></html>"])
def test_what_has_no_chapter_is_one_part(html):
    assert [part.html for part in split(html)] == [html]


@pytest.fixture(scope="module")
def long_document(tmp_path_factory):
    """Assets and HTML of a document of several parts, each longer than what is put together."""
    assets = tmp_path_factory.mktemp("long")
    html = sample.document(assets, chapters=2, sections=1, rows=26, charts=1)
    return assets, html.replace("<h1>ภาคผนวก", f"{LONG}<h1>ภาคผนวก")


@pytest.fixture(scope="module")
def kept(long_document, tmp_path_factory):
    """The document's PDF and the cache that it was made with."""
    cache = StageCache(tmp_path_factory.mktemp("cache"))
    return set_(*long_document, cache=cache), cache


def set_(assets, html, **options):
    return typeset(html, assets=assets, metadata=sample.METADATA, **options)


def test_bytes_do_not_depend_on_what_was_kept_and_nothing_is_asked_twice(long_document, kept, monkeypatch):
    assets, html = long_document
    assert len(split(html)) > 3
    alone, cache = kept
    monkeypatch.setattr(
        "reporter.pdf.worker_process.WorkerProcess.ask", lambda self, request: pytest.fail(str(request))
    )
    assert set_(assets, html, cache=cache) == alone


@pytest.fixture
def asked(monkeypatch):
    """What the worker process is asked, in order."""
    requests = []
    original = typesetter.WorkerProcess.ask

    def ask(self, request):
        requests.append(request)
        return original(self, request)

    monkeypatch.setattr(typesetter.WorkerProcess, "ask", ask)
    return requests


def test_only_the_part_that_changed_is_set_again(long_document, kept, asked):
    assets, html = long_document
    last = split(html)[-1]
    changed = html[: html.rfind("</section>")] + "<p>เพิ่มหนึ่งย่อหน้า</p>" + html[html.rfind("</section>") :]
    again = set_(assets, changed, cache=kept[1])
    assert {request.part for request in asked} == {last.number}
    assert again == set_(assets, changed)


@pytest.fixture
def picture(long_document):
    """One chart of the document, as it was when the test is over."""
    assets, html = long_document
    path = next(path for path in sorted(assets.rglob("*.svg")) if path.name in html)
    as_it_was = path.read_bytes()
    yield path
    path.write_bytes(as_it_was)


def test_a_changed_picture_is_put_in_without_setting_the_pages_again(long_document, kept, picture, asked):
    assets, html = long_document
    before, cache = kept
    picture.write_bytes(
        picture.read_bytes().replace(b"</svg>", b'<path d="M1 1H9V9Z" fill="#123456"/></svg>')
    )
    again = set_(assets, html, cache=cache)
    assert asked == []
    assert again != before
    assert again == set_(assets, html)
    assert b"0.07059 0.2039 0.3373 rg" in forms(again)
    assert b"0.07059 0.2039 0.3373 rg" not in forms(before)


def test_a_picture_of_another_size_moves_the_pages(long_document, kept, picture, asked):
    assets, html = long_document
    smaller = re.sub(rb'height="([\d.]+)', lambda found: b'height="%.1f' % (float(found[1]) / 2), picture.read_bytes(), count=1)  # fmt: skip
    picture.write_bytes(smaller)
    again = set_(assets, html, cache=kept[1])
    assert {request.part for request in asked if isinstance(request, LayRequest)}
    assert again == set_(assets, html)


def test_a_picture_that_we_cannot_draw_is_drawn_by_weasyprint(long_document, kept, picture, asked):
    assets, html = long_document
    gradient = b'<linearGradient id="g"><stop offset="0" stop-color="#123456"/></linearGradient><rect width="9" height="9" fill="url(#g)"/></svg>'
    picture.write_bytes(picture.read_bytes().replace(b"</svg>", gradient))
    again = set_(assets, html, cache=kept[1])
    assert {type(request) for request in asked} == {MeasureRequest, LayRequest, DrawRequest}
    assert check(again, html) == []
    asked.clear()
    assert set_(assets, html, cache=kept[1]) == again
    assert asked == []


def forms(pdf: bytes) -> bytes:
    """The content of all forms."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return b"\n".join(item.read_bytes() for item in opened.objects if is_form(item))


def is_form(item) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"


def test_every_form_has_resources_of_its_own(kept):
    with pikepdf.open(io.BytesIO(kept[0])) as opened:
        found = [item for item in opened.objects if is_form(item)]
        drawn = [name for item in found for name in re.findall(rb"/(o\w+) Do", item.read_bytes())]
        assert drawn
        for item in found:
            names = {f"/{name.decode()}" for name in re.findall(rb"/(o\w+) Do", item.read_bytes())}
            assert names == set(item.Resources.get("/XObject", {}).keys())


def test_pages_are_counted_through_and_everything_is_checked(long_document, kept):
    html, pdf = long_document[1], kept[0]
    assert check(pdf, html, bookmarks=5) == []
    pages = readings(pdf)["pdfium"].split(PAGE_END)
    assert all(f"หน้า {number} จาก {len(pages)}" in text for number, text in enumerate(pages[1:], start=2))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        tree = opened.Root.StructTreeRoot
        assert [str(kid.S) for kid in tree.K] == ["/Document"]
        keys = [int(key) for key in list(tree.ParentTree.Nums)[::2]]
        assert keys == list(range(int(tree.ParentTreeNextKey)))
        identifiers = [str(item.ID) for item in structure(tree) if "/ID" in item]
        assert len(identifiers) == len(set(identifiers)) > 0
        titles = []
        item = opened.Root.Outlines.First
        while item is not None:
            titles.append(str(item.Title))
            item = item.get("/Next")
        assert len(titles) == html.count("<h1") - 1  # the cover's is no bookmark


def test_what_parts_have_in_common_is_there_once(kept):
    with pikepdf.open(io.BytesIO(kept[0])) as pdf:
        streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        forms = [item.read_raw_bytes() for item in streams if item.get("/Subtype") == "/Form"]
        profiles = [item for item in streams if "/N" in item and "/First" not in item]
    assert len(forms) == len(set(forms))
    assert len(profiles) == 1


def bookmarks(parent) -> list:
    """Titles below a bookmark, each with those below it."""
    found, item = [], parent.get("/First")
    while item is not None:
        found.append((str(item.Title), bookmarks(item)))
        item = item.get("/Next")
    return found


def test_a_chapter_goes_on_in_a_part_of_its_own(fragment):
    further = '<section class="chapter continued"><h2 id="s">{}</h2>{}<h3>ย่อย</h3></section>'
    body = chapter("ก", "<h2>ต้น</h2>" + LONG) + further.format("กลาง", LONG) + further.format("ปลาย", LONG).replace('"s"', '"t"') + chapter("ข", LONG)  # fmt: skip
    assert len(split(f"{HEAD}{body}</body></html>")) == 4
    pdf = fragment(body)
    pages = readings(pdf)["pdfium"].split(PAGE_END)
    first = [
        next(number for number, text in enumerate(pages) if head in text) for head in ("ต้น", "กลาง", "ปลาย")
    ]
    assert [pages[number].count("ก\r\n") for number in first] == [
        1,
        1,
        1,
    ]  # its own name, then the running head
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        outline = opened.Root.Outlines
        assert bookmarks(outline) == [
            ("ก", [("ต้น", []), ("กลาง", [("ย่อย", [])]), ("ปลาย", [("ย่อย", [])])]),
            ("ข", []),
        ]
        assert [int(outline.Count), int(outline.First.Count)] == [7, 5]
    assert check(pdf, f"{HEAD}{body}</body></html>") == []


def test_a_document_may_begin_below_the_top(fragment):
    with pikepdf.open(io.BytesIO(fragment("<h3>ก</h3><h2>ข</h2><h3>ค</h3>"))) as opened:
        assert bookmarks(opened.Root.Outlines) == [("ก", []), ("ข", [("ค", [])])]


def test_a_link_into_another_part_leads_there_and_a_lost_one_is_refused(fragment):
    body = chapter("a", LONG + '<p><a href="#b">ไปบทหลัง</a></p>') + chapter("b", LONG)
    with pikepdf.open(io.BytesIO(fragment(body))) as pdf:
        names = list(pdf.Root.Names.Dests.Names)
        targets = dict(zip(map(str, names[::2]), names[1::2], strict=True))
        page = next(number for number, page in enumerate(pdf.pages) if page.obj == targets["b"][0])
        links = [note for item in pdf.pages for note in item.get("/Annots", ())]
    assert [str(link.Dest) for link in links] == ["b"]
    assert page > 0
    with pytest.raises(typesetter.RenderError) as refusal:
        fragment(body.replace("#b", "#ไม่มี"))
    assert [finding.rule for finding in refusal.value.findings] == ["pdf.anchor"]


def test_a_page_number_in_the_text_is_that_of_the_target(fragment):
    body = chapter("a", '<p>ดู<a class="page" href="#b">บทหลัง</a></p>') + chapter("b", LONG)
    text = readings(fragment(body))["pdfium"].split(PAGE_END)[0]
    assert "(หน้า 2)" in text.replace("\u00a0", " ")


def test_a_page_number_needs_no_chapter_and_no_running_head(fragment):
    assert "(หน้า 1)" in readings(fragment('<p id="p">ดู<a class="page" href="#p">ข้อนี้</a></p>'))[
        "pdfium"
    ].replace("\u00a0", " ")


def test_too_little_time_is_said_in_words(fragment):
    with pytest.raises(typesetter.RenderError) as refusal:
        fragment(chapter("a", LONG), timeout=0.01)
    assert [finding.rule for finding in refusal.value.findings] == ["pdf.time"]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="160mm" height="90mm" viewBox="0 0 160 90"><path d="M0 0h160v90h-160z" fill="#1F4E79"/></svg>'


def running_on(tmp_path, said: str = "") -> str:
    """The inside of a body: five chapters that run on, of about three pages each, with a figure and a table each."""
    (tmp_path / "c.svg").write_text(SVG)
    rows = "".join(f"<tr><th scope='row'>แถว {n}</th><td class='number'>{n}.0</td></tr>" for n in range(6))
    found = []
    for n in range(1, 6):
        paragraphs = "".join(f'<h2 id="h{n}{m}">ตอน {n}.{m}</h2>{LONG}{LONG}' for m in range(3))
        figure = (
            f'<figure id="f{n}"><figcaption>รูปที่ {n} ชื่อ</figcaption><img src="c.svg" alt="แท่ง {n}"></figure>'
        )
        table = f'<table class="data" id="t{n}"><caption>ตารางที่ {n} ชื่อ</caption><thead><tr><th scope="col">ก</th><th scope="col">ข</th></tr></thead><tbody>{rows}</tbody></table>'
        link = f'<p>ดู<a href="#f{n}">รูปที่ {n}</a> {said if n == 4 else ""}</p>'
        classes = "chapter flows" if n > 1 else "chapter"
        found.append(chapter(f"c{n}", f"{link}{figure}{table}{paragraphs}", classes))
    return "".join(found)


def headings_by_page(pdf: bytes) -> list[str]:
    """For every page the section headings that it shows."""
    return [
        " ".join(re.findall(r"ตอน \d\.\d", text.replace("\u00a0", " ")))
        for text in readings(pdf)["pdfium"].split(PAGE_END)
    ]


def test_a_changed_sentence_measures_its_chapter_and_sets_one_piece(tmp_path, asked):
    cache = StageCache(tmp_path / "cache")
    page = '<!doctype html><html lang="th"><head><title>x</title></head><body>{}</body></html>'
    before = set_(tmp_path, page.format(running_on(tmp_path, "ดีขึ้น")), cache=cache)
    assert sum(isinstance(request, MeasureRequest) for request in asked) == 5
    pieces = [request.html for request in asked if isinstance(request, LayRequest)]
    assert len(pieces) >= 2
    assert not any('id="c1"' in html and 'id="c5"' in html for html in pieces)
    asked.clear()
    html = page.format(running_on(tmp_path, "แย่ลง"))
    after = set_(tmp_path, html, cache=cache)
    assert [type(request) for request in asked] == [MeasureRequest, LayRequest, DrawRequest]
    assert after == set_(tmp_path, html)
    assert check(after, html) == []
    assert headings_by_page(after) == headings_by_page(before)


def test_pieces_have_the_pages_of_the_whole(tmp_path, monkeypatch):
    html = f'<!doctype html><html lang="th"><head><title>x</title></head><body>{running_on(tmp_path)}</body></html>'
    cut = set_(tmp_path, html)
    monkeypatch.setattr(typesetter, "runs", lambda placed, items: [placed])
    assert headings_by_page(set_(tmp_path, html)) == headings_by_page(cut)
    with pikepdf.open(io.BytesIO(cut)) as opened:
        names = [str(name) for name in list(opened.Root.Names.Dests.Names)[::2]]
    assert {f"c{n}" for n in range(1, 6)} <= set(names)


def test_a_piece_that_comes_out_longer_is_not_cut(tmp_path, asked, monkeypatch):
    html = f'<!doctype html><html lang="th"><head><title>x</title></head><body>{running_on(tmp_path)}</body></html>'
    right = typesetter.best_order

    def half(items, page):
        """As if every page held two more lines than it does."""
        return right(items, page + 60)

    monkeypatch.setattr(typesetter, "best_order", half)
    pdf = set_(tmp_path, html)
    assert check(pdf, html) == []
    lays = [request for request in asked if isinstance(request, LayRequest)]
    assert all(f'id="c{n}"' in lays[-1].html for n in range(1, 6))
    pages = readings(pdf)["pdfium"].split(PAGE_END)
    assert f"จาก {len(pages)}" in pages[-1].replace("\u00a0", " ")


def test_loose_words_and_other_sections_are_not_lost(fragment, tmp_path):
    (tmp_path / "c.svg").write_text(SVG)
    picture = '<figure><figcaption>รูปที่ 1</figcaption><img src="c.svg" alt="แท่ง"></figure>'
    body = (
        f'<section class="chapter"><h1>ก</h1>คำลอย{picture}<p>ต่อ</p></section>'
        f'<section class="chapter flows"><h1>ข</h1>{picture}<p>ท้าย</p></section><section class="chapter flows" id="ว่าง"></section>'
        f'<section class="chapter wide"><h1>กว้าง</h1><p>หน้านอน</p></section>'
    )
    text = readings(fragment(body))["pdfium"]
    assert [word in text for word in ("คำลอย", "ต่อ", "ท้าย", "หน้านอน")] == [True] * 4


def test_the_imprint_stands_below_the_last_chapter(fragment, tmp_path):
    imprint = '<section class="colophon"><p>ผู้จัดทำ</p></section>'
    pages = readings(fragment(running_on(tmp_path) + imprint))["pdfium"].split(PAGE_END)
    assert "ผู้จัดทำ" in pages[-1]
    assert "กำลังแรงงาน" in pages[-1]
