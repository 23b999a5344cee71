"""The identity is one, and readable."""

import re

import pytest

from reporter.domain.declarations import asset, css_variables, tokens


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["ink", "muted", "navy", "employers", "better", "worse", "draft"])
def test_text_colours_stand_out_from_paper_and_tint(name):
    for ground in ("paper", "tint"):
        contrast = (luminance(tokens().colour[ground]) + 0.05) / (luminance(tokens().colour[name]) + 0.05)
        assert contrast >= 4.5


def test_diverging_steps_darken_towards_both_ends():
    light = [luminance(step) for step in tokens().diverging]
    assert light[:5] == sorted(light[:5])
    assert light[4:] == sorted(light[4:], reverse=True)


def test_every_variable_of_the_print_sheet_is_declared():
    used = set(re.findall(r"var\((--[\w-]+)\)", asset("templates", "print.css").read_text(encoding="utf-8")))
    assert used <= set(re.findall(r"(--[\w-]+):", css_variables()))
