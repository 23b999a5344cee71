"""What goes into a workspace: ``reporter fetch``, ``vintages``, ``indicators``, ``map`` and ``sources``."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pandas as pd

from reporter.commands import data_option, quarter_option
from reporter.domain.errors import ReporterError, StateError, UsageError
from reporter.domain.periods import now_in_bangkok, parse_quarter, today_in_bangkok
from reporter.inputs import vintages
from reporter.inputs.declared import load as load_declarations
from reporter.inputs.schema import known_series
from reporter.runtime.cache import disk_errors
from reporter.runtime.messages import label, language, say, worded
from reporter.sources import answers, dropped, fetching
from reporter.sources import catalogue as catalogues
from reporter.sources.answers import AnswerRow
from reporter.sources.fetching import (
    FetchRun,
    NamedDataSet,
    Outcome,
    fetch_request,
    parse_source,
    take_in,
    take_source,
)

if TYPE_CHECKING:
    import pandas as pd

    from reporter.domain.declarations import Declarations
    from reporter.sources.proposal import Proposal


_STATUS = {"fetched": ("ได้", "fetched"), "failed": ("ล้มเหลว", "failed"), "skipped": ("เคยรับแล้ว", "known")}


@click.command("fetch")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@quarter_option(required=False)
@data_option
@click.option(
    "--csv", "as_csv", is_flag=True, help="พิมพ์แถวของชุดข้อมูลเป็น CSV — print a data set's rows as CSV."
)
@click.option(
    "--dropped",
    "only_dropped",
    is_flag=True,
    help="อ่านเฉพาะไฟล์ใน incoming/ ไม่เรียกบริการ — dropped files only, no service.",
)
def fetch_command(
    sources: tuple[str, ...], quarter: str | None, data: Path, as_csv: bool, only_dropped: bool
) -> None:
    """ดึงข้อมูลจากบริการเข้าคลังของโฟลเดอร์งาน — fetch from the data services into the workspace's store.

    ไม่ระบุ SOURCE: ทุกอนุกรมที่ประกาศไว้ และไฟล์ใน incoming/ — without SOURCE: every declared series and dropped file.

    SOURCE: รหัสอนุกรมหรือบริการ (bot, nso), mol:RESOURCE_ID หรือ govspending:SERVICE?param=value — an id of a series or a service
    (bot, nso), mol:RESOURCE_ID or govspending:SERVICE?param=value.
    """
    declared = catalogues.load(data)
    today = today_in_bangkok()
    raw = [parse_source(text, declared, today) for text in sources if ":" in text]
    named = [text for text in sources if ":" not in text]
    if as_csv and (named or not raw):
        raise UsageError(
            "--csv ใช้กับ SERVICE:DATASET เท่านั้น", "--csv goes with SERVICE:DATASET only; name a data set."
        )
    if only_dropped and sources:
        raise UsageError("--dropped ใช้กับชื่อแหล่งไม่ได้", "--dropped takes no SOURCE.")
    worst = max((_as_it_is(source, data, as_csv) for source in raw), default=0)
    if named or not raw:
        if not data.is_dir():
            raise StateError(
                f"ไม่มีโฟลเดอร์ {data} — สร้างด้วย reporter init {data}",
                f"There is no folder {data}; make it with reporter init {data}.",
            )
        until = parse_quarter(quarter).end_time.date() if quarter else today
        worst = max(worst, _into_the_store(declared, data, named, until, only_dropped=only_dropped))
    if worst:
        raise click.exceptions.Exit(worst)


def _as_it_is(source: NamedDataSet, data: Path, as_csv: bool) -> int:
    """One data set: snapshot, and its rows as CSV where asked for. Returns the exit status."""
    name = f"{source.service.id}:{source.dataset.id}"
    for stranger in source.unknown:
        say(
            f"{name} คู่มือไม่มีพารามิเตอร์ {stranger} ส่งไปตามที่เขียน",
            f"the manual knows no {stranger}; sent as written",
            err=True,
            line=True,
        )
    try:
        with disk_errors(data / "snapshots"):
            taken, kept = take_source(source, data)
    except ReporterError as error:
        click.echo(_line(error), err=True)
        return error.exit_status
    if as_csv:
        click.echo(rows_csv(taken.rows), nl=False)
    say(
        f"{name} ได้ {len(taken.rows):,} แถว {len(taken.answers)} หน้า เก็บที่ {kept.id}",
        f"{len(taken.rows):,} rows, {len(taken.answers)} page(s)",
        err=as_csv,
        line=True,
    )
    return 0


def _into_the_store(
    declared: catalogues.SourceCatalogue,
    data: Path,
    named: list[str],
    until: dt.date,
    *,
    only_dropped: bool = False,
) -> int:
    """Declared series and dropped files; the summary; the exit status."""
    declarations = load_declarations(data)
    catalogues.refuse_unknown_series(declared, known_series(declarations))
    run = FetchRun(
        catalogue=declared,
        groups=declarations.groups,
        root=data,
        environment=os.environ,
        clock=now_in_bangkok,
        until=until,
    )
    from reporter.runtime.program import progress

    requests = [] if only_dropped else run.requests(named)
    files = [] if named else dropped.files(data)
    outcomes: list[Outcome] = []
    with disk_errors(data / "store"), progress(len(requests) + len(files)) as bar:
        for request in requests:
            bar.stage(request.name.th, request.name.en)
            outcomes.append(fetch_request(run, request))
        for path in files:
            bar.stage(f"รับไฟล์ {path.name}", f"file {path.name}")
            outcomes.append(take_in(run, path))
    click.echo(summary(outcomes))
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    for line in dict.fromkeys(_line(error) for error in failed):
        click.echo(line, err=True)
    return max((error.exit_status for error in failed), default=0)


def _line(error: ReporterError) -> str:
    """An error on one line: a run over many sources is read line by line."""
    return worded(error.th, error.en, line=True)


def summary(outcomes: list[Outcome]) -> str:
    """The run as a table: new, revised, unchanged values, rows, newest period, days late, status."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="")
    columns = (
        ("แหล่ง", "series"),
        ("ใหม่", "new"),
        ("ปรับ", "revised"),
        ("คงเดิม", "same"),
        ("แถว", "rows"),
        ("ล่าสุด", "newest"),
        ("ช้า(วัน)", "late"),
        ("ผล", "result"),
    )
    for number, name in enumerate(columns):
        table.add_column(
            label(*name), justify="right" if 0 < number < 5 or number == 6 else "left", no_wrap=True
        )
    for outcome in outcomes:
        numbers = (outcome.added.new, outcome.added.revised, outcome.added.unchanged, outcome.rows)
        late = str(outcome.days_late) if outcome.days_late else ""
        table.add_row(
            outcome.id, *(f"{n:,}" for n in numbers), outcome.newest, late, label(*_STATUS[outcome.status])
        )
    text = io.StringIO()
    console = Console(file=text, width=max(100, _terminal_width()), color_system=None)
    console.print(table)
    counts = pd.Series([outcome.status for outcome in outcomes]).value_counts()
    total = ", ".join(f"{label(*_STATUS[status])} {counts.get(status, 0)}" for status in _STATUS)
    return "\n".join(line.rstrip() for line in [*text.getvalue().splitlines(), total])


