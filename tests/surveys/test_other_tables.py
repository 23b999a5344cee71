"""Actions, traits, priorities, ordinal check, joint reading, themes, empty tables."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from reporter.domain import schema
from reporter.domain.errors import DeclarationError
from reporter.domain.periods import iso
from reporter.inputs.declared import load
from reporter.pipeline.computation import _surveys_and_index
from reporter.surveys import pipeline
from reporter.surveys.indices import latent_means
from reporter.surveys.quality import themes
from reporter.surveys.shares import joint_tables
from surveys.respondents import respondents, write

QUARTER = pd.Period("2025Q3")


@pytest.fixture(scope="module")
def both(tmp_path_factory, declarations):
    """Contract frames of five quarters and their tables."""
    folder = tmp_path_factory.mktemp("both")
    frames, files = {}, {}
    for survey, questionnaire in declarations.questionnaires.items():
        for lag in (0, 1, 4):
            frame = respondents(declarations, questionnaire, 385, seed=lag, level=-0.05 * lag)
            frames[survey, lag] = frame
            path = write(frame, folder / survey / f"{lag}.csv")
            files.setdefault(survey, {})[QUARTER - lag] = path
    return frames, pipeline.compute(files, QUARTER, declarations)[0]


def test_no_surveys_give_empty_tables_with_the_right_columns(declarations):
    tables, found = pipeline.compute({}, QUARTER, declarations)
    assert not found and list(tables) == pipeline.survey_tables()
    assert all(list(table.columns) == schema.columns(name) for name, table in tables.items())
    assert all(table.empty for table in tables.values())


def test_tables_keep_their_columns_when_full(both):
    _, tables = both
    assert list(schema.checked(tables)) == pipeline.survey_tables()
    assert all(isinstance(table.index, pd.RangeIndex) for table in tables.values())


def test_a_missing_survey_leaves_the_other(declarations, tmp_path):
    frame = respondents(declarations, declarations.questionnaires["worker"], 154, seed=1)
    tables, _ = pipeline.compute(
        {"worker": {QUARTER: write(frame, tmp_path / "w.csv")}}, QUARTER, declarations
    )
    assert set(tables["confidence"]["survey"]) == {"worker"} and tables["traits"].empty


def test_shares_of_actions_and_their_changes(both):
    frames, tables = both
    table = tables["employer_actions"].set_index(["action", "period"])
    share = {lag: (frames["worker", lag]["action3"] == "1").mean() for lag in (0, 1, 4)}
    cell = table.loc[("action3", iso(QUARTER))]
    assert cell["share"] == pytest.approx(share[0]) and cell["n"] == 385
    assert cell["change_quarter"] == pytest.approx(share[0] - share[1])
    assert cell["change_year"] == pytest.approx(share[0] - share[4])
    assert cell["low"] < cell["share"] < cell["high"] and 0 <= cell["p_quarter"] <= 1
    assert np.isnan(table.loc[("action3", iso(QUARTER - 1)), "change_quarter"])


def test_shares_of_traits_are_of_those_who_answered(both):
    frames, tables = both
    chosen = frames["employer", 0]["traits"]
    # An empty list beside an answered question is none of it (reporter.surveys.responses).
    answered = (chosen != "") | (frames["employer", 0]["self_development"] != "")
    share = chosen[answered].str.split(";").map(lambda ids: "digital" in ids).mean()
    cell = tables["traits"].set_index(["trait", "period"]).loc[("digital", iso(QUARTER))]
    assert cell["share"] == pytest.approx(share) and cell["n"] == answered.sum()
    gap = tables["trait_gap"].set_index(["trait", "period"]).loc[("digital", iso(QUARTER))]
    items = (
        tables["confidence_items"]
        .query("survey == 'employer' and period == '2025-Q3'")
        .set_index("item")["value"]
    )
    assert gap["rating"] == pytest.approx(items[["q5.1", "q5.2", "digital"]].mean())
    assert gap["gap"] == pytest.approx(200 * share - gap["rating"])


def test_priorities_by_hand(both):
    frames, tables = both
    ranks = frames["worker", 0]["rank2"].astype(int)
    cell = tables["priorities"].set_index(["aspect", "period"]).loc[("rank2", iso(QUARTER))]
    assert cell[["mean_rank", "first_share", "top3_share"]].tolist() == pytest.approx(
        [ranks.mean(), (ranks == 1).mean(), (ranks <= 3).mean()]
    )
    # Wilson's interval of a share, a little wider or narrower by the strata and Student's t
    share, n = (ranks <= 3).mean(), len(ranks)
    low, high = stats.binomtest(int((ranks <= 3).sum()), n).proportion_ci(method="wilson")
    assert cell["top3_low"] < share < cell["top3_high"]
    assert cell[["top3_low", "top3_high"]].tolist() == pytest.approx([low, high], abs=0.01)
    formal = ranks[frames["worker", 0]["status"] == "formal"]
    by_group = tables["priorities_by_group"].set_index(["group", "aspect", "period"])
    assert by_group.loc[("STATUS:formal", "rank2", iso(QUARTER)), "mean_rank"] == pytest.approx(formal.mean())


def test_shares_of_answers_sum_to_one_and_give_the_value(both):
    _, tables = both
    items = tables["confidence_items"]
    shares = items[[f"share{rating}" for rating in range(1, 6)]].to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    scores = shares @ np.array([0, 50, 100, 150, 200.0])
    is_negative = (items["survey"] == "worker") & items["item"].isin(["q4.7", "q6.1", "q7.1"])
    np.testing.assert_allclose(np.where(is_negative, 200 - scores, scores), items["value"])


def test_coverage_against_the_plan(declarations, tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "plan-worker.csv").write_text(
        "province,industry,status,quota\nTH-10,C,formal,4\nTH-10,G,formal,3\n", encoding="utf-8"
    )
    frame = respondents(declarations, declarations.questionnaires["worker"], 154, seed=1)
    files = {"worker": {QUARTER: write(frame, tmp_path / "w.csv")}}
    tables, _ = pipeline.compute(files, QUARTER, declarations, rules_folder=tmp_path)
    coverage = tables["survey_coverage"].set_index("province")
    assert coverage.loc["PROVINCE:TH-10", ["planned", "achieved"]].tolist() == [7, 2]
    assert np.isnan(coverage.loc["PROVINCE:TH-11", "planned"])


def test_a_copy_of_last_quarters_file_is_refused(declarations, tmp_path):
    frame = respondents(declarations, declarations.questionnaires["worker"], 154, seed=1)
    files = {QUARTER - 1: write(frame, tmp_path / "a.csv"), QUARTER: write(frame, tmp_path / "b.csv")}
    tables, found = pipeline.compute({"worker": files}, QUARTER, declarations)
    assert [finding.rule for finding in found if finding.severity == "error"] == ["survey.copy"]
    assert set(tables["confidence"]["period"]) == {iso(QUARTER - 1)}


def test_latent_means_equal_statsmodels_ordered_probit():
    rng = np.random.default_rng(1)
    quarter = np.repeat([0, 1, 2], 500)
    answers = np.digitize(rng.normal(np.array([0.0, 0.3, -0.2])[quarter], 1), [-1.2, -0.3, 0.4, 1.4])
    counts = np.stack([np.bincount(answers[quarter == t], minlength=5) for t in range(3)])[None].astype(float)
    found = latent_means(counts, np.ones(1))
    dummies = np.column_stack([quarter == 1, quarter == 2]).astype(float)
    other = OrderedModel(answers, dummies, distr="probit").fit(method="bfgs", disp=False, gtol=1e-8)
    np.testing.assert_allclose(found, [0, *other.params[:2]], atol=1e-4)


def test_the_ordinal_ranks_are_those_of_the_quarters(both):
    _, tables = both
    check = tables["ordinal_check"].query("survey == 'worker'")
    assert check["rank_linear"].tolist() == stats.rankdata(-check["linear"]).tolist()
    assert check["rank_latent"].tolist() == stats.rankdata(-check["latent"]).tolist()
    assert check["latent"].iloc[0] == 0


def quarterly(values, start="2022Q3"):
    return [iso(pd.Period(start) + k) for k in range(len(values))]


def test_a_series_that_leads_by_two_quarters_is_found():
    rng = np.random.default_rng(2)
    path = np.cumsum(rng.normal(size=15))
    confidence = pd.DataFrame(
        {
            "survey": "worker",
            "domain": "overall",
            "group": "TH",
            "period": quarterly(path[2:]),
            "value": path[:13],
        }
    )
    macro = pd.DataFrame({"variable": "real_gdp_growth", "period": quarterly(path[2:]), "value": path[2:]})
    index = pd.DataFrame({"dimension": [], "group": [], "period": [], "value": []})
    series = pd.DataFrame({"indicator": [], "group": [], "period": [], "raw": [], "adjusted": []})
    tables = joint_tables(confidence, index, series, macro, 10)
    table = tables["joint_correlations"].set_index("lead")
    # confidence(t) is the variable of t + 2 two quarters before: the variable leads confidence by two
    assert table.loc[-2, "correlation"] == pytest.approx(1) and table.loc[-2, "n"] == 11
    assert table["correlation"].abs().idxmax() == -2
    assert (table["low"] <= table["correlation"]).all() and (table["correlation"] <= table["high"]).all()
    assert set(tables["joint"]["variable"]) == {"confidence_worker", "real_gdp_growth"}


def test_no_correlation_from_a_handful_of_quarters():
    confidence = pd.DataFrame(
        {
            "survey": "worker",
            "domain": "overall",
            "group": "TH",
            "period": quarterly(range(5)),
            "value": range(5),
        }
    )
    macro = pd.DataFrame({"variable": "inflation", "period": quarterly(range(5)), "value": range(5)})
    empty = pd.DataFrame({"dimension": [], "group": [], "period": [], "value": []})
    series = pd.DataFrame({"indicator": [], "group": [], "period": [], "raw": [], "adjusted": []})
    assert joint_tables(confidence, empty, series, macro, 10)["joint_correlations"].empty


def test_themes_group_answers_that_share_a_word():
    texts = ["ภาษาอังกฤษ", "พูดภาษาอังกฤษได้", "ทักษะภาษาอังกฤษ", "ขับรถ", "", "ไม่มี", "-"]
    table = themes(texts, least=2).set_index("theme")
    assert table.loc["ภาษาอังกฤษ", "answers"] == 3 and table.loc["อื่น ๆ", "answers"] == 1
    assert table["share"].sum() == pytest.approx(1)


def test_confidence_beside_the_composite_as_an_eleventh_dimension(declarations):
    rng = np.random.default_rng(7)
    level = 100 + rng.normal(0, 4, 12)
    confidence = pd.concat(
        pd.DataFrame(
            {
                "survey": survey,
                "domain": "overall",
                "group": "TH",
                "period": quarterly(level),
                "value": level * 2,
            }
        )
        for survey in ("employer", "worker")
    )
    index = pd.DataFrame(
        {"dimension": "overall", "group": "TH", "period": quarterly(level), "value": level[::-1]}
    )
    series = pd.DataFrame({"indicator": [], "group": [], "period": [], "raw": [], "adjusted": []})
    macro = pd.DataFrame({"variable": [], "period": [], "value": []})
    tried = declarations.experimental["confidence"]
    table = joint_tables(confidence, index, series, macro, 10, tried)["sensitivity_confidence"]
    assert table["confidence"].to_numpy() == pytest.approx(level)  # on the composite's own mean and spread
    assert table["with_confidence"].to_numpy() == pytest.approx((10 * level[::-1] + level) / 11)
    assert joint_tables(confidence, index, series, macro, 10)[
        "sensitivity_confidence"
    ].empty  # none is declared
    alone = confidence[confidence["survey"] == "worker"]
    assert joint_tables(alone, index, series, macro, 10, tried)[
        "sensitivity_confidence"
    ].empty  # a survey is missing


def test_the_experimental_dimension_is_a_row_of_the_sensitivity_and_not_of_the_index(declarations):
    level = 100 + np.random.default_rng(8).normal(0, 4, 12)
    whole = {"domain": "overall", "group": "TH", "period": quarterly(level)}
    confidence = pd.concat(
        pd.DataFrame({"survey": survey, **whole, "value": level * scale})
        for survey, scale in (("employer", 1.0), ("worker", 1.2))
    )
    index = pd.DataFrame({"dimension": "overall", **whole, "value": np.sort(level)})
    nation = {
        "labour_index": index,
        "series": pd.DataFrame({"indicator": [], "group": [], "period": [], "raw": [], "adjusted": []}),
        "macro": pd.DataFrame({"variable": [], "period": [], "value": []}),
        "sensitivity": pd.DataFrame({"choice": ["pca"], "period": ["2025-Q3"], "value": [99.0]}),
        "sensitivity_summary": pd.DataFrame({"choice": ["pca"], "largest_rank_change": [3.0]}),
    }
    found = _surveys_and_index({"confidence": confidence}, nation, declarations)
    assert "labour_index" not in found  # the headline is not touched
    rows = found["sensitivity_summary"].set_index("choice")
    assert list(rows.index) == ["pca", "with_confidence"]
    together = (10 * np.sort(level) + level) / 11
    difference = np.abs(together - np.sort(level))
    assert rows.loc["with_confidence", "mean_abs_difference"] == pytest.approx(difference.mean())
    moved = np.abs(pd.Series(together).rank() - np.arange(1, 13)).max()
    assert rows.loc["with_confidence", "largest_rank_change"] == moved
    own = found["sensitivity"].query("choice == 'with_confidence'")
    assert own["value"].to_numpy() == pytest.approx(together) and list(own["period"]) == list(whole["period"])


def test_an_experimental_dimension_cannot_be_one_of_the_index(tmp_path):
    (tmp_path / "indicators").mkdir()
    text = 'name = {th = "ก", en = "A"}\nsurveys = ["worker"]\n'
    (tmp_path / "indicators/_experimental.toml").write_text(f"[economy]\n{text}", encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path)
    assert caught.value.findings[0].where == "indicators/_experimental.toml"
    (tmp_path / "indicators/_experimental.toml").write_text(f"[trust]\n{text}", encoding="utf-8")
    assert list(load(tmp_path).experimental) == ["trust"]
