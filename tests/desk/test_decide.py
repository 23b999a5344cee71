"""Look and decide: what changed, approval over the digest by those who may, rehearsals that log nothing, guards of the commands."""

import json
import re
import time

import pytest

from reporter.delivery import release_log
from reporter.desk import look
from tests.delivery.site.conftest import build_small
from tests.support.desk import NOW, client, csrf, example_desk

pytestmark = pytest.mark.slow

WHEN = NOW.isoformat()


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "data" / "series").mkdir(parents=True)
    (tmp_path / "data" / "calendar.toml").write_text(
        'approvers = ["สมชาย", "สมหญิง"]\n[[releases]]\nquarter = "2025-Q3"\nat = 2025-11-20T10:00:00+07:00\n',
        encoding="utf-8",
    )
    made = example_desk(tmp_path / "data", tmp_path / "out", site=tmp_path / "site")
    build_small(made.out, "2025-Q3", status="final")
    release_log.record_check(made.out / "2025-Q3", when=WHEN)
    return made


def named(desk, name):
    asking = client(desk)
    asking.post("/name", headers=csrf(desk), data={"name": name, "next": "/"})
    return asking


def send(asking, path, **fields):
    return asking.post(f"/q/2025-Q3{path}", headers=csrf(asking.desk), data=fields)


def digest(asking):
    return re.search(r'name="digest" value="([0-9a-f]+)"', asking.get("/q/2025-Q3/decide").text)[1]


def events(desk):
    return [(entry.event, entry.who) for entry in release_log.events(desk.out / "2025-Q3")][1:]


def finished(desk):
    deadline = time.monotonic() + 120
    while desk.shared["job"].exit is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return desk.shared["job"]


def test_an_approver_approves_what_is_on_the_page_and_takes_it_back_with_a_reason(desk):
    asking = named(desk, "สมชาย")
    assert send(asking, "/approve", digest=digest(asking), note="อ่านแล้ว").status_code == 303
    assert events(desk) == [("approved", "สมชาย")]
    assert "สมชาย" in asking.get("/q/2025-Q3/decide").text
    assert send(asking, "/approve/withdraw", digest=digest(asking), note=" ").status_code == 400
    assert send(asking, "/approve/withdraw", digest=digest(asking), note="พบข้อผิดพลาด").status_code == 303
    assert [event for event, _ in events(desk)] == ["approved", "withdrawn"]


@pytest.mark.parametrize("path", ["/approve", "/send", "/publish", "/approve/withdraw"])
@pytest.mark.parametrize("name", ["", "ใครก็ได้", "--help", "สมชาย\nสมหญิง"])
def test_only_approvers_of_the_calendar_decide(desk, path, name):
    asking = named(desk, name)
    assert send(asking, path, digest=digest(asking), note="x").status_code in (400, 409)
    assert events(desk) == []


@pytest.mark.parametrize("path", ["/approve", "/send", "/publish", "/letters", "/site"])
def test_a_decision_about_an_issue_that_has_changed_is_refused(desk, path):
    asking = named(desk, "สมชาย")
    old = digest(asking)
    build_small(desk.out, "2025-Q3", status="final", sentence="ประโยคอื่น 2.3 จุด")
    for wrong in (old, "", "0" * 64):
        assert send(asking, path, digest=wrong).status_code == 409
    assert events(desk) == [] or events(desk) == events(desk)[:0]


def test_a_draft_is_not_approved(desk):
    build_small(desk.out, "2025-Q3", status="draft")
    asking = named(desk, "สมชาย")
    answer = send(asking, "/approve", digest=digest(asking))
    assert answer.status_code == 409 and "ฉบับร่าง" in answer.text


def test_nothing_is_published_before_its_embargo_or_without_approval(desk):
    asking = named(desk, "สมชาย")
    assert send(asking, "/publish", digest=digest(asking)).status_code == 303
    job = finished(desk)
    assert job.exit == 1 and not desk.site.exists() and events(desk) == []
    assert "part-job" not in asking.get("/q/2025-Q3/parts/job").text and job.words.strip()


def test_a_rehearsal_of_the_site_shows_it_and_logs_nothing(desk):
    asking = named(desk, "ใครก็ได้")
    before = (desk.out / release_log.NAME).read_bytes()
    assert send(asking, "/site", digest=digest(asking)).status_code == 303
    page = asking.get("/q/2025-Q3/kept/site/index.html")
    assert page.status_code == 200 and "ยังไม่อนุมัติ" in page.text
    assert (desk.out / release_log.NAME).read_bytes() == before and not desk.site.exists()
    assert sorted(path.name for path in (desk.out / ".desk").iterdir()) == ["site-2025-Q3"]


