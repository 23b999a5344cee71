"""Figures of a whole, a holed, a sparse and an empty issue."""

from __future__ import annotations

import itertools
import re
import shutil

import pytest

from reporter import figures as drawing
from reporter.domain.declarations import all_chapters, asset
from reporter.domain.errors import DeclarationError, RenderError
from reporter.figures import draw_all
from reporter.figures.chart import all_charts, theme
from reporter.figures.words import source_line
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor
from tests.support.canvases import context_of, tables_of
from tests.support.issue import example_context
from tests.support.tables import empty_tables

pytestmark = pytest.mark.slow

CHART = """
import pandas as pd
TITLE, UNIT, NEEDS, CHAPTER, ORDER, HEIGHT = {"th": "ทดสอบ"}, {"th": "จุด"}, ("weights",), "labour", 1, 30
MARKS = ()
def shown(weights, *, context): return weights
def draw(data, *, ax): ax.plot(data["weight"]); %s
def finding(data): return "ข้อค้นพบ"
def alt(data): return "คำบรรยาย"
def sources(data): return ("index",)
"""


def test_a_sparse_issue_gets_its_figures_and_the_reasons_for_the_others(tmp_path):
    figures = draw_all(tables_of("sparse"), example_context("2025-Q2"), tmp_path)
    ids = [figure.id for figure in figures]
    assert {"index_history", "forecast_fan", "headline_dials"} <= set(ids)
    assert sorted([*ids, *(one.id for one in figures.absent)]) == sorted(chart.id for chart in all_charts())
    assert all(re.search("[ก-๙]", one.reason) for one in figures.absent)
    assert sorted(path.name for path in (tmp_path / "charts").glob("*.*")) == sorted(
        f"{name}.{kind}" for name in ids for kind in ("png", "svg")
    )
    narrow = {chart.id for chart in all_charts() if chart.phone_height} & set(ids)
    assert narrow and {path.stem for path in (tmp_path / "charts/phone").iterdir()} == narrow
    place = {"summary": 0} | {item.slug: at for at, item in enumerate(all_chapters(), start=1)}
    numbers = [place[figure.chapter] for figure in figures]
    assert numbers == sorted(numbers)
    for figure in figures:
        assert (tmp_path / figure.svg).read_bytes().lstrip().startswith(b"<?xml")


def test_two_processes_draw_the_same_bytes_as_one(tmp_path):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    for name in (
        "index_history",
        "forecast_fan",
        "forecast_errors",
        "macro_panel",
        "contributions_waterfall",
    ):
        shutil.copy(asset("charts", f"{name}.py"), chosen)
    for folder, jobs in (("one", 1), ("two", 2)):
        with Executor(jobs) as executor:
            draw_all(
                tables_of("sparse"), context_of("sparse"), tmp_path / folder, executor=executor, charts=chosen
            )
    drawn = sorted((tmp_path / "one" / "charts").rglob("*.*"))
    assert len(drawn) == 12 + 2  # two of them have a picture for narrow screens too
    for path in drawn:
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes(), path


@pytest.mark.parametrize("chart", [one for one in all_charts() if one.phone_height], ids=lambda one: one.id)
def test_a_picture_for_a_phone_is_360_px_wide_and_its_words_stay_inside_and_apart(chart):
    data = drawing.chart_data(chart, tables_of("whole"), context_of("whole"))
    with theme():
        drawn = drawing.picture(chart, data, context_of("whole"), phone=True)
        renderer = drawn.canvas.get_renderer()
    assert drawn.get_figwidth() * 72 == pytest.approx(92 / 25.4 * 72)
    for ax in drawn.axes:
        boxes = [label.get_window_extent(renderer) for label in ax.get_yticklabels() if label.get_text()]
        below = [label.get_window_extent(renderer) for label in ax.get_xticklabels() if label.get_text()]
        for box in boxes:
            assert box.x0 > -3 and box.x1 < drawn.bbox.x1 + 3
        boxes.sort(key=lambda box: box.y0)
        for lower, upper in itertools.pairwise(boxes):
            assert upper.y0 - lower.y1 > -6, "two names of rows touch"
        below.sort(key=lambda box: box.x0)
        for left, right in itertools.pairwise(below):
            assert right.x0 > left.x1, "two quarters touch"


