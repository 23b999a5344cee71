"""Weights: margins met, bounds kept, R's results met, the index unbiased and its intervals honest on a known population."""

import numpy as np
import pandas as pd
import pytest

from reporter.domain.errors import InputError
from reporter.surveys import pipeline, weighting
from reporter.surveys.quality import effective_sizes
from reporter.surveys.sampling import (
    Margin,
    categories_of,
    margins_in_force,
    read_margins,
    totals_finding,
    weights_finding,
)
from reporter.surveys.shares import design_of
from reporter.surveys.variance import half_width, sample_design
from reporter.surveys.weighting import margin_error, rake, weights_of
from surveys.respondents import respondents, write
from surveys.simulation import country, draw, population
from tests.support.shared import shared

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")
REGIONS = {"TH-10": "bangkok", "TH-50": "north", "TH-51": "north"}


def api(name):
    return pd.read_csv(shared("reference", "survey", f"{name}.csv"))


def mean_and_error(values, design):
    weights = design.weights
    mean = weights @ values / weights.sum()
    spread = design.spread(((values - mean) / weights.sum())[:, None], np.ones((len(values), 1)))
    return mean, np.sqrt(spread.variance[0])


def total_and_error(values, design):
    spread = design.spread(values[:, None].astype(float), np.ones((len(values), 1)))
    return design.weights @ values, np.sqrt(spread.variance[0])


@pytest.mark.shared
def test_stratified_sample_as_r_has_it():
    sample = api("apistrat")
    strata = pd.factorize(sample["stype"])[0]
    size = sample.groupby(strata)["fpc"].first().to_numpy()
    design = sample_design(sample["pw"].to_numpy(), strata, sampled=np.bincount(strata) / size)
    assert mean_and_error(sample["api00"].to_numpy(), design) == pytest.approx((662.2874, 9.4089), abs=5e-5)
    assert total_and_error(sample["enroll"].to_numpy(), design) == pytest.approx(
        (3687177.5, 114641.7), abs=0.05
    )


@pytest.mark.shared
def test_clustered_sample_as_r_has_it():
    sample = api("apiclus1")
    units = pd.factorize(sample["dnum"])[0]
    design = sample_design(
        sample["pw"].to_numpy(), np.zeros(len(sample), int), units=units, sampled=np.array([15 / 757])
    )
    assert mean_and_error(sample["api00"].to_numpy(), design) == pytest.approx((644.1694, 23.5422), abs=5e-5)
    assert total_and_error(sample["enroll"].to_numpy(), design) == pytest.approx((3404940, 932235), abs=0.5)
    shares = {"E": (0.786885, 0.0463), "H": (0.076503, 0.0268), "M": (0.136612, 0.0296)}
    for kind, expected in shares.items():
        found = mean_and_error((sample["stype"] == kind).to_numpy(float), design)
        assert found[0] == pytest.approx(expected[0], abs=5e-7)
        assert found[1] == pytest.approx(expected[1], abs=5e-5)


@pytest.mark.shared
def test_raked_sample_as_r_has_it():
    sample = api("apiclus1")
    base = sample["pw"].to_numpy()
    margins = [
        pd.Categorical(sample["stype"], ["E", "H", "M"]).codes.astype(int),
        pd.Categorical(sample["sch.wide"], ["No", "Yes"]).codes.astype(int),
    ]
    targets = [np.array([4421.0, 755, 1018]), np.array([1072.0, 5122])]
    raked = rake(base, margins, targets)
    assert margin_error(raked.weights, margins, targets) < 1e-9
    design = sample_design(
        raked.weights,
        np.zeros(len(sample), int),
        units=pd.factorize(sample["dnum"])[0],
        sampled=np.array([15 / 757]),
        margins=margins,
        base=base,
    )
    assert mean_and_error(sample["api00"].to_numpy(), design) == pytest.approx((641.2303, 23.7036), abs=5e-5)
    assert total_and_error(sample["enroll"].to_numpy(), design) == pytest.approx((3647280, 400603), abs=0.5)
    weights = raked.weights
    assert len(base) * (weights**2).sum() / weights.sum() ** 2 == pytest.approx(1.0517, abs=5e-5)


