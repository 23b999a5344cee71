"""The website: seconds to publish one more issue into an archive of 40, and milliseconds to the first view from a disk."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Error, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from reporter.delivery.site import publish
from tests.delivery.site.conftest import build_small, quarters, request

ISSUES = 40
ENDS = 10
VIEWS = 5
PAGES = (
    "index.html",
    "2568/q3/index.html",
    "2568/q3/v1/read.html",
    "dashboard/index.html",
    "data/index.html",
)


def main() -> None:
    """Print seconds an issue at both ends of the archive with their ratio (1: linear in the new issue), and first views."""
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
        first_views(site)


def first_views(site: Path) -> None:
    """Print the median time to the first contentful paint of each kind of page; nothing without Chromium."""
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for path in PAGES:
                print(f"first view of {path}: {median(_painted(browser, site / path)):.0f} ms")
            browser.close()
    except Error as error:
        print(f"first views not measured: {error.message.splitlines()[0]}")


def _painted(browser: Browser, path: Path) -> list[float]:
    times = []
    for _ in range(VIEWS):
        page = browser.new_page()
        page.goto(path.as_uri())
        painted = None
        while painted is None:  # the pages' policy forbids waiting for an expression
            page.wait_for_timeout(50)
            painted = page.evaluate(
                "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
            )
        times.append(painted)
        page.close()
    return times


if __name__ == "__main__":
    main()
