"""The release log and the gate: only what was checked is approved, only what is approved goes out."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from reporter.commands.release import approve_command as approve
from reporter.commands.release import publish_command as publish
from reporter.commands.release import send_command as send
from reporter.commands.release import verify_command as verify
from reporter.delivery import release_log
from reporter.delivery.built_issue import headline_conflicts
from reporter.delivery.release_log import require_releasable
from reporter.domain.errors import InputError, ReporterError, StateError
from reporter.pipeline import manifest
from tests.support.issue_json import write_issue_json
from tests.support.mailbox import HEADLINE, NOON, QUARTER, make_issue

pytestmark = pytest.mark.slow

COMMANDS = {"approve": approve, "send": send, "publish": publish}
WHEN = "2025-11-14T09:00:00+07:00"


def _issue(out, status="final", checked=True, settings=None):
    folder = out / "2025-Q3"
    folder.mkdir()
    (folder / "report.pdf").write_bytes(b"%PDF")
    head = {"quarter": "2025-Q3", "version": 1, "status": status, "parameters": {"settings": settings or {}}}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    if checked:
        release_log.record_check(folder, when=WHEN)
    return folder


def _approvals(folder):
    return [entry.who for entry in release_log.events(folder) if entry.event == "approved"]


def test_an_approval_speaks_of_one_exact_issue(tmp_path):
    folder = _issue(tmp_path)
    assert not release_log.is_approved(folder)
    release_log.approve(folder, who="สมชาย", when=WHEN)
    assert release_log.approved_by(folder) == ("สมชาย",)
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
    assert not _approvals(draft) and not _approvals(changed)


def _issue_beside(out):
    (out / "third").mkdir()
    return _issue(out / "third")


@pytest.mark.parametrize("edit", ["change", "remove", "reorder", "junk"])
def test_an_edited_log_is_noticed(tmp_path, edit):
    folder = _issue(tmp_path)
    for who in ("ก", "ข", "ค"):
        release_log.approve(folder, who=who, when=WHEN)
    log = tmp_path / release_log.NAME
    lines = log.read_text().splitlines()[-3:]
    first = log.read_text().splitlines()[:-3]
    edited = {
        "change": [lines[0], json.dumps({**json.loads(lines[1]), "who": "ง"}), lines[2]],
        "remove": [lines[0], lines[2]],
        "reorder": [lines[1], lines[0], lines[2]],
        "junk": [*lines, "{"],
    }[edit]
    log.write_text("\n".join([*first, *edited]) + "\n")
    with pytest.raises(StateError, match="line"):
        release_log.is_approved(folder)


def test_states_follow_the_log_and_a_check_is_noted_once(tmp_path):
    folder = _issue(tmp_path, checked=False)
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
    log.write_text("\n".join(log.read_text().splitlines()[:-1]) + "\n")
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


def _forged(folder, name="report.pdf", **more):
    """Change a file and its hash in the manifest, so that all files fit it."""
    (folder / name).write_bytes(b"another number")
    head = {key: value for key, value in manifest.read(folder).items() if key not in ("outputs", "inputs")}
    manifest.write(manifest.manifest(head={**head, **more}, inputs=[], folder=folder), folder)


def test_verify_refuses_other_bytes_than_those_that_were_approved_or_released(tmp_path):
    folder = _issue(tmp_path)
    approved = release_log.approve(folder, who="สมชาย", when=WHEN)
    _forged(folder)
    told = CliRunner().invoke(verify, [str(folder)])
    assert isinstance(told.exception, StateError) and "All" not in told.output
    assert "is not the approved issue" in str(told.exception) and approved.manifest in str(told.exception)
    assert "สมชาย 2025-11-14T09:00:00+07:00" in str(told.exception)
    release_log.record_check(folder, when=WHEN)  # even what passed the checks is not what was approved
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 1
    release_log.approve(folder, who="สมชาย", when=WHEN)
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 0


def test_verify_lets_drafts_other_versions_and_issues_whose_approval_was_withdrawn_pass(tmp_path):
    folder = _issue(tmp_path, "draft")
    _forged(folder)
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 0
    _forged(folder, status="final")
    release_log.record_check(folder, when=WHEN)
    release_log.approve(folder, who="สมชาย", when=WHEN)
    whole = (folder / manifest.NAME).read_bytes()
    _forged(folder, version=2)
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 0
    (folder / manifest.NAME).write_bytes(whole)
    release_log.withdraw(folder, who="สมชาย", when=WHEN, note="ผิด")
    _forged(folder, note="built again")
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 0


def test_verify_knows_the_released_bytes_though_their_approval_was_withdrawn(tmp_path):
    folder = _issue(tmp_path)
    release_log.approve(folder, who="สมชาย", when=WHEN)
    release_log.record(folder, "published", who="reporter publish", when=WHEN)
    release_log.withdraw(folder, who="สมชาย", when=WHEN, note="ผิด")
    assert CliRunner().invoke(verify, [str(folder)]).exit_code == 0
    _forged(folder, note="other bytes")
    assert "(published, " in str(CliRunner().invoke(verify, [str(folder)]).exception)


@pytest.mark.parametrize("again", ["สมชาย ใจดี", "นายสมชาย  ใจดี", "สมชาย ใจดี, ผู้อำนวยการ"])
def test_a_second_approval_by_the_same_person_changes_nothing_and_says_so(tmp_path, again):
    data = tmp_path / "data"
    (data / "series").mkdir(parents=True)
    make_issue(tmp_path / "out", approved=False)
    command = ["-q", QUARTER, "--data", str(data), "--out", str(tmp_path / "out"), "--by"]
    first = CliRunner().invoke(approve, [*command, "สมชาย ใจดี"])
    assert first.exit_code == 0 and "Approved:" in first.output, first.exception
    log = (tmp_path / "out" / release_log.NAME).read_bytes()
    second = CliRunner().invoke(approve, [*command, again])
    assert second.exit_code == 0 and "nothing changed" in second.output and "Approved:" not in second.output
    assert (tmp_path / "out" / release_log.NAME).read_bytes() == log
    assert CliRunner().invoke(approve, [*command, "สมหญิง ใจดี"]).exit_code == 0
    taken = CliRunner().invoke(approve, [*command, again, "--withdraw", "--note", "ผิด"])
    assert taken.exit_code == 0 and "Approved:" in CliRunner().invoke(approve, [*command, again]).output
    assert len(release_log.read_log(tmp_path / "out")) == 5


def test_moments_of_another_zone_are_told_in_bangkok_time(tmp_path):
    folder = _issue(tmp_path)
    release_log.approve(folder, who="สมชาย", when="2025-11-14T20:00:00+00:00")
    assert "2025-11-15T03:00:00+07:00" in CliRunner().invoke(verify, [str(folder)]).output


# ------------------------------------------------------------------------------------- only what was checked


def test_an_issue_that_no_check_knows_is_not_approved(tmp_path):
    folder = _issue(tmp_path, checked=False)
    with pytest.raises(StateError, match="passed all checks"):
        release_log.approve(folder, who="ก", when=WHEN)
    assert not _approvals(folder)


def _whole_issue(out, headline=None, **more):
    """An issue whose tables and report give the headline of ``tests.support.mailbox``; another one may be stated."""
    folder = make_issue(out, approved=False, checked=False, **more)
    if headline:
        content = manifest.read(folder)
        manifest.write({**content, "headline": headline}, folder)
    release_log.record_check(folder, when=WHEN)
    return folder


@pytest.mark.parametrize("part", ["value", "change_quarter", "change_year"])
@pytest.mark.parametrize("key", ["labour_index", "employer"])
def test_an_edited_headline_is_refused_everywhere_even_when_the_log_calls_it_checked(tmp_path, key, part):
    edited = {**HEADLINE, key: {**HEADLINE[key], part: 135.9}}
    folder = _whole_issue(tmp_path / "out", edited)
    with pytest.raises(StateError, match=rf"{key} {part}.*135\.9"):
        release_log.approve(folder, who="ก", when=WHEN)
    for allow_draft in (False, True):
        with pytest.raises(StateError, match="contradicts itself"):
            require_releasable(folder, allow_draft, now=NOON)


def test_a_headline_that_the_report_does_not_print_is_refused(tmp_path):
    folder = tmp_path / "out" / QUARTER
    make_issue(tmp_path / "out", approved=False, checked=False)
    page = folder / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("101.2", "135.9"), encoding="utf-8")
    head = {key: value for key, value in manifest.read(folder).items() if key != "outputs"}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    release_log.record_check(folder, when=WHEN)
    with pytest.raises(StateError, match=r"report\.html says"):
        release_log.approve(folder, who="ก", when=WHEN)


def test_the_value_behind_a_printed_number_counts(tmp_path):
    cell = "labour_index?dimension=overall&amp;group=TH&amp;period=2025-Q3#value"
    folder = make_issue(tmp_path, approved=False)
    for value, count in (("101.24", 0), ("101.2", 1)):
        (folder / "report.html").write_text(
            f'<data value="{value}" data-cell="{cell}">101.2</data> 128.4', encoding="utf-8"
        )
        assert len(headline_conflicts(folder, manifest.read(folder))) == count


def test_a_nowcast_that_the_report_prints_must_be_the_manifest_s(tmp_path):
    cell = "labour_index?dimension=overall&amp;group=TH&amp;period=2025-Q3#value"
    folder = make_issue(tmp_path, approved=False)
    content = manifest.read(folder)
    for stated, count in (({"value": 99.0}, 0), ({"value": 98.0}, 1), (None, 1)):
        entry = dict.fromkeys(("value", "change_quarter", "change_year"), None) | {"nowcast": stated}
        content["headline"]["labour_index"] = entry
        (folder / "report.html").write_text(
            f'<data value="99.0" data-cell="{cell}">99.0</data> 128.4', encoding="utf-8"
        )
        page = [en for _, en in headline_conflicts(folder, content) if "report.html" in en]
        assert len(page) == count


def test_an_issue_document_with_another_headline_is_found(tmp_path):
    folder = make_issue(tmp_path, approved=False)
    assert not headline_conflicts(folder, manifest.read(folder))
    other = {**HEADLINE, "worker": {"value": 99.0, "change_quarter": None, "change_year": None}}
    write_issue_json(folder, QUARTER, other, [], [])
    assert [en for _, en in headline_conflicts(folder, manifest.read(folder))] == [
        "worker value: manifest.json says –, issue.json says 99"
    ]


def test_an_approval_of_unchecked_bytes_lets_nothing_out(tmp_path):
    """A log of the time before checks were demanded, or a line written by hand."""
    folder = make_issue(tmp_path, approved=False, checked=False)
    release_log.record(folder, "approved", who="ก", when=WHEN)
    with pytest.raises(StateError, match="passed all checks"):
        require_releasable(folder, False, now=NOON)
    assert require_releasable(folder, True, now=NOON).mark == "ยังไม่อนุมัติ"


# -------------------------------------------------------------------------------------------- two persons, embargo


def test_where_two_must_approve_they_are_two_persons(tmp_path):
    folder = _issue(tmp_path, settings={"approvers": 2})
    release_log.approve(folder, who="ก", when=WHEN)
    assert release_log.state(folder) == "checked"
    with pytest.raises(StateError, match=r"not been approved .*1/2"):
        require_releasable(folder, False, now=NOON)
    with pytest.raises(StateError, match="two persons"):
        release_log.approve(folder, who="ก", when=WHEN)
    release_log.approve(folder, who="ข", when=WHEN)
    assert require_releasable(folder, False, now=NOON).mark == ""
    release_log.withdraw(folder, who="ก", when=WHEN, note="ผิด")
    assert release_log.approved_by(folder) == ()


def test_the_workspace_may_ask_for_more_approvers_than_the_issue(tmp_path):
    folder = _issue(tmp_path / "out") if (tmp_path / "out").mkdir() is None else None
    release_log.approve(folder, who="ก", when=WHEN)
    (tmp_path / "workspace.toml").write_text("approvers = 2\n", encoding="utf-8")
    with pytest.raises(StateError, match="1/2"):
        require_releasable(folder, False, now=NOON, workspace=tmp_path)
    arguments = ["-q", QUARTER, "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--by"]
    again = CliRunner().invoke(approve, [*arguments, "นาย ก"])
    assert isinstance(again.exception, StateError) and "two persons" in str(again.exception)
    assert CliRunner().invoke(approve, [*arguments, "ข"]).exit_code == 0
    assert require_releasable(folder, False, now=NOON, workspace=tmp_path).mark == ""


def test_the_release_that_was_known_at_the_approval_holds_when_the_calendar_is_gone(tmp_path):
    folder = _issue(tmp_path)
    release_log.approve(folder, who="ก", when=WHEN, embargo="2025-11-20T10:00:00+07:00")
    for allow_draft in (False, True):
        with pytest.raises(StateError, match="embargo"):
            require_releasable(folder, allow_draft, now=NOON)
    assert require_releasable(folder, False, now=NOON + dt.timedelta(days=7)).mark == ""


@pytest.mark.parametrize("name", ["approve", "send", "publish"])
def test_a_workspace_that_is_not_there_is_an_error(tmp_path, name):
    make_issue(tmp_path / "out")
    more = {"approve": ["--by", "ก"], "send": ["--dry-run"], "publish": ["--site", str(tmp_path / "site")]}[
        name
    ]
    arguments = ["-q", QUARTER, "--out", str(tmp_path / "out"), "--data", str(tmp_path / "nosuch"), *more]
    done = CliRunner().invoke(COMMANDS[name], arguments)
    assert isinstance(done.exception, InputError) and "nosuch" in str(done.exception)
    assert not (tmp_path / "site").exists()
    with pytest.raises(InputError, match="nosuch"):
        require_releasable(tmp_path / "out" / QUARTER, True, now=NOON, workspace=tmp_path / "nosuch")


def test_entries_written_before_the_later_fields_keep_their_digests(tmp_path):
    folder = _issue(tmp_path)
    line = json.loads((tmp_path / release_log.NAME).read_text())
    assert not {"embargo", "correction", "site", "archive"} & set(line)
    assert release_log.events(folder)[0].digest == line["digest"]


# ---------------------------------------------------------------------------- what people and other programs do to it


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("สมชาย ใจดี", "สมชาย  ใจดี"),
        ("สมชาย ใจดี", "นายสมชาย ใจดี"),
        ("น.ส. น้ำฝน ใจดี", "นางสาวนํ้าฝน ใจดี"),
        ("ดร.แสง ใจดี", "เเสง\u00a0ใจดี"),
        ("สมชาย ใจดี", "สม\u200bชาย ใจดี"),
        ("Somchai Jaidee", "Mr. SOMCHAI JAIDEE"),
        ("Somchai Jaidee", "Ｓomchai Jaidee"),
        ("ผศ.ดร.สมชาย ใจดี", "รศ. ดร. สมชาย ใจดี"),
        ("ว่าที่ร้อยตรี สมชาย ใจดี", "สมชาย ใจดี"),
        ("สมชาย ใจดี, ผู้อำนวยการกอง", "นายสมชาย ใจดี"),
        ("Somchai Jaidee", "Somchai Jaidee (Director)"),
    ],
)
def test_one_person_written_in_two_ways_is_one_approver(tmp_path, first, second):
    folder = _issue(tmp_path, settings={"approvers": 2})
    release_log.approve(folder, who=first, when=WHEN)
    with pytest.raises(StateError, match="two persons"):
        release_log.approve(folder, who=second, when=WHEN)
    assert not release_log.is_approved(folder)
    release_log.approve(folder, who="สมหญิง ใจดี", when=WHEN)
    assert release_log.is_approved(folder)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Doe, Jane", "Doe, John"),
        ("Deputy Director (Survey)", "Deputy Director (Index)"),
        ("สมชาย ใจดี", "สมชาย ใจดีมาก"),
    ],
)
def test_two_persons_whose_names_begin_alike_stay_two(tmp_path, first, second):
    folder = _issue(tmp_path, settings={"approvers": 2})
    for who in (first, second):
        release_log.approve(folder, who=who, when=WHEN, approvers=(first, second))
    assert release_log.approved_by(folder) == (first, second)
    assert release_log.is_approved(folder)


def test_a_declared_approver_may_be_written_otherwise_and_is_noted_as_declared(tmp_path):
    folder = _issue(tmp_path)
    release_log.approve(folder, who=" นาย สมชาย  ใจดี", when=WHEN, approvers=["สมชาย ใจดี"])
    assert release_log.approved_by(folder) == ("สมชาย ใจดี",)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "นาย", "...", "Mr."])
def test_a_name_without_a_person_approves_nothing(tmp_path, name):
    with pytest.raises(StateError, match="name of the approver"):
        release_log.approve(_issue(tmp_path), who=name, when=WHEN)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x1c", "\r", "\n", "\x0b"])
def test_a_note_with_any_mark_of_a_line_leaves_the_log_whole(tmp_path, mark):
    folder = _issue(tmp_path)
    release_log.approve(folder, who="สมชาย", when=WHEN, note=f"ตรวจแล้ว{mark}ถูกต้อง")
    assert release_log.approved_by(folder) == ("สมชาย",)
    assert release_log.events(folder)[-1].note == f"ตรวจแล้ว{mark}ถูกต้อง"


@pytest.mark.parametrize("command", ["approve", "send", "publish"])
def test_a_folder_under_the_name_of_another_quarter_goes_nowhere(tmp_path, command):
    out, data = tmp_path / "out", tmp_path / "data"
    (data / "series").mkdir(parents=True)
    folder = make_issue(out)
    folder.rename(out / "2025-Q4")
    arguments = ["-q", "2025-Q4", "--out", str(out), "--data", str(data)]
    more = {"approve": ["--by", "สมชาย"], "send": ["--dry-run"], "publish": ["--site", str(tmp_path / "w")]}
    told = CliRunner().invoke(COMMANDS[command], [*arguments, *more[command]])
    assert isinstance(told.exception, StateError)
    assert "2025-Q3" in told.exception.en and "2025-Q4" in told.exception.en


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "two"), ("version", 0), ("version", -1), ("version", True), ("quarter", 3), ("quarter", "2025-Q9"),
        ("outputs", 3), ("outputs", [1]), ("outputs", [{"path": "report.pdf"}]), ("parameters", []),
        ("parameters", {"settings": []}), ("parameters", {"settings": {"approvers": "x"}}), ("headline", []),
        ("status", []), ("embargo", []), ("embargo", 5), ("qa", 7), ("waivers", 3),
    ],
)  # fmt: skip
def test_a_manifest_of_a_wrong_form_is_named_and_nothing_happens(tmp_path, key, value):
    folder = make_issue(tmp_path)
    manifest.write({**manifest.read(folder), key: value}, folder)
    for act in (
        lambda: release_log.approve(folder, who="สมชาย", when=WHEN),
        lambda: require_releasable(folder, True, now=NOON),
        lambda: release_log.record_check(folder, when=WHEN),
    ):
        with pytest.raises(InputError, match=key):
            act()


def test_an_embargo_of_the_settings_counts_in_bangkok_and_however_late_for_an_issue_that_never_left(tmp_path):
    folder = make_issue(tmp_path / "out")
    data = tmp_path / "data"
    (data / "series").mkdir(parents=True)

    def until(text):
        (data / "workspace.toml").write_text(f'embargo = "{text}"\n', encoding="utf-8")
        return release_log.declared_release(folder, manifest.read(folder), data)

    # 30 September in New York is 1 October in Bangkok: after the quarter's end.
    assert until("2025-09-30T20:00:00-04:00") is not None
    assert until("2025-09-30T20:00:00+07:00") is None
    late = until("2026-02-02T09:00:00+07:00")
    assert late is not None
    with pytest.raises(StateError, match="embargo"):
        require_releasable(folder, False, now=NOON, workspace=data)
    release_log.record(folder, "published", who="x", when=WHEN)
    assert until("2026-02-02T09:00:00+07:00") is None  # it speaks of the issue after this one
    with pytest.raises(ReporterError):
        until("2568-11-20T10:00:00+07:00")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "[" * 100_000, '{"documents": {}}', '{"documents": ["th"]}', '{"documents": {"th": null}}',
     '{"schema_version": "1.0", "documents": {"th": {"headline": null}}}',
     '{"schema_version": "1.0", "documents": {"th": {"headline": ["a"]}}}',
     '{"schema_version": 1, "documents": {"th": {"headline": [{"id": "labour_index", "level": 5}]}}}'],
)  # fmt: skip
def test_a_document_of_another_form_is_named_and_never_approved(tmp_path, content):
    folder = make_issue(tmp_path, approved=False)
    (folder / "issue.json").write_text(content, encoding="utf-8")
    head = {key: value for key, value in manifest.read(folder).items() if key not in ("outputs", "inputs")}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    release_log.record_check(folder, when=NOON.isoformat())
    with pytest.raises(InputError, match=r"issue\.json"):
        release_log.approve(folder, who="ผู้อำนวยการ", when=NOON.isoformat())
    with pytest.raises(InputError, match=r"issue\.json"):
        release_log.require_releasable(folder, True, now=NOON)


def test_a_headline_that_stands_twice_in_its_table_is_no_headline(tmp_path):
    folder = make_issue(tmp_path, approved=False)
    path = folder / "tables" / "labour_index.csv"
    first, *rows = path.read_text(encoding="utf-8").splitlines()
    doubled = next(row for row in rows if QUARTER in row).replace("101.24", "135.9")
    path.write_text("\n".join([first, doubled, *rows]) + "\n", encoding="utf-8")
    head = {key: value for key, value in manifest.read(folder).items() if key not in ("outputs", "inputs")}
    manifest.write(manifest.manifest(head=head, inputs=[], folder=folder), folder)
    release_log.record_check(folder, when=NOON.isoformat())
    with pytest.raises(StateError, match="contradicts itself"):
        release_log.approve(folder, who="ผู้อำนวยการ", when=NOON.isoformat())
