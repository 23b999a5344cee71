"""``reporter approve``: sign off a final issue over the hash of its manifest."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.commands import out_option, quarter_option, workspace_option
from reporter.domain.errors import InputError
from reporter.domain.periods import iso, parse_quarter

if TYPE_CHECKING:
    from reporter.delivery.release_log import Entry


@click.command("approve")
@quarter_option(required=True)
@workspace_option
@out_option
@click.option("--by", "who", required=True, metavar="NAME", help="ชื่อผู้อนุมัติ — who approves.")
@click.option("--note", default="", help="หมายเหตุ — a note for the log.")
@click.option(
    "--withdraw", is_flag=True, help="ถอนการอนุมัติ ต้องมี --note — take the approval back; needs --note."
)
def command(quarter: str, data: Path, out: Path, who: str, note: str, withdraw: bool) -> None:
    """อนุมัติฉบับจริงให้เผยแพร่ — sign off a final issue; recorded in the release log."""
    from reporter.delivery import release_gate, release_log
    from reporter.pipeline import manifest

    folder = out / iso(parse_quarter(quarter))
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    approvers = _approvers(data)
    if withdraw:
        entry = release_log.withdraw(folder, who=who, when=now, note=note, approvers=approvers)
        click.echo(
            f"ถอนการอนุมัติแล้ว: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})"
        )
        click.echo(
            f"Withdrawn: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}"
        )
        return
    release = release_gate.declared_release(folder, manifest.read(folder), data)
    entry = release_log.approve(
        folder,
        who=who,
        when=now,
        note=note,
        approvers=approvers,
        embargo=release.isoformat() if release else "",
    )
    click.echo(f"อนุมัติแล้ว: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})")
    click.echo(f"Approved: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}")
    _tell_what_is_missing(folder, data)
    _mail_receipt(entry, data)


def _mail_receipt(entry: Entry, data: Path) -> None:
    """The log's head to those who keep it: whoever has one notices a log that was cut."""
    from reporter.delivery.mail.sending import addresses, notify
    from reporter.inputs.workspace import read_settings

    text = (
        f"{entry.quarter} ฉบับที่ {entry.version} ได้รับการอนุมัติโดย {entry.who} เมื่อ {entry.when}\n\n"
        f"ค่าหัวของบันทึกการเผยแพร่: {entry.digest}\nSHA-256 ของ manifest.json: {entry.manifest}\n\n"
        "เก็บข้อความนี้ไว้ หากสงสัยว่าบันทึกถูกแก้ไข สั่ง\nKeep this message. Should the log ever be in doubt, run\n\n"
        f"  reporter verify --head {entry.digest}\n"
    )
    to = addresses(os.environ.get("REPORTER_APPROVAL_MAIL", ""))
    subject = f"อนุมัติ {entry.quarter} ฉบับที่ {entry.version}: ค่าหัวของบันทึก {entry.digest[:12]}"
    for problem in notify(os.environ, read_settings(data), to, subject=subject, text=text):
        click.echo(problem, err=True)


def _tell_what_is_missing(folder: Path, data: Path) -> None:
    from reporter.delivery import release_log
    from reporter.inputs.workspace import read_settings

    needed = max(read_settings(data).approvers, release_log.approvals_needed(folder))
    missing = needed - len(release_log.approved_by(folder))
    if missing > 0:
        click.echo(f"ต้องมีผู้อนุมัติอีก {missing} คน\nStill to approve: {missing} other person(s).")


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
