"""Declarations from files: the package's defaults, with a workspace's own files laid over them.

Goes in: ``indicators/<dimension>/<id>.toml``, ``indicators/_sources.toml``, ``indicators/_macro.toml``,
``questionnaires/<survey>.toml``, ``groups/*.csv``. Comes out: one ``Declarations`` object.
Source of the contents: method.md, 1 to 3; form of the files: style.md, 6.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from reporter.domain.assets import asset
from reporter.domain.declarations import Declarations
from reporter.domain.errors import Finding
from reporter.inputs import workbook
from reporter.inputs.declared.files import Problems, lay_over, read_toml
from reporter.inputs.declared.groups import read_groups
from reporter.inputs.declared.indicators import Catalogue, read_catalogue
from reporter.inputs.declared.questionnaires import demographic_groups, read_questionnaires
from reporter.inputs.workbook_form import SOURCES

SOURCES_FILE = "sources.toml"
_ACTUAL = "แหล่งข้อมูลที่ใช้จริง"


def load(root: Path | None = None) -> Declarations:
    """Read all declarations; a file of the workspace replaces the package's file of the same name.

    root     the workspace's folder, or None for the package's declarations alone
    Raises   DeclarationError with every problem of every file, each with its file and field
    """
    roots = [asset("data")] + ([Path(root)] if root is not None else [])
    problems = Problems()
    groups = read_groups(lay_over(roots, "groups", "*.csv"), problems)
    catalogue = read_catalogue(lay_over(roots, "indicators", "**/*.toml"), problems)
    questionnaires = read_questionnaires(lay_over(roots, "questionnaires", "*.toml"), groups, problems)
    if root is not None:
        _own_sources(Path(root), catalogue, problems)
    problems.stop()
    return Declarations(
        dimensions=catalogue.dimensions,
        indicators=catalogue.indicators,
        macro=catalogue.macro,
        sources=catalogue.sources,
        questionnaires=questionnaires,
        groups=groups | demographic_groups(questionnaires),
    )


def _own_sources(root: Path, catalogue: Catalogue, problems: Problems) -> None:
    """Sources that the workspace says its series really come from: ``sources.toml``, else the workbook's list."""
    path = root / SOURCES_FILE
    if path.is_file():
        content = read_toml(SOURCES_FILE, path, problems) or {}
        own: list[tuple[str, Any, str, int | None]] = [
            (series, source, SOURCES_FILE, None) for series, source in content.items()
        ]
    else:
        noted: list[Finding] = []
        listed = [entry for entry in workbook.entries(root, SOURCES, noted) if entry.texts[_ACTUAL]]
        own = [(entry.texts["รหัส"], entry.texts[_ACTUAL], entry.where, entry.row) for entry in listed]
    for series, source, where, row in own:
        table: Any = catalogue.indicators if series in catalogue.indicators else catalogue.macro
        codes = str(source).split("+")
        if series not in table:
            problems.add(
                where,
                series,
                "ไม่รู้จักตัวชี้วัดนี้ — ดู reporter indicators",
                "Unknown series; see reporter indicators.",
                row=row,
            )
        elif unknown := [code for code in codes if code not in catalogue.sources]:
            known = ", ".join(catalogue.sources)
            problems.add(
                where,
                series,
                f'ไม่รู้จักแหล่งข้อมูล "{unknown[0]}" — เลือกจาก {known} หรือเพิ่มใน indicators/_sources.toml',
                f'Unknown source "{unknown[0]}"; choose from {known}, or declare it in indicators/_sources.toml.',
                row=row,
            )
        else:
            table[series] = dataclasses.replace(table[series], source=str(source))


__all__ = ["load"]
