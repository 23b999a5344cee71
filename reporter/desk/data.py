"""Data at the desk: the register of series with chart, findings, vintages and origin; dropped files; settings of the workspace.

Goes in: the workspace, the tables of the last draft for the seasonally adjusted values. Comes out: pages, and ``waivers.toml`` with one
entry more. The expectation of the newest value is that of the check (``reporter.checks.newest``): nothing is judged anew here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from starlette.responses import Response

from reporter.checks.newest import limits_of
from reporter.checks.newest.surprise import surprises
from reporter.delivery.built_issue import table
from reporter.desk import status
from reporter.desk.server import Call, Desk
from reporter.desk.writing import require_name, save, stored
from reporter.domain.declarations import Declarations, Name, asset
from reporter.domain.edition import Settings
from reporter.domain.errors import Finding, InputError, ReporterError, StateError, UsageError
from reporter.domain.periods import BUDDHIST_OFFSET, end_of, iso, now_in_bangkok, parse_period, parse_quarter
from reporter.figures import choices, load
from reporter.inputs import vintages, workbook
from reporter.inputs.commentary import PICTURE_FOLDER as PICTURES
from reporter.inputs.commentary import PICTURE_SUFFIXES, encoded_picture
from reporter.inputs.declared import register
from reporter.inputs.schema import register_of
from reporter.inputs.series_cells import KEY, latest_vintage, with_computed
from reporter.inputs.workspace import FILE as WAIVERS
from reporter.inputs.workspace import (
    SETTINGS_FILE,
    STATES,
    SURVEY_SUFFIXES,
    Workspace,
    begin,
    file_quarter,
    needs_waiver,
    overrides,
    possible,
    read_settings,
    read_waivers,
)
from reporter.report.commentary import clean
from reporter.runtime.cache import disk_errors, write_bytes
from reporter.sources import answers, catalogue, dropped, fetching
from reporter.sources.proposal import Question, fault, preview, propose
from reporter.surveys.file_reader import read_grids
from reporter.surveys.responses import recognised_survey

_SIGNALS = {
    "normal": ("ปกติ", "normal"),
    "watch": ("! เฝ้าระวัง", "! watch"),
    "alert": ("!! เตือนภัย", "!! alert"),
}
_SEASONS = {"Q": 4, "M": 12}
_SHOWN = 60  # values in the table beside a chart; the file holds all
_BAND = 2.0  # usual errors to either side of the expectation; the check warns farther out (rules/newest.toml)
_LARGEST_PAGE = 400  # findings on one page


# ---------------------------------------------------------------------------------------------- the register


def register_page(call: Call) -> Response:
    """Every series: newest value, state for the quarter, findings."""
    workspace = status.workspace_of(call)
    history = workspace.usable_history()
    now = call.desk.now()
    rows = register(workspace.declarations, history, now.date()).to_dict("records")
    found = status.standing(
        call.desk.data, call.desk.out, parse_quarter(call.quarter), now, workspace=workspace
    )
    states = {one.id: one.state for source in found.sources for one in source.series}
    names = {key: item.name for key, item in workspace.declarations.dimensions.items()}
    own = {item.id: item.dimension for item in workspace.declarations.indicators.values()}
    groups: dict[str, list[dict[str, Any]]] = {}
    warned = _signals(call)
    lamps: dict[str, str] = {}
    for row in rows:
        if row["kind"] == "input" and not row["last_period"]:
            continue
        title = names[own[row["id"]]] if row["id"] in own else None
        key = (title.th if call.lang == "th" else title.en) if title else call.say("อนุกรมอื่น")
        lamps[key] = warned.get(own.get(row["id"], ""), "")
        groups.setdefault(key, []).append(
            {str(name): value for name, value in row.items()}
            | {"state": states.get(row["id"], ""), "signal": warned.get(row["id"], "")}
        )
    place = 0 if call.lang == "th" else 1
    return call.page(
        "data", title=call.say("ข้อมูล"), tab="data", groups=groups, states=status.STATES, place=place,
        lamps=lamps, signals=_SIGNALS, has_signals=bool(warned),
    )  # fmt: skip


def _signals(call: Call) -> dict[str, str]:
    """Warning signals of the quarter in the last draft: dimension or indicator -> signal; none before a draft was built."""
    if not (call.folder / "tables" / "signals.csv").is_file():
        return {}
    found = table(call.folder, "signals")
    own = found[(found["period"] == call.quarter) & found["kind"].isin(["dimension", "indicator"])]
    return dict(zip(own["item"], own["signal"].fillna(""), strict=True))


# ---------------------------------------------------------------------------------------------- one series


@dataclass(frozen=True)
class Expectation:
    """What the past lets expect of the newest value: the value, and a band of two usual errors to either side."""

    period: str
    expected: float
    low: float
    high: float
    distance: float


@dataclass(frozen=True)
class NationalSeries:
    """One national series: values by period as they stand, adjusted quarters of the last draft, all vintages with origin."""

    id: str
    values: pd.DataFrame
    adjusted: pd.DataFrame
    vintages: pd.DataFrame
    expectation: Expectation | None


def series_page(call: Call) -> Response:
    """One series with chart, findings, newest values, vintages and origin."""
    workspace = status.workspace_of(call)
    series = str(call.request.path_params["series"])
    row = _declared(workspace, series, call)
    found = read_series(workspace, series, call)
    findings: list[Finding] = []
    try:
        ruling = status.checked(call)
        findings = [one for one in ruling.findings if _is_about(one, series, workspace)]
    except ReporterError as error:
        findings = list(error.findings)
    return call.page(
        "series",
        title=row["name_th"] if call.lang == "th" else row["name_en"],
        tab="data",
        row=row,
        found=found,
        chart=chart(found, call),
        findings=findings,
        newest=found.values.tail(_SHOWN).iloc[::-1].to_dict("records"),
        vintages=found.vintages.tail(_SHOWN).iloc[::-1].to_dict("records"),
    )


def _declared(workspace: Workspace, series: str, call: Call) -> dict[str, Any]:
    rows = register(workspace.declarations, workspace.usable_history(), call.desk.now().date())
    own = rows[rows["id"] == series]
    if own.empty:
        raise UsageError(f"ไม่มีอนุกรม {series[:60]}", f"There is no series {series[:60]}.")
    return {str(name): value for name, value in own.iloc[0].to_dict().items()}


def read_series(workspace: Workspace, series: str, call: Call) -> NationalSeries:
    """The national values of one series; those of a formula are computed. Empty frames where there are none."""
    history = workspace.usable_history()
    national = history[history["group"] == "TH"]
    own = national[national["indicator"] == series].copy()
    values = with_computed(latest_vintage(national, None), workspace.declarations)
    values = values[(values["indicator"] == series) & (values["group"] == "TH")]
    values = _in_time(values)
    own = own.assign(end=own["period"].map(end_of)).sort_values(["end", "as_of"], kind="stable")
    adjusted = pd.DataFrame({"period": [], "adjusted": []})
    if (call.folder / "tables" / "series.csv").is_file():
        built = table(call.folder, "series")
        adjusted = built[(built["indicator"] == series) & (built["group"] == "TH")][["period", "adjusted"]]
    return NationalSeries(series, values, adjusted, own, _expectation(workspace, series, values))


def _in_time(values: pd.DataFrame) -> pd.DataFrame:
    """Rows of the finest frequency, in time order."""
    if values.empty:
        return values
    finest = "M" if (values["frequency"] == "M").any() else str(values["frequency"].iloc[0])
    own = values[values["frequency"] == finest]
    return own.assign(end=own["period"].map(end_of)).sort_values("end", kind="stable")


def _expectation(workspace: Workspace, series: str, values: pd.DataFrame) -> Expectation | None:
    """The check's own forecast of the newest value; None where the past is too short for one."""
    frequency = str(values["frequency"].iloc[-1]) if len(values) else ""
    if frequency not in _SEASONS:
        return None
    known = values.assign(at=values["period"].map(parse_period)).drop_duplicates("at", keep="last")
    index = pd.period_range(known["at"].iloc[0], known["at"].iloc[-1])
    y = known.set_index("at")["value"].reindex(index).to_numpy(float)
    rules = limits_of(workspace.root)
    declarations = workspace.declarations
    declared = declarations.indicators.get(series) or declarations.macro.get(series)
    judged = surprises(
        y[None, :],
        _SEASONS[frequency],
        1,
        disturbed=np.array([[period.year in rules.disturbed_years for period in index]]),
        in_level=np.array([declared is not None and declared.unit == "percent_growth"]),
        least_errors=int(rules.number("surprise", "least_errors")),
    )
    expected, distance = float(judged.expected[0, 0]), float(judged.t[0, 0])
    if not judged.usable[0] or not distance or not np.isfinite(expected):
        return None
    usual = abs(y[-1] - expected) / distance
    decimals = max((len(f"{value:.10g}".partition(".")[2]) for value in y[np.isfinite(y)][-8:]), default=0)
    middle, low, high = (round(expected + side * _BAND * usual, decimals) for side in (0, -1, 1))
    return Expectation(str(known["period"].iloc[-1]), middle, low, high, distance)


