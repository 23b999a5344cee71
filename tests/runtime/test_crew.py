"""The crew: the same results in the same order however many work, forked or not, and nobody left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reporter.runtime.crew import Crew

_FORKED = """
import os, sys, time
from reporter.runtime.crew import Crew
if __name__ == "__main__":
    with Crew(2, os.getpid) as crew:
        own = crew.begin(os.getpid)()
        print(own, os.getppid() if own == os.getpid() else os.getpid(), crew.each(abs, [-1, 2, -3]), flush=True)
        if sys.argv[1] == "wait":
            crew.begin(time.sleep, 600)
            time.sleep(600)
"""


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order_from_any_number(jobs):
    with Crew(jobs) as crew:
        assert crew.each(divmod, [7, 8, 9, 10], 3) == [(2, 1), (2, 2), (3, 0), (3, 1)]
        assert crew.begin(max, 3, 5)() == 5


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_what_is_begun_gives_its_results_when_asked(jobs):
    with Crew(jobs) as crew:
        first, none = crew.begin_each(divmod, [7, 8, 9, 10], 3), crew.begin_each(divmod, [], 3)
        second = crew.begin_each(pow, [2, 3, 4], 2)
        assert second() == [4, 9, 16]
        assert first() == [(2, 1), (2, 2), (3, 0), (3, 1)]
        assert none() == []


@pytest.fixture
def another_thread():
    """A process with several threads is not forked."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.parametrize("failing", range(4))
def test_processes_that_are_started_anew_give_the_same_and_tell_errors(another_thread, failing):
    tasks = [5, 5, 5, 5]
    with Crew(2) as crew:
        assert crew.each(divmod, [7, 8, 9, 10], 3) == [(2, 1), (2, 2), (3, 0), (3, 1)]
        tasks[failing] = None
        with pytest.raises(TypeError):
            crew.each(divmod, tasks, 3)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_work_reaches_the_caller(jobs):
    with Crew(jobs) as crew, pytest.raises(ZeroDivisionError):
        crew.each(divmod, [1, 2, 3], 0)


def _start(script: Path, what: str) -> subprocess.Popen:
    script.write_text(_FORKED, encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script), what], stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_process_with_one_thread_is_forked_and_ends_by_itself(tmp_path):
    program = _start(tmp_path / "program.py", "end")
    said, _ = program.communicate(timeout=60)
    helper, parent, *results = said.split(maxsplit=2)
    assert helper != parent and results == ["[1, 2, 3]\n"]
    assert program.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_nobody_is_left_when_the_program_is_killed(tmp_path):
    program = _start(tmp_path / "program.py", "wait")
    assert program.stdout is not None
    helper = int(program.stdout.readline().split()[0])
    os.kill(helper, 0)
    program.send_signal(signal.SIGKILL)
    program.wait(timeout=60)
    program.stdout.close()
    for _ in range(100):
        if _gone(helper):
            return
        time.sleep(0.1)
    pytest.fail("a helper lives on")


def _gone(number: int) -> bool:
    """Ended, even if nobody has asked for its exit status yet."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"
