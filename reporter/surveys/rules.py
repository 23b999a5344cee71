"""The declared rules of reading and cleaning: aliases of columns and values, what is looked for and what is done.

Goes in: ``data/rules/survey_reading.toml`` and ``survey_cleaning.toml`` (a workspace's own go first), and the mapping
files ``surveys/mappings/<source>.toml`` of a workspace. Comes out: frozen objects. A mapping file says how one source
names its columns and codes its answers; one can be written for a file whose columns were recognised:

    [columns]                       # column of the contract = header of the source
    "q1.1" = "1.1 มีความเมตตา กรุณา และช่วยเหลือผู้อื่น"
    [values.status]                 # answer of the source = code of the contract
    "ลูกจ้างประจำ" = "formal"
    [values.rating]
    "A1" = "5"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from reporter.domain.assets import asset
from reporter.domain.declarations import Name
from reporter.domain.errors import DeclarationError, Finding

Action = Literal["keep", "blank", "drop"]
_ACTIONS = ("keep", "blank", "drop")


@dataclass(frozen=True)
class Rule:
    """One cleaning rule: what is done about a breach, its names, its numbers (``minimum_age``, ``share``, ...)."""

    id: str
    action: Action
    name: Name
    numbers: MappingType[str, float]


@dataclass(frozen=True)
class Rules:
    """Cleaning rules by id, in declared order."""

    by_id: MappingType[str, Rule]

    def __getitem__(self, rule: str) -> Rule:
        return self.by_id[rule]

    def number(self, rule: str, name: str) -> float:
        """A rule's number, e.g. ``number("under_age", "minimum_age")``."""
        return self.by_id[rule].numbers[name]


@dataclass(frozen=True)
class Aliases:
    """Other names of columns and values: target column -> names; column -> code -> names."""

    columns: MappingType[str, tuple[str, ...]]
    values: MappingType[str, MappingType[str, tuple[str, ...]]]
    tokens: MappingType[str, frozenset[str]]


@cache
def cleaning_rules(folder: Path | None = None) -> Rules:
    """Cleaning rules of ``folder/rules`` or of the package. Raises DeclarationError."""
    packaged = _read("survey_cleaning.toml", None)
    own = _read("survey_cleaning.toml", folder) if folder else packaged
    if unknown := sorted(set(own) - set(packaged)):
        raise _broken_rule(unknown[0], "ไม่รู้จักกฎนี้", "Unknown rule.")
    return Rules({rule: _rule(rule, packaged[rule] | own.get(rule, {})) for rule in packaged})


@cache
def reading_aliases(folder: Path | None = None) -> Aliases:
    """Aliases of ``folder/rules`` or of the package. Raises DeclarationError."""
    declared = _read("survey_reading.toml", folder)
    values = declared["values"]
    return Aliases(
        columns={column: tuple(names) for column, names in declared["columns"].items()},
        values={
            column: {code: tuple(names) for code, names in codes.items()}
            for column, codes in values.items()
            if isinstance(codes, dict)
        },
        tokens={name: frozenset(tokens) for name, tokens in values.items() if isinstance(tokens, list)},
    )


def _rule(rule: str, entry: MappingType[str, Any]) -> Rule:
    if entry["action"] not in _ACTIONS:
        raise _broken_rule(
            rule,
            f'พบ action "{entry["action"]}" — ใช้ keep, blank หรือ drop',
            f'Found action "{entry["action"]}"; use keep, blank or drop.',
        )
    numbers = {key: float(value) for key, value in entry.items() if isinstance(value, int | float)}
    return Rule(rule, cast(Action, entry["action"]), Name(entry["th"], entry["en"]), numbers)


def _read(name: str, folder: Path | None) -> dict[str, Any]:
    own = folder / "rules" / name if folder else None
    path = own if own and own.is_file() else asset("data", "rules", name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(
            f"rules/{name} ไม่ใช่ TOML ที่ถูกต้อง: {error}", f"rules/{name} is not valid TOML: {error}"
        ) from error


def _broken_rule(rule: str, th: str, en: str) -> DeclarationError:
    found = Finding("error", "rules/survey_cleaning.toml", th, en, column=rule)
    return DeclarationError("กฎการตรวจทานคำตอบผิด", "A cleaning rule is wrong.", [found])


@dataclass(frozen=True)
class Mapping:
    """A source's columns (target -> header) and values (column -> answer -> code)."""

    name: str
    columns: MappingType[str, str]
    values: MappingType[str, MappingType[str, str]] = field(default_factory=dict)

    def target(self, header: str) -> str | None:
        """The contract's column for a header of the source, None if the source does not name it."""
        for target, known in self.columns.items():
            if known.strip() == header.strip():
                return target
        return None

    def fits(self, headers: Iterable[str]) -> bool:
        """Whether every header the mapping names stands in the file."""
        present = {header.strip() for header in headers}
        return bool(self.columns) and all(header.strip() in present for header in self.columns.values())


def read_mapping(path: Path) -> Mapping:
    """One mapping file. Raises DeclarationError when it is not a mapping."""
    where = f"surveys/mappings/{path.name}"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(where, f"อ่านเป็น TOML ไม่ได้ ({error})", f"Not readable as TOML ({error}).") from error
    columns, values = content.get("columns", {}), content.get("values", {})
    if set(content) - {"columns", "values", "survey"} or not _is_texts(columns):
        raise _broken(
            where,
            "ต้องมีเฉพาะ [columns] ที่เป็นข้อความ และ [values.คอลัมน์]",
            "Only [columns] of texts and [values.COLUMN] may stand here.",
        )
    if not isinstance(values, dict) or not all(_is_texts(codes) for codes in values.values()):
        raise _broken(where, "[values.คอลัมน์] ต้องเป็นข้อความ", "[values.COLUMN] must hold texts.")
    return Mapping(path.stem, columns, values)


def find_mapping(folder: Path | None, headers: Iterable[str]) -> Mapping | None:
    """The mapping of the folder whose headers all stand in the file; the one naming most columns wins."""
    if folder is None or not folder.is_dir():
        return None
    known = list(headers)
    fitting = [m for m in map(read_mapping, sorted(folder.glob("*.toml"))) if m.fits(known)]
    return max(fitting, key=lambda mapping: len(mapping.columns), default=None)


def mapping_text(columns: MappingType[str, str]) -> str:
    """A mapping file for recognised columns, ready to be saved and mended."""
    lines = ["# คอลัมน์ตามแบบแฟ้มมาตรฐาน = หัวตารางของแหล่งข้อมูล", "[columns]"]
    lines += [
        f"{json.dumps(target, ensure_ascii=False)} = {json.dumps(header, ensure_ascii=False)}"
        for target, header in columns.items()
    ]
    return "\n".join(lines) + "\n"


def _is_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def _broken(where: str, th: str, en: str) -> DeclarationError:
    return DeclarationError(
        f"แฟ้มจับคู่คอลัมน์ {where} ผิด", f"Mapping file {where} is wrong.", [Finding("error", where, th, en)]
    )
