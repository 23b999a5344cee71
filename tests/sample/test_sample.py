"""The synthetic sample: same seed, same bytes; levels that a Thai labour economist would accept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.domain.errors import StateError
from reporter.inputs.workspace import Workspace, open_workspace
from reporter.sample import generate, make_blank
from reporter.sample.groups import make_series, make_surveys
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("sample") / "w"
    assert generate(root)
    return open_workspace(root)


@pytest.fixture(scope="module")
def nation(workspace: Workspace) -> pd.DataFrame:
    found = workspace.observations()
    return found[found["group"] == "TH"].pivot(index="period", columns="indicator", values="value")


def test_same_seed_same_bytes_other_seed_other_bytes(declarations):
    def texts(seed: int) -> dict[str, str]:
        return make_series(declarations, np.random.default_rng(seed))

    first = texts(1)
    assert texts(1) == first
    assert texts(2)["wages.csv"] != first["wages.csv"]


def test_all_38_indicators_reach_the_newest_quarters(nation, declarations):
    assert set(declarations.indicators) | set(declarations.macro) <= set(nation.columns)
    newest = nation.loc[nation.index.str.startswith("2025")]
    assert newest[list(declarations.indicators)].notna().any().all()
    ends = nation[list(declarations.indicators)].apply(pd.Series.last_valid_index)
    assert 3 <= (ends.isin(["2025-Q2", "2025-08"])).sum() <= 12  # a ragged edge


@pytest.mark.parametrize(
    ("indicator", "period", "low", "high"),
    [
        ("unemployment_rate", "2019-Q4", 0.7, 1.2),
        ("unemployment_rate", "2020-Q2", 1.6, 2.6),
        ("unemployment_rate", "2025-Q2", 0.7, 1.1),
        ("participation_rate", "2024-Q3", 66.5, 70),
        ("average_wage", "2011-Q1", 9000, 10300),
        ("average_wage", "2013-Q3", 11500, 13000),
        ("average_wage", "2025-Q2", 14500, 17000),
        ("gdp_growth", "2020-Q2", -13, -11),
        ("inflation", "2022-08", 6, 9),
        ("pmi", "2019-03", 48, 54),
        ("sso_unemployment_rate", "2020-09", 3, 5),
        ("social_security_coverage", "2025-Q1", 58, 66),
    ],
)
def test_levels_and_history(nation, indicator, period, low, high):
    assert low < nation.loc[period, indicator] < high


def test_insured_persons_near_12_million(nation):
    people_15_plus = 59.3  # million
    assert 11.5 < nation.loc["2025-06", "sso_employment_rate"] / 100 * people_15_plus < 13


def test_flood_shock_and_farm_seasons(nation):
    assert nation.loc["2011-11", "mpi"] < 0.75 * nation.loc["2011-08", "mpi"]
    assert nation.loc["2020-04", "mpi"] < 0.9 * nation.loc["2020-01", "mpi"]
    participation = nation["participation_rate"].dropna()
    third, first = (
        participation[participation.index.str.endswith("Q3")],
        participation[participation.index.str.endswith("Q1")],
    )
    assert third.mean() - first.mean() > 1


def test_provinces_average_to_their_region_and_vacancies_add_up(workspace, declarations):
    found = workspace.observations()
    vacancies = found[(found["indicator"] == "vacancies") & (found["period"] == "2025-06")].set_index(
        "group"
    )["value"]
    for kind in ("REGION", "PROVINCE", "INDUSTRY"):
        total = vacancies[vacancies.index.str.startswith(kind)].sum()
        assert total == pytest.approx(vacancies["TH"], rel=0.005)  # every group is rounded to whole positions


def test_revisions_are_vintages(workspace):
    history = workspace.observation_history()
    growth = history[(history["indicator"] == "gdp_growth") & history["period"].str.startswith("2024")]
    known = growth.groupby("period")["value"]
    assert known.size().tolist() == [2, 2, 2, 2]
    assert (known.nunique() == 2).sum() >= 3  # a revision may round to nothing


def test_surveys_are_large_and_provinces_uneven(declarations):
    from reporter.sample import groups

    kept = groups.SURVEY_QUARTERS
    assert len(kept) == 13
    groups.SURVEY_QUARTERS = kept[-1:]
    try:
        files = make_surveys(declarations, np.random.default_rng(3))
    finally:
        groups.SURVEY_QUARTERS = kept
    assert set(files) == {"employer/2025-Q3.csv", "worker/2025-Q3.csv"}
    for text in files.values():
        lines = text.split("\n")
        assert 5600 < len(lines) < 6400
        provinces = pd.Series([line.split(",", 2)[1] for line in lines[1:-1]]).value_counts()
        assert len(provinces) == 77
        assert 5 <= (provinces < 30).sum() <= 20


def test_sample_passes_its_own_check(workspace):
    found = check_workspace(workspace, pd.Period("2025Q3"))
    assert [str(f) for f in found if f.severity != "note"] == []


def test_sample_says_that_it_is_synthetic(workspace):
    assert workspace.settings.synthetic
    assert all(recipient.email.endswith("@example.org") for recipient in workspace.recipients())
    assert len(workspace.commentary(pd.Period("2025Q3")).factors) >= 5


def test_second_run_changes_nothing_and_other_peoples_data_are_left_alone(workspace, tmp_path):
    assert generate(workspace.root) is False
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "mine.csv").write_text("x")
    with pytest.raises(StateError, match="no sample"):
        generate(tmp_path)
    assert (tmp_path / "series" / "mine.csv").read_text() == "x"


def test_interrupted_run_is_mended_by_the_next(workspace):
    mark = workspace.root / ".generated"
    whole = mark.read_text()
    (workspace.root / "series" / "wages.csv").unlink()
    mark.write_text("incomplete\n")
    assert generate(workspace.root) is True
    assert (workspace.root / "series" / "wages.csv").is_file()
    assert mark.read_text() == whole


def test_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    for make in (generate, make_blank):
        with pytest.raises(StateError, match="cannot be written"):
            make(tmp_path / "file" / "below")


def test_new_workspace_lacks_data_only_and_is_not_made_twice(tmp_path: Path):
    root = tmp_path / "new"
    assert (root / "README.md") in make_blank(root)
    assert list((root / "series").iterdir()) == []
    assert [f.rule for f in check_workspace(root, pd.Period("2025Q3")) if f.severity != "note"] == [
        "series.none"
    ]
    with pytest.raises(StateError, match="not empty"):
        make_blank(root)


def test_dimensions_are_not_one_cycle_in_disguise(nation):
    quarterly = nation[nation.index.str.contains("-Q")].dropna(subset=["unemployment_rate"])
    rates = ["participation_rate", "layoff_rate", "work_injury_rate", "youth_unemployment_rate"]
    yearly = quarterly[["unemployment_rate", *rates]].diff(4).corr()["unemployment_rate"][rates].abs()
    assert yearly.max() < 0.9
    assert yearly.min() < 0.5
