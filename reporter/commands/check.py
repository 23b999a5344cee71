"""``reporter check``: every finding of every input, before anything is computed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from reporter.errors import Finding
from reporter.options import data_option, quarter_option
from reporter.periods import parse_quarter

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
@click.pass_context
def command(context: click.Context, quarter: str | None, data: Path, shape: str, draft: bool) -> None:
    """ตรวจข้อมูลนำเข้าทั้งหมด — validate all inputs; prints every finding, exit status 1 when one is an error."""
    from reporter.checks import check_workspace

    found = check_workspace(data, parse_quarter(quarter) if quarter else None, is_final=not draft)
    counts = {severity: sum(finding.severity == severity for finding in found) for severity in _WORDS}
    if shape == "json":
        findings = [dataclasses.asdict(finding) for finding in found]
        click.echo(json.dumps({"counts": counts, "findings": findings}, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(_text(finding))
        click.echo(_summary(counts))
    if counts["error"]:
        context.exit(1)


def _text(finding: Finding) -> str:
    th, en = _WORDS[finding.severity]
    return f"[{th} {en}] {finding}"


def _summary(counts: dict[str, int]) -> str:
    th = " ".join(f"{_WORDS[severity][0]} {count:,}" for severity, count in counts.items())
    en = ", ".join(f"{count:,} {severity}(s)" for severity, count in counts.items())
    return f"ตรวจแล้ว: {th}\nChecked: {en}."
