"""The look: own fonts only, missing glyphs refused, files that differ only when the picture does."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from matplotlib import font_manager
from matplotlib.image import imread

from reporter.domain.declarations import asset
from reporter.domain.errors import RenderError
from reporter.figures.bars import scale_about, settle
from reporter.figures.chart import (
    BETTER,
    DIVERGING,
    WORSE,
    canvas,
    ink_on,
    legible,
    luminance,
    millimetres,
    png_bytes,
    svg_bytes,
    theme,
)


def _picture(word: str, salt: str = "x") -> tuple[bytes, bytes]:
    with theme():
        figure = canvas("half", 30)
        figure.add_subplot().set_title(word)
        settle(figure)
        return svg_bytes(figure, salt), png_bytes(figure)


def test_two_saves_are_the_same_bytes_and_another_word_is_not():
    assert _picture("ที่นี่น้ำ") == _picture("ที่นี่น้ำ")
    assert _picture("ที่นี่น้ำ")[0] != _picture("ที่นั่นน้ำ")[0]


def test_a_character_without_glyph_is_refused():
    with pytest.raises(RenderError, match="แบบอักษร"):
        _picture("漢")


def test_text_is_drawn_as_paths_without_date_or_machine():
    svg, png = _picture("แรงงาน")
    assert b"<text" not in svg and b"<dc:date" not in svg and b"Matplotlib v" not in svg
    assert b"tEXt" not in png and b"Software" not in png


def test_only_the_package_faces_are_known():
    with theme():
        names = {entry.fname for entry in font_manager.fontManager.ttflist}
    assert names == {str(path) for path in asset("fonts", "sarabun").glob("*.ttf")}


def test_the_picture_has_its_printed_size():
    _, png = _picture("แรงงาน")
    height, width = imread(io.BytesIO(png), format="png").shape[:2]
    assert width == pytest.approx(millimetres("half") / 25.4 * 160, abs=1)
    assert height == pytest.approx(30 / 25.4 * 160, abs=1)


def test_lightness_falls_on_both_sides_of_the_neutral_point():
    light = [luminance(DIVERGING(step / 40)) for step in range(41)]
    assert all(a < b for a, b in pairwise(light[:21]))
    assert all(a > b for a, b in pairwise(light[20:]))


def test_the_scale_is_centred_on_the_neutral_point():
    import numpy as np

    norm = scale_about(np.array([95.0, 130.0, np.nan]), 100, 8)
    assert (norm.vmin, norm.vmax, float(norm(100))) == (70.0, 130.0, 0.5)
    assert scale_about(np.array([np.nan]), 100, 8).vmax == 108


@pytest.mark.parametrize("colour", ["#C9A227", "#D9814F", "#8A96A3", BETTER, WORSE])
def test_words_in_colour_are_readable_on_paper(colour):
    from matplotlib.colors import to_rgb

    assert 1.05 / (luminance(to_rgb(legible(colour))) + 0.05) >= 4.5


def test_words_on_dark_cells_are_white_and_on_light_ones_dark():
    assert ink_on((0.07, 0.25, 0.44)) == "#FFFFFF" and ink_on((0.97, 0.97, 0.97)) != "#FFFFFF"
