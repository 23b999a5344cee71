"""The table of contents: one quarter, from inputs to outputs.

load -> validate -> compute -> tables -> figures -> findings -> pages -> PDF and HTML -> QA -> manifest.
Everything computed is a named tidy table (docs/tables.md); everything drawn or said is made from those tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter import (
    annexes,
    fiscal,
    issues,
    manifest,
    narrative,
    pages,
    pdf,
    qa,
    revisions,
    tables,
    vintages,
    waivers,
    web,
    workbook,
)
from reporter.atomic import new_folder
from reporter.cache import StageCache
from reporter.checks import check_workspace, for_the_record
from reporter.commentary import Commentary
from reporter.context import Context, Settings
from reporter.errors import CoverageError, Finding, InputError, StateError
from reporter.figures import draw_all
from reporter.formulas import annex, statistics
from reporter.index import forecast, groups, national, relations
from reporter.periods import iso
from reporter.progress import Progress
from reporter.release_calendar import read_calendar
from reporter.surveys import joint
from reporter.surveys import stage as surveys
from reporter.tables import Tables
from reporter.thai import quarter_th
from reporter.workspace import Survey, Workspace, open_workspace

STAGES = 9
_BOOKMARKS = 10
_SURVEYS: tuple[Survey, ...] = ("employer", "worker")
_SURVEY_HISTORY = 13
_Built = tuple[Tables, list[Finding]]


@dataclass(frozen=True)
class Request:
    """What ``reporter build`` was asked for; ``cache`` is a folder, or None to keep nothing.

    annexes   volumes beside the report, of ``options.ANNEXES``
    """

    quarter: pd.Period
    data: Path
    out: Path
    jobs: int = 1
    is_final: bool = False
    as_of: dt.date | None = None
    version: int = 1
    cache: Path | None = None
    annexes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Issue:
    """A finished issue: its folder, its headline, what QA found."""

    folder: Path
    headline: dict[str, Any]
    findings: list[Finding]


def build(request: Request, progress: Progress) -> Issue:
    """Build one quarter's issue into ``out/<quarter>/``; nothing changes there unless everything succeeded.

    Raises InputError for wrong input, StateError when a final issue has QA errors, RenderError when a page or
    picture cannot be made.
    """
    progress.stage("ตรวจข้อมูลนำเข้า", "checking the inputs")
    workspace = open_workspace(request.data)
    input_findings = check_workspace(workspace, request.quarter, is_final=request.is_final)
    written, _ = waivers.read_waivers(workspace.root)
    if request.is_final:
        _refuse_input(qa.errors(input_findings))
        waivers.rule_on(input_findings, written, request.quarter).refuse_unanswered()

    progress.stage("อ่านข้อมูล", "reading the data")
    observations = workspace.observations(request.as_of or dt.date.today())
    context = _context(workspace, request, observations)
    cache = StageCache(request.cache)
    commentary = workspace.commentary(request.quarter)
    earlier = issues.earlier(request.out, request.quarter)
    computed, survey_findings = compute(
        workspace, observations, context, earlier, cache, progress, request.jobs
    )
    computed |= _context_tables(workspace, observations, context, commentary, earlier, computed)

    volumes = [
        annexes.build(name, computed, context, jobs=request.jobs, cache=cache) for name in request.annexes
    ]

    with new_folder(request.out / iso(request.quarter)) as folder:
        progress.stage("วาดแผนภูมิ", "drawing the charts")
        drawn = draw_all(computed, context, folder, jobs=request.jobs, cache=cache)

        progress.stage("เขียนและจัดหน้า", "writing and typesetting")
        html = pages.fill(narrative.findings(computed, context), drawn, computed, context, commentary)
        document = pdf.typeset(
            html,
            assets=folder,
            metadata=_metadata(context),
            attachments=_attachments(computed),
            names=tuple(group.name.th for group in context.declarations.groups_of("PROVINCE")),
            thai_digits=context.settings.thai_digits,
        )

        progress.stage("ตรวจผลและบันทึก", "checking the results, recording")
        tables.write_csv(computed, folder / "tables")
        (folder / "data.xlsx").write_bytes(workbook.workbook(computed, context))
        page = web.write_page(html, folder, thai_digits=context.settings.thai_digits)
        (folder / "report.pdf").write_bytes(document)
        for volume in volumes:
            (folder / volume.name).write_bytes(volume.document)
        found = [
            *for_the_record(input_findings),
            *survey_findings,
            *qa.check_tables(computed, context),
            *qa.check_page(html, computed, drawn),
            *pdf.check(document, page, bookmarks=_BOOKMARKS),
            *(item for volume in volumes for item in annexes.check(volume, computed)),
        ]
        ruling = waivers.rule_on(found, written, request.quarter)
        if request.is_final:
            _refuse_results(qa.errors(found))
            ruling.refuse_unanswered()
        qa.write(ruling, folder, html=html, tables=computed, context=context)
        headline = qa.headline(computed, context)
        manifest.write(
            manifest.manifest(
                head=_head(context, computed, headline, ruling),
                inputs=_inputs(workspace, context, request.out, earlier),
                folder=folder,
            ),
            folder,
        )
    return Issue(request.out / iso(request.quarter), headline, ruling.findings)


def compute(
    workspace: Workspace,
    observations: pd.DataFrame,
    context: Context,
    earlier: list[issues.Issue],
    cache: StageCache,
    progress: Progress,
    jobs: int = 1,
) -> _Built:
    """All tables of the issue, and what reading the surveys found."""
    declarations, settings, quarter = context.declarations, context.settings, context.quarter

    progress.stage("คำนวณดัชนีเศรษฐกิจแรงงาน", "computing the Labour Economic Index")
    whole = observations[observations["group"] == "TH"]
    known_before = _known_before(workspace, earlier)
    computed: Tables = dict(
        cache.result(
            "national",
            (whole, declarations, quarter, settings, known_before),
            lambda: national.compute(whole, declarations, quarter, settings=settings, previous=known_before),
        )
    )
    country = computed["labour_index"]
    _require_quarter(country, quarter)

    progress.stage("คำนวณดัชนีรายกลุ่ม", "computing the index of every group")
    computed |= cache.result(
        "groups",
        (observations, declarations, quarter, settings, country),
        lambda: groups.compute(
            observations, declarations, quarter, settings=settings, national=computed, jobs=jobs
        ),
    )

    progress.stage("ทดสอบและพยากรณ์ดัชนี", "testing and forecasting the index")
    macro = computed["macro"]
    inputs = (country, macro, quarter, settings.seed)
    series = computed["series"]
    computed |= cache.result(
        "relations",
        (*inputs, series),
        lambda: relations.compute(country, macro, quarter, seed=settings.seed, series=series),
    )
    said, shown = issues.forecasts(earlier), issues.published_index(earlier)
    computed |= cache.result(
        "forecast",
        (*inputs, said, shown),
        lambda: forecast.compute(country, macro, quarter, seed=settings.seed, earlier=said, vintages=shown),
    )

    progress.stage("คำนวณผลสำรวจ", "computing the surveys")
    files: dict[str, Mapping[pd.Period, Path]] = {
        survey: _recent(workspace.survey_files(survey), quarter) for survey in _SURVEYS
    }
    surveyed, found = cache.result(
        "surveys",
        (files, declarations, quarter, _survey_rules(workspace.root)),
        lambda: surveys.compute(files, quarter, declarations, rules_folder=workspace.root),
    )
    computed |= surveyed
    return computed | joint.compute(computed["confidence"], country, series, macro), found


def _known_before(workspace: Workspace, earlier: list[issues.Issue]) -> pd.DataFrame | None:
    """The country's observations as the newest earlier issue knew them; None where there is no earlier issue."""
    if not earlier:
        return None
    known = workspace.observations(earlier[-1].as_of)
    return known[known["group"] == "TH"]


