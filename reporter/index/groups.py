"""The same index for every group: status, industry, region, province (method.md, 1.7).

Goes in: observations of all groups and the national tables. Comes out: rows of ``labour_index`` for the groups, what
each group was made of, its rank with the uncertainty of the estimate, and contributions to its change.

Groups share what is the nation's: the form of change, the order and mode of the seasonal model, weights and base
period; loadings and cycles are their own. A dimension without data leaves its weight to the others; a group of too
few series or quarters is refused rather than drawn. Groups are independent of each other, so any number of workers
gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config

from reporter.context import Settings
from reporter.declarations import Declarations
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
TWO_SIDED_95 = 1.959963984540054

NOTES = {
    "used": "",
    "reweighted": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงกระจายน้ำหนักไปยังมิติอื่น",
    "partial": "ไม่มีข้อมูลบางมิติ จึงกระจายน้ำหนักไปยังมิติที่มีข้อมูล",
    "refused": "มีตัวชี้วัด {members} ตัว ใน {dimensions} มิติ รวม {quarters} ไตรมาส ซึ่งน้อยกว่าเกณฑ์ (3 ตัวชี้วัด 2 มิติ 20 ไตรมาส) จึงไม่แสดงดัชนี",
}


@dataclass(frozen=True)
class Shared:
    """What all groups take from the nation."""

    declarations: Declarations
    quarter: pd.Period
    learn_until: pd.Period
    base: Base
    weights: pd.Series
    forms: Mapping[str, str]
    models: pd.DataFrame


@dataclass(frozen=True)
class GroupIndex:
    """One group's result; ``composite`` is None when the group was refused."""

    group: str
    members: Mapping[str, int]
    quarters: int
    composite: Composite | None
    spread: float


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    settings: Settings,
    national: Tables,
    jobs: int = 1,
) -> Tables:
    """Tables of all groups; ``labour_index`` holds the national rows first, then the groups'.

    national  tables of ``national.compute`` for the same quarter
    jobs      worker processes; the numbers do not depend on it
    """
    shared = _shared(declarations, quarter, national)
    found = by_group(observations[observations["group"] != "TH"], declarations, quarter)
    chosen = {code: found[code] for kind in KINDS for code in _codes(declarations, kind) if code in found}
    batches = [dict(list(chosen.items())[start : start + BATCH]) for start in range(0, len(chosen), BATCH)]
    with parallel_config(backend="loky", inner_max_num_threads=1):
        done = Parallel(n_jobs=max(jobs, 1))(delayed(compute_batch)(batch, shared) for batch in batches)
    results = [result for batch in done for result in batch]
    labour_index = [
        national["labour_index"],
        *(_labour_index(result) for result in results if result.composite),
    ]
    return {
        "labour_index": pd.concat(labour_index, ignore_index=True),
        "group_status": _status(results, declarations),
        "group_ranking": _ranking(results, declarations, quarter),
        "group_contributions": _contributions(results, quarter),
    }


def _codes(declarations: Declarations, kind: str) -> list[str]:
    return [group.code for group in declarations.groups_of(kind)]


def _shared(declarations: Declarations, quarter: pd.Period, national: Tables) -> Shared:
    parameters = national["index_parameters"].set_index("key")["value"]
    base = Base(parse_quarter(parameters["base_start"]), parse_quarter(parameters["base_end"]))
    detrending = national["detrending"]
    forms = dict(zip(detrending["indicator"].astype(str), detrending["transform"].astype(str), strict=True))
    weights = national["weights"].set_index("dimension")["weight"]
    models = national["seasonal_models"]
    learn_until = parse_quarter(parameters["learn_until"])
    return Shared(declarations, quarter, learn_until, base, weights, forms, models)


