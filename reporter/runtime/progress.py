"""Progress of a long command: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol

import click


class Progress(Protocol):
    """What stages report to."""

    def stage(self, th: str, en: str) -> None:
        """Say that the next stage begins."""


class Silent:
    """Reports nothing; for tests and library use."""

    def stage(self, th: str, en: str) -> None:
        """Do nothing."""


class _Lines:
    """One line per stage, for pipes and log files."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def stage(self, th: str, en: str) -> None:
        self._done += 1
        click.echo(f"[{self._done}/{self._total}] {th} — {en}", err=True)


class _Bar:
    """A bar that names the stage in hand; it is there from the first stage on, and with it the thread that draws it."""

    def __init__(self, bar: object, task: object) -> None:
        self._bar, self._task, self._started = bar, task, False

    def stage(self, th: str, en: str) -> None:
        self._bar.start()  # type: ignore[attr-defined]
        self._bar.update(self._task, description=th, advance=1 if self._started else 0)  # type: ignore[attr-defined]
        self._started = True


@contextlib.contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Show the progress of ``total`` stages on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=total)
    try:
        yield _Bar(bar, task)
        bar.update(task, completed=total)
    finally:
        bar.stop()
