"""Weights, scale and the choice of forms, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.domain.edition import Settings
from reporter.domain.periods import iso
from reporter.index import joint_model, national, panel
from reporter.index.composite import (
    base_of,
    composite_of,
    points,
    principal_weights,
    rescaled,
    scenario,
    slopes,
)
from reporter.index.joint_model import Posterior, smooth
from reporter.index.panel import gap, quarterly_means
from reporter.index.realtime import alpha, kmo
from tests.index.conftest import QUARTER

INDEX = pd.period_range("2010Q1", "2024Q4", freq="Q-DEC")
BASE = (INDEX[0], INDEX[-1])


def _factors(count: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    common = rng.standard_normal(len(INDEX))
    return pd.DataFrame(
        {f"d{i}": common + rng.standard_normal(len(INDEX)) for i in range(count)}, index=INDEX
    )


def test_weights_by_hand_for_two_equal_dimensions():
    # correlation matrix [[1, r], [r, 1]]: first vector (1, 1)/sqrt(2), one eigenvalue above 1 -> half each
    assert principal_weights(_factors(2))[0].to_numpy() == pytest.approx([0.5, 0.5])


def test_weights_sum_to_one_at_seven_decimals_and_stand_still():
    factors = _factors(7)
    weights, kept = principal_weights(factors)
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert principal_weights(factors + 1e-10 * np.arange(7))[0].equals(weights)
    assert kept == int((np.linalg.eigvalsh(factors.corr()) > 1).sum())


def test_weights_of_two_components_are_their_shares_of_squared_loadings():
    frame = _factors(4)
    values, vectors = np.linalg.eigh(frame.corr().to_numpy())
    first, second = vectors[:, -1] ** 2, vectors[:, -2] ** 2
    by_hand = (values[-1] * first + values[-2] * second) / (values[-1] + values[-2])
    assert principal_weights(frame, 2)[0].to_numpy() == pytest.approx(by_hand, abs=1e-6)


def test_component_with_eigenvalue_below_one_is_not_kept():
    factors = _factors(2).assign(d2=np.random.default_rng(9).standard_normal(len(INDEX)))
    values = np.linalg.eigvalsh(factors.corr())[::-1]
    kept = int((values > 1).sum())
    assert principal_weights(factors)[0].equals(principal_weights(factors, components=kept)[0])


def test_composite_of_other_weights_is_brought_to_scale():
    frame = rescaled(_factors(), BASE)
    weights = pd.Series([0.5, 0.3, 0.2], frame.columns)
    whole = (frame - 100) @ weights
    by_hand = 100 + 10 * (whole - whole.mean()) / whole.std(ddof=0)
    np.testing.assert_allclose(composite_of(frame, weights, BASE), by_hand, rtol=1e-10)


def test_base_is_complete_years_up_to_the_end_of_learning():
    observed = _factors().notna()
    end = pd.Period("2023Q4", freq="Q-DEC")
    assert base_of(observed, end) == (pd.Period("2010Q1", freq="Q-DEC"), end)
    late = observed.iloc[2:]
    assert base_of(late, end)[0] == pd.Period("2011Q1", freq="Q-DEC")


def test_a_short_history_counts_from_its_first_quarter_also_within_a_year():
    observed = _factors().notna().iloc[-9:]
    assert base_of(observed, INDEX[-1]) == (observed.index[0], INDEX[-1])


def test_the_base_begins_when_most_dimensions_have_data():
    observed = _factors(4).notna()
    observed.loc[: pd.Period("2012Q4", freq="Q-DEC"), ["d0", "d1"]] = False
    assert base_of(observed, INDEX[-1])[0] == pd.Period("2013Q1", freq="Q-DEC")


def test_gap_of_rates_is_in_points_and_gap_of_wages_in_percent_of_the_mean():
    male, female = pd.Series([80.0], INDEX[:1]), pd.Series([120.0], INDEX[:1])
    assert gap(male, female, "absolute").item() == 40
    assert gap(male, female, "relative").item() == 40  # 40 / 100 * 100


def test_rate_of_change_is_empty_beside_a_hole():
    values = pd.Series([100.0, 110.0, np.nan, 121.0, 133.1], INDEX[:5])
    assert joint_model.rate_of_change(values).round(9).tolist()[1::3] == [10.0, 10.0]
    assert joint_model.rate_of_change(values).isna().tolist() == [True, False, True, True, False]


def test_quarterly_mean_uses_the_months_there_are():
    months = pd.Series([1.0, 3.0, np.nan, 5.0], pd.period_range("2024-01", periods=4, freq="M"))
    assert quarterly_means(months).tolist() == [2.0, 5.0]


def test_straight_line_is_trend_and_runs_on_beyond_the_base_period():
    line = pd.Series(np.arange(60) * 0.5 + 3, INDEX)
    found = panel.removed(line + np.sin(np.arange(60)), "level", "slow_trend", INDEX[47])
    assert found.removed == "slow_trend"
    assert abs(found.values - np.sin(np.arange(60))).max() < 0.3
    assert np.diff(panel.trend(line, 30.0, INDEX[47])[48:]) == pytest.approx(0.5)


def test_cycle_without_trend_is_left_alone():
    cycle = pd.Series(np.sin(2 * np.pi * np.arange(60) / 20), INDEX)
    assert panel.removed(cycle, "level", "slow_trend", INDEX[-1]).removed == "none"


@pytest.mark.parametrize("kind", ["growth", "deviation"])
def test_form_is_the_one_in_which_the_cycle_lives(declarations, kind):
    rng = np.random.default_rng(2)
    cycle = np.zeros(60)
    for t in range(1, 60):
        cycle[t] = 0.85 * cycle[t - 1] + 0.5 * rng.standard_normal()
    path = np.cumsum(0.01 * cycle) if kind == "growth" else 0.03 * cycle
    noise = 0.003 * rng.standard_normal(60)
    path = path + (np.cumsum(noise) if kind == "growth" else noise) + 0.01 * np.arange(60)
    adjusted = {
        "hours_worked": pd.Series(40 * np.exp(path), INDEX),
        "employment_rate": pd.Series(60 + cycle + 0.2 * rng.standard_normal(60), INDEX),
    }
    forms = joint_model.choose_forms(declarations, adjusted, INDEX[-1])
    assert forms["hours_worked"].form == kind
    assert forms["employment_rate"].form == "level"


def test_alpha_and_kmo_by_hand():
    matrix = np.array([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]])
    assert alpha(matrix, np.ones(3)) == pytest.approx(3 * 0.5 / (1 + 2 * 0.5))  # 0.75
    # partial correlations of this matrix are 1/3: 0.25 / (0.25 + 1/9)
    assert kmo(matrix) == pytest.approx(0.25 / (0.25 + 1 / 9))


@pytest.fixture(scope="module")
def ahead(simulated, declarations) -> Posterior:
    prepared = national.prepare(simulated[0].assign(adjusted=True), declarations, QUARTER, Settings())
    found = national.estimate(prepared, declarations, QUARTER, Settings())
    return smooth(found.model, found.inputs, QUARTER + 4)


def test_scenario_at_the_baseline_changes_nothing_and_is_the_likeliest(ahead):
    own = points(ahead.model, ahead.value).loc[QUARTER + 1 :, "wages"].tolist()
    found = scenario(ahead, QUARTER, {"wages": own})
    assert found.table["difference"].abs().max() < 1e-9
    assert found.probability == pytest.approx(1)


def test_scenario_reaches_what_is_set_and_pulls_the_composite_along(ahead):
    base = points(ahead.model, ahead.value).loc[QUARTER + 1 :]
    found = scenario(ahead, QUARTER, {"wages": (base["wages"] - 10).tolist()[:2]})
    table = found.table.set_index(["dimension", "period"])
    assert table.loc["wages", "difference"].iloc[:2].to_numpy() == pytest.approx([-10, -10])
    assert (table.loc["wages", "high80"] - table.loc["wages", "low80"]).iloc[:2].max() < 1e-6
    assert (table.loc["overall", "difference"] < 0).all()
    assert (
        abs(table.loc["wages", "difference"].iloc[3]) < 10
    )  # what is not set goes back towards the baseline
    assert 0 < found.probability < 1
    # The composite is the weighted sum of its dimensions in a scenario too.
    moved = table["difference"].unstack("dimension")
    by_hand = ahead.model.slope * (moved[list(ahead.model.dimensions)] @ ahead.model.weights)
    np.testing.assert_allclose(moved["overall"], by_hand, atol=1e-9)


def test_scenario_is_what_an_observation_of_the_sub_index_would_teach(ahead):
    """Kalman's update of one quarter, by the posterior's own covariance of the two quarters."""
    effect = slopes(ahead.model)
    place = 1 + list(ahead.model.dimensions).index("wages")
    at = (QUARTER + 1 - ahead.grid.first).n
    variance = effect[place] @ ahead.blocks()[at] @ effect[place]
    later = effect[0] @ ahead.blocks(1)[at] @ effect[place]
    base = points(ahead.model, ahead.value).loc[QUARTER + 1, "wages"]
    table = scenario(ahead, QUARTER, {"wages": [base + 1]}).table.set_index(["dimension", "period"])
    assert table.loc[("overall", iso(QUARTER + 2)), "difference"] == pytest.approx(later / variance)
