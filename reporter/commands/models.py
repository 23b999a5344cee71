"""``reporter models``: seasonal models kept for a year, and choosing them anew on request."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
import pandas as pd

from reporter.commands import data_option, quarter_option
from reporter.domain.errors import StateError
from reporter.domain.periods import iso, parse_quarter


@click.group("models")
def command() -> None:
    """แบบจำลองปรับฤดูกาลที่ใช้ประจำปี — seasonal models kept for a year."""


@command.command("show")
@quarter_option(required=True)
@data_option
def show(quarter: str, data: Path) -> None:
    """แบบจำลองที่ใช้กับไตรมาสนี้ และที่จะต่างไปหากเลือกใหม่ — models in force, and what choosing anew would change."""
    from reporter.index import seasonal_models

    period = parse_quarter(quarter)
    frozen = seasonal_models.read(data, period.year)
    in_force = frozen.table if frozen else _identified(data, period, _before(period))
    source = frozen.name if frozen else f"identified on data up to {iso(_before(period))}"
    click.echo(f"# {source}")
    click.echo(in_force.to_csv(index=False, lineterminator="\n"), nl=False)
    changed = seasonal_models.differences(in_force, _identified(data, period, period))
    click.echo(
        f"หากเลือกใหม่ด้วยข้อมูลถึง {iso(period)} แบบจำลองจะเปลี่ยน {len(changed)} จาก {len(in_force)} อนุกรม — "
        f"choosing anew on data up to {iso(period)} would change {len(changed)} of {len(in_force)} series"
    )
    for row in changed.itertuples(index=False):
        click.echo(f"  {row.indicator}: {row.before} -> {row.now}")


@command.command("freeze")
@quarter_option(required=True)
@data_option
def freeze(quarter: str, data: Path) -> None:
    """ตรึงแบบจำลองของปีจากข้อมูลถึงสิ้นปีก่อน — keep the year's models, chosen on data up to the end of last year."""
    from reporter.index import seasonal_models

    period = parse_quarter(quarter)
    known = seasonal_models.versions(data, period.year)
    if known:
        raise StateError(
            f"ปี {period.year} มีแบบจำลองฉบับที่ {known[-1]} แล้ว — หากต้องการเลือกใหม่ใช้ reporter models reidentify",
            f"{period.year} has models already, version {known[-1]}; use reporter models reidentify to choose anew.",
        )
    _keep(data, period, _before(period))


@command.command("reidentify")
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
    from reporter.index import seasonal_models
    from reporter.inputs.workspace import open_workspace

    workspace = open_workspace(data)
    observations = workspace.observations(dt.date.today())
    return seasonal_models.identify(observations, workspace.declarations, quarter, until)


def _keep(data: Path, quarter: pd.Period, until: pd.Period) -> None:
    from reporter.index import seasonal_models

    made = seasonal_models.write(data, quarter.year, _identified(data, quarter, until))
    click.echo(
        f"เก็บแบบจำลอง {len(made.table)} อนุกรมไว้ใน {made.name} (เลือกจากข้อมูลถึง {iso(until)}) — "
        f"kept the models of {len(made.table)} series in {made.name} (chosen on data up to {iso(until)})"
    )
