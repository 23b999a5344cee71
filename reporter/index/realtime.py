"""Real-time analysis of the index: simulated and published vintages, news decomposition, track record, and the notice when a model or method is replaced.

In: the learnt model, today's adjusted inputs, publication lags; and what earlier issues printed. Out: ``index_vintages`` (the composite and the joint model's forecast as seen from
every past quarter; the forecast stage learns from it) and ``realtime`` with its summary ``track_record``. Simulated vintages know each series up to its
declared publication lag 60 days after the quarter's end; they take today's seasonal factors, so they understate what those add.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.index.composite import (
    FEWEST_SHARED,
    OVERALL,
    STALE_QUARTERS,
    chained,
    points,
    quarter_status,
    slopes,
)
from reporter.index.joint_model import (
    JointModel,
    Observations,
    Posterior,
    TimeGrid,
    observations_of,
    principal_component,
    quarter_variance,
    smooth,
    taken,
    years,
)
from reporter.index.model_file import FEWEST_QUARTERS, FOLDER, KeptModel
from reporter.index.panel import Series, known_items, periods, quarterly_means, quarters_of

RELEASE_DAYS = 60  # an issue comes out two months after its quarter
HORIZONS = 4  # quarters ahead, as the forecast
_FIRST_ORIGIN = 12  # three years before the first origin
_TRACKED_QUARTERS = 24  # simulated issues in the track record: six years
_TRACKED_AGE = 8  # quarters for which an issue's value is followed: later data hardly move it
CAUSES = ("data", "seasonal", "model")  # of what a printed value moved
_LATE_ISSUES = 4  # simulated issues whose newest quarter is read again without late sources: a year


def known(
    inputs: Mapping[str, pd.Series], declarations: Declarations, quarter: pd.Period, days: int = RELEASE_DAYS
) -> dict[str, pd.Series]:
    """The inputs as published so many days after a quarter's end, by each indicator's declared lag."""
    day = quarter.end_time.normalize() + pd.Timedelta(days=days)
    found = {}
    for name, values in inputs.items():
        lag = pd.Timedelta(days=declarations.indicators[name].publication_lag_days)
        kept = values[np.asarray(periods(values).end_time.normalize() + lag <= day)]
        if kept.notna().any():
            found[name] = kept
    return found


def simulated(
    model: JointModel,
    inputs: Mapping[str, pd.Series],
    declarations: Declarations,
    quarter: pd.Period,
    linked: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """``index_vintages``, the simulated rows of ``realtime``, and ``late_sources``.

    linked  an earlier model's values up to the link quarter (composite.chained)
    """
    first = min(periods(values.dropna())[0].asfreq("Q-DEC") for values in inputs.values())
    vintages: list[tuple[str, str, float]] = []
    tracked: list[tuple[str, str, str, float, bool]] = []
    late: list[pd.DataFrame] = []
    for issued in pd.period_range(first + _FIRST_ORIGIN, quarter, freq="Q-DEC"):
        data = known(inputs, declarations, issued)
        if not data:
            continue
        posterior = smooth(model, data, issued + HORIZONS)
        if (quarter - issued).n < _LATE_ISSUES:
            late.append(late_moves(posterior, declarations, issued))
        value = points(model, posterior.value)
        value = value if linked is None else chained(value, linked)
        vintages += [
            (iso(issued), iso(p), float(v)) for p, v in zip(periods(value), value[OVERALL], strict=True)
        ]
        if (quarter - issued).n < _TRACKED_QUARTERS:
            recent = value.loc[issued - _TRACKED_AGE + 1 : issued]
            tracked += [
                (str(name), iso(period), iso(issued), float(level), True)
                for name in recent
                for period, level in zip(periods(recent), recent[name], strict=True)
            ]
    rows = pd.DataFrame(tracked, columns=schema.columns("realtime"))
    return {
        "index_vintages": pd.DataFrame(vintages, columns=schema.columns("index_vintages")),
        "realtime": sorted_rows(rows),
        "late_sources": late_sources(late),
    }


def sources(declarations: Declarations) -> list[str]:
    """Agencies that deliver series; joint ones are taken apart."""
    return sorted({part for item in declarations.indicators.values() for part in item.source.split("+")})


def without_sources(posterior: Posterior, declarations: Declarations) -> dict[str, pd.Series]:
    """The composite had a source never delivered anything, under the same model: ``source_<id>`` -> quarter -> points.

    An indicator that rests on two sources is left out with either. A source of all observations, or of none, has no entry.
    """
    model, seen = posterior.model, posterior.seen
    from_whom = _deliverers(model, declarations)
    found = {}
    for name in sources(declarations):
        kept = np.flatnonzero([name not in from_whom[k] for k in seen.member])
        if 0 < len(kept) < len(seen.member):
            other = Posterior(model, posterior.grid, taken(seen, kept))
            found[f"source_{name}"] = points(model, other.value)[OVERALL]
    return found


def _deliverers(model: JointModel, declarations: Declarations) -> list[set[str]]:
    """The sources of every member of the model; none for a member that is not declared any more."""
    declared = declarations.indicators
    return [
        set(declared[member.indicator].source.split("+")) if member.indicator in declared else set()
        for member in model.members
    ]


def late_moves(posterior: Posterior, declarations: Declarations, quarter: pd.Period) -> pd.DataFrame:
    """By how much a quarter's values move for every pattern of sources that have delivered nothing of it or later.

    Returns  one row a pattern: ``missing`` (how many of the sources with data in the quarter), then points of the composite and of each sub-index
    """
    model, grid, seen = posterior.model, posterior.grid, posterior.seen
    newest = np.flatnonzero(grid.quarter_of(seen.cell) >= (quarter - grid.first).n)
    deliverers = _deliverers(model, declarations)
    there = [
        name
        for name in sources(declarations)
        if any(name in deliverers[k] for k in np.unique(seen.member[newest]))
    ]
    patterns = [set(late) for size in range(1, len(there) + 1) for late in combinations(there, size)]
    groups = [newest[[bool(deliverers[k] & late) for k in seen.member[newest]]] for late in patterns]
    moved = posterior.without(quarter, groups) - posterior.value.xs(quarter).to_numpy()
    frame = pd.DataFrame(moved @ slopes(model).T, columns=[OVERALL, *model.dimensions])
    frame.insert(0, "missing", [len(late) for late in patterns])
    return frame


def late_sources(moves: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Table ``late_sources``: moves of the headline and of the sub-indices by how many sources were late."""
    if not moves:
        return schema.empty("late_sources")
    rows: list[list[object]] = []
    for missing, own in pd.concat(moves, ignore_index=True).groupby("missing"):
        headline, sub = own[OVERALL].abs(), own.drop(columns=["missing", OVERALL]).abs().to_numpy()
        moved = [float(headline.mean()), float(headline.max()), float(sub.mean()), float(sub.max())]
        rows.append([missing, len(own), *moved])
    return pd.DataFrame(rows, columns=schema.columns("late_sources"))


