"""``reporter export``: a built issue in the formats that ministries and analysts work with (docs/exports.md)."""

from __future__ import annotations

from pathlib import Path

import click

from reporter.commands import data_option, out_option, quarter_option

# Named here so that --help needs no heavy import; tests compare them with reporter.exports.KINDS.
KINDS = ("docx", "pptx", "dta", "parquet", "sdmx", "json", "charts")


@click.command("export")
@quarter_option(required=True)
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
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
    from reporter import exports
    from reporter.domain.periods import iso, parse_quarter

    name = iso(parse_quarter(quarter))
    folder = target or out / "exports" / name
    workspace = data if data.is_dir() else None
    issue = exports.read_issue(out / name, "en" if lang == "en" else "th", workspace)
    for path in exports.write(issue, kind, folder, workspace):
        click.echo(str(path))
