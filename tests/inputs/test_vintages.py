"""The store of vintages: append-only, as of a date, safe against a kill and a second run."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from reporter.domain import schema
from reporter.domain.errors import VintageError
from reporter.inputs import vintages

pytestmark = pytest.mark.slow


def answer(
    day: str,
    values: dict[str, float],
    indicator: str = "vacancies",
    group: str = "TH",
    adjusted: bool = False,
):
    """An answer received at noon of a day: period -> value."""
    return pd.DataFrame(
        {
            "indicator": indicator,
            "group": group,
            "period": list(values),
            "frequency": ["Q" if "Q" in period else "M" for period in values],
            "value": [float(value) for value in values.values()],
            "as_of": pd.Timestamp(f"{day} 12:00"),
            "adjusted": adjusted,
            "source": "mol:test",
            "snapshot": f"mol/{day}",
            "published": pd.NaT,
        }
    )


def known(root: Path, day: str | None = None) -> dict[str, float]:
    found = vintages.observations(root, None if day is None else dt.date.fromisoformat(day))
    return dict(zip(found["period"], found["value"], strict=True))


def test_a_workspace_without_a_store_has_no_observations(tmp_path):
    found = vintages.observations(tmp_path)
    assert list(found.columns) == schema.columns("observations")
    assert found.empty
    assert not (tmp_path / "store").exists()


def test_the_newest_value_not_later_than_the_day_counts(tmp_path):
    vintages.append(tmp_path, answer("2025-01-10", {"2024-11": 100, "2024-12": 110}))
    vintages.append(tmp_path, answer("2025-02-10", {"2024-12": 111.5, "2025-01": 120}))
    assert known(tmp_path) == {"2024-11": 100, "2024-12": 111.5, "2025-01": 120}
    assert known(tmp_path, "2025-02-09") == {"2024-11": 100, "2024-12": 110}
    assert known(tmp_path, "2025-02-10") == {"2024-11": 100, "2024-12": 111.5, "2025-01": 120}
    assert known(tmp_path, "2025-01-09") == {}


def test_the_same_answer_twice_adds_no_vintage(tmp_path):
    first = vintages.append(tmp_path, answer("2025-01-10", {"2024-11": 0.1 + 0.2, "2024-12": 110}))
    before = vintages.segments(tmp_path)
    second = vintages.append(tmp_path, answer("2025-01-11", {"2024-11": 0.1 + 0.2, "2024-12": 110}))
    assert (first, second) == (vintages.Added(new=2), vintages.Added(unchanged=2))
    assert vintages.segments(tmp_path) == before
    assert len(vintages.history(tmp_path)) == 2


def test_a_value_that_comes_back_is_a_vintage_of_its_own(tmp_path):
    for day, value in [("2025-01-10", 1), ("2025-02-10", 2), ("2025-03-10", 1)]:
        vintages.append(tmp_path, answer(day, {"2024-12": value}))
    assert vintages.history(tmp_path)["value"].tolist() == [1, 2, 1]
    assert known(tmp_path) == {"2024-12": 1}


def test_new_revised_and_unchanged_are_counted(tmp_path):
    vintages.append(tmp_path, answer("2025-01-10", {"2024-10": 1, "2024-11": 2}))
    added = vintages.append(tmp_path, answer("2025-02-10", {"2024-10": 1, "2024-11": 3, "2024-12": 4}))
    assert added == vintages.Added(new=1, revised=1, unchanged=1)


def test_values_keep_their_last_digit(tmp_path):
    value = 71.08000000000001
    vintages.append(tmp_path, answer("2025-01-10", {"2024-12": value}))
    assert known(tmp_path)["2024-12"] == value


def test_groups_and_series_are_apart(tmp_path):
    vintages.append(tmp_path, answer("2025-01-10", {"2024-12": 1}))
    vintages.append(tmp_path, answer("2025-01-10", {"2024-12": 2}, group="PROVINCE:TH-10"))
    vintages.append(tmp_path, answer("2025-01-10", {"2024-Q4": 3}, indicator="average_wage"))
    found = vintages.observations(tmp_path)
    assert found[["indicator", "group", "frequency", "value"]].to_numpy().tolist() == [
        ["average_wage", "TH", "Q", 3],
        ["vacancies", "PROVINCE:TH-10", "M", 2],
        ["vacancies", "TH", "M", 1],
    ]
    assert vintages.observations(tmp_path, indicators=["average_wage"])["value"].tolist() == [3]


def test_yearly_records_and_other_groups_stay_out_of_the_index(tmp_path):
    rows = answer("2025-01-10", {"2025": 7}, indicator="fiscal_budget").assign(frequency="Y")
    vintages.append(tmp_path, rows)
    vintages.append(
        tmp_path, answer("2025-01-10", {"2025-01": 8}, indicator="fiscal_x", group="STRATEGY:ความมั่นคง")
    )
    assert vintages.observations(tmp_path).empty
    assert vintages.records(tmp_path, prefix="fiscal_")["value"].tolist() == [7, 8]


def test_a_repeated_key_in_one_answer_is_refused(tmp_path):
    twice = pd.concat([answer("2025-01-10", {"2024-12": 1}), answer("2025-01-10", {"2024-12": 2})])
    with pytest.raises(ValueError, match="one value"):
        vintages.append(tmp_path, twice)


def test_rebuilding_from_the_answers_keeps_what_appending_kept(tmp_path):
    parts = [
        answer("2025-01-10", {"2024-10": 1, "2024-11": 2}),
        answer("2025-02-10", {"2024-10": 1, "2024-11": 3}),
        answer("2025-03-10", {"2024-10": 1, "2024-11": 2}, adjusted=True),
    ]
    for part in parts:
        vintages.append(tmp_path, part)
    (rebuilt,) = vintages.changes(parts)
    expected = vintages.history(tmp_path)
    found = rebuilt.sort_values(["indicator", "group", "period", "as_of"]).reset_index(drop=True)
    assert found["value"].tolist() == expected["value"].tolist() == [1, 1, 2, 3, 2]
    assert found["as_of"].tolist() == expected["as_of"].tolist()


def test_a_half_written_segment_counts_for_nothing(tmp_path):
    vintages.append(tmp_path, answer("2025-01-10", {"2024-12": 1}))
    (tmp_path / "store" / "vintages" / ".000002.parquet.part").write_bytes(b"PAR1 half")
    assert known(tmp_path) == {"2024-12": 1}
    vintages.append(tmp_path, answer("2025-02-10", {"2024-12": 2}))
    assert [path.name for path in sorted((tmp_path / "store" / "vintages").iterdir())] == [
        "000001.parquet",
        "000002.parquet",
    ]


def test_a_later_revision_leaves_the_days_state_as_it_was_to_the_last_digit(tmp_path):
    values = {f"2024-{month:02d}": 100 / month + 1e-13 for month in range(1, 13)}
    vintages.append(tmp_path, answer("2025-01-10", values))
    then = vintages.observations(tmp_path)
    vintages.append(
        tmp_path, answer("2025-02-10", {period: value + 1e-12 for period, value in values.items()})
    )
    vintages.append(tmp_path, answer("2025-02-11", {"2024-01": 5.0}, indicator="placements"))
    pd.testing.assert_frame_equal(
        vintages.observations(tmp_path, dt.date(2025, 1, 31)), then, check_exact=True
    )
    assert not vintages.observations(tmp_path).equals(then)


def test_a_damaged_segment_is_told_with_the_remedy(tmp_path):
    vintages.append(tmp_path, answer("2025-01-10", {"2024-12": 1}))
    vintages.segments(tmp_path)[0].write_bytes(b"not parquet")
    with pytest.raises(VintageError, match="vintages rebuild"):
        vintages.observations(tmp_path)


def test_a_busy_store_is_told_after_the_patience(tmp_path):
    with (
        vintages.alone(tmp_path),
        pytest.raises(VintageError, match="Another run"),
        vintages.alone(tmp_path, patience=0.1),
    ):
        pass


def _append_many(root: Path, worker: int) -> None:
    for number in range(6):
        vintages.append(root, answer("2025-01-10", {f"20{worker:02d}-{number + 1:02d}": number}))


def test_two_runs_at_once_lose_nothing(tmp_path):
    workers = [
        multiprocessing.get_context("fork").Process(target=_append_many, args=(tmp_path, n)) for n in (11, 12)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(known(tmp_path)) == 12


def _append_forever(root: Path) -> None:
    month = 0
    while True:
        month += 1
        vintages.append(root, answer("2025-01-10", {f"{2000 + month // 12}-{month % 12 + 1:02d}": month}))


def test_a_kill_at_any_moment_leaves_a_store_that_opens_and_lacks_nothing(tmp_path):
    held: dict[str, float] = {}
    for wait in (0.05, 0.11, 0.17, 0.23, 0.31):
        worker = multiprocessing.get_context("fork").Process(target=_append_forever, args=(tmp_path,))
        worker.start()
        time.sleep(wait)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        now = known(tmp_path)
        assert held.items() <= now.items()
        held = now
    assert held
    vintages.append(tmp_path, answer("2025-02-10", {"1999-12": 1}))
    assert known(tmp_path)["1999-12"] == 1
