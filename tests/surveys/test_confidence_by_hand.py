"""Confidence indices of a handful of respondents, by hand (see docs/mutation.md)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from reporter.surveys.shares import Design, estimate, estimate_all
from reporter.surveys.weighting import Partition, Sample

NONE = float("nan")
# Items 0 and 1 make domain x, item 2 domain y.
MEMBERSHIP = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
DOMAINS = Design(("x", "y"), MEMBERSHIP, True)
ITEMS = Design(("x", "y"), MEMBERSHIP, False)


def sampled(points, weights=None, strata=None, codes=None, groups=("TH",)):
    table = np.array(points, dtype=np.float32)
    size = len(table)
    partition = Partition("KIND", groups, np.zeros(size, dtype=int) if codes is None else np.array(codes))
    return Sample(
        "worker",
        pd.Period("2025Q3"),
        table,
        np.arange(0, 201, 50.0),
        np.ones(size) if weights is None else np.array(weights, dtype=float),
        np.zeros(size, dtype=int) if strata is None else np.array(strata),
        {"KIND": partition},
        {},
        table[:, :0],
    )


def of_one(points, design=DOMAINS, **more):
    """The only group's estimates."""
    return estimate_all(sampled(points, **more), design)["KIND"]


FOUR = [[200, 100, 0], [100, 100, 50], [150, NONE, 50], [NONE, NONE, 100]]


def test_domains_are_means_of_items_and_the_whole_a_mean_of_domains():
    found = of_one(FOUR)
    # items 150, 100, 50; x (150 + 100) / 2, y 50; the whole (125 + 50) / 2
    assert found.value[0].tolist() == [87.5, 125, 50]
    assert found.count[0].tolist() == [4, 3, 4]
    assert found.answered[0].tolist() == [True, True, True]


def test_items_count_alike_where_the_questionnaire_says_so():
    assert of_one(FOUR, ITEMS).value[0].tolist() == [100, 125, 50]


def test_weights_weigh_within_each_item():
    found = of_one([[200, 100, 0], [100, 100, 100]], weights=[3, 1])
    assert found.value[0].tolist() == [(137.5 + 25) / 2, 137.5, 25]
    assert found.count[0].tolist() == [2, 2, 2]


def test_an_unanswered_item_leaves_its_domain_and_an_empty_domain_the_whole():
    found = of_one([[200, NONE, NONE], [100, NONE, NONE]])
    assert found.value[0, :2].tolist() == [150, 150] and math.isnan(found.value[0, 2])
    assert found.count[0].tolist() == [2, 2, 0]
    assert found.answered[0].tolist() == [True, False, False]
    by_items = of_one([[200, NONE, 40], [100, NONE, 60]], ITEMS)
    assert by_items.value[0].tolist() == [100, 150, 50]


def test_nobody_has_no_index_and_no_error():
    found = of_one([[NONE, NONE, NONE]])
    assert np.isnan(found.value).all() and found.count.tolist() == [[0, 0, 0]]
    empty = of_one(np.empty((0, 3)))
    assert np.isnan(empty.value).all() and empty.count.tolist() == [[0, 0, 0]]


def test_the_variance_of_one_item_is_that_of_a_mean():
    column = [0.0, 50.0, 200.0, 100.0, 150.0]
    found = of_one([[value, NONE, NONE] for value in column])
    assert found.spread.variance[0, 1] == pytest.approx(np.var(column, ddof=1) / 5)
    assert found.spread.freedom[0, 1] == pytest.approx(4)
    assert math.isnan(found.spread.variance[0, 2])


def test_the_variance_of_complete_answers_is_that_of_the_respondents_own_means():
    table = np.array([[200, 100, 0], [100, 0, 50], [150, 50, 50], [0, 100, 200], [50, 50, 150]], dtype=float)
    own = table[:, :2].mean(axis=1)
    found = of_one(table)
    assert found.spread.variance[0, 1] == pytest.approx(np.var(own, ddof=1) / 5)
    whole = (own + table[:, 2]) / 2
    assert found.spread.variance[0, 0] == pytest.approx(np.var(whole, ddof=1) / 5)


