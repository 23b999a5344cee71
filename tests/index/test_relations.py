"""Tests of the index: statistics against another program, verdicts on series whose truth is known, refusals."""

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import VAR
from statsmodels.tsa.stattools import adfuller, coint, kpss

from reporter.domain.periods import iso
from reporter.index import relations, var_tests
from reporter.index.relations import MACRO
from tests.support.shared import shared

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3", freq="Q-DEC")


def long_table(key: str, columns: dict[str, np.ndarray], last: pd.Period = QUARTER) -> pd.DataFrame:
    """Tidy rows of columns that all end in ``last``."""
    frames = [
        pd.DataFrame(
            {
                key: name,
                "group": "TH",
                "period": [iso(last - (len(values) - 1 - t)) for t in range(len(values))],
                "value": values,
            }
        )
        for name, values in columns.items()
    ]
    return pd.concat(frames, ignore_index=True)


def index_table(values: np.ndarray, **others: np.ndarray) -> pd.DataFrame:
    return long_table("dimension", {"overall": values, **others})


def macro_table(rng: np.random.Generator, length: int = 72) -> pd.DataFrame:
    return long_table("variable", {name: rng.standard_normal(length) for name in MACRO})


def row(result: dict[str, pd.DataFrame], test: str, variable: str) -> pd.Series:
    table = result["index_tests"]
    return table[(table["test"] == test) & (table["variable"] == variable)].iloc[0]


@pytest.fixture(scope="module")
def system() -> dict[str, np.ndarray]:
    """GDP growth moves the index one quarter later; nothing else does. 160 quarters."""
    rng = np.random.default_rng(11)
    growth, inflation, rate, index = (np.zeros(160) for _ in range(4))
    for t in range(1, 160):
        growth[t] = 0.6 * growth[t - 1] + rng.standard_normal()
        inflation[t] = 0.5 * inflation[t - 1] + rng.standard_normal()
        rate[t] = 0.7 * rate[t - 1] + rng.standard_normal()
        index[t] = 0.4 * index[t - 1] + 4.0 * growth[t - 1] + rng.standard_normal()
    return {
        "real_gdp_growth": growth,
        "headline_inflation": inflation,
        "short_term_rate": rate,
        "index": 100 + index,
    }


@pytest.fixture(scope="module")
def result(system: dict[str, np.ndarray]) -> dict[str, pd.DataFrame]:
    macro = long_table("variable", {name: system[name] for name in MACRO})
    return relations.compute(index_table(system["index"]), macro, QUARTER, seed=1)


def test_unit_root_tests_agree_with_statsmodels():
    values = np.random.default_rng(3).standard_normal(60).cumsum()
    other = 0.5 * values + np.random.default_rng(4).standard_normal(60)
    adf, level = var_tests.adf(values, max_lags=4), var_tests.kpss(values)
    reference = adfuller(values, maxlag=4, autolag="BIC", result_object=False)
    assert (adf.statistic, adf.p_value, adf.lags) == pytest.approx(reference[:3])
    assert adf.critical_5 == pytest.approx(reference[4]["5%"])
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # its p-value may lie outside the table; only the statistic is compared
        assert level.statistic == pytest.approx(kpss(values, nlags=level.lags, result_object=False)[0])
    pair = var_tests.engle_granger(other, values[:, None])
    statistic, p_value, critical = coint(other, values, maxlag=4, autolag="bic")
    assert pair is not None
    assert (pair.statistic, pair.p_value, pair.critical_5) == pytest.approx((statistic, p_value, critical[1]))


def test_kpss_statistic_by_hand():
    # Deviations of 0 0 1 1 from 0.5: -.5 -.5 .5 .5; partial sums -.5 -1 -.5 0, squares sum to 1.5.
    # int(4 (4/100)^(1/4)) = 1 lag: variance 0.25 + 2 * 0.5 * (0.25 - 0.25 + 0.25) / 4 = 0.3125.
    assert var_tests.kpss(np.array([0.0, 0.0, 1.0, 1.0])).statistic == pytest.approx(1.5 / 16 / 0.3125)


