"""Synthetic values are known by content wherever they stand; a workspace of real data refuses them."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from reporter.inputs.workspace import open_workspace
from reporter.sample import check_sample_values, generate, make_blank
from tests.support.workspace import check_workspace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("blank") / "work"
    make_blank(root)
    return root / "examples" / "series"


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    generate(root)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "series").mkdir()
    (tmp_path / "workspace.toml").write_text("synthetic = false\n", encoding="utf-8")
    return tmp_path


def told(root: Path) -> set[tuple[str, str]]:
    workspace = open_workspace(root)
    return {(one.rule, one.where) for one in check_sample_values(workspace, workspace.usable_history())}


def test_examples_copied_into_the_series_are_errors(root, examples):
    shutil.copy(examples / "economy.csv", root / "series" / "bot.csv")
    assert told(root) == {("synthetic.series", "series/bot.csv")}
    assert "synthetic.series" in {one.rule for one in check_workspace(root) if one.severity == "error"}


def test_examples_pasted_into_a_sheet_among_real_values_are_errors(root, examples):
    lines = [
        line.split(",") for line in (examples / "unemployment.csv").read_text(encoding="utf-8").splitlines()
    ]
    place = lines[0].index("value")
    book = openpyxl.Workbook()
    for number, line in enumerate(line for line in lines if line[0] in ("indicator", "unemployment_rate")):
        line = line[:4]
        line[place] = float(line[place]) + (number % 3 == 0) if number else line[place]
        book.active.append(line)
    book.save(root / "series" / "nso.xlsx")
    assert told(root) == {("synthetic.series", "series/nso.xlsx")}


def test_other_values_and_declared_synthetic_ones_are_none(root, examples):
    rows = [
        f"unemployment_rate,20{year}-Q{q},{1 + year / 100 + q / 7:.2f}"
        for year in range(10, 25)
        for q in (1, 2, 3, 4)
    ]
    (root / "series" / "a.csv").write_text(
        "indicator,period,value\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    assert told(root) == set()
    shutil.copy(examples / "economy.csv", root / "series" / "b.csv")
    (root / "workspace.toml").write_text("synthetic = true\n", encoding="utf-8")
    assert told(root) == set()


def test_synthetic_answers_are_errors_under_other_ids(root, sample):
    (root / "surveys" / "worker").mkdir(parents=True)
    text = (sample / "surveys" / "worker" / "2025-Q3.csv").read_text(encoding="utf-8")
    lines = text.splitlines()[:400]
    renamed = [lines[0], *(f"x{number}," + line.split(",", 1)[1] for number, line in enumerate(lines[1:]))]
    (root / "surveys" / "worker" / "2025-Q4.csv").write_text("\n".join(renamed) + "\n", encoding="utf-8")
    assert told(root) == {("synthetic.survey", "surveys/worker/2025-Q4.csv")}


def test_the_folder_of_the_sample_with_one_word_changed_is_an_error(sample, tmp_path):
    root = shutil.copytree(sample, tmp_path / "copy")
    settings = (
        (root / "workspace.toml").read_text(encoding="utf-8").replace("synthetic = true", "synthetic = false")
    )
    (root / "workspace.toml").write_text(settings, encoding="utf-8")
    assert {"synthetic.folder", "synthetic.series", "synthetic.survey"} <= {rule for rule, _ in told(root)}
