"""Processes that draw, started early: they load their libraries while the numbers are computed.

Goes in: charts with their data. Comes out: what drawing them gives, in order. This process draws too: it takes what no other has begun,
from the end. What is drawn does not depend on how many draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor

Task = TypeVar("Task")
Result = TypeVar("Result")
_MOST = 8


class Studio:
    """``jobs`` processes, this one among them; at most eight, for an issue has some fifty charts."""

    def __init__(self, jobs: int = 1) -> None:
        others = min(jobs, _MOST) - 1
        self._pool = ProcessPoolExecutor(max_workers=others) if others > 0 else None
        if self._pool is not None:
            for _ in range(others):
                self._pool.submit(_load)

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)

    def each(self, work: Callable[..., Result], tasks: Sequence[Task], *further: Any) -> list[Result]:
        """``work(task, *further)`` for every task. Raises what a failing one raised."""
        if self._pool is None or len(tasks) < 2:
            return [work(task, *further) for task in tasks]
        waiting = [self._pool.submit(work, task, *further) for task in tasks]
        own = {at: work(tasks[at], *further) for at in reversed(range(len(tasks))) if waiting[at].cancel()}
        return [own[at] if at in own else done.result() for at, done in enumerate(waiting)]


def _load() -> None:
    """Import what drawing needs."""
    import reporter.figures  # noqa: F401
