"""From a workspace to a built issue and out of it: ``init``, ``sample``, ``check``, ``build``, ``doctor``, ``run``; ``export``; the desk."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from reporter.commands import (
    ANNEXES,
    data_option,
    out_option,
    quarter_option,
    workspace_option,
)
from reporter.domain.errors import (
    SEVERITIES,
    Finding,
    InputError,
    UsageError,
    in_order,
    severity_counts,
)
from reporter.runtime.messages import say, told, worded

if TYPE_CHECKING:
    import pandas as pd

    from reporter.desk.server import Proxy
    from reporter.inputs.workspace import Ruling


@click.command("build")
@quarter_option(required=True)
@data_option
@out_option
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="จำนวนโปรเซสที่ทำงานพร้อมกัน — worker processes.",
)
@click.option(
    "--final", "is_final", is_flag=True, help="ฉบับจริง: หยุดเมื่อ QA พบข้อผิดพลาด — stop on any QA error."
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    help="ใช้ข้อมูลเท่าที่รู้ ณ วันที่นี้ (2025-11-15) — use what was known on that day.",
)
@click.option(
    "--version",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="ลำดับฉบับ: 2 ขึ้นไปเป็นฉบับแก้ไข — version of the issue; 2 and later are corrections.",
)
@click.option(
    "--annex",
    "annexes",
    type=click.Choice(ANNEXES),
    multiple=True,
    help="เล่มภาคผนวกเพิ่มเติม: provinces จังหวัดละหนึ่งหน้า, statistics ตัวชี้วัด KILM และ KIP-MOL — further volumes.",
)
@click.option("--no-cache", is_flag=True, help="คำนวณใหม่ทั้งหมด — recompute everything.")
@click.option(
    "--lang",
    type=click.Choice(["th", "en", "both"]),
    help="ภาษาของฉบับ ปกติตาม workspace.toml; en และ both เพิ่มฉบับภาษาอังกฤษ — en and both add the English edition.",
)
def build_command(
    quarter: str,
    data: Path,
    out: Path,
    jobs: int,
    is_final: bool,
    as_of: str | None,
    version: int,
    annexes: tuple[str, ...],
    no_cache: bool,
    lang: str | None,
) -> None:
    """สร้างรายงานทั้งฉบับของหนึ่งไตรมาส — build the whole issue of one quarter."""
    from reporter.domain.periods import now_in_bangkok, parse_quarter
    from reporter.pipeline import build_issue
    from reporter.pipeline.issue_cache import STAGES, BuildRequest, summary
    from reporter.runtime.program import progress, require_libraries

    require_libraries()
    if is_final:
        from reporter.delivery import release_log

        release_log.read_log(out)  # an edited log is told before anything is computed
    request = BuildRequest(
        quarter=parse_quarter(quarter),
        data=data,
        out=out,
        jobs=jobs,
        is_final=is_final,
        as_of=_date(as_of),
        version=version,
        annexes=tuple(sorted(set(annexes))),
        languages={None: (), "th": ("th",)}.get(lang, ("th", "en")),
        cache=None if no_cache else platformdirs.user_cache_path("reporter"),
    )
    with progress(STAGES) as bar:
        built = build_issue(request, bar)
    if is_final:
        release_log.record_check(built.folder, when=now_in_bangkok().isoformat(timespec="seconds"))
    for line in summary(built):
        click.echo(line)


def _date(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f'--as-of "{text}" ไม่ใช่วันที่ — เขียนแบบ 2025-11-15',
            f'--as-of "{text}" is no date; write 2025-11-15.',
        ) from error


# ----------------------------------------------------------------------------------------------------
# ``reporter check``: every finding of every input, before anything is computed.
# ----------------------------------------------------------------------------------------------------


@click.command("check")
@quarter_option(required=False)
@data_option
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="รูปแบบผลลัพธ์ — for people or for programs.",
)
@click.option("--draft", is_flag=True, help="ตรวจสำหรับร่าง: คำตอบที่กฎแก้ให้ได้เป็นคำเตือน — as for a draft.")
@click.option(
    "--mark",
    "marked",
    is_flag=True,
    help="เขียนสำเนาที่ระบายสีเซลล์ที่ต้องแก้ไว้ใน checked/ — copies with the cells coloured.",
)
@click.pass_context
def check_command(
    context: click.Context, quarter: str | None, data: Path, shape: str, draft: bool, marked: bool
) -> None:
    """ตรวจข้อมูลนำเข้าทั้งหมด — validate all inputs; exit status 1 when something stops a final issue."""
    from reporter.domain.periods import parse_quarter
    from reporter.inputs import workspace

    period = parse_quarter(quarter) if quarter else None
    found = _findings(data, period, is_final=not draft)
    ruling = workspace.rule_on(found, workspace.read_waivers(data)[0], period, only_inputs=True)
    found = in_order(ruling.findings)
    counts = severity_counts(found)
    cells = _cells(data, found)
    if shape == "json":
        findings = [_record(finding, ruling) | {"cell": _cell(finding, cells)} for finding in found]
        click.echo(json.dumps({"counts": counts, "findings": findings}, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(_text(finding, ruling, _cell(finding, cells)))
        click.echo(_summary(counts, len(ruling.unanswered)))
    if marked:
        from reporter.inputs.declared import mark

        for path in mark(data, found, cells):
            say(f"สำเนาที่ระบายสี {path}", f"marked copy {path}", err=shape == "json", line=True)
    if counts["error"] or (ruling.unanswered and not draft):
        context.exit(1)


def _findings(data: Path, quarter: pd.Period | None, *, is_final: bool) -> list[Finding]:
    """Findings of the check; the same as the last time where no file of the workspace has changed since."""
    from reporter.pipeline.issue_cache import InputCheck, checked_inputs
    from reporter.runtime.cache import StageCache

    cache = StageCache(platformdirs.user_cache_path("reporter"))

    def check() -> list[Finding]:
        from reporter.checks import check_data

        return check_data(data, quarter, is_final=is_final, cache=cache)

    return checked_inputs(InputCheck(data, quarter, is_final), cache, check)


def _cells(data: Path, found: list[Finding]) -> dict[tuple[str, str], str]:
    """(file, subject) -> cell, for findings about single values of wide tables and dropped files."""
    if not any(
        (finding.subject and "[" in finding.where) or finding.where.endswith((".xlsx", ".xls"))
        for finding in found
    ):
        return {}
    from reporter.domain.errors import ReporterError
    from reporter.inputs.workspace import open_workspace
    from reporter.runtime.cache import StageCache

    try:
        history = open_workspace(data, StageCache(platformdirs.user_cache_path("reporter"))).usable_history()
    except ReporterError:
        return {}  # the findings themselves say why
    placed = history[history["cell"] != ""]
    subjects = placed["indicator"] + " " + placed["group"] + " " + placed["period"]
    return dict(zip(zip(placed["file"], subjects, strict=True), placed["cell"], strict=True))


def _cell(finding: Finding, cells: dict[tuple[str, str], str]) -> str:
    """Name of the cell that a finding speaks of; "" where it is not known."""
    return cells.get((finding.where, finding.subject), "")


def _record(finding: Finding, ruling: Ruling) -> dict[str, Any]:
    """A finding for programs: its fields, its id, and whether it still needs a waiver."""
    needs = finding in ruling.unanswered
    return {"id": finding.id, **dataclasses.asdict(finding), "needs_waiver": needs}


def _text(finding: Finding, ruling: Ruling, cell: str) -> str:
    th, en = SEVERITIES[finding.severity]
    shown = dataclasses.replace(finding, column=cell) if cell else finding
    text = f"[{worded(th, en, line=True).replace(' — ', ' ')}] {told(shown)}"
    if finding in ruling.unanswered:
        text += "\n  " + worded(
            f"แก้ไข หรือให้ผู้รับผิดชอบรับรองใน waivers.toml (รหัส {finding.id})",
            f"Mend it, or let somebody answer for it in waivers.toml (finding {finding.id})",
        ).replace("\n", "\n  ")
    elif waiver := ruling.answered.get(finding):
        text += "\n  " + worded(
            f"รับรองโดย {waiver.by}: {waiver.reason}", f"Answered for by {waiver.by}: {waiver.reason}"
        ).replace("\n", "\n  ")
    return text


def _summary(counts: dict[str, int], unanswered: int) -> str:
    th = " ".join(f"{words} {counts[severity]:,}" for severity, (words, _) in SEVERITIES.items())
    en = ", ".join(f"{count:,} {severity}(s)" for severity, count in counts.items())
    if unanswered:
        th += f" ต้องมีผู้รับรอง {unanswered:,}"
        en += f", {unanswered:,} to be answered for before --final"
    return worded(f"ตรวจแล้ว: {th}", f"Checked: {en}.")


# ----------------------------------------------------------------------------------------------------
# ``reporter init``: a new workspace, as files or as one Excel workbook.
# ----------------------------------------------------------------------------------------------------


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
def init_command(folder: Path, excel: bool, source: Path | None) -> None:
    """สร้างโฟลเดอร์งานใหม่ (ตัวอย่างอยู่ใน examples/) — make a new workspace; examples stand in examples/."""
    from reporter.domain.errors import UsageError
    from reporter.sample import make_blank

    if source is not None and not excel:
        raise UsageError("--from ใช้กับ --excel เท่านั้น", "--from goes with --excel only.")
    for path in make_blank(folder, excel=excel, source=source):
        click.echo(path.relative_to(folder).as_posix())
    say(
        f"สร้างโฟลเดอร์งานใน {folder} แล้ว อ่าน README.md ในโฟลเดอร์นั้นก่อน แล้วตรวจด้วย reporter check --data {folder}",
        f"Made a workspace in {folder}: read its README.md, then check it with reporter check --data {folder}.",
    )


# ----------------------------------------------------------------------------------------------------
# ``reporter sample``: the synthetic sample workspace.
# ----------------------------------------------------------------------------------------------------


@click.command("sample")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--seed", type=click.IntRange(0), help="เมล็ดสุ่ม ปกติใช้ของตัวอย่าง — the seed; usually the sample's own."
)
@click.option("--force", is_flag=True, help="เขียนทับข้อมูลที่มีอยู่ — overwrite series and surveys that are there.")
def sample_command(folder: Path, seed: int | None, force: bool) -> None:
    """สร้างพื้นที่งานตัวอย่างจากข้อมูลสังเคราะห์ — write the sample workspace (all of it synthetic)."""
    from reporter.sample import SEED, generate

    if generate(folder, seed=SEED if seed is None else seed, force=force):
        say(f"สร้างข้อมูลตัวอย่างใน {folder} แล้ว", f"Wrote the synthetic sample into {folder}.")
    else:
        say(f"ข้อมูลตัวอย่างใน {folder} เป็นปัจจุบันแล้ว", f"The sample in {folder} is up to date.")


# ----------------------------------------------------------------------------------------------------
# ``reporter doctor``: what this machine lacks, before any work is begun.
# ----------------------------------------------------------------------------------------------------

_MARKS = {"good": "ครบ  ok     ", "warning": "เตือน warning", "missing": "ขาด  missing"}


@click.command("doctor")
@data_option
@out_option
@click.option("--json", "as_json", is_flag=True, help="ผลสำหรับโปรแกรม — for programs.")
@click.pass_context
def doctor_command(context: click.Context, data: Path, out: Path, as_json: bool) -> None:
    """ตรวจว่าเครื่องนี้พร้อมหรือไม่ — what this machine lacks; exit status 1 when something is missing."""
    from reporter.delivery import operation
    from reporter.domain.periods import now_in_bangkok

    place = operation.Circumstances(data, out, os.environ, now_in_bangkok())
    checks = list(operation.examine(place))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        for check in checks:
            words = check.th if check.th == check.en else worded(check.th, check.en)
            words = words.replace("\n", "\n" + " " * 27)
            click.echo(f"{_MARKS[check.state]}  {check.name:<11} {words}")
    if any(check.state == "missing" for check in checks):
        context.exit(1)


# ----------------------------------------------------------------------------------------------------
# ``reporter run``: fetch, check, build a draft and tell the analysts; for a scheduler.
# ----------------------------------------------------------------------------------------------------


@click.command("run")
@quarter_option(required=True)
@workspace_option
@out_option
@click.option("--no-fetch", is_flag=True, help="ไม่ดึงข้อมูล ใช้ที่มีอยู่ — build from what is there.")
@click.option(
    "--jobs", type=click.IntRange(1), default=2, show_default=True, help="จำนวนโปรเซส — worker processes."
)
@click.pass_context
def run_command(
    context: click.Context, quarter: str, data: Path, out: Path, no_fetch: bool, jobs: int
) -> None:
    """ดึงข้อมูล ตรวจ สร้างร่าง และแจ้งนักวิเคราะห์ ไม่เผยแพร่ — fetch, check, build a draft, tell the analysts; never publishes."""
    from reporter.delivery import operation
    from reporter.domain.periods import now_in_bangkok, parse_quarter

    plan = operation.Plan(
        quarter=parse_quarter(quarter),
        data=data,
        out=out,
        environment=os.environ,
        now=now_in_bangkok,
        say=lambda thai, english: say(thai, english, line=True),
        fetches=not no_fetch,
        jobs=jobs,
    )
    if status := operation.run(plan):
        context.exit(status)


# ----------------------------------------------------------------------------------------------------
# The desk and the state of a quarter: ``desk``, ``status`` and ``new-quarter``.
# ----------------------------------------------------------------------------------------------------


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
    from reporter.domain.periods import iso, parse_quarter, today_in_bangkok
    from reporter.inputs.workspace import require_workspace

    require_workspace(data)
    listening = server.bind(port)
    chosen = iso(parse_quarter(quarter)) if quarter else server.current_quarter(data, out, today_in_bangkok())
    desk = server.Desk(
        data.resolve(),
        out.resolve(),
        chosen,
        port=listening.getsockname()[1],
        site=site.resolve() if site else None,
        proxy=_proxy(origin, user_header) if origin else None,
    )
    say(
        f"โต๊ะงานเปิดที่ {desk.address} (หยุดด้วย Ctrl+C)",
        "The desk is open there; stop it with Ctrl+C.",
        line=True,
    )
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
    from reporter.domain.periods import now_in_bangkok, parse_quarter, today_in_bangkok

    if not data.is_dir():
        raise InputError(
            f"ไม่พบโฟลเดอร์ {data} — ตรวจค่า --data หรือสร้างด้วย reporter init",
            f"There is no folder {data}; check --data, or make one with reporter init.",
        )
    chosen = parse_quarter(quarter or server.current_quarter(data, out, today_in_bangkok()))
    found = status.standing(data, out, chosen, now_in_bangkok(), with_findings=not no_check)
    click.echo(status.as_json(found) if as_json else status.as_text(found))


@click.command("new-quarter")
@quarter_option(required=True)
@workspace_option
def new_quarter_command(quarter: str, data: Path) -> None:
    """เปิดไตรมาสใหม่: โครงข้อความวิเคราะห์ และรายการที่ครบกำหนด — begin a quarter: skeleton of the text, and what is due."""
    from reporter.desk import status
    from reporter.domain.periods import iso, now_in_bangkok, parse_quarter

    period = parse_quarter(quarter)
    made = status.new_quarter(data, period, now_in_bangkok())
    for path in made.written:
        say(f"เขียน {path}", "wrote it", line=True)
    for path in made.kept:
        say(f"มี {path} อยู่แล้ว", "is there and stays as it is", line=True)
    say(f"ข้อมูลที่ยังไม่มาสำหรับ {iso(period)}: {len(made.due)} รายการ", "series still to come", line=True)
    for one in made.due:
        click.echo(
            f"  {one.due or '–':<10} {one.source:<10} {one.id} {worded(one.name_th, one.name_en, line=True)} ({one.newest or '–'})"
        )


# ----------------------------------------------------------------------------------------------------
# ``reporter export``: a built issue in the formats that ministries and analysts work with (docs/exports.md).
# ----------------------------------------------------------------------------------------------------

# Kind -> module and function of ``reporter.exports`` that makes its files; by name, so that --help needs no heavy import.
EXPORTS = {
    "docx": ("docx", "files"),
    "pptx": ("pptx", "files"),
    "dta": ("data_files", "stata_files"),
    "parquet": ("data_files", "parquet_files"),
    "sdmx": ("data_files", "sdmx_files"),
    "json": ("data_files", "json_files"),
    "charts": ("", "chart_files"),
}


@click.command("export")
@quarter_option(required=True)
@click.argument("kind", metavar="KIND", type=click.Choice(tuple(EXPORTS)))
@data_option
@out_option
@click.option(
    "--lang",
    type=click.Choice(["th", "en"]),
    default="th",
    show_default=True,
    help="ภาษาของเอกสาร — language of the document.",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    help="โฟลเดอร์ปลายทาง ปกติคือ OUT/exports/QUARTER — where the files go.",
)
def export_command(quarter: str, kind: str, data: Path, out: Path, lang: str, target: Path | None) -> None:
    """แปลงฉบับที่สร้างแล้วเป็น docx pptx dta parquet sdmx json charts — a built issue as KIND: docx, pptx, dta, parquet, sdmx, json or charts."""
    from reporter.domain.periods import iso, parse_quarter
    from reporter.exports import read_issue

    name = iso(parse_quarter(quarter))
    workspace = data if data.is_dir() else None
    issue = read_issue(out / name, "en" if lang == "en" else "th", workspace)
    module, function = EXPORTS[kind]
    make = getattr(importlib.import_module(f"reporter.exports.{module}".rstrip(".")), function)
    for file, content in make(issue).items():
        path = (target or out / "exports" / name) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(str(path))
