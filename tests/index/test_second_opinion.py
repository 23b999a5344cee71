"""The factor model beside other programs: dfms' log-likelihood, statsmodels' fit."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

from reporter.index import factor, kalman
from tests.index.conftest import QUARTER
from tests.index.test_factor import LEARN, _cycle
from tests.support.shared import shared

QUARTERLY = ("gdp", "empl", "capacity", "gdp_us")


class Dfms(NamedTuple):
    """The euro-area panel in standard deviations, dfms' estimates in unit-variance terms, its last log-likelihood."""

    panel: np.ndarray
    weights: np.ndarray
    estimates: np.ndarray
    log_likelihood: float


@pytest.fixture(scope="module")
def dfms() -> Dfms:
    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(shared("reference", "dfm", name), index_col=0)

    loadings, noise = read("small_r1p1_mq_C.csv")["f1"], read("small_r1p1_mq_Rdiag.csv")["x"]
    transition = float(read("small_r1p1_mq_A.csv").iloc[0, 0])
    spread = np.sqrt(float(read("small_r1p1_mq_Q.csv").iloc[0, 0]) / (1 - transition**2))
    panel = read("bm14_small_transformed.csv")[loadings.index]
    quarterly = np.isin(loadings.index.to_numpy(), QUARTERLY)
    weights = np.where(quarterly[:, None], [1.0, 2.0, 3.0, 2.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0])
    estimates = np.concatenate([loadings * spread, np.log(noise), [np.arctanh(transition)]])
    last = float(read("small_r1p1_mq_loglik.csv")["x"].iloc[-1])
    return Dfms(((panel - panel.mean()) / panel.std()).to_numpy(), weights, estimates, last)


def _system(theta: np.ndarray, dfms: Dfms) -> kalman.System:
    periods, members = dfms.panel.shape
    loadings, variances, persistence = theta[:members], np.exp(theta[members:-1]), np.tanh(theta[-1])
    return kalman.System(
        np.ascontiguousarray(loadings[:, None] * dfms.weights),
        np.array([persistence, 0.0]),
        1 - persistence**2,
        np.zeros(members),
        np.zeros(members),
        np.tile(variances, (periods, 1)),
        np.ones((periods, members), dtype=bool),
    )


def _in_dfms_terms(theta: np.ndarray, dfms: Dfms) -> float:
    """Log-likelihood as dfms counts it: the state before the sample is estimated, and log(2 pi) counts for every member
    of a month that has any data, observed or not.

    The panel's first row is empty, so its factor is the state before the sample: p(y | f) = p(y) p(f | y) / p(f), at
    the f that makes it largest.
    """
    value, states, variances, *_ = kalman.smooth(dfms.panel, _system(theta, dfms))
    mean, variance = states[0, 0], variances[0, 0, 0]
    start = mean / (1 - variance)
    value += -0.5 * np.log(variance) - (start - mean) ** 2 / (2 * variance) + start**2 / 2
    seen = np.isfinite(dfms.panel)
    unseen = seen.any(axis=1).sum() * dfms.panel.shape[1] - seen.sum()
    return float(value - 0.5 * np.log(2 * np.pi) * unseen)


@pytest.mark.shared
def test_log_likelihood_at_the_estimates_of_dfms_is_its_own(dfms):
    # dfms lets a quarterly member's noise run over from quarter to quarter; ours is of the quarter: one point of 5,781
    assert np.isnan(dfms.panel[0]).all()
    assert _in_dfms_terms(dfms.estimates, dfms) == pytest.approx(dfms.log_likelihood, abs=1.1)


@pytest.mark.shared
def test_log_likelihood_climbs_at_least_as_high_as_that_of_dfms(dfms):
    found = minimize(
        lambda theta: -kalman.log_likelihood(dfms.panel, _system(theta, dfms)),
        dfms.estimates,
        method="L-BFGS-B",
        options={"maxiter": 20},
    )
    assert _in_dfms_terms(found.x, dfms) >= dfms.log_likelihood


def _dimension(seed: int, count: int) -> tuple[dict[str, pd.Series], pd.Series]:
    rng, index, cycle = _cycle(seed)
    members = {
        f"m{i}": pd.Series(rng.uniform(0.7, 1.2) * cycle + 0.6 * rng.standard_normal(len(index)), index)
        for i in range(count)
    }
    return members, pd.Series(cycle, index)


@pytest.mark.parametrize(("seed", "count"), [(21, 3), (22, 4), (23, 5)])
def test_value_agrees_with_the_maximum_likelihood_of_statsmodels(seed, count):
    members, truth = _dimension(seed, count)
    fit = factor.fit(members, dict.fromkeys(members, 1), LEARN, QUARTER)
    months = pd.period_range(
        "2000-01", periods=len(truth), freq="M"
    )  # the law is the same whatever a period is
    panel = pd.DataFrame({name: values.to_numpy() for name, values in members.items()}, months)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a search that did not converge warns
        found = DynamicFactorMQ(panel, factors=1, factor_orders=1, idiosyncratic_ar1=False).fit(
            disp=0, maxiter=500
        )
    theirs = found.factors.smoothed.iloc[:, 0].to_numpy()
    followed = [abs(np.corrcoef(theirs, panel[name])[0, 1]) for name in panel]
    assert min(followed) > 0.5  # it did not lock on to one series
    assert abs(np.corrcoef(theirs, fit.value)[0, 1]) > 0.97
