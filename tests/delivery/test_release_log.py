import json

import pytest
from click.testing import CliRunner

from reporter.commands.verify import command as verify
from reporter.delivery import release_log
from reporter.domain.errors import ReporterError, StateError
from reporter.pipeline import manifest

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
    assert not release_log.is_approved(folder)
    release_log.approve(folder, who="สมชาย", when=WHEN)
    assert release_log.approval(folder).who == "สมชาย"
    manifest.write({**manifest.read(folder), "version": 2}, folder)
    assert not release_log.is_approved(folder)


def test_a_draft_and_a_changed_issue_are_not_approved(tmp_path):
    draft = _issue(tmp_path, "draft")
    with pytest.raises(StateError, match="draft"):
        release_log.approve(draft, who="a", when=WHEN)
    (tmp_path / "other").mkdir()
    changed = _issue(tmp_path / "other")
    (changed / "report.pdf").write_bytes(b"changed")
    with pytest.raises(StateError, match=r"report\.pdf"):
        release_log.approve(changed, who="a", when=WHEN)
    with pytest.raises(StateError):
        release_log.approve(_issue_beside(tmp_path), who=" ", when=WHEN)
    assert release_log.read_log(tmp_path) == []


def _issue_beside(out):
    (out / "third").mkdir()
    return _issue(out / "third")


@pytest.mark.parametrize("edit", ["change", "remove", "reorder", "junk"])
def test_an_edited_log_is_noticed(tmp_path, edit):
    folder = _issue(tmp_path)
    for who in ("ก", "ข", "ค"):
        release_log.approve(folder, who=who, when=WHEN)
    log = tmp_path / release_log.NAME
    lines = log.read_text().splitlines()
    edited = {
        "change": [lines[0], json.dumps({**json.loads(lines[1]), "who": "ง"}), lines[2]],
        "remove": [lines[0], lines[2]],
        "reorder": [lines[1], lines[0], lines[2]],
        "junk": [*lines, "{"],
    }[edit]
    log.write_text("\n".join(edited) + "\n")
    with pytest.raises(StateError, match="line"):
        release_log.is_approved(folder)


def test_states_follow_the_log_and_a_check_is_noted_once(tmp_path):
    folder = _issue(tmp_path)
    seen = [release_log.state(folder)]
    release_log.record_check(folder, when=WHEN)
    release_log.record_check(folder, when=WHEN)
    seen.append(release_log.state(folder))
    release_log.approve(folder, who="ก", when=WHEN)
    seen.append(release_log.state(folder))
    release_log.record(folder, "published", who="reporter publish", when=WHEN)
    seen.append(release_log.state(folder))
    assert seen == ["draft", "checked", "approved", "released"]
    assert [entry.event for entry in release_log.events(folder)] == ["checked", "approved", "published"]


def test_a_draft_is_not_noted_as_checked(tmp_path):
    release_log.record_check(_issue(tmp_path, "draft"), when=WHEN)
    assert not (tmp_path / release_log.NAME).exists()


def test_a_withdrawn_approval_holds_no_longer_and_needs_a_reason(tmp_path):
    folder = _issue(tmp_path)
    with pytest.raises(StateError, match="no approval"):
        release_log.withdraw(folder, who="ก", when=WHEN, note="ผิด")
    release_log.approve(folder, who="ก", when=WHEN)
    with pytest.raises(StateError, match="reason"):
        release_log.withdraw(folder, who="ก", when=WHEN, note=" ")
    release_log.withdraw(folder, who="ก", when=WHEN, note="พบตัวเลขผิด")
    assert not release_log.is_approved(folder)
    release_log.approve(folder, who="ก", when=WHEN)
    assert release_log.is_approved(folder)


def test_only_declared_approvers_approve(tmp_path):
    folder = _issue(tmp_path)
    with pytest.raises(StateError, match="not among the approvers"):
        release_log.approve(folder, who="ข", when=WHEN, approvers=("ก",))
    assert release_log.approve(folder, who=" ก ", when=WHEN, approvers=("ก",)).who == "ก"


def test_a_log_whose_end_was_cut_off_does_not_hold_the_noted_head(tmp_path):
    folder = _issue(tmp_path)
    heads = [release_log.approve(folder, who=who, when=WHEN).digest for who in ("ก", "ข")]
    release_log.require_head(tmp_path, heads[1])
    log = tmp_path / release_log.NAME
    log.write_text(log.read_text().splitlines()[0] + "\n")
    release_log.require_head(tmp_path, heads[0])
    with pytest.raises(StateError, match="cut off"):
        release_log.require_head(tmp_path, heads[1])


def test_a_full_disk_leaves_the_log_whole(tmp_path, monkeypatch):
    folder = _issue(tmp_path)
    release_log.approve(folder, who="ก", when=WHEN)
    before = (tmp_path / release_log.NAME).read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ReporterError, match="disk is full"):
        release_log.approve(folder, who="ข", when=WHEN)
    assert (tmp_path / release_log.NAME).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_verify_tells_the_events_and_refuses_an_edited_log(tmp_path):
    folder = _issue(tmp_path)
    entry = release_log.approve(folder, who="สมชาย", when=WHEN)
    told = CliRunner().invoke(verify, [str(folder), "--head", entry.digest])
    assert told.exit_code == 0 and "สมชาย" in told.output and "approved" in told.output
    log = tmp_path / release_log.NAME
    log.write_text(log.read_text().replace("สมชาย", "สมหญิง"))
    refused = CliRunner().invoke(verify, [str(folder)])
    assert isinstance(refused.exception, StateError)
