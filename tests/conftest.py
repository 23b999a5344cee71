"""Fixtures that tests of several stages share."""

import datetime as dt

import pandas as pd
import pytest

from reporter.domain.edition import Context, Settings
from tests.support.shared import ABSENT


@pytest.fixture(scope="session")
def declarations():
    """The package's own declarations."""
    from reporter.inputs.declared import load

    return load(None)


@pytest.fixture(scope="session")
def context(declarations):
    """A synthetic draft issue of 2025-Q3."""
    return Context(
        quarter=pd.Period("2025Q3"),
        declarations=declarations,
        settings=Settings(synthetic=True),
        as_of=dt.date(2025, 11, 14),
    )


def pytest_terminal_summary(terminalreporter):
    """Say how many tests were left out because ``../shared`` is not beside this checkout."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(ABSENT in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(f"{count} test(s) left out: ../shared is not beside this checkout.")