def test_an_unchanged_chart_comes_from_the_cache_and_a_changed_one_is_drawn_anew(tmp_path, monkeypatch):
    (tmp_path / "fine.py").write_text(CHART % "", encoding="utf-8")
    tables, cache = {"weights": tables_of("whole")["weights"]}, StageCache(tmp_path / "cache")
    count = []
    draw = drawing.picture
    monkeypatch.setattr(drawing, "picture", lambda *given: count.append(1) or draw(*given))

    def build(tables):
        draw_all(tables, example_context(), tmp_path, cache=cache, charts=tmp_path)
        return (tmp_path / "charts" / "fine.svg").read_bytes()

    first = build(tables)
    assert build(tables) == first and len(count) == 1
    assert build({"weights": tables["weights"].assign(weight=lambda table: table["weight"] ** 2)}) != first
    (tmp_path / "fine.py").write_text(CHART % "# another way", encoding="utf-8")
    assert len(count) == 2 and build(tables) == first and len(count) == 3


def test_an_empty_issue_has_no_figure_and_no_error(tmp_path):
    figures = draw_all(empty_tables(), example_context(), tmp_path)
    assert list(figures) == [] and len(figures.absent) == len(all_charts())
    assert draw_all({}, example_context(), tmp_path) == []


def test_a_failing_chart_is_named(tmp_path):
    (tmp_path / "broken.py").write_text(CHART % 'data["nothing"]', encoding="utf-8")
    with pytest.raises(RenderError, match=r"broken.*KeyError"):
        draw_all(tables_of("whole"), example_context(), tmp_path, charts=tmp_path)


def test_a_chart_file_that_lacks_its_declarations_is_refused(tmp_path):
    (tmp_path / "bare.py").write_text("TITLE = {}", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"bare\.py ขาด UNIT, NEEDS"):
        draw_all(tables_of("whole"), example_context(), tmp_path, charts=tmp_path)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('("weights",), "labour"', '("wieghts",), "labour"', "wieghts in NEEDS, USES is not known"),
        ('"labour", 1, 30', '"labor", 1, 30', "labor in CHAPTER is not known; possible: summary, "),
        (
            "MARKS = ()",
            'MARKS = ()\nWIDTH = "wide"',
            "wide in WIDTH is not known; possible: full, side, half",
        ),
        ("MARKS = ()", "MARKS = (", "mistaken.py cannot be used: SyntaxError"),
    ],
)
def test_a_chart_file_with_a_mistake_is_refused_with_its_name(tmp_path, was, now, said):
    """A chart that named no table or chapter vanished from the report in silence."""
    text = CHART % ""
    assert was in text
    (tmp_path / "mistaken.py").write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(DeclarationError) as refused:
        draw_all(tables_of("whole"), example_context(), tmp_path, charts=tmp_path)
    assert said in refused.value.en and "mistaken.py" in refused.value.th


def test_a_column_without_thai_heading_is_refused(tmp_path):
    (tmp_path / "odd.py").write_text(
        CHART.replace("return weights", "return weights.assign(oddity=1.0)") % "", encoding="utf-8"
    )
    with pytest.raises(RenderError, match="oddity"):
        draw_all(tables_of("whole"), example_context(), tmp_path, charts=tmp_path)


def test_the_source_line_names_producers_in_full_and_says_who_computed():
    tables = tables_of("sparse")
    line = source_line(["index"], tables, example_context("2025-Q2", synthetic=False))
    assert line == (
        "สำนักงานสถิติแห่งชาติ สำนักงานสภาพัฒนาการเศรษฐกิจและสังคมแห่งชาติ กระทรวงอุตสาหกรรม กระทรวงพาณิชย์ ธนาคารแห่งประเทศไทย; "
        "คำนวณโดยกองเศรษฐกิจการแรงงาน สำนักงานปลัดกระทรวงแรงงาน"
    )


def test_figures_of_synthetic_data_say_so(tmp_path):
    tables = {"weights": tables_of("whole")["weights"]}
    (tmp_path / "fine.py").write_text(CHART % "", encoding="utf-8")
    marked, plain = (
        draw_all(tables, example_context(synthetic=synthetic), tmp_path, charts=tmp_path)[0]
        for synthetic in (True, False)
    )
    assert "ข้อมูลสังเคราะห์" in marked.source and "สังเคราะห์" not in plain.source
    assert list(marked.table.columns) == ["มิติ", "น้ำหนัก"]
