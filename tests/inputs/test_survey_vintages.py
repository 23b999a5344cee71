"""The answers' store of vintages: late forms and corrections leave what was known before as it was."""

import datetime as dt

import pandas as pd
import pytest

from reporter.inputs.workspace import open_workspace

QUARTER = pd.Period("2025Q3")
FIRST, SECOND = dt.date(2025, 11, 1), dt.date(2025, 12, 5)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "series").mkdir()
    folder = tmp_path / "surveys/worker"
    folder.mkdir(parents=True)
    (folder / "2025-Q3.csv").write_text("answers\n1\n")
    return tmp_path


def known(root, day):
    files = open_workspace(root, answers_on=day).survey_files("worker")
    return {quarter: path.read_text() for quarter, path in files.items()}


def test_a_correction_does_not_change_what_was_known_before(root):
    assert len(open_workspace(root).keep_answers(FIRST)) == 1
    (root / "surveys/worker/2025-Q3.csv").write_text("answers\n1\n2\n")
    assert len(open_workspace(root).keep_answers(SECOND)) == 1
    assert known(root, dt.date(2025, 11, 20)) == {QUARTER: "answers\n1\n"}
    assert known(root, SECOND) == {QUARTER: "answers\n1\n2\n"}
    assert open_workspace(root).survey_files("worker")[QUARTER].parent.name == "worker"


def test_the_same_bytes_are_kept_once(root):
    open_workspace(root).keep_answers(FIRST)
    assert open_workspace(root).keep_answers(SECOND) == []


def test_a_quarter_that_came_later_was_not_known(root):
    open_workspace(root).keep_answers(SECOND)
    assert known(root, FIRST) == {}


def test_files_never_kept_are_taken_as_they_stand(root):
    assert known(root, FIRST) == {QUARTER: "answers\n1\n"}


def test_a_withdrawn_file_is_still_known_for_its_day(root):
    open_workspace(root).keep_answers(FIRST)
    (root / "surveys/worker/2025-Q3.csv").unlink()
    assert known(root, SECOND) == {QUARTER: "answers\n1\n"}
    assert open_workspace(root).survey_files("worker") == {}
