"""A build against the version before the house was made simpler, in pairs on the same machine: ``make bench``.

Both versions build the same sample, one right after the other, so that other work on the machine meets both. Printed are ratios
of processor time (this version to commit 30332e1), of wall time and of memory where that is the question, each with its bound.

    BASELINE=path      a checkout of that commit; without it, git makes one in a temporary folder
    PAIRS=3            how often a quick step is repeated; the cold builds run once, they take minutes
    STEPS=help,check   only these steps; without it all: help, jobs1, sentence, check, unchanged, jobs2, publish
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE))
COMMIT = "30332e1"
QUARTER = "2025-Q3"
STEPS = ("help", "jobs1", "sentence", "check", "unchanged", "jobs2", "publish")
PAIRS = int(os.environ.get("PAIRS", "3"))
_PUBLISHED = 5  # issues at either end of the archive that are timed
_LOOK_SECONDS = 0.25  # between two looks at the memory of the processes


@dataclass(frozen=True)
class Run:
    """What one command took: processor seconds and wall seconds, and the highest memory of all its processes in MB."""

    processor: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Version:
    """One version of the program with a cache, a workspace and an output folder of its own."""

    code: Path
    scratch: Path

    @property
    def data(self) -> Path:
        """Its copy of the sample workspace."""
        return self.scratch / "data"

    def run(self, *arguments: str) -> Run:
        """Run one command to its end. A check that finds something ends with status 1, which is no failure here."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.code),
            "XDG_CACHE_HOME": str(self.scratch / "cache"),
            "OMP_NUM_THREADS": "1",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python keeps the modules it has compiled
        before, began = os.times(), time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "reporter", *arguments],
            cwd=self.code,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        memory = _highest_memory(process)
        assert process.stderr is not None
        told = process.stderr.read().decode(errors="replace")
        wall, after = time.perf_counter() - began, os.times()
        if process.returncode not in (0, 1) or "Traceback" in told:
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {told[-2000:]}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return Run(used, wall, memory)

    def build(self, jobs: int, *, is_cached: bool) -> Run:
        """A whole build of the sample."""
        kept = () if is_cached else ("--no-cache",)
        place = ("--data", str(self.data), "--out", str(self.scratch / "out"))
        return self.run("build", "-q", QUARTER, *place, "--jobs", str(jobs), *kept)

    def check(self) -> Run:
        """A check of the sample."""
        return self.run("check", "-q", QUARTER, "--data", str(self.data))

    def change_a_sentence(self) -> None:
        """Add a sentence to the analysts' text of the outlook."""
        files = sorted((self.data / "commentary" / QUARTER).glob("*.md"))
        with files[-1].open("a", encoding="utf-8") as stream:
            stream.write("\nตลาดแรงงานยังต้องติดตามอย่างใกล้ชิด\n")


def _highest_memory(process: subprocess.Popen[bytes]) -> float:
    """Highest sum of the proportional set sizes of a process and all below it, in MB, until it ends."""
    highest = 0.0
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0.0
        with contextlib.suppress(psutil.Error):
            for one in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += one.memory_full_info().pss / 2**20
        highest = max(highest, total)
        time.sleep(_LOOK_SECONDS)
    return highest


@contextlib.contextmanager
def baseline() -> Iterator[Path]:
    """A checkout of the version before: ``BASELINE``, or made by git and removed at the end."""
    if given := os.environ.get("BASELINE"):
        yield Path(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder, "before")
        git = ("git", "-C", str(HERE), "worktree")
        subprocess.run([*git, "add", "-q", "--detach", str(checkout), COMMIT], check=True)
        try:
            yield checkout
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)


def pair(before: Version, now: Version, step: Callable[[Version], Run], times: int) -> list[tuple[Run, Run]]:
    """The step in both versions, one right after the other."""
    return [(step(before), step(now)) for _ in range(times)]


