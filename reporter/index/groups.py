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
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import LAGS, iso, parse_quarter
from reporter.index import group_index, seasonal
from reporter.index.composite import (
    OVERALL,
    Z80,
    Z95,
)
from reporter.index.group_index import GroupFactors, GroupIndex, factors_of, index_of
from reporter.index.panel import Series, by_group, periods, value_at
from reporter.runtime.cache import StageCache, digest
from reporter.runtime.executor import Executor

# Groups a task: one call of X-13 adjusts the series of all of them, and two workers still share the 104 groups evenly.
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
        lambda: group_tables(
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


# ----------------------------------------------------------------------------------------------------
# Tables of the groups: index with bands, what each group was made of, who stands higher, contributions.
#
# In: one group's result after the other. Out: ``labour_index`` of the groups, ``group_status``, ``group_ranking``, ``group_levels``, ``group_contributions`` (docs/tables.md). Of
# a finished group only its rows are kept, by column: numbers packed, texts shared. So the driver's memory grows by the published
# tables and by nothing else.
# ----------------------------------------------------------------------------------------------------

Tables = dict[str, pd.DataFrame]
KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")
NOTES = {
    "absent": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงไม่นับมิตินี้ในดัชนีรวมของกลุ่ม",
    "partial": "ดัชนีรวมของกลุ่มใช้ {dimensions} มิติที่มีข้อมูล ด้วยน้ำหนักของประเทศ",
}
_INDEX = {
    name: "d" if name[:3] in ("val", "low", "hig") else "text" for name in schema.columns("labour_index")
}
_STATUS = {
    "group": "text",
    "dimension": "text",
    "status": "text",
    "members": "q",
    "note_th": "text",
    "method": "text",
    "seasonal_fallback": "text",
}
_CONTRIBUTIONS = {
    "group": "text",
    "period": "text",
    "against": "text",
    "dimension": "text",
    "contribution": "d",
}

_PLACED = ["level", "low", "high", "rank", "rank_low", "rank_high"]  # of group_levels
_iso = cache(iso)  # one text for a period, however many rows carry it


class _Rows:
    """A table that grows by rows and is kept by column: texts, or the type code of packed numbers."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns: dict[str, Any] = {
            name: [] if kind == "text" else array(kind) for name, kind in columns.items()
        }

    def add(self, *row: str | float) -> None:
        """One row, in the order of the columns."""
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def frame(self) -> pd.DataFrame:
        """The table; every column is let go when its copy is made."""
        frame = {}
        for name in list(self._columns):
            column = self._columns.pop(name)
            values = np.array(column) if isinstance(column, array) else column
            frame[name] = pd.Series(values, dtype="str" if isinstance(column, list) else None)
        return pd.DataFrame(frame, copy=False)


class _Standing(NamedTuple):
    """What the ranking needs of a group; ``margin`` of its 95 % band, ``nation`` the nation's composite on its dimensions."""

    group: str
    value: float
    margin: float
    changes: tuple[float, float]
    nation: float
    dimensions: int


def group_tables(
    results: Iterable[GroupIndex],
    declarations: Declarations,
    quarter: pd.Period,
    weights: pd.Series,
    nation: pd.DataFrame,
) -> Tables:
    """All tables of the groups; each result is let go once its rows are written.

    weights  dimension -> the nation's weight; nation: period x dimension, the nation's sub-indices
    """
    index, status, moved = _Rows(_INDEX), _Rows(_STATUS), _Rows(_CONTRIBUTIONS)
    standings: list[_Standing] = []
    levels: list[group_index.Levels] = []
    for result in results:
        _add_status(status, result, declarations)
        _add_index(index, result)
        levels.append(group_index.Levels(result.group, result.factors.levels))
        if result.refused:
            continue
        _add_contributions(moved, result, quarter)
        value = value_at(result.value[OVERALL], quarter)
        if np.isfinite(value):
            changes = [value - value_at(result.value[OVERALL], quarter - lag) for lag in (1, 4)]
            beside = _nation_on(list(result.factors.members), weights, nation, _iso(quarter))
            own = (result.group, value, result.margin(quarter), (changes[0], changes[1]))
            standings.append(_Standing(*own, beside, len(result.factors.members)))
    compared = _levels(levels, declarations, weights, quarter)
    return {
        "labour_index": index.frame(),
        "group_status": status.frame(),
        "group_ranking": _ranking(standings, compared, declarations, quarter),
        "group_levels": compared,
        "group_contributions": moved.frame(),
    }


def _levels(
    levels: Sequence[group_index.Levels], declarations: Declarations, weights: pd.Series, quarter: pd.Period
) -> pd.DataFrame:
    parts = []
    for kind in KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        own = [level for level in levels if level.group in codes]
        parts.append(group_index.table(own, kind, declarations, weights, quarter))
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else schema.empty("group_levels")


def _nation_on(dimensions: Sequence[str], weights: pd.Series, nation: pd.DataFrame, period: str) -> float:
    """Weighted mean of the nation's sub-indices on a group's dimensions, on the composite's scale over all quarters."""
    kept = [name for name in dimensions if name in nation]
    share = weights[kept] / weights[kept].sum()
    mean = (nation[kept].dropna() - 100) @ share
    spread = float(mean.std(ddof=0))
    if period not in mean.index or not spread > 0:
        return float("nan")
    return float(100 + 10 * (mean[period] - mean.mean()) / spread)


def _add_index(rows: _Rows, result: GroupIndex) -> None:
    quarters = [_iso(quarter) for quarter in periods(result.value)]
    for name in result.value:
        value, spread = result.value[name].to_numpy(dtype=float), result.spread[name].to_numpy(dtype=float)
        status = result.status[name].to_numpy(dtype=object)
        for place in np.flatnonzero(np.isfinite(value)).tolist():
            level, deviation = float(value[place]), float(spread[place])
            bands = [level + sign * z * deviation for z in (Z80, Z95) for sign in (-1, 1)]
            rows.add(str(name), result.group, quarters[place], level, *bands, str(status[place]))


def _add_status(rows: _Rows, result: GroupIndex, declarations: Declarations) -> None:
    members = result.factors.members
    counted, total = len(members), sum(members.values())
    is_whole = counted == len(declarations.dimensions)
    whole = "refused" if result.refused else "used" if is_whole else "reweighted"
    note = result.refused or ("" if is_whole else NOTES["partial"].format(dimensions=counted))
    rows.add(result.group, OVERALL, whole, total, note, "", "")
    for dimension in declarations.dimensions:
        if dimension not in members:
            rows.add(result.group, dimension, "reweighted", 0, NOTES["absent"], "", "")
            continue
        replaced = result.factors.replaced.get(dimension, {})
        remark = "; ".join(
            f"{declarations.indicators[name].name.th}: {why}" for name, why in replaced.items()
        )
        method = "single" if members[dimension] == 1 else "joint"
        rows.add(result.group, dimension, "used", members[dimension], remark, method, " ".join(replaced))


def _add_contributions(rows: _Rows, result: GroupIndex, quarter: pd.Period) -> None:
    """Contributions to the change up to the issue's quarter, exact as the nation's are."""
    for against, lag in sorted(LAGS.items()):
        for dimension, part in result.parts.items():
            change = value_at(part, quarter) - value_at(part, quarter - lag)
            if np.isfinite(change):
                rows.add(result.group, _iso(quarter), against, str(dimension), change)


def _ranking(
    standings: list[_Standing], compared: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> pd.DataFrame:
    """Table ``group_ranking``: the cycle index with its band, ranks from the level index (NaN where a group is not in it)."""
    ranks = compared.set_index("group")
    rows = []
    for kind in KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        for item in (standing for standing in standings if standing.group in codes):
            band = [item.value, item.value - item.margin, item.value + item.margin]
            placed = item.group in ranks.index
            own = list(ranks.loc[item.group, _PLACED]) if placed else [float("nan")] * 6
            place = [kind, item.group, _iso(quarter), *band, *own[3:], *item.changes]
            rows.append([*place, *own[:3], item.nation, item.dimensions])
    return pd.DataFrame(rows, columns=schema.columns("group_ranking"))
