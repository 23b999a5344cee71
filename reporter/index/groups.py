"""The same index for every group: status, industry, region, province (method.md, 1.7).

In: observations of all groups and the national tables. Out: ``GroupFactors`` of every group, and from them its index (the first half of this module) and all tables of the groups. Groups share what is the nation's: the form of change, the order and mode of the seasonal model, weights
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
from scipy.stats import norm

from reporter.domain import schema
from reporter.domain.declarations import LABOUR_KINDS, Declarations, rule
from reporter.domain.periods import LAGS, iso, parse_quarter
from reporter.domain.schema import Tables
from reporter.index import seasonal
from reporter.index.composite import (
    CALIBRATION,
    MEAN,
    OVERALL,
    Z80,
    Z95,
    scale_of,
    shown,
    states,
)
from reporter.index.joint_model import PERCENT_UNITS, inputs, smooth
from reporter.index.model_file import learn
from reporter.index.panel import (
    Series,
    by_group,
    is_monthly,
    kendall_corrected,
    periods,
    quarterly_means,
    value_at,
)
from reporter.runtime.cache import StageCache, digest
from reporter.runtime.program import Executor

# ----------------------------------------------------------------------------------------------------
# One group's index (method.md, 1.7): the joint model of the group's own data, with the nation's forms, weights and base.
#
# In: a group's adjusted series. Out: ``GroupFactors``, what is kept in the cache, and from them, with the nation's weights, a ``GroupIndex``. A composite needs
# six dimensions and 60 % of the nation's weight; it then uses the nation's weights of those dimensions. Nothing is invented for dimensions
# that a group has no data of.
# ----------------------------------------------------------------------------------------------------

# The report's own rule for a composite (contract, second edition), the same for the nation and for a group.
FEWEST_DIMENSIONS = int(rule("composite.least_dimensions"))
LEAST_WEIGHT = rule("composite.least_weight")
FEWEST_QUARTERS = 20  # five years
# Units whose levels compare groups of any size; numbers of persons and positions and indices of other bases do not.
_COMPARABLE = PERCENT_UNITS | {"per_1000", "hours_per_week"}
_MONEY = {"baht", "baht_per_month", "baht_per_person"}


@dataclass(frozen=True)
class GroupFactors:
    """A group's sub-indices, before the nation's weights come in.

    members     dimension -> number of series; replaced: dimension -> series that X-13 did not adjust as the year's model says -> why
    sub         quarter x dimension, points; shown, status: the same shape
    covariance  quarters x dimensions x dimensions, points squared, calibrated
    reference   sub-indices over the base period, from the data up to the end of learning
    levels      indicator -> quarterly adjusted values of units that compare groups (money in logarithms)
    """

    members: Mapping[str, int]
    replaced: Mapping[str, Mapping[str, str]]
    sub: pd.DataFrame
    shown: pd.DataFrame
    status: pd.DataFrame
    covariance: np.ndarray
    reference: pd.DataFrame
    levels: Mapping[str, pd.Series]


@dataclass(frozen=True)
class GroupIndex:
    """One group's result: columns ``overall`` (only where the group has a composite) and the dimensions.

    spread  standard deviations in points; refused: why there is no composite; "" where there is one
    parts   quarter x dimension: points that each dimension adds to the composite
    """

    group: str
    factors: GroupFactors
    value: pd.DataFrame
    spread: pd.DataFrame
    status: pd.DataFrame
    parts: pd.DataFrame
    refused: str

    def margin(self, quarter: pd.Period) -> float:
        """Half of the composite's 95 % band."""
        return Z95 * value_at(self.spread[OVERALL], quarter) if OVERALL in self.spread else float("nan")


def factors_of(
    adjusted: Mapping[str, pd.Series],
    forms: Mapping[str, str],
    declarations: Declarations,
    quarter: pd.Period,
    learn_until: pd.Period,
    base: tuple[pd.Period, pd.Period],
    replaced: Mapping[str, str],
) -> GroupFactors | None:
    """The joint model of one group; None where no series is long enough.

    replaced  series that X-13 did not adjust as the year's model says -> why
    """
    first = min((periods(values)[0].asfreq("Q-DEC") for values in adjusted.values()), default=quarter)
    start = base[0] if base[0] >= first else None
    learnt = learn(adjusted, forms, declarations, learn_until, (start, base[1]))
    if learnt is None:
        return None
    model = learnt.model
    found = inputs(model, adjusted)
    posterior = smooth(model, found, quarter)
    scale = model.points()
    mean = np.array([item.mean for item in model.dimensions.values()])
    blocks = CALIBRATION**2 * posterior.blocks() * scale[:, None] * scale[None, :]
    return GroupFactors(
        {name: len(model.of(name)) for name in model.dimensions},
        {
            name: {m.indicator: replaced[m.indicator] for m in model.of(name) if m.indicator in replaced}
            for name in model.dimensions
        },
        MEAN + (posterior.value - mean) * scale,
        shown(posterior, found).drop(columns=OVERALL),
        states(model, found, posterior.grid.index).drop(columns=OVERALL),
        blocks,
        MEAN + (learnt.reference - mean) * scale,
        {
            name: level
            for name, values in adjusted.items()
            if (level := _level(name, values, declarations)) is not None
        },
    )