def sorted_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``realtime`` by dimension, quarter and issue."""
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["dimension"]))}
    ranked = rows.assign(order=rows["dimension"].map(order))
    ranked = ranked.sort_values(["order", "period", "published_in"], kind="stable", ignore_index=True)
    return ranked.drop(columns="order")


class Printed(NamedTuple):
    """An issue: its ``labour_index``, its ``moved_history`` (against the issue before), the name of its index's model."""

    quarter: pd.Period
    table: pd.DataFrame
    moved: pd.DataFrame
    model: str


def with_published(rows: pd.DataFrame, issues: Sequence[Printed]) -> dict[str, pd.DataFrame]:
    """``realtime`` with what earlier issues printed in place of simulated rows, and its summary ``track_record``.

    rows    simulated ones; issues: every earlier issue and this one, oldest first
    """
    parts = [rows]
    for quarter, index, _, _ in issues:
        nation = index[(index["group"] == "TH") & index["value"].notna()]
        ages = np.array([(quarter - parse_quarter(text)).n for text in nation["period"]])
        nation = nation[ages < _TRACKED_AGE]
        parts.append(
            nation[["dimension", "period", "value"]].assign(published_in=iso(quarter), simulated=False)
        )
    whole = pd.concat(parts, ignore_index=True)[schema.columns("realtime")]
    whole = whole.drop_duplicates(["dimension", "period", "published_in"], keep="last")
    table = sorted_rows(whole.astype({"simulated": bool}))
    return {"realtime": table, "track_record": track_record(table, causes(issues))}


