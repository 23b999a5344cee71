"""Everything that draws: figures of an issue from its tables, and the marks that the files in ``charts/`` use.

Goes in: named tables (docs/tables.md), the issue's context. Comes out: ``Figures``. A chart imports from here alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from reporter.domain.declarations import SURVEYS, asset, css_variables, declared_rules
from reporter.domain.edition import (
    NO_ENGLISH,
    Absent,
    Context,
    Figure,
    Figures,
    NoEnglishError,
    has_thai,
    lower_first,
    names_en,
    running,
    translated,
)
from reporter.domain.errors import RenderError, ReporterError
from reporter.domain.thai import (
    CONFIDENCE_STEPS,
    DOWN,
    FORECAST_STEPS,
    INDEX_STEPS,
    RATE_STEPS,
    SHARE_STEPS,
    UP,
    arrow,
    change,
    confidence_level_word,
    health_word,
    index_level_word,
    join_th,
    magnitude,
    move_word,
    number,
    period_slash,
    period_th,
    quarter_short,
    quarter_slash,
    quarter_th,
    sign_of,
    signed,
    size_of,
)
from reporter.figures.bars import (
    CONFIDENCE_SCALE,
    LEI_SCALE,
    band,
    beside_row,
    dial,
    diverging_bars,
    dots,
    end_label,
    fan,
    hatch_bars,
    heat_map,
    line,
    mark_low,
    parts_against_whole,
    point_label,
    row_names,
    settle,
    sign_colour,
    simple_bars,
    sparkline,
    stacked_bars,
    stacked_shares,
    tile_map,
    tinted,
    waterfall,
)
from reporter.figures.chart import (
    BETTER,
    CATEGORIES,
    EMPLOYERS,
    INK,
    MUTED,
    NAVY,
    PAPER,
    RULE,
    SHOCK,
    SMALL,
    STACK,
    SURVEY_COLOUR,
    TEXT,
    UNCHANGED,
    WORKERS,
    WORSE,
    Canvas,
    Chart,
    Tables,
    all_charts,
    canvas,
    choices,
    columns_wide,
    dimension_colour,
    ink_on,
    key_above,
    legible,
    load,
    neutral,
    outline,
    panel_title,
    panels,
    place,
    png_bytes,
    quarter_axis,
    room,
    shade_shock,
    svg_bytes,
    theme,
    tick_number,
    value_axis,
    wrap,
)
from reporter.figures.words import (
    FEW_ANSWERS,
    INDEX_NAME,
    MODELS,
    PARTIAL,
    QUARTERS,
    SIGNALS,
    ago,
    alike,
    by_quarter,
    change_en,
    change_words,
    clear_bottom,
    clear_ends,
    clear_ends_en,
    clear_top,
    counted,
    counted_en,
    domain_name,
    ends,
    english_alt,
    every_quarter,
    extremes,
    first_ones,
    in_english_words,
    index_level_en,
    industry_short,
    is_unclear,
    item_texts,
    lacking_months,
    last_quarters,
    level_and_change,
    moved_en,
    name_en,
    name_of,
    named,
    named_en,
    now,
    one_number,
    option_names,
    ordered,
    quarter_short_en,
    quarters_back,
    ranking_words,
    readable,
    recent,
    rows,
    series,
    series_words,
    since_quarter,
    since_quarter_en,
    source_line,
    translated_or_nothing,
    unit_name,
    up_to,
    value_with_unit,
    values_with_unit,
    wide,
    with_unit,
)
from reporter.runtime.cache import StageCache, digest
from reporter.runtime.program import Executor

__all__ = [
    "BETTER",
    "CATEGORIES",
    "CONFIDENCE_SCALE",
    "CONFIDENCE_STEPS",
    "DOWN",
    "EMPLOYERS",
    "FEW_ANSWERS",
    "FORECAST_STEPS",
    "INDEX_NAME",
    "INDEX_STEPS",
    "INK",
    "LEI_SCALE",
    "MODELS",
    "MUTED",
    "NAVY",
    "NO_ENGLISH",
    "PAPER",
    "PARTIAL",
    "QUARTERS",
    "RATE_STEPS",
    "RULE",
    "SHARE_STEPS",
    "SHOCK",
    "SIGNALS",
    "SMALL",
    "STACK",
    "SURVEY_COLOUR",
    "TEXT",
    "UNCHANGED",
    "UP",
    "WORKERS",
    "WORSE",
    "Absent",
    "Chart",
    "Context",
    "Figure",
    "Figures",
    "ago",
    "alike",
    "all_charts",
    "arrow",
    "band",
    "beside_row",
    "by_quarter",
    "change",
    "change_en",
    "change_words",
    "chart_data",
    "choices",
    "clear_bottom",
    "clear_ends",
    "clear_ends_en",
    "clear_top",
    "columns_wide",
    "confidence_level_word",
    "counted",
    "counted_en",
    "dial",
    "dimension_colour",
    "diverging_bars",
    "domain_name",
    "dots",
    "draw_all",
    "draw_pictures",
    "end_label",
    "ends",
    "every_quarter",
    "extremes",
    "fan",
    "first_ones",
    "hatch_bars",
    "health_word",
    "heat_map",
    "index_level_en",
    "index_level_word",
    "industry_short",
    "ink_on",
    "is_unclear",
    "item_texts",
    "join_th",
    "key_above",
    "lacking_months",
    "last_quarters",
    "legible",
    "level_and_change",
    "line",
    "load",
    "lower_first",
    "magnitude",
    "mark_low",
    "move_word",
    "moved_en",
    "name_en",
    "name_of",
    "named",
    "named_en",
    "names_en",
    "neutral",
    "now",
    "number",
    "one_number",
    "option_names",
    "ordered",
    "outline",
    "panel_title",
    "panels",
    "parts_against_whole",
    "period_slash",
    "period_th",
    "place",
    "point_label",
    "quarter_axis",
    "quarter_short",
    "quarter_short_en",
    "quarter_slash",
    "quarter_th",
    "quarters_back",
    "ranking_words",
    "recent",
    "room",
    "row_names",
    "rows",
    "running",
    "series",
    "series_words",
    "shade_shock",
    "sign_colour",
    "sign_of",
    "signed",
    "simple_bars",
    "since_quarter",
    "since_quarter_en",
    "size_of",
    "sparkline",
    "stacked_bars",
    "stacked_shares",
    "tick_number",
    "tile_map",
    "tinted",
    "unit_name",
    "up_to",
    "value_axis",
    "value_with_unit",
    "values_with_unit",
    "waterfall",
    "wide",
    "with_unit",
    "wrap",
]


# ----------------------------------------------------------------------------------------------------
# Figures of an issue: every chart for which the tables have data, drawn, worded and saved.
#
# Goes in: tables, context, the folder. Comes out: ``Figures``, a list of ``Figure`` in the order of the report, with the
# charts that had too little data and why; ``charts/<id>.svg``, ``.png`` and ``charts/phone/<id>.svg`` in the folder.
# ----------------------------------------------------------------------------------------------------

_STAGE = "figures"
PHONE = "phone"  # folder below charts/ of the pictures for narrow screens
PictureFiles = tuple[
    bytes, bytes, bytes
]  # SVG and PNG as printed, SVG for a narrow screen (empty where the printed one serves)


def picture(chart: Chart, data: pd.DataFrame, context: Context, *, phone: bool = False) -> Canvas:
    """Draw a chart's data at its printed size, or for a narrow screen; call inside ``theme``. Raises RenderError naming the chart."""
    height = chart.height(data)
    drawn = canvas("phone", height * chart.phone_height) if phone else canvas(chart.width, height)
    try:
        if chart.takes("draw", "figure"):
            chart.call("draw", data, figure=drawn, context=context)
        else:
            chart.call("draw", data, ax=drawn.add_subplot(), context=context)
        if context.lang == "en":
            in_english_words(drawn)
        settle(drawn)
    except NoEnglishError:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _failed(chart.id, error) from error
    return drawn


