"""The tables of the national index (docs/tables.md), from what the national computation found.

In: a ``National``. Out: named tidy tables. Nothing is estimated here but tests of stationarity and what-if composites.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.stattools import adfuller, kpss

from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.periods import iso
from reporter.index import (
    contributions,
    detrend,
    detrending_sensitivity,
    seasonal,
    sensitivity,
    status,
    transform,
)
from reporter.index.composite import correlation, principal_weights
from reporter.index.joint_model import JointModel
from reporter.index.model_file import Kept, text
from reporter.index.movers import movers
from reporter.index.panel import Series, is_monthly, known_items, macro_values, quarterly_means
from reporter.index.points import IndexValues, changes_table, final_table, index_table
from reporter.index.smoother import Posterior
from reporter.index.transform import Form, apply_form
from reporter.runtime.cache import StageCache

Tables = dict[str, pd.DataFrame]
_NATION = "TH"
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
    forms: dict[str, transform.Form]
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
    kept: Kept | None


def tables(
    result: National,
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    cache: StageCache,
) -> Tables:
    """All national tables that compare with nothing earlier."""
    prepared, values, posterior = result.prepared, result.values, result.posterior
    rest = status.detrended(posterior, result.inputs)
    checks = status.crosschecks(posterior, rest)
    changed = {
        name: apply_form(prepared.forms[name].form, adjusted) for name, adjusted in prepared.adjusted.items()
    }
    long, summary = _sensitivity(result, checks, cache)
    statistics = {name: detrend.trend_statistic(v, result.model.learn_until) for name, v in changed.items()}
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
        "contributions": contributions.of_dimensions(values, posterior),
        "indicator_contributions": contributions.of_indicators(values, posterior),
        "movers": movers(prepared.series, prepared.adjusted, quarter),
        "indicator_status": status.indicator_status(declarations, prepared.series, changed, members, quarter),
        "seasonal_quality": quality,
        "seasonal_models": prepared.seasonal.models,
        "detrending": detrending,
        "detrending_tests": detrending_sensitivity.tests(declarations, detrending, statistics, quality),
        "detrending_sensitivity": detrending_sensitivity.table(values.composite, long),
        "factor_quality": status.factor_quality(posterior, checks),
        "dimension_quality": status.dimension_quality(declarations, posterior, checks),
        "sensitivity": long,
        "sensitivity_summary": summary,
        "index_parameters": _parameters(result, quarter),
        "index_model": _index_model(result),
        "index_model_file": _model_text(result, quarter),
        "macro": _macro(observations, declarations, quarter),
        "monthly_indicators": _monthly(prepared),
    }


def _sensitivity(
    result: National, checks: dict[str, status.Crosscheck], cache: StageCache
) -> tuple[pd.DataFrame, pd.DataFrame]:
    prepared, model, grid = result.prepared, result.model, result.posterior.grid
    others = cache.result(
        "other_trends",
        (model, prepared.adjusted, grid.first, grid.quarters),
        lambda: sensitivity.other_trends(model, prepared.series, prepared.adjusted, grid),
    )
    components = pd.DataFrame({name: check.value for name, check in checks.items()}, index=grid.index)
    found = sensitivity.alternatives(model, result.values, components, others)
    return sensitivity.tables(result.values, found)


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
            "effective": contributions.effective_weights(result.values, model),
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
    if len(seen) < status.FEWEST_QUARTERS or seen.std() == 0:
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
    """Table ``index_model``: the numbers that stand still, one row a member, as groups and readers need them."""
    rows = [
        [m.indicator, m.dimension, m.form, m.centre, m.scale, m.loading, m.persistent, m.white, m.slope_prior]
        for m in result.model.members
    ]
    return pd.DataFrame(rows, columns=schema.columns("index_model"))


def _model_text(result: National, quarter: pd.Period) -> pd.DataFrame:
    """Table ``index_model_file``: the model with its link, as JSON text."""
    kept = result.kept or Kept(quarter.year, 1, result.model)
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
