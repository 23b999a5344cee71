"""Charts drawn per second, bytes per chart, and whether a second drawing gives the same bytes: ``make bench``."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from reporter.figures import draw_all
from reporter.runtime.program import Executor
from tests.support.issue import example_context
from tests.support.tables import example_tables


def main() -> None:
    """Draw the whole example issue with one process and with two."""
    tables, context = example_tables(), example_context()
    with tempfile.TemporaryDirectory() as folder:
        contents = []
        for jobs in (1, 2):
            target = Path(folder) / str(jobs)
            started = time.perf_counter()
            with Executor(jobs) as executor:
                figures = draw_all(tables, context, target, executor=executor)
            seconds = time.perf_counter() - started
            files = sorted((target / "charts").rglob("*.*"))
            contents.append([path.read_bytes() for path in files])
            size = sum(
                path.stat().st_size
                for path in files
                if path.suffix == ".svg" and path.parent.name == "charts"
            ) / len(figures)
            print(f"figures: {len(figures)} charts, jobs {jobs}: {seconds:.1f} s, {len(figures) / seconds:.1f} per second, "
                  f"{size / 1024:.0f} KiB of SVG each")  # fmt: skip
        print(f"figures: equal bytes with one and two processes: {contents[0] == contents[1]}")


if __name__ == "__main__":
    main()
