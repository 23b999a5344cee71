"""Operation: what the machine lacks is told first, a scheduled run is taken up again and tells the analysts, Windows gets a line."""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from reporter.commands.build import build_command as build
from reporter.commands.release import approve_command as approve
from reporter.delivery import operation, release_log
from reporter.domain.errors import StateError
from reporter.domain.periods import parse_quarter
from reporter.runtime import program as machine
from reporter.runtime.cache import lock
from tests.delivery.site.conftest import build_small
from tests.support.mailbox import NOON, QUARTER, Postbox, make_issue, make_workspace, serving
from tests.support.workspace import small_workspace

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


# --------------------------------------------------------------------------------------------------------------- doctor


def place(tmp_path, **environment):
    make_workspace(tmp_path / "data")
    return operation.Circumstances(tmp_path / "data", tmp_path / "out", environment, NOON)


def states(where):
    return {check.name: check.state for check in operation.examine(where)}


def test_a_machine_that_has_all_is_good_and_the_mail_server_is_really_asked(tmp_path):
    with serving(Postbox()) as server:
        found = states(
            place(tmp_path, REPORTER_SMTP_URL=f"smtp://{server}", MOL_API_KEY="x", GOVSPENDING_API_KEY="y")
        )
    assert set(found.values()) == {"good"}, found
    assert {"pango", "fonts", "x13", "clock", "disk", "keys", "smtp"} <= found.keys()


def test_what_is_missing_is_named_with_its_remedy_and_without_secrets(tmp_path, monkeypatch):
    monkeypatch.setattr(operation, "missing_libraries", lambda: ["libpango-1.0-0"])
    monkeypatch.setattr(operation, "_SMTP_TIMEOUT", 1.0)
    where = place(
        tmp_path,
        REPORTER_SMTP_URL="smtp://me:geheim@127.0.0.1:1",
        REPORTER_UNSUBSCRIBE_URL="https://x.example/{token}",
    )
    checks = {check.name: check for check in operation.examine(where)}
    assert checks["pango"].state == "missing" and "apt-get install libpango-1.0-0" in checks["pango"].en
    assert (
        checks["smtp"].state == "missing" and checks["keys"].state == checks["unsubscribe"].state == "warning"
    )
    assert not [check for check in checks.values() if "geheim" in check.th + check.en]


def test_one_face_that_is_gone_or_damaged_is_named(tmp_path, monkeypatch):
    fonts = tmp_path / "sarabun"
    shutil.copytree(ROOT / "fonts" / "sarabun", fonts)
    (fonts / "Sarabun-SemiBold.ttf").unlink()
    (fonts / "Sarabun-Italic.ttf").write_bytes(b"<html>proxy error</html>")
    monkeypatch.setattr(operation, "asset", lambda *parts: fonts)
    check = operation._fonts(place(tmp_path))
    assert check.state == "missing" and "Sarabun-Italic.ttf, Sarabun-SemiBold.ttf" in check.en


def test_a_clock_behind_the_release_log_and_a_broken_log_are_found(tmp_path):
    where = place(tmp_path)
    folder = make_issue(where.out, approved=False)
    release_log.approve(folder, who="ก", when=(NOON + dt.timedelta(days=2)).isoformat())
    assert states(where)["clock"] == "missing"
    (where.out / release_log.NAME).write_text("{}\n", encoding="utf-8")
    assert states(where)["log"] == "missing"
    assert states(operation.Circumstances(tmp_path / "nosuch", where.out, {}, NOON))["workspace"] == "missing"