def test_the_variance_of_a_weighted_mean():
    column, weights = np.array([0.0, 50.0, 200.0, 150.0]), np.array([1.0, 2.0, 3.0, 2.0])
    found = of_one([[value, NONE, NONE] for value in column], weights=weights)
    mean = (weights * column).sum() / 8
    errors = weights * (column - mean) / 8
    assert found.value[0, 1] == pytest.approx(mean)
    assert found.spread.variance[0, 1] == pytest.approx((errors**2).sum() * 4 / 3)


def test_blanks_are_linearised_item_by_item():
    table = np.array([[200, 100, 0], [100, NONE, 50], [150, 50, 50], [NONE, 100, 200], [50, 50, 150]])
    found = of_one(table)
    errors = np.zeros(5)
    for item in (0, 1):
        column = table[:, item]
        has = ~np.isnan(column)
        errors[has] += (column[has] - column[has].mean()) / has.sum() / 2
    assert found.spread.variance[0, 1] == pytest.approx((errors**2).sum() * 5 / 4)


def test_strata_take_their_means_out():
    column, strata = [0.0, 50.0, 100.0, 150.0, 200.0, 100.0], [0, 0, 0, 1, 1, 1]
    found = of_one([[value, NONE, NONE] for value in column], strata=strata)
    # 50^2 * 2 within each stratum, over n - H = 4, over n = 6
    assert found.spread.variance[0, 1] == pytest.approx((5000 + 5000) / 4 / 6)
    assert found.spread.freedom[0, 1] == pytest.approx(4)


def test_groups_stand_in_their_own_rows_and_unknown_ones_nowhere():
    sample = sampled(
        [[200, 200, 0], [100, 100, 50], [0, 0, 100], [50, 150, 200]],
        codes=[2, 0, 2, -1],
        groups=("a", "b", "c"),
    )
    found = estimate_all(sample, DOMAINS)["KIND"]
    assert found.groups == ("a", "b", "c")
    assert found.value[0].tolist() == [75, 100, 50] and found.value[2].tolist() == [75, 100, 50]
    assert np.isnan(found.value[1]).all()
    assert found.count.tolist() == [[1, 1, 1], [0, 0, 0], [2, 2, 2]]
    assert found.answered.tolist() == [[True] * 3, [False] * 3, [True] * 3]
    assert found.spread.variance[2, 2] == pytest.approx(5000 / 2)  # of 0 and 100
    assert np.isnan(found.spread.variance[0]).all()  # one respondent


def test_items_left_out_are_as_if_never_asked():
    sample = sampled(FOUR)
    usable = np.array([[False, True, True]])
    found = estimate(sample, sample.partitions["KIND"], DOMAINS, usable)
    assert found.value[0].tolist() == [75, 100, 50] and found.count[0].tolist() == [4, 2, 4]
    assert found.answered[0].tolist() == [False, True, True]
    whole = estimate(sample, sample.partitions["KIND"], DOMAINS, np.ones((1, 3), dtype=bool))
    assert whole.value.tolist() == estimate(sample, sample.partitions["KIND"], DOMAINS).value.tolist()


def test_shares_of_items_in_each_index():
    present = np.array([1.0, 0.0, 1.0])
    assert DOMAINS.shares(present).tolist() == [[0.5, 1, 0], [0, 0, 0], [0.5, 0, 1]]
    assert ITEMS.shares(np.ones(3))[:, 0].tolist() == pytest.approx([1 / 3] * 3)
    assert DOMAINS.shares(np.zeros(3)).tolist() == [[0, 0, 0]] * 3
    assert ITEMS.shares(np.zeros(3)).tolist() == [[0, 0, 0]] * 3
    assert DOMAINS.labels == ("overall", "x", "y")
