"""Intervals and tests: against closed formulas, by simulation, and like with like."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reporter.surveys import pipeline
from reporter.surveys.shares import design_of, estimate_all
from reporter.surveys.variance import difference_test, half_width, sample_design, share_interval
from reporter.surveys.weighting import Partition, Sample
from surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")


def spread_of(values, strata):
    values = np.asarray(values, dtype=float)
    linearised = ((values - values.mean()) / len(values))[:, None]
    return sample_design(np.ones(len(values)), np.asarray(strata)).spread(
        linearised, np.ones_like(linearised)
    )


def test_one_stratum_is_the_variance_of_a_mean():
    values = [1.0, 4.0, 2.0, 8.0, 5.0]
    spread = spread_of(values, [0] * 5)
    assert spread.variance[0] == pytest.approx(np.var(values, ddof=1) / 5)
    assert spread.freedom[0] == pytest.approx(4)


def test_what_lies_between_strata_is_no_sampling_error():
    # two strata of 3 with the same spread about 0 and about 100: pooled within variance 1, n - H = 4
    spread = spread_of([-1, 0, 1, 99, 100, 101], [0, 0, 0, 1, 1, 1])
    assert spread.variance[0] == pytest.approx((2 + 2) / 4 / 6)
    assert spread.freedom[0] == pytest.approx(4)


def test_strata_of_one_respondent_fall_back_to_no_strata():
    values = [1.0, 4.0, 2.0, 8.0]
    assert spread_of(values, [0, 1, 2, 3]).variance[0] == pytest.approx(np.var(values, ddof=1) / 4)


def test_degrees_of_freedom_are_units_less_strata_where_units_stand_for_equally_much():
    values, units = np.arange(24.0), np.arange(24) // 2
    design = sample_design(np.ones(24), np.repeat([0, 1], 12), units=units)
    found = design.spread(((values - values.mean()) / 24)[:, None], np.ones((24, 1)))
    assert found.freedom[0] == pytest.approx(12 - 2)


def test_a_stratum_that_carries_the_variance_gives_its_own_degrees_of_freedom():
    # 5 respondents of the first stratum stand for nearly everybody, 400 others for hardly anybody
    weights = np.repeat([1000.0, 0.001], [5, 400])
    values = np.random.default_rng(1).normal(size=405)
    mean = weights @ values / weights.sum()
    design = sample_design(weights, np.repeat([0, 1], [5, 400]))
    found = design.spread(((values - mean) / weights.sum())[:, None], np.ones((405, 1)))
    assert found.freedom[0] == pytest.approx(4, rel=1e-3)


def test_the_change_of_two_equal_samples_is_students_t():
    first, second = [1.0, 2.0, 4.0, 7.0, 3.0], [2.0, 6.0, 6.0, 9.0, 5.0]
    _, p_value = difference_test(
        np.array([np.mean(second) - np.mean(first)]), spread_of(second, [0] * 5), spread_of(first, [0] * 5)
    )
    assert p_value[0] == pytest.approx(stats.ttest_ind(first, second, equal_var=False).pvalue)


def test_a_share_of_zero_has_an_interval():
    spread = spread_of([0.0] * 40, [0] * 40)
    low, high = share_interval(np.array([0.0]), np.array([40]), spread)
    assert low[0] == 0 and 0.05 < high[0] < 0.12


def simulated(rng, declarations, size=616):
    """A worker sample of known mean: provinces of fixed size and own level, correlated items, blanks."""
    worker = declarations.questionnaires["worker"]
    strata = np.arange(size) % 77
    leaning = rng.normal(0, 40, size)[:, None] + np.linspace(-20, 20, 77)[strata][:, None]
    raw = 100 + leaning + rng.normal(0, 45, (size, len(worker.items)))
    points = np.clip(np.round(raw / 50) * 50, 0, 200).astype(np.float32)
    points[rng.random(points.shape) < 0.05] = np.nan
    partitions = {"TH": Partition("TH", ("TH",), np.zeros(size, dtype=int))}
    return Sample(
        "worker",
        QUARTER,
        points,
        np.arange(0, 201, 50.0),
        np.ones(size),
        strata,
        partitions,
        {},
        points[:, :0],
    )


def test_intervals_cover_the_truth(declarations):
    # symmetric about 100 by construction, so the truth is 100; 400 samples: 93 to 97 % is 372 to 388
    rng = np.random.default_rng(11)
    design = design_of(declarations.questionnaires["worker"])
    hits = 0
    for _ in range(400):
        found = estimate_all(simulated(rng, declarations), design)["TH"]
        half = half_width(found.spread.variance, found.spread.freedom)[0, 0]
        hits += abs(found.value[0, 0] - 100) <= half
    assert 372 <= hits <= 388


def test_a_dropped_item_does_not_move_the_comparison(declarations, tmp_path):
    """q1.1 is answered 1 by everybody and asked in the first quarter only: the level jumps, the change is 0."""
    employer = declarations.questionnaires["employer"]
    frame = respondents(declarations, employer, 154, seed=1, blank=0)
    frame[[item.column for item in employer.items]] = "4"
    later = frame.drop(columns="q1.1").assign(comment="ไตรมาสนี้")
    files = {
        QUARTER - 1: write(frame.assign(**{"q1.1": "1"}), tmp_path / "a.csv"),
        QUARTER: write(later, tmp_path / "b.csv"),
    }
    tables, found = pipeline.compute({"employer": files}, QUARTER, declarations)
    level = tables["confidence"].query("group == 'TH' and domain == 'overall'")["value"].tolist()
    assert level == pytest.approx([150 * 25 / 26, 150])
    change = tables["confidence_change"].query("group == 'TH' and domain == 'overall'").iloc[0]
    assert change["change"] == 0 and change["like_with_like"] and change["items"] == 25
    assert "q1.1" in {finding.column for finding in found}
