"""``reporter approve``: sign off a final issue over the hash of its manifest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from reporter.options import out_option, quarter_option
from reporter.periods import iso, parse_quarter


@click.command("approve")
@quarter_option(required=True)
@out_option
@click.option("--by", "who", required=True, metavar="NAME", help="ชื่อผู้อนุมัติ — who approves.")
@click.option("--note", default="", help="หมายเหตุ — a note for the log.")
def command(quarter: str, out: Path, who: str, note: str) -> None:
    """อนุมัติฉบับจริงให้เผยแพร่ — sign off a final issue; recorded in the release log."""
    from reporter import approval

    period = parse_quarter(quarter)
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    entry = approval.approve(out / iso(period), who=who, when=now, note=note)
    click.echo(f"อนุมัติแล้ว: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})")
    click.echo(f"Approved: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}")
