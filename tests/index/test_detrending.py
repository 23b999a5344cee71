"""Other ways to take the trend out: what each keeps and removes, and what they say about the index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.index import composite, panel

pytestmark = pytest.mark.slow

INDEX = pd.period_range("2008Q1", periods=71, freq="Q-DEC")
MONTHS = pd.period_range("2008-01", periods=213, freq="M")
END = pd.Period("2024Q4", freq="Q-DEC")


def _wave(years: float, index: pd.PeriodIndex = INDEX) -> np.ndarray:
    per_year = 12 if index.freqstr == "M" else 4
    return np.sin(2 * np.pi * np.arange(len(index)) / (years * per_year))


@pytest.mark.parametrize("name", list(panel.FILTERS))
@pytest.mark.parametrize("index", [INDEX, MONTHS], ids=["quarters", "months"])
def test_every_filter_removes_a_line_and_keeps_a_cycle_of_four_years(name, index):
    line = 50 + 0.2 * np.arange(len(index))
    cycle = panel.FILTERS[name](pd.Series(line + _wave(4, index), index), END)
    inner = cycle.iloc[len(index) // 4 : -len(index) // 8].dropna()
    assert len(inner) > len(index) // 3
    assert abs(np.polyfit(np.arange(len(inner)), inner, 1)[0]) * len(inner) < 1.0
    if name != "hamilton":  # a pure wave is foreseen without error
        assert inner.std() > 0.3
        assert inner.corr(pd.Series(_wave(4, index), index).reindex(inner.index)) > 0.7


def test_one_sided_filter_ends_where_the_smoother_of_the_published_trend_does():
    values = np.cumsum(np.random.default_rng(3).standard_normal(71))
    direct = panel._whittaker(values, np.ones(71, dtype=bool), 1_600.0)
    assert panel._last_rows(71, 1_600.0)[-1] @ values == pytest.approx(direct[-1], abs=1e-8)


def test_hamilton_is_the_error_of_a_forecast_two_years_ahead():
    rng = np.random.default_rng(4)
    values = pd.Series(np.cumsum(rng.standard_normal(71)), INDEX)
    design = np.column_stack([np.ones(60), *(values.to_numpy()[3 - lag : 63 - lag] for lag in range(4))])
    learned = np.asarray(INDEX[11:] <= END)
    slopes = np.linalg.lstsq(design[learned], values.to_numpy()[11:][learned], rcond=None)[0]
    cycle = panel.hamilton(values, END)
    assert cycle.iloc[:11].isna().all()
    assert cycle.iloc[11:].to_numpy() == pytest.approx(values.to_numpy()[11:] - design @ slopes)


def test_one_sided_filter_sees_no_future():
    values = pd.Series(np.cumsum(np.random.default_rng(5).standard_normal(71)), INDEX)
    other = values.copy()
    other.iloc[60:] += 9
    first, second = (panel.one_sided(item, END).iloc[:60] for item in (values, other))
    pd.testing.assert_series_equal(first, second)


def test_holes_stay_holes():
    values = pd.Series(50 + _wave(5), INDEX)
    values.iloc[[20, 21]] = np.nan
    for name, take in panel.FILTERS.items():
        assert take(values, END).iloc[[20, 21]].isna().all(), name


def test_filters_need_a_level_and_the_declared_form_is_the_declaration():
    assert panel.form_under("hamilton", "growth", "growth") == "deviation"
    assert panel.form_under("linear", "growth", "growth") == "growth"
    assert panel.form_under("declared", "deviation", "growth") == "growth"
    assert panel.form_under("", "deviation", "growth") == "deviation"


def test_turning_points_alternate_and_leave_short_movements_out():
    wave = pd.Series(10 * _wave(4), INDEX)
    found = composite.turning_points(wave)
    assert [kind for _, kind in found][:3] == [1, -1, 1]
    assert found[0][0] == INDEX[4]  # the peak of a sine of 16 quarters
    ripple = wave + pd.Series(np.where(np.arange(71) == 6, 3.0, 0.0), INDEX)
    assert len(composite.turning_points(ripple)) <= len(found)
    quarters = [at.ordinal for at, _ in composite.turning_points(ripple)]
    assert min(np.diff(quarters)) >= 2


def test_table_says_where_and_how_far_and_when_it_turns():
    published = pd.Series(100 + 10 * _wave(5), INDEX)
    late = published.shift(1)
    late.iloc[30] += 25
    long = pd.DataFrame(
        {
            "choice": "detrend_late",
            "period": [f"{q.year}-Q{q.quarter}" for q in INDEX],
            "value": late.to_numpy(),
        }
    ).dropna()
    other = pd.DataFrame({"choice": "pca", "period": ["2020-Q1"], "value": [100.0]})
    row = composite.table(published, pd.concat([long, other])).iloc[0]
    assert row["choice"] == "late"
    assert row["largest_period"] == "2015-Q3"
    assert row["largest_difference"] > 20
    assert row["mean_shift"] == pytest.approx(1.0, abs=0.4)
    assert row["matched"] >= row["turning_points"] - 2


@pytest.mark.parametrize(
    ("declared", "used", "trend", "adf", "kpss", "verdict"),
    [
        (("growth", "none"), ("growth", "none"), 0.3, 0.01, 0.1, "agrees"),
        (("growth", "none"), ("deviation", "slow_trend"), 0.3, 0.01, 0.1, "overruled"),
        (("level", "none"), ("level", "none"), 4.0, 0.01, 0.1, "trend_left"),
        (("level", "slow_trend"), ("level", "slow_trend"), 9.0, 0.6, 0.02, "not_stationary"),
        (("level", "slow_trend"), ("level", "slow_trend"), 9.0, np.nan, np.nan, "untested"),
    ],
)
def test_declared_choice_is_held_against_the_tests(declared, used, trend, adf, kpss, verdict):
    assert composite._verdict(*declared, *used, trend, adf, kpss) == verdict


def test_every_choice_is_in_the_tables_of_a_nation(tables):
    assert tables["detrending_sensitivity"]["choice"].tolist() == list(panel.OTHERS)
    assert tables["detrending_sensitivity"]["correlation"].between(-1, 1).all()
    assert set(tables["detrending_tests"]["verdict"]) <= set(composite.NOTES)
