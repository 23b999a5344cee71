"""``reporter bounces``: reports of failed deliveries into the ledger of sent mail."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from reporter.commands import out_option


@click.command("bounces")
@click.argument("path", type=click.Path(path_type=Path))
@out_option
def command(path: Path, out: Path) -> None:
    """อ่านจดหมายตีกลับ (แฟ้ม โฟลเดอร์ หรือ Maildir) ลงทะเบียนการส่ง — read bounces into the ledger of sent mail."""
    from reporter.delivery.mail.ledger import take_in_bounces

    taken = take_in_bounces(path, out, when=dt.datetime.now().astimezone().isoformat(timespec="seconds"))
    for item in taken:
        told = (
            f"<{item.bounce.address}> {item.bounce.action} {item.bounce.status} {item.bounce.words}".rstrip()
        )
        if item.sent is not None:
            click.echo(f"ตีกลับ {' '.join(item.sent)}: {told} — came back")
        elif item.bounce.action == "failed":
            click.echo(f"ไม่ใช่จดหมายที่ระบบนี้ส่ง: {told} — not a message that the ledger sent")
        else:
            click.echo(f"ไม่เปลี่ยนทะเบียน: {told} — the ledger stays as it is")
    known = sum(item.sent is not None for item in taken)
    click.echo(
        f"พบรายงาน {len(taken)} รายการ บันทึกว่าตีกลับ {known} ราย\n{len(taken)} report(s) found, {known} recipient(s) marked as bounced."
    )
    if known:
        click.echo(
            "แก้ recipients.csv แล้วสั่ง reporter send --retry-failed\nMend recipients.csv, then run reporter send --retry-failed."
        )