def compute_batch(batch: Mapping[str, Mapping[str, Series]], shared: Shared) -> list[GroupIndex]:
    """Indices of a few groups; one X-13 process adjusts all their series."""
    series = {(name, group): item for group, items in batch.items() for name, item in items.items()}
    adjusted = seasonal.adjust(series, shared.learn_until, _models(series, shared.models))
    return [_group(group, items, adjusted.values, shared) for group, items in batch.items()]


def _models(series: Mapping[seasonal.Key, Series], national: pd.DataFrame) -> pd.DataFrame:
    """The nation's model of each indicator, for each group; outliers and holiday effects are not taken over."""
    known = national.set_index("indicator")
    rows = [
        [name, group, *known.loc[name, ["year", "model", "mode"]], "", "", known.at[name, "seasonal"]]
        for name, group in series
        if name in known.index
    ]
    return pd.DataFrame(rows, columns=seasonal.MODELS)


def _group(
    group: str, items: Mapping[str, Series], adjusted: Mapping[seasonal.Key, pd.Series], shared: Shared
) -> GroupIndex:
    fits = _fits(group, items, adjusted, shared)
    members = {name: len(fit.members) for name, fit in fits.items()}
    first = min((first_period(fit.value) for fit in fits.values()), default=shared.quarter)
    index = pd.period_range(first, shared.quarter, freq="Q-DEC")
    quarters = int(
        pd.DataFrame({n: f.value.reindex(index) for n, f in fits.items()}).notna().any(axis=1).sum()
    )
    if sum(members.values()) < FEWEST_MEMBERS or len(fits) < FEWEST_DIMENSIONS or quarters < FEWEST_QUARTERS:
        return GroupIndex(group, members, quarters, None, float("nan"))
    factors = pd.DataFrame({name: fit.value.reindex(index) for name, fit in fits.items()}, index=index)
    weights = shared.weights.reindex(factors.columns).fillna(0.0)
    weights = weights / weights.sum() if weights.sum() > 0 else weights + 1 / len(weights)
    base = Base(max(shared.base.start, index[0]), shared.base.end)
    composite = combine(factors, base, weights)
    return GroupIndex(group, members, quarters, composite, _uncertainty(composite, fits, shared.quarter))


def _fits(
    group: str, items: Mapping[str, Series], adjusted: Mapping[seasonal.Key, pd.Series], shared: Shared
) -> dict[str, factor.Fit]:
    transformed = {}
    for name, item in items.items():
        form = shared.forms.get(name, item.indicator.transform)
        values = transform.apply_form(form, adjusted[name, group])
        transformed[name] = detrend.removed(values, form, item.indicator.detrend, shared.learn_until).values
    polarity = {name: item.polarity for name, item in shared.declarations.indicators.items()}
    fits = {}
    for dimension in shared.declarations.dimensions:
        members = {
            item.id: transformed[item.id]
            for item in shared.declarations.members(dimension)
            if item.id in transformed and status.usable(transformed[item.id]) == "used"
        }
        if members:
            fits[dimension] = factor.fit(members, polarity, shared.learn_until, shared.quarter)
    return fits


def _uncertainty(composite: Composite, fits: Mapping[str, factor.Fit], quarter: pd.Period) -> float:
    """Standard deviation of the composite in points, from the smoother's; dimensions taken as independent."""
    total = 0.0
    for name, fit in fits.items():
        slope, _ = scale_of(fit.value, composite.base)
        points = (
            composite.slope * value_at(composite.used[name], quarter) * slope * value_at(fit.spread, quarter)
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


def _contributions(results: list[GroupIndex], quarter: pd.Period) -> pd.DataFrame:
    """Contributions to the change up to the issue's quarter, exact as the nation's are."""
    pieces = []
    for result in results:
        if result.composite is None:
            continue
        table = contributions.of_dimensions(result.composite)
        table = table[table["period"] == iso(quarter)]
        pieces.append(table.assign(group=result.group))
    columns = ["group", "period", "against", "dimension", "contribution"]
    return pd.concat(pieces, ignore_index=True)[columns] if pieces else pd.DataFrame(columns=columns)
