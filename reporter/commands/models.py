"""``reporter models``: the index's model kept for five years, seasonal models kept for one, and choosing them anew on request."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reporter.commands import data_option, quarter_option
from reporter.domain.errors import StateError
from reporter.domain.periods import iso, parse_quarter


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
    in_force = frozen.table if frozen else _identified(data, period, _before(period))
    source = frozen.name if frozen else f"identified on data up to {iso(_before(period))}"
    click.echo(f"# {source}")
    click.echo(in_force.to_csv(index=False, lineterminator="\n"), nl=False)
    changed = seasonal.differences(in_force, _identified(data, period, period))
    click.echo(
        f"หากเลือกใหม่ด้วยข้อมูลถึง {iso(period)} แบบจำลองจะเปลี่ยน {len(changed)} จาก {len(in_force)} อนุกรม — "
        f"choosing anew on data up to {iso(period)} would change {len(changed)} of {len(in_force)} series"
    )
    for row in changed.itertuples(index=False):
        click.echo(f"  {row.indicator}: {row.before} -> {row.now}")


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
    link = _before(period) if before or continued else None
    prepared, settings, declarations = _prepared(data, period)
    model = _learnt(prepared, declarations, period, settings)
    model = _with_seasonal_spread(model, data, period)
    history, replaced = None, ""
    if link is not None:
        replaced = str(continued) if continued else before.name  # type: ignore[union-attr]
        history = (
            _published(continued) if continued else _read_by(before, prepared, declarations, period, settings)
        )
        history = history[:link]
    known = [version for year, version in model_file.versions(data) if year == period.year]
    kept = model_file.Kept(period.year, max(known, default=0) + 1, model, link, history, replaced)
    model_file.write(data, kept)
    click.echo(
        f"เก็บแบบจำลองของดัชนีไว้ใน {kept.name} (เรียนรู้จากข้อมูลถึง {iso(model.learn_until)}) — "
        f"kept the index's model in {kept.name} (learnt on data up to {iso(model.learn_until)})"
    )
    if before is not None:
        _show_differences(before.model, model)


def _prepared(data: Path, period: pd.Period) -> tuple[Any, Any, Any]:
    """Adjusted series, settings and declarations of a workspace, as a build of the quarter prepares them."""
    from reporter.index import national, seasonal
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(dt.date.today())
    frozen = seasonal.read(data, period.year)
    table = frozen.table if frozen else None
    found = national.prepare(observations, workspace.declarations, period, workspace.settings, table)
    return found, workspace.settings, workspace.declarations


def _learnt(prepared: Any, declarations: Any, period: pd.Period, settings: Any) -> Any:
    """A model learnt on the data up to the end of the year before, or up to the declared end of the base."""
    from reporter.index import national

    end = settings.base_end or iso(_before(period))
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
    observations = workspace.observations(dt.date.today())
    end = _before(period)
    spread = national.seasonal_spread(model, observations, workspace.declarations, end, workspace.settings)
    return replace(model, seasonal=spread)


def _published(path: Path) -> pd.DataFrame:
    """Quarter x (overall and dimensions) of an issue's labour_index.csv."""
    table = pd.read_csv(path)
    wide = table[table["group"] == "TH"].pivot(index="period", columns="dimension", values="value")
    return wide.set_axis(pd.PeriodIndex([parse_quarter(text) for text in wide.index], freq="Q-DEC"))


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
        click.echo(
            f"# ไม่มีแฟ้มแบบจำลองของดัชนี แต่ละฉบับเรียนรู้เองในหน่วยความจำ ใช้ reporter models learn -q {iso(period)} เพื่อเก็บไว้ — "
            f"no model file of the index: each build learns in memory; keep one with reporter models learn -q {iso(period)}"
        )
        return
    until = kept.year + model_file.LIFE_YEARS - 1
    click.echo(f"# {kept.name}: {iso(kept.model.learn_until)}, {kept.year}-{until}")
    _show_differences(kept.model, model)


def _show_differences(before: Any, now: Any) -> None:
    from reporter.index import model_file

    changed = model_file.differences(before, now)
    click.echo(f"หากเรียนรู้ใหม่ ตัวเลขจะเปลี่ยน {len(changed)} ค่า — learning anew changes {len(changed)} numbers")
    weights = changed[(changed["kind"] == "dimension") & (changed["number"] == "weight")]
    for row in weights.itertuples(index=False):
        click.echo(f"  {row.name} weight: {row.before:.4f} -> {row.now:.4f}")
    forms = changed[changed["number"] == "form"]
    for row in forms.itertuples(index=False):
        click.echo(f"  {row.name}: {row.before} -> {row.now}")


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
    _keep(data, period, _before(period))


@models_command.command("reidentify")
@quarter_option(required=True)
@data_option
def reidentify(quarter: str, data: Path) -> None:
    """เลือกแบบจำลองใหม่จากข้อมูลถึงไตรมาสนี้ เก็บเป็นฉบับถัดไป — choose models anew, kept as the next version."""
    period = parse_quarter(quarter)
    _keep(data, period, period)


def _before(quarter: pd.Period) -> pd.Period:
    """Last quarter of the year before."""
    return pd.Period(year=quarter.year - 1, quarter=4, freq="Q-DEC")


def _identified(data: Path, quarter: pd.Period, until: pd.Period) -> pd.DataFrame:
    from reporter.index import seasonal
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(dt.date.today())
    return seasonal.identify(observations, workspace.declarations, quarter, until)


def _keep(data: Path, quarter: pd.Period, until: pd.Period) -> None:
    from reporter.index import seasonal

    made = seasonal.write(data, quarter.year, _identified(data, quarter, until))
    click.echo(
        f"เก็บแบบจำลอง {len(made.table)} อนุกรมไว้ใน {made.name} (เลือกจากข้อมูลถึง {iso(until)}) — "
        f"kept the models of {len(made.table)} series in {made.name} (chosen on data up to {iso(until)})"
    )