def _terminal_width() -> int:
    return os.get_terminal_size().columns if sys.stdout.isatty() else 140


def rows_csv(rows: list[AnswerRow]) -> str:
    """Rows as CSV: columns in the order in which they first appear; lists and objects as JSON, missing as nothing."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


# ----------------------------------------------------------------------------------------------------
# ``reporter vintages``: the store of vintages, and rebuilding it from the snapshots.
# ----------------------------------------------------------------------------------------------------


@click.group("vintages")
def vintages_command() -> None:
    """คลังข้อมูลตามวันที่รู้ — the store of what was known when."""


@vintages_command.command("list")
@data_option
def list_vintages(data: Path) -> None:
    """แสดงอนุกรมในคลัง — series in the store: values, vintages, newest period, first and last time known."""
    history = vintages.history(data)
    if history.empty:
        say("คลังยังว่าง ดึงข้อมูลด้วย reporter fetch", "the store is empty; fill it with reporter fetch", line=True)
        return
    click.echo("indicator,values,revisions,newest,first_known,last_known")
    for indicator, rows in history.groupby("indicator"):
        keys = rows[["group", "period"]].drop_duplicates()
        known = rows["as_of"].dt.strftime("%Y-%m-%d")
        click.echo(
            f"{indicator},{len(keys)},{len(rows) - len(keys)},{rows['period'].max()},{known.min()},{known.max()}"
        )


@vintages_command.command("deliveries")
@data_option
def deliveries(data: Path) -> None:
    """แสดงการรับข้อมูลแต่ละครั้ง — every delivery: its id, when it came, what for, and whether it was withdrawn."""
    gone = vintages.withdrawn(data)
    click.echo("id,taken,declaration,withdrawn")
    for kept in answers.all_of(data):
        if kept.request:
            at = gone.get(kept.id)
            click.echo(
                f"{kept.id},{kept.taken:%Y-%m-%d %H:%M},{kept.request},{'' if at is None else at.date().isoformat()}"
            )


@vintages_command.command("withdraw")
@click.argument("delivery", metavar="ID")
@click.option("--by", required=True, help="ผู้สั่งถอน — who takes it back.")
@click.option("--reason", required=True, help="เหตุผล — why.")
@data_option
def withdraw(delivery: str, by: str, reason: str, data: Path) -> None:
    """ถอนข้อมูลที่รับมาผิด (บันทึกไว้ใน store/withdrawn.csv) — take a wrong delivery back; recorded."""
    with disk_errors(data / vintages.STORE):
        taken, changed = fetching.withdraw(_run(data), delivery, by.strip(), reason.strip())
    say(f"ถอน {taken} แล้ว ค่าเปลี่ยน {changed:,} ค่า", f"withdrawn: {changed:,} values changed", line=True)


def _run(data: Path) -> fetching.FetchRun:
    now = now_in_bangkok()
    return fetching.FetchRun(
        catalogue=catalogues.load(data),
        groups=load_declarations(data).groups,
        root=data,
        environment=os.environ,
        clock=lambda: now,
        until=now.date(),
    )


@vintages_command.command("rebuild")
@data_option
def rebuild(data: Path) -> None:
    """สร้างคลังใหม่จาก snapshots/ — make the store anew from the snapshots."""
    run = _run(data)
    with disk_errors(data / vintages.STORE):
        snapshots, kept = fetching.rebuild(run)
    say(
        f"สร้างคลังใหม่จาก {snapshots:,} สแนปช็อต ได้ {kept:,} ค่า",
        f"rebuilt from {snapshots:,} snapshots: {kept:,} values",
        line=True,
    )


# ----------------------------------------------------------------------------------------------------
# ``reporter indicators``: the register of series as a table, as CSV or as an Excel file.
# ----------------------------------------------------------------------------------------------------


@click.command("indicators")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@data_option
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "xlsx"]),
    default="table",
    show_default=True,
    help="รูปแบบผลลัพธ์ — for people, programs or Excel.",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("indicators.xlsx"),
    show_default=True,
    help="ชื่อไฟล์ Excel (ใช้กับ --format xlsx) — the Excel file's name.",
)
def indicators_command(words: tuple[str, ...], data: Path, shape: str, target: Path) -> None:
    """แสดงทะเบียนตัวชี้วัด: รหัส ชื่อ หน่วย แหล่ง ค่าล่าสุด กำหนดถัดไป — the register of series: ids, names, newest values.

    WORD: คำที่ต้องการค้นในรหัสหรือชื่อ — words to look for in ids and names; near ones are suggested.
    """
    from reporter.inputs.declared import load, register
    from reporter.inputs.schema import register_of
    from reporter.inputs.workbook import empty_history
    from reporter.inputs.workspace import open_workspace

    has_series = (data / "series").is_dir() or (data / "workspace.xlsx").is_file()
    declarations = load(data if data.is_dir() else None)
    history = open_workspace(data).usable_history() if has_series else empty_history()
    table = register(declarations, history, today_in_bangkok())
    if words:
        text = " ".join(words)
        names = table[["id", "name_th", "name_en"]].astype(str).agg(" ".join, axis=1).str.casefold()
        found = table[[all(word.casefold() in name for word in words) for name in names]]
        if found.empty:
            near = register_of(declarations).nearest(text, count=5)
            say(
                f'''ไม่พบ "{text}" ใกล้เคียงที่สุด: {", ".join(near) or "-"}''',
                "no such series; the nearest are listed",
                err=True,
                line=True,
            )
            found = table[table["id"].isin(near)]
        table = found
    if shape == "csv":
        click.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
    elif shape == "xlsx":
        _write(table, target)
        say(
            f"เขียน {len(table):,} แถวลงใน {target} แล้ว", f"wrote {len(table):,} rows into {target}", line=True
        )
    else:
        click.echo(_shown(table))


def _shown(table: pd.DataFrame) -> str:
    """The register as lines that fit a wide terminal."""
    import io

    from rich.console import Console
    from rich.table import Table

    from reporter.inputs.declared import STATUS

    page = Table(box=None, pad_edge=False, header_style="")
    for name in (
        ("รหัส", "id"),
        ("ชื่อ", "name"),
        ("หน่วย", "unit"),
        ("ความถี่", "frequency"),
        ("แหล่ง", "source"),
        ("ล่าสุด", "last"),
        ("ค่า", "value"),
        ("กำหนด", "due"),
        ("สถานะ", "status"),
    ):
        page.add_column(label(*name), no_wrap=True, justify="right" if name[1] == "value" else "left")
    named = "name_en" if language() == "en" and "name_en" in table else "name_th"
    for row in table.to_dict("records"):
        shown = [str(row[name]) for name in ("id", named, "unit", "frequency", "source", "last_period")]
        value = "" if row["last_value"] != row["last_value"] else f"{row['last_value']:,.10g}"
        page.add_row(*shown, value, str(row["next_due"]), label(*STATUS[row["status"]]))
    text = io.StringIO()
    Console(file=text, width=240, color_system=None).print(page)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _write(table: pd.DataFrame, target: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(target), {"strings_to_formulas": False, "nan_inf_to_errors": False}) as book:
        sheet = book.add_worksheet("indicators")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(table.columns):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(table.itertuples(index=False), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, float):
                    if cell == cell:
                        sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, str(cell))
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        sheet.freeze_panes(1, 1)
        sheet.autofit()


# ----------------------------------------------------------------------------------------------------
# ``reporter map``: a declaration proposed for an agency's file, or a mapping for a survey's export.
# ----------------------------------------------------------------------------------------------------

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
def map_command(file: Path, data: Path, assigned: tuple[str, ...], write: bool) -> None:
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
    from reporter.surveys.file_reader import mapping_text
    from reporter.surveys.responses import recognised_survey

    survey, columns = recognised_survey(file, declarations)
    if not survey:
        return False
    say(
        f"เป็นคำตอบแบบสำรวจ {survey}: รู้จัก {len(columns)} คอลัมน์",
        f"answers of the survey {survey}: {len(columns)} columns known\n",
        line=True,
    )
    text = mapping_text(columns)
    click.echo(text)
    _offer(data / "surveys" / "mappings" / f"{file.stem}.toml", text, write)
    return True


def _agency(file: Path, data: Path, declarations: Declarations, answers: dict[str, str], write: bool) -> None:
    from reporter.inputs.schema import register_of
    from reporter.sources.proposal import fault, preview, propose

    content, register = file.read_bytes(), register_of(declarations)
    proposal = propose(content, file.name, declarations, register, answers)
    if proposal.questions and sys.stdin.isatty() and not write:
        for question in proposal.questions:
            near = ", ".join(question.nearest)
            say(f"“{question.label}” คือตัวชี้วัดใด ใกล้เคียง: {near or '-'}", "which series is it?", line=True)
            answers[question.label] = click.prompt(
                "รหัส (- ไม่ใช้) — id (- for none)", default=(question.nearest or ("-",))[0]
            )
        proposal = propose(content, file.name, declarations, register, answers)
    _tell_questions(proposal)
    text = proposal.toml()
    click.echo(text)
    if error := fault(content, proposal, declarations):
        say("ประกาศนี้ยังอ่านไฟล์ไม่ได้", f"it does not read the file yet:\n{error.th}\n{error.en}", line=True)
        raise click.exceptions.Exit(1)
    found = preview(content, proposal, declarations)
    say(f"จะอ่าน {len(found):,} ค่า", f"it would read {len(found):,} values:", line=True)
    shown = found[["indicator", "group", "period", "value", "flag", "cell"]]
    click.echo(shown.groupby("indicator", sort=False).tail(3).head(_SHOWN).to_string(index=False))
    _offer(data / "sources" / "drop" / f"{proposal.id}.toml", text, write)


def _tell_questions(proposal: Proposal) -> None:
    for question in proposal.questions:
        near = " หรือ ".join(question.nearest)
        say(
            f"ไม่แน่ใจ “{question.label}”{(f' อาจเป็น {near}' if near else '')}: ระบุด้วย --assign '{question.label}=รหัส'",
            "unclear; say it with --assign",
            line=True,
        )


def _offer(path: Path, text: str, write: bool) -> None:
    """Write a declaration that was shown, after asking; never over one that is there."""
    if path.exists():
        say(f"มี {path} อยู่แล้ว ไม่เขียนทับ", f"{path} is there and stays as it is", line=True)
        return
    if not write:
        if not sys.stdin.isatty():
            say(f"สั่งอีกครั้งด้วย --write เพื่อเขียน {path}", f"run again with --write to write {path}", line=True)
            return
        if not click.confirm(f"เขียน {path} หรือไม่ — write it?"):
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    say(f"เขียน {path} แล้ว วางไฟล์ใน incoming/ แล้วสั่ง reporter fetch --dropped", f"wrote {path}", line=True)


# ----------------------------------------------------------------------------------------------------
# ``reporter sources``: where every series comes from.
# ----------------------------------------------------------------------------------------------------


@click.command("sources")
@data_option
@click.option(
    "--as",
    "shape",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="รูปแบบผลลัพธ์ — form of the output.",
)
def sources_command(data: Path, shape: str) -> None:
    """อนุกรมใดมาจากหน่วยงานใด ทางใด และใช้ได้แล้วหรือยัง — who has each series, where, and whether it comes by itself."""
    from reporter.inputs.declared import load
    from reporter.measures import load_annex
    from reporter.sources import catalogue

    root = data if data.is_dir() else None
    rows = catalogue.origins(load(root), load_annex(root), catalogues.load(root))
    write = {"text": catalogue.as_text, "csv": catalogue.as_csv, "json": catalogue.as_json}[shape]
    click.echo(write(rows), nl=False)
