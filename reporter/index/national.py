"""The national index, from observations to tables: a stage of the build.

In: observations, declarations, the issue's quarter, settings, the workspace's model. Out: the tables of docs/tables.md, Index. Nothing after the issue's quarter is looked
at. Seasonal models learn from the years before the issue's year. The index's model comes from its file; without one it is learnt in memory on
the years before the present block of five, so that history stands still from issue to issue either way.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.stattools import adfuller, kpss

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.edition import Settings
from reporter.domain.errors import CoverageError
from reporter.domain.periods import LAGS, iso, parse_quarter, year_before
from reporter.domain.schema import Tables
from reporter.index import (
    composite,
    joint_model,
    panel,
    realtime,
    seasonal,
)
from reporter.index.composite import (
    IndexValues,
    changes_table,
    correlation,
    final_table,
    index_table,
    index_values,
    movers,
    principal_weights,
)
from reporter.index.joint_model import Form, JointModel, Posterior, apply_form, smooth
from reporter.index.model_file import LIFE_YEARS, KeptModel, learn, text
from reporter.index.panel import Series, collect, is_monthly, known_items, macro_values, quarterly_means
from reporter.index.seasonal import Runner
from reporter.runtime.cache import StageCache

LEARN_QUARTERS = 20  # five years: less does not show a cycle
_BLOCK_QUARTERS = 32  # eight years before the block: enough to learn on for five years to come
_SEASONAL_VINTAGES = 8  # two years: every quarter of the year twice
_NATION = "TH"


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    settings: Settings,
    frozen_models: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    cache: StageCache | None = None,
    kept: KeptModel | None = None,
) -> Tables:
    """All national tables of the issue.

    observations   rows of docs/tables.md, observations; later quarters than ``quarter`` are ignored
    previous       the same as the previous issue knew them; None leaves the table ``news`` without rows
    frozen_models  table ``seasonal_models`` of the year; None identifies the models anew on the years before it
    cache          series whose data are unchanged come from here
    kept           the index's model of the workspace; None learns it in memory
    Raises         CoverageError when no indicator has enough data
    """
    stored = cache or StageCache(None)
    run = cached_run(stored)
    prepared = prepare(observations, declarations, quarter, settings, frozen_models, run, kept)
    result = estimate(prepared, declarations, quarter, settings, kept)
    tables = national_tables(result, observations, declarations, quarter, stored)
    vintages = stored.result(
        "vintages",
        (result.model, result.inputs, declarations, quarter, kept),
        lambda: realtime.simulated(
            result.model, result.inputs, declarations, quarter, kept.history if kept else None
        ),
    )
    return tables | vintages | _since(result, previous, declarations, quarter, run)


def cached_run(cache: StageCache) -> Runner:
    """X-13 for several series, each kept under its specification."""
    if not cache:
        return seasonal.run

    def run(specs: Sequence[seasonal.SeriesSpec]) -> list[seasonal.Output]:
        keys = [cache.key(spec) for spec in specs]
        outputs = {key: cache.stored("x13", key) for key in keys}
        missing = {key: spec for key, spec in zip(keys, specs, strict=True) if outputs[key] is None}
        for key, output in zip(missing, seasonal.run(list(missing.values())), strict=True):
            outputs[key] = output
            if output.adjusted is not None:  # a run that was stopped from outside may end well the next time
                cache.store("x13", key, output)
        return [outputs[key] for key in keys]

    return run


def _since(
    result: National,
    previous: pd.DataFrame | None,
    declarations: Declarations,
    quarter: pd.Period,
    run: Runner,
) -> Tables:
    """What the data that came since ``previous`` did; the present models read both."""
    empty = {name: schema.empty(name) for name in ("news", "data_effects")}
    if previous is None or previous.empty:
        return empty
    now = result.prepared
    series = collect(previous, declarations, quarter, _NATION)
    keyed = {(name, _NATION): item for name, item in series.items()}
    adjusted = seasonal.adjust(keyed, now.seasonal_end, now.seasonal.models, run).values
    before = joint_model.inputs(result.model, {name: adjusted[name, _NATION] for name in series})
    if not before:
        return empty
    raw_now, raw_before = (
        {name: item.values for name, item in known.items()} for known in (now.series, series)
    )
    anchor = joint_model.anchors(raw_now)
    steps_before = joint_model.steps(
        result.model, raw_before, {name: adjusted[name, _NATION] for name in series}, anchor
    )
    return realtime.since(result.posterior, before, _steps(result), steps_before)


def _steps(result: National) -> dict[str, dict[str, pd.Series]]:
    """What the inputs are made of: raw data, transformation, seasonal adjustment, clipping."""
    raw = {name: item.values for name, item in result.prepared.series.items()}
    return joint_model.steps(result.model, raw, result.prepared.adjusted, joint_model.anchors(raw))


def learning_end(quarter: pd.Period, first: pd.Period, settings: Settings) -> pd.Period:
    """Last quarter a model learnt in memory learns from: the end of the years before the present block of five.

    first  of the data: with less than eight years before the block it is the year before the issue's, with less than five
           years before that the issue's quarter itself. A declared end of the base goes before all of these
    """
    if settings.base_end:
        return min(parse_quarter(settings.base_end), quarter)
    block = pd.Period(year=quarter.year - quarter.year % LIFE_YEARS - 1, quarter=4, freq="Q-DEC")
    if (block - first).n + 1 >= _BLOCK_QUARTERS:
        return block
    before = year_before(quarter)
    return before if (before - first).n + 1 >= LEARN_QUARTERS else quarter


def prepare(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    settings: Settings,
    frozen_models: pd.DataFrame | None = None,
    run: Runner = seasonal.run,
    kept: KeptModel | None = None,
) -> Prepared:
    """Seasonally adjusted series of the nation, and the form of change of each."""
    series = collect(observations, declarations, quarter, _NATION)
    end = year_before(quarter)
    first = _first(series, quarter)
    if (end - first).n + 1 < LEARN_QUARTERS:
        end = quarter
    keyed = {(name, _NATION): item for name, item in series.items()}
    result = seasonal.adjust(keyed, end, frozen_models, run)
    adjusted = {name: result.values[name, _NATION] for name in series}
    until = kept.model.learn_until if kept else learning_end(quarter, first, settings)
    forms = joint_model.choose_forms(declarations, adjusted, until)
    if kept:
        known = {member.indicator: member.form for member in kept.model.members}
        forms = {
            name: form._replace(form=known[name], evidence="model", score=float("nan"))
            if name in known
            else form
            for name, form in forms.items()
        }
    return Prepared(series, adjusted, forms, result, end)


def _first(series: Mapping[str, Series], quarter: pd.Period) -> pd.Period:
    return min((item.values.index[0].asfreq("Q-DEC") for item in series.values()), default=quarter)


def estimate(
    prepared: Prepared,
    declarations: Declarations,
    quarter: pd.Period,
    settings: Settings,
    kept: KeptModel | None = None,
) -> National:
    """Model, posterior and values. Raises CoverageError when no dimension can be computed."""
    model = kept.model if kept else learnt(prepared, declarations, quarter, settings)
    inputs = {} if model is None else joint_model.inputs(model, prepared.adjusted)
    if model is None or not inputs:
        raise CoverageError(
            f"ไม่มีตัวชี้วัดใดมีข้อมูลพอสำหรับคำนวณดัชนีถึง {iso(quarter)} — ต้องมีข้อมูลของประเทศ (TH) อย่างน้อย 12 ไตรมาส อย่างน้อย 1 ตัวชี้วัด",
            f"No indicator has enough data for an index up to {iso(quarter)}; at least one needs 12 quarters for group TH.",
        )
    posterior = smooth(model, inputs, quarter)
    values = index_values(posterior, inputs, kept.history if kept else None)
    return National(prepared, model, inputs, posterior, values, kept)


def learnt(
    prepared: Prepared, declarations: Declarations, quarter: pd.Period, settings: Settings
) -> JointModel | None:
    """The model learnt in memory; None where no indicator is long enough."""
    until = learning_end(quarter, _first(prepared.series, quarter), settings)
    base = tuple(parse_quarter(text) if text else None for text in (settings.base_start, settings.base_end))
    forms = {name: form.form for name, form in prepared.forms.items()}
    found = learn(prepared.adjusted, forms, declarations, until, (base[0], base[1]))
    # Where nothing is long enough by then, everything up to the quarter may count.
    found = found or learn(prepared.adjusted, forms, declarations, quarter, (base[0], base[1]))
    return found.model if found else None


def seasonal_spread(
    model: JointModel,
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    settings: Settings,
) -> dict[str, tuple[float, float, float]]:
    """What later seasonal adjustment did to newest values, as root mean squares in points (``JointModel.seasonal``).

    Every quarter of the two years before ``quarter`` is adjusted with what was known then and, cut off at the same quarter, with all data; the
    difference is the seasonal adjustment's alone.
    """
    whole = prepare(observations, declarations, quarter, settings).adjusted
    gaps: dict[str, list[pd.Series]] = {"level": [], **{against: [] for against in LAGS}}
    for then in pd.period_range(quarter - _SEASONAL_VINTAGES, quarter - 1, freq="Q-DEC"):
        first = prepare(observations, declarations, then, settings).adjusted
        cut = {n: v[: panel.last_row(v, then)] for n, v in whole.items() if n in first}
        values = [
            composite.points(model, smooth(model, joint_model.inputs(model, known), then).value)
            for known in (first, cut)
        ]
        gap = values[1] - values[0]
        gaps["level"].append(gap.T[then])
        for against, lag in LAGS.items():
            gaps[against].append(gap.T[then] - gap.T[then - lag])
    sizes = [np.sqrt((pd.DataFrame(found) ** 2).mean()) for found in gaps.values()]
    return {str(n): (float(sizes[0][n]), float(sizes[1][n]), float(sizes[2][n])) for n in sizes[0].index}


# ----------------------------------------------------------------------------------------------------
# The tables of the national index (docs/tables.md), from what the national computation found.
#
# In: a ``National``. Out: named tidy tables. Nothing is estimated here but tests of stationarity and what-if composites.
# ----------------------------------------------------------------------------------------------------

_EVIDENCE = {
    "dimension": "ทดสอบกับอัตราอื่นในมิติเดียวกัน",
    "market": "ทดสอบกับอัตราต่าง ๆ ของตลาดแรงงาน",
    "autocorrelation": "ทดสอบสหสัมพันธ์ในตัวเองของอัตราการเปลี่ยนแปลง",
    "declared": "ตามที่ประกาศ",
    "model": "ตามแบบจำลองที่ตรึงไว้",
}
_SHAPES = {
    "growth": "ใช้อัตราการเปลี่ยนแปลงจากช่วงก่อน",
    "deviation": "ใช้ร้อยละที่เบี่ยงเบนจากแนวโน้มระยะยาว",
    "level": "ใช้ระดับ",
}


@dataclass(frozen=True)
class Prepared:
    """Series on their way to the model, by indicator; ``forms``: their forms of change and the evidence.

    seasonal_end  last quarter that seasonal models were chosen on
    """

    series: dict[str, Series]
    adjusted: dict[str, pd.Series]
    forms: dict[str, joint_model.Form]
    seasonal: seasonal.Adjusted
    seasonal_end: pd.Period


@dataclass(frozen=True)
class National:
    """Everything the national computation found; ``kept`` is None when the model was learnt in memory."""

    prepared: Prepared
    model: JointModel
    inputs: dict[str, pd.Series]
    posterior: Posterior
    values: IndexValues
    kept: KeptModel | None


def national_tables(
    result: National,
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    cache: StageCache,
) -> Tables:
    """All national tables that compare with nothing earlier."""
    prepared, values, posterior = result.prepared, result.values, result.posterior
    rest = realtime.detrended(posterior, result.inputs)
    checks = realtime.crosschecks(posterior, rest)
    changed = {
        name: apply_form(prepared.forms[name].form, adjusted) for name, adjusted in prepared.adjusted.items()
    }
    long, summary = _sensitivity(result, checks, declarations, cache)
    statistics = {name: panel.trend_statistic(v, result.model.learn_until) for name, v in changed.items()}
    entering = {name: rest.get(name, changed[name]) for name in prepared.series}
    quality = _seasonal_quality(prepared, entering)
    detrending = _detrending(result, statistics)
    members = frozenset(member.indicator for member in result.model.members)
    return {
        "labour_index": index_table(values, _NATION),
        "index_changes": changes_table(values),
        "index_final": final_table(values),
        "series": _series(result, rest),
        "weights": result.model.weights.rename("weight").rename_axis("dimension").reset_index(),
        "weights_detail": _weights_detail(result),
        "contributions": composite.of_dimensions(values, posterior),
        "indicator_contributions": composite.of_indicators(values, posterior),
        "contribution_steps": composite.of_steps(posterior, _steps(result), quarter),
        "movers": movers(prepared.series, prepared.adjusted, quarter),
        "indicator_status": realtime.indicator_status(
            declarations, prepared.series, changed, members, quarter
        ),
        "seasonal_quality": quality,
        "seasonal_models": prepared.seasonal.models,
        "detrending": detrending,
        "detrending_tests": composite.tests(declarations, detrending, statistics, quality),
        "detrending_sensitivity": composite.table(values.composite, long),
        "factor_quality": realtime.factor_quality(posterior, checks),
        "dimension_quality": realtime.dimension_quality(declarations, posterior, checks),
        "sensitivity": long,
        "sensitivity_summary": summary,
        "index_parameters": _parameters(result, quarter),
        "index_model": _index_model(result),
        "index_model_file": _model_text(result, quarter),
        "replaced_history": realtime.of_model(
            result.kept, composite.points(result.model, posterior.value).where(values.value.notna())
        ),
        "macro": _macro(observations, declarations, quarter),
        "monthly_indicators": _monthly(prepared),
    }


def _sensitivity(
    result: National,
    checks: dict[str, realtime.Crosscheck],
    declarations: Declarations,
    cache: StageCache,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    prepared, model, grid = result.prepared, result.model, result.posterior.grid
    others = cache.result(
        "other_trends",
        (model, prepared.adjusted, grid.first, grid.quarters),
        lambda: composite.other_trends(model, prepared.series, prepared.adjusted, grid),
    )
    components = pd.DataFrame({name: check.value for name, check in checks.items()}, index=grid.index)
    found = composite.alternatives(model, result.values, components, others)
    known = result.values.composite.notna()
    left_out = realtime.without_sources(result.posterior, declarations)
    found |= {name: values[known] for name, values in left_out.items()}
    return composite.tables(result.values.composite, found)


def _detrending(result: National, statistics: dict[str, float]) -> pd.DataFrame:
    """Table ``detrending``: form of change, whether the member has a slope, and its posterior mean a year."""
    trends = result.posterior.trends()
    priors = {member.indicator: member.slope_prior for member in result.model.members}
    rows = []
    for name in result.prepared.series:
        form = result.prepared.forms[name]
        has_slope = priors.get(name, 0.0) > 0
        slope = float(trends["slope"].get(name, float("nan"))) if has_slope else float("nan")
        note = _detrending_note(form, has_slope=has_slope, slope=slope, statistic=statistics[name])
        rows.append([name, "estimated_slope" if has_slope else "none", form.form, float("nan"), note])
    return pd.DataFrame(rows, columns=schema.columns("detrending"))


def _detrending_note(form: Form, *, has_slope: bool, slope: float, statistic: float) -> str:
    score = f" {form.score:.2f}" if form.score == form.score else ""
    trend = "ไม่มีแนวโน้ม" if form.form == "growth" else f"ไม่มีแนวโน้ม (t = {statistic:.1f})"
    if has_slope:
        trend = f"แนวโน้มปีละ {slope:+.2f} ส่วนเบี่ยงเบนมาตรฐาน ประมาณพร้อมดัชนี"
    return f"{_SHAPES[form.form]} ({_EVIDENCE[form.evidence]}{score}) {trend}"


def _series(result: National, rest: dict[str, pd.Series]) -> pd.DataFrame:
    """Raw, adjusted, and the deviation from the member's level and slope in the unit of its form."""
    scales = {member.indicator: member.scale for member in result.model.members}
    pieces = []
    for name, item in result.prepared.series.items():
        frame = pd.DataFrame({"raw": item.values, "adjusted": result.prepared.adjusted[name]})
        entering = rest.get(name)
        same = entering is not None and is_monthly(entering) == item.is_monthly
        frame["transformed"] = entering * scales[name] if entering is not None and same else np.nan
        frame.insert(0, "period", [iso(period) for period in frame.index])
        frame.insert(0, "group", item.group)
        frame.insert(0, "indicator", name)
        pieces.append(frame)
    return pd.concat(pieces, ignore_index=True)


