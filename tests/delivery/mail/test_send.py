"""``reporter send`` against a real SMTP server on loopback: each exactly once, whatever happens in between."""

import datetime as dt
import email
import email.policy
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from reporter.delivery.mail import sending
from reporter.delivery.mail.server import parse_url
from reporter.domain.errors import (
    DeliveryError,
    InputError,
    StateError,
    UsageError,
)
from reporter.domain.periods import parse_quarter
from reporter.inputs.workspace import begin
from tests.support.mailbox import (
    HEADLINE,
    NOON,
    PNG,
    QUARTER,
    Postbox,
    make_issue,
    make_workspace,
    note_correction,
    serving,
)

pytestmark = pytest.mark.slow

ONE_CLICK = {
    "REPORTER_UNSUBSCRIBE_URL": "https://labour.example.org/unsubscribe/{token}",
    "REPORTER_UNSUBSCRIBE_SECRET": "known to two programs",
}


class Desk:
    """An issue, a workspace, a clock that jumps instead of waiting, and what the operator was told."""

    def __init__(self, root: Path, count: int = 3, **issue: Any) -> None:
        self.out, self.data = root / "out", root / "data"
        make_issue(self.out, **issue)
        make_workspace(self.data, count)
        self.now = NOON
        self.slept: list[float] = []
        self.told: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)

    def send(self, place: str, *, scheme: str = "smtp", **options: Any) -> None:
        environment = {"REPORTER_SMTP_URL": f"{scheme}://{place}"} if place else {}
        environment |= options.pop("environment", {})
        options.setdefault("ask", lambda address: None)
        sending.send(
            sending.SendRequest(
                quarter=parse_quarter(QUARTER),
                data=self.data,
                out=self.out,
                environment=environment,
                clock=sending.Clock(lambda: self.now, self.sleep),
                say=lambda thai, english: self.told.extend((thai, english)),
                **options,
            )
        )

    def states(self) -> dict[str, str]:
        with sqlite3.connect(self.out / "mail" / "ledger.sqlite") as ledger:
            return dict(ledger.execute("select address, state from messages"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def parsed(content: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


# -------------------------------------------------------------------------------------------- each exactly once


def test_everybody_gets_one_message_of_their_own_and_a_second_run_sends_nothing(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        desk.send(place)
    assert dict(postbox.served) == {f"r000{n}@example.org": 1 for n in (1, 2, 3)}
    for address, content in postbox.messages:
        headers = content.split(b"\r\n\r\n")[0].lower()
        assert headers.count(b"@example.org") == 1 and address.encode() in headers
        assert b"\r\ncc:" not in headers and b"\r\nbcc:" not in headers


def test_one_connection_serves_many(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    assert len(postbox.sessions) == 1


def test_550_is_tried_once_named_with_the_server_s_words_and_never_again(desk):
    refuse = Postbox(lambda address, attempt: "550 no such user" if "r0002" in address else "250 OK")
    with serving(refuse) as place:
        for _ in range(2):
            with pytest.raises(DeliveryError):
                desk.send(place)
    assert refuse.asked["r0002@example.org"] == 1
    assert dict(refuse.served) == {"r0001@example.org": 1, "r0003@example.org": 1}
    assert any("ผู้รับ 2" in line and "550 no such user" in line for line in desk.told)


def test_451_twice_and_then_served_with_growing_pauses(desk):
    busy = Postbox(lambda address, attempt: "451 later" if "r0002" in address and attempt < 3 else "250 OK")
    with serving(busy) as place:
        desk.send(place)
    assert busy.asked["r0002@example.org"] == 3
    assert busy.served["r0002@example.org"] == 1
    assert len(desk.slept) == 2 and desk.slept[1] > desk.slept[0]


def test_451_to_the_end_is_taken_up_by_the_next_run(desk):
    limit = {"attempts": 99}
    busy = Postbox(
        lambda address, attempt: (
            "451 later" if "r0002" in address and attempt <= limit["attempts"] else "250 OK"
        )
    )
    with serving(busy) as place:
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert desk.states()["r0002@example.org"] == "deferred"
        limit["attempts"] = 0
        desk.send(place)
    assert busy.served["r0002@example.org"] == 1


def test_server_that_is_away_is_tried_again_and_then_said_to_be_away(desk):
    with pytest.raises(DeliveryError, match="cannot be reached"):
        desk.send("127.0.0.1:1")
    assert desk.slept == sorted(desk.slept) and len(desk.slept) == 3
    assert set(desk.states().values()) == {"pending"}
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    assert sum(postbox.served.values()) == 3


def test_connection_lost_before_the_answer_is_uncertain_and_only_resend_repeats_it(desk, tmp_path):
    class Hangs(Postbox):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            answer = await super().handle_DATA(server, session, envelope)
            if "r0002@example.org" in envelope.rcpt_tos and self.served["r0002@example.org"] == 1:
                server.transport.abort()
            return answer

    with serving(postbox := Hangs()) as place:
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert desk.states()["r0002@example.org"] == "uncertain"
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert postbox.served["r0002@example.org"] == 1
        assert any("--resend" in line and "r0002@example.org" in line for line in desk.told)
        desk.send(place, resend="r0002@example.org")
    assert dict(postbox.served) == {"r0001@example.org": 1, "r0002@example.org": 2, "r0003@example.org": 1}
    assert set(desk.states().values()) == {"sent"}


def send_command(desk: Desk) -> list[str]:
    """``reporter send`` of the desk's issue, for a process of its own."""
    places = ["--data", str(desk.data), "--out", str(desk.out)]
    return [sys.executable, "-m", "reporter", "send", "-q", QUARTER, *places]


def run_command(desk: Desk, place: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        send_command(desk),
        env={**os.environ, "REPORTER_SMTP_URL": f"smtp://{place}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_killed_half_way_and_run_again_everybody_is_served_and_only_the_one_in_flight_is_uncertain(tmp_path):
    desk, postbox, running = Desk(tmp_path, 62), Postbox(keep=False), []
    started = threading.Event()

    def kill_at_31(number: int) -> None:
        if number == 31:
            started.wait(20)
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait(20)

    postbox.on_message = kill_at_31
    with serving(postbox) as place:
        running.append(run_command(desk, place))
        started.set()
        assert running[0].wait(300) == -signal.SIGKILL
        running[0].stdout.close()
        again = run_command(desk, place)
        output = again.communicate(timeout=300)[0].decode()
    assert again.returncode == 3  # one of them is uncertain
    assert sum(postbox.served.values()) == 62 and max(postbox.served.values()) == 1
    states = list(desk.states().values())
    assert (states.count("sent"), states.count("uncertain")) == (61, 1)
    assert "--resend" in output and "Traceback" not in output


def test_two_runs_at_once_serve_everybody_once(tmp_path):
    desk, postbox = Desk(tmp_path, 20), Postbox(keep=False)
    with serving(postbox) as place:
        runs = [run_command(desk, place) for _ in range(2)]
        outputs = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert len(postbox.served) == 20 and max(postbox.served.values()) == 1


def test_rate_limit_spreads_the_messages(desk):
    with serving(Postbox()) as place:
        desk.send(place, rate=30)
    assert desk.slept == [2.0, 2.0]


# ------------------------------------------------------------------------------------------------------ guards


@pytest.mark.parametrize(
    ("issue", "words"),
    [
        ({"status": "draft"}, "draft"),
        ({"approved": False}, "not been approved"),
        ({"embargo": "2025-11-14T13:00+07:00"}, "embargo"),
        ({"embargo": "2025-11-15"}, "embargo"),
        ({"embargo": "soon"}, "embargo"),
    ],
)
def test_what_must_not_leave_the_house_does_not(tmp_path, issue, words):
    desk = Desk(tmp_path, **issue)
    with serving(postbox := Postbox()) as place, pytest.raises(StateError, match=words):
        desk.send(place)
    assert not postbox.served


def test_embargo_that_has_passed_does_not_hold(tmp_path):
    desk = Desk(tmp_path, embargo="2025-11-14T11:59+07:00")
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    assert len(postbox.served) == 3


@pytest.mark.parametrize("damage", ["changed", "added", "missing"])
def test_files_that_do_not_match_the_manifest_are_refused_even_in_a_rehearsal(desk, damage):
    folder = desk.out / QUARTER
    if damage == "changed":
        (folder / "report.pdf").write_bytes(b"%PDF other")
    elif damage == "added":
        (folder / "extra.txt").write_text("x")
    else:
        (folder / "charts" / "index_history.png").unlink()
    with pytest.raises(StateError, match="manifest"):
        desk.send("127.0.0.1:1", allow_draft=True)


def test_rehearsal_of_a_draft_is_marked_in_subject_and_both_bodies_and_does_not_stand_for_the_issue(tmp_path):
    desk = Desk(tmp_path, status="draft")
    with serving(postbox := Postbox()) as place:
        desk.send(place, allow_draft=True)
        message = parsed(postbox.messages[0][1])
        assert message["Subject"].startswith("[ฉบับร่าง]")
        for kind in ("plain", "html"):
            assert "ฉบับร่าง" in message.get_body((kind,)).get_content()
        make_issue(desk.out)
        desk.send(place)
    assert set(postbox.served.values()) == {2}


def test_trial_message_goes_to_one_address_marked_and_leaves_the_ledger_alone(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place, to="r0001@example.org")
        assert dict(postbox.served) == {"r0001@example.org": 1}
        assert "ทดสอบ" in parsed(postbox.messages[0][1])["Subject"]
        desk.send(place)
    assert postbox.served["r0001@example.org"] == 2


@pytest.mark.parametrize(
    "rows",
    [
        "ก,ข,not-an-address\n",
        "ก,ข,a@example.org\nค,ง,A@example.org\n",
        'ก,"ข\nBcc: x@example.org",a@example.org\n',
        "ก,ข,a@example.org\\r\\nBcc: x@example.org\n",
    ],
)
def test_broken_list_is_sent_to_nobody(desk, rows):
    make_workspace(desk.data, rows=f"ดี,ดี,good@example.org\n{rows}")
    with serving(postbox := Postbox()) as place, pytest.raises(InputError):
        desk.send(place)
    assert not postbox.served


def test_international_domain_goes_out_in_ascii_form(desk):
    make_workspace(desk.data, rows="ก,ข,info@กระทรวง.ไทย\n")
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    (address,) = postbox.served
    assert address.startswith("info@xn--") and address.isascii()


def test_changed_issue_of_the_same_version_is_refused(desk):
    with serving(Postbox()) as place:
        desk.send(place)
        make_issue(desk.out, pdf=b"%PDF-1.7 other")
        with pytest.raises(StateError, match="new version"):
            desk.send(place)


def test_without_server_or_recipients_nothing_starts(desk):
    with pytest.raises(UsageError, match="REPORTER_SMTP_URL"):
        desk.send("")
    (desk.data / "recipients.csv").unlink()
    with pytest.raises(InputError, match="no recipients"):
        desk.send("127.0.0.1:1")


# -------------------------------------------------------------------------------------------------- correction


def test_new_version_goes_as_a_correction_to_those_who_got_the_old_one(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        make_workspace(desk.data, 4)
        newer = {**HEADLINE, "labour_index": {"value": 101.9, "change_quarter": 1.4, "change_year": -0.9}}
        note_correction(make_issue(desk.out, version=2, headline=newer), "แก้ระดับดัชนี")
        desk.send(place)
    second = {address: parsed(content) for address, content in postbox.messages[3:]}
    assert len(second) == 4
    for number in (1, 2, 3):
        message = second[f"r000{number}@example.org"]
        assert "แก้ไข" in message["Subject"]
        assert "เปลี่ยนจาก 101.2 จุด เป็น 101.9 จุด" in message.get_body(("plain",)).get_content()
    assert "แก้ไข" not in second["r0004@example.org"]["Subject"]


# ------------------------------------------------------------------------------------------------- the message


def test_message_says_what_the_report_says_and_is_well_formed(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    message = parsed(postbox.messages[0][1])
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert not any(part.defects for part in message.walk())
    assert message["Subject"] == "รายงานภาวะแรงงานรายไตรมาส ไตรมาสที่ 3 ปี 2568"
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        for words in (
            "ผู้รับ 1",
            "หน่วยงาน 1",
            "101.2",
            "▲ 0.8",
            "▼ 1.5",
            "คาดว่าดัชนีจะทรงตัว",
            "จึงเรียนมาเพื่อโปรดทราบ",
        ):
            assert words in text
    html = message.get_body(("html",)).get_content()
    assert html.count("<img") == 1 and 'src="cid:chart"' in html and 'alt="ดัชนีอยู่ที่ 101.2 จุด"' in html
    assert "ดัชนีสูงกว่าค่าเฉลี่ย" in html and "ที่มา: สำนักงานสถิติแห่งชาติ" in html and "รูปที่" not in html
    assert "<style" not in html and "<script" not in html
    parts = {part.get_content_type(): part for part in message.walk()}
    assert parts["image/png"].get_content() == PNG
    assert parts["application/pdf"].get_content() == (desk.out / QUARTER / "report.pdf").read_bytes()


def test_recipient_who_reads_english_gets_letter_and_report_in_english(tmp_path):
    desk = Desk(tmp_path, english=["The index was close to its long-run average."])
    listed = "agency,name,email,language\nธนาคาร,ก,th@example.org,\nWorld Bank,Jane Doe,en@example.org,en\n"
    make_workspace(desk.data, rows=listed)
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        newer = {**HEADLINE, "labour_index": {"value": 101.9, "change_quarter": 1.4, "change_year": -0.9}}
        folder = make_issue(desk.out, version=2, headline=newer, english=["The index was above its average."])
        note_correction(folder, "แก้ระดับดัชนี")
        desk.send(place)
    letters = [(address, parsed(content)) for address, content in postbox.messages]
    thai, english = (
        next(one for address, one in letters if address.startswith(lang)) for lang in ("th", "en")
    )
    assert english["Content-Language"] == "en" and thai["Content-Language"] == "th"
    assert english["Subject"] == "Quarterly Labour Market Report, Third Quarter 2025"
    for kind in ("plain", "html"):
        text = english.get_body((kind,)).get_content()
        own = text.replace("ดัชนีสูงกว่าค่าเฉลี่ย", "").replace(
            "ดัชนีอยู่ที่ 101.2 จุด", ""
        )  # the figure's, which has no English here
        for words in (
            "Jane Doe",
            "Labour Economic Index",
            "101.2",
            "The index was close to its long-run average.",
            "third quarter of 2025",
        ):
            assert words in text
        assert not re.search("[\u0e00-\u0e7f]", re.sub("ที่มา: สำนักงานสถิติแห่งชาติ|จุด", "", own)), own
        assert "Labour Economic Index" not in thai.get_body((kind,)).get_content()
    reports = [
        next(p for p in one.walk() if p.get_content_type() == "application/pdf") for one in (thai, english)
    ]
    assert [part.get_filename() for part in reports] == [
        "labour-report-2025-Q3.pdf",
        "labour-report-2025-Q3-en.pdf",
    ]
    assert reports[1].get_content() == b"%PDF-1.7\n% English"
    corrected = [one for address, one in letters if address.startswith("en")][1]
    assert corrected["Subject"].startswith("Corrected edition (version 2): ")
    assert "101.2 points corrected to 101.9 points" in corrected.get_body(("plain",)).get_content()


@pytest.mark.parametrize("language", ["en", "english"])
def test_english_that_cannot_be_had_stops_everything(desk, language):
    make_workspace(
        desk.data, rows=f"agency,name,email,language\nก,ข,a@example.org,th\nB,C,b@example.org,{language}\n"
    )
    with serving(postbox := Postbox()) as place, pytest.raises(InputError):
        desk.send(place)
    assert not postbox.served


def test_headers_are_those_of_a_list_that_one_can_leave(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place, environment=ONE_CLICK)
        desk.send(place, environment=ONE_CLICK, resend="r0001@example.org")
    first, again = parsed(postbox.messages[0][1]), parsed(postbox.messages[3][1])
    assert first["Message-ID"] == again["Message-ID"]
    assert len({parsed(content)["Message-ID"] for _, content in postbox.messages}) == 3
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://labour.example.org/unsubscribe/" in first["List-Unsubscribe"]
    assert "r0001" not in first["List-Unsubscribe"]
    assert first["Date"].datetime == NOON
    assert first["Reply-To"] and first["List-Id"]


def test_lines_are_crlf_and_short_and_headers_ascii(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    content = postbox.messages[0][1]
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines if b"http" not in line) <= 76
    assert content.isascii()


def test_large_report_goes_as_a_link_with_its_digest(tmp_path):
    desk = Desk(tmp_path, pdf=b"%PDF" + b"x" * 2_000)
    make_workspace(
        desk.data, settings='website = "https://labour.example.org"\nmail_attachment_limit_mb = 0.001\n'
    )
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    message = parsed(postbox.messages[0][1])
    assert "application/pdf" not in {part.get_content_type() for part in message.walk()}
    text = message.get_body(("plain",)).get_content()
    assert "https://labour.example.org/2568/q3/v1/report.pdf" in text and "SHA-256: " in text
    make_workspace(desk.data, settings="mail_attachment_limit_mb = 0.001\n")
    with pytest.raises(StateError, match="website"):
        desk.send("127.0.0.1:1")


def test_group_has_its_own_covering_text_which_can_do_no_harm(desk):
    make_workspace(desk.data, rows="agency,name,email,group\nก,ข,a@example.org,press\nค,ง,b@example.org,\n")
    (desk.data / "cover").mkdir()
    (desk.data / "cover" / "press.md").write_text(
        "เรียน **สื่อมวลชน**\n\n<script>x()</script>", encoding="utf-8"
    )
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    bodies = {address: parsed(content) for address, content in postbox.messages}
    press = bodies["a@example.org"].get_body(("html",)).get_content()
    assert "<strong>สื่อมวลชน</strong>" in press and "<script" not in press
    assert "เรียน สื่อมวลชน" in bodies["a@example.org"].get_body(("plain",)).get_content()
    assert "สื่อมวลชน" not in bodies["b@example.org"].get_body(("html",)).get_content()


def _mail_template(desk: Desk, name: str) -> Path:
    """The workspace's own copy of a file of the letter."""
    return begin(desk.data, f"templates/mail/{name}")


def test_workspace_says_the_letter_in_its_own_words(desk, tmp_path):
    words = _mail_template(desk, "words.toml")
    words.write_text('[th]\nclosing = "จึงเรียนมาเพื่อทราบและพิจารณา"\n', encoding="utf-8")
    text = _mail_template(desk, "letter.txt.j2")
    text.write_text(text.read_text(encoding="utf-8") + "\nกองของเรา {{ quarter_title }}\n", encoding="utf-8")
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    content = parsed(postbox.messages[0][1]).get_body(("plain",)).get_content()
    assert "จึงเรียนมาเพื่อทราบและพิจารณา" in content and "จึงเรียนมาเพื่อโปรดทราบ" not in content
    assert "กองของเรา ไตรมาสที่ 3 ปี 2568" in content


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("words.toml", "[th]\nclosing = ", "words.toml"),
        ("words.toml", '[th]\nclosling = "x"', "closling"),
        ("words.toml", "[th]\nclosing = 3", "closing"),
        ("words.toml", '[th]\nsends = "{titel}"', "titel"),
        ("words.toml", '[th]\nsends = "{title"', "sends"),
        ("letter.txt.j2", "{{ titel }}", "letter.txt.j2"),
        ("letter.txt.j2", "{% if %}", "letter.txt.j2"),
        ("letter.html.j2", "{{ issue.__class__.__mro__ }}", "letter.html.j2"),
    ],
)
def test_broken_words_of_the_workspace_are_sent_to_nobody(desk, name, text, told):
    _mail_template(desk, name).write_text(text, encoding="utf-8")
    with serving(postbox := Postbox()) as place, pytest.raises(InputError, match=told):
        desk.send(place)
    assert not postbox.messages


def test_group_without_a_covering_text_stops_everything(desk):
    make_workspace(desk.data, rows="agency,name,email,group\nก,ข,a@example.org,press\n")
    with pytest.raises(InputError, match="press"):
        desk.send("127.0.0.1:1")


def test_dry_run_writes_files_that_a_mail_client_opens_and_sends_nothing(tmp_path):
    desk = Desk(tmp_path, approved=False)
    desk.send("", dry_run=True)
    folder = desk.out / "mail" / f"preview-{QUARTER}"
    files = sorted(folder.glob("*.eml"))
    assert [file.name for file in files] == [f"000{n}_r000{n}@example.org.eml" for n in (1, 2, 3)]
    message = parsed(files[1].read_bytes())
    assert message["To"].addresses[0].addr_spec == "r0002@example.org"
    assert "data:image/png;base64," in (folder / "index.html").read_text(encoding="utf-8")
    assert not (desk.out / "mail" / "ledger.sqlite").exists()


def test_a_draft_is_previewed_without_any_option_marked_and_sent_to_nobody(tmp_path):
    desk = Desk(tmp_path, status="draft", embargo="2099-01-01")
    desk.send("", dry_run=True)
    for file in (desk.out / "mail" / f"preview-{QUARTER}").glob("*.eml"):
        assert "ฉบับร่าง" in parsed(file.read_bytes())["Subject"]
    with pytest.raises(StateError, match="draft"):
        desk.send("127.0.0.1:1")


def test_dkim_signature_verifies(desk, tmp_path):
    import dkim

    key = tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "genrsa", "-traditional", "-out", key, "1024"], check=True, capture_output=True
    )
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True).stdout
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    with serving(postbox := Postbox()) as place:
        desk.send(
            place,
            environment={
                "REPORTER_DKIM_KEY": str(key),
                "REPORTER_DKIM_SELECTOR": "s1",
                "REPORTER_MAIL_FROM": "report@mol.go.th",
            },
        )
    content = postbox.messages[0][1]
    assert b"d=mol.go.th" in content and b"s=s1" in content
    assert dkim.verify(content, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(
        content.replace(b"Date: Fri", b"Date: Sat"), dnsfunc=lambda name, timeout=5: record
    )


# --------------------------------------------------------------------------------------------- TLS and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1, and its file for the client to trust."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context, cert


def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"p@ss:word")
    return AuthResult(success=good, handled=False)


def test_starttls_with_login(desk, certificate, monkeypatch):
    context, cert = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with serving(
        postbox := Postbox(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=login,
    ) as place:
        desk.send(f"desk:p%40ss%3Aword@{place}?starttls=1")
    assert len(postbox.served) == 3


def test_wrong_password_ends_the_run_without_showing_it(desk, certificate, monkeypatch):
    context, cert = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with (
        serving(
            postbox := Postbox(),
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=login,
        ) as place,
        pytest.raises(DeliveryError) as refused,
    ):
        desk.send(f"desk:secret@{place}?starttls=1")
    assert "secret" not in str(refused.value) + "".join(desk.told)
    assert "535" in str(refused.value) and not postbox.served
    assert set(desk.states().values()) == {"pending"}


def test_certificate_that_nobody_vouches_for_ends_the_run(desk, certificate):
    context, _ = certificate
    with (
        serving(postbox := Postbox(), tls_context=context) as place,
        pytest.raises(DeliveryError, match="certificate"),
    ):
        desk.send(f"{place}?starttls=1")
    assert not postbox.served and not desk.slept  # not tried again


def test_starttls_that_is_not_offered_is_not_done_without(desk):
    with serving(postbox := Postbox()) as place, pytest.raises(DeliveryError, match="STARTTLS"):
        desk.send(f"{place}?starttls=1")
    assert not postbox.served


def test_smtps(desk, certificate, monkeypatch):
    context, cert = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with serving(postbox := Postbox(), ssl_context=context) as place:
        desk.send(place, scheme="smtps")
    assert len(postbox.served) == 3


def test_url_rules():
    assert parse_url("smtp://mail.example.org").tls == "starttls"
    assert parse_url("smtp://mail.example.org?starttls=0").tls == "starttls"
    assert parse_url("smtp://127.0.0.1:2525").tls == "none"
    assert parse_url("smtp://[::1]:25").tls == "none"
    assert parse_url("smtps://mail.example.org").port == 465
    assert "geheim" not in repr(parse_url("smtp://me:geheim@mail.example.org"))
    for bad in ("http://x", "smtp://", "smtp://h:port", "smtp://h?starttls=maybe", "smtp://h?other=1"):
        with pytest.raises(UsageError):
            parse_url(bad)


def test_sender_is_needed_beyond_this_machine(desk):
    with pytest.raises(UsageError, match="REPORTER_MAIL_FROM"):
        desk.send("mail.example.org")
