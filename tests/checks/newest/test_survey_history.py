"""Survey files that are wrong as a whole are told once, untouched waves are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.checks.newest import survey_history
from reporter.checks.newest.surprise import limits
from reporter.checks.newest.survey_history import statistics
from reporter.domain.declarations import Declarations
from reporter.inputs.declared import load
from reporter.inputs.workspace import needs_waiver
from reporter.sample import groups
from reporter.surveys.responses import read
from tests.support.survey_faults import FAULTS, item_reversed, scale_reversed
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow

QUARTERS = pd.period_range("2023Q2", "2025Q3", freq="Q")
QUARTER = QUARTERS[-1]
FILES = ("employer", "worker")
CASES = [(survey, fault) for survey in FILES for fault in FAULTS[survey]]


@pytest.fixture(scope="module")
def texts(declarations: Declarations) -> dict[str, str]:
    """Survey files of ten waves of 1,500 answers."""
    kept = groups.RESPONDENTS, groups.SURVEY_QUARTERS
    groups.RESPONDENTS, groups.SURVEY_QUARTERS = 1500, QUARTERS
    try:
        return groups.make_surveys(declarations, np.random.default_rng(99))
    finally:
        groups.RESPONDENTS, groups.SURVEY_QUARTERS = kept


@pytest.fixture(scope="module")
def root(texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the waves."""
    root = tmp_path_factory.mktemp("surveys") / "workspace"
    for name, text in texts.items():
        path = root / "surveys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "series").mkdir()
    (root / "series" / "a.csv").write_text("indicator,period,value\npmi,2025-09,51\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def waves(root: Path, declarations: Declarations) -> dict[str, list[pd.DataFrame]]:
    """Answers of every wave of both surveys, in time order."""
    return {
        survey: [
            read(path, declarations.questionnaires[survey], declarations, quarter=quarter, root=root)[0]
            for quarter, path in zip(QUARTERS, sorted((root / "surveys" / survey).iterdir()), strict=True)
        ]
        for survey in FILES
    }


def told(
    earlier: list[pd.DataFrame], answers: pd.DataFrame, survey: str, declarations: Declarations
) -> list[str]:
    """What is told of a wave, by its subject's last word."""
    found = survey_history.check(
        earlier, answers, declarations.questionnaires[survey], where="x", quarter=QUARTER, limits=limits()
    )
    assert all(needs_waiver(one) for one in found)
    assert all(any("\u0e00" <= mark <= "\u0e7f" for mark in one.th) for one in found)
    return [one.subject.removeprefix(f"{survey} 2025-Q3 ") for one in found]


@pytest.mark.parametrize("survey", FILES)
def test_untouched_waves_need_no_answer(
    survey: str, waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    for at in range(4, len(QUARTERS)):
        assert told(waves[survey][:at], waves[survey][at], survey, declarations) == []


# A third of a cell's blanks in the employers' file are too few for their filling to matter.
@pytest.mark.parametrize(
    ("survey", "fault"), [case for case in CASES if case != ("employer", "blanks filled with 3")]
)
def test_every_fault_of_a_file_is_told_once(
    survey: str, fault: str, waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    altered = FAULTS[survey][fault](waves[survey][-1], declarations.questionnaires[survey])
    assert len(told(waves[survey][:-1], altered, survey, declarations)) == 1


def test_two_faults_are_two_findings(
    waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    form = declarations.questionnaires["worker"]
    altered = item_reversed(item_reversed(waves["worker"][-1], form, 2), form, 9).drop(
        columns=["rank1", "rank2"]
    )
    items = [item.column for item in form.items]
    assert sorted(told(waves["worker"][:-1], altered, "worker", declarations)) == sorted(
        [items[2], items[9], "ranks"]
    )


def test_rows_of_the_wave_before_are_told_as_such(
    waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    own = waves["worker"]
    mixed = pd.concat([own[-1].iloc[:1000], own[-2].iloc[:500].assign(respondent_id="n")], ignore_index=True)
    assert told(own[:-1], own[-2], "worker", declarations) == ["rows"]
    assert told(own[:-1], mixed, "worker", declarations) == ["rows"]


def test_three_waves_are_too_few_for_a_spread(
    waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    own = waves["employer"]
    altered = scale_reversed(own[-1], declarations.questionnaires["employer"])
    assert told(own[:3], altered, "employer", declarations) == []
    assert told([], altered, "employer", declarations) == []
    assert told(own[:4], altered, "employer", declarations) == ["ratings"]


def test_a_group_that_stays_away_is_told_and_one_that_is_small_is_not(
    waves: dict[str, list[pd.DataFrame]], declarations: Declarations
) -> None:
    own = waves["employer"]
    without = own[-1][own[-1]["skill"] != "high"]
    assert "skill" in " ".join(told(own[:-1], without, "employer", declarations)) or told(
        own[:-1], without, "employer", declarations
    ) == ["sample"]
    rarest = own[-1]["industry"].value_counts().index[-1]
    assert told(own[:-1], own[-1][own[-1]["industry"] != rarest], "employer", declarations) == []


def test_check_tells_a_scale_that_was_turned_round_with_the_index(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "workspace")
    path = own / "surveys" / "employer" / "2025-Q3.csv"
    answers = pd.read_csv(path, dtype=str)
    items = [
        name
        for name in answers
        if name[0] == "q" or name in ("overall", "productivity", "digital", "self_development")
    ]
    answers[items] = (6 - answers[items].astype(float)).astype("Int64").astype(str).replace("<NA>", "")
    answers.to_csv(path, index=False)
    (one,) = [found for found in check_workspace(own, QUARTER) if found.rule == "newest.survey"]
    assert one.where == "surveys/employer/2025-Q3.csv"
    assert one.subject == "employer 2025-Q3 ratings"
    assert "the confidence index is about" in one.en
    assert "ดัชนีความเชื่อมั่น" in one.th


def test_an_item_that_is_missing_is_told_once(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "workspace")
    path = own / "surveys" / "worker" / "2025-Q3.csv"
    pd.read_csv(path, dtype=str).drop(columns=["q3.1"]).to_csv(path, index=False)
    found = [one for one in check_workspace(own, QUARTER) if needs_waiver(one)]
    assert [one.rule for one in found] == ["survey.missing_item"]


def test_missing_ranks_must_be_answered_for(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "workspace")
    path = own / "surveys" / "worker" / "2025-Q3.csv"
    pd.read_csv(path, dtype=str).drop(columns=["rank4"]).to_csv(path, index=False)
    found = [one for one in check_workspace(own, QUARTER) if needs_waiver(one)]
    assert [one.subject for one in found] == ["worker 2025-Q3 ranks"]
    assert not [one for one in check_workspace(own, QUARTER - 1) if needs_waiver(one)]


def test_a_rating_that_is_lost_shows_although_negative_items_are_turned() -> None:
    form = load().questionnaires["worker"]
    rng = np.random.default_rng(3)
    answers = pd.DataFrame({item.column: rng.integers(1, 6, 300).astype(float) for item in form.items})
    lost = statistics(answers.clip(upper=4), form)
    assert statistics(answers, form)["ticked 5"].value > 0.1
    assert lost["ticked 5"].value == 0
    assert lost["rating 5"].value > 0
