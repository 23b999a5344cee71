"""Measures from declared formulas: statistical annex, the ministry's budget, early-warning signals, series beside the index.

``annex``    indicators of the labour market and of the ministry's work, from raw counts or delivered rates
and here the disbursement of the budget (table ``fiscal``), conversion between months and quarters, early warning (signals and their
usefulness, turning points, the diffusion, the coincident and the leading index), and series beside the index (table ``beside``)
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import (
    Declarations,
    Indicator,
    asset,
    broken_rules,
    evaluate,
    names,
    rules_of,
)
from reporter.domain.periods import iso
from reporter.measures.annex import Annex, aggregate_of, annex_inputs, compute_annex, load_annex

__all__ = [
    "Annex",
    "aggregate_of",
    "annex_inputs",
    "at_frequency",
    "beside_declared",
    "compute_annex",
    "compute_beside",
    "compute_fiscal",
    "compute_signals",
    "load_annex",
]


# ----------------------------------------------------------------------------------------------------
# Fiscal context of the chapter ``outlook`` (the ministry's budget, what of it is disbursed, the calendar's pace), and series at another frequency.
#
# Goes in: records of the store whose ids begin with ``fiscal_`` (government spending services; million baht). Comes out:
# the table ``fiscal``. The fiscal year runs from October to September and bears the year in which it ends, so 2025-Q4 is
# the first quarter of fiscal 2026. Pace: the share of the fiscal year that has passed, against which the disbursed share
# is read. Method: method.md, 5 and issue 6. ``at_frequency`` makes complete quarters of months, and months of quarters.
# ----------------------------------------------------------------------------------------------------

_LETTER = {"monthly": "M", "quarterly": "Q"}
_KEY = ["group", "period"]
Aggregate = Literal["sum", "mean", "last"]


def at_frequency(
    rows: pd.DataFrame, frequency: Literal["monthly", "quarterly"], aggregate: Aggregate
) -> pd.DataFrame:
    """Observations of one series (docs/tables.md) at ``frequency``; ``as_of`` of a quarter is its last month's."""
    letter = _LETTER[frequency]
    own, others = rows[rows["frequency"] == letter], rows[rows["frequency"] != letter]
    if others.empty:
        return own
    made = _quarters(others, aggregate) if letter == "Q" else _months(others)
    have = pd.MultiIndex.from_frame(own[_KEY])
    made = made[~pd.MultiIndex.from_frame(made[_KEY]).isin(have)]
    return pd.concat([own, made[rows.columns]], ignore_index=True) if len(own) else made[rows.columns]


def _quarters(months: pd.DataFrame, aggregate: Aggregate) -> pd.DataFrame:
    """Complete quarters of monthly observations."""
    month = pd.PeriodIndex(months["period"], freq="M")
    dated = months.assign(period=[f"{p.year}-Q{p.quarter}" for p in month], _month=month).sort_values(
        "_month"
    )
    grouped = dated.groupby(_KEY, sort=True, observed=True)
    made = grouped.agg("last")
    made["value"] = grouped["value"].agg(aggregate)
    made["as_of"] = grouped["as_of"].max()
    made["adjusted"] = grouped["adjusted"].all()
    return made[grouped.size() == 3].assign(frequency="Q").reset_index()


def _months(quarters: pd.DataFrame) -> pd.DataFrame:
    """Each quarter's value for its three months."""
    quarter = pd.PeriodIndex(quarters["period"].str.replace("-Q", "Q"), freq="Q")
    first = quarter.asfreq("M", how="START")
    parts = [quarters.assign(period=(first + ahead).strftime("%Y-%m"), frequency="M") for ahead in range(3)]
    return pd.concat(parts, ignore_index=True)


PREFIX = "fiscal_"
_MONTHS = 12  # of a fiscal year
_STRATEGY = "STRATEGY:"