def test_var_agrees_with_statsmodels():
    values = np.random.default_rng(5).standard_normal((70, 3)).cumsum(axis=0) * 0.2
    values += np.random.default_rng(6).standard_normal((70, 3))
    ours, reference = relations.fit(values, 2), VAR(values).fit(2, trend="c")
    np.testing.assert_allclose(ours.coefficients, reference.coefs, atol=1e-10)
    np.testing.assert_allclose(ours.covariance, reference.sigma_u, atol=1e-10)
    np.testing.assert_allclose(
        relations.responses(ours.coefficients, ours.covariance, 8), reference.irf(8).orth_irfs, atol=1e-10
    )
    assert relations.companion_root(ours.coefficients) == pytest.approx(1 / np.abs(reference.roots).min())
    assert relations.causality(values, 2, 1, 0)[0] == pytest.approx(
        reference.test_causality(0, [1], kind="f").test_statistic
    )
    shares = relations.variance_shares(relations.responses(ours.coefficients, ours.covariance, 8), 8)
    np.testing.assert_allclose(shares, reference.fevd(8).decomp[:, -1], atol=1e-10)


def test_granger_finds_the_direction_that_was_built_in(result):
    assert row(result, "granger_to_index", "real_gdp_growth")["verdict"] == "predicts"
    assert row(result, "granger_from_index", "real_gdp_growth")["verdict"] != "predicts"
    assert row(result, "granger_to_index", "short_term_rate")["verdict"] != "predicts"


def test_cross_correlation_says_that_the_index_lags_by_one_quarter(result):
    peak = row(result, "correlation_peak", "real_gdp_growth")
    assert (peak["lags"], peak["verdict"]) == (-1, "lags")
    assert "ตามหลัง" in peak["reading_th"]
    table = result["cross_correlations"].query("second == 'real_gdp_growth'")
    assert table.loc[table["correlation"].idxmax(), "lead"] == -1


def test_response_peaks_one_quarter_after_the_shock_at_its_true_size(result):
    response = row(result, "svar_response", "real_gdp_growth")
    # one sd of growth's shock is about 1; it moves the index by about 4 points a quarter later
    assert response["lags"] in (1, 2)
    paths = result["impulse_responses"].query("shock == 'real_gdp_growth' and response == 'labour_index'")
    after = paths[paths["horizon"] == 1].iloc[0]
    assert after["value"] == pytest.approx(4.0, rel=0.15)
    assert after["low"] > 2.0
    assert (paths["low"] <= paths["value"]).all() and (paths["value"] <= paths["high"]).all()


def test_variance_shares_sum_to_one(result):
    table = result["index_tests"]
    assert table.loc[table["test"] == "svar_variance_share", "statistic"].sum() == pytest.approx(1)


def test_same_seed_gives_the_same_bits_and_another_seed_other_bands(system, result):
    macro = long_table("variable", {name: system[name] for name in MACRO})
    again = relations.compute(index_table(system["index"]), macro, QUARTER, seed=1)
    for name, table in result.items():
        pd.testing.assert_frame_equal(table, again[name], check_exact=True)
    other = relations.compute(index_table(system["index"]), macro, QUARTER, seed=2)["impulse_responses"]
    assert (other["low"] != result["impulse_responses"]["low"]).any()


def test_cointegration_of_two_walks_on_one_trend():
    rng = np.random.default_rng(8)
    trend = rng.standard_normal(90).cumsum()
    macro = long_table(
        "variable", {"short_term_rate": trend, "headline_inflation": rng.standard_normal(90).cumsum()}
    )
    found = relations.compute(
        index_table(100 + 2 * trend + 0.3 * rng.standard_normal(90)), macro, QUARTER, seed=1
    )
    pair = row(found, "engle_granger", "short_term_rate")
    assert pair["verdict"] == "cointegrated"
    assert pair["statistic"] < pair["critical_5"]
    assert row(found, "engle_granger", "headline_inflation")["verdict"] == "not_cointegrated"


def test_index_that_is_the_unemployment_rate_is_called_redundant():
    rng = np.random.default_rng(9)
    rate = 1 + 0.1 * rng.standard_normal(60).cumsum()
    series = long_table("indicator", {"unemployment_rate": rate}).rename(columns={"value": "raw"})
    found = relations.compute(
        index_table(100 - 10 * rate),
        macro_table(rng),
        QUARTER,
        seed=1,
        series=series.assign(adjusted=series["raw"]),
    )
    assert row(found, "correlation", "unemployment_rate")["verdict"] == "redundant"
    assert row(found, "correlation", "unemployment_rate")["statistic"] == pytest.approx(-1)


