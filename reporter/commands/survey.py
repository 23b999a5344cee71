"""``reporter survey`` plans a survey, follows the fieldwork, checks answers; ``reporter models`` shows, compares and learns models."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reporter.commands import data_option, quarter_option
from reporter.domain.declarations import SURVEYS, Declarations
from reporter.domain.errors import Finding, InputError, StateError, UsageError
from reporter.domain.periods import iso, parse_quarter, today_in_bangkok, year_before
from reporter.runtime.messages import say

# ----------------------------------------------------------------------------------------------------
# ``reporter models``: the index's model kept for five years, seasonal models kept for one, and choosing them anew on request.
# ----------------------------------------------------------------------------------------------------


@click.group("models")
def models_command() -> None:
    """แบบจำลองของดัชนี (ห้าปี) และแบบจำลองปรับฤดูกาล (รายปี) — the models of the index and of the season."""


@models_command.command("show")
@quarter_option(required=True)
@data_option
def show(quarter: str, data: Path) -> None:
    """แบบจำลองที่ใช้กับไตรมาสนี้ และที่จะต่างไปหากเลือกใหม่ — models in force, and what choosing anew would change."""
    from reporter.index import seasonal

    period = parse_quarter(quarter)
    _show_index_model(data, period)
    frozen = seasonal.read(data, period.year)
    in_force = frozen.table if frozen else _identified(data, period, year_before(period))
    source = frozen.name if frozen else f"identified on data up to {iso(year_before(period))}"
    click.echo(f"# {source}")
    click.echo(in_force.to_csv(index=False, lineterminator="\n"), nl=False)
    changed = seasonal.differences(in_force, _identified(data, period, period))
    say(
        f"หากเลือกใหม่ด้วยข้อมูลถึง {iso(period)} แบบจำลองจะเปลี่ยน {len(changed)} จาก {len(in_force)} อนุกรม",
        f"choosing anew on data up to {iso(period)} would change {len(changed)} of {len(in_force)} series",
        line=True,
    )
    for row in changed.itertuples(index=False):
        click.echo(f"  {row.indicator}: {row.before} -> {row.now}")


@models_command.command("compare")
@click.argument("before")
@click.argument("now")
@data_option
def compare(before: str, now: str, data: Path) -> None:
    """เทียบแบบจำลองของดัชนีสองฉบับ เช่น 2025-v1 2025-v2 — every number that differs between two models of the index, as CSV."""
    from reporter.index import model_file

    old, new = (_version(data, text) for text in (before, now))
    changed = model_file.differences(old.model, new.model)
    click.echo(changed.to_csv(index=False, lineterminator="\n"), nl=False)
    linked = "" if new.link is None else f", link {iso(new.link)}"
    click.echo(f"# {old.name} -> {new.name}: {len(changed)}{linked}")


def _version(data: Path, text: str) -> Any:
    """The model that ``2025-v1`` names. Raises UsageError for what is no version of this workspace."""
    from reporter.index import model_file

    known = {f"{year}-v{version}": (year, version) for year, version in model_file.versions(data)}
    if text not in known:
        there = " ".join(known) or "-"
        raise UsageError(
            f"{text}: โฟลเดอร์งานนี้มีแบบจำลองของดัชนี {there}",
            f"{text}: the models of the index in this workspace are {there}.",
        )
    return model_file.load(data, *known[text])


@models_command.command("learn")
@quarter_option(required=True)
@data_option
@click.option(
    "--continue", "continued", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
    help="ตาราง labour_index.csv ของฉบับก่อนที่ดัชนีใหม่ต้องต่อระดับ — labour_index.csv of the issue whose levels the new model continues.",
)  # fmt: skip
def learn(quarter: str, data: Path, continued: Path | None) -> None:
    """เรียนรู้แบบจำลองของดัชนีสำหรับห้าปีข้างหน้า — learn the index's model for five years, on data up to the end of last year.

    ระดับเดิมไม่เปลี่ยน ตั้งแต่ไตรมาสเชื่อมต่อดัชนีเดินตามการเปลี่ยนแปลงของแบบจำลองใหม่ — levels up to the link stay; from there the new model's changes continue them.
    """
    from reporter.index import model_file

    period = parse_quarter(quarter)
    before = model_file.read(data, period.year)
    link = year_before(period) if before or continued else None
    published = _published(continued, year_before(period)) if continued else None
    prepared, settings, declarations = _prepared(data, period)
    _require_until(prepared, year_before(period))
    model = _learnt(prepared, declarations, period, settings)
    model = _with_seasonal_spread(model, data, period)
    history, replaced = None, ""
    if link is not None:
        replaced = str(continued) if continued else before.name  # type: ignore[union-attr]
        history = (
            published if published is not None else _read_by(before, prepared, declarations, period, settings)
        )
        history = history[:link]
    known = [version for year, version in model_file.versions(data) if year == period.year]
    kept = model_file.KeptModel(period.year, max(known, default=0) + 1, model, link, history, replaced)
    model_file.write(data, kept)
    say(
        f"เก็บแบบจำลองของดัชนีไว้ใน {kept.name} (เรียนรู้จากข้อมูลถึง {iso(model.learn_until)})",
        f"kept the index's model in {kept.name} (learnt on data up to {iso(model.learn_until)})",
        line=True,
    )
    if before is not None:
        _show_differences(before.model, model)


def _prepared(data: Path, period: pd.Period) -> tuple[Any, Any, Any]:
    """Adjusted series, settings and declarations of a workspace, as a build of the quarter prepares them."""
    from reporter.index import national, seasonal
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(today_in_bangkok())
    frozen = seasonal.read(data, period.year)
    table = frozen.table if frozen else None
    found = national.prepare(observations, workspace.declarations, period, workspace.settings, table)
    return found, workspace.settings, workspace.declarations


def _require_until(prepared: Any, link: pd.Period) -> None:
    """A model of years to come cannot be learnt before their data are there."""
    newest = max((item.values.index[-1].asfreq("Q-DEC") for item in prepared.series.values()), default=None)
    if newest is None or newest < link:
        raise StateError(
            f"ข้อมูลมีถึง {iso(newest) if newest is not None else '–'} จึงยังเรียนรู้แบบจำลองจากข้อมูลถึง {iso(link)} ไม่ได้ — ตรวจค่า -q",
            f"The data end in {iso(newest) if newest is not None else '–'}; a model on data up to {iso(link)} cannot be learnt yet. Check -q.",
        )


def _learnt(prepared: Any, declarations: Any, period: pd.Period, settings: Any) -> Any:
    """A model learnt on the data up to the end of the year before, or up to the declared end of the base."""
    from reporter.index import national

    end = settings.base_end or iso(year_before(period))
    model = national.learnt(prepared, declarations, period, replace(settings, base_end=end))
    if model is None:
        raise StateError(
            f"ข้อมูลถึง {end} ยังไม่พอสำหรับเรียนรู้แบบจำลองของดัชนี — ต้องมีอย่างน้อย 12 ไตรมาส",
            f"The data up to {end} are too short to learn a model of the index; at least 12 quarters are needed.",
        )
    return model


def _with_seasonal_spread(model: Any, data: Path, period: pd.Period) -> Any:
    """The model with what later seasonal adjustment did to the newest values of the two years before its first year."""
    from reporter.index import national
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(today_in_bangkok())
    end = year_before(period)
    spread = national.seasonal_spread(model, observations, workspace.declarations, end, workspace.settings)
    return replace(model, seasonal=spread)


def _published(path: Path, link: pd.Period) -> pd.DataFrame:
    """Quarter x (overall and dimensions) of an issue's labour_index.csv, which reaches the link quarter."""
    from reporter.index.realtime import published_history

    try:
        found = published_history(path)
        if link not in found["overall"].dropna().index:
            raise ValueError(f"no value of {iso(link)}")
        return found
    except (OSError, ValueError) as error:
        raise InputError(
            f"อ่าน {path} ไม่ได้ ({error}) — ใช้ tables/labour_index.csv ของฉบับที่ต้องต่อระดับ",
            f"{path} cannot be used ({error}); give tables/labour_index.csv of the issue whose levels are continued.",
        ) from error


