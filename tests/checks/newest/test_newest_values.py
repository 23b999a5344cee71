"""Wrong newest values are told, once each, with what they do; untouched ones are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.checks import newest
from reporter.checks.newest.effects import EffectModel, Moved, equal_model, model_of
from reporter.checks.newest.relations import decimals, repeated_run
from reporter.checks.newest.surprise import limits, surprises
from reporter.domain.declarations import Declarations
from reporter.domain.errors import DeclarationError, Finding
from reporter.index.joint_model import JointModel, Member, ModelDimension
from reporter.inputs.workspace import needs_waiver, read_waivers, rule_on
from reporter.runtime.cache import StageCache
from tests.support.newest_faults import Study
from tests.support.workspace import check_workspace, small_workspace

pytestmark = pytest.mark.slow

QUARTER = pd.Period("2025Q3")


def changed(
    history: pd.DataFrame,
    series: str,
    periods: Iterable[str],
    change: Callable[[float], float],
    group: str = "TH",
) -> pd.DataFrame:
    """The history with values of some periods changed in every vintage."""
    at = (
        (history["indicator"] == series) & (history["group"] == group) & history["period"].isin(list(periods))
    )
    assert at.any()
    out = history.copy()
    out.loc[at, "value"] = out.loc[at, "value"].map(change)
    return out


def answers(found: list[Finding]) -> list[Finding]:
    """Findings that somebody must answer for."""
    return [one for one in found if needs_waiver(one)]


def check(history: pd.DataFrame, declarations: Declarations, quarter: pd.Period = QUARTER) -> list[Finding]:
    return newest.check(history, declarations, quarter)


QUARTER_MONTHS = ("2025-07", "2025-08", "2025-09")
# Each went through all checks unseen and moved the published index.
MISSED_ONCE: dict[str, tuple[str, tuple[str, ...], Callable[[float], float]]] = {
    "no unemployment": ("unemployment_rate", ("2025-Q3",), lambda value: 0.0),
    "a quarter's vacancies in each month": ("vacancies", QUARTER_MONTHS, lambda value: 3 * value),
    "an index rebased": ("mpi", QUARTER_MONTHS, lambda value: 0.85 * value),
    "a lost decimal point": ("gdp_growth", ("2025-Q3",), lambda value: 10 * value),
    "inflation with its sign turned": ("inflation", QUARTER_MONTHS, lambda value: -value),
    "inflation as shares": ("inflation", QUARTER_MONTHS, lambda value: value / 100),
    "a wage doubled": ("average_wage", ("2025-Q3",), lambda value: 2 * value),
    "participation of men a little off": ("participation_male", ("2025-Q3",), lambda value: 0.97 * value),
}


@pytest.mark.parametrize("kind", MISSED_ONCE)
def test_what_went_through_unseen_must_be_answered_for_once(
    kind: str, nation: pd.DataFrame, declarations: Declarations
) -> None:
    series, periods, change = MISSED_ONCE[kind]
    found = answers(check(changed(nation, series, periods, change), declarations))
    assert [one.subject.split()[0] for one in found] == [series]


def test_the_untouched_sample_needs_no_answer(nation: pd.DataFrame, declarations: Declarations) -> None:
    assert answers(check(nation, declarations)) == []


def test_at_most_three_answers_in_any_issue_of_the_sample_since_2022(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    counts = {
        str(quarter): len(answers(check(nation, declarations, quarter)))
        for quarter in pd.period_range("2022Q1", "2025Q3", freq="Q")
    }
    assert max(counts.values()) <= 3, counts
    assert sum(counts.values()) <= 8 * 46 * len(counts) / 1000, counts


@pytest.mark.parametrize(
    ("fault", "share"), [("= 0", 0.9), ("/ 10", 0.9), ("x 2", 0.9), ("x 0.5", 0.85), ("x 0.85", 0.65)]
)
def test_faults_in_simulated_series_are_told(
    fault: str, share: float, simulated: pd.DataFrame, declarations: Declarations
) -> None:
    _, told, possible = next(Study.of(simulated, declarations, QUARTER).rates([fault]))
    assert told >= share * possible, f"{told} of {possible}"


@pytest.fixture(scope="module")
def study(sample: pd.DataFrame, declarations: Declarations) -> Study:
    """The whole sample, groups too."""
    return Study.of(sample, declarations, QUARTER)


@pytest.mark.parametrize("fault", ["= 0", "sign", "/ 10", "a year copied", "+ 5 sd"])
def test_nearly_every_fault_in_the_sample_is_told(fault: str, study: Study) -> None:
    _, told, possible = next(study.rates([fault]))
    assert told >= 0.98 * possible, f"{told} of {possible}"


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_k_faults_give_k_findings(count: int, nation: pd.DataFrame, declarations: Declarations) -> None:
    series = ["vacancies", "gdp_growth", "unemployment_rate", "pmi", "average_wage", "neet_rate", "work_injury_rate",
              "labour_productivity", "quit_rate"][:count]  # fmt: skip
    history = nation
    for name in series:
        last = history.loc[history["indicator"] == name, "period"].max()
        history = changed(history, name, [last], lambda value: 5 * value)
    if count == 9:  # neet_rate ends a quarter earlier: its newest value is looked at all the same
        assert history.loc[history["indicator"] == "neet_rate", "period"].max() == "2025-Q2"
    found = answers(check(history, declarations))
    assert sorted(one.subject.split()[0] for one in found) == sorted(series)


def test_k_faults_in_the_files_are_k_findings_of_check(tmp_path: Path) -> None:
    root = small_workspace(
        tmp_path / "workspace",
        dimensions=("economy", "unemployment", "wages", "job_opportunity", "gender_gap", "macro"),
    )
    assert [
        one for one in check_workspace(root, QUARTER) if one.severity == "error" or needs_waiver(one)
    ] == []
    faults: dict[str, Callable[[float], float]] = {
        "vacancies": lambda value: value / 10,  # an error: another unit
        "unemployment_rate": lambda value: 0.0,
        "gdp_growth": lambda value: 10 * value,
        "inflation": lambda value: -value,
        "average_wage": lambda value: 2 * value,
        "consumer_confidence": lambda value: 999.0,  # an error: out of its bounds
        "hours_male": lambda value: value / 2,
    }
    for path in (root / "series").iterdir():
        table = pd.read_csv(path, dtype=str)
        for name, change in faults.items():
            months = (
                ("2025-07", "2025-08", "2025-09")
                if name in ("vacancies", "inflation")
                else ("2025-09", "2025-Q3")
            )
            at = (table["indicator"] == name) & table["period"].isin(months)
            table.loc[at, "value"] = [f"{change(float(value)):g}" for value in table.loc[at, "value"]]
        table.to_csv(path, index=False)
    found = [one for one in check_workspace(root, QUARTER) if one.severity == "error" or needs_waiver(one)]
    assert sorted(one.subject.split()[0] for one in found) == sorted(faults)


def test_swapped_sexes_are_one_finding_of_check(tmp_path: Path) -> None:
    root = small_workspace(tmp_path / "workspace", dimensions=("gender_gap", "employment"))
    path = root / "series" / "gender_gap.csv"
    table = pd.read_csv(path, dtype=str)
    at = (table["period"] == "2025-Q3") & table["indicator"].str.startswith("hours_")
    table.loc[at, "indicator"] = table.loc[at, "indicator"].map(
        {"hours_male": "hours_female", "hours_female": "hours_male"}
    )
    table.to_csv(path, index=False)
    found = [one for one in check_workspace(root, QUARTER) if one.severity == "error" or needs_waiver(one)]
    assert [one.rule for one in found] == ["series.swapped"]


@pytest.mark.parametrize("series", ["average_wage", "placements", "work_injury_rate"])
def test_a_break_that_an_earlier_issue_missed_is_told_once(
    series: str, nation: pd.DataFrame, declarations: Declarations
) -> None:
    periods = [
        text for text in nation["period"].unique() if text >= "2025-Q1" or "2025-01" <= text < "2025-Q"
    ]
    found = answers(check(changed(nation, series, periods, lambda value: 0.6 * value), declarations))
    assert [one.subject.split()[0] for one in found] == [series]


def test_a_value_that_an_error_names_is_not_told_again(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "vacancies", ["2025-09"], lambda value: value / 10)
    error = Finding("error", "x", "ก", "a", rule="series.unit_slip", subject="vacancies TH 2025-09")
    assert answers(newest.check(history, declarations, QUARTER, known=[error])) == []


def test_messages_say_what_was_expected_and_what_it_does(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "vacancies", ["2025-09"], lambda value: 3 * value)
    (one,) = answers(check(history, declarations))
    value = float(
        history.loc[(history["indicator"] == "vacancies") & (history["period"] == "2025-09"), "value"].iloc[
            -1
        ]
    )
    assert one.rule == "newest.surprise"
    assert one.subject == "vacancies TH 2025-09"
    assert one.value == f"{value:.10g}"
    assert one.row is not None
    assert one.effect is not None
    assert one.effect > 0.3
    for text in (one.th, one.en):
        assert f"{value:,.0f}" in text
        assert "e+" not in text
        assert "t = " in text
    for word in ("ค่าที่คาดราว", "และดัชนีรวมราว +", "ประโยคสรุปดัชนีรวม", "ตำแหน่งงาน (vacancies TH)"):
        assert word in one.th
    for word in ("was expected", "moves the sub-index Job opportunity by about +", "the headline"):
        assert word in one.en


def test_findings_come_by_effect_and_none_is_left_out(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "vacancies", ["2025-09"], lambda value: 3 * value)
    history = changed(history, "unemployment_rate", ["2025-Q3"], lambda value: 0.0)
    history = changed(history, "short_term_rate", ["2025-Q3"], lambda value: 9.0)
    moved = {"vacancies": 0.1, "unemployment_rate": 4.0}

    def effect(series: str, expected: float, found: float) -> Moved | None:
        return Moved("employment", 10 * moved[series], moved[series]) if series in moved else None

    found = answers(newest.check(history, declarations, QUARTER, effect=effect))
    assert [one.subject.split()[0] for one in found] == ["unemployment_rate", "vacancies", "short_term_rate"]
    assert [one.effect for one in found] == [4.0, 0.1, None]


def test_zero_and_a_new_sign_are_told_as_such(nation: pd.DataFrame, declarations: Declarations) -> None:
    for change in (lambda value: 0.0, lambda value: -value):
        (one,) = answers(check(changed(nation, "quit_rate", ["2025-09"], change), declarations))
        assert one.rule == "newest.never"


def test_zero_is_no_fault_where_it_was_before(declarations: Declarations) -> None:
    quarters = [f"{q.year}-Q{q.quarter}" for q in pd.period_range("2010Q1", QUARTER, freq="Q")]
    random = np.random.default_rng(2)
    values = np.round(np.abs(random.normal(0, 0.6, len(quarters))), 0)
    values[-1] = 0.0
    history = pd.DataFrame(
        {"indicator": "layoff_rate", "group": "TH", "period": quarters, "frequency": "Q", "value": values}
    )
    history = history.assign(as_of=pd.NaT, file="series/a.csv", row=range(2, len(history) + 2))
    assert (values[:-1] == 0).any()
    assert answers(check(history, declarations)) == []


def test_a_relation_tells_what_no_single_series_shows(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "employment_rate", ["2025-Q3"], lambda value: value - 0.6)
    alone = history[history["indicator"] == "employment_rate"]
    assert answers(check(alone, declarations)) == []
    (one,) = answers(check(history, declarations))
    assert one.rule == "newest.relation"
    assert one.subject.startswith("employment_rate TH")
    assert "participation less unemployment" in one.en


def test_relations_survive_late_members(nation: pd.DataFrame, declarations: Declarations) -> None:
    late = nation[~((nation["indicator"] == "unemployment_rate") & (nation["period"] == "2025-Q3"))]
    late = late[~((late["indicator"] == "headline_inflation") & (late["period"] >= "2025-Q2"))]
    late = late[late["indicator"] != "participation_female"]
    late = late[~((late["indicator"] == "inflation") & (late["period"] == "2025-09"))]
    assert answers(check(late, declarations)) == []
    history = changed(late, "employment_male", ["2025-Q3"], lambda value: 0.97 * value)
    assert [one.subject.split()[0] for one in answers(check(history, declarations))] == ["employment_male"]


def test_two_ids_of_one_quantity_that_disagree_are_told(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "real_gdp_growth", ["2025-Q3"], lambda value: value + 0.9)
    (one,) = answers(check(history, declarations))
    assert one.rule == "newest.relation"
    assert "two ids" in one.en


def test_swapped_sexes_are_told(nation: pd.DataFrame, declarations: Declarations) -> None:
    names = {"hours_male": "hours_female", "hours_female": "hours_male"}
    at = nation["period"] == "2025-Q3"
    history = nation.copy()
    history.loc[at, "indicator"] = history.loc[at, "indicator"].replace(names)
    found = answers(check(history, declarations))
    assert {one.subject.split()[0] for one in found} <= set(names)
    assert found


def test_the_nation_is_compared_with_its_provinces(sample: pd.DataFrame, declarations: Declarations) -> None:
    own = sample[sample["indicator"] == "part_time_rate"]
    history = changed(own, "part_time_rate", ["2025-Q3"], lambda value: 0.93 * value)
    alone = history[history["group"] == "TH"]
    assert answers(check(alone, declarations)) == []
    (one,) = answers(check(history, declarations))
    assert one.rule == "newest.relation"
    assert "provinces" in one.en


def test_a_year_delivered_again_is_told(nation: pd.DataFrame, declarations: Declarations) -> None:
    own = nation[nation["indicator"] == "vacancies"].set_index("period")["value"]
    months = [f"2025-{month:02d}" for month in range(1, 10)]
    history = nation
    for month in months:
        before = float(own[f"2024{month[4:]}"])
        history = changed(history, "vacancies", [month], lambda value, before=before: before)
    (one,) = answers(check(history, declarations))
    assert one.rule == "newest.repeat"
    assert "9 value(s) equal those 12 period(s) before" in one.en


def test_a_rate_that_rests_for_years_is_no_repeat() -> None:
    moves = (
        [1.25] * 5 + [1.5, 1.75, 2.0, 2.5] + [2.5] * 6 + [2.25, 2.0] + [2.0] * 5 + [1.75, 1.5] + [1.5] * 20
    )
    run = repeated_run(np.array([3.0, 3.25] * 4 + moves), "Q")
    assert run is None or run.chance > -3


def test_holes_do_not_hide_a_run() -> None:
    random = np.random.default_rng(3)
    values = np.cumsum(random.normal(0, 1, 60)) + 50
    values[-12:] = values[-24:-12]
    values[-3] = np.nan
    run = repeated_run(values, "M")
    assert run is not None
    assert run.lag == 12
    assert run.length == 11


def test_two_series_with_the_same_numbers_are_told(nation: pd.DataFrame, declarations: Declarations) -> None:
    own = nation[nation["indicator"] == "neet_rate"].set_index("period")["value"]
    history = nation[nation["indicator"] != "youth_unemployment_rate"]
    copy = nation[nation["indicator"] == "neet_rate"].assign(indicator="youth_unemployment_rate")
    assert own.tail(8).nunique() >= 5
    found = answers(check(pd.concat([history, copy], ignore_index=True), declarations))
    assert [one.rule for one in found] == ["newest.twin"]


def test_more_decimals_than_ever_are_noted(nation: pd.DataFrame, declarations: Declarations) -> None:
    history = changed(nation, "employment_rate", ["2025-Q3"], lambda value: value + 0.00123)
    found = [one for one in check(history, declarations) if one.rule == "newest.digits"]
    assert [one.severity for one in found] == ["note"]
    assert [decimals(value) for value in (3.0, 0.1, 12.25, 1 / 3)] == [0, 1, 2, 7]


def test_a_shock_is_one_collective_matter(
    nation: pd.DataFrame, declarations: Declarations, tmp_path: Path
) -> None:
    found = answers(check(nation, declarations, pd.Period("2020Q2")))
    assert len(found) >= 10
    assert {one.rule for one in found} == {"newest.collective"}
    (tmp_path / "waivers.toml").write_text(
        '[[waivers]]\nrule = "newest.collective"\nreason = "ก"\nby = "ข"\non = 2020-08-20\nuntil = "2020-Q2"\n',
        encoding="utf-8",
    )
    waivers, problems = read_waivers(tmp_path)
    assert not problems
    assert rule_on(found, waivers, pd.Period("2020Q2")).unanswered == []
    assert len(rule_on(found, waivers, pd.Period("2020Q3")).unanswered) == len(found)


def test_few_series_are_never_a_shock(nation: pd.DataFrame, declarations: Declarations) -> None:
    history = nation[nation["indicator"].isin(["vacancies", "quit_rate", "pmi"])]
    history = changed(history, "vacancies", ["2025-09"], lambda value: 3 * value)
    assert [one.rule for one in answers(check(history, declarations))] == ["newest.surprise"]


@pytest.fixture(scope="module")
def provinces(sample: pd.DataFrame) -> pd.DataFrame:
    """One rate of the nation and its groups."""
    return sample[sample["indicator"] == "part_time_rate"].reset_index(drop=True)


def test_a_slip_in_a_province_must_be_answered_for(
    provinces: pd.DataFrame, declarations: Declarations
) -> None:
    for change in (lambda value: 0.0, lambda value: value * 10):
        found = answers(
            check(changed(provinces, "part_time_rate", ["2025-Q3"], change, "PROVINCE:TH-50"), declarations)
        )
        assert [(one.rule, one.subject) for one in found] == [
            ("newest.group", "part_time_rate PROVINCE:TH-50 2025-Q3")
        ]


def test_a_milder_oddity_in_a_province_warns(provinces: pd.DataFrame, declarations: Declarations) -> None:
    history = changed(provinces, "part_time_rate", ["2025-Q3"], lambda value: value * 0.75, "PROVINCE:TH-50")
    found = check(history, declarations)
    assert [(one.severity, one.rule) for one in found] == [("warning", "newest.group_odd")]
    assert answers(found) == []


def test_all_provinces_in_another_unit_are_one_finding(
    provinces: pd.DataFrame, declarations: Declarations
) -> None:
    at = provinces["group"].str.startswith("PROVINCE") & (provinces["period"] == "2025-Q3")
    history = provinces.copy()
    history.loc[at, "value"] /= 100
    found = answers(check(history, declarations))
    rules = Counter(one.rule for one in found)
    assert rules["newest.groups"] == 1
    assert rules["newest.group"] == 0
    assert "77" in next(one.en for one in found if one.rule == "newest.groups")


def test_provinces_with_the_quarter_before_again_are_one_finding(
    provinces: pd.DataFrame, declarations: Declarations
) -> None:
    own = provinces[provinces["group"].str.startswith("PROVINCE")]
    before = own[own["period"] == "2025-Q2"].assign(period="2025-Q3")
    history = pd.concat([provinces.drop(own[own["period"] == "2025-Q3"].index), before], ignore_index=True)
    found = answers(check(history, declarations))
    assert [one.rule for one in found if "equal" in one.en] == ["newest.groups"]


def test_untouched_groups_need_no_answer(sample: pd.DataFrame, declarations: Declarations) -> None:
    groups = sample[sample["group"] != "TH"]
    found = check(groups, declarations)
    assert answers(found) == []
    assert sum(one.severity == "warning" for one in found) <= 3


def test_a_series_that_ended_long_ago_is_not_looked_at(
    nation: pd.DataFrame, declarations: Declarations
) -> None:
    history = changed(nation, "pmi", ["2024-06"], lambda value: 3 * value)
    ended = history[(history["indicator"] != "pmi") | (history["period"] <= "2024-06")]
    assert answers(check(ended, declarations)) == []
    assert [one.subject for one in answers(check(ended, declarations, QUARTER - 4))] == ["pmi TH 2024-06"]


def test_values_after_the_issue_are_not_looked_at(nation: pd.DataFrame, declarations: Declarations) -> None:
    history = changed(nation, "vacancies", ["2025-09"], lambda value: 5 * value)
    assert answers(check(history, declarations, QUARTER - 2)) == []


def test_short_series_are_not_judged(nation: pd.DataFrame, declarations: Declarations) -> None:
    short = nation[nation["period"] >= "2022"]
    assert check(changed(short, "quit_rate", ["2025-09"], lambda value: 0.0), declarations) == []


@pytest.mark.parametrize("quarters", [1, 2, 5, 9, 24])
def test_a_young_workspace_is_no_trouble(
    quarters: int, sample: pd.DataFrame, declarations: Declarations
) -> None:
    first = (QUARTER - quarters + 1).start_time
    own = sample[
        sample["indicator"].isin(["part_time_rate", "inflation", "headline_inflation", "employment_rate"])
    ]
    starts = {text: pd.Period(text.replace("-Q", "Q")).start_time for text in own["period"].unique()}
    young = own[own["period"].map(starts) >= first]
    assert answers(check(young, declarations)) == []
    assert answers(newest.check(young, declarations, None)) == []
    assert newest.check(young.iloc[:0], declarations, QUARTER) == []
    blank = young.assign(value=float("nan"))
    assert newest.check(blank, declarations, QUARTER) == []


def test_scale_and_shift_change_no_distance() -> None:
    random = np.random.default_rng(5)
    y = 100 + np.cumsum(random.normal(0, 1, (4, 80)), axis=1)
    y[:, -1] += [0, 3, 9, -9]
    options = {"disturbed": np.zeros(y.shape, bool), "in_level": np.ones(4, bool), "least_errors": 12}
    first = surprises(y, 4, 1, **options)
    other = surprises(1000 * y, 4, 1, **options)
    assert np.allclose(first.t, other.t, rtol=1e-6)
    assert first.t[0, 0] < 3 < min(first.t[2:, 0])
    assert np.allclose(other.expected, 1000 * first.expected)


def test_a_level_shift_is_news_only_once() -> None:
    random = np.random.default_rng(6)
    y = 50 + random.normal(0, 0.5, (1, 60))
    y[:, -3:] += 12
    options = {"disturbed": np.zeros((1, 60), bool), "in_level": np.ones(1, bool), "least_errors": 12}
    assert surprises(y[:, :-2], 4, 1, **{**options, "disturbed": np.zeros((1, 58), bool)}).t[0, 0] > 5
    assert surprises(y, 4, 1, **options).t[0, 0] < 3.3


def test_results_come_from_the_cache(
    nation: pd.DataFrame, declarations: Declarations, tmp_path: Path
) -> None:
    cache = StageCache(tmp_path)
    history = changed(nation, "vacancies", ["2025-09"], lambda value: 3 * value)
    first = newest.check(history, declarations, QUARTER, cache=cache)
    assert any(path.name.startswith("newest_values") for path in tmp_path.iterdir())
    assert newest.check(history, declarations, QUARTER, cache=cache) == first


def member(indicator: str, **numbers: float) -> Member:
    """A quarterly member of the model of the index."""
    usual = {
        "middle": 2016.0,
        "centre": 1.0,
        "scale": 0.2,
        "slope_prior": 0.1,
        "weight": 0.5,
        "pca_loading": 0.9,
    }
    return Member(
        indicator=indicator, dimension="unemployment", monthly=False, form="level", **usual, **numbers
    )


def test_shares_of_the_model_follow_loadings_and_noise(declarations: Declarations) -> None:
    members = (
        member("unemployment_rate", loading=-0.9, persistent=0.1, white=0.1),
        member("quit_rate", loading=-0.5, persistent=0.3, white=0.2),
    )
    dimensions = {"unemployment": ModelDimension(common=0.7, spread=0.8, weight=0.1)}
    span = (pd.Period("2008Q1"), pd.Period("2024Q4"))
    model = model_of(JointModel(members, dimensions, 0.3, span[1], span, slope=1.5, persistence=0.0))
    precision = (
        3 + 0.81 / 0.2 + 0.25 / 0.5
    )  # the mean of three independent months has a third of their variance
    assert model.share == pytest.approx(
        {
            "unemployment_rate": -10 / 0.8 * 0.9 / 0.2 / precision,
            "quit_rate": -10 / 0.8 * 0.5 / 0.5 / precision,
        }
    )
    assert model.weight == pytest.approx({"unemployment": 0.15})
    equal = equal_model(declarations)
    assert equal.share["unemployment_rate"] < 0 < equal.share["vacancies"]


def test_effects_are_those_of_the_model(nation: pd.DataFrame, declarations: Declarations) -> None:
    history = changed(nation, "unemployment_rate", ["2025-Q3"], lambda value: 5.0)
    model = EffectModel({"unemployment_rate": -2.0}, {"unemployment": 0.25}, {"unemployment_rate": 0.5})
    (one,) = answers(newest.check(history, declarations, QUARTER, model=model))
    assert one.effect is not None
    expected = 5.0 - one.effect / (2.0 / 0.5 * 0.25)
    assert 0.3 < expected < 1.5
    assert f"about {expected:.4f}"[:10] in one.en


def test_a_workspace_may_change_a_limit_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    own = tmp_path / "rules" / "newest.toml"
    own.write_text("[surprise]\nanswer = 4\n", encoding="utf-8")
    assert limits(tmp_path).number("surprise", "answer") == 4
    for text in (
        "[surprise]\nanswers = 4\n",
        "[other]\nanswer = 4\n",
        '[surprise]\nanswer = "4"\n',
        "[surprise\n",
    ):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(DeclarationError):
            limits(tmp_path)


def test_check_names_a_broken_rule_file_and_goes_on(good: Path) -> None:
    (good / "rules").mkdir()
    (good / "rules" / "newest.toml").write_text("[surprise]\nanswers = 4\n", encoding="utf-8")
    found = [one for one in check_workspace(good, QUARTER) if one.severity == "error"]
    assert [one.where for one in found] == ["rules/newest.toml"]


def test_heavy_tails_give_few_false_alarms() -> None:
    rng, rules = np.random.default_rng(20), limits()
    shocks = rng.standard_t(4, (600, 260))
    values = np.zeros_like(shocks)
    for t in range(1, values.shape[1]):
        values[:, t] = 0.8 * values[:, t - 1] + shocks[:, t]
    is_calm, in_level = np.zeros(values.shape, bool), np.ones(len(values), bool)
    judged = surprises(values, 12, 3, disturbed=is_calm, in_level=in_level, least_errors=12)
    told = (judged.t.max(axis=1) > rules.number("surprise", "answer")).sum()
    assert told <= 12  # 2 %: four standard errors above the 8 in 1,000 that are borne


def test_one_news_under_two_ids_is_one_finding(nation: pd.DataFrame, declarations: Declarations) -> None:
    history = changed(nation, "gdp_growth", ["2025-Q3"], lambda value: value + 12)
    history = changed(history, "real_gdp_growth", ["2025-Q3"], lambda value: value + 12)
    found = answers(check(history, declarations))
    assert [one.subject.split()[0] for one in found] == ["gdp_growth"]
    assert "real_gdp_growth" in found[0].en


def test_coarse_rounding_of_late_makes_repeats_no_news() -> None:
    rng = np.random.default_rng(5)
    fine = 99 + rng.normal(0, 0.4, 120)
    coarse = np.round(102 + np.cumsum(rng.normal(0, 0.5, 36)))
    values = np.concatenate([np.round(fine, 1), coarse, [coarse[-1]]])
    run = repeated_run(values, "M")
    assert run is None or run.chance > limits().number("repeat", "answer_log10")
