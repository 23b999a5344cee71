"""``reporter map``: a declaration proposed for an agency's file, or a mapping for a survey's export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.commands import data_option

if TYPE_CHECKING:
    from reporter.domain.declarations import Declarations
    from reporter.sources.proposal import Proposal

_SHOWN = 12


@click.command("map")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
@click.option(
    "--assign",
    "assigned",
    multiple=True,
    metavar="LABEL=ID",
    help="ข้อความในไฟล์ = รหัสตัวชี้วัด (- หากไม่ใช้) ใช้ซ้ำได้ — a label of the file is this series; - leaves it out.",
)
@click.option("--write", is_flag=True, help="เขียนประกาศโดยไม่ถาม — write the declaration without fetching.")
def command(file: Path, data: Path, assigned: tuple[str, ...], write: bool) -> None:
    """เสนอวิธีอ่านไฟล์ของหน่วยงานหรือแบบสำรวจ แสดงค่าที่จะอ่านก่อน แล้วจึงเขียนประกาศ — propose how to read a file, show it, write it."""
    from reporter.domain.errors import UsageError
    from reporter.inputs.declared import load

    pairs = [text.rpartition("=") for text in assigned]
    if any(not label or not series for label, _, series in pairs):
        raise UsageError("--assign เขียนแบบ 'ข้อความ=รหัส'", "--assign is written 'LABEL=ID'.")
    declarations = load(data if data.is_dir() else None)
    if _is_survey(file, data, declarations, write):
        return
    _agency(file, data, declarations, {label: series for label, _, series in pairs}, write)


def _is_survey(file: Path, data: Path, declarations: Declarations, write: bool) -> bool:
    """A survey's export: print its mapping, and write it where that is wanted; False for another file."""
    from reporter.domain.errors import InputError
    from reporter.surveys.responses import recognised_columns
    from reporter.surveys.rules import mapping_text

    best: tuple[int, str, dict[str, str]] = (0, "", {})
    for survey, questionnaire in declarations.questionnaires.items():
        try:
            columns = recognised_columns(file, questionnaire)
        except InputError:
            continue
        items = {item.column for item in questionnaire.items}
        if 2 * len(items & set(columns)) > len(items):
            best = max(best, (len(items & set(columns)), survey, columns))
    count, survey, columns = best
    if not count:
        return False
    click.echo(
        f"เป็นคำตอบแบบสำรวจ {survey}: รู้จัก {len(columns)} คอลัมน์ — answers of the survey {survey}: {len(columns)} columns known\n"
    )
    text = mapping_text(columns)
    click.echo(text)
    _offer(data / "surveys" / "mappings" / f"{file.stem}.toml", text, write)
    return True


def _agency(file: Path, data: Path, declarations: Declarations, answers: dict[str, str], write: bool) -> None:
    from reporter.inputs.names import register_of
    from reporter.sources.proposal import fault, preview, propose

    content, register = file.read_bytes(), register_of(declarations)
    proposal = propose(content, file.name, declarations, register, answers)
    if proposal.questions and sys.stdin.isatty() and not write:
        for question in proposal.questions:
            near = ", ".join(question.nearest)
            click.echo(f"“{question.label}” คือตัวชี้วัดใด ใกล้เคียง: {near or '-'} — which series is it?")
            answers[question.label] = click.prompt(
                "รหัส (- ไม่ใช้) — id (- for none)", default=(question.nearest or ("-",))[0]
            )
        proposal = propose(content, file.name, declarations, register, answers)
    _tell_questions(proposal)
    text = proposal.toml()
    click.echo(text)
    if error := fault(content, proposal, declarations):
        click.echo(f"ประกาศนี้ยังอ่านไฟล์ไม่ได้ — it does not read the file yet:\n{error.th}\n{error.en}")
        raise click.exceptions.Exit(1)
    found = preview(content, proposal, declarations)
    click.echo(f"จะอ่าน {len(found):,} ค่า — it would read {len(found):,} values:")
    shown = found[["indicator", "group", "period", "value", "flag", "cell"]]
    click.echo(shown.groupby("indicator", sort=False).tail(3).head(_SHOWN).to_string(index=False))
    _offer(data / "sources" / "drop" / f"{proposal.id}.toml", text, write)


def _tell_questions(proposal: Proposal) -> None:
    for question in proposal.questions:
        near = " หรือ ".join(question.nearest)
        click.echo(
            f"ไม่แน่ใจ “{question.label}”{f' อาจเป็น {near}' if near else ''}: ระบุด้วย --assign '{question.label}=รหัส' — unclear; say it with --assign"
        )


def _offer(path: Path, text: str, write: bool) -> None:
    """Write a declaration that was shown, after asking; never over one that is there."""
    if path.exists():
        click.echo(f"มี {path} อยู่แล้ว ไม่เขียนทับ — {path} is there and stays as it is")
        return
    if not write:
        if not sys.stdin.isatty():
            click.echo(f"สั่งอีกครั้งด้วย --write เพื่อเขียน {path} — run again with --write to write {path}")
            return
        if not click.confirm(f"เขียน {path} หรือไม่ — write it?"):
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"เขียน {path} แล้ว วางไฟล์ใน incoming/ แล้วสั่ง reporter fetch --dropped — wrote {path}")