def _read_by(kept: Any, prepared: Any, declarations: Any, period: pd.Period, settings: Any) -> pd.DataFrame:
    """The index as the model in force gives it on today's data."""
    from reporter.index import national

    return national.estimate(prepared, declarations, period, settings, kept).values.value


def _show_index_model(data: Path, period: pd.Period) -> None:
    """The index's model in force, and what learning it anew today would change."""
    from reporter.index import model_file

    kept = model_file.read(data, period.year)
    prepared, settings, declarations = _prepared(data, period)
    model = _learnt(prepared, declarations, period, settings)
    if kept is None:
        say(
            f"# ไม่มีแฟ้มแบบจำลองของดัชนี แต่ละฉบับเรียนรู้เองในหน่วยความจำ ใช้ reporter models learn -q {iso(period)} เพื่อเก็บไว้",
            f"no model file of the index: each build learns in memory; keep one with reporter models learn -q {iso(period)}",
            line=True,
        )
        return
    until = kept.year + model_file.LIFE_YEARS - 1
    click.echo(f"# {kept.name}: {iso(kept.model.learn_until)}, {kept.year}-{until}")
    click.echo(_as_csv(kept.model), nl=False)
    _show_differences(kept.model, model)


def _as_csv(model: Any) -> str:
    """One row a member: dimension, its weight and share of the common factor, and the member's numbers."""
    rows = [
        {
            "dimension": member.dimension,
            "weight": model.dimensions[member.dimension].weight,
            "common": model.dimensions[member.dimension].common,
            **{
                name: getattr(member, name)
                for name in ("indicator", "form", "centre", "scale", "loading", "slope_prior")
            },
        }
        for member in model.members
    ]
    return str(pd.DataFrame(rows).to_csv(index=False, float_format="%.4g", lineterminator="\n"))


