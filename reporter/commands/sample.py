"""``reporter sample``: the synthetic sample workspace."""

from __future__ import annotations

from pathlib import Path

import click

from reporter.sample import SEED, generate


@click.command("sample")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, help="เมล็ดสุ่ม — the seed.")
@click.option("--force", is_flag=True, help="เขียนทับข้อมูลที่มีอยู่ — overwrite series and surveys that are there.")
def command(folder: Path, seed: int, force: bool) -> None:
    """สร้างพื้นที่งานตัวอย่างจากข้อมูลสังเคราะห์ — write the sample workspace (all of it synthetic)."""
    if generate(folder, seed=seed, force=force):
        click.echo(f"สร้างข้อมูลตัวอย่างใน {folder} แล้ว\nWrote the synthetic sample into {folder}.")
    else:
        click.echo(f"ข้อมูลตัวอย่างใน {folder} เป็นปัจจุบันแล้ว\nThe sample in {folder} is up to date.")
