"""Declarations: what the package declares agrees with the method, and broken files are named with their field."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter.domain.declarations import asset
from reporter.domain.errors import DeclarationError
from reporter.inputs.declared import load
from tests.support.shared import shared

QUIT = """\
order = 9
name = {th = "ก", en = "a"}
source = "SSO"
unit = "percent"
frequency = "monthly"
polarity = -1
transform = "level"
detrend = "none"
groups = ["TH"]
publication_lag_days = 45
bounds = [0, 10]
"""


def own(root: Path, name: str, text: str) -> Path:
    """Put one declaration into a workspace."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


def problems(root: Path) -> list[tuple[str, str | None]]:
    """(file, field) of every finding."""
    with pytest.raises(DeclarationError) as caught:
        load(root)
    return [(finding.where, finding.column) for finding in caught.value.findings]


# The dimensions of the method with how many indicators it gives each; declarations may add others of either.
METHOD = {
    "employment": 5, "unemployment": 4, "wages": 2, "job_security": 5, "job_opportunity": 2,
    "safety": 2, "productivity": 2, "gender_gap": 5, "vulnerable": 4, "economy": 7,
}  # fmt: skip

WORSE = {
        "part_time_rate", "unemployment_rate", "sso_unemployment_rate", "underemployment_rate", "quit_rate",
        "layoff_rate", "labour_law_violation_rate", "work_injury_rate", "safety_law_violation_rate",
        "participation_gap", "employment_gap", "hours_gap", "unemployment_gap", "hourly_wage_gap",
        "youth_unemployment_rate", "neet_rate", "inflation",
}  # fmt: skip
OF_METHOD = WORSE | {
        "business_sentiment", "consumer_confidence", "gdp_growth", "mpi", "pmi", "private_investment",
        "employment_rate", "hours_worked", "participation_rate", "sso_employment_rate", "placements",
        "vacancies", "employee_benefits", "social_security_coverage", "welfare_promotion_rate",
        "labour_productivity", "skill_development_rate", "migrant_insured_rate", "women_senior_management",
        "average_bonus", "average_wage",
}  # fmt: skip


def test_the_dimensions_and_indicators_of_the_method_are_declared_in_its_order(declarations):
    assert [name for name in declarations.dimensions if name in METHOD] == list(METHOD)
    few = {name for name, least in METHOD.items() if len(declarations.members(name)) < least}
    assert few == set()


def test_worse_when_higher_as_the_method_says(declarations):
    side = {item.id: item.polarity for item in declarations.indicators.values() if item.id in OF_METHOD}
    assert len(side) == sum(METHOD.values())
    assert {name for name, polarity in side.items() if polarity == -1} == WORSE


def test_monthly_series_as_the_method_says(declarations):
    monthly = {
        indicator.id for indicator in declarations.indicators.values() if indicator.frequency == "monthly"
    }
    assert monthly & OF_METHOD == {
        "sso_employment_rate", "sso_unemployment_rate", "quit_rate", "vacancies", "placements", "mpi", "pmi",
        "inflation", "consumer_confidence", "business_sentiment", "private_investment",
    }  # fmt: skip


def test_rates_and_gaps_stay_in_level_everything_else_grows(declarations):
    level = {"percent", "percent_growth", "pp", "percent_of_mean", "per_1000"}
    for indicator in declarations.indicators.values():
        assert (indicator.transform == "level") == (indicator.unit in level), indicator.id


def test_gaps_have_the_components_of_the_contract(declarations):
    for indicator in declarations.members("gender_gap"):
        stem = indicator.id.removesuffix("_gap")
        assert indicator.components == (f"{stem}_male", f"{stem}_female")
        assert indicator.gap == ("absolute" if indicator.unit == "pp" else "relative")


def test_questionnaires_have_the_items_of_the_study(declarations):
    employer, worker = declarations.questionnaires["employer"], declarations.questionnaires["worker"]
    # of the study; a questionnaire may ask more
    assert (len(employer.items), len(worker.items)) >= (26, 23)
    assert "q4.4" not in {item.column for item in employer.items}
    assert {item.column for item in worker.items if item.negative} == {"q4.7", "q6.1", "q7.1"}
    assert not any(item.negative for item in employer.items)
    assert [points for _, _, points in worker.scale] == [200, 150, 100, 50, 0]
    assert (employer.aggregation, worker.aggregation) == ("items", "domains")
    assert [option.id for option in worker.actions] == [f"action{n}" for n in range(1, 8)]
    assert [option.id for option in worker.aspects] == [f"rank{n}" for n in range(1, 8)]


def test_wording_is_free_of_marks_torn_off_by_extraction(declarations):
    # The study's text came out of a PDF with marks in the wrong order ("เพ่ือ") and spaces before them.
    for questionnaire in declarations.questionnaires.values():
        for item in questionnaire.items:
            assert not any(torn in item.text.th for torn in ("่ื", "้ี", "่ี", "ื่ ", " ่", " ้", "  ")), item.column


