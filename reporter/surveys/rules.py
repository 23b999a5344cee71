"""The declared rules of reading and cleaning: aliases of columns and values, what is looked for and what is done.

Goes in: ``data/rules/survey_reading.toml`` and ``survey_cleaning.toml`` (a workspace's own go first). Comes out:
two frozen objects.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
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
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Rules:
    """Cleaning rules by id, in declared order."""

    by_id: Mapping[str, Rule]

    def __getitem__(self, rule: str) -> Rule:
        return self.by_id[rule]

    def number(self, rule: str, name: str) -> float:
        """A rule's number, e.g. ``number("under_age", "minimum_age")``."""
        return self.by_id[rule].numbers[name]


@dataclass(frozen=True)
class Aliases:
    """Other names of columns and values: target column -> names; column -> code -> names."""

    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    tokens: Mapping[str, frozenset[str]]


@cache
def cleaning_rules(folder: Path | None = None) -> Rules:
    """Cleaning rules of ``folder/rules`` or of the package. Raises DeclarationError."""
    packaged = _read("survey_cleaning.toml", None)
    own = _read("survey_cleaning.toml", folder) if folder else packaged
    if unknown := sorted(set(own) - set(packaged)):
        raise _broken(unknown[0], "ไม่รู้จักกฎนี้", "Unknown rule.")
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


def _rule(rule: str, entry: Mapping[str, Any]) -> Rule:
    if entry["action"] not in _ACTIONS:
        raise _broken(
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


def _broken(rule: str, th: str, en: str) -> DeclarationError:
    found = Finding("error", "rules/survey_cleaning.toml", th, en, column=rule)
    return DeclarationError("กฎการตรวจทานคำตอบผิด", "A cleaning rule is wrong.", [found])
