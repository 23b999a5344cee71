"""Pictures of the analysts' text: only pixels get into an issue, each with words for those who cannot see it."""

import io

import pytest
from PIL import Image, PngImagePlugin

from reporter.domain.periods import parse_quarter
from reporter.inputs import commentary as pictures
from reporter.inputs.commentary import ChapterText, Commentary, read_commentary
from reporter.report.commentary import blocks_of
from reporter.report.document import Aside, FigureBlock
from reporter.report.pages import image_size, print_html, write
from tests.report.issues import context, whole_findings, whole_tables

pytestmark = pytest.mark.slow

QUARTER = parse_quarter("2025-Q3")
ALT = "แผนที่แสดงจังหวัดที่มีการเลิกจ้าง"


def png(width=40, height=30, secret=""):
    made, about = io.BytesIO(), PngImagePlugin.PngInfo()
    about.add_text("Comment", secret)
    Image.new("RGB", (width, height), "#1F4E79").save(made, "PNG", pnginfo=about)
    return made.getvalue()


def jpeg(secret="somebody"):
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x013B] = secret  # the artist
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (60, 20), "#B3661A").save(made, "JPEG", exif=exif)
    return made.getvalue()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "commentary" / "2025-Q3").mkdir(parents=True)
    return tmp_path


def read(root, text):
    (root / "commentary/2025-Q3/labour.md").write_text(text, encoding="utf-8")
    commentary, found = read_commentary(root, QUARTER)
    return commentary.chapters["labour"], found


def test_a_picture_is_written_anew_and_holds_nothing_but_pixels(root):
    (root / "figures/map.png").write_bytes(png(secret="a secret") + b"<script>alert(1)</script>")
    (root / "figures/photo.jpg").write_bytes(jpeg())
    text, found = read(
        root, f'ก่อน\n\n![{ALT}](figures/map.png "แผนที่")\n\n![{ALT} ภาพถ่าย](figures/photo.jpg)\n'
    )
    assert found == []
    map_, photo = text.pictures
    assert b"secret" not in map_.content and b"script" not in map_.content
    assert b"somebody" not in photo.content and (photo.width, photo.height) == (20, 60)  # set upright
    assert map_.file.startswith("figures/") and map_.suffix == ".png" and photo.suffix == ".jpg"


def test_the_picture_stands_in_the_report_with_its_words(root, tmp_path):
    (root / "figures/แผนที่ 1.png").write_bytes(png(1200, 800))
    text, found = read(root, f'ก่อน\n\n![{ALT}](<figures/แผนที่ 1.png> "แผนที่การเลิกจ้าง")\n\nหลัง\n')
    assert found == []
    own = Commentary(chapters={"labour": text})
    made = write(whole_findings(), [], whole_tables(), context(), own)
    figure = next(block for block in made.blocks() if isinstance(block, FigureBlock) and not block.number)
    assert (figure.alt, figure.title, figure.width) == (ALT, "แผนที่การเลิกจ้าง", "full")
    assert figure not in made.figures  # the list of figures counts the program's
    html = print_html(made, context())
    assert f'<img src="{figure.svg}" alt="{ALT}">' in html and "รูปที่ 0" not in html
    pictures.write_pictures(tmp_path, text.pictures)
    assert image_size(tmp_path / figure.svg) == (1200, 800)


def test_the_same_picture_twice_has_two_names(root):
    (root / "figures/map.png").write_bytes(png())
    text, _ = read(root, f"![{ALT}](figures/map.png)\n\n![{ALT}](figures/map.png)\n")
    ids = [block.id for block in blocks_of(text.markdown, None, text.pictures)]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("alt", ["", "ภาพ", "figures", "map.png"])
def test_a_picture_without_alternative_text_is_an_error(root, alt):
    (root / "figures/map.png").write_bytes(png())
    text, found = read(root, f"![{alt}](figures/map.png)\n")
    assert text.pictures == () and [one.severity for one in found] == ["error"]


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", png()[:60]],
)
def test_what_is_no_picture_is_an_error(root, content):
    (root / "figures/map.png").write_bytes(content)
    text, found = read(root, f"![{ALT}](figures/map.png)\n")
    assert text.pictures == () and [one.rule for one in found] == ["commentary.picture"]


def test_large_files_and_pictures_that_unpack_to_much_are_refused(root, monkeypatch):
    (root / "figures/map.png").write_bytes(b"\0" * (pictures.LARGEST_BYTES + 1))
    assert read(root, f"![{ALT}](figures/map.png)\n")[1][0].severity == "error"
    monkeypatch.setattr(pictures, "LARGEST_PIXELS", 1_000)
    (root / "figures/map.png").write_bytes(png(100, 100))
    assert "100 × 100" in read(root, f"![{ALT}](figures/map.png)\n")[1][0].en


def test_a_wide_picture_is_made_as_wide_as_print_needs(root):
    _, suffix, width, height = pictures.encoded_picture(png(4200, 100), "map.png")
    assert (suffix, width, height) == (".png", pictures.WIDEST, 50)


@pytest.mark.parametrize(
    "path",
    ["figures/../secret.png", "figures/none.png", "/etc/passwd", "https://example.org/x.png", "map.png"],
)
def test_no_picture_comes_from_elsewhere(root, path):
    (root / "secret.png").write_bytes(png())
    text, found = read(root, f"![{ALT}]({path})\n")
    assert text.pictures == () and len(found) == 1
    block = blocks_of(text.markdown, None, text.pictures)[0]
    assert path in block.sentences[0].text  # as it was typed


def test_a_link_out_of_the_workspace_is_refused(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "map.png"
    outside.write_bytes(png())
    (root / "figures/map.png").symlink_to(outside)
    text, found = read(root, f"![{ALT}](figures/map.png)\n")
    assert text.pictures == () and [one.rule for one in found] == ["file.outside"]


def test_a_picture_within_a_sentence_stays_text_and_is_told(root):
    (root / "figures/map.png").write_bytes(png())
    text, found = read(root, f"ดู ![{ALT}](figures/map.png) นี้\n")
    assert [one.severity for one in found] == ["warning"]
    made = write(
        whole_findings(), [], whole_tables(), context(),
        Commentary(chapters={"labour": ChapterText("labour", text.markdown, False, "", text.pictures)}),
    )  # fmt: skip
    asides = [block for block in made.blocks() if isinstance(block, Aside) and block.style == "commentary"]
    assert not any(isinstance(block, FigureBlock) for block in asides[0].blocks)
