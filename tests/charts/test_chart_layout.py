"""No word of any chart is cut off or printed over another, on a whole and on a sparse issue."""

from __future__ import annotations

import itertools
import re

import pytest
from matplotlib.figure import Figure as Canvas

from reporter.domain.declarations import asset
from reporter.figures.chart import all_charts, canvas, millimetres, theme
from tests.support.canvases import drawn, extent, texts

pytestmark = pytest.mark.slow

CASES = ("whole", "sparse")
IDS = [chart.id for chart in all_charts()]
TOLERANCE = 1.5  # pixels
LEAST = 6.5  # points on paper


def cut_off(figure: Canvas) -> list[str]:
    width, height = figure.canvas.get_width_height()
    boxes = [(text.get_text(), extent(text, figure)) for text in texts(figure)]
    frame = (-TOLERANCE, -TOLERANCE, width + TOLERANCE, height + TOLERANCE)
    return [
        text for text, b in boxes if b.x0 < frame[0] or b.y0 < frame[1] or b.x1 > frame[2] or b.y1 > frame[3]
    ]


def overprinted(figure: Canvas) -> list[str]:
    boxes = [(text.get_text(), extent(text, figure)) for text in texts(figure)]
    found = []
    for (one, a), (two, b) in itertools.combinations(boxes, 2):
        across, up = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        # A line of Thai is as high as its highest mark: a third of overlap between lines touches nothing.
        if across > 2 and up > 0.34 * min(a.height, b.height):
            found.append(f"{one!r} / {two!r} by {across:.0f} x {up:.0f}")
    return found


@pytest.mark.parametrize("case", CASES)
def test_no_word_is_cut_off_at_the_edge(case):
    faults = {name: cut_off(figure) for name, (_, _, figure) in drawn(case).items()}
    assert not {name: found for name, found in faults.items() if found}


@pytest.mark.parametrize("case", CASES)
def test_no_word_is_printed_over_another(case):
    faults = {name: overprinted(figure) for name, (_, _, figure) in drawn(case).items()}
    assert not {name: found for name, found in faults.items() if found}


@pytest.mark.parametrize("case", CASES)
def test_every_word_is_readable_at_the_width_it_is_printed(case):
    """Charts are drawn at the size at which print.css shows them, so that points here are points on paper."""
    small = {
        name: sorted(
            {round(float(text.get_fontsize()), 1) for text in texts(figure) if text.get_fontsize() < LEAST}
        )
        for name, (_, _, figure) in drawn(case).items()
    }
    assert not {name: sizes for name, sizes in small.items() if sizes}
    for chart, _, figure in drawn(case).values():
        assert figure.get_figwidth() * 25.4 == pytest.approx(millimetres(chart.width))


def test_the_stylesheet_prints_charts_at_the_width_they_are_drawn():
    style = asset("templates", "print.css").read_text(encoding="utf-8")
    printed = dict(re.findall(r"^figure(\.half)? img \{[^}]*?width: (\d+)mm", style, re.MULTILINE))
    assert {kind: float(width) for kind, width in printed.items()} == {
        "": millimetres("full"),
        ".half": millimetres("half"),
    }


def test_the_checks_see_a_cut_and_an_overprinted_word():
    with theme():
        figure = canvas("half", 30)
        ax = figure.add_subplot()
        for x, word in ((0.4, "แรงงาน"), (0.42, "ค่าจ้าง"), (1.2, "นอกกรอบ")):
            ax.text(x, 0.5, word, in_layout=False)
        figure.draw_without_rendering()
    assert len(overprinted(figure)) == 1 and cut_off(figure) == ["นอกกรอบ"]


def test_every_chart_is_drawn_from_a_whole_issue():
    assert sorted(drawn("whole")) == sorted(IDS)
