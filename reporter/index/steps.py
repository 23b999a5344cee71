"""The two slow steps of the index, one series' X-13 run and one dimension's cycle, each kept under what it is made of.

Goes in: a cache. Comes out: functions with the signatures of ``x13.run`` and ``factor.fit``. When one indicator changes,
only its own run and the cycle of its own dimension are computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from reporter.cache import StageCache
from reporter.index import factor, x13

Run = Callable[[Sequence[x13.Spec]], list[x13.Output]]
Fit = Callable[[Mapping[str, pd.Series], Mapping[str, int], pd.Period, pd.Period], factor.Fit]


@dataclass(frozen=True)
class Steps:
    """How series are adjusted and cycles estimated: computed each time, unless ``keeping`` made it."""

    run: Run = x13.run
    fit: Fit = factor.fit


STEPS = Steps()


def keeping(cache: StageCache) -> Steps:
    """Steps whose results come from the cache where it has them."""

    def run(specs: Sequence[x13.Spec]) -> list[x13.Output]:
        keys = [cache.key(spec) for spec in specs]
        outputs = {key: cache.stored("x13", key) for key in keys}
        missing = {key: spec for key, spec in zip(keys, specs, strict=True) if outputs[key] is None}
        for key, output in zip(missing, x13.run(list(missing.values())), strict=True):
            outputs[key] = output
            if output.adjusted is not None:  # a run that was stopped from outside may end well the next time
                cache.store("x13", key, output)
        return [outputs[key] for key in keys]

    def fit(
        members: Mapping[str, pd.Series],
        polarity: Mapping[str, int],
        learn_until: pd.Period,
        until: pd.Period,
    ) -> factor.Fit:
        own = {name: polarity[name] for name in members}
        return cache.result(
            "fit",
            (dict(members), own, learn_until, until),
            lambda: factor.fit(members, own, learn_until, until),
        )

    return Steps(run, fit) if cache else STEPS
