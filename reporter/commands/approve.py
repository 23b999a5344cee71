"""``reporter approve``: sign off a final issue over the hash of its manifest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from reporter.commands import data_option, out_option, quarter_option
from reporter.domain.errors import InputError
from reporter.domain.periods import iso, parse_quarter


@click.command("approve")
@quarter_option(required=True)
@data_option
@out_option
@click.option("--by", "who", required=True, metavar="NAME", help="ชื่อผู้อนุมัติ — who approves.")
@click.option("--note", default="", help="หมายเหตุ — a note for the log.")
@click.option(
    "--withdraw", is_flag=True, help="ถอนการอนุมัติ ต้องมี --note — take the approval back; needs --note."
)
def command(quarter: str, data: Path, out: Path, who: str, note: str, withdraw: bool) -> None:
    """อนุมัติฉบับจริงให้เผยแพร่ — sign off a final issue; recorded in the release log."""
    from reporter.delivery import release_log

    folder = out / iso(parse_quarter(quarter))
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    approvers = _approvers(data)
    if withdraw:
        entry = release_log.withdraw(folder, who=who, when=now, note=note, approvers=approvers)
        done = ("ถอนการอนุมัติแล้ว", "Withdrawn")
    else:
        entry = release_log.approve(folder, who=who, when=now, note=note, approvers=approvers)
        done = ("อนุมัติแล้ว", "Approved")
    click.echo(f"{done[0]}: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})")
    click.echo(f"{done[1]}: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}")


def _approvers(data: Path) -> tuple[str, ...]:
    """Those who may approve, where the workspace declares them. Raises InputError for a wrong calendar."""
    from reporter.inputs.calendar import read_calendar

    calendar, problems = read_calendar(data)
    if problems:
        raise InputError(
            "calendar.toml ผิด จึงไม่รู้ว่าใครอนุมัติได้ — แก้ไขตามรายการข้างต้น",
            "calendar.toml is wrong, so it is not known who may approve; mend it as listed.",
            problems,
        )
    return calendar.approvers
