"""Labels of a drawn chart in English, and what its alternative text says.

Goes in: a chart drawn from declarations whose names are English. Comes out: the same chart with its other labels from the phrase book
(``reporter.domain.english``); its alternative text in English. Every number in it is one of the drawn data.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from reporter.domain.edition import Context
from reporter.domain.english import NoEnglishError, has_thai, translated
from reporter.domain.thai import number
from reporter.figures.words import INDEX_NAME, domain_name, item_texts, name_of, option_names

_TOLD = 6  # values of the newest quarter that an alternative text names: more nobody listens to
_VALUES = ("value", "contribution", "share", "mean_rank", "mean", "total", "rating")
_NAMES = (
    "dimension",
    "group",
    "indicator",
    "variable",
    "domain",
    "item",
    "trait",
    "aspect",
    "action",
    "index",
    "series",
)


def in_english_words(drawn: Canvas) -> None:
    """Put every label of the chart into English, those of the ticks too. Raises NoEnglishError with the label that has none."""
    for ax in drawn.axes:
        for axis in (ax.xaxis, ax.yaxis):
            named = axis.get_major_formatter()
            if isinstance(
                named, FixedFormatter | FuncFormatter
            ):  # labels are made anew whenever the axis is drawn
                axis.set_major_formatter(FuncFormatter(partial(_tick, named)))
    for label in drawn.findobj(Text):
        if isinstance(label, Text) and label.get_text():
            label.set_text(translated(label.get_text()))


def _tick(named: FixedFormatter | FuncFormatter, value: float, position: int | None = None) -> str:
    return translated(str(named(value, position)))


def translated_or_nothing(text: str) -> str:
    """A note in English; nothing where the phrase book does not know it."""
    try:
        return translated(text)
    except NoEnglishError:
        return ""


def english_alt(subject: str, data: pd.DataFrame, context: Context) -> str:
    """What is drawn and the newest values, highest first; the tables behind the chart hold the rest."""
    newest = data
    words = ""
    if "period" in data:
        last = str(data["period"].dropna().max())
        newest, words = data[data["period"] == last], f" Newest period: {last}."
    value = next((column for column in _VALUES if column in newest), None)
    names = next((column for column in _NAMES if column in newest), None)
    if value is None or newest[value].dropna().empty:
        return f"{subject}.{words}"
    ranked = newest.dropna(subset=[value]).sort_values(value, ascending=False, kind="stable").head(_TOLD)
    survey = str(data["survey"].iloc[0]) if "survey" in data and len(data) else ""
    told = [_told(row, names, value, context, survey) for row in ranked.to_dict("records")]
    return f"{subject}.{words} Values: {'; '.join(part for part in told if part)}."


def _told(row: Mapping[Hashable, Any], names: str | None, value: str, context: Context, survey: str) -> str:
    shown = number(float(str(row[value])), 2 if value in ("contribution", "mean_rank") else 1)
    if names is None:
        return shown
    code, declarations = str(row[names]), context.declarations
    name = name_of(code, declarations)
    if names == "domain" and survey:
        name = domain_name(survey, code, declarations)
    elif names == "item" and survey:
        name = item_texts(survey, declarations).get(code, code)
    elif names in ("trait", "aspect", "action"):
        name = option_names(declarations).get(code, code)
    if name == INDEX_NAME or has_thai(name):
        name = translated_or_nothing(name)
    return f"{name} {shown}".strip()