def causes(issues: Sequence[Printed]) -> pd.DataFrame:
    """What moved printed values, summed since their first release: ``dimension, period, age, data, seasonal, model``.

    Within a model's life what is not data is the seasonal models chosen each January; in the issue that starts another model of the index
    it is that model. A value that an issue between did not print, or without an issue before, has no row.
    """
    found: list[pd.DataFrame] = []
    for before, now in pairwise(issues):
        if (now.quarter - before.quarter).n != 1 or now.moved.empty:
            continue
        is_other = before.model != now.model
        step = now.moved[["dimension", "period", "data", "models"]].copy()
        step["seasonal"], step["model"] = (0.0, step["models"]) if is_other else (step["models"], 0.0)
        step["age"] = [(now.quarter - parse_quarter(text)).n for text in step["period"]]
        found.append(step.drop(columns="models"))
    if not found:
        return pd.DataFrame(columns=["dimension", "period", "age", *CAUSES])
    steps = (
        pd.concat(found, ignore_index=True).query("0 < age < @_TRACKED_AGE").sort_values("age", kind="stable")
    )
    by = steps.groupby(["dimension", "period"], sort=False)
    summed = steps.assign(**{name: by[name].cumsum() for name in CAUSES}, place=by.cumcount() + 1)
    return summed[summed["place"] == summed["age"]].drop(columns="place").reset_index(drop=True)


def _mean_size(values: pd.Series) -> float:
    return float(values.abs().mean())


def track_record(table: pd.DataFrame, moved_by: pd.DataFrame) -> pd.DataFrame:
    """By dimension and age in quarters: how far a value has moved from its first release, and how often the change's sign turned.

    moved_by  of ``causes``: the parts of what printed values moved; their mean sizes are NaN where no issue was printed
    """
    parts = moved_by.groupby(["dimension", "age"])[list(CAUSES)].agg(_mean_size)
    rows: list[list[object]] = []
    numbered = table.assign(
        age=[
            (parse_quarter(issue) - parse_quarter(period)).n
            for issue, period in zip(table["published_in"], table["period"], strict=True)
        ]
    )
    for name, own in numbered.groupby("dimension", sort=False):
        wide = own.pivot(index="period", columns="age", values="value")
        if 0 not in wide:
            continue
        before = wide.shift(1)
        for age in range(1, _TRACKED_AGE):
            if age not in wide:
                continue
            moved = (wide[age] - wide[0]).dropna()
            if moved.empty:
                continue
            # The change on the quarter at first release and now; the quarter before is one quarter older.
            first = wide[0] - before.get(1, np.nan)
            later = wide[age] - before.get(age + 1, np.nan)
            both = pd.DataFrame({"first": first, "later": later}).dropna()
            turned = float((np.sign(both["first"]) != np.sign(both["later"])).mean()) if len(both) else np.nan
            size = moved.abs()
            shares = (
                parts.xs((name, age)).to_numpy().tolist()
                if (name, age) in parts.index
                else [np.nan] * len(CAUSES)
            )
            measured = [float(size.median()), float(size.mean()), float(moved.mean()), turned]
            rows.append([name, age, len(moved), *measured, *shares])
    return pd.DataFrame(rows, columns=schema.columns("track_record"))


# ----------------------------------------------------------------------------------------------------
# News decomposition: exact effects of new and revised data on the index since the previous issue, by series.
#
# In: the present model, the inputs as the previous issue knew them and as they are. Out: ``news`` for the issue's quarter and the one before, and
# ``data_effects`` for every quarter. The present model reads both. Method: Banbura and Modugno (2014): with W the weights of the present
# observations and y the values,
#
#     v1 - v0  =  W_c (y1_c - y0_c)  [revisions, c: cells known both times]  +  W_n (y_n - E[y_n | y1_c])  [news]
#
# and what was withdrawn counts as news with the opposite sign. y1_c - y0_c is split by what an input is made of (``joint_model.steps``): what the source
# revised (``revision``), the curve of the transformation, the seasonal adjustment, and clipping. Impacts sum to the whole change.
# ----------------------------------------------------------------------------------------------------