def _show_differences(before: Any, now: Any) -> None:
    from reporter.index import model_file

    changed = model_file.differences(before, now)
    say(
        f"หากเรียนรู้ใหม่ ตัวเลขจะเปลี่ยน {len(changed)} ค่า",
        f"learning anew changes {len(changed)} numbers",
        line=True,
    )
    weights = changed[(changed["kind"] == "dimension") & (changed["number"] == "weight")]
    for row in weights.itertuples(index=False):
        click.echo(f"  {row.name} weight: {row.before:.4f} -> {row.now:.4f}")
    forms = changed[changed["number"] == "form"]
    for row in forms.itertuples(index=False):
        click.echo(f"  {row.name}: {row.before} -> {row.now}")


@models_command.command("scenario")
@quarter_option(required=True)
@data_option
@click.option(
    "--set", "settings", multiple=True, required=True, metavar="DIMENSION=POINTS[,POINTS..]",
    help="ดัชนีย่อยและค่าที่สมมติของไตรมาสถัดไป ไม่เกิน 4 ค่า เช่น economy=95,94 — a sub-index and its points from the next quarter on.",
)  # fmt: skip
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), default=None,
    help="เขียนผลเป็นแฟ้ม CSV — write the table as CSV.",
)  # fmt: skip
def scenario(quarter: str, data: Path, settings: tuple[str, ...], save: Path | None) -> None:
    """ดัชนีใน 4 ไตรมาสข้างหน้าหากดัชนีย่อยเป็นไปตามที่สมมติ — the index ahead, had sub-indices a path that you set.

    เป็นคำตอบของแบบจำลองร่วมภายใต้ข้อสมมติ ไม่ใช่การพยากรณ์ของรายงาน — the joint model's answer under the assumption, not the report's forecast.
    """
    from reporter.index import composite, joint_model, model_file, national, realtime
    from reporter.runtime.cache import disk_errors, write_bytes

    period, paths = parse_quarter(quarter), _scenario_paths(settings)
    kept = model_file.read(data, period.year)
    prepared, issue_settings, declarations = _prepared(data, period)
    found = national.estimate(prepared, declarations, period, issue_settings, kept)
    if unknown := [name for name in paths if name not in found.model.dimensions]:
        known = " ".join(found.model.dimensions)
        raise UsageError(
            f"--set {unknown[0]}: ดัชนีย่อยต้องเป็นหนึ่งใน {known}",
            f"--set {unknown[0]}: the sub-index must be one of {known}.",
        )
    posterior = joint_model.smooth(found.model, found.inputs, period + realtime.HORIZONS)
    made = composite.scenario(posterior, period, paths, kept.history if kept else None)
    columns = made.table.columns[2:]
    text = made.table.assign(**{name: made.table[name].map("{:.1f}".format) for name in columns}).to_csv(
        index=False, lineterminator="\n"
    )
    click.echo(text, nl=False)
    if save is not None:
        with disk_errors(save.parent):
            write_bytes(save, text.encode("utf-8"))
    share = 100 * made.probability
    rare = "น้อยกว่า 1" if share < 1 else f"{share:.0f}"
    say(
        f"เส้นทางที่ต่างจากแนวโน้มของแบบจำลองอย่างน้อยเท่านี้ มีโอกาสเกิดร้อยละ {rare}",
        f"a path at least as far from the model's own has a probability of {'under 1' if share < 1 else f'{share:.0f}'} %",
        line=True,
    )