def test_correlation_without_the_economy_dimension_uses_the_other_sub_indices():
    rng = np.random.default_rng(10)
    macro = macro_table(rng)
    growth = macro.loc[macro["variable"] == "real_gdp_growth", "value"].to_numpy()
    noise = [rng.standard_normal(72) for _ in range(2)]
    table = index_table(growth + noise[0], economy=growth, wages=noise[0], safety=noise[1])
    found = relations.compute(table, macro, QUARTER, seed=1)
    assert row(found, "correlation", "real_gdp_growth")["verdict"] == "significant"
    expected = np.corrcoef((noise[0] + noise[1]) / 2, growth)[0, 1]
    assert row(found, "correlation_without_economy", "real_gdp_growth")["statistic"] == pytest.approx(
        expected
    )


def test_autocorrelated_series_are_not_called_related_by_accident():
    """Unrelated AR(0.9) series: the usual t test rejects in about half of the cases, ours near 5 %."""
    rng = np.random.default_rng(12)
    shocks = rng.standard_normal((300, 2, 60))
    paths = np.zeros_like(shocks)
    for t in range(1, 60):
        paths[:, :, t] = 0.9 * paths[:, :, t - 1] + shocks[:, :, t]
    rejections = np.mean([relations._correlation(a, b).p_value < 0.05 for a, b in paths])
    assert rejections < 0.12


def test_missing_macro_is_said_and_nothing_fails():
    values = 100 + np.random.default_rng(1).standard_normal(60)
    empty = pd.DataFrame({"variable": [], "period": [], "value": []})
    found = relations.compute(index_table(values), empty, QUARTER, seed=1)
    table = found["index_tests"]
    assert set(table.loc[table["test"] == "sample", "verdict"]) == {"missing"}
    assert row(found, "var", "macro")["verdict"] == "missing"
    assert found["impulse_responses"].empty and found["cross_correlations"].empty


@pytest.mark.parametrize("length", [0, 1, 11, 19, 29, 31])
def test_short_index_gives_rows_that_say_so(length):
    rng = np.random.default_rng(2)
    found = relations.compute(
        index_table(100 + rng.standard_normal(length)), macro_table(rng), QUARTER, seed=1
    )
    table = found["index_tests"]
    refused = table[table["verdict"] == "too_short"]
    assert refused["statistic"].isna().all() and (length > 29 or len(refused) > 0)
    assert (table["reading_th"].str.len() > 10).all()


def test_macro_that_ends_early_is_named_and_shortens_only_what_uses_it():
    rng = np.random.default_rng(3)
    macro = macro_table(rng)
    macro = macro[~((macro["variable"] == "short_term_rate") & (macro["period"] > "2023-Q4"))]
    found = relations.compute(index_table(100 + rng.standard_normal(72)), macro, QUARTER, seed=1)
    rate = row(found, "sample", "short_term_rate")
    assert (rate["verdict"], rate["lags"]) == ("ends_early", 7)
    assert row(found, "correlation", "real_gdp_growth")["n"] == 72
    assert row(found, "correlation", "short_term_rate")["n"] == 65


def test_macro_too_short_for_the_var_is_left_out_of_it():
    rng = np.random.default_rng(4)
    macro = macro_table(rng)
    macro = macro[~((macro["variable"] == "short_term_rate") & (macro["period"] < "2022-Q1"))]
    found = relations.compute(index_table(100 + rng.standard_normal(72)), macro, QUARTER, seed=1)
    assert row(found, "var_sample", "macro")["verdict"] == "dropped"
    assert set(found["impulse_responses"]["shock"]) == {
        "real_gdp_growth",
        "headline_inflation",
        "labour_index",
    }


def test_constant_and_doubled_series_are_refused_not_fitted():
    rng = np.random.default_rng(5)
    macro = macro_table(rng)
    macro.loc[macro["variable"] == "short_term_rate", "value"] = 2.5
    growth = macro.loc[macro["variable"] == "real_gdp_growth", "value"].to_numpy()
    found = relations.compute(index_table(100 + growth), macro, QUARTER, seed=1)
    assert row(found, "correlation", "short_term_rate")["verdict"] == "constant"
    assert row(found, "engle_granger", "real_gdp_growth")["verdict"] == "collinear"
    assert row(found, "var", "macro")["verdict"] == "collinear"