KINDS = {
    "data": "revision",
    "transformation": "transformation",
    "seasonal": "seasonal",
    "clipping": "clipping",
}
ModelSteps = Mapping[str, Mapping[str, pd.Series]]  # of ``joint_model.steps``
_SMALLEST_IMPACT = 1e-12  # points: what steps differ by in the last binary digits is no revision


def since(
    now: Posterior, before: Mapping[str, pd.Series], steps_now: ModelSteps, steps_before: ModelSteps
) -> dict[str, pd.DataFrame]:
    """Tables ``news`` (points of the composite) and ``data_effects`` (points of each index).

    before  the previous issue's data as inputs of the present model
    steps_now, steps_before  what the inputs are made of, with the same tangents
    """
    model, grid = now.model, now.grid
    seen = observations_of(model, grid, before)
    quarters = list(grid.index[-2:])
    impact = impacts(now, seen, quarters, (steps_now, steps_before))
    return {"news": _news_table(model, impact, quarters), "data_effects": _effects(now, seen)}


class Impacts(NamedTuple):
    """Impact of every cell on some factors, (quarters x dimensions) x cells, by kind: ``news``, ``revision``, and the values of ``KINDS`` where it was split."""

    member: np.ndarray
    cell: np.ndarray
    by_kind: Mapping[str, np.ndarray]

    @property
    def total(self) -> np.ndarray:
        """Change of the factors."""
        return np.asarray(sum(part.sum(axis=1) for part in self.by_kind.values()))


def impacts(
    now: Posterior,
    before: Observations,
    quarters: list[pd.Period],
    steps: tuple[ModelSteps, ModelSteps] | None = None,
) -> Impacts:
    """The change of some quarters' factors between two states of the data, by cell of the present grid.

    steps  of the inputs now and before, which take revisions apart; None: all of a revision is ``revision``
    """
    model, grid, seen = now.model, now.grid, now.seen
    key_now, key_before = _keys(seen, grid), _keys(before, grid)
    kept_now, kept_before = np.isin(key_now, key_before), np.isin(key_before, key_now)
    common = taken(seen, kept_now)
    shared = now if kept_now.all() else Posterior(model, grid, common)
    old = before.value[kept_before]
    new, gone = taken(seen, ~kept_now), taken(before, ~kept_before)
    surprise = new.value - shared.expected(new) if len(new.value) else np.zeros(0)
    arrived = now.weights(quarters)[:, ~kept_now] * surprise
    gains, moved = shared.weights(quarters), {"revision": common.value - old}
    if steps is not None:
        moved = _moved_by(model, grid, steps, (kept_now, kept_before))
    if len(gone.value):
        with_gone = Posterior(model, grid, before)
        then = Posterior(model, grid, Observations(common.member, common.cell, old))
        lost = -with_gone.weights(quarters)[:, ~kept_before] * (gone.value - then.expected(gone))
    else:
        lost = np.zeros((len(arrived), 0))
    revised = {
        kind: np.hstack([np.zeros_like(arrived), gains * part, np.zeros_like(lost)])
        for kind, part in moved.items()
    }
    return Impacts(
        np.concatenate([new.member, common.member, gone.member]),
        np.concatenate([new.cell, common.cell, gone.cell]),
        {"news": np.hstack([arrived, np.zeros_like(gains), lost]), **revised},
    )


def _moved_by(
    model: JointModel,
    grid: TimeGrid,
    steps: tuple[ModelSteps, ModelSteps],
    kept: tuple[np.ndarray, np.ndarray],
) -> dict[str, np.ndarray]:
    """Kind -> what it moved the inputs by that were known both times; steps are missing where inputs are, so their rows are the same."""
    now, before = (
        {step: observations_of(model, grid, found).value[rows] for step, found in one.items()}
        for one, rows in zip(steps, kept, strict=True)
    )
    return {kind: now[step] - before[step] for step, kind in KINDS.items()}