def ratio(pairs: list[tuple[Run, Run]], what: str) -> str:
    """Median of the paired ratios, with the values of the middle pair."""
    found = sorted((getattr(now, what) / getattr(before, what), before, now) for before, now in pairs)
    middle, before, now = found[len(found) // 2]
    return f"{middle:.2f} ({getattr(before, what):.1f} -> {getattr(now, what):.1f})"


def sentence(version: Version) -> Run:
    """A build after one sentence has changed."""
    version.change_a_sentence()
    return version.build(1, is_cached=True)


def builds(before: Version, now: Version, steps: set[str]) -> None:
    """Print what each step takes against the version before."""
    if "help" in steps:
        helps = pair(before, now, lambda version: version.run("--help"), PAIRS)
        print(f"--help, processor time: {ratio(helps, 'processor')}, bound 0.20")
    if "jobs1" in steps:
        cold = pair(before, now, lambda version: version.build(1, is_cached=False), 1)
        print(f"cold with --jobs 1, processor time: {ratio(cold, 'processor')}, bound 0.85")
    if steps & {"sentence", "check", "unchanged"}:
        pair(before, now, lambda version: version.build(1, is_cached=True), 1)
    if "unchanged" in steps:
        unchanged = [now.build(1, is_cached=True) for _ in range(PAIRS)]
        print(f"nothing changed, wall seconds: {median(run.wall for run in unchanged):.2f}, bound 1.00")
    if "check" in steps:
        pair(before, now, Version.check, 1)  # the first check fills the cache
        print(f"check, warm, processor time: {ratio(pair(before, now, Version.check, PAIRS), 'processor')}, bound 0.35")  # fmt: skip
    if "sentence" in steps:
        print(f"one sentence changed, processor time: {ratio(pair(before, now, sentence, PAIRS), 'processor')}, bound 0.60")  # fmt: skip
    if "jobs2" in steps:
        two = pair(before, now, lambda version: version.build(2, is_cached=False), 1)
        print(f"cold with --jobs 2, wall time: {ratio(two, 'wall')}, bound 1.00")
        print(f"cold with --jobs 2, memory of all processes: {ratio(two, 'memory')} MB, bound 0.70")


def publishing() -> None:
    """Print what the 40th issue on a website takes against the second: the last five and the first, one right after the other."""
    from reporter.delivery.site import publish
    from tests.delivery.site.conftest import build_small, quarters, request

    def took(root: Path, quarter: str) -> float:
        build_small(root / "out", quarter)
        began = time.process_time()
        publish(request(root / "out", root / "site", quarter))
        return time.process_time() - began

    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder, "old"), Path(folder, "new")
        every = quarters(QUARTER, 40)
        for quarter in every[:2]:
            took(old, quarter)
        lowest = _own_highest_memory()
        for quarter in every[2:-_PUBLISHED]:
            took(old, quarter)
        took(new, every[0])
        pairs = [
            (took(new, first), took(old, last))
            for first, last in zip(every[1 : _PUBLISHED + 1], every[-_PUBLISHED:], strict=True)
        ]
        highest = _own_highest_memory()
    early, late = (median(values) for values in zip(*pairs, strict=True))
    print(f"highest memory after issue 40 against issue 2: {highest / lowest:.2f} ({lowest:.0f} -> {highest:.0f} MB), bound 1.20")  # fmt: skip
    print(f"publishing issue 40 against issue 2, processor time: {late / early:.2f} ({early:.2f} -> {late:.2f}), bound 1.20")  # fmt: skip


def _own_highest_memory() -> float:
    """The highest memory of this process until now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print every ratio that was asked for."""
    steps = set(filter(None, os.environ.get("STEPS", "").split(","))) or set(STEPS)
    if steps - {"publish"}:
        with baseline() as code, tempfile.TemporaryDirectory() as folder:
            versions = Version(code, Path(folder, "before")), Version(HERE, Path(folder, "now"))
            for version in versions:
                subprocess.run(
                    [sys.executable, "-m", "reporter", "sample", str(version.data)],
                    env={**os.environ, "PYTHONPATH": str(versions[0].code)},
                    cwd=versions[0].code,
                    check=True,
                    capture_output=True,
                )
            builds(*versions, steps)
    if "publish" in steps:
        publishing()


if __name__ == "__main__":
    main()
