"""``reporter indicators``: the register of series as a table, as CSV or as an Excel file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.commands import data_option

if TYPE_CHECKING:
    import pandas as pd


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
def command(words: tuple[str, ...], data: Path, shape: str, target: Path) -> None:
    """แสดงทะเบียนตัวชี้วัด: รหัส ชื่อ หน่วย แหล่ง ค่าล่าสุด กำหนดถัดไป — the register of series: ids, names, newest values.

    WORD: คำที่ต้องการค้นในรหัสหรือชื่อ — words to look for in ids and names; near ones are suggested.
    """
    from reporter.inputs.declared import load
    from reporter.inputs.names import register_of
    from reporter.inputs.register import register
    from reporter.inputs.workbook_form import empty_history
    from reporter.inputs.workspace import open_workspace

    has_series = (data / "series").is_dir() or (data / "workspace.xlsx").is_file()
    declarations = load(data if data.is_dir() else None)
    history = open_workspace(data).usable_history() if has_series else empty_history()
    table = register(declarations, history, dt.date.today())
    if words:
        text = " ".join(words)
        names = table[["id", "name_th", "name_en"]].astype(str).agg(" ".join, axis=1).str.casefold()
        found = table[[all(word.casefold() in name for word in words) for name in names]]
        if found.empty:
            near = register_of(declarations).nearest(text, count=5)
            click.echo(
                f'ไม่พบ "{text}" ใกล้เคียงที่สุด: {", ".join(near) or "-"} — no such series; the nearest are listed',
                err=True,
            )
            found = table[table["id"].isin(near)]
        table = found
    if shape == "csv":
        click.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
    elif shape == "xlsx":
        _write(table, target)
        click.echo(f"เขียน {len(table):,} แถวลงใน {target} แล้ว — wrote {len(table):,} rows into {target}")
    else:
        click.echo(_shown(table))


def _shown(table: pd.DataFrame) -> str:
    """The register as lines that fit a wide terminal."""
    import io

    from rich.console import Console
    from rich.table import Table

    from reporter.inputs.register import STATUS

    page = Table(box=None, pad_edge=False, header_style="")
    for name in (
        "รหัส id",
        "ชื่อ name",
        "หน่วย unit",
        "ความถี่",
        "แหล่ง",
        "ล่าสุด last",
        "ค่า value",
        "กำหนด due",
        "สถานะ status",
    ):
        page.add_column(name, no_wrap=True, justify="right" if name.endswith("value") else "left")
    for row in table.to_dict("records"):
        shown = [str(row[name]) for name in ("id", "name_th", "unit", "frequency", "source", "last_period")]
        value = "" if row["last_value"] != row["last_value"] else f"{row['last_value']:,.10g}"
        page.add_row(*shown, value, str(row["next_due"]), " ".join(STATUS[row["status"]]))
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