def _survey_rules(root: Path) -> list[Path]:
    """Files beside the answers that decide how they are read: rules, mappings of columns, sampling plans."""
    patterns = ("rules/survey_*.toml", "surveys/mappings/*.toml", "surveys/plan-*.csv")
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


def _context_tables(
    workspace: Workspace,
    observations: pd.DataFrame,
    context: Context,
    commentary: Commentary,
    earlier: list[issues.Issue],
    computed: Tables,
) -> Tables:
    """What stands around the numbers: outlook, budget, revisions, what changed since the last issue."""
    declarations = context.declarations
    named = (declarations.dimensions, declarations.indicators, declarations.macro)
    outlook = pd.DataFrame(
        [
            [factor.origin, factor.sign, factor.affects, factor.text, factor.source]
            for factor in commentary.factors
        ],
        columns=["origin", "sign", "affects", "text", "source"],
    )
    records = vintages.records(workspace.root, context.as_of, prefix="fiscal_")
    compared = revisions.of_issue(
        workspace.observation_history("TH"),
        computed,
        earlier,
        {key: item.name.th for declared in named for key, item in declared.items()},
        as_of=context.as_of,
        parameters=_parameters(context, computed),
    )
    return {
        "outlook": outlook,
        "fiscal": fiscal.compute(records, context.quarter),
        "annex": statistics.compute(observations, annex.load(workspace.root), context.quarter),
        **compared,
    }


def summary(issue: Issue) -> list[str]:
    """What the operator is told at the end: where the issue is, its headline, how many findings."""
    counts = qa.counts(issue.findings)
    value = issue.headline["labour_index"]["value"]
    headline = "" if value is None else f" ดัชนีเศรษฐกิจแรงงาน {value:.1f} จุด"
    return [
        f"เสร็จแล้ว: {issue.folder}{headline} (ข้อผิดพลาด {counts['error']} คำเตือน {counts['warning']} ข้อสังเกต {counts['note']})",
        f"Done: {issue.folder} ({counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes in qa.json)",
    ]


