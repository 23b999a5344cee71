"""Processes that typeset: started early, each with our fonts only and no environment but what it needs.

Goes in: requests of reporter/pdf/model.py. Comes out: their answers. What ends a process, its memory or our patience, is told as the
``EndedError`` of the request that it was at.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reporter.domain.assets import asset
from reporter.pdf.model import Setup

_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
_MOST = 4
# how Python and GLib say on their last line that there was no memory
_OUT_OF_MEMORY = ("MemoryError", "failed to allocate", "Error creating thread")


class EndedError(Exception):
    """A process is no more: (kind, detail) as in ``Laid.problems``; ``time`` when it was given too long."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.problem = (kind, detail)


class Process:
    """One typesetting process, which loads its libraries while there is nothing to set yet."""

    def __init__(self, scratch: Path, config: Path, number: int) -> None:
        self._said = (scratch / f"stderr-{number}").open("w+b")
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "reporter.pdf.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=_environment(config),
        )
        self._memory = 0

    def set_up(self, setup: Setup) -> None:
        """Tell what holds for every request."""
        self._memory = setup.memory_limit_mb
        try:
            self._send(setup)
        except OSError as error:
            raise self._ended() from error

    def ask(self, request: Any, deadline: float, timeout: float) -> Any:
        """The answer to a request. Raises EndedError when the process ends first or the deadline (``time.monotonic``) comes."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._child.kill()

        patience = threading.Timer(max(deadline - time.monotonic(), 0), stop)
        patience.start()
        try:
            self._send(request)
            assert self._child.stdout is not None
            return pickle.load(self._child.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if late.is_set():
                raise EndedError("time", f"{timeout:.0f}") from error
            raise self._ended() from error
        finally:
            patience.cancel()

    def close(self) -> None:
        """End the process, whether or not it had anything to do."""
        self._child.kill()
        self._child.communicate()
        self._said.close()

    def _send(self, message: Any) -> None:
        assert self._child.stdin is not None
        pickle.dump(message, self._child.stdin)
        self._child.stdin.flush()

    def _ended(self) -> EndedError:
        """Why the process ended."""
        status = self._child.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"exit status {status}"
        if any(words in last for words in _OUT_OF_MEMORY):
            return EndedError("memory", str(self._memory))
        return EndedError("failed", last)


class Standby:
    """Typesetting processes that wait for a document; they serve one. At most four: the longest chapter sets the time."""

    def __init__(self, count: int = 1) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="reporter-typeset-")
        folder = Path(self._scratch.name)
        config = folder / "fonts.conf"
        config.write_text(
            _FONTS.format(fonts=escape(str(asset("fonts"))), cache=escape(str(folder))), encoding="utf-8"
        )
        self.processes = [Process(folder, config, number) for number in range(min(max(count, 1), _MOST))]

    def __enter__(self) -> Standby:
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        for process in self.processes:
            process.close()
        self._scratch.cleanup()


def _environment(config: Path) -> dict[str, str]:
    """The variables of a process: our package, our fonts, a fixed locale."""
    package = str(Path(__file__).resolve().parents[2])
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
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
