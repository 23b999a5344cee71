"""Declarations as frozen objects: the visual identity, thresholds, formulas, chapters, indicators, questionnaires, groups.

Goes in: files of ``data/`` and ``templates/``, found by ``asset``: in a checkout they stand at the top level, in an installed wheel under
``reporter/_assets``. Comes out: frozen objects. ``reporter.inputs.declared`` reads and checks the files of ``data/`` for the last of them.
"""

from __future__ import annotations

import ast
import math
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from reporter.domain import asset
from reporter.domain.errors import DeclarationError, Finding

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float


@dataclass(frozen=True)
class Tokens:
    """The declared identity.

    colour      name -> ``#RRGGBB``
    dimension   dimension id -> ``#RRGGBB``, fixed for all issues
    diverging   nine colours from worse to better, the fifth neutral
    font        ``family`` and the weights' numbers
    size        points on paper
    line        points: ``body`` is the baseline grid, ``half`` its half
    page        millimetres
    chart       millimetres a chart is printed wide: ``one_column``, ``two_columns``
    web         px, unitless line height, em
    """

    colour: Mapping[str, str]
    dimension: Mapping[str, str]
    diverging: tuple[str, ...]
    font: Mapping[str, Value]
    size: Mapping[str, float]
    line: Mapping[str, float]
    page: Mapping[str, float]
    chart: Mapping[str, float]
    web: Mapping[str, float]


@cache
def tokens() -> Tokens:
    """Read ``templates/tokens.toml``."""
    declared = tomllib.loads(asset("templates", "tokens.toml").read_text(encoding="utf-8"))
    declared["colour"] |= own_colours(workspace_in_force())
    steps = tuple(declared.pop("diverging")["steps"])
    return Tokens(diverging=steps, **{name: MappingProxyType(table) for name, table in declared.items()})


def css_variables() -> str:
    """``:root {--colour-ink: #1B2733; --size-body: 11.5pt; ...}`` for print.css, site.css and the dashboard."""
    identity = tokens()
    lines = [f"--colour-{name}: {value};" for name, value in identity.colour.items()]
    lines += [f"--dimension-{name.replace('_', '-')}: {value};" for name, value in identity.dimension.items()]
    lines += [f"--diverging-{number}: {value};" for number, value in enumerate(identity.diverging, start=1)]
    lines += [f"--font-family: '{identity.font['family']}';"]
    lines += [f"--weight-{name}: {value};" for name, value in identity.font.items() if name != "family"]
    for prefix, table, unit in (
        ("size", identity.size, "pt"),
        ("line", identity.line, "pt"),
        ("page", identity.page, "mm"),
        ("chart", identity.chart, "mm"),
    ):
        lines += [f"--{prefix}-{name.replace('_', '-')}: {value}{unit};" for name, value in table.items()]
    web = identity.web
    lines += [
        f"--web-body: {web['body']}px;",
        f"--web-line: {web['line']};",
        f"--web-measure: {web['measure']}em;",
    ]
    return ":root {\n  " + "\n  ".join(lines) + "\n}\n"


# ----------------------------------------------------------------------------------------------------
# The thresholds behind the report's words, declared in ``data/rules/wording.toml``.
#
# Goes in: that file. Comes out: single values by their dotted name, and the steps that grade a change. A name that is not declared
# is a mistake of the program and raises KeyError.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """Sizes of a change, in its unit: up to ``still`` it is unchanged, up to ``slight`` slight, from ``marked`` large."""

    still: float
    slight: float
    marked: float


def declared_rules() -> dict[str, Any]:
    """The thresholds of the report's words."""
    return rules_of("wording")


@cache
def rules_of(name: str) -> dict[str, Any]:
    """``data/rules/<name>.toml`` with what the workspace in force says otherwise in its own ``rules/<name>.toml``."""
    text = asset("data", "rules", f"{name}.toml").read_text(encoding="utf-8")
    root = workspace_in_force()
    own = root / "rules" / f"{name}.toml" if root else None
    return with_own_rules(tomllib.loads(text), own) if own and own.is_file() else tomllib.loads(text)


