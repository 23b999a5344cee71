"""Computation of an issue: the order of the stages, the cache key of each, and the revisions of published values.

Goes in: the inputs of an issue. Comes out: the named tables of docs/tables.md, each checked
against its schema where its stage hands it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from reporter import measures
from reporter.domain import schema
from reporter.domain.declarations import SURVEYS, Declarations
from reporter.domain.edition import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.periods import iso, parse_quarter, today_in_bangkok
from reporter.domain.schema import Tables
from reporter.domain.thai import join_th
from reporter.index import (
    composite,
    forecast,
    groups,
    model_file,
    national,
    realtime,
    recompute,
    relations,
    seasonal,
)
from reporter.index.panel import macro_values, quarterly_means
from reporter.inputs import vintages
from reporter.inputs.commentary import Commentary
from reporter.inputs.series_cells import latest_vintage
from reporter.inputs.workspace import Workspace
from reporter.pipeline import manifest
from reporter.pipeline.issue_cache import BuildRequest, Resources
from reporter.pipeline.manifest import EarlierIssue, parameters
from reporter.surveys import pipeline as surveys
from reporter.surveys import shares, small_sample

Result = TypeVar("Result")


def compute(inputs: IssueInputs, resources: Resources) -> tuple[Tables, list[Finding]]:
    """All tables of an issue, and what reading the surveys found.

    Stages that wait for nothing are begun early: workers compute them beside the others.

    Raises   CoverageError when the data do not reach the quarter
    """
    progress = resources.progress
    surveys_computed = _begin_surveys(inputs, resources)
    progress.stage("คำนวณดัชนีเศรษฐกิจแรงงาน", "computing the Labour Economic Index")
    computed = schema.checked(_nation(inputs, resources))
    _require_quarter(computed["labour_index"], inputs.context.quarter)
    nation = dict(computed)
    related = _begin_relations(nation, inputs, resources)
    forecasts = _begin_forecast(nation, inputs, resources)

    progress.stage("คำนวณดัชนีรายกลุ่ม", "computing the index of every group")
    computed |= schema.checked(_groups(nation, inputs, resources))

    progress.stage("ทดสอบและพยากรณ์ดัชนี", "testing and forecasting the index")
    computed |= schema.checked(related())
    computed |= schema.checked(forecasts())

    progress.stage("คำนวณผลสำรวจ", "computing the surveys")
    surveyed, found = surveys_computed()
    computed |= schema.checked(surveyed)
    # Charts get workers of their own: these would keep 100 MB of numba and the groups' matrices beside every canvas.
    resources.executor.close()
    computed |= schema.checked(_surveys_and_index(surveyed, nation, inputs.context.declarations))
    computed |= schema.checked(_around(computed, inputs, resources))
    if inputs.context.final:  # a second, separately written computation must find the same index
        found = [*found, *recompute.check(computed)]
    return computed, found


def _nation(inputs: IssueInputs, resources: Resources) -> Tables:
    """The Labour Economic Index of the whole country."""
    context, observations = inputs.context, inputs.observations
    whole = observations[observations["group"] == "TH"]
    known_before = _known_before(inputs.workspace, inputs.earlier)
    frozen = seasonal.read(inputs.workspace.root, context.quarter.year)
    models = frozen.table if frozen else None
    kept = model_file.read(inputs.workspace.root, context.quarter.year)
    computed: Tables = resources.cache.result(
        "national",
        (whole, context.declarations, context.quarter, context.settings, known_before, models, kept),
        lambda: national.compute(
            whole,
            context.declarations,
            context.quarter,
            settings=context.settings,
            frozen_models=models,
            previous=known_before,
            cache=resources.cache,
            kept=kept,
        ),
    )
    return {**computed, "index_parameters": _with_models(computed["index_parameters"], frozen)}


def _groups(nation: Tables, inputs: IssueInputs, resources: Resources) -> Tables:
    """The same index for every status, industry, region and province."""
    return groups.compute(
        inputs.observations,
        inputs.context.declarations,
        inputs.context.quarter,
        national=nation,
        executor=resources.executor,
        cache=resources.cache,
    )


def _begin_relations(nation: Tables, inputs: IssueInputs, resources: Resources) -> Callable[[], Tables]:
    """How the index moves with the economy."""
    country, macro, series = nation["labour_index"], nation["macro"], nation["series"]
    quarter, seed = inputs.context.quarter, inputs.context.settings.seed
    task = partial(relations.compute, country, macro, quarter, seed=seed, series=series)
    return _begin("relations", (country, macro, quarter, seed, series), task, resources)


def _begin_forecast(nation: Tables, inputs: IssueInputs, resources: Resources) -> Callable[[], Tables]:
    """The index of the coming quarters, and how good earlier issues' forecasts were."""
    country, macro, simulated = nation["labour_index"], nation["macro"], nation["index_vintages"]
    quarter, seed = inputs.context.quarter, inputs.context.settings.seed
    known = {
        "earlier": manifest.forecasts(inputs.earlier),
        "vintages": manifest.published_index(inputs.earlier),
        "simulated": simulated,
        "macro_known": _macro_known(inputs.workspace, quarter),
    }
    task = partial(forecast.compute, country, macro, quarter, seed=seed, **known)
    return _begin("forecast", (country, macro, quarter, seed, *known.values()), task, resources)


