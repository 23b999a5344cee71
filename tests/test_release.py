"""One whole build from a small synthetic workspace, and what must not be left behind when it fails."""

import json
import shutil

import pandas as pd
import pytest

from reporter import manifest, qa, release
from reporter.errors import InputError, StateError
from reporter.periods import parse_quarter
from reporter.progress import Silent

QUARTER = parse_quarter("2025-Q3")
COLUMNS = {
    "labour_index": ["dimension", "group", "period", "value"],
    "series": ["indicator", "group", "period", "raw", "adjusted", "transformed"],
    "weights": ["dimension", "weight"],
    "contributions": ["period", "against", "dimension", "contribution"],
    "forecast": ["period", "mean", "low80", "high80", "low95", "high95"],
    "forecast_evaluation": ["model", "horizon", "rmse", "mae", "selected"],
    "index_tests": ["test", "variable", "statistic", "p_value"],
    "confidence": ["survey", "domain", "group", "period", "value", "n", "low", "high"],
    "employer_actions": ["action", "period", "share", "n"],
    "traits": ["trait", "period", "share", "n"],
    "priorities": ["aspect", "period", "mean_rank", "first_share", "top3_share", "n"],
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """The sample cut down: three dimensions for the whole country, two quarters of 300 answers."""
    from reporter.sample import generate

    root = tmp_path_factory.mktemp("release") / "workspace"
    generate(root, seed=1)
    kept = {"economy.csv", "unemployment.csv", "job_opportunity.csv", "macro.csv"}
    for path in (root / "series").iterdir():
        if path.name not in kept:
            path.unlink()
            continue
        table = pd.read_csv(path, dtype=str)
        if "group" in table:
            table = table[table["group"] == "TH"]
        table.to_csv(path, index=False)
    for path in (root / "surveys").rglob("*.csv"):
        if path.stem in ("2025-Q2", "2025-Q3"):
            pd.read_csv(path, dtype=str).head(300).to_csv(path, index=False)
        else:
            path.unlink()
    return root


@pytest.fixture(scope="module")
def built(workspace):
    out = workspace.parent / "out"
    return release.build(release.Request(QUARTER, workspace, out, is_final=True), Silent())


def test_the_issue_holds_every_file_of_the_contract(built):
    names = {path.name for path in built.folder.iterdir()}
    assert {"report.pdf", "report.html", "data.xlsx", "charts", "tables", "qa.json", "manifest.json"} <= names
    assert len(list((built.folder / "charts").glob("*.svg"))) >= 15
    assert not qa.errors(built.findings)


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_columns_of_the_contract(built, name):
    table = pd.read_csv(built.folder / "tables" / f"{name}.csv")
    assert list(table.columns[: len(COLUMNS[name])]) == COLUMNS[name]
    assert len(table)


def test_what_is_missing_is_said(built):
    status = pd.read_csv(built.folder / "tables" / "indicator_status.csv")
    assert len(status) == 38
    assert (status["status"] == "missing").sum() == 38 - 4 - 2 - 7
    assert "ไม่มีข้อมูล" in (built.folder / "report.html").read_text(encoding="utf-8")


def test_the_manifest_fits_the_files_and_names_the_inputs(built, workspace):
    content = manifest.read(built.folder)
    assert manifest.changed_files(built.folder, content) == []
    assert content["status"] == "final" and content["synthetic"] is True
    assert "series/economy.csv" in {entry["path"] for entry in content["inputs"]}
    assert str(workspace) not in (built.folder / "manifest.json").read_text(encoding="utf-8")


def test_every_page_says_that_the_data_are_synthetic(built):
    import pypdfium2

    document = pypdfium2.PdfDocument(built.folder / "report.pdf")
    pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) >= 25
    assert all("ข้อมูลสังเคราะห์" in text for text in pages)


def test_a_second_build_gives_the_same_bytes(built, workspace, tmp_path):
    again = release.build(release.Request(QUARTER, workspace, tmp_path, is_final=True, jobs=2), Silent())
    first, second = (
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
        for folder in (built.folder, again.folder)
    )
    assert first == second


def test_wrong_input_stops_a_final_issue_and_leaves_the_old_one(built, workspace, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(workspace, broken)
    with (broken / "series" / "economy.csv").open("a", encoding="utf-8") as stream:
        stream.write("pmi,TH,2025-09,fifty,\n")
    with pytest.raises(InputError) as refused:
        release.build(release.Request(QUARTER, broken, tmp_path / "out", is_final=True), Silent())
    assert any(finding.where == "series/economy.csv" and finding.row for finding in refused.value.findings)
    assert not (tmp_path / "out").exists()


def test_an_error_in_the_results_stops_a_final_issue_before_anything_is_written(
    workspace, tmp_path, monkeypatch
):
    wrong = qa._error("tables/weights.csv", "weights.sum", "ผิด", "wrong")
    monkeypatch.setattr(qa, "check_tables", lambda tables, context: [wrong])
    with pytest.raises(StateError, match="no file was changed"):
        release.build(release.Request(QUARTER, workspace, tmp_path / "out", is_final=True), Silent())
    assert not (tmp_path / "out").exists()
