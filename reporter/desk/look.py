"""The issue at the desk: its pages, a build with its progress, what changed since the last draft; then approval, letters, publication.

Goes in: the folder of built issues. Comes out: pages; a build is ``reporter build`` in a process of its own, so that its memory is given back
and its guards are those of the command line. Before a build the issue's document is kept under ``.desk/``, so that two drafts
can be compared sentence by sentence.
"""

from __future__ import annotations

import difflib
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import PlainTextResponse, Response

from reporter.delivery import release_log
from reporter.delivery.built_issue import document
from reporter.desk import status
from reporter.desk.data import chart_choices
from reporter.desk.server import STYLED, Call, Desk, served
from reporter.desk.writing import require_name, stored
from reporter.domain.declarations import asset
from reporter.domain.errors import ReporterError, StateError, UsageError
from reporter.domain.periods import iso, parse_quarter
from reporter.figures import load
from reporter.inputs.calendar import read_calendar
from reporter.inputs.workspace import SETTINGS_FILE, read_settings
from reporter.pipeline import manifest
from reporter.pipeline.issue_cache import STAGES
from reporter.runtime import program
from reporter.runtime.cache import write_bytes

_STAGE = re.compile(r"\[(\d+)/(\d+)\]\s*(.*)")
_LINES = 400  # of a command's words; what it says first is told in its log
_SITE = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'"
KEPT = ".desk"


# ---------------------------------------------------------------------------------------------- commands that take a while


@dataclass
class Job:
    """One command of the program that runs beside the desk. ``exit``: None while it runs."""

    name: str
    quarter: str
    lines: list[str] = field(default_factory=list)
    stage: int = 0
    stages: int = 0
    said: str = ""
    exit: int | None = None

    @property
    def words(self) -> str:
        """What it said last, progress left out."""
        return "\n".join(line for line in self.lines if not _STAGE.match(line))[-6000:]