def _macro_known(workspace: Workspace, quarter: pd.Period) -> pd.DataFrame | None:
    """Macro variables as the workspace knew them 60 days after each past quarter: ``issued, variable, period, value``.

    Only variables of which a value was dated by then; rows without a date count for the quarters before the dated ones only, since
    nothing says when they were known. None where nothing was dated.
    """
    declarations = workspace.declarations
    history = workspace.observation_history("TH")
    history = history[history["indicator"].isin(list(declarations.macro))]
    with_date = history.dropna(subset=["as_of"])
    dated = with_date.groupby("indicator")["as_of"].min()
    begins = history["indicator"].map(with_date.groupby("indicator")["period"].min())
    history = history[history["as_of"].notna() | ~(history["period"] >= begins)]
    parts = []
    for issued in (
        pd.period_range(_first_dated(dated, quarter), quarter - 1, freq="Q-DEC") if len(dated) else ()
    ):
        day = issued.end_time.normalize() + pd.Timedelta(days=realtime.RELEASE_DAYS)
        there = dated.index[dated < day + pd.Timedelta(days=1)]
        known = latest_vintage(history[history["indicator"].isin(there)], day.date())
        for name, values in macro_values(known, declarations, issued).items():
            means = quarterly_means(values)
            rows = {"issued": iso(issued), "variable": name, "period": [iso(p) for p in means.index]}
            parts.append(pd.DataFrame({**rows, "value": means.to_numpy(dtype=float)}))
    return pd.concat(parts, ignore_index=True) if parts else None


def _first_dated(dated: pd.Series, quarter: pd.Period) -> pd.Period:
    """First quarter whose release day is not before the first dated value."""
    first = (dated.min() - pd.Timedelta(days=realtime.RELEASE_DAYS)).to_period("Q-DEC")
    return min(first, quarter)


def _begin_surveys(inputs: IssueInputs, resources: Resources) -> Callable[[], tuple[Tables, list[Finding]]]:
    """The confidence indices and the other survey tables, from all files up to the issue's quarter."""
    workspace, context = inputs.workspace, inputs.context
    files: dict[str, Mapping[pd.Period, Path]] = {
        survey: _known(workspace.survey_files(survey), context.quarter) for survey in SURVEYS
    }
    weights = context.settings.survey_weights
    beside: dict[str, Mapping[str, Path]] = {name: workspace.weight_files(name) for name in SURVEYS}
    given = (
        files,
        context.declarations,
        context.quarter,
        vintages.reading_files(workspace.reading_root),
        beside,
        weights,
        small_sample(),  # of the rules in force, which a workspace may have changed
    )
    task = partial(
        surveys.compute,
        files,
        context.quarter,
        context.declarations,
        rules_folder=workspace.reading_root,
        weights=weights,
        beside=beside,
    )
    return _begin("surveys", given, task, resources)


def _begin(
    stage: str, given: object, task: Callable[[], Result], resources: Resources
) -> Callable[[], Result]:
    """Submit a stage to a worker unless its result is cached. Returns a function that returns the result."""
    cache = resources.cache
    computed = task if cache.has(stage, cache.key(given)) else resources.executor.begin(task)
    return lambda: cache.result(stage, given, computed)


