"""``reporter init``: a new workspace, as files or as one Excel workbook."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--excel", is_flag=True, help="สมุดงาน Excel เดียวแทนไฟล์ CSV และ TOML — one Excel workbook to fill in."
)
@click.option(
    "--from",
    "source",
    metavar="DATA",
    type=click.Path(path_type=Path, file_okay=False),
    help="เติมสมุดงานด้วยข้อมูลของโฟลเดอร์งานนี้ (ใช้กับ --excel) — fill the workbook from this workspace.",
)
def command(folder: Path, excel: bool, source: Path | None) -> None:
    """สร้างโฟลเดอร์งานใหม่ (ตัวอย่างอยู่ใน examples/) — make a new workspace; examples stand in examples/."""
    from reporter.domain.errors import UsageError
    from reporter.sample.blank import make_blank

    if source is not None and not excel:
        raise UsageError("--from ใช้กับ --excel เท่านั้น", "--from goes with --excel only.")
    for path in make_blank(folder, excel=excel, source=source):
        click.echo(path.relative_to(folder).as_posix())
    click.echo(
        f"สร้างโฟลเดอร์งานใน {folder} แล้ว อ่าน README.md ในโฟลเดอร์นั้นก่อน แล้วตรวจด้วย reporter check --data {folder}\n"
        f"Made a workspace in {folder}: read its README.md, then check it with reporter check --data {folder}."
    )
