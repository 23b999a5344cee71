"""The desk and where a quarter stands: ``desk``, ``status`` and ``new-quarter``."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.commands import data_option, out_option, quarter_option, workspace_option
from reporter.domain.errors import InputError, UsageError

if TYPE_CHECKING:
    from reporter.desk.server import Proxy


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


@click.command("desk")
@data_option
@out_option
@quarter_option(required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="พอร์ต (0: ที่ว่าง) — the port.",
)
@click.option(
    "--site", type=click.Path(path_type=Path, file_okay=False), help="โฟลเดอร์เว็บไซต์ — the website's folder."
)
@click.option(
    "--behind-proxy",
    "origin",
    metavar="ORIGIN",
    default="",
    help="อยู่หลังเซิร์ฟเวอร์ที่ยืนยันตัวผู้ใช้ เช่น https://desk.example.go.th — behind a server that knows its users.",
)
@click.option(
    "--user-header",
    default="X-Remote-User",
    show_default=True,
    help="หัวข้อที่เซิร์ฟเวอร์นั้นบอกชื่อผู้ใช้ — the header with the user's name.",
)
def desk_command(
    data: Path, out: Path, quarter: str | None, port: int, site: Path | None, origin: str, user_header: str
) -> None:
    """เปิดโต๊ะงานนักวิเคราะห์ในเบราว์เซอร์ของเครื่องนี้ — the analysts' desk in this machine's browser, on 127.0.0.1 only."""
    from reporter.desk import server
    from reporter.domain.periods import iso, parse_quarter
    from reporter.inputs.workspace import require_workspace

    require_workspace(data)
    listening = server.bind(port)
    chosen = iso(parse_quarter(quarter)) if quarter else server.current_quarter(data, out, _now().date())
    desk = server.Desk(
        data.resolve(),
        out.resolve(),
        chosen,
        port=listening.getsockname()[1],
        site=site.resolve() if site else None,
        proxy=_proxy(origin, user_header) if origin else None,
    )
    click.echo(f"โต๊ะงานเปิดที่ {desk.address} (หยุดด้วย Ctrl+C) — The desk is open there; stop it with Ctrl+C.")
    server.serve(desk, listening)


def _proxy(origin: str, header: str) -> Proxy:
    """The server before the desk; refused without the secret that it shows."""
    from urllib.parse import urlsplit

    from reporter.desk.server import Proxy

    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise UsageError(
            f"--behind-proxy {origin} ไม่ใช่ที่อยู่ — เขียนแบบ https://desk.example.go.th",
            f"--behind-proxy {origin} is no origin; write https://desk.example.go.th.",
        )
    secret = os.environ.get("REPORTER_DESK_SECRET", "").strip()
    if len(secret) < 16:
        raise UsageError(
            "--behind-proxy ต้องมี REPORTER_DESK_SECRET อย่างน้อย 16 ตัว ซึ่งเซิร์ฟเวอร์หน้าส่งมาใน X-Desk-Secret",
            "--behind-proxy needs REPORTER_DESK_SECRET of at least 16 characters, which the proxy sends as X-Desk-Secret.",
        )
    return Proxy(f"{parts.scheme}://{parts.netloc}", header, secret)


@click.command("status")
@quarter_option(required=False)
@data_option
@out_option
@click.option("--json", "as_json", is_flag=True, help="ผลสำหรับโปรแกรม — for programs.")
@click.option("--no-check", is_flag=True, help="ไม่ตรวจข้อมูลนำเข้า เร็วกว่า — leave the findings out.")
def status_command(quarter: str | None, data: Path, out: Path, as_json: bool, no_check: bool) -> None:
    """บอกว่างานของไตรมาสอยู่ตรงไหน: ข้อมูล แบบสำรวจ สิ่งที่พบ รายงาน วันที่จะถึง — where the quarter stands."""
    from reporter.desk import server, status
    from reporter.domain.periods import parse_quarter

    if not data.is_dir():
        raise InputError(
            f"ไม่พบโฟลเดอร์ {data} — ตรวจค่า --data หรือสร้างด้วย reporter init",
            f"There is no folder {data}; check --data, or make one with reporter init.",
        )
    chosen = parse_quarter(quarter or server.current_quarter(data, out, _now().date()))
    found = status.standing(data, out, chosen, _now(), with_findings=not no_check)
    click.echo(status.as_json(found) if as_json else status.as_text(found))


@click.command("new-quarter")
@quarter_option(required=True)
@workspace_option
def new_quarter_command(quarter: str, data: Path) -> None:
    """เปิดไตรมาสใหม่: โครงข้อความวิเคราะห์ และรายการที่ครบกำหนด — begin a quarter: skeleton of the text, and what is due."""
    from reporter.desk import status
    from reporter.domain.periods import iso, parse_quarter

    period = parse_quarter(quarter)
    made = status.new_quarter(data, period, _now())
    for path in made.written:
        click.echo(f"เขียน {path} — wrote it")
    for path in made.kept:
        click.echo(f"มี {path} อยู่แล้ว — is there and stays as it is")
    click.echo(f"ข้อมูลที่ยังไม่มาสำหรับ {iso(period)}: {len(made.due)} รายการ — series still to come")
    for one in made.due:
        click.echo(
            f"  {one.due or '–':<10} {one.source:<10} {one.id} {one.name_th} (ล่าสุด {one.newest or '–'})"
        )
