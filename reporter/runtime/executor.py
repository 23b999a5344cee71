"""Where independent tasks run: in this process, or in worker processes of this machine.

Goes in: a function of a module and its tasks. Comes out: the results in the order of the tasks. The function must be pure, so
that the results do not depend on the number of workers. One executor serves the groups, the charts and the annex volumes of a
build; its workers start with the first tasks that are worth it and end with the ``with`` block. The pool is that of loky, which
joblib carries.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import click
from joblib.externals import loky

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

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers once they are done with the tasks in hand; a later ``map`` starts new ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
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
        """Begin one long task beside what this process does next. The function that comes back waits for its result.

        With ``jobs=1`` the task runs when it is asked for.
        """
        return function if self._jobs == 1 else self._workers().submit(function).result

    def _workers(self) -> loky.ProcessPoolExecutor:
        if self._pool is None:
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
        click.echo(f"[{self._done}/{self._total}] {th} — {en}", err=True)


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
