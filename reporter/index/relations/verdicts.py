"""Rows of ``index_tests``: what every test of the index hands on, in one shape (docs/tables.md, Tests and forecast)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import pandas as pd

from reporter.index.relations.unit_roots import TestResult


@dataclass(frozen=True)
class Row:
    """One test of one variable; a test that could not be made has NaN numbers and a verdict that says why."""

    test: str
    variable: str
    statistic: float = math.nan
    p_value: float = math.nan
    lags: float = math.nan
    n: int = 0
    critical_5: float = math.nan
    verdict: str = ""
    reading_th: str = ""

    @classmethod
    def of(cls, test: str, variable: str, result: TestResult, verdict: str, reading_th: str) -> Row:
        """The row of a finished test."""
        return cls(
            test,
            variable,
            result.statistic,
            result.p_value,
            result.lags,
            result.n,
            result.critical_5,
            verdict,
            reading_th,
        )


def frame_of(rows: Sequence[Row]) -> pd.DataFrame:
    """``index_tests`` from its rows, in the order in which the tests were made."""
    names = [field.name for field in fields(Row)]
    table = pd.DataFrame([astuple(row) for row in rows], columns=names)
    numbers = ["statistic", "p_value", "lags", "critical_5"]
    return table.astype({**dict.fromkeys(numbers, "float64"), "n": "int64"})
