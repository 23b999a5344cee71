"""Where independent jobs run: processes of this machine, or an existing Dask cluster.

Goes in: a function and its items. Comes out: the results in the order of the items, one at a time, so that the caller's
memory does not grow with their number. The function must be pure: a cluster runs it again elsewhere when a machine is
lost. What comes out does not depend on where it ran.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config

from reporter.domain.errors import ReporterError, ServiceError, UsageError
from reporter.runtime.program import versions

Item = TypeVar("Item")
Result = TypeVar("Result")
CONNECT_SECONDS = 10.0
_PER_WORKER = 3


@dataclass(frozen=True)
class Engine:
    """Worker processes on this machine, or the address of a Dask scheduler (``tcp://host:8786``), which then counts."""

    jobs: int = 1
    scheduler: str = ""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items.

        Raises  ServiceError when the cluster cannot be reached or its workers run other versions; UsageError when the
                optional libraries for it are missing
        """
        if self.scheduler:
            return _on_cluster(self.scheduler, function, items)
        return _on_this_machine(max(self.jobs, 1), function, items)

    def reach(self) -> None:
        """Send one empty job to the cluster, so that a wrong address is told before minutes of work. Raises as ``map``."""
        if self.scheduler:
            list(self.map(bool, [False]))


def _on_this_machine(
    jobs: int, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    with parallel_config(backend="loky", inner_max_num_threads=1):
        run = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch=_PER_WORKER * jobs, batch_size=1)
    with _ended(run(delayed(function)(item) for item in items)) as results:
        yield from results


@contextlib.contextmanager
def _ended(results: Iterator[Result]) -> Iterator[Iterator[Result]]:
    """Results that may be left before their end: what is still running is called off without a word."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Unlike:
    """What a worker of other versions answers."""

    versions: Mapping[str, str]


def _answer(
    function: Callable[[Item], Result], item: Item, expected: Mapping[str, str]
) -> Result | _Unlike | ReporterError:
    """What a worker hands back; never an exception, which joblib's backend would wait for in vain."""
    own = dict(versions())
    if own != expected:
        return _Unlike(own)
    try:
        return function(item)
    except ReporterError as error:
        return error


def _on_cluster(address: str, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    expected = dict(versions())
    with _client(address) as client:
        try:
            # Nothing is scattered: data kept on one worker would be lost with it.
            with parallel_config(backend="dask", client=client, wait_for_workers_timeout=CONNECT_SECONDS):
                run = Parallel(return_as="generator", batch_size=1)
            with _ended(run(delayed(_answer)(function, item, expected) for item in items)) as answers:
                for answer in answers:
                    if isinstance(answer, _Unlike):
                        raise _other_versions(address, answer.versions, expected)
                    if isinstance(answer, ReporterError):
                        raise answer
                    yield answer
        except _lost() as error:
            raise _unreachable(address, error) from error


def _lost() -> tuple[type[BaseException], ...]:
    """What is raised when the scheduler goes away, no worker is left, or a job has lost several workers."""
    from distributed import CancelledError, KilledWorker

    return OSError, CancelledError, asyncio.CancelledError, KilledWorker  # a TimeoutError is an OSError


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to the scheduler, closed at the end."""
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "--scheduler ต้องใช้ไลบรารีเสริม — ติดตั้งด้วย pip install 'reporter[dask]'",
            "--scheduler needs optional libraries; install them with pip install 'reporter[dask]'.",
        ) from error
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said by our own errors
    try:
        asyncio.run(_knock(address))
    except (OSError, ValueError) as error:
        raise _unreachable(address, error) from error
    with distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        yield client


async def _knock(address: str) -> None:
    """Whether a Dask scheduler answers; a client that finds none would try again in the background."""
    from distributed.comm import connect

    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_SECONDS), CONNECT_SECONDS + 1)
    comm.abort()


def _unreachable(address: str, error: BaseException) -> ServiceError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ServiceError(
        f"ติดต่อ Dask ที่ {address} ไม่ได้ หรือไม่มีเครื่องทำงานว่าง ({reason}) — ตรวจที่อยู่และเครื่องทำงาน หรือสั่งใหม่โดยไม่ใส่ --scheduler",
        f"No Dask cluster with workers answers at {address} ({reason}). Check the address and its workers, or leave --scheduler out.",
    )


def _other_versions(address: str, found: Mapping[str, str], expected: Mapping[str, str]) -> ServiceError:
    names = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    listed = ", ".join(
        f"{name} {found.get(name, '-')[:12]} ({expected.get(name, '-')[:12]})" for name in names
    )
    return ServiceError(
        f"เครื่องทำงานของ Dask ที่ {address} ใช้รุ่นไม่ตรงกับเครื่องนี้: {listed} — ติดตั้งรุ่นเดียวกันทุกเครื่อง เพื่อให้ได้ตัวเลขเดียวกัน",
        f"Workers at {address} run other versions than this machine: {listed}. Install the same everywhere, so that the numbers agree.",
    )