def _scenario_paths(settings: tuple[str, ...]) -> dict[str, list[float]]:
    """``economy=95,94`` as points by sub-index. Raises UsageError for what cannot be read."""
    from reporter.index.realtime import HORIZONS

    paths: dict[str, list[float]] = {}
    for text in settings:
        name, _, values = text.partition("=")
        try:
            path = [float(value) for value in values.split(",")]
        except ValueError:
            path = []
        if not path or len(path) > HORIZONS or not all(0 <= value <= 200 for value in path):
            raise UsageError(
                f"--set {text}: ต้องเป็น 1 ถึง {HORIZONS} ค่า ระหว่าง 0 ถึง 200 คั่นด้วยจุลภาค เช่น economy=95,94",
                f"--set {text}: give 1 to {HORIZONS} values between 0 and 200 with commas between, as economy=95,94.",
            )
        if name in paths:
            raise UsageError(
                f"--set {text}: ระบุดัชนีย่อยเดียวกันได้ครั้งเดียว", f"--set {text}: a sub-index can be set once only."
            )
        paths[name] = path
    return paths


@models_command.command("freeze")
@quarter_option(required=True)
@data_option
def freeze(quarter: str, data: Path) -> None:
    """ตรึงแบบจำลองของปีจากข้อมูลถึงสิ้นปีก่อน — keep the year's models, chosen on data up to the end of last year."""
    from reporter.index import seasonal

    period = parse_quarter(quarter)
    known = seasonal.versions(data, period.year)
    if known:
        raise StateError(
            f"ปี {period.year} มีแบบจำลองฉบับที่ {known[-1]} แล้ว — หากต้องการเลือกใหม่ใช้ reporter models reidentify",
            f"{period.year} has models already, version {known[-1]}; use reporter models reidentify to choose anew.",
        )
    _keep(data, period, year_before(period))


@models_command.command("reidentify")
@quarter_option(required=True)
@data_option
def reidentify(quarter: str, data: Path) -> None:
    """เลือกแบบจำลองใหม่จากข้อมูลถึงไตรมาสนี้ เก็บเป็นฉบับถัดไป — choose models anew, kept as the next version."""
    period = parse_quarter(quarter)
    _keep(data, period, period)


def _identified(data: Path, quarter: pd.Period, until: pd.Period) -> pd.DataFrame:
    from reporter.index import seasonal
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(today_in_bangkok())
    return seasonal.identify(observations, workspace.declarations, quarter, until)


def _keep(data: Path, quarter: pd.Period, until: pd.Period) -> None:
    from reporter.index import seasonal

    made = seasonal.write(data, quarter.year, _identified(data, quarter, until))
    say(
        f"เก็บแบบจำลอง {len(made.table)} อนุกรมไว้ใน {made.name} (เลือกจากข้อมูลถึง {iso(until)})",
        f"kept the models of {len(made.table)} series in {made.name} (chosen on data up to {iso(until)})",
        line=True,
    )


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OUTPUT = click.Path(path_type=Path, dir_okay=False)
_survey_option = click.option(
    "--survey",
    type=click.Choice(SURVEYS),
    help="แบบสำรวจ — which survey; default: by the file's folder.",
)


