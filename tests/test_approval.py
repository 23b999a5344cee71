import json

import pytest

from reporter import approval, manifest
from reporter.errors import StateError

WHEN = "2025-11-14T09:00:00+07:00"


def _issue(out, status="final"):
    folder = out / "2025-Q3"
    folder.mkdir()
    (folder / "report.pdf").write_bytes(b"%PDF")
    head = {"quarter": "2025-Q3", "version": 1, "status": status}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    return folder


def test_an_approval_speaks_of_one_exact_issue(tmp_path):
    folder = _issue(tmp_path)
    assert not approval.is_approved(folder)
    approval.approve(folder, who="สมชาย", when=WHEN)
    assert approval.approval(folder).who == "สมชาย"
    manifest.write({**manifest.read(folder), "version": 2}, folder)
    assert not approval.is_approved(folder)


def test_a_draft_and_a_changed_issue_are_not_approved(tmp_path):
    draft = _issue(tmp_path, "draft")
    with pytest.raises(StateError, match="draft"):
        approval.approve(draft, who="a", when=WHEN)
    (tmp_path / "other").mkdir()
    changed = _issue(tmp_path / "other")
    (changed / "report.pdf").write_bytes(b"changed")
    with pytest.raises(StateError, match=r"report\.pdf"):
        approval.approve(changed, who="a", when=WHEN)
    with pytest.raises(StateError):
        approval.approve(_issue_beside(tmp_path), who=" ", when=WHEN)
    assert approval.read_log(tmp_path) == []


def _issue_beside(out):
    (out / "third").mkdir()
    return _issue(out / "third")


@pytest.mark.parametrize("edit", ["change", "remove", "reorder", "junk"])
def test_an_edited_log_is_noticed(tmp_path, edit):
    folder = _issue(tmp_path)
    for who in ("ก", "ข", "ค"):
        approval.approve(folder, who=who, when=WHEN)
    log = tmp_path / approval.NAME
    lines = log.read_text().splitlines()
    edited = {
        "change": [lines[0], json.dumps({**json.loads(lines[1]), "who": "ง"}), lines[2]],
        "remove": [lines[0], lines[2]],
        "reorder": [lines[1], lines[0], lines[2]],
        "junk": [*lines, "{"],
    }[edit]
    log.write_text("\n".join(edited) + "\n")
    with pytest.raises(StateError, match="line"):
        approval.is_approved(folder)
