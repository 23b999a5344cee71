"""The national index, from observations to tables: a stage of the build.

In: observations, declarations, the issue's quarter, settings, the workspace's model. Out: the tables of docs/tables.md, Index. Nothing after the issue's quarter is looked
at. Seasonal models learn from the years before the issue's year. The index's model comes from its file; without one it is learnt in memory on
the years before the present block of five, so that history stands still from issue to issue either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from reporter.domain import schema
from reporter.domain.context import Settings
from reporter.domain.declarations import Declarations
from reporter.domain.errors import CoverageError
from reporter.domain.periods import iso, parse_quarter
from reporter.index import joint_model, national_tables, news, realtime, seasonal, transform, x13
from reporter.index.joint_model import JointModel
from reporter.index.learn import learn
from reporter.index.model_file import LIFE_YEARS, Kept
from reporter.index.national_tables import National, Prepared
from reporter.index.panel import Series, collect
from reporter.index.points import index_values
from reporter.index.smoother import smooth
from reporter.runtime.cache import StageCache

Tables = dict[str, pd.DataFrame]
LEARN_QUARTERS = 20  # five years: less does not show a cycle
_BLOCK_QUARTERS = 32  # eight years before the block: enough to learn on for five years to come
_NATION = "TH"
Run = Callable[[Sequence[x13.Spec]], list[x13.Output]]


def compute(
    observations: pd.DataFrame,
    declarations: Declarations,
    quarter: pd.Period,
    *,
    settings: Settings,
    frozen_models: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    cache: StageCache | None = None,
    kept: Kept | None = None,
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
    tables = national_tables.tables(result, observations, declarations, quarter, stored)
    vintages = stored.result(
        "vintages",
        (result.model, result.inputs, declarations, quarter, kept),
        lambda: realtime.simulated(
            result.model, result.inputs, declarations, quarter, kept.history if kept else None
        ),
    )
    return tables | vintages | _since(result, previous, declarations, quarter, run)


def cached_run(cache: StageCache) -> Run:
    """X-13 for several series, each kept under its specification."""
    if not cache:
        return x13.run

    def run(specs: Sequence[x13.Spec]) -> list[x13.Output]:
        keys = [cache.key(spec) for spec in specs]
        outputs = {key: cache.stored("x13", key) for key in keys}
        missing = {key: spec for key, spec in zip(keys, specs, strict=True) if outputs[key] is None}
        for key, output in zip(missing, x13.run(list(missing.values())), strict=True):
            outputs[key] = output
            if output.adjusted is not None:  # a run that was stopped from outside may end well the next time
                cache.store("x13", key, output)
        return [outputs[key] for key in keys]

    return run


def _since(
    result: National, previous: pd.DataFrame | None, declarations: Declarations, quarter: pd.Period, run: Run
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
    raw = [{name: item.values for name, item in known.items()} for known in (now.series, series)]
    return news.since(result.posterior, before, raw[0], raw[1])


def year_before(quarter: pd.Period) -> pd.Period:
    """Last quarter of the year before: what a year's seasonal models are chosen on."""
    return pd.Period(year=quarter.year - 1, quarter=4, freq="Q-DEC")


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
    run: Run = x13.run,
    kept: Kept | None = None,
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
    forms = transform.choose_forms(declarations, adjusted, until)
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
    kept: Kept | None = None,
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
