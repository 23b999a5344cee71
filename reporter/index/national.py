"""The national index, from observations to tables: the stage of ``release.py``.

Goes in: observations, declarations, the issue's quarter, settings. Comes out: the tables of docs/tables.md, Index.
Nothing after the issue's quarter is looked at; models learn from the years before the issue's year only, so that
history stands still through the issues of a year.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.stattools import adfuller, kpss

from reporter.domain.context import Settings
from reporter.domain.declarations import Declarations
from reporter.domain.errors import CoverageError
from reporter.domain.periods import iso, parse_quarter
from reporter.index import (
    contributions,
    detrend,
    detrending_sensitivity,
    factor,
    news,
    seasonal,
    sensitivity,
    status,
    transform,
)
from reporter.index.composite import (
    Composite,
    base_period,
    combine,
    correlation,
    effective_weights,
    principal_weights,
)
from reporter.index.movers import movers
from reporter.index.panel import Series, collect, first_period, known_items, macro_values, quarterly_means
from reporter.index.steps import STEPS, Members, Steps, keeping
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor

Tables = dict[str, pd.DataFrame]
LEARN_QUARTERS = 20
_NATION = "TH"


@dataclass(frozen=True)
class Prepared:
    """Series on their way to the factor model, by indicator; ``trends``: t statistics of linear trends."""

    series: dict[str, Series]
    adjusted: dict[str, pd.Series]
    transformed: dict[str, pd.Series]
    forms: dict[str, transform.Form]
    seasonal: seasonal.Adjusted
    detrending: pd.DataFrame
    trends: dict[str, float]
    learn_until: pd.Period


@dataclass(frozen=True)
class National:
    """Everything the national computation found; groups start from it."""

    prepared: Prepared
    fits: dict[str, factor.Fit]
    factors: pd.DataFrame
    composite: Composite


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    settings: Settings,
    frozen_models: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    cache: StageCache | None = None,
    executor: Executor | None = None,
) -> Tables:
    """All national tables of the issue.

    observations   rows of docs/tables.md, observations; later quarters than ``quarter`` are ignored
    previous       the same as the previous issue knew them; None leaves the table ``news`` without rows
    frozen_models  table ``seasonal_models`` of an earlier issue of the year; None identifies the models anew on the
                   years before the issue's year, which gives the same models
    cache          series and dimensions whose data are unchanged come from here
    executor       worker processes that estimate the others; None estimates here. The numbers are the same
    Raises         CoverageError when no indicator has enough data
    """
    how = keeping(cache or StageCache(None), executor or Executor())
    prepared = prepare(observations, declarations, quarter, settings, frozen_models, how)
    result = estimate(prepared, declarations, quarter, settings, how)
    tables = _tables(result, observations, declarations, quarter, how)
    return tables | _since(result, previous, declarations, quarter, how)


def _since(
    result: National,
    previous: pd.DataFrame | None,
    declarations: Declarations,
    quarter: pd.Period,
    how: Steps,
) -> Tables:
    """What the data that came since ``previous`` did; the present forms and models read both."""
    if previous is None or previous.empty:
        return {
            "news": pd.DataFrame(columns=news.COLUMNS),
            "data_effects": pd.DataFrame(columns=news.EFFECTS),
        }
    now = result.prepared
    series = collect(previous, declarations, quarter, _NATION)
    keyed = {(name, _NATION): item for name, item in series.items()}
    adjusted = seasonal.adjust(keyed, now.learn_until, now.seasonal.models, how.run).values
    before = {
        name: transformed_series(item, adjusted[name, _NATION], now.forms[name].form, now.learn_until).values
        for name, item in series.items()
        if name in now.forms
    }
    found = news.changes(result.fits, now.transformed, before, quarter)
    return {
        "news": news.impacts(result.composite, result.fits, found, quarter),
        "data_effects": news.effects(result.composite, result.fits, now.transformed, before, quarter),
    }


def moved_history(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """By how many points published quarters moved between two issues.

    before, now  ``labour_index`` of two issues
    Returns      period x dimension, absolute points, quarters of both issues, group TH
    """
    wide = [
        table[table["group"] == _NATION].pivot(index="period", columns="dimension", values="value")
        for table in (before, now)
    ]
    return (wide[1] - wide[0]).abs().dropna(how="all")


def learning_end(quarter: pd.Period, settings: Settings) -> pd.Period:
    """Last quarter that models may learn from: the end of the year before the issue's, or the declared base's end."""
    if settings.base_end:
        return min(parse_quarter(settings.base_end), quarter)
    return pd.Period(year=quarter.year - 1, quarter=4, freq="Q-DEC")


def prepare(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    settings: Settings,
    frozen_models: pd.DataFrame | None = None,
    how: Steps = STEPS,
) -> Prepared:
    """Seasonally adjusted and transformed series of the nation."""
    series = collect(observations, declarations, quarter, _NATION)
    end = learning_end(quarter, settings)
    first = min((item.values.index[0].asfreq("Q-DEC") for item in series.values()), default=quarter)
    if (end - first).n + 1 < LEARN_QUARTERS:
        end = quarter
    keyed = {(name, _NATION): item for name, item in series.items()}
    result = seasonal.adjust(keyed, end, frozen_models, how.run)
    adjusted = {name: result.values[name, _NATION] for name in series}
    forms = transform.choose_forms(declarations, adjusted, end)
    transformed, rows, trends = {}, [], {}
    for name, item in series.items():
        found = transformed_series(item, adjusted[name], forms[name].form, end)
        transformed[name], trends[name] = found.values, found.statistic
        rows.append(_detrending_row(name, forms[name], found))
    columns = ["indicator", "detrend", "transform", "half_life_or_window", "note_th"]
    detrending = pd.DataFrame(rows, columns=columns)
    return Prepared(series, adjusted, transformed, forms, result, detrending, trends, end)


def transformed_series(
    item: Series, adjusted: pd.Series, form: str, end: pd.Period, choice: str = ""
) -> detrend.Detrended:
    """What the factor model sees of one series.

    form    of transform.choose_forms
    choice  another detrending, for the sensitivity table
    """
    form = detrend.form_under(choice, form, item.indicator.transform)
    return detrend.removed(transform.apply_form(form, adjusted), form, item.indicator.detrend, end, choice)


_EVIDENCE = {
    "dimension": "ทดสอบกับอัตราอื่นในมิติเดียวกัน",
    "market": "ทดสอบกับอัตราต่าง ๆ ของตลาดแรงงาน",
    "autocorrelation": "ทดสอบสหสัมพันธ์ในตัวเองของอัตราการเปลี่ยนแปลง",
    "declared": "ตามที่ประกาศ",
}


def _detrending_row(name: str, form: transform.Form, result: detrend.Detrended) -> list[object]:
    shape = {
        "growth": "ใช้อัตราการเปลี่ยนแปลงจากช่วงก่อน",
        "deviation": "ใช้ร้อยละที่เบี่ยงเบนจากแนวโน้มระยะยาว",
        "level": "ใช้ระดับ",
    }[form.form]
    score = f" {form.score:.2f}" if form.score == form.score else ""
    trend = f"ขจัดแนวโน้มระยะยาว (t = {result.statistic:.1f})" if result.removed != "none" else "ไม่ขจัดแนวโน้ม"
    trend = (
        trend
        if result.removed != "none" or form.form == "growth"
        else f"{trend} (t = {result.statistic:.1f})"
    )
    note = f"{shape} ({_EVIDENCE[form.evidence]}{score}) {trend}"
    years = detrend.SLOW_YEARS if result.removed == "slow_trend" else float("nan")
    return [name, result.removed, form.form, years, note]


def fit_dimensions(
    transformed: Mapping[str, pd.Series],
    declarations: Declarations,
    learn_until: pd.Period,
    until: pd.Period,
    how: Steps = STEPS,
) -> dict[str, factor.Fit]:
    """A fit for every dimension with a usable member, in declared order."""
    tasks = {}
    for dimension in declarations.dimensions:
        usable = [
            item
            for item in declarations.members(dimension)
            if item.id in transformed and status.usable(transformed[item.id]) == "used"
        ]
        if usable:
            members = {item.id: transformed[item.id] for item in usable}
            polarity = {item.id: item.polarity for item in usable}
            tasks[dimension] = Members(members, polarity, learn_until, until)
    fits = zip(tasks, how.fits(list(tasks.values())), strict=True)
    return {dimension: fit for dimension, fit in fits if fit is not None}


def factors_of(fits: Mapping[str, factor.Fit], until: pd.Period) -> pd.DataFrame:
    """Quarter x dimension: the dimensions' factors on one unbroken index."""
    first = min(first_period(fit.value) for fit in fits.values())
    index = pd.period_range(first, until, freq="Q-DEC")
    return pd.DataFrame({name: fit.value.reindex(index) for name, fit in fits.items()}, index=index)


