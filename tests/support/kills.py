"""Builds that are killed: start, wait for a moment, SIGKILL the whole process group, look at what stands."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

QUARTER = "2025-Q3"


def command(workspace: Path, out: Path, *, is_cached: bool) -> list[str]:
    """The command line of a build without worker processes; a cached one takes the issue as it was kept."""
    return [
        sys.executable, "-m", "reporter", "build", "-q", QUARTER,
        "--data", str(workspace), "--out", str(out), "--jobs", "1",
        *([] if is_cached else ["--no-cache"]),
    ]  # fmt: skip


def environment(scratch: Path) -> dict[str, str]:
    """The caller's environment with a cache and a temporary folder of its own."""
    folder = scratch / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "XDG_CACHE_HOME": str(scratch / "cache"), "TMPDIR": str(folder)}


def build(workspace: Path, out: Path, scratch: Path, *, is_cached: bool = False) -> float:
    """A whole build; returns the seconds it took. Raises CalledProcessError when it fails."""
    began = time.perf_counter()
    subprocess.run(
        command(workspace, out, is_cached=is_cached),
        env=environment(scratch),
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


def killed_build(
    workspace: Path,
    out: Path,
    scratch: Path,
    moment: Callable[[subprocess.Popen[bytes]], None],
    *,
    is_cached: bool = False,
) -> bool:
    """Start a build, wait for the moment, kill it with its children; False when it had ended before."""
    process = subprocess.Popen(
        command(workspace, out, is_cached=is_cached),
        env=environment(scratch),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    moment(process)
    ended = process.poll() is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return not ended


def after(seconds: float) -> Callable[[subprocess.Popen[bytes]], None]:
    """A moment so many seconds after the start."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    return wait


def in_the_end(
    out: Path, chance: random.Random, patience: float
) -> Callable[[subprocess.Popen[bytes]], None]:
    """A moment around the last steps: from the first result file on, while syncing, swapping and clearing away."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        sign = out / f".{QUARTER}.building" / chance.choice(["report.pdf", "qa.json", "manifest.json"])
        deadline = time.perf_counter() + patience
        # What an earlier kill left behind is removed before the sign can be meant for this run.
        while process.poll() is None and time.perf_counter() < deadline:
            if sign.exists() and sign.stat().st_mtime > started:
                break
            time.sleep(0.001)
        time.sleep(chance.choice([0.0, chance.random() * 0.02, chance.random() * 0.3]))

    started = time.time()
    return wait


def digest(folder: Path) -> str:
    """One hash over names and bytes of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
