"""A Dask scheduler and two workers on this machine, as processes that a test may kill."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
Process = subprocess.Popen[bytes]


def start(arguments: list[str], folder: Path, log: str) -> Process:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with (folder / log).open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:]],
            stdout=stream,
            stderr=stream,
            env=environment,
        )


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[tuple[str, Process, list[Process]]]:
    """Address of a scheduler, its process, its workers' processes."""
    levels = {name: logging.getLogger(name).level for name in ("distributed", "distributed.client")}
    record = folder / "scheduler.json"
    common = ["--scheduler-file", str(record), "--no-dashboard"]
    scheduler = start(["scheduler", "--host", "127.0.0.1", "--port", "0", *common], folder, "scheduler.log")
    own = [
        start(["worker", "--nthreads", "1", "--no-nanny", *common], folder, f"worker{number}.log")
        for number in range(workers)
    ]
    try:
        until = time.monotonic() + PATIENCE
        while any("Registered to" not in (folder / f"worker{n}.log").read_text() for n in range(workers)):
            assert time.monotonic() < until, (folder / "worker0.log").read_text()
            time.sleep(0.1)
        yield json.loads(record.read_text())["address"], scheduler, own
    finally:
        for process in [*own, scheduler]:
            process.kill()
            process.wait()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
