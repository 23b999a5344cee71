"""Schemas of the declaration files: allowed and required keys. Unknown keys are refused.

Goes in: parsed TOML. Comes out: pydantic models that know how to become the frozen objects of
``reporter.domain.declarations``. Form: style.md, 6.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from reporter.domain.declarations import (
    Choice,
    Declarations,
    Name,
    Option,
    Survey,
    SurveyItem,
    names,
)
from reporter.domain.errors import DeclarationError, Finding, breach
from reporter.inputs.values import visible
from reporter.measures import annex_inputs

NonEmptyText = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]
GroupKind = Literal["TH", "STATUS", "REGION", "PROVINCE", "INDUSTRY"]
Unit = Literal[
    "percent",
    "pp",
    "percent_of_mean",
    "per_1000",
    "percent_growth",
    "baht",
    "baht_per_month",
    "baht_per_person",
    "hours_per_week",
    "index",
    "positions",
    "persons",
]
Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _no_boolean(value: Any) -> Any:
    # In Python True equals 1; a declaration that says `true` does not say a direction.
    return str(value).lower() if isinstance(value, bool) else value


class NameEntry(Strict):
    """A name in Thai and English; both must be given."""

    th: NonEmptyText
    en: NonEmptyText

    def name(self) -> Name:
        """The frozen name."""
        return Name(self.th, self.en)


class DimensionFile(Strict):
    """``_dimension.toml`` of a dimension's folder."""

    order: int = Field(ge=1)
    name: NameEntry
    short: NameEntry
    description: NameEntry


class IndicatorFile(Strict):
    """``<id>.toml``; ``id`` and ``dimension`` may be repeated inside, but must then agree with the path."""

    id: str | None = None
    dimension: str | None = None
    order: int = Field(ge=1)
    name: NameEntry
    spoken: NonEmptyText | None = None
    also_called: list[NonEmptyText] = []
    same_as: Identifier | None = None
    often_misread: bool = False
    per_month: bool = False
    source: NonEmptyText
    unit: Unit
    frequency: Literal["monthly", "quarterly"]
    polarity: Literal[1, -1]
    transform: Literal["level", "growth"]
    detrend: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    groups: Annotated[list[GroupKind], Field(min_length=1)]
    publication_lag_days: int = Field(ge=0, le=1000)
    bounds: Bounds
    components: list[Identifier] = []
    gap: Literal["", "absolute", "relative"] = ""
    formula: str = ""
    fetch: dict[str, Any] = {}
    notes: NameEntry | None = None

    _is_no_boolean = field_validator("polarity", mode="before")(_no_boolean)


class MacroEntry(Strict):
    """One table of ``_macro.toml``."""

    name: NameEntry
    unit: Unit
    source: NonEmptyText
    frequency: Literal["monthly", "quarterly"]
    bounds: Bounds
    polarity: Literal[1, 0, -1] = 0
    also_called: list[NonEmptyText] = []

    _is_no_boolean = field_validator("polarity", mode="before")(_no_boolean)


class ExperimentalEntry(Strict):
    """One table of ``_experimental.toml``."""

    name: NameEntry
    surveys: Annotated[list[Survey], Field(min_length=1)]


class OptionEntry(Strict):
    """A domain, an action, a trait or an aspect of a questionnaire."""

    id: Identifier | Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
    name: NameEntry
    short: NameEntry | None = None
    items: list[str] = []
    name_for: dict[str, NameEntry] = {}

    def option(self) -> Option:
        """The frozen option."""
        short = self.short or self.name
        wordings = {group: name.name() for group, name in self.name_for.items()}
        return Option(self.id, self.name.name(), short.name(), tuple(self.items), wordings)


class ItemEntry(Strict):
    """A rated question."""

    column: Identifier
    domain: str
    text: NameEntry
    negative: bool = False
    optional_for: list[str] = []
    text_for: dict[str, NameEntry] = {}
    meaning: str = ""

    def item(self) -> SurveyItem:
        """The frozen item."""
        wordings = {group: text.name() for group, text in self.text_for.items()}
        return SurveyItem(
            self.column,
            self.domain,
            self.text.name(),
            self.negative,
            tuple(self.optional_for),
            wordings,
            self.meaning,
        )


