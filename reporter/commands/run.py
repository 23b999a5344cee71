"""``reporter run``: fetch, check, build a draft and tell the analysts; for a scheduler."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from reporter.commands import out_option, quarter_option, workspace_option


@click.command("run")
@quarter_option(required=True)
@workspace_option
@out_option
@click.option("--no-fetch", is_flag=True, help="ไม่ดึงข้อมูล ใช้ที่มีอยู่ — build from what is there.")
@click.option(
    "--jobs", type=click.IntRange(1), default=2, show_default=True, help="จำนวนโปรเซส — worker processes."
)
@click.pass_context
def command(context: click.Context, quarter: str, data: Path, out: Path, no_fetch: bool, jobs: int) -> None:
    """ดึงข้อมูล ตรวจ สร้างร่าง และแจ้งนักวิเคราะห์ ไม่เผยแพร่ — fetch, check, build a draft, tell the analysts; never publishes."""
    from reporter.delivery import scheduled
    from reporter.domain.periods import parse_quarter

    plan = scheduled.Plan(
        quarter=parse_quarter(quarter),
        data=data,
        out=out,
        environment=os.environ,
        now=lambda: dt.datetime.now().astimezone(),
        say=lambda thai, english: click.echo(f"{thai} — {english}" if english else thai),
        fetches=not no_fetch,
        jobs=jobs,
    )
    if status := scheduled.run(plan):
        context.exit(status)
