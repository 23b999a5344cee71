"""``reporter vintages``: the store of what was known when, and its making anew from the snapshots."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from reporter.commands import data_option
from reporter.inputs import vintages
from reporter.inputs.declared import load as load_declarations
from reporter.runtime.atomic import disk_errors
from reporter.sources import catalogue as catalogues
from reporter.sources import fetching


@click.group("vintages")
def command() -> None:
    """คลังข้อมูลตามวันที่รู้ — the store of what was known when."""


@command.command("list")
@data_option
def list_vintages(data: Path) -> None:
    """แสดงอนุกรมในคลัง — series in the store: values, vintages, newest period, first and last time known."""
    history = vintages.history(data)
    if history.empty:
        click.echo("คลังยังว่าง ดึงข้อมูลด้วย reporter fetch — the store is empty; fill it with reporter fetch")
        return
    click.echo("indicator,values,revisions,newest,first_known,last_known")
    for indicator, rows in history.groupby("indicator"):
        keys = rows[["group", "period"]].drop_duplicates()
        known = rows["as_of"].dt.strftime("%Y-%m-%d")
        click.echo(
            f"{indicator},{len(keys)},{len(rows) - len(keys)},{rows['period'].max()},{known.min()},{known.max()}"
        )


@command.command("rebuild")
@data_option
def rebuild(data: Path) -> None:
    """สร้างคลังใหม่จาก snapshots/ — make the store anew from the snapshots."""
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=7)))
    run = fetching.Run(
        catalogue=catalogues.load(data),
        groups=load_declarations(data).groups,
        root=data,
        environment=os.environ,
        clock=lambda: now,
        until=now.date(),
    )
    with disk_errors(data / vintages.STORE):
        snapshots, kept = fetching.rebuild(run)
    click.echo(
        f"สร้างคลังใหม่จาก {snapshots:,} สแนปช็อต ได้ {kept:,} ค่า — rebuilt from {snapshots:,} snapshots: {kept:,} values"
    )
