"""Errors a user can cause or must be told about, in Thai first, then English.

    ReporterError                 exit 1: the input or the state forbids it
    ├── UsageError                exit 2: wrong usage of a command
    ├── InputError                one or many findings in input files
    ├── DeclarationError          a declaration file breaks its schema
    ├── VintageError              the store of vintages is damaged or busy
    ├── CoverageError             too little data for a number that was asked for
    ├── TableError                a stage made a table that differs from its schema
    ├── FitError                  a model could not be estimated and no fallback is declared
    ├── RenderError               a figure, page, PDF or workbook could not be made
    ├── StateError                draft, embargo, sign-off or manifest forbids the step
    ├── ServiceError              exit 3: a data service or mail server failed
    └── DeliveryError             exit 3: an issue could not be delivered

The command line prints these without a traceback and ends with ``exit_status``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Severity = Literal["error", "warning", "note"]
# The gravest first: Thai and English words.
SEVERITIES: Mapping[Severity, tuple[str, str]] = {
    "error": ("ข้อผิดพลาด", "error"),
    "warning": ("คำเตือน", "warning"),
    "note": ("ข้อสังเกต", "note"),
}
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@dataclass(frozen=True)
class Finding:
    """One thing found in an input or a result: where, what is wrong, how to mend it.

    ``where`` is a path relative to the workspace (or the name of an output); ``row`` counts as a spreadsheet
    does (the header is row 1); ``th`` and ``en`` are whole messages, value found and remedy included. ``subject`` is
    what it is about, in codes (``pmi TH 2025-09``), so that a waiver can name it. ``effect``: points by which it moves the
    index, where that is known; the largest are shown first.
    """

    severity: Severity
    where: str
    th: str
    en: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    rule: str = ""
    subject: str = ""
    effect: float | None = None

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that stay the same when rows move: what a waiver may name."""
        said = "\0".join((self.rule, self.where, self.subject, self.column or "", self.value or ""))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def place(self) -> str:
        """``path, row 418, rank3``: the parts that are known, joined by commas."""
        parts = [self.where]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(self.column)
        return ", ".join(parts)

    def __str__(self) -> str:
        """Three lines: the place, the Thai message, the English message."""
        return f"{self.place}\n  {self.th}\n  {self.en}"