@click.group("survey")
def survey_command() -> None:
    """วางแผนและตรวจแบบสำรวจ — sampling plan, fieldwork, quality of answers, printed questionnaire."""


@survey_command.command("sample")
@click.argument("frame", type=_FILE)
@click.option(
    "--error", "margin", default="0.05", show_default=True, help="ค่าความคลาดเคลื่อน e — margin of error."
)
@click.option(
    "--plan", "target", type=_OUTPUT, help="เขียนแผนลงแฟ้ม CSV — write the plan here instead of the screen."
)
@click.option("--sheet", type=_OUTPUT, help="แผ่นงานสนามเป็น PDF — printable sheet.")
@data_option
def sample(frame: Path, margin: str, target: Path | None, sheet: Path | None, data: Path) -> None:
    """ขนาดตัวอย่างรายจังหวัดตามสูตร Yamane และโควตา — sample size per province, quotas by industry and status.

    FRAME.csv holds province,industry,status,population.
    """
    from reporter.surveys import forms, sampling

    error = _margin(margin)
    declarations = _declarations(data)
    planned = sampling.plan(sampling.read_frame(frame, declarations), error)
    text = planned.to_csv(index=False, lineterminator="\n")
    if target:
        _write(target, text.encode("utf-8-sig"))
    else:
        click.echo(text, nl=False)
    if sheet:
        _write(sheet, forms.plan_pdf(planned, margin, declarations))
    for row in sampling.by_region(planned, declarations).to_dict("records"):
        name = declarations.groups[str(row["region"])].name
        say(f"{name.th} {row['quota']:,} ราย", f"{name.en} {row['quota']:,} respondents", err=True, line=True)
    total, provinces = int(planned["quota"].sum()), planned["province"].nunique()
    say(
        f"ขนาดตัวอย่าง {total:,} ราย ใน {provinces} จังหวัด",
        f"{total:,} respondents in {provinces} province(s).",
        err=True,
    )


@survey_command.command("keep")
@data_option
def keep(data: Path) -> None:
    """เก็บคำตอบตามที่มีวันนี้ไว้ในคลัง — keep the answers as they stand today, so that an issue can be rebuilt as it was.

    A final build does this by itself; build --as-of DAY computes from what was known on a day.
    """
    from reporter.inputs.workspace import open_workspace

    added = open_workspace(data).keep_answers(today_in_bangkok())
    say(f"เก็บ {len(added)} แฟ้มใหม่", f"Kept {len(added)} new file(s).")


