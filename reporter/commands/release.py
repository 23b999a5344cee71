"""From a built issue to its readers: ``approve``, ``send``, ``publish``, ``verify`` and ``bounces``.

``reporter approve`` signs off a final issue over the hash of its manifest.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reporter.commands import data_option, out_option, quarter_option, workspace_option
from reporter.domain.errors import InputError, StateError, UsageError
from reporter.domain.periods import iso, now_in_bangkok, parse_quarter
from reporter.runtime import program
from reporter.runtime.messages import say

if TYPE_CHECKING:
    from reporter.delivery.release_log import LogEntry


@click.command("approve")
@quarter_option(required=True)
@workspace_option
@out_option
@click.option("--by", "who", required=True, metavar="NAME", help="ชื่อผู้อนุมัติ — who approves.")
@click.option("--note", default="", help="หมายเหตุ — a note for the log.")
@click.option(
    "--withdraw", is_flag=True, help="ถอนการอนุมัติ ต้องมี --note — take the approval back; needs --note."
)
def approve_command(quarter: str, data: Path, out: Path, who: str, note: str, withdraw: bool) -> None:
    """อนุมัติฉบับจริงให้เผยแพร่ — sign off a final issue; recorded in the release log."""
    from reporter.delivery import release_log
    from reporter.inputs.workspace import read_settings

    folder = out / iso(parse_quarter(quarter))
    now = now_in_bangkok().isoformat(timespec="seconds")
    approvers = _approvers(data)
    if withdraw:
        entry = release_log.withdraw(folder, who=who, when=now, note=note, approvers=approvers)
        say(
            f"ถอนการอนุมัติแล้ว: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})",
            f"Withdrawn: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}",
        )
        _mail_receipt(entry, data)
        return
    release = release_log.declared_release(folder, release_log.read_issue(folder), data)
    release_log.require_another_person(folder, who, read_settings(data).approvers)
    known = {one.number for one in release_log.events(folder)}
    entry = release_log.approve(
        folder,
        who=who,
        when=now,
        note=note,
        approvers=approvers,
        embargo=release.isoformat() if release else "",
    )
    if entry.number in known:
        say(
            f"{entry.who} อนุมัติ {entry.quarter} ฉบับที่ {entry.version} ไว้แล้วเมื่อ {entry.when_in_bangkok} (บันทึกลำดับที่ {entry.number}) ไม่มีสิ่งใดเปลี่ยน",
            f"{entry.who} has approved {entry.quarter} version {entry.version} already; nothing changed. Log head {entry.digest}",
        )
        return
    say(
        f"อนุมัติแล้ว: {entry.quarter} ฉบับที่ {entry.version} โดย {entry.who} (บันทึกลำดับที่ {entry.number})",
        f"Approved: {entry.quarter} version {entry.version} by {entry.who}; log head {entry.digest}",
    )
    _tell_what_is_missing(folder, data)
    _mail_receipt(entry, data)


def _mail_receipt(entry: LogEntry, data: Path) -> None:
    """The log's head to those who keep it: whoever has one notices a log that was cut."""
    from reporter.delivery.mail.sending import addresses, notify
    from reporter.inputs.workspace import read_settings

    what, done = ("อนุมัติ", "ได้รับการอนุมัติ") if entry.event == "approved" else ("ถอนการอนุมัติ", "ถูกถอนการอนุมัติ")
    reason = f"\nเหตุผล: {entry.note}" if entry.note else ""
    text = (
        f"{entry.quarter} ฉบับที่ {entry.version} {done}โดย {entry.who} เมื่อ {entry.when_in_bangkok}{reason}\n\n"
        f"ค่าหัวของบันทึกการเผยแพร่: {entry.digest}\nSHA-256 ของ manifest.json: {entry.manifest}\n\n"
        "เก็บข้อความนี้ไว้ หากสงสัยว่าบันทึกถูกแก้ไข สั่ง\nKeep this message. Should the log ever be in doubt, run\n\n"
        f"  reporter verify --head {entry.digest}\n"
    )
    to = addresses(os.environ.get("REPORTER_APPROVAL_MAIL", ""))
    subject = f"{what} {entry.quarter} ฉบับที่ {entry.version}: ค่าหัวของบันทึก {entry.digest[:12]}"
    for problem in notify(os.environ, read_settings(data), to, subject=subject, text=text):
        click.echo(problem, err=True)


