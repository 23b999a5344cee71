"""The process that typesets: with our fonts only, no environment but what it needs, a limit on its memory and on its time.

Goes in: ``Setup``, then the requests ``MeasureRequest``, ``LayRequest`` and ``DrawRequest``. Comes out: their answers, ``Measured``, ``Laid`` and ``Drawn``. When the process ends by itself or runs out of time, the
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
from reporter.pdf.picture import PictureSize

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
class MeasuredBlock:
    """One block as it was measured, pixels.

    height        from edge to edge; above, below  margins
    on_grid       whether its first line stands on the grid; inner  padding and border above that line
    is_heading    whether what stands below it begins on the grid; foot  room that it needs below itself
    breaks        (height before, height that the next page repeats) of every place where a page may end
    opens_page    whether it begins a page of its own accord
    """

    height: float
    above: float = 0.0
    below: float = 0.0
    on_grid: bool = False
    inner: float = 0.0
    is_heading: bool = False
    foot: float = 0.0
    breaks: tuple[tuple[float, float], ...] = ()
    opens_page: bool = False


@dataclass(frozen=True)
class PageItem:
    """Blocks that stand together: a heading with its text, a figure with the line that introduces it.

    kind     text, figure or table
    html     its elements; of a section that stays as it is, the section itself
    section  number of the section whose children they are; -1: of none
    anchors  what links may lead to; links  what it links to
    heads    names of the headings that it begins with
    """

    kind: str
    blocks: tuple[MeasuredBlock, ...]
    html: tuple[str, ...]
    section: int = 0
    anchors: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MeasureRequest:
    """Lay out chapters of a part to know how high their blocks are; the fields are those of ``LayRequest``."""

    part: int
    html: str
    pictures: Mapping[str, PictureSize]


@dataclass(frozen=True)
class Measured:
    """What stands in chapters, and how high it is.

    page      height of an upright page, pixels; 0 where there is none
    sections  opening tag of every section
    items     in reading order; none where the chapters hold anything but sections
    problems  as in ``Laid``
    """

    page: float = 0.0
    sections: tuple[str, ...] = ()
    items: tuple[PageItem, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class LayRequest:
    """Lay out a part.

    numbers   anchor -> page, for the page numbers printed in it; unknown ones are left out
    pictures  path in the assets -> size, of the charts that are put in when the parts are joined
    """

    part: int
    html: str
    numbers: Mapping[str, int]
    pictures: Mapping[str, PictureSize]


@dataclass(frozen=True)
class Laid:
    """What is known of a part that is laid out.

    anchors   name -> page of the part, from 0
    targets   anchors that its links lead to, in this part or another
    strings   what its pages said last for the running heads, by the name of the string
    problems  (kind, detail): ``refused`` an address outside the assets, ``missing`` a file that is not there, ``memory``, ``failed``
    warnings  (kind, detail): ``style`` a rule the typesetter ignored
    """

    pages: int = 0
    anchors: Mapping[str, int] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    strings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DrawRequest:
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