def _is_about(finding: Finding, series: str, workspace: Workspace) -> bool:
    declared = workspace.declarations.indicators.get(series)
    own = {series, *(declared.components if declared else ())}
    return bool(own & {finding.subject.split(" ")[0], finding.value or "", finding.column or ""})


# ---------------------------------------------------------------------------------------------- its chart

_WIDTH, _HEIGHT = 900, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 96, 14, 30


class _Scale:
    """Places of values and times on the drawing."""

    def __init__(self, times: Sequence[float], values: Sequence[float]) -> None:
        self.first, self.last = min(times), max(times)
        low, high = min(values), max(values)
        room = (high - low or abs(high) or 1.0) * 0.06
        self.low, self.high = low - room, high + room

    def x(self, time: float) -> float:
        share = (time - self.first) / ((self.last - self.first) or 1.0)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        return round(_TOP + (self.high - value) / (self.high - self.low) * (_HEIGHT - _TOP - _BOTTOM), 1)


def chart(series: NationalSeries, call: Call) -> Markup:
    """The series as an SVG: values, adjusted quarters, the band of expectation, the newest value marked and named."""
    values = series.values.dropna(subset=["value"])
    if len(values) < 2:
        return Markup("")
    times = [_year(end) for end in values["end"]]
    adjusted = series.adjusted.dropna(subset=["adjusted"])
    quarters = [_year(end_of(period)) for period in adjusted["period"]]
    expected = series.expectation
    shown = [*values["value"], *adjusted["adjusted"], *((expected.low, expected.high) if expected else ())]
    scale = _Scale(times, shown)
    title = (
        call.say("แผนภูมิของอนุกรม ค่าล่าสุดคือ") + f" {values['period'].iloc[-1]}: {values['value'].iloc[-1]:,.6g}"
    )
    parts = [_axes(scale)]
    if len(adjusted):
        parts.append(_line(scale, quarters, adjusted["adjusted"], "adjusted"))
    parts.append(_line(scale, times, values["value"], "raw"))
    if expected:
        x, top, bottom = scale.x(times[-1]), scale.y(expected.high), scale.y(expected.low)
        parts.append(
            Markup('<rect class="band" x="{}" y="{}" width="14" height="{}"/>').format(
                x - 7, top, max(bottom - top, 1)
            )
        )
        y = scale.y(expected.expected)
        parts.append(Markup('<path class="expected" d="M{} {}h18"/>').format(x - 9, y))
    x, y = scale.x(times[-1]), scale.y(float(values["value"].iloc[-1]))
    parts.append(Markup('<circle class="newest" cx="{}" cy="{}" r="5"/>').format(x, y))
    parts.append(
        Markup('<text class="newest" x="{}" y="{}">{}</text>').format(
            x + 12, y + 5, f"{values['value'].iloc[-1]:,.6g}"
        )
    )
    return Markup('<svg class="series" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, title, Markup("").join(parts)
    )


