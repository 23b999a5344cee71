"""Small multiples: each part of an index on the same axes, the whole in grey behind."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure as Canvas

from reporter.figures.axes import neutral, panel_title, panels, quarter_axis, value_axis
from reporter.figures.data import rows
from reporter.figures.lines import line
from reporter.figures.theme import UNCHANGED

WHOLE = "overall"


def parts_against_whole(
    figure: Canvas,
    data: pd.DataFrame,
    part: str,
    colour: str,
    *,
    name: Callable[[str], str],
    columns: int,
    ticks: int,
) -> None:
    """One panel for each value of the column ``part`` but ``overall``, which is drawn behind all of them.

    data   part, period, value; in the order of the panels
    """
    codes = [str(code) for code in data[part].unique() if code != WHOLE]
    whole = rows(data, **{part: WHOLE})
    for ax, code in zip(panels(figure, len(codes), columns), codes, strict=True):
        own = rows(data, **{part: code})
        line(
            ax, list(whole["period"]), whole["value"], UNCHANGED, name=None, width=0.9, mark_end=False
        )  # fmt: skip
        line(ax, list(own["period"]), own["value"], colour)
        quarter_axis(ax, list(data["period"]), ticks=3)
        value_axis(ax, ticks=ticks)
        neutral(ax, 100)
        panel_title(ax, name(code))
