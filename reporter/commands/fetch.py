"""``reporter fetch``: from the data services and the dropped files into the workspace's store."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reporter.commands import data_option, quarter_option
from reporter.domain.errors import ReporterError, StateError, UsageError
from reporter.domain.periods import parse_quarter
from reporter.inputs.declared import load as load_declarations
from reporter.inputs.names import known_series
from reporter.runtime.atomic import disk_errors
from reporter.runtime.progress import progress
from reporter.sources import catalogue as catalogues
from reporter.sources import dropped
from reporter.sources.answers import Row
from reporter.sources.fetching import Outcome, Run, Source, fetch_request, parse_source, take_in, take_source

_BANGKOK = dt.timezone(dt.timedelta(hours=7))
_STATUS = {"fetched": "ได้ fetched", "failed": "ล้มเหลว failed", "skipped": "เคยรับแล้ว known"}


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
def command(
    sources: tuple[str, ...], quarter: str | None, data: Path, as_csv: bool, only_dropped: bool
) -> None:
    """ดึงข้อมูลจากบริการเข้าคลังของโฟลเดอร์งาน — fetch from the data services into the workspace's store.

    ไม่ระบุ SOURCE: ทุกอนุกรมที่ประกาศไว้ และไฟล์ใน incoming/ — without SOURCE: every declared series and dropped file.
    SOURCE: รหัสอนุกรมหรือบริการ (bot, nso), mol:RESOURCE_ID หรือ govspending:SERVICE?param=value
    """
    declared = catalogues.load(data)
    today = dt.datetime.now(_BANGKOK).date()
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


def _as_it_is(source: Source, data: Path, as_csv: bool) -> int:
    """One data set: snapshot, and its rows as CSV where asked for. Returns the exit status."""
    name = f"{source.service.id}:{source.dataset.id}"
    for stranger in source.unknown:
        click.echo(
            f"{name} คู่มือไม่มีพารามิเตอร์ {stranger} ส่งไปตามที่เขียน — the manual knows no {stranger}; sent as written",
            err=True,
        )
    try:
        with disk_errors(data / "snapshots"):
            taken, kept = take_source(source, data)
    except ReporterError as error:
        click.echo(_line(error), err=True)
        return error.exit_status
    if as_csv:
        click.echo(rows_csv(taken.rows), nl=False)
    click.echo(
        f"{name} ได้ {len(taken.rows):,} แถว {len(taken.answers)} หน้า เก็บที่ {kept.id} — "
        f"{len(taken.rows):,} rows, {len(taken.answers)} page(s)",
        err=as_csv,
    )
    return 0


def _into_the_store(
    declared: catalogues.Catalogue,
    data: Path,
    named: list[str],
    until: dt.date,
    *,
    only_dropped: bool = False,
) -> int:
    """Declared series and dropped files; the summary; the exit status."""
    declarations = load_declarations(data)
    catalogues.refuse_unknown_series(declared, known_series(declarations))
    run = Run(
        catalogue=declared,
        groups=declarations.groups,
        root=data,
        environment=os.environ,
        clock=lambda: dt.datetime.now(_BANGKOK),
        until=until,
    )
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
    return f"{error.th} — {error.en}"


def summary(outcomes: list[Outcome]) -> str:
    """The run as a table: new, revised, unchanged values, rows, newest period, days late, status."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="")
    columns = (
        "แหล่ง series",
        "ใหม่ new",
        "ปรับ revised",
        "คงเดิม same",
        "แถว rows",
        "ล่าสุด newest",
        "ช้า(วัน) late",
        "ผล result",
    )
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if 0 < number < 5 or number == 6 else "left", no_wrap=True)
    for outcome in outcomes:
        numbers = (outcome.added.new, outcome.added.revised, outcome.added.unchanged, outcome.rows)
        late = str(outcome.days_late) if outcome.days_late else ""
        table.add_row(outcome.id, *(f"{n:,}" for n in numbers), outcome.newest, late, _STATUS[outcome.status])
    text = io.StringIO()
    console = Console(file=text, width=max(100, _terminal_width()), color_system=None)
    console.print(table)
    counts = pd.Series([outcome.status for outcome in outcomes]).value_counts()
    total = ", ".join(f"{_STATUS[status]} {counts.get(status, 0)}" for status in _STATUS)
    return "\n".join(line.rstrip() for line in [*text.getvalue().splitlines(), total])


def _terminal_width() -> int:
    return os.get_terminal_size().columns if sys.stdout.isatty() else 140


def rows_csv(rows: list[Row]) -> str:
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