def _tell_what_is_missing(folder: Path, data: Path) -> None:
    from reporter.delivery import release_log
    from reporter.inputs.workspace import read_settings

    needed = max(read_settings(data).approvers, release_log.approvals_needed(folder))
    missing = needed - len(release_log.approved_by(folder))
    if missing > 0:
        say(f"ต้องมีผู้อนุมัติอีก {missing} คน", f"Still to approve: {missing} other person(s).")


def _approvers(data: Path) -> tuple[str, ...]:
    """Those who may approve, where the workspace declares them. Raises InputError for a wrong calendar."""
    from reporter.inputs.calendar import read_calendar

    calendar, problems = read_calendar(data)
    if problems:
        raise InputError(
            "calendar.toml ผิด จึงไม่รู้ว่าใครอนุมัติได้ — แก้ไขตามรายการข้างต้น",
            "calendar.toml is wrong, so it is not known who may approve; mend it as listed.",
            problems,
        )
    return calendar.approvers


# ----------------------------------------------------------------------------------------------------
# ``reporter send``: the issue by e-mail to ``recipients.csv``, each recipient exactly once.
# ----------------------------------------------------------------------------------------------------


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
def send_command(
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
        clock=sending.Clock(now_in_bangkok, time.sleep),
        say=lambda thai, english: say(thai, english, line=True),
    )
    sending.send(request)


# ----------------------------------------------------------------------------------------------------
# ``reporter publish``: a built issue into the static website.
# ----------------------------------------------------------------------------------------------------


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
def publish_command(
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

    now = now_in_bangkok()
    if rebuild:
        page = make_again(site, data=data, out=out, now=now)
        say(f"สร้างหน้าที่ได้จากคลังใหม่แล้ว: {page}", f"Made everything derived from the archive again: {page}")
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
        taken = take_back(request, version, withdraw)
        if taken.is_new:
            say(f"ถอนฉบับที่ {version} แล้ว: {taken.page}", f"Version {version} is withdrawn: {taken.page}")
        else:
            say(
                f"ฉบับที่ {version} ถอนไว้แล้ว เหตุผลและวันที่เดิมคงอยู่: {taken.page}",
                f"Version {version} was withdrawn before; its reason and date stay: {taken.page}",
            )
        return
    published = publish(request)
    if published.is_new:
        say(f"เผยแพร่แล้ว: {published.page}", f"Published: {published.page}")
    else:
        say(
            f"ฉบับนี้เผยแพร่แล้วที่ {published.page} ไม่มีสิ่งใดเปลี่ยน",
            f"Already published at {published.page}; the issue's files are as they were.",
        )
    for thai, english in published.notes:
        click.echo(f"{thai} — {english}")


# ----------------------------------------------------------------------------------------------------
# ``reporter pack``: what reviewers outside the ministry need to check an issue's numbers.
# ----------------------------------------------------------------------------------------------------


@click.command("pack")
@quarter_option(required=True)
@data_option
@out_option
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="แฟ้ม ZIP ปกติคือ OUT/exports/reviewers-QUARTER.zip — where the archive goes.",
)
@click.option(
    "--with-answers",
    "has_answers",
    is_flag=True,
    help="รวมคำตอบรายบุคคลของแบบสำรวจ สำหรับผู้มีสิทธิ์เท่านั้น — with single answers, for those who may have them.",
)
def pack_command(quarter: str, data: Path, out: Path, target: Path | None, has_answers: bool) -> None:
    """ชุดสำหรับผู้ทรงคุณวุฒิ: วิธี ข้อมูล โปรแกรม และสคริปต์คำนวณซ้ำ — method, data, code and a replication script for reviewers."""
    from reporter.delivery import reviewers

    name = iso(parse_quarter(quarter))
    target = target or out / "exports" / f"reviewers-{name}.zip"
    count = reviewers.write(out / name, data, target, has_answers=has_answers)
    say(f"{target}: {count:,} แฟ้ม", f"{target}: {count:,} files")


