"""Relations between series: the residual of each declared identity is a series, and its newest value is checked like any other.

Goes in: panels of series and the declared relations (``data/rules/newest_relations.toml``). Comes out: for every relation whose
members are there the distance of its newest residual from the usual one. The errors come from the relation's own
history: one that never held has wide errors and raises no finding. Where members are late, it is judged at the newest period
that all of them have.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.checks.newest.surprise import (
    BLOCK,
    SEASON,
    Key,
    Limits,
    Panel,
    Relation,
    frequency_of,
    rounding_step,
    stacked,
    surprises,
)
from reporter.domain.declarations import evaluate
from reporter.index.panel import MAD_TO_SD

_NATION = "TH"


@dataclass(frozen=True)
class Broken:
    """A relation whose newest residual is far from its usual one.

    members  the series in it; found, expected: its residual, now and usually
    """

    relation: Relation
    members: tuple[Key, ...]
    period: pd.Period
    found: float
    expected: float
    t: float


def broken(
    panels: Sequence[Panel], declared: Sequence[Relation], limits: Limits, since: pd.Period | None
) -> list[Broken]:
    """Relations above the limit, the farthest first. ``since``: first quarter whose values are looked at."""
    series = _nation(panels)
    left: dict[Key, tuple[Relation, tuple[Key, ...], pd.Series]] = {}
    for relation in declared:
        if all(name in series for name in relation.members):
            values = _evaluated(relation, series)
            left[relation.id, ""] = relation, tuple((name, _NATION) for name in relation.members), values
    for relation, key, values in _against_groups(panels, limits):
        left[relation.id, key[0]] = relation, (key,), values
    found = []
    least = limits.number("relation", "least_quarters")
    for frequency in SEASON:
        own = {
            key: entry
            for key, entry in left.items()
            if entry[2].notna().sum() >= least
            and frequency_of(entry[2]) == frequency
            and _is_recent(entry[2], since)
        }
        found += _judged(own, frequency, limits) if own else []
    return sorted(found, key=lambda one: -one.t)


@dataclass(frozen=True)
class Torn:
    """A series that was revised in quarters in which its relations no longer hold, because the other members were not revised.

    periods  the quarters (or months), in order; found, expected: the residual of the first relation in the last, and usually
    """

    series: str
    relations: tuple[Relation, ...]
    periods: tuple[pd.Period, ...]
    found: float
    expected: float


_APART = 2.0  # a revision breaks a relation if the residual is more than twice as large as before it


def torn(
    panels: Sequence[Panel],
    before: Mapping[str, Mapping[pd.Period, float]],
    declared: Sequence[Relation],
    limits: Limits,
) -> list[Torn]:
    """Relations that a revision broke in any quarter, by the series that it reached.

    panels  newest vintages
    before  national series -> period -> the value that a newer vintage replaced by another
    """
    series = _nation(panels)
    found: dict[str, list[tuple[Relation, pd.Series, list[pd.Period]]]] = {}
    for relation in declared:
        if not all(name in series for name in relation.members):
            continue
        left = _evaluated(relation, series)
        for name in set(relation.members) & set(before):
            kept = series[name]
            older = pd.Series([before[name].get(at, value) for at, value in kept.items()], kept.index)  # type: ignore[call-overload]
            was = _evaluated(relation, {**series, name: older})
            if periods := _torn_apart(left, was, before[name], relation.floor, limits):
                found.setdefault(name, []).append((relation, left, periods))
    return _likeliest(found)


def _torn_apart(
    left: pd.Series, was: pd.Series, changed: Collection[pd.Period], floor: float, limits: Limits
) -> list[pd.Period]:
    """Changed periods in which the residual of a relation is far larger than usual, and larger than before the change."""
    if left.notna().sum() < limits.number("relation", "least_quarters"):
        return []
    middle = float(left.median())
    usual = max(MAD_TO_SD * float((left - middle).abs().median()), floor)
    off, earlier = dict((left - middle).abs().items()), dict((was - middle).abs().items())
    freq = "M" if frequency_of(left) == "M" else "Q-DEC"
    periods = sorted({period.asfreq(freq) for period in changed})
    return [
        period
        for period in periods
        if period in off
        and period in earlier
        and off[period] > max(limits.number("relation", "answer") * usual, _APART * earlier[period])
    ]


def _likeliest(found: Mapping[str, list[tuple[Relation, pd.Series, list[pd.Period]]]]) -> list[Torn]:
    """One cause for every broken relation: the series that is a member of most of them."""
    told: list[Torn] = []
    done: set[str] = set()
    for name in sorted(found, key=lambda name: (-len(found[name]), name)):
        own = [entry for entry in found[name] if entry[0].id not in done]
        if not own:
            continue
        done |= {relation.id for relation, _, _ in own}
        periods = tuple(sorted({period for _, _, some in own for period in some}))
        _, left, some = own[0]
        relations = tuple(relation for relation, _, _ in own)
        told.append(Torn(name, relations, periods, float(dict(left.items())[some[-1]]), float(left.median())))
    return told


def _nation(panels: Sequence[Panel]) -> dict[str, pd.Series]:
    return {
        key[0]: panel.series(row)
        for panel in panels
        for row, key in enumerate(panel.keys)
        if key[1] == _NATION
    }


def _evaluated(relation: Relation, series: Mapping[str, pd.Series]) -> pd.Series:
    """The residual of a relation at the frequency that all members have, without the last periods that some lack."""
    own = {name: series[name] for name in relation.members}
    if any(frequency_of(one) == "Q" for one in own.values()):
        own = {name: quarterly(one) for name, one in own.items()}
    return _trimmed(evaluate(relation.formula, own))


def quarterly(values: pd.Series) -> pd.Series:
    """Means of whole quarters; a quarter that lacks a month has none."""
    if frequency_of(values) == "Q":
        return values
    by_quarter = values.groupby(pd.PeriodIndex(values.index).asfreq("Q-DEC"))
    return by_quarter.mean().where(by_quarter.count() == 3)


def _trimmed(values: pd.Series) -> pd.Series:
    known = np.flatnonzero(np.isfinite(values.to_numpy(float)))
    return values.iloc[known[0] : known[-1] + 1] if len(known) else values.iloc[:0]


def _is_recent(values: pd.Series, since: pd.Period | None) -> bool:
    return since is None or bool(values.index[-1].asfreq("Q-DEC") >= since)


def _against_groups(panels: Sequence[Panel], limits: Limits) -> list[tuple[Relation, Key, pd.Series]]:
    """Every indicator's national value against the median of its groups of a kind."""
    found = []
    for panel in panels:
        names = np.array([key[0] for key in panel.keys])
        kinds = np.array([key[1].partition(":")[0] for key in panel.keys])
        for row in np.flatnonzero(kinds == _NATION):
            for relation in limits.nation:
                groups = np.flatnonzero((names == names[row]) & (kinds == relation.kind))
                is_long = np.isfinite(panel.values[row]).sum() > panel.season + panel.block
                if is_long and len(groups) >= limits.least_groups:
                    values = _trimmed(_against_median(panel, int(row), groups, limits.least_share))
                    found.append((relation, panel.keys[row], values))
    return found


