"""``reporter send``: the issue by e-mail to ``recipients.csv``, each recipient exactly once."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import click

from reporter.commands import out_option, quarter_option, workspace_option
from reporter.domain.errors import UsageError
from reporter.domain.periods import parse_quarter


@click.command("send")
@quarter_option(required=True)
@workspace_option
@out_option
@click.option("--dry-run", is_flag=True, help="เขียนแฟ้ม .eml และหน้าตัวอย่าง ไม่ส่ง — write files, send nothing.")
@click.option(
    "--allow-draft", is_flag=True, help="ซ้อมส่งฉบับร่างหรือฉบับที่ยังไม่อนุมัติ — rehearse; every message is marked."
)
@click.option("--to", metavar="ADDRESS", help="ทดสอบส่งไปที่อยู่เดียว — a trial message to one address only.")
@click.option(
    "--resend", metavar="ADDRESS", help="ส่งซ้ำให้ผู้รับรายนี้ — serve this recipient again, whatever happened."
)
@click.option(
    "--retry-failed",
    is_flag=True,
    help="ส่งใหม่ให้ทุกรายที่ถูกปฏิเสธหรือตีกลับ เมื่อแก้สาเหตุแล้ว — serve all who were refused again.",
)
@click.option(
    "--until-done",
    is_flag=True,
    help="ลองซ้ำเองจนส่งครบ ไม่เกิน mail_retry_hours ใน workspace.toml — try until everybody is served.",
)
@click.option(
    "--rate", type=click.FloatRange(0), default=0, help="จำนวนฉบับต่อนาทีไม่เกิน — messages a minute, 0: no limit."
)
def command(
    quarter: str,
    data: Path,
    out: Path,
    dry_run: bool,
    allow_draft: bool,
    to: str | None,
    resend: str | None,
    retry_failed: bool,
    until_done: bool,
    rate: float,
) -> None:
    """ส่งรายงานทางอีเมลถึงผู้รับแต่ละราย — send the issue by e-mail; a second run sends nothing twice."""
    from reporter.delivery.mail import sending

    if sum(map(bool, (dry_run, to, resend, retry_failed))) > 1:
        raise UsageError(
            "ใช้ --dry-run, --to, --resend และ --retry-failed พร้อมกันไม่ได้",
            "Give only one of --dry-run, --to, --resend and --retry-failed.",
        )
    request = sending.SendRequest(
        quarter=parse_quarter(quarter),
        data=data,
        out=out,
        allow_draft=allow_draft,
        dry_run=dry_run,
        to=to or "",
        resend=resend or "",
        retry_failed=retry_failed,
        until_done=until_done,
        rate=rate,
        environment=dict(os.environ),
        clock=sending.Clock(lambda: dt.datetime.now().astimezone(), time.sleep),
        say=lambda thai, english: click.echo(f"{thai} — {english}"),
    )
    sending.send(request)