def _level(name: str, values: pd.Series, declarations: Declarations) -> pd.Series | None:
    """Quarterly values of an indicator whose level compares groups; None for others."""
    unit = declarations.indicators[name].unit
    quarterly = quarterly_means(values) if is_monthly(values) else values
    if unit in _MONEY:
        return 100 * np.log(quarterly.where(quarterly > 0))
    return quarterly if unit in _COMPARABLE else None


def index_of(group: str, factors: GroupFactors, nominal: pd.Series) -> GroupIndex:
    """The group's index with the nation's weights.

    nominal  dimension -> the nation's weight
    """
    names = list(factors.sub)
    weights = nominal.reindex(names).fillna(0.0)
    refused = _refusal(factors, float(weights.sum()))
    sub = factors.sub.where(factors.shown)
    spread = pd.DataFrame(
        np.sqrt(np.clip(np.diagonal(factors.covariance, axis1=1, axis2=2), 0, None)), sub.index, names
    ).where(factors.shown)
    if refused:
        return GroupIndex(group, factors, sub, spread, factors.status, sub.iloc[:0], refused)
    weights = weights / weights.sum()
    slope, level = scale_of((factors.reference - MEAN) @ weights)
    parts = slope * weights * (factors.sub - MEAN)
    begun = (factors.shown @ weights) >= 0.5
    overall = (level + parts.sum(axis=1)).where(begun)
    effect = slope * weights.to_numpy()
    variance = np.einsum("i,qij,j->q", effect, factors.covariance, effect)
    final, none = (factors.status == "final").all(axis=1), (factors.status == "nowcast").all(axis=1)
    state = np.where(final, "final", np.where(none, "nowcast", "provisional"))
    sub.insert(0, OVERALL, overall)
    spread.insert(0, OVERALL, np.sqrt(np.clip(variance, 0, None)))
    status = factors.status.copy()
    status.insert(0, OVERALL, state)
    return GroupIndex(group, factors, sub, spread, status, parts[begun], "")


def _refusal(factors: GroupFactors, weight: float) -> str:
    """Why a group has no composite, in Thai; "" where it has one."""
    quarters = int(factors.shown.any(axis=1).sum())
    if len(factors.members) >= FEWEST_DIMENSIONS and weight >= LEAST_WEIGHT and quarters >= FEWEST_QUARTERS:
        return ""
    return (
        f"มีข้อมูล {len(factors.members)} มิติ คิดเป็นน้ำหนักร้อยละ {100 * weight:.0f} รวม {quarters} ไตรมาส "
        f"ซึ่งน้อยกว่าเกณฑ์ของดัชนีรวม ({FEWEST_DIMENSIONS} มิติ ร้อยละ {100 * LEAST_WEIGHT:.0f} และ {FEWEST_QUARTERS} ไตรมาส) "
        "จึงแสดงเฉพาะดัชนีย่อย"
    )


# ----------------------------------------------------------------------------------------------------
# Level index: compares groups with each other in one quarter, with 95 % intervals of their ranks.
#
# In: adjusted quarterly levels of the groups' indicators, polarities, the nation's weights. Out: table ``group_levels``. The cycle index measures each group against its own past, so
# it does not show which group is better off; this one standardises every indicator across the groups of a kind. Of each indicator the mean of the last four
# quarters counts; members of a dimension count alike, dimensions by the nation's weights; 100 is the mean of all groups, and
# 10 points are one standard deviation between groups.
#
# The error of a level is its members' own movements in the past: what an indicator of a group does that the group's other indicators do not, in the
# same four-quarter means, so persistent noise and the sampling error of the labour force survey are both in it. Ranks stay open between
# groups whose difference is within 95 % of its error (Goldstein and Spiegelhalter 1996).
# ----------------------------------------------------------------------------------------------------

