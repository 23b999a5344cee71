"""Issues small enough to check in the head: tables with a few rows, filled into the templates."""

from __future__ import annotations

import datetime as dt
import html as entities
import re
from collections.abc import Sequence
from functools import cache

import pandas as pd

from reporter import report
from reporter.domain.declarations import Declarations
from reporter.domain.edition import Context, Settings
from reporter.domain.periods import parse_quarter
from reporter.inputs import declared
from reporter.inputs.commentary import Commentary
from reporter.report import pages
from reporter.report.document import Document
from tests.support.frames import frame
from tests.support.tables import empty_tables, example_tables


@cache
def declarations() -> Declarations:
    return declared.load(None)


def context(quarter: str = "2025-Q3", **settings: object) -> Context:
    return Context(
        parse_quarter(quarter),
        declarations(),
        Settings(**settings),
        dt.date(2025, 11, 14),  # type: ignore[arg-type]
    )


def index_tables(*, is_whole: bool = True, **values: list[float]) -> dict[str, pd.DataFrame]:
    """Tables with the composite and sub-indices only; the last value of every list stands in 2025-Q3.

    is_whole   dimensions that are not given stand at 100, so that there are enough for a composite
    """
    tables = empty_tables()
    others = [name for name in declarations().dimensions if name not in values] if is_whole else []
    flat = [None if level is None else 100.0 for level in values.get("overall", [])]
    rows = []
    for dimension, levels in (values | dict.fromkeys(others, flat)).items():
        quarters = pd.period_range(end="2025Q3", periods=len(levels), freq="Q")
        rows += [
            (dimension, "TH", f"{quarter.year}-Q{quarter.quarter}", level)
            for quarter, level in zip(quarters, levels, strict=True)
            if level is not None
        ]
    tables["labour_index"] = frame("labour_index", rows)
    return tables


def print_page(
    findings: report.Findings,
    figures: Sequence,
    tables: dict[str, pd.DataFrame],
    issue: Context,
    *more: object,
    **named: object,
) -> str:
    """The print HTML of the document that ``pages.write`` makes of the same arguments."""
    return pages.print_html(pages.write(findings, figures, tables, issue, *more, **named), issue)


def page(
    tables: dict[str, pd.DataFrame],
    commentary: Commentary | None = None,
    quarter: str = "2025-Q3",
    volume: str = "report",
    **settings: object,
) -> str:
    issue = context(quarter, **settings)
    return print_page(report.findings(tables, issue), [], tables, issue, commentary, volume=volume)


@cache
def _made_once() -> dict[str, pd.DataFrame]:
    return example_tables()


def whole_tables() -> dict[str, pd.DataFrame]:
    """The tables of a whole issue; a test may change what it is given."""
    return {name: table.copy() for name, table in _made_once().items()}


@cache
def whole_findings() -> report.Findings:
    return report.findings(whole_tables(), context())


@cache
def whole_page() -> str:
    return print_page(whole_findings(), [], whole_tables(), context())


def text_of(html: str) -> str:
    """What a reader reads, on one line."""
    body = html[html.index("<body") :]
    return re.sub(r"\s+", " ", entities.unescape(re.sub(r"<[^>]+>", "", body)))


def document(
    tables: dict[str, pd.DataFrame], commentary: Commentary | None = None, quarter: str = "2025-Q3"
) -> Document:
    issue = context(quarter)
    return pages.write(report.findings(tables, issue), [], tables, issue, commentary)


@cache
def whole_document() -> Document:
    return pages.write(whole_findings(), [], whole_tables(), context())


def chapter(html: str, slug: str) -> str:
    """The text of one chapter."""
    start = html.index(f'id="chapter-{slug}"')
    end = html.find('<section class="', start)
    return text_of("<body>" + html[html.index(">", start) + 1 : end])
