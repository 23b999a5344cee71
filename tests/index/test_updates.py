"""News and revisions: exact by member, the same as statsmodels' on the same model, and their sum the whole change."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

from reporter.domain.context import Settings
from reporter.index import factor, kalman, national, reading, updates
from reporter.index.estimation import Parameters
from reporter.pipeline import moved
from tests.index.conftest import QUARTER
from tests.index.test_factor import LEARN, _members
from tests.support.simulation import Recipe, simulate

INDEX = pd.period_range("2008Q1", "2025Q3", freq="Q-DEC")
PARAMETERS = Parameters(
    np.array([0.8, 0.6, -0.7]), np.array([0.4, 0.6, 0.5]), np.array([0.5, 0.2, 0.35]), np.array([0.9, -0.2])
)


def _panels() -> tuple[np.ndarray, np.ndarray]:
    """Three members before and now: five values revised, two new, one withdrawn."""
    rng = np.random.default_rng(3)
    cycle = np.zeros(len(INDEX))
    for t in range(2, len(INDEX)):
        cycle[t] = 0.9 * cycle[t - 1] - 0.2 * cycle[t - 2] + 0.6 * rng.standard_normal()
    now = np.outer(cycle, [0.8, 0.6, -0.7]) + 0.6 * rng.standard_normal((len(INDEX), 3))
    before = now.copy()
    before[60:65, 1] += 0.3
    before[-1, :2] = np.nan
    now[-1, 2] = np.nan
    return before, now


def _model(method: str = "dfm") -> reading.Model:
    learn = np.asarray(pd.Index(INDEX) <= LEARN)
    loadings = np.array([0.85, 0.8, -0.8])
    return reading.Model(("a", "b", "c"), PARAMETERS, np.zeros(3), np.ones(3), loadings, learn, method)


def _statsmodels(panel: np.ndarray) -> object:
    """DynamicFactorMQ with our parameters: one factor of order two, first-order idiosyncratic terms, no other noise."""
    months = pd.period_range(
        "2008-01", periods=len(panel), freq="M"
    )  # the law is the same whatever a period is
    data = pd.DataFrame(panel, months, ["a", "b", "c"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = DynamicFactorMQ(data, factors=1, factor_orders=2, idiosyncratic_ar1=True, standardize=False)
        values = dict.fromkeys(model.param_names, 0.0)
        for position, name in enumerate("abc"):
            values[f"loading.0->{name}"] = PARAMETERS.loadings[position]
            values[f"L1.eps_M.{name}"] = PARAMETERS.rho[position]
            values[f"sigma2.{name}"] = PARAMETERS.variances[position] * (1 - PARAMETERS.rho[position] ** 2)
        values["L1.0->0"], values["L2.0->0"] = PARAMETERS.phi
        values["fb(0).cov.chol[1,1]"] = np.sqrt(kalman.shock_variance(*PARAMETERS.phi))
        return model.smooth([values[name] for name in model.param_names])


def _layout() -> reading.Layout:
    return reading.layout_of(INDEX, np.zeros(3, dtype=bool))._replace(white=0.0)


def test_smoother_and_likelihood_are_those_of_statsmodels():
    panel = _panels()[0]
    second = _statsmodels(panel)
    smoothed, _, likelihood = reading.value_of(panel, PARAMETERS, _layout(), INDEX)
    assert likelihood == pytest.approx(second.llf, abs=1e-6)
    assert smoothed == pytest.approx(second.factors.smoothed.iloc[:, 0].to_numpy(), abs=1e-7)


def test_news_are_those_of_statsmodels(monkeypatch):
    monkeypatch.setattr(updates, "COMPONENT_WEIGHT", 0.0)
    monkeypatch.setattr(reading, "OUTLIER_SD", 1e6)
    before, now = _panels()
    now[-1, 2] = before[-1, 2]  # statsmodels knows no withdrawn observations
    found = updates.update(before, now, _model(), _layout(), INDEX)
    scale = reading.spread_of(reading.shares_of(now, PARAMETERS, _layout(), INDEX), _model().learn)
    first, then = _statsmodels(before), _statsmodels(now)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        second = then.news(
            first,
            impact_date=then.model._index[-1],
            impacted_variable="a",
            comparison_type="previous",
            state_index=[0],  # through the factor, not through a's own noise
            revisions_details_start=True,
        )
    for ours, table, column in (
        (found.news[-1], second.details_by_impact, "updated variable"),
        (found.revision[-1], second.revision_details_by_impact, "revised variable"),
    ):
        theirs = table["impact"].groupby(level=column).sum() / PARAMETERS.loadings[0]
        expected = theirs.reindex(list("abc")).fillna(0.0).to_numpy()
        assert np.abs(expected).max() > 1e-4
        assert ours * scale == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("method", ["dfm", "pca"])
def test_revisions_and_news_sum_to_the_change(method):
    before, now = _panels()
    found = updates.update(before, now, _model(method), _layout(), INDEX)
    change = found.now - found.before
    assert np.abs(change).max() > 0.01
    assert np.abs((found.revision + found.news).sum(axis=1) - change).max() < 1e-12
    assert np.abs(found.news[-1, :2]).min() > 1e-3
    assert found.news[:, 2] == pytest.approx(0, abs=1e-15)  # nothing new of the third member


def test_observation_that_comes_as_expected_leaves_the_smoother_alone(monkeypatch):
    monkeypatch.setattr(updates, "COMPONENT_WEIGHT", 0.0)
    before, now = _panels()
    layout = _layout()
    now = before.copy()
    now[-1] = np.where(np.isnan(before[-1]), reading.expected(before, PARAMETERS, layout)[-1], before[-1])
    found = updates.update(before, now, _model(), layout, INDEX)
    assert found.now == pytest.approx(found.before, abs=1e-12)


def test_value_after_the_update_is_the_published_one():
    members, _ = _members(6, 4)
    earlier = {name: values.iloc[:-1] * 1.01 for name, values in members.items()}
    fit = factor.fit(members, dict.fromkeys(members, 1), LEARN, QUARTER)
    found = factor.updated(fit, earlier, members, QUARTER)
    assert found.now == pytest.approx(fit.value.to_numpy(), abs=1e-12)


def test_new_quarter_moves_published_ones_through_smoothing_alone(declarations):
    # nothing is revised and the sources adjust: what moves is the smoother's, and models and weights stand still
    observations, _ = simulate(
        declarations, seed=12, recipe=Recipe(start="2012-01", season=0.0, ragged=False)
    )
    kept = [item.id for item in declarations.members("job_opportunity") + declarations.members("wages")]
    now = observations[observations["indicator"].isin(kept)].assign(adjusted=True)
    before = now[~now["period"].isin(["2025-07", "2025-08", "2025-09", "2025-Q3"])]
    first = national.compute(before, declarations, QUARTER - 1, settings=Settings())
    then = national.compute(now, declarations, QUARTER, settings=Settings(), previous=before)
    assert then["weights"].equals(first["weights"])
    history = moved.compute(then, first)["moved_history"]
    assert history["models"].abs().max() < 1e-9
    assert 0.001 < history["data"].abs().max() < 3
    assert set(then["news"]["kind"]) == {"news"}
