"""Checks of the newest values of every series against their own past, their relations and other series.

Goes in: the history of observations. Comes out: findings. The newest values are the most looked-at numbers of an issue, and
nothing after them shows yet that one is wrong. National series above the limits need an answer before a final issue
(``waivers``); each of them is one finding, whatever number of rules saw it. Method, limits and measured false alarms: docs/checks.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.checks.newest.effects import (
    CellPlace,
    Effect,
    EffectModel,
    Moved,
    Told,
    cheap_effect,
    finding_of,
    group_faults,
    number,
    rough_effect,
    together,
)
from reporter.checks.newest.relations import Broken, Torn, broken, extra_decimals, repeated_run, torn, twins
from reporter.checks.newest.surprise import (
    CLIP,
    Judged,
    Key,
    Limits,
    Panel,
    Relation,
    Surprise,
    limits,
    panels,
    surprises,
)
from reporter.domain.declarations import Declarations, Name
from reporter.domain.errors import DeclarationError, Finding
from reporter.domain.periods import iso, parse_period
from reporter.inputs.series_cells import latest_vintage
from reporter.runtime.cache import StageCache

_NATION = "TH"
_OFF = 2.0  # usual errors: a month so far off is off for the same reason as its neighbour
_FOLLOWED = 0.7  # share of a value that a filter takes over into the next forecast, roughly
_NEVER = ("ซึ่งเป็นศูนย์หรือมีเครื่องหมายที่อนุกรมนี้ไม่เคยมี", "0, or a sign, that the series never had")
_FAR = ("ผิดปกติเมื่อเทียบกับอดีตของอนุกรม", "unlike its own past")
_MOST_EXACT = 8  # each costs two runs of X-13; a crisis has forty
_PART = 500  # series that are filtered at once: some 100 MB


def check(
    history: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period | None,
    *,
    known: Sequence[Finding] = (),
    rules: Limits | None = None,
    effect: Effect | None = None,
    model: EffectModel | None = None,
    exact: Callable[[Told], Moved | None] | None = None,
    cache: StageCache | None = None,
) -> list[Finding]:
    """Findings about newest values, the one that moves the index most first.

    history  every vintage (docs/tables.md); the newest of each period counts
    quarter  the issue's: later periods are not looked at, nor are series that ended long before. None: the newest there is
    known    findings there are already: a value in which an error was found is not told again
    effect   what a value does to the index; None: reckoned by the model of the index
    model    the workspace's model of the index; None: equal shares of a dimension's members
    exact    what a value does to the index, computed with the index's own models; for the findings that move it most
    """
    rules = rules or limits()
    newest = latest_vintage(history, None)
    all_panels = panels(newest, quarter)
    if not all_panels:
        return []
    told = faults(all_panels, declarations, rules, quarter, _with_errors(known), cache or StageCache(None))
    effect = effect or cheap_effect(all_panels, declarations, model)
    wanted = {(*one.key, iso(one.period)) for one in told}
    rows = newest[newest["indicator"].isin({one.key[0] for one in told})].to_dict("records")
    places: dict[tuple[str, ...], CellPlace] = {}
    for row in rows:
        if (at := (row["indicator"], row["group"], row["period"])) in wanted:
            places[at] = CellPlace(str(row["file"]), int(row["row"]) or None, str(row.get("cell") or "value"))

    def place(key: Key, period: pd.Period) -> CellPlace | None:
        return places.get((*key, iso(period)))

    moved = _moved(told, effect, exact)
    found = [finding_of(one, declarations, by, place) for one, by in zip(told, moved, strict=True)]
    named = {one.key[0] for one in told}
    apart = torn(all_panels, _replaced(history, rules.relations), rules.relations, rules)
    found += [_torn_finding(one, newest) for one in apart if one.series not in named]
    return sorted(found, key=lambda one: -(one.effect or 0.0))


def _replaced(history: pd.DataFrame, relations: Sequence[Relation]) -> dict[str, dict[pd.Period, float]]:
    """National series of relations -> period -> the last value that a newer vintage replaced by another."""
    members = {name for relation in relations for name in relation.members}
    own = history[(history["group"] == _NATION) & history["indicator"].isin(members)]
    own = own.sort_values(["indicator", "period", "as_of"], kind="stable", na_position="first")
    final = own.groupby(["indicator", "period"])["value"].transform("last")
    older = own[own["value"] != final].drop_duplicates(["indicator", "period"], keep="last")
    found: dict[str, dict[pd.Period, float]] = {}
    for name, period, value in zip(older["indicator"], older["period"], older["value"], strict=True):
        found.setdefault(str(name), {})[parse_period(period)] = float(value)
    return found


def _torn_finding(one: Torn, newest: pd.DataFrame) -> Finding:
    """A revision that reached one series only, at its newest value of those."""
    end = one.periods[-1]
    own = newest[(newest["indicator"] == one.series) & (newest["group"] == _NATION)]
    row = next(
        row
        for row in reversed(own.to_dict("records"))
        if parse_period(row["period"]).asfreq(end.freqstr) == end
    )
    names_th = " / ".join(relation.name.th for relation in one.relations)
    names_en = "; ".join(relation.name.en for relation in one.relations)
    others = ", ".join(
        sorted({name for relation in one.relations for name in relation.members} - {one.series})
    )
    periods = ", ".join(iso(period) for period in one.periods[:8]) + (" …" if len(one.periods) > 8 else "")
    return Finding(
        "warning",
        str(row["file"]),
        f"{one.series} {_NATION} ถูกปรับปรุงย้อนหลังในงวด {periods} แล้วไม่เข้ากับค่าที่ใช้อยู่ของ {others} ({names_th}: งวด {iso(end)}"
        f" เหลือต่าง {number(one.found)} ปกติ {number(one.expected)}) — ขอค่าปรับปรุงของทุกอนุกรมจากแหล่งข้อมูล",
        f"{one.series} {_NATION} was revised in {periods}, and no longer fits {others} as they stand ({names_en}: in {iso(end)}"
        f" {number(one.found)} is left over, usually {number(one.expected)}); ask the source for the revised values of all of them.",
        row=int(row["row"]) or None,
        column=str(row.get("cell") or "value"),
        value=f"{row['value']:.10g}",
        rule="newest.relation",
        subject=f"{one.series} {_NATION} {row['period']}",
    )


def _moved(
    told: Sequence[Told], effect: Effect, exact: Callable[[Told], Moved | None] | None
) -> list[Moved | None]:
    """What each value does to the index: exactly for those that must be answered for and move it most, else roughly."""
    moved = [rough_effect(one, effect) for one in told]
    wanted = [at for at, by in enumerate(moved) if by is not None and told[at].severity == "warning"]
    wanted.sort(key=lambda at: -abs(moved[at].index if moved[at] else 0.0))  # type: ignore[union-attr]
    for at in wanted[:_MOST_EXACT] if exact else ():
        moved[at] = exact(told[at]) or moved[at]  # type: ignore[misc]
    return moved


def limits_of(root: Path) -> Limits:
    """Limits of a workspace; those of the package where its own cannot be read, which ``checks.declared`` tells."""
    try:
        return limits(root)
    except DeclarationError:
        return limits()


def _with_errors(known: Sequence[Finding]) -> set[str]:
    """Subjects ("indicator group period") in which an error was found."""
    return {one.subject for one in known if one.severity == "error" and one.rule.startswith("series.")}


def faults(
    all_panels: Sequence[Panel],
    declarations: Declarations,
    rules: Limits,
    quarter: pd.Period | None = None,
    settled: Collection[str] = (),
    cache: StageCache | None = None,
) -> list[Told]:
    """Findings on the newest values: at most one fault for each series, one for relations that share members.

    settled  subjects ("indicator group period") that something else has told
    """
    cache = cache or StageCache(None)
    since = _since(all_panels, quarter, int(rules.number("surprise", "stale_quarters")))
    growth = _growth_rates(declarations)
    judged = [
        _judge(part, rules, growth, cache)
        for panel in all_panels
        for is_nation in (True, False)
        for part in _parts(panel, is_nation, since, rules)
    ]
    nation = [one for one in judged if one.panel.keys[0][1] == _NATION]
    done = {key for one in nation for key in one.panel.keys if _is_settled(one.panel, key, settled)}
    told = [
        fault
        for one in nation
        for row, key in enumerate(one.panel.keys)
        if key not in done and (fault := _of_series(one, row, rules))
    ]
    done |= {fault.key for fault in told if fault.severity == "warning"}
    values = {key: (one, row) for one in nation for row, key in enumerate(one.panel.keys)}
    out = broken(all_panels, rules.relations, rules, since)
    related = [
        _of_relations(group, values)
        for group in _hanging_together([one for one in out if not done.intersection(one.members)])
    ]
    copied = _of_twins(all_panels, rules, since)
    missed = [
        fault
        for one in nation
        for fault in _of_last_year(one.panel, rules, growth, cache, settled)
        if fault.key not in done
    ]
    told = _one_of_two_ids(told, [one for one in rules.relations if one.is_same], out)
    named = {fault.key for fault in (*related, *copied, *missed)}
    told = [fault for fault in told if fault.severity == "warning" or fault.key not in named]
    told = together(
        told,
        sum(len(one.panel.keys) for one in nation),
        int(rules.number("surprise", "collective_least")),
        rules.number("surprise", "collective_share"),
    )
    groups = [one for one in judged if one.panel.keys[0][1] != _NATION]
    return [*told, *missed, *related, *copied, *group_faults(groups, rules, settled)]


def _since(all_panels: Sequence[Panel], quarter: pd.Period | None, stale: int) -> pd.Period:
    """First quarter in which a series must have a value to be looked at."""
    if quarter is None:
        quarter = max(panel.period(int(panel.last.argmax()), -1).asfreq("Q-DEC") for panel in all_panels)
    return quarter - stale + 1


def _growth_rates(declarations: Declarations) -> frozenset[str]:
    """Series that have no logarithm even if all of the past is positive."""
    units = {item.id: item.unit for item in declarations.indicators.values()}
    units |= {item.id: item.unit for item in declarations.macro.values()}
    return frozenset(name for name, unit in units.items() if unit == "percent_growth")


def _parts(panel: Panel, is_nation: bool, since: pd.Period, rules: Limits) -> list[Panel]:
    """The series to be looked at, in parts: long enough, and not ended before ``since``."""
    first = since.asfreq("M", how="start").ordinal if panel.frequency == "M" else since.ordinal
    long = np.isfinite(panel.values).sum(axis=1) >= rules.number("surprise", "least_years") * panel.season
    nation = np.array([key[1] == _NATION for key in panel.keys])
    chosen = np.flatnonzero(long & (panel.last >= first) & (nation == is_nation))
    return [panel.rows(chosen[at : at + _PART]) for at in range(0, len(chosen), _PART)]


def _judge(part: Panel, rules: Limits, growth: frozenset[str], cache: StageCache) -> Judged:
    """How surprising the newest quarter is."""
    return Judged(part, _surprises(part, part.block, rules, growth, cache))


def _surprises(part: Panel, block: int, rules: Limits, growth: frozenset[str], cache: StageCache) -> Surprise:
    """Surprises of the last ``block`` values; from the cache where the series are as they were."""
    disturbed = part.in_years(rules.disturbed_years)
    in_level = np.array([key[0] in growth for key in part.keys])
    least = int(rules.number("surprise", "least_errors"))
    compute = partial(
        surprises,
        part.values,
        part.season,
        block,
        disturbed=disturbed,
        in_level=in_level,
        least_errors=least,
    )
    return cache.result(
        "newest_values", (part.values, part.season, block, disturbed, in_level, least), compute
    )


def _of_last_year(
    part: Panel, rules: Limits, growth: frozenset[str], cache: StageCache, settled: Collection[str]
) -> list[Told]:
    """National values of the three quarters before the newest that are far off, at most one of each series.

    They keep rule and subject that they had when they were the newest, so that a waiver of then still answers. Years of a known
    disturbance are left out.
    """
    year = 4 * part.block
    seen = _surprises(part, year, rules, growth, cache)
    earlier = slice(0, year - part.block)
    calm = ~part.in_years(rules.disturbed_years)[:, -year:][:, earlier]
    off = np.where(calm, np.where(seen.never[:, earlier], np.inf, seen.t[:, earlier]), 0.0)
    found = []
    for row in np.flatnonzero(off.max(axis=1) > rules.number("surprise", "earlier")):
        column = int(off[row].argmax())
        key, period = part.keys[row], part.period(int(row), column - year)
        if f"{key[0]} {key[1]} {iso(period)}" in settled:
            continue
        never = bool(seen.never[row, column])
        why = Name(*_NEVER) if never else Name(*_FAR)
        value, expected = float(part.values[row, column - year]), float(seen.expected[row, column])
        rule = "newest.never" if never else "newest.surprise"
        found.append(Told(rule, "warning", key, period, value, expected, float(seen.t[row, column]), why))
    return found


def _is_settled(panel: Panel, key: Key, settled: Collection[str]) -> bool:
    row = panel.keys.index(key)
    return any(
        f"{key[0]} {key[1]} {iso(panel.period(row, -at))}" in settled for at in range(1, panel.block + 1)
    )


def _of_series(one: Judged, row: int, rules: Limits) -> Told | None:
    """Finding on one national series: the rule that explains most, or a note, or nothing."""
    panel, seen = one.panel, one.surprise
    values = panel.values[row]
    column = int(np.where(seen.never[row], np.inf, seen.t[row]).argmax())
    t, recent = float(seen.t[row, column]), float(seen.recent[row, column])

    def fault(rule: str, is_answer: bool, th: str, en: str, at: int = column - panel.block) -> Told:
        return Told(
            rule,
            "warning" if is_answer else "note",
            panel.keys[row],
            panel.period(row, at),
            float(values[at]),
            float(seen.expected[row, at]),
            float(seen.t[row, at]),
            Name(th, en),
            _alike(panel, seen, row, at),
        )

    if seen.never[row, column]:
        return fault("newest.never", True, *_NEVER)
    run = repeated_run(values, panel.frequency)
    if run and run.chance < rules.number("repeat", "answer_log10"):
        return fault("newest.repeat", True, *_run_words(run.length, run.lag), -1)
    answer, note = rules.number("surprise", "answer"), rules.number("surprise", "note")
    is_odd_of_late = t > rules.number("surprise", "answer_recent") and recent > rules.number(
        "surprise", "recent"
    )
    if t > answer:
        return fault("newest.surprise", True, *_FAR)
    if is_odd_of_late:
        return fault("newest.surprise", True, *_late_words(recent))
    if run and run.chance < rules.number("repeat", "note_log10"):
        return fault("newest.repeat", False, *_run_words(run.length, run.lag), -1)
    if t > note:
        return fault(
            "newest.surprise",
            False,
            "ค่อนข้างผิดปกติเมื่อเทียบกับอดีตของอนุกรม",
            "somewhat unlike its own past",
        )
    extra = extra_decimals(
        values, int(rules.number("digits", "least_values")), int(rules.number("digits", "most_decimals"))
    )
    if extra and seen.usable[row]:
        return fault(
            "newest.digits",
            False,
            f"มีทศนิยม {extra[0]} ตำแหน่ง ซึ่งเดิมไม่เกิน {extra[1]}",
            f"{extra[0]} decimals where there never were more than {extra[1]}",
            -1,
        )
    return None


def _alike(panel: Panel, seen: Surprise, row: int, at: int) -> int:
    """How many values of the newest quarter are off like the one at ``at``: a month moves a third of its quarter.

    Once a value has entered the history the next one of a new level is less of a surprise, and one back at the old level a surprise
    on the other side; what lies above the middle of the two is off like the first.
    """
    off = np.sign(panel.values[row, -panel.block :] - seen.expected[row]) * seen.t[row]
    first = abs(off[at])
    back = first / 2 - _FOLLOWED * min(first, CLIP)
    same = off * np.sign(off[at])
    later = np.arange(-panel.block, 0) > at
    return max(
        int(((same > _OFF) | (later & (same > back) & np.isfinite(panel.values[row, -panel.block :]))).sum()),
        1,
    )


def _late_words(recent: float) -> tuple[str, str]:
    return (
        f"ผิดปกติเมื่อเทียบกับแปดปีล่าสุดที่นิ่งกว่าอดีต ({recent:.1f} เท่าของความคลาดเคลื่อนในแปดปีนั้น)",
        f"unlike its last eight years, which were calmer than its past ({recent:.1f} of their usual errors away)",
    )


def _run_words(length: int, lag: int) -> tuple[str, str]:
    return (
        f"ค่าล่าสุด {length} งวดเท่ากับค่าเมื่อ {lag} งวดก่อนทุกตัว อาจเป็นข้อมูลเดิมที่ส่งซ้ำ",
        f"the newest {length} value(s) equal those {lag} period(s) before, perhaps old numbers delivered again",
    )


def _hanging_together(found: Sequence[Broken]) -> list[list[Broken]]:
    """Broken relations that share a member, the farthest off first: one wrong value breaks all of its relations."""
    groups: list[tuple[set[Key], list[Broken]]] = []
    for one in found:
        touching = [group for group in groups if group[0].intersection(one.members)]
        members = set(one.members).union(*(group[0] for group in touching))
        relations = [relation for group in touching for relation in group[1]]
        groups = [group for group in groups if group not in touching] + [(members, [*relations, one])]
    return [sorted(relations, key=lambda one: -one.t) for _, relations in groups]


def _of_relations(found: Sequence[Broken], values: dict[Key, tuple[Judged, int]]) -> Told:
    """One fault for relations that share members; the likeliest cause is in most of them and surprises most itself."""

    def weight(key: Key) -> tuple[int, float]:
        own = values.get(key)
        return sum(key in one.members for one in found), float(
            own[0].surprise.t[own[1]].max()
        ) if own else 0.0

    key = max({key for one in found for key in one.members}, key=lambda key: (*weight(key), key))
    first = found[0]
    names_th = " / ".join(one.relation.name.th for one in found)
    names_en = "; ".join(one.relation.name.en for one in found)
    others = ", ".join(sorted({f"{name}" for one in found for name, _ in one.members} - {key[0]}))
    value, expected, period = float("nan"), float("nan"), first.period
    if key in values:
        panel, row = values[key][0].panel, values[key][1]
        column = int(values[key][0].surprise.t[row].argmax()) - panel.block
        value, period = float(panel.values[row, column]), panel.period(row, column)
        expected = float(values[key][0].surprise.expected[row, column])
    th = f"ไม่เข้ากับอนุกรมที่เกี่ยวข้อง ({names_th}: เหลือต่าง {number(first.found)} ปกติ {number(first.expected)})"
    en = f"it does not fit its relation ({names_en}: {number(first.found)} is left over, usually {number(first.expected)})"
    if others:
        th, en = f"{th} ตรวจร่วมกับ {others}", f"{en}, see also {others}"
    return Told("newest.relation", "warning", key, period, value, expected, first.t, Name(th, en))


def _one_of_two_ids(told: Sequence[Told], same: Sequence[Relation], out: Sequence[Broken]) -> list[Told]:
    """Without the second of two series that hold one quantity, agree, and surprise in the same quarter: one event is one finding."""
    kept = list(told)
    disagree = {one.relation.id for one in out}
    for relation in same:
        own = [one for one in kept if one.rule == "newest.surprise" and one.key[0] in relation.members]
        quarters = {one.period.asfreq("Q-DEC") for one in own}
        if len(own) == len(relation.members) and len(quarters) == 1 and relation.id not in disagree:
            first, other = sorted(
                own, key=lambda one: (one.severity != "warning", relation.members.index(one.key[0]))
            )
            why = Name(
                f"{first.why.th} (เช่นเดียวกับ {other.key[0]} ซึ่งเป็นข้อมูลเดียวกัน)",
                f"{first.why.en} (so is {other.key[0]}, the same quantity)",
            )
            kept = [
                dataclasses.replace(first, why=why) if one is first else one
                for one in kept
                if one is not other
            ]
    return kept


def _of_twins(all_panels: Sequence[Panel], rules: Limits, since: pd.Period) -> list[Told]:
    """Pairs of series that are one."""
    same = [frozenset(relation.members) for relation in rules.relations if relation.is_same]
    periods, distinct = int(rules.number("twin", "periods")), int(rules.number("twin", "distinct"))
    found = []
    for panel in all_panels:
        for first, other, chance in twins(panel, periods, distinct, same):
            row = panel.keys.index(other)
            period = panel.period(row, -1)
            is_rare = chance < rules.number("twin", "answer_log10")
            if is_rare and period.asfreq("Q-DEC") >= since:
                text = f"{first[0]} {first[1]}"
                why = Name(
                    f"และอีก {periods - 1} งวดก่อนหน้าเท่ากับ {text} ทุกตัว อาจวางข้อมูลผิดอนุกรม",
                    f"it and the {periods - 1} values before equal those of {text}, perhaps one pasted for the other",
                )
                nan = float("nan")
                found.append(
                    Told("newest.twin", "warning", other, period, float(panel.values[row, -1]), nan, nan, why)
                )
    return found
