"""Written waivers: warnings that may mean a wrong number stop a final issue until somebody answers for them.

Goes in: ``waivers.toml`` of the workspace and everything that the checks found. Comes out: which warnings are answered for,
which are not, and which waivers nothing called for. Errors cannot be waived. Warnings about form (a hidden sheet, an
unread file, mixed eras that were read) need no waiver: ``DEMANDED`` lists those that do (docs/release.md).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, StringConstraints

from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import PeriodError, iso, parse_quarter
from reporter.inputs.declared.files import Problems, read_toml, validated
from reporter.inputs.declared.schema import Strict, Text
from reporter.inputs.series.cells import is_inside

FILE = "waivers.toml"
# Rules whose warnings may mean a wrong number, with what they look at. Those of inputs come before anything is computed.
INPUT_RULES = {
    "series.jump": "a value unlike its neighbours",
    "newest.surprise": "a newest value far from what its own past lets one expect",
    "newest.collective": "newest values of many series far from what was to be expected, all at once",
    "newest.never": "a newest value of 0 or of a sign that the series never had",
    "newest.relation": "newest values that do not fit a relation between series",
    "newest.repeat": "newest values that repeat earlier ones",
    "newest.twin": "two series with the same numbers",
    "newest.group": "a newest value of a group that only a slip explains",
    "newest.groups": "newest values of many groups at once, odd or old",
    "newest.survey": "results of the quarter's survey unlike its last waves",
    "series.scale": "a whole series in per cent below a tenth of one",
    "survey.missing_item": "a rated item that the quarter's answers lack",
    "survey.weights": "weights by which one respondent decides the index, or a group counts for nothing",
    "survey.repeated_person": "one person who may count several times",
    "survey.unread_items": "a check-list of which many answers hold no option of the questionnaire",
    "survey.hidden_sheet": "a hidden sheet of a survey file that holds data",
    "series.undated": "values without a date beside dated ones that say otherwise",
    "series.rebased": "a vintage that differs from the one before by one factor over all periods",
    "series.constant": "a series that never moves",
    "series.part_adjusted": "a series of which a part is said to be adjusted for season",
    "series.swapped": "values of men and women the other way round than ever before",
    "columns.misspelt": "a column that is not read though its name nearly is one that is",
}
RESULT_RULES = {
    "index.reduced": "an issue without a composite, because too few dimensions have data",
    "index.jump": "a change or level of the index unlike its own history",
    "index.stale_dimension": "a sub-index without one recent observation",
    "revisions.large": "a revision unlike the series' own movements",
    "forecast.bounds": "a forecast beyond anything the index has been",
    "survey.plan": "a sample far below its plan",
}
DEMANDED = {**INPUT_RULES, **RESULT_RULES}


@dataclass(frozen=True)
class Waiver:
    """Somebody's word for findings of one rule, or for the one with an id.

    where, subject   narrow it to one file, to an indicator or any beginning of a finding's subject; "" for all
    until            the last quarter whose issue it covers (ISO), "" without end
    """

    number: int
    rule: str
    finding: str
    where: str
    subject: str
    reason: str
    by: str
    on: dt.date
    until: str

    def covers(self, found: Finding) -> bool:
        """Whether this waiver speaks of a finding."""
        if found.severity != "warning" or found.rule not in DEMANDED:
            return False
        own = found.subject.split()
        wanted = self.subject.split()
        return (
            (not self.rule or self.rule == found.rule)
            and (not self.finding or self.finding == found.id)
            and (not self.where or self.where == found.where)
            and own[: len(wanted)] == wanted
        )

    def has_ended(self, quarter: pd.Period | None) -> bool:
        """Whether the issue's quarter comes after the last one covered."""
        return bool(self.until) and quarter is not None and quarter > parse_quarter(self.until)


@dataclass(frozen=True)
class Ruling:
    """Findings, notes on idle waivers included; for each answered one its waiver; those that still need one."""

    findings: list[Finding]
    answered: dict[Finding, Waiver]
    unanswered: list[Finding]

    def record(self) -> list[dict[str, Any]]:
        """The waivers that were used, with the findings they answered for: for manifest and qa.json."""
        used: dict[int, dict[str, Any]] = {}
        for found, waiver in self.answered.items():
            entry = used.setdefault(waiver.number, {**dataclasses.asdict(waiver), "findings": []})
            entry["on"] = waiver.on.isoformat()
            entry["findings"].append(found.id)
        return [used[number] for number in sorted(used)]

    def refuse_unanswered(self) -> None:
        """Raise InputError when a warning that may mean a wrong number has no waiver."""
        if count := len(self.unanswered):
            raise InputError(
                f"มีคำเตือน {count} แห่งที่ต้องแก้ไขหรือมีผู้รับรองเป็นลายลักษณ์อักษรใน {FILE} จึงไม่ออกฉบับจริง: "
                + ", ".join(found.id for found in self.unanswered),
                f"{count} warning(s) must be mended or answered for in {FILE}, so no final issue: "
                + ", ".join(f"{found.id} ({found.rule})" for found in self.unanswered),
                self.unanswered,
            )


