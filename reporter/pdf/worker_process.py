"""The process that typesets: with our fonts only, no environment but what it needs, a limit on its memory and on its time.

Goes in: ``Setup``, then the requests ``Lay`` and ``Draw``. Comes out: their answers, ``Laid`` and ``Drawn``. When the process ends by itself or runs out of time, the
request in hand raises ``EndedError`` with the reason.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reporter.domain.declarations import WORKSPACE, asset
from reporter.pdf.picture import Size

_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
# how Python and GLib say on their last line that there was no memory
_OUT_OF_MEMORY = ("MemoryError", "failed to allocate", "Error creating thread")


GOING_ON = "\ue000"  # title of a bookmark whose own is in an earlier part; a character that no text has


@dataclass(frozen=True)
class Setup:
    """What a typesetting process needs for every part of a document. Paths are absolute; none reaches the PDF."""

    assets: Path
    stylesheets: tuple[Path, ...]
    names: tuple[str, ...] = ()
    thai_digits: bool = False
    memory_limit_mb: int = 1200


@dataclass(frozen=True)
class Arrangement:
    """How a document is laid out after its first layout, by ordinals of its elements in document order.

    order  for every element whose children are moved: the element, its children in their new order
    whole  tables that are kept on one page
    opens  figures and tables that begin a page though text behind them would still fit on the one before
    """

    order: tuple[tuple[int, tuple[int, ...]], ...] = ()
    whole: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()


AS_WRITTEN = Arrangement()


@dataclass(frozen=True)
class Lay:
    """Lay out a part.

    numbers   anchor -> page, for the page numbers printed in it; unknown ones are left out
    plan      how its figures and tables stand; None: find out
    pictures  path in the assets -> size, of the charts that are put in when the parts are joined
    """

    part: int
    html: str
    numbers: Mapping[str, int]
    plan: Arrangement | None
    pictures: Mapping[str, Size]


@dataclass(frozen=True)
class Laid:
    """What is known of a part that is laid out.

    anchors   name -> page of the part, from 0
    targets   anchors that its links lead to, in this part or another
    strings   what its pages said last for the running heads, by the name of the string
    plan      how its figures and tables stand
    problems  (kind, detail): ``refused`` an address outside the assets, ``missing`` a file that is not there, ``memory``, ``failed``
    warnings  (kind, detail): ``style`` a rule the typesetter ignored
    """

    pages: int = 0
    anchors: Mapping[str, int] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    strings: Mapping[str, str] = field(default_factory=dict)
    plan: Arrangement | None = None
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draw:
    """Draw a part that is laid out.

    before, total  pages before it and of the whole document
    strings        what earlier parts said last for the running heads
    """

    part: int
    before: int
    total: int
    strings: Mapping[str, str]


@dataclass(frozen=True)
class Drawn:
    """A part as a PDF, or the problems that stand in the way; warnings also ``glyph``: a character no font has."""

    pdf: bytes = b""
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


class EndedError(Exception):
    """The process has ended: (kind, detail) as in ``Laid.problems``; ``time`` when its time was over."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.problem = (kind, detail)


class WorkerProcess:
    """The process that lays out and draws one document; it starts with the first request and ends with the ``with`` block."""

    def __init__(self, setup: Setup, timeout: float) -> None:
        self._setup, self._timeout = setup, timeout
        self._deadline = time.monotonic() + timeout
        self._scratch = tempfile.TemporaryDirectory(prefix="reporter-typeset-")
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, whether or not it had anything to do."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
        self._scratch.cleanup()

    def ask(self, request: Any) -> Any:
        """The answer to a request. Raises EndedError when the process ends first or the time is over."""
        messages = [request] if self._child else [self._setup, request]
        child = self._child or self._start()
        clock = threading.Timer(max(self._deadline - time.monotonic(), 0), child.kill)
        clock.start()
        try:
            assert child.stdin is not None
            for message in messages:
                pickle.dump(message, child.stdin)
            child.stdin.flush()
            assert child.stdout is not None
            return pickle.load(child.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if time.monotonic() >= self._deadline:
                raise EndedError("time", f"{self._timeout:.0f}") from error
            raise self._ended() from error
        finally:
            clock.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        folder = Path(self._scratch.name)
        config = folder / "fonts.conf"
        config.write_text(
            _FONTS.format(fonts=escape(str(asset("fonts"))), cache=escape(str(folder))), encoding="utf-8"
        )
        with self._said.open("wb") as said:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "reporter.pdf.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_environment(config),
            )
        return self._child

    @property
    def _said(self) -> Path:
        """What the process writes on its standard error."""
        return Path(self._scratch.name, "stderr")

    def _ended(self) -> EndedError:
        """Why the process ended."""
        assert self._child is not None
        status = self._child.wait()
        lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"exit status {status}"
        if any(words in last for words in _OUT_OF_MEMORY):
            return EndedError("memory", str(self._setup.memory_limit_mb))
        return EndedError("failed", last)


def _environment(config: Path) -> dict[str, str]:
    """The variables of a process: our package, our fonts, a fixed locale."""
    package = str(Path(__file__).resolve().parents[2])
    kept = {
        name: os.environ[name]
        for name in (
            "PATH",
            "HOME",
            "SYSTEMROOT",
            "LD_LIBRARY_PATH",
            "TMPDIR",
            WORKSPACE,
        )  # whose colours hold
        if name in os.environ
    }
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    fixed = {
        "FONTCONFIG_FILE": str(config),
        "PYTHONPATH": path,
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
    }
    return {**kept, **fixed}
