"""``reporter run``: fetch, check, build a draft, tell the analysts; one resumable command for a scheduler. It never publishes.

Goes in: a ``Plan``. Comes out: a draft in ``out/<quarter>/``, ``out/run/<quarter>.json`` (state and steps, for programs), lines in
``out/run/run.log`` and a message to the analysts: what is new, missing and surprising, or which step failed. Every step is a
command of its own in a process of its own: what it says stands in the log, and its memory is given back.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.handlers
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.built_issue import table
from reporter.delivery.mail.sending import addresses, notify
from reporter.domain import thai
from reporter.domain.periods import iso
from reporter.inputs.workspace import read_settings
from reporter.runtime.atomic import lock, write_bytes

FOLDER = "run"
# What was fetched this long ago is fetched again by the next run; a run that is taken up sooner goes on with it.
RESUME_WITHIN = dt.timedelta(hours=12)
_LOG_BYTES, _LOG_FILES = 1_000_000, 5
_SERVICE_FAILED = 3
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
    except (OSError, ValueError, KeyError, TypeError):
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
    step.last_words = "\n".join(said.strip().splitlines()[-6:])
    plan.say(f"{step.name}: สถานะ {code}", f"{step.name}: exit status {code}")
    _write(status, path)


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
        f"{named(str(row['indicator']))}: {row['status']} ข้อมูลล่าสุด {row['last'] if isinstance(row['last'], str) else '–'}"
        for row in status.to_dict("records")
        if str(row.get("status")) in ("missing", "stale", "absent", "estimated")
    ]
    return (
        f"{_headline(folder)}\n"
        + _part("ข้อมูลใหม่", new)
        + _part("ข้อมูลที่แก้ไข", changed)
        + _part("ข้อมูลที่ขาดหรือเก่า", missing)
        + _part("สิ่งที่ผิดคาด ต้องตรวจก่อนออกฉบับจริง", _surprises(folder))
        + f"\nร่าง: {folder / 'report.pdf'}\nผลตรวจ: {folder / 'qa.html'}\n"
    )


def _part(heading: str, lines: list[str]) -> str:
    shown = lines[:_LONGEST_LIST]
    more = [f"และอีก {len(lines) - len(shown)} รายการ"] if len(lines) > len(shown) else []
    return f"\n{heading} ({len(lines)})\n" + "".join(f"- {line}\n" for line in [*shown, *more])


def _headline(folder: Path) -> str:
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    numbers = content["headline"]["labour_index"]
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