def test_future_quarters_do_not_count():
    rng = np.random.default_rng(6)
    values, macro = 100 + rng.standard_normal(72), macro_table(rng)
    early = relations.compute(index_table(values), macro, QUARTER - 8, seed=1)
    assert row(early, "adf", "labour_index")["n"] <= 63


@pytest.mark.shared
def test_real_macro_series_have_every_test():
    macro = pd.read_csv(shared("real", "series", "macro.csv")).rename(columns={"indicator": "variable"})
    growth = macro[macro["variable"] == "real_gdp_growth"].assign(dimension="overall", group="TH")
    found = relations.compute(growth, macro[macro["variable"] != "real_gdp_growth"], QUARTER, seed=1)
    assert row(found, "sample", "short_term_rate")["verdict"] == "ends_early"
    assert {"var_stability", "svar_response", "granger_to_index"} <= set(found["index_tests"]["test"])


@pytest.fixture(scope="module")
def held_together() -> dict[str, pd.DataFrame]:
    """GDP growth moves the economy dimension and nothing else; inflation and the index share shocks of one quarter. 120 quarters."""
    rng = np.random.default_rng(21)
    growth, inflation, rate, own = (np.zeros(120) for _ in range(4))
    for t in range(1, 120):
        shared = rng.standard_normal()
        growth[t] = 0.6 * growth[t - 1] + rng.standard_normal()
        inflation[t] = 0.5 * inflation[t - 1] + 2 * shared + rng.standard_normal()
        rate[t] = 0.7 * rate[t - 1] + rng.standard_normal()
        own[t] = 0.4 * own[t - 1] + 2 * shared + rng.standard_normal()
    lagged = np.concatenate([[0.0], growth[:-1]])
    columns = {"real_gdp_growth": growth, "headline_inflation": inflation, "short_term_rate": rate}
    table = index_table(100 + own + 2 * lagged, economy=100 + 20 * lagged, wages=100 + own, safety=100 + own)
    return relations.compute(table, long_table("variable", columns), QUARTER, seed=1)


def test_response_that_only_the_economy_dimension_has_is_not_claimed(held_together):
    response = row(held_together, "svar_response", "real_gdp_growth")
    assert response["verdict"] == "built_in"
    assert "จึงไม่สรุปว่ามีผล" in response["reading_th"]
    assert row(held_together, "granger_to_index", "real_gdp_growth")["verdict"] == "built_in"


def test_response_that_hangs_on_the_order_is_not_claimed(held_together):
    assert row(held_together, "svar_response", "headline_inflation")["verdict"] == "order_dependent"
    assert (
        row(
            held_together,
            "svar_ordering",
            "labour_index > real_gdp_growth > headline_inflation > short_term_rate",
        )["verdict"]
        == "sensitive"
    )


def test_shares_that_hang_on_the_order_say_so(held_together):
    assert "ภายใต้ลำดับที่สมมติเท่านั้น" in row(held_together, "svar_variance_share", "labour_index")["reading_th"]


def test_response_that_survives_every_check_is_claimed(result):
    assert row(result, "svar_response", "real_gdp_growth")["verdict"] == "significant"


def test_leads_of_a_smoothed_index_are_read_with_a_warning():
    assert var_tests.SMOOTHED in var_tests.granger("labour_index", "real_gdp_growth", "predicts")
    assert var_tests.SMOOTHED not in var_tests.granger("real_gdp_growth", "labour_index", "predicts")
    assert var_tests.SMOOTHED in var_tests.peak("real_gdp_growth", 0.5, 2, "leads")


def test_bootstrap_draws_years_of_residuals_and_keeps_their_mean_at_zero():
    rng = np.random.default_rng(22)
    picks = relations._blocks(50, 47, 200, rng)
    assert picks.shape == (200, 47) and picks.min() >= 0 and picks.max() < 50
    inside = np.delete(np.diff(picks, axis=1), np.arange(3, 46, 4), axis=1)
    assert (inside == 1).all()
    residuals = rng.standard_normal((50, 1)).cumsum(axis=0)  # their mean differs from place to place
    values = np.concatenate([np.zeros((1, 1)), residuals])
    paths = relations._simulate(values, np.zeros(1), np.zeros((1, 1, 1)), residuals, 4000, rng)
    assert np.abs(paths[:, 1:].mean(axis=0)).max() < 0.1 * residuals.std()
