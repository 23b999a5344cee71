"""Data at the desk: the register of series, each with its chart, findings, vintages and origin; warnings answered with a reason.

Goes in: the workspace, the tables of the last draft for the seasonally adjusted values. Comes out: pages, and ``waivers.toml`` with one
entry more. The expectation of the newest value is that of the check (``reporter.checks.newest``): nothing is judged anew here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from starlette.responses import Response

from reporter.checks.newest import limits_of
from reporter.checks.newest.surprise import surprises
from reporter.delivery.built_issue import table
from reporter.desk import status
from reporter.desk.server import Call
from reporter.desk.writing import require_name, save, stored
from reporter.domain.errors import Finding, ReporterError, StateError, UsageError
from reporter.domain.periods import parse_period, parse_quarter
from reporter.inputs.register import register
from reporter.inputs.series_cells import latest_vintage, with_computed
from reporter.inputs.workspace import FILE as WAIVERS
from reporter.inputs.workspace import Workspace, needs_waiver, read_waivers
from reporter.report.commentary import clean

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
    for row in rows:
        if row["kind"] == "input" and not row["last_period"]:
            continue
        title = names[own[row["id"]]] if row["id"] in own else None
        key = (title.th if call.lang == "th" else title.en) if title else call.say("อนุกรมอื่น")
        groups.setdefault(key, []).append(
            {str(name): value for name, value in row.items()} | {"state": states.get(row["id"], "")}
        )
    place = 0 if call.lang == "th" else 1
    return call.page(
        "data", title=call.say("ข้อมูล"), tab="data", groups=groups, states=status.STATES, place=place
    )


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
class Series:
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


def read_series(workspace: Workspace, series: str, call: Call) -> Series:
    """The national values of one series; those of a formula are computed. Empty frames where there are none."""
    history = workspace.usable_history()
    national = history[history["group"] == "TH"]
    own = national[national["indicator"] == series].copy()
    values = with_computed(latest_vintage(national, None), workspace.declarations)
    values = values[(values["indicator"] == series) & (values["group"] == "TH")]
    values = _in_time(values)
    own = own.assign(end=own["period"].map(_end)).sort_values(["end", "as_of"], kind="stable")
    adjusted = pd.DataFrame({"period": [], "adjusted": []})
    if (call.folder / "tables" / "series.csv").is_file():
        built = table(call.folder, "series")
        adjusted = built[(built["indicator"] == series) & (built["group"] == "TH")][["period", "adjusted"]]
    return Series(series, values, adjusted, own, _expectation(workspace, series, values))


def _in_time(values: pd.DataFrame) -> pd.DataFrame:
    """Rows of the finest frequency, in time order."""
    if values.empty:
        return values
    finest = "M" if (values["frequency"] == "M").any() else str(values["frequency"].iloc[0])
    own = values[values["frequency"] == finest]
    return own.assign(end=own["period"].map(_end)).sort_values("end", kind="stable")


def _end(period: str) -> pd.Timestamp:
    return parse_period(period).end_time


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


def chart(series: Series, call: Call) -> Markup:
    """The series as an SVG: values, adjusted quarters, the band of expectation, the newest value marked and named."""
    values = series.values.dropna(subset=["value"])
    if len(values) < 2:
        return Markup("")
    times = [_year(end) for end in values["end"]]
    adjusted = series.adjusted.dropna(subset=["adjusted"])
    quarters = [_year(_end(period)) for period in adjusted["period"]]
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
    parts += [label.format(scale.x(year), _HEIGHT - 8, year + 543) for year in years]
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