def test_missing_pango_stops_a_build_before_it_computes_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_SYSTEM_LIBRARIES", ((("libnosuch.so.0",), "libnosuch0"),))
    make_workspace(tmp_path / "data")
    done = CliRunner().invoke(
        build, ["-q", QUARTER, "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, StateError) and "libnosuch0" in str(done.exception)
    assert "[1/" not in done.output and not (tmp_path / "out").exists()


def test_windows_is_told_of_wsl_and_the_container_instead_of_a_traceback():
    program = (
        "import sys; from reporter.cli import main\n"
        "sys.platform = 'win32'; sys.modules['fcntl'] = None\nmain(['build', '-q', '2025-Q3'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    said = done.stderr.decode("utf-8")
    assert done.returncode == 1
    assert "WSL" in said and "Windows:" in said and "Traceback" not in said and "fcntl" not in said


# --------------------------------------------------------------------------------------------------------- reporter run


class Scheduler:
    """Commands that do what the test says, a clock, and what was said."""

    def __init__(self, root: Path, **statuses: int) -> None:
        self.out, self.data = root / "out", make_workspace(root / "data")
        self.statuses, self.called, self.said = statuses, [], []
        self.now = NOON
        self.sentence = "ดัชนีลดลง 2.3 จุด"

    def command(self, arguments: list[str]) -> tuple[int, str]:
        self.called.append(arguments[0])
        assert "--final" not in arguments and arguments[0] in ("fetch", "check", "build")
        if arguments[0] == "build" and not self.statuses.get("build"):
            folder = build_small(self.out, QUARTER, sentence=self.sentence)
            found = [
                {"severity": "warning", "where": "series/a.csv", "th": "ค่ากระโดดผิดปกติ"},
                {"severity": "note", "where": "b", "th": "เล็กน้อย"},
            ]
            (folder / "qa.json").write_text(json.dumps({"findings": found}), encoding="utf-8")
        return self.statuses.get(arguments[0], 0), f"{arguments[0]} said this\n"

    def run(self, server: str = "", **more) -> int:
        environment = (
            {"REPORTER_SMTP_URL": f"smtp://{server}", "REPORTER_RUN_MAIL": "a@example.org; b@example.org"}
            if server
            else {}
        )
        plan = operation.Plan(
            parse_quarter(QUARTER), self.data, self.out, environment, lambda: self.now,
            lambda thai, english: self.said.append(thai), command=self.command, **more,
        )  # fmt: skip
        return operation.run(plan)

    @property
    def status(self) -> dict:
        return json.loads((self.out / "run" / f"{QUARTER}.json").read_text(encoding="utf-8"))


def read(content: bytes):
    message = message_from_bytes(content, policy=policy.default)
    return message["Subject"], message.get_body(("plain",)).get_content()


def test_a_run_builds_a_draft_and_tells_the_analysts_what_is_new_and_surprising(tmp_path):
    scheduler = Scheduler(tmp_path)
    with serving(postbox := Postbox()) as server:
        assert scheduler.run(server) == 0
    assert scheduler.called == ["fetch", "check", "build"]
    assert dict(postbox.served) == {"a@example.org": 1, "b@example.org": 1}
    subject, text = read(postbox.messages[0][1])
    assert QUARTER in subject and "พร้อมตรวจ" in subject
    assert "ค่ากระโดดผิดปกติ" in text and "เล็กน้อย" not in text
    assert re.search(r"ข้อมูลใหม่ \([1-9]\d*\)", text) and "ดัชนีเศรษฐกิจแรงงาน" in text
    assert (scheduler.status["state"], scheduler.status["exit"]) == ("done", 0)
    assert [step["state"] for step in scheduler.status["steps"]] == ["done"] * 3
    assert not (scheduler.out / release_log.NAME).exists()
    with serving(again := Postbox()) as server:
        scheduler.run(server)
    assert "ข้อมูลใหม่ (0)" in read(again.messages[0][1])[1]


def test_a_failed_step_is_an_alert_and_the_next_run_goes_on_from_there(tmp_path):
    scheduler = Scheduler(tmp_path, check=1)
    with serving(postbox := Postbox()) as server:
        assert scheduler.run(server) == 1
    subject, text = read(postbox.messages[0][1])
    assert "ล้มเหลว" in subject and "check said this" in text
    assert scheduler.called == ["fetch", "check"]
    assert [step["state"] for step in scheduler.status["steps"]] == ["done", "failed", "waiting"]
    scheduler.statuses.clear()
    assert scheduler.run() == 0
    assert scheduler.called[2:] == ["check", "build"]  # what was fetched is kept
    scheduler.now += dt.timedelta(days=1)
    scheduler.run()
    assert scheduler.called[4:] == ["fetch", "check", "build"]


def test_the_alert_names_the_error_however_many_notes_follow(tmp_path):
    said = "[ข้อผิดพลาด error] series/b.csv, row 7, value\n  ไม่ใช่ตัวเลข\n  Not a number.\n"
    said += (
        "[ข้อสังเกต note] surveys/worker\n  ไม่มี\n  None.\n" * 9 + "ตรวจแล้ว: ข้อผิดพลาด 1\nChecked: 1 error(s).\n"
    )
    scheduler = Scheduler(tmp_path, check=1)
    scheduler.command = lambda arguments: (1, said) if arguments[0] == "check" else (0, "")
    with serving(postbox := Postbox()) as server:
        assert scheduler.run(server) == 1
    text = read(postbox.messages[0][1])[1]
    assert "series/b.csv, row 7, value" in text and "Not a number." in text and "Checked: 1 error(s)." in text
    assert "surveys/worker" not in text


def test_a_service_that_does_not_answer_does_not_keep_the_draft_from_being_built(tmp_path):
    scheduler = Scheduler(tmp_path, fetch=3)
    with serving(postbox := Postbox()) as server:
        assert scheduler.run(server) == 3
    subject, text = read(postbox.messages[0][1])
    assert "บางแหล่งข้อมูลไม่ตอบ" in subject and "fetch said this" in text
    assert (scheduler.out / QUARTER / "report.pdf").exists()


def test_two_runs_do_not_get_in_each_other_s_way_and_the_log_is_turned_over(tmp_path, monkeypatch):
    monkeypatch.setattr(operation, "_LOG_BYTES", 300)
    scheduler = Scheduler(tmp_path)
    (scheduler.out / "run").mkdir(parents=True)
    with lock(scheduler.out / "run" / f".{QUARTER}.lock"), pytest.raises(StateError, match="Another run"):
        scheduler.run()
    for _ in range(4):
        scheduler.run(fetches=False)
    logs = sorted(path.name for path in (scheduler.out / "run").glob("run.log*"))
    assert logs[0] == "run.log" and 2 <= len(logs) <= 6
    assert "fetch" not in scheduler.called


def test_a_notice_that_cannot_be_sent_undoes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("reporter.delivery.mail.server.TIMEOUT", 1.0)
    scheduler = Scheduler(tmp_path)
    assert scheduler.run("127.0.0.1:1") == 0
    assert scheduler.status["state"] == "done" and scheduler.status["told"]


def test_the_commands_are_real_ones_in_processes_of_their_own(tmp_path):
    code, said = operation._subprocess(["check", "--data", str(tmp_path / "nosuch")])
    assert code == 1 and "nosuch" in said and "Traceback" not in said


# ------------------------------------------------------------------------------------------- receipts, container, bundle


def test_the_head_of_the_log_goes_to_those_who_keep_it(tmp_path, monkeypatch):
    make_issue(tmp_path / "out", approved=False)
    make_workspace(tmp_path / "data")
    with serving(postbox := Postbox()) as server:
        monkeypatch.setenv("REPORTER_SMTP_URL", f"smtp://{server}")
        monkeypatch.setenv("REPORTER_APPROVAL_MAIL", "director@example.org,auditor@example.org")
        arguments = [
            "-q",
            QUARTER,
            "--by",
            "ผู้อำนวยการ",
            "--data",
            str(tmp_path / "data"),
            "--out",
            str(tmp_path / "out"),
        ]
        done = CliRunner().invoke(approve, arguments)
    assert done.exit_code == 0, done.output
    assert dict(postbox.served) == {"director@example.org": 1, "auditor@example.org": 1}
    head = release_log.read_log(tmp_path / "out")[-1].digest
    assert head in read(postbox.messages[0][1])[1]


def test_container_and_bundle_name_what_the_set_up_installs():
    setup = (ROOT / ".ci/system-packages").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\blib[a-z0-9.+-]+", re.search(r"for package in ([^;]+);", setup)[1]))
    assert wanted
    for name in ("Containerfile", ".ci/bundle"):
        assert wanted <= set(re.findall(r"\blib[a-z0-9.+-]+", (ROOT / name).read_text(encoding="utf-8"))), (
            name
        )
    copied = re.findall(
        r"^COPY (.+) \S+$", (ROOT / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert all((ROOT / part).exists() for line in copied for part in line.split())
    for script in (".ci/bundle", ".ci/install-offline"):
        assert subprocess.run(["bash", "-n", ROOT / script], check=False).returncode == 0


def test_a_bundle_that_is_not_whole_installs_nothing(tmp_path):
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  requirements.lock\n", encoding="utf-8")
    (tmp_path / "requirements.lock").write_text("x\n", encoding="utf-8")
    (tmp_path / "apt-packages.txt").write_text("", encoding="utf-8")
    script = tmp_path / "install"
    script.write_bytes((ROOT / ".ci/install-offline").read_bytes())
    done = subprocess.run(["bash", script, tmp_path / "there"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "not whole" in done.stderr and not (tmp_path / "there").exists()


# The namespace has a loopback device of its own, which is down: whatever asks for the network fails at once.
_OFFLINE = """
import socket, sys
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as error:
    assert error.errno == 101, error  # network is unreachable
else:
    sys.exit("this namespace has a network")
from reporter.cli import main
main()
"""


def test_an_issue_is_built_previewed_and_published_where_no_network_is(tmp_path):
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a network namespace of its own")
    small_workspace(tmp_path / "data")
    script = tmp_path / "offline.py"
    script.write_text(_OFFLINE, encoding="utf-8")
    where = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    for command in (
        ["build", "-q", "2025-Q3", *where],
        ["send", "-q", "2025-Q3", "--dry-run", "--allow-draft", *where],
        ["publish", "-q", "2025-Q3", "--allow-draft", "--site", str(tmp_path / "site"), *where],
    ):
        done = subprocess.run(
            ["unshare", "-rn", sys.executable, str(script), *command],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "2568/q3/v1/report.pdf").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"status": "missing", "frequency": "monthly", "last": float("nan")}, "ไม่มีข้อมูล"),
        ({"status": "stale", "frequency": "quarterly", "last": "2023-Q4"}, "ข้อมูลเก่า ข้อมูลล่าสุด 2023-Q4"),
        ({"status": "used", "frequency": "monthly", "last": "2025-08"}, "ยังไม่ครบไตรมาส ข้อมูลล่าสุด 2025-08"),
        ({"status": "used", "frequency": "quarterly", "last": "2025-Q2"}, "ยังไม่ครบไตรมาส ข้อมูลล่าสุด 2025-Q2"),
        ({"status": "used", "frequency": "monthly", "last": "2025-09"}, ""),
        ({"status": "used", "frequency": "quarterly", "last": "2025-Q3"}, ""),
    ],
)
def test_the_analysts_are_told_in_thai_what_an_indicator_lacks(row, words):
    assert operation._lack(row, parse_quarter(QUARTER)) == words