class AnswerEntry(Strict):
    """One answer of a closed question; ``sign`` 1, 0 or -1 makes the question's net balance."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_+-]*$")]
    name: NameEntry
    sign: Literal[1, 0, -1] | None = None


class ChoiceEntry(Strict):
    """A closed question with one answer."""

    id: Identifier
    text: NameEntry
    options: Annotated[list[AnswerEntry], Field(min_length=2)]
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z]*$")] = ""
    text_for: dict[str, NameEntry] = {}

    def choice(self) -> Choice:
        """The frozen question."""
        options = tuple(Option(answer.id, answer.name.name(), answer.name.name()) for answer in self.options)
        has_signs = any(answer.sign is not None for answer in self.options)
        signs = tuple(float("nan") if answer.sign is None else float(answer.sign) for answer in self.options)
        wordings = {group: text.name() for group, text in self.text_for.items()}
        return Choice(self.id, self.text.name(), options, self.kind, signs if has_signs else (), wordings)


class ScaleEntry(Strict):
    """One step of the rating scale."""

    rating: int = Field(ge=1, le=5)
    word: NonEmptyText
    points: int = Field(ge=0, le=200)


class QuestionnaireFile(Strict):
    """``questionnaires/<survey>.toml``."""

    name: NameEntry
    index_name: NameEntry
    aggregation: Literal["items", "domains"]
    scale: Annotated[list[ScaleEntry], Field(min_length=5, max_length=5)]
    domains: Annotated[list[OptionEntry], Field(min_length=1)]
    items: Annotated[list[ItemEntry], Field(min_length=1)]
    actions: list[OptionEntry] = []
    traits: list[OptionEntry] = []
    aspects: list[OptionEntry] = []
    demographics: list[ChoiceEntry] = []
    questions: list[ChoiceEntry] = []


# ----------------------------------------------------------------------------------------------------
# Declaration files: which one counts, reading TOML, collecting problems of all files before stopping.
#
# Goes in: folders and a pydantic model. Comes out: validated models, or one DeclarationError with every finding.
# ----------------------------------------------------------------------------------------------------

Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 1_000_000


class Problems:
    """Findings of all declaration files; ``stop`` raises when there are any."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, where: str, field: str, th: str, en: str, *, row: int | None = None) -> None:
        """Note one problem of a file's field (``""`` when it is about the whole file)."""
        self.findings.append(
            Finding("error", where, th, en, row=row, column=field or None, rule="declaration")
        )

    def stop(self) -> None:
        """Raise DeclarationError if anything was found."""
        if self.findings:
            count = len(self.findings)
            raise DeclarationError(
                f"ไฟล์นิยามผิดรูปแบบ {count} แห่ง — แก้ไขตามรายการข้างต้น",
                f"{count} problem(s) in declaration files; mend them as listed.",
                self.findings,
            )


def lay_over(roots: Sequence[Path], folder: str, pattern: str) -> dict[str, Path]:
    """Files of a folder by their name relative to its root; a later root's file replaces an earlier one's."""
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = path
    return dict(sorted(found.items()))


def read_bytes(where: str, path: Path, problems: Problems) -> str | None:
    """Text of a small UTF-8 file; None after noting why it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            problems.add(
                where, "", "ไฟล์ใหญ่ผิดปกติ — ตรวจว่าเป็นไฟล์นิยามจริง", "Unexpectedly large; is it a declaration?"
            )
            return None
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problems.add(
            where,
            "",
            f"เปิดไฟล์ไม่ได้ ({error.strerror}) — ตรวจสิทธิ์การอ่าน",
            f"Cannot be read ({error.strerror}); check its permissions.",
        )
    except UnicodeDecodeError:
        problems.add(where, "", "ไม่ใช่ UTF-8 — บันทึกไฟล์ใหม่เป็น UTF-8", "Not UTF-8; save it as UTF-8.")
    return None


def read_toml(where: str, path: Path, problems: Problems) -> dict[str, Any] | None:
    """Contents of a TOML file; None after noting why it cannot be read."""
    text = read_bytes(where, path, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        th, en, row = toml_fault(error)
        problems.add(where, "", th, en, row=row)
    return None


def toml_fault(error: Exception) -> tuple[str, str, int | None]:
    """Thai, English and row (None where the end of the file is meant) of a TOML file that cannot be read."""
    place = re.search(r"line (\d+), column (\d+)", str(error))
    at = f"ที่แถว {place[1]} ตัวอักษรที่ {place[2]}" if place else "ที่ท้ายไฟล์"
    th = f"ไวยากรณ์ TOML ผิด{at} — ตรวจเครื่องหมายคำพูด วงเล็บ และเครื่องหมาย ="
    return th, f"Invalid TOML: {error}; mend it there.", int(place[1]) if place else None


def validated(
    where: str, content: Any, model: type[Model], problems: Problems, prefix: str = ""
) -> Model | None:
    """Content as a model; None after noting every field that breaks the schema."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = ".".join([prefix] * bool(prefix) + [_step(part) for part in detail["loc"]])
            problems.add(where, field, *_wording(detail))
    return None


