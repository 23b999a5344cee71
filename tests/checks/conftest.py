"""A tiny good workspace that the tests break in one place each."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.inputs.declared import load
from reporter.sample import groups
from tests.support.shared import shared


def write_good(root: Path) -> None:
    """Two monthly and two quarterly series, a gap, both surveys of one quarter, commentary, recipients."""
    months = pd.period_range("2021-01", "2025-09", freq="M")
    quarters = pd.period_range("2016Q1", "2025Q3", freq="Q")
    lines = ["indicator,group,period,value"]
    lines += [f"mpi,TH,{month},{100 + (n * 7) % 5 + n / 50:.2f}" for n, month in enumerate(months)]
    lines += [f"vacancies,TH,{month},{30000 + 300 * ((n * 7) % 5)}" for n, month in enumerate(months)]
    (root / "series").mkdir(parents=True)
    (root / "series" / "monthly.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["indicator,period,value,as_of"]
    for n, quarter in enumerate(quarters):
        text = f"{quarter.year}-Q{quarter.quarter}"
        lines.append(f"unemployment_rate,{text},{0.9 + 0.02 * ((n * 3) % 4):.2f},")
        lines.append(f"average_wage,{text},{13000 + 60 * n},")
        lines.append(f"hours_male,{text},{43 + 0.1 * ((n * 3) % 4):.1f},")
        lines.append(f"hours_female,{text},{41 + 0.1 * ((n * 5) % 4):.1f},")
    (root / "series" / "quarterly.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, text in _answers().items():
        path = root / "surveys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folder = root / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "outlook.toml").write_text(
        '[[factors]]\norigin = "home"\nsign = "+"\naffects = "both"\ntext = "ก"\n', encoding="utf-8"
    )
    (folder / "02.md").write_text("ข้อความ\n", encoding="utf-8")
    (root / "recipients.csv").write_text("agency,name,email\nก,ข,one@example.org\n", encoding="utf-8")
    (root / "workspace.toml").write_text("synthetic = true\n", encoding="utf-8")


def _answers() -> dict[str, str]:
    kept = groups.RESPONDENTS, groups.SURVEY_QUARTERS
    groups.RESPONDENTS, groups.SURVEY_QUARTERS = 320, pd.period_range("2025Q3", "2025Q3", freq="Q")
    try:
        return groups.make_surveys(load(), np.random.default_rng(7))
    finally:
        groups.RESPONDENTS, groups.SURVEY_QUARTERS = kept


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("good") / "workspace"
    write_good(root)
    return root


@pytest.fixture
def good(_template: Path, tmp_path: Path) -> Path:
    """A fresh copy of the good workspace."""
    return shutil.copytree(_template, tmp_path / "workspace")


@pytest.fixture(scope="session")
def real_workspace() -> Path:
    """Published Thai series beside the checkout; skipped where absent."""
    return shared("real")