def _surveys_and_index(surveyed: Tables, nation: Tables, declarations: Declarations) -> Tables:
    """Confidence beside the index, and the composite with the declared experimental dimension among the sensitivities."""
    tried = next(iter(declarations.experimental.values()), None)
    joint = shares.joint_tables(
        surveyed["confidence"],
        nation["labour_index"],
        nation["series"],
        nation["macro"],
        len(declarations.dimensions),
        tried,
    )
    found = joint["sensitivity_confidence"]
    if tried is None or found.empty:
        return joint
    both = found.set_index(pd.PeriodIndex(found["period"].map(parse_quarter)))
    added = composite.tables(both["composite"], {f"with_{tried.id}": both["with_confidence"]})
    names = ("sensitivity", "sensitivity_summary")
    return joint | {
        name: pd.concat([nation[name], rows], ignore_index=True)
        for name, rows in zip(names, added, strict=True)
    }


def _with_models(parameters: pd.DataFrame, frozen: seasonal.Frozen | None) -> pd.DataFrame:
    """``index_parameters`` with where the seasonal models come from: a file of the workspace, or this issue's own search."""
    row = pd.DataFrame({"key": ["seasonal_models"], "value": [frozen.name if frozen else "identified"]})
    return pd.concat([parameters, row], ignore_index=True)


def _known_before(workspace: Workspace, earlier: list[manifest.EarlierIssue]) -> pd.DataFrame | None:
    """The country's observations as the newest earlier issue knew them; None where there is no earlier issue.

    That issue looked at nothing after its own quarter, whatever stood in the files already.
    """
    if not earlier:
        return None
    last = earlier[-1]
    known = workspace.observations(last.as_of)
    known = known[known["group"] == "TH"]
    ends = {
        text: pd.Period(text.replace("-Q", "Q")).end_time for text in known["period"].astype(str).unique()
    }
    return known[known["period"].astype(str).map(ends) <= last.quarter.end_time]


def _require_quarter(labour_index: pd.DataFrame, quarter: pd.Period) -> None:
    """Raise CoverageError when the quarter has no headline number, and name the last quarter with data."""
    composite = labour_index[(labour_index["group"] == "TH") & (labour_index["dimension"] == "overall")]
    known = set(composite["period"])
    if iso(quarter) in known:
        return
    newest = max(known, default="")
    raise CoverageError(
        f"คำนวณดัชนีของไตรมาส {iso(quarter)} ไม่ได้ — "
        + (f"ข้อมูลใน series/ มีถึง {newest}" if newest else "ไม่มีตัวชี้วัดใดใน series/ ที่ยาวพอ"),
        f"No index can be computed for {iso(quarter)}; "
        + (
            f"the data in series/ reach to {newest}." if newest else "no indicator in series/ is long enough."
        ),
    )


def _around(computed: Tables, inputs: IssueInputs, resources: Resources) -> Tables:
    """Tables that accompany the index: outlook, budget, annex, other countries, series beside it, signals, revisions."""
    workspace, context = inputs.workspace, inputs.context
    records = vintages.records(workspace.root, context.as_of, prefix="fiscal_")
    return {
        "outlook": _outlook(inputs.commentary),
        "fiscal": measures.compute_fiscal(records, context.quarter),
        "annex": _annex(inputs, resources),
        "countries": workspace.countries(),
        "beside": measures.compute_beside(inputs.observations, context.quarter),
        **measures.compute_signals(
            computed["labour_index"], computed["series"], context.declarations, context.quarter
        ),
        **(moved := _revisions(computed, inputs)),
        **_real_time(computed, moved["moved_history"], inputs),
        "replaced_history": _replaced(computed, inputs),
    }


def _real_time(computed: Tables, moved: pd.DataFrame, inputs: IssueInputs) -> Tables:
    """The index as each issue printed it, simulated where no issue did, and how far first releases moved."""
    nothing = schema.empty("moved_history")
    issues = [
        realtime.Printed(
            issue.quarter,
            issue.tables["labour_index"],
            issue.tables.get("moved_history", nothing),
            issue.index_model,
        )
        for issue in inputs.earlier
    ]
    now = realtime.Printed(inputs.context.quarter, computed["labour_index"], moved, _index_model(computed))
    return realtime.with_published(computed["realtime"], [*issues, now])


def _index_model(computed: Tables) -> str:
    return str(computed["index_parameters"].set_index("key")["value"].get("index_model", ""))


def _replaced(computed: Tables, inputs: IssueInputs) -> pd.DataFrame:
    """Both histories, in the issue that starts another model of the index or another method."""
    last = inputs.earlier[-1].index_model if inputs.earlier else None
    declared = realtime.read(inputs.workspace.root)
    return realtime.told(computed, inputs.context.quarter, declared, last)