def _year(end: pd.Timestamp) -> float:
    return float(end.year) + end.day_of_year / 366


def _line(scale: _Scale, times: Sequence[float], values: Any, name: str) -> Markup:
    points = " ".join(
        f"{scale.x(time)},{scale.y(float(value))}" for time, value in zip(times, values, strict=True)
    )
    return Markup('<polyline class="{}" points="{}"/>').format(name, points)


def _axes(scale: _Scale) -> Markup:
    """Hairlines at round values with their numbers, years in the Buddhist era below."""
    parts = []
    for value in _round_values(scale.low, scale.high):
        y = scale.y(value)
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(_LEFT, y, _WIDTH - _RIGHT))
        parts.append(
            Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
                _LEFT - 8, y + 5, f"{value:,.6g}"
            )
        )
    step = max(1, round((scale.last - scale.first) / 7))
    label = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>')
    years = range(int(np.ceil(scale.first)), int(scale.last) + 1, step)
    parts += [label.format(scale.x(year), _HEIGHT - 8, year + BUDDHIST_OFFSET) for year in years]
    return Markup("").join(parts)


def _round_values(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers between two values, about ``count`` of them."""
    rough = (high - low) / count
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * part for part in (1, 2, 5, 10) if size * part >= rough)
    return [round(step * number, 12) for number in range(int(np.ceil(low / step)), int(high // step) + 1)]


# ---------------------------------------------------------------------------------------------- findings and their answers


def findings_page(call: Call) -> Response:
    """Everything that the check found, the gravest first, with a form for what needs an answer."""
    ruling = status.checked(call)
    order = {"error": 0, "warning": 1, "note": 2}
    found = sorted(ruling.findings, key=lambda one: (order[one.severity], one not in ruling.unanswered))
    return call.page(
        "findings",
        title=call.say("สิ่งที่พบจากการตรวจข้อมูล"),
        tab="data",
        found=found[:_LARGEST_PAGE],
        left_out=max(0, len(found) - _LARGEST_PAGE),
        ruling=ruling,
        digest=stored(call.desk.data / WAIVERS).digest,
    )


def answer(call: Call) -> Response:
    """Answer for one warning: an entry more in ``waivers.toml``, with reason, name and day."""
    ruling = status.checked(call)
    chosen = next(
        (one for one in ruling.findings if one.id == call.text("finding") and needs_waiver(one)), None
    )
    if chosen is None or chosen in ruling.answered:
        raise StateError(
            "ไม่มีคำเตือนนี้แล้ว หรือมีผู้ตอบแล้ว — เปิดหน้าใหม่",
            "There is no such warning any more, or it is answered; open the page again.",
        )
    reason = clean(call.text("reason")).strip()
    if not reason:
        raise UsageError("ต้องบอกเหตุผล", "A reason is needed.")
    if problems := read_waivers(call.desk.data)[1]:
        raise StateError(
            f"waivers.toml ผิด จึงไม่เพิ่มคำตอบ: {problems[0].th}",
            f"waivers.toml is wrong, so no answer is added: {problems[0].en}",
        )
    entry = {
        "rule": chosen.rule,
        "finding": chosen.id,
        "reason": reason,
        "by": require_name(call),
        "on": call.desk.now().date(),
        "until": call.quarter,
    }
    path = call.desk.data / WAIVERS
    before = stored(path).text.rstrip("\n")
    save(path, (before + "\n\n" if before else "") + _block(entry, chosen), call.text("digest"))
    return call.back("/data/findings", call.say("บันทึกคำตอบใน waivers.toml แล้ว"))


def _block(entry: Mapping[str, Any], chosen: Finding) -> str:
    lines = [f"# {' '.join(clean(chosen.place).split())}", "[[waivers]]"]
    for key, value in entry.items():
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value.isoformat()
        lines.append(f"{key} = {shown}")
    return "\n".join(lines) + "\n"


__all__ = ["answer", "chart", "findings_page", "register_page", "series_page"]


# ----------------------------------------------------------------------------------------------------
# Files and settings at the desk: a dropped file is recognised and previewed before it is stored in the workspace.
#
# Goes in: bytes and a name. Comes out: ``Look`` (kind, values that are new, changed or the same, questions), and after the person has seen it
# the file in its place: the Excel workbook, a file of ``series/``, a survey's answers, or an agency's file in ``incoming/`` with the
# declaration that reads it, taken into the store. What a file of the workspace replaces is kept under ``.desk/replaced/``.
# ----------------------------------------------------------------------------------------------------

_KEPT = 4  # files that wait for a decision
_SHOWN_VALUES = 40  # values in the preview
_REPLACED = ".desk/replaced"


@dataclass
class Look:
    """A dropped file before it is stored.

    kind       ``workbook``, ``series``, ``survey``, ``picture`` or ``agency``
    target     where it would go, relative to the workspace
    values     what would be read: indicator, group, period, value, cell and ``change`` (new, changed, same)
    questions  labels of an agency's file that no series is called
    toml       the declaration that would be written with it; "" where one is there
    problems   why it cannot be stored as it is
    """

    id: str
    name: str
    content: bytes
    kind: str
    target: str
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    forms: int = 0
    questions: Sequence[Question] = ()
    toml: str = ""
    declaration: str = ""
    problems: Sequence[Finding | ReporterError] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Values by what they would do."""
        own = self.values["change"] if len(self.values) else pd.Series(dtype=str)
        return {name: int((own == name).sum()) for name in ("new", "changed", "same")}

    @property
    def can_store(self) -> bool:
        """Whether there is something to store and nothing against it."""
        return not self.problems and bool(self.forms or len(self.values) or self.kind == "picture")


def look(workspace: Workspace, name: str, content: bytes, assigned: Mapping[str, str]) -> Look:
    """What a file is and what would be read from it; nothing is stored. Raises InputError for a name that cannot be kept."""
    own = safe_name(name)
    found = Look(secrets.token_hex(8), own, content, "", "")
    for read in (_as_picture, _as_workbook, _as_survey, _as_series):
        if read(workspace, found):
            break
    else:
        _as_agency(workspace, found, assigned)
    return found


def safe_name(name: str) -> str:
    """The name of a file without folders. Raises InputError for one that is hidden, empty or holds control characters."""
    own = re.split(r"[/\\]", name)[-1].strip()
    if not own or own.startswith((".", "~$")) or not own.isprintable() or len(own.encode()) > 200:
        raise InputError("ชื่อไฟล์ใช้ไม่ได้ — เปลี่ยนชื่อไฟล์", "The file's name cannot be used; rename it.")
    return own


def _read_apart(workspace: Workspace, place: str, content: bytes) -> tuple[pd.DataFrame, list[Finding]]:
    """The observations of one file, read as the workspace would read it, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="reporter-desk-") as folder:
        root = Path(folder)
        (root / "series").mkdir()
        (root / place).write_bytes(content)
        apart = Workspace(root, workspace.declarations, workspace.settings)
        return apart.usable_history(), [one for one in apart.series_findings if one.severity != "note"]


def _as_picture(workspace: Workspace, found: Look) -> bool:
    """A picture for the analysts' text: what is stored are its pixels, written anew."""
    stem, suffix = Path(found.name).stem, Path(found.name).suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        return False
    found.kind = "picture"
    try:
        found.content, suffix, _, _ = encoded_picture(found.content, found.name)
    except InputError as error:
        found.problems = [error]
    name = re.sub(r"[()<>\[\]\"\s]+", "-", stem).strip("-") or "picture"  # as a Markdown text can name it
    found.target = f"{PICTURES}/{name}{suffix}"
    return True


def _as_workbook(workspace: Workspace, found: Look) -> bool:
    if not found.name.lower().endswith(".xlsx"):
        return False
    try:
        names = {sheet.name for sheet in dropped.grids(found.content, found.name)}
    except InputError:
        return False
    if not names & {workbook.ABOUT, workbook.FACTORS, workbook.CALENDAR}:
        return False
    history, problems = _read_apart(workspace, workbook.FILE, found.content)
    found.kind, found.target = "workbook", workbook.FILE
    found.values, found.problems = _compared(workspace, history), _errors(problems)
    return True


def _as_series(workspace: Workspace, found: Look) -> bool:
    suffix = Path(found.name).suffix.lower()
    head = found.content[:2000].decode("utf-8-sig", "replace").splitlines()[:1]
    if (
        suffix != ".csv"
        or not head
        or not {"indicator", "period", "value"} <= set(re.split(r"[,;\t]", head[0].lower()))
    ):
        return False
    history, problems = _read_apart(workspace, f"series/{found.name}", found.content)
    found.kind, found.target = "series", f"series/{found.name}"
    found.values, found.problems = _compared(workspace, history), _errors(problems)
    return True


def _as_survey(workspace: Workspace, found: Look) -> bool:
    suffix = Path(found.name).suffix.lower()
    if suffix not in SURVEY_SUFFIXES:
        return False
    with tempfile.TemporaryDirectory(prefix="reporter-desk-") as folder:
        path = Path(folder) / found.name
        path.write_bytes(found.content)
        best, forms = _survey_of(path, workspace.declarations)
    if not best:
        return False
    quarter = file_quarter(Path(found.name))
    found.kind, found.forms = "survey", forms
    found.target = f"surveys/{best}/{iso(quarter)}{suffix}" if quarter is not None else ""
    if quarter is None:
        found.problems = [
            InputError(
                "ชื่อไฟล์ไม่บอกไตรมาส — ตั้งชื่อแบบ 2025-Q3.csv",
                "The name says no quarter; name the file 2025-Q3.csv.",
            )
        ]
    return True


def _survey_of(path: Path, declarations: Declarations) -> tuple[str, int]:
    """The survey that a file's columns are of, and its number of answers; "" where they are none's."""
    survey, _ = recognised_survey(path, declarations)
    if not survey:
        return "", 0
    return survey, max(len(grid.cells) - 1 for grid in read_grids(path, path.name))


def _as_agency(workspace: Workspace, found: Look, assigned: Mapping[str, str]) -> None:
    found.kind, found.target = "agency", f"{dropped.FOLDER}/{found.name}"
    declarations, root = workspace.declarations, workspace.root
    try:
        declared = dropped.declared_for(Path(found.name), catalogue.load(root))
        if declared is not None:
            found.declaration = declared.id
            now = now_in_bangkok()
            read = fetching.read_dropped(found.content, found.name, declared, declarations.groups, now)
            found.values = _compared(workspace, read)
            return
        proposal = propose(found.content, found.name, declarations, register_of(declarations), assigned)
        found.questions, found.declaration = proposal.questions, proposal.id
        found.toml = proposal.toml()
        if error := fault(found.content, proposal, declarations):
            found.problems = [error]
            return
        found.values = _compared(workspace, preview(found.content, proposal, declarations))
        if (root / "sources" / "drop" / f"{proposal.id}.toml").exists():
            found.problems = [
                StateError(
                    f"มีประกาศ sources/drop/{proposal.id}.toml แล้วแต่ชื่อไฟล์ไม่ตรง — เปลี่ยนชื่อไฟล์",
                    f"There is a declaration sources/drop/{proposal.id}.toml, but the file's name does not fit it; rename the file.",
                )
            ]
    except ReporterError as error:
        found.problems = [error, *error.findings]


def _errors(found: Sequence[Finding]) -> list[Finding]:
    return [one for one in found if one.severity == "error"]


def _compared(workspace: Workspace, read: pd.DataFrame) -> pd.DataFrame:
    """The values read beside those in force: new, changed or the same."""
    if read.empty:
        return pd.DataFrame()
    in_force = latest_vintage(workspace.usable_history(), None)[[*KEY, "value"]].rename(
        columns={"value": "before"}
    )
    newest = latest_vintage(read, None) if "as_of" in read else read
    both = newest.assign(period=newest["period"].astype(str)).merge(in_force, on=KEY, how="left")
    is_new, is_same = both["before"].isna(), both["before"] == both["value"]
    change = is_new.map({True: "new", False: "changed"}).where(~is_same, "same")
    columns = [*KEY, "value", "before", *([name] if (name := "cell") in both else [])]
    return both[columns].assign(change=change)


# ---------------------------------------------------------------------------------------------- into the workspace


def store(workspace: Workspace, found: Look, now: dt.datetime) -> tuple[str, str]:
    """Put a file that was looked at into its place; returns Thai and English words. Raises StateError where something is against it."""
    if not found.can_store:
        raise StateError("ไฟล์นี้ยังเก็บไม่ได้ — แก้ตามที่แจ้ง", "The file cannot be stored yet; mend what is told.")
    target = inside(workspace.root, found.target)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if found.kind == "agency":
            return _take_in(workspace, found, target)
        kept = _keep_old(workspace.root, target, now)
        write_bytes(target, found.content)
    old = (f" ไฟล์เดิมอยู่ที่ {kept}", f" The former one is {kept}.") if kept else ("", "")
    return f"เก็บ {found.target} แล้ว{old[0]}", f"Stored {found.target}.{old[1]}"


def inside(root: Path, relative: str) -> Path:
    """A path of the workspace. Raises StateError for one that leads out of it, through a link too."""
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()):
        raise StateError("ที่เก็บไฟล์อยู่นอกพื้นที่งาน", "The file's place lies outside of the workspace.")
    return path


