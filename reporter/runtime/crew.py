"""Processes that stand ready to help with one build: they estimate, draw charts, write the workbook.

Goes in: functions of modules, with their arguments. Comes out: what they give, in order. This process works too: when it asks for the
results, it does what no other has begun, or its own share. What comes out does not depend on how many work.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any, TypeVar

from joblib.externals import loky

Task = TypeVar("Task")
Result = TypeVar("Result")
_MOST = 8
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class Crew:
    """``jobs`` processes, this one among them; at most eight, for an issue has some fifty charts.

    The others are forked where that is safe, on Linux while this process has a single thread, and so have loaded what it has; else
    they are started anew and load their libraries while the numbers are computed.
    """

    def __init__(self, jobs: int = 1, load: Callable[[], object] | None = None) -> None:
        """``load``: what the others do first, before there is work."""
        self._others = min(jobs, _MOST) - 1
        self._pool = _pool(self._others) if self._others > 0 else None
        if self._pool is not None and load is not None:
            for _ in range(self._others):
                self._pool.submit(load)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes when they are done with what they are at."""
        if isinstance(self._pool, loky.ProcessPoolExecutor):
            # to kill what is at work, or to take work back, ends in errors of its threads
            self._pool.shutdown(wait=True)
        elif self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            gc.unfreeze()

    def each(self, work: Callable[..., Result], tasks: Sequence[Task], *further: Any) -> list[Result]:
        """``work(task, *further)`` for every task. Raises what a failing one raised."""
        if len(tasks) < 2:
            return [work(task, *further) for task in tasks]
        return self.begin_each(work, tasks, *further)()

    def begin_each(
        self, work: Callable[..., Result], tasks: Sequence[Task], *further: Any
    ) -> Callable[[], list[Result]]:
        """Have ``work(task, *further)`` begun for every task; what comes back does what is left, and gives the results."""
        if self._pool is None:
            return lambda: [work(task, *further) for task in tasks]
        # nothing is taken back from a pool of loky: there this process keeps its share from the beginning
        takes_back = not isinstance(self._pool, loky.ProcessPoolExecutor)
        given = len(tasks) if takes_back else len(tasks) * self._others // (self._others + 1)
        waiting = [self._pool.submit(work, task, *further) for task in tasks[:given]]

        def results() -> list[Result]:
            own = {
                at: work(tasks[at], *further)
                for at in reversed(range(len(tasks)))
                if at >= given or (takes_back and waiting[at].cancel())
            }
            return [own[at] if at in own else waiting[at].result() for at in range(len(tasks))]

        return results

    def begin(self, work: Callable[..., Result], *given: Any) -> Callable[[], Result]:
        """Have ``work(*given)`` done aside; what comes back waits for its result, and raises what it raised."""
        if self._pool is None:
            done = work(*given)
            return lambda: done
        return self._pool.submit(work, *given).result


def _pool(others: int) -> Executor:
    if sys.platform == "linux" and threading.active_count() == 1:
        gc.freeze()  # what is loaded stays; looking through it again would copy it into every process
        fork = multiprocessing.get_context("fork")
        return ProcessPoolExecutor(others, mp_context=fork, initializer=_end_with, initargs=(os.getpid(),))
    return loky.ProcessPoolExecutor(max_workers=others)


def _end_with(parent: int) -> None:
    """End when the process that this one was forked from ends, however that happens; leave interrupts to it."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
