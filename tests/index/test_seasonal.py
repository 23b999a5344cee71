"""Seasonal adjustment: the real program, its reference result, and what is left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain import schema
from reporter.index import seasonal
from reporter.index.panel import Series
from reporter.index.seasonal import new_year_regressors, working_day_regressors
from tests.support.shared import shared

pytestmark = pytest.mark.slow

END = pd.Period("2024Q4", freq="Q-DEC")


def _seasonal(declarations, months: int = 120, adjusted: bool = False, pattern: float = 1.0) -> Series:
    index = pd.period_range(end="2025-06", periods=months, freq="M")
    rng = np.random.default_rng(months)
    values = 50 + pattern * 5 * np.sin(2 * np.pi * index.month.to_numpy() / 12) + rng.standard_normal(months)
    return Series(declarations.indicators["pmi"], "TH", pd.Series(values, index), adjusted)


def _verdict(item: Series) -> tuple[seasonal.Adjusted, str]:
    result = seasonal.adjust({("pmi", "TH"): item}, END)
    return result, result.quality["verdict"].item()


@pytest.mark.shared
def test_d11_equals_the_reference_program():
    reference = pd.read_csv(shared("reference", "x13", "airpassengers_airline_log_s3x5.csv"))
    values = pd.Series(reference["observed"].to_numpy(), pd.PeriodIndex(reference["period"], freq="M"))
    spec = seasonal.SeriesSpec(values, "(0 1 1)(0 1 1)", "log", outliers=(), seasonal_filter="s3x5")
    assert seasonal.run([spec])[0].adjusted.to_numpy() == pytest.approx(reference["D11"], abs=1e-6)


def test_seasonal_series_is_adjusted_and_reported(declarations):
    result, verdict = _verdict(_seasonal(declarations))
    sheet = result.quality.iloc[0]
    assert (verdict, sheet["method"]) == ("adjusted", "x13")
    assert sheet["qs_before"] > 9.2 > sheet["qs_after"]  # chi-squared(2) at 1 %
    by_month = result.values["pmi", "TH"].groupby(lambda period: period.month).mean()
    assert by_month.std() < 0.7  # was 3.5


def test_series_adjusted_by_its_source_is_left_alone(declarations):
    item = _seasonal(declarations, adjusted=True)
    result, verdict = _verdict(item)
    assert verdict == "by_source"
    pd.testing.assert_series_equal(result.values["pmi", "TH"], item.values)


def test_two_years_are_too_short(declarations):
    assert _verdict(_seasonal(declarations, months=24))[1] == "too_short"


def test_noise_is_not_adjusted(declarations):
    result, verdict = _verdict(_seasonal(declarations, pattern=0.0))
    assert verdict == "not_seasonal"
    assert not result.models["seasonal"].item()


def test_holes_stay_holes_and_negative_values_are_adjusted_in_level(declarations):
    item = _seasonal(declarations)
    values = item.values - 50
    values.iloc[[7, 40]] = np.nan
    result, verdict = _verdict(Series(item.indicator, "TH", values, False))
    assert verdict == "adjusted"
    assert result.quality["mode"].item() == "level"
    assert list(np.flatnonzero(result.values["pmi", "TH"].isna())) == [7, 40]


def test_many_holes_are_bridged(declarations):
    item = _seasonal(declarations)
    values = item.values.copy()
    values.iloc[20:65] = np.nan
    assert _verdict(Series(item.indicator, "TH", values, False))[1] == "adjusted"


def test_program_that_stops_is_replaced_by_stl_and_the_sheet_says_so(declarations):
    def broken(specs):
        return [seasonal.Output(None, {}, "stopped") for _ in specs]

    item = _seasonal(declarations)
    result = seasonal.adjust({("pmi", "TH"): item}, END, run=broken)
    sheet = result.quality.iloc[0]
    assert (sheet["verdict"], sheet["method"]) == ("adjusted", "stl")
    assert "STL" in sheet["note_th"]
    assert sheet["qs_before"] > 9.2 > sheet["qs_after"]
    by_month = result.values["pmi", "TH"].groupby(lambda period: period.month).mean()
    assert by_month.std() < 0.7  # was 3.5


def test_program_that_stops_on_noise_leaves_it_alone(declarations):
    def broken(specs):
        return [seasonal.Output(None, {}, "stopped") for _ in specs]

    item = _seasonal(declarations, pattern=0.0)
    result = seasonal.adjust({("pmi", "TH"): item}, END, run=broken)
    assert result.quality["verdict"].item() == "not_seasonal"


def test_kept_model_that_fails_is_replaced_by_the_airline_model_and_the_sheet_says_so(declarations):
    def only_airline(specs):
        return [
            seasonal.run([spec])[0]
            if spec.model in ("", seasonal.AIRLINE) and spec.outliers != ("ao2020.1",)
            else seasonal.Output(None, {}, "stopped")
            for spec in specs
        ]

    key = ("pmi", "TH")
    kept = pd.DataFrame(
        [[*key, 2025, "(2 1 1)(0 1 1)", "none", "", "", True]], columns=schema.columns("seasonal_models")
    )
    result = seasonal.adjust({key: _seasonal(declarations)}, END, kept, run=only_airline)
    sheet = result.quality.iloc[0]
    assert (sheet["verdict"], sheet["method"], sheet["model"]) == (
        "adjusted",
        "x13_airline",
        seasonal.AIRLINE,
    )
    assert "แบบจำลองพื้นฐาน" in sheet["note_th"]
    assert result.models["model"].item() == "(2 1 1)(0 1 1)"  # the year's model stays the year's model


def test_stl_multiplies_in_logs_and_keeps_holes(declarations):
    index = pd.period_range("2010Q1", periods=60, freq="Q-DEC")
    level = np.exp(0.02 * np.arange(60))
    values = pd.Series(level * np.resize([1.2, 1.0, 0.9, 0.9], 60), index)
    values.iloc[10] = np.nan
    adjusted = seasonal.stl(values, "log")
    assert list(np.flatnonzero(adjusted.isna())) == [10]
    ratio = (adjusted / level).dropna()
    assert ratio.std() / ratio.mean() < 0.01
    assert seasonal.stl(values.iloc[:8], "log") is None


def test_qs_is_zero_without_a_positive_seasonal_autocorrelation():
    index = pd.period_range("2010Q1", periods=60, freq="Q-DEC")
    assert seasonal.qs(pd.Series(np.resize([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0], 60), index)) == 0
    assert seasonal.qs(pd.Series(np.resize([3.0, 1.0, 0.0, 0.0], 60), index)) > 50
    assert np.isnan(seasonal.qs(pd.Series(1.0, index)))


def test_stored_models_give_the_same_numbers(declarations):
    first, _ = _verdict(_seasonal(declarations))
    again = seasonal.adjust({("pmi", "TH"): _seasonal(declarations)}, END, first.models)
    pd.testing.assert_series_equal(again.values["pmi", "TH"], first.values["pmi", "TH"], check_exact=True)
    pd.testing.assert_frame_equal(again.models, first.models)


def test_new_year_regressors_put_the_holiday_into_its_month():
    frame = new_year_regressors(pd.period_range("2023-01", "2025-12", freq="M"))
    during = frame["cnyduring"]
    assert during["2023-01"] > 0.5  # 22 January 2023
    assert during["2024-02"] > 0.3  # 10 February 2024; most years have it in February
    assert during["2024-06"] == 0
    assert new_year_regressors(pd.period_range("1970-01", "1980-01", freq="M")) is None


@pytest.mark.parametrize(
    ("size", "kept"), [(-12.0, "holidays"), (0.0, "")]
)  # the code that names CNY and holidays
def test_new_year_is_adjusted_for_where_it_matters(declarations, size, kept):
    item = _seasonal(declarations, months=168)
    holiday = new_year_regressors(item.values.index)["cnyduring"].iloc[: len(item.values)]
    moved = Series(item.indicator, "TH", item.values + size * holiday.to_numpy(), False)
    result, _ = _verdict(moved)
    assert result.quality["regressors"].item() == kept
    february = (
        result.values["pmi", "TH"].to_numpy()
        - seasonal.adjust({("pmi", "TH"): item}, END).values["pmi", "TH"]
    )
    assert february.abs().max() < 4  # the holiday alone moved a month by up to eight


def _daily(declarations, effect: float) -> Series:
    """Production that grows with the days that offices are open, by the calendar and the holidays of Thailand."""
    index = pd.period_range("2009-01", periods=180, freq="M")
    days = [np.busday_count(month.start_time.date(), (month + 1).start_time.date()) for month in index]
    closed = working_day_regressors(index)["thai"].to_numpy()[: len(index)]
    rng = np.random.default_rng(3)
    path = np.cumsum(0.002 + 0.01 * rng.standard_normal(len(index)))
    season = 0.05 * np.sin(2 * np.pi * index.month.to_numpy() / 12)
    values = 100 * np.exp(path + season + effect * (np.array(days) - 21.7 - closed))
    return Series(declarations.indicators["mpi"], "TH", pd.Series(values, index), adjusted=False)


@pytest.mark.parametrize(("effect", "kept"), [(0.012, "holidays td"), (0.0, "")])
def test_working_days_are_kept_where_aicc_wants_them_and_leave_the_series(declarations, effect, kept):
    item = _daily(declarations, effect)
    found = seasonal.adjust({("mpi", "TH"): item}, pd.Period("2023Q4", freq="Q-DEC"))
    assert found.models["regressors"].item() == kept
    plain = _daily(declarations, 0.0).values
    season = 1 + 0.05 * np.sin(2 * np.pi * plain.index.month.to_numpy() / 12)
    rest = np.diff(np.log(found.values["mpi", "TH"] / (plain / season)))
    assert rest.std() < 0.02


def test_songkran_of_2020_was_made_up_for_in_july_and_september():
    thai = working_day_regressors(pd.period_range("2019-01", "2021-12", freq="M"))["thai"]
    assert thai["2020-04"] <= thai["2019-04"] - 2
    assert thai["2020-09"] > thai["2019-09"] + 1
    assert thai["2020-07"] > thai["2019-07"]
