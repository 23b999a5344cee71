"""One module per command; ``reporter.cli`` finds them by listing this folder. Each has a click command named ``command``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

ANNEXES = (
    "provinces",
)  # volumes that ``reporter.report.annexes`` can make; named here so that --help needs no heavy import

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="โฟลเดอร์งาน — the workspace.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="โฟลเดอร์ผลลัพธ์ — where issues are built.",
)


def quarter_option(*, required: bool) -> Callable[[Any], Any]:
    """``-q``/``--quarter``, as users write a quarter: 2025-Q3, 2568-Q3 or 3/2568."""
    return click.option(
        "-q",
        "--quarter",
        required=required,
        metavar="QUARTER",
        help="ไตรมาส: 2025-Q3, 2568-Q3 หรือ 3/2568 — the quarter.",
    )