@survey_command.command("join")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option(
    "--out",
    "target",
    type=_OUTPUT,
    required=True,
    help="แฟ้มรวม — the joined file, as surveys/worker/2025-Q3.csv.",
)
@click.option("--replace", "may_replace", is_flag=True, help="เขียนทับแฟ้มรวมเดิม — overwrite the joined file.")
@_survey_option
@data_option
def join(files: tuple[Path, ...], target: Path, may_replace: bool, survey: str | None, data: Path) -> None:
    """รวมคำตอบจากหลายแฟ้มของไตรมาสเดียวกัน — several exports of one quarter (both forms of the workers' survey) as one file."""
    from reporter.surveys import forms
    from reporter.surveys.file_reader import reading_aliases
    from reporter.surveys.responses import parse

    if target.resolve() in [file.resolve() for file in files] or (target.exists() and not may_replace):
        raise UsageError(
            f"{target} มีอยู่แล้ว — เลือกชื่ออื่น หรือใช้ --replace (แฟ้มที่นำมารวมเขียนทับไม่ได้)",
            f"{target} exists; choose another name, or --replace (a file that is joined cannot be overwritten).",
        )
    declarations, root = _declarations(data), _workspace(data)
    questionnaire = declarations.questionnaires[_survey_of(target, survey)]
    mapping, aliases = root / "surveys" / "mappings" if root else None, reading_aliases(root)
    readings = []
    findings: list[Finding] = []
    for file in files:
        try:
            readings.append(
                parse(file, questionnaire, declarations, where=file.name, mapping=mapping, aliases=aliases)
            )
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError("รวมแฟ้มไม่ได้", "The files cannot be joined.", findings)
    table = forms.joined(readings, [file.stem for file in files])
    _write(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    for file, reading in zip(files, readings, strict=True):
        lost = forms.unplaced(reading)
        said = "".join(f" ({column}: {count:,} ?)" for column, count in lost.items())
        say(
            f"{file.name}: {len(reading.frame):,} ราย",
            f"{len(reading.frame):,} respondents{said}",
            err=True,
            line=True,
        )
    click.echo(str(target))


@survey_command.command("progress")
@click.argument("plan", type=_FILE)
@click.argument("file", type=_FILE)
@click.option("--daily", is_flag=True, help="รายวันรายจังหวัด — day by day and province by province.")
@_survey_option
@data_option
def progress(plan: Path, file: Path, daily: bool, survey: str | None, data: Path) -> None:
    """ความคืบหน้าการเก็บตัวอย่างเทียบโควตา — fieldwork against quota, cell by cell, as CSV."""
    from reporter.surveys import sampling
    from reporter.surveys.responses import read

    declarations = _declarations(data)
    planned = sampling.read_plan(plan, declarations)
    questionnaire = declarations.questionnaires[_survey_of(file, survey)]
    frame, found = read(file, questionnaire, declarations, quarter=_quarter_of(file), root=_workspace(data))
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        raise InputError(f"อ่าน {file.name} ไม่ได้", f"{file.name} cannot be read.", errors)
    table = sampling.progress(planned, frame)
    if daily:
        days = sampling.daily_progress(planned, frame)
        if days.empty and len(frame):
            raise _no_dates(file)
        click.echo(days.to_csv(index=False, lineterminator="\n"), nl=False)
        silent = sorted(set(planned.loc[planned["quota"] > 0, "province"]) - set(days["province"]))
        if silent:
            names = ", ".join(silent)
            say(
                f"ยังไม่มีคำตอบที่มีวันที่จาก {len(silent)} จังหวัด: {names}",
                f"No dated answer yet from {len(silent)} province(s): {names}.",
                err=True,
            )
        return
    click.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
    quota, missing = int(table["quota"].sum()), int(table["missing"].sum())
    say(
        f"ครบโควตา {quota - missing:,} จาก {quota:,} ราย ยังขาด {missing:,}",
        f"{quota - missing:,} of {quota:,} within quota, {missing:,} missing.",
        err=True,
    )


def _no_dates(file: Path) -> InputError:
    finding = Finding(
        "error",
        file.name,
        "ไม่มีคอลัมน์วันที่และเวลาที่ตอบ (timestamp, start, end, ประทับเวลา) จึงนับรายวันไม่ได้ — ส่งออกแฟ้มพร้อมเวลา หรือไม่ใช้ --daily",
        "No column says when the answers came (timestamp, start, end); export it with times, or leave out --daily.",
    )
    return InputError(f"นับ {file.name} รายวันไม่ได้", f"{file.name} cannot be counted day by day.", [finding])


@survey_command.command("quality")
@click.argument("file", type=_FILE)
@_survey_option
@click.option("-q", "--quarter", help="ไตรมาสของคำตอบ — the answers' quarter; default: by the file's name.")
@click.option("--log", type=_OUTPUT, help="เขียนรายการตรวจทานทุกแถวลงแฟ้ม CSV — every row found, as CSV.")
@data_option
def quality(file: Path, survey: str | None, quarter: str | None, log: Path | None, data: Path) -> None:
    """คุณภาพแบบสอบถามและคำตอบ — IOC of experts' marks; alpha, item statistics and cleaning report of answers.

    FILE holds either experts' marks (item, then one column per expert, -1 0 1) or respondents' answers.
    """
    from reporter.surveys import quality

    if quality.is_ioc(file):
        click.echo(quality.ioc_text(quality.ioc(quality.read_ioc(file))))
        return
    declarations = _declarations(data)
    report = quality.answers_report(
        file,
        declarations.questionnaires[_survey_of(file, survey)],
        declarations,
        parse_quarter(quarter) if quarter else _quarter_of(file),
        root=_workspace(data),
    )
    click.echo(report.text)
    if log:
        _write(log, report.log.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))


