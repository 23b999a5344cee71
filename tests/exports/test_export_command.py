"""``reporter export``: files outside the issue's folder, whose bytes stay as they are."""

import hashlib
import json
import shutil

import pytest
from click.testing import CliRunner

from reporter.commands.build import EXPORTS, export_command
from reporter.domain.errors import InputError

pytestmark = pytest.mark.slow


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_kind_is_written_outside_the_issue(built, tmp_path, kind):
    done = CliRunner().invoke(
        export_command, ["-q", "2025-Q3", kind, "--out", str(built.parent), "--to", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(map(str, written)) == sorted(done.output.splitlines())
    assert written and all(path.stat().st_size for path in written)


def test_a_file_is_written_beside_the_issue_and_the_issue_stays_as_it_is(built):
    before = digest(built)
    done = CliRunner().invoke(export_command, ["-q", "3/2568", "json", "--out", str(built.parent)])
    assert done.exit_code == 0, done.output
    assert (built.parent / "exports" / "2025-Q3" / "json" / "labour_index.json").exists()
    assert digest(built) == before


def test_without_a_built_issue_the_message_says_what_to_do(tmp_path):
    done = CliRunner().invoke(export_command, ["-q", "2025-Q3", "docx", "--out", str(tmp_path)])
    assert done.exit_code == 1 and "reporter build" in str(done.exception)


def test_a_language_that_the_issue_lacks_is_refused(built, tmp_path):
    content = json.loads((built / "issue.json").read_text(encoding="utf-8"))
    del content["documents"]["en"]
    (tmp_path / "2025-Q3").mkdir()
    (tmp_path / "2025-Q3" / "issue.json").write_text(json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(
        export_command, ["-q", "2025-Q3", "docx", "--lang", "en", "--out", str(tmp_path)]
    )
    assert done.exit_code == 1 and "--lang both" in str(done.exception)


def damage(folder, how):
    """Break a copied issue in one of the ways in which people do."""
    path, table = folder / "issue.json", folder / "tables" / "labour_index.csv"
    if how == "cut off":
        path.write_bytes(path.read_bytes()[:500])
    elif how == "something else":
        path.write_text("[]", encoding="utf-8")
    elif how == "table gone":
        table.unlink()
    elif how == "table edited":
        table.write_bytes(table.read_bytes().replace(b"2025-Q3", b"2025-Q4", 1))
    else:
        next((folder / "charts").glob("*.png")).unlink()


@pytest.mark.parametrize("how", ["cut off", "something else", "table gone", "table edited", "picture gone"])
def test_an_issue_that_is_not_as_it_was_built_is_refused_in_words(built, tmp_path, how):
    folder = shutil.copytree(built, tmp_path / "2025-Q3")
    damage(folder, how)
    for kind in ("docx", "sdmx"):
        done = CliRunner().invoke(export_command, ["-q", "3/2568", kind, "--out", str(tmp_path)])
        assert done.exit_code == 1 and isinstance(done.exception, InputError), done.exception
        assert "reporter build" in done.exception.en and not (tmp_path / "exports").exists()
