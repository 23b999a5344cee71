"""What goes wrong with real mail servers and mailboxes, each on a loopback server: ../shared/cases/delivery.md, B."""

import base64
import contextlib
import datetime as dt
import email.header
import functools
import http.server
import os
import random
import re
import socket
import subprocess
import threading
import time

import dkim
import pytest
from click.testing import CliRunner

from reporter.commands.release import bounces_command as bounces
from reporter.delivery import release_log
from reporter.delivery.mail import server
from reporter.delivery.mail.ledger import read_bounces
from reporter.delivery.mail.message import encoded
from reporter.delivery.mail.server import unsubscribe_token
from reporter.domain.errors import DeliveryError, InputError, StateError
from tests.delivery.mail.test_send import ONE_CLICK, Desk, parsed, send_command
from tests.support.loopback import QuietServer
from tests.support.mailbox import (
    HEADLINE,
    NOON,
    QUARTER,
    Postbox,
    make_issue,
    make_workspace,
    note_correction,
    serving,
)

pytestmark = pytest.mark.slow

NEWER = {**HEADLINE, "labour_index": {"value": 101.9, "change_quarter": 1.4, "change_year": -0.9}}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def headers_of(content: bytes) -> bytes:
    return content[: content.index(b"\r\n\r\n")]


# --------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    [
        "Doe, Jane",
        "ACME; Ltd.",
        'Jane "JJ" Doe',
        "a\\b",
        "<Jane>",
        "x@y.z",
        "สมชาย, ใจดี",
        "=?utf-8?B?eA==?=",
        "A" * 90,
        "(c) Doe",
    ],
)
def test_a_name_stays_one_name_and_the_message_has_one_recipient(desk, name):
    quoted = name.replace('"', '""')
    make_workspace(desk.data, rows=f'agency,name,email\n"","{quoted}",one@example.org\n')
    with serving(postbox := Postbox()) as place:
        desk.send(place)
    (address, content) = postbox.messages[0]
    (to,) = parsed(content)["To"].addresses
    assert (address, to.addr_spec) == ("one@example.org", "one@example.org")
    # Python's reader puts a space between two encoded words, against RFC 2047.
    assert to.display_name.replace(" ", "") == name.replace(" ", "")


def test_headers_are_short_whatever_the_domain_and_the_edition(tmp_path):
    desk = Desk(tmp_path, 1, status="draft")
    long = {"REPORTER_MAIL_FROM": "report@labour-economics-division.permanent-secretary.mol.go.th"}
    with serving(postbox := Postbox()) as place:
        desk.send(place, allow_draft=True, environment={**ONE_CLICK, **long})
    head = headers_of(postbox.messages[0][1])
    assert not [line for line in head.split(b"\r\n") if len(line) > 78]
    assert parsed(postbox.messages[0][1])["Message-ID"].endswith("mol.go.th>")


# --------------------------------------------------------------------------------------------- time, size, refusals


def test_the_answer_to_the_final_dot_is_waited_for_longer_than_any_other(desk, monkeypatch):
    assert server.FINAL_DOT_TIMEOUT == 600
    monkeypatch.setattr(server, "TIMEOUT", 0.4)
    monkeypatch.setattr(server, "FINAL_DOT_TIMEOUT", 20.0)
    slow = Postbox()
    slow.on_message = lambda number: time.sleep(1.0)
    with serving(slow) as place:
        desk.send(place)
    assert dict(slow.served) == {f"r000{n}@example.org": 1 for n in (1, 2, 3)}
    assert set(desk.states().values()) == {"sent"}


