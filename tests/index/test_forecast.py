"""Forecast: models by hand and against another program, honest choice, intervals, scorecard, refusals."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.tsa.statespace.sarimax import SARIMAX

from reporter.domain import schema
from reporter.domain.periods import iso
from reporter.index import forecast, forecast_models
from reporter.index import forecast_models as forecast_ets
from reporter.index import forecast_models as forecast_sarima
from reporter.index.forecast import (
    Rolling,
    choose,
    equal_accuracy,
    multipliers,
    roll,
    split_origin,
)
from reporter.index.forecast_models import History

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3", freq="Q-DEC")
NO_MACRO = pd.DataFrame({"variable": [], "period": [], "value": []})


def periods(length: int, last: pd.Period = QUARTER) -> list[str]:
    return [iso(last - (length - 1 - t)) for t in range(length)]


def index_table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"dimension": "overall", "group": "TH", "period": periods(len(values)), "value": values}
    )


def ar1(seed: int, length: int, slope: float = 0.8) -> np.ndarray:
    shocks = np.random.default_rng(seed).standard_normal(length + 50)
    values = np.zeros(length + 50)
    for t in range(1, length + 50):
        values[t] = slope * values[t - 1] + shocks[t]
    return 100 + 3 * values[50:]


@pytest.fixture(scope="module")
def made() -> dict[str, pd.DataFrame]:
    macro = pd.DataFrame(
        {
            "variable": "real_gdp_growth",
            "period": periods(64),
            "value": np.random.default_rng(1).standard_normal(64),
        }
    )
    return forecast.compute(index_table(ar1(2, 64)), macro, QUARTER, seed=1)


# ------------------------------------------------------------------------------------------------ models


def test_naive_models_by_hand():
    history = History(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0]))
    plain, seasonal = forecast_models.naive(history), forecast_models.seasonal_naive(history)
    assert plain is not None and seasonal is not None
    assert plain.mean.tolist() == [9, 9, 9, 9]
    assert seasonal.mean.tolist() == [5, 6, 7, 9]
    assert plain.sd[3] == pytest.approx(2 * plain.sd[0])  # a random walk: sqrt(4)


def test_theta_of_a_straight_line_goes_on_at_half_its_slope():
    # Smoothing at rate 1 sits on the last value; the drift adds half of the slope of 2 each quarter.
    path = forecast_models.theta(History(2.0 * np.arange(20)))
    assert path is not None
    np.testing.assert_allclose(path.mean, [39, 40, 41, 42])


def test_burg_recovers_an_autoregression():
    values = ar1(3, 4000) - 100
    coefficients, _ = forecast_models.burg(values - values.mean(), 2)
    np.testing.assert_allclose(coefficients, [0.8, 0.0], atol=0.05)


@pytest.mark.parametrize(
    ("order", "start"),
    [
        (forecast_sarima.Order(1, 0, 1), None),
        (forecast_sarima.Order(1, 1, 1), None),
        # Without a start near the optimum the other program stops at a likelihood that is lower by 52.
        (forecast_sarima.Order(1, 0, 0, 1), [20.0, 0.8, -0.1, 8.0]),
    ],
)
def test_sarima_agrees_with_maximum_likelihood(order, start):
    values = ar1(4, 300)
    path = forecast_sarima.sarima(History(values), order)
    assert path is not None
    model = SARIMAX(
        values,
        order=(order.p, order.d, order.q),
        seasonal_order=(order.seasonal_p, 0, 0, 4),
        trend="c" if order.has_mean else "n",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = model.fit(disp=0, start_params=start).get_forecast(4)
    np.testing.assert_allclose(path.mean, reference.predicted_mean, atol=0.25)
    np.testing.assert_allclose(path.sd, reference.se_mean, rtol=0.05)


def test_sarima_finds_the_season_of_a_seasonal_series():
    rng = np.random.default_rng(5)
    season = np.tile([6.0, -2.0, 1.0, -5.0], 16)
    values = 100 + season + rng.standard_normal(64)
    history = History(values, seasonal=forecast_models.is_seasonal(values))
    assert history.seasonal
    order = forecast_sarima.identify_sarima(history)
    path, smoothed = (
        forecast_sarima.sarima(history, order),
        forecast_ets.smoothing(history, forecast_ets.identify_ets(history)),
    )
    for forecasts in (path, smoothed, forecast_models.theta(history)):
        assert forecasts is not None
        np.testing.assert_allclose(forecasts.mean, 100 + season[:4], atol=1.8)


def test_smoothing_follows_a_level_that_moved():
    values = np.concatenate([np.full(30, 100.0), np.full(12, 110.0)])
    values += np.random.default_rng(6).standard_normal(42) * 0.5
    path = forecast_ets.smoothing(History(values), forecast_ets.SmoothingForm())
    assert path is not None
    np.testing.assert_allclose(path.mean, 110, atol=1)


def test_var_uses_a_leading_macro_variable():
    rng = np.random.default_rng(7)
    leader = rng.standard_normal(80)
    values = 100 + 5 * np.concatenate([[0.0], leader[:-1]]) + 0.1 * rng.standard_normal(80)
    path = forecast_models.vector_autoregression(History(values, leader[:, None]))
    assert path is not None
    # shrinkage keeps a part of the effect of 5; without the leader the forecast would be 100
    assert 0.5 < (path.mean[0] - 100) / (5 * leader[-1]) < 1.1


def test_var_without_usable_macro_is_left_out():
    values = ar1(8, 40)
    ended = np.concatenate([np.random.default_rng(8).standard_normal(30), np.full(10, np.nan)])
    assert forecast_models.vector_autoregression(History(values)) is None
    assert forecast_models.vector_autoregression(History(values, ended[:, None])) is None
    assert forecast_models.vector_autoregression(History(values, np.full((40, 1), 2.0))) is None


def test_one_shock_does_not_rule_the_scale():
    values = np.random.default_rng(9).standard_normal(60)
    shocked = values.copy()
    shocked[30] = -30.0
    assert np.std(shocked) > 3
    assert forecast_models.robust_sd(values) < forecast_models.robust_sd(shocked) < 1.25


# ------------------------------------------------------------------------------- rolling origins and choice


def test_no_forecast_sees_the_future():
    values = ar1(10, 50)
    altered = values.copy()
    altered[40:] += 25
    names = ("naive", "seasonal_naive", "sarima", "ets", "theta", "ar", "mean")
    first, second = roll(values, None, names), roll(altered, None, names)
    before = [place for place, origin in enumerate(first.origins) if origin < 40]
    for name in names:
        np.testing.assert_array_equal(first.means[name][before], second.means[name][before])


def test_vintage_replaces_today_s_history_at_its_origin():
    values = ar1(11, 40)
    origin = 30
    rolling = roll(values, None, ("naive", "seasonal_naive"), vintages={origin: values[: origin + 1] + 2})
    place = rolling.origins.index(origin)
    assert rolling.means["naive"][place, 0] == values[origin] + 2
    assert rolling.means["naive"][place + 1, 0] == values[origin + 1]


def test_choice_uses_only_errors_known_at_the_split():
    rolling = roll(ar1(12, 60), None, ("naive", "seasonal_naive", "ar"))
    winner, _ = choose(rolling, ("naive", "seasonal_naive", "ar"), {"naive", "seasonal_naive", "ar"})
    late = np.array(rolling.origins) >= split_origin(rolling)
    rolling.means[winner][late] += 1000  # catastrophic, but later
    assert choose(rolling, ("naive", "seasonal_naive", "ar"), {"naive", "seasonal_naive", "ar"})[0] == winner


def test_model_that_often_failed_cannot_win():
    rolling = roll(ar1(13, 60), None, ("naive", "seasonal_naive", "ar"))
    rolling.means["ar"] = rolling.actual.copy()  # perfect where it exists
    rolling.means["ar"][::3] = np.nan
    names = ("naive", "seasonal_naive", "ar")
    assert choose(rolling, names, set(names))[0] != "ar"
    assert "ar" not in choose(rolling, names, {"naive", "seasonal_naive"})[1]


def _rolling(errors: dict[str, float], origins: int = 4) -> Rolling:
    """Every model errs by the same amount at every origin and horizon."""
    rolling = Rolling(list(range(19, 19 + origins)), np.zeros((origins, 4)))
    for name, error in errors.items():
        rolling.means[name] = np.full((origins, 4), error)
        rolling.sds[name] = np.ones((origins, 4))
    return rolling


def test_winner_has_the_lowest_ratio_to_no_change():
    errors = {"naive": 2.0, "ar": 1.0, "ets": 1.5}
    winner, ratios = choose(_rolling(errors), tuple(errors), set(errors))
    assert winner == "ar"
    assert ratios == pytest.approx({"naive": 1.0, "ar": 0.5, "ets": 0.75})


def test_the_index_s_own_model_stays_unless_another_is_better_by_more_than_a_standard_error():
    close, far = ({"naive": 2.0, "ar": 1.0, "joint": error, "mean": 1.4} for error in (1.2, 1.3))
    assert choose(_rolling(close), tuple(close), set(close))[0] == "joint"
    assert choose(_rolling(far), tuple(far), set(far))[0] == "ar"


def test_without_the_joint_model_the_mean_of_all_stays_first():
    errors = {"naive": 2.0, "ar": 1.0, "mean": 1.2}
    assert choose(_rolling(errors), tuple(errors), set(errors))[0] == "mean"


def test_a_model_that_does_not_beat_no_change_is_not_published_but_the_mean_of_all():
    errors = {"naive": 1.0, "ar": 1.2, "ets": 1.1, "mean": 1.05}
    assert choose(_rolling(errors), tuple(errors), set(errors))[0] == "mean"


def test_combination_weighs_models_by_inverse_powers_of_their_errors():
    rolling = _rolling({"naive": 2.0, "ar": 1.0, "ets": 4.0}, origins=12)
    paths = {
        name: forecast_models.Path(np.full(4, value), np.ones(4))
        for name, value in (("naive", 10.0), ("ar", 20.0), ("ets", 40.0))
    }
    # Ratios to no change 1, 1/2 and 2: weights 1, 16 and 1/16.
    expected = (10 + 16 * 20 + 40 / 16) / (17 + 1 / 16)
    assert forecast.combined(rolling, paths, 30).mean == pytest.approx(np.full(4, expected))
    # Before the first error is known all weigh alike.
    assert forecast.combined(rolling, paths, 19).mean == pytest.approx(np.full(4, 70 / 3))


def test_combination_trusts_each_horizon_by_its_own_errors_drawn_to_those_of_all():
    rolling = _rolling({"naive": 2.0, "ar": 1.0}, origins=24)
    rolling.means["ar"][:, 2:] = 3.0  # good one and two quarters ahead, poor later
    near, far = (forecast.horizon_ratios(rolling, ("ar",), 42)["ar"][h] for h in (0, 3))
    assert 0.5 < near < 1.0 < far < 1.5
    paths = {n: forecast_models.Path(np.full(4, v), np.ones(4)) for n, v in (("naive", 0.0), ("ar", 1.0))}
    mean = forecast.combined(rolling, paths, 42).mean
    assert mean[0] > 0.6 and mean[3] < 0.4


def test_macro_of_the_vintage_store_goes_before_the_present_delay():
    """An origin that the store knows gets the values of then, with their own end; others are cut off alike."""
    quarters = periods(40, QUARTER)
    macro = pd.DataFrame({"variable": "gdp", "period": quarters[:-1], "value": np.arange(39.0)})
    then = pd.DataFrame(
        {"issued": quarters[30], "variable": "gdp", "period": quarters[:31], "value": np.arange(31.0) + 100}
    )
    notes = forecast._Notes()
    index = pd.PeriodIndex([pd.Period(text.replace("-", ""), freq="Q-DEC") for text in quarters])
    economy = forecast._macro(macro, then, index, notes)
    assert economy is not None and economy.lags == (1,)
    assert economy.at(30)[:, 0].tolist() == (np.arange(31.0) + 100).tolist()
    assert np.isnan(economy.at(29)[-1, 0]) and economy.at(29)[-2, 0] == 28
    made = forecast.compute(index_table(ar1(23, 40)), macro, QUARTER, seed=1, macro_known=then)
    note = made["forecast_notes"].set_index("item").loc["macro_known"]
    assert note["value"] == 1 and "1 ครั้ง" in note["text_th"]


def test_notes_say_from_where_the_index_was_known():
    values = ar1(23, 40)
    quarters = periods(40, QUARTER)
    issued = pd.DataFrame({"issued": quarters[-2], "period": quarters[:-1], "value": values[:-1] + 1})
    made = forecast.compute(index_table(values), NO_MACRO, QUARTER, seed=1, vintages=issued)
    note = made["forecast_notes"].set_index("item").loc["releases"]
    assert note["value"] == 1 and "ฉบับก่อน 1 ครั้ง และค่าปัจจุบัน" in note["text_th"]
    assert " 0 ครั้ง" not in note["text_th"]  # no word of simulated values: there are none


def test_old_errors_count_less_than_new_ones():
    rolling = _rolling({"naive": 2.0, "ar": 1.0, "ets": 1.0}, origins=40)
    rolling.means["ar"][:20], rolling.means["ets"][20:] = 0.5, 0.5
    assert choose(rolling, ("naive", "ar", "ets"), {"ar", "ets", "naive"}, 58)[0] == "ets"


def test_errors_of_the_procedure_are_those_of_the_models_it_would_have_chosen():
    rolling = _rolling({"naive": 2.0, "ar": 1.0, "ets": 3.0, "mean": 2.5}, origins=12)
    forecast.add_procedure(rolling, ("naive", "ar", "ets", "mean"))
    chosen = rolling.means[forecast.PROCEDURE]
    assert np.isfinite(chosen).all()
    assert (chosen[1:] == 1.0).all()


def test_crps_of_a_normal_forecast_is_that_of_its_definition():
    """Integral of the squared distance of distribution and step, by the sum over a fine grid."""
    rolling = _rolling({"naive": 0.7}, origins=6)
    reported = np.ones(6, dtype=bool)
    crps, _ = forecast._distribution_scores(rolling, "naive", reported)
    half = [forecast.intervals_at(rolling, "naive", o, np.ones(4))[0, 0] for o in rolling.origins]
    grid = np.linspace(-30, 30, 60_001)
    by_hand = [np.trapezoid((norm.cdf(grid / (h / norm.ppf(0.9))) - (grid >= -0.7)) ** 2, grid) for h in half]
    assert crps[0] == pytest.approx(np.mean(by_hand), rel=2e-3)  # of the grid


def test_the_joint_model_is_a_candidate_and_origins_see_the_index_as_it_was_known():
    values = ar1(2, 64)
    quarters = pd.period_range(QUARTER - 63, QUARTER, freq="Q-DEC")
    rows = [
        (iso(issued), iso(quarter), values[place] + 0.5 * (quarter == issued))
        for issued in quarters[11:]
        for place, quarter in enumerate(quarters[: quarters.get_loc(issued) + 1])
    ]
    rows += [(iso(q), iso(q + h), 100.0) for q in quarters[11:] for h in range(1, 5)]
    seen = pd.DataFrame(rows, columns=["issued", "period", "value"])
    tables = forecast.compute(index_table(values), NO_MACRO, QUARTER, seed=1, simulated=seen)
    table = tables["forecast_evaluation"].query("model == 'joint'")
    assert len(table) == 4 and table["n"].min() > 5
    # Errors are against first releases, which stand half a point above the last values here.
    ahead = table.query("horizon == 4")["mae"].item()
    assert 0 < ahead < 30


def test_fixed_b_distribution_has_the_published_critical_value():
    # Kiefer and Vogelsang (2005), Bartlett: 1.9600 + 2.9694 b + 0.4160 b^2 - 0.5324 b^3 with b = 10 / 100.
    null = forecast._null_distribution(100, 1)
    assert np.quantile(null, 0.95) == pytest.approx(2.2606, rel=0.04)


def test_equal_accuracy_rejects_a_clear_difference_only():
    rng = np.random.default_rng(14)
    noise = rng.standard_normal(24)
    assert equal_accuracy(noise - 3, 1)[1] < 0.01
    assert equal_accuracy(noise - noise.mean(), 1)[1] > 0.9
    assert np.isnan(equal_accuracy(noise[:7], 1)[1])


# ------------------------------------------------------------------------------------------------ intervals


def test_multipliers_grow_when_the_model_was_too_sure_but_not_without_bound():
    errors = np.random.default_rng(15).standard_normal((40, 4))
    honest, unsure, wild = (multipliers(errors * size, 60) for size in (1.0, 1.4, 50.0))
    assert honest.mean(axis=0) == pytest.approx([1.30, 2.0], abs=0.2)
    assert (unsure > honest).all()
    assert wild.max() < 1.8 * 2.01


def test_one_horizon_that_was_too_sure_gets_wider_intervals_than_the_others():
    errors = np.random.default_rng(15).standard_normal((40, 4)) * np.array([1.0, 1.0, 1.0, 1.5])
    found = multipliers(errors, 60)
    assert (found[3] > 1.15 * found[:3]).all()


def test_without_errors_the_t_quantile_stands():
    found = multipliers(np.full((3, 4), np.nan), 20)
    assert found == pytest.approx(np.tile([1.3253, 2.0860], (4, 1)), abs=1e-4)


def test_a_shock_of_2020_widens_the_intervals_without_making_them_useless():
    calm = ar1(16, 64)
    shocked = calm.copy()
    shocked[42:46] -= np.array([30.0, 20.0, 10.0, 5.0])
    widths = []
    for values in (calm, shocked):
        tables = forecast.compute(index_table(values), NO_MACRO, QUARTER, seed=1)
        widths.append((tables["forecast"]["high95"] - tables["forecast"]["low95"]).mean())
    assert 1.0 < widths[1] / widths[0] < 2.5
    assert "shock" in set(tables["forecast_notes"]["item"])


def test_intervals_cover_what_they_claim():
    """100 series of AR(0.8), 56 quarters, one model; make bench runs the whole procedure on seven processes."""
    names, hits = ("seasonal_naive", "ar"), []
    for seed in range(100):
        values = ar1(1000 + seed, 60)
        rolling = roll(values[:56], None, names)
        path = forecast_models.autoregression(History(values[:56]))
        assert path is not None
        half = forecast.intervals_at(rolling, "ar", 55, path.sd)
        hits.append(np.abs(values[56:] - path.mean)[:, None] <= half)
    covered = np.mean(hits, axis=(0, 1))
    assert 0.73 < covered[0] < 0.87
    assert 0.90 < covered[1] < 0.99


# ------------------------------------------------------------------------------------------- the whole stage


def test_forecast_covers_the_next_four_quarters_in_nested_intervals(made):
    table = made["forecast"]
    assert table["period"].tolist() == ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    ordered = table[["low95", "low80", "mean", "high80", "high95"]].to_numpy()
    assert (np.diff(ordered, axis=1) > 0).all()
    assert (np.diff(table["high95"] - table["low95"]) >= 0).all()


def test_evaluation_has_every_model_and_horizon_and_one_winner(made):
    table = made["forecast_evaluation"]
    assert len(table) == 9 * 4  # eight models and the whole procedure
    assert table.loc[table["selected"], "model"].nunique() == 1
    assert table["selected"].sum() == 4
    assert (table["rmse"] >= table["mae"] - 1e-12).all()
    assert table[["coverage80", "coverage95"]].stack().between(0, 1).all()
    assert (table["coverage95"] >= table["coverage80"]).all()


def test_same_input_gives_the_same_bits(made):
    macro = pd.DataFrame(
        {
            "variable": "real_gdp_growth",
            "period": periods(64),
            "value": np.random.default_rng(1).standard_normal(64),
        }
    )
    again = forecast.compute(index_table(ar1(2, 64)), macro, QUARTER, seed=1)
    for name, table in made.items():
        pd.testing.assert_frame_equal(table, again[name], check_exact=True)


def test_scorecard_of_rolling_origins_is_not_called_published(made):
    table = made["forecast_scorecard"]
    assert set(table["kind"]) == {"rolling_origin"}
    np.testing.assert_allclose(table["error"], table["actual"] - table["mean"])
    assert (table["period"] > table["issued"]).all()


def test_scorecard_of_earlier_issues_counts_only_quarters_that_came():
    values = ar1(17, 40)
    earlier = pd.DataFrame(
        {
            "issued": "2025-Q2",
            "period": ["2025-Q3", "2025-Q4"],
            "mean": [values[-1] + 1, 100.0],
            "low80": [values[-1] - 1, 90.0],
            "high80": [values[-1] + 3, 110.0],
        }
    )
    table = forecast.compute(index_table(values), NO_MACRO, QUARTER, seed=1, earlier=earlier)[
        "forecast_scorecard"
    ]
    assert table["kind"].tolist() == ["published"]
    assert table["error"].iloc[0] == pytest.approx(-1)
    assert bool(table["inside80"].iloc[0])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (ar1(18, 17), "18 ไตรมาส"),
        (np.full(40, 100.0), "ไม่เปลี่ยนแปลง"),
        (np.empty(0), "0 ไตรมาส"),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_the_reason(values, reason):
    tables = forecast.compute(index_table(values), NO_MACRO, QUARTER, seed=1)
    assert tables["forecast"].empty and tables["forecast_evaluation"].empty
    assert reason in tables["forecast_notes"]["text_th"].iloc[0]


def test_index_that_stops_before_the_issue_is_refused():
    tables = forecast.compute(index_table(ar1(19, 40)), NO_MACRO, QUARTER + 1, seed=1)
    assert tables["forecast"].empty
    assert "ก่อนไตรมาสของรายงาน" in tables["forecast_notes"]["text_th"].iloc[0]


def test_short_index_gets_the_small_set_of_models():
    tables = forecast.compute(index_table(ar1(20, 22)), NO_MACRO, QUARTER, seed=1)
    small = set(forecast.SMALL_MODELS) - {forecast.JOINT}
    assert set(tables["forecast_evaluation"]["model"]) == {*small, forecast.PROCEDURE}
    assert len(tables["forecast"]) == 4


def test_stale_macro_variable_is_named_and_left_out():
    values = ar1(21, 40)
    macro = pd.DataFrame(
        {"variable": "short_term_rate", "period": periods(33, QUARTER - 7), "value": ar1(22, 33)}
    )
    notes = forecast.compute(index_table(values), macro, QUARTER, seed=1)["forecast_notes"]
    assert "macro_left_out" in set(notes["item"])


def test_several_stale_variables_and_shocks_have_a_note_each():
    """Each is a row of its own with a key of its own: a build ended where two macro variables were stale."""
    values = ar1(21, 40)
    values[12] += 90
    values[25] -= 90
    stale = {"variable": "short_term_rate", "period": periods(33, QUARTER - 7), "value": ar1(22, 33)}
    macro = pd.concat([pd.DataFrame(stale), pd.DataFrame(stale | {"variable": "real_gdp_growth"})])
    notes = schema.checked(forecast.compute(index_table(values), macro, QUARTER, seed=1))["forecast_notes"]
    left_out = notes[notes["item"] == "macro_left_out"]
    assert sorted(left_out["subject"]) == ["real_gdp_growth", "short_term_rate"]
    assert (notes["item"] == "shock").sum() >= 2


def test_macro_that_comes_a_quarter_late_is_late_at_every_origin_too():
    known = forecast.Macro(np.arange(10.0)[:, None], (1,)).at(5)
    assert known[:, 0].tolist()[:5] == [0, 1, 2, 3, 4] and np.isnan(known[5, 0]) and len(known) == 6
