"""The reviewers' pack: what is in it, what never is, and that a wrong published number is found by its script."""

import hashlib
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from reporter.delivery import reviewers
from reporter.domain.errors import StateError

INPUTS = {
    "series/nso.csv": "indicator,period,value\n",
    "surveys/worker/2025-Q3.csv": "respondent_id,q1.1\nsomebody,5\n",
    "store/surveys/employer/2025-Q3/2025-11-01-0123456789abcdef.csv": "respondent_id\nsomebody else\n",
    "surveys/margins-worker.csv": "margin,category,population\n",
    "surveys/mappings/office.toml": "[columns]\n",
}


def entry(path, root):
    data = path.read_bytes()
    return {
        "path": path.relative_to(root).as_posix(),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


@pytest.fixture
def issue(tmp_path):
    """A workspace and an issue's folder with a manifest that fits both."""
    data, folder = tmp_path / "data", tmp_path / "out/2025-Q3"
    for name, text in INPUTS.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
    (data / "recipients.csv").write_text("agency,name,email\nBOT,x,x@example.org\n", encoding="utf-8")
    (folder / "tables").mkdir(parents=True)
    (folder / "tables/weights.csv").write_text("dimension,weight\nwages,1.0\n", encoding="utf-8")
    (folder / "report.pdf").write_bytes(b"%PDF")
    content = {
        "quarter": "2025-Q3",
        "version": 2,
        "parameters": {"settings": {"title": {"th": "รายงานภาวะแรงงาน"}}},
        "inputs": [entry(data / name, data) for name in sorted(INPUTS)],
        "outputs": [entry(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()],
    }
    (folder / "manifest.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return data, folder


def packed(issue, tmp_path, **how):
    target = tmp_path / "pack.zip"
    reviewers.write(issue[1], issue[0], target, **how)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_pack_has_method_data_code_tests_and_script_but_no_answers_and_no_addresses(issue, tmp_path):
    found = packed(issue, tmp_path)
    assert {
        "README.md",
        "replicate.py",
        "issue/manifest.json",
        "issue/tables/weights.csv",
        "issue/report.pdf",
    } <= set(found)
    assert {"workspace/series/nso.csv", "workspace/surveys/margins-worker.csv"} <= set(found)
    assert "code/reporter/index/national.py" in found and "code/data/indicators/_macro.toml" in found
    assert "code/tests/delivery/test_reviewers.py" in found
    assert not any(
        "2025-Q3.csv" in name or "store/surveys" in name or "recipients" in name
        for name in found
        if name.startswith("workspace")
    )
    assert b"somebody" not in b"".join(data for name, data in found.items() if not name.startswith("code/"))
    assert "ฉบับที่ 2" in found["README.md"].decode() and "คำถาม" in found["README.md"].decode()
    compile(found["replicate.py"], "replicate.py", "exec")


def test_answers_go_only_to_who_is_given_them(issue, tmp_path):
    found = packed(issue, tmp_path, has_answers=True)
    assert found["workspace/surveys/worker/2025-Q3.csv"] == INPUTS["surveys/worker/2025-Q3.csv"].encode()


def test_the_same_issue_gives_the_same_bytes(issue, tmp_path):
    packed(issue, tmp_path)
    first = (tmp_path / "pack.zip").read_bytes()
    packed(issue, tmp_path)
    assert (tmp_path / "pack.zip").read_bytes() == first


@pytest.mark.parametrize("name", ["out/2025-Q3/tables/weights.csv", "data/series/nso.csv"])
@pytest.mark.parametrize("what", ["changed", "gone"])
def test_what_is_not_as_the_manifest_says_makes_no_pack(issue, tmp_path, name, what):
    path = tmp_path / name
    path.write_text("x", encoding="utf-8") if what == "changed" else path.unlink()
    with pytest.raises(StateError, match=path.name):
        packed(issue, tmp_path)
    assert not (tmp_path / "pack.zip").exists()


TABLE = pd.DataFrame({"period": ["2025-Q2", "2025-Q3"], "value": [99.9, np.nan], "flag": ["small", None]})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 0.0),
        ({"value": [99.9 * (1 + 5e-10), np.nan]}, 5e-10),
        ({"value": [99.8, np.nan]}, 0.1 / 99.9),
        ({"value": [99.9, 1.0]}, np.inf),
        ({"flag": ["small", "suppressed"]}, np.inf),
        ({"period": ["2025-Q2", "2025-Q4"]}, np.inf),
    ],
)
def test_tables_differ_by_their_largest_cell(change, expected):
    assert reviewers.difference(TABLE, TABLE.assign(**change)) == pytest.approx(expected, rel=1e-6)


def test_another_shape_is_another_table():
    assert reviewers.difference(TABLE, TABLE.iloc[:1]) == np.inf
    assert reviewers.difference(TABLE, TABLE.drop(columns="flag")) == np.inf