def estimate(
    prepared: Prepared,
    declarations: Declarations,
    quarter: pd.Period,
    settings: Settings,
    how: Steps = STEPS,
) -> National:
    """Fits, factors and composite. Raises CoverageError when no dimension can be computed."""
    fits = fit_dimensions(prepared.transformed, declarations, prepared.learn_until, quarter, how)
    if not fits:
        raise CoverageError(
            f"ไม่มีตัวชี้วัดใดมีข้อมูลพอสำหรับคำนวณดัชนีถึง {iso(quarter)} — ต้องมีข้อมูลของประเทศ (TH) อย่างน้อย 12 ไตรมาส อย่างน้อย 1 ตัวชี้วัด",
            f"No indicator has enough data for an index up to {iso(quarter)}; at least one needs 12 quarters for group TH.",
        )
    factors = factors_of(fits, quarter)
    base = base_period(factors, quarter, _quarter(settings.base_start), _quarter(settings.base_end))
    return National(prepared, fits, factors, combine(factors, base))


def _quarter(text: str) -> pd.Period | None:
    return parse_quarter(text) if text else None


def _tables(
    result: National,
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    how: Steps,
) -> Tables:
    prepared, composite = result.prepared, result.composite
    others = _other_factors(prepared, declarations, quarter, how)
    alternatives = sensitivity.alternatives(composite, result.factors, result.fits, others)
    long, summary = sensitivity.tables(composite, alternatives)
    quality = _seasonal_quality(prepared)
    return {
        "labour_index": labour_index(composite, _NATION),
        "series": _series(prepared),
        "weights": composite.weights.rename("weight").rename_axis("dimension").reset_index(),
        "weights_detail": _weights_detail(composite),
        "contributions": contributions.of_dimensions(composite),
        "indicator_contributions": contributions.of_indicators(composite, result.fits),
        "movers": movers(prepared.series, prepared.adjusted, quarter),
        "indicator_status": status.indicator_status(
            declarations, prepared.series, prepared.transformed, quarter
        ),
        "seasonal_quality": quality,
        "seasonal_models": prepared.seasonal.models,
        "detrending": prepared.detrending,
        "detrending_tests": detrending_sensitivity.tests(
            declarations, prepared.detrending, prepared.trends, quality
        ),
        "detrending_sensitivity": detrending_sensitivity.table(composite.value, long),
        "factor_quality": status.factor_quality(result.fits),
        "dimension_quality": status.dimension_quality(declarations, result.fits),
        "sensitivity": long,
        "sensitivity_summary": summary,
        "index_parameters": _parameters(result, quarter),
        "macro": _macro(observations, declarations, quarter),
        "monthly_indicators": _monthly(prepared),
    }