def _keep_old(root: Path, target: Path, now: dt.datetime) -> str:
    if not target.is_file():
        return ""
    place = root / _REPLACED / f"{now:%Y%m%d-%H%M%S}-{target.name}"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(target, place)
    return place.relative_to(root).as_posix()


def _take_in(workspace: Workspace, found: Look, target: Path) -> tuple[str, str]:
    """Write the declaration where one was proposed, put the file into ``incoming/`` and take it into the store; undone on an error."""
    declaration = workspace.root / "sources" / "drop" / f"{found.declaration}.toml"
    is_new = bool(found.toml) and not declaration.exists()
    was_there = target.exists()
    if is_new:
        declaration.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(declaration, found.toml.encode("utf-8"))
    write_bytes(target, found.content)
    outcome = fetching.take_in(run_of(workspace), target)
    if outcome.error is not None:
        if is_new:
            declaration.unlink(missing_ok=True)
        if not was_there:
            target.unlink(missing_ok=True)
        raise outcome.error
    added = outcome.added
    return (
        f"รับ {found.name} แล้ว: ใหม่ {added.new:,} เปลี่ยน {added.revised:,} คงเดิม {added.unchanged:,} ค่า",
        f"Took {found.name} in: {added.new:,} new, {added.revised:,} changed, {added.unchanged:,} unchanged values.",
    )


