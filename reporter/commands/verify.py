"""``reporter verify``: check a built issue against its manifest, and by rebuilding it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import click

from reporter.errors import StateError
from reporter.options import data_option
from reporter.periods import parse_quarter
from reporter.progress import Silent


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@click.option("--rebuild", is_flag=True, help="สร้างใหม่แล้วเทียบทุกไบต์ — build again and compare every byte.")
def command(folder: Path, data: Path, rebuild: bool) -> None:
    """ตรวจฉบับที่สร้างแล้วกับ manifest — check a built issue (out/QUARTER) against its manifest."""
    from reporter import manifest

    content = manifest.read(folder)
    _refuse(folder, manifest.changed_files(folder, content))
    click.echo(
        f"แฟ้มทั้ง {len(content['outputs'])} ตรงกับ manifest\nAll {len(content['outputs'])} files fit the manifest."
    )
    if rebuild:
        _refuse(folder, _differences(content, data))
        click.echo("สร้างใหม่แล้วได้ไบต์เดียวกันทุกแฟ้ม\nA rebuild gives the same bytes in every file.")


def _differences(content: dict, data: Path) -> list[str]:
    """Outputs of a rebuild that differ from the recorded ones."""
    from reporter import manifest, release

    with tempfile.TemporaryDirectory() as scratch:
        request = release.Request(
            quarter=parse_quarter(content["quarter"]),
            data=data,
            out=Path(scratch),
            is_final=content["status"] == "final",
            as_of=dt.date.fromisoformat(content["parameters"]["as_of"]),
            version=int(content["version"]),
        )
        rebuilt = manifest.read(release.build(request, Silent()).folder)
    first, second = (
        {entry["path"]: entry["sha256"] for entry in issue["outputs"]} for issue in (content, rebuilt)
    )
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _refuse(folder: Path, changed: list[str]) -> None:
    if changed:
        raise StateError(
            f"{folder} มีแฟ้มที่ไม่ตรง: {', '.join(changed)}",
            f"{folder}: these files differ: {', '.join(changed)}",
        )