@dataclass(frozen=True)
class _Otherwise:
    """A dimension under another detrending: its members' series, adjusted values and forms of change, by indicator."""

    choice: str
    series: Mapping[str, Series]
    adjusted: Mapping[str, pd.Series]
    forms: Mapping[str, str]
    learn_until: pd.Period
    until: pd.Period

    def fit(self) -> factor.Fit | None:
        """Its cycle; None when no member is usable."""
        transformed = {
            name: transformed_series(
                item, self.adjusted[name], self.forms[name], self.learn_until, self.choice
            ).values
            for name, item in self.series.items()
        }
        members = {name: values for name, values in transformed.items() if status.usable(values) == "used"}
        if not members:
            return None
        polarity = {name: self.series[name].indicator.polarity for name in members}
        return factor.fit(members, polarity, self.learn_until, self.until)


def _other_factors(
    prepared: Prepared, declarations: Declarations, quarter: pd.Period, how: Steps
) -> dict[str, pd.DataFrame]:
    """The dimensions' factors under every other detrending, all estimated at once."""
    tasks = {}
    for choice, dimension in itertools.product(detrend.OTHERS, declarations.dimensions):
        names = [item.id for item in declarations.members(dimension) if item.id in prepared.series]
        if names:
            tasks[choice, dimension] = _Otherwise(
                choice,
                {name: prepared.series[name] for name in names},
                {name: prepared.adjusted[name] for name in names},
                {name: prepared.forms[name].form for name in names},
                prepared.learn_until,
                quarter,
            )
    fits = dict(zip(tasks, how.fits(list(tasks.values())), strict=True))
    found: dict[str, dict[str, factor.Fit]] = {choice: {} for choice in detrend.OTHERS}
    for (choice, dimension), fit in fits.items():
        if fit is not None:
            found[choice][dimension] = fit
    return {f"detrend_{choice}": factors_of(own, quarter) for choice, own in found.items()}