def run_of(workspace: Workspace) -> fetching.FetchRun:
    """What taking in and taking back work with."""
    now = now_in_bangkok()
    return fetching.FetchRun(
        catalogue=catalogue.load(workspace.root),
        groups=workspace.declarations.groups,
        root=workspace.root,
        environment=os.environ,
        clock=lambda: now,
        until=now.date(),
    )


# ---------------------------------------------------------------------------------------------- pages


def files_page(call: Call) -> Response:
    """Where a file is dropped, and what has been taken in so far."""
    gone = vintages.withdrawn(call.desk.data)
    deliveries = [one for one in answers.all_of(call.desk.data) if one.request][::-1][:200]
    return call.page("files", title=call.say("รับไฟล์ข้อมูล"), tab="data", deliveries=deliveries, gone=gone)


def _waiting(desk: Desk) -> dict[str, Look]:
    found: dict[str, Look] = desk.keep("files", dict)
    return found


def look_at(call: Call) -> Response:
    """Read a dropped file and show what would be read; with answers about its labels, once more."""
    workspace, waiting = status.workspace_of(call), _waiting(call.desk)
    before = waiting.get(call.text("look"))
    upload = call.upload("file")
    if before is None and upload is None:
        raise UsageError("ไม่ได้เลือกไฟล์", "No file was chosen.")
    name, content = (before.name, before.content) if before else (upload.filename or "", upload.file.read())  # type: ignore[union-attr]
    labels, series = call.form.getlist("label"), call.form.getlist("series")
    assigned = {str(label): str(own) for label, own in zip(labels, series, strict=True) if own}
    found = look(workspace, name, content, assigned)
    with call.desk.lock:
        waiting[found.id] = found
        while len(waiting) > _KEPT:
            del waiting[next(iter(waiting))]
    names = [
        (item.id, item.name.th if call.lang == "th" else item.name.en)
        for item in workspace.declarations.indicators.values()
    ]
    shown = (
        found.values.sort_values("period", kind="stable").groupby("indicator", sort=False).tail(3)
        if len(found.values)
        else found.values
    )
    return call.page(
        "look-file",
        title=call.say("ตรวจก่อนเก็บ"),
        tab="data",
        found=found,
        shown=shown.head(_SHOWN_VALUES).to_dict("records"),
        names=names,
        assigned=assigned,
    )


