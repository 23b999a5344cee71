"""Decisions at the desk: quality, approval over the digest, rehearsals, then sending and publishing.

Goes in: the built issue and who decides. Comes out: what the commands ``build --final``, ``approve``, ``send`` and ``publish`` do: the desk calls them,
so that every guard is that of the command line. A decision names the digest that was on the page; a rebuilt issue has another one
and is decided about anew. Where ``calendar.toml`` names approvers, only they approve, send and publish.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from starlette.responses import Response

from reporter.delivery import release_log
from reporter.desk import look, status
from reporter.desk.server import Call
from reporter.desk.writing import require_name
from reporter.domain.errors import ReporterError, StateError, UsageError
from reporter.domain.periods import parse_quarter
from reporter.inputs.calendar import read_calendar
from reporter.pipeline import manifest
from reporter.runtime import program


def decide_page(call: Call) -> Response:
    """Where the issue stands, what QA found, who approved, and the steps that are open."""
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
        *look.places(call.desk, call.quarter),
        f"--by={name}",
        f"--note={call.text('note')}",
    ]
    return _said(call, look.run(arguments))


def withdraw(call: Call) -> Response:
    """Take the approval back, with a reason."""
    name = require_approver(call)
    require_digest(call)
    if not call.text("note").strip():
        raise UsageError("ต้องบอกเหตุผล", "A reason is needed.")
    arguments = [
        "approve",
        *look.places(call.desk, call.quarter),
        f"--by={name}",
        f"--note={call.text('note')}",
    ]
    return _said(call, look.run([*arguments, "--withdraw"]))


# ---------------------------------------------------------------------------------------------- rehearsals


def rehearse_letters(call: Call) -> Response:
    """Every letter as a file, none sent."""
    require_digest(call)
    look.start(
        call.desk,
        "send --dry-run",
        call.quarter,
        ["send", *look.places(call.desk, call.quarter), "--dry-run"],
    )
    return call.back("/decide")


def _preview_site(call: Call) -> Path:
    return call.desk.out / look.KEPT / f"site-{call.quarter}"


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
    out = call.desk.out / look.KEPT / f"site-{call.quarter}-out"
    look.clear(site)
    look.clear(out)
    try:
        shutil.copytree(call.folder, out / call.quarter)
        release = release_log.declared_release(out / call.quarter, manifest.read(call.folder), call.desk.data)
        now = max(call.desk.now(), release) if release else call.desk.now()
        publish(PublishRequest(quarter, out, site, now, data=call.desk.data, allow_draft=True))
    except ReporterError:
        look.clear(site)
        raise
    finally:
        look.clear(out)
    return call.back("/decide", call.say("สร้างตัวอย่างเว็บไซต์แล้ว ยังไม่เผยแพร่"))


# ---------------------------------------------------------------------------------------------- leaving the house


def send(call: Call) -> Response:
    """Send the issue to its recipients, by the command and its guards."""
    require_approver(call)
    require_digest(call)
    look.start(call.desk, "send", call.quarter, ["send", *look.places(call.desk, call.quarter)])
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
    arguments = ["publish", *look.places(call.desk, call.quarter), "--site", str(call.desk.site), *more]
    look.start(call.desk, "publish", call.quarter, arguments)
    return call.back("/decide")
