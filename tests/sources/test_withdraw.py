"""A wrong delivery is taken back: what it said counts no more, what others said does, and the record says who did it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from reporter.commands.inputs import vintages_command
from reporter.domain.errors import StateError, UsageError
from reporter.inputs import vintages
from reporter.sources import answers, catalogue, fetching

DROP = """files = "mpi*.csv"
name = {th = "ก", en = "a"}
frequency = "monthly"
[[observations]]
series = "mpi"
value = "value"
period = {field = "period"}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sources" / "drop").mkdir(parents=True)
    (tmp_path / "sources" / "drop" / "oie.toml").write_text(DROP, encoding="utf-8")
    (tmp_path / "incoming").mkdir()
    return tmp_path


def run(root: Path, day: int) -> fetching.FetchRun:
    now = dt.datetime(2025, 11, day, 12, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    return fetching.FetchRun(catalogue.load(root), {}, root, {}, lambda: now, now.date())


def deliver(root: Path, day: int, rows: str) -> str:
    path = root / "incoming" / "mpi.csv"
    path.write_text("period,value\n" + rows, encoding="utf-8")
    outcome = fetching.take_in(run(root, day), path)
    assert outcome.error is None
    return answers.all_of(root)[-1].id


def known(root: Path, day: int | None = None) -> dict[str, float]:
    found = vintages.observations(root, None if day is None else dt.date(2025, 11, day))
    return dict(zip(found["period"], found["value"], strict=True))


def test_values_of_a_withdrawn_delivery_count_no_more_and_its_days_still_see_them(root):
    deliver(root, 1, "2025-08,100\n")
    wrong = deliver(root, 5, "2025-08,1000\n2025-09,900\n")
    assert known(root) == {"2025-08": 1000, "2025-09": 900}
    assert fetching.withdraw(run(root, 10), wrong, "ผอ.", "ผิดหน่วย") == (wrong, 2)
    assert known(root) == {"2025-08": 100}
    assert known(root, 6) == {"2025-08": 1000, "2025-09": 900}
    assert known(root, 11) == {"2025-08": 100}
    assert "ผิดหน่วย" in (root / "store" / "withdrawn.csv").read_text(encoding="utf-8")


def test_what_a_later_delivery_confirmed_stays(root):
    deliver(root, 1, "2025-08,100\n")
    wrong = deliver(root, 5, "2025-08,101\n2025-09,900\n")
    deliver(root, 7, "2025-08,101\n")  # the store keeps nothing of it: it said what counted
    fetching.withdraw(run(root, 10), wrong, "a", "b")
    assert known(root) == {"2025-08": 101}


def test_a_delivery_is_withdrawn_once_and_by_its_whole_id(root):
    wrong = deliver(root, 1, "2025-08,100\n")
    with pytest.raises(UsageError, match="0 deliveries"):
        fetching.withdraw(run(root, 2), "snapshots/files/none", "a", "b")
    fetching.withdraw(run(root, 2), wrong, "a", "b")
    with pytest.raises(StateError, match="before"):
        fetching.withdraw(run(root, 3), wrong, "a", "b")
    assert known(root) == {}


def test_the_command_lists_and_withdraws(root):
    wrong = deliver(root, 1, "2025-08,100\n")
    assert wrong in CliRunner().invoke(vintages_command, ["deliveries", "--data", str(root)]).output
    result = CliRunner().invoke(
        vintages_command, ["withdraw", wrong, "--by", "ผอ.", "--reason", "ผิด", "--data", str(root)]
    )
    assert result.exit_code == 0, result.output
    assert known(root) == {}