def store_file(call: Call) -> Response:
    """Store a file that was looked at."""
    found = _waiting(call.desk).get(call.text("look"))
    if found is None:
        raise StateError("ไฟล์หมดอายุแล้ว — เลือกไฟล์ใหม่", "The file waited too long; choose it again.")
    said = store(status.workspace_of(call), found, call.desk.now())
    with call.desk.lock:
        _waiting(call.desk).pop(found.id, None)
    return call.back("/files", said[0] if call.lang == "th" else said[1])


def take_back(call: Call) -> Response:
    """Take a delivery back, with a reason and a name."""
    reason = call.text("reason").strip()
    if not reason:
        raise UsageError("ต้องบอกเหตุผล", "A reason is needed.")
    workspace = status.workspace_of(call)
    name: Any = require_name(call)
    taken, changed = fetching.withdraw(run_of(workspace), call.text("delivery"), name, reason)
    return call.back("/files", call.say("ถอนการรับข้อมูลแล้ว") + f" {taken} ({changed:,})")


# ----------------------------------------------------------------------------------------------------
# The workspace at the desk: its settings as a text that is checked before it is saved, and its files in the place of the program's.
#
# Goes in: ``workspace.toml`` and the workspace's templates and rules. Comes out: the same files. A text that breaks the schema is not
# saved; the former one stays. Which files can be taken into a workspace says ``reporter.inputs.workspace``.
# ----------------------------------------------------------------------------------------------------


