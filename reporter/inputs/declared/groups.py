"""Groups of workers from their CSV files: the country, regions, provinces, industries, statuses, skills, kinds of work.

Goes in: ``groups/*.csv`` with ``code,name_th,name_en,aliases`` (provinces also region, abbreviation, tile). Comes
out: frozen groups by code, in declared order. Codes: contract.md; regions: the five of the Labour Force Survey.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from reporter.domain.declarations import Group, Name
from reporter.inputs.declared.files import Problems, read_bytes

_KINDS = {
    "all": "TH",
    "statuses": "STATUS",
    "regions": "REGION",
    "provinces": "PROVINCE",
    "industries": "INDUSTRY",
    "skills": "SKILL",
    "work_types": "WORK",
}
_COLUMNS = ["code", "name_th", "name_en", "aliases"]
_PROVINCE_COLUMNS = [
    "code",
    "name_th",
    "name_en",
    "region",
    "abbreviation",
    "tile_row",
    "tile_column",
    "aliases",
]
_CODES = {
    "TH": re.compile(r"TH\Z"),
    "PROVINCE": re.compile(r"TH-[0-9]{2}\Z"),
}


def read_groups(files: Mapping[str, Path], problems: Problems) -> dict[str, Group]:
    """Read every file of ``groups/``; problems are added to ``problems``."""
    groups: dict[str, Group] = {}
    by_kind = {PurePosixPath(where).stem: (where, path) for where, path in files.items()}
    for stem in sorted(set(by_kind) - set(_KINDS)):
        problems.add(
            by_kind[stem][0],
            "",
            f"ไม่รู้จักไฟล์กลุ่มนี้ — ใช้ {', '.join(_KINDS)}",
            f"Unknown file of groups; use {', '.join(_KINDS)}.",
        )
    for stem, kind in _KINDS.items():
        if stem in by_kind:
            for group in _read_file(*by_kind[stem], kind, groups, problems):
                groups[group.code] = group
    return groups


def _read_file(
    where: str, path: Path, kind: str, groups: Mapping[str, Group], problems: Problems
) -> list[Group]:
    text = read_bytes(where, path, problems)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    expected = _PROVINCE_COLUMNS if kind == "PROVINCE" else _COLUMNS
    try:
        header = list(reader.fieldnames or [])
        rows = list(reader) if header == expected else []
    except csv.Error as error:
        problems.add(where, "", f"ไม่ใช่ CSV ที่ถูกต้อง: {error}", f"Not valid CSV: {error}.")
        return []
    if header != expected:
        problems.add(
            where,
            "",
            f"หัวคอลัมน์ต้องเป็น {','.join(expected)}",
            f"The header must be {','.join(expected)}.",
            row=1,
        )
    found: list[Group] = []
    for number, row in enumerate(rows, start=2):
        if group := _read_row(where, number, row, kind, groups, problems):
            _check_row(where, number, group, found, problems)
            found.append(group)
    return found


def _read_row(
    where: str,
    number: int,
    row: dict[str, str | None],
    kind: str,
    groups: Mapping[str, Group],
    problems: Problems,
) -> Group | None:
    code = (row["code"] or "").strip()
    pattern = _CODES.get(kind, re.compile(rf"{kind}:[A-Za-z_]+\Z"))
    if not pattern.match(code):
        problems.add(where, "code", f'รหัส "{code}" ผิดรูปแบบ', f'Code "{code}" has a wrong form.', row=number)
        return None
    name = Name((row["name_th"] or "").strip(), (row["name_en"] or "").strip())
    if not (name.th and name.en):
        problems.add(where, "name_th", "ต้องมีชื่อไทยและอังกฤษ", "Both names must be given.", row=number)
    aliases = tuple(alias.strip() for alias in (row["aliases"] or "").split(";") if alias.strip())
    if kind != "PROVINCE":
        return Group(code, kind, name, aliases=aliases)
    region = (row["region"] or "").strip()
    if region not in groups:
        problems.add(where, "region", f'ไม่รู้จักภาค "{region}"', f'Unknown region "{region}".', row=number)
    try:
        tile = (int(row["tile_row"] or ""), int(row["tile_column"] or ""))
    except ValueError:
        problems.add(
            where,
            "tile_row",
            "ตำแหน่งช่องต้องเป็นจำนวนเต็ม",
            "The tile's place must be whole numbers.",
            row=number,
        )
        return None
    abbreviation = (row["abbreviation"] or "").strip()
    return Group(f"PROVINCE:{code}", kind, name, region, abbreviation, tile, aliases)


def _check_row(where: str, number: int, group: Group, earlier: list[Group], problems: Problems) -> None:
    for other in earlier:
        shared = [
            field
            for field, same in (
                ("code", other.code == group.code),
                ("name_th", other.name.th == group.name.th),
                ("abbreviation", bool(group.abbreviation) and other.abbreviation == group.abbreviation),
                ("tile_row", group.tile is not None and other.tile == group.tile),
            )
            if same
        ]
        for field in shared:
            problems.add(
                where,
                field,
                f"ซ้ำกับ {other.code} — ใช้ค่าที่ไม่ซ้ำกัน",
                f"Also that of {other.code}; use another.",
                row=number,
            )
