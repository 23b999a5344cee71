"""Chromium for tests. It holds the event loop of its thread while it is open: at most one file at a time has it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How long a test waits for what must come, in milliseconds: a busy machine is slow, which is no fault. Only a test that fails waits so long.
PATIENCE = 120_000


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Open Chromium, closed at the end; a test is skipped where it is not installed."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS, timeout=PATIENCE)
        for opens in ("new_context", "new_page"):
            setattr(running, opens, _patient(getattr(running, opens)))
        yield running
        running.close()


def _patient(opens: Callable[..., Any]) -> Callable[..., Any]:
    """The browser's way to open a page or a context, which then waits with PATIENCE."""

    def opened(**settings: Any) -> Any:
        made = opens(**settings)
        made.set_default_timeout(PATIENCE)
        return made

    return opened
