"""What a chart draws is what its table says, and its words follow the numbers' signs."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from reporter.figures import chart_data, figure_of, picture
from reporter.figures.chart import Chart, all_charts, theme
from tests.support.canvases import context_of, drawable, drawn, plotted_numbers, tables_of, texts
from tests.support.tables import empty_tables, quarters

pytestmark = pytest.mark.slow

CHARTS = {chart.id: chart for chart in all_charts()}


def _is_drawn(values: pd.Series, plotted: np.ndarray) -> pd.Series:
    """Each value, as it is or as per cent, among the coordinates."""
    wanted = values.to_numpy(dtype=float)
    return pd.Series(
        [any(np.isclose(plotted, one * scale, atol=1e-9).any() for scale in (1, 100)) for one in wanted]
    )


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_plotted_numbers_equal_the_table(name):
    chart, data, figure = drawn("whole")[name]
    plotted = plotted_numbers(figure)
    for column in chart.declared("MARKS"):
        known = data[column].dropna()
        assert len(known) and _is_drawn(known, plotted).all(), column
    for column in chart.declared("MARKS"):
        assert not _is_drawn(data[column].dropna() + 1234.5678, plotted).any(), (
            "the comparison would accept anything"
        )


@pytest.mark.parametrize(
    "name", ["province_map-employer", "headline_dials", "actions_by_quarter", "confidence_items-worker"]
)
def test_numbers_drawn_as_words_equal_the_table(name):
    _, data, figure = drawn("whole")[name]
    words = [text.get_text().removesuffix("*") for text in texts(figure)]  # * marks few respondents
    column, decimals, scale = {"actions_by_quarter": ("share", 1, 100)}.get(name, ("value", 0, 1))
    if name == "headline_dials":
        decimals = 1
    expected = [f"{value * scale:.{decimals}f}" for value in data[column].dropna()]
    for text in set(expected):
        assert words.count(text) >= expected.count(text)


def test_suppressed_provinces_show_an_x_and_missing_ones_are_hatched():
    _, data, figure = drawn("whole")["province_map-employer"]
    hidden = int((data["flag"] == "suppressed").sum())
    assert hidden and [text.get_text() for text in texts(figure)].count("x") == hidden
    chart = CHARTS["province_map-index"]
    holed = chart_data(chart, tables_of("gaps"), context_of("gaps"))
    assert holed.loc[holed["value"].isna(), "group"].tolist() == ["PROVINCE:TH-58"]
    with theme():
        strokes = [len(picture(chart, holed, context_of("gaps")).axes[0].get_lines())]
        strokes.append(
            len(picture(chart, holed.fillna({"value": 100.0}), context_of("gaps")).axes[0].get_lines())
        )
    assert strokes == [7, 0]
    assert "ลายเฉียง" in figure_of(chart, holed, tables_of("gaps"), context_of("gaps")).note


@pytest.mark.parametrize("case", ["whole", "gaps", "sparse"])
def test_words_are_whole_sentences_about_known_numbers(case):
    for chart, data in drawable(case):
        figure = figure_of(chart, data, tables_of(case), context_of(case))
        for text in (figure.title, figure.subtitle, figure.alt, figure.source):
            assert text and not re.search(r"nan|None|inf|<NA>|–|\bTH\b|[A-Z]+:|  ", text), (chart.id, text)
            assert not re.search(r"ร้อยละ[^.]{0,12}%", text), (chart.id, text)
        assert (
            figure.alt != figure.title and not figure.alt.startswith(figure.title)
        ) or chart.name == "forecast_scorecard"
        assert "ข้อมูลสังเคราะห์" in figure.source
        assert list(figure.table.columns) and len(figure.table) == len(data)


def _turned(tables: dict, table: str, column: str, mirror: float) -> dict:
    frame = tables[table].copy()
    frame[column] = 2 * mirror - frame[column]
    return tables | {table: frame}


@pytest.mark.parametrize(
    ("name", "table", "column", "mirror"),
    [
        ("index_history", "labour_index", "value", 100.0),
        ("contributions_history-quarter", "contributions", "contribution", 0.0),
        ("contributions_history-year", "contributions", "contribution", 0.0),
        ("confidence_history-employer", "confidence", "value", 100.0),
        ("confidence_history-worker", "confidence", "value", 100.0),
    ],
)
def test_the_finding_turns_with_the_sign(name, table, column, mirror):
    chart, context = CHARTS[name], context_of("whole")
    directions = []
    for tables in (tables_of("whole"), _turned(tables_of("whole"), table, column, mirror)):
        title = figure_of(chart, chart_data(chart, tables, context), tables, context).title
        directions.append("เพิ่มขึ้น" in title.split("โดย")[0])
    assert directions[0] is not directions[1]


def test_a_still_index_is_called_still():
    tables = dict(tables_of("whole"))
    index = tables["labour_index"].copy()
    now, before = "2025-Q3", "2025-Q2"
    keys = (index["dimension"] == "overall") & (index["group"] == "TH")
    index.loc[keys & (index["period"] == now), "value"] = float(
        index.loc[keys & (index["period"] == before), "value"].iloc[0] + 0.04
    )
    tables["labour_index"] = index
    chart = CHARTS["index_history"]
    title = figure_of(
        chart, chart_data(chart, tables, context_of("whole")), tables, context_of("whole")
    ).title
    assert "ทรงตัว" in title and "เพิ่มขึ้น" not in title and "ลดลง" not in title


def test_movers_name_the_best_and_the_worst():
    chart, context = CHARTS["movers-quarter"], context_of("whole")
    data = chart_data(chart, tables_of("whole"), context)
    movers = tables_of("whole")["movers"].query("against == 'quarter'").set_index("indicator")["change_sd"]
    title = figure_of(chart, data, tables_of("whole"), context).title
    best, worst = (
        context.declarations.indicators[code].name.th for code in (movers.idxmax(), movers.idxmin())
    )
    assert title == f"{best} ดีขึ้นมากที่สุด {worst} แย่ลงมากที่สุด".replace(" ดีขึ้น", "ดีขึ้น").replace(" แย่ลง", "แย่ลง")


def test_the_waterfall_ends_where_the_index_stands():
    data = drawn("whole")["contributions_waterfall-year"][1]
    steps = data.loc[data["kind"] == "ผล", "value"].sum()
    assert np.isclose(data["value"].iloc[0] + steps, data["value"].iloc[-1])


def test_charts_use_no_later_quarter_than_the_issue():
    tables = tables_of("whole")
    last = quarters("2025-Q2", 1)[0]
    context = context_of("sparse")  # an issue one quarter earlier than its tables
    for chart in CHARTS.values():
        data = chart_data(chart, tables, context)
        if "period" in data and not data.empty and chart.name not in ("forecast_fan",):
            assert max(str(period) for period in data["period"]) <= last, chart.id


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_nothing_is_drawn_from_empty_tables_and_the_reason_is_given(name):
    chart: Chart = CHARTS[name]
    data = chart_data(chart, empty_tables(), context_of("whole"))
    assert data.empty and chart.absence(data) == "ไม่มีข้อมูล"


def _signals(alerts: int, watches: int, normal: int) -> pd.DataFrame:
    named = ["alert"] * alerts + ["watch"] * watches + ["normal"] * normal
    return pd.DataFrame(
        {
            "dimension": [f"d{n}" for n in range(len(named))],
            "period": "2025-Q3",
            "value": 100.0,
            "signal": named,
        }
    )


@pytest.mark.parametrize(
    ("alerts", "watches", "th", "en"),
    [
        (0, 0, "ทั้ง 10 มิติอยู่ในภาวะปกติ", "All 10 dimensions are normal"),
        (0, 2, "จาก 10 มิติ มี 2 มิติที่ต้องเฝ้าระวัง และไม่มีมิติใดถึงระดับเตือนภัย", "Of 10 dimensions 2 are on watch and none on alert"),
        (1, 0, "จาก 10 มิติ มี 1 มิติที่ถึงระดับเตือนภัย นอกนั้นไม่มีมิติใดต้องเฝ้าระวัง", "Of 10 dimensions 1 is on alert, none on watch"),
        (3, 2, "จาก 10 มิติ มี 3 มิติที่ถึงระดับเตือนภัย และอีก 2 มิติต้องเฝ้าระวัง", "Of 10 dimensions 3 are on alert, 2 more on watch"),
    ],
)  # fmt: skip
def test_the_title_of_the_signals_counts_nothing_that_is_not_there(alerts, watches, th, en):
    chart, data = CHARTS["signal_heatmap-dimensions"], _signals(alerts, watches, 10 - alerts - watches)
    context = context_of("whole")
    said = {name: chart.call(name, data, context=context) for name in ("finding", "finding_en")}
    assert said == {"finding": th, "finding_en": en}


def test_a_figure_says_which_quarter_its_newest_value_is_of():
    """A level in a title is of the issue's quarter, or its quarter is named."""
    context = context_of("whole")
    chart = CHARTS["macro_panel"]
    known = pd.DataFrame(
        {"variable": "real_gdp_growth", "period": [f"2025-Q{n}" for n in (1, 2)], "value": [3.1, 2.9]}
    )
    assert "ไตรมาสที่ 2 ปี 2568" in chart.call("finding", known, context=context)
    both = pd.concat([known, known.iloc[:1].assign(period="2025-Q3", value=1.3)])
    assert "ไตรมาส" not in chart.call("finding", both, context=context).split("จาก")[0]


@pytest.mark.parametrize(
    ("end", "word", "english"), [(99.3, "ทรงตัว", "about unchanged"), (98.4, "ลดลง 1.6 จุด", "down 1.6 points")]
)
def test_the_forecast_chart_calls_level_what_the_text_calls_level(end, word, english):
    """The forecast's own steps: a move of 0.7 points was a fall in the title and level in the sentence beside it."""
    fan = next(chart for chart in all_charts() if chart.id == "forecast_fan").module
    data = pd.DataFrame(
        {
            "period": ["2025-Q2", "2025-Q3", "2026-Q3"],
            "value": [100.5, 100.0, None],
            "mean": [None, None, end],
            "low80": [None, None, 90.0],
            "high80": [None, None, 108.0],
        }
    )
    assert word in fan.finding(data)
    assert english in fan.finding_en(data)
