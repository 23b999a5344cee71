"""The commands, by the module that holds them. Command ``x`` is the click command ``x_command`` of its module."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from reporter.domain.errors import InputError

# Which module a command stands in: ``reporter.cli`` imports only the one that is called.
MODULES = {
    "init": "build",
    "sample": "build",
    "check": "build",
    "build": "build",
    "doctor": "build",
    "run": "build",
    "fetch": "inputs",
    "sources": "inputs",
    "vintages": "inputs",
    "indicators": "inputs",
    "map": "inputs",
    "models": "survey",
    "survey": "survey",
    "approve": "release",
    "send": "release",
    "publish": "release",
    "verify": "release",
    "pack": "release",
    "bounces": "release",
    "export": "build",
    "desk": "build",
    "status": "build",
    "new-quarter": "build",
}
ANNEXES = (
    "provinces",
    "statistics",
)  # volumes that ``reporter.report.annexes`` can make; named here so that --help needs no heavy import


def _given_folder(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """A folder that was named must be there; the usual one may be missing where a command can do without."""
    if context.get_parameter_source(str(parameter.name)) is not ParameterSource.DEFAULT:
        _require_folder(value)
    return value


def _existing_folder(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    _require_folder(value)
    return value


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(
            f"ไม่พบโฟลเดอร์ {folder} — ตรวจค่า --data หรือสร้างด้วย reporter init",
            f"There is no folder {folder}; check --data, or make one with reporter init.",
        )


def _data_option(check: Callable[[click.Context, click.Parameter, Path], Path]) -> Callable[[Any], Any]:
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=Path("data"),
        show_default=True,
        callback=check,
        help="โฟลเดอร์งาน — the workspace.",
    )


data_option = _data_option(_given_folder)
# Where the workspace says what must not happen (embargo, approvers), doing without it would be dangerous.
workspace_option = _data_option(_existing_folder)
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