def test_letters_are_written_as_files_and_none_is_sent(desk):
    rows = "agency,name,email\nสำนักงาน,ผู้รับ,reader@mol.test\n"
    (desk.data / "recipients.csv").write_text(rows, encoding="utf-8")
    asking = named(desk, "ใครก็ได้")
    assert send(asking, "/letters", digest=digest(asking)).status_code == 303
    assert finished(desk).exit == 0, desk.shared["job"].words
    assert "reader@mol.test" in asking.get("/q/2025-Q3/kept/letters/index.html").text
    assert events(desk) == []


def test_only_one_command_runs_at_a_time(desk):
    desk.shared["job"] = look.Job("build", "2025-Q3")
    asking = named(desk, "สมชาย")
    assert send(asking, "/build", kind="draft").status_code == 409
    assert send(asking, "/build", kind="nonsense").status_code == 400
    part = asking.get("/q/2025-Q3/parts/job").text
    assert "every 1s" in part
    desk.shared["job"].exit = 0
    ended = asking.get("/q/2025-Q3/parts/job", headers={"hx-request": "true"})
    assert (
        "every 1s" not in ended.text and ended.headers["hx-refresh"] == "true"
    )  # the results stand on the whole page


def test_what_was_done_is_said_once(desk):
    asking = named(desk, "สมชาย")
    send(asking, "/build", kind="nonsense")
    desk.shared["job"] = look.Job("build", "2025-Q3", exit=0)
    asking.post("/new-quarter", headers=csrf(desk), data={"quarter": "2568-Q3"})
    assert 'class="said" role="status"' in asking.get("/q/2025-Q3/workspace").text
    assert 'class="said" role="status"' not in asking.get("/q/2025-Q3/workspace").text


@pytest.mark.parametrize(
    "path",
    [
        "../release_log.jsonl",
        "..%2frelease_log.jsonl",
        "%2e%2e/release_log.jsonl",
        ".hidden",
        "/etc/passwd",
        "charts",
        "nothing.html",
        "manifest",
    ],
)
def test_only_files_of_the_issue_are_shown(desk, path):
    (desk.out / "2025-Q3" / ".hidden").write_text("x", encoding="utf-8")
    asking = named(desk, "")
    for start in ("issue", "kept/site", "kept/letters", "kept/other"):
        assert asking.get(f"/q/2025-Q3/{start}/{path}").status_code in (303, 404)
    assert asking.get("/q/2025-Q3/issue/report.html").status_code == 200


def test_scripts_stay_forbidden_in_the_issues_own_pages(desk):
    policy = named(desk, "").get("/q/2025-Q3/issue/report.html").headers["content-security-policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy


def part(sentences, slug="labour"):
    told = [{"text": text, "spans": [], "claims": []} for text in sentences]
    return {
        "slug": slug,
        "short_title": slug,
        "finding": told[:1],
        "sections": [{"blocks": [{"kind": "paragraph", "sentences": told[1:]}]}],
    }


def issue(sentences, level):
    head = {"id": "labour_index", "name": "ดัชนี", "level": {"text": level}}
    return {"summary": part([], "summary"), "chapters": [part(sentences)], "headline": [head]}


def test_differences_name_what_changed_and_not_what_moved():
    before, now = issue(["ก", "ข", "ค"], "99.1"), issue(["ก", "ค", "ง"], "98.7")
    changes = list(look.sentence_changes(before, now))
    assert {(one.before, one.now) for one in changes} == {("ข", ""), ("", "ง")}
    assert list(look.number_changes(before, now)) == [("ดัชนี", "99.1", "98.7")]
    assert list(look.sentence_changes(now, now)) == []


def test_the_page_compares_with_the_draft_before(desk):
    own = json.loads((desk.out / "2025-Q3" / "issue.json").read_text(encoding="utf-8"))
    look._keep_document(desk.out, "2025-Q3")
    build_small(desk.out, "2025-Q3", sentence="ดัชนีเพิ่มขึ้น 4.5 จุด")
    assert own["documents"]
    answer = named(desk, "").get("/q/2025-Q3/parts/differences", params={"against": "draft"}).text
    assert "<del>ดัชนีลดลง 2.3 จุด</del>" in answer and "<ins>ดัชนีเพิ่มขึ้น 4.5 จุด</ins>" in answer
