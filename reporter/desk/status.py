"""State of a quarter: what has arrived, what is late or missing, what the checks found, the state of the issue, what is due next.

Goes in: a workspace, the folder of built issues, a quarter, a day. Comes out: ``StatusReport``, for the desk's first page and for
``reporter status`` as text and JSON. ``new_quarter`` writes the skeleton of the next quarter's commentary. Nothing is computed here
that a build computes; the newest values, the findings and the release log are read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
from starlette.responses import Response

from reporter.delivery import release_log
from reporter.desk.server import Call
from reporter.domain.declarations import Declarations, chapters
from reporter.domain.errors import (
    SEVERITIES,
    Finding,
    InputError,
    ReporterError,
    StateError,
    in_order,
    severity_counts,
)
from reporter.domain.periods import iso, parse_period, parse_quarter
from reporter.domain.thai import quarter_th
from reporter.inputs.calendar import read_calendar
from reporter.inputs.declared import register
from reporter.inputs.workbook import empty_history
from reporter.inputs.workspace import (
    RESULT_RULES,
    Ruling,
    Workspace,
    open_workspace,
    read_waivers,
    rule_on,
)
from reporter.pipeline import manifest
from reporter.pipeline.issue_cache import NOT_READ, InputCheck, checked_inputs
from reporter.runtime import program
from reporter.runtime.cache import StageCache, write_bytes
from reporter.runtime.messages import language, worded
from reporter.surveys.file_reader import read_grids
from reporter.surveys.sampling import read_plan

# What a series may be for a quarter, best first, with Thai and English words.
STATES = {
    "come": ("มาแล้ว", "has come"),
    "part": ("มาบางเดือน", "some months have come"),
    "waiting": ("ยังไม่ถึงกำหนด", "not yet due"),
    "late": ("เลยกำหนด", "late"),
    "missing": ("ไม่มีข้อมูลเลย", "missing altogether"),
}
_SHOWN_KINDS = ("indicator", "part", "macro")  # what the index needs; inputs of the annex may be absent


@dataclass(frozen=True)
class SeriesState:
    """One series: its newest period, and its state for the quarter. ``due``: when the quarter's value is due, "" where unknown."""

    id: str
    name_th: str
    name_en: str
    source: str
    newest: str
    state: str
    due: str


@dataclass(frozen=True)
class SourceState:
    """The series of one source: how many are in which state, and when the next of those that lack is due."""

    source: str
    counts: dict[str, int]
    next_due: str
    series: tuple[SeriesState, ...]


@dataclass(frozen=True)
class SurveyState:
    """One survey's answers: forms in the quarter's file, forms that the plan asks for (0: no plan), what is wrong."""

    survey: str
    name_th: str
    name_en: str
    file: str
    forms: int
    quota: int
    problem: str = ""


@dataclass(frozen=True)
class IssueState:
    """The quarter's issue. ``state``: none, draft, checked, approved, released; ``is_stale``: inputs changed since it was built."""

    state: str = "none"
    version: int = 0
    digest: str = ""
    approved_by: tuple[str, ...] = ()
    approvals_needed: int = 1
    sent: str = ""
    published: str = ""
    is_stale: bool = False


@dataclass(frozen=True)
class Date:
    """A date to come, with what it is."""

    on: str
    th: str
    en: str


@dataclass(frozen=True)
class StatusFindings:
    """What the check of the inputs found: counts by severity, and how many warnings still need an answer."""

    counts: dict[str, int]
    unanswered: int


@dataclass(frozen=True)
class StatusReport:
    """Everything that ``reporter status`` says. ``findings`` is None where they were not asked for."""

    quarter: str
    name: str
    today: str
    sources: tuple[SourceState, ...]
    surveys: tuple[SurveyState, ...]
    commentary: tuple[str, ...]
    issue: IssueState
    dates: tuple[Date, ...]
    findings: StatusFindings | None = None
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """Series by state, over all sources."""
        return {state: sum(one.counts[state] for one in self.sources) for state in STATES}


# ---------------------------------------------------------------------------------------------- what has come


