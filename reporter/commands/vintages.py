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
from reporter.sources import fetching, snapshots


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


@command.command("deliveries")
@data_option
def deliveries(data: Path) -> None:
    """แสดงการรับข้อมูลแต่ละครั้ง — every delivery: its id, when it came, what for, and whether it was withdrawn."""
    gone = vintages.withdrawn(data)
    click.echo("id,taken,declaration,withdrawn")
    for kept in snapshots.all_of(data):
        if kept.request:
            at = gone.get(kept.id)
            click.echo(
                f"{kept.id},{kept.taken:%Y-%m-%d %H:%M},{kept.request},{'' if at is None else at.date().isoformat()}"
            )


@command.command("withdraw")
@click.argument("delivery", metavar="ID")
@click.option("--by", required=True, help="ผู้สั่งถอน — who takes it back.")
@click.option("--reason", required=True, help="เหตุผล — why.")
@data_option
def withdraw(delivery: str, by: str, reason: str, data: Path) -> None:
    """ถอนข้อมูลที่รับมาผิด (บันทึกไว้ใน store/withdrawn.csv) — take a wrong delivery back; recorded."""
    with disk_errors(data / vintages.STORE):
        taken, changed = fetching.withdraw(_run(data), delivery, by.strip(), reason.strip())
    click.echo(f"ถอน {taken} แล้ว ค่าเปลี่ยน {changed:,} ค่า — withdrawn: {changed:,} values changed")


def _run(data: Path) -> fetching.Run:
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=7)))
    return fetching.Run(
        catalogue=catalogues.load(data),
        groups=load_declarations(data).groups,
        root=data,
        environment=os.environ,
        clock=lambda: now,
        until=now.date(),
    )


@command.command("rebuild")
@data_option
def rebuild(data: Path) -> None:
    """สร้างคลังใหม่จาก snapshots/ — make the store anew from the snapshots."""
    run = _run(data)
    with disk_errors(data / vintages.STORE):
        snapshots, kept = fetching.rebuild(run)
    click.echo(
        f"สร้างคลังใหม่จาก {snapshots:,} สแนปช็อต ได้ {kept:,} ค่า — rebuilt from {snapshots:,} snapshots: {kept:,} values"
    )
