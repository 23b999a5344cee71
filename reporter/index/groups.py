"""The same index for every group: status, industry, region, province (method.md, 1.7).

In: observations of all groups and the national tables. Out: ``GroupFactors`` of every group, and from them its index (``group_index``) and all tables of the groups
(``group_tables``). Groups share what is the nation's: the form of change, the order and mode of the seasonal model, weights
and base; loadings and factors are their own. Groups are independent of each other, so any number of workers gives the same
numbers, and the driver holds one group's result at a time.

What takes time, seasonal adjustment and smoothing, is kept per group under a key of what it is made of: the group's own observations and the nation's
forms and seasonal models of the same indicators. The nation's weights enter afterwards, so new ones recompute no group.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import parse_quarter
from reporter.index import seasonal
from reporter.index.group_index import GroupFactors, factors_of, index_of
from reporter.index.group_tables import KINDS, Tables, tables
from reporter.index.panel import Series, by_group
from reporter.runtime.cache import StageCache, digest
from reporter.runtime.executor import Executor

BATCH = 8
_STAGE = "group"
_USED = ["indicator", "period", "frequency", "value", "adjusted"]


@dataclass(frozen=True)
class Shared:
    """What all groups take from the nation; ``models`` as table ``seasonal_models``."""

    declarations: Declarations
    quarter: pd.Period
    learn_until: pd.Period
    seasonal_until: pd.Period
    base: tuple[pd.Period, pd.Period]
    forms: Mapping[str, str]
    models: pd.DataFrame


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    national: Tables,
    executor: Executor | None = None,
    cache: StageCache | None = None,
) -> Tables:
    """Tables of all groups; ``labour_index`` holds the national rows first, then the groups'.

    national   tables of ``national.compute`` for the same quarter
    executor   worker processes; None computes here. The numbers are the same
    cache      groups whose data and shared choices are unchanged come from here
    """
    shared, kept = shared_of(declarations, quarter, national), cache or StageCache(None)
    weights = national["weights"].set_index("dimension")["weight"]
    codes = [code for kind in KINDS for code in _codes(declarations, kind)]
    keys = _keys(observations, codes, shared, kept)
    computed = kept.result(
        "groups",
        (keys, weights, quarter, declarations, _nation(national)),
        lambda: tables(
            (
                index_of(group, factors, weights)
                for group, factors in _factors(observations, keys, shared, executor or Executor(), kept)
                if factors is not None
            ),
            declarations,
            quarter,
            weights,
            _nation(national),
        ),
    )
    own = computed["labour_index"]
    whole = [national["labour_index"], *([own] if len(own) else [])]
    return {**computed, "labour_index": pd.concat(whole, ignore_index=True)}


def _codes(declarations: Declarations, kind: str) -> list[str]:
    return [group.code for group in declarations.groups_of(kind)]


def shared_of(declarations: Declarations, quarter: pd.Period, national: Tables) -> Shared:
    """From the tables of ``national.compute``."""
    parameters = national["index_parameters"].set_index("key")["value"]
    detrending = national["detrending"]
    forms = dict(zip(detrending["indicator"].astype(str), detrending["transform"].astype(str), strict=True))
    learn_until, seasonal_until = (
        parse_quarter(parameters[key]) for key in ("learn_until", "seasonal_until")
    )
    base = parse_quarter(parameters["base_start"]), parse_quarter(parameters["base_end"])
    models = national["seasonal_models"]
    return Shared(declarations, quarter, learn_until, seasonal_until, base, forms, models)


def _nation(national: Tables) -> pd.DataFrame:
    """The nation's sub-indices: period x dimension, for the nation on a group's dimensions."""
    index = national["labour_index"]
    rows = index[(index["group"] == "TH") & (index["dimension"] != "overall")]
    return rows.pivot(index="period", columns="dimension", values="value")


def _rows(observations: pd.DataFrame, codes: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Observations of one group after the other; only one group's rows are ever held twice."""
    known = pd.Index(codes)
    number = known.get_indexer(pd.Index(observations["group"])).astype(np.int32)
    order = np.argsort(number, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(number + 1, minlength=len(known) + 1))
    used = observations[_USED]
    del number
    for code, start, end in zip(codes, ends[:-1], ends[1:], strict=True):
        if end > start:
            yield code, used.take(order[start:end]).reset_index(drop=True)


