"""Charts as operators."""

from xml.etree import ElementTree

import pytest

from reporter.pdf.picture import UnsupportedError, read_picture


def read(inside):
    return read_picture(
        ElementTree.fromstring(
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36">'
            f"{inside}</svg>"
        )
    )


def test_size_is_in_css_pixels():
    picture = read("")
    assert (picture.width, picture.height) == (96, 48)  # a point is 4/3 of a pixel


def test_a_line_with_opacity_and_dashes():
    picture = read(
        '<path d="M 0 0 L 10.004 5" style="fill: none; stroke: #ff0000; stroke-width: 2; stroke-opacity: 0.5; stroke-dasharray: 3,1"/>'
    )
    assert picture.operators[1:] == [
        b"q",
        b"1 0 0 RG",
        b"/CA0.5 gs",
        b"2 w 0 j 0 J 4 M [3 1] 0 d",
        b"0 0 m\n10 5 l S",
        b"Q",
    ]
    assert picture.states == {"CA0.5": ("CA", 0.5)}


def test_a_quadratic_curve_becomes_cubic():
    # control points at two thirds of the way to the quadratic's
    assert b"2 4 4 4 6 0 c" in b"".join(read('<path d="M 0 0 Q 3 6 6 0 z"/>').operators)


def test_letters_are_shared():
    picture = read(
        '<defs><path id="a" d="M 0 0 L 1 0 L 1 1 z"/></defs><g style="fill: #000000"><use xlink:href="#a"/><use xlink:href="#a" x="2"/></g>'
    )
    (name,) = picture.shapes
    assert b"\n".join(picture.operators).count(f"/{name} Do".encode()) == 2


def test_clips_apply_to_the_element():
    picture = read(
        '<clipPath id="c"><rect x="1" y="2" width="3" height="4"/></clipPath><path clip-path="url(#c)" d="M 0 0 L 1 1 z"/>'
    )
    assert b"1 2 3 4 re W n" in picture.operators


@pytest.mark.parametrize("inside", ["<text>ก</text>", '<image href="x"/>', '<path d="M 0 0 L 1 1" style="filter: url(#f)"/>', '<path d="M0 0A1 1 0 0 0 2 2"/>', '<use xlink:href="#gone"/>'])  # fmt: skip
def test_what_it_does_not_draw_it_refuses(inside):
    with pytest.raises(UnsupportedError):
        read(inside)