# ----------------------------------------------------------------------------------------------------
# ``reporter verify``: check a built issue against its manifest, and by rebuilding it.
# ----------------------------------------------------------------------------------------------------

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
def verify_command(
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
            say("บันทึกการเผยแพร่มีค่าแฮชนี้", "The release log holds this head.")
        if site is None and not head:
            raise UsageError(
                "ระบุโฟลเดอร์ของฉบับ (out/2025-Q3) หรือ --site",
                "Name an issue's folder (out/2025-Q3), or --site.",
            )
        return
    folder = folder.resolve()
    content = manifest.read(folder)
    _refuse(folder, manifest.changed_files(folder, content))
    release_log.require_approved_bytes(folder)
    say(
        f"แฟ้มทั้ง {len(content['outputs'])} ตรงกับ manifest",
        f"All {len(content['outputs'])} files fit the manifest.",
    )
    if head:
        release_log.require_head(folder.parent, head)
    _tell_state(folder)
    if rebuild:
        _refuse(folder, _differences(content, folder, data))
        say("สร้างใหม่แล้วได้ไบต์เดียวกันทุกแฟ้ม", "A rebuild gives the same bytes in every file.")


def _check_site(site: Path, out: Path) -> None:
    """Every published byte against its checksum, the archive against the release log, every link of every page."""
    from reporter.delivery.site.archive import records
    from reporter.delivery.site.tree import dead_links, require_as_logged, require_unchanged

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
    say(
        f"คลังครบ: {versions} ฉบับ {files} แฟ้มตรงค่าตรวจสอบ {links} ลิงก์ไม่มีที่เสีย",
        f"The archive is whole: {versions} version(s), {files} files as published, {links} links, none dead.",
    )


def _tell_state(folder: Path) -> None:
    """Every event of this issue, from a log whose chain holds. Raises StateError for an edited log."""
    from reporter.delivery import release_log

    for entry in release_log.events(folder):
        note = f" ({entry.note})" if entry.note else ""
        click.echo(f"{entry.when_in_bangkok} {_EVENTS[entry.event]} {entry.event}: {entry.who}{note}")
    state = release_log.state(folder)
    say(f"สถานะ: {_STATES[state]}", f"state: {state}; the release log is whole.", line=True)


def _differences(content: Mapping[str, Any], folder: Path, data: Path) -> list[str]:
    """Outputs of a rebuild that differ from the recorded ones; inputs that changed are named instead."""
    from reporter.commands import ANNEXES
    from reporter.pipeline import build, issue_cache, manifest
    from reporter.runtime.program import Silent

    if changed := _changed_inputs(content, folder, data):
        return changed
    with tempfile.TemporaryDirectory(prefix="reporter-verify-") as scratch:
        _lend_earlier_issues(content, folder, Path(scratch))
        names = {entry["path"] for entry in content["outputs"]}
        request = issue_cache.BuildRequest(
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


# ----------------------------------------------------------------------------------------------------
# ``reporter bounces``: reports of failed deliveries into the ledger of sent mail.
# ----------------------------------------------------------------------------------------------------


@click.command("bounces")
@click.argument("path", type=click.Path(path_type=Path))
@out_option
def bounces_command(path: Path, out: Path) -> None:
    """อ่านจดหมายตีกลับ (แฟ้ม โฟลเดอร์ หรือ Maildir) ลงทะเบียนการส่ง — read bounces into the ledger of sent mail."""
    from reporter.delivery.mail.ledger import take_in_bounces

    taken = take_in_bounces(path, out, when=now_in_bangkok().isoformat(timespec="seconds"))
    for item in taken:
        told = (
            f"<{item.bounce.address}> {item.bounce.action} {item.bounce.status} {item.bounce.words}".rstrip()
        )
        if item.sent is not None:
            say(f"ตีกลับ {' '.join(item.sent)}: {told}", "came back", line=True)
        elif item.bounce.action == "failed":
            say(f"ไม่ใช่จดหมายที่ระบบนี้ส่ง: {told}", "not a message that the ledger sent", line=True)
        else:
            say(f"ไม่เปลี่ยนทะเบียน: {told}", "the ledger stays as it is", line=True)
    known = sum(item.sent is not None for item in taken)
    say(
        f"พบรายงาน {len(taken)} รายการ บันทึกว่าตีกลับ {known} ราย",
        f"{len(taken)} report(s) found, {known} recipient(s) marked as bounced.",
    )
    if known:
        say(
            "แก้ recipients.csv แล้วสั่ง reporter send --retry-failed",
            "Mend recipients.csv, then run reporter send --retry-failed.",
        )
