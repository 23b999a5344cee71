"""reporter fetch: from the data services into the workspace's store."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import click

from reporter.atomic import disk_errors
from reporter.errors import ReporterError, UsageError
from reporter.sources import catalogue as catalogues
from reporter.sources.answers import Row
from reporter.sources.fetching import parse_source, take_source


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), help="พื้นที่ทำงาน — the workspace.")
@click.option("--csv", "as_csv", is_flag=True, help="พิมพ์แถวข้อมูลเป็น CSV — print the rows as CSV.")
def command(sources: tuple[str, ...], data: Path, as_csv: bool) -> None:
    """ดึงข้อมูล — fetch from the data services."""
    worst = 0
    declared = catalogues.load(data)
    for text in sources:
        try:
            _as_it_is(text, declared, data, as_csv)
        except UsageError:
            raise
        except ReporterError as error:
            click.echo(f"{error.th} — {error.en}", err=True)
            worst = max(worst, error.exit_status)
    if worst:
        raise click.exceptions.Exit(worst)


def _as_it_is(text: str, declared: catalogues.Catalogue, data: Path, as_csv: bool) -> None:
    """One data set: snapshot, and its rows as CSV where asked for."""
    source = parse_source(text, declared, dt.date.today())
    for name in source.unknown:
        click.echo(
            f"{source.service.id}:{source.dataset.id} ไม่มีพารามิเตอร์ {name} ในคู่มือ ส่งไปตามที่เขียน — "
            f"the manual knows no parameter {name}; sent as written",
            err=True,
        )
    with disk_errors(data / "snapshots"):
        taken, kept = take_source(source, data)
    if as_csv:
        click.echo(rows_csv(taken.rows), nl=False)
    pages = len(taken.answers)
    click.echo(
        f"{source.service.id}:{source.dataset.id} ได้ {len(taken.rows):,} แถว จาก {pages} หน้า เก็บไว้ที่ "
        f"{kept.record.parent.relative_to(data)} — {len(taken.rows):,} rows from {pages} page(s)",
        err=as_csv,
    )


def rows_csv(rows: list[Row]) -> str:
    """Rows as CSV: columns in the order in which they first appear; lists and objects as JSON, missing as nothing."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
