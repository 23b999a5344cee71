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

_EVENTS = {
    "checked": "ผ่านการตรวจ",
    "approved": "อนุมัติ",
    "withdrawn": "ถอนการอนุมัติ",
    "sent": "ส่ง",
    "published": "เผยแพร่",
}
_STATES = {
    "draft": "ฉบับร่าง",
    "checked": "ผ่านการตรวจ รออนุมัติ",
    "approved": "อนุมัติแล้ว รอเผยแพร่",
    "released": "เผยแพร่แล้ว",
}


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@click.option("--rebuild", is_flag=True, help="สร้างใหม่แล้วเทียบทุกไบต์ — build again and compare every byte.")
@click.option(
    "--head",
    metavar="DIGEST",
    help="ค่าแฮชที่จดไว้ตอนอนุมัติ — a log head noted earlier; the log must still hold it.",
)
def command(folder: Path, data: Path, rebuild: bool, head: str | None) -> None:
    """ตรวจฉบับที่สร้างแล้วกับ manifest และบันทึกการเผยแพร่ — check a built issue (out/QUARTER) against its manifest."""
    from reporter import approval, manifest

    folder = folder.resolve()
    content = manifest.read(folder)
    _refuse(folder, manifest.changed_files(folder, content))
    click.echo(
        f"แฟ้มทั้ง {len(content['outputs'])} ตรงกับ manifest\nAll {len(content['outputs'])} files fit the manifest."
    )
    if head:
        approval.require_head(folder.parent, head)
    _tell_state(folder)
    if rebuild:
        _refuse(folder, _differences(content, data))
        click.echo("สร้างใหม่แล้วได้ไบต์เดียวกันทุกแฟ้ม\nA rebuild gives the same bytes in every file.")


def _tell_state(folder: Path) -> None:
    """Every event of this issue, from a log whose chain holds. Raises StateError for an edited log."""
    from reporter import approval

    for entry in approval.events(folder):
        note = f" ({entry.note})" if entry.note else ""
        click.echo(f"{entry.when} {_EVENTS[entry.event]} {entry.event}: {entry.who}{note}")
    state = approval.state(folder)
    click.echo(f"สถานะ: {_STATES[state]} — state: {state}; the release log is whole.")


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