def workspace_page(call: Call) -> Response:
    """Settings, every key that they may have with its usual value, own templates and rules."""
    file = stored(call.desk.data / SETTINGS_FILE)
    found = overrides(call.desk.data)
    taken = {one.path for one in found}
    return call.page(
        "workspace",
        title=call.say("พื้นที่งาน"),
        tab="workspace",
        file=file,
        keys=_keys(),
        found=found,
        possible=[path for path in possible() if path not in taken],
        states=STATES,
        place=0 if call.lang == "th" else 1,
    )


def _keys() -> list[tuple[str, str]]:
    """Every key of ``workspace.toml`` with its usual value as TOML."""
    usual = dataclasses.replace(
        Settings(), charts=tuple((name, next(iter(own))) for name, own in chart_choices().items())
    )
    return [(item.name, _toml(getattr(usual, item.name))) for item in dataclasses.fields(Settings)]


def chart_choices() -> dict[str, dict[str, Name]]:
    """Chart -> its ways to be drawn, the usual one first, with their names; charts that have one way alone are left out."""
    found = {}
    for path in sorted(asset("charts").glob("[!_]*.py")):
        declared = choices(load(path))
        if declared:
            found[path.stem] = {key: Name(**own["name"]) for key, own in declared.items()}
    return found


_CHARTS = re.compile(
    r"(?ms)^[ \t]*\[charts\][^\n]*\n.*?(?=^[ \t]*\[|\Z)|^[ \t]*charts[ \t]*=[ \t]*\{[^\n]*\}[^\n]*\n?"
)