def _weights_detail(result: National) -> pd.DataFrame:
    model = result.model
    inside = result.values.sub_indices[model.base[0] : model.base[1]]
    _, vectors = correlation(inside)
    rank = {name: int(abs(vectors[place]).argmax()) + 1 for place, name in enumerate(model.dimensions)}
    frame = pd.DataFrame(
        {
            "weight": model.weights,
            "effective": composite.effective_weights(result.values, model),
            "equal": 1 / len(rank),
            "first_component": principal_weights(inside, components=1)[0],
            "eigenvalue_rank": pd.Series(rank),
        }
    )
    return frame.rename_axis("dimension").reset_index()


def _seasonal_quality(prepared: Prepared, entering: dict[str, pd.Series]) -> pd.DataFrame:
    """Quality sheet with p-values of ADF and KPSS on the raw series and on what enters the model."""
    quality = prepared.seasonal.quality.copy()
    sides = {"before": {n: s.values for n, s in prepared.series.items()}, "after": entering}
    for when, found in sides.items():
        results = [stationarity(found[name]) for name in quality["indicator"]]
        quality[f"adf_{when}"] = [result[0] for result in results]
        quality[f"kpss_{when}"] = [result[1] for result in results]
    return quality[schema.columns("seasonal_quality")]


def stationarity(values: pd.Series) -> tuple[float, float]:
    """p-values of the augmented Dickey-Fuller test (unit root) and of the KPSS test (stationarity)."""
    seen = values.dropna().to_numpy()
    if len(seen) < realtime.FEWEST_QUARTERS or seen.std() == 0:
        return float("nan"), float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # p-values are bounded by the tests' tables
        warnings.simplefilter("ignore", FutureWarning)  # of the shape of the results; position 1 is p in both
        return float(adfuller(seen, maxlag=min(12, len(seen) // 4))[1]), float(kpss(seen, nlags="auto")[1])


def _parameters(result: National, quarter: pd.Period) -> pd.DataFrame:
    """Model, base period, learning period and scale of the composite: what a rebuild needs, as text."""
    model, kept = result.model, result.kept
    first = kept.year if kept else quarter.year
    rows = {
        "base_start": iso(model.base[0]),
        "base_end": iso(model.base[1]),
        "learn_until": iso(model.learn_until),
        "seasonal_until": iso(result.prepared.seasonal_end),
        "weights_version": f"{first} ({iso(model.base[0])}..{iso(model.base[1])})",
        "composite_slope": repr(model.slope),
        "composite_level": repr(model.level),
        "components": str(model.components),
        "index_model": kept.name if kept else "learned_in_memory",
    }
    if kept and kept.link is not None:
        rows |= {"index_link": iso(kept.link), "index_replaced": kept.replaced}
    return pd.DataFrame(list(rows.items()), columns=schema.columns("index_parameters"))


def _index_model(result: National) -> pd.DataFrame:
    """Table ``index_model``: the fixed parameters, one row a member, as groups and readers need them."""
    rows = [
        [m.indicator, m.dimension, m.form, m.centre, m.scale, m.loading, m.persistent, m.white, m.slope_prior]
        for m in result.model.members
    ]
    return pd.DataFrame(rows, columns=schema.columns("index_model"))


def _model_text(result: National, quarter: pd.Period) -> pd.DataFrame:
    """Table ``index_model_file``: the model with its link, as JSON text."""
    kept = result.kept or KeptModel(quarter.year, 1, result.model)
    name = result.kept.name if result.kept else "learned_in_memory"
    return pd.DataFrame([[name, text(kept)]], columns=schema.columns("index_model_file"))


def _macro(observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period) -> pd.DataFrame:
    found = macro_values(observations, declarations, quarter)
    rows = [
        [name, iso(period), value]
        for name, values in found.items()
        for period, value in known_items(quarterly_means(values))
    ]
    return pd.DataFrame(rows, columns=schema.columns("macro"))


def _monthly(prepared: Prepared) -> pd.DataFrame:
    rows = [
        [name, iso(period), value]
        for name, item in prepared.series.items()
        if item.is_monthly
        for period, value in known_items(prepared.adjusted[name])
    ]
    return pd.DataFrame(rows, columns=schema.columns("monthly_indicators"))