def test_77_provinces_one_tile_each_neighbours_in_reach(declarations):
    provinces = declarations.groups_of("PROVINCE")
    assert len(provinces) == 77
    assert len({group.tile for group in provinces}) == len({group.abbreviation for group in provinces}) == 77
    tiles = {group.code: group.tile for group in provinces}
    for one, other in (
        ("50", "51"),
        ("57", "56"),
        ("10", "11"),
        ("10", "12"),
        ("40", "41"),
        ("90", "93"),
        ("95", "96"),
    ):
        (row, column), (row2, column2) = tiles[f"PROVINCE:TH-{one}"], tiles[f"PROVINCE:TH-{other}"]
        assert max(abs(row - row2), abs(column - column2)) == 1, (one, other)
    by_region = {region: [t for g, t in tiles.items() if declarations.groups[g].region == region] for region in
                 ("REGION:north", "REGION:south")}  # fmt: skip
    assert max(row for row, _ in by_region["REGION:north"]) < min(row for row, _ in by_region["REGION:south"])


@pytest.mark.shared
def test_provinces_agree_with_the_public_register(declarations):
    register = shared("geo", "th_provinces_77.csv")
    regions = {"BKK": "bangkok", "C": "central", "N": "north", "NE": "northeast", "S": "south"}
    for line in register.read_text(encoding="utf-8-sig").splitlines()[1:]:
        _, code, name, _, region, *_ = line.split(",")
        group = declarations.groups[f"PROVINCE:{code}"]
        assert (group.name.th, group.region) == (name, f"REGION:{regions[region]}")


def test_every_kind_of_group_of_the_contract(declarations):
    assert "".join(group.code[-1] for group in declarations.groups_of("INDUSTRY")) == "ABCDEFGHIJKLMNOPQRSTU"
    assert [group.code for kind in ("STATUS", "SKILL", "WORK") for group in declarations.groups_of(kind)] == [
        "STATUS:formal", "STATUS:informal", "SKILL:high", "SKILL:medium", "SKILL:low",
        "WORK:contract", "WORK:part_time", "WORK:full_time",
    ]  # fmt: skip


def test_one_file_more_is_one_indicator_more(tmp_path):
    found = load(own(tmp_path, "indicators/economy/extra.toml", QUIT))
    assert len(found.indicators) == len(load(None).indicators) + 1
    assert found.indicators["extra"].dimension == "economy"


def test_workspace_file_replaces_the_packaged_one(tmp_path):
    found = load(own(tmp_path, "indicators/unemployment/quit_rate.toml", QUIT))
    assert found.indicators["quit_rate"].name.th == "ก"
    assert len(found.indicators) == len(load(None).indicators)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("polarity = -1\n", ""), "polarity"),
        (("polarity = -1", "polarity = 2"), "polarity"),
        (("polarity = -1", 'polarity = "บวก"'), "polarity"),
        (("polarity = -1", "polarity = true"), "polarity"),
        (("order = 9", "order = 9\ncolour = 1"), "colour"),
        (('unit = "percent"', 'unit = "%"'), "unit"),
        (('source = "SSO"', 'source = "SSA"'), "source"),
        (("publication_lag_days = 45", 'publication_lag_days = "45"'), "publication_lag_days"),
        (("bounds = [0, 10]", "bounds = [10, 0]"), "bounds"),
        (("bounds = [0, 10]", "bounds = [0]"), "bounds"),
        (('groups = ["TH"]', 'groups = ["REGION"]'), "groups"),
        (("order = 9", 'order = 9\nid = "other"'), "id"),
        (("order = 9", 'order = 9\ndimension = "wages"'), "dimension"),
        (("order = 9", 'order = 9\nformula = "__import__(1)"'), "formula"),
        (("order = 9", 'order = 9\ngap = "absolute"'), "components"),
        (('en = "a"', 'en = ""'), "name.en"),
    ],
)
def test_broken_indicator_names_file_and_field(change, field, tmp_path):
    name = "indicators/unemployment/quit_rate.toml"
    assert (name, field) in problems(own(tmp_path, name, QUIT.replace(*change)))


def test_words_for_an_indicator_are_declared_and_checked(tmp_path, declarations):
    """A workspace's file without them keeps the program's; a macro variable that nobody declares is told."""
    packaged = declarations.indicators["gdp_growth"]
    name = "indicators/economy/gdp_growth.toml"
    text = asset("data", *name.split("/")).read_text(encoding="utf-8")
    words = ("spoken", "same_as", "also_called", "often_misread", "per_month")
    older = "\n".join(line for line in text.splitlines() if not line.startswith(words)) + "\n"
    assert older != text
    assert load(own(tmp_path, name, older)).indicators["gdp_growth"] == packaged
    assert problems(own(tmp_path, name, older + 'same_as = "gdp"\n')) == [(name, "same_as")]
    assert problems(own(tmp_path, name, older + "also_called = [1]\n")) == [(name, "also_called.1")]
    renamed = older.replace(packaged.name.th, "ชื่อใหม่")
    assert load(own(tmp_path, name, renamed)).indicators["gdp_growth"].spoken.th == "ชื่อใหม่"


