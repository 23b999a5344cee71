"""Mapping files: how one source names its columns and codes its answers, remembered.

Goes in: ``surveys/mappings/<source>.toml`` of a workspace. Comes out: a ``Mapping``; also writes one for a file whose
columns were recognised, for the analyst to mend.

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
from pathlib import Path

from reporter.domain.errors import DeclarationError, Finding


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
