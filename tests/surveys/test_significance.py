"""Families of tests and pooled provinces: by hand, against textbook properties, by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reporter.surveys import pipeline
from reporter.surveys.variance import (
    benjamini_hochberg,
    family_of,
    pool,
    significant_in_families,
)
from surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")
# Benjamini and Hochberg (1995), their example of 15 tests: four are significant at 5 %.
EXAMPLE = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
EXAMPLE += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]


def test_the_authors_example():
    shuffled = np.random.default_rng(1).permutation(15)
    found = benjamini_hochberg(np.array(EXAMPLE)[shuffled])
    assert sorted(np.array(EXAMPLE)[shuffled][found]) == EXAMPLE[:4]


def test_a_larger_step_carries_the_smaller_ones_with_it():
    assert benjamini_hochberg(np.array([0.04, 0.045, np.nan, 0.05])).tolist() == [True, True, False, True]
    assert not benjamini_hochberg(np.array([0.04, 0.06])).any()


def test_families_are_headline_domains_and_each_kind_of_group_by_domain():
    groups = pd.Series(["TH", "TH", "REGION:north", "PROVINCE:TH-10", "PROVINCE:TH-10"])
    domains = pd.Series(["overall", "3", "overall", "overall", "3"])
    assert family_of(groups, domains).tolist() == ["headline", "domains", "REGION", "PROVINCE", "PROVINCE.3"]


def test_each_family_is_judged_by_itself():
    table = pd.DataFrame({"family": ["a"] * 10 + ["b"], "p": [0.02] + [0.9] * 9 + [0.02]})
    assert significant_in_families(table, "p", ["family"]).tolist() == [False] * 10 + [True]


def test_without_change_hardly_any_family_tells_one():
    """Independent tests of true hypotheses, in families as wide as the survey's: 5 % have any discovery."""
    rng = np.random.default_rng(2)
    any_found = [benjamini_hochberg(rng.random(width)).any() for width in (1, 7, 23, 77) for _ in range(1500)]
    assert np.mean(any_found) <= 0.065


def test_provinces_are_drawn_to_their_region_the_more_the_fewer_answered():
    direct = np.array([100.0, 104, 96, 102, 98, 120, 101, 99, 103, 97])
    variance = np.array([1.0] * 5 + [60.0] + [1.0] * 4)
    value, error, share = pool(direct, variance, np.array(["north"] * 10))
    assert abs(value[5] - 100) < 12 < abs(direct[5] - 100)
    assert share[5] < 0.3 < 0.7 < share[0]
    assert error[5] < variance[5] and (error > 0).all()


def test_a_region_of_one_province_stays_as_it_is():
    direct, variance = np.array([110.0, 100, 101, 99, 98]), np.full(5, 4.0)
    value, error, share = pool(direct, variance, np.array(["bangkok", "n", "n", "n", "n"]))
    assert (value[0], error[0], share[0]) == (110, 4, 1)


def test_pooled_provinces_are_nearer_the_truth_and_their_intervals_hold_it():
    rng = np.random.default_rng(6)
    region = np.repeat(np.arange(4), 19)
    ours, own, held = [], [], []
    for _ in range(200):
        truth = 100 + 3 * region + rng.normal(0, 2.5, 76)
        variance = rng.uniform(2, 16, 76)
        direct = truth + rng.normal(0, np.sqrt(variance))
        value, error, _ = pool(direct, variance, region)
        ours.append(np.mean((value - truth) ** 2))
        own.append(np.mean((direct - truth) ** 2))
        held.append(np.mean(np.abs(value - truth) <= 1.96 * np.sqrt(error)))
    assert np.mean(ours) < 0.6 * np.mean(own)
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.fixture(scope="module")
def tables(declarations, tmp_path_factory):
    folder = tmp_path_factory.mktemp("families")
    worker = declarations.questionnaires["worker"]
    files = {
        QUARTER - lag: write(
            respondents(declarations, worker, 1540, seed=lag, level=0.25 * (lag == 0)), folder / f"{lag}.csv"
        )
        for lag in (0, 1)
    }
    return pipeline.compute({"worker": files}, QUARTER, declarations)[0]


def test_the_levels_carry_the_tests_of_their_changes(tables):
    change = tables["confidence_change"].set_index(["domain", "group", "period", "against"])
    levels = tables["confidence"].query("period == '2025-Q3'")
    assert levels["p_value_quarter"].notna().sum() > 500 and levels["p_value_year"].isna().all()
    for row in levels.to_dict("records")[:300]:
        test = change.loc[(row["domain"], row["group"], row["period"], "quarter")]
        assert row["significant_quarter"] == test["significant"]
        assert row["p_value_quarter"] == pytest.approx(test["p_value"], nan_ok=True)
    assert bool(levels.query("group == 'TH' and domain == 'overall'")["significant_quarter"].item())


def test_fewer_changes_are_told_than_have_small_p_values(tables):
    change = tables["confidence_change"]
    assert 0 < change["significant"].sum() < (change["p_value"] < 0.05).sum()


def test_every_table_of_changes_says_what_is_significant(tables):
    for name in ("employer_actions", "employer_actions_by_group", "priorities", "priorities_by_group"):
        table = tables[name].query("period == '2025-Q3'")
        assert table["p_quarter"].notna().any() and table["significant_quarter"].dtype == bool
    items = tables["confidence_items"].query("period == '2025-Q3'")
    assert items["significant_quarter"].sum() > 10
    assert items["balance"].to_numpy() == pytest.approx(items["value"].to_numpy() - 100)


def test_the_share_among_the_first_three_has_a_test_of_its_own(tables):
    own = tables["priorities"].set_index("period").loc["2025-Q3"]
    before = tables["priorities"].set_index("period").loc["2025-Q2"].set_index("aspect")
    change = own.set_index("aspect")["top3_share"] - before["top3_share"]
    assert own["top3_change_quarter"].to_numpy() == pytest.approx(change[own["aspect"]].to_numpy())
    assert own["top3_p_quarter"].notna().all() and own["top3_significant_quarter"].dtype == bool
    assert not np.allclose(own["top3_p_quarter"], own["p_quarter"])
    # two independent shares: the plain test of a normal variable is near the design's
    share, earlier = own["top3_share"].to_numpy(), before.loc[own["aspect"], "top3_share"].to_numpy()
    n, m = own["n"].to_numpy(), before.loc[own["aspect"], "n"].to_numpy()
    plain = 2 * stats.norm.sf(
        np.abs(share - earlier) / np.sqrt(share * (1 - share) / n + earlier * (1 - earlier) / m)
    )
    assert own["top3_p_quarter"].to_numpy() == pytest.approx(plain, abs=0.15)


def test_the_net_balance_is_the_ecs_formula(tables):
    row = tables["confidence_items"].query("item == 'q1.1' and period == '2025-Q3'").iloc[0]
    balance = row["share5"] + row["share4"] / 2 - row["share2"] / 2 - row["share1"]
    assert row["balance"] == pytest.approx(100 * balance)


def test_a_group_of_actions_equals_a_plain_share(tables, declarations):
    frame = respondents(declarations, declarations.questionnaires["worker"], 1540, seed=0, level=0.25)
    own = frame[frame["status"] == "formal"]["action3"].astype(int)
    row = tables["employer_actions_by_group"].query(
        "group == 'STATUS:formal' and action == 'action3' and period == '2025-Q3'"
    )
    assert row["share"].item() == pytest.approx(own.mean()) and row["n"].item() == len(own)
    assert row["low"].item() < own.mean() < row["high"].item()
