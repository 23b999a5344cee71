"""Each step of the composite by hand or by another formula (see docs/mutation.md)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.index.composite import (
    FEWEST_BASE_QUARTERS,
    Base,
    base_period,
    combine,
    effective_weights,
    principal_weights,
    rescaled,
)


def _quarters(first: str, size: int) -> pd.PeriodIndex:
    return pd.period_range(first, periods=size, freq="Q-DEC")


def _noise(size: int, columns: int, seed: int = 1) -> pd.DataFrame:
    common = np.random.default_rng(seed).normal(size=size)
    own = np.random.default_rng(seed + 1).normal(size=(size, columns))
    mixed = own + np.outer(common, np.linspace(-1.5, 2, columns))
    return pd.DataFrame(mixed, _quarters("2010Q1", size), [f"d{n}" for n in range(columns)])


def test_weights_of_two_components_are_their_shares_of_squared_loadings():
    frame = _noise(60, 4)
    values, vectors = np.linalg.eigh(frame.corr().to_numpy())
    first, second = vectors[:, -1] ** 2, vectors[:, -2] ** 2
    by_hand = (values[-1] * first + values[-2] * second) / (values[-1] + values[-2])
    np.testing.assert_allclose(principal_weights(frame, 2), by_hand, rtol=1e-10)


def test_scale_is_that_of_the_base_period_alone():
    index = _quarters("2010Q1", 12)
    values = pd.Series([1.0, 3.0] * 4 + [9.0, 9.0, 9.0, 9.0], index)
    scaled = rescaled(values.to_frame("a"), Base(index[0], index[7]))["a"]
    assert scaled.iloc[:2].tolist() == [90.0, 110.0] and scaled.iloc[-1] == 170.0


def test_a_series_constant_in_the_base_period_is_scaled_over_all_quarters():
    index = _quarters("2010Q1", 8)
    values = pd.Series([5.0] * 4 + [1.0, 9.0, 1.0, 9.0], index)
    scaled = rescaled(values.to_frame("a"), Base(index[0], index[3]))["a"]
    assert abs(scaled.mean() - 100) < 1e-9 and abs(scaled.std(ddof=0) - 10) < 1e-9


def test_the_base_period_begins_with_the_first_whole_year():
    late = pd.DataFrame(1.0, _quarters("2010Q3", 50), ["a"])
    base = base_period(late, pd.Period("2022Q4", freq="Q-DEC"), None, None)
    assert (str(base.start), str(base.end)) == ("2011Q1", "2021Q4")
    early = pd.DataFrame(1.0, _quarters("2010Q1", 52), ["a"])
    assert str(base_period(early, pd.Period("2022Q4", freq="Q-DEC"), None, None).start) == "2010Q1"


def test_the_shortest_base_period_still_counts_and_a_shorter_one_takes_all():
    end = pd.Period("2021Q4", freq="Q-DEC")
    quarter = pd.Period("2022Q3", freq="Q-DEC")
    for size, expected in ((FEWEST_BASE_QUARTERS, end), (FEWEST_BASE_QUARTERS - 4, quarter)):
        start = end - (size - 1)
        factors = pd.DataFrame(1.0, pd.period_range(start, quarter, freq="Q-DEC"), ["a"])
        assert base_period(factors, quarter, None, None).end == expected


def test_a_short_history_counts_from_its_first_quarter_also_within_a_year():
    quarter = pd.Period("2022Q3", freq="Q-DEC")
    factors = pd.DataFrame(1.0, pd.period_range("2020Q3", quarter, freq="Q-DEC"), ["a"])
    assert base_period(factors, quarter, None, None) == Base(factors.index[0], quarter)


def test_a_quarter_with_most_of_the_weight_has_an_index_and_one_with_little_has_none():
    frame = _noise(40, 3)
    frame.iloc[0, 1] = np.nan
    frame.iloc[1, 0:2] = np.nan
    weights = pd.Series([0.7, 0.2, 0.1], frame.columns)
    made = combine(frame, Base(frame.index[4], frame.index[-1]), weights)
    assert made.value.isna().tolist() == [False, True] + [False] * 38


def test_a_dimension_that_never_had_data_does_not_empty_the_index():
    frame = _noise(40, 2).assign(d2=np.nan)
    weights = pd.Series([0.1, 0.1, 0.8], frame.columns)
    assert combine(frame, Base(frame.index[0], frame.index[-1]), weights).value.notna().all()


def test_the_composite_is_the_weighted_sum_brought_to_scale():
    frame = _noise(40, 3)
    base = Base(frame.index[0], frame.index[31])
    weights = pd.Series([0.5, 0.3, 0.2], frame.columns)
    made = combine(frame, base, weights)
    scaled = frame.apply(lambda column: (column - column[:32].mean()) / column[:32].std(ddof=0))
    whole = scaled @ weights
    by_hand = 100 + 10 * (whole - whole[:32].mean()) / whole[:32].std(ddof=0)
    np.testing.assert_allclose(made.value, by_hand, rtol=1e-10)


def test_effective_weights_are_shares_of_variance():
    frame = _noise(40, 3)
    base = Base(frame.index[0], frame.index[-1])
    made = combine(frame, base, pd.Series([0.5, 0.3, 0.2], frame.columns))
    parts = (made.sub_indices - 100) * [0.5, 0.3, 0.2]
    covariance = np.cov(parts.to_numpy().T, bias=True)
    np.testing.assert_allclose(effective_weights(made), covariance.sum(axis=1) / covariance.sum(), rtol=1e-9)