QUARTERS = 4  # a year: seasonal rests cancel and survey noise halves
_LEAST_SHARE = (
    0.8  # of a kind's groups must have an indicator, or the groups are compared on different things
)
_FEWEST_GROUPS = 3  # two groups have no distribution
_FEWEST_HISTORY = 12  # four-quarter means that an error is estimated from


@dataclass(frozen=True)
class GroupLevels:
    """Levels of one group: indicator -> quarterly values."""

    group: str
    values: Mapping[str, pd.Series]


def table(
    groups: Sequence[GroupLevels],
    kind: str,
    declarations: Declarations,
    weights: pd.Series,
    quarter: pd.Period,
) -> pd.DataFrame:
    """Rows of ``group_levels`` for the groups of one kind; none where too few can be compared.

    weights  dimension -> the nation's weight
    """
    panel = _panel(groups, declarations, quarter)
    if not panel:
        return schema.empty("group_levels")
    names = [group.group for group in groups]
    importance = _importance(list(panel), declarations, weights)
    scores = _scores(panel, importance)
    level = 100 + 10 * scores[:, -1]
    error = 10 * _errors(panel, importance)
    known = np.isfinite(level) & np.isfinite(error)
    ranks = ranked(level[known], error[known])
    count = len({declarations.indicators[name].dimension for name in panel})
    rows = [
        [kind, names[place], iso(quarter), level[place], level[place] - Z95 * error[place],
         level[place] + Z95 * error[place], *ranks[row], count, len(panel)]
        for row, place in enumerate(np.flatnonzero(known))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=schema.columns("group_levels"))


def _panel(
    groups: Sequence[GroupLevels], declarations: Declarations, quarter: pd.Period
) -> dict[str, np.ndarray]:
    """Indicator -> groups x quarters: four-quarter means, standardised across groups in each quarter, higher is better."""
    if len(groups) < _FEWEST_GROUPS:
        return {}
    found = {}
    for name, item in declarations.indicators.items():
        having = [group.values[name] for group in groups if name in group.values]
        if len(having) < _LEAST_SHARE * len(groups):
            continue
        first = min(values.index[0] for values in having)
        index = pd.period_range(first, quarter, freq="Q-DEC")
        empty = pd.Series(np.nan, index)
        wide = np.array(
            [group.values.get(name, empty).reindex(index).to_numpy(dtype=float) for group in groups]
        )
        mean = pd.DataFrame(wide.T).rolling(QUARTERS, min_periods=1).mean().to_numpy().T
        known = np.isfinite(mean).any(axis=0)
        if not known[-1]:
            continue
        mean = mean[:, int(np.argmax(known)) :]
        centred = mean - _mean(mean, axis=0)
        spread = np.sqrt(_mean(centred**2, axis=0))
        found[name] = item.polarity * centred / np.where(spread > 0, spread, np.nan)
    length = min((values.shape[1] for values in found.values()), default=0)
    return {name: values[:, -length:] for name, values in found.items()}


def _importance(names: Sequence[str], declarations: Declarations, weights: pd.Series) -> np.ndarray:
    """Weight of each indicator: the dimension's, shared by its members; they sum to 1."""
    dimensions = [declarations.indicators[name].dimension for name in names]
    share = np.array([float(weights.get(d, 0.0)) / dimensions.count(d) for d in dimensions])
    return share / share.sum() if share.sum() > 0 else np.full(len(names), 1 / len(names))


def _scores(panel: Mapping[str, np.ndarray], importance: np.ndarray) -> np.ndarray:
    """Groups x quarters: weighted means over the indicators that are there."""
    stack = np.array(list(panel.values()))
    there = np.isfinite(stack) * importance[:, None, None]
    total = there.sum(axis=0)
    sums = (np.nan_to_num(stack) * there).sum(axis=0)
    return np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)


def _errors(panel: Mapping[str, np.ndarray], importance: np.ndarray) -> np.ndarray:
    """Standard deviation of each group's newest score: from its members' movements of their own."""
    stack = np.array(list(panel.values()))
    count, groups, quarters = stack.shape
    if count < 2 or quarters < _FEWEST_HISTORY:
        return np.full(groups, np.nan)
    moved = stack - _mean(stack, axis=2)
    own = moved - _mean(moved, axis=0)
    variance = _mean(own**2, axis=2)[:, :, 0] * count / (count - 1) * _short_history(own)
    # Standardised across groups, n values have n - 2 free movements (mean and spread are given), where errors about the mean have n - 1.
    variance = variance * (groups - 1) / max(groups - 2, 1)
    # Pooled over groups: one group's history of fifteen years is three or four swings of a persistent series.
    pooled = np.where(np.isfinite(variance), (variance + _mean(variance, axis=1)) / 2, 0.0)
    there = np.isfinite(stack[:, :, -1]) * importance[:, None]
    total = there.sum(axis=0)
    return np.sqrt((there**2 * pooled).sum(axis=0)) / np.where(total > 0, total, np.nan)