def _step(part: str | int) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _wording(detail: Any) -> tuple[str, str]:
    """Thai and English for one pydantic error."""
    kind, found = detail["type"], _shown(detail.get("input"))
    if kind == "missing":
        return "ไม่มีค่านี้ — ต้องระบุ", "Missing; it must be given."
    if kind == "extra_forbidden":
        return "ไม่รู้จักชื่อนี้ — ตรวจตัวสะกดหรือลบออก", "Unknown key; check its spelling or remove it."
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        if expected in ("1 or -1", "-1 or 1"):
            return (
                f"พบ {found} แต่ต้องเป็น 1 หรือ -1 — ใส่ 1 หากค่าสูงหมายถึงดีขึ้น, -1 หากหมายถึงแย่ลง",
                f"Found {found}; must be 1 or -1. Use 1 if a higher value means better, -1 if worse.",
            )
        either = expected.replace(" or ", " หรือ ")
        return f"พบ {found} แต่ต้องเป็น {either}", f"Found {found}; must be {expected}."
    th, en = breach(detail)
    return f"พบ {found} ซึ่งใช้ไม่ได้ — {th}", f"Found {found}; {en}."


def _shown(value: Any) -> str:
    if isinstance(
        value, (dict, list)
    ):  # a table of the file, whose form in a program says nothing to its writer
        return "ตาราง (table)" if isinstance(value, dict) else "รายการ (list)"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# ----------------------------------------------------------------------------------------------------
# Names of indicators and groups as tables write them: ids in any case, declared Thai and English names, numbered labels.
#
# Goes in: the declarations and the text of a cell. Comes out: an id, or the nearest ids for a message. A name that two
# series share is no name: then the id has to be written.
# ----------------------------------------------------------------------------------------------------

_NUMBERING = re.compile(
    r"^[(\[]?[0-9]{1,2}(?:\.[0-9]{1,2})*[.)\]:]?\s+|^[0-9]{1,2}(?:\.[0-9]{1,2})*\.\s*(?=[^0-9\s])|^[-•–]\s+"
)
_FOOTNOTE = re.compile(
    r"(?:\s+[0-9]{1,2}[/)]|\s*\*{1,3}|\s*\([0-9]{1,2}\)|\s*[\u00b9\u00b2\u00b3\u2070-\u2079†‡]+)\s*$"
)
_UNIT = re.compile(r"\s*\([^()]*\)\s*$")
# Below 0.6 a suggestion is more often wrong than right (difflib's own default).
_SHORTEST_PART, _HELD = (
    4,
    0.85,
)  # letters of a part of a name that says which, and the share of them that must be there
_NEAR = 0.6
_NEAR_GROUP = (
    0.8  # one wrong letter in five: provinces have short names, and a wrong one sends the data elsewhere
)


@lru_cache(maxsize=65_536)
def bare_label(text: str) -> str:
    """A row's title without numbering, doubled spaces and footnote marks: ``2. อัตราการจ้างงาน 1/`` is ``อัตราการจ้างงาน``."""
    label = " ".join(visible(str(text)).split())
    label = _NUMBERING.sub("", label)
    while match := _FOOTNOTE.search(label):
        label = label[: match.start()]
    return label.strip()


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """A name as it is compared: no numbering, footnotes, spaces, case; sara am and sara ae in one form."""
    label = bare_label(text).replace("\u0e4d\u0e32", "\u0e33").replace("เเ", "แ")
    return re.sub(r"\s+", "", label).casefold()