def _keys(seen: Observations, grid: TimeGrid) -> np.ndarray:
    return seen.member * (4 * grid.quarters) + seen.cell


def _news_table(model: JointModel, impact: Impacts, quarters: list[pd.Period]) -> pd.DataFrame:
    effect = slopes(model)[0]
    count = len(model.dimensions)
    rows: list[list[object]] = []
    for place, quarter in enumerate(quarters):
        block = slice(place * count, (place + 1) * count)
        for kind, part in impact.by_kind.items():
            points_by_cell = effect @ part[block]
            sums = np.bincount(impact.member, weights=points_by_cell, minlength=len(model.members))
            rows += [
                [iso(quarter), model.members[k].indicator, model.members[k].dimension, kind, float(sums[k])]
                for k in np.flatnonzero(np.abs(sums) > _SMALLEST_IMPACT)
            ]
    table = pd.DataFrame(rows, columns=schema.columns("news"))
    return table.sort_values(["period", "dimension", "indicator", "kind"], kind="stable", ignore_index=True)


def _effects(now: Posterior, before: Observations) -> pd.DataFrame:
    """By how many points the data since the previous issue moved every quarter's value, read with the present model."""
    model = now.model
    moved = points(model, now.value) - points(model, Posterior(model, now.grid, before).value)
    order = [OVERALL, *model.dimensions]
    rows = [[iso(p), name, value] for name in order for p, value in known_items(moved[name])]
    return pd.DataFrame(rows, columns=schema.columns("data_effects"))


# ----------------------------------------------------------------------------------------------------
# Data used and their quality: state of every declared indicator, loadings, and the cross-check by principal components.
#
# In: declarations, raw and adjusted series, the posterior. Out: ``indicator_status``, ``factor_quality`` and ``dimension_quality``.
# ----------------------------------------------------------------------------------------------------

CHECKED_SHARE = 0.05  # a member with less of its variance in common is named in the quality sheet
NOTES = {
    "used": ("ใช้ในการคำนวณ", "Used."),
    "stale": (
        "ข้อมูลสิ้นสุดที่ {last} จึงใช้เฉพาะช่วงที่มีข้อมูล และไม่มีผลต่อไตรมาสล่าสุดนอกจากผ่านแบบจำลอง",
        "Data end in {last}: used where they exist, without weight of their own in the newest quarters.",
    ),
    "short": ("ข้อมูลไม่ถึง 12 ไตรมาส จึงยังไม่ใช้ในการคำนวณ", "Fewer than 12 quarters of data: not used yet."),
    "constant": ("ข้อมูลมีค่าคงที่ จึงไม่มีข้อมูลเกี่ยวกับวัฏจักร", "Constant: carries no information on the cycle."),
    "not_in_model": (
        "ยังไม่อยู่ในแบบจำลองที่ตรึงไว้ จะเริ่มใช้เมื่อประมาณแบบจำลองใหม่",
        "Not in the model that is kept: used from its next estimation on.",
    ),
    "missing": ("ไม่มีข้อมูลในพื้นที่ทำงานนี้", "No data in this workspace."),
}


@dataclass(frozen=True)
class Crosscheck:
    """One dimension's principal component: of the members' quarterly means without their trends, over what is observed.

    panel  quarter x indicator, standard deviations; value: the component by quarter; loadings: correlations with it; share: of variance
    """

    panel: pd.DataFrame
    value: pd.Series
    loadings: np.ndarray
    share: float


def usable(changed: pd.Series) -> str:
    """State of a series in its form of change: "used", "short" or "constant"."""
    seen = changed.dropna()
    if (quarters_of(seen).nunique() if len(seen) else 0) < FEWEST_QUARTERS:
        return "short"
    values = seen.to_numpy()
    scale = max(float(np.abs(values).max()), 1e-300)
    return "constant" if float(values.std()) <= 1e-9 * scale else "used"