def test_polarity_error_reads_as_the_house_style(tmp_path):
    root = own(tmp_path, "indicators/unemployment/quit_rate.toml", QUIT.replace("-1", '"บวก"'))
    with pytest.raises(DeclarationError) as caught:
        load(root)
    assert str(caught.value.findings[0]) == (
        "indicators/unemployment/quit_rate.toml, polarity\n"
        '  พบ "บวก" แต่ต้องเป็น 1 หรือ -1 — ใส่ 1 หากค่าสูงหมายถึงดีขึ้น, -1 หากหมายถึงแย่ลง\n'
        '  Found "บวก"; must be 1 or -1. Use 1 if a higher value means better, -1 if worse.'
    )


def test_same_id_in_two_folders_is_refused(tmp_path):
    assert problems(own(tmp_path, "indicators/economy/quit_rate.toml", QUIT)) == [
        ("indicators/unemployment/quit_rate.toml", "id")
    ]


def test_folder_that_is_no_dimension_is_refused(tmp_path):
    name = "indicators/happiness/joy.toml"
    assert problems(own(tmp_path, name, QUIT)) == [(name, "dimension")]


def test_all_problems_of_all_files_come_together(tmp_path):
    own(tmp_path, "indicators/economy/one.toml", "x = [")
    own(tmp_path, "indicators/economy/two.toml", QUIT.replace("polarity = -1\n", ""))
    own(tmp_path, "questionnaires/worker.toml", "colour = 1\n")
    own(tmp_path, "groups/skills.csv", "code,name\n")
    assert {where for where, _ in problems(tmp_path)} == {
        "indicators/economy/one.toml",
        "indicators/economy/two.toml",
        "questionnaires/worker.toml",
        "groups/skills.csv",
    }


def test_questionnaire_with_an_unknown_domain_or_a_column_twice_is_refused(tmp_path):
    text = asset("data", "questionnaires", "worker.toml").read_text(encoding="utf-8")
    text = text.replace('column = "q1.1"\ndomain = "1"', 'column = "q2.1"\ndomain = "8"')
    assert problems(own(tmp_path, "questionnaires/worker.toml", text)) == [
        ("questionnaires/worker.toml", "items"),
        ("questionnaires/worker.toml", "items.q2.1.domain"),
    ]


def test_an_unknown_name_is_answered_with_those_that_are_known(tmp_path):
    text = asset("data", "questionnaires", "worker.toml").read_text(encoding="utf-8")
    text = text.replace(
        'column = "q1.1"\ndomain = "1"', 'column = "q1.1"\ndomain = "8"\noptional_for = ["STATUS:infromal"]'
    )
    with pytest.raises(DeclarationError) as refused:
        load(own(tmp_path, "questionnaires/worker.toml", text))
    said = [finding.en for finding in refused.value.findings]
    assert said == [
        'Unknown "8"; check its spelling. Possible: 1, 2, 3, 4, 5, 6, 7.',
        'Unknown "STATUS:infromal"; check its spelling. Possible: STATUS:informal, STATUS:formal.',
    ]


def test_two_provinces_on_one_tile_are_refused(tmp_path):
    text = asset("data", "groups", "provinces.csv").read_text(encoding="utf-8")
    root = own(tmp_path, "groups/provinces.csv", text.replace(",สป,9,5,", ",สป,9,4,"))
    assert problems(root) == [("groups/provinces.csv", "tile_row")]


README = """# Our data

| file | indicator | source | notes |
|---|---|---|---|
| u.csv | unemployment_rate | World Bank Global Economic Monitor | mean of months |
| i.csv | inflation, mpi | same | |
| s.csv | business_sentiment | Bank of Thailand EC_EI_005 | |
| x.csv | pmi | a friend of ours | |
"""


def test_a_table_of_the_readme_says_where_series_come_from(tmp_path):
    own(tmp_path, "README.md", README)
    found = load(tmp_path).indicators
    assert [
        found[name].source for name in ("unemployment_rate", "inflation", "mpi", "business_sentiment")
    ] == ["WB", "WB", "WB", "BOT"]
    assert found["pmi"].source == load(None).indicators["pmi"].source  # no producer of the register is named


def test_sources_toml_goes_before_the_readme(tmp_path):
    own(own(tmp_path, "README.md", README), "sources.toml", 'inflation = "BOT"\n')
    found = load(tmp_path).indicators
    assert found["inflation"].source == "BOT"
    assert found["unemployment_rate"].source == load(None).indicators["unemployment_rate"].source


def test_the_real_series_name_their_own_sources():
    found = load(shared("real")).indicators
    assert {found[name].source for name in ("unemployment_rate", "inflation", "mpi", "gdp_growth")} == {"WB"}
    assert found["private_investment"].source == "BOT"