def start(desk: Desk, name: str, quarter: str, arguments: Sequence[str]) -> Job:
    """Run a command of the program in a process of its own. Raises StateError while another one runs."""
    with desk.lock:
        running = desk.shared.get("job")
        if running is not None and running.exit is None:
            raise StateError(
                f"กำลังทำ {running.name} อยู่ — รอให้เสร็จก่อน",
                f"{running.name} is running; wait until it is done.",
            )
        job = Job(name, quarter, stages=STAGES if name == "build" else 0)
        desk.shared["job"] = job
    process = subprocess.Popen(
        [sys.executable, "-m", "reporter", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    threading.Thread(target=_follow, args=(job, process), daemon=True).start()
    return job


def _follow(job: Job, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if found := _STAGE.match(line):
                job.stage, job.stages, job.said = int(found[1]), int(found[2]), found[3].strip()
            job.lines = [*job.lines, line.rstrip("\n")][-_LINES:]
    job.exit = process.wait()


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """Run a short command of the program to its end: exit status and words."""
    done = subprocess.run(
        [sys.executable, "-m", "reporter", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def places(desk: Desk, quarter: str) -> list[str]:
    """The arguments that every command of a quarter takes."""
    return ["-q", quarter, "--data", str(desk.data), "--out", str(desk.out)]


# ---------------------------------------------------------------------------------------------- pages


def look_page(call: Call) -> Response:
    """The issue on the screen, its files, the build, the differences."""
    is_built = (call.folder / manifest.NAME).is_file()
    content = manifest.read(call.folder) if is_built else {}
    files = [
        (entry["path"], entry["bytes"])
        for entry in content.get("outputs", ())
        if "/" not in entry["path"] and entry["path"].endswith((".pdf", ".xlsx", ".html", ".docx"))
    ]
    return call.page(
        "look",
        title=call.say("ดูเล่ม"),
        tab="look",
        content=content,
        files=files,
        job=call.desk.shared.get("job"),
        **chart_form(call),
        can_compare=[against for against in ("draft", "issue") if is_built and _other(call, against)],
    )


def chart_form(call: Call) -> dict[str, Any]:
    """What the form of the charts shows: name and title of each, its choices with the one in force, the file's digest."""
    place = 0 if call.lang == "th" else 1
    chosen = dict(read_settings(call.desk.data).charts)
    rows = []
    for name, own in chart_choices().items():
        title = load(asset("charts", f"{name}.py")).TITLE[call.lang]
        options = [(key, (words.th, words.en)[place]) for key, words in own.items()]
        rows.append((name, title, options, chosen.get(name, options[0][0])))
    return {"charts": rows, "settings_digest": stored(call.desk.data / SETTINGS_FILE).digest}


def build(call: Call) -> Response:
    """A new draft, or the final issue."""
    kind = call.text("kind")
    if kind not in ("draft", "final"):
        raise UsageError("ไม่รู้จักชนิดของฉบับ", "Unknown kind of issue.")
    _keep_document(call.desk.out, call.quarter)
    start(
        call.desk,
        "build",
        call.quarter,
        ["build", *places(call.desk, call.quarter), "--jobs", "1", *(["--final"] if kind == "final" else [])],
    )
    return call.back("/decide" if kind == "final" else "/look")


def _keep_document(out: Path, quarter: str) -> None:
    """Keep the issue's document as it is before a build, for comparison."""
    path = out / quarter / "issue.json"
    if path.is_file():
        kept = out / KEPT / f"{quarter}-before.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(kept, path.read_bytes())


def job_part(call: Call) -> Response:
    """The command that runs or ran last: its progress; when it has ended, the whole page is loaded anew with its results."""
    job = call.desk.shared.get("job")
    if job is None:
        return Response("")
    answer = call.page("part-job", job=job)
    if job.exit is not None and call.request.headers.get("hx-request"):
        answer.headers["HX-Refresh"] = "true"
    return answer


# ---------------------------------------------------------------------------------------------- files of the issue


def issue_file(call: Call) -> Response:
    """A file of the quarter's issue."""
    return served(call.folder, str(call.request.path_params["path"]))


def kept_file(call: Call) -> Response:
    """A file of a rehearsal: the letters, the site."""
    kind, path = str(call.request.path_params["kind"]), str(call.request.path_params["path"])
    folders = {
        "letters": call.desk.out / "mail" / f"preview-{call.quarter}",
        "site": call.desk.out / KEPT / f"site-{call.quarter}",
    }
    if kind not in folders:
        return PlainTextResponse("404", 404)
    return served(folders[kind], path or "index.html", policy=_SITE if kind == "site" else STYLED)


# ---------------------------------------------------------------------------------------------- what changed


@dataclass(frozen=True)
class ChangedSentence:
    """A sentence that changed in one part: as it was and as it is; either may be empty."""

    part: str
    before: str
    now: str


def differences_part(call: Call) -> Response:
    """Sentences and headline numbers that differ from the last draft or the last issue."""
    against = call.request.query_params.get("against", "draft")
    other, own = _other(call, against), document(call.folder)
    if other is None or own is None:
        return PlainTextResponse(call.say("ไม่มีฉบับให้เทียบ"))
    now, before = own["documents"]["th"], other["documents"]["th"]
    changes = list(sentence_changes(before, now))
    return call.page(
        "part-differences",
        numbers=list(number_changes(before, now)),
        changes=changes[:300],
        left_out=max(0, len(changes) - 300),
    )


def _other(call: Call, against: str) -> dict[str, Any] | None:
    """The document to compare with: kept before the last build, or that of the quarter before."""
    if against == "draft":
        path = call.desk.out / KEPT / f"{call.quarter}-before.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if "documents" in found else None
    earlier = iso(parse_quarter(call.quarter) - 1)
    return document(call.desk.out / earlier)


def sentence_changes(before: dict[str, Any], now: dict[str, Any]) -> Iterator[ChangedSentence]:
    """Sentences that came, went or changed, part by part; what only moved is left out."""
    old = {part["slug"]: part for part in [before["summary"], *before["chapters"]]}
    for part in [now["summary"], *now["chapters"]]:
        first = list(_sentences(old.get(part["slug"], {})))
        second = list(_sentences(part))
        matched = difflib.SequenceMatcher(a=first, b=second, autojunk=False)
        for kind, a, b, c, d in matched.get_opcodes():
            if kind == "equal":
                continue
            gone = [text for text in first[a:b] if text not in second]
            come = [text for text in second[c:d] if text not in first]
            for number in range(max(len(gone), len(come))):
                yield ChangedSentence(
                    part["short_title"],
                    gone[number] if number < len(gone) else "",
                    come[number] if number < len(come) else "",
                )


def _sentences(node: Any) -> Iterator[str]:
    """Texts of all sentences under a part of the document, in reading order."""
    if isinstance(node, dict):
        if "spans" in node and "text" in node:
            yield node["text"]
            return
        for key in ("finding", "sections", "blocks", "sentences", "items", "term"):
            if key in node:
                yield from _sentences(node[key])
    elif isinstance(node, list):
        for one in node:
            yield from _sentences(one)


def number_changes(before: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, number before and now of the headline where the displayed number differs."""
    old = {head["id"]: head for head in before["headline"]}
    for head in now["headline"]:
        first, second = (_shown(one) for one in (old.get(head["id"], {}), head))
        if first != second:
            yield head["name"], first, second


def _shown(head: dict[str, Any]) -> str:
    return str((head.get("level") or {}).get("text", "–"))


def clear(folder: Path) -> None:
    """Take a rehearsal's folder away."""
    shutil.rmtree(folder, ignore_errors=True)


# ----------------------------------------------------------------------------------------------------
# Decisions at the desk: quality, approval over the digest, rehearsals, then sending and publishing.
#
# Goes in: the built issue and who decides. Comes out: what the commands ``build --final``, ``approve``, ``send`` and ``publish`` do: the desk calls them,
# so that every guard is that of the command line. A decision names the digest that was on the page; a rebuilt issue has another one
# and is decided about anew. Where ``calendar.toml`` names approvers, only they approve, send and publish.
# ----------------------------------------------------------------------------------------------------


def decide_page(call: Call) -> Response:
    """The state of the issue, what QA found, who approved, and the steps that are open."""
    quarter = parse_quarter(call.quarter)
    is_built = (call.folder / manifest.NAME).is_file()
    content: dict[str, Any] = manifest.read(call.folder) if is_built else {}
    issue = status.issue_state(call.desk.data, call.desk.out, quarter)
    release = release_log.declared_release(call.folder, content, call.desk.data) if is_built else None
    return call.page(
        "decide",
        title=call.say("ตัดสินใจ"),
        tab="decide",
        issue=issue,
        content=content,
        qa=_qa(call.folder) if is_built else [],
        events=release_log.events(call.folder),
        release=release,
        is_before=release is not None and call.desk.now() < release,
        approvers=read_calendar(call.desk.data)[0].approvers,
        job=call.desk.shared.get("job"),
        has_letters=(call.desk.out / "mail" / f"preview-{call.quarter}" / "index.html").is_file(),
        has_site=(_preview_site(call) / "index.html").is_file(),
        states=status.ISSUE_STATES,
        place=0 if call.lang == "th" else 1,
    )


def _qa(folder: Path) -> list[dict[str, Any]]:
    """Findings of ``qa.json`` that are more than notes."""
    try:
        found = json.loads((folder / "qa.json").read_text(encoding="utf-8"))["findings"]
    except (OSError, ValueError, KeyError):
        return []
    return [one for one in found if one["severity"] != "note"]


# ---------------------------------------------------------------------------------------------- who decides about what


def require_digest(call: Call) -> None:
    """Raise StateError where the issue is not the one that was on the page."""
    path = call.folder / manifest.NAME
    if not path.is_file() or program.sha256(path) != call.text("digest"):
        raise StateError(
            "ฉบับเปลี่ยนไปหลังจากท่านเปิดหน้า — ดูเล่มใหม่แล้วตัดสินใจอีกครั้ง",
            "The issue has changed since you opened the page; look at it again, then decide.",
        )


def require_approver(call: Call) -> str:
    """The person's name, where it is one that may decide. Raises UsageError without a name, StateError for another role."""
    name = require_name(call)
    calendar, problems = read_calendar(call.desk.data)
    if problems:
        raise StateError(
            f"calendar.toml ผิด จึงไม่รู้ว่าใครอนุมัติได้: {problems[0].th}",
            f"calendar.toml is wrong, so it is not known who may approve: {problems[0].en}",
        )
    if calendar.approvers and name not in calendar.approvers:
        raise StateError(
            f"{name} ไม่ใช่ผู้อนุมัติตาม calendar.toml ({', '.join(calendar.approvers)})",
            f"{name} is no approver by calendar.toml ({', '.join(calendar.approvers)}).",
        )
    return name


def _said(call: Call, done: tuple[int, str]) -> Response:
    """Back to the page with a command's words; its refusal as an error."""
    code, words = done
    if code:
        lines = [line for line in words.splitlines() if line.strip()]
        thai, english = (lines[-2], lines[-1]) if len(lines) > 1 else (words, words)
        raise StateError(thai, english)
    return call.back("/decide", words.splitlines()[0] if words else "")


# ---------------------------------------------------------------------------------------------- approval


def approve(call: Call) -> Response:
    """Sign off the issue whose digest is on the page."""
    name = require_approver(call)
    require_digest(call)
    arguments = [
        "approve",
        *places(call.desk, call.quarter),
        f"--by={name}",
        f"--note={call.text('note')}",
    ]
    return _said(call, run(arguments))


def withdraw(call: Call) -> Response:
    """Take the approval back, with a reason."""
    name = require_approver(call)
    require_digest(call)
    if not call.text("note").strip():
        raise UsageError("ต้องบอกเหตุผล", "A reason is needed.")
    arguments = [
        "approve",
        *places(call.desk, call.quarter),
        f"--by={name}",
        f"--note={call.text('note')}",
    ]
    return _said(call, run([*arguments, "--withdraw"]))


# ---------------------------------------------------------------------------------------------- rehearsals


def rehearse_letters(call: Call) -> Response:
    """Every letter as a file, none sent."""
    require_digest(call)
    start(
        call.desk,
        "send --dry-run",
        call.quarter,
        ["send", *places(call.desk, call.quarter), "--dry-run"],
    )
    return call.back("/decide")


def _preview_site(call: Call) -> Path:
    return call.desk.out / KEPT / f"site-{call.quarter}"


def rehearse_site(call: Call) -> Response:
    """The website with this issue, in a folder of the desk's own; nothing is published and nothing logged.

    It is made from a copy beside the log, as a rehearsal with its mark on every page, as if the embargo had passed: nothing leaves the
    house by it.
    """
    from reporter.delivery.site import (
        PublishRequest,
        publish,
    )  # here: it takes memory that no other page needs

    require_digest(call)
    site, quarter = _preview_site(call), parse_quarter(call.quarter)
    out = call.desk.out / KEPT / f"site-{call.quarter}-out"
    clear(site)
    clear(out)
    try:
        shutil.copytree(call.folder, out / call.quarter)
        release = release_log.declared_release(out / call.quarter, manifest.read(call.folder), call.desk.data)
        now = max(call.desk.now(), release) if release else call.desk.now()
        publish(PublishRequest(quarter, out, site, now, data=call.desk.data, allow_draft=True))
    except ReporterError:
        clear(site)
        raise
    finally:
        clear(out)
    return call.back("/decide", call.say("สร้างตัวอย่างเว็บไซต์แล้ว ยังไม่เผยแพร่"))


# ---------------------------------------------------------------------------------------------- leaving the house


def send(call: Call) -> Response:
    """Send the issue to its recipients, by the command and its guards."""
    require_approver(call)
    require_digest(call)
    start(call.desk, "send", call.quarter, ["send", *places(call.desk, call.quarter)])
    return call.back("/decide")


def publish_issue(call: Call) -> Response:
    """Publish the issue on the website, by the command and its guards."""
    require_approver(call)
    require_digest(call)
    if call.desk.site is None:
        raise UsageError(
            "โต๊ะงานเปิดโดยไม่มี --site จึงไม่รู้ว่าเผยแพร่ที่ใด — เปิดใหม่ด้วย reporter desk --site โฟลเดอร์",
            "The desk was opened without --site, so it does not know where to publish; open it with reporter desk --site FOLDER.",
        )
    correction = call.text("correction").strip()
    more = [f"--correction={correction}"] if correction else []
    arguments = ["publish", *places(call.desk, call.quarter), "--site", str(call.desk.site), *more]
    start(call.desk, "publish", call.quarter, arguments)
    return call.back("/decide")
