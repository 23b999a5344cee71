"""The same index for every group: status, industry, region, province (method.md, 1.7).

Goes in: observations of all groups and the national tables. Comes out: rows of ``labour_index`` for the groups, what
each group was made of, its rank with the uncertainty of the estimate, and contributions to its change.

Groups share what is the nation's: the form of change, the order and mode of the seasonal model, weights and base
period; loadings and cycles are their own. A dimension without data leaves its weight to the others; a group of too
few series or quarters is refused rather than drawn. Groups are independent of each other, so any number of workers
gives the same numbers.

What takes time, the cycles of a group's dimensions, is kept per group under a key of what it is made of: the group's
own observations and the nation's form of change and seasonal model of the same indicators. The nation's values, its
weights and its base period enter afterwards, so a new national number recomputes no group.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from reporter.cache import StageCache, digest
from reporter.declarations import Declarations
from reporter.engine import Engine
from reporter.index import contributions, detrend, factor, seasonal, status, transform
from reporter.index.composite import Base, Composite, combine, scale_of
from reporter.index.panel import Series, by_group, first_period, known_items, value_at
from reporter.periods import iso, parse_quarter

Tables = dict[str, pd.DataFrame]
KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")
FEWEST_MEMBERS = 3
FEWEST_DIMENSIONS = 2
FEWEST_QUARTERS = 20
BATCH = 8
_STAGE = "group"
_USED = ["indicator", "period", "frequency", "value", "adjusted"]
FALLBACKS = ("two_step", "pca")
TWO_SIDED_95 = 1.959963984540054

NOTES = {
    "used": "",
    "reweighted": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงกระจายน้ำหนักไปยังมิติอื่น",
    "partial": "ไม่มีข้อมูลบางมิติ จึงกระจายน้ำหนักไปยังมิติที่มีข้อมูล",
    "refused": "มีตัวชี้วัด {members} ตัว ใน {dimensions} มิติ รวม {quarters} ไตรมาส ซึ่งน้อยกว่าเกณฑ์ (3 ตัวชี้วัด 2 มิติ 20 ไตรมาส) จึงไม่แสดงดัชนี",
}


@dataclass(frozen=True)
class Shared:
    """What the cycles of all groups take from the nation; ``models`` as table ``seasonal_models``."""

    declarations: Declarations
    quarter: pd.Period
    learn_until: pd.Period
    forms: Mapping[str, str]
    models: pd.DataFrame


@dataclass(frozen=True)
class Cycle:
    """One dimension of one group: how many members, quarter -> cycle, quarter -> its standard deviation.

    fallback   why the factor model was left for the next method of the declared order, in Thai; empty when it was not
    """

    members: int
    value: pd.Series
    spread: pd.Series
    fallback: str = ""


@dataclass(frozen=True)
class GroupIndex:
    """One group's result; ``composite`` is None when the group was refused; ``fallbacks`` as ``Cycle.fallback``."""

    group: str
    members: Mapping[str, int]
    quarters: int
    composite: Composite | None
    spread: float
    fallbacks: Mapping[str, str]


Cycles = dict[str, Cycle]


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    national: Tables,
    jobs: int = 1,
    scheduler: str = "",
    cache: StageCache | None = None,
) -> Tables:
    """Tables of all groups; ``labour_index`` holds the national rows first, then the groups'.

    national   tables of ``national.compute`` for the same quarter
    jobs       worker processes; scheduler: address of a Dask cluster instead. The numbers depend on neither
    cache      groups whose data and shared choices are unchanged come from here
    Raises     ServiceError when the cluster cannot be used
    """
    shared, kept = _shared(declarations, quarter, national), cache or StageCache(None)
    base, weights = _scale(national)
    codes = [code for kind in KINDS for code in _codes(declarations, kind)]
    keys = _keys(observations, codes, shared, kept)
    tables = kept.result(
        "groups",
        (keys, base, weights, quarter, declarations),
        lambda: _tables(
            [
                _index(group, cycles, quarter, base, weights)
                for group, cycles in _cycles(observations, keys, shared, Engine(jobs, scheduler), kept)
            ],
            declarations,
            quarter,
        ),
    )
    whole = [national["labour_index"], *([tables["labour_index"]] if len(tables["labour_index"]) else [])]
    return {**tables, "labour_index": pd.concat(whole, ignore_index=True)}


def _tables(results: list[GroupIndex], declarations: Declarations, quarter: pd.Period) -> Tables:
    shown = [_labour_index(result) for result in results if result.composite]
    columns = ["dimension", "group", "period", "value"]
    return {
        "labour_index": pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=columns),
        "group_status": _status(results, declarations),
        "group_ranking": _ranking(results, declarations, quarter),
        "group_contributions": _contributions(results, quarter),
    }


def _codes(declarations: Declarations, kind: str) -> list[str]:
    return [group.code for group in declarations.groups_of(kind)]