def _against_median(panel: Panel, row: int, groups: np.ndarray, least_share: float) -> pd.Series:
    """The nation less the median of its groups: in %, or in units where some value is not positive.

    A period in which fewer groups than ``least_share`` of those a year before are known has no value.
    """
    nation = panel.series(row)
    frame = pd.DataFrame({at: panel.series(int(at)) for at in groups}).reindex(nation.index)
    values = frame.to_numpy(float)
    counts = np.isfinite(values).sum(axis=1)
    before = np.concatenate([counts[: panel.season], counts[: -panel.season]])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        lowest = min(np.nanmin(values[: -panel.block]), np.nanmin(nation.to_numpy()[: -panel.block]))
        median = np.nanmedian(values, axis=1)
    whole = (counts > 0) & (counts >= least_share * before)
    if lowest > 0:
        small = 1e-6 * lowest  # a new value of 0 or below
        logs = np.log(np.maximum(nation.to_numpy(float), small)) - np.log(np.maximum(median, small))
        return pd.Series(np.where(whole, 100 * logs, np.nan), nation.index)
    return pd.Series(np.where(whole, nation.to_numpy(float) - median, np.nan), nation.index)


def _judged(
    left: Mapping[Key, tuple[Relation, tuple[Key, ...], pd.Series]], frequency: str, limits: Limits
) -> list[Broken]:
    panel = stacked({key: values for key, (_, _, values) in left.items()}, frequency)
    judged = surprises(
        panel.values,
        panel.season,
        panel.block,
        disturbed=panel.in_years(limits.disturbed_years),
        in_level=np.ones(len(panel.keys), bool),
        least_errors=int(limits.number("surprise", "least_errors")),
        floor=np.array([relation.floor for relation, _, _ in left.values()]),
    )
    found = []
    for row, (relation, members, _) in enumerate(left.values()):
        column = int(judged.t[row].argmax()) - panel.block
        if judged.t[row, column] > limits.number("relation", "answer"):
            found.append(
                Broken(
                    relation,
                    members,
                    panel.period(row, column),
                    float(panel.values[row, column]),
                    float(judged.expected[row, column]),
                    float(judged.t[row, column]),
                )
            )
    return found


