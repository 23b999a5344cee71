import enum
import os
import subprocess
import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.runtime import cache as caching
from reporter.runtime.cache import StageCache, digest

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


MONTHS = pd.period_range("2024-01", periods=300, freq="M")


@pytest.mark.parametrize(
    "other",
    [
        pd.Series(np.arange(300.0), MONTHS).replace(
            150.0, 150.5
        ),  # in the middle, which a printed series leaves out
        pd.Series(np.arange(300.0), MONTHS + 1),
        pd.Series(np.arange(300.0), MONTHS, name="value"),
        pd.Series(np.arange(300), MONTHS),
    ],
)
def test_any_change_of_a_series_changes_its_digest(other):
    series = pd.Series(np.arange(300.0), MONTHS)
    assert digest(series) == digest(series.copy())
    assert digest(other) != digest(series)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Model:
    name: str
    values: pd.Series


def test_objects_are_told_apart_by_their_parts():
    assert digest(Colour.RED) != digest(Colour.BLUE)
    first, second = (Model("a", pd.Series(np.arange(n))) for n in (400, 401))
    assert digest(first) == digest(Model("a", pd.Series(np.arange(400))))
    assert len({digest(first), digest(second), digest(Model("b", first.values))}) == 3
    assert digest({"x", "y", "z"}) == digest({"z", "y", "x"})


def test_files_are_told_apart_by_their_bytes_never_by_their_time(tmp_path):
    file, same = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("1")
    same.write_text("1")
    os.utime(same, (1, 1))
    assert digest(file) == digest(same)
    known = file.stat()
    file.write_text("2")
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert digest(file) != digest(same)
    assert digest(tmp_path / "missing") != digest(file)


def test_what_cannot_be_told_for_certain_is_no_key():
    with pytest.raises(TypeError, match="no digest of object"):
        digest({"key": object()})
    with pytest.raises(TypeError):
        digest(lambda: 1)


def test_code_libraries_and_fonts_are_part_of_every_key(tmp_path, monkeypatch):
    before = StageCache(tmp_path).key("same inputs")
    caching.environment.cache_clear()
    monkeypatch.setattr(caching, "versions", lambda: {"code": "another"})
    try:
        assert StageCache(tmp_path).key("same inputs") != before
    finally:
        caching.environment.cache_clear()


def test_a_library_installed_since_is_part_of_every_key(tmp_path, monkeypatch):
    before = StageCache(tmp_path).key("same inputs")
    (tmp_path / "site" / "another_library-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    caching.environment.cache_clear()
    try:
        assert StageCache(tmp_path).key("same inputs") != before
    finally:
        caching.environment.cache_clear()


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


@pytest.mark.parametrize("damage", [b"", b"x" * 10, b"\0" * 200])
def test_a_truncated_or_overwritten_entry_counts_as_absent(tmp_path, damage):
    cache = StageCache(tmp_path)
    cache.store("stage", "key", list(range(100)))
    next(tmp_path.glob("stage-*")).write_bytes(damage)
    assert cache.stored("stage", "key") is None
    cache.store("stage", "key", "again")
    assert cache.stored("stage", "key") == "again"


def test_an_entry_of_another_version_counts_as_absent(tmp_path, monkeypatch):
    """Its objects may be of modules that this version has no more."""
    module = types.ModuleType("reporter.module_of_before")
    exec("class Result: pass", module.__dict__)
    module.Result.__module__ = module.__name__
    monkeypatch.setitem(sys.modules, module.__name__, module)
    cache = StageCache(tmp_path)
    cache.store("stage", "key", module.Result())
    assert cache.stored("stage", "key") is not None
    monkeypatch.delitem(sys.modules, module.__name__)
    assert cache.stored("stage", "key") is None


def test_the_folder_may_go_at_any_moment(tmp_path):
    cache = StageCache(tmp_path / "cache")
    cache.store("stage", "key", 1)
    for entry in (tmp_path / "cache").iterdir():
        entry.unlink()
    (tmp_path / "cache").rmdir()
    assert cache.stored("stage", "key") is None
    cache.trim()
    cache.store("stage", "key", 2)
    assert cache.stored("stage", "key") == 2


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = StageCache(tmp_path, largest_bytes=3500)
    for age, key in enumerate(("new", "middle", "old")):
        cache.store("stage", key, bytes(1000))
        os.utime(tmp_path / f"stage-{key}", (time.time() - age * 100 - 50,) * 2)
    assert cache.stored("stage", "old") is not None  # used now: no longer the oldest
    cache.store("stage", "newest", bytes(1000))
    cache.trim()
    assert {path.name for path in tmp_path.iterdir()} == {"stage-old", "stage-new", "stage-newest"}


WRITER = """
import sys
from pathlib import Path
from reporter.runtime.cache import StageCache
cache = StageCache(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    cache.store("stage", "key", bytes(3_000_000))
"""


def test_a_kill_leaves_whole_entries_and_what_it_left_behind_is_cleared(tmp_path):
    for delay in (0.0, 0.013):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        time.sleep(0.05 + delay)
        writer.kill()
        writer.communicate()
        assert StageCache(tmp_path).stored("stage", "key") in (None, bytes(3_000_000))
    (tmp_path / ".left.part").write_bytes(b"half")
    os.utime(tmp_path / ".left.part", (1, 1))
    StageCache(tmp_path).trim()
    assert not (tmp_path / ".left.part").exists()


def test_two_builds_may_write_and_trim_the_same_cache(tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        for _ in range(2)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        small, seen = StageCache(tmp_path, largest_bytes=0), 0
        for _ in range(60):
            value = StageCache(tmp_path).stored("stage", "key")
            assert value in (None, bytes(3_000_000))
            seen += value is not None
            small.trim()
        assert all(writer.poll() is None for writer in writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def test_no_folder_keeps_nothing():
    assert StageCache(None).result("stage", 1, lambda: 1) == 1
    assert StageCache(None).result("stage", 1, lambda: 2) == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    (tmp_path / "file").write_text("")
    assert StageCache(tmp_path / "file" / "cache").result("stage", 1, lambda: 1) == 1
