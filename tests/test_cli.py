"""The command as a program: its exit status, and that nothing that it said is lost."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.cli import function_of
from reporter.commands import MODULES

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


def test_an_error_of_the_program_keeps_its_traceback():
    program = "import reporter.cli as c; c.cli.main = lambda *_, **__: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr


def test_help_names_every_command_with_its_summary_and_imports_none():
    program = "import sys; from reporter.cli import main; sys.argv[1:] = ['--help']\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    *told, modules = done.stdout.splitlines()
    loaded = set(modules.split())
    assert not {"pandas", "numpy", "reporter.commands.build"} & loaded
    listed = " ".join(" ".join(told).split())
    for name, module in MODULES.items():
        command = getattr(importlib.import_module(f"reporter.commands.{module}"), function_of(name))
        told_of_it = command.get_short_help_str(500).removesuffix(".")
        assert f"{name} {told_of_it}" in listed


def test_help_of_a_command_loads_no_numbers():
    program = (
        "import sys; from reporter.cli import main; sys.argv[1:] = ['build', '--help']\n"
        "try: main()\nfinally: print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False"
