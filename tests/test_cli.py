"""The command as a program: its exit status, and that nothing that it said is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

_FULL = Path("/dev/full")


def reporter(*arguments: str, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "reporter", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--version"], 0), (["build", "--help"], 0), (["build"], 2), (["nothing"], 2), (["check", "--data", "nowhere"], 1)],
)  # fmt: skip
def test_the_exit_status_is_that_of_the_contract(arguments, status, tmp_path):
    done = reporter(*arguments, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert (done.stdout if status == 0 else done.stderr).strip()


@pytest.mark.skipif(not _FULL.exists(), reason="no device that is always full")
def test_what_cannot_be_written_is_no_success():
    with _FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reporter", "--version"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode != 0


def test_what_is_registered_for_the_end_is_done(tmp_path):
    program = "import atexit, sys; from reporter.cli import run; atexit.register(print, 'at last'); sys.argv[1:] = ['--version']; run()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "at last")


def test_an_error_of_the_program_keeps_its_traceback():
    program = "import reporter.cli as c; c.main = lambda: 1 / 0; c.run()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr


def test_processes_that_wait_for_work_do_not_hold_up_the_end(tmp_path):
    """The pool that computes the groups outlives its work by minutes, unless it is told."""
    program = tmp_path / "program.py"
    program.write_text(
        "from joblib import Parallel, delayed\n"
        "import reporter.cli as c\n"
        "c.main = lambda: print(Parallel(n_jobs=2)(delayed(abs)(n) for n in (-1, 2)))\n"
        "if __name__ == '__main__':\n"
        "    c.run()\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "[1, 2]\n"), done.stderr