class _Entry(Strict):
    rule: str = ""
    finding: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{8})?$")] = ""
    where: str = ""
    subject: str = ""
    reason: Text
    by: Text
    on: dt.date
    until: str = ""


class _File(Strict):
    waivers: Annotated[list[_Entry], Field(default_factory=list, max_length=500)]


def read_waivers(root: Path) -> tuple[tuple[Waiver, ...], list[Finding]]:
    """All waivers (none without a file, or where it is wrong), and what is wrong with them."""
    path, problems = root / FILE, Problems()
    outside: list[Finding] = []
    if not path.exists() or not is_inside(path, root, FILE, outside):
        return (), outside
    content = read_toml(FILE, path, problems)
    declared = None if content is None else validated(FILE, content, _File, problems)
    entries = [] if declared is None else declared.waivers
    waivers = tuple(_waiver(number, entry, problems) for number, entry in enumerate(entries, start=1))
    return (() if problems.findings else waivers), problems.findings


def _waiver(number: int, entry: _Entry, problems: Problems) -> Waiver:
    place = f"waivers.{number}"
    if not entry.rule and not entry.finding:
        problems.add(
            FILE,
            place,
            "ไม่บอกว่ารับรองข้อใด — ระบุ rule หรือ finding (รหัส 8 ตัวจาก reporter check)",
            "Names no finding; give rule, or finding (the eight digits that reporter check prints).",
        )
    if entry.rule and entry.rule not in DEMANDED:
        problems.add(
            FILE,
            f"{place}.rule",
            f'พบ "{entry.rule}" ซึ่งไม่ต้องหรือไม่อาจรับรองได้ — ใช้ได้: {", ".join(DEMANDED)}',
            f'Found "{entry.rule}", which needs or takes no waiver; possible: {", ".join(DEMANDED)}.',
        )
    until = ""
    if entry.until:
        try:
            until = iso(parse_quarter(entry.until))
        except PeriodError as error:
            problems.add(FILE, f"{place}.until", error.th, error.en)
    return Waiver(
        number,
        entry.rule,
        entry.finding,
        entry.where,
        entry.subject.strip(),
        entry.reason.strip(),
        entry.by.strip(),
        entry.on,
        until,
    )


def needs_waiver(found: Finding) -> bool:
    """Whether a finding stops a final issue unless somebody answers for it."""
    return found.severity == "warning" and found.rule in DEMANDED


def rule_on(
    found: Sequence[Finding],
    waivers: Iterable[Waiver],
    quarter: pd.Period | None,
    *,
    only_inputs: bool = False,
) -> Ruling:
    """Match findings with waivers; the first waiver that covers a finding answers for it.

    only_inputs   nothing is computed yet: waivers of results are not called idle
    """
    waivers = tuple(waivers)
    valid = [waiver for waiver in waivers if not waiver.has_ended(quarter)]
    answered: dict[Finding, Waiver] = {}
    for one in filter(needs_waiver, found):
        if covering := next((waiver for waiver in valid if waiver.covers(one)), None):
            answered[one] = covering
    used = {waiver.number for waiver in answered.values()}
    notes = [
        _ended(waiver) if waiver.has_ended(quarter) else _idle(waiver)
        for waiver in waivers
        if waiver.number not in used and not (only_inputs and _may_concern_results(waiver))
    ]
    unanswered = [one for one in found if needs_waiver(one) and one not in answered]
    return Ruling([*found, *notes], answered, unanswered)


def _may_concern_results(waiver: Waiver) -> bool:
    return waiver.rule not in INPUT_RULES


def _idle(waiver: Waiver) -> Finding:
    return _note(
        waiver,
        "ไม่มีคำเตือนที่ข้อนี้รับรอง — ลบออกหากแก้ข้อมูลแล้ว",
        "Answers for no finding; remove it if the data were mended.",
    )


def _ended(waiver: Waiver) -> Finding:
    return _note(
        waiver,
        f"มีผลถึงไตรมาส {waiver.until} เท่านั้น จึงไม่ใช้ — ต่ออายุหรือลบออก",
        f"Was valid until {waiver.until} only, so it does not count; renew or remove it.",
    )


def _note(waiver: Waiver, th: str, en: str) -> Finding:
    column = f"waivers.{waiver.number}"
    return Finding("note", FILE, th, en, column=column, value=waiver.reason[:60], rule="waiver.idle")