def labour_index(composite: Composite, group: str) -> pd.DataFrame:
    """Rows of ``labour_index`` of one group: the composite, then the dimensions."""
    columns = {
        "overall": composite.value,
        **{name: composite.sub_indices[name] for name in composite.sub_indices},
    }
    rows = [
        [name, group, iso(period), value]
        for name, values in columns.items()
        for period, value in known_items(values)
    ]
    return pd.DataFrame(rows, columns=["dimension", "group", "period", "value"])


def _series(prepared: Prepared) -> pd.DataFrame:
    pieces = []
    for name, item in prepared.series.items():
        frame = pd.DataFrame(
            {
                "raw": item.values,
                "adjusted": prepared.adjusted[name],
                "transformed": prepared.transformed[name],
            }
        )
        frame.insert(0, "period", [iso(period) for period in frame.index])
        frame.insert(0, "group", item.group)
        frame.insert(0, "indicator", name)
        pieces.append(frame)
    return pd.concat(pieces, ignore_index=True)


def _weights_detail(composite: Composite) -> pd.DataFrame:
    inside = composite.sub_indices[composite.base.start : composite.base.end]
    _, vectors = correlation(inside)
    names = composite.weights.index
    rank = {name: int(abs(vectors[position]).argmax()) + 1 for position, name in enumerate(names)}
    frame = pd.DataFrame(
        {
            "weight": composite.weights,
            "effective": effective_weights(composite),
            "equal": 1 / len(names),
            "first_component": principal_weights(inside, components=1),
            "eigenvalue_rank": pd.Series(rank),
        }
    )
    return frame.rename_axis("dimension").reset_index()


def _seasonal_quality(prepared: Prepared) -> pd.DataFrame:
    """Quality sheet with p-values of ADF and KPSS on the raw and on the transformed series."""
    quality = prepared.seasonal.quality.copy()
    tests = {"before": {n: s.values for n, s in prepared.series.items()}, "after": prepared.transformed}
    for when, found in tests.items():
        results = [stationarity(found[name]) for name in quality["indicator"]]
        quality[f"adf_{when}"] = [result[0] for result in results]
        quality[f"kpss_{when}"] = [result[1] for result in results]
    order = [*seasonal.QUALITY, "adf_before", "adf_after", "kpss_before", "kpss_after", "verdict", "note_th"]
    return quality[order]


def stationarity(values: pd.Series) -> tuple[float, float]:
    """p-values of the augmented Dickey-Fuller test (unit root) and of the KPSS test (stationarity)."""
    seen = values.dropna().to_numpy()
    if len(seen) < status.QUARTERS_NEEDED or seen.std() == 0:
        return float("nan"), float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # p-values are bounded by the tests' tables
        warnings.simplefilter("ignore", FutureWarning)  # of the shape of the results; position 1 is p in both
        return float(adfuller(seen, maxlag=min(12, len(seen) // 4))[1]), float(kpss(seen, nlags="auto")[1])


def _parameters(result: National, quarter: pd.Period) -> pd.DataFrame:
    """Base period, learning period, version of the weights and the composite's scale: what a rebuild needs, as text.

    The version is the year whose issues share the weights and the last quarter that they were learnt on.
    """
    composite = result.composite
    rows = {
        "base_start": iso(composite.base.start),
        "base_end": iso(composite.base.end),
        "learn_until": iso(result.prepared.learn_until),
        "weights_version": f"{quarter.year} ({iso(composite.base.start)}..{iso(composite.base.end)})",
        "composite_slope": repr(composite.slope),
        "composite_level": repr(composite.level),
    }
    return pd.DataFrame(list(rows.items()), columns=["key", "value"])


def _macro(observations: pd.DataFrame, declarations: Declarations, quarter: pd.Period) -> pd.DataFrame:
    found = macro_values(observations, declarations, quarter)
    rows = [
        [name, iso(period), value]
        for name, values in found.items()
        for period, value in known_items(quarterly_means(values))
    ]
    return pd.DataFrame(rows, columns=["variable", "period", "value"])


def _monthly(prepared: Prepared) -> pd.DataFrame:
    rows = [
        [name, iso(period), value]
        for name, item in prepared.series.items()
        if item.is_monthly
        for period, value in known_items(prepared.adjusted[name])
    ]
    return pd.DataFrame(rows, columns=["indicator", "period", "value"])