def _recent(files: dict[pd.Period, Path], quarter: pd.Period) -> dict[pd.Period, Path]:
    """Survey files of the issue's quarter and the quarters before it that the report shows."""
    return {period: path for period, path in files.items() if quarter - _SURVEY_HISTORY < period <= quarter}


def _context(workspace: Workspace, request: Request, observations: pd.DataFrame) -> Context:
    calendar, _ = read_calendar(workspace.root)
    settings = calendar.applied(workspace.settings, request.quarter)
    return Context(
        quarter=request.quarter,
        declarations=workspace.declarations,
        settings=settings,
        as_of=request.as_of or _data_date(settings, observations, request.quarter),
        final=request.is_final,
        version=request.version,
        early_readers=calendar.early_readers,
    )


def _data_date(settings: Settings, observations: pd.DataFrame, quarter: pd.Period) -> dt.date:
    """The day the data speak of: the newest vintage, else the declared release date, else the quarter's end.

    Never the clock, so that the same inputs give the same issue on another day.
    """
    newest = observations["as_of"].max()
    if not pd.isna(newest):
        known: dt.date = pd.Timestamp(newest).date()
        return max(known, quarter.end_time.date())
    if settings.release_date:
        return dt.date.fromisoformat(settings.release_date)
    end: dt.date = quarter.end_time.date()
    return end


def _metadata(context: Context) -> pdf.Metadata:
    settings = context.settings
    return pdf.Metadata(
        title=f"{settings.title.th} {quarter_th(context.quarter)}",
        author=f"{settings.division.th} {settings.office.th} {settings.ministry.th}",
        subject="ดัชนีเศรษฐกิจแรงงาน ดัชนีความเชื่อมั่นของผู้ประกอบการต่อแรงงาน และดัชนีความเชื่อมั่นของแรงงาน",
        created=dt.datetime.combine(context.as_of, dt.time()),
        keywords=("แรงงาน", "ดัชนีเศรษฐกิจแรงงาน", "ความเชื่อมั่น", iso(context.quarter)),
    )


def _attachments(computed: Tables) -> list[pdf.Attachment]:
    """The published tables as CSV; large ones for the whole country, as in the workbook."""
    return [
        pdf.Attachment(f"{name}.csv", tables.csv_bytes(table), "text/csv", tables.titles()[name].name.th)
        for name, table in tables.for_whole_country(computed).items()
        if len(table)
    ]


def _inputs(
    workspace: Workspace, context: Context, out: Path, earlier: list[issues.Issue]
) -> list[dict[str, Any]]:
    """Every file that went in: the workspace's, and the manifests of the earlier issues it was compared with."""
    compared = [out / iso(issue.quarter) / manifest.NAME for issue in earlier]
    return [
        *(manifest.file_entry(path, workspace.root) for path in workspace.input_files(context.quarter)),
        *({**manifest.file_entry(path, out), "compared": True} for path in compared),
    ]


def _head(
    context: Context, computed: Tables, headline: dict[str, Any], ruling: waivers.Ruling
) -> dict[str, Any]:
    """The first part of the manifest: what the issue is."""
    settings = context.settings
    return {
        "quarter": iso(context.quarter),
        "version": context.version,
        "status": "final" if context.final else "draft",
        "synthetic": settings.synthetic,
        "embargo": settings.embargo,
        "headline": headline,
        "parameters": {"as_of": context.as_of.isoformat(), **_parameters(context, computed)},
        "qa": qa.counts(ruling.findings),
        "waivers": ruling.record(),
    }


def _parameters(context: Context, computed: Tables) -> dict[str, Any]:
    """The settings and the index's own parameters: base period, standardisation."""
    table = computed.get("index_parameters", pd.DataFrame({"key": [], "value": []}))
    return {
        "settings": asdict(context.settings),
        "index": dict(zip(table["key"], table["value"].astype(str), strict=True)),
    }


def _refuse_input(errors: list[Finding]) -> None:
    if errors:
        raise InputError(
            f"ข้อมูลนำเข้ามีข้อผิดพลาด {len(errors)} แห่ง จึงไม่ออกฉบับจริง — แก้ไขตามรายการข้างต้น",
            f"{len(errors)} error(s) in the inputs, so no final issue; mend them as listed.",
            errors,
        )


def _refuse_results(errors: list[Finding]) -> None:
    if errors:
        raise StateError(
            f"QA พบข้อผิดพลาด {len(errors)} แห่ง จึงไม่ออกฉบับจริง และไม่มีแฟ้มใดถูกเปลี่ยน",
            f"QA found {len(errors)} error(s), so no final issue; no file was changed.",
            errors,
        )
