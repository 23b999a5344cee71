"""Commentary and recipients: what the analysts wrote and who is to receive it.

Goes in: a workspace and the issue's quarter (None: every quarter's commentary). Comes out: findings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reporter.domain.errors import Finding
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs.commentary import read_commentary
from reporter.inputs.recipients import read_recipients
from reporter.inputs.workspace import Workspace

_HOSTILE = re.compile(
    r"<\s*(script|iframe|object|embed|link|meta|style|svg|form)\b|javascript:|file:|\bon[a-z]+\s*=|\{\{(?!\s*[a-z][a-z0-9_.]*\s*\}\})|\{%",
    re.I,
)
_REMOTE = re.compile(r"!\[[^\]]*\]\(\s*<?\s*(?:https?:)?//", re.I)


def check(workspace: Workspace, quarter: pd.Period | None) -> list[Finding]:
    """Findings of commentary and recipients."""
    found: list[Finding] = []
    for one in _quarters(workspace.root, quarter, found):
        commentary, problems = read_commentary(workspace.root, one)
        found += problems
        for chapter in commentary.chapters.values():
            found += _hostile(chapter.where, chapter.markdown)
    found += read_recipients(workspace.root)[1]
    return found


def _quarters(root: Path, quarter: pd.Period | None, found: list[Finding]) -> list[pd.Period]:
    folder = root / "commentary"
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    except OSError as error:
        found.append(
            Finding(
                "error",
                "commentary",
                f"เปิดโฟลเดอร์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
                f"The folder cannot be opened ({error.strerror}); check its permissions.",
                rule="folder.unreadable",
            )
        )
        return []
    named = []
    for path in paths:
        try:
            one = parse_quarter(path.name)
        except PeriodError:
            one = None
        if one is None or path.name != iso(one):
            found.append(
                Finding(
                    "warning",
                    f"commentary/{path.name}",
                    "ชื่อโฟลเดอร์ไม่ใช่ไตรมาส ระบบไม่อ่าน — ใช้ชื่อแบบ 2025-Q3",
                    "The folder's name is no quarter, so it is not read; name it like 2025-Q3.",
                    rule="commentary.name",
                )
            )
        elif quarter is None or one == quarter:
            named.append(one)
    return named


def _hostile(where: str, markdown: str) -> list[Finding]:
    """Lines that would be active content elsewhere; they come out as text, and the analyst should know."""
    found = []
    for number, line in enumerate(markdown.splitlines(), start=1):
        for pattern, th, en in (
            (
                _HOSTILE,
                "มีโค้ดหรือแท็ก HTML ซึ่งจะแสดงเป็นข้อความธรรมดา",
                "Holds code or HTML, which is shown as plain text",
            ),
            (_REMOTE, "มีรูปจากอินเทอร์เน็ต ซึ่งจะไม่ถูกโหลด", "Names a picture on the internet, which is not loaded"),
        ):
            if match := pattern.search(line):
                found.append(
                    Finding(
                        "warning",
                        where,
                        f"{th} — ลบออก",
                        f"{en}; remove it.",
                        row=number,
                        value=match[0][:40],
                        rule="commentary.active",
                    )
                )
    return found
