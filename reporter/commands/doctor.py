"""``reporter doctor``: what this machine lacks, before any work is begun."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path

import click

from reporter.commands import data_option, out_option

_MARKS = {"good": "ครบ  ok     ", "warning": "เตือน warning", "missing": "ขาด  missing"}


@click.command("doctor")
@data_option
@out_option
@click.option("--json", "as_json", is_flag=True, help="ผลสำหรับโปรแกรม — for programs.")
@click.pass_context
def command(context: click.Context, data: Path, out: Path, as_json: bool) -> None:
    """ตรวจว่าเครื่องนี้พร้อมหรือไม่ — what this machine lacks; exit status 1 when something is missing."""
    from reporter.delivery import doctor

    place = doctor.Place(data, out, os.environ, dt.datetime.now().astimezone())
    checks = list(doctor.examine(place))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        for check in checks:
            words = check.th if check.th == check.en else f"{check.th}\n{' ' * 27}{check.en}"
            click.echo(f"{_MARKS[check.state]}  {check.name:<11} {words}")
    if any(check.state == "missing" for check in checks):
        context.exit(1)
