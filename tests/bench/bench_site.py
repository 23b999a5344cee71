"""Publishing one more issue into an archive of 40: seconds for the first and for the last ten."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from reporter.site import publish
from tests.site.conftest import build_small, quarters, request

ISSUES = 40
ENDS = 10


def main() -> None:
    """Print seconds an issue at both ends of the archive, and their ratio (1 means linear in the new issue)."""
    with tempfile.TemporaryDirectory() as folder:
        out, site = Path(folder, "out"), Path(folder, "site")
        seconds = []
        for quarter in quarters("2025-Q3", ISSUES):
            build_small(out, quarter)
            start = time.perf_counter()
            publish(request(out, site, quarter))
            seconds.append(time.perf_counter() - start)
    first, last = median(seconds[1 : ENDS + 1]), median(seconds[-ENDS:])
    print(
        f"publish: {first:.2f} s an issue at the start, {last:.2f} s after {ISSUES - ENDS}; ratio {last / first:.2f}"
    )


if __name__ == "__main__":
    main()