def compute_fiscal(records: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    """Budget, disbursement and pace, quarters and months up to the issue's.

    records   ``vintages.records(root, as_of, prefix="fiscal_")``: ``indicator, group, period, value`` at least; periods
              are months (2025-09) or fiscal years (2025)
    Returns   ``period,measure,value``. Per quarter: ``budget`` of its fiscal year, ``disbursed`` from October to the
              quarter's end, ``target`` = budget x share of the year passed (all million baht), ``disbursed_rate`` and
              ``pace`` (% of the budget). Per month: ``disbursed_month``. At the issue's quarter, per strategy:
              ``budget:<name>``, ``disbursed:<name>``. A quarter whose months are not all there has no ``disbursed``.
    """
    months = _fiscal_months(records, quarter)
    budgets = _yearly(records, "fiscal_budget", "TH")
    rows = [(iso(month), "disbursed_month", value) for month, value in months.items()]
    quarters = sorted(
        {month.asfreq("Q") for month in months} | ({quarter} if _fiscal(quarter) in budgets else set())
    )
    for each in quarters:
        rows += _quarter(each, months, budgets.get(_fiscal(each)))
    rows += _strategies(records, quarter)
    table = pd.DataFrame(rows, columns=schema.columns("fiscal")).astype({"value": "float64"})
    return table.sort_values(["period", "measure"], ignore_index=True)


def _quarter(
    quarter: pd.Period, months: dict[pd.Period, float], budget: float | None
) -> list[tuple[str, str, float]]:
    """The measures of one quarter that can be known."""
    passed = _passed(quarter)
    last = quarter.asfreq("M", how="end")
    needed = [last - back for back in range(passed)]
    rows: list[tuple[str, str, float]] = [(iso(quarter), "pace", passed / _MONTHS * 100)]
    disbursed = sum(months[month] for month in needed) if all(month in months for month in needed) else None
    if disbursed is not None:
        rows.append((iso(quarter), "disbursed", disbursed))
    if budget is not None:
        rows += [(iso(quarter), "budget", budget), (iso(quarter), "target", budget * passed / _MONTHS)]
    if disbursed is not None and budget:
        rows.append((iso(quarter), "disbursed_rate", disbursed / budget * 100))
    return rows


def _strategies(records: pd.DataFrame, quarter: pd.Period) -> list[tuple[str, str, float]]:
    """Budget and disbursement of the issue's fiscal year by strategy."""
    rows = []
    for series, measure in (("fiscal_budget_strategy", "budget"), ("fiscal_disbursed_strategy", "disbursed")):
        for group in sorted(records.loc[records["indicator"] == series, "group"].unique()):
            value = _yearly(records, series, group).get(_fiscal(quarter))
            if value is not None:
                rows.append((iso(quarter), f"{measure}:{group.removeprefix(_STRATEGY)}", value))
    return rows


def _fiscal_months(records: pd.DataFrame, quarter: pd.Period) -> dict[pd.Period, float]:
    """Disbursement of the months up to the quarter's end; months to come, which the service lists as zero, do not count."""
    found = records[(records["indicator"] == "fiscal_disbursed") & (records["group"] == "TH")]
    last = quarter.asfreq("M", how="end")
    values = {
        pd.Period(text, freq="M"): value for text, value in zip(found["period"], found["value"], strict=True)
    }
    return {month: values[month] for month in sorted(values) if month <= last}


def _yearly(records: pd.DataFrame, series: str, group: str) -> dict[int, float]:
    """Fiscal year (Christian) -> value of one series."""
    found = records[(records["indicator"] == series) & (records["group"] == group)]
    return {int(text): value for text, value in zip(found["period"], found["value"], strict=True)}


def _fiscal(quarter: pd.Period) -> int:
    """Fiscal year in which a calendar quarter lies: October to December belong to the next."""
    return int(quarter.year) + (quarter.quarter == 4)


def _passed(quarter: pd.Period) -> int:
    """Months of its fiscal year that have passed at a quarter's end: 3, 6, 9 or 12."""
    return int((quarter.quarter % 4 + 1) * 3)


# ----------------------------------------------------------------------------------------------------
# Early warning: a signal a quarter for the index, its dimensions and indicators; turning points; how useful signals have been.
#
# Goes in: quarterly series in which a higher value is better, and the declared thresholds (``data/rules/signals.toml``). Comes out:
# the tables ``signals``, ``turning_points`` and ``signal_quality``. A signal compares the newest fall with the series' own past alone,
# as it was known then: normal, watch or alert. Methods: signals approach and noise-to-signal ratio (Kaminsky, Lizondo and
# Reinhart 1998), usefulness (Alessi and Detken 2011), turning points (Bry and Boschan 1971, for quarters Harding and Pagan 2002).
# The diffusion index is the share of indicators that improved. The coincident and the leading index accumulate the declared
# indicators' standardised changes (composite index of the NBER, as the Bank of Thailand makes it). Sources: study, 1721-1856, 2473-2488.
# ----------------------------------------------------------------------------------------------------

NORMAL, WATCH, ALERT = "normal", "watch", "alert"
OVERALL, DIFFUSION, CYCLE = "overall", "diffusion", "cycle"
_NEAR = 4  # quarters within which two turning points belong together: less than the shortest cycle


@dataclass(frozen=True)
class SignalRules:
    """Thresholds of the signals, as ``data/rules/signals.toml`` declares and explains them."""

    span_quarters: int
    watch: float
    alert: float
    least_history: int
    horizon_quarters: int
    preference: float
    window: int
    least_phase: int
    least_cycle: int
    timing: Mapping[str, Sequence[str]] = field(default_factory=dict)  # coincident, leading -> indicators

    @property
    def watch_percent(self) -> int:
        """The share of the worst falls that a watch is given for, in per cent as texts name it."""
        return round(100 * self.watch)

    @property
    def alert_percent(self) -> int:
        """The same of an alert."""
        return round(100 * self.alert)


@dataclass(frozen=True)
class Quality:
    """How signals did against downturns; ratios are None where they cannot be computed.

    hits, missed              quarters with a downturn under way or near, with and without a signal
    false_alarms, quiet       the other quarters, with and without a signal
    """

    hits: int
    missed: int
    false_alarms: int
    quiet: int

    @property
    def noise_to_signal(self) -> float | None:
        """Share of false alarms among calm quarters, against the share of hits among the others; below 1 a signal says something."""
        calm, near = self.false_alarms + self.quiet, self.hits + self.missed
        if not calm or not near or not self.hits:
            return None
        return (self.false_alarms / calm) / (self.hits / near)

    def usefulness(self, preference: float) -> float | None:
        """How much a reader gains over always, or never, expecting a downturn; above 0 the signal is worth having."""
        calm, near = self.false_alarms + self.quiet, self.hits + self.missed
        if not calm or not near:
            return None
        loss = preference * self.missed / near + (1 - preference) * self.false_alarms / calm
        return min(preference, 1 - preference) - loss


@cache
def rules() -> SignalRules:
    """The declared thresholds. Raises DeclarationError where the workspace's own cannot be used."""
    return checked_rules(rules_of("signals"))


def checked_rules(declared: Mapping[str, Any]) -> SignalRules:
    """The thresholds as declared. Raises DeclarationError for quarters that cannot be counted, or a share beyond 0 to 1."""
    for key, value in declared.items():
        if key in ("watch", "alert", "preference"):
            is_good, th, en = 0 <= value <= 1, "ต้องอยู่ระหว่าง 0 ถึง 1", "must lie between 0 and 1"
        else:
            is_good = key == "timing" or (isinstance(value, int) and value >= 1)
            th, en = "ต้องเป็นจำนวนเต็มตั้งแต่ 1", "must be a whole number from 1"
        if not is_good:
            raise broken_rules("signals.toml", key, f"พบ {value} — {key} {th}", f"Found {value}; {key} {en}.")
    return SignalRules(**declared)


def signals_of(values: np.ndarray, declared: SignalRules) -> tuple[np.ndarray, list[str]]:
    """Rank of each quarter's change in the past up to it (0 to 1, NaN where there is too little past), and the signal ("" there).

    values   one a quarter without a gap, NaN where missing
    """
    changes = np.full(len(values), np.nan)
    changes[declared.span_quarters :] = values[declared.span_quarters :] - values[: -declared.span_quarters]
    ranks = np.full(len(values), np.nan)
    for place, change in enumerate(changes):
        past = changes[: place + 1]
        past = past[~np.isnan(past)]
        if not np.isnan(change) and len(past) >= declared.least_history:
            ranks[place] = float(np.mean(past <= change))
    # A change that is no fall warns of nothing, however good the past was.
    falls = changes < 0
    words = [
        "" if np.isnan(rank) else ALERT if fall and rank <= declared.alert else WATCH if fall and rank <= declared.watch else NORMAL
        for rank, fall in zip(ranks, falls, strict=True)
    ]  # fmt: skip
    return ranks, words


def turning_points(values: np.ndarray, declared: SignalRules) -> list[tuple[int, str]]:
    """Places of peaks and troughs, in turn, by Bry and Boschan's rules for quarters; none for a series with a gap."""
    if np.isnan(values).any():
        return []
    found: list[tuple[int, str]] = []
    for place in range(declared.window, len(values) - declared.window):
        around = np.delete(values[place - declared.window : place + declared.window + 1], declared.window)
        if values[place] > around.max():
            found.append((place, "peak"))
        elif values[place] < around.min():
            found.append((place, "trough"))
    return _without_beaten_ends(_censored(_alternating(found, values), declared), values)


def _without_beaten_ends(points: list[tuple[int, str]], values: np.ndarray) -> list[tuple[int, str]]:
    """Without a last point that later values beat, and a first one that earlier values beat: no phase begins or ends there."""
    kept = list(points)
    while kept and _is_beaten(kept[-1], values, values[kept[-1][0] + 1 :]):
        del kept[-1]
    while kept and _is_beaten(kept[0], values, values[: kept[0][0]]):
        del kept[0]
    return kept


def _is_beaten(point: tuple[int, str], values: np.ndarray, others: np.ndarray) -> bool:
    place, kind = point
    if not len(others):
        return False
    return bool(others.max() > values[place]) if kind == "peak" else bool(others.min() < values[place])


def _alternating(found: list[tuple[int, str]], values: np.ndarray) -> list[tuple[int, str]]:
    """Of several peaks in a row the highest, of several troughs the lowest."""
    kept: list[tuple[int, str]] = []
    for place, kind in found:
        if kept and kept[-1][1] == kind:
            is_better = (
                values[place] > values[kept[-1][0]] if kind == "peak" else values[place] < values[kept[-1][0]]
            )
            if is_better:
                kept[-1] = (place, kind)
        else:
            kept.append((place, kind))
    return kept


def _censored(found: list[tuple[int, str]], declared: SignalRules) -> list[tuple[int, str]]:
    """Without phases and cycles that are too short: a pair of points goes, so that peaks and troughs still alternate."""
    place = 0
    kept = list(found)
    while place + 1 < len(kept):
        is_short = kept[place + 1][0] - kept[place][0] < declared.least_phase
        is_quick = place + 2 < len(kept) and kept[place + 2][0] - kept[place][0] < declared.least_cycle
        if is_short or is_quick:
            start = place + 1 if place else 0
            del kept[start : start + 2]
            place = max(place - 1, 0)
        else:
            place += 1
    return kept


def downturns(points: list[tuple[int, str]], size: int) -> np.ndarray:
    """Whether each quarter lies after a peak, up to and with the trough; a peak without a trough lasts to the end."""
    inside = np.zeros(size, dtype=bool)
    for number, (place, kind) in enumerate(points):
        if kind == "peak":
            end = points[number + 1][0] if number + 1 < len(points) else size - 1
            inside[place + 1 : end + 1] = True
    return inside


def quality(words: list[str], inside: np.ndarray, declared: SignalRules) -> Quality:
    """Signals (watch or alert) against downturns that are under way or begin within the horizon; quarters without a signal left out."""
    near = inside.copy()
    for ahead in range(1, declared.horizon_quarters + 1):
        near[:-ahead] |= inside[ahead:]
    known = np.array([word != "" for word in words])
    warned = np.array([word in (WATCH, ALERT) for word in words])
    return Quality(
        hits=int((known & warned & near).sum()),
        missed=int((known & ~warned & near).sum()),
        false_alarms=int((known & warned & ~near).sum()),
        quiet=int((known & ~warned & ~near).sum()),
    )


# ----------------------------------------------------------------------------------------------------
# The tables of an issue.
# ----------------------------------------------------------------------------------------------------


def compute_signals(
    index: pd.DataFrame, series: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> dict[str, pd.DataFrame]:
    """``signals``, ``turning_points`` and ``signal_quality`` of the whole country up to the issue's quarter.

    index    ``labour_index``: ``dimension, group, period, value``
    series   ``series``: ``indicator, group, period, adjusted``; months become quarters by their mean
    """
    declared = rules()
    tracks = _tracks(index, series, declarations, quarter)
    signals, points, qualities = [], [], []
    reference = np.zeros(0, dtype=bool)
    for (kind, item), values in tracks.items():
        numbers = values.to_numpy(dtype=float)
        found = turning_points(numbers, declared) if kind in ("index", CYCLE) else []
        periods = [iso(period) for period in values.index]
        points += [(item, values.index[place], what) for place, what in found]
        ranks, words = signals_of(numbers, declared)
        signals += [
            (kind, item, period, value, rank, word)
            for period, value, rank, word in zip(periods, numbers, ranks, words, strict=True)
            if word
            or (
                kind in (CYCLE, DIFFUSION) and not np.isnan(value)
            )  # drawn whole, also before there is a signal
        ]
        if (kind, item) == ("index", OVERALL):
            reference, first = downturns(found, len(numbers)), values.index[0]
        # Every series is held against the downturns of the composite: that is what a reader wants to be warned of.
        inside = (
            _placed(reference, first, values.index) if len(reference) else np.zeros(len(numbers), dtype=bool)
        )
        qualities.append((kind, item, *_told(quality(words, inside, declared), declared)))
    return {
        "signals": _table("signals", signals),
        "turning_points": _table("turning_points", _dated(points)),
        "signal_quality": _table("signal_quality", [*qualities, *_simulated()]),
    }


def _dated(points: Sequence[tuple[str, pd.Period, str]]) -> list[tuple[str | float | None, ...]]:
    """Turning points with the composite's nearest one of the same kind within a year, and by how many quarters they came before it."""
    own = [(period, what) for item, period, what in points if item == OVERALL]
    rows: list[tuple[str | float | None, ...]] = []
    for item, period, what in points:
        near = [other for other, kind in own if kind == what and abs((other - period).n) <= _NEAR]
        best = min(near, key=lambda other: abs((other - period).n)) if near and item != OVERALL else None
        lead = None if best is None else float((best - period).n)
        rows.append((item, iso(period), what, "" if best is None else iso(best), lead))
    return rows


def _told(found: Quality, declared: SignalRules) -> tuple[float | int | None, ...]:
    return (
        found.hits,
        found.missed,
        found.false_alarms,
        found.quiet,
        found.noise_to_signal,
        found.usefulness(declared.preference),
    )


def _simulated() -> list[tuple[str | float | int | None, ...]]:
    """What was measured on simulated histories with known downturns (tests/bench/bench_signals.py), at the program's own thresholds."""
    path = asset("data", "rules", "signals_measured.toml")
    declared = tomllib.loads(asset("data", "rules", "signals.toml").read_text(encoding="utf-8"))
    if not path.exists() or rules() != SignalRules(**declared):
        return []
    measured: Mapping[str, float] = tomllib.loads(path.read_text(encoding="utf-8"))
    keys = ("hits", "missed", "false_alarms", "quiet", "noise_to_signal", "usefulness")
    return [("simulation", OVERALL, *(measured[key] for key in keys))]


def _table(name: str, rows: Sequence[tuple[str | float | int | None, ...]]) -> pd.DataFrame:
    if not rows:
        return schema.empty(name)
    table = pd.DataFrame(rows, columns=schema.columns(name))
    kinds = {"text": "str", "integer": "int64", "number": "float64"}
    return table.astype(
        {key: kinds[column.dtype] for key, column in schema.declared_tables()[name].columns.items()}
    )


def _placed(inside: np.ndarray, first: pd.Period, index: pd.Index) -> np.ndarray:
    """Downturns of the composite at the quarters of another series; outside its time there is none."""
    known = {first + step: bool(found) for step, found in enumerate(inside)}
    return np.array([known.get(period, False) for period in index], dtype=bool)


def _tracks(
    index: pd.DataFrame, series: pd.DataFrame, declarations: Declarations, quarter: pd.Period
) -> dict[tuple[str, str], pd.Series]:
    """Kind and id -> quarterly values, higher is better: the composite first, dimensions, indicators, indices of the cycle, diffusion."""
    found: dict[tuple[str, str], pd.Series] = {}
    national = index[index["group"] == "TH"]
    for dimension in (OVERALL, *declarations.dimensions):
        rows = national[national["dimension"] == dimension]
        found["index" if dimension == OVERALL else "dimension", dimension] = _quarterly(
            rows, "value", quarter
        )
    own = series[series["group"] == "TH"]
    levels = {
        code: _quarterly(own[own["indicator"] == code], "adjusted", quarter)
        for code in declarations.indicators
    }
    for code, values in levels.items():
        found["indicator", code] = values * declarations.indicators[code].polarity
    scale = None
    for name in ("coincident", "leading"):
        codes = [code for code in rules().timing.get(name, ()) if code in levels]
        changes = cycle_changes({code: (declarations.indicators[code], levels[code]) for code in codes})
        scale = changes.abs().mean() if scale is None else scale
        # The leading index swings as widely as the coincident one, so that both can be read on one axis.
        found[CYCLE, name] = accumulated(changes / changes.abs().mean() * scale)
    found[DIFFUSION, DIFFUSION] = diffusion(
        {code: values for (kind, code), values in found.items() if kind == "indicator"}
    )
    return {key: values for key, values in found.items() if len(values) > 1}


def _quarterly(rows: pd.DataFrame, column: str, quarter: pd.Period) -> pd.Series:
    """A series by quarter without gaps between its ends, NaN where a quarter is missing; nothing after the issue's quarter."""
    rows = rows[rows[column].notna()]
    if rows.empty:
        return pd.Series(dtype="float64", index=pd.PeriodIndex([], freq="Q-DEC"))
    texts = rows["period"].astype("str").str.replace("-Q", "Q")
    periods = pd.PeriodIndex([pd.Period(text).asfreq("Q-DEC") for text in texts], freq="Q-DEC")
    values = pd.Series(rows[column].to_numpy(dtype=float), index=periods).groupby(level=0).mean()
    values = values[values.index <= quarter]
    return (
        values.reindex(pd.period_range(values.index[0], values.index[-1], freq="Q-DEC"))
        if len(values)
        else values
    )


def diffusion(indicators: Mapping[str, pd.Series]) -> pd.Series:
    """Share of indicators that improved on the quarter, per cent; one that stayed counts half; NaN where fewer than half are known."""
    if not indicators:
        return pd.Series(dtype="float64", index=pd.PeriodIndex([], freq="Q-DEC"))
    changes = pd.DataFrame(dict(indicators)).diff()
    known = changes.notna().sum(axis=1)
    better = (changes > 0).sum(axis=1) + 0.5 * (changes == 0).sum(axis=1)
    share = (better / known * 100).where(known >= len(indicators) / 2)
    return share.loc[share.first_valid_index() : share.last_valid_index()]


def cycle_changes(members: Mapping[str, tuple[Indicator, pd.Series]]) -> pd.Series:
    """Mean of the members' changes on the quarter, each in units of its own mean absolute change; better is positive.

    Rates change by their difference, other series by the symmetrical per cent. NaN where fewer than half of the members are known.
    """
    if not members:
        return pd.Series(dtype="float64", index=pd.PeriodIndex([], freq="Q-DEC"))
    columns = {}
    for code, (indicator, values) in members.items():
        change = values.diff()
        if indicator.transform == "growth":
            change = change / ((values + values.shift()) / 2) * 100
        columns[code] = change / change.abs().mean() * indicator.polarity
    frame = pd.DataFrame(columns)
    known = frame.notna().sum(axis=1) >= len(members) / 2
    mean = frame.mean(axis=1).where(known)
    return mean.loc[mean.first_valid_index() : mean.last_valid_index()]


def accumulated(changes: pd.Series) -> pd.Series:
    """An index from changes in per cent that begins at 100 before the first; NaN from a missing change on."""
    return 100 * ((200 + changes) / (200 - changes)).cumprod(skipna=False)


# ----------------------------------------------------------------------------------------------------
# Series beside the index: labour cost, vacancies per unemployed, working poor, farm income.
#
# Goes in: observations and ``data/annex/beside.toml``. Comes out: the table ``beside``, of every declared series whose inputs are there.
# They do not enter the index. Sources: study, 600-770, 1245-1379, 2684-2858, 3432-3565.
# ----------------------------------------------------------------------------------------------------


@cache
def beside_declared() -> tuple[Mapping[str, Any], ...]:
    """The declared series: id, name, unit, formula."""
    content = tomllib.loads(asset("data", "annex", "beside.toml").read_text(encoding="utf-8"))
    return tuple(content["series"])


def compute_beside(observations: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    """Quarterly values of the whole country up to the issue's quarter; a series without all of its inputs is left out.

    observations   ``indicator, group, period, frequency, value, as_of, adjusted`` at least, one row per key
    """
    own = observations[observations["group"].astype("str") == "TH"]
    rows: list[tuple[str | float | int | None, ...]] = []
    for item in beside_declared():
        series = {name: _of_quarters(own[own["indicator"] == name], name) for name in names(item["formula"])}
        if any(values.empty for values in series.values()):
            continue
        values = evaluate(item["formula"], series).dropna()
        rows += [
            (item["id"], item["name"]["th"], item["unit"]["th"], iso(period), value)
            for period, value in zip(values.index, values, strict=True)
            if period <= quarter
        ]
    return _table("beside", rows)


def _of_quarters(rows: pd.DataFrame, series: str) -> pd.Series:
    """A series by quarter, from its quarters or from complete quarters of its months."""
    rows = rows[rows["frequency"].isin(["M", "Q"])].dropna(subset="value")
    if rows.empty:
        return pd.Series(dtype="float64")
    found = at_frequency(rows, "quarterly", aggregate_of(series))
    index = pd.PeriodIndex(found["period"].astype("str").str.replace("-Q", "Q"), freq="Q-DEC")
    return pd.Series(found["value"].to_numpy(dtype=float), index=index).groupby(level=0).last()
