"""Processes that draw: one loads its libraries while the numbers are computed, the others where there is much to draw.

Goes in: charts with their data. Comes out: what drawing them gives, in order. What is drawn does not depend on how many draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor

Task = TypeVar("Task")
Result = TypeVar("Result")
_MUCH = 20  # tasks; fewer are drawn sooner than a further process has loaded


class Studio:
    """Up to ``jobs`` processes, or this one where that is one."""

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = jobs
        self._pools = [_pool(1)] if jobs > 1 else []

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are at."""
        for pool in self._pools:
            pool.shutdown(wait=True, kill_workers=True)

    def each(self, work: Callable[..., Result], tasks: Sequence[Task], *further: Any) -> list[Result]:
        """``work(task, *further)`` for every task. Raises what the first failing one raised."""
        if not self._pools or len(tasks) < 2:
            return [work(task, *further) for task in tasks]
        if len(tasks) > _MUCH and len(self._pools) == 1:
            self._pools.append(_pool(self._jobs - 1))
        shares = [self._jobs - 1, 1] if len(self._pools) > 1 else [1]
        order = [
            pool for pool, share in zip(reversed(self._pools), shares, strict=True) for _ in range(share)
        ]
        waiting = [order[at % len(order)].submit(work, task, *further) for at, task in enumerate(tasks)]
        return [done.result() for done in waiting]


def _pool(size: int) -> ProcessPoolExecutor:
    """A pool whose processes are loading already."""
    pool = ProcessPoolExecutor(max_workers=size)
    for _ in range(size):
        pool.submit(_load)
    return pool


def _load() -> None:
    """Import what drawing needs."""
    import reporter.figures  # noqa: F401