# ----------------------------------------------------------------------------------------------------
# Values that were delivered again: a run that repeats an earlier one, two series that are one, digits that were never there.
#
# Goes in: panels of series. Comes out: for each series the strongest run of newest values equal to those a period, a quarter or a
# year before, with the chance of such a run; pairs of series with the same numbers; newest values with more decimals than ever.
# ----------------------------------------------------------------------------------------------------

LAGS = {"Q": (1, 4), "M": (1, 3, 12)}  # a period, a quarter, a year: what is copied in practice
_SAME = 1e-9  # relative: equal but for the last bits of a spreadsheet
_LEAST_PAIRS = 12  # fewer pairs say nothing of how often the series repeats itself
_LEAST_CHANCE = 1e-4  # a history of 80 values cannot show that something is rarer
_LEAST_TIES = 3  # two equal differences happen by chance
_TIES_BACK = (
    36  # a source that publishes three significant digits rounds more coarsely once its index passes 100
)
_NORMAL_DENSITY = 0.399  # of a standard normal law at 0
_DIGITS_BACK = 80  # decimals are compared with those of the last values; old ones were often typed from print


class RepeatedRun(NamedTuple):
    """The newest ``length`` values equal those ``lag`` periods before; chance: log10 of its probability."""

    lag: int
    length: int
    chance: float


def repeated_run(values: np.ndarray, frequency: str) -> RepeatedRun | None:
    """The least likely run of one series (newest last); a run counts if none before was as long. None without any.

    Holes neither break a run nor count in it. Of a series at rest (lag 1) only the newest quarter is news; its rest is no sign
    that a quarter or a year was delivered again.
    """
    best: RepeatedRun | None = None
    for lag in LAGS[frequency]:
        at, equal = _ties(values, lag)
        if len(equal) <= _LEAST_PAIRS:
            continue
        length = _run_at_end(equal[_LEAST_PAIRS:])
        is_resting = length > 0 and lag > 1 and np.ptp(values[at[-length:]]) == 0 and values[-1] == values[-2]
        if length and not is_resting and (length == 1 or length > _longest_run(equal[:-length])):
            news = min(length, BLOCK[frequency]) if lag == 1 else length
            chance = run_chance(values[: at[-length]], lag, news)
            if best is None or chance < best.chance:
                best = RepeatedRun(lag, length, chance)
    return best