def standing(
    data: Path,
    out: Path,
    quarter: pd.Period,
    now: dt.datetime,
    *,
    with_findings: bool = False,
    workspace: Workspace | None = None,
) -> StatusReport:
    """The state of the quarter; ``workspace``: where it is open already. Raises InputError where there is none."""
    problems: list[tuple[str, str]] = []
    workspace = workspace or opened(data)
    series = _series_states(workspace, _history(workspace, problems), quarter, now.date())
    found = None
    if with_findings:
        ruling = ruled(data, quarter)
        found = StatusFindings(severity_counts(ruling.findings), len(ruling.unanswered))
    return StatusReport(
        quarter=iso(quarter),
        name=quarter_th(quarter),
        today=now.date().isoformat(),
        sources=tuple(_by_source(series, now.date())),
        surveys=tuple(_survey_states(workspace, quarter)),
        commentary=_written(data, quarter),
        issue=_tried(lambda: issue_state(data, out, quarter), IssueState(), problems),
        dates=tuple(sorted(_dates(data, quarter, series, now, problems), key=lambda one: one.on)),
        findings=found,
        problems=tuple(problems),
    )


def opened(data: Path) -> Workspace:
    """The workspace with the cache of the commands."""
    return open_workspace(data, StageCache(platformdirs.user_cache_path("reporter")))


def ruled(data: Path, quarter: pd.Period | None) -> Ruling:
    """What the check of the inputs finds for a draft, with what is answered for; unchanged files come from the cache."""
    from reporter.checks import check_data  # here: the desk runs the check in a process of its own

    cache = StageCache(platformdirs.user_cache_path("reporter"))
    found = checked_inputs(
        InputCheck(data, quarter, False),
        cache,
        lambda: check_data(data, quarter, is_final=False, cache=cache),
    )
    return _ruling(data, found, quarter)


def _ruling(data: Path, found: Sequence[Finding], quarter: pd.Period | None) -> Ruling:
    ruling = rule_on(found, read_waivers(data)[0], quarter, only_inputs=True)
    return replace(ruling, findings=in_order(ruling.findings))


def checked(call: Call) -> Ruling:
    """The same for the desk: by ``reporter check`` in a process of its own, whose memory is given back; once for unchanged files."""
    desk, quarter = call.desk, parse_quarter(call.quarter)
    made_from = (call.quarter, stamps(desk.data), desk.now().date())
    with desk.keep("check lock", threading.Lock):
        known = desk.shared.get("checked")
        if known is None or known[0] != made_from:
            command = ["check", "--draft", "--format", "json", "-q", call.quarter, "--data", str(desk.data)]
            done = subprocess.run(
                [sys.executable, "-m", "reporter", *command], capture_output=True, check=False
            )
            known = desk.shared["checked"] = (made_from, _findings(done.stdout, done.stderr))
    results = _results(call.folder)
    ruling = rule_on(
        [*known[1], *results], read_waivers(desk.data)[0], quarter, only_inputs=not _is_built(call.folder)
    )
    return replace(ruling, findings=in_order(ruling.findings))


def _is_built(folder: Path) -> bool:
    return (folder / manifest.NAME).is_file()


def _results(folder: Path) -> list[Finding]:
    """Warnings about the results of the last draft that need an answer: no check of the inputs can know them."""
    try:
        found = json.loads((folder / "qa.json").read_text(encoding="utf-8"))["findings"]
    except (OSError, ValueError, KeyError):
        return []
    names = {item.name for item in fields(Finding)}
    return [
        Finding(**{key: value for key, value in one.items() if key in names})
        for one in found
        if one.get("rule") in RESULT_RULES and one.get("severity") == "warning"
    ]


def _findings(content: bytes, said: bytes) -> list[Finding]:
    """The findings that ``reporter check --format json`` printed. Raises InputError with its own words where it printed none."""
    names = {item.name for item in fields(Finding)}
    try:
        entries = json.loads(content)["findings"]
    except (ValueError, KeyError, TypeError) as error:
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        thai, english = (lines[-2], lines[-1]) if len(lines) > 1 else ("ตรวจข้อมูลไม่ได้", "The check failed.")
        raise InputError(thai, english) from error
    kept = ({name: one[name] for name in names if name in one} for one in entries)
    return [Finding(**one) for one in kept if one["rule"] != "waiver.idle"]


