"""The two slow steps of the index, one series' X-13 run and one dimension's cycle, each kept under what it is made of.

Goes in: a cache, an executor. Comes out: functions that adjust several series and estimate several cycles. When one indicator changes,
only its own run and the cycles of its own dimension are computed again, in all of its workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from reporter.index import factor, x13
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor

Run = Callable[[Sequence[x13.Spec]], list[x13.Output]]


@dataclass(frozen=True)
class Members:
    """What a dimension's cycle is estimated from: the arguments of ``factor.fit``; polarity of these members only."""

    members: Mapping[str, pd.Series]
    polarity: Mapping[str, int]
    learn_until: pd.Period
    until: pd.Period

    def fit(self) -> factor.Fit:
        """Its cycle."""
        return factor.fit(self.members, self.polarity, self.learn_until, self.until)


class Task(Protocol):
    """Something with a content to be kept under (a dataclass) that gives a dimension's cycle, or None where there is none."""

    def fit(self) -> factor.Fit | None:
        """The cycle of one dimension."""


Fits = Callable[[Sequence[Task]], list[factor.Fit | None]]


def _fit(task: Task) -> factor.Fit | None:
    return task.fit()


def _fits(tasks: Sequence[Task]) -> list[factor.Fit | None]:
    return [task.fit() for task in tasks]


@dataclass(frozen=True)
class Steps:
    """How series are adjusted and cycles estimated: computed each time, unless ``keeping`` made it."""

    run: Run = x13.run
    fits: Fits = _fits


STEPS = Steps()


def keeping(cache: StageCache, executor: Executor) -> Steps:
    """Steps whose results come from the cache where it has them; missing cycles are estimated by the executor."""

    def run(specs: Sequence[x13.Spec]) -> list[x13.Output]:
        keys = [cache.key(spec) for spec in specs]
        outputs = {key: cache.stored("x13", key) for key in keys}
        missing = {key: spec for key, spec in zip(keys, specs, strict=True) if outputs[key] is None}
        for key, output in zip(missing, x13.run(list(missing.values())), strict=True):
            outputs[key] = output
            if output.adjusted is not None:  # a run that was stopped from outside may end well the next time
                cache.store("x13", key, output)
        return [outputs[key] for key in keys]

    def fits(tasks: Sequence[Task]) -> list[factor.Fit | None]:
        keys = [cache.key(task) for task in tasks]
        found = {key: cache.stored("fit", key) for key in keys}
        missing = {key: task for key, task in zip(keys, tasks, strict=True) if found[key] is None}
        for key, made in zip(missing, executor.map(_fit, missing.values()), strict=True):
            found[key] = (made,)
            cache.store("fit", key, (made,))
        return [found[key][0] for key in keys]

    return Steps(run, fits) if cache else Steps(fits=lambda tasks: list(executor.map(_fit, tasks)))
