"""``reporter publish``: a built issue into the static website."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from reporter.commands import out_option, quarter_option, workspace_option
from reporter.domain.errors import UsageError
from reporter.domain.periods import parse_quarter


@click.command("publish")
@quarter_option(required=False)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="โฟลเดอร์ของเว็บไซต์ — the website's folder.",
)
@workspace_option
@out_option
@click.option(
    "--allow-draft", is_flag=True, help="ซ้อมเผยแพร่ฉบับร่างหรือฉบับที่ยังไม่อนุมัติ — rehearse; every page is marked."
)
@click.option(
    "--correction",
    metavar="TEXT",
    default="",
    help="เผยแพร่เป็นฉบับแก้ไข พร้อมข้อความว่าแก้ไขอะไร — publish as the next version, saying what was wrong.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="สร้างหน้ารวม รายการ และฟีดใหม่จากฉบับที่เผยแพร่แล้ว — lists, feeds and pages again from the archive.",
)
@click.option(
    "--withdraw",
    metavar="REASON",
    default="",
    help="ถอนฉบับที่เผยแพร่แล้ว แฟ้มยังอยู่ แต่ทุกหน้าบอกเหตุผล — say that a published version is withdrawn, and why.",
)
@click.option(
    "--version",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="ลำดับฉบับที่จะถอน — which version --withdraw speaks of.",
)
def command(
    quarter: str | None,
    site: Path,
    data: Path,
    out: Path,
    allow_draft: bool,
    correction: str,
    rebuild: bool,
    withdraw: str,
    version: int,
) -> None:
    """เผยแพร่รายงานบนเว็บไซต์ — the issue into the static website; what is published never changes."""
    from reporter.delivery.site import PublishRequest, publish
    from reporter.delivery.site import rebuild as make_again
    from reporter.delivery.site import withdraw as take_back

    now = dt.datetime.now().astimezone()
    if rebuild:
        page = make_again(site, data=data, out=out, now=now)
        click.echo(f"สร้างหน้าที่ได้จากคลังใหม่แล้ว: {page}")
        click.echo(f"Made everything derived from the archive again: {page}")
        return
    if quarter is None:
        raise UsageError(
            "ไม่ได้ระบุไตรมาส — ใช้ -q หรือใช้ --rebuild เพื่อสร้างหน้ารวมใหม่",
            "No quarter was given; name one with -q, or use --rebuild to make the derived pages again.",
        )
    request = PublishRequest(
        quarter=parse_quarter(quarter),
        out=out,
        site=site,
        data=data,
        allow_draft=allow_draft,
        correction=correction.strip(),
        now=now,
    )
    if withdraw:
        page = take_back(request, version, withdraw)
        click.echo(f"ถอนฉบับที่ {version} แล้ว: {page}")
        click.echo(f"Version {version} is withdrawn: {page}")
        return
    published = publish(request)
    if published.is_new:
        click.echo(f"เผยแพร่แล้ว: {published.page}")
        click.echo(f"Published: {published.page}")
    else:
        click.echo(f"ฉบับนี้เผยแพร่แล้วที่ {published.page} ไม่มีสิ่งใดเปลี่ยน")
        click.echo(f"Already published at {published.page}; the issue's files are as they were.")
    for thai, english in published.notes:
        click.echo(f"{thai} — {english}")