@dataclass(frozen=True)
class Register:
    """Every name by which a series or a group may be called."""

    series: dict[str, str]
    groups: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def stated_unit(self, text: str) -> str:
        """The unit in brackets behind a series' name; "" where the brackets are part of the name or there are none."""
        if fold(text) in self.series or not (match := _UNIT.search(str(text))):
            return ""
        return match[0].strip().strip("()")

    def series_id(self, text: str) -> str | None:
        """The id of a series' name, with or without its unit in brackets; None for an unknown one."""
        return self.series.get(fold(text)) or self.series.get(fold(_UNIT.sub("", str(text))))

    def group_code(self, text: str) -> str | None:
        """The code of a group's name; None for an unknown one."""
        return self.groups.get(fold(text))

    def nearest(self, text: str, count: int = 1) -> list[str]:
        """Ids of series whose name is most like a text, best first; where several are asked for, also those that hold most of it."""
        known = self.series
        near = difflib.get_close_matches(fold(text), list(known), n=3 * count, cutoff=_NEAR)
        if count > 1 and len(fold(text)) >= _SHORTEST_PART:
            near += sorted((name for name in known if _holds(name, fold(text))), key=len)
        return list(dict.fromkeys(known[name] for name in near))[:count]

    def nearest_group(self, text: str) -> str | None:
        """The code of the group, of the kind that the text names, whose name is nearly the text; None where none is.

        Codes are not compared: PROVINCE:TH-99 is one digit from nine provinces.
        """
        kind, _, name = str(text).rpartition(":")
        called = {
            known.rpartition(":")[2]: code
            for known, code in self.groups.items()
            if code.startswith(f"{kind.strip().upper()}:" if kind else "")
        }
        names = [
            one for one in called if not any(mark.isdigit() for mark in one) and len(one) >= _SHORTEST_PART
        ]
        near = difflib.get_close_matches(fold(name), names, n=1, cutoff=_NEAR_GROUP)
        return called[near[0]] if near else None


def _holds(name: str, text: str) -> bool:
    """Whether a name holds nearly all of a shorter text: one slip of the pen parts it into two runs."""
    runs = difflib.SequenceMatcher(None, text, name, autojunk=False).get_matching_blocks()
    spread = runs[-2].b + runs[-2].size - runs[0].b if len(runs) > 1 else 0
    return sum(run.size for run in runs) >= _HELD * len(text) and spread <= len(text) + 2


def register_of(declarations: Declarations) -> Register:
    """The names of all series that a file may hold and of all groups."""
    inputs = annex_inputs()
    named = [(one.id, one.name.th, one.name.en) for one in declarations.indicators.values()]
    named += [(one.id, one.name.th, one.name.en) for one in declarations.macro.values()]
    # A breakdown's parts (labour_force_male) share the name of the whole, which the whole keeps.
    base = {id(entry): series for series, entry in reversed(list(inputs.items()))}
    named += [(series, inputs[series].name.th, inputs[series].name.en) for series in base.values()]
    called = [(series, text) for series, *texts in named for text in texts]
    ids = known_series(declarations)
    series = _unshared(called, ids)
    groups = [
        (group.code, name)
        for group in declarations.groups.values()
        for name in (group.name.th, group.name.en, *group.aliases)
    ]
    labels = {series: th for series, th, _ in named}
    labels |= {name: entry.name.th for name, entry in inputs.items() if name not in labels}
    return Register(series, _unshared(groups, declarations.groups), labels, units_of(declarations))


def units_of(declarations: Declarations) -> dict[str, str]:
    """Series -> unit that the register or the annex declares; components of gaps have none of their own."""
    found = {series: entry.unit for series, entry in annex_inputs().items() if entry.unit}
    found |= {one.id: one.unit for one in declarations.macro.values()}
    return found | {one.id: one.unit for one in declarations.indicators.values()}


def _unshared(called: Iterable[tuple[str, str]], ids: Iterable[str]) -> dict[str, str]:
    """Folded names that only one id has; ids themselves go before names."""
    found: dict[str, set[str]] = {}
    for one, name in called:
        found.setdefault(fold(name), set()).add(one)
    known = {name: ones.pop() for name, ones in found.items() if name and len(ones) == 1}
    return known | {fold(one): one for one in ids}


def known_series(declarations: Declarations) -> set[str]:
    """Ids that a series file may use: indicators, macro variables, components of gaps, inputs of formulas and annex."""
    known = set(declarations.indicators) | set(declarations.macro) | set(annex_inputs())
    for indicator in declarations.indicators.values():
        known |= set(indicator.components)
        known |= set(names(indicator.formula)) if indicator.formula else set()
    return known
