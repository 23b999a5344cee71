"""Everything an issue computes: the order of the stages, and what each of them is kept under.

Goes in: a workspace, its observations, the earlier issues. Comes out: the named tables of docs/tables.md, each checked
against its schema where its stage hands it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from reporter.domain import schema
from reporter.domain.context import Context
from reporter.domain.errors import CoverageError, Finding
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.index import forecast, groups, national, relations, seasonal_models
from reporter.inputs import vintages
from reporter.inputs.commentary import Commentary
from reporter.inputs.workspace import Survey, Workspace
from reporter.measures import annex, fiscal, statistics
from reporter.pipeline import earlier_issues, revisions
from reporter.pipeline.record import parameters
from reporter.runtime.cache import StageCache
from reporter.runtime.executor import Executor
from reporter.runtime.progress import Progress
from reporter.surveys import joint
from reporter.surveys import pipeline as surveys

_SURVEYS: tuple[Survey, ...] = ("employer", "worker")


def compute(
    workspace: Workspace,
    observations: pd.DataFrame,
    context: Context,
    earlier: list[earlier_issues.Issue],
    cache: StageCache,
    progress: Progress,
    executor: Executor,
) -> tuple[Tables, list[Finding]]:
    """All tables that are computed, and what reading the surveys found.

    earlier  earlier issues: what they knew, forecast and published
    Raises   CoverageError when the data do not reach the quarter
    """
    declarations, settings, quarter = context.declarations, context.settings, context.quarter

    progress.stage("คำนวณดัชนีเศรษฐกิจแรงงาน", "computing the Labour Economic Index")
    whole = observations[observations["group"] == "TH"]
    known_before = _known_before(workspace, earlier)
    frozen = seasonal_models.read(workspace.root, quarter.year)
    models = frozen.table if frozen else None
    computed: Tables = schema.checked(
        cache.result(
            "national",
            (whole, declarations, quarter, settings, known_before, models),
            lambda: national.compute(
                whole,
                declarations,
                quarter,
                settings=settings,
                frozen_models=models,
                previous=known_before,
                cache=cache,
                executor=executor,
            ),
        )
    )
    computed["index_parameters"] = _with_models(computed["index_parameters"], frozen)
    country = computed["labour_index"]
    _require_quarter(country, quarter)

    macro, series = computed["macro"], computed["series"]
    said, shown = earlier_issues.forecasts(earlier), earlier_issues.published_index(earlier)

    progress.stage("คำนวณดัชนีรายกลุ่ม", "computing the index of every group")
    computed |= schema.checked(
        groups.compute(
            observations,
            declarations,
            quarter,
            national=computed,
            executor=executor,
            cache=cache,
        )
    )

    progress.stage("ทดสอบและพยากรณ์ดัชนี", "testing and forecasting the index")
    computed |= schema.checked(
        cache.result(
            "relations",
            (country, macro, quarter, settings.seed, series),
            lambda: relations.compute(country, macro, quarter, seed=settings.seed, series=series),
        )
    )
    computed |= schema.checked(_forecast(country, macro, context, said, shown, cache))

    progress.stage("คำนวณผลสำรวจ", "computing the surveys")
    files: dict[str, Mapping[pd.Period, Path]] = {
        survey: _known(workspace.survey_files(survey), quarter) for survey in _SURVEYS
    }
    surveyed, found = cache.result(
        "surveys",
        (files, declarations, quarter, _survey_rules(workspace.root), settings.survey_weights),
        lambda: surveys.compute(
            files, quarter, declarations, rules_folder=workspace.root, weights=settings.survey_weights
        ),
    )
    computed |= schema.checked(surveyed)
    return computed | schema.checked(joint.compute(computed["confidence"], country, series, macro)), found


def _forecast(
    country: pd.DataFrame,
    macro: pd.DataFrame,
    context: Context,
    said: pd.DataFrame | None,
    shown: pd.DataFrame | None,
    cache: StageCache,
) -> Tables:
    """The forecast's tables. It looks at the country only.

    said, shown  what earlier issues forecast and published
    """
    quarter, seed = context.quarter, context.settings.seed
    return cache.result(
        "forecast",
        (country, macro, quarter, seed, said, shown),
        lambda: forecast.compute(country, macro, quarter, seed=seed, earlier=said, vintages=shown),
    )


def _with_models(parameters: pd.DataFrame, frozen: seasonal_models.Frozen | None) -> pd.DataFrame:
    """``index_parameters`` with where the seasonal models come from: a file of the workspace, or this issue's own search."""
    row = pd.DataFrame({"key": ["seasonal_models"], "value": [frozen.name if frozen else "identified"]})
    return pd.concat([parameters, row], ignore_index=True)


def _known_before(workspace: Workspace, earlier: list[earlier_issues.Issue]) -> pd.DataFrame | None:
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


def _survey_rules(root: Path) -> list[Path]:
    """Files beside the answers that decide how they are read: rules, mappings of columns, sampling plans."""
    patterns = (
        "rules/survey_*.toml",
        "surveys/mappings/*.toml",
        "surveys/plan-*.csv",
        "surveys/margins-*.csv",
    )
    return sorted(path for pattern in patterns for path in root.glob(pattern))


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


def around(
    workspace: Workspace,
    observations: pd.DataFrame,
    context: Context,
    commentary: Commentary,
    earlier: list[earlier_issues.Issue],
    computed: Tables,
    cache: StageCache,
) -> Tables:
    """What stands around the numbers: outlook, budget, revisions, what changed since the last issue."""
    declarations = context.declarations
    named = (declarations.dimensions, declarations.indicators, declarations.macro)
    outlook = pd.DataFrame(
        [
            [factor.origin, factor.sign, factor.affects, factor.text, factor.source]
            for factor in commentary.factors
        ],
        columns=schema.columns("outlook"),
    )
    records = vintages.records(workspace.root, context.as_of, prefix="fiscal_")
    compared = revisions.of_issue(
        workspace.observation_history("TH"),
        computed,
        earlier,
        {key: item.name.th for declared in named for key, item in declared.items()},
        as_of=context.as_of,
        parameters=parameters(context, computed),
    )
    asked = annex.load(workspace.root)
    counted = observations[observations["indicator"].isin(asked.series())].reset_index(drop=True)
    made = {
        "outlook": outlook,
        "fiscal": fiscal.compute(records, context.quarter),
        "annex": cache.result(
            "annex",
            (
                counted.drop(columns=["file", "row"]),
                sorted((workspace.root / "annex").glob("*")),
                context.quarter,
            ),
            lambda: statistics.compute(counted, asked, context.quarter),
        ),
        **compared,
    }
    return schema.checked(made)


def _known(files: dict[pd.Period, Path], quarter: pd.Period) -> dict[pd.Period, Path]:
    """Survey files up to the issue's quarter: the whole history, of which the report shows the last quarters."""
    return {period: path for period, path in files.items() if period <= quarter}