class ReporterError(Exception):
    """The input or the state forbids what was asked; carries a Thai and an English sentence."""

    exit_status: ClassVar[int] = 1

    def __init__(self, th: str, en: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(f"{th}\n{en}")
        self.th = th
        self.en = en
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[type[ReporterError], tuple[str, str, tuple[Finding, ...]]]:
        """What a worker process sends home."""
        return type(self), (self.th, self.en, self.findings)


class UsageError(ReporterError):
    """The command was called in a wrong way."""

    exit_status = 2


class InputError(ReporterError):
    """Input files are wrong; all findings are carried together."""


class DeclarationError(ReporterError):
    """A declaration file breaks its schema."""


class VintageError(ReporterError):
    """The store of vintages is damaged or busy."""


class CoverageError(ReporterError):
    """Too little data for a number that was asked for."""


class TableError(ReporterError):
    """A stage made a table that differs from its schema (``data/tables``): a fault of the program, not of its user."""


class FitError(ReporterError):
    """A model could not be estimated and no fallback is declared for it."""


class RenderError(ReporterError):
    """A figure, page, PDF or workbook could not be made."""


class StateError(ReporterError):
    """A draft, an embargo, a missing sign-off or a changed file forbids the step."""


class ServiceError(ReporterError):
    """A data service failed."""

    exit_status = 3


class DeliveryError(ReporterError):
    """An issue could not be delivered."""

    exit_status = 3


def severity_counts(found: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity."""
    listed = [finding.severity for finding in found]
    return {severity: listed.count(severity) for severity in SEVERITIES}


def in_order(found: list[Finding]) -> list[Finding]:
    """First what moves the index, by how much it does; then by file and row, errors before warnings; the same finding once."""
    return sorted(
        dict.fromkeys(found),
        key=lambda finding: (
            -(finding.effect or 0.0),
            finding.where,
            finding.row or 0,
            _RANK[finding.severity],
            finding.column or "",
            finding.rule,
            finding.en,
        ),
    )


def errors(found: Iterable[Finding]) -> list[Finding]:
    """Only the findings that stop a check, a build or a final issue."""
    return [finding for finding in found if finding.severity == "error"]


def for_the_record(found: Iterable[Finding]) -> list[Finding]:
    """Findings that may stand in an issue's files: those about single answers stay in the workspace."""
    return [
        finding for finding in found if not (finding.rule.startswith("survey.") and finding.row is not None)
    ]


def refuse_errors(found: Sequence[Finding]) -> None:
    """Raise InputError with all findings when one of them is an error."""
    if count := len(errors(found)):
        raise InputError(
            f"ข้อมูลนำเข้ามีข้อผิดพลาด {count} แห่ง — แก้ไขตามรายการข้างต้นแล้วสั่งใหม่",
            f"{count} error(s) in the inputs; mend them as listed and run again.",
            [finding for finding in found if finding.severity != "note"],
        )


# Beginning of pydantic's name of a breach -> what must be there instead.
_BREACHES = (
    ("missing", "ไม่มีค่านี้ ต้องระบุ", "missing, it must be given"),
    ("extra_forbidden", "ไม่รู้จักชื่อนี้ ตรวจตัวสะกดหรือลบออก", "unknown key, check its spelling or remove it"),
    ("int", "ต้องเป็นจำนวนเต็ม ไม่มีเครื่องหมายคำพูด", "it must be a whole number without quotation marks"),
    ("float", "ต้องเป็นตัวเลข ไม่มีเครื่องหมายคำพูด", "it must be a number without quotation marks"),
    ("finite_number", "ต้องเป็นตัวเลขจำกัด", "it must be a finite number"),
    ("bool", "ต้องเป็น true หรือ false", "it must be true or false"),
    ("string_too_short", "ต้องไม่ว่าง", "it must not be empty"),
    ("string_too_long", "ยาวเกินไป", "it is too long"),
    ("string_pattern", "ว่างหรือรูปแบบไม่ถูกต้อง", "it is empty or not of the form that is asked for"),
    ("string", "ต้องเป็นข้อความในเครื่องหมายคำพูด", "it must be a text in quotation marks"),
    ("datetime", "ต้องเป็นวันเวลา เช่น 2025-11-20T10:00:00+07:00 ไม่มีเครื่องหมายคำพูด", "it must be a moment, as 2025-11-20T10:00:00+07:00, without quotation marks"),
    ("timezone", "ต้องบอกเขตเวลา เช่น +07:00", "it must name its time zone, as +07:00"),
    ("date", "ต้องเป็นวันที่ ปี ค.ศ. เช่น 2025-11-20 ไม่มีเครื่องหมายคำพูด", "it must be a date of the Christian era, as 2025-11-20, without quotation marks"),
    ("too_short", "มีรายการน้อยเกินไป", "there are too few entries"),
    ("too_long", "มีรายการมากเกินไป", "there are too many entries"),
    ("dict", "ต้องเป็นตาราง คือ [ชื่อ] แล้วตามด้วย ชื่อ = ค่า", "it must be a table: [name], then key = value"),
    ("model", "ต้องเป็นตาราง คือ [ชื่อ] แล้วตามด้วย ชื่อ = ค่า", "it must be a table: [name], then key = value"),
)  # fmt: skip
_LIMITS = {"greater_than": "มากกว่า", "greater_than_equal": "ไม่น้อยกว่า", "less_than": "น้อยกว่า", "less_than_equal": "ไม่เกิน"}  # fmt: skip


def breach(detail: Any) -> tuple[str, str]:
    """What a breach of a schema that pydantic found asks for, in Thai and in English, without a full stop."""
    kind, said = str(detail["type"]), str(detail["msg"])
    if kind == "list_type":
        name = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
        if isinstance(detail.get("input"), dict):
            return f"เขียนหัวข้อด้วยวงเล็บสองชั้น [[{name}]]", f"write its heading with two brackets, [[{name}]]"
        return 'ต้องเป็นรายการ เช่น ["ก", "ข"]', 'it must be a list, as ["a", "b"]'
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        return f"ต้องเป็น {expected.replace(' or ', ' หรือ ')}", f"it must be {expected}"
    if kind in _LIMITS:
        limit = next(iter(detail["ctx"].values()))
        return f"ต้อง{_LIMITS[kind]} {limit}", said[0].lower() + said[1:]
    for start, th, en in _BREACHES:
        if kind.startswith(start):
            return th, en
    return "ชนิดหรือรูปแบบไม่ถูกต้อง", said[0].lower() + said[1:]
