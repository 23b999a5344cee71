"""Thresholds and relations of the checks of newest values, from ``data/rules/newest*.toml``.

Goes in: the folder of a workspace, whose own ``rules/newest.toml`` may change single thresholds, or None. Comes out: one frozen
object. Reasons stand beside the numbers in the files.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.domain.assets import asset
from reporter.domain.declarations import Name
from reporter.domain.errors import DeclarationError, Finding
from reporter.domain.formula import names

FILE = "newest.toml"
RELATIONS = "newest_relations.toml"


@dataclass(frozen=True)
class Relation:
    """What several series leave over.

    floor    least usual error of it, in its own units
    is_same  two ids of one quantity
    kind     a kind of groups that the nation is compared with, else ""
    """

    id: str
    formula: str
    members: tuple[str, ...]
    name: Name
    floor: float = 0.01
    is_same: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Limits:
    """Thresholds by table of the file; relations between national series, and of the nation with its groups."""

    tables: dict[str, dict[str, Any]]
    relations: tuple[Relation, ...]
    nation: tuple[Relation, ...]
    least_groups: int
    least_share: float

    def number(self, table: str, name: str) -> float:
        """One threshold."""
        return float(self.tables[table][name])

    @property
    def disturbed_years(self) -> tuple[int, ...]:
        """Years whose errors count for no scale."""
        return tuple(self.tables["surprise"]["disturbed_years"])


def limits(folder: Path | None = None) -> Limits:
    """Thresholds of the package, changed where the workspace's ``rules/newest.toml`` says so. Raises DeclarationError."""
    packaged = tomllib.loads(asset("data", "rules", FILE).read_text(encoding="utf-8"))
    own = _own(folder)
    for table, entries in own.items():
        known = packaged.get(table)
        if known is None or not isinstance(entries, dict):
            raise _broken(table, "ไม่รู้จักกฎนี้", "Unknown rule.")
        for name, value in entries.items():
            if name not in known or not _is_like(value, known[name]):
                raise _broken(f"{table}.{name}", "ไม่รู้จักค่านี้ หรือค่าไม่ใช่ตัวเลข", "Unknown value, or no number.")
    tables = {table: entries | own.get(table, {}) for table, entries in packaged.items()}
    declared = tomllib.loads(asset("data", "rules", RELATIONS).read_text(encoding="utf-8"))
    nation = declared["nation"]
    return Limits(
        tables,
        tuple(_relation(entry) for entry in declared["relation"]),
        tuple(_of_nation(kind, nation) for kind in nation["kinds"]),
        int(nation["least_groups"]),
        float(nation["least_share"]),
    )


def _own(folder: Path | None) -> dict[str, Any]:
    path = folder / "rules" / FILE if folder else None
    if path is None or not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _broken("", f"ไม่ใช่ TOML ที่ถูกต้อง: {error}", f"Not valid TOML: {error}") from error


def _is_like(value: Any, packaged: Any) -> bool:
    if isinstance(packaged, list):
        return isinstance(value, list) and all(isinstance(one, int) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _relation(entry: dict[str, Any]) -> Relation:
    return Relation(
        entry["id"],
        entry["formula"],
        names(entry["formula"]),
        Name(entry["th"], entry["en"]),
        float(entry.get("floor", 0.01)),
        bool(entry.get("same", False)),
    )


def _of_nation(kind: str, entry: dict[str, Any]) -> Relation:
    words = {"REGION": ("ภาค", "regions"), "PROVINCE": ("จังหวัด", "provinces")}[kind]
    name = Name(entry["th"].format(kind=words[0]), entry["en"].format(kind=words[1]))
    return Relation(f"nation_{kind.lower()}", "", (), name, float(entry["floor"]), kind=kind)


def _broken(column: str, th: str, en: str) -> DeclarationError:
    found = Finding("error", f"rules/{FILE}", th, en, column=column or None, rule="declaration")
    return DeclarationError(f"rules/{FILE}: {th}", f"rules/{FILE}: {en}", [found])
