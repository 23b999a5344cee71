"""Checks of the inputs that are kept: the same findings while nothing has changed, and never longer than their day."""

import datetime as dt

import pytest

from reporter.domain.errors import Finding
from reporter.domain.periods import parse_quarter, today_in_bangkok
from reporter.pipeline import issue_cache
from reporter.pipeline.issue_cache import InputCheck, checked_inputs
from reporter.runtime.cache import StageCache

pytestmark = pytest.mark.slow

FOUND = [Finding("warning", "series/economy.csv", "ผิด", "wrong", row=3)]


@pytest.fixture
def asked(tmp_path):
    root = tmp_path / "workspace"
    (root / "series").mkdir(parents=True)
    (root / "series" / "economy.csv").write_text("indicator,group,period,value\n", encoding="utf-8")
    return InputCheck(root, parse_quarter("2025-Q3"), is_final=True)


@pytest.fixture
def check(tmp_path):
    """Runs the check and counts how often it was done."""
    cache, done = StageCache(tmp_path / "cache"), []

    def run(asked: InputCheck) -> int:
        assert checked_inputs(asked, cache, lambda: done.append(asked) or FOUND) == FOUND
        return len(done)

    return run


def test_a_check_of_unchanged_inputs_is_done_once(asked, check):
    assert [check(asked), check(asked)] == [1, 1]


def test_another_file_another_strictness_or_another_quarter_is_another_check(asked, check):
    check(asked)
    assert check(InputCheck(asked.root, asked.quarter, is_final=False)) == 2
    assert check(InputCheck(asked.root, None, is_final=True)) == 3
    (asked.root / "waivers.toml").write_text("", encoding="utf-8")
    assert check(asked) == 4


def test_a_check_is_good_for_its_day_because_it_finds_values_of_the_future(asked, check, monkeypatch):
    tomorrow = today_in_bangkok() + dt.timedelta(days=1)

    check(asked)
    monkeypatch.setattr(issue_cache, "today_in_bangkok", lambda: tomorrow)
    assert check(asked) == 2


def test_a_workspace_that_is_not_there_is_checked_each_time(asked, check):
    missing = InputCheck(asked.root / "nowhere", asked.quarter, is_final=True)
    assert [check(missing), check(missing)] == [1, 2]
