"""``reporter init``: a new workspace with commented example files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """สร้างโฟลเดอร์งานใหม่พร้อมไฟล์ตัวอย่าง — make a new workspace with commented example files."""
    from reporter.sample.blank import make_blank

    for path in make_blank(folder):
        click.echo(path.relative_to(folder).as_posix())
    click.echo(
        f"สร้างโฟลเดอร์งานใน {folder} แล้ว อ่าน README.md ในโฟลเดอร์นั้นก่อน แล้วตรวจด้วย reporter check --data {folder}\n"
        f"Made a workspace in {folder}: read its README.md, then check it with reporter check --data {folder}."
    )