def stamps(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, time and size of every file of the workspace that a command may read."""
    found = []
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = [
            name for name in folders if not name.startswith(".") and not (here == root and name in NOT_READ)
        ]
        for name in names:
            with contextlib.suppress(OSError):
                about = (here / name).stat()
                found.append(((here / name).relative_to(root).as_posix(), about.st_mtime_ns, about.st_size))
    return tuple(sorted(found))


def workspace_of(call: Call) -> Workspace:
    """The workspace as its files stand, read once for all pages until one of them changes."""
    desk = call.desk
    made_from = stamps(desk.data)
    with desk.keep("workspace lock", threading.Lock):
        known = desk.shared.get("workspace")
        if known is None or known[0] != made_from:
            desk.shared["workspace"] = None
            known = desk.shared["workspace"] = (made_from, opened(desk.data))
        found: Workspace = known[1]
        return found


def _tried(read: Callable[[], Any], otherwise: Any, problems: list[tuple[str, str]]) -> Any:
    """What was read, or a substitute with the error noted: one broken file must not hide the rest."""
    try:
        return read()
    except ReporterError as error:
        problems.append((error.th, error.en))
        return otherwise


def _history(workspace: Workspace, problems: list[tuple[str, str]]) -> pd.DataFrame:
    found: pd.DataFrame = _tried(workspace.usable_history, empty_history(), problems)
    return found


def _series_states(
    workspace: Workspace, history: pd.DataFrame, quarter: pd.Period, today: dt.date
) -> list[SeriesState]:
    table = register(workspace.declarations, history, today)
    records: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in table.to_dict("records")
    ]
    rows = [row for row in records if row["kind"] in _SHOWN_KINDS]
    with_values = {row["id"] for row in rows if row["last_period"]}
    computed = _computed(workspace.declarations, with_values)
    return [
        _series_state(row, workspace.declarations, quarter, today)
        for row in rows
        if row["status"] != "computed" and row["id"] not in computed
    ]


def _computed(declarations: Declarations, with_values: set[str]) -> set[str]:
    """Series that are not delivered: gaps of which the two parts are there, and parts of gaps that are sent as such."""
    left_out: set[str] = set()
    for one in declarations.indicators.values():
        parts = set(one.components)
        if parts and parts <= with_values:
            left_out.add(one.id)
        elif parts and not parts & with_values:
            left_out |= parts
    return left_out


def _series_state(
    row: dict[str, Any], declarations: Declarations, quarter: pd.Period, today: dt.date
) -> SeriesState:
    newest, end = row["last_period"], quarter.end_time.date()
    due = _due(row, declarations, quarter)
    if newest and parse_period(newest).end_time.date() >= end:
        state = "come"
    elif not newest:
        state = "missing"
    elif due is not None and due < today:
        state = "late"
    else:
        state = "part" if parse_period(newest).start_time >= quarter.start_time else "waiting"
    shown = due.isoformat() if due is not None and state != "come" else ""
    return SeriesState(row["id"], row["name_th"], row["name_en"], row["source"] or "–", newest, state, shown)


def _due(row: dict[str, Any], declarations: Declarations, quarter: pd.Period) -> dt.date | None:
    """When the quarter's last value is due: its end and the days that the source takes; None where they are not declared."""
    declared = declarations.indicators.get(row["id"])
    if row["next_due"]:
        after = (parse_period(row["last_period"]) + 1).end_time.date()
        lag = dt.date.fromisoformat(row["next_due"]) - after
    elif declared is not None:
        lag = dt.timedelta(days=declared.publication_lag_days)
    else:
        return None
    due: dt.date = quarter.end_time.date() + lag
    return due


def _by_source(series: Sequence[SeriesState], today: dt.date) -> Iterator[SourceState]:
    """Sources with what is late or missing first; ``next_due`` is a day to come."""
    grouped: dict[str, list[SeriesState]] = {}
    for one in series:
        grouped.setdefault(one.source, []).append(one)

    def weight(source: str) -> tuple[int, str]:
        return -sum(one.state in ("late", "missing") for one in grouped[source]), source

    order = list(STATES)
    for source in sorted(grouped, key=weight):
        own = sorted(grouped[source], key=lambda one: (-order.index(one.state), one.id))
        counts = {state: sum(one.state == state for one in own) for state in STATES}
        due = min((one.due for one in own if one.due >= today.isoformat()), default="")
        yield SourceState(source, counts, due, tuple(own))


def _survey_states(workspace: Workspace, quarter: pd.Period) -> Iterator[SurveyState]:
    for survey, questionnaire in workspace.declarations.questionnaires.items():
        name, problem, forms, quota = questionnaire.index_name, "", 0, 0
        path = workspace.survey_files(survey).get(quarter)  # type: ignore[arg-type]
        where = path.relative_to(workspace.root).as_posix() if path else ""
        plan = workspace.root / "surveys" / f"plan-{survey}.csv"
        try:
            forms = max((len(grid.cells) - 1 for grid in read_grids(path, where)), default=0) if path else 0
            quota = int(read_plan(plan, workspace.declarations)["quota"].sum()) if plan.is_file() else 0
        except InputError as error:
            problem = error.th
        yield SurveyState(survey, name.th, name.en, where, forms, quota, problem)


def _written(data: Path, quarter: pd.Period) -> tuple[str, ...]:
    """Names of the quarter's commentary files that hold something."""
    folder = data / "commentary" / iso(quarter)
    return tuple(
        path.name
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.suffix in (".md", ".toml") and path.is_file() and path.read_bytes().strip()
    )


# ---------------------------------------------------------------------------------------------- the issue and its dates


def issue_state(data: Path, out: Path, quarter: pd.Period) -> IssueState:
    """How far the quarter's issue has come. Raises StateError where the release log was edited."""
    folder = out / iso(quarter)
    if not (folder / manifest.NAME).is_file():
        return IssueState()
    content = manifest.read(folder)
    events = release_log.events(folder)
    newest = {entry.event: entry.when_in_bangkok for entry in events}
    return IssueState(
        state=release_log.state(folder),
        version=int(content.get("version", 1)),
        digest=program.sha256(folder / manifest.NAME),
        approved_by=release_log.approved_by(folder),
        approvals_needed=release_log.approvals_needed(folder),
        sent=newest.get("sent", ""),
        published=newest.get("published", ""),
        is_stale=bool(changed_inputs(data, content)),
    )


def changed_inputs(data: Path, content: dict[str, Any]) -> list[str]:
    """Files of the workspace that differ from those that the issue was built from, gone ones too; new commentary counts."""
    own = [entry for entry in content.get("inputs", ()) if not entry.get("compared")]
    changed = []
    for entry in own:
        path = data / entry["path"]
        if (
            not path.is_file()
            or path.stat().st_size != entry["bytes"]
            or program.sha256(path) != entry["sha256"]
        ):
            changed.append(entry["path"])
    known = {entry["path"] for entry in own}
    folder = data / "commentary" / str(content["quarter"])
    new = [
        path.relative_to(data).as_posix()
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.suffix in (".md", ".toml") and path.stat().st_size
    ]
    return changed + [path for path in new if path not in known]


def _dates(
    data: Path,
    quarter: pd.Period,
    series: Sequence[SeriesState],
    now: dt.datetime,
    problems: list[tuple[str, str]],
) -> Iterator[Date]:
    """Releases of the calendar, early looks, and the next days on which values of the quarter are due."""
    calendar, found = read_calendar(data)
    problems += [(one.th, one.en) for one in found]
    for one in (quarter, quarter + 1):
        moment = calendar.release_of(one)
        if moment is None or moment < now:
            continue
        yield Date(moment.isoformat(timespec="minutes"), f"เผยแพร่{quarter_th(one)}", f"Release of {iso(one)}")
        for reader in calendar.early_readers if one == quarter else ():
            early = moment - dt.timedelta(hours=reader.hours)
            yield Date(
                early.isoformat(timespec="minutes"), f"{reader.name} ดูก่อนได้", f"{reader.name} may look"
            )
    today = now.date().isoformat()
    for due, count in sorted(Counter(one.due for one in series if one.due >= today).items())[:5]:
        yield Date(due, f"ครบกำหนดข้อมูล {count} รายการ", f"{count} series are due")


# ---------------------------------------------------------------------------------------------- as text, as JSON


def as_json(found: StatusReport) -> str:
    """The standing for programs."""
    return json.dumps(asdict(found) | {"counts": found.counts}, ensure_ascii=False, indent=1)


def as_text(found: StatusReport) -> str:
    """The standing for a terminal, in the language of its messages; in both: Thai first."""
    place = 1 if language() == "en" else 0
    lines = [f"{found.name} ({found.quarter}) {found.today}", "", _said("ข้อมูล", "data")]
    for source in found.sources:
        counts = ", ".join(
            f"{STATES[state][place]} {count}" for state, count in source.counts.items() if count
        )
        due = f" {_said('กำหนดถัดไป', 'next due')} {source.next_due}" if source.next_due else ""
        lines.append(f"  {source.source:<12} {counts}{due}")
        lines += [
            f"    {STATES[one.state][place]} {one.state}: {one.id} {one.name_en if place else one.name_th} ({one.newest or '–'})"
            for one in source.series
            if one.state in ("late", "missing")
        ]
    lines += ["", _said("แบบสำรวจ", "surveys")]
    for survey in found.surveys:
        quota = f" / {survey.quota:,} ({survey.forms / survey.quota:.0%})" if survey.quota else ""
        name = survey.name_en if place else survey.name_th
        lines.append(f"  {name} ({survey.survey}): {survey.forms:,}{quota} {survey.problem}".rstrip())
    if found.findings is not None:
        counted = found.findings.counts
        errors, warnings, notes = (counted[name] for name in SEVERITIES)
        asked = found.findings.unanswered
        lines += [
            "",
            _said(
                f"สิ่งที่พบ: ข้อผิดพลาด {errors:,} คำเตือน {warnings:,} ข้อสังเกต {notes:,} ต้องมีคำตอบ {asked:,}",
                f"findings: {errors:,} errors, {warnings:,} warnings, {notes:,} notes, {asked:,} to be answered for",
            ),
        ]
    issue = found.issue
    approved = (
        f", {_said('อนุมัติโดย', 'approved by')} {', '.join(issue.approved_by)}" if issue.approved_by else ""
    )
    stale = f", {_said('ข้อมูลเปลี่ยนหลังสร้าง', 'inputs have changed since')}" if issue.is_stale else ""
    lines += ["", f"{_said('รายงาน', 'issue')}: {_said(*ISSUE_STATES[issue.state])}{approved}{stale}"]
    if found.dates:
        lines += [
            "",
            _said("วันที่จะถึง", "dates"),
            *(f"  {one.on} {_said(one.th, one.en)}" for one in found.dates),
        ]
    lines += [worded(th, en) for th, en in found.problems]
    return "\n".join(lines)


def _said(th: str, en: str) -> str:
    return worded(th, en, line=True)


ISSUE_STATES = {
    "none": ("ยังไม่ได้สร้าง", "not built"),
    "draft": ("ฉบับร่าง", "draft"),
    "checked": ("ผ่านการตรวจ รออนุมัติ", "checked, to be approved"),
    "approved": ("อนุมัติแล้ว รอเผยแพร่", "approved, to be released"),
    "released": ("เผยแพร่แล้ว", "released"),
}
STEPS = ("draft", "checked", "approved", "sent", "published")


# ---------------------------------------------------------------------------------------------- the desk's parts


def status_part(call: Call) -> Response:
    """What has come, the issue, the dates: the part of the first page that the workspace's files tell."""
    quarter = parse_quarter(call.quarter)
    try:
        workspace = workspace_of(call)
        found = standing(call.desk.data, call.desk.out, quarter, call.desk.now(), workspace=workspace)
    except ReporterError as error:
        return call.page("part-error", error=error)
    issue = found.issue
    reached = {
        "draft": issue.state != "none",
        "checked": issue.state in ("checked", "approved", "released"),
        "approved": bool(issue.approved_by) and len(issue.approved_by) >= issue.approvals_needed,
        "sent": bool(issue.sent),
        "published": bool(issue.published),
    }
    place = 0 if call.lang == "th" else 1
    return call.page("part-status", found=found, reached=reached, states=STATES, place=place)


def findings_part(call: Call) -> Response:
    """How many findings of which severity: the part of the first page that may take a while."""
    try:
        ruling = checked(call)
    except ReporterError as error:
        return call.page("part-error", error=error)
    counts = severity_counts(ruling.findings)
    newest: list[Finding] = [
        one for one in ruling.findings if one.severity == "error" or one in ruling.unanswered
    ]
    return call.page("part-findings", counts=counts, unanswered=len(ruling.unanswered), first=newest[:6])


def begin_quarter(call: Call) -> Response:
    """``reporter new-quarter`` from the desk; afterwards the desk works on that quarter."""
    quarter = parse_quarter(call.text("quarter"))
    new_quarter(call.desk.data, quarter, call.desk.now())
    call.desk.quarter = iso(quarter)
    call.request.path_params["quarter"] = iso(quarter)
    return call.back("", call.say("เปิดไตรมาสใหม่แล้ว"))


# ---------------------------------------------------------------------------------------------- reporter new-quarter


@dataclass(frozen=True)
class NewQuarter:
    """What was written for a new quarter, what was there already, and what is due."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    due: tuple[SeriesState, ...]


def new_quarter(data: Path, quarter: pd.Period, now: dt.datetime) -> NewQuarter:
    """Write the commentary skeleton of a quarter; files that are there stay as they are.

    The settings of the workspace hold for every quarter and are left alone; only a single issue's embargo in ``workspace.toml`` has to be
    changed by hand, which is refused here. Raises StateError for it, InputError where there is no workspace
    """
    workspace = opened(data)
    _refuse_old_embargo(workspace, quarter)
    folder = data / "commentary" / iso(quarter)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for name, text in _skeleton(quarter).items():
        path = folder / name
        (kept if path.exists() else written).append(path.relative_to(data).as_posix())
        if not path.exists():
            write_bytes(path, text.encode("utf-8"))
    problems: list[tuple[str, str]] = []
    series = _series_states(workspace, _history(workspace, problems), quarter, now.date())
    due = sorted((one for one in series if one.state != "come"), key=lambda one: (one.due or "9999", one.id))
    return NewQuarter(tuple(written), tuple(kept), tuple(due))


def _refuse_old_embargo(workspace: Workspace, quarter: pd.Period) -> None:
    """An embargo or a release date of the settings that falls before the new quarter has ended is the last issue's."""
    for key in ("embargo", "release_date"):
        text = getattr(workspace.settings, key)
        if text and dt.date.fromisoformat(text[:10]) <= quarter.end_time.date():
            raise StateError(
                f"workspace.toml มี {key} = {text} ของฉบับก่อน — ลบออกหรือย้ายไป calendar.toml แล้วสั่งใหม่",
                f"workspace.toml holds the last issue's {key} = {text}; remove it or move it to calendar.toml, then run again.",
            )


def _skeleton(quarter: pd.Period) -> dict[str, str]:
    """File name -> text. Chapter files are named in the list only: an empty one would be a warning."""
    names = "\n".join(f"#   {item.slug}.md  {item.title.th}" for item in chapters())
    return {
        "outlook.toml": (
            f"# ปัจจัยที่คาดว่าจะส่งผลใน{quarter_th(quarter + 1)} เขียนใน{quarter_th(quarter)} - outlook factors\n"
            '# origin "abroad"|"home", sign "+"|"-", affects "workers"|"employers"|"both", text, source\n'
            "# ตัวอย่าง (ลบ # ด้านหน้าแล้วแก้ไข):\n"
            '# [[factors]]\n# origin = "home"\n# sign = "+"\n# affects = "both"\n# text = "..."\n# source = "..."\n#\n'
            f"# ข้อความของนักวิเคราะห์เขียนเป็นไฟล์ Markdown บทละหนึ่งไฟล์ในโฟลเดอร์นี้:\n{names}\n"
        )
    }