# Empirical bounds of the correction for a short history: how alike years may be, which share of a variance its mean may take.
_MOST_LIKE_BEFORE, _MOST_TAKEN = 0.7, 0.5


def _short_history(own: np.ndarray) -> float:
    """By how much a variance about the mean of a short history is too small: a persistent member's mean takes some of its swings along.

    The variance of a mean is that of its years over their number, times (1 + r) / (1 - r) for years that follow an AR(1); r is
    pooled over all members and corrected for its own small-sample bias (Kendall 1954).
    """
    years = own.shape[2] / QUARTERS
    both = np.isfinite(own[:, :, QUARTERS:]) & np.isfinite(own[:, :, :-QUARTERS])
    now, before = own[:, :, QUARTERS:][both], own[:, :, :-QUARTERS][both]
    if not len(now) or not (now**2).sum() > 0:
        return 1.0
    r = float((now * before).sum() / np.sqrt((now**2).sum() * (before**2).sum()))
    r = float(np.clip(kendall_corrected(r, years), 0.0, _MOST_LIKE_BEFORE))
    return 1 / (1 - min((1 + r) / (1 - r) / years, _MOST_TAKEN))


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is there, with the axis kept; NaN where nothing is."""
    count = np.isfinite(values).sum(axis=axis, keepdims=True)
    return np.where(count > 0, np.nansum(values, axis=axis, keepdims=True) / np.maximum(count, 1), np.nan)


RANK_SHARE = 0.95  # what the intervals of ranks hold, on average over the groups of a kind
# No single interval holds less. Ranks are whole numbers: were every interval to hold 95 % at least, all together would hold 98 to 99 %.
LEAST_RANK_SHARE = 0.90
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(31)  # exact beyond the third digit for 77 groups


def ranked(level: np.ndarray, error: np.ndarray) -> list[tuple[int, int, int]]:
    """(rank, best, worst) of every level; 1 is the highest. The true rank lies between best and worst with 95 % on average over the groups."""
    rank = 1 + (level[None, :] > level[:, None]).sum(axis=1)
    if len(level) < 2:
        return [(1, 1, 1)] * len(level)
    mean, spread = _shrunk(level, error)
    best, worst = _intervals(_rank_shares(mean, spread), rank)
    return [(int(r), int(b), int(w)) for r, b, w in zip(rank, best, worst, strict=True)]


def _shrunk(level: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and standard deviation of the true levels, by their own spread between groups (empirical Bayes, Laird and Louis 1989).

    Measured levels spread wider than true ones by their errors; drawn from as they are, near ties would look far apart.
    """
    noise = np.maximum(error, 1e-9) ** 2
    between = max(float(level.var(ddof=1) - noise.mean()), 0.0)
    middle = float(np.average(level, weights=1 / (between + noise)))
    share = between / (between + noise)
    return middle + share * (level - middle), np.maximum(np.sqrt(share * noise), 1e-9)