def _keys(
    observations: pd.DataFrame, codes: Sequence[str], shared: Shared, cache: StageCache
) -> dict[str, str]:
    """Group with data -> key of its factors, in the order of ``codes``."""
    common = (
        digest((shared.declarations, shared.quarter, shared.learn_until, shared.seasonal_until, shared.base))
        if cache
        else ""
    )
    return {
        group: cache.key((common, own, *_choices(own, shared))) for group, own in _rows(observations, codes)
    }


def _factors(
    observations: pd.DataFrame,
    keys: Mapping[str, str],
    shared: Shared,
    executor: Executor,
    cache: StageCache,
) -> Iterator[tuple[str, GroupFactors | None]]:
    """Factors of every group in the order of ``keys``: stored ones, and those of the other groups computed in batches.

    A stored one is read when its turn comes, so that no more than one is held.
    """
    missing = [group for group, key in keys.items() if not cache.has(_STAGE, key)]
    computed = (
        item
        for batch in executor.map(
            partial(compute_batch, shared=shared), _batches(_rows(observations, missing))
        )
        for item in batch
    )
    absent = set(missing)
    for group, key in keys.items():
        held = None if group in absent else cache.stored(_STAGE, key)
        if held is None:
            # One that was there may be damaged or gone by now: the cache may be deleted at any time.
            _, factors = next(computed if group in absent else _alone(observations, group, shared))
            held = (factors,)
            cache.store(_STAGE, key, held)
        yield group, held[0]


def _alone(
    observations: pd.DataFrame, group: str, shared: Shared
) -> Iterator[tuple[str, GroupFactors | None]]:
    return iter(compute_batch(list(_rows(observations, [group])), shared))


def _choices(rows: pd.DataFrame, shared: Shared) -> tuple[dict[str, str], pd.DataFrame]:
    """Form of change and seasonal model of the indicators of a group, gaps by sex included."""
    present = set(rows["indicator"].unique())
    names = [
        name
        for name, item in shared.declarations.indicators.items()
        if name in present or present.intersection(item.components)
    ]
    forms = {name: shared.forms[name] for name in names if name in shared.forms}
    return forms, shared.models[shared.models["indicator"].isin(names)].reset_index(drop=True)


def _batches(
    rows: Iterator[tuple[str, pd.DataFrame]],
) -> Iterator[list[tuple[str, pd.DataFrame]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def compute_batch(
    batch: Sequence[tuple[str, pd.DataFrame]], shared: Shared
) -> list[tuple[str, GroupFactors | None]]:
    """Factors of a few groups from their observations; one X-13 process adjusts all their series."""
    found = {
        group: by_group(rows.assign(group=group), shared.declarations, shared.quarter).get(group, {})
        for group, rows in batch
    }
    series = {(name, group): item for group, items in found.items() for name, item in items.items()}
    adjusted = seasonal.adjust(series, shared.seasonal_until, models_of(series, shared.models))
    replaced = _replaced(adjusted.quality)
    return [
        (
            group,
            factors_of(
                {name: adjusted.values[name, group] for name in items},
                shared.forms,
                shared.declarations,
                shared.quarter,
                shared.learn_until,
                shared.base,
                replaced.get(group, {}),
            ),
        )
        for group, items in found.items()
    ]


def _replaced(quality: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Group -> series that X-13 did not adjust as the year's model says -> why, in Thai."""
    told = {*seasonal.FALLBACK_NOTES.values(), seasonal.NOTES["failed"]}
    found: dict[str, dict[str, str]] = {}
    for name, group, note in zip(quality["indicator"], quality["group"], quality["note_th"], strict=True):
        if note in told:
            found.setdefault(str(group), {})[str(name)] = str(note)
    return found


def models_of(series: Mapping[seasonal.Key, Series], national: pd.DataFrame) -> pd.DataFrame:
    """The nation's model of each indicator, for each group; with its working days; outliers are not taken over."""
    known = national.set_index("indicator").to_dict("index")
    rows = [
        [name, group, own["year"], own["model"], own["mode"], "", own["regressors"], own["seasonal"]]
        for name, group in series
        if (own := known.get(name)) is not None
    ]
    return pd.DataFrame(rows, columns=schema.columns("seasonal_models"))
