"""Everything an issue computes: the order of the stages, and what each of them is kept under.

Goes in: the inputs of an issue. Comes out: the named tables of docs/tables.md, each checked
against its schema where its stage hands it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from reporter import measures
from reporter.checks import check_workspace, refuse_errors
from reporter.domain import schema
from reporter.domain.declarations import Declarations
from reporter.domain.edition import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.periods import iso, parse_quarter
from reporter.domain.schema import Tables
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
from reporter.inputs import vintages
from reporter.inputs.commentary import Commentary
from reporter.inputs.workspace import Survey, Waiver, Workspace, open_workspace, read_waivers, rule_on
from reporter.pipeline import manifest, revisions
from reporter.pipeline.manifest import BuildRequest, InputCheck, Resources, parameters
from reporter.surveys import pipeline as surveys
from reporter.surveys import shares

_SURVEYS: tuple[Survey, ...] = ("employer", "worker")
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
    }
    task = partial(forecast.compute, country, macro, quarter, seed=seed, **known)
    return _begin("forecast", (country, macro, quarter, seed, *known.values()), task, resources)


def _begin_surveys(inputs: IssueInputs, resources: Resources) -> Callable[[], tuple[Tables, list[Finding]]]:
    """The confidence indices and what else the answers say, from all files up to the issue's quarter."""
    workspace, context = inputs.workspace, inputs.context
    files: dict[str, Mapping[pd.Period, Path]] = {
        survey: _known(workspace.survey_files(survey), context.quarter) for survey in _SURVEYS
    }
    weights = context.settings.survey_weights
    beside: dict[str, Mapping[str, Path]] = {name: workspace.weight_files(name) for name in _SURVEYS}
    given = (
        files,
        context.declarations,
        context.quarter,
        vintages.reading_files(workspace.reading_root),
        beside,
        weights,
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
    """Begin a stage beside what this process does next, unless its result is kept; the function that comes back gives it."""
    cache = resources.cache
    computed = task if cache.has(stage, cache.key(given)) else resources.executor.begin(task)
    return lambda: cache.result(stage, given, computed)


def _surveys_and_index(surveyed: Tables, nation: Tables, declarations: Declarations) -> Tables:
    """Confidence beside the index, and the composite with the declared experimental dimension among the sensitivities."""
    tried = next(iter(declarations.experimental.values()), None)
    joint = shares.joint_tables(
        surveyed["confidence"], nation["labour_index"], nation["series"], nation["macro"], tried
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
    """An issue without its headline number is none: say up to which quarter the data reach."""
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
    """What stands around the numbers: outlook, budget, annex, revisions, what changed since the last issue."""
    workspace, context = inputs.workspace, inputs.context
    records = vintages.records(workspace.root, context.as_of, prefix="fiscal_")
    return {
        "outlook": _outlook(inputs.commentary),
        "fiscal": measures.compute_fiscal(records, context.quarter),
        "annex": _annex(inputs, resources),
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
    return revisions.of_issue(
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
# The first two stages of a build: open the workspace, check all of it, and read what the issue is computed from.
#
# Goes in: the request, a workspace. Comes out: ``IssueInputs``, all of them usable. ``reporter check`` runs the same check.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IssueInputs:
    """All that one issue is made from.

    observations  values in force on the issue's day (docs/tables.md)
    earlier       earlier issues in the output folder, oldest first
    findings      what the check of the inputs found
    waivers       warnings that somebody answers for
    """

    workspace: Workspace
    observations: pd.DataFrame
    context: Context
    commentary: Commentary
    earlier: list[manifest.EarlierIssue]
    findings: list[Finding]
    waivers: tuple[Waiver, ...]


def ingest(request: BuildRequest, resources: Resources) -> Workspace:
    """Open the workspace. Raises InputError where there is none, DeclarationError where its declarations are wrong."""
    resources.progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    return open_workspace(request.data, resources.cache, answers_on=request.as_of)


def validate(workspace: Workspace, request: BuildRequest, resources: Resources) -> IssueInputs:
    """Check every input, then read what the issue needs.

    Raises  InputError for unusable inputs; for a final issue also for errors anywhere in the workspace, StateError for
            warnings that nobody answers for
    """
    found = manifest.checked_inputs(
        InputCheck(workspace.root, request.quarter, request.is_final),
        resources.cache,
        lambda: check_workspace(workspace, request.quarter, is_final=request.is_final, cache=resources.cache),
    )
    answered = read_waivers(workspace.root)[0]
    if request.is_final:
        refuse_errors(found)
        rule_on(found, answered, request.quarter).refuse_unanswered()
        if request.as_of is None:
            workspace.keep_answers(dt.date.today())
    resources.progress.stage("อ่านข้อมูล", "reading the data")
    observations = workspace.observations(request.as_of or dt.date.today())
    return IssueInputs(
        workspace,
        observations,
        manifest.context_of(workspace, request, observations),
        workspace.commentary(request.quarter),
        manifest.earlier(request.out, request.quarter),
        found,
        answered,
    )
