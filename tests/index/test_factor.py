"""The factor model against the known cycle, against dfms, and on members of every awkward kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.index import estimation, factor, kalman, reading
from reporter.index.components import principal_component
from reporter.index.estimation import Parameters
from tests.index.conftest import QUARTER
from tests.support.shared import shared

LEARN = pd.Period("2024Q4", freq="Q-DEC")


def _cycle(seed: int, start: str = "2010Q1") -> tuple[np.random.Generator, pd.PeriodIndex, np.ndarray]:
    rng = np.random.default_rng(seed)
    index = pd.period_range(start, QUARTER, freq="Q-DEC")
    cycle = np.zeros(len(index))
    for t in range(1, len(index)):
        cycle[t] = 0.85 * cycle[t - 1] + rng.standard_normal()
    return rng, index, cycle / cycle.std()


def _members(seed: int, count: int, noise: float = 0.6) -> tuple[dict[str, pd.Series], pd.Series]:
    rng, index, cycle = _cycle(seed)
    members = {
        f"m{i}": pd.Series(5 + 2 * cycle + 2 * noise * rng.standard_normal(len(index)), index)
        for i in range(count)
    }
    return members, pd.Series(cycle, index)


def _fit(members: dict[str, pd.Series], polarity: int = 1) -> factor.Fit:
    return factor.fit(members, dict.fromkeys(members, polarity), LEARN, QUARTER)


def _agreement(fit: factor.Fit, truth: pd.Series) -> float:
    both = pd.concat([fit.value, truth], axis=1).dropna()
    return float(both.corr().iloc[0, 1])


def test_cycle_is_found_better_than_by_the_principal_component():
    gains = []
    for seed, count in enumerate([2, 3, 4, 5, 2, 3, 4, 5]):
        members, truth = _members(seed, count, noise=1.0)
        fit = _fit(members)
        gains.append(_agreement(fit, truth) - float(fit.pca.corr(truth)))
    assert np.mean(gains) > 0.008
    assert min(gains) > -0.02


def test_shares_of_members_sum_to_the_value():
    fit = _fit(_members(1, 4)[0])
    assert np.abs(fit.shares.sum(axis=1) - fit.value).max() < 1e-10


def test_polarity_turns_the_factor():
    members, truth = _members(2, 3)
    assert _agreement(_fit(members, polarity=-1), -truth) > 0.8


def test_one_member_is_its_own_cycle():
    members, _ = _members(3, 1)
    fit = _fit(members)
    assert fit.method == "single"
    assert fit.value.corr(members["m0"]) > 0.9


def test_outlier_of_20_sd_does_not_move_the_others():
    members, _ = _members(4, 3)
    clean = _fit(members)
    hit = {name: values.copy() for name, values in members.items()}
    hit["m0"].iloc[30] += 20 * members["m0"].std()
    spoilt = _fit(hit)
    assert spoilt.outliers >= 1
    assert abs(spoilt.value - clean.value).max() < 1.0
    assert spoilt.value.corr(clean.value) > 0.99


def test_shock_shared_by_all_members_is_kept():
    members, _ = _members(5, 4, noise=0.3)
    for values in members.values():
        values.iloc[41] -= 12
    fit = _fit(members)
    assert fit.value.idxmin() == members["m0"].index[41]


def test_long_hole_late_start_and_ragged_edge_are_handled():
    members, truth = _members(6, 4)
    members["m0"].iloc[10:30] = np.nan
    members["m1"] = members["m1"]["2018Q1":]
    members["m2"] = members["m2"][:"2024Q4"]
    fit = _fit(members)
    assert fit.value.notna().all()
    assert _agreement(fit, truth) > 0.85


def test_quarter_without_any_member_has_no_value():
    members, _ = _members(7, 2)
    for values in members.values():
        values.iloc[20] = np.nan
    assert list(_fit(members).value.isna().to_numpy().nonzero()[0]) == [20]


def test_fit_that_leaves_the_component_is_replaced_and_says_so(monkeypatch):
    monkeypatch.setattr(factor, "PCA_GUARD", 1.1)
    fit = _fit(_members(8, 3)[0])
    assert (fit.method, fit.reason) == ("pca", "left the principal component")
    assert np.abs(fit.shares.sum(axis=1) - fit.value).max() < 1e-10


def test_kalman_smoother_is_the_conditional_mean():
    rng = np.random.default_rng(0)
    phi, loading, noise = np.array([1.2, -0.3]), np.array([0.8, -0.6]), 0.4
    panel = rng.standard_normal((12, 2))
    panel[3, 0] = np.nan
    weights = np.column_stack([loading, np.zeros(2)])
    model = kalman.System(
        weights, phi, kalman.shock_variance(*phi), np.zeros(2), np.zeros(2), np.full((12, 2), noise),
        np.ones((12, 2), dtype=bool),
    )  # fmt: skip
    autocovariance = [1.0, phi[0] / (1 - phi[1])]
    for _ in range(10):
        autocovariance.append(phi[0] * autocovariance[-1] + phi[1] * autocovariance[-2])
    factor_covariance = np.array([[autocovariance[abs(i - j)] for j in range(12)] for i in range(12)])
    cells = [(t, i) for t in range(12) for i in range(2) if np.isfinite(panel[t, i])]
    design = np.array([[loading[i] * (t == s) for s in range(12)] for t, i in cells])
    values = np.array([panel[cell] for cell in cells])
    covariance = design @ factor_covariance @ design.T + noise * np.eye(len(cells))
    expected = factor_covariance @ design.T @ np.linalg.solve(covariance, values)
    likelihood = -0.5 * (
        len(cells) * np.log(2 * np.pi)
        + np.linalg.slogdet(covariance)[1]
        + values @ np.linalg.solve(covariance, values)
    )
    found, states, *_ = kalman.smooth(panel, model)
    assert states[:, 0] == pytest.approx(expected, abs=1e-12)
    assert found == pytest.approx(likelihood, abs=1e-10)
    assert kalman.log_likelihood(panel, model) == pytest.approx(likelihood, abs=1e-10)


def test_component_fills_holes_from_its_own_fit():
    rng = np.random.default_rng(1)
    scores = rng.standard_normal(80)
    panel = np.column_stack([scores, scores, scores])
    panel[5, 0] = np.nan
    found, loadings, share = principal_component(panel)
    assert abs(np.corrcoef(found, scores)[0, 1]) > 0.99999
    assert loadings == pytest.approx(1, abs=1e-3)
    assert share == pytest.approx(1, abs=1e-3)


@pytest.mark.shared
def test_smoother_agrees_with_dfms_on_the_euro_area_panel():
    panel = pd.read_csv(shared("reference", "dfm", "bm14_small_transformed.csv"), index_col=0)
    loadings = pd.read_csv(shared("reference", "dfm", "small_r1p1_mq_C.csv"), index_col=0)["f1"]
    noise = pd.read_csv(shared("reference", "dfm", "small_r1p1_mq_Rdiag.csv"), index_col=0)["x"]
    transition = float(pd.read_csv(shared("reference", "dfm", "small_r1p1_mq_A.csv"), index_col=0).iloc[0, 0])
    shock = float(pd.read_csv(shared("reference", "dfm", "small_r1p1_mq_Q.csv"), index_col=0).iloc[0, 0])
    published = pd.read_csv(shared("reference", "dfm", "small_r1p1_mq_factors.csv"), index_col=0)[
        "qml_f1"
    ].to_numpy()
    names = list(loadings.index)
    standard = ((panel - panel.mean()) / panel.std())[names].to_numpy()
    quarterly = np.array([name in ("gdp", "empl", "capacity", "gdp_us") for name in names])
    weights = np.where(quarterly[:, None], np.array([1, 2, 3, 2, 1]), np.array([1, 0, 0, 0, 0]))
    variance = shock / (1 - transition**2)
    model = kalman.System(
        np.ascontiguousarray(loadings.to_numpy()[:, None] * weights * np.sqrt(variance)),
        np.array([transition, 0.0]),
        1 - transition**2,
        np.zeros(len(names)),
        np.zeros(len(names)),
        np.tile(noise.to_numpy(), (len(standard), 1)),
        np.ones_like(standard, dtype=bool),
    )
    _, states, *_ = kalman.smooth(standard, model)
    rows = len(published)
    correlations = [
        abs(np.corrcoef(states[o : o + rows, 0], published)[0, 1]) for o in range(len(states) - rows + 1)
    ]
    assert max(correlations) > 0.995


def test_two_step_start_is_finite_for_a_near_constant_component():
    layout = reading.layout_of(pd.period_range("2020Q1", periods=8, freq="Q-DEC"), np.array([False]))
    start = estimation.two_step(np.zeros((8, 1)), layout, np.array([1.0]), np.zeros(8))
    assert isinstance(start, Parameters)
    assert np.isfinite(start.variances).all()
