import pytest

from reporter.domain.errors import InputError, StateError
from reporter.pipeline import manifest
from reporter.runtime import program

pytestmark = pytest.mark.slow


@pytest.fixture
def issue(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "weights.csv").write_text("dimension,weight\n")
    manifest.write(manifest.manifest(head={"quarter": "2025-Q3"}, inputs=[], folder=tmp_path), tmp_path)
    return tmp_path


def test_an_untouched_issue_fits_its_manifest(issue):
    content = manifest.read(issue)
    assert [entry["path"] for entry in content["outputs"]] == ["tables/weights.csv"]
    assert manifest.changed_files(issue, content) == []


def test_changed_missing_and_added_files_are_named(issue):
    content = manifest.read(issue)
    (issue / "extra.txt").write_text("x")
    (issue / "tables" / "weights.csv").write_text("changed")
    assert manifest.changed_files(issue, content) == ["extra.txt", "tables/weights.csv"]
    (issue / "tables" / "weights.csv").unlink()
    assert manifest.changed_files(issue, content) == ["extra.txt", "tables/weights.csv"]


def test_no_manifest_is_a_state_and_a_broken_one_an_input_error(tmp_path):
    with pytest.raises(StateError, match="run reporter build"):
        manifest.read(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError):
        manifest.read(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(InputError):
        manifest.read(tmp_path)


def test_the_code_digest_names_the_versions():
    assert len(program.versions()["code"]) == 64
    assert program.versions()["weasyprint"].startswith("70")