def with_own_rules(declared: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """The program's rules with those of a file over them. Raises DeclarationError for a name or a value that is none."""
    given = own_rules(own)
    try:
        found: dict[str, Any] = _over(declared, given, "")
    except ValueError as error:
        key = str(error)[:80]
        raise broken_rules(
            own.name,
            key,
            f"{key} ใช้ไม่ได้ — ใช้ชื่อของโปรแกรม และค่าชนิดเดียวกัน",
            f"{key} cannot be used; use the program's names, with values of the same kind.",
        ) from error
    return found


def own_rules(path: Path) -> dict[str, Any]:
    """What a file of rules in a workspace says. Raises DeclarationError for one that is no TOML in UTF-8, or cannot be opened."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        told = str(error)[:120]
        raise broken_rules(
            path.name,
            "",
            f"อ่านไม่ได้: {told} — แก้ให้เป็น TOML ใน UTF-8 หรือคัดลอกจากของโปรแกรมใหม่",
            f"It cannot be read: {told}. Mend it so that it is TOML in UTF-8, or copy the program's again.",
        ) from error


def broken_rules(name: str, key: str, th: str, en: str) -> DeclarationError:
    """The error of a workspace's ``rules/<name>``, with a finding at the key."""
    found = Finding("error", f"rules/{name}", th, en, column=key or None, rule="declaration")
    place = f"rules/{name}, {key}" if key else f"rules/{name}"
    return DeclarationError(f"{place}: {th}", f"{place}: {en}", [found])


def _over(before: Any, given: Any, where: str) -> Any:
    """A value of the workspace in the place of the program's: tables and lists of tables part by part, other values of the same kind."""
    if isinstance(before, dict) and isinstance(given, dict):
        if unknown := given.keys() - before.keys():
            raise ValueError(f"{where}{', '.join(sorted(unknown))}")
        return before | {key: _over(before[key], value, f"{where}{key}.") for key, value in given.items()}
    if isinstance(before, list) and isinstance(given, list):
        if any(isinstance(item, dict) for item in before) and len(before) == len(given):
            return [_over(*pair, where) for pair in zip(before, given, strict=True)]
        if all(isinstance(item, str) for item in (*before, *given)):
            return given
    is_number = isinstance(before, int | float) and isinstance(given, int | float) and math.isfinite(given)
    is_text = isinstance(before, str) and isinstance(given, str)
    if isinstance(given, bool) or not (is_number or is_text):
        raise ValueError(where.removesuffix("."))
    return given


# ----------------------------------------------------------------------------------------------------
# The workspace whose look and words a command uses. Colours of charts and steps of words are constants of their modules, bound when those
# are imported; so the command line names the workspace before it imports anything, in the environment, which drawing processes inherit.
# ----------------------------------------------------------------------------------------------------

WORKSPACE = "REPORTER_WORKSPACE"
COLOURS = ("navy", "employers", "workers", "gold")  # of the identity, that a workspace may set
_HEX = re.compile(r"#[0-9A-Fa-f]{6}\Z")


def workspace_in_force() -> Path | None:
    """The folder that the command works on; None outside of a command."""
    named = os.environ.get(WORKSPACE, "")
    return Path(named) if named else None


@contextmanager
def programs_rules() -> Iterator[None]:
    """Within the block the program's own rules are used, not those of the workspace."""
    named = os.environ.pop(WORKSPACE, None)
    rules_of.cache_clear()
    try:
        yield
    finally:
        rules_of.cache_clear()
        if named is not None:
            os.environ[WORKSPACE] = named


def own_colours(root: Path | None) -> dict[str, str]:
    """Colours of ``[colours]`` of a workspace's settings; invalid ones are left out here and reported where settings are read."""
    path = root / "workspace.toml" if root else None
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("colours", {}) if path else {}
    except (OSError, ValueError):
        return {}
    items = given.items() if isinstance(given, dict) else ()
    return {key: str(value) for key, value in items if key in COLOURS and _HEX.match(str(value))}


def contrast(colour: str, ground: str) -> float:
    """Contrast of two ``#RRGGBB`` colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(text: str) -> float:
        parts = [int(text[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def rule(name: str) -> float:
    """One threshold, e.g. ``rule("composite.least_weight")``. Raises KeyError when it is not declared."""
    table, _, key = name.partition(".")
    return float(declared_rules()[table][key])


def steps(name: str) -> Steps:
    """The steps of a kind of change, e.g. ``steps("index")``. Raises KeyError when they are not declared."""
    return Steps(**declared_rules()["steps"][name])


# ----------------------------------------------------------------------------------------------------
# Formulas of declarations: arithmetic over named series, and nothing else.
#
# Goes in: ``"claimants / (insured_s33 + claimants) * 100"`` and the named series. Comes out: the computed series.
# Source: the study's annex, 17 KILM and 74 KIP-MOL indicators. A formula is data from a file, so it is walked as a
# syntax tree; only numbers, names, + - * / and abs() are known.
# ----------------------------------------------------------------------------------------------------

_MAX_LENGTH = 500


def names(formula: str) -> tuple[str, ...]:
    """Series named in a formula, in order of appearance. Raises ValueError when it is no such arithmetic."""
    if len(formula) > _MAX_LENGTH:
        raise ValueError("too long")
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise ValueError("not an expression") from error
    return tuple(dict.fromkeys(_walk_names(tree)))


def _walk_names(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return []
        case ast.Name(id=name):
            return [name]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            return _walk_names(left) + _walk_names(right)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return _walk_names(argument)
    raise ValueError(f"only numbers, names, + - * / and abs() are known, not {ast.unparse(node)[:40]}")


def evaluate(formula: str, series: Mapping[str, pd.Series]) -> pd.Series:
    """Compute a formula; series are aligned on their index. Division by zero gives NaN. Raises KeyError, ValueError."""
    import numpy as np
    import pandas as pd

    names(formula)
    result = _value(ast.parse(formula, mode="eval").body, series)
    if not isinstance(result, pd.Series):
        raise ValueError("the formula names no series")
    return result.replace([np.inf, -np.inf], np.nan)


def _value(node: ast.expr, series: Mapping[str, pd.Series]) -> pd.Series | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            found: pd.Series = series[name]
            return found
        case ast.Call(args=[argument]):
            inner = _value(argument, series)
            return abs(inner) if isinstance(inner, float) else inner.abs()
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = _value(left, series), _value(right, series)
            match operator:
                case ast.Add():
                    return first + second
                case ast.Sub():
                    return first - second
                case ast.Mult():
                    return first * second
                case _:
                    return first / second
    raise AssertionError(node)


# ----------------------------------------------------------------------------------------------------
# The chapters of an issue: their order, names and files, declared once in ``templates/report/chapters.toml``.
#
# Goes in: that file. Comes out: ``ChapterOf`` objects in their order. A chapter's number is its place; everything else (charts,
# commentary, links, the website) names its slug, so that a chapter put in between renumbers nothing by hand.
# ----------------------------------------------------------------------------------------------------

_SLUG = re.compile(r"[a-z][a-z0-9-]*\Z")
_FIELDS = {"slug", "title", "short", "facts", "commentary", "appendix", "volume", "flows"}
REPORT, TECHNICAL = VOLUMES = ("report", "technical")


@dataclass(frozen=True)
class ChapterOf:
    """One declared chapter.

    short       for running heads; the title where none is declared
    facts       attribute of the findings that it stands on; "" where it always has something to say
    volume      ``report`` or ``technical``: the PDF that it stands in; each counts its chapters by itself
    flows       begins below the chapter before it, not on a new page
    commentary  number of its commentary file before files were named by slug; 0 for a chapter that is newer
    """

    slug: str
    number: int
    title: Name
    short: Name
    facts: str = ""
    commentary: int = 0
    is_appendix: bool = False
    volume: str = REPORT
    flows: bool = False


def chapters(volume: str = REPORT) -> tuple[ChapterOf, ...]:
    """The chapters of one volume in their order. Raises DeclarationError naming the entry that is wrong."""
    return tuple(item for item in all_chapters() if item.volume == volume)


@cache
def all_chapters() -> tuple[ChapterOf, ...]:
    """The chapters of both volumes. Raises DeclarationError naming the entry that is wrong."""
    path = asset("templates", "report", "chapters.toml")
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8")).get("chapter", [])
    except ValueError as error:
        raise DeclarationError(
            f"chapters.toml อ่านไม่ได้ ({str(error)[:120]}) — แก้ให้เป็น TOML ใน UTF-8",
            f"chapters.toml cannot be read ({str(error)[:120]}); make it TOML in UTF-8.",
        ) from error
    found: list[ChapterOf] = []
    for place, entry in enumerate(declared, start=1):
        _check_chapter(place, entry, {item.slug for item in found})
        volume = entry.get("volume", REPORT)
        title = Name(**entry["title"])
        short = Name(**entry["short"]) if "short" in entry else title
        number = 1 + sum(item.volume == volume for item in found)
        rest = str(entry.get("facts", "")), int(entry.get("commentary", 0)), bool(entry.get("appendix"))
        flows = bool(entry.get("flows"))
        found.append(ChapterOf(entry["slug"], number, title, short, *rest, volume=volume, flows=flows))
    return tuple(found)


def _check_chapter(place: int, entry: Mapping[str, Any], taken: Collection[str]) -> None:
    """Raise DeclarationError where an entry of ``chapters.toml`` is none, or has the slug of another."""
    slug = str(entry.get("slug", ""))
    is_named = "title" in entry and all(_is_name(entry[key]) for key in ("title", "short") if key in entry)
    if not _SLUG.match(slug) or not is_named or set(entry) - _FIELDS:
        fields = ", ".join(sorted(_FIELDS))
        raise DeclarationError(
            f"chapters.toml บทที่ {place}: ต้องมี slug (a-z 0-9 -) และ title = {{ th, en }} และใช้เฉพาะ {fields}",
            f"chapters.toml, entry {place}: needs slug (a-z 0-9 -) and title = {{ th, en }}; known fields: {fields}.",
        )
    if entry.get("volume", REPORT) not in VOLUMES:
        raise DeclarationError(
            f"chapters.toml บทที่ {place}: ไม่มีเล่ม {str(entry['volume'])[:40]} — ใช้ได้: {', '.join(VOLUMES)}",
            f"chapters.toml, entry {place}: there is no volume {str(entry['volume'])[:40]}; possible: {', '.join(VOLUMES)}.",
        )
    if slug in taken:
        raise DeclarationError(
            f"chapters.toml บทที่ {place}: slug {slug} ใช้กับบทก่อนหน้าแล้ว — ตั้งชื่ออื่น",
            f"chapters.toml, entry {place}: an earlier chapter has the slug {slug}; choose another.",
        )


def _is_name(value: Any) -> bool:
    """Whether a value of a TOML file is a name in Thai and English."""
    return (
        isinstance(value, dict)
        and set(value) == {"th", "en"}
        and all(isinstance(text, str) and text.strip() for text in value.values())
    )


def slug_of_number(number: int) -> str:
    """The chapter that a commentary file of this number belongs to; "" when there is none."""
    return next((item.slug for item in chapters() if item.commentary == number), "")


# ----------------------------------------------------------------------------------------------------
# Declarations as frozen, validated objects: indicators, dimensions, questionnaires, groups.
#
# Goes in: the TOML and CSV files of a workspace, or the package's defaults where the workspace has none.
# Comes out: one ``Declarations`` object, passed to every stage. Source: method.md, 1 to 3.
# ----------------------------------------------------------------------------------------------------

Frequency = Literal["monthly", "quarterly"]


@dataclass(frozen=True)
class Name:
    """A name in Thai and English."""

    th: str
    en: str


@dataclass(frozen=True)
class Dimension:
    """One dimension of the index; ``order`` is its number in method.md."""

    id: str
    order: int
    name: Name
    short: Name
    description: Name


@dataclass(frozen=True)
class Indicator:
    """One series of the index.

    unit         "percent", "pp", "percent_of_mean", "per_1000", "baht", "baht_per_month", "baht_per_person",
                 "hours_per_week", "index", "positions", "persons", "percent_growth"
    polarity     1: a higher value is better; -1: worse
    transform    "level" (rates in %) or "growth" (rate of change in % of everything else)
    detrend      how the long-run trend leaves the series (declared, printed in the appendix)
    components   ids of the series an indicator is computed from (gaps: male, female); empty otherwise
    gap          "absolute" (pp), "relative" (% of the mean) or "" for indicators that are no gap
    groups       group kinds the source publishes: TH, STATUS, REGION, PROVINCE, INDUSTRY
    spoken       its name within a sentence, where the catalogue's name would be clumsy there; else that name
    also_called  other Thai words by which analysts' texts speak of it
    same_as      the macro variable that is the same fact, "" where none is: wherever it is told or drawn it has the variable's number
    often_misread  whether readers take its rise for good news although it counts as worse: texts then say its side
    per_month    it counts what happened within a month: what is shown of a quarter is the monthly mean, and is called so
    """

    id: str
    dimension: str
    order: int
    name: Name
    spoken: Name
    source: str
    unit: str
    frequency: Frequency
    polarity: Literal[1, -1]
    transform: Literal["level", "growth"]
    detrend: str
    groups: tuple[str, ...]
    publication_lag_days: int
    bounds: tuple[float, float]
    components: tuple[str, ...] = ()
    gap: str = ""
    formula: str = ""
    fetch: Mapping[str, Any] = field(default_factory=dict)
    notes: Name = Name("", "")
    also_called: tuple[str, ...] = ()
    same_as: str = ""
    often_misread: bool = False
    per_month: bool = False

    @property
    def is_monthly_mean(self) -> bool:
        """Whether its value of a quarter is the mean of what its source counted in each month."""
        return self.frequency == "monthly" and (self.per_month or self.unit in ("persons", "positions"))


@dataclass(frozen=True)
class MacroVariable:
    """A macro variable for the tests of the index and for the text of the chapters.

    polarity     1: a higher value is better; -1: worse; 0: neither
    also_called  other Thai words by which analysts' texts speak of it
    """

    id: str
    name: Name
    unit: str
    source: str
    frequency: Frequency
    bounds: tuple[float, float] = (float("-inf"), float("inf"))
    polarity: Literal[1, 0, -1] = 0
    also_called: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExperimentalDimension:
    """A dimension that is tried beside the index and never in it: the mean of the surveys' standardised indices."""

    id: str
    name: Name
    surveys: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A producer of data: short code, full name."""

    id: str
    name: Name


@dataclass(frozen=True)
class Option:
    """One domain, option of a check-list or aspect to be ranked.

    ``short`` is for charts (the name where none is declared); ``items`` are the rated questions that measure
    the same trait; ``name_for`` is the wording of the form for a group (``STATUS:informal``).
    """

    id: str
    name: Name
    short: Name = Name("", "")
    items: tuple[str, ...] = ()
    name_for: Mapping[str, Name] = field(default_factory=dict)

    def wording(self, group: str = "") -> Name:
        """The name as ``group`` reads it."""
        return self.name_for.get(group, self.name)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that an answer file may call it: id, and the wording of every form in both languages."""
        return (
            self.id,
            *(text for name in (self.name, *self.name_for.values()) for text in (name.en, name.th)),
        )


@dataclass(frozen=True)
class SurveyItem:
    """One rated question. ``column`` is its name in files; ``domain`` is "" for items outside the domains.

    meaning  what the question is about, in Thai, for the interviewer who is asked
    """

    column: str
    domain: str
    text: Name
    negative: bool = False
    optional_for: tuple[str, ...] = ()
    text_for: Mapping[str, Name] = field(default_factory=dict)
    meaning: str = ""

    @property
    def number(self) -> str:
        """Its number as the questionnaire prints it, "4.7" of the column ``q4.7``; a column without a number as it is."""
        return re.sub(r"^q(?=[0-9])", "", self.column)

    def wording(self, group: str = "") -> Name:
        """The question as a group is asked it (``STATUS:informal``); the declared text where it has none of its own."""
        return self.text_for.get(group, self.text)


@dataclass(frozen=True)
class Choice:
    """A closed question with one answer: of part 1 (who answers), or of a module outside the index.

    kind   group kind of a question of part 1 (``SEX``); "" for a question of a module
    signs  per option 1 (better, more), 0 (same), -1 (worse, fewer), NaN (not counted): gives a net balance; () without
    """

    id: str
    text: Name
    options: tuple[Option, ...]
    kind: str = ""
    signs: tuple[float, ...] = ()
    text_for: Mapping[str, Name] = field(default_factory=dict)

    def wording(self, group: str = "") -> Name:
        """The question as ``group`` is asked it."""
        return self.text_for.get(group, self.text)


Survey = Literal["employer", "worker"]
SURVEYS: tuple[Survey, ...] = get_args(Survey)
LABOUR_KINDS = ("STATUS", "INDUSTRY", "REGION", "PROVINCE")  # kinds of groups that have an index of their own


@dataclass(frozen=True)
class Questionnaire:
    """One survey's questionnaire: domains, items, check-list, ranking; who answers; questions outside the index."""

    id: Survey
    name: Name
    index_name: Name
    aggregation: Literal["items", "domains"]
    domains: tuple[Option, ...]
    items: tuple[SurveyItem, ...]
    actions: tuple[Option, ...] = ()
    traits: tuple[Option, ...] = ()
    aspects: tuple[Option, ...] = ()
    scale: tuple[tuple[int, str, int], ...] = ()
    demographics: tuple[Choice, ...] = ()
    questions: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Group:
    """A group of workers. ``code`` as in contract.md (``PROVINCE:TH-10``); ``kind`` its part before the colon.

    For provinces: ``region`` is a REGION code, ``abbreviation`` the interior ministry's two letters (กท),
    ``tile`` the (row, column) of the tile map. ``aliases`` are other spellings that answers may use.
    """

    code: str
    kind: str
    name: Name
    region: str = ""
    abbreviation: str = ""
    tile: tuple[int, int] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declarations:
    """Everything declared, keyed by id in declared order."""

    dimensions: Mapping[str, Dimension]
    indicators: Mapping[str, Indicator]
    macro: Mapping[str, MacroVariable]
    sources: Mapping[str, Source]
    questionnaires: Mapping[str, Questionnaire]
    groups: Mapping[str, Group]
    experimental: Mapping[str, ExperimentalDimension] = field(default_factory=dict)

    def members(self, dimension: str) -> tuple[Indicator, ...]:
        """Indicators of one dimension, in declared order."""
        return tuple(item for item in self.indicators.values() if item.dimension == dimension)

    @property
    def same_facts(self) -> dict[str, str]:
        """Indicator -> the macro variable that is the same fact."""
        return {item.id: item.same_as for item in self.indicators.values() if item.same_as}

    def groups_of(self, kind: str) -> tuple[Group, ...]:
        """Groups of one kind (``PROVINCE``), in declared order."""
        return tuple(group for group in self.groups.values() if group.kind == kind)
