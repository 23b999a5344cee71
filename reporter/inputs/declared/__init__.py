"""Declarations from files: the package's defaults, with a workspace's own files laid over them.

Goes in: ``indicators/<dimension>/<id>.toml``, ``indicators/_sources.toml``, ``indicators/_macro.toml``,
``questionnaires/<survey>.toml``, ``groups/*.csv``. Comes out: one ``Declarations`` object.
Source of the contents: method.md, 1 to 3; form of the files: style.md, 6.
"""

from __future__ import annotations

from pathlib import Path

from reporter.domain.assets import asset
from reporter.domain.declarations import Declarations
from reporter.inputs.declared.files import Problems, lay_over
from reporter.inputs.declared.groups import read_groups
from reporter.inputs.declared.indicators import read_catalogue
from reporter.inputs.declared.questionnaires import demographic_groups, read_questionnaires


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
    problems.stop()
    return Declarations(
        dimensions=catalogue.dimensions,
        indicators=catalogue.indicators,
        macro=catalogue.macro,
        sources=catalogue.sources,
        questionnaires=questionnaires,
        groups=groups | demographic_groups(questionnaires),
    )


__all__ = ["load"]