_informal_option = click.option(
    "--informal", is_flag=True, help="ฉบับแรงงานนอกระบบและผู้ประกอบอาชีพอิสระ — the form for informal workers."
)


@survey_command.command("questionnaire")
@click.argument("survey", type=click.Choice(SURVEYS))
@_informal_option
@click.option("--out", "target", type=_OUTPUT, help="แฟ้ม PDF — default: questionnaire-SURVEY.pdf.")
@data_option
def questionnaire(survey: str, informal: bool, target: Path | None, data: Path) -> None:
    """แบบสอบถามฉบับพิมพ์ (PDF) — the questionnaire on paper, from the same declarations as the index."""
    from reporter.surveys import forms

    declarations, group = _declarations(data), _form_group(survey, informal)
    target = target or Path(f"questionnaire-{survey}{'-informal' if group else ''}.pdf")
    _write(target, forms.questionnaire_pdf(declarations.questionnaires[survey], declarations, group))
    click.echo(str(target))


@survey_command.command("form")
@click.argument("survey", type=click.Choice(SURVEYS))
@click.option(
    "--for",
    "program",
    type=click.Choice(["kobo", "limesurvey"]),
    default="kobo",
    show_default=True,
    help="โปรแกรมที่ใช้ — KoboToolbox or ODK (XLSForm), or LimeSurvey.",
)
@_informal_option
@click.option("--out", "target", type=_OUTPUT, help="แฟ้มฟอร์ม — default: form-SURVEY.xlsx or .txt.")
@data_option
def form(survey: str, program: str, informal: bool, target: Path | None, data: Path) -> None:
    """ฟอร์มอิเล็กทรอนิกส์ — the questionnaire as an electronic form; its answers are read without a mapping."""
    from reporter.surveys import forms

    declarations, group = _declarations(data), _form_group(survey, informal)
    asked = declarations.questionnaires[survey]
    name = f"form-{survey}{'-informal' if group else ''}"
    if program == "kobo":
        target = target or Path(f"{name}.xlsx")
        _write(target, forms.xlsform(asked, declarations, group))
    else:
        target = target or Path(f"{name}.txt")
        _write(target, forms.limesurvey(asked, declarations, group).encode("utf-8"))
    click.echo(str(target))


@survey_command.command("guide")
@click.argument("survey", type=click.Choice(SURVEYS))
@click.option("--out", "target", type=_OUTPUT, help="แฟ้ม PDF — default: guide-SURVEY.pdf.")
@data_option
def guide(survey: str, target: Path | None, data: Path) -> None:
    """คู่มือผู้สัมภาษณ์ (PDF) — how to draw, how to ask, what each question means."""
    from reporter.surveys import forms

    target = target or Path(f"guide-{survey}.pdf")
    _write(target, forms.guide_pdf(_declarations(data).questionnaires[survey]))
    click.echo(str(target))