def figure_of(chart: Chart, data: pd.DataFrame, tables: Tables, context: Context) -> Figure:
    """Words, sources and table of a chart; the picture is drawn elsewhere. Raises RenderError naming the chart."""
    try:
        title = _spaced(chart.call("finding", data, context=context))
        alt = _spaced(chart.call("alt", data, context=context))
        note = _spaced(chart.call("note", data, context=context, default=""))
        source = source_line(chart.call("sources", data), tables, context)
        table = readable(data, context, _survey(chart, data), chart.declared("NEEDS"))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _failed(chart.id, error) from error
    subject, unit = (str(chart.declared(key)[context.lang]) for key in ("TITLE", "UNIT"))
    span, folder = _span(data), "charts"
    if context.lang == "en":
        title = _finding_en(chart, data, context) or subject
        alt, span, folder = english_alt(subject, data, context), translated(span), "charts/en"
        note, source = translated_or_nothing(note), f"{source}." if source else ""
    return Figure(
        id=chart.id,
        chart=chart.name,
        chapter=str(chart.declared("CHAPTER")),
        order=int(chart.declared("ORDER")),
        title=title,
        subtitle=_subtitle("" if context.lang == "en" and title == subject else subject, unit, span),
        subject=subject,
        unit=unit,
        source=source,
        note=note,
        alt=alt,
        svg=f"{folder}/{chart.id}.svg",
        png=f"{folder}/{chart.id}.png",
        width=chart.width,
        height_mm=chart.height(data),
        table=table,
        tables=tuple(name for name in (*chart.needs, *chart.declared("USES", ())) if name in tables),
    )