def test_two_strata_by_hand():
    values = np.array([2.8, 4.1, 6.8, 6.8, 9.2, 3.7, 6.6, 4.2])
    weights, strata = np.array([3.0] * 5 + [4.0] * 3), np.array([0] * 5 + [1] * 3)
    plain = sample_design(weights, strata)
    corrected = sample_design(weights, strata, sampled=np.array([5 / 15, 3 / 12]))
    assert mean_and_error(values, plain) == pytest.approx((5.4481, 0.7413), abs=5e-5)
    assert mean_and_error(values, corrected)[1] == pytest.approx(0.616, abs=5e-4)


def answers(province, status):
    return pd.DataFrame({"province": pd.Categorical(province), "status": pd.Categorical(status)})


def plan(**people):
    return pd.DataFrame({"province": list(people), "province_population": list(people.values())}).assign(
        province=lambda table: table["province"].str.replace("_", "-")
    )


def test_a_plan_gives_every_province_its_population():
    frame = answers(["TH-10"] * 2 + ["TH-50"] * 8, ["formal"] * 10)
    found = weights_of(frame, (), plan(TH_10=800, TH_50=200), REGIONS, "w")
    assert found.kind == "plan" and found.population == 1000
    assert found.final[:2] / found.final[-1] == pytest.approx([(800 / 2) / (200 / 8)] * 2)


def test_a_province_without_answers_is_spoken_for_by_its_region():
    frame = answers(["TH-10"] * 5 + ["TH-50"] * 5, ["formal"] * 10)
    found = weights_of(frame, (), plan(TH_10=500, TH_50=200, TH_51=300), REGIONS, "w")
    assert found.final[:5].sum() == pytest.approx(found.final[5:].sum())


def test_statuses_of_a_province_are_adjusted_for_who_answered():
    cells = pd.DataFrame(
        {
            "province": ["TH-10", "TH-10"],
            "status": ["formal", "informal"],
            "population": [300.0, 700.0],
            "province_population": [1000.0, 1000.0],
        }
    )
    frame = answers(["TH-10"] * 40, ["formal"] * 30 + ["informal"] * 10)
    found = weights_of(frame, (), cells, REGIONS, "w")
    assert found.final[:30].sum() / found.final.sum() == pytest.approx(0.3)
    few = answers(["TH-10"] * 40, ["formal"] * 31 + ["informal"] * 9)  # under ten: the province is one class
    assert np.ptp(weights_of(few, (), cells, REGIONS, "w").final) == 0


def test_every_margin_is_met_and_weights_stay_within_bounds():
    rng = np.random.default_rng(3)
    size = 2000
    frame = answers(
        rng.choice(["TH-10", "TH-50"], size), rng.choice(["formal", "informal"], size, p=[0.7, 0.3])
    )
    margins = [
        Margin("status", ("status",), {"formal": 450, "informal": 550}),
        Margin("region", ("region",), {"bangkok": 300, "north": 700}),
    ]
    found = weights_of(frame, margins, None, REGIONS, "w")
    for margin in margins:
        codes = categories_of(frame, margin, REGIONS)
        shares = np.bincount(codes, found.final) / found.final.sum()
        assert shares == pytest.approx(np.array(list(margin.population.values())) / 1000, rel=1e-6)
    ratio = found.final / found.base
    assert ratio.min() >= 0.25 and ratio.max() <= 4
    assert found.row()["margin_error"] <= 1e-6


