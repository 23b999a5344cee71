"""Clusters by hand: which glyph says which character."""

import io

from fontTools.ttLib import TTFont

from reporter.domain.declarations import asset
from reporter.pdf.weasyprint_patch import (
    BOX,
    Face,
    Piece,
    PlacedGlyph,
    Shape,
    split_cluster,
)

BASE, NIKHAHIT, TONE, AA = 10, 20, 30, 40


def letter(glyph, advance=600):
    return PlacedGlyph(glyph, 0, 0, advance, advance)


def mark(glyph, x=0.0, y=0.0):
    return PlacedGlyph(glyph, x, y, 0, 0)


def test_sara_am_is_one_composite_drawn_after_its_tone():
    # น้ำ: the shaper draws น, nikhahit, tone, aa
    placed = split_cluster([letter(BASE), mark(NIKHAHIT, -50), mark(TONE, -60, 200), letter(AA, 400)], "น้ำ")
    assert [shape.text for shape, _ in placed] == ["น", "้", "ำ"]
    assert placed[1].shape.pieces == (Piece(TONE, -60, 200),)
    assert placed[2].shape.pieces == (
        Piece(NIKHAHIT, -50, 0),
        Piece(AA, 0, 0),
    )  # both from where aa starts, at 600
    assert placed[2] == (Shape(placed[2].shape.pieces, 400, "ำ"), 600)


def test_sara_am_without_tone():
    placed = split_cluster([letter(BASE), mark(NIKHAHIT), letter(AA)], "ทำ")
    assert [shape.text for shape, _ in placed] == ["ท", "ำ"]


def test_a_ligature_says_all_its_letters():
    assert [shape.text for shape, _ in split_cluster([letter(BASE)], "ffi")] == ["ffi"]


def test_glyphs_that_are_one_character_become_one():
    placed = split_cluster([letter(BASE), mark(TONE)], "é")
    assert len(placed) == 1
    assert placed[0].shape.text == "é"


def test_letter_spacing_moves_the_pen_and_not_the_letter():
    placed = split_cluster([PlacedGlyph(BASE, 5, 0, 610, 600), mark(TONE, -5)], "ก่")
    assert placed[0] == (Shape((Piece(BASE, 0, 0),), 600, "ก"), 5)
    assert placed[1].shape.pieces == (Piece(TONE, 0, 0),)  # 610 - 5, seen from the pen at 605


def test_a_rebuilt_face_draws_its_codes_and_is_the_same_twice():
    file = asset("fonts", "sarabun", "Sarabun-Regular.ttf").read_bytes()
    source = TTFont(io.BytesIO(file))
    ko = source.getGlyphID(source.getBestCmap()[0x0E01])
    built = []
    for _ in range(2):
        face = Face(file, 0)
        width = face.natural_advance(ko)
        codes = [face.code(Shape((Piece(ko, 0, 0),), width, text)) for text in ("ก", "x", "ก")]
        codes.append(face.code(Shape((Piece(BOX, 0, 0),), 500, "☃")))
        built.append(face.build())
    assert codes == [1, 2, 1, 3]
    assert built[0] == built[1]
    font = TTFont(io.BytesIO(built[0]))
    assert font["hmtx"].metrics[font.getGlyphOrder()[1]][0] == width
    assert len(built[0]) < 4000
