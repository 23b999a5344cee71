"""Counts the expensive steps of a build and the files that it opens: numbers that no busy machine changes, as seconds are."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reporter import figures
from reporter.index import joint_model, seasonal
from reporter.pdf.worker_process import WorkerProcess
from reporter.qa import truth


class Opened:
    """The files below a folder that Python opens while it is at work, by path within the folder."""

    def __init__(self, folder: Path) -> None:
        self._start = f"{folder}/"
        self._paths: list[str] | None = None
        sys.addaudithook(self._hear)  # stays for good, silent when nobody asks

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and self._paths is not None and str(arguments[0]).startswith(self._start):
            self._paths.append(str(arguments[0]).removeprefix(self._start))

    def by(self, work: Callable[[], object]) -> list[str]:
        """The paths that ``work`` opens, once for each time."""
        self._paths = []
        work()
        found, self._paths = self._paths, None
        return found


@contextlib.contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts what a build in this process does meanwhile.

    x13        series that the seasonal adjustment runs on
    index      times that the index model is solved
    chart      charts drawn
    claims     chapters whose claims are derived again
    Measure, Lay, Draw   chapters measured, parts of the PDF laid out and drawn by the typesetter
    """
    counts: Counter[str] = Counter()

    def counting(function: Callable[..., Any], name: Callable[..., tuple[str, int]]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            key, times = name(*given)
            counts[key] += times
            return function(*given, **named)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for holder, attribute, name in (
            (seasonal, "_execute", lambda folder, names: ("x13", len(names))),
            (joint_model.Posterior, "__init__", lambda *_: ("index", 1)),
            (figures, "_draw", lambda *_: ("chart", 1)),
            (truth, "check_chapter", lambda *_: ("claims", 1)),
            (WorkerProcess, "ask", lambda worker, request: (type(request).__name__, 1)),
        ):
            patch.setattr(holder, attribute, counting(getattr(holder, attribute), name))
        yield counts