def _outlook(commentary: Commentary) -> pd.DataFrame:
    columns = schema.columns("outlook")
    rows = [[getattr(factor, name) for name in columns] for factor in commentary.factors]
    return pd.DataFrame(rows, columns=columns)


def _annex(inputs: IssueInputs, resources: Resources) -> pd.DataFrame:
    """The statistical annex: series as they are, of this quarter and those before."""
    root, quarter, observations = inputs.workspace.root, inputs.context.quarter, inputs.observations
    asked = measures.load_annex(root)
    wanted = {*asked.series(), *asked.rates()}
    counted = observations[observations["indicator"].isin(wanted)].reset_index(drop=True)
    return resources.cache.result(
        "annex",
        (
            counted.drop(columns=["file", "row", "cell"], errors="ignore"),
            sorted((root / "annex").glob("*")),
            quarter,
        ),
        lambda: measures.compute_annex(counted, asked, quarter),
    )


def _revisions(computed: Tables, inputs: IssueInputs) -> Tables:
    context = inputs.context
    declared = (context.declarations.dimensions, context.declarations.indicators, context.declarations.macro)
    return of_issue(
        inputs.workspace.observation_history("TH"),
        computed,
        inputs.earlier,
        {key: item.name.th for items in declared for key, item in items.items()},
        as_of=context.as_of,
        parameters=parameters(context, computed),
    )


def _known(files: dict[pd.Period, Path], quarter: pd.Period) -> dict[pd.Period, Path]:
    """Survey files up to the issue's quarter: the whole history, of which the report shows the last quarters."""
    return {period: path for period, path in files.items() if period <= quarter}


# ----------------------------------------------------------------------------------------------------
# Inputs of an issue.
#
# Goes in: the request, a workspace whose inputs were checked. Comes out: ``IssueInputs``, all of them usable.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IssueInputs:
    """All that one issue is made from.

    observations  values in force on the issue's day (docs/tables.md)
    earlier       earlier issues in the output folder, oldest first
    """

    workspace: Workspace
    observations: pd.DataFrame
    context: Context
    commentary: Commentary
    earlier: list[manifest.EarlierIssue]


def read_inputs(workspace: Workspace, request: BuildRequest) -> IssueInputs:
    """Read what the issue needs. Raises InputError for unusable inputs."""
    observations = workspace.observations(request.as_of or today_in_bangkok())
    return IssueInputs(
        workspace,
        observations,
        manifest.context_of(workspace, request, observations),
        workspace.commentary(request.quarter),
        manifest.earlier(request.out, request.quarter),
    )


# ----------------------------------------------------------------------------------------------------
# Revisions: first, second and latest value of every period, their size, and what changed since the last issue.
#
# Goes in: the history of observations (superseded values too), and the tables of earlier issues for the index. Comes out:
# ``revisions``, ``revisions_summary``, ``release_notes``. The second value is the one after the series' next release,
# whether or not it differs. Values that came with a series' first delivery were revised before anyone looked and count as
# no first estimate, save the newest of them. Method: OECD revision analysis (mean revision, mean absolute revision), ESS
# guidelines on revision policy.
# ----------------------------------------------------------------------------------------------------

INDEX = "labour_index"
_KEY = ["series", "period"]
_NAMED = 5
_NEVER = pd.Timestamp(2200, 1, 1)
_ALWAYS = pd.Timestamp(1900, 1, 1)  # when a value without as_of was known: before any release
_SETTINGS = ("base_start", "base_end", "seed")


def revised_values(
    history: pd.DataFrame, issues: Sequence[tuple[dt.date | str, pd.DataFrame]] = ()
) -> Tables:
    """Revisions of every series of the whole country, and of the index.

    history  ``observation_history`` (docs/tables.md): ``indicator, group, period, value, as_of`` at least
    issues   earlier issues and this one in order of time: (date of the issue, its ``labour_index``)
    Returns  ``revisions``: ``series,period,first,second,latest``; ``second`` NaN where no later release is known.
             ``revisions_summary``: per series the number of periods, mean and mean absolute revision (latest - first),
             the same for the second value, the largest revision and its period.
             The index is ``labour_index`` and ``labour_index:<dimension>``.
    """
    observed = history[history["group"] == "TH"].rename(columns={"indicator": "series"})[
        [*_KEY, "value", "as_of"]
    ]
    observed = observed.assign(as_of=observed["as_of"].fillna(_ALWAYS))
    triangle = _triangle(pd.concat([observed, _published(issues)], ignore_index=True))
    return {"revisions": triangle, "revisions_summary": summarise(triangle)}


