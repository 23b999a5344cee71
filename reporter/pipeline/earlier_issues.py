"""Earlier issues in the output folder: what they said, for the revisions and for what changed since the last one.

Goes in: ``out``, and the quarter in hand. Comes out: the earlier issues in order of time, with the tables that the
comparison needs. An issue without manifest or tables counts as none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.domain.errors import ReporterError
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.pipeline import manifest

COMPARED = ("series", "weights", "labour_index", "detrending", "indicator_status")
_TEXTS = ("dimension", "group", "period", "indicator", "detrend", "transform", "status")


@dataclass(frozen=True)
class EarlierIssue:
    """One earlier issue. ``as_of`` is its run's date; ``parameters`` as its manifest has them."""

    quarter: pd.Period
    as_of: dt.date
    tables: Mapping[str, pd.DataFrame]
    parameters: Mapping[str, Any]


def earlier(out: Path, quarter: pd.Period) -> list[EarlierIssue]:
    """Issues of earlier quarters in ``out``, oldest first."""
    found = []
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        try:
            of = parse_quarter(folder.name)
        except PeriodError:
            continue
        if folder.is_dir() and of < quarter and (issue := _issue(folder, of)) is not None:
            found.append(issue)
    return sorted(found, key=lambda issue: issue.quarter)


def forecasts(earlier: Sequence[EarlierIssue]) -> pd.DataFrame | None:
    """What earlier issues forecast: ``issued, period, mean, low80, high80``; None where none did."""
    columns = ["issued", "period", "mean", "low80", "high80"]
    parts = [
        issue.tables["forecast"].assign(issued=iso(issue.quarter))[columns]
        for issue in earlier
        if len(issue.tables.get("forecast", ()))
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def published_index(earlier: Sequence[EarlierIssue]) -> pd.DataFrame | None:
    """The composite as earlier issues published it: ``issued, period, value``; None where there is no issue."""
    parts = []
    for issue in earlier:
        index = issue.tables["labour_index"]
        composite = index[(index["group"] == "TH") & (index["dimension"] == "overall")]
        parts.append(composite.assign(issued=iso(issue.quarter))[["issued", "period", "value"]])
    return pd.concat(parts, ignore_index=True) if parts else None


def _issue(folder: Path, quarter: pd.Period) -> EarlierIssue | None:
    """One issue; None where its record or its tables are not whole."""
    try:
        parameters = manifest.read(folder).get("parameters", {})
        as_of = dt.date.fromisoformat(parameters["as_of"])
        tables = {name: _table(folder / "tables" / f"{name}.csv") for name in COMPARED}
        if (forecast := folder / "tables" / "forecast.csv").is_file():
            tables["forecast"] = _table(forecast)
    except (ReporterError, OSError, KeyError, TypeError, ValueError):
        return None
    return EarlierIssue(quarter, as_of, tables, parameters)


def _table(path: Path) -> pd.DataFrame:
    """A published table; texts stay texts, also where a column is empty."""
    header = pd.read_csv(path, nrows=0).columns
    return pd.read_csv(path, dtype={name: "str" for name in _TEXTS if name in header})