def detrended(posterior: Posterior, inputs: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Inputs less the posterior means of their levels and slopes, in standard deviations."""
    trends = posterior.trends()
    found = {}
    for member in posterior.model.members:
        values = inputs.get(member.indicator)
        if values is not None:
            trend = trends.loc[member.indicator]
            line = trend["level"] + trend["slope"] * (years(periods(values)) - member.middle)
            found[member.indicator] = values - line
    return found


def crosschecks(posterior: Posterior, rest: Mapping[str, pd.Series]) -> dict[str, Crosscheck]:
    """Principal component of every dimension, oriented as the model's loadings.

    rest  of ``detrended``
    """
    found = {}
    for dimension in posterior.dimensions:
        members = [member for member in posterior.model.of(dimension) if member.indicator in rest]
        panel = pd.DataFrame({m.indicator: quarterly_means(rest[m.indicator]) for m in members})
        panel = panel.reindex(posterior.grid.index)
        panel = panel.loc[:, panel.notna().sum() >= FEWEST_QUARTERS]
        kept = panel.dropna(how="all")
        if kept.empty:
            continue
        standard = (kept - kept.mean()) / kept.std(ddof=0).where(kept.std(ddof=0) > 0, 1.0)
        scores, loadings, share = principal_component(standard.to_numpy())
        signs = np.array([m.loading for m in members if m.indicator in panel])
        turn = 1.0 if loadings @ signs >= 0 else -1.0
        value = pd.Series(turn * scores, kept.index).reindex(panel.index)
        found[dimension] = Crosscheck(panel, value, turn * loadings, share)
    return found


def indicator_status(
    declarations: Declarations,
    series: Mapping[str, Series],
    changed: Mapping[str, pd.Series],
    members: frozenset[str],
    quarter: pd.Period,
) -> pd.DataFrame:
    """Table ``indicator_status``: one row for each declared indicator.

    changed  series in their forms of change; members: those of the model
    """
    rows = []
    for name, item in declarations.indicators.items():
        if name not in series:
            rows.append(
                [
                    name,
                    item.dimension,
                    item.frequency,
                    "",
                    "",
                    0,
                    0,
                    "missing",
                    False,
                    *NOTES["missing"],
                    "absent",
                ]
            )
            continue
        values = series[name].values
        state = usable(changed[name])
        if state == "used" and name not in members:
            state = "not_in_model"
        if state == "used" and (quarter - values.index[-1].asfreq("Q-DEC")).n > STALE_QUARTERS:
            state = "stale"
        first, last = iso(values.index[0]), iso(values.index[-1])
        notes = [text.format(last=last) for text in NOTES[state]]
        count, holes = int(values.notna().sum()), int(values.isna().sum())
        frequency = "monthly" if series[name].is_monthly else "quarterly"
        counts = [name, item.dimension, frequency, first, last, count, holes, state, series[name].adjusted]
        rows.append([*counts, *notes, quarter_status(values, quarter)])
    return pd.DataFrame(rows, columns=schema.columns("indicator_status"))


def factor_quality(posterior: Posterior, checks: Mapping[str, Crosscheck]) -> pd.DataFrame:
    """Table ``factor_quality``: loadings of quarterly means, in standard deviations, on the unit-variance factor."""
    unit = np.sqrt(quarter_variance(posterior.model.persistence))
    rows = []
    for member in posterior.model.members:
        loading = member.loading * unit
        check, agreement = checks.get(member.dimension), float("nan")
        if check is not None and member.indicator in check.panel:
            agreement = _agreement(posterior.value[member.dimension], check.panel[member.indicator])
        own = 1 - loading**2
        row = [member.dimension, member.indicator, loading, own, loading**2, member.pca_loading, agreement]
        rows.append(row)
    return pd.DataFrame(rows, columns=schema.columns("factor_quality"))


def dimension_quality(
    declarations: Declarations, posterior: Posterior, checks: Mapping[str, Crosscheck]
) -> pd.DataFrame:
    """Table ``dimension_quality``: one row for each dimension, also for those without data."""
    model, unit = posterior.model, quarter_variance(posterior.model.persistence)
    rows = []
    for dimension in declarations.dimensions:
        count, members = len(declarations.members(dimension)), model.of(dimension)
        if not members:
            rows.append([dimension, count, 0, "none", False, *[np.nan] * 5, "ไม่มีข้อมูลของมิตินี้"])
            continue
        shares = {member.indicator: member.loading**2 * unit for member in members}
        check = checks.get(dimension)
        numbers = [float("nan")] * 4
        if check is not None:
            matrix = check.panel.corr(min_periods=FEWEST_SHARED).to_numpy()
            agreement = _agreement(posterior.value[dimension], check.value)
            numbers = [check.share, agreement, kmo(matrix), alpha(matrix, check.loadings)]
        method = "single" if len(members) == 1 else "joint"
        share = float(np.mean(list(shares.values())))
        rows.append([dimension, count, len(members), method, True, share, *numbers, _note(shares)])
    return pd.DataFrame(rows, columns=schema.columns("dimension_quality"))


def _note(shares: Mapping[str, float]) -> str:
    """Thai note: a lone member, members that hardly move with the others."""
    notes = []
    if len(shares) == 1:
        notes.append("มีตัวชี้วัดเดียว ค่าดัชนีจึงมาจากตัวชี้วัดนั้น")
    weak = [name for name, share in shares.items() if share < CHECKED_SHARE]
    if weak:
        notes.append(f"ตัวชี้วัดที่แทบไม่มีส่วนร่วมกับวัฏจักรของมิติ {len(weak)} ตัว ({', '.join(weak)})")
    return "; ".join(notes)


def _agreement(first: pd.Series, second: pd.Series) -> float:
    both = pd.DataFrame({"first": first, "second": second}).dropna()
    if len(both) < 3 or both.std().min() == 0:
        return float("nan")
    return float(both["first"].corr(both["second"]))


def kmo(correlation: np.ndarray) -> float:
    """Kaiser-Meyer-Olkin measure of sampling adequacy; NaN for fewer than two members or a singular matrix."""
    members = len(correlation)
    if members < 2 or not np.isfinite(correlation).all() or np.linalg.cond(correlation) > 1e10:
        return float("nan")
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    off = ~np.eye(members, dtype=bool)
    plain, left = float((correlation[off] ** 2).sum()), float((partial[off] ** 2).sum())
    return plain / (plain + left) if plain + left > 0 else float("nan")


def alpha(correlation: np.ndarray, loadings: np.ndarray) -> float:
    """Standardised Cronbach's alpha after turning members the way of the common factor; NaN below two members."""
    members = len(correlation)
    if members < 2 or not np.isfinite(correlation).all():
        return float("nan")
    turned = correlation * np.outer(np.sign(loadings), np.sign(loadings))
    mean = float(turned[~np.eye(members, dtype=bool)].mean())
    denominator = 1 + (members - 1) * mean
    return members * mean / denominator if denominator > 0 else float("nan")


# ----------------------------------------------------------------------------------------------------
# Notice to readers when a model of the index, or the whole method, replaces another: both histories, the link, the reason.
#
# In: the workspace's model of the index and, where the office says so, ``models/replaced.toml`` with the history that another method published. Out: table
# ``replaced_history``, which has rows only in the issue that starts the new model or method; the chapter ``labour`` and the technical volume report the replacement there.
#
#     # models/replaced.toml
#     first_issue = "2025-Q1"                          # the issue that tells of it
#     name = { th = "ดัชนีตามวิธีเดิม", en = "Index by the earlier method" }
#     reason = { th = "…", en = "…" }
#     history = "replaced.csv"                         # dimension,period,value as in labour_index.csv
#
# Without that file a re-estimated model that continues an earlier one tells of itself: the earlier values are those that its file carries.
# ----------------------------------------------------------------------------------------------------

FILE = f"{FOLDER}/replaced.toml"
_REASON = "ประมาณแบบจำลองใหม่ตามกำหนดทุกห้าปี"
_FORMAT = 'ใช้รูปแบบ first_issue = "2025-Q1", name = { th, en }, reason = { th, en }, history = "replaced.csv"'


@dataclass(frozen=True)
class Replaced:
    """A published history that another method made.

    history  quarter x (overall and dimensions)
    """

    first_issue: pd.Period
    name: Mapping[str, str]
    reason: Mapping[str, str]
    history: pd.DataFrame


def read(root: Path) -> Replaced | None:
    """What the workspace declares; None where it declares nothing. Raises InputError when a file cannot be used."""
    path = root / FILE
    if not path.is_file():
        return None
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        texts = {
            key: {language: str(content[key][language]) for language in ("th", "en")}
            for key in ("name", "reason")
        }
        table = path.parent / Path(str(content["history"])).name
        return Replaced(
            parse_quarter(str(content["first_issue"])),
            texts["name"],
            texts["reason"],
            published_history(table),
        )
    except (OSError, KeyError, TypeError, ValueError, PeriodError) as error:
        raise InputError(
            f"อ่าน {FILE} ไม่ได้ ({error}) — {_FORMAT}",
            f"{FILE} cannot be used ({error}); it needs first_issue, name, reason (th and en) and history, a file beside it.",
        ) from error


def published_history(path: Path) -> pd.DataFrame:
    """Quarter x (overall and dimensions) of a file with ``dimension,period,value``, also an issue's labour_index.csv.

    Raises ValueError with file and row where a value cannot be used.
    """
    columns: dict[str, dict[pd.Period, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"dimension", "period", "value"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path.name}: no column {', '.join(sorted(missing))}")
        for number, row in enumerate(rows, start=2):
            if row.get("group") not in (None, "TH"):
                continue  # the file may be an issue's whole labour_index.csv
            try:
                columns.setdefault(row["dimension"], {})[parse_quarter(row["period"])] = float(row["value"])
            except (TypeError, ValueError, PeriodError) as error:
                raise ValueError(f"{path.name} row {number}: {error}") from error
    if OVERALL not in columns:
        raise ValueError(f"{path.name}: no rows of dimension {OVERALL}")
    frame = pd.DataFrame(
        {n: pd.Series(list(c.values()), pd.PeriodIndex(list(c), freq="Q-DEC")) for n, c in columns.items()}
    )
    return frame.sort_index()


def check(root: Path) -> list[Finding]:
    """Findings of the declared history, for ``reporter check``."""
    try:
        read(root)
    except InputError as error:
        return [Finding("error", FILE, error.th, error.en)]
    return []


def of_model(kept: KeptModel | None, alone: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``replaced_history`` for a model that continues an earlier one; none for a first model.

    alone  quarter x (overall and dimensions): what the new model says by itself, before its levels are linked
    """
    if kept is None or kept.link is None or kept.history is None:
        return schema.empty("replaced_history")
    return _rows(kept.history, alone, kept.replaced, _REASON, iso(kept.link))


def told(
    computed: Mapping[str, pd.DataFrame],
    quarter: pd.Period,
    declared: Replaced | None,
    last_model: str | None,
) -> pd.DataFrame:
    """Table ``replaced_history`` of an issue: without rows where it starts no other method or model.

    computed    ``replaced_history`` of ``of_model``, ``labour_index``, ``index_parameters``
    last_model  ``index_model`` of the last earlier issue; None where there is none
    """
    if declared is not None and declared.first_issue == quarter:
        index = computed["labour_index"]
        nation = index[(index["group"] == "TH") & index["value"].notna()]
        now = nation.pivot(index="period", columns="dimension", values="value")
        now = now.set_axis(pd.PeriodIndex([parse_quarter(text) for text in now.index], freq="Q-DEC"))
        now = now[list(dict.fromkeys(nation["dimension"]))]
        return _rows(declared.history, now, declared.name["th"], declared.reason["th"], "")
    values = computed["index_parameters"].set_index("key")["value"]
    link, model = values.get("index_link"), values.get("index_model")
    if link is None:
        return schema.empty("replaced_history")
    starts = last_model != model if last_model is not None else parse_quarter(str(link)) == quarter - 1
    return computed["replaced_history"] if starts else schema.empty("replaced_history")


def _rows(before: pd.DataFrame, now: pd.DataFrame, name: str, reason: str, link: str) -> pd.DataFrame:
    rows: list[list[object]] = []
    for dimension in now:
        if dimension in before:
            both = pd.DataFrame({"before": before[dimension], "now": now[dimension]}).dropna()
            for (period, value), (_, present) in zip(
                known_items(both["before"]), known_items(both["now"]), strict=True
            ):
                rows.append([dimension, iso(period), value, present, present - value, name, reason, link])
    return pd.DataFrame(rows, columns=schema.columns("replaced_history"))