def of_issue(
    history: pd.DataFrame,
    computed: Mapping[str, pd.DataFrame],
    earlier: Sequence[EarlierIssue],
    names: Mapping[str, str],
    *,
    as_of: dt.date,
    parameters: Mapping[str, Any],
) -> Tables:
    """All tables of an issue that compare it with earlier ones.

    history    ``Workspace.observation_history()``, cut at ``as_of``
    computed   the issue's tables; earlier  ``manifest.earlier(out, quarter)``
    names      indicator and dimension ids -> Thai names; parameters  ``{"settings": ..., "index": ...}`` as in manifests
    """
    published = [(issue.as_of, issue.tables["labour_index"]) for issue in earlier]
    last = earlier[-1] if earlier else None
    notes = release_notes(
        computed,
        None if last is None else last.tables,
        names,
        parameters=_flat(parameters),
        previous_parameters={} if last is None else _flat(last.parameters),
    )
    known = history[history["as_of"].isna() | (history["as_of"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))]
    return {
        **revised_values(known, [*published, (as_of, computed["labour_index"])]),
        **manifest.moved_tables(computed, None if last is None else last.tables),
        "release_notes": notes,
    }


def _flat(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Settings and the index's own parameters that shape numbers, as text; the run's date and the addresses do not."""
    settings = parameters.get("settings", {})
    chosen = {name: settings[name] for name in _SETTINGS if name in settings}
    return {name: str(value) for name, value in {**parameters.get("index", {}), **chosen}.items()}


def _published(issues: Sequence[tuple[dt.date | str, pd.DataFrame]]) -> pd.DataFrame:
    """The index as each issue published it, as a history."""
    parts = []
    for day, index in issues:
        country = index[index["group"] == "TH"]
        names = country["dimension"].map(
            lambda dimension: INDEX if dimension == "overall" else f"{INDEX}:{dimension}"
        )
        parts.append(
            pd.DataFrame(
                {
                    "series": names,
                    "period": country["period"],
                    "value": country["value"],
                    "as_of": pd.Timestamp(day),
                }
            )
        )
    if not parts:
        return pd.DataFrame({"series": [], "period": [], "value": [], "as_of": pd.to_datetime([])})
    return pd.concat(parts, ignore_index=True).dropna(subset=["value"])


def _triangle(known: pd.DataFrame) -> pd.DataFrame:
    """First, second and latest value of each period that was seen at its first release."""
    if known.empty:
        return schema.empty("revisions")
    ordered = known.sort_values([*_KEY, "as_of"], kind="stable")
    first = ordered.drop_duplicates(_KEY, keep="first")
    latest = ordered.drop_duplicates(_KEY, keep="last").set_index(_KEY)["value"]

    # A delivery that opens a series brings its whole past; only its newest period is fresh.
    opening = first.groupby("series")["as_of"].transform("min")
    newest_of_opening = first[first["as_of"] == opening].groupby("series")["period"].transform("max")
    is_newest = first["period"] == newest_of_opening.reindex(first.index)
    fresh = (first["as_of"] > opening) | (is_newest & (opening != _ALWAYS))
    first = first[fresh]

    second = _second(ordered, first)

    keys = pd.MultiIndex.from_frame(first[_KEY])
    table = pd.DataFrame(
        {
            "series": first["series"].to_numpy(),
            "period": first["period"].to_numpy(),
            "first": first["value"].to_numpy(),
            "second": second.reindex(keys).to_numpy(),
            "latest": latest.reindex(keys).to_numpy(),
        }
    )
    return table.sort_values(_KEY, ignore_index=True)


def _second(known: pd.DataFrame, first: pd.DataFrame) -> pd.Series:
    """Value in force when the release after the first had been completed: just before the one after that.

    A release is a time at which a series brought a period that it had not had. Where none followed yet, a later value of
    the same period counts; otherwise there is no second value.
    """
    opened = known.drop_duplicates(_KEY, keep="first")
    releases = opened[["series", "as_of"]].drop_duplicates().sort_values(["series", "as_of"])
    by_series = releases.groupby("series")["as_of"]
    releases = releases.assign(has_next=by_series.shift(-1).notna(), until=by_series.shift(-2).fillna(_NEVER))
    asked = first[[*_KEY, "as_of"]].merge(releases, on=["series", "as_of"], how="left")
    vintages = known.merge(asked[[*_KEY, "has_next", "until"]], on=_KEY)
    settled = vintages[vintages["as_of"] < vintages["until"]]
    number = settled.groupby(_KEY).cumcount()
    alone = settled[~settled["has_next"] & (number == 1)]
    regular = settled[settled["has_next"]].drop_duplicates(_KEY, keep="last")
    return pd.concat([regular, alone]).set_index(_KEY)["value"]


def summarise(triangle: pd.DataFrame) -> pd.DataFrame:
    """Size of the revisions of each series, in the series' own unit; periods with one release only do not count."""
    revised = triangle[triangle["second"].notna()]
    rows = []
    for series, values in revised.groupby("series", sort=True):
        revision = values["latest"] - values["first"]
        second = values["second"] - values["first"]
        at = int(revision.abs().to_numpy().argmax())
        rows.append(
            (
                series,
                len(values),
                revision.mean(),
                revision.abs().mean(),
                second.abs().mean(),
                revision.iloc[at],
                values["period"].iloc[at],
            )
        )
    return pd.DataFrame(rows, columns=schema.columns("revisions_summary"))


def release_notes(
    tables: Mapping[str, pd.DataFrame],
    previous: Mapping[str, pd.DataFrame] | None,
    names: Mapping[str, str],
    *,
    parameters: Mapping[str, object] | None = None,
    previous_parameters: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """What changed since the last issue: data, methods, weights.

    tables, previous   ``series``, ``weights``, ``labour_index``, ``detrending``, ``indicator_status`` of this and the
                       last issue; None for a first issue
    names              indicator and dimension ids -> Thai names
    parameters         settings of both issues, as their manifests have them
    Returns            ``kind,text_th``; ``kind`` data|methods|weights; at least one row of each kind
    """
    if previous is None:
        return pd.DataFrame(
            [("data", "รายงานฉบับนี้เป็นฉบับแรก จึงไม่มีฉบับก่อนหน้าให้เปรียบเทียบ")],
            columns=schema.columns("release_notes"),
        )
    notes = [
        *(("data", text) for text in _data_notes(tables, previous, names)),
        *(
            ("methods", text)
            for text in _method_notes(tables, previous, names, parameters or {}, previous_parameters or {})
        ),
        *(("weights", text) for text in _weight_notes(tables, previous, names)),
    ]
    return pd.DataFrame(notes, columns=schema.columns("release_notes"))


def _data_notes(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> list[str]:
    """New and revised observations of the country, and how far the published index moved."""
    key = ["indicator", "period"]
    now, before = (_country(source["series"]).set_index(key)["raw"].dropna() for source in (tables, previous))
    new = sorted(set(now.index.difference(before.index).get_level_values("indicator")))
    common = now.index.intersection(before.index)
    changed = common[(now[common] != before[common]).to_numpy()]
    revised = sorted(set(changed.get_level_values("indicator")))
    gone = sorted(
        set(before.index.get_level_values("indicator")) - set(now.index.get_level_values("indicator"))
    )
    notes = [f"มีข้อมูลงวดใหม่ของ {len(new)} ตัวชี้วัด" if new else "ไม่มีข้อมูลงวดใหม่"]
    if revised:
        notes.append(
            f"แหล่งข้อมูลปรับปรุงค่าย้อนหลัง {len(changed):,} ค่า ใน {len(revised)} ตัวชี้วัด ได้แก่ {_listed(revised, names)}"
        )
    else:
        notes.append("ไม่มีการปรับปรุงค่าย้อนหลังจากแหล่งข้อมูล")
    if gone:
        notes.append(f"ไม่มีข้อมูลของ {_listed(gone, names)} แล้ว")
    change = _index_moved(tables["labour_index"], previous["labour_index"])
    if change is not None:
        notes.append(f"ดัชนีรวมของงวดที่เผยแพร่แล้วเปลี่ยนไปเฉลี่ย {change:.2f} จุด")
    return notes


def _index_moved(now: pd.DataFrame, before: pd.DataFrame) -> float | None:
    """Mean absolute change of the published composite, points."""
    both = [
        _country(index).query("dimension == 'overall'").set_index("period")["value"].dropna()
        for index in (now, before)
    ]
    common = both[0].index.intersection(both[1].index)
    return float((both[0][common] - both[1][common]).abs().mean()) if len(common) else None


# What readers call the settings of the index (table ``index_parameters``).
_SETTING_NAMES = {
    "base_start": "ช่วงฐาน", "base_end": "ช่วงฐาน", "learn_until": "ช่วงข้อมูลที่ใช้ประมาณแบบจำลอง",
    "seasonal_until": "ช่วงข้อมูลที่ใช้เลือกแบบจำลองปรับฤดูกาล", "seasonal_models": "แบบจำลองปรับฤดูกาล",
    "weights_version": "ชุดค่าถ่วงน้ำหนัก", "composite_slope": "มาตราส่วนของดัชนีรวม", "composite_level": "มาตราส่วนของดัชนีรวม",
    "components": "จำนวนองค์ประกอบหลัก", "index_model": "แบบจำลองของดัชนี", "index_link": "ไตรมาสเชื่อมของดัชนี",
    "index_replaced": "แบบจำลองเดิมของดัชนี",
}  # fmt: skip


def _method_notes(
    tables: Mapping[str, pd.DataFrame],
    previous: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    parameters: Mapping[str, object],
    previous_parameters: Mapping[str, object],
) -> list[str]:
    """Indicators that came into use or left it, changed transformations, changed settings."""
    notes = []
    if "indicator_status" in tables and "indicator_status" in previous:
        now, before = (_used(source["indicator_status"]) for source in (tables, previous))
        if now - before:
            notes.append(f"นำตัวชี้วัดมาใช้เพิ่ม ได้แก่ {_listed(sorted(now - before), names)}")
        if before - now:
            notes.append(f"งดใช้ตัวชี้วัด ได้แก่ {_listed(sorted(before - now), names)}")
    if "detrending" in tables and "detrending" in previous:
        now_how, before_how = (_methods(source["detrending"]) for source in (tables, previous))
        changed = [name for name in now_how if name in before_how and now_how[name] != before_how[name]]
        if changed:
            notes.append(f"เปลี่ยนวิธีแปลงหรือขจัดแนวโน้มของ {_listed(sorted(changed), names)}")
    settings = sorted(
        name
        for name in {*parameters, *previous_parameters}
        if parameters.get(name) != previous_parameters.get(name)
    )
    if settings:
        called = dict.fromkeys(_SETTING_NAMES.get(name, name) for name in settings)
        notes.append(f"ค่าตั้งต้นที่เปลี่ยน ได้แก่ {join_th(list(called))}")
    return notes or ["วิธีคำนวณไม่เปลี่ยนแปลง"]


def _weight_notes(
    tables: Mapping[str, pd.DataFrame], previous: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> list[str]:
    """Changed weights of the dimensions."""
    now, before = (source["weights"].set_index("dimension")["weight"] for source in (tables, previous))
    every = now.index.union(before.index)
    change = (now.reindex(every, fill_value=0.0) - before.reindex(every, fill_value=0.0)).dropna()
    moved = change[change.abs() >= 0.0005].sort_values(key=lambda values: -values.abs(), kind="stable")
    if moved.empty:
        return ["ค่าถ่วงน้ำหนักของทุกมิติไม่เปลี่ยนแปลง"]
    shown = [
        f"{names.get(str(name), str(name))} จากร้อยละ {before.get(name, 0.0) * 100:.1f} เป็นร้อยละ {now.get(name, 0.0) * 100:.1f}"
        for name in moved.index[:_NAMED]
    ]
    return [f"ประมาณค่าถ่วงน้ำหนักใหม่ มิติที่เปลี่ยนมากที่สุด ได้แก่ {' '.join(shown)}"]


def _country(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"] == "TH"]


def _methods(detrending: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Indicator -> how its trend leaves it and how it is transformed."""
    columns = (detrending[name].astype(str) for name in ("indicator", "detrend", "transform"))
    return {indicator: (detrend, transform) for indicator, detrend, transform in zip(*columns, strict=True)}


def _used(status: pd.DataFrame) -> set[str]:
    return set(status.loc[status["status"].isin(["used", "stale"]), "indicator"])


def _listed(ids: Sequence[str], names: Mapping[str, str]) -> str:
    """The first names of a list, and how many more there are."""
    shown = " ".join(names.get(name, name) for name in ids[:_NAMED])
    return shown if len(ids) <= _NAMED else f"{shown} และอีก {len(ids) - _NAMED} ตัวชี้วัด"
