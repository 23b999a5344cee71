"""Checks of the results before anything is released, and the record of what they found.

Goes in: the tables, figures and document of one issue. Comes out: findings (error, warning, note), ``qa.json`` and the editor's
page ``qa.html``. An error stops a final issue; a warning that may mean a wrong number needs a waiver (docs/release.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reporter.domain.context import Context
from reporter.domain.errors import Finding
from reporter.domain.periods import iso
from reporter.domain.tables import Tables
from reporter.figures import Figure
from reporter.inputs.waivers import Ruling
from reporter.qa import adjustment, factors, history, identities, page
from reporter.qa.editor import editors_page
from reporter.qa.identities import headline
from reporter.qa.truth import check_issue
from reporter.report import issue_json
from reporter.report.document import Document
from reporter.report.named_values import check_typed
from reporter.report.numbers import Cells

NAME, PAGE = "qa.json", "qa.html"


def check_tables(tables: Tables, context: Context) -> list[Finding]:
    """Identities and ranges that must hold whatever the data, and results against their own history."""
    return [
        *identities.check(tables, context),
        *history.check(tables, context),
        *adjustment.check(tables),
        *factors.check(tables),
    ]


def check_document(document: Document, tables: Tables, drawn: Sequence[Figure]) -> list[Finding]:
    """The issue says what the tables say: no broken word, every printed number re-derived, every figure placed."""
    return page.check(document, tables, drawn)


def check_claims(
    documents: Mapping[str, Mapping[str, Document]], tables: Tables, context: Context
) -> list[Finding]:
    """Every number and claim of both volumes, derived again by code of its own; numbers that analysts typed beside the tables."""
    typed = [
        finding
        for own in documents.values()
        for document in own.values()
        for finding in check_typed(document, Cells(tables), context)
    ]
    return typed + check_issue(issue_json.record(documents, tables, context), tables)


def write(ruling: Ruling, folder: Path, *, document: Document, tables: Tables, context: Context) -> None:
    """Write ``qa.json`` (counts, waivers, weights of the surveys, every finding) and ``qa.html``, the same for the editor's eyes."""
    content = {
        "counts": counts(ruling.findings),
        "waivers": ruling.record(),
        "survey_weights": _survey_weights(tables, context),
        "findings": [_record(item, ruling) for item in ruling.findings],
    }
    (folder / NAME).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(editors_page(ruling, document, tables, context), encoding="utf-8")


def _survey_weights(tables: Tables, context: Context) -> list[dict[str, Any]]:
    """How the quarter's answers were weighted: design effect, effective size, extremes, how well the margins are met."""
    table = tables.get("survey_weights")
    if table is None or table.empty:
        return []
    now = table[table["period"] == iso(context.quarter)]
    found: list[dict[str, Any]] = json.loads(now.to_json(orient="records"))
    return found


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity."""
    listed = [item.severity for item in findings]
    return {level: listed.count(level) for level in ("error", "warning", "note")}


def _record(item: Finding, ruling: Ruling) -> dict[str, Any]:
    waiver = ruling.answered.get(item)
    return {
        "id": item.id,
        **asdict(item),
        "needs_waiver": item in ruling.unanswered,
        "waived_by": waiver.by if waiver else None,
    }


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that forbid a final issue."""
    return [item for item in findings if item.severity == "error"]


__all__ = [
    "NAME",
    "PAGE",
    "check_claims",
    "check_document",
    "check_tables",
    "counts",
    "errors",
    "headline",
    "write",
]