@survey_command.command("frame")
@click.option("--out", "target", type=_OUTPUT, default=Path("frame.csv"), show_default=True)
@data_option
def frame(target: Path, data: Path) -> None:
    """แผ่นกรอบตัวอย่างให้กรอกประชากร — an empty sampling frame: every province, industry and status, to be filled in."""
    from reporter.surveys import sampling

    table = sampling.empty_frame(_declarations(data))
    _write(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    click.echo(str(target))


@survey_command.command("map")
@click.argument("file", type=_FILE)
@_survey_option
@data_option
def columns(file: Path, survey: str | None, data: Path) -> None:
    """แฟ้มจับคู่คอลัมน์ที่ระบบรู้จัก — the recognised columns as a mapping file, to be saved in surveys/mappings/."""
    from reporter.surveys.file_reader import mapping_text
    from reporter.surveys.responses import recognised_columns

    declarations = _declarations(data)
    found = recognised_columns(
        file, declarations.questionnaires[_survey_of(file, survey)], mapping=data / "surveys" / "mappings"
    )
    click.echo(mapping_text(found), nl=False)


@survey_command.command("themes")
@click.argument("file", type=_FILE)
@_survey_option
@click.option(
    "--desk",
    type=click.Path(path_type=Path, file_okay=False),
    help="โฟลเดอร์ของนักวิเคราะห์ — default: DATA/desk.",
)
@data_option
def themes(file: Path, survey: str | None, desk: Path | None, data: Path) -> None:
    """ประเด็นจากคำตอบปลายเปิด สำหรับนักวิเคราะห์ — themes of the open answers with counts, for the desk only."""
    from reporter.surveys import quality as open_answers
    from reporter.surveys.responses import read

    declarations = _declarations(data)
    name = _survey_of(file, survey)
    quarter = _quarter_of(file)
    frame, found = read(
        file, declarations.questionnaires[name], declarations, quarter=quarter, root=_workspace(data)
    )
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        raise InputError(f"อ่าน {file.name} ไม่ได้", f"{file.name} cannot be read.", errors)
    folder = (desk or data / "desk") / "surveys"
    for column in open_answers.QUESTIONS:
        if column in frame:
            table = open_answers.themes(frame[column])
            target = folder / f"{name}-{iso(quarter)}-{column}.csv"
            _write(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
            click.echo(str(target))
            asked = open_answers.demands(frame[column])
            say(f"  ถึงภาครัฐ {asked:,} คำตอบ", f"{asked:,} answers turn to the state", line=True)
    say(
        f"เผยแพร่: เขียนข้อความที่จะเผยแพร่ในช่อง release แล้วบันทึกแฟ้มไว้ใน {data / 'surveys' / open_answers.FOLDER}",
        f"To release: write the wording into the column release and save the file in {data / 'surveys' / open_answers.FOLDER}.",
    )


def _form_group(survey: str, informal: bool) -> str:
    """Whose wording a form takes; only the workers' questionnaire has one for informal workers."""
    from reporter.surveys.forms import INFORMAL

    if informal and survey != "worker":
        raise UsageError(
            "--informal ใช้กับแบบสอบถามแรงงาน (worker) เท่านั้น",
            "--informal goes with the workers' questionnaire only.",
        )
    return INFORMAL if informal else ""


def _declarations(data: Path) -> Declarations:
    """Declarations of the workspace, or the package's where there is no workspace."""
    from reporter.inputs.declared import load

    return load(_workspace(data))


def _workspace(data: Path) -> Path | None:
    return data if data.is_dir() else None


def _margin(text: str) -> Fraction:
    try:
        margin = Fraction(text)
    except (ValueError, ZeroDivisionError):
        margin = Fraction(0)
    if not 0 < margin < 1:
        raise UsageError(
            f'--error ต้องอยู่ระหว่าง 0 และ 1 เช่น 0.05 แต่พบ "{text}"',
            f'--error must lie between 0 and 1, as 0.05; found "{text}".',
        )
    return margin


def _survey_of(file: Path, survey: str | None) -> str:
    if survey:
        return survey
    for name in SURVEYS:
        if name in (file.resolve().parent.name, *re.split(r"[-_. ]", file.stem)):
            return name
    raise UsageError(
        f"ไม่ทราบว่า {file.name} เป็นคำตอบของแบบสำรวจใด — ระบุ --survey employer หรือ --survey worker",
        f"It is not known whose answers {file.name} holds; give --survey employer or --survey worker.",
    )


def _quarter_of(file: Path) -> pd.Period:
    """Quarter in the file's name; without one, the rule on dates of answering finds nothing to judge by."""
    from reporter.surveys.responses import NO_QUARTER

    match = re.search(r"[0-9]{4}-?[Qq][1-4]", file.stem)
    return parse_quarter(match[0]) if match else NO_QUARTER


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"เขียน {path} ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์หรือเลือกที่อื่น",
            f"{path} cannot be written ({error.strerror}); check its permissions or choose another place.",
        ) from error