def save_charts(call: Call) -> Response:
    """Write which way each chart is drawn into ``[charts]`` of ``workspace.toml``; the rest of the file stays as it is."""
    chosen = {}
    for name, own in chart_choices().items():
        wanted = call.text(f"chart.{name}")
        if wanted not in own:
            raise UsageError(f"ค่าของ {name} ใช้ไม่ได้", f"The value of {name} is not one of its choices.")
        if wanted != next(iter(own)):
            chosen[name] = wanted
    text = _CHARTS.sub("", stored(call.desk.data / SETTINGS_FILE).text).rstrip("\n")
    lines = [f'{name} = "{wanted}"' for name, wanted in chosen.items()]
    text = "\n".join([text, *(["", "[charts]", *lines] if lines else [])]).strip("\n") + "\n"
    _checked(text, call.desk.data)
    save(call.desk.data / SETTINGS_FILE, text, call.text("digest"))
    return call.back("/look", call.say("บันทึกแบบของแผนภูมิแล้ว สร้างร่างใหม่เพื่อดู"))


def _checked(text: str, root: Path) -> None:
    """Raise DeclarationError, with every fault, where a text is no ``workspace.toml``."""
    with tempfile.TemporaryDirectory(prefix="reporter-desk-") as folder:
        (Path(folder) / SETTINGS_FILE).write_text(text, encoding="utf-8")
        read_settings(Path(folder), root)


def _toml(value: object) -> str:
    if isinstance(value, Name):
        return f'{{ th = "{value.th}", en = "{value.en}" }}'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value)} }}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def save_settings(call: Call) -> Response:
    """Save ``workspace.toml`` where it keeps to the schema. Raises DeclarationError, with every fault, where it does not."""
    text = clean(call.text("text")).rstrip() + "\n"
    _checked(text, call.desk.data)
    save(call.desk.data / SETTINGS_FILE, text, call.text("digest"))
    return call.back("/workspace", call.say("บันทึกค่าตั้งแล้ว"))


def take_over(call: Call) -> Response:
    """Copy a template or a book of rules of the program into the workspace, to be changed there."""
    path = begin(call.desk.data, call.text("path"))
    said = call.say("คัดลอกแล้ว แก้ไฟล์นี้ในโฟลเดอร์งานได้:")
    return call.back("/workspace", f"{said} {path.relative_to(call.desk.data).as_posix()}")