def test_who_gave_no_status_keeps_their_share():
    frame = answers(["TH-10"] * 100, ["formal"] * 45 + ["informal"] * 45 + [None] * 10)
    found = weights_of(
        frame, [Margin("status", ("status",), {"formal": 2, "informal": 1})], None, REGIONS, "w"
    )
    assert found.final[:45].sum() / found.final.sum() == pytest.approx(0.6)
    assert found.final[90:].sum() / found.final.sum() == pytest.approx(0.1)


def test_small_categories_are_put_together_and_that_is_said():
    frame = answers(["TH-10"] * 100, ["formal"] * 95 + ["informal"] * 5)
    margin = Margin("status", ("status",), {"formal": 1, "informal": 1})
    found = weights_of(frame, [margin], None, REGIONS, "w")
    assert np.ptp(found.final) == 0
    assert [finding.rule for finding in found.findings] == ["survey.margin_combined"]


def test_a_small_region_joins_another_with_all_its_statuses():
    """Bangkok has ten firms, one of them informal: both its statuses join the same region, else the totals fix them."""
    frame = answers(
        ["TH-10"] * 200 + ["TH-50"] * 800, ["formal"] * 180 + ["informal"] * 20 + ["formal", "informal"] * 400
    ).assign(establishment_id=[str(place // 20) for place in range(1000)])
    people = {"formal*bangkok": 700, "informal*bangkok": 300, "formal*north": 300, "informal*north": 700}
    margin = Margin("status*region", ("status", "region"), people)
    found = weights_of(frame, [margin], plan(TH_10=1000, TH_50=1000), REGIONS, "w")
    assert len(np.unique(found.margins[1])) == 2  # the statuses of both regions together
    bangkok, north = (found.final[end - 1] / found.final[start] for start, end in ((0, 200), (200, 1000)))
    assert bangkok == pytest.approx(
        north
    )  # Bangkok's one informal firm weighs as informal answers do in both


def test_a_forgotten_category_stops_and_a_rare_one_is_said():
    margin = Margin("status", ("status",), {"formal": 10})
    many = answers(["TH-10"] * 100, ["formal"] * 60 + ["informal"] * 40)
    with pytest.raises(InputError) as caught:
        weights_of(many, [margin], None, REGIONS, "w")
    assert caught.value.findings[0].rule == "survey.margin_lacking"
    assert "informal" in caught.value.findings[0].th and "margins" in caught.value.findings[0].en
    nobody = Margin(
        "status", ("status",), {"formal": 10, "informal": 0}
    )  # said to be empty, and people answered from it
    with pytest.raises(InputError) as caught:
        weights_of(many, [nobody], None, REGIONS, "w")
    assert caught.value.findings[0].rule == "survey.margin_lacking"
    few = answers(["TH-10"] * 100, ["formal"] * 97 + ["informal"] * 3)
    found = weights_of(few, [margin], None, REGIONS, "w").findings
    assert ("survey.margin_lacking", "warning") in [(one.rule, one.severity) for one in found]


def test_margins_of_different_populations_are_told():
    status = Margin("status", ("status",), {"formal": 450_000, "informal": 550_000})
    rounded = Margin("skill", ("skill",), {"high": 400_000, "low": 601_000})
    other = Margin("sex", ("sex",), {"male": 45_000, "female": 55_000})
    assert totals_finding([], "m") is None and totals_finding([status, rounded], "m") is None
    found = totals_finding([status, rounded, other], "m")
    assert found.severity == "warning" and "sex 100,000" in found.en


def test_a_province_that_the_plan_lacks_is_named():
    frame = answers(["TH-10"] * 5 + ["TH-51"] * 5, ["formal"] * 10)
    found = weights_of(frame, (), plan(TH_10=500, TH_51=0), REGIONS, "w")
    assert [(one.rule, one.value) for one in found.findings] == [("survey.province_unplanned", "TH-51")]


def test_weights_of_nought_are_no_weights():
    frame = answers(["TH-10"] * 5, ["formal"] * 5).assign(weight=0.0)
    found = weights_of(frame, (), None, REGIONS, "w")
    assert found.kind == "none" and (found.final == 1).all()


def test_margins_that_contradict_each_other_stop_the_build():
    frame = answers(["TH-10"] * 50 + ["TH-50"] * 50, ["formal"] * 50 + ["informal"] * 50)
    margins = [
        Margin("status", ("status",), {"formal": 1, "informal": 3}),
        Margin("region", ("region",), {"bangkok": 3, "north": 1}),
    ]
    with pytest.raises(InputError) as caught:
        weights_of(frame, margins, None, REGIONS, "surveys/worker/2025-Q3.csv")
    assert caught.value.findings[0].rule == "survey.raking"


def test_every_margin_is_counted_anew_on_the_respondents_and_a_wrong_one_stops(monkeypatch):
    """Weights that go to the wrong respondents meet the margins of the loop that made them, and are refused all the same."""
    combinations = weighting._combinations

    def one_is_wrong(codes):
        cells, cell_of = combinations(codes)
        cell_of[0] = (cell_of[0] + 1) % len(cells[0])
        return cells, cell_of

    frame = answers(["TH-10"] * 300, ["formal"] * 200 + ["informal"] * 100)
    margin = Margin("status", ("status",), {"formal": 450, "informal": 550})
    assert weights_of(frame, [margin], None, REGIONS, "w").row()["margin_error"] <= 1e-6
    monkeypatch.setattr(weighting, "_combinations", one_is_wrong)
    with pytest.raises(InputError) as caught:
        weights_of(frame, [margin], None, REGIONS, "w")
    assert caught.value.findings[0].rule == "survey.raking"


def test_margins_are_read_with_thai_names_and_dates(declarations, tmp_path):
    path = tmp_path / "margins-worker.csv"
    path.write_text(
        "margin,category,population,from\n"
        'status,ในระบบ,"18,000,000",\nstatus,informal,20000000,\n'
        "status,formal,19000000,2568-Q1\nstatus,informal,20500000,2568-Q1\n"
        "sex*age_group,หญิง*15–24 ปี,2000000,\nsex*age_group,male*15-24,2100000,\n",
        encoding="utf-8",
    )
    margins = read_margins(path, declarations, declarations.questionnaires["worker"])
    old = {m.name: m for m in margins_in_force(margins, pd.Period("2024Q4"))}
    new = {m.name: m for m in margins_in_force(margins, QUARTER)}
    assert old["status"].population == {"formal": 18e6, "informal": 20e6}
    assert new["status"].total == 39.5e6
    assert new["sex*age_group"].population == {"female*15-24": 2e6, "male*15-24": 2.1e6}


@pytest.mark.parametrize(
    "row", ["status,เถื่อน,1,", "colour,red,1,", "status*region,formal,1,", "status,formal,x,"]
)
def test_a_wrong_margin_is_named_with_its_row(declarations, tmp_path, row):
    path = tmp_path / "margins-worker.csv"
    path.write_text(f"margin,category,population,from\nstatus,informal,1,\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_margins(path, declarations, declarations.questionnaires["worker"])
    assert caught.value.findings[0].row == 3


def workspace_with_margins(folder, declarations):
    worker = declarations.questionnaires["worker"]
    frame = respondents(declarations, worker, 1540, seed=2)
    path = write(frame, folder / "surveys/worker/2025-Q3.csv")
    (folder / "surveys/margins-worker.csv").write_text(
        "margin,category,population\nstatus,formal,30\nstatus,informal,70\n", encoding="utf-8"
    )
    return {"worker": {QUARTER: path}}


def test_both_figures_are_kept_and_the_workspace_says_which_is_published(declarations, tmp_path):
    files = workspace_with_margins(tmp_path, declarations)
    weighted, _ = pipeline.compute(files, QUARTER, declarations, rules_folder=tmp_path)
    plain, _ = pipeline.compute(files, QUARTER, declarations, rules_folder=tmp_path, weights="unweighted")
    one, other = (tables["survey_weights"].iloc[0] for tables in (weighted, plain))
    assert (one["published"], other["published"]) == ("weighted", "unweighted")
    assert (one["weighted"], one["unweighted"]) == pytest.approx((other["weighted"], other["unweighted"]))
    whole = [
        t["confidence"].query("group == 'TH' and domain == 'overall'").iloc[0] for t in (weighted, plain)
    ]
    assert whole[0]["value"] == one["weighted"] and whole[1]["value"] == one["unweighted"]
    assert whole[0]["unweighted"] == pytest.approx(whole[1]["value"])
    assert abs(whole[0]["value"] - whole[1]["value"]) > 0.01


def test_asking_for_weights_without_margins_is_said(declarations, tmp_path):
    path = write(
        respondents(declarations, declarations.questionnaires["worker"], 154, seed=2),
        tmp_path / "surveys/worker/2025-Q3.csv",
    )
    files = {"worker": {QUARTER: path}}
    for weights, expected in (("weighted", True), ("", False)):
        _, found = pipeline.compute(files, QUARTER, declarations, rules_folder=tmp_path, weights=weights)
        assert ("survey.margins_missing" in {one.rule for one in found}) == expected


@pytest.mark.parametrize(("quota", "cluster", "samples"), [(40, 1, 150), (96, 16, 60)])
def test_the_weighted_index_is_unbiased_and_its_intervals_hold_the_truth(
    declarations, quota, cluster, samples
):
    """A small edition of tests/bench/bench_surveys.py, whose bounds are the demanded ones."""
    worker = declarations.questionnaires["worker"]
    people = population(worker)
    truth, rng = people.truth(worker), np.random.default_rng(8)
    errors, plain, held = [], [], []
    for _ in range(samples):
        found = country(draw(people, worker, rng, quota, cluster), worker)
        half = half_width(found.spread.variance, found.spread.freedom)[0, 0]
        errors.append(found.value[0, 0] - truth)
        plain.append(found.unweighted[0, 0] - truth)
        held.append(abs(errors[-1]) <= half)
    noise = 3 * np.std(errors) / np.sqrt(samples)
    assert abs(np.mean(errors)) < 0.2 + noise / 3
    assert np.mean(plain) > 0.35  # the bias that the weights are for
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / samples) <= np.mean(held)
    assert design_of(worker).is_mean_of_domains


@pytest.mark.parametrize(
    ("weight", "rule"),
    [(1.0, None), (50.0, None), (35.0, "survey.weights"), (0.02, "survey.weights"), (0.5, "survey.weights")],
)
def test_weights_sum_to_the_population_or_to_the_respondents(weight, rule):
    frame = pd.DataFrame({"weight": [weight] * 200})
    plan = pd.DataFrame(
        {"province": ["TH-10", "TH-10", "TH-50"], "province_population": [6000.0, 6000.0, 4000.0]}
    )
    found = weights_finding(frame, plan, [], "surveys/worker/2025-Q3.csv")
    assert (found.rule if found else None) == rule
    margin = Margin("status", ("status",), {"formal": 7000.0, "informal": 3000.0})
    found = weights_finding(frame, None, [margin], "x")
    assert (found.rule if found else None) == rule


def test_weights_without_a_population_are_noted():
    frame = pd.DataFrame({"weight": [35.0] * 200})
    assert weights_finding(frame, None, [], "x").severity == "note"
    assert weights_finding(frame.assign(weight=1.0), None, [], "x") is None


def test_a_group_that_rests_on_one_weight_is_suppressed():
    weights = np.array([1000.0, *[1.0] * 39, *[1.0] * 40])
    codes = np.repeat([0, 1], 40)
    assert effective_sizes(weights, codes, ("SKILL:high", "SKILL:low")) == {"SKILL:high": 1, "SKILL:low": 40}
