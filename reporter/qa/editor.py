"""The editor's page ``qa.html``: everything that was checked, on one page without scripts.

Goes in: the ruling on all findings, the issue document, its tables. Comes out: HTML with its style inside. It shows what a
person signing the issue should see: open and answered warnings, the index against its own history, whether contributions
and shares add up, samples against their plan, and every number of the text with the cell that it was taken from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from reporter.domain import schema, thai
from reporter.domain.assets import asset, css_variables
from reporter.domain.context import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.inputs.waivers import Ruling
from reporter.qa.history import national_levels
from reporter.report.document import Document
from reporter.report.provenance import numbers_of
from reporter.report.templating import own_templates

_TABLE = re.compile(r"([a-z_]+)\?")
_SURVEYS = {"employer": "ผู้ประกอบการ", "worker": "แรงงาน"}
_SEVERITIES = {"error": "ข้อผิดพลาด", "warning": "คำเตือน", "note": "ข้อสังเกต"}


@dataclass(frozen=True)
class Level:
    """One index against its own history: newest value and change, and where they lay before."""

    name: str
    value: float
    change: float
    least: float
    most: float
    largest_change: float
    quarters: int


@dataclass(frozen=True)
class Sum:
    """Parts that must add up: what they add up to, what they should, the difference."""

    name: str
    table: str
    total: float
    expected: float

    @property
    def gap(self) -> float:
        """How far the sum is off."""
        return self.total - self.expected


def editors_page(ruling: Ruling, document: Document, tables: Tables, context: Context) -> str:
    """The whole page; the document holds the cell of every number."""
    numbers = numbers_of(document)
    return (
        _environment()
        .get_template("qa/qa.html.j2")
        .render(
            settings=context.settings,
            quarter=thai.quarter_th(context.quarter),
            is_final=context.final,
            style=css_variables() + asset("templates", "qa", "qa.css").read_text(encoding="utf-8"),
            groups=_grouped(ruling.findings),
            severities=_SEVERITIES,
            unanswered=set(ruling.unanswered),
            answered=ruling.answered,
            waivers=ruling.record(),
            levels=_levels(tables, context),
            sums=[*_contribution_sums(tables, context), *_share_sums(tables, context)],
            samples=_samples(tables, context),
            numbers=_by_table(numbers),
            count=len(numbers),
            titles={name: table.title.th for name, table in schema.tables().items()},
        )
    )


def _grouped(found: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    """Findings by severity, the gravest first; empty kinds are left out."""
    return {
        level: listed
        for level in _SEVERITIES
        if (listed := [item for item in found if item.severity == level])
    }


def _levels(tables: Tables, context: Context) -> list[Level]:
    """National index and sub-indices that have a value for the quarter."""
    now, found = iso(context.quarter), []
    for dimension, level in national_levels(tables):
        if len(level) < 2 or level.index[-1] != now:
            continue
        before, changes = level.iloc[:-1], level.diff().dropna()
        earlier = changes.iloc[:-1].abs()
        found.append(
            Level(
                _dimension(dimension, context),
                float(level.iloc[-1]),
                float(changes.iloc[-1]),
                float(before.min()),
                float(before.max()),
                float(earlier.max()) if len(earlier) else float("nan"),
                len(level),
            )
        )
    return found


def _dimension(name: str, context: Context) -> str:
    declared = context.declarations.dimensions.get(name)
    return declared.name.th if declared else "ดัชนีรวม"


def _contribution_sums(tables: Tables, context: Context) -> list[Sum]:
    """Contributions of the dimensions against the change of the composite."""
    level = dict(national_levels(tables)).get("overall")
    contributions = tables.get("contributions")
    if level is None or contributions is None or contributions.empty:
        return []
    found = []
    for against, lag, words in (("quarter", 1, "ไตรมาสก่อน"), ("year", 4, "ปีก่อน")):
        rows = contributions[
            (contributions["period"] == iso(context.quarter)) & (contributions["against"] == against)
        ]
        change = level.get(iso(context.quarter), float("nan")) - level.get(
            iso(context.quarter - lag), float("nan")
        )
        if len(rows) and not pd.isna(change):
            total = float(rows["contribution"].sum())
            found.append(Sum(f"ผลต่อดัชนีรวมรายมิติ เทียบกับ{words}", "contributions", total, float(change)))
    return found


def _share_sums(tables: Tables, context: Context) -> list[Sum]:
    """Weights of the dimensions and first places of the aspects; both make one whole."""
    found = []
    weights = tables.get("weights")
    if weights is not None and len(weights):
        found.append(Sum("น้ำหนักของมิติ", "weights", float(weights["weight"].sum()), 1.0))
    priorities = tables.get("priorities")
    if priorities is not None and len(priorities):
        rows = priorities[priorities["period"] == iso(context.quarter)]
        if len(rows) and rows["first_share"].notna().all():
            found.append(Sum("สัดส่วนอันดับหนึ่งของทุกด้าน", "priorities", float(rows["first_share"].sum()), 1.0))
    return found


def _samples(tables: Tables, context: Context) -> list[dict[str, Any]]:
    """Answers of the quarter by survey, with the plan where there is one."""
    coverage = tables.get("survey_coverage")
    if coverage is None or coverage.empty:
        return []
    now = coverage[coverage["period"] == iso(context.quarter)]
    return [
        {
            "name": _SURVEYS[str(survey)],
            "achieved": float(rows["achieved"].sum()),
            "planned": float(rows["planned"].sum()) if rows["planned"].notna().any() else None,
            "provinces": int((rows["achieved"] > 0).sum()),
        }
        for survey, rows in now.groupby("survey", sort=True)
    ]


def _by_table(numbers: Sequence[tuple[str, str, str]]) -> dict[str, list[tuple[str, str, str]]]:
    """Traced numbers by the first table that their cell names."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for number in numbers:
        named = _TABLE.search(number[1])
        found.setdefault(named[1] if named else "", []).append(number)
    return dict(sorted(found.items()))


@cache
def _environment() -> jinja2.Environment:
    environment = own_templates()
    environment.filters.update(
        points=lambda value: thai.number(value, 1),
        signed=lambda value: thai.signed(value, 1),
        exact=lambda value: f"{value:.6f}",
        small=lambda value: f"{value:.1e}",
        whole=lambda value: f"{value:,.0f}",
    )
    return environment