class Limited(Postbox):
    """A server that says how large a message may be, and refuses larger ones."""

    def __init__(self, limit: int, is_told: bool = True) -> None:
        super().__init__()
        self.limit, self.is_told = limit, is_told
        self.refused = 0

    async def handle_EHLO(self, smtp, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        size = f"250-SIZE {self.limit}" if self.is_told else "250-SIZE"
        return ["250-mx.example.org", size, "250-8BITMIME", "250 HELP"]

    async def handle_MAIL(self, smtp, session, envelope, address, options):  # noqa: N802
        size = next((int(option[5:]) for option in options if option.startswith("SIZE=")), 0)
        if size > self.limit:
            self.refused += 1
            return "552 5.3.4 message too large"
        envelope.mail_from = address
        return "250 OK"


@pytest.mark.parametrize("is_told", [True, False])
def test_above_the_size_that_the_server_takes_a_link_goes_by_itself(tmp_path, is_told):
    # The file is below the limit, the message (base64) above it.
    desk = Desk(tmp_path, pdf=b"%PDF" + b"x" * 30_000)
    with serving(limited := Limited(36_000, is_told)) as place:
        desk.send(place)
    assert limited.refused == (0 if is_told else 1)
    assert dict(limited.served) == {f"r000{n}@example.org": 1 for n in (1, 2, 3)}
    for _, content in limited.messages:
        assert "application/pdf" not in {part.get_content_type() for part in parsed(content).walk()}
        assert "/2568/q3/v1/report.pdf" in parsed(content).get_body(("plain",)).get_content()
    assert any("ใหญ่เกินที่เซิร์ฟเวอร์รับ" in line for line in desk.told)


def test_without_a_website_a_message_that_is_too_large_is_sent_to_nobody(tmp_path):
    desk = Desk(tmp_path, pdf=b"%PDF" + b"x" * 30_000)
    make_workspace(desk.data, settings='contact = "0 2232 1234"\n')
    with serving(limited := Limited(36_000)) as place, pytest.raises(DeliveryError, match="website"):
        desk.send(place)
    assert not limited.served and set(desk.states().values()) == {"pending"}


@pytest.mark.parametrize("answer", ["552 mailbox full", "550 no such user"])
def test_when_the_cause_is_mended_one_option_serves_all_who_were_refused_and_nobody_twice(desk, answer):
    is_mended = False
    box = Postbox(lambda address, attempt: "250 OK" if is_mended or "r0001" in address else answer)
    with serving(box) as place:
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert any("--retry-failed" in line for line in desk.told)
        is_mended = True
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert sum(box.served.values()) == 1
        desk.send(place, retry_failed=True)
        desk.send(place, retry_failed=True)
    assert dict(box.served) == {f"r000{n}@example.org": 1 for n in (1, 2, 3)}


def test_greylisting_for_five_minutes_is_waited_out_where_asked(desk):
    def answer(address, attempt):
        return "450 4.2.0 greylisted" if desk.now < NOON + dt.timedelta(minutes=5) else "250 OK"

    with serving(box := Postbox(answer)) as place:
        with pytest.raises(DeliveryError):
            desk.send(place)
        assert any("--until-done" in line for line in desk.told)
        desk.send(place, until_done=True)
    assert dict(box.served) == {f"r000{n}@example.org": 1 for n in (1, 2, 3)}


def test_trying_again_ends_after_the_declared_time(desk):
    make_workspace(desk.data, settings="mail_retry_hours = 0.5\n")
    with serving(Postbox(lambda address, attempt: "450 never")) as place, pytest.raises(DeliveryError):
        desk.send(place, until_done=True)
    assert dt.timedelta(minutes=15) < desk.now - NOON < dt.timedelta(minutes=40)
    assert set(desk.states().values()) == {"deferred"}


def test_a_server_that_is_away_for_a_while_is_waited_for_too(desk):
    with serving(Postbox()) as place:
        port = place
    with pytest.raises(DeliveryError, match="cannot be reached"):
        desk.send(port, until_done=True)
    assert desk.now - NOON > dt.timedelta(hours=23)


# ----------------------------------------------------------------------------------------------------- leaving the list


def test_without_an_address_that_answers_there_is_no_one_click_but_a_sentence(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        desk.send(
            place,
            resend="r0001@example.org",
            environment={"REPORTER_UNSUBSCRIBE_URL": ONE_CLICK["REPORTER_UNSUBSCRIBE_URL"]},
        )
    for _, content in postbox.messages:
        message = parsed(content)
        assert message["List-Unsubscribe-Post"] is None
        assert re.fullmatch(r"<mailto:[^>]+\?subject=unsubscribe>", message["List-Unsubscribe"].strip())
        for kind in ("plain", "html"):
            assert "หากไม่ประสงค์จะรับรายงานนี้" in message.get_body((kind,)).get_content()


def test_one_click_has_a_token_that_only_the_secret_makes_and_a_link_in_the_letter(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place, environment=ONE_CLICK)
    message = parsed(postbox.messages[0][1])
    token = unsubscribe_token("R0001@example.org", ONE_CLICK["REPORTER_UNSUBSCRIBE_SECRET"])
    assert token != unsubscribe_token("r0001@example.org", "another secret")
    link = f"https://labour.example.org/unsubscribe/{token}"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<{link}>" in message["List-Unsubscribe"]
    assert link in message.get_body(("plain",)).get_content()
    assert f'href="{link}"' in message.get_body(("html",)).get_content()


# ------------------------------------------------------------------------------------------------------------ bounces


def report_of(recipient: str, message_id: str, action: str = "failed") -> bytes:
    returned = f"Message-ID: {message_id}\nSubject: x\n" if message_id else "Subject: x\n"
    return (
        "From: MAILER-DAEMON@mx.example.org\nTo: bounces@mol.go.th\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is the mail system.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    ).encode()


def test_bounces_go_to_their_own_address_and_into_the_ledger(desk, tmp_path):
    class Envelopes(Postbox):
        async def handle_MAIL(self, smtp, session, envelope, address, options):  # noqa: N802
            envelope.mail_from = address
            seen.add(address)
            return "250 OK"

    seen: set[str] = set()
    environment = {"REPORTER_MAIL_FROM": "report@mol.go.th", "REPORTER_MAIL_BOUNCES": "bounces@mol.go.th"}
    with serving(box := Envelopes()) as place:
        desk.send(place, environment=environment)
        assert (
            seen == {"bounces@mol.go.th"}
            and parsed(box.messages[0][1])["From"].addresses[0].addr_spec == "report@mol.go.th"
        )
        ids = {address: parsed(content)["Message-ID"] for address, content in box.messages}
        maildir = tmp_path / "Maildir"
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        (maildir / "new" / "1.eml").write_bytes(report_of("r0002@example.org", ids["r0002@example.org"]))
        (maildir / "new" / "2.eml").write_bytes(
            report_of("r0003@example.org", ids["r0003@example.org"], "delayed")
        )
        (maildir / "cur" / "3.eml").write_bytes(report_of("r0001@example.org", "<forged@example.org>"))
        (maildir / "cur" / "4.eml").write_bytes(b"Subject: an answer\n\nThank you\n")
        done = CliRunner().invoke(bounces, [str(maildir), "--out", str(desk.out)])
        assert done.exit_code == 0 and "User unknown" in done.output, done.output
        assert desk.states() == {
            "r0001@example.org": "sent",
            "r0002@example.org": "bounced",
            "r0003@example.org": "sent",
        }
        with pytest.raises(DeliveryError):
            desk.send(place, environment=environment)
        assert any("User unknown" in line for line in desk.told)
        desk.send(place, environment=environment, retry_failed=True)
    assert dict(box.served) == {"r0001@example.org": 1, "r0002@example.org": 2, "r0003@example.org": 1}


def test_a_report_without_the_returned_message_counts_by_address_and_an_mbox_is_read(desk, tmp_path):
    with serving(Postbox()) as place:
        desk.send(place)
    box = tmp_path / "mbox"
    box.write_bytes(
        b"".join(
            b"From x Thu Nov 20 10:00:00 2025\n" + report_of(f"R000{n}@example.org", "") + b"\n"
            for n in (1, 2)
        )
    )
    assert CliRunner().invoke(bounces, [str(box), "--out", str(desk.out)]).exit_code == 0
    assert sorted(desk.states().values()) == ["bounced", "bounced", "sent"]
    for wrong, kind in (
        (["nosuch", "--out", str(desk.out)], InputError),
        ([str(box), "--out", str(tmp_path / "no")], StateError),
    ):
        assert isinstance(CliRunner().invoke(bounces, wrong).exception, kind)


# ---------------------------------------------------------------------------------------------------------------- DKIM


@pytest.mark.parametrize(
    "name",
    [
        "From",
        "To",
        "Subject",
        "Date",
        "List-Unsubscribe",
        "Content-Type",
        "Reply-To",
        "Cc",
        "List-Unsubscribe-Post",
    ],
)
def test_a_second_header_breaks_the_signature(signed, name):
    content, record = signed
    assert dkim.verify(content, dnsfunc=lambda name, timeout=5: record)
    second = f"{name}: attacker@example.org\r\n".encode() + content
    assert not dkim.verify(second, dnsfunc=lambda name, timeout=5: record)


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A signed message as it arrived, and the DNS record of its key."""
    root = tmp_path_factory.mktemp("dkim")
    key = root / "key.pem"
    subprocess.run(
        ["openssl", "genrsa", "-traditional", "-out", key, "1024"], check=True, capture_output=True
    )
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True).stdout
    with serving(postbox := Postbox()) as place:
        Desk(root, 1).send(
            place, environment={"REPORTER_DKIM_KEY": str(key), "REPORTER_MAIL_FROM": "report@mol.go.th"}
        )
    return postbox.messages[0][1], b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])


# ---------------------------------------------------------------------------------------------------------- correction


def test_a_correction_says_what_was_wrong_and_stands_below_the_first_letter(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        folder = make_issue(desk.out, version=2, headline=NEWER)
        said = "แก้ตัวเลขการจ้างงานภาคใต้ <ทั้งชุด>"
        note_correction(folder, said)
        desk.send("", dry_run=True)
        desk.send(place)
    first = {address: parsed(content)["Message-ID"] for address, content in postbox.messages[:3]}
    for address, content in postbox.messages[3:]:
        message = parsed(content)
        assert message["In-Reply-To"] == message["References"] == first[address] != message["Message-ID"]
        assert "ฉบับแก้ไข (ฉบับที่ 2)" in message["Subject"]
        text = message.get_body(("plain",)).get_content()
        assert said in text and "เปลี่ยนจาก 101.2 จุด เป็น 101.9 จุด" in text
        assert "การเปลี่ยนแปลงจากไตรมาสก่อน แก้จาก ▲ 0.8 เป็น ▲ 1.4" in text
        assert "ภาคใต้ &lt;ทั้งชุด&gt;" in message.get_body(("html",)).get_content()
    preview = parsed(sorted((desk.out / "mail" / f"preview-{QUARTER}").glob("*.eml"))[0].read_bytes())
    assert said in preview.get_body(("plain",)).get_content()


def test_a_correction_of_details_says_that_the_headline_stays(desk):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        note_correction(make_issue(desk.out, version=2, pdf=b"%PDF-1.7 mended"), "แก้ชื่อรูป")
        desk.send(place)
    text = parsed(postbox.messages[3][1]).get_body(("plain",)).get_content()
    assert "ตัวเลขหลักทั้งสามดัชนีไม่เปลี่ยนแปลง" in text and "แก้ชื่อรูป" in text


@pytest.mark.parametrize(
    "options", [{}, {"allow_draft": True}, {"retry_failed": True}, {"resend": "r0001@example.org"}]
)
@pytest.mark.parametrize("version", [2, 3])
def test_a_correction_waits_for_the_words_of_what_was_wrong_and_then_reaches_everybody(
    desk, version, options
):
    with serving(postbox := Postbox()) as place:
        desk.send(place)
        folder = make_issue(desk.out, version=version, headline=NEWER)
        log = (desk.out / release_log.NAME).read_bytes()
        with pytest.raises(
            StateError, match="publish it first with reporter publish -q 2025-Q3 --correction"
        ):
            desk.send(place, **options)
        assert len(postbox.messages) == 3 and (desk.out / release_log.NAME).read_bytes() == log
        note_correction(folder, "แก้มิติค่าจ้าง")
        desk.send(place)
    assert len(postbox.messages) == 6
    for _, content in postbox.messages[3:]:
        assert "แก้มิติค่าจ้าง" in parsed(content).get_body(("plain",)).get_content()


def test_words_of_another_version_or_of_other_bytes_do_not_let_a_correction_out(desk):
    with serving(postbox := Postbox()) as place:
        note_correction(make_issue(desk.out, version=2, headline=NEWER), "แก้มิติค่าจ้าง")
        for other in ({"version": 3}, {"version": 2, "pdf": b"%PDF-1.7 other"}):
            make_issue(desk.out, headline=NEWER, **other)
            with pytest.raises(StateError, match="is a correction"):
                desk.send(place)
    assert not postbox.messages


@pytest.mark.parametrize("options", [{"dry_run": True}, {"to": "me@example.org"}, {"allow_draft": True}])
def test_a_rehearsal_of_a_correction_says_that_its_words_are_missing(desk, options):
    make_issue(desk.out, version=2, status="draft" if "allow_draft" in options else "final", headline=NEWER)
    with serving(Postbox()) as place:
        desk.send("" if "dry_run" in options else place, **options)
        assert any("no correction text of version 2" in line for line in desk.told)
        desk.told.clear()
        make_issue(desk.out, headline=NEWER)
        desk.send("", dry_run=True)
    assert not any("no correction text" in line for line in desk.told)


@pytest.fixture
def website(tmp_path):
    """A folder served over HTTP: the website as the world sees it."""
    folder = tmp_path / "www"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *arguments: None
    service = QuietServer(("127.0.0.1", 0), handler)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{service.server_address[1]}"
    service.shutdown()
    service.server_close()


def test_a_letter_waits_for_the_page_that_it_leads_to(desk, website):
    from reporter.delivery.mail.sending import ask_page

    folder, address = website
    make_workspace(desk.data, settings=f'website = "{address}"\n')
    with serving(postbox := Postbox()) as place:
        with pytest.raises(StateError, match="answers 404"):
            desk.send(place, ask=ask_page)
        assert not postbox.served
        (folder / "2568/q3/v1").mkdir(parents=True)
        (folder / "2568/q3/v1/index.html").write_text("published", encoding="utf-8")
        desk.send(place, ask=ask_page)
    assert len(postbox.served) == 3


def test_a_website_out_of_reach_is_told_unless_the_log_knows_the_publication(desk):
    with serving(Postbox()) as place:
        desk.send(place)
        assert any("not published yet" in line for line in desk.told)
        desk.told.clear()
        release_log.record(desk.out / QUARTER, "published", who="reporter publish", when=NOON.isoformat())
        desk.send(place)
    assert not any("not published yet" in line for line in desk.told)


def test_the_preview_shows_every_covering_text(desk):
    make_workspace(
        desk.data,
        rows="agency,name,email,group\nก,ข,a@example.org,press\nค,ง,b@example.org,\nจ,ฉ,c@example.org,cabinet\n",
    )
    (desk.data / "cover").mkdir()
    for name in ("press", "cabinet", "default"):
        (desk.data / "cover" / f"{name}.md").write_text(f"ถึงกลุ่ม {name}", encoding="utf-8")
    desk.send("", dry_run=True)
    page = (desk.out / "mail" / f"preview-{QUARTER}" / "index.html").read_text(encoding="utf-8")
    assert page.count("<iframe") == 3
    assert all(f"ถึงกลุ่ม {name}" in page for name in ("press", "cabinet", "default"))


# ------------------------------------------------------------------------------- answers at every step of a message


class Scripted:
    """An SMTP server that gives one odd answer at one step, then ordinary ones; it counts contents and what it took."""

    def __init__(self, step: str, answer: str, size: str = "") -> None:
        self.odd = {step: [answer]}
        self.size = size
        self.contents: list[bytes] = []
        self.taken: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._session(connection)

    def _say(self, connection: socket.socket, step: str, usual: str) -> str:
        answer = self.odd[step].pop() if self.odd.get(step) else usual
        if answer == "close":
            connection.shutdown(socket.SHUT_RDWR)
            raise OSError("closed on purpose")
        connection.sendall(answer.encode() + b"\r\n")
        return answer

    def _session(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        self._say(connection, "connect", "220 test")
        hello = (
            f"250-test\r\n250-SIZE {self.size}\r\n250 8BITMIME" if self.size else "250-test\r\n250 8BITMIME"
        )
        usual = {b"EHLO": hello, b"DATA": "354 go", b"QUIT": "221 bye"}
        to = b""
        while line := reader.readline():
            verb = line[:4].upper()
            to = line if verb == b"RCPT" else to
            answer = self._say(connection, verb.decode(), usual.get(verb, "250 OK"))
            if verb == b"DATA" and answer.startswith("354"):
                self.contents.append(to)
                while reader.readline() not in (b".\r\n", b""):
                    pass
                if self._say(connection, "dot", "250 taken").startswith("2"):
                    self.taken.append(to)


STEPS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot", "RSET", "QUIT")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("answer", ["421 closing", "450 later", "452 full", "550 no", "554 no", "close"])
def test_whatever_the_server_answers_at_any_step_nobody_is_served_twice_and_nobody_forgotten(
    tmp_path, step, answer
):
    desk = Desk(tmp_path, 3)
    server = Scripted(step, answer)
    with contextlib.suppress(DeliveryError):
        desk.send(server.place)
    taken = list(server.taken)
    assert len(set(taken)) == len(taken)
    with contextlib.suppress(DeliveryError):
        desk.send(server.place, retry_failed=True)
    unsure = (step, answer) == ("dot", "close")  # nobody can know whether the message stayed
    assert len(set(server.taken)) == len(server.taken) == (2 if unsure else 3)
    server.listener.close()


@pytest.mark.parametrize(("answer", "state"), [("251 will forward", "sent"), ("200 fine", "sent"), ("999 what", "uncertain"), ("354 go on", "uncertain"), ("hello", "uncertain"), ("", "uncertain")])  # fmt: skip
def test_an_odd_answer_to_the_final_dot_never_doubles_a_message(tmp_path, answer, state):
    desk = Desk(tmp_path, 1)
    server = Scripted("dot", answer)
    for _ in range(2):
        with contextlib.suppress(DeliveryError):
            desk.send(server.place)
    assert len(server.contents) == 1
    assert any("1 of 1 served" in told if state == "sent" else "--resend" in told for told in desk.told)
    server.listener.close()


def test_one_full_mailbox_takes_the_report_from_nobody_else(tmp_path):
    desk = Desk(tmp_path, 3)
    server = Scripted("RCPT", "552 5.2.2 mailbox full")
    with pytest.raises(DeliveryError):
        desk.send(server.place)
    assert len(server.taken) == 2
    assert not any("link to the report" in told for told in desk.told)
    server.listener.close()


def test_a_server_that_takes_not_even_the_letter_is_told_of_before_anything_is_sent(tmp_path):
    desk = Desk(tmp_path, 2)
    server = Scripted("", "", size="900")
    with pytest.raises(DeliveryError, match="even without the report"):
        desk.send(server.place)
    assert not server.contents
    server.listener.close()


def test_a_heap_of_marks_on_one_letter_leaves_the_header_short(tmp_path):
    for text in ("a" + "\u0301" * 300, "ก" + "่" * 300):
        lines = encoded(text, len("To: ")).split("\r\n")
        assert max(map(len, lines)) <= 76
        assert str(email.header.make_header(email.header.decode_header(" ".join(lines)))) == text


# ------------------------------------------------------------------------------------------------ odd reports


REPORT = (
    b'From: MAILER-DAEMON@x\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: message/KIND\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    b"Final-Recipient: RECIPIENT\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers; charset=CHARSET\r\n\r\nMessage-ID: <a@b>\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize("charset", [b"utf-8", b"tis-620", b"x-nobody-knows", b"\xff"])
def test_a_report_in_an_unknown_encoding_is_read(tmp_path, charset):
    report = REPORT.replace(b"KIND", b"delivery-status").replace(b"CHARSET", charset)
    (tmp_path / "r.eml").write_bytes(report.replace(b"RECIPIENT", b"rfc822; R1@example.org"))
    (bounce,) = read_bounces(tmp_path)
    assert (bounce.address, bounce.action, bounce.message_id) == ("R1@example.org", "failed", "<a@b>")


def test_a_report_about_an_address_beyond_ascii_is_read(tmp_path):
    report = REPORT.replace(b"KIND", b"global-delivery-status").replace(b"CHARSET", b"utf-8")
    (tmp_path / "r.eml").write_bytes(report.replace(b"RECIPIENT", "utf-8; ผู้ใช้@ไทย.example".encode()))
    (bounce,) = read_bounces(tmp_path)
    assert (bounce.address, bounce.status) == ("ผู้ใช้@ไทย.example", "5.1.1")


def test_no_damaged_report_ends_the_reading(tmp_path):
    chance = random.Random(2568)
    whole = (
        REPORT.replace(b"KIND", b"delivery-status")
        .replace(b"CHARSET", b"utf-8")
        .replace(b"RECIPIENT", b"rfc822; r@x.org")
    )
    for number in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 10)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 8)] = chance.choice(
                [b"", b"\xff\xfe", b"\0", b";", b"\r\n", b":"]
            )
        (tmp_path / f"{number}.eml").write_bytes(bytes(content))
    assert len(list(read_bounces(tmp_path))) > 20


def _odd_report(block: str, returned: str = "", more: str = "") -> bytes:
    beside = f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n" if returned else ""
    return (
        "From: MAILER-DAEMON@mx\nMessage-ID: <report@mx>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: message/delivery-status\n{more}\n{block}\n{beside}--b--\n"
    ).encode()


def _block(recipient: str, action: str = "failed") -> str:
    return f"Reporting-MTA: dns; mx\n\nFinal-Recipient: {recipient}\nAction: {action}\nStatus: 5.1.1\n"


def _in_base64(block: str) -> bytes:
    coded = base64.encodebytes(block.encode()).decode()
    return _odd_report(coded, more="Content-Transfer-Encoding: base64\n")


def _forwarded(report: bytes) -> bytes:
    start = b'From: it@mol.go.th\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="z"\n\n--z\n'
    return start + b"Content-Type: message/rfc822\n\n" + report + b"\n--z--\n"


@pytest.mark.parametrize(
    ("address", "report"),
    [
        ("a@ไทย.com", lambda _: _odd_report(_block("rfc822; a@xn--o3cw4h.com"))),
        ("A+b@example.org", lambda _: _odd_report("Reporting-MTA: dns; mx\n\nOriginal-Recipient: rfc822;A+2Bb@example.org\nFinal-Recipient: rfc822; box7@inside.example.org\nAction: failed\n")),
        ("a@example.org", lambda _: _odd_report(_block("RFC822;<A@Example.ORG>", "Failed (5 days)"))),
        ("a@example.org", lambda _: _odd_report(_block("rfc822; a@example.org (the office)"))),
        ("a@example.org", lambda _: _odd_report(_block("a@example.org"))),
        ("a@example.org", lambda _: _in_base64(_block("rfc822; a@example.org"))),
        ("a@example.org", lambda _: _odd_report(_block("rfc822; a=40example.org"), more="Content-Transfer-Encoding: quoted-printable\n")),
        ("a@example.org", lambda sent: _odd_report(_block("rfc822; moved@example.net"), f"Message-ID:\n {sent}\n")),
        ("a@example.org", lambda sent: _forwarded(_odd_report(_block("rfc822; moved@example.net"), f"Message-ID: {sent}\n"))),
        ("a@example.org", lambda sent: _odd_report(_block("rfc822; moved@example.net"), f"Message-ID: {sent}\n").replace(b"\n", b"\r\n")),
    ],
    ids=["ascii form", "xtext", "case", "comment", "no type", "base64", "quoted", "redirected", "forwarded", "crlf"],
)  # fmt: skip
def test_a_report_is_read_however_the_server_writes_it(tmp_path, address, report):
    desk, box = Desk(tmp_path), Postbox()
    make_workspace(desk.data, rows=f"A,B,{address}\nA,B,other@example.org\n")
    with serving(box) as place:
        desk.send(place)
    sent = str(parsed(box.messages[0][1])["Message-ID"])
    (tmp_path / "report.eml").write_bytes(report(sent))
    done = CliRunner().invoke(bounces, [str(tmp_path / "report.eml"), "--out", str(desk.out)])
    assert done.exit_code == 0, done.output
    assert sorted(desk.states().items()) == sorted(
        {address.casefold(): "bounced", "other@example.org": "sent"}.items()
    )


EXIM = """From: Mail Delivery System <Mailer-Daemon@mx>
X-Failed-Recipients: a@example.org
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software. The following address(es) failed:

  a@example.org
    SMTP error from remote mail server: 550 5.1.1 No such user

------ This is a copy of the message, including all the headers. ------

Message-ID: SENT
Subject: q
"""
QMAIL = """From: MAILER-DAEMON@mx
Subject: failure notice

Hi. This is the qmail-send program at mx.
I'm afraid I wasn't able to deliver your message to the following addresses.

<a@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: SENT
Subject: q
"""


@pytest.mark.parametrize("report", [EXIM, QMAIL], ids=["exim", "qmail"])
@pytest.mark.parametrize("is_ours", [True, False])
def test_a_report_in_plain_text_is_read_where_the_ledger_sent_the_message(tmp_path, report, is_ours):
    desk, box = Desk(tmp_path), Postbox()
    make_workspace(desk.data, rows="A,B,a@example.org\n")
    with serving(box) as place:
        desk.send(place)
    sent = str(parsed(box.messages[0][1])["Message-ID"]) if is_ours else "<other@example.org>"
    (tmp_path / "report.eml").write_text(report.replace("SENT", sent), encoding="utf-8")
    done = CliRunner().invoke(bounces, [str(tmp_path / "report.eml"), "--out", str(desk.out)])
    assert done.exit_code == 0 and "5.1.1" in done.output, done.output
    assert desk.states() == {"a@example.org": "bounced" if is_ours else "sent"}


def test_an_answer_that_quotes_a_report_is_no_report(tmp_path):
    quoted = "".join(f"> {line}\n" for line in QMAIL.splitlines())
    (tmp_path / "answer.eml").write_text(f"Subject: Re: failure\n\nPlease look:\n{quoted}", encoding="utf-8")
    assert not list(read_bounces(tmp_path))


def test_a_recipient_is_served_again_however_the_address_is_typed(tmp_path):
    desk, box = Desk(tmp_path), Postbox()
    make_workspace(desk.data, rows="A,B,a@ไทย.com\n")
    with serving(box) as place:
        desk.send(place)
        desk.send(place, resend="A@XN--o3cw4h.com")
    assert dict(box.served) == {"a@xn--o3cw4h.com": 2}


def test_a_disk_that_is_full_in_the_middle_ends_the_run_at_once_and_nobody_is_served_twice(tmp_path):
    desk, box = Desk(tmp_path, 30), Postbox(keep=False)
    with serving(box) as place:
        environment = {**os.environ, "REPORTER_SMTP_URL": f"smtp://{place}"}
        started = time.monotonic()
        full = subprocess.run(
            ["bash", "-c", 'ulimit -f 48 && exec "$@"', "x", *send_command(desk)],
            capture_output=True, text=True, env=environment, check=False, timeout=300,
        )  # fmt: skip
        assert time.monotonic() - started < 50, "it waited for an answer to content that it never sent"
        assert full.returncode == 1 and "free space" in full.stderr and "Traceback" not in full.stderr
        served = sum(box.served.values())
        again = subprocess.run(
            send_command(desk), capture_output=True, text=True, env=environment, check=False, timeout=300
        )
    assert served < 30
    assert max(box.served.values()) == 1
    uncertain = list(desk.states().values()).count("uncertain")
    assert uncertain <= 1 and sum(box.served.values()) >= 30 - uncertain
    assert again.returncode == (3 if uncertain else 0), again.stderr


def test_a_ledger_that_may_not_be_opened_is_named(tmp_path):
    desk = Desk(tmp_path)
    (desk.out / "mail" / "ledger.sqlite").mkdir(parents=True)
    with serving(Postbox()) as place, pytest.raises(StateError, match="cannot be written"):
        desk.send(place)
