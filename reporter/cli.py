"""The command line: arguments and messages only. ``reporter.commands.MODULES`` lists the module of each command."""

from __future__ import annotations

import ast
import errno
import gc
import importlib
import os
import sys
from itertools import pairwise
from pathlib import Path

import click

from reporter import __version__
from reporter.commands import MODULES
from reporter.domain.errors import ReporterError
from reporter.runtime import messages

_COMMANDS = Path(__file__).parent / "commands"
# A build makes millions of objects that live as long as it does. Looking for unreachable ones as often as Python
# does by default takes a tenth of its time.
_COLLECT = (100_000, 50, 1000)


class _Commands(click.Group):
    """Finds the commands in ``reporter.commands`` and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, sorted."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None (click then answers with exit status 2)."""
        if cmd_name not in MODULES:
            return None
        command = getattr(
            importlib.import_module(f"reporter.commands.{MODULES[cmd_name]}"), function_of(cmd_name)
        )
        assert isinstance(command, click.Command)
        return messages.helped(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; before its module is imported, the workspace is named whose colours and words it uses."""
        named = [one.partition("=")[2] for one in args if one.startswith("--data=")]
        named += [after for one, after in pairwise(args) if one == "--data"]
        os.environ["REPORTER_WORKSPACE"] = str(Path(named[-1] if named else "data").absolute())
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands of ``reporter --help``, read from their sources: to import them all takes seconds."""
        parsed = {module: _parsed(module) for module in MODULES.values()}
        rows = [(name, summary(parsed[MODULES[name]], name)) for name in self.list_commands(ctx)]
        with formatter.section(messages.translated("Commands")):
            formatter.write_dl(rows)


def _parsed(module: str) -> ast.Module:
    return ast.parse((_COMMANDS / f"{module}.py").read_text(encoding="utf-8"))


def function_of(name: str) -> str:
    """Name of a command's function: ``new_quarter_command`` for ``new-quarter``."""
    return f"{name.replace('-', '_')}_command"


def summary(module: ast.Module, name: str) -> str:
    """First sentence of the docstring of the command's function."""
    functions = (
        item for item in module.body if isinstance(item, ast.FunctionDef) and item.name == function_of(name)
    )
    docstring = next((ast.get_docstring(item) for item in functions), None) or ""
    return messages.half(" ".join(docstring.partition("\n\n")[0].split()).removesuffix("."))


def _choose(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    messages.choose(value)


@click.command(cls=_Commands)
@click.version_option(__version__)
@click.option(
    "--messages",
    type=click.Choice(messages.LANGUAGES),
    callback=_choose,
    is_eager=True,
    expose_value=False,
    help="ภาษาของข้อความ: both, th หรือ en — the language of messages.",
)
def cli() -> None:
    """รายงานภาวะแรงงานรายไตรมาส — the quarterly labour-market report, from a workspace to a published issue."""


def show_error(error: ReporterError) -> None:
    """Print an error and its findings to standard error: the place, Thai, English."""
    for finding in error.findings:
        click.echo(messages.told(finding), err=True)
    messages.say(error.th, error.en, err=True)


def _of_the_machine(error: OSError | MemoryError) -> ReporterError:
    """What the disk or the memory refused, in words; outputs are written whole or not at all, so none is harmed."""
    if isinstance(error, MemoryError):
        return ReporterError(
            "หน่วยความจำไม่พอ — ปิดโปรแกรมอื่นหรือลด --jobs แล้วสั่งใหม่",
            "Out of memory; close other programs or lower --jobs, and run again.",
        )
    place = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ReporterError(
            f"พื้นที่ดิสก์เต็ม{place} — ผลลัพธ์เดิมยังอยู่ครบ ล้างพื้นที่ (รวมทั้งโฟลเดอร์ชั่วคราว) แล้วสั่งใหม่",
            f"The disk is full{place}; earlier outputs are intact. Free space (temporary folder too) and run again.",
        )
    return ReporterError(
        f"ระบบไฟล์ปฏิเสธ{place} ({error.strerror or error}) — ตรวจสิทธิ์และดิสก์ แล้วสั่งใหม่",
        f"The file system refused{place} ({error.strerror or error}); check rights and disk, and run again.",
    )


def unsupported_system() -> tuple[str, str] | None:
    """A Thai and an English line where the operating system cannot run the program; None where it can."""
    if sys.platform != "win32":
        return None
    return (
        "Windows: โปรแกรมนี้ทำงานบน Linux — ใช้ WSL (wsl --install แล้วทำตาม docs/operation.md) หรือคอนเทนเนอร์ (docker run ดู docs/operation.md)",
        "Windows: this program runs on Linux. Use WSL (wsl --install, then docs/operation.md) or the container (docker run, docs/operation.md).",
    )


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end with the exit status of the contract; no traceback for what a user can cause."""
    gc.set_threshold(*_COLLECT)
    messages.choose(None)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if lines := unsupported_system():
        messages.say(*lines, err=True)
        sys.exit(1)
    try:
        # Outside its standalone mode click hands back the status of a command's own exit.
        status = cli.main(arguments, prog_name="reporter", standalone_mode=False)
        if isinstance(status, int) and status:
            sys.exit(status)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        messages.say("ยกเลิกแล้ว", "Cancelled.", err=True)
        sys.exit(130)
    except ReporterError as error:
        show_error(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (OSError, MemoryError) as error:
        show_error(_of_the_machine(error))
        sys.exit(1)
