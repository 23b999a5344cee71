"""``reporter verify``: check a built issue against its manifest, and by rebuilding it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from reporter.commands import data_option, out_option
from reporter.domain.errors import StateError, UsageError
from reporter.domain.periods import parse_quarter
from reporter.runtime import program
from reporter.runtime.progress import Silent

_EVENTS = {
    "checked": "ผ่านการตรวจ",
    "approved": "อนุมัติ",
    "withdrawn": "ถอนการอนุมัติ",
    "sent": "ส่ง",
    "published": "เผยแพร่",
    "retracted": "ถอนฉบับ",
}
_STATES = {
    "draft": "ฉบับร่าง",
    "checked": "ผ่านการตรวจ รออนุมัติ",
    "approved": "อนุมัติแล้ว รอเผยแพร่",
    "released": "เผยแพร่แล้ว",
}


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@data_option
@out_option
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="ตรวจทั้งคลังของเว็บไซต์ ทุกไบต์และทุกลิงก์ — check the whole archive: every byte, every link.",
)
@click.option("--rebuild", is_flag=True, help="สร้างใหม่แล้วเทียบทุกไบต์ — build again and compare every byte.")
@click.option(
    "--head",
    metavar="DIGEST",
    help="ค่าแฮชที่จดไว้ตอนอนุมัติ — a log head noted earlier; the log must still hold it.",
)
def command(
    folder: Path | None, data: Path, out: Path, site: Path | None, rebuild: bool, head: str | None
) -> None:
    """ตรวจฉบับที่สร้างแล้วกับ manifest และบันทึกการเผยแพร่ — check a built issue (out/QUARTER) against its manifest."""
    from reporter.delivery import release_log
    from reporter.pipeline import manifest

    if site is not None:
        _check_site(site, folder.parent if folder else out)
    if folder is None:
        if head:
            release_log.require_head(out, head)
            click.echo("บันทึกการเผยแพร่มีค่าแฮชนี้\nThe release log holds this head.")
        if site is None and not head:
            raise UsageError(
                "ระบุโฟลเดอร์ของฉบับ (out/2025-Q3) หรือ --site",
                "Name an issue's folder (out/2025-Q3), or --site.",
            )
        return
    folder = folder.resolve()
    content = manifest.read(folder)
    _refuse(folder, manifest.changed_files(folder, content))
    click.echo(
        f"แฟ้มทั้ง {len(content['outputs'])} ตรงกับ manifest\nAll {len(content['outputs'])} files fit the manifest."
    )
    if head:
        release_log.require_head(folder.parent, head)
    _tell_state(folder)
    if rebuild:
        _refuse(folder, _differences(content, folder, data))
        click.echo("สร้างใหม่แล้วได้ไบต์เดียวกันทุกแฟ้ม\nA rebuild gives the same bytes in every file.")


def _check_site(site: Path, out: Path) -> None:
    """Every published byte against its checksum, the archive against the release log, every link of every page."""
    from reporter.delivery.site.archive import dead_links, records, require_as_logged, require_unchanged

    archive = records(site)
    if out.is_dir():
        require_as_logged(site, archive, out)
    files = require_unchanged(site, archive)
    links, dead = dead_links(site)
    if dead:
        listed = ", ".join(dead[:5]) + (" ..." if len(dead) > 5 else "")
        raise StateError(
            f"ลิงก์เสีย {len(dead)} แห่งใน {site}: {listed} — สั่ง reporter publish --rebuild",
            f"{len(dead)} dead link(s) in {site}: {listed}; run reporter publish --rebuild.",
        )
    versions = sum(map(len, archive.values()))
    click.echo(
        f"คลังครบ: {versions} ฉบับ {files} แฟ้มตรงค่าตรวจสอบ {links} ลิงก์ไม่มีที่เสีย\n"
        f"The archive is whole: {versions} version(s), {files} files as published, {links} links, none dead."
    )


def _tell_state(folder: Path) -> None:
    """Every event of this issue, from a log whose chain holds. Raises StateError for an edited log."""
    from reporter.delivery import release_log

    for entry in release_log.events(folder):
        note = f" ({entry.note})" if entry.note else ""
        click.echo(f"{entry.when} {_EVENTS[entry.event]} {entry.event}: {entry.who}{note}")
    state = release_log.state(folder)
    click.echo(f"สถานะ: {_STATES[state]} — state: {state}; the release log is whole.")


def _differences(content: Mapping[str, Any], folder: Path, data: Path) -> list[str]:
    """Outputs of a rebuild that differ from the recorded ones; inputs that changed are named instead."""
    from reporter.commands import ANNEXES
    from reporter.pipeline import build, manifest

    if changed := _changed_inputs(content, folder, data):
        return changed
    with tempfile.TemporaryDirectory(prefix="reporter-verify-") as scratch:
        _lend_earlier_issues(content, folder, Path(scratch))
        names = {entry["path"] for entry in content["outputs"]}
        request = build.BuildRequest(
            quarter=parse_quarter(content["quarter"]),
            data=data,
            out=Path(scratch),
            is_final=content["status"] == "final",
            as_of=_asked_date(content),
            version=int(content["version"]),
            annexes=tuple(name for name in ANNEXES if f"{name}.pdf" in names),
        )
        rebuilt = manifest.read(build.build(request, Silent()).folder)
    first, second = (
        {entry["path"]: entry["sha256"] for entry in issue["outputs"]} for issue in (content, rebuilt)
    )
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _asked_date(content: Mapping[str, Any]) -> dt.date:
    return dt.date.fromisoformat(content["parameters"]["as_of"])


def _changed_inputs(content: Mapping[str, Any], folder: Path, data: Path) -> list[str]:
    """Recorded inputs that are missing or changed: the workspace's files, and earlier issues beside the folder."""

    wrong = []
    for entry in content["inputs"]:
        path = (folder.parent if entry.get("compared") else data) / entry["path"]
        if not path.is_file() or program.sha256(path) != entry["sha256"]:
            wrong.append(entry["path"])
    return wrong


def _lend_earlier_issues(content: Mapping[str, Any], folder: Path, scratch: Path) -> None:
    """The earlier issues that this one was compared with, where the rebuild looks for them."""
    for entry in content["inputs"]:
        if entry.get("compared"):
            quarter = Path(entry["path"]).parts[0]
            (scratch / quarter).symlink_to(folder.parent / quarter, target_is_directory=True)


def _refuse(folder: Path, changed: list[str]) -> None:
    if changed:
        raise StateError(
            f"{folder} มีแฟ้มที่ไม่ตรง: {', '.join(changed)}",
            f"{folder}: these files differ: {', '.join(changed)}",
        )
