"""The compiled estimator of statsmodels' own model: same likelihood, exact gradient, never worse, the same cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

from tests.support import matched

KINDS = {"quarters": "QQQQ", "months": "MM", "mixed": "MMQQ"}
CONVERGES = {"QQQQ": 5, "MM": 4, "MMQQ": 4}  # seeds; from others the plain loop breaks off after two steps
MONTHS_OF_A_QUARTER = np.array([1.0, 2, 3, 2, 1])


def simulated(kinds: str, seed: int) -> dict[str, pd.Series]:
    """Members that share one cycle, with holes, a late start and a ragged end."""
    rng = np.random.default_rng(seed)
    freq, persistence = ("M", 0.93) if "M" in kinds else ("Q-DEC", 0.8)
    index = pd.period_range("2010-01", "2024-12", freq=freq)

    def process(rho: float) -> np.ndarray:
        path = np.zeros(len(index) + 50)
        for t in range(1, len(path)):
            path[t] = rho * path[t - 1] + rng.normal() * np.sqrt(1 - rho**2)
        return path[50:]

    cycle, members = process(persistence), {}
    for number, kind in enumerate(kinds):
        values = pd.Series((0.8 - 0.1 * number) * cycle + 0.6 * process(0.3 + 0.1 * number), index)
        if kind == "Q" and freq == "M":
            summed = values.rolling(5).apply(lambda part: float(part @ MONTHS_OF_A_QUARTER), raw=True)
            values = summed[index.month % 3 == 0].set_axis(index[index.month % 3 == 0].asfreq("Q-DEC"))
        values.iloc[20 + 7 * number] = np.nan
        members[f"{kind}{number}"] = values.iloc[2 * number : len(values) - number]
    return members


def plain(members: dict[str, pd.Series]) -> DynamicFactorMQ:
    monthly = {name: values for name, values in members.items() if values.index.freqstr == "M"}
    quarterly = {name: values for name, values in members.items() if values.index.freqstr != "M"}
    if monthly and quarterly:
        return DynamicFactorMQ(pd.DataFrame(monthly), endog_quarterly=pd.DataFrame(quarterly), factors=1)
    return DynamicFactorMQ(pd.DataFrame(members), factors=1)


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_likelihood_is_that_of_statsmodels_and_its_gradient_exact(kinds):
    members = simulated(kinds, 1)
    panel, n = matched.panel_of(members), len(members)
    theta = matched.start_of(panel) + np.linspace(-0.2, 0.3, 3 * n + 1)
    value, gradient, _ = matched.value_and_gradient(theta, *panel[:3], np.nan)
    assert -value == pytest.approx(plain(members).loglike(matched.parameters_of(theta, n)), abs=1e-6)
    for first in (np.nan, 0.7) if panel.cycle == 1 else (np.nan,):
        value, gradient, by_first = matched.value_and_gradient(theta, *panel[:3], first)

        def at(step: np.ndarray, shift: float, first: float = first) -> float:
            return matched.value_and_gradient(theta + step, *panel[:3], first + shift)[0]

        for k, unit in enumerate(np.eye(len(theta)) * 1e-5):
            slope = (at(unit, 0.0) - at(-unit, 0.0)) / 2e-5
            assert gradient[k] == pytest.approx(slope, abs=1e-4)
        if np.isfinite(first):
            nothing = np.zeros_like(theta)
            slope = (at(nothing, 1e-5) - at(nothing, -1e-5)) / 2e-5
            assert by_first == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_the_likelihood_is_not_below_the_plain_fits_and_the_cycle_is_the_same(kinds):
    members = simulated(kinds, CONVERGES[kinds])
    model = plain(members)
    found = model.fit(disp=False)
    likelihood = model.loglike(found.params)
    panel = matched.panel_of(members)
    best = matched.fit(panel)
    assert best.likelihood == pytest.approx(model.loglike(best.parameters), abs=1e-4)
    assert best.likelihood > likelihood - 0.5
    alike = matched.fit_as_em(panel)
    assert model.loglike(alike.parameters) > likelihood - 0.5
    paths = [
        model.smooth(parameters).factors.smoothed.to_numpy()[:, 0]
        for parameters in (alike.parameters, found.params)
    ]
    assert abs(np.corrcoef(paths)[0, 1]) > 0.99
    begun, direction = model.start_params[: len(members)], matched.direction_of(panel)
    assert direction * np.sign(direction[0] * begun[0]) == pytest.approx(begun, rel=1e-6)
    # What makes the two estimates differ: the plain one leaves the loadings where they started.
    assert found.params[: len(members)].to_numpy() == pytest.approx(
        model.start_params[: len(members)], abs=1e-6
    )