def _ties(values: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the values that are known beside the one ``lag`` periods before, and whether the two are equal."""
    if len(values) <= lag:
        return np.array([], int), np.array([], bool)
    differences = values[lag:] - values[:-lag]
    known = np.flatnonzero(np.isfinite(differences))
    return known + lag, np.abs(differences[known]) < _SAME * (1 + np.abs(values[known + lag]))


def _run_at_end(equal: np.ndarray) -> int:
    return len(equal) if equal.all() else int(equal[::-1].argmin())


def _longest_run(equal: np.ndarray) -> int:
    longest = length = 0
    for is_equal in equal:
        length = length + 1 if is_equal else 0
        longest = max(longest, length)
    return longest


def run_chance(past: np.ndarray, lag: int, length: int) -> float:
    """log10 of the chance that ``length`` values in a row repeat those ``lag`` periods earlier.

    The first tie is as likely as ties were. One after another is as likely as it was in the past: a policy rate rests for years,
    and each quarter of its rest is no news.
    """
    first = tie_chance(past, lag)
    _, ties = _ties(past, lag)
    again = _after_a_tie(int(ties[:-1].sum()), int((ties[:-1] & ties[1:]).sum()), first)
    return float(np.log10(first) + (length - 1) * np.log10(again))


def _after_a_tie(ties: int, twice: int, unconditional: float) -> float:
    """Chance of a tie after a tie, from how many there were and how many came twice; at least that of any tie."""
    if ties < _LEAST_TIES:
        return unconditional
    return max((twice + 0.5) / (ties + 1), unconditional)


def tie_chance(past: np.ndarray, lag: int) -> float:
    """Chance that one value repeats the one ``lag`` periods earlier: the largest of how often it did, of late too, and of what rounding gives.

    Rounding: the step of the values times the density at 0 of a normal law as wide as the differences.
    """
    differences = past[lag:] - past[:-lag] if len(past) > lag else past[:0]
    differences = differences[np.isfinite(differences)]
    if len(differences) < _LEAST_PAIRS:
        return 1.0
    level = float(np.nanmedian(np.abs(past)))
    step = float(rounding_step(past[None, :])[0])
    equal = np.abs(differences) < _SAME * (1 + level)
    ties, late = int(equal.sum()), int(equal[-_TIES_BACK:].sum())
    usual = max(MAD_TO_SD * float(np.median(np.abs(differences))), step, 1e-300)
    is_rounded = ties > 0 or step > 1e-7 * level
    by_rounding = step * _NORMAL_DENSITY / usual if is_rounded else 0.0
    by_count = (ties + (0.5 if ties else 0.0)) / (len(differences) + 1)
    by_late_count = (late + 0.5) / (len(equal[-_TIES_BACK:]) + 1) if late >= _LEAST_TIES else 0.0
    return min(1.0, max(by_rounding, by_count, by_late_count, _LEAST_CHANCE))


def twins(
    panel: Panel, periods: int, distinct: int, same: Collection[frozenset[str]]
) -> list[tuple[Key, Key, float]]:
    """(series, another, log10 of the chance) of pairs whose last ``periods`` values are equal to the last digit.

    distinct  they take at least so many different values
    same      ids of one quantity, which may agree; so may a region and its only province
    The chance is that of any pair among the series like them: in each period, how often two of those share a value.
    """
    if panel.values.shape[1] < periods:
        return []
    newest = panel.values[:, -periods:]
    lively = [
        row for row in np.flatnonzero(np.isfinite(newest).all(axis=1)) if len(set(newest[row])) >= distinct
    ]
    frame = pd.DataFrame(newest[lively])
    frame["last"] = panel.last[lively]
    found = []
    for _, rows in frame.groupby(list(frame.columns), sort=False):
        if len(rows) > 1:
            first, *others = (panel.keys[lively[at]] for at in rows.index)
            found += [
                (first, other, _pair_chance(panel, first, other, periods))
                for other in others
                if not _may_agree(first, other, same)
            ]
    return sorted(found)


def _pair_chance(panel: Panel, first: Key, other: Key, periods: int) -> float:
    """log10 of the chance that some two of the series like these agree over all periods, from how often others do.

    Provinces that are alike today are alike tomorrow: after a period in which two agree, the next counts as often as that came twice.
    """
    is_one_indicator = first[0] == other[0]
    like = [
        row
        for row, key in enumerate(panel.keys)
        if (key[0] == first[0] if is_one_indicator else key[1] == first[1])
    ]
    newest = panel.values[like, -periods:]
    # counts of a few persons agree often, which says nothing of rates with two decimals
    are_whole = _is_whole(panel.values[panel.keys.index(first), -periods:])
    values = np.array([row for row in newest if _is_whole(row) == are_whole])
    pairs = max(len(values) * (len(values) - 1) / 2, 1.0)
    ties = [_pairs_equal(values[:, [at]]) - 1 for at in range(periods)]  # without the pair itself
    twice = [_pairs_equal(values[:, [at - 1, at]]) - 1 for at in range(1, periods)]
    any_tie = max(sum(ties) / periods, 0.5) / pairs
    again = _after_a_tie(sum(ties[:-1]), sum(twice), any_tie)
    return float(np.log10(pairs * any_tie) + (periods - 1) * np.log10(again))


def _is_whole(values: np.ndarray) -> bool:
    """Whether all known values are whole numbers."""
    known = values[np.isfinite(values)]
    return bool((known == np.round(known)).all())


def _pairs_equal(values: np.ndarray) -> int:
    """Pairs of rows that are equal and known in all columns."""
    _, counts = np.unique(values[np.isfinite(values).all(axis=1)], axis=0, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def _may_agree(first: Key, other: Key, same: Collection[frozenset[str]]) -> bool:
    if first[0] == other[0]:
        return first[1].partition(":")[0] != other[1].partition(":")[0]
    return frozenset((first[0], other[0])) in same


def extra_decimals(values: np.ndarray, least: int, most: int) -> tuple[int, int] | None:
    """(decimals of the newest value, most before) where it has more than any of the last ones; None otherwise.

    least  values that it takes to judge; most: series with more decimals are computed ones and say nothing
    """
    past, newest = values[:-1], values[-1]
    past = past[np.isfinite(past)][-_DIGITS_BACK:]
    if not np.isfinite(newest) or len(past) < least:
        return None
    before = max(decimals(value) for value in past)
    now = decimals(newest)
    return (now, before) if before <= most and now > before else None


def decimals(value: float, most: int = 6) -> int:
    """Decimals that it takes to write a number; ``most + 1`` for more."""
    for count in range(most + 1):
        if abs(value * 10**count - round(value * 10**count)) < 1e-6 * max(1.0, abs(value) * 10**count * 1e-3):
            return count
    return most + 1
