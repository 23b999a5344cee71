"""Small workspaces that a whole build takes seconds for: the sample cut down to what a test needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from reporter.checks import check_data
from reporter.domain.errors import Finding, in_order
from reporter.inputs.commentary import check_texts
from reporter.inputs.workspace import Workspace
from reporter.sample import generate


def check_workspace(
    workspace: Workspace | Path, quarter: pd.Period | None = None, **settings: Any
) -> list[Finding]:
    """All that ``reporter check`` finds: in the data and declarations, and in what people wrote. ``settings`` are those of ``check_data``."""
    root = workspace if isinstance(workspace, Path) else workspace.root
    return in_order([*check_data(workspace, quarter, **settings), *check_texts(root, quarter)])


def small_workspace(root: Path, *, dimensions: tuple[str, ...] = ("economy",), answers: int = 0) -> Path:
    """The sample's national series of some dimensions from 2012; ``answers`` respondents of the newest quarter."""
    generate(root, seed=1)
    kept = {f"{dimension}.csv" for dimension in dimensions}
    for path in (root / "series").iterdir():
        if path.name not in kept:
            path.unlink()
            continue
        table = pd.read_csv(path, dtype=str)
        if "group" in table:
            table = table[table["group"] == "TH"]
        table[table["period"] >= "2012"].to_csv(path, index=False)
    for path in (root / "surveys").rglob("*.csv"):
        if answers and path.stem == "2025-Q3":
            pd.read_csv(path, dtype=str).head(answers).to_csv(path, index=False)
        else:
            path.unlink()
    return root