def _rank_shares(mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Probability of every rank of every group: groups x ranks, exact for independent normal levels.

    Given its own level a group's rank counts independent events, that others are higher (Poisson binomial); its level is integrated out.
    """
    count = len(mean)
    own = mean[:, None] + spread[:, None] * _NODES
    higher = norm.cdf((mean - own[:, :, None]) / spread)
    higher[np.arange(count), :, np.arange(count)] = 0.0
    shares = np.zeros((*own.shape, count))
    shares[:, :, 0] = 1.0
    for other in range(count):
        is_higher = higher[:, :, other : other + 1]
        moved = shares[:, :, :-1] * is_higher
        shares *= 1 - is_higher
        shares[:, :, 1:] += moved
    return np.einsum("gnr,n->gr", shares, _NODE_WEIGHTS / _NODE_WEIGHTS.sum())


def _intervals(shares: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst rank: the shortest intervals about the measured rank that hold ``RANK_SHARE`` on average over the groups."""
    first, last = np.triu_indices(shares.shape[1])
    until = np.hstack([np.zeros((len(shares), 1)), shares.cumsum(axis=1)])
    held = until[:, last + 1] - until[:, first]
    around = (first < rank[:, None]) & (rank[:, None] <= last + 1)
    groups = np.arange(len(shares))

    def shortest(least: float) -> np.ndarray:
        length = np.where(around & (held >= least - 1e-9), last - first + 1 - held / 2, np.inf)
        return length.argmin(axis=1)

    chosen = shortest(RANK_SHARE)
    for least in np.arange(RANK_SHARE, LEAST_RANK_SHARE - 1e-9, -0.005):
        found = shortest(float(least))
        if held[groups, found].mean() < RANK_SHARE:
            break
        chosen = found
    return first[chosen] + 1, last[chosen] + 1


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
    codes = [code for kind in LABOUR_KINDS for code in _codes(declarations, kind)]
    keys = _keys(observations, codes, shared, kept)
    computed = kept.result(
        "groups",
        # the thresholds are of the rules in force, which a workspace may have changed
        (keys, weights, quarter, declarations, _nation(national), FEWEST_DIMENSIONS, LEAST_WEIGHT),
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
# Tables of the groups: index with bands, the data of each group, the level index, contributions.
#
# In: one group's result after the other. Out: ``labour_index`` of the groups, ``group_status``, ``group_ranking``, ``group_levels``, ``group_contributions`` (docs/tables.md). Of
# a finished group only its rows are kept, by column: numbers packed, texts shared. So the driver's memory grows by the published
# tables and by nothing else.
# ----------------------------------------------------------------------------------------------------

NOTES = {
    "absent": "ไม่มีข้อมูลของกลุ่มนี้ในมิตินี้ จึงไม่นับมิตินี้ในดัชนีรวมของกลุ่ม",
    "partial": "ดัชนีรวมของกลุ่มใช้ {dimensions} มิติที่มีข้อมูล ด้วยน้ำหนักของประเทศ",
}
_TYPE_CODES = {
    "text": "text",
    "integer": "q",
    "number": "d",
}  # of a declared column: texts, or packed numbers
_PLACED = ["level", "low", "high", "rank", "rank_low", "rank_high"]  # of group_levels
_iso = cache(iso)  # one text for a period, however many rows carry it


class _Rows:
    """A declared table that grows by rows and is kept by column: texts, or packed numbers."""

    def __init__(self, table: str) -> None:
        codes = {
            name: _TYPE_CODES[column.dtype]
            for name, column in schema.declared_tables()[table].columns.items()
        }
        self._columns: dict[str, Any] = {
            name: [] if code == "text" else array(code) for name, code in codes.items()
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
    index, status, moved = _Rows("labour_index"), _Rows("group_status"), _Rows("group_contributions")
    standings: list[_Standing] = []
    levels: list[GroupLevels] = []
    for result in results:
        _add_status(status, result, declarations, weights)
        _add_index(index, result)
        levels.append(GroupLevels(result.group, result.factors.levels))
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
    levels: Sequence[GroupLevels], declarations: Declarations, weights: pd.Series, quarter: pd.Period
) -> pd.DataFrame:
    parts = []
    for kind in LABOUR_KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        own = [level for level in levels if level.group in codes]
        parts.append(table(own, kind, declarations, weights, quarter))
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


def _add_status(rows: _Rows, result: GroupIndex, declarations: Declarations, weights: pd.Series) -> None:
    members = result.factors.members
    counted, total = len(members), sum(members.values())
    is_whole = counted == len(declarations.dimensions)
    whole = "refused" if result.refused else "used" if is_whole else "reweighted"
    note = result.refused or ("" if is_whole else NOTES["partial"].format(dimensions=counted))
    in_use = weights.reindex(list(members)).fillna(0.0)
    rows.add(result.group, OVERALL, whole, total, float(in_use.sum()), note, "", "")
    for dimension in declarations.dimensions:
        if dimension not in members:
            rows.add(result.group, dimension, "reweighted", 0, 0.0, NOTES["absent"], "", "")
            continue
        replaced = result.factors.replaced.get(dimension, {})
        remark = "; ".join(
            f"{declarations.indicators[name].name.th}: {why}" for name, why in replaced.items()
        )
        method = "single" if members[dimension] == 1 else "joint"
        own = (members[dimension], float(in_use[dimension]))
        rows.add(result.group, dimension, "used", *own, remark, method, " ".join(replaced))


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
    for kind in LABOUR_KINDS:
        codes = {group.code for group in declarations.groups_of(kind)}
        for item in (standing for standing in standings if standing.group in codes):
            band = [item.value, item.value - item.margin, item.value + item.margin]
            placed = item.group in ranks.index
            own = list(ranks.loc[item.group, _PLACED]) if placed else [float("nan")] * 6
            place = [kind, item.group, _iso(quarter), *band, *own[3:], *item.changes]
            rows.append([*place, *own[:3], item.nation, item.dimensions])
    return pd.DataFrame(rows, columns=schema.columns("group_ranking"))
