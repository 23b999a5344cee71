"""``reporter check``: every finding of every input, before anything is computed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from reporter.commands import data_option, quarter_option
from reporter.domain.errors import Finding, in_order

if TYPE_CHECKING:
    import pandas as pd

    from reporter.inputs.waivers import Ruling

_WORDS = {
    "error": ("ข้อผิดพลาด", "error"),
    "warning": ("คำเตือน", "warning"),
    "note": ("ข้อสังเกต", "note"),
}


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
def command(
    context: click.Context, quarter: str | None, data: Path, shape: str, draft: bool, marked: bool
) -> None:
    """ตรวจข้อมูลนำเข้าทั้งหมด — validate all inputs; exit status 1 when something stops a final issue."""
    from reporter.domain.periods import parse_quarter
    from reporter.inputs import waivers

    period = parse_quarter(quarter) if quarter else None
    found = _findings(data, period, is_final=not draft)
    ruling = waivers.rule_on(found, waivers.read_waivers(data)[0], period, only_inputs=True)
    found = in_order(ruling.findings)
    counts = {severity: sum(finding.severity == severity for finding in found) for severity in _WORDS}
    cells = _cells(data, found)
    if shape == "json":
        findings = [_record(finding, ruling) | {"cell": _cell(finding, cells)} for finding in found]
        click.echo(json.dumps({"counts": counts, "findings": findings}, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(_text(finding, ruling, _cell(finding, cells)))
        click.echo(_summary(counts, len(ruling.unanswered)))
    if marked:
        from reporter.inputs.marking import mark

        for path in mark(data, found, cells):
            click.echo(f"สำเนาที่ระบายสี {path} — marked copy {path}", err=shape == "json")
    if counts["error"] or (ruling.unanswered and not draft):
        context.exit(1)


def _findings(data: Path, quarter: pd.Period | None, *, is_final: bool) -> list[Finding]:
    """Findings of the check; the same as the last time where no file of the workspace has changed since."""
    from reporter.pipeline.issue_cache import InputCheck, checked_inputs
    from reporter.runtime.cache import StageCache

    cache = StageCache(platformdirs.user_cache_path("reporter"))

    def check() -> list[Finding]:
        from reporter.checks import check_workspace

        return check_workspace(data, quarter, is_final=is_final, cache=cache)

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
    th, en = _WORDS[finding.severity]
    shown = dataclasses.replace(finding, column=cell) if cell else finding
    text = f"[{th} {en}] {shown}"
    if finding in ruling.unanswered:
        text += (
            f"\n  แก้ไข หรือให้ผู้รับผิดชอบรับรองใน waivers.toml (รหัส {finding.id})"
            f"\n  Mend it, or let somebody answer for it in waivers.toml (finding {finding.id})"
        )
    elif waiver := ruling.answered.get(finding):
        text += f"\n  รับรองโดย {waiver.by}: {waiver.reason}\n  Answered for by {waiver.by}"
    return text


def _summary(counts: dict[str, int], unanswered: int) -> str:
    th = " ".join(f"{_WORDS[severity][0]} {count:,}" for severity, count in counts.items())
    en = ", ".join(f"{count:,} {severity}(s)" for severity, count in counts.items())
    if unanswered:
        th += f" ต้องมีผู้รับรอง {unanswered:,}"
        en += f", {unanswered:,} to be answered for before --final"
    return f"ตรวจแล้ว: {th}\nChecked: {en}."
