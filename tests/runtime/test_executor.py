"""The executor: the same results in the same order however many work, errors that come home whole, nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from reporter.domain.errors import FitError
from reporter.runtime.program import FEWEST_TASKS, Executor

pytestmark = pytest.mark.slow

_PROGRAM = """
import time
from reporter.runtime.program import Executor
if __name__ == "__main__":
    with Executor(2) as workers:
        print(list(workers.map(abs, range(-4, 0))), flush=True)
        for _ in workers.map(time.sleep, [0.1] * 4 + [600] * 4):
            pass
"""


def fail(item: int) -> int:
    raise FitError("ผิด", f"wrong {item}")


def worker_of(_: object) -> int:
    time.sleep(0.05)
    return os.getpid()


def workers_of(parent: int) -> set[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return {int(child) for child in children if "LokyProcess" in Path(f"/proc/{child}/cmdline").read_text()}


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_results_come_in_the_order_of_the_tasks(jobs, count):
    with Executor(jobs) as workers:
        assert list(workers.map(abs, iter(range(-count, 0)))) == list(range(count, 0, -1))


def test_tasks_are_taken_as_they_are_needed():
    taken = []

    def tasks():
        for task in range(50):
            taken.append(task)
            yield task

    for jobs in (1, 2):
        taken.clear()
        with Executor(jobs) as workers:
            assert next(iter(workers.map(abs, tasks()))) == 0
            assert len(taken) < 15


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_task_comes_home_whole_and_the_executor_works_on(jobs):
    with Executor(jobs) as workers:
        with pytest.raises(FitError) as told:
            list(workers.map(fail, range(6)))
        assert (told.value.th, told.value.en) == ("ผิด", "wrong 0")
        assert list(workers.map(abs, range(-5, 0))) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_begun_early_gives_its_result_when_asked(jobs):
    with Executor(jobs) as workers:
        result = workers.begin(os.getpid)
        assert (result() == os.getpid()) is (jobs == 1)
        with pytest.raises(FitError):
            workers.begin(partial(fail, 0))()


def test_a_few_tasks_start_no_worker_and_many_use_several():
    with Executor(2) as workers:
        assert set(workers.map(worker_of, range(FEWEST_TASKS - 1))) == {os.getpid()}
        used = set(workers.map(worker_of, range(12)))
        assert os.getpid() not in used and len(used) == 2
        assert set(workers.map(worker_of, range(2))) <= used  # the workers stay for later tasks


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_the_block():
    with Executor(2) as workers:
        used = set(workers.map(worker_of, range(12)))
    assert not any(is_alive(process) for process in used)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_cancelled_build_does_not_wait_for_its_workers():
    """Ctrl-C took half a minute: the task in hand was waited for."""
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Executor(2) as executor:
        executor.begin(partial(time.sleep, 60))
        raise KeyboardInterrupt
    assert time.monotonic() - began < 30  # a worker takes some seconds to start


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(_PROGRAM, encoding="utf-8")
    arguments = [sys.executable, str(script)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "[4, 3, 2, 1]\n"
        left = workers_of(program.pid)
        assert len(left) == 2
        program.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(is_alive(process) for process in left) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(is_alive(process) for process in left)
