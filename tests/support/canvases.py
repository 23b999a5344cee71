"""Drawn charts of the example issues, and what can be read back from them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from reporter.figures import chart_data, picture
from reporter.figures.chart import Chart, all_charts, theme
from tests.support.issue import example_context
from tests.support.tables import example_tables, sparse_tables

Tables = dict[str, pd.DataFrame]


@cache
def tables_of(case: str) -> Tables:
    if case == "sparse":
        return sparse_tables("2025-Q2")
    return example_tables("2025-Q3", gaps=case == "gaps")


def context_of(case: str):
    return example_context("2025-Q2" if case == "sparse" else "2025-Q3")


def drawable(case: str) -> list[tuple[Chart, pd.DataFrame]]:
    pairs = [(chart, chart_data(chart, tables_of(case), context_of(case))) for chart in all_charts()]
    return [(chart, data) for chart, data in pairs if not chart.absence(data)]


@cache
def drawn(case: str) -> dict[str, tuple[Chart, pd.DataFrame, Canvas]]:
    """Chart id -> chart, data, finished picture as it is once it is drawn; every chart that the case can carry."""
    with theme():
        found = {
            chart.id: (chart, data, picture(chart, data, context_of(case))) for chart, data in drawable(case)
        }
        for _, _, figure in found.values():
            figure.draw_without_rendering()
    return found


def plotted_numbers(figure: Canvas) -> np.ndarray:
    """Every coordinate, bar length and cell value of the marks."""
    found: list[np.ndarray] = []
    for ax in figure.axes:
        for line in ax.get_lines():
            found += [np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)]
        for patch in ax.patches:
            if isinstance(patch, Rectangle):
                x, y, width, height = patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height()
                found.append(
                    np.array(
                        [width, height, x, y, x + width, x + width / 2, y + height, abs(width), -abs(width)]
                    )
                )
        for collection in ax.collections:
            if isinstance(collection, QuadMesh):
                found.append(np.ma.filled(collection.get_array(), np.nan).ravel())
            elif isinstance(collection, LineCollection | PolyCollection):
                found += [path.vertices.ravel() for path in collection.get_paths()]
    return np.concatenate([np.asarray(part, dtype=float).ravel() for part in found] or [np.empty(0)])


def texts(figure: Canvas) -> Iterator[Text]:
    """Visible words of a picture."""
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and not _hidden(text, figure):
            yield text


def _hidden(text: Text, figure: Canvas) -> bool:
    """Tick labels that a shared axis or the tick's place outside the limits leaves undrawn."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            owned = {id(label): tick for tick in ticks for label in (tick.label1, tick.label2)}
            if id(text) in owned:
                low, high = sorted(axis.get_view_interval())
                inside = low - 1e-9 <= owned[id(text)].get_loc() <= high + 1e-9
                return not (axis.get_visible() and inside and ax.axison)
            if text is axis.offsetText:
                return True
    return False


def extent(text: Text, figure: Canvas) -> Bbox:
    """Where a text stands, in pixels."""
    return text.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
