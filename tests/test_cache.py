import numpy as np
import pandas as pd
import pytest

from reporter.cache import StageCache, digest

FRAME = pd.DataFrame({"indicator": ["mpi", "pmi"], "value": [1.0, np.nan]})


@pytest.mark.parametrize(
    "other",
    [
        FRAME.assign(value=[1.0, 2.0]),
        FRAME.assign(value=[1.0 + 1e-15, np.nan]),
        FRAME.rename(columns={"value": "values"}),
        FRAME.iloc[::-1],
        FRAME.astype({"value": "float32"}),
    ],
)
def test_any_change_of_a_frame_changes_its_digest(other):
    assert digest(FRAME) == digest(FRAME.copy())
    assert digest(other) != digest(FRAME)


def test_parts_do_not_run_into_each_other():
    assert digest(("ab", "c")) != digest(("a", "bc"))
    assert digest(1) != digest("1")


def test_a_result_is_computed_once_for_the_same_inputs(tmp_path):
    calls = []
    cache = StageCache(tmp_path / "cache")
    for value in (1, 1, 2):
        cache.result("stage", value, lambda v=value: calls.append(v) or {"v": v})
    assert calls == [1, 2]


def test_a_damaged_entry_counts_as_absent(tmp_path):
    cache = StageCache(tmp_path)
    assert cache.result("stage", 1, lambda: "first") == "first"
    entry = next(tmp_path.glob("stage-*"))
    entry.write_bytes(entry.read_bytes()[:-1])
    assert cache.result("stage", 1, lambda: "again") == "again"


def test_no_folder_keeps_nothing():
    assert StageCache(None).result("stage", 1, lambda: 1) == 1
    assert StageCache(None).result("stage", 1, lambda: 2) == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    (tmp_path / "file").write_text("")
    assert StageCache(tmp_path / "file" / "cache").result("stage", 1, lambda: 1) == 1
