"""Kills, full disks and other faults of the machine: the old output whole, nothing half, clear words.

Kills of whole builds: tests/bench/bench_kill.py.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reporter import cli
from reporter.domain.errors import ReporterError
from reporter.runtime.cache import new_folder, write_bytes
from tests.support.kills import QUARTER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_a_kill_at_any_step_of_the_swap_leaves_the_old_or_the_new_and_the_next_run_is_clean(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_points", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    points = [line.split(" ", 3) for line in told]
    assert len(points) > 12 and points[-1][1] == "ended"
    assert {found for _, found, _, _ in points[:-1]} == {"old", "new"}
    assert {(standing, rest) for _, _, standing, rest in points} == {("old", QUARTER)}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["fsync", "mkdir"])
def test_a_disk_that_refuses_is_one_clear_error_and_the_old_folder_stands(
    tmp_path, monkeypatch, number, call
):
    target = tmp_path / "out" / QUARTER
    with new_folder(target) as folder:
        (folder / "a").write_text("old")

    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(ReporterError) as refused, new_folder(target) as folder:
        (folder / "a").write_text("new")
    monkeypatch.undo()
    assert any("\u0e00" <= mark <= "\u0e7f" for mark in refused.value.th) and refused.value.exit_status == 1
    assert (target / "a").read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == [QUARTER]


def test_a_full_disk_in_the_middle_of_a_file_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="large"):
            write_bytes(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "refused"),
        (MemoryError(), "Out of memory"),
    ],
)
def test_faults_of_the_machine_are_told_in_words(monkeypatch, capsys, fault, words):
    def fail(*arguments, **options):
        raise fault

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main(["check"])
    assert ended.value.code == 1
    assert words in capsys.readouterr().err


def test_a_full_standard_output_is_no_traceback(tmp_path):
    (tmp_path / "series").mkdir()
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "reporter", "check", "--data", str(tmp_path)],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert told.returncode == 1 and "Traceback" not in told.stderr, told.stderr