def _finding_en(chart: Chart, data: pd.DataFrame, context: Context) -> str:
    """What the chart finds, in English; empty where the chart does not say it in English or a name has none."""
    try:
        found = str(chart.call("finding_en", data, context=context, default="")).strip()
        return "" if has_thai(found) else found[:1].upper() + found[1:]
    except NoEnglishError:
        return ""


def _subtitle(subject: str, unit: str, span: str) -> str:
    """What is drawn, in which unit, for which quarters; ``subject`` is empty where the title says what is drawn."""
    scope = ", ".join(part for part in (unit, span) if part)
    return f"{subject} ({scope})" if subject else scope[:1].upper() + scope[1:]


def _spaced(text: str) -> str:
    """Names put together with words keep the space that Thai asks for after a repetition mark or a bracket, and before a quotation."""
    spaced = re.sub(r"([ๆ)])(?=[ก-ฮเ-ไ])", r"\1 ", str(text)).strip()
    return spaced.replace("และ“", "และ “")


def _survey(chart: Chart, data: pd.DataFrame) -> str:
    """The survey whose items and domains a chart's codes are, by its variant or its data."""
    if "survey" in data:
        return str(data["survey"].iloc[0])
    return next((name for name in SURVEYS if chart.variant.startswith(name)), "")


def _failed(name: str, error: Exception) -> RenderError:
    if isinstance(error, ReporterError):
        raise error
    return RenderError(
        f"วาดแผนภูมิ {name} ไม่สำเร็จ: {type(error).__name__} {error}",
        f"Could not draw the chart {name}: {type(error).__name__} {error}.",
    )


def _span(data: pd.DataFrame) -> str:
    """Periods that the data cover, as a subtitle shows them."""
    if "period" not in data:
        return ""
    periods = sorted({str(period) for period in data["period"].dropna() if period})
    if not periods:
        return ""
    first, last = period_slash(periods[0]), period_slash(periods[-1])
    return last if first == last else f"{first} ถึง {last}"