def _shared(declarations: Declarations, quarter: pd.Period, national: Tables) -> Shared:
    parameters = national["index_parameters"].set_index("key")["value"]
    detrending = national["detrending"]
    forms = dict(zip(detrending["indicator"].astype(str), detrending["transform"].astype(str), strict=True))
    learn_until = parse_quarter(parameters["learn_until"])
    return Shared(declarations, quarter, learn_until, forms, national["seasonal_models"])


def _scale(national: Tables) -> tuple[Base, pd.Series]:
    """The nation's base period and weights by dimension."""
    parameters = national["index_parameters"].set_index("key")["value"]
    base = Base(parse_quarter(parameters["base_start"]), parse_quarter(parameters["base_end"]))
    return base, national["weights"].set_index("dimension")["weight"]


def _rows(observations: pd.DataFrame, codes: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Observations of one group after the other; only one group's rows are ever held twice."""
    places = observations.groupby("group", sort=False).indices
    for code in codes:
        if code in places:
            own = np.asarray(places[code], dtype=np.int64)
            yield code, observations[_USED].take(own).reset_index(drop=True)


def _keys(
    observations: pd.DataFrame, codes: Sequence[str], shared: Shared, cache: StageCache
) -> dict[str, str]:
    """Group with data -> key of its cycles, in the order of ``codes``."""
    common = digest((shared.declarations, shared.quarter, shared.learn_until)) if cache else ""
    return {
        group: cache.key((common, own, *_choices(own, shared))) for group, own in _rows(observations, codes)
    }


def _cycles(
    observations: pd.DataFrame,
    keys: Mapping[str, str],
    shared: Shared,
    engine: Engine,
    cache: StageCache,
) -> Iterator[tuple[str, Cycles]]:
    """Cycles of every group in the order of ``keys``: stored ones, and those of the other groups computed in batches."""
    stored = {
        group: cycles for group, key in keys.items() if (cycles := cache.stored(_STAGE, key)) is not None
    }
    missing = _rows(observations, [group for group in keys if group not in stored])
    computed = (
        item
        for batch in engine.map(partial(compute_batch, shared=shared), _batches(missing))
        for item in batch
    )
    for group, key in keys.items():
        if group in stored:
            yield group, stored[group]
        else:
            _, cycles = next(computed)
            cache.store(_STAGE, key, cycles)
            yield group, cycles


def _choices(rows: pd.DataFrame, shared: Shared) -> tuple[dict[str, str], pd.DataFrame]:
    """Form of change and seasonal model of the indicators of a group, gaps by sex included."""
    present = set(rows["indicator"])
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


def compute_batch(batch: Sequence[tuple[str, pd.DataFrame]], shared: Shared) -> list[tuple[str, Cycles]]:
    """Cycles of a few groups from their observations; one X-13 process adjusts all their series."""
    found = {
        group: by_group(rows.assign(group=group), shared.declarations, shared.quarter).get(group, {})
        for group, rows in batch
    }
    series = {(name, group): item for group, items in found.items() for name, item in items.items()}
    adjusted = seasonal.adjust(series, shared.learn_until, _models(series, shared.models))
    return [(group, _fits(group, items, adjusted.values, shared)) for group, items in found.items()]


def _models(series: Mapping[seasonal.Key, Series], national: pd.DataFrame) -> pd.DataFrame:
    """The nation's model of each indicator, for each group; outliers and holiday effects are not taken over."""
    known = national.set_index("indicator").to_dict("index")
    rows = [
        [name, group, own["year"], own["model"], own["mode"], "", "", own["seasonal"]]
        for name, group in series
        if (own := known.get(name)) is not None
    ]
    return pd.DataFrame(rows, columns=seasonal.MODELS)


def _index(group: str, cycles: Cycles, quarter: pd.Period, nation: Base, nominal: pd.Series) -> GroupIndex:
    """The composite of a group's cycles, on the nation's base period and with its weights; refused when too weak."""
    members = {name: cycle.members for name, cycle in cycles.items()}
    fallbacks = {name: cycle.fallback for name, cycle in cycles.items() if cycle.fallback}
    first = min((first_period(cycle.value) for cycle in cycles.values()), default=quarter)
    index = pd.period_range(first, quarter, freq="Q-DEC")
    factors = pd.DataFrame({name: cycle.value.reindex(index) for name, cycle in cycles.items()}, index=index)
    quarters = int(factors.notna().any(axis=1).sum())
    if (
        sum(members.values()) < FEWEST_MEMBERS
        or len(cycles) < FEWEST_DIMENSIONS
        or quarters < FEWEST_QUARTERS
    ):
        return GroupIndex(group, members, quarters, None, float("nan"), fallbacks)
    weights = nominal.reindex(factors.columns).fillna(0.0)
    weights = weights / weights.sum() if weights.sum() > 0 else weights + 1 / len(weights)
    composite = combine(factors, Base(max(nation.start, index[0]), nation.end), weights)
    spread = _uncertainty(composite, cycles, quarter)
    return GroupIndex(group, members, quarters, composite, spread, fallbacks)


def _fits(
    group: str, items: Mapping[str, Series], adjusted: Mapping[seasonal.Key, pd.Series], shared: Shared
) -> Cycles:
    transformed = {}
    for name, item in items.items():
        form = shared.forms.get(name, item.indicator.transform)
        values = transform.apply_form(form, adjusted[name, group])
        transformed[name] = detrend.removed(values, form, item.indicator.detrend, shared.learn_until).values
    polarity = {name: item.polarity for name, item in shared.declarations.indicators.items()}
    cycles = {}
    for dimension in shared.declarations.dimensions:
        members = {
            item.id: transformed[item.id]
            for item in shared.declarations.members(dimension)
            if item.id in transformed and status.usable(transformed[item.id]) == "used"
        }
        if members:
            fit = factor.fit(members, polarity, shared.learn_until, shared.quarter)
            reason = fit.reason if fit.method in FALLBACKS else ""
            cycles[dimension] = Cycle(len(fit.members), fit.value, fit.spread, reason)
    return cycles


def _uncertainty(composite: Composite, cycles: Cycles, quarter: pd.Period) -> float:
    """Standard deviation of the composite in points, from the smoother's; dimensions taken as independent."""
    total = 0.0
    for name, cycle in cycles.items():
        slope, _ = scale_of(cycle.value, composite.base)
        points = (
            composite.slope
            * value_at(composite.used[name], quarter)
            * slope
            * value_at(cycle.spread, quarter)
        )
        total += points**2 if np.isfinite(points) else 0.0
    return float(np.sqrt(total))


def _labour_index(result: GroupIndex) -> pd.DataFrame:
    assert result.composite is not None
    columns = {"overall": result.composite.value, **dict(result.composite.sub_indices.items())}
    rows = [
        [name, result.group, iso(period), value]
        for name, values in columns.items()
        for period, value in known_items(values)
    ]
    return pd.DataFrame(rows, columns=["dimension", "group", "period", "value"])


def _status(results: list[GroupIndex], declarations: Declarations) -> pd.DataFrame:
    rows = []
    for result in results:
        total, counted = sum(result.members.values()), len(result.members)
        whole = "used" if counted == len(declarations.dimensions) else "reweighted"
        note = NOTES["used"] if whole == "used" else NOTES["partial"]
        if result.composite is None:
            whole = "refused"
            note = NOTES["refused"].format(members=total, dimensions=counted, quarters=result.quarters)
        rows.append([result.group, "overall", whole, total, note])
        for dimension in declarations.dimensions:
            state = "used" if dimension in result.members else "reweighted"
            state = "refused" if result.composite is None else state
            note = NOTES[state] if state != "refused" else ""
            note = result.fallbacks.get(dimension, note) if state == "used" else note
            rows.append([result.group, dimension, state, result.members.get(dimension, 0), note])
    return pd.DataFrame(rows, columns=["group", "dimension", "status", "members", "note_th"])


def _ranking(results: list[GroupIndex], declarations: Declarations, quarter: pd.Period) -> pd.DataFrame:
    """Rank of every group within its kind; rank_low..rank_high: ranks that the 95 % intervals leave open."""
    rows = []
    for kind in KINDS:
        codes = set(_codes(declarations, kind))
        shown = [
            r
            for r in results
            if r.group in codes and r.composite and np.isfinite(value_at(r.composite.value, quarter))
        ]
        value = np.array([value_at(r.composite.value, quarter) for r in shown if r.composite])
        margin = TWO_SIDED_95 * np.array([r.spread for r in shown])
        low, high = value - margin, value + margin
        for position, result in enumerate(shown):
            assert result.composite is not None
            series = result.composite.value
            rank = 1 + int((value > value[position]).sum())
            best = 1 + int((low > high[position]).sum())
            worst = len(shown) - int((high < low[position]).sum())
            changes = [value[position] - value_at(series, quarter - lag) for lag in (1, 4)]
            interval = [value[position], low[position], high[position]]
            rows.append([kind, result.group, iso(quarter), *interval, rank, best, worst, *changes])
    columns = ["kind", "group", "period", "value", "low", "high", "rank", "rank_low", "rank_high"]
    return pd.DataFrame(rows, columns=[*columns, "change_quarter", "change_year"])


def _newest(composite: Composite) -> Composite:
    """The quarters that a change on the year looks at; each quarter's parts are its own."""
    kept = max(contributions.LAGS.values()) + 1
    return replace(
        composite,
        sub_indices=composite.sub_indices.tail(kept),
        value=composite.value.tail(kept),
        used=composite.used.tail(kept),
    )


def _contributions(results: list[GroupIndex], quarter: pd.Period) -> pd.DataFrame:
    """Contributions to the change up to the issue's quarter, exact as the nation's are."""
    pieces = []
    for result in results:
        if result.composite is None:
            continue
        table = contributions.of_dimensions(_newest(result.composite))
        table = table[table["period"] == iso(quarter)]
        pieces.append(table.assign(group=result.group))
    columns = ["group", "period", "against", "dimension", "contribution"]
    return pd.concat(pieces, ignore_index=True)[columns] if pieces else pd.DataFrame(columns=columns)
