"""Exports: one built issue in the formats that ministries and analysts work with (docs/exports.md).

Goes in: the folder of a built issue (``issue.json``, ``tables/*.csv``, ``charts/*.png``). Comes out: files outside that folder, whose
published bytes never change: Word, slides, Stata, Parquet, SDMX, JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reporter.exports.issue import Issue, read_issue

KINDS = ("docx", "pptx", "dta", "parquet", "sdmx", "json", "charts")


def write(issue: Issue, kind: str, folder: Path, data: Path | None = None) -> list[Path]:
    """Write one format of the issue into ``folder``; returns the files. ``data``: the workspace, for the ministry's names."""
    from reporter.exports import (
        data_files,
        docx,
        pptx,
    )
    from reporter.exports.issue import chart_files

    makers: Mapping[str, Callable[[Issue], Mapping[str, bytes]]] = {
        "docx": lambda given: {_file(given, "report", "docx"): docx.document_bytes(given)},
        "pptx": lambda given: {_file(given, "briefing", "pptx"): pptx.presentation_bytes(given)},
        "dta": data_files.stata_files,
        "parquet": data_files.parquet_files,
        "sdmx": data_files.sdmx_files,
        "json": data_files.json_files,
        "charts": lambda given: chart_files(given, data),
    }
    written = []
    for name, content in makers[kind](issue).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def _file(issue: Issue, name: str, ending: str) -> str:
    """``report-2025-Q3.docx``, of the English edition ``report-2025-Q3-en.docx``."""
    tail = "" if issue.lang == "th" else f"-{issue.lang}"
    return f"{name}-{issue.content['quarter']}{tail}.{ending}"


__all__ = ["KINDS", "Issue", "read_issue", "write"]