def draw_all(
    tables: Tables,
    context: Context,
    folder: Path,
    *,
    executor: Executor | None = None,
    cache: StageCache | None = None,
    charts: Path | None = None,
    chapters: Collection[str] = (),
) -> Figures:
    """Draw every chart that the tables can carry into ``folder/charts``.

    tables    named tables of docs/tables.md; a missing or empty one leaves its charts out, with the reason in ``absent``
    executor  worker processes that draw; None draws here
    cache     pictures of charts whose data, code and names are unchanged come from here
    charts    folder of chart files; the package's by default
    chapters  slugs whose charts are drawn; empty for all
    Raises    RenderError naming the chart that failed
    """
    every = all_charts(charts, dict(context.settings.charts))
    wanted = [chart for chart in every if not chapters or chart.declared("CHAPTER") in chapters]
    planned = [(chart, chart_data(chart, tables, context)) for chart in wanted]
    reasons = {chart.id: chart.absence(data) for chart, data in planned}
    drawable = [(chart, data) for chart, data in planned if not reasons[chart.id]]
    figures = Figures(figure_of(chart, data, tables, context) for chart, data in drawable)
    figures.absent = tuple(_absent(chart, reasons[chart.id]) for chart, _ in planned if reasons[chart.id])
    target = folder / ("charts/en" if context.lang == "en" else "charts")
    target.mkdir(parents=True, exist_ok=True)
    drawn = draw_pictures(drawable, context, executor or Executor(), cache or StageCache(None))
    without = [item for item in figures if item.id not in drawn]
    for item in (
        without
    ):  # a label that the phrase book does not know: the chart is left out of the English edition, and said
        figures.remove(item)
    figures.absent += tuple(Absent(item.id, item.chapter, item.subject, NO_ENGLISH) for item in without)
    for name, (svg, png, phone) in drawn.items():
        (target / f"{name}.svg").write_bytes(svg)
        (target / f"{name}.png").write_bytes(png)
        if phone:
            (target / PHONE).mkdir(exist_ok=True)
            (target / PHONE / f"{name}.svg").write_bytes(phone)
    return figures


def _absent(chart: Chart, reason: str) -> Absent:
    return Absent(chart.id, str(chart.declared("CHAPTER")), str(chart.declared("TITLE")["th"]), reason)


def chart_data(chart: Chart, tables: Tables, context: Context) -> pd.DataFrame:
    """What a chart shows of these tables. Raises RenderError naming the chart."""
    try:
        return chart.shown(tables, context)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _failed(chart.id, error) from error


def draw_pictures(
    drawable: Sequence[tuple[Chart, pd.DataFrame]], context: Context, executor: Executor, cache: StageCache
) -> dict[str, PictureFiles]:
    """Chart id -> SVG and PNG, and SVG for a narrow screen, from the cache or drawn. Raises RenderError naming the chart that failed."""
    look = (_look(context), context.lang)
    keys = {
        chart.id: cache.key((look, chart.id, chart.choice, chart.path.read_bytes(), data))
        for chart, data in drawable
    }
    found: dict[str, PictureFiles | None] = {name: cache.stored(_STAGE, key) for name, key in keys.items()}
    missing = {
        chart.id: (chart.path, chart.variant, chart.choice, data)
        for chart, data in drawable
        if found[chart.id] is None
    }
    drawn = executor.map(partial(_draw, context=context), missing.values())
    for name, picture_of_chart in zip(missing, drawn, strict=True):
        found[name] = picture_of_chart
        if picture_of_chart is None:
            continue
        cache.store(_STAGE, keys[name], picture_of_chart)
    return {name: item for name, item in found.items() if item is not None}


def _look(context: Context) -> str:
    """What all pictures depend on besides their data and their chart file: drawing code, identity, fonts, names."""
    files = [*sorted(Path(__file__).parent.glob("*.py")), asset("templates", "tokens.toml")]
    files += sorted(asset("fonts", "sarabun").glob("*.ttf"))
    return digest((files, context.quarter, context.declarations, css_variables(), repr(declared_rules())))


def _draw(task: tuple[Path, str, str, pd.DataFrame], context: Context) -> PictureFiles | None:
    """Draw one chart, under its own salt, so that order and process do not matter; None where a label has no English."""
    path, variant, choice, data = task
    module = load(path)
    own = {**getattr(module, "VARIANTS", {}).get(variant, {}), **choices(module).get(choice, {})}
    chart = Chart(path, module, variant, own, choice)
    with theme():
        try:
            finished = picture(chart, data, context)
        except NoEnglishError:
            return None
        phone = svg_bytes(picture(chart, data, context, phone=True), chart.id) if chart.phone_height else b""
        return svg_bytes(finished, chart.id), png_bytes(finished), phone
