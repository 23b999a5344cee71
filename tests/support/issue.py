"""An issue to draw and word in tests: the package's own declarations, a fixed date."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pandas as pd

from reporter.domain.declarations import Declarations
from reporter.domain.edition import Context, Settings
from reporter.inputs.declared import load


@cache
def declarations() -> Declarations:
    return load(None)


def example_context(quarter: str = "2025-Q3", *, synthetic: bool = True) -> Context:
    """Context of the issue that ``example_tables(quarter)`` belong to."""
    period = pd.Period(quarter.replace("-", ""), freq="Q-DEC")
    return Context(period, declarations(), Settings(synthetic=synthetic), dt.date(2025, 11, 20))
